//! Why units cannot hold together, as steps that can be replayed.

use super::bits::Bits;
use super::cluster::{Cluster, variable};
use super::combine::{Part, Sum, Sums};
use super::propagate::{Outcome, Rows, residual};
use super::{UnitId, decide};
use crate::sets::linear::{Row, VariableId};
use crate::sets::set::Set;

/// Where a step's restriction comes from. Rows and sets of the network are named by their place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The values the variable can take at all.
    Domain,
    /// A hard restriction, by its place in the network's list.
    Hard(usize),
    /// A restriction of a unit, by its place among them.
    Unit(UnitId, usize),
    /// A sum, by its line.
    Sum(usize),
    /// A case assumed.
    Case,
}

/// One line of a derivation. Lines refer to earlier ones by their place; the lines of a case continue the count of those
/// before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// By the restriction, and by the sets that the lines in `because` leave, the variable lies in `set`.
    Narrow {
        by: Origin,
        variable: VariableId,
        set: Set,
        because: Vec<usize>,
    },
    /// A row as the sum of others times whole numbers, divided by `divisor`, the right side of an inequality rounded down.
    Sum {
        of: Vec<(Addend, i128)>,
        divisor: i128,
        row: Row,
    },
    /// Each of these cases, which leave out no value of the variable, ends by itself.
    Cases(VariableId, Vec<Vec<Step>>),
}

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addend {
    /// A row.
    Row(Origin),
    /// The lower bound that a line gives its variable, as `−x <= −lower`.
    Lower(usize),
    /// The upper bound that a line gives its variable, as `x <= upper`.
    Upper(usize),
}

/// A proof that restrictions cannot hold together: it ends with a variable left without values, with a sum that has no whole
/// solution, or with cases that all end so.
pub(crate) type Derivation = Vec<Step>;

/// Steps one derivation may have before it is given up.
const STEPS: usize = 20_000;

/// Derives that the members at `units` cannot hold together. `None` if the budget ends first, or if they can.
pub(crate) fn derive(cluster: &Cluster, units: &Bits) -> Option<Derivation> {
    let mut work = Work {
        rows: Vec::new(),
        origins: Vec::new(),
        steps: Vec::new(),
        latest: vec![None; cluster.variables.len()],
        sets: vec![Set::everything(); cluster.variables.len()],
        left: STEPS,
    };
    for (row, id) in cluster.hard.iter().zip(&cluster.hard_ids) {
        work.rows.push(row.clone());
        work.origins.push(Origin::Hard(*id));
    }
    for place in units.iter() {
        let member = cluster.members.get(place)?;
        for (i, row) in member.rows.iter().enumerate() {
            work.rows.push(row.clone());
            work.origins
                .push(Origin::Unit(member.id, member.within.len() + i));
        }
    }
    for (v, (all, _)) in cluster.given.iter().enumerate() {
        work.narrow(Origin::Domain, v, &Set::from(*all), &[]);
    }
    for (v, (_, given)) in cluster.given.iter().enumerate() {
        for (id, set) in given {
            work.narrow(Origin::Hard(*id), v, set, &[]);
        }
    }
    for place in units.iter() {
        let member = cluster.members.get(place)?;
        for (i, (v, set)) in member.within.iter().enumerate() {
            work.narrow(Origin::Unit(member.id, i), *v, set, &[]);
        }
    }
    let mut proof = work.prove()?;
    prune(&mut proof);
    rename(&mut proof, &cluster.variables);
    Some(proof)
}

#[derive(Clone)]
struct Work {
    rows: Vec<Row>,
    origins: Vec<Origin>,
    steps: Vec<Step>,
    /// The last line on each variable.
    latest: Vec<Option<usize>>,
    sets: Vec<Set>,
    left: usize,
}

impl Work {
    /// Records that the variable lies in `set` too.
    fn narrow(&mut self, by: Origin, v: usize, set: &Set, others: &[usize]) {
        let (Some(now), Some(latest)) = (self.sets.get_mut(v), self.latest.get_mut(v)) else {
            return;
        };
        let left = now.intersection(set);
        if left == *now && by != Origin::Domain {
            return;
        }
        let because = latest.iter().chain(others).copied().collect();
        *latest = Some(self.steps.len());
        now.clone_from(&left);
        self.steps.push(Step::Narrow {
            by,
            variable: variable(v),
            set: left,
            because,
        });
    }

    fn is_empty(&self) -> bool {
        self.sets.iter().any(Set::is_empty)
    }

    fn prove(mut self) -> Option<Derivation> {
        if self.is_empty() {
            // The last line need not be the empty one: other variables were given their sets after it.
            let empty = |s: &Step| matches!(s, Step::Narrow { set, .. } if set.is_empty());
            let at = self.steps.iter().position(empty)?;
            self.steps.truncate(at + 1);
            return Some(self.steps);
        }
        let short = 16 * (self.rows.len() as u64 + 4);
        let mut tried = self.clone();
        if tried.propagate(short)? == Outcome::Clash {
            return tried.finish();
        }
        // Adding rows up, before what propagation found in a slow descent.
        if self.add_up() {
            return Some(self.steps);
        }
        // With what it found: a gap may have been stepped over that adding up does not see.
        if tried.add_up() {
            return Some(tried.steps);
        }
        if self.propagate(20_000)? == Outcome::Clash {
            return self.finish();
        }
        self.split()
    }

