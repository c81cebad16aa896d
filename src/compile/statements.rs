//! Statements: one source, one variable, one entailed set, however often and in whatever words it is said.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{About, Compiler, Place, Role, standing};
use crate::claims::dossier::ResolvedClaim;
use crate::claims::reading::Reading;
use crate::network::{AssumptionId, Guard, Guards, Restriction, Unit, UnitId};
use crate::sets::interval::Interval;
use crate::sets::linear::VariableId;
use crate::sets::probability::Probability;
use crate::sets::set::Set;

/// One source's answer, as a set, to one question at one time.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) source: usize,
    pub(crate) variable: VariableId,
    pub(crate) set: Set,
    pub(crate) unit: UnitId,
    /// The claims that make it, ascending.
    pub(crate) claims: Vec<usize>,
    /// The finest statements of the same source on the same variable within it: by one of them being right, it is.
    pub(crate) finest: Vec<usize>,
}

impl Statement {
    /// Whether no other statement of its source on its variable is finer.
    pub(crate) fn is_finest(&self, own: usize) -> bool {
        self.finest == [own]
    }
}

/// What a claim restricts its variable to, and what it suggests; `from_below` if it is only known to have been true by its day.
pub(crate) fn sets(reading: &Reading, from_below: bool) -> (Set, Option<Set>) {
    if from_below {
        // It was true at some time up to then: of a count that does not shrink, only its least value is left.
        let from = reading.entailed().lower();
        return (Interval::new(from, None).into(), None);
    }
    (reading.entailed().clone(), reading.suggested().cloned())
}

impl Compiler<'_> {
    /// Finds the statements, in the order of their first claims, and the finest within each.
    pub(super) fn collect_statements(&mut self) {
        let mut said: Vec<(usize, VariableId, Set, usize)> = standing(self.dossier)
            .filter_map(|(place, claim)| {
                let variable = *self.variable_at.get(&(claim.question, claim.at))?;
                let (set, _) = sets(&claim.reading, claim.from_below);
                Some((claim.source, variable, set, place))
            })
            .collect();
        said.sort_unstable();
        let same = said.chunk_by(|(s, v, set, _), (t, w, other, _)| (s, v, set) == (t, w, other));
        let mut statements: Vec<Statement> = same
            .filter_map(|claims| {
                let (source, variable, set, _) = claims.first()?;
                Some(Statement {
                    source: *source,
                    variable: *variable,
                    set: set.clone(),
                    unit: UnitId(0),
                    claims: claims.iter().map(|(_, _, _, place)| *place).collect(),
                    finest: Vec::new(),
                })
            })
            .collect();
        statements.shrink_to_fit();
        statements.sort_unstable_by_key(|s| s.claims.first().copied());
        let mut by_source: Vec<(usize, VariableId, usize)> = statements
            .iter()
            .zip(0..)
            .map(|(s, number)| (s.source, s.variable, number))
            .collect();
        by_source.sort_unstable();
        for group in by_source.chunk_by(|(s, v, _), (t, w, _)| (s, v) == (t, w)) {
            let numbers: Vec<usize> = group.iter().map(|(_, _, number)| *number).collect();
            for (statement, finest) in finest_within(&numbers, &statements) {
                if let Some(s) = statements.get_mut(statement) {
                    s.finest = finest;
                }
            }
        }
        self.out.statements = statements;
    }

    /// Makes a unit of every statement, with the guards of its claims, and one of every suggestion.
    pub(super) fn guard_statements(&mut self) {
        let sources = self.out.statements.iter().map(|s| s.source);
        self.out.assumptions.reserve(sources);
        // A unit of each statement, and of few suggestions.
        self.out.roles.reserve_exact(self.out.statements.len());
        let network = Arc::make_mut(&mut self.out.network);
        network.units.reserve_exact(self.out.statements.len());
        let mut right: Vec<AssumptionId> = Vec::with_capacity(self.out.statements.len());
        let mut sound: Vec<AssumptionId> = Vec::with_capacity(self.out.statements.len());
        for number in 0..self.out.statements.len() {
            let source = self.out.statement(number).source;
            let r = self.reliability(source);
            let rho = self.dossier.options.carry_over;
            sound.push(self.assume(About::Sound(source), r.power(rho)));
            right.push(self.assume(About::Right(number), r.power(rho.complement())));
        }
        let separate = self.separations();
        let mut suggestions: Vec<(usize, Set, usize, Guards)> = Vec::new();
        for number in 0..self.out.statements.len() {
            let statement = self.out.statement(number).clone();
            let mut unit_guards: Option<Guards> = None;
            for &place in &statement.claims {
                let Some(claim) = self.dossier.resolved.claims.get(place) else {
                    continue;
                };
                let base = self.base(number, place, claim);
                let guards: Guards = statement
                    .finest
                    .iter()
                    .map(|finest| {
                        let apart = separate.get(*finest);
                        let many = base.len() + 2 + apart.map_or(0, BTreeSet::len);
                        let mut guard = Vec::with_capacity(many);
                        guard.extend_from_slice(&base);
                        guard.extend(sound.get(number));
                        guard.extend(right.get(*finest));
                        guard.extend(apart.into_iter().flatten());
                        guard.sort_unstable();
                        guard.dedup();
                        guard
                    })
                    .collect();
                unit_guards = Some(match unit_guards {
                    None => Arc::clone(&guards),
                    Some(before) => before.iter().chain(guards.iter()).cloned().collect(),
                });
                let (_, suggested) = sets(&claim.reading, claim.from_below);
                if let Some(set) = &suggested {
                    suggestions.push((number, set.clone(), place, Arc::clone(&guards)));
                }
                if let Some(slot) = self.out.places.get_mut(place) {
                    *slot = Some(Place {
                        variable: statement.variable,
                        statement: number,
                        guards,
                        suggested: None,
                    });
                }
            }
            let unit = Unit {
                restrictions: vec![Restriction::Within(
                    statement.variable,
                    statement.set.clone(),
                )],
                guards: unit_guards.unwrap_or_default(),
                stands_on: None,
            };
            let id = self.add_unit(unit, Role::Statement(number));
            if let Some(s) = self.out.statements.get_mut(number) {
                s.unit = id;
            }
        }
        self.add_suggestions(suggestions);
    }

    /// One unit for each statement and suggested set, active where a claim that suggests it is, and it is meant so.
    fn add_suggestions(&mut self, suggestions: Vec<(usize, Set, usize, Guards)>) {
        let mut units: HashMap<(usize, Set), UnitId> = HashMap::new();
        let mut guards_of: BTreeMap<UnitId, Vec<Guard>> = BTreeMap::new();
        let holds = self.dossier.options.suggestion_holds;
        for (number, set, place, guards) in suggestions {
            let (variable, base) = {
                let s = self.out.statement(number);
                (s.variable, s.unit)
            };
            let about = About::Suggests {
                statement: number,
                set: set.clone(),
            };
            let meant = self.assume(about, holds);
            let id = *units.entry((number, set.clone())).or_insert_with(|| {
                let unit = Unit {
                    restrictions: vec![Restriction::Within(variable, set.clone())],
                    guards: Guards::default(),
                    stands_on: Some(base),
                };
                let id = self.add_unit(unit, Role::Suggestion(number));
                self.out.suggested_by.insert(id, place);
                id
            });
            let meant_too = guards.iter().map(|g| {
                let mut g = g.clone();
                g.push(meant);
                g.sort_unstable();
                g
            });
            guards_of.entry(id).or_default().extend(meant_too);
            if let Some(Some(p)) = self.out.places.get_mut(place) {
                p.suggested = Some(Box::new((set, id)));
            }
        }
        let network = Arc::make_mut(&mut self.out.network);
        for (id, guards) in guards_of {
            if let Some(unit) = network.units.get_mut(id.index()) {
                unit.guards = guards.into();
            }
        }
    }

    pub(super) fn reliability(&self, source: usize) -> Probability {
        let tables = &self.dossier.options.tables;
        self.dossier
            .sources
            .get(source)
            .map_or(Probability::ZERO, |s| s.reliability.probability(tables))
    }

    /// What a claim assumes beyond its source and its statement: faithful outlets, its credibility, what it declares.
    fn base(&mut self, statement: usize, place: usize, claim: &ResolvedClaim) -> Guard {
        let tables = self.dossier.options.tables;
        let mut guard = self.declared(&claim.assuming);
        for &outlet in &claim.via {
            let fidelity = self
                .dossier
                .sources
                .get(outlet)
                .map_or(Probability::ZERO, |s| s.fidelity_under(&tables));
            guard.push(self.assume(About::Relays { outlet, statement }, fidelity));
        }
        let credibility = self
            .dossier
            .claims
            .get(place)
            .and_then(|c| c.more.credibility);
        if let Some(probability) = credibility.and_then(|c| c.probability(&tables)) {
            guard.push(self.assume(
                About::Credible {
                    statement,
                    probability,
                },
                probability,
            ));
        }
        guard
    }
}

