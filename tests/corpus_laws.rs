//! What must hold of every corpus, whatever is in it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use discrepancy::corpus::{
    Census, Copying, Corpus, Fit, FitOptions, FitPart, Model, PassSums, Vocabulary,
};
use proptest::prelude::*;

/// Question, source, value.
type Claims = Vec<(u8, u8, u8)>;
/// Question and value, with the bits of the probability.
type Bits = BTreeMap<(String, String), u64>;

fn claims() -> impl Strategy<Value = Claims> {
    prop::collection::vec((0..14u8, 0..7u8, 0..4u8), 1..120)
}

fn options() -> impl Strategy<Value = FitOptions> {
    let models = prop::sample::select(vec![
        Model::Default,
        Model::Default,
        Model::Majority,
        Model::OneCoin,
        Model::DawidSkene,
    ]);
    let vocabularies =
        prop::sample::select(vec![Vocabulary::Auto, Vocabulary::Closed, Vocabulary::Open]);
    (models, vocabularies, 1..12u32, 0.3..20.0f64).prop_map(
        |(model, vocabulary, passes, copy_strength)| {
            let mut options = FitOptions::default();
            options.model = model;
            options.vocabulary = vocabulary;
            options.passes = passes;
            options.copy_strength = copy_strength; // low enough for copying to be found in small tables, too
            options
        },
    )
}

fn name(kind: char, number: u8) -> String {
    format!("{kind}{number}")
}

fn build(claims: &[(u8, u8, u8)], known: &[(u8, u8)]) -> Corpus {
    let mut builder = Corpus::builder();
    for &(q, s, v) in claims {
        builder
            .claim(&name('q', q), &name('s', s), &name('v', v))
            .unwrap();
    }
    for &(q, v) in known {
        builder.known(&name('q', q), &name('v', v));
    }
    builder.build()
}

fn bits(corpus: &Corpus, fit: &Fit) -> Bits {
    corpus
        .questions()
        .flat_map(|question| {
            fit.answers(corpus, question).map(move |(value, p)| {
                (
                    (
                        corpus.question_name(question).to_owned(),
                        corpus.value_name(value).to_owned(),
                    ),
                    p.to_bits(),
                )
            })
        })
        .collect()
}

fn accuracies(corpus: &Corpus, fit: &Fit) -> BTreeMap<String, u64> {
    corpus
        .sources()
        .map(|source| {
            (
                corpus.source_name(source).to_owned(),
                fit.source(source).unwrap().accuracy.to_bits(),
            )
        })
        .collect()
}

/// Who shares an origin with whom, by name, with the bits of the probability.
fn origins(corpus: &Corpus, fit: &Fit) -> BTreeMap<(String, String), u64> {
    let name = |source| corpus.source_name(source).to_owned();
    fit.origins()
        .iter()
        .map(|o| {
            let (a, b) = (name(o.a), name(o.b));
            (
                (a.clone().min(b.clone()), a.max(b)),
                o.probability.to_bits(),
            )
        })
        .collect()
}

fn through_json<T: serde::Serialize + serde::de::DeserializeOwned>(thing: &T) -> T {
    serde_json::from_str(&serde_json::to_string(thing).unwrap()).unwrap()
}

fn files(corpus: &Corpus, fit: &Fit) -> [Vec<u8>; 3] {
    let mut files = [const { Vec::new() }; 3];
    let [answers, sources, origins] = &mut files;
    fit.write_answers(corpus, answers).unwrap();
    fit.write_sources(corpus, sources).unwrap();
    fit.write_origins(corpus, origins).unwrap();
    files
}

