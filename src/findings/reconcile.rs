//! All findings of a dossier.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use super::ask::{Ask, ask};
use super::compare::{LOOKS, overlaps};
use super::components::components;
use super::conflicts::{Found, LISTED};
use super::engine::{Engine, Late};
use super::explain::{Explanations, explain};
use super::numbers::{Numbers, Part};
use super::progress::{Cancelled, Phase, Progress};
use super::result::{
    AssumptionFinding, ClaimFinding, ComponentFinding, Conflict, ConflictKind, Count, LeftOut,
    LinkFinding, QuestionFinding, Repair, SourceFinding,
};
use crate::buckets::Buckets;
use crate::claims::dossier::Dossier;
use crate::network::AssumptionId as Assumed;
use crate::network::cluster::variable;
use crate::network::conflict::WORK;
use crate::network::paths::Paths;
use crate::network::prior::prior_of_all;
use crate::network::rough::Possible;
use crate::network::weigh::{View, Weighing};
use crate::sets::linear::VariableId;
use crate::threads;

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
    pub(super) spent: Spent,
    pub(crate) engine: Late,
    pub(super) explained: OnceLock<Explanations>,
}

/// What was taken of the work that all components share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    pub(super) work: u64,
    /// Conflicts kept of those that may be.
    pub(super) listed: usize,
    /// Terms looked at for pairs through links.
    pub(super) looks: u64,
    /// Some pairs were counted instead of listed.
    pub(super) crowded: bool,
}

impl Spent {
    /// Both together. `None` if one might have left the other short of work, or says of the whole that it is incomplete.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let work = self.work + other.work;
        let listed = self.listed + other.listed;
        let looks = self.looks + other.looks;
        let has_room = work <= WORK / 2 && listed <= LISTED && looks < LOOKS;
        (has_room && !self.crowded && !other.crowded).then_some(Self {
            work,
            listed,
            looks,
            crowded: false,
        })
    }
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
/// See "Features and size" on the front page. Confidence takes at most the budget of [`Options`](crate::Options) for each question.
pub fn reconcile(dossier: impl Into<Arc<Dossier>>) -> Findings {
    let never = &mut |_| ControlFlow::<Infallible>::Continue(());
    match Reconciler::new(Engine::new(dossier.into())).run(never) {
        ControlFlow::Continue(findings) => findings,
        ControlFlow::Break(never) => match never {},
    }
}

/// The same, watched: `watch` is told before each part of each phase, and may end it.
///
/// How much work each part may take is set by [`Options::budget`](crate::Options::budget); this is for what only the caller can know:
/// that nobody waits any longer. With feature `rayon` components are weighed some at a time, and those begun are finished first.
/// Findings are whole or not at all, so that what is missing cannot be taken for what is not there; who wants less in less time lowers
/// the budget, and is told what is not exact.
///
/// # Errors
///
/// [`Cancelled`] if `watch` breaks.
///
/// # Examples
///
/// ```
/// use std::ops::ControlFlow;
///
/// use discrepancy::{Dossier, Phase, Question, reconcile_with};
///
/// let dossier = Dossier::builder().question(Question::count("freed")).build()?;
/// let mut seen = Vec::new();
/// let findings = reconcile_with(dossier.clone(), &mut |progress| {
///     seen.push(progress.phase);
///     ControlFlow::Continue(())
/// });
/// assert!(findings.is_ok());
/// assert_eq!(seen.first(), Some(&Phase::Conflicts));
/// assert!(reconcile_with(dossier, &mut |_| ControlFlow::Break(())).is_err());
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn reconcile_with(
    dossier: impl Into<Arc<Dossier>>,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Findings, Cancelled> {
    let watch = &mut |at| match watch(at) {
        ControlFlow::Continue(()) => ControlFlow::Continue(()),
        ControlFlow::Break(()) => ControlFlow::Break(Cancelled { at }),
    };
    match Reconciler::new(Engine::new(dossier.into())).run(watch) {
        ControlFlow::Continue(findings) => Ok(findings),
        ControlFlow::Break(cancelled) => Err(cancelled),
    }
}

/// Is told of progress, and may end it.
pub(super) type Watch<'a, B> = &'a mut dyn FnMut(Progress) -> ControlFlow<B>;

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
}

/// Components weighed at a time, for each thread where there are several.
const TOGETHER: usize = 64;

/// Lines that the derivations listed may have in all.
const LINES: usize = 100_000;

