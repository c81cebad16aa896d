//! Rows over questions, with arithmetic that never wraps.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// A question by its place in the dossier, at a time if it changes over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Variable {
    pub(super) question: usize,
    pub(super) at: Option<DateTime<Utc>>,
}

/// A result beyond 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overflow;

/// `sum of coefficient · variable  (= or <=)  right`; no coefficient is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) terms: BTreeMap<Variable, i128>,
    pub(super) equal: bool,
    pub(super) right: i128,
}

impl Row {
    /// `0 = 0`: the sum of nothing.
    pub(super) fn nothing() -> Self {
        Self {
            terms: BTreeMap::new(),
            equal: true,
            right: 0,
        }
    }

    /// `variable >= low`, as a row.
    pub(super) fn at_least(variable: Variable, low: i128) -> Result<Self, Overflow> {
        Ok(Self {
            terms: BTreeMap::from([(variable, -1)]),
            equal: false,
            right: low.checked_neg().ok_or(Overflow)?,
        })
    }

    /// `variable <= high`.
    pub(super) fn at_most(variable: Variable, high: i128) -> Self {
        Self {
            terms: BTreeMap::from([(variable, 1)]),
            equal: false,
            right: high,
        }
    }

    /// `smaller <= larger`.
    pub(super) fn ordered(smaller: Variable, larger: Variable) -> Self {
        let mut terms = BTreeMap::from([(smaller, 1)]);
        if smaller == larger {
            terms.clear();
        } else {
            terms.insert(larger, -1);
        }
        Self {
            terms,
            equal: false,
            right: 0,
        }
    }

    /// Adds `times` times the other; an equation stays one only if both are. Whether that follows for a negative `times` is for
    /// the caller to see.
    pub(super) fn add(&mut self, other: &Self, times: i128) -> Result<(), Overflow> {
        let plus = |a: i128, b: i128| b.checked_mul(times).and_then(|b| a.checked_add(b));
        for (v, k) in &other.terms {
            let sum = plus(self.terms.get(v).copied().unwrap_or(0), *k).ok_or(Overflow)?;
            if sum == 0 {
                self.terms.remove(v);
            } else {
                self.terms.insert(*v, sum);
            }
        }
        self.right = plus(self.right, other.right).ok_or(Overflow)?;
        self.equal &= other.equal;
        Ok(())
    }

    /// Divided by a positive number, the right side of an inequality rounded down. `None` if something else does not divide.
    pub(super) fn divided(mut self, divisor: i128) -> Option<Self> {
        for k in self.terms.values_mut() {
            if k.checked_rem(divisor)? != 0 {
                return None;
            }
            *k = k.checked_div(divisor)?;
        }
        if self.equal && self.right.checked_rem(divisor)? != 0 {
            return None;
        }
        self.right = self.right.checked_div_euclid(divisor)?;
        Some(self)
    }

    /// Whether no whole numbers satisfy it: it has no variables and is false, or it is an equation whose right side the common
    /// divisor of its coefficients does not divide.
    pub(super) fn is_impossible(&self) -> bool {
        let divisor = self
            .terms
            .values()
            .fold(0, |d, k| common_divisor(d, k.unsigned_abs()));
        let right = self.right.unsigned_abs();
        match (divisor, self.equal) {
            (0, true) => right != 0,
            (0, false) => self.right < 0,
            (d, true) => !right.is_multiple_of(d),
            (_, false) => false,
        }
    }

    /// The values that it leaves of one of its variables, given sets for the others, by their least and greatest values. Everything
    /// if it does not have that variable.
    pub(super) fn leaves(
        &self,
        variable: Variable,
        set: impl Fn(Variable) -> Set,
    ) -> Result<Set, Overflow> {
        let Some(own) = self.terms.get(&variable) else {
            return Ok(Set::everything());
        };
        // own · variable = right − others; least and greatest value of the others, `None` where open.
        let (mut least, mut greatest) = (Some(0_i128), Some(0_i128));
        for (v, k) in self.terms.iter().filter(|(v, _)| **v != variable) {
            let Some(hull) = set(*v).hull() else {
                return Ok(Set::EMPTY);
            };
            let (from, to) = if *k > 0 {
                (hull.lower(), hull.upper())
            } else {
                (hull.upper(), hull.lower())
            };
            least = plus_times(least, *k, from)?;
            greatest = plus_times(greatest, *k, to)?;
        }
        let minus = |x: Option<i128>| match x {
            None => Ok(None),
            Some(x) => self.right.checked_sub(x).map(Some).ok_or(Overflow),
        };
        let high = minus(least)?;
        let low = if self.equal { minus(greatest)? } else { None };
        let product = Interval::new(low, high);
        Ok(product.and_then(|p| p.divided(*own)).into())
    }

