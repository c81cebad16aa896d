//! Derivations and repairs spoiled in every way that a bug could.

use discrepancy::{
    Addend, Answer, Answers, At, Conflict, ConflictKind, ConflictUnit, Findings, GiveUp, Ground,
    Interval, Kind, OverTime, Repair, Set, Step,
};

/// Whether what is spoiled may still be sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoiled {
    /// It must be refused.
    Unsound,
    /// It depends: a bound may be looser than need be, and a line superfluous.
    Unknown,
}
use Spoiled::{Unknown, Unsound};

/// Derivations with more lines are spoiled here and there only.
const LINES: usize = 60;

struct Context<'a> {
    conflict: &'a Conflict,
    findings: &'a Findings,
    /// All variables of the derivation.
    variables: Vec<At>,
    /// Look at one step in so many.
    every: usize,
}

/// The conflict with its derivation or its lists spoiled.
pub(crate) fn spoiled(
    conflict: &Conflict,
    findings: &Findings,
) -> Vec<(String, Conflict, Spoiled)> {
    let mut variables = Vec::new();
    variables_of(&conflict.derivation, &mut variables);
    variables.sort();
    variables.dedup();
    let context = Context {
        conflict,
        findings,
        variables,
        every: count(&conflict.derivation) / LINES + 1,
    };
    let mut out: Vec<_> = context
        .derivations(&conflict.derivation, 0)
        .into_iter()
        .map(|(what, derivation, soundness)| {
            let mut spoiled = conflict.clone();
            spoiled.derivation = derivation;
            (what, spoiled, soundness)
        })
        .collect();
    out.extend(
        lists(conflict, findings)
            .into_iter()
            .map(|(what, c)| (what, c, Unsound)),
    );
    out
}

fn count(steps: &[Step]) -> usize {
    let inner = |s: &Step| match s {
        Step::Cases { cases, .. } => cases.iter().map(|c| count(c)).sum(),
        _ => 1,
    };
    steps.iter().map(inner).sum()
}

fn variables_of(steps: &[Step], out: &mut Vec<At>) {
    for step in steps {
        match step {
            Step::Narrow { variable, .. } => out.push(variable.clone()),
            Step::Sum { gives, .. } => out.extend(gives.terms.iter().map(|(_, v)| v.clone())),
            Step::Cases { cases, .. } => cases.iter().for_each(|c| variables_of(c, out)),
            _ => {}
        }
    }
}

/// More in the lists than is used, or less.
fn lists(conflict: &Conflict, findings: &Findings) -> Vec<(String, Conflict)> {
    let mut out = Vec::new();
    for i in 0..conflict.units.len() {
        let mut c = conflict.clone();
        let gone = c.units.remove(i);
        match &gone {
            ConflictUnit::Link(id) => c.links.retain(|l| l != id),
            ConflictUnit::Said(id) | ConflictUnit::Meant(id) => c.claims.retain(|x| x != id),
            _ => {}
        }
        out.push((format!("{gone:?} not listed"), c));
    }
    for claim in findings.dossier().claims() {
        if !conflict.claims.contains(claim.id()) {
            let mut c = conflict.clone();
            c.claims.push(claim.id().clone());
            out.push((format!("{} listed too", claim.id()), c.clone()));
            c.units.push(ConflictUnit::Said(claim.id().clone()));
            out.push((format!("{} as a unit too", claim.id()), c));
        }
    }
    for link in findings.dossier().links() {
        let mut c = conflict.clone();
        let id: discrepancy::LinkId = link.name().into();
        if link.is_hard() && !c.hard_links.contains(&id) {
            c.hard_links.push(id);
        } else if !link.is_hard() && !c.links.contains(&id) {
            c.links.push(id.clone());
            c.units.push(ConflictUnit::Link(id));
        } else {
            continue;
        }
        out.push((format!("the link {} listed too", link.name()), c));
    }
    for i in 0..conflict.hard_links.len() {
        let mut c = conflict.clone();
        let gone = c.hard_links.remove(i);
        out.push((format!("the link {gone} not listed"), c));
    }
    let mut c = conflict.clone();
    c.kind = match c.kind {
        ConflictKind::Contradiction => ConflictKind::Tension,
        ConflictKind::Tension => ConflictKind::Contradiction,
    };
    out.push(("the other kind".to_owned(), c));
    out
}

