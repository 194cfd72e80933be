//! `docs/openapi.json`: the API's documentation, written from the endpoints' own types.

use api::{Access, Code, Route};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The whole document, as text that changes only where the API does.
#[must_use]
pub fn document(routes: &[Route]) -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    let mut sorted: Vec<&Route> = routes.iter().collect();
    sorted.sort_by_key(|route| (route.path, route.method));
    for route in sorted {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method] = operation(route, &mut generator);
    }
    let mut schemas = Map::from_iter(generator.take_definitions(true));
    schemas.insert("Problem".into(), problem());
    schemas.sort_keys();
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": "1",
            "summary": "A shop made of small functions",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/v1" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "accessToken": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "cartToken": { "type": "apiKey", "in": "header", "name": "Cart-Token" },
                "orderToken": { "type": "apiKey", "in": "header", "name": "Order-Token" },
                "stripeSignature": { "type": "apiKey", "in": "header", "name": "Stripe-Signature" },
            },
        },
    });
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

const DESCRIPTION: &str = "Amounts are integers in the currency's minor unit (cents). Times are RFC 3339 in UTC. \
Errors are `application/problem+json` (RFC 9457) with a stable `code`. Lists come in pages: give `next_cursor` back as `cursor`. \
Endpoints marked with `Idempotency-Key` may be sent again with the same key: the effect happens once and the answer is the same.";

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [route.function.split('-').next().unwrap()],
        "summary": route.summary,
        "parameters": parameters(route),
        "security": security(route),
        "responses": responses(route, generator),
    });
    if let Access::Staff(groups) = route.access {
        operation["x-groups"] = groups.iter().map(|group| group.as_str()).collect();
    }
    if route.body.is_some() || route.access == Access::Provider {
        operation["x-max-body-bytes"] = route.max_body.into();
    }
    if let Some(body) = route.body {
        let schema = body(generator);
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// `orders-place-order` is `placeOrder`.
fn operation_id(route: &Route) -> String {
    let mut words = route.function.split('-').skip(1);
    let first = words.next().unwrap().to_owned();
    words.fold(first, |id, word| id + &word[..1].to_uppercase() + &word[1..])
}

fn parameters(route: &Route) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let path = route
        .path_parameters()
        .into_iter()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text }));
    let query = route.query.iter().map(|(name, meaning)| {
        json!({ "name": name, "in": "query", "required": false, "description": meaning, "schema": text })
    });
    let key = route.idempotent.then(|| {
        json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Chosen by the caller, 1 to 255 printable ASCII characters; kept for seven days.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        })
    });
    let version = route.conditional.then(|| {
        json!({
            "name": "If-Match", "in": "header", "required": true,
            "description": "The `ETag` of what is changed, as it was read.", "schema": text,
        })
    });
    let kept = route.cached.then(|| {
        json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The `ETag` of an answer that the caller has.", "schema": text,
        })
    });
    path.chain(query).chain(key).chain(version).chain(kept).collect()
}

fn security(route: &Route) -> Value {
    let guest = route.guest_header.map(|header| match header {
        "Cart-Token" => json!({ "cartToken": [] }),
        "Order-Token" => json!({ "orderToken": [] }),
        other => panic!("{other} has no security scheme"),
    });
    match route.access {
        Access::Public => json!([]),
        Access::Provider => json!([{ provider_scheme(route): [] }]),
        Access::Optional => json!([guest.unwrap_or_else(|| json!({})), { "accessToken": [] }]),
        Access::Required | Access::Staff(_) => json!([{ "accessToken": [] }]),
    }
}

/// What a payment provider proves itself with.
fn provider_scheme(route: &Route) -> &'static str {
    match route.path {
        "/hooks/stripe" => "stripeSignature",
        other => panic!("{other} has no security scheme"),
    }
}

fn responses(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    let success = match route.answer {
        Some(answer) => {
            let schema = answer(generator);
            json!({ "description": "Done", "content": { "application/json": { "schema": schema } } })
        }
        None => json!({ "description": "Done" }),
    };
    responses.insert(route.status.to_string(), success);
    for (status, when) in &route.others {
        responses.insert(status.to_string(), json!({ "description": when }));
    }
    let codes = route.codes();
    for status in codes.iter().map(|code| code.status()) {
        let of_status: Vec<&Code> = codes.iter().filter(|code| code.status() == status).collect();
        let described: Vec<String> =
            of_status.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
        responses.insert(
            status.to_string(),
            json!({
                "description": described.join(" · "),
                "content": { "application/problem+json": { "schema": refusal(route, status, generator) } },
                "x-codes": of_status.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
            }),
        );
    }
    Value::Object(responses)
}

/// A problem, or one of those that tell more.
fn refusal(route: &Route, status: u16, generator: &mut SchemaGenerator) -> Value {
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let details = route.details.iter().filter(|(code, _)| code.status() == status);
    let mut kinds: Vec<Value> = details
        .map(|(code, details)| {
            let only = json!({ "properties": { "code": { "const": code.as_str() } } });
            json!({ "title": code.as_str(), "allOf": [problem, only, details(generator)] })
        })
        .collect();
    if kinds.is_empty() {
        return problem;
    }
    kinds.push(problem);
    json!({ "anyOf": kinds })
}

fn problem() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "RFC 9457. Further members depend on the code.",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string", "description": "The same for every occurrence of the code" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "A sentence about this occurrence" },
            "instance": { "type": "string", "description": "The path that was called" },
            "code": { "type": "string", "enum": codes },
            "request_id": { "type": "string", "description": "What to tell support; `scripts/logs` takes it" },
            "errors": {
                "type": "array",
                "description": "All that is wrong with the request; `code` is `validation_failed` or that of the first",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {
                        "pointer": { "type": "string", "description": "JSON pointer (RFC 6901) into the body" },
                        "code": { "type": "string" },
                        "detail": { "type": "string" },
                    },
                },
            },
        },
    })
}
