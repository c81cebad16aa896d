//! The findings of a dossier.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::answers::Answers;
use super::derivation::Step;
use super::involvement::Involvement;
use super::roughly::{Bounds, StandardErrors};
use crate::claims::dossier::Status;
use crate::claims::id::{AssumptionId, ClaimId, LinkId, QuestionId, SourceId};
use crate::sets::comparison::Comparison;

/// Questions that something joins: links, a source with statements on both, a declared assumption or common origin used on both.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComponentFinding {
    /// Its questions, ascending.
    pub questions: Vec<QuestionId>,
    /// The chance that not everything said about them can hold, in [0, 1].
    pub discrepancy: f64,
    /// −log2 of the chance that it can; `None` where it is impossible.
    pub conflict_bits: Option<f64>,
    /// How many bits more it costs if everything is meant as it is usually taken; `None` where that is impossible.
    pub tension_bits: Option<f64>,
    /// Certainties contradict each other: nothing here has a confidence.
    pub impossible: bool,
    /// Every number is exact, up to rounding.
    pub exact: bool,
    /// The standard error of the discrepancy, where it was sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Certain bounds on the discrepancy, where it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 2]>,
}

/// What a claim is usually taken to mean, with how far that is entailed and allowed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SuggestedFinding {
    /// The suggested set.
    pub set: Answers,
    /// The chance that what holds entails it, in [0, 1].
    pub belief: Option<f64>,
    /// The chance that what holds allows it, in [0, 1].
    pub plausibility: Option<f64>,
    /// Standard errors, where the budget ended and numbers were sampled.
    pub standard_error: Option<Box<StandardErrors>>,
    /// Certain bounds, where the budget ended.
    pub bounds: Option<Box<Bounds>>,
}

impl Serialize for SuggestedFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.set.entries(&mut map)?;
        if let Some(b) = self.belief {
            map.serialize_entry("belief", &b)?;
        }
        if let Some(p) = self.plausibility {
            map.serialize_entry("plausibility", &p)?;
        }
        if let Some(e) = &self.standard_error {
            map.serialize_entry("standard_error", e)?;
        }
        if let Some(b) = &self.bounds {
            map.serialize_entry("bounds", b)?;
        }
        map.end()
    }
}

/// One claim. All chances are given what is possible, and lie in [0, 1]; trusted <= belief <= plausibility.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClaimFinding {
    /// The claim.
    pub id: ClaimId,
    /// Its question.
    pub question: QuestionId,
    /// Who says so.
    pub source: SourceId,
    /// What it says, as the network uses it.
    pub entailed: Answers,
    /// What it is usually taken to mean, if that is narrower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<Box<SuggestedFinding>>,
    /// The chance that the claim itself can be relied on. Absent where its component is impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<f64>,
    /// The chance that what holds entails it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub belief: Option<f64>,
    /// The chance that what holds allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plausibility: Option<f64>,
    /// Standard errors, where the budget ended and numbers were sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<Box<StandardErrors>>,
    /// Certain bounds, where the budget ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Box<Bounds>>,
    /// How many sources have a statement within it.
    pub origins: usize,
    /// It says nothing: everything is allowed.
    pub vacuous: bool,
    /// Whether it takes part.
    pub status: Status,
    /// Its statement's share in the disagreement.
    pub involvement: Involvement,
}

/// One source with statements.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SourceFinding {
    /// The source.
    pub id: SourceId,
    /// Its reliability before anything is compared.
    pub prior: f64,
    /// The same given what is possible; never above the prior. Absent where its component is impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posterior: Option<f64>,
    /// The posterior's standard error, where it was sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Certain bounds on the posterior, where it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 2]>,
    /// The share of its statements in the disagreement.
    pub involvement: Involvement,
}

/// One declared assumption.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AssumptionFinding {
    /// The assumption.
    pub id: AssumptionId,
    /// Its probability as declared.
    pub prior: f64,
    /// The same given what is possible; never above the prior. Absent where its component is impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posterior: Option<f64>,
    /// The posterior's standard error, where it was sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Certain bounds on the posterior, where it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 2]>,
}

