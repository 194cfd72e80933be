//! Cognito's errors, read once for all calls.

use api::{Code, Problem};
use aws_sdk_cognitoidentityprovider::error::{BoxError, ProvideErrorMetadata, SdkError};

/// How long Cognito keeps an address from trying again after too many wrong passwords; it doubles up to a quarter of an hour.
const PASSWORD_PAUSE: u32 = 60;
/// The same for codes and mails.
const CODE_PAUSE: u32 = 900;

/// Why Cognito did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Somebody has registered with this address. Never told to the caller.
    #[error("the address is taken")]
    AddressTaken,
    /// The address was confirmed before.
    #[error("the address is confirmed already")]
    AlreadyConfirmed,
    /// Cognito has done what it was asked, and the mail with the code did not leave.
    #[error("the code was not mailed")]
    NotMailed,
    /// The pool's policy wants another password, for this reason.
    #[error("the password is too weak")]
    WeakPassword(String),
    #[error("the code is wrong")]
    WrongCode,
    #[error("the code has expired")]
    ExpiredCode,
    /// Wrong password or token, no such account, or a disabled one: not told apart.
    #[error("the credentials are wrong")]
    Credentials,
    /// The access token was taken back, or has expired since the gateway looked.
    #[error("the session is over")]
    SessionOver,
    #[error("the address is not confirmed")]
    NotConfirmed,
    /// The password was right and is no longer good.
    #[error("the password has to be replaced")]
    ResetRequired,
    /// The password was right, but Cognito wants something more first.
    #[error("signing in needs {0}")]
    Unfinished(String),
    #[error("too many attempts")]
    TooManyAttempts { retry_after: u32 },
    /// Nobody answered, or Cognito is throttled.
    #[error("Cognito is too busy")]
    Busy(#[source] BoxError),
    /// Anything else, which is a fault of ours.
    #[error("the call to Cognito failed")]
    Failed(#[source] BoxError),
}

impl Refused {
    pub(crate) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let Some(answer) = error.as_service_error() else { return Self::Busy(Box::new(error)) };
        match read(answer.code().unwrap_or_default(), answer.message().unwrap_or_default()) {
            Some(refused) => refused,
            None if is_passing(answer.code()) => Self::Busy(Box::new(error)),
            None => Self::Failed(Box::new(error)),
        }
    }

    pub(crate) fn failed(cause: impl Into<BoxError>) -> Self {
        Self::Failed(cause.into())
    }
}

/// What an error means, where it means something to the caller. Some codes stand for several things and only the message tells.
fn read(code: &str, message: &str) -> Option<Refused> {
    match code {
        "UsernameExistsException" => Some(Refused::AddressTaken),
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => {
            Some(Refused::WeakPassword(rule(message)))
        }
        "CodeMismatchException" | "AliasExistsException" | "EnableSoftwareTokenMFAException" => {
            Some(Refused::WrongCode)
        }
        "ExpiredCodeException" => Some(Refused::ExpiredCode),
        "CodeDeliveryFailureException" => Some(Refused::NotMailed),
        "UserNotConfirmedException" => Some(Refused::NotConfirmed),
        "UserNotFoundException" => Some(Refused::Credentials),
        "PasswordResetRequiredException" => Some(Refused::ResetRequired),
        "TooManyFailedAttemptsException" | "LimitExceededException" => {
            Some(Refused::TooManyAttempts { retry_after: CODE_PAUSE })
        }
        "NotAuthorizedException" if message.ends_with("Current status is CONFIRMED") => Some(Refused::AlreadyConfirmed),
        "NotAuthorizedException" if message.contains("attempts exceeded") => {
            Some(Refused::TooManyAttempts { retry_after: PASSWORD_PAUSE })
        }
        "NotAuthorizedException" if message.to_ascii_lowercase().contains("access token") => Some(Refused::SessionOver),
        // Of the app client, which is ours to know.
        "NotAuthorizedException" if message.to_ascii_lowercase().contains("secret") => None,
        "NotAuthorizedException" => Some(Refused::Credentials),
        "InvalidParameterException" if message.contains("no registered/verified email") => Some(Refused::NotConfirmed),
        "InvalidParameterException" if message.contains("already confirmed") => Some(Refused::AlreadyConfirmed),
        _ => None,
    }
}

/// Where another try may do: what answers without a code is not Cognito itself.
fn is_passing(code: Option<&str>) -> bool {
    let passing = [
        "TooManyRequestsException",
        "ThrottlingException",
        "InternalErrorException",
        "ConcurrentModificationException",
    ];
    code.is_none_or(|code| passing.contains(&code))
}

