//! How people get in, and how nobody else does: codes by mail, sign-in in one and in two steps, signing out, forgotten passwords, and what
//! all of that does not tell about who has an account.

use std::collections::BTreeSet;

use api::Code;
use e2e::crowd::{Rush, at_once, tally};
use e2e::mailbox::{Mail, await_mail, mails_to};
use e2e::operator::{Table, call};
use e2e::people::{PASSWORD, new_address, refresh, register, shopper, sign_in, signed_in};
use e2e::shop::{Answer, Call, delete, eventually, get, post, put, setting};
use e2e::{logs, settings, totp, unique};
use serde_json::{Value, json};
use users::domain::{Counter, Limits, TryKind};
use users::store::keys;

const OTHER_PASSWORD: &str = "Battery-staple-8-horse";
const WRONG_PASSWORD: &str = "Wrong-horse-9-staple";

fn to(path: &str, email: &str) -> Call {
    post(path).json(&json!({ "email": email }))
}

fn code_again(email: &str) -> Call {
    to("/users/confirmation-codes", email)
}

fn forgotten(email: &str) -> Call {
    to("/password-resets", email)
}

fn registration(email: &str) -> Call {
    post("/users").json(&json!({ "email": email, "password": PASSWORD, "name": "Ada Lovelace" }))
}

fn confirmation(email: &str, code: &str) -> Call {
    post("/users/confirmations").json(&json!({ "email": email, "code": code }))
}

fn reset(email: &str, code: &str, password: &str) -> Call {
    post("/password-resets/confirmations").json(&json!({ "email": email, "code": code, "password": password }))
}

/// The first run of six digits.
fn code_in(mail: &Mail) -> String {
    let text = format!("{} {}", mail.text, mail.html);
    let code = text.split(|character: char| !character.is_ascii_digit()).find(|digits| digits.len() == 6);
    code.unwrap_or_else(|| panic!("no code in {mail:?}")).to_owned()
}

/// The code of the mail to `address` that comes after the first `known` ones with a code.
fn next_code(address: &str, known: usize) -> String {
    let with_code = || mails_to(address).into_iter().filter(|mail| mail.subject.contains("code"));
    code_in(&eventually("another mail with a code", || with_code().nth(known)))
}

/// The first code that was mailed to `address` and is another than `known`: that of a reset, after that of a confirmation.
fn other_code(address: &str, known: &str) -> String {
    eventually("a mail with another code", || {
        let with_code = mails_to(address).into_iter().filter(|mail| mail.subject.contains("code"));
        with_code.map(|mail| code_in(&mail)).find(|code| code != known)
    })
}

/// Confirms an address that several have registered with, and chooses the password as whoever reads its mails.
fn take_over(email: &str, code: &str, password: &str) {
    let confirmed = confirmation(email, code).send().expect(200);
    assert_eq!(confirmed, json!({ "email": email, "status": "password_required" }));
    assert_eq!(reset(email, &other_code(email, code), password).send().status, 204);
    sign_in(email, password).expect(200);
}

fn profiles_of(email: &str) -> Vec<Value> {
    let listed = Table::of("users").indexed(&format!("USERS#{}", &email[..1]));
    listed.into_iter().filter(|row| row["type"] == "profile" && row["email"] == email).collect()
}

// Getting an account

#[test]
fn the_code_comes_again_for_whoever_asks() {
    let email = new_address();
    let first = register(&email);
    let sent = code_again(&email.to_uppercase()).send().expect(202);
    assert_eq!(sent, json!({ "email": email, "status": "code_sent" }));
    let again = next_code(&email, 1);
    assert_eq!(first.len(), again.len());
    confirmation(&email, &again).send().expect(200);
    sign_in(&email, PASSWORD).expect(200);
}

#[test]
fn whoever_registers_first_does_not_get_the_account_of_whoever_reads_the_mails() {
    let email = new_address();
    let mallorys = json!({ "email": email, "password": WRONG_PASSWORD, "name": "Mallory" });
    post("/users").json(&mallorys).send().expect(201);
    let code = next_code(&email, 0);
    registration(&email).send().expect(201);
    // The code is that of the stranger's registration, and it is entered before the queue has looked after the second.
    let confirmed = confirmation(&email, &code).send().expect(200);
    assert_eq!(confirmed, json!({ "email": email, "status": "password_required" }));
    for password in [WRONG_PASSWORD, PASSWORD] {
        sign_in(&email, password).refused(Code::CredentialsInvalid);
    }
    assert_eq!(confirmation(&email, &code).send().expect(200)["status"], "confirmed");
    assert_eq!(reset(&email, &other_code(&email, &code), PASSWORD).send().status, 204);
    sign_in(&email, PASSWORD).expect(200);
    sign_in(&email, WRONG_PASSWORD).refused(Code::CredentialsInvalid);
    assert_eq!(profiles_of(&email)[0]["name"].as_str(), email.split('@').next());
}

