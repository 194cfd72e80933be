//! `PUT /admin/shipping-zones`: staff set all shipping zones of the shop at once.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::StoreError;
use kernel::{Currency, Timestamp, Ulid};
use pricing::ShippingZones;

use crate::handlers::transition::Saved;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait PutShippingZones {
    async fn put_shipping_zones(
        &self,
        table: &ShippingZones,
        audit: &AuditEntry,
        audit_id: Ulid,
    ) -> Result<Saved, StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
    pub staff: Staff,
    pub currency: Currency,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl PutShippingZones>, request: Request) -> Result<Response, Problem> {
    let user = deps.staff.admit(&request, &[Group::Admin]).await?;
    let table: ShippingZones = request.json()?;
    table.check(deps.currency).map_err(Problem::invalid)?;
    let audit = AuditEntry::new(&request, &user, (deps.now)(), "put_shipping_zones", "shipping-zones", &["zones"]);
    match deps.orders.put_shipping_zones(&table, &audit, (deps.new_id)()).await? {
        Saved::Done => Ok(Response::ok(&table)),
        Saved::Raced => Err(Problem::new(Code::TryAgain)),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};
    use testkit::auth::staff;
    use testkit::{now, request};

    use super::*;
    use crate::domain::samples::USER;
    use crate::handlers::fakes::new_id;

    #[derive(Default)]
    struct Stored(RefCell<Vec<ShippingZones>>);

    impl PutShippingZones for Stored {
        async fn put_shipping_zones(
            &self,
            table: &ShippingZones,
            _: &AuditEntry,
            _: Ulid,
        ) -> Result<Saved, StoreError> {
            self.0.borrow_mut().push(table.clone());
            Ok(Saved::Done)
        }
    }

    async fn put(groups: &str, price: Value) -> (Result<Response, Problem>, Vec<ShippingZones>) {
        let deps = Deps { orders: Stored::default(), staff: staff(), currency: Currency::EUR, now, new_id };
        let method = json!({ "id": "standard", "title": "Parcel", "price": price, "min_days": 1, "max_days": 3 });
        let zone = json!({ "id": "germany", "title": "Germany", "countries": ["DE"], "methods": [method] });
        let body = json!({ "zones": [zone] });
        let request = request::put("/admin/shipping-zones").authorized(USER, groups).json(body).build();
        let answer = handle(&deps, request).await;
        (answer, deps.orders.0.into_inner())
    }

    #[tokio::test]
    async fn an_admin_sets_all_zones() {
        let (answer, stored) = put("[admin]", json!({ "amount": 490, "currency": "EUR" })).await;
        assert_eq!(testkit::json(&answer.unwrap())["zones"][0]["methods"][0]["price"]["amount"], 490);
        assert_eq!(stored[0].zones.len(), 1);
    }

    #[tokio::test]
    async fn others_may_not() {
        let (answer, stored) = put("[support]", json!({ "amount": 490, "currency": "EUR" })).await;
        assert_eq!((answer.expect_err("not an admin").code(), stored.len()), (Code::Forbidden, 0));
    }

    #[tokio::test]
    async fn prices_of_another_currency_are_refused() {
        let (answer, stored) = put("[admin]", json!({ "amount": 490, "currency": "USD" })).await;
        let problem = answer.expect_err("not the shop's currency");
        assert_eq!((problem.faults()[0].code, stored.len()), ("currency_mismatch", 0));
    }
}