/// `Password did not conform with policy: Password not long enough` → the part that helps.
fn rule(message: &str) -> String {
    let rule = message.rsplit(": ").next().unwrap_or_default().trim_end_matches('.');
    if rule.is_empty() { Code::PasswordTooWeak.title().to_owned() } else { format!("{rule}.") }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::AddressTaken | Refused::AlreadyConfirmed => Problem::internal(refused),
            Refused::WeakPassword(rule) => Problem::detailed(Code::PasswordTooWeak, rule).at("/password"),
            Refused::WrongCode => Problem::new(Code::CodeMismatch).at("/code"),
            Refused::ExpiredCode => Problem::new(Code::CodeExpired).at("/code"),
            Refused::Credentials => Problem::new(Code::CredentialsInvalid),
            Refused::SessionOver => Problem::new(Code::Unauthenticated),
            Refused::NotConfirmed => Problem::new(Code::UserNotConfirmed),
            Refused::ResetRequired => Problem::detailed(
                Code::Forbidden,
                "This account needs another password; ask for a code with POST /v1/password-resets.",
            ),
            Refused::Unfinished(ref wanted) => {
                let detail = format!("Signing in to this account needs {wanted}, which this API does not offer yet.");
                Problem::detailed(Code::Forbidden, detail).because(refused)
            }
            Refused::TooManyAttempts { retry_after } => Problem::new(Code::TooManyAttempts).retry_after(retry_after),
            // The next try mails it.
            Refused::Busy(_) | Refused::NotMailed => Problem::new(Code::TryAgain).because(refused),
            Refused::Failed(_) => Problem::internal(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cognitoidentityprovider::error::ErrorMetadata;
    use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthError;

    use super::*;

    fn problem(code: &str, message: &str) -> Problem {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        Refused::from_sdk(SdkError::service_error(InitiateAuthError::generic(metadata), ())).into()
    }

    #[test]
    fn each_of_cognitos_errors_becomes_one_code() {
        let locked = "Password attempts exceeded";
        let policy = "Password did not conform with policy: Password not long enough";
        for (code, message, answer) in [
            ("InvalidPasswordException", policy, Code::PasswordTooWeak),
            ("CodeMismatchException", "Invalid verification code provided, please try again.", Code::CodeMismatch),
            ("AliasExistsException", "An account with the email already exists.", Code::CodeMismatch),
            ("EnableSoftwareTokenMFAException", "Code mismatch", Code::CodeMismatch),
            ("ExpiredCodeException", "Invalid code provided, please request a code again.", Code::CodeExpired),
            ("NotAuthorizedException", "Incorrect username or password.", Code::CredentialsInvalid),
            ("NotAuthorizedException", "User is disabled.", Code::CredentialsInvalid),
            ("NotAuthorizedException", "Invalid Refresh Token", Code::CredentialsInvalid),
            ("NotAuthorizedException", "Refresh Token has been revoked", Code::CredentialsInvalid),
            ("UserNotFoundException", "User does not exist.", Code::CredentialsInvalid),
            ("NotAuthorizedException", "Access Token has been revoked", Code::Unauthenticated),
            ("NotAuthorizedException", "Access Token has expired", Code::Unauthenticated),
            ("NotAuthorizedException", locked, Code::TooManyAttempts),
            ("LimitExceededException", "Attempt limit exceeded, please try after some time.", Code::TooManyAttempts),
            ("TooManyFailedAttemptsException", "", Code::TooManyAttempts),
            ("UserNotConfirmedException", "User is not confirmed.", Code::UserNotConfirmed),
            ("PasswordResetRequiredException", "Password reset required for the user", Code::Forbidden),
            ("CodeDeliveryFailureException", "Unable to deliver message", Code::TryAgain),
            ("TooManyRequestsException", "Rate exceeded", Code::TryAgain),
            ("InternalErrorException", "", Code::TryAgain),
            ("NotAuthorizedException", "Unable to verify secret hash for client 1", Code::InternalError),
            ("NotAuthorizedException", "SecretHash does not match for the client: 1", Code::InternalError),
            ("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client", Code::InternalError),
            ("ResourceNotFoundException", "User pool client does not exist.", Code::InternalError),
            ("SomethingNewException", "", Code::InternalError),
        ] {
            assert_eq!(problem(code, message).code(), answer, "{code}: {message}");
        }
    }

    #[test]
    fn an_unknown_account_and_a_wrong_password_are_answered_alike() {
        let unknown = problem("UserNotFoundException", "User does not exist.");
        let wrong = problem("NotAuthorizedException", "Incorrect username or password.");
        assert_eq!((unknown.code(), unknown.detail()), (wrong.code(), wrong.detail()));
    }

    #[test]
    fn a_weak_password_is_told_the_rule() {
        let message = "Password did not conform with policy: Password must have numeric characters";
        assert_eq!(problem("InvalidPasswordException", message).detail(), "Password must have numeric characters.");
    }

    #[test]
    fn only_a_confirmed_account_counts_as_confirmed() {
        let status = |status: &str| {
            read("NotAuthorizedException", &format!("User cannot be confirmed. Current status is {status}"))
        };
        assert!(matches!(status("CONFIRMED"), Some(Refused::AlreadyConfirmed)));
        assert!(matches!(status("RESET_REQUIRED"), Some(Refused::Credentials)));
    }

    #[test]
    fn no_answer_at_all_is_worth_another_try() {
        let refused = Refused::from_sdk(SdkError::<InitiateAuthError, ()>::timeout_error("slow"));
        assert_eq!(Problem::from(refused).code(), Code::TryAgain);
    }
}
