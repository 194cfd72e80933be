//! Requests as API Gateway (REST) hands them to a function.

use api::Request;
use serde_json::{Map, Value, json};

/// A request under construction.
#[derive(Debug, Clone)]
pub struct RequestBuilder {
    method: &'static str,
    path: String,
    headers: Map<String, Value>,
    parameters: Map<String, Value>,
    query: Map<String, Value>,
    claims: Option<Value>,
    body: Option<String>,
}

#[must_use]
pub fn get(path: &str) -> RequestBuilder {
    RequestBuilder::new("GET", path)
}

#[must_use]
pub fn post(path: &str) -> RequestBuilder {
    RequestBuilder::new("POST", path)
}

#[must_use]
pub fn put(path: &str) -> RequestBuilder {
    RequestBuilder::new("PUT", path)
}

#[must_use]
pub fn patch(path: &str) -> RequestBuilder {
    RequestBuilder::new("PATCH", path)
}

#[must_use]
pub fn delete(path: &str) -> RequestBuilder {
    RequestBuilder::new("DELETE", path)
}

impl RequestBuilder {
    fn new(method: &'static str, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Map::new(),
            parameters: Map::new(),
            query: Map::new(),
            claims: None,
            body: None,
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.into().into());
        self
    }

    /// A path parameter: `{id}`.
    #[must_use]
    pub fn path_parameter(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.insert(name.to_owned(), value.to_string().into());
        self
    }

    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.insert(name.to_owned(), value.to_string().into());
        self
    }

    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Signed in with a token that [`crate::auth::authenticator`] accepts.
    #[must_use]
    pub fn signed_in(self, user_id: &str, groups: &[&str]) -> Self {
        let token = crate::auth::bearer(user_id, groups);
        self.header("authorization", token)
    }

    /// Let through by the gateway's authorizer, with the claims as the gateway passes them on.
    #[must_use]
    pub fn authorized(mut self, user_id: &str, groups: &str) -> Self {
        self.claims = Some(json!({
            "sub": user_id, "token_use": "access", "client_id": crate::auth::CLIENT_ID, "cognito:groups": groups,
            "auth_time": crate::now().epoch_seconds().to_string(),
        }));
        self
    }

    #[must_use]
    pub fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    #[must_use]
    pub fn build(self) -> Request {
        let multi = |map: &Map<String, Value>| {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), json!([value]))).collect())
        };
        let authorizer = self.claims.map(|claims| json!({ "claims": claims }));
        let event = json!({
            "resource": self.path, "path": self.path, "httpMethod": self.method,
            "headers": self.headers, "multiValueHeaders": multi(&self.headers),
            "queryStringParameters": self.query, "multiValueQueryStringParameters": multi(&self.query),
            "pathParameters": self.parameters, "stageVariables": null,
            "body": self.body, "isBase64Encoded": false,
            "requestContext": {
                "accountId": "000000000000", "resourceId": "r", "stage": "v1", "requestId": "request-1", "apiId": "api",
                "identity": { "sourceIp": "203.0.113.7" }, "resourcePath": self.path, "httpMethod": self.method,
                "path": format!("/v1{}", self.path), "authorizer": authorizer,
            },
        });
        Request::new(lambda_http::request::from_str(&event.to_string()).unwrap())
    }
}
