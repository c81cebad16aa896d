//! How far one may believe any answer, and why.

use super::reconcile::Findings;
use super::result::ConflictUnit;
use super::roughly::{Bounds, Judged, Roughly, StandardErrors};
use super::units::unit_name;
use crate::claims::id::QuestionId;
use crate::claims::value::Value;
use crate::network::conflict::{WORK, conflicts};
use crate::sets::linear::VariableId;
use crate::sets::set::Set;

/// How far what holds entails and allows something. As an opinion of subjective logic: belief b, disbelief 1 − plausibility, the rest
/// uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Confidence {
    /// The chance that what holds entails it, in [0, 1].
    pub belief: f64,
    /// The chance that what holds allows it, in [belief, 1].
    pub plausibility: f64,
    /// Standard errors, where the budget ended and it was sampled.
    pub standard_error: Option<StandardErrors>,
    /// Certain bounds, where the budget ended.
    pub bounds: Option<Bounds>,
}

/// Why a question about belief has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeliefError {
    /// No such question, or none at that time.
    #[error("there is no question {question} at that time")]
    NoSuchQuestion {
        /// What was asked for, with its time.
        question: String,
    },
    /// The value does not fit the question.
    #[error("found {found}, expected {expected}")]
    Unreadable {
        /// What was given.
        found: String,
        /// What is accepted.
        expected: String,
    },
    /// Certainties contradict each other there.
    #[error("certainties about {question} contradict each other")]
    Impossible {
        /// The question.
        question: String,
    },
}

/// Minimal sets of what is said that entail something, or exclude it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reasons {
    /// Each set alone entails it.
    pub entail: Vec<Vec<ConflictUnit>>,
    /// Each set alone excludes it.
    pub exclude: Vec<Vec<ConflictUnit>>,
}

/// Reasons told at the most.
const REASONS: usize = 1_000;

impl Findings {
    /// How far one may believe that the answer to a question lies in any set: `123`, `Value::at_least(123)`, `"2021"`.
    ///
    /// Of a value with two layers, what it entails counts.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`]. A question that changes over time needs [`belief_at`](Self::belief_at).
    pub fn belief(
        &self,
        question: &str,
        value: impl Into<Value>,
    ) -> Result<Confidence, BeliefError> {
        self.opinion(question, None, &value.into())
    }

    /// The same at a time (a day or an RFC 3339 instant) for which something is claimed.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`].
    pub fn belief_at(
        &self,
        question: &str,
        as_of: &str,
        value: impl Into<Value>,
    ) -> Result<Confidence, BeliefError> {
        self.opinion(question, Some(as_of), &value.into())
    }

    /// Why: the minimal sets of statements and soft links that entail the value, and those that exclude it, hard links taken as
    /// holding.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`].
    pub fn reasons(&self, question: &str, value: impl Into<Value>) -> Result<Reasons, BeliefError> {
        self.grounds(question, None, &value.into())
    }

    /// The same at a time for which something is claimed.
    ///
    /// # Errors
    ///
    /// See [`BeliefError`].
    pub fn reasons_at(
        &self,
        question: &str,
        as_of: &str,
        value: impl Into<Value>,
    ) -> Result<Reasons, BeliefError> {
        self.grounds(question, Some(as_of), &value.into())
    }

    fn grounds(
        &self,
        question: &str,
        as_of: Option<&str>,
        value: &Value,
    ) -> Result<Reasons, BeliefError> {
        let (v, set) = self.target(question, as_of, value)?;
        let outside = set.complement_in(self.engine.headline.domain(v));
        Ok(Reasons {
            entail: self.clashes_with(v, &outside),
            exclude: self.clashes_with(v, &set),
        })
    }

