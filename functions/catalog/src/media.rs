//! The bucket of the pictures that shoppers see.

use aws::env::{SettingError, required};
use kernel::{ImageId, ProductId};

use crate::domain::ImageType;

/// Where pictures are once they have been looked at.
#[derive(Debug, Clone)]
pub struct Media {
    pub bucket: String,
    base_url: String,
}

impl Media {
    /// Made from `MEDIA_BUCKET` and `MEDIA_BASE_URL`.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn from_env() -> Result<Self, SettingError> {
        let base_url = required("MEDIA_BASE_URL")?.trim_end_matches('/').to_owned();
        Ok(Self { bucket: required("MEDIA_BUCKET")?, base_url })
    }

    /// What the file of a picture is called.
    #[must_use]
    pub fn file(product: ProductId, image: ImageId, kind: ImageType) -> String {
        format!("products/{product}/{image}.{}", kind.extension())
    }

    /// The address of a file.
    #[must_use]
    pub fn url(&self, file: &str) -> String {
        format!("{}/{file}", self.base_url)
    }

    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        Self { bucket: "media".to_owned(), base_url: "http://127.0.0.1:4566/media".to_owned() }
    }
}
