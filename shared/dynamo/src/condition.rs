use aws_sdk_dynamodb::types::AttributeValue;

use crate::expression::{Path, Placeholders};

/// What must hold for a write to happen, looked at in the same instant.
#[derive(Debug, Clone)]
pub enum Condition {
    /// There is no such item yet.
    Absent,
    /// The item is there.
    Exists,
    /// The attribute is there.
    Has(Path),
    /// The attribute is not there.
    Lacks(Path),
    Equals(Path, AttributeValue),
    AtLeast(Path, AttributeValue),
    LessThan(Path, AttributeValue),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl Condition {
    #[must_use]
    pub fn has(path: impl Into<Path>) -> Self {
        Self::Has(path.into())
    }

    #[must_use]
    pub fn lacks(path: impl Into<Path>) -> Self {
        Self::Lacks(path.into())
    }

    #[must_use]
    pub fn equals(path: impl Into<Path>, value: impl serde::Serialize) -> Self {
        Self::Equals(path.into(), crate::value(value))
    }

    #[must_use]
    pub fn at_least(path: impl Into<Path>, value: impl serde::Serialize) -> Self {
        Self::AtLeast(path.into(), crate::value(value))
    }

    #[must_use]
    pub fn less_than(path: impl Into<Path>, value: impl serde::Serialize) -> Self {
        Self::LessThan(path.into(), crate::value(value))
    }

    #[must_use]
    pub fn and(self, other: Condition) -> Self {
        Self::All(vec![self, other])
    }

    #[must_use]
    pub fn or(self, other: Condition) -> Self {
        Self::Any(vec![self, other])
    }

    pub(crate) fn render(&self, placeholders: &mut Placeholders) -> String {
        let compare = |placeholders: &mut Placeholders, path, operator, value: &AttributeValue| {
            let path = placeholders.path(path);
            let value = placeholders.value(value.clone());
            format!("{path} {operator} {value}")
        };
        match self {
            Self::Absent => format!("attribute_not_exists({})", placeholders.path(&"pk".into())),
            Self::Exists => format!("attribute_exists({})", placeholders.path(&"pk".into())),
            Self::Has(path) => format!("attribute_exists({})", placeholders.path(path)),
            Self::Lacks(path) => format!("attribute_not_exists({})", placeholders.path(path)),
            Self::Equals(path, value) => compare(placeholders, path, "=", value),
            Self::AtLeast(path, value) => compare(placeholders, path, ">=", value),
            Self::LessThan(path, value) => compare(placeholders, path, "<", value),
            Self::All(parts) => join(parts, " AND ", placeholders),
            Self::Any(parts) => join(parts, " OR ", placeholders),
        }
    }
}

fn join(parts: &[Condition], operator: &str, placeholders: &mut Placeholders) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("({})", part.render(placeholders))).collect();
    parts.join(operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_names_attributes_by_placeholder_only() {
        let mut placeholders = Placeholders::default();
        let condition = Condition::Absent.or(Condition::less_than(["lines", "A.1"], 7));
        assert_eq!(condition.render(&mut placeholders), "(attribute_not_exists(#n0)) OR (#n1.#n2 < :v0)");
        assert_eq!(placeholders.names().expect("names")["#n2"], "A.1");
    }
}
