//! Guarded restrictions on whole-number variables: the one mechanism behind every finding.
//!
//! A **unit** is a set of restrictions that stand or fall together. It is active where one of its **guards**
//! holds, a guard being a set of **assumptions** that must all hold, each an independent event with a probability
//! (assumption-based truth maintenance: de Kleer 1986; assumption-based evidence: Laskey & Lehner 1989). Rows that
//! always hold are **hard**. Nothing here knows claims, sources or words.

pub(crate) mod apart;
pub(crate) mod bits;
mod cases;
pub(crate) mod centres;
pub(crate) mod chain;
pub(crate) mod circuit;
pub(crate) mod cliques;
pub(crate) mod cluster;
pub(crate) mod combine;
pub(crate) mod conflict;
pub(crate) mod covers;
pub(crate) mod decide;
pub(crate) mod derive;
pub(crate) mod eliminate;
pub(crate) mod family;
pub(crate) mod fenwick;
pub(crate) mod frontier;
pub(crate) mod hash;
pub(crate) mod hull;
pub(crate) mod labels;
pub(crate) mod leaf;
mod leeway;
pub(crate) mod line;
pub(crate) mod order;
pub(crate) mod paths;
pub(crate) mod prior;
pub(crate) mod propagate;
pub(crate) mod rough;
mod trials;
pub(crate) mod weigh;
pub(crate) mod whole;

use std::sync::Arc;

use crate::sets::interval::Interval;
use crate::sets::linear::{Row, VariableId};
use crate::sets::probability::Probability;
use crate::sets::set::Set;

/// An assumption, by its place in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AssumptionId(pub(crate) u32);

impl AssumptionId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A unit, by its place in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UnitId(pub(crate) u32);

impl UnitId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a unit says of the variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Restriction {
    /// The variable lies in the set.
    Within(VariableId, Set),
    /// The row holds.
    Holds(Row),
}

/// Assumptions that must all hold, ascending.
pub(crate) type Guard = Vec<AssumptionId>;

/// Guards of which one must hold; shared where a claim alone makes its statement.
pub(crate) type Guards = Arc<[Guard]>;

/// Restrictions that stand or fall together.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) restrictions: Vec<Restriction>,
    /// The unit is active where one of them holds.
    pub(crate) guards: Guards,
    /// A unit that narrows another, stands on it and counts with it as one; it takes part in the second pass alone.
    pub(crate) stands_on: Option<UnitId>,
}

/// Assumptions, variables, units and what always holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Network {
    /// The values each variable can take at all.
    pub(crate) domains: Vec<Interval>,
    pub(crate) probabilities: Vec<Probability>,
    pub(crate) units: Vec<Unit>,
    /// Restrictions that always hold.
    pub(crate) hard: Vec<Restriction>,
}

/// Which restrictions take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Pass {
    /// Without the units that stand on others: the headline numbers.
    Entailed,
    /// With them.
    Suggested,
}

impl Network {
    pub(crate) fn unit(&self, id: UnitId) -> &Unit {
        #[expect(
            clippy::indexing_slicing,
            reason = "a UnitId is only made by its own network"
        )]
        &self.units[id.index()]
    }

    pub(crate) fn domain(&self, id: VariableId) -> Interval {
        #[expect(
            clippy::indexing_slicing,
            reason = "a VariableId is only made by its own network"
        )]
        self.domains[id.index()]
    }

    pub(crate) fn probability(&self, id: AssumptionId) -> Probability {
        #[expect(
            clippy::indexing_slicing,
            reason = "an AssumptionId is only made by its own network"
        )]
        self.probabilities[id.index()]
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a dossier holds fewer than 2^32 units"
    )]
    pub(crate) fn unit_ids(&self) -> impl Iterator<Item = UnitId> + use<> {
        (0..self.units.len()).map(|i| UnitId(i as u32))
    }

    /// Guards that can hold at all.
    pub(crate) fn live_guards(&self, id: UnitId) -> impl Iterator<Item = &Guard> {
        self.unit(id)
            .guards
            .iter()
            .filter(|g| g.iter().all(|a| !self.probability(*a).is_zero()))
    }

    /// Whether the unit can be active in some scenario.
    pub(crate) fn is_live(&self, id: UnitId) -> bool {
        self.live_guards(id).next().is_some()
    }

    /// The units that take part in a pass and can be active.
    pub(crate) fn live_units(&self, pass: Pass) -> impl Iterator<Item = UnitId> {
        self.unit_ids().filter(move |u| {
            (pass == Pass::Suggested || self.unit(*u).stands_on.is_none()) && self.is_live(*u)
        })
    }
}

impl Restriction {
    /// The variables it is about.
    pub(crate) fn variables(&self) -> impl Iterator<Item = VariableId> + '_ {
        let (one, row) = match self {
            Self::Within(v, _) => (Some(*v), None),
            Self::Holds(row) => (None, Some(row)),
        };
        one.into_iter().chain(
            row.into_iter()
                .flat_map(|r| r.terms.iter().map(|(v, _)| *v)),
        )
    }
}
