//! A plan of a dossier: numbers that any shape can be filled with, so that they shrink on their own.

use proptest::prelude::*;
use proptest::sample::select;

use crate::claims::assumption::Assumption;
use crate::claims::claim::Claim;
use crate::claims::dossier::Dossier;
use crate::claims::grade::{Credibility, Digit, Letter, Reliability};
use crate::claims::link::Link;
use crate::claims::options::Options;
use crate::claims::question::{Kind, OverTime, Question};
use crate::claims::source::{CommonOrigin, Source};
use crate::claims::value::{Item, Value};
use crate::sets::probability::Probability;

/// The questions and links of a dossier.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) questions: Vec<Question>,
    /// By link: formulas to choose from.
    pub(super) links: Vec<Vec<&'static str>>,
    /// The largest figure.
    pub(super) top: u64,
    /// How many sources there may be.
    pub(super) sources: usize,
    /// Each question has sources of its own.
    pub(super) apart: bool,
}

impl Shape {
    pub(super) fn new(questions: Vec<Question>, links: &[&[&'static str]]) -> Self {
        Self {
            questions,
            links: links.iter().map(|l| l.to_vec()).collect(),
            top: 5,
            sources: 4,
            apart: false,
        }
    }

    pub(super) fn up_to(self, top: u64) -> Self {
        Self { top, ..self }
    }
}

/// How often something extra is met, in percent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flavour {
    pub(super) via: u32,
    pub(super) credibility: u32,
    pub(super) assuming: u32,
    pub(super) soft_links: u32,
    pub(super) suggestions: u32,
    pub(super) choices: u32,
    pub(super) groups: u32,
    pub(super) certain: u32,
    pub(super) repeats: u32,
    pub(super) retired: u32,
}

/// What a value says, in numbers that are taken modulo what the shape allows.
#[derive(Debug, Clone)]
enum Said {
    Exactly(u64),
    AtLeast(u64),
    AtMost(u64),
    Between(u64, u64),
    OneOf(Vec<u64>),
    NoneOf(Vec<u64>),
    /// Entailed from the first on (or up to the second and so much more), suggested from the first to the second.
    Layers(u64, u64, Option<u64>),
}

#[derive(Debug, Clone)]
struct ClaimPlan {
    question: usize,
    source: usize,
    said: Said,
    via: Vec<usize>,
    credibility: Option<Credibility>,
    assuming: Option<usize>,
    /// A repetition of the same statement: its own route.
    again: Option<Vec<usize>>,
    /// Which day, and whether it is the day for which (0, 1), when it was stated (2) or neither (3).
    day: (usize, u8),
    /// Taken back (0), replacing an earlier claim (1).
    retired: Option<(u8, usize)>,
}

/// A dossier without its shape.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    options: (f64, f64, f64),
    sources: Vec<Reliability>,
    fidelity: Option<Probability>,
    assumptions: (Probability, Probability),
    groups: Vec<(usize, usize, bool, Probability)>,
    links: Vec<(usize, Option<u8>)>,
    claims: Vec<ClaimPlan>,
}

fn p(value: f64) -> Probability {
    Probability::constant(value)
}

/// `Some` in so many of a hundred cases.
fn percent<S: Strategy>(share: u32, of: S) -> impl Strategy<Value = Option<S::Value>> {
    let chance = (f64::from(share) / 100.0).clamp(0.001, 0.999);
    prop::option::weighted(chance, of).prop_map(move |x| x.filter(|_| share > 0))
}

fn probability(certain: u32) -> impl Strategy<Value = Probability> {
    let open = select(vec![0.7, 0.25, 0.4, 0.5, 0.6, 0.8, 0.85, 0.9, 0.95]);
    (open, percent(certain, select(vec![1.0, 1.0, 1.0, 0.0])))
        .prop_map(|(open, certain)| p(certain.unwrap_or(open)))
}

