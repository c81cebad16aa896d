//! Reading, reconciling and bare conflict sets of dossiers of the size people write, each beside a baseline in the same run.
//!
//! ```sh
//! cargo bench --bench dossiers                 # the table of ratios, then criterion's groups
//! cargo bench --bench dossiers -- --test       # once, to see that it works
//! cargo bench --bench dossiers -- --write DIR  # the dossiers as JSON files, for other programs to read
//! cargo bench --bench dossiers -- --sets DIR   # the conflict sets of each, one JSON file for each dossier
//! cargo bench --bench dossiers -- --once NAME  # the conflict sets of one, once: for counting instructions
//! ```
//!
//! # Measured
//!
//! On two cores of an x86-64 machine, with nothing else running; the two not at the same time. Ours: median of seven, wall time, from
//! [`Prepared`] to the bare conflict sets; instructions as Callgrind counts them, which repeat where times do not
//! (`valgrind --tool=callgrind --toggle-collect='*conflict_sets*' PROGRAM --once NAME`, after building with `--no-run`). The other
//! program is a plain MARCO enumeration (Liffiton et al. 2016) with Z3 deciding subsets and `PySAT` as its map, warm, in CPU time, median
//! of seven, on the files of `--write` with phrases as bounds; it finds as many sets wherever it ends. Times are older than
//! instructions, of which single questions and sums took up to twice as many then.
//!
//! | dossier | conflicts | ours, ms | instructions | MARCO with Z3, ms | times |
//! |---|---|---|---|---|---|
//! | article | 5 | 0.031 | 0.36 M | 14.0 | 453 |
//! | one-20 | 31 | 0.008 | 0.08 M | 15.3 | 1,900 |
//! | one-40 | 124 | 0.029 | 0.25 M | 51.8 | 1,800 |
//! | one-100 | 1,257 | 0.276 | 2.03 M | 545.8 | 2,000 |
//! | one-200 | 7,257 | 2.206 | 13.0 M | 3,830.7 | 1,700 |
//! | apart-30 | 435 | 0.086 | 0.62 M | 133.3 | 1,600 |
//! | apart-50 | 1,225 | 0.252 | 1.75 M | 389.1 | 1,500 |
//! | apart-100 | 4,950 | 1.122 | 7.21 M | 1,856.2 | 1,700 |
//! | apart-200 | 19,900 | 5.969 | 33.8 M | 9,777.0 | 1,600 |
//! | chain-20 | 5 | 0.005 | 0.06 M | 9.7 | 1,900 |
//! | chain-40 | 24 | 0.012 | 0.13 M | 60.1 | 4,800 |
//! | sum-20 | 122 | 0.029 | 0.22 M | 77.7 | 2,700 |
//! | sum-40 | 1,662 | 0.371 | 2.59 M | 1,012.0 | 2,700 |
//! | tree-20 | 97 | 0.033 | 0.31 M | 83.1 | 2,600 |
//! | tree-40 | 1,368 | 0.390 | 3.45 M | 1,101.6 | 2,800 |
//! | shared-20 | 2 | 0.008 | 0.08 M | 7.6 | 1,000 |
//! | shared-40 | 11 | 0.010 | 0.11 M | 62.2 | 6,000 |
//!
//! The other program did not end in 60 s on chain-100, chain-200, sum-100, sum-200, tree-100, shared-100 and shared-200; of sum-100
//! and tree-100 ours lists the first 20,000 of 119,271 and 232,625, in 22 ms (251 M) and 38 ms (442 M). The whole of `reconcile` takes
//! 0.6 ms for the article, 0.7 to 14 ms for 40 claims, 4 to 33 ms for 100. Reading takes about three times as long as
//! `serde_json` takes to make a `Value` of the same text.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

mod shared;

use std::collections::BTreeSet;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use discrepancy::{
    Claim, ConflictUnit, Dossier, Letter, Link, Prepared, Question, Source, reconcile,
};

use shared::Random;

const ARTICLE: &str = include_str!("../tests/cases/article.json");

/// What the questions of a dossier have to do with one another.
#[derive(Clone, Copy)]
enum Shape {
    /// One question.
    One,
    /// A whole and three parts.
    Sum,
    /// Five questions, each at most the next.
    Chain,
    /// A whole, two parts, and two parts of each.
    Tree,
    /// Ten questions without links, ten sources that speak on all of them.
    Shared,
}

