//! Derivations, line by line.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, instant};
use super::row::{Overflow, Row, Variable};
use super::{CheckError, describe};
use crate::claims::id::{AssumptionId, ClaimId, LinkId};
use crate::findings::answers::Answers;
use crate::findings::derivation::{Addend, At, Combination, Ground, Step};
use crate::findings::result::{Conflict, ConflictKind, ConflictUnit};
use crate::sets::set::Set;

/// Something of the dossier that a line rests on, by its place there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Statement(usize),
    /// What a statement suggests.
    Suggestion(usize, Set),
    Link(usize),
}

/// What a line established.
#[derive(Debug)]
enum Known {
    Bound(Variable, Set),
    Sum(Row),
}

#[derive(Debug)]
struct Line {
    known: Known,
    /// Earlier lines, and parts of the dossier.
    lines: Vec<usize>,
    source: Vec<Source>,
}

pub(super) fn replay(facts: &Facts<'_>, conflict: &Conflict) -> Result<(), CheckError> {
    let units = units(facts, conflict)?;
    lists(facts, conflict, &units)?;
    if conflict.derivation.is_empty() {
        return Err(missing(conflict, "its derivation"));
    }
    let mut hard = BTreeSet::new();
    for id in &conflict.hard_links {
        match facts.link(id.as_str()) {
            Some(place) if facts.is_hard(place) => hard.insert(place),
            _ => return Err(needless(conflict, format!("the hard link {id}"))),
        };
    }
    let mut replay = Replay {
        facts,
        units: &units,
        hard: &hard,
        lines: Vec::new(),
        used: BTreeSet::new(),
    };
    replay.run(&conflict.derivation, false)?;
    let used = replay.used;
    for (unit, source) in conflict.units.iter().zip(&units) {
        if !used.contains(source) {
            return Err(needless(conflict, describe(unit)));
        }
    }
    match hard.iter().find(|l| !used.contains(&Source::Link(**l))) {
        None => Ok(()),
        Some(unused) => {
            let what = format!("the hard link {}", facts.link_name(*unused));
            Err(needless(conflict, what))
        }
    }
}

fn missing(conflict: &Conflict, what: impl Into<String>) -> CheckError {
    CheckError::Missing {
        of: conflict.id.clone(),
        what: what.into(),
    }
}

fn needless(conflict: &Conflict, what: impl Into<String>) -> CheckError {
    CheckError::Needless {
        of: conflict.id.clone(),
        what: what.into(),
    }
}

/// The units of a conflict by their places.
fn units(facts: &Facts<'_>, conflict: &Conflict) -> Result<Vec<Source>, CheckError> {
    let unit = |unit: &ConflictUnit| match unit {
        ConflictUnit::Said(id) => facts
            .claim(id.as_str())
            .and_then(|c| facts.statement(c))
            .map(Source::Statement),
        ConflictUnit::Meant(id) if conflict.kind == ConflictKind::Tension => {
            let claim = facts.claim(id.as_str())?;
            Some(Source::Suggestion(
                facts.statement(claim)?,
                facts.suggested(claim)?.clone(),
            ))
        }
        ConflictUnit::Meant(_) => None,
        ConflictUnit::Link(id) => facts
            .link(id.as_str())
            .filter(|l| !facts.is_hard(*l))
            .map(Source::Link),
    };
    let mut out: Vec<Source> = Vec::with_capacity(conflict.units.len());
    for u in &conflict.units {
        match unit(u) {
            Some(source) if !out.contains(&source) => out.push(source),
            _ => return Err(needless(conflict, describe(u))),
        }
    }
    if conflict.kind == ConflictKind::Tension
        && !out.iter().any(|u| matches!(u, Source::Suggestion(..)))
    {
        return Err(missing(conflict, "anything that is only suggested"));
    }
    Ok(out)
}

