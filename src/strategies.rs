//! Random dossiers for property tests, with feature `proptest`.
//!
//! Every strategy makes valid dossiers by construction, small enough to go through all their scenarios: at most nine claims, five
//! questions, figures up to five, and about a dozen uncertain assumptions. They shrink towards fewer and plainer claims.
//!
//! # Examples
//!
//! ```
//! use discrepancy::{Dossier, strategies};
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(16), |(dossier in strategies::dossiers())| {
//!     prop_assert_eq!(Dossier::from_json(dossier.to_json().as_bytes()), Ok(dossier));
//! });
//! ```

mod parts;
mod plan;

use proptest::prelude::*;
use proptest::sample::select;

use crate::claims::dossier::Dossier;
use crate::claims::question::{OverTime, Question};
pub use parts::{formulas, phrases, sets};
use plan::{Flavour, Shape, plans};

const PLAIN: Flavour = Flavour {
    via: 8,
    credibility: 8,
    assuming: 10,
    soft_links: 30,
    suggestions: 15,
    choices: 15,
    groups: 15,
    certain: 4,
    repeats: 8,
    retired: 5,
};

const BARE: Flavour = Flavour {
    via: 0,
    credibility: 0,
    assuming: 0,
    soft_links: 0,
    suggestions: 0,
    choices: 0,
    groups: 0,
    certain: 0,
    repeats: 0,
    retired: 0,
};

fn made(shapes: Vec<Shape>, flavour: Flavour) -> BoxedStrategy<Dossier> {
    (select(shapes), plans(flavour))
        .prop_map(|(shape, plan)| plan.dossier(&shape))
        .boxed()
}

fn counts(ids: &[&str]) -> Vec<Question> {
    ids.iter().map(|id| Question::count(*id)).collect()
}

/// A question alone.
fn single() -> Shape {
    Shape::new(counts(&["n"]), &[])
}

/// Dossiers of every shape below.
pub fn dossiers() -> impl Strategy<Value = Dossier> {
    prop_oneof![
        3 => single_questions(),
        2 => sums(),
        2 => chains(),
        2 => trees(),
        2 => cycles(),
        2 => over_time(),
        2 => parts(),
        1 => relays(),
        1 => common_origins(),
        2 => suggestions(),
        1 => choices(),
        1 => assumptions(),
        3 => certainties(),
        1 => wordings(),
        1 => revisions(),
        1 => dates(),
        1 => categories(),
    ]
}

/// One question that counts something, and several who answer it.
pub fn single_questions() -> impl Strategy<Value = Dossier> {
    made(vec![single()], PLAIN)
}

/// A whole and its parts: `whole = left + right`, also with three parts, or with a part left open (`whole >= left + right`).
pub fn sums() -> impl Strategy<Value = Dossier> {
    made(
        vec![
            Shape::new(
                counts(&["left", "right", "whole"]),
                &[&["whole = left + right", "whole >= left + right"]],
            ),
            Shape::new(
                counts(&["left", "rest", "right", "whole"]),
                &[&["whole = left + right + rest"]],
            )
            .up_to(3),
        ],
        PLAIN,
    )
}

/// Questions in an order: `inner <= middle`, `middle <= outer`, also strict and with distances.
pub fn chains() -> impl Strategy<Value = Dossier> {
    made(
        vec![Shape::new(
            counts(&["inner", "middle", "outer"]),
            &[
                &["inner <= middle", "inner < middle", "middle = inner"],
                &[
                    "middle <= outer",
                    "outer >= middle + 1",
                    "outer - middle <= 2",
                ],
            ],
        )],
        PLAIN,
    )
}

/// Breakdowns of parts, and parts of parts.
pub fn trees() -> impl Strategy<Value = Dossier> {
    made(
        vec![
            Shape::new(
                counts(&["city", "north", "rural", "south", "total"]),
                &[
                    &["total = north + south"],
                    &["south = city + rural", "south >= city + rural"],
                ],
            )
            .up_to(2),
            Shape::new(
                counts(&["abroad", "freed", "political", "stayed"]),
                &[
                    &["freed = abroad + stayed"],
                    &["political <= freed", "political = freed"],
                ],
            )
            .up_to(3),
        ],
        PLAIN,
    )
}

/// Links that form cycles, where whole numbers matter: parity, coefficients, two breakdowns of one whole.
pub fn cycles() -> impl Strategy<Value = Dossier> {
    made(
        vec![
            Shape::new(
                counts(&["m", "n", "x", "y"]),
                &[&["n = x + y"], &["x = y + m", "x <= y + m"]],
            )
            .up_to(3),
            Shape::new(
                counts(&["x", "y", "z"]),
                &[
                    &["x + y = 3", "x + y <= 3"],
                    &["y + z = 4"],
                    &["x + z = 4", "x + z = 5"],
                ],
            ),
            Shape::new(
                counts(&["x", "y"]),
                &[&["2*x = y + 1", "2*x = 3*y"], &["x <= y", "x + y <= 4"]],
            ),
            Shape::new(
                counts(&["a", "b", "c", "whole"]),
                &[
                    &["whole = a + b"],
                    &["whole = b + c"],
                    &["a <= c", "a < c", "a = 2*c"],
                ],
            )
            .up_to(3),
        ],
        Flavour {
            soft_links: 20,
            ..PLAIN
        },
    )
}

/// Questions whose answer changes: counts that never shrink, and stocks. Some claims are dated, others only known to be stated.
pub fn over_time() -> impl Strategy<Value = Dossier> {
    let dead = || Question::count("dead").over_time(OverTime::Cumulative);
    let held = || Question::count("held").over_time(OverTime::Varies);
    made(
        vec![
            Shape::new(vec![dead()], &[]),
            Shape::new(vec![held()], &[]),
            Shape::new(
                vec![
                    dead(),
                    Question::count("men").over_time(OverTime::Cumulative),
                ],
                &[&["men <= dead"]],
            )
            .up_to(4),
            Shape::new(
                vec![held(), Question::count("capacity")],
                &[&["held <= capacity", "held = capacity"]],
            )
            .up_to(4),
            Shape::new(
                vec![
                    Question::count("arrived").over_time(OverTime::Cumulative),
                    held(),
                ],
                &[&["held <= arrived"]],
            )
            .up_to(4),
        ],
        PLAIN,
    )
}

/// Questions that no link joins; sources may answer one of them or several.
pub fn parts() -> impl Strategy<Value = Dossier> {
    let shape = |apart| Shape {
        apart,
        ..Shape::new(counts(&["a", "b", "c"]), &[]).up_to(3)
    };
    let certain = Flavour {
        certain: 60,
        ..BARE
    };
    prop_oneof![
        2 => made(vec![shape(true), shape(false)], PLAIN),
        2 => made(vec![shape(true)], certain),
    ]
}

/// Statements that came through outlets, one of them on two routes.
pub fn relays() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        via: 60,
        repeats: 50,
        certain: 4,
        ..BARE
    };
    made(
        vec![
            single(),
            Shape::new(counts(&["inner", "outer"]), &[&["inner <= outer"]]),
        ],
        flavour,
    )
}

