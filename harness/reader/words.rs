//! Choices: a value that is one of a few words, spelled as serde spells the variants of an enum.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::nearest::nearest;
use super::table::Value;

/// Reads one of the words that serde knows the variants of `T` by. Anything else is reported, with the nearest word.
pub fn word<T: DeserializeOwned>(value: &Value<'_>) -> Option<T> {
    value.says_words(variants::<T>());
    let found = value.as_str().or(value.asked_word());
    let given = found.unwrap_or_default();
    let text: StrDeserializer<'_, Error> = given.into_deserializer();
    match found.map(|_| T::deserialize(text)) {
        Some(Ok(choice)) => Some(choice),
        _ => value.refuse(nearest(given, variants::<T>())),
    }
}

/// Returns the words that serde knows the variants of `T` by, in the order of their definition. The list is empty if
/// `T` is no enum.
fn variants<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut words: &'static [&'static str] = &[];
    // It always ends with an error: nothing is read, only the names are taken.
    let _ = T::deserialize(VariantNames(&mut words));
    words
}

/// A deserializer that notes the names of an enum's variants and then fails.
struct VariantNames<'n>(&'n mut &'static [&'static str]);

impl<'de> Deserializer<'de> for VariantNames<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("only names are read"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = variants;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
