//! `POST /users/confirmations`: the code from the mail opens the account, and the shop gets to know its owner.
//!
//! Every step may be repeated: a confirmation that was cut short, or sent twice, ends as if it had run once.

use api::{Code, Problem, Request, Response};
use kernel::{Email, Text, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::{Account, Profile};
use crate::handlers::profiles::{CreateProfile, LoadProfile, announcement};
use crate::handlers::register::{RegistrationStatus, RegistrationView};

pub trait ConfirmAddress {
    async fn confirm_address(&self, email: &Email, code: &str) -> Result<(), Refused>;
}

pub trait FindAccount {
    async fn find_account(&self, email: &Email) -> Result<Account, Refused>;
}

pub struct Deps<C, P, S> {
    pub cognito: C,
    pub pool: P,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    email: Email,
    /// From the mail; spaces do not matter.
    code: Text<1, 64>,
}

pub async fn handle<S: CreateProfile + LoadProfile>(
    deps: &Deps<impl ConfirmAddress, impl FindAccount, S>,
    request: Request,
) -> Result<Response, Problem> {
    let Confirmation { email, code } = request.json()?;
    let code: String = code.as_str().split_whitespace().collect();
    let outcome = deps.cognito.confirm_address(&email, &code).await;
    let is_repeated = match outcome {
        Ok(()) => false,
        Err(Refused::AlreadyConfirmed) => true,
        // An address without an account, or with a disabled one, has no right code either.
        Err(Refused::Credentials) => return Err(Refused::WrongCode.into()),
        Err(refused) => return Err(refused.into()),
    };
    let now = (deps.now)();
    let account = deps.pool.find_account(&email).await?;
    let profile = Profile::of(account, now).confirmed_by(&code);
    let event = announcement(&profile, (deps.new_id)(), now, request.trace());
    let is_new = deps.users.create_profile(&profile, &event).await?;
    if is_new {
        telemetry::count("users", "UsersRegistered", 1);
    }
    if is_repeated && !is_new && !was_confirmed_by(&deps.users, &profile, &code).await? {
        return Err(Problem::new(Code::CodeMismatch).at("/code"));
    }
    Ok(Response::ok(&RegistrationView { email, status: RegistrationStatus::Confirmed }))
}

async fn was_confirmed_by(users: &impl LoadProfile, profile: &Profile, code: &str) -> Result<bool, Problem> {
    let known = users.load_profile(&profile.id).await?;
    Ok(known.is_some_and(|known| known.was_confirmed_by(code)))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use dynamo::StoreError;
    use events::{Envelope, UserRegistered};
    use kernel::UserId;
    use serde_json::json;

    use super::*;

    /// One account that awaits, or no longer awaits, the code 123456.
    struct Cognito {
        is_confirmed: bool,
    }

    impl ConfirmAddress for Cognito {
        async fn confirm_address(&self, _: &Email, code: &str) -> Result<(), Refused> {
            match (self.is_confirmed, code) {
                (true, _) => Err(Refused::AlreadyConfirmed),
                (false, "123456") => Ok(()),
                (false, _) => Err(Refused::WrongCode),
            }
        }
    }

    struct Pool;

    impl FindAccount for Pool {
        async fn find_account(&self, email: &Email) -> Result<Account, Refused> {
            let id = "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e";
            Account::read(id, email.as_str(), Some("Ada"), Some("de")).map_err(Refused::failed)
        }
    }

    #[derive(Default)]
    struct Users(Mutex<Vec<(Profile, Envelope<UserRegistered>)>>);

    impl CreateProfile for Users {
        async fn create_profile(
            &self,
            profile: &Profile,
            event: &Envelope<UserRegistered>,
        ) -> Result<bool, StoreError> {
            let mut rows = self.0.lock().unwrap();
            let is_new = rows.is_empty();
            if is_new {
                rows.push((profile.clone(), event.clone()));
            }
            Ok(is_new)
        }
    }

    impl LoadProfile for Users {
        async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok(self.0.lock().unwrap().first().map(|(profile, _)| profile.clone()))
        }
    }

    fn shop(is_confirmed: bool) -> Deps<Cognito, Pool, Users> {
        let cognito = Cognito { is_confirmed };
        Deps { cognito, pool: Pool, users: Users::default(), now: testkit::now, new_id: || Ulid(7) }
    }

    async fn confirm(deps: &Deps<Cognito, Pool, Users>, code: &str) -> Result<Response, Problem> {
        let body = json!({ "email": "Ada@example.com", "code": code });
        handle(deps, testkit::request::post("/users/confirmations").json(body).build()).await
    }

    #[tokio::test]
    async fn the_code_of_the_mail_makes_a_profile_and_tells_of_it() {
        let deps = shop(false);
        let response = confirm(&deps, " 123 456 ").await.unwrap();
        assert_eq!(testkit::json(&response), json!({ "email": "ada@example.com", "status": "confirmed" }));
        let rows = deps.users.0.into_inner().unwrap();
        let (profile, event) = &rows[0];
        assert_eq!((profile.name.as_str(), event.data.name.as_str(), event.sequence), ("Ada", "Ada", 1));
        assert_eq!(event.subject, profile.id.to_string());
    }

    #[tokio::test]
    async fn a_wrong_code_changes_nothing() {
        let deps = shop(false);
        assert_eq!(confirm(&deps, "654321").await.unwrap_err().code(), Code::CodeMismatch);
        assert!(deps.users.0.into_inner().unwrap().is_empty());
    }

    #[tokio::test]
    async fn confirming_twice_is_harmless_and_guessing_afterwards_is_still_wrong() {
        let mut deps = shop(false);
        confirm(&deps, "123456").await.unwrap();
        deps.cognito.is_confirmed = true;
        assert_eq!(confirm(&deps, "123456").await.unwrap().status(), 200);
        assert_eq!(confirm(&deps, "654321").await.unwrap_err().code(), Code::CodeMismatch);
        assert_eq!(deps.users.0.into_inner().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_confirmation_that_stopped_before_the_profile_is_finished_by_the_next() {
        let deps = shop(true);
        assert_eq!(confirm(&deps, "123456").await.unwrap().status(), 200);
        assert_eq!(deps.users.0.into_inner().unwrap().len(), 1);
    }
}
