//! Counting conflicts by sum and size, going up a tree of sums.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{End, Ends, Family, Tree, at};
use crate::network::bits::Bits;
use crate::network::hash::Table;
use crate::network::propagate::Forest;

/// Chosen ends so far: how many ways there are, by their sum and number.
type Ways = BTreeMap<(i128, u32), u128>;

/// Choices of upper ends below one that are written out, to find the first of them.
const CUTS: u128 = 100_000;

/// Counts as far as its work goes.
pub(super) struct Counter<'a> {
    tree: &'a Tree,
    /// Products of ways that may still be made.
    pub(super) left: u64,
    pub(super) out: Family,
    limit: usize,
    pub(super) forest: Forest,
}

impl<'a> Counter<'a> {
    /// For a cluster of so many members; the first `limit` conflicts are written out.
    pub(super) fn new(tree: &'a Tree, members: usize, limit: usize, work: u64) -> Self {
        Self {
            tree,
            left: work,
            out: Family {
                total: 0,
                shares: vec![BTreeMap::new(); members],
                group: Vec::new(),
                first: Vec::new(),
            },
            limit,
            forest: Forest::new(members),
        }
    }

    fn spend(&mut self, work: usize) -> Option<()> {
        self.left = self.left.checked_sub(work as u64)?;
        Some(())
    }

