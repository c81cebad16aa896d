//! Whether restrictions can hold together: decided exactly, over whole numbers.
//!
//! Propagation first; where it does not decide, elimination of equations over the integers and a search by cases, both
//! within a budget of steps. No floating-point number takes part.

use super::cluster::{Cluster, variable};
use super::combine::Sums;
use super::propagate::{Outcome, Rows};
use crate::sets::interval::Interval;
use crate::sets::linear::{Row, VariableId};
use crate::sets::set::Set;

/// The answer to "can these hold together?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// They can, for instance with these values, one per variable of the cluster.
    Possible(Vec<i128>),
    /// They cannot.
    Impossible,
    /// The budget ended first.
    Unknown,
}

impl Answer {
    pub(crate) fn is_impossible(&self) -> bool {
        matches!(self, Self::Impossible)
    }
}

/// Steps one decision may take: rows looked at in propagation.
pub(crate) const STEPS: u64 = 400_000;

/// Steps one decision may take where many are asked about the same members: those that end within [`STEPS`] end within far fewer, and
/// one left open widens bounds a little.
const FEWER_STEPS: u64 = STEPS / 16;

/// Decides whether the members at `active` can hold together with what is hard, and with `extra` sets.
///
/// # Complexity
///
/// Linear in the number of rows where [`Cluster::propagates`] and rows are a forest; in general exponential, within
/// [`STEPS`].
pub(crate) fn decide(
    cluster: &Cluster,
    active: impl IntoIterator<Item = usize>,
    extra: &[(usize, Set)],
) -> Answer {
    let (rows, mut sets) = restrictions(cluster, active);
    for (v, set) in extra {
        intersect(&mut sets, *v, set);
    }
    possible(&rows, sets, STEPS)
}

/// The rows of what is hard and of the members at `active`, and the sets that these leave of each variable.
fn restrictions(
    cluster: &Cluster,
    active: impl IntoIterator<Item = usize>,
) -> (Vec<&Row>, Vec<Set>) {
    let mut sets = cluster.domains.clone();
    let mut rows: Vec<&Row> = cluster.hard.iter().collect();
    let mut on: Vec<bool> = vec![false; cluster.members.len()];
    for place in active {
        if let Some(slot) = on.get_mut(place) {
            *slot = true;
        }
    }
    for (place, member) in cluster.members.iter().enumerate() {
        let is_on = |p: usize| on.get(p).copied().unwrap_or(false);
        // What stands on another acts only where that one is active.
        if !is_on(place) || member.stands_on.is_some_and(|b| !is_on(b)) {
            continue;
        }
        for (v, set) in &member.within {
            intersect(&mut sets, *v, set);
        }
        rows.extend(&member.rows);
    }
    (rows, sets)
}

/// What members leave of each variable as far as propagation tells, kept for whoever asks them about many sets.
#[derive(Debug)]
pub(crate) struct Hulls {
    sets: Vec<Set>,
    outcome: Outcome,
}

impl Hulls {
    /// Those of the members at `active`, with what is hard.
    pub(crate) fn new(cluster: &Cluster, active: impl IntoIterator<Item = usize>) -> Self {
        let (rows, mut sets) = restrictions(cluster, active);
        let table = Rows::new(rows.iter().copied(), sets.len());
        let outcome = table.propagate(&mut sets, None, &mut short(rows.len()), |_| {});
        Self { sets, outcome }
    }

    /// What is left of a variable. `None` if propagation did not come to an end.
    pub(crate) fn left(&self, v: usize) -> Option<&Set> {
        let settled = self.outcome == Outcome::Settled;
        self.sets.get(v).filter(|_| settled)
    }

    /// As [`decide`] with one set more, of the same cluster and members, but within [`FEWER_STEPS`].
    pub(crate) fn decide(
        &self,
        cluster: &Cluster,
        active: impl IntoIterator<Item = usize>,
        v: usize,
        set: &Set,
    ) -> Answer {
        let mut sets = self.sets.clone();
        intersect(&mut sets, v, set);
        if self.outcome == Outcome::Clash || sets.get(v).is_none_or(Set::is_empty) {
            return Answer::Impossible;
        }
        let (rows, _) = restrictions(cluster, active);
        let changed = (self.outcome == Outcome::Settled).then(|| variable(v));
        possible_from(&rows, sets, changed, FEWER_STEPS)
    }
}

fn intersect(sets: &mut [Set], v: usize, set: &Set) {
    if let Some(slot) = sets.get_mut(v) {
        *slot = slot.intersection(set);
    }
}

