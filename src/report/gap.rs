//! By how much two figures differ.

use super::values;
use super::words::Words;
use crate::claims::id::ClaimId;
use crate::claims::question::Kind;
use crate::findings::answers::{Answer, Answers};
use crate::findings::result::Overlap;

/// By how much the first figure differs from the second: "33 more, 27 %".
pub(crate) fn gap(
    words: &Words<'_>,
    lead: &ClaimId,
    other: &ClaimId,
    told: fn(i128, i128) -> String,
) -> Option<String> {
    let overlap = words
        .findings
        .overlaps
        .iter()
        .find(|o| (o.a == *lead && o.b == *other) || (o.a == *other && o.b == *lead))?;
    let question = &words.finding(lead)?.question;
    for id in [lead, other] {
        // Between sets with holes a distance says little.
        if !matches!(words.finding(id)?.entailed, Answers::Between { .. }) {
            return None;
        }
    }
    match words.kind(question) {
        Kind::Count => {
            let apart = i128::from(overlap.gap?) + 1;
            match ends(words, lead, other, overlap, apart) {
                Some((x, y)) => Some(told(x, y)),
                // By which links it comes about decides what it means.
                None if overlap.through.is_some() => None,
                None => Some(format!("{} apart", values::number(apart))),
            }
        }
        Kind::Date if overlap.through.is_some() => None,
        Kind::Date => {
            let days = i128::from(overlap.gap?) + 1;
            Some(super::page::counted(
                u64::try_from(days).ok()?,
                "day apart",
                "days apart",
            ))
        }
        Kind::Category => None,
    }
}

/// The nearest ends of two sets of counts, where the links between them only pass figures on.
fn ends(
    words: &Words<'_>,
    lead: &ClaimId,
    other: &ClaimId,
    overlap: &Overlap,
    apart: i128,
) -> Option<(i128, i128)> {
    let bounds = |id: &ClaimId| match &words.finding(id)?.entailed {
        Answers::Between { min, max } => {
            let number = |a: &Option<Answer>| match a {
                Some(Answer::Number(n)) => Some(*n),
                _ => None,
            };
            Some((number(min), number(max)))
        }
        _ => None,
    };
    let ((low, high), (from, to)) = (bounds(lead)?, bounds(other)?);
    let direct = overlap.through.is_none();
    let above = low.zip(to).map(|ends| (ends.0 - ends.1, ends));
    let below = high.zip(from).map(|ends| (ends.1 - ends.0, ends));
    [above, below]
        .into_iter()
        .flatten()
        .find(|(distance, _)| *distance == apart || (direct && *distance > 0))
        .map(|(_, ends)| ends)
}

/// "33 more, 27 %".
pub(crate) fn difference(figure: i128, than: i128) -> String {
    let side = if figure > than { "more" } else { "fewer" };
    let apart = (figure - than).abs();
    match percent(apart, than) {
        Some(percent) => format!("{} {side}, {percent}", values::number(apart)),
        None => format!("{} {side}", values::number(apart)),
    }
}

/// "33 apart, 27 % of the smaller".
pub(crate) fn spread(a: i128, b: i128) -> String {
    let apart = (a - b).abs();
    match percent(apart, a.min(b)) {
        Some(percent) => format!("{} apart, {percent} of the smaller", values::number(apart)),
        None => format!("{} apart", values::number(apart)),
    }
}

/// Rounded half up; none of nothing, and none above 1,000.
fn percent(part: i128, of: i128) -> Option<String> {
    if of <= 0 {
        return None;
    }
    match (200 * part + of) / (2 * of) {
        0 => Some("less than 1 %".to_owned()),
        // Beyond that a percentage tells a reader nothing.
        percent if percent > 1_000 => None,
        percent => Some(format!("{} %", values::number(percent))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_of_what_it_differs_from() {
        assert_eq!(difference(156, 123), "33 more, 27 %");
        assert_eq!(difference(123, 156), "33 fewer, 21 %");
        assert_eq!(difference(5, 0), "5 more");
        assert_eq!(difference(10_001, 10_000), "1 more, less than 1 %");
        assert_eq!(spread(156, 123), spread(123, 156));
        assert_eq!(
            difference(i128::from(u64::MAX), 1),
            "18,446,744,073,709,551,614 more"
        );
    }
}