    /// How far what holds allows each single value of a question, numbers and days by their number: to be asked often.
    pub(crate) fn allows(
        &self,
        question: &QuestionId,
        as_of: Option<&str>,
    ) -> Option<impl Fn(i128) -> Option<f64> + '_> {
        let weighing = &self.engine.headline;
        let (v, _) = self.variable(question.as_str(), as_of).ok()?;
        let view = weighing.view(v)?;
        let domain = weighing.domain(v);
        Some(move |x: i128| {
            if !domain.contains(x) {
                return Some(0.0);
            }
            let opinion = view.opinion(&Set::from_numbers([x]), domain)?;
            Some(opinion.plausibility)
        })
    }

    /// Minimal sets of units that clash with the variable lying in `set`.
    fn clashes_with(&self, v: VariableId, set: &Set) -> Vec<Vec<ConflictUnit>> {
        let Some((cluster, local)) = self.engine.home(v) else {
            return Vec::new();
        };
        let mut cluster = cluster.clone();
        if let Some(domain) = cluster.domains.get_mut(local) {
            *domain = domain.intersection(set);
        }
        cluster.convex &= set.stretches().len() <= 1;
        cluster.propagates &= cluster.convex;
        let mut out: Vec<Vec<ConflictUnit>> = conflicts(&cluster, REASONS, &mut WORK.clone())
            .sets
            .iter()
            .map(|bits| {
                let units = bits
                    .iter()
                    .filter_map(|p| cluster.members.get(p))
                    .map(|m| m.id);
                let mut units: Vec<ConflictUnit> =
                    units.map(|u| unit_name(&self.engine, u)).collect();
                units.sort_unstable();
                units
            })
            .collect();
        out.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        out
    }

    /// The variable of a question at a time, and the question's place.
    fn variable(
        &self,
        question: &str,
        as_of: Option<&str>,
    ) -> Result<(VariableId, usize), BeliefError> {
        let name = || match as_of {
            None => question.to_owned(),
            Some(at) => format!("{question}@{at}"),
        };
        let no_such = || BeliefError::NoSuchQuestion { question: name() };
        let place = self
            .engine
            .dossier
            .question_place(question)
            .ok_or_else(no_such)?;
        let at = match as_of {
            None => None,
            Some(text) => Some(crate::claims::edtf::read_instant(text).map_err(|_| no_such())?),
        };
        (0_u32..)
            .map(VariableId)
            .zip(&self.engine.compiled.variables)
            .find(|(_, x)| x.question == place && x.at == at)
            .map(|(v, _)| (v, place))
            .ok_or_else(no_such)
    }

    fn target(
        &self,
        question: &str,
        as_of: Option<&str>,
        value: &Value,
    ) -> Result<(VariableId, Set), BeliefError> {
        let (v, place) = self.variable(question, as_of)?;
        let dossier = &self.engine.dossier;
        let kind = dossier
            .questions
            .get(place)
            .map(|q| q.kind)
            .unwrap_or_default();
        let labels = dossier
            .resolved
            .labels
            .get(place)
            .cloned()
            .unwrap_or_default();
        let reading = value
            .read(kind, &labels, dossier.options.hedges)
            .map_err(|errors| {
                let first = errors.into_iter().next();
                BeliefError::Unreadable {
                    found: first.as_ref().map(|e| e.found.clone()).unwrap_or_default(),
                    expected: first.map(|e| e.accepted).unwrap_or_default(),
                }
            })?;
        Ok((v, reading.entailed().clone()))
    }

    fn opinion(
        &self,
        question: &str,
        as_of: Option<&str>,
        value: &Value,
    ) -> Result<Confidence, BeliefError> {
        let (v, set) = self.target(question, as_of, value)?;
        let weighing = &self.engine.headline;
        let impossible = self
            .components
            .iter()
            .any(|c| c.impossible && c.questions.iter().any(|q| q.as_str() == question));
        let judged = match weighing.view(v) {
            _ if impossible => Judged::default(),
            Some(view) => view.opinion(&set, weighing.domain(v)).into(),
            None => Roughly::new(weighing, v)
                .map(|mut rough| rough.judge(&set, None))
                .unwrap_or_default(),
        };
        match (judged.belief, judged.plausibility) {
            (Some(belief), Some(plausibility)) => Ok(Confidence {
                belief,
                plausibility,
                standard_error: judged.standard_error.map(|e| *e),
                bounds: judged.bounds.map(|b| *b),
            }),
            _ => Err(BeliefError::Impossible {
                question: question.to_owned(),
            }),
        }
    }
}
