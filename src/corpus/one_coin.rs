//! One accuracy per source: the baseline that runs near the machine's limit.
//!
//! ```text
//! weight of source s  g_s = ln(J r_s/(1 - r_s)),  J = V - 1 in a closed vocabulary of V values, `false_values` in an open one
//! score of value k    L[q,k] = sum of g_s over the sources that say k; 0 for every value nobody claims
//! probability         P[q,.] = softmax(L[q,.])
//! accuracy            r_s = (sum of P over the claims of s + m r0)/(n_s + m),  m = source_strength, r0 = pool_accuracy
//! ```
//!
//! The model is Zhang, Chen, Zhou and Jordan's (2016) "one-coin" form of Dawid and Skene's. An open vocabulary has J + 1 values on every
//! question, or as many as are claimed.
//!
//! # Layout
//!
//! The time of the obvious loop goes into mispredicted ends of short loops, and then into `exp`. So questions with the same number of
//! claimed values are put into blocks of 64, their scores side by side: `[value][question]`. Every loop over a block has a fixed length
//! and no branch, so that the compiler works on several questions at once. What is left is a gather of g and a scatter into the sums.
//!
//! All sums are of whole numbers (g in units of 2^-20, P in units of 2^-18 from single-precision exponentials), so they do not depend on
//! their order; blocks can be shared out between threads, and sources renamed, and the result stays the same to the last bit.

#![expect(
    clippy::indexing_slicing,
    reason = "slots lie within their block, sources and candidates within the corpus"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "single precision is meant, and counts are far below 2^53"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "weights are within 2^5 units of 1, slots below 2^11"
)]

use super::baselines::finish;
use super::closed::MOST_VALUES;
use super::fit::{Fit, is_closed};
use super::kernels::{self, Softmax};
use super::options::{FitOptions, FitOptionsError};
use super::parts;
use super::table::{Corpus, NOBODY, SourceKey};
use super::units::{EVIDENCE, amount, evidence, ln, mass, softmax, whole};
use super::weights::Weights;
use crate::threads;

/// Questions per block.
const LANES: usize = 64;
/// Bits of a slot, so that 22 are left for the rank of a source.
const SLOT_BITS: u32 = 10;
const SLOT: usize = LANES * MOST_SLOTS - 1;
const MOST_RANK: u32 = 1 << (32 - SLOT_BITS);
/// Questions with more claimed values than this are worked on one by one.
const MOST_SLOTS: usize = 16;
/// And so are those with more claims than this: 16 units of weight each would not fit into 32 bits.
const MOST_CLAIMS: usize = 100;
/// Units per one of g: 2^20.
const GAIN: f64 = 1_048_576.0;
/// From units of 2^-18 to units of 2^-32.
const TO_MASS: u32 = 14;
/// A source claims once per question, so 2^18 units of 64 questions in each of so many blocks fit into 32 bits.
const TOGETHER: usize = 255;
const LEAST: f64 = 0.001;

/// Blocks of questions with the same number of claimed values.
#[derive(Debug, Clone)]
struct Block {
    values: usize,
    /// Where its claims start in `packed`, and where they end.
    claims: std::ops::Range<usize>,
    /// Where its questions start in `order`, and how many there are.
    questions: std::ops::Range<usize>,
}

/// What a block needs while it is worked on, by value and question.
struct Work {
    scores: [[i32; LANES]; MOST_SLOTS],
    powers: [[i32; LANES]; MOST_SLOTS],
    total: [i32; LANES],
    p: [[i32; LANES]; MOST_SLOTS],
}

impl Work {
    fn new() -> Box<Self> {
        let empty = [[0; LANES]; MOST_SLOTS];
        Box::new(Self {
            scores: empty,
            powers: empty,
            total: [0; LANES],
            p: empty,
        })
    }
}

