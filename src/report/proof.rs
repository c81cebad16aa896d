//! How a conflict and a number come about, line by line down to the claims.

use super::page::{and, counted, cut, plain};
use super::values;
use super::words::{Words, quoted};
use crate::claims::dossier::Status;
use crate::findings::derivation::{Addend, At, Ground, Step};
use crate::findings::result::{ClaimFinding, ConflictUnit, QuestionFinding};

/// A line of a derivation: its number, how far it is within cases, and what it says.
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) depth: usize,
    pub(crate) text: String,
}

/// Lines of one derivation that are told.
const LINES: usize = 400;

/// A derivation in words. Lines are counted from 1.
pub(crate) fn lines(words: &Words<'_>, steps: &[Step]) -> Vec<Line> {
    let mut out = Vec::new();
    tell(words, steps, 1, 0, &mut out);
    out
}

fn tell(words: &Words<'_>, steps: &[Step], from: usize, depth: usize, out: &mut Vec<Line>) {
    for (number, step) in (from..).zip(steps) {
        if out.len() >= LINES {
            return;
        }
        out.push(Line {
            number,
            depth,
            text: line(words, step),
        });
        if let Step::Cases { cases, .. } = step {
            for case in cases {
                tell(words, case, number, depth + 1, out);
            }
        }
    }
}

fn line(words: &Words<'_>, step: &Step) -> String {
    match step {
        Step::Narrow {
            ground,
            variable,
            bound,
            because,
            ..
        } => {
            let kind = words.kind(&variable.question);
            let what = quoted(&at(words, variable));
            let left = match bound {
                crate::findings::answers::Answers::OneOf(items) if items.is_empty() => {
                    format!("no value is left for {what}")
                }
                bound => format!("{what}: {}", values::answers(bound, kind)),
            };
            // What a claim says needs no other line; a link passes on what others say.
            let from = match ground {
                Ground::Claim { .. } | Ground::Suggested { .. } | Ground::Domain {} => {
                    String::new()
                }
                _ => with(because),
            };
            format!("{left}, {}{from}", by(words, ground))
        }
        Step::Sum { of, divisor, gives } => {
            let parts: Vec<String> = of
                .iter()
                .map(|(addend, times)| format!("{times} times {}", added(words, addend)))
                .collect();
            let divided = if *divisor == 1 {
                String::new()
            } else {
                format!(", divided by {divisor}")
            };
            format!(
                "Added up, {}{divided}: {}",
                and(&parts, 8),
                plain(&gives.to_string(), 200)
            )
        }
        Step::Cases { variable, cases } => format!(
            "{} of {}, none of which can be:",
            counted(cases.len() as u64, "case", "cases"),
            quoted(&at(words, variable))
        ),
    }
}

fn at(words: &Words<'_>, variable: &At) -> String {
    words.question(&variable.question, variable.as_of.as_deref())
}

fn with(because: &[usize]) -> String {
    let lines: Vec<String> = because.iter().map(|l| (l + 1).to_string()).collect();
    match lines.as_slice() {
        [] => String::new(),
        [one] => format!(", with line {one}"),
        _ => format!(", with lines {}", and(&lines, 12)),
    }
}

fn by(words: &Words<'_>, ground: &Ground) -> String {
    match ground {
        Ground::Claim { id } => format!("says {}", words.speaker(id)),
        Ground::Suggested { id } => format!("as {} is usually taken", quoted(&words.told(id))),
        Ground::Link { id, as_of } => {
            let when = as_of
                .as_ref()
                .map_or(String::new(), |t| format!(", as of {}", values::when(t)));
            format!("by {}{when}", words.formula(id))
        }
        Ground::Domain {} => "as far as anything goes".to_owned(),
        Ground::Growth { earlier, later } => format!(
            "since a running total never shrinks from {} to {}",
            quoted(&at(words, earlier)),
            quoted(&at(words, later))
        ),
        Ground::Sum { line } => format!("by line {}", line + 1),
        Ground::Case {} => "in this case".to_owned(),
    }
}

