//! A dossier's network, solved when asked: what all findings are read from.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::answers::Answers;
use super::derivation::{Addend, At, Combination, Ground, Step};
use crate::claims::dossier::Dossier;
use crate::claims::id::{ClaimId, LinkId, QuestionId};
use crate::claims::link::Link;
use crate::claims::value::Labels;
use crate::compile::{Always, Compiled, Role, compile};
use crate::network::cluster::{Cluster, clusters};
use crate::network::rough::Sampling;
use crate::network::weigh::{Depth, Effort, Weighing};
use crate::network::{Pass, UnitId, derive};
use crate::sets::day;
use crate::sets::linear::{Relation, Row, VariableId};
use crate::sets::set::Set;

/// A compiled dossier with both passes over it.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) dossier: Arc<Dossier>,
    pub(crate) compiled: Compiled,
    pub(crate) entailed: Arc<[Cluster]>,
    pub(crate) suggested: Arc<[Cluster]>,
    pub(crate) headline: Weighing,
    /// The second pass; `None` if nothing suggests anything.
    second: Option<Weighing>,
    /// By variable: its cluster in the first and in the second pass, with its place there.
    homes: Vec<[(u32, u32); 2]>,
}

/// A dossier's engine, made when first asked for: updated findings may never need it.
#[derive(Debug)]
pub(crate) struct Late {
    pub(crate) dossier: Arc<Dossier>,
    made: OnceLock<Engine>,
}

impl Late {
    pub(super) fn new(dossier: Arc<Dossier>) -> Self {
        Self {
            dossier,
            made: OnceLock::new(),
        }
    }
}

impl From<Engine> for Late {
    fn from(engine: Engine) -> Self {
        Self {
            dossier: Arc::clone(&engine.dossier),
            made: engine.into(),
        }
    }
}

impl Deref for Late {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        self.made
            .get_or_init(|| Engine::new(Arc::clone(&self.dossier)))
    }
}

impl Engine {
    pub(crate) fn new(dossier: Arc<Dossier>) -> Self {
        let compiled = compile(&dossier);
        let network = Arc::clone(&compiled.network);
        let effort = Effort {
            budget: usize::try_from(dossier.options.budget).unwrap_or(usize::MAX),
            depth: Depth::Views,
            sampling: Sampling {
                seed: dossier.options.seed,
                samples: dossier.options.samples,
                splits: Sampling::SPLITS,
                among: 1,
            },
        };
        let entailed: Arc<[Cluster]> = clusters(&network, Pass::Entailed).into();
        let suggests = network
            .live_units(Pass::Suggested)
            .any(|u| network.unit(u).stands_on.is_some());
        let suggested: Arc<[Cluster]> = if suggests {
            clusters(&network, Pass::Suggested).into()
        } else {
            Arc::clone(&entailed)
        };
        let mut homes = vec![[(0, 0); 2]; network.domains.len()];
        for (pass, list) in [&entailed, &suggested].into_iter().enumerate() {
            for (c, cluster) in (0_u32..).zip(list.iter()) {
                for (i, v) in (0_u32..).zip(&cluster.variables) {
                    if let Some(slot) = homes.get_mut(v.index()).and_then(|h| h.get_mut(pass)) {
                        *slot = (c, i);
                    }
                }
            }
        }
        Self {
            headline: Weighing::new(Arc::clone(&network), Arc::clone(&entailed), effort),
            second: suggests.then(|| Weighing::new(network, Arc::clone(&suggested), effort)),
            dossier,
            compiled,
            entailed,
            suggested,
            homes,
        }
    }

    /// The second pass, which is the first one where nothing is suggested.
    pub(crate) fn second(&self) -> &Weighing {
        self.second.as_ref().unwrap_or(&self.headline)
    }

    /// Lets go of what a variable's clusters were solved to, where that is cheap to find again.
    pub(super) fn let_go(&mut self, v: VariableId) {
        self.headline.let_go(v);
        if let Some(second) = &mut self.second {
            second.let_go(v);
        }
    }

    /// The cluster of a variable in the first pass, and its place there.
    pub(crate) fn home(&self, v: VariableId) -> Option<(&Cluster, usize)> {
        let [(c, i), _] = *self.homes.get(v.index())?;
        Some((self.entailed.get(c as usize)?, i as usize))
    }

    /// The place of a variable's cluster in the first pass.
    pub(crate) fn cluster_place(&self, v: VariableId) -> Option<usize> {
        let [(c, _), _] = *self.homes.get(v.index())?;
        Some(c as usize)
    }

