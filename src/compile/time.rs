//! Questions over time: a variable for each as-of.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Always, Compiler};
use crate::claims::question::OverTime;
use crate::network::Restriction;
use crate::sets::linear::{Relation, Row, VariableId};

impl Compiler<'_> {
    fn is_fixed(&self, question: usize) -> bool {
        self.dossier
            .questions
            .get(question)
            .is_some_and(|q| q.over_time == OverTime::Fixed)
    }

    /// The times at which all those of the questions that change over time have a variable; `[None]` if none of them does.
    pub(super) fn times(&self, questions: &[usize]) -> Vec<Option<DateTime<Utc>>> {
        let mut shared: Option<BTreeSet<Option<DateTime<Utc>>>> = None;
        for q in questions.iter().filter(|q| !self.is_fixed(**q)) {
            let own: BTreeSet<_> = self
                .variable_at
                .range((*q, None)..=(*q, Some(DateTime::<Utc>::MAX_UTC)))
                .map(|((_, at), _)| *at)
                .collect();
            shared = Some(match shared {
                None => own,
                Some(s) => s.intersection(&own).copied().collect(),
            });
        }
        shared.map_or_else(|| vec![None], |s| s.into_iter().collect())
    }

    /// Cumulative counts do not shrink: each is at most the next.
    pub(super) fn add_growth(&mut self) {
        let mut last: Option<(usize, VariableId)> = None;
        for (&(question, _), &variable) in &self.variable_at {
            let cumulative = self
                .dossier
                .questions
                .get(question)
                .is_some_and(|q| q.over_time == OverTime::Cumulative);
            if !cumulative {
                continue;
            }
            if let Some((same, earlier)) = last
                && same == question
            {
                let network = Arc::make_mut(&mut self.out.network);
                network.hard.push(Restriction::Holds(Row {
                    terms: vec![(earlier, 1), (variable, -1)],
                    relation: Relation::AtMost,
                    right: 0,
                }));
                self.out.always.push(Always::Growth(earlier, variable));
            }
            last = Some((question, variable));
        }
    }
}
