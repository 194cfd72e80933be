//! A call site's name: what is called, and what it touches.
//!
//! The name comes from the request, not from a count: a retried commit, the next message of a batch and the next row of a walk are
//! the same site, and two transactions of one function are two.

use std::collections::BTreeSet;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::{Map, Value};

/// Such as `dynamodb TransactWriteItems put ORDER, update CART`, `sqs SendMessage webhooks`, `cognito SignUp`, `s3 PutObject` or
/// `POST /v1/payment_intents/*/cancel`.
pub(super) fn of(request: &HttpRequest, function: &str) -> String {
    let Some((service, operation)) = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'))
    else {
        if let Some(operation) = of_bucket(request.uri()) {
            return format!("s3 {operation}");
        }
        return format!("{} {}", request.method(), path(request.uri()));
    };
    let body = request.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or(Value::Null);
    format!("{} {operation} {}", plain(service), touched(operation, &body, function)).trim_end().to_owned()
}

/// `DynamoDB_20120810` → `dynamodb`, `AmazonSQS` → `sqs`, `AWSCognitoIdentityProviderService` → `cognito`.
fn plain(service: &str) -> String {
    let service = service.split('_').next().unwrap_or_default().to_lowercase();
    let service = ["amazon", "aws"].iter().find_map(|owner| service.strip_prefix(owner)).unwrap_or(&service);
    service.trim_end_matches("identityproviderservice").to_owned()
}

/// What a request asks of a bucket, which its query says; the object's key is all ids.
fn of_bucket(uri: &str) -> Option<&str> {
    let (_, query) = uri.split_once('?')?;
    query.split('&').find_map(|parameter| match parameter.split_once('=') {
        Some(("x-id", operation)) => Some(operation),
        Some(("list-type", "2")) => Some("ListObjectsV2"),
        _ => None,
    })
}

