//! What each claim weighs.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "votes are below 2^32 and not negative"
)]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
#![expect(
    clippy::indexing_slicing,
    reason = "one weight per claim, and one discount"
)]

use super::table::Corpus;
use super::units::{MASS, amount, mass};

/// 1/m for a claim of one of the m values that its source gives on the question.
fn share(corpus: &Corpus, claim: usize) -> f64 {
    corpus.given.get(claim).map_or(1.0, |&m| 1.0 / f64::from(m))
}

/// The votes that some claims are, without any discount.
pub(crate) fn votes(corpus: &Corpus, claims: std::ops::Range<usize>) -> f64 {
    if corpus.given.is_empty() {
        return claims.len() as f64;
    }
    amount(claims.map(|claim| mass(share(corpus, claim)).max(1)).sum())
}

/// The weight of each claim, and what follows from weights alone.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    /// Per claim, in (0, 1], a whole number of units of 2^-32.
    pub(crate) claim: Vec<f64>,
    /// Whether every claim weighs 1.
    plain: bool,
    /// Per question: whether more than one source speaks. A lone claim teaches nothing about its source.
    pub(crate) teaches: Vec<bool>,
    /// On how many questions that is so.
    pub(crate) teaching: usize,
}

impl Weights {
    /// 1/m for each of the m values a source gives on a question, times the discount of the claim, if there is one.
    pub(crate) fn new(corpus: &Corpus, discount: Option<&[f64]>) -> Self {
        let claims = corpus.source.len();
        let mut claim = vec![1.0; claims];
        for (i, weight) in claim.iter_mut().enumerate() {
            *weight = share(corpus, i) * discount.map_or(1.0, |discount| discount[i]);
            *weight = mass(*weight).max(1) as f64 / MASS;
        }
        let teaches: Vec<bool> = (0..corpus.questions.len())
            .map(|question| {
                let claims = corpus.claims_on(question);
                let mut sources = corpus.source[claims].iter();
                let first = sources.next();
                sources.any(|source| Some(source) != first)
            })
            .collect();
        let plain = corpus.given.is_empty() && discount.is_none();
        let teaching = teaches.iter().filter(|&&teaches| teaches).count();
        Self {
            claim,
            plain,
            teaches,
            teaching,
        }
    }

    /// The votes on a question: the sum of its claims' weights.
    pub(crate) fn votes(&self, claims: std::ops::Range<usize>) -> f64 {
        if self.plain {
            return claims.len() as f64;
        }
        amount(self.claim[claims].iter().map(|&w| mass(w)).sum())
    }

    /// Σ n² and Σ n over the questions' votes n, in units of 2^-40 and 2^-20.
    pub(crate) fn crowding(&self, corpus: &Corpus) -> (i128, i128) {
        let (mut squares, mut total) = (0, 0);
        for question in (0..corpus.questions.len()).filter(|&question| self.teaches[question]) {
            let units = i128::from((self.votes(corpus.claims_on(question)) * MASS) as u64 >> 12);
            squares += units * units;
            total += units;
        }
        (squares, total)
    }
}

/// The votes each vote has beside it on average, plus one: Σ n² / Σ n.
pub(crate) fn typical(squares: i128, total: i128) -> f64 {
    if total == 0 {
        1.0
    } else {
        squares as f64 / total as f64 * (4096.0 / MASS)
    }
}
