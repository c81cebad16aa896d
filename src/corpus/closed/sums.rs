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
    /// How far the masses of the values moved in all.
    pub(crate) change: u64,
    /// How many questions teach.
    pub(crate) teaching: u64,
}

impl Sums {
    /// Adds what another thread's questions gave.
    pub(super) fn merge(&mut self, other: &Self) {
        for (to, from) in self
            .count
            .iter_mut()
            .zip(&other.count)
            .chain(self.prior.iter_mut().zip(&other.prior))
        {
            *to += *from;
        }
        self.change += other.change;
    }
}

impl Closed<'_> {
    pub(super) fn empty(&self) -> Sums {
        Sums {
            count: vec![0; self.corpus.sources.len() * self.values * self.stride],
            prior: vec![0; self.stride],
            change: 0,
            teaching: self.weights.teaching as u64,
        }
    }

    /// The sums under given masses.
    pub(super) fn sums(&self, mass: &[u32]) -> Sums {
        let mut sums = self.empty();
        let questions = 0..self.corpus.questions.len();
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
