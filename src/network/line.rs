//! One variable and stretches of values: solved by a sweep over the values, however many units there are.
//!
//! What a scenario leaves of the variable is one stretch. Cut the values into cells that no unit's end divides, and call the
//! border between two cells a joint: a stretch that is left holds one cell more than joints. So the weight of the possible scenarios is the
//! sum over cells, less the sum over joints, of the probability that no active unit excludes the cell or joint (the Euler
//! characteristic of a stretch is 1). That probability is a product over blocks of units that share assumptions, and changes only
//! where a unit begins or ends. Sums of logarithms are kept as whole multiples of 2^-80, so that they come out the same in any order.

use std::collections::BTreeMap;

use super::circuit::Circuit;
use super::cluster::Cluster;
use super::eliminate::OverBudget;
use super::fenwick::Fenwick;
use super::hash::Table;
use super::leaf::{ClassId, Classes, Leaf};
use super::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// A binary logarithm in units of 2^-80.
type Log = i128;

const UNIT: f64 = 1_208_925_819_614_629_174_706_176.0; // 2^80

#[expect(
    clippy::cast_possible_truncation,
    reason = "a logarithm of an f64 is at most 1,074 in magnitude"
)]
fn log(x: f64) -> Log {
    (x.log2() * UNIT) as Log
}

/// 2 to the power of a logarithm, for logarithms up to about 1,000; 0 far below.
#[expect(
    clippy::cast_precision_loss,
    reason = "the error is relative to the result"
)]
fn exp(log: Log) -> f64 {
    (log as f64 / UNIT).exp2()
}

/// Blocks with more units than this are asked one by one where a table over their ends would be too large.
const TABLED: usize = 24;

/// How a block's units hang together: by cases on shared assumptions, independent parts multiplied.
#[derive(Debug, Clone)]
enum Plan {
    /// A unit, with the mask of those of its shared classes that hold here.
    Unit(usize, usize),
    All(Vec<Plan>),
    Either {
        class: ClassId,
        probability: f64,
        holds: Box<Plan>,
        fails: Box<Plan>,
    },
}

/// A unit on the line.
#[derive(Debug)]
struct Member {
    /// First and last cell it allows.
    first: usize,
    last: usize,
    scope: Vec<ClassId>,
    /// By mask over the scope: the chance that it is not active.
    idle: Vec<f64>,
    leaf: Leaf,
}

/// Units that share assumptions, and how.
#[derive(Debug)]
struct Block {
    members: Vec<usize>,
    plan: Plan,
    /// All its units allow the same cells.
    uniform: bool,
}

/// A variable solved.
#[derive(Debug)]
pub(crate) struct Line {
    /// First value of each cell but the first, ascending.
    cuts: Vec<i128>,
    /// The cells' hull: what certain units and the domain leave.
    hull: Option<Interval>,
    members: Vec<Member>,
    by_unit: BTreeMap<UnitId, usize>,
    /// By class: the first member that uses it.
    home: Vec<Option<usize>>,
    /// By member.
    block_of: Vec<usize>,
    blocks: Vec<Block>,
    classes: Classes,
    circuit: Circuit,
    /// Of the largest term: the scale of the sums.
    scale: Log,
    /// Sums of the signed terms up to each place, cells at even places and joints at odd ones, relative to the scale; with a 0 in front.
    sums: Vec<f64>,
    total: f64,
    /// The chance, relative to the scale, that what is left holds all cells from the first to the second: for those that opinions on the
    /// members' own sets need.
    spans: Table<(usize, usize), f64>,
    budget: u64,
}

/// The state of a unit in a block's evaluation.
enum Special<'a> {
    Nothing,
    /// This member weighs as in the table, by mask.
    Unit(usize, &'a [f64]),
    /// This class holds.
    Class(ClassId),
}

