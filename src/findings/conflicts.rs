//! Minimal conflicts as findings, and the share that each unit has in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::derivation::{Addend, Ground, Step};
use super::involvement::Involvement;
use super::progress::{Phase, Progress};
use super::reconcile::{Reconciler, Spent, Watch};
use super::result::{Conflict, ConflictKind, ConflictUnit};
use super::units::{in_order, smaller, unit_key, unit_name};
use crate::claims::id::{AssumptionId, ClaimId, LinkId};
use crate::compile::Role;
use crate::network::UnitId;
use crate::network::bits::Bits;
use crate::network::cluster::Cluster;
use crate::network::conflict::{self, WORK, conflicts};
use crate::network::derive::{Derivation, derive};
use crate::network::paths::Paths;
use crate::network::prior::prior_of_all;

/// A minimal conflict while findings are made.
pub(super) struct Found {
    pub(super) cluster: usize,
    pub(super) bits: Bits,
    pub(super) kind: ConflictKind,
    /// Suggestions counted with their statements.
    pub(super) units: Vec<UnitId>,
    pub(super) names: Vec<ConflictUnit>,
    pub(super) dispute: String,
}

/// Contradictions of a cluster, counted where there are too many to list.
pub(super) struct Crowd {
    pub(super) cluster: usize,
    pub(super) counted: conflict::Crowd,
    /// Their names, by group.
    pub(super) disputes: BTreeMap<usize, String>,
}

/// Conflicts of all clusters with more than a few that are kept one by one; those of further such clusters are counted.
pub(super) const LISTED: usize = 40_000;
const FEW: usize = 100;
/// The first conflicts of crowds kept, before they are sorted.
const MANY: usize = 10_000;

/// Smallest first, then by what names them.
fn sort(list: &mut [Found]) {
    list.sort_by(|a, b| smaller(&a.names, &b.names).then_with(|| a.kind.cmp(&b.kind)));
}

impl Reconciler {
    /// The minimal conflicts, smallest first; crowds of them; whether that is all; and what it took.
    pub(super) fn find<B>(
        &self,
        watch: Watch<'_, B>,
    ) -> ControlFlow<B, (Vec<Found>, Vec<Crowd>, bool, Spent)> {
        let mut out: Vec<Found> = Vec::new();
        // Of crowds no more than may be listed.
        let mut first: Vec<Found> = Vec::new();
        // The last of those once there are enough: what comes after it need not be kept.
        let mut cutoff: Option<Vec<ConflictUnit>> = None;
        let mut crowds = Vec::new();
        let mut complete = true;
        let mut work = WORK;
        let limit =
            usize::try_from(self.engine.dossier.options.limits.conflicts).unwrap_or(usize::MAX);
        let mut room = LISTED;
        for (index, cluster) in self.engine.suggested.iter().enumerate() {
            watch(Progress {
                phase: Phase::Conflicts,
                done: index,
                of: self.engine.suggested.len(),
            })?;
            let mut list = conflicts(cluster, limit, &mut work);
            if list.crowd.is_none() && list.sets.len() > FEW {
                match room.checked_sub(list.sets.len()) {
                    Some(left) => room = left,
                    None => list.count(cluster, limit),
                }
            }
            let of_crowd = list.crowd.is_some();
            let largest = cutoff.as_ref().map_or(usize::MAX, Vec::len);
            complete &= list.complete;
            crowds.extend(list.crowd.map(|counted| Crowd {
                cluster: index,
                counted,
                disputes: BTreeMap::new(),
            }));
            for bits in list.sets {
                // What is counted stands on nothing: each of its places is a unit.
                if of_crowd && bits.len() as usize > largest {
                    continue;
                }
                let places: Vec<usize> = bits.iter().collect();
                let bases: Vec<usize> = places
                    .iter()
                    .filter_map(|p| cluster.members.get(*p)?.stands_on)
                    .collect();
                let kind = if bases.is_empty() {
                    ConflictKind::Contradiction
                } else {
                    ConflictKind::Tension
                };
                let units: Vec<UnitId> = places
                    .iter()
                    .filter(|p| !bases.contains(p))
                    .filter_map(|p| Some(cluster.members.get(*p)?.id))
                    .collect();
                let mut names: Vec<ConflictUnit> =
                    units.iter().map(|u| unit_name(&self.engine, *u)).collect();
                names.sort_by(in_order);
                if of_crowd && cutoff.as_ref().is_some_and(|l| smaller(&names, l).is_gt()) {
                    continue;
                }
                let list = if of_crowd { &mut first } else { &mut out };
                list.push(Found {
                    cluster: index,
                    bits,
                    kind,
                    units,
                    names,
                    dispute: String::new(),
                });
            }
            if first.len() > limit.saturating_mul(4).max(MANY) {
                sort(&mut first);
                first.truncate(limit);
                cutoff = Some(first.last().map_or_else(Vec::new, |f| f.names.clone()));
            }
        }
        out.append(&mut first);
        sort(&mut out);
        let spent = Spent {
            work: WORK - work.min(WORK),
            listed: LISTED - room,
            looks: 0,
            crowded: !crowds.is_empty(),
        };
        ControlFlow::Continue((out, crowds, complete, spent))
    }

