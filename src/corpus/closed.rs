//! The default model on a closed vocabulary.
//!
//! ```text
//! q question, s source, k and l values, V how many there are, w_i weight of claim i
//! P[q,k]   probability of k on q; at the start the vote shares P0[q,k]
//! M        (1-a) P + a P0                                        a  = anchor
//! pi_k     ~ 1 + sum_q M[q,k]
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

#![expect(clippy::indexing_slicing, reason = "tables are sized by sources x values x states here, and numbers of a corpus are below its counts")]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
#![expect(clippy::many_single_char_names, reason = "the letters of the formulas above")]

use std::ops::Range;

use super::options::FitOptions;
use super::table::{Corpus, NOBODY};
use super::units::{EVIDENCE, MASS, amount, evidence, ln, mass, softmax, sum, whole};
use super::weights::Weights;

/// The most values a closed vocabulary can have.
pub(crate) const MOST_VALUES: usize = 64;
const MOST_STATES: usize = 2 * MOST_VALUES;
/// Claims whose ratios are computed before their logarithms are taken.
const CHUNK: usize = 64;

/// The model's view of a corpus.
#[derive(Debug)]
pub(crate) struct Closed<'a> {
    pub(crate) corpus: &'a Corpus,
    pub(crate) options: &'a FitOptions,
    pub(crate) weights: &'a Weights,
    values: usize,
    levels: usize,
    states: usize,
    anchor: f64,
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
    fn new(sources: usize, values: usize, states: usize) -> Self {
        Self { count: vec![0; sources * values * states], prior: vec![0; states] }
    }

    /// Adds what another part of the data gave.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (to, from) in self.count.iter_mut().zip(&other.count).chain(self.prior.iter_mut().zip(&other.prior)) {
            *to = to.saturating_add(*from);
        }
    }
}

/// What is known about the sources during one pass.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    /// N + c B, at (source, value said, state).
    numerator: Vec<f64>,
    /// N_s[k,.] + c, at (source, state).
    denominator: Vec<f64>,
    /// log pi per state.
    prior: Vec<f64>,
    /// r_s.
    pub(crate) accuracy: Vec<f64>,
    /// n_s.
    pub(crate) claims: Vec<f64>,
    /// One over the sum of squares of the pooled shares of wrong values: how many false values there are in effect.
    pub(crate) false_values: f64,
}

/// The log evidence of every question and state, with the log prior it goes with.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// L, in units of 2^-36.
    log: Vec<i64>,
    /// log pi.
    prior: Vec<f64>,
}

/// A finished fit.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) tables: Tables,
    pub(crate) evidence: Evidence,
    pub(crate) passes: u32,
    /// The correlation of errors on one question; with two levels it is not measured.
    pub(crate) correlation: f64,
}

/// What one question needs while it is worked on.
struct Scratch {
    p: [f64; MOST_STATES],
    before: [f64; MOST_STATES],
    shares: [f64; MOST_VALUES],
    mass: [u64; MOST_STATES],
    own: [f64; MOST_STATES],
    log: [i64; MOST_STATES],
    ratio: Vec<f64>,
}

impl Scratch {
    fn new(states: usize) -> Self {
        Self {
            p: [0.0; MOST_STATES],
            before: [0.0; MOST_STATES],
            shares: [0.0; MOST_VALUES],
            mass: [0; MOST_STATES],
            own: [0.0; MOST_STATES],
            log: [0; MOST_STATES],
            ratio: vec![0.0; CHUNK * states],
        }
    }
}

impl<'a> Closed<'a> {
    /// `levels` of difficulty: 1 or 2.
    pub(crate) fn new(corpus: &'a Corpus, options: &'a FitOptions, weights: &'a Weights, levels: usize) -> Self {
        let values = corpus.values.len();
        let anchor = if levels == 1 { options.anchor } else { options.difficulty_anchor };
        Self { corpus, options, weights, values, levels, states: values * levels, anchor }
    }

