//! How the claims on one question lie to one another, pair by pair.

use std::collections::BTreeMap;

use super::html::Context;
use super::markup::Markup;
use super::panel::Row;
use crate::sets::comparison::Comparison;

/// A matrix helps where there are pairs to overlook, and can be read.
const FEWEST: usize = 3;
const MOST: usize = 12;

/// The matrix of these claims, where it helps.
pub(crate) fn overlaps(m: &mut Markup, context: &Context<'_>, rows: &[Row<'_>]) {
    if !(FEWEST..=MOST).contains(&rows.len()) {
        return;
    }
    let pairs: BTreeMap<(&str, &str), Comparison> = context
        .words
        .findings
        .overlaps
        .iter()
        .filter(|o| o.through.is_none())
        .map(|o| ((o.a.as_str(), o.b.as_str()), o.comparison))
        .collect();
    let between = |a: &str, b: &str| {
        let direct = pairs.get(&(a, b)).copied();
        direct.or_else(|| pairs.get(&(b, a)).map(|c| c.converse()))
    };
    m.element("details", &[], |m| {
        m.tagged("summary", &[], "How these claims overlap, pair by pair");
        m.element("div", &[("class", "scroll"), ("tabindex", "0")], |m| {
            m.element("table", &[("class", "matrix")], |m| {
                m.tagged(
                    "caption",
                    &[],
                    "The claim of the row against that of the column. = the same values; \u{2283} holds it; \u{2282} lies within it; \
                     \u{2229} they overlap; | they touch; \u{d7} they are apart.",
                );
                m.element("thead", &[], |m| {
                    m.element("tr", &[], |m| {
                        m.element("td", &[], |_| {});
                        for (place, _) in rows.iter().enumerate() {
                            m.tagged("th", &[("scope", "col")], &letter(place));
                        }
                    });
                });
                m.element("tbody", &[], |m| {
                    for (place, row) in rows.iter().enumerate() {
                        m.element("tr", &[], |m| {
                            let told = context.words.told(&row.claim.id);
                            m.tagged("th", &[("scope", "row")], &format!("{} {told}", letter(place)));
                            for other in rows {
                                cell(m, between(row.claim.id.as_str(), other.claim.id.as_str()));
                            }
                        });
                    }
                });
            });
        });
    });
}

fn cell(m: &mut Markup, comparison: Option<Comparison>) {
    let (sign, name) = match comparison {
        Some(Comparison::Equal) => ("=", "the same"),
        Some(Comparison::Contains) => ("\u{2283}", "holds it"),
        Some(Comparison::Within) => ("\u{2282}", "within it"),
        Some(Comparison::Overlaps) => ("\u{2229}", "overlap"),
        Some(Comparison::Touches) => ("|", "touch"),
        Some(Comparison::Apart) => ("\u{d7}", "apart"),
        None => ("", "not compared"),
    };
    m.tagged("td", &[("aria-label", name)], sign);
}

fn letter(place: usize) -> String {
    let letters = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
    letters.get(place).copied().unwrap_or_default().to_owned()
}
