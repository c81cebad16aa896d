//! Units on variables in a row that cannot hold together: pairs, counted and listed without trying all.
//!
//! A pair clashes where a lower end is above an upper end at the same variable or a later one. By the Helly property of stretches nothing
//! but pairs, and units that clash with what is hard alone, is a minimal conflict.

use std::collections::{BTreeMap, BTreeSet};

use super::bits::Bits;
use super::cluster::Cluster;
use super::conflict::{Conflicts, Crowd, LISTED};
use super::fenwick::Fenwick;
use super::order::Order;
use super::propagate::Forest;
use crate::sets::interval::Interval;

/// What a member leaves: where, and between which ends on the common scale.
#[derive(Debug, Clone, Copy)]
struct Left {
    position: usize,
    low: i128,
    high: i128,
}

impl Left {
    fn clashes(self, other: Self) -> bool {
        let above = |a: Self, b: Self| a.position <= b.position && a.low > b.high;
        above(self, other) || above(other, self)
    }
}

/// What each member of a row leaves.
#[derive(Debug)]
pub(crate) struct Apart {
    /// By place; `None` for what cannot hold even alone.
    of: Vec<Option<Left>>,
    /// By place: it stands on another, which is this one.
    base: Vec<Option<usize>>,
}

impl Apart {
    /// What is hard must be possible.
    pub(crate) fn new(cluster: &Cluster, order: &Order) -> Self {
        let hulls = order.hulls().unwrap_or_default();
        let left = |within: &[(usize, crate::sets::set::Set)]| {
            let (position, stretch) = order.stretch(within);
            let hull: Interval = *hulls.get(position)?;
            let stretch = stretch?.intersection(hull)?;
            Some(Left {
                position,
                low: stretch.low_key(),
                high: stretch.high_key(),
            })
        };
        Self {
            of: cluster.members.iter().map(|m| left(&m.within)).collect(),
            base: cluster.members.iter().map(|m| m.stands_on).collect(),
        }
    }

    fn left(&self, place: usize) -> Option<Left> {
        self.of.get(place).copied().flatten()
    }

    fn base(&self, place: usize) -> Option<usize> {
        self.base.get(place).copied().flatten()
    }

