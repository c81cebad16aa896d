//! What things are called, and the sentence for a conflict.

use std::collections::BTreeMap;

use super::explanations::Told;
use super::likelihood;
use super::page::{Block, Reason, and, capital, counted, plain};
use super::values;
use crate::claims::claim::Claim;
use crate::claims::dossier::{Dossier, ResolvedClaim};
use crate::claims::id::{AssumptionId, ClaimId, LinkId, QuestionId, SourceId};
use crate::claims::question::{Kind, Question};
use crate::claims::source::Source;
use crate::claims::value::{Item, Layer};
use crate::findings::derivation::{Ground, Step};
use crate::findings::reconcile::Findings;
use crate::findings::result::{ClaimFinding, Conflict, ConflictKind, ConflictUnit};
use crate::sets::day;

/// Words about some findings.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    pub(crate) findings: &'a Findings,
    /// For each claim that others replace, the first of those by id.
    replaced: BTreeMap<&'a str, &'a ClaimId>,
}

/// A claim with what belongs to it.
struct Known<'a> {
    claim: &'a Claim,
    resolved: &'a ResolvedClaim,
    finding: &'a ClaimFinding,
    source: &'a Source,
    question: &'a Question,
}

/// Characters of a name, a figure or a formula that are shown.
const NAME: usize = 60;
/// Characters of a sentence of the dossier that are shown.
const SENTENCE: usize = 160;
/// Characters of an explanation or a question to a person that are shown.
const REASON: usize = 500;
/// Things named in one sentence.
const NAMED: usize = 6;

impl<'a> Words<'a> {
    pub(crate) fn new(findings: &'a Findings) -> Self {
        let mut replaced = BTreeMap::new();
        for claim in findings.dossier().claims() {
            for old in &claim.more.supersedes {
                replaced.entry(old.as_str()).or_insert(&claim.id);
            }
        }
        Self { findings, replaced }
    }

