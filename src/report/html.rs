//! The report as one page to look at: the account, plots of all claims, and how everything comes about.

use std::collections::{BTreeMap, BTreeSet};

use super::bars::percent;
use super::bits;
use super::likelihood;
use super::markup::Markup;
use super::outline::page;
use super::page::{Block, Page, Part, Section, capital, counted};
use super::proof;
use super::rows::{self, Drawn};
use super::words::Words;
use crate::findings::reconcile::Findings;
use crate::findings::result::{Conflict, ConflictKind};

/// The findings as one HTML file that needs nothing else: no network, no script. It has the account of [`text`](super::text), a plot
/// of the claims on each question, and how each conflict and figure comes about.
///
/// Every claim, conflict and explanation of the [JSON result](super::json) is on it, with its id in `data-claim`, `data-conflict` or
/// `data-explanation`. Text of the dossier is escaped wherever it stands; of addresses only those of the web become links. The page's
/// own policy lets it load nothing.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Question, Source, reconcile, report};
///
/// let dossier = Dossier::builder()
///     .title("<script>How many?</script>")
///     .source(Source::new("agency"))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value("at least 123"))
///     .build()?;
/// let page = report::html(&reconcile(dossier));
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains(r#"data-claim="a""#));
/// assert!(!page.contains("<script>"));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn html(findings: &Findings) -> String {
    let page = page(findings);
    let context = Context::new(findings);
    let mut m = Markup::new();
    m.own("<!DOCTYPE html>\n");
    m.element("html", &[("lang", "en")], |m| {
        head(m, &page);
        m.element("body", &[], |m| body(m, &context, &page));
    });
    m.newline();
    m.finish()
}

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

fn head(m: &mut Markup, page: &Page) {
    m.element("head", &[], |m| {
        m.empty("meta", &[("charset", "utf-8")]);
        m.empty(
            "meta",
            &[
                ("http-equiv", "Content-Security-Policy"),
                ("content", POLICY),
            ],
        );
        m.empty(
            "meta",
            &[
                ("name", "viewport"),
                ("content", "width=device-width, initial-scale=1"),
            ],
        );
        m.empty(
            "meta",
            &[("name", "color-scheme"), ("content", "light dark")],
        );
        m.empty("meta", &[("name", "referrer"), ("content", "no-referrer")]);
        m.tagged("title", &[], &page.title);
        m.element("style", &[], |m| m.own(include_str!("page.css")));
    });
    m.newline();
}

/// What all parts of a page need.
pub(crate) struct Context<'a> {
    pub(crate) words: Words<'a>,
    /// By place among the conflicts: the number it is called by. Contradictions come first.
    pub(crate) numbers: Vec<usize>,
    /// By claim: the numbers of its conflicts.
    pub(crate) involved: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(findings: &'a Findings) -> Self {
        let mut order: Vec<usize> = (0..findings.conflicts.len()).collect();
        order.sort_by_key(|i| findings.conflicts.get(*i).map(|c| c.kind));
        let mut numbers = vec![0; order.len()];
        let mut involved: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, place) in (1..).zip(order) {
            if let Some(slot) = numbers.get_mut(place) {
                *slot = number;
            }
            for claim in findings.conflicts.get(place).map_or(&[][..], |c| &c.claims) {
                involved.entry(claim.as_str()).or_default().push(number);
            }
        }
        Self {
            words: Words::new(findings),
            numbers,
            involved,
        }
    }

    pub(crate) fn number(&self, place: usize) -> usize {
        self.numbers.get(place).copied().unwrap_or(0)
    }
}

fn body(m: &mut Markup, context: &Context<'_>, page: &Page) {
    m.element("header", &[], |m| {
        m.tagged("h1", &[], &page.title);
        for text in &page.opening {
            m.tagged("p", &[], text);
        }
    });
    // The plots of all claims stand between what follows and what it rests on.
    let plots = page
        .sections
        .iter()
        .position(|s| s.part == Part::Grounds)
        .unwrap_or(page.sections.len());
    let (first, rest) = page.sections.split_at_checked(plots).unwrap_or_default();
    contents(m, first, rest);
    let mut told = BTreeSet::new();
    for section in &page.sections {
        if let Part::Dispute(id) = &section.part {
            told.insert(id.as_str());
        }
    }
    let mut drawn = Drawn::default();
    m.element("main", &[], |m| {
        for (place, part) in first.iter().enumerate() {
            section(m, context, part, place, &told, &mut drawn);
        }
        rows::all(m, context, &mut drawn);
        for (place, part) in (plots..).zip(rest) {
            section(m, context, part, place, &told, &mut drawn);
        }
    });
    m.element("footer", &[], |m| {
        m.tagged(
            "p",
            &[("class", "soft")],
            "Made by discrepancy from a dossier of claims. The page loads nothing from elsewhere.",
        );
    });
}

