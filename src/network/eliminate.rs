//! The weight of the possible scenarios, and what they leave of one variable, by eliminating assumptions and variables.
//!
//! Every restriction is a table: for each assignment of its assumptions, the set it leaves. Tables on one variable are joined
//! by intersecting sets; an assumption that no other table uses is summed out; a row whose other variables hang on it alone is
//! replaced by what it leaves of the remaining one. Sets that are left empty are impossible and drop out. This is local
//! computation on sets (Shenoy & Shafer 1990): exact for any sets, no scenario is enumerated, and all terms are positive, so
//! nothing cancels. The whole is kept as a circuit, so that the part of every input can be read off afterwards.

mod factor;
mod joint;

use std::collections::BTreeMap;

use super::circuit::{Circuit, Slot};
use super::cluster::Cluster;
use super::leaf::{ClassId, Classes, Leaf};
use super::{Network, UnitId};
use crate::sets::linear::{Relation, Row};
use crate::sets::set::Set;
use crate::sets::weight::Weight;

use factor::{EVERYTHING, Factor, Sets, StateId};
pub(crate) use joint::JointState;

/// What a scenario leaves of the root variable.
#[derive(Debug, Clone)]
pub(crate) enum Left {
    /// These values, and each can be had.
    Values(Set),
    /// What a set per variable and rows leave, which only a search can tell.
    Joint(JointState),
}

/// The budget ended first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverBudget;

/// A solved component, seen from one variable.
#[derive(Debug)]
pub(crate) struct Solved {
    circuit: Circuit,
    total: Slot,
    /// What is left of the root variable, with the weight of the scenarios that leave it.
    pub(crate) left: Vec<(Left, Weight)>,
    classes: Classes,
    /// Inputs for "the class holds", for the classes that several restrictions share.
    holds: BTreeMap<ClassId, Slot>,
    /// One per restriction of each unit.
    leaves: BTreeMap<UnitId, Vec<Leaf>>,
    /// Some possibility was not decided within its budget and was taken for possible.
    pub(crate) undecided: bool,
}

/// A row while variables are being eliminated.
struct Link {
    row: Row,
    /// Where the row acts; always, if `None`.
    active: Option<usize>,
}

struct Solver<'a> {
    circuit: Circuit,
    sets: Sets,
    clusters: &'a [&'a Cluster],
    /// First variable number of each cluster, in one numbering for all.
    first: Vec<usize>,
    root: usize,
    classes: Classes,
    prior: BTreeMap<ClassId, (Slot, Slot)>,
    factors: Vec<Option<Factor>>,
    /// Live factors by class.
    users: BTreeMap<ClassId, Vec<usize>>,
    /// Live factors by variable.
    on: Vec<Vec<usize>>,
    links: Vec<Option<Link>>,
    /// Live links by variable.
    used_by: Vec<Vec<usize>>,
    budget: usize,
    undecided: bool,
}

/// Eliminates everything in `clusters` but the variable `root` (cluster, local number); `budget` is in products.
///
/// # Complexity
///
/// Where rows form a forest: the sum over variables of (assignments of the assumptions open at a time) times (distinct sets left
/// of the variable). In cycles of rows: joint states, each propagated.
pub(crate) fn eliminate(
    network: &Network,
    clusters: &[&Cluster],
    root: (usize, usize),
    budget: usize,
) -> Result<Solved, OverBudget> {
    // Guards that can hold, once for every restriction of their unit.
    let members = || clusters.iter().flat_map(|c| &c.members);
    let restrictions = |m: &super::cluster::Member| m.within.len() + m.rows.len();
    let classes = Classes::new(
        members().flat_map(|m| (0..restrictions(m)).flat_map(|_| network.live_guards(m.id))),
        |a| network.probability(a),
    );
    let mut uses: BTreeMap<ClassId, u32> = BTreeMap::new();
    for m in members() {
        let mut own: Vec<ClassId> = network
            .live_guards(m.id)
            .flat_map(|g| classes.translate(g))
            .collect();
        own.sort_unstable();
        own.dedup();
        for class in own {
            *uses.entry(class).or_default() += u32::try_from(restrictions(m)).unwrap_or(u32::MAX);
        }
    }
    let mut first = Vec::with_capacity(clusters.len());
    let mut variables = 0;
    for c in clusters {
        first.push(variables);
        variables += c.variables.len();
    }
    let mut solver = Solver {
        circuit: Circuit::new(),
        sets: Sets::new(),
        clusters,
        root: first.get(root.0).copied().unwrap_or(0) + root.1,
        first,
        classes,
        prior: BTreeMap::new(),
        factors: Vec::new(),
        users: BTreeMap::new(),
        on: vec![Vec::new(); variables],
        links: Vec::new(),
        used_by: vec![Vec::new(); variables],
        budget,
        undecided: false,
    };
    let leaves = solver.plant(network, &uses)?;
    let (left, total) = solver.run()?;
    let left = left
        .into_iter()
        .map(|(l, slot)| (l, solver.circuit.value(slot)))
        .collect();
    Ok(Solved {
        holds: solver
            .prior
            .iter()
            .map(|(c, (yes, _))| (*c, *yes))
            .collect(),
        circuit: solver.circuit,
        total,
        left,
        classes: solver.classes,
        leaves,
        undecided: solver.undecided,
    })
}

