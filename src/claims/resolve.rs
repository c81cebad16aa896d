//! What the parts of a dossier refer to, looked up and checked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;

use chrono::{DateTime, Utc};

use super::claim::{Claim, When};
use super::dossier::{DossierBuilder, LabelList, ResolvedClaim, ResolvedLink, Status};
use super::edtf;
use super::error::{Problem, Problems};
use super::id::{AssumptionId, ClaimId, QuestionId, SourceId};
use super::link::{Formula, Link, Relation, is_identifier};
use super::question::{Kind, OverTime, Question};
use super::source::CommonOrigin;
use super::value::{Labels, Value, quoted};
use crate::sets::probability::Probability;

/// Bytes of an id: results name things by it again and again.
pub(super) const LONGEST_ID: usize = 1_000;
/// Bytes of a formula: some hundred thousand terms.
pub(super) const LONGEST_FORMULA: usize = 2_000_000;
/// Bytes of a phrase, a date or a label.
pub(super) const LONGEST_ITEM: usize = 10_000;

fn index<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    let mut out = HashMap::with_capacity(ids.len());
    for (i, id) in ids.enumerate() {
        out.entry(id).or_insert(i);
    }
    out
}

/// The labels that the claims on each question name.
pub(super) fn labels(builder: &DossierBuilder, check: &Check<'_>) -> Vec<LabelList> {
    let mut names: Vec<Vec<String>> = vec![Vec::new(); builder.questions.len()];
    for claim in &builder.claims {
        let question = claim
            .question
            .as_ref()
            .and_then(|q| check.questions.get(q.as_str()));
        if let Some(&q) = question
            && builder
                .questions
                .get(q)
                .is_some_and(|q| q.kind == Kind::Category)
            && let Some(list) = names.get_mut(q)
        {
            list.extend(
                claim
                    .value
                    .iter()
                    .flat_map(Value::labels)
                    .map(str::to_owned),
            );
        }
    }
    let none = LabelList::default();
    names
        .into_iter()
        .map(|names| match names.as_slice() {
            [] => LabelList::clone(&none),
            _ => LabelList::new(Labels::new(names)),
        })
        .collect()
}

/// Looks references up and collects problems.
pub(super) struct Check<'a> {
    pub(super) problems: Problems,
    sources: HashMap<&'a str, usize>,
    assumptions: HashMap<&'a str, usize>,
    questions: HashMap<&'a str, usize>,
    claims: HashMap<&'a str, usize>,
}

impl<'a> Check<'a> {
    pub(super) fn new(b: &'a DossierBuilder, problems: Problems) -> Self {
        Self {
            problems,
            sources: index(b.sources.iter().map(|s| s.id.as_str())),
            assumptions: index(b.assumptions.iter().map(|a| a.id.as_str())),
            questions: index(b.questions.iter().map(|q| q.id.as_str())),
            claims: index(b.claims.iter().map(|c| c.id.as_str())),
        }
    }

