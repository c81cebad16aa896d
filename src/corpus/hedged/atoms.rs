//! Atoms: the smallest stretches on which claims that can hold together agree.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate or question of the corpus, and atoms between the bounds made here"
)]

use std::ops::Range;

use crate::corpus::scale::Scale;
use crate::corpus::table::Corpus;
use crate::sets::interval::Interval;

/// What a claim of a candidate holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// Atoms, counted within the question.
    pub(super) atoms: Range<usize>,
    pub(super) room: bool,
    /// It holds everything that may be: it says nothing.
    pub(super) vacuous: bool,
}

/// The atoms of all questions.
#[derive(Debug)]
pub(super) struct Atoms {
    /// Per candidate.
    pub(super) held: Vec<Held>,
    /// Where the atoms of each question start; one entry more than there are questions.
    start: Vec<usize>,
    /// Per question with a known answer: which atom that is, if any.
    pub(super) known: Vec<Option<usize>>,
    /// Per candidate: whether it holds the known answer.
    pub(super) right: Vec<bool>,
}

/// The atoms of some stretches, in ascending order; they do not meet.
fn atoms(stretches: &[Interval]) -> Vec<Interval> {
    // Where one starts and where one ends, starts before ends at the same number; an open start comes first, an open end last.
    let mut events: Vec<(Option<i128>, bool)> = Vec::with_capacity(2 * stretches.len());
    events.extend(stretches.iter().map(|stretch| (stretch.lower(), false)));
    events.extend(stretches.iter().map(|stretch| (stretch.upper(), true)));
    events.sort_by_key(|&(at, end)| (at.map_or(i8::from(end) * 2, |_| 1), at, end));
    let mut found = Vec::new();
    let mut last: Option<(Option<i128>, bool)> = None;
    for event in events {
        // A start followed by an end: nothing else starts within, so those that are open there can hold together, and no more can.
        if let (Some((low, false)), (high, true)) = (last, event) {
            found.extend(Interval::new(low, high));
        }
        last = Some(event);
    }
    found
}

impl Atoms {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut all = Self {
            held: Vec::with_capacity(corpus.candidate_value.len()),
            start: vec![0],
            known: Vec::with_capacity(corpus.questions.len()),
            right: Vec::with_capacity(corpus.candidate_value.len()),
        };
        let tolerance = corpus.whole_tolerance();
        let domain = match corpus.scale() {
            Some(Scale::Counts) => Interval::at_least(0),
            Some(Scale::Numbers | Scale::Dates) | None => Interval::EVERYTHING,
        };
        for question in 0..corpus.questions.len() {
            let stretches: Vec<Interval> = corpus
                .candidates_of(question)
                .map(|candidate| {
                    widened(corpus.stretch(corpus.candidate_value[candidate]), tolerance)
                })
                .collect();
            let says = |stretch: &&Interval| !domain.is_within(**stretch);
            let atoms = atoms(&stretches.iter().filter(says).copied().collect::<Vec<_>>());
            let known = corpus.known_stretch(question);
            all.known
                .push(known.and_then(|known| atoms.iter().position(|atom| known.is_within(*atom))));
            for &stretch in &stretches {
                let first = atoms.partition_point(|atom| before(atom.upper(), stretch.lower()));
                let end = atoms.partition_point(|atom| !before(stretch.upper(), atom.lower()));
                let inside = first..end.max(first);
                let length: Option<u128> = atoms[inside.clone()]
                    .iter()
                    .try_fold(0u128, |sum, atom| sum.checked_add(atom.len()?));
                let room = match (stretch.len(), length) {
                    (Some(all), Some(atoms)) => atoms < all,
                    // Endless: it is one atom, or has room.
                    _ => atoms.get(first) != Some(&stretch),
                };
                let vacuous = domain.is_within(stretch);
                all.held.push(Held {
                    atoms: inside,
                    room,
                    vacuous,
                });
                all.right
                    .push(known.is_some_and(|known| known.is_within(stretch)));
            }
            all.start
                .push(all.start.last().copied().unwrap_or(0) + atoms.len());
        }
        all
    }

    pub(super) fn of(&self, question: usize) -> Range<usize> {
        self.start[question]..self.start[question + 1]
    }
}

/// Whether an end lies before a start; an open end lies before nothing, and nothing before an open start.
fn before(end: Option<i128>, start: Option<i128>) -> bool {
    matches!((end, start), (Some(end), Some(start)) if end < start)
}

/// What a hedged value holds within the tolerance; exact values have been made one already.
fn widened(stretch: Interval, tolerance: i128) -> Interval {
    if stretch.single().is_some() {
        return stretch;
    }
    let low = stretch.lower().map(|low| low.saturating_sub(tolerance));
    let high = stretch.upper().map(|high| high.saturating_add(tolerance));
    Interval::new(low, high).unwrap_or(stretch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atoms_are_where_claims_meet() {
        let stretch = |low: i128, high: i128| {
            Interval::new(Some(low), Some(high)).unwrap_or(Interval::EVERYTHING)
        };
        let found = |stretches: &[Interval]| atoms(stretches);
        let (open, closed) = (Interval::at_least(100), stretch(100, 150));
        assert_eq!(found(&[open]), [open]);
        assert_eq!(
            found(&[open, Interval::exactly(123), Interval::exactly(156)]),
            [Interval::exactly(123), Interval::exactly(156)]
        );
        assert_eq!(
            found(&[closed, stretch(140, 200), Interval::at_most(90)]),
            [Interval::at_most(90), stretch(140, 150)]
        );
        assert_eq!(
            found(&[Interval::at_most(123), Interval::at_least(123)]),
            [Interval::exactly(123)]
        );
        assert_eq!(found(&[]), []);
    }

    #[test]
    fn atoms_are_the_greatest_groups_that_can_hold_together() {
        let mut dice = 5u64;
        let mut below = |n: u64| {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i128::from((dice >> 33) % n)
        };
        for _ in 0..2000 {
            let stretches: Vec<Interval> = (0..=below(6))
                .filter_map(|_| {
                    let low = below(12);
                    match below(5) {
                        0 => Some(Interval::at_least(low)),
                        1 => Some(Interval::at_most(low)),
                        2 => Interval::new(Some(low), Some(low + below(6))),
                        _ => Some(Interval::exactly(low)),
                    }
                })
                .collect();
            let holders = |x: i128| -> Vec<usize> {
                (0..stretches.len())
                    .filter(|&i| stretches[i].contains(x))
                    .collect()
            };
            let groups: Vec<Vec<usize>> = (-1..20).map(holders).collect();
            let greatest = |group: &&Vec<usize>| {
                let larger = |other: &Vec<usize>| {
                    other.len() > group.len() && group.iter().all(|i| other.contains(i))
                };
                !group.is_empty() && !groups.iter().any(larger)
            };
            let mut expected: Vec<Vec<usize>> = groups.iter().filter(greatest).cloned().collect();
            expected.dedup();
            let found = atoms(&stretches);
            let one = |atom: &Interval| atom.lower().or(atom.upper()).unwrap_or(0);
            let held: Vec<_> = found.iter().map(|atom| holders(one(atom))).collect();
            assert_eq!(held, expected, "{stretches:?}");
            for (atom, group) in found.iter().zip(&expected) {
                let common = group.iter().try_fold(Interval::EVERYTHING, |all, &i| {
                    all.intersection(stretches[i])
                });
                assert_eq!(Some(*atom), common, "{stretches:?}");
            }
        }
    }
}
