//! Lists in pages: `?limit=&cursor=` and `{data, next_cursor}`.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Code, Problem, Request, Response};

const MAX_LIMIT: u16 = 100;
const DEFAULT_LIMIT: u16 = 20;

/// Rows a page: 1 to 100, 20 unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

/// Reads the text of a query parameter.
impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
        limit.map(Self).ok_or_else(|| serde::de::Error::custom(format!("A number from 1 to {MAX_LIMIT} is needed.")))
    }
}

/// Where the next page starts. Callers treat it as opaque.
#[derive(Serialize, Deserialize)]
struct Cursor {
    /// Hash of path and query, so that a cursor goes on with the list it came from.
    list: String,
    /// Sorted: the same page has the same cursor, and with it the same `ETag`, each time.
    position: BTreeMap<String, String>,
}

impl Cursor {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_string(self).expect("a cursor is plain data"))
    }
}

/// Which page of a list is asked for. Which list it is, is never read from here.
#[derive(Debug)]
pub struct PageRequest {
    list: String,
    position: Option<HashMap<String, String>>,
}

impl PageRequest {
    /// Reads `cursor` as one that an earlier page of the same list gave out.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn read(request: &Request, cursor: Option<&str>) -> Result<Self, Problem> {
        let list = fingerprint(request);
        let position = match cursor {
            None => None,
            Some(text) => {
                let cursor =
                    URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice::<Cursor>(&json).ok());
                let cursor =
                    cursor.filter(|cursor| cursor.list == list).ok_or_else(|| Problem::new(Code::InvalidCursor))?;
                Some(cursor.position.into_iter().collect())
            }
        };
        Ok(Self { list, position })
    }

    /// Where to go on; none for the first page. `partition` must be the attribute values that the caller is entitled to: a cursor
    /// that would lead anywhere else is refused.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn position(&self, partition: (&str, &str)) -> Result<Option<HashMap<String, String>>, Problem> {
        let (name, value) = partition;
        self.position_in(name, &[value.to_owned()])
    }

    /// [`PageRequest::position`], for a list that goes through several partitions.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn position_in(&self, name: &str, partitions: &[String]) -> Result<Option<HashMap<String, String>>, Problem> {
        match &self.position {
            Some(position) if !is_place(position, name) || !partitions.contains(&position[name]) => {
                Err(Problem::new(Code::InvalidCursor))
            }
            position => Ok(position.clone()),
        }
    }

    /// The answer: the page's data and the cursor of the next.
    #[must_use]
    pub fn respond<T: Serialize>(
        self,
        data: Vec<T>,
        next: Option<HashMap<String, String>>,
        request: &Request,
    ) -> Response {
        self.respond_with(next, request, |next_cursor| PageView { data, next_cursor })
    }

    /// An answer that says more than a [`PageView`]: `view` is given the cursor of the next page, and tells it as `next_cursor`.
    #[must_use]
    pub fn respond_with<V: Serialize>(
        self,
        next: Option<HashMap<String, String>>,
        request: &Request,
        view: impl FnOnce(Option<String>) -> V,
    ) -> Response {
        let next_cursor =
            next.map(|position| Cursor { list: self.list, position: position.into_iter().collect() }.encode());
        let link = next_cursor.as_ref().map(|cursor| next_link(request, cursor));
        let response = Response::ok(&view(next_cursor));
        match link {
            Some(link) => response.header("Link", link),
            None => response,
        }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PageView<T> {
    pub data: Vec<T>,
    /// Give it back as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Whether `position` has just the keys of a row, none of them longer than DynamoDB takes: anything else it would call our fault.
fn is_place(position: &HashMap<String, String>, partition: &str) -> bool {
    let names: &[&str] = if partition == "gsi1pk" { &["pk", "sk", "gsi1pk", "gsi1sk"] } else { &["pk", "sk"] };
    let fits = |value: &String| (1..=1024).contains(&value.len());
    position.len() == names.len() && names.iter().all(|name| position.get(*name).is_some_and(fits))
}

fn fingerprint(request: &Request) -> String {
    let mut text = request.path().to_owned();
    for (name, value) in request.query_pairs() {
        if name != "cursor" && name != "limit" {
            text.push_str(&format!("\n{name}={value}"));
        }
    }
    URL_SAFE_NO_PAD.encode(&digest::digest(&digest::SHA256, text.as_bytes()).as_ref()[..9])
}

fn next_link(request: &Request, cursor: &str) -> String {
    let mut query: Vec<String> = request
        .query_pairs()
        .into_iter()
        .filter(|(name, _)| name != "cursor")
        .map(|(name, value)| format!("{name}={}", escape(&value)))
        .collect();
    query.push(format!("cursor={cursor}"));
    format!("</v1{}?{}>; rel=\"next\"", request.path(), query.join("&"))
}

/// Percent-encodes what is not unreserved (RFC 3986).
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(position: &[(&str, &str)]) -> PageRequest {
        let position = position.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        PageRequest { list: String::new(), position: Some(position) }
    }

    #[test]
    fn a_cursor_leads_on_within_its_partition() {
        assert!(page(&[("pk", "MINE"), ("sk", "1")]).position(("pk", "MINE")).is_ok());
        let indexed = [("pk", "A"), ("sk", "1"), ("gsi1pk", "MINE"), ("gsi1sk", "2")];
        assert!(page(&indexed).position(("gsi1pk", "MINE")).is_ok());
    }

    #[test]
    fn the_same_place_has_the_same_cursor_each_time() {
        let position = ["sk", "pk", "gsi1sk", "gsi1pk"].map(|name| (name.to_owned(), "1".to_owned()));
        let cursor = Cursor { list: "L".to_owned(), position: HashMap::from(position).into_iter().collect() }.encode();
        let expected = r#"{"list":"L","position":{"gsi1pk":"1","gsi1sk":"1","pk":"1","sk":"1"}}"#;
        assert_eq!(URL_SAFE_NO_PAD.decode(cursor).unwrap(), expected.as_bytes());
    }

    #[test]
    fn a_cursor_made_up_by_the_caller_is_refused() {
        let long = "x".repeat(1025);
        for position in [
            &[("pk", "OTHER"), ("sk", "1")][..],
            &[("pk", "MINE")],
            &[("pk", "MINE"), ("sk", "")],
            &[("pk", "MINE"), ("sk", &long)],
            &[("pk", "MINE"), ("sk", "1"), ("colour", "red")],
        ] {
            let refused = page(position).position(("pk", "MINE")).expect_err("made up");
            assert_eq!(refused.code(), Code::InvalidCursor, "{position:?}");
        }
    }
}