    /// Passes until nothing moves any more.
    pub(crate) fn run(&self, start: Option<Evidence>, passes: u32) -> Outcome {
        let questions = 0..self.corpus.questions.len();
        let mut before = start;
        let mut sums = self.sums(before.as_ref(), questions.clone());
        let mut done = 0;
        loop {
            let tables = self.estimate(&sums);
            let (now, next, change) = self.pass(&tables, before.as_ref(), questions.clone());
            done += 1;
            if change < self.options.tolerance || done >= passes {
                let correlation = if self.levels == 1 { self.correlation(&tables, before.as_ref(), &now) } else { 0.0 };
                return Outcome { tables, evidence: now, passes: done, correlation };
            }
            before = Some(now);
            sums = next;
        }
    }

    /// The sums of one part of the questions, under given evidence.
    pub(crate) fn sums(&self, evidence: Option<&Evidence>, questions: Range<usize>) -> Sums {
        let mut sums = Sums::new(self.corpus.sources.len(), self.values, self.states);
        let mut scratch = Scratch::new(self.states);
        for question in questions {
            self.shares(question, &mut scratch.shares);
            self.probabilities(question, evidence, &scratch.shares, &mut scratch.p);
            self.masses(&scratch.p, &scratch.shares, &mut scratch.mass);
            self.add(question, &scratch.mass, &mut sums);
        }
        sums
    }

    /// One pass: new evidence, the sums it leads to, and how far a probability moved at most.
    fn pass(&self, tables: &Tables, before: Option<&Evidence>, questions: Range<usize>) -> (Evidence, Sums, f64) {
        let mut sums = Sums::new(self.corpus.sources.len(), self.values, self.states);
        let mut log = vec![0; questions.len() * self.states];
        let mut scratch = Scratch::new(self.states);
        let mut change = 0.0f64;
        let prior = tables.prior.clone();
        let states = self.states;
        for question in questions {
            self.shares(question, &mut scratch.shares);
            self.probabilities(question, before, &scratch.shares, &mut scratch.before);
            self.masses(&scratch.before, &scratch.shares, &mut scratch.mass);
            self.weigh(question, tables, &mut scratch);
            log[question * states..(question + 1) * states].copy_from_slice(&scratch.log[..states]);
            self.posterior(question, &scratch.log[..states], &prior, 1.0, &scratch.shares, &mut scratch.p);
            for (new, old) in scratch.p[..states].iter().zip(&scratch.before) {
                let moved = (new - old).abs();
                change = if moved > change { moved } else { change };
            }
            self.masses(&scratch.p, &scratch.shares, &mut scratch.mass);
            self.add(question, &scratch.mass, &mut sums);
        }
        (Evidence { log, prior }, sums, change)
    }

