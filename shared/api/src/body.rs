//! Reading a JSON body so that the caller learns its faults together, not one a try.

use kernel::{Fault, Invalid};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Error, Path, Segment};

use crate::{Code, Problem};

/// Faults listed for one body.
const MAX_FAULTS: usize = 20;

/// Reads `bytes` as `T`.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
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
        Ok(document @ Value::Object(_)) => Err(Problem::invalid(faults_of::<T>(document))),
        Ok(_) => {
            let whole =
                Fault { pointer: String::new(), code: "invalid_value", detail: "The body is a JSON object.".into() };
            Err(Problem::invalid(vec![whole]))
        }
        Err(error) => {
            let place = format!("The body is not JSON: line {}, column {}.", error.line(), error.column());
            Err(Problem::detailed(Code::MalformedJson, place))
        }
    }
}

/// The faults of a document that is not a `T`: one for each faulty field, the first one of each array. A field that is missing beside
/// faulty ones may be told only when those are mended.
///
/// A deserialiser stops at its first fault. Taking the faulty value out and reading again finds the next one, until something is
/// missing.
fn faults_of<T: DeserializeOwned>(mut document: Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut taken = Vec::new();
    while faults.len() < MAX_FAULTS {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(document.clone()) else { break };
        let fault = read_fault(&error);
        if !taken.contains(&fault.pointer) {
            taken.push(fault.pointer.clone());
            faults.push(fault.clone());
        }
        // A field is found missing once all others of its object were read: that object has nothing more to tell.
        let is_missing = quoted(&error.inner().to_string(), "missing field `").is_some();
        let told = if is_missing { parent(&fault.pointer) } else { &fault.pointer };
        let told = outermost_element(error.path()).map_or(told.to_owned(), |array| array);
        if told.is_empty() || !take_out(&mut document, &told) {
            break;
        }
        taken.push(told);
    }
    faults
}

fn read_fault(error: &Error<serde_json::Error>) -> Fault {
    let message = error.inner().to_string();
    let place = pointer(error.path());
    let below = |name: &str| {
        let suffix = format!("/{name}");
        if place.ends_with(&suffix) { place.clone() } else { format!("{place}{suffix}") }
    };
    if let Some(name) = quoted(&message, "missing field `") {
        return Fault {
            pointer: format!("{place}/{name}"),
            code: "required",
            detail: format!("'{name}' is missing.").into(),
        };
    }
    if let Some(name) = quoted(&message, "unknown field `") {
        let detail = format!("There is no field '{name}' here.").into();
        return Fault { pointer: below(name), code: "unknown_field", detail };
    }
    match Invalid::read_back(&message) {
        Some(invalid) => Fault { pointer: place, code: invalid.code(), detail: invalid.detail().to_owned().into() },
        None => Fault { pointer: place, code: "invalid_value", detail: format!("This is an {message}.").into() },
    }
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.split('`').next()
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The outermost array that the path leads into: taking a single element out would shift the places of those behind it.
fn outermost_element(path: &Path) -> Option<String> {
    let segments: Vec<&Segment> = path.iter().collect();
    let at = segments.iter().position(|segment| matches!(segment, Segment::Seq { .. }))?;
    let keys = segments[..at].iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(format!("/{key}")),
        _ => None,
    });
    Some(keys.collect())
}

fn take_out(document: &mut Value, pointer: &str) -> bool {
    let key = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    let object = document.pointer_mut(parent(pointer)).and_then(Value::as_object_mut);
    object.is_some_and(|object| object.shift_remove(&key).is_some())
}

#[cfg(test)]
mod tests {
    use kernel::{Email, Quantity, Sku};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether they can be read matters")]
    struct Body {
        email: Email,
        lines: Vec<Line>,
        note: Option<String>,
        first: Line,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether they can be read matters")]
    struct Line {
        sku: Sku,
        quantity: Quantity,
    }

    fn faults(body: &str) -> Vec<(String, &'static str)> {
        let problem = parse::<Body>(body.as_bytes()).expect_err("the body has faults");
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
                ("/nonsense", "unknown_field"),
                ("/first/quantity", "invalid_value"),
                ("/note", "invalid_value"),
            ])
        );
    }

    #[test]
    fn a_missing_field_is_named_beside_the_faulty_ones() {
        let body = r#"{"email":"nobody","first":{"sku":"A"}}"#;
        assert_eq!(faults(body), at(&[("/email", "invalid_email"), ("/first/quantity", "required")]));
        assert_eq!(faults("{}"), at(&[("/email", "required")]));
    }

    #[test]
    fn an_empty_field_does_not_hide_the_faults_behind_it() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only whether they can be read matters")]
        struct Person {
            name: kernel::Text<1, 100>,
            email: Email,
        }
        let problem =
            parse::<Person>(br#"{"name":" ","email":"nobody","role":"admin"}"#).expect_err("the body has faults");
        let codes: Vec<_> = problem.faults().iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(codes, [("/name", "required"), ("/email", "invalid_email"), ("/role", "unknown_field")]);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", "nope", "{\"a\":}", "{} {}"] {
            assert_eq!(parse::<Body>(body.as_bytes()).expect_err("not JSON").code(), Code::MalformedJson, "{body}");
        }
    }

    #[test]
    fn json_of_another_type_is_one_fault_of_the_whole_body() {
        assert_eq!(faults("[]").len(), 1);
        assert_eq!(faults("null"), at(&[("", "invalid_value")]));
    }
}
