//! One component of a dossier, weighed again and again with something in it rewritten.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::index::Index;
use crate::claims::dossier::{Dossier, Status};
use crate::claims::edtf;
use crate::claims::question::OverTime;
use crate::claims::reading::Reading;
use crate::compile::{About, Compiled, compile, sets};
use crate::network::cluster::{Cluster, clusters};
use crate::network::decide::{Answer, decide};
use crate::network::rough::Sampling;
use crate::network::weigh::{Depth, Effort, Memory, Weighing};
use crate::network::{AssumptionId, Network, Pass, Restriction, UnitId};
use crate::sets::linear::VariableId;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// A rewrite. Claims and questions by their places in the whole dossier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edit {
    /// The claims answer a question of their own.
    Move(Vec<usize>),
    /// The claims give other figures.
    Become(Vec<(Vec<usize>, u64)>),
    /// The question grows over time.
    Grow(usize),
    /// The claims lose their as-of.
    Undate(Vec<usize>),
    /// The claims are superseded.
    Supersede(Vec<usize>),
}

/// What a conflict is made of. Claims and links by their places in the whole dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    /// What these claims, one statement, say.
    Said(Vec<usize>),
    /// What these claims of one statement suggest.
    Meant(Vec<usize>),
    /// A soft link.
    Link(usize),
}

/// A component as a dossier of its own.
#[derive(Debug)]
pub(super) struct Part {
    dossier: Dossier,
    pub(super) compiled: Compiled,
    claims: BTreeMap<usize, usize>,
    questions: BTreeMap<usize, usize>,
    links: BTreeMap<usize, usize>,
    pass: Pass,
    /// With what is suggested.
    clusters: Vec<Cluster>,
    weighing: Weighing,
    /// What its questions said of the sources they share, for rewrites that leave them as they are.
    memory: Arc<Memory>,
    /// The weight as it is.
    pub(super) before: Weight,
}

/// A component rewritten.
pub(super) struct Rewritten<'a> {
    part: &'a Part,
    compiled: Compiled,
    /// With what is suggested, once that is asked for.
    clusters: OnceCell<Vec<Cluster>>,
}

impl Part {
    /// The component of that place; `None` if nothing there can hold, or its budget ended.
    pub(super) fn new(
        whole: &Dossier,
        index: &Index,
        component: usize,
        pass: Pass,
    ) -> Option<Self> {
        let (dossier, claims, question_at, links) = restrict(whole, index, component);
        let compiled = compile(&dossier);
        let budget = dossier.options.budget;
        let weighing = weighing(&compiled.network, pass, budget, Depth::Shares);
        let before = total(&weighing, &compiled.network)?;
        (!before.is_zero()).then_some(Self {
            dossier,
            claims,
            questions: question_at,
            links,
            pass,
            clusters: clusters(&compiled.network, Pass::Suggested),
            compiled,
            memory: Arc::new(weighing.memory()),
            weighing,
            before,
        })
    }

    /// What weighing it took, in products.
    pub(super) fn cost(&self) -> u64 {
        self.weighing.cost()
    }

    fn local(&self, claims: &[usize]) -> Vec<usize> {
        claims
            .iter()
            .filter_map(|c| self.claims.get(c).copied())
            .collect()
    }

    /// The weight of all that is possible, rewritten; `None` if the budget ended.
    fn total(&self, network: &Arc<Network>) -> Option<Weight> {
        let budget = self.dossier.options.budget;
        let weighing = weighing(network, self.pass, budget, Depth::Total);
        total(&weighing.remembering(Arc::clone(&self.memory)), network)
    }

