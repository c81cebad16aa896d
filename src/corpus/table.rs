//! The claims: who says what about which question, by small numbers.

#![expect(
    clippy::indexing_slicing,
    reason = "all offsets and numbers are made here: start has one entry more than there are questions, and so on"
)]

use super::fit::Fit;
use super::names::Names;
use super::number::Number;
use super::options::{FitOptions, FitOptionsError};

/// A question of a [`Corpus`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuestionKey(pub(crate) u32);

/// A source of a [`Corpus`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceKey(pub(crate) u32);

/// A value of a [`Corpus`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueKey(pub(crate) u32);

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
    /// A value that is no number, in a corpus of numbers.
    #[error("{found:?} is not a number")]
    NotANumber {
        /// The value.
        found: String,
    },
}

/// Collects claims, in any order.
#[derive(Debug, Clone)]
#[must_use]
pub struct CorpusBuilder {
    questions: Names,
    sources: Names,
    values: Names,
    question: Vec<u32>,
    source: Vec<u32>,
    value: Vec<u32>,
    known: Vec<(String, String)>,
    numbers: Option<Numbers>,
}

/// What a corpus of numbers knows besides names.
#[derive(Debug, Clone)]
struct Numbers {
    tolerance: f64,
    /// Per value.
    number: Vec<f64>,
    /// Per value its spelling, the first by bytes if there are several.
    spelling: Vec<String>,
}

#[doc = include_str!("corpus.md")]
#[derive(Debug, Clone)]
pub struct Corpus {
    pub(crate) questions: Names,
    pub(crate) sources: Names,
    pub(crate) values: Names,
    /// Where each question's claims start; one entry more than there are questions.
    pub(crate) start: Vec<u32>,
    /// The source of each claim; claims of one value stand together.
    pub(crate) source: Vec<u32>,
    /// Where each question's candidates start; a candidate is a value claimed on a question.
    pub(crate) candidates: Vec<u32>,
    /// The value of each candidate.
    pub(crate) candidate_value: Vec<u32>,
    /// Where each candidate's claims start.
    pub(crate) candidate_start: Vec<u32>,
    /// How many values its source gives on the question of each claim; empty if that is one everywhere.
    pub(crate) given: Vec<u32>,
    /// Known answers: (question, value), sorted by question; the value is [`NOBODY`] if no claim of the corpus names it.
    pub(crate) known: Vec<(u32, u32)>,
    /// The same in words, with those about questions that have no claims yet.
    told: Vec<(String, String)>,
    numbers: Option<Numbers>,
}

