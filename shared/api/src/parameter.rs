use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// The text of a query parameter, which an optional field may take as well: a parameter that is there is `Some`.
pub(crate) struct Parameter<'de>(pub(crate) &'de str);

impl<'de> IntoDeserializer<'de> for Parameter<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Parameter<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.0))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::value::MapDeserializer;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Sort {
        #[serde(rename = "-price")]
        PriceDown,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Query {
        text: Option<String>,
        sort: Option<Sort>,
    }

    fn read(pairs: &[(&'static str, &'static str)]) -> Result<Query, Error> {
        let pairs = pairs.iter().map(|(name, value)| (*name, Parameter(value)));
        Query::deserialize(MapDeserializer::new(pairs))
    }

    #[test]
    fn optional_parameters_are_read_when_they_are_there() {
        let both = Query { text: Some("tea".to_owned()), sort: Some(Sort::PriceDown) };
        assert_eq!(read(&[("text", "tea"), ("sort", "-price")]), Ok(both));
        assert_eq!(read(&[]), Ok(Query { text: None, sort: None }));
    }

    #[test]
    fn an_unknown_choice_is_an_error() {
        assert!(read(&[("sort", "colour")]).is_err());
    }
}
