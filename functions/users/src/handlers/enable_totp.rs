//! `PUT /me/totp`: a code of the authenticator app shows that it works; from now on signing in takes one.
//!
//! Cognito first, then the profile: what stops between the two leaves a profile that says less than is true, and the same request, or a new
//! secret, finishes it.

use api::{Authenticator, Code, Problem, Request, Response};
use kernel::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::{AccessToken, Profile};
use crate::handlers::changes::{SaveProfile, change_profile, known};
use crate::handlers::codes::{GivenCode, plain};
use crate::handlers::get_me::UserView;
use crate::handlers::profiles::LoadProfile;
use crate::handlers::proof::access_token;

/// Digits of a code.
const CODE_LENGTH: usize = 6;

pub trait EnableTotp {
    async fn enable_totp(&self, token: &AccessToken, code: &str) -> Result<(), Refused>;
}

pub struct Deps<C, S> {
    pub auth: Authenticator,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TotpCode")]
pub struct ShowTotp {
    /// What the app shows; spaces do not matter.
    code: GivenCode,
}

pub async fn handle<S: LoadProfile + SaveProfile>(
    deps: &Deps<impl EnableTotp, S>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let ShowTotp { code } = request.json()?;
    let code = plain(&code);
    if known(&deps.users, &user.id).await?.totp_since.is_some() {
        return Err(Problem::new(Code::TotpActive));
    }
    if code.len() != CODE_LENGTH || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::WrongCode.into());
    }
    deps.cognito.enable_totp(&token, &code).await?;
    let since = (deps.now)();
    let enabled = |profile: &Profile| Profile { totp_since: profile.totp_since.or(Some(since)), ..profile.clone() };
    let profile = change_profile(&deps.users, &user.id, None, enabled).await?;
    Ok(Response::ok(&UserView::of(profile, &user.groups)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::OneUser;

    struct Cognito;

    impl EnableTotp for Cognito {
        async fn enable_totp(&self, _: &AccessToken, code: &str) -> Result<(), Refused> {
            assert_eq!(code.len(), CODE_LENGTH, "Cognito calls anything else our fault");
            if code == "123456" { Ok(()) } else { Err(Refused::WrongCode) }
        }
    }

    async fn enable(profile: Profile, code: &str) -> (Result<Response, Problem>, Profile) {
        let (auth, users) = (testkit::auth::authenticator(), OneUser::new(profile));
        let deps = Deps { auth, cognito: Cognito, users, now: testkit::now };
        let request = testkit::request::put("/me/totp").authorized(ADA, "").header("authorization", "Bearer token");
        let answer = handle(&deps, request.json(json!({ "code": code })).build()).await;
        (answer, deps.users.profile())
    }

    #[tokio::test]
    async fn a_code_of_the_app_turns_it_on() {
        let (answer, profile) = enable(ada(), "123 456").await;
        assert_eq!(testkit::json(&answer.unwrap())["totp"], true);
        assert_eq!(profile.totp_since, Some(testkit::now()));
    }

    #[tokio::test]
    async fn a_code_of_anything_else_does_not() {
        for code in ["654321", "1234567", "12345x", "١٢٣٤٥٦"] {
            let (answer, profile) = enable(ada(), code).await;
            assert_eq!((answer.unwrap_err().code(), profile.totp_since), (Code::CodeMismatch, None), "{code}");
        }
    }

    #[tokio::test]
    async fn an_app_that_is_set_up_has_to_go_before_another_comes() {
        let before = Profile { totp_since: Some(testkit::now()), ..ada() };
        let (answer, after) = enable(before.clone(), "123456").await;
        assert_eq!((answer.unwrap_err().code(), after), (Code::TotpActive, before));
    }
}
