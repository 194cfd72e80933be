use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType};
use kernel::{Email, Locale};

use crate::cognito::{Refused, Tokens, client};
use crate::domain::{Name, Password};
use crate::handlers::confirm::ConfirmAddress;
use crate::handlers::refresh_session::RefreshSession;
use crate::handlers::register::SignUp;
use crate::handlers::sign_in::CheckPassword;

/// The shop as an app client of the user pool: what people do for themselves. These calls need no permission.
#[derive(Debug, Clone)]
pub struct App {
    client: Client,
    client_id: String,
}

impl App {
    /// The app client that `USER_POOL_CLIENT_ID` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let client_id = aws::env::required("USER_POOL_CLIENT_ID")?;
        Ok(Self { client: client().await, client_id })
    }

    async fn initiate<const N: usize>(
        &self,
        flow: AuthFlowType,
        parameters: [(&str, &str); N],
    ) -> Result<Tokens, Refused> {
        let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let answer = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(flow)
            .set_auth_parameters(Some(parameters))
            .send()
            .await
            .map_err(Refused::from_sdk)?;
        match (answer.authentication_result, answer.challenge_name) {
            (Some(result), _) => Tokens::read(result),
            (None, Some(challenge)) => Err(Refused::Unfinished(format!("the step {challenge}"))),
            (None, None) => Err(Refused::failed("Cognito's answer has neither tokens nor a challenge")),
        }
    }
}

impl SignUp for App {
    async fn sign_up(&self, email: &Email, password: &Password, name: &Name, locale: Locale) -> Result<(), Refused> {
        self.client
            .sign_up()
            .client_id(&self.client_id)
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
        self.client
            .confirm_sign_up()
            .client_id(&self.client_id)
            .username(email.as_str())
            .confirmation_code(code)
            .send()
            .await
            .map_err(Refused::from_sdk)?;
        Ok(())
    }
}

impl CheckPassword for App {
    async fn check_password(&self, email: &Email, password: &Password) -> Result<Tokens, Refused> {
        let parameters = [("USERNAME", email.as_str()), ("PASSWORD", password.as_str())];
        self.initiate(AuthFlowType::UserPasswordAuth, parameters).await
    }
}

impl RefreshSession for App {
    async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Refused> {
        self.initiate(AuthFlowType::RefreshTokenAuth, [("REFRESH_TOKEN", refresh_token)]).await
    }
}

fn attribute(name: &str, value: &str) -> AttributeType {
    AttributeType::builder().name(name).value(value).build().expect("a name is given")
}
