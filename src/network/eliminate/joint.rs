//! Rows in cycles: sets of several variables at once.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use super::factor::{Factor, StateId};
use super::{OverBudget, Rooted, Solver};
use crate::network::bits::Bits;
use crate::network::cluster::variable;
use crate::network::decide::{Answer, STEPS, possible};
use crate::network::hash::Table;
use crate::network::propagate::{Outcome, Rows};
use crate::sets::linear::{Relation, Row};
use crate::sets::set::Set;

/// What is left of several variables: a set for each, and the rows that hold.
#[derive(Debug, Clone)]
pub(crate) struct JointState {
    rules: Arc<Rules>,
    /// Which of the soft rows hold.
    held: Bits,
    sets: Vec<Set>,
}

/// The rows between several variables.
#[derive(Debug)]
struct Rules {
    hard: Vec<Row>,
    soft: Vec<Row>,
    /// Which of the variables is the root.
    root: usize,
}

impl PartialEq for JointState {
    /// Of states under the same rules.
    fn eq(&self, other: &Self) -> bool {
        self.held == other.held && self.sets == other.sets
    }
}

impl Eq for JointState {}

impl Hash for JointState {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.held.hash(state);
        self.sets.hash(state);
    }
}

impl JointState {
    /// Whether some values are left of which the root's lies in `set`.
    pub(crate) fn allows(&self, set: &Set) -> Answer {
        let mut sets = self.sets.clone();
        if let Some(slot) = sets.get_mut(self.rules.root) {
            *slot = slot.intersection(set);
        }
        possible(&self.rows().collect::<Vec<_>>(), sets, STEPS)
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        let soft = self.held.iter().filter_map(|i| self.rules.soft.get(i));
        self.rules.hard.iter().chain(soft)
    }

    fn rows_len(&self) -> usize {
        self.rules.hard.len() + self.held.len() as usize
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
        let mut told: Vec<Vec<(usize, Rc<Factor>)>> = vec![Vec::new(); variables];
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
            let mut parts: HashMap<usize, Rc<Factor>> = HashMap::new();
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
        told: &[Vec<(usize, Rc<Factor>)>],
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
        let mut switches = Vec::new();
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
                Some(switch) => {
                    soft.push(row);
                    switches.push(switch.clone());
                }
            }
        }
        let rules = Arc::new(Rules {
            hard,
            soft,
            root: local(root),
        });
        let limit = self.circuit.len() + limit.saturating_sub(self.circuit.len()) / JOINT;
        let mut states = States::new(&rules, core.len(), self.budget as u64);
        let mut all = Rc::new(Factor::constant(Some(StateId(0))));
        // Variables first, so that states are pruned before switches double them.
        for v in &core {
            let list = told.get(*v).map(Vec::as_slice).unwrap_or_default();
            let part = self.gather(*v, list, None, limit)?;
            let sets = &self.sets;
            let joined = all.join(&part, &mut self.circuit, limit, |a, b| {
                states.within(a, local(*v), b, sets.get(b)?)
            })?;
            states.check()?;
            all = self.shed(Rc::new(joined));
        }
        for (place, switch) in switches.iter().enumerate() {
            let joined = all.join(switch, &mut self.circuit, limit, |a, b| {
                if b == StateId(1) {
                    states.and(a, place)
                } else {
                    Some(a)
                }
            })?;
            states.check()?;
            all = self.shed(Rc::new(joined));
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
        self.joint += states.spent();
        Ok(Rooted::Joint(Rc::new(result), states.all))
    }
}

/// Products that one of joint states, each a set for every variable, counts as.
const JOINT: usize = 4;

