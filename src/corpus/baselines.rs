//! What the default model is measured against.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the corpus"
)]

use super::fit::{Fit, State, accuracies, is_closed};
use super::one_coin::one_coin;
use super::options::{Copying, FitOptions, Vocabulary};
use super::part::FitPart;
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

/// A confusion matrix per source, without the default model's corrections; one-coin where the vocabulary cannot be closed.
///
/// ```text
/// pi_k ~ 1 + sum_q P[q,k],  C_s[k,l] ~ sum of w P[q,k] over the claims of s that say l, + .01 G[k,l],  P[q,.] ~ pi prod C_s[.,l]^w
/// ```
///
/// The hundredth of a claim of the pooled pattern G only keeps what was never seen from being impossible (Dawid and Skene 1979).
pub(crate) fn dawid_skene(corpus: &Corpus, options: &FitOptions) -> Fit {
    let plain = FitOptions {
        row_strength: 0.01,
        source_strength: 0.01,
        pool_strength: 1.0,
        anchor: 0.0,
        difficulty: 0.0,
        floor: 0.0,
        unclaimed: 1.0,
        shared_error: 0.0,
        shared_error_factor: 0.0,
        copying: Copying::Ignored,
        vocabulary: Vocabulary::Closed,
        ..*options
    };
    if !is_closed(corpus, &plain) {
        return one_coin(corpus, options);
    }
    let mut fit = FitPart::whole(corpus, &plain, None);
    fit.options = *options;
    fit.shared_error = None;
    fit.state = State::None;
    fit
}

pub(crate) fn finish(
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
    let values = if is_closed(corpus, options) {
        corpus.values.len()
    } else {
        0
    };
    let mut dense = vec![0.0; corpus.questions.len() * values];
    for (question, row) in dense.chunks_exact_mut(values.max(1)).enumerate() {
        for candidate in corpus.candidates_of(question) {
            row[corpus.candidate_value[candidate] as usize] = candidates[candidate];
        }
        if let Some(known) = corpus.known_answer(question)
            && let Some(p) = row.get_mut(known as usize)
        {
            *p = 1.0;
        }
    }
    Fit {
        options: *options,
        candidates,
        dense,
        values,
        sources: accuracies(&accuracy, &claims, options),
        origins: Vec::new(),
        passes,
        shared_error: None,
        pairs: Vec::new(),
        state: State::None,
        estimates: Vec::new(),
    }
}
