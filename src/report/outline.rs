//! What a report says, and in which order.

use std::collections::BTreeSet;

use super::disputes::{Dispute, disputes};
use super::explanations::Told;
use super::likelihood;
use super::page::{Block, LISTED, Page, Part, Section, and, capital, counted, cut, plain, table};
use super::values;
use super::words::{Words, at_least};
use crate::claims::dossier::Status;
use crate::claims::grade::{Letter, Reliability};
use crate::claims::id::{ClaimId, QuestionId, SourceId};
use crate::claims::source::Source;
use crate::findings::reconcile::Findings;
use crate::findings::result::{Candidate, ConflictKind, ConflictUnit, Count, QuestionFinding};

/// A figure this sure is safe to say, if nothing contradicts it: the lower end of "very likely".
const SAFE: f64 = 0.8;
/// Questions to people that are told.
const ASKED: usize = 5;
/// A figure this sure is likely, though disputed.
pub(super) const LIKELY: f64 = 0.55;

/// One answer that somebody gives, with what is known of it.
struct Row<'a> {
    question: &'a QuestionFinding,
    candidate: &'a Candidate,
    belief: f64,
    plausibility: f64,
    contradicted: bool,
}

/// The report on some findings.
pub(crate) fn page(findings: &Findings) -> Page {
    let words = Words::new(findings);
    let rows = rows(&words);
    let disputes = disputes(&words);
    let pick = |keep: &dyn Fn(&Row<'_>) -> bool| -> Vec<&Row<'_>> {
        rows.iter().filter(|r| keep(r)).collect()
    };
    let mut sections = Vec::new();
    for (heading, rows) in [
        ("Safe to say", pick(&|r| !r.contradicted && r.belief > SAFE)),
        (
            "Likely, but disputed",
            pick(&|r| r.contradicted && r.belief > LIKELY),
        ),
        (
            "Not disputed, but less sure",
            pick(&|r| !r.contradicted && r.belief <= SAFE),
        ),
    ] {
        if !rows.is_empty() {
            let total = rows.len();
            let listed = rows.into_iter().take(LISTED);
            let rows = listed
                .map(|r| answer_row(&words, r.question, r.candidate, r.belief, r.plausibility))
                .collect();
            sections.push(Section {
                heading: heading.to_owned(),
                part: Part::Answers,
                blocks: table(ANSWERS.to_vec(), rows, total),
            });
        }
    }
    sections.extend(unweighed(&words));
    for dispute in disputes.iter().take(LISTED) {
        sections.push(dispute.section(&words));
    }
    if let Some(more) = disputes.len().checked_sub(LISTED).filter(|n| *n > 0) {
        sections.push(Section {
            heading: format!("{more} more disputes"),
            part: Part::MoreDisputes,
            blocks: vec![Block::Paragraph(
                "Not told here; the JSON result has them.".to_owned(),
            )],
        });
    }
    sections.extend(tensions(&words));
    sections.extend(ask(&words));
    sections.extend(not_counted(&words));
    sections.extend(assumptions(&words));
    sections.extend(sources(&words));
    sections.extend(super::origins::origins(&words));
    sections.extend(left_out(&words));
    if !rows.is_empty() {
        sections.push(reading_help());
    }
    let title = findings.dossier().title().map(|t| plain(t, 200));
    Page {
        title: title
            .filter(|t| !t.is_empty())
            .unwrap_or_else(|| "Who said what".to_owned()),
        opening: opening(&words, &disputes),
        sections,
    }
}

fn opening(words: &Words<'_>, disputes: &[Dispute<'_>]) -> Vec<String> {
    let findings = words.findings;
    if findings.claims.is_empty() && findings.conflicts.is_empty() {
        return vec!["Nothing is claimed.".to_owned()];
    }
    let conflicts = |kind| findings.conflicts.iter().filter(|c| c.kind == kind).count() as u64;
    let more = findings.left_out.conflicts != Count::Exactly(0);
    let contradictions = conflicts(ConflictKind::Contradiction);
    let tensions = at_least(
        conflicts(ConflictKind::Tension),
        more && conflicts(ConflictKind::Tension) > 0,
        "tension",
        "tensions",
    );
    let said = if contradictions == 0 && !more {
        "no contradiction".to_owned()
    } else {
        format!(
            "{} ({})",
            at_least(disputes.len() as u64, more, "dispute", "disputes"),
            at_least(contradictions, more, "contradiction", "contradictions"),
        )
    };
    let questions = findings.dossier().questions().len() as u64;
    let mut out = vec![format!(
        "{} by {} on {}. {}, {tensions}. {}",
        capital(&counted(findings.claims.len() as u64, "claim", "claims")),
        counted(findings.sources.len() as u64, "source", "sources"),
        counted(questions, "question", "questions"),
        capital(&said),
        discrepancy(findings),
    )];
    let impossible: Vec<String> = findings
        .components
        .iter()
        .filter(|c| c.impossible)
        .flat_map(|c| &c.questions)
        .map(|q| words.topic(q))
        .collect();
    if !impossible.is_empty() {
        out.push(format!(
            "Impossible: what is declared certain about {} contradicts itself. Nothing there has a figure for how sure it is, until one of \
             those certainties is given up or made less than certain.{}",
            and(&impossible, 6),
            if findings.components.iter().all(|c| c.impossible) {
                ""
            } else {
                " The rest stands."
            }
        ));
    }
    out
}

