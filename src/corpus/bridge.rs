//! One question of a corpus as a dossier.
//!
//! ```text
//! a_s   accuracy of source s, as learned                 J   false values: values - 1 in a closed vocabulary, else false_values
//! g     = 1/(J + 1)                                      how often a guess is right
//! r_s   = (a_s - g)/(1 - g), within [.001, .999]         reliability: a_s = r_s + (1 - r_s) g
//! ```
//!
//! A dossier takes what a source does not know for no claim at all, not for a guess that may be right. So it is told how often the source
//! is right beyond what guessing gives (the chance-corrected share of Cohen 1960): somebody who is right half of the time on questions of
//! yes or no carries no weight there, as in the corpus.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::fit::Fit;
use super::number::Number;
use super::numeric;
use super::scale::Scale;
use super::table::{Corpus, QuestionKey, SourceKey, ValueKey};
use crate::claims::claim::Claim;
use crate::claims::dossier::Dossier;
use crate::claims::error::ReadErrors;
use crate::claims::grade::Credibility;
use crate::claims::link::is_identifier;
use crate::claims::question::{Kind, Question};
use crate::claims::source::{CommonOrigin, Source};
use crate::claims::tree::Meta;
use crate::claims::value::Value;
use crate::sets::day;
use crate::sets::probability::Probability;

/// Why a question of a corpus makes no dossier.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// The corpus has no such question.
    #[error("the corpus has no question number {number}")]
    NoQuestion {
        /// Its number.
        number: u32,
    },
    /// Some values are no answers to a question of that kind.
    #[error("not all values can be read: {0}")]
    Values(#[from] ReadErrors),
}

/// The least and the most that a source of a corpus is trusted: nobody there is known to be infallible, or to know nothing.
const LEAST: f64 = 0.001;

impl Fit {
    /// One question as a [`Dossier`], with what was learned: how reliable its sources are and which of them may repeat one another.
    /// [`reconcile`](crate::reconcile) then tells how sure each answer is, and a [report](crate::report) why.
    ///
    /// The question is a count in a corpus of counts, or of numbers where all that is claimed on it is whole and not negative, a date in one
    /// of dates, and otherwise a category. [`dossier_as`](Self::dossier_as) takes it for another kind. Its name is the title.
    ///
    /// - A source's reliability is how often it is right beyond what guessing gives: r = (a − g)/(1 − g) for an accuracy a, where a guess is
    ///   right with g = 1/(J + 1), J being the other values of a closed vocabulary or else
    ///   [`false_values`](super::FitOptions::false_values); r is kept within [.001, .999]. The accuracy itself, its interval and how many
    ///   claims it rests on are in the source's `meta`.
    /// - Of a source that gives m values each claim has credibility 1/m.
    /// - Numbers within the tolerance of a better supported one make one answer with it, from the least of them to the greatest.
    /// - Each of [`origins`](Self::origins) with both its sources on the question is a common origin.
    /// - A known answer is the claim of a source of reliability 1, called "known answers".
    /// - The corpus's own probabilities are in the dossier's `meta`, to compare with.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    /// use discrepancy::{reconcile, report};
    ///
    /// let mut builder = Corpus::builder();
    /// for question in ["a", "b", "c", "d", "e", "f"] {
    ///     builder.claim(question, "atlas", question)?.claim(question, "almanac", question)?.claim(question, "rumour", "no idea")?;
    /// }
    /// builder.claim("capital", "atlas", "Canberra")?.claim("capital", "rumour", "Sydney")?;
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    ///
    /// let dossier = fit.dossier(&corpus, corpus.question("capital").unwrap())?;
    /// let findings = reconcile(dossier);
    /// assert!(findings.belief("capital", "Canberra")?.belief > findings.belief("capital", "Sydney")?.belief);
    /// assert!(report::text(&findings).contains("In dispute: \"Sydney\" (rumour)"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BridgeError`]: no such question, or a value that is no answer to it.
    ///
    /// # Complexity
    ///
    /// O(n log n) in the claims of the question, and O(pairs) for all common origins found.
    pub fn dossier(&self, corpus: &Corpus, question: QuestionKey) -> Result<Dossier, BridgeError> {
        let values = claimed(corpus, question);
        let known = corpus.told_answer(question.0 as usize);
        let whole = || {
            values
                .iter()
                .map(|&value| corpus.value_name(value))
                .chain(known)
                .all(|text| whole(text).is_some())
        };
        let kind = match corpus.scale() {
            Some(Scale::Counts) => Kind::Count,
            Some(Scale::Dates) => Kind::Date,
            Some(Scale::Numbers) if whole() => Kind::Count,
            Some(Scale::Numbers) | None => Kind::Category,
        };
        self.dossier_as(corpus, question, kind)
    }

