//! Policies that a caller can replace; the result echoes them.

use super::grade::Tables;
use super::policy::HedgePolicy;
use super::priors::ExplanationPriors;
use crate::sets::probability::Probability;

/// How much is listed. What is beyond is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Pairs of claims compared. By default 10,000.
    pub overlaps: u64,
    /// Conflicts. By default 1,000.
    pub conflicts: u64,
    /// Repairs. By default 1,000.
    pub repairs: u64,
    /// Members of camps, in all. By default 100,000.
    pub camps: u64,
    /// Explanations weighed for each dispute, the likeliest first. By default 1,000.
    pub explanations: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            overlaps: 10_000,
            conflicts: 1_000,
            repairs: 1_000,
            camps: 100_000,
            explanations: 1_000,
        }
    }
}

/// How a dossier is read and weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    pub(crate) carry_over: Probability,
    pub(crate) suggestion_holds: Probability,
    pub(crate) common_origin: Probability,
    pub(crate) hedges: HedgePolicy,
    pub(crate) tables: Tables,
    pub(crate) limits: Limits,
    pub(crate) budget: u64,
    pub(crate) samples: u64,
    pub(crate) seed: u64,
    pub(crate) priors: ExplanationPriors,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            carry_over: Probability::constant(0.5),
            suggestion_holds: Probability::constant(0.8),
            common_origin: Probability::constant(0.2),
            hedges: HedgePolicy::default(),
            tables: Tables::default(),
            limits: Limits::default(),
            budget: 5_000_000,
            samples: 4_000,
            seed: 1,
            priors: ExplanationPriors::default(),
        }
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far one error of a source carries over to its other statements: ρ in [0, 1]. At 0 each statement stands alone, at 1 a source
    /// stands or falls as a whole. By default .5.
    #[must_use]
    pub fn carry_over(mut self, p: Probability) -> Self {
        self.carry_over = p;
        self
    }

    /// The chance that a suggested reading is meant. By default .8.
    #[must_use]
    pub fn suggestion_holds(mut self, p: Probability) -> Self {
        self.suggestion_holds = p;
        self
    }

    /// The chance that sources which agree only repeat one another, where no group is declared. By default .2.
    #[must_use]
    pub fn common_origin(mut self, p: Probability) -> Self {
        self.common_origin = p;
        self
    }

    /// How hedged phrases are read.
    #[must_use]
    pub fn hedges(mut self, policy: HedgePolicy) -> Self {
        self.hedges = policy;
        self
    }

    /// What letters and digits mean.
    #[must_use]
    pub fn tables(mut self, tables: Tables) -> Self {
        self.tables = tables;
        self
    }

    /// How much is listed.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The work that weighing may take for questions that links join, in products of two weights (about ten million a second). By default
    /// five million. Sums of what parts leave, and sweeps along order links, are cheaper and may take some times as much. Where more than
    /// eight sets of joined questions have 64 statements and more and are not joined by order links alone, they share the work of eight.
    #[must_use]
    pub fn budget(mut self, products: u64) -> Self {
        self.budget = products;
        self
    }

    /// How many scenarios are sampled where the budget ends first and certain bounds stay wide, for each part that is weighed as one. By
    /// default 4,000, which gives a standard error of about .008 to a share of one half; with 0 nothing is sampled, and numbers are the
    /// middles of their bounds.
    #[must_use]
    pub fn samples(mut self, scenarios: u64) -> Self {
        self.samples = scenarios;
        self
    }

    /// What the sampling starts from: the same seed gives the same scenarios. By default 1.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How likely each kind of explanation is, before any figure is looked at.
    #[must_use]
    pub fn priors(mut self, priors: ExplanationPriors) -> Self {
        self.priors = priors;
        self
    }

    /// How likely each kind of explanation is taken to be.
    pub fn explanation_priors(&self) -> ExplanationPriors {
        self.priors
    }
}
