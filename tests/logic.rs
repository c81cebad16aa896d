//! Published answers on conflicts, bounds, intervals and dates, and what becomes of them in the language of claims.
//!
//! The facts are in `cases/logic/`. Whatever differs from them here, differs for a reason:
//!
//! - **Conflicts** (`conflicts.json`). A constraint that may be given up is a claim of a source of its own, or a link with an assumption
//!   of its own. Propositions are counts of at most 1, `not p or not q` is `p + q <= 1`, `p implies q` is `p <= q`, `p and q` is
//!   `p + q = 2`. Counts are never negative, so differences that may be are shifted by 100 (mus06); the same case on dates needs no
//!   shift, but there a constraint with two ends is two links. Of mus07 one constraint is left out, a disjunction within an implication,
//!   which no linear link says; it takes part in nothing. Drastic Shapley values have no counterpart: involvement is by minimal conflicts.
//! - **Bounds** (`bounds.json`). Restated are a rounded percentage (bp09: its two linear ends) and the size of a union (bp13).
//! - **Intervals** (`allen.json`). Allen's are half-open, [s, e); ours hold both ends, so theirs are our [s, e - 1]. Of his thirteen
//!   relations we tell six: what starts, finishes or lies inside is `Within`; what meets `Touches`; and before and after are both `Apart`,
//!   since a gap counts the same either way.
//! - **Dates** (`edtf.json`). See [`REFUSED`] for what we do not read; [`in_other_words`] says how to state most of it. `2004-06~` holds
//!   a month more on either side, and only suggests June: "approximately" does not rule out July.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which may stop a test"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use discrepancy::{
    Answer, Answers, Assumption, BeliefError, Claim, Comparison, ConflictKind, ConflictUnit,
    Dossier, DossierBuilder, Findings, GiveUp, Interval, Item, Link, Prepared, Probability,
    Question, Set, Source, Value, check_all, reconcile,
};
use serde_json::Value as Json;

type Names = BTreeSet<String>;

fn facts<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

/// With a source of its own for the claim.
fn said(dossier: DossierBuilder, claim: Claim, reliability: f64) -> DossierBuilder {
    let source = claim.id().to_string();
    let grade = Probability::new(reliability).unwrap();
    dossier
        .source(Source::new(source.as_str()).reliability(grade))
        .claim(claim.source(source))
}

