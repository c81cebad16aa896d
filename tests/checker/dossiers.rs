//! Dossiers to check: known ones, some built for their derivations, and random ones.

use discrepancy::{
    Assumption, Claim, Dossier, Link, OverTime, Probability, Question, Source, Value,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value as Json;

/// The dossiers with known answers, by name.
pub(crate) fn known() -> Vec<(String, Dossier)> {
    [
        include_str!("../cases/worked.json"),
        include_str!("../cases/dates.json"),
        include_str!("../cases/conformance.json"),
    ]
    .into_iter()
    .flat_map(|file| serde_json::from_str::<Vec<Json>>(file).unwrap())
    .map(|case| {
        let json = case["dossier"].to_string();
        let dossier = Dossier::from_json(json.as_bytes()).unwrap();
        (case["name"].to_string(), dossier)
    })
    .collect()
}

/// Hard links (soft where they end in `?`), and claims by question, each of a source of its own.
fn dossier(questions: &[&str], links: &[&str], claims: Vec<(&str, Value)>) -> Dossier {
    let mut b = Dossier::builder().assumption(Assumption::new("same", 0.5.try_into().unwrap()));
    for q in questions {
        b = b.question(Question::count(*q));
    }
    for link in links {
        b = b.link(match link.strip_suffix('?') {
            Some(soft) => Link::new(soft).assuming(["same"]),
            None => Link::new(*link),
        });
    }
    for (i, (question, value)) in claims.into_iter().enumerate() {
        let source = format!("s{i}");
        b = b.source(Source::new(source.as_str()));
        let claim = Claim::new(format!("c{i}"));
        b = b.claim(claim.question(question).source(source).value(value));
    }
    b.build().unwrap()
}

/// Dossiers whose derivations need sums, or cases, or neither.
pub(crate) fn built() -> Vec<(String, Dossier)> {
    let all = [whole_and_parts(), multiples(), cycles()]
        .into_iter()
        .flatten();
    let named = |(name, d): (&str, Dossier)| (name.to_owned(), d);
    all.map(named)
        .chain([("over time".to_owned(), over_time())])
        .collect()
}

fn exactly(n: u64) -> Value {
    Value::from(n)
}

fn whole_and_parts() -> Vec<(&'static str, Dossier)> {
    let cycle = ["n = x + y", "x = y + m"];
    vec![
        (
            "a whole of two parts with a difference, odd",
            dossier(
                &["m", "n", "x", "y"],
                &cycle,
                vec![("n", exactly(5)), ("m", exactly(2))],
            ),
        ),
        (
            "the same, the difference too large",
            dossier(
                &["m", "n", "x", "y"],
                &cycle,
                vec![("n", Value::at_most(5)), ("m", Value::at_least(6))],
            ),
        ),
        (
            "the same, with ranges",
            dossier(
                &["m", "n", "x", "y"],
                &cycle,
                vec![
                    ("n", Value::between(5, 9)),
                    ("m", Value::between(2, 4)),
                    ("y", Value::at_least(4)),
                    ("x", exactly(4)),
                ],
            ),
        ),
        (
            "an odd triangle",
            dossier(
                &["a", "b", "c", "x", "y", "z"],
                &["a = x + y", "b = y + z", "c = x + z"],
                vec![
                    ("a", exactly(7)),
                    ("b", exactly(9)),
                    ("c", exactly(7)),
                    ("a", exactly(8)),
                ],
            ),
        ),
        (
            "an odd triangle, one side assumed",
            dossier(
                &["a", "b", "c", "x", "y", "z"],
                &["a = x + y", "b = y + z?", "c = x + z"],
                vec![("a", exactly(7)), ("b", exactly(9)), ("c", exactly(7))],
            ),
        ),
    ]
}

fn multiples() -> Vec<(&'static str, Dossier)> {
    let even = || Value::one_of([0, 2, 4, 6]);
    vec![
        (
            "twos and threes",
            dossier(
                &["n", "x", "y"],
                &["n = 2*x + 3*y", "y = 2*x + 1"],
                vec![("n", exactly(12)), ("x", Value::at_least(1))],
            ),
        ),
        (
            "twos and fours",
            dossier(
                &["n", "x", "y", "z"],
                &["n = 2*x + 4*y + 6*z"],
                vec![("n", exactly(301))],
            ),
        ),
        (
            "fewer than packets of 6, 10 and 15 make",
            dossier(
                &["n", "x", "y", "z"],
                &["n = 6*x + 10*y + 15*z"],
                vec![("n", exactly(29))],
            ),
        ),
        (
            "the same, and a number that they do make",
            dossier(
                &["n", "x", "y", "z"],
                &["n = 6*x + 10*y + 15*z"],
                vec![
                    ("n", Value::one_of([23, 29])),
                    ("x", Value::at_most(9)),
                    ("n", Value::one_of([17, 31])),
                ],
            ),
        ),
        (
            "even parts of an odd whole",
            dossier(
                &["n", "x", "y", "z"],
                &["n = x + y + z"],
                vec![
                    ("n", exactly(7)),
                    ("x", even()),
                    ("y", even()),
                    ("z", even()),
                    ("z", Value::none_of([2])),
                ],
            ),
        ),
        (
            "parts that differ from one another, of few",
            dossier(
                &["d", "e", "x", "y", "z"],
                &["d = x + y", "e = y + z", "d = e + 1"],
                vec![
                    ("x", Value::one_of([1, 5])),
                    ("y", Value::one_of([1, 3])),
                    ("z", Value::one_of([1, 3, 7])),
                ],
            ),
        ),
    ]
}

fn cycles() -> Vec<(&'static str, Dossier)> {
    vec![
        (
            "a cycle that nothing bounds",
            dossier(
                &["x", "y"],
                &["x + 1 <= y", "y <= x"],
                vec![("x", exactly(3))],
            ),
        ),
        (
            "a cycle that nothing bounds, assumed",
            dossier(
                &["x", "y"],
                &["x < y", "y <= x?"],
                vec![("x", Value::at_least(3))],
            ),
        ),
        (
            "a cycle through a claim",
            dossier(
                &["x", "y", "z"],
                &["y = x + z", "x < y"],
                vec![("z", exactly(0)), ("x", Value::at_least(9))],
            ),
        ),
        (
            "multiples round a cycle",
            dossier(
                &["x", "y", "z"],
                &["2*x <= y", "3*y <= z", "z = 5*x"],
                vec![("x", Value::at_least(1))],
            ),
        ),
        (
            "a gap stepped over, then a cycle that nothing bounds",
            dossier(
                &["x", "y"],
                &["y <= x + 4", "y = 3*x"],
                vec![("y", Value::at_least(4)), ("x", Value::none_of([2]))],
            ),
        ),
        (
            "a long way down",
            dossier(
                &["x", "y"],
                &["x < y", "y < x"],
                vec![
                    ("x", Value::at_most(u64::MAX)),
                    ("y", Value::at_most(u64::MAX)),
                ],
            ),
        ),
        (
            "a falsehood",
            dossier(&["x"], &["x < x?", "x >= x"], vec![("x", exactly(1))]),
        ),
    ]
}

/// The dead of one event, some of them of one town, on several days.
fn over_time() -> Dossier {
    let claim = |id: &str, question: &str, value: u64, day: &str| {
        let claim = Claim::new(id)
            .question(question)
            .source(format!("of_{id}"))
            .value(value);
        claim.as_of(day)
    };
    let ids = ["a", "b", "c", "d", "e"];
    ids.iter()
        .fold(Dossier::builder(), |b, id| {
            b.source(Source::new(format!("of_{id}").as_str()))
        })
        .question(Question::count("dead").over_time(OverTime::Cumulative))
        .question(Question::count("town").over_time(OverTime::Cumulative))
        .question(Question::count("missing"))
        .link(Link::new("town + missing <= dead").id("part"))
        .claim(claim("a", "dead", 12, "2025-03-01"))
        .claim(claim("b", "dead", 9, "2025-03-04T12:00:00Z"))
        .claim(claim("c", "town", 10, "2025-03-04T12:00:00Z"))
        .claim(
            Claim::new("d")
                .question("dead")
                .source("of_d")
                .value("more than 20")
                .stated("2025-03-03"),
        )
        .claim(Claim::new("e").question("missing").source("of_e").value(2))
        .build()
        .unwrap()
}

/// Questions and links that hang together in chains, sums, trees and cycles.
const SHAPES: [(&[&str], &[&str]); 14] = [
    (&["n"], &[]),
    (&["x", "y", "z"], &["x <= y", "y < z", "z <= x + 3"]),
    (&["n", "x", "y"], &["n = x + y", "x <= 2*y"]),
    (&["m", "n", "x", "y"], &["n = x + y", "x = y + m"]),
    (&["a", "b", "c", "d"], &["a = b + c", "c = 2*d", "d <= b"]),
    (
        &["a", "b", "c", "x"],
        &["a = b + x", "b = c + x", "c = a - 3"],
    ),
    (
        &["p", "q", "r"],
        &["2*p + 3*q = r", "r <= 2*q + 5", "p >= q"],
    ),
    (&["p", "q", "r"], &["4*p + 6*q <= r", "r <= 3*p + 5*q"]),
    (
        &["a", "b", "c", "x", "y", "z"],
        &["a = x + y", "b = y + z", "c = x + z"],
    ),
    (&["x", "y"], &["x + 1 <= y", "y <= x + 4", "y = 3*x"]),
    (
        &["n", "x", "y", "z"],
        &["n = x + y + z", "x + y >= 2*z", "z = x + 1"],
    ),
    (&["x", "y", "z"], &["x < y", "y < z", "z < x"]),
    (&["n", "x", "y", "z"], &["n = 3*x + 5*y + 7*z"]),
    (&["n", "x", "y", "z"], &["n = x + y + z", "n >= 2*x"]),
];

/// Random values of counts.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let n = || 0_u64..14;
    prop_oneof![
        4 => n().prop_map(Value::from),
        2 => n().prop_map(Value::at_least),
        2 => n().prop_map(Value::at_most),
        2 => (n(), 0_u64..5).prop_map(|(a, d)| Value::between(a, a + d)),
        2 => prop::collection::vec(n(), 1..4).prop_map(Value::one_of),
        2 => (n(), 2_u64..5).prop_map(|(a, d)| Value::one_of((0..4).map(|i| a + i * d))),
        1 => prop::collection::vec(n(), 1..3).prop_map(Value::none_of),
        1 => (n(), 1_u64..5).prop_map(|(a, d)| Value::layers(Value::at_least(a), Value::between(a, a + d))),
    ]
}

