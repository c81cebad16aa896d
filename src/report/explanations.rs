//! Explanations and questions in words: what may have happened, and whom to ask. Nothing is asserted.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::page::and;
use super::values;
use super::words::{Words, quoted};
use crate::buckets::Buckets;
use crate::claims::dossier::Dossier;
use crate::claims::id::{AssumptionId, ClaimId, QuestionId};
use crate::claims::question::Kind;
use crate::findings::ask::{Ask, AskAbout};
use crate::findings::explain::Explanation;
use crate::findings::explain::cause::{Cause, FigureSum, Given, KnownFigure};
use crate::findings::reconcile::Findings;

/// What may have happened, in a sentence or two.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Letter, Question, Source, reconcile, report};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("register").reliability(Letter::A))
///     .source(Source::new("brochure").name("a brochure").reliability(Letter::A))
///     .question(Question::count("inhabitants"))
///     .claim(Claim::new("a").question("inhabitants").source("register").value(334_002))
///     .claim(Claim::new("b").question("inhabitants").source("brochure").value(334_000))
///     .build()?;
/// let findings = reconcile(dossier);
/// let first = &findings.explanations().list[0];
/// assert_eq!(
///     report::says(&findings, first),
///     "334,000 (a brochure) may be 334,002 rounded to the nearest ten.",
/// );
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn says(findings: &Findings, explanation: &Explanation) -> String {
    Told::new(&Words::new(findings)).says(explanation)
}

/// What to ask to settle it; nothing for the unexplained.
pub fn settled_by(findings: &Findings, explanation: &Explanation) -> Option<String> {
    Told::new(&Words::new(findings)).settled_by(explanation)
}

/// What to ask next, as a request to the reader.
pub fn ask_says(findings: &Findings, ask: &Ask) -> String {
    Told::new(&Words::new(findings)).ask(ask)
}

/// Words about explanations and questions.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    words: &'a Words<'a>,
    /// Made when the first question about an assumption is worded.
    users: OnceCell<Users>,
}

/// Who uses an assumption, and who answers a question, by places in the dossier.
#[derive(Debug)]
struct Users {
    claims: Buckets,
    links: Buckets,
    on: Buckets,
}

/// Things named in one sentence.
const NAMED: usize = 6;

impl Users {
    fn new(dossier: &Dossier) -> Self {
        let (assumptions, questions) = (dossier.assumptions.len(), dossier.questions.len());
        let claims = dossier.resolved.claims.iter().enumerate();
        let links = dossier.resolved.links.iter().enumerate();
        let used = |(i, list): (usize, &'_ [usize])| -> Vec<(usize, usize)> {
            list.iter().map(|a| (*a, i)).collect()
        };
        Self {
            on: Buckets::new(questions, claims.clone().map(|(i, c)| (c.question, i))),
            claims: Buckets::new(
                assumptions,
                claims.flat_map(|(i, c)| used((i, &c.assuming))),
            ),
            links: Buckets::new(assumptions, links.flat_map(|(i, l)| used((i, &l.assuming)))),
        }
    }
}

impl<'a> Told<'a> {
    pub(crate) fn new(words: &'a Words<'a>) -> Self {
        Self {
            words,
            users: OnceCell::new(),
        }
    }

    pub(crate) fn says(&self, explanation: &Explanation) -> String {
        let mut text = self.cause(explanation);
        if explanation.may_be_coincidence() {
            text.push_str(" Chance alone would often make such a match.");
        }
        text
    }

