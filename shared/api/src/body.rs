//! Reading a JSON body so that the caller learns its faults together, not one a try.

mod required;
mod rest;

use std::collections::HashSet;

use kernel::{Fault, Invalid};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Error, Path, Segment};

use self::rest::Rest;
use crate::{Code, Problem};

/// Faults of reading that are listed for one body.
const MAX_FAULTS: usize = 20;

/// Reads `bytes` as `T`. Of an object that is none, `check` finds what else is wrong.
pub(crate) fn parse<T: DeserializeOwned + JsonSchema>(
    bytes: &[u8],
    check: impl FnOnce(&Value) -> Vec<Fault>,
) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // Left to itself, a deserialiser also takes a list of a struct's values.
    if bytes.trim_ascii_start().starts_with(b"{")
        && let Ok(value) = serde_path_to_error::deserialize(&mut reader)
        && reader.end().is_ok()
    {
        return Ok(value);
    }
    // The quick way stops at the first fault. Only now is it worth finding the others.
    match serde_json::from_slice(bytes) {
        Ok(document @ Value::Object(_)) => {
            let mut faults = faults_of::<T>(&document);
            // A document keeps only the last of two fields with one name.
            if faults.is_empty() {
                faults.push(of_the_whole("A field is there twice."));
            }
            faults.extend(check(&document));
            Err(Problem::invalid(faults))
        }
        Ok(_) => Err(Problem::invalid(vec![of_the_whole("The body must be a JSON object.")])),
        Err(error) => {
            let place = format!("The body is not JSON: line {}, column {}.", error.line(), error.column());
            Err(Problem::detailed(Code::MalformedJson, place))
        }
    }
}

fn of_the_whole(detail: &'static str) -> Fault {
    Fault { pointer: String::new(), code: "invalid_value", detail: detail.into() }
}

/// The faults of a document that is not a `T`: what is missing, and each value that cannot be read.
///
/// A deserialiser stops at its first fault. Taking the faulty value out and reading again finds the next one.
fn faults_of<T: DeserializeOwned + JsonSchema>(document: &Value) -> Vec<Fault> {
    let mut faults = required::all_missing::<T>(document);
    faults.truncate(MAX_FAULTS);
    let mut known: HashSet<String> = faults.iter().map(|fault| fault.pointer.clone()).collect();
    let mut rest = Rest::of(document.clone());
    while faults.len() < MAX_FAULTS {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(&rest.document) else { break };
        let fault = read_fault(&error);
        // A field is found missing once all others of its object were read: that object has nothing more to tell.
        let is_missing = quoted(&error.inner().to_string(), "missing field `").is_some();
        let told = if is_missing { parent(&fault.pointer) } else { &fault.pointer };
        let place = rest.original(&fault.pointer);
        // What was taken out is missing, too.
        if known.insert(place.clone()) {
            faults.push(Fault { pointer: place, ..fault.clone() });
        }
        known.insert(rest.original(told));
        if !rest.take_out(told) {
            break;
        }
    }
    faults
}

fn read_fault(error: &Error<serde_json::Error>) -> Fault {
    let message = error.inner().to_string();
    let place = pointer(error.path());
    if let Some(name) = quoted(&message, "missing field `") {
        return missing(&place, name);
    }
    if let Some(name) = quoted(&message, "unknown field `") {
        return Fault {
            pointer: place,
            code: "unknown_field",
            detail: format!("There is no field '{name}' here.").into(),
        };
    }
    match Invalid::read_back(&message) {
        Some(invalid) => Fault { pointer: place, code: invalid.code(), detail: invalid.detail().to_owned().into() },
        None => Fault { pointer: place, code: "invalid_value", detail: format!("This is an {message}.").into() },
    }
}

