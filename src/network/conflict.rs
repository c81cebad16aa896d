//! Minimal conflicts: sets of units that cannot hold together while every smaller set of them can.

use std::collections::BTreeMap;

use super::apart::Apart;
use super::bits::Bits;
use super::cluster::Cluster;
use super::covers::{Transversals, minimal};
use super::decide::{Answer, STEPS, decide, possible};
use super::family::{Family, family, listed};
use super::labels;
use super::order::Order;
use super::propagate::Forest;
use crate::sets::linear::Row;
use crate::sets::set::Set;

/// The minimal conflicts of a cluster, as places in [`Cluster::members`].
///
/// A member that stands on another is never without it, and the two count as one unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conflicts {
    /// In no order. The empty set alone if what is hard contradicts itself.
    pub(crate) sets: Vec<Bits>,
    /// All are listed or counted, and each listed is proved minimal.
    pub(crate) complete: bool,
    /// Where there are too many to list: `sets` holds the first of them.
    pub(crate) crowd: Option<Crowd>,
}

/// Conflicts counted.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    /// Those of a unit alone included.
    pub(crate) total: u64,
    /// By place: how many of several units it is in, by their size.
    pub(crate) shares: Vec<BTreeMap<u32, u128>>,
    /// By place: the least place that conflicts join it with, transitively.
    pub(crate) group: Vec<usize>,
}

impl Conflicts {
    /// Counts those listed, so that not all of them need be kept. Where some are not of what is said alone, or not all are known, only the
    /// first `limit` are kept, and are no longer all.
    pub(crate) fn count(&mut self, cluster: &Cluster, limit: usize) {
        let stands = |p: usize| {
            cluster
                .members
                .get(p)
                .is_some_and(|m| m.stands_on.is_some())
        };
        let is_said = !self.sets.iter().any(|s| s.iter().any(stands));
        if self.complete && is_said {
            self.crowd = Some(Crowd::of(&self.sets, cluster.members.len()));
        } else {
            self.complete = false;
            self.sets.sort_unstable_by(Bits::by_size);
            self.sets.truncate(limit);
        }
    }
}

impl Crowd {
    pub(super) fn of(sets: &[Bits], members: usize) -> Self {
        // By place and size: how many it is in.
        let mut counts: Vec<Vec<u64>> = vec![Vec::new(); members];
        // By place: those in conflicts of which it is the first.
        let mut with: Vec<Bits> = vec![Bits::default(); members];
        for set in sets {
            let size = set.len() as usize;
            let mut places = set.iter();
            let Some(first) = places.next().filter(|_| size > 1) else {
                continue;
            };
            if let Some(near) = with.get_mut(first) {
                near.add(set);
            }
            for place in std::iter::once(first).chain(places) {
                let Some(own) = counts.get_mut(place) else {
                    continue;
                };
                if own.len() <= size {
                    own.resize(size + 1, 0);
                }
                if let Some(n) = own.get_mut(size) {
                    *n += 1;
                }
            }
        }
        let mut forest = Forest::new(members);
        for (first, near) in with.iter().enumerate() {
            for place in near.iter() {
                forest.join(first, place);
            }
        }
        let by_size = |own: Vec<u64>| {
            let met = (0_u32..).zip(own).filter(|(_, n)| *n > 0);
            met.map(|(size, n)| (size, n.into())).collect()
        };
        Self {
            total: sets.len() as u64,
            shares: counts.into_iter().map(by_size).collect(),
            group: (0..members).map(|p| forest.find(p)).collect(),
        }
    }
}

/// Conflicts listed one by one; beyond that they are counted.
pub(super) const LISTED: usize = 20_000;

/// Work that enumerating may take in all: labels compared, and a hundred for each decision.
pub(crate) const WORK: u64 = 6_000_000;
/// Work that enumerating one cluster may take.
const SHARE: u64 = 2_000_000;
/// Sets that are made minimal where not all were found, and the rows and units that this may look at.
const SHRUNK: usize = 1_000;
const LOOKS: u64 = 40_000_000;
/// Work for the first conflicts of a general enumeration.
const SEEDS: u64 = 20_000;
/// Ends that listing the conflicts of a cluster of sums one by one may look at, and how many of them are a unit of work.
const EACH: u64 = 200_000;
const CHEAP: u64 = 10;
/// Work for the first try at a cluster of sums with too many.
const TRY: u64 = 50_000;
/// Work that counting the conflicts of one cluster of sums may take.
const COUNTED: u64 = 4_000_000;
/// Members up to which the general enumeration is tried where labels do not come to an end.
const FEW: usize = 64;
/// Decisions that the general enumeration may ask for.
const DECISIONS: usize = 20_000;
/// Sets that the general enumeration may keep.
const COVERS: usize = 20_000;

