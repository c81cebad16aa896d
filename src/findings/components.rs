//! Components: questions that something joins.

use std::collections::{BTreeMap, BTreeSet};

use crate::claims::dossier::Dossier;
use crate::compile::{About, Compiled};
use crate::network::propagate::Forest;

/// The questions of each component, ascending by the first.
pub(crate) fn components(dossier: &Dossier, compiled: &Compiled) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(dossier.questions.len());
    let mut join = |questions: &mut dyn Iterator<Item = usize>| {
        if let Some(first) = questions.next() {
            for q in questions {
                forest.join(first, q);
            }
        }
    };
    for link in &dossier.resolved.links {
        join(&mut link.names.iter().copied());
    }
    let question = |v: crate::sets::linear::VariableId| compiled.variable(v).question;
    // A source with statements on both.
    let mut by_source: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    // A declared assumption, or a common origin, used on both.
    let mut by_assumption: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for s in &compiled.statements {
        by_source
            .entry(s.source)
            .or_default()
            .push(question(s.variable));
    }
    let declared: BTreeSet<u32> = compiled
        .assumptions
        .iter()
        .filter(|(about, _)| matches!(about, About::Declared(_) | About::SeparateGroup(_)))
        .map(|(_, id)| id.0)
        .collect();
    for place in compiled.places.iter().flatten() {
        for a in place
            .guards
            .iter()
            .flatten()
            .filter(|a| declared.contains(&a.0))
        {
            by_assumption
                .entry(a.0)
                .or_default()
                .push(question(place.variable));
        }
    }
    for (place, link) in dossier.resolved.links.iter().enumerate() {
        let Some(unit) = compiled.links.get(place).copied().flatten() else {
            continue;
        };
        for a in compiled.network.unit(unit).guards.iter().flatten() {
            by_assumption.entry(a.0).or_default().extend(&link.names);
        }
    }
    for list in by_source.values().chain(by_assumption.values()) {
        join(&mut list.iter().copied());
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for q in 0..dossier.questions.len() {
        groups.entry(forest.find(q)).or_default().push(q);
    }
    groups.into_values().collect()
}