pub(super) struct Reconciler {
    pub(super) engine: Engine,
    /// Component of each question, and whether it is impossible.
    pub(super) components: Vec<Vec<usize>>,
    pub(super) impossible: Vec<bool>,
    /// By component: it is possible, but not with everything meant as it is usually taken.
    pub(super) untenable: Vec<bool>,
    /// Declared assumptions by their place in the network.
    pub(super) declared: BTreeMap<Assumed, usize>,
    pub(super) by_question: Vec<usize>,
    /// The places of each variable's claims.
    pub(super) by_variable: Buckets,
    /// What is read off components once they are weighed.
    pub(super) numbers: Numbers,
    /// By cluster of the second pass: the ways between its variables, once asked for.
    pub(super) paths: Vec<OnceLock<Option<Paths>>>,
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
                .declared()
                .map(|(place, id)| (id, place))
                .collect(),
            by_variable: {
                let places = engine.compiled.places.iter().enumerate();
                let claims = places.filter_map(|(i, p)| Some((p.as_ref()?.variable.index(), i)));
                Buckets::new(engine.compiled.variables.len(), claims)
            },
            numbers: Numbers::new(&engine),
            paths: engine.suggested.iter().map(|_| OnceLock::new()).collect(),
            engine,
            components,
            by_question,
        }
    }

    fn run<B>(mut self, watch: Watch<'_, B>) -> ControlFlow<B, Findings> {
        let at = |phase, done, of| Progress { phase, done, of };
        let limits = self.engine.dossier.options.limits;
        let (mut found, mut crowds, complete, spent) = self.find(watch)?;
        let users = self.users();
        let component_findings =
            self.weigh_components(&users, &found, complete && crowds.is_empty(), watch)?;
        watch(at(Phase::Repairs, 0, 1))?;
        let repairs = self.settle(&mut found, &mut crowds, complete);
        let involvement = self.involvement(&found, &crowds);
        watch(at(Phase::Overlaps, 0, 1))?;
        let compared = overlaps(&self.engine, limits.overlaps);
        let mut found_in: BTreeMap<usize, u64> = BTreeMap::new();
        for f in found
            .iter()
            .filter(|f| f.kind == ConflictKind::Contradiction)
        {
            *found_in.entry(f.cluster).or_default() += 1;
        }
        let unlisted = crowds.iter().fold(0_u64, |sum, c| {
            let listed = found_in.get(&c.cluster).copied().unwrap_or(0);
            sum.saturating_add(c.counted.total.saturating_sub(listed))
        });
        let total = (found.len() as u64).saturating_add(unlisted);
        // Derivations through long chains are long: they are listed as far as they have room.
        let mut lines = LINES;
        let mut listed: Vec<Conflict> = Vec::new();
        for f in found
            .iter()
            .take(usize::try_from(limits.conflicts).unwrap_or(usize::MAX))
        {
            if lines == 0 {
                break;
            }
            let conflict = self.tell(f);
            lines = lines.saturating_sub(conflict.derivation.len());
            listed.push(conflict);
        }
        let conflicts_left = if complete {
            Count::Exactly(total - listed.len() as u64)
        } else {
            Count::Unknown
        };
        let (repairs, repairs_left) = repairs;
        watch(at(Phase::Claims, 0, 2))?;
        let claims = self.claims(&involvement);
        watch(at(Phase::Claims, 1, 2))?;
        let (questions, camps_left) = self.questions(limits.camps);
        let whole = whole(&component_findings);
        ControlFlow::Continue(Findings {
            discrepancy: whole.0,
            conflict_bits: whole.1,
            tension_bits: whole.2,
            components: component_findings,
            claims,
            sources: self.sources(&involvement, &users),
            assumptions: self.assumptions(&users),
            links: self.links(&involvement),
            questions,
            overlaps: compared.list,
            conflicts: listed,
            repairs,
            left_out: LeftOut {
                overlaps: compared.left_out,
                camps: camps_left,
                conflicts: conflicts_left,
                repairs: repairs_left,
            },
            spent: Spent {
                looks: compared.looks,
                ..spent
            },
            engine: self.engine.into(),
            explained: OnceLock::new(),
        })
    }

    pub(super) fn component_of(&self, v: VariableId) -> usize {
        let question = self.engine.compiled.variable(v).question;
        self.by_question.get(question).copied().unwrap_or(0)
    }

    pub(super) fn is_impossible(&self, v: VariableId) -> bool {
        self.impossible
            .get(self.component_of(v))
            .copied()
            .unwrap_or(false)
    }

    fn weigh_components<B>(
        &mut self,
        users: &[Option<VariableId>],
        found: &[Found],
        complete: bool,
        watch: Watch<'_, B>,
    ) -> ControlFlow<B, Vec<ComponentFinding>> {
        let members = Buckets::new(
            self.components.len(),
            (0..self.engine.compiled.variables.len()).map(|v| (self.component_of(variable(v)), v)),
        );
        // The assumptions that findings are about, with a variable that rests on each.
        let compiled = &self.engine.compiled;
        let sound = compiled.assumptions.sound();
        let asked: Vec<(Assumed, VariableId)> = sound
            .chain(compiled.assumptions.declared())
            .filter_map(|(_, a)| Some((a, (*users.get(a.index())?)?)))
            .collect();
        let asked_in = Buckets::new(
            self.components.len(),
            asked
                .iter()
                .enumerate()
                .map(|(i, (_, v))| (self.component_of(*v), i)),
        );
        let mut suggesting = vec![false; compiled.variables.len()];
        for place in compiled.places.iter().flatten() {
            if place.suggested.is_some()
                && let Some(slot) = suggesting.get_mut(place.variable.index())
            {
                *slot = true;
            }
        }
        let is_exact = |weighing: &Weighing, v: VariableId| {
            let view = weighing.view(v);
            view.is_some_and(|view| view.is_exact(weighing.domain(v)))
        };
        let weigh = |this: &Self, c: usize| {
            let engine = &this.engine;
            let variables = || members.of(c).iter().copied().map(variable);
            let z = Self::total(&engine.headline, variables);
            let second = Self::total(engine.second(), variables);
            let exact = z.is_exact()
                && second.is_exact()
                && variables().all(|v| {
                    is_exact(&engine.headline, v)
                        && (suggesting.get(v.index()) != Some(&true)
                            || is_exact(engine.second(), v))
                });
            let mut part = Part::default();
            if !z.is_impossible {
                for v in variables() {
                    let claims = this.by_variable.of(v.index());
                    part.variable(engine, v, claims, second.is_impossible);
                }
                for (a, v) in asked_in.of(c).iter().filter_map(|i| asked.get(*i)) {
                    part.assumption(engine, *v, *a);
                }
            }
            (z, second, exact, part)
        };
        let together = match threads::count() {
            1 => 1,
            several => several * TOGETHER,
        };
        let mut weighed = VecDeque::new();
        let mut out = Vec::with_capacity(self.components.len());
        for c in 0..self.components.len() {
            watch(Progress {
                phase: Phase::Confidence,
                done: c,
                of: self.components.len(),
            })?;
            if weighed.is_empty() {
                let end = (c + together).min(self.components.len());
                weighed = threads::each((c..end).collect(), |c| weigh(self, c)).into();
                for v in (c..end).flat_map(|c| members.of(c)) {
                    self.engine.let_go(variable(*v));
                }
            }
            let Some((z, second, exact, part)) = weighed.pop_front() else {
                continue;
            };
            self.numbers.take(part);
            let questions = self.components.get(c).map(Vec::as_slice);
            let mut finding = ComponentFinding {
                questions: questions
                    .unwrap_or_default()
                    .iter()
                    .map(|q| self.engine.question_id(*q))
                    .collect(),
                discrepancy: (1.0 - z.estimate.value).clamp(0.0, 1.0),
                conflict_bits: None,
                tension_bits: None,
                impossible: z.is_impossible,
                exact: exact || z.is_impossible,
                standard_error: z.estimate.error,
                bounds: None,
            };
            if let Some([low, high]) = z.estimate.bounds() {
                // Conflicts that were found say more where cases did not come far.
                let known = self.bounds(c, found, complete);
                let bounds = [known[0].max(1.0 - high), known[1].min(1.0 - low)];
                let bounds = [bounds[0].min(bounds[1]), bounds[1]];
                finding.bounds = Some(bounds);
                finding.discrepancy = finding.discrepancy.clamp(bounds[0], bounds[1]);
                finding.standard_error =
                    finding.standard_error.map(|e| e.min(bounds[1] - bounds[0]));
            } else if !exact && !z.is_impossible {
                finding.bounds = Some([finding.discrepancy; 2]);
            }
            if !finding.impossible {
                // By way of logarithms where the weight is too small for a float.
                let moved = (finding.discrepancy - (1.0 - z.estimate.value)).abs() > f64::EPSILON;
                let log2 = if moved {
                    (1.0 - finding.discrepancy).log2()
                } else {
                    z.log2
                };
                finding.conflict_bits = Some((-log2).max(0.0)).filter(|b| b.is_finite());
                if !second.is_impossible {
                    finding.tension_bits =
                        Some((z.log2 - second.log2).max(0.0)).filter(|b| b.is_finite());
                }
            }
            if let (Some(impossible), Some(untenable)) =
                (self.impossible.get_mut(c), self.untenable.get_mut(c))
            {
                *impossible = finding.impossible;
                *untenable = second.is_impossible;
            }
            out.push(finding);
        }
        ControlFlow::Continue(out)
    }

    /// The weight of the possible scenarios of a component.
    fn total<I: Iterator<Item = VariableId>>(
        weighing: &Weighing,
        variables: impl Fn() -> I,
    ) -> Possible {
        let is_decided = |v: VariableId| weighing.view(v).is_none_or(View::is_decided);
        match weighing.total(variables()) {
            Some(z) if variables().all(is_decided) => Possible::exactly(z),
            _ => weighing.total_roughly(variables()),
        }
    }

    /// Certain bounds on the discrepancy of a component: scenarios avoid each conflict at least as often as if conflicts were
    /// independent (Harris 1960), and conflicts without a common assumption are.
    fn bounds(&self, component: usize, found: &[Found], complete: bool) -> [f64; 2] {
        let network = &self.engine.compiled.network;
        let (mut low, mut high) = (1.0_f64, 1.0_f64);
        let mut used: BTreeSet<Assumed> = BTreeSet::new();
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
}

/// Discrepancy, conflict bits and tension bits of all components together: bits add up.
pub(super) fn whole(components: &[ComponentFinding]) -> (f64, Option<f64>, Option<f64>) {
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
