//! Findings brought up to date: only the components that a change touches are solved again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compare::{has_room, overlaps};
use super::components::components;
use super::engine::Engine;

use super::reconcile::{Findings, Spent, reconcile, whole};
use super::repairs::smallest;
use super::result::{Conflict, ConflictUnit, Count, GiveUp, Overlap, QuestionFinding, Repair};
use super::units::smaller;
use crate::claims::dossier::{Dossier, ResolvedClaim};
use crate::claims::id::{ClaimId, QuestionId};
use crate::compile::Role;

impl Findings {
    /// The findings of a changed dossier: just those that [`reconcile`] gives of it, to the last byte, with what these findings already
    /// know of components that nothing changed.
    ///
    /// A component is solved again where a claim, link, question, source or assumption of it was added, removed or altered, or where it was
    /// joined to others or split. All is solved again where the options, the dossier's own time or a common origin changed, or where a
    /// limit or a ceiling on work that all components share cuts something off, since what is cut off in one component then depends on the
    /// others. Explanations are worked out when asked for, as always.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::{Claim, Dossier, Question, Source, reconcile, report};
    ///
    /// let dossier = Dossier::builder()
    ///     .source(Source::new("agency"))
    ///     .source(Source::new("envoy"))
    ///     .question(Question::count("freed"))
    ///     .claim(Claim::new("a").question("freed").source("agency").value(123))
    ///     .build()?;
    /// let before = reconcile(dossier.clone());
    /// let more = dossier
    ///     .into_builder()
    ///     .claim(Claim::new("b").question("freed").source("envoy").value(156))
    ///     .build()?;
    /// let after = before.update(more.clone());
    /// assert_eq!(after.conflicts.len(), 1);
    /// assert_eq!(report::json(&after), report::json(&reconcile(more)));
    /// # Ok::<(), discrepancy::ReadErrors>(())
    /// ```
    ///
    /// # Complexity
    ///
    /// O(n log n) to compile the dossier and compare it with the old one, and what the changed components cost. The bench `incremental`
    /// has figures.
    #[must_use]
    pub fn update(&self, dossier: impl Into<Arc<Dossier>>) -> Findings {
        let dossier: Arc<Dossier> = dossier.into();
        self.updated(&dossier).unwrap_or_else(|| reconcile(dossier))
    }

    fn updated(&self, dossier: &Arc<Dossier>) -> Option<Findings> {
        let before = &*self.engine.dossier;
        if before.options != dossier.options
            || before.as_of != dossier.as_of
            || before.common_origins != dossier.common_origins
            || is_cut(self)
        {
            return None;
        }
        let touched = touched(before, dossier);
        let engine = Engine::new(Arc::clone(dossier));
        let lists = components(&engine.dossier, &engine.compiled);
        let known: BTreeMap<&QuestionId, &[QuestionId]> = self
            .components
            .iter()
            .filter_map(|c| Some((c.questions.first()?, c.questions.as_slice())))
            .collect();
        let mut changed = vec![false; dossier.questions.len()];
        for list in &lists {
            let ids: Vec<QuestionId> = list.iter().map(|q| engine.question_id(*q)).collect();
            let same =
                ids.first().and_then(|first| known.get(first).copied()) == Some(ids.as_slice());
            if !same || ids.iter().any(|q| touched.contains(q.as_str())) {
                for q in list {
                    if let Some(slot) = changed.get_mut(*q) {
                        *slot = true;
                    }
                }
            }
        }
        let again = reconcile(restricted(dossier, &changed));
        let spent = self.spent.and(again.spent)?;
        Merge {
            old: self,
            new: &again,
            engine,
            changed,
        }
        .run(&lists, spent)
    }
}

/// Whether a limit cut off what depends on other components.
fn is_cut(findings: &Findings) -> bool {
    let left = findings.left_out;
    let is_whole = [left.conflicts, left.repairs] == [Count::Exactly(0); 2];
    left.camps > 0 || !is_whole
}

