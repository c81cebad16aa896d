//! Explanations as bars in bits.

use super::bars::percent;
use super::html::Context;
use super::markup::Markup;
use super::page::{POSSIBILITIES, Reason, WHY, and, capital, counted};
use super::scale::float_of;
use crate::findings::explain::{Explanation, Terms};

/// Explanations of one dispute that are shown with their bars.
const SHOWN: usize = 8;

/// The explanations of a dispute, the best first.
pub(crate) fn reasons(m: &mut Markup, context: &Context<'_>, reasons: &[Reason]) {
    let list = &context.words.findings.explanations().list;
    let all: Vec<(&Reason, &Explanation)> = reasons
        .iter()
        .filter_map(|r| Some((r, list.get(r.place)?)))
        .collect();
    m.tagged("h3", &[], WHY);
    m.tagged("p", &[], &format!("{}.", capital(POSSIBILITIES)));
    let (shown, rest) = all.split_at_checked(SHOWN).unwrap_or((&all, &[]));
    let range = Range::new(shown.iter().map(|(_, e)| &e.terms));
    m.element("ol", &[("class", "reasons")], |m| {
        for (reason, explanation) in shown {
            item(m, reason, explanation, Some(&range));
        }
    });
    if !rest.is_empty() {
        m.element("details", &[], |m| {
            let more = counted(rest.len() as u64, "less likely one", "less likely ones");
            m.tagged("summary", &[], &more);
            m.element("ol", &[("class", "reasons")], |m| {
                for (reason, explanation) in rest {
                    item(m, reason, explanation, None);
                }
            });
        });
    }
    m.element("details", &[], |m| {
        m.tagged("summary", &[], "What the bars mean");
        m.tagged(
            "p",
            &[("class", "soft")],
            "Bits: one more is twice as likely. A bar to the left of the line costs, one to the right speaks for the explanation; the \
             black mark is the sum. Prior: how usual such a thing is. Network: how much more of what is said could then hold. Surprise: \
             how rarely chance makes such a match. Posterior: how likely it is, after weighing, that what the dossier itself doubts \
             fails. The share is two to the power of the sum, over all that is on the list.",
        );
    });
}

fn item(m: &mut Markup, reason: &Reason, explanation: &Explanation, range: Option<&Range>) {
    m.element("li", &[("data-explanation", &explanation.id)], |m| {
        m.element("div", &[], |m| {
            m.element("p", &[], |m| {
                m.text(&reason.says);
                m.text(" ");
                m.tagged("b", &[], &format!("Share {}.", reason.share));
            });
            if let Some(question) = &reason.settled_by {
                m.tagged("p", &[("class", "soft")], question);
            }
        });
        m.element("div", &[], |m| {
            if let Some(range) = range {
                bars(m, explanation, range);
            }
            m.tagged("p", &[("class", "terms")], &sum(explanation));
        });
    });
}

/// "-2.39 bits: prior -3.32 and network +0.93".
fn sum(explanation: &Explanation) -> String {
    let parts: Vec<String> = terms(&explanation.terms)
        .into_iter()
        .map(|(name, bits)| format!("{name} {}", signed(bits)))
        .collect();
    format!("{} bits: {}", signed(explanation.bits), and(&parts, 4))
}

fn signed(bits: f64) -> String {
    let text = format!("{:.2}", bits.abs());
    match text.as_str() {
        "0.00" => text,
        _ if bits < 0.0 => format!("\u{2212}{text}"),
        _ => format!("+{text}"),
    }
}

fn terms(terms: &Terms) -> Vec<(&'static str, f64)> {
    [
        ("prior", terms.prior),
        ("network", terms.network),
        ("surprise", terms.surprise),
        ("posterior", terms.posterior),
    ]
    .into_iter()
    .filter_map(|(name, bits)| Some((name, bits?)))
    .collect()
}

/// The bits that a drawing spans.
struct Range {
    from: f64,
    to: f64,
}

impl Range {
    fn new<'a>(all: impl Iterator<Item = &'a Terms>) -> Self {
        let mut range = Self {
            from: -1.0,
            to: 0.5,
        };
        for own in all {
            let mut at = 0.0;
            for (_, bits) in terms(own) {
                at += bits;
                range.from = range.from.min(at);
                range.to = range.to.max(at);
            }
        }
        range
    }

    fn at(&self, bits: f64) -> f64 {
        ((bits - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// Its terms one after the other, each from where the last one ended, and the sum.
fn bars(m: &mut Markup, explanation: &Explanation, range: &Range) {
    let label = format!("Bits: {}", sum(explanation));
    let height = (4.0 + 10.0 * float_of(terms(&explanation.terms).len())).to_string();
    m.element("svg", &[("role", "img"), ("height", &height)], |m| {
        m.tagged("title", &[], &label);
        let zero = percent(range.at(0.0));
        m.empty(
            "line",
            &[
                ("class", "zero"),
                ("x1", &zero),
                ("x2", &zero),
                ("y1", "0"),
                ("y2", "100%"),
            ],
        );
        let mut at = 0.0;
        let mut y = 3.0;
        for (_, bits) in terms(&explanation.terms) {
            let (a, b) = (range.at(at), range.at(at + bits));
            m.empty(
                "rect",
                &[
                    ("class", if bits < 0.0 { "minus" } else { "plus" }),
                    ("x", &percent(a.min(b))),
                    ("width", &percent((a - b).abs().max(0.003))),
                    ("y", &format!("{y}")),
                    ("height", "8"),
                ],
            );
            at += bits;
            y += 10.0;
        }
        let total = range.at(explanation.bits);
        m.element(
            "svg",
            &[
                ("x", &percent(total)),
                ("overflow", "visible"),
                ("width", "1"),
                ("height", "100%"),
            ],
            |m| {
                m.empty(
                    "rect",
                    &[
                        ("class", "total"),
                        ("x", "-1.5"),
                        ("width", "3"),
                        ("height", "100%"),
                    ],
                );
            },
        );
    });
}
