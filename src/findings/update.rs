//! Findings brought up to date: only the components that a change touches are solved again.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::compare::{LOOKS, has_room, overlaps};
use super::engine::{Engine, Late};
use super::reconcile::{Findings, Spent, reconcile, whole};
use super::repairs::smallest;
use super::result::{
    ComponentFinding, Conflict, ConflictUnit, Count, GiveUp, Overlap, QuestionFinding, Repair,
};
use super::units::smaller;
use crate::claims::dossier::{Dossier, ResolvedClaim, ResolvedLink, Status};
use crate::claims::id::{ClaimId, QuestionId};
use crate::network::propagate::Forest;

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
    /// O(n log n) to compare the dossier with the old one and to copy what stands, and what the changed components cost. The whole is
    /// compiled when something is asked of it that needs it: explanations, or what is believed of an answer. The bench `incremental` has
    /// figures.
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
        let region = Region::new(self, dossier);
        let again = reconcile(restricted(dossier, |q| region.is_changed(q)));
        let spent = self.spent.and(again.spent)?;
        Merge {
            old: self,
            new: &again,
            dossier,
            region,
        }
        .run(spent)
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

/// What is to be solved again: whole components of the new dossier, and of the old one.
struct Region<'a> {
    /// By question of the new dossier.
    changed: Vec<bool>,
    /// By question of the old dossier: it is there still, and nothing about its component changed.
    kept: Vec<bool>,
    /// By source of the new dossier: a question it has a statement on.
    spoken: Vec<Option<usize>>,
    /// By declared assumption: a question that it is used on.
    used: Vec<Option<usize>>,
    /// Claims of the old dossier on questions that are not kept.
    dropped: HashSet<&'a str>,
}

impl<'a> Region<'a> {
    /// Joins the questions that anything of the new dossier may join, and those that were joined; what hangs together with a question that
    /// something about differs is changed. O(n log n).
    fn new(old: &'a Findings, dossier: &Dossier) -> Self {
        let before = &*old.engine.dossier;
        let touched = touched(before, dossier);
        let mut forest = Forest::new(dossier.questions.len());
        let mut join = |slot: &mut Option<usize>, q: usize| {
            let first = *slot.get_or_insert(q);
            forest.join(first, q);
        };
        let mut spoken = vec![None; dossier.sources.len()];
        let mut used = vec![None; dossier.assumptions.len()];
        // The claims of a declared group's members on each question.
        let mut grouped: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let claims = dossier.resolved.claims.iter();
        for claim in claims.filter(|c| c.status == Status::Standing) {
            if let Some(slot) = spoken.get_mut(claim.source) {
                join(slot, claim.question);
            }
            for a in &claim.assuming {
                if let Some(slot) = used.get_mut(*a) {
                    join(slot, claim.question);
                }
            }
            for g in dossier.resolved.origins.of(claim.source) {
                *grouped.entry((*g, claim.question)).or_default() += 1;
            }
        }
        // A group says something where two of it may agree.
        let mut by_group: BTreeMap<usize, Option<usize>> = BTreeMap::new();
        for ((g, q), _) in grouped.into_iter().filter(|(_, n)| *n > 1) {
            join(by_group.entry(g).or_default(), q);
        }
        for link in &dossier.resolved.links {
            let mut own = None;
            for q in &link.names {
                join(&mut own, *q);
                for a in &link.assuming {
                    if let Some(slot) = used.get_mut(*a) {
                        join(slot, *q);
                    }
                }
            }
        }
        // By question of the old dossier: its place in the new one.
        let mut place: Vec<Option<usize>> = Vec::with_capacity(before.questions.len());
        let mut next = dossier.questions.iter().zip(0..).peekable();
        for q in &before.questions {
            while next.next_if(|(other, _)| other.id < q.id).is_some() {}
            let found = next.next_if(|(other, _)| other.id == q.id);
            place.push(found.map(|(_, new)| new));
        }
        let mut touched_at: Vec<usize> = touched
            .iter()
            .filter_map(|id| dossier.question_place(id))
            .collect();
        // Components are ascending by their first questions, but what they hold has to be looked up.
        for component in &old.components {
            let mut own = None;
            let mut gone = false;
            for id in &component.questions {
                let at = before.question_place(id.as_str());
                match at.and_then(|q| place.get(q).copied().flatten()) {
                    Some(q) => join(&mut own, q),
                    None => gone = true,
                }
            }
            if gone {
                touched_at.extend(own);
            }
        }
        let mut roots = vec![false; dossier.questions.len()];
        for q in touched_at {
            if let Some(slot) = roots.get_mut(forest.find(q)) {
                *slot = true;
            }
        }
        let changed: Vec<bool> = (0..dossier.questions.len())
            .map(|q| roots.get(forest.find(q)) == Some(&true))
            .collect();
        let kept: Vec<bool> = place
            .into_iter()
            .map(|new| new.is_some_and(|q| changed.get(q) == Some(&false)))
            .collect();
        let claims = before.claims.iter().zip(&before.resolved.claims);
        let dropped = claims
            .filter(|(_, resolved)| kept.get(resolved.question) != Some(&true))
            .map(|(claim, _)| claim.id.as_str())
            .collect();
        Self {
            changed,
            kept,
            spoken,
            used,
            dropped,
        }
    }

