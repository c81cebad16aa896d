//! A block of questions, worked on together.

#![expect(
    clippy::indexing_slicing,
    reason = "tables are sized by sources x values x states here, and numbers of a corpus are below its counts"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use std::ops::Range;

use super::super::kernels;
use super::super::table::NOBODY;
use super::super::units::{EVIDENCE, MASS, SHARE, amount, evidence, ln, mass, nearest};
use super::Closed;
use super::sums::Sums;
use super::tables::Tables;

/// Questions worked on together.
pub(super) const LANES: usize = 64;
/// Claims worked on together.
const CHUNK: usize = 256;

/// What a block of questions needs while it is worked on; flat, a row of `T` numbers per question or claim.
pub(super) struct Scratch<const T: usize> {
    pub(super) shares: Vec<f64>,
    pub(super) own: Vec<[f64; T]>,
    pub(super) log: Vec<[i64; T]>,
    pub(super) p: Vec<[f64; T]>,
    pub(super) ratio: Vec<[f64; T]>,
    /// What the ratios are to be divided by.
    pub(super) divisor: Vec<[f64; T]>,
    /// The question, within the block, and the weight of each claim in `ratio`.
    pub(super) claims: Vec<(usize, f64)>,
}

impl<const T: usize> Scratch<T> {
    pub(super) fn new(values: usize) -> Self {
        Self {
            shares: vec![0.0; LANES * values],
            own: vec![[0.0; T]; LANES],
            log: vec![[0; T]; LANES],
            p: vec![[0.0; T]; LANES],
            ratio: vec![[1.0; T]; CHUNK],
            divisor: vec![[1.0; T]; CHUNK],
            claims: Vec::with_capacity(CHUNK),
        }
    }

    /// Takes the logarithms of the ratios collected and adds them to their questions.
    pub(super) fn flush(&mut self) {
        let ratio = &mut self.ratio[..self.claims.len()];
        kernels::log_ratios(
            ratio.as_flattened_mut(),
            self.divisor[..self.claims.len()].as_flattened(),
        );
        for (ratio, &(lane, weight)) in ratio.iter().zip(&self.claims) {
            for (to, x) in self.log[lane].iter_mut().zip(ratio) {
                *to += nearest(weight * x);
            }
        }
        self.claims.clear();
    }
}