/// Groups of sources that may repeat one another.
pub fn common_origins() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        groups: 95,
        certain: 4,
        ..BARE
    };
    made(
        vec![
            single().up_to(2),
            Shape::new(counts(&["a", "b"]), &[]).up_to(2),
        ],
        flavour,
    )
}

/// Claims that suggest more than they say.
pub fn suggestions() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        suggestions: 60,
        assuming: 5,
        ..BARE
    };
    made(
        vec![
            single(),
            Shape::new(counts(&["inner", "outer"]), &[&["inner <= outer"]]),
        ],
        flavour,
    )
}

/// Choices and denials: `{"one_of": [1, 3]}`, `{"none_of": [2]}`.
pub fn choices() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        choices: 75,
        ..BARE
    };
    made(
        vec![
            single(),
            Shape::new(
                counts(&["left", "right", "whole"]),
                &[&["whole = left + right"]],
            )
            .up_to(3),
        ],
        flavour,
    )
}

/// Declared assumptions on claims and links.
pub fn assumptions() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        assuming: 60,
        soft_links: 90,
        certain: 5,
        ..BARE
    };
    made(
        vec![
            Shape::new(counts(&["counted", "freed"]), &[&["counted = freed"]]),
            Shape::new(
                counts(&["a", "b", "c"]),
                &[&["a <= b"], &["c = b", "a + c <= b"]],
            )
            .up_to(3),
        ],
        flavour,
    )
}

/// Sources of reliability 0 and 1, assumptions that are certain either way: dossiers that can be impossible.
pub fn certainties() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        certain: 90,
        soft_links: 40,
        suggestions: 15,
        ..BARE
    };
    made(
        vec![
            single(),
            Shape::new(counts(&["inner", "outer", "apart"]), &[&["inner <= outer"]]),
        ],
        flavour,
    )
}

/// Few sources in many wordings: statements of one source that hold one another or contradict each other.
pub fn wordings() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        repeats: 20,
        choices: 20,
        suggestions: 10,
        ..BARE
    };
    let shape = Shape {
        sources: 2,
        ..single()
    };
    made(vec![shape], flavour)
}

/// Claims that replace earlier ones or were taken back.
pub fn revisions() -> impl Strategy<Value = Dossier> {
    let flavour = Flavour {
        retired: 40,
        ..PLAIN
    };
    made(
        vec![
            single(),
            Shape::new(counts(&["inner", "outer"]), &[&["inner <= outer"]]),
        ],
        flavour,
    )
}

/// Dates, some of them linked in days.
pub fn dates() -> impl Strategy<Value = Dossier> {
    made(
        vec![
            Shape::new(vec![Question::date("release")], &[]),
            Shape::new(
                vec![Question::date("arrest"), Question::date("release")],
                &[&[
                    "arrest <= release",
                    "release - arrest <= 2",
                    "release = arrest + 1",
                ]],
            ),
        ],
        PLAIN,
    )
}

/// Labels.
pub fn categories() -> impl Strategy<Value = Dossier> {
    made(
        vec![
            Shape::new(vec![Question::category("place")], &[]),
            Shape::new(vec![Question::category("place"), Question::count("n")], &[]),
        ],
        Flavour {
            choices: 45,
            ..PLAIN
        },
    )
}
