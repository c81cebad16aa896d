//! Shares in the disagreement, as exact ratios.

use std::cmp::Ordering;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A share in the disagreement: the sum, over all contradictions that something is in, of one over their size (the Shapley value of the
/// number of minimal conflicts: Hunter & Konieczny 2010). It is no verdict of guilt.
///
/// An exact ratio in lowest terms, from 0 up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Ord for Involvement {
    /// By size: 5/4 comes before 2. Exact: whole parts first, then the remainders upside down (Euclid), so that no product overflows.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (
            (self.numerator, self.denominator),
            (other.numerator, other.denominator),
        );
        loop {
            let whole = (a.0 / a.1).cmp(&(b.0 / b.1));
            if whole != Ordering::Equal {
                return whole;
            }
            match (a.0 % a.1, b.0 % b.1) {
                (0, 0) => return Ordering::Equal,
                (0, _) => return Ordering::Less,
                (_, 0) => return Ordering::Greater,
                (rest_a, rest_b) => (a, b) = ((b.1, rest_b), (a.1, rest_a)),
            }
        }
    }
}

impl PartialOrd for Involvement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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
        s.serialize_field("ratio", &[self.numerator, self.denominator])?;
        s.serialize_field("value", &self.value())?;
        s.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn order_is_by_size(a in 0_u64.., b in 1_u64.., c in 0_u64.., d in 1_u64..) {
            let [x, y] = [(a, b), (c, d)].map(|(n, d)| Involvement::NONE.plus(n.into(), d.into()));
            let across = (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b)));
            prop_assert_eq!(x.cmp(&y), across);
            prop_assert_eq!(x == y, across == Ordering::Equal);
        }
    }

    #[test]
    fn large_ratios_are_written_in_full() {
        let share = Involvement::NONE.plus(1 << 70, 3);
        let json = serde_json::to_string(&share).unwrap_or_default();
        assert!(json.contains("[1180591620717411303424,3]"), "{json}");
        assert!(Involvement::NONE.plus(5, 4) < Involvement::NONE.plus(2, 1));
    }
}
