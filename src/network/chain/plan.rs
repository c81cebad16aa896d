//! What is asked of variables below and above one another, and the cases it is solved by.

use std::collections::BTreeMap;

use crate::network::cluster::Cluster;
use crate::network::eliminate::OverBudget;
use crate::network::line::{Line, Said};
use crate::network::order::Order;
use crate::network::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// Assumptions, and units that allow several stretches, that may be tried out.
const TRIED: usize = 12;

/// The order of a cluster that can be solved as rows.
pub(super) fn order(cluster: &Cluster) -> Option<Order> {
    Order::of(cluster).or_else(|| Order::alone(cluster))
}

/// What is asked of them before they are solved.
pub(super) struct Plan<'a> {
    network: &'a Network,
    pub(super) order: Order,
    pub(super) tried: Vec<AssumptionId>,
    pub(super) used_at: BTreeMap<AssumptionId, usize>,
    /// Units that allow several stretches, ascending, with those: whether each is active is tried out.
    pub(super) split: Vec<(UnitId, Set)>,
    /// The domain of a variable alone.
    alone: Option<Set>,
    /// By position.
    pub(super) said: Vec<Vec<Said>>,
    /// By position: ends that must not divide a cell.
    others: Vec<Vec<Interval>>,
}

impl<'a> Plan<'a> {
    /// `budget` is in entries of tables.
    pub(super) fn new(
        network: &'a Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        extra: Option<(usize, &Set)>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let order = order(cluster).ok_or(OverBudget)?;
        let alone = cluster
            .domains
            .first()
            .filter(|_| order.len() == 1 && !cluster.convex);
        let mut split: Vec<(UnitId, Set)> = Vec::new();
        let mut said: Vec<Vec<Said>> = vec![Vec::new(); order.len()];
        let mut used_at: BTreeMap<AssumptionId, usize> = BTreeMap::new();
        let mut tried: Vec<AssumptionId> = outer.to_vec();
        for m in &cluster.members {
            let (position, mut stretch) = order.stretch(&m.within);
            if let Some(hull) = alone.and_then(Set::hull) {
                let sets = m.within.iter().map(|(_, s)| s);
                let left = sets.fold(Set::from(hull), |all, s| all.intersection(s));
                stretch = left.as_interval();
                if left.stretches().len() > 1 {
                    split.push((m.id, left));
                }
            }
            let guards: Vec<Guard> = network.live_guards(m.id).cloned().collect();
            for a in guards
                .iter()
                .flatten()
                .filter(|a| !network.probability(**a).is_one())
            {
                if *used_at.entry(*a).or_insert(position) != position {
                    tried.push(*a);
                }
            }
            if let Some(list) = said.get_mut(position) {
                list.push(Said {
                    unit: m.id,
                    stretch,
                    guards,
                    given: None,
                });
            }
        }
        tried.sort_unstable();
        tried.dedup();
        let both = tried.len() + split.len();
        let work = (cluster.members.len() as u64 + 1) << both.min(32);
        if both > TRIED || work > budget / 64 {
            return Err(OverBudget);
        }
        for a in &tried {
            used_at.remove(a);
        }
        let mut others: Vec<Vec<Interval>> = vec![Vec::new(); order.len()];
        // Alone, a variable has nothing that could tell values within a cell apart.
        let silent = cluster.silent.iter().map(|(v, set)| (*v, set)).chain(extra);
        for (v, set) in silent.filter(|_| order.len() > 1) {
            let (position, shift) = order.place(v);
            if let Some(list) = others.get_mut(position) {
                let shift = Interval::exactly(shift);
                list.extend(set.stretches().iter().map(|s| s.plus(shift)));
            }
        }
        if order.len() > 1 && !tried.is_empty() {
            // Some ways to hold leave units out that are asked about all the same.
            for (others, said) in others.iter_mut().zip(&said) {
                others.extend(said.iter().filter_map(|s| s.stretch));
            }
        }
        Ok(Self {
            network,
            order,
            tried,
            used_at,
            split,
            alone: alone.cloned(),
            said,
            others,
        })
    }

    /// What is said if the assumptions tried out hold as in `bits`. `None` if that is impossible. What it takes is charged to `left`.
    pub(super) fn lines(&self, bits: u32, left: &mut u64) -> Result<Option<Vec<Line>>, OverBudget> {
        let holds = |a: &AssumptionId| self.tried.binary_search(a).map(|i| bits >> i & 1 == 1);
        let Some(hulls) = self.order.hulls() else {
            return Ok(None);
        };
        let mut hulls = hulls.to_vec();
        let mut alone = self.alone.clone();
        let mut said: Vec<Vec<Said>> = Vec::with_capacity(self.said.len());
        for (list, hull) in self.said.iter().zip(&mut hulls) {
            let mut own = Vec::with_capacity(list.len());
            for s in list {
                let guards = under(&s.guards, holds);
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
        let Some(hulls) = self.order.spread(hulls) else {
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
