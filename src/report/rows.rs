//! Plots of claims as rows of a page: who says what, where it lies, how sure it is.

use std::collections::{BTreeMap, BTreeSet};

use super::bars;
use super::html::{Context, conflict_anchor};
use super::likelihood;
use super::markup::{Markup, host, web};
use super::matrix;
use super::outline::candidate_figure;
use super::page::{capital, counted, cut};
use super::panel::{Panel, Row, told};
use super::proof;
use super::scale::{Tick, float_of};
use super::values;
use crate::claims::dossier::Status;
use crate::claims::id::{ClaimId, QuestionId};
use crate::claims::question::Kind;
use crate::findings::answers::{Answer, Answers};
use crate::findings::result::{ClaimFinding, QuestionFinding};

/// The heading above all plots.
pub(crate) const HEADING: &str = "Claim by claim";
/// Its place on the page.
pub(crate) const ANCHOR: &str = "claims";

/// What one page has shown so far, for it has an end.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    rows: usize,
    figures: usize,
    keyed: bool,
    pub(crate) proofs: usize,
}

/// Rows drawn on one page; further claims are told in a line.
const ROWS: usize = 300;
/// Rows of one dispute drawn on one axis.
const DISPUTE: usize = 40;
/// Figures whose making is told on one page.
const FIGURES: usize = 60;
/// Claims that something joins to a question, up to which the making of its figures is told.
const JOINED: usize = 60;
/// Characters that fit on an axis, on the narrowest page.
const CHARACTERS: f64 = 42.0;

/// How far below the top of a row its drawing has its middle, in pixels.
const MIDDLE: f64 = 20.0;

/// All claims, question by question.
pub(crate) fn all(m: &mut Markup, context: &Context<'_>, drawn: &mut Drawn) {
    let findings = context.words.findings;
    if findings.questions.is_empty() {
        return;
    }
    let heading = format!("{ANCHOR}-heading");
    m.element(
        "section",
        &[("id", ANCHOR), ("aria-labelledby", &heading)],
        |m| {
            m.tagged("h2", &[("id", &heading)], HEADING);
            key(m);
            m.tagged(
                "p",
                &[("class", "soft")],
                "The shaded profile above the rows shows how plausible each single value is.",
            );
            let mut left: BTreeSet<&ClaimId> = findings.claims.iter().map(|c| &c.id).collect();
            for at in in_order(context) {
                let claims = proof::claims_on(&context.words, at);
                for claim in &claims {
                    left.remove(&claim.id);
                }
                question(m, context, at, claims, drawn);
            }
            let left: Vec<&ClaimFinding> = left
                .into_iter()
                .filter_map(|id| context.words.finding(id))
                .collect();
            if !left.is_empty() {
                m.tagged("h3", &[], "Only on record");
                lines(m, context, &left);
            }
        },
    );
    m.newline();
}

/// The questions with most claims first, each with all its times.
fn in_order<'a>(context: &Context<'a>) -> Vec<&'a QuestionFinding> {
    let findings = context.words.findings;
    let mut claims: BTreeMap<&QuestionId, usize> = BTreeMap::new();
    for claim in &findings.claims {
        *claims.entry(&claim.question).or_default() += 1;
    }
    let mut out: Vec<&QuestionFinding> = findings.questions.iter().collect();
    out.sort_by(|a, b| {
        let most = |q: &QuestionFinding| claims.get(&q.id).copied().unwrap_or(0);
        most(b).cmp(&most(a)).then_with(|| a.id.cmp(&b.id))
    });
    out
}