    /// Counts all conflicts of two units and more; `None` where the work does not suffice, or a count is beyond 128 bits.
    pub(super) fn count(&mut self, Ends { lower, upper, .. }: &Ends) -> Option<()> {
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
            let mut items: Vec<End> = below.iter().flat_map(|w| at(lower, *w)).copied().collect();
            items.retain(|e| e.value > 0);
            items.sort_unstable_by_key(|e| (std::cmp::Reverse(e.value), e.place));
            for highs in alike(at(upper, v)) {
                self.exceeded(v, &highs, &items)?;
            }
            let full: Vec<End> = below.iter().flat_map(|w| at(upper, *w)).copied().collect();
            for lows in alike(at(lower, v)) {
                self.fallen_short(v, &lows, &full)?;
            }
        }
        Some(())
    }

    /// Gives what the conflicts of some ends, all alike, count: `all`, by size, for each of them, and of those the items' shares, which are what
    /// is missing without the item. Items alike have the same.
    fn share_out(
        &mut self,
        tops: &[End],
        items: &[End],
        all: &BTreeMap<u32, u128>,
        mut count: impl FnMut(&mut Self, &[End]) -> Option<BTreeMap<u32, u128>>,
    ) -> Option<Vec<End>> {
        let times = tops.len() as u128;
        for top in tops {
            for (size, n) in all {
                self.record(&[top.place], *size, *n)?;
            }
        }
        let mut known: BTreeMap<(usize, i128), BTreeMap<u32, u128>> = BTreeMap::new();
        let mut needed: Vec<End> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let key = (item.at, item.value);
            let without = match known.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let mut others = items.to_vec();
                    others.remove(i);
                    place.insert(count(self, &others)?)
                }
            };
            let mut is_in = false;
            for (size, n) in all {
                let with = n - without.get(size).copied().unwrap_or(0);
                if with > 0 {
                    is_in = true;
                    self.share(item.place, *size, with.checked_mul(times)?)?;
                }
            }
            if is_in {
                needed.push(*item);
                for top in tops {
                    self.forest.join(top.place, item.place);
                }
            }
        }
        Some(needed)
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

    /// Conflicts of upper ends, all alike, with lower ends below: any that exceed it, but do not without the least of them.
    fn exceeded(&mut self, v: usize, highs: &[End], items: &[End]) -> Option<()> {
        let high = highs.first()?.value;
        let count = |me: &mut Self, items: &[End]| -> Option<BTreeMap<u32, u128>> {
            let mut by_size: BTreeMap<u32, u128> = BTreeMap::new();
            for (rank, least) in items.iter().enumerate() {
                let greater = items.get(..rank)?;
                let ways = me.beside(v, least.at, greater, high)?;
                for ((sum, size), n) in ways {
                    if sum + least.value > high {
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
        self.share_out(highs, items, &all, count)?;
        let mut by_place = items.to_vec();
        by_place.sort_unstable_by_key(|e| e.place);
        let sets = self.first_of(high, &by_place, &all)?;
        for top in highs {
            for set in &sets {
                let places = set.iter().copied().chain([top.place]);
                self.out.first.push(Bits::of(places));
            }
            // Now and then, so that they stay few.
            if self.out.first.len() / 4 > self.limit {
                self.out.cut(self.limit);
            }
        }
        Some(())
    }

    /// Conflicts of lower ends, all alike, with upper ends on every way down that fall short of it.
    fn fallen_short(&mut self, v: usize, lows: &[End], items: &[End]) -> Option<()> {
        let most = lows.first()?.value - 1;
        let count = |me: &mut Self, items: &[End]| -> Option<BTreeMap<u32, u128>> {
            let mut by_size: BTreeMap<u32, u128> = BTreeMap::new();
            for ((_, size), n) in me.cuts(v, items, most, true)? {
                let slot = by_size.entry(size + 1).or_default();
                *slot = slot.checked_add(n)?;
            }
            Some(by_size)
        };
        let all = count(self, items)?;
        if all.is_empty() {
            return Some(());
        }
        let needed = self.share_out(lows, items, &all, count)?;
        let total: u128 = all.values().sum();
        if total > CUTS {
            return None;
        }
        // The first of them, by size and place, are so with the same end at the top as well.
        let mut cuts = self.all_cuts(v, &needed, most)?;
        for cut in &mut cuts {
            cut.sort_unstable();
        }
        cuts.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        cuts.truncate(self.limit);
        for low in lows {
            for cut in &cuts {
                let places = cut.iter().copied().chain([low.place]);
                self.out.first.push(Bits::of(places));
            }
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

    /// Of the conflicts with an upper end at the top of that value the first, without that end: smallest first, each size by place.
    fn first_of(
        &mut self,
        high: i128,
        items: &[End],
        sizes: &BTreeMap<u32, u128>,
    ) -> Option<Vec<Vec<usize>>> {
        // Whether a sum with its least may go on, or, at the end, is one: it exceeds, but does not without the least.
        let goes = |sum: i128, least: i128, done: bool| {
            if done {
                sum > high && sum - least <= high
            } else {
                sum <= high
            }
        };
        let mut out = Vec::new();
        // The greatest sum of so many items from one on.
        let mut greatest: Table<(usize, usize), i128> = Table::default();
        for size in sizes.keys() {
            let wanted = *size as usize - 1;
            // Chosen items, with the sum and the least of them before each.
            let mut chosen: Vec<(usize, i128, i128)> = Vec::new();
            let mut next = 0;
            loop {
                if out.len() >= self.limit {
                    return Some(out);
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
                        out.push(places.collect());
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
                    let mut most = || {
                        let known = greatest.entry((next, missing));
                        *known.or_insert_with(|| most_of(rest, missing))
                    };
                    if let Some(step) = step
                        && rest.len() >= missing
                        && sum + most() > high
                    {
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
        Some(out)
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

/// Ends by their value.
fn alike(ends: &[End]) -> Vec<Vec<End>> {
    let mut out: BTreeMap<i128, Vec<End>> = BTreeMap::new();
    for e in ends {
        out.entry(e.value).or_default().push(*e);
    }
    out.into_values().collect()
}

/// The greatest sum of so many ends.
fn most_of(ends: &[End], count: usize) -> i128 {
    let mut values: Vec<i128> = ends.iter().map(|e| e.value).collect();
    values.sort_unstable_by_key(|x| std::cmp::Reverse(*x));
    values.iter().take(count).sum()
}
