use std::sync::Mutex;

use api::Code;
use events::{Envelope, UserRegistered, UserUpdated};
use serde_json::json;

use super::*;
use crate::domain::samples::{ADA, ada};
use crate::handlers::codes::fakes::Queued;
use crate::handlers::fakes::new_id;
use crate::handlers::tries::fakes::{Tried, gate};

const BOB: &str = "00000000-0000-4000-8000-000000000000";

/// One account that awaits, or no longer awaits, the code 123456.
struct Cognito {
    is_confirmed: bool,
}

impl ConfirmAddress for Cognito {
    async fn confirm_address(&self, _: &Email, code: &str) -> Result<(), Refused> {
        match (self.is_confirmed, code) {
            (true, _) => Err(Refused::AlreadyConfirmed),
            (false, "123456") => Ok(()),
            (false, _) => Err(Refused::WrongCode),
        }
    }
}

/// Knows Ada, and where Bob has gone.
#[derive(Default)]
struct Pool {
    done: Mutex<Vec<&'static str>>,
    bobs: Option<&'static str>,
}

impl FindAccount for Pool {
    async fn find_account(&self, email: &Email) -> Result<Account, Refused> {
        self.done.lock().unwrap().push("found");
        Account::read(ADA, email.as_str(), Some("Mallory"), Some("de")).map_err(Refused::failed)
    }
}

impl AddressOf for Pool {
    async fn address_of(&self, id: &UserId) -> Result<Option<Email>, Refused> {
        assert_eq!(id.as_str(), BOB);
        Ok(self.bobs.map(|email| email.parse().unwrap()))
    }
}

impl ThrowPasswordAway for Pool {
    async fn throw_password_away(&self, account: &Account) -> Result<(), Refused> {
        assert_eq!(account.id.as_str(), ADA);
        self.done.lock().unwrap().push("password thrown away");
        Ok(())
    }
}

impl RevokeAllTokens for Pool {
    async fn revoke_all_tokens(&self, _: &Account) -> Result<(), Refused> {
        self.done.lock().unwrap().push("tokens revoked");
        Ok(())
    }
}

#[derive(Default)]
struct Users {
    is_contested: bool,
    claim: Mutex<Option<EmailClaim>>,
    rows: Mutex<Vec<(Profile, Envelope<UserRegistered>)>>,
    reads: Mutex<usize>,
    moved: Mutex<Vec<Envelope<UserUpdated>>>,
}

impl LoadClaim for Users {
    async fn load_claim(&self, _: &Email) -> Result<Option<EmailClaim>, StoreError> {
        *self.reads.lock().unwrap() += 1;
        Ok(self.claim.lock().unwrap().clone())
    }
}

impl LoadProfile for Users {
    async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(Some(Profile { id: id.clone(), ..ada() }))
    }
}

impl CreateProfile for Users {
    async fn create_profile(
        &self,
        profile: &Profile,
        entry: Entry<'_>,
        event: &Envelope<UserRegistered>,
    ) -> Result<Creation, StoreError> {
        let mut claim = self.claim.lock().unwrap();
        if self.is_contested && !matches!(entry, Entry::CodeAlone(_)) {
            return Ok(Creation::Contested);
        }
        if claim.as_ref().is_some_and(|claim| claim.is_confirmed) {
            return Ok(Creation::AddressTaken);
        }
        *claim = Some(EmailClaim::confirmed(profile.id.clone(), entry.code(), event.time));
        self.rows.lock().unwrap().push((profile.clone(), event.clone()));
        Ok(Creation::New)
    }
}

impl MoveEmail for Users {
    async fn move_email(&self, _: &Profile, _: &Profile, event: &Envelope<UserUpdated>) -> Result<Saved, StoreError> {
        self.moved.lock().unwrap().push(event.clone());
        *self.claim.lock().unwrap() = None;
        Ok(Saved::Done)
    }
}

type Shop = Deps<Tried, Cognito, Pool, Users, Queued>;

fn shop(is_confirmed: bool) -> Shop {
    Deps {
        gate: gate(3),
        cognito: Cognito { is_confirmed },
        pool: Pool::default(),
        users: Users::default(),
        queue: Queued::default(),
        now: testkit::now,
        new_id,
    }
}

async fn confirm(deps: &Shop, code: &str) -> Result<Response, Problem> {
    let body = json!({ "email": "Ada@example.com", "code": code });
    handle(deps, testkit::request::post("/users/confirmations").json(body).build()).await
}

fn claimed_by(id: &str) -> Mutex<Option<EmailClaim>> {
    Mutex::new(Some(EmailClaim::confirmed(id.parse().unwrap(), None, testkit::now())))
}

