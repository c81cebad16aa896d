//! Small sets of places.

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
        let [a, b] = self.words;
        let [c, d] = other.words;
        let (long, short) = if self.more.len() >= other.more.len() {
            (&self.more, &other.more)
        } else {
            (&other.more, &self.more)
        };
        let mut more = long.clone();
        for (w, o) in more.iter_mut().zip(short) {
            *w |= o;
        }
        Self {
            words: [a | c, b | d],
            more,
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

    pub(crate) fn len(&self) -> u32 {
        self.words
            .iter()
            .chain(&self.more)
            .map(|w| w.count_ones())
            .sum()
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
            prop_assert_eq!(x.len() as usize, a.len());
            let mut z = x.clone();
            for p in &b { z.remove(*p); }
            prop_assert_eq!(z, Bits::of(a.difference(&b).copied()));
        }
    }
}
