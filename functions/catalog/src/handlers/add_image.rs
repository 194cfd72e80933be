//! `POST /admin/products/{id}/images`: the form to upload one more picture with. It is shown once it is there and was looked at.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff, StatusCode};
use dynamo::StoreError;
use kernel::{Faults, ImageId, ProductId, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{AltText, ImageType, MAX_IMAGES, MAX_PICTURE_BYTES, PendingImage};
use crate::handlers::empty_category::ReadProduct;
use crate::uploads::{UploadForm, UploadForms};
use crate::views::PendingImageView;

pub trait InsertPendingImage {
    async fn insert_pending_image(&self, image: &PendingImage, audit: &AuditEntry) -> Result<(), StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub forms: UploadForms,
    /// Only where all is demo data: an SVG can carry scripts.
    pub allows_svg: bool,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImage {
    content_type: ImageType,
    /// The largest file that the form will take, in bytes.
    #[schemars(range(min = 1, max = 5_242_880))]
    content_length: u32,
    /// What the picture shows, for those who cannot see it.
    alt: AltText,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct AddedImage {
    image: PendingImageView,
    upload: UploadForm,
}

pub async fn handle(deps: &Deps<impl ReadProduct + InsertPendingImage>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let product_id: ProductId = request.path_parameter("id")?;
    let NewImage { content_type, content_length, alt } = request.json()?;
    check(content_type, content_length, deps.allows_svg)?;
    let product = deps.catalog.read_product(product_id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    if product.body.images.len() >= MAX_IMAGES {
        return Err(Problem::new(Code::TooManyImages));
    }
    let now = (deps.now)();
    let id = ImageId::new((deps.new_id)());
    let audit = AuditEntry::new(&request, &staff, now, "add_image", product_id, &["images"]);
    let image = PendingImage {
        id,
        product_id,
        alt,
        content_type,
        asked_at: now,
        actor: staff.id,
        trace: request.trace().clone(),
        refused: None,
    };
    deps.catalog.insert_pending_image(&image, &audit).await?;
    let upload = deps.forms.for_image(product_id, id, content_type, content_length, now);
    Ok(Response::new(StatusCode::CREATED, &AddedImage { image: PendingImageView::of(image), upload }))
}

fn check(content_type: ImageType, content_length: u32, allows_svg: bool) -> Result<(), Problem> {
    let mut faults = Faults::new();
    if content_type == ImageType::Svg && !allows_svg {
        faults.push("/content_type", "invalid_value", "This shop takes no SVG pictures.");
    }
    if !(1..=MAX_PICTURE_BYTES).contains(&content_length) {
        faults.push("/content_length", "out_of_range", format!("A picture has 1 to {MAX_PICTURE_BYTES} bytes."));
    }
    faults.into_result().map_err(Problem::invalid)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use dynamo::{Key, Row};
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::domain::{Product, ProductImage};
    use crate::fixtures;

    /// A tea with so many pictures.
    struct Fake {
        pictures: usize,
        pending: RefCell<Option<PendingImage>>,
    }

    impl ReadProduct for Fake {
        async fn read_product(&self, id: ProductId) -> Result<Option<Row<Product>>, StoreError> {
            let (mut product, _) = fixtures::tea();
            let image = ProductImage { id: ImageId::new(Ulid(1)), url: "u".to_owned(), alt: "a".to_owned() };
            product.images = vec![image; self.pictures];
            Ok((id == product.id).then(|| Row::new(Key::new("PRODUCT", "PRODUCT"), product)))
        }
    }

    impl InsertPendingImage for Fake {
        async fn insert_pending_image(&self, image: &PendingImage, audit: &AuditEntry) -> Result<(), StoreError> {
            assert_eq!((audit.action.as_str(), &audit.subject), ("add_image", &image.product_id.to_string()));
            self.pending.replace(Some(image.clone()));
            Ok(())
        }
    }

    async fn add(
        id: ProductId,
        pictures: usize,
        allows_svg: bool,
        body: Value,
    ) -> (Result<Response, Problem>, Option<PendingImage>) {
        let deps = Deps {
            catalog: Fake { pictures, pending: RefCell::default() },
            staff: testkit::auth::staff(),
            forms: UploadForms::of_tests(),
            allows_svg,
            now: fixtures::now,
            new_id: fixtures::new_id,
        };
        let request = request::post(&format!("/admin/products/{id}/images")).path_parameter("id", id);
        let request = request.authorized(fixtures::STAFF, "[admin]").json(body).build();
        (handle(&deps, request).await, deps.catalog.pending.into_inner())
    }

    fn picture(kind: &str, bytes: u64) -> Value {
        json!({ "content_type": kind, "content_length": bytes, "alt": "A tin of tea" })
    }

    fn tea() -> ProductId {
        fixtures::tea().0.id
    }

    #[tokio::test]
    async fn a_picture_waits_for_its_file_of_that_kind_and_size() {
        let (answer, pending) = add(tea(), 9, false, picture("image/png", 1000)).await;
        let (added, pending) = (testkit::json(&answer.unwrap()), pending.unwrap());
        assert_eq!(added["image"], json!({ "id": pending.id, "alt": "A tin of tea", "status": "pending" }));
        assert_eq!(added["upload"]["fields"]["key"], json!(format!("images/{}/{}", tea(), pending.id)));
        assert_eq!(added["upload"]["fields"]["Content-Type"], "image/png");
        assert_eq!((pending.alt.as_str(), pending.actor.as_str()), ("A tin of tea", fixtures::STAFF));
    }

    #[tokio::test]
    async fn a_product_that_is_not_there_or_has_ten_pictures_gets_no_more() {
        let (refused, pending) = add(tea(), MAX_IMAGES, false, picture("image/png", 1000)).await;
        assert_eq!((refused.unwrap_err().code(), pending), (Code::TooManyImages, None));
        let (refused, pending) = add(ProductId::new(Ulid(1)), 0, false, picture("image/png", 1000)).await;
        assert_eq!((refused.unwrap_err().code(), pending), (Code::NotFound, None));
    }

    #[tokio::test]
    async fn only_a_demo_shop_takes_svg() {
        let (refused, _) = add(tea(), 0, false, picture("image/svg+xml", 1000)).await;
        assert_eq!(refused.unwrap_err().faults()[0].pointer, "/content_type");
        assert!(add(tea(), 0, true, picture("image/svg+xml", 1000)).await.0.is_ok());
    }

    #[tokio::test]
    async fn nothing_and_too_much_are_no_pictures() {
        for bytes in [0, 5_242_881] {
            let (refused, _) = add(tea(), 0, false, picture("image/png", bytes)).await;
            let fault = refused.unwrap_err().faults()[0].clone();
            assert_eq!((fault.pointer.as_str(), fault.code), ("/content_length", "out_of_range"));
        }
        let (refused, _) = add(tea(), 0, false, picture("text/html", 10)).await;
        assert_eq!(refused.unwrap_err().faults()[0].pointer, "/content_type");
    }
}
