//! The least and the greatest value that rows leave of a variable, over whole numbers, where propagation does not tell.

use super::decide::{Answer, possible};
use crate::sets::interval::Interval;
use crate::sets::linear::Row;
use crate::sets::set::Set;

/// Steps that each decision on the way may take.
const STEPS: u64 = 2_000;
/// Ends beyond this are taken as open.
const FAR: i128 = 1 << 70;

/// What rows leave of variables.
#[derive(Debug)]
pub(crate) struct Left<'a> {
    rows: Vec<&'a Row>,
    sets: &'a [Set],
}

/// What a search for an end came to.
enum End {
    At(i128),
    Open,
    Unknown,
}

impl<'a> Left<'a> {
    /// `sets` are those of the variables, one each, as propagation left them.
    pub(crate) fn new(rows: impl IntoIterator<Item = &'a Row>, sets: &'a [Set]) -> Self {
        Self {
            rows: rows.into_iter().collect(),
            sets,
        }
    }

    /// What one decision costs, in terms looked at.
    fn cost(&self) -> u64 {
        let terms: usize = self.rows.iter().map(|r| r.terms.len()).sum();
        8 * (terms + self.sets.len()) as u64
    }

    /// Whether values exist of which that of `v` lies in the stretch.
    fn within(&self, v: usize, stretch: Option<Interval>, looks: &mut u64) -> Answer {
        let Some(stretch) = stretch else {
            return Answer::Impossible;
        };
        let cost = self.cost();
        if *looks < cost {
            return Answer::Unknown;
        }
        *looks -= cost;
        let mut sets = self.sets.to_vec();
        if let Some(slot) = sets.get_mut(v) {
            *slot = slot.intersection(&stretch.into());
        }
        possible(&self.rows, sets, STEPS)
    }

    /// The least stretch that holds every value left of a variable; an end that could not be found in time is the one that propagation
    /// left. `None` if no value is left. `looks` is what it may cost, in terms looked at.
    ///
    /// # Complexity
    ///
    /// One decision for each bit of what propagation left beyond the end.
    pub(crate) fn hull(&self, v: usize, looks: &mut u64) -> Option<Interval> {
        let loose = self.sets.get(v)?.hull()?;
        let known = match self.within(v, Some(Interval::EVERYTHING), looks) {
            Answer::Impossible => return None,
            Answer::Unknown => return Some(loose),
            Answer::Possible(values) => *values.get(v)?,
        };
        let mut end = |side: Side| match self.end(v, known, side, looks) {
            End::At(x) => Some(x),
            End::Open => None,
            End::Unknown => side.of(loose),
        };
        let (low, high) = (end(Side::Lower), end(Side::Upper));
        Interval::new(low, high).or(Some(loose))
    }

    /// The outermost value on one side, from a value that is possible.
    fn end(&self, v: usize, mut known: i128, side: Side, looks: &mut u64) -> End {
        // No value is possible from here outwards.
        let mut beyond = self.sets.get(v).and_then(|s| side.of(s.hull()?));
        beyond = beyond.map(|x| x + side.outwards());
        let mut step = 1;
        loop {
            let next = match beyond {
                Some(b) if (b - known).abs() <= 1 => return End::At(known),
                Some(b) => known + (b - known) / 2,
                None if step > FAR => return End::Open,
                None => known + step * side.outwards(),
            };
            step *= 2;
            match self.within(v, side.from(next), looks) {
                Answer::Possible(values) => match values.get(v) {
                    Some(x) => known = *x,
                    None => return End::Unknown,
                },
                Answer::Impossible => beyond = Some(next),
                Answer::Unknown => return End::Unknown,
            }
        }
    }

    /// The places of rows without which values outside a stretch would be left: one by one those are dropped that are not needed.
    pub(crate) fn needed(mut self, v: usize, hull: Interval, looks: &mut u64) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        for place in 0..self.rows.len() {
            let Ok(at) = places.binary_search(&place) else {
                continue;
            };
            let row = self.rows.remove(at);
            let mut is_out = |side: Side| {
                let beyond = side.of(hull).map(|x| x + side.outwards());
                beyond.is_none_or(|x| self.within(v, side.from(x), looks).is_impossible())
            };
            if is_out(Side::Lower) && is_out(Side::Upper) {
                places.remove(at);
            } else {
                self.rows.insert(at, row);
            }
        }
        places
    }
}

