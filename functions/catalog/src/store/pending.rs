//! What one transaction cannot hold of an edit: written down in the first, and done in the next ones.

use dynamo::{Change, Condition, Entity, Personal, Row, StoreError, WriteError, WriteSet};
use kernel::{ProductId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::edit::AT_ONCE;
use crate::domain::{Offer, OfferEdit, Product};
use crate::handlers::edits::NotSaved;
use crate::handlers::list_product::SettleOffers;
use crate::store::{Catalog, keys};

/// Variants of a further transaction, which writes one other row.
const CHUNK: usize = 90;
/// Transactions that finish one edit, with some more for others who do the same.
pub(super) const ROUNDS: u32 = 10;
/// After so long, whoever took a SKU and wrote no product will not do so any more: functions run for half a minute at most.
const HELD_SECONDS: i64 = 60;

/// What is still to be written of a product's last edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) product_id: ProductId,
    pub(super) offers: Vec<OfferEdit>,
}

impl Entity for Pending {
    const TYPE: &'static str = "pending_edit";
    const PERSONAL: Personal = Personal::None;
}

impl Pending {
    /// Gives `offer` the contents that it is still to get. Its stock is as it is.
    pub(super) fn show_in(&self, offer: &mut Offer) {
        let wanted = self.offers.iter().find_map(|edit| match edit {
            OfferEdit::Put(wanted) if wanted.sku == offer.sku => Some(wanted.clone()),
            _ => None,
        });
        if let Some(wanted) = wanted {
            let Offer { on_hand, available, reserved, committed, low_at, ordered, counted, .. } = *offer;
            *offer = Offer { on_hand, available, reserved, committed, low_at, ordered, counted, ..wanted };
        }
    }
}

/// A variant's row that an edit took before it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    #[serde(flatten)]
    offer: Offer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held_at: Option<Timestamp>,
}

impl Entity for Held {
    const TYPE: &'static str = Offer::TYPE;
    const PERSONAL: Personal = Offer::PERSONAL;
}

impl Held {
    /// The row as one of `product`. What is only held is not: whoever holds it may let it go.
    pub(super) fn of(self, product: &Product) -> Option<Offer> {
        let Self { offer, held_at } = self;
        let is_written = held_at.is_none() || product.skus.contains(&offer.sku);
        (offer.product_id == product.id && is_written).then_some(offer)
    }
}

impl SettleOffers for Catalog {
    async fn settle_offers(&self, product: ProductId) -> Result<(), StoreError> {
        self.settle_all(product).await
    }
}

/// What the first transaction does of `edits`, and what is left: of what may be written later, new variants come last and goodbyes after
/// them.
pub(super) fn steps(edits: &[OfferEdit]) -> (Vec<OfferEdit>, Vec<OfferEdit>) {
    let mut ordered = edits.to_vec();
    ordered.sort_by_key(|edit| match edit {
        OfferEdit::Put(_) => 0,
        OfferEdit::Create(_) => 1,
        OfferEdit::Retire { .. } | OfferEdit::Remove { .. } => 2,
    });
    let later = ordered.split_off(ordered.len().min(AT_ONCE));
    (ordered, later)
}

pub(super) fn never_settled() -> StoreError {
    StoreError::Busy("an edit of the product is never done".into())
}

impl Catalog {
    /// Takes the SKUs of the new variants in `later`; what is left to do there is to give their rows their contents.
    pub(super) async fn hold(&self, later: &mut [OfferEdit], at: Timestamp) -> Result<Vec<Sku>, WriteError<NotSaved>> {
        let mut new: Vec<Offer> = Vec::new();
        for edit in later {
            if let OfferEdit::Create(offer) = edit {
                new.push(offer.clone());
                *edit = OfferEdit::Put(offer.clone());
            }
        }
        let mut held = Vec::new();
        for offers in new.chunks(CHUNK) {
            let mut set = WriteSet::new();
            for offer in offers {
                let offer = Offer { for_sale: false, retired: true, ..offer.clone() };
                let (key, refusal) = (keys::stock(&offer.sku), NotSaved::SkuTaken(offer.sku.clone()));
                set.push(Change::create(&self.table, &Row::new(key, Held { offer, held_at: Some(at) })), refusal);
            }
            if let Err(error) = set.commit().await {
                self.let_go(new[0].product_id, &held).await?;
                return Err(error);
            }
            held.extend(offers.iter().map(|offer| offer.sku.clone()));
        }
        Ok(held)
    }

