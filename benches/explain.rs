//! How often explanations are invented, how often planted ones are found, and what explaining takes.
//!
//! `cargo bench --bench explain` runs the full numbers; `-- --test` a fiftieth of them.
//!
//! False alarms: of 10,000 random conflicts without any cause (two claims, sources A, B, C, D or F, figures of 2 to 4 digits, 0 to 8
//! other figures, nothing dated) 2.6 % get a first explanation other than error, scope
//! or reading: rounding .80, counted in .75, one off .67, magnitude .39.
//!
//! Planted causes that come first, of ten for each length (sources A and B, 0 to 4 other figures):
//!
//! ```text
//!              3 digits  4 digits  5 digits  6 digits
//! scope              10        10        10        10
//! counted_in         10        10        10        10
//! as_of              10        10        10        10
//! rounding           10         9        10         9
//! magnitude          10        10        10        10
//! typo               10        10        10        10
//! one_off             7         9        10        10
//! swap               10        10        10        10
//! definition         10        10        10        10
//! misquote           10        10        10        10
//! revision           10        10        10        10
//! reading            10        10        10        10
//! error              10        10        10        10
//! ```
//!
//! Between two sources alone plain error is likelier than scope whatever the figures; `scope` is planted with two on either side.
//!
//! Time, on one of two shared cores: the article with everything 2 ms; 100 claims of ten sources on ten questions .16 s, of 100 sources
//! with two sums .03 s; one conflict among up to eight figures .17 ms.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

#[path = "../tests/planted/mod.rs"]
mod planted;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use criterion::{BatchSize, Criterion};
use discrepancy::{Claim, Dossier, ExplanationKind, Letter, Question, Source, reconcile, report};
use planted::{KINDS, Random, first, plain, planted as plant};

const LETTERS: [Letter; 5] = [Letter::A, Letter::B, Letter::C, Letter::D, Letter::F];

fn false_alarms(n: usize) {
    let mut random = Random::new(1);
    let start = Instant::now();
    let mut kinds: BTreeMap<ExplanationKind, usize> = BTreeMap::new();
    for _ in 0..n {
        *kinds.entry(first(plain(&mut random))).or_default() += 1;
    }
    let quiet: usize = [
        ExplanationKind::Error,
        ExplanationKind::Scope,
        ExplanationKind::Reading,
        ExplanationKind::Unexplained,
    ]
    .iter()
    .filter_map(|k| kinds.get(k))
    .sum();
    let alarms = n - quiet;
    println!(
        "false alarms: {alarms} of {n}; {kinds:?}; {:?}",
        start.elapsed()
    );
}

fn power(n: usize) {
    println!("{:12} 3 digits  4 digits  5 digits  6 digits", "");
    for kind in KINDS {
        let mut random = Random::new(2);
        let mut line = format!(
            "{:12}",
            serde_json::to_string(&kind).unwrap().trim_matches('"')
        );
        for length in 3..=6 {
            let found = (0..n)
                .filter(|_| first(plant(&mut random, kind, length)) == kind)
                .count();
            let _ = write!(line, " {found:8} ");
        }
        println!("{line}");
    }
}

/// A hundred claims of ten sources on ten questions, one in four of them off.
fn hundred() -> Dossier {
    let mut random = Random::new(3);
    let mut draft = Dossier::builder();
    for s in 0..10 {
        let letter = LETTERS[s % 5];
        draft = draft.source(Source::new(format!("s{s}")).reliability(letter));
    }
    for q in 0..10 {
        let id = format!("q{q}");
        let value = random.digits(3);
        draft = draft.question(Question::count(id.as_str()));
        for s in 0..10 {
            let off = if random.within(0, 3) == 0 {
                random.within(1, 99)
            } else {
                0
            };
            let name = format!("c{q}_{s}");
            draft = draft.claim(
                Claim::new(name)
                    .question(id.as_str())
                    .source(format!("s{s}"))
                    .value(value + off),
            );
        }
    }
    draft.build().unwrap()
}

/// A hundred claims, each by a source of its own, on ten questions in two sums.
fn apart() -> Dossier {
    let mut random = Random::new(4);
    let mut draft = Dossier::builder();
    let values: Vec<u64> = (0..10).map(|_| random.digits(3)).collect();
    for (q, value) in values.iter().enumerate() {
        let id = format!("q{q}");
        let value = match q {
            0 => values[1] + values[2],
            5 => values[6] + values[7],
            _ => *value,
        };
        draft = draft.question(Question::count(id.as_str()));
        for s in 0..10 {
            let source = format!("s{q}_{s}");
            let off = if random.within(0, 3) == 0 {
                random.within(1, 99)
            } else {
                0
            };
            draft = draft
                .source(Source::new(source.as_str()).reliability(LETTERS[s % 5]))
                .claim(
                    Claim::new(source.as_str())
                        .question(id.as_str())
                        .source(source.as_str())
                        .value(value + off),
                );
        }
    }
    draft
        .link(discrepancy::Link::new("q0 = q1 + q2"))
        .link(discrepancy::Link::new("q5 = q6 + q7"))
        .build()
        .unwrap()
}

fn main() {
    let is_test = std::env::args().any(|a| a == "--test");
    let part = if is_test { 50 } else { 1 };
    false_alarms(10_000 / part);
    power(if is_test { 1 } else { 10 });
    let article = include_str!("../tests/cases/article.json");
    let start = Instant::now();
    let json = report::json(&reconcile(Dossier::from_json(article.as_bytes()).unwrap()));
    println!(
        "the article, everything: {:?}, {} bytes",
        start.elapsed(),
        json.len()
    );
    for (name, make) in [("shared", hundred as fn() -> Dossier), ("apart", apart)] {
        let dossier = make();
        let start = Instant::now();
        let findings = reconcile(dossier);
        let reconciled = start.elapsed();
        let explained = findings.explanations();
        println!(
            "100 claims, sources {name}: {reconciled:?} to reconcile, {:?} with {} explanations, {} left out",
            start.elapsed(),
            explained.list.len(),
            explained.left_out,
        );
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut random = Random::new(5);
    criterion.bench_function("explain one conflict among 8 figures", |b| {
        b.iter_batched(|| plain(&mut random), first, BatchSize::SmallInput);
    });
    criterion.final_summary();
}