/// What the signs mean.
fn key(m: &mut Markup) {
    let sample = |m: &mut Markup, text: &str, draw: &dyn Fn(&mut Markup)| {
        m.element("li", &[], |m| {
            m.element(
                "svg",
                &[("aria-hidden", "true"), ("viewBox", "0 0 34 16")],
                |m| draw(m),
            );
            m.text(text);
        });
    };
    m.element(
        "ul",
        &[("class", "key"), ("aria-label", "What the signs mean")],
        |m| {
            sample(m, "one value", &|m| {
                m.empty(
                    "circle",
                    &[("class", "says"), ("cx", "17"), ("cy", "8"), ("r", "6")],
                );
            });
            sample(
                m,
                "all values that the words allow; an arrow: no end",
                &|m| {
                    m.empty(
                        "rect",
                        &[
                            ("class", "says"),
                            ("x", "2"),
                            ("y", "5"),
                            ("width", "24"),
                            ("height", "6"),
                        ],
                    );
                    m.empty(
                        "line",
                        &[
                            ("class", "end"),
                            ("x1", "2"),
                            ("x2", "2"),
                            ("y1", "0"),
                            ("y2", "16"),
                        ],
                    );
                    m.empty(
                        "polygon",
                        &[("class", "says"), ("points", "34,8 24,0 24,16")],
                    );
                },
            );
            sample(m, "what they usually mean", &|m| {
                m.empty(
                    "rect",
                    &[
                        ("class", "suggests"),
                        ("x", "2"),
                        ("y", "1"),
                        ("width", "30"),
                        ("height", "14"),
                    ],
                );
            });
            sample(m, "cannot hold together", &|m| {
                m.empty(
                    "line",
                    &[
                        ("class", "link"),
                        ("x1", "2"),
                        ("x2", "32"),
                        ("y1", "8"),
                        ("y2", "8"),
                    ],
                );
                m.empty(
                    "circle",
                    &[("class", "knot"), ("cx", "17"), ("cy", "8"), ("r", "3.5")],
                );
            });
            sample(m, "can, but not as usually meant", &|m| {
                m.empty(
                    "line",
                    &[
                        ("class", "link strain"),
                        ("x1", "2"),
                        ("x2", "32"),
                        ("y1", "8"),
                        ("y2", "8"),
                    ],
                );
                m.empty(
                    "circle",
                    &[("class", "knot"), ("cx", "17"), ("cy", "8"), ("r", "3.5")],
                );
            });
        },
    );
    m.tagged(
        "p",
        &[("class", "soft")],
        "Belief: the chance that what can be relied on establishes the claim. Plausibility: the chance that it leaves room for it.",
    );
}

fn question(
    m: &mut Markup,
    context: &Context<'_>,
    at: &QuestionFinding,
    mut claims: Vec<&ClaimFinding>,
    drawn: &mut Drawn,
) {
    let words = &context.words;
    let kind = words.kind(&at.id);
    claims.sort_by(|a, b| in_row(a, kind).cmp(&in_row(b, kind)));
    let fits = ROWS.saturating_sub(drawn.rows).min(claims.len());
    drawn.rows += fits;
    let (shown, rest) = claims.split_at_checked(fits).unwrap_or_default();
    let ids: Vec<&ClaimId> = shown.iter().map(|c| &c.id).collect();
    let panel = Panel::of_question(words, at, &ids);
    let flat = panel.profile.len() < 2;
    if claims.is_empty() && flat && kind != Kind::Category {
        return;
    }
    m.element("article", &[], |m| {
        m.tagged(
            "h3",
            &[],
            &capital(&words.question(&at.id, at.as_of.as_deref())),
        );
        if claims.is_empty() {
            m.tagged(
                "p",
                &[("class", "soft")],
                "Nobody answers this directly; this is what the links leave of it.",
            );
        }
        if kind == Kind::Category {
            labels(m, context, at);
        }
        plot(m, context, &panel, kind, true);
        if !rest.is_empty() {
            m.element("details", &[], |m| {
                let more = counted(rest.len() as u64, "more claim", "more claims");
                m.tagged("summary", &[], &format!("{more}, not drawn"));
                lines(m, context, rest);
            });
        }
        let standing = |r: &&Row<'_>| r.claim.status == Status::Standing;
        if panel.rows.iter().all(|r| standing(&r)) {
            matrix::overlaps(m, context, &panel.rows);
        }
        figures(m, context, at, drawn);
    });
}

/// Rows from the lowest figure to the highest, what is only on record last.
pub(crate) fn in_row(
    claim: &ClaimFinding,
    kind: Kind,
) -> (bool, Option<i128>, Option<i128>, &ClaimId) {
    let stretches = super::panel::stretches(&claim.entailed, kind);
    (
        claim.status != Status::Standing,
        stretches.first().and_then(|s| s.from),
        stretches.last().map(|s| s.to.unwrap_or(i128::MAX)),
        &claim.id,
    )
}

