use serde::{Deserialize, Serialize};

use crate::domain::AccountState;

/// Why somebody may be due a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// Somebody registered with an address that was taken.
    TakenAddress,
    /// Somebody registered with a new address: Cognito has mailed the code by itself.
    NewAddress,
    /// Somebody wants the confirmation code again.
    Confirmation,
    PasswordReset,
    /// Somebody shows a code to replace the password.
    NewPassword,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    ConfirmationCode,
    ResetCode,
    /// "You already have an account".
    Notice,
    /// What follows from a new password, if there is one and nothing has followed yet.
    Consequences,
    Nothing,
}

impl CodeKind {
    /// What an account in this state is due. Whoever forgot the password of an address that is not confirmed confirms it first.
    #[must_use]
    pub fn due(self, state: AccountState) -> Due {
        match (self, state) {
            (Self::NewAddress, _) | (_, AccountState::Closed) => Due::Nothing,
            (Self::NewPassword, AccountState::Confirmed) => Due::Consequences,
            (Self::NewPassword, AccountState::Unconfirmed) => Due::Nothing,
            (_, AccountState::Unconfirmed) => Due::ConfirmationCode,
            (Self::TakenAddress, AccountState::Confirmed) => Due::Notice,
            (Self::PasswordReset, AccountState::Confirmed) => Due::ResetCode,
            (Self::Confirmation, AccountState::Confirmed) => Due::Nothing,
        }
    }

    /// Whether the code confirms an account whose password may not be that of whoever wants the code: it is another who registered, or they
    /// do not know the password. Where this is only about the code again, that is so if nothing is remembered of a registration.
    #[must_use]
    pub fn doubts_the_password(self) -> bool {
        matches!(self, Self::TakenAddress | Self::PasswordReset)
    }

    /// Seconds until it is looked after: what follows from a new password is looked after when whoever took the code must have ended.
    #[must_use]
    pub fn delay_seconds(self) -> i32 {
        if self == Self::NewPassword { 45 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_is_due_what_its_state_lets_it_use() {
        use AccountState::{Confirmed, Unconfirmed};
        for (kind, state, due) in [
            (CodeKind::TakenAddress, Unconfirmed, Due::ConfirmationCode),
            (CodeKind::TakenAddress, Confirmed, Due::Notice),
            (CodeKind::Confirmation, Unconfirmed, Due::ConfirmationCode),
            (CodeKind::Confirmation, Confirmed, Due::Nothing),
            (CodeKind::PasswordReset, Unconfirmed, Due::ConfirmationCode),
            (CodeKind::PasswordReset, Confirmed, Due::ResetCode),
            (CodeKind::NewPassword, Unconfirmed, Due::Nothing),
            (CodeKind::NewPassword, Confirmed, Due::Consequences),
        ] {
            assert_eq!(kind.due(state), due, "{kind:?} {state:?}");
        }
    }

    #[test]
    fn a_closed_account_is_mailed_nothing_and_a_new_one_has_its_code() {
        use CodeKind::{Confirmation, NewAddress, NewPassword, PasswordReset, TakenAddress};
        for kind in [TakenAddress, NewAddress, Confirmation, PasswordReset, NewPassword] {
            assert_eq!(kind.due(AccountState::Closed), Due::Nothing, "{kind:?}");
        }
        assert_eq!(CodeKind::NewAddress.due(AccountState::Unconfirmed), Due::Nothing);
    }
}
