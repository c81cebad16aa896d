//! Shares in the disagreement, as exact ratios.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A share in the disagreement: the sum, over all contradictions that something is in, of one over their size (the Shapley value of the
/// number of minimal conflicts: Hunter & Konieczny 2010). It is no verdict of guilt.
///
/// An exact ratio in lowest terms, from 0 up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Involvement {
    numerator: u128,
    denominator: u128,
}

impl Involvement {
    /// No share.
    pub const NONE: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// The ratio's upper number.
    pub fn numerator(self) -> u128 {
        self.numerator
    }

    /// The ratio's lower number, at least 1.
    pub fn denominator(self) -> u128 {
        self.denominator
    }

    /// The nearest float.
    #[expect(clippy::cast_precision_loss, reason = "a float is what is asked for")]
    pub fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self.numerator == 0
    }

    /// Adds `count` conflicts of `size` units each. Stays as it is where the ratio would not fit 128 bits.
    #[must_use]
    pub(crate) fn plus(self, count: u128, size: u128) -> Self {
        let sum = || {
            let left = self.numerator.checked_mul(size)?;
            let right = count.checked_mul(self.denominator)?;
            Some((
                left.checked_add(right)?,
                self.denominator.checked_mul(size)?,
            ))
        };
        match sum() {
            Some((n, d)) if d > 0 => {
                let g = gcd(n, d).max(1);
                Self {
                    numerator: n / g,
                    denominator: d / g,
                }
            }
            _ => self,
        }
    }

    /// Adds another share.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        self.plus(other.numerator, other.denominator)
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Serialize for Involvement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut s = serializer.serialize_struct("Involvement", 2)?;
        let small = |x: u128| u64::try_from(x).unwrap_or(u64::MAX);
        s.serialize_field("ratio", &[small(self.numerator), small(self.denominator)])?;
        s.serialize_field("value", &self.value())?;
        s.end()
    }
}
