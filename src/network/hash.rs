//! A fast hash for tables that nobody iterates over.
//!
//! Keys are numbers of our own making, so that no attacker chooses them; and since no result is read in a table's order, the hash
//! cannot be seen from outside.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash map with the fast hash.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

/// Multiplies and folds, word by word (the finish of Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Mix(u64);

impl Mix {
    fn word(&mut self, word: u64) {
        let mut x = self.0.rotate_left(26) ^ word;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.0 = x ^ (x >> 31);
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x94d0_49bb_1331_11eb)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().rev().fold(0, |w, b| w << 8 | u64::from(*b));
            self.word(word);
        }
    }

    fn write_u32(&mut self, x: u32) {
        self.word(x.into());
    }

    fn write_u64(&mut self, x: u64) {
        self.word(x);
    }

    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    fn write_u128(&mut self, x: u128) {
        self.word(x as u64);
        if x >> 64 != 0 {
            self.word((x >> 64) as u64);
        }
    }

    #[expect(clippy::cast_sign_loss, reason = "only the bits count")]
    fn write_i128(&mut self, x: i128) {
        self.write_u128(x as u128);
    }

    fn write_usize(&mut self, x: usize) {
        self.word(x as u64);
    }
}
