//! `GET /openapi.json`: the API's description, as it was when this function was built.

use api::{Problem, Request, Response, StatusCode};

/// Generated from all services' routes; a contract test holds it to them.
const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");
const CACHE_SECONDS: u32 = 300;

pub struct Deps;

pub async fn handle(_: &Deps, _: Request) -> Result<Response, Problem> {
    Ok(Response::raw(StatusCode::OK, "application/json", DOCUMENT.to_owned()).public(CACHE_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_description_is_json() {
        let response = handle(&Deps, testkit::request::get("/openapi.json").build()).await.unwrap();
        assert!(testkit::json(&response).is_object());
        assert_eq!(response.header_value("content-type"), Some("application/json"));
    }
}
