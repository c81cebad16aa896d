//! The claims: who says what about which question, by small numbers.

#![expect(
    clippy::indexing_slicing,
    reason = "all offsets and numbers are made here: start has one entry more than there are questions, and so on"
)]

use super::builder::CorpusBuilder;
use super::fit::Fit;
use super::names::Names;
use super::options::{FitOptions, FitOptionsError};
use super::scale::Scale;
use crate::sets::interval::Interval;

/// A question of a [`Corpus`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuestionKey(pub(crate) u32);

/// A source of a [`Corpus`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceKey(pub(crate) u32);

/// A value of a [`Corpus`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueKey(pub(crate) u32);

/// What a corpus of numbers knows besides names.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    pub(super) tolerance: f64,
    /// Per value.
    pub(super) number: Vec<f64>,
    /// Per value its spelling, the first by bytes if there are several.
    pub(super) spelling: Vec<String>,
    pub(super) scale: Scale,
    /// Per value what it says, where values are whole numbers.
    pub(super) stretch: Vec<Interval>,
    /// Whether one of them is not exact.
    pub(super) hedged: bool,
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
    /// When each claim was made, in microseconds of the epoch, or [`NEVER`](super::order::NEVER); empty if nobody says.
    pub(crate) times: Vec<i64>,
    /// How many values its source gives on the question of each claim; empty if that is one everywhere.
    pub(crate) given: Vec<u32>,
    /// Known answers: (question, value), sorted by question; the value is [`NOBODY`] if no claim of the corpus names it.
    pub(crate) known: Vec<(u32, u32)>,
    /// The same in words, with those about questions that have no claims yet.
    pub(super) told: Vec<(String, String)>,
    pub(super) numbers: Option<Numbers>,
    /// How many claims there are in all parts of the corpus that this is one of.
    pub(super) whole: Option<u64>,
}

/// The number of a value that no claim names.
pub(crate) const NOBODY: u32 = u32::MAX;

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
    pub(super) fn count_given(&mut self) {
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
            Some(numbers) => self.values.find(&numbers.scale.read(value)?.key),
        }
    }

    /// Whether the values are numbers.
    pub fn is_numeric(&self) -> bool {
        self.numbers.is_some()
    }

    /// What the values are, in a corpus of numbers.
    pub(crate) fn scale(&self) -> Option<Scale> {
        self.numbers.as_ref().map(|numbers| numbers.scale)
    }

    /// Whether some values are hedged.
    pub(crate) fn is_hedged(&self) -> bool {
        self.numbers.as_ref().is_some_and(|numbers| numbers.hedged)
    }

    /// The whole numbers that a value says; everything, where the corpus has no such scale.
    pub(crate) fn stretch(&self, value: u32) -> Interval {
        self.numbers
            .as_ref()
            .and_then(|numbers| numbers.stretch.get(value as usize))
            .copied()
            .unwrap_or(Interval::EVERYTHING)
    }

    /// Whether a value is one number.
    pub(crate) fn is_exact(&self, value: u32) -> bool {
        !self.is_hedged() || self.stretch(value).single().is_some()
    }

    /// Whether one value holds another.
    pub(crate) fn holds(&self, outer: ValueKey, inner: ValueKey) -> bool {
        self.is_hedged() && self.stretch(inner.0).is_within(self.stretch(outer.0))
    }

    /// The whole numbers that the known answer of a question says.
    pub(crate) fn known_stretch(&self, question: usize) -> Option<Interval> {
        self.scale()?.read(self.told_answer(question)?)?.stretch
    }

    /// The tolerance in whole numbers.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it was a whole number where values are"
    )]
    pub(crate) fn whole_tolerance(&self) -> i128 {
        self.tolerance() as i128
    }

    /// The candidates of a question that hold no other one.
    pub(crate) fn innermost(&self, question: usize) -> impl Iterator<Item = usize> {
        let candidates = self.candidates_of(question);
        let mut outer = Vec::new();
        if self.is_hedged() {
            let mut stretches: Vec<(Interval, usize)> = candidates
                .clone()
                .map(|candidate| (self.stretch(self.candidate_value[candidate]), candidate))
                .collect();
            // From the last start to the first, the shorter of two with one start first.
            let start = |stretch: &Interval| (stretch.lower().is_some(), stretch.lower());
            let end = |stretch: &Interval| (stretch.upper().is_none(), stretch.upper());
            stretches.sort_by(|(a, _), (b, _)| start(b).cmp(&start(a)).then(end(a).cmp(&end(b))));
            let mut least: Option<Interval> = None;
            for (stretch, candidate) in stretches {
                // Of those that start within, the one that ends first: if any lies inside, it does.
                match least {
                    Some(inner) if inner.is_within(stretch) => {
                        if inner != stretch {
                            outer.push(candidate);
                        }
                    }
                    _ => least = Some(stretch),
                }
            }
            outer.sort_unstable();
        }
        candidates.filter(move |candidate| outer.binary_search(candidate).is_err())
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
        corpus.told.clone_from(&self.told);
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

    pub(super) fn known_answers(&self) -> Vec<(u32, u32)> {
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
