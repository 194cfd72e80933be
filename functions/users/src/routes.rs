//! The rows of the API that belong to users.

use api::{Access, Code, Group, PageView, Route};

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
            .refuses(&[Code::CodeMismatch, Code::TooManyAttempts]),
        Route::post("/users/confirmation-codes", "users-request-code", "Ask for the confirmation code once more")
            .body::<codes::Address>()
            .answers::<codes::CodeSentView>(202)
            .refuses(&[Code::TooManyAttempts]),
        Route::post("/sessions", "users-sign-in", "Sign in")
            .body::<sign_in::SignIn>()
            .answers::<sign_in::SignInView>(200)
            .refuses(&[Code::CredentialsInvalid, Code::UserNotConfirmed, Code::Forbidden, Code::TooManyAttempts]),
        Route::post(
            "/sessions/challenges",
            "users-answer-challenge",
            "Finish signing in with the authenticator app's code",
        )
        .body::<answer_challenge::ChallengeAnswer>()
        .answers::<session::SessionView>(200)
        .refuses(&[Code::CredentialsInvalid, Code::CodeMismatch, Code::Forbidden, Code::TooManyAttempts]),
        Route::post("/sessions/refreshes", "users-refresh-session", "A new access token for a refresh token")
            .body::<refresh_session::Refresh>()
            .answers::<session::SessionView>(200)
            .refuses(&[Code::CredentialsInvalid, Code::TooManyAttempts]),
        Route::delete("/sessions", "users-sign-out", "Sign out everywhere")
            .access(Access::Required)
            .answers_nothing(204)
            .refuses(&[Code::TooManyAttempts]),
        Route::post(
            "/password-resets",
            "users-request-password-reset",
            "Ask for a code to replace a forgotten password",
        )
        .body::<codes::Address>()
        .answers::<codes::CodeSentView>(202)
        .refuses(&[Code::TooManyAttempts]),
        Route::post(
            "/password-resets/confirmations",
            "users-reset-password",
            "Replace the password with the code from the mail",
        )
        .body::<reset_password::PasswordReset>()
        .answers_nothing(204)
        .refuses(&[Code::CodeMismatch, Code::PasswordTooWeak, Code::TooManyAttempts]),
        Route::get("/me", "users-get-me", "Who is signed in")
            .access(Access::Required)
            .answers::<get_me::UserView>(200)
            .refuses(&[Code::NotFound]),
        Route::delete("/me", "users-delete-me", "Leave for good; orders are kept without the person")
            .access(Access::Required)
            .body::<delete_me::DeleteMe>()
            .answers_nothing(204)
            .refuses(&[Code::CredentialsInvalid, Code::LastAdmin, Code::TooManyAttempts, Code::NotFound]),
        Route::post("/me/exports", "users-request-export", "Ask for a copy of all data; a mail says when it is ready")
            .access(Access::Required)
            .answers::<exports::ExportView>(202)
            .refuses(&[Code::NotFound]),
        Route::get("/me/exports/{id}", "users-get-export", "How the copy stands, and a link to it for five minutes")
            .access(Access::Required)
            .answers::<exports::ExportView>(200),
        Route::patch("/me", "users-update-me", "Change name, phone number, language or consent")
            .access(Access::Required)
            .body::<update_me::UpdateMe>()
            .answers::<get_me::UserView>(200)
            .refuses(&[Code::NotFound]),
        Route::put("/me/password", "users-change-password", "Set another password")
            .access(Access::Required)
            .body::<change_password::ChangePassword>()
            .answers_nothing(204)
            .refuses(&[Code::NotFound, Code::CredentialsInvalid, Code::PasswordTooWeak, Code::TooManyAttempts]),
        Route::post("/me/email-changes", "users-change-email", "Ask for a code at a new e-mail address")
            .access(Access::Required)
            .body::<change_email::ChangeEmail>()
            .answers::<change_email::EmailChangeView>(202)
            .refuses(&[Code::NotFound, Code::CredentialsInvalid, Code::TooManyAttempts]),
        Route::post(
            "/me/email-changes/confirmations",
            "users-confirm-email",
            "Move to the new e-mail address by its code",
        )
        .access(Access::Required)
        .body::<confirm_email::ConfirmEmail>()
        .answers::<get_me::UserView>(200)
        .refuses(&[Code::NotFound, Code::CodeMismatch, Code::CodeExpired, Code::TooManyAttempts]),
        Route::post("/me/totp", "users-begin-totp", "A secret for an authenticator app")
            .access(Access::Required)
            .body::<begin_totp::Enrolment>()
            .answers::<begin_totp::TotpSecretView>(201)
            .refuses(&[Code::NotFound, Code::CredentialsInvalid, Code::TotpActive, Code::TooManyAttempts]),
        Route::put("/me/totp", "users-enable-totp", "Show a code of the app; from now on signing in takes one")
            .access(Access::Required)
            .body::<enable_totp::ShowTotp>()
            .answers::<get_me::UserView>(200)
            .refuses(&[Code::NotFound, Code::TotpActive, Code::CodeMismatch, Code::TooManyAttempts]),
        Route::delete("/me/totp", "users-remove-totp", "Sign in without the app again")
            .access(Access::Required)
            .body::<remove_totp::RemoveTotp>()
            .answers_nothing(204)
            .refuses(&[Code::NotFound, Code::CredentialsInvalid, Code::TooManyAttempts]),
        Route::get("/me/addresses", "users-list-addresses", "The address book")
            .access(Access::Required)
            .answers::<list_addresses::AddressBook>(200)
            .refuses(&[Code::NotFound]),
        Route::post("/me/addresses", "users-add-address", "Add an address to the book; there are at most twenty")
            .access(Access::Required)
            .body::<addresses::EntryInput>()
            .answers::<addresses::EntryView>(201)
            .refuses(&[Code::NotFound, Code::AddressBookFull]),
        Route::put("/me/addresses/{id}", "users-replace-address", "Replace an address of the book")
            .access(Access::Required)
            .body::<addresses::EntryInput>()
            .answers::<addresses::EntryView>(200),
        Route::delete("/me/addresses/{id}", "users-remove-address", "Remove an address from the book")
            .access(Access::Required)
            .answers_nothing(204),
        Route::get("/admin/users", "users-list-users", "Accounts by address, or those whose address or name begins so")
            .access(Access::Staff(&[Group::Admin, Group::Support]))
            .query("email", "The beginning of the address, in any letters.")
            .query("name", "The beginning of the name, in any letters; not together with `email`.")
            .paged()
            .answers::<PageView<member::MemberView>>(200),
        Route::get("/admin/users/{id}", "users-get-user", "An account; its ETag is what a change names")
            .access(Access::Staff(&[Group::Admin, Group::Support]))
            .answers::<member::MemberView>(200),
        Route::patch(
            "/admin/users/{id}",
            "users-update-user",
            "Disable or enable an account, say what staff it is, or take its authenticator app off",
        )
        .access(Access::Staff(&[Group::Admin]))
        .conditional()
        .body::<crate::domain::StaffChange>()
        .answers::<member::MemberView>(200)
        .refuses(&[Code::LastAdmin]),
    ]
}
