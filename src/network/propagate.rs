//! Bounds propagation: what a row leaves of each of its variables, until nothing more follows.
//!
//! Sound always. It decides whether values exist where every set is an interval and the rows are differences, or hang
//! together like a tree with unit coefficients in every equation (see [`decides`]).

use std::collections::VecDeque;

use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row, VariableId};
use crate::sets::set::Set;

/// One narrowing: the row with this index left less of the variable.
#[derive(Debug, Clone)]
pub(crate) struct Narrowing {
    pub(crate) row: usize,
    pub(crate) variable: VariableId,
}

/// How propagation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing more follows.
    Settled,
    /// A variable was left without values, or a row without variables is false.
    Clash,
    /// More would follow, but the steps allowed are used up; what was found stands.
    Stopped,
}

/// Rows from which on the order in which they are looked at matters.
pub(crate) const MANY: usize = 64;

/// Rows, and for each variable those it is in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows<'a> {
    pub(crate) rows: Vec<&'a Row>,
    uses: Vec<Vec<u32>>,
}

impl<'a> Rows<'a> {
    /// `variables` is one more than the largest index of a variable.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 rows")]
    pub(crate) fn new(rows: impl IntoIterator<Item = &'a Row>, variables: usize) -> Self {
        let rows: Vec<&Row> = rows.into_iter().collect();
        let mut uses = vec![Vec::new(); variables];
        for (i, row) in rows.iter().enumerate() {
            for (v, _) in &row.terms {
                if let Some(list) = uses.get_mut(v.index()) {
                    list.push(i as u32);
                }
            }
        }
        Self { rows, uses }
    }

    /// Narrows `sets` (one per variable, by index) until nothing more follows or `steps` rows were looked at;
    /// `log` is told every narrowing. Rows in `from` are looked at first, and all others they wake; `None` means all.
    pub(crate) fn propagate(
        &self,
        sets: &mut [Set],
        from: Option<VariableId>,
        steps: &mut u64,
        mut log: impl FnMut(Narrowing),
    ) -> Outcome {
        if from.is_none() && self.rows.len() > MANY {
            // Rows of a tree are listed from its root: once from the leaves and once from the root, and no more follows.
            for index in (0..self.rows.len()).rev().chain(0..self.rows.len()) {
                let looked = self.look(index, sets, steps, &mut log, |_| {});
                if let Err(outcome) = looked {
                    return outcome;
                }
            }
        }
        let mut queued = vec![false; self.rows.len()];
        let mut queue: VecDeque<u32> = VecDeque::new();
        let first: Vec<u32> = match from {
            Some(v) => self.uses.get(v.index()).cloned().unwrap_or_default(),
            None => (0_u32..).take(self.rows.len()).collect(),
        };
        for r in first {
            if let Some(q) = queued.get_mut(r as usize) {
                *q = true;
                queue.push_back(r);
            }
        }
        while let Some(r) = queue.pop_front() {
            let index = r as usize;
            if let Some(q) = queued.get_mut(index) {
                *q = false;
            }
            let looked = self.look(index, sets, steps, &mut log, |v| {
                for other in self.uses.get(v.index()).into_iter().flatten() {
                    // The row itself again too: its own narrowing may round.
                    if let Some(q) = queued.get_mut(*other as usize)
                        && !*q
                    {
                        *q = true;
                        queue.push_back(*other);
                    }
                }
            });
            if let Err(outcome) = looked {
                return outcome;
            }
        }
        Outcome::Settled
    }

    /// Looks at one row; `Err` where propagation ends with it.
    fn look(
        &self,
        index: usize,
        sets: &mut [Set],
        steps: &mut u64,
        log: &mut impl FnMut(Narrowing),
        mut changed: impl FnMut(VariableId),
    ) -> Result<(), Outcome> {
        let Some(row) = self.rows.get(index) else {
            return Ok(());
        };
        if *steps == 0 {
            return Err(Outcome::Stopped);
        }
        *steps -= 1;
        for (v, set) in narrow(row, sets).ok_or(Outcome::Clash)? {
            let empty = set.is_empty();
            log(Narrowing {
                row: index,
                variable: v,
            });
            if let Some(place) = sets.get_mut(v.index()) {
                *place = set;
            }
            if empty {
                return Err(Outcome::Clash);
            }
            changed(v);
        }
        Ok(())
    }
}

/// Terms of a short row.
const SHORT: usize = 8;