/// The claims of a dispute on one axis.
pub(crate) fn dispute(m: &mut Markup, context: &Context<'_>, dispute: &str, drawn: &mut Drawn) {
    let words = &context.words;
    let conflicts = words.findings.conflicts.iter();
    let claims: BTreeSet<&ClaimId> = conflicts
        .filter(|c| c.dispute == dispute)
        .flat_map(|c| &c.claims)
        .collect();
    let mut claims: Vec<&ClaimFinding> = claims
        .into_iter()
        .filter_map(|id| words.finding(id))
        .collect();
    if claims.len() < 2 || claims.len() > DISPUTE {
        return;
    }
    if !drawn.keyed {
        drawn.keyed = true;
        key(m);
    }
    let kind = claims
        .first()
        .map(|c| words.kind(&c.question))
        .unwrap_or_default();
    claims.sort_by(|a, b| in_row(a, kind).cmp(&in_row(b, kind)));
    let panel = Panel::new(words, claims.iter().map(|c| &c.id));
    plot(m, context, &panel, kind, false);
}

/// The rows of a plot below its axis; in full, with what each rests on, or in short, with its question.
fn plot(m: &mut Markup, context: &Context<'_>, panel: &Panel<'_>, kind: Kind, full: bool) {
    let ticks = panel
        .scale
        .as_ref()
        .map_or_else(Vec::new, |s| s.ticks(CHARACTERS));
    let lanes = format!("--lanes:{}px", bars::LANE * float_of(panel.width));
    m.element(
        "ol",
        &[("class", "rows"), ("style", &lanes), ("role", "list")],
        |m| {
            if let Some(scale) = &panel.scale {
                m.element("li", &[("class", "row head")], |m| {
                    m.element("div", &[("class", "who soft")], |m| {
                        if !panel.profile.is_empty() {
                            m.tagged("div", &[], "Plausibility, 0 to 1.");
                        }
                        m.text(scale.says());
                    });
                    m.element("div", &[("class", "plot")], |m| {
                        if !panel.profile.is_empty() {
                            m.element("svg", &[("class", "plot profile"), ("role", "img")], |m| {
                                m.tagged("title", &[], "Plausibility of each value");
                                m.tagged("desc", &[], &told(&panel.profile, kind));
                                bars::profile(m, &panel.profile, scale, &ticks);
                            });
                        }
                        m.element(
                            "svg",
                            &[("class", "plot axis"), ("aria-hidden", "true")],
                            |m| {
                                bars::axis(m, &ticks);
                            },
                        );
                    });
                });
            }
            for place in 0..panel.rows.len() {
                row(m, context, panel, place, &ticks, full);
            }
        },
    );
    if panel.undrawn > 0 {
        let more = counted(panel.undrawn as u64, "link", "links");
        let text = format!(
            "{} between these rows not drawn; the rows name the conflicts.",
            capital(&more)
        );
        m.tagged("p", &[("class", "soft")], &text);
    }
}

fn row(
    m: &mut Markup,
    context: &Context<'_>,
    panel: &Panel<'_>,
    place: usize,
    ticks: &[Tick],
    full: bool,
) {
    let Some(row) = panel.rows.get(place) else {
        return;
    };
    let claim = row.claim;
    let class = if claim.status == Status::Standing {
        "row"
    } else {
        "row record"
    };
    m.element(
        "li",
        &[("class", class), ("data-claim", claim.id.as_str())],
        |m| {
            m.element("div", &[("class", "who")], |m| {
                who(m, context, claim, full);
                conflicts(m, context, claim);
                if full {
                    rests(m, context, claim);
                }
            });
            if panel.width > 0 {
                m.element("div", &[("class", "lanes"), ("aria-hidden", "true")], |m| {
                    m.element("svg", &[], |m| bars::lanes(m, panel, place, MIDDLE));
                });
            }
            if let Some(scale) = &panel.scale {
                m.element("div", &[("class", "plot")], |m| {
                    m.element("svg", &[("class", "back"), ("aria-hidden", "true")], |m| {
                        bars::grid(m, ticks);
                    });
                    m.element("svg", &[("class", "plot bar"), ("role", "img")], |m| {
                        m.tagged("title", &[], &says(context, claim));
                        bars::claim(m, row, scale);
                    });
                });
            }
            sure(m, claim);
        },
    );
}

