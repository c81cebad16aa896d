//! Interned names: every distinct text once, known by a small number.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A set of texts numbered from 0 in the order of their first appearance.
///
/// All texts lie in one buffer; an open-addressing table of (hash, number) finds them again. The hash is seeded at random, so that
/// nobody can choose texts that collide; no result depends on it, since the numbers follow the order of appearance.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    text: String,
    /// Where each text ends in `text`; it starts where the one before it ends.
    ends: Vec<usize>,
    /// `(upper half of the hash, number + 1)`, (_, 0) where empty; the length is a power of two or 0.
    slots: Vec<(u32, u32)>,
    seed: u64,
}

/// The most texts a table can hold.
const MOST: usize = u32::MAX as usize - 1;

impl Names {
    pub(crate) fn new() -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
            slots: Vec::new(),
            seed: RandomState::new().build_hasher().finish(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number, empty for a number never given out.
    pub(crate) fn text(&self, id: u32) -> &str {
        let id = id as usize;
        let start = if id == 0 {
            0
        } else {
            self.ends.get(id - 1).copied().unwrap_or(self.text.len())
        };
        let end = self.ends.get(id).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        match self.probe(name, self.hash(name)) {
            Slot::Held(id) => Some(id),
            Slot::Free(_) => None,
        }
    }

    /// The number of a text, a new one if it is new; `None` when 2^32 − 2 texts are held.
    pub(crate) fn intern(&mut self, name: &str) -> Option<u32> {
        if (self.ends.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let hash = self.hash(name);
        match self.probe(name, hash) {
            Slot::Held(id) => Some(id),
            Slot::Free(at) => {
                if self.ends.len() >= MOST {
                    return None;
                }
                let id = u32::try_from(self.ends.len()).ok()?;
                self.text.push_str(name);
                self.ends.push(self.text.len());
                if let Some(slot) = self.slots.get_mut(at) {
                    *slot = (tag(hash), id + 1);
                }
                Some(id)
            }
        }
    }

    /// All numbers, sorted by their texts' bytes.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let mut keyed: Vec<(u64, u32)> = (0..self.ends.len())
            .filter_map(|id| u32::try_from(id).ok())
            .map(|id| (prefix(self.text(id)), id))
            .collect();
        // The first eight bytes decide nearly always; the texts themselves are fetched only where these agree.
        keyed.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| self.text(a.1).cmp(self.text(b.1)))
        });
        keyed.into_iter().map(|(_, id)| id).collect()
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); size]);
        let mask = size - 1;
        for (_, id) in old.into_iter().filter(|slot| slot.1 != 0) {
            let hash = self.hash(self.text(id - 1));
            let mut at = place(hash) & mask;
            while let Some(slot) = self.slots.get_mut(at) {
                if slot.1 == 0 {
                    *slot = (tag(hash), id);
                    break;
                }
                at = (at + 1) & mask;
            }
        }
    }

    fn probe(&self, name: &str, hash: u64) -> Slot {
        let mask = self.slots.len() - 1;
        let mut at = place(hash) & mask;
        loop {
            match self.slots.get(at) {
                Some(&(found, id)) if id != 0 => {
                    if found == tag(hash) && self.text(id - 1) == name {
                        return Slot::Held(id - 1);
                    }
                }
                _ => return Slot::Free(at),
            }
            at = (at + 1) & mask;
        }
    }

    /// Folded multiplication, eight bytes at a time.
    fn hash(&self, name: &str) -> u64 {
        let bytes = name.as_bytes();
        let mut state = self.seed ^ (bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (chunks, rest) = bytes.as_chunks::<8>();
        for chunk in chunks {
            state = fold(state ^ u64::from_le_bytes(*chunk));
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        fold(fold(state ^ u64::from_le_bytes(last)))
    }
}

enum Slot {
    Held(u32),
    Free(usize),
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half is wanted")]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only the low bits are used, masked to the table's size"
)]
fn place(hash: u64) -> usize {
    hash as usize
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "both halves of the product are used"
)]
fn fold(x: u64) -> u64 {
    let product = u128::from(x) * 0xa076_1d64_78bd_642f_u128;
    (product as u64) ^ ((product >> 64) as u64)
}

/// The first eight bytes as a number that sorts like them; shorter texts are filled up with zeros.
fn prefix(text: &str) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(text.as_bytes()) {
        *to = *from;
    }
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers() {
        let mut names = Names::new();
        for i in 0..1000 {
            assert_eq!(names.intern(&format!("name {i}")), Some(i));
        }
        assert_eq!(names.intern("name 7"), Some(7));
        assert_eq!(names.find("name 999"), Some(999));
        assert_eq!(names.find("name 1000"), None);
        assert_eq!(names.text(12), "name 12");
        assert_eq!(names.text(5000), "");
    }

    #[test]
    fn sorting_is_by_bytes() {
        let mut names = Names::new();
        for name in ["same start b", "same start a", "", "\0", "z", "a"] {
            names.intern(name);
        }
        let order: Vec<&str> = names
            .sorted()
            .into_iter()
            .map(|id| names.text(id))
            .collect();
        assert_eq!(order, ["", "\0", "a", "same start a", "same start b", "z"]);
    }
}
