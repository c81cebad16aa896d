//! All findings of a dossier.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::ask::{Ask, ask};
use super::camps::camps;
use super::compare::overlaps;
use super::components::components;
use super::disputes::{disputes, repairs};
use super::engine::Engine;
use super::explain::{Explanations, explain};
use super::involvement::Involvement;
use super::origins::origins;
use super::result::{
    AssumptionFinding, Candidate, ClaimFinding, ComponentFinding, Conflict, ConflictKind,
    ConflictUnit, Count, GiveUp, LeftOut, LinkFinding, QuestionFinding, Repair, SourceFinding,
    SuggestedFinding,
};
use crate::claims::dossier::{Dossier, Status};
use crate::claims::id::{AssumptionId, ClaimId, LinkId, QuestionId};
use crate::claims::value::Value;
use crate::compile::{About, Place, Role};
use crate::network::bits::Bits;
use crate::network::conflict::{Pairs, Stretches, conflicts};
use crate::network::derive::{derive, witness};
use crate::network::weigh::{Opinion, Shares, View, prior_of_all};
use crate::network::{AssumptionId as Assumed, Pass, Restriction, UnitId};
use crate::sets::day;
use crate::sets::linear::VariableId;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// What follows from a dossier. Make it with [`reconcile`].
///
/// Lists are in the order of the input's ids.
#[derive(Debug)]
#[non_exhaustive]
pub struct Findings {
    /// The chance that not everything said can hold, in [0, 1].
    pub discrepancy: f64,
    /// −log2 of the chance that it can, from 0 up; `None` where something is impossible.
    pub conflict_bits: Option<f64>,
    /// How many bits more it costs if everything is meant as it is usually taken; `None` where that is impossible.
    pub tension_bits: Option<f64>,
    /// The parts that are decided apart.
    pub components: Vec<ComponentFinding>,
    /// By claim.
    pub claims: Vec<ClaimFinding>,
    /// By source with statements.
    pub sources: Vec<SourceFinding>,
    /// By declared assumption.
    pub assumptions: Vec<AssumptionFinding>,
    /// By link.
    pub links: Vec<LinkFinding>,
    /// By question, and time for those that change.
    pub questions: Vec<QuestionFinding>,
    /// By pair of claims.
    pub overlaps: Vec<super::result::Overlap>,
    /// Smallest first.
    pub conflicts: Vec<Conflict>,
    /// Smallest first.
    pub repairs: Vec<Repair>,
    /// What the limits cut off.
    pub left_out: LeftOut,
    pub(crate) engine: Engine,
    explained: OnceLock<Explanations>,
}

/// Reconciles a dossier: which claims conflict, how they overlap, how confident one may be in each, what gives way.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Letter, Question, Source, reconcile};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency").reliability(Letter::B))
///     .source(Source::new("envoy").reliability(Letter::C))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value(123))
///     .claim(Claim::new("b").question("freed").source("envoy").value(156))
///     .build()?;
/// let findings = reconcile(dossier);
/// assert_eq!(findings.conflicts.len(), 1);
/// assert!((findings.discrepancy - 0.85 * 0.70).abs() < 1e-12);
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
///
/// # Complexity
///
/// See the crate's page on size. Confidence takes at most the budget of [`Options`](crate::Options) for each question.
pub fn reconcile(dossier: impl Into<Arc<Dossier>>) -> Findings {
    Reconciler::new(Engine::new(dossier.into())).run()
}

/// How far what holds entails and allows something. As an opinion of subjective logic: belief b, disbelief 1 − plausibility, the rest
/// uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Confidence {
    /// The chance that what holds entails it, in [0, 1].
    pub belief: f64,
    /// The chance that what holds allows it, in [belief, 1].
    pub plausibility: f64,
}

/// Why a question about belief has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeliefError {
    /// No such question, or none at that time.
    #[error("there is no question {question} at that time")]
    NoSuchQuestion {
        /// What was asked for, with its time.
        question: String,
    },
    /// The value does not fit the question.
    #[error("found {found}, expected {expected}")]
    Unreadable {
        /// What was given.
        found: String,
        /// What is accepted.
        expected: String,
    },
    /// Certainties contradict each other there.
    #[error("certainties about {question} contradict each other")]
    Impossible {
        /// The question.
        question: String,
    },
    /// The budget ended first.
    #[error("the budget for {question} ended first")]
    OverBudget {
        /// The question.
        question: String,
    },
}

/// Minimal sets of what is said that entail something, or exclude it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reasons {
    /// Each set alone entails it.
    pub entail: Vec<Vec<ConflictUnit>>,
    /// Each set alone excludes it.
    pub exclude: Vec<Vec<ConflictUnit>>,
}

impl Findings {
    /// The dossier they are about.
    pub fn dossier(&self) -> &Dossier {
        &self.engine.dossier
    }

    /// The finding on the claim with that id. O(log n).
    pub fn claim(&self, id: &str) -> Option<&ClaimFinding> {
        let place = self
            .claims
            .binary_search_by(|c| c.id.as_str().cmp(id))
            .ok()?;
        self.claims.get(place)
    }

    /// Why figures differ: the explanations of every dispute, worked out when first asked for.
    ///
    /// Disputes where nothing is possible, or whose budget ended, have none; of a dispute whose conflicts go beyond the limits, those
    /// listed count.
    ///
    /// # Complexity
    ///
    /// One weighing of the component for each explanation, so at most [`Limits::explanations`](crate::Limits::explanations) for each
    /// dispute; and the sums of up to three figures of the dossier, if there are no more than 200.
    pub fn explanations(&self) -> &Explanations {
        self.explained.get_or_init(|| explain(self))
    }

