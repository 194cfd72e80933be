//! `Idempotency-Key`: a repeated `POST` has one effect and one answer.
//!
//! Where claim and effect are one transaction, the record is written with the effect. Whoever loses the race rereads and replays.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dynamo::{Change, Condition, Entity, Key, Personal, Row, Table};
use kernel::Timestamp;
use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::{Code, Problem, Request, Response};

/// How long an answer is kept.
const KEEP_SECONDS: i64 = 7 * 24 * 60 * 60;
const MAX_KEY_LENGTH: usize = 255;

/// One request's claim to be the first with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    key: Key,
    fingerprint: String,
}

/// The answer that was given under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    fingerprint: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    expires_at: i64,
}

impl Entity for Record {
    const TYPE: &'static str = "idempotency";
    const PERSONAL: Personal = Personal::Erase;
}

/// Headers that belong to the answer's content and are replayed with it.
const REPLAYED_HEADERS: [&str; 2] = ["Content-Type", "Location"];

impl Claim {
    /// The claim of `request`, made by `principal` (a user or guest capability) on `route`.
    ///
    /// # Errors
    /// 400 when the header is missing or longer than 255 printable ASCII characters.
    pub fn read(request: &Request, route: &str, principal: &str) -> Result<Self, Problem> {
        let key = request.header("idempotency-key").ok_or_else(|| Problem::new(Code::IdempotencyKeyMissing))?;
        if !(1..=MAX_KEY_LENGTH).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let detail = format!("An Idempotency-Key has 1 to {MAX_KEY_LENGTH} printable ASCII characters.");
            return Err(Problem::detailed(Code::InvalidHeader, detail));
        }
        let scope = hash(&[route.as_bytes(), principal.as_bytes(), key.as_bytes()]);
        let fingerprint = hash(&[request.path().as_bytes(), request.raw_body()]);
        Ok(Self { key: Key::new(format!("IDEM#{scope}"), "IDEM"), fingerprint })
    }

    /// Where the record is, for reading it together with what the request needs.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key.clone()
    }

    /// The answer to give instead of doing anything, if this request was answered before.
    ///
    /// # Errors
    /// 422 `idempotency_key_reused` when the key came with another body.
    pub fn replay(&self, record: Option<Row<Record>>, now: Timestamp) -> Result<Option<Response>, Problem> {
        let Some(record) = record.map(|row| row.body).filter(|record| record.expires_at > now.epoch_seconds()) else {
            return Ok(None);
        };
        if record.fingerprint != self.fingerprint {
            return Err(Problem::new(Code::IdempotencyKeyReused));
        }
        let status = StatusCode::from_u16(record.status).map_err(Problem::internal)?;
        let content_type = record.headers.iter().find(|(name, _)| name == "Content-Type");
        let mut response =
            Response::raw(status, content_type.map_or("application/json", |(_, value)| value), record.body);
        if let Some((_, location)) = record.headers.iter().find(|(name, _)| name == "Location") {
            response = response.header("Location", location);
        }
        Ok(Some(response.header("Idempotent-Replayed", "true")))
    }

    /// The record of `response`, to be written in the transaction of the effect. It is refused when another request with the same key
    /// was faster: reread and [`Claim::replay`].
    #[must_use]
    pub fn record(&self, table: &Table, response: &Response, now: Timestamp) -> Change {
        let expires_at = now.plus_seconds(KEEP_SECONDS).epoch_seconds();
        let record = Record {
            fingerprint: self.fingerprint.clone(),
            status: response.status().as_u16(),
            headers: REPLAYED_HEADERS
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), response.header_value(name)?.to_owned())))
                .collect(),
            body: response.body().to_owned(),
            expires_at,
        };
        let free = Condition::Absent.or(Condition::less_than("expires_at", now.epoch_seconds()));
        Change::put(table, &Row::new(self.key.clone(), record).expiring(expires_at), free)
    }
}

/// Parts are told apart by their lengths.
fn hash(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}