/// What `row` leaves of its variables, given their sets: those it narrows. `None` if it has no variables and is false.
fn narrow(row: &Row, sets: &[Set]) -> Option<Vec<(VariableId, Set)>> {
    if row.terms.is_empty() {
        let holds = match row.relation {
            Relation::Equal => row.right == 0,
            Relation::AtMost => row.right >= 0,
        };
        return holds.then(Vec::new);
    }
    let mut out = Vec::new();
    let share = |(v, k): &(VariableId, i128)| {
        let hull = sets.get(v.index()).and_then(Set::hull);
        hull.map_or(Interval::EVERYTHING, |h| h.times(*k))
    };
    // By term: what those after it add up to. Short rows need no memory for it.
    let mut few = [Interval::exactly(0); SHORT];
    let mut many = Vec::new();
    let after = if let Some(few) = few.get_mut(..row.terms.len()) {
        few
    } else {
        many.resize(row.terms.len(), Interval::exactly(0));
        many.as_mut_slice()
    };
    let mut sum = Interval::exactly(0);
    for (term, slot) in row.terms.iter().zip(after.iter_mut()).rev() {
        *slot = sum;
        sum = sum.plus(share(term));
    }
    let mut before = Interval::exactly(0);
    for (term, after) in row.terms.iter().zip(after) {
        let (v, k) = term;
        let bound = left(row, *k, before.plus(*after));
        before = before.plus(share(term));
        let Some(set) = sets.get(v.index()) else {
            continue;
        };
        // Narrowed sets of this same round are not used: each step follows from the state before it.
        match bound {
            Some(b) if set.hull().is_some_and(|h| h.is_within(b)) => {}
            Some(b) => out.push((*v, set.intersection(&b.into()))),
            None => out.push((*v, Set::EMPTY)),
        }
        if out.last().is_some_and(|(_, s)| s.is_empty()) {
            break;
        }
    }
    // One variable at a time keeps every step a consequence of the sets before it.
    Some(out)
}

/// The values that `row` allows its term `j`, of coefficient `k`, given the hulls of its other variables. `None` if
/// there are none.
pub(crate) fn residual(
    row: &Row,
    j: usize,
    k: i128,
    hull: impl Fn(VariableId) -> Option<Interval>,
) -> Option<Interval> {
    let mut others = Interval::exactly(0);
    for (i, (v, c)) in row.terms.iter().enumerate() {
        if i != j {
            others = others.plus(hull(*v).map_or(Interval::EVERYTHING, |h| h.times(*c)));
        }
    }
    left(row, k, others)
}

/// The same, given what the other terms add up to.
fn left(row: &Row, k: i128, others: Interval) -> Option<Interval> {
    // k·x = right − others, or <= right − least(others).
    let product = match row.relation {
        Relation::Equal => Interval::exactly(row.right).plus(others.negated()),
        Relation::AtMost => match others.lower() {
            Some(least) => Interval::exactly(row.right)
                .plus(Interval::exactly(least).negated())
                .and_below(),
            None => Interval::EVERYTHING,
        },
    };
    product.divided(k)
}

/// Whether propagation alone decides, for intervals, if the rows (and any of them) can hold.
///
/// Either every row is a difference (then bounds propagation is Bellman-Ford), or rows and variables form a forest, a
/// row and a variable being joined where the row uses it, and every equation has unit coefficients (then narrowing is
/// arc consistency on an acyclic hypergraph, which leaves only values that extend to a solution: Freuder 1982;
/// Beeri, Fagin, Maier & Yannakakis 1983).
pub(crate) fn decides<'a>(rows: impl Iterator<Item = &'a Row> + Clone, variables: usize) -> bool {
    rows.clone().all(Row::is_difference) || is_forest(rows, variables)
}

/// Whether rows and variables form a forest, and every equation has unit coefficients.
pub(crate) fn is_forest<'a>(rows: impl Iterator<Item = &'a Row>, variables: usize) -> bool {
    let mut forest = Forest::new(variables);
    rows.into_iter().all(|row| {
        (row.relation == Relation::AtMost || row.is_unit() || row.terms.len() == 1)
            && forest.add(row)
    })
}

/// Union-find over variables that notices cycles.
#[derive(Debug)]
pub(crate) struct Forest {
    parent: Vec<usize>,
}

impl Forest {
    pub(crate) fn new(variables: usize) -> Self {
        Self {
            parent: (0..variables).collect(),
        }
    }

    /// The representative of a variable's tree.
    pub(crate) fn find(&mut self, mut v: usize) -> usize {
        while let Some(&p) = self.parent.get(v) {
            if p == v {
                break;
            }
            let above = self.parent.get(p).copied().unwrap_or(p);
            if let Some(slot) = self.parent.get_mut(v) {
                *slot = above;
            }
            v = above;
        }
        v
    }

    /// Joins the trees of two variables; `false` if they were one already. The smaller index represents both.
    pub(crate) fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.parent.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
        a != b
    }

    /// Joins the variables of a row; `false` if two of them hung together already.
    fn add(&mut self, row: &Row) -> bool {
        let mut apart = true;
        for pair in row.terms.windows(2) {
            if let [(a, _), (b, _)] = pair {
                apart &= self.join(a.index(), b.index());
            }
        }
        apart
    }
}