    /// What to ask next: each declared assumption, and each statement in a contradiction, by how much doubt the answer would remove.
    pub fn ask(&self) -> Vec<Ask> {
        ask(self)
    }

    /// How far one may believe that the answer to a question lies in any set: `123`, `Value::at_least(123)`, `"2021"`.
    ///
    /// Of a value with two layers, what it entails counts.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`]. A question that changes over time needs [`belief_at`](Self::belief_at).
    pub fn belief(
        &self,
        question: &str,
        value: impl Into<Value>,
    ) -> Result<Confidence, BeliefError> {
        self.opinion(question, None, &value.into())
    }

    /// The same at a time (a day or an RFC 3339 instant) for which something is claimed.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`].
    pub fn belief_at(
        &self,
        question: &str,
        as_of: &str,
        value: impl Into<Value>,
    ) -> Result<Confidence, BeliefError> {
        self.opinion(question, Some(as_of), &value.into())
    }

    /// Why: the minimal sets of statements and soft links that entail the value, and those that exclude it, hard links taken as
    /// holding.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`].
    pub fn reasons(&self, question: &str, value: impl Into<Value>) -> Result<Reasons, BeliefError> {
        self.grounds(question, None, &value.into())
    }

    /// The same at a time for which something is claimed.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`].
    pub fn reasons_at(
        &self,
        question: &str,
        as_of: &str,
        value: impl Into<Value>,
    ) -> Result<Reasons, BeliefError> {
        self.grounds(question, Some(as_of), &value.into())
    }

    fn grounds(
        &self,
        question: &str,
        as_of: Option<&str>,
        value: &Value,
    ) -> Result<Reasons, BeliefError> {
        let (v, set) = self.target(question, as_of, value)?;
        let outside = set.complement_in(self.engine.headline.domain(v));
        Ok(Reasons {
            entail: self.clashes_with(v, &outside),
            exclude: self.clashes_with(v, &set),
        })
    }

    /// How far what holds allows each single value of a question, numbers and days by their number: to be asked often.
    pub(crate) fn allows(
        &self,
        question: &QuestionId,
        as_of: Option<&str>,
    ) -> Option<impl Fn(i128) -> Option<f64> + '_> {
        let weighing = &self.engine.headline;
        let (v, _) = self.variable(question.as_str(), as_of).ok()?;
        let view = weighing.view(v)?;
        let domain = weighing.domain(v);
        Some(move |x: i128| {
            if !domain.contains(x) {
                return Some(0.0);
            }
            let opinion = view.opinion(&Set::from_numbers([x]), domain)?;
            Some(opinion.plausibility)
        })
    }

    /// Minimal sets of units that clash with the variable lying in `set`.
    fn clashes_with(&self, v: VariableId, set: &Set) -> Vec<Vec<ConflictUnit>> {
        let Some((cluster, local)) = self.engine.home(v) else {
            return Vec::new();
        };
        let mut cluster = cluster.clone();
        if let Some(domain) = cluster.domains.get_mut(local) {
            *domain = domain.intersection(set);
        }
        cluster.convex &= set.stretches().len() <= 1;
        cluster.propagates &= cluster.convex;
        let mut out: Vec<Vec<ConflictUnit>> = conflicts(&cluster, REASONS)
            .sets
            .iter()
            .map(|bits| {
                let units = bits
                    .iter()
                    .filter_map(|p| cluster.members.get(p))
                    .map(|m| m.id);
                let mut units: Vec<ConflictUnit> =
                    units.map(|u| unit_name(&self.engine, u)).collect();
                units.sort_unstable();
                units
            })
            .collect();
        out.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        out
    }

    /// The variable of a question at a time, and the question's place.
    fn variable(
        &self,
        question: &str,
        as_of: Option<&str>,
    ) -> Result<(VariableId, usize), BeliefError> {
        let name = || match as_of {
            None => question.to_owned(),
            Some(at) => format!("{question}@{at}"),
        };
        let no_such = || BeliefError::NoSuchQuestion { question: name() };
        let place = self
            .engine
            .dossier
            .question_place(question)
            .ok_or_else(no_such)?;
        let at = match as_of {
            None => None,
            Some(text) => Some(crate::claims::edtf::read_instant(text).map_err(|_| no_such())?),
        };
        (0_u32..)
            .map(VariableId)
            .zip(&self.engine.compiled.variables)
            .find(|(_, x)| x.question == place && x.at == at)
            .map(|(v, _)| (v, place))
            .ok_or_else(no_such)
    }

    fn target(
        &self,
        question: &str,
        as_of: Option<&str>,
        value: &Value,
    ) -> Result<(VariableId, Set), BeliefError> {
        let (v, place) = self.variable(question, as_of)?;
        let dossier = &self.engine.dossier;
        let kind = dossier
            .questions
            .get(place)
            .map(|q| q.kind)
            .unwrap_or_default();
        let labels = dossier
            .resolved
            .labels
            .get(place)
            .cloned()
            .unwrap_or_default();
        let reading = value
            .read(kind, &labels, dossier.options.hedges)
            .map_err(|errors| {
                let first = errors.into_iter().next();
                BeliefError::Unreadable {
                    found: first.as_ref().map(|e| e.found.clone()).unwrap_or_default(),
                    expected: first.map(|e| e.accepted).unwrap_or_default(),
                }
            })?;
        Ok((v, reading.entailed().clone()))
    }

    fn opinion(
        &self,
        question: &str,
        as_of: Option<&str>,
        value: &Value,
    ) -> Result<Confidence, BeliefError> {
        let (v, set) = self.target(question, as_of, value)?;
        let weighing = &self.engine.headline;
        let view = weighing.view(v).ok_or_else(|| BeliefError::OverBudget {
            question: question.to_owned(),
        })?;
        let impossible = self
            .components
            .iter()
            .any(|c| c.impossible && c.questions.iter().any(|q| q.as_str() == question));
        let opinion = view
            .opinion(&set, weighing.domain(v))
            .filter(|_| !impossible);
        opinion
            .map(Into::into)
            .ok_or_else(|| BeliefError::Impossible {
                question: question.to_owned(),
            })
    }
}

