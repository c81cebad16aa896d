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
    /// The length is a power of two or 0; three quarters are used at most.
    slots: Vec<Slot>,
    seed: u64,
}

/// A place in the table, with enough of the text that short ones need no look at the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    /// The first eight bytes.
    head: u64,
    /// The length of a text of at most eight bytes; otherwise the upper half of the hash with its top bit set.
    rest: u32,
    /// Number + 1; 0 where the slot is empty.
    id: u32,
}

const EMPTY: Slot = Slot {
    head: 0,
    rest: 0,
    id: 0,
};

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
        let hash = self.hash(name);
        self.probe(name, slot(name, hash), hash).ok()
    }

    /// The number of a text, a new one if it is new; `None` when 2^32 − 2 texts are held.
    pub(crate) fn intern(&mut self, name: &str) -> Option<u32> {
        if (self.ends.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let hash = self.hash(name);
        let wanted = slot(name, hash);
        match self.probe(name, wanted, hash) {
            Ok(id) => Some(id),
            Err(at) => {
                if self.ends.len() >= MOST {
                    return None;
                }
                let id = u32::try_from(self.ends.len()).ok()?;
                self.text.push_str(name);
                self.ends.push(self.text.len());
                *self.slots.get_mut(at)? = Slot {
                    id: id + 1,
                    ..wanted
                };
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
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        let mask = size - 1;
        for held in old.into_iter().filter(|slot| slot.id != 0) {
            let mut at = place(self.hash(self.text(held.id - 1))) & mask;
            while let Some(slot) = self.slots.get_mut(at) {
                if slot.id == 0 {
                    *slot = held;
                    break;
                }
                at = (at + 1) & mask;
            }
        }
    }

    /// The number of a text, or the place where it belongs.
    fn probe(&self, name: &str, wanted: Slot, hash: u64) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = place(hash) & mask;
        loop {
            match self.slots.get(at) {
                Some(slot) if slot.id != 0 => {
                    let alike = slot.head == wanted.head && slot.rest == wanted.rest;
                    if alike && (name.len() <= 8 || self.text(slot.id - 1) == name) {
                        return Ok(slot.id - 1);
                    }
                }
                _ => return Err(at),
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

/// What the slot of a text looks like, without its number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the upper half is wanted, and short lengths are below 9"
)]
fn slot(name: &str, hash: u64) -> Slot {
    let rest = if name.len() <= 8 {
        name.len() as u32
    } else {
        (hash >> 32) as u32 | 1 << 31
    };
    Slot {
        head: prefix(name),
        rest,
        id: 0,
    }
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
