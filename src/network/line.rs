//! One variable and stretches of values: solved by a sweep over the values, however many units there are.
//!
//! What a scenario leaves of the variable is one stretch. Cut the values into cells that no unit's end divides, and call the
//! border between two cells a joint: a stretch that is left holds one cell more than joints. So the weight of the possible scenarios is the
//! sum over cells, less the sum over joints, of the probability that no active unit excludes the cell or joint (the Euler
//! characteristic of a stretch is 1). That probability is a product over blocks of units that share assumptions, and changes only
//! where a unit begins or ends (see [`plan`] and [`sweep`]). Sums of logarithms are kept as whole multiples of 2^-80, so that they come out the same in any order.
//!
//! What other variables say of this one is a further factor of each cell and joint (see [`Around`]).

mod answers;
mod around;
mod elimination;
mod plan;
mod spans;
mod sweep;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::circuit::Circuit;
use super::eliminate::OverBudget;
use super::frontier::Side;
use super::hash::Table;
use super::leaf::{ClassId, Classes, Leaf};
use super::leeway::Leeway;
use super::{Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::set::Set;
use crate::sets::weight::Weight;
pub(super) use answers::Opinion;
use answers::Parts;
pub(super) use around::Around;
use around::weight;
use plan::Block;
use sweep::{Moment, State};

/// A binary logarithm in units of 2^-80.
pub(super) type Log = i128;

pub(super) const UNIT: f64 = 1_208_925_819_614_629_174_706_176.0; // 2^80

fn log(weight: Weight) -> Log {
    let least = i128::MIN >> 20;
    if weight.is_zero() {
        least
    } else {
        weight.log(UNIT)
    }
}

/// 2 to the power of a logarithm, for logarithms up to about 1,000; 0 far below.
#[expect(
    clippy::cast_precision_loss,
    reason = "the error is relative to the result"
)]
fn exp(log: Log) -> f64 {
    (log as f64 / UNIT).exp2()
}

/// What is said of the variable, and where it counts.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) unit: UnitId,
    /// The values allowed; `None` for none at all.
    pub(super) stretch: Option<Interval>,
    pub(super) guards: Vec<Guard>,
    /// It is tried out whether it is active, and what it allows is minded elsewhere.
    pub(super) given: Option<bool>,
}

impl Said {
    /// Whether it counts in every scenario.
    pub(super) fn is_certain(&self, network: &Network) -> bool {
        self.guards
            .iter()
            .any(|g| g.iter().all(|a| network.probability(*a).is_one()))
    }
}

/// A unit on the line.
#[derive(Debug)]
struct Member {
    /// First and last cell it allows; 1 and 0 if it allows none.
    first: usize,
    last: usize,
    scope: Vec<ClassId>,
    /// By mask over the scope: the chance that it is not active.
    idle: Vec<f64>,
    leaf: Leaf,
    /// Whether it is active, where that is tried out.
    given: Option<bool>,
    /// By mask: the chance that it is active, if it is given that it is.
    active: Vec<f64>,
}

/// A variable solved.
#[derive(Debug)]
pub(super) struct Line {
    /// First value of each cell but the first, ascending.
    cuts: Vec<i128>,
    /// Last value of each cell but the last. Where the domain has gaps, that is not always just below a cut.
    ends: Vec<i128>,
    /// What certain units, those given as active and the variable's own domain leave.
    domain: Set,
    members: Vec<Member>,
    by_unit: BTreeMap<UnitId, usize>,
    /// By class: the first member that uses it.
    home: Vec<Option<usize>>,
    /// By member.
    block_of: Vec<usize>,
    blocks: Vec<Block>,
    classes: Classes,
    circuit: Circuit,
    /// Members, those that allow the highest first cell first; and those that allow the lowest last cell.
    by_first: Vec<usize>,
    by_last: Vec<usize>,
    /// By place: the chance that no active unit excludes it.
    terms: Vec<Log>,
    around: Option<Around>,
    /// Of the largest term: the scale of the sums.
    scale: Log,
    /// Sums of the signed terms up to each place, cells at even places and joints at odd ones, relative to the scale; with a 0 in front.
    sums: Vec<f64>,
    total: f64,
    /// The chance that no unit excludes any of the cells from the first to the second: for those that opinions on the members' own sets
    /// need.
    spans: Table<(usize, usize), Log>,
    parts: OnceLock<Parts>,
}

