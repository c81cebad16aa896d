//! What to give up so that the rest of a dispute can hold.

use std::collections::{BTreeMap, BTreeSet};

use super::conflicts::{Crowd, Found};
use super::disputes::{disputes, repairs};
use super::reconcile::Reconciler;
use super::result::{ConflictKind, ConflictUnit, Count, GiveUp, Repair};
use super::units::{sort_key, unit_key, unit_name};
use crate::network::apart::Apart;
use crate::network::bits::Bits;
use crate::network::derive::witness;
use crate::network::order::Order;
use crate::network::weigh::Shares;
use crate::network::{Restriction, UnitId};

/// Pairs that repairs are worked out from, for a crowd in all and for one dispute of it.
const PAIRS: u64 = 50_000;
const FEW_PAIRS: u64 = 2_000;
/// What looking for values, to show that repairs are enough, may cost in all: a unit counts one, a row fifty.
const WITNESSES: u64 = 20_000_000;
/// Repairs worked out for a crowd, at most.
const REPAIRS: usize = 100_000;

impl Reconciler {
    /// Names the dispute of each conflict, and finds the repairs of those of contradictions.
    pub(super) fn settle(
        &self,
        found: &mut [Found],
        crowds: &mut [Crowd],
        complete: bool,
    ) -> (Vec<Repair>, Count) {
        let limit =
            usize::try_from(self.engine.dossier.options.limits.repairs).unwrap_or(usize::MAX);
        let mut out: Vec<(usize, Vec<String>, Repair)> = Vec::new();
        let mut known = complete;
        let mut beyond = 0_u64;
        for crowd in crowds.iter_mut() {
            let (list, more) = self.settle_crowd(crowd, limit);
            out.extend(list);
            match more {
                Count::Exactly(more) => beyond += more,
                Count::Unknown => known = false,
            }
            for f in found
                .iter_mut()
                .filter(|f| f.cluster == crowd.cluster && f.units.len() > 1)
            {
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
            let sets: Vec<Bits> = here
                .iter()
                .filter_map(|i| found.get(*i))
                .map(|f| {
                    Bits::of(
                        f.units
                            .iter()
                            .filter_map(|u| number.get(&base(*u)).copied()),
                    )
                })
                .collect();
            for group in disputes(&sets) {
                let members: Vec<usize> =
                    group.iter().filter_map(|g| here.get(*g).copied()).collect();
                let least = members
                    .iter()
                    .filter_map(|i| found.get(*i))
                    .flat_map(|f| f.names.iter().map(unit_key))
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
                    match self.repairs(found, &members, &dispute) {
                        Some(list) => out.extend(list),
                        None => known = false,
                    }
                }
            }
        }
        out.sort_by(|a, b| (a.0, &a.1, &a.2.dispute).cmp(&(b.0, &b.1, &b.2.dispute)));
        beyond += out.len().saturating_sub(limit) as u64;
        out.truncate(limit);
        let mut repairs: Vec<Repair> = out.into_iter().map(|(.., r)| r).collect();
        self.weigh_repairs(&mut repairs, found);
        let left = if known {
            Count::Exactly(beyond)
        } else {
            Count::Unknown
        };
        (repairs, left)
    }

