//! The exact values that claims give a variable, directly or through hard links.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::{Always, Role};
use crate::findings::engine::Engine;
use crate::network::Restriction;
use crate::network::cluster::Cluster;
use crate::network::propagate::{Outcome, Rows};
use crate::sets::linear::{Relation, Row, VariableId};
use crate::sets::set::Set;

/// An exact value with what gives it.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) value: u64,
    /// Sources whose claims give it directly.
    pub(super) sources: BTreeSet<usize>,
    /// The claims behind it.
    pub(super) claims: BTreeSet<usize>,
    /// The links it follows through, if no claim gives it directly.
    pub(super) links: Vec<usize>,
    /// A hard link yields it, whether or not a claim gives it directly.
    pub(super) is_derived: bool,
    /// An end of what others leave, rather than a value they give.
    pub(super) is_bound: bool,
}

/// Finds values. Only what a claim gives exactly counts.
#[derive(Debug)]
pub(super) struct Values<'a> {
    engine: &'a Engine,
    /// By variable: its statements of one value.
    exact: Vec<Vec<(usize, u64)>>,
    /// By variable: the hard equations it is in.
    rows: Vec<Vec<usize>>,
}

/// Values kept for one variable, and partial sums kept for one equation.
const KEPT: usize = 64;
/// Combinations tried for one question asked.
const TRIED: usize = 20_000;

impl<'a> Values<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        let n = engine.compiled.variables.len();
        let mut exact = vec![Vec::new(); n];
        for (place, s) in engine.compiled.statements.iter().enumerate() {
            let value = s.set.single().and_then(|x| u64::try_from(x).ok());
            if let (Some(value), Some(list)) = (value, exact.get_mut(s.variable.index())) {
                list.push((place, value));
            }
        }
        let mut rows = vec![Vec::new(); n];
        for (i, r) in engine.compiled.network.hard.iter().enumerate() {
            if let Restriction::Holds(row) = r
                && row.relation == Relation::Equal
            {
                for (v, _) in &row.terms {
                    if let Some(list) = rows.get_mut(v.index()) {
                        list.push(i);
                    }
                }
            }
        }
        Self {
            engine,
            exact,
            rows,
        }
    }

    /// The exact values that statements other than `without` give the variable, ascending.
    pub(super) fn of(&self, v: VariableId, without: &[usize]) -> Vec<Known> {
        let mut tried = TRIED;
        let found = self.given(v, without, &mut vec![v], &mut tried);
        found.into_values().collect()
    }

    fn given(
        &self,
        v: VariableId,
        without: &[usize],
        path: &mut Vec<VariableId>,
        tried: &mut usize,
    ) -> BTreeMap<u64, Known> {
        let mut out: BTreeMap<u64, Known> = BTreeMap::new();
        for (place, value) in self.exact.get(v.index()).into_iter().flatten() {
            if !without.contains(place) {
                let s = self.engine.compiled.statement(*place);
                let known = out.entry(*value).or_default();
                known.value = *value;
                known.sources.insert(s.source);
                known.claims.extend(&s.claims);
            }
        }
        for row in self.rows.get(v.index()).into_iter().flatten() {
            for known in self.solve(*row, v, without, path, tried) {
                if out.len() >= KEPT {
                    return out;
                }
                out.entry(known.value)
                    .and_modify(|k| k.is_derived = true)
                    .or_insert(known);
            }
        }
        out
    }

    /// What one hard equation yields for `v` from the values of its other variables.
    fn solve(
        &self,
        row: usize,
        v: VariableId,
        without: &[usize],
        path: &mut Vec<VariableId>,
        tried: &mut usize,
    ) -> Vec<Known> {
        let Some(Restriction::Holds(equation)) = self.engine.compiled.network.hard.get(row) else {
            return Vec::new();
        };
        let others = || equation.terms.iter().filter(|(w, _)| *w != v);
        if others().any(|(w, _)| path.contains(w)) {
            return Vec::new();
        }
        let links = match self.engine.compiled.always.get(row) {
            Some(Always::Link(link, _)) => vec![*link],
            _ => Vec::new(),
        };
        let start = Known {
            links,
            is_derived: true,
            ..Known::default()
        };
        let mut partial: Vec<(i128, Known)> = vec![(equation.right, start)];
        for (w, k) in others() {
            path.push(*w);
            let values = self.given(*w, without, path, tried);
            path.pop();
            let mut next = Vec::new();
            for (rest, so_far) in &partial {
                for known in values.values() {
                    if *tried == 0 || next.len() >= KEPT {
                        break;
                    }
                    *tried -= 1;
                    let Some(rest) = k
                        .checked_mul(i128::from(known.value))
                        .and_then(|x| rest.checked_sub(x))
                    else {
                        continue;
                    };
                    let mut both = so_far.clone();
                    both.claims.extend(&known.claims);
                    both.links.extend(&known.links);
                    next.push((rest, both));
                }
            }
            partial = next;
        }
        let own = equation
            .terms
            .iter()
            .find(|(w, _)| *w == v)
            .map_or(1, |(_, k)| *k);
        partial
            .into_iter()
            .filter(|(rest, _)| rest % own == 0)
            .filter_map(|(rest, mut known)| {
                known.value = u64::try_from(rest / own).ok()?;
                known.links.sort_unstable();
                known.links.dedup();
                Some(known)
            })
            .collect()
    }
}

/// The end, nearest to `value`, of what `others` (places of members) leave the cluster's variable `local`, if they hold exactly one
/// value each or are links.
pub(super) fn nearest_left(
    engine: &Engine,
    cluster: &Cluster,
    others: &[usize],
    local: usize,
    value: u64,
) -> Option<Known> {
    let mut sets: Vec<Set> = cluster.domains.clone();
    let mut rows: Vec<&Row> = cluster.hard.iter().collect();
    let mut known = Known {
        is_bound: true,
        ..Known::default()
    };
    for place in others {
        let member = cluster.members.get(*place)?;
        for (v, set) in &member.within {
            set.single()?;
            let slot = sets.get_mut(*v)?;
            *slot = slot.intersection(set);
        }
        rows.extend(&member.rows);
        match engine.compiled.role(member.id) {
            Role::Statement(s) => known.claims.extend(&engine.compiled.statement(s).claims),
            Role::Link(link) => known.links.push(link),
            Role::Suggestion(_) => return None,
        }
    }
    let table = Rows::new(rows.iter().copied(), sets.len());
    let mut steps = 10_000;
    if table.propagate(&mut sets, None, &mut steps, |_| {}) != Outcome::Settled {
        return None;
    }
    let hull = sets.get(local)?.hull()?;
    let value = i128::from(value);
    let end = match (hull.lower(), hull.upper()) {
        (_, Some(most)) if most < value => most,
        (Some(least), _) if least > value => least,
        _ => return None,
    };
    known.value = u64::try_from(end).ok()?;
    known.links.sort_unstable();
    Some(known)
}