/// Decides whether values from `sets`, one per variable, satisfy all `rows`.
pub(crate) fn possible(rows: &[&Row], sets: Vec<Set>, steps: u64) -> Answer {
    if sets.iter().any(Set::is_empty) {
        return Answer::Impossible;
    }
    possible_from(rows, sets, None, steps)
}

/// The steps of a first round of propagation: slow convergence is for the elimination to cut.
fn short(rows: usize) -> u64 {
    64 * (rows as u64 + 1)
}

/// The same for sets that propagation has settled but for one that changed since; `None` if it has not.
fn possible_from(
    rows: &[&Row],
    mut sets: Vec<Set>,
    changed: Option<VariableId>,
    mut steps: u64,
) -> Answer {
    let table = Rows::new(rows.iter().copied(), sets.len());
    if table.propagate(&mut sets, changed, &mut short(rows.len()), |_| {}) == Outcome::Clash {
        return Answer::Impossible;
    }
    if let Some(values) = least(&table, &sets).or_else(|| dive(&table, &sets)) {
        return Answer::Possible(values);
    }
    let mut sums = Sums::new(rows);
    if sums.eliminate_equations().is_some() || sums.add_up(&sets).is_some() {
        return Answer::Impossible;
    }
    let all: Vec<&Row> = rows.iter().copied().chain(sums.equations()).collect();
    let table = Rows::new(all.iter().copied(), sets.len());
    let mut capped = false;
    let cap = small_model(&all, &sets);
    search(&table, sets, cap, &mut capped, &mut steps).unwrap_or(if capped {
        Answer::Unknown
    } else {
        Answer::Impossible
    })
}

/// The value to try first for a variable: its least, or else its greatest, or 0.
fn likely(set: &Set) -> i128 {
    set.lower().or(set.upper()).unwrap_or(0)
}

/// The least value of every variable, if that is a solution: of differences alone it is.
fn least(table: &Rows<'_>, sets: &[Set]) -> Option<Vec<i128>> {
    let low = |s: &Set| s.lower().map(|x| Set::from_numbers([x]));
    let sets: Vec<Set> = sets.iter().map(low).collect::<Option<_>>()?;
    verify(table, &sets)
}

/// Fixes one variable after another at its likeliest value: a solution, or `None` if that runs into a clash.
fn dive(table: &Rows<'_>, sets: &[Set]) -> Option<Vec<i128>> {
    let mut sets = sets.to_vec();
    let mut steps = 64 * (table.rows.len() as u64 + sets.len() as u64 + 1);
    for v in 0..sets.len() {
        let slot = sets.get_mut(v)?;
        if slot.single().is_none() {
            *slot = Set::from_numbers([likely(slot)]);
            let outcome = table.propagate(&mut sets, Some(variable(v)), &mut steps, |_| {});
            if outcome != Outcome::Settled {
                return None;
            }
        }
    }
    verify(table, &sets)
}

/// The single values of `sets`, if they satisfy every row.
fn verify(table: &Rows<'_>, sets: &[Set]) -> Option<Vec<i128>> {
    let values: Vec<i128> = sets.iter().map(Set::single).collect::<Option<_>>()?;
    let value = |v: VariableId| values.get(v.index()).copied().unwrap_or(0);
    table
        .rows
        .iter()
        .all(|r| r.holds(value) == Some(true))
        .then_some(values)
}

/// A bound below which some solution lies, if there is one, for the systems people write: twice the sum of all
/// figures in them. A search that is cut by it without a solution answers "unknown".
fn small_model(rows: &[&Row], sets: &[Set]) -> i128 {
    let ends = |s: &Set| -> i128 {
        s.stretches()
            .iter()
            .flat_map(|i| [i.lower(), i.upper()])
            .flatten()
            .map(|x| x.abs().min(1 << 66))
            .max()
            .unwrap_or(0)
    };
    let figures: i128 = sets.iter().map(ends).sum::<i128>()
        + rows
            .iter()
            .map(|r| {
                r.right.abs().min(1 << 66)
                    + r.terms
                        .iter()
                        .map(|(_, k)| k.abs().min(1 << 66))
                        .sum::<i128>()
            })
            .sum::<i128>();
    2 * figures + 16
}

