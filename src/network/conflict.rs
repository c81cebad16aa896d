//! Minimal conflicts: sets of units that cannot hold together while every smaller set of them can.

use super::bits::Bits;
use super::cluster::Cluster;
use super::covers::{Transversals, minimal};
use super::decide::{Answer, decide};
use super::labels;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// The minimal conflicts of a cluster, as places in [`Cluster::members`].
///
/// A member that stands on another is never without it, and the two count as one unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conflicts {
    /// Smallest first. The empty set alone if what is hard contradicts itself.
    pub(crate) sets: Vec<Bits>,
    /// All are listed or counted, and each listed is proved minimal.
    pub(crate) complete: bool,
    /// Where there are too many pairs to list: `sets` holds the first of them.
    pub(crate) pairs: Option<Pairs>,
}

/// Contradicting pairs of units on one variable, counted.
#[derive(Debug, Clone)]
pub(crate) struct Pairs {
    pub(crate) total: u64,
    /// By place: in how many pairs it is.
    pub(crate) degree: Vec<u64>,
}

/// Pairs listed one by one; beyond that they are counted.
const LISTED: u64 = 20_000;

/// What enumerating may cost, in labels drawn.
const LABELS: u64 = 2_000_000;
/// Members up to which the general enumeration is tried where labels do not come to an end.
const FEW: usize = 64;
/// Decisions that the general enumeration may ask for.
const DECISIONS: usize = 20_000;
/// Sets that the general enumeration may keep.
const COVERS: usize = 20_000;

/// All minimal conflicts of a cluster; of many pairs on one variable the first `limit`, by their places.
///
/// # Complexity
///
/// One variable with stretches: O(n log n + conflicts). Where propagation decides: the number of undominated labels. Else one
/// decision per unit and conflict, and one per repair.
pub(crate) fn conflicts(cluster: &Cluster, limit: usize) -> Conflicts {
    if decide(cluster, [], &[]).is_impossible() {
        return Conflicts {
            sets: vec![Bits::default()],
            complete: true,
            pairs: None,
        };
    }
    if is_line(cluster)
        && let Some(many) = Stretches::new(cluster).many(cluster, limit)
    {
        return many;
    }
    let (sets, complete) = if cluster.members.is_empty() {
        (Vec::new(), true)
    } else if cluster.variables.len() == 1
        && cluster.members.iter().all(|m| m.rows.is_empty())
        && cluster.hard.is_empty()
    {
        if cluster.convex {
            (pairs(cluster), true)
        } else {
            atoms(cluster)
        }
    } else if cluster.propagates {
        let found = labels::clashes(cluster, LABELS);
        if found.complete {
            (found.sets, true)
        } else if cluster.members.len() <= FEW {
            // Round a cycle that nothing bounds (x < y, y <= x) bounds climb for ever; adding rows up ends that.
            general(cluster)
        } else {
            let shrunk = found.sets.into_iter().map(|s| shrink(cluster, s));
            (minimal(shrunk.collect()), false)
        }
    } else {
        general(cluster)
    };
    let mut sets = sets;
    sets.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets.dedup();
    Conflicts {
        sets,
        complete,
        pairs: None,
    }
}

/// One variable, and stretches only.
pub(crate) fn is_line(cluster: &Cluster) -> bool {
    cluster.variables.len() == 1
        && cluster.convex
        && cluster.hard.is_empty()
        && cluster.members.iter().all(|m| m.rows.is_empty())
}

/// What each member leaves of the one variable, sorted for counting.
pub(crate) struct Stretches {
    /// By place; `None` for what leaves nothing, and for what stands on another.
    of: Vec<Option<Interval>>,
    lows: Vec<i128>,
    highs: Vec<i128>,
}

impl Stretches {
    pub(crate) fn new(cluster: &Cluster) -> Self {
        let domain = cluster
            .domains
            .first()
            .and_then(Set::as_interval)
            .unwrap_or(Interval::EVERYTHING);
        let of: Vec<Option<Interval>> = cluster
            .members
            .iter()
            .map(|m| {
                let left = m
                    .within
                    .iter()
                    .try_fold(domain, |all, (_, set)| all.intersection(set.as_interval()?));
                left.filter(|_| m.stands_on.is_none())
            })
            .collect();
        let sorted = |key: fn(Interval) -> i128| {
            let mut out: Vec<i128> = of.iter().flatten().map(|s| key(*s)).collect();
            out.sort_unstable();
            out
        };
        Self {
            lows: sorted(Interval::low_key),
            highs: sorted(Interval::high_key),
            of,
        }
    }