    fn is_changed(&self, question: usize) -> bool {
        self.changed.get(question).copied().unwrap_or(true)
    }
}

/// A dossier with some of its questions only, of whole components. All places of sources and assumptions stay.
fn restricted(dossier: &Dossier, is_wanted: impl Fn(usize) -> bool) -> Dossier {
    let mut place = vec![None; dossier.questions.len()];
    let mut questions = Vec::new();
    let mut labels = Vec::new();
    for (old, question) in dossier.questions.iter().enumerate() {
        if is_wanted(old)
            && let Some(slot) = place.get_mut(old)
        {
            *slot = Some(questions.len());
            questions.push(question.clone());
            labels.extend(dossier.resolved.labels.get(old).cloned());
        }
    }
    let new = |old: usize| place.get(old).copied().flatten();
    let mut out = Dossier {
        title: None,
        as_of: dossier.as_of.clone(),
        options: dossier.options,
        meta: None,
        sources: dossier.sources.clone(),
        assumptions: dossier.assumptions.clone(),
        common_origins: dossier.common_origins.clone(),
        questions,
        links: Vec::new(),
        claims: Vec::new(),
        resolved: crate::claims::dossier::Resolved {
            origins: dossier.resolved.origins.clone(),
            labels,
            ..Default::default()
        },
    };
    for (claim, resolved) in dossier.claims.iter().zip(&dossier.resolved.claims) {
        if let Some(question) = new(resolved.question) {
            out.claims.push(claim.clone());
            out.resolved.claims.push(ResolvedClaim {
                question,
                ..resolved.clone()
            });
        }
    }
    for (link, resolved) in dossier.links.iter().zip(&dossier.resolved.links) {
        let names: Vec<usize> = resolved.names.iter().filter_map(|q| new(*q)).collect();
        // What a link names hangs together: all of it, or nothing.
        if names.is_empty() {
            continue;
        }
        let terms = resolved.terms.iter();
        out.links.push(link.clone());
        out.resolved.links.push(ResolvedLink {
            names,
            terms: terms.filter_map(|(q, k)| Some((new(*q)?, *k))).collect(),
            ..resolved.clone()
        });
    }
    out
}

/// Takes findings out of a list that is in the order of what is asked for.
struct Walk<'a, T>(std::slice::Iter<'a, T>);

impl<'a, T> Walk<'a, T> {
    /// The next one of that key; those before it are passed over.
    fn find(&mut self, key: &str, of: impl Fn(&T) -> &str) -> Option<&'a T> {
        loop {
            let next = self.0.as_slice().first()?;
            match of(next).cmp(key) {
                Ordering::Less => {
                    self.0.next();
                }
                Ordering::Equal => return self.0.next(),
                Ordering::Greater => return None,
            }
        }
    }
}

