//! `PUT /me/password`: another password, for whoever knows the old one. It ends all sessions, this one, too: whoever changes their password
//! because somebody else is in wants them out.
//!
//! Cognito first, then the row with the event, then the tokens. The same request sent again, because the first was cut short between, finds the
//! new password in its place and goes on from there.

use api::{Authenticator, Code, Problem, Request, Response};
use kernel::{Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::{AccessToken, Password, Profile, TryKind};
use crate::handlers::changes::{Announcing, TRIES, known};
use crate::handlers::profiles::LoadProfile;
use crate::handlers::proof::{ProvePassword, access_token};
use crate::handlers::reset_password::NoteReset;
use crate::handlers::sign_out::{RevokeTokens, revoke};
use crate::handlers::tries::{CountTry, Gate};

pub trait ReplacePassword {
    async fn replace_password(&self, token: &AccessToken, old: &Password, new: &Password) -> Result<(), Refused>;
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
pub struct ChangePassword {
    old_password: Password,
    /// 10 to 256 characters.
    new_password: Password,
}

pub async fn handle<C: ReplacePassword + ProvePassword + RevokeTokens, S: LoadProfile + NoteReset>(
    deps: &Deps<impl CountTry, C, S>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let ChangePassword { old_password, new_password } = request.json()?;
    if let Some(rule) = new_password.weakness() {
        return Err(too_weak(rule.to_owned()));
    }
    let profile = known(&deps.users, &user.id).await?;
    deps.gate.admit(TryKind::SignIn, &profile.email, &request).await?;
    match deps.cognito.replace_password(&token, &old_password, &new_password).await {
        Ok(()) => {}
        Err(Refused::WeakPassword(rule)) => return Err(too_weak(rule)),
        Err(Refused::Credentials) => {
            deps.gate.admit(TryKind::SignIn, &profile.email, &request).await?;
            deps.cognito.prove_password(&profile.email, &new_password).await.map_err(wrong)?;
        }
        Err(refused) => return Err(refused.into()),
    }
    note(&deps.users, profile, &Announcing::of(&request, (deps.now)(), deps.new_id)).await?;
    revoke(&deps.cognito, &token).await?;
    Ok(Response::no_content())
}

/// Ends the sessions from before in the row, and has the owner told by mail, in case it was not they who did it.
async fn note(
    users: &(impl LoadProfile + NoteReset),
    mut profile: Profile,
    announcing: &Announcing,
) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let event = announcing.after(&profile, profile.password_changed());
        if users.note_reset(&profile, &event).await? {
            return Ok(());
        }
        profile = known(users, &profile.id).await?;
    }
    Err(Problem::new(Code::TryAgain))
}

/// Neither the old password is right nor the new one.
fn wrong(refused: Refused) -> Problem {
    match refused {
        Refused::Credentials => {
            Problem::detailed(Code::CredentialsInvalid, "The old password is wrong.").at("/old_password")
        }
        refused => refused.into(),
    }
}

