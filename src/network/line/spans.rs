//! How likely it is that what is left reaches across a run of cells.

use super::plan::Block;
use super::{Line, Log, Member, exp};
use crate::network::eliminate::OverBudget;
use crate::network::fenwick::Fenwick;
use crate::network::hash::Table;

/// Blocks with more units than this are asked one by one where a table over their ends would be too large.
const TABLED: usize = 24;

impl Line {
    /// Bounds on the chance, relative to the scale, that what is left holds all from the last value of one cell to the first value of a
    /// later one.
    pub(super) fn span(&self, first: usize, last: usize) -> [f64; 2] {
        let own_of = || {
            let excludes = |i: usize| self.excludes_span(i, first, last);
            let logs = self.blocks.iter().map(|b| self.log_of(&b.plan, &excludes));
            logs.sum::<Log>()
        };
        let own = self.spans.get(&(first, last)).copied();
        let own = own.unwrap_or_else(own_of);
        let around = self.around.as_ref();
        let reach = around.map_or([0; 2], |around| around.reach(first, last));
        reach.map(|reach| exp(own + reach - self.scale))
    }

    fn excludes_span(&self, member: usize, first: usize, last: usize) -> bool {
        let member = self.members.get(member);
        member.is_none_or(|m| m.first > first || m.last < last)
    }

    /// Spans across each member's own cells: a sweep over first cells, with sums of logarithms by last cells.
    pub(super) fn span_members(&mut self) -> Result<(), OverBudget> {
        let cells = self.cuts.len() + 1;
        // What a block adds for spans that some of its units hold: by first and last cell, as differences.
        let mut base: Log = 0;
        let mut points: Vec<(usize, usize, Log)> = Vec::new();
        let mut wide: Vec<&Block> = Vec::new();
        let mut left = self.budget;
        for block in &self.blocks {
            let value = |first: usize, last: usize| {
                let excludes = |i: usize| self.excludes_span(i, first, last);
                self.log_of(&block.plan, &excludes)
            };
            let none = self.log_of(&block.plan, &|_| true);
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
        let mut found: Table<(usize, usize), Log> = Table::default();
        for (first, last) in wanted {
            while let Some((_, end, delta)) = next.next_if(|(start, ..)| *start <= first) {
                // Counted from the right, so that a prefix is "ends at `last` or later".
                tree.add(cells - 1 - end, *delta);
            }
            let excludes = |i: usize| self.excludes_span(i, first, last);
            let rest: Log = wide.iter().map(|b| self.log_of(&b.plan, &excludes)).sum();
            found.insert((first, last), base + tree.up_to(cells - 1 - last) + rest);
        }
        self.spans = found;
        Ok(())
    }
}
