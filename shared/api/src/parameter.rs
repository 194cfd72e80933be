use std::vec::IntoIter;

use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// The names and texts of query parameters. What cannot be read is told with the name of its parameter.
pub(crate) struct Parameters<'de> {
    pairs: IntoIter<(&'de str, &'de str)>,
    current: (&'de str, &'de str),
}

impl<'de> Parameters<'de> {
    pub(crate) fn new(pairs: Vec<(&'de str, &'de str)>) -> Self {
        Self { pairs: pairs.into_iter(), current: ("", "") }
    }
}

impl<'de> MapAccess<'de> for Parameters<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(pair) = self.pairs.next() else { return Ok(None) };
        self.current = pair;
        seed.deserialize(BorrowedStrDeserializer::new(pair.0)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, text) = self.current;
        seed.deserialize(Parameter(text)).map_err(|error| Error::custom(format!("'{name}': {error}")))
    }
}

/// The text of a query parameter, which an optional field may take as well: a parameter that is there is `Some`.
struct Parameter<'de>(&'de str);

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
    use serde::de::value::MapAccessDeserializer;

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
        Query::deserialize(MapAccessDeserializer::new(Parameters::new(pairs.to_vec())))
    }

    #[test]
    fn optional_parameters_are_read_when_they_are_there() {
        let both = Query { text: Some("tea".to_owned()), sort: Some(Sort::PriceDown) };
        assert_eq!(read(&[("text", "tea"), ("sort", "-price")]), Ok(both));
        assert_eq!(read(&[]), Ok(Query { text: None, sort: None }));
    }

    #[test]
    fn an_unknown_choice_is_told_with_the_name_of_its_parameter() {
        let error = read(&[("text", "tea"), ("sort", "colour")]).unwrap_err().to_string();
        assert!(error.starts_with("'sort': ") && error.contains("`-price`"), "{error}");
    }
}
