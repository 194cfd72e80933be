use kernel::{Email, Locale, UserId};
use serde::{Deserialize, Serialize};

use crate::Event;

/// Somebody confirmed their address and has an account now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    pub user_id: UserId,
    pub email: Email,
    pub name: String,
    pub locale: Locale,
}

impl Event for UserRegistered {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "UserRegistered.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}
