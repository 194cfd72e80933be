//! What people do with their own account: profile, password, e-mail address, authenticator app and address book.

use api::Code;
use e2e::mailbox::await_mail;
use e2e::people::{PASSWORD, Person, new_address, refresh, shopper, sign_in, signed_in};
use e2e::shop::{Answer, Call, delete, get, patch, post, put};
use e2e::totp;
use serde_json::{Value, json};

mod addresses;
mod email;

const OTHER_PASSWORD: &str = "Battery-staple-8-horse";

/// `call`, made by `person`.
fn by(person: &Person, call: Call) -> Call {
    call.bearer(&person.access_token)
}

#[track_caller]
fn me(person: &Person) -> Value {
    by(person, get("/me")).send().expect(200)
}

/// Holds that each body is refused at its place, and that the profile stays as it is.
#[track_caller]
fn refuses(person: &Person, route: fn(&str) -> Call, path: &str, bad: &[(Value, &str)]) {
    let before = me(person);
    for (body, pointer) in bad {
        let refused = by(person, route(path)).json(body).send();
        assert_eq!(refused.status, 422, "{path} takes {body}: {}", refused.text);
        let errors = refused.json()["errors"].clone();
        let pointers: Vec<&str> =
            errors.as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect();
        assert!(pointers.contains(pointer), "{path} with {body}: {pointers:?}");
    }
    assert_eq!(me(person), before);
}

// Profile

#[test]
fn a_shopper_says_who_they_are_and_what_they_may_be_sent() {
    let person = shopper();
    let wish = json!({ "name": "Countess", "phone": "+49 (30) 9018-20", "locale": "de", "marketing_consent": true });
    let changed = by(&person, patch("/me")).json(&wish).send().expect(200);
    assert_eq!((&changed["name"], &changed["locale"]), (&json!("Countess"), &json!("de")));
    assert_eq!(changed["phone"], "+4930901820");
    assert_eq!(me(&person), changed);
    let consent = &changed["marketing_consent"];
    assert_eq!(consent["granted"], true);

    let again = by(&person, patch("/me")).json(&json!({ "marketing_consent": true })).send().expect(200);
    assert_eq!(&again["marketing_consent"], consent, "consent is as old as it was");
    let taken_back = json!({ "marketing_consent": false, "phone": null });
    let last = by(&person, patch("/me")).json(&taken_back).send().expect(200);
    assert_eq!((&last["marketing_consent"]["granted"], last.get("phone")), (&json!(false), None));
    assert!(last["marketing_consent"]["at"].as_str() > consent["at"].as_str());
    assert_eq!(last["name"], "Countess", "what is not said stays");
}

#[test]
fn a_profile_takes_nothing_that_it_has_no_place_for() {
    refuses(
        &shopper(),
        patch,
        "/me",
        &[
            (json!({ "name": "" }), "/name"),
            (json!({ "name": "x".repeat(101) }), "/name"),
            (json!({ "phone": "030 901820" }), "/phone"),
            (json!({ "phone": "+49" }), "/phone"),
            (json!({ "locale": "tlh" }), "/locale"),
            (json!({ "marketing_consent": "yes" }), "/marketing_consent"),
            (json!({ "groups": ["admin"] }), "/groups"),
            (json!({ "email": new_address() }), "/email"),
            (json!({ "address_count": 0 }), "/address_count"),
        ],
    );
}

// Password

#[test]
fn a_new_password_opens_the_account_and_the_old_one_no_more() {
    let person = shopper();
    let elsewhere = signed_in(&person.email, PASSWORD);
    refresh(&elsewhere).expect(200);
    let wish = json!({ "old_password": PASSWORD, "new_password": OTHER_PASSWORD });
    assert_eq!(by(&person, put("/me/password")).json(&wish).send().status, 204);
    for session in [&person, &elsewhere] {
        refresh(session).refused(Code::CredentialsInvalid);
    }
    sign_in(&person.email, PASSWORD).refused(Code::CredentialsInvalid);
    refresh(&signed_in(&person.email, OTHER_PASSWORD)).expect(200);
    await_mail(&person.email, "password was changed");
}

