//! The one-coin pass against the machine and against the obvious loop, on the same claims in one run.
//!
//! ```sh
//! cargo bench --bench corpus            # 10 million claims, 1 million questions, 10,000 Zipf sources; the table
//! cargo bench --bench corpus -- --test  # a small table, once
//! ```
//!
//! Median of seven rounds of five passes, the contestants taking turns within each round; processor time of one thread (without the
//! feature `rayon`), with the feature `simd`. Two runs on an EPYC (Zen 5) with two busy cores, load 14; the last line is one measurement
//! each:
//!
//! | pass | ns per claim | of the floor |
//! |---|---|---|
//! | gather and scatter alone, single precision | 0.81, 0.79 | 1 |
//! | plain loop, double precision | 10.00, 9.83 | 12.40, 12.44 |
//! | one-coin | 2.05, 2.00 | 2.54, 2.53 |
//! | the default model, 7 values | 128, 122 | |
//!
//! The one-coin pass, 4.9 times faster than the plain loop, is the deterministic one that `trust` uses; there is no other.
//!
//! Two threads (feature `rayon`, `RAYON_NUM_THREADS`) against one, by the wall clock, four runs each in turns on a machine that others use,
//! too: the least for the one-coin pass 1.09 against 1.99 ns per claim (1.8 times; pair by pair 1.2 to 1.8), for the default model 38
//! against 102.
//!
//! `trust` from CSV to answers, one thread, against the fit alone of crowd-kit 1.4.2's Dawid-Skene on a prepared table, in processor time
//! (medians of five, in turns, numpy on one thread, two tries): 1 million claims by 1,000 uniform sources, 4 values: 1.2 s against 3.0 and
//! 4.1 s; by 10,000 Zipf sources, 7 values: 1.6 s against 6.2 and 6.1 s. It takes 89 and 113 MB at most; 10 million claims (1 million
//! questions, 10,000 Zipf sources, 7 values) take 642 MB and 24 s. With nothing else running, the uniform set: 0.84 s against 3.67 s, 61 MB.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::indexing_slicing, reason = "everything is sized here")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "sizes are far below 2^32"
)]

use std::hint::black_box;
use std::time::Instant;

use discrepancy::corpus::{Copying, Corpus, FitOptions, OneCoin};

/// A small generator, so that the data are the same everywhere (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Claims by question: 2 to 18 each, sources by Zipf's law, seven values, accuracies from 0.4 to 0.95.
fn claims(count: usize, sources: usize) -> Vec<(u32, u32, u8)> {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut cumulative = Vec::with_capacity(sources);
    let mut total = 0.0;
    for i in 0..sources {
        total += 1.0 / (i + 1) as f64;
        cumulative.push(total);
    }
    let accuracy: Vec<f64> = (0..sources).map(|_| 0.4 + 0.55 * random.unit()).collect();
    let mut claims = Vec::with_capacity(count + 18);
    let mut question = 0;
    while claims.len() < count {
        let right = (random.next() % 7) as u8;
        let mut said: Vec<u32> = Vec::new();
        for _ in 0..2 + random.next() % 17 {
            let x = random.unit() * total;
            let source = cumulative.partition_point(|&c| c < x).min(sources - 1) as u32;
            if said.contains(&source) {
                continue;
            }
            said.push(source);
            let value = if random.unit() < accuracy[source as usize] {
                right
            } else {
                (right + 1 + (random.next() % 6) as u8) % 7
            };
            claims.push((question, source, value));
        }
        question += 1;
    }
    claims
}

/// The plain loop in double precision: claims by question, a score per value, the library's logarithm and exponential.
struct Plain {
    start: Vec<u32>,
    source: Vec<u32>,
    value: Vec<u16>,
    claims: Vec<f64>,
    weight: Vec<f64>,
}

impl Plain {
    fn new(claims: &[(u32, u32, u8)], sources: usize) -> Self {
        let questions = claims.last().map_or(0, |c| c.0 + 1);
        let mut start = vec![0u32];
        let (mut source, mut value) = (Vec::new(), Vec::new());
        let mut at = 0;
        for question in 0..questions {
            while at < claims.len() && claims[at].0 == question {
                source.push(claims[at].1);
                value.push(u16::from(claims[at].2));
                at += 1;
            }
            start.push(source.len() as u32);
        }
        let mut count = vec![0.0; sources];
        for &s in &source {
            count[s as usize] += 1.0;
        }
        Self {
            start,
            source,
            value,
            claims: count,
            weight: vec![(6.0 * 0.7 / 0.3f64).ln(); sources],
        }
    }