    fn dossier(&self) -> &'a Dossier {
        self.findings.dossier()
    }

    /// All about a claim, looked up once.
    fn known(&self, id: &ClaimId) -> Option<Known<'a>> {
        let dossier = self.dossier();
        let place = dossier.claims.binary_search_by(|c| c.id.cmp(id)).ok()?;
        let resolved = dossier.resolved.claims.get(place)?;
        Some(Known {
            claim: dossier.claims.get(place)?,
            resolved,
            // Findings are in the order of the claims.
            finding: self.findings.claims.get(place)?,
            source: dossier.sources.get(resolved.source)?,
            question: dossier.questions.get(resolved.question)?,
        })
    }

    pub(crate) fn finding(&self, id: &ClaimId) -> Option<&'a ClaimFinding> {
        self.findings.claim(id.as_str())
    }

    /// A source by its name, or else its id.
    pub(crate) fn source(&self, id: &SourceId) -> String {
        let label = self
            .dossier()
            .source(id.as_str())
            .map_or(id.as_str(), |s| s.label());
        named(label, id.as_str(), NAME)
    }

    /// The source of a claim, in the same way.
    pub(crate) fn source_of(&self, claim: &ClaimId) -> Option<String> {
        let source = self.known(claim)?.source;
        Some(named(source.label(), source.id.as_str(), NAME))
    }

    /// A source as one that stands behind a figure: unrated where nobody graded it.
    pub(crate) fn backer(&self, id: &SourceId) -> String {
        let unrated = self
            .dossier()
            .source(id.as_str())
            .is_some_and(Source::is_unrated);
        let name = self.source(id);
        if unrated {
            format!("{name} (unrated)")
        } else {
            name
        }
    }

    /// Who makes a claim, and on what assumption it is theirs.
    pub(crate) fn speaker(&self, id: &ClaimId) -> String {
        let Some(source) = self.source_of(id) else {
            return String::new();
        };
        match self.condition(id) {
            Some(condition) => format!("{source}, if {condition}"),
            None => source,
        }
    }

    /// The declared assumptions of a claim.
    pub(crate) fn condition(&self, id: &ClaimId) -> Option<String> {
        let claim = self.known(id)?.claim;
        let assumed: Vec<String> = claim
            .more
            .assuming
            .iter()
            .map(|a| self.assumption(a))
            .collect();
        (!assumed.is_empty()).then(|| and(&assumed, NAMED))
    }

    /// The outlets a claim came through: ", through AFP".
    pub(crate) fn through(&self, id: &ClaimId) -> String {
        let outlets: Vec<String> = self
            .known(id)
            .map(|known| {
                known
                    .claim
                    .outlets()
                    .iter()
                    .map(|o| self.source(o))
                    .collect()
            })
            .unwrap_or_default();
        if outlets.is_empty() {
            String::new()
        } else {
            format!(", through {}", and(&outlets, NAMED))
        }
    }

    /// A question in its own words, or else by its id, without its time.
    pub(crate) fn topic(&self, id: &QuestionId) -> String {
        let wording = self
            .dossier()
            .question(id.as_str())
            .and_then(|q| q.wording());
        let spaced = id.as_str().replace('_', " ");
        named(wording.unwrap_or(&spaced), id.as_str(), NAME)
    }

    /// A question at its time.
    pub(crate) fn question(&self, id: &QuestionId, as_of: Option<&str>) -> String {
        match as_of {
            None => self.topic(id),
            Some(at) => format!("{}, as of {}", self.topic(id), values::when(at)),
        }
    }

    pub(crate) fn kind(&self, id: &QuestionId) -> Kind {
        self.dossier()
            .question(id.as_str())
            .map(Question::kind)
            .unwrap_or_default()
    }

    /// "freed: at least 123 prisoners".
    pub(crate) fn answer(&self, id: &QuestionId, as_of: Option<&str>, figure: &str) -> String {
        let question = self.question(id, as_of);
        if question.ends_with(['?', ':']) {
            format!("{question} {}", capital(figure))
        } else {
            format!("{question}: {figure}")
        }
    }

    /// A figure with what it counts, unless its own words say it.
    pub(crate) fn with_unit(&self, id: &QuestionId, figure: String) -> String {
        let unit = self
            .dossier()
            .question(id.as_str())
            .and_then(|q| q.counted_unit())
            .map(|u| plain(u, 30))
            .unwrap_or_default();
        if unit.is_empty() || self.kind(id) != Kind::Count || figure.ends_with(char::is_alphabetic)
        {
            figure
        } else {
            format!("{figure} {unit}")
        }
    }

    /// What a claim says, in its own words where they hedge, without its time.
    pub(crate) fn figure(&self, id: &ClaimId) -> String {
        let Some(known) = self.known(id) else {
            return plain(id.as_str(), NAME);
        };
        let Known {
            claim,
            resolved,
            finding,
            ..
        } = known;
        let kind = known.question.kind();
        let phrase = match claim.value.as_ref().map(|v| &v.entailed) {
            Some(Layer::Item(Item::Text(text))) if kind != Kind::Category => Some(text),
            _ => None,
        };
        // An exact count is said in figures, however it was written; a day likewise, unless it is about one.
        match (phrase, resolved.reading.entailed().single().is_some(), kind) {
            (Some(text), false, Kind::Count) => plain(text, NAME),
            (Some(text), _, Kind::Date) if text.contains('~') => match &finding.suggested {
                Some(suggested) => format!("about {}", values::answers(&suggested.set, kind)),
                None => values::answers(&finding.entailed, kind),
            },
            _ if resolved.from_below => match resolved.reading.entailed().single() {
                Some(n) => values::number(n),
                None => values::answers(&finding.entailed, kind),
            },
            _ => values::answers(&finding.entailed, kind),
        }
    }

    /// Whether a claim of a running total is only known to have been true by some day.
    pub(crate) fn is_from_below(&self, id: &ClaimId) -> bool {
        self.known(id)
            .is_some_and(|known| known.resolved.from_below)
    }

    /// The same with its time, on questions that change over time.
    pub(crate) fn dated(&self, id: &ClaimId) -> String {
        let figure = self.figure(id);
        match self.time(id) {
            None => figure,
            Some((at, true)) => format!("{figure} by {at}"),
            Some((at, false)) => format!("{figure} as of {at}"),
        }
    }

    /// The time of a claim, and whether it is only known to be no later.
    pub(crate) fn time(&self, id: &ClaimId) -> Option<(String, bool)> {
        let resolved = self.known(id)?.resolved;
        let at = values::when(&day::print_instant(resolved.at?));
        Some((at, resolved.from_below))
    }

    /// "156 (John Coale, US envoy)".
    pub(crate) fn told(&self, id: &ClaimId) -> String {
        let who = self.finding(id).map(|f| self.source(&f.source));
        format!("{} ({})", self.dated(id), who.unwrap_or_default())
    }

    /// What a claim was said in, if recorded.
    pub(crate) fn quote(&self, id: &ClaimId) -> Option<String> {
        let words = plain(self.known(id)?.claim.words()?, SENTENCE);
        (!words.is_empty()).then_some(words)
    }

    /// Which claim replaces this one.
    pub(crate) fn replaced_by(&self, id: &ClaimId) -> Option<&'a ClaimId> {
        self.replaced.get(id.as_str()).copied()
    }

    /// A link's formula.
    pub(crate) fn formula(&self, id: &LinkId) -> String {
        let formula = self
            .dossier()
            .link(id.as_str())
            .map_or(id.as_str(), |l| l.formula());
        plain(formula, 2 * NAME)
    }

    /// A link's formula, and what it says in words.
    pub(crate) fn link(&self, id: &LinkId) -> String {
        let wording = self
            .dossier()
            .link(id.as_str())
            .and_then(|l| l.wording())
            .map(|w| sentence(w, SENTENCE))
            .filter(|w| !w.is_empty());
        match wording {
            Some(wording) => format!("{} ({wording})", self.formula(id)),
            None => self.formula(id),
        }
    }

    /// The declared assumptions of a soft link.
    pub(crate) fn assumed_by(&self, id: &LinkId) -> &'a [AssumptionId] {
        self.dossier()
            .link(id.as_str())
            .map_or(&[], |l| l.assuming.as_slice())
    }

    /// An assumption in words.
    pub(crate) fn assumption(&self, id: &AssumptionId) -> String {
        let label = self
            .dossier()
            .assumption(id.as_str())
            .map_or(id.as_str(), |a| a.label());
        named(&sentence(label, SENTENCE), id.as_str(), SENTENCE)
    }

    /// Figures with who gives them: "123 (A; B) and 114 and 9 (C)".
    pub(crate) fn figures(&self, claims: &[&ClaimId]) -> String {
        self.figures_as(claims, |id| self.dated(id))
    }

    /// The same, each figure told in some other way.
    pub(crate) fn figures_as(
        &self,
        claims: &[&ClaimId],
        told: impl Fn(&ClaimId) -> String,
    ) -> String {
        let mut by_figure: Vec<(String, Vec<String>)> = Vec::new();
        for id in claims {
            let Some(finding) = self.finding(id) else {
                continue;
            };
            let (figure, who) = (told(id), self.source(&finding.source));
            match by_figure
                .iter_mut()
                .find(|(f, names)| *f == figure && !names.contains(&who))
            {
                Some((_, names)) => names.push(who),
                None => by_figure.push((figure, vec![who])),
            }
        }
        let mut by_sources: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        for (figure, names) in by_figure {
            match by_sources.iter_mut().find(|(n, _)| *n == names) {
                Some((_, figures)) => figures.push(figure),
                None => by_sources.push((names, vec![figure])),
            }
        }
        let told: Vec<String> = by_sources
            .iter()
            .map(|(names, figures)| {
                let names = super::page::cut(names.clone(), NAMED).join("; ");
                format!("{} ({names})", and(figures, NAMED))
            })
            .collect();
        and(&told, NAMED)
    }

    /// The claims of a conflict's statements, first the one most involved.
    pub(crate) fn statements<'c>(&self, conflict: &'c Conflict) -> Vec<&'c ClaimId> {
        let mut claims: Vec<&ClaimId> = conflict
            .units
            .iter()
            .filter_map(|u| match u {
                ConflictUnit::Said(id) | ConflictUnit::Meant(id) => Some(id),
                ConflictUnit::Link(_) => None,
            })
            .collect();
        let share = |id: &ClaimId| self.finding(id).map_or(0.0, |f| f.involvement.value());
        let most = claims.iter().map(|id| share(id)).fold(0.0, f64::max);
        if let Some(place) = claims.iter().position(|id| share(id) >= most - 1e-12) {
            let lead = claims.remove(place);
            claims.insert(0, lead);
        }
        claims
    }

    /// The links and assumptions a conflict goes through: "freed = a + b, and assuming that ...".
    pub(crate) fn ways(&self, conflict: &Conflict) -> String {
        let mut ways: Vec<String> = conflict
            .hard_links
            .iter()
            .chain(&conflict.links)
            .filter(|id| {
                // The assumption in words says more than an identity that rests on it alone.
                !(self.is_identity(id) && self.assumed_by(id).len() == 1)
            })
            .map(|id| self.formula(id))
            .collect();
        let grounds = grounds(&conflict.derivation);
        if grounds.iter().any(|g| matches!(g, Ground::Growth { .. })) {
            ways.push("a running total never shrinks".to_owned());
        }
        let mut out = super::page::cut(ways, NAMED).join(", ");
        let assumed: Vec<String> = conflict
            .assumptions
            .iter()
            .map(|id| self.assumption(id))
            .collect();
        if !assumed.is_empty() {
            if !out.is_empty() {
                out.push_str(", and ");
            }
            out.push_str("assuming ");
            out.push_str(&and(&assumed, NAMED));
        }
        out
    }

    /// Whether a link only says that two questions have one answer.
    pub(crate) fn is_identity(&self, id: &LinkId) -> bool {
        self.identified(id).is_some()
    }

    /// The two questions a link identifies.
    pub(crate) fn identified(&self, id: &LinkId) -> Option<[&'a QuestionId; 2]> {
        let dossier = self.dossier();
        let place = dossier
            .links
            .binary_search_by(|l| l.name().cmp(id.as_str()))
            .ok()?;
        let row = dossier.resolved.links.get(place)?;
        match row.terms.as_slice() {
            [(a, x), (b, y)] if row.equal && row.right == 0 && x + y == 0 => Some([
                &dossier.questions.get(*a)?.id,
                &dossier.questions.get(*b)?.id,
            ]),
            _ => None,
        }
    }

    /// Why a conflict is one, in a sentence.
    pub(crate) fn because(&self, conflict: &Conflict) -> String {
        let through = self.ways(conflict);
        let after = |text: String| {
            if through.is_empty() {
                text
            } else {
                format!("{text}: {through}")
            }
        };
        if conflict.kind == ConflictKind::Tension {
            return self.tension(conflict, &through);
        }
        match self.statements(conflict).as_slice() {
            [] => after("Links cannot hold together".to_owned()),
            [one] => after(format!("{} cannot hold", self.told(one))),
            [lead, others @ ..] => {
                let text = format!(
                    "{} cannot hold together with {}",
                    self.told(lead),
                    self.figures(others)
                );
                if through.is_empty() {
                    let about = self.finding(lead).map(|f| self.topic(&f.question));
                    let all = if others.len() == 1 { "both" } else { "all" };
                    format!(
                        "{text}: {all} are about {}",
                        quoted(&about.unwrap_or_default())
                    )
                } else {
                    after(text)
                }
            }
        }
    }

    /// Why the figures of a dispute may differ, as far as anything explains them.
    pub(crate) fn reasons(&self, dispute: &str) -> Option<Block> {
        let list = self.findings.explanations().list.iter().enumerate();
        let told = Told::new(self);
        let reasons: Vec<Reason> = list
            .filter(|(_, e)| e.dispute == dispute)
            .map(|(place, e)| Reason {
                place,
                says: capital(&plain(&told.says(e), REASON)),
                settled_by: told.settled_by(e).map(|q| plain(&q, REASON)),
                share: likelihood::figure(e.share),
            })
            .collect();
        (!reasons.is_empty()).then_some(Block::Reasons(reasons))
    }

    fn tension(&self, conflict: &Conflict, through: &str) -> String {
        let mut meant = Vec::new();
        let mut said = Vec::new();
        for unit in &conflict.units {
            match unit {
                ConflictUnit::Meant(id) => {
                    let suggested = self.finding(id).and_then(|f| {
                        let kind = self.kind(&f.question);
                        f.suggested.as_ref().map(|s| values::answers(&s.set, kind))
                    });
                    meant.push(format!(
                        "{} usually means {}",
                        self.told(id),
                        suggested.unwrap_or_default()
                    ));
                }
                ConflictUnit::Said(id) => said.push(id),
                ConflictUnit::Link(_) => {}
            }
        }
        let mut out = and(&meant, NAMED);
        match (said.is_empty(), meant.len()) {
            (false, 1) => {
                out.push_str(", which does not go with ");
                out.push_str(&self.figures(&said));
            }
            (false, _) => {
                out.push_str(", which do not go together with ");
                out.push_str(&self.figures(&said));
            }
            (true, 1) => out.push_str(", which cannot be"),
            (true, _) => out.push_str(", which do not go together"),
        }
        if !through.is_empty() {
            out.push_str(", because of ");
            out.push_str(through);
        }
        let all = if conflict.units.len() == 2 {
            "both"
        } else {
            "all"
        };
        out.push_str("; taken literally, ");
        out.push_str(all);
        out.push_str(" can hold");
        out
    }
}

