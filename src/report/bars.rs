//! Shapes on one line, placed in parts of its width, so that they can be drawn at any width without being stretched.

use super::markup::Markup;
use super::panel::{Lane, Level, Panel, Row, Stretch};
use super::scale::{Scale, Tick, float_of};

/// A share of the width as SVG says it.
pub(crate) fn percent(part: f64) -> String {
    format!("{:.2}%", part * 100.0)
}

/// Height of a row's drawing, in pixels.
pub(crate) const HEIGHT: f64 = 28.0;
/// Height of a profile.
pub(crate) const PROFILE: f64 = 56.0;
/// Width of a lane.
pub(crate) const LANE: f64 = 12.0;

/// What a claim says, and what it suggests.
pub(crate) fn claim(m: &mut Markup, row: &Row<'_>, scale: &Scale) {
    for stretch in &row.entailed {
        bar(m, *stretch, scale, "says", 6.0);
    }
    for stretch in &row.suggested {
        bar(m, *stretch, scale, "suggests", 14.0);
    }
}

/// Faint lines at the marks of the axis.
pub(crate) fn grid(m: &mut Markup, ticks: &[Tick]) {
    for tick in ticks {
        let at = percent(tick.at);
        m.empty(
            "line",
            &[
                ("class", "grid"),
                ("x1", &at),
                ("x2", &at),
                ("y1", "0"),
                ("y2", "100%"),
            ],
        );
    }
}

/// A stretch: a point where it holds one value, else a bar, with an arrow where it goes on beyond the drawing.
fn bar(m: &mut Markup, stretch: Stretch, scale: &Scale, class: &str, thick: f64) {
    let from = stretch.from.map_or(f64::NEG_INFINITY, |x| scale.at(x));
    let to = stretch.to.map_or(f64::INFINITY, |x| scale.at(x));
    if from > 1.0 || to < 0.0 {
        return;
    }
    let middle = HEIGHT / 2.0;
    if stretch.from.is_some() && stretch.from == stretch.to {
        m.empty(
            "circle",
            &[
                ("class", class),
                ("cx", &percent(from)),
                ("cy", &middle.to_string()),
                ("r", "6"),
            ],
        );
        return;
    }
    let (left, right) = (from.max(0.0), to.min(1.0));
    m.empty(
        "rect",
        &[
            ("class", class),
            ("x", &percent(left)),
            ("y", &(middle - thick / 2.0).to_string()),
            // Never so narrow that it cannot be seen.
            ("width", &percent((right - left).max(0.006))),
            ("height", &thick.to_string()),
        ],
    );
    for (inside, beyond, at, tip) in [
        (from >= 0.0, "0", left, "0,0 10,-8 10,8"),
        (to <= 1.0, "100%", right, "0,0 -10,-8 -10,8"),
    ] {
        if inside {
            // A closed end.
            let at = percent(at);
            let (top, bottom) = ((middle - 8.0).to_string(), (middle + 8.0).to_string());
            m.empty(
                "line",
                &[
                    ("class", "end"),
                    ("x1", &at),
                    ("x2", &at),
                    ("y1", &top),
                    ("y2", &bottom),
                ],
            );
        } else {
            m.element(
                "svg",
                &[
                    ("x", beyond),
                    ("y", &middle.to_string()),
                    ("overflow", "visible"),
                    ("width", "1"),
                    ("height", "1"),
                ],
                |m| m.empty("polygon", &[("class", class), ("points", tip)]),
            );
        }
    }
}

