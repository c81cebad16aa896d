//! Scenarios split by cases, the heaviest first, until what is possible is known or the work ends.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::super::bits::{Bits, Few};
use super::super::decide::Answer;
use super::ensemble::State;
use super::{Ensemble, States};

/// All scenarios in which some assumptions hold and others do not.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) holds: Bits,
    pub(super) fails: Bits,
    /// Their weight.
    pub(super) mass: f64,
    /// All of them are possible; else that is not known.
    pub(super) possible: bool,
    /// At most this share of them is possible.
    pub(super) at_most: f64,
    /// By part: the state of what is active in all of them, and of what is active in any.
    pub(super) active: Vec<u32>,
    pub(super) open: Vec<u32>,
}

/// Conflicts that are kept to split by.
const CONFLICTS: usize = 2_000;
/// Work that is done whatever the budget.
const LEAST_WORK: u64 = 200_000;

/// A conflict met on the way: members of one part.
struct Met {
    part: usize,
    members: Vec<usize>,
}

struct Waiting(Case);

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (&self.0, &other.0);
        a.mass
            .total_cmp(&b.mass)
            .then_with(|| b.holds.cmp(&a.holds))
            .then_with(|| b.fails.cmp(&a.fails))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

/// Splits all scenarios into cases; those in which nothing is possible are dropped.
///
/// The heaviest open case is split on an assumption behind its heaviest conflict, one that many conflicts rest on. (So are
/// probabilities of unions bounded in databases: Olteanu, Huang & Koch 2010, "Approximate confidence computation in probabilistic
/// databases"; abstaining from independence, which assumptions shared by many would seldom give.)
pub(super) fn branch(
    ensemble: &Ensemble,
    states: &mut [States],
    budget: u64,
    limit: usize,
) -> Vec<Case> {
    let mut search = Search {
        ensemble,
        states,
        met: Vec::new(),
        work: budget.max(LEAST_WORK),
    };
    let parts = ensemble.parts.len();
    let mut root = Case {
        holds: Bits::default(),
        fails: Bits::default(),
        mass: 1.0,
        possible: false,
        at_most: 1.0,
        active: Vec::with_capacity(parts),
        open: Vec::with_capacity(parts),
    };
    for part in 0..parts {
        let active = ensemble.active(part, &root.holds);
        root.active.push(search.state(part, active));
        let open = ensemble.open(part, &root.fails);
        root.open.push(search.state(part, open));
    }
    let mut done = Vec::new();
    let mut waiting = BinaryHeap::new();
    search.sort_in(root, &mut waiting, &mut done);
    let mut splits = 0;
    while splits < limit
        && search.work > 0
        && let Some(Waiting(case)) = waiting.pop()
    {
        splits += 1;
        match search.choose(&case) {
            Some(a) => {
                for holds in [true, false] {
                    let child = search.child(&case, a, holds);
                    search.sort_in(child, &mut waiting, &mut done);
                }
            }
            None => done.push(case),
        }
    }
    done.extend(waiting.into_sorted_vec().into_iter().map(|w| w.0));
    for case in &mut done {
        if !case.possible {
            case.at_most = search.at_most(case);
        }
    }
    done
}

struct Search<'a> {
    ensemble: &'a Ensemble,
    states: &'a mut [States],
    met: Vec<Met>,
    work: u64,
}

