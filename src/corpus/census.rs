//! The names that the parts of a corpus have to share.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::names::Names;
use super::table::Corpus;

/// Who and what there is in a part of a corpus, so that all parts can give the same numbers to the same sources and values.
///
/// Merging is associative, commutative, and the same as the census of the whole, whatever the split.
///
/// # Examples
///
/// ```
/// use discrepancy::corpus::Corpus;
///
/// let (mut here, mut there) = (Corpus::builder(), Corpus::builder());
/// here.claim("q", "a", "x")?;
/// there.claim("r", "b", "x")?.claim("r", "a", "y")?;
/// let (here, there) = (here.build(), there.build());
/// let mut all = here.census();
/// all.merge(&there.census());
/// let here = here.align(&all)?;
/// assert!(here.source("b").is_some() && here.value("y").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Census {
    claims: u64,
    sources: BTreeSet<String>,
    values: BTreeSet<String>,
}

/// A corpus that cannot be brought in line with a census.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlignError {
    /// The census does not know a name.
    #[error("{name:?} is not in the census")]
    Unknown {
        /// The source or value.
        name: String,
    },
    /// The census has too many names.
    #[error("the census has too many names")]
    TooMany,
    /// Numbers are fitted in one piece.
    #[error("a corpus of numbers cannot be a part of one")]
    Numbers,
}

impl Census {
    /// Adds what there is in another part. No question may be in both.
    pub fn merge(&mut self, other: &Self) {
        self.claims = self.claims.saturating_add(other.claims);
        self.sources.extend(other.sources.iter().cloned());
        self.values.extend(other.values.iter().cloned());
    }

    /// How many claims there are.
    pub fn claims(&self) -> u64 {
        self.claims
    }
}

impl Corpus {
    /// Who and what there is in this corpus.
    pub fn census(&self) -> Census {
        Census {
            claims: self.len() as u64,
            sources: texts(&self.sources),
            values: texts(&self.values),
        }
    }

    /// Numbers sources and values as all parts of a corpus do that are brought in line with the same census; keys taken before are void.
    ///
    /// Sources and values of other parts become known here, too, without claims.
    ///
    /// # Errors
    ///
    /// [`AlignError`]; the census must contain this corpus's own.
    ///
    /// # Complexity
    ///
    /// As building it again.
    pub fn align(self, census: &Census) -> Result<Self, AlignError> {
        if self.is_numeric() {
            return Err(AlignError::Numbers);
        }
        let (sources, values) = (number(&census.sources)?, number(&census.values)?);
        let new_source = places(&self.sources, &sources)?;
        let new_value = places(&self.values, &values)?;
        let mut builder = self.into_builder();
        for (_, value, source, _) in &mut builder.times {
            *value = new_value.get(*value as usize).copied().unwrap_or_default();
            *source = new_source
                .get(*source as usize)
                .copied()
                .unwrap_or_default();
        }
        for (list, new) in [
            (&mut builder.source, new_source),
            (&mut builder.value, new_value),
        ] {
            for id in list {
                *id = new.get(*id as usize).copied().unwrap_or_default();
            }
        }
        (builder.sources, builder.values) = (sources, values);
        let mut corpus = builder.build();
        corpus.whole = Some(census.claims);
        Ok(corpus)
    }
}

fn texts(names: &Names) -> BTreeSet<String> {
    names
        .sorted()
        .into_iter()
        .map(|id| names.text(id).to_owned())
        .collect()
}

fn number(texts: &BTreeSet<String>) -> Result<Names, AlignError> {
    let mut names = Names::new();
    for text in texts {
        names.intern(text).ok_or(AlignError::TooMany)?;
    }
    Ok(names)
}

/// The new number of each name.
fn places(old: &Names, new: &Names) -> Result<Vec<u32>, AlignError> {
    (0u32..)
        .take(old.len())
        .map(|id| {
            let name = old.text(id);
            new.find(name).ok_or_else(|| AlignError::Unknown {
                name: name.to_owned(),
            })
        })
        .collect()
}
