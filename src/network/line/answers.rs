//! What can be read off a solved variable.

use super::plan::Part;
use super::sweep::{Moment, Shares, State};
use super::{Line, Log, Member, exp};
use crate::network::circuit::Slot;
use crate::network::leaf::ClassId;
use crate::network::{AssumptionId, Guard, UnitId};
use crate::sets::interval::Interval;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// The weight of the possible scenarios as a sum of products: what each unit and class is multiplied by.
#[derive(Debug)]
pub(super) struct Parts {
    /// By member, where its values are left and elsewhere, by mask.
    units: Vec<[Vec<Signed>; 2]>,
    /// By class: the part of the weight in which it holds.
    classes: Vec<Signed>,
}

/// Certain bounds on how far what holds entails and allows something; they meet where it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::network) struct Opinion {
    pub(in crate::network) belief: [f64; 2],
    pub(in crate::network) plausibility: [f64; 2],
}

/// Bounds that are no further apart than this are the same number.
const ROUNDING: f64 = 1e-12;

impl Opinion {
    /// Bounds on belief and on plausibility that do not meet.
    pub(in crate::network) fn bounds(self) -> [Option<[f64; 2]>; 2] {
        let wide = |[low, high]: [f64; 2]| (high - low > ROUNDING).then_some([low, high]);
        [self.belief, self.plausibility].map(wide)
    }
}

/// What counts for, and what against.
#[derive(Debug, Clone, Copy)]
struct Signed {
    plus: Weight,
    minus: Weight,
}

impl Signed {
    const ZERO: Self = Self {
        plus: Weight::ZERO,
        minus: Weight::ZERO,
    };

    fn get(self) -> f64 {
        self.plus.get() - self.minus.get()
    }
}

impl Line {
    /// Signed sum of the terms from one place to another, both included.
    fn sum(&self, from: usize, to: usize) -> f64 {
        if from > to {
            return 0.0;
        }
        let at = |i: usize| self.sums.get(i).copied().unwrap_or(0.0);
        at(to + 1) - at(from)
    }

    /// Bounds on the share of the possible scenarios that leave some value of a set. What is left is a stretch: it meets a set with gaps
    /// as often as it meets its parts, less how often it spans a gap.
    fn meets(&self, set: &Set) -> [f64; 2] {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for stretch in set.stretches() {
            let Some((first, last)) = self.cells(*stretch) else {
                continue;
            };
            match runs.last_mut() {
                Some(run) if run.1 + 1 >= first => run.1 = run.1.max(last),
                _ => runs.push((first, last)),
            }
        }
        let parts: Vec<f64> = runs.iter().map(|(a, b)| self.sum(2 * a, 2 * b)).collect();
        let all: f64 = parts.iter().sum();
        let (mut low, mut high) = (all, all);
        for pair in runs.windows(2) {
            if let [(_, a), (b, _)] = pair {
                let span = self.span(*a, *b);
                low -= span[1];
                high -= span[0];
            }
        }
        // No less than any part.
        low = parts.iter().fold(low, |low, part| low.max(*part));
        [low, high.max(low)].map(|sum| (sum / self.total).clamp(0.0, 1.0))
    }

    /// Belief and plausibility of a set; something must be possible.
    pub(in crate::network) fn opinion(&self, set: &Set, domain: Interval) -> Opinion {
        let plausibility = self.meets(set);
        let outside = self.meets(&set.complement_in(domain));
        let mut belief = [1.0 - outside[1], 1.0 - outside[0]];
        if belief[0] < belief[1] {
            // No less than how often a unit says so that is active.
            let runs = set.stretches().iter().filter_map(|s| self.cells(*s));
            let runs: Vec<(usize, usize)> = runs.collect();
            let says_so = |m: &Member| runs.iter().any(|(a, b)| *a <= m.first && m.last <= *b);
            let members = self.members.iter().enumerate();
            let gone: Vec<usize> = members
                .filter(|(_, m)| says_so(m))
                .map(|(i, _)| i)
                .collect();
            let active = 1.0 - self.without_members(&gone);
            belief[0] = belief[0].max(active).min(belief[1]);
        }
        for (belief, plausibility) in belief.iter_mut().zip(plausibility) {
            *belief = belief.clamp(0.0, plausibility);
        }
        Opinion {
            belief,
            plausibility,
        }
    }