proptest! {
    #[test]
    fn order_changes_nothing((claims, shuffled) in claims().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())), options in options()) {
        let (one, other) = (build(&claims, &[]), build(&shuffled, &[]));
        prop_assert_eq!(files(&one, &one.fit(&options).unwrap()), files(&other, &other.fit(&options).unwrap()));
    }

    #[test]
    fn exact_repeats_change_nothing(claims in claims(), options in options()) {
        let (one, other) = (build(&claims, &[]), build(&[claims.clone(), claims].concat(), &[]));
        prop_assert_eq!(files(&one, &one.fit(&options).unwrap()), files(&other, &other.fit(&options).unwrap()));
    }

    #[test]
    fn renaming_changes_nothing(
        claims in claims(),
        options in options(),
        q in Just((0..14u8).collect::<Vec<_>>()).prop_shuffle(),
        s in Just((0..7u8).collect::<Vec<_>>()).prop_shuffle(),
        v in Just((0..4u8).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let renamed: Claims = claims.iter().map(|c| (q[c.0 as usize], s[c.1 as usize], v[c.2 as usize])).collect();
        let (one, other) = (build(&claims, &[]), build(&renamed, &[]));
        let (fit, again) = (one.fit(&options).unwrap(), other.fit(&options).unwrap());
        let back = |text: &str, names: &[u8]| {
            let number: u8 = text[1..].parse().unwrap();
            format!("{}{}", &text[..1], names.iter().position(|&n| n == number).unwrap())
        };
        let expected: Bits = bits(&other, &again).into_iter().map(|((x, y), p)| ((back(&x, &q), back(&y, &v)), p)).collect();
        prop_assert_eq!(bits(&one, &fit), expected);
        let expected: BTreeMap<_, _> = accuracies(&other, &again).into_iter().map(|(x, r)| (back(&x, &s), r)).collect();
        prop_assert_eq!(accuracies(&one, &fit), expected);
    }

    #[test]
    fn probabilities_sum_to_at_most_one(claims in claims(), options in options(), known in prop::collection::vec((0..14u8, 0..6u8), 0..4)) {
        let corpus = build(&claims, &known);
        let fit = corpus.fit(&options).unwrap();
        for question in corpus.questions() {
            let p: Vec<f64> = fit.answers(&corpus, question).map(|answer| answer.1).collect();
            prop_assert!(p.iter().all(|p| (0.0..=1.0 + 1e-9).contains(p)), "{p:?}");
            prop_assert!(p.iter().sum::<f64>() <= 1.0 + 1e-9, "{p:?}");
        }
        for source in corpus.sources() {
            let learned = fit.source(source).unwrap();
            prop_assert!(0.0 <= learned.low && learned.low <= learned.accuracy && learned.accuracy <= learned.high && learned.high <= 1.0);
        }
    }

    #[test]
    fn what_nobody_claims_is_never_the_answer(claims in claims(), options in options()) {
        let corpus = build(&claims, &[]);
        let fit = corpus.fit(&options).unwrap();
        for question in corpus.questions() {
            let claimed: Vec<_> = corpus.claims(question).map(|claim| claim.1).collect();
            let (inside, outside): (Vec<_>, Vec<_>) = fit.answers(&corpus, question).partition(|answer| claimed.contains(&answer.0));
            let most = |list: Vec<(_, f64)>| list.into_iter().map(|x| x.1).fold(0.0, f64::max);
            prop_assert!(most(outside) <= most(inside));
        }
    }

    #[test]
    fn known_answers_are_respected(claims in claims(), options in options(), known in prop::collection::vec((0..14u8, 0..6u8), 1..6)) {
        let corpus = build(&claims, &known);
        let fit = corpus.fit(&options).unwrap();
        let known: BTreeMap<u8, u8> = known.into_iter().collect();
        for (q, v) in known {
            let Some(question) = corpus.question(&name('q', q)) else { continue };
            for (value, p) in fit.answers(&corpus, question) {
                let expected = if corpus.value_name(value) == name('v', v) { 1.0 } else { 0.0 };
                prop_assert!((p - expected).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_source_without_shared_questions_changes_no_other(claims in claims(), lone in prop::collection::vec((20..30u8, 0..4u8), 1..20), options in options()) {
        // It uses no new value and does not tip the vocabulary from open to closed.
        prop_assume!(lone.iter().all(|&(_, v)| claims.iter().any(|c| c.2 == v)));
        let mut options = options;
        if options.vocabulary == Vocabulary::Auto {
            options.vocabulary = Vocabulary::Closed;
        }
        let more: Claims = claims.iter().copied().chain(lone.iter().map(|&(q, v)| (q, 99, v))).collect();
        let (one, other) = (build(&claims, &[]), build(&more, &[]));
        let (fit, again) = (one.fit(&options).unwrap(), other.fit(&options).unwrap());
        let rest: Bits = bits(&other, &again).into_iter().filter(|((q, _), _)| one.question(q).is_some()).collect();
        prop_assert_eq!(bits(&one, &fit), rest);
        let rest: BTreeMap<_, _> = accuracies(&other, &again).into_iter().filter(|(s, _)| s != "s99").collect();
        prop_assert_eq!(accuracies(&one, &fit), rest);
    }

    #[test]
    fn a_fit_in_parts_is_the_fit_in_one(
        claims in claims(),
        options in options(),
        split in prop::collection::vec(0..4usize, 14),
        known in prop::collection::vec((0..14u8, 0..6u8), 0..3),
    ) {
        let mut options = options;
        options.model = Model::Default;
        let of = |part: usize| {
            let claims: Claims = claims.iter().copied().filter(|c| split[c.0 as usize] == part).collect();
            let known: Vec<_> = known.iter().copied().filter(|k| split[k.0 as usize] == part).collect();
            build(&claims, &known)
        };
        let whole = build(&claims, &known);
        let fit = whole.fit(&options).unwrap();
        let parts: Vec<Corpus> = (0..4).map(of).collect();
        let mut census = Census::default();
        for part in &parts {
            census.merge(&part.census());
        }
        prop_assert_eq!(&census, &whole.census());
        prop_assert_eq!(&census, &through_json(&census));
        let aligned = whole.clone().align(&census).unwrap();
        let parts: Vec<Corpus> = parts.into_iter().map(|part| part.align(&census).unwrap()).collect();

        let mut one = FitPart::new(&aligned, &options).unwrap();
        let mut several: Vec<FitPart<'_>> = parts.iter().map(|part| FitPart::new(part, &options).unwrap()).collect();
        while !one.is_done() {
            let sum = |order: [usize; 4]| {
                let mut sums = through_json(several[order[0]].sums());
                for at in &order[1..] {
                    sums.merge(several[*at].sums()).unwrap();
                }
                sums
            };
            let all = sum([0, 1, 2, 3]);
            prop_assert_eq!(&all, one.sums());
            prop_assert_eq!(&all, &sum([3, 0, 2, 1]));
            // ((0 + 1) + (2 + 3)), too.
            let (mut left, mut right) = (several[0].sums().clone(), several[2].sums().clone());
            left.merge(several[1].sums()).unwrap();
            right.merge(several[3].sums()).unwrap();
            left.merge(&right).unwrap();
            prop_assert_eq!(&all, &left);
            one.step(all.clone()).unwrap();
            for part in &mut several {
                part.step(all.clone()).unwrap();
            }
        }
        prop_assert!(several.iter().all(FitPart::is_done));
        let mut answers = Bits::new();
        for (part, corpus) in several.into_iter().zip(&parts) {
            let part = part.finish();
            answers.extend(bits(corpus, &part));
            prop_assert_eq!(accuracies(corpus, &part), accuracies(&whole, &fit));
            prop_assert_eq!(origins(corpus, &part), origins(&whole, &fit));
        }
        prop_assert_eq!(answers, bits(&whole, &fit));
    }

    #[test]
    fn sums_from_elsewhere_are_refused(claims in claims(), other in claims(), noise in prop::collection::vec(any::<u64>(), 1..9)) {
        let (one, other) = (build(&claims, &[]), build(&other, &[]));
        let options = FitOptions::default();
        let mut part = FitPart::new(&one, &options).unwrap();
        let mut strange = FitPart::new(&other, &options).unwrap();
        let mut rounds = 0;
        while !part.is_done() {
            // Whatever numbers come in, they are refused or used, never a panic.
            let mut json = serde_json::to_value(part.sums()).unwrap();
            for (at, cell) in json["units"].as_array_mut().unwrap().iter_mut().enumerate() {
                *cell = noise[at % noise.len()].into();
            }
            if let Ok(sums) = serde_json::from_value::<PassSums>(json) {
                let _ = FitPart::new(&one, &options).unwrap().step(sums);
            }
            if one.census() != other.census() && part.sums() != strange.sums() {
                let _ = part.step(strange.sums().clone());
            }
            if part.is_done() {
                break;
            }
            let own = part.sums().clone();
            part.step(own).unwrap();
            if !strange.is_done() {
                let own = strange.sums().clone();
                strange.step(own).unwrap();
            }
            rounds += 1;
            prop_assert!(rounds < 200);
        }
        let fit = part.finish();
        let _ = files(&one, &fit);
    }

    #[test]
    fn equal_sources_are_counted(claims in claims(), vocabulary in prop::sample::select(vec![Vocabulary::Open, Vocabulary::Closed])) {
        // Every question again with its values turned around, so that no value is commoner than another.
        let turned: Claims = (0..4u8).flat_map(|turn| claims.iter().map(move |c| (c.0 + 14 * turn, c.1, (c.2 + turn) % 4))).collect();
        let corpus = build(&turned, &[]);
        let mut options = FitOptions::default();
        options.vocabulary = vocabulary;
        (options.source_strength, options.pool_strength, options.row_strength) = (1e6, 1e6, 1e6);
        let fit = corpus.fit(&options).unwrap();
        options.model = Model::Majority;
        let votes = corpus.fit(&options).unwrap();
        for question in corpus.questions() {
            let shares: BTreeMap<_, _> = votes.answers(&corpus, question).collect();
            let (best, _) = fit.answer(&corpus, question).unwrap();
            let most = shares.values().copied().fold(0.0, f64::max);
            prop_assert!(shares[&best] >= most - 1e-6);
        }
    }

    #[test]
    fn sources_that_always_agree_raise_each_other(questions in 2..14u8, others in 1..4u8, copying in prop::sample::select(vec![Copying::Once, Copying::Ignored])) {
        // Everybody else says something of their own on every question.
        let mut options = FitOptions::default();
        options.copying = copying;
        let with = |pair: &[u8]| {
            let mut claims = Claims::new();
            for q in 0..questions {
                claims.extend(pair.iter().map(|&s| (q, s, 0)));
                claims.extend((0..others).map(|s| (q, s, 1 + s)));
            }
            build(&claims, &[])
        };
        let (alone, together) = (with(&[50]), with(&[50, 51]));
        let r = |corpus: &Corpus, s: &str| corpus.fit(&options).unwrap().source(corpus.source(s).unwrap()).unwrap().accuracy;
        prop_assert!(r(&together, "s50") > r(&alone, "s50"));
        prop_assert_eq!(r(&together, "s50").to_bits(), r(&together, "s51").to_bits());
        prop_assert!(r(&together, "s50") > r(&together, "s0"));
    }

    #[test]
    fn claims_are_read_as_they_are_written(claims in prop::collection::vec(("[a,\"\n é]{1,4}", "[b,\" ]{1,4}", "[c\r\n]{1,4}"), 0..20)) {
        let mut text = String::from("value,note,source,question\n");
        let quote = |field: &str| format!("\"{}\"", field.replace('"', "\"\""));
        for (q, s, v) in &claims {
            writeln!(text, "{},,{},{}\r", quote(v), quote(s), quote(q)).unwrap();
        }
        let mut builder = Corpus::builder();
        let left_out = builder.read_csv(text.as_bytes()).unwrap();
        prop_assert_eq!((left_out.count, builder.len()), (0, claims.len()));
        let corpus = builder.build();
        for (q, s, v) in &claims {
            let question = corpus.question(q).unwrap();
            let found = corpus.claims(question).any(|(source, value)| corpus.source_name(source) == s && corpus.value_name(value) == v);
            prop_assert!(found);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(prop::sample::select(b"abc,\"\n\r\xff{}:0".to_vec()), 0..200)) {
        let mut builder = Corpus::builder();
        let _ = builder.read_csv(&bytes[..]);
        let _ = builder.read_json_lines(&bytes[..]);
        let _ = builder.read_known_csv(&bytes[..]);
        let corpus = builder.build();
        let fit = corpus.fit(&FitOptions::default()).unwrap();
        let _ = files(&corpus, &fit);
    }

    #[test]
    fn an_update_continues_where_the_fit_stopped(claims in claims(), more in claims(), options in options()) {
        let corpus = build(&claims, &[]);
        let fit = corpus.fit(&options).unwrap();
        let mut builder = corpus.into_builder();
        for &(q, s, v) in &more {
            builder.claim(&name('q', q), &name('s', s), &name('v', v)).unwrap();
        }
        let corpus = builder.build();
        let fit = fit.update(&corpus);
        prop_assert_eq!(corpus.questions().filter(|&q| fit.answer(&corpus, q).is_none()).count(), 0);
        let whole = build(&[claims, more].concat(), &[]);
        prop_assert_eq!(corpus.len(), whole.len());
    }
}
