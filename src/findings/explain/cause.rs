//! What an explanation says happened, as data that words need.

use serde::Serialize;

use crate::claims::id::{AssumptionId, ClaimId, LinkId, QuestionId, SourceId};
use crate::findings::answers::Answers;

/// Why figures may differ. In the order in which explanations of equal bits are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExplanationKind {
    /// A figure is of a part, or of a wider group.
    Scope,
    /// Other known figures are counted in, or left out.
    CountedIn,
    /// A figure is of another day.
    AsOf,
    /// A figure is rounded.
    Rounding,
    /// A figure is off by a factor of 10 or 1,000.
    Magnitude,
    /// A digit slipped, and something else bears that out.
    Typo,
    /// One more or one less: "and nine others".
    OneOff,
    /// Two figures of one source are exchanged.
    Swap,
    /// A declared assumption does not hold.
    Definition,
    /// An outlet did not pass on what it was told.
    Misquote,
    /// A source replaced its figure by a later one.
    Revision,
    /// Something is not meant as it is usually taken.
    Reading,
    /// A source is plainly wrong.
    Error,
    /// Something that is not on the list.
    Unexplained,
}

/// What may have happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The claims answer a question of their own.
    Scope {
        /// The question they were taken to answer.
        question: QuestionId,
    },
    /// The figure is another one with further figures added, or left out.
    CountedIn {
        /// The question.
        question: QuestionId,
        /// The figure as claimed.
        figure: u64,
        /// What it would be without them.
        becomes: Given,
        /// The sums that fit, those of fewest figures first; at most five.
        sums: Vec<FigureSum>,
    },
    /// The figures are of different days: the question grows over time.
    AsOf {
        /// The question.
        question: QuestionId,
        /// The claims keep their question, which is known to grow, and lose their day: they are older.
        stale: bool,
    },
    /// The figure is a rounded one.
    Rounding {
        /// The question.
        question: QuestionId,
        /// The figure as claimed.
        figure: u64,
        /// What was rounded.
        becomes: Given,
        /// To the nearest multiple of it.
        unit: u64,
    },
    /// The figure is off by a factor.
    Magnitude {
        /// The question.
        question: QuestionId,
        /// The figure as claimed.
        figure: u64,
        /// What it should be.
        becomes: Given,
        /// That figure rounded, if it had to be.
        #[serde(skip_serializing_if = "Option::is_none")]
        rounded: Option<u64>,
        /// 10 or 1,000.
        factor: u64,
        /// The figure is too large by it; else too small.
        too_large: bool,
    },
    /// One digit was replaced, lost or added, or two neighbours exchanged.
    Typo {
        /// The question.
        question: QuestionId,
        /// The figure as claimed.
        figure: u64,
        /// What it should be, with what bears it out.
        becomes: Given,
    },
    /// One more or one less.
    OneOff {
        /// The question.
        question: QuestionId,
        /// The figure as claimed.
        figure: u64,
        /// What it should be.
        becomes: Given,
    },
    /// Two figures of one source are exchanged.
    Swap {
        /// The source.
        source: SourceId,
        /// One figure.
        first: Exchanged,
        /// The other.
        second: Exchanged,
    },
    /// A declared assumption does not hold.
    Definition {
        /// The assumption.
        assumption: AssumptionId,
    },
    /// An outlet did not pass on what it was told.
    Misquote {
        /// The outlet.
        outlet: SourceId,
        /// Who is quoted.
        source: SourceId,
    },
    /// A later claim replaces it.
    Revision {
        /// Whose.
        source: SourceId,
        /// The later claims, by id.
        later: Vec<ClaimId>,
    },
    /// It is not meant as it is usually taken.
    Reading {
        /// How it is usually taken.
        suggested: Answers,
    },
    /// The source is wrong.
    Error {
        /// The source.
        source: SourceId,
    },
    /// None of these.
    Unexplained {},
}

/// A figure that other claims give a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Given {
    /// The figure.
    pub value: u64,
    /// Claims that give it, by id.
    pub claims: Vec<ClaimId>,
    /// The links they give it through, if not directly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkId>,
    /// It is the most, or the least, that these claims leave, not a figure of that very question.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_bound: bool,
}

/// One to three figures of different questions that account for a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FigureSum {
    /// The figure claimed is the other one plus these; else minus these.
    pub plus: bool,
    /// The figures.
    pub figures: Vec<KnownFigure>,
}

/// A figure known of another question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KnownFigure {
    /// The question.
    pub question: QuestionId,
    /// The figure.
    pub value: u64,
    /// The claims that give it, by id.
    pub claims: Vec<ClaimId>,
}

/// One of two exchanged figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Exchanged {
    /// The question.
    pub question: QuestionId,
    /// The figure as claimed for it.
    pub figure: u64,
    /// Others' figure for it, which is what is claimed for the other question.
    pub becomes: Given,
}

impl Cause {
    /// What kind of cause it is.
    pub fn kind(&self) -> ExplanationKind {
        match self {
            Self::Scope { .. } => ExplanationKind::Scope,
            Self::CountedIn { .. } => ExplanationKind::CountedIn,
            Self::AsOf { .. } => ExplanationKind::AsOf,
            Self::Rounding { .. } => ExplanationKind::Rounding,
            Self::Magnitude { .. } => ExplanationKind::Magnitude,
            Self::Typo { .. } => ExplanationKind::Typo,
            Self::OneOff { .. } => ExplanationKind::OneOff,
            Self::Swap { .. } => ExplanationKind::Swap,
            Self::Definition { .. } => ExplanationKind::Definition,
            Self::Misquote { .. } => ExplanationKind::Misquote,
            Self::Revision { .. } => ExplanationKind::Revision,
            Self::Reading { .. } => ExplanationKind::Reading,
            Self::Error { .. } => ExplanationKind::Error,
            Self::Unexplained {} => ExplanationKind::Unexplained,
        }
    }
}
