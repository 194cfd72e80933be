//! Which changes a cart takes. The answer is a change that the store makes under conditions that hold it to what was decided here.

use catalog::interface::Offer;
use kernel::{Currency, OrderId, Quantity, Sku, Timestamp};

use super::{Cart, CartLine, CartStatus, MAX_LINES};

/// A change of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineChange {
    /// A line for a SKU that has none yet.
    Insert(CartLine),
    /// So many more of a line that is there, which then says what `line` says. `line.quantity` is what comes on top.
    Increase(CartLine),
    /// The line that is there, with another quantity.
    Replace(CartLine),
    Remove,
}

/// Why a cart does not take a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The cart became an order and can no longer be changed.")]
    NotOpen { order_id: Option<OrderId> },
    #[error("A cart holds at most {max} of one SKU.", max = Quantity::MAX)]
    QuantityTooLarge,
    #[error("A cart holds at most {MAX_LINES} lines.")]
    Full,
    #[error("There is no such SKU for sale.")]
    SkuNotForSale,
    #[error("The cart has no such line.")]
    NoSuchLine,
}

/// Whether a cart in `currency` can have this offer.
#[must_use]
pub fn sells(offer: &Offer, currency: Currency) -> bool {
    offer.for_sale && offer.price.currency == currency
}

impl Cart {
    /// `quantity` more of what is offered.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn add(
        &self,
        sku: &Sku,
        offer: Option<&Offer>,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<LineChange, Refusal> {
        self.require_open()?;
        let line = self.line(offer, quantity, now)?;
        match self.lines.get(sku) {
            Some(there) if there.quantity.checked_add(quantity).is_err() => Err(Refusal::QuantityTooLarge),
            Some(there) => Ok(LineChange::Increase(CartLine { added_at: there.added_at, ..line })),
            None => self.insert(line),
        }
    }

