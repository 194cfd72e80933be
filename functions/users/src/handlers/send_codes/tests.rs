use std::sync::Mutex;

use events::PasswordChanged;
use kernel::{EventId, UserId, ulid_at};
use telemetry::Trace;

use super::*;
use crate::domain::samples::{ADA, ada};
use crate::domain::{Status, Tombstone};
use crate::handlers::fakes::new_id;
use crate::handlers::profiles::LoadProfile;
use crate::handlers::reset_password::{ForgetRegistrations, NoteReset};

/// Ada's account, which was changed so many seconds after somebody wanted something.
struct Pool {
    state: Option<AccountState>,
    changed: i64,
    revoked: Mutex<usize>,
}

impl LookUp for Pool {
    async fn look_up(&self, email: &Email) -> Result<Option<Found>, Refused> {
        let account = Account::read(ADA, email.as_str(), Some("Ada L."), None).map_err(Refused::failed)?;
        let changed_at = Some(testkit::now().plus_seconds(self.changed));
        Ok(self.state.map(|state| Found { account, state, changed_at }))
    }
}

impl RevokeAllTokens for Pool {
    async fn revoke_all_tokens(&self, _: &Account) -> Result<(), Refused> {
        *self.revoked.lock().unwrap() += 1;
        Ok(())
    }
}

#[derive(Default)]
struct Cognito {
    mailed: Mutex<Vec<Due>>,
    refusing: Mutex<Option<Refused>>,
}

impl Cognito {
    fn mail(&self, due: Due) -> Result<(), Refused> {
        self.mailed.lock().unwrap().push(due);
        self.refusing.lock().unwrap().take().map_or(Ok(()), Err)
    }
}

impl MailCodes for Cognito {
    async fn mail_confirmation_code(&self, _: &Email) -> Result<(), Refused> {
        self.mail(Due::ConfirmationCode)
    }

    async fn mail_reset_code(&self, _: &Email) -> Result<(), Refused> {
        self.mail(Due::ResetCode)
    }
}

struct Users {
    person: Option<Person>,
    told: Mutex<Vec<Envelope<RegistrationAttempted>>>,
    reset: Mutex<Vec<Envelope<PasswordChanged>>>,
    /// Whether a registration with the address is in mind.
    is_registered: bool,
    contested: Mutex<usize>,
    forgotten: Mutex<usize>,
}

impl Contest for Users {
    async fn contest(&self, _: &Email, _: Timestamp) -> Result<(), StoreError> {
        *self.contested.lock().unwrap() += 1;
        Ok(())
    }

    async fn remember_longer(&self, _: &Email, _: Timestamp) -> Result<bool, StoreError> {
        Ok(self.is_registered)
    }
}

impl LoadProfile for Users {
    async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(self.person.clone().and_then(Person::profile))
    }
}

impl NoteReset for Users {
    async fn note_reset(&self, _: &Profile, event: &Envelope<PasswordChanged>) -> Result<bool, StoreError> {
        self.reset.lock().unwrap().push(event.clone());
        Ok(true)
    }
}

impl ForgetRegistrations for Users {
    async fn forget_registrations(&self, _: &Email) -> Result<(), StoreError> {
        *self.forgotten.lock().unwrap() += 1;
        Ok(())
    }
}

impl LoadPerson for Users {
    async fn load_person(&self, _: &UserId) -> Result<Option<Person>, StoreError> {
        Ok(self.person.clone())
    }
}

impl AnnounceAttempt for Users {
    async fn announce_attempt(&self, event: &Envelope<RegistrationAttempted>) -> Result<(), StoreError> {
        self.told.lock().unwrap().push(event.clone());
        Ok(())
    }
}

fn shop(state: Option<AccountState>) -> Deps<Pool, Cognito, Users> {
    let users = Users {
        person: known(ada()),
        told: Mutex::default(),
        reset: Mutex::default(),
        is_registered: true,
        contested: Mutex::default(),
        forgotten: Mutex::default(),
    };
    let pool = Pool { state, changed: 0, revoked: Mutex::default() };
    Deps { pool, cognito: Cognito::default(), users, now: testkit::now, new_id }
}

fn known(profile: Profile) -> Option<Person> {
    Some(Person::Known(Box::new(profile)))
}

async fn send(deps: &Deps<Pool, Cognito, Users>, kind: CodeKind) -> Result<(), NotSent> {
    let id = EventId::new(ulid_at(testkit::now(), 1));
    handle(deps, CodeWanted { id, kind, email: ada().email, trace: Trace::start("c") }).await
}

#[tokio::test]
async fn an_address_gets_the_code_that_its_account_is_due() {
    for (state, kind, due) in [
        (AccountState::Unconfirmed, CodeKind::TakenAddress, Due::ConfirmationCode),
        (AccountState::Unconfirmed, CodeKind::Confirmation, Due::ConfirmationCode),
        (AccountState::Confirmed, CodeKind::PasswordReset, Due::ResetCode),
    ] {
        let deps = shop(Some(state));
        send(&deps, kind).await.unwrap();
        assert_eq!(deps.cognito.mailed.into_inner().unwrap(), [due]);
    }
}

