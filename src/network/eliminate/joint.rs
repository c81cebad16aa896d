//! Rows in cycles: sets of several variables at once.

use std::collections::{BTreeSet, HashMap};

use super::factor::{EVERYTHING, Factor, StateId};
use super::{OverBudget, Solver};
use crate::network::cluster::variable;
use crate::network::decide::{Answer, STEPS, possible};
use crate::network::propagate::{Outcome, Rows};
use crate::sets::linear::Row;
use crate::sets::set::Set;

/// What is left of several variables: a set for each, and the rows that hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct JointState {
    sets: Vec<Set>,
    rows: Vec<Row>,
    /// Which of the sets is the root's.
    root: Option<usize>,
}

impl JointState {
    /// Whether some values are left of which the root's lies in `set`.
    pub(crate) fn allows(&self, set: &Set) -> Answer {
        let mut sets = self.sets.clone();
        if let Some(slot) = self.root.and_then(|r| sets.get_mut(r)) {
            *slot = slot.intersection(set);
        }
        possible(&self.rows.iter().collect::<Vec<_>>(), sets, STEPS)
    }
}

impl Solver<'_> {
    /// Variables that rows still join, of the first such group.
    pub(super) fn core(&self) -> Option<Vec<usize>> {
        let start = self
            .links
            .iter()
            .flatten()
            .find_map(|l| l.row.terms.first())?
            .0
            .index();
        let mut core = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(v) = open.pop() {
            for link in self.used_by.get(v).into_iter().flatten() {
                for (w, _) in self
                    .links
                    .get(*link)
                    .and_then(Option::as_ref)
                    .into_iter()
                    .flat_map(|l| &l.row.terms)
                {
                    if core.insert(w.index()) {
                        open.push(w.index());
                    }
                }
            }
        }
        Some(core.into_iter().collect())
    }

    /// Joins all tables on the variables of a core. If the root is among them, the result is a factor on it whose states are
    /// places in the list returned; else only the assumptions under which values exist are kept.
    pub(super) fn fold_core(&mut self, core: &[usize]) -> Result<Vec<JointState>, OverBudget> {
        let local = |v: usize| core.binary_search(&v).unwrap_or(0);
        let ids: BTreeSet<usize> = core
            .iter()
            .flat_map(|v| self.used_by.get(*v).cloned().unwrap_or_default())
            .collect();
        let mut hard = Vec::new();
        let mut soft = Vec::new();
        for id in ids {
            let Some(link) = self.links.get_mut(id).and_then(Option::take) else {
                continue;
            };
            let row = Row {
                terms: link
                    .row
                    .terms
                    .iter()
                    .map(|(v, k)| (variable(local(v.index())), *k))
                    .collect(),
                ..link.row
            };
            match link.active {
                None => hard.push(row),
                Some(switch) => soft.push((row, switch)),
            }
        }
        for v in core {
            if let Some(list) = self.used_by.get_mut(*v) {
                list.clear();
            }
        }
        let is_root_here = core.contains(&self.root);
        let start = JointState {
            sets: vec![Set::everything(); core.len()],
            rows: hard,
            root: is_root_here.then(|| local(self.root)),
        };
        let mut states = States::new(start);
        let mut all = Factor::constant(core.first().copied(), Some(StateId(0)));
        // Variables first, so that states are pruned before switches double them.
        for v in core {
            let here = self.on.get(*v).cloned().unwrap_or_default();
            let Some(part) = self.join(&here)? else {
                continue;
            };
            let sets = &self.sets;
            all = all.join_with(&part, &mut self.circuit, self.budget, |a, b| {
                states.within(a, local(*v), b, sets.get(b)?)
            })?;
            all.variable = core.first().copied();
            all = self.shed(all)?;
        }
        for (place, (row, switch)) in soft.iter().enumerate() {
            let Some(part) = self.take(*switch) else {
                continue;
            };
            all = all.join_with(&part, &mut self.circuit, self.budget, |a, b| {
                if b == StateId(1) {
                    states.and(a, place, row)
                } else {
                    Some(a)
                }
            })?;
            all.variable = core.first().copied();
            all = self.shed(all)?;
        }
        let mut undecided = false;
        let mut has_values =
            |id: StateId| match states.get(id).map(|s| s.allows(&Set::everything())) {
                Some(Answer::Impossible) | None => false,
                Some(Answer::Possible(_)) => true,
                Some(Answer::Unknown) => {
                    undecided = true;
                    true
                }
            };
        let mut known: HashMap<StateId, bool> = HashMap::new();
        let mut keep = |id: StateId| *known.entry(id).or_insert_with(|| has_values(id));
        let result = if is_root_here {
            all.map_states(Some(self.root), &mut self.circuit, |s| keep(s).then_some(s))
        } else {
            all.map_states(None, &mut self.circuit, |s| keep(s).then_some(EVERYTHING))
        };
        self.undecided |= undecided;
        self.put(result);
        self.check()?;
        Ok(states.states)
    }

    /// Sums out the classes that only this factor uses.
    fn shed(&mut self, factor: Factor) -> Result<Factor, OverBudget> {
        let mut out = factor;
        for class in out.scope.clone() {
            if self.users.get(&class).is_none_or(Vec::is_empty)
                && let Some(&(yes, no)) = self.prior.get(&class)
            {
                out = out.sum_out(class, yes, no, &mut self.circuit);
            }
        }
        self.check()?;
        Ok(out)
    }
}