const SHAPES: [Shape; 5] = [
    Shape::One,
    Shape::Sum,
    Shape::Chain,
    Shape::Tree,
    Shape::Shared,
];

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Sum => "sum",
            Self::Chain => "chain",
            Self::Tree => "tree",
            Self::Shared => "shared",
        }
    }

    /// The true answers; what they are is what most claims say.
    const fn truths(self) -> &'static [u64] {
        match self {
            Self::One => &[123],
            Self::Sum => &[60, 123, 40, 23],
            Self::Chain => &[40, 60, 90, 123, 156],
            Self::Tree => &[123, 73, 50, 40, 33, 30, 20],
            Self::Shared => &[123, 156, 114, 9, 60, 75, 33, 240, 18, 51],
        }
    }

    const fn links(self) -> &'static [&'static str] {
        match self {
            Self::One | Self::Shared => &[],
            Self::Sum => &["q1 = q0 + q2 + q3"],
            Self::Chain => &["q0 <= q1", "q1 <= q2", "q2 <= q3", "q3 <= q4"],
            Self::Tree => &["q0 = q1 + q2", "q1 = q3 + q4", "q2 = q5 + q6"],
        }
    }

    /// `n` claims: one in four is off by up to a third, one in four only gives a bound; a source for each but in [`Shape::Shared`].
    fn dossier(self, n: usize) -> Dossier {
        let mut random = Random(0x2545_f491_4f6c_dd1d ^ n as u64);
        let letters = [Letter::A, Letter::B, Letter::C, Letter::D];
        let truths = self.truths();
        let sources = match self {
            Self::Shared => 10,
            _ => n,
        };
        let mut draft = Dossier::builder();
        for (s, letter) in (0..sources).zip(letters.into_iter().cycle()) {
            draft = draft.source(Source::new(format!("s{s}")).reliability(letter));
        }
        for q in 0..truths.len() {
            draft = draft.question(Question::count(format!("q{q}")));
        }
        for link in self.links() {
            draft = draft.link(Link::new(*link));
        }
        for (c, (q, truth)) in (0..n).zip(truths.iter().enumerate().cycle()) {
            let source = match self {
                Self::Shared => (c / truths.len() + c) % sources,
                _ => c,
            };
            let claim = Claim::new(format!("c{c}"))
                .question(format!("q{q}"))
                .source(format!("s{source}"));
            let figure = match random.below(4) {
                0 => truth + random.below(truth / 3 + 2) - truth / 6,
                _ => *truth,
            };
            draft = draft.claim(match random.below(8) {
                0 => claim.value(format!("at least {figure}").as_str()),
                1 => claim.value(format!("at most {figure}").as_str()),
                _ => claim.value(figure),
            });
        }
        draft.build().unwrap()
    }
}

/// `n` claims on one question, and no two say the same.
fn apart(n: u64) -> Dossier {
    let mut draft = Dossier::builder().question(Question::count("q0"));
    for c in 0..n {
        let id = format!("c{c}");
        draft = draft
            .source(Source::new(id.as_str()).reliability(Letter::C))
            .claim(
                Claim::new(id.as_str())
                    .question("q0")
                    .source(id.as_str())
                    .value(100 + c),
            );
    }
    draft.build().unwrap()
}

fn article() -> Dossier {
    Dossier::from_json(ARTICLE.as_bytes()).unwrap()
}

/// All dossiers that are measured, by name.
fn all() -> Vec<(String, Dossier)> {
    let mut out = vec![("article".to_owned(), article())];
    for n in [30, 50, 100, 200] {
        out.push((format!("apart-{n}"), apart(n)));
    }
    for n in [20, 40, 100, 200] {
        for shape in SHAPES {
            out.push((format!("{}-{n}", shape.name()), shape.dossier(n)));
        }
    }
    out
}

/// Stretches that cannot meet, every pair tried: all minimal conflicts where there is but one question, and a floor for any program.
fn every_pair(stretches: &[(u64, u64)]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (i, a) in stretches.iter().enumerate() {
        for (j, b) in stretches.iter().enumerate().skip(i + 1) {
            if a.0.max(b.0) > a.1.min(b.1) {
                out.push((i, j));
            }
        }
    }
    out
}

/// `n` stretches of which as many contradict one another as in [`apart`].
fn points(n: u64) -> Vec<(u64, u64)> {
    (0..n).map(|c| (100 + c, 100 + c)).collect()
}

/// Median time of one call: seven rounds, each long enough for the clock.
fn median<T>(rounds: usize, mut call: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    black_box(call());
    let once = start.elapsed().max(Duration::from_nanos(20));
    let calls = if rounds == 1 {
        1
    } else {
        u32::try_from((Duration::from_millis(10).as_nanos() / once.as_nanos()).clamp(1, 100_000))
            .unwrap()
    };
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..calls {
                black_box(call());
            }
            start.elapsed() / calls
        })
        .collect();
    times.sort_unstable();
    times.into_iter().nth(rounds / 2).unwrap()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// One conflict as text, for comparing.
