//! Tables from assignments of assumptions and a state to weights.

use std::hash::BuildHasherDefault;

use super::OverBudget;
use crate::network::circuit::{Circuit, Slot};
use crate::network::hash::Table;
use crate::network::leaf::ClassId;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// What an entry leaves: a set (see [`Sets`]), a joint state, or the position of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct StateId(pub(super) u32);

/// The set of every whole number: it changes nothing.
pub(super) const EVERYTHING: StateId = StateId(0);

/// One row of a factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Bit i: whether class i of the scope holds.
    pub(super) bits: u128,
    pub(super) state: StateId,
    pub(super) slot: Slot,
}

/// A class in a factor's scope, and how many of the restrictions that use it the factor has taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Open {
    pub(super) class: ClassId,
    pub(super) users: u32,
}

/// A table over the classes of its scope and a state.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// Ascending by class; at most 128.
    pub(super) scope: Vec<Open>,
    /// Sorted by bits, then state; each pair once.
    pub(super) entries: Vec<Entry>,
}

/// Adds up rows of the same bits and state.
struct Collector {
    entries: Vec<Entry>,
    /// Values of the circuit before: slots from there on were made here, and may be added to. What comes alone keeps the slot it comes with.
    before: usize,
    /// Places of entries, once there are more than [`FEW`]: by state, of those without bits and of a low number; and of the others.
    low: Vec<Option<u32>>,
    places: Table<(u128, StateId), u32>,
}

/// Entries up to which they are looked through: small tables, the most of them, need no memory for places.
const FEW: usize = 12;
/// States whose places are looked up by number.
const LOW: u32 = 2_048;

impl Collector {
    fn new(likely: usize, circuit: &Circuit) -> Self {
        Self {
            entries: Vec::with_capacity(likely),
            before: circuit.values(),
            low: Vec::new(),
            places: Table::default(),
        }
    }

    /// Where the entry is. If it is new, that is the end, where the caller has to put it.
    fn place(&mut self, bits: u128, state: StateId) -> usize {
        let end = self.entries.len();
        if end <= FEW {
            let found = self
                .entries
                .iter()
                .position(|e| e.state == state && e.bits == bits);
            return found.unwrap_or(end);
        }
        if self.low.is_empty() && self.places.is_empty() {
            for i in 0..end {
                if let Some(&Entry { bits, state, .. }) = self.entries.get(i) {
                    self.listed(bits, state, i);
                }
            }
        }
        self.listed(bits, state, end)
    }

    /// The place noted for an entry; if none is, this one is, from now on.
    fn listed(&mut self, bits: u128, state: StateId, place: usize) -> usize {
        let new = u32::try_from(place).unwrap_or(u32::MAX);
        let known = if bits == 0 && state.0 < LOW {
            let at = state.0 as usize;
            if self.low.len() <= at {
                self.low.resize((at + 1).next_power_of_two(), None);
            }
            self.low.get_mut(at).map(|slot| *slot.get_or_insert(new))
        } else {
            Some(*self.places.entry((bits, state)).or_insert(new))
        };
        known.map_or(place, |p| p as usize)
    }

    fn add(&mut self, bits: u128, state: StateId, a: Slot, b: Slot, circuit: &mut Circuit) {
        let place = self.place(bits, state);
        let Some(e) = self.entries.get_mut(place) else {
            let slot = match (a, b) {
                (slot, Circuit::ONE) | (Circuit::ONE, slot) => slot,
                _ => circuit.product(a, b),
            };
            self.entries.push(Entry { bits, state, slot });
            return;
        };
        if !e.slot.is_from(self.before) {
            e.slot = circuit.product(e.slot, Circuit::ONE);
        }
        circuit.add_product(e.slot, a, b);
    }

    fn finish(mut self, scope: Vec<Open>) -> Factor {
        self.entries.sort_unstable_by_key(|e| (e.bits, e.state));
        Factor {
            scope,
            entries: self.entries,
        }
    }
}

impl Factor {
    /// One state whatever holds, of weight 1; without a state, nothing is possible.
    pub(super) fn constant(state: Option<StateId>) -> Self {
        let entry = |state| Entry {
            bits: 0,
            state,
            slot: Circuit::ONE,
        };
        Self {
            scope: Vec::new(),
            entries: state.map(entry).into_iter().collect(),
        }
    }

    /// Adds up rows, about `likely` of them, with the same bits and state; rows of weight 0 are left out.
    pub(super) fn collect(
        scope: Vec<Open>,
        rows: impl IntoIterator<Item = (u128, StateId, Slot)>,
        likely: usize,
        circuit: &mut Circuit,
    ) -> Self {
        let mut out = Collector::new(likely, circuit);
        for (bits, state, slot) in rows {
            if !circuit.value(slot).is_zero() {
                out.add(bits, state, slot, Circuit::ONE, circuit);
            }
        }
        out.finish(scope)
    }