/// What a row's drawing shows, in words.
fn says(context: &Context<'_>, claim: &ClaimFinding) -> String {
    let kind = context.words.kind(&claim.question);
    let entailed = values::answers(&claim.entailed, kind);
    match &claim.suggested {
        Some(s) => format!("{entailed}; usually {}", values::answers(&s.set, kind)),
        None => entailed,
    }
}

fn who(m: &mut Markup, context: &Context<'_>, claim: &ClaimFinding, full: bool) {
    let words = &context.words;
    let figure = words.with_unit(&claim.question, words.dated(&claim.id));
    m.tagged("span", &[("class", "figure")], &figure);
    if !full {
        m.tagged(
            "span",
            &[("class", "soft")],
            &format!("{}: ", words.topic(&claim.question)),
        );
    }
    m.text(&format!(
        "{}{}",
        words.speaker(&claim.id),
        words.through(&claim.id)
    ));
    let status = match claim.status {
        Status::Retracted => Some("retracted".to_owned()),
        Status::Superseded => Some(match words.replaced_by(&claim.id) {
            Some(by) => format!("replaced by {}", words.figure(by)),
            None => "replaced".to_owned(),
        }),
        Status::Standing if claim.vacuous => Some("rules nothing out".to_owned()),
        Status::Standing => None,
    };
    if let Some(status) = status {
        m.empty("br", &[]);
        m.tagged("span", &[("class", "tag")], &status);
    }
    if !full {
        return;
    }
    if let Some(quote) = words.quote(&claim.id) {
        m.element("div", &[("class", "soft")], |m| {
            m.element("q", &[], |m| m.tagged("bdi", &[], &quote));
        });
    }
    let own = words.findings.dossier().claim(claim.id.as_str());
    if let Some(address) = own.and_then(|c| c.address()) {
        m.element("div", &[("class", "soft")], |m| match web(address) {
            Some(url) => m.tagged(
                "a",
                &[("href", url), ("rel", "noopener noreferrer")],
                &super::page::plain(host(url), 60),
            ),
            None => m.text(&super::page::plain(address, 80)),
        });
    }
}

fn sure(m: &mut Markup, claim: &ClaimFinding) {
    let (Some(belief), Some(plausibility)) = (claim.belief, claim.plausibility) else {
        m.tagged("p", &[("class", "sure soft")], "not weighed");
        return;
    };
    m.element("dl", &[("class", "sure")], |m| {
        for (name, chance) in [("Belief", belief), ("Plausibility", plausibility)] {
            m.element("div", &[], |m| {
                m.tagged("dt", &[], name);
                m.tagged("dd", &[], &likelihood::figure(chance));
            });
        }
    });
}

/// The conflicts a claim is in, by their numbers.
fn conflicts(m: &mut Markup, context: &Context<'_>, claim: &ClaimFinding) {
    const NAMED: usize = 8;
    let Some(numbers) = context.involved.get(claim.id.as_str()) else {
        return;
    };
    m.element("div", &[("class", "soft")], |m| {
        m.text(if numbers.len() == 1 {
            "In conflict "
        } else {
            "In conflicts "
        });
        for (place, number) in numbers.iter().take(NAMED).enumerate() {
            if place > 0 {
                m.text(", ");
            }
            let target = format!("#{}", conflict_anchor(*number));
            m.tagged("a", &[("href", &target)], &number.to_string());
        }
        if numbers.len() > NAMED {
            m.text(&format!(" and {} more", numbers.len() - NAMED));
        }
    });
}

/// What has to hold for a claim to count, and how far it does.
fn rests(m: &mut Markup, context: &Context<'_>, claim: &ClaimFinding) {
    if claim.status != Status::Standing {
        return;
    }
    m.element("details", &[], |m| {
        m.tagged("summary", &[], "What it rests on");
        m.element("ul", &[], |m| {
            for item in proof::rests_on(&context.words, claim) {
                m.tagged("li", &[], &capital(&item));
            }
            if let Some(trusted) = claim.trusted {
                let text = format!(
                    "Relied on itself, after weighing: {}",
                    likelihood::figure(trusted)
                );
                m.tagged("li", &[], &text);
            }
            if let Some((s, b, p)) = claim
                .suggested
                .as_ref()
                .and_then(|s| Some((s, s.belief?, s.plausibility?)))
            {
                let kind = context.words.kind(&claim.question);
                let text = format!(
                    "As it is usually taken ({}): belief {}, plausibility {}",
                    values::answers(&s.set, kind),
                    likelihood::figure(b),
                    likelihood::figure(p)
                );
                m.tagged("li", &[], &text);
            }
        });
    });
}

