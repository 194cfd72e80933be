//! Somebody to test with.

use kernel::{AddressInput, Ulid};

use crate::domain::{Account, Profile, SavedAddress};

pub(crate) const ADA: &str = "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

/// Ada's profile as confirming her address made it.
pub(crate) fn ada() -> Profile {
    let account = Account::read(ADA, "ada@example.com", Some("Ada"), Some("de")).unwrap();
    Profile::of(account, testkit::now())
}

/// An address of a book.
pub(crate) fn saved(number: u128) -> SavedAddress {
    let address = AddressInput {
        name: "Ada".into(),
        line1: "Street 1".into(),
        city: "Berlin".into(),
        postal_code: "10115".into(),
        country: "DE".into(),
        ..AddressInput::default()
    };
    SavedAddress { id: Ulid(number).into(), address: address.check().unwrap() }
}
