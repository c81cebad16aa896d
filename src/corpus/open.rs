//! The default model on an open vocabulary: a question's candidates are the values claimed on it, and "none of them".
//!
//! ```text
//! r_s      chance that source s says the truth; any given false value has (1 - r_s)/J     J = false_values
//! h_s      = sum over the claims i of s of w_i M_i,  M_i = (1-a) p + a p0 of the claimed value     a = anchor
//! rbar     = (sum h_s + a0 r0) / (sum n_s + a0)                       a0, r0 = pool_strength, pool_accuracy
//! r_s      = (h_s - o_i + m rbar) / (n_s - w_i + m), within [.01, .99]   m = source_strength; o_i, w_i: the claim's own count
//! L[q,k]   = sum of w_i log(J r_s/(1 - r_s)) over the claims that say k
//! p[q,.]   = softmax over the candidates, and log-weight 0 times `other` max(J + 1 - candidates, 0) for "none of them"
//! report   (1-f) softmax(L / sqrt(n_q)) + f softmax(log(p0 candidates)), both with "none of them"     f = floor
//! ```
//!
//! The likelihood is that of Dong, Berti-Equille and Srivastava (2009) with few false values: people who err, err alike.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the corpus"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use super::options::FitOptions;
use super::table::{Corpus, NOBODY};
use super::units::{EVIDENCE, amount, evidence, ln, mass, softmax, whole};
use super::weights::Weights;

/// No source is taken to be right less often, or wrong less often.
pub(crate) const LEAST: f64 = 0.01;

/// The model's view of a corpus.
#[derive(Debug)]
pub(crate) struct Open<'a> {
    corpus: &'a Corpus,
    options: &'a FitOptions,
    weights: &'a Weights,
}

/// What a pass adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    /// `h_s` in units of 2^-32.
    pub(crate) hits: Vec<u64>,
    /// `n_s`.
    pub(crate) claims: Vec<u64>,
    /// How far probabilities moved in all.
    pub(crate) change: u64,
    /// How many questions teach.
    pub(crate) teaching: u64,
}

/// Passes under way.
#[derive(Debug)]
pub(crate) struct Passes {
    /// L per candidate before the last pass, in units of 2^-36; vote shares count where there is none.
    before: Option<Vec<i64>>,
    /// L after it.
    after: Vec<i64>,
    /// The sums that it was made with.
    used: Option<Sums>,
    done: u32,
}

/// A finished fit.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) accuracy: Vec<f64>,
    pub(crate) claims: Vec<f64>,
    /// L per candidate, in units of 2^-36.
    pub(crate) evidence: Vec<i64>,
    pub(crate) passes: u32,
}

impl<'a> Open<'a> {
    pub(crate) fn new(corpus: &'a Corpus, options: &'a FitOptions, weights: &'a Weights) -> Self {
        Self {
            corpus,
            options,
            weights,
        }
    }

    /// The state before the first pass, and its sums; `start` is L of an earlier fit.
    pub(crate) fn start(&self, start: Option<Vec<i64>>) -> (Passes, Sums) {
        let sums = self.sums(start.as_deref());
        let passes = Passes {
            before: start,
            after: Vec::new(),
            used: None,
            done: 0,
        };
        (passes, sums)
    }

    /// One more pass with the sums over all questions, unless nothing moves any more or there were `most`: its sums here.
    pub(crate) fn next(&self, passes: &mut Passes, sums: Sums, most: u32) -> Option<Sums> {
        if passes.used.is_some() {
            #[expect(clippy::cast_precision_loss, reason = "only compared")]
            let teaching = sums.teaching as f64;
            if amount(sums.change) / 2.0 <= self.options.open_tolerance * teaching
                || passes.done >= most
            {
                return None;
            }
            passes.before = Some(std::mem::take(&mut passes.after));
        }
        let (after, next) = self.pass(&sums, self.mean(&sums), passes.before.as_deref());
        passes.after = after;
        passes.used = Some(sums);
        passes.done += 1;
        Some(next)
    }

    /// What the passes led to.
    pub(crate) fn finish(&self, passes: Passes) -> Outcome {
        let m = self.options.source_strength;
        let (accuracy, claims) = passes.used.map_or_else(Default::default, |sums| {
            let mean = self.mean(&sums);
            let accuracy = sums.hits.iter().zip(&sums.claims).map(|(&h, &n)| {
                ((amount(h) + m * mean) / (amount(n) + m)).clamp(LEAST, 1.0 - LEAST)
            });
            let claims = sums.claims.iter().map(|&n| amount(n));
            (accuracy.collect(), claims.collect())
        });
        Outcome {
            accuracy,
            claims,
            evidence: passes.after,
            passes: passes.done,
        }
    }

    fn empty(&self) -> Sums {
        Sums {
            hits: vec![0; self.corpus.sources.len()],
            claims: vec![0; self.corpus.sources.len()],
            change: 0,
            teaching: self.weights.teaching as u64,
        }
    }

    fn mean(&self, sums: &Sums) -> f64 {
        let o = self.options;
        let (hits, claims): (u64, u64) = (sums.hits.iter().sum(), sums.claims.iter().sum());
        (amount(hits) + o.pool_strength * o.pool_accuracy) / (amount(claims) + o.pool_strength)
    }

