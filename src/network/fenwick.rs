//! Sums over the first places of a list that changes.

/// Prefix sums that can be added to (Fenwick 1994). Both operations take O(log n).
#[derive(Debug)]
pub(crate) struct Fenwick {
    sums: Vec<i128>,
}

impl Fenwick {
    pub(crate) fn new(len: usize) -> Self {
        Self {
            sums: vec![0; len + 1],
        }
    }

    /// Adds at a place.
    pub(crate) fn add(&mut self, at: usize, delta: i128) {
        let mut i = at + 1;
        while let Some(s) = self.sums.get_mut(i) {
            *s += delta;
            i += i & i.wrapping_neg();
        }
    }

    /// The sum of what was added at places up to `to`.
    pub(crate) fn up_to(&self, to: usize) -> i128 {
        let mut i = to + 1;
        let mut sum = 0;
        while i > 0 {
            sum += self.sums.get(i).copied().unwrap_or(0);
            i &= i - 1;
        }
        sum
    }
}
