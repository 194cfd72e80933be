//! What staff change of an account, and in which order the row and Cognito learn it.

use std::collections::BTreeSet;

use api::Group;
use kernel::{Fault, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{Profile, Status};

/// What staff want an account to be. What is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UserChange")]
pub struct StaffChange {
    status: Option<Wanted>,
    /// All of them: a group that is not given is taken away.
    groups: Option<BTreeSet<Group>>,
    /// `false` takes the authenticator app off the account. Only its owner can set one up.
    totp: Option<bool>,
}

/// What staff may make of an account. Deleting is its owner's to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Active,
    Disabled,
}

/// One thing that Cognito has to learn. Each may be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Grant(Group),
    Revoke(Group),
    Enable,
    Disable,
    /// Takes back all tokens, so that none is good again when the account is enabled.
    SignOut,
    /// Signing in takes no code of an authenticator app any more.
    RemoveTotp,
}

impl StaffChange {
    /// # Errors
    /// A change of nothing, or one that only the account's owner can make.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        if self.fields().is_empty() {
            let detail = "Give status, groups or totp.".into();
            return Err(vec![Fault { pointer: String::new(), code: "required", detail }]);
        }
        if self.totp == Some(true) {
            let detail = "Only the owner of an account can set up an authenticator app; false takes it off.".into();
            return Err(vec![Fault { pointer: "/totp".into(), code: "only_false", detail }]);
        }
        Ok(())
    }

    /// The names of what is given.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        [("status", self.status.is_some()), ("groups", self.groups.is_some()), ("totp", self.totp.is_some())]
            .into_iter()
            .filter_map(|(name, is_given)| is_given.then_some(name))
            .collect()
    }

    /// What gives rights: Cognito learns it before the row does. A crash between the two leaves less than was meant, never more.
    #[must_use]
    pub fn giving(&self) -> Vec<Step> {
        let enable = (self.status == Some(Wanted::Active)).then_some(Step::Enable);
        enable.into_iter().chain(self.groups.iter().flatten().copied().map(Step::Grant)).collect()
    }

    /// What takes rights: the row, which staff routes look at, has lost them before Cognito does.
    #[must_use]
    pub fn taking(&self) -> Vec<Step> {
        let disable = if self.status == Some(Wanted::Disabled) { vec![Step::SignOut, Step::Disable] } else { vec![] };
        let revoked =
            |wanted: &BTreeSet<Group>| Group::ALL.into_iter().filter(|group| !wanted.contains(group)).collect();
        let revoked: Vec<Group> = self.groups.as_ref().map(revoked).unwrap_or_default();
        let without_app = self.removes_totp().then_some(Step::RemoveTotp);
        disable.into_iter().chain(revoked.into_iter().map(Step::Revoke)).chain(without_app).collect()
    }

    /// Whether the authenticator app is to go. Cognito may ask for one that the row does not know of.
    #[must_use]
    pub fn removes_totp(&self) -> bool {
        self.totp == Some(false)
    }
}

impl Profile {
    /// The profile as staff want it. Whoever is disabled is signed out, too, and stays so when enabled again.
    #[must_use]
    pub fn changed_by(&self, change: &StaffChange, now: Timestamp) -> Self {
        let mut after = self.clone();
        if let Some(wanted) = change.status {
            after.status = match wanted {
                Wanted::Active => Status::Active,
                Wanted::Disabled => Status::Disabled,
            };
        }
        if self.status == Status::Active && after.status == Status::Disabled {
            after.sessions_valid_from = Some(now);
        }
        if let Some(groups) = &change.groups {
            after.groups = groups.iter().copied().collect();
        }
        if change.removes_totp() {
            after.totp_since = None;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::samples::ada;

    fn change(body: Value) -> StaffChange {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn what_gives_is_told_to_cognito_first_and_what_takes_last() {
        let change = change(json!({ "groups": ["support"] }));
        assert_eq!(change.giving(), [Step::Grant(Group::Support)]);
        assert_eq!(change.taking(), [Step::Revoke(Group::Admin), Step::Revoke(Group::Warehouse)]);
    }

    #[test]
    fn disabling_takes_and_enabling_gives() {
        let (disable, enable) = (change(json!({ "status": "disabled" })), change(json!({ "status": "active" })));
        assert_eq!((disable.giving(), disable.taking()), (vec![], vec![Step::SignOut, Step::Disable]));
        assert_eq!((enable.giving(), enable.taking()), (vec![Step::Enable], vec![]));
    }

    #[test]
    fn a_disabled_account_stays_signed_out_when_it_is_enabled_again() {
        let now = testkit::now();
        let disabled = ada().changed_by(&change(json!({ "status": "disabled" })), now);
        assert_eq!((disabled.status, disabled.sessions_valid_from), (Status::Disabled, Some(now)));
        let again = disabled.changed_by(&change(json!({ "status": "disabled" })), now.plus_seconds(9));
        assert_eq!(again, disabled, "disabling twice changes nothing");
        let enabled = disabled.changed_by(&change(json!({ "status": "active" })), now.plus_seconds(9));
        assert_eq!((enabled.status, enabled.sessions_valid_from), (Status::Active, Some(now)));
    }

    #[test]
    fn groups_are_given_whole_and_what_is_not_given_stays() {
        let admin = ada().changed_by(&change(json!({ "groups": ["support", "admin"] })), testkit::now());
        assert_eq!(admin.groups, [Group::Admin, Group::Support]);
        assert_eq!(admin.changed_by(&change(json!({ "status": "active" })), testkit::now()), admin);
        assert!(admin.changed_by(&change(json!({ "groups": [] })), testkit::now()).groups.is_empty());
    }

    #[test]
    fn an_authenticator_app_is_taken_off_and_never_put_on() {
        let off = change(json!({ "totp": false }));
        assert_eq!((off.check().is_ok(), off.fields(), off.giving()), (true, vec!["totp"], vec![]));
        assert_eq!(off.taking(), [Step::RemoveTotp]);
        let protected = Profile { totp_since: Some(testkit::now()), ..ada() };
        assert_eq!(protected.changed_by(&off, testkit::now()), ada());
        let faults = change(json!({ "totp": true })).check().unwrap_err();
        assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/totp", "only_false"));
    }

    #[test]
    fn a_change_of_nothing_or_to_deleted_is_none() {
        assert!(change(json!({})).check().is_err());
        assert!(serde_json::from_value::<StaffChange>(json!({ "status": "deleted" })).is_err());
        assert!(serde_json::from_value::<StaffChange>(json!({ "groups": ["root"] })).is_err());
    }
}