#[tokio::test]
async fn the_password_is_in_doubt_where_another_registered_or_nobody_remembers_who() {
    for (kind, is_registered, is_contested) in [
        (CodeKind::TakenAddress, true, true),
        (CodeKind::PasswordReset, true, true),
        (CodeKind::Confirmation, true, false),
        (CodeKind::Confirmation, false, true),
    ] {
        let mut deps = shop(Some(AccountState::Unconfirmed));
        deps.users.is_registered = is_registered;
        send(&deps, kind).await.unwrap();
        assert_eq!(*deps.users.contested.lock().unwrap(), usize::from(is_contested), "{kind:?} {is_registered}");
    }
    let deps = shop(Some(AccountState::Confirmed));
    send(&deps, CodeKind::TakenAddress).await.unwrap();
    assert_eq!(deps.users.contested.into_inner().unwrap(), 0);
}

/// What follows, and whether it was done a while after: tokens taken back, events announced, registrations forgotten.
async fn finished(person: Option<Person>, changed: i64) -> (usize, usize, usize) {
    let mut deps = shop(Some(AccountState::Confirmed));
    (deps.users.person, deps.pool.changed) = (person, changed);
    send(&deps, CodeKind::NewPassword).await.unwrap();
    let Users { reset, forgotten, .. } = deps.users;
    let revoked = deps.pool.revoked.into_inner().unwrap();
    (revoked, reset.into_inner().unwrap().len(), forgotten.into_inner().unwrap())
}

#[tokio::test]
async fn what_should_have_followed_from_a_new_password_is_done_for_whoever_was_cut_short() {
    let before = testkit::now().plus_seconds(-60);
    let owner = Profile { created_at: before, ..ada() };
    let signed_out = Profile { sessions_valid_from: Some(before), ..owner.clone() };
    for profile in [&owner, &signed_out] {
        assert_eq!(finished(known(profile.clone()), 0).await, (1, 1, 0));
    }
    assert_eq!(finished(None, 0).await, (1, 0, 1));
}

#[tokio::test]
async fn a_wrong_code_and_a_password_whose_consequences_are_done_need_nothing() {
    let owner = Profile { created_at: testkit::now().plus_seconds(-60), ..ada() };
    let noted = Profile { sessions_valid_from: Some(testkit::now()), ..owner.clone() };
    assert_eq!(finished(known(owner), -1).await, (0, 0, 0));
    assert_eq!(finished(known(noted), 1).await, (0, 0, 0));
    assert_eq!(finished(known(ada()), 1).await, (0, 0, 0));
}

#[tokio::test]
async fn whoever_registers_again_is_told_so_in_their_own_language() {
    let deps = shop(Some(AccountState::Confirmed));
    send(&deps, CodeKind::TakenAddress).await.unwrap();
    let told = deps.users.told.into_inner().unwrap();
    assert_eq!((told[0].data.name.as_str(), told[0].data.locale), ("Ada", ada().locale));
    assert_eq!((told[0].id, told[0].trace.correlation_id.as_str()), (EventId::new(ulid_at(testkit::now(), 1)), "c"));
}

#[tokio::test]
async fn nobody_is_written_to_who_is_not_there() {
    for (state, kind) in [
        (None, CodeKind::PasswordReset),
        (Some(AccountState::Closed), CodeKind::PasswordReset),
        (Some(AccountState::Unconfirmed), CodeKind::NewAddress),
    ] {
        let deps = shop(state);
        send(&deps, kind).await.unwrap();
        assert!(deps.cognito.mailed.into_inner().unwrap().is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn somebody_who_is_deleted_here_and_not_yet_there_is_not_written_to() {
    let id = UserId::parse(ADA).unwrap();
    let left = Tombstone { id, status: Status::Deleted, deleted_at: testkit::now() };
    let mut deps = shop(Some(AccountState::Confirmed));
    deps.users.person = Some(Person::Deleted(left));
    send(&deps, CodeKind::TakenAddress).await.unwrap();
    assert!(deps.users.told.into_inner().unwrap().is_empty());
}

#[tokio::test]
async fn what_cognito_will_not_send_is_not_asked_for_again_but_silence_is() {
    for (refused, is_final) in [
        (Refused::TooManyAttempts { retry_after: 900 }, true),
        (Refused::NotConfirmed, true),
        (Refused::NotMailed, false),
        (Refused::Busy("silence".into()), false),
    ] {
        let deps = shop(Some(AccountState::Confirmed));
        *deps.cognito.refusing.lock().unwrap() = Some(refused);
        assert_eq!(send(&deps, CodeKind::PasswordReset).await.is_ok(), is_final);
    }
}
