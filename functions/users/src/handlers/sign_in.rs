//! `POST /sessions`: tokens for an e-mail address and its password.

use api::{Problem, Request, Response};
use kernel::{Email, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cognito::{Refused, Tokens};
use crate::domain::{Password, Profile};
use crate::handlers::profiles::{CreateProfile, LoadProfile, announcement};

pub trait CheckPassword {
    async fn check_password(&self, email: &Email, password: &Password) -> Result<Tokens, Refused>;
}

pub struct Deps<C, S> {
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    email: Email,
    password: Password,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    /// Shown as `Authorization: Bearer …`.
    access_token: String,
    /// Who signed in, for the storefront; the API does not take it.
    id_token: String,
    /// For `POST /sessions/refreshes`; absent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Seconds.
    expires_in: u32,
    /// `Bearer`.
    token_type: &'static str,
}

impl SessionView {
    pub(crate) fn of(tokens: Tokens) -> Self {
        let Tokens { access_token, id_token, refresh_token, expires_in } = tokens;
        Self { access_token, id_token, refresh_token, expires_in, token_type: "Bearer" }
    }
}

pub async fn handle<S: CreateProfile + LoadProfile>(
    deps: &Deps<impl CheckPassword, S>,
    request: Request,
) -> Result<Response, Problem> {
    let SignIn { email, password } = request.json()?;
    let tokens = deps.cognito.check_password(&email, &password).await?;
    let account = tokens.account()?;
    // A confirmation that stopped half-way, or an account made at the console, left no profile.
    if deps.users.load_profile(&account.id).await?.is_none() {
        let now = (deps.now)();
        let profile = Profile::of(account, now);
        let event = announcement(&profile, (deps.new_id)(), now, request.trace());
        if deps.users.create_profile(&profile, &event).await? {
            telemetry::count("users", "UsersRegistered", 1);
        }
    }
    Ok(Response::ok(&SessionView::of(tokens)))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Code;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use dynamo::StoreError;
    use events::{Envelope, UserRegistered};
    use kernel::UserId;
    use serde_json::json;

    use super::*;

    struct Cognito;

    impl CheckPassword for Cognito {
        async fn check_password(&self, email: &Email, password: &Password) -> Result<Tokens, Refused> {
            if password.as_str() != "correct horse" {
                return Err(Refused::Credentials);
            }
            let claims = json!({ "sub": "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e", "email": email, "name": "Ada" });
            let id_token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
            Ok(Tokens {
                access_token: "access".into(),
                id_token,
                refresh_token: Some("refresh".into()),
                expires_in: 900,
            })
        }
    }

    #[derive(Default)]
    struct Users(Mutex<Vec<Profile>>);

    impl CreateProfile for Users {
        async fn create_profile(&self, profile: &Profile, _: &Envelope<UserRegistered>) -> Result<bool, StoreError> {
            self.0.lock().unwrap().push(profile.clone());
            Ok(true)
        }
    }

    impl LoadProfile for Users {
        async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok(self.0.lock().unwrap().first().cloned())
        }
    }

    fn shop() -> Deps<Cognito, Users> {
        Deps { cognito: Cognito, users: Users::default(), now: testkit::now, new_id: || Ulid(7) }
    }

    async fn sign_in(deps: &Deps<Cognito, Users>, password: &str) -> Result<Response, Problem> {
        let body = json!({ "email": "ada@example.com", "password": password });
        handle(deps, testkit::request::post("/sessions").json(body).build()).await
    }

    #[tokio::test]
    async fn the_right_password_gives_tokens() {
        let session = testkit::json(&sign_in(&shop(), "correct horse").await.unwrap());
        assert_eq!((&session["access_token"], &session["refresh_token"]), (&json!("access"), &json!("refresh")));
        assert_eq!((&session["expires_in"], &session["token_type"]), (&json!(900), &json!("Bearer")));
    }

    #[tokio::test]
    async fn a_missing_profile_is_made_up_for_once() {
        let deps = shop();
        sign_in(&deps, "correct horse").await.unwrap();
        sign_in(&deps, "correct horse").await.unwrap();
        assert_eq!(deps.users.0.into_inner().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_wrong_password_gives_nothing() {
        let deps = shop();
        assert_eq!(sign_in(&deps, "wrong").await.unwrap_err().code(), Code::CredentialsInvalid);
        assert!(deps.users.0.into_inner().unwrap().is_empty());
    }
}
