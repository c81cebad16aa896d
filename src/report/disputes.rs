//! One dispute: what stands against what, through which links, how sure each is, and what would settle it.

use std::collections::{BTreeMap, BTreeSet};

use super::gap::{difference, gap, spread};
use super::likelihood;
use super::outline::{ANSWERS, LIKELY, answer_row};
use super::page::{Block, LISTED, Part, Section, and, cut, or, table};
use super::values;
use super::words::{Words, quoted};
use crate::claims::id::{AssumptionId, ClaimId, LinkId, QuestionId};
use crate::claims::value::{Item, Value};
use crate::findings::answers::{Answer, Answers};
use crate::findings::derivation::{Ground, Step};
use crate::findings::result::{Conflict, ConflictKind, ConflictUnit, GiveUp, Repair};
use crate::sets::comparison::Comparison;

/// Contradictions that share a statement or a link, with the ways to settle them.
pub(crate) struct Dispute<'a> {
    id: &'a str,
    conflicts: Vec<&'a Conflict>,
    /// The likeliest first.
    repairs: Vec<&'a Repair>,
}

/// Shares that differ by no more are equal.
const EQUAL: f64 = 1e-9;
/// Ways to settle a dispute that are told.
const WAYS: usize = 6;
/// Contradictions told in one dispute.
const TOLD: usize = 8;

/// The disputes among the listed conflicts, in their order.
pub(crate) fn disputes<'a>(words: &Words<'a>) -> Vec<Dispute<'a>> {
    let findings = words.findings;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out: Vec<Dispute<'a>> = Vec::new();
    for conflict in &findings.conflicts {
        if conflict.kind == ConflictKind::Tension {
            continue;
        }
        let place = *places.entry(&conflict.dispute).or_insert(out.len());
        match out.get_mut(place) {
            Some(dispute) => dispute.conflicts.push(conflict),
            None => out.push(Dispute {
                id: &conflict.dispute,
                conflicts: vec![conflict],
                repairs: Vec::new(),
            }),
        }
    }
    for repair in &findings.repairs {
        let place = places.get(repair.dispute.as_str());
        if let Some(dispute) = place.and_then(|p| out.get_mut(*p)) {
            dispute.repairs.push(repair);
        }
    }
    for dispute in &mut out {
        let rank = |r: &Repair| (r.share.unwrap_or(0.0) / EQUAL).round();
        dispute.repairs.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    }
    out
}

fn said(conflict: &Conflict) -> impl Iterator<Item = &ClaimId> {
    conflict.units.iter().filter_map(|u| match u {
        ConflictUnit::Said(id) => Some(id),
        _ => None,
    })
}

