//! Small sets of places.

use std::cmp::Ordering;

/// Sets filed under their least place, to find those within a given one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Antichain {
    /// The empty set is a member: then nothing else matters.
    empty: bool,
    by_least: Vec<Filed>,
    len: usize,
    /// No member has more places.
    largest: u32,
}

/// Sets with one least place.
#[derive(Debug, Clone, Default)]
struct Filed {
    sets: Vec<Bits>,
    /// None of them has more places.
    largest: u32,
}

impl Antichain {
    /// Whether a member lies within `set`. Looks at the members whose least place is in `set`; `work` counts them.
    pub(crate) fn has_within(&self, set: &Bits, work: &mut u64) -> bool {
        self.empty
            || set.iter().any(|p| {
                self.by_least.get(p).is_some_and(|list| {
                    *work += list.sets.len() as u64;
                    list.sets.iter().any(|m| m.is_subset(set))
                })
            })
    }

    /// Adds a set within which no member lies; members within which it lies go.
    pub(crate) fn insert(&mut self, set: Bits) {
        let Some(least) = set.iter().next() else {
            self.empty = true;
            return;
        };
        let size = set.len();
        // A member that holds the set has more places, and the least of them at or before the set's.
        if size < self.largest {
            let lists = self.by_least.iter_mut().take(least + 1);
            for list in lists.filter(|list| size < list.largest) {
                let before = list.sets.len();
                list.sets.retain(|m| !set.is_subset(m));
                self.len -= before - list.sets.len();
            }
        }
        self.largest = self.largest.max(size);
        if self.by_least.len() <= least {
            self.by_least.resize(least + 1, Filed::default());
        }
        if let Some(list) = self.by_least.get_mut(least) {
            list.largest = list.largest.max(size);
            list.sets.push(set);
            self.len += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len + usize::from(self.empty)
    }

    pub(crate) fn into_sets(self) -> Vec<Bits> {
        if self.empty {
            return vec![Bits::default()];
        }
        self.by_least
            .into_iter()
            .flat_map(|list| list.sets)
            .collect()
    }
}

/// A set of small whole numbers; the first 128 need no memory of their own. Equal sets are `==`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Bits {
    words: [u64; 2],
    /// Further words, without zeros at the end.
    more: Vec<u64>,
}

impl Bits {
    pub(crate) fn of(places: impl IntoIterator<Item = usize>) -> Self {
        let mut out = Self::default();
        for p in places {
            out.insert(p);
        }
        out
    }

    pub(crate) fn insert(&mut self, place: usize) {
        let (word, bit) = (place / 64, 1_u64 << (place % 64));
        if let Some(w) = self.words.get_mut(word) {
            *w |= bit;
            return;
        }
        let word = word - self.words.len();
        if self.more.len() <= word {
            self.more.resize(word + 1, 0);
        }
        if let Some(w) = self.more.get_mut(word) {
            *w |= bit;
        }
    }

