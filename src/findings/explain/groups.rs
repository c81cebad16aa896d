//! One dispute in the network's terms: its conflicts, and the groups of claims that a rewrite acts on.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::part::Element;
use super::values::{Known, Values, nearest_left};
use crate::claims::question::Kind;
use crate::compile::Role;
use crate::findings::engine::Engine;
use crate::findings::result::{Conflict, ConflictUnit};
use crate::network::UnitId;
use crate::sets::linear::VariableId;
use crate::sets::set::Set;

/// One unit of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Said { statement: usize },
    Meant { statement: usize, unit: UnitId },
    Link { link: usize },
}

/// A conflict of a dispute.
#[derive(Debug)]
pub(super) struct Clash<'a> {
    pub(super) conflict: &'a Conflict,
    pub(super) units: Vec<Unit>,
    pub(super) elements: Vec<Element>,
}

/// All claims on one variable with one entailed set.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) variable: VariableId,
    pub(super) question: usize,
    /// Its exact value, of a count.
    pub(super) figure: Option<u64>,
    /// Ascending.
    pub(super) statements: Vec<usize>,
    /// Ascending.
    pub(super) claims: Vec<usize>,
}

/// Conflicts that share a unit, transitively.
#[derive(Debug)]
pub(super) struct Dispute<'a> {
    pub(super) engine: &'a Engine,
    pub(super) index: &'a Index,
    pub(super) clashes: Vec<Clash<'a>>,
    pub(super) groups: Vec<Group>,
}