impl Dispute<'_> {
    /// The section of the report about it.
    pub(crate) fn section(&self, words: &Words<'_>) -> Section {
        let (heading, mut blocks) = match self.lead(words) {
            Some(lead) => (
                format!(
                    "In dispute: {} ({})",
                    words.dated(lead),
                    words.speaker(lead)
                ),
                self.against(words, lead),
            ),
            None => self.listed(words),
        };
        blocks.extend(self.less_likely(words));
        blocks.extend(words.reasons(self.id));
        blocks.extend(self.settled(words));
        Section {
            heading,
            part: Part::Dispute(self.id.to_owned()),
            blocks,
        }
    }

    /// The statement that takes part in every one of several contradictions, if there is just one.
    fn lead(&self, words: &Words<'_>) -> Option<&ClaimId> {
        let [first, rest @ ..] = self.conflicts.as_slice() else {
            return None;
        };
        let mut common: Vec<&ClaimId> = said(first)
            .filter(|id| rest.iter().all(|c| said(c).any(|other| other == *id)))
            .collect();
        if rest.is_empty() && common.len() > 1 {
            // Of two that stand against one another the less sure one leads; equals do not.
            let trust = |id: &ClaimId| words.finding(id).and_then(|f| f.belief);
            common.sort_by(|a, b| trust(a).unwrap_or(1.0).total_cmp(&trust(b).unwrap_or(1.0)));
            let surer = trust(common.first()?)? + EQUAL < trust(common.get(1)?)?;
            return common.first().copied().filter(|_| surer);
        }
        match common.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// A dispute without one figure in its middle.
    fn listed(&self, words: &Words<'_>) -> (String, Vec<Block>) {
        let mut topics: Vec<String> = Vec::new();
        for id in self.conflicts.iter().flat_map(|c| said(c)) {
            let topic = words.finding(id).map(|f| words.topic(&f.question));
            topics.extend(topic.filter(|t| !topics.contains(t)));
        }
        if topics.is_empty() {
            topics.push("the links themselves".to_owned());
        }
        let mut items: Vec<String> = self
            .conflicts
            .iter()
            .take(TOLD)
            .map(|c| {
                let gap = match said(c).collect::<Vec<_>>().as_slice() {
                    [a, b] => gap(words, a, b, spread),
                    _ => None,
                };
                let gap = gap.map_or(String::new(), |g| format!("; {g}"));
                format!("{}{gap}.", words.because(c))
            })
            .collect();
        if self.conflicts.len() > TOLD {
            items.push(format!("and {} more", self.conflicts.len() - TOLD));
        }
        (
            format!("In dispute: {}", and(&topics, 3)),
            vec![Block::Items(items)],
        )
    }

    /// What the leading figure stands against, through what, and against what it does not.
    fn against(&self, words: &Words<'_>, lead: &ClaimId) -> Vec<Block> {
        let mut blocks = Vec::new();
        if let Some(quote) = words.quote(lead) {
            blocks.push(Block::Paragraph(format!(
                "In these words: {}",
                quoted(&quote)
            )));
        }
        let topic = words.finding(lead).map(|f| words.topic(&f.question));
        blocks.push(Block::Paragraph(format!(
            "It answers {} and cannot hold together with",
            quoted(&topic.unwrap_or_default())
        )));
        blocks.push(Block::Items(cut(self.opponents(words, lead), TOLD)));
        let links = self.links(words);
        if !links.is_empty() {
            blocks.push(Block::Paragraph("Because of".to_owned()));
            blocks.push(Block::Items(cut(links, TOLD)));
        }
        blocks.extend(self.own_words(words, lead).map(Block::Paragraph));
        if let Some(text) = self.beside(words, lead) {
            blocks.push(Block::Paragraph(text));
        }
        blocks.extend(worth(words, lead, &self.identities(words)));
        blocks
    }

    /// Who stands against it, those that say the same together.
    fn opponents(&self, words: &Words<'_>, lead: &ClaimId) -> Vec<String> {
        let mut same: Vec<(String, Option<String>, Vec<String>)> = Vec::new();
        let mut out = Vec::new();
        for conflict in &self.conflicts {
            let others: Vec<&ClaimId> = said(conflict).filter(|id| *id != lead).collect();
            match others.as_slice() {
                [] => out.push("the links alone".to_owned()),
                [other] => {
                    let figure = beside_lead(words, lead, other);
                    let gap = gap(words, lead, other, difference);
                    let who = words.speaker(other);
                    let one = same.iter_mut().find(|(f, g, _)| *f == figure && *g == gap);
                    match one {
                        Some((_, _, names)) => names.push(who),
                        None => same.push((figure, gap, vec![who])),
                    }
                }
                several => {
                    let made = follows(words, conflict, lead)
                        .map_or(String::new(), |text| format!(", which make {text}"));
                    let figures = words.figures_as(several, |id| beside_lead(words, lead, id));
                    out.push(format!("{figures}{made}"));
                }
            }
        }
        let pairs = same.into_iter().map(|(figure, gap, names)| {
            let gap = gap.map_or(String::new(), |g| format!(": {g}"));
            format!("{figure} ({}){gap}", cut(names, TOLD).join("; "))
        });
        pairs.chain(out).collect()
    }

    /// That one source says both.
    fn own_words(&self, words: &Words<'_>, lead: &ClaimId) -> Option<String> {
        let source = &words.finding(lead)?.source;
        let others = self.conflicts.iter().flat_map(|c| said(c));
        let own = others
            .filter(|id| *id != lead)
            .find(|id| words.finding(id).is_some_and(|f| f.source == *source))?;
        let condition = words
            .condition(own)
            .map_or(String::new(), |c| format!(", if {c}"));
        Some(format!(
            "{} is on record with {} and with {}{condition}.",
            words.source(source),
            words.dated(lead),
            words.dated(own)
        ))
    }

    /// What of the figures on the same questions it can hold together with, though they differ.
    fn beside(&self, words: &Words<'_>, lead: &ClaimId) -> Option<String> {
        let question = |id: &ClaimId| words.finding(id).map(|f| &f.question);
        let here: BTreeSet<&ClaimId> = self.conflicts.iter().flat_map(|c| said(c)).collect();
        let questions: BTreeSet<_> = here.iter().filter_map(|id| question(id)).collect();
        let clash = |id: &ClaimId| {
            self.conflicts
                .iter()
                .any(|c| said(c).any(|x| x == id) && said(c).any(|x| x == lead))
        };
        let mut texts: Vec<String> = Vec::new();
        for overlap in &words.findings.overlaps {
            let other = if overlap.a == *lead {
                &overlap.b
            } else if overlap.b == *lead {
                &overlap.a
            } else {
                continue;
            };
            let apart = matches!(
                overlap.comparison,
                Comparison::Apart | Comparison::Touches | Comparison::Equal
            );
            let related = question(other).is_some_and(|q| questions.contains(q));
            let vacuous = words.finding(other).is_none_or(|f| f.vacuous);
            if apart || !related || vacuous || clash(other) {
                continue;
            }
            let told = beside_lead(words, lead, other);
            texts.push(format!("{told} ({})", words.speaker(other)));
        }
        (!texts.is_empty()).then(|| format!("It does not stand against {}.", or(&texts, 6)))
    }

    /// The links used, and what is assumed.
    fn links(&self, words: &Words<'_>) -> Vec<String> {
        let hard: BTreeSet<&LinkId> = self.conflicts.iter().flat_map(|c| &c.hard_links).collect();
        let soft: BTreeSet<&LinkId> = self.conflicts.iter().flat_map(|c| &c.links).collect();
        let assumptions: BTreeSet<&AssumptionId> =
            self.conflicts.iter().flat_map(|c| &c.assumptions).collect();
        let mut out: Vec<String> = hard
            .iter()
            .map(|id| format!("{}, taken as certain", words.link(id)))
            .collect();
        let mut told: BTreeSet<&AssumptionId> = BTreeSet::new();
        for id in soft {
            let assumed = words.assumed_by(id);
            told.extend(assumed);
            let texts: Vec<String> = assumed.iter().map(|a| assumption(words, a)).collect();
            out.push(format!("{}, assuming {}", words.link(id), and(&texts, 4)));
        }
        out.extend(
            assumptions
                .into_iter()
                .filter(|a| !told.contains(a))
                .map(|a| format!("the assumption that {}", assumption(words, a))),
        );
        out
    }

    /// The identities in it.
    fn identities(&self, words: &Words<'_>) -> Vec<[QuestionId; 2]> {
        let links: BTreeSet<&LinkId> = self
            .conflicts
            .iter()
            .flat_map(|c| c.links.iter().chain(&c.hard_links))
            .collect();
        links
            .into_iter()
            .filter_map(|id| words.identified(id).map(|q| q.map(Clone::clone)))
            .collect()
    }

    /// The figures in it that are not listed as likely.
    fn less_likely(&self, words: &Words<'_>) -> Vec<Block> {
        let lead = self.lead(words);
        let here: BTreeSet<&ClaimId> = self.conflicts.iter().flat_map(|c| said(c)).collect();
        let mut rows = Vec::new();
        let mut total = 0;
        for question in &words.findings.questions {
            for candidate in &question.candidates {
                let (Some(belief), Some(plausibility)) = (candidate.belief, candidate.plausibility)
                else {
                    continue;
                };
                let leads = lead.is_some_and(|id| candidate.claims.contains(id));
                if belief > LIKELY || leads || !candidate.claims.iter().any(|id| here.contains(id))
                {
                    continue;
                }
                total += 1;
                if total <= LISTED {
                    rows.push(answer_row(words, question, candidate, belief, plausibility));
                }
            }
        }
        if rows.is_empty() {
            return Vec::new();
        }
        let mut out = vec![Block::Paragraph("How sure each figure is".to_owned())];
        out.extend(table(ANSWERS.to_vec(), rows, total));
        out
    }

    /// What would have to be given up.
    fn settled(&self, words: &Words<'_>) -> Vec<Block> {
        if self.repairs.is_empty() {
            return Vec::new();
        }
        let weighed = self.repairs.iter().any(|r| r.share.is_some());
        let rows: Vec<Vec<String>> = self
            .repairs
            .iter()
            .take(WAYS)
            .map(|r| {
                let mut cells = vec![given_up(words, r)];
                cells.extend(r.share.map(likelihood::figure));
                cells
            })
            .collect();
        let text = if weighed {
            "To let the rest hold, one of these must give way. Its chance is that none of it can be relied on; these chances overlap."
        } else {
            "To let the rest hold, one of these must give way:"
        };
        let mut out = vec![Block::Paragraph(text.to_owned())];
        let heads = if weighed {
            vec!["Give up", "Chance"]
        } else {
            vec!["Give up"]
        };
        out.extend(table(heads, rows, self.repairs.len()));
        let top = self.repairs.first().and_then(|r| r.share);
        let equal = self
            .repairs
            .iter()
            .filter(|r| matches!((r.share, top), (Some(s), Some(t)) if (s - t).abs() <= EQUAL))
            .count();
        if equal > 1 {
            let which = match equal {
                2 => "The first two".to_owned(),
                n => format!("The first {n}"),
            };
            let which = if equal == self.repairs.len() && equal == 2 {
                "The two".to_owned()
            } else {
                which
            };
            out.push(Block::Paragraph(format!(
                "{which} are equally suspect: nothing here tells them apart."
            )));
        }
        out
    }
}

