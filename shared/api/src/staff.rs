//! Who may act for the shop: by their token, and by their row in the users' table, which knows at once what a token learns late.

use std::pin::Pin;

use dynamo::{Entity, Key, Personal, StoreError, Table};
use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{Authenticator, Code, Group, Problem, Request, User};

/// What staff routes read of somebody's profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    pub status: AccountStatus,
    pub groups: Vec<Group>,
    /// Whoever signed in before is signed out.
    pub sessions_valid_from: Option<Timestamp>,
    /// Since when signing in takes a second factor. A sign-in that was asked for none takes it back before it gives tokens.
    pub totp_since: Option<Timestamp>,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    #[default]
    Active,
    Disabled,
    Deleted,
}

/// What the service of the users calls the row.
const PROFILE: &str = "profile";

impl Entity for Standing {
    const TYPE: &'static str = PROFILE;
    const PERSONAL: Personal = Personal::Erase;
}

impl Standing {
    /// Where it is in the users' table; held to that service's own keys by a test there.
    #[must_use]
    pub fn key(id: &UserId) -> Key {
        Key::new(format!("USER#{id}"), "PROFILE")
    }

    /// Whether `user` may act as one of `groups` now.
    fn admits(&self, user: &User, groups: &[Group], needs_totp: bool) -> Result<(), Code> {
        let is_signed_out = self.sessions_valid_from.is_some_and(|from| user.signed_in_at <= from);
        if self.status != AccountStatus::Active || is_signed_out {
            return Err(Code::Unauthenticated);
        }
        if !groups.iter().any(|group| self.groups.contains(group) && user.groups.contains(group)) {
            return Err(Code::Forbidden);
        }
        let gave_totp = self.totp_since.is_some_and(|since| user.signed_in_at >= since);
        if needs_totp && !gave_totp { Err(Code::TotpRequired) } else { Ok(()) }
    }
}

/// A read on its way.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Option<Standing>, StoreError>> + Send + 'a>>;

/// Where standings are read.
pub trait Standings: Send + Sync {
    fn read<'a>(&'a self, id: &'a UserId) -> Reading<'a>;
}

impl Standings for Table {
    fn read<'a>(&'a self, id: &'a UserId) -> Reading<'a> {
        Box::pin(async move { Ok(self.get::<Standing>(Standing::key(id)).await?.map(|row| row.body)) })
    }
}

/// Lets staff in, and nobody else. One read a request.
pub struct Staff {
    auth: Authenticator,
    standings: Box<dyn Standings>,
    needs_totp: bool,
}

impl Staff {
    /// Made from the settings of [`Authenticator::from_env`], `USERS_TABLE`, and `STAFF_NEEDS_TOTP` (`true` or `false`).
    ///
    /// # Errors
    /// When a setting is missing or not valid.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let needs_totp = aws::env::parsed("STAFF_NEEDS_TOTP")?;
        Ok(Self::new(Authenticator::from_env()?, Table::from_env("USERS_TABLE").await?, needs_totp))
    }

    #[must_use]
    pub fn new(auth: Authenticator, standings: impl Standings + 'static, needs_totp: bool) -> Self {
        Self { auth, standings: Box::new(standings), needs_totp }
    }

    /// The caller, if token and row both have them in one of `groups`. What a token lacks is refused unread.
    ///
    /// # Errors
    /// 401 without a valid token, and for an account that is disabled or signed out since; 403 `forbidden` for whoever is in none of the
    /// groups, and `totp_required` for staff who gave no second factor where the shop wants one.
    pub async fn admit(&self, request: &Request, groups: &[Group]) -> Result<User, Problem> {
        let user = self.auth.user(request).await?;
        if !groups.iter().any(|group| user.groups.contains(group)) {
            return Err(Problem::new(Code::Forbidden));
        }
        let standing = self.standings.read(&user.id).await?.unwrap_or_default();
        match standing.admits(&user, groups, self.needs_totp) {
            Ok(()) => Ok(user),
            Err(Code::TotpRequired) => Err(Problem::detailed(Code::TotpRequired, ENROL)),
            Err(code) => Err(Problem::new(code)),
        }
    }
}

const ENROL: &str = "Set up an authenticator app with POST /v1/me/totp, then sign in again with its code.";

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED_IN: Timestamp = Timestamp::from_epoch_seconds(1_795_410_000);

    fn admin() -> User {
        let id = UserId::parse("8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d").unwrap();
        User { id, groups: vec![Group::Admin, Group::Support], signed_in_at: SIGNED_IN }
    }

    fn standing() -> Standing {
        Standing { groups: vec![Group::Admin], ..Standing::default() }
    }

    fn admits(standing: &Standing, groups: &[Group]) -> Result<(), Code> {
        standing.admits(&admin(), groups, false)
    }

    #[test]
    fn staff_act_in_the_groups_that_token_and_row_agree_on() {
        assert_eq!(admits(&standing(), &[Group::Warehouse, Group::Admin]), Ok(()));
        let changed = Standing { groups: vec![Group::Warehouse], ..standing() };
        for (row, wanted) in
            [(standing(), Group::Support), (changed.clone(), Group::Admin), (changed, Group::Warehouse)]
        {
            assert_eq!(admits(&row, &[wanted]), Err(Code::Forbidden), "{wanted:?}");
        }
    }

    #[test]
    fn somebody_the_shop_does_not_know_is_no_staff() {
        assert_eq!(admits(&Standing::default(), &Group::ALL), Err(Code::Forbidden));
    }

    #[test]
    fn a_disabled_or_deleted_account_is_nobody_s() {
        for status in [AccountStatus::Disabled, AccountStatus::Deleted] {
            assert_eq!(admits(&Standing { status, ..standing() }, &[Group::Admin]), Err(Code::Unauthenticated));
        }
    }

    #[test]
    fn who_signed_out_everywhere_has_to_sign_in_again() {
        for (signed_out_at, expected) in [
            (SIGNED_IN.plus_seconds(-1), Ok(())),
            // Tokens tell whole seconds, so the doubt goes against the token.
            (SIGNED_IN, Err(Code::Unauthenticated)),
            (SIGNED_IN.plus_seconds(60), Err(Code::Unauthenticated)),
        ] {
            let row = Standing { sessions_valid_from: Some(signed_out_at), ..standing() };
            assert_eq!(admits(&row, &[Group::Admin]), expected, "{signed_out_at}");
        }
    }

    #[test]
    fn a_second_factor_counts_from_the_first_sign_in_with_it() {
        for (totp_since, expected) in [
            (None, Err(Code::TotpRequired)),
            (Some(SIGNED_IN.plus_seconds(1)), Err(Code::TotpRequired)),
            (Some(SIGNED_IN), Ok(())),
        ] {
            let row = Standing { totp_since, ..standing() };
            assert_eq!(row.admits(&admin(), &[Group::Admin], true), expected, "{totp_since:?}");
            assert_eq!(row.admits(&admin(), &[Group::Admin], false), Ok(()), "where the shop wants none");
        }
    }

    #[test]
    fn whoever_may_not_anyway_is_not_told_of_second_factors() {
        assert_eq!(standing().admits(&admin(), &[Group::Warehouse], true), Err(Code::Forbidden));
    }
}
