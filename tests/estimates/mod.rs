//! Where the budget ends, bounds hold the truth and estimates lie near it.

use discrepancy::{
    ComponentFinding, Dossier, Findings, GiveUp, Options, reconcile, report, strategies,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

use super::oracle;

/// The same dossiers at every run.
fn samples(strategy: impl Strategy<Value = Dossier>, n: usize) -> Vec<Dossier> {
    let mut runner = TestRunner::deterministic();
    let mut one = || strategy.new_tree(&mut runner).unwrap().current();
    (0..n).map(|_| one()).collect()
}

/// The same dossier with so little work allowed that nothing is solved.
fn starved(dossier: &Dossier, samples: u64) -> Dossier {
    let mut json: Json = serde_json::from_str(&dossier.to_json()).unwrap();
    json["options"]["budget"] = 0.into();
    json["options"]["samples"] = samples.into();
    Dossier::from_json(json.to_string().as_bytes()).unwrap()
}

/// What was wrong, and how many numbers were looked at.
#[derive(Default)]
struct Tally {
    wrong: Vec<String>,
    exact: usize,
    bounded: usize,
    sampled: usize,
    /// The largest deviation in standard errors.
    worst: f64,
}

impl Tally {
    fn check(
        &mut self,
        what: &str,
        found: Option<f64>,
        error: Option<f64>,
        bounds: Option<[f64; 2]>,
        truth: Option<f64>,
    ) {
        let (Some(found), Some(truth)) = (found, truth) else {
            if found.is_some() != truth.is_some() {
                self.wrong.push(format!("{what}: {found:?} for {truth:?}"));
            }
            return;
        };
        let [low, high] = bounds.unwrap_or([found, found]);
        if !(low - 1e-9..=high + 1e-9).contains(&truth) || !(low..=high).contains(&found) {
            self.wrong
                .push(format!("{what}: {truth} and {found} in [{low}, {high}]"));
        }
        match (error, bounds) {
            (Some(error), _) => {
                self.sampled += 1;
                let off = (found - truth).abs() / error;
                self.worst = self.worst.max(off);
                if off > 4.0 {
                    self.wrong.push(format!(
                        "{what}: {found} ± {error} for {truth}, bounds {low} to {high}"
                    ));
                }
            }
            (None, Some(_)) => self.bounded += 1,
            (None, None) => self.exact += 1,
        }
    }

    fn compare(&mut self, name: &str, findings: &Findings, truth: &oracle::Found) {
        for c in &findings.components {
            let own = truth
                .components
                .iter()
                .find(|t| t.questions.contains(c.questions[0].as_str()))
                .unwrap();
            self.check(
                &format!("{name}: discrepancy"),
                Some(c.discrepancy),
                c.standard_error,
                c.bounds,
                Some(1.0 - own.z),
            );
            assert_eq!(c.impossible, own.impossible(), "{name}");
        }
        for c in &findings.claims {
            let own = &truth.claims[c.id.as_str()];
            let (e, b) = (
                c.standard_error.as_deref().copied().unwrap_or_default(),
                c.bounds.as_deref().copied().unwrap_or_default(),
            );
            let known = own.confidence;
            let name = format!("{name}: {}", c.id);
            self.check(
                &format!("{name} trusted"),
                c.trusted,
                e.trusted,
                b.trusted,
                known.map(|k| k.0),
            );
            self.check(
                &format!("{name} belief"),
                c.belief,
                e.belief,
                b.belief,
                known.map(|k| k.1.0),
            );
            self.check(
                &format!("{name} plausibility"),
                c.plausibility,
                e.plausibility,
                b.plausibility,
                known.map(|k| k.1.1),
            );
            if let (Some(t), Some(f), Some(p)) = (c.trusted, c.belief, c.plausibility) {
                assert!(t <= f && f <= p, "{name}: {t} <= {f} <= {p}");
            }
            if let Some(s) = &c.suggested {
                let (e, b) = (
                    s.standard_error.as_deref().copied().unwrap_or_default(),
                    s.bounds.as_deref().copied().unwrap_or_default(),
                );
                self.check(
                    &format!("{name} suggested"),
                    s.belief,
                    e.belief,
                    b.belief,
                    own.suggested.map(|k| k.0),
                );
                self.check(
                    &format!("{name} suggested"),
                    s.plausibility,
                    e.plausibility,
                    b.plausibility,
                    own.suggested.map(|k| k.1),
                );
            }
        }
        for s in &findings.sources {
            self.check(
                &format!("{name}: {}", s.id),
                s.posterior,
                s.standard_error,
                s.bounds,
                truth.sources[s.id.as_str()].1,
            );
            assert!(s.posterior.is_none_or(|p| p <= s.prior));
        }
        for a in &findings.assumptions {
            self.check(
                &format!("{name}: {}", a.id),
                a.posterior,
                a.standard_error,
                a.bounds,
                truth.assumptions[a.id.as_str()].1,
            );
        }
        for r in &findings.repairs {
            let given = r.give_up.iter().map(|g| match g {
                GiveUp::Claim { id } => ("claim", id.to_string()),
                GiveUp::Link { id } => ("link", id.to_string()),
                other => panic!("{other:?}"),
            });
            self.check(
                &format!("{name}: repair"),
                r.share,
                r.standard_error,
                r.bounds,
                truth.repairs[&given.collect()],
            );
        }
    }
}

#[test]
fn estimates_lie_within_four_standard_errors() {
    let mut tally = Tally::default();
    let (mut starving, mut all) = (0, 0);
    for (i, dossier) in samples(strategies::dossiers(), 200).iter().enumerate() {
        let truth = oracle::reconcile(&serde_json::from_str(&dossier.to_json()).unwrap());
        let findings = reconcile(starved(dossier, 1_000));
        let is_rough = |c: &&ComponentFinding| !c.exact;
        starving += findings.components.iter().filter(is_rough).count();
        all += findings.components.len();
        tally.compare(&format!("dossier {i}"), &findings, &truth);
    }
    let Tally {
        wrong,
        exact,
        bounded,
        sampled,
        worst,
    } = tally;
    println!(
        "{starving} of {all} components rough; {exact} exact, {bounded} bounded, {sampled} sampled, {worst} at worst"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The test tests something.
    assert!(
        starving > 150 && bounded + sampled > 2_000 && sampled > 100,
        "{starving} {bounded} {sampled}"
    );
}

/// Without samples there are bounds alone.
#[test]
fn bounds_hold_the_truth() {
    let mut tally = Tally::default();
    for (i, dossier) in samples(strategies::cycles(), 40).iter().enumerate() {
        let truth = oracle::reconcile(&serde_json::from_str(&dossier.to_json()).unwrap());
        let findings = reconcile(starved(dossier, 0));
        assert!(
            findings
                .components
                .iter()
                .all(|c| c.standard_error.is_none())
        );
        tally.compare(&format!("dossier {i}"), &findings, &truth);
    }
    assert!(
        tally.wrong.is_empty() && tally.sampled == 0,
        "{}",
        tally.wrong.join("\n")
    );
    assert!(tally.bounded > 200, "{}", tally.bounded);
}

/// The same seed gives the same bytes, in whatever order claims come, and another seed other numbers.
#[test]
fn seeds_decide() {
    let mut differ = 0;
    for dossier in samples(strategies::sums(), 12) {
        let dossier = starved(&dossier, 200);
        let claims: Vec<_> = dossier.claims().to_vec();
        let builder = || {
            claims.iter().fold(dossier.clone().into_builder(), |b, c| {
                b.without_claim(c.id().as_str())
            })
        };
        let turned = builder()
            .claims(claims.iter().rev().cloned())
            .build()
            .unwrap();
        let json = report::json(&reconcile(dossier.clone()));
        assert_eq!(json, report::json(&reconcile(turned)));
        let other: Options = dossier.options().seed(7);
        let mut findings = reconcile(
            dossier
                .clone()
                .into_builder()
                .options(other)
                .build()
                .unwrap(),
        );
        let seed = json.replacen("\"seed\":1", "\"seed\":7", 1);
        findings.claims.truncate(usize::MAX);
        differ += usize::from(seed != report::json(&findings));
    }
    assert!(differ >= 3, "{differ} of 12 depend on the seed");
}
