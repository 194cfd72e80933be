//! What the endpoints of the address book share: an address as it is sent, and as it is shown.

use api::Problem;
use kernel::{Address, AddressId, AddressInput, Faults};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Profile, SavedAddress, Serving};

/// What a change of the address book came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookSaved {
    Done,
    /// There is no such address, or none any more.
    Gone,
    /// The profile changed meanwhile: nothing was written.
    Raced,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddressBookEntryInput")]
pub struct EntryInput {
    address: AddressInput,
    /// Ship here unless another address is chosen. A new address does where none does yet; else it stays as it is.
    default_shipping: Option<bool>,
    /// Put this on the invoice unless another address is chosen.
    default_billing: Option<bool>,
}

impl EntryInput {
    /// The address by its country's rules, and what it is to serve for.
    ///
    /// # Errors
    /// 422 with all faults.
    pub(crate) fn check(&self) -> Result<(Address, Serving), Problem> {
        let serving = Serving { shipping: self.default_shipping, billing: self.default_billing };
        let mut faults = Faults::new();
        match faults.nest("/address", self.address.check()) {
            Some(address) => Ok((address, serving)),
            None => Err(Problem::invalid(faults.into_vec())),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AddressBookEntry")]
pub struct EntryView {
    id: AddressId,
    address: Address,
    default_shipping: bool,
    default_billing: bool,
}

impl EntryView {
    pub(crate) fn of(entry: SavedAddress, owner: &Profile) -> Self {
        let SavedAddress { id, address } = entry;
        Self {
            id,
            address,
            default_shipping: owner.default_shipping == Some(id),
            default_billing: owner.default_billing == Some(id),
        }
    }
}