#[test]
fn an_unconfirmed_address_that_registers_again_gets_its_code_again() {
    let email = new_address();
    let _ = register(&email);
    registration(&email).send().expect(201);
    take_over(&email, &next_code(&email, 1), OTHER_PASSWORD);
}

#[test]
fn a_code_for_a_registration_that_nobody_remembers_opens_the_account_without_its_password() {
    let email = new_address();
    let _ = register(&email);
    let forgotten = keys::registrations(&email.parse().unwrap());
    Table::of("users").delete(&forgotten.pk, &forgotten.sk);
    code_again(&email).send().expect(202);
    take_over(&email, &next_code(&email, 1), OTHER_PASSWORD);
}

#[test]
fn a_password_in_doubt_opens_nothing_when_the_confirmation_was_cut_short_and_a_new_one_does() {
    let person = shopper();
    let row = profiles_of(&person.email).remove(0);
    let (users, pk) = (Table::of("users"), row["pk"].as_str().unwrap());
    // As if Cognito had confirmed the address that several had registered with, and nothing had followed.
    users.delete(pk, "PROFILE");
    users.delete(&format!("EMAIL#{}", person.email), "EMAIL");
    for _ in 0..2 {
        registration(&person.email).send().expect(201);
    }
    sign_in(&person.email, PASSWORD).refused(Code::CredentialsInvalid);
    assert_eq!(users.get(pk, "PROFILE"), None);
    forgotten(&person.email).send().expect(202);
    assert_eq!(reset(&person.email, &next_code(&person.email, 1), OTHER_PASSWORD).send().status, 204);
    sign_in(&person.email, OTHER_PASSWORD).expect(200);
    assert_eq!(users.get(pk, "PROFILE").unwrap()["id"], row["id"]);
}

#[test]
fn whoever_moved_on_and_was_cut_short_does_not_keep_the_next_owner_out() {
    let (person, new) = (shopper(), new_address());
    let by = |path: &str, body: Value| post(path).bearer(&person.access_token).json(&body).send();
    by("/me/email-changes", json!({ "email": new, "password": PASSWORD })).expect(202);
    by("/me/email-changes/confirmations", json!({ "email": new, "code": next_code(&new, 0) })).expect(200);
    // As if the move had stopped between Cognito and the table.
    let (users, row) = (Table::of("users"), profiles_of(&new).remove(0));
    let (pk, place) = (row["pk"].as_str().unwrap(), format!("{}#{}", person.email, row["id"].as_str().unwrap()));
    users.set(pk, "PROFILE", &[("email", json!(person.email)), ("gsi1sk", json!(place))]);
    let mut claim = users.get(&format!("EMAIL#{new}"), "EMAIL").unwrap();
    users.delete(&format!("EMAIL#{new}"), "EMAIL");
    claim["pk"] = json!(format!("EMAIL#{}", person.email));
    users.put(&claim);

    let code = register(&person.email);
    confirmation(&person.email, &code).send().expect(200);
    sign_in(&person.email, PASSWORD).expect(200);
    assert_ne!(profiles_of(&person.email)[0]["id"], row["id"]);
    assert_eq!(profiles_of(&new)[0]["id"], row["id"]);
    sign_in(&new, PASSWORD).expect(200);
}

#[test]
fn an_address_that_nobody_can_have_is_not_registered() {
    let problem = registration("erased@erased.invalid").send().refused(Code::ValidationFailed);
    assert_eq!(problem["errors"][0]["pointer"], "/email");
}

#[test]
fn the_owner_of_a_taken_address_is_told_and_keeps_their_account() {
    let owner = shopper();
    registration(&owner.email.to_uppercase()).send().expect(201);
    await_mail(&owner.email, "already have");
    sign_in(&owner.email, &owner.password).expect(200);
    assert_eq!(profiles_of(&owner.email).len(), 1);
}