impl Solver<'_> {
    /// Makes a factor of every restriction.
    fn plant(
        &mut self,
        network: &Network,
        uses: &BTreeMap<ClassId, u32>,
    ) -> Result<BTreeMap<UnitId, Vec<Leaf>>, OverBudget> {
        let mut leaves: BTreeMap<UnitId, Vec<Leaf>> = BTreeMap::new();
        let clusters = self.clusters;
        for (cluster, base) in clusters.iter().zip(self.first.clone()) {
            for (v, domain) in cluster.domains.iter().enumerate() {
                let state = self.sets.of(domain.clone());
                self.put(Factor::constant(Some(base + v), state));
            }
            let shift = |row: &Row| Row {
                terms: row
                    .terms
                    .iter()
                    .map(|(v, k)| (super::cluster::variable(base + v.index()), *k))
                    .collect(),
                ..row.clone()
            };
            for row in &cluster.hard {
                self.link(shift(row), None);
            }
            for m in &cluster.members {
                let guards: Vec<Vec<ClassId>> = network
                    .live_guards(m.id)
                    .map(|g| self.classes.translate(g))
                    .collect();
                let mut leaf = |solver: &mut Self| {
                    Leaf::new(
                        &guards,
                        |c| uses.get(&c).is_some_and(|n| *n > 1),
                        |c| solver.classes.probability(c),
                        &mut solver.circuit,
                    )
                    .map_err(|_| OverBudget)
                };
                let mut own = Vec::new();
                for (v, set) in &m.within {
                    let leaf = leaf(self)?;
                    let state = self.sets.of(set.clone());
                    let factor = self.table(&leaf, Some(base + v), state, EVERYTHING)?;
                    self.put(factor);
                    own.push(leaf);
                }
                for row in &m.rows {
                    let leaf = leaf(self)?;
                    // The state of a switch: 1 where the row acts, 0 where it does not.
                    let factor = self.table(&leaf, None, Some(StateId(1)), StateId(0))?;
                    let id = self.put(factor);
                    self.link(shift(row), Some(id));
                    own.push(leaf);
                }
                leaves.insert(m.id, own);
            }
        }
        Ok(leaves)
    }

    fn link(&mut self, row: Row, active: Option<usize>) {
        let id = self.links.len();
        for (v, _) in &row.terms {
            if let Some(list) = self.used_by.get_mut(v.index()) {
                list.push(id);
            }
        }
        self.links.push(Some(Link { row, active }));
    }

    /// A leaf's table with its private events summed out.
    fn table(
        &mut self,
        leaf: &Leaf,
        variable: Option<usize>,
        active: Option<StateId>,
        idle: StateId,
    ) -> Result<Factor, OverBudget> {
        let scope = leaf.scope();
        let shared = (1_u32 << scope.len()) - 1;
        let rows = leaf.table().filter_map(|(assignment, slot, holds)| {
            let state = if holds { active? } else { idle };
            Some((u128::from(assignment & shared), state, slot, Circuit::ONE))
        });
        let rows: Vec<_> = rows.collect();
        let factor = Factor::collect(scope, variable, rows, &mut self.circuit);
        self.check()?;
        Ok(factor)
    }

    fn check(&self) -> Result<(), OverBudget> {
        if self.circuit.len() > self.budget {
            Err(OverBudget)
        } else {
            Ok(())
        }
    }

    fn put(&mut self, factor: Factor) -> usize {
        let id = self.factors.len();
        for c in &factor.scope {
            self.users.entry(*c).or_default().push(id);
            if !self.prior.contains_key(c) {
                let p = self.classes.probability(*c);
                let yes = self.circuit.input(p.into());
                let no = self.circuit.input(p.complement().into());
                self.prior.insert(*c, (yes, no));
            }
        }
        if let Some(list) = factor.variable.and_then(|v| self.on.get_mut(v)) {
            list.push(id);
        }
        self.factors.push(Some(factor));
        id
    }

    fn take(&mut self, id: usize) -> Option<Factor> {
        let factor = self.factors.get_mut(id)?.take()?;
        for c in &factor.scope {
            if let Some(list) = self.users.get_mut(c) {
                list.retain(|f| *f != id);
            }
        }
        if let Some(list) = factor.variable.and_then(|v| self.on.get_mut(v)) {
            list.retain(|f| *f != id);
        }
        Some(factor)
    }

    fn factor(&self, id: usize) -> Option<&Factor> {
        self.factors.get(id)?.as_ref()
    }

    /// Joins factors, narrowest first, into one.
    fn join(&mut self, ids: &[usize]) -> Result<Option<Factor>, OverBudget> {
        let mut parts: Vec<(usize, Factor)> = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(f) = self.take(*id) {
                parts.push((*id, f));
            }
        }
        parts.sort_by_key(|(id, f)| (f.scope.len(), f.entries.len(), *id));
        let mut parts = parts.into_iter().map(|(_, f)| f);
        let Some(mut all) = parts.next() else {
            return Ok(None);
        };
        for next in parts {
            all = all.join(&next, &mut self.sets, &mut self.circuit, self.budget)?;
        }
        Ok(Some(all))
    }

    /// Sums a class out of the factors that use it, if they are all on one variable (or none).
    fn sum_out(&mut self, class: ClassId) -> Result<(), OverBudget> {
        let ids = self.users.get(&class).cloned().unwrap_or_default();
        let Some(joined) = self.join(&ids)? else {
            return Ok(());
        };
        let factor = match self.prior.get(&class) {
            Some(&(yes, no)) => joined.sum_out(class, yes, no, &mut self.circuit),
            None => joined,
        };
        self.put(factor);
        self.check()
    }

    /// The variable that all users of a class are on; `None` if they are on several or a switch uses it.
    fn home(&self, class: ClassId) -> Option<usize> {
        let mut home = None;
        for id in self.users.get(&class)? {
            let v = self.factor(*id)?.variable?;
            if *home.get_or_insert(v) != v {
                return None;
            }
        }
        home
    }

    /// Sums out the classes that only variable `v` uses, those first that leave the smallest scope; then joins what is left.
    fn settle(&mut self, v: usize) -> Result<Option<usize>, OverBudget> {
        loop {
            let here = self.on.get(v).cloned().unwrap_or_default();
            let mut classes: Vec<ClassId> = here
                .iter()
                .filter_map(|f| self.factor(*f))
                .flat_map(|f| f.scope.clone())
                .collect();
            classes.sort_unstable();
            classes.dedup();
            let cost = |c: &ClassId| {
                let mut scope: Vec<ClassId> = Vec::new();
                let mut entries = 1_usize;
                for f in self
                    .users
                    .get(c)
                    .into_iter()
                    .flatten()
                    .filter_map(|f| self.factor(*f))
                {
                    scope.extend(&f.scope);
                    entries = entries.saturating_mul(f.entries.len());
                }
                scope.sort_unstable();
                scope.dedup();
                (scope.len(), entries, *c)
            };
            let next = classes
                .iter()
                .filter(|c| self.home(**c) == Some(v))
                .min_by_key(|c| cost(c))
                .copied();
            match next {
                Some(class) => self.sum_out(class)?,
                None => break,
            }
        }
        let here = self.on.get(v).cloned().unwrap_or_default();
        let joined = self.join(&here)?;
        Ok(joined.map(|f| self.put(f)))
    }

    /// Eliminates everything: what is left of the root with its weights, and their sum.
    fn run(&mut self) -> Result<(Vec<(Left, Slot)>, Slot), OverBudget> {
        let variables = self.on.len();
        for v in 0..variables {
            self.settle(v)?;
        }
        self.fold_rows()?;
        let mut joint: Option<(Vec<usize>, Vec<JointState>)> = None;
        while let Some(core) = self.core() {
            let states = self.fold_core(&core)?;
            if core.contains(&self.root) {
                joint = Some((core, states));
            }
        }
        // Variables without rows: only the assumptions under which they have values matter further.
        let root = self.root;
        for v in (0..variables).filter(|v| *v != root) {
            if let Some(f) = self.settle(v)?.and_then(|id| self.take(id)) {
                let scope_only = f.forget_state(&mut self.circuit);
                self.put(scope_only);
            }
        }
        loop {
            let next = self
                .users
                .iter()
                .filter(|(_, users)| !users.is_empty())
                .min_by_key(|(c, users)| {
                    let mut scope: Vec<ClassId> = users
                        .iter()
                        .filter_map(|f| self.factor(*f))
                        .flat_map(|f| f.scope.iter().copied())
                        .collect();
                    scope.sort_unstable();
                    scope.dedup();
                    (scope.len(), **c)
                })
                .map(|(c, _)| *c);
            match next {
                Some(class) => self.sum_out(class)?,
                None => break,
            }
        }
        let rest: Vec<usize> = (0..self.factors.len())
            .filter(|i| self.factor(*i).is_some())
            .collect();
        let last = self.join(&rest)?;
        let mut left = Vec::new();
        let total = self.circuit.sum();
        for e in last.iter().flat_map(|f| &f.entries) {
            self.circuit.add_product(total, e.slot, Circuit::ONE);
            let what = match &joint {
                Some((_, states)) => states.get(e.state.0 as usize).cloned().map(Left::Joint),
                None => self.sets.get(e.state).cloned().map(Left::Values),
            };
            left.extend(what.map(|w| (w, e.slot)));
        }
        Ok((left, total))
    }

    /// Variables of a row that hang on it alone.
    fn is_loose(&self, v: usize) -> bool {
        v != self.root && self.used_by.get(v).is_some_and(|l| l.len() == 1)
    }

    /// The variable on which a row leaves something, if all its others hang on it alone and its effect is exact.
    fn target(&self, link: &Link) -> Option<usize> {
        let terms = &link.row.terms;
        let mut bound = terms.iter().filter(|(v, _)| !self.is_loose(v.index()));
        let target = match (bound.next(), bound.next()) {
            (Some((v, _)), None) => v.index(),
            (None, _) => terms.last()?.0.index(),
            _ => return None,
        };
        let exact = link.row.relation == Relation::AtMost
            || terms
                .iter()
                .all(|(v, k)| v.index() == target || k.unsigned_abs() == 1);
        exact.then_some(target)
    }

    /// Replaces rows, from the loose ends inwards, by what they leave of the one variable that is not loose.
    fn fold_rows(&mut self) -> Result<(), OverBudget> {
        let mut open: Vec<usize> = (0..self.links.len()).rev().collect();
        while let Some(id) = open.pop() {
            let Some(link) = self.links.get(id).and_then(Option::as_ref) else {
                continue;
            };
            let Some(target) = self.target(link) else {
                continue;
            };
            self.fold_row(id, target)?;
            self.settle(target)?;
            open.extend(self.used_by.get(target).cloned().unwrap_or_default());
        }
        Ok(())
    }

    fn fold_row(&mut self, id: usize, target: usize) -> Result<(), OverBudget> {
        let Some(link) = self.links.get_mut(id).and_then(Option::take) else {
            return Ok(());
        };
        for (v, _) in &link.row.terms {
            if let Some(list) = self.used_by.get_mut(v.index()) {
                list.retain(|l| *l != id);
            }
        }
        let least = link.row.relation == Relation::AtMost;
        let zero = self.sets.of(Set::from_numbers([0]));
        let mut sum = Factor::constant(None, zero);
        let mut own = 0;
        for (v, k) in &link.row.terms {
            if v.index() == target {
                own = *k;
                continue;
            }
            let here = self.on.get(v.index()).cloned().unwrap_or_default();
            let Some(part) = self.join(&here)? else {
                continue;
            };
            let part = part.map_states(None, &mut self.circuit, |s| self.sets.scaled(s, *k, least));
            sum = sum.join_with(&part, &mut self.circuit, self.budget, |a, b| {
                self.sets.plus(a, b)
            })?;
        }
        // own · target = right − sum, or <= right − least sum.
        let right = link.row.right;
        let result = match link.active.and_then(|f| self.take(f)) {
            None => sum.map_states(Some(target), &mut self.circuit, |s| {
                self.sets.solve(s, right, own, least)
            }),
            Some(switch) => {
                let mut both = sum.join_with(&switch, &mut self.circuit, self.budget, |a, b| {
                    if b == StateId(1) {
                        self.sets.solve(a, right, own, least)
                    } else {
                        Some(EVERYTHING)
                    }
                })?;
                both.variable = Some(target);
                both
            }
        };
        self.put(result);
        self.check()
    }
}

