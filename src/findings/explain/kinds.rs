//! What may have happened in a dispute: every rewrite that its figures, dates and links allow.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Cause, Given};
use super::figures::Figures;
use super::groups::{Dispute, Unit, said, suggesting};
use super::part::Edit;
use super::values::{Known, Values};
use crate::claims::dossier::{ResolvedClaim, Status};
use crate::claims::id::{AssumptionId, ClaimId, SourceId};
use crate::claims::question::{Kind, OverTime};
use crate::compile::About;

/// How an explanation is scored.
#[derive(Debug, Clone)]
pub(super) enum Score {
    /// By replaying a rewrite; with the surprise of its match.
    Rewrite { edit: Edit, surprise: Option<f64> },
    /// By the chance that a declared assumption fails.
    Fails(About),
    /// By the chance that an outlet misquoted the statement of this claim.
    Misquoted { outlet: usize, claim: usize },
    /// By the chance that the statement of this claim, one that suggests something, is not meant so.
    Misread { claim: usize },
    /// By the chance that the statement of this claim is wrong.
    Wrong { claim: usize },
}

/// Something that may have happened.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) cause: Cause,
    /// What tells it from others of its kind.
    pub(super) subject: String,
    /// The claims rewritten, ascending.
    pub(super) claims: Vec<ClaimId>,
    pub(super) score: Score,
    /// The conflicts it dissolves, where that is known without a replay, by place.
    pub(super) dissolves: Option<Vec<usize>>,
}

/// Everything that may have happened in a dispute.
pub(super) fn candidates(
    dispute: &Dispute<'_>,
    values: &Values<'_>,
    figures: &mut Figures,
) -> Vec<Candidate> {
    let mut all = Proposals {
        dispute,
        out: Vec::new(),
    };
    all.scopes();
    all.dates();
    all.revisions();
    all.swaps(values);
    all.assumptions();
    all.quotations();
    all.readings();
    all.errors();
    for group in &dispute.groups {
        let others = dispute.others(values, group);
        if !others.is_empty() {
            all.slips(group, &others);
            all.counts(group, &others, figures);
        }
    }
    all.out
}

pub(super) struct Proposals<'a> {
    pub(super) dispute: &'a Dispute<'a>,
    pub(super) out: Vec<Candidate>,
}

/// An id as part of a longer one.
pub(super) fn escaped(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for c in id.chars() {
        match c {
            '%' => out.push_str("%25"),
            '+' => out.push_str("%2B"),
            ':' => out.push_str("%3A"),
            '=' => out.push_str("%3D"),
            '@' => out.push_str("%40"),
            c => out.push(c),
        }
    }
    out
}

impl<'a> Proposals<'a> {
    pub(super) fn ids(&self, claims: &[usize]) -> Vec<ClaimId> {
        claims
            .iter()
            .map(|c| self.dispute.engine.claim_id(*c))
            .collect()
    }

    pub(super) fn source_id(&self, place: usize) -> SourceId {
        let source = self.dispute.engine.dossier.sources.get(place);
        source.map_or_else(|| "".into(), |s| s.id.clone())
    }