impl Line {
    /// Lays out what is said of a variable within `domain`, which already minds what is certain or given. Gaps in it are passed over: what a
    /// stretch leaves of it is a run of cells all the same. No unit's end divides a cell, nor does an
    /// end of `others`. What it takes is charged to `left`, in entries of tables.
    ///
    /// # Complexity
    ///
    /// O(n log n) for n units, times two to the number of assumptions that must be known at once for the rest of a block to fall apart.
    pub(super) fn new(
        network: &Network,
        domain: Set,
        said: Vec<Said>,
        others: &[Interval],
        left: &mut u64,
    ) -> Result<Self, OverBudget> {
        // Units that are certain are here as well: the hull minds what they allow, so that they exclude nothing, but they can be asked which of
        // their guards hold.
        let guards = said.iter().flat_map(|s| &s.guards);
        let classes = Classes::new(guards, &[], |a| network.probability(a));
        let translated: Vec<Vec<Vec<ClassId>>> = said
            .iter()
            .map(|s| s.guards.iter().map(|g| classes.translate(g)).collect())
            .collect();
        let mut users = vec![0_u32; classes.members.len()];
        for guards in &translated {
            let mut own: Vec<ClassId> = guards.iter().flatten().copied().collect();
            own.sort_unstable();
            own.dedup();
            for class in own {
                if let Some(n) = users.get_mut(class.0 as usize) {
                    *n += 1;
                }
            }
        }
        let mut cuts: Vec<i128> = Vec::with_capacity(2 * said.len());
        for s in said
            .iter()
            .filter_map(|s| s.stretch)
            .chain(others.iter().copied())
        {
            cuts.extend(s.lower());
            cuts.extend(s.upper().map(|x| x + 1));
        }
        cuts.extend(domain.stretches().iter().filter_map(|s| s.lower()));
        let lowest = domain.lower();
        cuts.retain(|x| domain.contains(*x) && lowest != Some(*x));
        cuts.sort_unstable();
        cuts.dedup();
        let mut gaps = domain.stretches().iter().rev().peekable();
        let mut ends: Vec<i128> = Vec::with_capacity(cuts.len());
        for cut in cuts.iter().rev() {
            while gaps.next_if(|s| s.low_key() >= *cut).is_some() {}
            let below = gaps.peek().map_or(i128::MAX, |s| s.high_key());
            ends.push(below.min(cut - 1));
        }
        ends.reverse();
        let mut out = Self {
            cuts,
            ends,
            domain,
            members: Vec::with_capacity(said.len()),
            by_unit: BTreeMap::new(),
            home: vec![None; users.len()],
            block_of: Vec::new(),
            blocks: Vec::new(),
            classes,
            circuit: Circuit::new(),
            by_first: Vec::new(),
            by_last: Vec::new(),
            terms: Vec::new(),
            around: None,
            scale: 0,
            sums: vec![0.0],
            total: 0.0,
            spans: Table::default(),
            parts: OnceLock::new(),
        };
        for (s, guards) in said.into_iter().zip(translated) {
            let leaf = Leaf::new(
                &guards,
                |c| users.get(c.0 as usize).is_some_and(|n| *n > 1),
                |c| out.classes.probability(c),
                &mut out.circuit,
            )
            .map_err(|_| OverBudget)?;
            for class in guards.iter().flatten() {
                if let Some(slot @ None) = out.home.get_mut(class.0 as usize) {
                    *slot = Some(out.members.len());
                }
            }
            out.by_unit.insert(s.unit, out.members.len());
            let cells = match s.given {
                None => s.stretch.and_then(|s| out.cells(s)),
                Some(active) => active.then_some((0, out.cuts.len())),
            };
            out.enter(cells.unwrap_or((1, 0)), leaf, s.given);
        }
        out.form_blocks(left)?;
        out.order_members();
        out.terms = out.weigh_places();
        Ok(out)
    }

    fn enter(&mut self, (first, last): (usize, usize), leaf: Leaf, given: Option<bool>) {
        let scope = leaf.scope();
        let size = 1 << scope.len();
        let chances = |of: bool| {
            let mut sums = vec![0.0; size];
            for (assignment, slot, active) in leaf.table() {
                let sum = sums.get_mut(assignment as usize & (size - 1));
                if let (true, Some(sum)) = (active == of, sum) {
                    *sum += self.circuit.value(slot).get();
                }
            }
            sums
        };
        let idle = chances(false);
        let active = if given == Some(true) {
            chances(true)
        } else {
            Vec::new()
        };
        self.members.push(Member {
            first,
            last,
            scope,
            idle,
            leaf,
            given,
            active,
        });
    }

