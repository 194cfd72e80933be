use api::Code;
use kernel::Locale;
use serde_json::json;

use super::{Documented, code, email, password};
use crate::cognito::app_client::AppClient;
use crate::cognito::{App, Proved, Refused};
use crate::domain::Name;
use crate::handlers::answer_challenge::AnswerChallenge as _;
use crate::handlers::codes::not_this_code;
use crate::handlers::confirm::ConfirmAddress as _;
use crate::handlers::refresh_session::RefreshSession as _;
use crate::handlers::register::SignUp as _;
use crate::handlers::reset_password::SetPassword as _;
use crate::handlers::send_codes::MailCodes as _;
use crate::handlers::sign_in::CheckPassword as _;

fn answering(status: u16, body: impl Into<String>) -> App {
    App::asking(Documented::answering(status, body).client())
}

fn refusing(code: &str, message: &str) -> App {
    App::asking(Documented::refusing(code, message).client())
}

/// Of a challenge to Ada, as she got it.
fn session() -> String {
    AppClient::new("client", "secret").seal("ada@example.com", "b3f0c1de", "AYABeMlZ0mOFNoDrqUQeHFyU3Xk")
}

#[tokio::test]
async fn signing_in() {
    for (error, message, answer) in [
        ("NotAuthorizedException", "Incorrect username or password.", Code::CredentialsInvalid),
        ("NotAuthorizedException", "User is disabled.", Code::CredentialsInvalid),
        ("NotAuthorizedException", "Password attempts exceeded", Code::TooManyAttempts),
        ("UserNotFoundException", "User does not exist.", Code::CredentialsInvalid),
        ("UserNotConfirmedException", "User is not confirmed.", Code::UserNotConfirmed),
        ("PasswordResetRequiredException", "Password reset required for the user", Code::Forbidden),
        ("TooManyRequestsException", "Rate exceeded", Code::TryAgain),
        ("ResourceNotFoundException", "User pool client 1 does not exist.", Code::InternalError),
        ("NotAuthorizedException", "Unable to verify secret hash for client 1", Code::InternalError),
        (
            "NotAuthorizedException",
            "Client 1 is configured with secret but SECRET_HASH was not received",
            Code::InternalError,
        ),
        ("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client", Code::InternalError),
    ] {
        let outcome = refusing(error, message).check_password(&email(), &password()).await;
        assert_eq!(code(outcome), answer, "{error}: {message}");
    }
}

#[tokio::test]
async fn a_second_factor() {
    let challenge = json!({
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": "AYABeMlZ0mOFNoDrqUQeHFyU3Xk",
        "ChallengeParameters": { "USER_ID_FOR_SRP": "b3f0c1de", "FRIENDLY_DEVICE_NAME": "TOTP device" },
    });
    let proved = answering(200, challenge.to_string()).check_password(&email(), &password()).await;
    assert!(matches!(proved, Ok(Proved::Password { session: shown }) if shown == session()));
    for (error, message, answer) in [
        ("CodeMismatchException", "Invalid code received for user", Code::CodeMismatch),
        ("ExpiredCodeException", "Your software token has already been used once.", Code::CodeExpired),
        ("NotAuthorizedException", "Invalid session for the user, session is expired.", Code::CredentialsInvalid),
        ("NotAuthorizedException", "Invalid session for the user.", Code::CredentialsInvalid),
    ] {
        let outcome = refusing(error, message).answer_challenge(&email(), &session(), "123456").await;
        assert_eq!(code(outcome), answer, "{error}: {message}");
    }
}

