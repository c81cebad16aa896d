//! Dossiers of any size: how cost grows with them, as ratios within one run.
//!
//! ```sh
//! cargo bench --bench size                 # the table
//! cargo bench --bench size -- --test       # small sizes, once, to see that it works
//! cargo bench --bench size -- --write DIR  # the dossiers as JSON files, for `cargo run --release --example reconcile`
//! ```
//!
//! Each row is a shape at one size and at five times that size: the time of the smaller (reading, reconciling and writing JSON), and how
//! many times as long the larger takes. Linear cost gives 5; less where work that all components share has a ceiling. On one core of an x86-64
//! machine:
//!
//! | shape | claims | seconds | five times as many |
//! |---|---|---|---|
//! | one question | 20,000 | 0.24 | 4.7 |
//! | chains of 50 questions | 10,000 | 0.40 | 3.7 |
//! | one chain | 10,000 | 0.30 | 3.6 |
//! | trees of sums | 10,000 | 0.68 | 2.2 |

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program that measures and prints"
)]

mod shared;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use discrepancy::{Claim, Dossier, Letter, Link, Question, Source, reconcile, report};

use shared::Random;

/// What the questions have to do with one another.
#[derive(Clone, Copy)]
enum Shape {
    /// One question.
    One,
    /// Questions each at most the next, in rows of fifty.
    Chains,
    /// The same in one row.
    Chain,
    /// Wholes of two parts, which are wholes of two parts.
    Forest,
}

const SHAPES: [Shape; 4] = [Shape::One, Shape::Chains, Shape::Chain, Shape::Forest];

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Chains => "chains",
            Self::Chain => "chain",
            Self::Forest => "forest",
        }
    }

    /// The smaller of the two sizes compared, in claims.
    const fn claims(self) -> usize {
        match self {
            Self::One => 20_000,
            _ => 10_000,
        }
    }

    /// True answers and links, with five claims a question where there is more than one.
    fn plan(self, claims: usize) -> (Vec<u64>, Vec<String>) {
        let questions = (claims / 5).max(1) as u64;
        let row = |per: u64| {
            let links = (1..questions).filter(|i| i % per != 0);
            let links = links.map(|i| format!("q{} <= q{i}", i - 1)).collect();
            ((0..questions).map(|i| 100 + 3 * (i % per)).collect(), links)
        };
        match self {
            Self::One => (vec![100_000], Vec::new()),
            Self::Chains => row(50),
            Self::Chain => row(questions),
            Self::Forest => {
                // Each tree: a whole, two parts, two parts of each.
                let truths = (0..questions).map(|i| [80, 50, 30, 27, 23, 20, 10][(i % 7) as usize]);
                let mut links = Vec::new();
                for root in (0..questions).step_by(7) {
                    for whole in 0..3 {
                        let (a, b) = (root + 2 * whole + 1, root + 2 * whole + 2);
                        if b < questions {
                            links.push(format!("q{} = q{a} + q{b}", root + whole));
                        }
                    }
                }
                (truths.collect(), links)
            }
        }
    }

    /// A source for each claim; one claim in four is off by up to a third, one in four only gives a bound.
    fn dossier(self, claims: usize) -> Dossier {
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let letters = [Letter::A, Letter::B, Letter::C, Letter::D];
        let (truths, links) = self.plan(claims);
        let mut draft = Dossier::builder();
        for q in 0..truths.len() {
            draft = draft.question(Question::count(format!("q{q}")));
        }
        for link in links {
            draft = draft.link(Link::new(link));
        }
        for c in 0..claims {
            let q = c % truths.len();
            let truth = truths[q];
            let id = format!("c{c}");
            let claim = Claim::new(id.as_str())
                .question(format!("q{q}"))
                .source(id.as_str());
            let figure = match random.below(4) {
                0 => truth + random.below(truth / 3 + 2) - truth / 6,
                _ => truth,
            };
            draft = draft
                .source(Source::new(id.as_str()).reliability(letters[c % 4]))
                .claim(match random.below(8) {
                    0 => claim.value(format!("at least {figure}").as_str()),
                    1 => claim.value(format!("at most {figure}").as_str()),
                    _ => claim.value(figure),
                });
        }
        draft.build().unwrap()
    }
}

/// A whole of 100 and forty parts of ten: 2,311,801,440 contradictions.
fn forty() -> Dossier {
    let parts: Vec<String> = (0..40).map(|i| format!("p{i}")).collect();
    let mut draft = Dossier::builder()
        .question(Question::count("whole"))
        .link(Link::new(format!("whole = {}", parts.join(" + "))))
        .source(Source::new("w").reliability(Letter::B))
        .claim(Claim::new("w").question("whole").source("w").value(100));
    for p in &parts {
        draft = draft
            .question(Question::count(p.as_str()))
            .source(Source::new(p.as_str()).reliability(Letter::B))
            .claim(
                Claim::new(p.as_str())
                    .question(p.as_str())
                    .source(p.as_str())
                    .value(10),
            );
    }
    draft.build().unwrap()
}

/// Reading, reconciling and writing.
fn once(json: &str) -> Duration {
    let start = Instant::now();
    let findings = reconcile(Dossier::from_json(json.as_bytes()).unwrap());
    black_box(report::json(&findings));
    start.elapsed()
}

fn write(folder: &Path) {
    for shape in SHAPES {
        for times in [1, 5] {
            let claims = shape.claims() * times;
            let file = folder.join(format!("{}-{claims}.json", shape.name()));
            fs::write(file, shape.dossier(claims).to_json()).unwrap();
        }
    }
    fs::write(folder.join("forty.json"), forty().to_json()).unwrap();
}

fn table(shrink: usize) {
    println!(
        "{:8} {:>8} {:>9} {:>16}",
        "", "claims", "seconds", "5 times as many"
    );
    for shape in SHAPES {
        let claims = shape.claims() / shrink;
        let small = shape.dossier(claims).to_json();
        let large = shape.dossier(5 * claims).to_json();
        // The better of two, taken in turns.
        let times: Vec<(Duration, Duration)> =
            (0..2).map(|_| (once(&small), once(&large))).collect();
        let least = |of: fn(&(Duration, Duration)) -> Duration| times.iter().map(of).min().unwrap();
        let (small, large) = (least(|t| t.0), least(|t| t.1));
        println!(
            "{:8} {claims:8} {:9.3} {:15.1}x",
            shape.name(),
            small.as_secs_f64(),
            large.as_secs_f64() / small.as_secs_f64()
        );
    }
    let start = Instant::now();
    let findings = reconcile(forty());
    println!(
        "forty parts: {:?} in {:.3} s",
        findings.left_out.conflicts,
        start.elapsed().as_secs_f64()
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1)
    };
    if let Some(folder) = after("--write") {
        write(Path::new(folder));
    } else if arguments.iter().any(|a| a == "--test") {
        table(100);
    } else {
        table(1);
    }
}
