//! Cognito's answers as AWS documents them, and as those quote them who met them: written down by hand, in the form in which the service
//! sends them, then read by the SDK and by us. None was recorded from AWS. What the emulator proves is proved there, by journeys;
//! localstack/README.md says which is which.

mod app;
mod pool;
mod signed_in;

use std::sync::{Arc, Mutex};

use api::{Code, Problem};
use aws_sdk_cognitoidentityprovider::config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cognitoidentityprovider::{Client, Config};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use kernel::Email;
use serde_json::{Value, json};

use crate::cognito::Refused;
use crate::domain::Password;

/// A Cognito that answers everything alike and keeps what it was asked.
#[derive(Debug, Clone)]
struct Documented {
    status: u16,
    body: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl HttpConnector for Documented {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let mut asked: Value = request.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap();
        asked["call"] = target.into();
        self.asked.lock().unwrap().push(asked);
        let status = self.status.try_into().expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl Documented {
    fn answering(status: u16, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), asked: Arc::default() }
    }

    fn refusing(code: &str, message: &str) -> Self {
        Self::answering(400, json!({ "__type": code, "message": message }).to_string())
    }

    fn client(&self) -> Client {
        let connector = SharedHttpConnector::new(self.clone());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Client::from_conf(config)
    }

    /// The names of the calls that were made.
    fn calls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked["call"].as_str().unwrap().to_owned()).collect()
    }

    /// The only call that was made.
    fn asked(&self) -> Value {
        let asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

fn email() -> Email {
    Email::parse("ada@example.com").unwrap()
}

fn password() -> Password {
    Password::parse("correct horse".to_owned()).unwrap()
}

fn code<T>(outcome: Result<T, Refused>) -> Code {
    match outcome {
        Ok(_) => panic!("not refused"),
        Err(refused) => Problem::from(refused).code(),
    }
}
