//! `GET /admin/products/{id}`: a product as staff see it, whatever its status.

use api::{Code, Group, Problem, Request, Response, Staff};
use dynamo::StoreError;
use kernel::{ProductId, Timestamp};

use crate::domain::{PendingImage, Stored};
use crate::views::{AdminProductView, PendingImageView};

/// The product as all writes acknowledged before left it.
pub trait ReadStored {
    async fn read_stored(&self, id: ProductId) -> Result<Option<Stored>, StoreError>;
}

pub trait LoadPendingImages {
    /// Pictures that are not among the product's yet, or were refused. Some may have expired: ask [`PendingImage::expires_at`].
    async fn load_pending_images(&self, product: ProductId) -> Result<Vec<PendingImage>, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
}

pub async fn handle(deps: &Deps<impl ReadStored + LoadPendingImages>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &Group::ALL).await?;
    let id: ProductId = request.path_parameter("id")?;
    let stored = deps.catalog.read_stored(id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let variants = stored.variants().cloned().collect();
    let pending = deps.catalog.load_pending_images(id).await?;
    let now = (deps.now)();
    let pending = pending.into_iter().filter(|image| image.expires_at() > now).map(PendingImageView::of).collect();
    let view = AdminProductView::of(stored.product, variants).with_pending_images(pending);
    Ok(Response::ok(&view).versioned(stored.version))
}

#[cfg(test)]
mod tests {
    use kernel::{ImageId, Ulid};
    use serde_json::json;
    use telemetry::Trace;
    use testkit::request;

    use super::*;
    use crate::domain::{ImageType, Refusal};
    use crate::fixtures;

    struct Fake;

    impl ReadStored for Fake {
        async fn read_stored(&self, id: ProductId) -> Result<Option<Stored>, StoreError> {
            let mut stored = fixtures::stored_tea();
            stored.product.status = crate::domain::Status::Draft;
            stored.offers[0].offer.on_hand = 3;
            Ok((id == stored.product.id).then_some(stored))
        }
    }

    impl LoadPendingImages for Fake {
        async fn load_pending_images(&self, product_id: ProductId) -> Result<Vec<PendingImage>, StoreError> {
            let image = |number: u128, age: i64, refused| PendingImage {
                id: ImageId::new(Ulid(number)),
                product_id,
                alt: "A tin".parse().unwrap(),
                content_type: ImageType::Png,
                asked_at: fixtures::now().plus_seconds(-age),
                actor: fixtures::STAFF.parse().unwrap(),
                trace: Trace::start("c"),
                refused,
            };
            let day = 24 * 60 * 60;
            let (gone, refused) = (image(9, day, None), image(2, 0, Some(Refusal::NotThatPicture)));
            Ok(vec![gone, image(1, day - 1, None), refused])
        }
    }

    async fn get(id: &str, group: &str) -> Result<Response, Problem> {
        let request = request::get(&format!("/admin/products/{id}")).path_parameter("id", id);
        let deps = Deps { catalog: Fake, staff: testkit::auth::staff(), now: fixtures::now };
        handle(&deps, request.authorized(fixtures::STAFF, group).build()).await
    }

    #[tokio::test]
    async fn staff_of_every_group_see_drafts_with_their_stock_and_version() {
        let id = fixtures::stored_tea().product.id.to_string();
        for group in ["[admin]", "[support]", "[warehouse]"] {
            let answer = get(&id, group).await.unwrap();
            assert_eq!(answer.header_value("ETag"), Some("\"3\""));
            let product = testkit::json(&answer);
            assert_eq!((&product["status"], &product["variants"][0]["on_hand"]), (&json!("draft"), &json!(3)));
        }
    }

    #[tokio::test]
    async fn staff_see_for_a_day_what_became_of_the_pictures_that_they_uploaded() {
        let answer = get(&fixtures::stored_tea().product.id.to_string(), "[admin]").await.unwrap();
        let (first, second) = (ImageId::new(Ulid(1)), ImageId::new(Ulid(2)));
        let expected = json!([
            { "id": first, "alt": "A tin", "status": "pending" },
            { "id": second, "alt": "A tin", "status": "refused", "reason": "not_that_picture" },
        ]);
        assert_eq!(testkit::json(&answer)["pending_images"], expected);
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        for id in ["prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD", "7"] {
            assert_eq!(get(id, "[admin]").await.unwrap_err().code(), Code::NotFound);
        }
    }
}
