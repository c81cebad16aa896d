//! Possible scenarios drawn at random, each with the weight that it stands for.

use super::super::bits::Bits;
use super::super::decide::Answer;
use super::super::hash::Table;
use super::branch::Case;
use super::{Ensemble, Sampling, States};

/// A scenario drawn.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// The assumptions that hold.
    pub(super) holds: Bits,
    /// The natural logarithm of its weight.
    pub(super) log: f64,
    /// By part: the state it puts it in.
    pub(super) states: Vec<u32>,
}

/// The `SplitMix64` generator (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", figure 16).
struct Random(u64);

/// Its finish: every bit of `x` bears on every bit of the result.
pub(super) fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// From [0, 1), in steps of 2⁻⁵³.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept")]
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * f64::EPSILON / 2.0
    }

    fn coin(&mut self, p: f64) -> bool {
        self.unit() < p
    }
}

/// Decisions that are remembered.
const REMEMBERED: u64 = 50_000;
/// Words that are copied as one unit of work, or remembered as one decision.
const COPIED: u64 = 16;
/// Work that sampling may do, in the units of the budget.
const WORK: u64 = 4_000_000;

/// Draws scenarios in which everything active can hold together.
///
/// Cases are drawn by their weight, evenly spread. Within one, assumptions are settled one after another, those that guard most first;
/// where one could not hold, it does not, and the scenario's weight is multiplied by the chance that it would not have anyway
/// (sequential importance sampling: Liu & Chen 1998, "Sequential Monte Carlo methods for dynamic systems"). Weights are at most 1, so
/// that no mean is less sure than by drawing scenarios and throwing away those that are impossible; and their mean is unbiased.
/// Ends early if it takes too much work; then what was drawn counts, in an order that favours no case.
pub(super) fn sample(
    ensemble: &Ensemble,
    states: &mut [States],
    cases: &[Case],
    sampling: Sampling,
) -> Vec<Sample> {
    let mut random = Random(mixed(sampling.seed) ^ ensemble.fingerprint());
    let mut order: Vec<usize> = (0..ensemble.assumptions.len()).collect();
    order.sort_by_key(|a| {
        let users = ensemble.guarded.get(*a).map_or(0, Vec::len);
        (std::cmp::Reverse(users), *a)
    });
    let all: f64 = cases.iter().map(|c| c.mass).sum();
    let mut drawn = Drawn {
        ensemble,
        memory: ensemble.parts.iter().map(|_| Table::default()).collect(),
        work: WORK / sampling.among.max(1),
    };
    // Multiples of the golden ratio fill [0, 1) evenly, however many of them are taken (Weyl 1916; Knuth, section 6.4).
    let mut turn = random.unit();
    let mut out = Vec::new();
    for _ in 0..sampling.samples {
        if drawn.work == 0 {
            break;
        }
        turn = (turn + GOLDEN).fract();
        let mut rest = turn * all;
        let case = cases.iter().find(|c| {
            rest -= c.mass;
            rest < 0.0
        });
        let Some(case) = case.or(cases.last()) else {
            break;
        };
        out.extend(drawn.one(states, case, &order, &mut random));
    }
    out
}

/// (√5 − 1) / 2.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

struct Drawn<'a> {
    ensemble: &'a Ensemble,
    /// By part: what decisions gave.
    memory: Vec<Table<Bits, Fit>>,
    work: u64,
}

/// What is active in one part so far, and values under which it holds together.
struct Active {
    on: Bits,
    values: Vec<i128>,
    /// Whatever becomes active, it will hold together.
    is_free: bool,
}

