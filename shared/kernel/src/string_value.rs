//! What all values written as a JSON string have in common.

/// Implements reading through `parse`, writing through `Display`, and the JSON schema, for a string value.
macro_rules! string_value {
    ($name:ident $(<$(const $param:ident : usize),+>)?, $schema:expr $(, inline = $inline:literal)?) => {
        impl $(<$(const $param: usize),+>)? std::str::FromStr for $name $(<$($param),+>)? {
            type Err = $crate::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl $(<$(const $param: usize),+>)? TryFrom<&str> for $name $(<$($param),+>)? {
            type Error = $crate::Invalid;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::parse(text)
            }
        }

        impl $(<$(const $param: usize),+>)? serde::Serialize for $name $(<$($param),+>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de $($(, const $param: usize)+)?> serde::Deserialize<'de> for $name $(<$($param),+>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl $(<$(const $param: usize),+>)? schemars::JsonSchema for $name $(<$($param),+>)? {
            $(
                fn inline_schema() -> bool {
                    $inline
                }
            )?

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $schema
            }
        }
    };
}

/// Gives a newtype over `String` its views as text.
macro_rules! text_views {
    ($name:ident $(<$(const $param:ident : usize),+>)?) => {
        impl $(<$(const $param: usize),+>)? $name $(<$($param),+>)? {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $(<$(const $param: usize),+>)? AsRef<str> for $name $(<$($param),+>)? {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl $(<$(const $param: usize),+>)? std::fmt::Display for $name $(<$($param),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $(<$(const $param: usize),+>)? From<$name $(<$($param),+>)?> for String {
            fn from(value: $name $(<$($param),+>)?) -> String {
                value.0
            }
        }
    };
}

pub(crate) use {string_value, text_views};
