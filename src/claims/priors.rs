//! How likely each kind of explanation is taken to be before any figure is looked at.

use crate::sets::probability::Probability;

/// Prior chances of the kinds of explanations that nobody declared.
///
/// A documented policy, not a measurement: how often, of two figures that differ, one was meant for a part or a wider group, was out of
/// date, was rounded, and so on. Replace what you know better; 0 takes a kind off the list. The other kinds need no prior of their own:
/// a declared assumption, a misquotation, a reading and a plain error are weighed by the dossier's own probabilities.
///
/// | scope | counted in | as of | rounding | magnitude | typo | one off | swap | revision | unexplained |
/// |---|---|---|---|---|---|---|---|---|---|
/// | .10 | .02 | .30 | .05 | .01 | .01 | .05 | .01 | .30 | .05 |
///
/// # Examples
///
/// ```
/// use discrepancy::{ExplanationPriors, Options, Probability};
///
/// let ledgers = ExplanationPriors::new().typo(Probability::new(0.05)?);
/// let options = Options::new().priors(ledgers);
/// assert_eq!(options.explanation_priors(), ledgers);
/// # Ok::<(), discrepancy::ProbabilityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct ExplanationPriors {
    pub(crate) scope: Probability,
    pub(crate) counted_in: Probability,
    pub(crate) as_of: Probability,
    pub(crate) rounding: Probability,
    pub(crate) magnitude: Probability,
    pub(crate) typo: Probability,
    pub(crate) one_off: Probability,
    pub(crate) swap: Probability,
    pub(crate) revision: Probability,
    pub(crate) unexplained: Probability,
}

impl Default for ExplanationPriors {
    fn default() -> Self {
        Self {
            scope: Probability::constant(0.10),
            counted_in: Probability::constant(0.02),
            as_of: Probability::constant(0.30),
            rounding: Probability::constant(0.05),
            magnitude: Probability::constant(0.01),
            typo: Probability::constant(0.01),
            one_off: Probability::constant(0.05),
            swap: Probability::constant(0.01),
            revision: Probability::constant(0.30),
            unexplained: Probability::constant(0.05),
        }
    }
}

impl ExplanationPriors {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// A figure is of a part, or of a wider group.
    pub fn scope(mut self, p: Probability) -> Self {
        self.scope = p;
        self
    }

    /// Other known figures are counted in, or left out.
    pub fn counted_in(mut self, p: Probability) -> Self {
        self.counted_in = p;
        self
    }

    /// A figure is of an earlier day.
    pub fn as_of(mut self, p: Probability) -> Self {
        self.as_of = p;
        self
    }

    /// A figure is rounded.
    pub fn rounding(mut self, p: Probability) -> Self {
        self.rounding = p;
        self
    }

    /// A figure is off by a factor of 10 or 1,000.
    pub fn magnitude(mut self, p: Probability) -> Self {
        self.magnitude = p;
        self
    }

    /// A digit slipped.
    pub fn typo(mut self, p: Probability) -> Self {
        self.typo = p;
        self
    }

    /// One more or one less: "and nine others".
    pub fn one_off(mut self, p: Probability) -> Self {
        self.one_off = p;
        self
    }

    /// Two figures of one source are exchanged.
    pub fn swap(mut self, p: Probability) -> Self {
        self.swap = p;
        self
    }

    /// A source replaced its figure by a later one.
    pub fn revision(mut self, p: Probability) -> Self {
        self.revision = p;
        self
    }

    /// Something that is not on the list.
    pub fn unexplained(mut self, p: Probability) -> Self {
        self.unexplained = p;
        self
    }

    /// Each prior by the name it has in JSON.
    pub(crate) fn named(&self) -> [(&'static str, Probability); 10] {
        [
            ("scope", self.scope),
            ("counted_in", self.counted_in),
            ("as_of", self.as_of),
            ("rounding", self.rounding),
            ("magnitude", self.magnitude),
            ("typo", self.typo),
            ("one_off", self.one_off),
            ("swap", self.swap),
            ("revision", self.revision),
            ("unexplained", self.unexplained),
        ]
    }

    /// The slots by the same names.
    pub(crate) fn slots(&mut self) -> [(&'static str, &mut Probability); 10] {
        [
            ("scope", &mut self.scope),
            ("counted_in", &mut self.counted_in),
            ("as_of", &mut self.as_of),
            ("rounding", &mut self.rounding),
            ("magnitude", &mut self.magnitude),
            ("typo", &mut self.typo),
            ("one_off", &mut self.one_off),
            ("swap", &mut self.swap),
            ("revision", &mut self.revision),
            ("unexplained", &mut self.unexplained),
        ]
    }
}
