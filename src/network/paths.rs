//! The part of a large cluster that a few of its units have to do with one another.

use super::bits::Bits;
use super::cluster::{Cluster, Member, variable};
use super::propagate::MANY;
use crate::sets::linear::Row;

/// Rows of a cluster as a tree: from each variable the way to the first.
#[derive(Debug)]
pub(crate) struct Paths {
    /// By variable: the row and the variable one step nearer the first, and how many steps it is away.
    towards: Vec<(Option<(usize, usize)>, usize)>,
}

impl Paths {
    /// `None` for small clusters, which need no cutting, and where rows are not a tree. O(n).
    pub(crate) fn new(cluster: &Cluster) -> Option<Self> {
        let terms: usize = cluster
            .hard
            .iter()
            .map(|r| r.terms.len().saturating_sub(1))
            .sum();
        let is_tree = terms + 1 == cluster.variables.len()
            && cluster.members.iter().all(|m| m.rows.is_empty());
        if cluster.hard.len() <= MANY || !is_tree {
            return None;
        }
        let mut towards = vec![(None, usize::MAX); cluster.variables.len()];
        *towards.first_mut()? = (None, 0);
        // Rows are listed from the first variable on: one of their variables is known, the others are not.
        for (i, row) in cluster.hard.iter().enumerate() {
            let known = row.terms.iter().map(|(v, _)| v.index());
            let (from, steps) = known
                .filter_map(|v| Some((v, towards.get(v)?.1)))
                .min_by_key(|(_, steps)| *steps)
                .filter(|(_, steps)| *steps < usize::MAX)?;
            for (v, _) in row.terms.iter().filter(|(v, _)| v.index() != from) {
                let slot = towards.get_mut(v.index())?;
                if slot.1 < usize::MAX {
                    return None;
                }
                *slot = (Some((i, from)), steps + 1);
            }
        }
        Some(Self { towards })
    }

    /// The rows on the ways between some variables, ascending.
    fn between(&self, variables: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut at: Vec<usize> = variables.collect();
        let mut out = Vec::new();
        let steps = |v: usize| self.towards.get(v).map_or(0, |t| t.1);
        at.sort_unstable_by_key(|v| (steps(*v), *v));
        at.dedup();
        // The farthest goes one step nearer, until all are one.
        while at.len() > 1 {
            let Some(v) = at.pop() else { break };
            let Some(Some((row, nearer))) = self.towards.get(v).map(|t| t.0) else {
                break;
            };
            out.push(row);
            let key = (steps(nearer), nearer);
            if let Err(place) = at.binary_search_by_key(&key, |w| (steps(*w), *w)) {
                at.insert(place, nearer);
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The cluster's rows between some of its units, with those units alone; and the units' places there.
    pub(crate) fn cut(&self, cluster: &Cluster, units: &Bits) -> (Cluster, Bits) {
        let members = || {
            units
                .iter()
                .filter_map(|p| Some((p, cluster.members.get(p)?)))
        };
        let own = || members().flat_map(|(_, m)| m.within.iter().map(|(v, _)| *v));
        let rows = self.between(own());
        let hard = || rows.iter().filter_map(|i| cluster.hard.get(*i));
        let mut variables: Vec<usize> = hard()
            .flat_map(|r| r.terms.iter().map(|(v, _)| v.index()))
            .chain(own())
            .collect();
        variables.sort_unstable();
        variables.dedup();
        let local = |v: usize| variables.binary_search(&v).unwrap_or(0);
        let places: Vec<usize> = units.iter().collect();
        let out = Cluster {
            variables: variables
                .iter()
                .filter_map(|v| cluster.variables.get(*v).copied())
                .collect(),
            domains: variables
                .iter()
                .filter_map(|v| cluster.domains.get(*v).cloned())
                .collect(),
            given: variables
                .iter()
                .filter_map(|v| cluster.given.get(*v).cloned())
                .collect(),
            hard: hard()
                .map(|r| Row {
                    terms: r
                        .terms
                        .iter()
                        .map(|(v, k)| (variable(local(v.index())), *k))
                        .collect(),
                    ..r.clone()
                })
                .collect(),
            hard_ids: rows
                .iter()
                .filter_map(|i| cluster.hard_ids.get(*i).copied())
                .collect(),
            members: members()
                .map(|(_, m)| Member {
                    within: m
                        .within
                        .iter()
                        .map(|(v, s)| (local(*v), s.clone()))
                        .collect(),
                    stands_on: m.stands_on.and_then(|b| places.binary_search(&b).ok()),
                    ..m.clone()
                })
                .collect(),
            silent: Vec::new(),
            propagates: cluster.propagates,
            convex: cluster.convex,
        };
        let all = Bits::of(0..out.members.len());
        (out, all)
    }
}
