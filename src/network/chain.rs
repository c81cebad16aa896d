//! Variables below and above one another with many units: one line each, and what the others say of it.
//!
//! What all variables up to one in a row leave of it ends, from below, at the greatest lower end among them. The weight of each such end is
//! carried along the row: a variable multiplies it by the chance that its units allow the cell, and where they begin a cell of their own,
//! takes over the weight of all ends below. Likewise backwards for upper ends. In a cell of some variable, what its neighbours leave on both
//! sides is again counted as cells less joints, so that [`Line`] does the rest. A variable alone is a row of one. Where links branch, the
//! variables are several rows, and one that hangs on another has a voice in it as a variable has: it leaves an end on one side.
//!
//! Assumptions that units on several variables share, or something outside, are tried out: each way for them to hold or fail is a case
//! with weights of its own. So is, on a variable alone, whether units are active that allow several stretches: choices and denials.

mod passes;
mod runs;

use std::collections::BTreeMap;

use super::cases::Cases;
use super::cluster::Cluster;
use super::eliminate::{OverBudget, Weights};
use super::line::{Line, Opinion, Said};
use super::order::Order;
use super::trials::Trials;
use super::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;
use passes::{surround, walk};
use runs::{Runs, runs};

/// Variables below and above one another, solved.
#[derive(Debug)]
pub(crate) struct Chain {
    order: Order,
    cases: Cases<Runs>,
}

impl Chain {
    /// Whether a cluster may be solved like this, as far as its shape goes.
    pub(crate) fn fits(cluster: &Cluster) -> bool {
        order(cluster).is_some()
    }

    /// Solves a cluster that [`fits`](Self::fits). `outer` are the assumptions that something outside uses as well, `around` what is
    /// said of them there; `extra` is a variable and a set to be asked about beside those that units name. `budget` is in
    /// entries of tables.
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
        let (order, trials) = trials(network, cluster, outer, extra, budget)?;
        let mut left = budget;
        let cases = Cases::solve(&trials, BTreeMap::new(), around, |bits| {
            let Some(mut lines) = lines(&order, &trials, bits, &mut left)? else {
                return Ok(None);
            };
            let runs = taken_apart(&order, &lines);
            let all_around = if lines.len() > 1 {
                surround(&runs, &lines)
            } else {
                Vec::new()
            };
            let mut all_around = all_around.into_iter();
            for line in &mut lines {
                line.solve(all_around.next().flatten(), &mut left)?;
            }
            let possible = lines.first().map_or(Weight::ONE, Line::total);
            Ok(Some((lines, runs, possible)))
        })?;
        Ok(Self { order, cases })
    }

    /// What the cluster says of the outer assumptions: how likely it is that values exist.
    pub(crate) fn outward(
        network: &Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        budget: u64,
    ) -> Result<Weights, OverBudget> {
        let (order, trials) = trials(network, cluster, outer, None, budget)?;
        let mut left = budget;
        Cases::<Runs>::outward(&trials, outer, |bits| {
            let Some(lines) = lines(&order, &trials, bits, &mut left)? else {
                return Ok(None);
            };
            let runs = taken_apart(&order, &lines);
            let sides = lines.iter().zip(&runs.sides);
            let allowed = sides.map(|(l, side)| (l.allows(), l.begins(*side)));
            Ok(Some(walk(&runs, &lines, &allowed.collect::<Vec<_>>())))
        })
    }

    /// The weight of the possible scenarios.
    pub(crate) fn total(&self) -> Weight {
        self.cases.total()
    }

    /// What one share costs, in evaluations of units.
    pub(crate) fn cost(&self) -> usize {
        let per_unit = if self.order.len() > 1 { 32 } else { 1 };
        self.cases.units() * per_unit * self.cases.list().len()
    }

    /// Whether [`opinion`](Self::opinion) can tell of the set.
    pub(crate) fn resolves(&self, v: usize, set: &Set) -> bool {
        let (position, shift) = self.order.place(v);
        let shifted = set.plus(&Set::from_numbers([shift]));
        let mut lines = self.cases.list().iter().map(|c| c.lines.get(position));
        self.order.len() == 1 || lines.all(|l| l.is_some_and(|l| l.resolves(&shifted)))
    }

    /// Belief and plausibility of a set of values of a variable; something must be possible.
    pub(super) fn opinion(&self, v: usize, set: &Set, domain: Interval) -> Opinion {
        let (position, shift) = self.order.place(v);
        let shifted = set.plus(&Set::from_numbers([shift]));
        let domain = domain.plus(Interval::exactly(shift));
        self.cases.opinion(position, &shifted, domain)
    }

    /// The share of the possible scenarios in which one of `guards`, all of the unit, holds. `None` if the unit is not here.
    pub(crate) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        self.cases.holds(unit, guards)
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it.
    pub(crate) fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
        self.cases.assumption(id, prior)
    }

    /// The share of the possible scenarios in which none of the units is active.
    pub(crate) fn without(&self, units: &[UnitId]) -> f64 {
        self.cases.without(units, |case, by_position| {
            let mut allowed = Vec::with_capacity(case.lines.len());
            let lines = case.lines.iter().zip(&case.shape.sides);
            for (position, (line, side)) in lines.enumerate() {
                let gone = by_position.get(&position);
                match line.rest(gone.map(Vec::as_slice).unwrap_or_default(), *side) {
                    Some(rest) => allowed.push(rest),
                    None => return 0.0,
                }
            }
            let all = case.lines.first().map_or(Weight::ONE, Line::total);
            walk(&case.shape, &case.lines, &allowed).share_of(all)
        })
    }
}

