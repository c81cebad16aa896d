//! Counts and dates in a corpus, exact and hedged.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use discrepancy::corpus::{Corpus, CorpusBuilder, CorpusError, Fit, FitOptions, Model};
use discrepancy::reconcile;
use proptest::prelude::*;

type Claims = Vec<(u8, u8, &'static str)>;

const SAID: [&str; 12] = [
    "100",
    "123",
    "156",
    "at least 123",
    "more than 99",
    "no more than 120",
    "between 110 and 130",
    "fewer than 150",
    "up to 200",
    "dozens",
    "99",
    "about 120",
];

fn claims() -> impl Strategy<Value = Claims> {
    prop::collection::vec((0..8u8, 0..6u8, prop::sample::select(SAID.to_vec())), 1..60)
}

fn build(mut builder: CorpusBuilder, claims: &[(u8, u8, &str)]) -> Corpus {
    for &(q, s, v) in claims {
        builder
            .claim(&format!("q{q}"), &format!("s{s}"), v)
            .unwrap();
    }
    builder.build()
}

fn fit(corpus: &Corpus) -> Fit {
    corpus.fit(&FitOptions::default()).unwrap()
}

/// The probability of a value on a question.
fn p(corpus: &Corpus, question: &str, value: &str) -> f64 {
    let (question, value) = (
        corpus.question(question).unwrap(),
        corpus.value(value).unwrap(),
    );
    fit(corpus)
        .answers(corpus, question)
        .find(|answer| answer.0 == value)
        .unwrap()
        .1
}

fn files(corpus: &Corpus) -> [Vec<u8>; 4] {
    let fit = fit(corpus);
    let mut files = [const { Vec::new() }; 4];
    let [answers, sources, origins, estimates] = &mut files;
    fit.write_answers(corpus, answers).unwrap();
    fit.write_sources(corpus, sources).unwrap();
    fit.write_origins(corpus, origins).unwrap();
    fit.write_estimates(corpus, estimates).unwrap();
    files
}

proptest! {
    #[test]
    fn exact_counts_are_numbers(claims in prop::collection::vec((0..8u8, 0..6u8, prop::sample::select(vec!["100", "1e2", "123", "156", "99.0"])), 1..60), tolerance in 0..30u8) {
        let (one, other) = (build(Corpus::builder().counts(tolerance.into()), &claims), build(Corpus::builder().numbers(tolerance.into()), &claims));
        prop_assert_eq!(files(&one), files(&other));
    }

    #[test]
    fn order_changes_nothing((claims, shuffled) in claims().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())), tolerance in 0..4u64) {
        let corpus = |claims: &Claims| build(Corpus::builder().counts(tolerance), claims);
        prop_assert_eq!(files(&corpus(&claims)), files(&corpus(&shuffled)));
    }

    #[test]
    fn a_set_is_as_probable_as_what_it_holds(claims in claims(), model in prop::sample::select(vec![Model::Default, Model::Majority, Model::OneCoin])) {
        let corpus = build(Corpus::builder().counts(0), &claims);
        let mut options = FitOptions::default();
        options.model = model;
        let fit = corpus.fit(&options).unwrap();
        for question in corpus.questions() {
            let p = |value: &str| {
                let value = corpus.value(value)?;
                fit.answers(&corpus, question).find(|answer| answer.0 == value).map(|answer| answer.1)
            };
            for value in SAID.into_iter().filter_map(p) {
                prop_assert!((0.0..=1.0).contains(&value));
            }
            if model == Model::Default {
                for (inner, outer) in [("123", "at least 123"), ("156", "at least 123"), ("at least 123", "more than 99"), ("100", "fewer than 150")] {
                    if let (Some(inner), Some(outer)) = (p(inner), p(outer)) {
                        prop_assert!(inner <= outer + 1e-9, "{inner} {outer}");
                    }
                }
                let exact: f64 = ["100", "123", "156", "99"].into_iter().filter_map(p).sum();
                prop_assert!(exact <= 1.0 + 1e-9);
            }
            prop_assert!(fit.answer(&corpus, question).is_some());
        }
    }

    /// A source that only ever says "any number" changes nobody's probabilities; but the model of hedged claims is used.
    #[test]
    fn on_exact_claims_it_is_the_open_model(claims in prop::collection::vec((0..10u8, 0..6u8, prop::sample::select(vec!["100", "123", "156", "99"])), 2..80), copy_strength in 0.5..20.0f64) {
        let vague: Vec<(u8, u8, &str)> = (0..10u8).map(|q| (q, 9, "up to 7")).collect();
        let all: Vec<_> = claims.iter().copied().chain(vague.into_iter().filter(|v| claims.iter().any(|c| c.0 == v.0))).collect();
        let (plain, hedged) = (build(Corpus::builder().counts(0), &claims), build(Corpus::builder().counts(0), &all));
        let mut options = FitOptions::default();
        options.copy_strength = copy_strength;
        let (one, other) = (plain.fit(&options).unwrap(), hedged.fit(&options).unwrap());
        for question in plain.questions() {
            let same = hedged.question(plain.question_name(question)).unwrap();
            for (value, p) in one.answers(&plain, question) {
                let name = plain.value_name(value);
                let again = other.answers(&hedged, same).find(|answer| hedged.value_name(answer.0) == name).unwrap().1;
                prop_assert!((p - again).abs() < 1e-7, "{name} {p} {again}");
            }
        }
        for source in plain.sources() {
            let again = hedged.source(plain.source_name(source)).unwrap();
            prop_assert!((one.source(source).unwrap().accuracy - other.source(again).unwrap().accuracy).abs() < 1e-7);
        }
    }

    #[test]
    fn a_known_answer_is_respected(claims in claims(), known in prop::sample::select(vec!["123", "140", "99"])) {
        let mut builder = build(Corpus::builder().counts(0), &claims).into_builder();
        builder.known("q0", known);
        let corpus = builder.build();
        let number: u64 = known.parse().unwrap();
        let Some(question) = corpus.question("q0") else { return Ok(()); };
        for (value, p) in fit(&corpus).answers(&corpus, question) {
            let holds = match corpus.value_name(value) {
                "at least 123" => number >= 123,
                "more than 99" => number > 99,
                "no more than 120" => number <= 120,
                "between 110 and 130" => (110..=130).contains(&number),
                "fewer than 150" => number < 150,
                "up to 200" => true,
                "dozens" => number >= 24,
                "about 120" => (60..=240).contains(&number),
                exact => exact == known,
            };
            prop_assert!((p - f64::from(u8::from(holds))).abs() < 1e-12, "{} {p}", corpus.value_name(value));
        }
    }
}

