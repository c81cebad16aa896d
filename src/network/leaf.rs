//! Where one restriction of a unit is active, as a table over the assumptions it shares with others.
//!
//! Assumptions that only this restriction uses are folded into few events: one for those all guards need, and one for "some
//! of these routes held" per group of guards that differ in private routes alone. So a statement relayed by a hundred outlets
//! costs no more than one.

use std::collections::BTreeMap;

use super::circuit::{Circuit, Slot};
use super::{AssumptionId, Guard};
use crate::sets::probability::Probability;
use crate::sets::weight::Weight;

/// Assumptions always used together, by their place in a list of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClassId(pub(crate) u32);

/// One dimension of a leaf's table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    /// A class that other restrictions use as well.
    Shared(ClassId),
    /// Private classes, all of which must hold: `probability` is the product.
    All {
        classes: Vec<ClassId>,
        probability: Probability,
    },
    /// At least one of several disjoint sets of private classes holds in full.
    Any {
        routes: Vec<(Vec<ClassId>, Probability)>,
        probability: Probability,
    },
}

/// The table of one restriction: for every assignment of its events whether it is active, and an input of the circuit.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    events: Vec<Event>,
    /// The restriction's guards, as masks over events.
    guards: Vec<u32>,
    /// By assignment: bit i says whether event i holds.
    slots: Vec<Slot>,
}

/// Events a leaf may have: its table has two to the power of them entries.
const EVENTS: usize = 16;

/// More events than a leaf may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooWide;

impl Leaf {
    /// `guards` as sorted classes; `is_shared` tells the classes that other restrictions use.
    pub(crate) fn new(
        guards: &[Vec<ClassId>],
        is_shared: impl Fn(ClassId) -> bool,
        probability: impl Fn(ClassId) -> Probability,
        circuit: &mut Circuit,
    ) -> Result<Self, TooWide> {
        let product =
            |classes: &[ClassId]| classes.iter().fold(1.0, |p, c| p * probability(*c).get());
        let mut distinct: Vec<&[ClassId]> = guards.iter().map(Vec::as_slice).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut events: Vec<Event> = Vec::new();
        let mut shared: Vec<ClassId> = distinct
            .iter()
            .flat_map(|g| g.iter().copied())
            .filter(|c| is_shared(*c))
            .collect();
        shared.sort_unstable();
        shared.dedup();
        events.extend(shared.iter().map(|c| Event::Shared(*c)));
        // Private classes that every guard needs.
        let common: Vec<ClassId> = distinct
            .first()
            .into_iter()
            .flat_map(|g| g.iter().copied())
            .filter(|c| !is_shared(*c) && distinct.iter().all(|g| g.contains(c)))
            .collect();
        if !common.is_empty() {
            events.push(Event::All {
                probability: Probability::constant(product(&common)),
                classes: common.clone(),
            });
        }
        // Private routes, grouped by the shared parts they come with.
        let mut parts: BTreeMap<Vec<ClassId>, Vec<Vec<ClassId>>> = BTreeMap::new();
        for g in &distinct {
            let (with, route): (Vec<ClassId>, Vec<ClassId>) = g
                .iter()
                .copied()
                .filter(|c| !common.contains(c))
                .partition(|c| is_shared(*c));
            parts.entry(route).or_default().push(with);
        }
        let mut groups: BTreeMap<Vec<Vec<ClassId>>, Vec<Vec<ClassId>>> = BTreeMap::new();
        for (route, with) in parts {
            if !route.is_empty() {
                groups.entry(with).or_default().push(route);
            }
        }
        let mut used: Vec<ClassId> = groups.values().flatten().flatten().copied().collect();
        used.sort_unstable();
        let disjoint = used.windows(2).all(|w| w.first() != w.last());
        if disjoint {
            for routes in groups.into_values() {
                let routes: Vec<(Vec<ClassId>, Probability)> = routes
                    .into_iter()
                    .map(|r| (r.clone(), Probability::constant(product(&r))))
                    .collect();
                let none = routes
                    .iter()
                    .fold(1.0, |p, (_, q)| p * q.complement().get());
                events.push(Event::Any {
                    routes,
                    probability: Probability::constant(1.0 - none),
                });
            }
        } else {
            used.dedup();
            events.extend(used.into_iter().map(|c| Event::All {
                probability: probability(c),
                classes: vec![c],
            }));
        }
        if events.len() > EVENTS {
            return Err(TooWide);
        }
        let guards = guards.iter().map(|g| mask_of(&events, g)).collect();
        let mut slots = Vec::with_capacity(1 << events.len());
        for assignment in 0_u32..1 << events.len() {
            let weight = events.iter().enumerate().fold(Weight::ONE, |w, (i, e)| {
                let p = match e {
                    Event::Shared(_) => return w,
                    Event::All { probability, .. } | Event::Any { probability, .. } => *probability,
                };
                let holds = assignment >> i & 1 == 1;
                w * Weight::from(if holds { p } else { p.complement() })
            });
            slots.push(circuit.input(weight));
        }
        Ok(Self {
            events,
            guards,
            slots,
        })
    }