/// The order of a cluster that can be solved as rows.
fn order(cluster: &Cluster) -> Option<Order> {
    Order::of(cluster).or_else(|| Order::alone(cluster))
}

/// What is asked of the cluster before it is solved.
fn trials<'a>(
    network: &'a Network,
    cluster: &Cluster,
    outer: &[AssumptionId],
    extra: Option<(usize, &Set)>,
    budget: u64,
) -> Result<(Order, Trials<'a>), OverBudget> {
    let order = order(cluster).ok_or(OverBudget)?;
    let alone = cluster
        .domains
        .first()
        .filter(|_| order.len() == 1 && !cluster.convex);
    let mut split: Vec<(UnitId, Set)> = Vec::new();
    let mut said: Vec<Vec<Said>> = vec![Vec::new(); order.len()];
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
        if let Some(list) = said.get_mut(position) {
            list.push(Said {
                unit: m.id,
                stretch,
                guards: network.live_guards(m.id).cloned().collect(),
                given: None,
            });
        }
    }
    let mut trials = Trials::new(network, said, outer.iter().copied(), budget)?;
    if let Some(domain) = alone {
        trials = trials.splitting(domain.clone(), split, budget)?;
    }
    let silent = cluster.silent.iter().map(|(v, set)| (*v, set)).chain(extra);
    for (v, set) in silent {
        let (position, shift) = order.place(v);
        let shift = Interval::exactly(shift);
        for stretch in set.stretches() {
            trials.mind(position, stretch.plus(shift));
        }
    }
    Ok((order, trials))
}

fn lines(
    order: &Order,
    trials: &Trials<'_>,
    bits: u32,
    left: &mut u64,
) -> Result<Option<Vec<Line>>, OverBudget> {
    match order.hulls() {
        Some(hulls) => trials.lines(bits, hulls.to_vec(), |hulls| order.spread(hulls), left),
        None => Ok(None),
    }
}

fn taken_apart(order: &Order, lines: &[Line]) -> Runs {
    let sizes: Vec<usize> = lines.iter().map(|l| l.cuts().len() + 1).collect();
    runs(order, &sizes)
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cases::against_tables::compare;
    use crate::network::cluster::clusters;
    use crate::network::order::trees;
    use crate::strategies;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sweep_and_tables_agree(dossier in prop_oneof![
            4 => strategies::chains(),
            2 => strategies::over_time(),
            1 => strategies::single_questions(),
            1 => strategies::certainties(),
            1 => strategies::suggestions(),
            2 => strategies::common_origins(),
            2 => strategies::wordings(),
            3 => strategies::choices(),
            1 => strategies::categories(),
            1 => strategies::dates(),
        ]) {
            compare::<Chain>(&dossier).map_err(|e| TestCaseError::fail(format!("{e} {}", dossier.to_json())))?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn trees_and_tables_agree(plan in trees::plans(12, 6..18), first in 0_usize..12, shared in 0_usize..8) {
            let json = trees::json(&plan, first, shared);
            let dossier = Dossier::from_json(json.as_bytes()).unwrap();
            compare::<Chain>(&dossier).map_err(|e| TestCaseError::fail(format!("{e} {json}")))?;
        }
    }

    /// What the law above is about is met: units of several stretches, alone and beside others, that contradict one another.
    #[test]
    fn choices_and_denials_are_met() {
        use proptest::strategy::ValueTree;
        use proptest::test_runner::TestRunner;
        let mut runner = TestRunner::deterministic();
        let (mut several, mut discordant) = (0, 0);
        for _ in 0..100 {
            let dossier = prop_oneof![strategies::wordings(), strategies::choices()]
                .new_tree(&mut runner)
                .unwrap()
                .current();
            let compiled = compile(&dossier);
            let network = &compiled.network;
            for cluster in clusters(network, Pass::Entailed)
                .iter()
                .filter(|c| Chain::fits(c))
            {
                let (_, trials) = trials(network, cluster, &[], None, 1 << 30).unwrap();
                several += usize::from(trials.split.len() > 1);
                let chain = Chain::solve(network, cluster, &[], None, None, 1 << 30).unwrap();
                discordant += usize::from(!trials.split.is_empty() && chain.total().get() < 0.99);
            }
        }
        assert!(several > 10 && discordant > 20, "{several} {discordant}");
    }

    /// What is said of a variable reaches others through rows that have nothing of their own to say of the same values.
    #[test]
    fn ends_pass_through_rows() {
        let json = r#"{
            "schema": 1,
            "sources": [{"id": "s0", "reliability": 0.5}, {"id": "s1", "reliability": 0.5}],
            "questions": [
                {"id": "q0"}, {"id": "q1"}, {"id": "q2"}, {"id": "q3"}, {"id": "q4"}, {"id": "q5"}, {"id": "q6"}
            ],
            "links": [
                {"formula": "q2 <= q1"}, {"formula": "q3 <= q2"}, {"formula": "q3 - 1 <= q4"},
                {"formula": "q5 + 1 <= q4"}, {"formula": "q4 - 1 <= q6"}, {"formula": "q0 <= q6"}
            ],
            "claims": [
                {"id": "c0", "question": "q6", "source": "s0", "value": {"max": 2}},
                {"id": "c1", "question": "q1", "source": "s1", "value": {"min": 1}}
            ]
        }"#;
        compare::<Chain>(&Dossier::from_json(json.as_bytes()).unwrap()).unwrap();
    }
}
