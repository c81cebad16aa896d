//! What was learned.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the fitted corpus"
)]

use super::baselines;
use super::closed;
use super::copy;
use super::hedged;
use super::numeric::Estimate;
use super::one_coin::one_coin;
use super::options::{FitOptions, FitOptionsError, Model, Vocabulary};
use super::part::FitPart;
use super::table::{Corpus, QuestionKey, SourceKey, ValueKey};
use super::weights::Weights;

/// A fitted [`Corpus`]: a probability for every claimed value, an accuracy for every source, and who repeats whom.
///
/// It speaks of the corpus it was made from: the numbers of another corpus mean nothing to it.
#[derive(Debug, Clone)]
pub struct Fit {
    pub(crate) options: FitOptions,
    /// Per candidate of the corpus.
    pub(crate) candidates: Vec<f64>,
    /// Closed: per question and value.
    pub(crate) dense: Vec<f64>,
    pub(crate) values: usize,
    pub(crate) sources: Vec<SourceAccuracy>,
    pub(crate) origins: Vec<CommonOrigin>,
    pub(crate) passes: u32,
    pub(crate) shared_error: Option<f64>,
    pub(crate) pairs: Vec<copy::Pair>,
    pub(crate) state: State,
    pub(crate) estimates: Vec<Estimate>,
}

/// Where the passes stopped.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// M of the fits without and with difficulty.
    Closed { core: Vec<u32>, hard: Vec<u32> },
    /// L, with the candidates it belongs to.
    Open {
        log: Vec<i64>,
        candidates: Vec<u32>,
        values: Vec<u32>,
    },
    /// Nothing to go on from.
    None,
}

impl State {
    /// The log evidence of an earlier fit for the candidates of a larger corpus.
    pub(crate) fn carried_over(&self, corpus: &Corpus) -> Option<Vec<i64>> {
        match self {
            Self::Open {
                log,
                candidates,
                values,
            } => Some(carry_over(corpus, log, candidates, values)),
            Self::Closed { .. } | Self::None => None,
        }
    }
}

/// How often a source is right, as far as its claims tell.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SourceAccuracy {
    /// How many claims it makes, each of m values on one question counting 1/m, without those on questions where nobody else speaks.
    pub claims: f64,
    /// The share of them that is right.
    pub accuracy: f64,
    /// The accuracy lies above this with a probability of 97.5 %.
    pub low: f64,
    /// And below this.
    pub high: f64,
}

/// Two sources that share errors as only copying, or copying from the same place, explains.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CommonOrigin {
    /// One source.
    pub a: SourceKey,
    /// The other.
    pub b: SourceKey,
    /// The chance that, where they agree, they only repeat one another.
    pub probability: f64,
    /// The chance that `a` is the first to say what both say; 1/2 where no times are given ([`CorpusBuilder::claim_at`]).
    ///
    /// [`CorpusBuilder::claim_at`]: super::CorpusBuilder::claim_at
    pub a_first: f64,
}

impl Fit {
    pub(crate) fn new(corpus: &Corpus, options: &FitOptions) -> Result<Self, FitOptionsError> {
        options.check()?;
        Ok(Self::anew(corpus, options))
    }

    /// A fit with options that have been checked.
    pub(crate) fn anew(corpus: &Corpus, options: &FitOptions) -> Self {
        let fit = if corpus.is_numeric() {
            Self::numeric(corpus, options)
        } else {
            Self::of_categories(corpus, options)
        };
        fit.in_order(corpus)
    }

    pub(crate) fn of_categories(corpus: &Corpus, options: &FitOptions) -> Self {
        match options.model {
            Model::Default if corpus.is_hedged() => hedged::fit(corpus, options),
            Model::Default => FitPart::whole(corpus, options, None),
            Model::Majority => baselines::majority(corpus, options),
            Model::OneCoin => one_coin(corpus, options),
            Model::DawidSkene => baselines::dawid_skene(corpus, options),
        }
    }

    /// The options it was made with.
    pub fn options(&self) -> &FitOptions {
        &self.options
    }

    /// Whether the values were taken as a closed vocabulary.
    pub fn is_closed(&self) -> bool {
        !self.dense.is_empty()
    }

    /// The probability of each value on a question, sorted by the values' names: of all values of the corpus in a closed vocabulary, of
    /// those claimed on the question in an open one. What they lack to 1 is the probability that none of them is right; hedged values
    /// may hold one another, so theirs overlap.
    pub fn answers<'a>(
        &'a self,
        corpus: &'a Corpus,
        question: QuestionKey,
    ) -> impl Iterator<Item = (ValueKey, f64)> + use<'a> {
        let mut answers: Vec<(ValueKey, f64)> = if self.is_closed() {
            let row = self
                .dense
                .chunks(self.values)
                .nth(question.0 as usize)
                .unwrap_or_default();
            (0u32..).map(ValueKey).zip(row.iter().copied()).collect()
        } else {
            corpus
                .candidates_of(question.0 as usize)
                .filter_map(|candidate| {
                    Some((
                        ValueKey(*corpus.candidate_value.get(candidate)?),
                        *self.candidates.get(candidate)?,
                    ))
                })
                .collect()
        };
        answers.sort_by(|a, b| corpus.value_name(a.0).cmp(corpus.value_name(b.0)));
        answers.into_iter()
    }

    /// The most probable claimed value of a question, the first by name of equals. Of hedged values only those that hold no other claimed
    /// value compete.
    pub fn answer(&self, corpus: &Corpus, question: QuestionKey) -> Option<(ValueKey, f64)> {
        self.best(corpus, question.0 as usize)
            .map(|(value, p)| (ValueKey(value), p))
    }

    pub(crate) fn best(&self, corpus: &Corpus, question: usize) -> Option<(u32, f64)> {
        corpus
            .innermost(question)
            .filter_map(|candidate| {
                Some((
                    *corpus.candidate_value.get(candidate)?,
                    *self.candidates.get(candidate)?,
                ))
            })
            .min_by(|a, b| {
                b.1.total_cmp(&a.1)
                    .then_with(|| corpus.values.text(a.0).cmp(corpus.values.text(b.0)))
            })
    }

    /// What was learned about a source.
    pub fn source(&self, source: SourceKey) -> Option<SourceAccuracy> {
        self.sources.get(source.0 as usize).copied()
    }

    /// The sources that share an origin, in no particular order.
    pub fn origins(&self) -> &[CommonOrigin] {
        &self.origins
    }

    /// How many passes over the data were made.
    pub fn passes(&self) -> u32 {
        self.passes
    }

    /// Closed vocabularies: how strongly errors on one question were taken to go together.
    pub fn shared_error(&self) -> Option<f64> {
        self.shared_error
    }
}

