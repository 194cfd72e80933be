//! The description of an endpoint, from which the gateway's routes and the API's documentation are generated.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{Code, Group};

/// Who may call a route, and where that is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a token is ignored.
    Public,
    /// Guests, and shoppers with a token that the function verifies.
    Optional,
    /// Shoppers: the gateway's authorizer lets nobody else through.
    Required,
    /// Staff in one of these groups, by their token and by their row; the function looks at both.
    Staff(&'static [Group]),
    /// A payment provider; the function verifies its signature.
    Provider,
}

/// One endpoint.
#[derive(Clone)]
pub struct Route {
    pub method: &'static str,
    /// Below the stage: `/orders/{id}`.
    pub path: &'static str,
    /// The function's name within its environment: `orders-place-order`.
    pub function: &'static str,
    pub summary: &'static str,
    pub access: Access,
    pub idempotent: bool,
    /// Changes one row, of which `If-Match` names the version.
    pub conditional: bool,
    /// Anybody may keep the answer, and ask with `If-None-Match` whether it still holds.
    pub cached: bool,
    /// Guests show a token in this header: `Cart-Token`, `Order-Token`.
    pub guest_header: Option<&'static str>,
    pub query: Vec<(&'static str, &'static str)>,
    pub body: Option<SchemaOf>,
    /// Bytes of the largest body that is read.
    pub max_body: usize,
    pub status: u16,
    pub answer: Option<SchemaOf>,
    /// What it answers instead of `status` at times, and when.
    pub others: Vec<(u16, &'static str)>,
    pub refusals: Vec<Code>,
    /// What comes with a refusal beyond the members that all have.
    pub details: Vec<(Code, SchemaOf)>,
}

/// Writes a type's JSON schema.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

impl Route {
    fn new(method: &'static str, path: &'static str, function: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            function,
            summary,
            access: Access::Public,
            idempotent: false,
            conditional: false,
            cached: false,
            guest_header: None,
            query: Vec::new(),
            body: None,
            max_body: crate::MAX_BODY,
            status: 200,
            answer: None,
            others: Vec::new(),
            refusals: Vec::new(),
            details: Vec::new(),
        }
    }

    #[must_use]
    pub fn get(path: &'static str, function: &'static str, summary: &'static str) -> Self {
        Self::new("get", path, function, summary)
    }

    #[must_use]
    pub fn post(path: &'static str, function: &'static str, summary: &'static str) -> Self {
        Self::new("post", path, function, summary)
    }

    #[must_use]
    pub fn put(path: &'static str, function: &'static str, summary: &'static str) -> Self {
        Self::new("put", path, function, summary)
    }

    #[must_use]
    pub fn patch(path: &'static str, function: &'static str, summary: &'static str) -> Self {
        Self::new("patch", path, function, summary)
    }

    #[must_use]
    pub fn delete(path: &'static str, function: &'static str, summary: &'static str) -> Self {
        Self::new("delete", path, function, summary)
    }

    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Guests prove themselves with a token in this header.
    #[must_use]
    pub fn guests_show(mut self, header: &'static str) -> Self {
        self.guest_header = Some(header);
        self
    }

    /// Needs an `Idempotency-Key`.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Needs an `If-Match` with the `ETag` of what is changed ([`crate::Request::if_match`]).
    #[must_use]
    pub fn conditional(mut self) -> Self {
        self.conditional = true;
        self
    }

    /// Answers what anybody may keep ([`crate::Response::public`]).
    #[must_use]
    pub fn cached(mut self) -> Self {
        self.cached = true;
        self.may_answer(304, "Still what `If-None-Match` names")
    }

    /// A query parameter and what it means.
    #[must_use]
    pub fn query(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.query.push((name, meaning));
        self
    }

    /// Takes `limit` and `cursor`.
    #[must_use]
    pub fn paged(self) -> Self {
        self.query("limit", "Rows a page, 1 to 100; 20 unless given.")
            .query("cursor", "The `next_cursor` of the page before.")
            .refuses(&[Code::InvalidCursor])
    }

    #[must_use]
    pub fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Reads larger bodies than others do; what [`crate::serve_bodies_up_to`] is told.
    #[must_use]
    pub fn bodies_up_to(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// The status and body of success.
    #[must_use]
    pub fn answers<T: JsonSchema>(mut self, status: u16) -> Self {
        self.status = status;
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Success without a body.
    #[must_use]
    pub fn answers_nothing(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Refuses nothing, and yet answers another status than usual, without the usual body.
    #[must_use]
    pub fn may_answer(mut self, status: u16, when: &'static str) -> Self {
        self.others.push((status, when));
        self
    }

    /// Error codes of this endpoint beyond those that follow from its shape ([`Route::codes`]).
    #[must_use]
    pub fn refuses(mut self, codes: &[Code]) -> Self {
        self.refusals.extend(codes);
        self
    }

    /// Refuses with `code`, and tells more than others do.
    #[must_use]
    pub fn refuses_with<T: JsonSchema>(mut self, code: Code) -> Self {
        self.details.push((code, SchemaGenerator::subschema_for::<T>));
        self.refuses(&[code])
    }

    /// Path parameters in order.
    #[must_use]
    pub fn path_parameters(&self) -> Vec<&'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// All error codes that a caller may meet.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes = self.refusals.clone();
        if self.body.is_some() {
            codes.extend([Code::MalformedJson, Code::ValidationFailed, Code::UnsupportedMediaType, Code::BodyTooLarge]);
        }
        if !self.query.is_empty() {
            codes.push(Code::InvalidQuery);
        }
        if !self.path_parameters().is_empty() {
            codes.push(Code::NotFound);
        }
        if self.idempotent {
            codes.extend([Code::IdempotencyKeyMissing, Code::IdempotencyKeyReused, Code::InvalidHeader]);
        }
        if self.conditional {
            codes.extend([Code::IfMatchMissing, Code::InvalidHeader, Code::VersionMismatch]);
        }
        match self.access {
            Access::Public | Access::Provider => {}
            Access::Optional | Access::Required => codes.push(Code::Unauthenticated),
            Access::Staff(_) => codes.extend([Code::Unauthenticated, Code::Forbidden, Code::TotpRequired]),
        }
        codes.extend([Code::TooManyRequests, Code::InternalError, Code::TryAgain, Code::Timeout]);
        codes.sort_by_key(|code| (code.status(), code.as_str()));
        codes.dedup();
        codes
    }
}