#[test]
fn an_address_belongs_to_the_account_that_confirmed_it() {
    let person = shopper();
    let id = get("/me").bearer(&person.access_token).send().expect(200)["id"].clone();
    let claim = Table::of("users").get(&format!("EMAIL#{}", person.email), "EMAIL").unwrap();
    assert_eq!((&claim["user_id"], &claim["is_confirmed"]), (&id, &json!(true)));
    assert_eq!(profiles_of(&person.email)[0]["id"], id);
}

#[test]
fn whoever_is_not_confirmed_learns_so_for_the_right_password_only() {
    let email = new_address();
    let _ = register(&email);
    sign_in(&email, WRONG_PASSWORD).refused(Code::CredentialsInvalid);
    sign_in(&email, PASSWORD).refused(Code::UserNotConfirmed);
}

#[test]
fn signing_in_makes_up_for_a_profile_that_is_missing_and_for_an_old_row() {
    let person = shopper();
    let users = Table::of("users");
    let row = profiles_of(&person.email).remove(0);
    let (pk, email_pk) = (row["pk"].as_str().unwrap(), format!("EMAIL#{}", person.email));
    users.delete(pk, "PROFILE");
    users.delete(&email_pk, "EMAIL");
    sign_in(&person.email, &person.password).expect(200);
    assert_eq!(profiles_of(&person.email)[0]["id"], row["id"]);

    let mut old = users.get(pk, "PROFILE").unwrap();
    for attribute in ["gsi1pk", "gsi1sk", "status", "groups", "address_count"] {
        old.as_object_mut().unwrap().remove(attribute);
    }
    users.put(&old);
    users.delete(&email_pk, "EMAIL");
    sign_in(&person.email, &person.password).expect(200);
    assert_eq!(profiles_of(&person.email)[0]["id"], row["id"]);
    assert_eq!(users.get(&email_pk, "EMAIL").unwrap()["user_id"], row["id"]);
}

#[test]
fn an_address_that_one_account_has_makes_no_profile_of_another() {
    let (owner, other) = (shopper(), shopper());
    let [owner_id, id] = [&owner, &other].map(|person| profiles_of(&person.email)[0]["id"].clone());
    let (users, pk, claim) =
        (Table::of("users"), format!("USER#{}", id.as_str().unwrap()), format!("EMAIL#{}", other.email));
    // Cognito and the table disagree, which is for somebody to look into.
    users.delete(&pk, "PROFILE");
    users.set(&claim, "EMAIL", &[("user_id", owner_id.clone())]);
    sign_in(&other.email, PASSWORD).refused(Code::InternalError);
    assert_eq!((users.get(&pk, "PROFILE"), &users.get(&claim, "EMAIL").unwrap()["user_id"]), (None, &owner_id));
    users.set(&claim, "EMAIL", &[("user_id", id)]);
    sign_in(&other.email, PASSWORD).expect(200);
}

#[test]
fn a_confirmation_that_comes_late_brings_nobody_back() {
    let email = new_address();
    let code = register(&email);
    let who = json!({ "UserPoolId": setting("SOUK_USER_POOL_ID"), "Username": email });
    let id = call("cognito-idp", "AWSCognitoIdentityProviderService.AdminGetUser", &who)["Username"].clone();
    let (users, pk) = (Table::of("users"), format!("USER#{}", id.as_str().unwrap()));
    // As if its owner had left before the confirmation came to the table.
    users.put(&json!({
        "pk": pk, "sk": "PROFILE", "type": "tombstone", "schema": 1, "version": 2,
        "id": id, "status": "deleted", "deleted_at": kernel::fresh::now(),
    }));
    confirmation(&email, &code).send().expect(200);
    assert_eq!(users.get(&pk, "PROFILE").unwrap()["status"], "deleted");
    sign_in(&email, PASSWORD).refused(Code::CredentialsInvalid);
}

#[test]
fn fifty_who_register_one_address_at_once_make_one_account() {
    let _settings = settings::unchanged();
    let (email, rush) = (new_address(), Rush::default());
    let answers = at_once(50, |_| rush.send(&registration(&email)));
    assert_eq!(tally(&answers), [("201".to_owned(), 50)].into());
    let bodies: BTreeSet<String> = answers.iter().map(|answer| answer.text.clone()).collect();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(rush.overlap("users-register", answers.len()) > 1);
    // Nobody can tell which of the fifty has the mailbox.
    take_over(&email, &next_code(&email, 0), OTHER_PASSWORD);
    assert_eq!(profiles_of(&email).len(), 1);
}