impl From<Opinion> for Confidence {
    fn from(o: Opinion) -> Self {
        Self {
            belief: o.belief,
            plausibility: o.plausibility,
        }
    }
}

/// Reasons told at the most.
const REASONS: usize = 1_000;

/// A unit by the claim or link that names it.
fn unit_name(engine: &Engine, unit: UnitId) -> ConflictUnit {
    match engine.compiled.role(unit) {
        Role::Statement(s) => ConflictUnit::Said(engine.statement_claim(s)),
        Role::Suggestion(_) => ConflictUnit::Meant(engine.suggestion_claim(unit)),
        Role::Link(link) => ConflictUnit::Link(engine.link_id(link)),
    }
}

/// A unit as part of an id: unlike any other's, whatever characters its own id has.
fn unit_key(unit: &ConflictUnit) -> String {
    let escaped = |id: &str| {
        id.replace('%', "%25")
            .replace('+', "%2B")
            .replace(':', "%3A")
    };
    match unit {
        ConflictUnit::Said(id) => escaped(id.as_str()),
        ConflictUnit::Meant(id) => format!("suggested:{}", escaped(id.as_str())),
        ConflictUnit::Link(id) => format!("link:{}", escaped(id.as_str())),
    }
}

/// A minimal conflict while findings are made.
struct Found {
    cluster: usize,
    bits: Bits,
    kind: ConflictKind,
    /// Suggestions counted with their statements.
    units: Vec<UnitId>,
    names: Vec<ConflictUnit>,
    dispute: String,
}

/// Contradicting pairs on one question, counted where there are too many to list.
struct Crowd {
    cluster: usize,
    pairs: Pairs,
    dispute: String,
}

struct Reconciler {
    engine: Engine,
    /// Component of each question, and whether it is impossible.
    components: Vec<Vec<usize>>,
    impossible: Vec<bool>,
    /// By component: it is possible, but not with everything meant as it is usually taken.
    untenable: Vec<bool>,
    /// Declared assumptions by their place in the network.
    declared: BTreeMap<Assumed, usize>,
    by_question: Vec<usize>,
}

impl Reconciler {
    fn new(engine: Engine) -> Self {
        let components = components(&engine.dossier, &engine.compiled);
        let mut by_question = vec![0; engine.dossier.questions.len()];
        for (c, list) in components.iter().enumerate() {
            for q in list {
                if let Some(slot) = by_question.get_mut(*q) {
                    *slot = c;
                }
            }
        }
        Self {
            impossible: vec![false; components.len()],
            untenable: vec![false; components.len()],
            declared: engine
                .compiled
                .assumptions
                .iter()
                .filter_map(|(about, id)| match about {
                    About::Declared(place) => Some((*id, *place)),
                    _ => None,
                })
                .collect(),
            engine,
            components,
            by_question,
        }
    }

    fn run(mut self) -> Findings {
        let limits = self.engine.dossier.options.limits;
        let (mut found, mut crowds, complete) = self.find();
        let component_findings = self.weigh_components(&found, complete && crowds.is_empty());
        let repairs = self.settle(&mut found, &mut crowds, complete);
        let involvement = self.involvement(&found, &crowds);
        let (overlaps, overlaps_left) = overlaps(&self.engine, limits.overlaps);
        let listed_pairs = |c: &Crowd| {
            found
                .iter()
                .filter(|f| f.cluster == c.cluster && f.units.len() == 2)
                .count() as u64
        };
        let unlisted: u64 = crowds
            .iter()
            .map(|c| c.pairs.total.saturating_sub(listed_pairs(c)))
            .sum();
        let total = (found.len() as u64).saturating_add(unlisted);
        let listed: Vec<Conflict> = found
            .iter()
            .take(usize::try_from(limits.conflicts).unwrap_or(usize::MAX))
            .map(|f| self.tell(f))
            .collect();
        let conflicts_left = if complete {
            Count::Exactly(total - listed.len() as u64)
        } else {
            Count::Unknown
        };
        let (repairs, repairs_left) = repairs;
        let (questions, camps_left) = self.questions(limits.camps);
        let claims = self.claims(&involvement);
        let users = self.users();
        let whole = whole(&component_findings);
        Findings {
            discrepancy: whole.0,
            conflict_bits: whole.1,
            tension_bits: whole.2,
            components: component_findings,
            claims,
            sources: self.sources(&involvement, &users),
            assumptions: self.assumptions(&users),
            links: self.links(&involvement),
            questions,
            overlaps,
            conflicts: listed,
            repairs,
            left_out: LeftOut {
                overlaps: overlaps_left,
                camps: camps_left,
                conflicts: conflicts_left,
                repairs: repairs_left,
            },
            engine: self.engine,
            explained: OnceLock::new(),
        }
    }

