use dynamo::{Change, Condition, Entity, Personal, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::UserId;

use crate::domain::{Admins, Person};
use crate::handlers::update_user::{LoadMember, Member, SaveMember, Saving};
use crate::store::users::person;
use crate::store::{Users, keys};

impl Entity for Admins {
    const TYPE: &'static str = "admins";
    // Bare ids; one leaves the list with the account that it is of.
    const PERSONAL: Personal = Personal::Erase;
}

impl Users {
    /// Makes the list of admins another, if it is still as it was read.
    pub(crate) fn change_admins(&self, before: Option<&Row<Admins>>, after: &Admins) -> Change {
        match before {
            None => Change::create(&self.table, &Row::new(keys::admins(), after.clone())),
            Some(before) => {
                let row = Row { version: before.version + 1, body: after.clone(), ..before.clone() };
                Change::put(&self.table, &row, Condition::equals("version", before.version))
            }
        }
    }
}

impl LoadMember for Users {
    async fn load_member(&self, id: &UserId) -> Result<Option<Member>, StoreError> {
        let table = &self.table;
        let mut batch = batch_get([(table, keys::profile(id)), (table, keys::admins())]).await?;
        let found = batch.take::<Person>(table, &keys::profile(id))?;
        let admins = batch.take::<Admins>(table, &keys::admins())?;
        Ok(found.and_then(|row| person(row).profile()).map(|profile| Member { profile, admins }))
    }
}

impl SaveMember for Users {
    async fn save_member(&self, saving: Saving<'_>) -> Result<(), WriteError<()>> {
        let Saving { before, after, admins, audit, audit_id } = saving;
        let mut set =
            WriteSet::new().with(self.change(&before.profile, after), ()).with(audit.record(&self.table, audit_id), ());
        if let Some(admins) = admins {
            set.push(self.change_admins(before.admins.as_ref(), admins), ());
        }
        set.commit().await
    }
}