    fn resolved(&self, claim: usize) -> Option<&'a ResolvedClaim> {
        self.dispute.engine.dossier.resolved.claims.get(claim)
    }

    /// The first of some claims, as part of an id.
    pub(super) fn name(&self, claims: &[usize]) -> String {
        let first = claims.first().copied().unwrap_or(usize::MAX);
        escaped(self.dispute.engine.claim_id(first).as_str())
    }

    pub(super) fn given(&self, known: &Known) -> Given {
        let claims: Vec<usize> = known.claims.iter().copied().collect();
        Given {
            value: known.value,
            claims: self.ids(&claims),
            links: known
                .links
                .iter()
                .map(|l| self.dispute.engine.link_id(*l))
                .collect(),
            is_bound: known.is_bound,
        }
    }

    /// The conflicts that have a unit of which this is true.
    fn with(&self, test: impl Fn(&Unit) -> bool) -> Vec<usize> {
        let hit = |(i, clash): (usize, &super::groups::Clash<'_>)| {
            clash.units.iter().any(&test).then_some(i)
        };
        self.dispute
            .clashes
            .iter()
            .enumerate()
            .filter_map(hit)
            .collect()
    }

    fn scopes(&mut self) {
        for group in &self.dispute.groups {
            self.out.push(Candidate {
                cause: Cause::Scope {
                    question: self.dispute.engine.question_id(group.question),
                },
                subject: self.name(&group.claims),
                claims: self.ids(&group.claims),
                score: Score::Rewrite {
                    edit: Edit::Move(group.claims.clone()),
                    surprise: None,
                },
                dissolves: Some(
                    self.with(|u| said(u).is_some_and(|s| group.statements.contains(&s))),
                ),
            });
        }
    }

    /// Different days: a fixed question that grows, or a claim on a growing one that is older than it says.
    fn dates(&mut self) {
        let engine = self.dispute.engine;
        let mut by_question: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for group in &self.dispute.groups {
            let Some(question) = engine.dossier.questions.get(group.question) else {
                continue;
            };
            let dated = |c: &usize| self.resolved(*c).is_some_and(|c| c.as_of.is_some());
            match (question.kind, question.over_time) {
                (Kind::Count, OverTime::Fixed) => by_question
                    .entry(group.question)
                    .or_default()
                    .extend(group.claims.iter().copied().filter(dated)),
                (_, OverTime::Cumulative) if group.claims.iter().any(dated) => {
                    let claims: Vec<usize> = group.claims.iter().copied().filter(dated).collect();
                    self.out.push(Candidate {
                        cause: Cause::AsOf {
                            question: question.id.clone(),
                            stale: true,
                        },
                        subject: self.name(&claims),
                        claims: self.ids(&claims),
                        score: Score::Rewrite {
                            edit: Edit::Undate(claims),
                            surprise: None,
                        },
                        dissolves: None,
                    });
                }
                _ => {}
            }
        }
        for (question, mut claims) in by_question {
            claims.sort_unstable();
            let at = |c: usize| {
                let place = engine.compiled.places.get(c)?.as_ref()?;
                let set = &engine.compiled.statement(place.statement).set;
                Some((self.resolved(c)?.as_of?, set.lower(), set.upper()))
            };
            let all: Vec<_> = claims.iter().filter_map(|c| at(*c)).collect();
            let grows = all.iter().any(|(early, _, upper)| {
                all.iter()
                    .any(|(late, lower, _)| early < late && upper.is_some() && upper < lower)
            });
            if !grows {
                continue;
            }
            let id = engine.question_id(question);
            self.out.push(Candidate {
                subject: format!("question={}", escaped(id.as_str())),
                cause: Cause::AsOf {
                    question: id,
                    stale: false,
                },
                claims: self.ids(&claims),
                score: Score::Rewrite {
                    edit: Edit::Grow(question),
                    surprise: None,
                },
                dissolves: None,
            });
        }
    }

    fn revisions(&mut self) {
        for group in &self.dispute.groups {
            let mut by_source: BTreeMap<usize, (Vec<usize>, BTreeSet<usize>)> = BTreeMap::new();
            for &claim in &group.claims {
                let Some(old) = self.resolved(claim) else {
                    continue;
                };
                if old.stated.is_none() {
                    continue;
                }
                for &place in self.dispute.index.claims(old.question) {
                    let Some(new) = self.resolved(place) else {
                        continue;
                    };
                    let replaces = new.status == Status::Standing
                        && new.source == old.source
                        && new.question == old.question
                        && new.via == old.via
                        && new.stated > old.stated
                        && new.reading.entailed() != old.reading.entailed();
                    if replaces {
                        let entry = by_source.entry(old.source).or_default();
                        entry.0.push(claim);
                        entry.1.insert(place);
                    }
                }
            }
            for (source, (mut claims, later)) in by_source {
                claims.dedup();
                let later: Vec<usize> = later.into_iter().collect();
                self.out.push(Candidate {
                    cause: Cause::Revision {
                        source: self.source_id(source),
                        later: self.ids(&later),
                    },
                    subject: self.name(&claims),
                    claims: self.ids(&claims),
                    score: Score::Rewrite {
                        edit: Edit::Supersede(claims),
                        surprise: None,
                    },
                    dissolves: None,
                });
            }
        }
    }

    fn assumptions(&mut self) {
        let engine = self.dispute.engine;
        let needed: BTreeSet<&AssumptionId> = self
            .dispute
            .clashes
            .iter()
            .flat_map(|c| &c.conflict.assumptions)
            .collect();
        for id in needed {
            let Ok(place) = engine
                .dossier
                .assumptions
                .binary_search_by(|a| a.id.cmp(id))
            else {
                continue;
            };
            let (dissolves, claims): (Vec<usize>, Vec<&Vec<ClaimId>>) = self
                .dispute
                .clashes
                .iter()
                .enumerate()
                .filter(|(_, c)| c.conflict.assumptions.contains(id))
                .map(|(i, c)| (i, &c.conflict.claims))
                .unzip();
            let mut claims: Vec<ClaimId> = claims.into_iter().flatten().cloned().collect();
            claims.sort_unstable();
            claims.dedup();
            self.out.push(Candidate {
                cause: Cause::Definition {
                    assumption: id.clone(),
                },
                subject: escaped(id.as_str()),
                claims,
                score: Score::Fails(About::Declared(place)),
                dissolves: Some(dissolves),
            });
        }
    }

    /// Outlets that every way to a statement leads through.
    fn quotations(&mut self) {
        let engine = self.dispute.engine;
        let network = &engine.compiled.network;
        for statement in self.dispute.statements() {
            let own = engine.compiled.statement(statement);
            let outlets: BTreeSet<usize> = own
                .claims
                .iter()
                .filter_map(|c| self.resolved(*c))
                .flat_map(|c| c.via.iter().copied())
                .collect();
            for outlet in outlets {
                let about = About::Relays { outlet, statement };
                let Some(&relays) = engine.compiled.assumptions.get(&about) else {
                    continue;
                };
                let needs = |u: &Unit| {
                    said(u) == Some(statement)
                        && self.dispute.unit(*u).is_some_and(|unit| {
                            network.live_guards(unit).all(|g| g.contains(&relays))
                        })
                };
                let dissolves = self.with(needs);
                if dissolves.is_empty() {
                    continue;
                }
                let through =
                    |c: &usize| self.resolved(*c).is_some_and(|c| c.via.contains(&outlet));
                let claims: Vec<usize> = own.claims.iter().copied().filter(through).collect();
                let outlet_id = self.source_id(outlet);
                self.out.push(Candidate {
                    subject: format!("{}={}", escaped(outlet_id.as_str()), self.name(&own.claims)),
                    cause: Cause::Misquote {
                        outlet: outlet_id,
                        source: self.source_id(own.source),
                    },
                    claims: self.ids(&claims),
                    score: Score::Misquoted {
                        outlet,
                        claim: own.claims.first().copied().unwrap_or(usize::MAX),
                    },
                    dissolves: Some(dissolves),
                });
            }
        }
    }

    fn readings(&mut self) {
        let engine = self.dispute.engine;
        let mut seen: BTreeSet<crate::network::UnitId> = BTreeSet::new();
        for unit in self.dispute.clashes.iter().flat_map(|c| &c.units) {
            let Unit::Meant { statement, unit } = *unit else {
                continue;
            };
            if !seen.insert(unit) {
                continue;
            }
            let claims = suggesting(engine, unit);
            let Some(first) = claims.first().copied() else {
                continue;
            };
            let place = engine.compiled.places.get(first).and_then(Option::as_ref);
            let Some((set, _)) = place.and_then(|p| p.suggested.as_deref()) else {
                continue;
            };
            let variable = engine.compiled.statement(statement).variable;
            self.out.push(Candidate {
                cause: Cause::Reading {
                    suggested: engine.answers(variable, set),
                },
                subject: self.name(&claims),
                claims: self.ids(&claims),
                score: Score::Misread { claim: first },
                dissolves: Some(
                    self.with(|u| matches!(u, Unit::Meant { unit: other, .. } if *other == unit)),
                ),
            });
        }
    }

    fn errors(&mut self) {
        for statement in self.dispute.statements() {
            let own = self.dispute.engine.compiled.statement(statement);
            self.out.push(Candidate {
                cause: Cause::Error {
                    source: self.source_id(own.source),
                },
                subject: self.name(&own.claims),
                claims: self.ids(&own.claims),
                score: Score::Wrong {
                    claim: own.claims.first().copied().unwrap_or(usize::MAX),
                },
                dissolves: Some(self.with(|u| said(u) == Some(statement))),
            });
        }
    }
}