    /// Exactly `quantity` of what is offered; none removes the line. No change when there is nothing to remove.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn set(
        &self,
        sku: &Sku,
        offer: Option<&Offer>,
        quantity: Option<Quantity>,
        now: Timestamp,
    ) -> Result<Option<LineChange>, Refusal> {
        self.require_open()?;
        let Some(quantity) = quantity else {
            return Ok(self.lines.contains_key(sku).then_some(LineChange::Remove));
        };
        let line = self.line(offer, quantity, now)?;
        match self.lines.get(sku) {
            Some(there) => Ok(Some(LineChange::Replace(CartLine { added_at: there.added_at, ..line }))),
            None => self.insert(line).map(Some),
        }
    }

    /// Nothing of `sku` any more.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn remove(&self, sku: &Sku) -> Result<LineChange, Refusal> {
        self.require_open()?;
        if self.lines.contains_key(sku) { Ok(LineChange::Remove) } else { Err(Refusal::NoSuchLine) }
    }

    fn require_open(&self) -> Result<(), Refusal> {
        match self.status {
            CartStatus::Open => Ok(()),
            CartStatus::Ordered => Err(Refusal::NotOpen { order_id: self.order_id }),
        }
    }

    fn insert(&self, line: CartLine) -> Result<LineChange, Refusal> {
        if self.line_count < MAX_LINES { Ok(LineChange::Insert(line)) } else { Err(Refusal::Full) }
    }

    /// What a shopper who touches the line now sees.
    fn line(&self, offer: Option<&Offer>, quantity: Quantity, now: Timestamp) -> Result<CartLine, Refusal> {
        let offer = offer.filter(|offer| sells(offer, self.currency)).ok_or(Refusal::SkuNotForSale)?;
        Ok(CartLine {
            product_id: offer.product_id,
            title: offer.title.clone(),
            options: offer.options.clone(),
            image: offer.image.clone(),
            quantity,
            unit_price: offer.price,
            added_at: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;
    use crate::domain::examples::{NOW, cart, offer, order_id, quantity, sku};

    #[test]
    fn adding_a_new_sku_writes_down_what_the_shopper_saw() {
        let offer = offer("TEA", 1999);
        let Ok(LineChange::Insert(line)) = cart().add(&sku("TEA"), Some(&offer), quantity(2), NOW) else {
            panic!("not a new line")
        };
        assert_eq!((line.unit_price.amount, line.quantity.get(), line.added_at), (1999, 2, NOW));
        assert_eq!((line.title, line.product_id, line.options), (offer.title, offer.product_id, offer.options));
    }

    #[test]
    fn adding_to_a_line_keeps_its_place_and_refreshes_its_price() {
        let cart = cart().with_line("TEA", 3, 1999);
        let later = NOW.plus_seconds(60);
        let Ok(LineChange::Increase(line)) = cart.add(&sku("TEA"), Some(&offer("TEA", 2099)), quantity(2), later)
        else {
            panic!("not more of a line")
        };
        assert_eq!((line.quantity.get(), line.unit_price.amount, line.added_at), (2, 2099, NOW));
    }

    #[test]
    fn a_line_holds_at_most_a_hundred_units() {
        let cart = cart().with_line("TEA", 60, 1999);
        let add = |units| cart.add(&sku("TEA"), Some(&offer("TEA", 1999)), quantity(units), NOW);
        assert!(add(40).is_ok());
        assert_eq!(add(41), Err(Refusal::QuantityTooLarge));
    }

    #[test]
    fn a_cart_holds_at_most_fifty_lines() {
        let full = (0..50).fold(cart(), |cart, n| cart.with_line(&format!("TEA-{n}"), 1, 1999));
        assert_eq!(full.add(&sku("MUG"), Some(&offer("MUG", 5)), quantity(1), NOW), Err(Refusal::Full));
        assert_eq!(full.set(&sku("MUG"), Some(&offer("MUG", 5)), Some(quantity(1)), NOW), Err(Refusal::Full));
        assert!(full.add(&sku("TEA-7"), Some(&offer("TEA-7", 5)), quantity(1), NOW).is_ok());
    }

    #[test]
    fn what_is_not_for_sale_cannot_be_added() {
        let draft = Offer { for_sale: false, ..offer("TEA", 1999) };
        let foreign = Offer { price: Money::new(1999, Currency::USD), ..offer("TEA", 1999) };
        for offer in [None, Some(&draft), Some(&foreign)] {
            assert_eq!(cart().add(&sku("TEA"), offer, quantity(1), NOW), Err(Refusal::SkuNotForSale));
        }
    }

    #[test]
    fn more_than_there_is_can_be_added_because_checkout_decides() {
        let scarce = Offer { available: 1, ..offer("TEA", 1999) };
        assert!(cart().add(&sku("TEA"), Some(&scarce), quantity(5), NOW).is_ok());
    }

    #[test]
    fn setting_none_removes_the_line_even_of_what_is_no_longer_sold() {
        let cart = cart().with_line("TEA", 3, 1999);
        assert_eq!(cart.set(&sku("TEA"), None, None, NOW), Ok(Some(LineChange::Remove)));
        assert_eq!(cart.set(&sku("MUG"), None, None, NOW), Ok(None));
    }

    #[test]
    fn setting_a_quantity_replaces_the_line_or_makes_it() {
        let cart = cart().with_line("TEA", 3, 1999);
        let set = |name, units| cart.set(&sku(name), Some(&offer(name, 1999)), Some(quantity(units)), NOW);
        assert!(matches!(set("TEA", 7), Ok(Some(LineChange::Replace(line))) if line.quantity.get() == 7));
        assert!(matches!(set("MUG", 1), Ok(Some(LineChange::Insert(_)))));
    }

    #[test]
    fn a_line_that_is_not_there_cannot_be_removed() {
        assert_eq!(cart().remove(&sku("TEA")), Err(Refusal::NoSuchLine));
    }

    #[test]
    fn an_ordered_cart_takes_no_change() {
        let cart = cart().with_line("TEA", 3, 1999).ordered();
        let refusal = Refusal::NotOpen { order_id: Some(order_id()) };
        assert_eq!(cart.add(&sku("TEA"), Some(&offer("TEA", 1999)), quantity(1), NOW), Err(refusal));
        assert_eq!(cart.set(&sku("TEA"), None, None, NOW), Err(refusal));
        assert_eq!(cart.remove(&sku("TEA")), Err(refusal));
    }
}
