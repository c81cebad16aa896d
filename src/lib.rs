//! Reconciles claims from several sources.

mod sets;

pub use sets::comparison::Comparison;
pub use sets::interval::Interval;
pub use sets::probability::{Probability, ProbabilityError};
pub use sets::set::Set;

// the corpus
mod corpus;

pub use corpus::fit::{CommonOrigin, Fit, SourceAccuracy};
pub use corpus::numeric::Estimate;
pub use corpus::one_coin::OneCoin;
pub use corpus::options::{Copying, FitOptions, FitOptionsError, Model, Vocabulary};
pub use corpus::read::{BadRow, LeftOut, ReadClaimsError, RowProblem};
pub use corpus::summary::FitSummary;
pub use corpus::table::{Corpus, CorpusBuilder, CorpusError, QuestionKey, SourceKey, ValueKey};
pub use corpus::update::PassSums;