    /// Frees SKUs that were taken for an edit that was refused.
    pub(super) async fn let_go(&self, id: ProductId, held: &[Sku]) -> Result<(), StoreError> {
        for skus in held.chunks(CHUNK) {
            let mut set = WriteSet::new();
            for sku in skus {
                let is_held = Condition::has("held_at").and(Condition::equals("product_id", id));
                set.push(Change::delete(&self.table, keys::stock(sku), is_held), ());
            }
            match set.commit().await {
                // Refused: they are in use, so the edit was written after all.
                Ok(()) | Err(WriteError::Refused(_)) => {}
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// The refusal, unless the SKUs that were in the way may be free in a moment: they are held for an edit that is not written yet, or
    /// were for one that died.
    pub(super) async fn after_refusal(
        &self,
        error: WriteError<NotSaved>,
        at: Timestamp,
    ) -> Result<WriteError<NotSaved>, StoreError> {
        let WriteError::Refused(reasons) = &error else { return Ok(error) };
        let mut answer = None;
        for reason in reasons {
            if let NotSaved::SkuTaken(sku) = reason {
                answer = self.free_if_abandoned(sku, at).await?.or(answer);
            }
        }
        Ok(answer.map_or(error, |reason| WriteError::Refused(vec![reason])))
    }

    /// Frees a SKU that nobody will use any more. What that means for who wants it; nothing when it is in use.
    async fn free_if_abandoned(&self, sku: &Sku, at: Timestamp) -> Result<Option<NotSaved>, StoreError> {
        let Some(row) = self.table.get::<Held>(keys::stock(sku)).await? else { return Ok(Some(NotSaved::Changed)) };
        let Held { offer, held_at } = row.body;
        let Some(held_at) = held_at else { return Ok(None) };
        if at.seconds_since(held_at) <= HELD_SECONDS {
            return Ok(Some(NotSaved::Held));
        }
        let product = keys::product(offer.product_id);
        let as_read = match self.table.get::<Product>(product.clone()).await? {
            // It is in use and only waits for its contents.
            Some(row) if row.body.skus.contains(sku) => return Ok(None),
            Some(row) => Condition::equals("version", row.version),
            None => Condition::Absent,
        };
        let still_held = Condition::equals("held_at", held_at);
        let set = WriteSet::new()
            .with(Change::delete(&self.table, keys::stock(sku), still_held), ())
            .with(Change::check(&self.table, product, as_read), ());
        match set.commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(Some(NotSaved::Changed)),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Writes what is left of the product's last edit.
    pub(super) async fn settle_all(&self, id: ProductId) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            match self.table.get::<Pending>(keys::pending(id)).await? {
                None => return Ok(()),
                Some(pending) => self.settle(pending).await?,
            }
        }
        Err(never_settled())
    }

    /// One more transaction of what is left. Whoever else does the same at this moment may be the one who did it.
    pub(super) async fn settle(&self, pending: Row<Pending>) -> Result<(), StoreError> {
        let Pending { product_id, offers } = &pending.body;
        let (now, rest) = offers.split_at(offers.len().min(CHUNK));
        let mut set = WriteSet::new().with(self.leave_pending(&pending, rest), None);
        for edit in now {
            set.push(self.offer_change(*product_id, edit), Some(edit.sku()));
        }
        match set.commit().await {
            Ok(()) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
            Err(WriteError::Refused(refused)) if refused.contains(&None) => Ok(()),
            Err(WriteError::Refused(refused)) => {
                let refused: Vec<&Sku> = refused.into_iter().flatten().collect();
                self.keep_what_was_ordered(&pending, &refused).await
            }
        }
    }

    /// The row of what is left once all but `rest` is done.
    fn leave_pending(&self, pending: &Row<Pending>, rest: &[OfferEdit]) -> Change {
        let (key, unchanged) = (pending.key.clone(), Condition::equals("version", pending.version));
        if rest.is_empty() {
            Change::delete(&self.table, key, unchanged)
        } else {
            Change::update(&self.table, key).when(unchanged).set("offers", rest)
        }
    }

    /// A row that was to go stays, because something happened to it since: orders may know the SKU now.
    async fn keep_what_was_ordered(&self, pending: &Row<Pending>, refused: &[&Sku]) -> Result<(), StoreError> {
        let mut offers = pending.body.offers.clone();
        for edit in offers.iter_mut().filter(|edit| refused.contains(&edit.sku())) {
            // No other edit can be refused: the rows are the product's own.
            let OfferEdit::Remove { sku, prices, .. } = edit else { return Err(never_settled()) };
            *edit = OfferEdit::Retire { sku: sku.clone(), prices: prices.clone() };
        }
        let product = keys::product(pending.body.product_id);
        let set = WriteSet::new()
            .with(self.leave_pending(pending, &offers), ())
            .with(Change::update(&self.table, product).set("has_retired", true), ());
        match set.commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
#[path = "pending_tests.rs"]
mod tests;
