//! Units that share assumptions: tables over those, joined and summed up until none is left.
//!
//! A unit's table says, for each way in which the classes that it shares hold or fail, how likely it is that the unit is not active; or 1
//! everywhere, where it need not be idle. Tables that use a class are multiplied, and the class is summed out, one class after another
//! (variable elimination: Dechter 1999, "Bucket elimination"). What is left in the end is the chance that none of the units in question
//! is active. All terms are positive and nothing is divided.
//!
//! Tables form a tree, products being balanced: a unit that changes changes those between it and the root (see [`super::sweep`]).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::Line;
use super::elimination::{order, steps};
use super::sweep::State;
use crate::network::eliminate::OverBudget;
use crate::network::leaf::ClassId;
use crate::network::propagate::Forest;

/// Handing down an entry's derivatives takes as long as making so many entries.
const DERIVATIVES: u64 = 3;

/// Parts of the budget beyond which what something takes is not guessed.
pub(super) const MUCH: u64 = 1_000;

/// A table in a block's tree.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) made: Made,
    pub(super) parent: Option<u32>,
    /// Where its entries begin among those of its block.
    pub(super) from: usize,
    /// How many classes it is over: it has two to the power of that many entries.
    pub(super) width: u32,
}

/// What a table is made of: of tables before it.
#[derive(Debug)]
pub(super) enum Made {
    /// The unit at the same place among the block's members.
    Unit,
    Product {
        of: [u32; 2],
        /// What to add to the factors' places from one entry to the next, by how many of the low bits are carried; `None` where all three
        /// tables are over the same classes.
        steps: Option<Box<[[u32; 2]]>>,
    },
    /// Over the two ways of a class: bit `bit` of the table that it sums up.
    Sum {
        of: u32,
        class: ClassId,
        bit: u32,
        yes: f64,
    },
}

impl Node {
    pub(super) fn len(&self) -> usize {
        1 << self.width
    }
}

/// Units that share assumptions, and how.
#[derive(Debug)]
pub(super) struct Block {
    /// Ascending.
    pub(super) members: Vec<usize>,
    /// First those of the members, last the root.
    pub(super) nodes: Vec<Node>,
    /// Entries of all tables.
    pub(super) entries: usize,
    /// All its units allow the same cells.
    pub(super) uniform: bool,
    /// Of some of its units it is given whether they are active.
    pub(super) given: bool,
    /// Entries that one unit's change changes, on the average, rounded up.
    pub(super) change: u64,
}

/// What a block's value is linear in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// Entry of the table of the unit at a place among the members, where it must be idle or need not.
    Unit { at: usize, mask: usize, idle: bool },
    /// That a class holds.
    Class(ClassId),
}

impl Line {
    /// Plans how each block is weighed. Charges for a sweep over all of them.
    pub(super) fn form_blocks(&mut self, left: &mut u64) -> Result<(), OverBudget> {
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
        for members in groups.into_values() {
            for i in &members {
                if let Some(slot) = self.block_of.get_mut(*i) {
                    *slot = self.blocks.len();
                }
            }
            let block = self.block(members, left)?;
            self.blocks.push(block);
        }
        Ok(())
    }

    fn block(&self, members: Vec<usize>, left: &mut u64) -> Result<Block, OverBudget> {
        let ends = |i: &usize| self.members.get(*i).map(|m| (m.first, m.last));
        let uniform = members
            .windows(2)
            .all(|w| w.first().and_then(ends) == w.last().and_then(ends));
        let given = members
            .iter()
            .any(|i| self.members.get(*i).is_some_and(|m| m.given.is_some()));
        let scopes: Vec<&[ClassId]> = members
            .iter()
            .filter_map(|i| self.members.get(*i))
            .map(|m| m.scope.as_slice())
            .collect();
        let classes = order(&scopes, *left)?;
        let mut draft = Draft {
            line: self,
            nodes: Vec::with_capacity(2 * members.len()),
            scopes: Vec::with_capacity(2 * members.len()),
            units: Vec::with_capacity(2 * members.len()),
            entries: 0,
        };
        for scope in scopes {
            draft.push(Made::Unit, scope.to_vec(), 1);
        }
        draft.eliminate(&classes);
        let mut block = Block {
            members,
            nodes: draft.nodes,
            entries: draft.entries,
            uniform,
            given,
            change: 0,
        };
        block.weigh_changes();
        *left = left
            .checked_sub(self.cost_of_sweep(&block, *left))
            .ok_or(OverBudget)?;
        Ok(block)
    }

    /// What a sweep and the derivatives of all that it passes take: at the most, unless that is much; then exactly.
    fn cost_of_sweep(&self, block: &Block, left: u64) -> u64 {
        let mut cost = block.cost(2 * block.members.len() as u64);
        if cost > left / MUCH {
            cost = 0;
            self.sweep(State::dry(self, block), &[], |state, _| cost = state.made);
        }
        (cost + block.entries as u64).saturating_mul(1 + DERIVATIVES)
    }
}

