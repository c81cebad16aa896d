//! What clusters said before of the assumptions they share, for weighings of networks that differ little from one another.

use std::collections::BTreeMap;

use super::{AssumptionId, Cluster, Guard, Network, Weights};
use crate::sets::linear::Row;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

/// Tables by all that they follow from.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    said: BTreeMap<Key, Vec<(u128, Weight)>>,
}

/// A cluster, with assumptions numbered by their order among those it uses: so it is found again where others come before them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    domains: Vec<Set>,
    hard: Vec<Row>,
    members: Vec<Guarded>,
    silent: Vec<(usize, Set)>,
    /// By assumption, the bits of its probability.
    probabilities: Vec<u64>,
    /// Those that its table is about.
    scope: Vec<usize>,
}

/// A member with its guards, without what is certain.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Guarded {
    within: Vec<(usize, Set)>,
    rows: Vec<Row>,
    stands_on: Option<usize>,
    guards: Vec<Vec<usize>>,
}

impl Key {
    /// `uses` are the cluster's uncertain assumptions, ascending; `scope` is among them.
    fn new(
        network: &Network,
        cluster: &Cluster,
        uses: &[AssumptionId],
        scope: &[AssumptionId],
    ) -> Self {
        let number = |list: &[AssumptionId]| -> Vec<usize> {
            let places = list.iter().map(|a| uses.binary_search(a));
            places.filter_map(Result::ok).collect()
        };
        Self {
            domains: cluster.domains.clone(),
            hard: cluster.hard.clone(),
            members: cluster
                .members
                .iter()
                .map(|m| Guarded {
                    within: m.within.clone(),
                    rows: m.rows.clone(),
                    stands_on: m.stands_on,
                    guards: network
                        .live_guards(m.id)
                        .map(|g: &Guard| number(g))
                        .collect(),
                })
                .collect(),
            silent: cluster.silent.clone(),
            probabilities: uses
                .iter()
                .map(|a| network.probability(*a).get().to_bits())
                .collect(),
            scope: number(scope),
        }
    }
}

impl Memory {
    /// Keeps what a cluster says of `weights.scope`.
    pub(super) fn keep(
        &mut self,
        network: &Network,
        cluster: &Cluster,
        uses: &[AssumptionId],
        weights: &Weights,
    ) {
        let key = Key::new(network, cluster, uses, &weights.scope);
        self.said.insert(key, weights.entries.clone());
    }

    /// What an equal cluster said: to the last bit what weighing it would give.
    pub(super) fn recall(
        &self,
        network: &Network,
        cluster: &Cluster,
        uses: &[AssumptionId],
        scope: &[AssumptionId],
    ) -> Option<Weights> {
        if self.said.is_empty() {
            return None;
        }
        let entries = self.said.get(&Key::new(network, cluster, uses, scope))?;
        Some(Weights {
            scope: scope.to_vec(),
            entries: entries.clone(),
        })
    }
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use std::sync::Arc;

    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    use crate::claims::dossier::{Dossier, DossierBuilder};
    use crate::findings::engine::Engine;
    use crate::network::Network;
    use crate::network::rough::Sampling;
    use crate::network::weigh::{Depth, Effort, Weighing};
    use crate::sets::linear::VariableId;
    use crate::sets::probability::Probability;
    use crate::sets::weight::Weight;
    use crate::strategies;
    use crate::{Claim, Letter, Question, Source};

    fn total(weighing: &Weighing, network: &Network) -> Option<Weight> {
        weighing.total((0_u32..).map(VariableId).take(network.domains.len()))
    }

    /// Five sources that each speak on all of four questions.
    fn shared(round: u64) -> DossierBuilder {
        let mut draft = Dossier::builder();
        for source in 0..5 {
            draft = draft.source(Source::new(format!("s{source}")).reliability(Letter::C));
        }
        for question in 0..4_u64 {
            draft = draft.question(Question::count(format!("q{question}")));
            for source in 0..5_u64 {
                let figure = 100 + (round + 3) * (question + 5) * (source + 7) / 11 % 4;
                draft = draft.claim(
                    Claim::new(format!("c{question}{source}"))
                        .question(format!("q{question}"))
                        .source(format!("s{source}"))
                        .value(figure),
                );
            }
        }
        draft
    }

    /// Whatever assumption is taken for certain or impossible, a memory changes no bit of the weight; and what does not use the assumption
    /// is recalled.
    #[test]
    fn a_memory_changes_nothing() {
        let effort = Effort {
            budget: 1_000_000,
            depth: Depth::Shares,
            sampling: Sampling::NONE,
        };
        let mut runner = TestRunner::deterministic();
        let mut any = || {
            let tree = strategies::dossiers().new_tree(&mut runner).unwrap();
            tree.current()
        };
        let four = (0..10).map(|round| shared(round).build().unwrap());
        let dossiers = (0..100).map(|_| any()).chain(four);
        let (mut asked, mut recalled) = (0, 0);
        for dossier in dossiers {
            let engine = Engine::new(Arc::new(dossier));
            let network = &engine.compiled.network;
            let weighing = |n: &Arc<Network>| {
                Weighing::new(Arc::clone(n), Arc::clone(&engine.entailed), effort)
            };
            let before = weighing(network);
            total(&before, network).unwrap();
            let memory = Arc::new(before.memory());
            for place in 0..network.probabilities.len() {
                for given in [Probability::ONE, Probability::ZERO] {
                    let mut network = Arc::clone(network);
                    Arc::make_mut(&mut network).probabilities[place] = given;
                    let fresh = total(&weighing(&network), &network).unwrap();
                    let again = weighing(&network).remembering(Arc::clone(&memory));
                    let remembered = total(&again, &network).unwrap();
                    assert_eq!(fresh.log2().to_bits(), remembered.log2().to_bits());
                    assert_eq!(fresh.get().to_bits(), remembered.get().to_bits());
                    for (c, said) in again.said.iter().enumerate() {
                        let (cluster, uses, outer) =
                            (&again.clusters[c], &again.uses[c], &again.outer[c]);
                        let found = memory.recall(&network, cluster, uses, outer);
                        asked += usize::from(said.get().is_some());
                        recalled += usize::from(said.get().is_some() && found.is_some());
                    }
                }
            }
        }
        assert!(recalled > 100, "{recalled} of {asked}");
        assert!(recalled < asked, "{recalled} of {asked}");
    }
}