    fn finish(mut self) -> Option<Derivation> {
        if !self.is_empty() {
            // A row without variables that is false.
            let at = self
                .rows
                .iter()
                .position(|r| r.terms.is_empty() && r.holds(|_| 0) != Some(true))?;
            self.steps.push(Step::Sum {
                of: vec![(Addend::Row(*self.origins.get(at)?), 1)],
                divisor: 1,
                row: self.rows.get(at)?.clone(),
            });
        }
        Some(self.steps)
    }

    /// Propagates and records. `None` if there are too many steps.
    fn propagate(&mut self, mut budget: u64) -> Option<Outcome> {
        let rows = self.rows.clone();
        let table = Rows::new(&rows, self.sets.len());
        let mut sets = self.sets.clone();
        let mut log = Vec::new();
        let outcome = table.propagate(&mut sets, None, &mut budget, |n| log.push(n));
        if log.len() > self.left {
            return None;
        }
        self.left -= log.len();
        for n in log {
            let terms = &self.rows.get(n.row)?.terms;
            let others: Vec<usize> = terms
                .iter()
                .filter(|(v, _)| *v != n.variable)
                .filter_map(|(v, _)| *self.latest.get(v.index())?)
                .collect();
            // A row narrows all its variables at once, from the sets before it; told one after another, each has the
            // good of those told before.
            let (j, k) = terms
                .iter()
                .enumerate()
                .find_map(|(j, (v, k))| (*v == n.variable).then_some((j, *k)))?;
            let hull = |v: VariableId| self.sets.get(v.index()).and_then(Set::hull);
            let set = residual(self.rows.get(n.row)?, j, k, hull).into();
            let by = *self.origins.get(n.row)?;
            self.narrow(by, n.variable.index(), &set, &others);
            if self.is_empty() {
                return Some(Outcome::Clash);
            }
        }
        Some(outcome)
    }

    /// Whether adding rows up ends it; the equations found along the way join the rows.
    fn add_up(&mut self) -> bool {
        let rows = self.rows.clone();
        let given: Vec<&Row> = rows.iter().collect();
        let mut sums = Sums::new(&given);
        let end = sums
            .eliminate_equations()
            .or_else(|| sums.add_up(&self.sets));
        let base = self.steps.len();
        let kept = end.map_or_else(|| sums.equation_places(), |place| vec![place]);
        // Only the sums needed, in their order.
        let mut needed = vec![false; sums.sums.len()];
        for place in kept.iter().copied() {
            mark(&sums.sums, place, &mut needed);
        }
        let mut place_of = vec![0; sums.sums.len()];
        for (i, sum) in sums.sums.iter().enumerate() {
            if needed.get(i) != Some(&true) {
                continue;
            }
            if let Some(p) = place_of.get_mut(i) {
                *p = self.steps.len();
            }
            let of = sum
                .of
                .iter()
                .filter_map(|(part, times)| {
                    let latest = |v: &VariableId| self.latest.get(v.index()).copied().flatten();
                    let addend = match part {
                        Part::Given(i) => Addend::Row(*self.origins.get(*i)?),
                        Part::Sum(i) => Addend::Row(Origin::Sum(*place_of.get(*i)?)),
                        Part::Lower(v) => Addend::Lower(latest(v)?),
                        Part::Upper(v) => Addend::Upper(latest(v)?),
                    };
                    Some((addend, *times))
                })
                .collect();
            self.steps.push(Step::Sum {
                of,
                divisor: sum.divisor,
                row: sum.row.clone(),
            });
        }
        if end.is_some() {
            return true;
        }
        for (line, step) in self.steps.iter().enumerate().skip(base) {
            if let Step::Sum { row, .. } = step {
                self.rows.push(row.clone());
                self.origins.push(Origin::Sum(line));
            }
        }
        false
    }

    /// By cases on the narrowest variable that is not settled.
    fn split(self) -> Option<Derivation> {
        let (_, v) = (0..self.sets.len())
            .filter_map(|v| {
                let n = self.sets.get(v)?.len()?;
                (n > 1).then_some((n, v))
            })
            .min()?;
        let set = self.sets.get(v)?;
        let (low, high) = (set.lower()?, set.upper()?);
        let middle = low + (high - low) / 2;
        let below = crate::sets::interval::Interval::at_most(middle);
        let above = crate::sets::interval::Interval::at_least(middle + 1);
        let mut cases = Vec::new();
        let mut left = self.left.checked_sub(2)?;
        for part in [below, above] {
            let mut case = self.clone();
            case.left = left;
            case.narrow(Origin::Case, v, &part.into(), &[]);
            let mut proof = case.prove()?;
            // What a case shares with the lines before it is told once.
            let own = proof.split_off(self.steps.len());
            left = left.checked_sub(own.len())?;
            cases.push(own);
        }
        let mut steps = self.steps;
        steps.push(Step::Cases(variable(v), cases));
        Some(steps)
    }
}

