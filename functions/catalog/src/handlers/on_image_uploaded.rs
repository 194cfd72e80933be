//! The queue of pictures that came: one that is what it was announced as is put where shoppers see it, and among its product's.
//!
//! Each step may be done again: what adds a picture to its product also ends its being on its way, so it is added once, and a message about
//! one that is not on its way ends the work that is left.

use api::AuditEntry;
use dynamo::{StoreError, WriteError};
use events::Unreadable;
use kernel::{EventId, ImageId, ProductId, Timestamp, Ulid};
use queue::Message;
use telemetry::Trace;
use tracing::info;

use crate::domain::{MAX_PICTURE_BYTES, PendingImage, ProductImage, Refusal, ShopZone, TELLING_BYTES, edit};
use crate::handlers::edits::{LoadStored, NotSaved, SaveEdit, Saving};
use crate::media::Media;
use crate::uploads::{BucketError, Excerpt, UploadBucket, Uploaded, image_file, uploaded};

/// Tries when others change the same product at the same time.
const TRIES: u32 = 8;

/// A picture that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageWork {
    /// None for what a bucket sends beside.
    pub image: Option<(ProductId, ImageId)>,
    pub trace: Trace,
}

impl Message for ImageWork {
    fn read(body: &str) -> Result<Self, Unreadable> {
        Ok(match uploaded(body)? {
            Uploaded::Image { product_id, image_id } => {
                Self { image: Some((product_id, image_id)), trace: Trace::start(image_id.to_string()) }
            }
            Uploaded::Import(_) | Uploaded::Nothing => Self { image: None, trace: Trace::start("uploads") },
        })
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

pub trait LoadPendingImage {
    async fn load_pending_image(&self, product: ProductId, image: ImageId) -> Result<Option<PendingImage>, StoreError>;
}

pub trait RefuseImage {
    /// Notes why it will not be shown.
    async fn refuse_image(&self, image: &PendingImage, refusal: Refusal) -> Result<(), StoreError>;
}

/// The buckets' side of a picture.
pub trait MovePicture {
    /// Its first bytes; none when it is gone.
    async fn look(&self, key: &str, length: u64) -> Result<Option<Excerpt>, BucketError>;
    /// Puts it where shoppers see it; false when it is gone, or another by now.
    async fn publish(&self, key: &str, etag: &str, to: (&str, &str), content_type: &str) -> Result<bool, BucketError>;
    async fn discard(&self, key: &str) -> Result<(), BucketError>;
}

impl MovePicture for UploadBucket {
    async fn look(&self, key: &str, length: u64) -> Result<Option<Excerpt>, BucketError> {
        self.excerpt(key, None, 0, length).await
    }

    async fn publish(&self, key: &str, etag: &str, to: (&str, &str), content_type: &str) -> Result<bool, BucketError> {
        self.publish(key, etag, to, content_type).await
    }

    async fn discard(&self, key: &str) -> Result<(), BucketError> {
        self.delete(key).await
    }
}

pub struct Deps<S, B> {
    pub catalog: S,
    pub uploads: B,
    pub media: Media,
    pub zone: ShopZone,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error("product {0} changes all the time")]
    Busy(ProductId),
}

/// # Errors
/// [`NotShown`]: the queue delivers the message again.
pub async fn handle<S, B>(deps: &Deps<S, B>, work: ImageWork) -> Result<(), NotShown>
where
    S: LoadPendingImage + RefuseImage + LoadStored + SaveEdit,
    B: MovePicture,
{
    let Some((product_id, image_id)) = work.image else { return Ok(()) };
    let key = image_file(product_id, image_id);
    let pending = deps.catalog.load_pending_image(product_id, image_id).await?;
    let is_awaited = |pending: &PendingImage| pending.refused.is_none() && pending.expires_at() > (deps.now)();
    let Some(pending) = pending.filter(is_awaited) else {
        // Nobody asked for it, or not for this one, or it is shown.
        return Ok(deps.uploads.discard(&key).await?);
    };
    let Some(file) = deps.uploads.look(&key, TELLING_BYTES).await? else { return Ok(()) };
    let end = match refusal(&pending, &file) {
        Some(refusal) => End::Refused(refusal),
        None => show(deps, &pending, &key, &file.etag).await?,
    };
    info!(product.id = %product_id, image.id = %image_id, ?end, "looked at picture {image_id}");
    match end {
        End::Shown | End::Unwanted => {}
        End::Refused(refusal) => deps.catalog.refuse_image(&pending, refusal).await?,
        End::Replaced => return Ok(()),
    }
    Ok(deps.uploads.discard(&key).await?)
}

/// What becomes of a picture.
#[derive(Debug)]
enum End {
    Shown,
    Refused(Refusal),
    /// The product is gone.
    Unwanted,
    /// Another came in its place, and a message about that one is on its way.
    Replaced,
}

fn refusal(pending: &PendingImage, file: &Excerpt) -> Option<Refusal> {
    if file.size > MAX_PICTURE_BYTES.into() {
        return Some(Refusal::TooLarge);
    }
    (!pending.content_type.begins(&file.bytes)).then_some(Refusal::NotThatPicture)
}

/// Copies the picture that was looked at, and adds it to its product, once: staff may have taken it out since.
async fn show<S, B>(deps: &Deps<S, B>, pending: &PendingImage, key: &str, etag: &str) -> Result<End, NotShown>
where
    S: LoadStored + SaveEdit,
    B: MovePicture,
{
    let kind = pending.content_type;
    let file = Media::file(pending.product_id, pending.id, kind);
    if !deps.uploads.publish(key, etag, (&deps.media.bucket, &file), kind.as_str()).await? {
        return Ok(End::Replaced);
    }
    let shown = ProductImage { id: pending.id, url: deps.media.url(&file), alt: pending.alt.to_string() };
    let audit = audit(pending, (deps.now)());
    let moment = deps.zone.moment(audit.at);
    for _ in 0..TRIES {
        let Some(stored) = deps.catalog.load_stored(pending.product_id, &[]).await? else { return Ok(End::Unwanted) };
        let Some(edit) = edit::with_image(&stored, shown.clone(), moment) else {
            return Ok(End::Refused(Refusal::TooManyImages));
        };
        let event_id = EventId::new((deps.new_id)());
        let (trace, at, image) = (&pending.trace, audit.at, Some(pending.id));
        let saving = Saving { edit: &edit, audit: &audit, event_id, trace, at, image, answer: None };
        match deps.catalog.save_edit(saving).await {
            Ok(()) => return Ok(End::Shown),
            Err(WriteError::Refused(reasons)) if reasons.contains(&NotSaved::ImageEnded) => return Ok(End::Shown),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(NotShown::Busy(pending.product_id))
}

fn audit(pending: &PendingImage, at: Timestamp) -> AuditEntry {
    AuditEntry {
        at,
        actor: pending.actor.to_string(),
        action: "show_image".to_owned(),
        subject: pending.product_id.to_string(),
        fields: vec!["images".to_owned()],
        correlation_id: pending.trace.correlation_id.clone(),
    }
}

#[cfg(test)]
#[path = "on_image_uploaded_tests.rs"]
mod tests;
