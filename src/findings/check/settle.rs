//! Repairs: what is given up, and the values that show that the rest can hold.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::facts::Facts;
use super::row::{Row, Variable};
use super::{CheckError, describe};
use crate::findings::derivation::At;
use crate::findings::result::{Conflict, ConflictUnit, GiveUp, Repair};

/// Something that can be given up, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Given {
    Statement(usize),
    Link(usize),
}

pub(super) fn unit(facts: &Facts<'_>, unit: &ConflictUnit) -> Option<Given> {
    match unit {
        ConflictUnit::Said(id) | ConflictUnit::Meant(id) => {
            let claim = facts.claim(id.as_str())?;
            facts.statement(claim).map(Given::Statement)
        }
        ConflictUnit::Link(id) => facts.link(id.as_str()).map(Given::Link),
    }
}

pub(super) fn given_up(facts: &Facts<'_>, what: &GiveUp) -> Option<Given> {
    match what {
        GiveUp::Claim { id } => unit(facts, &ConflictUnit::Said(id.clone())),
        GiveUp::Link { id } => unit(facts, &ConflictUnit::Link(id.clone())),
    }
}

fn name(what: &GiveUp) -> String {
    match what {
        GiveUp::Claim { id } => format!("the claim {id}"),
        GiveUp::Link { id } => format!("the link {id}"),
    }
}

/// Checks a repair against the contradictions of its dispute. That each thing given up is needed can be seen only if all of them are
/// given.
pub(super) fn settle(
    facts: &Facts<'_>,
    conflicts: &[&Conflict],
    repair: &Repair,
    all_given: bool,
) -> Result<(), CheckError> {
    if conflicts.is_empty() {
        return Err(CheckError::Missing {
            of: repair.dispute.clone(),
            what: "a contradiction".to_owned(),
        });
    }
    let needless = |what: String| CheckError::Needless {
        of: repair.dispute.clone(),
        what,
    };
    let mut gone: BTreeMap<Given, bool> = BTreeMap::new();
    for what in &repair.give_up {
        let given = given_up(facts, what).ok_or_else(|| needless(name(what)))?;
        if gone.insert(given, false).is_some() {
            return Err(needless(name(what)));
        }
    }
    let mut rest = BTreeSet::new();
    for conflict in conflicts {
        let mut met = BTreeSet::new();
        for u in &conflict.units {
            let unit = unit(facts, u).ok_or_else(|| CheckError::Needless {
                of: conflict.id.clone(),
                what: describe(u),
            })?;
            if gone.contains_key(&unit) {
                met.insert(unit);
            } else {
                rest.insert(unit);
            }
        }
        let mut met = met.into_iter();
        match (met.next(), met.next()) {
            (None, _) => {
                return Err(CheckError::Unmet {
                    dispute: repair.dispute.clone(),
                    conflict: conflict.id.clone(),
                });
            }
            // Nothing else meets this one.
            (Some(alone), None) => {
                gone.insert(alone, true);
            }
            _ => {}
        }
    }
    if all_given {
        for what in &repair.give_up {
            let needed = given_up(facts, what).and_then(|g| gone.get(&g).copied());
            if needed != Some(true) {
                return Err(needless(name(what)));
            }
        }
    }
    Witness::read(facts, repair)?.satisfies(&rest)
}

/// The values of a repair.
struct Witness<'a> {
    facts: &'a Facts<'a>,
    dispute: &'a str,
    values: BTreeMap<Variable, i128>,
}

impl<'a> Witness<'a> {
    fn read(facts: &'a Facts<'a>, repair: &'a Repair) -> Result<Self, CheckError> {
        let mut out = Self {
            facts,
            dispute: &repair.dispute,
            values: BTreeMap::new(),
        };
        if repair.witness.is_empty() {
            return Err(out.missing("values that show that the rest can hold"));
        }
        for (question, as_of, value) in &repair.witness {
            let at = At {
                question: question.clone(),
                as_of: as_of.clone(),
            };
            let variable = facts.variable(&at);
            let new = variable.is_some_and(|v| out.values.insert(v, *value).is_none());
            if !new {
                return Err(out.violated(format!("that {at} is a variable with one value")));
            }
        }
        Ok(out)
    }

    fn missing(&self, what: impl Into<String>) -> CheckError {
        CheckError::Missing {
            of: self.dispute.to_owned(),
            what: what.into(),
        }
    }

    fn violated(&self, what: impl Into<String>) -> CheckError {
        CheckError::Violated {
            dispute: self.dispute.to_owned(),
            what: what.into(),
        }
    }

    /// Whether the values satisfy what is left, and whatever always holds of the variables named.
    fn satisfies(&self, rest: &BTreeSet<Given>) -> Result<(), CheckError> {
        for (v, x) in &self.values {
            if !self.facts.domain(*v).contains(*x) {
                return Err(
                    self.violated(format!("the values that {} can have", self.facts.name(*v)))
                );
            }
        }
        for unit in rest {
            match unit {
                Given::Statement(s) => self.said(*s)?,
                Given::Link(l) => {
                    for at in self.facts.times_of(*l) {
                        self.link(*l, at)?;
                    }
                }
            }
        }
        for link in (0..self.facts.dossier.links.len()).filter(|l| self.facts.is_hard(*l)) {
            for at in self.facts.times_of(link) {
                // A question that cancels out is no part of what the link says, unless all do.
                let Some(row) = self.facts.row(link, at) else {
                    continue;
                };
                let says = if row.terms.is_empty() {
                    self.facts.named(link, at).unwrap_or_default()
                } else {
                    row.terms.keys().copied().collect()
                };
                if says.iter().any(|v| self.values.contains_key(v)) {
                    self.link(link, at)?;
                }
            }
        }
        for [earlier, later] in self.facts.growth() {
            if [earlier, later].iter().any(|v| self.values.contains_key(v)) {
                self.row(&Row::ordered(earlier, later), "growth")?;
            }
        }
        Ok(())
    }

    fn said(&self, statement: usize) -> Result<(), CheckError> {
        for claim in self.facts.claims_of(statement) {
            let name = self.facts.claim_name(*claim);
            let value = self.facts.about(*claim).and_then(|v| self.values.get(&v));
            let value =
                value.ok_or_else(|| self.missing(format!("a value for the claim {name}")))?;
            if !self
                .facts
                .entailed(*claim)
                .is_some_and(|s| s.contains(*value))
            {
                return Err(self.violated(format!("the claim {name}")));
            }
        }
        Ok(())
    }

    fn link(&self, link: usize, at: Option<DateTime<Utc>>) -> Result<(), CheckError> {
        let name = format!("the link {}", self.facts.link_name(link));
        match self.facts.row(link, at) {
            Some(row) => self.row(&row, &name),
            None => Ok(()),
        }
    }

    fn row(&self, row: &Row, name: &str) -> Result<(), CheckError> {
        match row.holds(|v| self.values.get(&v).copied()) {
            Ok(Some(true)) => Ok(()),
            Ok(None) => Err(self.missing(format!("a value that {name} needs"))),
            Ok(Some(false)) => Err(self.violated(format!("{name}: {}", self.facts.show(row)))),
            Err(_) => Err(self.violated(format!("{name} within 128 bits"))),
        }
    }
}
