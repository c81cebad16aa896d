//! What is read off a component while it is weighed, so that the tables behind it need not be kept.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::engine::Engine;
use super::roughly::{Judged, Roughly};
use crate::compile::Place;
use crate::network::rough::Estimate;
use crate::network::weigh::Opinion;
use crate::network::{AssumptionId, Guard};
use crate::sets::linear::VariableId;
use crate::sets::set::Set;

/// Numbers of all components.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// By claim: of what it entails.
    pub(super) entailed: Vec<Judged>,
    /// Of what claims suggest.
    pub(super) suggested: BTreeMap<usize, Judged>,
    /// By variable: its numbers were read off tables, not estimated.
    pub(super) viewed: Vec<bool>,
    /// By assumption, of those that findings are about.
    pub(super) posteriors: Vec<Option<Estimate>>,
}

/// Numbers of one component, with the places they belong to.
#[derive(Debug, Default)]
pub(super) struct Part {
    entailed: Vec<(usize, Judged)>,
    suggested: Vec<(usize, Judged)>,
    viewed: Vec<VariableId>,
    posteriors: Vec<(AssumptionId, Option<Estimate>)>,
}

impl Numbers {
    /// None yet, with room for those of a dossier.
    pub(super) fn new(engine: &Engine) -> Self {
        let network = &engine.compiled.network;
        Self {
            entailed: vec![Judged::default(); engine.compiled.places.len()],
            suggested: BTreeMap::new(),
            viewed: vec![false; network.domains.len()],
            posteriors: vec![None; network.probabilities.len()],
        }
    }

    pub(super) fn take(&mut self, part: Part) {
        for (claim, judged) in part.entailed {
            if let Some(slot) = self.entailed.get_mut(claim) {
                *slot = judged;
            }
        }
        self.suggested.extend(part.suggested);
        for v in part.viewed {
            if let Some(slot) = self.viewed.get_mut(v.index()) {
                *slot = true;
            }
        }
        for (a, posterior) in part.posteriors {
            if let Some(slot) = self.posteriors.get_mut(a.index()) {
                *slot = posterior;
            }
        }
    }
}

impl Part {
    /// Reads off how far a variable's claims can be trusted and believed; `untenable` if nothing is possible with everything meant as it
    /// is usually taken.
    pub(super) fn variable(
        &mut self,
        engine: &Engine,
        v: VariableId,
        claims: &[usize],
        untenable: bool,
    ) {
        let domain = engine.headline.domain(v);
        let view = engine.headline.view(v);
        let mut rough = if view.is_some() {
            self.viewed.push(v);
            None
        } else {
            Roughly::new(&engine.headline, v)
        };
        let mut second: Option<Option<Roughly<'_>>> = None;
        let mut known: BTreeMap<&Set, Option<Opinion>> = BTreeMap::new();
        for i in claims {
            let Some(Some(place)) = engine.compiled.places.get(*i) else {
                continue;
            };
            let statement = engine.compiled.statement(place.statement);
            if let Some(view) = view {
                let opinion = *known
                    .entry(&statement.set)
                    .or_insert_with(|| view.opinion(&statement.set, domain));
                let mut judged = Judged::from(opinion);
                judged.trusted = view.trusted(statement.unit, &live(engine, place));
                self.entailed.push((*i, judged));
            } else if let Some(rough) = &mut rough {
                let judged = rough.judge(&statement.set, Some(&live(engine, place)));
                self.entailed.push((*i, judged));
            }
            if let Some((set, _)) = place.suggested.as_deref()
                && !untenable
            {
                let judged = match engine.second().view(v) {
                    Some(view) => view.opinion(set, domain).into(),
                    None => second
                        .get_or_insert_with(|| Roughly::new(engine.second(), v))
                        .as_mut()
                        .map(|rough| rough.judge(set, None))
                        .unwrap_or_default(),
                };
                self.suggested.push((*i, judged));
            }
        }
    }

    /// Reads off how likely an assumption still is that `v` rests on.
    pub(super) fn assumption(&mut self, engine: &Engine, v: VariableId, a: AssumptionId) {
        let posterior = match engine.headline.assumption(v, a) {
            Some(p) => Some(Estimate::exactly(p)),
            None => engine.posterior_roughly(v, a),
        };
        self.posteriors.push((a, posterior));
    }
}

/// The guards of a claim that can hold.
fn live<'a>(engine: &Engine, place: &'a Place) -> Cow<'a, [Guard]> {
    let network = &engine.compiled.network;
    let is_live = |g: &Guard| g.iter().all(|a| !network.probability(*a).is_zero());
    if place.guards.iter().all(is_live) {
        return Cow::Borrowed(&place.guards);
    }
    Cow::Owned(
        place
            .guards
            .iter()
            .filter(|g| is_live(g))
            .cloned()
            .collect(),
    )
}
