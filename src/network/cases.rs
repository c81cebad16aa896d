//! Variables solved case by case: one case for each way for the assumptions that are tried out to hold or fail.

use std::collections::BTreeMap;

use super::eliminate::{OverBudget, Weights};
use super::line::{Line, Opinion};
use super::trials::{Trials, is_held, under};
use super::{AssumptionId, Guard, UnitId};
use crate::sets::interval::Interval;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// All cases.
#[derive(Debug)]
pub(super) struct Cases<T> {
    /// Assumptions that are tried out, ascending.
    tried: Vec<AssumptionId>,
    /// By other assumption: the position of the units that use it.
    used_at: BTreeMap<AssumptionId, usize>,
    /// By unit: its position.
    unit_at: BTreeMap<UnitId, usize>,
    /// By unit that all of is tried out: its guards.
    switches: BTreeMap<UnitId, Vec<Guard>>,
    list: Vec<Case<T>>,
    total: Weight,
}

/// One way for the assumptions tried out to hold (bit by bit) or fail.
#[derive(Debug)]
pub(super) struct Case<T> {
    bits: u32,
    /// Of the possible scenarios in it, what others say of its assumptions minded.
    weight: Weight,
    /// By position.
    pub(super) lines: Vec<Line>,
    /// How they hang together.
    pub(super) shape: T,
}

/// A case solved: its lines, how they hang together, and how likely it is that values exist.
pub(super) type Solved<T> = (Vec<Line>, T, Weight);

impl<T> Cases<T> {
    /// Solves every case. `around` is what is said outside of assumptions that are tried out; `switches` are units that stand at no
    /// position. `solve` is asked for a case by its bits, and tells `None` where it is impossible.
    pub(super) fn solve(
        trials: &Trials<'_>,
        switches: BTreeMap<UnitId, Vec<Guard>>,
        around: Option<&Weights>,
        mut solve: impl FnMut(u32) -> Result<Option<Solved<T>>, OverBudget>,
    ) -> Result<Self, OverBudget> {
        let said_around: Option<BTreeMap<u128, Weight>> =
            around.map(|w| w.entries.iter().copied().collect());
        let mut list = Vec::new();
        let mut total = Weight::ZERO;
        for bits in trials.all_bits() {
            let mut weight = trials.prior(bits, &[]);
            if let (Some(table), Some(around)) = (&said_around, around) {
                let key = trials.bits_of(bits, &around.scope);
                weight = weight * table.get(&key).copied().unwrap_or(Weight::ZERO);
            }
            if weight.is_zero() {
                continue;
            }
            let Some((lines, shape, possible)) = solve(bits)? else {
                continue;
            };
            weight = weight * possible;
            total += weight;
            list.push(Case {
                bits,
                weight,
                lines,
                shape,
            });
        }
        let units = trials.said.iter().enumerate();
        let unit_at = units
            .flat_map(|(position, list)| list.iter().map(move |s| (s.unit, position)))
            .collect();
        Ok(Self {
            tried: trials.tried.clone(),
            used_at: trials.used_at.clone(),
            unit_at,
            switches,
            list,
            total,
        })
    }

    /// What cases say of the outer assumptions: how likely it is that values exist. `possible` tells it of a case by its bits.
    pub(super) fn outward(
        trials: &Trials<'_>,
        outer: &[AssumptionId],
        mut possible: impl FnMut(u32) -> Result<Option<Weight>, OverBudget>,
    ) -> Result<Weights, OverBudget> {
        let mut entries: BTreeMap<u128, Weight> = BTreeMap::new();
        for bits in trials.all_bits() {
            let prior = trials.prior(bits, outer);
            let Some(total) = possible(bits)? else {
                continue;
            };
            *entries
                .entry(trials.bits_of(bits, outer))
                .or_insert(Weight::ZERO) += prior * total;
        }
        Ok(Weights {
            scope: outer.to_vec(),
            entries: entries.into_iter().collect(),
        })
    }

    /// The weight of the possible scenarios.
    pub(super) fn total(&self) -> Weight {
        self.total
    }

    pub(super) fn list(&self) -> &[Case<T>] {
        &self.list
    }

    /// How many units stand at some position.
    pub(super) fn units(&self) -> usize {
        self.unit_at.len()
    }

    /// The possible cases with their shares of the possible scenarios.
    pub(super) fn shares(&self) -> impl Iterator<Item = (f64, &Case<T>)> {
        let possible = self.list.iter().filter(|c| !c.weight.is_zero());
        possible.map(|c| (c.weight.share_of(self.total), c))
    }

    /// The cases' shares of the possible scenarios times what is known in each.
    fn sum(&self, mut of: impl FnMut(&Case<T>) -> f64) -> f64 {
        self.shares().map(|(share, case)| share * of(case)).sum()
    }