#[test]
fn fifty_confirmations_at_once_make_one_profile() {
    let _settings = settings::unchanged();
    let (email, rush) = (new_address(), Rush::default());
    let code = register(&email);
    let answers = at_once(50, |_| rush.send(&confirmation(&email, &code)));
    assert_eq!(tally(&answers), [("200".to_owned(), 50)].into());
    assert!(rush.overlap("users-confirm", answers.len()) > 1);
    let profiles = profiles_of(&email);
    assert_eq!((profiles.len(), &profiles[0]["version"]), (1, &json!(1)));
    sign_in(&email, PASSWORD).expect(200);
}

// Signing in and out

#[test]
fn whoever_has_an_authenticator_app_signs_in_with_its_code() {
    let person = shopper();
    let by = |call: Call| call.bearer(&person.access_token);
    let secret = by(post("/me/totp")).json(&json!({ "password": PASSWORD })).send().expect(201);
    let secret = secret["secret"].as_str().unwrap().to_owned();
    by(put("/me/totp")).json(&json!({ "code": totp::code(&secret) })).send().expect(200);

    let answer = |session: &Value, code: &str| {
        let body = json!({ "email": person.email, "session": session, "code": code });
        post("/sessions/challenges").json(&body).send()
    };
    sign_in(&person.email, WRONG_PASSWORD).refused(Code::CredentialsInvalid);
    let challenge = sign_in(&person.email, PASSWORD).expect(200);
    assert_eq!((&challenge["challenge"], &challenge["expires_in"]), (&json!("totp"), &json!(180)));
    assert_eq!(challenge.get("access_token"), None);
    answer(&challenge["session"], &totp::wrong_code(&secret)).refused(Code::CodeMismatch);
    answer(&json!("another"), &totp::code(&secret)).refused(Code::CredentialsInvalid);
    let elsewhere = json!({ "email": new_address(), "session": challenge["session"], "code": totp::code(&secret) });
    post("/sessions/challenges").json(&elsewhere).send().refused(Code::CredentialsInvalid);
    let tokens = answer(&challenge["session"], &totp::code(&secret)).expect(200);
    get("/me").bearer(tokens["access_token"].as_str().unwrap()).send().expect(200);
    answer(&challenge["session"], &totp::code(&secret)).refused(Code::CredentialsInvalid);
}

#[test]
fn a_sign_in_that_was_asked_for_no_code_is_none_with_a_second_factor() {
    let person = shopper();
    let row = profiles_of(&person.email).remove(0);
    let (pk, users) = (row["pk"].as_str().unwrap(), Table::of("users"));
    // As if the app had been taken off at Cognito, and the row had not heard of it.
    users.set(pk, "PROFILE", &[("totp_since", row["created_at"].clone())]);
    let again = signed_in(&person.email, PASSWORD);
    assert_eq!(users.get(pk, "PROFILE").unwrap().get("totp_since"), None);
    assert_eq!(get("/me").bearer(&again.access_token).send().expect(200)["totp"], false);
}

#[test]
fn whoever_left_or_was_disabled_refreshes_nothing_before_cognito_knows() {
    let person = shopper();
    refresh(&person).expect(200);
    let row = profiles_of(&person.email).remove(0);
    Table::of("users").set(row["pk"].as_str().unwrap(), "PROFILE", &[("status", json!("disabled"))]);
    refresh(&person).refused(Code::CredentialsInvalid);
}

#[test]
fn signing_out_ends_every_session_and_the_next_one_begins_afresh() {
    let here = shopper();
    let there = signed_in(&here.email, &here.password);
    delete("/sessions").send().refused(Code::Unauthenticated);
    let out = delete("/sessions").bearer(&here.access_token).send();
    assert_eq!((out.status, out.text.as_str()), (204, ""));
    for person in [&here, &there] {
        refresh(person).refused(Code::CredentialsInvalid);
    }
    assert!(profiles_of(&here.email)[0]["sessions_valid_from"].is_string());
    let again = signed_in(&here.email, &here.password);
    refresh(&again).expect(200);
}

// Forgotten passwords

