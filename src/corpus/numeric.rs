//! Answers that are numbers.
//!
//! Values within the tolerance of a better supported one count as that one, and near misses as half-truths: a claim whose value lies
//! within twice the tolerance of a better supported value gives half its vote to that. Probabilities are then those of the open model;
//! an estimate need not be a value that anybody claimed:
//!
//! ```text
//! kappa   = (agree - chance)/(1 - chance)      agree: share of pairs of claims on one question that say the same,
//!                                              chance: the same for any two claims of the corpus (Scott 1955)
//!           (kappa is averaged with `exact_agreement`, worth `exact_agreement_strength` pairs)
//! alpha   = sqrt(kappa), at least 0            how often a claim is exactly right
//! u_k     = kappa p_k + (1 - kappa) votes_k    weight of value x_k; both shares sum to 1
//! delta   = s max(((1 - alpha)/alpha)^3 - 1, 0)   s: median distance of the claims that differ from their question's median from it
//! t       : sum of u_k psi(x_k - t) = 0        psi(d) = d cut to [-delta, delta]   (Huber 1964)
//! low, high = t -+ 1.96 sqrt((sum of u_k psi_3(x_k - t)^2 + ((1 - alpha) s)^2)/n)      psi_3: cut at 3 s; n votes
//!           where delta is 0, the values with 2.5 % and 97.5 % of the weights u up to them
//! ```
//!
//! Where claims are exactly right half of the time, beyond chance, the truth is one of them and delta is 0: t is the weighted median, and
//! a few mistyped claims move nothing. Where they do not, they scatter about the truth, delta is large, and t is their mean but for
//! claims that are far out.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, value or question of the corpus"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "sums of votes, whose last bits do not matter"
)]

use std::ops::Range;

use super::fit::Fit;
use super::options::FitOptions;
use super::table::{Corpus, QuestionKey};
use super::units::mass;
use super::weights::Weights;

/// An estimate of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The number.
    pub estimate: f64,
    /// The truth lies above this with a probability of about 97.5 %, if the claims scatter about it.
    pub low: f64,
    /// And below this.
    pub high: f64,
}

/// The values of one question.
#[derive(Debug, Clone, Copy)]
struct Value {
    x: f64,
    candidate: usize,
    votes: f64,
}

impl Fit {
    pub(crate) fn numeric(corpus: &Corpus, options: &FitOptions) -> Self {
        let weights = Weights::new(corpus, None);
        let mut fit = if corpus.tolerance() > 0.0 {
            merged(corpus, options, &weights)
        } else {
            Self::of_categories(corpus, options)
        };
        fit.estimates = estimates(corpus, options, &weights, &fit.candidates);
        fit
    }

    /// The estimate of a question's answer, in a corpus of numbers; in one of dates as the number of a day, the first of January of the
    /// year 1 being day 1. None where all that is claimed is hedged.
    pub fn estimate(&self, question: QuestionKey) -> Option<Estimate> {
        let estimate = self.estimates.get(question.0 as usize).copied();
        estimate.filter(|estimate| estimate.estimate.is_finite())
    }
}

/// The values claimed on a question that count as one: for each group the value that the others count as, then these in ascending order.
pub(crate) fn groups(corpus: &Corpus, question: usize) -> Vec<Vec<u32>> {
    let votes = |claims| super::weights::votes(corpus, claims);
    let values = values(corpus, votes, question);
    let centre = centres(&values, corpus.tolerance());
    let mut groups = vec![Vec::new(); values.len()];
    let value = |at: usize| corpus.candidate_value[values[at].candidate];
    for (at, &centre) in centre.iter().enumerate() {
        if groups[centre].is_empty() {
            groups[centre].push(value(centre));
        }
        if at != centre {
            groups[centre].push(value(at));
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The exact values claimed on a question, in ascending order.
fn values(corpus: &Corpus, votes: impl Fn(Range<usize>) -> f64, question: usize) -> Vec<Value> {
    let mut values: Vec<Value> = corpus
        .candidates_of(question)
        .filter(|&candidate| corpus.is_exact(corpus.candidate_value[candidate]))
        .map(|candidate| Value {
            x: corpus.number(corpus.candidate_value[candidate]),
            candidate,
            votes: votes(corpus.claims_of(candidate)),
        })
        .collect();
    values.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.votes.total_cmp(&b.votes)));
    values
}

/// For each value the value it counts as: the best supported first takes all within the tolerance that are not taken.
fn centres(values: &[Value], tolerance: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].votes.total_cmp(&values[a].votes).then(a.cmp(&b)));
    let mut centre = vec![usize::MAX; values.len()];
    for at in order {
        if centre[at] != usize::MAX {
            continue;
        }
        centre[at] = at;
        let mut next = at + 1;
        while next < values.len()
            && values[next].x - values[at].x <= tolerance
            && centre[next] == usize::MAX
        {
            centre[next] = at;
            next += 1;
        }
        let mut next = at;
        while next > 0
            && values[at].x - values[next - 1].x <= tolerance
            && centre[next - 1] == usize::MAX
        {
            next -= 1;
            centre[next] = at;
        }
    }
    centre
}

