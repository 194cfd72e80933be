//! The lists of staff: a walk through the index, section by section.

use dynamo::{BatchGet, Change, Condition, Entity, Key, Personal, Query, Row, StoreError, batch_get};
use kernel::UserId;
use serde::{Deserialize, Serialize};

use crate::domain::{Person, Profile};
use crate::handlers::list_users::{ListUsers, Place, Wanted};
use crate::store::users::person;
use crate::store::{Users, keys};

/// Lists somebody by name, as the profile itself lists them by address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedRow {
    pub(crate) user_id: UserId,
}

impl Entity for NamedRow {
    const TYPE: &'static str = "named";
    const PERSONAL: Personal = Personal::Erase;
}

impl Users {
    /// Lists `profile` by its name. Part of each transaction that makes a profile or changes the name, whose condition on the profile
    /// holds for this row, too.
    pub(crate) fn list_by_name(&self, profile: &Profile) -> Change {
        let (section, place) = keys::listed_by_name(profile.name.as_str(), &profile.id);
        let row = NamedRow { user_id: profile.id.clone() };
        let row = Row::new(keys::name(&profile.id), row).indexed(section, place);
        Change::put(&self.table, &row, Condition::Absent.or(Condition::Exists))
    }

    /// The accounts whose profiles or names these rows are.
    async fn profiles(&self, rows: Vec<Row<Listed>>) -> Result<Vec<Profile>, StoreError> {
        let named = rows.iter().filter_map(|row| row.body.named()).map(|id| (&self.table, keys::profile(id)));
        let mut found = batch_get(named).await?;
        let mut profiles = Vec::with_capacity(rows.len());
        for row in rows {
            profiles.extend(self.profile_of(row, &mut found)?);
        }
        Ok(profiles)
    }

    /// None for an account that was deleted while the index still lists it.
    fn profile_of(&self, row: Row<Listed>, found: &mut BatchGet) -> Result<Option<Profile>, StoreError> {
        match row.body {
            Listed::Profile(profile) => Ok(Some(Profile { version: row.version, is_listed: true, ..*profile })),
            Listed::Name(named) => {
                let row = found.take::<Person>(&self.table, &keys::profile(&named.user_id))?;
                Ok(row.and_then(|row| person(row).profile()))
            }
        }
    }
}

/// A row that a list is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Listed {
    Profile(Box<Profile>),
    Name(NamedRow),
}

impl Entity for Listed {
    const TYPE: &'static str = Profile::TYPE;
    const PERSONAL: Personal = Profile::PERSONAL;
}

impl Listed {
    fn named(&self) -> Option<&UserId> {
        match self {
            Self::Profile(_) => None,
            Self::Name(named) => Some(&named.user_id),
        }
    }
}

impl ListUsers for Users {
    fn sections(&self, wanted: &Wanted) -> Vec<String> {
        match wanted {
            Wanted::All => keys::all_listed(),
            Wanted::Email(begin) => vec![keys::listed_under(begin)],
            Wanted::Name(begin) => vec![keys::named_under(begin)],
        }
    }

    async fn list_users(
        &self,
        wanted: &Wanted,
        limit: u16,
        position: Option<Place>,
    ) -> Result<(Vec<Profile>, Option<Place>), StoreError> {
        let begin = match wanted {
            Wanted::All => None,
            Wanted::Email(begin) | Wanted::Name(begin) => Some(begin),
        };
        let from = position.as_ref().map(|place| place["gsi1pk"].clone());
        let sections = self.sections(wanted).into_iter().skip_while(|section| Some(section) < from.as_ref());
        let (mut rows, mut after, room) = (Vec::new(), position, usize::from(limit));
        for section in sections {
            let left = u16::try_from(room - rows.len()).expect("no more than the limit");
            let query = Query::index(section).limit(left).after(after.take());
            let query = match begin {
                Some(begin) => query.prefix(begin.as_str()),
                None => query,
            };
            rows.extend(self.table.query::<Listed>(query).await?.rows);
            if rows.len() == room {
                break;
            }
        }
        // A full page may be the last one: then the next is empty.
        let next = if rows.len() == room { rows.last().and_then(place) } else { None };
        Ok((self.profiles(rows).await?, next))
    }
}

/// Where `row` is in the index.
fn place(row: &Row<Listed>) -> Option<Place> {
    let Key { pk, sk } = row.key.clone();
    let index = row.index.clone()?;
    let place = [("pk", pk), ("sk", sk), ("gsi1pk", index.gsi1pk), ("gsi1sk", index.gsi1sk)];
    Some(place.map(|(name, value)| (name.to_owned(), value)).into())
}
