//! The rows of the API that belong to users.

use api::{Access, Code, Route};

use crate::handlers::*;

/// All endpoints of this service.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/users", "users-register", "Register; a code is mailed to the address")
            .body::<register::Register>()
            .answers::<register::RegistrationView>(201)
            .refuses(&[Code::PasswordTooWeak, Code::TooManyAttempts]),
        Route::post("/users/confirmations", "users-confirm", "Confirm the address with the code from the mail")
            .body::<confirm::Confirmation>()
            .answers::<register::RegistrationView>(200)
            .refuses(&[Code::CodeMismatch, Code::CodeExpired, Code::TooManyAttempts]),
        Route::post("/sessions", "users-sign-in", "Sign in")
            .body::<sign_in::SignIn>()
            .answers::<sign_in::SessionView>(200)
            .refuses(&[Code::CredentialsInvalid, Code::UserNotConfirmed, Code::Forbidden, Code::TooManyAttempts]),
        Route::post("/sessions/refreshes", "users-refresh-session", "A new access token for a refresh token")
            .body::<refresh_session::Refresh>()
            .answers::<sign_in::SessionView>(200)
            .refuses(&[Code::CredentialsInvalid, Code::TooManyAttempts]),
        Route::get("/me", "users-get-me", "Who is signed in")
            .access(Access::Required)
            .answers::<get_me::UserView>(200)
            .refuses(&[Code::NotFound]),
    ]
}
