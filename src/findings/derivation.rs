//! Derivations in a reader's terms: claims, links and questions.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::answers::Answers;
use crate::claims::id::{ClaimId, LinkId, QuestionId};
use crate::sets::set::Set;

/// A question, at a time if it changes over time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct At {
    /// The question.
    pub question: QuestionId,
    /// A day, or an instant in UTC.
    pub as_of: Option<String>,
}

impl std::fmt::Display for At {
    /// `held`, or `held@2025-12-13`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.as_of {
            None => self.question.fmt(f),
            Some(at) => write!(f, "{}@{at}", self.question),
        }
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a step of a derivation rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ground {
    /// What a claim says.
    Claim {
        /// The claim.
        id: ClaimId,
    },
    /// What a claim is usually taken to mean.
    Suggested {
        /// The claim.
        id: ClaimId,
    },
    /// A link; at a time, if its questions change over time.
    Link {
        /// The link.
        id: LinkId,
        /// A day, or an instant in UTC.
        #[serde(skip_serializing_if = "Option::is_none")]
        as_of: Option<String>,
    },
    /// The values a question can have at all: counts are whole and not negative.
    Domain {},
    /// A cumulative count does not shrink from one time to the next.
    Growth {
        /// The earlier.
        earlier: At,
        /// The later.
        later: At,
    },
    /// A sum, by its line.
    Sum {
        /// Counted from 0.
        line: usize,
    },
    /// A case assumed.
    Case {},
}

/// A row added up in a sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Addend {
    /// A link, growth or an earlier sum.
    Row {
        /// Which.
        ground: Ground,
    },
    /// The lower bound that a line gives its variable.
    Lower {
        /// Counted from 0.
        line: usize,
    },
    /// The upper bound that a line gives its variable.
    Upper {
        /// Counted from 0.
        line: usize,
    },
}

/// A row over variables: the sum of coefficient times variable, `=` or `<=` the right side.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Combination {
    /// Coefficients and variables.
    pub terms: Vec<(i128, At)>,
    /// `=`, else `<=`.
    pub equal: bool,
    /// The right side.
    pub right: i128,
}

impl std::fmt::Display for Combination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.terms.is_empty() {
            f.write_str("0")?;
        }
        for (i, (k, v)) in self.terms.iter().enumerate() {
            match (i, *k < 0) {
                (0, true) => f.write_str("-")?,
                (0, false) => {}
                (_, true) => f.write_str(" - ")?,
                (_, false) => f.write_str(" + ")?,
            }
            match k.unsigned_abs() {
                1 => write!(f, "{v}")?,
                n => write!(f, "{n}*{v}")?,
            }
        }
        write!(f, " {} {}", if self.equal { "=" } else { "<=" }, self.right)
    }
}

/// One line of a derivation. The lines of a case continue the count of those before it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// By the ground, and by the sets that the lines in `because` leave, the variable lies in the bound. A bound without values ends
    /// the derivation.
    Narrow {
        /// By what.
        ground: Ground,
        /// Which variable.
        variable: At,
        /// What is left of it.
        bound: Answers,
        /// The same, as numbers.
        set: Set,
        /// Lines used.
        because: Vec<usize>,
    },
    /// Rows added up, times whole numbers, then divided, the right side of an inequality rounded down. One that no whole numbers
    /// satisfy ends the derivation.
    Sum {
        /// What is added, and how often.
        of: Vec<(Addend, i128)>,
        /// What the sum is divided by.
        divisor: i128,
        /// The result.
        gives: Combination,
    },
    /// Cases that leave out no value; each ends by itself.
    Cases {
        /// Of which variable.
        variable: At,
        /// Their lines.
        cases: Vec<Vec<Step>>,
    },
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Times<'a> {
            row: &'a Addend,
            times: String,
        }
        match self {
            Self::Narrow {
                ground,
                variable,
                bound,
                because,
                ..
            } => {
                let mut s = serializer.serialize_struct("Narrow", 5)?;
                s.serialize_field("kind", "narrow")?;
                s.serialize_field("restriction", ground)?;
                s.serialize_field("variable", variable)?;
                s.serialize_field("bound", bound)?;
                s.serialize_field("because", because)?;
                s.end()
            }
            Self::Sum { of, divisor, gives } => {
                let mut s = serializer.serialize_struct("Sum", 4)?;
                let of: Vec<Times<'_>> = of
                    .iter()
                    .map(|(row, times)| Times {
                        row,
                        times: times.to_string(),
                    })
                    .collect();
                s.serialize_field("kind", "sum")?;
                s.serialize_field("of", &of)?;
                s.serialize_field("divisor", &divisor.to_string())?;
                s.serialize_field("gives", &gives.to_string())?;
                s.end()
            }
            Self::Cases { variable, cases } => {
                let mut s = serializer.serialize_struct("Cases", 3)?;
                s.serialize_field("kind", "cases")?;
                s.serialize_field("variable", variable)?;
                s.serialize_field("cases", cases)?;
                s.end()
            }
        }
    }
}
