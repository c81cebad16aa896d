//! What to give up so that the rest of a dispute can hold.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::conflicts::{Crowd, Found};
use super::disputes::{LOOKS, disputes, repairs};
use super::reconcile::Reconciler;
use super::result::{ConflictKind, ConflictUnit, Count, GiveUp, Repair};
use super::units::{in_order, unit_key, unit_name};
use crate::network::apart::Apart;
use crate::network::bits::Bits;
use crate::network::covers::smallest_covers;
use crate::network::derive::witness;
use crate::network::order::Order;
use crate::network::weigh::Shares;
use crate::network::{Restriction, UnitId};

/// Pairs that repairs are worked out from, for a crowd in all and for one dispute of it: all its repairs, or the smallest.
const PAIRS: u64 = 50_000;
const FEW_PAIRS: u64 = 2_000;
const MORE_PAIRS: u64 = 10_000;
/// What looking for values, to show that repairs are enough, may cost in all: a unit counts one, a row fifty.
const WITNESSES: u64 = 20_000_000;

impl Reconciler {
    /// Names the dispute of each conflict, and finds the repairs of those of contradictions.
    pub(super) fn settle(
        &self,
        found: &mut [Found],
        crowds: &mut [Crowd],
        complete: bool,
    ) -> (Vec<Repair>, Count) {
        let mut out = Smallest::new(self.engine.dossier.options.limits.repairs);
        let mut known = complete;
        let mut by_cluster: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        if !crowds.is_empty() {
            for (i, f) in found.iter().enumerate().filter(|(_, f)| f.units.len() > 1) {
                by_cluster.entry(f.cluster).or_default().push(i);
            }
        }
        for crowd in crowds.iter_mut() {
            known &= self.settle_crowd(crowd, &mut out);
            for i in by_cluster.get(&crowd.cluster).into_iter().flatten() {
                let Some(f) = found.get_mut(*i) else { continue };
                let group = f
                    .bits
                    .iter()
                    .next()
                    .and_then(|p| crowd.counted.group.get(p));
                if let Some(name) = group.and_then(|g| crowd.disputes.get(g)) {
                    f.dispute.clone_from(name);
                }
            }
        }
        for kind in [ConflictKind::Contradiction, ConflictKind::Tension] {
            let here: Vec<usize> = (0..found.len())
                .filter(|i| {
                    found
                        .get(*i)
                        .is_some_and(|f| f.kind == kind && f.dispute.is_empty())
                })
                .collect();
            // Units numbered densely; a suggestion counts as its statement.
            let mut number: BTreeMap<UnitId, usize> = BTreeMap::new();
            let base = |u: UnitId| match self.engine.compiled.network.unit(u).stands_on {
                Some(b) => b,
                None => u,
            };
            for f in here.iter().filter_map(|i| found.get(*i)) {
                for u in &f.units {
                    let next = number.len();
                    number.entry(base(*u)).or_insert(next);
                }
            }
            let sets: Vec<Vec<usize>> = here
                .iter()
                .filter_map(|i| found.get(*i))
                .map(|f| {
                    let places = f.units.iter().map(|u| number.get(&base(*u)).copied());
                    places.flatten().collect()
                })
                .collect();
            for group in disputes(&sets) {
                let members: Vec<usize> =
                    group.iter().filter_map(|g| here.get(*g).copied()).collect();
                let units: BTreeSet<UnitId> = members
                    .iter()
                    .filter_map(|i| found.get(*i))
                    .flat_map(|f| f.units.iter().copied())
                    .collect();
                let least = units
                    .iter()
                    .map(|u| unit_key(&unit_name(&self.engine, *u)))
                    .min()
                    .unwrap_or_default();
                let dispute = match kind {
                    ConflictKind::Contradiction => format!("dispute:{least}"),
                    ConflictKind::Tension => format!("tension:{least}"),
                };
                for i in &members {
                    if let Some(f) = found.get_mut(*i) {
                        f.dispute.clone_from(&dispute);
                    }
                }
                if kind == ConflictKind::Contradiction {
                    known &= self.repairs(found, &members, &dispute, &mut out);
                }
            }
        }
        let (mut repairs, beyond) = out.finish();
        self.weigh_repairs(&mut repairs, found);
        let left = if known {
            Count::Exactly(beyond)
        } else {
            Count::Unknown
        };
        (repairs, left)
    }