    /// The shared classes, ascending: the leaf's scope. They are its first events.
    pub(crate) fn scope(&self) -> Vec<ClassId> {
        self.events
            .iter()
            .filter_map(|e| match e {
                Event::Shared(c) => Some(*c),
                _ => None,
            })
            .collect()
    }

    /// How many assignments its table has.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Assignments with their input and whether the restriction is active.
    pub(crate) fn table(&self) -> impl Iterator<Item = (u32, Slot, bool)> {
        self.slots.iter().zip(0_u32..).map(|(slot, assignment)| {
            let active = self.guards.iter().any(|mask| assignment & mask == *mask);
            (assignment, *slot, active)
        })
    }

    /// The weight of "one of `guards` holds", each of them one of the restriction's, given the weight of each input's part.
    pub(crate) fn holds(&self, guards: &[Vec<ClassId>], part: impl Fn(Slot) -> Weight) -> Weight {
        let asked: Vec<(u32, Option<(usize, usize)>)> = guards
            .iter()
            .map(|g| (mask_of(&self.events, g), self.route(g)))
            .collect();
        let mut sum = Weight::ZERO;
        for (slot, assignment) in self.slots.iter().zip(0_u32..) {
            let met = asked
                .iter()
                .filter(|(mask, _)| assignment & mask == *mask)
                .map(|(_, route)| *route);
            if let Some(share) = self.share_of(met) {
                sum += part(*slot) * share;
            }
        }
        sum
    }

    /// The private route a guard takes: the event, and the place in it.
    fn route(&self, guard: &[ClassId]) -> Option<(usize, usize)> {
        self.events.iter().enumerate().find_map(|(i, e)| match e {
            Event::Any { routes, .. } => routes
                .iter()
                .position(|(r, _)| r.iter().any(|c| guard.contains(c)))
                .map(|place| (i, place)),
            _ => None,
        })
    }

    /// The probability that one of these routes held, given that their events do; a guard that takes none is met. `None` if there
    /// is no guard.
    fn share_of(&self, met: impl Iterator<Item = Option<(usize, usize)>>) -> Option<Weight> {
        let mut taken: Vec<(usize, usize)> = Vec::new();
        let mut some = false;
        for route in met {
            some = true;
            let Some(route) = route else {
                return Some(Weight::ONE);
            };
            taken.push(route);
        }
        taken.sort_unstable();
        taken.dedup();
        let either = |so_far: f64, p: f64| so_far + p * (1.0 - so_far);
        let share = taken.chunk_by(|a, b| a.0 == b.0).fold(0.0, |share, chunk| {
            let Some(Event::Any {
                routes,
                probability: any,
            }) = chunk.first().and_then(|(i, _)| self.events.get(*i))
            else {
                return share;
            };
            let of_these = chunk
                .iter()
                .filter_map(|(_, place)| routes.get(*place))
                .fold(0.0, |p, (_, q)| either(p, q.get()));
            either(share, ratio(of_these, any.get()))
        });
        some.then(|| Weight::new(share.clamp(0.0, 1.0)))
    }

