//! `POST /sessions/refreshes`: a new access token for the refresh token of an earlier sign-in.

use api::{Code, Problem, Request, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::{Refused, Tokens};
use crate::handlers::sign_in::SessionView;

/// Longer than any token of Cognito's.
const MAX_TOKEN: usize = 8192;

pub trait RefreshSession {
    async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Refused>;
}

pub struct Deps<C> {
    pub cognito: C,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

pub async fn handle(deps: &Deps<impl RefreshSession>, request: Request) -> Result<Response, Problem> {
    let Refresh { refresh_token } = request.json()?;
    if !is_token(&refresh_token) {
        return Err(Problem::new(Code::CredentialsInvalid));
    }
    let tokens = deps.cognito.refresh_session(&refresh_token).await?;
    // Where the pool does not rotate refresh tokens, the one that was shown stays the one to keep.
    Ok(Response::ok(&SessionView::of(tokens)))
}

/// Whether Cognito would look at it at all.
fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Cognito;

    impl RefreshSession for Cognito {
        async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Refused> {
            if refresh_token != "refresh" {
                return Err(Refused::Credentials);
            }
            Ok(Tokens { access_token: "access".into(), id_token: "id".into(), refresh_token: None, expires_in: 900 })
        }
    }

    async fn refresh(token: &str) -> Result<Response, Problem> {
        let request = testkit::request::post("/sessions/refreshes").json(json!({ "refresh_token": token }));
        handle(&Deps { cognito: Cognito }, request.build()).await
    }

    #[tokio::test]
    async fn a_refresh_token_gives_new_tokens_but_no_new_refresh_token() {
        let session = testkit::json(&refresh("refresh").await.unwrap());
        assert_eq!(
            session,
            json!({ "access_token": "access", "id_token": "id", "expires_in": 900, "token_type": "Bearer" })
        );
    }

    #[tokio::test]
    async fn what_is_no_refresh_token_is_a_wrong_credential() {
        for token in ["", "other", "with space", "übel", &"x".repeat(8193)] {
            assert_eq!(refresh(token).await.unwrap_err().code(), Code::CredentialsInvalid, "{token}");
        }
    }
}
