use serde_json::{Value, json};

use super::{call, named};

/// A queue of the environment.
#[derive(Debug, Clone)]
pub struct Queue {
    url: String,
}

/// A message that was received, hidden from others until its visibility timeout passes.
#[derive(Debug, Clone)]
pub struct Message {
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: i64,
    receipt: String,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    pub visible: i64,
    pub in_flight: i64,
    pub delayed: i64,
}

impl Queue {
    /// The queue by its name within the environment: `Queue::of("orders-relay-dead-letters")`.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let answer = operation("GetQueueUrl", &json!({ "QueueName": named(name) }));
        Self { url: answer["QueueUrl"].as_str().unwrap().to_owned() }
    }

    /// A queue of a test's own, beside those of the environment; and its ARN.
    pub(super) fn create(name: &str) -> (Self, String) {
        let answer = operation("CreateQueue", &json!({ "QueueName": name }));
        let queue = Self { url: answer["QueueUrl"].as_str().unwrap().to_owned() };
        let arn = queue.attributes()["QueueArn"].as_str().unwrap().to_owned();
        (queue, arn)
    }

    pub(super) fn remove(&self) {
        operation("DeleteQueue", &json!({ "QueueUrl": self.url }));
    }

    /// Up to ten messages, each hidden for `seconds`.
    #[must_use]
    pub fn receive_for(&self, seconds: u32) -> Vec<Message> {
        let answer = operation(
            "ReceiveMessage",
            &json!({
                "QueueUrl": self.url, "MaxNumberOfMessages": 10, "VisibilityTimeout": seconds, "WaitTimeSeconds": 0,
                "AttributeNames": ["All"],
            }),
        );
        let message = |message: &Value| Message {
            body: message["Body"].as_str().unwrap().to_owned(),
            receive_count: message["Attributes"]["ApproximateReceiveCount"].as_str().unwrap_or("1").parse().unwrap(),
            receipt: message["ReceiptHandle"].as_str().unwrap().to_owned(),
        };
        answer["Messages"].as_array().into_iter().flatten().map(message).collect()
    }

    /// A message whose body has `words`, taken out of the queue.
    #[must_use]
    pub fn take(&self, words: &str) -> Option<Message> {
        self.take_where(|body| body.contains(words))
    }

    /// A message with a `wanted` body, taken out of the queue; the others are visible again at once.
    #[must_use]
    pub fn take_where(&self, wanted: impl Fn(&str) -> bool) -> Option<Message> {
        let (mut found, mut others) = (None, Vec::new());
        loop {
            let received = self.receive_for(30);
            if received.is_empty() {
                break;
            }
            for message in received {
                match found {
                    None if wanted(&message.body) => {
                        self.delete(&message);
                        found = Some(message);
                    }
                    _ => others.push(message),
                }
            }
        }
        others.iter().for_each(|message| self.hide_for(message, 0));
        found
    }

    pub fn delete(&self, message: &Message) {
        operation("DeleteMessage", &json!({ "QueueUrl": self.url, "ReceiptHandle": message.receipt }));
    }

    pub fn hide_for(&self, message: &Message, seconds: u32) {
        let body = json!({ "QueueUrl": self.url, "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds });
        operation("ChangeMessageVisibility", &body);
    }

    pub fn send(&self, body: &str) {
        operation("SendMessage", &json!({ "QueueUrl": self.url, "MessageBody": body }));
    }

    #[must_use]
    pub fn attributes(&self) -> Value {
        let body = json!({ "QueueUrl": self.url, "AttributeNames": ["All"] });
        operation("GetQueueAttributes", &body)["Attributes"].clone()
    }

    /// Changes attributes: `{"VisibilityTimeout": "2"}`.
    pub fn set_attributes(&self, attributes: &Value) {
        operation("SetQueueAttributes", &json!({ "QueueUrl": self.url, "Attributes": attributes }));
    }

    #[must_use]
    pub fn depth(&self) -> Depth {
        let attributes = self.attributes();
        let count = |name: &str| attributes[name].as_str().map_or(0, |count| count.parse().unwrap());
        Depth {
            visible: count("ApproximateNumberOfMessages"),
            in_flight: count("ApproximateNumberOfMessagesNotVisible"),
            delayed: count("ApproximateNumberOfMessagesDelayed"),
        }
    }
}

/// The names of the environment's queues, as [`Queue::of`] takes them.
#[must_use]
pub fn queue_names() -> Vec<String> {
    let prefix = named("");
    let answer = operation("ListQueues", &json!({ "QueueNamePrefix": prefix, "MaxResults": 1000 }));
    let names = answer["QueueUrls"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.filter_map(|url| url.rsplit('/').next()?.strip_prefix(&prefix)).map(str::to_owned).collect()
}

fn operation(name: &str, body: &Value) -> Value {
    call("sqs", &format!("AmazonSQS.{name}"), body)
}
