//! More claims, and passes made in parts.

use std::ops::Range;

use super::closed::{self, Closed};
use super::fit::{Fit, State, is_closed, weigh};
use super::open::{self, Open};
use super::options::Model;
use super::table::Corpus;

/// What one pass adds up over some of the questions: all that it needs to know of the others.
///
/// Sums are whole numbers of units of 2^-32, so adding them is exact, associative and commutative: a pass made in parts, on several
/// machines say, gives the sums of the whole to the last bit, however the questions were split.
///
/// # Examples
///
/// ```
/// use discrepancy::corpus::{Corpus, FitOptions};
///
/// let mut builder = Corpus::builder();
/// for (question, source, value) in [("q", "a", "x"), ("q", "b", "x"), ("q", "c", "y"), ("r", "a", "y"), ("r", "b", "y")] {
///     builder.claim(question, source, value)?;
/// }
/// let corpus = builder.build();
/// let fit = corpus.fit(&FitOptions::default())?;
/// let mut parts = fit.pass_sums(&corpus, 0..1);
/// assert!(parts.merge(&fit.pass_sums(&corpus, 1..2)));
/// assert_eq!(parts, fit.pass_sums(&corpus, 0..2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassSums(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Closed(closed::Sums),
    Open(open::Sums),
}

impl PassSums {
    /// Adds the sums of other questions of the same corpus; `false`, and nothing is added, where they are of another kind or size.
    #[must_use = "sums of another corpus are not added"]
    pub fn merge(&mut self, other: &Self) -> bool {
        match (&mut self.0, &other.0) {
            (Kind::Closed(to), Kind::Closed(from))
                if to.count.len() == from.count.len() && to.prior.len() == from.prior.len() =>
            {
                to.merge(from);
            }
            (Kind::Open(to), Kind::Open(from)) if to.hits.len() == from.hits.len() => {
                to.merge(from);
            }
            _ => return false,
        }
        true
    }
}

impl Fit {
    /// The sums of the next pass over some of the questions, by their numbers in the order of first appearance; numbers beyond the last
    /// question are ignored. Baselines are summed like the open model at its start.
    ///
    /// # Complexity
    ///
    /// O(claims of the corpus) for their weights, besides the claims of the questions.
    pub fn pass_sums(&self, corpus: &Corpus, questions: Range<usize>) -> PassSums {
        let end = questions.end.min(corpus.question_count());
        let questions = questions.start.min(end)..end;
        let weights = weigh(corpus, &self.options, &self.pairs);
        PassSums(match &self.state {
            State::Closed { core, .. } => {
                Kind::Closed(Closed::new(corpus, &self.options, &weights, 1).sums(core, questions))
            }
            State::Open { log, .. } => {
                Kind::Open(Open::new(corpus, &self.options, &weights).sums(Some(log), questions))
            }
            State::None => {
                Kind::Open(Open::new(corpus, &self.options, &weights).sums(None, questions))
            }
        })
    }

    /// Takes in new claims: a few passes over the larger corpus from where this fit stopped, with the copying it found.
    ///
    /// `corpus` must be the one fitted with claims added ([`Corpus::into_builder`] keeps all numbers). Where it became so much larger
    /// that its vocabulary changed its kind, it is fitted anew, as are corpora of numbers and the baselines.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::{Corpus, FitOptions};
    ///
    /// let mut builder = Corpus::builder();
    /// builder.claim("q", "a", "x")?.claim("q", "b", "x")?;
    /// let corpus = builder.build();
    /// let fit = corpus.fit(&FitOptions::default())?;
    /// let mut builder = corpus.into_builder();
    /// builder.claim("r", "a", "y")?;
    /// let corpus = builder.build();
    /// let fit = fit.update(&corpus);
    /// assert!(fit.answer(&corpus, corpus.question("r").unwrap()).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn update(&self, corpus: &Corpus) -> Self {
        match (&self.state, is_closed(corpus, &self.options)) {
            _ if self.options.model != Model::Default || corpus.is_numeric() => {
                Self::anew(corpus, &self.options)
            }
            (State::Closed { .. }, true) => Self::closed(corpus, &self.options, Some(self)),
            (State::Open { .. }, false) => Self::open(corpus, &self.options, Some(self)),
            _ => Self::anew(corpus, &self.options),
        }
    }
}
