//! The weight of the possible scenarios, and what they leave of each variable, by eliminating assumptions and variables.
//!
//! Every restriction is a table: for each assignment of its assumptions, the set it leaves. Tables on one variable are joined
//! by intersecting sets; an assumption that no other table uses is summed out; a row is replaced by what it leaves of one of
//! its variables, given tables on the others. Sets that are left empty are impossible and drop out. This is local
//! computation on sets (Shenoy & Shafer 1990): exact for any sets, no scenario is enumerated, and all terms are positive, so
//! nothing cancels. The whole is kept as a circuit, so that the part of every input can be read off afterwards.
//!
//! Where rows and variables form a forest, one pass inwards and one outwards give every variable its table. Rows in cycles are
//! kept as joint states of their variables, one elimination for each variable asked for.

mod factor;
mod forest;
mod joint;
mod solved;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use super::circuit::{Circuit, Slot};
use super::cluster::Cluster;
use super::leaf::{ClassId, Classes, Leaf};
use super::{AssumptionId, Network, UnitId};
use crate::sets::linear::{Relation, Row};
use crate::sets::set::Set;
use crate::sets::weight::Weight;

use factor::{EVERYTHING, Factor, Open, Sets, StateId, Target};
pub(crate) use joint::JointState;
pub(crate) use solved::{GivingUp, Solved};

/// What a scenario leaves of a variable.
#[derive(Debug, Clone)]
pub(crate) enum Left {
    /// These values, and each can be had.
    Values(Set),
    /// What a set per variable and rows leave, which only a search can tell.
    Joint(Arc<JointState>),
}

/// The budget ended first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverBudget;

/// Units from which on it pays to look before anything is multiplied.
const MANY: usize = 1_000;

/// Products that joining what is said of each variable takes at the least: every unit meets every other set.
fn least_products(cluster: &Cluster) -> usize {
    if cluster.members.len() < MANY {
        return 0;
    }
    let mut said: Vec<(usize, &Set)> = cluster
        .members
        .iter()
        .flat_map(|m| m.within.iter().map(|(v, set)| (*v, set)))
        .collect();
    said.sort_unstable();
    let each = said.chunk_by(|a, b| a.0 == b.0).map(|own| {
        let sets = own.chunk_by(|a, b| a.1 == b.1).count();
        own.len().saturating_mul(sets)
    });
    each.fold(0, usize::saturating_add)
}

/// Weights by assignment of some assumptions: bit i of an assignment says whether the i-th holds.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    /// Ascending.
    pub(crate) scope: Vec<AssumptionId>,
    pub(crate) entries: Vec<(u128, Weight)>,
}

/// What a variable is left with, by weight, and the sum of the weights.
type Seen = (Vec<(Left, Weight)>, Slot);

/// A cluster being solved: tables of its restrictions, and messages between its rows and variables as they are asked for.
#[derive(Debug)]
pub(crate) struct Solver<'a> {
    cluster: &'a Cluster,
    circuit: Circuit,
    sets: Sets,
    classes: Classes,
    /// How many restrictions (and outer tables) use each class.
    users: Vec<u32>,
    prior: Vec<(Slot, Slot)>,
    /// Ascending.
    leaves: Vec<(UnitId, Vec<Leaf>)>,
    /// By class: the first unit that uses it.
    home: Vec<Option<UnitId>>,
    /// Tables by variable.
    local: Vec<Vec<Rc<Factor>>>,
    /// Rows, each with the table of where it acts, if it is not hard.
    links: Vec<Link>,
    /// Rows by variable.
    used_by: Vec<Vec<usize>>,
    budget: usize,
    /// What joint states took, in products.
    joint: u64,
    undecided: bool,
}

#[derive(Debug)]
struct Link {
    row: Row,
    active: Option<Rc<Factor>>,
}