    /// Names the disputes of a crowd and finds repairs: on one variable, for each value at which the most units meet, all that do not hold
    /// it; else those of disputes few enough to go through. Whether those are all.
    fn settle_crowd(&self, crowd: &mut Crowd, out: &mut Smallest) -> bool {
        let Some(cluster) = self.engine.suggested.get(crowd.cluster) else {
            return false;
        };
        let name = |place: usize| {
            let id = cluster.members.get(place).map(|m| m.id);
            id.map(|id| unit_name(&self.engine, id))
        };
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let counted = crowd.counted.group.iter().zip(&crowd.counted.shares);
        for (place, (group, shares)) in counted.enumerate() {
            if !shares.is_empty() {
                groups.entry(*group).or_default().push(place);
            }
        }
        for (group, places) in &groups {
            let least = places
                .iter()
                .filter_map(|p| name(*p))
                .map(|n| unit_key(&n))
                .min();
            let dispute = format!("dispute:{}", least.unwrap_or_default());
            crowd.disputes.insert(*group, dispute);
        }
        let dispute_of = |group: &usize| {
            let dispute = crowd.disputes.get(group);
            dispute.map(String::as_str).unwrap_or_default()
        };
        let told = |places: &mut dyn Iterator<Item = usize>, group: &usize| {
            let names: Vec<ConflictUnit> = places.filter_map(name).collect();
            repair_of(names, dispute_of(group))
        };
        let Some(order) = Order::of(cluster) else {
            // Of sums only what settles a dispute by itself.
            for (group, places) in &groups {
                let share = |p: usize| crowd.counted.shares.get(p);
                let in_all = |p: usize| share(p).map_or(0, |s| s.values().sum::<u128>());
                let mut members: BTreeMap<u32, u128> = BTreeMap::new();
                for (size, n) in places.iter().filter_map(|p| share(*p)).flatten() {
                    let slot = members.entry(*size).or_default();
                    *slot = slot.saturating_add(*n);
                }
                // Each conflict of n units was met n times.
                let all: u128 = members.iter().map(|(size, n)| n / u128::from(*size)).sum();
                for p in places.iter().filter(|p| in_all(**p) == all) {
                    out.add(told(&mut std::iter::once(*p), group));
                }
            }
            return false;
        };
        let apart = Apart::new(cluster, &order);
        let mut room =
            usize::try_from(self.engine.dossier.options.limits.camps).unwrap_or(usize::MAX);
        if let (1, Some((group, places))) = (order.len(), groups.first_key_value()) {
            let cliques = apart.cliques(places);
            let mut listed = 0;
            for (size, value) in cliques.iter().take(out.limit) {
                let Some(left) = room.checked_sub(*size) else {
                    break;
                };
                room = left;
                let gone = apart.without(places, *value);
                out.add(told(&mut gone.into_iter(), group));
                listed += 1;
            }
            out.beyond += (cliques.len() - listed) as u64;
            return true;
        }
        let mut known = true;
        let mut pairs = PAIRS;
        for (group, places) in &groups {
            let degrees = places.iter().filter_map(|p| crowd.counted.shares.get(*p));
            let count: u128 = degrees.flat_map(BTreeMap::values).sum::<u128>() / 2;
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            let Some(left) = pairs.checked_sub(count).filter(|_| count <= MORE_PAIRS) else {
                known = false;
                continue;
            };
            pairs = left;
            let local: Vec<Bits> = apart
                .among(places)
                .into_iter()
                .map(|(a, b)| Bits::of([a, b].iter().filter_map(|p| places.binary_search(p).ok())))
                .collect();
            let names: Vec<ConflictUnit> = places.iter().filter_map(|p| name(*p)).collect();
            if count <= FEW_PAIRS {
                known &= out.cover(&local, &names, dispute_of(group));
            } else {
                let smallest = smallest_covers(&local, out.limit, &mut out.looks);
                out.take(smallest, &names, dispute_of(group));
                known = false;
            }
        }
        known
    }

