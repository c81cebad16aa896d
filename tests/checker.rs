//! The checker accepts what the engine derives, and refuses it once it is spoiled.

#[cfg(test)]
#[path = "checker/dossiers.rs"]
mod dossiers;
#[cfg(test)]
#[path = "checker/spoil.rs"]
mod spoil;

use discrepancy::{
    Addend, CheckError, Checker, Conflict, ConflictKind, Dossier, Findings, GiveUp, Ground, Repair,
    Step, Value, check, check_all, check_repair, reconcile,
};
use dossiers::{built, known, random, values};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use spoil::{Spoiled, repairs_spoiled, spoiled};

#[test]
fn known_cases() {
    let (mut conflicts, mut repairs) = (0, 0);
    for (name, dossier) in known() {
        let findings = reconcile(dossier);
        assert_eq!(check_all(&findings), Ok(()), "{name}");
        conflicts += findings.conflicts.len();
        repairs += findings.repairs.len();
    }
    assert!(conflicts > 100 && repairs > 100, "{conflicts} {repairs}");
}

/// How many steps of each kind: narrowings, sums, cases.
#[cfg(test)]
fn kinds(steps: &[Step]) -> [usize; 3] {
    steps.iter().fold([0; 3], |mut n, step| {
        match step {
            Step::Narrow { .. } => n[0] += 1,
            Step::Sum { .. } => n[1] += 1,
            Step::Cases { cases, .. } => {
                n[2] += 1;
                for case in cases {
                    let inner = kinds(case);
                    (0..3).for_each(|i| n[i] += inner[i]);
                }
            }
            _ => {}
        }
        n
    })
}

#[test]
fn built_cases() {
    let mut all = [0; 3];
    for (name, dossier) in built() {
        let findings = reconcile(dossier);
        assert!(!findings.conflicts.is_empty(), "{name} has no conflict");
        assert_eq!(check_all(&findings), Ok(()), "{name}");
        for c in &findings.conflicts {
            let n = kinds(&c.derivation);
            println!("{name}: {} {n:?}", c.id);
            (0..3).for_each(|i| all[i] += n[i]);
        }
    }
    assert!(
        all[1] >= 5 && all[2] >= 5,
        "narrowings, sums, cases: {all:?}"
    );
}

/// Everything that is spoiled in a way that matters is refused.
#[cfg(test)]
fn refuses(name: &str, findings: &Findings, seen: &mut [usize; 3]) {
    let checker = Checker::new(findings.dossier());
    for conflict in &findings.conflicts {
        for (what, spoiled, soundness) in spoiled(conflict, findings) {
            let result = checker.conflict(&spoiled);
            let accepted = result.is_ok();
            match soundness {
                Spoiled::Unsound => {
                    seen[0] += 1;
                    assert!(!accepted, "{name}: {} passes with {what}", conflict.id);
                }
                Spoiled::Unknown if accepted => seen[1] += 1,
                Spoiled::Unknown => seen[2] += 1,
            }
        }
    }
    for repair in &findings.repairs {
        for (what, spoiled) in repairs_spoiled(repair, findings) {
            seen[0] += 1;
            assert!(
                checker.repair(&findings.conflicts, &spoiled).is_err(),
                "{name}: the repair {:?} passes with {what}",
                repair.give_up
            );
        }
    }
}

#[test]
fn spoiled_cases_are_refused() {
    let mut seen = [0; 3];
    for (name, dossier) in known().into_iter().chain(built()) {
        refuses(&name, &reconcile(dossier), &mut seen);
    }
    let [unsound, loosened, refused] = seen;
    println!("{unsound} unsound, {loosened} loosened, {refused} refused otherwise");
    assert!(unsound > 3_000 && refused > 1_000, "{seen:?}");
}

#[cfg(test)]
fn two() -> Findings {
    let dossier = r#"{"schema": 1, "sources": [{"id": "a"}, {"id": "b"}], "questions": [{"id": "n"}, {"id": "m"}],
        "links": [{"id": "order", "formula": "n <= m"}, {"id": "idle", "formula": "m <= n + 100"}],
        "claims": [{"id": "x", "question": "n", "source": "a", "value": 9}, {"id": "y", "question": "m", "source": "b", "value": 7},
                   {"id": "z", "question": "m", "source": "a", "value": 10}]}"#;
    reconcile(Dossier::from_json(dossier.as_bytes()).unwrap())
}