pub(crate) fn is_closed(corpus: &Corpus, options: &FitOptions) -> bool {
    if corpus.is_numeric() {
        return false;
    }
    let values = corpus.values.len();
    #[expect(clippy::cast_precision_loss, reason = "only compared")]
    let enough = corpus.whole.unwrap_or(corpus.len() as u64) as f64
        >= options.closed_claims * (values * values) as f64;
    let possible = closed::is_possible(corpus.sources.len(), values);
    match options.vocabulary {
        Vocabulary::Auto => possible && values <= options.closed_values as usize && enough,
        Vocabulary::Closed => possible,
        Vocabulary::Open => false,
    }
}

/// The probabilities of the claimed values.
pub(crate) fn of_candidates(corpus: &Corpus, dense: &[f64], values: usize) -> Vec<f64> {
    let mut p = Vec::with_capacity(corpus.candidate_value.len());
    for (question, row) in dense.chunks_exact(values).enumerate() {
        p.extend(
            corpus
                .candidates_of(question)
                .map(|candidate| row[corpus.candidate_value[candidate] as usize]),
        );
    }
    p
}

/// Keeps what nobody claims on a question just below the best of what somebody does, unless the answer is known.
pub(crate) fn put_claimed_first(corpus: &Corpus, dense: &mut [f64], values: usize) {
    let mut claimed = vec![false; values];
    for (question, row) in dense.chunks_exact_mut(values).enumerate() {
        if corpus.known_answer(question).is_some() {
            continue;
        }
        claimed.fill(false);
        let mut best = 0.0f64;
        for candidate in corpus.candidates_of(question) {
            let value = corpus.candidate_value[candidate] as usize;
            claimed[value] = true;
            best = best.max(row[value]);
        }
        let most = best * (1.0 - 1e-6);
        if row
            .iter()
            .zip(&claimed)
            .any(|(&p, &claimed)| !claimed && p > most)
        {
            for (p, _) in row
                .iter_mut()
                .zip(&claimed)
                .filter(|(_, claimed)| !**claimed)
            {
                *p = p.min(most);
            }
            // Scaled first: the best claimed value may be as small as it likes.
            let scale = 1.0 / best.max(f64::MIN_POSITIVE);
            let total = super::units::sum(row.iter().map(|p| p * scale));
            for p in row {
                *p = *p * scale / total;
            }
        }
    }
}

/// Accuracies with their intervals: normal on the scale of log odds, with the strength of the prior among the observations.
pub(crate) fn accuracies(
    accuracy: &[f64],
    claims: &[f64],
    options: &FitOptions,
) -> Vec<SourceAccuracy> {
    accuracy
        .iter()
        .zip(claims)
        .map(|(&accuracy, &claims)| {
            let middle = (accuracy / (1.0 - accuracy)).ln();
            let spread =
                1.96 / ((claims + options.source_strength) * accuracy * (1.0 - accuracy)).sqrt();
            let back = |x: f64| 1.0 / (1.0 + (-x).exp());
            SourceAccuracy {
                claims,
                accuracy,
                low: back(middle - spread).min(accuracy),
                high: back(middle + spread).max(accuracy),
            }
        })
        .collect()
}

pub(crate) fn weigh(corpus: &Corpus, options: &FitOptions, pairs: &[copy::Pair]) -> Weights {
    if pairs.is_empty() {
        return Weights::new(corpus, None);
    }
    Weights::new(corpus, Some(&copy::discounts(corpus, options, pairs)))
}

/// The log evidence of an earlier fit for the candidates of a larger corpus; none for new ones.
fn carry_over(corpus: &Corpus, log: &[i64], candidates: &[u32], values: &[u32]) -> Vec<i64> {
    let mut carried = vec![0; corpus.candidate_value.len()];
    for (question, bounds) in candidates.windows(2).enumerate() {
        let earlier = bounds[0] as usize..bounds[1] as usize;
        let values = &values[earlier.clone()];
        for candidate in corpus.candidates_of(question) {
            // Candidates of one question are sorted by value.
            if let Ok(at) = values.binary_search(&corpus.candidate_value[candidate]) {
                carried[candidate] = log[earlier.start + at];
            }
        }
    }
    carried
}

pub(crate) fn common_origins(pairs: &[copy::Pair]) -> Vec<CommonOrigin> {
    pairs
        .iter()
        .map(|pair| CommonOrigin {
            a: SourceKey(pair.a),
            b: SourceKey(pair.b),
            probability: pair.probability,
            a_first: 0.5,
        })
        .collect()
}