impl Solved {
    /// The weight of the possible scenarios.
    pub(crate) fn total(&self) -> Weight {
        self.circuit.value(self.total)
    }

    /// Differentiates, so that parts can be read off. One pass over the circuit.
    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts {
            solved: self,
            derivatives: self.circuit.derivatives(self.total),
        }
    }

    /// The weight of the possible scenarios in which no restriction of any of the units is active. One pass.
    pub(crate) fn without(&self, units: impl IntoIterator<Item = UnitId>) -> Weight {
        let zeroed: Vec<Slot> = units
            .into_iter()
            .filter_map(|u| self.leaves.get(&u))
            .flatten()
            .flat_map(|leaf| {
                leaf.table()
                    .filter(|(_, _, active)| *active)
                    .map(|(_, slot, _)| slot)
                    .collect::<Vec<_>>()
            })
            .collect();
        self.circuit.without(self.total, zeroed)
    }
}

/// Weights of the possible scenarios in which something holds.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    solved: &'a Solved,
    derivatives: super::circuit::Derivatives,
}

impl Parts<'_> {
    /// One of `guards`, all of one claim on the unit, holds.
    pub(crate) fn holds(&self, unit: UnitId, guards: &[super::Guard]) -> Option<Weight> {
        let leaf = self.solved.leaves.get(&unit)?.first()?;
        let classes = &self.solved.classes;
        let guards: Vec<Vec<ClassId>> = guards.iter().map(|g| classes.translate(g)).collect();
        Some(leaf.holds(
            &guards,
            |s| self.derivatives.part(&self.solved.circuit, s),
            |c| classes.probability(c),
        ))
    }

    /// The assumption holds. `None` if nothing here uses it, or it is certain.
    pub(crate) fn assumption(&self, id: super::AssumptionId, prior: f64) -> Option<Weight> {
        let classes = &self.solved.classes;
        let class = *classes.of.get(&id)?;
        let part = |s| self.derivatives.part(&self.solved.circuit, s);
        let holds = match self.solved.holds.get(&class) {
            Some(slot) => part(*slot),
            None => self
                .solved
                .leaves
                .values()
                .flatten()
                .find_map(|leaf| leaf.private(class, part, |c| classes.probability(c)))?,
        };
        // The class is a product: where it fails, its members are as they were, given that not all of them hold.
        let all = classes.probability(class).get();
        let alone = if all < 1.0 {
            (prior - all) / (1.0 - all)
        } else {
            0.0
        };
        let total = self.solved.total();
        let fails = (1.0 - holds.share_of(total)).max(0.0);
        Some(holds + total * Weight::new((fails * alone).max(0.0)))
    }
}