    /// Every pair of entries that agree on shared classes, with states combined by `combine` (`None`: impossible).
    pub(super) fn join(
        &self,
        other: &Self,
        circuit: &mut Circuit,
        limit: usize,
        mut combine: impl FnMut(StateId, StateId) -> Option<StateId>,
    ) -> Result<Self, OverBudget> {
        let mut scope: Vec<Open> = self.scope.iter().chain(&other.scope).copied().collect();
        scope.sort_unstable();
        scope.dedup_by(|b, a| {
            let same = a.class == b.class;
            if same {
                a.users += b.users;
            }
            same
        });
        if scope.len() > 128 {
            return Err(OverBudget);
        }
        let left = Spread::new(&self.scope, &scope);
        let right = Spread::new(&other.scope, &scope);
        let shared = left.all & right.all;
        let likely = self.entries.len().max(other.entries.len());
        let mut out = Collector::new(likely, circuit);
        if shared == 0 {
            for e in &self.entries {
                let bits = left.apply(e.bits);
                for o in &other.entries {
                    if let Some(state) = combine(e.state, o.state) {
                        out.add(bits | right.apply(o.bits), state, e.slot, o.slot, circuit);
                    }
                }
                if circuit.len() > limit {
                    return Err(OverBudget);
                }
            }
            return Ok(out.finish(scope));
        }
        // The other side's entries, in runs that agree on the shared classes.
        let mut spread: Vec<(u128, u128, StateId, Slot)> = other
            .entries
            .iter()
            .map(|e| {
                let bits = right.apply(e.bits);
                (bits & shared, bits, e.state, e.slot)
            })
            .collect();
        spread.sort_unstable();
        for e in &self.entries {
            let bits = left.apply(e.bits);
            let key = bits & shared;
            let from = spread.partition_point(|s| s.0 < key);
            for (_, more, state, slot) in spread.iter().skip(from).take_while(|s| s.0 == key) {
                if let Some(state) = combine(e.state, *state) {
                    out.add(bits | more, state, e.slot, *slot, circuit);
                }
            }
            if circuit.len() > limit {
                return Err(OverBudget);
            }
        }
        Ok(out.finish(scope))
    }

    /// Sums out a class of the scope, weighing its two sides.
    pub(super) fn sum_out(
        &self,
        class: ClassId,
        yes: Slot,
        no: Slot,
        circuit: &mut Circuit,
    ) -> Self {
        let Ok(place) = self.scope.binary_search_by_key(&class, |o| o.class) else {
            return self.clone();
        };
        let low = (1_u128 << place) - 1;
        let mut out = Collector::new(self.entries.len(), circuit);
        for e in &self.entries {
            let side = if e.bits >> place & 1 == 1 { yes } else { no };
            if !circuit.value(side).is_zero() {
                let bits = e.bits & low | (e.bits >> 1) & !low;
                out.add(bits, e.state, e.slot, side, circuit);
            }
        }
        let mut scope = self.scope.clone();
        scope.remove(place);
        out.finish(scope)
    }

    /// The same table with other states; `None` drops the entry.
    pub(super) fn map_states(
        &self,
        circuit: &mut Circuit,
        mut to: impl FnMut(StateId) -> Option<StateId>,
    ) -> Self {
        let mut out = Collector::new(self.entries.len(), circuit);
        for e in &self.entries {
            if let Some(state) = to(e.state) {
                out.add(e.bits, state, e.slot, Circuit::ONE, circuit);
            }
        }
        out.finish(self.scope.clone())
    }
}

/// Moves bits from the places of a narrow scope to those of a wider one.
struct Spread {
    places: Vec<u32>,
    all: u128,
    same: bool,
}

impl Spread {
    fn new(narrow: &[Open], wide: &[Open]) -> Self {
        let places: Vec<u32> = narrow
            .iter()
            .filter_map(|o| {
                let place = wide.binary_search_by_key(&o.class, |w| w.class).ok()?;
                u32::try_from(place).ok()
            })
            .collect();
        Self {
            all: places.iter().fold(0, |m, p| m | 1 << p),
            same: places.iter().zip(0_u32..).all(|(p, i)| *p == i),
            places,
        }
    }

    fn apply(&self, bits: u128) -> u128 {
        if self.same {
            return bits;
        }
        self.places
            .iter()
            .enumerate()
            .fold(0, |out, (i, p)| out | (bits >> i & 1) << p)
    }
}

/// Sets by number, with what was computed of them.
#[derive(Debug)]
pub(super) struct Sets {
    all: Vec<Set>,
    /// Of those that are one stretch, and of the others.
    stretches: Table<Interval, StateId>,
    ids: Table<Set, StateId>,
    /// Of pairs that are not both one stretch.
    met: Table<(StateId, StateId), Option<StateId>>,
    added: Table<(StateId, StateId), StateId>,
}

