//! Disputes: conflicts that share a unit, transitively, and the minimal ways to settle each.

use std::collections::BTreeMap;

use crate::network::bits::Bits;
use crate::network::covers::{Transversals, pair_covers, smallest_covers};
use crate::network::propagate::Forest;

/// Conflicts (as lists of places) grouped so that those which share a place are together; each group ascending, the groups by their first
/// conflict.
pub(crate) fn disputes(conflicts: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(conflicts.len());
    let mut first: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, conflict) in conflicts.iter().enumerate() {
        for place in conflict {
            let other = *first.entry(*place).or_insert(i);
            forest.join(other, i);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for i in 0..conflicts.len() {
        groups.entry(forest.find(i)).or_default().push(i);
    }
    groups.into_values().collect()
}

/// Sets that finding repairs may keep at a time.
const KEPT: usize = 20_000;
/// Repairs of a dispute of pairs that are found to be counted, where fewer are to be listed.
const COUNTED: usize = 2_000;
/// Words that finding the repairs of a dispute of pairs may compare.
const WORDS: u64 = 40_000_000;

/// Conflicts that finding the smallest repairs may look at, in all disputes that have too many to find them all.
pub(crate) const LOOKS: u64 = 10_000_000;

/// The minimal sets of places below `count` that meet every one of `conflicts`, in no order, if `wanted` are to be listed; and whether
/// those are all. Where there are too many, the smallest, as far as `looks` suffices; one in any case.
pub(crate) fn repairs(
    conflicts: &[Bits],
    count: usize,
    wanted: usize,
    looks: &mut u64,
) -> (Vec<Bits>, bool) {
    match all_repairs(conflicts, count, wanted) {
        Some(all) => (all, true),
        None => (smallest_covers(conflicts, wanted, looks), false),
    }
}

fn all_repairs(conflicts: &[Bits], count: usize, wanted: usize) -> Option<Vec<Bits>> {
    let pairs: Option<Vec<(usize, usize)>> = conflicts
        .iter()
        .map(|c| {
            let mut places = c.iter();
            let pair = (places.next()?, places.next()?);
            places.next().is_none().then_some(pair)
        })
        .collect();
    if let Some(pairs) = pairs {
        return pair_covers(count, &pairs, wanted.clamp(COUNTED, KEPT), &mut { WORDS });
    }
    let mut covers = Transversals::new(KEPT);
    for c in conflicts {
        covers.add(c);
    }
    (!covers.overflown).then(|| covers.into_sets())
}
