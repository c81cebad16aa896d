//! Variables that rows join, with all that restricts them: the part of a network that is decided alone.

use super::propagate::{Forest, MANY, decides};
use super::{Network, Pass, Restriction, UnitId};
use crate::sets::interval::Interval;
use crate::sets::linear::{Row, VariableId};
use crate::sets::set::Set;

/// A unit as its cluster sees it: with the cluster's own numbering of variables.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: UnitId,
    pub(crate) within: Vec<(usize, Set)>,
    pub(crate) rows: Vec<Row>,
    /// The member it stands on, by its place in [`Cluster::members`].
    pub(crate) stands_on: Option<usize>,
}

/// Variables that rows (hard, or of units) join, transitively, and the live units on them.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    /// The network's names of the variables; everything else here numbers them by their place in this list.
    pub(crate) variables: Vec<VariableId>,
    /// What the domains and hard restrictions on single variables leave.
    pub(crate) domains: Vec<Set>,
    /// The domain itself, and the hard restrictions on the variable by their places in the network's list.
    pub(crate) given: Vec<(Interval, Vec<(usize, Set)>)>,
    pub(crate) hard: Vec<Row>,
    /// The places of the hard rows in the network's list.
    pub(crate) hard_ids: Vec<usize>,
    /// Ascending by unit.
    pub(crate) members: Vec<Member>,
    /// Sets that units name which take no part here: none of them can be active, or only in the other pass.
    pub(crate) silent: Vec<(usize, Set)>,
    /// Propagation decides whether any of its units can hold together.
    pub(crate) propagates: bool,
    /// Every set is one stretch.
    pub(crate) convex: bool,
}

/// The clusters of a network, ascending by their first variable.
///
/// # Complexity
///
/// O(n log n) in the size of the network.
pub(crate) fn clusters(network: &Network, pass: Pass) -> Vec<Cluster> {
    let mut forest = Forest::new(network.domains.len());
    let join = |forest: &mut Forest, restrictions: &[Restriction]| {
        let mut first = None;
        for v in restrictions.iter().flat_map(Restriction::variables) {
            let other = *first.get_or_insert(v.index());
            forest.join(other, v.index());
        }
    };
    for restriction in &network.hard {
        join(&mut forest, std::slice::from_ref(restriction));
    }
    let live: Vec<UnitId> = network.live_units(pass).collect();
    for id in &live {
        join(&mut forest, &network.unit(*id).restrictions);
    }
    // By variable: its cluster and its place there; a cluster is named by its smallest variable.
    let mut place: Vec<(usize, usize)> = Vec::with_capacity(network.domains.len());
    let mut out: Vec<Cluster> = Vec::new();
    for (index, domain) in network.domains.iter().enumerate() {
        let root = forest.find(index);
        let number = place.get(root).map_or(out.len(), |(number, _)| *number);
        if number == out.len() {
            out.push(Cluster::for_one());
        }
        let Some(cluster) = out.get_mut(number) else {
            continue;
        };
        place.push((number, cluster.variables.len()));
        cluster.variables.push(variable(index));
        cluster.domains.push((*domain).into());
        cluster.given.push((*domain, Vec::new()));
    }
    let local = |v: VariableId| place.get(v.index()).copied().unwrap_or_default();
    let renumber = |row: &Row| Row {
        terms: row
            .terms
            .iter()
            .map(|(v, k)| (variable(local(*v).1), *k))
            .collect(),
        ..row.clone()
    };
    for (id, restriction) in network.hard.iter().enumerate() {
        let Some(v) = restriction.variables().next() else {
            continue;
        };
        let (number, at) = local(v);
        let Some(cluster) = out.get_mut(number) else {
            continue;
        };
        match restriction {
            Restriction::Within(_, set) => {
                if let Some(domain) = cluster.domains.get_mut(at) {
                    *domain = domain.intersection(set);
                }
                if let Some((_, given)) = cluster.given.get_mut(at) {
                    given.push((id, set.clone()));
                }
            }
            Restriction::Holds(row) => {
                cluster.hard.push(renumber(row));
                cluster.hard_ids.push(id);
            }
        }
    }
    for id in live.iter().copied() {
        let unit = network.unit(id);
        let Some(v) = unit
            .restrictions
            .iter()
            .flat_map(Restriction::variables)
            .next()
        else {
            continue;
        };
        let Some(cluster) = out.get_mut(local(v).0) else {
            continue;
        };
        let (mut within, mut rows) = (Vec::new(), Vec::new());
        for restriction in &unit.restrictions {
            match restriction {
                Restriction::Within(v, set) => {
                    if within.is_empty() {
                        within.reserve_exact(1);
                    }
                    within.push((local(*v).1, set.clone()));
                }
                Restriction::Holds(row) => rows.push(renumber(row)),
            }
        }
        // Members ascend, and what a unit stands on comes before it.
        let stands_on = unit
            .stands_on
            .and_then(|base| cluster.members.binary_search_by_key(&base, |m| m.id).ok());
        cluster.members.push(Member {
            id,
            within,
            rows,
            stands_on,
        });
    }
    let mut live = live.iter().peekable();
    for id in network.unit_ids() {
        if live.next_if(|l| **l == id).is_some() {
            continue;
        }
        for restriction in &network.unit(id).restrictions {
            if let Restriction::Within(v, set) = restriction
                && let (number, at) = local(*v)
                && let Some(cluster) = out.get_mut(number)
            {
                cluster.silent.push((at, set.clone()));
            }
        }
    }
    for cluster in &mut out {
        cluster.shrink();
        if cluster.hard.len() > MANY {
            cluster.list_from_root();
        }
        cluster.convex = cluster
            .domains
            .iter()
            .chain(
                cluster
                    .members
                    .iter()
                    .flat_map(|m| m.within.iter().map(|(_, s)| s)),
            )
            .all(|s| s.stretches().len() <= 1);
        cluster.propagates = cluster.convex && decides(cluster.all_rows(), cluster.variables.len());
    }
    out
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a network holds fewer than 2^32 variables"
)]
pub(crate) fn variable(index: usize) -> VariableId {
    VariableId(index as u32)
}

