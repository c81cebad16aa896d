//! Numbers that are not exact: how far they may be off.

use std::collections::BTreeMap;

use serde::Serialize;

use super::engine::Engine;
use crate::network::rough::{Estimate, Event, Rough};
use crate::network::weigh::{Opinion, Weighing};
use crate::network::{AssumptionId as Assumed, Guard, UnitId};
use crate::sets::linear::VariableId;
use crate::sets::set::Set;

/// Standard errors of the numbers that were estimated from sampled scenarios; absent for those that are the middle of narrow bounds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct StandardErrors {
    /// Of `trusted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<f64>,
    /// Of `belief`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub belief: Option<f64>,
    /// Of `plausibility`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plausibility: Option<f64>,
}

/// Certain bounds on numbers, lower and upper, up to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Bounds {
    /// On `trusted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<[f64; 2]>,
    /// On `belief`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub belief: Option<[f64; 2]>,
    /// On `plausibility`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plausibility: Option<[f64; 2]>,
}

/// Belief and plausibility of a set, and perhaps how far a claim of it is trusted.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    pub(super) trusted: Option<f64>,
    pub(super) belief: Option<f64>,
    pub(super) plausibility: Option<f64>,
    pub(super) standard_error: Option<Box<StandardErrors>>,
    pub(super) bounds: Option<Box<Bounds>>,
}

impl From<Option<Opinion>> for Judged {
    fn from(opinion: Option<Opinion>) -> Self {
        let [belief, plausibility] = opinion.map_or([None; 2], |o| o.bounds);
        let bounds = Bounds {
            trusted: None,
            belief,
            plausibility,
        };
        Self {
            belief: opinion.map(|o| o.belief),
            plausibility: opinion.map(|o| o.plausibility),
            bounds: (bounds != Bounds::default()).then(|| Box::new(bounds)),
            ..Self::default()
        }
    }
}

/// A weighing that did not come to an end for one variable.
pub(super) struct Roughly<'a> {
    weighing: &'a Weighing,
    rough: &'a Rough,
    variable: VariableId,
    known: BTreeMap<Set, Option<[Estimate; 2]>>,
}

impl<'a> Roughly<'a> {
    pub(super) fn new(weighing: &'a Weighing, variable: VariableId) -> Option<Self> {
        Some(Self {
            weighing,
            rough: weighing.rough(variable)?,
            variable,
            known: BTreeMap::new(),
        })
    }

    fn share(&self, event: &Event) -> Option<Estimate> {
        self.rough.share(self.weighing.network(), event)
    }

    /// Of a set, and of the claim that has these guards. Always trusted <= belief <= plausibility.
    pub(super) fn judge(&mut self, set: &Set, guards: Option<&[Guard]>) -> Judged {
        let known = if let Some(known) = self.known.get(set) {
            *known
        } else {
            let both = || {
                let entails = Event::Entails(self.variable, set.clone());
                let allows = Event::Allows(self.variable, set.clone());
                Some([self.share(&entails)?, self.share(&allows)?])
            };
            let found = both();
            self.known.insert(set.clone(), found);
            found
        };
        let Some([mut belief, mut plausibility]) = known else {
            return Judged::default();
        };
        let mut trusted = guards.and_then(|g| self.share(&Event::Holds(g.to_vec())));
        if let Some(t) = &mut trusted {
            in_order(t, &mut belief);
        }
        in_order(&mut belief, &mut plausibility);
        if let Some(t) = &mut trusted {
            in_order(t, &mut belief);
        }
        let errors = StandardErrors {
            trusted: trusted.and_then(|t| t.error),
            belief: belief.error,
            plausibility: plausibility.error,
        };
        Judged {
            trusted: trusted.map(|t| t.value),
            belief: Some(belief.value),
            plausibility: Some(plausibility.value),
            standard_error: (errors != StandardErrors::default()).then(|| Box::new(errors)),
            bounds: Some(Box::new(Bounds {
                trusted: trusted.map(|t| t.bounds),
                belief: Some(belief.bounds),
                plausibility: Some(plausibility.bounds),
            })),
        }
    }
}

