//! `DELETE /me`: somebody leaves. Their profile becomes a tombstone at once, and their tokens are taken back; everything else follows by event.

use api::{Authenticator, Code, Problem, Request, Response};
use dynamo::{Row, WriteError};
use events::{Envelope, UserDeleted};
use kernel::{Timestamp, Ulid, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::{info, warn};

use crate::domain::{Admins, Password};
use crate::handlers::changes::{Announcing, TRIES};
use crate::handlers::proof::{ProvePassword, access_token, prove};
use crate::handlers::sign_out::{RevokeTokens, revoke};
use crate::handlers::tries::{CountTry, Gate};
use crate::handlers::update_user::{LoadMember, Member};

/// Puts a tombstone in the place of the profile, takes away what else there is, and tells of it.
pub trait BuryAccount {
    /// Refused when something of it is no longer what was read.
    async fn bury_account(&self, burial: Burial<'_>) -> Result<(), WriteError<()>>;
}

/// What a deletion writes.
pub struct Burial<'a> {
    /// As it was read.
    pub member: &'a Member,
    /// The admins afterwards, if they are others.
    pub admins: Option<&'a Admins>,
    pub event: &'a Envelope<UserDeleted>,
}

pub struct Deps<T, C, S> {
    pub auth: Authenticator,
    pub gate: Gate<T>,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteMe {
    /// Asked for again: a borrowed phone must not be enough.
    password: Password,
}

pub async fn handle<C: ProvePassword + RevokeTokens, S: LoadMember + BuryAccount>(
    deps: &Deps<impl CountTry, C, S>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let DeleteMe { password } = request.json()?;
    let announcing = Announcing::of(&request, (deps.now)(), deps.new_id);
    let mut member = known(&deps.users, &user.id).await?;
    prove(&deps.gate, &deps.cognito, &member.profile, &password, &request).await?;
    for _ in 0..TRIES {
        let admins = member.admins.as_ref().map(|row: &Row<Admins>| row.body.clone()).unwrap_or_default();
        let admins = admins.after_leaving(&member.profile).map_err(|_| Problem::new(Code::LastAdmin))?;
        let event = announcing.after(&member.profile, member.profile.deleted());
        match deps.users.bury_account(Burial { member: &member, admins: admins.as_ref(), event: &event }).await {
            Ok(()) => {
                info!(user_id = %user.id, "deleted account {}", user.id);
                telemetry::count("users", "UsersDeleted", 1);
                // Nobody could ask for it again: the profile is gone. The consumer takes the account away, and its tokens with it.
                if let Err(refused) = revoke(&deps.cognito, &token).await {
                    warn!(user_id = %user.id, error = %refused, "the tokens of a deleted account go with the account");
                }
                return Ok(Response::no_content());
            }
            Err(WriteError::Refused(_)) => member = known(&deps.users, &user.id).await?,
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

async fn known(users: &impl LoadMember, user: &UserId) -> Result<Member, Problem> {
    users.load_member(user).await?.ok_or_else(|| Problem::new(Code::NotFound))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Group;
    use dynamo::{Key, StoreError};
    use kernel::Email;
    use serde_json::json;

    use super::*;
    use crate::cognito::Refused;
    use crate::domain::samples::{ADA, ada};
    use crate::domain::{AccessToken, Profile};
    use crate::handlers::fakes::new_id;
    use crate::handlers::tries::fakes::gate;

    /// How often tokens were to be taken back, and whether nobody answers that.
    #[derive(Default)]
    struct Cognito {
        asked: Mutex<u32>,
        is_down: bool,
    }

    impl ProvePassword for Cognito {
        async fn prove_password(&self, _: &Email, password: &Password) -> Result<(), Refused> {
            if password.as_str() == "correct horse" { Ok(()) } else { Err(Refused::Credentials) }
        }
    }

    impl RevokeTokens for Cognito {
        async fn revoke_tokens(&self, token: &AccessToken) -> Result<(), Refused> {
            assert_eq!(token.as_str(), "token");
            *self.asked.lock().unwrap() += 1;
            if self.is_down { Err(Refused::Busy("silence".into())) } else { Ok(()) }
        }
    }

    /// A table with one account in it, which changes so often while somebody leaves.
    struct Users {
        profile: Profile,
        admins: Vec<&'static str>,
        races: Mutex<u32>,
        told: Mutex<Vec<Envelope<UserDeleted>>>,
    }

    impl LoadMember for Users {
        async fn load_member(&self, id: &UserId) -> Result<Option<Member>, StoreError> {
            let admins = serde_json::from_value(json!({ "admins": self.admins })).unwrap();
            let admins = Some(Row::new(Key::new("STAFF", "ADMINS"), admins));
            Ok((self.profile.id == *id).then(|| Member { profile: self.profile.clone(), admins }))
        }
    }

    impl BuryAccount for Users {
        async fn bury_account(&self, burial: Burial<'_>) -> Result<(), WriteError<()>> {
            let mut races = self.races.lock().unwrap();
            if *races > 0 {
                *races -= 1;
                return Err(WriteError::Refused(vec![()]));
            }
            self.told.lock().unwrap().push(burial.event.clone());
            Ok(())
        }
    }

    fn users(groups: &[Group], admins: &[&'static str]) -> Users {
        let profile = Profile { groups: groups.to_vec(), ..ada() };
        Users { profile, admins: admins.to_vec(), races: Mutex::default(), told: Mutex::default() }
    }

    type Answer = Result<Response, Problem>;

    async fn leave(users: Users, password: &str) -> (Answer, Vec<Envelope<UserDeleted>>) {
        let (answer, told, _) = leave_by(Cognito::default(), users, password).await;
        (answer, told)
    }

    /// The answer, who was told, and how often tokens were to be taken back.
    async fn leave_by(cognito: Cognito, users: Users, password: &str) -> (Answer, Vec<Envelope<UserDeleted>>, u32) {
        let auth = testkit::auth::authenticator();
        let deps = Deps { auth, gate: gate(1), cognito, users, now: testkit::now, new_id };
        let request = testkit::request::delete("/me").authorized(ADA, "").header("authorization", "Bearer token");
        let answer = handle(&deps, request.json(json!({ "password": password })).build()).await;
        (answer, deps.users.told.into_inner().unwrap(), deps.cognito.asked.into_inner().unwrap())
    }

    #[tokio::test]
    async fn whoever_leaves_is_told_of_with_the_address_to_say_farewell_to() {
        let (answer, told) = leave(users(&[], &[]), "correct horse").await;
        assert_eq!((answer.unwrap().status().as_u16(), told.len()), (204, 1));
        assert_eq!((&told[0].data.email, &told[0].data.user_id, told[0].sequence), (&ada().email, &ada().id, 2));
    }

    #[tokio::test]
    async fn without_the_password_nobody_leaves() {
        let (answer, told) = leave(users(&[], &[]), "wrong").await;
        let problem = answer.unwrap_err();
        assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::CredentialsInvalid, "/password"));
        assert!(told.is_empty());
    }

    #[tokio::test]
    async fn whoever_leaves_is_signed_out_everywhere_once_they_are_gone() {
        for is_down in [false, true] {
            let cognito = Cognito { is_down, ..Cognito::default() };
            let (answer, told, asked) = leave_by(cognito, users(&[], &[]), "correct horse").await;
            assert_eq!((answer.unwrap().status().as_u16(), told.len(), asked), (204, 1, 1));
        }
        let last = users(&[Group::Admin], &[ADA]);
        assert_eq!(leave_by(Cognito::default(), last, "correct horse").await.2, 0, "who stays is not signed out");
    }

    #[tokio::test]
    async fn the_last_admin_stays_and_one_of_two_may_go() {
        let (answer, told) = leave(users(&[Group::Admin], &[ADA]), "correct horse").await;
        assert_eq!((answer.unwrap_err().code(), told.len()), (Code::LastAdmin, 0));
        let both = [ADA, "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e"];
        assert_eq!(leave(users(&[Group::Admin], &both), "correct horse").await.1.len(), 1);
    }

    #[tokio::test]
    async fn a_change_at_the_same_moment_is_gone_along_with() {
        let raced = Users { races: Mutex::new(1), ..users(&[], &[]) };
        assert_eq!(leave(raced, "correct horse").await.1.len(), 1);
        let restless = Users { races: Mutex::new(9), ..users(&[], &[]) };
        assert_eq!(leave(restless, "correct horse").await.0.unwrap_err().code(), Code::TryAgain);
    }

    #[tokio::test]
    async fn whoever_has_left_is_not_there() {
        let gone = Users {
            profile: Profile { id: "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e".parse().unwrap(), ..ada() },
            ..users(&[], &[])
        };
        assert_eq!(leave(gone, "correct horse").await.0.unwrap_err().code(), Code::NotFound);
    }
}
