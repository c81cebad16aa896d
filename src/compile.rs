//! From a dossier to its network: what each claim restricts, and under which assumptions.
//!
//! The only place that knows both. [`Compiled`] keeps the way back, so that findings can point at claims.

mod assumptions;
mod origins;
mod statements;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::claims::dossier::{Dossier, ResolvedLink, Status};
use crate::claims::question::OverTime;
use crate::claims::value::domain;
use crate::network::{AssumptionId, Guard, Guards, Network, Restriction, Unit, UnitId};
use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row, VariableId};
use crate::sets::probability::Probability;
use crate::sets::set::Set;

pub(crate) use assumptions::Assumptions;
pub(crate) use statements::{Statement, sets};

/// What an assumption is about. Places are those of the dossier's lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum About {
    /// The source is sound.
    Sound(usize),
    /// The statement, by its place, is right.
    Right(usize),
    /// The outlet passed the statement on as it was made.
    Relays { outlet: usize, statement: usize },
    /// The statement is as credible as a claim of it says.
    Credible {
        statement: usize,
        probability: Probability,
    },
    /// A declared assumption.
    Declared(usize),
    /// Agreement on a set of a variable is no mere repetition.
    Separate { variable: VariableId, set: Set },
    /// The sources of a declared group found out for themselves.
    SeparateGroup(usize),
    /// A statement is meant as it is usually taken.
    Suggests { statement: usize, set: Set },
}

/// A question, at a time if it changes over time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Variable {
    pub(crate) question: usize,
    pub(crate) at: Option<DateTime<Utc>>,
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The statement at this place.
    Statement(usize),
    /// What the statement at this place suggests.
    Suggestion(usize),
    /// The link at this place.
    Link(usize),
}

/// Why a restriction is hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Always {
    /// The link at this place, at that time.
    Link(usize, Option<DateTime<Utc>>),
    /// The count at the first variable does not shrink towards the second.
    Growth(VariableId, VariableId),
}

/// A claim in the network.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) variable: VariableId,
    pub(crate) statement: usize,
    pub(crate) guards: Guards,
    /// What it suggests, with the unit for it.
    pub(crate) suggested: Option<Box<(Set, UnitId)>>,
}

/// A dossier's network and the way back.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    /// Shared with those who weigh it.
    pub(crate) network: Arc<Network>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) statements: Vec<Statement>,
    /// By unit.
    pub(crate) roles: Vec<Role>,
    /// By hard restriction.
    pub(crate) always: Vec<Always>,
    /// By claim; `None` for those that restrict nothing.
    pub(crate) places: Vec<Option<Place>>,
    /// By link: its unit, if it is soft and says something.
    pub(crate) links: Vec<Option<UnitId>>,
    /// By link: the time of each of its restrictions.
    pub(crate) link_times: Vec<Vec<Option<DateTime<Utc>>>>,
    pub(crate) assumptions: Assumptions,
    /// By unit of a suggestion: the first claim that suggests it.
    pub(crate) suggested_by: BTreeMap<UnitId, usize>,
}

/// Compiles a dossier.
///
/// # Complexity
///
/// O(n log n), with n the claims; quadratic only in the statements of one source on one variable that are not stretches, and in
/// the statements of one declared group on one variable.
pub(crate) fn compile(dossier: &Dossier) -> Compiled {
    Compiler::new(dossier).run()
}

struct Compiler<'a> {
    dossier: &'a Dossier,
    out: Compiled,
    variable_at: BTreeMap<(usize, Option<DateTime<Utc>>), VariableId>,
}

impl<'a> Compiler<'a> {
    fn new(dossier: &'a Dossier) -> Self {
        let mut variable_at = BTreeMap::new();
        for (q, question) in dossier.questions.iter().enumerate() {
            if question.over_time == OverTime::Fixed {
                variable_at.insert((q, None), VariableId(0));
            }
        }
        for claim in standing(dossier).map(|(_, c)| c) {
            variable_at.insert((claim.question, claim.at), VariableId(0));
        }
        let mut variables = Vec::with_capacity(variable_at.len());
        let mut network = Network::default();
        for ((&(question, at), id), number) in variable_at.iter_mut().zip(0_u32..) {
            *id = VariableId(number);
            variables.push(Variable { question, at });
            let kind = dossier
                .questions
                .get(question)
                .map(|q| q.kind)
                .unwrap_or_default();
            let labels = dossier
                .resolved
                .labels
                .get(question)
                .cloned()
                .unwrap_or_default();
            network.domains.push(domain(kind, &labels));
        }
        Self {
            dossier,
            variable_at,
            out: Compiled {
                network: Arc::new(network),
                variables,
                statements: Vec::new(),
                roles: Vec::new(),
                always: Vec::new(),
                places: vec![None; dossier.claims.len()],
                links: vec![None; dossier.links.len()],
                link_times: Vec::with_capacity(dossier.links.len()),
                assumptions: Assumptions::default(),
                suggested_by: BTreeMap::new(),
            },
        }
    }

