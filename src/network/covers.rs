//! Minimal sets that meet every set of a family: conflicts and repairs are each other's (Reiter 1987).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::bits::Bits;

/// The minimal sets that meet every set of the family added so far.
///
/// Each is kept minimal as sets are added one by one (Berge 1989, "Hypergraphs", section 2.1).
#[derive(Debug, Clone)]
pub(crate) struct Transversals {
    sets: Vec<Bits>,
    limit: usize,
    /// Comparisons that may still be made.
    left: u64,
    /// More than `limit` would have had to be kept, or more compared: the list is of no use any more.
    pub(crate) overflown: bool,
}

/// Comparisons that keeping a list may take.
const COMPARED: u64 = 40_000_000;

impl Transversals {
    /// Of the empty family: the empty set alone. At most `limit` sets are kept.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            sets: vec![Bits::default()],
            limit,
            left: COMPARED,
            overflown: false,
        }
    }

    pub(crate) fn sets(&self) -> &[Bits] {
        &self.sets
    }

    pub(crate) fn into_sets(self) -> Vec<Bits> {
        self.sets
    }

    /// Adds a set to the family. O(t² · |edge|) for t sets kept.
    pub(crate) fn add(&mut self, edge: &Bits) {
        if self.overflown {
            return;
        }
        self.spend(self.sets.len());
        if self.sets.iter().all(|t| t.meets(edge)) {
            return;
        }
        let mut kept = Vec::with_capacity(self.sets.len());
        let mut open: Vec<Bits> = Vec::new();
        // A grown set is minimal unless one that met the edge lies within it: it met the edge where the other grew, and nowhere else.
        let mut rivals: Vec<(usize, Bits)> = Vec::new();
        for t in std::mem::take(&mut self.sets) {
            let mut met = t.clone();
            met.keep(edge);
            let mut places = met.iter();
            match (places.next(), places.next()) {
                (None, _) => {
                    open.push(t);
                    continue;
                }
                (Some(x), None) => {
                    let mut without = t.clone();
                    without.remove(x);
                    rivals.push((x, without));
                }
                _ => {}
            }
            kept.push(t);
        }
        for x in edge.iter() {
            let own: Vec<&Bits> = rivals
                .iter()
                .filter(|(y, _)| *y == x)
                .map(|(_, rest)| rest)
                .collect();
            self.spend(open.len() * (own.len() + 1) + rivals.len());
            for t in &open {
                if !own.iter().any(|r| r.is_subset(t)) {
                    let mut grown = t.clone();
                    grown.insert(x);
                    kept.push(grown);
                    self.overflown |= kept.len() > self.limit;
                }
                if self.overflown {
                    return;
                }
            }
        }
        self.sets = kept;
    }

    fn spend(&mut self, comparisons: usize) {
        self.left = self.left.saturating_sub(comparisons as u64);
        self.overflown |= self.left == 0;
    }
}

