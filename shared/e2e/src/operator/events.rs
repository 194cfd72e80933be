use serde_json::{Value, json};

use super::{Queue, call, named};
use crate::unique;

/// Hears every event of one type that the bus carries, beside those whom it is for, until it is dropped.
#[derive(Debug)]
pub struct Ear {
    name: String,
    queue: Queue,
    heard: Vec<Value>,
}

impl Ear {
    /// Listens for `StockLow.v1` from now on.
    #[must_use]
    pub fn for_events(detail_type: &str) -> Self {
        let name = format!("ear-{}", unique());
        let (queue, arn) = Queue::create(&name);
        let pattern = json!({ "detail-type": [detail_type] }).to_string();
        operation("PutRule", &json!({ "Name": name, "EventBusName": named_bus(), "EventPattern": pattern }));
        let targets = json!([{ "Id": "ear", "Arn": arn }]);
        operation("PutTargets", &json!({ "Rule": name, "EventBusName": named_bus(), "Targets": targets }));
        Self { name, queue, heard: Vec::new() }
    }

    /// The envelopes of all events heard so far about `subject`, each as often as the bus carried it.
    pub fn heard_of(&mut self, subject: &str) -> Vec<Value> {
        loop {
            let messages = self.queue.receive_for(30);
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let event: Value = serde_json::from_str(&message.body).unwrap();
                self.heard.push(event["detail"].clone());
                self.queue.delete(&message);
            }
        }
        self.heard.iter().filter(|event| event["subject"] == subject).cloned().collect()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        operation("RemoveTargets", &json!({ "Rule": self.name, "EventBusName": named_bus(), "Ids": ["ear"] }));
        operation("DeleteRule", &json!({ "Name": self.name, "EventBusName": named_bus() }));
        self.queue.remove();
    }
}

/// The environment's bus has its name without more: `souk-test`.
fn named_bus() -> String {
    named("").trim_end_matches('-').to_owned()
}

fn operation(name: &str, body: &Value) {
    call("events", &format!("AWSEvents.{name}"), body);
}