impl Line {
    /// Whether a cluster can be solved like this.
    pub(crate) fn fits(cluster: &Cluster) -> bool {
        cluster.variables.len() == 1
            && cluster.convex
            && cluster.hard.is_empty()
            && cluster.members.iter().all(|m| m.rows.is_empty())
    }

    /// Solves a cluster that [`fits`](Self::fits) and shares no assumption with another; `budget` is in evaluations of units.
    ///
    /// # Complexity
    ///
    /// O(n log n) for n units where blocks are small; in general the sum of the squared sizes of blocks, times two to the number of
    /// assumptions to split each by.
    pub(crate) fn solve(
        network: &Network,
        cluster: &Cluster,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let guards = || cluster.members.iter().map(|m| network.live_guards(m.id));
        let classes = Classes::new(guards().flatten(), &[], |a| network.probability(a));
        let mut users = vec![0_u32; classes.members.len()];
        for list in guards() {
            let mut own: Vec<ClassId> = list.flat_map(|g| classes.translate(g)).collect();
            own.sort_unstable();
            own.dedup();
            for class in own {
                if let Some(n) = users.get_mut(class.0 as usize) {
                    *n += 1;
                }
            }
        }
        // Certain units are part of the domain.
        let mut hull = cluster.domains.first().and_then(Set::as_interval);
        let mut stretches: Vec<(usize, Interval)> = Vec::with_capacity(cluster.members.len());
        for (place, m) in cluster.members.iter().enumerate() {
            let stretch = m
                .within
                .iter()
                .try_fold(Interval::EVERYTHING, |all, (_, s)| {
                    all.intersection(s.as_interval()?)
                });
            let certain = network
                .live_guards(m.id)
                .any(|g| classes.translate(g).is_empty());
            match stretch {
                Some(s) if certain => hull = hull.and_then(|h| h.intersection(s)),
                Some(s) => stretches.push((place, s)),
                None if certain => hull = None,
                // A unit that excludes everything: its cells are none, which no first and last can say.
                None => return Err(OverBudget),
            }
        }
        let mut out = Self {
            cuts: Vec::new(),
            hull,
            members: Vec::with_capacity(stretches.len()),
            by_unit: BTreeMap::new(),
            home: vec![None; users.len()],
            block_of: Vec::new(),
            blocks: Vec::new(),
            classes,
            circuit: Circuit::new(),
            scale: 0,
            sums: vec![0.0],
            total: 0.0,
            spans: Table::default(),
            budget,
        };
        let Some(hull) = hull else { return Ok(out) };
        for (_, s) in &stretches {
            out.cuts.extend(s.lower());
            out.cuts.extend(s.upper().map(|x| x + 1));
        }
        out.cuts.sort_unstable();
        out.cuts.dedup();
        out.cuts
            .retain(|x| hull.contains(*x) && hull.lower() != Some(*x));
        for (place, stretch) in stretches {
            let Some(m) = cluster.members.get(place) else {
                continue;
            };
            let Some(cells) = out.cells(stretch) else {
                // Outside of what is certain: it can never be active with the rest. Leave it to the general method.
                return Err(OverBudget);
            };
            let guards: Vec<Vec<ClassId>> = network
                .live_guards(m.id)
                .map(|g| out.classes.translate(g))
                .collect();
            let leaf = Leaf::new(
                &guards,
                |c| users.get(c.0 as usize).is_some_and(|n| *n > 1),
                |c| out.classes.probability(c),
                &mut out.circuit,
            )
            .map_err(|_| OverBudget)?;
            let scope = leaf.scope();
            let mut idle = vec![0.0; 1 << scope.len()];
            let shared = idle.len() - 1;
            for (assignment, slot, active) in leaf.table() {
                if let (false, Some(sum)) = (active, idle.get_mut(assignment as usize & shared)) {
                    *sum += out.circuit.value(slot).get();
                }
            }
            out.by_unit.insert(m.id, out.members.len());
            for class in guards.iter().flatten() {
                if let Some(slot @ None) = out.home.get_mut(class.0 as usize) {
                    *slot = Some(out.members.len());
                }
            }
            out.members.push(Member {
                first: cells.0,
                last: cells.1,
                scope,
                idle,
                leaf,
            });
        }
        out.form_blocks()?;
        out.sweep()?;
        out.span_members()?;
        Ok(out)
    }