    /// The sums under given evidence.
    fn sums(&self, log: Option<&[i64]>) -> Sums {
        let mut sums = self.empty();
        let (mut shares, mut p) = (Vec::new(), Vec::new());
        for question in 0..self.corpus.questions.len() {
            self.shares(question, &mut shares);
            self.probabilities(question, log, &shares, &mut p);
            self.add(question, &shares, &p, &mut sums);
        }
        sums
    }

    fn pass(&self, sums: &Sums, mean: f64, before: Option<&[i64]>) -> (Vec<i64>, Sums) {
        let mut next = self.empty();
        let mut log = vec![0i64; self.corpus.candidate_value.len()];
        let (mut shares, mut p, mut new) = (Vec::new(), Vec::new(), Vec::new());
        let strength = self.options.source_strength;
        for question in 0..self.corpus.questions.len() {
            self.shares(question, &mut shares);
            self.probabilities(question, before, &shares, &mut p);
            let teaches = self.weights.teaches[question];
            let candidates = self.corpus.candidates_of(question);
            for ((candidate, &p), &share) in candidates.clone().zip(&p).zip(&shares) {
                let mut total = 0;
                for claim in self.corpus.claims_of(candidate) {
                    let source = self.corpus.source[claim] as usize;
                    let weight = self.weights.claim[claim];
                    let (own, own_claim) = if teaches {
                        (self.own(weight, p, share), mass(weight))
                    } else {
                        (0, 0)
                    };
                    let (hits, claims) = (sums.hits[source] - own, sums.claims[source] - own_claim);
                    let r = ((amount(hits) + strength * mean) / (amount(claims) + strength))
                        .clamp(LEAST, 1.0 - LEAST);
                    total +=
                        whole(weight * ln(r / (1.0 - r) * self.options.false_values) * EVIDENCE);
                }
                log[candidate] = total;
            }
            self.probabilities(question, Some(&log), &shares, &mut new);
            for (new, old) in new.iter().zip(&p) {
                next.change += if teaches { mass((new - old).abs()) } else { 0 };
            }
            self.add(question, &shares, &new, &mut next);
        }
        (log, next)
    }

    /// p0 of each candidate, or the known answer.
    fn shares(&self, question: usize, shares: &mut Vec<f64>) {
        shares.clear();
        let candidates = self.corpus.candidates_of(question);
        if let Some(known) = self.corpus.known_answer(question) {
            shares.extend(candidates.map(|c| {
                if known != NOBODY && self.corpus.candidate_value[c] == known {
                    1.0
                } else {
                    0.0
                }
            }));
            return;
        }
        let total = self.weights.votes(self.corpus.claims_on(question));
        shares.extend(
            candidates
                .map(|candidate| self.weights.votes(self.corpus.claims_of(candidate)) / total),
        );
    }

    fn probabilities(
        &self,
        question: usize,
        log: Option<&[i64]>,
        shares: &[f64],
        p: &mut Vec<f64>,
    ) {
        p.clear();
        let candidates = self.corpus.candidates_of(question);
        match log.and_then(|log| log.get(candidates)) {
            Some(log) if self.corpus.known_answer(question).is_none() => {
                p.extend(log.iter().map(|&units| evidence(units)));
                softmax(p, self.none(log.len()));
            }
            _ => p.extend_from_slice(shares),
        }
    }

    /// The log weight of "none of them".
    fn none(&self, candidates: usize) -> f64 {
        let weight =
            self.options.other * (self.options.false_values + 1.0 - candidates as f64).max(0.0);
        if weight > 0.0 {
            ln(weight)
        } else {
            f64::NEG_INFINITY
        }
    }

    fn own(&self, weight: f64, p: f64, share: f64) -> u64 {
        let a = self.options.anchor;
        mass(weight * ((1.0 - a) * p + a * share))
    }

    fn add(&self, question: usize, shares: &[f64], p: &[f64], sums: &mut Sums) {
        if !self.weights.teaches[question] {
            return;
        }
        for ((candidate, &p), &share) in self.corpus.candidates_of(question).zip(p).zip(shares) {
            for claim in self.corpus.claims_of(candidate) {
                let source = self.corpus.source[claim] as usize;
                let weight = self.weights.claim[claim];
                sums.hits[source] += self.own(weight, p, share);
                sums.claims[source] += mass(weight);
            }
        }
    }

    /// The reported probability of every candidate.
    pub(crate) fn report(&self, log: &[i64], power: impl Fn(f64) -> f64) -> Vec<f64> {
        let floor = self.options.floor;
        let mut report = Vec::with_capacity(log.len());
        let (mut shares, mut p, mut blind) = (Vec::new(), Vec::new(), Vec::new());
        for question in 0..self.corpus.questions.len() {
            let candidates = self.corpus.candidates_of(question);
            self.shares(question, &mut shares);
            if self.corpus.known_answer(question).is_some() {
                report.extend_from_slice(&shares);
                continue;
            }
            let power = power(self.weights.votes(self.corpus.claims_on(question)));
            p.clear();
            p.extend(log[candidates].iter().map(|&units| evidence(units) * power));
            softmax(&mut p, self.none(shares.len()));
            blind.clear();
            blind.extend(
                shares
                    .iter()
                    .map(|&share| ln((share * shares.len() as f64).max(1e-12))),
            );
            softmax(&mut blind, self.none(shares.len()));
            report.extend(
                p.iter()
                    .zip(&blind)
                    .map(|(told, blind)| (1.0 - floor) * told + floor * blind),
            );
        }
        report
    }
}
