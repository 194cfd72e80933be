//! What several endpoints do with profiles.

use api::{Code, Problem};
use dynamo::StoreError;
use events::{Envelope, UserRegistered};
use kernel::UserId;

use crate::domain::{Person, Profile};
use crate::handlers::changes::Announcing;

pub trait LoadProfile {
    /// The profile of somebody who is not deleted.
    async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError>;
}

pub trait LoadPerson {
    /// The profile, or what a deletion left of it.
    async fn load_person(&self, id: &UserId) -> Result<Option<Person>, StoreError>;
}

/// What somebody has shown who has no profile yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// The account's password.
    Password,
    /// The code from the mailbox; the account's password stands.
    Code(&'a str),
    /// The code from the mailbox; nobody knows the account's password any more.
    CodeAlone(&'a str),
}

impl<'a> Entry<'a> {
    #[must_use]
    pub fn code(self) -> Option<&'a str> {
        match self {
            Self::Password => None,
            Self::Code(code) | Self::CodeAlone(code) => Some(code),
        }
    }
}

/// What became of a profile that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    New,
    /// There is one, or there was one until it was deleted.
    Existing,
    /// The address still belongs to another profile.
    AddressTaken,
    /// Several have registered with the address, so nobody can tell whose the account's password is.
    Contested,
}

impl Creation {
    /// # Errors
    /// 401 `credentials_invalid` for a password that may be a stranger's; 500 where Cognito gave an account an address that belongs to another
    /// profile, for somebody to look into.
    pub(crate) fn opens(self) -> Result<(), Problem> {
        match self {
            Self::New | Self::Existing => Ok(()),
            Self::Contested => Err(Problem::new(Code::CredentialsInvalid)),
            Self::AddressTaken => Err(Problem::internal("the address still belongs to another profile")),
        }
    }
}

pub trait CreateProfile {
    /// Writes the profile, claims its address and announces it, unless there is one.
    async fn create_profile(
        &self,
        profile: &Profile,
        entry: Entry<'_>,
        event: &Envelope<UserRegistered>,
    ) -> Result<Creation, StoreError>;
}

/// Makes the profile of an account that has none; what became of it.
pub(crate) async fn create(
    users: &impl CreateProfile,
    profile: &Profile,
    entry: Entry<'_>,
    announcing: &Announcing,
) -> Result<Creation, StoreError> {
    let event = announcing.about(profile, profile.registered());
    let creation = users.create_profile(profile, entry, &event).await?;
    if creation == Creation::New {
        telemetry::count("users", "UsersRegistered", 1);
    }
    Ok(creation)
}
