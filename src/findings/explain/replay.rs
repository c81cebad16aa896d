//! An explanation as a dossier: what it would have been like if the explanation were true.

use super::Explanation;
use super::cause::Cause;
use crate::claims::claim::{Claim, When};
use crate::claims::dossier::{Dossier, DossierBuilder};
use crate::claims::id::QuestionId;
use crate::claims::question::OverTime;
use crate::claims::value::Value;
use crate::sets::day;

impl Explanation {
    /// The dossier rewritten as if the explanation were true, to be reconciled anew: that is how its term `network` comes about.
    ///
    /// `None` for what rewrites nothing: the failure of something that the dossier itself takes for uncertain, and the unexplained.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::{Claim, Dossier, Letter, Question, Source, reconcile};
    ///
    /// let dossier = Dossier::builder()
    ///     .source(Source::new("register").reliability(Letter::A))
    ///     .source(Source::new("brochure").reliability(Letter::A))
    ///     .question(Question::count("inhabitants"))
    ///     .claim(Claim::new("a").question("inhabitants").source("register").value(334_002))
    ///     .claim(Claim::new("b").question("inhabitants").source("brochure").value(334_000))
    ///     .build()?;
    /// let findings = reconcile(dossier);
    /// let rounding = &findings.explanations().list[0];
    /// let rewritten = rounding.rewritten(findings.dossier()).expect("a rewrite");
    /// assert!(reconcile(rewritten).conflicts.is_empty());
    /// # Ok::<(), discrepancy::ReadErrors>(())
    /// ```
    pub fn rewritten(&self, dossier: &Dossier) -> Option<Dossier> {
        let mut draft = dossier.clone().into_builder();
        match &self.cause {
            Cause::Scope { question } => {
                let old = draft.questions.iter().find(|q| q.id == *question)?;
                let mut own = old.clone();
                own.id = unused(&draft, question);
                for claim in self.among(&mut draft) {
                    claim.question = Some(own.id.clone());
                }
                draft.questions.push(own);
            }
            Cause::CountedIn { becomes, .. }
            | Cause::Rounding { becomes, .. }
            | Cause::Magnitude { becomes, .. }
            | Cause::Typo { becomes, .. }
            | Cause::OneOff { becomes, .. } => {
                for claim in self.among(&mut draft) {
                    claim.value = Some(Value::from(becomes.value));
                }
            }
            Cause::Swap { first, second, .. } => {
                for claim in self.among(&mut draft) {
                    let side = if claim.question.as_ref() == Some(&first.question) {
                        first
                    } else {
                        second
                    };
                    claim.value = Some(Value::from(side.becomes.value));
                }
            }
            Cause::AsOf {
                question,
                stale: false,
            } => {
                for q in draft.questions.iter_mut().filter(|q| q.id == *question) {
                    q.over_time = OverTime::Cumulative;
                }
                let on = |c: &&crate::claims::dossier::ResolvedClaim| {
                    let own = dossier.questions.get(c.question);
                    own.is_some_and(|q| q.id == *question)
                };
                let times = dossier.resolved.claims.iter().filter(on);
                let latest = times.filter_map(|c| c.as_of.max(c.stated)).max()?;
                let undated = draft.as_of.is_none();
                for claim in &mut draft.claims {
                    let own = claim.question.as_ref() == Some(question);
                    if own && undated && claim.more.as_of.is_none() && claim.more.stated.is_none() {
                        claim.more.stated = Some(When(day::print_instant(latest)));
                    }
                }
            }
            Cause::AsOf { stale: true, .. } => {
                let undated = draft.as_of.is_none();
                for claim in self.among(&mut draft) {
                    let as_of = claim.more.as_of.take();
                    if undated && claim.more.stated.is_none() {
                        claim.more.stated = as_of;
                    }
                }
            }
            Cause::Revision { later, .. } => {
                let earlier = self.claims.clone();
                let last = later.last()?;
                let claim = draft.claims.iter_mut().find(|c| c.id == *last)?;
                claim.more.supersedes.extend(earlier);
            }
            Cause::Definition { .. }
            | Cause::Misquote { .. }
            | Cause::Reading { .. }
            | Cause::Error { .. }
            | Cause::Unexplained {} => return None,
        }
        draft.build().ok()
    }

    fn among<'a>(&'a self, draft: &'a mut DossierBuilder) -> impl Iterator<Item = &'a mut Claim> {
        draft
            .claims
            .iter_mut()
            .filter(|c| self.claims.contains(&c.id))
    }
}

/// An id that no question has.
fn unused(draft: &DossierBuilder, question: &QuestionId) -> QuestionId {
    let mut id = format!("{question}_");
    while draft.questions.iter().any(|q| q.id.as_str() == id) {
        id.push('_');
    }
    id.into()
}