/// The questions of whatever differs.
fn touched<'a>(before: &'a Dossier, after: &'a Dossier) -> BTreeSet<&'a str> {
    let mut out = BTreeSet::new();
    let mut sources: BTreeSet<&str> = BTreeSet::new();
    differing(
        &before.sources,
        &after.sources,
        |s| s.id.as_str(),
        |a, b| a == b,
        |s| {
            sources.insert(s.id.as_str());
        },
    );
    let mut assumptions: BTreeSet<&str> = BTreeSet::new();
    differing(
        &before.assumptions,
        &after.assumptions,
        |a| a.id.as_str(),
        |a, b| a == b,
        |a| {
            assumptions.insert(a.id.as_str());
        },
    );
    differing(
        &before.questions,
        &after.questions,
        |q| q.id.as_str(),
        |a, b| a == b,
        |q| {
            out.insert(q.id.as_str());
        },
    );
    for dossier in [before, after] {
        let question = |q: usize| dossier.questions.get(q).map(|q| q.id.as_str());
        for (claim, resolved) in dossier.claims.iter().zip(&dossier.resolved.claims) {
            let who = claim.source.iter().chain(&claim.more.via);
            if who.into_iter().any(|s| sources.contains(s.as_str()))
                || claim
                    .more
                    .assuming
                    .iter()
                    .any(|a| assumptions.contains(a.as_str()))
            {
                out.extend(question(resolved.question));
            }
        }
        for (link, resolved) in dossier.links.iter().zip(&dossier.resolved.links) {
            if link
                .assuming
                .iter()
                .any(|a| assumptions.contains(a.as_str()))
            {
                out.extend(resolved.names.iter().copied().filter_map(question));
            }
        }
    }
    let claims = |d: &'a Dossier| d.claims.iter().zip(&d.resolved.claims).collect::<Vec<_>>();
    let same = |a: &ResolvedClaim, b: &ResolvedClaim| {
        (&a.reading, a.at, a.from_below, a.status, a.stated, a.as_of)
            == (&b.reading, b.at, b.from_below, b.status, b.stated, b.as_of)
    };
    differing(
        &claims(before),
        &claims(after),
        |(c, _)| c.id.as_str(),
        |a, b| a.0 == b.0 && same(a.1, b.1),
        |(c, _)| out.extend(c.question.as_ref().map(QuestionId::as_str)),
    );
    let links = |d: &'a Dossier| {
        let names = d.resolved.links.iter().map(|l| {
            let ids = l.names.iter().filter_map(|q| d.questions.get(*q));
            ids.map(|q| q.id.as_str()).collect::<Vec<_>>()
        });
        d.links.iter().zip(names).collect::<Vec<_>>()
    };
    let (old_links, new_links) = (links(before), links(after));
    differing(
        &old_links,
        &new_links,
        |(l, _)| l.name(),
        |a, b| a.0 == b.0,
        |(_, names)| out.extend(names.iter().copied()),
    );
    out
}

/// Goes through what is in one of two sorted lists only, or differs between them.
fn differing<'a, T>(
    a: &'a [T],
    b: &'a [T],
    key: impl Fn(&T) -> &str,
    same: impl Fn(&T, &T) -> bool,
    mut each: impl FnMut(&'a T),
) {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        match (a.peek().copied(), b.peek().copied()) {
            (Some(x), Some(y)) if key(x) == key(y) => {
                if !same(x, y) {
                    each(x);
                    each(y);
                }
                a.next();
                b.next();
            }
            (Some(x), y) if y.is_none_or(|y| key(x) < key(y)) => {
                each(x);
                a.next();
            }
            (_, Some(y)) => {
                each(y);
                b.next();
            }
            (_, None) => break,
        }
    }
}

/// The dossier with the claims and links on some questions only. All places of questions, sources and assumptions stay.
fn restricted(dossier: &Dossier, changed: &[bool]) -> Dossier {
    let is = |q: &usize| changed.get(*q).copied().unwrap_or(false);
    let mut out = Dossier {
        title: None,
        as_of: dossier.as_of.clone(),
        options: dossier.options,
        meta: None,
        sources: dossier.sources.clone(),
        assumptions: dossier.assumptions.clone(),
        common_origins: dossier.common_origins.clone(),
        questions: dossier.questions.clone(),
        links: Vec::new(),
        claims: Vec::new(),
        resolved: crate::claims::dossier::Resolved {
            origins: dossier.resolved.origins.clone(),
            labels: dossier.resolved.labels.clone(),
            ..Default::default()
        },
    };
    for (claim, resolved) in dossier.claims.iter().zip(&dossier.resolved.claims) {
        if is(&resolved.question) {
            out.claims.push(claim.clone());
            out.resolved.claims.push(resolved.clone());
        }
    }
    for (link, resolved) in dossier.links.iter().zip(&dossier.resolved.links) {
        if resolved.names.iter().any(is) {
            out.links.push(link.clone());
            out.resolved.links.push(resolved.clone());
        }
    }
    out
}