    fn run(mut self) -> Compiled {
        self.collect_statements();
        self.guard_statements();
        self.add_links();
        self.add_growth();
        self.out
    }

    /// The assumption about this, made with `probability` if it is new.
    fn assume(&mut self, about: About, probability: Probability) -> AssumptionId {
        let network = Arc::make_mut(&mut self.out.network);
        self.out.assumptions.entry(about, || {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a dossier has fewer than 2^32 assumptions"
            )]
            let id = AssumptionId(network.probabilities.len() as u32);
            network.probabilities.push(probability);
            id
        })
    }

    fn declared(&mut self, places: &[usize]) -> Guard {
        places
            .iter()
            .map(|a| {
                let p = self
                    .dossier
                    .assumptions
                    .get(*a)
                    .map_or(Probability::ONE, |a| a.probability);
                self.assume(About::Declared(*a), p)
            })
            .collect()
    }

    fn add_unit(&mut self, unit: Unit, role: Role) -> UnitId {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a dossier has fewer than 2^32 units"
        )]
        let id = UnitId(self.out.network.units.len() as u32);
        Arc::make_mut(&mut self.out.network).units.push(unit);
        self.out.roles.push(role);
        id
    }

    fn add_links(&mut self) {
        for (place, link) in self.dossier.resolved.links.iter().enumerate() {
            let (times, restrictions): (Vec<_>, Vec<_>) = self.rows(link).into_iter().unzip();
            self.out.link_times.push(times.clone());
            if link.assuming.is_empty() {
                for (at, r) in times.into_iter().zip(restrictions) {
                    Arc::make_mut(&mut self.out.network).hard.push(r);
                    self.out.always.push(Always::Link(place, at));
                }
            } else if !restrictions.is_empty() {
                let mut guard = self.declared(&link.assuming);
                guard.sort_unstable();
                let unit = Unit {
                    restrictions,
                    guards: vec![guard].into(),
                    stands_on: None,
                };
                let id = self.add_unit(unit, Role::Link(place));
                if let Some(slot) = self.out.links.get_mut(place) {
                    *slot = Some(id);
                }
            }
        }
    }

    /// A link as restrictions, one for each time at which all its questions over time have a variable.
    fn rows(&self, link: &ResolvedLink) -> Vec<(Option<DateTime<Utc>>, Restriction)> {
        let mut out = Vec::new();
        for at in self.times(&link.names) {
            let variable = |q: usize| {
                let fixed = self.variable_at.get(&(q, None));
                fixed.or_else(|| self.variable_at.get(&(q, at))).copied()
            };
            if link.terms.is_empty() {
                // All questions cancel out: a plain truth, or a falsehood about the first of them.
                let holds = if link.equal {
                    link.right == 0
                } else {
                    link.right >= 0
                };
                let first = link.names.first().and_then(|q| variable(*q));
                if let (false, Some(v)) = (holds, first) {
                    out.push((at, Restriction::Within(v, Set::EMPTY)));
                }
                continue;
            }
            // A row with one variable is a set.
            if let ([(q, k)], relation) = (link.terms.as_slice(), link.equal) {
                if let Some(v) = variable(*q) {
                    let product = if relation {
                        Interval::exactly(link.right)
                    } else {
                        Interval::at_most(link.right)
                    };
                    out.push((at, Restriction::Within(v, product.divided(*k).into())));
                }
                continue;
            }
            let terms: Option<Vec<_>> = link
                .terms
                .iter()
                .map(|(q, k)| Some((variable(*q)?, *k)))
                .collect();
            if let Some(mut terms) = terms {
                terms.sort_unstable();
                let row = Row {
                    terms,
                    relation: if link.equal {
                        Relation::Equal
                    } else {
                        Relation::AtMost
                    },
                    right: link.right,
                };
                out.push((at, Restriction::Holds(row)));
            }
        }
        out
    }
}

/// The claims that restrict something, with their places.
fn standing(
    dossier: &Dossier,
) -> impl Iterator<Item = (usize, &crate::claims::dossier::ResolvedClaim)> {
    dossier
        .resolved
        .claims
        .iter()
        .enumerate()
        .filter(|(_, c)| c.status == Status::Standing)
}

impl Compiled {
    /// The role of a unit.
    pub(crate) fn role(&self, unit: UnitId) -> Role {
        #[expect(clippy::indexing_slicing, reason = "every unit is made with its role")]
        self.roles[unit.index()]
    }

    /// The statement at a place.
    pub(crate) fn statement(&self, place: usize) -> &Statement {
        #[expect(
            clippy::indexing_slicing,
            reason = "places of statements come from this list"
        )]
        &self.statements[place]
    }

    /// The variable of that number.
    pub(crate) fn variable(&self, id: VariableId) -> &Variable {
        #[expect(
            clippy::indexing_slicing,
            reason = "variable numbers come from this list"
        )]
        &self.variables[id.index()]
    }
}
