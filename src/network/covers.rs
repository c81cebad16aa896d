//! Minimal sets that meet every set of a family: conflicts and repairs are each other's (Reiter 1987).

use super::bits::Bits;

/// The minimal sets that meet every set of the family added so far.
///
/// Each is kept minimal as sets are added one by one (Berge 1989, "Hypergraphs", section 2.1).
#[derive(Debug, Clone)]
pub(crate) struct Transversals {
    sets: Vec<Bits>,
    limit: usize,
    /// More than `limit` would have had to be kept: the list is of no use any more.
    pub(crate) overflown: bool,
}

impl Transversals {
    /// Of the empty family: the empty set alone. At most `limit` sets are kept.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            sets: vec![Bits::default()],
            limit,
            overflown: false,
        }
    }

    pub(crate) fn sets(&self) -> &[Bits] {
        &self.sets
    }

    /// Adds a set to the family. O(t² · |edge|) for t sets kept.
    pub(crate) fn add(&mut self, edge: &Bits) {
        if self.overflown {
            return;
        }
        let (mut kept, open): (Vec<Bits>, Vec<Bits>) = std::mem::take(&mut self.sets)
            .into_iter()
            .partition(|t| t.meets(edge));
        let hitting = kept.len();
        for x in edge.iter() {
            // A grown set is minimal unless one that met the edge, with x, lies within it.
            let mut rivals: Vec<Bits> = Vec::new();
            for t in kept.iter().take(hitting) {
                if t.contains(x) {
                    let mut without = t.clone();
                    without.remove(x);
                    rivals.push(without);
                }
            }
            for t in &open {
                if !rivals.iter().any(|r| r.is_subset(t)) {
                    let mut grown = t.clone();
                    grown.insert(x);
                    kept.push(grown);
                    if kept.len() > self.limit {
                        self.overflown = true;
                        return;
                    }
                }
            }
        }
        self.sets = kept;
    }
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
