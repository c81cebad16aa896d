//! A solved cluster, and what can be read off it.

use std::sync::OnceLock;

use super::Left;
use crate::network::circuit::{Circuit, Derivatives, Rerun, Slot};
use crate::network::leaf::{ClassId, Classes, Leaf};
use crate::network::{AssumptionId, Guard, UnitId};
use crate::sets::probability::Probability;
use crate::sets::weight::Weight;

/// Everything that is known of a cluster.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(super) circuit: Circuit,
    pub(super) total: Slot,
    /// By variable of the cluster; `None` if its budget ended first.
    pub(crate) left: Vec<Option<Vec<(Left, Weight)>>>,
    pub(super) classes: Classes,
    pub(super) prior: Vec<(Slot, Slot)>,
    /// Ascending.
    pub(super) leaves: Vec<(UnitId, Vec<Leaf>)>,
    pub(super) home: Vec<Option<UnitId>>,
    /// What joint states took, in products.
    pub(super) joint: u64,
    /// By the total, once asked for.
    pub(super) derivatives: OnceLock<Derivatives>,
    /// Some possibility was not decided within its budget and was taken for possible.
    pub(crate) undecided: bool,
}

impl Solved {
    /// The weight of the possible scenarios.
    pub(crate) fn total(&self) -> Weight {
        self.circuit.value(self.total)
    }

    /// What solving it took, in products.
    pub(crate) fn cost(&self) -> u64 {
        self.circuit.len() as u64 + self.joint
    }

    /// Whether solving it again takes no more than some products, and no decisions about joint states, which may be long.
    pub(crate) fn is_quick(&self, products: u64) -> bool {
        self.joint == 0 && self.circuit.len() as u64 <= products
    }

    /// What the possible scenarios leave of a variable, by weight; `None` if its budget ended first.
    pub(crate) fn left(&self, v: usize) -> Option<&[(Left, Weight)]> {
        self.left.get(v)?.as_deref()
    }

    /// Ready to ask for the weight of the possible scenarios in which units are not active.
    pub(crate) fn giving_up(&self) -> GivingUp<'_> {
        GivingUp {
            leaves: &self.leaves,
            rerun: self.circuit.rerun(self.total),
        }
    }

    fn part(&self, slot: Slot) -> Weight {
        let all = || self.circuit.derivatives(self.total);
        self.derivatives.get_or_init(all).part(&self.circuit, slot)
    }

    /// The weight of the possible scenarios in which one of `guards`, all of the unit, holds.
    pub(crate) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<Weight> {
        let leaf = leaves_of(&self.leaves, unit).first()?;
        let guards: Vec<Vec<ClassId>> = guards.iter().map(|g| self.classes.translate(g)).collect();
        Some(leaf.holds(&guards, |s| self.part(s)))
    }

    /// The weight of the possible scenarios in which the assumption holds. `None` if nothing here uses it, or it is certain.
    pub(crate) fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<Weight> {
        let class = self.classes.of(id)?;
        let unit = (*self.home.get(class.0 as usize)?)?;
        let private = leaves_of(&self.leaves, unit).iter().find_map(|leaf| {
            leaf.private(class, |s| self.part(s), |c| self.classes.probability(c))
        });
        let holds = match private {
            Some(weight) => weight,
            None => self.part(self.prior.get(class.0 as usize)?.0),
        };
        // The class is a product: where it fails, its members are as they were, given that not all of them hold.
        let all = self.classes.probability(class).get();
        let alone = if all < 1.0 {
            (prior.get() - all) / (1.0 - all)
        } else {
            0.0
        };
        let total = self.total();
        if total.is_zero() {
            return Some(Weight::ZERO);
        }
        let fails = (1.0 - holds.share_of(total)).max(0.0);
        Some(holds + total * Weight::new((fails * alone).max(0.0)))
    }
}

/// Those of a unit; none if it is not there.
fn leaves_of(leaves: &[(UnitId, Vec<Leaf>)], unit: UnitId) -> &[Leaf] {
    let place = leaves.binary_search_by_key(&unit, |(u, _)| *u);
    let found = place.ok().and_then(|p| leaves.get(p));
    found.map(|(_, list)| list.as_slice()).unwrap_or_default()
}

/// A solved cluster, to be weighed without some of its units.
#[derive(Debug)]
pub(crate) struct GivingUp<'a> {
    leaves: &'a [(UnitId, Vec<Leaf>)],
    rerun: Rerun,
}

impl GivingUp<'_> {
    /// The weight of the possible scenarios in which no restriction of any of the units is active. One pass.
    pub(crate) fn without(&mut self, units: &[UnitId]) -> Weight {
        let leaves = self.leaves;
        let zeroed = units
            .iter()
            .flat_map(|u| leaves_of(leaves, *u))
            .flat_map(Leaf::table)
            .filter(|(_, _, active)| *active)
            .map(|(_, slot, _)| slot);
        self.rerun.without(zeroed)
    }

    /// What one question costs, in products.
    pub(crate) fn cost(&self) -> usize {
        self.rerun.len()
    }
}