impl Drawn<'_> {
    fn one(
        &mut self,
        states: &mut [States],
        case: &Case,
        order: &[usize],
        random: &mut Random,
    ) -> Option<Sample> {
        let mut parts: Vec<Active> = Vec::with_capacity(states.len());
        for (part, known) in states.iter().enumerate() {
            let active = known.get(*case.active.get(part)?)?;
            let open = known.get(*case.open.get(part)?)?;
            let values = match &active.answer {
                Answer::Possible(values) => values.clone(),
                _ => Vec::new(),
            };
            parts.push(Active {
                on: active.members.clone(),
                values,
                is_free: case.possible || matches!(open.answer, Answer::Possible(_)),
            });
        }
        let mut holds = case.holds.clone();
        let mut log = 0.0;
        for a in order {
            if holds.contains(*a) || case.fails.contains(*a) {
                continue;
            }
            if self.work == 0 {
                return None;
            }
            self.work = self.work.saturating_sub(2);
            let p = self.ensemble.p(*a);
            holds.insert(*a);
            let mut added: Vec<(usize, Bits, Option<Vec<i128>>)> = Vec::new();
            let mut fits = true;
            for (part, member) in self.ensemble.guarded.get(*a).into_iter().flatten() {
                let Some(state) = parts.get(*part) else {
                    continue;
                };
                let guards = self
                    .ensemble
                    .guards
                    .get(*part)
                    .and_then(|g| g.get(*member))
                    .map_or(&[][..], Vec::as_slice);
                if state.on.contains(*member) || !guards.iter().any(|g| g.is_subset(&holds)) {
                    continue;
                }
                match added.last_mut() {
                    Some((last, on, _)) if last == part => on.insert(*member),
                    _ => {
                        let mut on = state.on.clone();
                        self.work = self.work.saturating_sub(on.words() / COPIED);
                        on.insert(*member);
                        added.push((*part, on, None));
                    }
                }
            }
            for (part, on, values) in &mut added {
                let Some(state) = parts.get(*part) else {
                    continue;
                };
                if !state.is_free {
                    match self.fits(*part, state, on) {
                        Fit::AsBefore => {}
                        Fit::With(found) => *values = Some(found),
                        Fit::Never => {
                            fits = false;
                            break;
                        }
                    }
                }
            }
            if fits && random.coin(p) {
                for (part, on, values) in added {
                    if let Some(state) = parts.get_mut(part) {
                        state.on = on;
                        if let Some(values) = values {
                            state.values = values;
                        }
                    }
                }
            } else {
                holds.remove(*a);
                if !fits {
                    log += (1.0 - p).ln();
                }
            }
        }
        let ensemble = self.ensemble;
        let mut ends = Vec::with_capacity(parts.len());
        for (part, (state, known)) in parts.into_iter().zip(states).enumerate() {
            let work = &mut self.work;
            ends.push(known.keep(state.on, |bits| {
                // The values met on the way serve again, unless some of what was free does not fit them.
                let serve = state.values.len()
                    == ensemble.cluster(part).map_or(0, |c| c.variables.len())
                    && bits
                        .iter()
                        .all(|m| ensemble.is_satisfied(part, m, &state.values));
                if serve {
                    return Answer::Possible(state.values);
                }
                *work = work.saturating_sub(ensemble.cost(part));
                ensemble.decide(part, bits)
            }));
        }
        Some(Sample {
            holds,
            log,
            states: ends,
        })
    }

    /// Whether more can be active than before. What cannot be decided fits.
    fn fits(&mut self, part: usize, before: &Active, on: &Bits) -> Fit {
        let ensemble = self.ensemble;
        let added = on.iter().filter(|m| !before.on.contains(*m));
        let standing = |m: usize| {
            let list = ensemble.standing.get(part).and_then(|s| s.get(m));
            list.into_iter()
                .flatten()
                .copied()
                .filter(|s| on.contains(*s))
        };
        let serves = !before.values.is_empty()
            && added
                .flat_map(|m| std::iter::once(m).chain(standing(m)))
                .all(|m| ensemble.is_satisfied(part, m, &before.values));
        if serves {
            return Fit::AsBefore;
        }
        let Some(memory) = self.memory.get_mut(part) else {
            return Fit::Never;
        };
        if let Some(known) = memory.get(on) {
            return known.clone();
        }
        self.work = self.work.saturating_sub(ensemble.cost(part));
        let found = match ensemble.decide(part, on) {
            Answer::Possible(values) => Fit::With(values),
            Answer::Impossible => Fit::Never,
            Answer::Unknown => Fit::With(Vec::new()),
        };
        let words = on.words() + found.values() as u64 * 2;
        if memory.len() as u64 * (1 + words / COPIED) >= REMEMBERED {
            memory.clear();
        }
        memory.insert(on.clone(), found.clone());
        found
    }
}

impl Fit {
    /// How many values it holds.
    fn values(&self) -> usize {
        match self {
            Self::With(values) => values.len(),
            Self::AsBefore | Self::Never => 0,
        }
    }
}

/// Whether something can be active with what is.
#[derive(Debug, Clone)]
enum Fit {
    /// Under the values so far.
    AsBefore,
    /// Under these.
    With(Vec<i128>),
    Never,
}
