//! Questions: what claims are answers to.

use serde::{Deserialize, Serialize};

use super::id::QuestionId;
use super::tree::Meta;

/// What the answers to a question are.
///
/// Measures and names come later; hence not exhaustive.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Whole numbers from 0 up.
    #[default]
    Count,
    /// Days.
    Date,
    /// Labels, compared exactly; one that nobody named is possible.
    Category,
}

/// How the answer to a question behaves over time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OverTime {
    /// One answer; as-of dates are only recorded.
    #[default]
    Fixed,
    /// It never shrinks: the dead of one event.
    Cumulative,
    /// A stock that comes and goes: how many are held.
    Varies,
}

/// A question. Build one with [`Question::count`], [`Question::date`] or [`Question::category`].
///
/// # Examples
///
/// ```
/// use discrepancy::{OverTime, Question};
///
/// let held = Question::count("held").text("How many are held?").over_time(OverTime::Varies);
/// # let _ = held;
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Question {
    pub(crate) id: QuestionId,
    pub(crate) text: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) unit: Option<String>,
    pub(crate) over_time: OverTime,
    pub(crate) meta: Option<Meta>,
}

impl Question {
    fn new(id: QuestionId, kind: Kind) -> Self {
        Self {
            id,
            text: None,
            kind,
            unit: None,
            over_time: OverTime::Fixed,
            meta: None,
        }
    }

    /// A question whose answer is a whole number.
    pub fn count(id: impl Into<QuestionId>) -> Self {
        Self::new(id.into(), Kind::Count)
    }

    /// A question whose answer is a day.
    pub fn date(id: impl Into<QuestionId>) -> Self {
        Self::new(id.into(), Kind::Date)
    }

    /// A question whose answer is a label.
    pub fn category(id: impl Into<QuestionId>) -> Self {
        Self::new(id.into(), Kind::Category)
    }

    pub(crate) fn with_kind(id: impl Into<QuestionId>, kind: Kind) -> Self {
        Self::new(id.into(), kind)
    }

    /// The question in words.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// What is counted: `people`.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// How the answer behaves over time; fixed by default.
    pub fn over_time(mut self, over_time: OverTime) -> Self {
        self.over_time = over_time;
        self
    }
}

/// Reading what was written.
impl Question {
    /// Its id.
    pub fn id(&self) -> &QuestionId {
        &self.id
    }

    /// What its answers are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The question in words, if given.
    pub fn wording(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// What is counted, if given.
    pub fn counted_unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// How the answer behaves over time.
    pub fn behaviour(&self) -> OverTime {
        self.over_time
    }
}