    /// The minimal conflicts, smallest first; crowds of them; and whether that is all.
    fn find(&self) -> (Vec<Found>, Vec<Crowd>, bool) {
        let mut out = Vec::new();
        let mut crowds = Vec::new();
        let mut complete = true;
        let limit =
            usize::try_from(self.engine.dossier.options.limits.conflicts).unwrap_or(usize::MAX);
        for (index, cluster) in self.engine.suggested.iter().enumerate() {
            let list = conflicts(cluster, limit);
            complete &= list.complete;
            crowds.extend(list.pairs.map(|pairs| Crowd {
                cluster: index,
                pairs,
                dispute: String::new(),
            }));
            for bits in list.sets {
                let places: Vec<usize> = bits.iter().collect();
                let bases: Vec<usize> = places
                    .iter()
                    .filter_map(|p| cluster.members.get(*p)?.stands_on)
                    .collect();
                let kind = if bases.is_empty() {
                    ConflictKind::Contradiction
                } else {
                    ConflictKind::Tension
                };
                let units: Vec<UnitId> = places
                    .iter()
                    .filter(|p| !bases.contains(p))
                    .filter_map(|p| Some(cluster.members.get(*p)?.id))
                    .collect();
                let mut names: Vec<ConflictUnit> =
                    units.iter().map(|u| unit_name(&self.engine, *u)).collect();
                names.sort_by_cached_key(sort_key);
                out.push(Found {
                    cluster: index,
                    bits,
                    kind,
                    units,
                    names,
                    dispute: String::new(),
                });
            }
        }
        out.sort_by_cached_key(|f| {
            (
                f.units.len(),
                f.names.iter().map(sort_key).collect::<Vec<_>>(),
                f.kind,
            )
        });
        (out, crowds, complete)
    }

    fn component_of(&self, v: VariableId) -> usize {
        let question = self.engine.compiled.variable(v).question;
        self.by_question.get(question).copied().unwrap_or(0)
    }

    fn is_impossible(&self, v: VariableId) -> bool {
        self.impossible
            .get(self.component_of(v))
            .copied()
            .unwrap_or(false)
    }

    fn weigh_components(&mut self, found: &[Found], complete: bool) -> Vec<ComponentFinding> {
        let mut members: Vec<Vec<VariableId>> = vec![Vec::new(); self.components.len()];
        for (number, _) in (0_u32..).zip(&self.engine.compiled.variables) {
            if let Some(list) = members.get_mut(self.component_of(VariableId(number))) {
                list.push(VariableId(number));
            }
        }
        let mut out = Vec::with_capacity(self.components.len());
        for (c, questions) in self.components.iter().enumerate() {
            let variables = members.get(c).cloned().unwrap_or_default();
            let z = self.engine.headline.total(variables.iter().copied());
            let second = self.engine.second().total(variables.iter().copied());
            let decided = variables
                .iter()
                .filter_map(|v| self.engine.headline.view(*v))
                .all(View::is_decided);
            let mut finding = ComponentFinding {
                questions: questions
                    .iter()
                    .map(|q| self.engine.question_id(*q))
                    .collect(),
                discrepancy: 0.0,
                conflict_bits: None,
                tension_bits: None,
                impossible: z.is_some_and(Weight::is_zero),
                exact: z.is_some() && decided,
                standard_error: None,
                bounds: None,
            };
            match z {
                Some(z) => {
                    finding.discrepancy = (1.0 - z.get()).clamp(0.0, 1.0);
                    if !finding.impossible {
                        finding.conflict_bits = Some(bits(z));
                        finding.tension_bits = second
                            .filter(|s| !s.is_zero())
                            .map(|s| (z.log2() - s.log2()).max(0.0));
                    }
                }
                None => {
                    let bounds = self.bounds(c, found, complete);
                    finding.discrepancy = f64::midpoint(bounds[0], bounds[1]);
                    finding.conflict_bits = Some(-(1.0 - finding.discrepancy).log2());
                    finding.bounds = Some(bounds);
                }
            }
            if let (Some(impossible), Some(untenable)) =
                (self.impossible.get_mut(c), self.untenable.get_mut(c))
            {
                *impossible = finding.impossible;
                *untenable = second.is_some_and(Weight::is_zero);
            }
            out.push(finding);
        }
        out
    }

    /// Certain bounds on the discrepancy of a component: scenarios avoid each conflict at least as often as if conflicts were
    /// independent (Harris 1960), and conflicts without a common assumption are.
    fn bounds(&self, component: usize, found: &[Found], complete: bool) -> [f64; 2] {
        let network = &self.engine.compiled.network;
        let (mut low, mut high) = (1.0_f64, 1.0_f64);
        let mut used: std::collections::BTreeSet<Assumed> = std::collections::BTreeSet::new();
        for f in found
            .iter()
            .filter(|f| f.kind == ConflictKind::Contradiction)
        {
            let here = self
                .engine
                .suggested
                .get(f.cluster)
                .and_then(|c| c.variables.first())
                .is_some_and(|v| self.component_of(*v) == component);
            if !here {
                continue;
            }
            let weight = prior_of_all(network, &f.units);
            low *= 1.0 - weight;
            let own: Vec<Assumed> = f
                .units
                .iter()
                .flat_map(|u| network.unit(*u).guards.iter().flatten())
                .copied()
                .collect();
            if own.iter().all(|a| !used.contains(a)) {
                high *= 1.0 - weight;
                used.extend(own);
            }
        }
        [1.0 - high, if complete { 1.0 - low } else { 1.0 }]
    }

