//! Units that share assumptions: by cases, until each stands alone.

use std::collections::BTreeMap;

use super::{Line, Log, log};
use crate::network::eliminate::OverBudget;
use crate::network::leaf::ClassId;
use crate::network::propagate::Forest;
use crate::sets::weight::Weight;

/// How a block's units hang together: by cases on shared assumptions, independent parts multiplied.
#[derive(Debug, Clone)]
pub(super) enum Plan {
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

/// Units that share assumptions, and how.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) members: Vec<usize>,
    pub(super) plan: Plan,
    /// All its units allow the same cells.
    pub(super) uniform: bool,
}

/// What a block's value is linear in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// Unit by member, under a mask of its shared classes.
    Unit(usize, usize),
    /// That a class holds.
    Class(ClassId),
}

impl Line {
    pub(super) fn form_blocks(&mut self) -> Result<(), OverBudget> {
        let mut forest = Forest::new(self.members.len());
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
        let mut forest = Forest::new(units.len());
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

    /// The chance that a unit of a block is not active, or 1 where it need not be idle.
    fn idle(&self, member: usize, mask: usize, excludes: &impl Fn(usize) -> bool) -> Weight {
        if !excludes(member) {
            return Weight::ONE;
        }
        let idle = self.members.get(member).and_then(|m| m.idle.get(mask));
        Weight::new(idle.copied().unwrap_or(0.0))
    }

    /// The chance that none of the block's units that `excludes` names is active.
    pub(super) fn evaluate(&self, plan: &Plan, excludes: &impl Fn(usize) -> bool) -> Weight {
        match plan {
            Plan::Unit(i, mask) => self.idle(*i, *mask, excludes),
            Plan::All(parts) => parts
                .iter()
                .fold(Weight::ONE, |all, p| all * self.evaluate(p, excludes)),
            Plan::Either {
                probability,
                holds,
                fails,
                ..
            } => {
                Weight::new(*probability) * self.evaluate(holds, excludes)
                    + Weight::new(1.0 - probability) * self.evaluate(fails, excludes)
            }
        }
    }

    /// The same as a logarithm.
    pub(super) fn log_of(&self, plan: &Plan, excludes: &impl Fn(usize) -> bool) -> Log {
        log(self.evaluate(plan, excludes))
    }

    /// Tells the derivative of the same, times `outer`, by each of its units; and for each class that is split by, the part of the value,
    /// times `outer`, in which it holds.
    pub(super) fn derive(
        &self,
        plan: &Plan,
        excludes: &impl Fn(usize) -> bool,
        outer: Weight,
        tell: &mut impl FnMut(Part, Weight),
    ) {
        match plan {
            Plan::Unit(i, mask) => tell(Part::Unit(*i, *mask), outer),
            Plan::All(parts) => {
                // Products of all parts after each.
                let mut after = vec![Weight::ONE];
                for p in parts.iter().rev() {
                    let last = after.last().copied().unwrap_or(Weight::ONE);
                    after.push(last * self.evaluate(p, excludes));
                }
                let mut before = outer;
                for (p, rest) in parts.iter().zip(after.iter().rev().skip(1)) {
                    self.derive(p, excludes, before * *rest, tell);
                    before = before * self.evaluate(p, excludes);
                }
            }
            Plan::Either {
                class,
                probability,
                holds,
                fails,
            } => {
                let (yes, no) = (Weight::new(*probability), Weight::new(1.0 - probability));
                tell(
                    Part::Class(*class),
                    outer * yes * self.evaluate(holds, excludes),
                );
                self.derive(holds, excludes, outer * yes, tell);
                self.derive(fails, excludes, outer * no, tell);
            }
        }
    }
}
