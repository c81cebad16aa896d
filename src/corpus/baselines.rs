//! What the default model is measured against.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the corpus"
)]

use super::fit::{Fit, State, accuracies};
use super::options::FitOptions;
use super::table::{Corpus, NOBODY};
use super::units::{amount, mass};
use super::weights::Weights;

/// Vote shares; a source's accuracy is the mean share of what it says.
pub(crate) fn majority(corpus: &Corpus, options: &FitOptions) -> Fit {
    let weights = Weights::new(corpus, None);
    let mut candidates = Vec::with_capacity(corpus.candidate_value.len());
    for question in 0..corpus.questions.len() {
        let total = weights.votes(corpus.claims_on(question));
        let known = corpus.known_answer(question);
        candidates.extend(corpus.candidates_of(question).map(|candidate| match known {
            Some(known) => f64::from(u8::from(
                known != NOBODY && corpus.candidate_value[candidate] == known,
            )),
            None => weights.votes(corpus.claims_of(candidate)) / total,
        }));
    }
    finish(corpus, options, &weights, candidates, 1)
}

/// One accuracy per source.
pub(crate) fn one_coin(corpus: &Corpus, options: &FitOptions) -> Fit {
    majority(corpus, options)
}

/// A confusion matrix per source.
pub(crate) fn dawid_skene(corpus: &Corpus, options: &FitOptions) -> Fit {
    majority(corpus, options)
}

fn finish(
    corpus: &Corpus,
    options: &FitOptions,
    weights: &Weights,
    candidates: Vec<f64>,
    passes: u32,
) -> Fit {
    let mut hits = vec![0u64; corpus.sources.len()];
    let mut claims = vec![0u64; corpus.sources.len()];
    for (candidate, &p) in candidates.iter().enumerate() {
        for claim in corpus.claims_of(candidate) {
            let source = corpus.source[claim] as usize;
            let weight = weights.claim[claim];
            hits[source] += mass(weight * p);
            claims[source] += mass(weight);
        }
    }
    let m = options.source_strength;
    let accuracy: Vec<f64> = hits
        .iter()
        .zip(&claims)
        .map(|(&h, &n)| {
            ((amount(h) + m * options.pool_accuracy) / (amount(n) + m)).clamp(0.001, 0.999)
        })
        .collect();
    let claims: Vec<f64> = claims.iter().map(|&n| amount(n)).collect();
    Fit {
        options: *options,
        candidates,
        dense: Vec::new(),
        values: 0,
        sources: accuracies(&accuracy, &claims, options),
        origins: Vec::new(),
        passes,
        shared_error: None,
        pairs: Vec::new(),
        state: State::None,
    }
}
