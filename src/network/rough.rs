//! What can be said of clusters that are too hard to solve: certain bounds from the heaviest cases, and estimates from sampled
//! scenarios.
//!
//! Cases split the scenarios by what some assumptions do until what is possible is known, or the work ends ([`branch`]). Their weights
//! bound every share from both sides. Scenarios sampled within the cases that are left ([`sample`]) narrow that down, with a standard
//! error. Whether a scenario is possible is asked of the same engine as everything else.

mod branch;
mod ensemble;
mod sample;

use super::bits::Few;
use super::{Guard, Network, UnitId};
use crate::sets::linear::VariableId;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

use branch::{Case, branch};
pub(super) use ensemble::Ensemble;
use ensemble::States;
use sample::{Sample, sample};

/// How much is sampled, and from which seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampling {
    pub(crate) seed: u64,
    pub(crate) samples: u64,
    /// Cases that are split, at the most.
    pub(crate) splits: usize,
    /// How many share the work that drawing may do.
    pub(crate) among: u64,
}

impl Sampling {
    /// Cases that are worth splitting: as many again would seldom bring bounds much closer, and each is asked about every set.
    pub(crate) const SPLITS: usize = 500;

    /// Where only exact weights count.
    pub(crate) const NONE: Self = Self {
        seed: 0,
        samples: 0,
        splits: 0,
        among: 1,
    };

    /// For one of many that share the work.
    pub(crate) fn among(self, many: usize) -> Self {
        Self {
            among: many as u64,
            ..self
        }
    }
}

/// A number known within bounds; where they are wide, estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    /// Within the bounds.
    pub(crate) value: f64,
    /// The standard error of the value; `None` where it is the middle of narrow bounds.
    pub(crate) error: Option<f64>,
    /// Certain, up to rounding.
    pub(crate) bounds: [f64; 2],
}

impl Estimate {
    /// A number that is known.
    pub(crate) fn exactly(value: f64) -> Self {
        Self {
            value,
            error: None,
            bounds: [value, value],
        }
    }

    /// The bounds, unless they meet.
    pub(crate) fn bounds(self) -> Option<[f64; 2]> {
        (self.bounds[0] < self.bounds[1]).then_some(self.bounds)
    }
}

/// The weight of the possible scenarios.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Possible {
    pub(crate) estimate: Estimate,
    /// The binary logarithm of the value, also where that is too small for a float.
    pub(crate) log2: f64,
    /// Certainties contradict each other: nothing is possible.
    pub(crate) is_impossible: bool,
}

impl Possible {
    /// A weight that is known exactly.
    pub(crate) fn exactly(weight: Weight) -> Self {
        Self::known(weight, true)
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.estimate.error.is_none() && self.estimate.bounds().is_none()
    }

    /// A weight that is known; an upper bound if some scenarios could not be decided.
    pub(super) fn known(weight: Weight, is_decided: bool) -> Self {
        let value = weight.get();
        let low = if is_decided { value } else { 0.0 };
        Self {
            estimate: Estimate {
                value,
                error: None,
                bounds: [low, value],
            },
            log2: weight.log2(),
            is_impossible: weight.is_zero(),
        }
    }

    /// The weight of several parts together. Relative variances add up.
    pub(super) fn product(parts: impl Iterator<Item = Self>) -> Self {
        let mut out = Self {
            estimate: Estimate::exactly(1.0),
            log2: 0.0,
            is_impossible: false,
        };
        let mut relative: Option<f64> = None;
        for part in parts {
            let (all, own) = (&mut out.estimate, part.estimate);
            all.value *= own.value;
            all.bounds = [all.bounds[0] * own.bounds[0], all.bounds[1] * own.bounds[1]];
            out.log2 += part.log2;
            out.is_impossible |= part.is_impossible;
            if let Some(error) = own.error.filter(|_| own.value > 0.0) {
                *relative.get_or_insert(0.0) += (error / own.value).powi(2);
            }
        }
        let width = out.estimate.bounds[1] - out.estimate.bounds[0];
        out.estimate.error = relative.map(|r| (out.estimate.value * r.sqrt()).min(width));
        out
    }
}

/// Something that holds in some scenarios.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// What is active entails that the variable lies in the set.
    Entails(VariableId, Set),
    /// What is active allows it.
    Allows(VariableId, Set),
    /// One of the guards holds.
    Holds(Vec<Guard>),
    /// None of the units is active.
    Idle(Vec<UnitId>),
}