/// Joint states by number.
struct States {
    states: Vec<JointState>,
    ids: HashMap<JointState, StateId>,
    narrowed: HashMap<(StateId, usize, StateId), Option<StateId>>,
    joined: HashMap<(StateId, usize), Option<StateId>>,
}

impl States {
    fn new(start: JointState) -> Self {
        Self {
            ids: HashMap::from([(start.clone(), StateId(0))]),
            states: vec![start],
            narrowed: HashMap::new(),
            joined: HashMap::new(),
        }
    }

    fn get(&self, id: StateId) -> Option<&JointState> {
        self.states.get(id.0 as usize)
    }

    /// Propagated and numbered; `None` if propagation shows that nothing is left. The form is canonical up to what
    /// propagation sees, so that scenarios that leave the same meet.
    fn intern(&mut self, mut state: JointState) -> Option<StateId> {
        let rows = Rows::new(&state.rows, state.sets.len());
        let mut steps = 64 * (state.rows.len() as u64 + 1);
        let mut sets = state.sets.clone();
        if sets.iter().any(Set::is_empty)
            || rows.propagate(&mut sets, None, &mut steps, |_| {}) == Outcome::Clash
        {
            return None;
        }
        drop(rows);
        state.sets = sets;
        if let Some(id) = self.ids.get(&state) {
            return Some(*id);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the step budget is far below 2^32"
        )]
        let id = StateId(self.states.len() as u32);
        self.states.push(state.clone());
        self.ids.insert(state, id);
        Some(id)
    }

    fn within(&mut self, id: StateId, place: usize, set_id: StateId, set: &Set) -> Option<StateId> {
        if let Some(known) = self.narrowed.get(&(id, place, set_id)) {
            return *known;
        }
        let mut state = self.get(id)?.clone();
        if let Some(slot) = state.sets.get_mut(place) {
            *slot = slot.intersection(set);
        }
        let out = self.intern(state);
        self.narrowed.insert((id, place, set_id), out);
        out
    }

    fn and(&mut self, id: StateId, place: usize, row: &Row) -> Option<StateId> {
        if let Some(known) = self.joined.get(&(id, place)) {
            return *known;
        }
        let mut state = self.get(id)?.clone();
        state.rows.push(row.clone());
        let out = self.intern(state);
        self.joined.insert((id, place), out);
        out
    }
}
