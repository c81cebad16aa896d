//! The findings, by going through every scenario of every component.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::read::{Model, Unit, UnitKind};
use super::values::{Domain, Values};

/// A confidence: belief and plausibility.
pub(crate) type Pair = (f64, f64);

#[derive(Debug, Clone)]
pub(crate) struct ClaimFound {
    pub(crate) status: &'static str,
    /// Where it stands.
    pub(crate) variable: Option<usize>,
    pub(crate) entailed: Values,
    pub(crate) domain: Domain,
    pub(crate) vacuous: bool,
    pub(crate) origins: usize,
    pub(crate) involvement: Ratio,
    /// Trusted, belief, plausibility.
    pub(crate) confidence: Option<(f64, Pair)>,
    pub(crate) has_suggested: bool,
    pub(crate) suggested: Option<Pair>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConflictKey {
    pub(crate) kind: &'static str,
    pub(crate) claims: BTreeSet<String>,
    pub(crate) links: BTreeSet<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    pub(crate) key: ConflictKey,
    /// How many units: a suggestion counts with its statement.
    pub(crate) size: usize,
    pub(crate) weight: Option<f64>,
}

/// Kind and id of each unit given up.
pub(crate) type GiveUp = BTreeSet<(&'static str, String)>;

#[derive(Debug, Clone)]
pub(crate) struct QuestionFound {
    /// The claims of each distinct set, and its confidence.
    pub(crate) candidates: BTreeMap<BTreeSet<String>, Option<Pair>>,
    pub(crate) camps: BTreeSet<BTreeSet<String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct ComponentFound {
    pub(crate) questions: BTreeSet<String>,
    /// Z without and with suggestions.
    pub(crate) z: f64,
    pub(crate) z2: f64,
    pub(crate) assumptions: usize,
}

impl ComponentFound {
    pub(crate) fn impossible(&self) -> bool {
        self.z <= 0.0
    }
}

/// What the oracle finds.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) components: Vec<ComponentFound>,
    pub(crate) claims: BTreeMap<String, ClaimFound>,
    /// Prior, posterior, involvement.
    pub(crate) sources: BTreeMap<String, (f64, Option<f64>, Ratio)>,
    pub(crate) assumptions: BTreeMap<String, (f64, Option<f64>)>,
    pub(crate) links: BTreeMap<String, (bool, Ratio)>,
    pub(crate) questions: BTreeMap<(String, Option<String>), QuestionFound>,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) repairs: BTreeMap<GiveUp, Option<f64>>,
}

impl Found {
    pub(crate) fn impossible(&self) -> bool {
        self.components.iter().any(ComponentFound::impossible)
    }

    pub(crate) fn z(&self) -> f64 {
        self.components.iter().map(|c| c.z).product()
    }

    pub(crate) fn conflict_bits(&self) -> Option<f64> {
        (!self.impossible()).then(|| -self.components.iter().map(|c| c.z.log2()).sum::<f64>())
    }

    pub(crate) fn tension_bits(&self) -> Option<f64> {
        let each = self.components.iter().map(|c| bits(c.z, c.z2));
        each.sum::<Option<f64>>()
    }
}

/// How far suggestions lower Z, in bits.
pub(crate) fn bits(z: f64, z2: f64) -> Option<f64> {
    (z > 0.0 && z2 > 0.0).then(|| z.log2() - z2.log2())
}

/// A positive fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ratio(pub(crate) u64, pub(crate) u64);

impl Ratio {
    pub(crate) const ZERO: Self = Self(0, 1);