impl Context<'_> {
    /// Lines that begin at `base`, with one thing spoiled.
    fn derivations(&self, steps: &[Step], base: usize) -> Vec<(String, Vec<Step>, Spoiled)> {
        let mut out = Vec::new();
        let with = |i: usize, step: Step| {
            let mut steps = steps.to_vec();
            steps[i] = step;
            steps
        };
        if let Some((_, rest)) = steps.split_last() {
            out.push((
                format!("no line {}", base + rest.len()),
                rest.to_vec(),
                Unsound,
            ));
        }
        for (i, step) in steps.iter().enumerate().step_by(self.every) {
            let line = base + i;
            let changed = match step {
                Step::Cases { variable, cases } => self.cases(variable, cases, line),
                Step::Narrow {
                    ground: Ground::Case {},
                    ..
                } => self.assumed(step),
                Step::Narrow { .. } => self.narrow(step, line),
                _ => sum(step, line),
            };
            out.extend(changed.into_iter().map(|(what, step, soundness)| {
                (format!("{what} in line {line}"), with(i, step), soundness)
            }));
            if i + 1 < steps.len() {
                let mut fewer = steps.to_vec();
                fewer.remove(i);
                out.push((
                    format!("no line {line}, the others as they were"),
                    fewer,
                    Unknown,
                ));
            }
        }
        out
    }

    fn cases(
        &self,
        variable: &At,
        cases: &[Vec<Step>],
        line: usize,
    ) -> Vec<(String, Step, Spoiled)> {
        let made = |cases| Step::Cases {
            variable: variable.clone(),
            cases,
        };
        let mut out = Vec::new();
        for (i, case) in cases.iter().enumerate() {
            let mut fewer = cases.to_vec();
            fewer.remove(i);
            out.push((format!("no case {i}"), made(fewer), Unsound));
            for (what, spoiled, soundness) in self.derivations(case, line) {
                let mut cases = cases.to_vec();
                cases[i] = spoiled;
                out.push((format!("{what} of case {i}"), made(cases), soundness));
            }
        }
        for other in self.variables.iter().filter(|v| *v != variable) {
            let cases = cases.to_vec();
            out.push((
                format!("{other}"),
                Step::Cases {
                    variable: other.clone(),
                    cases,
                },
                Unsound,
            ));
        }
        out
    }

    /// What a case assumes, spoiled.
    fn assumed(&self, step: &Step) -> Vec<(String, Step, Spoiled)> {
        let Step::Narrow { variable, set, .. } = step else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (what, tighter) in tighter(set) {
            out.extend(
                self.with_set(step, tighter)
                    .map(|s| (what.to_owned(), s, Unsound)),
            );
        }
        for other in self.variables.iter().filter(|v| *v != variable) {
            out.push((format!("{other}"), with_variable(step, other), Unsound));
        }
        out.push((
            "another ground".to_owned(),
            with_ground(step, Ground::Domain {}),
            Unsound,
        ));
        out
    }

    fn narrow(&self, step: &Step, line: usize) -> Vec<(String, Step, Spoiled)> {
        let Step::Narrow {
            ground,
            variable,
            set,
            because,
            bound,
        } = step
        else {
            return Vec::new();
        };
        let mut out = Vec::new();
        // Every bound is as tight as can be.
        for (what, tighter) in tighter(set) {
            out.extend(
                self.with_set(step, tighter)
                    .map(|s| (what.to_owned(), s, Unsound)),
            );
        }
        for by in [1, -1] {
            let moved = shifted(set, by);
            let soundness = if set.is_subset(&moved) {
                Unknown
            } else {
                Unsound
            };
            out.extend(
                self.with_set(step, moved)
                    .map(|s| (format!("{by} added"), s, soundness)),
            );
        }
        out.extend(
            self.with_set(step, Set::everything())
                .map(|s| ("no bound".to_owned(), s, Unknown)),
        );
        if !set.is_empty() {
            let mut shown = step.clone();
            if let Step::Narrow { bound, .. } = &mut shown {
                *bound = Answers::OneOf(vec![Answer::Number(12_345)]);
            }
            out.push(("another bound shown".to_owned(), shown, Unsound));
        }
        let because_of = |list: Vec<usize>| Step::Narrow {
            ground: ground.clone(),
            variable: variable.clone(),
            bound: bound.clone(),
            set: set.clone(),
            because: list,
        };
        for i in 0..because.len() {
            let mut fewer = because.clone();
            let gone = fewer.remove(i);
            out.push((format!("{gone} not named"), because_of(fewer), Unknown));
        }
        let joins = matches!(
            ground,
            Ground::Claim { .. } | Ground::Suggested { .. } | Ground::Growth { .. }
        ) || because.len() > 1;
        if set.is_empty() && joins {
            out.push(("nothing named".to_owned(), because_of(Vec::new()), Unsound));
        }
        for wrong in [line, line + 1, usize::MAX] {
            let more = because.iter().copied().chain([wrong]).collect();
            out.push((format!("{wrong} named"), because_of(more), Unsound));
        }
        let said = matches!(ground, Ground::Claim { .. } | Ground::Suggested { .. });
        for other in self.variables.iter().filter(|v| *v != variable) {
            let soundness = if said { Unsound } else { Unknown };
            out.push((
                format!("{other} for {variable}"),
                with_variable(step, other),
                soundness,
            ));
        }
        let mut nobody = variable.clone();
        nobody.question = "nobody_asked".into();
        out.push((
            "a question that is not there".to_owned(),
            with_variable(step, &nobody),
            Unsound,
        ));
        for (other, soundness) in self.grounds(ground) {
            out.push((
                format!("{other:?} for {ground:?}"),
                with_ground(step, other),
                soundness,
            ));
        }
        out
    }

    /// Other grounds. Every line narrows, so that what always holds does not yield it.
    fn grounds(&self, ground: &Ground) -> Vec<(Ground, Spoiled)> {
        let mut out = vec![
            (Ground::Case {}, Unsound),
            (Ground::Sum { line: usize::MAX }, Unsound),
        ];
        if !matches!(ground, Ground::Domain {}) {
            out.push((Ground::Domain {}, Unsound));
        }
        out.push((
            Ground::Claim {
                id: "nobody".into(),
            },
            Unsound,
        ));
        for claim in self.findings.dossier().claims() {
            let id = claim.id().clone();
            if !self.conflict.claims.contains(&id) {
                out.push((Ground::Claim { id }, Unsound));
            } else if *ground != (Ground::Claim { id: id.clone() }) {
                out.push((Ground::Claim { id: id.clone() }, Unknown));
                if self.conflict.kind == ConflictKind::Contradiction {
                    out.push((Ground::Suggested { id }, Unsound));
                }
            }
        }
        out.extend(other_links(ground, self));
        out
    }

    /// The step with that set, and with the bound that shows it; for counts alone.
    fn with_set(&self, step: &Step, new: Set) -> Option<Step> {
        let mut step = step.clone();
        let Step::Narrow {
            variable,
            set,
            bound,
            ..
        } = &mut step
        else {
            return None;
        };
        let question = self
            .findings
            .dossier()
            .question(variable.question.as_str())?;
        if question.kind() != Kind::Count {
            return None;
        }
        *bound = shown(&new)?;
        *set = new;
        Some(step)
    }
}