    /// The weight of "`class` holds", for a class private to this restriction, given the weight of each input's part.
    pub(crate) fn private(
        &self,
        class: ClassId,
        part: impl Fn(Slot) -> Weight,
        probability: impl Fn(ClassId) -> Probability,
    ) -> Option<Weight> {
        let (i, event) = self
            .events
            .iter()
            .enumerate()
            .find(|(_, e)| e.uses(class))?;
        let (mut yes, mut no) = (Weight::ZERO, Weight::ZERO);
        for (slot, assignment) in self.slots.iter().zip(0_u32..) {
            if assignment >> i & 1 == 1 {
                yes += part(*slot);
            } else {
                no += part(*slot);
            }
        }
        let p = probability(class).get();
        // How probable the class is where the event holds, and where it does not.
        let (given_yes, given_no) = match event {
            Event::Shared(_) => return None,
            Event::All {
                probability: all, ..
            } => (1.0, ratio(p - all.get(), 1.0 - all.get())),
            Event::Any {
                routes,
                probability: any,
            } => {
                let own = routes
                    .iter()
                    .find(|(r, _)| r.contains(&class))
                    .map_or(0.0, |(_, q)| q.get());
                let without_own = ratio(1.0 - any.get(), 1.0 - own);
                let and_none = (p - own) * without_own;
                (
                    ratio(p - and_none, any.get()),
                    ratio(and_none, 1.0 - any.get()),
                )
            }
        };
        Some(
            yes * Weight::new(given_yes.clamp(0.0, 1.0))
                + no * Weight::new(given_no.clamp(0.0, 1.0)),
        )
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

impl Event {
    fn uses(&self, class: ClassId) -> bool {
        match self {
            Self::Shared(c) => *c == class,
            Self::All { classes, .. } => classes.contains(&class),
            Self::Any { routes, .. } => routes.iter().any(|(r, _)| r.contains(&class)),
        }
    }
}

/// The events that a guard needs.
fn mask_of(events: &[Event], guard: &[ClassId]) -> u32 {
    events
        .iter()
        .enumerate()
        .filter(|(_, e)| guard.iter().any(|c| e.uses(*c)))
        .fold(0, |m, (i, _)| m | 1 << i)
}

/// Assumptions grouped by where they are used: those always used together act as one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes {
    /// Ascending; the probability of a class is the product of its members'.
    pub(crate) members: Vec<Vec<AssumptionId>>,
    pub(crate) probability: Vec<Probability>,
    /// Ascending by assumption, without those certain or unused.
    of: Vec<(AssumptionId, ClassId)>,
}

impl Classes {
    /// `guards` lists every guard of every restriction, in a fixed order. Certain assumptions belong to no class; those in `alone`
    /// (ascending) have classes of their own.
    pub(crate) fn new<'a>(
        guards: impl Iterator<Item = &'a Guard>,
        alone: &[AssumptionId],
        probability: impl Fn(AssumptionId) -> Probability,
    ) -> Self {
        let mut uses: Vec<(AssumptionId, u32)> = Vec::new();
        for (place, guard) in (0_u32..).zip(guards) {
            let uncertain = guard.iter().filter(|a| !probability(**a).is_one());
            uses.extend(uncertain.map(|a| (*a, place)));
        }
        uses.sort_unstable();
        let (ids, places): (Vec<AssumptionId>, Vec<u32>) = uses.into_iter().unzip();
        let mut members: Vec<Vec<AssumptionId>> = Vec::new();
        // Where each of the others is used.
        let mut rest: Vec<(&[u32], AssumptionId)> = Vec::new();
        let mut from = 0;
        for run in ids.chunk_by(|a, b| a == b) {
            let to = from + run.len();
            let (Some(&id), Some(at)) = (run.first(), places.get(from..to)) else {
                continue;
            };
            from = to;
            if alone.binary_search(&id).is_ok() {
                members.push(vec![id]);
            } else {
                rest.push((at, id));
            }
        }
        rest.sort_unstable();
        for group in rest.chunk_by(|a, b| a.0 == b.0) {
            members.push(group.iter().map(|(_, id)| *id).collect());
        }
        members.sort_unstable();
        let mut out = Self::default();
        for (class, group) in (0_u32..).map(ClassId).zip(members) {
            let p = group.iter().fold(1.0, |p, a| p * probability(*a).get());
            out.of.extend(group.iter().map(|a| (*a, class)));
            out.probability.push(Probability::constant(p));
            out.members.push(group);
        }
        out.of.sort_unstable();
        out
    }