    /// The repairs of one dispute, not yet weighed; whether there are not too many to find.
    fn repairs(
        &self,
        found: &[Found],
        members: &[usize],
        dispute: &str,
        out: &mut Smallest,
    ) -> bool {
        let mut units: Vec<UnitId> = members
            .iter()
            .filter_map(|i| found.get(*i))
            .flat_map(|f| f.units.iter().copied())
            .collect();
        units.sort_unstable();
        units.dedup();
        if units.is_empty() {
            return true;
        }
        let local: Vec<Bits> = members
            .iter()
            .filter_map(|i| found.get(*i))
            .map(|f| Bits::of(f.units.iter().filter_map(|u| units.binary_search(u).ok())))
            .collect();
        let names: Vec<ConflictUnit> = units.iter().map(|u| unit_name(&self.engine, *u)).collect();
        out.cover(&local, &names, dispute)
    }

    /// The units that a repair gives up.
    pub(super) fn given_up(&self, repair: &Repair) -> Vec<UnitId> {
        let find = |g: &GiveUp| match g {
            GiveUp::Claim { id } => {
                let claims = &self.engine.dossier.claims;
                let place = claims.binary_search_by(|c| c.id.cmp(id)).ok()?;
                let statement = self.engine.compiled.places.get(place)?.as_ref()?.statement;
                Some(self.engine.compiled.statement(statement).unit)
            }
            GiveUp::Link { id } => {
                let links = &self.engine.dossier.links;
                let place = links.binary_search_by(|l| l.name().cmp(id.as_str())).ok()?;
                self.engine.compiled.links.get(place).copied().flatten()
            }
        };
        repair.give_up.iter().filter_map(find).collect()
    }

    /// Gives repairs their shares, and values under which the rest holds. The budget buys shares in each cluster in order; those
    /// beyond it have none.
    pub(super) fn weigh_repairs(&self, repairs: &mut [Repair], found: &[Found]) {
        let network = &self.engine.compiled.network;
        let mut members: BTreeMap<&str, BTreeSet<UnitId>> = BTreeMap::new();
        for f in found {
            members.entry(&f.dispute).or_default().extend(&f.units);
        }
        let mut shares: BTreeMap<usize, Option<Shares<'_>>> = BTreeMap::new();
        let budget = self.engine.dossier.options.budget.saturating_mul(8);
        let mut witnesses = WITNESSES;
        // By cluster: what is left for exact shares, and for estimates.
        let mut budgets: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        for repair in repairs {
            let units = self.given_up(repair);
            let variable = |u: &UnitId| {
                network
                    .unit(*u)
                    .restrictions
                    .iter()
                    .flat_map(Restriction::variables)
                    .next()
            };
            let Some(v) = units.first().and_then(variable) else {
                continue;
            };
            let Some((cluster, _)) = self.engine.home(v) else {
                continue;
            };
            let rest: BTreeSet<usize> = members
                .get(repair.dispute.as_str())
                .into_iter()
                .flatten()
                .filter(|u| !units.contains(u))
                .filter_map(|u| cluster.members.binary_search_by_key(u, |m| m.id).ok())
                .collect();
            let size = (cluster.members.len() + 50 * cluster.hard.len()) as u64;
            let affordable = witnesses.checked_sub(size);
            witnesses = affordable.unwrap_or(witnesses);
            repair.witness = affordable
                .and_then(|_| witness(cluster, rest))
                .unwrap_or_default()
                .into_iter()
                .map(|(v, x)| {
                    let at = self.engine.at(v);
                    (at.question, at.as_of, x)
                })
                .collect();
            if self.is_impossible(v) {
                continue;
            }
            let key = cluster.variables.first().map_or(0, |v| v.index());
            let own = budgets.entry(key).or_insert((budget, budget.max(ROUGHLY)));
            let Some(view) = self.engine.headline.view(v) else {
                if let Some(rough) = self.engine.headline.rough(v)
                    && let Some(left) = own.1.checked_sub(rough.cost())
                    && let Some(share) = self.engine.idle_roughly(v, &units)
                {
                    own.1 = left;
                    repair.share = Some(share.value);
                    repair.standard_error = share.error;
                    repair.bounds = Some(share.bounds);
                }
                continue;
            };
            let ready = shares.entry(key).or_insert_with(|| view.giving_up());
            if let Some(ready) = ready
                && let Some(left) = own.0.checked_sub(ready.cost() as u64)
            {
                own.0 = left;
                repair.share = Some(ready.without(&units));
            }
        }
    }
}

