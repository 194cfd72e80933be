//! Products with their variants, changed together.
//!
//! A transaction has a hundred actions, and a product up to a hundred variants. What goes beyond is written down in the first
//! transaction, as the row `PENDING` beside the product, and done in the next ones (`pending.rs`): by whoever began, by whoever edits next, or by the
//! consumer of the event. Nothing can refuse it any more: new SKUs are taken before the first transaction, under their rows' own names.

use api::idempotency::Record;
use dynamo::{Change, Condition, Row, StoreError, WriteError, WriteSet, batch_get};
use events::Envelope;
use kernel::{ProductId, Sku};
use serde::Serialize;
use tracing::warn;

use crate::domain::{OfferEdit, Product, Stored, StoredOffer};
use crate::handlers::create_product::LoadAnswer;
use crate::handlers::delete_product::{Removal, RemoveProduct};
use crate::handlers::edits::{LoadStored, NotSaved, SaveEdit, Saving};
use crate::handlers::get_admin_product::ReadStored;
use crate::store::pending::{Held, Pending, ROUNDS, never_settled, steps};
use crate::store::products::ProductSlug;
use crate::store::{Catalog, keys};

/// Keys of one batch.
const BATCH: usize = 100;

impl LoadStored for Catalog {
    async fn load_stored(&self, id: ProductId, extra: &[Sku]) -> Result<Option<Stored>, StoreError> {
        for _ in 0..ROUNDS {
            match self.with_pending(id).await? {
                (None, _) => return Ok(None),
                (Some(row), None) => return self.with_offers(row, extra).await.map(Some),
                (Some(_), Some(pending)) => self.settle(pending).await?,
            }
        }
        Err(never_settled())
    }
}

impl ReadStored for Catalog {
    async fn read_stored(&self, id: ProductId) -> Result<Option<Stored>, StoreError> {
        let (Some(row), pending) = self.with_pending(id).await? else { return Ok(None) };
        let mut stored = self.with_offers(row, &[]).await?;
        // The version that is read is that of the whole edit, so all of it is shown.
        if let Some(pending) = pending {
            for StoredOffer { offer, .. } in &mut stored.offers {
                pending.body.show_in(offer);
            }
        }
        Ok(Some(stored))
    }
}

impl SaveEdit for Catalog {
    async fn save_edit(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
        let (first, mut later) = steps(&saving.edit.offers);
        let held = match self.hold(&mut later, saving.at).await {
            Ok(held) => held,
            Err(WriteError::Refused(mut reasons)) => {
                reasons.extend(self.refused_too(&saving, &first).await?);
                return Err(self.after_refusal(WriteError::Refused(reasons), saving.at).await?);
            }
            Err(error) => return Err(error),
        };
        let id = saving.edit.product.id;
        match self.first_step(&saving, &first, &later).commit().await {
            Ok(()) if later.is_empty() => Ok(()),
            Ok(()) => {
                if let Err(error) = self.settle_all(id).await {
                    warn!(product.id = %id, %error, "an edit of product {id} is left to the next who comes by");
                }
                Ok(())
            }
            Err(WriteError::Refused(reasons)) => {
                self.let_go(id, &held).await?;
                Err(self.after_refusal(WriteError::Refused(reasons), saving.at).await?)
            }
            // It may have been written after all, and then what is held is the product's.
            Err(error) => Err(error),
        }
    }
}

impl LoadAnswer for Catalog {
    async fn load_answer(&self, key: dynamo::Key) -> Result<Option<Row<Record>>, StoreError> {
        self.table.get(key).await
    }
}

impl RemoveProduct for Catalog {
    /// At most 60 variants, 21 slugs and 5 other rows.
    async fn remove_product(&self, removal: Removal<'_>) -> Result<(), WriteError<NotSaved>> {
        let Removal { stored, audit, event_id, trace, at } = removal;
        let (table, product) = (&self.table, &stored.product);
        let event = Envelope::new(event_id, at, trace.clone(), stored.version + 1, product.archived());
        let unchanged = Condition::equals("version", stored.version);
        let mut set = WriteSet::new()
            .with(Change::delete(table, keys::product(product.id), unchanged), NotSaved::Changed)
            .with(Change::check(table, keys::pending(product.id), Condition::Absent), NotSaved::Changed)
            .with(self.leaves(product.category_id, product.id), NotSaved::Changed)
            .with(audit.record(table, event_id.ulid()), NotSaved::Changed)
            .with(Change::announce(table, &event), NotSaved::Changed);
        for slug in product.slugs() {
            set.push(Change::delete(table, keys::slug(slug), of_product(product.id)), NotSaved::Changed);
        }
        for StoredOffer { offer, version } in &stored.offers {
            let unchanged = Condition::equals("version", *version);
            set.push(Change::delete(table, keys::stock(&offer.sku), unchanged), NotSaved::Changed);
        }
        set.commit().await
    }
}

