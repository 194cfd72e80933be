//! Cognito, which keeps passwords, sends codes and signs tokens. Nothing else in this service talks to it.

mod app;
mod app_client;
#[cfg(test)]
mod documented;
mod pool;
mod refused;
mod signed_in;
mod tokens;

use aws_sdk_cognitoidentityprovider::Client;

pub use app::App;
pub use pool::Pool;
pub use refused::Refused;
pub use signed_in::SignedIn;
pub use tokens::{Proved, Tokens};

/// The connection is opened now, while nobody waits.
async fn client() -> Client {
    let (config, ()) = tokio::join!(aws::config(), aws::warm_up("cognito-idp"));
    Client::new(&config)
}
