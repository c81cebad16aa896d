//! Collects claims.

#![expect(
    clippy::indexing_slicing,
    reason = "all offsets and numbers are made here: ends has one entry more than there are questions, and so on"
)]

use super::names::Names;
use super::order::NEVER;
use super::scale::Scale;
use super::table::{Corpus, Numbers, offsets};
use crate::claims::edtf;

/// Claims that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// More than 2^32 − 2 claims, or names of one kind.
    #[error("more than {most} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The most there can be.
        most: u32,
    },
    /// A value that is no number, in a corpus of numbers, or no count, in one of counts.
    #[error("{found:?} is not a number")]
    NotANumber {
        /// The value.
        found: String,
    },
    /// What should say when a claim was made is neither a day nor an instant.
    #[error("{found:?} is neither a day nor an RFC 3339 instant")]
    NoTime {
        /// The text.
        found: String,
    },
    /// A value that is no date, in a corpus of dates.
    #[error("{found:?} is not a date")]
    NotADate {
        /// The value.
        found: String,
    },
}

/// Collects claims, in any order.
#[derive(Debug, Clone)]
#[must_use]
pub struct CorpusBuilder {
    pub(super) questions: Names,
    pub(super) sources: Names,
    pub(super) values: Names,
    pub(super) question: Vec<u32>,
    pub(super) source: Vec<u32>,
    pub(super) value: Vec<u32>,
    known: Vec<(String, String)>,
    numbers: Option<Numbers>,
    /// Question, value and source of the claims whose time is known, with that.
    pub(super) times: Vec<(u32, u32, u32, i64)>,
}

impl CorpusBuilder {
    /// No claims yet.
    pub fn new() -> Self {
        Self {
            questions: Names::new(),
            sources: Names::new(),
            values: Names::new(),
            question: Vec::new(),
            source: Vec::new(),
            value: Vec::new(),
            known: Vec::new(),
            numbers: None,
            times: Vec::new(),
        }
    }