/// A fit in which values within the tolerance are one, spread over them again by their votes.
fn merged(corpus: &Corpus, options: &FitOptions, weights: &Weights) -> Fit {
    let tolerance = corpus.tolerance();
    // The candidate each candidate counts as, and one that it half supports.
    let mut counts_as: Vec<usize> = (0..corpus.candidate_value.len()).collect();
    let mut half: Vec<Option<usize>> = vec![None; counts_as.len()];
    for question in 0..corpus.questions.len() {
        let values = values(corpus, |claims| weights.votes(claims), question);
        let centre = centres(&values, tolerance);
        let mut total = vec![0.0; values.len()];
        for (at, &centre) in centre.iter().enumerate() {
            total[centre] += values[at].votes;
        }
        let centres: Vec<usize> = (0..values.len()).filter(|&at| centre[at] == at).collect();
        for (at, &own) in centre.iter().enumerate() {
            counts_as[values[at].candidate] = values[own].candidate;
            let near = |other: &usize| {
                (values[*other].x - values[at].x).abs() <= 2.0 * tolerance
                    && total[*other] > total[own]
            };
            let place = centres.partition_point(|&c| c < at);
            let around = place.saturating_sub(3)..(place + 3).min(centres.len());
            half[values[at].candidate] = centres[around]
                .iter()
                .copied()
                .filter(near)
                .max_by(|&a, &b| total[a].total_cmp(&total[b]).then(b.cmp(&a)))
                .map(|other| values[other].candidate);
        }
    }
    let reduced = corpus.with_values(&counts_as, &half);
    let fit = Fit::of_categories(&reduced, options);
    // Shares of the votes within each group.
    let votes = |candidate: usize| weights.votes(corpus.claims_of(candidate));
    let mut group = vec![0.0; counts_as.len()];
    for (candidate, &centre) in counts_as.iter().enumerate() {
        group[centre] += votes(candidate);
    }
    let mut candidates = vec![0.0; counts_as.len()];
    for question in 0..corpus.questions.len() {
        let merged = reduced.candidates_of(question);
        let values = &reduced.candidate_value[merged.clone()];
        for candidate in corpus.candidates_of(question) {
            let centre = counts_as[candidate];
            if let Ok(at) = values.binary_search(&corpus.candidate_value[centre]) {
                let p = fit.candidates[merged.start + at];
                let value = corpus.candidate_value[candidate];
                let own = corpus.known_answer(question).map(|known| known == value);
                candidates[candidate] = match own {
                    Some(own) if corpus.is_exact(value) => f64::from(u8::from(own)),
                    Some(_) => p,
                    None => p * (votes(candidate) / group[centre]),
                };
            }
        }
    }
    Fit { candidates, ..fit }
}

fn estimates(corpus: &Corpus, options: &FitOptions, weights: &Weights, p: &[f64]) -> Vec<Estimate> {
    let (kappa, typical) = agreement(corpus, options, weights);
    let alpha = kappa.sqrt();
    let delta = if alpha > 0.0 {
        typical * (((1.0 - alpha) / alpha).powi(3) - 1.0).max(0.0)
    } else {
        f64::INFINITY
    };
    (0..corpus.questions.len())
        .map(|question| {
            let values = values(corpus, |claims| weights.votes(claims), question);
            if values.is_empty() {
                return Estimate {
                    estimate: f64::NAN,
                    low: f64::NAN,
                    high: f64::NAN,
                };
            }
            let votes: f64 = values.iter().map(|value| value.votes).sum();
            let told: f64 = values.iter().map(|value| p[value.candidate]).sum();
            let weigh = |value: &Value| {
                let share = value.votes / votes;
                if told > 0.0 {
                    kappa * p[value.candidate] / told + (1.0 - kappa) * share
                } else {
                    share
                }
            };
            if let Some(known) = corpus
                .known_answer(question)
                .filter(|&known| (known as usize) < corpus.values.len() && corpus.is_exact(known))
            {
                let x = corpus.number(known);
                return Estimate {
                    estimate: x,
                    low: x,
                    high: x,
                };
            }
            let weighted: Vec<(f64, f64)> =
                values.iter().map(|value| (value.x, weigh(value))).collect();
            let estimate = huber(&weighted, delta);
            if delta <= 0.0 {
                return Estimate {
                    estimate,
                    low: quantile(&weighted, 0.025).min(estimate),
                    high: quantile(&weighted, 0.975).max(estimate),
                };
            }
            let cut = 3.0 * typical;
            let spread: f64 = weighted
                .iter()
                .map(|&(x, u)| u * (x - estimate).abs().min(cut).powi(2))
                .sum();
            let error = 1.96 * ((spread + ((1.0 - alpha) * typical).powi(2)) / votes).sqrt();
            Estimate {
                estimate,
                low: estimate - error,
                high: estimate + error,
            }
        })
        .collect()
}

