//! Dossiers: everything said about some questions, checked as a whole.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::assumption::Assumption;
use super::claim::{Claim, When};
use super::edtf;
use super::error::{Problem, Problems, ReadErrors};
use super::id::{AssumptionId, ClaimId, QuestionId, SourceId};
use super::link::{Formula, Link, Relation, is_identifier};
use super::options::Options;
use super::question::{Kind, OverTime, Question};
use super::reading::Reading;
use super::source::{CommonOrigin, Source};
use super::value::{Labels, Value, quoted};
use crate::sets::probability::Probability;

/// Whether a claim takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It stands.
    Standing,
    /// Another claim replaces it: it is kept in the record and restricts nothing.
    Superseded,
    /// It was taken back: it is kept in the record and restricts nothing.
    Retracted,
}

/// Who said what about some questions, valid as a whole.
///
/// Build one with [`Dossier::builder`] or read one with [`Dossier::from_json`]. Its parts are kept in the order of their ids, so that
/// the same claims in any order make equal dossiers.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Letter, Question, Source};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("state_media").reliability(Letter::D))
///     .source(Source::new("coale").reliability(Letter::C))
///     .question(Question::count("freed"))
///     .claim(Claim::new("pardoned").question("freed").source("state_media").value(123))
///     .claim(Claim::new("letter").question("freed").source("coale").value(156))
///     .build()?;
/// assert_eq!(dossier.claims().len(), 2);
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    pub(crate) title: Option<String>,
    pub(crate) as_of: Option<When>,
    pub(crate) options: Options,
    pub(crate) meta: Option<Json>,
    pub(crate) sources: Vec<Source>,
    pub(crate) assumptions: Vec<Assumption>,
    pub(crate) common_origins: Vec<CommonOrigin>,
    pub(crate) questions: Vec<Question>,
    pub(crate) links: Vec<Link>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) resolved: Resolved,
}

/// What the parts of a dossier refer to, by places in its lists.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Resolved {
    pub(crate) claims: Vec<ResolvedClaim>,
    pub(crate) links: Vec<ResolvedLink>,
    pub(crate) origins: Vec<(Vec<usize>, Probability)>,
    /// By question; empty but for categories.
    pub(crate) labels: Vec<LabelList>,
}

/// Labels of one question, comparable.
pub(crate) type LabelList = std::sync::Arc<Labels>;

/// A claim with its references looked up and its value read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResolvedClaim {
    pub(crate) question: usize,
    pub(crate) source: usize,
    pub(crate) via: Vec<usize>,
    pub(crate) reading: Reading,
    /// Which variable of a question over time; `None` for a fixed question.
    pub(crate) at: Option<DateTime<Utc>>,
    /// It was true at some time up to `at`, of a cumulative count: a bound from below.
    pub(crate) from_below: bool,
    pub(crate) assuming: Vec<usize>,
    pub(crate) status: Status,
    /// When it was said, if known.
    pub(crate) stated: Option<DateTime<Utc>>,
    /// The time it is given for, if it says so itself.
    pub(crate) as_of: Option<DateTime<Utc>>,
}

/// A link as one row: the sum of coefficients times questions, `=` or `<=` the right side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolvedLink {
    /// Ascending by question; no coefficient is 0.
    pub(crate) terms: Vec<(usize, i128)>,
    /// The questions it names, also those that cancel out.
    pub(crate) names: Vec<usize>,
    pub(crate) equal: bool,
    pub(crate) right: i128,
    pub(crate) assuming: Vec<usize>,
}

/// Collects the parts of a dossier; [`build`](Self::build) checks them.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct DossierBuilder {
    pub(crate) title: Option<String>,
    pub(crate) as_of: Option<When>,
    pub(crate) options: Options,
    pub(crate) meta: Option<Json>,
    pub(crate) sources: Vec<Source>,
    pub(crate) assumptions: Vec<Assumption>,
    pub(crate) common_origins: Vec<CommonOrigin>,
    pub(crate) questions: Vec<Question>,
    pub(crate) links: Vec<Link>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) problems: Problems,
}

impl Dossier {
    /// An empty dossier to be filled.
    pub fn builder() -> DossierBuilder {
        DossierBuilder::default()
    }

    /// What it is about.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The policies it is read and weighed under.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The claims, by id.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The sources, by id.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The questions, by id.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The links, by name.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The declared assumptions, by id.
    pub fn assumptions(&self) -> &[Assumption] {
        &self.assumptions
    }

