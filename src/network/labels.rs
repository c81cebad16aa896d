//! All bounds that units give, each with the fewest units it needs, and the clashes among them.
//!
//! The labels of assumption-based truth maintenance (de Kleer 1986) over bounds: where propagation decides, the minimal
//! clashes found are exactly the minimal conflicts, since each of them is found by propagating its own units alone, and
//! labels propagate every set of units at once.

use std::collections::VecDeque;

use super::bits::{Antichain, Bits};
use super::cluster::Cluster;
use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row};

/// A bound and the units it needs.
#[derive(Debug, Clone)]
struct Label {
    bound: i128,
    units: Bits,
    /// A stronger label with no more units came after it was queued.
    beaten: bool,
    /// Its consequences have been drawn.
    drawn: bool,
}

/// Upper bounds are kept as lower bounds of the negated variable, so that both sides are one.
#[derive(Debug, Clone, Default)]
struct Side {
    labels: Vec<Label>,
}

/// What labels found.
#[derive(Debug, Clone)]
pub(crate) struct Clashes {
    /// Minimal among themselves; each is impossible.
    pub(crate) sets: Vec<Bits>,
    /// Whether nothing was left undone.
    pub(crate) complete: bool,
    /// Comparisons made.
    pub(crate) work: u64,
}

/// One row as a lower bound on one of its terms: `k·x >= sum of others`.
#[derive(Debug)]
struct Rule {
    /// Side of the term concluded on: 2·variable for the lower, 2·variable + 1 for the negated upper bound.
    target: usize,
    /// Absolute coefficient of the target.
    divisor: i128,
    /// The sides it reads, with absolute coefficients.
    reads: Vec<(usize, i128)>,
    right: i128,
    units: Bits,
}

/// The largest bound kept: a larger one is loosened to it, one below its negative says nothing.
const FAR: i128 = i128::MAX >> 1;

/// A lower bound times a positive factor, loosened; `None` if nothing is left of it.
fn times(bound: i128, factor: i128) -> Option<i128> {
    match bound.checked_mul(factor) {
        Some(p) => (p >= -FAR).then_some(p.min(FAR)),
        None => (bound > 0).then_some(FAR),
    }
}

/// The sum of two lower bounds, loosened; `None` if nothing is left of it.
fn sum(a: i128, b: i128) -> Option<i128> {
    match a.checked_add(b) {
        Some(s) => (s >= -FAR).then_some(s.min(FAR)),
        None => (b > 0).then_some(FAR),
    }
}

/// Propagates labels through a cluster, until `budget` comparisons are made or more than `most` clashes found.
///
/// # Complexity
///
/// Proportional to the number of labels that no other makes needless, which can grow exponentially in a sum of many
/// parts; hence the budget.
pub(crate) fn clashes(cluster: &Cluster, budget: u64, most: usize) -> Clashes {
    Labels::new(cluster).run(budget, most)
}

struct Labels {
    sides: Vec<Side>,
    rules: Vec<Rule>,
    /// Rules that read a side.
    readers: Vec<Vec<usize>>,
    queue: Vec<VecDeque<(usize, usize)>>,
    nogoods: Antichain,
    /// Comparisons made.
    work: u64,
    budget: u64,
    /// What keeping one label costs: in large clusters its units take much memory.
    weight: u64,
    /// Sides that rules may still read, all together.
    room: usize,
    /// All rows have become rules.
    whole: bool,
}

/// Sides that rules may read in all; rows beyond that are left out.
const READS: usize = 4_000_000;

/// Words of 64 units that are copied as fast as two labels are compared.
const WORDS: u64 = 16;

impl Labels {
    fn new(cluster: &Cluster) -> Self {
        let sides = 2 * cluster.variables.len();
        let mut out = Self {
            weight: cluster.members.len() as u64 / (64 * WORDS),
            room: READS,
            whole: true,
            sides: vec![Side::default(); sides],
            rules: Vec::new(),
            readers: vec![Vec::new(); sides],
            queue: Vec::new(),
            nogoods: Antichain::default(),
            work: 0,
            budget: u64::MAX,
        };
        for (v, domain) in cluster.domains.iter().enumerate() {
            match domain.hull() {
                Some(hull) => out.give(v, hull, &Bits::default()),
                None => out.clash(Bits::default()),
            }
        }
        for row in &cluster.hard {
            out.add_row(row, &Bits::default());
        }
        for (place, member) in cluster.members.iter().enumerate() {
            let units = Bits::of(cluster.closure(place));
            for (v, set) in &member.within {
                match set.hull() {
                    Some(hull) => out.give(*v, hull, &units),
                    None => out.clash(units.clone()),
                }
            }
            for row in &member.rows {
                out.add_row(row, &units);
            }
        }
        out
    }

    fn give(&mut self, v: usize, hull: Interval, units: &Bits) {
        if let Some(low) = hull.lower() {
            self.add(2 * v, low, units);
        }
        if let Some(high) = hull.upper() {
            self.add(2 * v + 1, -high, units);
        }
    }

    fn add_row(&mut self, row: &Row, units: &Bits) {
        // Each term of the row reads all the others, and twice where they are equal.
        let reads = 2 * row.terms.len().pow(2);
        let Some(room) = self.room.checked_sub(reads) else {
            self.whole = false;
            return;
        };
        self.room = room;
        self.add_rules(row, 1, units);
        if row.relation == Relation::Equal {
            self.add_rules(row, -1, units);
        }
        if row.terms.is_empty() {
            let holds = match row.relation {
                Relation::Equal => row.right == 0,
                Relation::AtMost => row.right >= 0,
            };
            if !holds {
                self.clash(units.clone());
            }
        }
    }

