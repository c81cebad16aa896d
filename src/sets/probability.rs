//! Probabilities that cannot be out of range.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A probability in [0, 1], both ends included; never NaN, never −0.
///
/// That makes it totally ordered, so that it can be compared, sorted and hashed.
///
/// # Examples
///
/// ```
/// use discrepancy::Probability;
///
/// assert_eq!(Probability::new(0.7)?.get(), 0.7);
/// assert!(Probability::new(1.5).is_err());
/// # Ok::<(), discrepancy::ProbabilityError>(())
/// ```
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

/// A number that is no probability.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("a probability lies between 0 and 1, got {found}")]
pub struct ProbabilityError {
    /// The number found.
    pub found: f64,
}

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0.0);
    /// Always.
    pub const ONE: Self = Self(1.0);

    /// Checks that `value` lies in [0, 1].
    ///
    /// # Errors
    ///
    /// [`ProbabilityError`] if it does not, or is NaN.
    pub fn new(value: f64) -> Result<Self, ProbabilityError> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value + 0.0)) // −0 + 0 is +0
        } else {
            Err(ProbabilityError { found: value })
        }
    }

    /// A constant known to lie in [0, 1]; anything else is cut to it.
    pub(crate) const fn constant(value: f64) -> Self {
        Self(value.clamp(0.0, 1.0))
    }

    /// The number, in [0, 1].
    pub const fn get(self) -> f64 {
        self.0
    }

    /// One minus this.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }

    /// This to the power of `exponent`, with 0⁰ = 1. `exponent` in [0, 1].
    ///
    /// The square root is used where it serves, since it is exact to the last digit on every machine.
    #[must_use]
    pub(crate) fn power(self, exponent: Self) -> Self {
        if exponent.0.total_cmp(&0.5).is_eq() {
            Self(self.0.sqrt())
        } else {
            Self(self.0.powf(exponent.0))
        }
    }

    /// Whether it cannot happen.
    pub fn is_zero(self) -> bool {
        self.0 <= 0.0
    }

    /// Whether it is certain.
    pub fn is_one(self) -> bool {
        self.0 >= 1.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = ProbabilityError;

    fn try_from(value: f64) -> Result<Self, ProbabilityError> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(p: Probability) -> Self {
        p.0
    }
}

impl PartialEq for Probability {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Probability {}

impl PartialOrd for Probability {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Probability {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for Probability {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
