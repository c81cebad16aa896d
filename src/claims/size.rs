//! What a dossier would grow to: some short files stand for very much, and are refused before anything is made of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::dossier::{DossierBuilder, ResolvedClaim, ResolvedLink, Status};
use super::error::Problems;
use super::question::OverTime;
use super::value::quoted;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// Terms of links in all, each link counted once for each time it holds at.
const TERMS: usize = 1_000_000;
/// Pairs of a claim and a declared common origin of its source.
const MEMBERSHIPS: usize = 5_000_000;
/// Pairs of statements of one source on one question, one within the other.
const WITHIN: usize = 5_000_000;
/// Pairs of statements of one source on one question to be compared, where some are no stretches.
const COMPARED: usize = 50_000_000;

/// A source, a question and a time.
type Place = (usize, usize, Option<DateTime<Utc>>);

/// Tells of what would grow beyond these numbers. O(n log n).
pub(super) fn check(
    problems: &mut Problems,
    builder: &DossierBuilder,
    claims: &[ResolvedClaim],
    links: &[ResolvedLink],
    origins: &[&[usize]],
) {
    let mut refuse = |found: String, most: usize, what: &str| {
        problems.unexpected("dossier", found, format!("at most {most} {what}"));
    };
    let terms = terms(builder, claims, links);
    if terms > TERMS {
        refuse(
            format!("links of {terms} terms in all, counted for every as-of"),
            TERMS,
            "terms",
        );
    }
    let memberships = memberships(claims, origins);
    if memberships > MEMBERSHIPS {
        refuse(
            format!("{memberships} pairs of a claim and a common origin of its source"),
            MEMBERSHIPS,
            "pairs",
        );
    }
    let mut by_place: HashMap<Place, Vec<usize>> = HashMap::new();
    for (i, c) in claims.iter().enumerate() {
        if c.status == Status::Standing {
            by_place
                .entry((c.source, c.question, c.at))
                .or_default()
                .push(i);
        }
    }
    let mut crowded: Vec<_> = by_place
        .into_iter()
        .filter(|(_, list)| list.len() > 1_000)
        .collect();
    crowded.sort_unstable();
    for ((source, question, _), list) in crowded {
        let sets: BTreeSet<Set> = list
            .iter()
            .filter_map(|i| claims.get(*i).map(entailed))
            .collect();
        let source = builder.sources.get(source).map_or("", |s| s.id.as_str());
        let question = builder
            .questions
            .get(question)
            .map_or("", |q| q.id.as_str());
        let whose = format!("by {} on {}", quoted(source), quoted(question));
        let stretches: Option<Vec<Interval>> = sets.iter().map(Set::as_interval).collect();
        match stretches {
            Some(stretches) => {
                let pairs = within(stretches);
                if pairs > WITHIN {
                    let found = format!("{pairs} pairs of claims {whose}, one within the other");
                    refuse(found, WITHIN, "pairs");
                }
            }
            None if sets.len().saturating_mul(sets.len()) > COMPARED => {
                let found = format!(
                    "{} different claims {whose}, choices among them",
                    sets.len()
                );
                refuse(found, COMPARED.isqrt(), "such claims");
            }
            None => {}
        }
    }
}

fn entailed(claim: &ResolvedClaim) -> Set {
    let set = claim.reading.entailed();
    if claim.from_below {
        Interval::new(set.lower(), None).into()
    } else {
        set.clone()
    }
}

fn terms(builder: &DossierBuilder, claims: &[ResolvedClaim], links: &[ResolvedLink]) -> usize {
    let is_fixed = |q: usize| {
        builder
            .questions
            .get(q)
            .is_none_or(|q| q.over_time == OverTime::Fixed)
    };
    let mut times: BTreeMap<usize, BTreeSet<DateTime<Utc>>> = BTreeMap::new();
    if links.iter().any(|l| !l.names.iter().all(|q| is_fixed(*q))) {
        for c in claims.iter().filter(|c| !is_fixed(c.question)) {
            times.entry(c.question).or_default().extend(c.at);
        }
    }
    links
        .iter()
        .map(|l| {
            let moving = l.names.iter().filter(|q| !is_fixed(**q));
            let rows = moving.map(|q| times.get(q).map_or(0, BTreeSet::len)).min();
            l.names.len().saturating_mul(rows.unwrap_or(1))
        })
        .fold(0, usize::saturating_add)
}

fn memberships(claims: &[ResolvedClaim], origins: &[&[usize]]) -> usize {
    let mut of: HashMap<usize, usize> = HashMap::new();
    for source in origins.iter().copied().flatten() {
        *of.entry(*source).or_default() += 1;
    }
    claims
        .iter()
        .map(|c| of.get(&c.source).copied().unwrap_or(0))
        .fold(0, usize::saturating_add)
}

/// For each of some distinct stretches, how many finest ones lie within it, added up: finest are those that hold no other.
fn within(mut all: Vec<Interval>) -> usize {
    all.sort_by_key(|s| (s.high_key(), std::cmp::Reverse(s.low_key())));
    let mut finest: Vec<(i128, i128)> = Vec::new();
    for s in &all {
        if finest.last().is_none_or(|(low, _)| *low < s.low_key()) {
            finest.push((s.low_key(), s.high_key()));
        }
    }
    all.iter()
        .map(|s| {
            let from = finest.partition_point(|(low, _)| *low < s.low_key());
            let to = finest.partition_point(|(_, high)| *high <= s.high_key());
            to.saturating_sub(from)
        })
        .fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_within_stretches_are_counted_as_by_hand() {
        let all: Vec<Interval> = (0..5)
            .flat_map(|low| (low..6).filter_map(move |high| Interval::new(Some(low), Some(high))))
            .chain([Interval::at_least(3), Interval::at_most(2)])
            .collect();
        for skip in 0..all.len() {
            let some: Vec<Interval> = all.iter().copied().skip(skip).step_by(2).collect();
            let is_finest = |s: &Interval| !some.iter().any(|t| t != s && t.is_within(*s));
            let pairs = some
                .iter()
                .flat_map(|wide| some.iter().map(move |s| (wide, s)))
                .filter(|(wide, s)| is_finest(s) && s.is_within(**wide))
                .count();
            assert_eq!(within(some.clone()), pairs, "{skip}");
        }
    }
}