    /// The claim with that id. O(log n).
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        find(&self.claims, |c| c.id.as_str(), id).and_then(|i| self.claims.get(i))
    }

    /// The source with that id. O(log n).
    pub fn source(&self, id: &str) -> Option<&Source> {
        find(&self.sources, |s| s.id.as_str(), id).and_then(|i| self.sources.get(i))
    }

    /// The question with that id. O(log n).
    pub fn question(&self, id: &str) -> Option<&Question> {
        find(&self.questions, |q| q.id.as_str(), id).and_then(|i| self.questions.get(i))
    }

    /// The link of that name. O(log n).
    pub fn link(&self, name: &str) -> Option<&Link> {
        find(&self.links, Link::name, name).and_then(|i| self.links.get(i))
    }

    /// The assumption with that id. O(log n).
    pub fn assumption(&self, id: &str) -> Option<&Assumption> {
        find(&self.assumptions, |a| a.id.as_str(), id).and_then(|i| self.assumptions.get(i))
    }

    /// How the value of the claim with that id is read.
    pub fn reading(&self, id: &str) -> Option<&Reading> {
        let place = find(&self.claims, |c| c.id.as_str(), id)?;
        Some(&self.resolved.claims.get(place)?.reading)
    }

    pub(crate) fn question_place(&self, id: &str) -> Option<usize> {
        find(&self.questions, |q| q.id.as_str(), id)
    }

    /// Takes it apart, to add to it or take from it.
    pub fn into_builder(self) -> DossierBuilder {
        DossierBuilder {
            title: self.title,
            as_of: self.as_of,
            options: self.options,
            meta: self.meta,
            sources: self.sources,
            assumptions: self.assumptions,
            common_origins: self.common_origins,
            questions: self.questions,
            links: self.links,
            claims: self.claims,
            problems: Problems::default(),
        }
    }
}

fn find<T>(sorted: &[T], id: impl Fn(&T) -> &str, wanted: &str) -> Option<usize> {
    sorted.binary_search_by(|x| id(x).cmp(wanted)).ok()
}

impl DossierBuilder {
    /// What it is about.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// When it was put together: a day or an instant, for cumulative claims that say nothing of when.
    pub fn as_of(mut self, when: impl Into<When>) -> Self {
        self.as_of = Some(when.into());
        self
    }

    /// The policies to read and weigh it under.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Adds a source.
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// Adds an assumption.
    pub fn assumption(mut self, assumption: Assumption) -> Self {
        self.assumptions.push(assumption);
        self
    }

    /// Adds a group of sources that may repeat one another.
    pub fn common_origin(mut self, group: CommonOrigin) -> Self {
        self.common_origins.push(group);
        self
    }

    /// Adds a question.
    pub fn question(mut self, question: Question) -> Self {
        self.questions.push(question);
        self
    }

