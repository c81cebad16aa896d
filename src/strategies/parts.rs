//! Sets, formulas and phrases.

use proptest::prelude::*;
use proptest::sample::select;

use crate::claims::link::{Formula, Relation, Sum};
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// Sets of whole numbers: up to four stretches near 0, the outer ones open at times; the empty set among them.
pub fn sets() -> impl Strategy<Value = Set> {
    let stretches = prop::collection::vec((0..4_i128, 2..5_i128), 0..=4);
    (stretches, -12..12_i128, any::<(bool, bool)>()).prop_map(
        |(stretches, start, (below, above))| {
            let mut low = start;
            let mut out = Vec::with_capacity(stretches.len());
            for (length, gap) in &stretches {
                out.extend(Interval::new(Some(low), Some(low + length)));
                low += length + gap;
            }
            if below {
                out.extend(out.first().and_then(|i| Interval::new(None, i.upper())));
            }
            if above {
                out.extend(out.last().and_then(|i| Interval::new(i.lower(), None)));
            }
            Set::from_intervals(out)
        },
    )
}

/// Formulas over the questions `a`, `b` and `c`.
pub fn formulas() -> impl Strategy<Value = Formula> {
    use Relation::{AtLeast, AtMost, Equal, Less, More};
    let term = (
        -9..10_i64,
        select(vec![Some("a"), Some("b"), Some("c"), None]),
    );
    let sum = || prop::collection::vec(term.clone(), 0..=3);
    let relation = select(vec![Equal, AtMost, AtLeast, Less, More]);
    (select(vec!["a", "b", "c"]), sum(), relation, sum()).prop_map(
        |(first, left, relation, right)| {
            let add = |sum: Sum, (k, question): (i64, Option<&'static str>)| match question {
                Some(question) => sum.plus_times(k, question),
                None => sum.plus_number(k),
            };
            let left = left.into_iter().fold(Sum::of(first), add);
            let right = right.into_iter().fold(Sum::number(0), add);
            Formula::new(left, relation, right)
        },
    )
}

/// Phrases that can be read as counts: "at least 123", "between 5 and 9 people".
pub fn phrases() -> impl Strategy<Value = String> {
    let hedge = select(vec![
        "{}",
        "at least {}",
        "at most {}",
        "more than {}",
        "about {}",
        "up to {}",
        "{} or so",
        "{}+",
        "{} people",
    ]);
    (hedge, 1..2000_u64).prop_map(|(hedge, number)| hedge.replace("{}", &number.to_string()))
}