/// The path without its ids: whatever has a digit or a capital in it, except the API's version.
fn path(uri: &str) -> String {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |start| &rest[start..]);
    let path = path.split('?').next().unwrap_or_default();
    let segment = |segment: &str| {
        let is_version = segment.strip_prefix('v').is_some_and(|rest| rest.parse::<u8>().is_ok());
        if !is_version && segment.contains(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()) {
            "*".to_owned()
        } else {
            segment.to_owned()
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// What a call of DynamoDB or SQS is about, each thing once, in an order of its own: maps come in any.
fn touched(operation: &str, body: &Value, function: &str) -> String {
    let things: BTreeSet<String> = match operation {
        "TransactWriteItems" => objects(&body["TransactItems"]).flat_map(actions).collect(),
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flat_map(Map::values);
            tables.flat_map(|table| objects(&table["Keys"])).map(kind).collect()
        }
        "GetItem" | "UpdateItem" => body["Key"].as_object().map(kind).into_iter().collect(),
        "Query" => {
            let partition = prefix(body["ExpressionAttributeValues"][":v0"]["S"].as_str().unwrap_or_default());
            let index = body["IndexName"].as_str().map(|index| format!("{index} "));
            [format!("{}{partition}", index.unwrap_or_default())].into()
        }
        "SendMessage" | "SendMessageBatch" => {
            let queue = body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
            [without_common_words(queue, function)].into()
        }
        _ => BTreeSet::new(),
    };
    things.into_iter().collect::<Vec<_>>().join(", ")
}

fn objects(list: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    list.as_array().into_iter().flatten().filter_map(Value::as_object)
}

/// `{"Put": {"Item": …}}` → `put ORDER`; an event by its type.
fn actions(action: &Map<String, Value>) -> Vec<String> {
    let name = |(action, content): (&String, &Value)| {
        let item = content.get("Item").or_else(|| content.get("Key"))?.as_object()?;
        let event = item.get("detail_type").and_then(|value| value["S"].as_str());
        let kind = kind(item);
        let action = action.to_lowercase().replace("conditioncheck", "check");
        Some(format!("{action} {}", event.map_or(kind.clone(), |event| format!("{kind} {event}"))))
    };
    action.iter().filter_map(name).collect()
}

/// A row's kind from its keys, without what tells one row from another: `ORDER#01…` and `DUE` → `ORDER/DUE`.
fn kind(item: &Map<String, Value>) -> String {
    let key = |name: &str| item.get(name).and_then(|value| value["S"].as_str()).map(prefix).unwrap_or_default();
    let (pk, sk) = (key("pk"), key("sk"));
    if sk.is_empty() || sk == pk { pk } else { format!("{pk}/{sk}") }
}

/// The part before `#`, if it is a word of ours and not an id.
fn prefix(key: &str) -> String {
    let word = key.split('#').next().unwrap_or_default();
    if word.chars().all(|c| c.is_ascii_uppercase() || c == '_') { word.to_owned() } else { String::new() }
}

/// `souk-test-payments-webhooks` for `souk-test-payments-receive` → `webhooks`; a function's own queue → `itself`.
fn without_common_words(name: &str, other: &str) -> String {
    let (mut words, mut others) = (name.split('-').peekable(), other.split('-'));
    while words.peek().is_some_and(|word| others.next() == Some(word)) {
        words.next();
    }
    if words.peek().is_none() { "itself".to_owned() } else { words.collect::<Vec<_>>().join("-") }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;
    use serde_json::json;

    use super::*;

    const FUNCTION: &str = "souk-test-payments-receive-stripe-webhook";

    fn site(target: &str, body: &Value) -> String {
        let request = http::Request::post("http://127.0.0.1:4566/").header("x-amz-target", target);
        of(&request.body(SdkBody::from(body.to_string())).unwrap().try_into().unwrap(), FUNCTION)
    }

    fn key(pk: &str, sk: &str) -> Value {
        json!({ "pk": { "S": pk }, "sk": { "S": sk } })
    }

    #[test]
    fn a_transaction_is_named_by_what_it_writes_whatever_the_ids_and_how_many() {
        let mut event = key("OUTBOX#2026112305#3", "01KTEVENT");
        event["detail_type"] = json!({ "S": "OrderPlaced.v1" });
        let body = json!({ "TransactItems": [
            { "Update": { "Key": key("STOCK#LAMP#0", "STOCK") } },
            { "Update": { "Key": key("STOCK#CHAIR#0", "STOCK") } },
            { "Put": { "Item": key("ORDER#01KT", "DUE") } },
            { "Put": { "Item": event } },
            { "Delete": { "Key": key("HOLD#01KT", "HOLD") } },
            { "ConditionCheck": { "Key": key("SEEN#01KT", "catalog-on-order-confirmed") } },
        ] });
        assert_eq!(
            site("DynamoDB_20120810.TransactWriteItems", &body),
            "dynamodb TransactWriteItems check SEEN, delete HOLD, put ORDER/DUE, put OUTBOX OrderPlaced.v1, update STOCK"
        );
    }

    #[test]
    fn reads_are_named_by_the_kinds_of_rows_they_ask_for() {
        let batch = json!({ "RequestItems": {
            "souk-test-payments": { "Keys": [key("IDEM#ab12", "IDEM")] },
            "souk-test-orders": { "Keys": [key("ORDER#01KT", "ORDER")] },
        } });
        assert_eq!(site("DynamoDB_20120810.BatchGetItem", &batch), "dynamodb BatchGetItem IDEM, ORDER");
        let get = json!({ "Key": key("SWEPT", "SWEPT") });
        assert_eq!(site("DynamoDB_20120810.GetItem", &get), "dynamodb GetItem SWEPT");
        let query = json!({ "IndexName": "gsi1", "ExpressionAttributeValues": { ":v0": { "S": "ORDER#01KT" } } });
        assert_eq!(site("DynamoDB_20120810.Query", &query), "dynamodb Query gsi1 ORDER");
    }

    #[test]
    fn other_services_are_named_without_the_environment() {
        let message = json!({ "QueueUrl": "http://127.0.0.1:4566/000000000000/souk-test-payments-webhooks" });
        assert_eq!(site("AmazonSQS.SendMessage", &message), "sqs SendMessage webhooks");
        let own = json!({ "QueueUrl": format!("http://127.0.0.1:4566/000000000000/{FUNCTION}") });
        assert_eq!(site("AmazonSQS.SendMessage", &own), "sqs SendMessage itself");
        assert_eq!(site("AWSEvents.PutEvents", &json!({})), "events PutEvents");
        assert_eq!(site("AWSCognitoIdentityProviderService.SignUp", &json!({})), "cognito SignUp");
    }

    #[test]
    fn a_call_about_an_object_is_named_by_what_is_done_to_it() {
        for (method, uri, expected) in [
            ("PUT", "http://127.0.0.1:4566/souk-test-data/8f14/exp_1/cart.json?x-id=PutObject", "s3 PutObject"),
            ("DELETE", "https://souk-data.s3.amazonaws.com/8f14/exp_1/cart.json?x-id=DeleteObject", "s3 DeleteObject"),
            ("GET", "http://127.0.0.1:4566/souk-test-data?list-type=2&prefix=8f14%2F", "s3 ListObjectsV2"),
        ] {
            let request = http::Request::builder().method(method).uri(uri).body(SdkBody::empty()).unwrap();
            assert_eq!(of(&request.try_into().unwrap(), FUNCTION), expected);
        }
    }

    #[test]
    fn a_providers_call_is_named_by_its_path_without_ids() {
        for (method, url, expected) in [
            ("POST", "http://127.0.0.1:8420/v1/payment_intents", "POST /v1/payment_intents"),
            (
                "POST",
                "https://api.stripe.com/v1/payment_intents/pi_Abc/cancel?x=1",
                "POST /v1/payment_intents/*/cancel",
            ),
            ("GET", "http://127.0.0.1:4566/us-east-1_Vz0/.well-known/jwks.json", "GET /*/.well-known/jwks.json"),
        ] {
            let request = http::Request::builder().method(method).uri(url).body(SdkBody::empty()).unwrap();
            assert_eq!(of(&request.try_into().unwrap(), FUNCTION), expected);
        }
    }
}