    fn plus(self, other: Self) -> Self {
        let (n, d) = (self.0 * other.1 + other.0 * self.1, self.1 * other.1);
        let (mut a, mut b) = (n, d);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(n / a, d / a)
    }
}

/// Everything but the assumptions that are certain, of which there may be many, is gone through.
const MOST_ASSUMPTIONS: usize = 22;

/// What a panic says where there are too many scenarios.
pub(crate) const TOO_MANY: &str = "too many assumptions to go through all scenarios";

impl Model {
    /// What the units that are active in this component want: sets as wishes, and rows.
    fn wants(&self, component: usize, units: &[usize]) -> (u64, u64) {
        let (mut wishes, mut rows) = (0, 0);
        for (r, c) in self.row_component.iter().enumerate() {
            if *c == component {
                rows |= self.hard_rows & 1 << r;
            }
        }
        for u in units {
            // A suggestion stands on its statement.
            if let UnitKind::Suggestion(of) = self.units[*u].kind
                && !units.contains(&of)
            {
                continue;
            }
            rows |= self.units[*u].rows;
            if let Some(set) = self.units[*u].set {
                wishes |= 1 << (2 * set);
            }
        }
        (wishes, rows)
    }

    fn possible(&mut self, component: usize, units: &[usize], also: u64) -> bool {
        let (wishes, rows) = self.wants(component, units);
        self.worlds.possible(wishes | also, rows)
    }

    /// All rows of a component, soft links taken as holding. A link under an assumption that is certainly false is no link.
    fn links_holding(&self, component: usize) -> u64 {
        let here = |u: &usize| self.units[*u].component == component;
        let dead = (0..self.units.len())
            .filter(here)
            .filter(|u| !self.is_live(*u));
        let dead = dead.fold(0, |m, u| m | self.units[u].rows);
        let rows = (0..self.row_component.len()).filter(|r| self.row_component[*r] == component);
        rows.fold(0, |m, r| m | 1_u64 << r) & !dead
    }

    /// Whether the unit can be active at all.
    fn is_live(&self, u: usize) -> bool {
        let can = |guard: &u64| {
            (0..self.probability.len()).all(|a| guard >> a & 1 == 0 || self.probability[a] > 0.0)
        };
        self.units[u].guards.iter().any(can)
    }

