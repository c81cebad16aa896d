//! The result as JSON: the fields of the findings, with the few words that belong to them.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::explanations::Told;
use super::words::Words;
use crate::claims::id::ClaimId;
use crate::claims::write;
use crate::findings::ask::{Ask, AskAbout};
use crate::findings::explain::cause::{Cause, ExplanationKind};
use crate::findings::explain::{Explanation, Terms};
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
    conflicts: Each<'a, Conflict, ToldConflict<'a>>,
    repairs: &'a [Repair],
    explanations: Each<'a, Explanation, ToldExplanation<'a>>,
    ask: Each<'a, Ask, ToldAsk<'a>>,
    left_out: ToldLeftOut<'a>,
}

/// A list worded while it is written, so that its words are never in memory all at once.
struct Each<'a, T, U> {
    list: &'a [T],
    word: &'a dyn Fn(&'a T) -> U,
}

impl<T, U: Serialize> Serialize for Each<'_, T, U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.list.iter().map(self.word))
    }
}

#[derive(Serialize)]
struct ToldConflict<'a> {
    #[serde(flatten)]
    conflict: &'a Conflict,
    because: String,
}

#[derive(Serialize)]
struct ToldExplanation<'a> {
    id: &'a str,
    dispute: &'a str,
    conflicts: &'a [String],
    kind: ExplanationKind,
    claims: &'a [ClaimId],
    bits: f64,
    terms: &'a Terms,
    share: f64,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    cause: &'a Cause,
}

#[derive(Serialize)]
struct ToldAsk<'a> {
    about: &'a AskAbout,
    bits: f64,
    says: String,
}

#[derive(Serialize)]
struct ToldLeftOut<'a> {
    #[serde(flatten)]
    left_out: &'a LeftOut,
    explanations: u64,
}

fn told<'a>(words: &Told<'_>, e: &'a Explanation) -> ToldExplanation<'a> {
    ToldExplanation {
        id: &e.id,
        dispute: &e.dispute,
        conflicts: &e.conflicts,
        kind: e.kind(),
        claims: &e.claims,
        bits: e.bits,
        terms: &e.terms,
        share: e.share,
        says: words.says(e),
        settled_by: words.settled_by(e),
        cause: &e.cause,
    }
}

fn told_ask<'a>(words: &Told<'_>, ask: &'a Ask) -> ToldAsk<'a> {
    ToldAsk {
        says: words.ask(ask),
        about: &ask.about,
        bits: ask.bits,
    }
}

/// The findings as one line of JSON, explanations and questions with them.
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
    let mut out = Vec::new();
    // Nothing in a document fails to serialise: keys are texts and numbers are finite.
    let written = write_json(findings, &mut out);
    debug_assert!(written.is_ok());
    String::from_utf8(out).unwrap_or_default()
}

/// The same, written piece by piece: of a million claims the whole is a gigabyte.
///
/// # Errors
///
/// Those of the writer, which had better be buffered.
pub fn write_json(findings: &Findings, out: impl io::Write) -> io::Result<()> {
    let words = Words::new(findings);
    let explain = Told::new(&words);
    let explained = findings.explanations();
    let ask = findings.ask();
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
        conflicts: Each {
            list: &findings.conflicts,
            word: &|conflict| ToldConflict {
                conflict,
                because: words.because(conflict),
            },
        },
        repairs: &findings.repairs,
        explanations: Each {
            list: &explained.list,
            word: &|e| told(&explain, e),
        },
        ask: Each {
            list: &ask,
            word: &|a| told_ask(&explain, a),
        },
        left_out: ToldLeftOut {
            left_out: &findings.left_out,
            explanations: explained.left_out,
        },
    };
    serde_json::to_writer(out, &document).map_err(Into::into)
}