#[tokio::test]
async fn a_session_that_was_not_handed_out_to_the_address_does_not_reach_cognito() {
    let cognito = Documented::refusing("CodeMismatchException", "Invalid code received for user");
    let app = App::asking(cognito.client());
    let eve = kernel::Email::parse("eve@example.com").unwrap();
    assert_eq!(code(app.answer_challenge(&eve, &session(), "123456").await), Code::CredentialsInvalid);
    for foreign in ["another", "AYABeMlZ0mOFNoDrqUQeHFyU3Xk", &format!("{}x", session())] {
        assert_eq!(code(app.answer_challenge(&email(), foreign, "123456").await), Code::CredentialsInvalid);
    }
    assert!(cognito.calls().is_empty());
}

#[tokio::test]
async fn refreshing() {
    for message in ["Invalid Refresh Token", "Refresh Token has been revoked", "Refresh Token has expired"] {
        let outcome = refusing("NotAuthorizedException", message).refresh_session("token").await;
        assert_eq!(code(outcome), Code::CredentialsInvalid, "{message}");
    }
}

#[tokio::test]
async fn registering() {
    let name = Name::parse("Ada").unwrap();
    for (error, message, answer) in [
        (
            "InvalidPasswordException",
            "Password did not conform with policy: Password not long enough",
            Code::PasswordTooWeak,
        ),
        ("CodeDeliveryFailureException", "Could not send the message.", Code::TryAgain),
        ("TooManyRequestsException", "Too many requests", Code::TryAgain),
        (
            "LimitExceededException",
            "Exceeded daily email limit for the operation or the account.",
            Code::TooManyAttempts,
        ),
    ] {
        let outcome = refusing(error, message).sign_up(&email(), &password(), &name, Locale::En).await;
        assert_eq!(code(outcome), answer, "{error}: {message}");
    }
    for message in ["User already exists", "An account with the given email already exists."] {
        let taken =
            refusing("UsernameExistsException", message).sign_up(&email(), &password(), &name, Locale::En).await;
        assert!(matches!(taken, Err(Refused::AddressTaken)), "{message}");
    }
}

#[tokio::test]
async fn entering_a_code() {
    for (error, message) in [
        ("CodeMismatchException", "Invalid verification code provided, please try again."),
        ("ExpiredCodeException", "Invalid code provided, please request a code again."),
        ("LimitExceededException", "Attempt limit exceeded, please try after some time."),
        ("TooManyFailedAttemptsException", "Too many failed attempts"),
        ("UserNotFoundException", "Username/client id combination not found."),
        ("UserNotConfirmedException", "User is not confirmed."),
        ("NotAuthorizedException", "User cannot be confirmed. Current status is DISABLED"),
    ] {
        let app = refusing(error, message);
        let confirmed = app.confirm_address(&email(), "123456").await.map_err(not_this_code);
        let reset = app.set_password(&email(), "123456", &password()).await.map_err(not_this_code);
        for outcome in [confirmed, reset] {
            assert_eq!(outcome.unwrap_err().code(), Code::CodeMismatch, "{error}: {message}");
        }
    }
    let message = "User cannot be confirmed. Current status is CONFIRMED";
    let again = refusing("NotAuthorizedException", message).confirm_address(&email(), "123456").await;
    assert!(matches!(again, Err(Refused::AlreadyConfirmed)));
    let weak = "Password does not conform to policy: Password not long enough";
    let outcome = refusing("InvalidPasswordException", weak).set_password(&email(), "123456", &password()).await;
    assert_eq!(outcome.map_err(not_this_code).unwrap_err().detail(), "Password not long enough.");
}

#[tokio::test]
async fn asking_for_a_code() {
    let unverified = "Cannot reset password for the user as there is no registered/verified email or phone_number";
    let outcome = refusing("InvalidParameterException", unverified).mail_reset_code(&email()).await;
    assert!(matches!(outcome, Err(Refused::NotConfirmed)));
    let confirmed = "User is already confirmed.";
    let outcome = refusing("InvalidParameterException", confirmed).mail_confirmation_code(&email()).await;
    assert!(matches!(outcome, Err(Refused::AlreadyConfirmed)));
    let state = "User password cannot be reset in the current state.";
    let outcome = refusing("NotAuthorizedException", state).mail_reset_code(&email()).await;
    assert!(matches!(outcome, Err(Refused::Credentials)));
    let limit = "Attempt limit exceeded, please try after some time.";
    let outcome = refusing("LimitExceededException", limit).mail_reset_code(&email()).await;
    assert!(matches!(outcome, Err(Refused::TooManyAttempts { retry_after: 900 })));
}

