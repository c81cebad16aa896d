//! Components: questions that something joins.

use std::collections::{BTreeMap, BTreeSet};

use crate::claims::dossier::Dossier;
use crate::compile::Compiled;
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
    let mut first: Vec<Option<usize>> = vec![None; dossier.sources.len()];
    for s in &compiled.statements {
        let own = question(s.variable);
        if let Some(slot) = first.get_mut(s.source) {
            join(&mut [*slot.get_or_insert(own), own].into_iter());
        }
    }
    // A declared assumption, or a common origin, used on both.
    let mut by_assumption: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let declared = compiled.assumptions.declared().map(|(_, id)| id.0);
    let declared: BTreeSet<u32> = declared
        .chain(compiled.assumptions.groups().map(|id| id.0))
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
    for list in by_assumption.values() {
        join(&mut list.iter().copied());
    }
    // By the first question of each.
    let mut place: Vec<Option<usize>> = vec![None; dossier.questions.len()];
    let mut out: Vec<Vec<usize>> = Vec::new();
    for q in 0..dossier.questions.len() {
        let Some(slot) = place.get_mut(forest.find(q)) else {
            continue;
        };
        let at = *slot.get_or_insert_with(|| {
            out.push(Vec::with_capacity(1));
            out.len() - 1
        });
        if let Some(list) = out.get_mut(at) {
            list.push(q);
        }
    }
    out
}
