//! JSON as a tree that keeps repeated keys, so that they can be told.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::value::quoted;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Natural(u64),
    Negative(i64),
    /// With a fraction or an exponent, or beyond 64 bits.
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// What it is, for an error message.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(b) => b.to_string(),
            Self::Natural(n) => format!("the number {n}"),
            Self::Negative(n) => format!("the negative number {n}"),
            Self::Float(x) if *x >= 1.8e19 || *x <= -9.2e18 => {
                format!("the number {x:e}, beyond 64 bits or with an exponent")
            }
            Self::Float(x) => format!("the number {x:?}, with a fraction or an exponent"),
            Self::Text(t) => format!("the text {}", quoted(t)),
            Self::List(_) => "a list".to_owned(),
            Self::Object(_) => "an object".to_owned(),
        }
    }

    /// A key that an object somewhere in it has twice.
    pub(crate) fn repeated_key(&self) -> Option<&str> {
        match self {
            Self::List(items) => items.iter().find_map(Self::repeated_key),
            Self::Object(fields) => {
                let mut keys: Vec<&str> = fields.iter().map(|(k, _)| k.as_str()).collect();
                keys.sort_unstable();
                let twice = keys.windows(2).find(|pair| pair.first() == pair.last());
                twice
                    .and_then(|pair| pair.first().copied())
                    .or_else(|| fields.iter().find_map(|(_, v)| v.repeated_key()))
            }
            _ => None,
        }
    }

    /// The tree as plain JSON; of a repeated key the last counts.
    pub(crate) fn into_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(b) => b.into(),
            Self::Natural(n) => n.into(),
            Self::Negative(n) => n.into(),
            Self::Float(x) => x.into(),
            Self::Text(t) => t.into(),
            Self::List(l) => l.into_iter().map(Self::into_json).collect(),
            Self::Object(o) => {
                Json::Object(o.into_iter().map(|(k, v)| (k, v.into_json())).collect())
            }
        }
    }
}

/// Values that one tree may have: a list of the file is read item by item, and no item comes near.
pub(crate) const LARGEST: usize = 1_000_000;

/// Reads a tree, as long as the values last.
#[derive(Debug)]
pub(crate) struct Grow<'a> {
    /// How many values more there may be; 0 where reading stopped for that.
    pub(crate) left: &'a mut usize,
}

impl Grow<'_> {
    fn count<E: Error>(&mut self) -> Result<(), E> {
        *self.left = self.left.saturating_sub(1);
        if *self.left == 0 {
            return Err(E::custom("too many values"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<Tree, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Grow<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(b))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Tree, E> {
        Ok(Tree::Natural(n))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Tree, E> {
        Ok(u64::try_from(n).map_or(Tree::Negative(n), Tree::Natural))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Tree, E> {
        Ok(Tree::Float(x))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = list.next_element_seed(Grow { left: self.left })? {
            out.push(item);
        }
        Ok(Tree::List(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut out = Vec::new();
        while let Some(key) = map.next_key()? {
            out.push((key, map.next_value_seed(Grow { left: self.left })?));
        }
        Ok(Tree::Object(out))
    }
}

/// What a part of a dossier carries along for its owner: JSON, kept as short text with its keys in order, so that it takes no more room
/// than in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meta(Box<str>);

impl From<Json> for Meta {
    fn from(json: Json) -> Self {
        Self(json.to_string().into())
    }
}

impl Meta {
    pub(crate) fn new(tree: Tree) -> Self {
        tree.into_json().into()
    }

    pub(crate) fn to_json(&self) -> Json {
        // It was written from JSON, and is no deeper than what was read.
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}
