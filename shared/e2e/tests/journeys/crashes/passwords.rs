//! Whoever changes or forgets a password, and what follows from it.

use api::Code;
use e2e::operator::{Queue, Table};
use e2e::people::sign_in;
use e2e::shop::{eventually_within, post, put};
use kernel::{Email, EventId, Ulid};
use serde_json::json;
use telemetry::Trace;
use users::domain::CodeKind;
use users::handlers::codes::CodeWanted;
use users::store::keys;

use super::accounts::{Somebody, counted, stranger};
use super::ends::PATIENCE;
use super::flows::{Goods, patient};
use super::people::{OTHER_PASSWORD, arrive};

const THIRD_PASSWORD: &str = "Staple-horse-9-battery";

pub(super) fn change_passwords(_: &Goods) -> Somebody {
    let (mut somebody, code) = arrive(stranger());
    let wish = json!({ "old_password": somebody.password, "new_password": OTHER_PASSWORD });
    let (changed, changes) = counted("another password", || somebody.by(put("/me/password")).json(&wish).send());
    // What was cut short at the very end has taken back the token, too.
    assert!(changed.status == 204 || (changes > 1 && changed.status == 401), "{}", changed.text);
    somebody.password = OTHER_PASSWORD.to_owned();
    somebody.sign_in();
    let before = somebody.refresh_token.clone();
    let wanted_at = kernel::fresh::ulid();
    somebody.reset_password(THIRD_PASSWORD, &code);
    eventually_within(PATIENCE, "sessions of the old password to end", || {
        let body = json!({ "refresh_token": before });
        let answer = patient("refreshing", || post("/sessions/refreshes").json(&body).send());
        (answer.status != 200).then(|| answer.refused(Code::CredentialsInvalid))
    });
    patient("the old password", || sign_in(&somebody.email, OTHER_PASSWORD)).refused(Code::CredentialsInvalid);
    somebody.sign_in();
    // As if whoever took the code had died: what it queued before ends it.
    let mut row = somebody.row("PROFILE").unwrap();
    row.as_object_mut().unwrap().remove("sessions_valid_from");
    row["created_at"] = json!("2026-01-01T00:00:00Z");
    Table::of("users").put(&row);
    queue_what_follows(&somebody.email, wanted_at);
    eventually_within(PATIENCE, "what follows from a new password", || {
        somebody.row("PROFILE").unwrap().get("sessions_valid_from").is_some().then_some(())
    });
    somebody.sign_in();
    // Told by each try that came so far.
    somebody.is_told_at_least(2, &somebody.email, "password was changed", changes + somebody.resets + 1);
    somebody
}

/// The confirmation was cut short, and then nothing followed from another password: until it does, that may be a stranger's.
pub(super) fn forget_while_half_open(_: &Goods) -> Somebody {
    let (mut somebody, code) = arrive(stranger());
    somebody.loses_profile();
    let wanted_at = kernel::fresh::ulid();
    somebody.reset_password(OTHER_PASSWORD, &code);
    let (users, key) = (Table::of("users"), keys::registrations(&somebody.email.parse().unwrap()));
    users.put(&json!({
        "pk": key.pk, "sk": key.sk, "type": "registrations", "schema": 1, "version": 1, "count": 2,
        "ttl": kernel::fresh::now().plus_seconds(3600).epoch_seconds(),
    }));
    queue_what_follows(&somebody.email, wanted_at);
    eventually_within(PATIENCE, "the password to be in doubt no more", || {
        users.get(&key.pk, &key.sk).is_none().then_some(())
    });
    somebody.sign_in();
    somebody
}

/// The message of whoever takes a code, which is looked at some 45 s after: by the time that a flow has come so far, that may be over.
fn queue_what_follows(email: &str, wanted_at: Ulid) {
    let email: Email = email.parse().unwrap();
    let wanted =
        CodeWanted { id: EventId::new(wanted_at), kind: CodeKind::NewPassword, email, trace: Trace::start("crash") };
    Queue::of("users-send-codes").send(&serde_json::to_string(&wanted).unwrap());
}