    fn order_members(&mut self) {
        let given = |i: &usize| self.members.get(*i).and_then(|m| m.given);
        let all = (0..self.members.len()).filter(|i| given(i).is_none());
        let end = |i: &usize| self.members.get(*i).map(|m| (m.first, m.last));
        let mut by_first: Vec<usize> = all.clone().collect();
        by_first.sort_by_key(|i| Reverse(end(i).map(|e| e.0)));
        let mut by_last: Vec<usize> = all.collect();
        by_last.sort_by_key(|i| end(i).map(|e| e.1));
        (self.by_first, self.by_last) = (by_first, by_last);
    }

    /// Sums up, with what other variables say. What it takes is charged to `left`.
    pub(super) fn solve(
        &mut self,
        around: Option<Around>,
        left: &mut u64,
    ) -> Result<(), OverBudget> {
        self.around = around;
        self.sum_up();
        self.span_members(left)
    }

    /// First and last cell of a stretch; `None` if it holds none.
    fn cells(&self, stretch: Interval) -> Option<(usize, usize)> {
        let within = stretch.intersection(self.domain.hull()?)?;
        let first = within
            .lower()
            .map_or(0, |x| self.ends.partition_point(|e| *e < x));
        let last = within
            .upper()
            .map_or(self.cuts.len(), |x| self.cuts.partition_point(|c| *c <= x));
        (first <= last).then_some((first, last))
    }

    /// What certain units and the domain leave.
    pub(super) fn hull(&self) -> Interval {
        self.domain.hull().unwrap_or(Interval::EVERYTHING)
    }

    /// First value of each cell but the first, ascending.
    pub(super) fn cuts(&self) -> &[i128] {
        &self.cuts
    }

    /// Whether no end of the set divides a cell.
    pub(super) fn resolves(&self, set: &Set) -> bool {
        let is_cut = |x: i128| {
            !self.domain.contains(x)
                || self.domain.lower() == Some(x)
                || self.cuts.binary_search(&x).is_ok()
        };
        set.stretches()
            .iter()
            .all(|s| s.lower().is_none_or(is_cut) && s.upper().is_none_or(|x| is_cut(x + 1)))
    }

    /// The places (twice a cell, or one more for the joint after it) that a member allows.
    fn range(&self, member: usize) -> (usize, usize) {
        self.members
            .get(member)
            .map_or((1, 0), |m| (2 * m.first, 2 * m.last))
    }

    /// Whether a member does not allow a place.
    fn excludes(&self, member: usize, place: usize) -> bool {
        let (from, to) = self.range(member);
        place < from || place > to
    }

    fn places(&self) -> usize {
        2 * self.cuts.len() + 1
    }

    /// The chance that no active unit excludes a place, for all of them.
    fn weigh_places(&self) -> Vec<Log> {
        let mut steps: Vec<Log> = vec![0; self.places()];
        for block in &self.blocks {
            self.add_steps(block, &[], &mut steps, |step| step);
        }
        add_up(&mut steps);
        steps
    }

    /// The same where also none of `gone` (members, ascending) may be active.
    fn terms_without(&self, gone: &[usize]) -> Vec<Log> {
        let mut steps: Vec<Log> = vec![0; self.places()];
        for block in self.blocks_of(gone) {
            self.add_steps(block, gone, &mut steps, |step| step);
            self.add_steps(block, &[], &mut steps, |step| -step);
        }
        add_up(&mut steps);
        for (term, all) in steps.iter_mut().zip(&self.terms) {
            *term += *all;
        }
        steps
    }

    /// By how much a block's part changes from place to place.
    fn add_steps(&self, block: &Block, gone: &[usize], steps: &mut [Log], of: impl Fn(Log) -> Log) {
        let mut before = 0;
        self.sweep(State::new(self, block), gone, |state, moment| {
            let Moment::From(place) = moment else { return };
            let now = state.log();
            if let Some(slot) = steps.get_mut(place) {
                *slot += of(now - before);
            }
            before = now;
        });
    }

