//! One question as a picture of its own.

use std::collections::BTreeSet;

use super::bars::{self, HEIGHT, LANE, PROFILE};
use super::html::Context;
use super::likelihood;
use super::markup::Markup;
use super::page::{capital, counted, plain};
use super::panel::{Panel, told};
use super::proof::claims_on;
use super::rows::in_row;
use super::scale::{Tick, float_of};
use crate::claims::dossier::Status;
use crate::claims::id::{ClaimId, QuestionId};
use crate::claims::question::Kind;
use crate::findings::reconcile::Findings;
use crate::findings::result::{ClaimFinding, QuestionFinding};

/// The claims on one question as an SVG picture, at each of its times; `None` if there is no such question. With them, below a line,
/// the claims on other questions that cannot hold together with them.
///
/// It is a file of its own, 760 units wide, light or dark as its reader prefers, with a description in words for those who cannot see it. Text of the
/// dossier is escaped.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Question, Source, reconcile, report};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency"))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value("at least 123"))
///     .build()?;
/// let findings = reconcile(dossier);
/// assert!(report::svg(&findings, "freed").is_some_and(|svg| svg.starts_with("<svg ")));
/// assert_eq!(report::svg(&findings, "held"), None);
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn svg(findings: &Findings, question: &str) -> Option<String> {
    let dossier = findings.dossier();
    let question = dossier.question(question)?.id();
    let context = Context::new(findings);
    let plots: Vec<Plot<'_>> = findings
        .questions
        .iter()
        .filter(|q| q.id == *question)
        .map(|at| Plot::new(&context, at))
        .collect();
    let height: f64 = plots.iter().map(Plot::height).sum::<f64>().max(ROW) + 12.0;
    let title = capital(&context.words.question(question, None));
    let mut m = Markup::new();
    m.element(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &format!("0 0 {WIDTH} {height}")),
            ("width", &WIDTH.to_string()),
            ("height", &height.to_string()),
            ("role", "img"),
        ],
        |m| {
            m.tagged("title", &[], &title);
            let described: Vec<String> = plots.iter().map(|p| p.described(&context)).collect();
            m.tagged("desc", &[], &described.join(" "));
            m.element("style", &[], |m| m.own(include_str!("plot.css")));
            m.empty(
                "rect",
                &[("class", "paper"), ("width", "100%"), ("height", "100%")],
            );
            let mut top = 0.0;
            for plot in &plots {
                plot.draw(m, &context, top);
                top += plot.height();
            }
            if plots.is_empty() {
                text(m, "strong", LEFT, 24.0, &cut(&title, 90));
                text(m, "soft", LEFT, 42.0, "Nothing is claimed.");
            }
        },
    );
    m.newline();
    Some(m.finish())
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 16.0;
/// Where the axis begins and ends.
const FROM: f64 = 320.0;
const TO: f64 = 600.0;
/// Where the figures stand.
const BELIEF: f64 = 664.0;
const PLAUSIBILITY: f64 = 740.0;
const ROW: f64 = 44.0;
const HEAD: f64 = 44.0;
const AXIS: f64 = 24.0;
/// Rows of one plot.
const ROWS: usize = 60;
/// Rows of claims on other questions.
const OTHERS: usize = 20;

/// The plot of a question at one time.
struct Plot<'a> {
    question: &'a QuestionFinding,
    kind: Kind,
    panel: Panel<'a>,
    ticks: Vec<Tick>,
    /// Rows of the question itself; the others follow.
    own: usize,
    undrawn: usize,
}

impl<'a> Plot<'a> {
    fn new(context: &Context<'a>, question: &'a QuestionFinding) -> Self {
        let words = &context.words;
        let kind = words.kind(&question.id);
        let mut claims = claims_on(words, question);
        claims.sort_by(|a, b| in_row(a, kind).cmp(&in_row(b, kind)));
        let undrawn = claims.len().saturating_sub(ROWS);
        claims.truncate(ROWS);
        let own = claims.len();
        claims.extend(against(context, &claims));
        let ids: Vec<&ClaimId> = claims.iter().map(|c| &c.id).collect();
        let panel = Panel::of_question(words, question, &ids);
        let ticks = panel
            .scale
            .as_ref()
            .map_or_else(Vec::new, |s| s.ticks(44.0));
        Self {
            question,
            kind,
            panel,
            ticks,
            own,
            undrawn,
        }
    }

