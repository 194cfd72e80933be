//! Moving to another e-mail address.

use api::Code;
use e2e::crowd::{Rush, at_once};
use e2e::mailbox::{await_mail, mails_to};
use e2e::operator::Table;
use e2e::people::{PASSWORD, Person, new_address, shopper, sign_in};
use e2e::settings;
use e2e::shop::{Answer, Call, eventually, post};
use serde_json::json;

use super::{OTHER_PASSWORD, by, me, refuses};

/// So many want one address.
const RIVALS: usize = 4;

fn asking(person: &Person, email: &str) -> Call {
    by(person, post("/me/email-changes")).json(&json!({ "email": email, "password": PASSWORD }))
}

fn ask_for(person: &Person, email: &str) -> Answer {
    asking(person, email).send()
}

fn confirming(person: &Person, email: &str, code: &str) -> Call {
    by(person, post("/me/email-changes/confirmations")).json(&json!({ "email": email, "code": code }))
}

fn confirm(person: &Person, email: &str, code: &str) -> Answer {
    confirming(person, email, code).send()
}

/// All codes that were mailed to `email`, oldest first.
fn codes(email: &str) -> Vec<String> {
    let six_digits = |text: &str| {
        text.split(|character: char| !character.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
    };
    mails_to(email).iter().filter_map(|mail| six_digits(&mail.text).or_else(|| six_digits(&mail.html))).collect()
}

/// The code that was mailed to `email` last.
#[track_caller]
fn mailed_code(email: &str) -> String {
    eventually("a code", || codes(email).pop())
}

#[test]
fn a_shopper_moves_to_another_address_once_its_code_comes_back() {
    let person = shopper();
    let new = new_address();
    let asked = ask_for(&person, &new.to_uppercase()).expect(202);
    assert_eq!(asked, json!({ "email": new, "status": "code_sent" }));
    let code = mailed_code(&new);
    assert_eq!(me(&person)["email"], json!(person.email), "nothing changes before");
    let wrong = if code == "000000" { "111111" } else { "000000" };
    confirm(&person, &new, wrong).refused(Code::CodeMismatch);

    assert_eq!(confirm(&person, &new.to_uppercase(), &code).expect(200)["email"], json!(new));
    assert_eq!(me(&person)["email"], json!(new));
    confirm(&person, &new, &code).expect(200);
    sign_in(&new, PASSWORD).expect(200);
    sign_in(&person.email, PASSWORD).refused(Code::CredentialsInvalid);
    await_mail(&person.email, "another e-mail address");
}

#[test]
fn the_address_that_somebody_left_is_free_for_others() {
    let (person, other) = (shopper(), shopper());
    let new = new_address();
    ask_for(&person, &new).expect(202);
    confirm(&person, &new, &mailed_code(&new)).expect(200);
    ask_for(&other, &person.email).expect(202);
    confirm(&other, &person.email, &mailed_code(&person.email)).expect(200);
    assert_eq!(me(&other)["email"], json!(person.email));
}

#[test]
fn a_taken_address_is_answered_like_a_free_one_and_hears_nothing() {
    let (person, owner) = (shopper(), shopper());
    let free = new_address();
    let mails = mails_to(&owner.email).len();
    let taken = ask_for(&person, &owner.email).expect(202).to_string().replace(&owner.email, "x");
    assert_eq!(taken, ask_for(&person, &free).expect(202).to_string().replace(&free, "x"));
    let code = mailed_code(&free);
    confirm(&person, &owner.email, &code).refused(Code::CodeMismatch);
    assert_eq!((mails_to(&owner.email).len(), me(&owner)["email"].clone()), (mails, json!(owner.email)));
    assert_eq!(me(&person)["email"], json!(person.email));
}

#[test]
fn an_address_is_not_changed_for_a_borrowed_token_or_to_nonsense() {
    let person = shopper();
    let new = new_address();
    let wrong = json!({ "email": new, "password": OTHER_PASSWORD });
    by(&person, post("/me/email-changes")).json(&wrong).send().refused(Code::CredentialsInvalid);
    confirm(&person, &new, "135790").refused(Code::CodeMismatch);
    assert!(mails_to(&new).is_empty());
    refuses(
        &person,
        post,
        "/me/email-changes",
        &[
            (json!({ "email": "nobody", "password": PASSWORD }), "/email"),
            (json!({ "email": person.email, "password": PASSWORD }), "/email"),
            (json!({ "email": new }), "/password"),
        ],
    );
    refuses(
        &person,
        post,
        "/me/email-changes/confirmations",
        &[(json!({ "email": new, "code": "" }), "/code"), (json!({ "email": "nobody", "code": "1" }), "/email")],
    );
}

/// Who of `rivals` has `email` after all of them confirmed it with `code` at once. The others keep theirs.
#[track_caller]
fn winner_of(rivals: &[Person], email: &str, code: &str) -> usize {
    let rush = Rush::default();
    let answers = at_once(rivals.len(), |number| rush.send(&confirming(&rivals[number], email, code)));
    assert!(rush.overlap("users-confirm-email", answers.len()) > 1);
    let winners: Vec<usize> = (0..rivals.len()).filter(|number| answers[*number].status == 200).collect();
    let [winner] = winners[..] else { panic!("{winners:?} have the address") };
    for (number, rival) in rivals.iter().enumerate() {
        if number == winner {
            assert_eq!(me(rival)["email"], json!(email));
            continue;
        }
        answers[number].refused(Code::CodeMismatch);
        assert_eq!(me(rival)["email"], json!(rival.email));
        sign_in(&rival.email, PASSWORD).expect(200);
    }
    sign_in(email, PASSWORD).expect(200);
    winner
}

#[test]
fn of_several_who_want_one_address_at_once_one_gets_it() {
    let _settings = settings::unchanged();
    let rivals: Vec<Person> = (0..RIVALS).map(|_| shopper()).collect();
    let (new, rush) = (new_address(), Rush::default());
    let asked = at_once(RIVALS, |number| rush.send(&asking(&rivals[number], &new)));
    asked.iter().for_each(|answer| drop(answer.expect(202)));
    assert!(rush.overlap("users-change-email", RIVALS) > 1);
    let code = mailed_code(&new);
    assert_eq!(codes(&new).len(), 1, "one of them holds the address");
    winner_of(&rivals, &new, &code);
}

#[test]
fn who_asks_when_a_hold_has_lapsed_may_have_the_address_and_both_have_a_code() {
    let _settings = settings::unchanged();
    let rivals: Vec<Person> = (0..RIVALS).map(|_| shopper()).collect();
    let (new, users) = (new_address(), Table::of("users"));
    let lapsed = kernel::fresh::now().plus_seconds(-2 * 3600);
    for (before, rival) in rivals.iter().enumerate() {
        ask_for(rival, &new).expect(202);
        eventually("another code", || (codes(&new).len() > before).then_some(()));
        if before + 1 < RIVALS {
            users.set(&format!("EMAIL#{new}"), "EMAIL", &[("claimed_at", json!(lapsed))]);
        }
    }
    assert_eq!(winner_of(&rivals, &new, &mailed_code(&new)), RIVALS - 1, "whoever holds it");
}
