//! Calls to providers that are not AWS, over the same HTTP stack as the SDK.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;

use crate::config::connect_trusting;

/// A provider that has not answered by then is treated as not answering; what it did is found out later. Shorter than any function may
/// run, so that there is time left to say so.
const READ_TIMEOUT: Duration = Duration::from_secs(6);

/// What came back, whatever its status.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// No answer: the provider may or may not have acted.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {host}")]
pub struct NoAnswer {
    host: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Sends `request` and reads the whole answer.
///
/// # Errors
/// [`NoAnswer`] when the connection failed or timed out; a refusal is an [`Answer`] with its status.
pub async fn fetch(request: http::Request<String>) -> Result<Answer, NoAnswer> {
    let host = request.uri().host().unwrap_or_default().to_owned();
    send(request).await.map_err(|source| NoAnswer { host, source })
}

async fn send(request: http::Request<String>) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    static CONNECTOR: OnceLock<SharedHttpConnector> = OnceLock::new();
    let connector = CONNECTOR.get_or_init(|| connect_trusting(TrustStore::default(), READ_TIMEOUT));
    let response = connector.call(request.map(SdkBody::from).try_into()?).await?;
    let status = response.status().as_u16();
    let body = tokio::time::timeout(
        READ_TIMEOUT,
        aws_smithy_types::byte_stream::ByteStream::new(response.into_body()).collect(),
    )
    .await??;
    Ok(Answer { status, body: body.to_vec() })
}