/// Nobody else's: a slug that leads to this product, or to nothing.
fn of_product(id: ProductId) -> Condition {
    Condition::Absent.or(Condition::equals("product_id", id))
}

impl Catalog {
    /// A product, and what is still to be written of its last edit.
    async fn with_pending(&self, id: ProductId) -> Result<(Option<Row<Product>>, Option<Row<Pending>>), StoreError> {
        let (product, pending) = (keys::product(id), keys::pending(id));
        let keys = [&product, &pending].map(|key| (&self.table, key.clone()));
        let mut batch = batch_get(keys).await?;
        Ok((batch.take(&self.table, &product)?, batch.take(&self.table, &pending)?))
    }

    async fn with_offers(&self, row: Row<Product>, extra: &[Sku]) -> Result<Stored, StoreError> {
        let Row { body: product, version, .. } = row;
        let mut wanted = product.skus.clone();
        for sku in extra {
            if !wanted.contains(sku) {
                wanted.push(sku.clone());
            }
        }
        let mut offers = Vec::new();
        for skus in wanted.chunks(BATCH) {
            let mut batch = batch_get(skus.iter().map(|sku| self.offer_key(sku))).await?;
            for sku in skus {
                let row = batch.take::<Held>(&self.table, &keys::stock(sku))?;
                offers.extend(row.and_then(|Row { body, version, .. }| {
                    let offer = body.of(&product)?;
                    Some(StoredOffer { offer, version })
                }));
            }
        }
        Ok(Stored { product, version, offers })
    }

    /// Everything of an edit but the variants in `later`, which it writes down.
    fn first_step(&self, saving: &Saving<'_>, first: &[OfferEdit], later: &[OfferEdit]) -> WriteSet<NotSaved> {
        let Saving { edit, audit, event_id, trace, at, image, answer } = *saving;
        let (table, product, id) = (&self.table, &edit.product, edit.product.id);
        let mut set = WriteSet::new();
        match &edit.before {
            None => {
                let row = Row::new(keys::product(id), product.clone()).indexed(keys::product_index(id), "PRODUCT");
                set.push(Change::create(table, &row), NotSaved::Changed);
            }
            Some((_, version)) => set.push(self.product_change(product, *version), NotSaved::Changed),
        }
        if later.is_empty() {
            set.push(Change::check(table, keys::pending(id), Condition::Absent), NotSaved::Changed);
        } else {
            let pending = Pending { product_id: id, offers: later.to_vec() };
            set.push(Change::create(table, &Row::new(keys::pending(id), pending)), NotSaved::Changed);
        }
        let before = edit.before.as_ref().map(|(before, _)| before);
        if before.is_none_or(|before| before.slug != product.slug) {
            let row = Row::new(keys::slug(&product.slug), ProductSlug { product_id: id });
            set.push(Change::put(table, &row, of_product(id)), NotSaved::SlugTaken);
        }
        for slug in edit.forgotten_slugs() {
            set.push(Change::delete(table, keys::slug(slug), of_product(id)), NotSaved::Changed);
        }
        if before.is_none_or(|before| before.category_id != product.category_id) {
            set.push(self.takes_products(product.category_id), NotSaved::CategoryGone);
            set.push(self.joins(product.category_id, id), NotSaved::Changed);
            if let Some(before) = before {
                set.push(self.leaves(before.category_id, id), NotSaved::Changed);
            }
        }
        set.push(audit.record(table, event_id.ulid()), NotSaved::Changed);
        let sequence = edit.version_after();
        set.push(
            if edit.is_archiving() {
                Change::announce(table, &Envelope::new(event_id, at, trace.clone(), sequence, product.archived()))
            } else {
                Change::announce(table, &Envelope::new(event_id, at, trace.clone(), sequence, product.changed()))
            },
            NotSaved::Changed,
        );
        if let Some(image) = image {
            let on_its_way = Change::delete(table, keys::pending_image(id, image), Condition::Exists);
            set.push(on_its_way, NotSaved::ImageEnded);
        }
        if let Some((claim, response)) = answer {
            set.push(claim.record(table, response, at), NotSaved::Answered);
        }
        for edit in first {
            let refusal = match edit {
                OfferEdit::Create(offer) => NotSaved::SkuTaken(offer.sku.clone()),
                OfferEdit::Put(_) | OfferEdit::Retire { .. } | OfferEdit::Remove { .. } => NotSaved::Changed,
            };
            set.push(self.offer_change(id, edit), refusal);
        }
        set
    }

