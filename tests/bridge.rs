//! From a corpus to dossiers: what is learned there is what is believed here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use discrepancy::corpus::{
    BridgeError, Copying, Corpus, CorpusBuilder, Fit, FitOptions, QuestionKey, Vocabulary,
};
use discrepancy::{
    Claim, Credibility, Dossier, Findings, Kind, Probability, Question, Reliability, Source,
    reconcile, report,
};

/// Numbers that look random: Knuth's generator of 64 bits.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Sources that are right as often as told, and else say one of the other values, each as often.
fn planted(questions: u64, values: u64, accuracies: &[u64], asked: u64) -> Corpus {
    let mut dice = Dice(7);
    let mut builder = Corpus::builder();
    for q in 0..questions {
        let truth = dice.below(values);
        for (s, &accuracy) in accuracies.iter().enumerate() {
            if dice.below(100) < asked {
                let wrong = (truth + 1 + dice.below(values - 1)) % values;
                let said = if dice.below(100) < accuracy {
                    truth
                } else {
                    wrong
                };
                claim(
                    &mut builder,
                    &format!("q{q}"),
                    &format!("s{s}"),
                    &format!("v{said}"),
                );
            }
        }
    }
    builder.build()
}

fn claim(builder: &mut CorpusBuilder, question: &str, source: &str, value: &str) {
    builder.claim(question, source, value).unwrap();
}

/// Question by question, the corpus's probabilities and the dossier's beliefs of the claimed values.
fn compared(corpus: &Corpus, fit: &Fit) -> Vec<Vec<(f64, f64)>> {
    corpus
        .questions()
        .map(|question| {
            let findings = reconcile(fit.dossier(corpus, question).unwrap());
            let id = corpus.question_name(question);
            let claimed: Vec<_> = corpus.claims(question).map(|claim| claim.1).collect();
            fit.answers(corpus, question)
                .filter(|(value, _)| claimed.contains(value))
                .map(|(value, p)| {
                    (
                        p,
                        findings
                            .belief(id, corpus.value_name(value))
                            .unwrap()
                            .belief,
                    )
                })
                .collect()
        })
        .collect()
}

fn best(pairs: &[(f64, f64)], of: impl Fn(&(f64, f64)) -> f64) -> usize {
    let best = pairs
        .iter()
        .enumerate()
        .max_by(|a, b| of(a.1).total_cmp(&of(b.1)));
    best.unwrap().0
}

#[test]
fn beliefs_follow_the_probabilities_of_the_corpus() {
    for (vocabulary, values) in [
        (Vocabulary::Closed, 4),
        (Vocabulary::Open, 4),
        (Vocabulary::Closed, 2),
    ] {
        let corpus = planted(150, values, &[92, 85, 75, 65, 60, 55, 80], 70);
        let mut options = FitOptions::default();
        options.vocabulary = vocabulary;
        options.copying = Copying::Ignored;
        let fit = corpus.fit(&options).unwrap();
        let questions = compared(&corpus, &fit);
        let same = questions
            .iter()
            .filter(|pairs| best(pairs, |x| x.0) == best(pairs, |x| x.1))
            .count();
        assert!(
            same * 100 >= questions.len() * 93,
            "{vocabulary:?} {values}: {same} of {}",
            questions.len()
        );
        let all = || questions.iter().flatten();
        let count = f64::from(u32::try_from(all().count()).unwrap());
        let off = all().map(|(p, belief)| (p - belief).abs()).sum::<f64>() / count;
        assert!(
            off < 0.12,
            "{vocabulary:?} {values}: {off} apart on average"
        );
    }
}

#[test]
fn claims_are_trusted_as_far_as_the_corpus_agrees() {
    let corpus = planted(150, 4, &[92, 85, 75, 65, 60, 55, 80], 70);
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    let (mut backed, mut denied) = (Vec::new(), Vec::new());
    for question in corpus.questions() {
        let findings = reconcile(fit.dossier(&corpus, question).unwrap());
        for claim in &findings.claims {
            let source = findings
                .sources
                .iter()
                .find(|s| s.id == claim.source)
                .unwrap();
            let value = corpus
                .claims(question)
                .find(|c| corpus.source_name(c.0) == claim.source.as_str())
                .unwrap()
                .1;
            let p = fit
                .answers(&corpus, question)
                .find(|answer| answer.0 == value)
                .unwrap()
                .1;
            // What is believed of a source's own statement, as a share of what it was before.
            let kept = claim.trusted.unwrap() / source.prior;
            assert!(kept <= 1.0 + 1e-9 && claim.trusted.unwrap() <= claim.belief.unwrap() + 1e-9);
            match p {
                p if p > 0.9 => backed.push(kept),
                p if p < 0.1 => denied.push(kept),
                _ => {}
            }
        }
    }
    let most = denied.iter().copied().fold(0.0, f64::max);
    let least = backed.iter().copied().fold(1.0, f64::min);
    assert!(backed.len() > 100 && denied.len() > 100);
    assert!(most < 0.5 && least > 0.6, "{most} {least}");
}