/// Links that the conflict does not list, and the same link at other times.
fn other_links(ground: &Ground, context: &Context<'_>) -> Vec<(Ground, Spoiled)> {
    let mut out = Vec::new();
    for link in context.findings.dossier().links() {
        let id: discrepancy::LinkId = link.name().into();
        let listed = [&context.conflict.links, &context.conflict.hard_links];
        if !listed.iter().any(|l| l.contains(&id)) {
            out.push((Ground::Link { id, as_of: None }, Unsound));
        }
    }
    match ground {
        Ground::Link { id, as_of } => {
            let id = id.clone();
            let other = match as_of {
                None => Some("2025-01-01".to_owned()),
                Some(_) => None,
            };
            out.push((Ground::Link { id, as_of: other }, Unsound));
        }
        Ground::Growth { earlier, later } => {
            let (earlier, later) = (later.clone(), earlier.clone());
            out.push((Ground::Growth { earlier, later }, Unsound));
        }
        _ => {}
    }
    out
}

fn with_variable(step: &Step, other: &At) -> Step {
    let mut step = step.clone();
    if let Step::Narrow { variable, .. } = &mut step {
        variable.clone_from(other);
    }
    step
}

fn with_ground(step: &Step, other: Ground) -> Step {
    let mut step = step.clone();
    if let Step::Narrow { ground, .. } = &mut step {
        *ground = other;
    }
    step
}