/// Work that estimating shares may take in any case.
const ROUGHLY: u64 = 20_000_000;

/// The smallest repairs, and how many there are beyond.
struct Smallest {
    limit: usize,
    list: Vec<Repair>,
    beyond: u64,
    /// Conflicts that may still be looked at for the smallest of a dispute with too many.
    looks: u64,
}

impl Smallest {
    fn new(limit: u64) -> Self {
        Self {
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            list: Vec::new(),
            beyond: 0,
            looks: LOOKS,
        }
    }

    fn add(&mut self, repair: Repair) {
        self.list.push(repair);
        // Now and then, so that the list stays short and is not sorted for each.
        if self.list.len() >= self.limit.saturating_mul(4).max(1_000) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.list.sort_by(smallest);
        self.beyond += self.list.len().saturating_sub(self.limit) as u64;
        self.list.truncate(self.limit);
    }

    fn finish(mut self) -> (Vec<Repair>, u64) {
        self.cut();
        (self.list, self.beyond)
    }

    /// Adds the minimal sets of units that meet every conflict; `names` are the units'. Whether there are not too many to find.
    fn cover(&mut self, conflicts: &[Bits], names: &[ConflictUnit], dispute: &str) -> bool {
        let (covers, are_all) = repairs(conflicts, names.len(), self.limit, &mut self.looks);
        self.take(covers, names, dispute);
        are_all
    }

    /// Adds the smallest of some repairs.
    fn take(&mut self, covers: Vec<Bits>, names: &[ConflictUnit], dispute: &str) {
        let mut covers: Vec<(u32, Bits)> = covers.into_iter().map(|c| (c.len(), c)).collect();
        if covers.len() > self.limit {
            covers.sort_unstable_by_key(|(size, _)| *size);
            // Those as large as the last within the limit are told apart by their names, all others are beyond.
            let last = self.limit.checked_sub(1).and_then(|i| covers.get(i));
            let largest = last.map_or(0, |(size, _)| *size);
            let kept = covers.partition_point(|(size, _)| *size <= largest);
            self.beyond += (covers.len() - kept) as u64;
            covers.truncate(kept);
        }
        for (_, cover) in covers {
            let own = cover.iter().filter_map(|i| names.get(i).cloned()).collect();
            self.add(repair_of(own, dispute));
        }
    }
}

/// A repair that gives up these units.
fn repair_of(mut names: Vec<ConflictUnit>, dispute: &str) -> Repair {
    names.sort_by(in_order);
    let give_up = names
        .into_iter()
        .map(|n| match n {
            ConflictUnit::Said(id) | ConflictUnit::Meant(id) => GiveUp::Claim { id },
            ConflictUnit::Link(id) => GiveUp::Link { id },
        })
        .collect();
    Repair {
        dispute: dispute.to_owned(),
        give_up,
        share: None,
        standard_error: None,
        bounds: None,
        witness: Vec::new(),
    }
}

/// Which of two repairs comes first: the smaller, then by what they give up.
pub(super) fn smallest(a: &Repair, b: &Repair) -> Ordering {
    fn ids(repair: &Repair) -> impl Iterator<Item = &str> {
        repair.give_up.iter().map(|g| match g {
            GiveUp::Claim { id } => id.as_str(),
            GiveUp::Link { id } => id.as_str(),
        })
    }
    let names = || ids(a).cmp(ids(b));
    let size = a.give_up.len().cmp(&b.give_up.len());
    size.then_with(names)
        .then_with(|| a.dispute.cmp(&b.dispute))
}
