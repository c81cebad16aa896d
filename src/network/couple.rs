//! Clusters that share assumptions: what some say of them, for the others.

use std::collections::BTreeMap;

use super::eliminate::{OverBudget, Weights};
use super::hash::Table;
use super::{AssumptionId, Network};
use crate::sets::weight::Weight;

/// Entries that a table may come to.
const ENTRIES: usize = 1 << 20;

/// The product of tables, with every assumption but those in `keep` summed out, the one first that leaves the smallest table.
/// What is kept is not weighed.
pub(crate) fn couple(
    network: &Network,
    tables: Vec<Weights>,
    keep: &[AssumptionId],
) -> Result<Weights, OverBudget> {
    let mut tables = tables;
    loop {
        let mut users: BTreeMap<AssumptionId, Vec<AssumptionId>> = BTreeMap::new();
        for t in &tables {
            for a in t.scope.iter().filter(|a| keep.binary_search(a).is_err()) {
                users.entry(*a).or_default().extend(&t.scope);
            }
        }
        let next = users
            .into_iter()
            .map(|(a, mut scope)| {
                scope.sort_unstable();
                scope.dedup();
                (scope.len(), a)
            })
            .min();
        let Some((_, a)) = next else { break };
        let (with, rest): (Vec<Weights>, Vec<Weights>) = tables
            .into_iter()
            .partition(|t| t.scope.binary_search(&a).is_ok());
        let joined = product(with)?;
        tables = rest;
        tables.push(sum_out(network, &joined, a));
    }
    product(tables)
}

fn product(tables: Vec<Weights>) -> Result<Weights, OverBudget> {
    let mut tables = tables.into_iter();
    let one = || Weights {
        scope: Vec::new(),
        entries: vec![(0, Weight::ONE)],
    };
    let mut all = tables.next().unwrap_or_else(one);
    for next in tables {
        all = join(&all, &next)?;
    }
    Ok(all)
}

fn join(a: &Weights, b: &Weights) -> Result<Weights, OverBudget> {
    let mut scope: Vec<AssumptionId> = a.scope.iter().chain(&b.scope).copied().collect();
    scope.sort_unstable();
    scope.dedup();
    if scope.len() > 128 {
        return Err(OverBudget);
    }
    let places = |own: &[AssumptionId]| -> Vec<usize> {
        own.iter()
            .filter_map(|x| scope.binary_search(x).ok())
            .collect()
    };
    let spread = |bits: u128, places: &[usize]| {
        places
            .iter()
            .enumerate()
            .fold(0_u128, |out, (i, p)| out | (bits >> i & 1) << p)
    };
    let (left, right) = (places(&a.scope), places(&b.scope));
    let all = |places: &[usize]| places.iter().fold(0_u128, |m, p| m | 1 << p);
    let shared = all(&left) & all(&right);
    // The other side's entries, in runs that agree on the shared assumptions.
    let mut others: Vec<(u128, u128, Weight)> = Vec::with_capacity(b.entries.len());
    for (bits, w) in &b.entries {
        let bits = spread(*bits, &right);
        others.push((bits & shared, bits, *w));
    }
    others.sort_unstable_by_key(|(key, bits, _)| (*key, *bits));
    let mut entries = Vec::with_capacity(a.entries.len().max(b.entries.len()));
    for (bits, w) in &a.entries {
        let bits = spread(*bits, &left);
        let key = bits & shared;
        let from = others.partition_point(|r| r.0 < key);
        let run = others.iter().skip(from).take_while(|r| r.0 == key);
        entries.extend(run.map(|(_, more, v)| (bits | more, *w * *v)));
        if entries.len() > ENTRIES {
            return Err(OverBudget);
        }
    }
    entries.sort_unstable_by_key(|(bits, _)| *bits);
    Ok(Weights { scope, entries })
}

fn sum_out(network: &Network, table: &Weights, a: AssumptionId) -> Weights {
    let Ok(place) = table.scope.binary_search(&a) else {
        return table.clone();
    };
    let p = network.probability(a);
    let (yes, no) = (Weight::from(p), Weight::from(p.complement()));
    let low = (1_u128 << place) - 1;
    let mut found: Table<u128, usize> = Table::default();
    let mut entries: Vec<(u128, Weight)> = Vec::new();
    for (bits, w) in &table.entries {
        let side = if bits >> place & 1 == 1 { yes } else { no };
        let rest = bits & low | (bits >> 1) & !low;
        let at = *found.entry(rest).or_insert_with(|| {
            entries.push((rest, Weight::ZERO));
            entries.len() - 1
        });
        if let Some((_, sum)) = entries.get_mut(at) {
            *sum += *w * side;
        }
    }
    entries.sort_unstable_by_key(|(bits, _)| *bits);
    let mut scope = table.scope.clone();
    scope.remove(place);
    Weights { scope, entries }
}
