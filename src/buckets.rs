//! Places grouped by a key that is a place itself, in two flat lists: a million groups take no million lists.

/// For each key from 0 up, some places in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    /// Where each key's places begin; one more, for the end of the last.
    starts: Vec<usize>,
    places: Vec<usize>,
}

impl Buckets {
    /// Groups the places of `pairs` (key, place). Keys from `keys` up are left out. O(n + keys).
    pub(crate) fn new(keys: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let mut starts = vec![0_usize; keys + 1];
        for (key, _) in pairs.clone() {
            if let Some(slot) = starts.get_mut(key + 1) {
                *slot += 1;
            }
        }
        let mut total = 0;
        for slot in &mut starts {
            total += *slot;
            *slot = total;
        }
        let mut next = starts.clone();
        let mut places = vec![0; total];
        for (key, place) in pairs.filter(|(key, _)| *key < keys) {
            if let Some(slot) = next.get_mut(key) {
                if let Some(to) = places.get_mut(*slot) {
                    *to = place;
                }
                *slot += 1;
            }
        }
        Self { starts, places }
    }

    /// The places of a key.
    pub(crate) fn of(&self, key: usize) -> &[usize] {
        match (self.starts.get(key), self.starts.get(key + 1)) {
            (Some(start), Some(end)) => self.places.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;

    #[test]
    fn places_keep_their_order_within_a_key() {
        let pairs = [(2, 7), (0, 1), (2, 3), (9, 5), (2, 4)];
        let buckets = Buckets::new(4, pairs.into_iter());
        let all: Vec<&[usize]> = (0..5).map(|k| buckets.of(k)).collect();
        assert_eq!(all, [&[1][..], &[], &[7, 3, 4], &[], &[]]);
    }
}