/// How far each value is allowed, as an area of full height where it is wholly so.
pub(crate) fn profile(m: &mut Markup, levels: &[Level], scale: &Scale, ticks: &[Tick]) {
    const THIN: f64 = 0.008;
    grid(m, ticks);
    let between = |a: i128, b: i128| f64::midpoint(scale.at(a), scale.at(b));
    let mut edges: Vec<f64> = levels
        .iter()
        .map(|l| between(l.from.saturating_sub(1), l.from))
        .collect();
    edges.push(
        levels
            .last()
            .map_or(1.0, |l| between(l.to, l.to.saturating_add(1))),
    );
    if let Some(first) = edges.first_mut() {
        *first = 0.0;
    }
    if let Some(last) = edges.last_mut() {
        *last = 1.0;
    }
    let mut path = String::from("M0 100");
    let mut left = 0.0_f64;
    for (level, pair) in levels.iter().zip(edges.windows(2)) {
        let [from, to] = pair else { continue };
        let thin = ((THIN - (to - from)) / 2.0).max(0.0);
        let start = (from - thin).clamp(left, 1.0);
        let end = (to + thin).clamp(start, 1.0);
        let height = 100.0 - 100.0 * level.allowed.clamp(0.0, 1.0);
        let (start, stop) = (start * 1000.0, end * 1000.0);
        path.extend([format!("L{start:.1} {height:.1}L{stop:.1} {height:.1}")]);
        left = end;
    }
    path.push_str("L1000 100Z");
    m.element(
        "svg",
        &[
            ("viewBox", "0 0 1000 100"),
            ("preserveAspectRatio", "none"),
            ("width", "100%"),
            ("height", "100%"),
        ],
        |m| m.empty("path", &[("class", "profile"), ("d", &path)]),
    );
}

/// The labels of an axis, in a line of their own.
pub(crate) fn axis(m: &mut Markup, ticks: &[Tick]) {
    for tick in ticks {
        let at = percent(tick.at);
        m.empty(
            "line",
            &[
                ("class", "tick"),
                ("x1", &at),
                ("x2", &at),
                ("y1", "0"),
                ("y2", "5"),
            ],
        );
        m.tagged(
            "text",
            &[
                ("class", "label"),
                ("x", &at),
                ("y", "17"),
                ("text-anchor", "middle"),
            ],
            &tick.label,
        );
    }
}

/// The piece of the links between rows that is beside one of them, so far below its top.
pub(crate) fn lanes(m: &mut Markup, panel: &Panel<'_>, row: usize, middle: f64) {
    let width = LANE * float_of(panel.width);
    let (end, middle) = (width.to_string(), middle.to_string());
    for lane in panel.beside(row) {
        let x = (width - LANE * (float_of(lane.place) + 0.5)).to_string();
        let top = if lane.rows.first() == Some(&row) {
            middle.as_str()
        } else {
            "0"
        };
        let bottom = if lane.rows.last() == Some(&row) {
            middle.as_str()
        } else {
            "100%"
        };
        line(m, lane, [&x, &x], [top, bottom]);
        if lane.rows.binary_search(&row).is_ok() {
            line(m, lane, [&x, &end], [&middle, &middle]);
            let knot = [
                ("class", "knot"),
                ("cx", x.as_str()),
                ("cy", middle.as_str()),
                ("r", "3.5"),
            ];
            m.empty("circle", &knot);
        }
    }
}

/// The links that pass between a row and the one above it.
pub(crate) fn passing(m: &mut Markup, panel: &Panel<'_>, row: usize) {
    let width = LANE * float_of(panel.width);
    for lane in panel.beside(row) {
        if lane.rows.first() != Some(&row) {
            let x = (width - LANE * (float_of(lane.place) + 0.5)).to_string();
            line(m, lane, [&x, &x], ["0", "100%"]);
        }
    }
}

fn line(m: &mut Markup, lane: &Lane, [x1, x2]: [&str; 2], [y1, y2]: [&str; 2]) {
    m.empty(
        "line",
        &[
            ("class", kind(lane)),
            ("x1", x1),
            ("x2", x2),
            ("y1", y1),
            ("y2", y2),
        ],
    );
}

fn kind(lane: &Lane) -> &'static str {
    if lane.tension { "link strain" } else { "link" }
}
