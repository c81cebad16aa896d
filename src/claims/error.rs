//! Why a dossier cannot be read.

use std::collections::HashSet;
use std::fmt;

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Something needed is not there.
    #[error("missing, expected {expected}")]
    Missing {
        /// What should be there.
        expected: String,
    },
    /// Something else was expected.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What is there.
        found: String,
        /// What is accepted.
        expected: String,
    },
    /// The field has no meaning here.
    #[error("unknown field, expected {expected}")]
    UnknownField {
        /// The fields there are.
        expected: String,
    },
    /// The same thing is given twice.
    #[error("{found} is given twice, first at {first}")]
    Duplicate {
        /// What is given twice.
        found: String,
        /// Where it is given first.
        first: String,
    },
    /// A reference to something that is not in the dossier.
    #[error("there is no {kind} {id}")]
    NoSuch {
        /// What was looked for.
        kind: &'static str,
        /// By which id.
        id: String,
    },
    /// The text is not JSON.
    #[error("not JSON: {reason}")]
    Syntax {
        /// What the JSON reader says.
        reason: String,
    },
    /// More problems than are listed.
    #[error("{count} more problems are not listed")]
    More {
        /// How many.
        count: usize,
    },
}

/// One problem and its place: `claims[3].value: found …, expected …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("{place}: {problem}")]
pub struct ReadError {
    /// `claims[3].value`, `questions`, `line 4, column 7`, or `dossier` for the whole.
    pub place: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// Everything that is wrong with a dossier, in the order of the file; never empty. At most 1,000 problems are listed, the last of
/// them then says how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadErrors {
    errors: Vec<ReadError>,
}

impl ReadErrors {
    /// The problems.
    pub fn iter(&self) -> impl Iterator<Item = &ReadError> {
        self.errors.iter()
    }
}

impl fmt::Display for ReadErrors {
    /// One line for each problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, e) in self.errors.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            e.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ReadErrors {}

/// Problems as they turn up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    /// With what sorts them: section and place in it.
    errors: Vec<((usize, usize), ReadError)>,
    /// Their places.
    told: HashSet<String>,
    beyond: usize,
}

/// Problems listed at the most.
const LISTED: usize = 1_000;

/// The top-level fields, in the order in which problems are told.
pub(crate) const SECTIONS: [&str; 12] = [
    "dossier",
    "schema",
    "title",
    "as_of",
    "options",
    "meta",
    "sources",
    "assumptions",
    "common_origins",
    "questions",
    "links",
    "claims",
];

impl Problems {
    pub(crate) fn add(&mut self, place: impl Into<String>, problem: Problem) {
        if self.errors.len() >= LISTED {
            self.beyond += 1;
            return;
        }
        let place = place.into();
        let section = place.split(['.', '[']).next().unwrap_or_default();
        let rank = SECTIONS
            .iter()
            .position(|s| *s == section)
            .unwrap_or(SECTIONS.len());
        let index = place
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']')?.0.parse().ok())
            .unwrap_or(0);
        self.told.insert(place.clone());
        self.errors
            .push(((rank, index), ReadError { place, problem }));
    }

    /// Whether something wrong was told of this place already.
    pub(crate) fn is_told(&self, place: &str) -> bool {
        self.told.contains(place)
    }

    pub(crate) fn unexpected(
        &mut self,
        place: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.add(
            place,
            Problem::Unexpected {
                found: found.into(),
                expected: expected.into(),
            },
        );
    }

    /// Tells that something is missing, unless what is there was told to be wrong: at this place, or of the whole item.
    pub(crate) fn missing(&mut self, place: impl Into<String>, expected: impl Into<String>) {
        let place = place.into();
        let item = place.rsplit_once('.').map_or("", |(item, _)| item);
        if self.is_told(&place) || self.is_told(item) {
            return;
        }
        self.add(
            place,
            Problem::Missing {
                expected: expected.into(),
            },
        );
    }

    pub(crate) fn no_such(&mut self, place: impl Into<String>, kind: &'static str, id: &str) {
        self.add(
            place,
            Problem::NoSuch {
                kind,
                id: super::value::quoted(id),
            },
        );
    }

    /// Whether further problems would only be counted.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= LISTED
    }

    /// `Err` if there are any.
    pub(crate) fn finish(mut self) -> Result<(), ReadErrors> {
        if self.errors.is_empty() {
            return Ok(());
        }
        self.errors.sort_by_key(|(key, _)| *key);
        let mut errors: Vec<ReadError> = self.errors.into_iter().map(|(_, e)| e).collect();
        if self.beyond > 0 {
            errors.push(ReadError {
                place: "dossier".to_owned(),
                problem: Problem::More { count: self.beyond },
            });
        }
        Err(ReadErrors { errors })
    }
}