impl Closed<'_> {
    /// The pass over one part; the slices are those of its questions.
    pub(super) fn pass_part<const T: usize>(
        &self,
        tables: &Tables,
        questions: Range<usize>,
        before: &[u32],
        mass: &mut [u32],
        log: &mut [i64],
        sums: &mut Sums,
    ) {
        let mut scratch = Scratch::<T>::new(self.values);
        let (before, mass, log) = (
            before.as_chunks::<T>().0,
            mass.as_chunks_mut::<T>().0,
            log.as_chunks_mut::<T>().0,
        );
        let mut change = 0;
        for first in (0..questions.len()).step_by(LANES) {
            let lanes = first..(first + LANES).min(questions.len());
            let block = questions.start + lanes.start..questions.start + lanes.end;
            let (before, mass) = (&before[lanes.clone()], &mut mass[lanes.clone()]);
            for (lane, question) in block.clone().enumerate() {
                self.shares(
                    question,
                    &mut scratch.shares[lane * self.values..(lane + 1) * self.values],
                );
            }
            self.weigh(block.clone(), tables, before, &mut scratch);
            log[lanes].copy_from_slice(&scratch.log[..block.len()]);
            self.posterior(block.clone(), &tables.prior, &mut scratch, |_| 1.0);
            for (lane, (mass, before)) in mass.iter_mut().zip(before).enumerate() {
                let shares = &scratch.shares[lane * self.values..(lane + 1) * self.values];
                let p = &scratch.p[lane];
                if self.levels == 1 {
                    let a = self.anchor;
                    for ((to, &p), &share) in mass.iter_mut().zip(p).zip(shares) {
                        *to = cut((1.0 - a) * p + a * share);
                    }
                } else {
                    for ((to, p), &share) in mass
                        .as_chunks_mut::<2>()
                        .0
                        .iter_mut()
                        .zip(p.as_chunks::<2>().0)
                        .zip(shares)
                    {
                        *to = mixed(*p, share, self.anchor).map(cut);
                    }
                }
                if !self.weights.teaches[block.start + lane] {
                    continue;
                }
                if self.levels == 1 {
                    for (new, old) in mass.iter().zip(before) {
                        change += u64::from(new.abs_diff(*old));
                    }
                } else {
                    for (new, old) in mass
                        .as_chunks::<2>()
                        .0
                        .iter()
                        .zip(before.as_chunks::<2>().0)
                    {
                        let [new, old] =
                            [new, old].map(|levels| u64::from(levels[0]) + u64::from(levels[1]));
                        change += new.abs_diff(old);
                    }
                }
            }
            self.add::<T>(block, mass.as_flattened(), sums);
        }
        sums.change += change;
    }

    /// P0, or the known answer; all zero where the answer is known and is no value of the corpus.
    pub(super) fn shares(&self, question: usize, shares: &mut [f64]) {
        shares.fill(0.0);
        if let Some(value) = self.corpus.known_answer(question) {
            if value != NOBODY {
                shares[value as usize] = 1.0;
            }
            return;
        }
        let mut total = 0.0;
        for candidate in self.corpus.candidates_of(question) {
            let votes = self.weights.votes(self.corpus.claims_of(candidate));
            shares[self.corpus.candidate_value[candidate] as usize] = votes;
            total += votes; // exact: whole numbers of units, far fewer than 2^53
        }
        for share in shares {
            *share /= total;
        }
    }

    /// P of a block of questions from its L, tempered.
    pub(super) fn posterior<const T: usize>(
        &self,
        block: Range<usize>,
        prior: &[f64],
        scratch: &mut Scratch<T>,
        power: impl Fn(usize) -> f64,
    ) {
        let unclaimed = ln(self.options.unclaimed);
        let Some(prior) = prior.first_chunk::<T>() else {
            return;
        };
        let lanes = block.len();
        for (lane, question) in block.clone().enumerate() {
            let shares = &scratch.shares[lane * self.values..(lane + 1) * self.values];
            let (log, p) = (&scratch.log[lane], &mut scratch.p[lane]);
            let power = power(question);
            for t in 0..T {
                p[t] = evidence(log[t]) * power + prior[t];
            }
            for (levels, &share) in p.chunks_mut(self.levels).zip(shares) {
                if share <= 0.0 {
                    for x in levels {
                        *x += unclaimed;
                    }
                }
            }
            let top = p
                .iter()
                .fold(f64::NEG_INFINITY, |top, &x| if x > top { x } else { top });
            for x in p {
                *x -= top;
            }
        }
        let p = &mut scratch.p[..lanes];
        kernels::exponentials(p.as_flattened_mut());
        for p in &mut *p {
            let total: i64 = p.iter().map(|x| nearest(x * SHARE)).sum();
            let scale = SHARE / total as f64;
            for x in p {
                *x *= scale;
            }
        }
        if self.corpus.known.is_empty() {
            return;
        }
        for (p, question) in p.iter_mut().zip(block) {
            if let Some(known) = self.corpus.known_answer(question) {
                self.clamp(p, known as usize);
            }
        }
    }

    /// All of the probability to the states of a known value.
    pub(super) fn clamp(&self, p: &mut [f64], known: usize) {
        let total: f64 = p
            .chunks(self.levels)
            .nth(known)
            .map_or(0.0, |levels| levels.iter().map(|x| x + 1e-12).sum());
        for (state, x) in p.iter_mut().enumerate() {
            *x = if state / self.levels == known {
                (*x + 1e-12) / total
            } else {
                0.0
            };
        }
    }

    /// L of a block of questions into `scratch.log`; `before` holds the M that the tables have in them.
    pub(super) fn weigh<const T: usize>(
        &self,
        block: Range<usize>,
        tables: &Tables,
        before: &[[u32; T]],
        scratch: &mut Scratch<T>,
    ) {
        let numerators = tables.numerator.as_chunks::<T>().0;
        let denominators = tables.denominator.as_chunks::<T>().0;
        for ((lane, question), masses) in block.enumerate().zip(before) {
            let teaches = self.weights.teaches[question];
            scratch.log[lane] = [0; T];
            scratch.own[lane] = if teaches && !self.keeps_own {
                masses.map(|m| amount(u64::from(m)))
            } else {
                [0.0; T]
            };
            for candidate in self.corpus.candidates_of(question) {
                let value = self.corpus.candidate_value[candidate] as usize;
                for claim in self.corpus.claims_of(candidate) {
                    if scratch.claims.len() == CHUNK {
                        scratch.flush();
                    }
                    let source = self.corpus.source[claim] as usize;
                    let (numerator, denominator) = (
                        &numerators[source * self.values + value],
                        &denominators[source],
                    );
                    let weight = self.weights.claim[claim];
                    let ratio = &mut scratch.ratio[scratch.claims.len()];
                    let divisor = &mut scratch.divisor[scratch.claims.len()];
                    let own = &scratch.own[lane];
                    if weight < 1.0 && teaches {
                        for t in 0..T {
                            let own = amount(mass(weight * own[t]));
                            ratio[t] = numerator[t] - own;
                            divisor[t] = denominator[t] - own;
                        }
                    } else {
                        for t in 0..T {
                            ratio[t] = numerator[t] - own[t];
                            divisor[t] = denominator[t] - own[t];
                        }
                    }
                    scratch.claims.push((lane, weight * EVIDENCE));
                }
            }
        }
        scratch.flush();
    }
}

/// M of a value's two levels, where the vote's share goes to them as the probability does.
pub(super) fn mixed(p: [f64; 2], share: f64, anchor: f64) -> [f64; 2] {
    let total = (p[0] + 1e-9) + (p[1] + 1e-9);
    p.map(|p| (1.0 - anchor) * p + anchor * share * ((p + 1e-9) / total))
}

/// A probability in units of 2^-32, at most one unit below 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within range by the two comparisons"
)]
pub(super) fn cut(p: f64) -> u32 {
    let x = p * MASS;
    let x = if x < 0.0 { 0.0 } else { x };
    nearest(if x > 4_294_967_295.0 {
        4_294_967_295.0
    } else {
        x
    }) as u32
}
