//! A forest of rows and variables: passes along it, inwards and back.

use crate::network::cluster::Cluster;
use crate::network::eliminate::OverBudget;
use crate::network::leeway::Leeway;
use crate::network::line::Line;
use crate::sets::linear::{Relation, Row};
use crate::sets::weight::Weight;

/// Rows and variables in the order in which they are reached.
#[derive(Debug)]
pub(super) struct Tree {
    rows: Vec<Row>,
    /// Variables, each after the row it is reached by.
    order: Vec<usize>,
    /// By variable: the rows reached from it.
    beyond: Vec<Vec<usize>>,
    /// Variables that no row reaches.
    roots: Vec<usize>,
    /// What a pass inwards takes, in products.
    pub(super) cost: u64,
    /// What tables would take at a rough guess, in products.
    pub(super) tables: u64,
}

/// What a pass inwards leaves.
pub(super) struct Inward {
    /// By variable: what its units leave.
    own: Vec<Leeway>,
    /// By row: what it leaves of the variable it is reached from.
    told: Vec<Leeway>,
    /// By variable: what is left without the row it is reached by.
    below: Vec<Leeway>,
    /// The chance that values exist.
    pub(super) total: Weight,
    /// What tables would take at a rough guess, in products: all stretches that a sum can be, for each term that is left out.
    pub(super) tables: u64,
}

impl Tree {
    pub(super) fn new(rows: Vec<Row>, cluster: &Cluster) -> Self {
        let variables = cluster.variables.len();
        let mut uses: Vec<Vec<usize>> = vec![Vec::new(); variables];
        for (i, row) in rows.iter().enumerate() {
            for (v, _) in &row.terms {
                if let Some(list) = uses.get_mut(v.index()) {
                    list.push(i);
                }
            }
        }
        let mut out = Self {
            order: Vec::with_capacity(variables),
            beyond: vec![Vec::new(); variables],
            roots: Vec::new(),
            cost: 0,
            tables: 0,
            rows,
        };
        let mut reached = vec![false; out.rows.len()];
        let mut seen = vec![false; variables];
        let mut enter = |v: usize| seen.get_mut(v).is_some_and(|s| !std::mem::replace(s, true));
        for root in 0..variables {
            if !enter(root) {
                continue;
            }
            out.roots.push(root);
            let mut next = out.order.len();
            out.order.push(root);
            while let Some(v) = out.order.get(next).copied() {
                next += 1;
                for row in uses.get(v).into_iter().flatten() {
                    let is_new = reached.get_mut(*row);
                    if is_new.is_none_or(|r| std::mem::replace(r, true)) {
                        continue;
                    }
                    if let Some(list) = out.beyond.get_mut(v) {
                        list.push(*row);
                    }
                    let terms = out.rows.get(*row).into_iter().flat_map(|r| &r.terms);
                    let new = terms.map(|(w, _)| w.index()).filter(|w| enter(*w));
                    out.order.extend(new);
                }
            }
        }
        out
    }

    /// What the trees' first lines, solved, say of how likely values exist.
    pub(super) fn total(&self, lines: &[Line]) -> Weight {
        let roots = self.roots.iter().filter_map(|v| lines.get(*v));
        roots.fold(Weight::ONE, |all, line| all * line.total())
    }

    fn beyond(&self, v: usize) -> &[usize] {
        self.beyond.get(v).map(Vec::as_slice).unwrap_or_default()
    }

    /// From the leaves to the roots. `left` is charged.
    pub(super) fn inward(&self, own: Vec<Leeway>, left: &mut u64) -> Result<Inward, OverBudget> {
        let nothing = || Leeway::exactly(crate::sets::interval::Interval::EVERYTHING);
        let mut told = vec![nothing(); self.rows.len()];
        let mut below = own.clone();
        let mut tables = 0_u64;
        for v in self.order.iter().rev() {
            let mut here = own.get(*v).cloned().ok_or(OverBudget)?;
            for r in self.beyond(*v) {
                let row = self.rows.get(*r).ok_or(OverBudget)?;
                let mut others = Vec::with_capacity(row.terms.len());
                let mut factor = 0;
                for (w, k) in &row.terms {
                    match below.get(w.index()) {
                        Some(part) if w.index() != *v => others.push(term(row, *k, part)?),
                        _ => factor = *k,
                    }
                }
                others.sort_by_key(Leeway::len);
                let mut others = others.into_iter();
                let first = others.next().ok_or(OverBudget)?;
                let sum = others.try_fold(first, |sum, next| {
                    let each = sum.ways().saturating_mul(next.ways());
                    let all = each.saturating_mul(row.terms.len() as u64);
                    tables = tables.saturating_add(all);
                    sum.sum(&next, left)
                })?;
                let said = says(row, factor, &sum)?;
                here = common(&here, &said, left)?;
                if let Some(slot) = told.get_mut(*r) {
                    *slot = said;
                }
            }
            if let Some(slot) = below.get_mut(*v) {
                *slot = here;
            }
        }
        let roots = self.roots.iter().filter_map(|v| below.get(*v));
        let total = roots.fold(Weight::ONE, |all, root| all * root.total());
        Ok(Inward {
            own,
            told,
            below,
            total,
            tables,
        })
    }

