//! The result as JSON: the fields of the findings, with the few words that belong to them.

use serde::Serialize;
use serde_json::Value as Json;

use super::words::Words;
use crate::claims::write;
use crate::findings::reconcile::Findings;
use crate::findings::result::{
    AssumptionFinding, ClaimFinding, ComponentFinding, Conflict, LeftOut, LinkFinding, Overlap,
    QuestionFinding, Repair, SourceFinding,
};

#[derive(Serialize)]
struct Document<'a> {
    schema: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    options: Json,
    discrepancy: f64,
    conflict_bits: Option<f64>,
    tension_bits: Option<f64>,
    components: &'a [ComponentFinding],
    claims: &'a [ClaimFinding],
    sources: &'a [SourceFinding],
    assumptions: &'a [AssumptionFinding],
    links: &'a [LinkFinding],
    questions: &'a [QuestionFinding],
    overlaps: &'a [Overlap],
    conflicts: Vec<ToldConflict<'a>>,
    repairs: &'a [Repair],
    left_out: &'a LeftOut,
}

#[derive(Serialize)]
struct ToldConflict<'a> {
    #[serde(flatten)]
    conflict: &'a Conflict,
    because: String,
}

/// The findings as one line of JSON.
///
/// # Examples
///
/// ```
/// use discrepancy::{Dossier, Question, reconcile, report};
///
/// let findings = reconcile(Dossier::builder().question(Question::count("n")).build()?);
/// assert!(report::json(&findings).starts_with(r#"{"schema":1,"#));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn json(findings: &Findings) -> String {
    let words = Words::new(findings);
    let document = Document {
        schema: 1,
        title: findings.dossier().title(),
        options: write::options(findings.dossier().options()),
        discrepancy: findings.discrepancy,
        conflict_bits: findings.conflict_bits,
        tension_bits: findings.tension_bits,
        components: &findings.components,
        claims: &findings.claims,
        sources: &findings.sources,
        assumptions: &findings.assumptions,
        links: &findings.links,
        questions: &findings.questions,
        overlaps: &findings.overlaps,
        conflicts: findings
            .conflicts
            .iter()
            .map(|conflict| ToldConflict {
                conflict,
                because: words.because(conflict),
            })
            .collect(),
        repairs: &findings.repairs,
        left_out: &findings.left_out,
    };
    // Nothing in a document fails to serialise: keys are texts and numbers are finite.
    serde_json::to_string(&document).unwrap_or_default()
}