    fn units_of(&self, component: usize, suggestions: bool) -> Vec<usize> {
        (0..self.units.len())
            .filter(|u| self.units[*u].component == component && self.is_live(*u))
            .filter(|u| suggestions || !matches!(self.units[*u].kind, UnitKind::Suggestion(_)))
            .collect()
    }
}

/// One pass through the scenarios of a component: totals over the possible ones.
#[derive(Debug, Default)]
struct Totals {
    z: f64,
    /// By assumption: where it holds.
    holds: Vec<f64>,
    /// By claim: where one of its guards holds.
    trusted: BTreeMap<String, f64>,
    /// By set: where it is entailed, where it is compatible.
    sets: BTreeMap<usize, Pair>,
    uncertain: usize,
}

/// Goes through all scenarios of a component. `visit` gets the weight of each possible one and the units active in it.
fn scenarios(
    model: &mut Model,
    component: usize,
    suggestions: bool,
    sets: &[usize],
    mut visit: impl FnMut(f64, &[usize]),
) -> Totals {
    let units = model.units_of(component, suggestions);
    // Posteriors are asked for of assumptions that only dead units mention, too.
    let here = |u: &&Unit| {
        let counts = suggestions || !matches!(u.kind, UnitKind::Suggestion(_));
        u.component == component && counts
    };
    let guards = model.units.iter().filter(here).flat_map(|u| &u.guards);
    let mentioned = guards.fold(0, |a, b| a | b);
    let claims: Vec<(String, Vec<u64>)> = model
        .claims
        .iter()
        .filter(|c| model.component[c.question] == component)
        .filter_map(|c| Some((c.id.clone(), c.standing.as_ref()?.guards.clone())))
        .collect();
    let certain = (0..model.probability.len())
        .filter(|a| model.probability[*a] >= 1.0)
        .fold(0, |m, a| m | 1_u64 << a);
    let open: Vec<usize> = (0..model.probability.len())
        .filter(|a| {
            mentioned >> a & 1 == 1 && model.probability[*a] > 0.0 && model.probability[*a] < 1.0
        })
        .collect();
    if open.len() > MOST_ASSUMPTIONS {
        std::panic::resume_unwind(Box::new(TOO_MANY));
    }
    let mut totals = Totals {
        holds: vec![0.0; model.probability.len()],
        uncertain: open.len(),
        ..Totals::default()
    };
    for scenario in 0..1_u64 << open.len() {
        let mut holds = certain;
        let mut weight = 1.0;
        for (i, a) in open.iter().enumerate() {
            if scenario >> i & 1 == 1 {
                holds |= 1 << a;
                weight *= model.probability[*a];
            } else {
                weight *= 1.0 - model.probability[*a];
            }
        }
        let guard_holds = |guards: &[u64]| guards.iter().any(|g| g & !holds == 0);
        let active: Vec<usize> = units
            .iter()
            .copied()
            .filter(|u| guard_holds(&model.units[*u].guards))
            .collect();
        if !model.possible(component, &active, 0) {
            continue;
        }
        totals.z += weight;
        for (a, total) in totals.holds.iter_mut().enumerate() {
            if holds >> a & 1 == 1 {
                *total += weight;
            }
        }
        for (id, guards) in &claims {
            if guard_holds(guards) {
                *totals.trusted.entry(id.clone()).or_default() += weight;
            }
        }
        for set in sets {
            let pair = totals.sets.entry(*set).or_default();
            if !model.possible(component, &active, 0b10 << (2 * set)) {
                pair.0 += weight;
            }
            if model.possible(component, &active, 0b01 << (2 * set)) {
                pair.1 += weight;
            }
        }
        visit(weight, &active);
    }
    totals
}

/// The minimal sets of units that are impossible. Masks are gone through in their order, in which every subset comes first.
fn minimal_impossible(model: &mut Model, component: usize, units: &[usize]) -> Vec<u64> {
    if units.len() > 20 {
        std::panic::resume_unwind(Box::new(TOO_MANY));
    }
    let mut found: Vec<u64> = Vec::new();
    for mask in 0..1_u64 << units.len() {
        if found.iter().any(|f| f & !mask == 0) {
            continue;
        }
        let members = members(units, mask);
        if !model.possible(component, &members, 0) {
            found.push(mask);
        }
    }
    found
}

fn members(units: &[usize], mask: u64) -> Vec<usize> {
    units
        .iter()
        .enumerate()
        .filter(|(i, _)| mask >> i & 1 == 1)
        .map(|(_, u)| *u)
        .collect()
}

/// Contradictions that share a unit, transitively.
fn disputes(contradictions: &[u64]) -> Vec<Vec<u64>> {
    let mut groups: Vec<Vec<u64>> = Vec::new();
    for c in contradictions.iter().filter(|c| **c != 0) {
        let (near, far): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|g| g.iter().any(|d| d & c != 0));
        groups = far;
        groups.push(near.into_iter().flatten().chain([*c]).collect());
    }
    groups
}

/// Everything that DESIGN section 4 defines and this oracle knows of.
pub(crate) fn reconcile(dossier: &Json) -> Found {
    reconcile_with_room(dossier, 1)
}

