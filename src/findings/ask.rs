//! What to ask next: whatever is most uncertain among what the disagreement hangs on.

use std::collections::BTreeSet;

use serde::Serialize;

use super::explain::rounded;
use super::reconcile::Findings;
use crate::claims::id::{AssumptionId, ClaimId};

/// What a question would be about. In the order in which questions of equal bits are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AskAbout {
    /// Whether a declared assumption holds.
    Assumption {
        /// The assumption.
        id: AssumptionId,
    },
    /// Whether a statement can be relied on, by its first claim.
    Claim {
        /// The claim.
        id: ClaimId,
    },
}

/// Something to ask next.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ask {
    /// What about.
    pub about: AskAbout,
    /// How much doubt the answer would remove at most: the binary entropy of its posterior, in [0, 1].
    pub bits: f64,
}

/// Each declared assumption and each statement in a contradiction that has a posterior, most doubtful first.
pub(crate) fn ask(findings: &Findings) -> Vec<Ask> {
    let assumptions = findings.assumptions.iter().filter_map(|a| {
        Some(Ask {
            about: AskAbout::Assumption { id: a.id.clone() },
            bits: entropy(a.posterior?),
        })
    });
    let places = &findings.engine.compiled.places;
    let disputed: BTreeSet<usize> = findings
        .claims
        .iter()
        .zip(places)
        .filter(|(c, _)| !c.involvement.is_none())
        .filter_map(|(_, p)| Some(p.as_ref()?.statement))
        .collect();
    let claims = disputed.into_iter().filter_map(|s| {
        let id = findings.engine.statement_claim(s);
        let trusted = findings.claim(id.as_str())?.trusted?;
        Some(Ask {
            about: AskAbout::Claim { id },
            bits: entropy(trusted),
        })
    });
    let mut out: Vec<Ask> = assumptions.chain(claims).collect();
    out.sort_by(|a, b| {
        rounded(b.bits)
            .total_cmp(&rounded(a.bits))
            .then_with(|| a.about.cmp(&b.about))
    });
    out
}

/// The entropy of an event of probability `p`, in bits: −p log2 p − (1 − p) log2 (1 − p).
fn entropy(p: f64) -> f64 {
    let part = |x: f64| if x > 0.0 { -x * x.log2() } else { 0.0 };
    (part(p) + part(1.0 - p)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropies() {
        assert!((entropy(0.5) - 1.0).abs() < 1e-15);
        assert!((entropy(0.25) - entropy(0.75)).abs() < 1e-15);
        assert!(entropy(0.0).abs() < 1e-15 && entropy(1.0).abs() < 1e-15);
    }
}
