//! Variables below and above one another with many units: one line each, and what the others say of it.
//!
//! What all variables up to one in a row leave of it ends, from below, at the greatest lower end among them. The weight of each such end is
//! carried along the row: a variable multiplies it by the chance that its units allow the cell, and where they begin a cell of their own,
//! takes over the weight of all ends below. Likewise backwards for upper ends. In a cell of some variable, what its neighbours leave on both
//! sides is again counted as cells less joints, so that [`Line`] does the rest. A variable alone is a row of one. Where links branch, the
//! variables are several rows, and one that hangs on another has a voice in it as a variable has: it leaves an end on one side.
//!
//! Assumptions that units on several variables share, or something outside, are tried out: each way for them to hold or fail is a case
//! with weights of its own.

mod passes;
mod plan;
mod runs;

use std::collections::BTreeMap;

use super::cluster::Cluster;
use super::eliminate::{OverBudget, Weights};
use super::line::Line;
use super::order::Order;
use super::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;
use passes::{surround, walk};
use plan::{Plan, under};
use runs::{Runs, runs};

/// Variables below and above one another, solved.
#[derive(Debug)]
pub(crate) struct Chain {
    order: Order,
    /// Assumptions that are tried out, ascending.
    tried: Vec<AssumptionId>,
    /// By other assumption: the position of the units that use it.
    used_at: BTreeMap<AssumptionId, usize>,
    /// By unit: its position.
    unit_at: BTreeMap<UnitId, usize>,
    cases: Vec<Case>,
    total: Weight,
}

/// One way for the assumptions tried out to hold (bit by bit) or fail.
#[derive(Debug)]
struct Case {
    bits: u32,
    /// Of the possible scenarios in it, what others say of its assumptions minded.
    weight: Weight,
    /// By position.
    lines: Vec<Line>,
    runs: Runs,
}

impl Chain {
    /// Whether a cluster may be solved like this, as far as its shape goes.
    pub(crate) fn fits(cluster: &Cluster) -> bool {
        Order::of(cluster).is_some()
    }

    /// Solves a cluster that [`fits`](Self::fits). `outer` are the assumptions that something outside uses as well, `around` what is
    /// said of them there; `extra` is a variable and a set to be asked about beside those that units name. `budget` is in evaluations of units.
    ///
    /// # Complexity
    ///
    /// O(n log n) for n units where few share assumptions, times two to the number of assumptions tried out.
    pub(crate) fn solve(
        network: &Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        around: Option<&Weights>,
        extra: Option<(usize, &Set)>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let plan = Plan::new(network, cluster, outer, extra, budget)?;
        let said_around: Option<BTreeMap<u128, Weight>> =
            around.map(|w| w.entries.iter().copied().collect());
        let mut cases = Vec::new();
        let mut total = Weight::ZERO;
        for bits in plan.all_bits() {
            let mut weight = plan.prior(bits, &[]);
            if let (Some(table), Some(around)) = (&said_around, around) {
                let key = plan.bits_of(bits, &around.scope);
                weight = weight * table.get(&key).copied().unwrap_or(Weight::ZERO);
            }
            if weight.is_zero() {
                continue;
            }
            let Some(mut lines) = plan.lines(bits)? else {
                continue;
            };
            let runs = taken_apart(&plan.order, &lines);
            let all_around = if lines.len() > 1 {
                surround(&runs, &lines)
            } else {
                Vec::new()
            };
            let mut all_around = all_around.into_iter();
            for line in &mut lines {
                line.solve(all_around.next().flatten())?;
            }
            weight = weight * lines.first().map_or(Weight::ONE, Line::total);
            total += weight;
            cases.push(Case {
                bits,
                weight,
                lines,
                runs,
            });
        }
        let units = plan.said.iter().enumerate();
        let unit_at = units
            .flat_map(|(position, list)| list.iter().map(move |s| (s.unit, position)))
            .collect();
        Ok(Self {
            order: plan.order,
            tried: plan.tried,
            used_at: plan.used_at,
            unit_at,
            cases,
            total,
        })
    }