/// Five questions on which everybody is right, so that all are trusted alike.
fn trusted() -> Vec<(u8, u8, &'static str)> {
    (10..20)
        .flat_map(|q| (0..6).map(move |s| (q, s, "7")))
        .collect()
}

#[test]
fn a_hedge_speaks_for_all_that_it_holds() {
    let with = |more: &[(u8, u8, &'static str)]| {
        let claims: Vec<_> = trusted()
            .into_iter()
            .chain([(0, 0, "100"), (0, 1, "123"), (0, 2, "156")])
            .chain(more.iter().copied())
            .collect();
        build(Corpus::builder().counts(0), &claims)
    };
    let (before, after) = (with(&[]), with(&[(0, 3, "at least 123")]));
    assert!((p(&before, "q0", "100") - p(&before, "q0", "123")).abs() < 1e-9);
    assert!(p(&after, "q0", "123") > 1.2 * p(&before, "q0", "123"));
    assert!((p(&after, "q0", "123") - p(&after, "q0", "156")).abs() < 1e-9);
    assert!(p(&after, "q0", "100") < 0.5 * p(&before, "q0", "100"));
    let both = p(&after, "q0", "123") + p(&after, "q0", "156");
    assert!(
        (p(&after, "q0", "at least 123") - both).abs() < 0.05
            && p(&after, "q0", "at least 123") >= both - 1e-9
    );
    // The dossier's beliefs come in the same order.
    let fit = fit(&after);
    let findings = reconcile(fit.dossier(&after, after.question("q0").unwrap()).unwrap());
    assert_eq!(
        findings.dossier().questions()[0].kind(),
        discrepancy::Kind::Count
    );
    let belief = |value: &str| findings.belief("q0", value).unwrap().belief;
    let number = |value: u64| findings.belief("q0", value).unwrap().belief;
    assert!(belief("at least 123") > number(123) && number(123) > number(100));
    assert!((number(123) - number(156)).abs() < 1e-9);
}

#[test]
fn hedges_alone_meet_where_they_overlap() {
    let claims: Vec<_> = trusted()
        .into_iter()
        .chain([
            (0, 0, "between 100 and 150"),
            (0, 1, "between 140 and 200"),
            (0, 2, "at most 90"),
        ])
        .collect();
    let corpus = build(Corpus::builder().counts(0), &claims);
    assert!(p(&corpus, "q0", "between 100 and 150") > 0.8);
    assert!(p(&corpus, "q0", "at most 90") < 0.2);
    let fit = fit(&corpus);
    assert_eq!(fit.estimate(corpus.question("q0").unwrap()), None);
    assert!(fit.estimate(corpus.question("q10").unwrap()).is_some());
}

#[test]
fn who_hedges_is_right_where_the_answer_lies_within() {
    let mut claims = Vec::new();
    for q in 0..20 {
        claims.extend([
            (q, 0, "123"),
            (q, 1, "123"),
            (q, 2, "at least 100"),
            (q, 3, "at least 200"),
        ]);
    }
    let corpus = build(Corpus::builder().counts(0), &claims);
    let fit = fit(&corpus);
    let accuracy = |name: &str| fit.source(corpus.source(name).unwrap()).unwrap().accuracy;
    assert!(
        accuracy("s2") > 0.8 && accuracy("s3") < 0.4,
        "{} {}",
        accuracy("s2"),
        accuracy("s3")
    );
}

#[test]
fn dates_agree_within_the_tolerance() {
    let mut builder = Corpus::builder().dates(1);
    for q in 0..6 {
        let name = format!("q{q}");
        builder
            .claim(&name, "a", "1931-05-02")
            .unwrap()
            .claim(&name, "b", "1931-05-03")
            .unwrap();
        builder
            .claim(&name, "c", "1931")
            .unwrap()
            .claim(&name, "d", "1931-07")
            .unwrap()
            .claim(&name, "e", "1931-05-04")
            .unwrap();
    }
    assert!(matches!(
        builder.claim("q0", "f", "next week"),
        Err(CorpusError::NotADate { .. })
    ));
    let corpus = builder.build();
    let fit = fit(&corpus);
    let question = corpus.question("q0").unwrap();
    let (best, _) = fit.answer(&corpus, question).unwrap();
    assert!(["1931-05-02", "1931-05-03"].contains(&corpus.value_name(best)));
    let together = p(&corpus, "q0", "1931-05-02") + p(&corpus, "q0", "1931-05-03");
    assert!(
        together > 0.6
            && p(&corpus, "q0", "1931") > together - 1e-9
            && p(&corpus, "q0", "1931-07") < 0.2
    );
    // Two days from the best supported day, where one is the tolerance: a half-truth.
    let accuracy = |name: &str| fit.source(corpus.source(name).unwrap()).unwrap().accuracy;
    assert!(
        accuracy("a") > accuracy("e") && accuracy("e") > accuracy("d"),
        "{} {}",
        accuracy("e"),
        accuracy("d")
    );
    let mut estimates = Vec::new();
    fit.write_estimates(&corpus, &mut estimates).unwrap();
    assert!(
        String::from_utf8(estimates)
            .unwrap()
            .contains("q0,1931-05-0")
    );
    let dossier = fit.dossier(&corpus, question).unwrap();
    assert_eq!(
        dossier.reading("c1").unwrap(),
        dossier.reading("c2").unwrap()
    );
    assert!(reconcile(dossier).belief("q0", "1931").unwrap().belief > 0.8);
}

#[test]
fn hostile_hedges_end() {
    let mut builder = Corpus::builder().counts(u64::MAX);
    for i in 0..20_000u64 {
        let value = if i % 2 == 0 {
            format!("between {i} and {}", 40_000 - i)
        } else {
            format!("at least {}", u64::MAX - i)
        };
        builder
            .claim("q", &format!("s{}", i % 100), &value)
            .unwrap();
    }
    let corpus = builder.build();
    assert!(
        fit(&corpus)
            .answer(&corpus, corpus.question("q").unwrap())
            .is_some()
    );
}
