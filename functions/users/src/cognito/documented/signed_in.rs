use api::Code;
use serde_json::json;

use super::{Documented, code, email, password};
use crate::cognito::app_client::AppClient;
use crate::cognito::{Refused, SignedIn};
use crate::domain::{AccessToken, Password};
use crate::handlers::begin_totp::BeginTotp as _;
use crate::handlers::change_email::MailCode as _;
use crate::handlers::change_password::ReplacePassword as _;
use crate::handlers::confirm_email::VerifyEmail as _;
use crate::handlers::enable_totp::EnableTotp as _;
use crate::handlers::proof::ProvePassword as _;
use crate::handlers::remove_totp::DisableTotp as _;
use crate::handlers::sign_out::RevokeTokens as _;

fn answering(body: impl Into<String>) -> SignedIn {
    SignedIn::asking(Documented::answering(200, body).client())
}

fn refusing(code: &str, message: &str) -> SignedIn {
    SignedIn::asking(Documented::refusing(code, message).client())
}

fn token() -> AccessToken {
    AccessToken::of_header("Bearer token")
}

fn another() -> Password {
    Password::parse("battery staple".to_owned()).unwrap()
}

#[tokio::test]
async fn replacing_a_password() {
    for (error, message, answer) in [
        ("NotAuthorizedException", "Incorrect username or password.", Code::CredentialsInvalid),
        ("NotAuthorizedException", "Access Token has been revoked", Code::Unauthenticated),
        (
            "InvalidPasswordException",
            "Password does not conform to policy: Password not long enough",
            Code::PasswordTooWeak,
        ),
        ("PasswordHistoryPolicyViolationException", "Password has been used before.", Code::PasswordTooWeak),
        ("LimitExceededException", "Attempt limit exceeded, please try after some time.", Code::TooManyAttempts),
        ("PasswordResetRequiredException", "Password reset required for the user", Code::Forbidden),
        ("TooManyRequestsException", "Rate exceeded", Code::TryAgain),
    ] {
        let outcome = refusing(error, message).replace_password(&token(), &password(), &another()).await;
        assert_eq!(code(outcome), answer, "{error}: {message}");
    }
    let cognito = Documented::answering(200, "{}");
    SignedIn::asking(cognito.client()).replace_password(&token(), &password(), &another()).await.unwrap();
    let asked = json!({
        "call": "ChangePassword", "AccessToken": "token", "PreviousPassword": "correct horse",
        "ProposedPassword": "battery staple",
    });
    assert_eq!(cognito.asked(), asked);
}

#[tokio::test]
async fn an_old_password_that_cognito_would_not_look_at_is_a_wrong_one() {
    let cognito = Documented::refusing("InvalidParameterException", "1 validation error detected");
    for old in [" correct horse", "correct horse ", "x", "correct\nhorse"] {
        let old = Password::parse(old.to_owned()).unwrap();
        let outcome = SignedIn::asking(cognito.client()).replace_password(&token(), &old, &another()).await;
        assert!(matches!(outcome, Err(Refused::Credentials)), "{old:?}");
    }
    assert!(cognito.calls().is_empty());
}

#[tokio::test]
async fn showing_the_password_again() {
    for challenge in ["SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED"] {
        let answer = json!({ "ChallengeName": challenge, "Session": "AYABeMlZ0mOFNoDrqUQeHFyU3Xk" }).to_string();
        let is_right = answering(answer).prove_password(&email(), &password()).await.is_ok();
        assert_eq!(is_right, challenge == "SOFTWARE_TOKEN_MFA", "{challenge}");
    }
    for (message, answer) in [
        ("Incorrect username or password.", Code::CredentialsInvalid),
        ("Password attempts exceeded", Code::TooManyAttempts),
        ("Unable to verify secret hash for client 1", Code::InternalError),
    ] {
        let outcome = refusing("NotAuthorizedException", message).prove_password(&email(), &password()).await;
        assert_eq!(code(outcome), answer, "{message}");
    }
    let tokens = json!({ "AuthenticationResult": { "AccessToken": "a", "IdToken": "i", "ExpiresIn": 900 } });
    let cognito = Documented::answering(200, tokens.to_string());
    SignedIn::asking(cognito.client()).prove_password(&email(), &password()).await.unwrap();
    let hash = AppClient::new("client", "secret").hash("ada@example.com");
    let given = json!({ "USERNAME": "ada@example.com", "PASSWORD": "correct horse", "SECRET_HASH": hash });
    assert_eq!(cognito.asked()["AuthParameters"], given);
}

