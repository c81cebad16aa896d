//! Confidence: how much of the possible scenarios' weight entails, allows or trusts something.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::cluster::Cluster;
use super::decide::decide;
use super::eliminate::{Left, Parts, Solved, eliminate};
use super::propagate::Forest;
use super::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::linear::VariableId;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// A network being weighed in one pass: solved variable by variable, when asked.
#[derive(Debug)]
pub(crate) struct Weighing {
    network: Arc<Network>,
    clusters: Arc<[Cluster]>,
    /// By variable: its cluster, and its place there.
    place: Vec<(usize, usize)>,
    /// By cluster: whether its units contradict one another in some way.
    discordant: Vec<bool>,
    /// Discordant clusters that uncertain assumptions join, and the group of each.
    groups: BTreeMap<usize, Vec<usize>>,
    /// By cluster: the groups it shares uncertain assumptions with.
    near: Vec<Vec<usize>>,
    solved: Vec<OnceLock<Option<View>>>,
    budget: usize,
}

/// What one variable's solution says.
#[derive(Debug)]
pub(crate) struct View {
    solved: Solved,
}

/// Belief and plausibility of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Opinion {
    pub(crate) belief: f64,
    pub(crate) plausibility: f64,
}

impl Weighing {
    /// `clusters` are those of the pass to weigh; `budget` is in products, for each variable.
    pub(crate) fn new(network: Arc<Network>, clusters: Arc<[Cluster]>, budget: usize) -> Self {
        let mut place = vec![(0, 0); network.domains.len()];
        for (c, cluster) in clusters.iter().enumerate() {
            for (i, v) in cluster.variables.iter().enumerate() {
                if let Some(slot) = place.get_mut(v.index()) {
                    *slot = (c, i);
                }
            }
        }
        let discordant: Vec<bool> = clusters
            .iter()
            .map(|c| {
                !matches!(
                    decide(c, 0..c.members.len(), &[]),
                    super::decide::Answer::Possible(_)
                )
            })
            .collect();
        // Which clusters use each uncertain assumption.
        let mut users: BTreeMap<AssumptionId, Vec<usize>> = BTreeMap::new();
        for (c, cluster) in clusters.iter().enumerate() {
            for a in cluster
                .members
                .iter()
                .flat_map(|m| network.live_guards(m.id))
                .flatten()
            {
                if !network.probability(*a).is_one() {
                    let list = users.entry(*a).or_default();
                    if list.last() != Some(&c) {
                        list.push(c);
                    }
                }
            }
        }
        let is_discordant = |c: &usize| discordant.get(*c).copied().unwrap_or(false);
        let mut forest = Forest::new(clusters.len());
        for list in users.values() {
            let mut bad = list.iter().filter(|c| is_discordant(c));
            if let Some(first) = bad.next() {
                for other in bad {
                    forest.join(*first, *other);
                }
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for c in (0..clusters.len()).filter(is_discordant) {
            groups.entry(forest.find(c)).or_default().push(c);
        }
        let mut near = vec![Vec::new(); clusters.len()];
        for c in (0..clusters.len()).filter(is_discordant) {
            if let Some(list) = near.get_mut(c) {
                list.push(forest.find(c));
            }
        }
        for list in users.values() {
            let roots: Vec<usize> = list
                .iter()
                .filter(|c| is_discordant(c))
                .map(|c| forest.find(*c))
                .collect();
            for c in list {
                if let Some(slot) = near.get_mut(*c) {
                    slot.extend(&roots);
                }
            }
        }
        for list in &mut near {
            list.sort_unstable();
            list.dedup();
        }
        Self {
            solved: network.domains.iter().map(|_| OnceLock::new()).collect(),
            network,
            clusters,
            place,
            discordant,
            groups,
            near,
            budget,
        }
    }

    /// The solution seen from a variable; `None` if its budget ended first.
    pub(crate) fn view(&self, v: VariableId) -> Option<&View> {
        self.solved
            .get(v.index())?
            .get_or_init(|| {
                let (cluster, local) = *self.place.get(v.index())?;
                let mut included: Vec<usize> = vec![cluster];
                for group in self.near.get(cluster)? {
                    included.extend(self.groups.get(group).into_iter().flatten());
                }
                included.sort_unstable();
                included.dedup();
                let root = included.iter().position(|c| *c == cluster)?;
                let clusters: Vec<&Cluster> = included
                    .iter()
                    .filter_map(|c| self.clusters.get(*c))
                    .collect();
                let solved =
                    eliminate(&self.network, &clusters, (root, local), self.budget).ok()?;
                Some(View { solved })
            })
            .as_ref()
    }

    /// The solution seen from a variable, if it has been asked for before.
    pub(crate) fn peek(&self, v: VariableId) -> Option<&View> {
        self.solved.get(v.index())?.get()?.as_ref()
    }

    /// The weight of the possible scenarios over some variables (which must hold whole components); `None` if a budget ended.
    pub(crate) fn total(&self, variables: impl IntoIterator<Item = VariableId>) -> Option<Weight> {
        let mut groups: Vec<usize> = Vec::new();
        for v in variables {
            let (cluster, _) = *self.place.get(v.index())?;
            if self.discordant.get(cluster) == Some(&true) {
                groups.extend(self.near.get(cluster)?);
            }
        }
        groups.sort_unstable();
        groups.dedup();
        let mut total = Weight::ONE;
        for group in groups {
            let first = self.groups.get(&group)?.first()?;
            let v = self.clusters.get(*first)?.variables.first()?;
            total = total * self.view(*v)?.solved.total();
        }
        Some(total)
    }

    /// The domain of a variable.
    pub(crate) fn domain(&self, v: VariableId) -> Interval {
        self.network.domain(v)
    }
}

impl View {
    /// Whether every scenario is impossible.
    pub(crate) fn is_impossible(&self) -> bool {
        self.solved.total().is_zero()
    }

    /// Whether every possibility was decided.
    pub(crate) fn is_decided(&self) -> bool {
        !self.solved.undecided
    }

    /// How far the possible scenarios entail, and allow, that the variable lies in `set`, a part of `domain`. `None` if none is
    /// possible.
    pub(crate) fn opinion(&self, set: &Set, domain: Interval) -> Option<Opinion> {
        let total = self.solved.total();
        if total.is_zero() {
            return None;
        }
        let (mut entails, mut allows) = (Weight::ZERO, Weight::ZERO);
        let outside = set.complement_in(domain);
        for (left, weight) in &self.solved.left {
            let (inside, out) = match left {
                Left::Values(values) => (!values.is_disjoint(set), !values.is_subset(set)),
                Left::Joint(state) => (
                    !state.allows(set).is_impossible(),
                    !state.allows(&outside).is_impossible(),
                ),
            };
            if !out {
                entails += *weight;
            }
            if inside {
                allows += *weight;
            }
        }
        Some(Opinion {
            belief: entails.share_of(total).min(1.0),
            plausibility: allows.share_of(total).min(1.0),
        })
    }

    /// Derivatives, for reading off posteriors.
    pub(crate) fn parts(&self) -> Parts<'_> {
        self.solved.parts()
    }

    /// The share of the possible scenarios in which one of `guards` holds, all of one claim on the unit.
    pub(crate) fn trusted(&self, parts: &Parts<'_>, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        let total = self.solved.total();
        let live: Vec<Guard> = guards.to_vec();
        if total.is_zero() {
            return None;
        }
        if live.is_empty() {
            return Some(0.0);
        }
        Some(parts.holds(unit, &live)?.share_of(total).min(1.0))
    }

    /// The share of the possible scenarios in which the assumption holds, if anything here uses it and it is not certain.
    pub(crate) fn assumption(
        &self,
        parts: &Parts<'_>,
        id: AssumptionId,
        prior: f64,
    ) -> Option<f64> {
        let total = self.solved.total();
        if total.is_zero() {
            return None;
        }
        Some(parts.assumption(id, prior)?.share_of(total).min(1.0))
    }

    /// The share of the possible scenarios in which no restriction of any of the units is active.
    pub(crate) fn without(&self, units: impl IntoIterator<Item = UnitId>) -> Option<f64> {
        let total = self.solved.total();
        (!total.is_zero()).then(|| self.solved.without(units).share_of(total).min(1.0))
    }
}

/// The prior probability that all units are active: each has a guard that holds.
///
/// By cases on the assumptions, those in most guards first, with guards that hold or fail dropped at once.
pub(crate) fn prior_of_all(network: &Network, units: &[UnitId]) -> f64 {
    let needs: Vec<Vec<Guard>> = units
        .iter()
        .map(|u| {
            let mut guards: Vec<Guard> = network
                .live_guards(*u)
                .map(|g| {
                    g.iter()
                        .copied()
                        .filter(|a| !network.probability(*a).is_one())
                        .collect()
                })
                .collect();
            guards.sort_unstable();
            guards.dedup();
            guards
        })
        .collect();
    all_hold(network, needs, &mut 200_000)
}

fn all_hold(network: &Network, mut needs: Vec<Vec<Guard>>, budget: &mut u32) -> f64 {
    if needs.iter().any(Vec::is_empty) {
        return 0.0;
    }
    needs.retain(|guards| !guards.iter().any(Vec::is_empty));
    if needs.is_empty() || *budget == 0 {
        return 1.0;
    }
    *budget -= 1;
    // What all guards of one need share must hold.
    let mut p = 1.0;
    loop {
        let forced = needs.iter().find_map(|guards| {
            let first = guards.first()?;
            first
                .iter()
                .copied()
                .find(|a| guards.iter().all(|g| g.contains(a)))
        });
        let Some(a) = forced else { break };
        p *= network.probability(a).get();
        for guards in &mut needs {
            for g in guards.iter_mut() {
                g.retain(|x| *x != a);
            }
        }
        needs.retain(|guards| !guards.iter().any(Vec::is_empty));
    }
    let mut count: BTreeMap<AssumptionId, u32> = BTreeMap::new();
    for a in needs.iter().flatten().flatten() {
        *count.entry(*a).or_default() += 1;
    }
    let Some((a, _)) = count
        .into_iter()
        .max_by_key(|(a, n)| (*n, std::cmp::Reverse(*a)))
    else {
        return p;
    };
    let holds: Vec<Vec<Guard>> = needs
        .iter()
        .map(|gs| {
            gs.iter()
                .map(|g| g.iter().copied().filter(|x| *x != a).collect())
                .collect()
        })
        .collect();
    let fails: Vec<Vec<Guard>> = needs
        .iter()
        .map(|gs| gs.iter().filter(|g| !g.contains(&a)).cloned().collect())
        .collect();
    let q = network.probability(a).get();
    p * (q * all_hold(network, holds, budget) + (1.0 - q) * all_hold(network, fails, budget))
}
