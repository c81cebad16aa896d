//! One variable and stretches of values: solved by a sweep over the values, however many units there are.
//!
//! What a scenario leaves of the variable is one stretch. Cut the values into cells that no unit's end divides, and call the
//! border between two cells a joint: a stretch that is left holds one cell more than joints. So the weight of the possible scenarios is the
//! sum over cells, less the sum over joints, of the probability that no active unit excludes the cell or joint (the Euler
//! characteristic of a stretch is 1). That probability is a product over blocks of units that share assumptions, and changes only
//! where a unit begins or ends. Sums of logarithms are kept as whole multiples of 2^-80, so that they come out the same in any order.
//!
//! What other variables say of this one is a further factor of each cell and joint (see [`Around`]).

mod answers;
mod around;
mod plan;
mod spans;

use std::borrow::Cow;
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
}

/// A variable solved.
#[derive(Debug)]
pub(super) struct Line {
    /// First value of each cell but the first, ascending.
    cuts: Vec<i128>,
    /// What certain units and the domain leave.
    hull: Interval,
    members: Vec<Member>,
    by_unit: BTreeMap<UnitId, usize>,
    /// By class: the first member that uses it.
    home: Vec<Option<usize>>,
    /// By member.
    block_of: Vec<usize>,
    blocks: Vec<Block>,
    classes: Classes,
    circuit: Circuit,
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
    budget: u64,
}

impl Line {
    /// Lays out what is said of a variable within `hull`, which already minds what is certain. No unit's end divides a cell, nor does an
    /// end of `others`. `budget` is in evaluations of units.
    ///
    /// # Complexity
    ///
    /// O(n log n) for n units where blocks are small; in general the sum of the squared sizes of blocks, times two to the number of
    /// assumptions to split each by.
    pub(super) fn new(
        network: &Network,
        hull: Interval,
        said: Vec<Said>,
        others: &[Interval],
        budget: u64,
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
        cuts.retain(|x| hull.contains(*x) && hull.lower() != Some(*x));
        cuts.sort_unstable();
        cuts.dedup();
        let mut out = Self {
            cuts,
            hull,
            members: Vec::with_capacity(said.len()),
            by_unit: BTreeMap::new(),
            home: vec![None; users.len()],
            block_of: Vec::new(),
            blocks: Vec::new(),
            classes,
            circuit: Circuit::new(),
            terms: Vec::new(),
            around: None,
            scale: 0,
            sums: vec![0.0],
            total: 0.0,
            spans: Table::default(),
            parts: OnceLock::new(),
            budget,
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
            let cells = s.stretch.and_then(|s| out.cells(s)).unwrap_or((1, 0));
            out.enter(cells, leaf);
        }
        out.form_blocks()?;
        out.terms = out.weigh_places(&[])?;
        Ok(out)
    }

    fn enter(&mut self, (first, last): (usize, usize), leaf: Leaf) {
        let scope = leaf.scope();
        let mut idle = vec![0.0; 1 << scope.len()];
        let shared = idle.len() - 1;
        for (assignment, slot, active) in leaf.table() {
            if let (false, Some(sum)) = (active, idle.get_mut(assignment as usize & shared)) {
                *sum += self.circuit.value(slot).get();
            }
        }
        self.members.push(Member {
            first,
            last,
            scope,
            idle,
            leaf,
        });
    }

    /// Sums up, with what other variables say.
    pub(super) fn solve(&mut self, around: Option<Around>) -> Result<(), OverBudget> {
        self.around = around;
        self.sum_up();
        self.span_members()
    }

    /// First and last cell of a stretch; `None` if it holds none.
    fn cells(&self, stretch: Interval) -> Option<(usize, usize)> {
        let within = stretch.intersection(self.hull)?;
        let cell = |x: i128| self.cuts.partition_point(|c| *c <= x);
        Some((
            within.lower().map_or(0, cell),
            within.upper().map_or(self.cuts.len(), cell),
        ))
    }

    /// What certain units and the domain leave.
    pub(super) fn hull(&self) -> Interval {
        self.hull
    }

    /// First value of each cell but the first, ascending.
    pub(super) fn cuts(&self) -> &[i128] {
        &self.cuts
    }

    /// Whether no end of the set divides a cell.
    pub(super) fn resolves(&self, set: &Set) -> bool {
        let is_cut = |x: i128| {
            !self.hull.contains(x)
                || self.hull.lower() == Some(x)
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

    /// The chance that no active unit excludes a place, nor any of `gone` is active, for all of them.
    fn weigh_places(&self, gone: &[usize]) -> Result<Vec<Log>, OverBudget> {
        let mut left = self.budget;
        let mut steps: Vec<Log> = vec![0; self.places()];
        for block in &self.blocks {
            let mut before = 0;
            let changes = self.changes(block);
            let cost = (changes.len() * block.members.len()) as u64;
            left = left.checked_sub(cost).ok_or(OverBudget)?;
            for place in changes {
                let excludes = |i: usize| self.excludes(i, place) || gone.binary_search(&i).is_ok();
                let now = self.log_of(&block.plan, &excludes);
                if let Some(slot) = steps.get_mut(place) {
                    *slot += now - before;
                }
                before = now;
            }
        }
        let mut sum = 0;
        for step in &mut steps {
            sum += *step;
            *step = sum;
        }
        Ok(steps)
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
        let terms = self.terms_without(gone)?;
        Some((allows(&terms), begins(&terms, side)))
    }

    /// By place, where also none of `gone` is active; `None` if one of them always is.
    fn terms_without(&self, gone: &[UnitId]) -> Option<Cow<'_, [Log]>> {
        if self.are_some_certain(gone) {
            return None;
        }
        let mut places: Vec<usize> = gone
            .iter()
            .filter_map(|u| self.by_unit.get(u))
            .copied()
            .collect();
        if places.is_empty() {
            return Some(Cow::Borrowed(&self.terms));
        }
        places.sort_unstable();
        self.weigh_places(&places).ok().map(Cow::Owned)
    }

    /// What the units leave where also none of `gone` is active; `None` if one of them always is.
    pub(super) fn leeway(&self, gone: &[UnitId]) -> Option<Leeway> {
        let terms = self.terms_without(gone)?;
        let joints = terms.iter().skip(1).step_by(2);
        Some(Leeway::new(
            self.hull,
            &self.cuts,
            &allows(&terms),
            &joints.map(|l| weight(*l)).collect::<Vec<_>>(),
            [&begins(&terms, Side::Lower), &begins(&terms, Side::Upper)],
        ))
    }

    /// Whether one of the units is active whatever holds.
    fn are_some_certain(&self, units: &[UnitId]) -> bool {
        units.iter().any(|u| {
            let member = self.by_unit.get(u).and_then(|i| self.members.get(*i));
            member.is_some_and(|m| m.idle.iter().all(|p| *p <= 0.0))
        })
    }

    /// The weight of the possible scenarios.
    pub(super) fn total(&self) -> Weight {
        Weight::new(self.total) * Weight::power_of_two(self.scale, UNIT)
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