fn too_weak(rule: String) -> Problem {
    Problem::detailed(Code::PasswordTooWeak, rule).at("/new_password")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use dynamo::StoreError;
    use events::{Envelope, PasswordChanged};
    use kernel::{Email, UserId};
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::new_id;
    use crate::handlers::tries::fakes::gate;

    /// Ada's password is "correct horse"; in a story of its own, a try that got no further has made it "cut short here". Tokens were taken back
    /// so often.
    #[derive(Default)]
    struct Cognito(Mutex<u32>);

    impl RevokeTokens for Cognito {
        async fn revoke_tokens(&self, _: &AccessToken) -> Result<(), Refused> {
            *self.0.lock().unwrap() += 1;
            Ok(())
        }
    }

    impl ProvePassword for Cognito {
        async fn prove_password(&self, email: &Email, password: &Password) -> Result<(), Refused> {
            assert_eq!(*email, ada().email);
            if password.as_str() == "cut short here" { Ok(()) } else { Err(Refused::Credentials) }
        }
    }

    impl ReplacePassword for Cognito {
        async fn replace_password(&self, token: &AccessToken, old: &Password, new: &Password) -> Result<(), Refused> {
            match (token.as_str(), old.as_str(), new.as_str()) {
                ("token", _, "too well known") => Err(Refused::WeakPassword("Everybody has it.".into())),
                ("token", "correct horse", _) => Ok(()),
                _ => Err(Refused::Credentials),
            }
        }
    }

    /// A table with Ada in it, where so many others are faster.
    #[derive(Default)]
    struct Users {
        faster: Mutex<usize>,
        told: Mutex<Vec<Envelope<PasswordChanged>>>,
    }

    impl LoadProfile for Users {
        async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok(Some(ada()))
        }
    }

    impl NoteReset for Users {
        async fn note_reset(&self, _: &Profile, event: &Envelope<PasswordChanged>) -> Result<bool, StoreError> {
            let mut faster = self.faster.lock().unwrap();
            if *faster == 0 {
                self.told.lock().unwrap().push(event.clone());
                return Ok(true);
            }
            *faster -= 1;
            Ok(false)
        }
    }

    /// The answer, who was told, and how often tokens were taken back.
    async fn change(old: &str, new: &str) -> (Result<Response, Problem>, Vec<Envelope<PasswordChanged>>, u32) {
        change_while(0, old, new).await
    }

    async fn change_while(
        faster: usize,
        old: &str,
        new: &str,
    ) -> (Result<Response, Problem>, Vec<Envelope<PasswordChanged>>, u32) {
        let (auth, cognito) = (testkit::auth::authenticator(), Cognito::default());
        let users = Users { faster: Mutex::new(faster), ..Users::default() };
        let deps = Deps { auth, gate: gate(2), cognito, users, now: testkit::now, new_id };
        let body = json!({ "old_password": old, "new_password": new });
        let request = testkit::request::put("/me/password").authorized(ADA, "").header("authorization", "Bearer token");
        let answer = handle(&deps, request.json(body).build()).await;
        (answer, deps.users.told.into_inner().unwrap(), deps.cognito.0.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_new_password_is_told_to_its_owner_and_ends_all_sessions() {
        for faster in [0, 1] {
            let (answer, told, revoked) = change_while(faster, "correct horse", "battery staple").await;
            assert_eq!((answer.unwrap().status().as_u16(), told.len(), revoked), (204, 1, 1));
            assert_eq!((&told[0].data.email, told[0].sequence), (&ada().email, ada().version + 1));
        }
    }

    #[tokio::test]
    async fn where_the_profile_never_rests_the_same_request_goes_on_later() {
        let (answer, told, revoked) = change_while(9, "correct horse", "battery staple").await;
        assert_eq!((answer.unwrap_err().code(), told.len(), revoked), (Code::TryAgain, 0, 0));
    }

    #[tokio::test]
    async fn without_the_old_password_nothing_changes_and_nobody_is_told() {
        let (answer, told, revoked) = change("wrong", "battery staple").await;
        let problem = answer.unwrap_err();
        assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::CredentialsInvalid, "/old_password"));
        assert_eq!((told.len(), revoked), (0, 0));
    }

    #[tokio::test]
    async fn a_change_that_was_cut_short_is_finished_when_it_is_asked_for_again() {
        let (answer, told, revoked) = change("replaced by now", "cut short here").await;
        assert_eq!((answer.unwrap().status().as_u16(), told.len(), revoked), (204, 1, 1));
    }

    #[tokio::test]
    async fn a_weak_password_is_refused_with_the_rule_whoever_found_it() {
        for (new, rule) in
            [("short", "A password has at least 10 characters."), ("too well known", "Everybody has it.")]
        {
            let problem = change("correct horse", new).await.0.unwrap_err();
            assert_eq!((problem.code(), problem.detail()), (Code::PasswordTooWeak, rule));
            assert_eq!(problem.faults()[0].pointer, "/new_password");
        }
    }
}
