use std::time::Duration;

use aws::env::{SettingError, required};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, MetadataDirective};

use crate::domain::Part;

/// The bucket, seen by those who read and write its files.
#[derive(Debug, Clone)]
pub struct UploadBucket {
    client: Client,
    bucket: String,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    pub bytes: Vec<u8>,
    /// Of the whole file.
    pub size: u64,
    /// Names the file's contents; another file under the same key has another.
    pub etag: String,
}

/// The bucket did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("the bucket of uploads failed")]
pub struct BucketError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl BucketError {
    pub(crate) fn of(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// Whether there is no such file any more, or another one in its place.
fn is_gone<E>(error: &SdkError<E>) -> bool {
    error.raw_response().is_some_and(|answer| matches!(answer.status().as_u16(), 404 | 412))
}

impl UploadBucket {
    /// The bucket that `UPLOAD_BUCKET` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, SettingError> {
        let bucket = required("UPLOAD_BUCKET")?;
        // An endpoint of one's own may not have a host name for each bucket.
        let is_local = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].into_iter().any(|name| required(name).is_ok());
        let config = Builder::from(&aws::config().await)
            .force_path_style(is_local)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Ok(Self { client: Client::from_conf(config), bucket })
    }

    /// At most `length` bytes of a file; none when it is gone, or is not the one with this `etag`.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn excerpt(
        &self,
        key: &str,
        etag: Option<&str>,
        from: u64,
        length: u64,
    ) -> Result<Option<Excerpt>, BucketError> {
        let range = format!("bytes={from}-{}", from + length - 1);
        let call = self.client.get_object().bucket(&self.bucket).key(key).range(range);
        let answer = match call.set_if_match(etag.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(BucketError::of(error)),
        };
        let size = answer.content_range().and_then(|range| range.rsplit('/').next()?.parse().ok());
        let etag = answer.e_tag().unwrap_or_default().to_owned();
        let bytes = answer.body.collect().await.map_err(BucketError::of)?.to_vec();
        let size = size.ok_or_else(|| BucketError::of("the answer to a ranged read does not tell the file's size"))?;
        Ok(Some(Excerpt { bytes, size, etag }))
    }

    /// All of a file; none when it is gone, or is not the one with this `etag`.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn read(&self, key: &str, etag: &str) -> Result<Option<Vec<u8>>, BucketError> {
        match self.client.get_object().bucket(&self.bucket).key(key).if_match(etag).send().await {
            Ok(answer) => Ok(Some(answer.body.collect().await.map_err(BucketError::of)?.to_vec())),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(BucketError::of(error)),
        }
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn has(&self, key: &str) -> Result<bool, BucketError> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_gone(&error) => Ok(false),
            Err(error) => Err(BucketError::of(error)),
        }
    }

    /// Puts a file there; its `etag`.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<String, BucketError> {
        let call = self.client.put_object().bucket(&self.bucket).key(key).content_type("text/csv");
        let answer = call.body(bytes.into()).send().await.map_err(BucketError::of)?;
        Ok(answer.e_tag.unwrap_or_default())
    }

    /// Removes a file that may be gone.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn delete(&self, key: &str) -> Result<(), BucketError> {
        let call = self.client.delete_object().bucket(&self.bucket).key(key);
        call.send().await.map(|_| ()).map_err(BucketError::of)
    }

    /// Copies the file with this `etag` into another bucket, to be read by anybody for good; false when it is gone.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn publish(
        &self,
        key: &str,
        etag: &str,
        to: (&str, &str),
        content_type: &str,
    ) -> Result<bool, BucketError> {
        let (bucket, target) = to;
        let call = self
            .client
            .copy_object()
            .copy_source(format!("{}/{key}", self.bucket))
            .copy_source_if_match(etag)
            .bucket(bucket)
            .key(target)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(content_type)
            // Another picture has another address.
            .cache_control("public, max-age=31536000, immutable");
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_gone(&error) => Ok(false),
            Err(error) => Err(BucketError::of(error)),
        }
    }

    /// A link to a file that anybody may follow for so long.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn link(&self, key: &str, seconds: u64) -> Result<String, BucketError> {
        let config = PresigningConfig::expires_in(Duration::from_secs(seconds)).map_err(BucketError::of)?;
        let name = key.rsplit('/').next().unwrap_or(key);
        let call = self.client.get_object().bucket(&self.bucket).key(key);
        let call = call.response_content_disposition(format!("attachment; filename=\"{name}\""));
        Ok(call.presigned(config).await.map_err(BucketError::of)?.uri().to_owned())
    }

    /// Begins a file that is put together of parts; its id.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn begin(&self, key: &str) -> Result<String, BucketError> {
        let call = self.client.create_multipart_upload().bucket(&self.bucket).key(key).content_type("text/csv");
        let answer = call.send().await.map_err(BucketError::of)?;
        answer.upload_id.ok_or_else(|| BucketError::of("a file of parts has no id"))
    }

    /// Puts the part with this number, in the place of one that may be there.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn put_part(&self, key: &str, upload: &str, number: u16, bytes: Vec<u8>) -> Result<Part, BucketError> {
        let call = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(upload);
        let answer = call.part_number(number.into()).body(bytes.into()).send().await.map_err(BucketError::of)?;
        Ok(Part { number, etag: answer.e_tag.unwrap_or_default() })
    }

    /// Makes one file of the parts; false when one of them is another by now.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn complete(&self, key: &str, upload: &str, parts: &[Part]) -> Result<bool, BucketError> {
        let parts =
            parts.iter().map(|part| CompletedPart::builder().part_number(part.number.into()).e_tag(&part.etag).build());
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let call = self.client.complete_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        match call.multipart_upload(parts).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("InvalidPart") => Ok(false),
            Err(error) => Err(BucketError::of(error)),
        }
    }
}
