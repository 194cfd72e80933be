use dynamo::{BatchGet, Change, Condition, Entity, Key, Personal, Query, Row, StoreError, Table, WriteError, WriteSet};
use kernel::{Address, AddressId, UserId};

use crate::domain::{Profile, SavedAddress};
use crate::handlers::add_address::AddAddress;
use crate::handlers::addresses::BookSaved;
use crate::handlers::list_addresses::LoadBook;
use crate::handlers::profiles::LoadProfile;
use crate::handlers::remove_address::RemoveAddress;
use crate::handlers::replace_address::ReplaceAddress;
use crate::store::{Users, keys};

impl Entity for SavedAddress {
    const TYPE: &'static str = "address";
    const PERSONAL: Personal = Personal::Erase;
}

/// What a change of the book lost to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    Profile,
    Address,
}

impl Users {
    /// Where an address of somebody's book is, for a batch with what else the caller needs.
    #[must_use]
    pub fn address_key(&self, owner: &UserId, id: AddressId) -> (&Table, Key) {
        (&self.table, keys::address(owner, id))
    }

    /// The address that a batch with [`Users::address_key`] found.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn take_address(
        &self,
        batch: &mut BatchGet,
        owner: &UserId,
        id: AddressId,
    ) -> Result<Option<Address>, StoreError> {
        Ok(batch.take::<SavedAddress>(&self.table, &keys::address(owner, id))?.map(|row| row.body.address))
    }

    /// An address and the profile that counts it, together or not at all.
    async fn save_book(&self, address: Change, profile: Option<Change>) -> Result<BookSaved, StoreError> {
        let mut set = WriteSet::new().with(address, Lost::Address);
        if let Some(profile) = profile {
            set.push(profile, Lost::Profile);
        }
        match set.commit().await {
            Ok(()) => Ok(BookSaved::Done),
            Err(WriteError::Refused(lost)) if lost.contains(&Lost::Address) => Ok(BookSaved::Gone),
            Err(WriteError::Refused(_)) => Ok(BookSaved::Raced),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl LoadBook for Users {
    async fn load_book(&self, user: &UserId) -> Result<Option<(Profile, Vec<SavedAddress>)>, StoreError> {
        let query = Query::partition(keys::profile(user).pk).prefix(keys::ADDRESSES).consistent();
        let (profile, page) = tokio::try_join!(self.load_profile(user), self.table.query::<SavedAddress>(query))?;
        Ok(profile.map(|profile| (profile, page.rows.into_iter().map(|row| row.body).collect())))
    }
}

impl AddAddress for Users {
    async fn add_address(
        &self,
        entry: &SavedAddress,
        before: &Profile,
        after: &Profile,
    ) -> Result<BookSaved, StoreError> {
        let row = Row::new(keys::address(&before.id, entry.id), entry.clone());
        self.save_book(Change::create(&self.table, &row), Some(self.change(before, after))).await
    }
}

impl ReplaceAddress for Users {
    async fn replace_address(
        &self,
        entry: &SavedAddress,
        before: &Profile,
        after: &Profile,
    ) -> Result<BookSaved, StoreError> {
        let address = Change::update(&self.table, keys::address(&before.id, entry.id)).set("address", &entry.address);
        let profile = (before != after).then(|| self.change(before, after));
        self.save_book(address, profile).await
    }
}

impl RemoveAddress for Users {
    async fn remove_address(&self, id: AddressId, before: &Profile, after: &Profile) -> Result<BookSaved, StoreError> {
        let address = Change::delete(&self.table, keys::address(&before.id, id), Condition::Exists);
        self.save_book(address, Some(self.change(before, after))).await
    }
}
