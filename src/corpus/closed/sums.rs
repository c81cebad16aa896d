//! What a pass adds up, and how.

#![expect(
    clippy::indexing_slicing,
    reason = "tables are sized by sources x values x states here, and numbers of a corpus are below its counts"
)]

use std::ops::Range;

use super::super::units::{amount, mass};
use super::{Closed, with_stride};

/// What a pass adds up: all that one pass needs to know of another part of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    /// N, at (source, value said, state), in units of 2^-32.
    pub(crate) count: Vec<u64>,
    /// The sum of M, per state.
    pub(crate) prior: Vec<u64>,
}

impl Sums {
    /// Adds what another part of the data gave.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (to, from) in self
            .count
            .iter_mut()
            .zip(&other.count)
            .chain(self.prior.iter_mut().zip(&other.prior))
        {
            *to = to.saturating_add(*from);
        }
    }
}

impl Closed<'_> {
    pub(super) fn empty(&self) -> Sums {
        Sums {
            count: vec![0; self.corpus.sources.len() * self.values * self.stride],
            prior: vec![0; self.stride],
        }
    }
    /// The sums of one part of the questions.
    pub(crate) fn sums(&self, mass: &[u32], questions: Range<usize>) -> Sums {
        let mut sums = self.empty();
        let mass = mass
            .get(questions.start * self.stride..questions.end * self.stride)
            .unwrap_or_default();
        with_stride!(self, add(questions, mass, &mut sums));
        sums
    }

    /// Adds claims to the sums; `masses` are those of the questions given.
    pub(super) fn add<const T: usize>(
        &self,
        questions: Range<usize>,
        masses: &[u32],
        sums: &mut Sums,
    ) {
        let count = sums.count.as_chunks_mut::<T>().0;
        for (masses, question) in masses.as_chunks::<T>().0.iter().zip(questions) {
            if !self.weights.teaches[question] {
                continue;
            }
            for (to, &from) in sums.prior.iter_mut().zip(masses) {
                *to += u64::from(from);
            }
            for candidate in self.corpus.candidates_of(question) {
                let value = self.corpus.candidate_value[candidate] as usize;
                for claim in self.corpus.claims_of(candidate) {
                    let cells =
                        &mut count[self.corpus.source[claim] as usize * self.values + value];
                    let weight = self.weights.claim[claim];
                    if weight < 1.0 {
                        for t in 0..T {
                            cells[t] += mass(weight * amount(u64::from(masses[t])));
                        }
                    } else {
                        for t in 0..T {
                            cells[t] += u64::from(masses[t]);
                        }
                    }
                }
            }
        }
    }
}