/// One link.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinkFinding {
    /// Its id, or else its formula.
    pub id: LinkId,
    /// The formula as written.
    pub formula: String,
    /// It always holds.
    pub hard: bool,
    /// Its share in the disagreement; none for a hard link.
    pub involvement: Involvement,
}

/// One distinct answer claimed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The set.
    pub entailed: Answers,
    /// The chance that what holds entails it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub belief: Option<f64>,
    /// The chance that what holds allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plausibility: Option<f64>,
    /// Standard errors, where the budget ended and numbers were sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<Box<StandardErrors>>,
    /// Certain bounds, where the budget ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Box<Bounds>>,
    /// The claims that say just this, ascending.
    pub claims: Vec<ClaimId>,
}

/// One question, at one time if it changes over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QuestionFinding {
    /// The question.
    pub id: QuestionId,
    /// The time, if it changes over time: a day, or an instant in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What is claimed.
    pub candidates: Vec<Candidate>,
    /// The maximal sets of claims on it that can hold together, links taken as holding.
    pub camps: Vec<Vec<ClaimId>>,
}

/// How two claims lie to one another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Overlap {
    /// The first claim.
    pub a: ClaimId,
    /// The second, later by id.
    pub b: ClaimId,
    /// How a's set (or what links leave of b's question if a holds) lies to b's.
    pub comparison: Comparison,
    /// What they share, by its ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<Answers>,
    /// Whole numbers, or days, strictly between; 0 when they touch. Absent where they share something, and for labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<u64>,
    /// What they share over what either holds, where both are bounded, in [0, 1].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jaccard: Option<f64>,
    /// The links used, for claims on different questions or times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<Vec<LinkId>>,
}

/// What kind of conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// What is said cannot hold together.
    Contradiction,
    /// What is said can hold together, but not as it is usually taken.
    Tension,
}

/// A minimal set of statements and soft links that cannot hold together.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Conflict {
    /// Its kind and its units.
    pub id: String,
    /// Contradiction or tension.
    pub kind: ConflictKind,
    /// Every claim of the statements in it, ascending.
    pub claims: Vec<ClaimId>,
    /// The soft links in it.
    pub links: Vec<LinkId>,
    /// The hard links its derivation uses.
    pub hard_links: Vec<LinkId>,
    /// The declared assumptions it rests on.
    pub assumptions: Vec<AssumptionId>,
    /// The dispute it belongs to.
    pub dispute: String,
    /// The prior chance that all its restrictions are active; `None` for a tension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Why, as steps that can be replayed. Empty if the budget for it ended.
    pub derivation: Vec<Step>,
    /// One claim for each statement, with whether it is needed as it is usually taken.
    #[serde(skip)]
    pub units: Vec<ConflictUnit>,
}

/// One unit of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ConflictUnit {
    /// A statement, by its first claim: what it says.
    Said(ClaimId),
    /// A statement, by the first claim that suggests it: what it is usually taken to mean.
    Meant(ClaimId),
    /// A soft link.
    Link(LinkId),
}

/// Something to give up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum GiveUp {
    /// A statement, by its first claim.
    Claim {
        /// The claim.
        id: ClaimId,
    },
    /// A soft link.
    Link {
        /// The link.
        id: LinkId,
    },
}

/// A minimal set to give up so that the rest of a dispute can hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Repair {
    /// The dispute.
    pub dispute: String,
    /// What to give up.
    pub give_up: Vec<GiveUp>,
    /// The chance that none of it is active, given what is possible. Shares of different repairs overlap. Absent where the component is
    /// impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The share's standard error, where it was sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Certain bounds on the share, where it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 2]>,
    /// Values under which all the rest of the dispute holds: question, time, value as a number.
    #[serde(skip)]
    pub witness: Vec<(QuestionId, Option<String>, i128)>,
}

/// A number of things, if it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// More, but not how many.
    Unknown,
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exactly(n) => serializer.serialize_u64(*n),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

/// What the limits cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Pairs compared; of those through links as many as were found before following links took too much.
    pub overlaps: u64,
    /// Members of camps.
    pub camps: u64,
    /// Conflicts.
    pub conflicts: Count,
    /// Repairs.
    pub repairs: Count,
}