    /// The class of an assumption; `None` if it is certain or unused.
    pub(crate) fn of(&self, id: AssumptionId) -> Option<ClassId> {
        let place = self.of.binary_search_by_key(&id, |(a, _)| *a).ok()?;
        self.of.get(place).map(|(_, class)| *class)
    }

    pub(crate) fn probability(&self, class: ClassId) -> Probability {
        self.probability
            .get(class.0 as usize)
            .copied()
            .unwrap_or(Probability::ONE)
    }

    /// A guard as classes, ascending.
    pub(crate) fn translate(&self, guard: &Guard) -> Vec<ClassId> {
        let mut out: Vec<ClassId> = guard.iter().filter_map(|a| self.of(*a)).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

#[cfg(all(test, feature = "proptest"))]
#[expect(
    clippy::indexing_slicing,
    reason = "a test that fails where something is not there"
)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    const CLASSES: u32 = 6;
    /// Others use these as well.
    const SHARED: u32 = 2;

    fn probability(c: ClassId) -> Probability {
        Probability::constant([0.5, 0.9, 0.3, 0.0, 0.8, 0.6][c.0 as usize])
    }

    /// Guards of one restriction, and those asked about.
    fn guards() -> impl Strategy<Value = (Vec<Vec<ClassId>>, Vec<Vec<ClassId>>)> {
        let guard = btree_set((0..CLASSES).prop_map(ClassId), 1..4);
        vec(guard.prop_map(|g| g.into_iter().collect()), 1..5).prop_flat_map(
            |all: Vec<Vec<ClassId>>| {
                let len = all.len();
                (Just(all.clone()), subsequence(all, 0..=len))
            },
        )
    }

    proptest! {
        #[test]
        fn agrees_with_every_assignment((all, asked) in guards()) {
            let mut circuit = Circuit::new();
            let leaf =
                Leaf::new(&all, |c| c.0 < SHARED, probability, &mut circuit).unwrap();
            let scope = leaf.scope();
            let weight = |states: u32, (c, p): (u32, f64)| {
                if states >> c & 1 == 1 { p } else { 1.0 - p }
            };
            let held: f64 = (0..1_u32 << CLASSES)
                .filter(|s| asked.iter().any(|g| g.iter().all(|c| s >> c.0 & 1 == 1)))
                .map(|s| {
                    (0..CLASSES)
                        .map(|c| weight(s, (c, probability(ClassId(c)).get())))
                        .product::<f64>()
                })
                .sum();
            let slots: Vec<(u32, Slot)> = leaf.table().map(|(a, slot, _)| (a, slot)).collect();
            let part = |slot: Slot| {
                let (a, _) = slots.iter().find(|(_, s)| *s == slot).unwrap();
                let prior: f64 = scope
                    .iter()
                    .zip(0_u32..)
                    .map(|(c, i)| weight(*a, (i, probability(*c).get())))
                    .product();
                circuit.value(slot) * Weight::new(prior)
            };
            let share = leaf.holds(&asked, part).share_of(Weight::ONE);
            prop_assert!((share - held).abs() < 1e-12, "{share} {held}");
        }
    }
}