    fn cause(&self, e: &Explanation) -> String {
        let subject = self.subject(&e.claims);
        match &e.cause {
            Cause::Scope { question } => format!(
                "{subject} may not be about {} but about a part of it, or a wider group.",
                self.topic(question)
            ),
            Cause::CountedIn {
                figure,
                becomes,
                sums,
                ..
            } => {
                let formulas: Vec<String> = sums
                    .iter()
                    .map(|s| self.formula(*figure, becomes, s))
                    .collect();
                let verb = match sums.first() {
                    Some(s) if !s.plus => "leave others out",
                    _ => "count others in",
                };
                format!("{subject} may {verb}: {}.", formulas.join("; or "))
            }
            Cause::AsOf { stale: false, .. } => {
                let mut days: Vec<(&str, String)> = e
                    .claims
                    .iter()
                    .filter_map(|c| {
                        let claim = self.words.findings.dossier().claim(c.as_str())?;
                        Some((claim.more.as_of.as_ref()?.0.as_str(), self.words.figure(c)))
                    })
                    .collect();
                days.sort();
                days.dedup();
                let days: Vec<String> = days
                    .into_iter()
                    .map(|(day, figure)| format!("{figure} as of {}", values::when(day)))
                    .collect();
                format!(
                    "The figures may be of different days of a count that grows: {}.",
                    and(&days, NAMED)
                )
            }
            Cause::AsOf { stale: true, .. } => {
                format!("{subject} may be older than it is dated.")
            }
            Cause::Rounding { becomes, unit, .. } => format!(
                "{subject} may be {} rounded to the nearest {}.",
                Self::given(becomes),
                unit_name(*unit)
            ),
            Cause::Magnitude {
                becomes,
                rounded,
                factor,
                too_large,
                ..
            } => {
                let size = if *too_large { "large" } else { "small" };
                let times = if *factor == 10 { "ten" } else { "a thousand" };
                let rounded = if rounded.is_some() { ", rounded" } else { "" };
                format!(
                    "{subject} may be {times} times too {size}, for {}{rounded}: a slip of a zero or of the unit.",
                    Self::given(becomes)
                )
            }
            Cause::Typo { becomes, .. } => {
                format!("{subject} may be a misprint of {}.", Self::given(becomes))
            }
            Cause::OneOff {
                figure, becomes, ..
            } => {
                let word = if *figure < becomes.value {
                    "one short of"
                } else {
                    "one more than"
                };
                format!(
                    "{subject} may be {word} {} by counting someone, or a first or last one, in or out.",
                    Self::given(becomes)
                )
            }
            Cause::Swap {
                source,
                first,
                second,
            } => format!(
                "{} may have exchanged two figures: {} for {} and {} for {}.",
                self.words.source(source),
                number(first.figure),
                self.topic(&first.question),
                number(second.figure),
                self.topic(&second.question)
            ),
            Cause::Definition { assumption } => {
                format!("It may not hold that {}.", self.assumption(assumption))
            }
            Cause::Misquote { outlet, source } => format!(
                "{} may not have passed on what {} said: {}.",
                self.words.source(outlet),
                self.words.source(source),
                self.figures(&e.claims)
            ),
            Cause::Revision { source, later } => format!(
                "{} may since have replaced {} by {}.",
                self.words.source(source),
                self.figures(&e.claims),
                self.figures(later)
            ),
            Cause::Reading { suggested } => format!(
                "{subject} may not be meant as it is usually taken ({}); the words allow more.",
                values::answers(suggested, self.kind_of(&e.claims))
            ),
            Cause::Error { source } => format!(
                "{} may simply be wrong about {}: {}.",
                self.words.source(source),
                self.topic_of(&e.claims),
                self.figures(&e.claims)
            ),
            Cause::Unexplained {} => {
                "Something that is not on this list may be behind it.".to_owned()
            }
        }
    }