    /// Takes values as numbers from now on: equal ones are one value whatever their spelling, and those no further apart than the
    /// tolerance agree. To be called before the first claim; a tolerance that is not a number of at least 0 is taken as 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder().numbers(0.0);
    /// builder.claim("height", "a", "320")?.claim("height", "b", "320.0")?.claim("height", "c", "3200")?;
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let question = corpus.question("height").unwrap();
    /// assert_eq!(corpus.value_name(fit.answer(&corpus, question).unwrap().0), "320");
    /// assert_eq!(fit.estimate(question).unwrap().estimate.round(), 320.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn numbers(self, tolerance: f64) -> Self {
        let tolerance = if tolerance.is_finite() {
            tolerance.max(0.0)
        } else {
            0.0
        };
        self.on_scale(Scale::Numbers, tolerance)
    }

    /// Takes values as counts from now on: whole numbers from 0 up as in a corpus of [`numbers`](Self::numbers), and hedged ones as
    /// [`Phrase`](crate::Phrase) reads them. A claim of "at least 123" then supports every value from 123 up, as in a dossier. To be
    /// called before the first claim.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder().counts(0);
    /// builder.claim("freed", "envoy", "156")?.claim("freed", "agency", "123")?.claim("freed", "monitors", "fewer than 150")?;
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let question = corpus.question("freed").unwrap();
    /// assert_eq!(corpus.value_name(fit.answer(&corpus, question).unwrap().0), "123");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::cast_precision_loss,
        reason = "a tolerance of 2^53 does not have to be exact"
    )]
    pub fn counts(self, tolerance: u64) -> Self {
        self.on_scale(Scale::Counts, tolerance as f64)
    }

    /// Takes values as dates from now on, in EDTF: days, which agree if they are no further apart than the tolerance in days, and months,
    /// years and intervals, which support each of their days ("1931-05" that of 2 May). To be called before the first claim.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder().dates(0);
    /// builder.claim("opened", "archive", "1931-05-02")?.claim("opened", "plaque", "1931")?.claim("opened", "guide", "1932-05-02")?;
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let question = corpus.question("opened").unwrap();
    /// assert_eq!(corpus.value_name(fit.answer(&corpus, question).unwrap().0), "1931-05-02");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::cast_precision_loss,
        reason = "a tolerance of 2^53 does not have to be exact"
    )]
    pub fn dates(self, tolerance: u64) -> Self {
        self.on_scale(Scale::Dates, tolerance as f64)
    }

    fn on_scale(mut self, scale: Scale, tolerance: f64) -> Self {
        self.numbers = Some(Numbers {
            tolerance,
            number: Vec::new(),
            spelling: Vec::new(),
            scale,
            stretch: Vec::new(),
            hedged: false,
        });
        self
    }

    /// Adds one claim. An exact repeat counts once; several values of one source on one question share its vote.
    ///
    /// # Errors
    ///
    /// [`CorpusError::TooMany`] beyond 2^32 − 2 claims or names; [`CorpusError::NotANumber`] or
    /// [`CorpusError::NotADate`] in a corpus of numbers, counts or dates.
    pub fn claim(
        &mut self,
        question: &str,
        source: &str,
        value: &str,
    ) -> Result<&mut Self, CorpusError> {
        const MOST: u32 = u32::MAX - 1;
        if self.question.len() >= MOST as usize {
            return Err(CorpusError::TooMany {
                what: "claims",
                most: MOST,
            });
        }
        let too_many = |what| CorpusError::TooMany { what, most: MOST };
        let value = match &mut self.numbers {
            None => self.values.intern(value),
            Some(numbers) => {
                let Some(place) = numbers.scale.read(value) else {
                    let found = excerpt(value);
                    return Err(match numbers.scale {
                        Scale::Dates => CorpusError::NotADate { found },
                        Scale::Numbers | Scale::Counts => CorpusError::NotANumber { found },
                    });
                };
                let id = self.values.intern(&place.key);
                match id.and_then(|id| numbers.spelling.get_mut(id as usize)) {
                    Some(spelling) if value < spelling.as_str() => value.clone_into(spelling),
                    Some(_) => {}
                    None => {
                        numbers.number.push(place.value);
                        numbers.spelling.push(value.to_owned());
                        numbers.stretch.extend(place.stretch);
                        numbers.hedged |= place
                            .stretch
                            .is_some_and(|stretch| stretch.single().is_none());
                    }
                }
                id
            }
        }
        .ok_or_else(|| too_many("values"))?;
        let question = self
            .questions
            .intern(question)
            .ok_or_else(|| too_many("questions"))?;
        let source = self
            .sources
            .intern(source)
            .ok_or_else(|| too_many("sources"))?;
        self.question.push(question);
        self.source.push(source);
        self.value.push(value);
        Ok(self)
    }

    /// The same with when it was made: a day (`2025-12-13`, its end in UTC) or an RFC 3339 instant. Of several times of one claim the first
    /// counts. Times tell who of two that share errors is the first ([`CommonOrigin::a_first`](super::CommonOrigin::a_first)).
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::Corpus;
    ///
    /// let mut builder = Corpus::builder();
    /// builder.claim_at("capital", "atlas", "Canberra", "1927-05-09")?;
    /// assert!(builder.claim_at("capital", "atlas", "Canberra", "recently").is_err());
    /// assert_eq!(builder.len(), 1);
    /// # Ok::<(), discrepancy::corpus::CorpusError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`claim`](Self::claim), and [`CorpusError::NoTime`].
    pub fn claim_at(
        &mut self,
        question: &str,
        source: &str,
        value: &str,
        when: &str,
    ) -> Result<&mut Self, CorpusError> {
        let time = edtf::read_instant(when.trim_ascii()).map_err(|_| CorpusError::NoTime {
            found: excerpt(when),
        })?;
        self.claim(question, source, value)?;
        if let (Some(&q), Some(&v), Some(&s)) =
            (self.question.last(), self.value.last(), self.source.last())
        {
            self.times.push((q, v, s, time.timestamp_micros()));
        }
        Ok(self)
    }

    /// Adds an answer that the caller knows: what is right on a question, whoever claims it. The last one on a question counts.
    pub fn known(&mut self, question: &str, value: &str) -> &mut Self {
        self.known.push((question.to_owned(), value.to_owned()));
        self
    }

    /// How many claims were added, repeats included.
    pub fn len(&self) -> usize {
        self.question.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.question.is_empty()
    }

    /// Sorts the claims by question.
    ///
    /// # Complexity
    ///
    /// O(claims), and O(n log n) in the claims of one question.
    pub fn build(mut self) -> Corpus {
        let questions = self.questions.len();
        let mut ends = offsets(&self.question, questions);
        // Value and source in one number, so that sorting a question brings the claims of one value together.
        let mut packed = vec![0u64; self.question.len()];
        for ((&q, &s), &v) in self
            .question
            .iter()
            .zip(&self.source)
            .zip(&self.value)
            .rev()
        {
            let end = &mut ends[q as usize + 1];
            *end -= 1;
            packed[*end as usize] = u64::from(v) << 32 | u64::from(s);
        }
        let mut times = std::mem::take(&mut self.times);
        times.sort_unstable();
        drop((self.question, self.source, self.value));
        // The ends have been counted down to the starts of their own questions.
        let mut bounds: Vec<usize> = ends[1..].iter().map(|&end| end as usize).collect();
        bounds.push(packed.len());
        drop(ends);
        let mut corpus = Corpus {
            questions: self.questions,
            sources: self.sources,
            values: self.values,
            start: vec![0],
            source: Vec::with_capacity(packed.len()),
            candidates: vec![0],
            candidate_value: Vec::new(),
            candidate_start: Vec::new(),
            times: Vec::new(),
            given: Vec::new(),
            known: Vec::new(),
            told: self.known,
            numbers: self.numbers,
            whole: None,
        };
        corpus.start.reserve_exact(questions);
        corpus.candidates.reserve_exact(questions);
        for bound in bounds.windows(2) {
            let of_question = &mut packed[bound[0]..bound[1]];
            of_question.sort_unstable();
            let mut last = None;
            for &mut claim in of_question {
                if last == Some(claim) {
                    continue;
                }
                let value = high(claim);
                if last.is_none_or(|last: u64| high(last) != value) {
                    corpus.candidate_value.push(value);
                    corpus.candidate_start.push(length(&corpus.source));
                }
                last = Some(claim);
                corpus.source.push(low(claim));
            }
            corpus.start.push(length(&corpus.source));
            corpus.candidates.push(length(&corpus.candidate_value));
        }
        corpus.candidate_start.push(length(&corpus.source));
        corpus.count_given();
        corpus.times = times_of(&corpus, &times);
        corpus.known = corpus.known_answers();
        if let Some(numbers) = &corpus.numbers {
            let mut spelled = Names::new();
            for spelling in &numbers.spelling {
                spelled.intern(spelling);
            }
            corpus.values = spelled;
        }
        corpus
    }
}