/// For each statement of one source on one variable, the finest ones within it. O(n log n + output) for stretches; O(n²) if some
/// set is not one.
fn finest_within(group: &[usize], statements: &[Statement]) -> Vec<(usize, Vec<usize>)> {
    if let [one] = group {
        return vec![(*one, vec![*one])];
    }
    let stretch = |n: usize| statements.get(n).and_then(|s| s.set.as_interval());
    let stretches: Option<Vec<(usize, Interval)>> =
        group.iter().map(|n| Some((*n, stretch(*n)?))).collect();
    if let Some(stretches) = stretches {
        return finest_stretches(stretches);
    }
    let set = |n: usize| statements.get(n).map(|s| &s.set);
    let holds = |wide: usize, narrow: usize| match (set(wide), set(narrow)) {
        (Some(w), Some(n)) => n.is_subset(w),
        _ => false,
    };
    let finest: Vec<usize> = group
        .iter()
        .copied()
        .filter(|a| !group.iter().any(|b| a != b && holds(*a, *b)))
        .collect();
    group
        .iter()
        .map(|a| {
            (
                *a,
                finest.iter().copied().filter(|f| holds(*a, *f)).collect(),
            )
        })
        .collect()
}

/// The same for stretches: one holds another unless it ends earlier or begins later; the finest, in order, begin and end ever later.
fn finest_stretches(mut all: Vec<(usize, Interval)>) -> Vec<(usize, Vec<usize>)> {
    all.sort_by_key(|(n, s)| (s.high_key(), std::cmp::Reverse(s.low_key()), *n));
    let mut finest: Vec<(usize, Interval)> = Vec::new();
    for (n, s) in &all {
        if finest.last().is_none_or(|(_, f)| f.low_key() < s.low_key()) {
            finest.push((*n, *s));
        }
    }
    all.iter()
        .map(|(n, s)| {
            let from = finest.partition_point(|(_, f)| f.low_key() < s.low_key());
            let within = finest
                .iter()
                .skip(from)
                .take_while(|(_, f)| f.high_key() <= s.high_key());
            (*n, within.map(|(f, _)| *f).collect())
        })
        .collect()
}
