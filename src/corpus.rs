//! Many questions, unknown sources: whom to trust, learned from who agrees with whom.

pub(crate) mod baselines;
pub(crate) mod bridge;
pub(crate) mod builder;
pub(crate) mod census;
pub(crate) mod closed;
pub(crate) mod copy;
pub(crate) mod fit;
pub(crate) mod hedged;
pub(crate) mod kernels;
pub(crate) mod mistakes;
pub(crate) mod names;
pub(crate) mod number;
pub(crate) mod numeric;
pub(crate) mod one_coin;
pub(crate) mod open;
pub(crate) mod options;
pub(crate) mod order;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
pub(crate) mod part;
pub(crate) mod parts;
pub(crate) mod read;
pub(crate) mod scale;
pub(crate) mod summary;
pub(crate) mod sums;
pub(crate) mod table;
pub(crate) mod units;
pub(crate) mod update;
pub(crate) mod weights;
pub(crate) mod write;

pub use bridge::BridgeError;
pub use builder::{CorpusBuilder, CorpusError};
pub use census::{AlignError, Census};
pub use fit::{CommonOrigin, Fit, SourceAccuracy};
pub use mistakes::{Bias, Mistake, Pattern};
pub use numeric::Estimate;
pub use one_coin::OneCoin;
pub use options::{Copying, FitOptions, FitOptionsError, Model, Vocabulary};
pub use part::{FitPart, FitPartError};
pub use read::{BadRow, LeftOut, ReadClaimsError, RowProblem};
pub use summary::FitSummary;
pub use sums::{PassSums, PassSumsError};
pub use table::{Corpus, QuestionKey, SourceKey, ValueKey};