/// Bounds wider than this are narrowed by sampling.
const WIDE: f64 = 1e-6;
/// Certain bounds are drawn this much wider, for rounding.
const ROUNDING: f64 = 1e-12;

/// Whether something is so in all scenarios of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Yes,
    No,
    Open,
}

/// An event in the ensemble's own terms.
enum Asked {
    Entails {
        part: usize,
        local: usize,
        set: Set,
        outside: Set,
    },
    Allows {
        part: usize,
        local: usize,
        set: Set,
    },
    Holds(Vec<Few>),
    /// Guards of the units that are to be idle; one of them is always active.
    Idle(Vec<Few>),
}

/// Cases and samples of an ensemble, ready to be asked.
#[derive(Debug)]
pub(crate) struct Rough {
    ensemble: Ensemble,
    /// By part.
    states: Vec<States>,
    /// Those in which something is possible, or may be.
    cases: Vec<Case>,
    samples: Vec<Sample>,
    possible: Possible,
}

impl Rough {
    /// Splits into cases, and samples if bounds stay wide. Work is at most in proportion to `budget` and to the samples asked for.
    pub(super) fn new(ensemble: Ensemble, budget: u64, sampling: Sampling) -> Self {
        let mut states: Vec<States> = ensemble.parts.iter().map(|_| States::default()).collect();
        let room = ensemble.room();
        let splits = sampling.splits.min(room / 4);
        let cases = branch(&ensemble, &mut states, budget, splits);
        let sure: f64 = cases.iter().filter(|c| c.possible).map(|c| c.mass).sum();
        let most: f64 = cases.iter().map(|c| c.mass * c.at_most).sum();
        let all: f64 = cases.iter().map(|c| c.mass).sum();
        let bounds = [
            (sure - ROUNDING).clamp(0.0, 1.0),
            (most + ROUNDING).clamp(0.0, 1.0),
        ];
        let samples = if cases.is_empty() {
            Vec::new()
        } else {
            let samples = sampling.samples.min(room as u64);
            let sampling = Sampling {
                samples,
                ..sampling
            };
            sample(&ensemble, &mut states, &cases, sampling)
        };
        let mut out = Self {
            possible: Possible {
                estimate: narrow(bounds),
                log2: 0.0,
                is_impossible: cases.is_empty(),
            },
            ensemble,
            states,
            cases,
            samples,
        };
        out.possible = out.total(bounds, all);
        out
    }

    /// The weight of the possible scenarios, of those in the ensemble.
    pub(crate) fn possible(&self) -> Possible {
        self.possible
    }

    fn total(&self, bounds: [f64; 2], all: f64) -> Possible {
        let is_impossible = self.cases.is_empty();
        if is_impossible {
            return Possible {
                estimate: Estimate::exactly(0.0),
                log2: f64::NEG_INFINITY,
                is_impossible,
            };
        }
        let middle = narrow(bounds);
        if self.samples.is_empty() || bounds[1] - bounds[0] <= WIDE {
            return Possible {
                estimate: middle,
                log2: middle.value.log2(),
                is_impossible,
            };
        }
        let n = count(self.samples.len());
        let (scale, weights) = self.weights();
        let mean = weights.iter().sum::<f64>() / n;
        let spread: f64 = weights.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n;
        let top = weights.iter().copied().fold(0.0, f64::max);
        let unit = all * scale.exp();
        let error = unit * (spread / n + UNSEEN * (top / n).powi(2)).sqrt();
        let raw = unit * mean;
        let value = raw.clamp(bounds[0], bounds[1]);
        Possible {
            estimate: Estimate {
                value,
                error: Some(error.min(bounds[1] - bounds[0])),
                bounds,
            },
            log2: if raw < bounds[0] || raw > bounds[1] {
                value.log2()
            } else {
                all.log2() + scale / std::f64::consts::LN_2 + mean.log2()
            },
            is_impossible,
        }
    }

    /// The weights of the samples over the largest of them, and its natural logarithm.
    fn weights(&self) -> (f64, Vec<f64>) {
        let scale = self
            .samples
            .iter()
            .map(|s| s.log)
            .fold(f64::NEG_INFINITY, f64::max);
        let scale = if scale.is_finite() { scale } else { 0.0 };
        let weights = self.samples.iter().map(|s| (s.log - scale).exp());
        (scale, weights.collect())
    }