fn reliability(certain: u32) -> impl Strategy<Value = Reliability> {
    let records = (0..10_u64, 0..4_u64);
    prop_oneof![
        6 => probability(certain).prop_map(Reliability::from),
        2 => select(Letter::ALL.to_vec()).prop_map(Reliability::from),
        1 => records.prop_map(|(right, wrong)| Reliability::TrackRecord { right, wrong }),
    ]
}

fn said(flavour: Flavour) -> impl Strategy<Value = Said> {
    let figure = || 0..60_u64;
    let few = || prop::collection::vec(figure(), 1..=3);
    let plain = prop_oneof![
        5 => figure().prop_map(Said::Exactly),
        3 => figure().prop_map(Said::AtLeast),
        3 => figure().prop_map(Said::AtMost),
        2 => (figure(), 0..3_u64).prop_map(|(a, n)| Said::Between(a, n)),
    ];
    let choice = prop_oneof![few().prop_map(Said::OneOf), few().prop_map(Said::NoneOf)];
    let layers = (figure(), 0..3_u64, prop::option::of(1..3_u64));
    let layers = layers.prop_map(|(a, n, more)| Said::Layers(a, n, more));
    (
        plain,
        percent(flavour.choices, choice),
        percent(flavour.suggestions, layers),
    )
        .prop_map(|(plain, choice, layers)| layers.or(choice).unwrap_or(plain))
}

fn credibility() -> impl Strategy<Value = Credibility> {
    prop_oneof![
        select(Digit::ALL.to_vec()).prop_map(Credibility::from),
        select(vec![0.5, 0.8, 1.0, 0.0]).prop_map(|x| Credibility::from(p(x))),
    ]
}

fn claims(flavour: Flavour) -> impl Strategy<Value = ClaimPlan> {
    let route = || prop::collection::vec(0..2_usize, 1..=2);
    (
        (0..60_usize, 0..60_usize, said(flavour)),
        percent(flavour.via, route()),
        percent(flavour.credibility, credibility()),
        percent(flavour.assuming, 0..2_usize),
        percent(flavour.repeats, prop::collection::vec(0..2_usize, 0..=1)),
        (0..3_usize, 0..4_u8),
        percent(flavour.retired, (0..2_u8, 0..60_usize)),
    )
        .prop_map(
            |((question, source, said), via, credibility, assuming, again, day, retired)| {
                ClaimPlan {
                    question,
                    source,
                    said,
                    via: via.unwrap_or_default(),
                    credibility,
                    assuming,
                    again,
                    day,
                    retired,
                }
            },
        )
}

/// Plans of up to nine claims.
pub(super) fn plans(flavour: Flavour) -> impl Strategy<Value = Plan> {
    let options = (
        select(vec![0.5, 0.5, 0.0, 1.0]),
        select(vec![0.8, 0.6, 1.0]),
        select(vec![0.2, 0.0, 0.5]),
    );
    let group = (
        0..4_usize,
        1..4_usize,
        any::<bool>(),
        select(vec![0.6, 0.3, 0.9, 0.0, 1.0]).prop_map(p),
    );
    (
        options,
        prop::collection::vec(reliability(flavour.certain), 4),
        prop::option::of(select(vec![0.9, 0.5, 1.0]).prop_map(p)),
        (probability(flavour.certain), probability(flavour.certain)),
        percent(flavour.groups, prop::collection::vec(group, 1..=2)),
        prop::collection::vec((0..60_usize, percent(flavour.soft_links, 0..3_u8)), 3),
        prop::collection::vec(claims(flavour), 1..=8),
    )
        .prop_map(
            |(options, sources, fidelity, assumptions, groups, links, claims)| Plan {
                options,
                sources,
                fidelity,
                assumptions,
                groups: groups.unwrap_or_default(),
                links,
                claims,
            },
        )
}

