//! `POST /admin/inventory/{sku}/adjustments`: goods came, went, or were counted.

use api::idempotency::{Claim, Record};
use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff, StatusCode};
use dynamo::{Row, StoreError, WriteError};
use kernel::{Fault, Faults, Sku, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{Finding, LedgerEntry, MAX_ADJUSTMENT, MAX_COUNT, Movement, Note, Offer, Reason};
use crate::views::StockView;

/// Tries when others change the same stock at the same time.
const TRIES: u32 = 8;
const ROUTE: &str = "POST /admin/inventory/{sku}/adjustments";

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
    /// Units that came; below zero, units that went. Of everything but a count: a receipt or an opening stock is above zero, a write-off
    /// below it, and a correction either.
    #[serde(default)]
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    quantity: Option<i64>,
    /// Units that lie in the warehouse, those that are reserved or sold included. Of a count.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000))]
    counted: Option<i64>,
    reason: AdjustmentReason,
    #[serde(default)]
    note: Option<Note>,
}

/// What staff may give as a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AdjustmentReason {
    OpeningStock,
    Count,
    Receipt,
    WriteOff,
    Correction,
}

impl From<AdjustmentReason> for Reason {
    fn from(reason: AdjustmentReason) -> Self {
        match reason {
            AdjustmentReason::OpeningStock => Self::OpeningStock,
            AdjustmentReason::Count => Self::Count,
            AdjustmentReason::Receipt => Self::Receipt,
            AdjustmentReason::WriteOff => Self::WriteOff,
            AdjustmentReason::Correction => Self::Correction,
        }
    }
}

pub async fn handle(deps: &Deps<impl LoadStock + SaveAdjustment>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin, Group::Warehouse]).await?;
    let sku: Sku = request.path_parameter("sku")?;
    let wanted: NewAdjustment = request.json()?;
    let finding = wanted.finding().map_err(Problem::invalid)?;
    let claim = Claim::read_if_given(&request, ROUTE, &format!("user:{}", staff.id))?;
    let at = (deps.now)();
    let audit = AuditEntry::new(&request, &staff, at, "adjust_inventory", &sku, &[finding_field(finding), "reason"]);
    for _ in 0..TRIES {
        let (offer, record) = deps.catalog.load_stock(&sku, claim.as_ref()).await?;
        if let Some(claim) = &claim
            && let Some(answer) = claim.replay(record, at)?
        {
            return Ok(answer);
        }
        let offer = offer.ok_or_else(|| Problem::new(Code::NotFound))?;
        let delta = finding.delta(offer.body.stock());
        let stock = offer.body.stock().after(Movement::Adjust(delta)).ok_or_else(|| too_few(finding, &offer.body))?;
        if delta > 0 && stock.on_hand > MAX_COUNT {
            return Err(too_many(finding, &offer.body));
        }
        let response = Response::new(StatusCode::CREATED, &StockView::of(&offer.body, stock));
        let (reason, note, actor) = (wanted.reason.into(), wanted.note.clone(), staff.id.clone());
        let entry = LedgerEntry { sku: sku.clone(), at, delta, reason, note, actor };
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

impl NewAdjustment {
    fn finding(&self) -> Result<Finding, Vec<Fault>> {
        let Self { quantity, counted, reason, .. } = *self;
        let is_count = reason == AdjustmentReason::Count;
        let (field, given, other, finding): (_, _, _, fn(i64) -> Finding) = if is_count {
            ("counted", counted, ("quantity", quantity), Finding::Counted)
        } else {
            ("quantity", quantity, ("counted", counted), Finding::Moved)
        };
        let mut faults = Faults::new();
        match given {
            None => faults.push(format!("/{field}"), "required", format!("With this reason, '{field}' says how many.")),
            Some(units) if !reason.allows(units) => {
                faults.push(format!("/{field}"), "out_of_range", reason.range_detail());
            }
            Some(_) => {}
        }
        if let (other, Some(_)) = other {
            faults.push(format!("/{other}"), "unknown_field", format!("With this reason, '{field}' says how many."));
        }
        match given {
            Some(units) if faults.is_empty() => Ok(finding(units)),
            _ => Err(faults.into_vec()),
        }
    }
}

impl AdjustmentReason {
    fn allows(self, units: i64) -> bool {
        match self {
            Self::Count => (0..=MAX_COUNT).contains(&units),
            Self::Receipt | Self::OpeningStock => (1..=MAX_ADJUSTMENT).contains(&units),
            Self::WriteOff => (-MAX_ADJUSTMENT..=-1).contains(&units),
            Self::Correction => units != 0 && (-MAX_ADJUSTMENT..=MAX_ADJUSTMENT).contains(&units),
        }
    }

    fn range_detail(self) -> String {
        match self {
            Self::Count => format!("A count is at least zero and at most {MAX_COUNT}."),
            Self::Receipt => format!("A receipt is above zero and at most {MAX_ADJUSTMENT}."),
            Self::OpeningStock => format!("An opening stock is above zero and at most {MAX_ADJUSTMENT}."),
            Self::WriteOff => format!("A write-off is below zero and at least -{MAX_ADJUSTMENT}."),
            Self::Correction => format!("A correction is not zero, and at most {MAX_ADJUSTMENT} either way."),
        }
    }
}

fn finding_field(finding: Finding) -> &'static str {
    match finding {
        Finding::Moved(_) => "quantity",
        Finding::Counted(_) => "counted",
    }
}

fn too_few(finding: Finding, offer: &Offer) -> Problem {
    let Offer { available, reserved, committed, .. } = offer;
    let pointer = format!("/{}", finding_field(finding));
    let detail =
        format!("Only {available} units are not promised to anybody; {reserved} are reserved and {committed} sold.");
    Problem::detailed(Code::StockNegative, detail).at(pointer).with("available", available)
}

/// What is more could not be counted, nor imported from the file that it was exported to.
fn too_many(finding: Finding, offer: &Offer) -> Problem {
    let mut faults = Faults::new();
    let detail = format!("There are {} units, and a stock has at most {MAX_COUNT}.", offer.on_hand);
    faults.push(format!("/{}", finding_field(finding)), "out_of_range", detail);
    Problem::invalid(faults.into_vec())
}

#[cfg(test)]
#[path = "adjust_inventory_tests.rs"]
mod tests;
