//! Reconciles claims from several sources.

mod claims;
mod network;
mod sets;
#[cfg(feature = "proptest")]
pub mod strategies;

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
pub use claims::question::{Kind, OverTime, Question};
pub use claims::reading::{Reading, ReadingError};
pub use claims::source::{CommonOrigin, Source};
pub use claims::value::{Item, Value};
pub use sets::comparison::Comparison;
pub use sets::interval::Interval;
pub use sets::probability::{Probability, ProbabilityError};
pub use sets::set::Set;