#[cfg(test)]
fn first(findings: &Findings, kind: ConflictKind, id: &str) -> Conflict {
    let found = findings
        .conflicts
        .iter()
        .find(|c| c.kind == kind && c.id.contains(id));
    found.unwrap().clone()
}

#[test]
fn lists_must_be_what_is_used() {
    let findings = two();
    let conflict = first(&findings, ConflictKind::Contradiction, "x+y");
    let dossier = findings.dossier();
    assert_eq!(check(dossier, &conflict), Ok(()));
    let mut more = conflict.clone();
    more.hard_links.push("idle".into());
    assert_eq!(
        check(dossier, &more).unwrap_err().to_string(),
        "contradiction:x+y is not shown to need the hard link idle"
    );
    let mut fewer = conflict.clone();
    fewer.hard_links.clear();
    let refused = check(dossier, &fewer).unwrap_err();
    assert!(
        matches!(refused, CheckError::Ungrounded { .. }),
        "{refused}"
    );
    let mut other = conflict.clone();
    other.claims.push("z".into());
    assert_eq!(
        check(dossier, &other).unwrap_err().to_string(),
        "contradiction:x+y is not shown to need the claim z"
    );
    let mut untold = conflict;
    untold.derivation.clear();
    assert_eq!(
        check(dossier, &untold).unwrap_err().to_string(),
        "contradiction:x+y lacks its derivation"
    );
}

#[test]
fn a_line_that_claims_too_much_is_named() {
    let findings = two();
    let mut conflict = first(&findings, ConflictKind::Contradiction, "y+z");
    let place = conflict
        .derivation
        .iter()
        .position(|s| matches!(s, Step::Narrow { ground: Ground::Claim { id }, .. } if *id == "y"));
    let place = place.unwrap();
    let other = conflict.derivation.last().cloned().unwrap();
    if let (
        Step::Narrow { set, bound, .. },
        Step::Narrow {
            set: none,
            bound: nothing,
            ..
        },
    ) = (&mut conflict.derivation[place], other)
    {
        (*set, *bound) = (none, nothing);
    }
    assert_eq!(
        check(findings.dossier(), &conflict).unwrap_err(),
        CheckError::DoesNotFollow {
            line: place,
            claimed: "m in ∅".to_owned(),
            follows: "m in 7".to_owned(),
        }
    );
}

#[test]
fn a_claim_that_does_not_stand_grounds_nothing() {
    let findings = two();
    let conflict = first(&findings, ConflictKind::Contradiction, "x+y");
    let rest = findings.dossier().clone().into_builder().without_claim("y");
    let taken_back = discrepancy::Claim::new("y")
        .question("m")
        .source("b")
        .value(7)
        .retracted();
    let dossier = rest.claim(taken_back).build().unwrap();
    assert!(check(&dossier, &conflict).is_err());
}

#[test]
fn a_contradiction_that_is_not_minimal_is_seen() {
    let mut findings = two();
    let before = findings.repairs.len();
    findings
        .repairs
        .retain(|r| !matches!(&r.give_up[..], [GiveUp::Claim { id }] if *id == "y"));
    assert!(findings.repairs.len() < before);
    assert!(matches!(
        check_all(&findings),
        Err(CheckError::Needless { .. })
    ));
}

#[test]
fn nothing_wraps() {
    // 2^63 times a claim of 2^63, added up until 128 bits end.
    let findings = two();
    let mut conflict = first(&findings, ConflictKind::Contradiction, "x+y");
    let line = conflict
        .derivation
        .iter()
        .position(|s| matches!(s, Step::Narrow { ground: Ground::Claim { id }, .. } if *id == "x"))
        .unwrap();
    let row = built()
        .into_iter()
        .flat_map(|(_, d)| reconcile(d).conflicts)
        .flat_map(|c| c.derivation)
        .find_map(|s| match s {
            Step::Sum { gives, .. } => Some(gives),
            _ => None,
        });
    let sum = Step::Sum {
        of: vec![(Addend::Lower { line }, i128::MAX)],
        divisor: 1,
        gives: row.unwrap(),
    };
    conflict.derivation.insert(line + 1, sum);
    assert_eq!(
        check(findings.dossier(), &conflict),
        Err(CheckError::Overflow { line: line + 1 })
    );
}