#[test]
fn a_password_is_replaced_only_by_whoever_knows_it_and_by_a_better_one() {
    let person = shopper();
    let change = |old: &str, new: &str| {
        by(&person, put("/me/password")).json(&json!({ "old_password": old, "new_password": new })).send()
    };
    change("Wrong-horse-7-battery", OTHER_PASSWORD).refused(Code::CredentialsInvalid);
    change(PASSWORD, "short").refused(Code::PasswordTooWeak);
    change(PASSWORD, " starts with a space").refused(Code::PasswordTooWeak);
    change(PASSWORD, "").refused(Code::ValidationFailed);
    sign_in(&person.email, PASSWORD).expect(200);
}

// Authenticator app

fn begin(person: &Person, password: &str) -> Answer {
    by(person, post("/me/totp")).json(&json!({ "password": password })).send()
}

fn secret(person: &Person) -> String {
    let begun = begin(person, PASSWORD).expect(201);
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let link = begun["link"].as_str().unwrap();
    assert!(link.starts_with("otpauth://totp/") && link.contains(&secret), "{link}");
    secret
}

fn enable(person: &Person, code: &str) -> Answer {
    by(person, put("/me/totp")).json(&json!({ "code": code })).send()
}

fn remove(person: &Person, password: &str) -> Answer {
    by(person, delete("/me/totp")).json(&json!({ "password": password })).send()
}

#[test]
fn an_app_that_works_is_asked_for_at_sign_in_until_the_password_removes_it() {
    let person = shopper();
    let secret = secret(&person);
    assert_eq!(me(&person)["totp"], false, "a secret alone asks for nothing");
    sign_in(&person.email, PASSWORD).expect(200);
    assert_eq!(enable(&person, &totp::code(&secret)).expect(200)["totp"], true);
    assert_eq!(me(&person)["totp"], true);
    assert_eq!(sign_in(&person.email, PASSWORD).expect(200)["challenge"], "totp");

    begin(&person, PASSWORD).refused(Code::TotpActive);
    remove(&person, OTHER_PASSWORD).refused(Code::CredentialsInvalid);
    assert_eq!(me(&person)["totp"], true);
    remove(&person, PASSWORD).expect(204);
    assert_eq!(me(&person)["totp"], false);
    assert!(sign_in(&person.email, PASSWORD).expect(200)["access_token"].is_string());
    remove(&person, PASSWORD).expect(204);
}

#[test]
fn a_borrowed_token_sets_up_no_app() {
    let person = shopper();
    begin(&person, OTHER_PASSWORD).refused(Code::CredentialsInvalid);
    refuses(&person, post, "/me/totp", &[(json!({}), "/password"), (json!({ "password": "" }), "/password")]);
    let bare = by(&person, post("/me/totp")).send();
    assert!((400..500).contains(&bare.status), "{}", bare.text);
    enable(&person, "123456").refused(Code::CodeMismatch);
    assert!(sign_in(&person.email, PASSWORD).expect(200)["access_token"].is_string());
}

#[test]
fn an_app_that_does_not_work_is_never_asked_for() {
    let person = shopper();
    enable(&person, "123456").refused(Code::CodeMismatch);
    let secret = secret(&person);
    for code in [totp::wrong_code(&secret).as_str(), "12345", "1234567", "secret"] {
        enable(&person, code).refused(Code::CodeMismatch);
    }
    refuses(
        &person,
        put,
        "/me/totp",
        &[(json!({}), "/code"), (json!({ "code": "" }), "/code"), (json!({ "code": 123_456 }), "/code")],
    );
    sign_in(&person.email, PASSWORD).expect(200)["access_token"].as_str().unwrap();
}