const SOURCES: [&str; 4] = ["ana", "ben", "cas", "dia"];
const OUTLETS: [&str; 2] = ["paper", "wire"];
const ASSUMPTIONS: [&str; 2] = ["same", "other"];
const DAYS: [&str; 3] = ["2025-12-12", "2025-12-13", "2025-12-15"];
const LABELS: [&str; 3] = ["Kyiv", "Vilnius", "Warsaw"];
/// About how many uncertain assumptions a dossier may have; what goes beyond is left out of it.
const DOUBTS: usize = 12;

/// The item of a list at a place taken modulo its length; lists here are not empty.
fn pick<T>(list: &[T], place: usize) -> Option<&T> {
    list.get(place % list.len().max(1))
}

impl Said {
    fn has_layers(&self) -> bool {
        matches!(self, Self::Layers(..))
    }

    fn value(&self, kind: Kind, top: u64) -> Value {
        let item = |x: u64| match kind {
            Kind::Count => Item::Number(x),
            Kind::Date => Item::Text(format!("2025-12-{:02}", 10 + x)),
            _ => Item::Text(
                (*pick(&LABELS, usize::try_from(x).unwrap_or(0)).unwrap_or(&"Kyiv")).to_owned(),
            ),
        };
        let cut = |x: &u64| x % (top + 1);
        let items = |list: &[u64]| list.iter().map(|x| item(cut(x))).collect::<Vec<Item>>();
        if kind == Kind::Category {
            return match self {
                Self::OneOf(list) => Value::one_of(items(list)),
                Self::NoneOf(list) => Value::none_of(items(list)),
                Self::Layers(a, n, _) => {
                    let both = [item(cut(a)), item(cut(a) + n)];
                    Value::layers(Value::one_of(both), Value::from(item(cut(a))))
                }
                Self::Exactly(a) | Self::AtLeast(a) | Self::AtMost(a) | Self::Between(a, _) => {
                    Value::from(item(cut(a)))
                }
            };
        }
        match self {
            Self::Exactly(a) => Value::from(item(cut(a))),
            Self::AtLeast(a) => Value::at_least(item(cut(a))),
            Self::AtMost(a) => Value::at_most(item(cut(a))),
            Self::Between(a, n) => Value::between(item(cut(a)), item((cut(a) + n).min(top))),
            Self::OneOf(list) => Value::one_of(items(list)),
            Self::NoneOf(list) => Value::none_of(items(list)),
            Self::Layers(a, n, more) => {
                let (low, high) = (cut(a), (cut(a) + n).min(top));
                let entailed = match more {
                    None => Value::at_least(item(low)),
                    Some(more) => Value::between(item(low.saturating_sub(*more)), item(high)),
                };
                Value::layers(entailed, Value::between(item(low), item(high)))
            }
        }
    }
}

/// Keeps count of the uncertain assumptions.
struct Budget(usize);

