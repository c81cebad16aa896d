//! Figures computed elsewhere, planted truths, and hostile tables.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use discrepancy::corpus::{
    CommonOrigin, Copying, Corpus, CorpusBuilder, Fit, FitOptions, Model, Vocabulary,
};

/// The same tables everywhere: 64-bit linear congruences, constants of Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// `questions` questions with five claims each by 20 sources (repeats dropped by the table); source s is right with a probability of
/// 4 + s % 6 in 10, the other values are equally likely.
fn crowd(questions: u64, values: u64) -> CorpusBuilder {
    let mut random = Random(1);
    let mut builder = Corpus::builder();
    for q in 0..questions {
        let right = random.below(values);
        for _ in 0..5 {
            let source = random.below(20);
            let value = if random.below(10) < 4 + source % 6 {
                right
            } else {
                random.below(values)
            };
            builder
                .claim(
                    &format!("q{q:03}"),
                    &format!("s{source:02}"),
                    &format!("v{value}"),
                )
                .unwrap();
        }
    }
    builder
}

fn p(corpus: &Corpus, fit: &Fit, question: &str, value: &str) -> f64 {
    let answers = fit.answers(corpus, corpus.question(question).unwrap());
    answers
        .filter(|answer| corpus.value_name(answer.0) == value)
        .map(|answer| answer.1)
        .sum()
}

/// Figures of a separate program in another language and in plain floating point (Python 3.11, `NumPy` 2.4.6), made from the formulas
/// of the closed and the open model, on these tables, with exactly eight passes. Sums here are of whole units of 2^-32, so they
/// agree to about that.
#[test]
fn another_program_gets_the_same() {
    let mut options = FitOptions::default();
    (options.tolerance, options.open_tolerance, options.passes) = (0.0, 0.0, 8);
    for (values, vocabulary, difficulty, expected) in REFERENCE {
        options.vocabulary = vocabulary;
        options.difficulty = difficulty;
        let corpus = crowd(100, values).build();
        let fit = corpus.fit(&options).unwrap();
        for (question, value, wanted) in expected {
            let found = p(&corpus, &fit, question, value);
            assert!(
                (found - wanted).abs() < 1e-8,
                "{values} {vocabulary:?} {difficulty}: {question} {value} {found} {wanted}"
            );
        }
    }
}

type Reference = (u64, Vocabulary, f64, [(&'static str, &'static str, f64); 4]);

const REFERENCE: [Reference; 4] = [
    (
        2,
        Vocabulary::Closed,
        0.0,
        [
            ("q000", "v0", 0.983_962_434_147),
            ("q017", "v0", 0.119_842_366_719),
            ("q050", "v1", 0.926_722_901_019),
            ("q099", "v1", 0.053_853_527_763),
        ],
    ),
    (
        4,
        Vocabulary::Closed,
        0.0,
        [
            ("q000", "v2", 0.975_486_956_410),
            ("q017", "v0", 0.062_837_662_514),
            ("q050", "v1", 0.904_883_421_680),
            ("q099", "v1", 0.034_466_155_454),
        ],
    ),
    (
        4,
        Vocabulary::Closed,
        0.5,
        [
            ("q000", "v2", 0.973_859_935_255),
            ("q017", "v0", 0.070_720_974_440),
            ("q050", "v1", 0.881_716_252_316),
            ("q099", "v1", 0.033_084_698_584),
        ],
    ),
    (
        6,
        Vocabulary::Open,
        0.0,
        [
            ("q000", "v0", 0.094_551_244_701),
            ("q017", "v3", 0.659_997_376_689),
            ("q050", "v0", 0.175_417_847_093),
            ("q099", "v1", 0.064_904_925_683),
        ],
    ),
];

