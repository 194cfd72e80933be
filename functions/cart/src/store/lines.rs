//! A change of one line as one conditional update, so that two changes at the same time both count.

use catalog::interface::Offer;
use dynamo::{Change, Condition, StoreError, WriteError};
use kernel::{CartId, Quantity, Sku, Timestamp};

use crate::domain::{Cart, CartLine, LineChange, MAX_LINES};
use crate::handlers::change::{ChangeLine, LoadForChange};
use crate::handlers::get_cart::LoadCart as _;
use crate::store::Carts;
use crate::store::carts::from_row;

impl LoadForChange for Carts {
    /// Without the offer: taking a line out needs none.
    async fn load_for_change(&self, id: CartId, _sku: &Sku) -> Result<(Option<Cart>, Option<Offer>), StoreError> {
        Ok((self.load_cart(id).await?, None))
    }
}

impl ChangeLine for Carts {
    async fn change_line(
        &self,
        cart: &Cart,
        sku: &Sku,
        change: LineChange,
        now: Timestamp,
    ) -> Result<Cart, WriteError<()>> {
        let update = in_steps(self.touch(cart, now), sku.as_str(), change);
        Ok(from_row(update.apply::<Cart>().await?))
    }
}

fn in_steps(update: Change, sku: &str, change: LineChange) -> Change {
    let there = ["lines", sku];
    match change {
        LineChange::Insert(line) => update
            .when(Condition::lacks(there))
            .when(Condition::less_than("line_count", MAX_LINES))
            .set(there, line)
            .add("line_count", 1),
        LineChange::Increase(line) => {
            let more = line.quantity.get();
            let quantity = ["lines", sku, "quantity"];
            let update = update.when(Condition::less_than(quantity, Quantity::MAX.get() + 1 - more));
            refresh(update, sku, line).add(quantity, more.into())
        }
        LineChange::Replace(line) => {
            let quantity = line.quantity;
            refresh(update.when(Condition::has(there)), sku, line).set(["lines", sku, "quantity"], quantity)
        }
        LineChange::Remove => update.when(Condition::has(there)).remove(there).add("line_count", -1),
    }
}

/// Writes down what the shopper sees of the line now; by name, so that what a newer version wrote beside it stays.
fn refresh(update: Change, sku: &str, line: CartLine) -> Change {
    let update = update
        .set(["lines", sku, "title"], line.title)
        .set(["lines", sku, "options"], line.options)
        .set(["lines", sku, "unit_price"], line.unit_price);
    match line.image {
        Some(image) => update.set(["lines", sku, "image"], image),
        None => update.remove(["lines", sku, "image"]),
    }
}