    /// Adds a link.
    pub fn link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// Adds a claim.
    pub fn claim(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    /// Removes the claim with that id, if it is there.
    pub fn without_claim(mut self, id: &str) -> Self {
        self.claims.retain(|c| c.id != *id);
        self
    }

    /// Adds claims.
    pub fn claims(mut self, claims: impl IntoIterator<Item = Claim>) -> Self {
        self.claims.extend(claims);
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    ///
    /// Every problem there is, each with its place: `claims[3].value` is the value of the fourth claim added.
    ///
    /// # Complexity
    ///
    /// O(n log n) in the size of the dossier.
    pub fn build(mut self) -> Result<Dossier, ReadErrors> {
        let mut check = Check {
            problems: std::mem::take(&mut self.problems),
            sources: index(self.sources.iter().map(|s| s.id.as_str())),
            assumptions: index(self.assumptions.iter().map(|a| a.id.as_str())),
            questions: index(self.questions.iter().map(|q| q.id.as_str())),
            claims: index(self.claims.iter().map(|c| c.id.as_str())),
        };
        check.ids(&self);
        let dossier_time = check.when("as_of", self.as_of.as_ref());
        let origins = check.origins(&self.common_origins);
        let links = check.links(&self.links, &self.questions);
        let labels = labels(&self, &check);
        let claims = check.claims(&self, dossier_time, &labels);
        check.problems.finish()?;
        Ok(self.sorted(claims, links, origins, labels))
    }

    /// Puts all lists in the order of their ids, and the references with them. Everything is known to be resolved.
    fn sorted(
        self,
        mut claims: Vec<ResolvedClaim>,
        mut links: Vec<ResolvedLink>,
        mut origins: Vec<(Vec<usize>, Probability)>,
        labels: Vec<LabelList>,
    ) -> Dossier {
        let (sources, source_at) = order(self.sources, |s| s.id.as_str().to_owned());
        let (assumptions, assumption_at) = order(self.assumptions, |a| a.id.as_str().to_owned());
        let (questions, question_at) = order(self.questions, |q| q.id.as_str().to_owned());
        let move_all = |places: &mut Vec<usize>, to: &[usize]| {
            for p in places.iter_mut() {
                *p = to.get(*p).copied().unwrap_or(*p);
            }
        };
        let move_one =
            |place: &mut usize, to: &[usize]| *place = to.get(*place).copied().unwrap_or(*place);
        for c in &mut claims {
            move_one(&mut c.question, &question_at);
            move_one(&mut c.source, &source_at);
            move_all(&mut c.via, &source_at);
            move_all(&mut c.assuming, &assumption_at);
            c.assuming.sort_unstable();
            c.assuming.dedup();
        }
        for l in &mut links {
            for (q, _) in &mut l.terms {
                move_one(q, &question_at);
            }
            l.terms.sort_unstable();
            move_all(&mut l.names, &question_at);
            l.names.sort_unstable();
            move_all(&mut l.assuming, &assumption_at);
            l.assuming.sort_unstable();
            l.assuming.dedup();
        }
        for (group, _) in &mut origins {
            move_all(group, &source_at);
            group.sort_unstable();
        }
        let mut by_group: Vec<(CommonOrigin, (Vec<usize>, Probability))> =
            self.common_origins.into_iter().zip(origins).collect();
        by_group.sort_by(|a, b| a.1.cmp(&b.1));
        let (common_origins, origins) = by_group.into_iter().unzip();
        let mut by_question: Vec<(usize, LabelList)> =
            question_at.iter().copied().zip(labels).collect();
        by_question.sort_by_key(|(place, _)| *place);
        let claim_pairs: Vec<(Claim, ResolvedClaim)> =
            self.claims.into_iter().zip(claims).collect();
        let (claim_pairs, _) = order(claim_pairs, |(c, _)| c.id.as_str().to_owned());
        let (claims, resolved_claims) = claim_pairs.into_iter().unzip();
        let link_pairs: Vec<(Link, ResolvedLink)> = self.links.into_iter().zip(links).collect();
        let (link_pairs, _) = order(link_pairs, |(l, _)| l.name().to_owned());
        let (links, resolved_links) = link_pairs.into_iter().unzip();
        Dossier {
            title: self.title,
            as_of: self.as_of,
            options: self.options,
            meta: self.meta,
            sources,
            assumptions,
            common_origins,
            questions,
            links,
            claims,
            resolved: Resolved {
                claims: resolved_claims,
                links: resolved_links,
                origins,
                labels: by_question.into_iter().map(|(_, l)| l).collect(),
            },
        }
    }
}

/// The items in the order of their keys, and where each old place went.
fn order<T>(items: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Vec<usize>) {
    let mut keyed: Vec<(String, usize, T)> = items
        .into_iter()
        .enumerate()
        .map(|(i, x)| (key(&x), i, x))
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut to = vec![0; keyed.len()];
    for (new, (_, old, _)) in keyed.iter().enumerate() {
        if let Some(slot) = to.get_mut(*old) {
            *slot = new;
        }
    }
    (keyed.into_iter().map(|(_, _, x)| x).collect(), to)
}

fn index<'a>(ids: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for (i, id) in ids.enumerate() {
        out.entry(id.to_owned()).or_insert(i);
    }
    out
}

/// The labels that the claims on each question name.
fn labels(builder: &DossierBuilder, check: &Check) -> Vec<LabelList> {
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
    names
        .into_iter()
        .map(|n| LabelList::new(Labels::new(n)))
        .collect()
}

/// Looks references up and collects problems.
struct Check {
    problems: Problems,
    sources: HashMap<String, usize>,
    assumptions: HashMap<String, usize>,
    questions: HashMap<String, usize>,
    claims: HashMap<String, usize>,
}

