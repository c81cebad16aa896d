//! Sets of whole numbers.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::interval::Interval;

/// A set of whole numbers, kept as disjoint stretches in ascending order with a gap between each two.
///
/// The form is canonical: two sets are `==` exactly when they hold the same numbers. A set may be empty.
///
/// # Examples
///
/// ```
/// use discrepancy::{Interval, Set};
///
/// let nine_or_ten = Set::from_numbers([10, 9]);
/// assert_eq!(nine_or_ten, Set::from(Interval::new(Some(9), Some(10)).unwrap()));
/// let not_156 = Set::from_numbers([156]).complement_in(Interval::at_least(0));
/// assert!(not_156.contains(155) && !not_156.contains(156));
/// assert_eq!(not_156.to_string(), "[0, 155] ∪ [157, ∞)");
/// ```
///
/// # Complexity
///
/// With k stretches in all, every operation takes O(k), but `plus` and `from_intervals` O(k² log k) and
/// O(k log k).
#[derive(Clone)]
pub struct Set(Stretches);

/// One stretch needs no memory of its own: most sets have no more.
#[derive(Clone)]
enum Stretches {
    One(Interval),
    /// None, or several.
    Many(Vec<Interval>),
}

impl Set {
    /// The set without members.
    pub const EMPTY: Self = Self(Stretches::Many(Vec::new()));

    /// Of stretches that are disjoint, in ascending order, with a gap between each two.
    fn new(stretches: Vec<Interval>) -> Self {
        Self(match stretches.as_slice() {
            [one] => Stretches::One(*one),
            _ => Stretches::Many(stretches),
        })
    }

    /// Every whole number.
    pub fn everything() -> Self {
        Interval::EVERYTHING.into()
    }

    /// The set of the numbers given, in any order, repeats allowed.
    pub fn from_numbers(numbers: impl IntoIterator<Item = i128>) -> Self {
        Self::from_intervals(numbers.into_iter().map(Interval::exactly))
    }

    /// The union of stretches given in any order.
    pub fn from_intervals(intervals: impl IntoIterator<Item = Interval>) -> Self {
        let mut intervals = intervals.into_iter();
        let (Some(first), second) = (intervals.next(), intervals.next()) else {
            return Self::EMPTY;
        };
        let Some(second) = second else {
            return first.into();
        };
        let mut all = vec![first, second];
        all.extend(intervals);
        all.sort_unstable();
        let mut stretches: Vec<Interval> = Vec::with_capacity(all.len());
        for next in all {
            match stretches.last_mut() {
                Some(last) if last.joins(next) => *last = last.hull(next),
                _ => stretches.push(next),
            }
        }
        Self::new(stretches)
    }

    /// The stretches in ascending order.
    pub fn stretches(&self) -> &[Interval] {
        match &self.0 {
            Stretches::One(one) => std::slice::from_ref(one),
            Stretches::Many(list) => list,
        }
    }

    /// Whether nothing is a member.
    pub fn is_empty(&self) -> bool {
        self.stretches().is_empty()
    }

    /// The smallest stretch that holds every member; `None` for the empty set.
    pub fn hull(&self) -> Option<Interval> {
        Some(self.stretches().first()?.hull(*self.stretches().last()?))
    }

    /// The smallest member; `None` if there is none or the set is open below.
    pub fn lower(&self) -> Option<i128> {
        self.stretches().first()?.lower()
    }

    /// The largest member; `None` if there is none or the set is open above.
    pub fn upper(&self) -> Option<i128> {
        self.stretches().last()?.upper()
    }

    /// The set as one stretch, where it is one.
    pub fn as_interval(&self) -> Option<Interval> {
        match &self.0 {
            Stretches::One(one) => Some(*one),
            Stretches::Many(_) => None,
        }
    }

    /// The one member, where there is only one.
    pub fn single(&self) -> Option<i128> {
        self.as_interval()?.single()
    }

    /// How many members, or `None` if that is infinitely many.
    pub fn len(&self) -> Option<u128> {
        self.stretches()
            .iter()
            .try_fold(0_u128, |sum, s| sum.checked_add(s.len()?))
    }

    /// Whether `value` is a member. O(log k).
    pub fn contains(&self, value: i128) -> bool {
        let after = self.stretches().partition_point(|s| s.low_key() <= value);
        after
            .checked_sub(1)
            .and_then(|i| self.stretches().get(i))
            .is_some_and(|s| s.contains(value))
    }

