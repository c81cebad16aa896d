//! What a plot shows, before it is drawn: claims in rows on one axis, conflicts as links between rows, how far each value is allowed.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::likelihood;
use super::scale::Scale;
use super::values;
use super::words::Words;
use crate::claims::id::{ClaimId, QuestionId};
use crate::claims::question::Kind;
use crate::findings::answers::{Answer, Answers};
use crate::findings::result::{ClaimFinding, ConflictKind, QuestionFinding};
use crate::sets::day;

/// A plot.
#[derive(Debug)]
pub(crate) struct Panel<'a> {
    pub(crate) scale: Option<Scale>,
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) lanes: Vec<Lane>,
    /// How many lanes lie beside one another.
    pub(crate) width: usize,
    /// Conflicts between rows for which there was no room.
    pub(crate) undrawn: usize,
    pub(crate) profile: Vec<Level>,
}

/// A claim.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) claim: &'a ClaimFinding,
    pub(crate) entailed: Vec<Stretch>,
    pub(crate) suggested: Vec<Stretch>,
}

/// Values without a gap, both ends included; without an end, open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: Option<i128>,
    pub(crate) to: Option<i128>,
}

/// A conflict as a link between rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lane {
    /// Counted from the plot.
    pub(crate) place: usize,
    /// The conflict's place among the findings'.
    pub(crate) conflict: usize,
    pub(crate) tension: bool,
    /// The rows it links, ascending; two or more.
    pub(crate) rows: Vec<usize>,
}

/// Values next to each other that are allowed alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    pub(crate) from: i128,
    pub(crate) to: i128,
    pub(crate) allowed: f64,
}

/// Lanes beside one another.
const LANES: usize = 8;
/// Pieces of one set that are drawn.
const PIECES: usize = 200;
/// Values at which a profile may be looked at, beside those it bisects for.
const LOOKS: usize = 400;

impl<'a> Panel<'a> {
    /// Claims on one axis, in this order; all are about counts, or all about days.
    pub(crate) fn new(words: &Words<'a>, claims: impl IntoIterator<Item = &'a ClaimId>) -> Self {
        let claims = claims.into_iter().filter_map(|id| words.finding(id));
        let rows: Vec<Row<'a>> = claims.map(|claim| row(words, claim)).collect();
        let kind = rows
            .first()
            .map(|r| words.kind(&r.claim.question))
            .unwrap_or_default();
        let scale = Scale::new(kind, ends(&rows, kind));
        let (lanes, undrawn) = lanes(words, &rows);
        Self {
            width: lanes.iter().map(|l| l.place + 1).max().unwrap_or(0),
            scale,
            rows,
            lanes,
            undrawn,
            profile: Vec::new(),
        }
    }

    /// The claims on a question, those drawn first that are not only on record, with how far each value is allowed.
    pub(crate) fn of_question(
        words: &Words<'a>,
        question: &'a QuestionFinding,
        claims: &[&'a ClaimId],
    ) -> Self {
        let mut panel = Self::new(words, claims.iter().copied());
        let kind = words.kind(&question.id);
        if panel.scale.is_none() && kind != Kind::Category {
            panel.scale = Scale::new(kind, linked(words, &question.id));
        }
        panel.profile = panel.scale.as_ref().map_or_else(Vec::new, |scale| {
            profile(words, question, scale, &panel.rows)
        });
        panel
    }

    /// The lanes that pass or reach a row.
    pub(crate) fn beside(&self, row: usize) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().filter(move |l| {
            l.rows.first().is_some_and(|f| *f <= row) && l.rows.last().is_some_and(|l| row <= *l)
        })
    }
}

fn row<'a>(words: &Words<'a>, claim: &'a ClaimFinding) -> Row<'a> {
    let kind = words.kind(&claim.question);
    Row {
        claim,
        entailed: stretches(&claim.entailed, kind),
        suggested: claim
            .suggested
            .as_ref()
            .map_or_else(Vec::new, |s| stretches(&s.set, kind)),
    }
}

/// A set as stretches of numbers, days by their number. None for labels.
pub(crate) fn stretches(set: &Answers, kind: Kind) -> Vec<Stretch> {
    if kind == Kind::Category {
        return Vec::new();
    }
    let floor = (kind == Kind::Count).then_some(0);
    match set {
        Answers::Between { min, max } => vec![Stretch {
            from: min.as_ref().and_then(number),
            to: max.as_ref().and_then(number),
        }],
        Answers::OneOf(items) => joined(items),
        Answers::NoneOf(items) => {
            let mut from = floor;
            let mut out = Vec::new();
            for hole in joined(items) {
                let (Some(first), Some(last)) = (hole.from, hole.to) else {
                    continue;
                };
                if from.is_none_or(|f| f < first) {
                    out.push(Stretch {
                        from,
                        to: Some(first - 1),
                    });
                }
                from = Some(last + 1);
            }
            out.push(Stretch { from, to: None });
            out
        }
    }
}

fn joined(items: &[Answer]) -> Vec<Stretch> {
    let mut numbers: Vec<i128> = items.iter().filter_map(number).collect();
    numbers.sort_unstable();
    let mut out: Vec<Stretch> = Vec::new();
    for n in numbers {
        match out.last_mut() {
            Some(last) if last.to.is_some_and(|to| n <= to + 1) => last.to = Some(n),
            _ => out.push(Stretch {
                from: Some(n),
                to: Some(n),
            }),
        }
    }
    out.truncate(PIECES);
    out
}

fn number(answer: &Answer) -> Option<i128> {
    match answer {
        Answer::Number(n) => Some(*n),
        Answer::Text(text) => text.parse::<NaiveDate>().ok().map(day::to_number),
    }
}