impl<'a> Dispute<'a> {
    pub(super) fn new(engine: &'a Engine, index: &'a Index, conflicts: &[&'a Conflict]) -> Self {
        let clashes: Vec<Clash<'a>> = conflicts
            .iter()
            .map(|conflict| {
                let units: Vec<Unit> = conflict
                    .units
                    .iter()
                    .filter_map(|u| find(engine, u))
                    .collect();
                let elements = units.iter().map(|u| element(engine, *u)).collect();
                Clash {
                    conflict,
                    units,
                    elements,
                }
            })
            .collect();
        let mut on: BTreeSet<(VariableId, usize)> = BTreeSet::new();
        for statement in clashes.iter().flat_map(|c| &c.units).filter_map(said) {
            let s = engine.compiled.statement(statement);
            on.insert((s.variable, statement));
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut known: BTreeSet<(VariableId, &Set)> = BTreeSet::new();
        let mut at: Option<VariableId> = None;
        let mut alike: BTreeMap<&Set, Vec<usize>> = BTreeMap::new();
        for (variable, statement) in on {
            if at != Some(variable) {
                at = Some(variable);
                alike.clear();
                for s in index.statements_on(variable) {
                    let set = &engine.compiled.statement(*s).set;
                    alike.entry(set).or_default().push(*s);
                }
            }
            let set = &engine.compiled.statement(statement).set;
            if !known.insert((variable, set)) {
                continue;
            }
            let statements = alike.get(set).cloned().unwrap_or_default();
            let mut claims: Vec<usize> = statements
                .iter()
                .flat_map(|s| engine.compiled.statement(*s).claims.iter().copied())
                .collect();
            claims.sort_unstable();
            let question = engine.compiled.variable(variable).question;
            let is_count = engine
                .dossier
                .questions
                .get(question)
                .is_some_and(|q| q.kind == Kind::Count);
            groups.push(Group {
                variable,
                question,
                figure: set
                    .single()
                    .filter(|_| is_count)
                    .and_then(|x| u64::try_from(x).ok()),
                statements,
                claims,
            });
        }
        Self {
            engine,
            index,
            clashes,
            groups,
        }
    }

    /// The statements in it, ascending.
    pub(super) fn statements(&self) -> BTreeSet<usize> {
        self.clashes
            .iter()
            .flat_map(|c| &c.units)
            .filter_map(said)
            .collect()
    }

    /// The other figures that a group may stand for: exact values that other claims give its variable, directly or through hard links.
    ///
    /// Where nothing does, since it hangs on the dispute by a soft link or by an inequality, the ends nearest to it of what the exact
    /// figures of a conflict leave stand in: a count of some of 123 people is at most 123.
    pub(super) fn others(&self, values: &Values<'_>, group: &Group) -> Vec<Known> {
        let Some(figure) = group.figure else {
            return Vec::new();
        };
        let given = values.of(group.variable, &group.statements);
        if !given.is_empty() {
            return given.into_iter().filter(|k| k.value != figure).collect();
        }
        let mut out: BTreeMap<u64, Known> = BTreeMap::new();
        let Some((cluster, local)) = self.engine.home(group.variable) else {
            return Vec::new();
        };
        for clash in &self.clashes {
            let own = |u: &Unit| said(u).is_some_and(|s| group.statements.contains(&s));
            if !clash.units.iter().any(own) {
                continue;
            }
            let others: Vec<usize> = clash
                .units
                .iter()
                .filter(|u| !own(u))
                .filter_map(|u| {
                    let unit = self.unit(*u)?;
                    cluster.members.binary_search_by_key(&unit, |m| m.id).ok()
                })
                .collect();
            if others.len() + 1 != clash.units.len() {
                continue;
            }
            if let Some(known) = nearest_left(self.engine, cluster, &others, local, figure) {
                out.entry(known.value).or_insert(known);
            }
        }
        out.into_values().collect()
    }

    pub(super) fn unit(&self, unit: Unit) -> Option<UnitId> {
        match unit {
            Unit::Said { statement } => Some(self.engine.compiled.statement(statement).unit),
            Unit::Meant { unit, .. } => Some(unit),
            Unit::Link { link } => self.engine.compiled.links.get(link).copied().flatten(),
        }
    }
}

/// The statement a unit is or stands on.
pub(super) fn said(unit: &Unit) -> Option<usize> {
    match unit {
        Unit::Said { statement } | Unit::Meant { statement, .. } => Some(*statement),
        Unit::Link { .. } => None,
    }
}

fn find(engine: &Engine, name: &ConflictUnit) -> Option<Unit> {
    let place = |id: &crate::claims::id::ClaimId| {
        let claims = &engine.dossier.claims;
        let claim = claims.binary_search_by(|c| c.id.cmp(id)).ok()?;
        engine.compiled.places.get(claim)?.as_ref()
    };
    Some(match name {
        ConflictUnit::Said(id) => Unit::Said {
            statement: place(id)?.statement,
        },
        ConflictUnit::Meant(id) => {
            let place = place(id)?;
            Unit::Meant {
                statement: place.statement,
                unit: place.suggested.as_ref()?.1,
            }
        }
        ConflictUnit::Link(id) => {
            let links = &engine.dossier.links;
            let link = links.binary_search_by(|l| l.name().cmp(id.as_str())).ok()?;
            Unit::Link { link }
        }
    })
}

fn element(engine: &Engine, unit: Unit) -> Element {
    match unit {
        Unit::Said { statement } => {
            Element::Said(engine.compiled.statement(statement).claims.clone())
        }
        Unit::Meant { unit, .. } => Element::Meant(suggesting(engine, unit)),
        Unit::Link { link } => Element::Link(link),
    }
}

/// The claims that suggest what a unit says.
pub(super) fn suggesting(engine: &Engine, unit: UnitId) -> Vec<usize> {
    let Role::Suggestion(statement) = engine.compiled.role(unit) else {
        return Vec::new();
    };
    let all = &engine.compiled.statement(statement).claims;
    let suggests = |c: &usize| {
        let place = engine.compiled.places.get(*c).and_then(Option::as_ref);
        place.is_some_and(|p| p.suggested.as_deref().is_some_and(|(_, u)| *u == unit))
    };
    all.iter().copied().filter(suggests).collect()
}