    /// Height of what stands above the rows.
    fn head(&self) -> f64 {
        let profile = if self.panel.profile.is_empty() {
            0.0
        } else {
            PROFILE
        };
        let axis = if self.panel.scale.is_some() {
            AXIS
        } else {
            0.0
        };
        HEAD + profile + axis
    }

    fn others(&self) -> f64 {
        if self.own < self.panel.rows.len() {
            26.0
        } else {
            0.0
        }
    }

    fn height(&self) -> f64 {
        let note = if self.undrawn > 0 { 20.0 } else { 0.0 };
        self.head() + self.others() + ROW * float_of(self.panel.rows.len()) + note
    }

    fn described(&self, context: &Context<'_>) -> String {
        let words = &context.words;
        let rows: Vec<String> = self
            .panel
            .rows
            .iter()
            .map(|r| words.told(&r.claim.id))
            .collect();
        let mut out = format!("{} ", rows.join("; "));
        if !self.panel.profile.is_empty() {
            out.push_str("Plausibility: ");
            out.push_str(&told(&self.panel.profile, self.kind));
            out.push('.');
        }
        out
    }

    fn draw(&self, m: &mut Markup, context: &Context<'_>, top: f64) {
        let words = &context.words;
        let topic = capital(&words.question(&self.question.id, self.question.as_of.as_deref()));
        text(m, "strong", LEFT, top + 26.0, &cut(&topic, 58));
        for (x, name) in [(BELIEF, "Belief"), (PLAUSIBILITY, "Plausibility")] {
            right(m, "soft", x, top + self.head() - 8.0, name);
        }
        let mut y = top + HEAD;
        if let Some(scale) = &self.panel.scale {
            text(m, "soft", LEFT, top + self.head() - 8.0, scale.says());
            if !self.panel.profile.is_empty() {
                within(m, y, PROFILE, |m| {
                    bars::profile(m, &self.panel.profile, scale, &self.ticks);
                });
                right(m, "soft", FROM - 8.0, y + 10.0, "plausible");
                right(m, "soft", FROM - 8.0, y + PROFILE, "not");
                y += PROFILE;
            }
            within(m, y, AXIS, |m| bars::axis(m, &self.ticks));
        }
        y = top + self.head();
        for place in 0..self.panel.rows.len() {
            if place == self.own {
                text(m, "soft", LEFT, y + 17.0, "Against these, through links");
                self.lanes(m, place, y, 26.0, true);
                y += 26.0;
            }
            self.row(m, context, place, y);
            y += ROW;
        }
        if self.undrawn > 0 {
            let more = counted(self.undrawn as u64, "more claim", "more claims");
            text(m, "soft", LEFT, y + 14.0, &format!("{more}, not drawn"));
        }
    }

    /// The links beside a row, or passing between it and the one above.
    fn lanes(&self, m: &mut Markup, place: usize, y: f64, height: f64, passing: bool) {
        let width = LANE * float_of(self.panel.width);
        if self.panel.width == 0 {
            return;
        }
        m.element(
            "svg",
            &[
                ("x", &(FROM - 12.0 - width).to_string()),
                ("y", &y.to_string()),
                ("width", &width.to_string()),
                ("height", &height.to_string()),
            ],
            |m| {
                if passing {
                    bars::passing(m, &self.panel, place);
                } else {
                    bars::lanes(m, &self.panel, place, ROW / 2.0);
                }
            },
        );
    }