fn mark(sums: &[Sum], place: usize, needed: &mut [bool]) {
    let mut open = vec![place];
    while let Some(p) = open.pop() {
        let Some(n) = needed.get_mut(p) else { continue };
        if std::mem::replace(n, true) {
            continue;
        }
        for (part, _) in sums.get(p).into_iter().flat_map(|s| &s.of) {
            if let Part::Sum(i) = part {
                open.push(*i);
            }
        }
    }
}

/// Which lines something rests on, with those of the cases that end them.
struct Needed {
    own: Vec<bool>,
    cases: Vec<Needed>,
}

/// The lines that a line rests on, to be looked at or renumbered.
fn rests_on(step: &mut Step) -> Vec<&mut usize> {
    let row = |by| match by {
        &mut Origin::Sum(ref mut line) => Some(line),
        _ => None,
    };
    match step {
        Step::Narrow { by, because, .. } => row(by).into_iter().chain(because).collect(),
        Step::Sum { of, .. } => of
            .iter_mut()
            .filter_map(|(addend, _)| match addend {
                Addend::Lower(line) | Addend::Upper(line) => Some(line),
                Addend::Row(by) => row(by),
            })
            .collect(),
        Step::Cases(..) => Vec::new(),
    }
}

/// Marks what the last of the steps rests on, in `before` for the lines before them.
fn needed(steps: &mut [Step], before: &mut Vec<bool>) -> Needed {
    let base = before.len();
    before.resize(base + steps.len(), false);
    if let Some(last) = before.last_mut().filter(|_| !steps.is_empty()) {
        *last = true;
    }
    let mut cases = Vec::new();
    // Lines rest on earlier ones alone.
    for (i, step) in steps.iter_mut().enumerate().rev() {
        // What a case assumes is a part of the cases.
        let assumed = matches!(
            step,
            Step::Narrow {
                by: Origin::Case,
                ..
            }
        );
        match before.get_mut(base + i) {
            Some(mark) if assumed => *mark = true,
            Some(true) => {}
            _ => continue,
        }
        if let Step::Cases(_, list) = step {
            // Their lines count on from the line of the cases, the last.
            before.truncate(base + i);
            cases = list.iter_mut().map(|c| needed(c, before)).collect();
            before.push(true);
        }
        for line in rests_on(step) {
            if let Some(mark) = before.get_mut(*line) {
                *mark = true;
            }
        }
    }
    Needed {
        own: before.split_off(base),
        cases,
    }
}

/// Drops the lines that nothing rests on. `places` has the new place of each line before.
fn keep(steps: &mut Vec<Step>, needed: Needed, places: &mut Vec<usize>, mut next: usize) {
    let base = places.len();
    let mut marks = needed.own.into_iter();
    steps.retain_mut(|step| {
        let kept = marks.next().unwrap_or(true);
        if kept {
            for line in rests_on(step) {
                *line = places.get(*line).copied().unwrap_or(0);
            }
        }
        // The lines of cases take the places from that of the cases on.
        if !matches!(step, Step::Cases(..)) {
            places.push(next);
            next += usize::from(kept);
        }
        kept
    });
    if let Some(Step::Cases(_, cases)) = steps.last_mut() {
        for (case, needed) in cases.iter_mut().zip(needed.cases) {
            let outer = places.len();
            keep(case, needed, places, next);
            places.truncate(outer);
        }
    }
    places.truncate(base);
}

/// Drops the lines that the end does not rest on.
fn prune(proof: &mut Derivation) {
    let needed = needed(proof, &mut Vec::new());
    keep(proof, needed, &mut Vec::new(), 0);
}

/// From the cluster's numbering of variables to the network's.
fn rename(proof: &mut Derivation, names: &[VariableId]) {
    let name = |v: &mut VariableId| {
        if let Some(n) = names.get(v.index()) {
            *v = *n;
        }
    };
    for step in proof {
        match step {
            Step::Narrow { variable, .. } => name(variable),
            Step::Sum { row, .. } => {
                for (v, _) in &mut row.terms {
                    name(v);
                }
                row.terms.sort_unstable();
            }
            Step::Cases(v, cases) => {
                name(v);
                for case in cases {
                    rename(case, names);
                }
            }
        }
    }
}

/// Values for all variables of the cluster under which the members at `units` hold. `None` if there are none, or none were
/// found.
pub(crate) fn witness(
    cluster: &Cluster,
    units: impl IntoIterator<Item = usize>,
) -> Option<Vec<(VariableId, i128)>> {
    match decide::decide(cluster, units, &[]) {
        decide::Answer::Possible(values) => {
            Some(cluster.variables.iter().copied().zip(values).collect())
        }
        _ => None,
    }
}
