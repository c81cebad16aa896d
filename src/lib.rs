//! Reconciles claims from several sources.

mod claims;
mod sets;

pub use claims::edtf::DateError;
pub use claims::phrase::Phrase;
pub use claims::phrase::error::PhraseError;
pub use claims::policy::HedgePolicy;
pub use claims::reading::{Reading, ReadingError};
pub use sets::comparison::Comparison;
pub use sets::interval::Interval;
pub use sets::probability::{Probability, ProbabilityError};
pub use sets::set::Set;
