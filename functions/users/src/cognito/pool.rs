use aws_sdk_cognitoidentityprovider::Client;
use kernel::Email;

use crate::cognito::{Refused, client};
use crate::domain::Account;
use crate::handlers::confirm::FindAccount;

/// The user pool as its owner sees it. Each call needs its own permission.
#[derive(Debug, Clone)]
pub struct Pool {
    client: Client,
    id: String,
}

impl Pool {
    /// The user pool that `USER_POOL_ID` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let id = aws::env::required("USER_POOL_ID")?;
        Ok(Self { client: client().await, id })
    }
}

impl FindAccount for Pool {
    async fn find_account(&self, email: &Email) -> Result<Account, Refused> {
        let answer = self
            .client
            .admin_get_user()
            .user_pool_id(&self.id)
            .username(email.as_str())
            .send()
            .await
            .map_err(Refused::from_sdk)?;
        let attribute = |name: &str| {
            answer
                .user_attributes()
                .iter()
                .find(|attribute| attribute.name() == name)
                .and_then(|attribute| attribute.value())
        };
        // Where people sign in by e-mail, the user name is the `sub`.
        let id = attribute("sub").unwrap_or_else(|| answer.username());
        Account::read(id, email.as_str(), attribute("name"), attribute("locale")).map_err(Refused::failed)
    }
}