    /// Whether the values satisfy it. `Ok(None)` if one of them is missing.
    pub(super) fn holds(
        &self,
        value: impl Fn(Variable) -> Option<i128>,
    ) -> Result<Option<bool>, Overflow> {
        let mut sum = Some(0_i128);
        for (v, k) in &self.terms {
            sum = plus_times(sum, *k, value(*v))?;
        }
        Ok(sum.map(|sum| {
            if self.equal {
                sum == self.right
            } else {
                sum <= self.right
            }
        }))
    }
}

/// `sum + factor · x`, or `None` if either is.
fn plus_times(sum: Option<i128>, factor: i128, x: Option<i128>) -> Result<Option<i128>, Overflow> {
    let (Some(sum), Some(x)) = (sum, x) else {
        return Ok(None);
    };
    let product = factor.checked_mul(x).ok_or(Overflow)?;
    sum.checked_add(product).map(Some).ok_or(Overflow)
}

/// By Euclid; that of 0 and a number is the number.
fn common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x(question: usize) -> Variable {
        Variable { question, at: None }
    }

    fn row(terms: &[(usize, i128)], equal: bool, right: i128) -> Row {
        Row {
            terms: terms.iter().map(|(v, k)| (x(*v), *k)).collect(),
            equal,
            right,
        }
    }

    #[test]
    fn what_a_row_leaves_agrees_with_trying_all_values() {
        // A wide window for the others' values, a narrower one for the values tried.
        for (a, b, right) in [(2, 3, 7), (2, -3, 7), (-2, 3, -7), (1, 1, 0), (-4, -1, -9)] {
            for equal in [true, false] {
                let r = row(&[(0, a), (1, b)], equal, right);
                let other = Set::from(Interval::new(Some(-2), Some(5)));
                let left = r.leaves(x(0), |_| other.clone()).unwrap();
                let tried: Vec<i128> = (-40..40)
                    .filter(|v| {
                        let (low, high) = (b * -2, b * 5);
                        let (low, high) = (low.min(high), low.max(high));
                        let product = a * v;
                        product + low <= right && (!equal || product + high >= right)
                    })
                    .collect();
                let found: Vec<i128> = (-40..40).filter(|v| left.contains(*v)).collect();
                assert_eq!(found, tried, "{a} {b} {right} {equal}");
            }
        }
    }

    #[test]
    fn rows_no_whole_numbers_satisfy() {
        assert!(row(&[], true, 1).is_impossible());
        assert!(row(&[], false, -1).is_impossible());
        assert!(!row(&[], false, 1).is_impossible());
        assert!(row(&[(0, 4), (1, -6)], true, 3).is_impossible());
        assert!(!row(&[(0, 4), (1, -6)], true, 2).is_impossible());
        assert!(!row(&[(0, 4), (1, -6)], false, 3).is_impossible());
    }

    #[test]
    fn division_rounds_inequalities_only() {
        let rounded = row(&[(0, 2)], false, -3).divided(2);
        assert_eq!(rounded, Some(row(&[(0, 1)], false, -2)));
        assert_eq!(row(&[(0, 2)], true, 3).divided(2), None);
        assert_eq!(row(&[(0, 3)], false, 4).divided(2), None);
        assert_eq!(row(&[(0, 3)], false, 4).divided(0), None);
    }

    #[test]
    fn nothing_wraps() {
        let huge = row(&[(0, i128::MAX)], false, 0);
        assert_eq!(huge.clone().add(&huge, 2), Err(Overflow));
        let two = |_| Some(2);
        assert_eq!(huge.holds(two), Err(Overflow));
        assert_eq!(Row::at_least(x(0), i128::MIN), Err(Overflow));
    }
}
