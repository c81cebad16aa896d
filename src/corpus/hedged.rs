//! The default model on counts and dates of which some are hedged: claims that hold several answers.
//!
//! ```text
//! atoms    of a question: the smallest stretches on which claims that can hold together agree. Each exact value is one; so is, where
//!          hedged claims meet and none holds an exact value there, the stretch they share
//! A_i      the atoms that claim i holds; room_i: whether it holds anything besides. Exact: its value alone, no room
//! p0[k]    ~ sum over the claims that hold k of w_i / |A_i|                 an exact claim gives its vote to its value
//! none     is in two halves, each with half the weight of the open model's: an answer that nobody gives, within all claims with room,
//!          and one outside of all claims
//! M_k      = (1-a) p_k + a p0_k, of the inner half (1-a) p                  a = anchor
//! h_s      = sum over the claims of s of w_i M(A_i),  M(A) = sum of M_k over k in A, and of the inner half where there is room
//! L[q,k]   = sum of w_i log(J r_s/(1 - r_s)) over the claims that hold k, of the inner half over those with room
//! p(claim) = sum of p_k over the atoms it holds, and of the inner half where there is room
//! ```
//!
//! All else is as in the open model, and where every claim is exact it is the open model: a source that says "at least 123" is right
//! wherever the answer is 123 or more, and speaks for all of these against the rest as firmly as one that says 123. A claim that holds
//! everything there is ("up to 200" entails no more than that) says nothing and counts nowhere, as in a dossier.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the corpus, and atoms between the bounds made here"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

mod atoms;

use super::copy;
use super::fit::{Fit, State, accuracies, common_origins, weigh};
use super::open::LEAST;
use super::options::{Copying, FitOptions};
use super::table::Corpus;
use super::units::{EVIDENCE, amount, evidence, ln, mass, softmax, whole};
use super::weights::Weights;
use atoms::{Atoms, Held};

/// The log weight of what cannot be.
const NEVER: f64 = -1e6;

/// Units per vote in sums of them: 2^30, so that 2^32 votes stay in range.
const VOTES: f64 = 1_073_741_824.0;

#[expect(
    clippy::cast_possible_truncation,
    reason = "below 2^62, as there are fewer than 2^32 claims"
)]
fn votes_in_units(votes: f64) -> i64 {
    (votes * VOTES).round() as i64
}

/// The model's view of a corpus.
struct Hedged<'a> {
    corpus: &'a Corpus,
    options: &'a FitOptions,
    weights: &'a Weights,
    atoms: &'a Atoms,
    /// Per question: whether two sources say something there.
    teaches: Vec<bool>,
}

/// What a pass adds up, in units of 2^-32.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sums {
    /// `h_s`.
    hits: Vec<u64>,
    /// `n_s`.
    claims: Vec<u64>,
}

/// What is thought of one question.
#[derive(Debug, Clone, Default)]
struct Thought {
    /// p per atom, and at the end of the inner half of "none of them".
    p: Vec<f64>,
    /// p0 per atom.
    shares: Vec<f64>,
    /// M up to each atom, in units; one entry more than there are atoms.
    mixed: Vec<u64>,
}

/// A finished fit.
struct Outcome {
    accuracy: Vec<f64>,
    claims: Vec<f64>,
    log: Vec<Vec<i64>>,
    passes: u32,
}

/// The model on a corpus with hedged values.
pub(crate) fn fit(corpus: &Corpus, options: &FitOptions) -> Fit {
    let atoms = Atoms::new(corpus);
    let mut weights = weigh(corpus, options, &[]);
    let mut origins = Vec::new();
    let model = Hedged::new(corpus, options, &weights, &atoms);
    let mut outcome = model.run();
    let mut candidates = model.report(&outcome.log);
    if options.copying == Copying::Once {
        origins =
            copy::Search::new(corpus, options, &candidates, options.false_values).pairs(corpus);
        if !origins.is_empty() {
            weights = weigh(corpus, options, &origins);
            let model = Hedged::new(corpus, options, &weights, &atoms);
            outcome = model.run();
            candidates = model.report(&outcome.log);
        }
    }
    Fit {
        options: *options,
        candidates,
        dense: Vec::new(),
        values: 0,
        sources: accuracies(&outcome.accuracy, &outcome.claims, options),
        origins: common_origins(&origins),
        pairs: origins,
        passes: outcome.passes,
        shared_error: None,
        estimates: Vec::new(),
        state: State::None,
    }
}

impl<'a> Hedged<'a> {
    fn new(
        corpus: &'a Corpus,
        options: &'a FitOptions,
        weights: &'a Weights,
        atoms: &'a Atoms,
    ) -> Self {
        let teaches = (0..corpus.questions.len())
            .map(|question| {
                let mut speaking = corpus
                    .candidates_of(question)
                    .filter(|&candidate| !atoms.held[candidate].vacuous)
                    .flat_map(|candidate| &corpus.source[corpus.claims_of(candidate)]);
                let first = speaking.next();
                speaking.any(|source| Some(source) != first)
            })
            .collect();
        Self {
            corpus,
            options,
            weights,
            atoms,
            teaches,
        }
    }

