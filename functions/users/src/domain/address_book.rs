//! The address book: at most twenty addresses, and which of them serve unless another is chosen.

use kernel::{Address, AddressId};
use serde::{Deserialize, Serialize};

use crate::domain::Profile;

/// Addresses in one book.
pub const MAX_ADDRESSES: u32 = 20;

/// One address of a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedAddress {
    pub id: AddressId,
    pub address: Address,
}

/// Whether an address is to serve unless another is chosen; `None` leaves that to the book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Serving {
    pub shipping: Option<bool>,
    pub billing: Option<bool>,
}

/// There are as many addresses as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookFull;

impl Profile {
    /// The owner of one address more. Where none serves yet, the new one does, unless it is said not to.
    ///
    /// # Errors
    /// [`BookFull`].
    pub fn with_address(&self, id: AddressId, serving: Serving) -> Result<Self, BookFull> {
        if self.address_count >= MAX_ADDRESSES {
            return Err(BookFull);
        }
        let or_first = |wish: Option<bool>, known: Option<AddressId>| wish.or(known.is_none().then_some(true));
        let serving = Serving {
            shipping: or_first(serving.shipping, self.default_shipping),
            billing: or_first(serving.billing, self.default_billing),
        };
        Ok(Self { address_count: self.address_count + 1, ..self.serving_with(id, serving) })
    }

    /// The owner of the same addresses, of which `id` serves for other things than before.
    #[must_use]
    pub fn serving_with(&self, id: AddressId, serving: Serving) -> Self {
        Self {
            default_shipping: chosen(self.default_shipping, id, serving.shipping),
            default_billing: chosen(self.default_billing, id, serving.billing),
            ..self.clone()
        }
    }

    /// The owner of one address less.
    #[must_use]
    pub fn without_address(&self, id: AddressId) -> Self {
        let nothing = Serving { shipping: Some(false), billing: Some(false) };
        Self { address_count: self.address_count.saturating_sub(1), ..self.serving_with(id, nothing) }
    }
}

fn chosen(known: Option<AddressId>, id: AddressId, wish: Option<bool>) -> Option<AddressId> {
    match wish {
        Some(true) => Some(id),
        Some(false) => known.filter(|known| *known != id),
        None => known,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;

    use super::*;
    use crate::domain::samples::ada;

    const UNSAID: Serving = Serving { shipping: None, billing: None };

    fn id(number: u128) -> AddressId {
        Ulid(number).into()
    }

    fn defaults(profile: &Profile) -> (Option<AddressId>, Option<AddressId>) {
        (profile.default_shipping, profile.default_billing)
    }

    #[test]
    fn the_first_address_serves_for_everything_and_later_ones_do_not() {
        let one = ada().with_address(id(1), UNSAID).unwrap();
        let two = one.with_address(id(2), UNSAID).unwrap();
        assert_eq!((two.address_count, defaults(&two)), (2, (Some(id(1)), Some(id(1)))));
    }

    #[test]
    fn what_an_address_serves_for_may_be_said() {
        let silent = Serving { shipping: Some(false), billing: Some(false) };
        let unused = ada().with_address(id(1), silent).unwrap();
        assert_eq!(defaults(&unused), (None, None));
        let billing = Serving { billing: Some(true), ..UNSAID };
        let two = ada().with_address(id(1), UNSAID).unwrap().with_address(id(2), billing).unwrap();
        assert_eq!(defaults(&two), (Some(id(1)), Some(id(2))));
        assert_eq!(defaults(&two.serving_with(id(2), silent)), (Some(id(1)), None));
        assert_eq!(defaults(&two.serving_with(id(1), UNSAID)), defaults(&two));
    }

    #[test]
    fn an_address_that_goes_serves_no_more() {
        let two = ada().with_address(id(1), UNSAID).unwrap().with_address(id(2), UNSAID).unwrap();
        let left = two.without_address(id(1));
        assert_eq!((left.address_count, defaults(&left)), (1, (None, None)));
        assert_eq!(defaults(&two.without_address(id(2))), (Some(id(1)), Some(id(1))));
    }

    #[test]
    fn a_book_has_twenty_addresses_and_no_more() {
        let almost = Profile { address_count: MAX_ADDRESSES - 1, ..ada() };
        let full = almost.with_address(id(1), UNSAID).unwrap();
        assert_eq!(full.with_address(id(2), UNSAID), Err(BookFull));
        assert!(full.without_address(id(1)).with_address(id(2), UNSAID).is_ok());
    }
}
