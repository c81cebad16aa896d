//! Sets of answers as a result gives them: numbers, days or labels.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::claims::question::Kind;
use crate::claims::value::{Labels, domain};
use crate::sets::day;
use crate::sets::set::Set;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// A whole number.
    Number(i128),
    /// A day (`2025-12-13`) or a label.
    Text(String),
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Numbers within 64 bits are what JSON readers expect.
            Self::Number(n) => match (u64::try_from(*n), i64::try_from(*n)) {
                (Ok(n), _) => serializer.serialize_u64(n),
                (_, Ok(n)) => serializer.serialize_i64(n),
                _ => serializer.serialize_str(&n.to_string()),
            },
            Self::Text(t) => serializer.serialize_str(t),
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n) => n.fmt(f),
            Self::Text(t) => f.write_str(t),
        }
    }
}

/// A set of answers to one question. An absent bound is open; counts always have a lower one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Answers {
    /// From `min` to `max`, both included.
    Between {
        /// The least, if there is one.
        min: Option<Answer>,
        /// The greatest, if there is one.
        max: Option<Answer>,
    },
    /// These.
    OneOf(Vec<Answer>),
    /// All but these.
    NoneOf(Vec<Answer>),
}

/// A set with more items than this is given by its ends alone.
const ITEMS: u128 = 100_000;

impl Answers {
    /// A set as answers to a question of this kind.
    pub(crate) fn new(set: &Set, kind: Kind, labels: &Labels) -> Self {
        let item = |x: i128| match kind {
            Kind::Count => Answer::Number(x),
            Kind::Date => match day::from_number(x) {
                Some(day) => Answer::Text(day.to_string()),
                None => Answer::Number(x),
            },
            Kind::Category => Answer::Text(labels.name(x).unwrap_or_default().to_owned()),
        };
        let list = |set: &Set| -> Option<Vec<Answer>> {
            (set.len()? <= ITEMS).then(|| {
                set.stretches()
                    .iter()
                    .filter_map(|s| Some(s.lower()?..=s.upper()?))
                    .flatten()
                    .map(item)
                    .collect()
            })
        };
        let domain = domain(kind, labels);
        if kind == Kind::Category {
            // The last number stands for every label that nobody named.
            let open = domain.upper().is_some_and(|unnamed| set.contains(unnamed));
            let listed = if open {
                set.complement_in(domain)
            } else {
                set.clone()
            };
            let labels = list(&listed).unwrap_or_default();
            return if open {
                Self::NoneOf(labels)
            } else {
                Self::OneOf(labels)
            };
        }
        if set.stretches().len() > 1 {
            if let Some(items) = list(set) {
                return Self::OneOf(items);
            }
            if let Some(items) = list(&set.complement_in(domain)) {
                return Self::NoneOf(items);
            }
        }
        match set.hull() {
            None => Self::OneOf(Vec::new()),
            Some(hull) => Self::Between {
                min: hull.lower().map(item),
                max: hull.upper().map(item),
            },
        }
    }

    /// The one answer, where there is only one.
    pub fn single(&self) -> Option<&Answer> {
        match self {
            Self::Between {
                min: Some(min),
                max: Some(max),
            } if min == max => Some(min),
            Self::OneOf(items) => match items.as_slice() {
                [one] => Some(one),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Serialize for Answers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

impl Answers {
    /// Writes the set's fields into a map that may hold others.
    pub(crate) fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Between { min, max } => {
                if let Some(min) = min {
                    map.serialize_entry("min", min)?;
                }
                if let Some(max) = max {
                    map.serialize_entry("max", max)?;
                }
            }
            Self::OneOf(items) => map.serialize_entry("one_of", items)?,
            Self::NoneOf(items) => map.serialize_entry("none_of", items)?,
        }
        Ok(())
    }
}