/// The one-coin model of a corpus, pass by pass.
///
/// [`Model::OneCoin`](super::Model::OneCoin) runs it to the end; by itself it serves to watch a pass, or to time one.
///
/// # Examples
///
/// ```
/// use discrepancy::corpus::{Corpus, FitOptions, OneCoin};
///
/// let mut builder = Corpus::builder();
/// for (question, source, value) in [("q", "a", "x"), ("q", "b", "x"), ("q", "c", "y"), ("r", "a", "y"), ("r", "b", "y")] {
///     builder.claim(question, source, value)?;
/// }
/// let corpus = builder.build();
/// let options = FitOptions::default();
/// let mut model = OneCoin::new(&corpus, &options)?;
/// model.pass();
/// let accuracy = |name| model.accuracy(corpus.source(name).unwrap()).unwrap();
/// assert!(accuracy("a") > accuracy("c"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct OneCoin<'a> {
    corpus: &'a Corpus,
    options: &'a FitOptions,
    weights: Weights,
    blocks: Vec<Block>,
    /// Each claim in a block: the rank of its source, and in the low ten bits its slot, value × 64 + question.
    packed: Vec<u32>,
    /// The questions of the blocks, one after the other.
    order: Vec<u32>,
    /// The questions worked on one by one.
    single: Vec<u32>,
    /// The rank of each source: those with most claims come first, so that what is used most lies together.
    rank: Vec<u32>,
    /// `n_s`, by rank.
    claims: Vec<f64>,
    /// `r_s`, by rank.
    accuracy: Vec<f64>,
    /// `g_s` in units of 2^-20, by rank.
    gain: Vec<i32>,
    /// J.
    false_values: f64,
}

impl<'a> OneCoin<'a> {
    /// Lays the claims out and starts every source at `pool_accuracy`.
    ///
    /// # Errors
    ///
    /// [`FitOptionsError`] where a constant is out of its range.
    pub fn new(corpus: &'a Corpus, options: &'a FitOptions) -> Result<Self, FitOptionsError> {
        options.check()?;
        Ok(Self::prepare(corpus, options))
    }

    fn prepare(corpus: &'a Corpus, options: &'a FitOptions) -> Self {
        let weights = Weights::new(corpus, None);
        let sources = corpus.sources.len();
        let closed = is_closed(corpus, options);
        let false_values = if closed {
            corpus.values.len() as f64 - 1.0
        } else {
            options.false_values
        };
        let mut units = vec![0u64; sources];
        for question in (0..corpus.questions.len()).filter(|&question| weights.teaches[question]) {
            for claim in corpus.claims_on(question) {
                units[corpus.source[claim] as usize] += mass(weights.claim[claim]);
            }
        }
        let mut sorted: Vec<(u64, u32)> = units.iter().copied().zip(0..).collect();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let mut rank = vec![0u32; sources];
        for (at, &(_, source)) in (0..).zip(&sorted) {
            rank[source as usize] = at;
        }
        let mut model = Self {
            corpus,
            options,
            weights,
            blocks: Vec::new(),
            packed: Vec::with_capacity(corpus.len()),
            order: Vec::with_capacity(corpus.questions.len()),
            single: Vec::new(),
            claims: sorted.into_iter().map(|(units, _)| amount(units)).collect(),
            rank,
            accuracy: vec![options.pool_accuracy; sources],
            gain: vec![0; sources],
            false_values,
        };
        model.lay_out();
        model.set_gains();
        model
    }

    fn lay_out(&mut self) {
        let corpus = self.corpus;
        let mut buckets: [Vec<u32>; MOST_SLOTS + 1] = [const { Vec::new() }; MOST_SLOTS + 1];
        for (question, number) in (0..corpus.questions.len()).zip(0u32..) {
            let claims = corpus.claims_on(question);
            let values = corpus.candidates_of(question).len();
            let shared =
                !corpus.given.is_empty() && corpus.given[claims.clone()].iter().any(|&m| m > 1);
            let far = self.rank.len() > MOST_RANK as usize
                && corpus.source[claims.clone()]
                    .iter()
                    .any(|&s| self.rank[s as usize] >= MOST_RANK);
            let lone = !self.weights.teaches[question];
            if far
                || lone
                || self.false_values > 100.0
                || values > MOST_SLOTS
                || claims.len() > MOST_CLAIMS
                || shared
                || corpus.known_answer(question).is_some()
            {
                self.single.push(number);
            } else {
                buckets[values].push(number);
            }
        }
        for (values, bucket) in buckets.iter().enumerate() {
            for questions in bucket.chunks(LANES) {
                let (first, first_claim) = (self.order.len(), self.packed.len());
                self.order.extend_from_slice(questions);
                // The questions take turns, so that additions to one score do not wait for each other; each starts at another of
                // its claims, since sources that claim much tend to come first.
                let mut turns: Vec<(usize, u32)> = Vec::new();
                for (lane, &question) in questions.iter().enumerate() {
                    let claims = corpus.claims_on(question as usize);
                    for (value, candidate) in corpus.candidates_of(question as usize).enumerate() {
                        let slot = (value * LANES + lane) as u32;
                        turns.extend(corpus.claims_of(candidate).map(|claim| {
                            let rank = self.rank[corpus.source[claim] as usize];
                            (
                                (claim - claims.start + lane) % claims.len(),
                                rank << SLOT_BITS | slot,
                            )
                        }));
                    }
                }
                turns.sort_by_key(|turn| turn.0);
                self.packed.extend(turns.iter().map(|turn| turn.1));
                self.blocks.push(Block {
                    values,
                    claims: first_claim..self.packed.len(),
                    questions: first..self.order.len(),
                });
            }
        }
    }

