//! What DynamoDB would say.

use serde_json::{Value, json};

use super::message::Message;
use super::rules::{Rule, Rules};

const TYPES: &str = "com.amazonaws.dynamodb.v20120810";
const ONGOING: &str = "Transaction is ongoing for the item";

/// Every item of the call is in another transaction.
pub(super) fn conflict(request: &Message) -> Message {
    if !request.operation().starts_with("Transact") {
        return refusal(&json!({ "__type": format!("{TYPES}#TransactionConflictException"), "message": ONGOING }));
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let actions = body["TransactItems"].as_array().map_or(1, Vec::len);
    let reason = json!({ "Code": "TransactionConflict", "Message": ONGOING });
    let codes = vec!["TransactionConflict"; actions].join(", ");
    refusal(&json!({
        "__type": format!("{TYPES}#TransactionCanceledException"),
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"),
        "CancellationReasons": vec![reason; actions],
    }))
}

pub(super) fn throttled() -> Message {
    refusal(
        &json!({ "__type": format!("{TYPES}#ThrottlingException"), "message": "Rate of requests exceeds the allowed throughput." }),
    )
}

fn refusal(body: &Value) -> Message {
    message("400 Bad Request", "application/x-amz-json-1.0", body.to_string())
}

fn message(status: &str, kind: &str, body: String) -> Message {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nx-amzn-RequestId: injected\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Message::new(head, body)
}

/// Sets, tells and removes the rule `name`.
pub(super) fn control(rules: &Rules, method: &str, name: &str, body: &[u8]) -> Vec<u8> {
    let tally = match method {
        "PUT" => match serde_json::from_slice::<Rule>(body) {
            Ok(rule) => {
                rules.set(name, rule);
                rules.tally(name)
            }
            Err(cause) => {
                return message("400 Bad Request", "text/plain", format!("no rule: {cause}\n")).bytes();
            }
        },
        "GET" => rules.tally(name),
        "DELETE" => rules.remove(name),
        _ => None,
    };
    match tally {
        Some(tally) => message("200 OK", "application/json", json!(tally).to_string()).bytes(),
        None => message("404 Not Found", "text/plain", format!("no rule {name}\n")).bytes(),
    }
}
