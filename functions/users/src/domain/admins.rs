//! The admins of the shop: there is always one.

use std::collections::BTreeSet;

use api::Group;
use kernel::UserId;
use serde::{Deserialize, Serialize};

use crate::domain::{Profile, Status};

/// Everybody who is an admin and whose account may be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admins {
    admins: BTreeSet<UserId>,
}

/// Without them the shop would have no admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastAdmin;

impl Admins {
    /// The admins once `before` has become `after`; none if they stay who they are.
    ///
    /// # Errors
    /// [`LastAdmin`].
    pub fn after(&self, before: &Profile, after: &Profile) -> Result<Option<Self>, LastAdmin> {
        if after.is_admin() {
            return Ok(self.with(&after.id));
        }
        if before.is_admin() { self.without(&before.id) } else { Ok(None) }
    }

    /// The admins once `profile` is gone; none if they stay who they are.
    ///
    /// # Errors
    /// [`LastAdmin`].
    pub fn after_leaving(&self, profile: &Profile) -> Result<Option<Self>, LastAdmin> {
        if profile.is_admin() { self.without(&profile.id) } else { Ok(None) }
    }

    fn with(&self, id: &UserId) -> Option<Self> {
        let mut admins = self.admins.clone();
        admins.insert(id.clone()).then_some(Self { admins })
    }

    fn without(&self, id: &UserId) -> Result<Option<Self>, LastAdmin> {
        let mut admins = self.admins.clone();
        let was_listed = admins.remove(id);
        if admins.is_empty() { Err(LastAdmin) } else { Ok(was_listed.then_some(Self { admins })) }
    }
}

impl Profile {
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.status == Status::Active && self.groups.contains(&Group::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::ada;

    const BOB: &str = "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

    fn admin() -> Profile {
        Profile { groups: vec![Group::Admin], ..ada() }
    }

    fn bob() -> Profile {
        Profile { id: UserId::parse(BOB).unwrap(), ..admin() }
    }

    fn admins(of: &[Profile]) -> Admins {
        Admins { admins: of.iter().map(|profile| profile.id.clone()).collect() }
    }

    #[test]
    fn one_of_two_admins_may_go_and_the_other_may_not() {
        let both = admins(&[admin(), bob()]);
        let left = both.after(&admin(), &ada()).unwrap().expect("somebody went");
        assert_eq!(left, admins(&[bob()]));
        assert_eq!(left.after_leaving(&bob()), Err(LastAdmin));
    }

    #[test]
    fn a_disabled_admin_is_none_until_enabled() {
        let (both, disabled) = (admins(&[admin(), bob()]), Profile { status: Status::Disabled, ..admin() });
        let left = both.after(&admin(), &disabled).unwrap().expect("one less");
        assert_eq!(left.after(&disabled, &ada()), Ok(None), "taking the group from somebody disabled takes no admin");
        assert_eq!(left.after(&disabled, &admin()), Ok(Some(both)));
    }

    #[test]
    fn whoever_was_no_admin_changes_nothing() {
        let support = Profile { groups: vec![Group::Support], ..ada() };
        assert_eq!(Admins::default().after(&ada(), &support), Ok(None));
        assert_eq!(Admins::default().after_leaving(&support), Ok(None));
    }

    #[test]
    fn a_list_that_lost_its_last_admin_gives_nobody_up() {
        assert_eq!(Admins::default().after(&admin(), &ada()), Err(LastAdmin));
    }
}
