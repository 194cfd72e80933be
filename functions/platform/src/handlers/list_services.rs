//! `GET /services`: which services this shop is made of, and whether any of them has work that it could not do.

use api::{Problem, Request, Response};
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;

use crate::queues::QueueError;
use crate::registry::{Registered, RegistryError};

const CACHE_SECONDS: u32 = 30;

pub trait ReadRegistry {
    /// All services of this environment, by name.
    async fn read_registry(&self) -> Result<Vec<Registered>, RegistryError>;
}

pub trait CountMessages {
    /// How many messages wait in the queue with this URL.
    async fn count_messages(&self, queue_url: &str) -> Result<u64, QueueError>;
}

pub struct Deps<R, Q> {
    pub registry: R,
    pub queues: Q,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Services")]
pub struct ServicesView {
    data: Vec<ServiceView>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Service")]
pub struct ServiceView {
    name: String,
    version: String,
    base_path: String,
    health: Health,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Ok,
    /// Messages wait in a dead-letter queue for somebody to look at them.
    Degraded,
    /// The queues could not be asked.
    Unknown,
}

pub async fn handle(deps: &Deps<impl ReadRegistry, impl CountMessages>, _: Request) -> Result<Response, Problem> {
    let services = deps.registry.read_registry().await.map_err(Problem::internal)?;
    let mut data = Vec::with_capacity(services.len());
    for Registered { name, version, base_path, dead_letters } in services {
        let counts = join_all(dead_letters.iter().map(|url| deps.queues.count_messages(url))).await;
        data.push(ServiceView { name, version, base_path, health: health(counts) });
    }
    Ok(Response::ok(&ServicesView { data }).public(CACHE_SECONDS))
}

fn health(counts: Vec<Result<u64, QueueError>>) -> Health {
    let mut health = Health::Ok;
    for count in counts {
        match count {
            Ok(0) => {}
            Ok(_) => return Health::Degraded,
            Err(cause) => {
                tracing::warn!(cause = %cause, "a dead-letter queue could not be asked");
                health = Health::Unknown;
            }
        }
    }
    health
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Registry;

    impl ReadRegistry for Registry {
        async fn read_registry(&self) -> Result<Vec<Registered>, RegistryError> {
            let service = |name: &str, dead_letters: &[&str]| Registered {
                name: name.to_owned(),
                version: "dev".to_owned(),
                base_path: "/v1".to_owned(),
                dead_letters: dead_letters.iter().map(|url| (*url).to_owned()).collect(),
            };
            Ok(vec![service("cart", &[]), service("catalog", &["empty"]), service("orders", &["empty", "full"])])
        }
    }

    struct Queues;

    impl CountMessages for Queues {
        async fn count_messages(&self, queue_url: &str) -> Result<u64, QueueError> {
            Ok(if queue_url == "full" { 3 } else { 0 })
        }
    }

    #[tokio::test]
    async fn a_service_with_dead_letters_is_degraded_and_the_others_are_well() {
        let deps = Deps { registry: Registry, queues: Queues };
        let response = handle(&deps, testkit::request::get("/services").build()).await.unwrap();
        let health =
            |name: &str, health: &str| json!({ "name": name, "version": "dev", "base_path": "/v1", "health": health });
        assert_eq!(
            testkit::json(&response),
            json!({ "data": [health("cart", "ok"), health("catalog", "ok"), health("orders", "degraded")] })
        );
    }

    #[test]
    fn a_queue_that_does_not_answer_hides_no_dead_letters() {
        let silent = || Err(QueueError::Count("no number".to_owned()));
        assert_eq!(health(vec![silent(), Ok(0)]), Health::Unknown);
        assert_eq!(health(vec![silent(), Ok(1)]), Health::Degraded);
    }
}
