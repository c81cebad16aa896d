//! The default model on a closed vocabulary.
//!
//! ```text
//! q question, s source, k and l values, V how many there are, w_i weight of claim i
//! P[q,k]   probability of k on q; at the start the vote shares P0[q,k]
//! M        (1-a) P + a P0                                        a  = anchor
//! pi_k     ~ 1 + sum_q M[q,k], over questions with more than one source, as are all sums below that tell of sources
//! N_s[k,l] = sum of w M[q,k] over the claims of s that say l, on questions with more than one source
//! G[k,.]   ~ sum_s N_s[k,.] + a0 (r0 at l = k, (1-r0)/(V-1) elsewhere)    a0, r0 = pool_strength, pool_accuracy
//! r_s      = (sum_k N_s[k,k] + m rbar) / (n_s + m)               m  = source_strength, rbar the mean accuracy under G
//! x_s      = (sum_k N_s[k,.] G[k,k] + m rbar) / (n_s + m)        what r_s would be if s erred like all
//! B_s[k,.] ~ G[k,.], its diagonal times odds(r_s)/odds(x_s)
//! e_i[k]   = w log((N_s[k,l] - o + c B_s[k,l]) / (N_s[k,.] - o + c))     c = row_strength, o = w M[q,k] the claim's own count
//! L[q,k]   = sum of e_i[k] over the claims i on q
//! P[q,.]   = softmax(L + log pi + log u),  u = 1 where claimed on q, `unclaimed` elsewhere
//! report   (1-f) softmax(L / (1 + (n_q - 1) rho) + log pi + log u) + f softmax(log pi + log u)          f = floor
//! rho      = lam b max(icc, 0) + (1-lam) rho0,  lam = (n-1)/(n-1+kr),  n = sum n_q^2 / sum n_q
//!            b, rho0, kr = shared_error_factor, shared_error, shared_error_strength
//! icc      = sum P (S^2 - S2) / sum P (D^2 - D2): how errors on one question go together, given the truth k
//!            S, S2, D, D2 = sums over its claims of e, e^2, d, d^2 with e = w (1[says k] - C_s[k,k]), d = w sqrt(C (1 - C))
//! ```
//!
//! A row is a confusion pattern as Dawid and Skene (1979) have it, shrunk to the pooled pattern with the source's own accuracy, in the
//! manner of hierarchical Bayes (Kim and Ghahramani 2012, without sampling). Leaving a claim's own count out is Efron's (1986) remedy
//! for self-influence; the divisor 1 + (n-1) rho is Kish's (1965) design effect of clustered observations.
//!
//! With two levels of difficulty every value k has a state (k, easy) and a state (k, hard) with rows of their own; a question starts
//! as easy as its claims agree.

#![expect(
    clippy::indexing_slicing,
    reason = "tables are sized by sources x values x states here, and numbers of a corpus are below its counts"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use std::ops::Range;

use super::kernels;
use super::options::{FitOptions, Model};
use super::parts;
use super::table::{Corpus, NOBODY};
use super::units::{EVIDENCE, MASS, SHARE, amount, evidence, ln, mass, nearest, sum};
use super::weights::Weights;

/// The most values a closed vocabulary can have.
pub(crate) const MOST_VALUES: usize = 64;
/// Questions worked on together.
const LANES: usize = 64;
/// Claims worked on together.
const CHUNK: usize = 256;
/// Log weight of the states that only fill a row up.
const NEVER: f64 = -1e6;

/// The model's view of a corpus.
#[derive(Debug)]
pub(crate) struct Closed<'a> {
    corpus: &'a Corpus,
    options: &'a FitOptions,
    weights: &'a Weights,
    values: usize,
    levels: usize,
    states: usize,
    /// Numbers per row of a table: the states, filled up to a length for which there is a kernel.
    stride: usize,
    anchor: f64,
    /// Whether a claim's own count stays in its own evidence, as Dawid and Skene have it.
    keeps_own: bool,
}

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

/// What is known about the sources during one pass.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    /// N + c B, at (source, value said, state).
    numerator: Vec<f64>,
    /// `N_s[k,.] + c`, at (source, state).
    denominator: Vec<f64>,
    /// log pi per state.
    prior: Vec<f64>,
    /// `r_s`.
    pub(crate) accuracy: Vec<f64>,
    /// `n_s`.
    pub(crate) claims: Vec<f64>,
    /// One over the sum of squares of the pooled shares of wrong values: how many false values there are in effect.
    pub(crate) false_values: f64,
}

/// What is thought of every question and state between two passes.
#[derive(Debug, Clone)]
struct Thought {
    /// M in units of 2^-32, cut at the largest number.
    mass: Vec<u32>,
    /// L in units of 2^-36.
    log: Vec<i64>,
}