fn discrepancy(findings: &Findings) -> String {
    let d = findings.discrepancy;
    if findings.components.iter().any(|c| c.impossible) {
        return "Discrepancy 1: not everything said can hold.".to_owned();
    }
    let figure = likelihood::figure(d);
    if findings.components.iter().any(|c| c.bounds.is_some()) {
        return format!(
            "Discrepancy about {figure} (not worked out exactly): the chance that not everything said can hold."
        );
    }
    if figure == "0" {
        return "Discrepancy 0: everything said can hold together.".to_owned();
    }
    format!(
        "Discrepancy {figure} ({}): the chance that not everything said can hold.",
        likelihood::word(d)
    )
}

/// All answers given that have a confidence and say something, surest first.
fn rows<'a>(words: &Words<'a>) -> Vec<Row<'a>> {
    let mut out = Vec::new();
    for question in &words.findings.questions {
        for candidate in &question.candidates {
            let claims: Vec<_> = candidate
                .claims
                .iter()
                .filter_map(|id| words.finding(id))
                .collect();
            if claims.iter().all(|c| c.vacuous) {
                continue;
            }
            if let (Some(belief), Some(plausibility)) = (candidate.belief, candidate.plausibility) {
                out.push(Row {
                    question,
                    candidate,
                    belief,
                    plausibility,
                    contradicted: claims.iter().any(|c| !c.involvement.is_none()),
                });
            }
        }
    }
    // To nine digits, so that rounding does not decide the order.
    out.sort_by(|a, b| {
        (b.belief * 1e9)
            .round()
            .total_cmp(&(a.belief * 1e9).round())
    });
    out
}

/// The heads of a table of answers.
pub(super) const ANSWERS: [&str; 4] = ["What", "How sure", "Chance", "Who says so"];

/// One answer with how sure it is and who stands behind it.
pub(super) fn answer_row(
    words: &Words<'_>,
    question: &QuestionFinding,
    candidate: &Candidate,
    belief: f64,
    plausibility: f64,
) -> Vec<String> {
    let figure = candidate_figure(words, &question.id, candidate);
    vec![
        words.answer(&question.id, question.as_of.as_deref(), &figure),
        likelihood::standing(belief, plausibility).to_owned(),
        likelihood::figure(belief),
        who(words, candidate),
    ]
}

/// What a candidate says: in its claims' own words where they agree.
pub(super) fn candidate_figure(
    words: &Words<'_>,
    question: &QuestionId,
    candidate: &Candidate,
) -> String {
    let mut own: Vec<String> = candidate.claims.iter().map(|id| words.figure(id)).collect();
    own.dedup();
    let dated = candidate.claims.iter().all(|id| !words.is_from_below(id));
    let figure = match own.as_slice() {
        [one] if dated => one.clone(),
        _ => values::answers(&candidate.entailed, words.kind(question)),
    };
    words.with_unit(question, figure)
}

/// How many sources found it out, and who.
fn who(words: &Words<'_>, candidate: &Candidate) -> String {
    let findings = words.findings;
    let Some(first) = candidate.claims.first().and_then(|id| words.finding(id)) else {
        return String::new();
    };
    let mut names: Vec<&SourceId> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    let time = words.time(&first.id);
    for claim in backers(words, first.id.as_str(), &first.question) {
        let Some(other) = findings.claim(claim.as_str()) else {
            continue;
        };
        if words.time(&other.id).map(|t| t.0) == time.as_ref().map(|t| t.0.clone())
            && !names.contains(&&other.source)
        {
            names.push(&other.source);
            told.push(match words.condition(&other.id) {
                Some(condition) => format!("{}, if {condition}", words.backer(&other.source)),
                None => words.backer(&other.source),
            });
        }
    }
    match first.origins {
        0 | 1 => format!(
            "single-source: {}{}",
            words.backer(&first.source),
            words.through(&first.id)
        ),
        n if n == names.len() => format!("{n} sources: {}", cut(told, 4).join("; ")),
        n => format!("{n} sources"),
    }
}