    /// Places that stand alone and leave something.
    fn statements(&self) -> impl Iterator<Item = (usize, Left)> + '_ {
        self.of
            .iter()
            .enumerate()
            .filter(|(place, _)| self.base(*place).is_none())
            .filter_map(|(place, left)| Some((place, (*left)?)))
    }

    /// All minimal conflicts; of many pairs those counted, and the first `limit`.
    pub(crate) fn conflicts(&self, limit: usize) -> Conflicts {
        let (degree, total) = self.degrees();
        if total > LISTED as u64 {
            return self.crowd(degree, total, limit);
        }
        let mut sets: Vec<Bits> = Vec::new();
        let holds_alone = |place: usize| self.left(place).is_some();
        for place in (0..self.of.len()).filter(|p| !holds_alone(*p)) {
            match self.base(place) {
                None => sets.push(Bits::of([place])),
                Some(base) if holds_alone(base) => sets.push(Bits::of([place, base])),
                Some(_) => {}
            }
        }
        let all: Vec<(usize, Left)> = self
            .of
            .iter()
            .enumerate()
            .filter_map(|(place, left)| Some((place, (*left)?)))
            .collect();
        for (a, b) in clashes(all) {
            // Not minimal if a statement under a suggestion already clashes, alone or with the other.
            let spoiled = |x: usize, other: usize| {
                self.base(x).is_some_and(|base| {
                    let (base, other) = (self.left(base), self.left(other));
                    base.is_none_or(|base| other.is_some_and(|o| o.clashes(base)))
                })
            };
            if !spoiled(a, b) && !spoiled(b, a) {
                let closure = [Some(a), Some(b), self.base(a), self.base(b)];
                sets.push(Bits::of(closure.into_iter().flatten()));
            }
        }
        Conflicts {
            sets,
            complete: true,
            crowd: None,
        }
    }

    /// By place: in how many pairs of statements it is; and how many there are in all. O(n log n).
    fn degrees(&self) -> (Vec<u64>, u64) {
        let mut all: Vec<(usize, Left)> = self.statements().collect();
        all.sort_unstable_by_key(|(_, s)| s.position);
        let mut degree = vec![0_u64; self.of.len()];
        let mut total = 0_u64;
        let runs = || all.chunk_by(|(_, a), (_, b)| a.position == b.position);
        let ranks = |key: fn(&Left) -> i128| {
            let mut out: Vec<i128> = all.iter().map(|(_, s)| key(s)).collect();
            out.sort_unstable();
            out.dedup();
            out
        };
        // Lower ends so far that lie above each upper end.
        let lows = ranks(|s| s.low);
        let mut tree = Fenwick::new(lows.len());
        let mut entered = 0_i128;
        for run in runs() {
            for (_, s) in run {
                tree.add(lows.partition_point(|l| *l < s.low), 1);
                entered += 1;
            }
            for (place, s) in run {
                let up_to = lows.partition_point(|l| *l <= s.high);
                let below = up_to.checked_sub(1).map_or(0, |last| tree.up_to(last));
                let above = u64::try_from(entered - below).unwrap_or(0);
                total = total.saturating_add(above);
                if let Some(d) = degree.get_mut(*place) {
                    *d += above;
                }
            }
        }
        // Upper ends from here on that lie below each lower end.
        let highs = ranks(|s| s.high);
        let mut tree = Fenwick::new(highs.len());
        let later: Vec<&[(usize, Left)]> = runs().collect();
        for run in later.into_iter().rev() {
            for (_, s) in run {
                tree.add(highs.partition_point(|h| *h < s.high), 1);
            }
            for (place, s) in run {
                let below = highs.partition_point(|h| *h < s.low);
                let count = below.checked_sub(1).map_or(0, |last| tree.up_to(last));
                if let Some(d) = degree.get_mut(*place) {
                    *d += u64::try_from(count).unwrap_or(0);
                }
            }
        }
        (degree, total)
    }

    /// By place: the least place that pairs join it with. The greatest lower end of a group stands for all of it: what clashes with any of
    /// them clashes with that one. O(n log n).
    fn groups(&self) -> Vec<usize> {
        let mut all: Vec<(usize, Left)> = self.statements().collect();
        all.sort_unstable_by_key(|(_, s)| s.position);
        let mut forest = Forest::new(self.of.len());
        let mut open: BTreeSet<(i128, usize)> = BTreeSet::new();
        for run in all.chunk_by(|(_, a), (_, b)| a.position == b.position) {
            open.extend(run.iter().map(|(place, s)| (s.low, *place)));
            for (place, s) in run {
                let above = open.split_off(&(s.high.saturating_add(1), 0));
                for (_, other) in &above {
                    forest.join(*place, *other);
                }
                open.extend(above.into_iter().next_back());
            }
        }
        (0..self.of.len()).map(|p| forest.find(p)).collect()
    }

    fn crowd(&self, degree: Vec<u64>, total: u64, limit: usize) -> Conflicts {
        let mut sets: Vec<Bits> = (0..self.of.len())
            .filter(|p| self.base(*p).is_none() && self.left(*p).is_none())
            .map(|p| Bits::of([p]))
            .collect();
        let alone = sets.len() as u64;
        for (a, s) in self.statements() {
            if sets.len() >= limit {
                break;
            }
            if degree.get(a).is_none_or(|d| *d == 0) {
                continue;
            }
            let later = self.statements().filter(|(b, t)| *b > a && s.clashes(*t));
            sets.extend(
                later
                    .take(limit - sets.len())
                    .map(|(b, _)| Bits::of([a, b])),
            );
        }
        let share = |d: u64| {
            if d > 0 {
                BTreeMap::from([(2, d.into())])
            } else {
                BTreeMap::new()
            }
        };
        Conflicts {
            // Tensions are not counted.
            complete: self.base.iter().all(Option::is_none),
            crowd: Some(Crowd {
                total: total + alone,
                shares: degree.into_iter().map(share).collect(),
                group: self.groups(),
            }),
            sets,
        }
    }

    /// The pairs among some statements.
    pub(crate) fn among(&self, places: &[usize]) -> Vec<(usize, usize)> {
        clashes(
            places
                .iter()
                .filter_map(|p| Some((*p, self.left(*p)?)))
                .collect(),
        )
    }

    /// The values of one variable at which the most of some members meet, with how many do not hold it: the maximal cliques of an
    /// interval graph (Fulkerson & Gross 1965), fewest left out first.
    pub(crate) fn cliques(&self, places: &[usize]) -> Vec<(usize, i128)> {
        let involved = || places.iter().filter_map(|p| self.left(*p));
        let mut lows: Vec<i128> = involved().map(|s| s.low).collect();
        let mut highs: Vec<i128> = involved().map(|s| s.high).collect();
        lows.sort_unstable();
        highs.sort_unstable();
        let count = lows.len();
        let mut starts = lows.clone();
        starts.dedup();
        let mut out = Vec::new();
        for (i, low) in starts.iter().enumerate() {
            // Maximal if one of them ends before the next begins.
            let ended = highs.partition_point(|h| h < low);
            let next_end = highs.get(ended);
            let next_start = starts.get(i + 1);
            if next_start.is_none_or(|next| next_end.is_some_and(|end| end < next)) {
                let begun = lows.partition_point(|l| l <= low);
                out.push((count - (begun - ended), *low));
            }
        }
        out.sort_unstable();
        out
    }

    /// Those of some members that do not hold a value of the one variable.
    pub(crate) fn without(&self, places: &[usize], value: i128) -> Vec<usize> {
        let holds = |p: &usize| {
            self.left(*p)
                .is_some_and(|s| s.low <= value && value <= s.high)
        };
        places.iter().copied().filter(|p| !holds(p)).collect()
    }
}

/// The pairs that clash, the smaller place first. O((n + pairs) log n).
fn clashes(mut all: Vec<(usize, Left)>) -> Vec<(usize, usize)> {
    all.sort_unstable_by_key(|(place, s)| (s.position, *place));
    // A tree of greatest lower ends over the list: what is above an upper end is found without looking at the rest.
    let width = all.len().next_power_of_two().max(1);
    let mut tree = vec![i128::MIN; 2 * width];
    for (i, (_, s)) in all.iter().enumerate() {
        if let Some(slot) = tree.get_mut(width + i) {
            *slot = s.low;
        }
    }
    for node in (1..width).rev() {
        let of = |n: usize| tree.get(n).copied().unwrap_or(i128::MIN);
        let most = of(2 * node).max(of(2 * node + 1));
        if let Some(slot) = tree.get_mut(node) {
            *slot = most;
        }
    }
    let mut out = Vec::new();
    let mut open = Vec::new();
    for (place, s) in &all {
        let end = all.partition_point(|(_, t)| t.position <= s.position);
        open.push((1, 0, width));
        while let Some((node, from, to)) = open.pop() {
            if from >= end || tree.get(node).is_none_or(|most| *most <= s.high) {
                continue;
            }
            if to - from == 1 {
                if let Some((other, _)) = all.get(from) {
                    out.push((*place.min(other), *place.max(other)));
                }
                continue;
            }
            let middle = usize::midpoint(from, to);
            open.push((2 * node, from, middle));
            open.push((2 * node + 1, middle, to));
        }
    }
    out.sort_unstable();
    out
}
