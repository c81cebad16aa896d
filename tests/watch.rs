//! Reconciling can be watched and ended.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::ControlFlow;

use discrepancy::{
    Claim, Dossier, Phase, Progress, Question, Source, reconcile, reconcile_with, report,
};

fn dossier() -> Dossier {
    let mut out = Dossier::builder();
    for q in ["a", "b", "c"] {
        out = out.question(Question::count(q));
        for (s, value) in [("x", 1), ("y", 2)] {
            let source = format!("{q}{s}");
            out = out.source(Source::new(source.as_str())).claim(
                Claim::new(source.as_str())
                    .question(q)
                    .source(source.as_str())
                    .value(value),
            );
        }
    }
    out.build().unwrap()
}

#[test]
fn progress_goes_forward_and_changes_nothing() {
    let mut seen: Vec<Progress> = Vec::new();
    let findings = reconcile_with(dossier(), &mut |p| {
        seen.push(p);
        ControlFlow::Continue(())
    });
    assert_eq!(
        report::json(&findings.unwrap()),
        report::json(&reconcile(dossier()))
    );
    assert!(seen.iter().all(|p| p.done < p.of));
    assert!(
        seen.windows(2)
            .all(|w| (w[0].phase, w[0].done) < (w[1].phase, w[1].done)),
        "{seen:?}"
    );
    // Three components.
    assert_eq!(
        seen.iter()
            .filter(|p| p.phase == Phase::Confidence && p.of == 3)
            .count(),
        3
    );
}

#[test]
fn it_ends_wherever_it_is_told_to() {
    let mut all = 0;
    let _ = reconcile_with(dossier(), &mut |_| {
        all += 1;
        ControlFlow::Continue(())
    });
    for last in 0..all {
        let mut told = 0;
        let ended = reconcile_with(dossier(), &mut |_| {
            told += 1;
            if told > last {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert!(ended.is_err());
        assert_eq!(told, last + 1, "nothing is told after the end");
    }
}
