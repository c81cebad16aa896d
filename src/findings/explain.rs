//! Why figures differ: named explanations of every dispute, each priced in bits.
//!
//! An explanation is a hypothesis: a rewrite of a few claims, replayed through the same network, or the failure of something that the
//! dossier itself takes for uncertain. Nothing is asserted.

pub(crate) mod cause;
pub(crate) mod check;
mod digits;
mod figures;
mod groups;
mod index;
mod kinds;
mod matches;
mod part;
pub(crate) mod replay;
mod values;

use std::collections::BTreeMap;

use serde::Serialize;

use self::cause::{Cause, ExplanationKind};
use self::figures::Figures;
use self::groups::Dispute;
use self::index::Index;
use self::kinds::{Candidate, Score, candidates, escaped};
use self::part::{Edit, Part};
use self::values::Values;
use super::engine::Engine;
use super::reconcile::Findings;
use super::result::{Conflict, ConflictKind};
use crate::claims::id::ClaimId;
use crate::claims::priors::ExplanationPriors;
use crate::compile::{About, Role};
use crate::network::Pass;
use crate::sets::probability::Probability;
use crate::threads;

/// One explanation of a dispute: what may have happened, and what that costs in bits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// Its kind, what it is about, and its dispute; unrelated additions do not change it.
    pub id: String,
    /// The dispute it explains.
    pub dispute: String,
    /// The conflicts of the dispute that it dissolves, in their order.
    pub conflicts: Vec<String>,
    /// The claims rewritten, ascending; for a declared assumption those of the conflicts it dissolves.
    pub claims: Vec<ClaimId>,
    /// The sum of the terms; the more, the better it explains.
    pub bits: f64,
    /// What the bits are made of.
    pub terms: Terms,
    /// 2^bits, normalised within the dispute; in [0, 1].
    pub share: f64,
    /// What may have happened.
    pub cause: Cause,
}

/// What the bits of an explanation are made of, each in bits: either a posterior alone, or the others.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Terms {
    /// log2 of how likely this kind of thing is, by the policy in the options. At most 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<f64>,
    /// log2 of how much more would be possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<f64>,
    /// −log2 of the chance that a random figure as long would have matched as well. At least 0; absent where nothing is matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surprise: Option<f64>,
    /// log2 of the chance, given what is possible, that what the dossier takes for uncertain fails. At most 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posterior: Option<f64>,
}

impl Terms {
    /// Their sum.
    pub fn sum(&self) -> f64 {
        [self.prior, self.network, self.surprise, self.posterior]
            .into_iter()
            .flatten()
            .sum()
    }
}

impl Explanation {
    /// What kind of explanation it is.
    pub fn kind(&self) -> ExplanationKind {
        self.cause.kind()
    }

    /// Whether a match with other figures speaks for it so weakly, under three bits, that chance would do as well.
    pub fn may_be_coincidence(&self) -> bool {
        self.terms.surprise.is_some_and(|s| s < 3.0)
    }
}

/// The explanations of a dossier's disputes.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Explanations {
    /// Most bits first, then by kind, then by id.
    pub list: Vec<Explanation>,
    /// How many were not weighed, since a limit cut them off; of a dispute too large for any to be weighed, one for each statement in it.
    pub left_out: u64,
}

/// Claims that all weighings and decisions together may look at.
const WORK: u64 = 20_000_000;
/// Products that count as one claim looked at.
const PRODUCTS: u64 = 4;
/// What a link counts, in claims.
const ROW: u64 = 10;
/// Claims of a component beyond which its disputes are not explained.
const MOST: u64 = 20_000;

