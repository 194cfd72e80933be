//! `DELETE /sessions`: signs out everywhere. Staff routes know at once, all others when the access token has expired.

use api::{Authenticator, Problem, Request, Response};
use dynamo::StoreError;
use kernel::{Timestamp, UserId};

use crate::cognito::Refused;
use crate::domain::AccessToken;
use crate::handlers::proof::access_token;

pub trait EndSessions {
    /// Whoever signed in before `now` is signed out.
    async fn end_sessions(&self, id: &UserId, now: Timestamp) -> Result<(), StoreError>;
}

pub trait RevokeTokens {
    async fn revoke_tokens(&self, token: &AccessToken) -> Result<(), Refused>;
}

pub struct Deps<C, S> {
    pub auth: Authenticator,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
}

/// The row first: a crash before Cognito hears of it leaves tokens that no staff route takes, and the next call ends them.
pub async fn handle(deps: &Deps<impl RevokeTokens, impl EndSessions>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    deps.users.end_sessions(&user.id, (deps.now)()).await?;
    revoke(&deps.cognito, &token).await?;
    Ok(Response::no_content())
}

/// Takes back all tokens of whoever has this one.
pub(crate) async fn revoke(cognito: &impl RevokeTokens, token: &AccessToken) -> Result<(), Refused> {
    match cognito.revoke_tokens(token).await {
        // The same call came before this one.
        Ok(()) | Err(Refused::SessionOver) => Ok(()),
        Err(refused) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Code;

    use super::*;
    use crate::domain::samples::ADA;

    struct Cognito(Mutex<Vec<Refused>>);

    impl RevokeTokens for Cognito {
        async fn revoke_tokens(&self, token: &AccessToken) -> Result<(), Refused> {
            assert_eq!(token.as_str(), "token");
            self.0.lock().unwrap().pop().map_or(Ok(()), Err)
        }
    }

    #[derive(Default)]
    struct Users(Mutex<Vec<(String, Timestamp)>>);

    impl EndSessions for Users {
        async fn end_sessions(&self, id: &UserId, now: Timestamp) -> Result<(), StoreError> {
            self.0.lock().unwrap().push((id.to_string(), now));
            Ok(())
        }
    }

    async fn sign_out(refused: Option<Refused>) -> (Result<u16, Code>, Vec<(String, Timestamp)>) {
        let auth = testkit::auth::authenticator();
        let cognito = Cognito(Mutex::new(refused.into_iter().collect()));
        let deps = Deps { auth, cognito, users: Users::default(), now: testkit::now };
        let request = testkit::request::delete("/sessions").authorized(ADA, "").header("authorization", "Bearer token");
        let answer = handle(&deps, request.build()).await;
        let answer = answer.map(|answer| answer.status().as_u16()).map_err(|problem| problem.code());
        (answer, deps.users.0.into_inner().unwrap())
    }

    #[tokio::test]
    async fn the_row_says_from_when_on_a_sign_in_counts() {
        assert_eq!(sign_out(None).await, (Ok(204), vec![(ADA.to_owned(), testkit::now())]));
    }

    #[tokio::test]
    async fn signing_out_twice_is_harmless() {
        assert_eq!(sign_out(Some(Refused::SessionOver)).await.0, Ok(204));
    }

    #[tokio::test]
    async fn where_cognito_does_not_answer_the_row_is_written_all_the_same() {
        let (answer, written) = sign_out(Some(Refused::Busy("silence".into()))).await;
        assert_eq!((answer, written.len()), (Err(Code::TryAgain), 1));
    }
}
