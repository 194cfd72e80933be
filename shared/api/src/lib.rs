//! What every endpoint has in common: reading requests, knowing the caller, answering, and describing itself.
//!
//! * [`serve`] runs a handler: an async function of its dependencies and a [`Request`], to a [`Response`] or a [`Problem`].
//! * [`Code`] is the registry of all error codes; a [`Problem`] is one of them with its details (RFC 9457).
//! * [`Authenticator`] says who calls, [`Staff`] whether they may act for the shop; [`Capability`] tokens let guests at their own cart and
//!   order.
//! * [`idempotency`] makes a repeated `POST` have one effect and one answer.
//! * [`Route`] describes an endpoint: the gateway's routes and `docs/openapi.json` are generated from it.

mod audit;
mod authenticator;
mod body;
mod capability;
mod code;
mod cursor;
pub mod idempotency;
mod parameter;
mod problem;
mod request;
mod response;
mod route;
mod serve;
mod staff;

pub use audit::AuditEntry;
pub use authenticator::{Authenticator, Caller, Group, User};
pub use capability::Capability;
pub use code::Code;
pub use cursor::{Limit, PageRequest, PageView};
pub use lambda_http::Error;
pub use lambda_http::http::{Method, StatusCode};
pub use problem::Problem;
pub use request::Request;
pub use response::Response;
pub use route::{Access, Route, SchemaOf};
pub use serve::{MAX_BODY, serve, serve_bodies_up_to};
pub use staff::{AccountStatus, Reading, Staff, Standing, Standings};
