//! `DELETE /me/totp`: signing in takes no code any more. It takes the password, for a borrowed token must not be enough.
//!
//! The profile first, then Cognito: what stops between the two leaves staff with fewer rights than they meant to give up, never with more, and
//! the same request finishes it.

use api::{Authenticator, Problem, Request, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::{AccessToken, Password, Profile};
use crate::handlers::changes::{SaveProfile, change_profile, known};
use crate::handlers::profiles::LoadProfile;
use crate::handlers::proof::{ProvePassword, access_token, prove};
use crate::handlers::tries::{CountTry, Gate};

pub trait DisableTotp {
    async fn disable_totp(&self, token: &AccessToken) -> Result<(), Refused>;
}

pub struct Deps<T, C, S> {
    pub auth: Authenticator,
    pub gate: Gate<T>,
    pub cognito: C,
    pub users: S,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveTotp {
    password: Password,
}

pub async fn handle<C: ProvePassword + DisableTotp, S: LoadProfile + SaveProfile>(
    deps: &Deps<impl CountTry, C, S>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let RemoveTotp { password } = request.json()?;
    let profile = known(&deps.users, &user.id).await?;
    prove(&deps.gate, &deps.cognito, &profile, &password, &request).await?;
    let without = |profile: &Profile| Profile { totp_since: None, ..profile.clone() };
    change_profile(&deps.users, &user.id, None, without).await?;
    deps.cognito.disable_totp(&token).await?;
    Ok(Response::no_content())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Code;
    use kernel::Email;
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::OneUser;
    use crate::handlers::tries::fakes::gate;

    struct Cognito {
        is_on: Mutex<bool>,
    }

    impl ProvePassword for Cognito {
        async fn prove_password(&self, email: &Email, password: &Password) -> Result<(), Refused> {
            let is_right = (email.as_str(), password.as_str()) == ("ada@example.com", "correct horse");
            if is_right { Ok(()) } else { Err(Refused::Credentials) }
        }
    }

    impl DisableTotp for Cognito {
        async fn disable_totp(&self, _: &AccessToken) -> Result<(), Refused> {
            *self.is_on.lock().unwrap() = false;
            Ok(())
        }
    }

    /// The answer, and whether the app is asked for: as the profile says and as Cognito does.
    async fn remove(profile: Profile, password: &str) -> (Result<Response, Problem>, bool, bool) {
        let (auth, users) = (testkit::auth::authenticator(), OneUser::new(profile));
        let deps = Deps { auth, gate: gate(1), cognito: Cognito { is_on: Mutex::new(true) }, users };
        let request = testkit::request::delete("/me/totp").authorized(ADA, "").header("authorization", "Bearer token");
        let answer = handle(&deps, request.json(json!({ "password": password })).build()).await;
        (answer, deps.users.profile().totp_since.is_some(), deps.cognito.is_on.into_inner().unwrap())
    }

    fn protected() -> Profile {
        Profile { totp_since: Some(testkit::now()), ..ada() }
    }

    #[tokio::test]
    async fn the_password_removes_the_app() {
        let (answer, in_profile, at_cognito) = remove(protected(), "correct horse").await;
        assert_eq!((answer.unwrap().status().as_u16(), in_profile, at_cognito), (204, false, false));
    }

    #[tokio::test]
    async fn a_borrowed_token_without_the_password_does_not() {
        let (answer, in_profile, at_cognito) = remove(protected(), "wrong").await;
        assert_eq!((answer.unwrap_err().code(), in_profile, at_cognito), (Code::CredentialsInvalid, true, true));
    }

    #[tokio::test]
    async fn a_removal_that_stopped_half_way_is_finished_by_the_next() {
        let (answer, _, at_cognito) = remove(ada(), "correct horse").await;
        assert_eq!((answer.unwrap().status().as_u16(), at_cognito), (204, false));
    }
}