/// "one contradiction", "at least 1,000 contradictions".
pub(crate) fn at_least(n: u64, more: bool, one: &str, many: &str) -> String {
    let words = counted(n, one, many);
    if more {
        format!("at least {words}")
    } else {
        words
    }
}

/// All that a derivation rests on.
pub(crate) fn grounds(steps: &[Step]) -> Vec<&Ground> {
    let mut out = Vec::new();
    let mut left: Vec<&Step> = steps.iter().collect();
    while let Some(step) = left.pop() {
        match step {
            Step::Narrow { ground, .. } => out.push(ground),
            Step::Sum { of, .. } => out.extend(of.iter().filter_map(|(addend, _)| match addend {
                crate::findings::derivation::Addend::Row { ground } => Some(ground),
                _ => None,
            })),
            Step::Cases { cases, .. } => left.extend(cases.iter().flatten()),
        }
    }
    out
}

/// In quotation marks, those within it made single.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'"))
}

/// A sentence of the dossier within one of ours: without its full stop.
fn sentence(text: &str, limit: usize) -> String {
    plain(text, limit).trim_end_matches(['.', ' ']).to_owned()
}

/// A name, or else an id, or else that there is none.
fn named(name: &str, id: &str, limit: usize) -> String {
    for text in [name, id] {
        let text = plain(text, limit);
        if !text.is_empty() {
            return text;
        }
    }
    "(no name)".to_owned()
}
