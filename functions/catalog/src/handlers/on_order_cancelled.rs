//! `OrderCancelled`: what was reserved can be bought again. What was sold before stays sold; a cancelled sale is not this consumer's business.

use events::{Envelope, OrderCancelled};

use crate::domain::Outcome;
use crate::handlers::settlement::{Delivery, Deps, Failed, LoadHold, SettleHold, settle};

const CONSUMER: &str = "catalog-on-order-cancelled";

pub async fn handle(deps: &Deps<impl LoadHold + SettleHold>, event: Envelope<OrderCancelled>) -> Result<(), Failed> {
    let delivery = Delivery { consumer: CONSUMER, event: event.id, now: (deps.now)() };
    settle(&deps.catalog, event.data.order.order_id, Outcome::Cancelled, delivery).await
}