    /// How many others a member has nothing in common with. O(log n).
    fn degree(&self, place: usize) -> u64 {
        let Some(Some(s)) = self.of.get(place) else {
            return 0;
        };
        let above = self.lows.len() - self.lows.partition_point(|l| *l <= s.high_key());
        let below = self.highs.partition_point(|h| *h < s.low_key());
        (above + below) as u64
    }

    /// The pairs counted, and the first of them, if there are many.
    fn many(&self, cluster: &Cluster, limit: usize) -> Option<Conflicts> {
        let degree: Vec<u64> = (0..self.of.len()).map(|p| self.degree(p)).collect();
        let total = degree.iter().sum::<u64>() / 2;
        if total <= LISTED {
            return None;
        }
        let mut sets: Vec<Bits> = cluster
            .members
            .iter()
            .enumerate()
            .filter(|(p, m)| m.stands_on.is_none() && self.of.get(*p) == Some(&None))
            .map(|(p, _)| Bits::of([p]))
            .collect();
        for (a, s) in self.of.iter().enumerate() {
            if sets.len() >= limit {
                break;
            }
            let (Some(s), Some(1..)) = (s, degree.get(a)) else {
                continue;
            };
            let apart = |(_, t): &(usize, &Option<Interval>)| {
                t.is_some_and(|t| t.intersection(*s).is_none())
            };
            let later = self.of.iter().enumerate().skip(a + 1).filter(apart);
            sets.extend(
                later
                    .take(limit - sets.len())
                    .map(|(b, _)| Bits::of([a, b])),
            );
        }
        Some(Conflicts {
            sets,
            // Tensions are not counted.
            complete: cluster.members.iter().all(|m| m.stands_on.is_none()),
            pairs: Some(Pairs { total, degree }),
        })
    }

    /// The values at which the most members meet, with how many of those in some pair do not hold it: the maximal cliques of an interval graph
    /// (Fulkerson & Gross 1965), fewest left out first.
    pub(crate) fn cliques(&self, degree: &[u64]) -> Vec<(usize, i128)> {
        let involved = || {
            self.of
                .iter()
                .enumerate()
                .filter(|(p, _)| degree.get(*p).is_some_and(|d| *d > 0))
                .filter_map(|(_, s)| *s)
        };
        let mut lows: Vec<i128> = involved().map(Interval::low_key).collect();
        let mut highs: Vec<i128> = involved().map(Interval::high_key).collect();
        lows.sort_unstable();
        highs.sort_unstable();
        let count = lows.len();
        let mut starts = lows.clone();
        starts.dedup();
        let mut out = Vec::new();
        for (i, low) in starts.iter().enumerate() {
            // Maximal if one of them ends before the next begins.
            let ended = highs.partition_point(|h| h < low);
            let next_end = highs.get(ended);
            let next_start = starts.get(i + 1);
            if next_start.is_none_or(|next| next_end.is_some_and(|end| end < next)) {
                let begun = lows.partition_point(|l| l <= low);
                out.push((count - (begun - ended), *low));
            }
        }
        out.sort_unstable();
        out
    }

    /// Members in some pair that do not hold a value.
    pub(crate) fn without(&self, degree: &[u64], value: i128) -> Vec<usize> {
        self.of
            .iter()
            .enumerate()
            .filter(|(p, s)| {
                degree.get(*p).is_some_and(|d| *d > 0) && s.is_some_and(|s| !s.contains(value))
            })
            .map(|(p, _)| p)
            .collect()
    }
}

/// One variable, stretches only: by the Helly property every conflict is a unit alone or a pair.
fn pairs(cluster: &Cluster) -> Vec<Bits> {
    let domain = cluster
        .domains
        .first()
        .and_then(Set::as_interval)
        .unwrap_or(Interval::EVERYTHING);
    let mut out = Vec::new();
    let mut stretches: Vec<(Interval, usize)> = Vec::with_capacity(cluster.members.len());
    for (place, member) in cluster.members.iter().enumerate() {
        let left = member
            .within
            .iter()
            .try_fold(domain, |all, (_, set)| all.intersection(set.as_interval()?));
        match left {
            Some(stretch) => stretches.push((stretch, place)),
            None => out.push(Bits::of(cluster.closure(place))),
        }
    }
    let mut of_place: Vec<Option<Interval>> = vec![None; cluster.members.len()];
    for (stretch, place) in &stretches {
        if let Some(slot) = of_place.get_mut(*place) {
            *slot = Some(*stretch);
        }
    }
    stretches.sort_unstable_by_key(|(s, place)| (s.low_key(), *place));
    let base = |place: usize| {
        let base = cluster.members.get(place).and_then(|m| m.stands_on)?;
        of_place.get(base).copied().flatten()
    };
    for (stretch, place) in &stretches {
        let after = stretches.partition_point(|(s, _)| s.low_key() <= stretch.high_key());
        for (other, second) in stretches.iter().skip(after) {
            // Not minimal if the statement under a suggestion already clashes.
            let apart =
                |a: Option<Interval>, b: Interval| a.is_some_and(|s| s.intersection(b).is_none());
            if apart(base(*place), *other) || apart(base(*second), *stretch) {
                continue;
            }
            out.push(Bits::of(
                cluster.closure(*place).chain(cluster.closure(*second)),
            ));
        }
    }
    out
}