    /// One pass over all claims: new probabilities under the present accuracies, then new accuracies. Returns how far one moved at most.
    pub fn pass(&mut self) -> f64 {
        // A claim takes about as long as a value of a question.
        let cost = |block: &Block| block.claims.len() + block.values * LANES;
        let ranges = parts::even(self.blocks.iter().map(cost));
        let this = &*self;
        let hits = threads::each(ranges, |blocks| {
            let mut hits = vec![0u64; this.accuracy.len()];
            let mut few = vec![0u32; this.accuracy.len()];
            let mut work = Work::new();
            for blocks in this.blocks[blocks].chunks(TOGETHER) {
                for block in blocks {
                    this.block(block, &mut work, &mut few);
                }
                for (hits, few) in hits.iter_mut().zip(&mut few) {
                    *hits += u64::from(std::mem::take(few));
                }
            }
            hits
        })
        .into_iter()
        .reduce(|mut all, part| {
            for (to, from) in all.iter_mut().zip(part) {
                *to += from;
            }
            all
        });
        let mut hits = hits.unwrap_or_else(|| vec![0; self.accuracy.len()]);
        for units in &mut hits {
            *units <<= TO_MASS;
        }
        let mut p = Vec::new();
        for &question in self
            .single
            .iter()
            .filter(|&&q| self.weights.teaches[q as usize])
        {
            self.one_by_one(question as usize, &mut p);
            for (candidate, &p) in self.corpus.candidates_of(question as usize).zip(&p) {
                for claim in self.corpus.claims_of(candidate) {
                    hits[self.rank[self.corpus.source[claim] as usize] as usize] +=
                        mass(self.weights.claim[claim] * p);
                }
            }
        }
        let m = self.options.source_strength;
        let mut change = 0.0f64;
        for ((accuracy, &hits), &claims) in self.accuracy.iter_mut().zip(&hits).zip(&self.claims) {
            let new = ((amount(hits) + m * self.options.pool_accuracy) / (claims + m))
                .clamp(LEAST, 1.0 - LEAST);
            change = change.max((new - *accuracy).abs());
            *accuracy = new;
        }
        self.set_gains();
        change
    }

    /// What is thought of a source now.
    pub fn accuracy(&self, source: SourceKey) -> Option<f64> {
        self.accuracy
            .get(*self.rank.get(source.0 as usize)? as usize)
            .copied()
    }

    fn set_gains(&mut self) {
        for (gain, &r) in self.gain.iter_mut().zip(&self.accuracy) {
            *gain = whole((ln(self.false_values) + ln(r / (1.0 - r))) * GAIN) as i32;
        }
    }

    /// The probabilities of a block, in units of 2^-18, into `work.p`.
    fn probabilities(&self, block: &Block, work: &mut Work) {
        let Work {
            scores,
            powers,
            total,
            p,
        } = work;
        for row in &mut scores[..block.values] {
            row.fill(0);
        }
        {
            let (scores, gain) = (scores.as_flattened_mut(), self.gain.as_slice());
            for &claim in &self.packed[block.claims.clone()] {
                scores[claim as usize & SLOT] += gain[(claim >> SLOT_BITS) as usize];
            }
        }
        kernels::softmax_block(Softmax {
            scores: &scores[..block.values],
            unclaimed: (self.false_values as f32 + 1.0 - block.values as f32).max(0.0),
            gain: GAIN as f32,
            powers: &mut powers[..block.values],
            total,
            p: &mut p[..block.values],
        });
    }