impl Block {
    fn weigh_changes(&mut self) {
        // By node: entries from it to the root.
        let mut above = vec![0_u64; self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate().rev() {
            let rest = node.parent.and_then(|p| above.get(p as usize)).copied();
            if let Some(slot) = above.get_mut(i) {
                *slot = rest.unwrap_or(0) + node.len() as u64;
            }
        }
        let units = self.members.len();
        let sum: u64 = above.iter().take(units).sum();
        self.change = sum.div_ceil(units.max(1) as u64);
    }

    /// What so many changes of units cost, in entries.
    pub(super) fn cost(&self, changes: u64) -> u64 {
        changes.saturating_mul(self.change)
    }
}

/// A block's tables while they are joined.
struct Draft<'a> {
    line: &'a Line,
    nodes: Vec<Node>,
    /// By node.
    scopes: Vec<Vec<ClassId>>,
    /// By node: units in it.
    units: Vec<u32>,
    entries: usize,
}

impl Draft<'_> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "tables are far fewer than 2^32, and the budget keeps them narrow"
    )]
    fn push(&mut self, made: Made, scope: Vec<ClassId>, units: u32) -> u32 {
        let node = self.nodes.len() as u32;
        let of = match &made {
            Made::Unit => [None; 2],
            Made::Product { of: [a, b], .. } => [Some(*a), Some(*b)],
            Made::Sum { of, .. } => [Some(*of), None],
        };
        for part in of.into_iter().flatten() {
            if let Some(part) = self.nodes.get_mut(part as usize) {
                part.parent = Some(node);
            }
        }
        let out = Node {
            made,
            parent: None,
            from: self.entries,
            width: scope.len() as u32,
        };
        self.entries += out.len();
        self.nodes.push(out);
        self.scopes.push(scope);
        self.units.push(units);
        node
    }

    fn scope(&self, node: u32) -> &[ClassId] {
        let scope = self.scopes.get(node as usize);
        scope.map(Vec::as_slice).unwrap_or_default()
    }

    fn units(&self, node: u32) -> u32 {
        self.units.get(node as usize).copied().unwrap_or(0)
    }

    /// Joins what uses a class and sums it out, class by class, until one table is left.
    fn eliminate(&mut self, classes: &[ClassId]) {
        let turn: BTreeMap<ClassId, usize> =
            classes.iter().enumerate().map(|(i, c)| (*c, i)).collect();
        let first = |scope: &[ClassId]| scope.iter().filter_map(|c| turn.get(c)).min().copied();
        let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); classes.len() + 1];
        for (node, scope) in (0..).zip(&self.scopes) {
            let turn = first(scope).unwrap_or(classes.len());
            if let Some(list) = waiting.get_mut(turn) {
                list.push(node);
            }
        }
        for (turn, class) in classes.iter().enumerate() {
            let parts = waiting.get_mut(turn).map(std::mem::take);
            let Some(all) = self.join(parts.unwrap_or_default()) else {
                continue;
            };
            let mut scope = self.scope(all).to_vec();
            let Ok(bit) = scope.binary_search(class) else {
                continue;
            };
            scope.remove(bit);
            let next = first(&scope).unwrap_or(classes.len());
            #[expect(clippy::cast_possible_truncation, reason = "tables are narrow")]
            let made = Made::Sum {
                of: all,
                class: *class,
                bit: bit as u32,
                yes: self.line.classes.probability(*class).get(),
            };
            let node = self.push(made, scope, self.units(all));
            if let Some(list) = waiting.get_mut(next) {
                list.push(node);
            }
        }
        let rest = waiting.pop().unwrap_or_default();
        self.join(rest);
    }

    /// The product of some tables: first of those over the same classes, then of the smallest, so that what many units are in is made of
    /// few steps (as Huffman codes are).
    fn join(&mut self, parts: Vec<u32>) -> Option<u32> {
        if let [] | [_] = parts.as_slice() {
            return parts.first().copied();
        }
        let mut alike: BTreeMap<Vec<ClassId>, BinaryHeap<Reverse<(u32, u32)>>> = BTreeMap::new();
        for part in parts {
            let scope = self.scope(part).to_vec();
            alike
                .entry(scope)
                .or_default()
                .push(Reverse((self.units(part), part)));
        }
        let mut all: BinaryHeap<Reverse<(usize, u32, u32)>> = BinaryHeap::new();
        for (scope, mut heap) in alike {
            while let Some(Reverse((units, a))) = heap.pop() {
                if let Some(Reverse((more, b))) = heap.pop() {
                    let units = units + more;
                    heap.push(Reverse((units, self.product(a, b, scope.clone()))));
                } else {
                    all.push(Reverse((scope.len(), units, a)));
                }
            }
        }
        while let Some(Reverse((_, _, a))) = all.pop() {
            let Some(Reverse((_, _, b))) = all.pop() else {
                return Some(a);
            };
            let mut scope: Vec<ClassId> = self.scope(a).to_vec();
            scope.extend(self.scope(b));
            scope.sort_unstable();
            scope.dedup();
            let width = scope.len();
            let node = self.product(a, b, scope);
            all.push(Reverse((width, self.units(node), node)));
        }
        None
    }

    fn product(&mut self, a: u32, b: u32, scope: Vec<ClassId>) -> u32 {
        let units = self.units(a) + self.units(b);
        let steps = steps(&scope, [self.scope(a), self.scope(b)]);
        self.push(Made::Product { of: [a, b], steps }, scope, units)
    }
}