    /// The share of the possible scenarios in which an event holds. `None` if none is possible, or what is asked is not in the
    /// ensemble.
    ///
    /// # Complexity
    ///
    /// For a set two decisions for each case and one for each different scenario sampled; else linear in both.
    pub(crate) fn share(&self, network: &Network, event: &Event) -> Option<Estimate> {
        if self.possible.is_impossible {
            return None;
        }
        let asked = self.translate(network, event)?;
        let bounds = self.bounds(&asked);
        if self.samples.is_empty() || bounds[1] - bounds[0] <= WIDE {
            return Some(narrow(bounds));
        }
        // The ratio of two means, and its error by the delta method (Cochran 1977, "Sampling Techniques", section 6.4).
        let (_, weights) = self.weights();
        let holds = self.holds(&asked);
        let sum: f64 = weights.iter().sum();
        let hit: f64 = weights
            .iter()
            .zip(&holds)
            .filter(|(_, h)| **h)
            .map(|(w, _)| w)
            .sum();
        let share = (hit / sum).clamp(0.0, 1.0);
        let spread: f64 = weights
            .iter()
            .zip(&holds)
            .map(|(w, h)| (w * (f64::from(u8::from(*h)) - share)).powi(2))
            .sum();
        let top = weights.iter().copied().fold(0.0, f64::max);
        let error = (spread + UNSEEN * (top * share.max(1.0 - share)).powi(2)).sqrt() / sum;
        Some(Estimate {
            value: share.clamp(bounds[0], bounds[1]),
            error: Some(error.min(bounds[1] - bounds[0])),
            bounds,
        })
    }

    fn translate(&self, network: &Network, event: &Event) -> Option<Asked> {
        let own = &self.ensemble;
        let bits = |g: &Guard| -> Few {
            Few::of(
                g.iter()
                    .filter_map(|a| own.assumptions.binary_search(a).ok()),
            )
        };
        Some(match event {
            Event::Entails(v, set) => {
                let (part, local) = own.find(*v)?;
                Asked::Entails {
                    part,
                    local,
                    set: set.clone(),
                    outside: set.complement_in(network.domain(*v)),
                }
            }
            Event::Allows(v, set) => {
                let (part, local) = own.find(*v)?;
                Asked::Allows {
                    part,
                    local,
                    set: set.clone(),
                }
            }
            Event::Holds(guards) => Asked::Holds(guards.iter().map(bits).collect()),
            Event::Idle(units) => Asked::Idle(
                units
                    .iter()
                    .flat_map(|u| network.live_guards(*u))
                    .map(bits)
                    .collect(),
            ),
        })
    }

    /// Certain bounds on the share: what is open, in a case or about it, is taken one way and then the other.
    ///
    /// That assumptions hold is never likelier for knowing that something is possible (Harris 1960), so priors bound it too.
    fn bounds(&self, asked: &Asked) -> [f64; 2] {
        let (mut yes, mut no, mut torn) = (0.0, 0.0, 0.0);
        // The most of it that may be possible, in cases of which that is not known.
        let (mut if_yes, mut if_no, mut if_torn) = (0.0, 0.0, 0.0);
        for case in &self.cases {
            let slot = match (case.possible, self.judge(asked, case)) {
                (true, Verdict::Yes) => &mut yes,
                (true, Verdict::No) => &mut no,
                (true, Verdict::Open) => &mut torn,
                (false, Verdict::Yes) => &mut if_yes,
                (false, Verdict::No) => &mut if_no,
                (false, Verdict::Open) => &mut if_torn,
            };
            *slot += case.mass * case.at_most;
        }
        let share = |part: f64, whole: f64, none: f64| {
            if whole > 0.0 { part / whole } else { none }
        };
        let mut low = share(yes, yes + no + torn + if_no + if_torn, 1.0);
        let mut high = share(
            yes + torn + if_yes + if_torn,
            yes + no + torn + if_yes + if_torn,
            0.0,
        );
        let prior = |g: &Few| g.iter().map(|a| self.ensemble.p(a)).product::<f64>();
        match asked {
            Asked::Holds(guards) => high = f64::min(high, guards.iter().map(prior).sum()),
            Asked::Idle(guards) => {
                low = f64::max(low, guards.iter().map(|g| 1.0 - prior(g)).product());
            }
            Asked::Entails { .. } | Asked::Allows { .. } => {}
        }
        [
            (low - ROUNDING).clamp(0.0, 1.0),
            (high.max(low) + ROUNDING).clamp(0.0, 1.0),
        ]
    }

