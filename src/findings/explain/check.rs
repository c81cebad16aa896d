//! Checks that explanations add up, without the machinery that found them: by their own arithmetic, and by reconciling the dossier
//! they describe.

use std::collections::BTreeMap;

use super::cause::{Cause, FigureSum, Given};
use super::{Explanation, Explanations};
use crate::findings::reconcile::{Findings, reconcile};
use crate::findings::result::ConflictKind;

/// What does not add up in an explanation.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplanationFault {
    /// The bits are not the sum of the terms.
    #[error("{id}: the terms add up to {sum}, not {bits}")]
    Terms {
        /// The explanation.
        id: String,
        /// The sum of its terms.
        sum: f64,
        /// Its bits.
        bits: f64,
    },
    /// A formula does not close.
    #[error("{id}: {formula} does not hold")]
    Formula {
        /// The explanation.
        id: String,
        /// What should hold.
        formula: String,
    },
    /// A figure is not what its claims say.
    #[error("{id}: {claim} does not say {figure}")]
    Figure {
        /// The explanation.
        id: String,
        /// The claim.
        claim: String,
        /// What it is said to say.
        figure: u64,
    },
    /// The rewritten dossier does not weigh what it should.
    #[error("{id}: replayed, the network gains {found} bits, not {told}")]
    Replay {
        /// The explanation.
        id: String,
        /// What reconciling the rewritten dossier gives.
        found: f64,
        /// What the explanation says.
        told: f64,
    },
    /// A rewrite cannot be replayed.
    #[error("{id}: the rewritten dossier cannot be built")]
    Rewrite {
        /// The explanation.
        id: String,
    },
    /// The shares of a dispute do not add up to one, or do not follow the bits.
    #[error("{dispute}: the shares add up to {sum}")]
    Shares {
        /// The dispute.
        dispute: String,
        /// Their sum.
        sum: f64,
    },
}

/// How far floating-point sums may be off.
const TOLERANCE: f64 = 1e-6;

