//! Where services say that they are there: each one's stack writes the parameter `/souk/<environment>/services/<name>`.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::BoxError;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use futures_util::future::try_join_all;
use serde::Deserialize;

use crate::handlers::list_services::ReadRegistry;

/// A service, as its stack registered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub name: String,
    pub version: String,
    pub base_path: String,
    /// URLs of the queues that take what the service could not handle.
    pub dead_letters: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    version: String,
    base_path: String,
    #[serde(default)]
    dead_letters: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("the parameters cannot be read")]
    Aws(#[source] BoxError),
    #[error("the parameter of {name} is not an entry")]
    Unreadable { name: String, source: serde_json::Error },
}

impl Registered {
    /// Reads the parameter of the service `name`: `{"base_path":"/v1","version":"dev"}`.
    ///
    /// # Errors
    /// When the value is not of that form.
    pub fn read(name: &str, value: &str) -> Result<Self, RegistryError> {
        let name = name.to_owned();
        match serde_json::from_str(value) {
            Ok(Entry { version, base_path, dead_letters }) => Ok(Self { name, version, base_path, dead_letters }),
            Err(source) => Err(RegistryError::Unreadable { name, source }),
        }
    }
}

/// The services of one environment.
#[derive(Debug, Clone)]
pub struct Registry {
    client: Client,
    path: String,
    names: Vec<String>,
}

impl Registry {
    /// The registry of `SOUK_ENVIRONMENT`; `SERVICES` names those that there can be.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let path = format!("/souk/{}/services", aws::env::required("SOUK_ENVIRONMENT")?);
        let names = aws::env::required("SERVICES")?.split(',').map(|name| name.trim().to_owned()).collect();
        let (config, ()) = tokio::join!(aws::config(), aws::warm_up("ssm"));
        Ok(Self { client: Client::new(&config), path, names })
    }

    /// None where the service is not deployed in this environment.
    async fn read(&self, name: &str) -> Result<Option<Registered>, RegistryError> {
        let call = self.client.get_parameter().name(format!("{}/{name}", self.path));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) => {
                return Ok(None);
            }
            Err(error) => return Err(RegistryError::Aws(error.into())),
        };
        let value = answer.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
        Registered::read(name, &value).map(Some)
    }
}

impl ReadRegistry for Registry {
    async fn read_registry(&self) -> Result<Vec<Registered>, RegistryError> {
        let services = try_join_all(self.names.iter().map(|name| self.read(name))).await?;
        Ok(services.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_may_hold_more_than_is_read() {
        let value = r#"{"base_path":"/v1","version":"7f3a","dead_letters":["https://sqs/q"],"owner":"later"}"#;
        let service = Registered::read("orders", value).unwrap();
        assert_eq!((service.name.as_str(), service.version.as_str()), ("orders", "7f3a"));
        assert_eq!(service.dead_letters, ["https://sqs/q"]);
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_an_error_not_an_absence() {
        assert!(matches!(Registered::read("orders", "ok"), Err(RegistryError::Unreadable { .. })));
    }
}
