use std::sync::Mutex;

use kernel::UserId;
use serde_json::json;

use super::*;
use crate::domain::samples::{ADA, ada};
use crate::handlers::codes::fakes::Queued;
use crate::handlers::fakes::new_id;
use crate::handlers::tries::fakes::{Tried, gate};

/// Ada asked for the code 654321.
struct Cognito;

impl SetPassword for Cognito {
    async fn set_password(&self, email: &Email, code: &str, _: &Password) -> Result<(), Refused> {
        let is_right = email.as_str() == "ada@example.com" && code == "654321";
        if is_right { Ok(()) } else { Err(Refused::ExpiredCode) }
    }
}

#[derive(Default)]
struct Pool(Mutex<Vec<String>>);

impl FindAccount for Pool {
    async fn find_account(&self, email: &Email) -> Result<Account, Refused> {
        Account::read(ADA, email.as_str(), Some("Ada"), None).map_err(Refused::failed)
    }
}

impl RevokeAllTokens for Pool {
    async fn revoke_all_tokens(&self, account: &Account) -> Result<(), Refused> {
        self.0.lock().unwrap().push(account.id.to_string());
        Ok(())
    }
}

/// A table with or without Ada in it, where so many others are faster.
struct Users {
    ada: Option<Profile>,
    faster: Mutex<usize>,
    told: Mutex<Vec<Envelope<PasswordChanged>>>,
    forgotten: Mutex<Vec<Email>>,
}

impl LoadProfile for Users {
    async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(self.ada.clone())
    }
}

impl NoteReset for Users {
    async fn note_reset(&self, _: &Profile, event: &Envelope<PasswordChanged>) -> Result<bool, StoreError> {
        let mut faster = self.faster.lock().unwrap();
        if *faster == 0 {
            self.told.lock().unwrap().push(event.clone());
            return Ok(true);
        }
        *faster -= 1;
        Ok(false)
    }
}

impl ForgetRegistrations for Users {
    async fn forget_registrations(&self, email: &Email) -> Result<(), StoreError> {
        self.forgotten.lock().unwrap().push(email.clone());
        Ok(())
    }
}

type Shop = Deps<Tried, Cognito, Pool, Users, Queued>;

fn shop(ada: Option<Profile>, faster: usize) -> Shop {
    let users = Users { ada, faster: Mutex::new(faster), told: Mutex::default(), forgotten: Mutex::default() };
    let pool = Pool::default();
    Deps { gate: gate(2), cognito: Cognito, pool, users, queue: Queued::default(), now: testkit::now, new_id }
}

async fn reset(deps: &Shop, email: &str, code: &str, password: &str) -> Result<u16, Problem> {
    let body = json!({ "email": email, "code": code, "password": password });
    let answer = handle(deps, testkit::request::post("/password-resets/confirmations").json(body).build()).await;
    answer.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn the_code_of_the_mail_replaces_the_password_tells_of_it_and_signs_everybody_out() {
    let deps = shop(Some(ada()), 1);
    assert_eq!(reset(&deps, "Ada@example.com", "654 321", "battery staple").await.unwrap(), 204);
    let told = deps.users.told.into_inner().unwrap();
    assert_eq!((&told[0].data.email, told[0].sequence), (&ada().email, ada().version + 1));
    assert_eq!(deps.pool.0.into_inner().unwrap(), [ADA]);
    assert_eq!(deps.gate.tried(), [TryKind::Code]);
    assert!(deps.users.forgotten.into_inner().unwrap().is_empty());
}

#[tokio::test]
async fn the_queue_hears_of_a_new_password_even_if_whoever_took_it_ends_there() {
    let deps = shop(Some(ada()), TRIES);
    let problem = reset(&deps, "ada@example.com", "654321", "battery staple").await.unwrap_err();
    assert_eq!(problem.code(), Code::TryAgain);
    assert_eq!(deps.queue.kinds(), [(CodeKind::NewPassword, "ada@example.com".to_owned())]);
}

#[tokio::test]
async fn a_wrong_code_and_an_unknown_address_are_answered_alike_and_only_so_often() {
    let deps = shop(Some(ada()), 0);
    let wrong = reset(&deps, "ada@example.com", "000000", "battery staple").await.unwrap_err();
    let unknown = reset(&deps, "eve@example.com", "654321", "battery staple").await.unwrap_err();
    assert_eq!((wrong.code(), wrong.detail()), (Code::CodeMismatch, unknown.detail()));
    assert_eq!(deps.queue.kinds().len(), 2);
    let late = reset(&deps, "ada@example.com", "654321", "battery staple").await.unwrap_err();
    assert_eq!((late.code(), deps.users.told.into_inner().unwrap().len()), (Code::TooManyAttempts, 0));
}

#[tokio::test]
async fn a_weak_password_is_refused_before_the_code_is_spent() {
    let deps = shop(Some(ada()), 0);
    assert_eq!(reset(&deps, "ada@example.com", "654321", "short").await.unwrap_err().code(), Code::PasswordTooWeak);
    assert!(deps.gate.tried().is_empty() && deps.queue.kinds().is_empty());
}

#[tokio::test]
async fn an_account_without_a_profile_gets_its_password_all_the_same() {
    let deps = shop(None, 0);
    assert_eq!(reset(&deps, "ada@example.com", "654321", "battery staple").await.unwrap(), 204);
    assert!(deps.users.told.into_inner().unwrap().is_empty());
    assert_eq!(deps.users.forgotten.into_inner().unwrap(), [ada().email]);
}