/// With ranges of values that are `room` times as large as needed.
#[expect(clippy::too_many_lines, reason = "the definitions, in their order")]
pub(crate) fn reconcile_with_room(dossier: &Json, room: i64) -> Found {
    let mut model = Model::read(dossier);
    model.worlds.room = room;
    let ids: BTreeSet<usize> = model.component.iter().copied().collect();
    let mut components = Vec::new();
    let mut conflicts = Vec::new();
    let mut repairs = BTreeMap::new();
    let mut confidence: BTreeMap<String, (f64, Pair)> = BTreeMap::new();
    let mut suggested: BTreeMap<String, Pair> = BTreeMap::new();
    let mut set_confidence: BTreeMap<usize, Pair> = BTreeMap::new();
    let mut involvement: Vec<Ratio> = vec![Ratio::ZERO; model.units.len()];
    let mut holds: BTreeMap<usize, (f64, Vec<f64>)> = BTreeMap::new();

    for c in ids {
        // Contradictions, tensions, involvement.
        let units = model.units_of(c, false);
        let contradictions = minimal_impossible(&mut model, c, &units);
        let with_suggestions = model.units_of(c, true);
        let all = minimal_impossible(&mut model, c, &with_suggestions);
        for mask in &contradictions {
            let size = u64::from(mask.count_ones());
            for u in members(&units, *mask) {
                involvement[u] = involvement[u].plus(Ratio(1, size));
            }
        }
        let disputes = disputes(&contradictions);
        let mut repair_masks: Vec<u64> = Vec::new();
        for d in &disputes {
            let own: u64 = d.iter().fold(0, |a, b| a | b);
            let mut found: Vec<u64> = Vec::new();
            // Every subset of the dispute's units, the small ones before those that hold them.
            let mut give_up = 0_u64;
            loop {
                let rest = members(&units, own & !give_up);
                if !found.iter().any(|f| f & !give_up == 0) && model.possible(c, &rest, 0) {
                    found.push(give_up);
                }
                give_up = give_up.wrapping_sub(own) & own;
                if give_up == 0 {
                    break;
                }
            }
            repair_masks.extend(found);
        }

        // Confidence.
        let claims: Vec<_> = model
            .claims
            .iter()
            .filter(|k| model.component[k.question] == c)
            .cloned()
            .collect();
        let entailed: BTreeSet<usize> = claims
            .iter()
            .filter_map(|k| Some(k.standing.as_ref()?.set))
            .collect();
        let entailed: Vec<usize> = entailed.into_iter().collect();
        let mut repair_weight = vec![0.0; repair_masks.len()];
        let mut active_weight = vec![0.0; contradictions.len()];
        let first = scenarios(&mut model, c, false, &entailed, |weight, active| {
            for (i, mask) in repair_masks.iter().enumerate() {
                if members(&units, *mask).iter().all(|u| !active.contains(u)) {
                    repair_weight[i] += weight;
                }
            }
        });
        let second_sets: BTreeSet<usize> = claims
            .iter()
            .filter_map(|k| k.standing.as_ref()?.suggested)
            .collect();
        let second_sets: Vec<usize> = second_sets.into_iter().collect();
        let second = if second_sets.is_empty() {
            None
        } else {
            Some(scenarios(&mut model, c, true, &second_sets, |_, _| {}))
        };
        // Prior weights of contradictions: over all scenarios, possible or not.
        for (weight, holds) in priors(&model, &units) {
            for (i, mask) in contradictions.iter().enumerate() {
                let active = |u: &usize| model.units[*u].guards.iter().any(|g| g & !holds == 0);
                if members(&units, *mask).iter().all(active) {
                    active_weight[i] += weight;
                }
            }
        }
        for (mask, weight) in contradictions.iter().zip(&active_weight) {
            conflicts.push(conflict(
                &model,
                "contradiction",
                &members(&units, *mask),
                Some(*weight),
            ));
        }
        for mask in &all {
            let set = members(&with_suggestions, *mask);
            if set
                .iter()
                .any(|u| matches!(model.units[*u].kind, UnitKind::Suggestion(_)))
            {
                conflicts.push(conflict(&model, "tension", &set, None));
            }
        }
        let known = first.z > 0.0;
        for (mask, weight) in repair_masks.iter().zip(&repair_weight) {
            let units = members(&units, *mask);
            let give_up = units.iter().map(|u| match &model.units[*u].link {
                Some(link) => ("link", link.clone()),
                None => (
                    "claim",
                    model.units[*u].claims.iter().min().unwrap().clone(),
                ),
            });
            repairs.insert(give_up.collect(), known.then(|| weight / first.z));
        }
        let pair = |totals: &Totals, set: &usize| {
            let (belief, plausibility) = totals.sets.get(set).copied().unwrap_or_default();
            (belief / totals.z, plausibility / totals.z)
        };
        let z2 = second.as_ref().map_or(first.z, |s| s.z);
        if known {
            for set in &entailed {
                set_confidence.insert(*set, pair(&first, set));
            }
            for k in &claims {
                let Some(standing) = &k.standing else {
                    continue;
                };
                let trusted = first.trusted.get(&k.id).copied().unwrap_or_default() / first.z;
                confidence.insert(k.id.clone(), (trusted, pair(&first, &standing.set)));
                if let (Some(set), Some(second)) = (&standing.suggested, &second)
                    && z2 > 0.0
                {
                    suggested.insert(k.id.clone(), pair(second, set));
                }
            }
        }
        let in_c = (0..model.questions.len()).filter(|q| model.component[*q] == c);
        components.push(ComponentFound {
            questions: in_c.map(|q| model.questions[q].0.clone()).collect(),
            z: first.z,
            z2,
            assumptions: first.uncertain.max(second.map_or(0, |s| s.uncertain)),
        });
        holds.insert(c, (first.z, first.holds));
    }

    // Posteriors.
    let sources = model.sources.iter().map(|(s, (r, c))| {
        let sound = posterior(&model, &holds[c], &format!("sound:{s}"));
        let own = (0..model.units.len()).filter(|u| {
            model.units[*u].kind == UnitKind::Statement
                && model.units[*u].source.as_ref() == Some(s)
        });
        let share = own.fold(Ratio::ZERO, |sum, u| sum.plus(involvement[u]));
        (
            s.clone(),
            (*r, sound.map(|p| p * r.powf(1.0 - model.carry_over)), share),
        )
    });
    let sources = sources.collect();
    let assumptions = model.declared.iter().map(|(a, (p, used))| {
        // What only units use that can never be active is used by nothing.
        let name = format!("assumption:{a}");
        let at = model.assumption_names.iter().position(|n| *n == name);
        let can = |g: &u64| (0..64).all(|i| g >> i & 1 == 0 || model.probability[i] > 0.0);
        let mut guards = model.units.iter().flat_map(|u| &u.guards);
        let in_use = guards.any(|g| can(g) && at.is_some_and(|i| g >> i & 1 == 1));
        let after = match used.filter(|_| in_use) {
            Some(c) => posterior(&model, &holds[&c], &name),
            None => Some(*p),
        };
        (a.clone(), (*p, after))
    });
    let assumptions = assumptions.collect();
    let links = model.links.iter().map(|(name, hard)| {
        let unit = model
            .units
            .iter()
            .position(|u| u.link.as_ref() == Some(name));
        (
            name.clone(),
            (*hard, unit.map_or(Ratio::ZERO, |u| involvement[u])),
        )
    });
    let links = links.collect();

    // Claims and questions.
    let mut claims = BTreeMap::new();
    for k in &model.claims {
        let domain = model.questions[k.question].1.clone();
        let statements = model
            .claims
            .iter()
            .filter_map(|o| Some((o.standing.as_ref()?, &o.entailed)));
        let within = statements.filter(|(o, set)| {
            k.standing
                .as_ref()
                .is_some_and(|s| s.variable == o.variable)
                && set.is_within(&k.entailed)
        });
        let origins: BTreeSet<&str> = within.map(|(o, _)| o.source.as_str()).collect();
        let found = ClaimFound {
            status: k.status,
            vacuous: k.entailed == Values::of(vec![domain.all()]),
            variable: k.standing.as_ref().map(|s| s.variable),
            entailed: k.entailed.clone(),
            domain,
            origins: origins.len(),
            involvement: k
                .standing
                .as_ref()
                .map_or(Ratio::ZERO, |s| involvement[s.unit]),
            confidence: confidence.get(&k.id).copied(),
            has_suggested: k.standing.as_ref().is_some_and(|s| s.suggested.is_some()),
            suggested: suggested.get(&k.id).copied(),
        };
        claims.insert(k.id.clone(), found);
    }
    let mut questions = BTreeMap::new();
    for v in 0..model.variables.len() {
        let (q, as_of) = model.variables[v].clone();
        let here: Vec<(String, usize)> = model
            .claims
            .iter()
            .filter_map(|k| Some((k.id.clone(), k.standing.as_ref()?)))
            .filter(|(_, s)| s.variable == v)
            .map(|(id, s)| (id, s.set))
            .collect();
        let mut by_set: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (id, set) in &here {
            by_set.entry(*set).or_default().insert(id.clone());
        }
        let candidates = by_set
            .iter()
            .map(|(set, ids)| (ids.clone(), set_confidence.get(set).copied()));
        let found = QuestionFound {
            candidates: candidates.collect(),
            camps: camps(&mut model, q, &here),
        };
        questions.insert((model.questions[q].0.clone(), as_of), found);
    }
    Found {
        components,
        claims,
        sources,
        assumptions,
        links,
        questions,
        conflicts,
        repairs,
    }
}