/// All minimal conflicts of a cluster; of many pairs on one variable the first `limit`, by their places. `work` is what it may
/// cost, here and afterwards.
///
/// # Complexity
///
/// Order links that are a tree, with stretches: O(n log² n + conflicts). Where propagation decides: the number of undominated labels. Else one
/// decision per unit and conflict, and one per repair.
pub(crate) fn conflicts(cluster: &Cluster, limit: usize, work: &mut u64) -> Conflicts {
    if decide(cluster, [], &[]).is_impossible() {
        return Conflicts {
            sets: vec![Bits::default()],
            complete: true,
            crowd: None,
        };
    }
    if let Some(order) = Order::of(cluster) {
        return Apart::new(cluster, &order).conflicts(limit);
    }
    let (mut sets, complete) = if cluster.members.is_empty() {
        (Vec::new(), true)
    } else if cluster.variables.len() == 1
        && cluster.members.iter().all(|m| m.rows.is_empty())
        && cluster.hard.is_empty()
    {
        atoms(cluster, limit, work)
    } else if cluster.propagates && do_bounds_suffice(cluster) {
        let most = limit.max(LISTED);
        let mut own = EACH.min(work.saturating_mul(CHEAP));
        let before = own;
        let list = listed(cluster, most, &mut own);
        *work = work.saturating_sub((before - own) / CHEAP);
        if let Some(sets) = list {
            return Conflicts {
                sets,
                complete: true,
                crowd: None,
            };
        }
        // A first try, for those without much to find; then sums are counted, before all is tried.
        let mut found = labels::clashes(cluster, TRY.min(*work), most);
        *work = work.saturating_sub(found.work);
        if !found.complete {
            let mut own = COUNTED.min(*work);
            let before = own;
            let counted = family(cluster, limit, &mut own);
            *work = work.saturating_sub(before - own);
            if let Some(family) = counted {
                return of_family(family, limit);
            }
            found = labels::clashes(cluster, SHARE.min(*work), most);
            *work = work.saturating_sub(found.work);
        }
        if found.complete {
            (found.sets, true)
        } else if cluster.members.len() <= FEW {
            // Round a cycle that nothing bounds (x < y, y <= x) bounds climb for ever; adding rows up ends that.
            general(cluster, work)
        } else {
            let mut sets = found.sets;
            sets.sort_unstable_by(Bits::by_size);
            let mut looks = LOOKS;
            let shrunk = sets.into_iter().take(SHRUNK).map_while(|s| {
                looks = looks.checked_sub(u64::from(s.len()) * cluster.size())?;
                Some(shrink(cluster, s))
            });
            (minimal(shrunk.collect()), false)
        }
    } else {
        general(cluster, work)
    };
    sets.sort_unstable_by(Bits::by_size);
    sets.dedup();
    Conflicts {
        sets,
        complete,
        crowd: None,
    }
}

/// Conflicts of sums: listed if they are few enough to settle, else counted.
fn of_family(family: Family, limit: usize) -> Conflicts {
    let total = u64::try_from(family.total).ok();
    let mut sets = family.first;
    let few = total.is_some_and(|t| t == sets.len() as u64);
    if !few {
        sets.truncate(limit);
    }
    Conflicts {
        sets,
        complete: total.is_some(),
        crowd: (!few).then_some(Crowd {
            total: total.unwrap_or(u64::MAX),
            shares: family.shares,
            group: family.group,
        }),
    }
}

/// Whether every clash shows at the ends of what the variables hold.
///
/// Not so of dates, which have no ends of their own, where rows contradict each other whatever the days (x < y, y < x): no end is there
/// to climb round the cycle. If all rows can hold together somewhere, there is no such cycle among any of them.
pub(crate) fn do_bounds_suffice(cluster: &Cluster) -> bool {
    let is_open = |set: &Set| set.lower().is_none() && set.upper().is_none();
    if !cluster.domains.iter().any(is_open) {
        return true;
    }
    let soft = cluster.members.iter().flat_map(|m| &m.rows);
    let rows: Vec<&Row> = cluster.hard.iter().chain(soft).collect();
    let anywhere = vec![Set::everything(); cluster.domains.len()];
    matches!(possible(&rows, anywhere, STEPS), Answer::Possible(_))
}