    fn unique<'b>(
        &mut self,
        section: &str,
        field: &str,
        what: &str,
        ids: impl Iterator<Item = &'b str>,
    ) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (i, id) in ids.enumerate() {
            if id.is_empty() {
                self.problems.missing(
                    format!("{section}[{i}].{field}"),
                    "a text that is not empty",
                );
                continue;
            }
            if id.len() > LONGEST_ID && section != "links" {
                self.problems.unexpected(
                    format!("{section}[{i}].{field}"),
                    format!("{}, {} bytes long", quoted(id), id.len()),
                    format!("at most {LONGEST_ID} bytes"),
                );
            }
            if let Some(first) = seen.insert(id, i) {
                self.problems.add(
                    format!("{section}[{i}].{field}"),
                    Problem::Duplicate {
                        found: format!("the {what} {}", quoted(id)),
                        first: format!("{section}[{first}]"),
                    },
                );
            }
        }
    }

    pub(super) fn ids(&mut self, b: &DossierBuilder) {
        self.unique(
            "sources",
            "id",
            "source",
            b.sources.iter().map(|s| s.id.as_str()),
        );
        self.unique(
            "assumptions",
            "id",
            "assumption",
            b.assumptions.iter().map(|a| a.id.as_str()),
        );
        self.unique(
            "questions",
            "id",
            "question",
            b.questions.iter().map(|q| q.id.as_str()),
        );
        self.unique("links", "id", "link", b.links.iter().map(Link::name));
        self.unique(
            "claims",
            "id",
            "claim",
            b.claims.iter().map(|c| c.id.as_str()),
        );
        for (i, l) in b.links.iter().enumerate() {
            if let Some(id) = l.id.as_ref().filter(|id| id.as_str().len() > LONGEST_ID) {
                let id = id.as_str();
                self.problems.unexpected(
                    format!("links[{i}].id"),
                    format!("{}, {} bytes long", quoted(id), id.len()),
                    format!("at most {LONGEST_ID} bytes"),
                );
            }
        }
        for (i, q) in b.questions.iter().enumerate() {
            if !q.id.as_str().is_empty() && !is_identifier(q.id.as_str()) {
                self.problems.unexpected(
                    format!("questions[{i}].id"),
                    quoted(q.id.as_str()),
                    "a letter or _, then letters, digits and _, so that formulas can name it",
                );
            }
            if q.kind == Kind::Category && q.over_time != OverTime::Fixed {
                self.problems.unexpected(
                    format!("questions[{i}].over_time"),
                    "a category that changes over time",
                    "\"fixed\": categories take no over_time",
                );
            }
        }
    }

    pub(super) fn when(
        &mut self,
        place: impl Display,
        when: Option<&When>,
    ) -> Option<DateTime<Utc>> {
        match edtf::read_instant(&when?.0) {
            Ok(instant) => Some(instant),
            Err(e) => {
                self.problems.unexpected(
                    place.to_string(),
                    e.to_string(),
                    "a day such as \"2025-12-13\" or an RFC 3339 instant",
                );
                None
            }
        }
    }

    pub(super) fn origins(&mut self, groups: &[CommonOrigin]) -> Vec<(Vec<usize>, Probability)> {
        let mut out = Vec::with_capacity(groups.len());
        for (i, group) in groups.iter().enumerate() {
            let place = format!("common_origins[{i}].sources");
            let mut members = Vec::with_capacity(group.sources.len());
            let mut seen = HashSet::with_capacity(group.sources.len());
            for (j, id) in group.sources.iter().enumerate() {
                match self.sources.get(id.as_str()) {
                    None => self
                        .problems
                        .no_such(format!("{place}[{j}]"), "source", id.as_str()),
                    Some(s) if !seen.insert(*s) => self.problems.add(
                        format!("{place}[{j}]"),
                        Problem::Duplicate {
                            found: format!("the source {}", quoted(id.as_str())),
                            first: place.clone(),
                        },
                    ),
                    Some(s) => members.push(*s),
                }
            }
            if group.sources.len() < 2 && !self.problems.is_told(&place) {
                let found = match group.sources.len() {
                    0 => "no source",
                    _ => "one source",
                };
                self.problems
                    .unexpected(&place, found, "two or more sources");
            }
            out.push((members, group.probability));
        }
        out
    }

    fn assumptions_at(&mut self, place: impl Display, ids: &[AssumptionId]) -> Vec<usize> {
        let mut out = Vec::with_capacity(ids.len());
        for (j, id) in ids.iter().enumerate() {
            match self.assumptions.get(id.as_str()) {
                Some(a) => out.push(*a),
                None => self
                    .problems
                    .no_such(format!("{place}[{j}]"), "assumption", id.as_str()),
            }
        }
        out
    }

    pub(super) fn links(&mut self, links: &[Link], questions: &[Question]) -> Vec<ResolvedLink> {
        let mut out = Vec::with_capacity(links.len());
        for (i, link) in links.iter().enumerate() {
            let assuming = self.assumptions_at(format_args!("links[{i}].assuming"), &link.assuming);
            let place = format!("links[{i}].formula");
            if self.problems.is_told(&place) {
                // It is missing or no text; a stand-in holds its place.
                continue;
            }
            if link.formula().len() > LONGEST_FORMULA {
                self.problems.unexpected(
                    place,
                    format!("a formula of {} bytes", link.formula().len()),
                    format!("at most {LONGEST_FORMULA} bytes"),
                );
                continue;
            }
            match link.formula().parse::<Formula>() {
                Ok(formula) => {
                    out.extend(
                        self.formula(&place, &formula, questions)
                            .map(|l| ResolvedLink { assuming, ..l }),
                    );
                }
                Err(e) => self.problems.unexpected(
                    place,
                    format!("{} ({e})", quoted(link.formula())),
                    "a linear formula such as \"total >= 2*a + 5\"",
                ),
            }
        }
        out
    }

    /// A formula as one row.
    fn formula(
        &mut self,
        place: &str,
        formula: &Formula,
        questions: &[Question],
    ) -> Option<ResolvedLink> {
        let mut known = true;
        let mut kinds: Vec<Kind> = Vec::new();
        let mut names: Vec<usize> = Vec::new();
        let mut terms: BTreeMap<usize, i128> = BTreeMap::new();
        let mut right = 0_i128;
        let mut fits = true;
        for (side, sum) in [(1_i128, &formula.left), (-1, &formula.right)] {
            for (k, question) in &sum.terms {
                let Some(id) = question else {
                    right = right.checked_sub(side * k).unwrap_or_else(|| {
                        fits = false;
                        0
                    });
                    continue;
                };
                let Some(&q) = self.questions.get(id.as_str()) else {
                    self.problems.no_such(place, "question", id.as_str());
                    known = false;
                    continue;
                };
                names.push(q);
                kinds.extend(questions.get(q).map(|q| q.kind));
                let sum = terms.entry(q).or_default();
                *sum = sum.checked_add(side * k).unwrap_or_else(|| {
                    fits = false;
                    0
                });
            }
        }
        names.sort_unstable();
        names.dedup();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.contains(&Kind::Category) {
            self.problems
                .unexpected(place, "a category in a formula", "counts, or dates");
            return None;
        }
        if kinds.len() > 1 {
            self.problems.unexpected(
                place,
                "dates and counts in one formula",
                "one kind of question",
            );
            return None;
        }
        let largest = i128::from(u64::MAX);
        if !fits || right.abs() > largest || terms.values().any(|k| k.abs() > largest) {
            self.problems.unexpected(
                place,
                "numbers that add up beyond 64 bits",
                "coefficients and constants within 64 bits",
            );
            return None;
        }
        if kinds.first() == Some(&Kind::Date) && terms.values().sum::<i128>() != 0 {
            self.problems.unexpected(
                place,
                "dates that do not cancel",
                "differences of dates, in days: coefficients that add to 0 on one side",
            );
            return None;
        }
        if !known {
            return None;
        }
        let sign = match formula.relation {
            Relation::AtLeast | Relation::More => -1,
            _ => 1,
        };
        let strict = matches!(formula.relation, Relation::Less | Relation::More);
        Some(ResolvedLink {
            terms: terms
                .into_iter()
                .filter(|(_, k)| *k != 0)
                .map(|(q, k)| (q, sign * k))
                .collect(),
            names,
            equal: formula.relation == Relation::Equal,
            right: sign * right - i128::from(strict),
            assuming: Vec::new(),
        })
    }

    pub(super) fn claims(
        &mut self,
        b: &DossierBuilder,
        dossier_time: Option<DateTime<Utc>>,
        labels: &[LabelList],
    ) -> Vec<ResolvedClaim> {
        let superseded = self.superseded(&b.claims);
        let mut out = Vec::with_capacity(b.claims.len());
        for (i, claim) in b.claims.iter().enumerate() {
            let place = format_args!("claims[{i}]");
            let question = self.reference(
                place,
                "question",
                claim.question.as_ref().map(QuestionId::as_str),
            );
            let source =
                self.reference(place, "source", claim.source.as_ref().map(SourceId::as_str));
            let mut via = Vec::with_capacity(claim.more.via.len());
            for (j, outlet) in claim.more.via.iter().enumerate() {
                match self.sources.get(outlet.as_str()) {
                    Some(s) => via.push(*s),
                    None => self.problems.no_such(
                        format!("{place}.via[{j}]"),
                        "source",
                        outlet.as_str(),
                    ),
                }
            }
            let assuming =
                self.assumptions_at(format_args!("{place}.assuming"), &claim.more.assuming);
            let as_of = self.when(format_args!("{place}.as_of"), claim.more.as_of.as_ref());
            let stated = self.when(format_args!("{place}.stated"), claim.more.stated.as_ref());
            let q = question.and_then(|q| Some((q, b.questions.get(q)?)));
            let reading = match (&claim.value, q) {
                (None, _) => {
                    self.problems.missing(format!("{place}.value"), "a value");
                    None
                }
                (Some(_), None) => None,
                (Some(value), Some((q, question))) => {
                    let labels = labels.get(q).cloned().unwrap_or_default();
                    match value.read(question.kind, &labels, b.options.hedges) {
                        Ok(reading) => Some(reading),
                        Err(errors) => {
                            for e in errors {
                                let within = e.within.trim_start_matches('.');
                                let found = if within.is_empty() {
                                    e.found
                                } else {
                                    format!("{} in {within}", e.found)
                                };
                                self.problems.unexpected(
                                    format!("{place}.value"),
                                    found,
                                    e.accepted,
                                );
                            }
                            None
                        }
                    }
                }
            };
            let mut from_below = false;
            let at = match q.map(|(_, q)| q.over_time) {
                None | Some(OverTime::Fixed) => None,
                Some(OverTime::Varies) => {
                    if claim.more.as_of.is_none() {
                        self.problems.missing(
                            format!("{place}.as_of"),
                            "a day or an instant, since its question varies over time",
                        );
                    }
                    as_of
                }
                Some(OverTime::Cumulative) => {
                    from_below = claim.more.as_of.is_none();
                    let at = if from_below {
                        stated.or(dossier_time)
                    } else {
                        as_of
                    };
                    if from_below && claim.more.stated.is_none() && b.as_of.is_none() {
                        self.problems.missing(
                            format!("{place}.stated"),
                            "a day or an instant (or as_of, or the dossier's as_of), since its question is cumulative",
                        );
                    }
                    at
                }
            };
            let status = if claim.more.retracted {
                Status::Retracted
            } else if superseded.get(i) == Some(&true) {
                Status::Superseded
            } else {
                Status::Standing
            };
            if let (Some(question), Some(source), Some(reading)) = (question, source, reading) {
                out.push(ResolvedClaim {
                    question,
                    source,
                    via,
                    reading,
                    at,
                    from_below,
                    assuming,
                    status,
                    stated,
                    as_of,
                });
            }
        }
        out
    }

    /// Looks up a question or a source.
    fn reference(
        &mut self,
        place: impl Display,
        kind: &'static str,
        id: Option<&str>,
    ) -> Option<usize> {
        let place = || format!("{place}.{kind}");
        let Some(id) = id else {
            self.problems
                .missing(place(), format!("the id of a {kind}"));
            return None;
        };
        let list = if kind == "question" {
            &self.questions
        } else {
            &self.sources
        };
        let found = list.get(id).copied();
        if found.is_none() {
            self.problems.no_such(place(), kind, id);
        }
        found
    }

    /// Which claims another one supersedes. A claim that supersedes itself, at once or in a circle, is a problem.
    fn superseded(&mut self, claims: &[Claim]) -> Vec<bool> {
        let mut out = vec![false; claims.len()];
        let mut replaces: Vec<Vec<usize>> = vec![Vec::new(); claims.len()];
        for (i, claim) in claims.iter().enumerate() {
            for (j, id) in claim.more.supersedes.iter().enumerate() {
                match self.claims.get(id.as_str()) {
                    Some(old) => {
                        if let (Some(gone), Some(list)) = (out.get_mut(*old), replaces.get_mut(i)) {
                            *gone = true;
                            list.push(*old);
                        }
                    }
                    None => self.problems.no_such(
                        format!("claims[{i}].supersedes[{j}]"),
                        "claim",
                        id.as_str(),
                    ),
                }
            }
        }
        for i in on_cycles(&replaces) {
            let id = claims.get(i).map(|c| &c.id).map_or("", ClaimId::as_str);
            self.problems.unexpected(
                format!("claims[{i}].supersedes"),
                format!(
                    "that {} supersedes itself, at once or in a circle",
                    quoted(id)
                ),
                "earlier claims",
            );
        }
        out
    }
}

