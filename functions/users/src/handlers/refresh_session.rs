//! `POST /sessions/refreshes`: a new access token for the refresh token of an earlier sign-in.

use api::{Code, Problem, Request, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::{Refused, Tokens};
use crate::handlers::profiles::LoadPerson;
use crate::handlers::session::{SessionView, is_token};

pub trait RefreshSession {
    async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Refused>;
}

pub struct Deps<C, S> {
    pub cognito: C,
    pub users: S,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

/// The row counts before Cognito does: whoever left, or was disabled, gets nothing more, even where Cognito has yet to hear of it. So the last
/// token of somebody who left is as old as their leaving.
pub async fn handle(deps: &Deps<impl RefreshSession, impl LoadPerson>, request: Request) -> Result<Response, Problem> {
    let Refresh { refresh_token } = request.json()?;
    if !is_refresh_token(&refresh_token) {
        return Err(Problem::new(Code::CredentialsInvalid));
    }
    let tokens = deps.cognito.refresh_session(&refresh_token).await?;
    let person = deps.users.load_person(&tokens.account()?.id).await?;
    if person.is_some_and(|person| !person.is_welcome()) {
        return Err(Problem::new(Code::CredentialsInvalid));
    }
    // Where the pool does not rotate refresh tokens, the one that was shown stays the one to keep.
    Ok(Response::ok(&SessionView::of(tokens)))
}

/// To Cognito, anything else is no wrong token but a broken request.
fn is_refresh_token(text: &str) -> bool {
    is_token(text) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::domain::{Person, Profile, Status, Tombstone};
    use crate::handlers::session::fakes::{Shop, tokens_of};

    struct Cognito;

    impl RefreshSession for Cognito {
        async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Refused> {
            if refresh_token != "refresh" {
                return Err(Refused::Credentials);
            }
            Ok(Tokens { refresh_token: None, ..tokens_of(ADA, &ada().email) })
        }
    }

    async fn refresh(token: &str) -> Result<Response, Problem> {
        refresh_as(Some(Person::Known(Box::new(ada()))), token).await
    }

    async fn refresh_as(person: Option<Person>, token: &str) -> Result<Response, Problem> {
        let request = testkit::request::post("/sessions/refreshes").json(json!({ "refresh_token": token }));
        handle(&Deps { cognito: Cognito, users: Shop::of(person) }, request.build()).await
    }

    #[tokio::test]
    async fn a_refresh_token_gives_new_tokens_but_no_new_refresh_token() {
        let session = testkit::json(&refresh("refresh").await.unwrap());
        let id_token = tokens_of(ADA, &ada().email).id_token;
        assert_eq!(
            session,
            json!({ "access_token": "access", "id_token": id_token, "expires_in": 900, "token_type": "Bearer" })
        );
    }

    #[tokio::test]
    async fn whoever_left_or_was_disabled_gets_nothing_more_before_cognito_knows() {
        let left = Tombstone { id: ada().id, status: Status::Deleted, deleted_at: testkit::now() };
        let disabled = Profile { status: Status::Disabled, ..ada() };
        for person in [Person::Deleted(left), Person::Known(Box::new(disabled))] {
            assert_eq!(refresh_as(Some(person), "refresh").await.unwrap_err().code(), Code::CredentialsInvalid);
        }
    }

    #[tokio::test]
    async fn what_is_no_refresh_token_is_a_wrong_credential() {
        for token in ["", "other", "with space", "übel", "a+b/c", "a:b", &"x".repeat(8193)] {
            assert_eq!(refresh(token).await.unwrap_err().code(), Code::CredentialsInvalid, "{token}");
        }
    }
}