impl Cluster {
    /// Without anything yet, and with room for one variable, as most are.
    fn for_one() -> Self {
        Self {
            variables: Vec::with_capacity(1),
            domains: Vec::with_capacity(1),
            given: Vec::with_capacity(1),
            hard: Vec::new(),
            hard_ids: Vec::new(),
            members: Vec::new(),
            silent: Vec::new(),
            propagates: false,
            convex: false,
        }
    }

    /// Gives back room for more: there may be millions of small ones.
    fn shrink(&mut self) {
        self.members.shrink_to_fit();
        for m in &mut self.members {
            m.within.shrink_to_fit();
        }
        self.variables.shrink_to_fit();
        self.domains.shrink_to_fit();
        self.given.shrink_to_fit();
    }

    /// Lists hard rows in the order in which they are reached from the first variable.
    fn list_from_root(&mut self) {
        let mut uses: Vec<Vec<usize>> = vec![Vec::new(); self.variables.len()];
        for (i, row) in self.hard.iter().enumerate() {
            for (v, _) in &row.terms {
                if let Some(list) = uses.get_mut(v.index()) {
                    list.push(i);
                }
            }
        }
        let mut reached = vec![false; self.hard.len()];
        let mut order: Vec<usize> = Vec::with_capacity(self.hard.len());
        let mut seen = vec![false; self.variables.len()];
        let mut open: std::collections::VecDeque<usize> =
            (0..self.variables.len()).take(1).collect();
        while let Some(v) = open.pop_front() {
            if seen.get_mut(v).is_none_or(|s| std::mem::replace(s, true)) {
                continue;
            }
            for i in uses.get(v).into_iter().flatten() {
                if reached
                    .get_mut(*i)
                    .is_none_or(|r| std::mem::replace(r, true))
                {
                    continue;
                }
                order.push(*i);
                let terms = self.hard.get(*i).map(|r| r.terms.as_slice());
                open.extend(terms.unwrap_or_default().iter().map(|(w, _)| w.index()));
            }
        }
        // What only rows of units join to the rest.
        order.extend((0..self.hard.len()).filter(|i| reached.get(*i) == Some(&false)));
        self.hard = order
            .iter()
            .filter_map(|i| self.hard.get(*i).cloned())
            .collect();
        self.hard_ids = order
            .iter()
            .filter_map(|i| self.hard_ids.get(*i).copied())
            .collect();
    }

    /// Every row, hard or of a member.
    pub(crate) fn all_rows(&self) -> impl Iterator<Item = &Row> + Clone {
        self.hard
            .iter()
            .chain(self.members.iter().flat_map(|m| m.rows.iter()))
    }

    /// What looking at all of it once costs, in units and rows looked at.
    pub(crate) fn size(&self) -> u64 {
        20 + 2 * self.members.len() as u64 + 20 * (self.hard.len() + self.variables.len()) as u64
    }

    /// The members' units as places, with the one each stands on.
    pub(crate) fn closure(&self, place: usize) -> impl Iterator<Item = usize> + use<> {
        let base = self.members.get(place).and_then(|m| m.stands_on);
        std::iter::once(place).chain(base)
    }
}