/// kappa and s.
fn agreement(corpus: &Corpus, options: &FitOptions, weights: &Weights) -> (f64, f64) {
    let units = |votes: f64| u128::from(mass(votes) >> 16);
    let one = units(1.0);
    let (mut agree, mut pairs) = (0u128, 0u128);
    let mut of_value = vec![0u128; corpus.values.len()];
    let mut distances = Vec::new();
    for question in (0..corpus.questions.len()).filter(|&question| weights.teaches[question]) {
        let values = values(corpus, |claims| weights.votes(claims), question);
        let total: u128 = values.iter().map(|value| units(value.votes)).sum();
        pairs += total * total.saturating_sub(one);
        let mut seen = 0;
        let median = values.iter().find(|value| {
            seen += units(value.votes);
            seen * 2 >= total
        });
        let median = median.map_or(0.0, |value| value.x);
        for value in &values {
            let votes = units(value.votes);
            agree += votes * votes.saturating_sub(one);
            of_value[corpus.candidate_value[value.candidate] as usize] += votes;
            let distance = (value.x - median).abs();
            if distance > 0.0 {
                distances.extend(std::iter::repeat_n(
                    distance,
                    corpus.claims_of(value.candidate).len(),
                ));
            }
        }
    }
    let all: u128 = of_value.iter().sum();
    let same: u128 = of_value.iter().map(|votes| votes * votes).sum();
    if pairs == 0 || all == 0 {
        return (options.exact_agreement, 0.0);
    }
    let count = pairs as f64 / 2.0 / (one as f64 * one as f64);
    let (agree, chance) = (
        agree as f64 / pairs as f64,
        same as f64 / (all as f64 * all as f64),
    );
    let kappa = if chance < 1.0 {
        ((agree - chance) / (1.0 - chance)).clamp(0.0, 1.0)
    } else {
        1.0
    };
    let strength = options.exact_agreement_strength;
    let kappa = (kappa * count + options.exact_agreement * strength) / (count + strength);
    let middle = distances.len() / 2;
    let typical = if distances.is_empty() {
        0.0
    } else {
        *distances.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    (kappa, typical)
}

/// The first value with at least this share of the weights up to it.
fn quantile(values: &[(f64, f64)], share: f64) -> f64 {
    let mut seen = 0.0;
    for &(x, u) in values {
        seen += u;
        if seen >= share {
            return x;
        }
    }
    values.last().map_or(0.0, |value| value.0)
}

/// Where the cut distances cancel out, for values in ascending order with weights that sum to 1.
fn huber(values: &[(f64, f64)], delta: f64) -> f64 {
    let (Some(&(mut low, _)), Some(&(mut high, _))) = (values.first(), values.last()) else {
        return 0.0;
    };
    if delta.is_infinite() {
        return values
            .iter()
            .map(|&(x, u)| x * u)
            .sum::<f64>()
            .clamp(low, high);
    }
    if delta <= 0.0 {
        // The weighted median, the middle between two where they weigh the same.
        let mut seen = 0.0;
        for (at, &(x, u)) in values.iter().enumerate() {
            seen += u;
            if (seen - 0.5).abs() < 1e-9 {
                return values.get(at + 1).map_or(x, |next| x / 2.0 + next.0 / 2.0);
            }
            if seen > 0.5 {
                return x;
            }
        }
        return high;
    }
    // The sum falls as t rises, so halving finds its zero; 200 steps exhaust the digits of any two numbers.
    for _ in 0..200 {
        let middle = low / 2.0 + high / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        let pull: f64 = values
            .iter()
            .map(|&(x, u)| u * (x - middle).clamp(-delta, delta))
            .sum();
        if pull > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    // A claimed value that close is meant.
    let t = low / 2.0 + high / 2.0;
    values
        .iter()
        .map(|value| value.0)
        .find(|x| (x - t).abs() <= 1e-9 * x.abs())
        .unwrap_or(t)
}