    /// The candidates of a question that say something.
    fn speaking(&self, question: usize) -> impl Iterator<Item = (usize, &Held)> {
        self.corpus
            .candidates_of(question)
            .map(|candidate| (candidate, &self.atoms.held[candidate]))
            .filter(|(_, held)| !held.vacuous)
    }

    fn votes(&self, question: usize) -> f64 {
        let units: i64 = self
            .speaking(question)
            .map(|(candidate, _)| {
                votes_in_units(self.weights.votes(self.corpus.claims_of(candidate)))
            })
            .sum();
        units as f64 / VOTES
    }

    fn run(&self) -> Outcome {
        let questions = self.corpus.questions.len();
        let mut log: Option<Vec<Vec<i64>>> = None;
        let mut thoughts: Vec<Thought> = (0..questions)
            .map(|question| self.think(question, None))
            .collect();
        let mut done = 0;
        loop {
            let sums = self.sums(&thoughts);
            let mean = self.mean(&sums);
            let next: Vec<Vec<i64>> = (0..questions)
                .map(|question| self.evidence(question, &thoughts[question], &sums, mean))
                .collect();
            let mut change = 0;
            let mut taught = 0;
            for (question, thought) in thoughts.iter_mut().enumerate() {
                let new = self.think(question, Some(&next[question]));
                if self.teaches[question] {
                    taught += 1;
                    let atoms = new.p.len() - 1;
                    let moved = new.p[..atoms]
                        .iter()
                        .zip(&thought.p)
                        .map(|(new, old)| mass((new - old).abs()));
                    change += moved.sum::<u64>();
                }
                *thought = new;
            }
            log = Some(next).or(log);
            done += 1;
            let settled = amount(change) / 2.0 <= self.options.open_tolerance * f64::from(taught);
            if settled || done >= self.options.passes {
                let m = self.options.source_strength;
                let accuracy = sums
                    .hits
                    .iter()
                    .zip(&sums.claims)
                    .map(|(&h, &n)| {
                        ((amount(h) + m * mean) / (amount(n) + m)).clamp(LEAST, 1.0 - LEAST)
                    })
                    .collect();
                return Outcome {
                    accuracy,
                    claims: sums.claims.iter().map(|&n| amount(n)).collect(),
                    log: log.unwrap_or_default(),
                    passes: done,
                };
            }
        }
    }

    fn mean(&self, sums: &Sums) -> f64 {
        let o = self.options;
        let (hits, claims): (u64, u64) = (sums.hits.iter().sum(), sums.claims.iter().sum());
        (amount(hits) + o.pool_strength * o.pool_accuracy) / (amount(claims) + o.pool_strength)
    }

    /// M(A) of a candidate's claims.
    fn held(&self, candidate: usize, thought: &Thought, known: bool) -> f64 {
        if known {
            return f64::from(u8::from(self.atoms.right[candidate]));
        }
        let held = &self.atoms.held[candidate];
        let inside = amount(thought.mixed[held.atoms.end] - thought.mixed[held.atoms.start]);
        let none = thought.p.last().copied().unwrap_or(0.0);
        let besides = if held.room {
            (1.0 - self.options.anchor) * none
        } else {
            0.0
        };
        (inside + besides).min(1.0)
    }

    fn sums(&self, thoughts: &[Thought]) -> Sums {
        let sources = self.corpus.sources.len();
        let mut sums = Sums {
            hits: vec![0; sources],
            claims: vec![0; sources],
        };
        for (question, thought) in thoughts
            .iter()
            .enumerate()
            .filter(|(question, _)| self.teaches[*question])
        {
            let known = self.corpus.known_answer(question).is_some();
            for (candidate, _) in self.speaking(question) {
                let held = self.held(candidate, thought, known);
                for claim in self.corpus.claims_of(candidate) {
                    let source = self.corpus.source[claim] as usize;
                    let weight = self.weights.claim[claim];
                    sums.hits[source] += mass(weight * held);
                    sums.claims[source] += mass(weight);
                }
            }
        }
        sums
    }

