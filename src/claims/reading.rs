//! What a value says, and what it is usually taken to mean.

use std::fmt;
use std::str::FromStr;

use super::phrase::Phrase;
use super::phrase::error::PhraseError;
use super::policy::HedgePolicy;
use crate::sets::set::Set;

/// What a value says, and perhaps a narrower set that it is usually taken to mean.
///
/// Only the *entailed* set can contradict another claim: "up to 200" rules nothing out. The *suggested* set
/// always lies strictly within it ("up to 200" makes one expect 100 to 200).
///
/// # Examples
///
/// ```
/// use discrepancy::{Interval, Reading, Set};
///
/// let hundreds: Reading = "hundreds of people".parse()?;
/// assert_eq!(hundreds.entailed(), &Set::from(Interval::at_least(200)));
/// assert_eq!(hundreds.suggested(), Some(&Set::from(Interval::new(Some(200), Some(999)))));
///
/// let at_least: Reading = "at least 123".parse()?;
/// assert_eq!(at_least.to_string(), "[123, ∞)");
/// # Ok::<(), discrepancy::PhraseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Reading {
    entailed: Set,
    /// Boxed, since few readings have it.
    suggested: Option<Box<Set>>,
}

impl Reading {
    /// The reading of two sets. A suggested set that is empty, or the entailed one again, says nothing and
    /// becomes none, so that readings that mean the same are `==`.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::{Interval, Reading, ReadingError, Set};
    ///
    /// let nine = Set::from_numbers([9]);
    /// let reading = Reading::new(Interval::at_least(0).into(), Some(nine.clone()))?;
    /// assert_eq!(reading.suggested(), Some(&nine));
    /// assert_eq!(Reading::new(nine.clone(), Some(nine))?.suggested(), None);
    /// assert_eq!(Reading::new(Set::EMPTY, None), Err(ReadingError::Empty));
    /// # Ok::<(), ReadingError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadingError::Empty`] if nothing is entailed, [`ReadingError::Outside`] if the suggested set holds
    /// more than the entailed one.
    pub fn new(entailed: Set, suggested: Option<Set>) -> Result<Self, ReadingError> {
        if entailed.is_empty() {
            return Err(ReadingError::Empty);
        }
        let suggested = suggested.filter(|s| !s.is_empty() && *s != entailed);
        match suggested {
            Some(suggested) if !suggested.is_subset(&entailed) => Err(ReadingError::Outside {
                entailed,
                suggested,
            }),
            suggested => Ok(Self {
                entailed,
                suggested: suggested.map(Box::new),
            }),
        }
    }

    /// The reading that says nothing.
    pub(crate) fn everything() -> Self {
        Self {
            entailed: Set::everything(),
            suggested: None,
        }
    }

    /// What the words say; never empty.
    pub fn entailed(&self) -> &Set {
        &self.entailed
    }

    /// What the words are usually taken to mean, where that is narrower than what they say; never empty.
    pub fn suggested(&self) -> Option<&Set> {
        self.suggested.as_deref()
    }
}

impl FromStr for Reading {
    type Err = PhraseError;

    /// Reads a count phrase under the default policy; see [`Phrase::read`].
    fn from_str(text: &str) -> Result<Self, PhraseError> {
        Phrase::read(text, HedgePolicy::default()).map(Phrase::into_reading)
    }
}

impl fmt::Display for Reading {
    /// The entailed set, then the suggested one if there is any: `[200, ∞), suggests [200, 999]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entailed.fmt(f)?;
        match &self.suggested {
            Some(suggested) => write!(f, ", suggests {suggested}"),
            None => Ok(()),
        }
    }
}

/// Why two sets are no reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadingError {
    /// The entailed set has no member: nothing could make the claim true.
    #[error("the entailed set is empty, so that nothing could make the claim true")]
    Empty,
    /// The suggested set is not within the entailed one.
    #[error("the suggested set must lie within the entailed set {entailed}, got {suggested}")]
    Outside {
        /// What the words say.
        entailed: Set,
        /// What they were to suggest.
        suggested: Set,
    },
}