    /// Names the dispute of each conflict, and finds the repairs of those of contradictions.
    fn settle(
        &self,
        found: &mut [Found],
        crowds: &mut [Crowd],
        complete: bool,
    ) -> (Vec<Repair>, Count) {
        let limit =
            usize::try_from(self.engine.dossier.options.limits.repairs).unwrap_or(usize::MAX);
        let mut out: Vec<(usize, Vec<String>, Repair)> = Vec::new();
        let mut known = complete;
        let mut beyond = 0_u64;
        for crowd in crowds.iter_mut() {
            let (list, more) = self.settle_crowd(crowd, limit);
            out.extend(list);
            beyond += more;
            for f in found
                .iter_mut()
                .filter(|f| f.cluster == crowd.cluster && f.units.len() == 2)
            {
                f.dispute.clone_from(&crowd.dispute);
            }
        }
        for kind in [ConflictKind::Contradiction, ConflictKind::Tension] {
            let here: Vec<usize> = (0..found.len())
                .filter(|i| {
                    found
                        .get(*i)
                        .is_some_and(|f| f.kind == kind && f.dispute.is_empty())
                })
                .collect();
            // Units numbered densely; a suggestion counts as its statement.
            let mut number: BTreeMap<UnitId, usize> = BTreeMap::new();
            let base = |u: UnitId| match self.engine.compiled.network.unit(u).stands_on {
                Some(b) => b,
                None => u,
            };
            for f in here.iter().filter_map(|i| found.get(*i)) {
                for u in &f.units {
                    let next = number.len();
                    number.entry(base(*u)).or_insert(next);
                }
            }
            let sets: Vec<Bits> = here
                .iter()
                .filter_map(|i| found.get(*i))
                .map(|f| {
                    Bits::of(
                        f.units
                            .iter()
                            .filter_map(|u| number.get(&base(*u)).copied()),
                    )
                })
                .collect();
            for group in disputes(&sets) {
                let members: Vec<usize> =
                    group.iter().filter_map(|g| here.get(*g).copied()).collect();
                let least = members
                    .iter()
                    .filter_map(|i| found.get(*i))
                    .flat_map(|f| f.names.iter().map(unit_key))
                    .min()
                    .unwrap_or_default();
                let dispute = match kind {
                    ConflictKind::Contradiction => format!("dispute:{least}"),
                    ConflictKind::Tension => format!("tension:{least}"),
                };
                for i in &members {
                    if let Some(f) = found.get_mut(*i) {
                        f.dispute.clone_from(&dispute);
                    }
                }
                if kind == ConflictKind::Contradiction {
                    match self.repairs(found, &members, &dispute) {
                        Some(list) => out.extend(list),
                        None => known = false,
                    }
                }
            }
        }
        out.sort_by(|a, b| (a.0, &a.1, &a.2.dispute).cmp(&(b.0, &b.1, &b.2.dispute)));
        beyond += out.len().saturating_sub(limit) as u64;
        out.truncate(limit);
        let mut repairs: Vec<Repair> = out.into_iter().map(|(.., r)| r).collect();
        self.weigh_repairs(&mut repairs, found);
        let left = if known {
            Count::Exactly(beyond)
        } else {
            Count::Unknown
        };
        (repairs, left)
    }

    /// The share of each unit in the contradictions.
    fn involvement(&self, found: &[Found], crowds: &[Crowd]) -> BTreeMap<UnitId, Involvement> {
        let mut out: BTreeMap<UnitId, Involvement> = BTreeMap::new();
        let mut add = |unit: UnitId, count: u128, size: u128| {
            let share = out.entry(unit).or_insert(Involvement::NONE);
            *share = share.plus(count, size);
        };
        let counted =
            |f: &Found| f.units.len() == 2 && crowds.iter().any(|c| c.cluster == f.cluster);
        for f in found
            .iter()
            .filter(|f| f.kind == ConflictKind::Contradiction && !counted(f))
        {
            for u in &f.units {
                add(*u, 1, f.units.len() as u128);
            }
        }
        for crowd in crowds {
            let members = self
                .engine
                .suggested
                .get(crowd.cluster)
                .map(|c| c.members.as_slice())
                .unwrap_or_default();
            for (m, degree) in members
                .iter()
                .zip(&crowd.pairs.degree)
                .filter(|(_, d)| **d > 0)
            {
                add(m.id, u128::from(*degree), 2);
            }
        }
        out
    }

    /// Names the dispute of a crowd and finds its smallest repairs: for each value at which the most units meet, all that do not hold
    /// it. With how many more there are.
    fn settle_crowd(
        &self,
        crowd: &mut Crowd,
        limit: usize,
    ) -> (Vec<(usize, Vec<String>, Repair)>, u64) {
        let Some(cluster) = self.engine.suggested.get(crowd.cluster) else {
            return (Vec::new(), 0);
        };
        let name = |place: usize| {
            cluster
                .members
                .get(place)
                .map(|m| unit_name(&self.engine, m.id))
        };
        let least = (0..cluster.members.len())
            .filter(|p| crowd.pairs.degree.get(*p).is_some_and(|d| *d > 0))
            .filter_map(name)
            .map(|n| unit_key(&n))
            .min();
        crowd.dispute = format!("dispute:{}", least.unwrap_or_default());
        let stretches = Stretches::new(cluster);
        let cliques = stretches.cliques(&crowd.pairs.degree);
        let mut room =
            usize::try_from(self.engine.dossier.options.limits.camps).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        for (size, value) in cliques.iter().take(limit) {
            let Some(left) = room.checked_sub(*size) else {
                break;
            };
            room = left;
            let mut names: Vec<ConflictUnit> = stretches
                .without(&crowd.pairs.degree, *value)
                .into_iter()
                .filter_map(name)
                .collect();
            names.sort_by_cached_key(sort_key);
            out.push(repair_of(&names, &crowd.dispute));
        }
        let beyond = (cliques.len() - out.len()) as u64;
        (out, beyond)
    }