    /// First and last cell of a stretch; `None` if it holds none.
    fn cells(&self, stretch: Interval) -> Option<(usize, usize)> {
        let within = stretch.intersection(self.hull?)?;
        let cell = |x: i128| self.cuts.partition_point(|c| *c <= x);
        Some((
            within.lower().map_or(0, cell),
            within.upper().map_or(self.cuts.len(), cell),
        ))
    }

    fn form_blocks(&mut self) -> Result<(), OverBudget> {
        let mut forest = super::propagate::Forest::new(self.members.len());
        let mut first: BTreeMap<ClassId, usize> = BTreeMap::new();
        for (i, m) in self.members.iter().enumerate() {
            for c in &m.scope {
                let other = *first.entry(*c).or_insert(i);
                forest.join(other, i);
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for i in 0..self.members.len() {
            groups.entry(forest.find(i)).or_default().push(i);
        }
        self.block_of = vec![0; self.members.len()];
        let mut left = self.budget;
        for members in groups.into_values() {
            let tagged: Vec<(usize, usize)> = members.iter().map(|m| (*m, 0)).collect();
            let plan = self.plan(&tagged, &mut Vec::new(), &mut left)?;
            let ends = |i: &usize| self.members.get(*i).map(|m| (m.first, m.last));
            let uniform = members
                .windows(2)
                .all(|w| w.first().and_then(ends) == w.last().and_then(ends));
            for i in &members {
                if let Some(slot) = self.block_of.get_mut(*i) {
                    *slot = self.blocks.len();
                }
            }
            self.blocks.push(Block {
                members,
                plan,
                uniform,
            });
        }
        Ok(())
    }

    /// Splits units (with the mask of their classes that hold) by cases until each stands alone.
    fn plan(
        &self,
        units: &[(usize, usize)],
        fixed: &mut Vec<ClassId>,
        left: &mut u64,
    ) -> Result<Plan, OverBudget> {
        *left = left.checked_sub(units.len() as u64 + 1).ok_or(OverBudget)?;
        let open = |i: usize, fixed: &[ClassId]| -> Vec<ClassId> {
            let scope = self
                .members
                .get(i)
                .map(|m| m.scope.as_slice())
                .unwrap_or_default();
            scope
                .iter()
                .copied()
                .filter(|c| !fixed.contains(c))
                .collect()
        };
        // Parts that no open class joins.
        let mut forest = super::propagate::Forest::new(units.len());
        let mut users: BTreeMap<ClassId, Vec<usize>> = BTreeMap::new();
        for (n, (i, _)) in units.iter().enumerate() {
            for c in open(*i, fixed) {
                users.entry(c).or_default().push(n);
            }
        }
        for list in users.values() {
            for pair in list.windows(2) {
                if let [a, b] = pair {
                    forest.join(*a, *b);
                }
            }
        }
        let mut parts: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (n, unit) in units.iter().enumerate() {
            parts.entry(forest.find(n)).or_default().push(*unit);
        }
        if parts.len() > 1 {
            let mut all = Vec::with_capacity(parts.len());
            for part in parts.into_values() {
                all.push(self.plan(&part, fixed, left)?);
            }
            return Ok(Plan::All(all));
        }
        let hub = users
            .iter()
            .max_by_key(|(c, list)| (list.len(), std::cmp::Reverse(**c)))
            .map(|(c, _)| *c);
        let Some(class) = hub else {
            return Ok(units
                .first()
                .map_or(Plan::All(Vec::new()), |(i, mask)| Plan::Unit(*i, *mask)));
        };
        if fixed.len() > 64 {
            return Err(OverBudget);
        }
        fixed.push(class);
        let with: Vec<(usize, usize)> = units
            .iter()
            .map(|(i, mask)| {
                let scope = self
                    .members
                    .get(*i)
                    .map(|m| m.scope.as_slice())
                    .unwrap_or_default();
                let bit = scope.binary_search(&class).map_or(0, |p| 1 << p);
                (*i, mask | bit)
            })
            .collect();
        let holds = Box::new(self.plan(&with, fixed, left)?);
        let fails = Box::new(self.plan(units, fixed, left)?);
        fixed.pop();
        Ok(Plan::Either {
            class,
            probability: self.classes.probability(class).get(),
            holds,
            fails,
        })
    }

    /// The chance that none of the block's units that `excludes` names is active, and that what is special holds.
    fn evaluate(
        &self,
        plan: &Plan,
        excludes: &impl Fn(usize) -> bool,
        special: &Special<'_>,
    ) -> f64 {
        match plan {
            Plan::Unit(i, mask) => {
                if let Special::Unit(which, table) = special
                    && which == i
                {
                    return table.get(*mask).copied().unwrap_or(0.0);
                }
                if !excludes(*i) {
                    return 1.0;
                }
                self.members
                    .get(*i)
                    .and_then(|m| m.idle.get(*mask))
                    .copied()
                    .unwrap_or(0.0)
            }
            Plan::All(parts) => parts
                .iter()
                .map(|p| self.evaluate(p, excludes, special))
                .product(),
            Plan::Either {
                class,
                probability,
                holds,
                fails,
            } => {
                let yes = probability * self.evaluate(holds, excludes, special);
                match special {
                    Special::Class(c) if c == class => yes,
                    _ => yes + (1.0 - probability) * self.evaluate(fails, excludes, special),
                }
            }
        }
    }

    /// The places (twice a cell, or one more for the joint after it) that a member allows.
    fn range(&self, member: usize) -> (usize, usize) {
        self.members
            .get(member)
            .map_or((1, 0), |m| (2 * m.first, 2 * m.last))
    }

    /// A block's value where exactly the members that do not allow `place` are excluded.
    fn at(&self, block: &Block, place: usize, special: &Special<'_>) -> f64 {
        let excludes = |i: usize| {
            let (from, to) = self.range(i);
            place < from || place > to
        };
        self.evaluate(&block.plan, &excludes, special)
    }

    /// The places at which a block's value changes, with 0 in front.
    fn changes(&self, block: &Block) -> Vec<usize> {
        let mut out = vec![0];
        for i in &block.members {
            let (from, to) = self.range(*i);
            out.push(from);
            out.push(to + 1);
        }
        out.sort_unstable();
        out.dedup();
        out.retain(|p| *p < self.places());
        out
    }

    fn places(&self) -> usize {
        2 * self.cuts.len() + 1
    }

    fn sweep(&mut self) -> Result<(), OverBudget> {
        let mut left = self.budget;
        let mut steps: Vec<Log> = vec![0; self.places() + 1];
        for block in &self.blocks {
            let mut before = 0;
            let changes = self.changes(block);
            let cost = (changes.len() * block.members.len()) as u64;
            left = left.checked_sub(cost).ok_or(OverBudget)?;
            for place in changes {
                let now = log(self.at(block, place, &Special::Nothing));
                if let Some(slot) = steps.get_mut(place) {
                    *slot += now - before;
                }
                before = now;
            }
        }
        let mut terms: Vec<Log> = Vec::with_capacity(self.places());
        let mut sum = 0;
        for step in steps.iter().take(self.places()) {
            sum += step;
            terms.push(sum);
        }
        self.scale = terms.iter().copied().max().unwrap_or(0);
        let scale = self.scale;
        let term = |t: usize| terms.get(t).map_or(0.0, |l| exp(l - scale));
        // Cells less the joints after them: no term is negative, so that nothing cancels.
        let mut sum = 0.0;
        self.sums = vec![0.0];
        for cell in 0..=self.cuts.len() {
            let here = term(2 * cell);
            self.sums.push(sum + here);
            if cell < self.cuts.len() {
                sum += here - term(2 * cell + 1).min(here);
                self.sums.push(sum);
            } else {
                sum += here;
            }
        }
        self.total = sum;
        Ok(())
    }

    /// Signed sum of the terms from one place to another, both included.
    fn sum(&self, from: usize, to: usize) -> f64 {
        if from > to {
            return 0.0;
        }
        let at = |i: usize| self.sums.get(i).copied().unwrap_or(0.0);
        at(to + 1) - at(from)
    }

    /// The chance, relative to the scale, that no active unit excludes any of the cells from `first` to `last`.
    fn span(&self, first: usize, last: usize) -> f64 {
        if let Some(known) = self.spans.get(&(first, last)) {
            return *known;
        }
        let excludes = |i: usize| {
            self.members
                .get(i)
                .is_none_or(|m| m.first > first || m.last < last)
        };
        let sum: Log = self
            .blocks
            .iter()
            .map(|b| log(self.evaluate(&b.plan, &excludes, &Special::Nothing)))
            .sum();
        exp(sum - self.scale)
    }

    /// Spans across each member's own cells: a sweep over first cells, with sums of logarithms by last cells.
    fn span_members(&mut self) -> Result<(), OverBudget> {
        let cells = self.cuts.len() + 1;
        // What a block adds for spans that some of its units hold: by first and last cell, as differences.
        let mut base: Log = 0;
        let mut points: Vec<(usize, usize, Log)> = Vec::new();
        let mut wide: Vec<&Block> = Vec::new();
        let mut left = self.budget;
        for block in &self.blocks {
            let value = |first: usize, last: usize| {
                let excludes = |i: usize| {
                    self.members
                        .get(i)
                        .is_none_or(|m| m.first > first || m.last < last)
                };
                log(self.evaluate(&block.plan, &excludes, &Special::Nothing))
            };
            let none = log(self.evaluate(&block.plan, &|_| true, &Special::Nothing));
            base += none;
            if block.uniform {
                if let Some(m) = block.members.first().and_then(|i| self.members.get(*i)) {
                    points.push((m.first, m.last, value(m.first, m.last) - none));
                }
                continue;
            }
            if block.members.len() > TABLED {
                base -= none;
                wide.push(block);
                continue;
            }
            let ends = |end: fn(&Member) -> usize| {
                let mut out: Vec<usize> = block
                    .members
                    .iter()
                    .filter_map(|i| self.members.get(*i))
                    .map(end)
                    .collect();
                out.sort_unstable();
                out.dedup();
                out
            };
            let (firsts, mut lasts) = (ends(|m| m.first), ends(|m| m.last));
            lasts.reverse();
            let cost = (firsts.len() * lasts.len() * block.members.len()) as u64;
            left = left.checked_sub(cost).ok_or(OverBudget)?;
            let mut above = vec![none; lasts.len() + 1];
            for first in &firsts {
                let mut row = vec![none];
                for (j, last) in lasts.iter().enumerate() {
                    let here = value(*first, *last);
                    let get = |list: &[Log], i: usize| list.get(i).copied().unwrap_or(none);
                    let delta = here - get(&row, j) - get(&above, j + 1) + get(&above, j);
                    points.push((*first, *last, delta));
                    row.push(here);
                }
                above = row;
            }
        }
        points.sort_unstable();
        let mut wanted: Vec<(usize, usize)> = self
            .members
            .iter()
            .filter(|m| m.first > 0 && m.last + 1 < cells)
            .map(|m| (m.first - 1, m.last + 1))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let each: u64 = wide.iter().map(|b| b.members.len() as u64).sum();
        if each.saturating_mul(wanted.len() as u64) > left {
            return Err(OverBudget);
        }
        let mut tree = Fenwick::new(cells);
        let mut next = points.iter().peekable();
        let mut found: Table<(usize, usize), f64> = Table::default();
        for (first, last) in wanted {
            while let Some((_, end, delta)) = next.next_if(|(start, ..)| *start <= first) {
                // Counted from the right, so that a prefix is "ends at `last` or later".
                tree.add(cells - 1 - end, *delta);
            }
            let excludes = |i: usize| {
                self.members
                    .get(i)
                    .is_none_or(|m| m.first > first || m.last < last)
            };
            let rest: Log = wide
                .iter()
                .map(|b| log(self.evaluate(&b.plan, &excludes, &Special::Nothing)))
                .sum();
            let sum = base + tree.up_to(cells - 1 - last) + rest;
            found.insert((first, last), exp(sum - self.scale));
        }
        self.spans = found;
        Ok(())
    }

    /// The weight of the possible scenarios.
    pub(crate) fn total(&self) -> Weight {
        if self.total <= 0.0 {
            return Weight::ZERO;
        }
        Weight::new(self.total) * Weight::power_of_two(self.scale, UNIT)
    }

    /// Units solved.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The share of the possible scenarios that leave some value of a set. What is left is a stretch: it meets a set with gaps as often as
    /// it meets its parts, less how often it spans a gap.
    fn meets(&self, set: &Set) -> f64 {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for stretch in set.stretches() {
            let Some((first, last)) = self.cells(*stretch) else {
                continue;
            };
            match runs.last_mut() {
                Some(run) if run.1 + 1 >= first => run.1 = run.1.max(last),
                _ => runs.push((first, last)),
            }
        }
        let parts: f64 = runs.iter().map(|(a, b)| self.sum(2 * a, 2 * b)).sum();
        let spans: f64 = runs
            .windows(2)
            .map(|w| match w {
                [(_, a), (b, _)] => self.span(*a, *b),
                _ => 0.0,
            })
            .sum();
        ((parts - spans) / self.total).clamp(0.0, 1.0)
    }

    /// Belief and plausibility of a set; something must be possible.
    pub(crate) fn opinion(&self, set: &Set, domain: Interval) -> (f64, f64) {
        let plausibility = self.meets(set);
        let belief = 1.0 - self.meets(&set.complement_in(domain));
        (belief.clamp(0.0, plausibility), plausibility)
    }

    /// The share of the possible scenarios in which what is special to a block holds, `table` giving it for each place where the block's
    /// value changes.
    fn share(
        &self,
        block: &Block,
        from: usize,
        to: usize,
        mut special: impl FnMut(usize) -> f64,
    ) -> f64 {
        let mut changes = self.changes(block);
        changes.retain(|p| *p <= to);
        let mut sum = 0.0;
        for (i, place) in changes.iter().enumerate() {
            let end = changes.get(i + 1).map_or(to, |next| next - 1).min(to);
            let start = (*place).max(from);
            if start > end {
                continue;
            }
            let plain = self.at(block, *place, &Special::Nothing);
            if plain > 0.0 {
                sum += self.sum(start, end) * special(*place) / plain;
            }
        }
        (sum / self.total).clamp(0.0, 1.0)
    }

    /// The share of the possible scenarios in which one of `guards` holds, all of one claim on the unit. `None` if the unit is not here.
    pub(crate) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        let guards: Vec<Vec<ClassId>> = guards.iter().map(|g| self.classes.translate(g)).collect();
        let Some(&i) = self.by_unit.get(&unit) else {
            // A certain unit: what it says is part of the domain.
            return guards.iter().any(Vec::is_empty).then_some(1.0);
        };
        let m = self.members.get(i)?;
        let block = self.blocks.get(*self.block_of.get(i)?)?;
        let table: Vec<f64> = (0..m.idle.len())
            .map(|mask| {
                let part = |slot| self.part(m, slot, mask, false);
                m.leaf
                    .holds(&guards, part, |c| self.classes.probability(c))
                    .get()
            })
            .collect();
        let (from, to) = self.range(i);
        Some(self.share(block, from, to, |place| {
            self.at(block, place, &Special::Unit(i, &table))
        }))
    }

    /// The weight of an input of a member's leaf under a mask of its shared classes; without the inputs in which it is active, if `idle`.
    fn part(&self, m: &Member, slot: super::circuit::Slot, mask: usize, idle: bool) -> Weight {
        let shared = m.idle.len() - 1;
        let fits = m
            .leaf
            .table()
            .any(|(a, s, active)| s == slot && a as usize & shared == mask && !(idle && active));
        if fits {
            self.circuit.value(slot)
        } else {
            Weight::ZERO
        }
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it.
    pub(crate) fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
        let class = *self.classes.of.get(&id)?;
        let last = self.places() - 1;
        let i = (*self.home.get(class.0 as usize)?)?;
        let m = self.members.get(i)?;
        let block = self.blocks.get(*self.block_of.get(i)?)?;
        let holds = if m.scope.binary_search(&class).is_ok() {
            self.share(block, 0, last, |place| {
                self.at(block, place, &Special::Class(class))
            })
        } else {
            let probability = |c: ClassId| self.classes.probability(c);
            let table = |idle: bool| -> Vec<f64> {
                (0..m.idle.len())
                    .map(|mask| {
                        let part = |slot| self.part(m, slot, mask, idle);
                        m.leaf
                            .private(class, part, probability)
                            .map_or(0.0, Weight::get)
                    })
                    .collect()
            };
            let (free, idle) = (table(false), table(true));
            let (from, to) = self.range(i);
            self.share(block, 0, last, |place| {
                let allowed = from <= place && place <= to;
                let table = if allowed { &free } else { &idle };
                self.at(block, place, &Special::Unit(i, table))
            })
        };
        let all = self.classes.probability(class).get();
        let alone = if all < 1.0 {
            (prior.get() - all) / (1.0 - all)
        } else {
            0.0
        };
        Some(holds + (1.0 - holds).max(0.0) * alone.max(0.0))
    }

    /// The share of the possible scenarios in which none of the units is active.
    pub(crate) fn without(&self, units: &[UnitId]) -> f64 {
        let gone: std::collections::BTreeSet<usize> = units
            .iter()
            .filter_map(|u| self.by_unit.get(u))
            .copied()
            .collect();
        let rest = || {
            self.members
                .iter()
                .enumerate()
                .filter(|(i, _)| !gone.contains(i))
                .map(|(_, m)| m)
        };
        let first = rest().map(|m| m.first).max().unwrap_or(0);
        let last = rest().map(|m| m.last).min().unwrap_or(self.cuts.len());
        if first <= last {
            // The rest shares a cell: without these units everything is possible.
            let sum: Log = self
                .blocks
                .iter()
                .map(|b| log(self.evaluate(&b.plan, &|i| gone.contains(&i), &Special::Nothing)))
                .sum();
            return (exp(sum - self.scale) / self.total).clamp(0.0, 1.0);
        }
        let mut sum = 0.0;
        for place in 0..self.places() {
            let excludes = |i: usize| {
                let (from, to) = self.range(i);
                gone.contains(&i) || place < from || place > to
            };
            let log: Log = self
                .blocks
                .iter()
                .map(|b| log(self.evaluate(&b.plan, &excludes, &Special::Nothing)))
                .sum();
            let term = exp(log - self.scale);
            sum += if place % 2 == 0 { term } else { -term };
        }
        (sum / self.total).clamp(0.0, 1.0)
    }
}
