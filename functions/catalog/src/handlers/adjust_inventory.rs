//! `POST /admin/inventory/{sku}/adjustments`: goods came, went, or were counted.

use api::idempotency::{Claim, Record};
use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff, StatusCode, User};
use dynamo::{Row, StoreError, WriteError};
use kernel::{Fault, Sku, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{LedgerEntry, MAX_ADJUSTMENT, Movement, Offer, Reason, Stock};

/// Tries when others change the same stock at the same time.
const TRIES: u32 = 8;

/// The SKU's stock, and the answer that was given under the request's key, in one call.
pub trait LoadStock {
    async fn load_stock(
        &self,
        sku: &Sku,
        claim: Option<&Claim>,
    ) -> Result<(Option<Row<Offer>>, Option<Row<Record>>), StoreError>;
}

/// Moves the stock with its ledger entry; refused when the stock is no longer what was read.
pub trait SaveAdjustment {
    async fn save_adjustment(&self, adjustment: Adjustment<'_>) -> Result<(), WriteError<()>>;
}

/// What one adjustment writes.
pub struct Adjustment<'a> {
    /// The offer as it was read.
    pub offer: &'a Row<Offer>,
    pub entry: &'a LedgerEntry,
    /// Of the ledger entry and of the audit entry.
    pub id: Ulid,
    pub audit: &'a AuditEntry,
    pub claim: Option<(&'a Claim, &'a Response)>,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustment {
    /// Units that came; below zero, units that went. Never zero.
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    quantity: i64,
    reason: Reason,
}

/// The stock of a SKU: `on_hand` = `available` + `reserved` + `committed`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stock")]
pub struct StockView {
    sku: Sku,
    on_hand: i64,
    available: i64,
    reserved: i64,
    committed: i64,
}

pub async fn handle(deps: &Deps<impl LoadStock + SaveAdjustment>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin, Group::Warehouse]).await?;
    let sku: Sku = request.path_parameter("sku")?;
    let NewAdjustment { quantity, reason } = request.json()?;
    check(quantity)?;
    let claim = claim(&request, &staff)?;
    let at = (deps.now)();
    let entry = LedgerEntry { sku, at, delta: quantity, reason, actor: staff.id.clone() };
    let audit = AuditEntry::new(&request, &staff, at, "adjust_inventory", &entry.sku, &["quantity", "reason"]);
    for _ in 0..TRIES {
        let (offer, record) = deps.catalog.load_stock(&entry.sku, claim.as_ref()).await?;
        if let Some(claim) = &claim
            && let Some(answer) = claim.replay(record, at)?
        {
            return Ok(answer);
        }
        let offer = offer.ok_or_else(|| Problem::new(Code::NotFound))?;
        let stock = offer.body.stock().after(Movement::Adjust(quantity)).ok_or_else(|| too_few(&offer.body))?;
        let response = Response::new(StatusCode::CREATED, &StockView::of(&entry.sku, stock));
        let claim = claim.as_ref().map(|claim| (claim, &response));
        let adjustment = Adjustment { offer: &offer, entry: &entry, id: (deps.new_id)(), audit: &audit, claim };
        match deps.catalog.save_adjustment(adjustment).await {
            Ok(()) => return Ok(response),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// The header is optional here; a request that has it has one effect. The answer is about stock: it is listed as nobody's.
fn claim(request: &Request, staff: &User) -> Result<Option<Claim>, Problem> {
    let given = request.header("idempotency-key").is_some();
    given.then(|| Claim::read(request, "POST /admin/inventory/{sku}/adjustments", staff.id.as_str())).transpose()
}

fn check(quantity: i64) -> Result<(), Problem> {
    if quantity != 0 && (-MAX_ADJUSTMENT..=MAX_ADJUSTMENT).contains(&quantity) {
        return Ok(());
    }
    let detail = format!("A quantity is not zero, and at most {MAX_ADJUSTMENT} either way.");
    Err(Problem::invalid(vec![Fault { pointer: "/quantity".to_owned(), code: "out_of_range", detail: detail.into() }]))
}

fn too_few(offer: &Offer) -> Problem {
    Problem::new(Code::StockNegative).at("/quantity").with("available", offer.available)
}

impl StockView {
    fn of(sku: &Sku, stock: Stock) -> Self {
        let Stock { on_hand, available, reserved, committed } = stock;
        Self { sku: sku.clone(), on_hand, available, reserved, committed }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use dynamo::Key;
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::fixtures;

    /// A tea of which 5 are available and 2 reserved, and somebody who changes it first, `rivals` times.
    struct Fake {
        rivals: Cell<u32>,
        saved: Cell<Option<i64>>,
    }

    impl LoadStock for Fake {
        async fn load_stock(
            &self,
            _: &Sku,
            _: Option<&Claim>,
        ) -> Result<(Option<Row<Offer>>, Option<Row<Record>>), StoreError> {
            let (_, mut offers) = fixtures::tea();
            let offer = Offer { on_hand: 7, available: 5, reserved: 2, ..offers.remove(0) };
            Ok((Some(Row::new(Key::new("STOCK", "STOCK"), offer)), None))
        }
    }

    impl SaveAdjustment for Fake {
        async fn save_adjustment(&self, adjustment: Adjustment<'_>) -> Result<(), WriteError<()>> {
            if self.rivals.get() > 0 {
                self.rivals.set(self.rivals.get() - 1);
                return Err(WriteError::Refused(vec![()]));
            }
            self.saved.set(Some(adjustment.entry.delta));
            Ok(())
        }
    }

    async fn adjust(rivals: u32, group: &str, body: Value) -> (Result<Response, Problem>, Option<i64>) {
        let catalog = Fake { rivals: Cell::new(rivals), saved: Cell::new(None) };
        let deps = Deps { catalog, staff: testkit::auth::staff(), now: fixtures::now, new_id: fixtures::new_id };
        let request = request::post("/admin/inventory/TEA-100/adjustments").path_parameter("sku", "TEA-100");
        let request = request.authorized(fixtures::STAFF, group).json(body).build();
        (handle(&deps, request).await, deps.catalog.saved.get())
    }

    #[tokio::test]
    async fn a_delivery_can_be_sold_at_once() {
        for group in ["[admin]", "[warehouse]"] {
            let (response, saved) = adjust(0, group, json!({ "quantity": 3, "reason": "receipt" })).await;
            let expected = json!({ "sku": "TEA-100", "on_hand": 10, "available": 8, "reserved": 2, "committed": 0 });
            assert_eq!((testkit::json(&response.unwrap()), saved), (expected, Some(3)));
        }
    }

    #[tokio::test]
    async fn what_is_reserved_cannot_be_written_off() {
        let (refused, saved) = adjust(0, "[admin]", json!({ "quantity": -6, "reason": "write_off" })).await;
        let refused = refused.unwrap_err();
        assert_eq!((refused.code(), refused.field("available")), (Code::StockNegative, Some(&json!(5))));
        assert_eq!(saved, None);
    }

    #[tokio::test]
    async fn a_stock_that_changed_meanwhile_is_read_again() {
        let body = json!({ "quantity": 1, "reason": "count" });
        assert_eq!(adjust(TRIES - 1, "[admin]", body.clone()).await.1, Some(1));
        let (busy, saved) = adjust(TRIES, "[admin]", body).await;
        assert_eq!((busy.unwrap_err().code(), saved), (Code::TryAgain, None));
    }

    #[tokio::test]
    async fn nothing_and_too_much_are_no_quantities() {
        for quantity in [json!(0), json!(1_000_001), json!(-1_000_001), json!(1.5), json!("3")] {
            let (refused, _) = adjust(0, "[admin]", json!({ "quantity": quantity, "reason": "count" })).await;
            assert_eq!(refused.unwrap_err().code(), Code::ValidationFailed);
        }
    }

    #[tokio::test]
    async fn support_cannot_touch_the_stock() {
        let (refused, _) = adjust(0, "[support]", json!({ "quantity": 1, "reason": "count" })).await;
        assert_eq!(refused.unwrap_err().code(), Code::Forbidden);
    }
}
