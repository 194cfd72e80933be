//! The user pool, asked past the shop.

use serde_json::Value;

use crate::shop::{Answer, agent, read, setting};

/// Asks as somebody who has read the app client's id in a token, as everybody can who has one, and knows nothing else.
#[must_use]
pub fn ask(operation: &str, mut body: Value) -> Answer {
    body["ClientId"] = setting("SOUK_CLIENT_ID").into();
    let answer = agent()
        .post(setting("SOUK_EMULATOR_URL"))
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"))
        .send(body.to_string());
    read(answer.unwrap())
}