    pub(crate) fn settled_by(&self, e: &Explanation) -> Option<String> {
        let whom = closed(self.speakers(&e.claims));
        Some(match &e.cause {
            Cause::Scope { .. } => {
                format!(
                    "Ask {whom} who exactly is counted in {}.",
                    self.figures(&e.claims)
                )
            }
            Cause::CountedIn { figure, sums, .. } => {
                let sum = sums.first()?;
                let parts: Vec<String> = sum
                    .figures
                    .iter()
                    .map(|f| format!("{} {}", number(f.value), self.described(f)))
                    .collect();
                let verb = if sum.plus { "include" } else { "leave out" };
                format!(
                    "Ask {whom} whether the {} {verb} {}.",
                    number(*figure),
                    and(&parts, NAMED)
                )
            }
            Cause::AsOf { .. } => {
                format!(
                    "Ask {whom} for which day {} was counted.",
                    self.figures(&e.claims)
                )
            }
            Cause::Rounding { figure, .. } => {
                format!(
                    "Ask {whom} for the exact figure behind {}.",
                    number(*figure)
                )
            }
            Cause::Magnitude { figure, .. } | Cause::Typo { figure, .. } => {
                format!("Ask {whom} to check {} against the notes.", number(*figure))
            }
            Cause::OneOff { figure, .. } => {
                format!(
                    "Ask {whom} whether the {} are all, or all the others.",
                    number(*figure)
                )
            }
            Cause::Swap {
                source,
                first,
                second,
            } => format!(
                "Ask {} which of {} and {} is for {}.",
                closed(self.words.source(source)),
                number(first.figure),
                number(second.figure),
                self.topic(&first.question)
            ),
            Cause::Definition { assumption } => {
                return Some(self.ask_assumption(assumption));
            }
            Cause::Misquote { source, .. } => {
                format!(
                    "Ask {} what was said, in the original.",
                    closed(self.words.source(source))
                )
            }
            Cause::Revision { source, .. } => {
                format!(
                    "Ask {} which figure stands.",
                    closed(self.words.source(source))
                )
            }
            Cause::Reading { .. } => {
                format!("Ask {whom} what is meant by {}.", self.figures(&e.claims))
            }
            Cause::Error { source } => {
                format!(
                    "Ask {} how {} was arrived at.",
                    closed(self.words.source(source)),
                    self.figures(&e.claims)
                )
            }
            Cause::Unexplained {} => return None,
        })
    }

    pub(crate) fn ask(&self, ask: &Ask) -> String {
        match &ask.about {
            AskAbout::Assumption { id } => self.ask_assumption(id),
            AskAbout::Claim { id } => {
                let claims = std::slice::from_ref(id);
                format!(
                    "Ask {} how {} was arrived at, and what it counts.",
                    closed(self.speakers(claims)),
                    self.figures(claims)
                )
            }
        }
    }

    /// Asks those whose claims rest on an assumption, or else answer the questions of a link that does, whether it holds.
    fn ask_assumption(&self, id: &AssumptionId) -> String {
        let dossier = self.words.findings.dossier();
        let users = self.users.get_or_init(|| Users::new(dossier));
        let place = dossier
            .assumptions()
            .binary_search_by(|a| a.id.cmp(id))
            .unwrap_or(usize::MAX);
        let mut whom: &[usize] = users.claims.of(place);
        if whom.is_empty() {
            // Of a link's questions the one with the fewest speakers: the figure whose meaning is in doubt.
            let links = users.links.of(place).iter();
            whom = links
                .filter_map(|l| dossier.resolved.links.get(*l))
                .flat_map(|l| l.names.iter().map(|q| users.on.of(*q)))
                .filter(|l| !l.is_empty())
                .min_by_key(|l| l.len())
                .unwrap_or_default();
        }
        let whom = if whom.is_empty() {
            "someone who knows".to_owned()
        } else {
            closed(
                self.speakers(
                    whom.iter()
                        .filter_map(|c| Some(&dossier.claims.get(*c)?.id)),
                ),
            )
        };
        format!("Ask {whom} whether it holds that {}.", self.assumption(id))
    }

    fn assumption(&self, id: &AssumptionId) -> String {
        lower_first(&self.words.assumption(id))
    }