/// Findings of the changed components and of all others, to be put together.
struct Merge<'a> {
    old: &'a Findings,
    new: &'a Findings,
    engine: Engine,
    /// By question of the new dossier.
    changed: Vec<bool>,
}

impl Merge<'_> {
    fn is_changed(&self, question: usize) -> bool {
        self.changed.get(question).copied().unwrap_or(true)
    }

    /// The findings that a question's component is to be taken from.
    fn at(&self, question: usize) -> &Findings {
        if self.is_changed(question) {
            self.new
        } else {
            self.old
        }
    }

    /// Whether a question of that name is there and was not changed.
    fn is_kept(&self, question: &str) -> bool {
        let place = self.engine.dossier.question_place(question);
        place.is_some_and(|q| !self.is_changed(q))
    }

    /// `None` where limits cut something off.
    fn run(self, lists: &[Vec<usize>], spent: Spent) -> Option<Findings> {
        let dossier = Arc::clone(&self.engine.dossier);
        let limits = dossier.options.limits;
        if is_cut(self.new) {
            return None;
        }
        let mut components = Vec::with_capacity(lists.len());
        for list in lists {
            let first = *list.first()?;
            let id = self.engine.question_id(first);
            let from = &self.at(first).components;
            let place = from
                .binary_search_by(|c| c.questions.first().cmp(&Some(&id)))
                .ok()?;
            components.push(from.get(place)?.clone());
        }
        let mut claims = Vec::with_capacity(dossier.claims.len());
        for (claim, resolved) in dossier.claims.iter().zip(&dossier.resolved.claims) {
            let from = self.at(resolved.question);
            claims.push(from.claim(claim.id.as_str())?.clone());
        }
        let conflicts = self.conflicts()?;
        let repairs = self.repairs()?;
        if conflicts.len() as u64 > limits.conflicts || repairs.len() as u64 > limits.repairs {
            return None;
        }
        let questions = self.questions();
        let members = |q: &QuestionFinding| q.camps.iter().map(|c| c.len() as u64).sum::<u64>();
        if questions.iter().map(members).sum::<u64>() > limits.camps {
            return None;
        }
        let (overlaps, overlaps_left) = self.overlaps(limits.overlaps);
        let totals = whole(&components);
        let mut left_out = self.new.left_out;
        left_out.overlaps = overlaps_left;
        Some(Findings {
            discrepancy: totals.0,
            conflict_bits: totals.1,
            tension_bits: totals.2,
            components,
            claims,
            sources: self.sources()?,
            assumptions: self.assumptions()?,
            links: self.links()?,
            questions,
            overlaps,
            conflicts,
            repairs,
            left_out,
            spent,
            engine: self.engine,
            explained: std::sync::OnceLock::new(),
        })
    }

    fn sources(&self) -> Option<Vec<super::result::SourceFinding>> {
        let compiled = &self.engine.compiled;
        let mut at: BTreeMap<usize, usize> = BTreeMap::new();
        for s in &compiled.statements {
            at.insert(s.source, compiled.variable(s.variable).question);
        }
        let found = at.into_iter().map(|(source, question)| {
            let id = &self.engine.dossier.sources.get(source)?.id;
            let from = &self.at(question).sources;
            let place = from.binary_search_by(|s| s.id.cmp(id)).ok()?;
            from.get(place).cloned()
        });
        found.collect()
    }

    fn assumptions(&self) -> Option<Vec<super::result::AssumptionFinding>> {
        let compiled = &self.engine.compiled;
        // A question where each declared assumption is used.
        let mut used: BTreeMap<usize, usize> = BTreeMap::new();
        let declared = compiled.assumptions.declared();
        let place_of: BTreeMap<_, usize> = declared.map(|(place, id)| (id, place)).collect();
        for place in compiled.places.iter().flatten() {
            let question = compiled.variable(place.variable).question;
            for a in place.guards.iter().flatten() {
                if let Some(declared) = place_of.get(a) {
                    used.insert(*declared, question);
                }
            }
        }
        for unit in compiled.links.iter().flatten() {
            if let Role::Link(link) = compiled.role(*unit)
                && let Some(question) = self.link_question(link)
            {
                for a in compiled.network.unit(*unit).guards.iter().flatten() {
                    if let Some(declared) = place_of.get(a) {
                        used.insert(*declared, question);
                    }
                }
            }
        }
        let declared = self.engine.dossier.assumptions.iter().enumerate();
        let found = declared.map(|(place, a)| {
            // What nothing uses keeps its prior, and the new findings have all assumptions.
            let from = match used.get(&place) {
                Some(question) => &self.at(*question).assumptions,
                None => &self.new.assumptions,
            };
            let place = from.binary_search_by(|f| f.id.cmp(&a.id)).ok()?;
            from.get(place).cloned()
        });
        found.collect()
    }

    fn link_question(&self, link: usize) -> Option<usize> {
        let links = &self.engine.dossier.resolved.links;
        links.get(link)?.names.first().copied()
    }

    fn links(&self) -> Option<Vec<super::result::LinkFinding>> {
        let links = self.engine.dossier.links.iter().enumerate();
        let found = links.map(|(place, link)| {
            let from = &self.at(self.link_question(place)?).links;
            let place = from
                .binary_search_by(|l| l.id.as_str().cmp(link.name()))
                .ok()?;
            from.get(place).cloned()
        });
        found.collect()
    }

    fn questions(&self) -> Vec<QuestionFinding> {
        let mut out = Vec::new();
        for (place, question) in self.engine.dossier.questions.iter().enumerate() {
            let from = &self.at(place).questions;
            let start = from.partition_point(|q| q.id < question.id);
            let own = from.iter().skip(start);
            out.extend(own.take_while(|q| q.id == question.id).cloned());
        }
        out
    }

    /// Whether what the old findings say of a claim still stands.
    fn keeps_claim(&self, id: &ClaimId) -> bool {
        let claim = self.old.claim(id.as_str());
        claim.is_some_and(|c| self.is_kept(c.question.as_str()))
    }

    fn keeps_link(&self, name: &str) -> bool {
        let old = &self.old.engine.dossier;
        let place = old.links.binary_search_by(|l| l.name().cmp(name)).ok();
        let names = place
            .and_then(|p| old.resolved.links.get(p))
            .map(|l| &l.names);
        let first = names.and_then(|n| old.questions.get(*n.first()?));
        first.is_some_and(|q| self.is_kept(q.id.as_str()))
    }

    fn overlaps(&self, limit: u64) -> (Vec<Overlap>, u64) {
        if self.old.left_out.overlaps == 0 && self.new.left_out.overlaps == 0 {
            let kept = self.old.overlaps.iter().filter(|o| self.keeps_claim(&o.a));
            let mut out: Vec<Overlap> = kept.chain(&self.new.overlaps).cloned().collect();
            if out.len() as u64 <= limit && has_room(&out) {
                out.sort_by(|a, b| (&a.a, &a.b).cmp(&(&b.a, &b.b)));
                return (out, 0);
            }
        }
        let compared = overlaps(&self.engine, limit);
        (compared.list, compared.left_out)
    }

    /// `None` if one has no units to be placed by.
    fn conflicts(&self) -> Option<Vec<Conflict>> {
        let both = || self.old.conflicts.iter().chain(&self.new.conflicts);
        if both().any(|c| c.units.is_empty()) {
            return None;
        }
        let kept = self.old.conflicts.iter().filter(|c| match c.units.first() {
            Some(ConflictUnit::Said(id) | ConflictUnit::Meant(id)) => self.keeps_claim(id),
            Some(ConflictUnit::Link(id)) => self.keeps_link(id.as_str()),
            None => false,
        });
        let mut out: Vec<Conflict> = kept.chain(&self.new.conflicts).cloned().collect();
        out.sort_by(|a, b| smaller(&a.units, &b.units).then_with(|| a.kind.cmp(&b.kind)));
        Some(out)
    }

    fn repairs(&self) -> Option<Vec<Repair>> {
        let kept = self.old.repairs.iter().filter(|r| match r.give_up.first() {
            Some(GiveUp::Claim { id }) => self.keeps_claim(id),
            Some(GiveUp::Link { id }) => self.keeps_link(id.as_str()),
            None => false,
        });
        let mut out: Vec<Repair> = kept.chain(&self.new.repairs).cloned().collect();
        if out.iter().any(|r| r.give_up.is_empty()) {
            return None;
        }
        out.sort_by(smallest);
        Some(out)
    }
}
