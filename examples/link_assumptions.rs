//! Is it the rule that is in doubt, or what the figure counts?
//!
//! "156 political prisoners" of 123 freed: either political prisoners are not all among the freed (doubt about a rule, said on the
//! rule), or 156 is about something else (doubt about what a figure counts, said on an identity). Both settle the dispute alike; they
//! differ in what 156 is then worth as a figure for this release.

#![expect(clippy::print_stdout, reason = "an example shows its answer")]

use std::error::Error;

use discrepancy::{
    Assumption, Claim, Dossier, DossierBuilder, Findings, Letter, Link, Probability, Question,
    Source, reconcile, report,
};

fn main() -> Result<(), Box<dyn Error>> {
    let doubt = Probability::new(0.7)?;
    // The rule may not hold; the envoy's figure is one for political prisoners of this release.
    let rule = release("political_freed")
        .assumption(
            Assumption::new("part", doubt).text("political prisoners are counted among the freed"),
        )
        .link(Link::new("political_freed <= freed").assuming(["part"]))
        .build()?;
    // The rule holds; the figure has a question of its own, which may be the same one.
    let meaning = release("envoy_counted")
        .assumption(Assumption::new("same", doubt).text("the envoy counted this release alone"))
        .question(Question::count("envoy_counted"))
        .link(Link::new("political_freed <= freed"))
        .link(Link::new("envoy_counted = political_freed").assuming(["same"]))
        .build()?;
    let (rule, meaning) = (reconcile(rule), reconcile(meaning));

    // As much discrepancy either way, and one contradiction.
    assert!((rule.discrepancy - meaning.discrepancy).abs() < 1e-9);
    assert_eq!((rule.conflicts.len(), meaning.conflicts.len()), (1, 1));
    // But only where the rule is in doubt does his figure stay one for this release.
    let (kept, lost) = (worth(&rule)?, worth(&meaning)?);
    assert!(kept > 2.0 * lost);
    println!("{}", report::text(&rule));
    println!("{}", report::text(&meaning));
    println!(
        "156 political prisoners of this release: {kept:.2} with the rule in doubt, {lost:.2} with the meaning in doubt"
    );
    Ok(())
}

fn worth(findings: &Findings) -> Result<f64, discrepancy::BeliefError> {
    Ok(findings.belief("political_freed", 156)?.belief)
}

fn release(envoy_answers: &str) -> DossierBuilder {
    Dossier::builder()
        .source(Source::new("officials").reliability(Letter::B))
        .source(Source::new("envoy").reliability(Letter::C))
        .question(Question::count("freed"))
        .question(Question::count("political_freed"))
        .claim(
            Claim::new("list")
                .question("freed")
                .source("officials")
                .value(123),
        )
        .claim(
            Claim::new("post")
                .question(envoy_answers)
                .source("envoy")
                .value(156),
        )
}
