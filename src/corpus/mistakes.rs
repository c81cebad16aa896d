//! How sources err.
//!
//! ```text
//! n(k, l)  = sum of w p[q,k] over the claims of s that say l, k not l       k may be "none of them"
//! C_s[k,l] = (N_s[k,l] + c B_s[k,l]) / (N_s[k,.] + c)                       closed; as in the model, of the last probabilities
//! e_i      = x_i - t_q                                                      numbers: claim less estimate
//! ```

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the fitted corpus"
)]

use std::collections::BTreeMap;

use super::closed::Closed;
use super::fit::{Fit, State, weigh};
use super::table::{Corpus, QuestionKey, SourceKey, ValueKey};
use super::units::{amount, mass};

/// One way in which a source errs: it says one value where another is right.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Mistake {
    /// What is right; none where it is nothing that anybody claims there.
    pub right: Option<ValueKey>,
    /// What the source says.
    pub said: ValueKey,
    /// How often, as far as known: claims, each weighed by the chance that `right` is right.
    pub claims: f64,
    /// How often some other source says the same thing there, weighed alike: what is shared is no slip.
    pub shared: f64,
}

/// What the sources of a closed vocabulary say, given what is right: see [`Fit::pattern`].
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    values: usize,
    /// By source, then what is right, then what is said.
    chances: Vec<f64>,
}

/// How far a source's numbers lie from the estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Bias {
    /// How many of its claims are compared: exact ones on questions where others speak, too.
    pub claims: usize,
    /// The mean of claim less estimate: above 0 where it says too much.
    pub mean: f64,
    /// The median of the same, which a few mistyped claims do not move.
    pub median: f64,
    /// The mean of the distances.
    pub mean_absolute: f64,
}

impl Pattern {
    /// The chance that the source says `said` where `right` is right; 0 for numbers that are not of the corpus.
    pub fn chance(&self, source: SourceKey, right: ValueKey, said: ValueKey) -> f64 {
        let (right, said) = (right.0 as usize, said.0 as usize);
        if right >= self.values || said >= self.values {
            return 0.0;
        }
        let at = (source.0 as usize * self.values + right) * self.values + said;
        self.chances.get(at).copied().unwrap_or(0.0)
    }
}

impl Fit {
    /// The confusion pattern of every source, in a closed vocabulary fitted by the default model: learned from its own claims where there
    /// are enough of them, shrunk to the pattern of all where not. None otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder();
    /// for question in 0..40 {
    ///     let (name, truth) = (format!("q{question}"), if question % 2 == 0 { "cat" } else { "dog" });
    ///     builder.claim(&name, "ann", truth)?.claim(&name, "bob", truth)?.claim(&name, "catlover", "cat")?;
    /// }
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let pattern = fit.pattern(&corpus).unwrap();
    /// let (cat, dog) = (corpus.value("cat").unwrap(), corpus.value("dog").unwrap());
    /// assert!(pattern.chance(corpus.source("catlover").unwrap(), dog, cat) > 0.8);
    /// assert!(pattern.chance(corpus.source("ann").unwrap(), dog, cat) < 0.2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Complexity
    ///
    /// O(claims), and O(sources · values²).
    pub fn pattern(&self, corpus: &Corpus) -> Option<Pattern> {
        let State::Closed { core, .. } = &self.state else {
            return None;
        };
        let weights = weigh(corpus, &self.options, &self.pairs);
        let model = Closed::new(corpus, &self.options, &weights, 1);
        Some(Pattern {
            values: self.values,
            chances: model.patterns(core),
        })
    }