    /// Back to the leaves: by variable, what all others leave of it; `None` where no row uses it. `left` is charged.
    pub(super) fn outward(
        &self,
        inward: Inward,
        left: &mut u64,
    ) -> Result<Vec<Option<Leeway>>, OverBudget> {
        let Inward {
            own, told, below, ..
        } = inward;
        // By variable: what the row says that it is reached by.
        let mut above: Vec<Option<Leeway>> = vec![None; own.len()];
        let mut out: Vec<Option<Leeway>> = vec![None; own.len()];
        for v in &self.order {
            let rows = self.beyond(*v);
            let said = || rows.iter().filter_map(|r| told.get(*r));
            let mut rest = above.get_mut(*v).and_then(Option::take);
            let mut here = own.get(*v).cloned().ok_or(OverBudget)?;
            if let Some(said) = &rest {
                here = common(&here, said, left)?;
            }
            let mut without: Vec<Option<Leeway>> = vec![None; rows.len()];
            let items: Vec<(usize, &Leeway)> = said().enumerate().collect();
            all_but_one(here, &items, &mut without, &mut |a, b| common(a, b, left))?;
            for said in said() {
                rest = Some(match rest {
                    Some(rest) => common(&rest, said, left)?,
                    None => said.clone(),
                });
            }
            if let Some(slot) = out.get_mut(*v) {
                *slot = rest;
            }
            for (r, here) in rows.iter().zip(without) {
                let (Some(row), Some(here)) = (self.rows.get(*r), here) else {
                    continue;
                };
                let mut start = None;
                let mut others: Vec<(usize, i128, Leeway)> = Vec::with_capacity(row.terms.len());
                for (w, k) in &row.terms {
                    if w.index() == *v {
                        start = Some(term(row, *k, &here)?);
                    } else if let Some(part) = below.get(w.index()) {
                        others.push((w.index(), *k, term(row, *k, part)?));
                    }
                }
                others.sort_by_key(|(_, _, part)| part.len());
                let items: Vec<(usize, &Leeway)> =
                    others.iter().map(|(_, _, part)| part).enumerate().collect();
                let mut sums: Vec<Option<Leeway>> = vec![None; items.len()];
                let start = start.ok_or(OverBudget)?;
                all_but_one(start, &items, &mut sums, &mut |a, b| a.sum(b, left))?;
                for ((w, k, _), sum) in others.iter().zip(sums) {
                    if let (Some(slot), Some(sum)) = (above.get_mut(*w), sum) {
                        *slot = Some(says(row, *k, &sum)?);
                    }
                }
            }
        }
        Ok(out)
    }
}

/// What two leave together. `left` is charged.
fn common(a: &Leeway, b: &Leeway, left: &mut u64) -> Result<Leeway, OverBudget> {
    let cost = 2 * (a.len() + b.len()) as u64;
    *left = left.checked_sub(cost).ok_or(OverBudget)?;
    Ok(a.and(b))
}

/// What a variable with this factor takes from the row's right side; in an inequality, at the least.
fn term(row: &Row, factor: i128, part: &Leeway) -> Result<Leeway, OverBudget> {
    Ok(match row.relation {
        Relation::AtMost => part.and_above(factor)?,
        Relation::Equal if factor == 1 => part.negated(),
        Relation::Equal => part.clone(),
    })
}

/// What a row leaves of a variable with this factor, given what all others take.
fn says(row: &Row, factor: i128, others: &Leeway) -> Result<Leeway, OverBudget> {
    match row.relation {
        Relation::AtMost => others.leaves(row.right, factor),
        Relation::Equal => {
            let sum = others.clone().plus(row.right)?;
            Ok(if factor == 1 { sum } else { sum.negated() })
        }
    }
}

/// For each item, by its place, all others put together with `start`: those of one half for all of the other half at once.
fn all_but_one(
    start: Leeway,
    items: &[(usize, &Leeway)],
    out: &mut [Option<Leeway>],
    put: &mut impl FnMut(&Leeway, &Leeway) -> Result<Leeway, OverBudget>,
) -> Result<(), OverBudget> {
    if let [(place, _)] = items {
        if let Some(slot) = out.get_mut(*place) {
            *slot = Some(start);
        }
        return Ok(());
    }
    let (low, high) = items.split_at(items.len() / 2);
    for (own, others) in [(low, high), (high, low)] {
        if own.is_empty() {
            continue;
        }
        let mut all = start.clone();
        for (_, item) in others {
            all = put(&all, item)?;
        }
        all_but_one(all, own, out, put)?;
    }
    Ok(())
}
