//! The rows of the API that tell of the API itself.

use api::Route;

use crate::handlers::*;

/// All endpoints of this service.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/health", "platform-health", "Whether the shop answers").answers::<health::HealthView>(200),
        Route::get("/services", "platform-list-services", "The services of this shop, their versions and health")
            .cached()
            .answers::<list_services::ServicesView>(200),
        Route::get("/openapi.json", "platform-openapi", "This description")
            .cached()
            .answers::<serde_json::Map<String, serde_json::Value>>(200),
    ]
}