/// Findings of the changed components and of all others, to be put together.
struct Merge<'a> {
    old: &'a Findings,
    new: &'a Findings,
    dossier: &'a Arc<Dossier>,
    region: Region<'a>,
}

impl<'a> Merge<'a> {
    /// `None` where limits cut something off.
    fn run(self, spent: Spent) -> Option<Findings> {
        let limits = self.dossier.options.limits;
        if is_cut(self.new) {
            return None;
        }
        let components = self.components();
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
        let engine = Late::new(Arc::clone(self.dossier));
        let (overlaps, overlaps_left) = self.overlaps(&engine, limits.overlaps);
        let totals = whole(&components);
        let mut left_out = self.new.left_out;
        left_out.overlaps = overlaps_left;
        let resolved = &self.dossier.resolved;
        let claims = self.dossier.claims.iter().zip(&resolved.claims);
        let claims = claims.map(|(c, r)| (c.id.as_str(), Some(r.question)));
        let sources = self.dossier.sources.iter().zip(&self.region.spoken);
        let sources = sources.filter_map(|(s, q)| Some((s.id.as_str(), Some((*q)?))));
        // What nothing uses keeps its prior, and the new findings have all assumptions.
        let assumptions = self.dossier.assumptions.iter().zip(&self.region.used);
        let assumptions = assumptions.map(|(a, q)| (a.id.as_str(), *q));
        let links = self.dossier.links.iter().zip(&resolved.links);
        let links = links.map(|(l, r)| (l.name(), r.names.first().copied()));
        Some(Findings {
            discrepancy: totals.0,
            conflict_bits: totals.1,
            tension_bits: totals.2,
            components,
            claims: self.taken(claims, |f| &f.claims, |c| c.id.as_str())?,
            sources: self.taken(sources, |f| &f.sources, |s| s.id.as_str())?,
            assumptions: self.taken(assumptions, |f| &f.assumptions, |a| a.id.as_str())?,
            links: self.taken(links, |f| &f.links, |l| l.id.as_str())?,
            questions,
            overlaps,
            conflicts,
            repairs,
            left_out,
            spent,
            engine,
            explained: std::sync::OnceLock::new(),
        })
    }

