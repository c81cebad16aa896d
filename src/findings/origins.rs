//! How many sources stand behind a claim.

use std::collections::BTreeMap;

use super::engine::Engine;
use crate::buckets::Buckets;
use crate::network::fenwick::Fenwick;
use crate::sets::set::Set;

/// By claim: how many different sources have a statement whose set lies within the claim's; 0 for claims that restrict nothing.
///
/// # Complexity
///
/// O(n log n) on questions whose sets are stretches; O(d · n) for d distinct sets elsewhere.
pub(crate) fn origins(engine: &Engine, by_variable: &Buckets) -> Vec<usize> {
    let compiled = &engine.compiled;
    let mut out = vec![0; compiled.places.len()];
    for v in 0..compiled.variables.len() {
        let list = by_variable.of(v);
        let mut statements: Vec<usize> = list
            .iter()
            .filter_map(|i| Some(compiled.places.get(*i)?.as_ref()?.statement))
            .collect();
        statements.sort_unstable();
        statements.dedup();
        let convex = statements
            .iter()
            .all(|s| compiled.statement(*s).set.stretches().len() <= 1);
        let counts = if convex {
            by_sweep(engine, &statements)
        } else {
            by_pairs(engine, &statements)
        };
        for i in list {
            if let (Some(slot), Some(Some(place))) = (out.get_mut(*i), compiled.places.get(*i)) {
                *slot = counts.get(&place.statement).copied().unwrap_or(0);
            }
        }
    }
    out
}

fn by_pairs(engine: &Engine, statements: &[usize]) -> BTreeMap<usize, usize> {
    let compiled = &engine.compiled;
    let mut by_set: BTreeMap<&Set, Vec<usize>> = BTreeMap::new();
    for s in statements {
        let s = compiled.statement(*s);
        by_set.entry(&s.set).or_default().push(s.source);
    }
    let mut count: BTreeMap<&Set, usize> = BTreeMap::new();
    for set in by_set.keys() {
        let mut sources: Vec<usize> = by_set
            .iter()
            .filter(|(inner, _)| inner.is_subset(set))
            .flat_map(|(_, s)| s.iter().copied())
            .collect();
        sources.sort_unstable();
        sources.dedup();
        count.insert(set, sources.len());
    }
    let of = |s: &usize| count.get(&compiled.statement(*s).set).copied().unwrap_or(0);
    statements.iter().map(|s| (*s, of(s))).collect()
}

/// The finest statements of a source, in order, begin and end ever later, so that those within a stretch follow one another: they are
/// as many as one more than the neighbours within it.
fn by_sweep(engine: &Engine, statements: &[usize]) -> BTreeMap<usize, usize> {
    let compiled = &engine.compiled;
    let ends = |s: usize| {
        compiled
            .statement(s)
            .set
            .hull()
            .map(|h| (h.low_key(), h.high_key()))
    };
    let mut by_source: BTreeMap<usize, Vec<(i128, i128)>> = BTreeMap::new();
    for s in statements
        .iter()
        .filter(|s| compiled.statement(**s).is_finest(**s))
    {
        by_source
            .entry(compiled.statement(*s).source)
            .or_default()
            .extend(ends(*s));
    }
    let mut points: Vec<(i128, i128, i128)> = Vec::new();
    for list in by_source.values_mut() {
        list.sort_unstable();
        points.extend(list.iter().map(|(low, high)| (*low, *high, 1)));
        for pair in list.windows(2) {
            if let [(low, _), (_, high)] = pair {
                points.push((*low, *high, -1));
            }
        }
    }
    let mut highs: Vec<i128> = points.iter().map(|p| p.1).collect();
    highs.sort_unstable();
    highs.dedup();
    // From the largest lower end down: all that begin no earlier, counted by where they end.
    points.sort_unstable_by_key(|p| std::cmp::Reverse(p.0));
    let mut asked: Vec<(i128, i128, usize)> = statements
        .iter()
        .filter_map(|s| ends(*s).map(|(low, high)| (low, high, *s)))
        .collect();
    asked.sort_unstable_by_key(|a| std::cmp::Reverse(a.0));
    let mut tree = Fenwick::new(highs.len());
    let mut next = points.iter().peekable();
    let mut out = BTreeMap::new();
    for (low, high, statement) in asked {
        while let Some((_, end, count)) = next.next_if(|p| p.0 >= low) {
            tree.add(highs.partition_point(|h| h < end), *count);
        }
        let within = highs.partition_point(|h| *h <= high);
        let count = within.checked_sub(1).map_or(0, |last| tree.up_to(last));
        out.insert(statement, usize::try_from(count).unwrap_or(0));
    }
    out
}