    /// What the cluster says of the outer assumptions: how likely it is that values exist.
    pub(crate) fn outward(
        network: &Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        budget: u64,
    ) -> Result<Weights, OverBudget> {
        let plan = Plan::new(network, cluster, outer, None, budget)?;
        let mut entries: BTreeMap<u128, Weight> = BTreeMap::new();
        for bits in plan.all_bits() {
            let prior = plan.prior(bits, outer);
            let Some(lines) = plan.lines(bits)? else {
                continue;
            };
            let runs = taken_apart(&plan.order, &lines);
            let sides = lines.iter().zip(&runs.sides);
            let allowed = sides.map(|(l, side)| (l.allows(), l.begins(*side)));
            let total = walk(&runs, &lines, &allowed.collect::<Vec<_>>());
            *entries
                .entry(plan.bits_of(bits, outer))
                .or_insert(Weight::ZERO) += prior * total;
        }
        Ok(Weights {
            scope: outer.to_vec(),
            entries: entries.into_iter().collect(),
        })
    }

    /// The weight of the possible scenarios.
    pub(crate) fn total(&self) -> Weight {
        self.total
    }

    /// What one share costs, in evaluations of units.
    pub(crate) fn cost(&self) -> usize {
        let units = self.unit_at.len();
        let per_unit = if self.order.len() > 1 { 32 } else { 1 };
        units * per_unit * self.cases.len()
    }

    /// The cases' shares of the possible scenarios times what is known in each.
    fn sum(&self, mut of: impl FnMut(&Case) -> f64) -> f64 {
        self.cases
            .iter()
            .filter(|c| !c.weight.is_zero())
            .map(|c| c.weight.share_of(self.total) * of(c))
            .sum()
    }

    /// Whether [`opinion`](Self::opinion) can tell of the set.
    pub(crate) fn resolves(&self, v: usize, set: &Set) -> bool {
        let (position, shift) = self.order.place(v);
        let shifted = set.plus(&Set::from_numbers([shift]));
        self.order.len() == 1
            || self
                .cases
                .iter()
                .all(|c| c.lines.get(position).is_some_and(|l| l.resolves(&shifted)))
    }

    /// Belief and plausibility of a set of values of a variable; something must be possible.
    pub(crate) fn opinion(&self, v: usize, set: &Set, domain: Interval) -> (f64, f64) {
        let (position, shift) = self.order.place(v);
        let shifted = set.plus(&Set::from_numbers([shift]));
        let domain = domain.plus(Interval::exactly(shift));
        let (mut belief, mut plausibility) = (0.0, 0.0);
        for case in self.cases.iter().filter(|c| !c.weight.is_zero()) {
            let Some(line) = case.lines.get(position) else {
                continue;
            };
            let share = case.weight.share_of(self.total);
            let (b, p) = line.opinion(&shifted, domain);
            belief += share * b;
            plausibility += share * p;
        }
        (belief.min(1.0), plausibility.min(1.0))
    }

    /// The share of the possible scenarios in which one of `guards`, all of the unit, holds. `None` if the unit is not here.
    pub(crate) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        let position = *self.unit_at.get(&unit)?;
        let share = self.sum(|case| {
            let guards = under(guards, |a| self.is_held(case, *a).ok_or(()));
            if guards.is_empty() {
                return 0.0;
            }
            let line = case.lines.get(position);
            line.and_then(|l| l.holds(unit, &guards)).unwrap_or(0.0)
        });
        Some(share.min(1.0))
    }

    fn is_held(&self, case: &Case, a: AssumptionId) -> Option<bool> {
        let place = self.tried.binary_search(&a).ok()?;
        Some(case.bits >> place & 1 == 1)
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it.
    pub(crate) fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
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

    /// The share of the possible scenarios in which none of the units is active.
    pub(crate) fn without(&self, units: &[UnitId]) -> f64 {
        let mut by_position: BTreeMap<usize, Vec<UnitId>> = BTreeMap::new();
        for u in units {
            if let Some(position) = self.unit_at.get(u) {
                by_position.entry(*position).or_default().push(*u);
            }
        }
        let mut positions = by_position.iter();
        let share = match (positions.next(), positions.next()) {
            (None, _) => 1.0,
            (Some((position, units)), None) => {
                self.sum(|case| case.lines.get(*position).map_or(0.0, |l| l.without(units)))
            }
            _ => self.sum(|case| {
                let mut allowed = Vec::with_capacity(case.lines.len());
                let lines = case.lines.iter().zip(&case.runs.sides);
                for (position, (line, side)) in lines.enumerate() {
                    let gone = by_position
                        .get(&position)
                        .map(Vec::as_slice)
                        .unwrap_or_default();
                    match line.rest(gone, *side) {
                        Some(rest) => allowed.push(rest),
                        None => return 0.0,
                    }
                }
                let all = case.lines.first().map_or(Weight::ONE, Line::total);
                walk(&case.runs, &case.lines, &allowed).share_of(all)
            }),
        };
        share.clamp(0.0, 1.0)
    }
}