/// The minimal sets of places that meet every pair: what is left out of a maximal set of places without a pair in it, all of them found one
/// by one with a pivot (Bron & Kerbosch 1973; Tomita, Tanaka & Takahashi 2006). `None` if there are more than `limit`, or if `work`, in
/// words compared, does not suffice.
pub(crate) fn pair_covers(
    places: usize,
    pairs: &[(usize, usize)],
    limit: usize,
    work: &mut u64,
) -> Option<Vec<Bits>> {
    let mut apart: Vec<Bits> = vec![Bits::default(); places];
    for (a, b) in pairs {
        apart.get_mut(*a)?.insert(*b);
        apart.get_mut(*b)?.insert(*a);
    }
    let words = places as u64 / 64 + 2;
    let mut out: Vec<Bits> = Vec::new();
    // Taken in so far, still free, and tried before; with the places to take in next, one by one.
    let mut open: Vec<(Bits, Bits, Bits, Vec<usize>)> = Vec::new();
    let branch = |free: &Bits, before: &Bits, work: &mut u64| -> Option<Vec<usize>> {
        // The pivot is one with the fewest free places apart from it: one of those, or itself, is in.
        let mut best: Option<(u32, usize)> = None;
        let tried = before.iter().map(|p| (p, 0));
        for (p, own) in tried.chain(free.iter().map(|p| (p, 1))) {
            *work = work.checked_sub(words)?;
            let count = apart.get(p)?.shared(free) + own;
            if best.is_none_or(|(least, _)| count < least) {
                best = Some((count, p));
                // None can have fewer.
                if count == own {
                    break;
                }
            }
        }
        let (_, pivot) = best?;
        let mut own = apart.get(pivot)?.clone();
        own.keep(free);
        if free.contains(pivot) {
            own.insert(pivot);
        }
        Some(own.iter().collect())
    };
    let all = Bits::of(0..places);
    let first = branch(&all, &Bits::default(), work);
    if places == 0 {
        return Some(vec![Bits::default()]);
    }
    open.push((Bits::default(), all.clone(), Bits::default(), first?));
    while let Some((taken, free, before, next)) = open.last_mut() {
        let Some(p) = next.pop() else {
            open.pop();
            continue;
        };
        *work = work.checked_sub(8 * words)?;
        let own = apart.get(p)?;
        let mut inner_free = free.without(own);
        inner_free.remove(p);
        let inner_before = before.without(own);
        let mut inner = taken.clone();
        inner.insert(p);
        free.remove(p);
        before.insert(p);
        if inner_free.len() == 0 {
            if inner_before.len() == 0 {
                if out.len() == limit {
                    return None;
                }
                out.push(all.without(&inner));
            }
            continue;
        }
        let next = branch(&inner_free, &inner_before, work)?;
        open.push((inner, inner_free, inner_before, next));
    }
    Some(out)
}

/// The smallest of the minimal sets that meet every edge: all of each size in turn, until `limit` are found or `work`, in edges looked
/// at, does not suffice; if it does not suffice for any, one that need not be among the smallest.
///
/// Sets of a size are searched depth first: of an edge that is not met yet one place is taken in and those before it are kept out, so that
/// none is found twice; edges without a place in common show how many more it takes.
pub(crate) fn smallest_covers(edges: &[Bits], limit: usize, work: &mut u64) -> Vec<Bits> {
    let greedy = greedy_cover(edges);
    let mut out: Vec<Bits> = Vec::new();
    let Some(least) = Reach::of(edges, &Bits::default(), &Bits::default()) else {
        return out;
    };
    for size in least.more..=greedy.len() {
        // Taken in, kept out.
        let mut open = vec![(Bits::default(), Bits::default())];
        while let Some((taken, barred)) = open.pop() {
            let Some(left) = work.checked_sub(edges.len() as u64) else {
                if out.is_empty() {
                    out.push(greedy);
                }
                return out;
            };
            *work = left;
            let Some(reach) = Reach::of(edges, &taken, &barred) else {
                continue;
            };
            if taken.len() + reach.more > size {
                continue;
            }
            let Some(edge) = reach.edge else {
                if taken.len() == size && is_minimal(edges, &taken) {
                    out.push(taken);
                    if out.len() == limit {
                        return out;
                    }
                }
                continue;
            };
            let mut barred = barred;
            for place in edge.without(&barred).iter() {
                let mut next = taken.clone();
                next.insert(place);
                open.push((next, barred.clone()));
                barred.insert(place);
            }
        }
    }
    out
}

/// What is still to be met.
struct Reach<'a> {
    /// The edge with the fewest places left; `None` if all are met.
    edge: Option<&'a Bits>,
    /// It takes at least as many more places.
    more: u32,
}

impl<'a> Reach<'a> {
    /// `None` if an edge cannot be met any more.
    fn of(edges: &'a [Bits], taken: &Bits, barred: &Bits) -> Option<Self> {
        let mut out = Self {
            edge: None,
            more: 0,
        };
        let (mut fewest, mut used) = (u32::MAX, Bits::default());
        for edge in edges.iter().filter(|e| !e.meets(taken)) {
            let left = edge.len() - edge.shared(barred);
            if left == 0 {
                return None;
            }
            if left < fewest {
                fewest = left;
                out.edge = Some(edge);
            }
            if !edge.meets(&used) {
                out.more += 1;
                used.add(edge);
            }
        }
        Some(out)
    }
}

