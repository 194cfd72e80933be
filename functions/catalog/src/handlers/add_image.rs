//! `POST /admin/products/{id}/images`: one more picture, and the form to upload it with.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff, StatusCode};
use dynamo::{Row, StoreError, WriteError};
use events::{Envelope, ProductChanged};
use kernel::{EventId, Faults, ImageId, ProductId, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{AltText, Image, Product};
use crate::media::{ImageType, MAX_BYTES, Media, UploadForm};

/// Tries when others change the same product at the same time.
const TRIES: u32 = 5;

pub trait LoadProductRow {
    async fn load_product_row(&self, id: ProductId) -> Result<Option<Row<Product>>, StoreError>;
}

/// Writes the product's pictures, wherever they are shown; refused when the product is no longer what was read.
pub trait SaveImages {
    async fn save_images(
        &self,
        version_read: u64,
        product: &Product,
        audit: &AuditEntry,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<()>>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub media: Media,
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
    image: AddedImageView,
    upload: UploadForm,
}

/// The picture; its address answers once the file is uploaded.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AddedImagePicture")]
pub struct AddedImageView {
    id: ImageId,
    url: String,
    alt: String,
}

pub async fn handle(deps: &Deps<impl LoadProductRow + SaveImages>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let product_id: ProductId = request.path_parameter("id")?;
    let new: NewImage = request.json()?;
    new.check(&deps.media)?;
    let now = (deps.now)();
    let id = ImageId::new((deps.new_id)());
    let (url, upload) = deps.media.prepare(product_id, id, new.content_type, new.content_length, now);
    let image = Image { url, alt: new.alt.into() };
    let audit = AuditEntry::new(&request, &staff, now, "add_image", product_id, &["images"]);
    for _ in 0..TRIES {
        let row = deps.catalog.load_product_row(product_id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
        let product = row.body.with_image(image.clone(), now).ok_or_else(|| Problem::new(Code::TooManyImages))?;
        let event_id = EventId::new((deps.new_id)());
        let event = Envelope::new(event_id, now, request.trace().clone(), row.version + 1, product.changed());
        match deps.catalog.save_images(row.version, &product, &audit, &event).await {
            Ok(()) => {
                let image = AddedImageView { id, url: image.url, alt: image.alt };
                return Ok(Response::new(StatusCode::CREATED, &AddedImage { image, upload }));
            }
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

impl NewImage {
    fn check(&self, media: &Media) -> Result<(), Problem> {
        let mut faults = Faults::new();
        if !media.allows(self.content_type) {
            faults.push("/content_type", "invalid_value", "This shop takes no SVG pictures.");
        }
        if !(1..=MAX_BYTES).contains(&self.content_length) {
            faults.push("/content_length", "out_of_range", format!("A picture has 1 to {MAX_BYTES} bytes."));
        }
        faults.into_result().map_err(Problem::invalid)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use dynamo::Key;
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::domain::MAX_IMAGES;
    use crate::fixtures;

    /// A tea with so many pictures.
    struct Fake {
        pictures: usize,
        saved: RefCell<Vec<Image>>,
    }

    impl LoadProductRow for Fake {
        async fn load_product_row(&self, _: ProductId) -> Result<Option<Row<Product>>, StoreError> {
            let (mut product, _) = fixtures::tea();
            product.images = vec![Image { url: "u".to_owned(), alt: "a".to_owned() }; self.pictures];
            Ok(Some(Row::new(Key::new("PRODUCT", "PRODUCT"), product)))
        }
    }

    impl SaveImages for Fake {
        async fn save_images(
            &self,
            version_read: u64,
            product: &Product,
            _: &AuditEntry,
            event: &Envelope<ProductChanged>,
        ) -> Result<(), WriteError<()>> {
            assert_eq!((version_read, event.sequence), (1, 2));
            self.saved.replace(product.images.clone());
            Ok(())
        }
    }

    async fn add(pictures: usize, allows_svg: bool, body: Value) -> (Result<Response, Problem>, Vec<Image>) {
        let deps = Deps {
            catalog: Fake { pictures, saved: RefCell::default() },
            staff: testkit::auth::staff(),
            media: Media::of_tests(allows_svg),
            now: fixtures::now,
            new_id: fixtures::new_id,
        };
        let id = fixtures::tea().0.id;
        let request = request::post(&format!("/admin/products/{id}/images")).path_parameter("id", id);
        let request = request.authorized(fixtures::STAFF, "[admin]").json(body).build();
        (handle(&deps, request).await, deps.catalog.saved.into_inner())
    }

    fn picture(kind: &str, bytes: u64) -> Value {
        json!({ "content_type": kind, "content_length": bytes, "alt": "A tin of tea" })
    }

    #[tokio::test]
    async fn the_form_uploads_to_where_the_picture_will_be_shown() {
        let (response, saved) = add(1, false, picture("image/png", 1000)).await;
        let added = testkit::json(&response.unwrap());
        let (id, image) = (fixtures::tea().0.id, ImageId::new(fixtures::new_id()));
        let key = format!("products/{id}/{image}.png");
        assert_eq!(added["upload"]["fields"]["key"], json!(key));
        assert_eq!(added["image"]["url"], json!(format!("http://127.0.0.1:4566/media/{key}")));
        assert_eq!((saved.len(), saved[1].alt.as_str()), (2, "A tin of tea"));
    }

    #[tokio::test]
    async fn a_product_has_at_most_ten_pictures() {
        let (refused, saved) = add(MAX_IMAGES, false, picture("image/png", 1000)).await;
        assert_eq!((refused.unwrap_err().code(), saved.len()), (Code::TooManyImages, 0));
    }

    #[tokio::test]
    async fn only_a_demo_shop_takes_svg() {
        let (refused, _) = add(0, false, picture("image/svg+xml", 1000)).await;
        assert_eq!(refused.unwrap_err().faults()[0].pointer, "/content_type");
        assert!(add(0, true, picture("image/svg+xml", 1000)).await.0.is_ok());
    }

    #[tokio::test]
    async fn nothing_and_too_much_are_no_pictures() {
        for bytes in [0, 5_242_881] {
            let (refused, _) = add(0, false, picture("image/png", bytes)).await;
            let fault = refused.unwrap_err().faults()[0].clone();
            assert_eq!((fault.pointer.as_str(), fault.code), ("/content_length", "out_of_range"));
        }
        let (refused, _) = add(0, false, picture("text/html", 10)).await;
        assert_eq!(refused.unwrap_err().faults()[0].pointer, "/content_type");
    }
}
