//! How confident one may be in each claim, source, assumption and candidate.

use std::collections::BTreeMap;

use super::camps::{Linked, camps};
use super::involvement::Involvement;
use super::origins::origins;
use super::reconcile::Reconciler;
use super::result::{
    AssumptionFinding, Candidate, ClaimFinding, LinkFinding, QuestionFinding, SourceFinding,
    SuggestedFinding,
};
use super::roughly::Roughly;
use crate::claims::id::ClaimId;
use crate::compile::{About, Role};
use crate::network::rough::Estimate as Posterior;
use crate::network::{AssumptionId as Assumed, Pass, Restriction, UnitId};
use crate::sets::day;
use crate::sets::linear::VariableId;
use crate::sets::set::Set;

impl Reconciler {
    pub(super) fn claims(&self, involvement: &BTreeMap<UnitId, Involvement>) -> Vec<ClaimFinding> {
        let engine = &self.engine;
        let compiled = &engine.compiled;
        let origins = origins(engine, &self.by_variable);
        let mut out = Vec::with_capacity(compiled.places.len());
        for (i, (claim, resolved)) in engine
            .dossier
            .claims
            .iter()
            .zip(&engine.dossier.resolved.claims)
            .enumerate()
        {
            let place = compiled.places.get(i).and_then(Option::as_ref);
            let own = self.numbers.entailed.get(i).cloned().unwrap_or_default();
            let question = engine.question_id(resolved.question);
            let kind = engine
                .dossier
                .questions
                .get(resolved.question)
                .map(|q| q.kind)
                .unwrap_or_default();
            let labels = engine
                .dossier
                .resolved
                .labels
                .get(resolved.question)
                .cloned()
                .unwrap_or_default();
            let answers = |set: &Set| super::answers::Answers::new(set, kind, &labels);
            let domain = Set::from(crate::claims::value::domain(kind, &labels));
            let set = match place {
                Some(p) => &compiled.statement(p.statement).set,
                None => resolved.reading.entailed(),
            };
            let suggested_set = match place {
                Some(p) => p.suggested.as_deref().map(|(s, _)| s),
                None => resolved.reading.suggested(),
            };
            out.push(ClaimFinding {
                id: claim.id.clone(),
                question,
                source: engine
                    .dossier
                    .sources
                    .get(resolved.source)
                    .map_or_else(|| "".into(), |s| s.id.clone()),
                entailed: answers(set),
                suggested: suggested_set.map(|s| {
                    let judged = self.numbers.suggested.get(&i).cloned().unwrap_or_default();
                    Box::new(SuggestedFinding {
                        set: answers(s),
                        belief: judged.belief,
                        plausibility: judged.plausibility,
                        standard_error: judged.standard_error,
                        bounds: judged.bounds,
                    })
                }),
                trusted: own.trusted,
                belief: own.belief,
                plausibility: own.plausibility,
                standard_error: own.standard_error,
                bounds: own.bounds,
                origins: origins.get(i).copied().unwrap_or(0),
                vacuous: *set == domain,
                status: resolved.status,
                involvement: place
                    .and_then(|p| involvement.get(&compiled.statement(p.statement).unit))
                    .copied()
                    .unwrap_or(Involvement::NONE),
            });
        }
        out
    }

    pub(super) fn sources(
        &self,
        involvement: &BTreeMap<UnitId, Involvement>,
        users: &[Option<VariableId>],
    ) -> Vec<SourceFinding> {
        let compiled = &self.engine.compiled;
        let sources = self.engine.dossier.sources.len();
        let mut by_source: Vec<Option<(VariableId, Involvement)>> = vec![None; sources];
        for s in &compiled.statements {
            let Some(slot) = by_source.get_mut(s.source) else {
                continue;
            };
            let entry = slot.get_or_insert((s.variable, Involvement::NONE));
            if let Some(share) = involvement.get(&s.unit) {
                entry.1 = entry.1.and(*share);
            }
        }
        let options = &self.engine.dossier.options;
        let mut out: Vec<SourceFinding> = by_source
            .into_iter()
            .enumerate()
            .filter_map(|(place, known)| {
                let (v, involvement) = known?;
                let source = self.engine.dossier.sources.get(place)?;
                let prior = source.reliability.probability(&options.tables);
                let right = prior.power(options.carry_over.complement()).get();
                let posterior = if self.is_impossible(v) {
                    None
                } else {
                    let sound = compiled.assumptions.get(&About::Sound(place));
                    sound.and_then(|a| self.posterior(*a, users.get(a.index()).copied().flatten()))
                };
                let whole = |p: f64| (p * right).min(prior.get());
                Some(SourceFinding {
                    id: source.id.clone(),
                    prior: prior.get(),
                    posterior: posterior.map(|p| whole(p.value)),
                    standard_error: posterior.and_then(|p| Some(p.error? * right)),
                    bounds: posterior.and_then(Posterior::bounds).map(|b| b.map(whole)),
                    involvement,
                })
            })
            .collect();
        out.shrink_to_fit();
        out
    }

    /// By assumption: a variable of a live unit that uses it.
    pub(super) fn users(&self) -> Vec<Option<VariableId>> {
        let network = &self.engine.compiled.network;
        let mut out = vec![None; network.probabilities.len()];
        for u in network.live_units(Pass::Entailed) {
            let variable = network
                .unit(u)
                .restrictions
                .iter()
                .flat_map(Restriction::variables)
                .next();
            for a in network.live_guards(u).flatten() {
                if let Some(slot @ None) = out.get_mut(a.index()) {
                    *slot = variable;
                }
            }
        }
        out
    }