    /// What both sets hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if let (Stretches::One(a), Stretches::One(b)) = (&self.0, &other.0) {
            return a.intersection(*b).into();
        }
        let (mut a, mut b) = (self.stretches().iter(), other.stretches().iter());
        let (mut left, mut right) = (a.next(), b.next());
        let mut stretches = Vec::new();
        while let (Some(x), Some(y)) = (left, right) {
            stretches.extend(x.intersection(*y));
            if x.high_key() <= y.high_key() {
                left = a.next();
            } else {
                right = b.next();
            }
        }
        Self::new(stretches)
    }

    /// What either set holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_intervals(self.stretches().iter().chain(other.stretches()).copied())
    }

    /// What `domain` holds and this set does not.
    #[must_use]
    pub fn complement_in(&self, domain: Interval) -> Self {
        let mut stretches = Vec::new();
        let mut from = domain.lower();
        for s in self.stretches() {
            if let Some(low) = s.lower() {
                let before = Interval::new(from, Some(low - 1));
                stretches.extend(before.and_then(|gap| gap.intersection(domain)));
            }
            match s.upper() {
                Some(high) => from = Some(from.map_or(high + 1, |f| f.max(high + 1))),
                None => return Self::new(stretches),
            }
        }
        stretches.extend(Interval::new(from, domain.upper()));
        Self::new(stretches)
    }

    /// Whether every member of this set is a member of `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        if let (Stretches::One(a), Stretches::One(b)) = (&self.0, &other.0) {
            return a.is_within(*b);
        }
        let mut wider = other.stretches().iter().peekable();
        self.stretches().iter().all(|s| {
            while wider.next_if(|w| w.high_key() < s.low_key()).is_some() {}
            wider.peek().is_some_and(|w| s.is_within(**w))
        })
    }

    /// Whether the two sets have no member in common.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        if let (Stretches::One(a), Stretches::One(b)) = (&self.0, &other.0) {
            return a.intersection(*b).is_none();
        }
        let mut others = other.stretches().iter().peekable();
        self.stretches().iter().all(|s| {
            while others.next_if(|o| o.high_key() < s.low_key()).is_some() {}
            others.peek().is_none_or(|o| s.intersection(**o).is_none())
        })
    }

    /// Every sum of a member of `self` and a member of `other`.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        if let (Stretches::One(a), Stretches::One(b)) = (&self.0, &other.0) {
            return a.plus(*b).into();
        }
        Self::from_intervals(
            self.stretches()
                .iter()
                .flat_map(|a| other.stretches().iter().map(|b| a.plus(*b))),
        )
    }

    /// Every member with its sign turned.
    #[must_use]
    pub fn negated(&self) -> Self {
        match &self.0 {
            Stretches::One(one) => one.negated().into(),
            Stretches::Many(list) => Self::new(list.iter().rev().map(|s| s.negated()).collect()),
        }
    }

    /// The smallest distance between a member of one set and a member of the other: 0 if they share one, 1 if
    /// they touch. `None` if either is empty. O(k).
    pub fn distance(&self, other: &Self) -> Option<u128> {
        let mut best: Option<u128> = None;
        let (mut a, mut b) = (0, 0);
        while let (Some(x), Some(y)) = (self.stretches().get(a), other.stretches().get(b)) {
            if x.intersection(*y).is_some() {
                return Some(0);
            }
            // Disjoint stretches: the inner ends that face each other are both there.
            let (left, right) = if x.high_key() < y.low_key() {
                a += 1;
                (x, y)
            } else {
                b += 1;
                (y, x)
            };
            let apart = (right.low_key() - left.high_key()).unsigned_abs();
            best = Some(best.map_or(apart, |d| d.min(apart)));
        }
        best
    }
}

impl Default for Set {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Set({self})")
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        self.stretches() == other.stretches()
    }
}

impl Eq for Set {}

impl PartialOrd for Set {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Set {
    /// Stretch by stretch.
    fn cmp(&self, other: &Self) -> Ordering {
        self.stretches().cmp(other.stretches())
    }
}

impl Hash for Set {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.stretches().hash(state);
    }
}

impl From<Interval> for Set {
    fn from(stretch: Interval) -> Self {
        Self(Stretches::One(stretch))
    }
}

impl From<Option<Interval>> for Set {
    fn from(stretch: Option<Interval>) -> Self {
        stretch.map_or(Self::EMPTY, Self::from)
    }
}

impl fmt::Display for Set {
    /// The stretches joined by `∪`, or `∅`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("∅");
        }
        for (i, s) in self.stretches().iter().enumerate() {
            if i > 0 {
                f.write_str(" ∪ ")?;
            }
            write!(f, "{s}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sets over 0..12 by their members: the slow, obvious form.
    fn members(set: &Set) -> Vec<i128> {
        (-30..60).filter(|x| set.contains(*x)).collect()
    }

    fn small() -> impl Strategy<Value = Set> {
        proptest::collection::btree_set(0_i128..12, 0..8).prop_map(Set::from_numbers)
    }

    proptest! {
        #[test]
        fn operations_agree_with_lists_of_members(a in small(), b in small()) {
            let (x, y) = (members(&a), members(&b));
            prop_assert_eq!(members(&a.intersection(&b)), x.iter().copied().filter(|v| y.contains(v)).collect::<Vec<_>>());
            prop_assert_eq!(a.is_subset(&b), x.iter().all(|v| y.contains(v)));
            prop_assert_eq!(a == b, x == y);
            let domain = Interval::new(Some(-2), Some(14)).unwrap();
            prop_assert_eq!(members(&a.complement_in(domain)), (-2..=14).filter(|v| !x.contains(v)).collect::<Vec<_>>());
            let mut sums: Vec<i128> = x.iter().flat_map(|v| y.iter().map(move |w| v + w)).collect();
            sums.sort_unstable();
            sums.dedup();
            prop_assert_eq!(members(&a.plus(&b)), sums);
            let nearest = x.iter().flat_map(|v| y.iter().map(move |w| v.abs_diff(*w))).min();
            prop_assert_eq!(a.distance(&b), nearest);
            prop_assert_eq!(a.len(), Some(x.len() as u128));
            prop_assert_eq!(members(&a.union(&b)).len() + members(&a.intersection(&b)).len(), x.len() + y.len());
        }
    }

    #[test]
    fn open_ends() {
        let up = Set::from(Interval::at_least(5));
        let down = Set::from(Interval::at_most(5));
        assert_eq!(up.intersection(&down).single(), Some(5));
        assert_eq!(
            up.complement_in(Interval::EVERYTHING),
            Set::from(Interval::at_most(4))
        );
        assert_eq!(
            down.complement_in(Interval::EVERYTHING),
            Set::from(Interval::at_least(6))
        );
        assert_eq!(up.plus(&down), Set::everything());
        assert!(up.len().is_none());
        assert_eq!(up.union(&down), Set::everything());
    }
}
