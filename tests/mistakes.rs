//! How sources err, and who is first.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use discrepancy::corpus::{Corpus, CorpusBuilder, CorpusError, FitOptions, RowProblem, Vocabulary};
use proptest::prelude::*;

fn claims() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    prop::collection::vec((0..12u8, 0..6u8, 0..4u8), 1..90)
}

fn build(mut builder: CorpusBuilder, claims: &[(u8, u8, u8)]) -> Corpus {
    for &(q, s, v) in claims {
        builder
            .claim(&format!("q{q}"), &format!("s{s}"), &v.to_string())
            .unwrap();
    }
    builder.build()
}

proptest! {
    /// What is right and what is not add up to all claims that teach.
    #[test]
    fn mistakes_and_the_rest_are_all_claims(claims in claims(), vocabulary in prop::sample::select(vec![Vocabulary::Open, Vocabulary::Closed])) {
        let corpus = build(Corpus::builder(), &claims);
        let mut options = FitOptions::default();
        options.vocabulary = vocabulary;
        let fit = corpus.fit(&options).unwrap();
        for source in corpus.sources() {
            let (mut right, mut all) = (0.0, 0.0);
            for question in corpus.questions() {
                let said: Vec<_> = corpus.claims(question).filter(|claim| claim.0 == source).collect();
                if corpus.claims(question).any(|claim| claim.0 != source) {
                    for (_, value) in &said {
                        let weight = 1.0 / f64::from(u32::try_from(said.len()).unwrap());
                        all += weight;
                        right += weight * fit.answers(&corpus, question).find(|answer| answer.0 == *value).unwrap().1;
                    }
                }
            }
            let mistakes = fit.mistakes(&corpus, source);
            let wrong: f64 = mistakes.iter().map(|mistake| mistake.claims).sum();
            prop_assert!((right + wrong - all).abs() < 1e-6, "{right} {wrong} {all}");
            prop_assert!(mistakes.is_sorted_by(|a, b| a.claims >= b.claims));
            prop_assert!(mistakes.iter().all(|mistake| mistake.right != Some(mistake.said) && mistake.shared <= mistake.claims));
        }
    }

    #[test]
    fn rows_of_a_pattern_sum_to_one(claims in claims()) {
        let corpus = build(Corpus::builder(), &claims);
        let mut options = FitOptions::default();
        options.vocabulary = Vocabulary::Closed;
        let fit = corpus.fit(&options).unwrap();
        prop_assert_eq!(fit.pattern(&corpus).is_some(), fit.is_closed());
        if let Some(pattern) = fit.pattern(&corpus) {
            for source in corpus.sources() {
                for right in corpus.values() {
                    let row: Vec<f64> = corpus.values().map(|said| pattern.chance(source, right, said)).collect();
                    prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9 && row.iter().all(|&p| p > 0.0), "{row:?}");
                }
            }
        }
    }

    #[test]
    fn order_changes_nothing((claims, shuffled) in claims().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle()))) {
        let told = |claims: &[(u8, u8, u8)]| {
            let corpus = build(Corpus::builder().numbers(0.0), claims);
            let fit = corpus.fit(&FitOptions::default()).unwrap();
            corpus
                .sources()
                .map(|source| {
                    let mistakes: Vec<_> = fit
                        .mistakes(&corpus, source)
                        .iter()
                        .map(|m| (m.right.map(|v| corpus.value_name(v).to_owned()), corpus.value_name(m.said).to_owned(), m.claims.to_bits(), m.shared.to_bits()))
                        .collect();
                    let bias = fit.bias(&corpus, source).map(|b| (b.claims, b.mean.to_bits(), b.median.to_bits(), b.mean_absolute.to_bits()));
                    (mistakes, bias)
                })
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&claims), told(&shuffled));
    }
}

/// `mirror` repeats `forum`, errors and all, on the day after; three others find out for themselves.
fn copied(first: &str, second: &str) -> String {
    let mut csv = String::from("stated,question,source,value\n");
    for q in 0..60 {
        let truth = format!("t{q}");
        for (source, wrong) in [("archive", 10), ("museum", 8), ("guide", 6)] {
            let said = if q % wrong == 0 {
                format!("{source}{q}")
            } else {
                truth.clone()
            };
            writeln!(csv, ",q{q},{source},{said}").unwrap();
        }
        let said = if q % 2 == 1 { format!("f{q}") } else { truth };
        writeln!(
            csv,
            "2024-03-01,q{q},{first},{said}
2024-03-02T08:00:00Z,q{q},{second},{said}"
        )
        .unwrap();
    }
    csv
}