    /// The posterior of an assumption; its prior if nothing live uses it. `None` where nothing is possible.
    pub(super) fn posterior(&self, a: Assumed, user: Option<VariableId>) -> Option<Posterior> {
        let Some(v) = user else {
            return Some(Posterior::exactly(self.engine.headline.prior(a).get()));
        };
        if self.is_impossible(v) {
            return None;
        }
        self.numbers.posteriors.get(a.index()).copied().flatten()
    }

    pub(super) fn assumptions(&self, users: &[Option<VariableId>]) -> Vec<AssumptionFinding> {
        let compiled = &self.engine.compiled;
        self.engine
            .dossier
            .assumptions
            .iter()
            .enumerate()
            .map(|(place, a)| {
                let known = compiled.assumptions.get(&About::Declared(place));
                let posterior = match known {
                    None => Some(Posterior::exactly(a.probability.get())),
                    Some(id) => self.posterior(*id, users.get(id.index()).copied().flatten()),
                };
                AssumptionFinding {
                    id: a.id.clone(),
                    prior: a.probability.get(),
                    posterior: posterior.map(|p| p.value),
                    standard_error: posterior.and_then(|p| p.error),
                    bounds: posterior.and_then(Posterior::bounds),
                }
            })
            .collect()
    }

    pub(super) fn links(&self, involvement: &BTreeMap<UnitId, Involvement>) -> Vec<LinkFinding> {
        self.engine
            .dossier
            .links
            .iter()
            .enumerate()
            .map(|(place, link)| LinkFinding {
                id: link.shared_name(),
                formula: link.formula().to_owned(),
                hard: link.is_hard(),
                involvement: self
                    .engine
                    .compiled
                    .links
                    .get(place)
                    .copied()
                    .flatten()
                    .and_then(|u| involvement.get(&u))
                    .copied()
                    .unwrap_or(Involvement::NONE),
            })
            .collect()
    }

    pub(super) fn questions(&self, mut room: u64) -> (Vec<QuestionFinding>, u64) {
        let engine = &self.engine;
        let compiled = &engine.compiled;
        let mut left_out = 0;
        let mut out = Vec::with_capacity(compiled.variables.len());
        let mut linked: BTreeMap<usize, Linked> = BTreeMap::new();
        for (number, variable) in (0_u32..).zip(&compiled.variables) {
            let v = VariableId(number);
            let mut claimed: BTreeMap<&Set, Vec<usize>> = BTreeMap::new();
            for i in self.by_variable.of(v.index()) {
                if let Some(Some(p)) = compiled.places.get(*i) {
                    let set = &compiled.statement(p.statement).set;
                    claimed.entry(set).or_default().push(*i);
                }
            }
            let viewed = self.numbers.viewed.get(v.index()) == Some(&true);
            let mut rough = if viewed || self.is_impossible(v) || claimed.is_empty() {
                None
            } else {
                Roughly::new(&engine.headline, v)
            };
            let candidates = claimed
                .iter()
                .map(|(set, claims)| {
                    let judged = if let Some(rough) = &mut rough {
                        rough.judge(set, None)
                    } else {
                        // What is read off tables goes for every claim of the set.
                        let first = claims.first();
                        let own = first.and_then(|i| self.numbers.entailed.get(*i));
                        own.cloned().unwrap_or_default()
                    };
                    Candidate {
                        entailed: engine.answers(v, set),
                        belief: judged.belief,
                        plausibility: judged.plausibility,
                        standard_error: judged.standard_error,
                        bounds: judged.bounds,
                        claims: claims.iter().map(|c| engine.claim_id(*c)).collect(),
                    }
                })
                .collect();
            let sets: Vec<(&Set, u64)> =
                claimed.iter().map(|(s, c)| (*s, c.len() as u64)).collect();
            let members: Vec<&Vec<usize>> = claimed.values().collect();
            let mut listed: Vec<Vec<ClaimId>> = Vec::new();
            if let Some((cluster, local)) = engine.home(v) {
                let place = engine.cluster_place(v).unwrap_or(0);
                let linked = linked.entry(place).or_insert_with(|| {
                    let members = cluster.members.iter().enumerate();
                    let is_link = |id| matches!(compiled.role(id), Role::Link(_));
                    let links = members.filter(|(_, m)| is_link(m.id)).map(|(i, _)| i);
                    Linked::of(cluster, links.collect())
                });
                let found = camps(cluster, linked, local, &sets, room);
                left_out += found.left_out;
                for camp in found.listed {
                    let mut ids: Vec<ClaimId> = camp
                        .iter()
                        .filter_map(|s| members.get(*s))
                        .flat_map(|claims| claims.iter().map(|c| engine.claim_id(*c)))
                        .collect();
                    ids.sort_unstable();
                    room = room.saturating_sub(ids.len() as u64);
                    ids.shrink_to_fit();
                    listed.push(ids);
                }
                listed.shrink_to_fit();
                listed.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            }
            out.push(QuestionFinding {
                id: engine.question_id(variable.question),
                as_of: variable.at.map(day::print_instant),
                candidates,
                camps: listed,
            });
        }
        (out, left_out)
    }
}
