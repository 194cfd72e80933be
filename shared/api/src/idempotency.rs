//! `Idempotency-Key`: a repeated `POST` has one effect and one answer.
//!
//! Where claim and effect are one transaction, the record is written with the effect. Whoever loses the race rereads and replays.
//!
//! Around a call to somebody else's system the claim is written first ([`Claim::start`]) and names what it is about; the answer replaces
//! it ([`Claim::finish`]). Who finds it started waits for the lease to pass and then goes on with the same thing ([`Claim::take_over`]).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dynamo::{Change, Condition, Entity, Key, Personal, Query, Row, Table};
use kernel::{Email, Timestamp, UserId};
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
    /// Whom the answer is about, so that it goes with them.
    about: Option<About>,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    User(UserId),
    /// Somebody without an account, by the address that they gave.
    Guest(Email),
}

/// The answer that was given under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    fingerprint: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    expires_at: i64,
    /// There until the request is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<Started>,
}

/// A request that was begun under a key and is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The id of what it made.
    pub subject: String,
    /// Seconds since the epoch up to which nobody else takes it over.
    lease_until: i64,
}

/// How far the request with a key is.
#[derive(Debug)]
pub enum Standing {
    /// Nobody has used the key.
    Free,
    /// It was begun and left; go on with the same subject.
    Left(Started),
    Answered(Response),
}

impl Entity for Record {
    const TYPE: &'static str = "idempotency";
    const PERSONAL: Personal = Personal::Erase;
}

/// Headers that belong to the answer's content and are replayed with it.
const REPLAYED_HEADERS: [&str; 2] = ["Content-Type", "Location"];

impl Claim {
    /// The claim of `request`, made by `principal` on `route`: a shopper or a guest ([`crate::Caller::principal`]), or one of the staff, who
    /// is named as a shopper is.
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
        Ok(Self { key: Key::new(format!("IDEM#{scope}"), "IDEM"), fingerprint, about: shopper(principal) })
    }

    /// [`Claim::read`], where the header may be missing: a request that has it has one effect.
    ///
    /// # Errors
    /// As [`Claim::read`], for a header that is there.
    pub fn read_if_given(request: &Request, route: &str, principal: &str) -> Result<Option<Self>, Problem> {
        let is_given = request.header("idempotency-key").is_some();
        is_given.then(|| Self::read(request, route, principal)).transpose()
    }

    /// The same claim; if nobody with an account made it, its answer is about whoever has `email` ([`answers_to_guest`]).
    #[must_use]
    pub fn of_guest(&self, email: &Email) -> Self {
        let mut claim = self.clone();
        claim.about.get_or_insert_with(|| About::Guest(email.clone()));
        claim
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
        match self.standing(record, now)? {
            Standing::Answered(response) => Ok(Some(response)),
            Standing::Free | Standing::Left(_) => Ok(None),
        }
    }

    /// How far the request with this key is, for endpoints that call somebody else between claim and answer.
    ///
    /// # Errors
    /// 422 `idempotency_key_reused` when the key came with another body, 409 `idempotency_in_flight` while another holds the lease.
    pub fn standing(&self, record: Option<Row<Record>>, now: Timestamp) -> Result<Standing, Problem> {
        let Some(record) = record.map(|row| row.body).filter(|record| record.expires_at > now.epoch_seconds()) else {
            return Ok(Standing::Free);
        };
        if record.fingerprint != self.fingerprint {
            return Err(Problem::new(Code::IdempotencyKeyReused));
        }
        if let Some(started) = record.started {
            return match u32::try_from(started.lease_until - now.epoch_seconds()) {
                Err(_) | Ok(0) => Ok(Standing::Left(started)),
                Ok(seconds) => Err(Problem::new(Code::IdempotencyInFlight).retry_after(seconds)),
            };
        }
        let status = StatusCode::from_u16(record.status).map_err(Problem::internal)?;
        let content_type = record.headers.iter().find(|(name, _)| name == "Content-Type");
        let mut response =
            Response::raw(status, content_type.map_or("application/json", |(_, value)| value), record.body);
        if let Some((_, location)) = record.headers.iter().find(|(name, _)| name == "Location") {
            response = response.header("Location", location);
        }
        Ok(Standing::Answered(response.header("Idempotent-Replayed", "true")))
    }

    /// The record of `response`, to be written in the transaction of the effect. It is refused when another request with the same key
    /// was faster: reread and [`Claim::replay`].
    #[must_use]
    pub fn record(&self, table: &Table, response: &Response, now: Timestamp) -> Change {
        self.write(table, self.answered(response, now), free(now))
    }

    /// Claims the key for making `subject`, in the transaction that writes the subject down. Refused when another request has the key.
    #[must_use]
    pub fn start(&self, table: &Table, subject: &str, lease_seconds: i64, now: Timestamp) -> Change {
        self.write(table, self.begun(subject, lease_seconds, now), free(now))
    }

    /// Goes on with what was `left`. Refused when another request did so first.
    #[must_use]
    pub fn take_over(&self, table: &Table, left: &Started, lease_seconds: i64, now: Timestamp) -> Change {
        let record = self.begun(&left.subject, lease_seconds, now);
        let still_left = Condition::equals(["started", "lease_until"], left.lease_until);
        self.write(table, record, begun_with(&left.subject).and(still_left))
    }

    /// Lets the next request with this key go on with `subject` at once: this one could not finish it.
    #[must_use]
    pub fn leave(&self, table: &Table, subject: &str, now: Timestamp) -> Change {
        self.write(table, self.begun(subject, 0, now), begun_with(subject))
    }

    /// Puts the answer in place of the claim. Refused when it was answered already: reread and replay.
    #[must_use]
    pub fn finish(&self, table: &Table, subject: &str, response: &Response, now: Timestamp) -> Change {
        self.write(table, self.answered(response, now), begun_with(subject))
    }

    /// What is kept of `response` under this key.
    #[must_use]
    pub fn answered(&self, response: &Response, now: Timestamp) -> Record {
        Record {
            fingerprint: self.fingerprint.clone(),
            status: response.status().as_u16(),
            headers: REPLAYED_HEADERS
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), response.header_value(name)?.to_owned())))
                .collect(),
            body: response.body().to_owned(),
            expires_at: now.plus_seconds(KEEP_SECONDS).epoch_seconds(),
            started: None,
        }
    }

    /// What is kept under this key while `subject` is being made.
    #[must_use]
    pub fn begun(&self, subject: &str, lease_seconds: i64, now: Timestamp) -> Record {
        let lease_until = now.plus_seconds(lease_seconds).epoch_seconds();
        Record {
            fingerprint: self.fingerprint.clone(),
            status: 0,
            headers: Vec::new(),
            body: String::new(),
            expires_at: now.plus_seconds(KEEP_SECONDS).epoch_seconds(),
            started: Some(Started { subject: subject.to_owned(), lease_until }),
        }
    }

    fn write(&self, table: &Table, record: Record, condition: Condition) -> Change {
        let expires_at = record.expires_at;
        let row = Row::new(self.key.clone(), record).expiring(expires_at);
        let row = match &self.about {
            Some(About::User(user)) => row.about(user),
            Some(About::Guest(email)) => row.indexed(guest_index(email), self.key.pk.clone()),
            None => row,
        };
        Change::put(table, &row, condition)
    }
}

