use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::network::AssumptionId;
use crate::sets::probability::Probability;

const ASSUMPTIONS: u32 = 9;
const DOMAIN: (i128, i128) = (0, 9);

/// What is said by up to 14 units behind few assumptions, most of them shared by many.
#[derive(Debug, Clone)]
struct Case {
    probabilities: Vec<f64>,
    said: Vec<(Option<Interval>, Vec<Guard>)>,
}

fn cases() -> impl Strategy<Value = Case> {
    let guard = subsequence(
        (0..ASSUMPTIONS).map(AssumptionId).collect::<Vec<_>>(),
        1..=3,
    );
    let stretch = prop_oneof![
        1 => Just(None),
        12 => (0_i128..10, 0_i128..6).prop_map(|(a, n)| Interval::new(Some(a), Some(a + n))),
        3 => (0_i128..10).prop_map(|a| Some(Interval::at_least(a))),
    ];
    let chance = prop_oneof![8 => 0.05..0.95_f64, 1 => Just(1.0)];
    (
        vec(chance, ASSUMPTIONS as usize),
        vec((stretch, vec(guard, 1..=2)), 1..14),
    )
        .prop_map(|(probabilities, said)| Case {
            probabilities,
            said,
        })
}

impl Case {
    fn network(&self) -> Network {
        Network {
            probabilities: self
                .probabilities
                .iter()
                .map(|p| Probability::constant(*p))
                .collect(),
            ..Network::default()
        }
    }

    fn said(&self) -> Vec<Said> {
        let each = (0..).map(UnitId).zip(&self.said);
        each.map(|(unit, (stretch, guards))| Said {
            unit,
            stretch: *stretch,
            guards: guards.clone(),
            given: None,
        })
        .collect()
    }

    /// What certain units leave.
    fn hull(&self) -> Option<Interval> {
        let network = self.network();
        let domain = Interval::new(Some(DOMAIN.0), Some(DOMAIN.1));
        let certain = self.said().into_iter().filter(|s| s.is_certain(&network));
        certain.fold(domain, |hull, s| hull?.intersection(s.stretch?))
    }

    /// The weight of the possible scenarios in which something holds, told from the assumptions that do, the units that are active and what
    /// they leave: one by one.
    fn weight(&self, holds: impl Fn(u32, &[bool], Interval) -> bool) -> f64 {
        let mut sum = 0.0;
        for bits in 0_u32..1 << ASSUMPTIONS {
            let chance: f64 = (0..).zip(&self.probabilities).fold(1.0, |w, (i, p)| {
                w * if bits >> i & 1 == 1 { *p } else { 1.0 - p }
            });
            let meets = |g: &Guard| g.iter().all(|a| bits >> a.0 & 1 == 1);
            let active: Vec<bool> = self.said.iter().map(|(_, g)| g.iter().any(meets)).collect();
            let mut left = Interval::new(Some(DOMAIN.0), Some(DOMAIN.1));
            for ((stretch, _), active) in self.said.iter().zip(&active) {
                if *active {
                    left = left.and_then(|l| l.intersection((*stretch)?));
                }
            }
            if left.is_some_and(|left| holds(bits, &active, left)) {
                sum += chance;
            }
        }
        sum
    }
}

proptest! {
    /// Scenario by scenario, or by sums over places: the same, for units that share assumptions in every way.
    #[test]
    fn a_line_is_its_scenarios(case in cases()) {
        let Some(hull) = case.hull() else { return Ok(()) };
        let network = case.network();
        let mut left = 1 << 30;
        let mut line = Line::new(&network, hull.into(), case.said(), &[], &mut left).unwrap();
        line.solve(None, &mut left).unwrap();
        let total = case.weight(|_, _, _| true);
        prop_assert!((line.total().get() - total).abs() < 1e-9);
        if total < 1e-6 {
            return Ok(());
        }
        let near = |what: &str, a: f64, b: f64| {
            prop_assert!((a - b).abs() < 1e-8, "{}: {} {}", what, a, b);
            Ok(())
        };
        for a in (0..ASSUMPTIONS).map(AssumptionId) {
            let prior = network.probability(a);
            if let (Some(held), false) = (line.assumption(a, prior), prior.is_one()) {
                near("assumption", held, case.weight(|bits, _, _| bits >> a.0 & 1 == 1) / total)?;
            }
        }
        let domain = Interval::new(Some(DOMAIN.0), Some(DOMAIN.1)).unwrap();
        let units = case.said.len();
        for (i, (stretch, guards)) in case.said.iter().enumerate() {
            let unit = UnitId(u32::try_from(i).unwrap());
            let first = &guards[..1];
            let meets = |bits: u32| first.iter().any(|g| g.iter().all(|a| bits >> a.0 & 1 == 1));
            let held = case.weight(|bits, _, _| meets(bits)) / total;
            near("holds", line.holds(unit, first).unwrap(), held)?;
            let others = [unit, UnitId(u32::try_from((i * 5 + 2) % units).unwrap())];
            let idle = |active: &[bool]| others.iter().all(|u| !active[u.index()]);
            let without = case.weight(|_, active, _| idle(active)) / total;
            near("without", line.without(&others), without)?;
            let set = stretch.map_or(Set::from_numbers([]), Set::from);
            let opinion = line.opinion(&set, domain);
            let ([belief, _], [plausibility, _]) = (opinion.belief, opinion.plausibility);
            let entails = case.weight(|_, _, left| Set::from(left).is_subset(&set)) / total;
            let allows = case.weight(|_, _, left| !Set::from(left).is_disjoint(&set)) / total;
            near("belief", belief, entails)?;
            near("plausibility", plausibility, allows)?;
        }
    }
}

/// The cases above share assumptions in ways that need more than one at once, and are met in large numbers of tables.
#[test]
fn cases_are_entangled() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut wide, mut deep, mut one_by_one) = (0, 0, 0);
    for _ in 0..200 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        let Some(hull) = case.hull() else { continue };
        let mut left = 1 << 30;
        let line = Line::new(&case.network(), hull.into(), case.said(), &[], &mut left).unwrap();
        let nodes = || line.blocks.iter().flat_map(|b| &b.nodes);
        wide += usize::from(nodes().any(|n| n.width >= 4));
        deep += usize::from(nodes().count() > 20);
        one_by_one += usize::from(line.blocks.iter().any(|b| {
            let pairs = line.ends(b, |m| m.first).len() * line.ends(b, |m| m.last).len();
            !b.uniform && pairs > spans::SMALL
        }));
    }
    assert!(
        wide > 20 && deep > 20 && one_by_one > 5,
        "{wide} {deep} {one_by_one}"
    );
}