/// Whether the claims, soft links and assumptions listed are those of the units.
fn lists(facts: &Facts<'_>, conflict: &Conflict, units: &[Source]) -> Result<(), CheckError> {
    let (mut claims, mut links) = (BTreeSet::new(), BTreeSet::new());
    let (mut may, mut must) = (BTreeSet::new(), BTreeSet::new());
    for unit in units {
        match unit {
            Source::Statement(s) | Source::Suggestion(s, _) => {
                let list = facts.claims_of(*s);
                claims.extend(list.iter().map(|c| facts.claim_name(*c)));
                may.extend(list.iter().flat_map(|c| facts.claim_assumes(*c)));
                // What one of them does without, the statement does not need.
                let first = list.first().map_or(&[][..], |c| facts.claim_assumes(*c));
                let by_all = |a: &&usize| list.iter().all(|c| facts.claim_assumes(*c).contains(a));
                must.extend(first.iter().filter(by_all));
            }
            Source::Link(l) => {
                links.insert(facts.link_name(*l));
                may.extend(facts.link_assumes(*l));
                must.extend(facts.link_assumes(*l));
            }
        }
    }
    let name = |a: &usize| {
        let assumption = facts.dossier.assumptions.get(*a);
        assumption.map_or("", |a| a.id.as_str())
    };
    let may: BTreeSet<&str> = may.into_iter().map(name).collect();
    let must: BTreeSet<&str> = must.into_iter().map(name).collect();
    let listed =
        |kind: &str, list: &BTreeSet<&str>, may: &BTreeSet<&str>, must: &BTreeSet<&str>| {
            if let Some(id) = list.difference(may).next() {
                return Err(needless(conflict, format!("the {kind} {id}")));
            }
            match must.difference(list).next() {
                Some(id) => Err(missing(conflict, format!("the {kind} {id}"))),
                None => Ok(()),
            }
        };
    let told = conflict.claims.iter().map(ClaimId::as_str).collect();
    listed("claim", &told, &claims, &claims)?;
    let told = conflict.links.iter().map(LinkId::as_str).collect();
    listed("link", &told, &links, &links)?;
    let told = conflict
        .assumptions
        .iter()
        .map(AssumptionId::as_str)
        .collect();
    listed("assumption", &told, &may, &must)
}

struct Replay<'a> {
    facts: &'a Facts<'a>,
    units: &'a [Source],
    hard: &'a BTreeSet<usize>,
    /// The lines in force: those of a case end with it.
    lines: Vec<Line>,
    /// What the end rests on.
    used: BTreeSet<Source>,
}