    /// The repairs of one dispute, not yet weighed.
    fn repairs(
        &self,
        found: &[Found],
        members: &[usize],
        dispute: &str,
    ) -> Option<Vec<(usize, Vec<String>, Repair)>> {
        let mut units: Vec<UnitId> = members
            .iter()
            .filter_map(|i| found.get(*i))
            .flat_map(|f| f.units.iter().copied())
            .collect();
        units.sort_unstable();
        units.dedup();
        if units.is_empty() {
            return Some(Vec::new());
        }
        let local: Vec<Bits> = members
            .iter()
            .filter_map(|i| found.get(*i))
            .map(|f| Bits::of(f.units.iter().filter_map(|u| units.binary_search(u).ok())))
            .collect();
        let list = repairs(local.iter())?;
        let told = list.into_iter().map(|bits| {
            let mut names: Vec<ConflictUnit> = bits
                .iter()
                .filter_map(|i| units.get(i))
                .map(|u| unit_name(&self.engine, *u))
                .collect();
            names.sort_by_cached_key(sort_key);
            repair_of(&names, dispute)
        });
        Some(told.collect())
    }

    /// The units that a repair gives up.
    fn given_up(&self, repair: &Repair) -> Vec<UnitId> {
        let find = |g: &GiveUp| match g {
            GiveUp::Claim { id } => {
                let claims = &self.engine.dossier.claims;
                let place = claims.binary_search_by(|c| c.id.cmp(id)).ok()?;
                let statement = self.engine.compiled.places.get(place)?.as_ref()?.statement;
                Some(self.engine.compiled.statement(statement).unit)
            }
            GiveUp::Link { id } => {
                let links = &self.engine.dossier.links;
                let place = links.binary_search_by(|l| l.name().cmp(id.as_str())).ok()?;
                self.engine.compiled.links.get(place).copied().flatten()
            }
        };
        repair.give_up.iter().filter_map(find).collect()
    }

    /// Gives repairs their shares, and values under which the rest holds. The budget buys shares in order; those beyond it have
    /// none.
    fn weigh_repairs(&self, repairs: &mut [Repair], found: &[Found]) {
        let network = &self.engine.compiled.network;
        let mut members: BTreeMap<&str, std::collections::BTreeSet<UnitId>> = BTreeMap::new();
        for f in found {
            members.entry(&f.dispute).or_default().extend(&f.units);
        }
        let mut shares: BTreeMap<usize, Option<Shares<'_>>> = BTreeMap::new();
        let mut budget = self.engine.dossier.options.budget.saturating_mul(8);
        for repair in repairs {
            let units = self.given_up(repair);
            let variable = |u: &UnitId| {
                network
                    .unit(*u)
                    .restrictions
                    .iter()
                    .flat_map(Restriction::variables)
                    .next()
            };
            let Some(v) = units.first().and_then(variable) else {
                continue;
            };
            let Some((cluster, _)) = self.engine.home(v) else {
                continue;
            };
            let rest: std::collections::BTreeSet<usize> = members
                .get(repair.dispute.as_str())
                .into_iter()
                .flatten()
                .filter(|u| !units.contains(u))
                .filter_map(|u| cluster.members.binary_search_by_key(u, |m| m.id).ok())
                .collect();
            repair.witness = witness(cluster, rest)
                .unwrap_or_default()
                .into_iter()
                .map(|(v, x)| {
                    let at = self.engine.at(v);
                    (at.question, at.as_of, x)
                })
                .collect();
            if self.is_impossible(v) {
                continue;
            }
            let key = cluster.variables.first().map_or(0, |v| v.index());
            let ready = shares
                .entry(key)
                .or_insert_with(|| self.engine.headline.view(v).and_then(View::giving_up));
            if let Some(ready) = ready
                && let Some(left) = budget.checked_sub(ready.cost() as u64)
            {
                budget = left;
                repair.share = Some(ready.without(&units));
            }
        }
    }

    /// A conflict as a finding.
    fn tell(&self, f: &Found) -> Conflict {
        let compiled = &self.engine.compiled;
        let mut claims: Vec<ClaimId> = Vec::new();
        let mut links: Vec<LinkId> = Vec::new();
        let mut assumptions: Vec<AssumptionId> = Vec::new();
        for u in &f.units {
            match compiled.role(*u) {
                Role::Statement(s) | Role::Suggestion(s) => {
                    claims.extend(
                        compiled
                            .statement(s)
                            .claims
                            .iter()
                            .map(|c| self.engine.claim_id(*c)),
                    );
                }
                Role::Link(link) => links.push(self.engine.link_id(link)),
            }
            let guards: Vec<_> = compiled.network.live_guards(*u).collect();
            let needed = guards
                .first()
                .into_iter()
                .flat_map(|g| g.iter())
                .filter(|a| guards.iter().all(|g| g.contains(a)))
                .filter_map(|a| self.engine.dossier.assumptions.get(*self.declared.get(a)?));
            assumptions.extend(needed.map(|a| a.id.clone()));
        }
        claims.sort_unstable();
        claims.dedup();
        links.sort_unstable();
        assumptions.sort_unstable();
        assumptions.dedup();
        let steps = self
            .engine
            .suggested
            .get(f.cluster)
            .and_then(|c| derive(c, &f.bits))
            .unwrap_or_default();
        let derivation = self.engine.tell(steps);
        let mut hard_links = Vec::new();
        used_links(&derivation, &mut hard_links);
        hard_links.sort_unstable();
        hard_links.dedup();
        hard_links.retain(|l| !links.contains(l));
        let kind = match f.kind {
            ConflictKind::Contradiction => "contradiction",
            ConflictKind::Tension => "tension",
        };
        let keys: Vec<String> = f.names.iter().map(unit_key).collect();
        Conflict {
            id: format!("{kind}:{}", keys.join("+")),
            kind: f.kind,
            claims,
            links,
            hard_links,
            assumptions,
            dispute: f.dispute.clone(),
            weight: (f.kind == ConflictKind::Contradiction)
                .then(|| prior_of_all(&compiled.network, &f.units)),
            derivation,
            units: f.names.clone(),
        }
    }

