//! Replays derivations and repairs, apart from the engine that made them.
//!
//! Nothing here uses the network: what a claim or a link says is read from the dossier again, and every step is
//! computed anew with whole numbers that never wrap. A bug in the engine therefore shows as a step that does not follow.

mod facts;
mod replay;
mod row;
mod settle;

use facts::Facts;

use super::reconcile::Findings;
use super::result::{Conflict, ConflictKind, ConflictUnit, Count, GiveUp, Repair};
use crate::claims::dossier::Dossier;

/// Why a conflict or a repair is not accepted. Lines are counted from 0, as in the derivation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// Something that is needed is not there: a derivation for which the budget ended, a claim of a statement, a value.
    #[error("{of} lacks {what}")]
    Missing {
        /// The conflict or dispute.
        of: String,
        /// What is missing.
        what: String,
    },
    /// Something is listed that the rest stands without.
    #[error("{of} is not shown to need {what}")]
    Needless {
        /// The conflict or dispute.
        of: String,
        /// What is listed.
        what: String,
    },
    /// A line rests on something that it may not rest on: what the conflict does not list, what does not stand, a line that is not
    /// there, an inequality taken a negative number of times.
    #[error("line {line} may not rest on {ground}")]
    Ungrounded {
        /// The line.
        line: usize,
        /// What it rests on.
        ground: String,
    },
    /// A line claims more than what it rests on yields.
    #[error("line {line} claims {claimed}, but what follows is {follows}")]
    DoesNotFollow {
        /// The line.
        line: usize,
        /// What it claims.
        claimed: String,
        /// What follows.
        follows: String,
    },
    /// The derivation, or a case, ends without a contradiction.
    #[error("no contradiction is reached by line {line}")]
    Endless {
        /// The line after the last, or the first that is out of place.
        line: usize,
    },
    /// Numbers beyond 128 bits would be needed.
    #[error("line {line} needs numbers beyond 128 bits")]
    Overflow {
        /// The line.
        line: usize,
    },
    /// Giving up what the repair names leaves a contradiction.
    #[error("giving up what the repair of {dispute} names leaves {conflict}")]
    Unmet {
        /// The dispute.
        dispute: String,
        /// The contradiction.
        conflict: String,
    },
    /// The values that a repair names do not satisfy what is left.
    #[error("the values of the repair of {dispute} do not satisfy {what}")]
    Violated {
        /// The dispute.
        dispute: String,
        /// Which claim, link, or limit.
        what: String,
    },
}

/// Replays the derivation of a conflict.
///
/// For many conflicts of one dossier make a [`Checker`], for everything found about it use [`check_all`].
///
/// # Examples
///
/// ```
/// use discrepancy::{CheckError, Claim, Dossier, Question, Source, check, reconcile};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency"))
///     .source(Source::new("envoy"))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value(123))
///     .claim(Claim::new("b").question("freed").source("envoy").value(156))
///     .build()?;
/// let findings = reconcile(dossier);
/// let conflict = &findings.conflicts[0];
/// assert_eq!(check(findings.dossier(), conflict), Ok(()));
///
/// // Without its last line it proves nothing.
/// let mut cut = conflict.clone();
/// cut.derivation.pop();
/// assert!(matches!(check(findings.dossier(), &cut), Err(CheckError::Endless { .. })));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
///
/// # Errors
///
/// See [`Checker::conflict`].
pub fn check(dossier: &Dossier, conflict: &Conflict) -> Result<(), CheckError> {
    Checker::new(dossier).conflict(conflict)
}

/// Checks a repair against the conflicts of the dossier, all of which must be given.
///
/// # Examples
///
/// ```
/// use discrepancy::{CheckError, Claim, Dossier, Question, Source, check_repair, reconcile};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency"))
///     .source(Source::new("envoy"))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value(123))
///     .claim(Claim::new("b").question("freed").source("envoy").value(156))
///     .build()?;
/// let findings = reconcile(dossier);
/// let repair = &findings.repairs[0];
/// assert_eq!(check_repair(findings.dossier(), &findings.conflicts, repair), Ok(()));
///
/// // Giving up nothing leaves the contradiction.
/// let mut idle = repair.clone();
/// idle.give_up.clear();
/// let refused = check_repair(findings.dossier(), &findings.conflicts, &idle);
/// assert!(matches!(refused, Err(CheckError::Unmet { .. })));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
///
/// # Errors
///
/// See [`Checker::repair`].
pub fn check_repair(
    dossier: &Dossier,
    conflicts: &[Conflict],
    repair: &Repair,
) -> Result<(), CheckError> {
    Checker::new(dossier).repair(conflicts, repair)
}

/// Replays every derivation and every repair of the findings.
///
/// Where nothing was left out it also sees that each contradiction is minimal: for each unit in it there is a repair that gives up that
/// unit and nothing else of it, and whose values show that the others can hold together.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Link, Question, Source, check_all, reconcile};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency"))
///     .source(Source::new("envoy"))
///     .question(Question::count("freed"))
///     .question(Question::count("abroad"))
///     .link(Link::new("abroad <= freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value(123))
///     .claim(Claim::new("b").question("abroad").source("envoy").value("more than 123"))
///     .build()?;
/// assert_eq!(check_all(&reconcile(dossier)), Ok(()));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
///
/// # Errors
///
/// The first problem, in the order of conflicts, then repairs. See [`Checker::conflict`] and [`Checker::repair`].
pub fn check_all(findings: &Findings) -> Result<(), CheckError> {
    let checker = Checker::new(findings.dossier());
    for conflict in &findings.conflicts {
        checker.conflict(conflict)?;
    }
    let all_conflicts = findings.left_out.conflicts == Count::Exactly(0);
    for repair in &findings.repairs {
        checker.settles(&findings.conflicts, repair, all_conflicts)?;
    }
    if all_conflicts && findings.left_out.repairs == Count::Exactly(0) {
        for conflict in &findings.conflicts {
            checker.minimal(conflict, &findings.repairs)?;
        }
    }
    Ok(())
}