/// Explains every dispute.
pub(crate) fn explain(findings: &Findings) -> Explanations {
    let engine = &findings.engine;
    let mut by_dispute: BTreeMap<&str, Vec<&Conflict>> = BTreeMap::new();
    for conflict in findings.conflicts.iter().filter(|c| !c.units.is_empty()) {
        by_dispute
            .entry(&conflict.dispute)
            .or_default()
            .push(conflict);
    }
    if by_dispute.is_empty() {
        return Explanations::default();
    }
    let index = Index::new(findings);
    let values = Values::new(engine);
    let mut figures = Figures::new(engine);
    let mut parts: BTreeMap<(usize, Pass), Option<Part>> = BTreeMap::new();
    let mut out = Explanations::default();
    let claims = sizes(engine, &index);
    let mut work = WORK;
    for (id, conflicts) in by_dispute {
        let pass = match conflicts.first().map(|c| c.kind) {
            Some(ConflictKind::Tension) => Pass::Suggested,
            _ => Pass::Entailed,
        };
        let dispute = Dispute::new(engine, &index, &conflicts);
        let Some(group) = dispute.groups.first() else {
            continue;
        };
        let component = index.component(group.question);
        // Each explanation costs a decision for each conflict; those that dissolve one cost a weighing of the component, too.
        let size = claims.get(&component).copied().unwrap_or(0) + 1;
        let cost = size.saturating_mul(conflicts.len() as u64 + 1);
        if work < cost || size > MOST {
            out.left_out += dispute.statements().len() as u64;
            continue;
        }
        let part = parts
            .entry((component, pass))
            .or_insert_with(|| Part::new(&engine.dossier, &index, component, pass));
        let Some(part) = part else { continue };
        let scorer = Scorer {
            engine,
            dispute: &dispute,
            part,
            priors: engine.dossier.options.priors,
        };
        let mut proposed = candidates(&dispute, &values, &mut figures);
        let looked = cost.saturating_mul(proposed.len() as u64);
        if let Some(left) = work.checked_sub(looked) {
            work = left;
            proposed = scorer.sift(proposed);
        }
        let cost = cost.saturating_add(part.cost() / PRODUCTS);
        let affordable = usize::try_from(work / cost).unwrap_or(usize::MAX);
        if affordable == 0 {
            out.left_out += proposed.len() as u64;
            continue;
        }
        work = work.saturating_sub(cost.saturating_mul(proposed.len().min(affordable) as u64));
        let (list, left_out) = scorer.score(id, proposed, affordable);
        out.list.extend(list);
        out.left_out += left_out;
    }
    sort(&mut out.list);
    out
}

/// By component: its claims, and its links as so many claims.
fn sizes(engine: &Engine, index: &Index) -> BTreeMap<usize, u64> {
    let mut claims: BTreeMap<usize, u64> = BTreeMap::new();
    for place in engine.compiled.places.iter().flatten() {
        let question = engine.compiled.variable(place.variable).question;
        *claims.entry(index.component(question)).or_default() += 1;
    }
    for link in &engine.dossier.resolved.links {
        if let Some(question) = link.names.first() {
            *claims.entry(index.component(*question)).or_default() += ROW;
        }
    }
    claims
}

/// Most bits first, then by kind, then by id. Differences within rounding do not count.
fn sort(list: &mut [Explanation]) {
    list.sort_by(|a, b| {
        rounded(b.bits)
            .total_cmp(&rounded(a.bits))
            .then_with(|| a.kind().cmp(&b.kind()))
            .then_with(|| a.id.cmp(&b.id))
    });
}

/// Bits to nine places, so that what is equal in theory is equal in order; without a negative zero.
pub(crate) fn rounded(bits: f64) -> f64 {
    (bits * 1e9).round() / 1e9 + 0.0
}

/// By rewrite: its gain, and the conflicts it dissolves; `None` if it explains nothing.
type Gains = BTreeMap<Edit, Option<(f64, Vec<usize>)>>;

struct Scorer<'a> {
    engine: &'a Engine,
    dispute: &'a Dispute<'a>,
    part: &'a Part,
    priors: ExplanationPriors,
}

