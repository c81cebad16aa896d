//! Sources that speak on many questions: against every way for them to be sound or not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use discrepancy::{
    Claim, Dossier, DossierBuilder, Options, Probability, Question, Source, reconcile,
};

const SOURCES: usize = 12;
const QUESTIONS: usize = 300;

fn chance(p: f64) -> Probability {
    Probability::new(p).unwrap()
}

fn reliability(source: usize) -> f64 {
    [0.9, 0.8, 0.7, 0.6][source % 4]
}

/// What a source says on a question, if it speaks on it: most agree.
fn figure(question: usize, source: usize) -> Option<u64> {
    let speaks = (question * 7 + source * 5) % 11 < 4;
    let wrong = (question * 13 + source * 29).is_multiple_of(97);
    speaks.then_some(100 + question as u64 + u64::from(wrong))
}

/// Sources that stand or fall as a whole, and found out for themselves.
fn dossier() -> DossierBuilder {
    let options = Options::new()
        .carry_over(chance(1.0))
        .common_origin(chance(0.0));
    let mut out = Dossier::builder().options(options);
    for s in 0..SOURCES {
        let own = chance(reliability(s));
        out = out.source(Source::new(format!("s{s}")).reliability(own));
    }
    for q in 0..QUESTIONS {
        out = out.question(Question::count(format!("q{q}")));
        for s in 0..SOURCES {
            if let Some(value) = figure(q, s) {
                let claim = Claim::new(format!("q{q}s{s}")).question(format!("q{q}"));
                out = out.claim(claim.source(format!("s{s}")).value(value));
            }
        }
    }
    out
}

#[test]
fn sources_on_many_questions_are_weighed_exactly() {
    // By the sources that are sound: whether nobody among them contradicts another.
    let (mut total, mut sound) = (0.0, [0.0; SOURCES]);
    let mut discordant = 0;
    for mask in 0_u32..1 << SOURCES {
        let is_sound = |s: usize| mask >> s & 1 == 1;
        let weight: f64 = (0..SOURCES)
            .map(|s| {
                let p = reliability(s);
                if is_sound(s) { p } else { 1.0 - p }
            })
            .product();
        let agrees = |q: usize| {
            let mut said = (0..SOURCES)
                .filter(|s| is_sound(*s))
                .filter_map(|s| figure(q, s));
            let first = said.next();
            said.all(|x| Some(x) == first)
        };
        if (0..QUESTIONS).all(agrees) {
            total += weight;
            for (_, sum) in sound.iter_mut().enumerate().filter(|(s, _)| is_sound(*s)) {
                *sum += weight;
            }
        } else {
            discordant += 1;
        }
    }
    assert!(total < 0.5 && discordant > 1_000, "{total} {discordant}");

    let findings = reconcile(dossier().build().unwrap());
    assert!(findings.components.iter().all(|c| c.exact));
    assert!((findings.discrepancy - (1.0 - total)).abs() < 1e-12);
    for q in 0..QUESTIONS {
        for s in (0..SOURCES).filter(|s| figure(q, *s).is_some()) {
            let claim = findings.claim(&format!("q{q}s{s}")).unwrap();
            let truth = sound.get(s).unwrap() / total;
            let found = claim.trusted.unwrap();
            assert!((found - truth).abs() < 1e-9, "{q} {s}: {found} {truth}");
        }
    }
    for (s, weight) in sound.iter().enumerate() {
        let id = format!("s{s}");
        let source = findings
            .sources
            .iter()
            .find(|f| f.id.as_str() == id)
            .unwrap();
        assert!((source.posterior.unwrap() - weight / total).abs() < 1e-9);
    }
}
