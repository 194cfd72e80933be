use serde_json::{Value, json};

use super::{call, items, named};

/// A service's table. Rows are plain JSON, read strongly consistent.
#[derive(Debug, Clone)]
pub struct Table(String);

impl Table {
    /// The table of `service`: `Table::of("catalog")`.
    #[must_use]
    pub fn of(service: &str) -> Self {
        Self(named(service))
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn get(&self, pk: &str, sk: &str) -> Option<Value> {
        let body = json!({ "TableName": self.0, "Key": key(pk, sk), "ConsistentRead": true });
        operation("GetItem", &body).get("Item").map(items::plain_item)
    }

    /// Puts `row` whatever was there; it names its `pk` and `sk`.
    pub fn put(&self, row: &Value) {
        operation("PutItem", &json!({ "TableName": self.0, "Item": items::item(row) }));
    }

    pub fn delete(&self, pk: &str, sk: &str) {
        operation("DeleteItem", &json!({ "TableName": self.0, "Key": key(pk, sk) }));
    }

    /// Sets attributes of a row that must be there; `price.amount` reaches into it.
    pub fn set(&self, pk: &str, sk: &str, values: &[(&str, Value)]) {
        let (mut names, mut typed, mut steps) = (json!({}), json!({}), Vec::new());
        for (index, (path, value)) in values.iter().enumerate() {
            let parts = path.split('.').enumerate().map(|(part, name)| {
                let placeholder = format!("#n{index}_{part}");
                names[&placeholder] = name.into();
                placeholder
            });
            let path = parts.collect::<Vec<_>>().join(".");
            steps.push(format!("{path} = :v{index}"));
            typed[format!(":v{index}")] = items::attribute(value);
        }
        let body = json!({
            "TableName": self.0, "Key": key(pk, sk), "UpdateExpression": format!("SET {}", steps.join(", ")),
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": names, "ExpressionAttributeValues": typed,
        });
        operation("UpdateItem", &body);
    }

    /// All rows of a partition.
    #[must_use]
    pub fn partition(&self, pk: &str) -> Vec<Value> {
        self.query(&json!({
            "TableName": self.0, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": pk } },
        }))
    }

    /// All rows under a key of the index.
    #[must_use]
    pub fn indexed(&self, gsi1pk: &str) -> Vec<Value> {
        self.query(&json!({
            "TableName": self.0, "IndexName": "gsi1", "KeyConditionExpression": "gsi1pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": gsi1pk } },
        }))
    }

    /// All rows there are.
    #[must_use]
    pub fn scan_all(&self) -> Vec<Value> {
        self.pages("Scan", &json!({ "TableName": self.0, "ConsistentRead": true }))
    }

    /// All rows whose partition starts with `prefix`, wherever they are: reads the whole table.
    #[must_use]
    pub fn scan(&self, prefix: &str) -> Vec<Value> {
        self.pages(
            "Scan",
            &json!({
                "TableName": self.0, "ConsistentRead": true, "FilterExpression": "begins_with(pk, :prefix)",
                "ExpressionAttributeValues": { ":prefix": { "S": prefix } },
            }),
        )
    }

    fn query(&self, body: &Value) -> Vec<Value> {
        self.pages("Query", body)
    }

    fn pages(&self, name: &str, body: &Value) -> Vec<Value> {
        let (mut body, mut rows) = (body.clone(), Vec::new());
        loop {
            let answer = operation(name, &body);
            rows.extend(answer["Items"].as_array().into_iter().flatten().map(items::plain_item));
            match answer.get("LastEvaluatedKey").filter(|key| !key.is_null()) {
                Some(key) => body["ExclusiveStartKey"] = key.clone(),
                None => return rows,
            }
        }
    }
}

fn key(pk: &str, sk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": sk } })
}

/// The emulator's own DynamoDB, never the fault-injecting one between it and the functions.
fn operation(name: &str, body: &Value) -> Value {
    call("dynamodb", &format!("DynamoDB_20120810.{name}"), body)
}