    /// Names the disputes of a crowd and finds repairs: on one variable, for each value at which the most units meet, all that do not hold
    /// it; else those of disputes few enough to go through. With how many more there are.
    fn settle_crowd(
        &self,
        crowd: &mut Crowd,
        limit: usize,
    ) -> (Vec<(usize, Vec<String>, Repair)>, Count) {
        let Some(cluster) = self.engine.suggested.get(crowd.cluster) else {
            return (Vec::new(), Count::Unknown);
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
        let told = |places: &mut dyn Iterator<Item = usize>, group: &usize| {
            let mut names: Vec<ConflictUnit> = places.filter_map(name).collect();
            names.sort_by_cached_key(sort_key);
            let dispute = crowd.disputes.get(group);
            repair_of(&names, dispute.map(String::as_str).unwrap_or_default())
        };
        let mut out = Vec::new();
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
                let alone = places.iter().filter(|p| in_all(**p) == all);
                out.extend(alone.map(|p| told(&mut std::iter::once(*p), group)));
            }
            return (out, Count::Unknown);
        };
        let apart = Apart::new(cluster, &order);
        let mut room =
            usize::try_from(self.engine.dossier.options.limits.camps).unwrap_or(usize::MAX);
        if let (1, Some((group, places))) = (order.len(), groups.first_key_value()) {
            let cliques = apart.cliques(places);
            for (size, value) in cliques.iter().take(limit) {
                let Some(left) = room.checked_sub(*size) else {
                    break;
                };
                room = left;
                let gone = apart.without(places, *value);
                out.push(told(&mut gone.into_iter(), group));
            }
            let beyond = (cliques.len() - out.len()) as u64;
            return (out, Count::Exactly(beyond));
        }
        let mut known = true;
        let mut pairs = PAIRS;
        for (group, places) in &groups {
            let degrees = places.iter().filter_map(|p| crowd.counted.shares.get(*p));
            let count: u128 = degrees.flat_map(BTreeMap::values).sum::<u128>() / 2;
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            let Some(left) = pairs.checked_sub(count).filter(|_| count <= FEW_PAIRS) else {
                known = false;
                continue;
            };
            pairs = left;
            let local: Vec<Bits> = apart
                .among(places)
                .into_iter()
                .map(|(a, b)| Bits::of([a, b].iter().filter_map(|p| places.binary_search(p).ok())))
                .collect();
            let Some(list) = repairs(&local, places.len()) else {
                known = false;
                continue;
            };
            if out.len() + list.len() > REPAIRS {
                known = false;
                continue;
            }
            for bits in list {
                let mut own = bits.iter().filter_map(|i| places.get(i)).copied();
                out.push(told(&mut own, group));
            }
        }
        let beyond = if known {
            Count::Exactly(0)
        } else {
            Count::Unknown
        };
        (out, beyond)
    }

    /// The repairs of one dispute, not yet weighed.
    pub(super) fn repairs(
        &self,
        found: &[Found],
        members: &[usize],
        dispute: &str,
    ) -> Option<Vec<(usize, Vec<String>, Repair)>> {
        let mut units: Vec<UnitId> = members
            .iter()
            .filter_map(|i| found.get(*i))
            .flat_map(|f| f.units.iter().copied())
            .collect();
        units.sort_unstable();
        units.dedup();
        if units.is_empty() {
            return Some(Vec::new());
        }
        let local: Vec<Bits> = members
            .iter()
            .filter_map(|i| found.get(*i))
            .map(|f| Bits::of(f.units.iter().filter_map(|u| units.binary_search(u).ok())))
            .collect();
        let list = repairs(&local, units.len())?;
        let told = list.into_iter().map(|bits| {
            let mut names: Vec<ConflictUnit> = bits
                .iter()
                .filter_map(|i| units.get(i))
                .map(|u| unit_name(&self.engine, *u))
                .collect();
            names.sort_by_cached_key(sort_key);
            repair_of(&names, dispute)
        });
        Some(told.collect())
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

/// A repair not yet weighed, with what sorts it.
fn repair_of(names: &[ConflictUnit], dispute: &str) -> (usize, Vec<String>, Repair) {
    let give_up = names
        .iter()
        .map(|n| match n {
            ConflictUnit::Said(id) | ConflictUnit::Meant(id) => GiveUp::Claim { id: id.clone() },
            ConflictUnit::Link(id) => GiveUp::Link { id: id.clone() },
        })
        .collect();
    let keys = names.iter().map(|n| sort_key(n).1).collect();
    let repair = Repair {
        dispute: dispute.to_owned(),
        give_up,
        share: None,
        standard_error: None,
        bounds: None,
        witness: Vec::new(),
    };
    (names.len(), keys, repair)
}
