//! What the dossier says, as the checker looks it up: from the claims and links, not from the network made of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::row::{Row, Variable};
use crate::claims::dossier::{Dossier, ResolvedClaim, ResolvedLink, Status};
use crate::claims::edtf::{DateError, read_instant};
use crate::claims::link::Link;
use crate::claims::question::OverTime;
use crate::claims::value::{Labels, domain};
use crate::findings::answers::Answers;
use crate::findings::derivation::{At, Combination};
use crate::sets::day;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// A dossier with the way from names to places.
#[derive(Debug)]
pub(super) struct Facts<'d> {
    pub(super) dossier: &'d Dossier,
    /// By question that changes over time: the times for which something is claimed.
    times: BTreeMap<usize, BTreeSet<DateTime<Utc>>>,
    /// By claim: its statement, numbered; `None` if it does not stand.
    statements: Vec<Option<usize>>,
    /// By statement: its claims, ascending.
    members: Vec<Vec<usize>>,
}

impl<'d> Facts<'d> {
    pub(super) fn new(dossier: &'d Dossier) -> Self {
        let mut out = Self {
            dossier,
            times: BTreeMap::new(),
            statements: Vec::with_capacity(dossier.claims.len()),
            members: Vec::new(),
        };
        let mut known: HashMap<(usize, Variable, Set), usize> = HashMap::new();
        for (place, claim) in dossier.resolved.claims.iter().enumerate() {
            if claim.status != Status::Standing {
                out.statements.push(None);
                continue;
            }
            if let Some(at) = claim.at {
                out.times.entry(claim.question).or_default().insert(at);
            }
            let next = out.members.len();
            let number = *known
                .entry((claim.source, variable_of(claim), entailed(claim)))
                .or_insert(next);
            if number == next {
                out.members.push(Vec::new());
            }
            if let Some(list) = out.members.get_mut(number) {
                list.push(place);
            }
            out.statements.push(Some(number));
        }
        out
    }

    fn is_fixed(&self, question: usize) -> bool {
        self.over_time(question) == Some(OverTime::Fixed)
    }

    fn over_time(&self, question: usize) -> Option<OverTime> {
        self.dossier.questions.get(question).map(|q| q.over_time)
    }

    /// The variable of a question: at no time if it is fixed, else at a time for which something is claimed.
    fn at(&self, question: usize, at: Option<DateTime<Utc>>) -> Option<Variable> {
        let there = match at {
            None => self.is_fixed(question),
            Some(t) => self.times.get(&question).is_some_and(|l| l.contains(&t)),
        };
        there.then_some(Variable { question, at })
    }

    pub(super) fn variable(&self, at: &At) -> Option<Variable> {
        let question = self.dossier.question_place(at.question.as_str())?;
        self.at(question, instant(at.as_of.as_deref()).ok()?)
    }

    /// A variable in words: `held@2025-12-13`.
    pub(super) fn name(&self, v: Variable) -> String {
        self.named_at(v).to_string()
    }

    /// The place of a claim that stands.
    pub(super) fn claim(&self, id: &str) -> Option<usize> {
        let claims = &self.dossier.claims;
        let place = claims.binary_search_by(|c| c.id.as_str().cmp(id)).ok()?;
        self.statement(place).map(|_| place)
    }

    fn resolved(&self, claim: usize) -> Option<&ResolvedClaim> {
        self.dossier.resolved.claims.get(claim)
    }

    /// What a claim is about.
    pub(super) fn about(&self, claim: usize) -> Option<Variable> {
        self.resolved(claim).map(variable_of)
    }

    /// What a claim says.
    pub(super) fn entailed(&self, claim: usize) -> Option<Set> {
        self.resolved(claim).map(entailed)
    }

    /// What a claim is usually taken to mean, if that is narrower than what it says.
    pub(super) fn suggested(&self, claim: usize) -> Option<&Set> {
        self.resolved(claim)
            .filter(|c| !c.from_below)
            .and_then(|c| c.reading.suggested())
    }

    /// The statement that a claim makes: the same for claims of one source that say the same of one variable.
    pub(super) fn statement(&self, claim: usize) -> Option<usize> {
        self.statements.get(claim).copied().flatten()
    }

    /// The claims that make a statement, ascending.
    pub(super) fn claims_of(&self, statement: usize) -> &[usize] {
        self.members.get(statement).map_or(&[], Vec::as_slice)
    }

    pub(super) fn claim_name(&self, claim: usize) -> &str {
        self.dossier.claims.get(claim).map_or("", |c| c.id.as_str())
    }

    /// The values that the question can have at all.
    pub(super) fn domain(&self, v: Variable) -> Set {
        let Some(question) = self.dossier.questions.get(v.question) else {
            return Set::everything();
        };
        let none = Labels::default();
        let labels = self.dossier.resolved.labels.get(v.question);
        domain(question.kind, labels.map_or(&none, |l| &**l)).into()
    }

    /// A set as answers to the question.
    pub(super) fn answers(&self, v: Variable, set: &Set) -> Option<Answers> {
        let kind = self.dossier.questions.get(v.question)?.kind;
        let none = Labels::default();
        let labels = self.dossier.resolved.labels.get(v.question);
        Some(Answers::new(set, kind, labels.map_or(&none, |l| &**l)))
    }

    /// The place of a link.
    pub(super) fn link(&self, name: &str) -> Option<usize> {
        let links = &self.dossier.links;
        links.binary_search_by(|l| l.name().cmp(name)).ok()
    }