    /// The component rewritten; `None` if that cannot be done.
    pub(super) fn rewritten(&self, edit: &Edit) -> Option<Rewritten<'_>> {
        let mut dossier = self.dossier.clone();
        self.apply(edit, &mut dossier)?;
        Some(Rewritten {
            part: self,
            compiled: compile(&dossier),
            clusters: OnceCell::new(),
        })
    }

    /// Whether what is a conflict could hold together under a rewrite, where that shows without it: other figures leave questions and links
    /// as they are. `None` if it takes the component rewritten.
    pub(super) fn dissolves(&self, edit: &Edit, conflict: &[Element]) -> Option<bool> {
        let Edit::Become(figures) = edit else {
            return None;
        };
        let figure = |claim: usize| {
            let of = |(claims, _): &&(Vec<usize>, u64)| claims.contains(&claim);
            figures.iter().find(of).map(|(_, figure)| *figure)
        };
        let mut units = Vec::new();
        let mut said: Vec<(VariableId, Set)> = Vec::new();
        for element in conflict {
            let (claims, meant) = match element {
                Element::Said(claims) => (claims, false),
                Element::Meant(claims) => (claims, true),
                Element::Link(link) => {
                    units.extend(link_unit(&self.compiled, &self.links, *link));
                    continue;
                }
            };
            for &claim in claims {
                let Some(local) = self.claims.get(&claim) else {
                    continue;
                };
                let Some(place) = self.compiled.places.get(*local)?.as_ref() else {
                    continue;
                };
                let resolved = self.dossier.resolved.claims.get(*local)?;
                if let Some(figure) = figure(claim) {
                    let (set, _) = sets(&exactly(figure)?, resolved.from_below);
                    said.push((place.variable, set));
                } else {
                    units.push(self.compiled.statement(place.statement).unit);
                    let suggested = place.suggested.as_deref().filter(|_| meant);
                    units.extend(suggested.map(|(_, unit)| *unit));
                }
            }
        }
        Some(can_hold(&self.clusters, &units, &said))
    }

    fn apply(&self, edit: &Edit, dossier: &mut Dossier) -> Option<()> {
        let time = dossier
            .as_of
            .as_ref()
            .and_then(|w| edtf::read_instant(&w.0).ok());
        match edit {
            Edit::Move(claims) => {
                let own = dossier.questions.len();
                let local = self.local(claims);
                let from = dossier.resolved.claims.get(*local.first()?)?.question;
                let question = dossier.questions.get(from)?.clone();
                let labels = dossier.resolved.labels.get(from)?.clone();
                dossier.questions.push(question);
                dossier.resolved.labels.push(labels);
                for c in local {
                    dossier.resolved.claims.get_mut(c)?.question = own;
                }
            }
            Edit::Become(figures) => {
                for (claims, figure) in figures {
                    for c in self.local(claims) {
                        dossier.resolved.claims.get_mut(c)?.reading = exactly(*figure)?;
                    }
                }
            }
            Edit::Grow(question) => {
                let question = *self.questions.get(question)?;
                dossier.questions.get_mut(question)?.over_time = OverTime::Cumulative;
                let latest = latest(dossier, question);
                for claim in &mut dossier.resolved.claims {
                    if claim.question == question {
                        claim.from_below = claim.as_of.is_none();
                        claim.at = claim.as_of.or(claim.stated).or(time).or(latest);
                    }
                }
            }
            Edit::Undate(claims) => {
                for c in self.local(claims) {
                    let claim = dossier.resolved.claims.get_mut(c)?;
                    claim.from_below = true;
                    claim.at = claim.stated.or(time).or(claim.as_of);
                }
            }
            Edit::Supersede(claims) => {
                for c in self.local(claims) {
                    dossier.resolved.claims.get_mut(c)?.status = Status::Superseded;
                }
            }
        }
        Some(())
    }

    /// The weight with some assumptions taken as holding or failing, as a share of the weight as it is.
    fn share_given(&self, given: &[(AssumptionId, bool)]) -> Option<f64> {
        let mut network = Arc::clone(&self.compiled.network);
        for (a, holds) in given {
            let network = Arc::make_mut(&mut network);
            *network.probabilities.get_mut(a.index())? = if *holds {
                Probability::ONE
            } else {
                Probability::ZERO
            };
        }
        Some(self.total(&network)?.share_of(self.before))
    }

    /// The chance that an assumption fails, given what is possible. `None` if nothing here uses it.
    pub(super) fn fails(&self, about: &About) -> Option<f64> {
        self.fails_id(*self.compiled.assumptions.get(about)?)
    }

    fn fails_id(&self, id: AssumptionId) -> Option<f64> {
        let network = &self.compiled.network;
        if network.probability(id).is_one() {
            return Some(0.0);
        }
        let user = network
            .live_units(self.pass)
            .find(|u| network.live_guards(*u).any(|g| g.contains(&id)));
        let Some(user) = user else {
            return Some(network.probability(id).complement().get());
        };
        let mut variables = network
            .unit(user)
            .restrictions
            .iter()
            .flat_map(Restriction::variables);
        let holds = self.weighing.assumption(variables.next()?, id)?;
        Some((1.0 - holds).max(0.0))
    }

    /// The statement that a claim makes, by its place here.
    pub(super) fn statement(&self, claim: usize) -> Option<usize> {
        let local = self.claims.get(&claim)?;
        Some(self.compiled.places.get(*local)?.as_ref()?.statement)
    }

    /// The chance that a statement is wrong, given what is possible: its source is not sound, or none of the finest statements within
    /// it is right.
    pub(super) fn is_wrong(&self, statement: usize) -> Option<f64> {
        let own = self.compiled.statements.get(statement)?;
        let network = &self.compiled.network;
        let id = |about: &About| self.compiled.assumptions.get(about).copied();
        let sound = id(&About::Sound(own.source))?;
        let right: Vec<AssumptionId> = own
            .finest
            .iter()
            .map(|f| id(&About::Right(*f)))
            .collect::<Option<_>>()?;
        let not_sound = self.fails_id(sound)?;
        if let [one] = right.as_slice() {
            // Where its source is not sound nothing asks whether it is right.
            return Some(self.fails_id(*one)? + network.probability(*one).get() * not_sound);
        }
        let none = right
            .iter()
            .fold(1.0, |p, a| p * network.probability(*a).complement().get());
        if none <= 0.0 {
            return Some(not_sound);
        }
        let given: Vec<(AssumptionId, bool)> = std::iter::once((sound, true))
            .chain(right.into_iter().map(|a| (a, false)))
            .collect();
        Some(not_sound + network.probability(sound).get() * none * self.share_given(&given)?)
    }
}