/// 1,000 sources, 2,000 questions, of which each source answers 60; 20 pairs copy each other's answers, errors included.
fn copiers(pairs: u64, right_in_ten: u64) -> Corpus {
    let mut random = Random(7);
    let mut builder = Corpus::builder();
    let right = |q: u64| q * 7919 % 11;
    for s in 0..1000u64 {
        let copies = s < 2 * pairs && s % 2 == 1;
        if copies {
            continue;
        }
        for i in 0..60 {
            let q = (random.below(2000) + i) % 2000;
            let value = if random.below(10) < right_in_ten {
                right(q)
            } else {
                random.below(11)
            };
            builder
                .claim(&format!("q{q}"), &format!("s{s}"), &format!("v{value}"))
                .unwrap();
            if s < 2 * pairs {
                builder
                    .claim(
                        &format!("q{q}"),
                        &format!("s{}", s + 1),
                        &format!("v{value}"),
                    )
                    .unwrap();
            }
        }
    }
    builder.build()
}

#[test]
fn planted_copiers_are_found() {
    for vocabulary in [Vocabulary::Auto, Vocabulary::Open] {
        let mut options = FitOptions::default();
        options.vocabulary = vocabulary;
        let corpus = copiers(20, 5);
        let fit = corpus.fit(&options).unwrap();
        let number = |key| corpus.source_name(key)[1..].parse::<u64>().unwrap();
        let ends = |o: &CommonOrigin| (number(o.a).min(number(o.b)), number(o.a).max(number(o.b)));
        let found: Vec<(u64, u64)> = fit.origins().iter().map(ends).collect();
        let planted: Vec<(u64, u64)> = (0..20).map(|i| (2 * i, 2 * i + 1)).collect();
        let hits = planted.iter().filter(|pair| found.contains(pair)).count();
        assert!(
            hits * 10 >= planted.len() * 9,
            "{vocabulary:?}: recall {hits} of {}",
            planted.len()
        );
        assert!(
            hits * 10 >= found.len() * 9,
            "{vocabulary:?}: precision {hits} of {}",
            found.len()
        );
    }
}

#[test]
fn independent_accurate_sources_are_no_copiers() {
    for vocabulary in [Vocabulary::Auto, Vocabulary::Open] {
        let mut options = FitOptions::default();
        options.vocabulary = vocabulary;
        let corpus = copiers(0, 9);
        assert_eq!(corpus.fit(&options).unwrap().origins(), []);
    }
}

#[test]
fn copied_votes_count_less() {
    let corpus = copiers(20, 5);
    let with = corpus.fit(&FitOptions::default()).unwrap();
    let mut options = FitOptions::default();
    options.copying = Copying::Ignored;
    let without = corpus.fit(&options).unwrap();
    assert!(without.origins().is_empty() && !with.origins().is_empty());
}

/// The question, source and value of a claim's number.
type Table = fn(u64) -> (u64, u64, u64);

fn all_models(corpus: &Corpus) {
    for model in [
        Model::Default,
        Model::Majority,
        Model::OneCoin,
        Model::DawidSkene,
    ] {
        let mut options = FitOptions::default();
        options.model = model;
        let fit = corpus.fit(&options).unwrap();
        let mut out = Vec::new();
        fit.write_answers(corpus, &mut out).unwrap();
        fit.write_sources(corpus, &mut out).unwrap();
        fit.write_origins(corpus, &mut out).unwrap();
        fit.write_estimates(corpus, &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("NaN"));
        let _ = fit.summary(corpus).to_string();
        let _ = fit.update(corpus);
    }
}

#[test]
fn hostile_tables_are_borne() {
    // Nothing at all, and files with no more than a header.
    all_models(&Corpus::builder().build());
    let mut builder = Corpus::builder();
    assert_eq!(builder.read_csv(&b""[..]).unwrap().count, 0);
    assert_eq!(
        builder
            .read_csv(&b"question,source,value\n"[..])
            .unwrap()
            .count,
        0
    );
    assert!(builder.read_csv(&b"one,two\n"[..]).is_err());
    all_models(&builder.build());
    // One claim; one source with all the claims; all sources with one value.
    let tables: [Table; 6] = [
        |i| (i % 100, i / 100, if i % 3 == 0 { 0 } else { i }),
        |i| (i, 0, i % 3),
        |i| (0, i, i % 3),
        |i| (0, i, i),
        |i| (0, 0, i),
        |i| (i % 50, i / 50, 0),
    ];
    for table in tables {
        for size in [1, 3_000] {
            let mut builder = Corpus::builder();
            for i in 0..size {
                let (q, s, v) = table(i);
                builder
                    .claim(&q.to_string(), &s.to_string(), &v.to_string())
                    .unwrap();
            }
            all_models(&builder.build());
        }
    }
}

