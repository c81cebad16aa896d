//! The minimal conflicts of sums that form a tree, counted without being listed.
//!
//! A whole is the sum of its parts, and parts may be wholes again; counts from 0 up. Then a minimal conflict is a pair on one variable, or
//! hangs on one unit at the top: an upper end that some lower ends below it exceed ("any 11 of these 40"), none of them below another; or a
//! lower end that upper ends on every way down fall short of (Hoffman 1960, on flows between bounds, read for a tree). Both are counted by
//! sum and size, going up the tree.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::cluster::Cluster;
use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row};

/// How many minimal conflicts there are, and which units they are in.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) total: u128,
    /// By place: how many it is in, by their size.
    pub(crate) shares: Vec<BTreeMap<u32, u128>>,
    /// By place: the least place that conflicts join it with, transitively.
    pub(crate) group: Vec<usize>,
    /// The smallest, in order, at most as many as asked for.
    pub(crate) first: Vec<Bits>,
}

/// Chosen ends so far: how many ways there are, by their sum and number.
type Ways = BTreeMap<(i128, u32), u128>;

/// A unit's end at a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    place: usize,
    at: usize,
    value: i128,
}

/// Wholes and their parts.
struct Tree {
    /// By variable: its parts, and whether they are all of it; none for what has no parts.
    parts: Vec<Option<(Vec<usize>, bool)>>,
    whole: Vec<Option<usize>>,
}

/// Which variable of a row is the whole, which the parts, and whether these are all.
fn read(row: &Row) -> Option<(usize, Vec<usize>, bool)> {
    if row.right != 0 || !row.is_unit() {
        return None;
    }
    let of = |sign: i128| -> Vec<usize> {
        let terms = row.terms.iter().filter(|(_, k)| *k == sign);
        terms.map(|(v, _)| v.index()).collect()
    };
    let (plus, minus) = (of(1), of(-1));
    match (plus.as_slice(), minus.as_slice(), row.relation) {
        (_, [whole], Relation::AtMost) => Some((*whole, plus, false)),
        (_, [whole], Relation::Equal) => Some((*whole, plus, true)),
        ([whole], _, Relation::Equal) => Some((*whole, minus, true)),
        _ => None,
    }
}

impl Tree {
    fn of(cluster: &Cluster) -> Option<Self> {
        let n = cluster.variables.len();
        let counts = Some(Interval::at_least(0));
        let is_plain = cluster.convex
            && cluster.domains.iter().all(|d| d.as_interval() == counts)
            && cluster
                .members
                .iter()
                .all(|m| m.rows.is_empty() && m.within.len() == 1 && m.stands_on.is_none());
        if !is_plain {
            return None;
        }
        let mut out = Self {
            parts: vec![None; n],
            whole: vec![None; n],
        };
        for row in &cluster.hard {
            let (whole, parts, all) = read(row)?;
            for p in &parts {
                if out.whole.get_mut(*p)?.replace(whole).is_some() {
                    return None;
                }
            }
            if out.parts.get_mut(whole)?.replace((parts, all)).is_some() {
                return None;
            }
        }
        // One variable is no part, and all hang on it.
        let roots: Vec<usize> = (0..n)
            .filter(|v| out.whole.get(*v) == Some(&None))
            .collect();
        match roots.as_slice() {
            [root] if out.below(*root).len() == n => Some(out),
            _ => None,
        }
    }

    fn parts(&self, v: usize) -> &[usize] {
        self.parts
            .get(v)
            .and_then(|p| p.as_ref())
            .map(|(parts, _)| parts.as_slice())
            .unwrap_or_default()
    }

    /// A variable and all below it, wholes before their parts.
    fn below(&self, v: usize) -> Vec<usize> {
        let mut out = vec![v];
        let mut next = 0;
        while let Some(v) = out.get(next) {
            let parts = self.parts(*v).to_vec();
            out.extend(parts);
            next += 1;
            if out.len() > self.parts.len() {
                break;
            }
        }
        out
    }
}

struct Counter<'a> {
    tree: &'a Tree,
    /// Products of ways that may still be made.
    left: u64,
    out: Family,
    limit: usize,
    forest: super::propagate::Forest,
}

