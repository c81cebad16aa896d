//! Reconciles claims from several sources.

mod network;
mod sets;

pub use sets::comparison::Comparison;
pub use sets::interval::Interval;
pub use sets::probability::{Probability, ProbabilityError};
pub use sets::set::Set;
