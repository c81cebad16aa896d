//! What a pass adds up, as it is sent from one part of a corpus to another.

use serde::{Deserialize, Serialize};

use super::copy::Shared;
use super::{closed, open};

/// What one part of a corpus has to say to the others in one round of a fit: sums over its questions, and nothing else.
///
/// Sums are whole numbers of units (2^-32, mostly), so adding them is exact, associative and commutative: rounds made in parts, on
/// several machines say, give the sums of the whole to the last bit, however the questions were split. See [`FitPart`](super::FitPart).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassSums {
    /// Which round of the fit they belong to.
    pub(crate) round: u32,
    /// Sums per source, value and state; what they are depends on the round.
    pub(crate) units: Vec<u64>,
    /// Sums that may be negative, or too large for the others.
    pub(crate) wide: Vec<Wide>,
    /// Sums per pair of sources, sorted by their numbers.
    pub(crate) pairs: Vec<PairSums>,
}

/// A signed number of 128 bits, sent as its two halves, since few formats know such numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, u64)", into = "(i64, u64)")]
pub(crate) struct Wide(pub(crate) i128);

impl From<(i64, u64)> for Wide {
    fn from((high, low): (i64, u64)) -> Self {
        Self(i128::from(high) << 64 | i128::from(low))
    }
}

impl From<Wide> for (i64, u64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the two halves"
    )]
    fn from(wide: Wide) -> Self {
        ((wide.0 >> 64) as i64, wide.0 as u64)
    }
}

/// Two sums about two sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairSums {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) sums: (u64, u64),
}

/// Sums that cannot be added or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassSumsError {
    /// They are of another round, or of a corpus with other sources or values.
    #[error(
        "sums of round {found} with {found_sums} entries where those of round {wanted} with {wanted_sums} entries are needed"
    )]
    Unlike {
        /// The round they are of.
        found: u32,
        /// How many sums they are.
        found_sums: usize,
        /// The round they should be of.
        wanted: u32,
        /// How many they should be.
        wanted_sums: usize,
    },
    /// They are larger than any corpus gives.
    #[error("the sums are too large")]
    TooLarge,
    /// They do not contain those of the part they are given to.
    #[error("the merged sums lack those of this part")]
    Lacking,
}

impl PassSums {
    /// Adds the sums of other questions, of the same round.
    ///
    /// # Errors
    ///
    /// [`PassSumsError::Unlike`] or [`PassSumsError::TooLarge`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), PassSumsError> {
        self.compare(other)?;
        let fits = self
            .units
            .iter()
            .zip(&other.units)
            .all(|(x, y)| x.checked_add(*y).is_some())
            && self
                .wide
                .iter()
                .zip(&other.wide)
                .all(|(x, y)| x.0.checked_add(y.0).is_some());
        let pairs = merged(&self.pairs, &other.pairs);
        let (true, Some(pairs)) = (fits, pairs) else {
            return Err(PassSumsError::TooLarge);
        };
        for (to, from) in self.units.iter_mut().zip(&other.units) {
            *to += from;
        }
        for (to, from) in self.wide.iter_mut().zip(&other.wide) {
            to.0 += from.0;
        }
        self.pairs = pairs;
        Ok(())
    }

    /// Whether these may be the sums of all parts, one of which has `own`.
    pub(crate) fn contain(&self, own: &Self) -> Result<(), PassSumsError> {
        own.compare(self)?;
        let total: u128 = self.units.iter().map(|&x| u128::from(x)).sum();
        let sorted = self.pairs.is_sorted_by(|x, y| (x.a, x.b) < (y.a, y.b));
        if total > u128::from(u64::MAX) || !sorted {
            return Err(PassSumsError::TooLarge);
        }
        let lacks = self
            .units
            .iter()
            .zip(&own.units)
            .any(|(all, own)| all < own);
        let mut theirs = self.pairs.iter();
        let lacks_pair = own.pairs.iter().any(|own| {
            let all = theirs.find(|all| (all.a, all.b) == (own.a, own.b));
            all.is_none_or(|all| all.sums.0 < own.sums.0 || all.sums.1 < own.sums.1)
        });
        if lacks || lacks_pair {
            return Err(PassSumsError::Lacking);
        }
        Ok(())
    }

    fn compare(&self, other: &Self) -> Result<(), PassSumsError> {
        let size = |sums: &Self| sums.units.len() + sums.wide.len();
        if (self.round, self.units.len(), self.wide.len())
            == (other.round, other.units.len(), other.wide.len())
        {
            Ok(())
        } else {
            Err(PassSumsError::Unlike {
                found: other.round,
                found_sums: size(other),
                wanted: self.round,
                wanted_sums: size(self),
            })
        }
    }

    pub(crate) fn of_closed(round: u32, sums: closed::Sums) -> Self {
        let mut units = sums.count;
        units.extend(sums.prior);
        units.extend([sums.change, sums.teaching]);
        Self {
            round,
            units,
            ..Self::default()
        }
    }

    pub(crate) fn into_closed(mut self, stride: usize) -> closed::Sums {
        let (teaching, change) = (self.units.pop().unwrap_or(0), self.units.pop().unwrap_or(0));
        let prior = self
            .units
            .split_off(self.units.len().saturating_sub(stride));
        closed::Sums {
            count: self.units,
            prior,
            change,
            teaching,
        }
    }

    pub(crate) fn of_open(round: u32, sums: open::Sums) -> Self {
        let mut units = sums.hits;
        units.extend(sums.claims);
        units.extend([sums.change, sums.teaching]);
        Self {
            round,
            units,
            ..Self::default()
        }
    }

    pub(crate) fn into_open(mut self) -> open::Sums {
        let (teaching, change) = (self.units.pop().unwrap_or(0), self.units.pop().unwrap_or(0));
        let claims = self.units.split_off(self.units.len() / 2);
        open::Sums {
            hits: self.units,
            claims,
            change,
            teaching,
        }
    }

    pub(crate) fn of_wide(round: u32, wide: impl IntoIterator<Item = i128>) -> Self {
        Self {
            round,
            wide: wide.into_iter().map(Wide).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn of_pairs(
        round: u32,
        pairs: impl IntoIterator<Item = (Shared, (u64, u64))>,
    ) -> Self {
        let pairs = pairs.into_iter().map(|(pair, sums)| PairSums {
            a: pair.a,
            b: pair.b,
            sums,
        });
        Self {
            round,
            pairs: pairs.collect(),
            ..Self::default()
        }
    }
}

/// The pairs of both lists, what is said of the same one added; nothing where a sum is too large.
fn merged(x: &[PairSums], y: &[PairSums]) -> Option<Vec<PairSums>> {
    let mut all: Vec<PairSums> = Vec::with_capacity(x.len().max(y.len()));
    let (mut x, mut y) = (x.iter().peekable(), y.iter().peekable());
    loop {
        let key = |pair: &&PairSums| (pair.a, pair.b);
        let next = match (x.peek().map(key), y.peek().map(key)) {
            (Some(a), Some(b)) if a > b => y.next(),
            (Some(_), _) => x.next(),
            (None, _) => y.next(),
        };
        let Some(&next) = next else {
            return Some(all);
        };
        match all.last_mut() {
            Some(last) if (last.a, last.b) == (next.a, next.b) => {
                last.sums = (
                    last.sums.0.checked_add(next.sums.0)?,
                    last.sums.1.checked_add(next.sums.1)?,
                );
            }
            _ => all.push(next),
        }
    }
}