    /// P0, or the known answer; all zero where the answer is known and is no value of the corpus.
    fn shares(&self, question: usize, shares: &mut [f64; MOST_VALUES]) {
        let shares = &mut shares[..self.values];
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

    /// P before the pass.
    fn probabilities(&self, question: usize, before: Option<&Evidence>, shares: &[f64; MOST_VALUES], p: &mut [f64; MOST_STATES]) {
        if let Some(before) = before {
            let log = before.log.get(question * self.states..(question + 1) * self.states);
            if let Some(log) = log {
                self.posterior(question, log, &before.prior, 1.0, shares, p);
                return;
            }
        }
        // Where claims agree the question is easy, where they are split it is hard.
        let even = 1.0 / self.values as f64;
        let top = shares[..self.values].iter().fold(0.0, |top, &x| if x > top { x } else { top });
        let easy = ((top - even) / (1.0 - even)).clamp(0.1, 0.9);
        for (k, &share) in shares[..self.values].iter().enumerate() {
            if self.levels == 1 {
                p[k] = share;
            } else {
                p[2 * k] = share * easy;
                p[2 * k + 1] = share * (1.0 - easy);
            }
        }
    }

    /// P from evidence, tempered by `power`.
    fn posterior(&self, question: usize, log: &[i64], prior: &[f64], power: f64, shares: &[f64; MOST_VALUES], p: &mut [f64; MOST_STATES]) {
        let unclaimed = ln(self.options.unclaimed);
        let p = &mut p[..self.states];
        let known = self.corpus.known_answer(question);
        for (state, (to, (&log, &prior))) in p.iter_mut().zip(log.iter().zip(prior)).enumerate() {
            let claimed = known.is_some() || shares[state / self.levels] > 0.0;
            *to = evidence(log) * power + prior + if claimed { 0.0 } else { unclaimed };
        }
        softmax(p, f64::NEG_INFINITY);
        if let Some(known) = known {
            let known = known as usize;
            let total: f64 = p.chunks(self.levels).nth(known).map_or(0.0, |levels| levels.iter().map(|x| x + 1e-12).sum());
            for (state, x) in p.iter_mut().enumerate() {
                *x = if state / self.levels == known { (*x + 1e-12) / total } else { 0.0 };
            }
        }
    }

    /// M in units of 2^-32.
    fn masses(&self, p: &[f64; MOST_STATES], shares: &[f64; MOST_VALUES], masses: &mut [u64; MOST_STATES]) {
        let a = self.anchor;
        if self.levels == 1 {
            for ((to, &p), &share) in masses.iter_mut().zip(&p[..self.states]).zip(shares) {
                *to = mass((1.0 - a) * p + a * share);
            }
            return;
        }
        for (k, &share) in shares[..self.values].iter().enumerate() {
            let (easy, hard) = (p[2 * k], p[2 * k + 1]);
            let total = (easy + 1e-9) + (hard + 1e-9);
            masses[2 * k] = mass((1.0 - a) * easy + a * share * ((easy + 1e-9) / total));
            masses[2 * k + 1] = mass((1.0 - a) * hard + a * share * ((hard + 1e-9) / total));
        }
    }

    /// Adds a question's claims to the sums.
    fn add(&self, question: usize, masses: &[u64; MOST_STATES], sums: &mut Sums) {
        let masses = &masses[..self.states];
        for (to, &from) in sums.prior.iter_mut().zip(masses) {
            *to += from;
        }
        if !self.weights.teaches[question] {
            return;
        }
        for candidate in self.corpus.candidates_of(question) {
            let value = self.corpus.candidate_value[candidate] as usize;
            for claim in self.corpus.claims_of(candidate) {
                let at = (self.corpus.source[claim] as usize * self.values + value) * self.states;
                let weight = self.weights.claim[claim];
                let cells = &mut sums.count[at..at + self.states];
                for (to, &from) in cells.iter_mut().zip(masses) {
                    *to += own(weight, from);
                }
            }
        }
    }

    /// L of a question into `scratch.log`; `scratch.mass` holds the M that the tables have in them.
    fn weigh(&self, question: usize, tables: &Tables, scratch: &mut Scratch) {
        let states = self.states;
        let teaches = self.weights.teaches[question];
        let Scratch { mass: masses, own: own_mass, log, ratio, .. } = scratch;
        let (masses, own_mass, log) = (&masses[..states], &mut own_mass[..states], &mut log[..states]);
        log.fill(0);
        for (to, &from) in own_mass.iter_mut().zip(masses) {
            *to = if teaches { amount(from) } else { 0.0 };
        }
        for candidate in self.corpus.candidates_of(question) {
            let value = self.corpus.candidate_value[candidate] as usize;
            let claims = self.corpus.claims_of(candidate);
            for first in claims.clone().step_by(CHUNK) {
                let chunk = first..(first + CHUNK).min(claims.end);
                let ratio = &mut ratio[..chunk.len() * states];
                for (claim, ratio) in chunk.clone().zip(ratio.chunks_exact_mut(states)) {
                    let source = self.corpus.source[claim] as usize;
                    let at = (source * self.values + value) * states;
                    let numerator = &tables.numerator[at..at + states];
                    let denominator = &tables.denominator[source * states..(source + 1) * states];
                    let weight = self.weights.claim[claim];
                    if weight < 1.0 {
                        for t in 0..states {
                            let own = if teaches { amount(own(weight, masses[t])) } else { 0.0 };
                            ratio[t] = (numerator[t] - own) / (denominator[t] - own);
                        }
                    } else {
                        for t in 0..states {
                            ratio[t] = (numerator[t] - own_mass[t]) / (denominator[t] - own_mass[t]);
                        }
                    }
                }
                for x in ratio.iter_mut() {
                    *x = ln(*x);
                }
                for (claim, ratio) in chunk.zip(ratio.chunks_exact(states)) {
                    let weight = self.weights.claim[claim] * EVIDENCE;
                    for (to, &from) in log.iter_mut().zip(ratio) {
                        *to += whole(weight * from);
                    }
                }
            }
        }
    }

    /// Everything about the sources that follows from the sums.
    pub(crate) fn estimate(&self, sums: &Sums) -> Tables {
        let (values, levels, states) = (self.values, self.levels, self.states);
        let sources = self.corpus.sources.len();
        let o = self.options;
        let class = |state: usize| state / levels;

        let shares = shares_of(&sums.prior, 1.0);
        let prior: Vec<f64> = shares.iter().map(|&share| ln(share)).collect();

        // N_s[k,.] and, over all sources, the pooled pattern.
        let mut rows = vec![0u64; sources * states];
        let mut pooled = vec![0u64; values * states];
        for (source, cells) in sums.count.chunks_exact(values * states).enumerate() {
            for (value, cells) in cells.chunks_exact(states).enumerate() {
                for (state, &m) in cells.iter().enumerate() {
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
            let row: u64 = (0..values).map(|value| pooled[value * states + state]).sum();
            pooled_rows[state] = row;
            for value in 0..values {
                let assumed = if class(state) == value { o.pool_accuracy } else { wrong };
                pattern[value * states + state] =
                    (amount(pooled[value * states + state]) + o.pool_strength * assumed) / (amount(row) + o.pool_strength);
            }
        }
        let right: Vec<f64> = (0..states).map(|state| pattern[class(state) * states + state]).collect();
        let mean = sum(shares_of(&pooled_rows, o.pool_strength).iter().zip(&right).map(|(share, right)| share * right));

        let mut tables = Tables {
            numerator: vec![0.0; sources * values * states],
            denominator: vec![0.0; sources * states],
            prior,
            accuracy: vec![0.0; sources],
            claims: vec![0.0; sources],
            false_values: self.false_values(&shares, &pattern),
        };
        for source in 0..sources {
            let cells = &sums.count[source * values * states..(source + 1) * values * states];
            let row = &rows[source * states..(source + 1) * states];
            let claims = amount(row.iter().sum());
            let hits = amount((0..states).map(|t| cells[class(t) * states + t]).sum());
            let expected = amount((0..states).map(|t| mass(amount(row[t]) * right[t])).sum());
            let shrunk = |x: f64| ((x + o.source_strength * mean) / (claims + o.source_strength)).clamp(0.001, 0.999);
            let (accuracy, expected) = (shrunk(hits), shrunk(expected));
            let odds = accuracy / (1.0 - accuracy) / (expected / (1.0 - expected));
            tables.accuracy[source] = accuracy;
            tables.claims[source] = claims;
            for t in 0..states {
                // The rest of a pooled row sums to 1 − right, so the row with its diagonal changed sums to this.
                let norm = (1.0 - right[t]) + right[t] * odds;
                tables.denominator[source * states + t] = amount(row[t]) + o.row_strength;
                for value in 0..values {
                    let share = pattern[value * states + t] * if class(t) == value { odds } else { 1.0 } / norm;
                    tables.numerator[(source * values + value) * states + t] =
                        amount(cells[value * states + t]) + o.row_strength * share;
                }
            }
        }
        tables
    }

    /// One over the mean, over the states, of the sum of squared shares among wrong answers.
    fn false_values(&self, shares: &[f64], pattern: &[f64]) -> f64 {
        let states = self.states;
        let squares = sum((0..states).map(|t| {
            let wrong = || (0..self.values).filter(|&value| value != t / self.levels).map(|value| pattern[value * states + t]);
            let all = sum(wrong()).max(1e-12);
            shares[t] * sum(wrong().map(|x| (x / all) * (x / all)))
        }));
        1.0 / squares.clamp((1.0 / (self.values as f64 - 1.0)).min(1.0), 1.0)
    }

    /// icc.
    fn correlation(&self, tables: &Tables, before: Option<&Evidence>, now: &Evidence) -> f64 {
        let states = self.states;
        let mut scratch = Scratch::new(states);
        let (mut shared, mut possible) = (0i128, 0i128);
        for question in 0..self.corpus.questions.len() {
            self.shares(question, &mut scratch.shares);
            self.probabilities(question, before, &scratch.shares, &mut scratch.before);
            self.masses(&scratch.before, &scratch.shares, &mut scratch.mass);
            let log = &now.log[question * states..(question + 1) * states];
            self.posterior(question, log, &now.prior, 1.0, &scratch.shares, &mut scratch.p);
            let teaches = self.weights.teaches[question];
            for k in 0..self.values {
                let mut sums = [0i64; 4];
                for candidate in self.corpus.candidates_of(question) {
                    let says = if self.corpus.candidate_value[candidate] as usize == k { 1.0 } else { 0.0 };
                    for claim in self.corpus.claims_of(candidate) {
                        let source = self.corpus.source[claim] as usize;
                        let weight = self.weights.claim[claim];
                        let own = if teaches { amount(own(weight, scratch.mass[k])) } else { 0.0 };
                        let right = ((tables.numerator[(source * self.values + k) * states + k] - own * says)
                            / (tables.denominator[source * states + k] - own))
                            .clamp(0.0, 1.0);
                        let e = weight * (says - right);
                        let d = weight * (right * (1.0 - right)).sqrt();
                        for (to, x) in sums.iter_mut().zip([e, e * e, d, d * d]) {
                            *to += whole(x * EVIDENCE);
                        }
                    }
                }
                let [s, s2, d, d2] = sums.map(evidence);
                shared += wide(scratch.p[k] * (s * s - s2));
                possible += wide(scratch.p[k] * (d * d - d2));
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
    pub(crate) fn report(&self, evidence: &Evidence, power: impl Fn(f64) -> f64, share: f64, report: &mut [f64]) {
        let states = self.states;
        let floor = self.options.floor;
        let mut scratch = Scratch::new(states);
        for (question, report) in report.chunks_exact_mut(self.values).enumerate() {
            self.shares(question, &mut scratch.shares);
            let votes = self.weights.votes(self.corpus.claims_on(question));
            let log = &evidence.log[question * states..(question + 1) * states];
            self.posterior(question, log, &evidence.prior, power(votes), &scratch.shares, &mut scratch.p);
            self.posterior(question, log, &evidence.prior, 0.0, &scratch.shares, &mut scratch.before);
            for (state, (told, blind)) in scratch.p[..states].iter().zip(&scratch.before).enumerate() {
                report[state / self.levels] += share * ((1.0 - floor) * told + floor * blind);
            }
        }
    }
}

/// The shares of amounts in their sum, after something was added to each.
fn shares_of(amounts: &[u64], more: f64) -> Vec<f64> {
    let more = mass(more);
    let total: u128 = amounts.iter().map(|&x| u128::from(x) + u128::from(more)).sum();
    amounts.iter().map(|&x| (u128::from(x) + u128::from(more)) as f64 / total as f64).collect()
}

/// A claim's own count.
#[inline]
fn own(weight: f64, masses: u64) -> u64 {
    if weight < 1.0 { mass(weight * amount(masses)) } else { masses }
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