    /// The share of each unit in the contradictions.
    pub(super) fn involvement(
        &self,
        found: &[Found],
        crowds: &[Crowd],
    ) -> BTreeMap<UnitId, Involvement> {
        let mut out: BTreeMap<UnitId, Involvement> = BTreeMap::new();
        let mut add = |unit: UnitId, count: u128, size: u128| {
            let share = out.entry(unit).or_insert(Involvement::NONE);
            *share = share.plus(count, size);
        };
        let counted: BTreeSet<usize> = crowds.iter().map(|c| c.cluster).collect();
        let counted = |f: &Found| f.units.len() > 1 && counted.contains(&f.cluster);
        for f in found
            .iter()
            .filter(|f| f.kind == ConflictKind::Contradiction && !counted(f))
        {
            for u in &f.units {
                add(*u, 1, f.units.len() as u128);
            }
        }
        for crowd in crowds {
            let cluster = self.engine.suggested.get(crowd.cluster);
            let members = cluster.map(|c| c.members.as_slice()).unwrap_or_default();
            for (m, shares) in members.iter().zip(&crowd.counted.shares) {
                for (size, count) in shares {
                    add(m.id, *count, (*size).into());
                }
            }
        }
        out
    }

    /// Why a conflict is one: in a large cluster from the rows between its units, if they are enough.
    fn derive(&self, cluster: &Cluster, f: &Found) -> Option<Derivation> {
        let paths = self
            .paths
            .get(f.cluster)?
            .get_or_init(|| Paths::new(cluster));
        let near = paths.as_ref().and_then(|paths| {
            let (part, units) = paths.cut(cluster, &f.bits);
            derive(&part, &units)
        });
        near.or_else(|| derive(cluster, &f.bits))
    }

    /// A conflict as a finding.
    pub(super) fn tell(&self, f: &Found) -> Conflict {
        let compiled = &self.engine.compiled;
        let mut claims: Vec<ClaimId> = Vec::new();
        let mut links: Vec<LinkId> = Vec::new();
        let mut assumptions: Vec<AssumptionId> = Vec::new();
        for u in &f.units {
            match compiled.role(*u) {
                Role::Statement(s) | Role::Suggestion(s) => {
                    claims.extend(
                        compiled
                            .statement(s)
                            .claims
                            .iter()
                            .map(|c| self.engine.claim_id(*c)),
                    );
                }
                Role::Link(link) => links.push(self.engine.link_id(link)),
            }
            let guards: Vec<_> = compiled.network.live_guards(*u).collect();
            let needed = guards
                .first()
                .into_iter()
                .flat_map(|g| g.iter())
                .filter(|a| guards.iter().all(|g| g.contains(a)))
                .filter_map(|a| self.engine.dossier.assumptions.get(*self.declared.get(a)?));
            assumptions.extend(needed.map(|a| a.id.clone()));
        }
        claims.sort_unstable();
        claims.dedup();
        links.sort_unstable();
        assumptions.sort_unstable();
        assumptions.dedup();
        let steps = self
            .engine
            .suggested
            .get(f.cluster)
            .and_then(|c| self.derive(c, f))
            .unwrap_or_default();
        let derivation = self.engine.tell(steps);
        let mut hard_links = Vec::new();
        used_links(&derivation, &mut hard_links);
        hard_links.sort_unstable();
        hard_links.dedup();
        hard_links.retain(|l| !links.contains(l));
        let kind = match f.kind {
            ConflictKind::Contradiction => "contradiction",
            ConflictKind::Tension => "tension",
        };
        let keys: Vec<String> = f.names.iter().map(unit_key).collect();
        Conflict {
            id: format!("{kind}:{}", keys.join("+")),
            kind: f.kind,
            claims,
            links,
            hard_links,
            assumptions,
            dispute: f.dispute.clone(),
            weight: (f.kind == ConflictKind::Contradiction)
                .then(|| prior_of_all(&compiled.network, &f.units)),
            derivation,
            units: f.names.clone(),
        }
    }
}

/// The links a derivation uses.
fn used_links(steps: &[Step], out: &mut Vec<LinkId>) {
    for step in steps {
        match step {
            Step::Narrow {
                ground: Ground::Link { id, .. },
                ..
            } => out.push(id.clone()),
            Step::Narrow { .. } => {}
            Step::Sum { of, .. } => {
                for (addend, _) in of {
                    if let Addend::Row {
                        ground: Ground::Link { id, .. },
                    } = addend
                    {
                        out.push(id.clone());
                    }
                }
            }
            Step::Cases { cases, .. } => {
                for case in cases {
                    used_links(case, out);
                }
            }
        }
    }
}
