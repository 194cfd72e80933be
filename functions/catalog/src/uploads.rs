//! The private bucket that staff upload files to: pictures before they are looked at, and the files that the catalogue is changed by. Copies
//! of the catalogue lie there, too.

mod bucket;
mod keys;
mod presigned_post;

use aws::env::{SettingError, required};
use kernel::{ImageId, ImportId, ProductId, Timestamp};

pub use bucket::{BucketError, Excerpt, UploadBucket};
pub use keys::{Uploaded, export_file, export_rest, image_file, import_file, uploaded};
pub use presigned_post::UploadForm;
use presigned_post::{Credentials, PresignedPost};

use crate::domain::ImageType;

/// Time that an upload may take to begin.
const EXPIRES_SECONDS: i64 = 15 * 60;

/// Signs forms by which a browser uploads one file straight to the bucket.
#[derive(Debug, Clone)]
pub struct UploadForms {
    bucket: String,
    /// Where a form for the bucket is posted.
    url: String,
    region: String,
    credentials: Credentials,
}

impl UploadForms {
    /// Made from `UPLOAD_BUCKET` and what Lambda gives each function.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn from_env() -> Result<Self, SettingError> {
        let bucket = required("UPLOAD_BUCKET")?;
        let region = required("AWS_REGION")?;
        // An endpoint of one's own may not have a host name for each bucket.
        let url = match required("AWS_ENDPOINT_URL_S3").or_else(|_| required("AWS_ENDPOINT_URL")) {
            Ok(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            Err(_) => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
        };
        Ok(Self {
            url,
            bucket,
            region,
            credentials: Credentials {
                access_key_id: required("AWS_ACCESS_KEY_ID")?,
                secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
                session_token: required("AWS_SESSION_TOKEN").ok(),
            },
        })
    }

    /// The form that uploads one picture of at most so many bytes.
    #[must_use]
    pub fn for_image(
        &self,
        product: ProductId,
        image: ImageId,
        kind: ImageType,
        bytes: u32,
        now: Timestamp,
    ) -> UploadForm {
        self.sign(&image_file(product, image), kind.as_str(), bytes, now)
    }

    /// The form that uploads one file to import, of at most so many bytes.
    #[must_use]
    pub fn for_import(&self, import: ImportId, bytes: u32, now: Timestamp) -> UploadForm {
        self.sign(&import_file(import), "text/csv", bytes, now)
    }

    fn sign(&self, key: &str, content_type: &str, max_bytes: u32, now: Timestamp) -> UploadForm {
        let expires_at = now.plus_seconds(EXPIRES_SECONDS);
        let (bucket, region) = (&self.bucket, &self.region);
        let post = PresignedPost { bucket, region, key, content_type, max_bytes, now, expires_at };
        post.sign(&self.url, &self.credentials)
    }

    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        Self {
            bucket: "uploads".to_owned(),
            url: "http://127.0.0.1:4566/uploads".to_owned(),
            region: "us-east-1".to_owned(),
            credentials: Credentials {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: Some("token".to_owned()),
            },
        }
    }
}
