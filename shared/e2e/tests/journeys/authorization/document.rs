//! `docs/openapi.json`, as far as it tells who may call what.

use std::fmt;

use e2e::repository;
use serde_json::Value;

/// Who may call an operation, as its security requirements say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Access {
    Public,
    /// A payment provider, by its signature.
    Provider,
    /// Whoever has an account, and guests: all of them, or those who show the token of what is theirs.
    Optional {
        guests_show: Option<String>,
    },
    /// Whoever has an account.
    Required,
    /// Those of these groups.
    Staff(Vec<String>),
}

/// One operation of the document.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) access: Access,
    /// The headers that it cannot do without.
    pub(super) headers: Vec<String>,
    pub(super) has_body: bool,
    /// The status of its success.
    pub(super) success: u16,
}

pub(super) fn operations() -> Vec<Operation> {
    let text = std::fs::read_to_string(repository().join("docs/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| -> Vec<Operation> {
        let methods = methods.as_object().unwrap();
        methods.iter().map(|(method, operation)| Operation::read(method, path, operation)).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

impl Operation {
    fn read(method: &str, path: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let needed = parameters.filter(|parameter| parameter["in"] == "header" && parameter["required"] == true);
        let statuses = operation["responses"].as_object().unwrap().keys();
        Self {
            method: match method {
                "get" => "GET",
                "post" => "POST",
                "put" => "PUT",
                "patch" => "PATCH",
                "delete" => "DELETE",
                other => panic!("{path} has the unknown method {other}"),
            },
            path: path.to_owned(),
            access: access(operation).unwrap_or_else(|| panic!("who may call {method} {path}? {operation}")),
            headers: needed.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect(),
            has_body: operation.get("requestBody").is_some(),
            success: statuses.filter_map(|status| status.parse().ok()).find(|status| *status < 300).unwrap(),
        }
    }

    /// `PUT /carts/{id}/lines/{sku}`
    pub(super) fn name(&self) -> String {
        self.to_string()
    }

    /// The collection that its thing is in: the last one of the path that names a member, or the carts where a guest shows the token of one.
    /// None, if it names nothing.
    pub(super) fn collection(&self) -> Option<&str> {
        let parts: Vec<&str> = self.path.split('/').collect();
        let named = parts.windows(2).rev().find(|pair| pair[1].starts_with('{')).map(|pair| pair[0]);
        let shows_cart =
            matches!(&self.access, Access::Optional { guests_show: Some(scheme) } if scheme == "cartToken");
        named.or(shows_cart.then_some("carts"))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// None for requirements whose meaning is not known.
fn access(operation: &Value) -> Option<Access> {
    let scheme = |requirement: &Value| requirement.as_object()?.keys().next().cloned();
    let schemes: Vec<Option<String>> = operation["security"].as_array()?.iter().map(scheme).collect();
    let schemes: Vec<Option<&str>> = schemes.iter().map(Option::as_deref).collect();
    let groups = operation["x-groups"].as_array();
    let groups = groups.map(|groups| groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect());
    match (&schemes[..], groups) {
        ([], None) => Some(Access::Public),
        ([Some(scheme)], None) if scheme.ends_with("Signature") => Some(Access::Provider),
        ([guest, Some("accessToken")], None) => Some(Access::Optional { guests_show: guest.map(str::to_owned) }),
        ([Some("accessToken")], None) => Some(Access::Required),
        ([Some("accessToken")], Some(groups)) => Some(Access::Staff(groups)),
        _ => None,
    }
}
