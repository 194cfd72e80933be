use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::presigning::PresigningConfig;
use kernel::{ExportId, UserId};

use crate::export::PutPart;

/// As long as the bucket's lifecycle keeps a file (template.yaml of users).
pub const KEEP_DAYS: i64 = 7;

/// The private bucket in which exports come together. Everything of one person is under their id.
#[derive(Debug, Clone)]
pub struct ExportBucket {
    client: Client,
    bucket: String,
}

/// The bucket did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("the bucket of exports failed")]
pub struct BucketError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl BucketError {
    fn of(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl ExportBucket {
    /// The bucket that `EXPORT_BUCKET` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let bucket = aws::env::required("EXPORT_BUCKET")?;
        // An endpoint of one's own may not have a host name for each bucket.
        let is_local =
            ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].into_iter().any(|name| aws::env::required(name).is_ok());
        let config = Builder::from(&aws::config().await)
            .force_path_style(is_local)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Ok(Self { client: Client::from_conf(config), bucket })
    }

    /// Reads the part of `service`.
    ///
    /// # Errors
    /// [`BucketError`], also when there is none.
    pub async fn read_part(&self, user: &UserId, export: ExportId, service: &str) -> Result<Vec<u8>, BucketError> {
        let call = self.client.get_object().bucket(&self.bucket).key(part(user, export, service));
        let answer = call.send().await.map_err(BucketError::of)?;
        Ok(answer.body.collect().await.map_err(BucketError::of)?.to_vec())
    }

    /// Writes the whole copy.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn put_file(&self, user: &UserId, export: ExportId, json: Vec<u8>) -> Result<(), BucketError> {
        self.put(file(user, export), json).await
    }

    /// A link to the whole copy that anybody may follow for so long.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn link(&self, user: &UserId, export: ExportId, seconds: u64) -> Result<String, BucketError> {
        let config = PresigningConfig::expires_in(Duration::from_secs(seconds)).map_err(BucketError::of)?;
        let call = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(file(user, export))
            .response_content_disposition(format!("attachment; filename=\"{export}.json\""));
        let signed = call.presigned(config).await.map_err(BucketError::of)?;
        Ok(signed.uri().to_owned())
    }

    /// Removes everything of one person.
    ///
    /// # Errors
    /// [`BucketError`]; what is left is found by the next try.
    pub async fn erase(&self, user: &UserId) -> Result<(), BucketError> {
        let mut after = None;
        loop {
            let call = self.client.list_objects_v2().bucket(&self.bucket).prefix(format!("{user}/"));
            let page = call.set_continuation_token(after).send().await.map_err(BucketError::of)?;
            for key in page.contents().iter().filter_map(|object| object.key()) {
                let call = self.client.delete_object().bucket(&self.bucket).key(key);
                call.send().await.map_err(BucketError::of)?;
            }
            after = page.next_continuation_token;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn put(&self, key: String, json: Vec<u8>) -> Result<(), BucketError> {
        let call = self.client.put_object().bucket(&self.bucket).key(key).content_type("application/json");
        call.body(json.into()).send().await.map(|_| ()).map_err(BucketError::of)
    }
}

impl PutPart for ExportBucket {
    async fn put_part(&self, user: &UserId, export: ExportId, service: &str, json: Vec<u8>) -> Result<(), BucketError> {
        self.put(part(user, export, service), json).await
    }
}

fn part(user: &UserId, export: ExportId, service: &str) -> String {
    format!("{user}/{export}/{service}.json")
}

fn file(user: &UserId, export: ExportId) -> String {
    part(user, export, "export")
}
