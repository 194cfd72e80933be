//! Queues that deliver again after seconds instead of minutes, however often it takes.

use e2e::SERVICES;
use e2e::operator::Queue;
use e2e::templates;
use serde_json::{Value, json};

/// Longer than a function takes, or messages would be delivered again while they are handled.
const VISIBILITY_SECONDS: &str = "4";
/// One message may meet many crashes here; elsewhere it does not.
const MOST_RECEIVES: i64 = 200;

/// The queues that feed functions, in haste until this is dropped.
#[derive(Debug)]
pub(super) struct Hasty(Vec<(Queue, Value)>);

impl Hasty {
    pub(super) fn all() -> Self {
        let queues = SERVICES.iter().flat_map(|service| fed_queues(service)).map(|name| {
            let queue = Queue::of(&name);
            let usual = queue.attributes();
            let usual =
                json!({ "VisibilityTimeout": usual["VisibilityTimeout"], "RedrivePolicy": usual["RedrivePolicy"] });
            let mut redrive: Value = serde_json::from_str(usual["RedrivePolicy"].as_str().unwrap()).unwrap();
            redrive["maxReceiveCount"] = MOST_RECEIVES.into();
            queue.set_attributes(
                &json!({ "VisibilityTimeout": VISIBILITY_SECONDS, "RedrivePolicy": redrive.to_string() }),
            );
            (queue, usual)
        });
        Self(queues.collect())
    }

    /// Whether no message waits or is being handled; one that a queue holds back for later does not count.
    pub(super) fn are_empty(&self) -> bool {
        self.0.iter().all(|(queue, _)| {
            let depth = queue.depth();
            depth.visible == 0 && depth.in_flight == 0
        })
    }
}

impl Drop for Hasty {
    fn drop(&mut self) {
        for (queue, usual) in &self.0 {
            queue.set_attributes(usual);
        }
    }
}

/// Queues of a service with a dead-letter queue of their own: those that a function consumes.
fn fed_queues(service: &str) -> Vec<String> {
    let queues = templates::service(service).resources("AWS::SQS::Queue");
    let fed = queues.values().filter(|properties| properties.get("RedrivePolicy").is_some());
    let name = |properties: &Value| {
        let name = properties["QueueName"]["Fn::Sub"].as_str().unwrap();
        name.strip_prefix("souk-${Environment}-").unwrap().to_owned()
    };
    fed.map(name).collect()
}
