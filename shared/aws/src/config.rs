use std::sync::OnceLock;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use crate::{calls, env};

/// Servers close what idles for a minute or more; a request on a connection that is being closed gets no answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// Where a connection has not come up by then, another try is worth more than waiting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// One try of a call; DynamoDB answers in milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// All tries of a call together, well within the function's own timeout.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);

/// The certificates that AWS endpoints chain to (Amazon Trust Services).
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The configuration all AWS clients of this process are made from.
///
/// # Panics
/// When the runtime gave no region or credentials, which Lambda always does.
pub async fn config() -> SdkConfig {
    let credentials = Credentials::new(
        env::required("AWS_ACCESS_KEY_ID").expect("Lambda gives each function credentials"),
        env::required("AWS_SECRET_ACCESS_KEY").expect("Lambda gives each function credentials"),
        env::required("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let region = env::required("AWS_REGION").expect("Lambda tells each function its region");
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .profile_files(no_profile_files())
        .http_client(http_client())
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(OPERATION_TIMEOUT)
                .build(),
        )
        .load()
        .await
}

/// Opens the connection to `host` (such as `dynamodb`) while the function starts, when CPU is free and nobody waits.
///
/// It asks for nothing and ignores the answer: a failed warm-up costs the first request what it would have cost anyway.
pub async fn warm_up(host: &str) {
    if env::required("AWS_ENDPOINT_URL").is_ok() {
        return;
    }
    let Ok(region) = env::required("AWS_REGION") else { return };
    let url = format!("https://{host}.{region}.amazonaws.com/ping");
    let Ok(request) = http::Request::get(url).body(aws_smithy_types::body::SdkBody::empty()) else { return };
    let Ok(request) = request.try_into() else { return };
    let _ = tokio::time::timeout(CONNECT_TIMEOUT, connector().call(request)).await;
}

fn no_profile_files() -> EnvConfigFiles {
    EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, "")
        .with_contents(EnvConfigFileKind::Credentials, "")
        .build()
}

/// One client for all services, so that they share connections.
fn http_client() -> SharedHttpClient {
    http_client_fn(|_, _| connector().clone())
}

fn connector() -> &'static SharedHttpConnector {
    static CONNECTOR: OnceLock<SharedHttpConnector> = OnceLock::new();
    CONNECTOR.get_or_init(|| calls::note(connect_trusting(aws_roots(), ATTEMPT_TIMEOUT)))
}

/// Amazon's roots; the system's when the operator names a bundle (`SSL_CERT_FILE`: a test stand with its own authority).
fn aws_roots() -> TrustStore {
    if env::required("SSL_CERT_FILE").is_ok() {
        TrustStore::default()
    } else {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    }
}

pub(crate) fn connect_trusting(roots: TrustStore, read_timeout: Duration) -> SharedHttpConnector {
    let tls = TlsContext::builder().with_trust_store(roots).build().expect("the built-in roots are valid PEM");
    let connector = SharedHttpConnector::new(
        Connector::builder()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
            .tls_context(tls)
            .sleep_impl(TokioSleep::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .connector_settings(
                HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(read_timeout).build(),
            )
            .build(),
    );
    #[cfg(debug_assertions)]
    let connector = crate::failpoints::watch(connector);
    connector
}
