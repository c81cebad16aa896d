//! More claims.

use super::fit::{Fit, State, is_closed};
use super::options::Model;
use super::part::FitPart;
use super::table::Corpus;

impl Fit {
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
            (State::Closed { .. }, true) | (State::Open { .. }, false) => {
                FitPart::whole(corpus, &self.options, Some(self)).in_order(corpus)
            }
            _ => Self::anew(corpus, &self.options),
        }
    }
}