    pub(crate) fn claim_id(&self, place: usize) -> ClaimId {
        self.dossier
            .claims
            .get(place)
            .map_or_else(|| "".into(), |c| c.id.clone())
    }

    pub(crate) fn link_id(&self, place: usize) -> LinkId {
        self.dossier
            .links
            .get(place)
            .map_or_else(|| "".into(), Link::shared_name)
    }

    pub(crate) fn question_id(&self, place: usize) -> QuestionId {
        self.dossier
            .questions
            .get(place)
            .map_or_else(|| "".into(), |q| q.id.clone())
    }

    /// The claim that names a statement: its first.
    pub(crate) fn statement_claim(&self, statement: usize) -> ClaimId {
        let first = self.compiled.statement(statement).claims.first().copied();
        self.claim_id(first.unwrap_or(usize::MAX))
    }

    /// The claim that names a suggestion: the first of its statement that suggests it.
    pub(crate) fn suggestion_claim(&self, unit: UnitId) -> ClaimId {
        let first = self.compiled.suggested_by.get(&unit).copied();
        self.claim_id(first.unwrap_or(usize::MAX))
    }

    /// A variable by its question and time.
    pub(crate) fn at(&self, v: VariableId) -> At {
        let variable = self.compiled.variable(v);
        At {
            question: self.question_id(variable.question),
            as_of: variable.at.map(day::print_instant),
        }
    }

    /// A set as answers to the variable's question.
    pub(crate) fn answers(&self, v: VariableId, set: &Set) -> Answers {
        let question = self.compiled.variable(v).question;
        let kind = self
            .dossier
            .questions
            .get(question)
            .map(|q| q.kind)
            .unwrap_or_default();
        let none = Labels::default();
        let labels = self
            .dossier
            .resolved
            .labels
            .get(question)
            .map_or(&none, |l| &**l);
        Answers::new(set, kind, labels)
    }

    /// A derivation in a reader's terms.
    pub(crate) fn tell(&self, steps: Vec<derive::Step>) -> Vec<Step> {
        steps.into_iter().map(|s| self.tell_step(s)).collect()
    }

    fn tell_step(&self, step: derive::Step) -> Step {
        match step {
            derive::Step::Narrow {
                by,
                variable,
                set,
                because,
            } => Step::Narrow {
                ground: self.ground(by),
                variable: self.at(variable),
                bound: self.answers(variable, &set),
                set,
                because,
            },
            derive::Step::Sum { of, divisor, row } => Step::Sum {
                of: of
                    .into_iter()
                    .map(|(addend, times)| {
                        let addend = match addend {
                            derive::Addend::Row(by) => Addend::Row {
                                ground: self.ground(by),
                            },
                            derive::Addend::Lower(line) => Addend::Lower { line },
                            derive::Addend::Upper(line) => Addend::Upper { line },
                        };
                        (addend, times)
                    })
                    .collect(),
                divisor,
                gives: self.combination(&row),
            },
            derive::Step::Cases(v, cases) => Step::Cases {
                variable: self.at(v),
                cases: cases.into_iter().map(|c| self.tell(c)).collect(),
            },
        }
    }

    fn combination(&self, row: &Row) -> Combination {
        Combination {
            terms: row.terms.iter().map(|(v, k)| (*k, self.at(*v))).collect(),
            equal: row.relation == Relation::Equal,
            right: row.right,
        }
    }

    fn ground(&self, by: derive::Origin) -> Ground {
        match by {
            derive::Origin::Domain => Ground::Domain {},
            derive::Origin::Case => Ground::Case {},
            derive::Origin::Sum(line) => Ground::Sum { line },
            derive::Origin::Hard(i) => match self.compiled.always.get(i) {
                Some(Always::Link(link, at)) => Ground::Link {
                    id: self.link_id(*link),
                    as_of: at.map(day::print_instant),
                },
                Some(Always::Growth(earlier, later)) => Ground::Growth {
                    earlier: self.at(*earlier),
                    later: self.at(*later),
                },
                None => Ground::Domain {},
            },
            derive::Origin::Unit(unit, i) => match self.compiled.role(unit) {
                Role::Statement(s) => Ground::Claim {
                    id: self.statement_claim(s),
                },
                Role::Suggestion(_) => Ground::Suggested {
                    id: self.suggestion_claim(unit),
                },
                Role::Link(link) => Ground::Link {
                    id: self.link_id(link),
                    as_of: self
                        .compiled
                        .link_times
                        .get(link)
                        .and_then(|t| t.get(i).copied().flatten())
                        .map(day::print_instant),
                },
            },
        }
    }
}
