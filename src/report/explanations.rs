//! Explanations and questions in words: what may have happened, and whom to ask. Nothing is asserted.

use crate::claims::claim::Claim;
use crate::claims::id::{ClaimId, QuestionId, SourceId};
use crate::claims::value::{Item, Layer};
use crate::findings::answers::{Answer, Answers};
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
    let told = Told { findings };
    let mut text = told.cause(explanation);
    if explanation.may_be_coincidence() {
        text.push_str(" Chance alone would often make such a match.");
    }
    text
}

/// What to ask to settle it; nothing for the unexplained.
pub fn settled_by(findings: &Findings, explanation: &Explanation) -> Option<String> {
    Told { findings }.question(explanation)
}

/// What to ask next, as a request to the reader.
pub fn ask_says(findings: &Findings, ask: &Ask) -> String {
    Told { findings }.ask(ask)
}

struct Told<'a> {
    findings: &'a Findings,
}

impl Told<'_> {
    fn cause(&self, e: &Explanation) -> String {
        let subject = self.subject(&e.claims);
        match &e.cause {
            Cause::Scope { question } => format!(
                "{subject} may be about something else than the other figures for {}: a part of it, or a wider group.",
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
                let mut days: Vec<(String, String)> = e
                    .claims
                    .iter()
                    .filter_map(|c| {
                        Some((self.claim(c)?.as_of.as_ref()?.0.clone(), self.figure(c)))
                    })
                    .collect();
                days.sort();
                days.dedup();
                let days: Vec<String> = days
                    .into_iter()
                    .map(|(day, figure)| format!("{figure} as of {day}"))
                    .collect();
                format!(
                    "The figures may be of different days of a count that grows: {}.",
                    list(&days)
                )
            }
            Cause::AsOf { stale: true, .. } => {
                format!("{subject} may be older than it is dated.")
            }
            Cause::Rounding { becomes, unit, .. } => format!(
                "{subject} may be {} rounded to the nearest {}.",
                self.given(becomes),
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
                    self.given(becomes)
                )
            }
            Cause::Typo { becomes, .. } => {
                format!("{subject} may be a misprint of {}.", self.given(becomes))
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
                    self.given(becomes)
                )
            }
            Cause::Swap {
                source,
                first,
                second,
            } => format!(
                "{} may have exchanged two figures: {} for {} and {} for {}.",
                self.source(source),
                number(first.figure),
                self.topic(&first.question),
                number(second.figure),
                self.topic(&second.question)
            ),
            Cause::Definition { assumption } => {
                let text = self.findings.dossier().assumption(assumption.as_str());
                format!(
                    "It may not hold that {}.",
                    lower_first(text.map_or(assumption.as_str(), |a| a.label()))
                )
            }
            Cause::Misquote { outlet, source } => format!(
                "{} may not have passed on what {} said: {}.",
                self.source(outlet),
                self.source(source),
                self.figures(&e.claims)
            ),
            Cause::Revision { source, later } => format!(
                "{} may since have replaced {} by {}.",
                self.source(source),
                self.figures(&e.claims),
                self.figures(later)
            ),
            Cause::Reading { suggested } => format!(
                "{subject} may not be meant as it is usually taken ({}); the words allow more.",
                answers(suggested)
            ),
            Cause::Error { source } => format!(
                "{} may simply be wrong about {}: {}.",
                self.source(source),
                self.topic_of(&e.claims),
                self.figures(&e.claims)
            ),
            Cause::Unexplained {} => {
                "Something that is not on this list may be behind it.".to_owned()
            }
        }
    }

    fn question(&self, e: &Explanation) -> Option<String> {
        let whom = self.speakers(&e.claims);
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
                    list(&parts)
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
                self.source(source),
                number(first.figure),
                number(second.figure),
                self.topic(&first.question)
            ),
            Cause::Definition { assumption } => {
                return Some(self.ask_assumption(assumption.as_str()));
            }
            Cause::Misquote { source, .. } => {
                format!(
                    "Ask {} what was said, in the original.",
                    self.source(source)
                )
            }
            Cause::Revision { source, .. } => {
                format!("Ask {} which figure stands.", self.source(source))
            }
            Cause::Reading { .. } => {
                format!("Ask {whom} what is meant by {}.", self.figures(&e.claims))
            }
            Cause::Error { source } => {
                format!(
                    "Ask {} how {} was arrived at.",
                    self.source(source),
                    self.figures(&e.claims)
                )
            }
            Cause::Unexplained {} => return None,
        })
    }

    fn ask(&self, ask: &Ask) -> String {
        match &ask.about {
            AskAbout::Assumption { id } => self.ask_assumption(id.as_str()),
            AskAbout::Claim { id } => {
                let claims = std::slice::from_ref(id);
                format!(
                    "Ask {} how {} was arrived at, and what it counts.",
                    self.speakers(claims),
                    self.figures(claims)
                )
            }
        }
    }

    /// Asks those whose claims rest on an assumption, or else answer the questions of a link that does, whether it holds.
    fn ask_assumption(&self, id: &str) -> String {
        let dossier = self.findings.dossier();
        let text = dossier.assumption(id).map_or(id, |a| a.label());
        let mut whom: Vec<ClaimId> = dossier
            .claims()
            .iter()
            .filter(|c| c.assuming.iter().any(|a| a.as_str() == id))
            .map(|c| c.id.clone())
            .collect();
        if whom.is_empty() {
            // Of a link's questions the one with the fewest speakers: the figure whose meaning is in doubt.
            let links = dossier.resolved.links.iter().zip(&dossier.links);
            let questions = links
                .filter(|(_, l)| l.assuming.iter().any(|a| a.as_str() == id))
                .flat_map(|(r, _)| r.names.iter().copied());
            let lists = questions.map(|q| {
                let on = dossier.resolved.claims.iter().zip(&dossier.claims);
                let on = on.filter(|(r, _)| r.question == q);
                on.map(|(_, c)| c.id.clone()).collect::<Vec<_>>()
            });
            whom = lists
                .filter(|l| !l.is_empty())
                .min_by_key(Vec::len)
                .unwrap_or_default();
        }
        let whom = if whom.is_empty() {
            "someone who knows".to_owned()
        } else {
            self.speakers(&whom)
        };
        format!("Ask {whom} whether it holds that {}.", lower_first(text))
    }

    fn claim(&self, id: &ClaimId) -> Option<&Claim> {
        self.findings.dossier().claim(id.as_str())
    }

    fn source(&self, id: &SourceId) -> String {
        let source = self.findings.dossier().source(id.as_str());
        source.map_or_else(|| id.to_string(), |s| s.label().to_owned())
    }

    /// A question in words, or else its id with spaces.
    fn topic(&self, id: &QuestionId) -> String {
        let question = self.findings.dossier().question(id.as_str());
        match question.and_then(|q| q.wording()) {
            Some(text) => format!("\"{}\"", text.trim_end_matches(['?', '.'])),
            None => format!("\"{}\"", id.as_str().replace('_', " ")),
        }
    }

    fn topic_of(&self, claims: &[ClaimId]) -> String {
        let question = claims
            .first()
            .and_then(|c| self.claim(c)?.question.as_ref());
        question.map_or_else(|| "it".to_owned(), |q| self.topic(q))
    }

    /// What a claim says: a number with its thousands marked, or the words used.
    fn figure(&self, id: &ClaimId) -> String {
        let claim = self.claim(id);
        let words = claim
            .and_then(|c| c.value.as_ref())
            .and_then(|v| match &v.entailed {
                Layer::Item(Item::Text(t)) => Some(t.clone()),
                _ => None,
            });
        match (words, self.findings.claim(id.as_str())) {
            (Some(words), _) => format!("\"{words}\""),
            (None, Some(finding)) => answers(&finding.entailed),
            (None, None) => id.to_string(),
        }
    }

    /// What some claims say, each figure once.
    fn figures(&self, claims: &[ClaimId]) -> String {
        let mut figures: Vec<String> = Vec::new();
        for claim in claims {
            let figure = self.figure(claim);
            if !figures.contains(&figure) {
                figures.push(figure);
            }
        }
        list(&figures)
    }

    /// Who makes some claims, each once.
    fn speakers(&self, claims: &[ClaimId]) -> String {
        let mut names: Vec<String> = Vec::new();
        for claim in claims {
            let name = self.claim(claim).and_then(|c| c.source.as_ref());
            let name = name.map(|s| self.source(s)).unwrap_or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        list(&names)
    }

    /// Figures with who gives them: `156 (John Coale, US envoy)`.
    fn subject(&self, claims: &[ClaimId]) -> String {
        format!("{} ({})", self.figures(claims), self.speakers(claims))
    }

    fn given(&self, given: &Given) -> String {
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
        format!("{text} ({})", list(&parts))
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

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A number with its thousands marked: `1,184`.
fn number(n: u64) -> String {
    grouped(&n.to_string())
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn answer(a: &Answer) -> String {
    match a {
        Answer::Number(n) => match u64::try_from(*n) {
            Ok(n) => number(n),
            Err(_) => n.to_string(),
        },
        Answer::Text(t) => t.clone(),
    }
}

fn answers(set: &Answers) -> String {
    let items = |list_of: &[Answer]| {
        let shown: Vec<String> = list_of.iter().take(5).map(answer).collect();
        let more = if list_of.len() > 5 { ", ..." } else { "" };
        format!("{}{more}", shown.join(", "))
    };
    match set {
        Answers::Between { min, max } => match (min, max) {
            (Some(a), Some(b)) if a == b => answer(a),
            (Some(a), Some(b)) => format!("{} to {}", answer(a), answer(b)),
            (Some(a), None) => format!("at least {}", answer(a)),
            (None, Some(b)) => format!("at most {}", answer(b)),
            (None, None) => "anything".to_owned(),
        },
        Answers::OneOf(list_of) => items(list_of),
        Answers::NoneOf(list_of) => format!("anything but {}", items(list_of)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_184), "1,184");
        assert_eq!(number(12_345_678), "12,345,678");
    }

    #[test]
    fn lists() {
        let words = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&words), "a, b and c");
        assert_eq!(list(&words[..2]), "a and b");
    }
}