    /// Belief and plausibility of a set of values at a position; something must be possible.
    pub(super) fn opinion(&self, position: usize, set: &Set, domain: Interval) -> Opinion {
        let mut out = Opinion::default();
        for (share, case) in self.shares() {
            let Some(line) = case.lines.get(position) else {
                continue;
            };
            let here = line.opinion(set, domain);
            for (sum, one) in [
                (&mut out.belief, here.belief),
                (&mut out.plausibility, here.plausibility),
            ] {
                for (sum, one) in sum.iter_mut().zip(one) {
                    *sum = (*sum + share * one).min(1.0);
                }
            }
        }
        out
    }

    /// The share of the possible scenarios in which one of `guards`, all of the unit, holds. `None` if the unit is not here.
    pub(super) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        let position = self.unit_at.get(&unit).copied();
        if position.is_none() && !self.switches.contains_key(&unit) {
            return None;
        }
        let share = self.sum(|case| {
            let guards = under(guards, |a| self.is_held(case, *a).ok_or(()));
            match position {
                _ if guards.is_empty() => 0.0,
                None => 1.0,
                Some(p) => {
                    let line = case.lines.get(p);
                    line.and_then(|l| l.holds(unit, &guards)).unwrap_or(0.0)
                }
            }
        });
        Some(share.min(1.0))
    }

    fn is_held(&self, case: &Case<T>, a: AssumptionId) -> Option<bool> {
        is_held(&self.tried, case.bits, a)
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it.
    pub(super) fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
        if self.tried.binary_search(&id).is_ok() {
            return Some(
                self.sum(|case| f64::from(u8::from(self.is_held(case, id) == Some(true)))),
            );
        }
        let position = *self.used_at.get(&id)?;
        Some(self.sum(|case| {
            let line = case.lines.get(position);
            // Where what is tried out takes away all that uses it, nothing is learned.
            line.and_then(|l| l.assumption(id, prior))
                .unwrap_or(prior.get())
        }))
    }

    /// The share of the possible scenarios in which none of the units is active. Where they stand at several positions, `of` tells it
    /// of a case.
    pub(super) fn without(
        &self,
        units: &[UnitId],
        of: impl Fn(&Case<T>, &BTreeMap<usize, Vec<UnitId>>) -> f64,
    ) -> f64 {
        let mut by_position: BTreeMap<usize, Vec<UnitId>> = BTreeMap::new();
        for u in units {
            if let Some(position) = self.unit_at.get(u) {
                by_position.entry(*position).or_default().push(*u);
            }
        }
        let is_on = |case: &Case<T>| {
            let mut guards = units.iter().filter_map(|u| self.switches.get(u));
            guards.any(|g| !under(g, |a| self.is_held(case, *a).ok_or(())).is_empty())
        };
        let mut positions = by_position.iter();
        let one = (positions.next(), positions.next());
        let share = self.sum(|case| match one {
            _ if is_on(case) => 0.0,
            (None, _) => 1.0,
            (Some((position, units)), None) => {
                case.lines.get(*position).map_or(0.0, |l| l.without(units))
            }
            _ => of(case, &by_position),
        });
        share.clamp(0.0, 1.0)
    }
}

/// Ways to solve a cluster, compared with tables.
#[cfg(all(test, feature = "proptest"))]
#[expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test that fails where something is not there"
)]
pub(super) mod against_tables {
    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::chain::Chain;
    use crate::network::cluster::{Cluster, clusters};
    use crate::network::eliminate::{Left, Solver};
    use crate::network::whole::Whole;
    use crate::network::{Network, Pass};
    use proptest::prelude::*;

    pub(crate) trait Way: Sized {
        const IS_EXACT: bool;
        fn fits(cluster: &Cluster) -> bool;
        fn solve(
            network: &Network,
            cluster: &Cluster,
            outer: &[AssumptionId],
            around: Option<&Weights>,
            extra: Option<(usize, &Set)>,
            budget: u64,
        ) -> Result<Self, OverBudget>;
        fn outward(
            network: &Network,
            cluster: &Cluster,
            outer: &[AssumptionId],
            budget: u64,
        ) -> Result<Weights, OverBudget>;
        fn total(&self) -> Weight;
        fn resolves(&self, v: usize, set: &Set) -> bool;
        fn opinion(&self, v: usize, set: &Set, domain: Interval) -> Opinion;
        fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64>;
        fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64>;
        fn without(&self, units: &[UnitId]) -> f64;
    }

