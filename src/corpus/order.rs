//! Who was first, where times are given.
//!
//! ```text
//! F_ab  = sum of f over the values that both a and b give on a question, a before b          f as in the search for copies
//! d_ab  = (F_ab + 1/2) / (F_ab + F_ba + 1)                                                   the chance that a is the first of the two
//! ```
//!
//! The half on either side is one error's worth of not knowing (Jeffreys 1946), so that d is 1/2 without times.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per claim, candidate or source of the corpus"
)]

use super::fit::Fit;
use super::table::Corpus;
use super::units::{amount, mass};

/// The time of a claim that has none.
pub(crate) const NEVER: i64 = i64::MAX;

impl Fit {
    /// Tells of each pair which of the two is first, where the corpus knows times.
    pub(crate) fn in_order(mut self, corpus: &Corpus) -> Self {
        if corpus.times.is_empty() || self.origins.is_empty() {
            return self;
        }
        // Both directions: source, its partner, the pair.
        let mut partners: Vec<(u32, u32, usize)> = self
            .origins
            .iter()
            .enumerate()
            .map(|(at, origin)| (origin.a.0, origin.b.0, at))
            .collect();
        partners.sort_unstable();
        let mut first = vec![(0u64, 0u64); self.origins.len()];
        let mut said = vec![NEVER; corpus.sources.len()];
        for (candidate, &p) in self.candidates.iter().enumerate() {
            let claims = corpus.claims_of(candidate);
            let f = mass((1.0 - p).clamp(0.0, 1.0));
            for claim in claims.clone() {
                said[corpus.source[claim] as usize] = corpus.times[claim];
            }
            for claim in claims.clone().filter(|&claim| corpus.times[claim] != NEVER) {
                let (source, time) = (corpus.source[claim], corpus.times[claim]);
                let at = partners.partition_point(|partner| partner.0 < source);
                for &(_, other, pair) in partners[at..]
                    .iter()
                    .take_while(|partner| partner.0 == source)
                {
                    let theirs = said[other as usize];
                    if theirs != NEVER && time < theirs {
                        first[pair].0 += f;
                    } else if theirs < time {
                        first[pair].1 += f;
                    }
                }
            }
            for &source in &corpus.source[claims] {
                said[source as usize] = NEVER;
            }
        }
        for (origin, (a, b)) in self.origins.iter_mut().zip(first) {
            origin.a_first = (amount(a) + 0.5) / (amount(a) + amount(b) + 1.0);
        }
        self
    }
}
