//! Reconciles claims from several sources.

mod claims;
mod compile;
mod findings;
mod network;
mod sets;

pub mod report;

pub use claims::assumption::Assumption;
pub use claims::claim::{Claim, When};
pub use claims::dossier::{Dossier, DossierBuilder, Status};
pub use claims::edtf::DateError;
pub use claims::error::{Problem, ReadError, ReadErrors};
pub use claims::grade::{Credibility, Digit, Letter, Reliability, Tables};
pub use claims::id::{AssumptionId, ClaimId, LinkId, QuestionId, SourceId};
pub use claims::link::{Formula, FormulaError, Link, Relation, Sum};
pub use claims::options::{Limits, Options};
pub use claims::phrase::Phrase;
pub use claims::phrase::error::PhraseError;
pub use claims::policy::HedgePolicy;
pub use claims::priors::ExplanationPriors;
pub use claims::question::{Kind, OverTime, Question};
pub use claims::reading::{Reading, ReadingError};
pub use claims::source::{CommonOrigin, Source};
pub use claims::value::{Item, Value};
pub use findings::answers::{Answer, Answers};
pub use findings::ask::{Ask, AskAbout};
pub use findings::derivation::{Addend, At, Combination, Ground, Step};
pub use findings::explain::cause::{
    Cause, Exchanged, ExplanationKind, FigureSum, Given, KnownFigure,
};
pub use findings::explain::check::ExplanationFault;
pub use findings::explain::{Explanation, Explanations, Terms};
pub use findings::involvement::Involvement;
pub use findings::reconcile::{BeliefError, Confidence, Findings, Reasons, reconcile};
pub use findings::result::{
    AssumptionFinding, Candidate, ClaimFinding, ComponentFinding, Conflict, ConflictKind,
    ConflictUnit, Count, GiveUp, LeftOut, LinkFinding, Overlap, QuestionFinding, Repair,
    SourceFinding, SuggestedFinding,
};
pub use sets::comparison::Comparison;
pub use sets::interval::Interval;
pub use sets::probability::{Probability, ProbabilityError};
pub use sets::set::Set;
