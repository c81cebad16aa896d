//! What is asked of variables below and above one another, and the cases it is solved by.

use std::collections::BTreeMap;

use crate::network::cluster::Cluster;
use crate::network::eliminate::OverBudget;
use crate::network::line::{Line, Said};
use crate::network::order::Order;
use crate::network::{AssumptionId, Guard, Network};
use crate::sets::interval::Interval;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// Assumptions that may be tried out.
const TRIED: usize = 12;

/// What is asked of them before they are solved.
pub(super) struct Plan<'a> {
    network: &'a Network,
    pub(super) order: Order,
    pub(super) tried: Vec<AssumptionId>,
    pub(super) used_at: BTreeMap<AssumptionId, usize>,
    /// By position.
    pub(super) said: Vec<Vec<Said>>,
    /// By position: ends that must not divide a cell.
    others: Vec<Vec<Interval>>,
    budget: u64,
}

impl<'a> Plan<'a> {
    /// `budget` is in evaluations of units.
    pub(super) fn new(
        network: &'a Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        extra: Option<(usize, &Set)>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let order = Order::of(cluster).ok_or(OverBudget)?;
        let mut said: Vec<Vec<Said>> = vec![Vec::new(); order.len()];
        let mut used_at: BTreeMap<AssumptionId, usize> = BTreeMap::new();
        let mut tried: Vec<AssumptionId> = outer.to_vec();
        for m in &cluster.members {
            let (position, stretch) = order.stretch(&m.within);
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
                });
            }
        }
        tried.sort_unstable();
        tried.dedup();
        let work = (cluster.members.len() as u64 + 1) << tried.len().min(32);
        if tried.len() > TRIED || work > budget / 64 {
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
            said,
            others,
            budget,
        })
    }

    /// What is said if the assumptions tried out hold as in `bits`. `None` if that is impossible.
    pub(super) fn lines(&self, bits: u32) -> Result<Option<Vec<Line>>, OverBudget> {
        let holds = |a: &AssumptionId| self.tried.binary_search(a).map(|i| bits >> i & 1 == 1);
        let Some(hulls) = self.order.hulls() else {
            return Ok(None);
        };
        let mut hulls = hulls.to_vec();
        let mut said: Vec<Vec<Said>> = Vec::with_capacity(self.said.len());
        for (list, hull) in self.said.iter().zip(&mut hulls) {
            let mut own = Vec::with_capacity(list.len());
            for s in list {
                let guards = under(&s.guards, holds);
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
        let Some(hulls) = self.order.spread(hulls) else {
            return Ok(None);
        };
        let lines = said
            .into_iter()
            .zip(hulls)
            .zip(&self.others)
            .map(|((said, hull), others)| Line::new(self.network, hull, said, others, self.budget));
        lines.collect::<Result<_, _>>().map(Some)
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
