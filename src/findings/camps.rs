//! Camps: the maximal sets of claims on one question that can hold together, links taken as holding.

use std::collections::BTreeSet;

use crate::network::bits::Bits;
use crate::network::cluster::Cluster;
use crate::network::conflict::{cells, do_bounds_suffice};
use crate::network::decide::{Answer, decide};
use crate::network::propagate::{Outcome, Rows};
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// Camps listed, as places in the list of sets claimed, and how many members those not listed have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Camps {
    pub(crate) listed: Vec<Vec<usize>>,
    pub(crate) left_out: u64,
}

/// What the links of a cluster leave of its variables, without any claim.
#[derive(Debug)]
pub(crate) struct Linked {
    /// The cluster's members that are links.
    links: Vec<usize>,
    /// By variable; `None` where the links cannot hold.
    left: Option<Vec<Set>>,
    /// Each value left can be had.
    exact: bool,
}

impl Linked {
    /// `links` are the cluster's members that are links. One propagation.
    pub(crate) fn of(cluster: &Cluster, links: Vec<usize>) -> Self {
        let members = || links.iter().filter_map(|l| cluster.members.get(*l));
        let rows = cluster.hard.iter().chain(members().flat_map(|m| &m.rows));
        let table = Rows::new(rows, cluster.variables.len());
        let mut left = cluster.domains.clone();
        for (v, set) in members().flat_map(|m| &m.within) {
            if let Some(slot) = left.get_mut(*v) {
                *slot = slot.intersection(set);
            }
        }
        let mut steps = 256 * (table.rows.len() as u64 + 1);
        let mut outcome = Outcome::Clash;
        if !left.iter().any(Set::is_empty) {
            outcome = table.propagate(&mut left, None, &mut steps, |_| {});
        }
        let exact = table.rows.is_empty()
            || (cluster.propagates
                && cluster.convex
                && outcome == Outcome::Settled
                && do_bounds_suffice(cluster));
        Self {
            left: (outcome != Outcome::Clash).then_some(left),
            links,
            exact,
        }
    }
}

/// The camps on a variable of a cluster, smallest first, at most `room` members in all. `claimed` holds each distinct set with the number
/// of claims that say it, ascending.
///
/// # Complexity
///
/// O(n log n) and the members listed, for n stretches; O(n · c) for sets with c values that tell them apart; a decision for each candidate
/// where propagation does not decide.
pub(crate) fn camps(
    cluster: &Cluster,
    linked: &Linked,
    variable: usize,
    claimed: &[(&Set, u64)],
    room: u64,
) -> Camps {
    let Some(hull) = linked.left.as_ref().and_then(|l| l.get(variable)) else {
        return Camps::default();
    };
    let exact = linked.exact;
    let stretches: Option<Vec<Interval>> = claimed.iter().map(|(s, _)| s.as_interval()).collect();
    if let (true, Some(stretches), Some(within)) = (exact, stretches, hull.as_interval()) {
        return of_stretches(within, &stretches, claimed, room);
    }
    let sets: Vec<Set> = claimed.iter().map(|(s, _)| (*s).clone()).collect();
    // Claims that hold each value that tells them apart.
    let mut found: BTreeSet<Vec<usize>> = BTreeSet::new();
    for value in cells(hull, &sets) {
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
        if exact || holds(cluster, variable, &sets, &linked.links, &members) {
            camps.push(bits);
        }
    }
    let size = |camp: &Bits| {
        camp.iter()
            .filter_map(|i| claimed.get(i))
            .map(|(_, n)| n)
            .sum::<u64>()
    };
    camps.sort_by_key(|c| (size(c), c.clone()));
    let mut out = Camps::default();
    let mut room = room;
    for camp in camps {
        match room.checked_sub(size(&camp)) {
            Some(rest) => {
                room = rest;
                out.listed.push(camp.iter().collect());
            }
            None => out.left_out += size(&camp),
        }
    }
    out
}

/// Stretches: the maximal cliques of an interval graph (Fulkerson & Gross 1965). One begins where a stretch begins and some
/// stretch ends before the next begins.
fn of_stretches(
    within: Interval,
    stretches: &[Interval],
    claimed: &[(&Set, u64)],
    room: u64,
) -> Camps {
    let mut begin: Vec<(i128, u64)> = Vec::with_capacity(stretches.len());
    let mut end: Vec<(i128, u64)> = Vec::with_capacity(stretches.len());
    for (s, (_, n)) in stretches.iter().zip(claimed) {
        if let Some(left) = s.intersection(within) {
            begin.push((left.low_key(), *n));
            end.push((left.high_key(), *n));
        }
    }
    begin.sort_unstable();
    end.sort_unstable();
    let mut found: Vec<(u64, i128)> = Vec::new();
    let (mut open, mut ended) = (0_u64, 0_usize);
    let mut starts = begin.iter().peekable();
    while let Some((low, n)) = starts.next() {
        // All that end before this one begins are closed.
        while let Some((_, m)) = end.get(ended).filter(|(high, _)| high < low) {
            open = open.saturating_sub(*m);
            ended += 1;
        }
        open += n;
        let next = starts.peek().map(|(next, _)| *next);
        let maximal = match next {
            None => true,
            Some(next) if next == *low => false,
            Some(next) => end.get(ended).is_some_and(|(high, _)| *high < next),
        };
        if maximal {
            found.push((open, *low));
        }
    }
    found.sort_unstable();
    let mut out = Camps::default();
    let mut room = room;
    for (size, value) in found {
        match room.checked_sub(size) {
            Some(rest) => {
                room = rest;
                let members = stretches.iter().enumerate().filter(|(_, s)| {
                    s.intersection(within)
                        .is_some_and(|s| s.low_key() <= value && value <= s.high_key())
                });
                out.listed.push(members.map(|(i, _)| i).collect());
            }
            None => out.left_out += size,
        }
    }
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
