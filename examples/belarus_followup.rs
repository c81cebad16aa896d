//! Why does the envoy say 156 where everyone else says 123? The article of 13 December 2025 alone does not tell; two pardons of
//! November do: 156 = 123 + 31 + 2. A hypothesis, with the question that would settle it.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "an example shows its answer"
)]

use discrepancy::ExplanationKind::{CountedIn, Definition, Error, Scope, Unexplained};
use discrepancy::{
    Assumption, Claim, Dossier, DossierBuilder, ExplanationKind, Findings, Letter, Link,
    Probability, Question, Source, Value, reconcile, report,
};

/// What the article says: see the README.
fn article() -> Result<DossierBuilder, Box<dyn std::error::Error>> {
    let source = |id: &str, name: &str, letter| Source::new(id).name(name).reliability(letter);
    let claim = |id: &str, question: &str, source: &str, value: Value| {
        Claim::new(id)
            .question(question)
            .source(source)
            .value(value)
    };
    let questions = [
        "political_freed",
        "to_ukraine",
        "to_lithuania",
        "political_held",
        "held",
    ];
    let mut draft = Dossier::builder()
        .title("Prisoners freed in Belarus, 13 December 2025")
        .source(source("rferl", "RFE/RL", Letter::B))
        .source(source("state_media", "Belarusian state media", Letter::D))
        .source(source("watchdogs", "human-rights watchdogs", Letter::B))
        .source(source("ukraine", "Ukrainian officials", Letter::B))
        .source(source("coale", "John Coale, US envoy", Letter::C))
        .source(source("frydnes", "Jørgen Watne Frydnes", Letter::B))
        .source(source("afp", "AFP", Letter::A))
        .assumption(
            Assumption::new("same_release", Probability::new(0.7)?)
                .text("Coale's figure is about the release of 13 December alone"),
        )
        .question(Question::count("freed").text("people freed on 13 December"))
        .question(
            Question::count("coale_counted").text("political prisoners released, as Coale counts"),
        )
        .link(Link::new("freed = to_ukraine + to_lithuania"))
        .link(Link::new("political_freed <= freed"))
        .link(Link::new("coale_counted = political_freed").assuming(["same_release"]))
        .link(Link::new("political_held <= held"));
    for q in questions {
        draft = draft.question(Question::count(q));
    }
    Ok(draft
        .claim(claim("lede", "freed", "rferl", "at least 123".into()))
        .claim(claim("pardoned", "freed", "state_media", 123.into()))
        .claim(claim("watch", "freed", "watchdogs", 123.into()))
        .claim(claim("ukr123", "freed", "ukraine", 123.into()))
        .claim(claim("ukr114", "to_ukraine", "ukraine", 114.into()))
        .claim(
            claim("ukr9", "to_lithuania", "ukraine", 9.into()).credibility(Probability::new(0.7)?),
        )
        .claim(claim("coale", "coale_counted", "coale", 156.into()))
        .claim(
            claim(
                "nobel",
                "political_held",
                "frydnes",
                "more than 1,200".into(),
            )
            .via(["afp"]),
        )
        .claim(claim("hundreds", "held", "rferl", "hundreds".into())))
}

/// Prints why 156 and 123 may differ, likeliest first; returns the kinds.
fn tell(findings: &Findings) -> Vec<ExplanationKind> {
    let list = &findings.explanations().list;
    let dispute: Vec<_> = list
        .iter()
        .filter(|e| e.dispute.starts_with("dispute:"))
        .collect();
    for e in dispute.iter().take(4) {
        println!("  {:5.2} bits  {}", e.bits, report::says(findings, e));
    }
    if let Some(question) = dispute
        .first()
        .and_then(|e| report::settled_by(findings, e))
    {
        println!("  {question}");
    }
    dispute.iter().map(|e| e.kind()).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("The article alone:");
    let kinds = tell(&reconcile(article()?.build()?));
    assert!(
        kinds
            .iter()
            .all(|k| [Error, Definition, Scope, Unexplained].contains(k))
    );

    println!("With what state media reported of November:");
    let pardon = |id: &str, question: &str, figure: u64, day: &str| {
        Claim::new(id)
            .question(question)
            .source("state_media")
            .value(figure)
            .stated(day)
    };
    let findings = reconcile(
        article()?
            .question(Question::count("priests").text("priests pardoned on 20 November"))
            .question(Question::count("ukrainians").text("Ukrainians pardoned on 22 November"))
            .claim(pardon("nov20", "priests", 2, "2025-11-20"))
            .claim(pardon("nov22", "ukrainians", 31, "2025-11-22"))
            .build()?,
    );
    assert_eq!(tell(&findings).first(), Some(&CountedIn));
    let says = report::says(&findings, &findings.explanations().list[0]);
    assert!(says.contains("156 = 123 + 2 + 31"));
    Ok(())
}