impl Default for CorpusBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// The time of each claim; the times given are sorted by question, value, source and time.
fn times_of(corpus: &Corpus, given: &[(u32, u32, u32, i64)]) -> Vec<i64> {
    let mut times = Vec::new();
    if given.is_empty() {
        return times;
    }
    times.reserve_exact(corpus.source.len());
    // Claims are in the same order: by question, value and source.
    let mut given = given.iter().peekable();
    for (question, number) in (0..corpus.questions.len()).zip(0u32..) {
        for candidate in corpus.candidates_of(question) {
            let value = corpus.candidate_value[candidate];
            for &source in &corpus.source[corpus.claims_of(candidate)] {
                let claim = (number, value, source);
                while given.next_if(|&&(q, v, s, _)| (q, v, s) < claim).is_some() {}
                let time = given.next_if(|&&(q, v, s, _)| (q, v, s) == claim);
                times.push(time.map_or(NEVER, |time| time.3));
            }
        }
    }
    times
}

/// The start of a text, for a message.
fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}

fn length<T>(list: &[T]) -> u32 {
    // The builder takes no more than u32::MAX − 1 claims.
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

const fn high(claim: u64) -> u32 {
    (claim >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
const fn low(claim: u64) -> u32 {
    claim as u32
}

impl Corpus {
    /// Takes the claims out again, so that more can be added; all numbers stay as they are.
    pub fn into_builder(self) -> CorpusBuilder {
        let mut builder = CorpusBuilder::new();
        builder.question.reserve_exact(self.source.len());
        builder.value.reserve_exact(self.source.len());
        for question in 0..self.questions.len() {
            for candidate in self.candidates_of(question) {
                let count = self.claims_of(candidate).len();
                builder.question.extend(std::iter::repeat_n(
                    u32::try_from(question).unwrap_or(u32::MAX),
                    count,
                ));
                builder
                    .value
                    .extend(std::iter::repeat_n(self.candidate_value[candidate], count));
            }
        }
        let mut times = self.times.iter();
        for ((&question, &value), &source) in builder
            .question
            .iter()
            .zip(&builder.value)
            .zip(&self.source)
        {
            match times.next() {
                Some(&time) if time != NEVER => builder.times.push((question, value, source, time)),
                Some(_) => {}
                None => break,
            }
        }
        builder.known = self.told;
        if let Some(numbers) = self.numbers {
            for spelling in &numbers.spelling {
                let place = numbers.scale.read(spelling);
                builder
                    .values
                    .intern(&place.map_or_else(String::new, |place| place.key));
            }
            builder.numbers = Some(numbers);
        } else {
            builder.values = self.values;
        }
        builder.source = self.source;
        builder.questions = self.questions;
        builder.sources = self.sources;
        builder
    }
}