/// The ends that an axis should show. Where counts begin is none that anybody gave.
fn ends(rows: &[Row<'_>], kind: Kind) -> Vec<i128> {
    let stretches = rows
        .iter()
        .flat_map(|r| r.entailed.iter().chain(&r.suggested));
    let ends = stretches.flat_map(|s| {
        let given = s
            .from
            .filter(|f| kind != Kind::Count || *f != 0 || s.to == Some(0));
        [given, s.to]
    });
    ends.flatten().collect()
}

/// The ends of all claims on questions that links join to this one.
fn linked(words: &Words<'_>, question: &QuestionId) -> Vec<i128> {
    let dossier = words.findings.dossier();
    let kind = words.kind(question);
    let mut joined: BTreeSet<usize> = dossier
        .question_place(question.as_str())
        .into_iter()
        .collect();
    loop {
        let before = joined.len();
        for link in &dossier.resolved.links {
            if link.names.iter().any(|q| joined.contains(q)) {
                joined.extend(&link.names);
            }
        }
        if joined.len() == before {
            break;
        }
    }
    let names: BTreeSet<&QuestionId> = joined
        .iter()
        .filter_map(|q| dossier.questions.get(*q).map(|q| &q.id))
        .collect();
    let claims = words.findings.claims.iter();
    let claims = claims.filter(|c| names.contains(&c.question) && words.kind(&c.question) == kind);
    let rows: Vec<Row<'_>> = claims.take(LOOKS).map(|c| row(words, c)).collect();
    ends(&rows, kind)
}

/// Links between rows, each in a lane that is free along its way.
fn lanes(words: &Words<'_>, rows: &[Row<'_>]) -> (Vec<Lane>, usize) {
    let mut found = Vec::new();
    for (conflict, finding) in words.findings.conflicts.iter().enumerate() {
        let linked: Vec<usize> = rows
            .iter()
            .enumerate()
            .filter(|(_, r)| finding.claims.binary_search(&r.claim.id).is_ok())
            .map(|(i, _)| i)
            .collect();
        if let [first, .., last] = linked.as_slice() {
            found.push((last - first, *first, conflict, finding.kind, linked));
        }
    }
    found.sort();
    let mut busy: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut out = Vec::new();
    let mut undrawn = 0;
    for (length, first, conflict, kind, rows) in found {
        let last = first + length;
        let free = |way: &Vec<(usize, usize)>| way.iter().all(|(a, b)| last < *a || *b < first);
        let place = busy.iter().position(free).unwrap_or(busy.len());
        if place == LANES {
            undrawn += 1;
            continue;
        }
        if place == busy.len() {
            busy.push(Vec::new());
        }
        if let Some(way) = busy.get_mut(place) {
            way.push((first, last));
        }
        out.push(Lane {
            place,
            conflict,
            tension: kind == ConflictKind::Tension,
            rows,
        });
    }
    (out, undrawn)
}

/// How far each value on the axis is allowed: looked at wherever somebody gave an end, and evenly between; where that changes,
/// the change is found by halving.
fn profile(
    words: &Words<'_>,
    question: &QuestionFinding,
    scale: &Scale,
    rows: &[Row<'_>],
) -> Vec<Level> {
    let kind = words.kind(&question.id);
    let Some(allows) = words
        .findings
        .allows(&question.id, question.as_of.as_deref())
    else {
        return Vec::new();
    };
    let mut places: BTreeSet<i128> = (0..=32)
        .map(|i| scale.value(f64::from(i) / 32.0))
        .filter(|x| kind != Kind::Count || *x >= 0)
        .collect();
    let (least, most) = (scale.value(0.0), scale.value(1.0));
    for end in ends(rows, kind)
        .into_iter()
        .chain(linked(words, &question.id))
    {
        if places.len() > LOOKS {
            break;
        }
        let around = [end.saturating_sub(1), end, end.saturating_add(1)];
        places.extend(around.into_iter().filter(|x| (least..=most).contains(x)));
    }
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let mut levels: Vec<Level> = Vec::new();
    let mut add = |from: i128, to: i128, allowed: f64| match levels.last_mut() {
        Some(level) if near(level.allowed, allowed) => level.to = to,
        _ => levels.push(Level { from, to, allowed }),
    };
    let mut before: Option<(i128, f64)> = None;
    for x in places {
        let Some(allowed) = allows(x).filter(|a| a.is_finite()) else {
            return Vec::new();
        };
        if let Some((mut low, was)) = before
            && !near(was, allowed)
        {
            let mut high = x;
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if allows(middle).is_some_and(|m| near(m, was)) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            add(low, low, was);
            add(high, high, allows(high).unwrap_or(allowed));
        }
        add(x, x, allowed);
        before = Some((x, allowed));
    }
    levels
}

/// A profile in words: "below 123: 0.004; 123: 0.95; above: 0.03".
pub(crate) fn told(levels: &[Level], kind: Kind) -> String {
    let answer = |n: i128| match kind {
        Kind::Date => {
            day::from_number(n).map_or(Answer::Number(n), |d| Answer::Text(d.to_string()))
        }
        _ => Answer::Number(n),
    };
    let one = |l: &Level| {
        let set = Answers::Between {
            min: Some(answer(l.from)),
            max: Some(answer(l.to)),
        };
        format!(
            "{}: {}",
            values::answers(&set, kind),
            likelihood::figure(l.allowed)
        )
    };
    let mut parts: Vec<String> = levels.iter().take(12).map(one).collect();
    if levels.len() > 12 {
        parts.push("and so on".to_owned());
    }
    parts.join("; ")
}