    /// The findings of these names, each from where its question was solved; ascending by name. `None` if one is missing.
    fn taken<'n, T: Clone + 'a>(
        &self,
        names: impl Iterator<Item = (&'n str, Option<usize>)>,
        list: impl Fn(&'a Findings) -> &'a Vec<T>,
        of: impl Fn(&T) -> &str,
    ) -> Option<Vec<T>> {
        let mut old = Walk(list(self.old).iter());
        let mut new = Walk(list(self.new).iter());
        let found = names.map(|(name, question)| {
            let stands = question.is_some_and(|q| !self.region.is_changed(q));
            let from = if stands { &mut old } else { &mut new };
            from.find(name, &of).cloned()
        });
        found.collect()
    }

    fn components(&self) -> Vec<ComponentFinding> {
        let before = &self.old.engine.dossier;
        let is_kept = |c: &&ComponentFinding| {
            let first = c.questions.first();
            let place = first.and_then(|q| before.question_place(q.as_str()));
            place.is_some_and(|q| self.region.kept.get(q) == Some(&true))
        };
        let kept = self.old.components.iter().filter(is_kept).cloned();
        merged(kept, self.new.components.iter().cloned(), |a, b| {
            a.questions.first().cmp(&b.questions.first())
        })
    }

    fn questions(&self) -> Vec<QuestionFinding> {
        let before = &self.old.engine.dossier;
        // Findings are in the order of the questions, of which each has one or more.
        let mut at = before.questions.iter().zip(&self.region.kept).peekable();
        let kept = self.old.questions.iter().filter(|f| {
            while at.next_if(|(q, _)| q.id < f.id).is_some() {}
            at.peek().is_some_and(|(q, kept)| q.id == f.id && **kept)
        });
        merged(kept.cloned(), self.new.questions.iter().cloned(), |a, b| {
            a.id.cmp(&b.id)
        })
    }

    /// Whether what the old findings say of a claim still stands.
    fn keeps_claim(&self, id: &ClaimId) -> bool {
        !self.region.dropped.contains(id.as_str())
    }

    fn keeps_link(&self, name: &str) -> bool {
        let old = &self.old.engine.dossier;
        let place = old.links.binary_search_by(|l| l.name().cmp(name)).ok();
        let link = place.and_then(|p| old.resolved.links.get(p));
        let first = link.and_then(|l| l.names.first());
        first.is_some_and(|q| self.region.kept.get(*q) == Some(&true))
    }

    fn overlaps(&self, engine: &Late, limit: u64) -> (Vec<Overlap>, u64) {
        self.overlaps_kept(limit).unwrap_or_else(|| {
            let compared = overlaps(engine, limit);
            (compared.list, compared.left_out)
        })
    }

    /// The pairs listed before that stand, with those of what changed, and how many more there are. `None` if those listed do not tell which
    /// come next.
    fn overlaps_kept(&self, limit: u64) -> Option<(Vec<Overlap>, u64)> {
        let key = |o: &Overlap| (o.a.clone(), o.b.clone());
        let kept = self.old.overlaps.iter().filter(|o| self.keeps_claim(&o.a));
        let mut out = merged(kept.cloned(), self.new.overlaps.iter().cloned(), |a, b| {
            (&a.a, &a.b).cmp(&(&b.a, &b.b))
        });
        let left_out = self.old.left_out.overlaps;
        if left_out == 0 && self.new.left_out.overlaps == 0 {
            return (out.len() as u64 <= limit && has_room(&out)).then_some((out, 0));
        }
        let limit = usize::try_from(limit).ok()?;
        if left_out > 0 {
            // Up to the last one listed all are known.
            let last = key(self.old.overlaps.last()?);
            let known = out.partition_point(|o| (&o.a, &o.b) <= (&last.0, &last.1));
            if self.old.overlaps.len() != limit || known < limit {
                return None;
            }
        }
        out.truncate(limit);
        if !has_room(&out) || !has_room(&self.old.overlaps) || !has_room(&self.new.overlaps) {
            return None;
        }
        // All pairs there were, without those of components that are gone, and with those of new ones.
        let is_gone = |q: usize| self.region.kept.get(q) == Some(&false);
        let before = restricted(&self.old.engine.dossier, is_gone);
        let gone = overlaps(&Engine::new(Arc::new(before)), limit as u64);
        if gone.looks >= LOOKS {
            return None;
        }
        let count = |list: &[Overlap], left_out: u64| list.len() as u64 + left_out;
        let total = (count(&self.old.overlaps, left_out)
            + count(&self.new.overlaps, self.new.left_out.overlaps))
        .checked_sub(count(&gone.list, gone.left_out))?;
        let left_out = total.checked_sub(out.len() as u64)?;
        Some((out, left_out))
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
        let order = |a: &Conflict, b: &Conflict| {
            smaller(&a.units, &b.units).then_with(|| a.kind.cmp(&b.kind))
        };
        let new = self.new.conflicts.iter().cloned();
        Some(merged(kept.cloned(), new, order))
    }

    fn repairs(&self) -> Option<Vec<Repair>> {
        let kept = self.old.repairs.iter().filter(|r| match r.give_up.first() {
            Some(GiveUp::Claim { id }) => self.keeps_claim(id),
            Some(GiveUp::Link { id }) => self.keeps_link(id.as_str()),
            None => false,
        });
        let out = merged(kept.cloned(), self.new.repairs.iter().cloned(), smallest);
        out.iter().all(|r| !r.give_up.is_empty()).then_some(out)
    }
}

/// Two lists in order, as one.
fn merged<T>(
    a: impl Iterator<Item = T>,
    b: impl Iterator<Item = T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    let mut out = Vec::new();
    while let Some(y) = b.peek() {
        match a.next_if(|x| order(x, y).is_le()) {
            Some(x) => out.push(x),
            None => out.extend(b.next()),
        }
    }
    out.extend(a);
    out
}