fn added(words: &Words<'_>, addend: &Addend) -> String {
    match addend {
        Addend::Row { ground } => match ground {
            Ground::Link { id, .. } => words.formula(id),
            other => by(words, other),
        },
        Addend::Lower { line } => format!("the lower bound of line {}", line + 1),
        Addend::Upper { line } => format!("the upper bound of line {}", line + 1),
    }
}

/// What has to hold for a claim to count, each with its chance before anything is compared.
pub(crate) fn rests_on(words: &Words<'_>, claim: &ClaimFinding) -> Vec<String> {
    let findings = words.findings;
    let dossier = findings.dossier();
    let figure = super::likelihood::figure;
    let mut out = Vec::new();
    let Some(source) = dossier.source(claim.source.as_str()) else {
        return out;
    };
    let tables = &dossier.options().tables;
    out.push(format!(
        "{} is right: {}",
        words.source(&claim.source),
        figure(source.grade().probability(tables).get())
    ));
    let Some(own) = dossier.claim(claim.id.as_str()) else {
        return out;
    };
    for outlet in own.outlets() {
        let fidelity = dossier
            .source(outlet.as_str())
            .map(|s| s.fidelity_under(tables));
        out.push(format!(
            "{} passed it on as it was: {}",
            words.source(outlet),
            fidelity.map_or_else(|| "-".to_owned(), |f| figure(f.get()))
        ));
    }
    if let Some(credibility) = own.more.credibility {
        out.push(format!(
            "this claim is credible: {}",
            credibility
                .probability(tables)
                .map_or_else(|| "cannot be judged".to_owned(), |p| figure(p.get()))
        ));
    }
    for assumption in &own.more.assuming {
        let prior = dossier
            .assumption(assumption.as_str())
            .map(|a| a.probability().get());
        out.push(format!(
            "{}: {}",
            words.assumption(assumption),
            prior.map_or_else(|| "-".to_owned(), figure)
        ));
    }
    out
}

/// Minimal sets of what is said, as items: what makes an answer certain, or rules it out.
pub(crate) fn sets(words: &Words<'_>, sets: &[Vec<ConflictUnit>]) -> Vec<String> {
    let told = sets.iter().take(12).map(|units| {
        let mut claims = Vec::new();
        let mut links = Vec::new();
        for unit in units {
            match unit {
                ConflictUnit::Said(id) | ConflictUnit::Meant(id) => claims.push(id),
                ConflictUnit::Link(id) => links.push(words.formula(id)),
            }
        }
        let mut parts = Vec::new();
        if !claims.is_empty() {
            parts.push(words.figures_as(&claims, |id| match words.finding(id) {
                Some(f) => words.answer(&f.question, None, &words.dated(id)),
                None => words.dated(id),
            }));
        }
        if !links.is_empty() {
            parts.push(format!("through {}", cut(links, 6).join(", ")));
        }
        parts.join(", ")
    });
    let mut out: Vec<String> = told.filter(|t| !t.is_empty()).collect();
    if sets.len() > 12 {
        out.push(format!("and {} more", sets.len() - 12));
    }
    out
}

/// The claims on a question at its time, those that weigh something first.
pub(crate) fn claims_on<'a>(
    words: &Words<'a>,
    question: &'a QuestionFinding,
) -> Vec<&'a ClaimFinding> {
    let findings = words.findings;
    let at = question.as_of.as_deref().map(values::when);
    let mut out: Vec<&ClaimFinding> = findings
        .claims
        .iter()
        .filter(|c| c.question == question.id)
        .filter(|c| question.as_of.is_none() || words.time(&c.id).map(|t| t.0) == at)
        .collect();
    out.sort_by_key(|c| c.status != Status::Standing);
    out
}
