use std::collections::BTreeMap;

use dynamo::{Change, Condition, StoreError, WriteError, WriteSet};
use events::{Envelope, UserUpdated};
use serde_json::Value;

use crate::domain::Profile;
use crate::handlers::changes::{SaveProfile, Saved};
use crate::store::{Users, keys};

impl Users {
    /// Writes the attributes that are different in `after`, if the profile is still as it was read. All others stay, also those that only a
    /// newer release knows. An address is changed with its claim (`move_email`), never here.
    pub(crate) fn change(&self, before: &Profile, after: &Profile) -> Change {
        let is_as_read = Condition::equals("version", before.version);
        let change = Change::update(&self.table, keys::profile(&before.id)).when(is_as_read);
        differences(before, after).into_iter().fold(change, |change, (name, value)| match value {
            Some(value) => change.set(name.as_str(), value),
            None => change.remove(name.as_str()),
        })
    }
}

/// Each attribute that `after` has otherwise than `before`; none is one that it has no more.
fn differences(before: &Profile, after: &Profile) -> BTreeMap<String, Option<Value>> {
    let attributes = |profile: &Profile| match serde_json::to_value(profile) {
        Ok(Value::Object(attributes)) => attributes,
        _ => unreachable!("a profile is plain data"),
    };
    let (before, after) = (attributes(before), attributes(after));
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), None));
    let new = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    gone.chain(new.map(|(name, value)| (name.clone(), Some(value.clone())))).collect()
}

impl SaveProfile for Users {
    async fn save_profile(
        &self,
        before: &Profile,
        after: &Profile,
        event: Option<&Envelope<UserUpdated>>,
    ) -> Result<Saved, StoreError> {
        let mut set = WriteSet::new().with(self.change(before, after), ());
        if before.name != after.name {
            set.push(self.list_by_name(after), ());
        }
        if let Some(event) = event {
            set.push(Change::announce(&self.table, event), ());
        }
        match set.commit().await {
            Ok(()) => Ok(Saved::Done),
            Err(WriteError::Refused(_)) => Ok(Saved::Raced),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::samples::ada;

    #[test]
    fn only_what_is_different_is_written() {
        let before = Profile { phone: Some("+4930901820".parse().unwrap()), address_count: 1, ..ada() };
        let after = Profile { phone: None, address_count: 2, version: 7, ..before.clone() };
        assert_eq!(differences(&before, &before), BTreeMap::new());
        assert_eq!(
            differences(&before, &after),
            BTreeMap::from([("phone".to_owned(), None), ("address_count".to_owned(), Some(json!(2)))])
        );
    }
}