fn contents(m: &mut Markup, first: &[Section], rest: &[Section]) {
    let item = |m: &mut Markup, id: &str, text: &str| {
        m.element("li", &[], |m| {
            m.tagged("a", &[("href", &format!("#{id}"))], text);
        });
    };
    m.element("nav", &[("aria-label", "On this page")], |m| {
        m.element("ul", &[], |m| {
            for (place, section) in first.iter().enumerate() {
                item(m, &anchor(place), &section.heading);
            }
            item(m, rows::ANCHOR, rows::HEADING);
            for (place, section) in (first.len()..).zip(rest) {
                item(m, &anchor(place), &section.heading);
            }
        });
    });
}

fn anchor(place: usize) -> String {
    format!("part-{place}")
}

fn section(
    m: &mut Markup,
    context: &Context<'_>,
    section: &Section,
    place: usize,
    told: &BTreeSet<&str>,
    drawn: &mut Drawn,
) {
    let id = anchor(place);
    let heading = format!("{id}-heading");
    let attributes = [("id", id.as_str()), ("aria-labelledby", heading.as_str())];
    m.element("section", &attributes, |m| {
        m.tagged("h2", &[("id", &heading)], &section.heading);
        if let Part::Dispute(dispute) = &section.part {
            rows::dispute(m, context, dispute, drawn);
        }
        // Tensions are told below, each with why.
        if section.part != Part::Tensions {
            blocks(m, context, &section.blocks, &heading);
        }
        match &section.part {
            Part::Dispute(dispute) => {
                m.tagged("h3", &[], "Each contradiction, and why it is one");
                conflicts(m, context, dispute, drawn);
            }
            Part::Tensions => {
                for dispute in disputes(context, ConflictKind::Tension, told) {
                    conflicts(m, context, dispute, drawn);
                    explanations(m, context, dispute);
                }
            }
            Part::MoreDisputes => {
                for dispute in disputes(context, ConflictKind::Contradiction, told) {
                    conflicts(m, context, dispute, drawn);
                    explanations(m, context, dispute);
                }
            }
            Part::Answers | Part::Ask | Part::Grounds => {}
        }
    });
    m.newline();
}

/// The disputes of a kind that have no section of their own, in the order of their conflicts.
fn disputes<'a>(context: &Context<'a>, kind: ConflictKind, told: &BTreeSet<&str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let conflicts = context.words.findings.conflicts.iter();
    conflicts
        .filter(|c| c.kind == kind && !told.contains(c.dispute.as_str()))
        .map(|c| c.dispute.as_str())
        .filter(|d| seen.insert(*d))
        .collect()
}

fn explanations(m: &mut Markup, context: &Context<'_>, dispute: &str) {
    if let Some(block) = context.words.reasons(dispute) {
        blocks(m, context, &[block], "");
    }
}

/// The blocks of a section. The sentence before a table is its caption; one without is named by the section's heading.
fn blocks(m: &mut Markup, context: &Context<'_>, blocks: &[Block], heading: &str) {
    for (place, block) in blocks.iter().enumerate() {
        let next = blocks.get(place + 1);
        let before = place.checked_sub(1).and_then(|p| blocks.get(p));
        match block {
            Block::Paragraph(_) if matches!(next, Some(Block::Table { .. })) => {}
            Block::Paragraph(text) => m.tagged("p", &[], text),
            Block::Items(items) => m.element("ul", &[], |m| {
                for item in items {
                    m.tagged("li", &[], item);
                }
            }),
            Block::Table { heads, rows } => match before {
                Some(Block::Paragraph(caption)) => table(m, heads, rows, Ok(caption)),
                _ => table(m, heads, rows, Err(heading)),
            },
            Block::Reasons(reasons) => bits::reasons(m, context, reasons),
        }
    }
}

