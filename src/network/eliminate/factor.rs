//! Tables from assignments of assumptions and a state to weights.

use std::collections::HashMap;

use super::OverBudget;
use crate::network::circuit::{Circuit, Slot};
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

/// A table over the classes of its scope and the state of one variable.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// Ascending; at most 128.
    pub(super) scope: Vec<ClassId>,
    pub(super) variable: Option<usize>,
    /// Sorted by bits, then state; each pair once.
    pub(super) entries: Vec<Entry>,
}

impl Factor {
    /// One state whatever holds, of weight 1; without a state, nothing is possible.
    pub(super) fn constant(variable: Option<usize>, state: Option<StateId>) -> Self {
        let entry = |state| Entry {
            bits: 0,
            state,
            slot: Circuit::ONE,
        };
        Self {
            scope: Vec::new(),
            variable,
            entries: state.map(entry).into_iter().collect(),
        }
    }

    /// Adds up rows with the same bits and state; each row weighs the product of two values.
    pub(super) fn collect(
        scope: Vec<ClassId>,
        variable: Option<usize>,
        rows: impl IntoIterator<Item = (u128, StateId, Slot, Slot)>,
        circuit: &mut Circuit,
    ) -> Self {
        let mut found: HashMap<(u128, StateId), Slot> = HashMap::new();
        let mut entries = Vec::new();
        for (bits, state, a, b) in rows {
            if circuit.value(a).is_zero() || circuit.value(b).is_zero() {
                continue;
            }
            let slot = *found.entry((bits, state)).or_insert_with(|| {
                let slot = circuit.sum();
                entries.push(Entry { bits, state, slot });
                slot
            });
            circuit.add_product(slot, a, b);
        }
        entries.sort_unstable_by_key(|e| (e.bits, e.state));
        Self {
            scope,
            variable,
            entries,
        }
    }

    /// Every pair of entries that agree on shared classes, states intersected; empty states drop out.
    pub(super) fn join(
        &self,
        other: &Self,
        sets: &mut Sets,
        circuit: &mut Circuit,
        budget: usize,
    ) -> Result<Self, OverBudget> {
        let mut out = self.join_with(other, circuit, budget, |a, b| sets.intersection(a, b))?;
        out.variable = self.variable.or(other.variable);
        Ok(out)
    }

    /// Every pair of entries that agree on shared classes, with states combined by `combine` (`None`: impossible).
    pub(super) fn join_with(
        &self,
        other: &Self,
        circuit: &mut Circuit,
        budget: usize,
        mut combine: impl FnMut(StateId, StateId) -> Option<StateId>,
    ) -> Result<Self, OverBudget> {
        let mut scope: Vec<ClassId> = self.scope.iter().chain(&other.scope).copied().collect();
        scope.sort_unstable();
        scope.dedup();
        if scope.len() > 128 {
            return Err(OverBudget);
        }
        let left = Spread::new(&self.scope, &scope);
        let right = Spread::new(&other.scope, &scope);
        let shared = left.all & right.all;
        let mut by_shared: HashMap<u128, Vec<(u128, Entry)>> = HashMap::new();
        for e in &other.entries {
            let bits = right.apply(e.bits);
            by_shared.entry(bits & shared).or_default().push((bits, *e));
        }
        let mut found: HashMap<(u128, StateId), Slot> = HashMap::new();
        let mut entries = Vec::new();
        for e in &self.entries {
            let bits = left.apply(e.bits);
            for (more, o) in by_shared.get(&(bits & shared)).into_iter().flatten() {
                let Some(state) = combine(e.state, o.state) else {
                    continue;
                };
                let bits = bits | more;
                let slot = *found.entry((bits, state)).or_insert_with(|| {
                    let slot = circuit.sum();
                    entries.push(Entry { bits, state, slot });
                    slot
                });
                circuit.add_product(slot, e.slot, o.slot);
                if circuit.len() > budget {
                    return Err(OverBudget);
                }
            }
        }
        entries.sort_unstable_by_key(|e| (e.bits, e.state));
        Ok(Self {
            scope,
            variable: None,
            entries,
        })
    }

    /// Sums a class out, weighing its two sides.
    pub(super) fn sum_out(
        self,
        class: ClassId,
        yes: Slot,
        no: Slot,
        circuit: &mut Circuit,
    ) -> Self {
        let Ok(place) = self.scope.binary_search(&class) else {
            return self;
        };
        let low = (1_u128 << place) - 1;
        let rows = self.entries.iter().map(|e| {
            let holds = e.bits >> place & 1 == 1;
            let bits = e.bits & low | (e.bits >> 1) & !low;
            (bits, e.state, e.slot, if holds { yes } else { no })
        });
        let rows: Vec<_> = rows.collect();
        let mut scope = self.scope;
        scope.remove(place);
        Self::collect(scope, self.variable, rows, circuit)
    }

    /// The same table with other states; `None` drops the entry.
    pub(super) fn map_states(
        &self,
        variable: Option<usize>,
        circuit: &mut Circuit,
        mut to: impl FnMut(StateId) -> Option<StateId>,
    ) -> Self {
        let rows: Vec<_> = self
            .entries
            .iter()
            .filter_map(|e| Some((e.bits, to(e.state)?, e.slot, Circuit::ONE)))
            .collect();
        Self::collect(self.scope.clone(), variable, rows, circuit)
    }

    /// The table without its variable.
    pub(super) fn forget_state(&self, circuit: &mut Circuit) -> Self {
        self.map_states(None, circuit, |_| Some(EVERYTHING))
    }
}

/// Moves bits from the places of a narrow scope to those of a wider one.
struct Spread {
    places: Vec<u32>,
    all: u128,
    same: bool,
}

impl Spread {
    fn new(narrow: &[ClassId], wide: &[ClassId]) -> Self {
        let places: Vec<u32> = narrow
            .iter()
            .filter_map(|c| {
                wide.binary_search(c)
                    .ok()
                    .and_then(|p| u32::try_from(p).ok())
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
    sets: Vec<Set>,
    ids: HashMap<Set, StateId>,
    met: HashMap<(StateId, StateId), Option<StateId>>,
    added: HashMap<(StateId, StateId), StateId>,
}

impl Sets {
    pub(super) fn new() -> Self {
        let mut out = Self {
            sets: Vec::new(),
            ids: HashMap::new(),
            met: HashMap::new(),
            added: HashMap::new(),
        };
        out.intern(Set::everything());
        out
    }

    /// The number of a set; `None` for the empty one.
    pub(super) fn of(&mut self, set: Set) -> Option<StateId> {
        (!set.is_empty()).then(|| self.intern(set))
    }

    fn intern(&mut self, set: Set) -> StateId {
        if let Some(id) = self.ids.get(&set) {
            return *id;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the step budget is far below 2^32"
        )]
        let id = StateId(self.sets.len() as u32);
        self.sets.push(set.clone());
        self.ids.insert(set, id);
        id
    }

    pub(super) fn get(&self, id: StateId) -> Option<&Set> {
        self.sets.get(id.0 as usize)
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
    pub(super) fn solve(
        &mut self,
        sum: StateId,
        right: i128,
        own: i128,
        least: bool,
    ) -> Option<StateId> {
        let set = self.get(sum)?;
        let rest = set.negated().plus(&Set::from_numbers([right]));
        let stretches = rest.stretches().iter().filter_map(|s| {
            let s = if least { s.and_below() } else { *s };
            s.divided(own)
        });
        let out = Set::from_intervals(stretches);
        self.of(out)
    }
}
