//! The library agrees with a brute-force oracle, and the oracle with known answers.

#[cfg(test)]
mod estimates;
#[cfg(test)]
mod oracle;

use proptest::strategy::Strategy;
use serde_json::Value as Json;

/// A dossier and what is to be found in it.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    dossier: Json,
    expected: Json,
}

fn known_answers() -> Vec<Case> {
    [
        include_str!("cases/worked.json"),
        include_str!("cases/dates.json"),
        include_str!("cases/conformance.json"),
    ]
    .into_iter()
    .flat_map(|file| serde_json::from_str::<Vec<Case>>(file).unwrap_or_default())
    .collect()
}

/// The oracle's findings, or `None` where it would take too long.
#[cfg(test)]
fn oracle_if_small(dossier: &Json) -> Option<oracle::Found> {
    match std::panic::catch_unwind(|| oracle::reconcile(dossier)) {
        Ok(found) => Some(found),
        Err(why) => {
            let text = why.downcast_ref::<&'static str>().copied().unwrap_or("?");
            let known = [oracle::TOO_LARGE, oracle::TOO_MANY];
            assert!(known.contains(&text), "the oracle panics: {text}");
            None
        }
    }
}

#[test]
fn oracle_gives_the_known_answers() {
    let (mut checked, mut left_out, mut wrong) = (0, Vec::new(), Vec::new());
    for Case {
        name,
        dossier,
        expected,
    } in known_answers()
    {
        let start = std::time::Instant::now();
        match oracle_if_small(&dossier) {
            None => left_out.push(name),
            Some(found) => {
                checked += 1;
                for d in oracle::differences(&found, &expected, true) {
                    wrong.push(format!("{name}: {d}"));
                }
                println!("{name} {:?}", start.elapsed());
            }
        }
    }
    println!("left out: {left_out:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 68, "only {checked} of 93 cases are small enough");
}

/// The library's result, as JSON.
fn result(dossier: &discrepancy::Dossier) -> Json {
    let findings = discrepancy::reconcile(dossier.clone());
    serde_json::from_str(&discrepancy::report::json(&findings)).unwrap_or_default()
}

#[test]
fn library_gives_the_known_answers() {
    let mut wrong = Vec::new();
    for Case { name, dossier, .. } in known_answers() {
        let Some(found) = oracle_if_small(&dossier) else {
            continue;
        };
        let read = discrepancy::Dossier::from_json(dossier.to_string().as_bytes()).unwrap();
        for d in oracle::differences(&found, &result(&read), false) {
            wrong.push(format!("{name}: {d}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Dossiers with links whose hulls the oracle can tell.
fn linked() -> impl Strategy<Value = discrepancy::Dossier> {
    use discrepancy::strategies::{chains, dates, over_time, relays, suggestions};
    proptest::prop_oneof![chains(), dates(), over_time(), relays(), suggestions()]
}

proptest::proptest! {
    /// On random dossiers the library finds what the oracle finds, in every number to 1e-9 and every list.
    #[test]
    fn library_and_oracle_agree(json in discrepancy::strategies::dossiers().prop_map(|d| d.to_json())) {
        let dossier = discrepancy::Dossier::from_json(json.as_bytes()).unwrap();
        let json: Json = serde_json::from_str(&json).unwrap();
        let found = oracle::reconcile(&json);
        let differences = oracle::differences(&found, &result(&dossier), false);
        proptest::prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    /// Claims on different questions compare as what links leave of one question when only the other claim holds.
    #[test]
    fn comparisons_through_links_agree(json in linked().prop_map(|d| d.to_json())) {
        let dossier = discrepancy::Dossier::from_json(json.as_bytes()).unwrap();
        let json: Json = serde_json::from_str(&json).unwrap();
        let found = oracle::reconcile(&json);
        let differences = oracle::differences_through_links(&found, &oracle::hulls(&json), &result(&dossier));
        proptest::prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

#[cfg(test)]
mod reach {
    //! What the strategies reach, judged by the oracle.

    use std::collections::BTreeMap;

    use discrepancy::{Dossier, strategies};
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    use serde_json::Value as Json;

    use super::oracle;

    /// The same dossiers at every run.
    fn samples(strategy: impl Strategy<Value = Dossier>, n: usize) -> Vec<Json> {
        let mut runner = TestRunner::deterministic();
        let mut one = || strategy.new_tree(&mut runner).unwrap().current();
        (0..n)
            .map(|_| serde_json::from_str(&one().to_json()).unwrap())
            .collect()
    }

    #[test]
    fn dossiers_of_every_interesting_sort() {
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        let mut slowest = (std::time::Duration::ZERO, String::new());
        let mut most = 0;
        for dossier in samples(strategies::dossiers(), 600) {
            let start = std::time::Instant::now();
            let found = oracle::reconcile(&dossier);
            if start.elapsed() > slowest.0 {
                slowest = (start.elapsed(), dossier.to_string());
            }
            most = most.max(
                found
                    .components
                    .iter()
                    .map(|c| c.assumptions)
                    .max()
                    .unwrap(),
            );
            let mut count = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
            for c in &found.conflicts {
                count(&format!("{} of {}", c.key.kind, c.size));
            }
            if found.components.len() > 1 {
                count("several components");
            }
            if found.impossible() {
                count("impossible");
                if !found.components.iter().all(|c| c.z <= 0.0) {
                    count("impossible in part");
                }
            }
            if found.conflicts.is_empty() {
                count("without conflict");
            }
            if found.repairs.keys().any(|r| r.len() > 1) {
                count("repairs of several");
            }
        }
        println!("{met:#?} {most} {slowest:?}");
        for wanted in [
            "contradiction of 1",
            "contradiction of 2",
            "contradiction of 3",
            "contradiction of 4",
            "tension of 2",
            "several components",
            "impossible",
            "impossible in part",
            "without conflict",
            "repairs of several",
        ] {
            let times = met.get(wanted).copied().unwrap_or_default();
            assert!(times >= 3, "{wanted}: {times} times in 600");
        }
    }

    /// The ranges of values that the oracle tries are wide enough: wider ones change nothing.
    #[test]
    fn more_room_changes_nothing() {
        for strategy in [
            strategies::sums().boxed(),
            strategies::cycles().boxed(),
            strategies::chains().boxed(),
        ] {
            for dossier in samples(strategy, 12) {
                let (a, b) = (
                    oracle::reconcile(&dossier),
                    oracle::reconcile_with_room(&dossier, 2),
                );
                let keys = |f: &oracle::Found| {
                    f.conflicts
                        .iter()
                        .map(|c| c.key.clone())
                        .collect::<Vec<_>>()
                };
                assert_eq!(keys(&a), keys(&b), "{dossier}");
                assert!((a.z() - b.z()).abs() < 1e-12, "{dossier}");
            }
        }
    }
}
