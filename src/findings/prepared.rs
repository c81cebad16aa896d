//! A dossier compiled and taken apart, before anything is found.

use std::sync::Arc;

use super::engine::Engine;
use super::result::ConflictUnit;
use super::units::unit_name;
use crate::claims::dossier::Dossier;
use crate::network::conflict::{WORK, conflicts};

/// A dossier compiled to its network, for those who only need to know which claims conflict.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Prepared, Question, Source};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency"))
///     .source(Source::new("envoy"))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value("at least 123"))
///     .claim(Claim::new("b").question("freed").source("agency").value(123))
///     .claim(Claim::new("c").question("freed").source("envoy").value(156))
///     .build()?;
/// // Only 123 and 156 conflict.
/// assert_eq!(Prepared::new(dossier).conflict_sets().len(), 1);
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
#[derive(Debug)]
pub struct Prepared {
    engine: Engine,
}

impl Prepared {
    /// Compiles a dossier. O(n log n) for n claims.
    pub fn new(dossier: impl Into<Arc<Dossier>>) -> Self {
        Self {
            engine: Engine::new(dossier.into()),
        }
    }

    /// The minimal conflicts as bare sets: one claim for each statement, and soft links; no order, no weights, no derivations. Of more
    /// than 20,000 among linked questions the first 20,000.
    pub fn conflict_sets(&self) -> Vec<Vec<ConflictUnit>> {
        let mut out = Vec::new();
        let mut work = WORK;
        for cluster in self.engine.suggested.iter() {
            for bits in conflicts(cluster, 20_000, &mut work).sets {
                let places: Vec<usize> = bits.iter().collect();
                let is_base = |p: &usize| {
                    places
                        .iter()
                        .any(|q| cluster.members.get(*q).and_then(|m| m.stands_on) == Some(*p))
                };
                let units = places
                    .iter()
                    .filter(|p| !is_base(p))
                    .filter_map(|p| cluster.members.get(*p));
                out.push(units.map(|m| unit_name(&self.engine, m.id)).collect());
            }
        }
        out
    }
}