#[tokio::test]
async fn a_pool_in_trouble_is_worth_another_try() {
    let internal = r#"{"__type":"InternalErrorException","message":""}"#;
    for (status, body) in
        [(500, internal), (503, ""), (400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#)]
    {
        let outcome = answering(status, body).check_password(&email(), &password()).await;
        assert_eq!(code(outcome), Code::TryAgain, "{status} {body}");
    }
}

#[tokio::test]
async fn every_call_shows_that_it_comes_from_the_shop() {
    let app = AppClient::new("client", "secret");
    let (hash, ada) = (app.hash("ada@example.com"), "ada@example.com");
    let name = Name::parse("Ada").unwrap();
    let cognito = || Documented::refusing("TooManyRequestsException", "Rate exceeded");

    for call in ["SignUp", "ConfirmSignUp", "ResendConfirmationCode", "ForgotPassword", "ConfirmForgotPassword"] {
        let cognito = cognito();
        let asking = App::asking(cognito.client());
        let refused = match call {
            "SignUp" => asking.sign_up(&email(), &password(), &name, Locale::De).await,
            "ConfirmSignUp" => asking.confirm_address(&email(), "123456").await,
            "ResendConfirmationCode" => asking.mail_confirmation_code(&email()).await,
            "ForgotPassword" => asking.mail_reset_code(&email()).await,
            _ => asking.set_password(&email(), "123456", &password()).await,
        };
        assert_eq!(code(refused), Code::TryAgain);
        let asked = cognito.asked();
        let seen = (&asked["call"], &asked["ClientId"], &asked["Username"], &asked["SecretHash"]);
        assert_eq!(seen, (&json!(call), &json!("client"), &json!(ada), &json!(hash)));
    }

    let signing_in = cognito();
    let _ = App::asking(signing_in.client()).check_password(&email(), &password()).await;
    let given = json!({ "USERNAME": ada, "PASSWORD": "correct horse", "SECRET_HASH": hash });
    assert_eq!(signing_in.asked()["AuthParameters"], given);

    let answering = cognito();
    let _ = App::asking(answering.client()).answer_challenge(&email(), &session(), "123456").await;
    let asked = answering.asked();
    let responses =
        json!({ "USERNAME": "b3f0c1de", "SECRET_HASH": app.hash("b3f0c1de"), "SOFTWARE_TOKEN_MFA_CODE": "123456" });
    let session = json!("AYABeMlZ0mOFNoDrqUQeHFyU3Xk");
    assert_eq!((&asked["ChallengeResponses"], &asked["Session"]), (&responses, &session));

    let refreshing = cognito();
    let _ = App::asking(refreshing.client()).refresh_session("a.b-c").await;
    let asked = json!({
        "call": "GetTokensFromRefreshToken", "ClientId": "client", "ClientSecret": "secret", "RefreshToken": "a.b-c",
    });
    assert_eq!(refreshing.asked(), asked);
}

#[tokio::test]
async fn the_tokens_of_a_refresh() {
    let tokens = json!({ "AuthenticationResult": {
        "AccessToken": "access", "IdToken": "id", "ExpiresIn": 900, "TokenType": "Bearer",
    } });
    let tokens =
        answering(200, tokens.to_string()).refresh_session("a.b-c").await.unwrap_or_else(|_| panic!("refused"));
    assert_eq!((tokens.access_token.as_str(), tokens.id_token.as_str(), tokens.expires_in), ("access", "id", 900));
    assert_eq!(tokens.refresh_token, None);
}
