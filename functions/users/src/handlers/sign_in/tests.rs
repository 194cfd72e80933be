use api::Code;
use kernel::UserId;
use serde_json::json;

use super::*;
use crate::domain::samples::{ADA, ada};
use crate::domain::{Person, Profile, Status, Tombstone};
use crate::handlers::session::fakes::{Shop, tokens_of};
use crate::handlers::tries::fakes::{Tried, gate};

/// Knows ada@example.com by her password, and asks who has an authenticator app for its code.
struct Cognito {
    asks_for_totp: bool,
}

impl CheckPassword for Cognito {
    async fn check_password(&self, email: &Email, password: &Password) -> Result<Proved, Refused> {
        match (password.as_str(), self.asks_for_totp) {
            ("correct horse", false) => Ok(Proved::Everything(tokens_of(ADA, email))),
            ("correct horse", true) => Ok(Proved::Password { session: "session".into() }),
            _ => Err(Refused::Credentials),
        }
    }
}

type Signing = Deps<Tried, Cognito, Shop>;

fn shop(person: Option<Person>) -> Signing {
    let cognito = Cognito { asks_for_totp: false };
    Deps { gate: gate(3), cognito, users: Shop::of(person), now: testkit::now, new_id: || Ulid(7) }
}

fn known(profile: Profile) -> Option<Person> {
    Some(Person::Known(Box::new(profile)))
}

async fn sign_in(deps: &Signing, password: &str) -> Result<Response, Problem> {
    let body = json!({ "email": "Ada@example.com", "password": password });
    handle(deps, testkit::request::post("/sessions").json(body).build()).await
}

#[tokio::test]
async fn the_right_password_gives_tokens() {
    let deps = shop(known(ada()));
    let session = testkit::json(&sign_in(&deps, "correct horse").await.unwrap());
    assert_eq!((&session["access_token"], &session["refresh_token"]), (&json!("access"), &json!("refresh")));
    assert_eq!((&session["expires_in"], &session["token_type"]), (&json!(900), &json!("Bearer")));
    assert_eq!((deps.gate.tried(), deps.users.written()), (vec![TryKind::SignIn], 0));
}

#[tokio::test]
async fn whoever_has_an_authenticator_app_is_asked_for_its_code() {
    let deps = Deps { cognito: Cognito { asks_for_totp: true }, ..shop(known(ada())) };
    let challenge = testkit::json(&sign_in(&deps, "correct horse").await.unwrap());
    assert_eq!(challenge, json!({ "challenge": "totp", "session": "session", "expires_in": 180 }));
}

#[tokio::test]
async fn a_wrong_password_gives_nothing_and_too_many_are_not_looked_at() {
    let deps = shop(known(ada()));
    for _ in 0..3 {
        assert_eq!(sign_in(&deps, "wrong").await.unwrap_err().code(), Code::CredentialsInvalid);
    }
    assert_eq!(sign_in(&deps, "correct horse").await.unwrap_err().code(), Code::TooManyAttempts);
}

#[tokio::test]
async fn a_password_that_may_be_a_stranger_s_opens_no_account_that_its_owner_has_not_opened() {
    let deps = Deps { users: Shop::of(None).contested(), ..shop(None) };
    assert_eq!(sign_in(&deps, "correct horse").await.unwrap_err().code(), Code::CredentialsInvalid);
    assert_eq!(deps.users.written(), 0);
}

#[tokio::test]
async fn a_missing_profile_is_made_up_for_once() {
    let deps = shop(None);
    sign_in(&deps, "correct horse").await.unwrap();
    sign_in(&deps, "correct horse").await.unwrap();
    assert_eq!((deps.users.written(), deps.users.profile().email.as_str()), (1, "ada@example.com"));
}

#[tokio::test]
async fn a_profile_that_fell_behind_gets_the_address_that_was_verified() {
    let deps = shop(known(ada().moved_to("old@example.com".parse().unwrap())));
    sign_in(&deps, "correct horse").await.unwrap();
    assert_eq!((deps.users.profile().email.as_str(), deps.users.written()), ("ada@example.com", 1));
}

#[tokio::test]
async fn a_sign_in_that_was_asked_for_no_code_is_none_with_a_second_factor() {
    let protected = || known(Profile { totp_since: Some(testkit::now()), ..ada() });
    let deps = Deps { users: Shop::of(protected()).racing(1), ..shop(None) };
    sign_in(&deps, "correct horse").await.unwrap();
    assert_eq!((deps.users.profile().totp_since, deps.users.written()), (None, 1));

    let restless = Deps { users: Shop::of(protected()).racing(9), ..shop(None) };
    assert_eq!(
        sign_in(&restless, "correct horse").await.unwrap_err().code(),
        Code::TryAgain,
        "no tokens before it says so"
    );
}

#[tokio::test]
async fn a_row_of_the_first_release_is_put_on_the_list() {
    let deps = shop(known(Profile { is_listed: false, ..ada() }));
    sign_in(&deps, "correct horse").await.unwrap();
    assert_eq!(deps.users.written(), 1);
}

#[tokio::test]
async fn what_the_shop_took_away_is_gone_before_cognito_knows() {
    let id = UserId::parse(ADA).unwrap();
    let deleted = Tombstone { id, status: Status::Deleted, deleted_at: testkit::now() };
    let disabled = Profile { status: Status::Disabled, ..ada() };
    for person in [known(disabled), Some(Person::Deleted(deleted))] {
        let deps = shop(person);
        assert_eq!(sign_in(&deps, "correct horse").await.unwrap_err().code(), Code::CredentialsInvalid);
        assert_eq!(deps.users.written(), 0);
    }
}