    fn block(&self, block: &Block, work: &mut Work, hits: &mut [u32]) {
        self.probabilities(block, work);
        let p = work.p.as_flattened();
        for &claim in &self.packed[block.claims.clone()] {
            hits[(claim >> SLOT_BITS) as usize] += p[claim as usize & SLOT].cast_unsigned();
        }
    }

    /// The probabilities of one question of any size, in double precision.
    fn one_by_one(&self, question: usize, p: &mut Vec<f64>) {
        p.clear();
        let candidates = self.corpus.candidates_of(question);
        if let Some(known) = self.corpus.known_answer(question) {
            p.extend(candidates.map(|candidate| {
                f64::from(u8::from(
                    known != NOBODY && self.corpus.candidate_value[candidate] == known,
                ))
            }));
            return;
        }
        let unclaimed = (self.false_values + 1.0 - candidates.len() as f64).max(0.0);
        for candidate in candidates {
            let units: i64 = self
                .corpus
                .claims_of(candidate)
                .map(|claim| {
                    let gain = f64::from(
                        self.gain[self.rank[self.corpus.source[claim] as usize] as usize],
                    ) / GAIN;
                    whole(self.weights.claim[claim] * gain * EVIDENCE)
                })
                .sum();
            p.push(evidence(units));
        }
        softmax(
            p,
            if unclaimed > 0.0 {
                ln(unclaimed)
            } else {
                f64::NEG_INFINITY
            },
        );
    }

    /// The probability of every candidate.
    fn answers(&self) -> Vec<f64> {
        let mut answers = vec![0.0; self.corpus.candidate_value.len()];
        let mut work = Work::new();
        for block in &self.blocks {
            self.probabilities(block, &mut work);
            for (lane, &question) in self.order[block.questions.clone()].iter().enumerate() {
                for (row, candidate) in work
                    .powers
                    .iter()
                    .zip(self.corpus.candidates_of(question as usize))
                {
                    answers[candidate] = f64::from(row[lane]) / f64::from(work.total[lane]);
                }
            }
        }
        let mut p = Vec::new();
        for &question in &self.single {
            self.one_by_one(question as usize, &mut p);
            for (candidate, &p) in self.corpus.candidates_of(question as usize).zip(&p) {
                answers[candidate] = p;
            }
        }
        answers
    }
}

/// The baseline.
pub(crate) fn one_coin(corpus: &Corpus, options: &FitOptions) -> Fit {
    let mut model = OneCoin::prepare(corpus, options);
    let mut passes = 1;
    while model.pass() > options.tolerance && passes < options.passes {
        passes += 1;
    }
    let mut fit = finish(corpus, options, &model.weights, model.answers(), passes);
    let closed = fit.is_closed();
    for (learned, &rank) in fit.sources.iter_mut().zip(&model.rank) {
        let accuracy = model.accuracy[rank as usize];
        learned.accuracy = accuracy;
        learned.low = learned.low.min(accuracy);
        learned.high = learned.high.max(accuracy);
    }
    if closed {
        model.spread(&mut fit);
    }
    fit
}

impl OneCoin<'_> {
    /// What the claimed values leave is shared evenly by the others of a closed vocabulary.
    fn spread(&self, fit: &mut Fit) {
        let values = fit.values;
        for (question, row) in fit.dense.chunks_exact_mut(values).enumerate() {
            let candidates = self.corpus.candidates_of(question);
            let unclaimed = values - candidates.len();
            if unclaimed == 0 || self.corpus.known_answer(question).is_some() {
                continue;
            }
            let mut claimed = [false; MOST_VALUES];
            let mut units = 0;
            let mut best = 0.0f64;
            for candidate in candidates {
                claimed[self.corpus.candidate_value[candidate] as usize] = true;
                units += mass(fit.candidates[candidate]);
                best = best.max(fit.candidates[candidate]);
            }
            let rest = (1.0 - amount(units)).max(0.0) / unclaimed as f64;
            for (p, _) in row.iter_mut().zip(claimed).filter(|(_, claimed)| !claimed) {
                *p = rest.min(best);
            }
        }
    }
}
