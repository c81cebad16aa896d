//! Assumptions that are tried out: those that units on several variables share, or something outside. Within one way for them to hold or
//! fail, what units say of different variables is independent.

use std::collections::BTreeMap;

use super::eliminate::OverBudget;
use super::line::{Line, Said};
use super::{AssumptionId, Guard, Network};
use crate::sets::interval::Interval;
use crate::sets::weight::Weight;

/// Assumptions that may be tried out.
const TRIED: usize = 12;

/// What is said of variables, by position, and the assumptions to be tried out.
pub(super) struct Trials<'a> {
    network: &'a Network,
    /// Ascending.
    pub(super) tried: Vec<AssumptionId>,
    /// By other assumption: the position of the units that use it.
    pub(super) used_at: BTreeMap<AssumptionId, usize>,
    /// By position.
    pub(super) said: Vec<Vec<Said>>,
    /// By position: ends that must not divide a cell.
    others: Vec<Vec<Interval>>,
    budget: u64,
}

impl<'a> Trials<'a> {
    /// `said` is by position; `sure` are assumptions to be tried out whoever uses them. `budget` is in evaluations of units.
    pub(super) fn new(
        network: &'a Network,
        said: Vec<Vec<Said>>,
        sure: impl IntoIterator<Item = AssumptionId>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let mut used_at: BTreeMap<AssumptionId, usize> = BTreeMap::new();
        let mut tried: Vec<AssumptionId> = sure.into_iter().collect();
        for (position, list) in said.iter().enumerate() {
            for a in list.iter().flat_map(|s| s.guards.iter().flatten()) {
                if !network.probability(*a).is_one()
                    && *used_at.entry(*a).or_insert(position) != position
                {
                    tried.push(*a);
                }
            }
        }
        tried.sort_unstable();
        tried.dedup();
        let units: usize = said.iter().map(Vec::len).sum();
        let work = (units as u64 + 1) << tried.len().min(32);
        if tried.len() > TRIED || work > budget / 64 {
            return Err(OverBudget);
        }
        for a in &tried {
            used_at.remove(a);
        }
        // Some ways to hold leave units out that are asked about all the same.
        let is_alone = said.len() == 1 || tried.is_empty();
        let ends = |list: &Vec<Said>| {
            let stretches = list.iter().filter_map(|s| s.stretch);
            stretches.filter(|_| !is_alone).collect()
        };
        Ok(Self {
            others: said.iter().map(ends).collect(),
            network,
            tried,
            used_at,
            said,
            budget,
        })
    }

    /// Keeps the ends of a stretch from dividing cells.
    pub(super) fn mind(&mut self, position: usize, stretch: Interval) {
        // Alone, a variable has nothing that could tell values within a cell apart.
        if self.said.len() > 1
            && let Some(list) = self.others.get_mut(position)
        {
            list.push(stretch);
        }
    }

    /// What is said if the assumptions tried out hold as in `bits`, within `hulls`, which `spread` narrows by one another. `None` if that is
    /// impossible.
    pub(super) fn lines(
        &self,
        bits: u32,
        mut hulls: Vec<Interval>,
        spread: impl FnOnce(Vec<Interval>) -> Option<Vec<Interval>>,
    ) -> Result<Option<Vec<Line>>, OverBudget> {
        let mut said: Vec<Vec<Said>> = Vec::with_capacity(self.said.len());
        for (list, hull) in self.said.iter().zip(&mut hulls) {
            let mut own = Vec::with_capacity(list.len());
            for s in list {
                let guards = self.under(bits, &s.guards);
                if guards.is_empty() {
                    continue;
                }
                let said = Said {
                    guards,
                    ..s.clone()
                };
                if said.is_certain(self.network) {
                    match said.stretch.and_then(|s| s.intersection(*hull)) {
                        Some(left) => *hull = left,
                        None => return Ok(None),
                    }
                }
                own.push(said);
            }
            said.push(own);
        }
        let Some(hulls) = spread(hulls) else {
            return Ok(None);
        };
        let lines = said
            .into_iter()
            .zip(hulls)
            .zip(&self.others)
            .map(|((said, hull), others)| Line::new(self.network, hull, said, others, self.budget));
        lines.collect::<Result<_, _>>().map(Some)
    }

    /// Guards that do not fail if the assumptions tried out hold as in `bits`, and what else they need.
    pub(super) fn under(&self, bits: u32, guards: &[Guard]) -> Vec<Guard> {
        under(guards, |a| is_held(&self.tried, bits, *a).ok_or(()))
    }

    /// The prior chance of the assumptions tried out, but those in `outer`, to hold as in `bits`.
    pub(super) fn prior(&self, bits: u32, outer: &[AssumptionId]) -> Weight {
        let mut prior = Weight::ONE;
        for (i, a) in self.tried.iter().enumerate() {
            if outer.binary_search(a).is_err() {
                let p = self.network.probability(*a);
                prior = prior
                    * Weight::from(if bits >> i & 1 == 1 {
                        p
                    } else {
                        p.complement()
                    });
            }
        }
        prior
    }

    pub(super) fn all_bits(&self) -> std::ops::Range<u32> {
        0..1 << self.tried.len()
    }

    /// The bits of the assumptions in `scope`, in its order.
    pub(super) fn bits_of(&self, bits: u32, scope: &[AssumptionId]) -> u128 {
        scope.iter().enumerate().fold(0, |out, (i, a)| {
            let place = self.tried.binary_search(a);
            out | place.map_or(0, |p| u128::from(bits >> p & 1)) << i
        })
    }
}

/// Whether an assumption holds as `bits` say of those `tried` out; `None` if it is not among them.
pub(super) fn is_held(tried: &[AssumptionId], bits: u32, a: AssumptionId) -> Option<bool> {
    let place = tried.binary_search(&a).ok()?;
    Some(bits >> place & 1 == 1)
}

/// Guards where some assumptions are known to hold, or to fail.
pub(super) fn under<E>(
    guards: &[Guard],
    holds: impl Fn(&AssumptionId) -> Result<bool, E>,
) -> Vec<Guard> {
    guards
        .iter()
        .filter(|g| g.iter().all(|a| holds(a).unwrap_or(true)))
        .map(|g| g.iter().copied().filter(|a| holds(a).is_err()).collect())
        .collect()
}
