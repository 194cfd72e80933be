//! What somebody who is signed in has to show besides being signed in.

use api::{Code, Problem, Request};
use kernel::Email;

use crate::cognito::Refused;
use crate::domain::{AccessToken, Password, Profile, TryKind};
use crate::handlers::tries::{CountTry, Gate};

/// Asks for the password again, where a borrowed token must not be enough.
pub trait ProvePassword {
    async fn prove_password(&self, email: &Email, password: &Password) -> Result<(), Refused>;
}

/// Counts the try, and refuses whoever does not know the password of `profile`.
///
/// # Errors
/// 401 `credentials_invalid`, 429 `too_many_attempts`.
pub(crate) async fn prove(
    gate: &Gate<impl CountTry>,
    cognito: &impl ProvePassword,
    profile: &Profile,
    password: &Password,
    request: &Request,
) -> Result<(), Problem> {
    gate.admit(TryKind::SignIn, &profile.email, request).await?;
    cognito.prove_password(&profile.email, password).await.map_err(|refused| match refused {
        Refused::Credentials => Problem::detailed(Code::CredentialsInvalid, "The password is wrong.").at("/password"),
        refused => refused.into(),
    })
}

/// The token that a request of a *required* route came with.
///
/// # Errors
/// 401 `unauthenticated`.
pub(crate) fn access_token(request: &Request) -> Result<AccessToken, Problem> {
    let header = request.header("authorization").ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    Ok(AccessToken::of_header(header))
}
