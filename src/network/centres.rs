//! Positions of a tree, each in the middle of what is left once those before it are taken out.
//!
//! Any way from a position up to another leads through exactly one centre that is the first to be taken out on it: what is below that
//! centre meets what is above it there. A position has O(log n) centres, so that pairs are counted without looking at each (centroid
//! decomposition: Jordan 1869).

use super::order::{Order, Stands};

/// Where a position stands, seen from a centre; a centre is below and above itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting {
    pub(crate) centre: u32,
    pub(crate) is_below: bool,
    pub(crate) is_above: bool,
}

/// By level and position: the centre it is joined with by links that all lead up, or all down.
#[derive(Debug)]
pub(crate) struct Centres {
    levels: Vec<Vec<Option<Meeting>>>,
}

impl Centres {
    /// O(n log n).
    pub(crate) fn new(order: &Order) -> Self {
        if order.len() == 1 {
            let alone = Meeting {
                centre: 0,
                is_below: true,
                is_above: true,
            };
            return Self {
                levels: vec![vec![Some(alone)]],
            };
        }
        let near = neighbours(order);
        let mut out = Self { levels: Vec::new() };
        let mut is_out = vec![false; order.len()];
        let mut sizes = vec![0_usize; order.len()];
        let mut open: Vec<(usize, usize)> = vec![(0, 0)];
        // Positions of a part, each with the one before it.
        let mut part: Vec<(usize, usize)> = Vec::new();
        while let Some((start, level)) = open.pop() {
            let centre = middle(&near, &is_out, start, &mut part, &mut sizes);
            if out.levels.len() <= level {
                out.levels.push(vec![None; order.len()]);
            }
            if let Some(level) = out.levels.get_mut(level) {
                meet(&near, &is_out, centre, &mut part, level);
            }
            if let Some(slot) = is_out.get_mut(centre) {
                *slot = true;
            }
            let parts = near.get(centre).into_iter().flatten();
            open.extend(
                parts
                    .filter(|(q, _)| is_out.get(*q) == Some(&false))
                    .map(|(q, _)| (*q, level + 1)),
            );
        }
        out
    }

    pub(crate) fn levels(&self) -> &[Vec<Option<Meeting>>] {
        &self.levels
    }

    pub(crate) fn into_levels(self) -> Vec<Vec<Option<Meeting>>> {
        self.levels
    }
}

/// By position: those a link joins it to, and where they stand.
fn neighbours(order: &Order) -> Vec<Vec<(usize, Stands)>> {
    let mut near: Vec<Vec<(usize, Stands)>> = vec![Vec::new(); order.len()];
    for (p, node) in order.nodes().iter().enumerate() {
        if let Some((q, stands)) = node.nearer {
            if let Some(list) = near.get_mut(q) {
                list.push((p, stands));
            }
            if let Some(list) = near.get_mut(p) {
                list.push((q, stands.turned()));
            }
        }
    }
    near
}

/// The position without which no part of what `start` is in has more than half of it.
fn middle(
    near: &[Vec<(usize, Stands)>],
    is_out: &[bool],
    start: usize,
    part: &mut Vec<(usize, usize)>,
    sizes: &mut [usize],
) -> usize {
    part.clear();
    part.push((start, start));
    let mut next = 0;
    while let Some((p, before)) = part.get(next).copied() {
        next += 1;
        for (q, _) in near.get(p).into_iter().flatten() {
            if *q != before && is_out.get(*q) == Some(&false) {
                part.push((*q, p));
            }
        }
    }
    let whole = part.len();
    for (p, _) in part.iter() {
        if let Some(size) = sizes.get_mut(*p) {
            *size = 1;
        }
    }
    for (p, before) in part.iter().rev() {
        let size = sizes.get(*p).copied().unwrap_or(0);
        // The last to hold at least half of it all.
        if 2 * size >= whole {
            return *p;
        }
        if let Some(sum) = sizes.get_mut(*before) {
            *sum += size;
        }
    }
    start
}

/// Goes from a centre up and down as far as all links lead the same way.
fn meet(
    near: &[Vec<(usize, Stands)>],
    is_out: &[bool],
    centre: usize,
    part: &mut Vec<(usize, usize)>,
    level: &mut [Option<Meeting>],
) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a network holds fewer than 2^32 variables"
    )]
    let of = |is_below, is_above| {
        Some(Meeting {
            centre: centre as u32,
            is_below,
            is_above,
        })
    };
    if let Some(slot) = level.get_mut(centre) {
        *slot = of(true, true);
    }
    for way in [Stands::Below, Stands::Above] {
        part.clear();
        part.push((centre, centre));
        while let Some((p, before)) = part.pop() {
            for (q, stands) in near.get(p).into_iter().flatten() {
                if *q != before && *stands == way && is_out.get(*q) == Some(&false) {
                    if let Some(slot) = level.get_mut(*q) {
                        *slot = of(way == Stands::Below, way == Stands::Above);
                    }
                    part.push((*q, p));
                }
            }
        }
    }
}
