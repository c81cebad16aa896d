//! Stretches of whole numbers, closed or open-ended.

use std::fmt;

/// A non-empty stretch of whole numbers, both ends included; either end may be open.
///
/// An end is a whole number below 2^126 in magnitude, or absent: then the stretch goes on for ever on that side.
///
/// # Examples
///
/// ```
/// use discrepancy::Interval;
///
/// let at_least_123 = Interval::at_least(123);
/// assert!(at_least_123.contains(156));
/// assert_eq!(at_least_123.to_string(), "[123, ∞)");
/// assert_eq!(Interval::new(Some(9), Some(3)), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    low: i128,
    high: i128,
}

/// Stands for an open lower end.
const OPEN_LOW: i128 = i128::MIN;
/// Stands for an open upper end.
const OPEN_HIGH: i128 = i128::MAX;
/// The largest magnitude of an end. Beyond it a lower bound is kept here and an upper bound is dropped:
/// both only loosen, so nothing wrong can follow. Two of them add up without overflow.
const LARGEST: i128 = i128::MAX >> 1;

/// A lower end, loosened where it lies beyond the largest magnitude.
fn low_end(x: i128) -> i128 {
    if x < -LARGEST {
        OPEN_LOW
    } else {
        x.min(LARGEST)
    }
}

/// An upper end, loosened where it lies beyond the largest magnitude.
fn high_end(x: i128) -> i128 {
    if x > LARGEST {
        OPEN_HIGH
    } else {
        x.max(-LARGEST)
    }
}

impl Interval {
    /// Every whole number.
    pub const EVERYTHING: Self = Self {
        low: OPEN_LOW,
        high: OPEN_HIGH,
    };

    /// The stretch from `min` to `max`, where `None` is an open end. `None` if `min > max`.
    pub fn new(min: Option<i128>, max: Option<i128>) -> Option<Self> {
        let low = min.map_or(OPEN_LOW, low_end);
        let high = max.map_or(OPEN_HIGH, high_end);
        (low <= high).then_some(Self { low, high })
    }

    /// One number alone.
    pub fn exactly(value: i128) -> Self {
        let value = value.clamp(-LARGEST, LARGEST);
        Self {
            low: value,
            high: value,
        }
    }

    /// `min` and everything above.
    pub fn at_least(min: i128) -> Self {
        Self {
            low: low_end(min),
            high: OPEN_HIGH,
        }
    }

    /// `max` and everything below.
    pub fn at_most(max: i128) -> Self {
        Self {
            low: OPEN_LOW,
            high: high_end(max),
        }
    }

    /// The smallest member, or `None` if the stretch is open below.
    pub fn lower(self) -> Option<i128> {
        (self.low != OPEN_LOW).then_some(self.low)
    }

    /// The largest member, or `None` if the stretch is open above.
    pub fn upper(self) -> Option<i128> {
        (self.high != OPEN_HIGH).then_some(self.high)
    }

    /// The one member, where there is only one.
    pub fn single(self) -> Option<i128> {
        (self.low == self.high).then_some(self.low)
    }

    /// Whether `value` is a member.
    pub fn contains(self, value: i128) -> bool {
        self.low <= value && value <= self.high
    }

    /// What both have in common, or `None` if that is nothing.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let low = self.low.max(other.low);
        let high = self.high.min(other.high);
        (low <= high).then_some(Self { low, high })
    }

    /// The smallest stretch that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// Whether every member is a member of `other`.
    pub fn is_within(self, other: Self) -> bool {
        other.low <= self.low && self.high <= other.high
    }

    #[expect(clippy::len_without_is_empty, reason = "a stretch is never empty")]
    /// How many members, or `None` if that is infinitely many.
    pub fn len(self) -> Option<u128> {
        match (self.lower(), self.upper()) {
            (Some(low), Some(high)) => Some((high - low).unsigned_abs() + 1),
            _ => None,
        }
    }

    /// Every sum of a member of `self` and a member of `other`.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let low = match (self.lower(), other.lower()) {
            (Some(a), Some(b)) => low_end(a + b),
            _ => OPEN_LOW,
        };
        let high = match (self.upper(), other.upper()) {
            (Some(a), Some(b)) => high_end(a + b),
            _ => OPEN_HIGH,
        };
        Self { low, high }
    }

    /// Every member with its sign turned.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            low: self.upper().map_or(OPEN_LOW, |x| -x),
            high: self.lower().map_or(OPEN_HIGH, |x| -x),
        }
    }

    /// The smallest stretch that holds `factor` times every member. What would grow to 2^126 is loosened.
    #[must_use]
    pub fn times(self, factor: i128) -> Self {
        match factor {
            0 => return Self::exactly(0),
            1 => return self,
            -1 => return self.negated(),
            _ => {}
        }
        let (from, to) = if factor > 0 {
            (self.lower(), self.upper())
        } else {
            (self.upper(), self.lower())
        };
        // A product that overflows lies beyond 2^126, on the side that its factors' signs say.
        let far = |x: i128| x.signum() * factor.signum() * (LARGEST + 1);
        let times = |x: i128| x.checked_mul(factor).unwrap_or_else(|| far(x));
        Self {
            low: from.map_or(OPEN_LOW, |x| low_end(times(x))),
            high: to.map_or(OPEN_HIGH, |x| high_end(times(x))),
        }
    }

    /// Every whole number whose product with `divisor` is a member: exact. `None` if there is none or `divisor` is 0.
    #[must_use]
    pub fn divided(self, divisor: i128) -> Option<Self> {
        match divisor {
            1 => return Some(self),
            -1 => return Some(self.negated()),
            _ => {}
        }
        let (a, b) = match divisor.signum() {
            1 => (self.lower(), self.upper()),
            -1 => (self.upper(), self.lower()),
            _ => return None,
        };
        let floor = |x: i128| {
            let q = x / divisor;
            if x % divisor != 0 && (x < 0) != (divisor < 0) {
                q - 1
            } else {
                q
            }
        };
        let ceil = |x: i128| {
            let q = x / divisor;
            if x % divisor != 0 && (x < 0) == (divisor < 0) {
                q + 1
            } else {
                q
            }
        };
        Self::new(a.map(ceil), b.map(floor))
    }

    /// This and everything below it.
    #[must_use]
    pub(crate) fn and_below(self) -> Self {
        Self {
            low: OPEN_LOW,
            high: self.high,
        }
    }

    /// Whether `other` begins right where `self` ends, or earlier, so that both are one stretch.
    pub(crate) fn joins(self, other: Self) -> bool {
        self.upper().is_none_or(|high| high + 1 >= other.low)
    }

    /// The smallest member, with the open end as the smallest number there is: for sorting.
    pub(crate) fn low_key(self) -> i128 {
        self.low
    }

    /// The largest member, with the open end as the largest number there is: for sorting.
    pub(crate) fn high_key(self) -> i128 {
        self.high
    }
}

impl fmt::Display for Interval {
    /// `123` for one number, else `[123, 156]`, `[123, ∞)`, `(-∞, 156]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.lower(), self.upper()) {
            (Some(low), Some(high)) if low == high => write!(f, "{low}"),
            (Some(low), Some(high)) => write!(f, "[{low}, {high}]"),
            (Some(low), None) => write!(f, "[{low}, ∞)"),
            (None, Some(high)) => write!(f, "(-∞, {high}]"),
            (None, None) => write!(f, "(-∞, ∞)"),
        }
    }
}