fn missing(place: &str, name: &str) -> Fault {
    let pointer = format!("{place}/{}", escaped(name));
    Fault { pointer, code: "required", detail: format!("'{name}' is missing.").into() }
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.split('`').next()
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escaped(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// A field's name as part of a pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use kernel::{Email, Quantity, Sku};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether they can be read matters")]
    struct Body {
        email: Email,
        lines: Vec<Line>,
        note: Option<String>,
        first: Line,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether they can be read matters")]
    struct Line {
        sku: Sku,
        quantity: Quantity,
    }

    fn faults(body: &str) -> Vec<(String, &'static str)> {
        let problem = parse::<Body>(body.as_bytes(), |_| Vec::new()).expect_err("the body has faults");
        problem.faults().iter().map(|fault| (fault.pointer.clone(), fault.code)).collect()
    }

    fn at(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
    }

    #[test]
    fn all_faulty_fields_are_named_together() {
        let body = r#"{"email":"nobody","lines":[{"sku":"A","quantity":1},{"sku":"?","quantity":0}],"nonsense":1,
            "first":{"sku":"A","quantity":"many"},"note":7}"#;
        assert_eq!(
            faults(body),
            at(&[
                ("/email", "invalid_email"),
                ("/lines/1/sku", "invalid_sku"),
                ("/lines/1/quantity", "invalid_quantity"),
                ("/nonsense", "unknown_field"),
                ("/first/quantity", "invalid_value"),
                ("/note", "invalid_value"),
            ])
        );
    }

    #[test]
    fn every_element_is_told_of_with_its_own_place() {
        let body = r#"{"email":"ada@example.com","first":{"sku":"A","quantity":1},
            "lines":["A",{"sku":"B","quantity":1},{"sku":"?"},{"quantity":0,"sku":"C","colour":"red"}]}"#;
        assert_eq!(
            faults(body),
            at(&[
                ("/lines/2/quantity", "required"),
                ("/lines/0", "invalid_value"),
                ("/lines/2/sku", "invalid_sku"),
                ("/lines/3/quantity", "invalid_quantity"),
                ("/lines/3/colour", "unknown_field"),
            ])
        );
    }

    #[test]
    fn all_missing_fields_are_named_beside_the_faulty_ones() {
        let body = r#"{"email":"nobody","first":{"sku":"A"}}"#;
        let expected = [("/lines", "required"), ("/first/quantity", "required"), ("/email", "invalid_email")];
        assert_eq!(faults(body), at(&expected));
        assert_eq!(faults("{}"), at(&["/email", "/lines", "/first"].map(|place| (place, "required"))));
    }

    #[test]
    fn a_field_that_nobody_knows_is_named_as_it_is_written() {
        let body = r#"{"email":"ada@example.com","lines":[],"first":{"sku":"A","quantity":1,"a/b":1}}"#;
        assert_eq!(faults(body), at(&[("/first/a~1b", "unknown_field")]));
    }

    #[test]
    fn what_else_is_wrong_is_told_with_what_cannot_be_read() {
        let further = |document: &Value| {
            let detail = document["note"].to_string().into();
            vec![Fault { pointer: "/note".into(), code: "duplicate", detail }]
        };
        let body = br#"{"email":"nobody","lines":[],"first":{"sku":"A","quantity":1},"note":"x"}"#;
        let problem = parse::<Body>(body, further).expect_err("the body has faults");
        let found: Vec<_> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(found, ["/email", "/note"]);
    }

    #[test]
    fn a_body_of_faults_is_not_told_all_of_them() {
        let lines = [r#""x""#; 1000].join(",");
        let body = format!(r#"{{"email":"ada@example.com","first":{{"sku":"A","quantity":1}},"lines":[{lines}]}}"#);
        assert_eq!(faults(&body).len(), MAX_FAULTS);
        assert_eq!(faults(&body.replace(r#""x""#, "{}")).len(), MAX_FAULTS);
    }

    #[test]
    fn a_field_that_is_there_twice_is_a_fault() {
        let body = r#"{"note":"x","email":"ada@example.com","lines":[],"first":{"sku":"A","quantity":1},"note":"y"}"#;
        assert_eq!(faults(body), at(&[("", "invalid_value")]));
    }

    #[test]
    fn an_empty_field_does_not_hide_the_faults_behind_it() {
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only whether they can be read matters")]
        struct Person {
            name: kernel::Text<1, 100>,
            email: Email,
        }
        let problem =
            parse::<Person>(br#"{"name":" ","email":"nobody","role":"admin"}"#, |_| Vec::new()).expect_err("faults");
        let codes: Vec<_> = problem.faults().iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(codes, [("/name", "required"), ("/email", "invalid_email"), ("/role", "unknown_field")]);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", "nope", "{\"a\":}", "{} {}"] {
            let problem = parse::<Body>(body.as_bytes(), |_| Vec::new()).expect_err("not JSON");
            assert_eq!(problem.code(), Code::MalformedJson, "{body}");
        }
    }

    #[test]
    fn json_of_another_type_is_one_fault_of_the_whole_body() {
        assert_eq!(faults("[]").len(), 1);
        assert_eq!(faults("null"), at(&[("", "invalid_value")]));
    }
}