    fn judge(&self, asked: &Asked, case: &Case) -> Verdict {
        let settled = |surely: bool, never: bool| match (surely, never) {
            (true, _) => Verdict::Yes,
            (_, true) => Verdict::No,
            _ => Verdict::Open,
        };
        match asked {
            Asked::Holds(guards) => settled(
                guards.iter().any(|g| g.is_subset(&case.holds)),
                guards.iter().all(|g| g.meets(&case.fails)),
            ),
            Asked::Idle(guards) => settled(
                guards.iter().all(|g| g.meets(&case.fails)),
                guards.iter().any(|g| g.is_subset(&case.holds)),
            ),
            Asked::Entails {
                part,
                local,
                outside,
                ..
            } => {
                let Some((active, open)) = ends(*part, case) else {
                    return Verdict::Open;
                };
                settled(
                    self.excludes(*part, active, *local, outside) == Some(true),
                    self.excludes(*part, open, *local, outside) == Some(false),
                )
            }
            Asked::Allows { part, local, set } => {
                let Some((active, open)) = ends(*part, case) else {
                    return Verdict::Open;
                };
                settled(
                    self.excludes(*part, open, *local, set) == Some(false),
                    self.excludes(*part, active, *local, set) == Some(true),
                )
            }
        }
    }

    fn excludes(&self, part: usize, state: u32, local: usize, set: &Set) -> Option<bool> {
        let state = self.states.get(part)?.get(state)?;
        self.ensemble.excludes(part, state, local, set)
    }

    /// By sample: whether the event holds there. What cannot be decided is taken as possible.
    fn holds(&self, asked: &Asked) -> Vec<bool> {
        let by_state = |part: usize, local: usize, set: &Set| -> Vec<bool> {
            let mut known: Vec<Option<bool>> =
                vec![None; self.states.get(part).map_or(0, |s| s.list.len())];
            let states = self.samples.iter().map(|s| s.states.get(part).copied());
            states
                .map(|state| {
                    let Some(slot) = state.and_then(|s| known.get_mut(s as usize)) else {
                        return false;
                    };
                    *slot.get_or_insert_with(|| {
                        let state = state.unwrap_or_default();
                        self.excludes(part, state, local, set) == Some(true)
                    })
                })
                .collect()
        };
        match asked {
            Asked::Holds(guards) => self
                .samples
                .iter()
                .map(|s| guards.iter().any(|g| g.is_subset(&s.holds)))
                .collect(),
            Asked::Idle(guards) => self
                .samples
                .iter()
                .map(|s| !guards.iter().any(|g| g.is_subset(&s.holds)))
                .collect(),
            Asked::Entails {
                part,
                local,
                outside,
                set,
            } => {
                if set.is_empty() {
                    return vec![false; self.samples.len()];
                }
                by_state(*part, *local, outside)
            }
            Asked::Allows { part, local, set } => by_state(*part, *local, set)
                .into_iter()
                .map(|excluded| !excluded)
                .collect(),
        }
    }

    /// What one share costs, in the units of the budget.
    pub(crate) fn cost(&self) -> u64 {
        (self.cases.len() + self.samples.len()) as u64
    }
}

/// Added to the variance, in squares of the largest weight: as if some scenarios that go the other way had been met besides, so that
/// what no sample met is not taken for impossible (in the manner of Agresti & Coull 1998).
const UNSEEN: f64 = 2.0;

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of samples stay far below 2^53"
)]
fn count(n: usize) -> f64 {
    n as f64
}

/// The middle of bounds.
fn narrow(bounds: [f64; 2]) -> Estimate {
    Estimate {
        value: f64::midpoint(bounds[0], bounds[1]),
        error: None,
        bounds,
    }
}

/// What is active in all scenarios of a case, and what is in any.
fn ends(part: usize, case: &Case) -> Option<(u32, u32)> {
    Some((*case.active.get(part)?, *case.open.get(part)?))
}