    /// L of every atom, and at the end of "none of them", in units of 2^-36.
    fn evidence(&self, question: usize, thought: &Thought, sums: &Sums, mean: f64) -> Vec<i64> {
        let (m, j) = (self.options.source_strength, self.options.false_values);
        let count = self.atoms.of(question).len();
        let known = self.corpus.known_answer(question).is_some();
        // What is added from each atom on.
        let mut from = vec![0i64; count + 1];
        let mut none = 0;
        for (candidate, held) in self.speaking(question) {
            let share = self.held(candidate, thought, known);
            let mut total = 0;
            for claim in self.corpus.claims_of(candidate) {
                let source = self.corpus.source[claim] as usize;
                let weight = self.weights.claim[claim];
                let (own, own_claim) = if self.teaches[question] {
                    (mass(weight * share), mass(weight))
                } else {
                    (0, 0)
                };
                let (hits, claims) = (sums.hits[source] - own, sums.claims[source] - own_claim);
                let r =
                    ((amount(hits) + m * mean) / (amount(claims) + m)).clamp(LEAST, 1.0 - LEAST);
                total += whole(weight * ln(r / (1.0 - r) * j) * EVIDENCE);
            }
            from[held.atoms.start] += total;
            from[held.atoms.end] -= total;
            none += if held.room { total } else { 0 };
        }
        let mut sum = 0;
        for at in &mut from[..count] {
            sum += *at;
            *at = sum;
        }
        from[count] = none;
        from
    }

    fn think(&self, question: usize, log: Option<&[i64]>) -> Thought {
        let mut thought = Thought {
            shares: self.shares(question),
            ..Thought::default()
        };
        if let Some(log) = log {
            thought.p.extend(log.iter().map(|&units| evidence(units)));
            self.normalise(&mut thought.p);
        } else {
            thought.p.clone_from(&thought.shares);
            thought.p.push(0.0);
        }
        let a = self.options.anchor;
        let mut total = 0;
        thought.mixed.push(0);
        for (p, share) in thought.p.iter().zip(&thought.shares) {
            total += mass((1.0 - a) * p + a * share);
            thought.mixed.push(total);
        }
        thought
    }

    /// p0 of every atom.
    fn shares(&self, question: usize) -> Vec<f64> {
        let count = self.atoms.of(question).len();
        let mut from = vec![0i64; count + 1];
        for (candidate, held) in self.speaking(question) {
            let votes = self.weights.votes(self.corpus.claims_of(candidate));
            let each = votes_in_units(votes / held.atoms.len().max(1) as f64);
            from[held.atoms.start] += each;
            from[held.atoms.end] -= each;
        }
        let mut sum = 0;
        let votes: Vec<f64> = from[..count]
            .iter()
            .map(|each| {
                sum += each;
                sum as f64 / VOTES
            })
            .collect();
        let total: f64 = votes.iter().sum();
        votes
            .into_iter()
            .map(|votes| {
                if total > 0.0 {
                    votes / total
                } else {
                    1.0 / count as f64
                }
            })
            .collect()
    }

    /// Turns logs per atom, and at the end of the inner half of "none of them", into probabilities.
    fn normalise(&self, logs: &mut [f64]) {
        let atoms = logs.len() - 1;
        let weight =
            self.options.other * (self.options.false_values + 1.0 - atoms as f64).max(0.0) / 2.0;
        let none = if weight > 0.0 {
            ln(weight)
        } else {
            f64::NEG_INFINITY
        };
        if let Some(last) = logs.last_mut() {
            *last += none.max(NEVER);
        }
        softmax(logs, none);
    }

    /// The reported probability of every candidate.
    fn report(&self, log: &[Vec<i64>]) -> Vec<f64> {
        let floor = self.options.floor;
        let mut report = Vec::with_capacity(self.corpus.candidate_value.len());
        for (question, log) in log.iter().enumerate() {
            let candidates = self.corpus.candidates_of(question);
            if self.corpus.known_answer(question).is_some() {
                report.extend(
                    candidates.map(|candidate| f64::from(u8::from(self.atoms.right[candidate]))),
                );
                continue;
            }
            let count = self.atoms.of(question).len();
            let power = 1.0 / self.votes(question).max(1.0).sqrt();
            let mut p: Vec<f64> = log.iter().map(|&units| evidence(units) * power).collect();
            self.normalise(&mut p);
            let mut blind: Vec<f64> = self
                .shares(question)
                .iter()
                .map(|&share| ln((share * count as f64).max(1e-12)))
                .chain([0.0])
                .collect();
            self.normalise(&mut blind);
            for (told, blind) in p.iter_mut().zip(&blind) {
                *told = (1.0 - floor) * *told + floor * blind;
            }
            // Up to each atom.
            let mut upto = vec![0.0];
            upto.extend(p.iter().scan(0.0, |sum, p| {
                *sum += p;
                Some(*sum)
            }));
            let none = p[count];
            report.extend(candidates.map(|candidate| {
                let held = &self.atoms.held[candidate];
                if held.vacuous {
                    return 1.0;
                }
                let inside = match held.atoms.len() {
                    1 => p[held.atoms.start],
                    _ => upto[held.atoms.end] - upto[held.atoms.start],
                };
                (inside + if held.room { none } else { 0.0 }).clamp(0.0, 1.0)
            }));
        }
        report
    }
}
