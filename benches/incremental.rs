//! One claim added to a dossier of many components: the update against a fresh start, in the same run.
//!
//! `cargo bench --bench incremental`. On one core of an x86-64 machine that others use, too, medians:
//!
//! | dossier | fresh | update | times |
//! |---|---|---|---|
//! | 10 questions | 0.74 ms | 0.18 ms | 4.2 |
//! | 100 questions | 12.9 ms | 1.68 ms | 7.7 |
//! | 1,000 questions | 157 ms | 18.9 ms | 8.3 |
//! | 10 sums | 1.80 ms | 0.34 ms | 5.3 |
//! | 100 sums | 18.8 ms | 3.00 ms | 6.3 |
//! | 1,000 sums | 335 ms | 34.8 ms | 9.6 |
//!
//! An update copies what stands; only what changed is compiled and solved.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use discrepancy::{
    Claim, Dossier, DossierBuilder, Limits, Link, Options, Question, Source, reconcile,
};

/// Questions that nothing joins, each with ten claims by sources of its own, of which one differs.
fn questions(n: usize) -> DossierBuilder {
    let mut out = Dossier::builder();
    for q in 0..n {
        let question = format!("q{q}");
        out = out.question(Question::count(question.as_str()));
        for c in 0..10_u64 {
            let source = format!("s{q}_{c}");
            out = out.source(Source::new(source.as_str())).claim(
                Claim::new(format!("c{q}_{c}"))
                    .question(question.as_str())
                    .source(source.as_str())
                    .value(100 + 3 * (c / 9)),
            );
        }
    }
    out
}

/// Wholes of two parts, each with three claims by three sources, of which one has another whole.
fn sums(n: usize) -> DossierBuilder {
    let mut out = Dossier::builder();
    for i in 0..n {
        let ids = ["whole", "left", "right"].map(|part| format!("{part}{i}"));
        for id in &ids {
            out = out.question(Question::count(id.as_str()));
        }
        let [whole, left, right] = &ids;
        let formula = format!("{whole} = {left} + {right}");
        out = out.link(Link::new(formula.as_str()));
        for s in 0..3_u64 {
            let source = format!("s{i}_{s}");
            out = out.source(Source::new(source.as_str()));
            for (k, id) in (0_u64..).zip(&ids) {
                let value = if k == 0 { 100 + s / 2 } else { 50 };
                out = out.claim(
                    Claim::new(format!("c{id}_{s}"))
                        .question(id.as_str())
                        .source(source.as_str())
                        .value(value),
                );
            }
        }
    }
    out
}

/// With limits that cut nothing off: where they do, an update is a fresh start.
fn one_more(builder: DossierBuilder, question: &str) -> [Arc<Dossier>; 2] {
    let limits = Limits {
        conflicts: 1_000_000,
        repairs: 1_000_000,
        camps: 10_000_000,
        ..Limits::default()
    };
    let builder = builder.options(Options::new().limits(limits));
    let before = builder.source(Source::new("late"));
    let claim = Claim::new("late")
        .question(question)
        .source("late")
        .value(103);
    let after = before.clone().claim(claim);
    [before, after].map(|b| Arc::new(b.build().unwrap_or_else(|e| unreachable!("{e}"))))
}

fn updates(c: &mut Criterion) {
    let mut group = c.benchmark_group("one_claim_more");
    group.sample_size(10);
    for n in [10, 100, 1_000] {
        for (name, [before, after]) in [
            ("questions", one_more(questions(n), "q5")),
            ("sums", one_more(sums(n), "left5")),
        ] {
            let known = reconcile(before);
            group.bench_with_input(
                BenchmarkId::new(format!("{name}_fresh"), n),
                &after,
                |b, after| b.iter(|| reconcile(black_box(Arc::clone(after)))),
            );
            group.bench_with_input(
                BenchmarkId::new(format!("{name}_update"), n),
                &after,
                |b, after| b.iter(|| known.update(black_box(Arc::clone(after)))),
            );
        }
    }
    group.finish();
}

criterion_group!(benches, updates);
criterion_main!(benches);