// ---------------------------------------------------------------- conflicts

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ConflictCase {
    name: String,
    #[serde(rename = "origin")]
    _origin: String,
    questions: Vec<String>,
    hard: Vec<String>,
    soft: Vec<Soft>,
    conflicts: BTreeSet<Names>,
    repairs: BTreeSet<Names>,
    involvement: BTreeMap<String, String>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Soft {
    Link {
        id: String,
        formula: String,
    },
    Claim {
        id: String,
        question: String,
        value: Json,
    },
}

fn value(json: &Json) -> Value {
    let number = |x: &Json| x.as_u64().unwrap();
    match (json.get("one_of"), json.get("min"), json.get("max")) {
        (Some(items), None, None) => Value::one_of(items.as_array().unwrap().iter().map(number)),
        (None, Some(min), None) => Value::at_least(number(min)),
        (None, None, Some(max)) => Value::at_most(number(max)),
        (None, Some(min), Some(max)) => Value::between(number(min), number(max)),
        _ => Value::from(number(json)),
    }
}

impl ConflictCase {
    fn dossier(&self) -> Dossier {
        let mut dossier = Dossier::builder();
        for question in &self.questions {
            dossier = dossier.question(Question::count(question.as_str()));
        }
        for formula in &self.hard {
            dossier = dossier.link(Link::new(formula.as_str()));
        }
        for soft in &self.soft {
            dossier = match soft {
                Soft::Link { id, formula } => soft_link(dossier, id, formula),
                Soft::Claim {
                    id,
                    question,
                    value: v,
                } => said(
                    dossier,
                    Claim::new(id.as_str())
                        .question(question.as_str())
                        .value(value(v)),
                    0.8,
                ),
            };
        }
        dossier
            .build()
            .unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }
}

fn soft_link(dossier: DossierBuilder, id: &str, formula: &str) -> DossierBuilder {
    dossier
        .assumption(Assumption::new(id, Probability::new(0.9).unwrap()))
        .link(Link::new(formula).id(id).assuming([id]))
}

/// The minimal contradictions, each by the claims and soft links in it.
fn conflicts(findings: &Findings) -> BTreeSet<Names> {
    let contradictions = findings
        .conflicts
        .iter()
        .filter(|c| c.kind == ConflictKind::Contradiction);
    contradictions.map(|c| names(&c.units)).collect()
}

fn names(units: &[ConflictUnit]) -> Names {
    let name = |unit: &ConflictUnit| match unit {
        ConflictUnit::Said(claim) | ConflictUnit::Meant(claim) => claim.to_string(),
        ConflictUnit::Link(link) => link.to_string(),
        _ => panic!("an unknown unit"),
    };
    units.iter().map(name).collect()
}

/// What to give up so that everything can hold: of each dispute one repair, in all combinations.
fn corrections(findings: &Findings) -> BTreeSet<Names> {
    let mut by_dispute: BTreeMap<&str, Vec<Names>> = BTreeMap::new();
    for repair in &findings.repairs {
        let given_up = repair.give_up.iter().map(|g| match g {
            GiveUp::Claim { id } => id.to_string(),
            GiveUp::Link { id } => id.to_string(),
            _ => panic!("an unknown unit"),
        });
        by_dispute
            .entry(&repair.dispute)
            .or_default()
            .push(given_up.collect());
    }
    let mut all = BTreeSet::from([Names::new()]);
    for repairs in by_dispute.values() {
        let with = |one: &Names| repairs.iter().map(|r| r | one).collect::<Vec<_>>();
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// The share of each claim and soft link in the disagreement, as a ratio.
fn involvement(findings: &Findings) -> BTreeMap<String, String> {
    let claims = findings
        .claims
        .iter()
        .map(|c| (c.id.to_string(), c.involvement));
    let links = findings
        .links
        .iter()
        .filter(|l| !l.hard)
        .map(|l| (l.id.to_string(), l.involvement));
    let ratio = |n: u128, d: u128| match d {
        1 => n.to_string(),
        _ => format!("{n}/{d}"),
    };
    claims
        .chain(links)
        .map(|(id, i)| (id, ratio(i.numerator(), i.denominator())))
        .collect()
}

fn check_conflicts(case: &ConflictCase, dossier: Dossier) {
    let name = &case.name;
    let sets = Prepared::new(dossier.clone()).conflict_sets();
    let bare: BTreeSet<Names> = sets.iter().map(|units| names(units)).collect();
    assert_eq!(bare, case.conflicts, "{name}");
    let findings = reconcile(dossier);
    assert_eq!(conflicts(&findings), case.conflicts, "{name}");
    assert_eq!(corrections(&findings), case.repairs, "{name}");
    assert_eq!(involvement(&findings), case.involvement, "{name}");
    assert_eq!(findings.conflicts.len(), case.conflicts.len(), "{name}");
    check_all(&findings).unwrap_or_else(|e| panic!("{name}: {e:?}"));
}

#[test]
fn conflicts_repairs_and_involvement() {
    let cases: Vec<ConflictCase> = facts(include_str!("cases/logic/conflicts.json"));
    assert_eq!(cases.len(), 20);
    for case in &cases {
        let start = std::time::Instant::now();
        check_conflicts(case, case.dossier());
        println!("{}: {:?}", case.name, start.elapsed());
    }
}

/// `not p` as a denial, and a claim that contradicts itself as one beyond what its question can hold.
#[test]
fn negations_as_denials_and_a_claim_that_nothing_satisfies() {
    let claim =
        |id: &str, question: &str, value: Value| Claim::new(id).question(question).value(value);
    let mut dossier = Dossier::builder()
        .question(Question::category("a"))
        .question(Question::count("b"))
        .link(Link::new("b <= 1"));
    for claim in [
        claim("a", "a", "yes".into()),
        claim("!a", "a", Value::none_of(["yes"])),
        claim("b&!b", "b", 2.into()),
        claim("b", "b", 1.into()),
    ] {
        dossier = said(dossier, claim, 0.8);
    }
    let findings = reconcile(dossier.build().unwrap());
    let expected =
        [&["a", "!a"][..], &["b&!b"]].map(|c| c.iter().map(|x| (*x).to_owned()).collect());
    assert_eq!(conflicts(&findings), BTreeSet::from(expected));
    let involved = involvement(&findings);
    let of = |id: &str| involved[id].as_str();
    assert_eq!(["a", "!a", "b&!b", "b"].map(of), ["1/2", "1/2", "1", "0"]);
    assert_eq!(check_all(&findings), Ok(()));
}

/// The case of four time spans (mus06) on dates: of each span only the end that is needed takes part.
#[test]
fn time_spans_between_dates() {
    let mut dossier = Dossier::builder();
    for question in ["x0", "x1", "x2", "x3"] {
        dossier = dossier.question(Question::date(question));
    }
    for (span, least, most) in [
        ("x1 - x0", 10, 20),
        ("x2 - x1", 30, 40),
        ("x3 - x2", 10, 20),
        ("x3 - x0", 40, 45),
    ] {
        for bound in [format!(">= {least}"), format!("<= {most}")] {
            let formula = format!("{span} {bound}");
            dossier = soft_link(dossier, &formula, &formula);
        }
    }
    let findings = reconcile(dossier.build().unwrap());
    let needed = [
        "x1 - x0 >= 10",
        "x2 - x1 >= 30",
        "x3 - x2 >= 10",
        "x3 - x0 <= 45",
    ]
    .map(str::to_owned);
    assert_eq!(
        conflicts(&findings),
        BTreeSet::from([Names::from(needed.clone())])
    );
    assert_eq!(
        corrections(&findings),
        needed.iter().map(|x| Names::from([x.clone()])).collect()
    );
    for (link, share) in involvement(&findings) {
        assert_eq!(
            share,
            if needed.contains(&link) { "1/4" } else { "0" },
            "{link}"
        );
    }
    assert_eq!(check_all(&findings), Ok(()));
}

/// Two orders that exclude each other: a conflict of the links alone, whatever is claimed, and nobody in a camp that holds with both.
#[test]
fn links_that_contradict_each_other_need_no_claim() {
    let links = Names::from(["x < y", "y < x"].map(str::to_owned));
    for (kind, values) in [
        (
            (|id| Question::date(id)) as fn(&'static str) -> Question,
            [
                Value::from("2025"),
                "2025-12-13".into(),
                Value::at_least("2025"),
            ],
        ),
        (
            |id| Question::count(id),
            [Value::from(2025), 20_251_213.into(), Value::at_least(2025)],
        ),
    ] {
        let questions = ["x", "y"].map(kind);
        let dossier = questions
            .into_iter()
            .fold(Dossier::builder(), DossierBuilder::question);
        let dossier = links
            .iter()
            .fold(dossier, |d, link| soft_link(d, link, link));
        let claims = values.map(|value| {
            said(
                dossier.clone(),
                Claim::new("c").question("x").value(value),
                0.8,
            )
        });
        for dossier in claims.into_iter().chain([dossier]) {
            let findings = reconcile(dossier.build().unwrap());
            assert_eq!(conflicts(&findings), BTreeSet::from([links.clone()]));
            assert!(findings.questions.iter().all(|q| q.camps.is_empty()));
            assert!((findings.discrepancy - 0.81).abs() < 1e-9);
            assert_eq!(check_all(&findings), Ok(()));
        }
    }
}

/// The count that must not fall (mus18) as one question that only grows.
#[test]
fn a_cumulative_count_must_not_fall() {
    let mut dossier = Dossier::builder()
        .question(Question::count("k").over_time(discrepancy::OverTime::Cumulative));
    for (id, day, count) in [
        ("Sep: 52", "2025-09-30", 52),
        ("Nov: 83", "2025-11-30", 83),
        ("Dec: 75", "2025-12-31", 75),
    ] {
        dossier = said(
            dossier,
            Claim::new(id).question("k").as_of(day).value(count),
            0.8,
        );
    }
    let cases: Vec<ConflictCase> = facts(include_str!("cases/logic/conflicts.json"));
    let case = cases.iter().find(|c| c.name.starts_with("mus18")).unwrap();
    check_conflicts(case, dossier.build().unwrap());
}

// ---------------------------------------------------------------- bounds

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BoundsCase {
    name: String,
    /// Both ends are held; 1,000,000 stands for no upper one.
    claimed: BTreeMap<String, [u64; 2]>,
    links: Vec<String>,
    /// `None` where nothing satisfies all of it.
    hull: Option<BTreeMap<String, [u64; 2]>>,
    /// What propagation of bounds makes of it, where that is less.
    #[serde(default)]
    propagation: Option<BTreeMap<String, [u64; 2]>>,
}

/// Stands for no upper bound.
const NO_END: u64 = 1_000_000;

impl BoundsCase {
    /// One claim for each question; those without an upper bound are left open, or end at [`NO_END`].
    fn dossier(&self, open: bool, reliability: f64) -> Dossier {
        let mut dossier = Dossier::builder();
        for (question, [min, max]) in &self.claimed {
            let value = if open && *max == NO_END {
                Value::at_least(*min)
            } else {
                Value::between(*min, *max)
            };
            let claim = Claim::new(question.as_str()).question(question.as_str());
            dossier = dossier.question(Question::count(question.as_str()));
            dossier = said(dossier, claim.value(value), reliability);
        }
        let links = self.links.iter().map(|l| Link::new(l.as_str()));
        links.fold(dossier, DossierBuilder::link).build().unwrap()
    }
}

fn bounds_cases() -> Vec<BoundsCase> {
    let cases: Vec<BoundsCase> = facts(include_str!("cases/logic/bounds.json"));
    assert_eq!(cases.len(), 16);
    cases
}

/// Asserts that of a question just what lies between the ends is allowed, and that no more than that is entailed.
#[track_caller]
fn check_hull(findings: &Findings, question: &str, min: u64, max: Option<u64>) {
    let of = |value: Value| {
        let c = findings.belief(question, value.clone()).unwrap();
        [c.belief, c.plausibility].map(|p| match p {
            p if p.abs() < 1e-12 => 0,
            p if (p - 1.0).abs() < 1e-12 => 1,
            _ => panic!("{question}: {p} for {value:?}, all claims being certain"),
        })
    };
    let only = max == Some(min);
    assert_eq!(of(min.into()), [i32::from(only), 1], "{question}: {min}");
    if let Some(below) = min.checked_sub(1) {
        assert_eq!(of(Value::at_most(below)), [0, 0], "{question} below {min}");
        assert_eq!(of(below.into()), [0, 0], "{question} below {min}");
    }
    match max {
        None => {
            assert_eq!(of(Value::at_least(min)), [1, 1], "{question} from {min}");
            assert_eq!(
                of(Value::at_least(u64::from(u32::MAX))),
                [0, 1],
                "{question}"
            );
        }
        Some(max) => {
            assert_eq!(of(max.into()), [i32::from(only), 1], "{question}: {max}");
            assert_eq!(of(Value::between(min, max)), [1, 1], "{question}");
            assert_eq!(of((max + 1).into()), [0, 0], "{question} above {max}");
            assert_eq!(
                of(Value::at_least(max + 1)),
                [0, 0],
                "{question} above {max}"
            );
        }
    }
}

#[test]
fn hulls_are_exact() {
    let mut inexact = 0;
    for case in bounds_cases() {
        println!("{}", case.name);
        let Some(hull) = &case.hull else { continue };
        inexact += usize::from(case.propagation.is_some_and(|p| p != *hull));
        for open in [false, true] {
            let case = bounds_cases()
                .into_iter()
                .find(|c| c.name == case.name)
                .unwrap();
            let findings = reconcile(case.dossier(open, 1.0));
            assert!(findings.conflicts.is_empty());
            for (question, [min, max]) in hull {
                // Far-off ends come from the figure that stands for none.
                let is_open = open && *max > NO_END / 2;
                check_hull(&findings, question, *min, (!is_open).then_some(*max));
            }
        }
    }
    assert_eq!(inexact, 1, "propagation alone falls short of bp12");
}

/// A whole of two equal parts is even: propagation does not see it, the pairs compared do.
#[test]
fn hulls_through_cycles_are_exact() {
    let dossier = Dossier::builder()
        .question(Question::count("n"))
        .question(Question::count("x"))
        .question(Question::count("y"))
        .link(Link::new("n = x + y"))
        .link(Link::new("x = y"));
    let dossier = said(
        dossier,
        Claim::new("a").question("n").value(Value::between(3, 5)),
        0.8,
    );
    let dossier = said(dossier, Claim::new("b").question("x").value(2), 0.8);
    let findings = reconcile(dossier.build().unwrap());
    // Of 3 to 5 only 4 is even, so that x is 2 and no more.
    let [pair] = findings.overlaps.as_slice() else {
        panic!("{:?}", findings.overlaps);
    };
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("a", "b"));
    assert_eq!((pair.comparison, pair.gap), (Comparison::Equal, None));
    let through: Vec<&str> = pair
        .through
        .iter()
        .flatten()
        .map(discrepancy::LinkId::as_str)
        .collect();
    assert_eq!(through, ["n = x + y", "x = y"]);
}

#[test]
fn what_nothing_satisfies_is_impossible_or_a_contradiction() {
    for case in bounds_cases().iter().filter(|c| c.hull.is_none()) {
        let name = &case.name;
        for open in [false, true] {
            let certain = reconcile(case.dossier(open, 1.0));
            assert!(certain.components.iter().all(|c| c.impossible), "{name}");
            let asked = certain.belief(case.claimed.keys().next().unwrap(), 1);
            assert!(
                matches!(asked, Err(BeliefError::Impossible { .. })),
                "{name}"
            );
            check_all(&certain).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            // The same claims by fallible sources.
            let doubted = reconcile(case.dossier(open, 0.8));
            assert!(!doubted.conflicts.is_empty(), "{name}");
            assert_eq!(conflicts(&doubted), conflicts(&certain), "{name}");
            check_all(&doubted).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        }
    }
}

/// Which claims it takes: those of bp04, bp11 and bp14; and bp10 and bp16 take none, their links contradicting one another.
#[test]
fn minimal_conflicts_of_what_nothing_satisfies() {
    let expected = [
        ("bp04", &["w", "a", "b"][..]),
        ("bp10", &[]),
        ("bp11", &[]),
        ("bp14", &["pol_remain", "remain"]),
        ("bp16", &[]),
    ];
    let cases = bounds_cases();
    let infeasible = cases.iter().filter(|c| c.hull.is_none());
    for (case, (name, claims)) in infeasible.zip(expected) {
        assert!(case.name.starts_with(name), "{}", case.name);
        let claims: Names = claims.iter().map(|c| (*c).to_owned()).collect();
        let found = conflicts(&reconcile(case.dossier(true, 0.8)));
        assert_eq!(found, BTreeSet::from([claims]), "{name}");
    }
}

// ---------------------------------------------------------------- intervals

/// Our relation for each of Allen's thirteen.
fn ours(allen: &str) -> Comparison {
    match allen {
        "equals" => Comparison::Equal,
        "contains" | "started-by" | "finished-by" => Comparison::Contains,
        "during" | "starts" | "finishes" => Comparison::Within,
        "overlaps" | "overlapped-by" => Comparison::Overlaps,
        "meets" | "met-by" => Comparison::Touches,
        "before" | "after" => Comparison::Apart,
        _ => panic!("{allen} is not one of the thirteen"),
    }
}

/// Allen's relation of two half-open intervals, by its definition.
fn allen([s, e]: [u64; 2], [t, f]: [u64; 2]) -> &'static str {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match (s.cmp(&t), e.cmp(&f)) {
        _ if e < t => "before",
        _ if e == t => "meets",
        _ if f < s => "after",
        _ if f == s => "met-by",
        (Equal, Equal) => "equals",
        (Equal, Less) => "starts",
        (Equal, Greater) => "started-by",
        (Less, Equal) => "finished-by",
        (Greater, Equal) => "finishes",
        (Less, Greater) => "contains",
        (Greater, Less) => "during",
        (Less, Less) => "overlaps",
        (Greater, Greater) => "overlapped-by",
    }
}

/// How two sets of points lie to one another, point by point.
fn by_points([a, b]: [u64; 2], [c, d]: [u64; 2]) -> Comparison {
    let left: BTreeSet<u64> = (a..=b).collect();
    let right: BTreeSet<u64> = (c..=d).collect();
    let next: BTreeSet<u64> = left
        .iter()
        .flat_map(|x| [x + 1, x.saturating_sub(1)])
        .collect();
    if left == right {
        Comparison::Equal
    } else if left.is_superset(&right) {
        Comparison::Contains
    } else if left.is_subset(&right) {
        Comparison::Within
    } else if !left.is_disjoint(&right) {
        Comparison::Overlaps
    } else if !next.is_disjoint(&right) {
        Comparison::Touches
    } else {
        Comparison::Apart
    }
}

/// Days of one winter, so that intervals cross the ends of months and of a year.
fn day(number: u64) -> Item {
    let start = NaiveDate::from_ymd_opt(2025, 12, 28).unwrap();
    Item::from(start + chrono::Days::new(number))
}

fn set([min, max]: [u64; 2]) -> Set {
    Interval::new(Some(min.into()), Some(max.into()))
        .unwrap()
        .into()
}

/// One claim for each interval, both ends held, on a question of that kind.
fn side_by_side(question: Question, item: fn(u64) -> Item, intervals: &[[u64; 2]]) -> Findings {
    let mut dossier = Dossier::builder().question(question);
    for (i, [min, max]) in intervals.iter().enumerate() {
        let claim = Claim::new(format!("{i:02}")).question("q");
        dossier = said(
            dossier,
            claim.value(Value::between(item(*min), item(*max))),
            0.5,
        );
    }
    reconcile(dossier.build().unwrap())
}

fn of_both_kinds(intervals: &[[u64; 2]]) -> [Findings; 2] {
    [
        side_by_side(Question::count("q"), Item::from, intervals),
        side_by_side(Question::date("q"), day, intervals),
    ]
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AllenCase {
    a: [u64; 2],
    b: [u64; 2],
    relation: String,
}

#[test]
fn allens_thirteen_are_told_by_six() {
    let cases: Vec<AllenCase> = facts(include_str!("cases/logic/allen.json"));
    let relations: BTreeSet<&str> = cases.iter().map(|c| c.relation.as_str()).collect();
    assert_eq!((cases.len(), relations.len()), (13, 13));
    for AllenCase { a, b, relation } in &cases {
        assert_eq!(allen(*a, *b), relation);
        let held = [*a, *b].map(|[start, end]| [start, end - 1]);
        for findings in of_both_kinds(&held) {
            let overlaps = &findings.overlaps;
            assert_eq!(overlaps.len(), 1);
            assert_eq!(
                overlaps[0].comparison,
                ours(relation),
                "{a:?} {relation} {b:?}"
            );
        }
    }
}

#[test]
fn all_pairs_of_intervals() {
    let intervals: Vec<[u64; 2]> = (0..=8).flat_map(|a| (a..=8).map(move |b| [a, b])).collect();
    assert_eq!(intervals.len(), 45);
    for a in &intervals {
        for b in &intervals {
            let found = Comparison::of(&set(*a), &set(*b));
            assert_eq!(found, by_points(*a, *b), "{a:?} {b:?}");
            let half_open = [a, b].map(|[start, end]| [*start, end + 1]);
            assert_eq!(
                found,
                ours(allen(half_open[0], half_open[1])),
                "{a:?} {b:?}"
            );
            assert_eq!(found.converse(), Comparison::of(&set(*b), &set(*a)));
        }
    }
    for findings in of_both_kinds(&intervals) {
        assert_eq!(findings.overlaps.len(), 45 * 44 / 2);
        for o in &findings.overlaps {
            let of = |id: &str| intervals[id.parse::<usize>().unwrap()];
            let (a, b) = (of(o.a.as_str()), of(o.b.as_str()));
            assert_eq!(o.comparison, by_points(a, b), "{a:?} {b:?}");
            let between = b[0].max(a[0]).checked_sub(b[1].min(a[1]) + 1);
            assert_eq!(o.gap, between, "{a:?} {b:?}");
        }
    }
}

// ---------------------------------------------------------------- dates

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DateFacts {
    dates: Vec<DateCase>,
    no_dates: Vec<String>,
    relations: Vec<DateRelation>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DateCase {
    edtf: String,
    /// A day, `open` or `unknown`; none where no calendar bounds are defined.
    first: Option<String>,
    last: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DateRelation {
    a: String,
    b: String,
    relation: String,
}

/// EDTF that is refused, by what its error says; the reasons are in what follows each.
const REFUSED: [(&str, &[&str]); 9] = [
    // Doubt belongs to the claim (`credibility`), not to the date: read as no doubt it would be overstated.
    (
        "marks of doubt",
        &[
            "1984?",
            "2004-06-11%",
            "1984-06?/2004-08?",
            "2021?",
            "2004-?06-?11",
            "2004?-06-11",
            "?2004-06-~10",
        ],
    ),
    // How far an approximate end of an interval, or month of an exact day, may reach, is not settled.
    (
        "approximate parts of a date or an interval",
        &["1984~/2004-06~", "2004-06~-11", "2004-06-~01/2004-06-~20"],
    ),
    // Some are stretches of days that can be said plainly, others have holes.
    (
        "unspecified digits",
        &[
            "201X",
            "20XX",
            "2004-XX",
            "1985-04-XX",
            "1985-XX-XX",
            "2021-XX-XX",
            "199X",
            "19XX",
            "156X-12-25",
            "15XX-12-25",
            "XXXX-12-XX",
            "1XXX-XX",
            "1XXX-12",
            "1984-1X",
            "2004-06-XX/2004-07-03",
        ],
    ),
    // Seasons have no calendar bounds without a hemisphere; of the two libraries each has its own.
    (
        "seasons, quarters and other parts of a year",
        &[
            "2001-21", "2001-22", "2001-23", "2001-24", "2001-25", "2001-33", "2001-34", "2001-37",
            "2001-41",
        ],
    ),
    // `[..]` is one of several days, as `one_of` is; `{..}` is all of them, which is no answer to "when".
    (
        "sets of dates",
        &[
            "[1667,1668,1670..1672]",
            "[..1760-12-03]",
            "[1760-12..]",
            "[1760-01,1760-02,1760-12..]",
            "{1960,1961-12}",
            "{..1984}",
            "{1667,1668,1670..1672}",
        ],
    ),
    // Results write days as four-digit years.
    (
        "negative years",
        &["Y-170000002", "-1985", "-0044", "Y-17E7"],
    ),
    (
        "years of other than four digits",
        &["Y170000002", "Y171010000S3", "Y3388E2S3"],
    ),
    // Significant digits.
    ("cannot read `1950S2` as a date", &["1950S2"]),
    // An unknown end is not an open one.
    ("lacks an end", &["1985-04-12/", "/1985"]),
];

/// The claim that the value is the answer to "when", by a single source; or the error at its value.
fn on_a_date(value: impl Into<Value>) -> Result<Findings, String> {
    let claim = Claim::new("c").question("q").value(value);
    let dossier = said(Dossier::builder().question(Question::date("q")), claim, 0.8);
    dossier.build().map(reconcile).map_err(|errors| {
        let first = errors.iter().next().unwrap();
        assert_eq!(first.place, "claims[0].value");
        first.to_string()
    })
}

/// The ends of a set of days, as the facts write them.
fn ends(answers: &Answers) -> [String; 2] {
    let text = |end: Option<&Answer>| end.map_or("open".to_owned(), ToString::to_string);
    match answers {
        Answers::Between { min, max } => [text(min.as_ref()), text(max.as_ref())],
        Answers::OneOf(days) => [text(days.first()), text(days.last())],
        _ => panic!("{answers:?}"),
    }
}

fn date_facts() -> DateFacts {
    let facts: DateFacts = facts(include_str!("cases/logic/edtf.json"));
    assert_eq!(
        (
            facts.dates.len(),
            facts.no_dates.len(),
            facts.relations.len()
        ),
        (67, 3, 7)
    );
    facts
}

#[test]
fn dates_are_read_as_defined_or_refused() {
    let (mut read, mut refused) = (0, 0);
    for DateCase { edtf, first, last } in &date_facts().dates {
        let listed = REFUSED
            .iter()
            .find(|(_, texts)| texts.contains(&edtf.as_str()));
        let findings = match (on_a_date(edtf.as_str()), listed) {
            (Ok(findings), None) => findings,
            (Err(error), Some((reason, _))) => {
                assert!(error.contains(reason), "{edtf}: {error}");
                refused += 1;
                continue;
            }
            (Err(error), None) => panic!("{edtf}: {error}"),
            (Ok(_), Some(_)) => panic!("{edtf} is read"),
        };
        let claim = findings.claim("c").unwrap();
        let expected = [first, last].map(|end| end.clone().unwrap());
        if edtf == "2004-06~" {
            assert_eq!(ends(&claim.entailed), ["2004-05-01", "2004-07-31"]);
            assert_eq!(ends(&claim.suggested.as_ref().unwrap().set), expected);
        } else {
            assert_eq!(ends(&claim.entailed), expected, "{edtf}");
            assert_eq!(claim.suggested, None, "{edtf}");
        }
        read += 1;
    }
    assert_eq!(
        refused,
        REFUSED.iter().map(|(_, texts)| texts.len()).sum::<usize>()
    );
    assert_eq!(read + refused, 67);
}

#[test]
fn what_is_no_date_is_refused() {
    for text in &date_facts().no_dates {
        assert!(on_a_date(text.as_str()).is_err(), "{text}");
    }
}

/// Refused EDTF, and the values that say the same.
fn in_other_words() -> Vec<(&'static str, Value)> {
    let in_years = |years: std::ops::Range<u32>, rest: &str| -> Value {
        Value::one_of(years.map(|y| format!("{y:04}{rest}")))
    };
    vec![
        ("201X", Value::between("2010", "2019")),
        ("20XX", Value::between("2000", "2099")),
        ("199X", Value::between("1990", "1999")),
        ("19XX", Value::between("1900", "1999")),
        ("1950S2", Value::between("1900", "1999")),
        ("1XXX-XX", Value::between("1000", "1999")),
        ("2004-XX", "2004".into()),
        ("1985-04-XX", "1985-04".into()),
        ("1985-XX-XX", "1985".into()),
        ("2021-XX-XX", "2021".into()),
        ("1984-1X", "1984-10/1984-12".into()),
        ("2004-06-XX/2004-07-03", "2004-06/2004-07-03".into()),
        ("156X-12-25", in_years(1560..1570, "-12-25")),
        ("15XX-12-25", in_years(1500..1600, "-12-25")),
        ("1XXX-12", in_years(1000..2000, "-12")),
        ("XXXX-12-XX", in_years(0..10_000, "-12")),
        ("2001-33", "2001-01/2001-03".into()),
        ("2001-34", "2001-04/2001-06".into()),
        ("2001-37", "2001-01/2001-04".into()),
        ("2001-41", "2001-07/2001-12".into()),
        (
            "[1667,1668,1670..1672]",
            Value::one_of(["1667", "1668", "1670", "1671", "1672"]),
        ),
        ("[..1760-12-03]", Value::at_most("1760-12-03")),
        ("[1760-12..]", Value::at_least("1760-12")),
    ]
}

#[test]
fn what_is_refused_can_be_said_in_other_words() {
    let facts = date_facts();
    for (text, value) in in_other_words() {
        assert!(
            REFUSED.iter().any(|(_, texts)| texts.contains(&text)),
            "{text}"
        );
        let case = facts.dates.iter().find(|c| c.edtf == text).unwrap();
        let expected = [&case.first, &case.last].map(|end| end.clone().unwrap());
        let findings = on_a_date(value).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            ends(&findings.claim("c").unwrap().entailed),
            expected,
            "{text}"
        );
        // The facts give the hull; what is not in the set is not in it here, either.
        if text == "[1667,1668,1670..1672]" {
            assert!(findings.belief("q", "1669").unwrap().plausibility < 0.21);
            assert!(findings.belief("q", "1670").unwrap().plausibility > 0.99);
        }
    }
}

#[test]
fn relations_of_dates() {
    for DateRelation { a, b, relation } in &date_facts().relations {
        let value = |text: &String| {
            let other = in_other_words().into_iter().find(|(t, _)| t == text);
            other.map_or_else(|| Value::from(text.as_str()), |(_, value)| value)
        };
        let claim = |id: &str, text: &String| Claim::new(id).question("q").value(value(text));
        let dossier = Dossier::builder().question(Question::date("q"));
        let dossier = said(said(dossier, claim("a", a), 0.8), claim("b", b), 0.8);
        let findings = reconcile(dossier.build().unwrap());
        let (expected, gap) = match relation.as_str() {
            "a inside b" | "a starts b" => (Comparison::Within, None),
            text if text.starts_with("b inside a") => (Comparison::Contains, None),
            text if text.starts_with("a meets b") => (Comparison::Touches, Some(0)),
            // Of 93 days from one to the next 92 lie strictly between.
            "a before b, 93 days apart" => (Comparison::Apart, Some(92)),
            text => panic!("{text}"),
        };
        let overlap = &findings.overlaps[0];
        assert_eq!(
            (overlap.comparison, overlap.gap),
            (expected, gap),
            "{a} {b}"
        );
    }
}