    fn topic(&self, id: &QuestionId) -> String {
        quoted(self.words.topic(id).trim_end_matches(['?', '.']))
    }

    fn question_of(&self, claims: &[ClaimId]) -> Option<&QuestionId> {
        Some(&self.words.finding(claims.first()?)?.question)
    }

    fn topic_of(&self, claims: &[ClaimId]) -> String {
        self.question_of(claims)
            .map_or_else(|| "it".to_owned(), |q| self.topic(q))
    }

    fn kind_of(&self, claims: &[ClaimId]) -> Kind {
        self.question_of(claims)
            .map(|q| self.words.kind(q))
            .unwrap_or_default()
    }

    /// What some claims say, each figure once.
    fn figures(&self, claims: &[ClaimId]) -> String {
        let mut figures: Vec<String> = Vec::new();
        for claim in claims {
            let figure = self.words.figure(claim);
            if !figures.contains(&figure) {
                figures.push(figure);
            }
        }
        and(&figures, NAMED)
    }

    /// Who makes some claims, each once.
    fn speakers<'b>(&self, claims: impl IntoIterator<Item = &'b ClaimId>) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        for claim in claims {
            if let Some(name) = self.words.source_of(claim)
                && seen.insert(name.clone())
            {
                names.push(name);
            }
        }
        and(&names, NAMED)
    }

    /// Figures with who gives them: `156 (John Coale, US envoy)`.
    fn subject(&self, claims: &[ClaimId]) -> String {
        let claims: Vec<&ClaimId> = claims.iter().collect();
        self.words.figures_as(&claims, |id| self.words.figure(id))
    }

    fn given(given: &Given) -> String {
        let figure = number(given.value);
        if given.is_bound {
            format!("{figure}, the limit that the others set")
        } else if given.links.is_empty() {
            figure
        } else {
            format!("{figure}, which the other figures add up to")
        }
    }

    fn described(&self, figure: &KnownFigure) -> String {
        format!("of {}", self.topic(&figure.question))
    }

    fn formula(&self, figure: u64, base: &Given, sum: &FigureSum) -> String {
        let sign = if sum.plus { " + " } else { " − " };
        let mut text = format!("{} = {}", number(figure), number(base.value));
        for part in &sum.figures {
            text.push_str(sign);
            text.push_str(&number(part.value));
        }
        let parts: Vec<String> = sum
            .figures
            .iter()
            .map(|f| format!("{} {}", number(f.value), self.described(f)))
            .collect();
        format!("{text} ({})", and(&parts, NAMED))
    }
}

fn unit_name(unit: u64) -> String {
    match unit {
        10 => "ten".to_owned(),
        100 => "hundred".to_owned(),
        1_000 => "thousand".to_owned(),
        1_000_000 => "million".to_owned(),
        other => number(other),
    }
}

/// A sentence as part of another: its first letter small, unless it begins with a name or a number.
fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let small = ["The ", "A ", "An ", "All ", "Everyone ", "This ", "It "];
    match text.chars().next() {
        Some(first) if small.iter().any(|s| text.starts_with(s)) => {
            first.to_lowercase().collect::<String>()
                + text.get(first.len_utf8()..).unwrap_or_default()
        }
        _ => text.to_owned(),
    }
}

fn number(n: u64) -> String {
    values::number(n.into())
}

/// A name before further words: one with a comma in it needs another after it.
fn closed(name: String) -> String {
    if name.contains(',') && !name.ends_with(')') {
        name + ","
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_are_closed() {
        assert_eq!(closed("AFP".to_owned()), "AFP");
        assert_eq!(
            closed("John Coale, US envoy".to_owned()),
            "John Coale, US envoy,"
        );
    }

    #[test]
    fn sentences_within_sentences() {
        assert_eq!(
            lower_first("Coale's figure is new."),
            "Coale's figure is new"
        );
        assert_eq!(lower_first("The database is new"), "the database is new");
    }
}