/// One variable, any sets: a conflict is a minimal choice of units such that each value is excluded by one of them.
fn atoms(cluster: &Cluster) -> (Vec<Bits>, bool) {
    let Some(domain) = cluster.domains.first() else {
        return (Vec::new(), true);
    };
    let sets: Vec<Set> = cluster
        .members
        .iter()
        .map(|m| {
            m.within
                .iter()
                .fold(domain.clone(), |all, (_, s)| all.intersection(s))
        })
        .collect();
    let mut excluders: Vec<Bits> = cells(domain, &sets)
        .map(|value| {
            Bits::of((0..sets.len()).filter(|i| sets.get(*i).is_some_and(|s| !s.contains(value))))
        })
        .collect();
    excluders = minimal(excluders);
    let mut covers = Transversals::new(COVERS);
    for edge in &excluders {
        covers.add(edge);
    }
    if covers.overflown {
        return (Vec::new(), false);
    }
    let closed = covers
        .sets()
        .iter()
        .map(|t| Bits::of(t.iter().flat_map(|p| cluster.closure(p))));
    (minimal(closed.collect()), true)
}

/// One value from each stretch of values that no set tells apart, within `domain`, ascending.
pub(crate) fn cells<'a>(domain: &'a Set, sets: &[Set]) -> impl Iterator<Item = i128> + use<'a> {
    let mut starts: Vec<i128> = Vec::new();
    for s in sets
        .iter()
        .flat_map(Set::stretches)
        .chain(domain.stretches())
    {
        starts.extend(s.lower());
        starts.extend(s.upper().map(|x| x + 1));
    }
    starts.sort_unstable();
    starts.dedup();
    let before = starts.first().map_or(0, |x| x - 1);
    std::iter::once(before)
        .chain(starts)
        .filter(|x| domain.contains(*x))
}

/// Takes units away as long as the rest stays impossible.
fn shrink(cluster: &Cluster, mut set: Bits) -> Bits {
    for place in set.clone().iter() {
        let mut without = set.clone();
        without.remove(place);
        // Dropping a statement drops what stands on it.
        for p in set.iter() {
            if cluster.members.get(p).and_then(|m| m.stands_on) == Some(place) {
                without.remove(p);
            }
        }
        if decide(cluster, without.iter(), &[]).is_impossible() {
            set = without;
        }
    }
    set
}

/// Conflicts and repairs found from one another: while some minimal choice of units that meets every conflict known
/// leaves an impossible rest, that rest holds a new conflict (dualise and advance: Gunopulos et al. 2003; Bailey & Stuckey
/// 2005).
fn general(cluster: &Cluster) -> (Vec<Bits>, bool) {
    let seeds = labels::clashes(cluster, 20_000).sets;
    let mut known: Vec<Bits> = minimal(seeds.into_iter().map(|s| shrink(cluster, s)).collect());
    let mut covers = Transversals::new(COVERS);
    for set in &known {
        covers.add(set);
    }
    let everything = Bits::of(0..cluster.members.len());
    let mut settled: Vec<Bits> = Vec::new();
    let mut complete = true;
    let mut decisions = 0;
    loop {
        if covers.overflown || decisions > DECISIONS {
            return (known, false);
        }
        let next = covers
            .sets()
            .iter()
            .filter(|t| !settled.contains(t))
            .min()
            .cloned();
        let Some(cover) = next else { break };
        let mut rest = everything.clone();
        for p in cover.iter() {
            rest.remove(p);
        }
        decisions += 1;
        match decide(cluster, rest.iter(), &[]) {
            Answer::Impossible => {
                decisions += rest.len() as usize;
                let found = shrink(cluster, rest);
                covers.add(&found);
                known.push(found);
            }
            Answer::Possible(_) => settled.push(cover),
            Answer::Unknown => {
                complete = false;
                settled.push(cover);
            }
        }
    }
    (known, complete)
}