    /// Rules of `sign · (sum of terms) <= sign · right`.
    fn add_rules(&mut self, row: &Row, sign: i128, units: &Bits) {
        // sum of k·x <= right  gives  −k_j·x_j >= −right + sum of the others' least k·x.
        let side = |v: usize, k: i128| if k > 0 { 2 * v } else { 2 * v + 1 };
        for (j, (v, k)) in row.terms.iter().enumerate() {
            let k = k * sign;
            let reads: Vec<(usize, i128)> = row
                .terms
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != j)
                .map(|(_, (w, c))| (side(w.index(), c * sign), c.abs()))
                .collect();
            let rule = self.rules.len();
            for (s, _) in &reads {
                if let Some(list) = self.readers.get_mut(*s) {
                    list.push(rule);
                }
            }
            let target = side(v.index(), -k);
            let nothing_to_read = reads.is_empty();
            self.rules.push(Rule {
                target,
                divisor: k.abs(),
                reads,
                right: row.right * sign,
                units: units.clone(),
            });
            if nothing_to_read {
                self.conclude(rule, 0, units);
            }
        }
    }

    /// Adds the conclusion of a rule whose reads add up to `reads`.
    fn conclude(&mut self, rule: usize, reads: i128, units: &Bits) {
        let Some(rule) = self.rules.get(rule) else {
            return;
        };
        // divisor · y >= reads − right, y being the target's side.
        let Some(product) = rule.right.checked_neg().and_then(|r| sum(reads, r)) else {
            return;
        };
        let bound =
            product.div_euclid(rule.divisor) + i128::from(product.rem_euclid(rule.divisor) != 0);
        let target = rule.target;
        self.add(target, bound, units);
    }

    fn add(&mut self, side: usize, bound: i128, units: &Bits) {
        if bound < -FAR || self.nogoods.has_within(units, &mut self.work) {
            return;
        }
        let bound = bound.min(FAR);
        self.work += self.sides.get(side).map_or(0, |s| s.labels.len() as u64);
        let Some(list) = self.sides.get_mut(side) else {
            return;
        };
        if list
            .labels
            .iter()
            .any(|l| !l.beaten && l.bound >= bound && l.units.is_subset(units))
        {
            return;
        }
        for l in &mut list.labels {
            if !l.beaten && bound >= l.bound && units.is_subset(&l.units) {
                l.beaten = true;
            }
        }
        self.work += self.weight;
        let count = units.len() as usize;
        list.labels.push(Label {
            bound,
            units: units.clone(),
            beaten: false,
            drawn: false,
        });
        let at = list.labels.len() - 1;
        if self.queue.len() <= count {
            self.queue.resize(count + 1, VecDeque::new());
        }
        if let Some(q) = self.queue.get_mut(count) {
            q.push_back((side, at));
        }
        // x >= bound and −x >= other clash if bound > −other.
        let found: Vec<Bits> = self
            .sides
            .get(side ^ 1)
            .into_iter()
            .flat_map(|s| &s.labels)
            .filter(|l| !l.beaten && bound > -l.bound)
            .map(|l| l.units.union(units))
            .collect();
        for nogood in found {
            self.clash(nogood);
        }
    }

    fn clash(&mut self, units: Bits) {
        if !self.nogoods.has_within(&units, &mut self.work) {
            self.nogoods.insert(units);
        }
    }

    fn run(mut self, budget: u64, most: usize) -> Clashes {
        self.budget = budget;
        // Labels of fewest units first: what they show makes others needless.
        while let Some((side, at)) = self.queue.iter_mut().find_map(VecDeque::pop_front) {
            let Some(label) = self.sides.get_mut(side).and_then(|s| s.labels.get_mut(at)) else {
                continue;
            };
            if label.beaten || label.drawn {
                continue;
            }
            label.drawn = true;
            let (bound, units) = (label.bound, label.units.clone());
            if self.nogoods.has_within(&units, &mut self.work) {
                continue;
            }
            for rule in self.readers.get(side).cloned().unwrap_or_default() {
                self.draw(rule, side, bound, &units);
                if self.work > self.budget || self.nogoods.len() > most {
                    return Clashes {
                        sets: self.nogoods.into_sets(),
                        complete: false,
                        work: self.work,
                    };
                }
            }
        }
        Clashes {
            sets: self.nogoods.into_sets(),
            complete: self.whole,
            work: self.work,
        }
    }

    /// All conclusions of `rule` from the label just drawn on `side` and the drawn labels of the other sides.
    fn draw(&mut self, rule: usize, side: usize, bound: i128, units: &Bits) {
        let Some(r) = self.rules.get(rule) else {
            return;
        };
        let Some((_, factor)) = r.reads.iter().find(|(s, _)| *s == side) else {
            return;
        };
        let Some(product) = times(bound, *factor) else {
            return;
        };
        let mut partial: Vec<(i128, Bits)> = vec![(product, units.union(&r.units))];
        for (other, factor) in r.reads.iter().filter(|(s, _)| *s != side) {
            let mut next: Vec<(i128, Bits)> = Vec::new();
            let labels = self
                .sides
                .get(*other)
                .map(|s| s.labels.as_slice())
                .unwrap_or_default();
            for (so_far, units) in &partial {
                for l in labels.iter().filter(|l| l.drawn && !l.beaten) {
                    self.work += 1 + self.weight;
                    let product = times(l.bound, *factor);
                    if let Some(total) = product.and_then(|p| sum(*so_far, p)) {
                        next.push((total, units.union(&l.units)));
                    }
                }
                if self.work > self.budget {
                    return;
                }
            }
            partial = next;
        }
        self.work += partial.len() as u64;
        for (reads, units) in partial {
            self.conclude(rule, reads, &units);
        }
    }
}
