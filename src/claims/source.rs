//! Sources: those who say something, and outlets that pass it on.

use super::grade::{Letter, Reliability, Tables};
use super::id::SourceId;
use super::tree::Meta;
use crate::sets::probability::Probability;

/// Someone who says something, or an outlet that passes it on.
///
/// # Examples
///
/// ```
/// use discrepancy::{Letter, Source};
///
/// let coale = Source::new("coale").name("John Coale, US envoy").reliability(Letter::C);
/// # let _ = coale;
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Source {
    pub(crate) id: SourceId,
    pub(crate) name: Option<String>,
    pub(crate) reliability: Reliability,
    pub(crate) fidelity: Option<Probability>,
    pub(crate) meta: Option<Meta>,
}

impl Source {
    /// An unrated source.
    pub fn new(id: impl Into<SourceId>) -> Self {
        Self {
            id: id.into(),
            name: None,
            reliability: Reliability::default(),
            fidelity: None,
            meta: None,
        }
    }

    /// What it is called in reports.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How reliable it is: a [`Letter`], a [`Probability`] or a track record. Unrated (F) by default.
    pub fn reliability(mut self, reliability: impl Into<Reliability>) -> Self {
        self.reliability = reliability.into();
        self
    }

    /// The chance that it passes on what it was told. By default it follows from the letter; see [`Tables::fidelity`].
    pub fn fidelity(mut self, fidelity: Probability) -> Self {
        self.fidelity = Some(fidelity);
        self
    }
}

/// Reading what was written.
impl Source {
    /// Its id.
    pub fn id(&self) -> &SourceId {
        &self.id
    }

    /// Its name, or else its id.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// How reliable it is said to be.
    pub fn grade(&self) -> Reliability {
        self.reliability
    }

    /// Whether nobody graded it.
    pub fn is_unrated(&self) -> bool {
        self.reliability == Reliability::Letter(Letter::F)
    }

    /// The chance that it passes on what it was told, under `tables`.
    pub fn fidelity_under(&self, tables: &Tables) -> Probability {
        self.fidelity.unwrap_or(match self.reliability {
            Reliability::Letter(letter) => tables.fidelity(letter),
            _ => tables.plain_fidelity(),
        })
    }
}

/// Sources that, where they agree, may only repeat one another (circular reporting).
///
/// # Examples
///
/// ```
/// use discrepancy::{CommonOrigin, Probability};
///
/// let agency = CommonOrigin::new(["paper", "wire"], Probability::new(0.9)?);
/// # let _ = agency;
/// # Ok::<(), discrepancy::ProbabilityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct CommonOrigin {
    pub(crate) sources: Vec<SourceId>,
    pub(crate) probability: Probability,
}

impl CommonOrigin {
    /// `probability` is the chance that these sources (two or more) only repeat one another where they agree.
    pub fn new<T: Into<SourceId>>(
        sources: impl IntoIterator<Item = T>,
        probability: Probability,
    ) -> Self {
        Self {
            sources: sources.into_iter().map(Into::into).collect(),
            probability,
        }
    }
}