/// Claims on the question that lie within this one.
pub(super) fn backers<'a>(words: &Words<'a>, id: &str, question: &QuestionId) -> Vec<&'a ClaimId> {
    let findings = words.findings;
    let dossier = findings.dossier();
    let Some(reading) = dossier.reading(id) else {
        return Vec::new();
    };
    findings
        .claims
        .iter()
        .filter(|c| c.question == *question && c.status == Status::Standing)
        .filter(|c| {
            dossier
                .reading(c.id.as_str())
                .is_some_and(|r| r.entailed().is_subset(reading.entailed()))
        })
        .map(|c| &c.id)
        .collect()
}

/// Answers that have no confidence: their certainties contradict each other, or weighing them would have been too much work.
fn unweighed(words: &Words<'_>) -> Option<Section> {
    let mut rows = Vec::new();
    let mut total = 0;
    for question in &words.findings.questions {
        for candidate in &question.candidates {
            let vacuous = |id: &ClaimId| words.finding(id).is_none_or(|c| c.vacuous);
            if candidate.belief.is_some() || candidate.claims.iter().all(vacuous) {
                continue;
            }
            total += 1;
            if total <= LISTED {
                let figure = candidate_figure(words, &question.id, candidate);
                rows.push(vec![
                    words.answer(&question.id, question.as_of.as_deref(), &figure),
                    who(words, candidate),
                ]);
            }
        }
    }
    (total > 0).then(|| Section {
        heading: "Said, and not weighed".to_owned(),
        part: Part::Answers,
        blocks: table(vec!["What", "Who says so"], rows, total),
    })
}

fn tensions(words: &Words<'_>) -> Option<Section> {
    let items: Vec<String> = words
        .findings
        .conflicts
        .iter()
        .filter(|c| c.kind == ConflictKind::Tension)
        .map(|c| capital(&words.because(c)) + ".")
        .collect();
    let mut blocks = Vec::new();
    let mut told = BTreeSet::new();
    for conflict in &words.findings.conflicts {
        if conflict.kind == ConflictKind::Tension && told.insert(&conflict.dispute) {
            blocks.extend(words.reasons(&conflict.dispute));
        }
    }
    // More than a few would bury what is said.
    blocks.truncate(3);
    blocks.insert(0, Block::Items(cut(items, 8)));
    (!told.is_empty()).then(|| Section {
        heading: "In tension, not in contradiction".to_owned(),
        part: Part::Tensions,
        blocks,
    })
}

/// What to ask, and how much doubt the answer would remove.
fn ask(words: &Words<'_>) -> Option<Section> {
    let findings = words.findings;
    if findings.conflicts.is_empty() {
        return None;
    }
    let asks = findings.ask();
    let told = Told::new(words);
    let total = asks.len();
    let items: Vec<String> = asks
        .iter()
        .filter(|a| a.bits >= 0.005)
        .take(ASKED)
        .map(|a| format!("{} ({:.2} bits)", plain(&told.ask(a), 500), a.bits))
        .collect();
    (!items.is_empty()).then(|| Section {
        heading: "Ask next".to_owned(),
        part: Part::Ask,
        blocks: vec![
            Block::Items(items),
            Block::Paragraph(format!(
                "In brackets, how much doubt the answer would remove; one bit is that of a coin.{}",
                if total > ASKED {
                    " The rest matters less."
                } else {
                    ""
                }
            )),
        ],
    })
}

/// Claims that weigh nothing: replaced, taken back, or saying nothing.
fn not_counted(words: &Words<'_>) -> Option<Section> {
    let items: Vec<String> = words
        .findings
        .claims
        .iter()
        .filter_map(|c| {
            let told = format!("{}: {}", words.topic(&c.question), words.told(&c.id));
            match c.status {
                Status::Superseded => Some(match words.replaced_by(&c.id) {
                    Some(by) => format!("{told}, replaced by {}", words.told(by)),
                    None => format!("{told}, replaced"),
                }),
                Status::Retracted => Some(format!("{told}, retracted")),
                Status::Standing if c.vacuous => Some(format!("{told}, which rules nothing out")),
                Status::Standing => None,
            }
        })
        .collect();
    (!items.is_empty()).then(|| Section {
        heading: "On record, not weighed".to_owned(),
        part: Part::Grounds,
        blocks: vec![Block::Items(cut(items, LISTED))],
    })
}

