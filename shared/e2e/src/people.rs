//! People with accounts.

use std::sync::OnceLock;

use serde_json::json;

use crate::mailbox::await_code;
use crate::shop::{Answer, post, setting};
use crate::unique;

/// Somebody who registered, confirmed and signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub email: String,
    pub password: String,
    pub access_token: String,
    pub id_token: String,
    pub refresh_token: String,
}

/// A password that the pool accepts.
pub const PASSWORD: &str = "Correct-horse-7-battery";

/// A new address that nobody else uses.
#[must_use]
pub fn new_address() -> String {
    format!("shopper-{}@example.com", unique())
}

/// Registers a new person and reads their code from the mail.
#[must_use]
pub fn register(email: &str) -> String {
    register_as(email, "Ada Lovelace")
}

fn register_as(email: &str, name: &str) -> String {
    post("/users").json(&json!({ "email": email, "password": PASSWORD, "name": name })).send().expect(201);
    await_code(email, 0)
}

#[must_use]
pub fn sign_in(email: &str, password: &str) -> Answer {
    post("/sessions").json(&json!({ "email": email, "password": password })).send()
}

/// Asks for a new access token.
#[must_use]
pub fn refresh(person: &Person) -> Answer {
    post("/sessions/refreshes").json(&json!({ "refresh_token": person.refresh_token })).send()
}

/// A new shopper with an account.
#[must_use]
pub fn shopper() -> Person {
    shopper_called("Ada Lovelace")
}

/// A new shopper of this name.
#[must_use]
pub fn shopper_called(name: &str) -> Person {
    shopper_at(&new_address(), name)
}

/// A new shopper with an address and a name.
#[must_use]
pub fn shopper_at(email: &str, name: &str) -> Person {
    let code = register_as(email, name);
    post("/users/confirmations").json(&json!({ "email": email, "code": code })).send().expect(200);
    signed_in(email, PASSWORD)
}

/// The demo shop's admin, signed in once a process.
#[must_use]
pub fn admin() -> &'static Person {
    static ADMIN: OnceLock<Person> = OnceLock::new();
    ADMIN.get_or_init(|| signed_in(&setting("SOUK_ADMIN_EMAIL"), &setting("SOUK_ADMIN_PASSWORD")))
}

/// Somebody who has an account, once more.
#[must_use]
pub fn signed_in(email: &str, password: &str) -> Person {
    let tokens = sign_in(email, password).expect(200);
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    Person {
        email: email.to_owned(),
        password: password.to_owned(),
        access_token: token("access_token"),
        id_token: token("id_token"),
        refresh_token: token("refresh_token"),
    }
}
