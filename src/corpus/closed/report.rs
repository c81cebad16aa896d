//! What is reported of a finished fit.

#![expect(
    clippy::indexing_slicing,
    reason = "tables are sized by sources x values x states here, and numbers of a corpus are below its counts"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use super::super::units::{EVIDENCE, MASS, amount, evidence, mass, nearest};
use super::block::{LANES, Scratch};
use super::tables::Tables;
use super::{Closed, Outcome, Passes, with_stride};

impl Closed<'_> {
    /// The two sums that icc is the ratio of, over the questions here, in units of 2^-32.
    pub(crate) fn correlation(&self, passes: &Passes) -> (i128, i128) {
        let Some(tables) = &passes.tables else {
            return (0, 0);
        };
        with_stride!(self, correlation_by(tables, &passes.before, &passes.log))
    }

    pub(super) fn correlation_by<const T: usize>(
        &self,
        tables: &Tables,
        before: &[u32],
        log: &[i64],
    ) -> (i128, i128) {
        let numerators = tables.numerator.as_chunks::<T>().0;
        let denominators = tables.denominator.as_chunks::<T>().0;
        let (before, log) = (before.as_chunks::<T>().0, log.as_chunks::<T>().0);
        let mut scratch = Scratch::<T>::new(self.values);
        let (mut shared, mut possible) = (0i128, 0i128);
        for question in
            (0..self.corpus.questions.len()).filter(|&question| self.weights.teaches[question])
        {
            self.shares(question, &mut scratch.shares[..self.values]);
            scratch.log[0] = log[question];
            self.posterior(question..question + 1, &tables.prior, &mut scratch, |_| 1.0);
            let own = before[question].map(|m| amount(u64::from(m)));
            let mut sums = [[0i64; T]; 4];
            for candidate in self.corpus.candidates_of(question) {
                let said = self.corpus.candidate_value[candidate] as usize;
                for claim in self.corpus.claims_of(candidate) {
                    let source = self.corpus.source[claim] as usize;
                    let weight = self.weights.claim[claim];
                    for k in 0..self.values {
                        let says = if said == k { 1.0 } else { 0.0 };
                        let own = if weight < 1.0 {
                            amount(mass(weight * own[k]))
                        } else {
                            own[k]
                        };
                        let right = ((numerators[source * self.values + k][k] - own * says)
                            / (denominators[source][k] - own))
                            .clamp(0.0, 1.0);
                        let (e, d2) = (
                            weight * (says - right),
                            weight * weight * right * (1.0 - right),
                        );
                        sums[0][k] += nearest(e * EVIDENCE);
                        sums[1][k] += nearest(e * e * EVIDENCE);
                        sums[2][k] += nearest(d2.sqrt() * EVIDENCE);
                        sums[3][k] += nearest(d2 * EVIDENCE);
                    }
                }
            }
            for k in 0..self.values {
                let [s, s2, d, d2] = sums.map(|sum| evidence(sum[k]));
                shared += wide(scratch.p[0][k] * (s * s - s2));
                possible += wide(scratch.p[0][k] * (d * d - d2));
            }
        }
        (shared, possible)
    }

    /// rho, from icc's two sums and the typical votes on a question.
    pub(crate) fn shared_error(&self, shared: i128, possible: i128, typical: f64) -> f64 {
        let o = self.options;
        let correlation = shared as f64 / (possible as f64).max(1e-9 * MASS);
        let trust = (typical - 1.0) / (typical - 1.0 + o.shared_error_strength);
        trust * o.shared_error_factor * correlation.max(0.0) + (1.0 - trust) * o.shared_error
    }

    /// The reported probabilities of every value on every question, added to `report` with a weight.
    pub(crate) fn report(
        &self,
        outcome: &Outcome,
        power: impl Fn(f64) -> f64,
        share: f64,
        report: &mut [f64],
    ) {
        with_stride!(self, report_by(outcome, power, share, report));
    }

    pub(super) fn report_by<const T: usize>(
        &self,
        outcome: &Outcome,
        power: impl Fn(f64) -> f64,
        share: f64,
        report: &mut [f64],
    ) {
        let floor = self.options.floor;
        let log = outcome.log.as_chunks::<T>().0;
        let mut scratch = Scratch::<T>::new(self.values);
        let questions = self.corpus.questions.len();
        for first in (0..questions).step_by(LANES) {
            let block = first..(first + LANES).min(questions);
            for (lane, question) in block.clone().enumerate() {
                self.shares(
                    question,
                    &mut scratch.shares[lane * self.values..(lane + 1) * self.values],
                );
            }
            scratch.log[..block.len()].copy_from_slice(&log[block.clone()]);
            let report = &mut report[block.start * self.values..block.end * self.values];
            let votes = |question| self.weights.votes(self.corpus.claims_on(question));
            for (part, tempered) in [(1.0 - floor, true), (floor, false)] {
                self.posterior(
                    block.clone(),
                    &outcome.tables.prior,
                    &mut scratch,
                    |question| {
                        if tempered {
                            power(votes(question))
                        } else {
                            0.0
                        }
                    },
                );
                for (report, p) in report.chunks_exact_mut(self.values).zip(&scratch.p) {
                    for (to, p) in report.iter_mut().zip(p.chunks_exact(self.levels)) {
                        *to += share * part * p.iter().sum::<f64>();
                    }
                }
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn wide(x: f64) -> i128 {
    (x * MASS) as i128
}

/// The divisor of evidence of n claims whose errors go together by rho.
pub(crate) fn effect(votes: f64, rho: f64) -> f64 {
    1.0 / (1.0 + (votes - 1.0).max(0.0) * rho)
}

/// The multiplier with which n claims count as their square root.
pub(crate) fn root(votes: f64) -> f64 {
    1.0 / votes.max(1.0).sqrt()
}