/// An end of a stretch.
#[derive(Clone, Copy)]
enum Side {
    Lower,
    Upper,
}

impl Side {
    fn of(self, stretch: Interval) -> Option<i128> {
        match self {
            Self::Lower => stretch.lower(),
            Self::Upper => stretch.upper(),
        }
    }

    /// One step out.
    fn outwards(self) -> i128 {
        match self {
            Self::Lower => -1,
            Self::Upper => 1,
        }
    }

    /// From a value outwards.
    fn from(self, x: i128) -> Option<Interval> {
        match self {
            Self::Lower => Interval::new(None, Some(x)),
            Self::Upper => Interval::new(Some(x), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::linear::{Relation, VariableId};
    use proptest::collection::vec;
    use proptest::prelude::*;

    const VARIABLES: u32 = 3;
    const MOST: i128 = 6;

    fn row() -> impl Strategy<Value = Row> {
        let terms = vec(-2_i128..=2, VARIABLES as usize);
        (terms, any::<bool>(), -4_i128..=6).prop_map(|(terms, equal, right)| Row {
            terms: (0..)
                .map(VariableId)
                .zip(terms)
                .filter(|(_, k)| *k != 0)
                .collect(),
            relation: if equal {
                Relation::Equal
            } else {
                Relation::AtMost
            },
            right,
        })
    }

    proptest! {
        #[test]
        fn agrees_with_trying_every_value(rows in vec(row(), 1..4), ends in vec((0..=MOST, 0..=MOST), VARIABLES as usize)) {
            let sets: Vec<Set> = ends
                .iter()
                .map(|(a, b)| Interval::new(Some(*a.min(b)), Some(*a.max(b))).into_iter().map(Set::from).next())
                .map(Option::unwrap_or_default)
                .collect();
            let mut all: Vec<[i128; 3]> = Vec::new();
            for i in 0..(MOST + 1).pow(VARIABLES) {
                let values = [i % (MOST + 1), i / (MOST + 1) % (MOST + 1), i / (MOST + 1) / (MOST + 1)];
                let value = |v: VariableId| values.get(v.index()).copied().unwrap_or(0);
                let inside = sets.iter().zip(values).all(|(s, x)| s.contains(x));
                if inside && rows.iter().all(|r| r.holds(value) == Some(true)) {
                    all.push(values);
                }
            }
            for v in 0..VARIABLES as usize {
                let values = || all.iter().filter_map(|x| x.get(v)).copied();
                let truth = values().min().and_then(|low| Interval::new(Some(low), values().max()));
                let found = Left::new(&rows, &sets).hull(v, &mut { u64::MAX });
                prop_assert_eq!(found, truth);
                if let Some(hull) = truth {
                    let needed = Left::new(&rows, &sets).needed(v, hull, &mut { u64::MAX });
                    let kept = needed.iter().filter_map(|i| rows.get(*i));
                    prop_assert_eq!(Left::new(kept, &sets).hull(v, &mut { u64::MAX }), truth);
                }
            }
        }
    }

    #[test]
    fn a_sum_of_equal_parts_is_even() {
        // n = x + y, x = y, n in 3..=5: only 4, and x is 2.
        let row = |terms: &[(u32, i128)]| Row {
            terms: terms.iter().map(|(v, k)| (VariableId(*v), *k)).collect(),
            relation: Relation::Equal,
            right: 0,
        };
        let rows = [row(&[(0, 1), (1, -1), (2, -1)]), row(&[(1, 1), (2, -1)])];
        let open = Set::from(Interval::at_least(0));
        let sets = [
            Interval::new(Some(3), Some(5))
                .map(Set::from)
                .unwrap_or_default(),
            open.clone(),
            open,
        ];
        let hull = |v: usize| Left::new(&rows, &sets).hull(v, &mut { u64::MAX });
        assert_eq!(hull(0), Some(Interval::exactly(4)));
        assert_eq!(hull(1), Some(Interval::exactly(2)));
        let needed = Left::new(&rows, &sets).needed(1, Interval::exactly(2), &mut { u64::MAX });
        assert_eq!(needed, [0, 1]);
    }
}