impl<'a> Solver<'a> {
    /// Makes tables of a cluster's restrictions. `outer` are the assumptions that something outside the cluster uses as well; `budget`
    /// is in products.
    pub(crate) fn new(
        network: &Network,
        cluster: &'a Cluster,
        outer: &[AssumptionId],
        budget: usize,
    ) -> Result<Self, OverBudget> {
        // Guards that can hold, once for every restriction of their unit.
        if least_products(cluster) > budget {
            return Err(OverBudget);
        }
        let restrictions = |m: &super::cluster::Member| m.within.len() + m.rows.len();
        let guards = cluster
            .members
            .iter()
            .flat_map(|m| (0..restrictions(m)).flat_map(|_| network.live_guards(m.id)));
        let classes = Classes::new(guards, outer, |a| network.probability(a));
        let guards: Vec<Vec<Vec<ClassId>>> = cluster
            .members
            .iter()
            .map(|m| {
                let live = network.live_guards(m.id);
                live.map(|g| classes.translate(g)).collect()
            })
            .collect();
        let mut users = vec![0_u32; classes.members.len()];
        let mut own: Vec<ClassId> = Vec::new();
        for (m, guards) in cluster.members.iter().zip(&guards) {
            own.clear();
            own.extend(guards.iter().flatten());
            own.sort_unstable();
            own.dedup();
            for class in own.iter().copied() {
                if let Some(n) = users.get_mut(class.0 as usize) {
                    *n += u32::try_from(restrictions(m)).unwrap_or(u32::MAX);
                }
            }
        }
        for a in outer {
            if let Some(n) = classes.of(*a).and_then(|c| users.get_mut(c.0 as usize)) {
                *n += 1;
            }
        }
        let users_len = users.len();
        let mut circuit = Circuit::new();
        let prior = classes
            .probability
            .iter()
            .map(|p| {
                (
                    circuit.input((*p).into()),
                    circuit.input(p.complement().into()),
                )
            })
            .collect();
        let variables = cluster.variables.len();
        let mut out = Self {
            cluster,
            circuit,
            sets: Sets::new(2 * cluster.members.len()),
            classes,
            users,
            prior,
            leaves: Vec::with_capacity(cluster.members.len()),
            home: vec![None; users_len],
            local: vec![Vec::new(); variables],
            links: Vec::new(),
            used_by: vec![Vec::new(); variables],
            budget,
            joint: 0,
            undecided: false,
        };
        out.plant(&guards)?;
        Ok(out)
    }

    /// Makes a table of every restriction; `guards` are those of each member.
    fn plant(&mut self, guards: &[Vec<Vec<ClassId>>]) -> Result<(), OverBudget> {
        let cluster = self.cluster;
        for (v, domain) in cluster.domains.iter().enumerate() {
            let state = self.sets.of(domain.clone());
            self.put(v, Factor::constant(state));
        }
        for row in &cluster.hard {
            self.link(row.clone(), None);
        }
        for (m, guards) in cluster.members.iter().zip(guards) {
            for class in guards.iter().flatten() {
                if let Some(slot @ None) = self.home.get_mut(class.0 as usize) {
                    *slot = Some(m.id);
                }
            }
            let mut own = Vec::with_capacity(m.within.len() + m.rows.len());
            for (v, set) in &m.within {
                let leaf = self.leaf(guards)?;
                let state = self.sets.of(set.clone());
                let factor = self.table(&leaf, state, EVERYTHING);
                self.put(*v, factor);
                own.push(leaf);
            }
            for row in &m.rows {
                let leaf = self.leaf(guards)?;
                // The state of a switch: 1 where the row acts, 0 where it does not.
                let factor = self.table(&leaf, Some(StateId(1)), StateId(0));
                self.link(row.clone(), Some(factor));
                own.push(leaf);
            }
            self.leaves.push((m.id, own));
        }
        self.check(self.budget)
    }

    fn leaf(&mut self, guards: &[Vec<ClassId>]) -> Result<Leaf, OverBudget> {
        let users = &self.users;
        let classes = &self.classes;
        Leaf::new(
            guards,
            |c| users.get(c.0 as usize).is_some_and(|n| *n > 1),
            |c| classes.probability(c),
            &mut self.circuit,
        )
        .map_err(|_| OverBudget)
    }

    fn put(&mut self, v: usize, factor: Factor) {
        if let Some(list) = self.local.get_mut(v) {
            list.push(Rc::new(factor));
        }
    }

