use api::Code;
use e2e::people::{PASSWORD, new_address, register, shopper, sign_in};
use e2e::shop::{get, post};
use serde_json::json;

#[test]
fn somebody_registers_confirms_signs_in_and_stays_signed_in() {
    let email = new_address();
    let code = register(&email);
    let confirmation = json!({ "email": email.to_uppercase(), "code": code });
    let confirmed = post("/users/confirmations").json(&confirmation).send().expect(200);
    assert_eq!((&confirmed["email"], &confirmed["status"]), (&json!(email), &json!("confirmed")));
    let tokens = sign_in(&email.to_uppercase(), PASSWORD).expect(200);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let refreshed = post("/sessions/refreshes").json(&refresh).send().expect(200);
    let me = get("/me").bearer(refreshed["access_token"].as_str().unwrap()).send();
    let user = me.expect(200);
    assert_eq!((&user["email"], &user["name"], &user["groups"]), (&json!(email), &json!("Ada Lovelace"), &json!([])));
    assert_eq!(me.header("cache-control"), Some("private, no-store"));
}

#[test]
fn a_taken_address_is_answered_like_a_new_one() {
    let known = shopper();
    let body = |email: &str| json!({ "email": email, "password": PASSWORD, "name": "Mallory" });
    let taken = post("/users").json(&body(&known.email)).send();
    let unknown = new_address();
    let new = post("/users").json(&body(&unknown)).send();
    assert_eq!(
        taken.expect(201).to_string().replace(&known.email, "x"),
        new.expect(201).to_string().replace(&unknown, "x")
    );
    sign_in(&known.email, PASSWORD).expect(200);
}

#[test]
fn wrong_credentials_and_codes_are_refused_alike_for_everybody() {
    let known = shopper();
    let wrong = sign_in(&known.email, "Wrong-horse-7-battery");
    let unknown = sign_in(&new_address(), PASSWORD);
    wrong.refused(Code::CredentialsInvalid);
    unknown.refused(Code::CredentialsInvalid);
    assert_eq!(wrong.json()["detail"], unknown.json()["detail"]);
    let email = new_address();
    let code = register(&email);
    let wrong_code = if code == "000000" { "111111" } else { "000000" };
    post("/users/confirmations")
        .json(&json!({ "email": email, "code": wrong_code }))
        .send()
        .refused(Code::CodeMismatch);
    post("/sessions/refreshes").json(&json!({ "refresh_token": "nonsense" })).send().refused(Code::CredentialsInvalid);
}

#[test]
fn a_weak_password_is_refused_with_the_rule() {
    let body = json!({ "email": new_address(), "password": "short", "name": "Ada" });
    let answer = post("/users").json(&body).send();
    assert!(
        [Code::PasswordTooWeak.as_str(), Code::ValidationFailed.as_str()]
            .contains(&answer.json()["code"].as_str().unwrap()),
        "{}",
        answer.text
    );
    assert_eq!(answer.status, 422);
}

#[test]
fn confirming_twice_is_harmless() {
    let email = new_address();
    let code = register(&email);
    let body = json!({ "email": email, "code": code });
    post("/users/confirmations").json(&body).send().expect(200);
    post("/users/confirmations").json(&body).send().expect(200);
    sign_in(&email, PASSWORD).expect(200);
}
