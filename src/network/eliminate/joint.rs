//! Rows in cycles: sets of several variables at once.

use std::collections::{BTreeSet, HashMap};

use super::factor::{Factor, StateId};
use super::{OverBudget, Rooted, Solver};
use crate::network::cluster::variable;
use crate::network::decide::{Answer, STEPS, possible};
use crate::network::propagate::{Outcome, Rows};
use crate::sets::linear::{Relation, Row};
use crate::sets::set::Set;

/// What is left of several variables: a set for each, and the rows that hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct JointState {
    sets: Vec<Set>,
    rows: Vec<Row>,
    /// Which of the sets is the root's.
    root: usize,
}

impl JointState {
    /// Whether some values are left of which the root's lies in `set`.
    pub(crate) fn allows(&self, set: &Set) -> Answer {
        let mut sets = self.sets.clone();
        if let Some(slot) = sets.get_mut(self.root) {
            *slot = slot.intersection(set);
        }
        possible(&self.rows.iter().collect::<Vec<_>>(), sets, STEPS)
    }
}

impl Solver<'_> {
    /// Folds loose ends inwards as long as that is exact, the root never being one; then takes what is left as a whole.
    pub(super) fn fold_around(&mut self, root: usize, limit: usize) -> Result<Rooted, OverBudget> {
        let variables = self.cluster.variables.len();
        let mut alive = vec![true; self.links.len()];
        let mut used: Vec<BTreeSet<usize>> = self
            .used_by
            .iter()
            .map(|l| l.iter().copied().collect())
            .collect();
        let mut told: Vec<Vec<(usize, Factor)>> = vec![Vec::new(); variables];
        let mut open: Vec<usize> = (0..self.links.len()).rev().collect();
        while let Some(link) = open.pop() {
            let Some(row) = self.links.get(link).map(|l| l.row.clone()) else {
                continue;
            };
            let is_loose = |v: usize| v != root && used.get(v).is_some_and(|l| l.len() == 1);
            let mut fixed = row
                .terms
                .iter()
                .map(|(v, _)| v.index())
                .filter(|v| !is_loose(*v));
            let (Some(target), None, Some(true)) = (fixed.next(), fixed.next(), alive.get(link))
            else {
                continue;
            };
            let exact = row.relation == Relation::AtMost
                || row
                    .terms
                    .iter()
                    .all(|(v, k)| v.index() == target || k.unsigned_abs() == 1);
            if !exact {
                continue;
            }
            let mut parts: HashMap<usize, Factor> = HashMap::new();
            for v in row
                .terms
                .iter()
                .map(|(v, _)| v.index())
                .filter(|v| *v != target)
            {
                let list = told.get_mut(v).map(std::mem::take).unwrap_or_default();
                parts.insert(v, self.gather(v, &list, None, limit)?);
            }
            let message = self.message(link, target, |v| parts.get(&v).cloned(), limit)?;
            if let Some(list) = told.get_mut(target) {
                list.push((link, message));
            }
            if let Some(a) = alive.get_mut(link) {
                *a = false;
            }
            for (v, _) in &row.terms {
                if let Some(list) = used.get_mut(v.index()) {
                    list.remove(&link);
                }
            }
            open.extend(used.get(target).into_iter().flatten());
        }
        let rows: Vec<usize> = (0..alive.len())
            .filter(|i| alive.get(*i) == Some(&true))
            .collect();
        if rows.is_empty() {
            let list = told.get(root).cloned().unwrap_or_default();
            return Ok(Rooted::Values(self.gather(root, &list, None, limit)?));
        }
        self.fold_core(root, &rows, &told, limit)
    }

    /// Joins all tables on the variables of the rows left: a table on the root whose states are places in the list returned.
    fn fold_core(
        &mut self,
        root: usize,
        rows: &[usize],
        told: &[Vec<(usize, Factor)>],
        limit: usize,
    ) -> Result<Rooted, OverBudget> {
        let mut core: BTreeSet<usize> = BTreeSet::from([root]);
        for link in rows.iter().filter_map(|r| self.links.get(*r)) {
            core.extend(link.row.terms.iter().map(|(v, _)| v.index()));
        }
        let core: Vec<usize> = core.into_iter().collect();
        let local = |v: usize| core.binary_search(&v).unwrap_or(0);
        let mut hard = Vec::new();
        let mut soft = Vec::new();
        for link in rows.iter().filter_map(|r| self.links.get(*r)) {
            let row = Row {
                terms: link
                    .row
                    .terms
                    .iter()
                    .map(|(v, k)| (variable(local(v.index())), *k))
                    .collect(),
                ..link.row.clone()
            };
            match &link.active {
                None => hard.push(row),
                Some(switch) => soft.push((row, switch.clone())),
            }
        }
        let start = JointState {
            sets: vec![Set::everything(); core.len()],
            rows: hard,
            root: local(root),
        };
        let mut states = States::new(start, self.budget as u64);
        let mut all = Factor::constant(Some(StateId(0)));
        // Variables first, so that states are pruned before switches double them.
        for v in &core {
            let list = told.get(*v).map(Vec::as_slice).unwrap_or_default();
            let part = self.gather(*v, list, None, limit)?;
            let sets = &self.sets;
            all = all.join(&part, &mut self.circuit, limit, |a, b| {
                states.within(a, local(*v), b, sets.get(b)?)
            })?;
            states.check()?;
            all = self.shed(all);
        }
        for (place, (row, switch)) in soft.iter().enumerate() {
            all = all.join(switch, &mut self.circuit, limit, |a, b| {
                if b == StateId(1) {
                    states.and(a, place, row)
                } else {
                    Some(a)
                }
            })?;
            states.check()?;
            all = self.shed(all);
        }
        states.afford_decisions(&all)?;
        let mut undecided = false;
        let mut known: HashMap<StateId, bool> = HashMap::new();
        let result = all.map_states(&mut self.circuit, |id| {
            let keep = *known.entry(id).or_insert_with(|| {
                match states.get(id).map(|s| s.allows(&Set::everything())) {
                    Some(Answer::Impossible) | None => false,
                    Some(Answer::Possible(_)) => true,
                    Some(Answer::Unknown) => {
                        undecided = true;
                        true
                    }
                }
            });
            keep.then_some(id)
        });
        self.undecided |= undecided;
        Ok(Rooted::Joint(result, states.all))
    }
}

