//! `GET /health`: whether requests are answered at all. It says no more, for everybody may ask.

use api::{Problem, Request, Response};
use schemars::JsonSchema;
use serde::Serialize;

pub struct Deps;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub struct HealthView {
    /// `ok`.
    status: &'static str,
}

pub async fn handle(_: &Deps, _: Request) -> Result<Response, Problem> {
    Ok(Response::ok(&HealthView { status: "ok" }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_shop_that_answers_is_well() {
        let response = handle(&Deps, testkit::request::get("/health").build()).await.unwrap();
        assert_eq!(testkit::json(&response), json!({ "status": "ok" }));
    }
}