/// A table of patterns for all of these sources would take a gigabyte.
#[test]
fn many_sources_with_one_claim_each_are_borne() {
    let mut builder = Corpus::builder();
    for i in 0..20_000u64 {
        let (q, s, v) = (i % 100, i, i / 7 % 32);
        builder
            .claim(&q.to_string(), &s.to_string(), &v.to_string())
            .unwrap();
    }
    all_models(&builder.build());
}

#[test]
fn every_source_may_lie() {
    let mut builder = Corpus::builder();
    for q in 0..200u64 {
        for s in 0..7u64 {
            builder
                .claim(
                    &q.to_string(),
                    &s.to_string(),
                    &((q * 31 + s * 17 + q * s) % 5).to_string(),
                )
                .unwrap();
        }
    }
    all_models(&builder.build());
}

#[test]
fn extreme_numbers_are_borne() {
    let mut builder = Corpus::builder().numbers(0.0);
    let extremes = [
        "-9223372036854775808",
        "9223372036854775807",
        "18446744073709551615",
        "1e300",
        "-1e300",
        "1e-300",
        "0",
        "-0",
    ];
    for (i, text) in extremes.iter().enumerate() {
        builder.claim("q", &format!("s{i}"), text).unwrap();
        builder
            .claim(&format!("q{}", i % 2), &format!("s{i}"), text)
            .unwrap();
    }
    assert!(builder.claim("q", "s", "1e400").is_err());
    assert!(builder.claim("q", "s", "many").is_err());
    let corpus = builder.build();
    all_models(&corpus);
    let mut builder = Corpus::builder().numbers(1e308);
    for (i, text) in extremes.iter().enumerate() {
        builder.claim("q", &format!("s{i}"), text).unwrap();
    }
    all_models(&builder.build());
}

#[test]
fn huge_fields_are_left_out() {
    let long = "x".repeat(3 << 20);
    let text = format!("question,source,value\nq,s,{long}\nq,s,v\n");
    let mut builder = Corpus::builder();
    let left_out = builder.read_csv(text.as_bytes()).unwrap();
    assert_eq!(
        (left_out.count, left_out.first[0].line, builder.len()),
        (1, 2, 1)
    );
    let text = format!(
        "{{\"question\":\"q\",\"source\":\"s\",\"value\":\"{long}\"}}\n{{\"question\":\"q\",\"source\":\"s\",\"value\":1}}\n"
    );
    let left_out = builder.read_json_lines(text.as_bytes()).unwrap();
    assert_eq!((left_out.count, builder.len()), (1, 2));
    // A quote never closed takes the rest of the file, and no more memory than a row may have.
    let left_out = builder
        .read_csv(format!("question,source,value\nq,s,\"{long}").as_bytes())
        .unwrap();
    assert_eq!((left_out.count, builder.len()), (1, 2));
}

#[test]
fn mistyped_numbers_move_nothing() {
    let mut builder = Corpus::builder().numbers(0.0);
    for q in 0..60u64 {
        for s in 0..5u64 {
            let right = 1000 + q * 13;
            let text = if (q + s) % 9 == 0 {
                format!("{right}000000")
            } else {
                right.to_string()
            };
            builder
                .claim(&q.to_string(), &s.to_string(), &text)
                .unwrap();
        }
    }
    let corpus = builder.build();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    for q in 0..60u32 {
        let question = corpus.question(&q.to_string()).unwrap();
        let estimate = fit.estimate(question).unwrap();
        let right = f64::from(1000 + q * 13);
        assert!((estimate.estimate - right).abs() < 1.0, "{q}: {estimate:?}");
        assert_eq!(
            corpus.value_name(fit.answer(&corpus, question).unwrap().0),
            right.to_string()
        );
    }
}