fn posterior(model: &Model, (z, holds): &(f64, Vec<f64>), name: &str) -> Option<f64> {
    let a = model
        .assumption_names
        .iter()
        .position(|n| n == name)
        .unwrap();
    (*z > 0.0).then(|| holds[a] / z)
}

/// Weight and true assumptions of every scenario of the assumptions that these units mention.
fn priors(model: &Model, units: &[usize]) -> Vec<(f64, u64)> {
    let mentioned = units
        .iter()
        .flat_map(|u| &model.units[*u].guards)
        .fold(0, |a, b| a | b);
    let mut out = vec![(1.0, 0_u64)];
    for a in (0..model.probability.len()).filter(|a| mentioned >> a & 1 == 1) {
        let p = model.probability[a];
        let split = |(weight, holds): (f64, u64)| {
            [(weight * p, holds | 1 << a), (weight * (1.0 - p), holds)]
        };
        out = out
            .into_iter()
            .flat_map(split)
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
    }
    out
}

fn conflict(model: &Model, kind: &'static str, units: &[usize], weight: Option<f64>) -> Conflict {
    let claims = units
        .iter()
        .flat_map(|u| model.units[*u].claims.clone())
        .collect();
    let links = units
        .iter()
        .filter_map(|u| model.units[*u].link.clone())
        .collect();
    let counted = units
        .iter()
        .filter(|u| !matches!(model.units[**u].kind, UnitKind::Suggestion(_)));
    Conflict {
        key: ConflictKey {
            kind,
            claims,
            links,
        },
        size: counted.count(),
        weight,
    }
}

