use crate::wire::{Reader, Token, Write};
use crate::Error;
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A snapshot, or a part of one: what has an exact JSON image. Maps keep the order of their keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX` only: smaller numbers are `Int`.
    Uint(u64),
    Float(f64),
    Str(String),
    Array(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Makes a value of anything that serde can serialize: structs, maps, vectors …
    pub fn of<T: Serialize + ?Sized>(what: &T) -> Result<Value, Error> {
        let bytes = rmp_serde::to_vec_named(what).map_err(|error| Error::Invalid(error.to_string()))?;
        let mut reader = Reader::new(&bytes);
        crate::judge::judge_value(&mut reader).map_err(|code| crate::Refusal::new(code, "snapshot"))?;
        Ok(Value::read(&mut Reader::new(&bytes)))
    }

    /// Reads the value into anything that serde can deserialize.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        rmp_serde::from_slice(&bytes).map_err(|error| Error::Invalid(error.to_string()))
    }

    /// The member of a map.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(members) => members.iter().find(|member| member.0 == name).map(|member| &member.1),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Int(number) => u64::try_from(*number).ok(),
            Value::Uint(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Nil => out.put_nil(),
            Value::Bool(value) => out.put_bool(*value),
            Value::Int(value) => out.put_int(*value),
            Value::Uint(value) => out.put_uint(*value),
            Value::Float(value) => out.put_float(*value),
            Value::Str(value) => out.put_str(value),
            Value::Array(items) => {
                out.put_array(items.len());
                items.iter().for_each(|item| item.write(out));
            }
            Value::Map(members) => {
                out.put_map(members.len());
                for (name, value) in members {
                    out.put_str(name);
                    value.write(out);
                }
            }
        }
    }

    /// Reads a value that was judged.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Value {
        match reader.next() {
            Token::Bool(value) => Value::Bool(value),
            Token::Uint(value) => Value::from(value),
            Token::Int(value) => Value::Int(value),
            Token::Float(value) => Value::Float(value),
            Token::Str(text) => Value::Str(String::from_utf8_lossy(text).into_owned()),
            Token::Array(count) => Value::Array((0..count).map(|_| Value::read(reader)).collect()),
            Token::Map(count) => Value::Map(
                (0..count)
                    .map(|_| {
                        let name = reader.str().unwrap_or("").to_string();
                        (name, Value::read(reader))
                    })
                    .collect(),
            ),
            _ => Value::Nil,
        }
    }
}

macro_rules! from_signed {
    ($($kind:ty),*) => { $(impl From<$kind> for Value {
        fn from(value: $kind) -> Self {
            Value::Int(i64::from(value))
        }
    })* };
}
from_signed!(i8, i16, i32, i64, u8, u16, u32);

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Value::Uint(value), Value::Int)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Str(value.to_string())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Str(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<N: Into<String>, V: Into<Value>, const COUNT: usize> From<[(N, V); COUNT]> for Value {
    fn from(members: [(N, V); COUNT]) -> Self {
        Value::Map(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Nil => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Uint(value) => serializer.serialize_u64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Str(value) => serializer.serialize_str(value),
            Value::Array(items) => serializer.collect_seq(items),
            Value::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can hold")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Value::Map(members))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

/// A snapshot that is there, nil included.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some).map_err(de::Error::custom)
}