#[test]
fn a_forgotten_password_is_replaced_by_code_and_whoever_knew_it_is_out() {
    let person = shopper();
    let asked = forgotten(&person.email.to_uppercase()).send().expect(202);
    assert_eq!(asked, json!({ "email": person.email, "status": "code_sent" }));
    let code = next_code(&person.email, 1);
    reset(&person.email, "000000", OTHER_PASSWORD).send().refused(Code::CodeMismatch);
    reset(&person.email, &code, "short").send().refused(Code::PasswordTooWeak);
    assert_eq!(reset(&person.email, &code, OTHER_PASSWORD).send().status, 204);
    sign_in(&person.email, PASSWORD).refused(Code::CredentialsInvalid);
    refresh(&person).refused(Code::CredentialsInvalid);
    sign_in(&person.email, OTHER_PASSWORD).expect(200);
    await_mail(&person.email, "password was changed");
    reset(&person.email, &code, PASSWORD).send().refused(Code::CodeMismatch);
}

#[test]
fn whoever_forgot_the_password_of_an_unconfirmed_address_confirms_it_first() {
    let email = new_address();
    let _ = register(&email);
    forgotten(&email).send().expect(202);
    take_over(&email, &next_code(&email, 1), OTHER_PASSWORD);
}

// What nobody learns

