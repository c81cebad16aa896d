//! Named conventions for the numbers behind hedges.

use serde::{Deserialize, Serialize};

/// A named convention for the numbers behind hedges and vague words.
///
/// Practitioners differ: a news reader takes "dozens" for 24 or more, a conflict database codes it as 12. A policy
/// replaces the numbers, never the grammar: what one policy can read, all can.
///
/// | | "dozens" | "hundreds" | "more than 1,200" |
/// |---|---|---|---|
/// | `News` | [24, ∞), suggests [24, 99] | [200, ∞), suggests [200, 999] | [1201, ∞), suggests [1201, 1299] |
/// | `Conservative` | [12, ∞), suggests 12 | [100, ∞), suggests 100 | as `News` |
/// | `Strict` | [24, ∞) | [200, ∞) | [1201, ∞) |
///
/// # Examples
///
/// ```
/// use discrepancy::{HedgePolicy, Phrase};
///
/// let dozens = Phrase::read("dozens", HedgePolicy::Conservative)?;
/// assert_eq!(dozens.reading().to_string(), "[12, ∞), suggests 12");
/// # Ok::<(), discrepancy::PhraseError>(())
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HedgePolicy {
    /// How news is read; the table at [`Phrase::read`](crate::Phrase::read) has every number.
    #[default]
    News,
    /// The convention of ACLED: a plural base word alone stands for its base, as the smallest number it may mean and
    /// as what it suggests: tens 10, dozens 12, scores 20, hundreds 100, tens of thousands 10,000. All other
    /// phrases are read as by `News`.
    Conservative,
    /// What the words say, as by `News`, and nothing suggested.
    Strict,
}
