//! All findings of a dossier.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::ask::{Ask, ask};
use super::compare::overlaps;
use super::components::components;
use super::conflicts::Found;
use super::engine::Engine;
use super::explain::{Explanations, explain};
use super::result::{
    AssumptionFinding, ClaimFinding, ComponentFinding, Conflict, ConflictKind, Count, LeftOut,
    LinkFinding, QuestionFinding, Repair, SourceFinding,
};
use crate::claims::dossier::Dossier;
use crate::compile::About;
use crate::network::AssumptionId as Assumed;
use crate::network::paths::Paths;
use crate::network::weigh::{View, prior_of_all};
use crate::sets::linear::VariableId;
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
                .iter()
                .filter_map(|(about, id)| match about {
                    About::Declared(place) => Some((*id, *place)),
                    _ => None,
                })
                .collect(),
            paths: engine.suggested.iter().map(|_| OnceLock::new()).collect(),
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
            if let Some(z) = z {
                finding.discrepancy = (1.0 - z.get()).clamp(0.0, 1.0);
                if !finding.impossible {
                    finding.conflict_bits = Some(bits(z));
                    finding.tension_bits = second
                        .filter(|s| !s.is_zero())
                        .map(|s| (z.log2() - s.log2()).max(0.0));
                }
            } else {
                let bounds = self.bounds(c, found, complete);
                finding.discrepancy = f64::midpoint(bounds[0], bounds[1]);
                let bits = -(1.0 - finding.discrepancy).log2();
                finding.conflict_bits = Some(bits).filter(|b| b.is_finite());
                finding.bounds = Some(bounds);
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
