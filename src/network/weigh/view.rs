//! One variable of a weighed network: what can be read off it.

use super::{Solution, Weighing};
use crate::network::chain::Chain;
use crate::network::eliminate::{GivingUp, Left};
use crate::network::line;
use crate::network::whole::Whole;
use crate::network::{Guard, UnitId};
use crate::sets::interval::Interval;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// What is known of one variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(super) weighing: &'a Weighing,
    pub(super) solution: &'a Solution,
    pub(super) cluster: usize,
    pub(super) local: usize,
}

/// Belief and plausibility of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Opinion {
    pub(crate) belief: f64,
    pub(crate) plausibility: f64,
    /// Certain bounds on belief and on plausibility, where only these are known, and given is their middle.
    pub(crate) bounds: [Option<[f64; 2]>; 2],
}

impl From<line::Opinion> for Opinion {
    fn from(found: line::Opinion) -> Self {
        let middle = |[low, high]: [f64; 2]| f64::midpoint(low, high);
        Self {
            belief: middle(found.belief),
            plausibility: middle(found.plausibility),
            bounds: found.bounds(),
        }
    }
}

impl<'a> View<'a> {
    /// Whether every possibility was decided.
    pub(crate) fn is_decided(self) -> bool {
        self.solution.is_decided()
    }

    /// Whether what is known of sets that units name is exact.
    pub(crate) fn is_exact(self, domain: Interval) -> bool {
        match self.solution {
            Solution::Tables(_) | Solution::Sweep(_) | Solution::Total(_) => self.is_decided(),
            Solution::Sums(whole) => whole.is_exact(self.local, domain),
        }
    }

    /// How far the possible scenarios entail, and allow, that the variable lies in `set`, a part of `domain`. `None` if none is
    /// possible.
    pub(crate) fn opinion(self, set: &Set, domain: Interval) -> Option<Opinion> {
        let total = self.solution.total();
        if total.is_zero() {
            return None;
        }
        let tables = match self.solution {
            Solution::Tables(s) => s,
            // A set that nobody names is told of by solving again with its ends in mind.
            Solution::Sweep(chain) => {
                let finer;
                let chain = if chain.resolves(self.local, set) {
                    chain
                } else {
                    let extra = (self.local, set);
                    finer = (self.weighing).resolving(self.cluster, extra, Weighing::swept)?;
                    &finer
                };
                return Some(chain.opinion(self.local, set, domain).into());
            }
            Solution::Sums(whole) => {
                let finer;
                let whole = if whole.resolves(self.local, set) {
                    whole
                } else {
                    let extra = (self.local, set);
                    finer = (self.weighing).resolving(self.cluster, extra, Weighing::summed)?;
                    &finer
                };
                return Some(whole.opinion(self.local, set, domain).into());
            }
            Solution::Total(_) => return None,
        };
        let (mut entails, mut allows) = (Weight::ZERO, Weight::ZERO);
        let outside = set.complement_in(domain);
        for (left, weight) in tables.left(self.local)? {
            let (inside, out) = match left {
                Left::Values(values) => (!values.is_disjoint(set), !values.is_subset(set)),
                Left::Joint(state) => (
                    !state.allows(set).is_impossible(),
                    !state.allows(&outside).is_impossible(),
                ),
            };
            if !out {
                entails += *weight;
            }
            if inside {
                allows += *weight;
            }
        }
        Some(Opinion {
            belief: entails.share_of(total).min(1.0),
            plausibility: allows.share_of(total).min(1.0),
            bounds: [None; 2],
        })
    }

    /// The share of the possible scenarios in which one of `guards`, all of the unit, holds. `None` if none is possible.
    pub(crate) fn trusted(self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        let total = self.solution.total();
        if total.is_zero() {
            return None;
        }
        if guards.is_empty() {
            return Some(0.0);
        }
        match self.solution {
            Solution::Tables(s) => Some(s.holds(unit, guards)?.share_of(total).min(1.0)),
            Solution::Sweep(l) => l.holds(unit, guards),
            Solution::Sums(w) => w.holds(unit, guards),
            Solution::Total(_) => None,
        }
    }

    /// Ready to ask for shares of the possible scenarios in which units are not active. `None` if nothing is possible.
    pub(crate) fn giving_up(self) -> Option<Shares<'a>> {
        let total = self.solution.total();
        if total.is_zero() {
            return None;
        }
        Some(match self.solution {
            Solution::Tables(s) => Shares::Tables {
                total,
                given_up: s.giving_up(),
            },
            Solution::Sweep(l) => Shares::Sweep(l),
            Solution::Sums(w) => Shares::Sums(w),
            Solution::Total(_) => return None,
        })
    }
}

/// Shares of the possible scenarios in which units are not active.
#[derive(Debug)]
pub(crate) enum Shares<'a> {
    Tables {
        total: Weight,
        given_up: GivingUp<'a>,
    },
    Sweep(&'a Chain),
    Sums(&'a Whole),
}

impl Shares<'_> {
    /// The share in which no restriction of any of the units is active.
    pub(crate) fn without(&mut self, units: &[UnitId]) -> f64 {
        match self {
            Self::Tables { total, given_up } => given_up.without(units).share_of(*total).min(1.0),
            Self::Sweep(chain) => chain.without(units),
            Self::Sums(whole) => whole.without(units),
        }
    }

    /// What one share costs, in products.
    pub(crate) fn cost(&self) -> usize {
        match self {
            Self::Tables { given_up, .. } => given_up.cost(),
            Self::Sweep(chain) => chain.cost(),
            Self::Sums(whole) => whole.cost(),
        }
    }
}