/// Joint states by number.
struct States<'a> {
    all: Vec<Arc<JointState>>,
    ids: Table<Arc<JointState>, StateId>,
    narrowed: Table<(StateId, usize, StateId), Option<StateId>>,
    joined: Table<(StateId, usize), Option<StateId>>,
    /// The hard rows, which all states share.
    hard: Rows<'a>,
    /// What propagating and keeping states may still cost, in the units of the budget: also those that come to nothing, and leave no
    /// product behind.
    work: u64,
    budget: u64,
    /// What a state costs.
    each: u64,
}

/// What a state costs besides its propagation, in products, and each of its variables beyond a few.
const STATE: u64 = 16;
const VARIABLE: u64 = 8;
const VARIABLES: usize = 32;

impl<'a> States<'a> {
    /// With the one in which anything goes.
    fn new(rules: &'a Arc<Rules>, variables: usize, budget: u64) -> Self {
        let start = Arc::new(JointState {
            rules: Arc::clone(rules),
            held: Bits::default(),
            sets: vec![Set::everything(); variables],
        });
        let budget = budget.saturating_add(STATE);
        let mut ids: Table<Arc<JointState>, StateId> = Table::default();
        ids.insert(Arc::clone(&start), StateId(0));
        Self {
            all: vec![start],
            ids,
            narrowed: Table::default(),
            joined: Table::default(),
            hard: Rows::new(&rules.hard, variables),
            work: budget,
            budget,
            each: STATE + VARIABLE * variables.saturating_sub(VARIABLES) as u64,
        }
    }

    fn spent(&self) -> u64 {
        self.budget - self.work
    }

    fn get(&self, id: StateId) -> Option<&JointState> {
        self.all.get(id.0 as usize).map(|s| &**s)
    }

    /// Whether the work that is left is enough to decide about every state of a table, here and for the sets that are asked about
    /// afterwards: each time equations are eliminated, which looks at every row for every variable.
    fn afford_decisions(&self, table: &Factor) -> Result<(), OverBudget> {
        let mut ids: Vec<StateId> = table.entries.iter().map(|e| e.state).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut left = self.work;
        for state in ids.into_iter().filter_map(|id| self.get(id)) {
            let size = (state.rows_len() * state.sets.len()) as u64;
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

    /// Propagated and numbered; `None` if propagation shows that nothing is left. Only `changed` was narrowed since its last propagation, if
    /// that is told. The form is canonical up to what propagation sees, so that scenarios that leave the same meet.
    ///
    /// Once the work has ended nothing more is kept, and what was found so far is of no use.
    fn intern(&mut self, mut state: JointState, changed: Option<usize>) -> Option<StateId> {
        if self.work == 0 || state.sets.iter().any(Set::is_empty) {
            self.work = self.work.saturating_sub(self.each);
            return None;
        }
        let most = 64 * (state.rows_len() as u64 + 1);
        let mut steps = most;
        let from = changed.map(variable);
        let outcome = if state.held == Bits::default() {
            self.hard
                .propagate(&mut state.sets, from, &mut steps, |_| {})
        } else {
            let mut sets = std::mem::take(&mut state.sets);
            let rows = Rows::new(state.rows(), sets.len());
            let outcome = rows.propagate(&mut sets, from, &mut steps, |_| {});
            state.sets = sets;
            outcome
        };
        self.work = self.work.saturating_sub(self.each + (most - steps));
        if outcome == Outcome::Clash {
            return None;
        }
        if let Some(id) = self.ids.get(&state) {
            return Some(*id);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the step budget is far below 2^32"
        )]
        let id = StateId(self.all.len() as u32);
        let state = Arc::new(state);
        self.all.push(Arc::clone(&state));
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
        let out = self.intern(state, Some(place));
        self.narrowed.insert((id, place, set_id), out);
        out
    }

    fn and(&mut self, id: StateId, place: usize) -> Option<StateId> {
        if let Some(known) = self.joined.get(&(id, place)) {
            return *known;
        }
        let mut state = self.get(id)?.clone();
        state.held.insert(place);
        let out = self.intern(state, None);
        self.joined.insert((id, place), out);
        out
    }
}