impl Sets {
    /// With room for about so many.
    pub(super) fn new(likely: usize) -> Self {
        let mut out = Self {
            all: Vec::with_capacity(likely),
            stretches: Table::with_capacity_and_hasher(likely, BuildHasherDefault::default()),
            ids: Table::default(),
            met: Table::default(),
            added: Table::default(),
        };
        out.intern(Set::everything());
        out
    }

    /// The number of a set; `None` for the empty one.
    pub(super) fn of(&mut self, set: Set) -> Option<StateId> {
        (!set.is_empty()).then(|| self.intern(set))
    }

    fn intern(&mut self, set: Set) -> StateId {
        if let Some(stretch) = set.as_interval() {
            return self.stretch(stretch);
        }
        if let Some(id) = self.ids.get(&set) {
            return *id;
        }
        let id = self.next();
        self.all.push(set.clone());
        self.ids.insert(set, id);
        id
    }

    /// The number of a set of one stretch.
    fn stretch(&mut self, stretch: Interval) -> StateId {
        let next = self.next();
        let id = *self.stretches.entry(stretch).or_insert(next);
        if id == next {
            self.all.push(stretch.into());
        }
        id
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the step budget is far below 2^32"
    )]
    fn next(&self) -> StateId {
        StateId(self.all.len() as u32)
    }

    pub(super) fn get(&self, id: StateId) -> Option<&Set> {
        self.all.get(id.0 as usize)
    }

    /// The intersection; `None` if it is empty.
    pub(super) fn intersection(&mut self, a: StateId, b: StateId) -> Option<StateId> {
        // No state is empty; and a state that is no set meets EVERYTHING alone.
        if a == b || b == EVERYTHING {
            return Some(a);
        }
        if a == EVERYTHING {
            return Some(b);
        }
        if let (Some(x), Some(y)) = (self.get(a)?.as_interval(), self.get(b)?.as_interval()) {
            let met = x.intersection(y)?;
            return Some(match () {
                () if met == x => a,
                () if met == y => b,
                () => self.stretch(met),
            });
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.met.get(&key) {
            return *known;
        }
        let set = self.get(a)?.intersection(self.get(b)?);
        let out = self.of(set);
        self.met.insert(key, out);
        out
    }

    /// Every sum of two members.
    pub(super) fn plus(&mut self, a: StateId, b: StateId) -> Option<StateId> {
        if let (Some(x), Some(y)) = (self.get(a)?.as_interval(), self.get(b)?.as_interval()) {
            return Some(self.stretch(x.plus(y)));
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.added.get(&key) {
            return Some(*known);
        }
        let set = self.get(a)?.plus(self.get(b)?);
        let out = self.intern(set);
        self.added.insert(key, out);
        Some(out)
    }

    /// `factor` times every member, `factor` being 1 or −1; or, for `least`, everything from the least product up. `None` for
    /// the empty set.
    pub(super) fn scaled(&mut self, id: StateId, factor: i128, least: bool) -> Option<StateId> {
        let set = self.get(id)?;
        let out = if least {
            let product = set.hull()?.times(factor);
            Set::from(Interval::new(product.lower(), None))
        } else if factor < 0 {
            set.negated()
        } else {
            set.clone()
        };
        self.of(out)
    }

    /// The values x with `own · x = right − s` for some s of the set, or, for `least`, `own · x <= right − s`. `None` if
    /// there are none.
    pub(super) fn solve(&mut self, sum: StateId, target: Target) -> Option<StateId> {
        let set = self.get(sum)?;
        if let Some(one) = set.as_interval() {
            let left = target.left_by(one)?;
            return Some(self.stretch(left));
        }
        let left = set.stretches().iter().filter_map(|s| target.left_by(*s));
        let out = Set::from_intervals(left);
        self.of(out)
    }

    /// The same, of the sums of two members.
    pub(super) fn solve_sum(&mut self, a: StateId, b: StateId, target: Target) -> Option<StateId> {
        if let (Some(x), Some(y)) = (self.get(a)?.as_interval(), self.get(b)?.as_interval()) {
            let left = target.left_by(x.plus(y))?;
            return Some(self.stretch(left));
        }
        let sum = self.plus(a, b)?;
        self.solve(sum, target)
    }
}

/// What a row leaves of one of its variables: the values x with `own · x + sum = right`, or, for `least`, `own · x + sum <= right`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) own: i128,
    pub(super) right: i128,
    pub(super) least: bool,
}

impl Target {
    /// What a stretch of sums leaves.
    fn left_by(self, sum: Interval) -> Option<Interval> {
        let left = sum.negated().plus(Interval::exactly(self.right));
        let left = if self.least { left.and_below() } else { left };
        left.divided(self.own)
    }
}
