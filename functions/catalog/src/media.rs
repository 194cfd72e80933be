//! Uploads of pictures, straight from the browser to the media bucket.

mod presigned_post;

use aws::env::{SettingError, or, required};
use kernel::{ImageId, ProductId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use presigned_post::UploadForm;
use presigned_post::{Credentials, PresignedPost};

/// Bytes of one picture.
pub const MAX_BYTES: u32 = 5 * 1024 * 1024;
/// Time that an upload may take to begin.
const EXPIRES_SECONDS: i64 = 15 * 60;

/// The kinds of picture that browsers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ImageType {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "image/avif")]
    Avif,
    /// Only in a shop of demo data: an SVG can carry scripts.
    #[serde(rename = "image/svg+xml")]
    Svg,
}

impl ImageType {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Svg => "image/svg+xml",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Svg => "svg",
        }
    }
}

/// The media bucket, seen by those who upload and those who look.
#[derive(Debug, Clone)]
pub struct Media {
    bucket: String,
    /// Where a form for the bucket is posted.
    upload_url: String,
    base_url: String,
    allows_svg: bool,
    region: String,
    credentials: Credentials,
}

impl Media {
    /// Made from `MEDIA_BUCKET`, `MEDIA_BASE_URL`, `ALLOW_SVG` and what Lambda gives each function.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn from_env() -> Result<Self, SettingError> {
        let bucket = required("MEDIA_BUCKET")?;
        let region = required("AWS_REGION")?;
        // An endpoint of one's own may not have a host name for each bucket.
        let upload_url = match required("AWS_ENDPOINT_URL_S3").or_else(|_| required("AWS_ENDPOINT_URL")) {
            Ok(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            Err(_) => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
        };
        Ok(Self {
            upload_url,
            bucket,
            region,
            base_url: required("MEDIA_BASE_URL")?.trim_end_matches('/').to_owned(),
            allows_svg: or("ALLOW_SVG", "false") == "true",
            credentials: Credentials {
                access_key_id: required("AWS_ACCESS_KEY_ID")?,
                secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
                session_token: required("AWS_SESSION_TOKEN").ok(),
            },
        })
    }

    #[must_use]
    pub fn allows(&self, kind: ImageType) -> bool {
        kind != ImageType::Svg || self.allows_svg
    }

    /// The address that a picture will have, and the form that uploads exactly that picture.
    #[must_use]
    pub fn prepare(
        &self,
        product: ProductId,
        image: ImageId,
        kind: ImageType,
        bytes: u32,
        now: Timestamp,
    ) -> (String, UploadForm) {
        let key = format!("products/{product}/{image}.{}", kind.extension());
        let url = format!("{}/{key}", self.base_url);
        let post = PresignedPost {
            bucket: &self.bucket,
            region: &self.region,
            key: &key,
            content_type: kind.as_str(),
            max_bytes: bytes,
            now,
            expires_at: now.plus_seconds(EXPIRES_SECONDS),
        };
        (url, post.sign(&self.upload_url, &self.credentials))
    }

    #[cfg(test)]
    pub(crate) fn of_tests(allows_svg: bool) -> Self {
        Self {
            bucket: "media".to_owned(),
            upload_url: "http://127.0.0.1:4566/media".to_owned(),
            base_url: "http://127.0.0.1:4566/media".to_owned(),
            allows_svg,
            region: "us-east-1".to_owned(),
            credentials: Credentials {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: Some("token".to_owned()),
            },
        }
    }
}