    fn link(&mut self, row: Row, active: Option<Factor>) {
        let active = active.map(Rc::new);
        for (v, _) in &row.terms {
            if let Some(list) = self.used_by.get_mut(v.index()) {
                list.push(self.links.len());
            }
        }
        self.links.push(Link { row, active });
    }

    /// A leaf's table with its private events summed out.
    fn table(&mut self, leaf: &Leaf, active: Option<StateId>, idle: StateId) -> Factor {
        let scope: Vec<Open> = leaf
            .scope()
            .into_iter()
            .map(|class| Open { class, users: 1 })
            .collect();
        let shared = (1_u32 << scope.len()) - 1;
        let rows = leaf.table().filter_map(|(assignment, slot, holds)| {
            let state = if holds { active? } else { idle };
            Some((u128::from(assignment & shared), state, slot))
        });
        Factor::collect(scope, rows, leaf.len(), &mut self.circuit)
    }

    fn check(&self, limit: usize) -> Result<(), OverBudget> {
        if self.circuit.len() > limit {
            Err(OverBudget)
        } else {
            Ok(())
        }
    }

    /// Whether all that use the class have been taken in.
    fn is_closed(&self, open: Open) -> bool {
        self.users
            .get(open.class.0 as usize)
            .is_some_and(|n| *n <= open.users)
    }

    fn sum_out(&mut self, factor: &Rc<Factor>, class: ClassId) -> Rc<Factor> {
        match self.prior.get(class.0 as usize) {
            Some(&(yes, no)) => Rc::new(factor.sum_out(class, yes, no, &mut self.circuit)),
            None => Rc::clone(factor),
        }
    }

    /// Joins tables on one variable into one, and sums out every class that nothing else uses, those first that leave the smallest
    /// scope.
    fn combine(
        &mut self,
        mut tables: Vec<Rc<Factor>>,
        limit: usize,
    ) -> Result<Rc<Factor>, OverBudget> {
        loop {
            let mut seen: BTreeMap<ClassId, u32> = BTreeMap::new();
            for o in tables.iter().flat_map(|f| &f.scope) {
                *seen.entry(o.class).or_default() += o.users;
            }
            let closed = seen
                .into_iter()
                .map(|(class, users)| Open { class, users })
                .filter(|o| self.is_closed(*o));
            let cost = |o: &Open| {
                let mut scope: Vec<ClassId> = Vec::new();
                let mut entries = 1_usize;
                for f in tables.iter().filter(|f| f.uses(o.class)) {
                    scope.extend(f.scope.iter().map(|o| o.class));
                    entries = entries.saturating_mul(f.entries.len());
                }
                scope.sort_unstable();
                scope.dedup();
                (scope.len(), entries, o.class)
            };
            let Some(next) = closed.min_by_key(|o| cost(o)) else {
                break;
            };
            let (with, rest): (Vec<_>, Vec<_>) =
                tables.into_iter().partition(|f| f.uses(next.class));
            let joined = self.join(with, limit)?;
            tables = rest;
            tables.push(self.sum_out(&joined, next.class));
        }
        let joined = self.join(tables, limit)?;
        self.check(limit)?;
        Ok(joined)
    }

    /// Joins tables, narrowest first.
    fn join(
        &mut self,
        mut tables: Vec<Rc<Factor>>,
        limit: usize,
    ) -> Result<Rc<Factor>, OverBudget> {
        tables.sort_by_key(|f| (f.scope.len(), f.entries.len()));
        let mut tables = tables.into_iter();
        let mut all = tables
            .next()
            .unwrap_or_else(|| Rc::new(Factor::constant(Some(EVERYTHING))));
        let sets = &mut self.sets;
        for next in tables {
            let joined = all.join(&next, &mut self.circuit, limit, |a, b| {
                sets.intersection(a, b)
            })?;
            all = Rc::new(joined);
        }
        Ok(all)
    }