/// Counts the minimal conflicts of a cluster whose rows are such a tree; `None` for other clusters, or where `work`, in products, does
/// not suffice. The first `limit` are written out.
pub(crate) fn family(cluster: &Cluster, limit: usize, work: &mut u64) -> Option<Family> {
    let tree = Tree::of(cluster)?;
    let mut lower: Vec<Vec<End>> = vec![Vec::new(); cluster.variables.len()];
    let mut upper = lower.clone();
    let mut counter = Counter {
        tree: &tree,
        left: *work,
        out: Family {
            total: 0,
            shares: vec![BTreeMap::new(); cluster.members.len()],
            group: Vec::new(),
            first: Vec::new(),
        },
        limit,
        forest: super::propagate::Forest::new(cluster.members.len()),
    };
    let mut singles = Vec::new();
    for (place, m) in cluster.members.iter().enumerate() {
        let (v, set) = m.within.first()?;
        let stretch = set
            .as_interval()
            .and_then(|s| s.intersection(Interval::at_least(0)));
        let Some(stretch) = stretch else {
            singles.push(Bits::of([place]));
            continue;
        };
        let end = |value| End {
            place,
            at: *v,
            value,
        };
        lower.get_mut(*v)?.push(end(stretch.lower().unwrap_or(0)));
        if let Some(high) = stretch.upper() {
            upper.get_mut(*v)?.push(end(high));
        }
    }
    let found = counter.count(&lower, &upper);
    *work = counter.left;
    found?;
    let mut out = counter.out;
    out.total = out.total.checked_add(singles.len() as u128)?;
    out.first.extend(singles);
    out.first
        .sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.iter().cmp(b.iter())));
    out.first.truncate(limit);
    out.group = (0..cluster.members.len())
        .map(|p| counter.forest.find(p))
        .collect();
    Some(out)
}