/// A finished fit.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) tables: Tables,
    /// M, in units of 2^-32.
    pub(crate) mass: Vec<u32>,
    /// L, in units of 2^-36.
    log: Vec<i64>,
    pub(crate) passes: u32,
    /// The correlation of errors on one question; with two levels it is not measured.
    pub(crate) correlation: f64,
}

/// What a block of questions needs while it is worked on; flat, a row of `T` numbers per question or claim.
struct Scratch<const T: usize> {
    shares: Vec<f64>,
    own: Vec<[f64; T]>,
    log: Vec<[i64; T]>,
    p: Vec<[f64; T]>,
    ratio: Vec<[f64; T]>,
    /// What the ratios are to be divided by.
    divisor: Vec<[f64; T]>,
    /// The question, within the block, and the weight of each claim in `ratio`.
    claims: Vec<(usize, f64)>,
}

impl<const T: usize> Scratch<T> {
    fn new(values: usize) -> Self {
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
    fn flush(&mut self) {
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

/// Calls a kernel made for the length of a row.
macro_rules! with_stride {
    ($self:ident, $call:ident($($argument:expr),* $(,)?)) => {
        match $self.stride {
            2 => $self.$call::<2>($($argument),*),
            3 => $self.$call::<3>($($argument),*),
            4 => $self.$call::<4>($($argument),*),
            5 => $self.$call::<5>($($argument),*),
            6 => $self.$call::<6>($($argument),*),
            8 => $self.$call::<8>($($argument),*),
            10 => $self.$call::<10>($($argument),*),
            16 => $self.$call::<16>($($argument),*),
            32 => $self.$call::<32>($($argument),*),
            64 => $self.$call::<64>($($argument),*),
            _ => $self.$call::<128>($($argument),*),
        }
    };
}

const STRIDES: [usize; 11] = [2, 3, 4, 5, 6, 8, 10, 16, 32, 64, 128];

fn stride_for(states: usize) -> usize {
    STRIDES
        .into_iter()
        .find(|&stride| stride >= states)
        .unwrap_or(2 * MOST_VALUES)
}

impl<'a> Closed<'a> {
    /// `levels` of difficulty: 1 or 2.
    pub(crate) fn new(
        corpus: &'a Corpus,
        options: &'a FitOptions,
        weights: &'a Weights,
        levels: usize,
    ) -> Self {
        let values = corpus.values.len();
        let anchor = if levels == 1 {
            options.anchor
        } else {
            options.difficulty_anchor
        };
        let states = values * levels;
        let stride = STRIDES
            .into_iter()
            .find(|&stride| stride >= states)
            .unwrap_or(2 * MOST_VALUES);
        Self {
            corpus,
            options,
            weights,
            values,
            levels,
            states,
            stride,
            anchor,
            keeps_own: options.model == Model::DawidSkene,
        }
    }

    /// Passes until nothing moves any more.
    ///
    /// `start` is M of an earlier fit, with how many values it had.
    pub(crate) fn run(&self, start: Option<(&[u32], usize)>, passes: u32) -> Outcome {
        let (mut before, mut sums) = self.begin(start);
        let mut after = Thought {
            mass: before.mass.clone(),
            log: before.log.clone(),
        };
        let mut done = 0;
        loop {
            let tables = self.estimate(&sums);
            let (next, change) = self.pass(&tables, &before, &mut after);
            done += 1;
            // Masses move by 1 - anchor of what probabilities move by, and what one value gains others lose.
            let moved = amount(change) / 2.0 / (1.0 - self.anchor).max(1e-9);
            if moved <= self.options.tolerance * self.weights.teaching as f64 || done >= passes {
                let correlation = if self.levels == 1 {
                    self.correlation(&tables, &before, &after)
                } else {
                    0.0
                };
                return Outcome {
                    tables,
                    mass: after.mass,
                    log: after.log,
                    passes: done,
                    correlation,
                };
            }
            std::mem::swap(&mut before, &mut after);
            sums = next;
        }
    }

    fn empty(&self) -> Sums {
        Sums {
            count: vec![0; self.corpus.sources.len() * self.values * self.stride],
            prior: vec![0; self.stride],
        }
    }

    /// The state before the first pass: an earlier one for the questions that have it, vote shares for the others.
    fn begin(&self, start: Option<(&[u32], usize)>) -> (Thought, Sums) {
        let cells = self.corpus.questions.len() * self.stride;
        let mut thought = Thought {
            mass: vec![0; cells],
            log: vec![0; cells],
        };
        let mut shares = vec![0.0; self.values];
        for question in 0..self.corpus.questions.len() {
            let row = question * self.stride..(question + 1) * self.stride;
            if let Some((earlier, values)) = start {
                let (states, stride) = (values * self.levels, stride_for(values * self.levels));
                if let Some(earlier) = earlier.get(question * stride..question * stride + states) {
                    for (to, from) in thought.mass[row].iter_mut().zip(earlier) {
                        *to = *from;
                    }
                    continue;
                }
            }
            self.shares(question, &mut shares);
            // Where claims agree the question is easy, where they are split it is hard.
            let even = 1.0 / self.values as f64;
            let top = shares
                .iter()
                .fold(0.0, |top, &x| if x > top { x } else { top });
            let easy = ((top - even) / (1.0 - even)).clamp(0.1, 0.9);
            let row = &mut thought.mass[row];
            if self.levels == 1 {
                for (to, &share) in row.iter_mut().zip(&shares) {
                    *to = cut(share);
                }
            } else {
                for (to, &share) in row.chunks_mut(2).zip(&shares) {
                    let p = [share * easy, share * (1.0 - easy)];
                    to.copy_from_slice(&mixed(p, share, self.anchor).map(cut));
                }
            }
        }
        let sums = self.sums(&thought.mass, 0..self.corpus.questions.len());
        (thought, sums)
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

    /// One pass: new evidence into `after`; the sums it leads to, and how far the masses of the values moved in all.
    fn pass(&self, tables: &Tables, before: &Thought, after: &mut Thought) -> (Sums, u64) {
        let work = parts::split(
            self.corpus,
            self.stride,
            &before.mass,
            &mut after.mass,
            &mut after.log,
        );
        let done = parts::run(work, |part| {
            let mut sums = self.empty();
            let change = with_stride!(
                self,
                pass_part(
                    tables,
                    part.questions.clone(),
                    part.before,
                    part.mass,
                    part.log,
                    &mut sums
                )
            );
            (sums, change)
        });
        done.into_iter()
            .reduce(|mut all, part| {
                all.0.merge(&part.0);
                (all.0, all.1 + part.1)
            })
            .unwrap_or_else(|| (self.empty(), 0))
    }

    /// The pass over one part; the slices are those of its questions.
    fn pass_part<const T: usize>(
        &self,
        tables: &Tables,
        questions: Range<usize>,
        before: &[u32],
        mass: &mut [u32],
        log: &mut [i64],
        sums: &mut Sums,
    ) -> u64 {
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
        change
    }

    /// P0, or the known answer; all zero where the answer is known and is no value of the corpus.
    fn shares(&self, question: usize, shares: &mut [f64]) {
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
    fn posterior<const T: usize>(
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
    fn clamp(&self, p: &mut [f64], known: usize) {
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

    /// Adds claims to the sums; `masses` are those of the questions given.
    fn add<const T: usize>(&self, questions: Range<usize>, masses: &[u32], sums: &mut Sums) {
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

    /// L of a block of questions into `scratch.log`; `before` holds the M that the tables have in them.
    fn weigh<const T: usize>(
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

    /// Everything about the sources that follows from the sums.
    pub(crate) fn estimate(&self, sums: &Sums) -> Tables {
        let (values, levels, states, stride) = (self.values, self.levels, self.states, self.stride);
        let sources = self.corpus.sources.len();
        let o = self.options;
        let class = |state: usize| state / levels;

        let shares = shares_of(&sums.prior[..states], 1.0);
        let mut prior = vec![NEVER; self.stride];
        for (to, &share) in prior.iter_mut().zip(&shares) {
            *to = ln(share);
        }

        // N_s[k,.] and, over all sources, the pooled pattern.
        let mut rows = vec![0u64; sources * states];
        let mut pooled = vec![0u64; values * states];
        for (source, cells) in sums.count.chunks_exact(values * stride).enumerate() {
            for (value, cells) in cells.chunks_exact(stride).enumerate() {
                for (state, &m) in cells[..states].iter().enumerate() {
                    rows[source * states + state] += m;
                    pooled[value * states + state] += m;
                }
            }
        }
        // G at (value said, state).
        let wrong = (1.0 - o.pool_accuracy) / (values as f64 - 1.0);
        let mut pattern = vec![0.0; values * states];
        let mut pooled_rows = vec![0u64; states];
        for state in 0..states {
            let row: u64 = (0..values)
                .map(|value| pooled[value * states + state])
                .sum();
            pooled_rows[state] = row;
            for value in 0..values {
                let assumed = if class(state) == value {
                    o.pool_accuracy
                } else {
                    wrong
                };
                pattern[value * states + state] = (amount(pooled[value * states + state])
                    + o.pool_strength * assumed)
                    / (amount(row) + o.pool_strength);
            }
        }
        let right: Vec<f64> = (0..states)
            .map(|state| pattern[class(state) * states + state])
            .collect();
        let mean = sum(shares_of(&pooled_rows, o.pool_strength)
            .iter()
            .zip(&right)
            .map(|(share, right)| share * right));

        let mut tables = Tables {
            numerator: vec![1.0; sources * values * stride],
            denominator: vec![1.0; sources * stride],
            prior,
            accuracy: vec![0.0; sources],
            claims: vec![0.0; sources],
            false_values: self.false_values(&shares, &pattern),
        };
        for source in 0..sources {
            let cells = &sums.count[source * values * stride..(source + 1) * values * stride];
            let row = &rows[source * states..(source + 1) * states];
            let claims = amount(row.iter().sum());
            let hits = amount((0..states).map(|t| cells[class(t) * stride + t]).sum());
            let expected = amount((0..states).map(|t| mass(amount(row[t]) * right[t])).sum());
            let shrunk = |x: f64| {
                ((x + o.source_strength * mean) / (claims + o.source_strength)).clamp(0.001, 0.999)
            };
            let (accuracy, expected) = (shrunk(hits), shrunk(expected));
            let odds = accuracy / (1.0 - accuracy) / (expected / (1.0 - expected));
            tables.accuracy[source] = accuracy;
            tables.claims[source] = claims;
            for t in 0..states {
                // The rest of a pooled row sums to 1 − right, so the row with its diagonal changed sums to this.
                let norm = (1.0 - right[t]) + right[t] * odds;
                tables.denominator[source * stride + t] = amount(row[t]) + o.row_strength;
                for value in 0..values {
                    let share = pattern[value * states + t]
                        * if class(t) == value { odds } else { 1.0 }
                        / norm;
                    tables.numerator[(source * values + value) * stride + t] =
                        amount(cells[value * stride + t]) + o.row_strength * share;
                }
            }
        }
        tables
    }

    /// One over the mean, over the states, of the sum of squared shares among wrong answers.
    fn false_values(&self, shares: &[f64], pattern: &[f64]) -> f64 {
        let states = self.states;
        let squares = sum((0..states).map(|t| {
            let wrong = || {
                (0..self.values)
                    .filter(|&value| value != t / self.levels)
                    .map(|value| pattern[value * states + t])
            };
            let all = sum(wrong()).max(1e-12);
            shares[t] * sum(wrong().map(|x| (x / all) * (x / all)))
        }));
        1.0 / squares.clamp((1.0 / (self.values as f64 - 1.0)).min(1.0), 1.0)
    }

    /// icc.
    fn correlation(&self, tables: &Tables, before: &Thought, now: &Thought) -> f64 {
        with_stride!(self, correlation_by(tables, before, now))
    }

    fn correlation_by<const T: usize>(
        &self,
        tables: &Tables,
        before: &Thought,
        now: &Thought,
    ) -> f64 {
        let numerators = tables.numerator.as_chunks::<T>().0;
        let denominators = tables.denominator.as_chunks::<T>().0;
        let (before, log) = (before.mass.as_chunks::<T>().0, now.log.as_chunks::<T>().0);
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
        shared as f64 / (possible as f64).max(1e-9 * MASS)
    }

    /// rho.
    pub(crate) fn shared_error(&self, correlation: f64) -> f64 {
        let o = self.options;
        let typical = self.weights.typical(self.corpus);
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

    fn report_by<const T: usize>(
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

/// M of a value's two levels, where the vote's share goes to them as the probability does.
fn mixed(p: [f64; 2], share: f64, anchor: f64) -> [f64; 2] {
    let total = (p[0] + 1e-9) + (p[1] + 1e-9);
    p.map(|p| (1.0 - anchor) * p + anchor * share * ((p + 1e-9) / total))
}

/// A probability in units of 2^-32, at most one unit below 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within range by the two comparisons"
)]
fn cut(p: f64) -> u32 {
    let x = p * MASS;
    let x = if x < 0.0 { 0.0 } else { x };
    nearest(if x > 4_294_967_295.0 {
        4_294_967_295.0
    } else {
        x
    }) as u32
}

/// The shares of amounts in their sum, after something was added to each.
fn shares_of(amounts: &[u64], more: f64) -> Vec<f64> {
    let more = mass(more);
    let total: u128 = amounts
        .iter()
        .map(|&x| u128::from(x) + u128::from(more))
        .sum();
    amounts
        .iter()
        .map(|&x| (u128::from(x) + u128::from(more)) as f64 / total as f64)
        .collect()
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