/// Joint states by number.
struct States {
    all: Vec<JointState>,
    ids: HashMap<JointState, StateId>,
    narrowed: HashMap<(StateId, usize, StateId), Option<StateId>>,
    joined: HashMap<(StateId, usize), Option<StateId>>,
    /// What propagating and keeping states may still cost, in the units of the budget: also those that come to nothing, and leave no
    /// product behind.
    work: u64,
}

/// What a state costs besides its propagation, in products.
const STATE: u64 = 16;

impl States {
    fn new(start: JointState, budget: u64) -> Self {
        Self {
            ids: HashMap::from([(start.clone(), StateId(0))]),
            all: vec![start],
            narrowed: HashMap::new(),
            joined: HashMap::new(),
            work: budget.saturating_add(STATE),
        }
    }

    fn get(&self, id: StateId) -> Option<&JointState> {
        self.all.get(id.0 as usize)
    }

    /// Whether the work that is left is enough to decide about every state of a table, here and for the sets that are asked about
    /// afterwards: each time equations are eliminated, which looks at every row for every variable.
    fn afford_decisions(&self, table: &Factor) -> Result<(), OverBudget> {
        let mut ids: Vec<StateId> = table.entries.iter().map(|e| e.state).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut left = self.work;
        for state in ids.into_iter().filter_map(|id| self.get(id)) {
            let size = (state.rows.len() * state.sets.len()) as u64;
            left = left.checked_sub(STATE + 10 * size).ok_or(OverBudget)?;
        }
        Ok(())
    }

    /// Whether the work was enough.
    fn check(&self) -> Result<(), OverBudget> {
        if self.work == 0 {
            Err(OverBudget)
        } else {
            Ok(())
        }
    }

    /// Propagated and numbered; `None` if propagation shows that nothing is left. The form is canonical up to what
    /// propagation sees, so that scenarios that leave the same meet.
    ///
    /// Once the work has ended nothing more is kept, and what was found so far is of no use.
    fn intern(&mut self, mut state: JointState) -> Option<StateId> {
        if self.work == 0 {
            return None;
        }
        let mut sets = state.sets.clone();
        let rows = Rows::new(&state.rows, sets.len());
        let most = 64 * (state.rows.len() as u64 + 1);
        let mut steps = most;
        let clash = sets.iter().any(Set::is_empty)
            || rows.propagate(&mut sets, None, &mut steps, |_| {}) == Outcome::Clash;
        self.work = self.work.saturating_sub(STATE + (most - steps));
        if clash {
            return None;
        }
        state.sets = sets;
        if let Some(id) = self.ids.get(&state) {
            return Some(*id);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the step budget is far below 2^32"
        )]
        let id = StateId(self.all.len() as u32);
        self.all.push(state.clone());
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