    pub(crate) fn remove(&mut self, place: usize) {
        let (word, bit) = (place / 64, 1_u64 << (place % 64));
        if let Some(w) = self.words.get_mut(word) {
            *w &= !bit;
        } else if let Some(w) = self.more.get_mut(word - self.words.len()) {
            *w &= !bit;
            while self.more.last() == Some(&0) {
                self.more.pop();
            }
        }
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        let (word, bit) = (place / 64, 1_u64 << (place % 64));
        self.words
            .get(word)
            .or_else(|| self.more.get(word.wrapping_sub(self.words.len())))
            .is_some_and(|w| w & bit != 0)
    }

    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut out = self.clone();
        out.add(other);
        out
    }

    /// Takes in what is in the other.
    pub(crate) fn add(&mut self, other: &Self) {
        for (w, o) in self.words.iter_mut().zip(&other.words) {
            *w |= o;
        }
        if self.more.len() < other.more.len() {
            self.more.resize(other.more.len(), 0);
        }
        for (w, o) in self.more.iter_mut().zip(&other.more) {
            *w |= o;
        }
    }

    /// Drops what is not in the other.
    pub(crate) fn keep(&mut self, other: &Self) {
        for (w, o) in self.words.iter_mut().zip(&other.words) {
            *w &= o;
        }
        self.more.truncate(other.more.len());
        for (w, o) in self.more.iter_mut().zip(&other.more) {
            *w &= o;
        }
        self.trim();
    }

    /// What is not in the other.
    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut out = self.clone();
        for (w, o) in out.words.iter_mut().zip(&other.words) {
            *w &= !o;
        }
        for (w, o) in out.more.iter_mut().zip(&other.more) {
            *w &= !o;
        }
        out.trim();
        out
    }

    fn trim(&mut self) {
        while self.more.last() == Some(&0) {
            self.more.pop();
        }
    }

    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        let [a, b] = self.words;
        let [c, d] = other.words;
        a & !c == 0
            && b & !d == 0
            && self.more.len() <= other.more.len()
            && self.more.iter().zip(&other.more).all(|(x, y)| x & !y == 0)
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        let [a, b] = self.words;
        let [c, d] = other.words;
        a & c != 0 || b & d != 0 || self.more.iter().zip(&other.more).any(|(x, y)| x & y != 0)
    }

    /// How many places both have.
    pub(crate) fn shared(&self, other: &Self) -> u32 {
        let words = self.words.iter().zip(&other.words);
        let more = self.more.iter().zip(&other.more);
        words.chain(more).map(|(a, b)| (a & b).count_ones()).sum()
    }

    pub(crate) fn len(&self) -> u32 {
        self.words
            .iter()
            .chain(&self.more)
            .map(|w| w.count_ones())
            .sum()
    }

    /// Smaller sets first; of two as large, that whose places come first.
    pub(crate) fn by_size(&self, other: &Self) -> Ordering {
        let word = |set: &Self, i: usize| -> u64 {
            let far = || set.more.get(i.wrapping_sub(set.words.len()));
            set.words.get(i).or_else(far).copied().unwrap_or(0)
        };
        let words = self.words.len() + self.more.len().max(other.more.len());
        let places = || {
            // The least place where they differ is the first in which their lists of places do.
            let differs = |i: &usize| word(self, *i) != word(other, *i);
            (0..words).find(differs).map_or(Ordering::Equal, |i| {
                let (own, others) = (word(self, i), word(other, i));
                let least = (own ^ others).trailing_zeros();
                (others >> least & 1).cmp(&(own >> least & 1))
            })
        };
        self.len().cmp(&other.len()).then_with(places)
    }

    /// How many words it takes.
    pub(crate) fn words(&self) -> u64 {
        (self.words.len() + self.more.len()) as u64
    }

    /// The places, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words
            .iter()
            .chain(&self.more)
            .enumerate()
            .flat_map(|(i, w)| {
                let mut rest = *w;
                std::iter::from_fn(move || {
                    (rest != 0).then(|| {
                        let bit = rest.trailing_zeros() as usize;
                        rest &= rest - 1;
                        i * 64 + bit
                    })
                })
            })
    }
}

/// A few places among many, ascending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Few(Box<[u32]>);

impl Few {
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 places")]
    pub(crate) fn of(places: impl IntoIterator<Item = usize>) -> Self {
        let mut list: Vec<u32> = places.into_iter().map(|p| p as u32).collect();
        list.sort_unstable();
        list.dedup();
        Self(list.into())
    }

    pub(crate) fn is_subset(&self, other: &Bits) -> bool {
        self.iter().all(|p| other.contains(p))
    }

    pub(crate) fn meets(&self, other: &Bits) -> bool {
        self.iter().any(|p| other.contains(p))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(|p| *p as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn agrees_with_a_tree_set(a in proptest::collection::btree_set(0_usize..300, 0..12), b in proptest::collection::btree_set(0_usize..300, 0..12)) {
            let (x, y) = (Bits::of(a.iter().copied()), Bits::of(b.iter().copied()));
            prop_assert_eq!(x.iter().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(x.union(&y).iter().collect::<BTreeSet<_>>(), a.union(&b).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(x.is_subset(&y), a.is_subset(&b));
            prop_assert_eq!(x.meets(&y), !a.is_disjoint(&b));
            let few = Few::of(a.iter().rev().copied());
            prop_assert!(few.iter().eq(a.iter().copied()));
            prop_assert_eq!((few.is_subset(&y), few.meets(&y)), (x.is_subset(&y), x.meets(&y)));
            prop_assert_eq!(x.shared(&y) as usize, a.intersection(&b).count());
            prop_assert_eq!(x.len() as usize, a.len());
            prop_assert_eq!(x.by_size(&y), a.len().cmp(&b.len()).then_with(|| a.cmp(&b)));
            prop_assert_eq!(x.by_size(&x), Ordering::Equal);
            // As large as the other, and near it.
            let c: BTreeSet<usize> = a.iter().take(3).chain(b.iter().skip(3)).copied().collect();
            let near = Bits::of(c.iter().copied());
            prop_assert_eq!(near.by_size(&x), c.len().cmp(&a.len()).then_with(|| c.cmp(&a)));
            let mut z = x.clone();
            for p in &b { z.remove(*p); }
            prop_assert_eq!(x.without(&y), z.clone());
            let mut kept = x.clone();
            kept.keep(&y);
            prop_assert_eq!(kept, Bits::of(a.intersection(&b).copied()));
            prop_assert_eq!(z, Bits::of(a.difference(&b).copied()));
        }
    }
}
