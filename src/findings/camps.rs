//! Camps: the maximal sets of claims on one question that can hold together, links taken as holding.

use std::collections::BTreeSet;

use crate::network::bits::Bits;
use crate::network::cluster::Cluster;
use crate::network::conflict::cells;
use crate::network::decide::{Answer, decide};
use crate::network::propagate::{Outcome, Rows};
use crate::sets::set::Set;

/// The camps on a variable of a cluster, as places in `sets`, the sets claimed. `links` are the cluster's members that are links.
///
/// # Complexity
///
/// O(n · c) for n claims and c values that tell them apart; a decision for each candidate camp where propagation does not decide.
pub(crate) fn camps(
    cluster: &Cluster,
    variable: usize,
    sets: &[Set],
    links: &[usize],
) -> Vec<Vec<usize>> {
    // What links alone leave.
    let rows = cluster.hard.iter().chain(
        links
            .iter()
            .filter_map(|l| cluster.members.get(*l))
            .flat_map(|m| &m.rows),
    );
    let table = Rows::new(rows, cluster.variables.len());
    let mut left = cluster.domains.clone();
    for (v, set) in links
        .iter()
        .filter_map(|l| cluster.members.get(*l))
        .flat_map(|m| &m.within)
    {
        if let Some(slot) = left.get_mut(*v) {
            *slot = slot.intersection(set);
        }
    }
    let mut steps = 256 * (table.rows.len() as u64 + 1);
    if left.iter().any(Set::is_empty)
        || table.propagate(&mut left, None, &mut steps, |_| {}) == Outcome::Clash
    {
        return Vec::new();
    }
    let Some(hull) = left.get(variable) else {
        return Vec::new();
    };
    let exact = table.rows.is_empty() || (cluster.propagates && cluster.convex);
    // Claims that hold each value that tells them apart.
    let mut found: BTreeSet<Vec<usize>> = BTreeSet::new();
    for value in cells(hull, sets) {
        let members: Vec<usize> = (0..sets.len())
            .filter(|i| sets.get(*i).is_some_and(|s| s.contains(value)))
            .collect();
        if !members.is_empty() {
            found.insert(members);
        }
    }
    let mut candidates: Vec<Vec<usize>> = found.into_iter().collect();
    candidates.sort_by_key(|c| std::cmp::Reverse(c.len()));
    let mut camps: Vec<Bits> = Vec::new();
    for members in candidates {
        let bits = Bits::of(members.iter().copied());
        if camps.iter().any(|c| bits.is_subset(c)) {
            continue;
        }
        if exact || holds(cluster, variable, sets, links, &members) {
            camps.push(bits);
        }
    }
    let mut out: Vec<Vec<usize>> = camps.iter().map(|c| c.iter().collect()).collect();
    out.sort_unstable();
    out
}

/// Whether these claims hold together with all links.
fn holds(
    cluster: &Cluster,
    variable: usize,
    sets: &[Set],
    links: &[usize],
    members: &[usize],
) -> bool {
    let shared = members
        .iter()
        .filter_map(|m| sets.get(*m))
        .fold(Set::everything(), |all, s| all.intersection(s));
    !matches!(
        decide(cluster, links.iter().copied(), &[(variable, shared)]),
        Answer::Impossible
    )
}
