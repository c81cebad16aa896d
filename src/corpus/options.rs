//! Every constant of the fit.

/// How a corpus is fitted: the model and all its constants, each with a default that was chosen once, on public data.
///
/// # Examples
///
/// ```
/// use discrepancy::corpus::{FitOptions, Model};
///
/// let mut options = FitOptions::default();
/// options.model = Model::Majority;
/// assert!(options.check().is_ok());
/// options.floor = 2.0;
/// assert_eq!(options.check().unwrap_err().to_string(), "option floor is 2, outside [0, 1]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FitOptions {
    /// The model.
    pub model: Model,
    /// Whether the values form a closed vocabulary.
    pub vocabulary: Vocabulary,
    /// Closed: the most values a vocabulary may have to count as closed by itself. 32, at most 64.
    pub closed_values: u32,
    /// Closed: the claims it takes per square of the number of values to count as closed by itself. 5.
    pub closed_claims: f64,
    /// Pseudo-counts of the expected row behind each row of a source's confusion pattern. 4.
    pub row_strength: f64,
    /// Pseudo-counts behind a source's accuracy, centred on the mean accuracy. 5.
    pub source_strength: f64,
    /// Pseudo-counts behind the pooled pattern. 10.
    pub pool_strength: f64,
    /// The accuracy those pseudo-counts assume. 0.7.
    pub pool_accuracy: f64,
    /// Share of the raw votes kept in what sources are judged by. 0.25.
    pub anchor: f64,
    /// The same in the fit with two levels of difficulty. 0.1.
    pub difficulty_anchor: f64,
    /// Share of the report given to the fit with two levels of difficulty; 0 leaves that fit out. 0.5.
    pub difficulty: f64,
    /// Reported probability that is spread by what is known without the claims. 0.03.
    pub floor: f64,
    /// Closed: how much less likely a value is on a question where nobody claims it. 0.5.
    pub unclaimed: f64,
    /// Open: the effective number of equally likely false values. 2.
    pub false_values: f64,
    /// Open: weight of "none of the claimed" per candidate missing to `false_values` + 1. 0.25.
    pub other: f64,
    /// Closed: how strongly errors on one question go together, where the data say nothing. 0.3.
    pub shared_error: f64,
    /// Claims per question that the assumed correlation of errors is worth. 10.
    pub shared_error_strength: f64,
    /// What the measured correlation of errors is multiplied by. 3.
    pub shared_error_factor: f64,
    /// Whether copying is looked for.
    pub copying: Copying,
    /// Errors two sources must share before copying is suspected, roughly. 10.
    pub copy_strength: f64,
    /// Shares of copying below this count as none. 0.5.
    pub copy_threshold: f64,
    /// Questions with more claims than this show no copying. 200.
    pub copy_claims: u32,
    /// Numbers: kappa, how far claims agree exactly beyond chance, where the data say nothing. 0.5.
    pub exact_agreement: f64,
    /// Pairs of claims that this is worth. 10.
    pub exact_agreement_strength: f64,
    /// The most passes over the data. 20.
    pub passes: u32,
    /// The passes end when the answer to an average question moves by no more than this (half the sum of the changes of its
    /// probabilities). 0.003: more passes agree ever better with each other, not with the truth.
    pub tolerance: f64,
    /// The same for open vocabularies, whose passes cost little. 0.0001.
    pub open_tolerance: f64,
    /// The most passes of an update. 5.
    pub update_passes: u32,
}

/// The model that turns claims into probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Model {
    /// The crate's own, described at [`Corpus`](super::Corpus): the only one whose probabilities are meant.
    #[default]
    Default,
    /// Vote shares.
    Majority,
    /// One accuracy per source, errors spread evenly (Zhang et al. 2016's "one-coin" form of Dawid and Skene's model).
    OneCoin,
    /// A full confusion matrix per source (Dawid and Skene 1979), without any correction.
    DawidSkene,
}