#[test]
fn a_repair_of_another_dossier_is_refused() {
    let findings = two();
    let repair: &Repair = &findings.repairs[0];
    assert_eq!(
        check_repair(findings.dossier(), &findings.conflicts, repair),
        Ok(())
    );
    assert!(matches!(
        check_repair(findings.dossier(), &[], repair),
        Err(CheckError::Missing { .. })
    ));
}

#[test]
fn random_dossiers_reach_all_there_is_to_check() {
    let mut runner = TestRunner::deterministic();
    let (mut steps, mut tensions, mut growth, mut soft, mut sizes) = ([0; 3], 0, 0, 0, [0; 8]);
    for _ in 0..200 {
        let findings = reconcile(random().new_tree(&mut runner).unwrap().current());
        for c in &findings.conflicts {
            let n = kinds(&c.derivation);
            (0..3).for_each(|i| steps[i] += n[i]);
            tensions += usize::from(c.kind == ConflictKind::Tension);
            soft += usize::from(!c.links.is_empty());
            sizes[c.units.len().min(7)] += 1;
            let grows = |s: &Step| {
                matches!(
                    s,
                    Step::Narrow {
                        ground: Ground::Growth { .. },
                        ..
                    }
                )
            };
            growth += usize::from(c.derivation.iter().any(grows));
        }
    }
    let reached = format!("{steps:?} {tensions} {growth} {soft} {sizes:?}");
    println!("{reached}");
    assert!(steps.iter().all(|n| *n > 10), "{reached}");
    assert!(tensions > 10 && growth > 3 && soft > 10, "{reached}");
    assert!(sizes[..4].iter().all(|n| *n > 3), "{reached}");
}

/// The dossier with another value for one claim.
#[cfg(test)]
fn with_value(dossier: &Dossier, id: &str, value: Value) -> Dossier {
    let claim = dossier.claim(id).unwrap().clone().value(value);
    let rest = dossier.clone().into_builder().without_claim(id);
    rest.claim(claim).build().unwrap()
}

proptest! {
    #[test]
    fn random_dossiers(dossier in random()) {
        let findings = reconcile(dossier);
        for c in &findings.conflicts {
            prop_assert!(!c.derivation.is_empty(), "{} is not derived\n{}", c.id, findings.dossier().to_json());
        }
        prop_assert_eq!(check_all(&findings), Ok(()), "\n{}", findings.dossier().to_json());
    }

    #[test]
    fn exported_dossiers(dossier in discrepancy::strategies::dossiers()) {
        let findings = reconcile(dossier);
        prop_assert_eq!(check_all(&findings), Ok(()), "\n{}", findings.dossier().to_json());
    }

    /// A derivation replayed over other figures is accepted only where these conflict too.
    #[test]
    fn accepted_only_where_impossible(dossier in random(), value in values()) {
        let findings = reconcile(dossier);
        for c in &findings.conflicts {
            for id in &c.claims {
                let other = with_value(findings.dossier(), id.as_str(), value.clone());
                if check(&other, c).is_ok() {
                    let found = reconcile(other);
                    // Perhaps not minimal any more, or a contradiction where there was a tension.
                    let within = |x: &Conflict| {
                        x.claims.iter().all(|id| c.claims.contains(id)) && x.links.iter().all(|l| c.links.contains(l))
                    };
                    prop_assert!(found.conflicts.iter().any(within), "{}\n{}", c.id, found.dossier().to_json());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn spoiled_random_dossiers_are_refused(dossier in random()) {
        let findings = reconcile(dossier);
        refuses(&findings.dossier().to_json(), &findings, &mut [0; 3]);
    }
}