    /// The members that units are, ascending.
    fn places_of(&self, units: &[UnitId]) -> Vec<usize> {
        let mut out: Vec<usize> = units
            .iter()
            .filter_map(|u| self.by_unit.get(u))
            .copied()
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The blocks that some members are in.
    fn blocks_of(&self, members: &[usize]) -> impl Iterator<Item = &Block> {
        let mut blocks: Vec<usize> = members
            .iter()
            .filter_map(|i| self.block_of.get(*i))
            .copied()
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks.into_iter().filter_map(|b| self.blocks.get(b))
    }

    /// What others say of a place.
    fn beyond(&self, place: usize) -> Log {
        self.around.as_ref().map_or(0, |around| around.of(place))
    }

    fn sum_up(&mut self) {
        let terms: Vec<Log> = (0..)
            .zip(&self.terms)
            .map(|(p, l)| l + self.beyond(p))
            .collect();
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
    }

    /// The chance that the units leave a cell: by cell.
    pub(super) fn allows(&self) -> Vec<Weight> {
        allows(&self.terms)
    }

    /// The chance that the units leave a cell but not the one before it (not the one after it, of upper ends): by cell; 0 for the first (the
    /// last).
    pub(super) fn begins(&self, side: Side) -> Vec<Weight> {
        begins(&self.terms, side)
    }

    /// [`allows`](Self::allows) and [`begins`](Self::begins) where also none of `gone` is active; `None` if one of them always is.
    pub(super) fn rest(&self, gone: &[UnitId], side: Side) -> Option<(Vec<Weight>, Vec<Weight>)> {
        let terms = self.terms_left(gone)?;
        Some((allows(&terms), begins(&terms, side)))
    }

    /// By place, where also none of `gone` is active; `None` if one of them always is.
    fn terms_left(&self, gone: &[UnitId]) -> Option<Cow<'_, [Log]>> {
        if self.are_some_certain(gone) {
            return None;
        }
        let places = self.places_of(gone);
        Some(if places.is_empty() {
            Cow::Borrowed(&self.terms)
        } else {
            Cow::Owned(self.terms_without(&places))
        })
    }

    /// What the units leave where also none of `gone` is active; `None` if one of them always is.
    pub(super) fn leeway(&self, gone: &[UnitId]) -> Option<Leeway> {
        let terms = self.terms_left(gone)?;
        let joints = terms.iter().skip(1).step_by(2);
        Some(Leeway::new(
            self.hull(),
            &self.cuts,
            &allows(&terms),
            &joints.map(|l| weight(*l)).collect::<Vec<_>>(),
            [&begins(&terms, Side::Lower), &begins(&terms, Side::Upper)],
        ))
    }

    /// Whether one of the units is active whatever holds, as far as is given.
    fn are_some_certain(&self, units: &[UnitId]) -> bool {
        units.iter().any(|u| {
            let member = self.by_unit.get(u).and_then(|i| self.members.get(*i));
            member.is_some_and(|m| m.given == Some(true) || m.idle.iter().all(|p| *p <= 0.0))
        })
    }

    /// The weight of the possible scenarios.
    pub(super) fn total(&self) -> Weight {
        Weight::new(self.total) * Weight::power_of_two(self.scale, UNIT)
    }
}

/// Steps from place to place as what they come to.
fn add_up(steps: &mut [Log]) {
    let mut sum = 0;
    for step in steps {
        sum += *step;
        *step = sum;
    }
}

fn allows(terms: &[Log]) -> Vec<Weight> {
    let cells = terms.iter().step_by(2);
    cells.map(|l| Weight::power_of_two(*l, UNIT)).collect()
}

fn begins(terms: &[Log], side: Side) -> Vec<Weight> {
    (0..terms.len())
        .step_by(2)
        .map(|place| {
            let joint = match side {
                Side::Lower => place.checked_sub(1),
                Side::Upper => Some(place + 1),
            };
            let joint = joint.and_then(|j| terms.get(j));
            let (Some(here), Some(joint)) = (terms.get(place), joint) else {
                return Weight::ZERO;
            };
            #[expect(clippy::cast_precision_loss, reason = "the error is relative")]
            let less = ((joint - here) as f64 / UNIT * std::f64::consts::LN_2).exp_m1();
            Weight::power_of_two(*here, UNIT) * Weight::new((-less).max(0.0))
        })
        .collect()
}

#[cfg(all(test, feature = "proptest"))]
mod tests;
