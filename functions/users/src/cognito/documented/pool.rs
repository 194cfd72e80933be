use api::Code;
use kernel::{Timestamp, UserId};
use serde_json::{Value, json};

use super::{Documented, code, email};
use crate::cognito::{Pool, Refused};
use crate::domain::{AccountState, Step};
use crate::handlers::confirm::{AddressOf as _, FindAccount as _, ThrowPasswordAway as _};
use crate::handlers::on_user_deleted::DeleteAccount as _;
use crate::handlers::reset_password::RevokeAllTokens as _;
use crate::handlers::send_codes::LookUp as _;
use crate::handlers::update_user::TellCognito as _;

const SUB: &str = "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

fn refusing(code: &str, message: &str) -> Pool {
    Pool::asking(Documented::refusing(code, message).client())
}

/// An account as `AdminGetUser` tells of it.
fn account(status: &str) -> Documented {
    let account = json!({
        "Username": SUB,
        "UserAttributes": [
            { "Name": "sub", "Value": SUB },
            { "Name": "email_verified", "Value": "true" },
            { "Name": "name", "Value": "Ada Lovelace" },
            { "Name": "locale", "Value": "de" },
            { "Name": "email", "Value": "ada@example.com" },
        ],
        "UserCreateDate": 1_763_900_000.123,
        "UserLastModifiedDate": 1_763_900_100.456,
        "Enabled": true,
        "UserStatus": status,
    });
    Documented::answering(200, account.to_string())
}

fn id() -> UserId {
    UserId::parse(SUB).unwrap()
}

#[tokio::test]
async fn looking_an_account_up() {
    let cognito = account("CONFIRMED");
    let found = Pool::asking(cognito.client()).find_account(&email()).await.unwrap();
    assert_eq!(
        (found.id.as_str(), found.email.as_str(), found.name.as_str()),
        (SUB, "ada@example.com", "Ada Lovelace")
    );
    assert_eq!(cognito.asked(), json!({ "call": "AdminGetUser", "UserPoolId": "pool", "Username": "ada@example.com" }));

    for (status, state) in [
        ("UNCONFIRMED", AccountState::Unconfirmed),
        ("CONFIRMED", AccountState::Confirmed),
        ("RESET_REQUIRED", AccountState::Confirmed),
        ("FORCE_CHANGE_PASSWORD", AccountState::Closed),
        ("EXTERNAL_PROVIDER", AccountState::Closed),
        ("ARCHIVED", AccountState::Closed),
    ] {
        let found = Pool::asking(account(status).client()).look_up(&email()).await.unwrap().unwrap();
        assert_eq!(
            (found.state, found.changed_at),
            (state, Some(Timestamp::from_epoch_seconds(1_763_900_100))),
            "{status}"
        );
    }
    let unknown = refusing("UserNotFoundException", "User does not exist.");
    assert!(matches!(unknown.look_up(&email()).await, Ok(None)));
    assert!(matches!(unknown.find_account(&email()).await, Err(Refused::Credentials)));
    let busy = refusing("TooManyRequestsException", "Rate exceeded");
    assert_eq!(code(busy.look_up(&email()).await), Code::TryAgain);
    let foreign = refusing("ResourceNotFoundException", "User pool pool does not exist.");
    assert_eq!(code(foreign.find_account(&email()).await), Code::InternalError);
}

#[tokio::test]
async fn asking_for_somebodys_address() {
    let cognito = account("CONFIRMED");
    assert_eq!(Pool::asking(cognito.client()).address_of(&id()).await.unwrap(), Some(email()));
    assert_eq!(cognito.asked(), json!({ "call": "AdminGetUser", "UserPoolId": "pool", "Username": SUB }));
    let unknown = refusing("UserNotFoundException", "User does not exist.");
    assert!(matches!(unknown.address_of(&id()).await, Ok(None)));
}

#[tokio::test]
async fn throwing_a_password_away() {
    let owner = Pool::asking(account("CONFIRMED").client()).find_account(&email()).await.unwrap();
    let set = async || {
        let cognito = Documented::answering(200, "{}");
        Pool::asking(cognito.client()).throw_password_away(&owner).await.unwrap();
        cognito.asked()
    };
    let (first, second) = (set().await, set().await);
    assert_eq!((&first["call"], &first["Username"]), (&json!("AdminSetUserPassword"), &json!(SUB)));
    assert_eq!((&first["Permanent"], first["Password"].as_str().unwrap().len()), (&json!(true), 43));
    assert_ne!(first["Password"], second["Password"]);
}

#[tokio::test]
async fn taking_all_tokens_back() {
    let cognito = account("CONFIRMED");
    let owner = Pool::asking(cognito.client()).find_account(&email()).await.unwrap();
    let cognito = Documented::answering(200, "{}");
    Pool::asking(cognito.client()).revoke_all_tokens(&owner).await.unwrap();
    assert_eq!(cognito.asked(), json!({ "call": "AdminUserGlobalSignOut", "UserPoolId": "pool", "Username": SUB }));
}

#[tokio::test]
async fn what_staff_change() {
    for (step, call, group) in [
        (Step::Grant(api::Group::Support), "AdminAddUserToGroup", json!("support")),
        (Step::Revoke(api::Group::Admin), "AdminRemoveUserFromGroup", json!("admin")),
        (Step::Enable, "AdminEnableUser", Value::Null),
        (Step::Disable, "AdminDisableUser", Value::Null),
        (Step::SignOut, "AdminUserGlobalSignOut", Value::Null),
        (Step::RemoveTotp, "AdminSetUserMFAPreference", Value::Null),
        (Step::SignOut, "AdminUserGlobalSignOut", Value::Null),
        (Step::RemoveTotp, "AdminSetUserMFAPreference", Value::Null),
    ] {
        let cognito = Documented::answering(200, "{}");
        Pool::asking(cognito.client()).tell(&id(), step).await.unwrap();
        let asked = cognito.asked();
        let seen = (&asked["call"], &asked["Username"], &asked["GroupName"]);
        assert_eq!(seen, (&json!(call), &json!(SUB), &group));

        for (error, message, answer) in [
            ("UserNotFoundException", "User does not exist.", Code::InternalError),
            ("ResourceNotFoundException", "Group not found.", Code::InternalError),
            ("NotAuthorizedException", "User is disabled.", Code::InternalError),
            ("TooManyRequestsException", "Rate exceeded", Code::TryAgain),
        ] {
            let outcome = refusing(error, message).tell(&id(), step).await;
            assert_eq!(code(outcome), answer, "{call}: {error}");
        }
    }
}

#[tokio::test]
async fn taking_an_authenticator_app_off() {
    let cognito = Documented::answering(200, "{}");
    Pool::asking(cognito.client()).tell(&id(), Step::RemoveTotp).await.unwrap();
    assert_eq!(cognito.asked()["SoftwareTokenMfaSettings"], json!({ "Enabled": false, "PreferredMfa": false }));
}

#[tokio::test]
async fn an_account_that_is_gone_already_is_deleted() {
    let cognito = Documented::answering(200, "{}");
    Pool::asking(cognito.client()).delete_account(&id()).await.unwrap();
    assert_eq!(cognito.asked(), json!({ "call": "AdminDeleteUser", "UserPoolId": "pool", "Username": SUB }));
    let gone = refusing("UserNotFoundException", "User does not exist.");
    assert!(gone.delete_account(&id()).await.is_ok());
    let busy = refusing("InternalErrorException", "");
    assert_eq!(code(busy.delete_account(&id()).await), Code::TryAgain);
}