fn shopper(principal: &str) -> Option<About> {
    let id = principal.strip_prefix("user:")?;
    UserId::parse(id).ok().map(About::User)
}

/// The answers that were given to guests with this address, in the index.
#[must_use]
pub fn answers_to_guest(email: &Email) -> Query {
    Query::index(guest_index(email))
}

fn guest_index(email: &Email) -> String {
    format!("ANSWERS#{email}")
}

fn free(now: Timestamp) -> Condition {
    Condition::Absent.or(Condition::less_than("expires_at", now.epoch_seconds() + 1))
}

fn begun_with(subject: &str) -> Condition {
    Condition::equals(["started", "subject"], subject)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_epoch_seconds(1_800_000_000 + second)
    }

    fn claim(fingerprint: &str) -> Claim {
        Claim { key: Key::new("IDEM#x", "IDEM"), fingerprint: fingerprint.to_owned(), about: None }
    }

    fn row(record: Record) -> Option<Row<Record>> {
        Some(Row::new(Key::new("IDEM#x", "IDEM"), record))
    }

    #[test]
    fn an_answer_is_about_the_account_that_asked_for_it() {
        let id = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d";
        assert_eq!(shopper(&format!("user:{id}")), Some(About::User(UserId::parse(id).unwrap())));
        assert_eq!((shopper(id), shopper("guest:token")), (None, None));
    }

    #[test]
    fn a_begun_request_is_in_flight_until_its_lease_passes_and_then_left() {
        let claim = claim("a");
        let begun = claim.begun("pay_1", 30, at(0));
        let refused = claim.standing(row(begun.clone()), at(29)).expect_err("in flight");
        assert_eq!(refused.code(), Code::IdempotencyInFlight);
        let Ok(Standing::Left(started)) = claim.standing(row(begun), at(30)) else { panic!("not left") };
        assert_eq!(started.subject, "pay_1");
        assert!(matches!(claim.standing(row(claim.begun("pay_1", 0, at(5))), at(5)), Ok(Standing::Left(_))));
    }

    #[test]
    fn an_answer_is_replayed_until_it_expires() {
        let claim = claim("a");
        let record = claim.answered(&Response::created("/payments/pay_1", &"x"), at(0));
        let Ok(Standing::Answered(replay)) = claim.standing(row(record.clone()), at(60)) else {
            panic!("not answered")
        };
        assert_eq!((replay.status(), replay.body()), (StatusCode::CREATED, "\"x\""));
        assert_eq!(replay.header_value("location"), Some("/v1/payments/pay_1"));
        assert_eq!(replay.header_value("idempotent-replayed"), Some("true"));
        assert!(matches!(claim.standing(row(record), at(KEEP_SECONDS)), Ok(Standing::Free)));
    }

    #[test]
    fn another_body_under_the_same_key_is_refused_even_while_the_first_is_running() {
        let begun = claim("a").begun("pay_1", 30, at(0));
        let refused = claim("b").standing(row(begun), at(1)).expect_err("another body");
        assert_eq!(refused.code(), Code::IdempotencyKeyReused);
    }
}
