//! Why a number phrase could not be read.

/// Why a number phrase could not be read.
///
/// Messages quote the part in question, at most 60 characters of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhraseError {
    /// There are no words.
    #[error(
        "a number phrase must not be empty; write a number as in `123`, `at least 123` or `dozens`"
    )]
    Empty,
    /// No number stands where one should.
    #[error(
        "cannot read a number at `{found}`; accepted are digits (`1,200`), number words (`two hundred`), one hedge \
         before them (`at least`) and vague words (`dozens`, `several hundred`)"
    )]
    NoNumber {
        /// The text from where the number should stand.
        found: String,
    },
    /// Digits that are no whole number, or may be read in two ways.
    #[error(
        "cannot read `{found}` as a whole number; group thousands in threes (`1,200`, `1 200`) and write decimals only \
         before a multiplier (`1.2 million`)"
    )]
    Numeral {
        /// The digits and what is written to them.
        found: String,
    },
    /// A bound that does not fit 64 bits.
    #[error("`{found}` goes beyond 64 bits; numbers up to 18,446,744,073,709,551,615 are accepted")]
    TooLarge {
        /// The number, or the phrase whose bound it is.
        found: String,
    },
    /// A hedge on something other than one plain number.
    #[error(
        "`{hedge}` cannot be combined with `{found}`; a phrase takes one hedge, on one number that is not vague and no \
         range"
    )]
    Hedges {
        /// The hedge.
        hedge: String,
        /// What it was combined with.
        found: String,
    },
    /// Two ends that make no range.
    #[error(
        "cannot read `{low}` to `{high}` as a range; write the smaller number first and both in full (`2 million to 3 \
         million`)"
    )]
    Range {
        /// The first end.
        low: String,
        /// The second end.
        high: String,
    },
    /// No whole number from 0 up is meant.
    #[error("no count can be `{found}`; counts are whole numbers from 0 up")]
    Impossible {
        /// The phrase.
        found: String,
    },
    /// Something after the number that is no noun.
    #[error(
        "cannot read `{found}` after the number; only a noun may follow (`123 political prisoners`): no second number, \
         share, rate or comment"
    )]
    Trailing {
        /// The text from what could not be skipped.
        found: String,
    },
}

impl PhraseError {
    pub(super) fn no_number(found: &str) -> Self {
        let found = clip(found);
        Self::NoNumber { found }
    }

    pub(super) fn numeral(found: &str) -> Self {
        let found = clip(found);
        Self::Numeral { found }
    }

    pub(super) fn too_large(found: &str) -> Self {
        let found = clip(found);
        Self::TooLarge { found }
    }

    pub(super) fn hedges(hedge: &str, found: &str) -> Self {
        let (hedge, found) = (clip(hedge), clip(found));
        Self::Hedges { hedge, found }
    }

    pub(super) fn range(low: &str, high: &str) -> Self {
        let (low, high) = (clip(low), clip(high));
        Self::Range { low, high }
    }

    pub(super) fn impossible(found: &str) -> Self {
        let found = clip(found);
        Self::Impossible { found }
    }

    pub(super) fn trailing(found: &str) -> Self {
        let found = clip(found);
        Self::Trailing { found }
    }
}

/// The first 60 characters, on one line, with a mark if there are more.
pub(crate) fn clip(text: &str) -> String {
    let mut clipped: String = text
        .chars()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(60).is_some() {
        clipped.pop();
        clipped.push('…');
    }
    clipped
}