#[test]
fn rivals_weigh_by_their_odds() {
    let corpus = planted(300, 2, &[90, 60, 80, 70, 85, 75], 60);
    let mut builder = corpus.into_builder();
    let rivals = [("s0", "s1"), ("s3", "s2"), ("s4", "s5")];
    for (a, b) in rivals {
        claim(&mut builder, &format!("{a}{b}"), a, "v0");
        claim(&mut builder, &format!("{a}{b}"), b, "v1");
    }
    let corpus = builder.build();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    for (a, b) in rivals {
        let question = corpus.question(&format!("{a}{b}")).unwrap();
        let findings = reconcile(fit.dossier(&corpus, question).unwrap());
        let odds = |source: &str| {
            let prior = findings
                .sources
                .iter()
                .find(|s| s.id.as_str() == source)
                .unwrap()
                .prior;
            prior / (1.0 - prior)
        };
        for claim in &findings.claims {
            let own = odds(claim.source.as_str());
            // Either one holds, or the other, or neither: by their odds and 1.
            let expected = own / (1.0 + odds(a) + odds(b));
            assert!((claim.trusted.unwrap() - expected).abs() < 1e-12);
            assert!((claim.belief.unwrap() - expected).abs() < 1e-12);
        }
        let p = |value| {
            fit.answers(&corpus, question)
                .find(|answer| answer.0 == corpus.value(value).unwrap())
                .unwrap()
                .1
        };
        assert_eq!(p("v0") > p("v1"), odds(a) > odds(b), "{a} {b}");
    }
}

#[test]
fn who_only_guesses_carries_no_weight() {
    let corpus = planted(400, 2, &[90, 85, 50, 88], 90);
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    let accuracy = fit.source(corpus.source("s2").unwrap()).unwrap().accuracy;
    let dossier = fit
        .dossier(&corpus, corpus.question("q0").unwrap())
        .unwrap();
    let reliability = |name: &str| match dossier.source(name).unwrap().grade() {
        Reliability::Probability(r) => r.get(),
        other => panic!("{other:?}"),
    };
    assert!((reliability("s2") - (2.0 * accuracy - 1.0).max(0.001)).abs() < 1e-12);
    assert!(reliability("s2") < 0.2 && reliability("s0") > 0.6);
}

/// A corpus where `mirror` repeats all that `forum` says, and three others look for themselves.
fn copied() -> Corpus {
    let mut builder = Corpus::builder();
    for q in 0..60 {
        let name = format!("q{q}");
        let truth = format!("t{q}");
        let slip = format!("f{q}");
        for (source, wrong) in [("archive", 10), ("museum", 8), ("guide", 6)] {
            let said = if q % wrong == 0 {
                format!("{source}{q}")
            } else {
                truth.clone()
            };
            claim(&mut builder, &name, source, &said);
        }
        for source in ["forum", "mirror"] {
            claim(
                &mut builder,
                &name,
                source,
                if q % 2 == 1 { &slip } else { &truth },
            );
        }
    }
    builder.build()
}

#[test]
fn copies_are_declared_as_one_origin_and_told() {
    let corpus = copied();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    assert_eq!(fit.origins().len(), 1);
    let p = fit.origins()[0].probability;
    let question = corpus.question("q1").unwrap();
    let dossier = fit.dossier(&corpus, question).unwrap();
    let alone = |source: &str| match dossier.source(source).unwrap().grade() {
        Reliability::Probability(r) => r.get(),
        other => panic!("{other:?}"),
    };
    let (forum, mirror) = (alone("forum"), alone("mirror"));
    let findings = reconcile(dossier);
    // Of the two the second counts only as far as it found out by itself: with forum on the slip, the others on the truth.
    let lean = 1.0 - (1.0 - forum) * (1.0 - mirror * (1.0 - p));
    let slip = findings.belief("q1", "f1").unwrap().belief;
    let truth = findings.belief("q1", "t1").unwrap().belief;
    assert!(slip < lean && truth > 0.8, "{slip} {truth}");
    let text = report::text(&findings);
    assert!(
        text.contains("May repeat one another") && text.contains("forum and mirror"),
        "{text}"
    );
    assert!(text.contains("t1") && text.contains("archive"), "{text}");
}