/// Depth-first search by cases. `None` if all cases fail (if `capped`, within the cap only).
fn search(
    table: &Rows<'_>,
    start: Vec<Set>,
    cap: i128,
    capped: &mut bool,
    steps: &mut u64,
) -> Option<Answer> {
    let mut stack: Vec<(Vec<Set>, Option<VariableId>)> = vec![(start, None)];
    while let Some((mut sets, changed)) = stack.pop() {
        match table.propagate(&mut sets, changed, steps, |_| {}) {
            Outcome::Clash => continue,
            Outcome::Stopped => return Some(Answer::Unknown),
            Outcome::Settled => {}
        }
        // The narrowest variable that is not settled.
        let open = (0..sets.len())
            .filter_map(|v| {
                let set = sets.get(v)?;
                let size = set.len();
                (size != Some(1)).then_some((size.unwrap_or(u128::MAX), v))
            })
            .min();
        let Some((_, v)) = open else {
            if let Some(values) = verify(table, &sets) {
                return Some(Answer::Possible(values));
            }
            continue;
        };
        let Some(set) = sets.get(v) else { continue };
        let window = Interval::new(Some(-cap), Some(cap)).unwrap_or(Interval::EVERYTHING);
        let inside = if set.len().is_some() {
            set.clone()
        } else {
            *capped = true;
            set.intersection(&window.into())
        };
        let (Some(low), Some(high)) = (inside.lower(), inside.upper()) else {
            continue;
        };
        // The least value alone, the greatest alone, and halves of what lies between.
        let mut cases: Vec<Set> = if inside.len().is_some_and(|n| n <= 4) {
            inside
                .stretches()
                .iter()
                .flat_map(|s| s.lower().unwrap_or(low)..=s.upper().unwrap_or(high))
                .map(|x| Set::from_numbers([x]))
                .collect()
        } else {
            let middle = low + (high - low) / 2;
            [
                Interval::new(Some(low), Some(low)),
                Interval::new(Some(low + 1), Some(middle)),
                Interval::new(Some(middle + 1), Some(high)),
            ]
            .into_iter()
            .flatten()
            .map(|part| inside.intersection(&part.into()))
            .filter(|s| !s.is_empty())
            .collect()
        };
        cases.reverse();
        for case in cases {
            let mut next = sets.clone();
            if let Some(slot) = next.get_mut(v) {
                *slot = case;
            }
            stack.push((next, Some(variable(v))));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::linear::Relation;

    fn row(terms: &[(u32, i128)], relation: Relation, right: i128) -> Row {
        Row {
            terms: terms.iter().map(|(v, k)| (VariableId(*v), *k)).collect(),
            relation,
            right,
        }
    }

    fn counts(n: usize) -> Vec<Set> {
        vec![Set::from(Interval::at_least(0)); n]
    }

    #[test]
    fn parity_of_a_cycle() {
        // n = x + y, x = y + m, n = 5, m = 2: no whole numbers.
        let rows = [
            row(&[(0, 1), (1, -1), (2, -1)], Relation::Equal, 0),
            row(&[(1, 1), (2, -1), (3, -1)], Relation::Equal, 0),
        ];
        let rows: Vec<&Row> = rows.iter().collect();
        let mut sets = counts(4);
        sets[0] = Set::from_numbers([5]);
        sets[3] = Set::from_numbers([2]);
        assert_eq!(possible(&rows, sets.clone(), STEPS), Answer::Impossible);
        sets[3] = Set::from_numbers([1]);
        assert_eq!(
            possible(&rows, sets, STEPS),
            Answer::Possible(vec![5, 3, 2, 1])
        );
    }

    #[test]
    fn a_cycle_without_bounds() {
        // x + 1 <= y, y <= x: propagation would climb for ever.
        let rows = [
            row(&[(0, 1), (1, -1)], Relation::AtMost, -1),
            row(&[(0, -1), (1, 1)], Relation::AtMost, 0),
        ];
        let rows: Vec<&Row> = rows.iter().collect();
        assert_eq!(possible(&rows, counts(2), STEPS), Answer::Impossible);
    }

    #[test]
    fn odd_triangle() {
        // x + y = y + z = x + z = 1 has no whole solution.
        let rows = [
            row(&[(0, 1), (1, 1)], Relation::Equal, 1),
            row(&[(1, 1), (2, 1)], Relation::Equal, 1),
            row(&[(0, 1), (2, 1)], Relation::Equal, 1),
        ];
        let rows: Vec<&Row> = rows.iter().collect();
        assert_eq!(possible(&rows, counts(3), STEPS), Answer::Impossible);
    }
}
