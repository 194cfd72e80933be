//! What the bucket's files are called, and how a notification names them.

use events::Unreadable;
use kernel::{ExportId, ImageId, ImportId, ProductId};
use serde::Deserialize;

/// A picture that nobody has looked at yet.
#[must_use]
pub fn image_file(product: ProductId, image: ImageId) -> String {
    format!("images/{product}/{image}")
}

/// A file that the catalogue is changed by.
#[must_use]
pub fn import_file(import: ImportId) -> String {
    format!("imports/{import}.csv")
}

/// A copy of the catalogue. One that is begun anew is another file: whoever still works on the one before does not end this one.
#[must_use]
pub fn export_file(export: ExportId, restarts: u32) -> String {
    format!("exports/{export}-{restarts}.csv")
}

/// What of a copy was read after its last part that was large enough to be one.
#[must_use]
pub fn export_rest(export: ExportId, step: u32) -> String {
    format!("exports/{export}.rest-{step}")
}

/// What a file that came is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uploaded {
    Image {
        product_id: ProductId,
        image_id: ImageId,
    },
    Import(ImportId),
    /// S3 tries a new notification out, or somebody put a file there that nobody asked for.
    Nothing,
}

/// What S3 puts into a queue.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Records", default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: S3,
}

#[derive(Deserialize)]
struct S3 {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// Reads the body of an SQS message that the bucket put there.
///
/// # Errors
/// [`Unreadable`]: the message belongs in the dead-letter queue.
pub fn uploaded(body: &str) -> Result<Uploaded, Unreadable> {
    let notification: Notification = serde_json::from_str(body)?;
    // One message is about one file, and our keys have nothing that is written otherwise in a notification.
    let key = notification.records.first().map(|record| record.s3.object.key.as_str());
    Ok(key.and_then(named).unwrap_or(Uploaded::Nothing))
}

fn named(key: &str) -> Option<Uploaded> {
    match key.split('/').collect::<Vec<_>>()[..] {
        ["images", product, image] => {
            Some(Uploaded::Image { product_id: product.parse().ok()?, image_id: image.parse().ok()? })
        }
        ["imports", file] => Some(Uploaded::Import(file.strip_suffix(".csv")?.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;
    use serde_json::json;

    use super::*;

    fn read(key: &str) -> Uploaded {
        let record = json!({ "eventName": "ObjectCreated:Post", "s3": { "object": { "key": key, "size": 9 } } });
        uploaded(&json!({ "Records": [record] }).to_string()).unwrap()
    }

    #[test]
    fn a_notification_names_the_file_that_came() {
        let (product_id, image_id) = (ProductId::new(Ulid(1)), ImageId::new(Ulid(2)));
        assert_eq!(read(&image_file(product_id, image_id)), Uploaded::Image { product_id, image_id });
        let import = ImportId::new(Ulid(3));
        assert_eq!(read(&import_file(import)), Uploaded::Import(import));
    }

    #[test]
    fn what_nobody_asked_for_is_nothing() {
        for key in
            ["images/x/y", "images/prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD", "imports/x.csv", "imports/imp_1", "exports/x"]
        {
            assert_eq!(read(key), Uploaded::Nothing, "{key}");
        }
        let trial = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads" });
        assert_eq!(uploaded(&trial.to_string()).unwrap(), Uploaded::Nothing);
        assert!(uploaded("tea").is_err());
    }
}