    macro_rules! way {
        ($name:ident, $is_exact:literal) => {
            impl Way for $name {
                const IS_EXACT: bool = $is_exact;
                fn fits(cluster: &Cluster) -> bool {
                    $name::fits(cluster)
                }
                fn solve(
                    network: &Network,
                    cluster: &Cluster,
                    outer: &[AssumptionId],
                    around: Option<&Weights>,
                    extra: Option<(usize, &Set)>,
                    budget: u64,
                ) -> Result<Self, OverBudget> {
                    $name::solve(network, cluster, outer, around, extra, budget)
                }
                fn outward(
                    network: &Network,
                    cluster: &Cluster,
                    outer: &[AssumptionId],
                    budget: u64,
                ) -> Result<Weights, OverBudget> {
                    $name::outward(network, cluster, outer, budget)
                }
                fn total(&self) -> Weight {
                    self.total()
                }
                fn resolves(&self, v: usize, set: &Set) -> bool {
                    self.resolves(v, set)
                }
                fn opinion(&self, v: usize, set: &Set, domain: Interval) -> Opinion {
                    self.opinion(v, set, domain)
                }
                fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
                    self.holds(unit, guards)
                }
                fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
                    self.assumption(id, prior)
                }
                fn without(&self, units: &[UnitId]) -> f64 {
                    self.without(units)
                }
            }
        };
    }

    way!(Chain, true);
    way!(Whole, false);

    fn within(what: &str, [low, high]: [f64; 2], x: f64) -> Result<(), TestCaseError> {
        prop_assert!(
            low <= x + 1e-9 && x <= high + 1e-9,
            "{what}: {x} in {low} to {high}"
        );
        Ok(())
    }

    fn near(what: &str, a: f64, b: f64) -> Result<(), TestCaseError> {
        prop_assert!((a - b).abs() < 1e-9, "{what}: {a} {b}");
        Ok(())
    }

    /// Both ways of solving each cluster that fits say the same; how many there were.
    pub(crate) fn compare<W: Way>(dossier: &Dossier) -> Result<usize, TestCaseError> {
        let compiled = compile(dossier);
        let network = &compiled.network;
        let mut compared = 0;
        for pass in [Pass::Entailed, Pass::Suggested] {
            for cluster in clusters(network, pass).iter().filter(|c| W::fits(c)) {
                let chain = W::solve(network, cluster, &[], None, None, 1 << 30).unwrap();
                let tables = Solver::new(network, cluster, &[], 1 << 20).unwrap();
                let tables = tables.solve(None, true).unwrap();
                let total = tables.total();
                near("total", chain.total().get(), total.get())?;
                let mut used: Vec<AssumptionId> = Vec::new();
                for m in &cluster.members {
                    used.extend(network.live_guards(m.id).flatten());
                }
                used.sort_unstable();
                used.dedup();
                used.retain(|a| !network.probability(*a).is_one());
                let outer: Vec<AssumptionId> = used.iter().copied().take(2).collect();
                let said = |w: &Weights| -> f64 {
                    w.entries
                        .iter()
                        .map(|(b, w)| w.get() * (*b as f64 + 1.0))
                        .sum()
                };
                let table = Solver::new(network, cluster, &outer, 1 << 20).unwrap();
                let table = table.outward().unwrap();
                let swept = W::outward(network, cluster, &table.scope, 1 << 30).unwrap();
                near("outward", said(&swept), said(&table))?;
                if total.is_zero() {
                    continue;
                }
                compared += 1;
                for m in &cluster.members {
                    let guards: Vec<Guard> = network.live_guards(m.id).cloned().collect();
                    let first = guards.get(..1).unwrap_or_default();
                    for guards in [&guards[..], first] {
                        let held = tables.holds(m.id, guards).unwrap().share_of(total);
                        near("holds", chain.holds(m.id, guards).unwrap(), held)?;
                    }
                }
                for a in used {
                    let prior = network.probability(a);
                    let held = tables.assumption(a, prior).unwrap().share_of(total);
                    near("assumption", chain.assumption(a, prior).unwrap(), held)?;
                }
                let ids: Vec<UnitId> = cluster.members.iter().map(|m| m.id).collect();
                for pair in ids.windows(2) {
                    let left = tables.giving_up().without(pair).share_of(total);
                    near("without", chain.without(pair), left)?;
                }
                for (v, id) in cluster.variables.iter().enumerate() {
                    let domain = network.domain(*id);
                    let sets = [
                        Set::from(Interval::at_least(3)),
                        Set::from_numbers([2]),
                        Set::from_numbers([0, 1, 4]),
                    ];
                    let silent = cluster
                        .silent
                        .iter()
                        .filter(|(w, _)| *w == v)
                        .map(|(_, s)| s);
                    for set in sets.iter().chain(silent) {
                        let finer =
                            W::solve(network, cluster, &[], None, Some((v, set)), 1 << 30).unwrap();
                        let finer = if chain.resolves(v, set) {
                            &chain
                        } else {
                            &finer
                        };
                        let found = finer.opinion(v, set, domain);
                        let (mut entails, mut allows) = (0.0, 0.0);
                        for (left, weight) in tables.left(v).unwrap() {
                            let Left::Values(values) = left else { continue };
                            let share = weight.share_of(total);
                            entails += if values.is_subset(set) { share } else { 0.0 };
                            allows += if values.is_disjoint(set) { 0.0 } else { share };
                        }
                        within("belief", found.belief, entails)?;
                        within("plausibility", found.plausibility, allows)?;
                        let one = set.stretches().len() < 2;
                        if W::IS_EXACT || one {
                            near("plausibility", found.plausibility[0], allows)?;
                        }
                        if W::IS_EXACT {
                            near("belief", found.belief[0], entails)?;
                            near("belief", found.belief[1], entails)?;
                        }
                    }
                }
            }
        }
        Ok(compared)
    }
}
