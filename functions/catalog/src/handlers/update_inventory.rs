//! `PUT /admin/inventory/{sku}`: below how many available units a SKU is announced as running low.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::{Row, WriteError};
use kernel::{Faults, Sku, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::Offer;
use crate::handlers::get_inventory::ReadStock;
use crate::views::StockView;

const MAX_LOW_AT: u32 = 1_000_000;

/// Sets the threshold; refused when the row is no longer what was read.
pub trait SaveThreshold {
    async fn save_threshold(
        &self,
        offer: &Row<Offer>,
        low_at: u32,
        audit: &AuditEntry,
        id: Ulid,
    ) -> Result<(), WriteError<()>>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StockSettings {
    /// Announced as low (`StockLow`) when fewer units are available; 0: never.
    #[schemars(range(max = 1_000_000))]
    low_at: u32,
}

pub async fn handle(deps: &Deps<impl ReadStock + SaveThreshold>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin, Group::Warehouse]).await?;
    let sku: Sku = request.path_parameter("sku")?;
    let StockSettings { low_at } = request.json()?;
    check(low_at)?;
    let before = deps.catalog.read_stock(&sku).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    request.if_match(before.version)?;
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "update_inventory", &sku, &["low_at"]);
    let saved = deps.catalog.save_threshold(&before, low_at, &audit, (deps.new_id)()).await;
    saved.map_err(|error| error.on_refused(|()| Problem::new(Code::VersionMismatch)))?;
    let (stock, after) = (before.body.stock(), Offer { low_at, ..before.body });
    Ok(Response::ok(&StockView::of(&after, stock)).versioned(before.version + 1))
}

fn check(low_at: u32) -> Result<(), Problem> {
    let mut faults = Faults::new();
    if low_at > MAX_LOW_AT {
        faults.push("/low_at", "out_of_range", format!("At most {MAX_LOW_AT}."));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults.into_vec())) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use dynamo::{Key, StoreError};
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::fixtures;

    /// A tea in version 4, and perhaps somebody who orders it just then.
    #[derive(Default)]
    struct Fake {
        is_ordered: bool,
        saved: Cell<Option<u32>>,
    }

    impl ReadStock for Fake {
        async fn read_stock(&self, _: &Sku) -> Result<Option<Row<Offer>>, StoreError> {
            Ok(Some(Row { version: 4, ..Row::new(Key::new("STOCK", "STOCK"), fixtures::tea().1.remove(0)) }))
        }
    }

    impl SaveThreshold for Fake {
        async fn save_threshold(
            &self,
            _: &Row<Offer>,
            low_at: u32,
            _: &AuditEntry,
            _: Ulid,
        ) -> Result<(), WriteError<()>> {
            if self.is_ordered {
                return Err(WriteError::Refused(vec![()]));
            }
            self.saved.set(Some(low_at));
            Ok(())
        }
    }

    async fn put(catalog: Fake, tag: &str, groups: &str, body: Value) -> (Result<Response, Problem>, Option<u32>) {
        let deps = Deps { catalog, staff: testkit::auth::staff(), now: fixtures::now, new_id: fixtures::new_id };
        let request = request::put("/admin/inventory/TEA-100").path_parameter("sku", "TEA-100");
        let request = request.authorized(fixtures::STAFF, groups).header("if-match", tag).json(body);
        (handle(&deps, request.build()).await, deps.catalog.saved.get())
    }

    #[tokio::test]
    async fn staff_set_how_many_there_are_to_be() {
        for (low_at, groups) in [(12, "[admin]"), (0, "[warehouse]")] {
            let (answer, saved) = put(Fake::default(), "\"4\"", groups, json!({ "low_at": low_at })).await;
            let answer = answer.unwrap();
            assert_eq!((answer.header_value("ETag"), saved), (Some("\"5\""), Some(low_at)));
            assert_eq!(testkit::json(&answer)["low_at"], json!(low_at));
        }
    }

    #[tokio::test]
    async fn what_was_read_before_somebody_else_changed_it_is_refused() {
        let body = json!({ "low_at": 12 });
        let (refused, saved) = put(Fake::default(), "\"3\"", "[admin]", body.clone()).await;
        assert_eq!((refused.unwrap_err().code(), saved), (Code::VersionMismatch, None));
        let ordered = Fake { is_ordered: true, ..Fake::default() };
        let (refused, saved) = put(ordered, "\"4\"", "[admin]", body).await;
        assert_eq!((refused.unwrap_err().code(), saved), (Code::VersionMismatch, None));
    }

    #[tokio::test]
    async fn a_threshold_is_a_number_that_a_warehouse_can_have() {
        for low_at in [json!(-1), json!(1_000_001), json!("5"), json!(null)] {
            let (refused, saved) = put(Fake::default(), "\"4\"", "[admin]", json!({ "low_at": low_at })).await;
            assert_eq!((refused.unwrap_err().code(), saved), (Code::ValidationFailed, None), "{low_at}");
        }
        let (refused, _) = put(Fake::default(), "\"4\"", "[support]", json!({ "low_at": 1 })).await;
        assert_eq!(refused.unwrap_err().code(), Code::Forbidden);
    }
}