/// Replays derivations and repairs of one dossier.
///
/// It shares the reading of the dossier and the sets of numbers with the engine, and nothing else: no bound, sum or conflict is taken
/// on trust. Made once for a dossier in O(n log n), with n its claims.
///
/// # Examples
///
/// ```
/// use discrepancy::{Checker, Claim, Dossier, Question, Source, reconcile};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency"))
///     .source(Source::new("envoy"))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value(123))
///     .claim(Claim::new("b").question("freed").source("envoy").value("at least 150"))
///     .build()?;
/// let findings = reconcile(dossier);
/// let checker = Checker::new(findings.dossier());
/// for conflict in &findings.conflicts {
///     checker.conflict(conflict)?;
/// }
/// for repair in &findings.repairs {
///     checker.repair(&findings.conflicts, repair)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Checker<'d> {
    facts: Facts<'d>,
}

impl<'d> Checker<'d> {
    /// Prepares for a dossier.
    pub fn new(dossier: &'d Dossier) -> Self {
        Self {
            facts: Facts::new(dossier),
        }
    }

    /// Replays the derivation of a conflict.
    ///
    /// Every line must follow from its ground and from the lines it names; sums must add up, cases leave out no value, and all end in a
    /// contradiction. It may rest on what the conflict lists and on nothing else, and what the conflict lists must be what it
    /// rests on. A bound may be looser than what follows, if the rest still does.
    ///
    /// That no smaller set conflicts is not checked here (see [`check_all`]), nor is the weight.
    ///
    /// # Errors
    ///
    /// [`CheckError`] says what is wrong, and on which line. [`CheckError::Missing`] if there is no derivation, because the budget for
    /// it ended.
    ///
    /// # Complexity
    ///
    /// O(s log s + r), with s the lines of the derivation and r the terms of the rows and stretches of the sets they use.
    pub fn conflict(&self, conflict: &Conflict) -> Result<(), CheckError> {
        replay::replay(&self.facts, conflict)
    }

    /// Checks a repair against the conflicts of the dossier, all of which must be given; those of other disputes are passed over.
    ///
    /// Giving up what it names must meet every contradiction of the dispute, none of it may be needless, and the values of its witness
    /// must satisfy all the rest of the dispute, all hard links and growth on the variables named, and what these join.
    ///
    /// # Errors
    ///
    /// [`CheckError::Unmet`], [`CheckError::Needless`] or [`CheckError::Violated`] where one of these fails;
    /// [`CheckError::Missing`] where there is no witness, because the budget for it ended, or it leaves out a variable.
    ///
    /// # Complexity
    ///
    /// O(c · g + l), with c the units of the contradictions, g the number of things given up, and l the terms of all hard links.
    pub fn repair(&self, conflicts: &[Conflict], repair: &Repair) -> Result<(), CheckError> {
        self.settles(conflicts, repair, true)
    }

    fn settles(
        &self,
        conflicts: &[Conflict],
        repair: &Repair,
        all_given: bool,
    ) -> Result<(), CheckError> {
        let of_dispute: Vec<&Conflict> = conflicts
            .iter()
            .filter(|c| c.dispute == repair.dispute && c.kind == ConflictKind::Contradiction)
            .collect();
        settle::settle(&self.facts, &of_dispute, repair, all_given)
    }

    /// Whether some repair gives up each unit of a contradiction and nothing else of it.
    fn minimal(&self, conflict: &Conflict, repairs: &[Repair]) -> Result<(), CheckError> {
        if conflict.kind != ConflictKind::Contradiction {
            return Ok(());
        }
        let units: Vec<_> = conflict.units.iter().map(|u| self.unit(u)).collect();
        let mut alone = vec![false; units.len()];
        for repair in repairs.iter().filter(|r| r.dispute == conflict.dispute) {
            let given_up: Vec<_> = repair.give_up.iter().map(|g| self.given_up(g)).collect();
            let mut met =
                (0..units.len()).filter(|i| units.get(*i).is_some_and(|u| given_up.contains(u)));
            if let (Some(first), None) = (met.next(), met.next())
                && let Some(slot) = alone.get_mut(first)
            {
                *slot = true;
            }
        }
        match alone.iter().zip(&conflict.units).find(|(a, _)| !**a) {
            None => Ok(()),
            Some((_, unit)) => Err(CheckError::Needless {
                of: conflict.id.clone(),
                what: describe(unit),
            }),
        }
    }

    /// A unit as repairs know it, by its statement or its link.
    fn unit(&self, unit: &ConflictUnit) -> Option<settle::Given> {
        settle::unit(&self.facts, unit)
    }

    fn given_up(&self, what: &GiveUp) -> Option<settle::Given> {
        settle::given_up(&self.facts, what)
    }
}

/// A unit in words.
fn describe(unit: &ConflictUnit) -> String {
    match unit {
        ConflictUnit::Said(id) => format!("the claim {id}"),
        ConflictUnit::Meant(id) => format!("what the claim {id} suggests"),
        ConflictUnit::Link(id) => format!("the link {id}"),
    }
}