/// Whether the values of a corpus form a closed vocabulary, so that a value nobody claimed on a question may still be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Vocabulary {
    /// Closed where that is possible and there are few values and many claims (`closed_values`, `closed_claims`).
    #[default]
    Auto,
    /// Closed, where there are 2 to 64 values and the sources' confusion patterns fit into a table of 2^25 entries (about 2 values² each);
    /// open otherwise.
    Closed,
    /// Open: a question's candidates are the values claimed on it, and "none of them".
    Open,
}

/// Whether copying between sources is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Copying {
    /// Once, after a first fit; the votes of copiers are discounted in a second one.
    #[default]
    Once,
    /// Not at all.
    Ignored,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            model: Model::Default,
            vocabulary: Vocabulary::Auto,
            closed_values: 32,
            closed_claims: 5.0,
            row_strength: 4.0,
            source_strength: 5.0,
            pool_strength: 10.0,
            pool_accuracy: 0.7,
            anchor: 0.25,
            difficulty_anchor: 0.1,
            difficulty: 0.5,
            floor: 0.03,
            unclaimed: 0.5,
            false_values: 2.0,
            other: 0.25,
            shared_error: 0.3,
            shared_error_strength: 10.0,
            shared_error_factor: 3.0,
            copying: Copying::Once,
            copy_strength: 10.0,
            copy_threshold: 0.5,
            copy_claims: 200,
            exact_agreement: 0.5,
            exact_agreement_strength: 10.0,
            passes: 20,
            tolerance: 0.003,
            open_tolerance: 1e-4,
            update_passes: 5,
        }
    }
}

/// An option outside its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("option {name} is {found}, outside [{least}, {most}]")]
pub struct FitOptionsError {
    /// The field of [`FitOptions`].
    pub name: &'static str,
    /// Its value.
    pub found: f64,
    /// The least it may be.
    pub least: f64,
    /// The most it may be.
    pub most: f64,
}

impl FitOptions {
    /// Whether every constant lies in its range.
    ///
    /// # Errors
    ///
    /// The first that does not.
    pub fn check(&self) -> Result<(), FitOptionsError> {
        const TINY: f64 = 1e-6;
        let ranges = [
            ("closed_values", f64::from(self.closed_values), 0.0, 64.0),
            ("closed_claims", self.closed_claims, 0.0, 1e9),
            ("row_strength", self.row_strength, TINY, 1e6),
            ("source_strength", self.source_strength, TINY, 1e6),
            ("pool_strength", self.pool_strength, TINY, 1e6),
            ("pool_accuracy", self.pool_accuracy, TINY, 1.0 - TINY),
            ("anchor", self.anchor, 0.0, 1.0),
            ("difficulty_anchor", self.difficulty_anchor, 0.0, 1.0),
            ("difficulty", self.difficulty, 0.0, 1.0),
            ("floor", self.floor, 0.0, 1.0),
            ("unclaimed", self.unclaimed, TINY, 1.0),
            ("false_values", self.false_values, TINY, 1e6),
            ("other", self.other, 0.0, 1e6),
            ("shared_error", self.shared_error, 0.0, 1.0),
            (
                "shared_error_strength",
                self.shared_error_strength,
                TINY,
                1e6,
            ),
            ("shared_error_factor", self.shared_error_factor, 0.0, 1e6),
            ("copy_strength", self.copy_strength, TINY, 1e6),
            ("copy_threshold", self.copy_threshold, TINY, 1.0),
            ("passes", f64::from(self.passes), 1.0, 1e6),
            ("update_passes", f64::from(self.update_passes), 1.0, 1e6),
            ("exact_agreement", self.exact_agreement, 0.0, 1.0),
            (
                "exact_agreement_strength",
                self.exact_agreement_strength,
                TINY,
                1e6,
            ),
            ("tolerance", self.tolerance, 0.0, 1.0),
            ("open_tolerance", self.open_tolerance, 0.0, 1.0),
        ];
        match ranges
            .into_iter()
            .find(|(_, found, least, most)| !(least..=most).contains(&found))
        {
            Some((name, found, least, most)) => Err(FitOptionsError {
                name,
                found,
                least,
                most,
            }),
            None => Ok(()),
        }
    }
}