#[test]
fn known_answers_settle_a_question() {
    let mut builder = copied().into_builder();
    builder.known("q1", "f1").known("q2", "what nobody claims");
    claim(&mut builder, "q3", "known answers", "t3");
    builder.known("q3", "t3");
    let corpus = builder.build();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    for (question, answer) in [("q1", "f1"), ("q2", "what nobody claims"), ("q3", "t3")] {
        let findings = reconcile(
            fit.dossier(&corpus, corpus.question(question).unwrap())
                .unwrap(),
        );
        assert!(findings.belief(question, answer).unwrap().belief > 1.0 - 1e-12);
        for claim in findings
            .claims
            .iter()
            .filter(|c| c.belief.is_some_and(|b| b < 0.5))
        {
            assert!(claim.trusted.unwrap() < 1e-12);
        }
    }
    let dossier = fit
        .dossier(&corpus, corpus.question("q3").unwrap())
        .unwrap();
    assert!(dossier.source("known answers*").is_some());
}

#[test]
fn values_are_read_as_their_kind() {
    let mut builder = Corpus::builder().numbers(2.0);
    for (source, value) in [("a", "100"), ("b", "101.0"), ("c", "101"), ("d", "3e2")] {
        claim(&mut builder, "held", source, value);
    }
    claim(&mut builder, "depth", "a", "-1.5");
    let corpus = builder.build();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    let dossier = fit
        .dossier(&corpus, corpus.question("held").unwrap())
        .unwrap();
    assert_eq!(dossier.questions()[0].kind(), Kind::Count);
    let read: Vec<String> = dossier
        .claims()
        .iter()
        .map(|c| dossier.reading(c.id().as_str()).unwrap().to_string())
        .collect();
    assert_eq!(read, ["[100, 101]", "[100, 101]", "[100, 101]", "300"]);
    let depth = corpus.question("depth").unwrap();
    assert_eq!(
        fit.dossier(&corpus, depth).unwrap().questions()[0].kind(),
        Kind::Category
    );
    assert!(matches!(
        fit.dossier_as(&corpus, depth, Kind::Count),
        Err(BridgeError::Values(_))
    ));

    let mut builder = Corpus::builder();
    for question in ["one", "two", "three"] {
        claim(&mut builder, question, "a", "100");
    }
    let other = builder.build();
    let stranger: QuestionKey = other.question("three").unwrap();
    assert_eq!(
        fit.dossier(&corpus, stranger).unwrap_err(),
        BridgeError::NoQuestion { number: 2 }
    );
}

#[test]
fn a_source_of_two_minds_shares_its_vote() {
    let mut builder = copied().into_builder();
    claim(&mut builder, "q1", "archive", "another");
    let corpus = builder.build();
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    let dossier = fit
        .dossier(&corpus, corpus.question("q1").unwrap())
        .unwrap();
    // The same by hand.
    let mut by_hand = Dossier::builder().question(Question::category("q1"));
    for source in dossier.sources() {
        by_hand = by_hand.source(Source::new(source.id().clone()).reliability(source.grade()));
    }
    for claim in dossier.claims() {
        let source = claim.source_id().unwrap().clone();
        let value = match source.as_str() {
            "archive" if claim.id().as_str() == "c1" => "another",
            "forum" | "mirror" => "f1",
            _ => "t1",
        };
        let mut copy = Claim::new(claim.id().clone())
            .question("q1")
            .source(source.clone())
            .value(value);
        if source.as_str() == "archive" {
            copy = copy.credibility(Credibility::from(Probability::new(0.5).unwrap()));
        }
        by_hand = by_hand.claim(copy);
    }
    by_hand = by_hand.common_origin(discrepancy::CommonOrigin::new(
        ["forum", "mirror"],
        Probability::new(fit.origins()[0].probability).unwrap(),
    ));
    let (one, other): (Findings, Findings) =
        (reconcile(dossier), reconcile(by_hand.build().unwrap()));
    let trusted = |findings: &Findings| {
        findings
            .claims
            .iter()
            .map(|c| c.trusted.unwrap().to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(trusted(&one), trusted(&other));
}