/// A function, what asks it about an address, its calls to Cognito and the queue, and how many it makes to DynamoDB.
type Work = (&'static str, fn(&str) -> Call, &'static [&'static str], u64);

/// The answer to `call` without what differs by the request itself, and all that `function` did for it, counted where its calls leave.
fn answer_and_work(call: &Call, email: &str, function: &str) -> (u16, String, Vec<String>, Value) {
    let correlation = format!("alike-{}", unique());
    let answer = call.clone().header("X-Correlation-Id", &correlation).send();
    let is_its = |line: &Value| line["span"]["function"].as_str().is_some_and(|name| name.ends_with(function));
    let answered = || logs::of(&correlation).into_iter().find(|line| is_its(line) && line["status"].is_u64());
    let answered = eventually("the log line of the request", answered);
    let calls = answered["aws_calls"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let body = answer.text.replace(email, "x").replace(&correlation, "y");
    (answer.status, body, calls, answered["dynamodb_calls"].clone())
}

#[test]
fn registering_asking_for_a_code_and_for_a_reset_are_answered_alike_after_the_same_work() {
    let waiting = || {
        let email = new_address();
        let _ = register(&email);
        email
    };
    let routes: [Work; 3] = [
        ("users-register", registration, &["cognito-idp:SignUp", "sqs:SendMessage"], 1),
        ("users-request-code", code_again, &["sqs:SendMessage"], 1),
        ("users-request-password-reset", forgotten, &["sqs:SendMessage"], 1),
    ];
    for (function, make, calls, counted) in routes {
        let seen =
            [shopper().email, waiting(), new_address()].map(|email| answer_and_work(&make(&email), &email, function));
        assert_eq!(seen[0].2, calls, "{function}");
        assert_eq!(seen[0].3, counted, "{function}");
        for other in &seen[1..] {
            assert_eq!(other, &seen[0], "{function}");
        }
    }
}

#[test]
fn a_code_that_does_not_fit_is_answered_alike_whoever_has_the_address() {
    let told = |answer: Answer| {
        let problem = answer.refused(Code::CodeMismatch);
        (problem["detail"].clone(), problem["errors"].clone())
    };
    let known = shopper().email;
    let asked = shopper().email;
    forgotten(&asked).send().expect(202);
    let _ = next_code(&asked, 1);
    let unconfirmed = new_address();
    let _ = register(&unconfirmed);
    let addresses = [known, asked, unconfirmed, new_address()];
    let confirmations = addresses.clone().map(|email| told(confirmation(&email, "000000").send()));
    let resets = addresses.map(|email| told(reset(&email, "000000", OTHER_PASSWORD).send()));
    for other in confirmations.iter().chain(&resets) {
        assert_eq!(other, &confirmations[0]);
    }
}

#[test]
fn a_code_that_does_not_fit_is_the_same_work_whoever_has_the_address() {
    let unconfirmed = new_address();
    let _ = register(&unconfirmed);
    let addresses = [shopper().email, unconfirmed, new_address()];
    let routes: [Work; 2] = [
        ("users-confirm", |email| confirmation(email, "000000"), &["cognito-idp:ConfirmSignUp"], 2),
        (
            "users-reset-password",
            |email| reset(email, "000000", OTHER_PASSWORD),
            &["cognito-idp:ConfirmForgotPassword", "sqs:SendMessage"],
            1,
        ),
    ];
    for (function, make, calls, counted) in routes {
        let seen = addresses.clone().map(|email| answer_and_work(&make(&email), &email, function));
        assert_eq!((seen[0].0, seen[0].3.as_u64()), (Code::CodeMismatch.status(), Some(counted)), "{function}");
        assert_eq!(seen[0].2, calls, "{function}");
        for other in &seen[1..] {
            assert_eq!(other, &seen[0], "{function}");
        }
    }
}

// How often

/// Fills the counter of tries about `email`, now and for the quarter of an hour that may begin while the test runs.
fn fill(kind: TryKind, email: &str) {
    let (now, limits) = (kernel::fresh::now(), Limits { per_account: 1, per_ip: 1 });
    for at in [now, now.plus_seconds(900)] {
        let counter = Counter::of(kind, &email.parse().unwrap(), None, limits, at).remove(0);
        let key = keys::tries(&counter);
        Table::of("users").put(&json!({
            "pk": key.pk, "sk": key.sk, "type": "tries", "schema": 1, "version": 1, "count": 1_000_000_000,
            "ttl": counter.window.end().plus_seconds(60).epoch_seconds(),
        }));
    }
}

#[test]
fn too_many_tries_wait_whoever_has_the_address_and_whatever_was_right() {
    let known = shopper();
    let unknown = new_address();
    for email in [known.email.as_str(), unknown.as_str()] {
        for (kind, call) in [
            (TryKind::SignIn, post("/sessions").json(&json!({ "email": email, "password": PASSWORD }))),
            (TryKind::Register, registration(email)),
            (TryKind::Register, code_again(email)),
            (TryKind::Reset, forgotten(email)),
            (TryKind::Code, confirmation(email, "123456")),
            (TryKind::Code, reset(email, "123456", OTHER_PASSWORD)),
            (
                TryKind::Code,
                post("/sessions/challenges").json(&json!({ "email": email, "session": "s", "code": "123456" })),
            ),
        ] {
            fill(kind, email);
            let refused = call.send();
            refused.refused(Code::TooManyAttempts);
            let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=900).contains(&wait), "{wait}");
        }
    }
    sign_in(&shopper().email, PASSWORD).expect(200);
}

#[test]
fn a_try_counts_once_at_the_address_and_tells_of_nobody() {
    let email = new_address();
    let counter = |at| {
        let limits = Limits { per_account: 1, per_ip: 1 };
        let key = keys::tries(&Counter::of(TryKind::SignIn, &email.parse().unwrap(), None, limits, at)[0]);
        Table::of("users").get(&key.pk, &key.sk)
    };
    let before = kernel::fresh::now();
    for _ in 0..3 {
        sign_in(&email, PASSWORD).refused(Code::CredentialsInvalid);
    }
    // The three may lie on both sides of a quarter.
    let windows: BTreeSet<_> = [before, kernel::fresh::now()].map(|at| at.epoch_seconds() / 900).into();
    let rows: Vec<Value> =
        windows.iter().filter_map(|window| counter(kernel::Timestamp::from_epoch_seconds(window * 900))).collect();
    assert_eq!(rows.iter().filter_map(|row| row["count"].as_u64()).sum::<u64>(), 3);
    assert!(!format!("{rows:?}").contains(&email));
}

#[test]
fn getting_in_keeps_to_its_budget() {
    let calls = |call: &Call, email: &str, function: &str| {
        answer_and_work(call, email, function).3.as_u64().unwrap_or_else(|| panic!("{function} told no calls"))
    };
    let email = new_address();
    assert_eq!(calls(&registration(&email), &email, "users-register"), 1);
    let code = next_code(&email, 0);
    assert_eq!(calls(&confirmation(&email, &code), &email, "users-confirm"), 2);
    assert_eq!(calls(&confirmation(&email, &code), &email, "users-confirm"), 2);
    let signing_in = post("/sessions").json(&json!({ "email": email, "password": PASSWORD }));
    assert_eq!(calls(&signing_in, &email, "users-sign-in"), 2);
}