impl Findings {
    /// Checks every explanation: formulas close over what the claims say, the terms add up, the shares are normalised, and the dossier
    /// as it would be under each rewrite, reconciled from scratch, gains the bits it is said to.
    ///
    /// # Errors
    ///
    /// All faults found; none are expected of [`explanations`](Self::explanations).
    ///
    /// # Complexity
    ///
    /// One reconciliation for each rewrite: for tests, not for every day.
    pub fn check_explanations(&self) -> Result<(), Vec<ExplanationFault>> {
        let found: &Explanations = self.explanations();
        let mut faults: Vec<ExplanationFault> = Vec::new();
        let mut shares: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
        for e in &found.list {
            let sum = e.terms.sum();
            if !close(sum, e.bits) {
                faults.push(ExplanationFault::Terms {
                    id: e.id.clone(),
                    sum,
                    bits: e.bits,
                });
            }
            self.check_formulas(e, &mut faults);
            self.check_replay(e, &mut faults);
            let (total, low, high) = shares
                .entry(&e.dispute)
                .or_insert((0.0, f64::INFINITY, 0.0));
            *total += e.share;
            // The same factor lies between 2^bits and the share of every explanation.
            let factor = e.share.log2() - e.bits;
            if e.share > 0.0 {
                *low = low.min(factor);
                *high = if *high == 0.0 {
                    factor
                } else {
                    high.max(factor)
                };
            }
        }
        for (dispute, (sum, low, high)) in shares {
            if !close(sum, 1.0) || high - low > TOLERANCE {
                faults.push(ExplanationFault::Shares {
                    dispute: dispute.to_owned(),
                    sum,
                });
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    fn check_formulas(&self, e: &Explanation, faults: &mut Vec<ExplanationFault>) {
        let mut require = |holds: bool, formula: String| {
            if !holds {
                faults.push(ExplanationFault::Formula {
                    id: e.id.clone(),
                    formula,
                });
            }
        };
        let becomes = |g: &Given| g.value;
        match &e.cause {
            Cause::CountedIn {
                figure,
                becomes: base,
                sums,
                ..
            } => {
                require(!sums.is_empty(), "some sum".to_owned());
                for FigureSum { plus, figures } in sums {
                    let sum: u64 = figures.iter().map(|f| f.value).sum();
                    let made = if *plus {
                        base.value.checked_add(sum)
                    } else {
                        base.value.checked_sub(sum)
                    };
                    let sign = if *plus { '+' } else { '-' };
                    require(
                        made == Some(*figure),
                        format!("{figure} = {} {sign} {sum}", base.value),
                    );
                    let mut questions: Vec<_> = figures.iter().map(|f| &f.question).collect();
                    questions.sort();
                    questions.dedup();
                    require(
                        (1..=3).contains(&figures.len()) && questions.len() == figures.len(),
                        "one to three figures of different questions".to_owned(),
                    );
                }
            }
            Cause::Rounding {
                figure,
                becomes: g,
                unit,
                ..
            } => require(
                figure % unit == 0 && 2 * becomes(g).abs_diff(*figure) <= *unit,
                format!("{} rounds to {figure}", g.value),
            ),
            Cause::Magnitude {
                figure,
                becomes: g,
                rounded,
                factor,
                too_large,
                ..
            } => {
                let from = rounded.unwrap_or(g.value);
                let holds = if *too_large {
                    from.checked_mul(*factor) == Some(*figure)
                } else {
                    figure.checked_mul(*factor) == Some(from)
                };
                require(holds, format!("{figure} is {from} off by {factor}"));
            }
            Cause::OneOff {
                figure, becomes: g, ..
            } => require(
                g.value.abs_diff(*figure) == 1,
                format!("{figure} is next to {}", g.value),
            ),
            Cause::Typo {
                figure, becomes: g, ..
            } => require(
                slip_of_the_pen(*figure, g.value),
                format!("{figure} is a misprint of {}", g.value),
            ),
            Cause::Swap { first, second, .. } => require(
                first.figure == second.becomes.value && second.figure == first.becomes.value,
                format!("{} and {} change places", first.figure, second.figure),
            ),
            _ => {}
        }
        self.check_figures(e, faults);
    }

    /// Whether figures given directly are what their claims say.
    fn check_figures(&self, e: &Explanation, faults: &mut Vec<ExplanationFault>) {
        let direct = |g: &Given| -> Vec<(String, u64)> {
            if g.links.is_empty() && !g.is_bound {
                g.claims.iter().map(|c| (c.to_string(), g.value)).collect()
            } else {
                Vec::new()
            }
        };
        let mut owned: Vec<(String, u64)> = Vec::new();
        match &e.cause {
            Cause::CountedIn { becomes, sums, .. } => {
                owned.extend(direct(becomes));
                for f in sums.iter().flat_map(|s| &s.figures) {
                    owned.extend(f.claims.iter().map(|c| (c.to_string(), f.value)));
                }
            }
            Cause::Rounding { becomes, .. }
            | Cause::Magnitude { becomes, .. }
            | Cause::Typo { becomes, .. }
            | Cause::OneOff { becomes, .. } => owned.extend(direct(becomes)),
            Cause::Swap { first, second, .. } => {
                owned.extend(direct(&first.becomes));
                owned.extend(direct(&second.becomes));
            }
            _ => {}
        }
        for (claim, figure) in owned {
            let reading = self.dossier().reading(&claim);
            if reading.and_then(|r| r.entailed().single()) != Some(i128::from(figure)) {
                faults.push(ExplanationFault::Figure {
                    id: e.id.clone(),
                    claim,
                    figure,
                });
            }
        }
    }

    fn check_replay(&self, e: &Explanation, faults: &mut Vec<ExplanationFault>) {
        let Some(told) = e.terms.network else { return };
        let Some(rewritten) = e.rewritten(self.dossier()) else {
            faults.push(ExplanationFault::Rewrite { id: e.id.clone() });
            return;
        };
        let kind = self
            .conflicts
            .iter()
            .find(|c| c.dispute == e.dispute)
            .map(|c| c.kind);
        let cost = |f: &Findings| match kind {
            Some(ConflictKind::Tension) => Some(f.conflict_bits? + f.tension_bits?),
            _ => f.conflict_bits,
        };
        let after = reconcile(rewritten);
        if let (Some(before), Some(after)) = (cost(self), cost(&after))
            && !close(before - after, told)
        {
            faults.push(ExplanationFault::Replay {
                id: e.id.clone(),
                found: before - after,
                told,
            });
        }
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE
}

/// Whether one digit replaced, lost or added, or two neighbours exchanged, make one figure of the other: by what is left between what
/// they share at both ends.
fn slip_of_the_pen(one: u64, other: u64) -> bool {
    let (one, other) = (one.to_string(), other.to_string());
    let pairs = one.bytes().zip(other.bytes());
    let front = pairs.take_while(|(x, y)| x == y).count();
    let pairs = one.bytes().rev().zip(other.bytes().rev());
    let back = pairs.take_while(|(x, y)| x == y).count();
    let back = back.min(one.len().min(other.len()) - front);
    let between = |s: &str| -> Vec<u8> {
        let length = s.len() - front - back;
        s.bytes().skip(front).take(length).collect()
    };
    match (between(&one).as_slice(), between(&other).as_slice()) {
        ([], [_]) | ([_], [] | [_]) => true,
        ([x, y], [p, q]) => x == q && y == p,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips() {
        for (one, other) in [(114, 141), (41, 47), (1_184, 11_840), (335_309, 333_509)] {
            assert!(slip_of_the_pen(one, other), "{one} {other}");
        }
        assert!(slip_of_the_pen(11, 1));
        assert!(!slip_of_the_pen(12, 34));
    }
}