    /// What a row leaves of its variable `target`, given a table for each of the others.
    fn message(
        &mut self,
        link: usize,
        target: usize,
        mut part: impl FnMut(usize) -> Option<Rc<Factor>>,
        limit: usize,
    ) -> Result<Rc<Factor>, OverBudget> {
        let Some(Link { row, active }) = self.links.get(link) else {
            return Ok(Rc::new(Factor::constant(Some(EVERYTHING))));
        };
        let least = row.relation == Relation::AtMost;
        let mut leaves = Target {
            own: 0,
            right: row.right,
            least,
        };
        let mut parts: Vec<(i128, Rc<Factor>)> = Vec::with_capacity(row.terms.len());
        for (v, k) in &row.terms {
            if v.index() == target {
                leaves.own = *k;
            } else {
                parts.extend(part(v.index()).map(|table| (*k, table)));
            }
        }
        let switch = active.clone();
        let mut sum: Option<Rc<Factor>> = None;
        let count = parts.len();
        for (i, (k, table)) in (1..).zip(parts) {
            let (sets, circuit) = (&mut self.sets, &mut self.circuit);
            let scaled = if k == 1 && !least {
                table
            } else {
                Rc::new(table.map_states(circuit, |s| sets.scaled(s, k, least)))
            };
            // The last sum is not made: what it leaves of the target is.
            let is_last = i == count && switch.is_none();
            let next = match sum {
                None if is_last => Rc::new(scaled.map_states(circuit, |s| sets.solve(s, leaves))),
                None => scaled,
                Some(sum) => Rc::new(sum.join(&scaled, circuit, limit, |a, b| {
                    if is_last {
                        sets.solve_sum(a, b, leaves)
                    } else {
                        sets.plus(a, b)
                    }
                })?),
            };
            sum = Some(self.shed(next));
        }
        let (sets, circuit) = (&mut self.sets, &mut self.circuit);
        let result = match (sum, switch) {
            (Some(left), None) => left,
            (sum, switch) => {
                let zero = sets.of(Set::from_numbers([0]));
                let sum = sum.unwrap_or_else(|| Rc::new(Factor::constant(zero)));
                let result = match switch {
                    None => sum.map_states(circuit, |s| sets.solve(s, leaves)),
                    Some(switch) => sum.join(&switch, circuit, limit, |a, b| {
                        if b == StateId(1) {
                            sets.solve(a, leaves)
                        } else {
                            Some(EVERYTHING)
                        }
                    })?,
                };
                self.shed(Rc::new(result))
            }
        };
        self.check(limit)?;
        Ok(result)
    }

    /// Sums out the classes that nothing else uses.
    fn shed(&mut self, factor: Rc<Factor>) -> Rc<Factor> {
        let mut out = factor;
        for open in out.scope.clone() {
            if self.is_closed(open) {
                out = self.sum_out(&out, open.class);
            }
        }
        out
    }

    /// The table of the whole cluster over its outer assumptions: how likely it is that values exist.
    pub(crate) fn outward(mut self) -> Result<Weights, OverBudget> {
        let last = match self.root_table(self.cheapest_root())? {
            Rooted::Values(f) | Rooted::Joint(f, _) => f,
        };
        let table = last.map_states(&mut self.circuit, |_| Some(EVERYTHING));
        let scope: Vec<AssumptionId> = table
            .scope
            .iter()
            .filter_map(|o| {
                self.classes
                    .members
                    .get(o.class.0 as usize)?
                    .first()
                    .copied()
            })
            .collect();
        Ok(Weights {
            scope,
            entries: table
                .entries
                .iter()
                .map(|e| (e.bits, self.circuit.value(e.slot)))
                .collect(),
        })
    }

    /// The table of one variable alone, everything else eliminated.
    fn root_table(&mut self, root: usize) -> Result<Rooted, OverBudget> {
        let limit = self.circuit.len() + self.budget;
        if self.is_forest() {
            let inward = self.inward(root, limit)?;
            return Ok(Rooted::Values(inward.root));
        }
        self.fold_around(root, limit)
    }