/// Random dossiers; the questions of some change over time.
pub(crate) fn random() -> impl Strategy<Value = Dossier> {
    let days = ["2025-03-01", "2025-03-02", "2025-03-03"];
    let claim = (
        0_usize..6,
        0_usize..4,
        values(),
        select(days.to_vec()),
        0_u8..10,
    );
    (
        select(SHAPES.to_vec()),
        prop::collection::vec(claim, 1..8),
        prop::collection::vec(0_u8..3, 3),
        0_u8..8,
        prop::collection::vec(select(vec![0.3, 0.7, 0.9, 1.0]), 4),
    )
        .prop_map(
            |((questions, links), claims, soft, changing, reliability)| {
                let mut b = Dossier::builder();
                for (i, r) in reliability.into_iter().enumerate() {
                    let r = Probability::new(r).unwrap();
                    b = b.source(Source::new(format!("s{i}").as_str()).reliability(r));
                }
                let over_time = match changing {
                    0 => OverTime::Cumulative,
                    1 => OverTime::Varies,
                    _ => OverTime::Fixed,
                };
                for q in questions {
                    b = b.question(Question::count(*q).over_time(over_time));
                }
                for (i, link) in links.iter().enumerate() {
                    let assumption = format!("holds{i}");
                    b = b.assumption(Assumption::new(
                        assumption.as_str(),
                        0.6.try_into().unwrap(),
                    ));
                    let link = Link::new(*link);
                    b = b.link(if soft[i] == 0 {
                        link.assuming([assumption])
                    } else {
                        link
                    });
                }
                for (i, (question, source, value, day, how)) in claims.into_iter().enumerate() {
                    let question = questions[question % questions.len()];
                    let claim = Claim::new(format!("c{i}"))
                        .question(question)
                        .source(format!("s{source}"));
                    let claim = claim.value(value);
                    b = b.claim(match (over_time, how) {
                        (OverTime::Fixed, 0) => claim.retracted(),
                        (OverTime::Cumulative, 0..=3) => claim.stated(day),
                        _ => claim.as_of(day),
                    });
                }
                b.build().unwrap()
            },
        )
}
