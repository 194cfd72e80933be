use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, ChallengeNameType};
use kernel::{Email, Locale};

use crate::cognito::app_client::AppClient;
use crate::cognito::{Proved, Refused, Tokens, client};
use crate::domain::{Name, Password};
use crate::handlers::answer_challenge::AnswerChallenge;
use crate::handlers::confirm::ConfirmAddress;
use crate::handlers::refresh_session::RefreshSession;
use crate::handlers::register::SignUp;
use crate::handlers::reset_password::SetPassword;
use crate::handlers::send_codes::MailCodes;
use crate::handlers::sign_in::CheckPassword;

/// The shop as an app client of the user pool: what people do for themselves. These calls need no permission but the client's secret.
#[derive(Debug, Clone)]
pub struct App {
    client: Client,
    app: AppClient,
}

impl App {
    /// The app client that `USER_POOL_CLIENT_ID` and `USER_POOL_CLIENT_SECRET` name.
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

impl SignUp for App {
    async fn sign_up(&self, email: &Email, password: &Password, name: &Name, locale: Locale) -> Result<(), Refused> {
        self.client
            .sign_up()
            .client_id(self.app.id())
            .secret_hash(self.app.hash(email.as_str()))
            .username(email.as_str())
            .password(password.as_str())
            .user_attributes(attribute("email", email.as_str()))
            .user_attributes(attribute("name", name.as_str()))
            .user_attributes(attribute("locale", locale.as_str()))
            .send()
            .await
            .map_err(Refused::from_sdk)?;
        Ok(())
    }
}

impl ConfirmAddress for App {
    async fn confirm_address(&self, email: &Email, code: &str) -> Result<(), Refused> {
        let call = self.client.confirm_sign_up().client_id(self.app.id()).secret_hash(self.app.hash(email.as_str()));
        call.username(email.as_str()).confirmation_code(code).send().await.map_err(Refused::from_sdk)?;
        Ok(())
    }
}

impl MailCodes for App {
    async fn mail_confirmation_code(&self, email: &Email) -> Result<(), Refused> {
        let call =
            self.client.resend_confirmation_code().client_id(self.app.id()).secret_hash(self.app.hash(email.as_str()));
        call.username(email.as_str()).send().await.map_err(Refused::from_sdk)?;
        Ok(())
    }

    async fn mail_reset_code(&self, email: &Email) -> Result<(), Refused> {
        let call = self.client.forgot_password().client_id(self.app.id()).secret_hash(self.app.hash(email.as_str()));
        call.username(email.as_str()).send().await.map_err(Refused::from_sdk)?;
        Ok(())
    }
}

impl SetPassword for App {
    async fn set_password(&self, email: &Email, code: &str, password: &Password) -> Result<(), Refused> {
        let call = self.client.confirm_forgot_password().client_id(self.app.id()).username(email.as_str());
        let call = call.secret_hash(self.app.hash(email.as_str()));
        call.confirmation_code(code).password(password.as_str()).send().await.map_err(Refused::from_sdk)?;
        Ok(())
    }
}

impl CheckPassword for App {
    async fn check_password(&self, email: &Email, password: &Password) -> Result<Proved, Refused> {
        let answer = show_password(&self.client, &self.app, email, password).await?;
        let known = answer.challenge_parameters.unwrap_or_default();
        let username = known.get("USER_ID_FOR_SRP").map_or(email.as_str(), String::as_str);
        let session = answer.session.map(|session| self.app.seal(email.as_str(), username, &session));
        Proved::read(answer.authentication_result, answer.challenge_name, session)
    }
}

impl AnswerChallenge for App {
    /// Cognito takes no address here, but the user name that it told with the challenge.
    async fn answer_challenge(&self, email: &Email, session: &str, code: &str) -> Result<Tokens, Refused> {
        let (username, session) = self.app.open(email.as_str(), session).ok_or(Refused::Credentials)?;
        let answer = self
            .client
            .respond_to_auth_challenge()
            .client_id(self.app.id())
            .challenge_name(ChallengeNameType::SoftwareTokenMfa)
            .session(session)
            .challenge_responses("USERNAME", username)
            .challenge_responses("SECRET_HASH", self.app.hash(username))
            .challenge_responses("SOFTWARE_TOKEN_MFA_CODE", code)
            .send()
            .await
            .map_err(Refused::from_sdk)?;
        Proved::read(answer.authentication_result, answer.challenge_name, answer.session)?.everything()
    }
}

impl RefreshSession for App {
    /// `InitiateAuth` would want a hash of the user name, which a refresh token does not tell.
    async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Refused> {
        let call = self.client.get_tokens_from_refresh_token().client_id(self.app.id());
        let call = call.client_secret(self.app.secret()).refresh_token(refresh_token);
        let answer = call.send().await.map_err(Refused::from_sdk)?;
        Proved::read(answer.authentication_result, None, None)?.everything()
    }
}

/// Asks Cognito, as the app client, whether this is the password of whoever has the address.
pub(super) async fn show_password(
    client: &Client,
    app: &AppClient,
    email: &Email,
    password: &Password,
) -> Result<InitiateAuthOutput, Refused> {
    client
        .initiate_auth()
        .client_id(app.id())
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .auth_parameters("USERNAME", email.as_str())
        .auth_parameters("PASSWORD", password.as_str())
        .auth_parameters("SECRET_HASH", app.hash(email.as_str()))
        .send()
        .await
        .map_err(Refused::from_sdk)
}

fn attribute(name: &str, value: &str) -> AttributeType {
    AttributeType::builder().name(name).value(value).build().expect("a name is given")
}
