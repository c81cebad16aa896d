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

mod block;
mod report;
mod sums;
mod tables;

pub(crate) use report::{effect, root};
pub(crate) use sums::Sums;
pub(crate) use tables::Tables;

use super::options::{FitOptions, Model};
use super::parts;
use super::table::Corpus;
use super::units::amount;
use super::weights::Weights;
use crate::threads;
use block::{cut, mixed};

/// The most values a closed vocabulary can have.
pub(crate) const MOST_VALUES: usize = 64;
/// The most entries of a table of confusion patterns. It only keeps many sources, with few claims each, from filling the memory: they
/// show no pattern anyway.
const MOST_CELLS: usize = 1 << 25;

/// Whether a vocabulary can be closed.
pub(crate) fn is_possible(sources: usize, values: usize) -> bool {
    (2..=MOST_VALUES).contains(&values)
        && sources.saturating_mul(values * stride_for(2 * values)) <= MOST_CELLS
}

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

/// Passes under way.
#[derive(Debug)]
pub(crate) struct Passes {
    /// M per question and state before the last pass, in units of 2^-32, cut at the largest number.
    before: Vec<u32>,
    /// M after it.
    after: Vec<u32>,
    /// L that led to it, in units of 2^-36.
    log: Vec<i64>,
    /// What the last pass was made with.
    tables: Option<Tables>,
    done: u32,
}

/// A finished fit.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) tables: Tables,
    /// M, in units of 2^-32.
    pub(crate) mass: Vec<u32>,
    /// L, in units of 2^-36.
    pub(crate) log: Vec<i64>,
    pub(crate) passes: u32,
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

use with_stride;

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

    /// Numbers per row of a table of sums.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// The state before the first pass, and its sums.
    ///
    /// `start` is M of an earlier fit, with how many values it had.
    pub(crate) fn start(&self, start: Option<(&[u32], usize)>) -> (Passes, Sums) {
        let before = self.begin(start);
        let sums = self.sums(&before);
        let passes = Passes {
            after: before.clone(),
            log: vec![0; before.len()],
            before,
            tables: None,
            done: 0,
        };
        (passes, sums)
    }

    /// One more pass with the sums over all questions, unless nothing moves any more or there were `most`: its sums here.
    pub(crate) fn next(&self, passes: &mut Passes, sums: &Sums, most: u32) -> Option<Sums> {
        if passes.tables.is_some() {
            // Masses move by 1 - anchor of what probabilities move by, and what one value gains others lose.
            let moved = amount(sums.change) / 2.0 / (1.0 - self.anchor).max(1e-9);
            if moved <= self.options.tolerance * sums.teaching as f64 || passes.done >= most {
                return None;
            }
            std::mem::swap(&mut passes.before, &mut passes.after);
        }
        let tables = self.estimate(sums);
        let next = self.pass(&tables, passes);
        passes.tables = Some(tables);
        passes.done += 1;
        Some(next)
    }

    /// What the passes led to.
    pub(crate) fn finish(&self, passes: Passes) -> Outcome {
        Outcome {
            tables: passes
                .tables
                .unwrap_or_else(|| self.estimate(&self.empty())),
            mass: passes.after,
            log: passes.log,
            passes: passes.done,
        }
    }

    /// The state before the first pass: an earlier one for the questions that have it, vote shares for the others.
    fn begin(&self, start: Option<(&[u32], usize)>) -> Vec<u32> {
        let mut mass = vec![0; self.corpus.questions.len() * self.stride];
        let mut shares = vec![0.0; self.values];
        for question in 0..self.corpus.questions.len() {
            let row = question * self.stride..(question + 1) * self.stride;
            if let Some((earlier, values)) = start {
                let (states, stride) = (values * self.levels, stride_for(values * self.levels));
                if let Some(earlier) = earlier.get(question * stride..question * stride + states) {
                    for (to, from) in mass[row].iter_mut().zip(earlier) {
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
            let row = &mut mass[row];
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
        mass
    }
    /// One pass: new evidence and masses, and the sums they lead to.
    fn pass(&self, tables: &Tables, passes: &mut Passes) -> Sums {
        let work = parts::split(
            self.corpus,
            self.stride,
            &passes.before,
            &mut passes.after,
            &mut passes.log,
        );
        let done = threads::each(work, |part| {
            let mut sums = self.empty();
            with_stride!(
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
            sums
        });
        done.into_iter()
            .reduce(|mut all, part| {
                all.merge(&part);
                all
            })
            .unwrap_or_else(|| self.empty())
    }
}
