//! What all who change a product have in common: read it, check it, write it under the version that was read.

use api::idempotency::Claim;
use api::{AuditEntry, Code, Problem, Request, Response, Staff, StatusCode};
use aws::env::SettingError;
use dynamo::{StoreError, WriteError};
use kernel::{Currency, EventId, Fault, ImageId, ProductId, Sku, Timestamp, Ulid};
use telemetry::Trace;

use crate::domain::{Edit, ProductInput, ShopZone, Stored, edit};
use crate::views::AdminProductView;

/// Tries when orders or other staff change the same product at the same time.
const TRIES: u32 = 5;

/// The product with its variants, as all writes acknowledged before left them; and of `extra` SKUs those that were this product's once.
/// What an earlier edit left to be written is written first.
pub trait LoadStored {
    async fn load_stored(&self, id: ProductId, extra: &[Sku]) -> Result<Option<Stored>, StoreError>;
}

/// Writes an edit with its audit entry and event; refused whole or written whole, sooner or later.
pub trait SaveEdit {
    async fn save_edit(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>>;
}

/// An edit, and what is written beside it.
#[derive(Debug, Clone, Copy)]
pub struct Saving<'a> {
    pub edit: &'a Edit,
    pub audit: &'a AuditEntry,
    /// Of the event, and of the audit entry.
    pub event_id: EventId,
    pub trace: &'a Trace,
    pub at: Timestamp,
    /// The picture that was on its way until this edit.
    pub image: Option<ImageId>,
    /// What is answered whoever repeats the request with its key.
    pub answer: Option<(&'a Claim, &'a Response)>,
}

/// Why an edit was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSaved {
    SlugTaken,
    SkuTaken(Sku),
    /// A SKU is held for a large edit that is being written at this moment, or died while it was.
    Held,
    /// It is not there, or it is being deleted.
    CategoryGone,
    /// The product or one of its variants is no longer what was read.
    Changed,
    /// The picture is on its way no more.
    ImageEnded,
    /// Another request with the same key was faster.
    Answered,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub currency: Currency,
    pub zone: ShopZone,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

impl<S> Deps<S> {
    /// Made from the settings of [`Staff::from_env`], `SHOP_CURRENCY` and `SHOP_TIME_ZONE`.
    ///
    /// # Errors
    /// When a setting is missing or not valid.
    pub async fn from_env(catalog: S) -> Result<Self, SettingError> {
        Ok(Self {
            catalog,
            staff: Staff::from_env().await?,
            currency: aws::env::parsed("SHOP_CURRENCY")?,
            zone: aws::env::parsed("SHOP_TIME_ZONE")?,
            now: kernel::fresh::now,
            new_id: kernel::fresh::ulid,
        })
    }
}

/// Which product changes, and what is noted about it.
pub(super) struct Change<'a> {
    pub(super) id: ProductId,
    pub(super) audit: &'a AuditEntry,
    /// SKUs that may come back to the product.
    pub(super) extra: &'a [Sku],
}

/// Makes the product, if it is in the version that the caller read, what `wanted` says of it.
pub(super) async fn change<S: LoadStored + SaveEdit>(
    deps: &Deps<S>,
    request: &Request,
    change: Change<'_>,
    wanted: impl Fn(&Stored) -> Result<ProductInput, Problem>,
) -> Result<Edit, Problem> {
    let Change { id, audit, extra } = change;
    let moment = deps.zone.moment(audit.at);
    for _ in 0..TRIES {
        let stored = deps.catalog.load_stored(id, extra).await?;
        let stored = stored.ok_or_else(|| Problem::new(Code::NotFound))?;
        request.if_match(stored.version)?;
        let edit = edit::apply(&stored, wanted(&stored)?, deps.currency, moment).map_err(Problem::invalid)?;
        if edit.is_nothing() {
            return Ok(edit);
        }
        let event_id = EventId::new((deps.new_id)());
        let (trace, at) = (request.trace(), moment.at);
        let saving = Saving { edit: &edit, audit, event_id, trace, at, image: None, answer: None };
        match deps.catalog.save_edit(saving).await {
            Ok(()) => return Ok(edit),
            Err(WriteError::Refused(reasons)) => {
                if let Some(problem) = refusal(&reasons, &edit) {
                    return Err(problem);
                }
            }
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// What the caller is told: all that is in the way, under the code of the first. Nothing when it is worth reading anew and trying again.
pub(super) fn refusal(reasons: &[NotSaved], edit: &Edit) -> Option<Problem> {
    if reasons.iter().any(|reason| matches!(reason, NotSaved::Changed | NotSaved::Answered)) {
        return None;
    }
    if reasons.contains(&NotSaved::Held) {
        return Some(Problem::new(Code::TryAgain));
    }
    let mut refused = Vec::new();
    if reasons.contains(&NotSaved::SlugTaken) {
        refused.push((Code::SlugTaken, "/slug".to_owned()));
    }
    if reasons.contains(&NotSaved::CategoryGone) {
        refused.push((Code::CategoryNotFound, "/category_id".to_owned()));
    }
    let is_taken = |sku: &Sku| reasons.iter().any(|reason| matches!(reason, NotSaved::SkuTaken(taken) if taken == sku));
    let taken = edit.product.skus.iter().enumerate().filter(|(_, sku)| is_taken(sku));
    refused.extend(taken.map(|(at, _)| (Code::SkuTaken, format!("/variants/{at}/sku"))));
    let first = refused.first()?.0;
    let fault = |(code, pointer): (Code, String)| Fault { pointer, code: code.as_str(), detail: code.title().into() };
    Some(Problem::new(first).with_faults(refused.into_iter().map(fault).collect()))
}

/// The product as staff see it after `edit`, with what the next change names in `If-Match`.
pub(super) fn answer(status: StatusCode, edit: &Edit) -> Response {
    let view = AdminProductView::of(edit.product.clone(), edit.variants.clone());
    Response::new(status, &view).versioned(edit.version_after())
}

/// The problem with pointers into the body of one variant, which is what the caller sent.
pub(super) fn of_the_variant(problem: Problem) -> Problem {
    let within = |pointer: &str| {
        let place = pointer.strip_prefix("/variants").unwrap_or(pointer);
        place.trim_start_matches(|char: char| char == '/' || char.is_ascii_digit()).to_owned()
    };
    let faults = problem.faults().iter().map(|fault| {
        let place = within(&fault.pointer);
        let pointer = if place.is_empty() { place } else { format!("/{place}") };
        Fault { pointer, ..fault.clone() }
    });
    let faults = faults.collect();
    problem.with_faults(faults)
}

#[cfg(test)]
pub(crate) mod fakes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_s_faults_point_into_its_own_body() {
        let fault = |pointer: &str| Fault { pointer: pointer.to_owned(), code: "duplicate", detail: "".into() };
        let pointers = ["/variants/12/price/amount", "/variants/0/options/2nd", "/variants"];
        let problem = of_the_variant(Problem::invalid(pointers.map(fault).to_vec()));
        let found: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(found, ["/price/amount", "/options/2nd", ""]);
    }
}