    fn pass(&mut self) {
        let mut hits = vec![0.0; self.weight.len()];
        for bounds in self.start.windows(2) {
            let claims = bounds[0] as usize..bounds[1] as usize;
            let mut score = [0.0; 7];
            for claim in claims.clone() {
                score[self.value[claim] as usize] += self.weight[self.source[claim] as usize];
            }
            let top = score.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            let mut total = 0.0;
            for x in &mut score {
                *x = (*x - top).exp();
                total += *x;
            }
            for claim in claims {
                hits[self.source[claim] as usize] += score[self.value[claim] as usize] / total;
            }
        }
        for ((weight, hits), claims) in self.weight.iter_mut().zip(hits).zip(&self.claims) {
            let r = ((hits + 5.0 * 0.7) / (claims + 5.0)).clamp(0.001, 0.999);
            *weight = (6.0 * r / (1.0 - r)).ln();
        }
    }
}

/// What no layout can do without: a number fetched and a number added to for every claim.
struct Floor {
    source: Vec<u32>,
    weight: Vec<f32>,
    sums: Vec<f32>,
}

impl Floor {
    /// Reads and adds to a number per claim, at the same places in the same order; nothing else.
    fn pass(&mut self) {
        for &source in &self.source {
            self.sums[source as usize] += self.weight[source as usize];
        }
        black_box(&mut self.sums);
    }
}

/// Seconds of processor time of this thread where Linux tells them, else of the wall clock.
fn clock() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let wall = START.get_or_init(Instant::now).elapsed().as_secs_f64();
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or(wall, |nanoseconds| nanoseconds * 1e-9)
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let (count, sources, rounds) = if test {
        (20_000, 100, 1)
    } else {
        (10_000_000, 10_000, 7)
    };
    // The clock of a thread ticks every few milliseconds.
    let repeats = if test { 1 } else { 5 };
    let claims = claims(count, sources);
    let mut plain = Plain::new(&claims, sources);
    let mut floor = Floor {
        source: plain.source.clone(),
        weight: vec![1.0; sources],
        sums: vec![0.0; sources],
    };
    let names: Vec<String> = (0..sources).map(|s| format!("s{s}")).collect();
    let mut builder = Corpus::builder();
    for &(q, s, v) in &claims {
        if builder
            .claim(
                &q.to_string(),
                &names[s as usize],
                ["a", "b", "c", "d", "e", "f", "g"][v as usize],
            )
            .is_err()
        {
            return;
        }
    }
    drop(claims);
    let corpus = builder.build();
    let options = FitOptions::default();
    let Ok(mut model) = OneCoin::new(&corpus, &options) else {
        return;
    };
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        let contestants: [&mut dyn FnMut(); 3] =
            [&mut || floor.pass(), &mut || plain.pass(), &mut || {
                black_box(model.pass());
            }];
        for (times, contestant) in times.iter_mut().zip(contestants) {
            let start = clock();
            for _ in 0..repeats {
                contestant();
            }
            times.push((clock() - start) * 1e9 / corpus.len() as f64 / f64::from(repeats));
        }
    }
    let [floor, plain, one_coin] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    println!(
        "| pass over {} claims, {} questions, {sources} sources | ns per claim | of the floor |",
        corpus.len(),
        corpus.question_count()
    );
    println!("|---|---|---|");
    for (name, time) in [
        ("gather and scatter alone, single precision", floor),
        ("plain loop, double precision", plain),
        ("one-coin", one_coin),
    ] {
        println!("| {name} | {time:.2} | {:.2} |", time / floor);
    }
    println!(
        "one-coin is {:.2} times faster than the plain loop",
        plain / one_coin
    );
    // The default model without difficulty and copying: what two passes more cost.
    let fit = |passes| {
        let mut options = FitOptions::default();
        (options.passes, options.tolerance, options.difficulty) = (passes, 0.0, 0.0);
        options.copying = Copying::Ignored;
        let (start, wall) = (clock(), Instant::now());
        black_box(corpus.fit(&options).is_ok());
        (clock() - start, wall.elapsed().as_secs_f64())
    };
    let (few, many) = (fit(1), fit(3));
    let each = |seconds: f64| seconds / 2.0 * 1e9 / corpus.len() as f64;
    println!(
        "a pass of the default model: {:.1} ns per claim",
        each(many.0 - few.0)
    );
    let wall = Instant::now();
    for _ in 0..repeats {
        black_box(model.pass());
    }
    println!(
        "by the wall clock: {:.1}, and a one-coin pass {:.2}",
        each(many.1 - few.1),
        wall.elapsed().as_secs_f64() * 1e9 / corpus.len() as f64 / f64::from(repeats)
    );
}