impl Budget {
    fn take(&mut self, cost: usize) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

impl Plan {
    /// Fills the shape.
    pub(super) fn dossier(&self, shape: &Shape) -> Dossier {
        let (carry_over, suggestion_holds, common_origin) = self.options;
        let options = Options::new()
            .carry_over(p(carry_over))
            .suggestion_holds(p(suggestion_holds))
            .common_origin(p(common_origin));
        let mut out = Dossier::builder().options(options).as_of("2025-12-14");
        let (same, other) = self.assumptions;
        for (id, probability) in ASSUMPTIONS.into_iter().zip([same, other]) {
            out = out.assumption(Assumption::new(id, probability));
        }
        // The assumptions are paid for in advance.
        let mut budget = Budget(DOUBTS - 2);
        for (choices, (choice, soft)) in shape.links.iter().zip(&self.links) {
            let Some(formula) = pick(choices, *choice) else {
                continue;
            };
            let link = Link::new(*formula);
            out = out.link(match soft {
                None => link,
                Some(0) => link.assuming([ASSUMPTIONS[0]]),
                Some(1) => link.assuming([ASSUMPTIONS[1]]),
                Some(_) => link.assuming(ASSUMPTIONS),
            });
        }
        let mut sources: Vec<String> = Vec::new();
        let mut claims: Vec<Claim> = Vec::new();
        for plan in &self.claims {
            let (Some(question), Some(name)) = (
                pick(&shape.questions, plan.question),
                pick(
                    SOURCES.get(..shape.sources).unwrap_or_default(),
                    plan.source,
                ),
            ) else {
                continue;
            };
            let source = if shape.apart {
                format!("{name}_{}", question.id)
            } else {
                (*name).to_owned()
            };
            let new_source = usize::from(!sources.contains(&source));
            if !budget.take(1 + new_source) {
                break;
            }
            if new_source == 1 {
                sources.push(source.clone());
            }
            claims.push(claim(
                plan,
                question,
                &source,
                shape,
                claims.len(),
                &mut budget,
            ));
            if let Some(route) = &plan.again
                && budget.take(route.len())
                && let Some(first) = claims.last()
            {
                let mut again = first
                    .clone()
                    .via(route.iter().filter_map(|o| pick(&OUTLETS, *o).copied()));
                again.id = format!("c{}", claims.len()).into();
                again.more.supersedes = Vec::new();
                claims.push(again);
            }
        }
        for source in &sources {
            let place = SOURCES
                .iter()
                .position(|s| source.starts_with(s))
                .unwrap_or(0);
            let grade = pick(&self.sources, place).copied().unwrap_or_default();
            out = out.source(Source::new(source.as_str()).reliability(grade));
        }
        for outlet in OUTLETS {
            let source = Source::new(outlet).reliability(Letter::B);
            out = out.source(match self.fidelity {
                Some(fidelity) if outlet == "wire" => source.fidelity(fidelity),
                _ => source,
            });
        }
        for (first, step, third, probability) in &self.groups {
            // Two or three different sources, if there are as many.
            let n = sources.len();
            let mut members: Vec<usize> = vec![first % n.max(1), (first + step) % n.max(1)];
            if *third {
                members.push((first + step + 1) % n.max(1));
            }
            members.sort_unstable();
            members.dedup();
            if members.len() >= 2 {
                let members = members.iter().filter_map(|m| sources.get(*m).cloned());
                out = out.common_origin(CommonOrigin::new(members, *probability));
            }
        }
        for question in &shape.questions {
            out = out.question(question.clone());
        }
        let built = out.claims(claims).build();
        built.unwrap_or_else(|problems| unreachable!("a plan makes a valid dossier: {problems}"))
    }
}

/// The claim at that place, without what the budget does not allow.
fn claim(
    plan: &ClaimPlan,
    question: &Question,
    source: &str,
    shape: &Shape,
    place: usize,
    budget: &mut Budget,
) -> Claim {
    let affordable = !plan.said.has_layers() || budget.take(1);
    let said = match &plan.said {
        Said::Layers(a, ..) if !affordable => Said::AtLeast(*a),
        said => said.clone(),
    };
    let mut claim = Claim::new(format!("c{place}"))
        .question(question.id.clone())
        .source(source)
        .value(said.value(question.kind, shape.top));
    if !plan.via.is_empty() && budget.take(plan.via.len()) {
        claim = claim.via(plan.via.iter().filter_map(|o| pick(&OUTLETS, *o).copied()));
    }
    if let Some(credibility) = plan.credibility
        && budget.take(1)
    {
        claim = claim.credibility(credibility);
    }
    if let Some(a) = plan.assuming {
        claim = claim.assuming(pick(&ASSUMPTIONS, a).copied());
    }
    let (day, role) = plan.day;
    let day = pick(&DAYS, day).copied().unwrap_or_default();
    claim = match (question.over_time, role) {
        (OverTime::Varies, _) | (_, 0 | 1) => claim.as_of(day),
        (_, 2) => claim.stated(day),
        _ => claim,
    };
    match plan.retired {
        Some((0, _)) => claim.retracted(),
        Some((_, old)) if place > 0 => claim.supersedes([format!("c{}", old % place)]),
        _ => claim,
    }
}
