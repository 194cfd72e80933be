//! Where a cart is delivered: an address that comes with the request, or one of the shopper's address book.

use api::{Code, Problem};
use kernel::{Address, AddressId, AddressInput, Fault, Faults};

const GIVEN: &str = "/shipping_address";
const SAVED: &str = "/address_id";

/// An address, or where one is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    Given(Address),
    Saved(AddressId),
}

impl Destination {
    /// Reads the two fields, of which a request has one.
    pub(crate) fn read(
        faults: &mut Faults,
        given: Option<&AddressInput>,
        saved: Option<AddressId>,
    ) -> Option<Destination> {
        match (given, saved) {
            (Some(given), None) => faults.nest(GIVEN, given.check()).map(Self::Given),
            (None, Some(saved)) => Some(Self::Saved(saved)),
            (None, None) => {
                faults.push(GIVEN, "required", "'shipping_address' is missing, or 'address_id' in its place.");
                None
            }
            (Some(_), Some(_)) => {
                faults.push(SAVED, "invalid_value", "'address_id' takes the place of 'shipping_address'.");
                None
            }
        }
    }

    /// Which address of the book has to be read.
    pub(crate) fn saved(&self) -> Option<AddressId> {
        match self {
            Self::Given(_) => None,
            Self::Saved(id) => Some(*id),
        }
    }

    /// The address, given what the book has under [`Destination::saved`].
    ///
    /// # Errors
    /// 422 `address_not_found` for one that is not, or no more, in the caller's own book. Guests have none.
    pub(crate) fn resolve(&self, found: Option<Address>) -> Result<Address, Problem> {
        match self {
            Self::Given(address) => Ok(address.clone()),
            Self::Saved(_) => found.ok_or_else(|| Problem::new(Code::AddressNotFound).at(SAVED)),
        }
    }

    /// A problem with the address, told of the field that it came from.
    pub(crate) fn blame(&self, problem: Problem) -> Problem {
        let to_blame = |fault: &Fault| match self {
            Self::Saved(_) if fault.pointer.starts_with(GIVEN) => Fault { pointer: SAVED.into(), ..fault.clone() },
            _ => fault.clone(),
        };
        let faults = problem.faults().iter().map(to_blame).collect();
        problem.with_faults(faults)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;

    use super::*;
    use crate::domain::samples::{address, address_input};

    fn id() -> AddressId {
        Ulid(1).into()
    }

    #[test]
    fn a_request_says_in_one_way_where_to_deliver() {
        for (given, saved, pointer) in [(None, None, GIVEN), (Some(address_input()), Some(id()), SAVED)] {
            let mut faults = Faults::new();
            assert_eq!(Destination::read(&mut faults, given.as_ref(), saved), None);
            assert_eq!(faults.into_vec()[0].pointer, pointer);
        }
    }

    #[test]
    fn an_address_that_is_not_in_the_book_is_told_by_its_field() {
        let saved = Destination::Saved(id());
        assert_eq!(saved.resolve(Some(address())).unwrap(), address());
        let problem = saved.resolve(None).unwrap_err();
        assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::AddressNotFound, SAVED));
    }

    #[test]
    fn a_country_without_delivery_is_told_by_the_field_that_named_it() {
        let problem = || Problem::new(Code::ShippingUnavailable).at("/shipping_address/country");
        let pointer = |destination: &Destination| destination.blame(problem()).faults()[0].pointer.clone();
        assert_eq!(pointer(&Destination::Saved(id())), SAVED);
        assert_eq!(pointer(&Destination::Given(address())), "/shipping_address/country");
        let method = Destination::Saved(id()).blame(Problem::new(Code::ShippingMethodUnknown).at("/shipping_method"));
        assert_eq!(method.faults()[0].pointer, "/shipping_method");
    }
}
