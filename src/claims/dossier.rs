//! Dossiers: everything said about some questions, checked as a whole.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::assumption::Assumption;
use super::claim::{Claim, When};
use super::error::{Problems, ReadErrors};
use super::link::Link;
use super::options::Options;
use super::question::Question;
use super::reading::Reading;
use super::resolve::{Check, labels};
use super::size;
use super::source::{CommonOrigin, Source};
use super::tree::Meta;
use super::value::Labels;
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
    pub(crate) meta: Option<Meta>,
    /// Shared with the parts of it that are weighed alone; so are the assumptions.
    pub(crate) sources: Arc<[Source]>,
    pub(crate) assumptions: Arc<[Assumption]>,
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
    pub(crate) origins: Arc<Groups>,
    /// By question; empty but for categories.
    pub(crate) labels: Vec<LabelList>,
}

/// The declared common origins.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Groups {
    /// The members of each, ascending, and its probability.
    list: Vec<(Vec<usize>, Probability)>,
    /// By source: the groups it is in, ascending.
    of: HashMap<usize, Vec<usize>>,
}

impl Groups {
    fn new(list: Vec<(Vec<usize>, Probability)>) -> Self {
        let mut of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (g, (members, _)) in list.iter().enumerate() {
            for source in members {
                of.entry(*source).or_default().push(g);
            }
        }
        Self { list, of }
    }

    /// The groups that a source is in, ascending.
    pub(crate) fn of(&self, source: usize) -> &[usize] {
        self.of.get(&source).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn holds(&self, group: usize, source: usize) -> bool {
        self.list
            .get(group)
            .is_some_and(|(members, _)| members.binary_search(&source).is_ok())
    }

    pub(crate) fn probability(&self, group: usize) -> Probability {
        self.list.get(group).map_or(Probability::ZERO, |(_, p)| *p)
    }
}

/// Labels of one question, comparable.
pub(crate) type LabelList = Arc<Labels>;

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
    pub(crate) meta: Option<Meta>,
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
            sources: self.sources.to_vec(),
            assumptions: self.assumptions.to_vec(),
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
    /// Every problem there is, each with its place: `claims[3].value` is the value of the fourth claim added. Among them are an id of
    /// more than 1,000 bytes, a phrase, date or label of more than 10,000, and a formula of more than two million; and what short files could grow to beyond all bounds: links at so many
    /// as-ofs that they have more than a million terms, more than five million pairs of a claim and a common origin of its source, or
    /// of statements of one source on one question, one within the other.
    ///
    /// # Complexity
    ///
    /// O(n log n) in the size of the dossier.
    pub fn build(mut self) -> Result<Dossier, ReadErrors> {
        let problems = std::mem::take(&mut self.problems);
        let mut check = Check::new(&self, problems);
        check.ids(&self);
        let dossier_time = check.when("as_of", self.as_of.as_ref());
        let origins = check.origins(&self.common_origins);
        let links = check.links(&self.links, &self.questions);
        let labels = labels(&self, &check);
        let claims = check.claims(&self, dossier_time, &labels);
        let members: Vec<&[usize]> = origins.iter().map(|(m, _)| m.as_slice()).collect();
        size::check(&mut check.problems, &self, &claims, &links, &members);
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
        let (sources, source_at) = order(self.sources, |s| s.id.as_str());
        let (assumptions, assumption_at) = order(self.assumptions, |a| a.id.as_str());
        let (questions, question_at) = order(self.questions, |q| q.id.as_str());
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
        let (mut own_claims, claim_at) = order(self.claims, |c| c.id.as_str());
        let claims = moved(claims, &claim_at);
        // One text for an id, however many claims name it.
        for (claim, resolved) in own_claims.iter_mut().zip(&claims) {
            claim.question = questions.get(resolved.question).map(|q| q.id.clone());
            claim.source = sources.get(resolved.source).map(|s| s.id.clone());
        }
        let (own_links, link_at) = order(self.links, |l| l.name());
        Dossier {
            title: self.title,
            as_of: self.as_of,
            options: self.options,
            meta: self.meta,
            sources: sources.into(),
            assumptions: assumptions.into(),
            common_origins,
            questions,
            links: own_links,
            claims: own_claims,
            resolved: Resolved {
                claims,
                links: moved(links, &link_at),
                origins: Arc::new(Groups::new(origins)),
                labels: by_question.into_iter().map(|(_, l)| l).collect(),
            },
        }
    }
}

/// The items in the order of their keys, and where each old place went.
fn order<T>(items: Vec<T>, key: impl Fn(&T) -> &str) -> (Vec<T>, Vec<usize>) {
    // Names are sorted, with places to tell equal ones apart: things may be large.
    let mut names: Vec<(&str, usize)> = items.iter().map(key).zip(0..).collect();
    names.sort_unstable();
    let mut to = vec![0; items.len()];
    for (new, (_, old)) in names.into_iter().enumerate() {
        if let Some(slot) = to.get_mut(old) {
            *slot = new;
        }
    }
    (moved(items, &to), to)
}

/// The items, each at its new place.
fn moved<T>(items: Vec<T>, to: &[usize]) -> Vec<T> {
    let mut out: Vec<Option<T>> = Vec::new();
    out.resize_with(items.len(), || None);
    for (item, new) in items.into_iter().zip(to) {
        if let Some(slot) = out.get_mut(*new) {
            *slot = Some(item);
        }
    }
    out.into_iter().flatten().collect()
}
