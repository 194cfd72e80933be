use std::sync::Mutex;

use serde_json::json;
use testkit::now;

use super::*;
use crate::domain::HOLD_SECONDS;
use crate::domain::samples::{ADA, ada};
use crate::handlers::fakes::{OneUser, new_id};
use crate::handlers::profiles::LoadProfile;
use crate::handlers::tries::fakes::gate;

/// Cognito, where the account has one address and awaits the code 123456 for another.
struct Cognito {
    has: Mutex<String>,
    awaits: Mutex<Option<String>>,
}

impl Cognito {
    fn awaiting(email: &str) -> Self {
        Self { has: Mutex::new("ada@example.com".into()), awaits: Mutex::new(Some(email.into())) }
    }

    /// The code was spent by a try that got no further.
    fn verified(email: &str) -> Self {
        Self { has: Mutex::new(email.into()), awaits: Mutex::default() }
    }
}

impl VerifyEmail for Cognito {
    async fn verify_email(&self, _: &AccessToken, code: &str) -> Result<(), Refused> {
        let mut awaits = self.awaits.lock().unwrap();
        match (awaits.take(), code) {
            (Some(email), "123456") => {
                *self.has.lock().unwrap() = email;
                Ok(())
            }
            (Some(email), _) => {
                *awaits = Some(email);
                Err(Refused::WrongCode)
            }
            (None, _) => Err(Refused::ExpiredCode),
        }
    }

    async fn verified_email(&self, _: &AccessToken) -> Result<Email, Refused> {
        Ok(self.has.lock().unwrap().parse().unwrap())
    }
}

/// Ada's profile, and who holds countess@example.com since when.
struct Users {
    ada: OneUser,
    claim: Option<EmailClaim>,
    moved: Mutex<Vec<Envelope<UserUpdated>>>,
}

impl Users {
    fn held_by(user: &str, claimed_at: Timestamp) -> Self {
        let claim = EmailClaim::held(user.parse().unwrap(), claimed_at);
        Self { ada: OneUser::new(ada()), claim: Some(claim), moved: Mutex::default() }
    }
}

impl LoadEmailChange for Users {
    async fn load_email_change(
        &self,
        user: &UserId,
        _: &Email,
    ) -> Result<(Option<Profile>, Option<EmailClaim>), StoreError> {
        Ok((self.ada.load_profile(user).await?, self.claim.clone()))
    }
}

impl MoveEmail for Users {
    async fn move_email(
        &self,
        before: &Profile,
        after: &Profile,
        event: &Envelope<UserUpdated>,
    ) -> Result<Saved, StoreError> {
        let saved = self.ada.save(before, after);
        if saved == Saved::Done {
            self.moved.lock().unwrap().push(event.clone());
        }
        Ok(saved)
    }
}

async fn confirm(cognito: Cognito, users: Users, code: &str) -> (Result<Response, Problem>, Users) {
    let deps = Deps { auth: testkit::auth::authenticator(), gate: gate(1), cognito, users, now, new_id };
    let body = json!({ "email": "Countess@example.com", "code": code });
    let request = testkit::request::post("/me/email-changes/confirmations").authorized(ADA, "");
    let answer = handle(&deps, request.header("authorization", "Bearer t").json(body).build()).await;
    (answer, deps.users)
}

const NEW: &str = "countess@example.com";

#[tokio::test]
async fn the_code_moves_the_account_and_tells_both_addresses() {
    let (answer, users) = confirm(Cognito::awaiting(NEW), Users::held_by(ADA, now()), "123 456").await;
    assert_eq!(testkit::json(&answer.unwrap())["email"], NEW);
    let moved = users.moved.into_inner().unwrap();
    assert_eq!((moved[0].data.email.as_str(), moved[0].sequence, moved.len()), (NEW, ada().version + 1, 1));
    assert_eq!(moved[0].data.old_email, Some(ada().email));
}

#[tokio::test]
async fn a_wrong_code_moves_nothing() {
    let (answer, users) = confirm(Cognito::awaiting(NEW), Users::held_by(ADA, now()), "654321").await;
    assert_eq!((answer.unwrap_err().code(), users.ada.profile().email), (Code::CodeMismatch, ada().email));
}

#[tokio::test]
async fn an_address_that_is_not_held_for_them_is_answered_like_a_wrong_code_and_cognito_is_not_asked() {
    let other = Users::held_by("00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e", now());
    let lapsed = Users::held_by(ADA, now().plus_seconds(-HOLD_SECONDS));
    let nobody = Users { claim: None, ..Users::held_by(ADA, now()) };
    for users in [other, lapsed, nobody] {
        let (answer, users) = confirm(Cognito::awaiting(NEW), users, "123456").await;
        assert_eq!((answer.unwrap_err().code(), users.ada.profile().email), (Code::CodeMismatch, ada().email));
    }
}

#[tokio::test]
async fn a_confirmation_that_stopped_before_the_profile_is_finished_by_the_next() {
    let (answer, users) = confirm(Cognito::verified(NEW), Users::held_by(ADA, now()), "123456").await;
    assert_eq!((answer.unwrap().status().as_u16(), users.ada.profile().email.as_str()), (200, NEW));
}

#[tokio::test]
async fn confirming_again_is_harmless() {
    let users = Users { ada: OneUser::new(ada().moved_to(NEW.parse().unwrap())), ..Users::held_by(ADA, now()) };
    let (answer, users) = confirm(Cognito::verified(NEW), users, "123456").await;
    assert_eq!((answer.unwrap().status().as_u16(), users.moved.into_inner().unwrap().len()), (200, 0));
}

#[tokio::test]
async fn the_account_moves_to_the_address_that_the_code_was_mailed_to() {
    let (answer, users) = confirm(Cognito::awaiting("other@example.com"), Users::held_by(ADA, now()), "123456").await;
    assert_eq!(testkit::json(&answer.unwrap())["email"], "other@example.com");
    assert_eq!(users.ada.profile().email.as_str(), "other@example.com");
}

#[tokio::test]
async fn a_profile_that_changes_meanwhile_moves_all_the_same() {
    let meanwhile = Profile { address_count: 3, version: 2, ..ada() };
    let users = Users { ada: OneUser::new(ada()).becoming(meanwhile), ..Users::held_by(ADA, now()) };
    let (answer, users) = confirm(Cognito::awaiting(NEW), users, "123456").await;
    answer.unwrap();
    assert_eq!((users.ada.profile().address_count, users.ada.profile().email.as_str()), (3, NEW));
}
