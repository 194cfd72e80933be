use std::collections::HashMap;

use serde_json::Value;

/// What is left of a document whose faults are taken out one by one. It knows where everything was.
pub(super) struct Rest {
    pub(super) document: Value,
    /// How many elements went from the beginning of an array, by its place in the whole document.
    gone: HashMap<String, usize>,
}

impl Rest {
    pub(super) fn of(document: Value) -> Self {
        Self { document, gone: HashMap::new() }
    }

    /// The place in the whole document of what `pointer` leads to here.
    pub(super) fn original(&self, pointer: &str) -> String {
        pointer.split('/').skip(1).fold(String::new(), |place, part| {
            match (self.gone.get(&place), part.parse::<usize>()) {
                (Some(gone), Ok(index)) => format!("{place}/{}", index + gone),
                _ => format!("{place}/{part}"),
            }
        })
    }

    /// Takes out what `pointer` leads to, and whatever stands before it in its array: that was read, and has no faults. False when there
    /// is no such thing.
    pub(super) fn take_out(&mut self, pointer: &str) -> bool {
        let Some((parent, last)) = pointer.rsplit_once('/') else { return false };
        let place = self.original(parent);
        match self.document.pointer_mut(parent) {
            Some(Value::Object(members)) => members.shift_remove(&last.replace("~1", "/").replace("~0", "~")).is_some(),
            Some(Value::Array(elements)) => {
                let Some(index) = last.parse::<usize>().ok().filter(|index| *index < elements.len()) else {
                    return false;
                };
                elements.drain(..=index);
                *self.gone.entry(place).or_default() += index + 1;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_keeps_its_place() {
        let mut rest = Rest::of(json!({ "lines": [{ "a": 1 }, { "b": ["x", "y", "z"] }, { "c/d": 3 }] }));
        assert!(rest.take_out("/lines/0"));
        assert!(rest.take_out("/lines/0/b/1"));
        assert_eq!(rest.document, json!({ "lines": [{ "b": ["z"] }, { "c/d": 3 }] }));
        assert_eq!(rest.original("/lines/0/b/0"), "/lines/1/b/2");
        assert!(rest.take_out("/lines/1/c~1d"));
        assert_eq!(rest.original("/lines/1"), "/lines/2");
        assert_eq!(rest.original(""), "");
    }

    #[test]
    fn what_is_not_there_is_not_taken_out() {
        let mut rest = Rest::of(json!({ "lines": [1], "note": "x" }));
        for pointer in ["", "/nothing", "/lines/1", "/lines/first", "/note/0", "/no/thing"] {
            assert!(!rest.take_out(pointer), "{pointer}");
        }
        assert_eq!(rest.document, json!({ "lines": [1], "note": "x" }));
    }
}