/// The maximal sets of claims on one variable that can hold together, links taken as holding.
fn camps(
    model: &mut Model,
    question: usize,
    claims: &[(String, usize)],
) -> BTreeSet<BTreeSet<String>> {
    let rows = model.links_holding(model.component[question]);
    let mut found: Vec<u64> = Vec::new();
    // From the full set down: every superset comes first.
    for mask in (0..1_u64 << claims.len()).rev() {
        if mask == 0 || found.iter().any(|f| mask & !f == 0) {
            continue;
        }
        let wishes = claims
            .iter()
            .enumerate()
            .filter(|(i, _)| mask >> i & 1 == 1)
            .fold(0, |w, (_, k)| w | 1_u64 << (2 * k.1));
        if model.worlds.possible(wishes, rows) {
            found.push(mask);
        }
    }
    let ids = |mask: &u64| {
        claims
            .iter()
            .enumerate()
            .filter(|(i, _)| mask >> i & 1 == 1)
            .map(|(_, k)| k.0.clone())
            .collect()
    };
    found.iter().map(ids).collect()
}

/// A claim, a later one on another question or time, and what links leave of the later one's variable where only the first holds, if
/// that is neither everything nor what links leave alone. Not for components whose links contradict each other or the first claim.
pub(crate) type Hulls = BTreeMap<(String, String), Values>;

pub(crate) fn hulls(dossier: &Json) -> Hulls {
    let mut model = Model::read(dossier);
    let components: BTreeSet<usize> = model.component.iter().copied().collect();
    let mut out = Hulls::new();
    for component in components {
        let rows = model.links_holding(component);
        let hulls = model.worlds.hulls(rows);
        let standing = |c: &super::read::Claim| {
            let here = model.component[c.question] == component;
            Some((c.id.clone(), c.standing.clone()?)).filter(|_| here)
        };
        let claims: Vec<_> = model.claims.iter().filter_map(standing).collect();
        for (a, one) in &claims {
            for (b, two) in claims
                .iter()
                .filter(|(b, two)| b > a && two.variable != one.variable)
            {
                let all = model.worlds.domains[two.variable];
                if let Some(hull) = hulls.get(&(Some(one.set), two.variable))
                    && *hull != all
                    && hulls.get(&(None, two.variable)) != Some(hull)
                {
                    out.insert((a.clone(), b.clone()), Values::of(vec![*hull]));
                }
            }
        }
    }
    out
}