impl Scorer<'_> {
    /// Those that may explain something: rewrites that show without being made that they dissolve nothing are dropped.
    fn sift(&self, proposed: Vec<Candidate>) -> Vec<Candidate> {
        let mut known: BTreeMap<Edit, Option<Vec<usize>>> = BTreeMap::new();
        let mut out = Vec::with_capacity(proposed.len());
        for mut c in proposed {
            if let (Score::Rewrite { edit, .. }, None) = (&c.score, &c.dissolves) {
                let shown = known
                    .entry(edit.clone())
                    .or_insert_with(|| self.shown(edit));
                c.dissolves.clone_from(shown);
            }
            if c.dissolves.as_ref().is_none_or(|list| !list.is_empty()) {
                out.push(c);
            }
        }
        out
    }

    fn score(
        &self,
        dispute: &str,
        proposed: Vec<Candidate>,
        affordable: usize,
    ) -> (Vec<Explanation>, u64) {
        let most = -self.part.before.log2();
        let mut bounded: Vec<(f64, Candidate)> = proposed
            .into_iter()
            .filter(|c| !self.prior(c.cause.kind()).is_zero())
            .map(|c| {
                let bound = match &c.score {
                    Score::Rewrite { surprise, .. } => {
                        self.prior(c.cause.kind()).get().log2() + surprise.unwrap_or(0.0) + most
                    }
                    _ => 0.0,
                };
                (bound, c)
            })
            .collect();
        let limit =
            usize::try_from(self.engine.dossier.options.limits.explanations).unwrap_or(usize::MAX);
        let limit = limit.min(affordable);
        let left_out = bounded.len().saturating_sub(limit) as u64;
        if left_out > 0 {
            bounded.sort_by(|(a, x), (b, y)| {
                rounded(*b)
                    .total_cmp(&rounded(*a))
                    .then_with(|| x.cause.kind().cmp(&y.cause.kind()))
                    .then_with(|| x.subject.cmp(&y.subject))
            });
            bounded.truncate(limit);
        }
        let gains = self.replay_all(bounded.iter().map(|(_, c)| c));
        let mut list: Vec<Explanation> = bounded
            .into_iter()
            .filter_map(|(_, c)| self.weigh(dispute, c, &gains))
            .collect();
        let unexplained = self.priors.unexplained.get().log2();
        if unexplained.is_finite() {
            let terms = Terms {
                prior: Some(unexplained),
                ..Terms::default()
            };
            let all: Vec<usize> = (0..self.dispute.clashes.len()).collect();
            list.push(self.explanation(
                dispute,
                "",
                &all,
                Vec::new(),
                terms,
                Cause::Unexplained {},
            ));
        }
        sort(&mut list);
        let best = list.first().map_or(0.0, |e| e.bits);
        let total: f64 = list.iter().map(|e| (e.bits - best).exp2()).sum();
        for e in &mut list {
            e.share = (e.bits - best).exp2() / total;
        }
        (list, left_out)
    }

    fn weigh(&self, dispute: &str, c: Candidate, gains: &Gains) -> Option<Explanation> {
        let kind = c.cause.kind();
        let mut terms = Terms::default();
        let mut dissolves = c.dissolves;
        match c.score {
            Score::Rewrite { edit, surprise } => {
                let (gain, known) = gains.get(&edit)?.as_ref()?;
                terms.prior = Some(self.prior(kind).get().log2() + 0.0);
                terms.network = Some(*gain);
                terms.surprise = surprise;
                dissolves = Some(known.clone());
            }
            Score::Fails(about) => terms.posterior = posterior(self.part.fails(&about)),
            Score::Misquoted { outlet, claim } => {
                let statement = self.part.statement(claim)?;
                let about = About::Relays { outlet, statement };
                terms.posterior = posterior(self.part.fails(&about));
            }
            Score::Misread { claim } => {
                let statement = self.part.statement(claim)?;
                let place = self.engine.compiled.places.get(claim)?.as_ref()?;
                let (set, unit) = place.suggested.as_deref()?;
                debug_assert!(matches!(
                    self.engine.compiled.role(*unit),
                    Role::Suggestion(_)
                ));
                let about = About::Suggests {
                    statement,
                    set: set.clone(),
                };
                terms.posterior = posterior(self.part.fails(&about));
            }
            Score::Wrong { claim } => {
                let statement = self.part.statement(claim)?;
                terms.posterior = posterior(self.part.is_wrong(statement));
            }
        }
        if terms.prior.is_none() && terms.posterior.is_none() {
            return None;
        }
        let dissolves = dissolves.unwrap_or_default();
        if dissolves.is_empty() {
            return None;
        }
        Some(self.explanation(dispute, &c.subject, &dissolves, c.claims, terms, c.cause))
    }

    fn explanation(
        &self,
        dispute: &str,
        subject: &str,
        dissolves: &[usize],
        claims: Vec<ClaimId>,
        terms: Terms,
        cause: Cause,
    ) -> Explanation {
        let kind = serde_json::to_value(cause.kind()).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default();
        Explanation {
            id: format!("{kind}:{subject}@{}", escaped(dispute)),
            dispute: dispute.to_owned(),
            conflicts: dissolves
                .iter()
                .filter_map(|i| self.dispute.clashes.get(*i))
                .map(|c| c.conflict.id.clone())
                .collect(),
            claims,
            bits: terms.sum(),
            terms,
            share: 0.0,
            cause,
        }
    }

    /// Replays what the candidates rewrite, each rewrite once: rounding, a typo and a sum may ask for the same.
    fn replay_all<'c>(&self, candidates: impl Iterator<Item = &'c Candidate>) -> Gains {
        let mut edits: BTreeMap<Edit, Option<Vec<usize>>> = BTreeMap::new();
        for c in candidates {
            if let Score::Rewrite { edit, .. } = &c.score {
                let known = || c.dissolves.clone();
                edits.entry(edit.clone()).or_insert_with(known);
            }
        }
        let edits: Vec<(Edit, Option<Vec<usize>>)> = edits.into_iter().collect();
        let found = threads::each(edits, |(edit, known)| {
            let found = self.replay(&edit, known.as_deref());
            (edit, found)
        });
        found.into_iter().collect()
    }

    /// What a rewrite gains, and the conflicts it dissolves; `known` are those, if no replay is needed to tell. `None` if it dissolves none,
    /// leaves nothing possible, or its budget ended.
    fn replay(&self, edit: &Edit, known: Option<&[usize]>) -> Option<(f64, Vec<usize>)> {
        // What dissolves nothing explains nothing: it need not be made, nor weighed. Where there was no work to sift all, it shows here.
        let shown = known.map(<[usize]>::to_vec).or_else(|| self.shown(edit));
        if shown.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let rewritten = self.part.rewritten(edit)?;
        let dissolves = shown.unwrap_or_else(|| {
            let clashes = self.dispute.clashes.iter().zip(0..);
            let gone = clashes.filter(|(clash, _)| rewritten.dissolves(&clash.elements));
            gone.map(|(_, i)| i).collect()
        });
        if dissolves.is_empty() {
            return None;
        }
        Some((rewritten.gain()? + 0.0, dissolves))
    }

    /// The conflicts that a rewrite dissolves, where that shows without making it.
    fn shown(&self, edit: &Edit) -> Option<Vec<usize>> {
        let mut out = Vec::new();
        for (clash, i) in self.dispute.clashes.iter().zip(0..) {
            if self.part.dissolves(edit, &clash.elements)? {
                out.push(i);
            }
        }
        Some(out)
    }

    fn prior(&self, kind: ExplanationKind) -> Probability {
        let p = &self.priors;
        match kind {
            ExplanationKind::Scope => p.scope,
            ExplanationKind::CountedIn => p.counted_in,
            ExplanationKind::AsOf => p.as_of,
            ExplanationKind::Rounding => p.rounding,
            ExplanationKind::Magnitude => p.magnitude,
            ExplanationKind::Typo => p.typo,
            ExplanationKind::OneOff => p.one_off,
            ExplanationKind::Swap => p.swap,
            ExplanationKind::Revision => p.revision,
            ExplanationKind::Unexplained => p.unexplained,
            // Weighed by the dossier's own probabilities.
            ExplanationKind::Definition
            | ExplanationKind::Misquote
            | ExplanationKind::Reading
            | ExplanationKind::Error => Probability::ONE,
        }
    }
}

/// log2 of a chance; `None` for one of 0.
fn posterior(chance: Option<f64>) -> Option<f64> {
    let bits = chance?.min(1.0).log2();
    bits.is_finite().then_some(bits + 0.0)
}
