//! What may have happened in a dispute: every rewrite that its figures, dates and links allow.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Cause, Exchanged, FigureSum, Given, KnownFigure};
use super::digits::{length, misprints, of_same_length, roundings, slips, surprise};
use super::figures::Figures;
use super::groups::{Dispute, Group, Unit, said, suggesting};
use super::part::Edit;
use super::values::{Known, Values};
use crate::claims::dossier::{ResolvedClaim, Status};
use crate::claims::id::{AssumptionId, ClaimId, SourceId};
use crate::claims::question::{Kind, OverTime};
use crate::compile::About;
use crate::sets::linear::VariableId;

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

struct Proposals<'a> {
    dispute: &'a Dispute<'a>,
    out: Vec<Candidate>,
}

/// A statement of one value: its place, the value, its variable and question.
type Exact = (usize, u64, VariableId, usize);

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
    fn ids(&self, claims: &[usize]) -> Vec<ClaimId> {
        claims
            .iter()
            .map(|c| self.dispute.engine.claim_id(*c))
            .collect()
    }

    fn source_id(&self, place: usize) -> SourceId {
        let source = self.dispute.engine.dossier.sources.get(place);
        source.map_or_else(|| "".into(), |s| s.id.clone())
    }

    fn resolved(&self, claim: usize) -> Option<&'a ResolvedClaim> {
        self.dispute.engine.dossier.resolved.claims.get(claim)
    }

    /// The first of some claims, as part of an id.
    fn name(&self, claims: &[usize]) -> String {
        let first = claims.first().copied().unwrap_or(usize::MAX);
        escaped(self.dispute.engine.claim_id(first).as_str())
    }

    fn given(&self, known: &Known) -> Given {
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

    /// Rounding, magnitude, typo and one off: what makes the group's figure of another one.
    fn slips(&mut self, group: &Group, others: &[Known]) {
        let Some(figure) = group.figure else { return };
        let (least, most, _) = of_same_length(figure);
        let range = least..=most;
        let question = self.dispute.engine.question_id(group.question);
        let own: BTreeSet<usize> = group
            .statements
            .iter()
            .map(|s| self.dispute.engine.compiled.statement(*s).source)
            .collect();
        // By kind: whether it counts, and everything as long as the figure that it makes of others.
        let mut hits: [BTreeSet<u64>; 4] = Default::default();
        let mut found: Vec<(usize, &Known, Cause)> = Vec::new();
        for known in others {
            let base = known.value;
            let rounded = roundings(base);
            let slipped = slips(base);
            let is_witnessed = (known.is_derived && !known.is_bound)
                || known.sources.difference(&own).count() >= 2;
            let misprinted = if is_witnessed {
                misprints(base, length(figure))
            } else {
                BTreeSet::new()
            };
            let next = [base.checked_sub(1), base.checked_add(1)];
            let made: [Vec<u64>; 4] = [
                rounded.keys().copied().collect(),
                slipped.keys().copied().collect(),
                misprinted.iter().copied().collect(),
                next.into_iter().flatten().collect(),
            ];
            for (set, list) in hits.iter_mut().zip(&made) {
                set.extend(list.iter().filter(|x| range.contains(x)));
            }
            let becomes = || self.given(known);
            let question = || question.clone();
            if let Some(unit) = rounded.get(&figure) {
                let cause = Cause::Rounding {
                    question: question(),
                    figure,
                    becomes: becomes(),
                    unit: *unit,
                };
                found.push((0, known, cause));
            }
            if let Some(slip) = slipped.get(&figure) {
                let cause = Cause::Magnitude {
                    question: question(),
                    figure,
                    becomes: becomes(),
                    rounded: slip.rounded,
                    factor: slip.factor,
                    too_large: slip.too_large,
                };
                found.push((1, known, cause));
            }
            if misprinted.contains(&figure) {
                let cause = Cause::Typo {
                    question: question(),
                    figure,
                    becomes: becomes(),
                };
                found.push((2, known, cause));
            }
            if base.abs_diff(figure) == 1 {
                let cause = Cause::OneOff {
                    question: question(),
                    figure,
                    becomes: becomes(),
                };
                found.push((3, known, cause));
            }
        }
        for (kind, known, cause) in found {
            let count = hits.get(kind).map_or(0, BTreeSet::len);
            self.becomes(group, known, cause, surprise(count, figure));
        }
    }

    /// The group's figure becomes another one.
    fn becomes(&mut self, group: &Group, known: &Known, cause: Cause, surprise: f64) {
        self.out.push(Candidate {
            cause,
            subject: format!("{}={}", self.name(&group.claims), known.value),
            claims: self.ids(&group.claims),
            score: Score::Rewrite {
                edit: Edit::Become(vec![(group.claims.clone(), known.value)]),
                surprise: Some(surprise),
            },
            dissolves: None,
        });
    }

    fn counts(&mut self, group: &Group, others: &[Known], figures: &mut Figures) {
        let Some(figure) = group.figure else { return };
        let (least, most, _) = of_same_length(figure);
        let bases: Vec<u64> = others.iter().map(|k| k.value).collect();
        let mut chance: Option<f64> = None;
        for known in others {
            let gap = known.value.abs_diff(figure);
            let listed = figures.sums(group.question);
            if listed.is_some_and(|sums| sums.binary_search(&gap).is_err()) {
                continue;
            }
            let sums: Vec<FigureSum> = figures
                .making(group.question, gap)
                .into_iter()
                .map(|sum| FigureSum {
                    plus: figure > known.value,
                    figures: sum
                        .into_iter()
                        .map(|f| KnownFigure {
                            question: self.dispute.engine.question_id(f.question),
                            value: f.value,
                            claims: self.ids(&f.claims),
                        })
                        .collect(),
                })
                .collect();
            if sums.is_empty() {
                continue;
            }
            let earned = *chance.get_or_insert_with(|| {
                figures
                    .hits(group.question, &bases, (least, most))
                    .map_or(0.0, |hits| surprise(hits, figure))
            });
            let cause = Cause::CountedIn {
                question: self.dispute.engine.question_id(group.question),
                figure,
                becomes: self.given(known),
                sums,
            };
            self.becomes(group, known, cause, earned);
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
        let engine = self.dispute.engine;
        for group in &self.dispute.groups {
            let mut by_source: BTreeMap<usize, (Vec<usize>, BTreeSet<usize>)> = BTreeMap::new();
            for &claim in &group.claims {
                let Some(old) = self.resolved(claim) else {
                    continue;
                };
                for (place, new) in engine.dossier.resolved.claims.iter().enumerate() {
                    let replaces = new.status == Status::Standing
                        && new.source == old.source
                        && new.question == old.question
                        && new.via == old.via
                        && old.stated.is_some()
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

    /// Two figures of one source, each of which others give for the other's question.
    fn swaps(&mut self, values: &Values<'_>) {
        let compiled = &self.dispute.engine.compiled;
        let exact = |s: usize| {
            let statement = compiled.statement(s);
            let question = compiled.variable(statement.variable).question;
            let kind = self.dispute.engine.dossier.questions.get(question)?.kind;
            let figure = u64::try_from(statement.set.single()?).ok()?;
            (kind == Kind::Count).then_some((figure, statement.variable, question))
        };
        let mut done: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut by_source: BTreeMap<usize, (Vec<Exact>, Vec<Vec<u64>>)> = BTreeMap::new();
        let mut out = Vec::new();
        for a in self.dispute.statements() {
            let source = compiled.statement(a).source;
            let Some((figure_a, variable_a, question_a)) = exact(a) else {
                continue;
            };
            let (own, given) = by_source.entry(source).or_insert_with(|| {
                let own: Vec<_> = (0..compiled.statements.len())
                    .filter(|s| compiled.statement(*s).source == source)
                    .filter_map(|s| exact(s).map(|(f, v, q)| (s, f, v, q)))
                    .collect();
                // What others say of each question the source answers.
                let given: Vec<Vec<u64>> = own
                    .iter()
                    .map(|(s, _, v, _)| values.of(*v, &[*s]).iter().map(|k| k.value).collect())
                    .collect();
                (own, given)
            });
            let (own, given) = (&*own, &*given);
            let hits = |figure: u64, question: usize| {
                let (least, most, _) = of_same_length(figure);
                let offered: BTreeSet<u64> = own
                    .iter()
                    .zip(given)
                    .filter(|((.., q), _)| *q != question)
                    .flat_map(|(_, values)| values.iter().copied())
                    .filter(|x| (least..=most).contains(x))
                    .collect();
                offered.len()
            };
            let of_a = own.iter().position(|(s, ..)| *s == a);
            let others_on_a = of_a.and_then(|i| given.get(i));
            for ((b, figure_b, variable_b, question_b), others_on_b) in own.iter().zip(given) {
                if *question_b == question_a
                    || *figure_b == figure_a
                    || !others_on_b.contains(&figure_a)
                    || !others_on_a.is_some_and(|o| o.contains(figure_b))
                    || !done.insert((a.min(*b), a.max(*b)))
                {
                    continue;
                }
                let pair = [a, *b];
                let find = |v, value| {
                    let list = values.of(v, &pair);
                    list.into_iter().find(|k: &Known| k.value == value)
                };
                let (Some(on_a), Some(on_b)) =
                    (find(variable_a, *figure_b), find(*variable_b, figure_a))
                else {
                    continue;
                };
                let side = |s: usize, question: usize, figure: u64, known: &Known| {
                    let claims = compiled.statement(s).claims.clone();
                    let exchanged = Exchanged {
                        question: self.dispute.engine.question_id(question),
                        figure,
                        becomes: self.given(known),
                    };
                    (claims, exchanged)
                };
                let mut sides = [
                    side(a, question_a, figure_a, &on_a),
                    side(*b, *question_b, *figure_b, &on_b),
                ];
                sides.sort_by(|x, y| x.0.cmp(&y.0));
                let [(claims_1, first), (claims_2, second)] = sides;
                let mut claims = [claims_1.clone(), claims_2.clone()].concat();
                claims.sort_unstable();
                out.push(Candidate {
                    subject: format!("{}+{}", self.name(&claims_1), self.name(&claims_2)),
                    score: Score::Rewrite {
                        edit: Edit::Become(vec![
                            (claims_1, first.becomes.value),
                            (claims_2, second.becomes.value),
                        ]),
                        surprise: Some(
                            surprise(hits(figure_a, question_a), figure_a)
                                + surprise(hits(*figure_b, *question_b), *figure_b),
                        ),
                    },
                    cause: Cause::Swap {
                        source: self.source_id(source),
                        first,
                        second,
                    },
                    claims: self.ids(&claims),
                    dissolves: None,
                });
            }
        }
        self.out.extend(out);
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
            let Some((set, _)) = place.and_then(|p| p.suggested.as_ref()) else {
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