/// An assumption with how likely it is, before and after.
fn assumption(words: &Words<'_>, id: &AssumptionId) -> String {
    let text = words.assumption(id);
    let assumptions = &words.findings.assumptions;
    let found = assumptions.binary_search_by(|a| a.id.cmp(id)).ok();
    match found.and_then(|place| assumptions.get(place)) {
        Some(a) => {
            let before = likelihood::figure(a.prior);
            match a.posterior {
                Some(after) => format!(
                    "{text} ({before} before, {} after weighing)",
                    likelihood::figure(after)
                ),
                None => format!("{text} ({before})"),
            }
        }
        None => text,
    }
}

/// "156 (John Coale, US envoy)", or "that Coale counted this release alone".
pub(crate) fn given_up(words: &Words<'_>, repair: &Repair) -> String {
    let mut claims: Vec<&ClaimId> = Vec::new();
    let mut links = Vec::new();
    for unit in &repair.give_up {
        match unit {
            GiveUp::Claim { id } => claims.push(id),
            GiveUp::Link { id } => links.push(match words.assumed_by(id) {
                [one] => format!("that {}", words.assumption(one)),
                _ => format!("that {}", words.formula(id)),
            }),
        }
    }
    let mut out = Vec::new();
    if !claims.is_empty() {
        out.push(words.figures(&claims));
    }
    out.extend(links);
    and(&out, 6)
}