fn told(units: &[ConflictUnit]) -> BTreeSet<String> {
    units
        .iter()
        .map(|u| match u {
            ConflictUnit::Said(id) => format!("claim {id}"),
            ConflictUnit::Meant(id) => format!("suggested {id}"),
            ConflictUnit::Link(id) => format!("link {id}"),
            other => format!("{other:?}"),
        })
        .collect()
}

fn write_sets(folder: &Path) {
    for (name, dossier) in all() {
        let sets = Prepared::new(dossier).conflict_sets();
        let told: BTreeSet<BTreeSet<String>> = sets.iter().map(|s| told(s)).collect();
        let text = serde_json::to_string(&told).unwrap();
        fs::write(folder.join(format!("{name}.sets.json")), text).unwrap();
    }
}

fn write_dossiers(folder: &Path) {
    for (name, dossier) in all() {
        fs::write(folder.join(format!("{name}.json")), dossier.to_json()).unwrap();
    }
}

/// The ratios, each with its baseline measured in the same minute.
fn table(rounds: usize) {
    println!(
        "{:12} {:>9} {:>12} {:>12} {:>12}",
        "", "conflicts", "sets, us", "compile, us", "reconcile, us"
    );
    for (name, dossier) in all() {
        let dossier = Arc::new(dossier);
        let prepared = Prepared::new(Arc::clone(&dossier));
        let found = prepared.conflict_sets().len();
        let sets = micros(median(rounds, || prepared.conflict_sets()));
        let compiling = micros(median(rounds, || Prepared::new(Arc::clone(&dossier))));
        let whole = micros(median(rounds, || reconcile(Arc::clone(&dossier))));
        println!("{name:12} {found:9} {sets:12.1} {compiling:12.1} {whole:12.1}");
    }
    println!("\nreading, against serde_json::Value");
    for (name, dossier) in all() {
        let json = dossier.to_json();
        let ours = micros(median(rounds, || {
            Dossier::from_json(json.as_bytes()).unwrap()
        }));
        let plain = micros(median(rounds, || {
            serde_json::from_slice::<serde_json::Value>(json.as_bytes()).unwrap()
        }));
        println!(
            "{name:12} {:7} bytes {ours:9.1} us, {:.2} times {plain:.1} us",
            json.len(),
            ours / plain
        );
    }
    println!("\none question, no two alike, against trying every pair of bare stretches");
    let prepared = Prepared::new(apart(100));
    let stretches = points(100);
    assert_eq!(prepared.conflict_sets().len(), every_pair(&stretches).len());
    let ours = micros(median(rounds, || prepared.conflict_sets()));
    let pairs = micros(median(rounds, || every_pair(black_box(&stretches))));
    println!(
        "apart-100 {ours:9.2} us, {:.1} times {pairs:.2} us",
        ours / pairs
    );
}

/// The same as criterion groups, by size.
fn groups(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    for (name, dossier) in all() {
        let json = dossier.to_json();
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_with_input(BenchmarkId::new("ours", &name), &json, |b, json| {
            b.iter(|| Dossier::from_json(json.as_bytes()));
        });
        group.bench_with_input(BenchmarkId::new("serde_json", &name), &json, |b, json| {
            b.iter(|| serde_json::from_slice::<serde_json::Value>(json.as_bytes()));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("read and reconcile");
    group.bench_function("article", |b| b.iter(|| reconcile(article())));
    group.finish();
    let mut group = criterion.benchmark_group("reconcile");
    for (name, dossier) in all() {
        let dossier = Arc::new(dossier);
        group.bench_function(name, |b| {
            b.iter_batched(|| Arc::clone(&dossier), reconcile, BatchSize::SmallInput);
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("conflict sets");
    for (name, dossier) in all() {
        let prepared = Prepared::new(dossier);
        group.bench_function(name, |b| b.iter(|| prepared.conflict_sets()));
    }
    group.finish();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = |flag: &str| {
        let mut rest = arguments.iter().skip_while(|a| *a != flag).skip(1);
        rest.next().map(Path::new)
    };
    if let Some(folder) = folder("--write") {
        return write_dossiers(folder);
    }
    if let Some(folder) = folder("--sets") {
        return write_sets(folder);
    }
    let mut rest = arguments.iter().skip_while(|a| *a != "--once").skip(1);
    if let Some(name) = rest.next() {
        for (_, dossier) in all().into_iter().filter(|(n, _)| n == name) {
            black_box(Prepared::new(dossier).conflict_sets());
        }
        return;
    }
    let is_test = arguments.iter().any(|a| a == "--test");
    table(if is_test { 1 } else { 7 });
    let mut criterion = Criterion::default().configure_from_args();
    groups(&mut criterion);
    criterion.final_summary();
}