/// The nodes that lie on a cycle or lead from one to another: those never freed by removing nodes without successors and
/// nodes without predecessors. O(n).
fn on_cycles(next: &[Vec<usize>]) -> Vec<usize> {
    let mut previous: Vec<Vec<usize>> = vec![Vec::new(); next.len()];
    for (i, list) in next.iter().enumerate() {
        for j in list {
            if let Some(p) = previous.get_mut(*j) {
                p.push(i);
            }
        }
    }
    let mut gone = vec![false; next.len()];
    for (forward, backward) in [(next, previous.as_slice()), (previous.as_slice(), next)] {
        let mut left: Vec<usize> = forward
            .iter()
            .map(|l| l.iter().filter(|j| gone.get(**j) == Some(&false)).count())
            .collect();
        let mut open: Vec<usize> = (0..next.len())
            .filter(|i| left.get(*i) == Some(&0) && gone.get(*i) == Some(&false))
            .collect();
        while let Some(i) = open.pop() {
            if let Some(g) = gone.get_mut(i) {
                *g = true;
            }
            for j in backward.get(i).into_iter().flatten() {
                if gone.get(*j) == Some(&true) {
                    continue;
                }
                if let Some(n) = left.get_mut(*j) {
                    *n = n.saturating_sub(1);
                    if *n == 0 {
                        open.push(*j);
                    }
                }
            }
        }
    }
    (0..next.len())
        .filter(|i| gone.get(*i) == Some(&false))
        .collect()
}