/// A figure with its question.
fn placed(words: &Words<'_>, id: &ClaimId) -> String {
    match words.finding(id) {
        Some(finding) => words.answer(&finding.question, None, &words.dated(id)),
        None => words.dated(id),
    }
}

/// A figure, with its question where that is not the leading figure's.
fn beside_lead(words: &Words<'_>, lead: &ClaimId, id: &ClaimId) -> String {
    let question = |id: &ClaimId| words.finding(id).map(|f| &f.question);
    if question(lead) == question(id) {
        words.dated(id)
    } else {
        placed(words, id)
    }
}

/// How sure the figure is, for its own question and for those an identity makes of it.
fn worth(words: &Words<'_>, lead: &ClaimId, identities: &[[QuestionId; 2]]) -> Option<Block> {
    let finding = words.finding(lead)?;
    let as_of = words
        .findings
        .questions
        .iter()
        .filter(|q| q.id == finding.question)
        .find(|q| q.candidates.iter().any(|c| c.claims.contains(lead)))?
        .as_of
        .as_deref();
    let mut questions = vec![&finding.question];
    for pair in identities {
        let [a, b] = pair;
        if a == &finding.question {
            questions.push(b);
        } else if b == &finding.question {
            questions.push(a);
        }
    }
    let value = value(&finding.entailed)?;
    let mut texts: Vec<String> = Vec::new();
    for question in &questions {
        let sure = match as_of {
            None => words.findings.belief(question.as_str(), value.clone()),
            Some(at) => words
                .findings
                .belief_at(question.as_str(), at, value.clone()),
        };
        let Ok(sure) = sure else { continue };
        let most = if sure.plausibility - sure.belief > 5e-3 {
            format!(", at most {}", likelihood::figure(sure.plausibility))
        } else {
            String::new()
        };
        let told = format!(
            "{} ({}{most})",
            likelihood::standing(sure.belief, sure.plausibility),
            likelihood::figure(sure.belief),
        );
        if questions.len() == 1 {
            return Some(Block::Paragraph(format!("How sure it is: {told}.")));
        }
        texts.push(format!(
            "as an answer to {}: {told}",
            quoted(&words.question(question, as_of))
        ));
    }
    (!texts.is_empty()).then(|| {
        let text = texts.join("; ");
        Block::Paragraph(format!("How sure {} is, {text}.", words.figure(lead)))
    })
}

