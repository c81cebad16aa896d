//! What is known about the sources during one pass.

#![expect(
    clippy::indexing_slicing,
    reason = "tables are sized by sources x values x states here, and numbers of a corpus are below its counts"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use super::super::units::{amount, ln, mass, sum};
use super::sums::Sums;
use super::{Closed, NEVER};

/// What is known about the sources during one pass.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    /// N + c B, at (source, value said, state).
    pub(super) numerator: Vec<f64>,
    /// `N_s[k,.] + c`, at (source, state).
    pub(super) denominator: Vec<f64>,
    /// log pi per state.
    pub(super) prior: Vec<f64>,
    /// `r_s`.
    pub(crate) accuracy: Vec<f64>,
    /// `n_s`.
    pub(crate) claims: Vec<f64>,
    /// One over the sum of squares of the pooled shares of wrong values: how many false values there are in effect.
    pub(crate) false_values: f64,
}

impl Closed<'_> {
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

    /// C: by source, then what is right, then what is said; of a model without levels of difficulty.
    pub(crate) fn patterns(&self, mass: &[u32]) -> Vec<f64> {
        let tables = self.estimate(&self.sums(mass));
        let mut chances = Vec::with_capacity(self.corpus.sources.len() * self.values * self.values);
        for source in 0..self.corpus.sources.len() {
            for right in 0..self.values {
                let all = tables.denominator[source * self.stride + right];
                chances.extend((0..self.values).map(|said| {
                    tables.numerator[(source * self.values + said) * self.stride + right] / all
                }));
            }
        }
        chances
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