impl Search<'_> {
    fn state(&mut self, part: usize, members: Bits) -> u32 {
        let (ensemble, work) = (self.ensemble, &mut self.work);
        let Some(states) = self.states.get_mut(part) else {
            return 0;
        };
        states.keep(members, |bits| {
            *work = work.saturating_sub(ensemble.cost(part));
            ensemble.decide(part, bits)
        })
    }

    fn known(&self, part: usize, state: u32) -> Option<&State> {
        self.states.get(part)?.get(state)
    }

    /// Drops a case in which nothing is possible, settles one in which everything is, and lets others wait.
    fn sort_in(&self, mut case: Case, waiting: &mut BinaryHeap<Waiting>, done: &mut Vec<Case>) {
        let is = |part: usize, state: u32, test: fn(&Answer) -> bool| {
            self.known(part, state).is_some_and(|s| test(&s.answer))
        };
        let mut active = case.active.iter().enumerate();
        if active.any(|(part, s)| is(part, *s, Answer::is_impossible)) {
            return;
        }
        let mut open = case.open.iter().enumerate();
        case.possible = open.all(|(part, s)| is(part, *s, |a| matches!(a, Answer::Possible(_))));
        if case.possible {
            done.push(case);
        } else {
            waiting.push(Waiting(case));
        }
    }

    fn child(&mut self, case: &Case, assumption: usize, holds: bool) -> Case {
        let mut child = case.clone();
        let p = self.ensemble.p(assumption);
        let mut parts: Vec<usize> = self
            .ensemble
            .guarded
            .get(assumption)
            .into_iter()
            .flatten()
            .map(|(part, _)| *part)
            .collect();
        parts.dedup();
        if holds {
            child.holds.insert(assumption);
            child.mass *= p;
        } else {
            child.fails.insert(assumption);
            child.mass *= 1.0 - p;
        }
        for part in parts {
            let (list, state) = if holds {
                let members = self.ensemble.active(part, &child.holds);
                (&mut child.active, self.state(part, members))
            } else {
                let members = self.ensemble.open(part, &child.fails);
                (&mut child.open, self.state(part, members))
            };
            if let Some(slot) = list.get_mut(part) {
                *slot = state;
            }
        }
        child
    }

    /// Whether all members of a conflict can still be active in a case, with the open assumptions that this takes, by the likeliest
    /// guards, and how likely they are. `None` if not.
    fn needs(&self, met: &Met, case: &Case) -> Option<(Bits, f64)> {
        let mut needed = Bits::default();
        for m in &met.members {
            let guards = self.ensemble.guards.get(met.part)?.get(*m)?;
            let open =
                |g: &Few| -> Bits { Bits::of(g.iter().filter(|a| !case.holds.contains(*a))) };
            let chance = |g: &Bits| g.iter().map(|a| self.ensemble.p(a)).product::<f64>();
            let best = guards
                .iter()
                .filter(|g| !g.meets(&case.fails))
                .map(open)
                .max_by(|a, b| chance(a).total_cmp(&chance(b)).then_with(|| b.cmp(a)))?;
            needed = needed.union(&best);
        }
        let p = needed.iter().map(|a| self.ensemble.p(a)).product();
        Some((needed, p))
    }

    /// The assumption to split a case on. `None` if nothing more can be known.
    fn choose(&mut self, case: &Case) -> Option<usize> {
        if !self.met.iter().any(|m| self.needs(m, case).is_some()) {
            self.meet(case);
        }
        self.work = self.work.saturating_sub(self.met.len() as u64);
        let mut heaviest: Option<(f64, Bits)> = None;
        let mut uses = vec![0_u32; self.ensemble.assumptions.len()];
        for met in &self.met {
            let Some((needed, p)) = self.needs(met, case) else {
                continue;
            };
            for a in needed.iter() {
                if let Some(n) = uses.get_mut(a) {
                    *n += 1;
                }
            }
            if heaviest.as_ref().is_none_or(|(q, _)| p > *q) {
                heaviest = Some((p, needed));
            }
        }
        let most_used = |bits: &Bits| {
            bits.iter()
                .max_by_key(|a| (uses.get(*a).copied(), std::cmp::Reverse(*a)))
        };
        if let Some(a) = heaviest.and_then(|(_, needed)| most_used(&needed)) {
            return Some(a);
        }
        // No conflict is known for what cannot be decided: any assumption that is open there.
        let undecided = case.open.iter().enumerate().find(|(part, s)| {
            self.known(*part, **s)
                .is_some_and(|s| !matches!(s.answer, Answer::Possible(_)))
        });
        let (part, _) = undecided?;
        let guards = self.ensemble.guards.get(part)?.iter().flatten();
        guards
            .filter(|g| !g.meets(&case.fails))
            .flat_map(Few::iter)
            .find(|a| !case.holds.contains(*a))
    }

    /// Finds a conflict among what is open in a case.
    fn meet(&mut self, case: &Case) {
        if self.met.len() >= CONFLICTS {
            return;
        }
        let impossible = case.open.iter().enumerate().find_map(|(part, s)| {
            let state = self.known(part, *s)?;
            (state.answer.is_impossible()).then(|| (part, state.members.clone()))
        });
        let Some((part, mut members)) = impossible else {
            return;
        };
        // Members that are certainly active here last, so that they stay where there is a choice.
        let sure = self.ensemble.active(part, &case.holds);
        let (last, first): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|m| sure.contains(*m));
        for m in first.into_iter().chain(last) {
            if self.work == 0 {
                return;
            }
            self.work = self.work.saturating_sub(self.ensemble.cost(part));
            let mut without = members.clone();
            without.remove(m);
            if self.ensemble.decide(part, &without).is_impossible() {
                members = without;
            }
        }
        let members = members.iter().collect();
        self.met.push(Met { part, members });
    }

    /// The share of a case that is possible at the most: conflicts that need no assumption in common are avoided independently of each
    /// other.
    fn at_most(&self, case: &Case) -> f64 {
        let mut known: Vec<(Bits, f64)> = self
            .met
            .iter()
            .filter_map(|m| self.needs(m, case))
            .collect();
        known.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut used = Bits::default();
        let mut share = 1.0;
        for (needed, p) in known {
            if !needed.meets(&used) {
                share *= 1.0 - p;
                used = used.union(&needed);
            }
        }
        share
    }
}