    /// The same with the answers read as those to a question of this kind: counts as [`Phrase`](crate::Phrase) reads them, where they are
    /// not just a whole number, dates as EDTF.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    /// use discrepancy::{Kind, reconcile};
    ///
    /// let mut builder = Corpus::builder();
    /// builder.claim("opened", "archive", "1931-05")?.claim("opened", "plaque", "1931-05-02")?;
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let dossier = fit.dossier_as(&corpus, corpus.question("opened").unwrap(), Kind::Date)?;
    /// assert!(reconcile(dossier).conflicts.is_empty()); // a day of that month
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BridgeError`]: no such question, or a value that is no answer to one of that kind.
    pub fn dossier_as(
        &self,
        corpus: &Corpus,
        question: QuestionKey,
        kind: Kind,
    ) -> Result<Dossier, BridgeError> {
        if claimed(corpus, question).is_empty() {
            return Err(BridgeError::NoQuestion { number: question.0 });
        }
        let name = corpus.question_name(question);
        let id = if is_identifier(name) { name } else { "answer" };
        let mut builder = Dossier::builder()
            .title(name)
            .question(Question::with_kind(id, kind).text(name));
        builder.meta = Some(self.probabilities(corpus, question).into());

        let mut claims: Vec<(SourceKey, ValueKey)> = corpus.claims(question).collect();
        claims
            .sort_by_key(|&(source, value)| (corpus.source_name(source), corpus.value_name(value)));
        let sources: BTreeSet<&str> = claims
            .iter()
            .map(|&(source, _)| corpus.source_name(source))
            .collect();
        let mut given: BTreeMap<SourceKey, u32> = BTreeMap::new();
        for (source, _) in &claims {
            *given.entry(*source).or_default() += 1;
        }
        let source_id = |source| match corpus.source_name(source) {
            "" => unlike("no name", &sources),
            name => name.to_owned(),
        };
        for &source in given.keys() {
            builder = builder.source(self.learned(source, source_id(source)));
        }
        let said = Answers::new(corpus, question, kind);
        let digits = (claims.len() + 1).to_string().len();
        let mut number = 0;
        let mut next = || {
            number += 1;
            format!("c{number:0digits$}")
        };
        for &(source, value) in &claims {
            let mut claim = Claim::new(next())
                .question(id)
                .source(source_id(source))
                .value(said.of(value));
            if let Some(&m) = given.get(&source).filter(|&&m| m > 1) {
                claim =
                    claim.credibility(Credibility::from(Probability::constant(1.0 / f64::from(m))));
            }
            builder = builder.claim(claim);
        }
        if let Some(known) = corpus.told_answer(question.0 as usize) {
            let source = unlike("known answers", &sources);
            builder = builder
                .source(Source::new(source.as_str()).reliability(Probability::ONE))
                .claim(
                    Claim::new(next())
                        .question(id)
                        .source(source)
                        .value(said.known(known)),
                );
        }
        for origin in self.origins() {
            if given.contains_key(&origin.a) && given.contains_key(&origin.b) {
                builder = builder.common_origin(CommonOrigin::new(
                    [source_id(origin.a), source_id(origin.b)],
                    Probability::constant(origin.probability),
                ));
            }
        }
        Ok(builder.build()?)
    }

    /// A source with its learned reliability.
    fn learned(&self, source: SourceKey, id: String) -> Source {
        let mut out = Source::new(id);
        if let Some(learned) = self.source(source) {
            let guess = self.guess();
            let r = (learned.accuracy - guess) / (1.0 - guess);
            out = out.reliability(Probability::constant(r.clamp(LEAST, 1.0 - LEAST)));
            out.meta = Some(Meta::from(json!({
                "accuracy": learned.accuracy, "low": learned.low, "high": learned.high, "claims": learned.claims,
            })));
        }
        out
    }

    /// How often a guess is right.
    #[expect(clippy::cast_precision_loss, reason = "at most 64 values")]
    fn guess(&self) -> f64 {
        if self.is_closed() {
            1.0 / self.values as f64
        } else {
            1.0 / (self.options().false_values + 1.0)
        }
    }

    /// What the corpus thinks of the claimed values.
    fn probabilities(&self, corpus: &Corpus, question: QuestionKey) -> Json {
        let claimed: BTreeSet<ValueKey> = claimed(corpus, question).into_iter().collect();
        let p: BTreeMap<&str, f64> = self
            .answers(corpus, question)
            .filter(|(value, _)| claimed.contains(value))
            .map(|(value, p)| (corpus.value_name(value), p))
            .collect();
        json!({ "corpus": { "probabilities": p } })
    }
}

/// The values claimed on a question.
fn claimed(corpus: &Corpus, question: QuestionKey) -> Vec<ValueKey> {
    corpus
        .candidates_of(question.0 as usize)
        .filter_map(|candidate| corpus.candidate_value.get(candidate))
        .map(|&value| ValueKey(value))
        .collect()
}

/// A name that none of these is.
fn unlike(name: &str, taken: &BTreeSet<&str>) -> String {
    let mut name = name.to_owned();
    while taken.contains(name.as_str()) {
        name.push('*');
    }
    name
}

/// The whole number, not negative and below 2^64, that a text is a spelling of.
fn whole(text: &str) -> Option<u64> {
    Number::parse(text)?.whole()
}

/// The whole number, not negative and below 2^64, that a value is; of a date the number of its day.
fn exact(corpus: &Corpus, value: u32) -> Option<u64> {
    match corpus.scale() {
        Some(Scale::Counts | Scale::Dates) => u64::try_from(corpus.stretch(value).single()?).ok(),
        Some(Scale::Numbers) | None => whole(corpus.value_name(ValueKey(value))),
    }
}

/// A text as an answer to a question of this kind.
fn read(text: &str, kind: Kind) -> Value {
    match (kind, whole(text)) {
        (Kind::Count, Some(number)) => number.into(),
        _ => text.into(),
    }
}

/// The answers of one question, where numbers within the tolerance are one.
struct Answers<'a> {
    corpus: &'a Corpus,
    kind: Kind,
    /// Per value that shares its answer with others, what that is.
    shared: BTreeMap<ValueKey, Value>,
}

impl<'a> Answers<'a> {
    fn new(corpus: &'a Corpus, question: QuestionKey, kind: Kind) -> Self {
        let mut shared = BTreeMap::new();
        if corpus.tolerance() > 0.0 {
            for group in numeric::groups(corpus, question.0 as usize) {
                if group.len() < 2 {
                    continue;
                }
                let numbers = || group.iter().filter_map(|&value| exact(corpus, value));
                let day = |number: Option<u64>| day::from_number(number?.into());
                let value = match (kind, numbers().min(), numbers().max()) {
                    (Kind::Count, Some(least), Some(most)) => Value::between(least, most),
                    (Kind::Date, least, most) => match (day(least), day(most)) {
                        (Some(least), Some(most)) => Value::between(least, most),
                        _ => continue,
                    },
                    // The value that the others count as comes first.
                    (Kind::Category, ..) => match group.first() {
                        Some(&centre) => corpus.value_name(ValueKey(centre)).into(),
                        None => continue,
                    },
                    _ => continue,
                };
                shared.extend(
                    group
                        .iter()
                        .map(|&member| (ValueKey(member), value.clone())),
                );
            }
        }
        Self {
            corpus,
            kind,
            shared,
        }
    }

    fn of(&self, value: ValueKey) -> Value {
        self.shared
            .get(&value)
            .cloned()
            .unwrap_or_else(|| read(self.corpus.value_name(value), self.kind))
    }

    /// The same of a value that nobody may have claimed.
    fn known(&self, text: &str) -> Value {
        match self.corpus.value(text) {
            Some(value) => self.of(value),
            None => read(text, self.kind),
        }
    }
}