    /// How the weight of the possible scenarios hangs on each unit and class. Takes as long as sweeping over all blocks.
    fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| {
            let none = |m: &Member| {
                let none = vec![Signed::ZERO; m.idle.len()];
                [none.clone(), none]
            };
            let mut units: Vec<[Vec<Signed>; 2]> = self.members.iter().map(none).collect();
            let mut classes = vec![Signed::ZERO; self.home.len()];
            for block in &self.blocks {
                let mut tell = |part: Part, [plus, minus]: [Weight; 2]| {
                    let slot = match part {
                        Part::Class(c) => classes.get_mut(c.0 as usize),
                        Part::Unit { at, mask, idle } => block
                            .members
                            .get(at)
                            .and_then(|i| units.get_mut(*i))
                            .and_then(|u| u.get_mut(usize::from(idle)))
                            .and_then(|u| u.get_mut(mask)),
                    };
                    if let Some(slot) = slot {
                        slot.plus += plus;
                        slot.minus += minus;
                    }
                };
                let mut shares = Shares::new(block);
                let mut from = 0;
                self.sweep(State::new(self, block), &[], |state, moment| match moment {
                    Moment::From(place) => from = place,
                    Moment::Until { next, changing } => {
                        // A joint alone counts against.
                        let here = self.sum(from, next - 1);
                        let (outer, value) = (Weight::new(here.abs()), state.value());
                        if !outer.is_zero() && !value.is_zero() {
                            shares.add(here < 0.0, outer.over(value));
                        }
                        shares.hand_down(state, changing, &mut tell);
                    }
                });
            }
            Parts { units, classes }
        })
    }

    /// The share of the possible scenarios if a unit had the weights of `free` (by mask) where its values are left, and those of `bound`
    /// elsewhere.
    fn share(&self, member: usize, free: &[Weight], bound: &[Weight]) -> f64 {
        let Some([inside, outside]) = self.parts().units.get(member) else {
            return 0.0;
        };
        let terms = inside.iter().zip(free).chain(outside.iter().zip(bound));
        let sum = terms.fold(Signed::ZERO, |sum, (d, w)| Signed {
            plus: sum.plus + d.plus * *w,
            minus: sum.minus + d.minus * *w,
        });
        (sum.get() / self.total).clamp(0.0, 1.0)
    }

    /// The share of the possible scenarios in which one of `guards`, all of the unit, holds. `None` if the unit is not here.
    pub(in crate::network) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        let guards: Vec<Vec<ClassId>> = guards.iter().map(|g| self.classes.translate(g)).collect();
        let &i = self.by_unit.get(&unit)?;
        let m = self.members.get(i)?;
        let table: Vec<Weight> = (0..m.idle.len())
            .map(|mask| {
                m.leaf
                    .holds(&guards, |slot| self.part(m, slot, mask, false))
            })
            .collect();
        Some(self.share(i, &table, &[]))
    }

    /// The weight of an input of a member's leaf under a mask of its shared classes; without the inputs in which it is active, if `idle`; without
    /// those in which it is not, if it is given that it is.
    fn part(&self, m: &Member, slot: Slot, mask: usize, idle: bool) -> Weight {
        let shared = m.idle.len() - 1;
        let counts = |active: bool| {
            if idle {
                !active
            } else {
                active || m.given != Some(true)
            }
        };
        let fits = m
            .leaf
            .table()
            .any(|(a, s, active)| s == slot && a as usize & shared == mask && counts(active));
        if fits {
            self.circuit.value(slot)
        } else {
            Weight::ZERO
        }
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it.
    pub(in crate::network) fn assumption(
        &self,
        id: AssumptionId,
        prior: Probability,
    ) -> Option<f64> {
        let class = self.classes.of(id)?;
        let i = (*self.home.get(class.0 as usize)?)?;
        let m = self.members.get(i)?;
        let holds = if m.scope.binary_search(&class).is_ok() {
            let part = self.parts().classes.get(class.0 as usize)?;
            (part.get() / self.total).clamp(0.0, 1.0)
        } else {
            let probability = |c: ClassId| self.classes.probability(c);
            let table = |idle: bool| -> Vec<Weight> {
                (0..m.idle.len())
                    .map(|mask| {
                        let part = |slot| self.part(m, slot, mask, idle);
                        let private = m.leaf.private(class, part, probability);
                        private.unwrap_or(Weight::ZERO)
                    })
                    .collect()
            };
            self.share(i, &table(false), &table(true))
        };
        let all = self.classes.probability(class).get();
        let alone = if all < 1.0 {
            (prior.get() - all) / (1.0 - all)
        } else {
            0.0
        };
        Some(holds + (1.0 - holds).max(0.0) * alone.max(0.0))
    }

    /// The share of the possible scenarios in which none of the units is active. Takes as long as a sweep over the blocks they are in.
    pub(in crate::network) fn without(&self, units: &[UnitId]) -> f64 {
        if self.are_some_certain(units) {
            return 0.0;
        }
        self.without_members(&self.places_of(units))
    }

    /// The same, by members, ascending.
    fn without_members(&self, gone: &[usize]) -> f64 {
        if self.around.is_none() && self.does_rest_meet(gone) {
            // Without these units everything is possible.
            let given = (0..self.members.len())
                .filter(|i| self.members.get(*i).is_some_and(|m| m.given.is_some()));
            let asked: Vec<usize> = gone.iter().copied().chain(given).collect();
            let sum: Log = self
                .blocks_of(&asked)
                .map(|b| State::of(self, b, |i| gone.binary_search(&i).is_ok()).log())
                .sum();
            return (exp(sum - self.scale) / self.total).clamp(0.0, 1.0);
        }
        let mut sum = 0.0;
        for (place, log) in self.terms_without(gone).into_iter().enumerate() {
            let term = exp(log + self.beyond(place) - self.scale);
            sum += if place % 2 == 0 { term } else { -term };
        }
        (sum / self.total).clamp(0.0, 1.0)
    }

    /// Whether all units but some share a cell.
    fn does_rest_meet(&self, gone: &[usize]) -> bool {
        let rest = |order: &[usize]| {
            let stays = order.iter().find(|i| gone.binary_search(i).is_err());
            stays.and_then(|i| self.members.get(*i))
        };
        let first = rest(&self.by_first).map_or(0, |m| m.first);
        let last = rest(&self.by_last).map_or(self.cuts.len(), |m| m.last);
        first <= last
    }
}