impl Rewritten<'_> {
    /// log2 of how much more is possible; `None` if nothing is, or the budget ended.
    pub(super) fn gain(&self) -> Option<f64> {
        let after = self.part.total(&self.compiled.network)?;
        (!after.is_zero()).then(|| after.log2() - self.part.before.log2())
    }

    /// Whether what was a conflict can now hold together.
    pub(super) fn dissolves(&self, conflict: &[Element]) -> bool {
        let mut units: Vec<UnitId> = Vec::new();
        for element in conflict {
            match element {
                Element::Said(claims) => units.extend(self.said(claims)),
                Element::Meant(claims) => {
                    units.extend(self.said(claims));
                    units.extend(
                        self.places(claims)
                            .filter_map(|p| Some(p.suggested.as_ref()?.1)),
                    );
                }
                Element::Link(link) => {
                    units.extend(link_unit(&self.compiled, &self.part.links, *link));
                }
            }
        }
        let clusters = self
            .clusters
            .get_or_init(|| clusters(&self.compiled.network, Pass::Suggested));
        can_hold(clusters, &units, &[])
    }

    fn places(&self, claims: &[usize]) -> impl Iterator<Item = &crate::compile::Place> {
        let local = self.part.local(claims);
        local
            .into_iter()
            .filter_map(|c| self.compiled.places.get(c)?.as_ref())
    }

    fn said(&self, claims: &[usize]) -> impl Iterator<Item = UnitId> {
        self.places(claims)
            .map(|p| self.compiled.statement(p.statement).unit)
    }
}

/// A claim of that figure.
fn exactly(figure: u64) -> Option<Reading> {
    Reading::new(Set::from_numbers([figure.into()]), None).ok()
}