/// The first is known to be no more than the second: bounds and values follow.
fn in_order(less: &mut Estimate, more: &mut Estimate) {
    more.bounds[0] = more.bounds[0].max(less.bounds[0]);
    less.bounds[1] = less.bounds[1].min(more.bounds[1]);
    less.value = less.value.min(less.bounds[1]);
    more.value = more.value.max(more.bounds[0]).max(less.value);
}

impl Engine {
    /// The posterior of an assumption that a variable's cluster uses, where the budget ended.
    pub(super) fn posterior_roughly(&self, v: VariableId, a: Assumed) -> Option<Estimate> {
        let rough = self.headline.rough(v)?;
        rough.share(self.headline.network(), &Event::Holds(vec![vec![a]]))
    }

    /// The share in which no unit is active, where the budget ended.
    pub(super) fn idle_roughly(&self, v: VariableId, units: &[UnitId]) -> Option<Estimate> {
        let rough = self.headline.rough(v)?;
        rough.share(self.headline.network(), &Event::Idle(units.to_vec()))
    }
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use std::sync::Arc;

    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    use super::*;
    use crate::network::rough::Sampling;
    use crate::network::weigh::{Depth, Effort};
    use crate::strategies;

    /// Bounds and estimates against what elimination gives, whatever the number of cases: with none, every scenario is drawn and
    /// weighted; with few, from within cases that are left open.
    #[test]
    fn any_number_of_cases_agrees_with_elimination() {
        let mut runner = TestRunner::deterministic();
        let mut worst = [0.0_f64; 3];
        let mut checked = 0;
        for round in 0..50 {
            let tree = strategies::dossiers().new_tree(&mut runner).unwrap();
            let engine = Engine::new(Arc::new(tree.current()));
            let network = Arc::new(engine.compiled.network.clone());
            for (splits, worst) in [0, 1, 4].into_iter().zip(&mut worst) {
                let effort = Effort {
                    depth: Depth::Views,
                    budget: 0,
                    sampling: Sampling {
                        seed: round,
                        samples: 1_000,
                        splits,
                        among: 1,
                    },
                };
                let weighing =
                    Weighing::new(Arc::clone(&network), Arc::clone(&engine.entailed), effort);
                let mut check = |what: &str, found: Estimate, truth: f64| {
                    checked += 1;
                    let [low, high] = found.bounds;
                    let within = (low - 1e-9..=high + 1e-9).contains(&truth);
                    assert!(
                        within,
                        "{round} {splits} {what}: {truth} in {low} to {high}"
                    );
                    let error = found.error.unwrap_or(high - low).max(1e-9);
                    let off = (found.value - truth).abs() / error;
                    assert!(off <= 4.0, "{round} {splits} {what}: {truth} for {found:?}");
                    *worst = worst.max(off);
                };
                for place in engine.compiled.places.iter().flatten() {
                    let v = place.variable;
                    let z = engine.headline.total([v]).unwrap();
                    check("z", weighing.total_roughly([v]).estimate, z.get());
                    let rough = weighing.rough(v).unwrap();
                    let set = &engine.compiled.statement(place.statement).set;
                    let Some(opinion) =
                        (engine.headline.view(v).unwrap()).opinion(set, engine.headline.domain(v))
                    else {
                        assert!(rough.possible().is_impossible);
                        continue;
                    };
                    let share = |e: Event| rough.share(&network, &e).unwrap();
                    check(
                        "belief",
                        share(Event::Entails(v, set.clone())),
                        opinion.belief,
                    );
                    let allowed = share(Event::Allows(v, set.clone()));
                    check("plausibility", allowed, opinion.plausibility);
                }
            }
        }
        assert!(checked > 1_500, "{checked}");
        assert!(worst[0] > 0.5, "{worst:?}");
    }
}
