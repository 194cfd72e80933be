//! Staff, and what admins do to accounts.

use serde_json::{Value, json};

use crate::people::{PASSWORD, Person, admin, shopper, sign_in};
use crate::shop::{Answer, Call, eventually, get, patch};

/// A new member of staff, made one by the demo shop's admin and signed in since.
#[must_use]
pub fn member(groups: &[&str]) -> Person {
    let person = shopper();
    change(&user_id(&person), &json!({ "groups": groups })).expect(200);
    signed_in_again(&person)
}

/// `person` with a token of now. Tokens tell whole seconds, so one of the same second as a sign-out does not count.
#[must_use]
pub fn signed_in_again(person: &Person) -> Person {
    let tokens = eventually("the next sign-in", || {
        let answer = sign_in(&person.email, PASSWORD);
        (answer.status == 200).then(|| answer.json())
    });
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    Person {
        access_token: token("access_token"),
        id_token: token("id_token"),
        refresh_token: token("refresh_token"),
        ..person.clone()
    }
}

#[must_use]
pub fn user_id(person: &Person) -> String {
    get("/me").bearer(&person.access_token).send().expect(200)["id"].as_str().unwrap().to_owned()
}

/// The account as the admin sees it.
#[must_use]
pub fn account(id: &str) -> Answer {
    get(&format!("/admin/users/{id}")).bearer(&admin().access_token).send()
}

/// Changes the account as it is now, as the admin.
#[must_use]
pub fn change(id: &str, body: &Value) -> Answer {
    changing(id, body).send()
}

/// The change of the account as it is now, by the admin.
pub fn changing(id: &str, body: &Value) -> Call {
    let read = account(id);
    read.expect(200);
    changing_version(id, read.header("etag").expect("an account has its version"), body)
}

/// Changes the account as it was when it had this `ETag`.
#[must_use]
pub fn change_version(id: &str, etag: &str, body: &Value) -> Answer {
    changing_version(id, etag, body).send()
}

fn changing_version(id: &str, etag: &str, body: &Value) -> Call {
    let call = patch(&format!("/admin/users/{id}")).bearer(&admin().access_token);
    call.header("If-Match", etag).json(body)
}