    fn claims(&self, involvement: &BTreeMap<UnitId, Involvement>) -> Vec<ClaimFinding> {
        let engine = &self.engine;
        let compiled = &engine.compiled;
        let mut by_variable: BTreeMap<VariableId, Vec<usize>> = BTreeMap::new();
        for (i, place) in compiled.places.iter().enumerate() {
            if let Some(p) = place {
                by_variable.entry(p.variable).or_default().push(i);
            }
        }
        let mut confidence: Vec<(Option<f64>, Option<Opinion>, Option<Opinion>)> =
            vec![(None, None, None); compiled.places.len()];
        for (v, list) in &by_variable {
            if self.is_impossible(*v) {
                continue;
            }
            let untenable = self.untenable.get(self.component_of(*v)) == Some(&true);
            let domain = engine.headline.domain(*v);
            let view = engine.headline.view(*v);
            let mut known: BTreeMap<&Set, Option<Opinion>> = BTreeMap::new();
            for i in list {
                let Some(Some(place)) = compiled.places.get(*i) else {
                    continue;
                };
                let statement = compiled.statement(place.statement);
                let Some(slot) = confidence.get_mut(*i) else {
                    continue;
                };
                if let Some(view) = view {
                    slot.0 = view.trusted(statement.unit, &live(engine, place));
                    slot.1 = *known
                        .entry(&statement.set)
                        .or_insert_with(|| view.opinion(&statement.set, domain));
                }
                if let Some((set, _)) = &place.suggested
                    && !untenable
                {
                    slot.2 = engine
                        .second()
                        .view(*v)
                        .and_then(|view| view.opinion(set, domain));
                }
            }
        }
        let origins = origins(&self.engine, &by_variable);
        let mut out = Vec::with_capacity(compiled.places.len());
        for (i, (claim, resolved)) in engine
            .dossier
            .claims
            .iter()
            .zip(&engine.dossier.resolved.claims)
            .enumerate()
        {
            let place = compiled.places.get(i).and_then(Option::as_ref);
            let (trusted, opinion, suggested) = confidence.get(i).copied().unwrap_or_default();
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
                Some(p) => p.suggested.as_ref().map(|(s, _)| s),
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
                suggested: suggested_set.map(|s| SuggestedFinding {
                    set: answers(s),
                    belief: suggested.map(|o| o.belief),
                    plausibility: suggested.map(|o| o.plausibility),
                }),
                trusted,
                belief: opinion.map(|o| o.belief),
                plausibility: opinion.map(|o| o.plausibility),
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

    fn sources(
        &self,
        involvement: &BTreeMap<UnitId, Involvement>,
        users: &[Option<VariableId>],
    ) -> Vec<SourceFinding> {
        let compiled = &self.engine.compiled;
        let mut by_source: BTreeMap<usize, (VariableId, Involvement)> = BTreeMap::new();
        for s in &compiled.statements {
            let entry = by_source
                .entry(s.source)
                .or_insert((s.variable, Involvement::NONE));
            if let Some(share) = involvement.get(&s.unit) {
                entry.1 = entry.1.and(*share);
            }
        }
        let options = &self.engine.dossier.options;
        by_source
            .into_iter()
            .filter_map(|(place, (v, involvement))| {
                let source = self.engine.dossier.sources.get(place)?;
                let prior = source.reliability.probability(&options.tables);
                let right = prior.power(options.carry_over.complement()).get();
                let posterior = if self.is_impossible(v) {
                    None
                } else {
                    let sound = compiled.assumptions.get(&About::Sound(place));
                    sound.and_then(|a| self.posterior(*a, users.get(a.index()).copied().flatten()))
                };
                Some(SourceFinding {
                    id: source.id.clone(),
                    prior: prior.get(),
                    posterior: posterior.map(|p| (p * right).min(prior.get())),
                    involvement,
                })
            })
            .collect()
    }

    /// By assumption: a variable of a live unit that uses it.
    fn users(&self) -> Vec<Option<VariableId>> {
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
    fn posterior(&self, a: Assumed, user: Option<VariableId>) -> Option<f64> {
        let Some(v) = user else {
            return Some(self.engine.headline.prior(a).get());
        };
        if self.is_impossible(v) {
            return None;
        }
        self.engine.headline.assumption(v, a)
    }

    fn assumptions(&self, users: &[Option<VariableId>]) -> Vec<AssumptionFinding> {
        let compiled = &self.engine.compiled;
        self.engine
            .dossier
            .assumptions
            .iter()
            .enumerate()
            .map(|(place, a)| {
                let known = compiled.assumptions.get(&About::Declared(place));
                let posterior = match known {
                    None => Some(a.probability.get()),
                    Some(id) => self.posterior(*id, users.get(id.index()).copied().flatten()),
                };
                AssumptionFinding {
                    id: a.id.clone(),
                    prior: a.probability.get(),
                    posterior,
                }
            })
            .collect()
    }

    fn links(&self, involvement: &BTreeMap<UnitId, Involvement>) -> Vec<LinkFinding> {
        self.engine
            .dossier
            .links
            .iter()
            .enumerate()
            .map(|(place, link)| LinkFinding {
                id: link.name().into(),
                formula: link.formula.clone(),
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

    fn questions(&self, mut room: u64) -> (Vec<QuestionFinding>, u64) {
        let engine = &self.engine;
        let compiled = &engine.compiled;
        let mut left_out = 0;
        let mut by_variable: BTreeMap<VariableId, BTreeMap<&Set, Vec<usize>>> = BTreeMap::new();
        for (i, place) in compiled.places.iter().enumerate() {
            if let Some(p) = place {
                let set = &compiled.statement(p.statement).set;
                by_variable
                    .entry(p.variable)
                    .or_default()
                    .entry(set)
                    .or_default()
                    .push(i);
            }
        }
        let mut out = Vec::with_capacity(compiled.variables.len());
        let nobody = BTreeMap::new();
        for (number, variable) in (0_u32..).zip(&compiled.variables) {
            let v = VariableId(number);
            let claimed = by_variable.get(&v).unwrap_or(&nobody);
            let domain = engine.headline.domain(v);
            let view = (!self.is_impossible(v) && !claimed.is_empty())
                .then(|| engine.headline.view(v))
                .flatten();
            let candidates = claimed
                .iter()
                .map(|(set, claims)| {
                    let opinion = view.and_then(|view| view.opinion(set, domain));
                    Candidate {
                        entailed: engine.answers(v, set),
                        belief: opinion.map(|o| o.belief),
                        plausibility: opinion.map(|o| o.plausibility),
                        claims: claims.iter().map(|c| engine.claim_id(*c)).collect(),
                    }
                })
                .collect();
            let sets: Vec<(&Set, u64)> =
                claimed.iter().map(|(s, c)| (*s, c.len() as u64)).collect();
            let members: Vec<&Vec<usize>> = claimed.values().collect();
            let mut listed: Vec<Vec<ClaimId>> = Vec::new();
            if let Some((cluster, local)) = engine.home(v) {
                let links: Vec<usize> = cluster
                    .members
                    .iter()
                    .enumerate()
                    .filter(|(_, m)| matches!(compiled.role(m.id), Role::Link(_)))
                    .map(|(i, _)| i)
                    .collect();
                let found = camps(cluster, local, &sets, &links, room);
                left_out += found.left_out;
                for camp in found.listed {
                    let mut ids: Vec<ClaimId> = camp
                        .iter()
                        .filter_map(|s| members.get(*s))
                        .flat_map(|claims| claims.iter().map(|c| engine.claim_id(*c)))
                        .collect();
                    ids.sort_unstable();
                    room = room.saturating_sub(ids.len() as u64);
                    listed.push(ids);
                }
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

/// A repair not yet weighed, with what sorts it.
fn repair_of(names: &[ConflictUnit], dispute: &str) -> (usize, Vec<String>, Repair) {
    let give_up = names
        .iter()
        .map(|n| match n {
            ConflictUnit::Said(id) | ConflictUnit::Meant(id) => GiveUp::Claim { id: id.clone() },
            ConflictUnit::Link(id) => GiveUp::Link { id: id.clone() },
        })
        .collect();
    let keys = names.iter().map(|n| sort_key(n).1).collect();
    let repair = Repair {
        dispute: dispute.to_owned(),
        give_up,
        share: None,
        witness: Vec::new(),
    };
    (names.len(), keys, repair)
}

/// The guards of a claim that can hold.
fn live(engine: &Engine, place: &Place) -> Vec<crate::network::Guard> {
    let network = &engine.compiled.network;
    place
        .guards
        .iter()
        .filter(|g| g.iter().all(|a| !network.probability(*a).is_zero()))
        .cloned()
        .collect()
}

/// Units by what names them: claims before links, then by id.
fn sort_key(unit: &ConflictUnit) -> (u8, String) {
    match unit {
        ConflictUnit::Said(id) | ConflictUnit::Meant(id) => (0, id.to_string()),
        ConflictUnit::Link(id) => (1, id.to_string()),
    }
}

/// The links a derivation uses.
fn used_links(steps: &[super::derivation::Step], out: &mut Vec<LinkId>) {
    use super::derivation::{Addend, Ground, Step};
    for step in steps {
        match step {
            Step::Narrow {
                ground: Ground::Link { id, .. },
                ..
            } => out.push(id.clone()),
            Step::Narrow { .. } => {}
            Step::Sum { of, .. } => {
                for (addend, _) in of {
                    if let Addend::Row {
                        ground: Ground::Link { id, .. },
                    } = addend
                    {
                        out.push(id.clone());
                    }
                }
            }
            Step::Cases { cases, .. } => {
                for case in cases {
                    used_links(case, out);
                }
            }
        }
    }
}

fn bits(z: Weight) -> f64 {
    (-z.log2()).max(0.0)
}

/// Discrepancy, conflict bits and tension bits of all components together: bits add up.
fn whole(components: &[ComponentFinding]) -> (f64, Option<f64>, Option<f64>) {
    if components.iter().any(|c| c.impossible) {
        return (1.0, None, None);
    }
    let sum = |part: fn(&ComponentFinding) -> Option<f64>| -> Option<f64> {
        components.iter().map(part).sum()
    };
    // Multiplied directly where that is more exact than by way of bits.
    let z: f64 = components.iter().map(|c| 1.0 - c.discrepancy).product();
    (
        (1.0 - z).clamp(0.0, 1.0),
        sum(|c| c.conflict_bits),
        sum(|c| c.tension_bits),
    )
}
