//! Passes inwards and outwards where rows and variables form a forest.

use std::rc::Rc;

use super::factor::{Factor, StateId};
use super::{OverBudget, Solver};
use crate::network::propagate::Forest;
use crate::sets::linear::Relation;

/// Variables up to which a root is chosen.
const ROOTS: usize = 64;

/// The order in which a forest is walked.
struct Walk {
    /// Rows in the order reached.
    rows: Vec<usize>,
    /// The variable each row was reached from.
    from: Vec<Option<usize>>,
    /// The row each variable was reached by.
    by: Vec<Option<usize>>,
}

/// What a pass inwards leaves.
pub(super) struct Inward {
    walk: Walk,
    /// By variable: what the rows beyond it told it.
    told: Vec<Vec<(usize, Rc<Factor>)>>,
    /// By variable: its table without the row nearer the root.
    below: Vec<Option<Rc<Factor>>>,
    /// The root's table.
    pub(super) root: Rc<Factor>,
}

impl Solver<'_> {
    /// Whether rows and variables form a forest, and each row's effect on each of its variables is exact.
    pub(super) fn is_forest(&self) -> bool {
        let mut forest = Forest::new(self.cluster.variables.len());
        self.links.iter().all(|l| {
            (l.row.relation == Relation::AtMost || l.row.is_unit())
                && l.row.terms.windows(2).all(|pair| match pair {
                    [(a, _), (b, _)] => forest.join(a.index(), b.index()),
                    _ => true,
                })
        })
    }

    /// The root from which a forest's pass inwards is likely to take the fewest products: where tables meet, states add up, and where
    /// variables are added, they multiply.
    pub(super) fn cheapest_root(&self) -> usize {
        let variables = self.cluster.variables.len();
        if variables > ROOTS {
            return 0;
        }
        let states = |list: &Vec<Rc<Factor>>| {
            let entries = list.iter().flat_map(|f| &f.entries);
            let mut all: Vec<StateId> = entries.map(|e| e.state).collect();
            all.sort_unstable();
            all.dedup();
            u32::try_from(all.len()).map_or(f64::INFINITY, f64::from)
        };
        let own: Vec<f64> = self.local.iter().map(states).collect();
        let cost = |root: usize| {
            let walk = self.walk(root);
            let mut states = own.clone();
            let mut cost = 0.0;
            for &link in walk.rows.iter().rev() {
                let (Some(Some(target)), Some(l)) = (walk.from.get(link), self.links.get(link))
                else {
                    continue;
                };
                let others = l.row.terms.iter().map(|(v, _)| v.index());
                let others = others.filter(|v| v != target);
                let sums: f64 = others.filter_map(|v| states.get(v)).product();
                if let Some(slot) = states.get_mut(*target) {
                    cost += sums + sums * *slot;
                    *slot += sums;
                }
            }
            cost
        };
        (0..variables)
            .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
            .unwrap_or(0)
    }

    /// The order in which a forest is walked from a root: for each variable reached, the row it was reached by; rows follow the
    /// variable they were reached from.
    fn walk(&self, root: usize) -> Walk {
        let mut out = Walk {
            rows: Vec::with_capacity(self.links.len()),
            from: vec![None; self.links.len()],
            by: vec![None; self.cluster.variables.len()],
        };
        let mut seen = vec![false; self.cluster.variables.len()];
        let mut open = std::collections::VecDeque::from([root]);
        if let Some(s) = seen.get_mut(root) {
            *s = true;
        }
        while let Some(v) = open.pop_front() {
            for &link in self.used_by.get(v).into_iter().flatten() {
                if out.by.get(v) == Some(&Some(link)) {
                    continue;
                }
                out.rows.push(link);
                if let Some(slot) = out.from.get_mut(link) {
                    *slot = Some(v);
                }
                for (w, _) in self.links.get(link).into_iter().flat_map(|l| &l.row.terms) {
                    if let Some(s) = seen.get_mut(w.index())
                        && !*s
                    {
                        *s = true;
                        open.push_back(w.index());
                        if let Some(slot) = out.by.get_mut(w.index()) {
                            *slot = Some(link);
                        }
                    }
                }
            }
        }
        out
    }

    /// The variables of a row but one.
    fn others(&self, link: usize, but: usize) -> Vec<usize> {
        let terms = self.links.get(link).into_iter().flat_map(|l| &l.row.terms);
        terms
            .map(|(v, _)| v.index())
            .filter(|v| *v != but)
            .collect()
    }

    /// Joins each variable's tables that use no assumption others use, once for all passes.
    fn meet_at_variables(&mut self, limit: usize) -> Result<(), OverBudget> {
        for v in 0..self.local.len() {
            let own = self.local.get_mut(v).map(std::mem::take);
            let (alone, mut rest): (Vec<Rc<Factor>>, Vec<Rc<Factor>>) = own
                .unwrap_or_default()
                .into_iter()
                .partition(|f| f.scope.is_empty());
            if !alone.is_empty() {
                rest.push(self.join(alone, limit)?);
            }
            if let Some(slot) = self.local.get_mut(v) {
                *slot = rest;
            }
        }
        Ok(())
    }

    /// One pass towards the root: what each row says to the variable nearer the root, and the root's own table.
    pub(super) fn inward(&mut self, root: usize, limit: usize) -> Result<Inward, OverBudget> {
        self.meet_at_variables(limit)?;
        let walk = self.walk(root);
        let variables = self.cluster.variables.len();
        // What each variable has been told by the rows beyond it.
        let mut told: Vec<Vec<(usize, Rc<Factor>)>> = vec![Vec::new(); variables];
        // Each variable's table without the row nearer the root.
        let mut below: Vec<Option<Rc<Factor>>> = vec![None; variables];
        for &link in walk.rows.iter().rev() {
            let Some(Some(target)) = walk.from.get(link).copied() else {
                continue;
            };
            let others = self.others(link, target);
            for v in others {
                let table = self.gather(
                    v,
                    told.get(v).map(Vec::as_slice).unwrap_or_default(),
                    None,
                    limit,
                )?;
                if let Some(slot) = below.get_mut(v) {
                    *slot = Some(table);
                }
            }
            let message = self.message(link, target, |v| below.get(v).cloned().flatten(), limit)?;
            if let Some(list) = told.get_mut(target) {
                list.push((link, message));
            }
        }
        let table = self.gather(
            root,
            told.get(root).map(Vec::as_slice).unwrap_or_default(),
            None,
            limit,
        )?;
        Ok(Inward {
            walk,
            told,
            below,
            root: table,
        })
    }

    /// The table of every variable but the root, by a pass outwards from the root of the pass inwards.
    pub(super) fn outward_tables(
        &mut self,
        inward: Inward,
        limit: usize,
    ) -> Result<Vec<(usize, Rc<Factor>)>, OverBudget> {
        let Inward {
            walk,
            mut told,
            below,
            ..
        } = inward;
        let mut tables = Vec::with_capacity(self.cluster.variables.len());
        for &link in &walk.rows {
            let Some(Some(from)) = walk.from.get(link).copied() else {
                continue;
            };
            let others = self.others(link, from);
            let list = told.get(from).cloned().unwrap_or_default();
            let above = self.gather(from, &list, Some(link), limit)?;
            for &v in &others {
                let part = |w: usize| {
                    if w == from {
                        Some(above.clone())
                    } else {
                        below.get(w).cloned().flatten()
                    }
                };
                let message = self.message(link, v, part, limit)?;
                let own = told.get_mut(v);
                if let Some(list) = own {
                    list.push((link, message));
                }
                let list = told.get(v).cloned().unwrap_or_default();
                tables.push((v, self.gather(v, &list, None, limit)?));
            }
        }
        Ok(tables)
    }
}