    pub(super) fn link_name(&self, link: usize) -> &str {
        self.dossier.links.get(link).map_or("", Link::name)
    }

    pub(super) fn is_hard(&self, link: usize) -> bool {
        self.resolved_link(link)
            .is_some_and(|l| l.assuming.is_empty())
    }

    fn resolved_link(&self, link: usize) -> Option<&ResolvedLink> {
        self.dossier.resolved.links.get(link)
    }

    /// The variables that a link names at a time, also those that cancel out. `None` if it does not hold for that time: that of
    /// a link between fixed questions is none, and any other needs a value of all its questions over time for it.
    pub(super) fn named(
        &self,
        link: usize,
        at: Option<DateTime<Utc>>,
    ) -> Option<BTreeSet<Variable>> {
        let names = &self.resolved_link(link)?.names;
        let changing = names.iter().any(|q| !self.is_fixed(*q));
        if changing != at.is_some() {
            return None;
        }
        names
            .iter()
            .map(|q| self.at(*q, at.filter(|_| !self.is_fixed(*q))))
            .collect()
    }

    /// A link as a row, at a time for which it holds.
    pub(super) fn row(&self, link: usize, at: Option<DateTime<Utc>>) -> Option<Row> {
        let named = self.named(link, at)?;
        let link = self.resolved_link(link)?;
        let coefficient = |q: usize| {
            let place = link.terms.binary_search_by_key(&q, |(x, _)| *x).ok()?;
            link.terms.get(place).map(|(_, k)| *k)
        };
        Some(Row {
            terms: named
                .into_iter()
                .filter_map(|v| Some((v, coefficient(v.question)?)))
                .collect(),
            equal: link.equal,
            right: link.right,
        })
    }

    /// The times for which a link holds.
    pub(super) fn times_of(&self, link: usize) -> Vec<Option<DateTime<Utc>>> {
        let names = self.resolved_link(link).map_or(&[][..], |l| &l.names);
        let Some(first) = names.iter().find(|q| !self.is_fixed(**q)) else {
            return vec![None];
        };
        let times = self.times.get(first).into_iter().flatten();
        times
            .map(|t| Some(*t))
            .filter(|t| self.named(link, *t).is_some())
            .collect()
    }

    /// The time after which a cumulative count is no smaller: rows for each two neighbours.
    pub(super) fn growth(&self) -> impl Iterator<Item = [Variable; 2]> + '_ {
        self.times
            .iter()
            .filter(|(q, _)| self.over_time(**q) == Some(OverTime::Cumulative))
            .flat_map(|(q, times)| {
                let variable = |at: &DateTime<Utc>| Variable {
                    question: *q,
                    at: Some(*at),
                };
                let later = times.iter().skip(1);
                times
                    .iter()
                    .zip(later)
                    .map(move |(a, b)| [variable(a), variable(b)])
            })
    }

    /// `earlier <= later`, if both are one cumulative count, in that order.
    pub(super) fn grows(&self, earlier: &At, later: &At) -> Option<Row> {
        let (a, b) = (self.variable(earlier)?, self.variable(later)?);
        let cumulative = self.over_time(a.question) == Some(OverTime::Cumulative);
        (cumulative && a.question == b.question && a.at <= b.at).then(|| Row::ordered(a, b))
    }

    /// A row as a derivation tells it. `None` if it names no variables of the dossier, or one twice, or a coefficient is 0.
    pub(super) fn told(&self, row: &Combination) -> Option<Row> {
        let mut terms = BTreeMap::new();
        for (k, at) in &row.terms {
            if *k == 0 || terms.insert(self.variable(at)?, *k).is_some() {
                return None;
            }
        }
        Some(Row {
            terms,
            equal: row.equal,
            right: row.right,
        })
    }

    /// The assumptions that are declared for a claim, and for a link.
    pub(super) fn claim_assumes(&self, claim: usize) -> &[usize] {
        self.resolved(claim).map_or(&[], |c| &c.assuming)
    }

    pub(super) fn link_assumes(&self, link: usize) -> &[usize] {
        self.resolved_link(link).map_or(&[], |l| &l.assuming)
    }

    /// A variable as a derivation names it.
    fn named_at(&self, v: Variable) -> At {
        let question = self.dossier.questions.get(v.question);
        At {
            question: question.map_or_else(|| "".into(), |q| q.id.clone()),
            as_of: v.at.map(day::print_instant),
        }
    }

    /// A row in words.
    pub(super) fn show(&self, row: &Row) -> String {
        let terms = row.terms.iter().map(|(v, k)| (*k, self.named_at(*v)));
        let told = Combination {
            terms: terms.collect(),
            equal: row.equal,
            right: row.right,
        };
        told.to_string()
    }
}

/// A time as a derivation gives it, if it gives one.
pub(super) fn instant(text: Option<&str>) -> Result<Option<DateTime<Utc>>, DateError> {
    text.map(read_instant).transpose()
}

fn variable_of(claim: &ResolvedClaim) -> Variable {
    Variable {
        question: claim.question,
        at: claim.at,
    }
}

/// A count that does not shrink and was so at some time up to `at` is known from below only.
fn entailed(claim: &ResolvedClaim) -> Set {
    let set = claim.reading.entailed();
    if claim.from_below {
        Interval::new(set.lower(), None).into()
    } else {
        set.clone()
    }
}
