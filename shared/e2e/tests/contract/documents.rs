use std::collections::HashSet;

use api::Access;
use e2e::{gateway, hold_generated, openapi, repository, routes, templates};
use serde_json::{Value, json};

use crate::handler;

#[test]
fn the_openapi_document_is_what_the_endpoints_describe() {
    hold_generated("docs/openapi.json", &openapi::document(&routes())).unwrap();
}

#[test]
fn the_openapi_document_tells_who_may_call_each_route() {
    let document: Value = serde_json::from_str(&openapi::document(&routes())).unwrap();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for route in routes() {
        let operation = &document["paths"][route.path][route.method];
        let groups: Option<Vec<&str>> = match route.access {
            Access::Staff(groups) => Some(groups.iter().map(|group| group.as_str()).collect()),
            _ => None,
        };
        assert_eq!(operation["x-groups"], json!(groups), "{}", route.path);
        let ways = operation["security"].as_array().unwrap();
        assert_eq!(ways.is_empty(), route.access == Access::Public, "{}", route.path);
        for scheme in ways.iter().flat_map(|way| way.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{} asks for the unknown {scheme}", route.path);
        }
    }
}

#[test]
fn the_openapi_document_tells_of_each_answer_without_the_usual_body() {
    let document: Value = serde_json::from_str(&openapi::document(&routes())).unwrap();
    for route in routes() {
        let (file, source) = handler(&route);
        let responses = document["paths"][route.path][route.method]["responses"].as_object().unwrap();
        for (status, made_by) in [("204", "no_content()"), ("301", "MOVED_PERMANENTLY"), ("304", ".public(")] {
            assert_eq!(responses.contains_key(status), source.contains(made_by), "{status} of {file}");
        }
    }
}

#[test]
fn the_gateway_routes_are_what_the_endpoints_describe() {
    let template = templates::root().text;
    hold_generated("template.yaml", &gateway::with_routes(&template, &routes())).unwrap();
}

#[test]
fn cargo_lambda_watch_serves_what_the_endpoints_describe() {
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    hold_generated("Cargo.toml", &gateway::with_watch_router(&manifest, &routes())).unwrap();
}

#[test]
fn each_route_is_served_by_one_function_and_each_function_has_one_name() {
    let routes = routes();
    let calls: HashSet<_> = routes.iter().map(|route| (route.method, route.path)).collect();
    let functions: HashSet<_> = routes.iter().map(|route| route.function).collect();
    assert_eq!((calls.len(), functions.len()), (routes.len(), routes.len()));
}

#[test]
fn paths_are_plural_kebab_case_and_tell_the_route_class() {
    for route in routes() {
        for part in route.path.split('/').skip(1).filter(|part| !part.starts_with('{')) {
            let plain = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'.');
            assert!(plain, "{} is not kebab-case", route.path);
        }
        let is_staff = matches!(route.access, Access::Staff(_));
        assert_eq!(is_staff, route.path.starts_with("/admin/"), "{}", route.path);
        assert_eq!(route.access == Access::Provider, route.path.starts_with("/hooks/"), "{}", route.path);
        assert!(!(is_staff && route.path.contains("/me")), "{}", route.path);
    }
}

#[test]
fn a_guest_header_belongs_to_an_optional_route() {
    for route in routes() {
        assert!(route.guest_header.is_none() || route.access == Access::Optional, "{}", route.path);
    }
}

#[test]
fn money_and_order_posts_need_an_idempotency_key() {
    for route in routes().iter().filter(|route| route.method == "post") {
        let last = route.path.rsplit('/').next().unwrap();
        if ["orders", "payments", "captures", "refunds", "cancellations", "returns"].contains(&last) {
            assert!(route.idempotent, "{}", route.path);
        }
    }
}