/// Without its least, and without its greatest member; half of it if it is everything.
fn tighter(set: &Set) -> Vec<(&'static str, Set)> {
    let without =
        |x: i128| set.intersection(&Set::from_numbers([x]).complement_in(Interval::EVERYTHING));
    let mut out = Vec::new();
    out.extend(set.lower().map(|x| ("the least left out", without(x))));
    out.extend(set.upper().map(|x| ("the greatest left out", without(x))));
    if out.is_empty() && !set.is_empty() {
        out.push((
            "half of it",
            set.intersection(&Interval::at_least(700_000).into()),
        ));
    }
    out
}

fn shifted(set: &Set, by: i128) -> Set {
    set.plus(&Set::from_numbers([by]))
}

/// A set of counts as a derivation shows it. `None` if that would be long.
fn shown(set: &Set) -> Option<Answers> {
    let list = |set: &Set| {
        let few = set.len().is_some_and(|n| n <= 1_000);
        let numbers = set
            .stretches()
            .iter()
            .filter_map(|s| Some(s.lower()?..=s.upper()?));
        few.then(|| numbers.flatten().map(Answer::Number).collect::<Vec<_>>())
    };
    Some(match set.stretches() {
        [] => Answers::OneOf(Vec::new()),
        [one] => Answers::Between {
            min: one.lower().map(Answer::Number),
            max: one.upper().map(Answer::Number),
        },
        _ => match list(set) {
            Some(items) => Answers::OneOf(items),
            None => Answers::NoneOf(list(&set.complement_in(Interval::at_least(0)))?),
        },
    })
}

/// The parts of a sum, to be spoiled.
type Spoil<'a> = &'a dyn Fn(&mut Vec<(Addend, i128)>, &mut i128, &mut discrepancy::Combination);

/// A sum, spoiled. All must be refused: what is given is not the sum.
fn sum(step: &Step, line: usize) -> Vec<(String, Step, Spoiled)> {
    let Step::Sum { of, divisor, gives } = step else {
        return Vec::new();
    };
    let mut out: Vec<(String, Step, Spoiled)> = Vec::new();
    let mut push = |what: String, change: Spoil<'_>| {
        let (mut of, mut divisor, mut gives) = (of.clone(), *divisor, gives.clone());
        change(&mut of, &mut divisor, &mut gives);
        out.push((what, Step::Sum { of, divisor, gives }, Unsound));
    };
    for i in 0..of.len() {
        for by in [1, -1] {
            push(format!("addend {i} taken {by} times more"), &|of, _, _| {
                of[i].1 += by;
            });
        }
        push(format!("addend {i} left out"), &|of, _, _| {
            drop(of.remove(i));
        });
        push(
            format!("a line that is not there as addend {i}"),
            &|of, _, _| of[i].0 = Addend::Lower { line },
        );
        if let Addend::Lower { line } | Addend::Upper { line } = of[i].0 {
            let other = if matches!(of[i].0, Addend::Lower { .. }) {
                Addend::Upper { line }
            } else {
                Addend::Lower { line }
            };
            push(format!("the other bound as addend {i}"), &|of, _, _| {
                of[i].0 = other.clone();
            });
        }
    }
    push("right side less 1".to_owned(), &|_, _, gives| {
        gives.right -= 1;
    });
    push("no divisor".to_owned(), &|_, divisor, _| *divisor = 0);
    push("divisor turned".to_owned(), &|_, divisor, _| {
        *divisor = -*divisor;
    });
    if !gives.terms.is_empty() {
        push("divisor more by 1".to_owned(), &|_, divisor, _| {
            *divisor += 1;
        });
        push("a coefficient more by 1".to_owned(), &|_, _, gives| {
            gives.terms[0].0 += 1;
        });
        push("a term less".to_owned(), &|_, _, gives| {
            drop(gives.terms.remove(0));
        });
        push("a term twice".to_owned(), &|_, _, gives| {
            gives.terms.push(gives.terms[0].clone());
        });
        push("a question that is not there".to_owned(), &|_, _, gives| {
            gives.terms[0].1.question = "nobody_asked".into();
        });
    }
    push("equation for inequality".to_owned(), &|_, _, gives| {
        gives.equal = !gives.equal;
    });
    if !gives.equal {
        push("all turned".to_owned(), &|of, _, gives| {
            for a in of.iter_mut() {
                a.1 = -a.1;
            }
            gives.terms.iter_mut().for_each(|t| t.0 = -t.0);
            gives.right = -gives.right;
        });
    }
    out
}