impl Counter<'_> {
    fn spend(&mut self, work: usize) -> Option<()> {
        self.left = self.left.checked_sub(work as u64)?;
        Some(())
    }

    fn count(&mut self, lower: &[Vec<End>], upper: &[Vec<End>]) -> Option<()> {
        let none = Vec::new();
        let at = |list: &[Vec<End>], v: usize| list.get(v).unwrap_or(&none).clone();
        for v in 0..self.tree.parts.len() {
            for high in at(upper, v) {
                for low in at(lower, v) {
                    self.spend(1)?;
                    if low.value > high.value {
                        self.record(&[high.place, low.place], 2, 1)?;
                        let pair = Bits::of([high.place, low.place]);
                        self.out.first.push(pair);
                    }
                }
            }
            let below: Vec<usize> = self.tree.below(v).into_iter().skip(1).collect();
            if below.is_empty() {
                continue;
            }
            let mut items: Vec<End> = below.iter().flat_map(|w| at(lower, *w)).collect();
            items.retain(|e| e.value > 0);
            items.sort_unstable_by_key(|e| (std::cmp::Reverse(e.value), e.place));
            for high in at(upper, v) {
                self.exceeded(v, high, &items)?;
            }
            let full: Vec<End> = below.iter().flat_map(|w| at(upper, *w)).collect();
            for low in at(lower, v) {
                self.fallen_short(v, low, &full)?;
            }
        }
        // No more than asked for is kept, now and then.
        Some(())
    }

    fn record(&mut self, places: &[usize], size: u32, count: u128) -> Option<()> {
        self.out.total = self.out.total.checked_add(count)?;
        for p in places {
            self.share(*p, size, count)?;
        }
        if let [first, rest @ ..] = places {
            for p in rest {
                self.forest.join(*first, *p);
            }
        }
        Some(())
    }

    fn share(&mut self, place: usize, size: u32, count: u128) -> Option<()> {
        let slot = self.out.shares.get_mut(place)?.entry(size).or_default();
        *slot = slot.checked_add(count)?;
        Some(())
    }

    /// Conflicts of an upper end with lower ends below it: any that exceed it, but do not without the least of them.
    fn exceeded(&mut self, v: usize, high: End, items: &[End]) -> Option<()> {
        let count = |me: &mut Self, items: &[End]| -> Option<BTreeMap<u32, u128>> {
            let mut by_size: BTreeMap<u32, u128> = BTreeMap::new();
            for (rank, least) in items.iter().enumerate() {
                let greater = items.get(..rank)?;
                let ways = me.beside(v, least.at, greater, high.value)?;
                for ((sum, size), n) in ways {
                    if sum + least.value > high.value {
                        // With the least and the one at the top.
                        let slot = by_size.entry(size + 2).or_default();
                        *slot = slot.checked_add(n)?;
                    }
                }
            }
            Some(by_size)
        };
        let all = count(self, items)?;
        if all.is_empty() {
            return Some(());
        }
        for (size, n) in &all {
            self.record(&[high.place], *size, *n)?;
        }
        for (i, item) in items.iter().enumerate() {
            let mut others = items.to_vec();
            others.remove(i);
            let without = count(self, &others)?;
            let mut is_in = false;
            for (size, n) in &all {
                let with = n - without.get(size).copied().unwrap_or(0);
                if with > 0 {
                    is_in = true;
                    self.share(item.place, *size, with)?;
                }
            }
            if is_in {
                self.forest.join(high.place, item.place);
            }
        }
        let mut by_place = items.to_vec();
        by_place.sort_unstable_by_key(|e| e.place);
        let fits = |sum: i128, least: i128| sum - least <= high.value;
        self.list(high, &by_place, &all, |sum, least, done| {
            if done {
                sum > high.value && fits(sum, least)
            } else {
                sum <= high.value
            }
        })
    }

    /// Conflicts of a lower end with upper ends on every way down that fall short of it.
    fn fallen_short(&mut self, v: usize, low: End, items: &[End]) -> Option<()> {
        let count = |me: &mut Self, items: &[End]| -> Option<BTreeMap<u32, u128>> {
            let mut by_size: BTreeMap<u32, u128> = BTreeMap::new();
            for ((_, size), n) in me.cuts(v, items, low.value - 1, true)? {
                let slot = by_size.entry(size + 1).or_default();
                *slot = slot.checked_add(n)?;
            }
            Some(by_size)
        };
        let all = count(self, items)?;
        if all.is_empty() {
            return Some(());
        }
        for (size, n) in &all {
            self.record(&[low.place], *size, *n)?;
        }
        let mut needed: Vec<End> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let mut others = items.to_vec();
            others.remove(i);
            let without = count(self, &others)?;
            for (size, n) in &all {
                let with = n - without.get(size).copied().unwrap_or(0);
                if with > 0 {
                    self.share(item.place, *size, with)?;
                    self.forest.join(low.place, item.place);
                    if needed.last() != Some(item) {
                        needed.push(*item);
                    }
                }
            }
        }
        let total: u128 = all.values().sum();
        if total > self.limit as u128 {
            // Too many to be among the first, in all likelihood: they are written out where they are few.
            return None;
        }
        for cut in self.all_cuts(v, &needed, low.value - 1)? {
            let places = cut.into_iter().chain([low.place]);
            self.out.first.push(Bits::of(places));
        }
        Some(())
    }

    /// Products of ways, sums up to `most` kept.
    fn product(&mut self, a: &Ways, b: &Ways, most: i128) -> Option<Ways> {
        self.spend(a.len() * b.len() + 1)?;
        let mut out = Ways::new();
        for ((s, n), x) in a {
            for ((t, m), y) in b {
                let sum = s.checked_add(*t)?;
                if sum > most {
                    break;
                }
                let slot = out.entry((sum, n + m)).or_default();
                *slot = slot.checked_add(x.checked_mul(*y)?)?;
            }
        }
        Some(out)
    }

    /// Ways to choose ends below `top`, none below another, no two at one variable, none on the way from `at` up to `top` nor below `at`.
    fn beside(&mut self, top: usize, at: usize, items: &[End], most: i128) -> Option<Ways> {
        let mut out = Ways::from([((0, 0), 1)]);
        let mut v = at;
        while v != top {
            let whole = self.tree.whole.get(v).copied().flatten()?;
            for other in self.tree.parts(whole).to_vec() {
                if other != v {
                    let ways = self.loose(other, items, most)?;
                    out = self.product(&out, &ways, most)?;
                }
            }
            v = whole;
        }
        Some(out)
    }

    /// Ways to choose ends at or below a variable, none below another.
    fn loose(&mut self, v: usize, items: &[End], most: i128) -> Option<Ways> {
        let below = self.tree.below(v);
        let mut ways: BTreeMap<usize, Ways> = BTreeMap::new();
        for w in below.into_iter().rev() {
            let mut own = Ways::from([((0, 0), 1)]);
            for part in self.tree.parts(w).to_vec() {
                let part = ways.remove(&part)?;
                own = if part.len() == 1 {
                    own
                } else {
                    self.product(&own, &part, most)?
                };
            }
            self.spend(items.len())?;
            for e in items.iter().filter(|e| e.at == w && e.value <= most) {
                *own.entry((e.value, 1)).or_default() += 1;
            }
            ways.insert(w, own);
        }
        ways.remove(&v)
    }

    /// Ways to choose ends that cut every way down from a variable once; below it, if `strictly`.
    fn cuts(&mut self, v: usize, items: &[End], most: i128, strictly: bool) -> Option<Ways> {
        let below = self.tree.below(v);
        let mut ways: BTreeMap<usize, Ways> = BTreeMap::new();
        for w in below.into_iter().rev() {
            let parts = self.tree.parts.get(w).cloned().flatten();
            let mut own = match &parts {
                Some((_, true)) => Ways::from([((0, 0), 1)]),
                _ => Ways::new(),
            };
            for part in parts.into_iter().flat_map(|(parts, _)| parts) {
                let part = ways.remove(&part)?;
                own = self.product(&own, &part, most)?;
            }
            self.spend(items.len())?;
            if w != v || !strictly {
                for e in items.iter().filter(|e| e.at == w && e.value <= most) {
                    *own.entry((e.value, 1)).or_default() += 1;
                }
            }
            ways.insert(w, own);
        }
        ways.remove(&v)
    }

    /// Those cuts one by one, by place.
    fn all_cuts(&mut self, v: usize, items: &[End], most: i128) -> Option<Vec<Vec<usize>>> {
        let mut out = vec![(0_i128, Vec::new())];
        for part in self.tree.parts(v).to_vec() {
            let mut own: Vec<(i128, Vec<usize>)> = items
                .iter()
                .filter(|e| e.at == part)
                .map(|e| (e.value, vec![e.place]))
                .collect();
            if self
                .tree
                .parts
                .get(part)
                .is_some_and(|p| p.as_ref().is_some_and(|(_, all)| *all))
            {
                let values: BTreeMap<usize, i128> =
                    items.iter().map(|e| (e.place, e.value)).collect();
                for cut in self.all_cuts(part, items, most)? {
                    let sum = cut.iter().filter_map(|p| values.get(p)).sum();
                    own.push((sum, cut));
                }
            }
            self.spend(out.len() * own.len() + 1)?;
            out = out
                .iter()
                .flat_map(|(sum, cut)| {
                    own.iter().map(move |(more, rest)| {
                        (
                            sum + more,
                            cut.iter().chain(rest).copied().collect::<Vec<_>>(),
                        )
                    })
                })
                .filter(|(sum, _)| *sum <= most)
                .collect();
        }
        Some(out.into_iter().map(|(_, cut)| cut).collect())
    }

    /// Writes out the first conflicts with an end at the top, smallest first, each size by place. `goes` tells of a sum and its least whether
    /// it may go on, or, at the end, whether it is one.
    fn list(
        &mut self,
        top: End,
        items: &[End],
        sizes: &BTreeMap<u32, u128>,
        goes: impl Fn(i128, i128, bool) -> bool,
    ) -> Option<()> {
        let mut room = self.limit;
        for size in sizes.keys() {
            let wanted = *size as usize - 1;
            // Chosen items, with the sum and the least of them before each.
            let mut chosen: Vec<(usize, i128, i128)> = Vec::new();
            let mut next = 0;
            loop {
                if room == 0 {
                    return Some(());
                }
                self.spend(items.len() - next.min(items.len()) + 1)?;
                let (sum, least) = chosen.last().map_or((0, i128::MAX), |(_, s, l)| (*s, *l));
                let missing = wanted - chosen.len();
                if missing == 0 {
                    if goes(sum, least, true) {
                        let places = chosen
                            .iter()
                            .filter_map(|(i, ..)| items.get(*i))
                            .map(|e| e.place);
                        self.out.first.push(Bits::of(places.chain([top.place])));
                        room -= 1;
                    }
                } else {
                    let rest = items.get(next..).unwrap_or_default();
                    let step = rest.iter().position(|e| {
                        let (sum, least) = (sum + e.value, least.min(e.value));
                        let free = chosen
                            .iter()
                            .filter_map(|(i, ..)| items.get(*i))
                            .all(|c| self.are_apart(c.at, e.at));
                        free && goes(sum, least, missing == 1)
                    });
                    let hopeful = rest.len() >= missing && sum + most_of(rest, missing) > top.value;
                    if let (Some(step), true) = (step, hopeful) {
                        let at = next + step;
                        let value = items.get(at)?.value;
                        chosen.push((at, sum + value, least.min(value)));
                        next = at + 1;
                        continue;
                    }
                }
                let Some((dropped, ..)) = chosen.pop() else {
                    break;
                };
                next = dropped + 1;
            }
        }
        Some(())
    }

    /// Whether neither variable is the other or below it.
    fn are_apart(&self, a: usize, b: usize) -> bool {
        let above = |mut v: usize, w: usize| loop {
            if v == w {
                return true;
            }
            match self.tree.whole.get(v).copied().flatten() {
                Some(whole) => v = whole,
                None => return false,
            }
        };
        !above(a, b) && !above(b, a)
    }
}

/// The greatest sum of so many ends.
fn most_of(ends: &[End], count: usize) -> i128 {
    let mut values: Vec<i128> = ends.iter().map(|e| e.value).collect();
    values.sort_unstable_by_key(|x| std::cmp::Reverse(*x));
    values.iter().take(count).sum()
}