    /// What a source says instead of what is right, most frequent first: on questions where others speak, too. Where many of them are
    /// `shared`, it has them from somewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder();
    /// for question in ["a", "b", "c", "d"] {
    ///     builder.claim(question, "atlas", question)?.claim(question, "almanac", question)?.claim(question, "rumour", "Atlantis")?;
    /// }
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let mistakes = fit.mistakes(&corpus, corpus.source("rumour").unwrap());
    /// assert_eq!(corpus.value_name(mistakes[0].said), "Atlantis");
    /// assert!(mistakes[0].claims > 0.8 && mistakes[0].shared < 0.1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Complexity
    ///
    /// O(claims of the corpus), and O(v log v) in the possible values v of its claims' questions.
    pub fn mistakes(&self, corpus: &Corpus, source: SourceKey) -> Vec<Mistake> {
        let mut found: BTreeMap<(ValueKey, Option<ValueKey>), (u64, u64)> = BTreeMap::new();
        for (question, candidate) in shared_claims(corpus, source) {
            let said = ValueKey(corpus.candidate_value[candidate]);
            let claims = corpus.claims_of(candidate);
            let repeated = claims.len() > 1;
            let weight = claims
                .clone()
                .find(|&claim| corpus.source[claim] == source.0)
                .and_then(|claim| corpus.given.get(claim))
                .map_or(1.0, |&m| 1.0 / f64::from(m));
            let answers: Vec<(ValueKey, f64)> = self.answers(corpus, question).collect();
            let rest = 1.0 - answers.iter().map(|answer| answer.1).sum::<f64>();
            let none = if corpus.is_hedged() { 0.0 } else { rest };
            let wrong = answers
                .into_iter()
                .filter(|(right, _)| *right != said && !corpus.holds(said, *right))
                .map(|(right, p)| (Some(right), p))
                .chain([(None, none)]);
            for (right, p) in wrong.filter(|(_, p)| *p > 0.0) {
                let units = mass(weight * p);
                let (claims, shared) = found.entry((said, right)).or_default();
                *claims += units;
                *shared += if repeated { units } else { 0 };
            }
        }
        let mut mistakes: Vec<Mistake> = found
            .into_iter()
            .filter(|(_, (claims, _))| *claims > 0)
            .map(|((said, right), (claims, shared))| Mistake {
                right,
                said,
                claims: amount(claims),
                shared: amount(shared),
            })
            .collect();
        let name = |value| corpus.value_name(value);
        mistakes.sort_by(|a, b| {
            let names = |mistake: &Mistake| (mistake.right.map(name), name(mistake.said));
            b.claims
                .total_cmp(&a.claims)
                .then_with(|| names(a).cmp(&names(b)))
        });
        mistakes
    }

    /// How far a source's numbers lie from the estimates, on questions where others speak, too; none where it has none there.
    ///
    /// Its own claims have their part in the estimates, so that a bias is shown smaller than it is where few others speak.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder().numbers(0.0);
    /// for (question, height) in [("a", 300), ("b", 320), ("c", 410)] {
    ///     for (source, more) in [("surveyor", 0), ("mason", 0), ("owner", 15)] {
    ///         builder.claim(question, source, &(height + more).to_string())?;
    ///     }
    /// }
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let bias = fit.bias(&corpus, corpus.source("owner").unwrap()).unwrap();
    /// assert!((bias.median - 15.0).abs() < 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn bias(&self, corpus: &Corpus, source: SourceKey) -> Option<Bias> {
        let mut errors: Vec<f64> = shared_claims(corpus, source)
            .filter(|&(_, candidate)| corpus.is_exact(corpus.candidate_value[candidate]))
            .filter_map(|(question, candidate)| {
                let estimate = self.estimate(question)?.estimate;
                Some(corpus.number(corpus.candidate_value[candidate]) - estimate)
            })
            .collect();
        // In a fixed order, whatever that of the questions.
        errors.sort_by(f64::total_cmp);
        let middle = errors.get(errors.len().checked_sub(1)? / 2..)?;
        let median = match (errors.len() % 2, middle) {
            (0, [low, high, ..]) => low / 2.0 + high / 2.0,
            (_, [low, ..]) => *low,
            _ => return None,
        };
        let count = errors.len() as f64;
        Some(Bias {
            claims: errors.len(),
            mean: errors.iter().sum::<f64>() / count,
            median,
            mean_absolute: errors.iter().map(|error| error.abs()).sum::<f64>() / count,
        })
    }
}

/// The claims of a source where others speak, too: question and candidate.
fn shared_claims(corpus: &Corpus, source: SourceKey) -> impl Iterator<Item = (QuestionKey, usize)> {
    (0u32..)
        .map(QuestionKey)
        .take(corpus.question_count())
        .filter(move |question| {
            let claims = corpus.claims_on(question.0 as usize);
            corpus.source[claims].iter().any(|&other| other != source.0)
        })
        .flat_map(move |question| {
            corpus
                .candidates_of(question.0 as usize)
                .filter(move |&candidate| {
                    corpus.source[corpus.claims_of(candidate)].contains(&source.0)
                })
                .map(move |candidate| (question, candidate))
        })
}