fn taken_apart(order: &Order, lines: &[Line]) -> Runs {
    let sizes: Vec<usize> = lines.iter().map(|l| l.cuts().len() + 1).collect();
    runs(order, &sizes)
}

#[cfg(all(test, feature = "proptest"))]
#[expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test that fails where something is not there"
)]
mod tests {
    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cluster::clusters;
    use crate::network::eliminate::{Left, Solver};
    use crate::network::order::trees;
    use crate::strategies;
    use proptest::prelude::*;

    fn near(what: &str, a: f64, b: f64) -> Result<(), TestCaseError> {
        prop_assert!((a - b).abs() < 1e-9, "{what}: {a} {b}");
        Ok(())
    }

    /// Both ways of solving each cluster that is a row say the same; how many there were.
    fn compare(dossier: &Dossier) -> Result<usize, TestCaseError> {
        let compiled = compile(dossier);
        let network = &compiled.network;
        let mut compared = 0;
        for pass in [Pass::Entailed, Pass::Suggested] {
            for cluster in clusters(network, pass).iter().filter(|c| Chain::fits(c)) {
                let chain = Chain::solve(network, cluster, &[], None, None, 1 << 30).unwrap();
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
                let swept = Chain::outward(network, cluster, &table.scope, 1 << 30).unwrap();
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
                            Chain::solve(network, cluster, &[], None, Some((v, set)), 1 << 30)
                                .unwrap();
                        let finer = if chain.resolves(v, set) {
                            &chain
                        } else {
                            &finer
                        };
                        let (belief, plausibility) = finer.opinion(v, set, domain);
                        let (mut entails, mut allows) = (0.0, 0.0);
                        for (left, weight) in tables.left(v).unwrap() {
                            let Left::Values(values) = left else { continue };
                            let share = weight.share_of(total);
                            entails += if values.is_subset(set) { share } else { 0.0 };
                            allows += if values.is_disjoint(set) { 0.0 } else { share };
                        }
                        near("belief", belief, entails)?;
                        near("plausibility", plausibility, allows)?;
                    }
                }
            }
        }
        Ok(compared)
    }

    proptest! {
        #[test]
        fn sweep_and_tables_agree(dossier in prop_oneof![
            4 => strategies::chains(),
            2 => strategies::over_time(),
            1 => strategies::single_questions(),
            1 => strategies::certainties(),
            1 => strategies::suggestions(),
            1 => strategies::common_origins(),
            1 => strategies::dates(),
        ]) {
            compare(&dossier).map_err(|e| TestCaseError::fail(format!("{e} {}", dossier.to_json())))?;
        }

        #[test]
        fn trees_and_tables_agree(plan in trees::plans(9, 4..14), first in 0_usize..9, shared in 0_usize..8) {
            let json = trees::json(&plan, first, shared);
            let dossier = Dossier::from_json(json.as_bytes()).unwrap();
            compare(&dossier).map_err(|e| TestCaseError::fail(format!("{e} {json}")))?;
        }
    }
}
