//! A tree of positions as rows that hang on one another.

use crate::network::frontier::Side;
use crate::network::order::{Node, Order, Stands};

/// What stands in a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item {
    Position(usize),
    /// What a row of its own says of the position beside it: its place in the list, and where it stands.
    Run(usize, Stands),
    /// What is said of the position beside it by the row this one hangs on; where that stands.
    Rest(Stands),
}

/// Positions of which each is at most the next, with all that hangs on them, in ascending order. A row that hangs on a position from below
/// only says that the position is no less than an end, whatever comes before it: so it can stand before it in the row itself. Likewise from
/// above, after it.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) items: Vec<Item>,
    /// The place of what the row it hangs on says.
    pub(super) rest: Option<usize>,
}

/// The rows that a tree is taken apart into.
#[derive(Debug)]
pub(super) struct Runs {
    /// Each after the one it hangs on.
    pub(super) list: Vec<Run>,
    /// By position: whether it comes before what its row hangs on, so that its lower ends are asked for, or after.
    pub(super) sides: Vec<Side>,
}

/// Takes a tree apart; `sizes` tells how much there is at each position.
///
/// Of the positions below one, those with the most beneath them go on in its row, and likewise above; so what is said of a value is handed
/// from row to row O(log n) times at most, however it is counted (heavy paths: Sleator & Tarjan 1983).
pub(super) fn runs(order: &Order, sizes: &[usize]) -> Runs {
    let nodes = order.nodes();
    let heavy = heavy(nodes, sizes);
    // By position: its row, and on which side of the row's first position it stands, if it is not that.
    let mut home: Vec<(usize, Option<Stands>)> = Vec::with_capacity(nodes.len());
    let mut rows: Vec<Row> = Vec::new();
    // By position: the rows that hang on it.
    let mut hung: Vec<Vec<(usize, Stands)>> = vec![Vec::new(); nodes.len()];
    for (p, node) in nodes.iter().enumerate() {
        let goes_on = node.nearer.and_then(|(q, stands)| {
            let (row, side) = home.get(q).copied()?;
            let is_heavy = heavy.get(q)?.of(stands) == Some(p);
            (is_heavy && side.is_none_or(|s| s == stands)).then_some((row, stands))
        });
        match goes_on {
            Some((row, stands)) => {
                home.push((row, Some(stands)));
                if let Some(row) = rows.get_mut(row) {
                    match stands {
                        Stands::Below => row.below.push(p),
                        Stands::Above => row.above.push(p),
                    }
                }
            }
            None => {
                home.push((rows.len(), None));
                if let Some((q, stands)) = node.nearer
                    && let Some(list) = hung.get_mut(q)
                {
                    list.push((rows.len(), stands));
                }
                rows.push(Row {
                    first: p,
                    below: Vec::new(),
                    above: Vec::new(),
                    rest: node.nearer.map(|(_, stands)| stands.turned()),
                });
            }
        }
    }
    let list: Vec<Run> = rows.iter().map(|row| row.with(&hung)).collect();
    let mut sides = vec![Side::Lower; nodes.len()];
    for run in &list {
        for item in run.items.iter().skip(run.rest.unwrap_or(run.items.len())) {
            if let Item::Position(p) = item
                && let Some(side) = sides.get_mut(*p)
            {
                *side = Side::Upper;
            }
        }
    }
    Runs { list, sides }
}

/// A row's positions, from its first on downwards and upwards.
struct Row {
    first: usize,
    below: Vec<usize>,
    above: Vec<usize>,
    rest: Option<Stands>,
}

impl Row {
    fn with(&self, hung: &[Vec<(usize, Stands)>]) -> Run {
        let mut out = Run::default();
        let first = std::iter::once(&self.first);
        for p in self.below.iter().rev().chain(first).chain(&self.above) {
            let runs = |side: Stands| {
                let all = hung.get(*p).into_iter().flatten();
                let there = all.filter(move |(_, stands)| *stands == side);
                there.map(|(run, stands)| Item::Run(*run, *stands))
            };
            let rest = |out: &mut Run, side: Stands| {
                if *p == self.first && self.rest == Some(side) {
                    out.rest = Some(out.items.len());
                    out.items.push(Item::Rest(side));
                }
            };
            out.items.extend(runs(Stands::Below));
            rest(&mut out, Stands::Below);
            out.items.push(Item::Position(*p));
            rest(&mut out, Stands::Above);
            out.items.extend(runs(Stands::Above));
        }
        out
    }
}

/// Of the positions beyond one, the one with the most beyond it, on either side.
#[derive(Debug, Clone, Copy, Default)]
struct Heavy {
    below: Option<usize>,
    above: Option<usize>,
}

impl Heavy {
    fn of(self, stands: Stands) -> Option<usize> {
        match stands {
            Stands::Below => self.below,
            Stands::Above => self.above,
        }
    }
}

fn heavy(nodes: &[Node], sizes: &[usize]) -> Vec<Heavy> {
    let mut beyond = sizes.to_vec();
    let mut out = vec![Heavy::default(); nodes.len()];
    for (p, node) in nodes.iter().enumerate().rev() {
        let Some((q, stands)) = node.nearer else {
            continue;
        };
        let size = |p: usize| beyond.get(p).copied().unwrap_or(0);
        let own = size(p);
        if let Some(heavy) = out.get_mut(q) {
            let slot = match stands {
                Stands::Below => &mut heavy.below,
                Stands::Above => &mut heavy.above,
            };
            if slot.is_none_or(|other| size(other) <= own) {
                *slot = Some(p);
            }
        }
        if let Some(sum) = beyond.get_mut(q) {
            *sum += own;
        }
    }
    out
}
