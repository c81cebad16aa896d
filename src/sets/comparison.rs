//! How two sets of whole numbers lie to one another.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::set::Set;

/// How set a lies to set b: one of six, for ever (a closed list; match on it without a wildcard).
///
/// # Examples
///
/// ```
/// use discrepancy::{Comparison, Interval, Set};
///
/// let at_least_123 = Set::from(Interval::at_least(123));
/// let coale = Set::from_numbers([156]);
/// assert_eq!(Comparison::of(&at_least_123, &coale), Comparison::Contains);
/// assert_eq!(Comparison::of(&Set::from_numbers([123]), &coale), Comparison::Apart);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Both hold the same numbers.
    Equal,
    /// a holds b and more.
    Contains,
    /// b holds a and more.
    Within,
    /// They share some numbers, and neither holds the other.
    Overlaps,
    /// They share none, and a number of one is next to a number of the other.
    Touches,
    /// They share none, and some number lies strictly between.
    Apart,
}

impl Comparison {
    /// How `a` lies to `b`; an empty set is apart from everything.
    ///
    /// # Complexity
    ///
    /// Linear in the stretches of both.
    pub fn of(a: &Set, b: &Set) -> Self {
        match (a.is_subset(b), b.is_subset(a)) {
            _ if a.is_empty() || b.is_empty() => Self::Apart,
            (true, true) => Self::Equal,
            (false, true) => Self::Contains,
            (true, false) => Self::Within,
            (false, false) => match a.distance(b) {
                Some(0) => Self::Overlaps,
                Some(1) => Self::Touches,
                _ => Self::Apart,
            },
        }
    }

    /// How b lies to a, if a lies to b like this.
    #[must_use]
    pub fn converse(self) -> Self {
        match self {
            Self::Contains => Self::Within,
            Self::Within => Self::Contains,
            same => same,
        }
    }

    /// Whether the two share a number.
    pub fn is_compatible(self) -> bool {
        !matches!(self, Self::Touches | Self::Apart)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "equal",
            Self::Contains => "contains",
            Self::Within => "within",
            Self::Overlaps => "overlaps",
            Self::Touches => "touches",
            Self::Apart => "apart",
        })
    }
}