/// A table whose first column names its rows. On a narrow page its rows are set one below the other, hence the roles.
fn table(
    m: &mut Markup,
    heads: &[&'static str],
    rows: &[Vec<String>],
    name: Result<&String, &str>,
) {
    let mut attributes = vec![("class", "stack wide"), ("role", "table")];
    if let Err(heading) = name {
        attributes.push(("aria-labelledby", heading));
    }
    m.element("table", &attributes, |m| {
        if let Ok(caption) = name {
            m.tagged("caption", &[], caption);
        }
        m.element("thead", &[("role", "rowgroup")], |m| {
            m.element("tr", &[("role", "row")], |m| {
                for head in heads {
                    m.tagged("th", &[("scope", "col"), ("role", "columnheader")], head);
                }
            });
        });
        m.element("tbody", &[("role", "rowgroup")], |m| {
            for row in rows {
                m.element("tr", &[("role", "row")], |m| {
                    for (place, (head, cell)) in heads.iter().zip(row).enumerate() {
                        if place == 0 {
                            m.tagged("th", &[("scope", "row"), ("role", "rowheader")], cell);
                            continue;
                        }
                        m.element("td", &[("role", "cell"), ("data-head", head)], |m| {
                            m.text(cell);
                            if matches!(*head, "Chance" | "Share") {
                                chance(m, cell);
                            }
                        });
                    }
                });
            }
        });
    });
}

/// A chance as a filled part of a line, beside its figure.
pub(crate) fn chance(m: &mut Markup, figure: &str) {
    let Ok(part) = figure.trim_start_matches(['<', '>']).parse::<f64>() else {
        return;
    };
    m.element(
        "svg",
        &[("class", "chance"), ("aria-hidden", "true")],
        |m| {
            m.empty(
                "rect",
                &[("class", "all"), ("width", "100%"), ("height", "100%")],
            );
            let width = percent(part.clamp(0.0, 1.0));
            m.empty(
                "rect",
                &[("class", "part"), ("width", &width), ("height", "100%")],
            );
        },
    );
}

/// Conflicts told in full, with their derivations, on one page; then in short.
const PROVED: usize = 120;

/// The conflicts of a dispute, each with how it comes about.
fn conflicts(m: &mut Markup, context: &Context<'_>, dispute: &str, drawn: &mut Drawn) {
    let findings = context.words.findings;
    let listed = findings.conflicts.iter().enumerate();
    let mut listed: Vec<(usize, &Conflict)> =
        listed.filter(|(_, c)| c.dispute == dispute).collect();
    listed.sort_by_key(|(place, _)| context.number(*place));
    let full = PROVED.saturating_sub(drawn.proofs).min(listed.len());
    drawn.proofs += full;
    let (told, rest) = listed.split_at_checked(full).unwrap_or_default();
    m.element("ol", &[("class", "conflicts")], |m| {
        for (place, conflict) in told {
            self::conflict(m, context, *place, conflict, true);
        }
    });
    if rest.is_empty() {
        return;
    }
    m.element("details", &[], |m| {
        let more = counted(
            rest.len() as u64,
            "more, without its lines",
            "more, without their lines",
        );
        m.tagged("summary", &[], &more);
        m.element("ol", &[("class", "conflicts")], |m| {
            for (place, conflict) in rest {
                self::conflict(m, context, *place, conflict, false);
            }
        });
    });
}

fn conflict(m: &mut Markup, context: &Context<'_>, place: usize, conflict: &Conflict, full: bool) {
    let words = &context.words;
    let number = context.number(place);
    let id = conflict_anchor(number);
    m.element("li", &[("id", &id), ("data-conflict", &conflict.id)], |m| {
        m.element("p", &[], |m| {
            m.tagged("b", &[], &format!("{number}. "));
            m.text(&format!("{}.", capital(&words.because(conflict))));
            if let Some(weight) = conflict.weight {
                m.tagged(
                    "span",
                    &[("class", "soft")],
                    &format!(
                        " Beforehand, the chance that all of it counts: {}.",
                        likelihood::figure(weight)
                    ),
                );
            }
        });
        if !full || conflict.derivation.is_empty() {
            return;
        }
        m.element("details", &[], |m| {
            m.tagged("summary", &[], "Line by line");
            m.element("ol", &[("class", "proof")], |m| {
                for line in proof::lines(words, &conflict.derivation) {
                    let depth = format!("--depth:{}", line.depth.min(6));
                    m.element("li", &[("style", &depth)], |m| {
                        m.tagged("b", &[], &line.number.to_string());
                        m.text(&capital(&line.text));
                    });
                }
            });
        });
    });
}

/// Where a conflict stands on the page.
pub(crate) fn conflict_anchor(number: usize) -> String {
    format!("conflict-{number}")
}
