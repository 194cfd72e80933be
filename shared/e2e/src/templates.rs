//! The stacks' templates, for tests that hold them to the code.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::repository;

/// One template, with CloudFormation's short forms (`!Sub x`) written out (`{"Fn::Sub": "x"}`).
#[derive(Debug)]
pub struct Template {
    /// `root`, or the service's name.
    pub name: String,
    pub text: String,
    pub document: Value,
}

/// The root's template.
#[must_use]
pub fn root() -> Template {
    load("root", "template.yaml")
}

/// A service's template.
#[must_use]
pub fn service(name: &str) -> Template {
    load(name, &format!("functions/{name}/template.yaml"))
}

fn load(name: &str, file: &str) -> Template {
    let text = std::fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let yaml: Yaml = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    Template { name: name.to_owned(), document: plain(yaml), text }
}

impl Template {
    /// The resources of `kind` by logical id.
    #[must_use]
    pub fn resources(&self, kind: &str) -> BTreeMap<String, Value> {
        let resources = self.document["Resources"].as_object().expect("a template has resources");
        resources
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.clone(), resource["Properties"].clone()))
            .collect()
    }

    /// The functions by their name within the environment: `orders-place-order`.
    #[must_use]
    pub fn functions(&self) -> BTreeMap<String, (String, Value)> {
        self.resources("AWS::Serverless::Function")
            .into_iter()
            .map(|(id, properties)| {
                let name = properties["FunctionName"]["Fn::Sub"].as_str().unwrap_or_else(|| panic!("{id} has no name"));
                let name = name.strip_prefix("souk-${Environment}-").unwrap_or_else(|| panic!("{id} is named {name}"));
                (name.to_owned(), (id, properties))
            })
            .collect()
    }

    /// All policy statements of all roles, with the role's logical id.
    #[must_use]
    pub fn statements(&self) -> Vec<(String, Value)> {
        let mut statements = Vec::new();
        for (role, properties) in self.resources("AWS::IAM::Role") {
            for policy in properties["Policies"].as_array().into_iter().flatten() {
                for statement in policy["PolicyDocument"]["Statement"].as_array().into_iter().flatten() {
                    statements.push((role.clone(), statement.clone()));
                }
            }
        }
        statements
    }
}

/// YAML as JSON; a tag becomes the intrinsic function that it abbreviates.
fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => number.as_i64().map_or_else(|| json!(number.as_f64()), Value::from),
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(entries) => {
            let key = |key: Yaml| match plain(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Value::Object(entries.into_iter().map(|(name, value)| (key(name), plain(value))).collect())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let value = plain(tagged.value);
            let (name, value) = match (name, value) {
                ("Ref" | "Condition", value) => (name.to_owned(), value),
                ("GetAtt", Value::String(text)) => {
                    ("Fn::GetAtt".to_owned(), text.splitn(2, '.').map(Value::from).collect())
                }
                (name, value) => (format!("Fn::{name}"), value),
            };
            Value::Object(Map::from_iter([(name, value)]))
        }
    }
}