#[tokio::test]
async fn another_address() {
    for (error, message, answer) in [
        ("CodeDeliveryFailureException", "Could not send the message.", Code::TryAgain),
        ("LimitExceededException", "Attempt limit exceeded, please try after some time.", Code::TooManyAttempts),
        ("AliasExistsException", "An account with the email already exists.", Code::CodeMismatch),
    ] {
        let outcome = refusing(error, message).mail_code(&token(), &email()).await;
        assert_eq!(code(outcome), answer, "{error}: {message}");
    }
    for (error, message, answer) in [
        ("CodeMismatchException", "Invalid verification code provided, please try again.", Code::CodeMismatch),
        ("ExpiredCodeException", "Invalid code provided, please request a code again.", Code::CodeExpired),
        ("LimitExceededException", "Attempt limit exceeded, please try after some time.", Code::TooManyAttempts),
        ("AliasExistsException", "An account with the email already exists.", Code::CodeMismatch),
    ] {
        let outcome = refusing(error, message).verify_email(&token(), "123456").await;
        assert_eq!(code(outcome), answer, "{error}: {message}");
    }
    let account = json!({ "Username": "b3f0c1de", "UserAttributes": [
        { "Name": "email", "Value": "Ada@example.com" },
        { "Name": "email_verified", "Value": "true" },
        { "Name": "sub", "Value": "b3f0c1de" },
    ] });
    assert_eq!(answering(account.to_string()).verified_email(&token()).await.unwrap(), email());
}

#[tokio::test]
async fn an_authenticator_app() {
    let secret = json!({ "SecretCode": "JBSWY3DPEHPK3PXP", "Session": "AYABeMlZ0mOFNoDrqUQeHFyU3Xk" });
    let secret = answering(secret.to_string()).begin_totp(&token()).await.unwrap();
    assert_eq!(secret.as_str(), "JBSWY3DPEHPK3PXP");
    let busy = refusing("ConcurrentModificationException", "Another change is under way.").begin_totp(&token()).await;
    assert_eq!(code(busy), Code::TryAgain);
    for (error, message) in [
        ("EnableSoftwareTokenMFAException", "Code mismatch"),
        ("CodeMismatchException", "Invalid code received for user"),
    ] {
        let outcome = refusing(error, message).enable_totp(&token(), "123456").await;
        assert_eq!(code(outcome), Code::CodeMismatch, "{error}: {message}");
    }
    let cognito = Documented::answering(200, r#"{"Status":"SUCCESS"}"#);
    SignedIn::asking(cognito.client()).enable_totp(&token(), "123456").await.unwrap();
    assert_eq!(cognito.calls(), ["VerifySoftwareToken", "SetUserMFAPreference"]);

    let cognito = Documented::answering(200, "{}");
    SignedIn::asking(cognito.client()).disable_totp(&token()).await.unwrap();
    let off = json!({ "Enabled": false, "PreferredMfa": false });
    assert_eq!(cognito.asked()["SoftwareTokenMfaSettings"], off);
}

#[tokio::test]
async fn a_code_that_did_not_verify_turns_nothing_on_though_it_is_no_error() {
    let cognito = Documented::answering(200, r#"{"Status":"ERROR"}"#);
    let outcome = SignedIn::asking(cognito.client()).enable_totp(&token(), "123456").await;
    assert!(matches!(outcome, Err(Refused::WrongCode)));
    assert_eq!(cognito.calls(), ["VerifySoftwareToken"]);
}

#[tokio::test]
async fn whose_account_is_gone_or_disabled_or_signed_out_has_no_session() {
    for (error, message) in [
        ("UserNotFoundException", "User does not exist."),
        ("NotAuthorizedException", "User is disabled."),
        ("NotAuthorizedException", "Access Token has been revoked"),
        ("NotAuthorizedException", "Access Token has expired"),
        ("NotAuthorizedException", "Invalid Access Token"),
    ] {
        let cognito = refusing(error, message);
        let outcomes = [
            cognito.mail_code(&token(), &email()).await,
            cognito.verify_email(&token(), "123456").await,
            cognito.verified_email(&token()).await.map(drop),
            cognito.begin_totp(&token()).await.map(drop),
            cognito.enable_totp(&token(), "123456").await,
            cognito.disable_totp(&token()).await,
            cognito.revoke_tokens(&token()).await,
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Refused::SessionOver)), "{error}: {message}");
        }
    }
    let gone = refusing("UserNotFoundException", "User does not exist.");
    let outcome = gone.replace_password(&token(), &password(), &another()).await;
    assert!(matches!(outcome, Err(Refused::SessionOver)));
}
