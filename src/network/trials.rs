//! Assumptions that are tried out: those that units on several variables share, or something outside. Within one way for them to hold or
//! fail, what units say of different variables is independent. So is, on a variable alone, whether units are active that allow several
//! stretches.

use std::collections::BTreeMap;

use super::eliminate::OverBudget;
use super::line::{Line, Said};
use super::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// Assumptions, and units that allow several stretches, that may be tried out.
const TRIED: usize = 12;

/// What is said of variables, by position, and the assumptions to be tried out.
pub(super) struct Trials<'a> {
    network: &'a Network,
    /// Ascending.
    pub(super) tried: Vec<AssumptionId>,
    /// By other assumption: the position of the units that use it.
    pub(super) used_at: BTreeMap<AssumptionId, usize>,
    /// Units that allow several stretches, ascending, with those: whether each is active is tried out.
    pub(super) split: Vec<(UnitId, Set)>,
    /// The domain of a variable alone that may have gaps.
    alone: Option<Set>,
    /// By position.
    pub(super) said: Vec<Vec<Said>>,
    /// By position: ends that must not divide a cell.
    others: Vec<Vec<Interval>>,
}

impl<'a> Trials<'a> {
    /// `said` is by position; `sure` are assumptions to be tried out whoever uses them. `budget` is in entries of tables.
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
        for a in &tried {
            used_at.remove(a);
        }
        // Some ways to hold leave units out that are asked about all the same.
        let is_alone = said.len() == 1 || tried.is_empty();
        let ends = |list: &Vec<Said>| {
            let stretches = list.iter().filter_map(|s| s.stretch);
            stretches.filter(|_| !is_alone).collect()
        };
        let out = Self {
            others: said.iter().map(ends).collect(),
            network,
            tried,
            used_at,
            split: Vec::new(),
            alone: None,
            said,
        };
        out.check(budget)
    }

    /// Tries out as well whether units of a variable alone are active, which allow several stretches of its domain.
    pub(super) fn splitting(
        mut self,
        domain: Set,
        split: Vec<(UnitId, Set)>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        self.alone = Some(domain);
        self.split = split;
        self.check(budget)
    }

    /// Whether that is not too much to try out.
    fn check(self, budget: u64) -> Result<Self, OverBudget> {
        let units: usize = self.said.iter().map(Vec::len).sum();
        let both = self.tried.len() + self.split.len();
        let work = (units as u64 + 1) << both.min(32);
        if both > TRIED || work > budget / 64 {
            return Err(OverBudget);
        }
        Ok(self)
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
    /// impossible. What it takes is charged to `left`.
    pub(super) fn lines(
        &self,
        bits: u32,
        mut hulls: Vec<Interval>,
        spread: impl FnOnce(Vec<Interval>) -> Option<Vec<Interval>>,
        left: &mut u64,
    ) -> Result<Option<Vec<Line>>, OverBudget> {
        let mut alone = self.alone.clone();
        let mut said: Vec<Vec<Said>> = Vec::with_capacity(self.said.len());
        for (list, hull) in self.said.iter().zip(&mut hulls) {
            let mut own = Vec::with_capacity(list.len());
            for s in list {
                let guards = self.under(bits, &s.guards);
                let split = self.given(bits, s.unit);
                if let (Some((true, set)), Some(domain)) = (split, &mut alone) {
                    *domain = domain.intersection(set);
                    if guards.is_empty() || domain.is_empty() {
                        return Ok(None);
                    }
                }
                if guards.is_empty() {
                    continue;
                }
                let said = Said {
                    guards,
                    given: split.map(|(active, _)| active),
                    ..s.clone()
                };
                if said.given == Some(false) {
                    if said.is_certain(self.network) {
                        return Ok(None);
                    }
                } else if said.given.is_none() && said.is_certain(self.network) {
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
        let hulls = hulls.into_iter().map(Set::from);
        let domains: Vec<Set> = match alone {
            Some(domain) => hulls.map(|hull| domain.intersection(&hull)).collect(),
            None => hulls.collect(),
        };
        if domains.iter().any(Set::is_empty) {
            return Ok(None);
        }
        let lines = said
            .into_iter()
            .zip(domains)
            .zip(&self.others)
            .map(|((said, domain), others)| Line::new(self.network, domain, said, others, left));
        lines.collect::<Result<_, _>>().map(Some)
    }

    /// Whether a unit that allows several stretches is active in a case, and those. `None` for others.
    fn given(&self, bits: u32, unit: UnitId) -> Option<(bool, &Set)> {
        let place = self.split.binary_search_by_key(&unit, |(u, _)| *u).ok()?;
        let (_, set) = self.split.get(place)?;
        Some((bits >> (self.tried.len() + place) & 1 == 1, set))
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
        0..1 << (self.tried.len() + self.split.len())
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