/// A set as a value to ask about.
pub(crate) fn value(set: &Answers) -> Option<Value> {
    let item = |a: &Answer| match a {
        Answer::Number(n) => u64::try_from(*n).ok().map(Item::Number),
        Answer::Text(text) => Some(Item::Text(text.clone())),
    };
    let items = |list: &[Answer]| list.iter().map(item).collect::<Option<Vec<Item>>>();
    match set {
        Answers::Between { min, max } => match (min, max) {
            (Some(a), Some(b)) => Some(Value::between(item(a)?, item(b)?)),
            (Some(a), None) => Some(Value::at_least(item(a)?)),
            (None, Some(b)) => Some(Value::at_most(item(b)?)),
            (None, None) => None,
        },
        Answers::OneOf(list) => Some(Value::one_of(items(list)?)),
        Answers::NoneOf(list) => Some(Value::none_of(items(list)?)),
    }
}

/// What all statements of a conflict but the leading one make together: "freed 123".
fn follows(words: &Words<'_>, conflict: &Conflict, lead: &ClaimId) -> Option<String> {
    let others: BTreeSet<&ClaimId> = said(conflict).filter(|id| *id != lead).collect();
    let mut behind: Vec<BTreeSet<&ClaimId>> = Vec::new();
    for step in &conflict.derivation {
        let Step::Narrow {
            ground,
            variable,
            bound,
            because,
            ..
        } = step
        else {
            return None;
        };
        let mut claims: BTreeSet<&ClaimId> = because
            .iter()
            .filter_map(|line| behind.get(*line))
            .flatten()
            .copied()
            .collect();
        if let Ground::Claim { id } = ground {
            claims.insert(id);
        }
        if claims == others {
            let kind = words.kind(&variable.question);
            let empty = matches!(bound, Answers::OneOf(items) if items.is_empty());
            return (!empty).then(|| {
                let figure = values::answers(bound, kind);
                let question = words.question(&variable.question, variable.as_of.as_deref());
                format!("{} {figure}", quoted(&question))
            });
        }
        behind.push(claims);
    }
    None
}
