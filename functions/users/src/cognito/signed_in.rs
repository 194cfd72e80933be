use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, ChallengeNameType, SoftwareTokenMfaSettingsType, VerifySoftwareTokenResponseType,
};
use kernel::Email;

use crate::cognito::app::show_password;
use crate::cognito::app_client::AppClient;
use crate::cognito::{Refused, client};
use crate::domain::{AccessToken, Password, TotpSecret};
use crate::handlers::begin_totp::BeginTotp;
use crate::handlers::change_email::MailCode;
use crate::handlers::change_password::ReplacePassword;
use crate::handlers::confirm_email::VerifyEmail;
use crate::handlers::enable_totp::EnableTotp;
use crate::handlers::proof::ProvePassword;
use crate::handlers::remove_totp::DisableTotp;
use crate::handlers::sign_out::RevokeTokens;

/// Cognito, asked in the name of somebody who is signed in: their access token is all the permission it takes. Asking for their password
/// again takes the app client besides; where nobody does, there is none (`SignedIn<()>`).
#[derive(Debug, Clone)]
pub struct SignedIn<A = AppClient> {
    client: Client,
    app: A,
}

impl SignedIn {
    /// Those who signed in through the app client that `USER_POOL_CLIENT_ID` and `USER_POOL_CLIENT_SECRET` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let app = AppClient::from_env()?;
        Ok(Self { client: client().await, app })
    }

    /// A client that tests answer.
    #[cfg(test)]
    pub(crate) fn asking(client: Client) -> Self {
        Self { client, app: AppClient::new("client", "secret") }
    }
}

impl SignedIn<()> {
    /// Those whose token is enough.
    pub async fn by_token() -> Self {
        Self { client: client().await, app: () }
    }
}

impl<A> SignedIn<A> {
    async fn prefer_totp(&self, token: &AccessToken, is_on: bool) -> Result<(), Refused> {
        let settings = SoftwareTokenMfaSettingsType::builder().enabled(is_on).preferred_mfa(is_on).build();
        self.client
            .set_user_mfa_preference()
            .access_token(token.as_str())
            .software_token_mfa_settings(settings)
            .send()
            .await
            .map_err(refused)?;
        Ok(())
    }
}

/// What the token no longer opens, because the account is gone or disabled, is not a wrong password.
fn refused<E, R>(error: SdkError<E, R>) -> Refused
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match Refused::from_sdk(error) {
        Refused::Credentials => Refused::SessionOver,
        refused => refused,
    }
}

impl ProvePassword for SignedIn {
    /// Cognito asks for the code of the authenticator app only once the password is right.
    async fn prove_password(&self, email: &Email, password: &Password) -> Result<(), Refused> {
        let answer = show_password(&self.client, &self.app, email, password).await?;
        match (answer.authentication_result, answer.challenge_name) {
            (Some(_), _) | (None, Some(ChallengeNameType::SoftwareTokenMfa)) => Ok(()),
            (None, challenge) => Err(Refused::failed(format!("a password was answered with the step {challenge:?}"))),
        }
    }
}

impl<A> ReplacePassword for SignedIn<A> {
    async fn replace_password(&self, token: &AccessToken, old: &Password, new: &Password) -> Result<(), Refused> {
        if !old.is_possible() {
            return Err(Refused::Credentials);
        }
        let call = self.client.change_password().access_token(token.as_str());
        let answer = call.previous_password(old.as_str()).proposed_password(new.as_str()).send().await;
        answer.map(drop).map_err(|error| match error.code() {
            Some("UserNotFoundException") => Refused::SessionOver,
            _ => Refused::from_sdk(error),
        })
    }
}

impl<A> MailCode for SignedIn<A> {
    /// The pool keeps the old address until the new one is verified (`AttributesRequireVerificationBeforeUpdate`).
    async fn mail_code(&self, token: &AccessToken, email: &Email) -> Result<(), Refused> {
        let attribute = AttributeType::builder().name("email").value(email.as_str()).build();
        self.client
            .update_user_attributes()
            .access_token(token.as_str())
            .user_attributes(attribute.expect("a name is given"))
            .send()
            .await
            .map_err(refused)?;
        Ok(())
    }
}

impl<A> VerifyEmail for SignedIn<A> {
    async fn verify_email(&self, token: &AccessToken, code: &str) -> Result<(), Refused> {
        self.client
            .verify_user_attribute()
            .access_token(token.as_str())
            .attribute_name("email")
            .code(code)
            .send()
            .await
            .map_err(refused)?;
        Ok(())
    }

    async fn verified_email(&self, token: &AccessToken) -> Result<Email, Refused> {
        let answer = self.client.get_user().access_token(token.as_str()).send().await.map_err(refused)?;
        let email = answer.user_attributes().iter().find(|attribute| attribute.name() == "email");
        let email = email.and_then(|attribute| attribute.value()).ok_or_else(|| Refused::failed("nobody's address"))?;
        Email::parse(email).map_err(Refused::failed)
    }
}

impl<A> BeginTotp for SignedIn<A> {
    async fn begin_totp(&self, token: &AccessToken) -> Result<TotpSecret, Refused> {
        let answer =
            self.client.associate_software_token().access_token(token.as_str()).send().await.map_err(refused)?;
        let secret = answer.secret_code.ok_or_else(|| Refused::failed("Cognito's answer has no secret"))?;
        Ok(TotpSecret::new(secret))
    }
}

impl<A> EnableTotp for SignedIn<A> {
    /// Twice the same is as once: a verified app is verified again by its next code.
    async fn enable_totp(&self, token: &AccessToken, code: &str) -> Result<(), Refused> {
        let call = self.client.verify_software_token().access_token(token.as_str()).user_code(code);
        let answer = call.send().await.map_err(refused)?;
        // Not every code that is wrong is an error.
        if answer.status == Some(VerifySoftwareTokenResponseType::Error) {
            return Err(Refused::WrongCode);
        }
        self.prefer_totp(token, true).await
    }
}

impl<A> DisableTotp for SignedIn<A> {
    async fn disable_totp(&self, token: &AccessToken) -> Result<(), Refused> {
        self.prefer_totp(token, false).await
    }
}

impl<A> RevokeTokens for SignedIn<A> {
    async fn revoke_tokens(&self, token: &AccessToken) -> Result<(), Refused> {
        self.client.global_sign_out().access_token(token.as_str()).send().await.map_err(refused)?;
        Ok(())
    }
}