/// A minimal set that meets every edge: the place that is in most of those left, again and again, without what turns out needless.
fn greedy_cover(edges: &[Bits]) -> Bits {
    let mut left: Vec<&Bits> = edges.iter().collect();
    let mut out = Bits::default();
    while !left.is_empty() {
        let mut uses: BTreeMap<usize, u32> = BTreeMap::new();
        for place in left.iter().flat_map(|e| e.iter()) {
            *uses.entry(place).or_default() += 1;
        }
        let most = uses.into_iter().max_by_key(|(p, n)| (*n, Reverse(*p)));
        let Some((place, _)) = most else { break };
        out.insert(place);
        left.retain(|e| !e.contains(place));
    }
    for place in out.clone().iter() {
        let mut without = out.clone();
        without.remove(place);
        if edges.iter().all(|e| e.meets(&without)) {
            out = without;
        }
    }
    out
}

/// Whether each place of a set that meets every edge is needed.
fn is_minimal(edges: &[Bits], set: &Bits) -> bool {
    let mut needed = Bits::default();
    for edge in edges.iter().filter(|e| e.shared(set) == 1) {
        needed.add(edge);
    }
    set.is_subset(&needed)
}

/// Keeps only the sets that hold no other of the list, each once, smallest first.
pub(crate) fn minimal(mut sets: Vec<Bits>) -> Vec<Bits> {
    sets.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets.dedup();
    let mut out: Vec<Bits> = Vec::new();
    for set in sets {
        if !out.iter().any(|o| o.is_subset(&set)) {
            out.push(set);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Of pairs, both ways find the same.
        #[test]
        fn covers_of_pairs(pairs in proptest::collection::vec((0_usize..9, 0_usize..9), 0..14)) {
            let pairs: Vec<(usize, usize)> = pairs.into_iter().filter(|(a, b)| a != b).collect();
            let mut slow = Transversals::new(1000);
            for (a, b) in &pairs { slow.add(&Bits::of([*a, *b])); }
            let mut fast = pair_covers(9, &pairs, 1000, &mut 1_000_000).unwrap();
            fast.sort_unstable();
            let mut slow = slow.sets().to_vec();
            slow.sort_unstable();
            prop_assert_eq!(fast, slow);
        }

        /// All of them if there is room, else the smallest.
        #[test]
        fn the_smallest_come_first(family in proptest::collection::vec(proptest::collection::btree_set(0_usize..8, 1..4), 0..9), limit in 1_usize..6) {
            let edges: Vec<Bits> = family.iter().map(|e| Bits::of(e.iter().copied())).collect();
            let mut all = Transversals::new(1000);
            for e in &edges { all.add(e); }
            let mut all: Vec<u32> = all.sets().iter().map(Bits::len).collect();
            all.sort_unstable();
            let most = greedy_cover(&edges).len();
            let found = smallest_covers(&edges, limit, &mut 1_000_000);
            let sizes: Vec<u32> = found.iter().map(Bits::len).collect();
            let expected: Vec<u32> = all.into_iter().filter(|n| *n <= most).take(limit).collect();
            prop_assert_eq!(sizes, expected);
            prop_assert_eq!(minimal(found.clone()).len(), found.len());
            for set in found.iter().chain(&smallest_covers(&edges, limit, &mut 0)) {
                prop_assert!(edges.iter().all(|e| e.meets(set)) && is_minimal(&edges, set));
            }
        }

        #[test]
        fn agrees_with_trying_every_set(family in proptest::collection::vec(proptest::collection::btree_set(0_usize..7, 1..5), 0..6)) {
            let edges: Vec<Bits> = family.iter().map(|e| Bits::of(e.iter().copied())).collect();
            let mut found = Transversals::new(1000);
            for e in &edges { found.add(e); }
            let hits: Vec<Bits> = (0_u32..128)
                .map(|mask| Bits::of((0..7).filter(|i| mask >> i & 1 == 1)))
                .filter(|s| edges.iter().all(|e| e.meets(s)))
                .collect();
            let mut found = found.sets().to_vec();
            found.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            prop_assert_eq!(found, minimal(hits));
        }
    }
}
