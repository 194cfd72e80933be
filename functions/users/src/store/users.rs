use dynamo::{BatchGet, Change, Condition, Entity, Key, Personal, Row, StoreError, Table, WriteError, WriteSet};
use events::{Envelope, PasswordChanged, RegistrationAttempted, UserRegistered, UserUpdated};
use kernel::{Timestamp, UserId};

use crate::domain::{EmailClaim, Person, Profile};
use crate::handlers::changes::Saved;
use crate::handlers::confirm_email::MoveEmail;
use crate::handlers::profiles::{CreateProfile, Creation, Entry, LoadPerson, LoadProfile};
use crate::handlers::reset_password::NoteReset;
use crate::handlers::send_codes::AnnounceAttempt;
use crate::handlers::sign_out::EndSessions;
use crate::store::keys;

/// The table of users.
#[derive(Debug, Clone)]
pub struct Users {
    pub(crate) table: Table,
}

impl Entity for Profile {
    const TYPE: &'static str = "profile";
    const PERSONAL: Personal = Personal::Erase;
}

impl Entity for Person {
    const TYPE: &'static str = Profile::TYPE;
    const PERSONAL: Personal = Profile::PERSONAL;
}

impl Entity for EmailClaim {
    const TYPE: &'static str = "email";
    const PERSONAL: Personal = Personal::Erase;
}

/// What keeps a profile from being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotCreated {
    Existing,
    AddressTaken,
    Contested,
}

impl Users {
    /// The table that `USERS_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { table: Table::from_env("USERS_TABLE").await? })
    }

    /// Where somebody's profile is, for a batch with what else the caller needs.
    #[must_use]
    pub fn profile_key(&self, id: &UserId) -> (&Table, Key) {
        (&self.table, keys::profile(id))
    }

    /// The profile that a batch with [`Users::profile_key`] found.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn take_profile(&self, batch: &mut BatchGet, id: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(batch.take::<Person>(&self.table, &keys::profile(id))?.and_then(|row| person(row).profile()))
    }

    /// A profile with its place in the list of all.
    pub(crate) fn row(profile: &Profile) -> Row<Profile> {
        let (gsi1pk, gsi1sk) = keys::listed(&profile.email, &profile.id);
        Row::new(keys::profile(&profile.id), profile.clone()).indexed(gsi1pk, gsi1sk)
    }

    /// Claims a confirmed address, by the code of a registration if there was one. One that is only promised to somebody else is theirs who
    /// proved to have it first.
    pub(crate) fn claim(&self, profile: &Profile, code: Option<&str>, now: Timestamp) -> Change {
        let claim = EmailClaim::confirmed(profile.id.clone(), code, now);
        let is_free = Condition::Any(vec![
            Condition::Absent,
            Condition::equals("user_id", &profile.id),
            Condition::equals("is_confirmed", false),
        ]);
        Change::put(&self.table, &Row::new(keys::email(&profile.email), claim).about(&profile.id), is_free)
    }
}

/// What a row says, with what the row itself knows.
pub(crate) fn person(row: Row<Person>) -> Person {
    match row.body {
        Person::Known(profile) => {
            Person::Known(Box::new(Profile { version: row.version, is_listed: row.index.is_some(), ..*profile }))
        }
        deleted @ Person::Deleted(_) => deleted,
    }
}

impl LoadPerson for Users {
    async fn load_person(&self, id: &UserId) -> Result<Option<Person>, StoreError> {
        Ok(self.table.get::<Person>(keys::profile(id)).await?.map(person))
    }
}

impl LoadProfile for Users {
    async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(self.load_person(id).await?.and_then(Person::profile))
    }
}

impl CreateProfile for Users {
    async fn create_profile(
        &self,
        profile: &Profile,
        entry: Entry<'_>,
        event: &Envelope<UserRegistered>,
    ) -> Result<Creation, StoreError> {
        let set = WriteSet::new()
            .with(Change::create(&self.table, &Self::row(profile)), NotCreated::Existing)
            .with(self.settle_registrations(&profile.email, entry), NotCreated::Contested)
            .with(self.claim(profile, entry.code(), event.time), NotCreated::AddressTaken)
            .with(self.list_by_name(profile), NotCreated::Existing)
            .with(Change::announce(&self.table, event), NotCreated::Existing);
        match set.commit().await {
            Ok(()) => Ok(Creation::New),
            Err(WriteError::Refused(refusals)) if refusals.contains(&NotCreated::Existing) => Ok(Creation::Existing),
            Err(WriteError::Refused(refusals)) if refusals.contains(&NotCreated::Contested) => Ok(Creation::Contested),
            Err(WriteError::Refused(_)) => Ok(Creation::AddressTaken),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl MoveEmail for Users {
    async fn move_email(
        &self,
        before: &Profile,
        after: &Profile,
        event: &Envelope<UserUpdated>,
    ) -> Result<Saved, StoreError> {
        let (gsi1pk, gsi1sk) = keys::listed(&after.email, &after.id);
        let update = Change::update(&self.table, keys::profile(&after.id))
            .when(Condition::equals("version", before.version))
            .set("email", &after.email)
            .set("gsi1pk", gsi1pk)
            .set("gsi1sk", gsi1sk);
        let mut set = WriteSet::new()
            .with(update, ())
            .with(self.claim(after, None, event.time), ())
            .with(self.list_by_name(after), ());
        if before.email != after.email {
            let is_theirs = Condition::Absent.or(Condition::equals("user_id", &before.id));
            set.push(Change::delete(&self.table, keys::email(&before.email), is_theirs), ());
            set.push(Change::announce(&self.table, event), ());
        }
        match set.commit().await {
            Ok(()) => Ok(Saved::Done),
            Err(WriteError::Refused(_)) => Ok(Saved::Raced),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl EndSessions for Users {
    async fn end_sessions(&self, id: &UserId, now: Timestamp) -> Result<(), StoreError> {
        let update = Change::update(&self.table, keys::profile(id)).set("sessions_valid_from", now);
        match WriteSet::new().with(update, ()).commit().await {
            // Without a profile there are no rights that a row could take away.
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl NoteReset for Users {
    async fn note_reset(&self, profile: &Profile, event: &Envelope<PasswordChanged>) -> Result<bool, StoreError> {
        let update = Change::update(&self.table, keys::profile(&profile.id))
            .when(Condition::equals("version", profile.version))
            .set("sessions_valid_from", event.time);
        match WriteSet::new().with(update, ()).with(Change::announce(&self.table, event), ()).commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl AnnounceAttempt for Users {
    async fn announce_attempt(&self, event: &Envelope<RegistrationAttempted>) -> Result<(), StoreError> {
        match WriteSet::new().with(Change::announce(&self.table, event), ()).commit().await {
            // It waits in the outbox already.
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
