//! What phrases mean, in numbers.

use super::error::PhraseError;
use super::lexicon::Hedge;
use super::number::{LARGEST, Number};
use crate::claims::policy::HedgePolicy;
use crate::claims::reading::Reading;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// What a phrase says, before a policy puts numbers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A number without a hedge.
    Bare(Number),
    /// A number with a hedge.
    Hedged(Hedge, Number),
    /// From one number to another, both included.
    Range(i128, i128),
    /// A plural base word alone: "dozens", "hundreds".
    Plural { base: i128, suggested_up_to: i128 },
    /// A vague word that means the same under every policy.
    Vague {
        at_least: i128,
        suggested: (i128, i128),
    },
}

/// The numbers from the first to the second, or without end.
type Bounds = (i128, Option<i128>);

impl Meaning {
    /// The two sets; `text` is what an error names.
    ///
    /// # Errors
    ///
    /// A bound beyond 64 bits, or nothing entailed.
    pub(super) fn read(self, policy: HedgePolicy, text: &str) -> Result<Reading, PhraseError> {
        let (entailed, suggested) = self.bounds(policy);
        let bounds = [
            Some(entailed.0),
            entailed.1,
            suggested.map(|s| s.0),
            suggested.and_then(|s| s.1),
        ];
        if bounds.into_iter().flatten().any(|b| b > LARGEST) {
            return Err(PhraseError::too_large(text));
        }
        let set = |(low, high): Bounds| Set::from(Interval::new(Some(low.max(0)), high));
        let entailed = set(entailed);
        let suggested = suggested
            .filter(|_| policy != HedgePolicy::Strict)
            .map(|s| set(s).intersection(&entailed));
        Reading::new(entailed, suggested).map_err(|_| PhraseError::impossible(text))
    }

    /// The entailed and the suggested bounds. Numbers are at most 2^64, so nothing here can overflow.
    fn bounds(self, policy: HedgePolicy) -> (Bounds, Option<Bounds>) {
        match self {
            Self::Bare(number) => bare(number),
            Self::Hedged(hedge, number) => hedged(hedge, number),
            Self::Range(low, high) => ((low, Some(high)), None),
            Self::Plural { base, .. } if policy == HedgePolicy::Conservative => {
                ((base, None), Some((base, Some(base))))
            }
            Self::Plural {
                base,
                suggested_up_to,
            } => ((2 * base, None), Some((2 * base, Some(suggested_up_to)))),
            Self::Vague {
                at_least,
                suggested: (low, high),
            } => ((at_least, None), Some((low, Some(high)))),
        }
    }
}

/// A round number, or a decimal, stands for all that round to it.
fn bare(number: Number) -> (Bounds, Option<Bounds>) {
    let n = number.value;
    let itself = (n, Some(n));
    let unit = number.unit();
    let rounded_at = number
        .last_place
        .unwrap_or(if unit >= 100 { unit } else { 1 });
    if rounded_at == 1 {
        return (itself, None);
    }
    let half = rounded_at / 2;
    ((n - half, Some(n + half - 1)), Some(itself))
}

fn hedged(hedge: Hedge, number: Number) -> (Bounds, Option<Bounds>) {
    let n = number.value;
    let unit = number.unit();
    let half_up = (n + 1) / 2;
    let nine_tenths_up = (9 * n + 9) / 10;
    let eleven_tenths_up = (11 * n + 9) / 10;
    let eleven_tenths_down = 11 * n / 10;
    match hedge {
        Hedge::Exactly => ((n, Some(n)), None),
        Hedge::AtLeast => ((n, None), None),
        Hedge::MoreThan => (
            (n + 1, None),
            (unit > 1).then_some((n + 1, Some(n + unit - 1))),
        ),
        Hedge::WellOver => ((n + 1, None), Some((eleven_tenths_up, Some(2 * n - 1)))),
        Hedge::JustOver => ((n + 1, None), Some((n + 1, Some(eleven_tenths_down)))),
        Hedge::UpTo => ((0, None), Some((half_up, Some(n)))),
        Hedge::AtMost => ((0, Some(n)), None),
        Hedge::FewerThan => ((0, Some(n - 1)), None),
        Hedge::JustUnder => ((0, Some(n - 1)), Some((nine_tenths_up, Some(n - 1)))),
        Hedge::Nearly => ((half_up, Some(n - 1)), Some((nine_tenths_up, Some(n - 1)))),
        Hedge::About => {
            let slack = (unit / 2).max(n / 20);
            ((half_up, Some(2 * n)), Some((n - slack, Some(n + slack))))
        }
        Hedge::CloseTo => (
            (half_up, Some(2 * n)),
            Some((nine_tenths_up, Some(eleven_tenths_down))),
        ),
    }
}