#[tokio::test]
async fn the_code_of_the_mail_makes_a_profile_and_tells_of_it() {
    let deps = shop(false);
    let response = confirm(&deps, " 123 456 ").await.unwrap();
    assert_eq!(testkit::json(&response), json!({ "email": "ada@example.com", "status": "confirmed" }));
    let rows = deps.users.rows.into_inner().unwrap();
    let (profile, event) = &rows[0];
    assert_eq!((profile.name.as_str(), event.data.name.as_str(), event.sequence), ("Mallory", "Mallory", 1));
    assert_eq!(event.subject, profile.id.to_string());
    assert!(deps.queue.kinds().is_empty());
}

#[tokio::test]
async fn a_wrong_code_changes_nothing() {
    let deps = shop(false);
    for _ in 0..3 {
        assert_eq!(confirm(&deps, "654321").await.unwrap_err().code(), Code::CodeMismatch);
    }
    assert_eq!(confirm(&deps, "123456").await.unwrap_err().code(), Code::TooManyAttempts);
    assert!(deps.users.rows.into_inner().unwrap().is_empty());
}

#[tokio::test]
async fn confirming_twice_is_harmless_and_guessing_afterwards_is_still_wrong() {
    let mut deps = shop(false);
    confirm(&deps, "123456").await.unwrap();
    deps.cognito.is_confirmed = true;
    assert_eq!(confirm(&deps, "123456").await.unwrap().status(), 200);
    assert_eq!(confirm(&deps, "654321").await.unwrap_err().code(), Code::CodeMismatch);
    assert_eq!(deps.users.rows.into_inner().unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_that_does_not_fit_is_the_same_work_whoever_has_the_address() {
    let claims = [None, claimed_by(ADA).into_inner().unwrap()];
    for (is_confirmed, claim) in [(false, &claims[0]), (false, &claims[1]), (true, &claims[1])] {
        let mut deps = shop(is_confirmed);
        deps.users.claim = Mutex::new(claim.clone());
        assert_eq!(confirm(&deps, "654321").await.unwrap_err().code(), Code::CodeMismatch);
        assert_eq!((deps.users.reads.into_inner().unwrap(), deps.pool.done.into_inner().unwrap().len()), (1, 0));
    }
}

#[tokio::test]
async fn a_repetition_before_the_first_is_done_is_believed_and_leaves_no_guess_behind() {
    let deps = shop(true);
    for code in ["654321", "123456"] {
        assert_eq!(confirm(&deps, code).await.unwrap().status(), 200);
    }
    assert!(deps.users.rows.into_inner().unwrap().is_empty());
    assert_eq!(deps.users.claim.into_inner().unwrap(), None);
}

#[tokio::test]
async fn an_address_that_is_only_held_for_somebody_says_nothing_of_a_confirmation() {
    let mut deps = shop(true);
    deps.users.claim = Mutex::new(Some(EmailClaim::held(BOB.parse().unwrap(), testkit::now())));
    assert_eq!(confirm(&deps, "123456").await.unwrap().status(), 200);
}

#[tokio::test]
async fn where_several_have_registered_whoever_reads_the_mailbox_chooses_the_password() {
    let mut deps = shop(false);
    deps.users.is_contested = true;
    let answer = testkit::json(&confirm(&deps, "123456").await.unwrap());
    assert_eq!(answer, json!({ "email": "ada@example.com", "status": "password_required" }));
    assert_eq!(deps.pool.done.into_inner().unwrap(), ["found", "password thrown away", "tokens revoked"]);
    assert_eq!(deps.queue.kinds(), [(CodeKind::PasswordReset, "ada@example.com".to_owned())]);
    let rows = deps.users.rows.into_inner().unwrap();
    assert_eq!((rows.len(), rows[0].0.name.as_str()), (1, "ada"));
}

#[tokio::test]
async fn whoever_moved_on_and_was_cut_short_does_not_keep_the_next_owner_out() {
    let mut deps = shop(false);
    deps.users.claim = claimed_by(BOB);
    deps.pool.bobs = Some("bob@example.com");
    assert_eq!(confirm(&deps, "123456").await.unwrap().status(), 200);
    let moved = deps.users.moved.into_inner().unwrap();
    assert_eq!((moved[0].data.user_id.as_str(), moved[0].data.email.as_str()), (BOB, "bob@example.com"));
    assert_eq!(deps.users.rows.into_inner().unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_that_somebody_still_has_is_for_us_to_look_into() {
    for bobs in [Some("ada@example.com"), None] {
        let mut deps = shop(false);
        deps.users.claim = claimed_by(BOB);
        deps.pool.bobs = bobs;
        assert_eq!(confirm(&deps, "123456").await.unwrap_err().code(), Code::InternalError);
        assert!(deps.users.moved.into_inner().unwrap().is_empty());
    }
}