impl Check {
    fn unique<'a>(
        &mut self,
        section: &str,
        field: &str,
        what: &str,
        ids: impl Iterator<Item = &'a str>,
    ) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (i, id) in ids.enumerate() {
            if id.is_empty() {
                // A missing id has been told already by the reader.
                self.problems.missing(
                    format!("{section}[{i}].{field}"),
                    "a text that is not empty",
                );
                continue;
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

    fn ids(&mut self, b: &DossierBuilder) {
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

    fn when(&mut self, place: &str, when: Option<&When>) -> Option<DateTime<Utc>> {
        match edtf::read_instant(&when?.0) {
            Ok(instant) => Some(instant),
            Err(e) => {
                self.problems.unexpected(
                    place,
                    e.to_string(),
                    "a day such as \"2025-12-13\" or an RFC 3339 instant",
                );
                None
            }
        }
    }

    fn origins(&mut self, groups: &[CommonOrigin]) -> Vec<(Vec<usize>, Probability)> {
        let mut out = Vec::with_capacity(groups.len());
        for (i, group) in groups.iter().enumerate() {
            let place = format!("common_origins[{i}].sources");
            let mut members = Vec::with_capacity(group.sources.len());
            for (j, id) in group.sources.iter().enumerate() {
                match self.sources.get(id.as_str()) {
                    None => self
                        .problems
                        .no_such(format!("{place}[{j}]"), "source", id.as_str()),
                    Some(s) if members.contains(s) => self.problems.add(
                        format!("{place}[{j}]"),
                        Problem::Duplicate {
                            found: format!("the source {}", quoted(id.as_str())),
                            first: place.clone(),
                        },
                    ),
                    Some(s) => members.push(*s),
                }
            }
            if group.sources.len() < 2 {
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

    fn assumptions_at(&mut self, place: &str, ids: &[AssumptionId]) -> Vec<usize> {
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

    fn links(&mut self, links: &[Link], questions: &[Question]) -> Vec<ResolvedLink> {
        let mut out = Vec::with_capacity(links.len());
        for (i, link) in links.iter().enumerate() {
            let assuming = self.assumptions_at(&format!("links[{i}].assuming"), &link.assuming);
            let place = format!("links[{i}].formula");
            match link.formula.parse::<Formula>() {
                Ok(formula) => {
                    out.extend(
                        self.formula(&place, &formula, questions)
                            .map(|l| ResolvedLink { assuming, ..l }),
                    );
                }
                Err(e) => self.problems.unexpected(
                    place,
                    format!("{} ({e})", quoted(&link.formula)),
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
        let mut terms: std::collections::BTreeMap<usize, i128> = std::collections::BTreeMap::new();
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

    fn claims(
        &mut self,
        b: &DossierBuilder,
        dossier_time: Option<DateTime<Utc>>,
        labels: &[LabelList],
    ) -> Vec<ResolvedClaim> {
        let superseded = self.superseded(&b.claims);
        let mut out = Vec::with_capacity(b.claims.len());
        for (i, claim) in b.claims.iter().enumerate() {
            let place = format!("claims[{i}]");
            let question = self.reference(
                &place,
                "question",
                claim.question.as_ref().map(QuestionId::as_str),
            );
            let source = self.reference(
                &place,
                "source",
                claim.source.as_ref().map(SourceId::as_str),
            );
            let mut via = Vec::with_capacity(claim.via.len());
            for (j, outlet) in claim.via.iter().enumerate() {
                match self.sources.get(outlet.as_str()) {
                    Some(s) => via.push(*s),
                    None => self.problems.no_such(
                        format!("{place}.via[{j}]"),
                        "source",
                        outlet.as_str(),
                    ),
                }
            }
            let assuming = self.assumptions_at(&format!("{place}.assuming"), &claim.assuming);
            let as_of = self.when(&format!("{place}.as_of"), claim.as_of.as_ref());
            let stated = self.when(&format!("{place}.stated"), claim.stated.as_ref());
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
                    if claim.as_of.is_none() {
                        self.problems.missing(
                            format!("{place}.as_of"),
                            "a day or an instant, since its question varies over time",
                        );
                    }
                    as_of
                }
                Some(OverTime::Cumulative) => {
                    from_below = claim.as_of.is_none();
                    let at = if from_below {
                        stated.or(dossier_time)
                    } else {
                        as_of
                    };
                    if from_below && claim.stated.is_none() && b.as_of.is_none() {
                        self.problems.missing(
                            format!("{place}.stated"),
                            "a day or an instant (or as_of, or the dossier's as_of), since its question is cumulative",
                        );
                    }
                    at
                }
            };
            let status = if claim.retracted {
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
    fn reference(&mut self, place: &str, kind: &'static str, id: Option<&str>) -> Option<usize> {
        let place = format!("{place}.{kind}");
        let Some(id) = id else {
            self.problems.missing(place, format!("the id of a {kind}"));
            return None;
        };
        let list = if kind == "question" {
            &self.questions
        } else {
            &self.sources
        };
        let found = list.get(id).copied();
        if found.is_none() {
            self.problems.no_such(place, kind, id);
        }
        found
    }

    /// Which claims another one supersedes. A claim that supersedes itself, at once or in a circle, is a problem.
    fn superseded(&mut self, claims: &[Claim]) -> Vec<bool> {
        let mut out = vec![false; claims.len()];
        let mut replaces: Vec<Vec<usize>> = vec![Vec::new(); claims.len()];
        for (i, claim) in claims.iter().enumerate() {
            for (j, id) in claim.supersedes.iter().enumerate() {
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
