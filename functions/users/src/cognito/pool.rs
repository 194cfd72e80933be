use aws_lc_rs::rand;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::operation::admin_get_user::AdminGetUserOutput;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, SoftwareTokenMfaSettingsType, UserStatusType};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Email, Timestamp, UserId};

use crate::cognito::{Refused, client};
use crate::domain::{Account, AccountState, Step};
use crate::handlers::confirm::{AddressOf, FindAccount, ThrowPasswordAway};
use crate::handlers::on_user_deleted::DeleteAccount;
use crate::handlers::reset_password::RevokeAllTokens;
use crate::handlers::send_codes::{Found, LookUp};
use crate::handlers::update_user::TellCognito;

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

    /// A pool whose answers a test gives.
    #[cfg(test)]
    pub(crate) fn asking(client: Client) -> Self {
        Self { client, id: "pool".into() }
    }

    async fn get_user(&self, email: &Email) -> Result<AdminGetUserOutput, Refused> {
        let call = self.client.admin_get_user().user_pool_id(&self.id).username(email.as_str());
        call.send().await.map_err(Refused::from_sdk)
    }
}

/// Whose account it is. Where people sign in by e-mail, the user name is the `sub`.
fn account(answer: &AdminGetUserOutput, email: &Email) -> Result<Account, Refused> {
    let attributes = answer.user_attributes();
    let attribute = |name| attributes.iter().find(|attribute| attribute.name() == name).and_then(AttributeType::value);
    let id = attribute("sub").unwrap_or_else(|| answer.username());
    Account::read(id, email.as_str(), attribute("name"), attribute("locale")).map_err(Refused::failed)
}

fn state(answer: &AdminGetUserOutput) -> AccountState {
    match answer.user_status() {
        _ if !answer.enabled() => AccountState::Closed,
        Some(UserStatusType::Unconfirmed) => AccountState::Unconfirmed,
        Some(UserStatusType::Confirmed | UserStatusType::ResetRequired) => AccountState::Confirmed,
        _ => AccountState::Closed,
    }
}

impl FindAccount for Pool {
    async fn find_account(&self, email: &Email) -> Result<Account, Refused> {
        account(&self.get_user(email).await?, email)
    }
}

impl LookUp for Pool {
    async fn look_up(&self, email: &Email) -> Result<Option<Found>, Refused> {
        match self.get_user(email).await {
            Ok(answer) => {
                let changed_at =
                    answer.user_last_modified_date().map(|date| Timestamp::from_epoch_seconds(date.secs()));
                Ok(Some(Found { account: account(&answer, email)?, state: state(&answer), changed_at }))
            }
            Err(Refused::Credentials) => Ok(None),
            Err(refused) => Err(refused),
        }
    }
}

impl AddressOf for Pool {
    async fn address_of(&self, id: &UserId) -> Result<Option<Email>, Refused> {
        let call = self.client.admin_get_user().user_pool_id(&self.id).username(id.as_str());
        let answer = match call.send().await.map_err(Refused::from_sdk) {
            Ok(answer) => answer,
            Err(Refused::Credentials) => return Ok(None),
            Err(refused) => return Err(refused),
        };
        let email = answer.user_attributes().iter().find(|attribute| attribute.name() == "email");
        email.and_then(AttributeType::value).map(Email::parse).transpose().map_err(Refused::failed)
    }
}

impl ThrowPasswordAway for Pool {
    async fn throw_password_away(&self, account: &Account) -> Result<(), Refused> {
        let mut noise = [0; 32];
        rand::fill(&mut noise).map_err(|_| Refused::failed("no randomness"))?;
        let call = self.client.admin_set_user_password().user_pool_id(&self.id).username(account.id.as_str());
        let call = call.password(URL_SAFE_NO_PAD.encode(noise)).permanent(true);
        call.send().await.map(drop).map_err(Refused::from_sdk)
    }
}

impl RevokeAllTokens for Pool {
    async fn revoke_all_tokens(&self, account: &Account) -> Result<(), Refused> {
        let call = self.client.admin_user_global_sign_out().user_pool_id(&self.id).username(account.id.as_str());
        call.send().await.map(drop).map_err(Refused::from_sdk)
    }
}

impl TellCognito for Pool {
    async fn tell(&self, id: &UserId, step: Step) -> Result<(), Refused> {
        let (client, pool, name) = (&self.client, &self.id, id.as_str());
        let told = match step {
            Step::Grant(group) => {
                let call = client.admin_add_user_to_group().group_name(group.as_str());
                call.user_pool_id(pool).username(name).send().await.map(drop).map_err(Refused::from_sdk)
            }
            Step::Revoke(group) => {
                let call = client.admin_remove_user_from_group().group_name(group.as_str());
                call.user_pool_id(pool).username(name).send().await.map(drop).map_err(Refused::from_sdk)
            }
            Step::Enable => {
                let call = client.admin_enable_user().user_pool_id(pool).username(name);
                call.send().await.map(drop).map_err(Refused::from_sdk)
            }
            Step::Disable => {
                let call = client.admin_disable_user().user_pool_id(pool).username(name);
                call.send().await.map(drop).map_err(Refused::from_sdk)
            }
            Step::SignOut => {
                let call = client.admin_user_global_sign_out().user_pool_id(pool).username(name);
                call.send().await.map(drop).map_err(Refused::from_sdk)
            }
            Step::RemoveTotp => {
                let off = SoftwareTokenMfaSettingsType::builder().enabled(false).preferred_mfa(false).build();
                let call = client.admin_set_user_mfa_preference().software_token_mfa_settings(off);
                call.user_pool_id(pool).username(name).send().await.map(drop).map_err(Refused::from_sdk)
            }
        };
        match told {
            // Said of somebody else, it must not read as the caller's own wrong password.
            Err(Refused::Credentials) => Err(Refused::failed(format!("the pool knows no account {id}"))),
            told => told,
        }
    }
}

impl DeleteAccount for Pool {
    async fn delete_account(&self, user: &UserId) -> Result<(), Refused> {
        let call = self.client.admin_delete_user().user_pool_id(&self.id).username(user.as_str());
        match call.send().await.map_err(Refused::from_sdk) {
            Ok(_) | Err(Refused::Credentials) => Ok(()),
            Err(refused) => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(status: UserStatusType, is_enabled: bool) -> AccountState {
        let user = AdminGetUserOutput::builder().username("b3f0c1de").user_status(status).enabled(is_enabled);
        state(&user.build().unwrap())
    }

    #[test]
    fn an_account_is_what_its_owner_can_do_with_it() {
        assert_eq!(user(UserStatusType::Unconfirmed, true), AccountState::Unconfirmed);
        assert_eq!(user(UserStatusType::Confirmed, true), AccountState::Confirmed);
        assert_eq!(user(UserStatusType::ResetRequired, true), AccountState::Confirmed);
    }

    #[test]
    fn an_account_that_is_disabled_or_awaits_its_first_use_is_closed() {
        assert_eq!(user(UserStatusType::Confirmed, false), AccountState::Closed);
        assert_eq!(user(UserStatusType::ForceChangePassword, true), AccountState::Closed);
    }
}