/// The repair with something more, or less, or with other values. All must be refused.
pub(crate) fn repairs_spoiled(repair: &Repair, findings: &Findings) -> Vec<(String, Repair)> {
    let dossier = findings.dossier();
    let mut out = Vec::new();
    for i in 0..repair.give_up.len() {
        let mut fewer = repair.clone();
        let gone = fewer.give_up.remove(i);
        out.push((format!("{gone:?} kept"), fewer.clone()));
        fewer.give_up.extend([gone.clone(), gone.clone()]);
        out.push((format!("{gone:?} twice"), fewer));
    }
    let claims = dossier
        .claims()
        .iter()
        .map(|c| GiveUp::Claim { id: c.id().clone() });
    let links = dossier.links().iter().map(|l| GiveUp::Link {
        id: l.name().into(),
    });
    for more in claims.chain(links).filter(|g| !repair.give_up.contains(g)) {
        let mut spoiled = repair.clone();
        spoiled.give_up.push(more.clone());
        out.push((format!("{more:?} too"), spoiled));
    }
    let mut none = repair.clone();
    none.witness.clear();
    out.push(("no values".to_owned(), none));
    for i in 0..repair.witness.len() {
        let question = dossier.question(repair.witness[i].0.as_str()).unwrap();
        let with = |change: &dyn Fn(&mut Repair)| {
            let mut spoiled = repair.clone();
            change(&mut spoiled);
            spoiled
        };
        if question.kind() == Kind::Count {
            out.push((
                "a negative count".to_owned(),
                with(&|r| r.witness[i].2 = -1),
            ));
        }
        out.push((
            "a value twice".to_owned(),
            with(&|r| r.witness.push(r.witness[i].clone())),
        ));
        out.push((
            "another question".to_owned(),
            with(&|r| r.witness[i].0 = "nobody_asked".into()),
        ));
        out.push((
            "another time".to_owned(),
            with(&|r| r.witness[i].1 = Some("1066-10-14".to_owned())),
        ));
    }
    out.extend(claims_violated(repair, findings));
    out
}

/// The repair with a value outside of what a claim says that is not given up, or with none for it.
fn claims_violated(repair: &Repair, findings: &Findings) -> Vec<(String, Repair)> {
    let dossier = findings.dossier();
    let mut out = Vec::new();
    let units = findings
        .conflicts
        .iter()
        .filter(|c| c.dispute == repair.dispute && c.kind == ConflictKind::Contradiction)
        .flat_map(|c| &c.units);
    for unit in units {
        let ConflictUnit::Said(id) = unit else {
            continue;
        };
        if repair.give_up.contains(&GiveUp::Claim { id: id.clone() }) {
            continue;
        }
        let question = dossier
            .claim(id.as_str())
            .and_then(|c| c.question_id())
            .unwrap();
        if dossier
            .question(question.as_str())
            .map(discrepancy::Question::behaviour)
            != Some(OverTime::Fixed)
        {
            continue;
        }
        let said = dossier.reading(id.as_str()).unwrap().entailed();
        let outside = said.complement_in(Interval::EVERYTHING);
        let wrong = outside.upper().or(outside.lower());
        let Some(place) = repair.witness.iter().position(|w| w.0 == *question) else {
            continue;
        };
        let mut other = repair.clone();
        other.witness.remove(place);
        out.push((format!("no value for {id}"), other));
        if let Some(wrong) = wrong.or(outside.stretches().first().and_then(|s| s.lower())) {
            let mut other = repair.clone();
            other.witness[place].2 = wrong;
            out.push((format!("{wrong} against {id}"), other));
        }
    }
    out
}