/// The unit of a soft link, by its place in the whole dossier.
fn link_unit(compiled: &Compiled, links: &Places, link: usize) -> Option<UnitId> {
    compiled.links.get(*links.get(&link)?).copied().flatten()
}

/// Whether these units, as far as they are there, and sets can hold together with what is hard.
fn can_hold(clusters: &[Cluster], units: &[UnitId], said: &[(VariableId, Set)]) -> bool {
    clusters.iter().all(|cluster| {
        let active: Vec<usize> = units
            .iter()
            .filter_map(|u| cluster.members.binary_search_by_key(u, |m| m.id).ok())
            .collect();
        let extra: Vec<(usize, Set)> = said
            .iter()
            .filter_map(|(v, set)| Some((cluster.variables.binary_search(v).ok()?, set.clone())))
            .collect();
        (active.is_empty() && extra.is_empty())
            || matches!(decide(cluster, active, &extra), Answer::Possible(_))
    })
}

fn weighing(network: &Arc<Network>, pass: Pass, budget: u64, depth: Depth) -> Weighing {
    let clusters: Arc<[Cluster]> = clusters(network, pass).into();
    let budget = usize::try_from(budget).unwrap_or(usize::MAX);
    let effort = Effort {
        budget,
        depth,
        sampling: Sampling::NONE,
    };
    Weighing::new(Arc::clone(network), clusters, effort)
}

/// The weight of all that is possible; `None` if the budget ended.
fn total(weighing: &Weighing, network: &Network) -> Option<Weight> {
    weighing.total((0_u32..).map(VariableId).take(network.domains.len()))
}

/// The latest time that a claim on the question names.
fn latest(dossier: &Dossier, question: usize) -> Option<DateTime<Utc>> {
    dossier
        .resolved
        .claims
        .iter()
        .filter(|c| c.question == question)
        .filter_map(|c| c.as_of.max(c.stated))
        .max()
}

type Places = BTreeMap<usize, usize>;

