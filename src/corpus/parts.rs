//! One pass in parts, on as many threads as there are.

use std::ops::Range;

use super::table::Corpus;
use crate::threads;

/// A part of the questions with its own slices of the state.
pub(crate) struct Part<'a> {
    pub(crate) questions: Range<usize>,
    pub(crate) before: &'a [u32],
    pub(crate) mass: &'a mut [u32],
    pub(crate) log: &'a mut [i64],
}

/// Cuts the questions into parts of about the same number of claims.
pub(crate) fn ranges(corpus: &Corpus, parts: usize) -> Vec<Range<usize>> {
    let questions = corpus.questions.len();
    let claims = corpus.len();
    let mut ends: Vec<usize> = (1..parts)
        .map(|part| {
            corpus
                .start
                .partition_point(|&start| (start as usize) < claims / parts * part)
                .min(questions)
        })
        .collect();
    ends.push(questions);
    let mut start = 0;
    ends.into_iter()
        .map(|end| {
            let range = start..end.max(start);
            start = range.end;
            range
        })
        .collect()
}

/// Cuts things into parts of about the same cost.
pub(crate) fn even(costs: impl Iterator<Item = usize> + Clone) -> Vec<Range<usize>> {
    cut(costs, threads::count())
}

fn cut(costs: impl Iterator<Item = usize> + Clone, parts: usize) -> Vec<Range<usize>> {
    let all: usize = costs.clone().sum();
    let mut out = Vec::with_capacity(parts);
    let (mut start, mut end, mut sum) = (0, 0, 0);
    for cost in costs {
        sum += cost;
        end += 1;
        // The last part takes what is left.
        if out.len() + 1 < parts && sum >= all / parts * (out.len() + 1) {
            out.push(start..end);
            start = end;
        }
    }
    out.push(start..end);
    out
}

/// The parts of a state with `stride` numbers per question.
pub(crate) fn split<'a>(
    corpus: &Corpus,
    stride: usize,
    mut before: &'a [u32],
    mut mass: &'a mut [u32],
    mut log: &'a mut [i64],
) -> Vec<Part<'a>> {
    ranges(corpus, threads::count())
        .into_iter()
        .map(|questions| {
            let cells = questions.len() * stride;
            let (before_part, before_rest) = before.split_at(cells.min(before.len()));
            let (mass_part, mass_rest) = std::mem::take(&mut mass).split_at_mut(cells);
            let (log_part, log_rest) = std::mem::take(&mut log).split_at_mut(cells);
            (before, mass, log) = (before_rest, mass_rest, log_rest);
            Part {
                questions,
                before: before_part,
                mass: mass_part,
                log: log_part,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Parts follow one another, are no more than asked for, and none costs more than its share by more than one thing and rounding.
        #[test]
        fn parts_cost_alike(costs in prop::collection::vec(0_usize..1_000, 0..200), parts in 1_usize..9) {
            let found = cut(costs.iter().copied(), parts);
            prop_assert!(found.len() <= parts);
            let places: Vec<usize> = found.iter().cloned().flatten().collect();
            prop_assert_eq!(places, (0..costs.len()).collect::<Vec<_>>());
            let all: usize = costs.iter().sum();
            let largest = costs.iter().copied().max().unwrap_or(0);
            for part in found {
                let cost: usize = costs[part].iter().sum();
                prop_assert!(cost <= all / parts + largest + parts, "{cost} of {all} in {parts} parts");
            }
        }
    }
}
