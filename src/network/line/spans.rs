//! How likely it is that what is left reaches across a run of cells.

use super::plan::Block;
use super::sweep::State;
use super::{Line, Log, Member, exp};
use crate::network::eliminate::OverBudget;
use crate::network::fenwick::Fenwick;
use crate::network::hash::Table;

/// Pairs of ends of a block for which a table is made in any case; beyond that only if more spans are asked for. In tests blocks are small.
pub(super) const SMALL: usize = if cfg!(test) { 12 } else { 64 };

impl Line {
    /// Bounds on the chance, relative to the scale, that what is left holds all from the last value of one cell to the first value of a
    /// later one.
    pub(super) fn span(&self, first: usize, last: usize) -> [f64; 2] {
        let own_of = || {
            let states = self.blocks.iter();
            let logs = states.map(|b| State::of(self, b, |i| self.divides(i, first, last)).log());
            logs.sum::<Log>()
        };
        let own = self.spans.get(&(first, last)).copied();
        let own = own.unwrap_or_else(own_of);
        let around = self.around.as_ref();
        let reach = around.map_or([0; 2], |around| around.reach(first, last));
        reach.map(|reach| exp(own + reach - self.scale))
    }

    /// Whether a member does not allow all cells from one to another.
    fn divides(&self, member: usize, first: usize, last: usize) -> bool {
        self.members
            .get(member)
            .is_none_or(|m| m.first > first || m.last < last)
    }