    /// Solves the cluster: what is possible, and `each` variable's table if that is asked for. `around` is what the rest of the network
    /// says of the outer assumptions.
    pub(crate) fn solve(
        mut self,
        around: Option<&Weights>,
        each: bool,
    ) -> Result<Solved, OverBudget> {
        if let Some(weights) = around {
            let table = self.import(weights);
            self.put(0, table);
        }
        let variables = self.cluster.variables.len();
        let mut left: Vec<Option<Vec<(Left, Weight)>>> = Vec::new();
        left.resize_with(variables, || None);
        let mut keep = |v: usize, seen: Vec<(Left, Weight)>| {
            if let Some(slot) = left.get_mut(v) {
                *slot = Some(seen);
            }
        };
        // The total, and the values it rests on.
        let mut known: Option<(Slot, usize)> = None;
        if self.is_forest() {
            let limit = self.circuit.len() + self.budget;
            let root = self.cheapest_root();
            let inward = self.inward(root, limit)?;
            let (seen, total) = self.read(&Rooted::Values(inward.root.clone()));
            known = Some((total, self.circuit.values()));
            self.circuit.go_off_record();
            keep(root, seen);
            let limit = self.circuit.len() + 2 * self.budget;
            if each && let Ok(tables) = self.outward_tables(inward, limit) {
                for (v, table) in tables {
                    let (seen, _) = self.read(&Rooted::Values(table));
                    keep(v, seen);
                }
            }
        } else {
            for v in 0..variables {
                let seen = self.root_table(v).map(|rooted| self.read(&rooted));
                match seen {
                    Ok((seen, total)) => {
                        keep(v, seen);
                        known.get_or_insert((total, self.circuit.values()));
                        self.circuit.go_off_record();
                        if !each {
                            break;
                        }
                    }
                    // Where nothing came of it twice, nothing is expected of the other roots.
                    Err(OverBudget) if known.is_none() && v > 0 => return Err(OverBudget),
                    Err(OverBudget) => {}
                }
            }
        }
        let (total, values) = known.ok_or(OverBudget)?;
        self.circuit.keep(values);
        Ok(Solved {
            derivatives: OnceLock::new(),
            joint: self.joint,
            circuit: self.circuit,
            total,
            left,
            classes: self.classes,
            prior: self.prior,
            leaves: self.leaves,
            home: self.home,
            undecided: self.undecided,
        })
    }

    /// Outer weights as a table.
    fn import(&mut self, weights: &Weights) -> Factor {
        let scope = weights
            .scope
            .iter()
            .filter_map(|a| self.classes.of(*a))
            .map(|class| Open { class, users: 1 })
            .collect();
        let rows: Vec<_> = weights
            .entries
            .iter()
            .map(|(bits, w)| (*bits, EVERYTHING, self.circuit.input(*w)))
            .collect();
        Factor::collect(scope, rows, weights.entries.len(), &mut self.circuit)
    }

    fn read(&mut self, rooted: &Rooted) -> Seen {
        let (table, joint) = match rooted {
            Rooted::Values(f) => (f, None),
            Rooted::Joint(f, states) => (f, Some(states)),
        };
        let total = self.circuit.sum();
        let mut left = Vec::with_capacity(table.entries.len());
        for e in &table.entries {
            self.circuit.add_product(total, e.slot, Circuit::ONE);
            let what = match joint {
                Some(states) => states.get(e.state.0 as usize).cloned().map(Left::Joint),
                None => self.sets.get(e.state).cloned().map(Left::Values),
            };
            left.extend(what.map(|w| (w, self.circuit.value(e.slot))));
        }
        (left, total)
    }

    /// A variable's table from its own tables and what rows told it, but for one of them.
    fn gather(
        &mut self,
        v: usize,
        told: &[(usize, Rc<Factor>)],
        but: Option<usize>,
        limit: usize,
    ) -> Result<Rc<Factor>, OverBudget> {
        let mut tables = self.local.get(v).cloned().unwrap_or_default();
        tables.extend(
            told.iter()
                .filter(|(l, _)| Some(*l) != but)
                .map(|(_, f)| Rc::clone(f)),
        );
        self.combine(tables, limit)
    }
}

/// A root's table: its states are sets, or places in a list of joint states.
enum Rooted {
    Values(Rc<Factor>),
    Joint(Rc<Factor>, Vec<Arc<JointState>>),
}

impl Factor {
    fn uses(&self, class: ClassId) -> bool {
        self.scope.binary_search_by_key(&class, |o| o.class).is_ok()
    }
}
