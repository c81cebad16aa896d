//! Declared assumptions.

use super::id::AssumptionId;
use crate::sets::probability::Probability;

/// Something taken for granted that may be false: "Coale's figure is about this release alone".
///
/// # Examples
///
/// ```
/// use discrepancy::{Assumption, Probability};
///
/// let same = Assumption::new("same_release", Probability::new(0.7)?)
///     .text("Coale's figure is about the release of 13 December alone");
/// # let _ = same;
/// # Ok::<(), discrepancy::ProbabilityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Assumption {
    pub(crate) id: AssumptionId,
    pub(crate) text: Option<String>,
    pub(crate) probability: Probability,
}

impl Assumption {
    /// An assumption that holds with `probability`.
    pub fn new(id: impl Into<AssumptionId>, probability: Probability) -> Self {
        Self {
            id: id.into(),
            text: None,
            probability,
        }
    }

    /// The assumption in words.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Its id.
    pub fn id(&self) -> &AssumptionId {
        &self.id
    }

    /// The assumption in words, or else its id.
    pub fn label(&self) -> &str {
        self.text.as_deref().unwrap_or(self.id.as_str())
    }

    /// The chance that it holds.
    pub fn probability(&self) -> Probability {
        self.probability
    }
}
