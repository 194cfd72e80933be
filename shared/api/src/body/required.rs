//! What a body lacks. A deserialiser tells the first such field of an object, so this asks the schema, which the documentation has, too.

use kernel::Fault;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{escaped, missing};

/// A fault for each field that a `T` needs and `document` does not have, in objects at any depth.
pub(super) fn all_missing<T: JsonSchema>(document: &Value) -> Vec<Fault> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut faults = Vec::new();
    look_into(document, schema.as_value(), "", &mut faults);
    faults
}

fn look_into(value: &Value, schema: &Value, place: &str, faults: &mut Vec<Fault>) {
    match value {
        Value::Object(members) => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            faults.extend(required.filter(|name| !members.contains_key(*name)).map(|name| missing(place, name)));
            for (name, member) in members {
                look_into(member, &schema["properties"][name], &format!("{place}/{}", escaped(name)), faults);
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                look_into(element, &schema["items"], &format!("{place}/{at}"), faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
