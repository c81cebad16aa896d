//! Variables in a row, each at most the next: growing counts, wholes within wholes.
//!
//! Shifted so that every link between neighbours is a plain `<=`, they share one scale of values. Whether something can hold then shows
//! in pairs alone: a lower end of a variable against an upper end of one after it (a negative cycle of difference rows goes through
//! the bounds once: Dechter, Meiri & Pearl 1991).

use super::cluster::Cluster;
use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row};
use crate::sets::set::Set;

/// A cluster whose hard rows put its variables in a row.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// By variable of the cluster: its position, and what to add to its values to have them on the common scale. Variables that
    /// differ by a fixed amount share a position.
    at: Vec<(usize, i128)>,
    /// By position: what domains leave there, on the common scale, those of other positions minded; `None` if nothing is possible.
    hulls: Option<Vec<Interval>>,
    len: usize,
}

impl Order {
    /// `None` where the cluster is not like that. O(n) in its size.
    pub(crate) fn of(cluster: &Cluster) -> Option<Self> {
        let one_variable = |within: &[(usize, Set)]| {
            within.windows(2).all(|w| match w {
                [(a, _), (b, _)] => a == b,
                _ => true,
            })
        };
        let is_plain = cluster.convex
            && cluster
                .hard
                .iter()
                .all(|r| r.is_difference() && r.terms.len() == 2)
            && cluster
                .members
                .iter()
                .all(|m| m.rows.is_empty() && one_variable(&m.within));
        if !is_plain || cluster.hard.len() + 1 != cluster.variables.len() {
            return None;
        }
        let at = positions(cluster)?;
        let len = at.iter().map(|(p, _)| p + 1).max()?;
        let mut out = Self {
            at,
            hulls: None,
            len,
        };
        let mut hulls = Some(vec![Interval::EVERYTHING; len]);
        for (v, domain) in cluster.domains.iter().enumerate() {
            out.narrow(&mut hulls, v, domain.as_interval());
        }
        out.hulls = hulls.and_then(spread);
        Some(out)
    }

    /// A variable alone, whatever the sets. `None` if there are rows, or several.
    pub(crate) fn alone(cluster: &Cluster) -> Option<Self> {
        let [domain] = cluster.domains.as_slice() else {
            return None;
        };
        let is_plain = cluster.hard.is_empty() && cluster.members.iter().all(|m| m.rows.is_empty());
        is_plain.then(|| Self {
            at: vec![(0, 0)],
            hulls: domain.hull().map(|hull| vec![hull]),
            len: 1,
        })
    }

    /// Positions.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// What domains leave at each position; `None` if nothing is possible.
    pub(crate) fn hulls(&self) -> Option<&[Interval]> {
        self.hulls.as_deref()
    }

    /// The position of a variable, and what takes its values to the common scale.
    pub(crate) fn place(&self, v: usize) -> (usize, i128) {
        self.at.get(v).copied().unwrap_or_default()
    }

    /// Where a member stands, and the stretch it allows there, on the common scale; `None` for one that excludes everything.
    pub(crate) fn stretch(&self, within: &[(usize, Set)]) -> (usize, Option<Interval>) {
        let v = within.first().map_or(0, |(v, _)| *v);
        let (position, shift) = self.place(v);
        let left = within
            .iter()
            .try_fold(Interval::EVERYTHING, |all, (_, set)| {
                all.intersection(set.as_interval()?)
            });
        (position, left.map(|s| s.plus(Interval::exactly(shift))))
    }

    fn narrow(&self, hulls: &mut Option<Vec<Interval>>, v: usize, left: Option<Interval>) {
        let (position, shift) = self.place(v);
        let list = hulls.take();
        *hulls = list.and_then(|mut list| {
            let slot = list.get_mut(position)?;
            *slot = slot.intersection(left?.plus(Interval::exactly(shift)))?;
            Some(list)
        });
    }
}

/// What each position is left with when no value may be above a later one's. `None` if some position is left with nothing.
pub(crate) fn spread(mut hulls: Vec<Interval>) -> Option<Vec<Interval>> {
    let mut low = None;
    for hull in &mut hulls {
        *hull = hull.intersection(Interval::new(low, None)?)?;
        low = hull.lower();
    }
    let mut high = None;
    for hull in hulls.iter_mut().rev() {
        *hull = hull.intersection(Interval::new(None, high)?)?;
        high = hull.upper();
    }
    Some(hulls)
}

/// `a − b <= right`, or `=`, from a row of two terms.
fn difference(row: &Row) -> Option<(usize, usize, i128)> {
    match row.terms.as_slice() {
        [(a, 1), (b, -1)] | [(b, -1), (a, 1)] => Some((a.index(), b.index(), row.right)),
        _ => None,
    }
}

/// Far beyond what 64 bits hold: shifts stay within.
const FAR: i128 = 1 << 100;

fn positions(cluster: &Cluster) -> Option<Vec<(usize, i128)>> {
    let n = cluster.variables.len();
    // By variable: neighbours, whether they come before (−1), after (1) or level (0), with the difference of their shifts.
    let mut near: Vec<Vec<(usize, i8, i128)>> = vec![Vec::new(); n];
    for row in &cluster.hard {
        let (a, b, right) = difference(row)?;
        let step = i8::from(row.relation == Relation::AtMost);
        // a + 0 <= b + right.
        near.get_mut(a)?.push((b, step, right));
        near.get_mut(b)?.push((a, -step, right.checked_neg()?));
    }
    let mut at: Vec<Option<(i64, i128)>> = vec![None; n];
    *at.first_mut()? = Some((0, 0));
    let mut open = vec![0];
    while let Some(v) = open.pop() {
        let (position, shift) = (*at.get(v)?)?;
        for (w, step, change) in near.get(v)? {
            let shift = shift.checked_add(*change).filter(|s| s.abs() < FAR)?;
            let slot = at.get_mut(*w)?;
            if slot.is_none() {
                *slot = Some((position + i64::from(*step), shift));
                open.push(*w);
            }
        }
    }
    let at: Vec<(i64, i128)> = at.into_iter().collect::<Option<_>>()?;
    let first = at.iter().map(|(p, _)| *p).min()?;
    let last = at.iter().map(|(p, _)| *p).max()?;
    let place = |p: i64| usize::try_from(p - first).ok();
    // One step between neighbours only: rows and variables are a tree, so that none is left for a second way.
    let mut steps = vec![0_u32; place(last)? + 1];
    for row in cluster
        .hard
        .iter()
        .filter(|r| r.relation == Relation::AtMost)
    {
        let (a, _, _) = difference(row)?;
        *steps.get_mut(place(at.get(a)?.0)?)? += 1;
    }
    if steps.iter().any(|n| *n > 1) {
        return None;
    }
    at.into_iter()
        .map(|(p, shift)| Some((place(p)?, shift)))
        .collect()
}