fn assumptions(words: &Words<'_>) -> Option<Section> {
    let rows: Vec<Vec<String>> = words
        .findings
        .assumptions
        .iter()
        .take(LISTED)
        .map(|a| {
            vec![
                capital(&words.assumption(&a.id)),
                likelihood::figure(a.prior),
                a.posterior.map_or("-".to_owned(), likelihood::figure),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Section {
        heading: "Assumptions".to_owned(),
        part: Part::Grounds,
        blocks: table(
            vec!["Assumed", "Before", "After weighing"],
            rows,
            words.findings.assumptions.len(),
        ),
    })
}

fn sources(words: &Words<'_>) -> Option<Section> {
    let findings = words.findings;
    let more = findings.left_out.conflicts != Count::Exactly(0);
    let rows: Vec<Vec<String>> = findings
        .sources
        .iter()
        .take(LISTED)
        .map(|s| {
            let grade = findings.dossier().source(s.id.as_str()).map(Source::grade);
            let involved = findings
                .conflicts
                .iter()
                .filter(|c| c.kind == ConflictKind::Contradiction)
                .filter(|c| {
                    c.units.iter().any(|u| {
                        matches!(u, ConflictUnit::Said(id) if words.finding(id).is_some_and(|f| f.source == s.id))
                    })
                })
                .count() as u64;
            vec![
                words.source(&s.id),
                grade.map_or_else(String::new, |g| graded(g, s.prior)),
                s.posterior.map_or("-".to_owned(), likelihood::figure),
                match (involved, s.involvement.is_none(), more) {
                    (0, true, _) => "none".to_owned(),
                    (0, false, _) => "some".to_owned(),
                    (n, _, true) => format!("at least {}", values::number(n.into())),
                    (n, _, false) => values::number(n.into()),
                },
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Section {
        heading: "Sources".to_owned(),
        part: Part::Grounds,
        blocks: table(
            vec![
                "Source",
                "Reliability",
                "After weighing",
                "Involved in contradictions",
            ],
            rows,
            findings.sources.len(),
        ),
    })
}

/// How reliable a source is said to be, and what that rests on.
fn graded(grade: Reliability, prior: f64) -> String {
    let figure = likelihood::figure(prior);
    match grade {
        Reliability::Letter(Letter::F) => format!("{figure} (unrated)"),
        Reliability::Letter(letter) => format!("{figure} ({letter})"),
        Reliability::Probability(_) => figure,
        Reliability::TrackRecord { right, wrong } => format!(
            "{figure} ({} right, {} wrong)",
            values::number(right.into()),
            values::number(wrong.into())
        ),
    }
}

fn left_out(words: &Words<'_>) -> Option<Section> {
    let findings = words.findings;
    let left = &findings.left_out;
    let mut items = Vec::new();
    let mut say = |count: Count, one: &str, many: &str| match count {
        Count::Exactly(0) => {}
        Count::Exactly(n) => items.push(counted(n, one, many)),
        Count::Unknown => items.push(format!("more {many}, how many is not known")),
    };
    say(left.conflicts, "conflict", "conflicts");
    say(
        left.repairs,
        "way to settle a dispute",
        "ways to settle disputes",
    );
    say(
        Count::Exactly(left.overlaps),
        "pair of claims compared",
        "pairs of claims compared",
    );
    say(
        Count::Exactly(left.camps),
        "member of a camp",
        "members of camps",
    );
    let unweighed = findings
        .claims
        .iter()
        .filter(|c| c.status == Status::Standing && c.belief.is_none())
        .filter(|c| {
            let holds =
                |x: &&crate::findings::result::ComponentFinding| x.questions.contains(&c.question);
            findings
                .components
                .iter()
                .find(holds)
                .is_some_and(|x| !x.impossible)
        })
        .count() as u64;
    if unweighed > 0 {
        items.push(format!(
            "how sure {} {}, because weighing would have taken more work than allowed",
            counted(unweighed, "claim", "claims"),
            if unweighed == 1 { "is" } else { "are" }
        ));
    }
    (!items.is_empty()).then(|| Section {
        heading: "Left out".to_owned(),
        part: Part::Grounds,
        blocks: vec![Block::Items(items)],
    })
}

fn reading_help() -> Section {
    Section {
        heading: "How to read this".to_owned(),
        part: Part::Grounds,
        blocks: vec![Block::Paragraph(
            "Chance: how often what can be relied on establishes the figure, given the ratings and assumptions above and leaving aside what \
             cannot hold together; words as in ICD 203. To be involved in a contradiction does not mean to be wrong."
                .to_owned(),
        )],
    }
}
