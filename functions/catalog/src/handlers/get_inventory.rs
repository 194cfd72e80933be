//! `GET /admin/inventory/{sku}`: the stock of a SKU, and its ledger with the newest entry first.

use api::{Code, Group, Limit, PageRequest, Problem, Request, Response, Staff};
use dynamo::{Page, Row, StoreError};
use kernel::{Sku, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{LedgerEntry, Note, Offer, Reason};
use crate::handlers::list_products::Place;
use crate::store::keys;
use crate::views::StockView;

/// The SKU's row as all writes acknowledged before left it.
pub trait ReadStock {
    async fn read_stock(&self, sku: &Sku) -> Result<Option<Row<Offer>>, StoreError>;
}

/// A page of the ledger.
pub trait LoadLedger {
    async fn load_ledger(&self, sku: &Sku, limit: u16, after: Option<Place>) -> Result<Page<LedgerEntry>, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Inventory")]
pub struct InventoryView {
    #[serde(flatten)]
    stock: StockView,
    /// `on_hand` is the sum of all of them.
    data: Vec<LedgerEntryView>,
    /// Give it back as `cursor` for older entries; null with the oldest.
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerEntry")]
pub struct LedgerEntryView {
    at: Timestamp,
    /// Units that came; below zero, units that went.
    delta: i64,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
    /// Who of the staff wrote it.
    actor: UserId,
}

pub async fn handle(deps: &Deps<impl ReadStock + LoadLedger>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &Group::ALL).await?;
    let sku: Sku = request.path_parameter("sku")?;
    let Query { limit, cursor } = request.query()?;
    let page = PageRequest::read(&request, cursor.as_deref())?;
    let after = page.position(("pk", keys::ledger_of(&sku).as_str()))?;
    let offer = deps.catalog.read_stock(&sku).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let ledger = deps.catalog.load_ledger(&sku, limit.get(), after).await?;
    let data = ledger.rows.into_iter().map(|row| LedgerEntryView::of(row.body)).collect();
    let stock = StockView::of(&offer.body, offer.body.stock());
    let answer = page.respond_with(ledger.next, &request, |next_cursor| InventoryView { stock, data, next_cursor });
    Ok(answer.versioned(offer.version))
}

impl LedgerEntryView {
    fn of(entry: LedgerEntry) -> Self {
        let LedgerEntry { at, delta, reason, note, actor, .. } = entry;
        Self { at, delta, reason, note, actor }
    }
}

#[cfg(test)]
mod tests {
    use dynamo::Key;
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::fixtures;

    /// A tea that was delivered twice; one entry a page.
    struct Fake;

    impl ReadStock for Fake {
        async fn read_stock(&self, sku: &Sku) -> Result<Option<Row<Offer>>, StoreError> {
            let offer = Offer { on_hand: 7, available: 5, reserved: 2, ..fixtures::tea().1.remove(0) };
            let row = Row { version: 4, ..Row::new(Key::new("STOCK", "STOCK"), offer) };
            Ok((*sku == row.body.sku).then_some(row))
        }
    }

    impl LoadLedger for Fake {
        async fn load_ledger(
            &self,
            sku: &Sku,
            limit: u16,
            after: Option<Place>,
        ) -> Result<Page<LedgerEntry>, StoreError> {
            assert_eq!(limit, 1);
            let delta = if after.is_some() { 3 } else { 4 };
            let (at, actor) = (fixtures::now(), fixtures::STAFF.parse().unwrap());
            let entry = LedgerEntry { sku: sku.clone(), at, delta, reason: Reason::Receipt, note: None, actor };
            let key = Key::new(keys::ledger_of(sku), "1");
            let next =
                after.is_none().then(|| [("pk".to_owned(), key.pk.clone()), ("sk".to_owned(), key.sk.clone())].into());
            Ok(Page { rows: vec![Row::new(key, entry)], next })
        }
    }

    async fn read(sku: &str, query: &[(&str, &str)], groups: &str) -> Result<Response, Problem> {
        let request = request::get(&format!("/admin/inventory/{sku}")).path_parameter("sku", sku);
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        let deps = Deps { catalog: Fake, staff: testkit::auth::staff() };
        handle(&deps, request.authorized(fixtures::STAFF, groups).build()).await
    }

    #[tokio::test]
    async fn staff_of_every_group_see_the_stock_and_walk_through_its_ledger() {
        for groups in ["[admin]", "[support]", "[warehouse]"] {
            let first = read("TEA-100", &[("limit", "1")], groups).await.unwrap();
            assert_eq!(first.header_value("ETag"), Some("\"4\""));
            let first = testkit::json(&first);
            let entry = |delta: i64| json!([{ "at": fixtures::now(), "delta": delta, "reason": "receipt", "actor": fixtures::STAFF }]);
            assert_eq!((&first["on_hand"], &first["low_at"], &first["data"]), (&json!(7), &json!(5), &entry(4)));
            let cursor = first["next_cursor"].as_str().unwrap();
            let last = testkit::json(&read("TEA-100", &[("limit", "1"), ("cursor", cursor)], groups).await.unwrap());
            assert_eq!((&last["data"], &last["next_cursor"]), (&entry(3), &json!(null)));
        }
    }

    #[tokio::test]
    async fn a_sku_that_nobody_has_is_not_found_and_a_made_up_cursor_is_refused() {
        for sku in ["TEA-200", "?"] {
            assert_eq!(read(sku, &[("limit", "1")], "[admin]").await.unwrap_err().code(), Code::NotFound, "{sku}");
        }
        assert_eq!(read("TEA-100", &[("cursor", "x")], "[admin]").await.unwrap_err().code(), Code::InvalidCursor);
        assert_eq!(read("TEA-100", &[], "[]").await.unwrap_err().code(), Code::Forbidden);
    }
}