    fn row(&self, m: &mut Markup, context: &Context<'_>, place: usize, y: f64) {
        let Some(row) = self.panel.rows.get(place) else {
            return;
        };
        let words = &context.words;
        let claim = row.claim;
        let y_text = y.to_string();
        m.empty(
            "line",
            &[
                ("class", "rule"),
                ("x1", "16"),
                ("x2", "744"),
                ("y1", &y_text),
                ("y2", &y_text),
            ],
        );
        let room = 40 - 2 * self.panel.width.min(8);
        let status = match claim.status {
            Status::Standing => "",
            Status::Superseded => " (replaced)",
            Status::Retracted => " (retracted)",
        };
        let figure = words.with_unit(&claim.question, words.dated(&claim.id));
        let figure = if place < self.own {
            figure
        } else {
            words.answer(&claim.question, None, &figure)
        };
        let who = format!("{}{}", words.speaker(&claim.id), words.through(&claim.id));
        text(
            m,
            "strong small",
            LEFT,
            y + 19.0,
            &cut(&format!("{figure}{status}"), room - 6),
        );
        text(m, "soft", LEFT, y + 35.0, &cut(&who, room));
        self.lanes(m, place, y, ROW, false);
        if let Some(scale) = &self.panel.scale {
            within(m, y, ROW, |m| bars::grid(m, &self.ticks));
            within(m, y + (ROW - HEIGHT) / 2.0, HEIGHT, |m| {
                bars::claim(m, row, scale);
            });
        }
        match (claim.belief, claim.plausibility) {
            (Some(b), Some(p)) => {
                right(m, "", BELIEF, y + 27.0, &likelihood::figure(b));
                right(m, "", PLAUSIBILITY, y + 27.0, &likelihood::figure(p));
            }
            _ => right(m, "soft", PLAUSIBILITY, y + 27.0, "not weighed"),
        }
    }
}

/// Claims on other questions in the contradictions of these.
fn against<'a>(context: &Context<'a>, claims: &[&'a ClaimFinding]) -> Vec<&'a ClaimFinding> {
    let words = &context.words;
    let own: BTreeSet<&ClaimId> = claims.iter().map(|c| &c.id).collect();
    let questions: BTreeSet<&QuestionId> = claims.iter().map(|c| &c.question).collect();
    let disputes: BTreeSet<&str> = words
        .findings
        .conflicts
        .iter()
        .filter(|c| c.claims.iter().any(|id| own.contains(id)))
        .map(|c| c.dispute.as_str())
        .collect();
    let others: BTreeSet<&ClaimId> = words
        .findings
        .conflicts
        .iter()
        .filter(|c| disputes.contains(c.dispute.as_str()))
        .flat_map(|c| &c.claims)
        .filter(|id| !own.contains(id))
        .collect();
    let mut out: Vec<&ClaimFinding> = others
        .into_iter()
        .filter_map(|id| words.finding(id))
        .filter(|c| !questions.contains(&c.question))
        .collect();
    out.sort_by(|a, b| (&a.question, &a.id).cmp(&(&b.question, &b.id)));
    out.truncate(OTHERS);
    out
}

/// A drawing on the axis, at a height.
fn within(m: &mut Markup, y: f64, height: f64, inside: impl FnOnce(&mut Markup)) {
    m.element(
        "svg",
        &[
            ("x", &FROM.to_string()),
            ("y", &y.to_string()),
            ("width", &(TO - FROM).to_string()),
            ("height", &height.to_string()),
            ("overflow", "visible"),
        ],
        inside,
    );
}

fn text(m: &mut Markup, class: &str, x: f64, y: f64, content: &str) {
    let attributes = [
        ("class", class),
        ("x", &x.to_string()),
        ("y", &y.to_string()),
    ];
    m.tagged("text", &attributes, content);
}

fn right(m: &mut Markup, class: &str, x: f64, y: f64, content: &str) {
    let (x, y) = (x.to_string(), y.to_string());
    let attributes = [
        ("class", class),
        ("x", &x),
        ("y", &y),
        ("text-anchor", "end"),
    ];
    m.tagged("text", &attributes, content);
}

/// Text of at most so many characters; wide ones take the place of two.
fn cut(text: &str, room: usize) -> String {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    let mut left = room;
    let mut fits = 0;
    for c in text.chars() {
        let size = if wide(c) { 2 } else { 1 };
        if size > left {
            break;
        }
        left -= size;
        fits += 1;
    }
    plain(text, fits)
}
