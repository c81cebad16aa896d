//! Two sources, two figures: can both be right, and how sure is each?

#![expect(clippy::print_stdout, reason = "an example shows its answer")]

use std::error::Error;

use discrepancy::{Claim, Dossier, Probability, Question, Source, reconcile, report};

fn main() -> Result<(), Box<dyn Error>> {
    let equal = Probability::new(0.8)?;
    let dossier = Dossier::builder()
        .title("How many were freed?")
        .source(Source::new("first").name("state media").reliability(equal))
        .source(Source::new("second").name("the envoy").reliability(equal))
        .question(Question::count("freed").unit("prisoners"))
        .claim(Claim::new("a").question("freed").source("first").value(123))
        .claim(
            Claim::new("b")
                .question("freed")
                .source("second")
                .value(156),
        )
        .build()?;
    let findings = reconcile(dossier);

    // Both right: 0.8 * 0.8, which is impossible. What is left of "a is right": 0.8 * 0.2 in 0.36.
    assert!((findings.discrepancy - 0.64).abs() < 1e-9);
    for claim in &findings.claims {
        assert!(claim.belief.is_some_and(|b| (b - 4.0 / 9.0).abs() < 1e-9));
        assert!(
            claim
                .plausibility
                .is_some_and(|p| (p - 5.0 / 9.0).abs() < 1e-9)
        );
    }
    let text = report::text(&findings);
    assert!(text.contains("equally suspect"));
    print!("{text}");
    Ok(())
}