/// One variable, any sets: a conflict is a minimal choice of units such that each value is excluded by one of them. Where there are too many
/// to list them all, those of one unit and then pairs, up to `limit`.
fn atoms(cluster: &Cluster, limit: usize, work: &mut u64) -> (Vec<Bits>, bool) {
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
    let mut own = SHARE.min(*work);
    let before = own;
    let mut small = small_clashes(cluster, &sets, COVERS + 1, &mut own);
    *work = work.saturating_sub(before - own);
    let are_many = small.len() > COVERS;
    small.truncate(limit);
    if are_many {
        return (small, false);
    }
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
        return (small, false);
    }
    let closed = covers
        .sets()
        .iter()
        .map(|t| Bits::of(t.iter().flat_map(|p| cluster.closure(p))));
    (minimal(closed.collect()), true)
}

/// Conflicts of one unit, then of two, in the order of their places: up to `limit`, or what `work` suffices for.
fn small_clashes(cluster: &Cluster, sets: &[Set], limit: usize, work: &mut u64) -> Vec<Bits> {
    let base = |place: usize| cluster.members.get(place).and_then(|m| m.stands_on);
    let left = |place: usize| sets.get(place);
    let is_empty = |place: usize| left(place).is_none_or(Set::is_empty);
    // Not minimal if the statement under a suggestion clashes already.
    let is_spoiled = |place: usize, others: &[usize]| {
        base(place).is_some_and(|base| {
            let clash = |other: &usize| match (left(base), left(*other)) {
                (Some(a), Some(b)) => a.is_disjoint(b),
                _ => false,
            };
            is_empty(base) || others.iter().any(clash)
        })
    };
    let closed = |places: &[usize]| Bits::of(places.iter().flat_map(|p| cluster.closure(*p)));
    let mut out: Vec<Bits> = (0..sets.len())
        .filter(|p| is_empty(*p) && !is_spoiled(*p, &[]))
        .map(|p| closed(&[p]))
        .take(limit)
        .collect();
    let whole: Vec<(usize, &Set)> = sets
        .iter()
        .enumerate()
        .filter(|(_, set)| !set.is_empty())
        .collect();
    for (n, (a, set)) in whole.iter().enumerate() {
        if out.len() >= limit || *work == 0 {
            break;
        }
        let later = whole.get(n + 1..).unwrap_or_default();
        *work = work.saturating_sub(1 + later.len() as u64 / CHEAP);
        let apart = later
            .iter()
            .filter(|(b, other)| {
                set.is_disjoint(other) && !is_spoiled(*a, &[*b]) && !is_spoiled(*b, &[*a])
            })
            .map(|(b, _)| closed(&[*a, *b]));
        let room = limit - out.len();
        out.extend(apart.take(room));
    }
    out
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
fn general(cluster: &Cluster, work: &mut u64) -> (Vec<Bits>, bool) {
    let found = labels::clashes(cluster, SEEDS.min(*work), SHRUNK);
    *work = work.saturating_sub(found.work);
    let seeds = found.sets;
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
        if covers.overflown || decisions > DECISIONS || *work == 0 {
            return (known, false);
        }
        *work = work.saturating_sub(100);
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

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cluster::clusters;
    use crate::strategies;
    use proptest::prelude::*;

    proptest! {
        /// Looked at pair by pair, or as what meets all that excludes a value: the same conflicts of up to two units.
        #[test]
        fn small_clashes_are_the_small_conflicts(dossier in prop_oneof![
            strategies::choices(),
            strategies::wordings(),
            strategies::suggestions(),
        ]) {
            let compiled = compile(&dossier);
            for cluster in clusters(&compiled.network, Pass::Suggested) {
                let [domain] = cluster.domains.as_slice() else { continue };
                let is_hard_alone = decide(&cluster, [], &[]).is_impossible();
                if is_hard_alone || !cluster.hard.is_empty() || cluster.members.iter().any(|m| !m.rows.is_empty()) {
                    continue;
                }
                let left = |m: &crate::network::cluster::Member| {
                    let sets = m.within.iter().map(|(_, s)| s);
                    sets.fold(domain.clone(), |all, s| all.intersection(s))
                };
                let sets: Vec<Set> = cluster.members.iter().map(left).collect();
                let mut small = small_clashes(&cluster, &sets, usize::MAX, &mut { u64::MAX });
                let (all, complete) = atoms(&cluster, usize::MAX, &mut { u64::MAX });
                prop_assert!(complete);
                // A suggestion counts with its statement as one.
                let stood_on = |set: &Bits| {
                    let bases = set.iter().filter_map(|p| cluster.members.get(p)?.stands_on);
                    Bits::of(bases).len()
                };
                let mut few: Vec<Bits> = all.into_iter().filter(|s| s.len() - stood_on(s) <= 2).collect();
                small.sort_unstable_by(Bits::by_size);
                few.sort_unstable_by(Bits::by_size);
                prop_assert_eq!(small, few);
            }
        }
    }
}