impl Replay<'_> {
    /// Replays lines up to a contradiction; `ended` if the lines before are one. Returns the lines before these that the
    /// contradiction rests on.
    fn run(&mut self, steps: &[Step], ended: bool) -> Result<BTreeSet<usize>, CheckError> {
        let base = self.lines.len();
        let mut ended = ended;
        let mut needed = BTreeSet::new();
        for (i, step) in steps.iter().enumerate() {
            let line = self.lines.len();
            match step {
                Step::Narrow {
                    ground,
                    variable,
                    bound,
                    set,
                    because,
                } => {
                    self.narrow(ground, variable, bound, set, because)?;
                    ended = set.is_empty();
                }
                Step::Sum { of, divisor, gives } => {
                    ended = self.sum(of, *divisor, gives)?;
                }
                Step::Cases { variable, cases } => {
                    // The lines of its cases bear the numbers that lines after it would.
                    if i + 1 != steps.len() {
                        return Err(CheckError::Endless { line });
                    }
                    needed = self.cases(variable, cases)?;
                    ended = true;
                }
            }
        }
        if !ended {
            return Err(CheckError::Endless {
                line: self.lines.len(),
            });
        }
        if !matches!(steps.last(), Some(Step::Cases { .. })) {
            needed.extend(self.lines.len().checked_sub(1));
        }
        let mut before = BTreeSet::new();
        while let Some(line) = needed.pop_last() {
            if line < base {
                before.insert(line);
            } else if let Some(line) = self.lines.get(line) {
                needed.extend(&line.lines);
                self.used.extend(line.source.iter().cloned());
            }
        }
        Ok(before)
    }

    fn ungrounded(&self, ground: impl Into<String>) -> CheckError {
        CheckError::Ungrounded {
            line: self.lines.len(),
            ground: ground.into(),
        }
    }

    fn overflow(&self) -> impl Fn(Overflow) -> CheckError + use<> {
        let line = self.lines.len();
        move |Overflow| CheckError::Overflow { line }
    }

    fn variable(&self, at: &At) -> Result<Variable, CheckError> {
        let variable = self.facts.variable(at);
        variable.ok_or_else(|| self.ungrounded(format!("{at}, of which nothing is known")))
    }

    /// The bound that an earlier line gives.
    fn bound(&self, line: usize) -> Result<(Variable, &Set), CheckError> {
        match self.lines.get(line).map(|l| &l.known) {
            Some(Known::Bound(v, set)) => Ok((*v, set)),
            _ => Err(self.ungrounded(format!("line {line}, which is no bound before it"))),
        }
    }

    /// Whether the conflict lists it.
    fn listed(&self, source: Source, name: impl Fn() -> String) -> Result<Source, CheckError> {
        let is_listed = match &source {
            // What a suggestion stands on comes with it.
            Source::Statement(s) => self.units.iter().any(|u| match u {
                Source::Statement(x) | Source::Suggestion(x, _) => x == s,
                Source::Link(_) => false,
            }),
            Source::Suggestion(..) => self.units.contains(&source),
            Source::Link(l) => self.units.contains(&source) || self.hard.contains(l),
        };
        if is_listed {
            Ok(source)
        } else {
            Err(self.ungrounded(format!("{}, which the conflict does not list", name())))
        }
    }

    /// What a claim says, or suggests, with the variable it is about.
    fn said(&self, id: &str, meant: bool) -> Result<(Variable, Set, Source), CheckError> {
        let facts = self.facts;
        let find = || {
            let claim = facts.claim(id)?;
            let statement = facts.statement(claim)?;
            let (set, source) = if meant {
                let set = facts.suggested(claim)?.clone();
                (set.clone(), Source::Suggestion(statement, set))
            } else {
                (facts.entailed(claim)?, Source::Statement(statement))
            };
            Some((facts.about(claim)?, set, source))
        };
        let (variable, set, source) =
            find().ok_or_else(|| self.ungrounded(format!("the claim {id}, which says nothing")))?;
        let source = self.listed(source, || format!("the claim {id}"))?;
        Ok((variable, set, source))
    }

    /// The row of a ground that is one, with the variables it is about, the line it is on, and its source.
    fn row(&self, ground: &Ground) -> Result<Grounded, CheckError> {
        match ground {
            Ground::Link { id, as_of } => {
                let find = || {
                    let link = self.facts.link(id.as_str())?;
                    let at = instant(as_of.as_deref()).ok()?;
                    let about = self.facts.named(link, at)?;
                    Some((link, about, self.facts.row(link, at)?))
                };
                let (link, about, row) = find().ok_or_else(|| {
                    self.ungrounded(format!("the link {id}, which does not hold for that time"))
                })?;
                let source = self.listed(Source::Link(link), || format!("the link {id}"))?;
                Ok(Grounded {
                    row,
                    about,
                    line: None,
                    source: Some(source),
                })
            }
            Ground::Growth { earlier, later } => {
                let row = self
                    .facts
                    .grows(earlier, later)
                    .ok_or_else(|| self.ungrounded(format!("growth from {earlier} to {later}")))?;
                Ok(Grounded {
                    about: row.terms.keys().copied().collect(),
                    row,
                    line: None,
                    source: None,
                })
            }
            Ground::Sum { line } => match self.lines.get(*line).map(|l| &l.known) {
                Some(Known::Sum(row)) => Ok(Grounded {
                    row: row.clone(),
                    about: row.terms.keys().copied().collect(),
                    line: Some(*line),
                    source: None,
                }),
                _ => Err(self.ungrounded(format!("line {line}, which is no sum before it"))),
            },
            Ground::Claim { .. }
            | Ground::Suggested { .. }
            | Ground::Domain {}
            | Ground::Case {} => Err(self.ungrounded("something that is no row")),
        }
    }

    fn narrow(
        &mut self,
        ground: &Ground,
        at: &At,
        bound: &Answers,
        set: &Set,
        because: &[usize],
    ) -> Result<(), CheckError> {
        let variable = self.variable(at)?;
        self.reads_the_same(variable, at, bound, set)?;
        // What the lines named leave of each variable.
        let mut left: BTreeMap<Variable, Set> = BTreeMap::new();
        for line in because {
            let (v, set) = self.bound(*line)?;
            let now = left.entry(v).or_insert_with(Set::everything);
            *now = now.intersection(set);
        }
        let leaves = |v: Variable| left.get(&v).cloned().unwrap_or_else(Set::everything);
        let mut lines = because.to_vec();
        let mut about = BTreeSet::from([variable]);
        let (follows, source) = match ground {
            Ground::Claim { id } | Ground::Suggested { id } => {
                let meant = matches!(ground, Ground::Suggested { .. });
                let (of, set, source) = self.said(id.as_str(), meant)?;
                if of != variable {
                    let of = self.facts.name(of);
                    return Err(self.ungrounded(format!("the claim {id}, which is about {of}")));
                }
                (set, Some(source))
            }
            Ground::Domain {} => (self.facts.domain(variable), None),
            Ground::Case {} => return Err(self.ungrounded("a case outside of cases")),
            Ground::Link { .. } | Ground::Growth { .. } | Ground::Sum { .. } => {
                let grounded = self.row(ground)?;
                if !grounded.about.contains(&variable) {
                    let row = self.facts.show(&grounded.row);
                    return Err(self.ungrounded(format!("{row}, which is not about {at}")));
                }
                lines.extend(grounded.line);
                about.extend(grounded.about);
                let set = if grounded.row.terms.is_empty() && grounded.row.is_impossible() {
                    Set::EMPTY
                } else {
                    grounded
                        .row
                        .leaves(variable, leaves)
                        .map_err(self.overflow())?
                };
                (set, grounded.source)
            }
        };
        if let Some(other) = left.keys().find(|v| !about.contains(v)) {
            let other = self.facts.name(*other);
            return Err(self.ungrounded(format!("a line about {other}, which the ground is not")));
        }
        let follows = leaves(variable).intersection(&follows);
        if !follows.is_subset(set) {
            return Err(CheckError::DoesNotFollow {
                line: self.lines.len(),
                claimed: format!("{at} in {set}"),
                follows: format!("{at} in {follows}"),
            });
        }
        self.lines.push(Line {
            known: Known::Bound(variable, set.clone()),
            lines,
            source: source.into_iter().collect(),
        });
        Ok(())
    }

    /// Whether the bound that is shown is the set that is meant.
    fn reads_the_same(
        &self,
        variable: Variable,
        at: &At,
        bound: &Answers,
        set: &Set,
    ) -> Result<(), CheckError> {
        if self.facts.answers(variable, set).as_ref() == Some(bound) {
            return Ok(());
        }
        Err(CheckError::DoesNotFollow {
            line: self.lines.len(),
            claimed: format!("{at} in {bound:?}"),
            follows: format!("{at} in {set}"),
        })
    }

    /// Adds a sum up. Whether it ends the derivation.
    fn sum(
        &mut self,
        of: &[(Addend, i128)],
        divisor: i128,
        gives: &Combination,
    ) -> Result<bool, CheckError> {
        let overflow = self.overflow();
        let mut total = Row::nothing();
        let (mut lines, mut sources) = (Vec::new(), Vec::new());
        for (addend, times) in of {
            let row = match addend {
                Addend::Row { ground } => {
                    let grounded = self.row(ground)?;
                    lines.extend(grounded.line);
                    sources.extend(grounded.source);
                    grounded.row
                }
                Addend::Lower { line } | Addend::Upper { line } => {
                    let (variable, set) = self.bound(*line)?;
                    lines.push(*line);
                    let row = if matches!(addend, Addend::Lower { .. }) {
                        set.lower().map(|low| Row::at_least(variable, low))
                    } else {
                        set.upper().map(|high| Ok(Row::at_most(variable, high)))
                    };
                    row.ok_or_else(|| self.ungrounded(format!("line {line}, which is open there")))?
                        .map_err(&overflow)?
                }
            };
            if *times < 0 && !row.equal {
                let row = self.facts.show(&row);
                return Err(self.ungrounded(format!("{times} times {row}")));
            }
            total.add(&row, *times).map_err(&overflow)?;
        }
        if divisor < 1 {
            return Err(self.ungrounded(format!("a division by {divisor}")));
        }
        let claimed = self
            .facts
            .told(gives)
            .ok_or_else(|| self.ungrounded(format!("{gives}, which names no variables")))?;
        if total.clone().divided(divisor).as_ref() != Some(&claimed) {
            let whole = self.facts.show(&total);
            return Err(CheckError::DoesNotFollow {
                line: self.lines.len(),
                claimed: gives.to_string(),
                follows: format!("{whole}, divided by {divisor}"),
            });
        }
        let ended = claimed.is_impossible();
        self.lines.push(Line {
            known: Known::Sum(claimed),
            lines,
            source: sources,
        });
        Ok(ended)
    }

    /// Replays each case. Returns the lines before that they rest on.
    fn cases(&mut self, at: &At, cases: &[Vec<Step>]) -> Result<BTreeSet<usize>, CheckError> {
        let base = self.lines.len();
        let variable = self.variable(at)?;
        let (mut left, mut covered) = (Set::everything(), Set::EMPTY);
        let mut needed = BTreeSet::new();
        for case in cases {
            let Some((
                Step::Narrow {
                    ground: Ground::Case {},
                    variable: own,
                    bound,
                    set,
                    because,
                },
                rest,
            )) = case.split_first()
            else {
                return Err(self.ungrounded("a case that does not begin with its assumption"));
            };
            if self.variable(own)? != variable {
                return Err(self.ungrounded(format!("a case of {own}, not of {at}")));
            }
            self.reads_the_same(variable, own, bound, set)?;
            for line in because {
                let (v, bound) = self.bound(*line)?;
                if v != variable {
                    let v = self.facts.name(v);
                    return Err(self.ungrounded(format!("a line about {v}, not about {at}")));
                }
                left = left.intersection(bound);
            }
            covered = covered.union(set);
            needed.extend(because);
            self.lines.push(Line {
                known: Known::Bound(variable, set.clone()),
                lines: because.clone(),
                source: Vec::new(),
            });
            let before = self.run(rest, set.is_empty())?;
            needed.extend(before.range(..base));
            self.lines.truncate(base);
        }
        if left.is_subset(&covered) {
            Ok(needed)
        } else {
            Err(CheckError::DoesNotFollow {
                line: base,
                claimed: format!("{at} in {covered}"),
                follows: format!("{at} in {left}"),
            })
        }
    }
}

/// A row and what it comes from.
struct Grounded {
    row: Row,
    /// The variables it may speak of: those of the row, or all that a link names.
    about: BTreeSet<Variable>,
    line: Option<usize>,
    source: Option<Source>,
}
