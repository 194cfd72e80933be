//! Pictures on their way to a product.

use api::AuditEntry;
use dynamo::{Change, Entity, Personal, Query, Row, StoreError, WriteError, WriteSet};
use kernel::{ImageId, ProductId};

use crate::domain::{PendingImage, Refusal};
use crate::handlers::add_image::InsertPendingImage;
use crate::handlers::get_admin_product::LoadPendingImages;
use crate::handlers::on_image_uploaded::{LoadPendingImage, RefuseImage};
use crate::store::{Catalog, keys};

/// Rows that staff are shown.
const SHOWN: u16 = 50;

impl Entity for PendingImage {
    const TYPE: &'static str = "pending_image";
    const PERSONAL: Personal = Personal::Keep("who changed the shop's data must stay known; an actor is a bare id");
}

impl InsertPendingImage for Catalog {
    async fn insert_pending_image(&self, image: &PendingImage, audit: &AuditEntry) -> Result<(), StoreError> {
        let row = Row::new(keys::pending_image(image.product_id, image.id), image.clone());
        let row = row.expiring(image.expires_at().epoch_seconds());
        let set = WriteSet::new()
            .with(Change::create(&self.table, &row), ())
            .with(audit.record(&self.table, image.id.ulid()), ());
        match set.commit().await {
            Ok(()) => Ok(()),
            Err(WriteError::Refused(_)) => Err(StoreError::Busy("a new row was there already".into())),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl LoadPendingImage for Catalog {
    async fn load_pending_image(&self, product: ProductId, image: ImageId) -> Result<Option<PendingImage>, StoreError> {
        Ok(self.table.get(keys::pending_image(product, image)).await?.map(|row| row.body))
    }
}

impl LoadPendingImages for Catalog {
    async fn load_pending_images(&self, product: ProductId) -> Result<Vec<PendingImage>, StoreError> {
        let query = Query::partition(keys::product_index(product)).prefix(keys::PENDING_IMAGE);
        // The newest: rows that expired may stay before them for days.
        let page = self.table.query::<PendingImage>(query.consistent().descending().limit(SHOWN)).await?;
        Ok(page.rows.into_iter().rev().map(|row| row.body).collect())
    }
}

impl RefuseImage for Catalog {
    async fn refuse_image(&self, image: &PendingImage, refusal: Refusal) -> Result<(), StoreError> {
        let key = keys::pending_image(image.product_id, image.id);
        let change = Change::update(&self.table, key).set("refused", refusal);
        match WriteSet::new().with(change, ()).commit().await {
            // Refused: it is on its way no more.
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;
    use telemetry::Trace;

    use super::*;
    use crate::domain::ImageType;
    use crate::fixtures;

    #[test]
    fn a_picture_on_its_way_is_read_as_it_was_written() {
        let image = PendingImage {
            id: ImageId::new(Ulid(2)),
            product_id: ProductId::new(Ulid(1)),
            alt: "A tin of tea".parse().unwrap(),
            content_type: ImageType::Webp,
            asked_at: fixtures::now(),
            actor: fixtures::STAFF.parse().unwrap(),
            trace: Trace::start("c"),
            refused: None,
        };
        for image in [PendingImage { refused: Some(Refusal::TooManyImages), ..image.clone() }, image] {
            let row = Row::new(keys::pending_image(image.product_id, image.id), image).expiring(1);
            let item: dynamo::Item = serde_dynamo::to_item(&row).unwrap();
            assert_eq!(serde_dynamo::from_item::<_, Row<PendingImage>>(item).unwrap(), row);
        }
    }
}