/// The number of a value that no claim names.
pub(crate) const NOBODY: u32 = u32::MAX;

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
    pub fn numbers(mut self, tolerance: f64) -> Self {
        let tolerance = if tolerance.is_finite() {
            tolerance.max(0.0)
        } else {
            0.0
        };
        self.numbers = Some(Numbers {
            tolerance,
            number: Vec::new(),
            spelling: Vec::new(),
        });
        self
    }

    /// Adds one claim. An exact repeat counts once; several values of one source on one question share its vote.
    ///
    /// # Errors
    ///
    /// [`CorpusError::TooMany`] beyond 2^32 − 2 claims or names; [`CorpusError::NotANumber`] in a corpus of numbers.
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
                let number = Number::parse(value).ok_or_else(|| CorpusError::NotANumber {
                    found: excerpt(value),
                })?;
                let id = self.values.intern(&number.key);
                match id.and_then(|id| numbers.spelling.get_mut(id as usize)) {
                    Some(spelling) if value < spelling.as_str() => value.clone_into(spelling),
                    Some(_) => {}
                    None => {
                        numbers.number.push(number.value);
                        numbers.spelling.push(value.to_owned());
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
    pub fn build(self) -> Corpus {
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
            given: Vec::new(),
            known: Vec::new(),
            told: self.known,
            numbers: self.numbers,
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

/// Where each group ends up in a counting sort: entry g + 1 is the end of group g, entry 0 is 0.
pub(crate) fn offsets(groups: &[u32], count: usize) -> Vec<u32> {
    let mut ends = vec![0u32; count + 1];
    for &group in groups {
        ends[group as usize + 1] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    ends
}

impl Corpus {
    /// Starts collecting claims.
    pub fn builder() -> CorpusBuilder {
        CorpusBuilder::new()
    }

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
        builder.known = self.told;
        if let Some(numbers) = self.numbers {
            for spelling in &numbers.spelling {
                builder
                    .values
                    .intern(&Number::parse(spelling).map_or_else(String::new, |number| number.key));
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

    /// How many different claims there are.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// How many questions there are.
    pub fn question_count(&self) -> usize {
        self.questions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// The questions, sorted by their names.
    pub fn questions(&self) -> impl ExactSizeIterator<Item = QuestionKey> + use<> {
        self.questions.sorted().into_iter().map(QuestionKey)
    }

    /// The sources, sorted by their names.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = SourceKey> + use<> {
        self.sources.sorted().into_iter().map(SourceKey)
    }

    /// The values of all questions, sorted by their names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = ValueKey> + use<> {
        self.values.sorted().into_iter().map(ValueKey)
    }

    /// The question of a name.
    pub fn question(&self, name: &str) -> Option<QuestionKey> {
        self.questions.find(name).map(QuestionKey)
    }

    /// The source of a name.
    pub fn source(&self, name: &str) -> Option<SourceKey> {
        self.sources.find(name).map(SourceKey)
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<ValueKey> {
        self.values.find(name).map(ValueKey)
    }

    /// A question's name.
    pub fn question_name(&self, question: QuestionKey) -> &str {
        self.questions.text(question.0)
    }

    /// A source's name.
    pub fn source_name(&self, source: SourceKey) -> &str {
        self.sources.text(source.0)
    }

    /// A value's name.
    pub fn value_name(&self, value: ValueKey) -> &str {
        self.values.text(value.0)
    }

    /// The claims on a question: who says what, in no particular order.
    pub fn claims(
        &self,
        question: QuestionKey,
    ) -> impl Iterator<Item = (SourceKey, ValueKey)> + '_ {
        self.candidates_of(question.0 as usize)
            .flat_map(move |candidate| {
                let value = ValueKey(self.candidate_value[candidate]);
                self.source[self.claims_of(candidate)]
                    .iter()
                    .map(move |&source| (SourceKey(source), value))
            })
    }

    /// Learns whom to trust and what is right.
    ///
    /// # Errors
    ///
    /// [`FitOptionsError`] where a constant is out of its range.
    pub fn fit(&self, options: &FitOptions) -> Result<Fit, FitOptionsError> {
        Fit::new(self, options)
    }

    /// The candidates of a question; none for a number that is no question's.
    pub(crate) fn candidates_of(&self, question: usize) -> std::ops::Range<usize> {
        match self.candidates.get(question..) {
            Some([first, end, ..]) => *first as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// The claims of a question.
    pub(crate) fn claims_on(&self, question: usize) -> std::ops::Range<usize> {
        self.start[question] as usize..self.start[question + 1] as usize
    }

    /// The claims of a candidate.
    pub(crate) fn claims_of(&self, candidate: usize) -> std::ops::Range<usize> {
        self.candidate_start[candidate] as usize..self.candidate_start[candidate + 1] as usize
    }

    /// How many values each source gives on each question.
    fn count_given(&mut self) {
        let mut count = vec![0u32; self.sources.len()];
        let mut given = Vec::new();
        for question in 0..self.questions.len() {
            let claims = self.claims_on(question);
            if self.candidates_of(question).len() < 2 {
                continue; // equal claims have been merged
            }
            for &source in &self.source[claims.clone()] {
                count[source as usize] += 1;
            }
            for claim in claims.clone() {
                let m = count[self.source[claim] as usize];
                if m > 1 {
                    if given.is_empty() {
                        given = vec![1; self.source.len()];
                    }
                    given[claim] = m;
                }
            }
            for &source in &self.source[claims] {
                count[source as usize] = 0;
            }
        }
        self.given = given;
    }

    /// The known answer of a question.
    pub(crate) fn known_answer(&self, question: usize) -> Option<u32> {
        if self.known.is_empty() {
            return None;
        }
        let at = self
            .known
            .binary_search_by_key(&question, |answer| answer.0 as usize)
            .ok()?;
        Some(self.known[at].1)
    }

    /// The known answer of a question as it was told.
    pub(crate) fn told_answer(&self, question: usize) -> Option<&str> {
        let known = self.known_answer(question)?;
        let name = self.questions.text(u32::try_from(question).ok()?);
        if known != NOBODY {
            return Some(self.values.text(known));
        }
        self.told
            .iter()
            .rev()
            .find(|answer| answer.0 == name)
            .map(|answer| answer.1.as_str())
    }

    fn find_value(&self, value: &str) -> Option<u32> {
        match &self.numbers {
            None => self.values.find(value),
            Some(_) => self.values.find(&Number::parse(value)?.key),
        }
    }

    /// Whether the values are numbers.
    pub fn is_numeric(&self) -> bool {
        self.numbers.is_some()
    }

    /// How far apart numbers may be that agree.
    pub(crate) fn tolerance(&self) -> f64 {
        self.numbers
            .as_ref()
            .map_or(0.0, |numbers| numbers.tolerance)
    }

    /// The number of a value.
    pub(crate) fn number(&self, value: u32) -> f64 {
        self.numbers
            .as_ref()
            .and_then(|numbers| numbers.number.get(value as usize))
            .copied()
            .unwrap_or(0.0)
    }

    /// The same claims with the value of one candidate for that of another, and a second value for some; numbers of questions,
    /// sources and values stay.
    pub(crate) fn with_values(&self, counts_as: &[usize], half: &[Option<usize>]) -> Self {
        let mut builder = CorpusBuilder::new();
        for question in 0..self.questions.len() {
            for candidate in self.candidates_of(question) {
                let values = std::iter::once(counts_as[candidate]).chain(half[candidate]);
                for value in values.map(|candidate| self.candidate_value[candidate]) {
                    for &source in &self.source[self.claims_of(candidate)] {
                        builder
                            .question
                            .push(u32::try_from(question).unwrap_or(u32::MAX));
                        builder.source.push(source);
                        builder.value.push(value);
                    }
                }
            }
        }
        builder.questions = self.questions.clone();
        builder.sources = self.sources.clone();
        builder.values = self.values.clone();
        let mut corpus = builder.build();
        corpus.numbers.clone_from(&self.numbers);
        corpus.known.clone_from(&self.known);
        for known in &mut corpus.known {
            // The known value may count as another.
            let candidate = self
                .candidates_of(known.0 as usize)
                .find(|&c| self.candidate_value[c] == known.1);
            if let Some(candidate) = candidate {
                known.1 = self.candidate_value[counts_as[candidate]];
            }
        }
        corpus
    }

    fn known_answers(&self) -> Vec<(u32, u32)> {
        let mut answers: Vec<(u32, u32)> = self
            .told
            .iter()
            .rev() // the last one counts, and the sort below is stable
            .filter_map(|(question, value)| {
                Some((
                    self.questions.find(question)?,
                    self.find_value(value).unwrap_or(NOBODY),
                ))
            })
            .collect();
        answers.sort_by_key(|answer| answer.0);
        answers.dedup_by_key(|answer| answer.0);
        answers
    }
}