#[test]
fn times_tell_who_is_first() {
    for (first, second) in [("forum", "mirror"), ("mirror", "forum")] {
        let mut builder = Corpus::builder();
        assert_eq!(
            builder
                .read_csv(copied(first, second).as_bytes())
                .unwrap()
                .count,
            0
        );
        let corpus = builder.build();
        let fit = corpus.fit(&FitOptions::default()).unwrap();
        let [origin] = fit.origins() else {
            unreachable!("one pair")
        };
        let a_is_first = corpus.source_name(origin.a) == first;
        assert!(
            if a_is_first {
                origin.a_first > 0.95
            } else {
                origin.a_first < 0.05
            },
            "{origin:?}"
        );
        // The same after an update, and without times nobody is first, at the same probability.
        let again = corpus.clone().into_builder().build();
        assert_eq!(
            again.fit(&FitOptions::default()).unwrap().origins(),
            fit.origins()
        );
        assert!((fit.update(&corpus).origins()[0].a_first - origin.a_first).abs() < 1e-3);
        let mut untimed = Corpus::builder();
        untimed
            .read_csv(copied(first, second).replace("stated", "note").as_bytes())
            .unwrap();
        let corpus = untimed.build();
        let fit = corpus.fit(&FitOptions::default()).unwrap();
        assert!((fit.origins()[0].a_first - 0.5).abs() < 1e-12);
        assert_eq!(
            fit.origins()[0].probability.to_bits(),
            origin.probability.to_bits()
        );
    }
}

#[test]
fn times_are_read_or_told() {
    let mut builder = Corpus::builder();
    let left_out = builder
        .read_csv("question,source,value,stated\nq,a,x,2024-01-01\nq,b,x,\nq,c,x,soon\n".as_bytes())
        .unwrap();
    assert_eq!(
        (builder.len(), left_out.count, left_out.first[0].problem),
        (2, 1, RowProblem::Time)
    );
    let lines = "{\"question\":\"q\",\"source\":\"d\",\"value\":1,\"stated\":\"2024-01-01T00:00:00Z\"}\n{\"question\":\"q\",\"source\":\"e\",\"value\":1,\"stated\":7}";
    let left_out = builder.read_json_lines(lines.as_bytes()).unwrap();
    assert_eq!(
        (builder.len(), left_out.count, left_out.first[0].problem),
        (3, 1, RowProblem::Time)
    );
    assert!(matches!(
        builder.claim_at("q", "a", "x", "someday"),
        Err(CorpusError::NoTime { .. })
    ));
}

#[test]
fn bias_is_what_a_source_says_too_much() {
    let mut builder = Corpus::builder().numbers(0.0);
    for q in 0..30i64 {
        for (source, more) in [
            ("a", 0),
            ("b", 0),
            ("c", 0),
            ("high", 4),
            ("typist", if q == 3 { 100_000 } else { 0 }),
        ] {
            builder
                .claim(
                    &format!("q{q}"),
                    source,
                    &(1000 + 37 * q + more).to_string(),
                )
                .unwrap();
        }
    }
    let corpus = builder.build();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    let bias = |name: &str| fit.bias(&corpus, corpus.source(name).unwrap()).unwrap();
    assert!((bias("high").mean - 4.0).abs() < 0.5 && bias("high").claims == 30);
    assert!(
        bias("typist").median.abs() < 0.5 && bias("typist").mean > 3000.0,
        "{:?}",
        bias("typist")
    );
    assert!(bias("a").mean_absolute < 0.5);
}

const BRIDGES: &str = include_str!("corpora/bridges.csv");

#[test]
fn a_small_table_shows_copying_only_to_who_asks_for_it() {
    let mut builder = Corpus::builder();
    builder.read_csv(BRIDGES.as_bytes()).unwrap();
    let corpus = builder.build();
    let mut options = FitOptions::default();
    assert_eq!(corpus.fit(&options).unwrap().origins(), []);
    options.copy_strength = 3.0;
    let fit = corpus.fit(&options).unwrap();
    let named: Vec<_> = fit
        .origins()
        .iter()
        .map(|o| [corpus.source_name(o.a), corpus.source_name(o.b)])
        .collect();
    assert_eq!(named, [["forum", "mirror"]]);
    // Nine years that nobody else gives, each of them shared.
    let mistakes = fit.mistakes(&corpus, corpus.source("mirror").unwrap());
    let shared: f64 = mistakes.iter().map(|m| m.shared).sum();
    assert!(shared > 6.0 && mistakes[0].shared > 0.5, "{shared}");
}
