//! DynamoDB's typed JSON, and the plain JSON that tests are written in.

use serde_json::{Map, Value, json};

/// A row as DynamoDB has it: `{"sku": {"S": "LAMP-1"}}`.
#[must_use]
pub fn item(plain: &Value) -> Value {
    let members = plain.as_object().unwrap_or_else(|| panic!("a row is an object: {plain}"));
    members.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<_, _>>().into()
}

pub(super) fn attribute(plain: &Value) -> Value {
    match plain {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(value) => json!({ "BOOL": value }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(values) => json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(_) => json!({ "M": item(plain) }),
    }
}

pub(super) fn plain_item(item: &Value) -> Value {
    let members = item.as_object().unwrap_or_else(|| panic!("not an item: {item}"));
    members.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
}

/// Sets and binary values keep their form as text and lists: no row of ours has one.
fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().and_then(|typed| typed.iter().next()).expect("a typed value");
    match kind.as_str() {
        "NULL" => Value::Null,
        "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
        "L" => value.as_array().unwrap().iter().map(plain).collect(),
        "M" => plain_item(value),
        _ => value.clone(),
    }
}