    /// Where some members' stretches begin (or end), ascending.
    pub(super) fn ends(&self, block: &Block, end: fn(&Member) -> usize) -> Vec<usize> {
        let members = block.members.iter().filter_map(|i| self.members.get(*i));
        let mut out: Vec<usize> = members.map(end).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Spans across each member's own cells: a sweep over first cells, with sums of logarithms by last cells.
    pub(super) fn span_members(&mut self, left: &mut u64) -> Result<(), OverBudget> {
        let cells = self.cuts.len() + 1;
        let mut wanted: Vec<(usize, usize)> = self
            .members
            .iter()
            .filter(|m| m.first > 0 && m.last + 1 < cells)
            .map(|m| (m.first - 1, m.last + 1))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        // What a block adds for spans that some of its units hold: by first and last cell, as differences.
        let mut base: Log = 0;
        let mut points: Vec<(usize, usize, Log)> = Vec::new();
        // What large blocks add, by what is wanted.
        let mut rest: Vec<Log> = vec![0; wanted.len()];
        for block in &self.blocks {
            if block.uniform {
                let all = State::of(self, block, |_| true).log();
                base += all;
                if let Some(m) = block.members.first().and_then(|i| self.members.get(*i)) {
                    let none = State::new(self, block).log();
                    points.push((m.first, m.last, none - all));
                }
                continue;
            }
            let firsts = self.ends(block, |m| m.first);
            let lasts = self.ends(block, |m| m.last);
            let pairs = firsts.len() * lasts.len();
            if pairs > SMALL && pairs > wanted.len() {
                self.span_one_by_one(block, &firsts, &lasts, &wanted, &mut rest, left)?;
            } else {
                base += self.tabulate(block, &firsts, &lasts, &mut points, left)?;
            }
        }
        points.sort_unstable();
        let mut tree = Fenwick::new(cells);
        let mut next = points.iter().peekable();
        let mut found: Table<(usize, usize), Log> = Table::default();
        for ((first, last), rest) in wanted.into_iter().zip(rest) {
            while let Some((_, end, delta)) = next.next_if(|(start, ..)| *start <= first) {
                // Counted from the right, so that a prefix is "ends at `last` or later".
                tree.add(cells - 1 - end, *delta);
            }
            found.insert((first, last), base + tree.up_to(cells - 1 - last) + rest);
        }
        self.spans = found;
        Ok(())
    }

    /// A block's chances for spans between any two of its ends, as differences; and the one where all its units must be idle.
    fn tabulate(
        &self,
        block: &Block,
        firsts: &[usize],
        lasts: &[usize],
        points: &mut Vec<(usize, usize, Log)>,
        left: &mut u64,
    ) -> Result<Log, OverBudget> {
        let changes = (firsts.len() * block.members.len()) as u64;
        *left = left
            .checked_sub(block.cost(2 * changes) + (firsts.len() * lasts.len()) as u64)
            .ok_or(OverBudget)?;
        let mut state = State::of(self, block, |_| true);
        let none = state.log();
        let by_last = self.by_last_first(block);
        let mut above = vec![none; lasts.len() + 1];
        for first in firsts {
            for place in 0..block.members.len() {
                state.set(place, true);
            }
            let mut ending = by_last.iter().peekable();
            let mut row = vec![none];
            for (j, last) in lasts.iter().rev().enumerate() {
                while let Some((.., place)) = ending.next_if(|(end, ..)| end >= last) {
                    let member = block.members.get(*place);
                    state.set(
                        *place,
                        member.is_none_or(|i| self.divides(*i, *first, *last)),
                    );
                }
                state.refresh();
                let here = state.log();
                let get = |list: &[Log], i: usize| list.get(i).copied().unwrap_or(none);
                let delta = here - get(&row, j) - get(&above, j + 1) + get(&above, j);
                points.push((*first, *last, delta));
                row.push(here);
            }
            above = row;
        }
        Ok(none)
    }

    /// Last cells of a block's members, the highest first, with their places in it.
    fn by_last_first(&self, block: &Block) -> Vec<(usize, usize)> {
        let members = block.members.iter().enumerate();
        let mut out: Vec<(usize, usize)> = members
            .filter_map(|(place, i)| Some((self.members.get(*i)?.last, place)))
            .collect();
        out.sort_unstable_by(|a, b| b.cmp(a));
        out
    }

    /// What a block adds for each span that is wanted, in an order in which few units change from one to the next (as Mo's algorithm has
    /// it: first cells by runs, and last cells up and down within them in turn).
    fn span_one_by_one(
        &self,
        block: &Block,
        firsts: &[usize],
        lasts: &[usize],
        wanted: &[(usize, usize)],
        rest: &mut [Log],
        left: &mut u64,
    ) -> Result<(), OverBudget> {
        // How many of its first cells a span reaches, and how many of its last cells it goes beyond.
        let mut asked: Vec<((usize, usize), usize)> = wanted
            .iter()
            .enumerate()
            .map(|(n, (first, last))| {
                let reached = firsts.partition_point(|f| f <= first);
                ((reached, lasts.partition_point(|l| l < last)), n)
            })
            .collect();
        let run = firsts.len().div_ceil(asked.len().isqrt().max(1)).max(1);
        let backwards = |((reached, beyond), _): &((usize, usize), usize)| {
            let up = (reached / run).is_multiple_of(2);
            (
                reached / run,
                if up { *beyond } else { lasts.len() - beyond },
                *reached,
            )
        };
        asked.sort_by_key(backwards);
        let place_by = |end: fn(&Member) -> usize, ends: &[usize]| {
            let mut by: Vec<Vec<usize>> = vec![Vec::new(); ends.len()];
            for (place, i) in block.members.iter().enumerate() {
                let rank = self
                    .members
                    .get(*i)
                    .map(|m| ends.partition_point(|e| *e < end(m)));
                if let Some(list) = rank.and_then(|r| by.get_mut(r)) {
                    list.push(place);
                }
            }
            by
        };
        let (by_first, by_last) = (place_by(|m| m.first, firsts), place_by(|m| m.last, lasts));
        let go = |mut state: State<'_>, mut tell: Option<&mut [Log]>| -> u64 {
            // As nothing is reached, and everything is gone beyond.
            let (mut reached, mut beyond) = (0, lasts.len());
            state.set_all(|_| true);
            for ((to_reach, to_go), n) in &asked {
                let (first, last) = wanted.get(*n).copied().unwrap_or_default();
                let begun = by_first.get(reached.min(*to_reach)..reached.max(*to_reach));
                let ended = by_last.get(beyond.min(*to_go)..beyond.max(*to_go));
                let passed = begun.into_iter().chain(ended).flatten().flatten();
                for place in passed {
                    let member = block.members.get(*place);
                    state.set(*place, member.is_none_or(|i| self.divides(*i, first, last)));
                }
                (reached, beyond) = (*to_reach, *to_go);
                state.refresh();
                if let Some(slot) = tell.as_mut().and_then(|rest| rest.get_mut(*n)) {
                    *slot += state.log();
                }
            }
            state.made + asked.len() as u64
        };
        let cost = go(State::dry(self, block), None);
        *left = left.checked_sub(cost).ok_or(OverBudget)?;
        go(State::new(self, block), Some(rest));
        Ok(())
    }
}