/// Claims in a line each.
fn lines(m: &mut Markup, context: &Context<'_>, claims: &[&ClaimFinding]) {
    let words = &context.words;
    m.element("ul", &[], |m| {
        for claim in claims {
            let sure = claim.belief.map_or(String::new(), |b| {
                format!(": belief {}", likelihood::figure(b))
            });
            let status = match claim.status {
                Status::Standing => "",
                Status::Superseded => ", replaced",
                Status::Retracted => ", retracted",
            };
            let text = format!("{}{sure}{status}", words.told(&claim.id));
            m.tagged("li", &[("data-claim", claim.id.as_str())], &text);
        }
    });
}

/// How plausible each label is: rows without an axis.
fn labels(m: &mut Markup, context: &Context<'_>, at: &QuestionFinding) {
    const LABELS: usize = 40;
    let findings = context.words.findings;
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    for candidate in &at.candidates {
        if let Answers::OneOf(items) | Answers::NoneOf(items) = &candidate.entailed {
            labels.extend(items.iter().filter_map(|a| match a {
                Answer::Text(text) => Some(text.as_str()),
                Answer::Number(_) => None,
            }));
        }
    }
    let rows: Vec<(String, f64)> = labels
        .iter()
        .take(LABELS)
        .filter_map(|label| {
            let sure = findings.belief(at.id.as_str(), *label).ok()?;
            Some((
                format!("\"{}\"", super::page::plain(label, 80)),
                sure.plausibility,
            ))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    m.element("table", &[], |m| {
        m.tagged(
            "caption",
            &[],
            "How plausible each label is, as far as anybody names it",
        );
        m.element("tbody", &[], |m| {
            for (label, plausibility) in rows {
                m.element("tr", &[], |m| {
                    m.tagged("th", &[("scope", "row")], &label);
                    m.element("td", &[], |m| {
                        let figure = likelihood::figure(plausibility);
                        m.text(&figure);
                        super::html::chance(m, &figure);
                    });
                });
            }
        });
    });
}

/// How the figures of a question come about: what alone establishes each, and what rules it out.
fn figures(m: &mut Markup, context: &Context<'_>, at: &QuestionFinding, drawn: &mut Drawn) {
    let words = &context.words;
    let findings = words.findings;
    let joined = findings
        .components
        .iter()
        .find(|c| c.questions.contains(&at.id))
        .map_or(0, |c| {
            findings
                .claims
                .iter()
                .filter(|x| c.questions.contains(&x.question))
                .count()
        });
    let fits = FIGURES
        .saturating_sub(drawn.figures)
        .min(at.candidates.len());
    if joined > JOINED || fits == 0 {
        return;
    }
    drawn.figures += fits;
    m.element("details", &[], |m| {
        m.tagged("summary", &[], "How these figures come about");
        for candidate in at.candidates.iter().take(fits) {
            let Some(value) = super::disputes::value(&candidate.entailed) else {
                continue;
            };
            let reasons = match &at.as_of {
                None => findings.reasons(at.id.as_str(), value),
                Some(day) => findings.reasons_at(at.id.as_str(), day, value),
            };
            let Ok(reasons) = reasons else { continue };
            let figure = capital(&candidate_figure(words, &at.id, candidate));
            let sure = match (candidate.belief, candidate.plausibility) {
                (Some(b), Some(p)) => format!(
                    ": belief {}, plausibility {}",
                    likelihood::figure(b),
                    likelihood::figure(p)
                ),
                _ => String::new(),
            };
            m.tagged("h4", &[], &format!("{figure}{sure}"));
            for (lead, sets) in [
                ("Established by any one of", &reasons.entail),
                ("Ruled out by any one of", &reasons.exclude),
            ] {
                let items = cut(proof::sets(words, sets), 14);
                if items.is_empty() {
                    continue;
                }
                m.tagged("p", &[], lead);
                m.element("ul", &[], |m| {
                    for item in &items {
                        m.tagged("li", &[], item);
                    }
                });
            }
        }
    });
}