    /// What else is in the way of an edit whose first transaction was not tried, because some of its later variants were refused.
    async fn refused_too(&self, saving: &Saving<'_>, first: &[OfferEdit]) -> Result<Vec<NotSaved>, StoreError> {
        let (table, product) = (&self.table, &saving.edit.product);
        let before = saving.edit.before.as_ref().map(|(before, _)| before);
        let mut set = WriteSet::new();
        if before.is_none_or(|before| before.slug != product.slug) {
            set.push(Change::check(table, keys::slug(&product.slug), of_product(product.id)), NotSaved::SlugTaken);
        }
        if before.is_none_or(|before| before.category_id != product.category_id) {
            set.push(self.takes_products(product.category_id), NotSaved::CategoryGone);
        }
        for edit in first {
            if let OfferEdit::Create(offer) = edit {
                let is_free = Change::check(table, keys::stock(&offer.sku), Condition::Absent);
                set.push(is_free, NotSaved::SkuTaken(offer.sku.clone()));
            }
        }
        if set.is_empty() {
            return Ok(Vec::new());
        }
        match set.commit().await {
            Ok(()) => Ok(Vec::new()),
            Err(WriteError::Refused(reasons)) => Ok(reasons),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    fn product_change(&self, product: &Product, version: u64) -> Change {
        Change::update(&self.table, keys::product(product.id))
            .when(Condition::equals("version", version))
            .set("slug", &product.slug)
            .set("title", &product.title)
            .set("description", &product.description)
            .set("category_id", product.category_id)
            .set("status", product.status)
            .set("tags", &product.tags)
            .set("attributes", &product.attributes)
            .set("tax_class", product.tax_class)
            .set("options", &product.options)
            .set("images", &product.images)
            .set("skus", &product.skus)
            .set("former_slugs", &product.former_slugs)
            .set("has_retired", product.has_retired)
            .set("updated_at", product.updated_at)
    }

    /// One variant's row. Its stock is moved by others and stays as it is.
    pub(super) fn offer_change(&self, id: ProductId, edit: &OfferEdit) -> Change {
        let (table, key) = (&self.table, keys::stock(edit.sku()));
        let own = Condition::equals("product_id", id);
        match edit {
            OfferEdit::Create(offer) => {
                let place = keys::offer_index(offer.position, &offer.sku);
                Change::create(table, &Row::new(key, offer.clone()).indexed(keys::product_index(id), place))
            }
            OfferEdit::Put(offer) => {
                let change = Change::update(table, key)
                    .when(own)
                    .set("gsi1pk", keys::product_index(id))
                    .set("gsi1sk", keys::offer_index(offer.position, &offer.sku))
                    .set("position", offer.position)
                    .set("title", &offer.title)
                    .set("variant_title", &offer.variant_title)
                    .set("options", &offer.options)
                    .set("price", offer.price)
                    .set("prices", &offer.prices)
                    .set("tax_class", offer.tax_class)
                    .set("weight_grams", offer.weight_grams)
                    .set("for_sale", offer.for_sale)
                    .remove("retired")
                    .remove("held_at");
                let change = set_or_remove(change, "image", offer.image.as_ref());
                let change = set_or_remove(change, "compare_at_price", offer.compare_at_price);
                set_or_remove(change, "imported", offer.imported.as_ref())
            }
            OfferEdit::Retire { prices, .. } => Change::update(table, key)
                .when(own)
                .set("prices", prices)
                .set("for_sale", false)
                .set("retired", true)
                .remove("gsi1pk")
                .remove("gsi1sk"),
            OfferEdit::Remove { version, .. } => Change::delete(table, key, Condition::equals("version", *version)),
        }
    }
}

fn set_or_remove<T: Serialize>(change: Change, name: &str, value: Option<T>) -> Change {
    match value {
        Some(value) => change.set(name, value),
        None => change.remove(name),
    }
}