/// The dossier with these questions alone, with where its claims, questions and links went. Sources and assumptions keep their places.
fn restrict(whole: &Dossier, index: &Index, component: usize) -> (Dossier, Places, Places, Places) {
    let mut questions = index.questions(component).to_vec();
    questions.sort_unstable();
    let on = |list: fn(&Index, usize) -> &[usize]| -> Vec<usize> {
        let all: BTreeSet<usize> = questions
            .iter()
            .flat_map(|q| list(index, *q).iter().copied())
            .collect();
        all.into_iter().collect()
    };
    let (own_claims, own_links) = (on(Index::claims), on(Index::links));
    let question_at: Places = questions
        .iter()
        .copied()
        .enumerate()
        .map(|(new, old)| (old, new))
        .collect();
    let mut part = Dossier {
        title: None,
        as_of: whole.as_of.clone(),
        options: whole.options,
        meta: None,
        sources: Arc::clone(&whole.sources),
        assumptions: Arc::clone(&whole.assumptions),
        common_origins: Vec::new(),
        questions: Vec::new(),
        links: Vec::new(),
        claims: Vec::new(),
        resolved: crate::claims::dossier::Resolved {
            origins: Arc::clone(&whole.resolved.origins),
            ..Default::default()
        },
    };
    for q in &questions {
        part.questions.extend(whole.questions.get(*q).cloned());
        part.resolved
            .labels
            .extend(whole.resolved.labels.get(*q).cloned());
    }
    let mut claims = Places::new();
    for i in own_claims {
        if let (Some(claim), Some(resolved)) = (whole.claims.get(i), whole.resolved.claims.get(i))
            && let Some(&question) = question_at.get(&resolved.question)
        {
            claims.insert(i, part.claims.len());
            part.claims.push(claim.clone());
            part.resolved
                .claims
                .push(crate::claims::dossier::ResolvedClaim {
                    question,
                    ..resolved.clone()
                });
        }
    }
    let mut links = Places::new();
    let at = |q: &usize| question_at.get(q).copied();
    for i in own_links {
        let (Some(link), Some(resolved)) = (whole.links.get(i), whole.resolved.links.get(i)) else {
            continue;
        };
        let names: Option<Vec<usize>> = resolved.names.iter().map(at).collect();
        let terms: Option<Vec<(usize, i128)>> = resolved
            .terms
            .iter()
            .map(|(q, k)| Some((at(q)?, *k)))
            .collect();
        if let (Some(names), Some(terms)) = (names, terms) {
            links.insert(i, part.links.len());
            part.links.push(link.clone());
            part.resolved
                .links
                .push(crate::claims::dossier::ResolvedLink {
                    terms,
                    names,
                    equal: resolved.equal,
                    right: resolved.right,
                    assuming: resolved.assuming.clone(),
                });
        }
    }
    (part, claims, question_at, links)
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use proptest::prelude::*;

    use super::super::groups::Dispute;
    use super::*;
    use crate::findings::reconcile::reconcile;
    use crate::strategies;

    /// Whether other figures for each group of a conflict's claims, or half of each, dissolve it: as told, and with the component made.
    fn tried(dossier: Dossier, figure: u64, half: bool) -> Vec<(Option<bool>, Option<bool>)> {
        let findings = reconcile(dossier);
        let engine = &findings.engine;
        let index = Index::new(&findings);
        let mut out = Vec::new();
        for conflict in findings.conflicts.iter().filter(|c| !c.units.is_empty()) {
            let dispute = Dispute::new(engine, &index, &[conflict]);
            let (Some(clash), Some(group)) = (dispute.clashes.first(), dispute.groups.first())
            else {
                continue;
            };
            let component = index.component(group.question);
            let part = Part::new(&engine.dossier, &index, component, Pass::Suggested);
            let Some(part) = part else { continue };
            let groups = dispute.groups.iter().zip(figure..);
            let figures: Vec<(Vec<usize>, u64)> = groups
                .map(|(g, figure)| {
                    let count = g.claims.len();
                    let some = if half { count.div_ceil(2) } else { count };
                    (g.claims.iter().copied().take(some).collect(), figure)
                })
                .collect();
            // All together, and each alone.
            let all = std::iter::once(figures.clone());
            for figures in all.chain(figures.iter().map(|one| vec![one.clone()])) {
                let edit = Edit::Become(figures);
                let made = part.rewritten(&edit);
                out.push((
                    part.dissolves(&edit, &clash.elements),
                    made.map(|r| r.dissolves(&clash.elements)),
                ));
            }
        }
        out
    }

    /// Whether those who agree are certain to repeat one another: what is silenced so is not what dissolves a conflict.
    fn is_certain_echo(dossier: &Dossier) -> bool {
        let origins = &dossier.resolved.origins;
        let groups = 0..dossier.common_origins.len();
        dossier.options.common_origin.is_one()
            || groups.into_iter().any(|g| origins.probability(g).is_one())
    }

    proptest! {
        /// Whether other figures dissolve a conflict is told as by making the component with them.
        #[test]
        fn other_figures_dissolve_what_they_do_once_made(
            dossier in strategies::dossiers(),
            figure in 0_u64..200,
            half in any::<bool>(),
        ) {
            prop_assume!(!is_certain_echo(&dossier));
            for (told, made) in tried(dossier, figure, half) {
                prop_assert_eq!(told, made);
            }
        }
    }

    /// Figures are tried that dissolve a conflict, and such as do not.
    #[test]
    fn some_figures_dissolve_conflicts() {
        use proptest::strategy::ValueTree;
        use proptest::test_runner::TestRunner;
        let mut runner = TestRunner::deterministic();
        let (mut dissolved, mut kept) = (0, 0);
        for figure in 0..200 {
            let dossier = strategies::dossiers()
                .new_tree(&mut runner)
                .map(|t| t.current());
            let found = dossier.map(|d| tried(d, figure, figure % 2 == 0));
            for (told, _) in found.into_iter().flatten() {
                if told == Some(true) {
                    dissolved += 1;
                } else {
                    kept += 1;
                }
            }
        }
        assert!(dissolved >= 50 && kept >= 50, "{dissolved} {kept}");
    }
}
