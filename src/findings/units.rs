//! Units of the network by the claims and links that name them.

use std::cmp::Ordering;

use super::engine::Engine;
use super::result::ConflictUnit;
use crate::compile::Role;
use crate::network::UnitId;

/// A unit by the claim or link that names it.
pub(crate) fn unit_name(engine: &Engine, unit: UnitId) -> ConflictUnit {
    match engine.compiled.role(unit) {
        Role::Statement(s) => ConflictUnit::Said(engine.statement_claim(s)),
        Role::Suggestion(_) => ConflictUnit::Meant(engine.suggestion_claim(unit)),
        Role::Link(link) => ConflictUnit::Link(engine.link_id(link)),
    }
}

/// A unit as part of an id: unlike any other's, whatever characters its own id has.
pub(super) fn unit_key(unit: &ConflictUnit) -> String {
    let escaped = |id: &str| {
        id.replace('%', "%25")
            .replace('+', "%2B")
            .replace(':', "%3A")
    };
    match unit {
        ConflictUnit::Said(id) => escaped(id.as_str()),
        ConflictUnit::Meant(id) => format!("suggested:{}", escaped(id.as_str())),
        ConflictUnit::Link(id) => format!("link:{}", escaped(id.as_str())),
    }
}

/// Units by what names them: claims before links, then by id.
fn sort_key(unit: &ConflictUnit) -> (u8, &str) {
    match unit {
        ConflictUnit::Said(id) | ConflictUnit::Meant(id) => (0, id.as_str()),
        ConflictUnit::Link(id) => (1, id.as_str()),
    }
}

/// Which of two units comes first.
pub(super) fn in_order(a: &ConflictUnit, b: &ConflictUnit) -> Ordering {
    sort_key(a).cmp(&sort_key(b))
}

/// Which of two lists of units comes first: the smaller, then by what names them.
pub(super) fn smaller(a: &[ConflictUnit], b: &[ConflictUnit]) -> Ordering {
    let names = || a.iter().map(sort_key).cmp(b.iter().map(sort_key));
    a.len().cmp(&b.len()).then_with(names)
}
