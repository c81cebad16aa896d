//! Clusters that share assumptions, and what scenarios make active in them.

use std::sync::{Arc, OnceLock};

use super::super::bits::{Bits, Few};
use super::super::cluster::Cluster;
use super::super::decide::{Answer, Hulls, decide};
use super::super::hash::Table;
use super::super::{AssumptionId, Guard, Network};
use super::sample;
use crate::sets::linear::VariableId;
use crate::sets::set::Set;

/// Clusters that share assumptions, by what each scenario makes active there.
#[derive(Debug)]
pub(in super::super) struct Ensemble {
    pub(super) clusters: Arc<[Cluster]>,
    /// The places of those that take part, ascending.
    pub(super) parts: Vec<usize>,
    /// The uncertain assumptions of their units, ascending.
    pub(super) assumptions: Vec<AssumptionId>,
    /// By variable, ascending: its part, and its place there.
    places: Vec<(VariableId, (usize, usize))>,
    /// By assumption: its probability, strictly between 0 and 1.
    pub(super) chance: Vec<f64>,
    /// By part, by member: the guards as places of assumptions; certain ones are left out.
    pub(super) guards: Vec<Vec<Vec<Few>>>,
    /// By assumption: the members, with their parts, that it guards.
    pub(super) guarded: Vec<Vec<(usize, usize)>>,
    /// By part, by member: the members that stand on it.
    pub(super) standing: Vec<Vec<Vec<usize>>>,
}

impl Ensemble {
    pub(in super::super) fn new(
        network: &Network,
        clusters: Arc<[Cluster]>,
        parts: Vec<usize>,
    ) -> Self {
        let members = |c: &usize| clusters.get(*c).map_or(&[][..], |c| c.members.as_slice());
        let mut assumptions: Vec<AssumptionId> = parts
            .iter()
            .flat_map(members)
            .flat_map(|m| network.live_guards(m.id))
            .flatten()
            .copied()
            .filter(|a| !network.probability(*a).is_one())
            .collect();
        assumptions.sort_unstable();
        assumptions.dedup();
        let guards: Vec<Vec<Vec<Few>>> = parts
            .iter()
            .map(|c| {
                let translate =
                    |g: &Guard| Few::of(g.iter().filter_map(|a| assumptions.binary_search(a).ok()));
                members(c)
                    .iter()
                    .map(|m| {
                        let mut list: Vec<Few> = network.live_guards(m.id).map(translate).collect();
                        list.sort_unstable();
                        list.dedup();
                        list
                    })
                    .collect()
            })
            .collect();
        let mut guarded: Vec<Vec<(usize, usize)>> = vec![Vec::new(); assumptions.len()];
        for (part, list) in guards.iter().enumerate() {
            for (member, own) in list.iter().enumerate() {
                for a in own.iter().flat_map(Few::iter) {
                    if let Some(users) = guarded.get_mut(a)
                        && users.last() != Some(&(part, member))
                    {
                        users.push((part, member));
                    }
                }
            }
        }
        let standing = parts
            .iter()
            .map(|c| {
                let mut out = vec![Vec::new(); members(c).len()];
                for (i, m) in members(c).iter().enumerate() {
                    if let Some(list) = m.stands_on.and_then(|b| out.get_mut(b)) {
                        list.push(i);
                    }
                }
                out
            })
            .collect();
        let mut places = Vec::new();
        for (part, c) in parts.iter().enumerate() {
            let variables = clusters.get(*c).map_or(&[][..], |c| &c.variables);
            let own = variables.iter().enumerate();
            places.extend(own.map(|(local, v)| (*v, (part, local))));
        }
        places.sort_unstable();
        Self {
            places,
            chance: assumptions
                .iter()
                .map(|a| network.probability(*a).get())
                .collect(),
            clusters,
            parts,
            assumptions,
            guards,
            guarded,
            standing,
        }
    }

    pub(super) fn cluster(&self, part: usize) -> Option<&Cluster> {
        self.clusters.get(*self.parts.get(part)?)
    }

    pub(super) fn p(&self, assumption: usize) -> f64 {
        self.chance.get(assumption).copied().unwrap_or(1.0)
    }

    /// The members of a part that are active where just the assumptions in `holds` hold.
    pub(super) fn active(&self, part: usize, holds: &Bits) -> Bits {
        self.members(part, |g| g.is_subset(holds))
    }

    /// The members of a part that can be active where the assumptions in `fails` do not hold.
    pub(super) fn open(&self, part: usize, fails: &Bits) -> Bits {
        self.members(part, |g| !g.meets(fails))
    }

    pub(super) fn members(&self, part: usize, test: impl Fn(&Few) -> bool) -> Bits {
        let guards = self.guards.get(part).map_or(&[][..], Vec::as_slice);
        Bits::of(
            guards
                .iter()
                .enumerate()
                .filter(|(_, own)| own.iter().any(&test))
                .map(|(i, _)| i),
        )
    }

    /// States that may be kept of it, with what they leave of each variable, so that everything can be asked of each.
    pub(super) fn room(&self) -> usize {
        let parts = || (0..self.parts.len()).filter_map(|part| self.cluster(part));
        let variables: usize = parts().map(|c| c.variables.len()).sum();
        // Where propagation does not tell, each set asked about is decided anew.
        let asked: u64 = parts()
            .filter(|c| !c.propagates)
            .map(|c| 2 * c.members.len() as u64 * c.size())
            .sum();
        let often = usize::try_from(ASKED / asked.max(1)).unwrap_or(usize::MAX);
        (KEPT / variables.max(1)).min(often).max(1)
    }

    /// What deciding about a part costs, in the units of the budget.
    pub(super) fn cost(&self, part: usize) -> u64 {
        self.cluster(part).map_or(1, Cluster::size)
    }

    pub(super) fn decide(&self, part: usize, members: &Bits) -> Answer {
        match self.cluster(part) {
            Some(c) => decide(c, members.iter(), &[]),
            None => Answer::Unknown,
        }
    }

    /// Whether the members of a state leave nothing of a set. `None` if that is not known.
    pub(super) fn excludes(
        &self,
        part: usize,
        state: &State,
        local: usize,
        set: &Set,
    ) -> Option<bool> {
        match &state.answer {
            Answer::Impossible => return Some(true),
            Answer::Possible(values) if values.get(local).is_some_and(|x| set.contains(*x)) => {
                return Some(false);
            }
            _ => {}
        }
        let cluster = self.cluster(part)?;
        let active = || state.members.iter();
        let hulls = state.hulls.get_or_init(|| Hulls::new(cluster, active()));
        if cluster.propagates
            && matches!(state.answer, Answer::Possible(_))
            && let Some(left) = hulls.left(local)
        {
            // Propagation leaves just the values that others can be found for.
            return Some(left.intersection(set).is_empty());
        }
        match hulls.decide(cluster, active(), local, set) {
            Answer::Possible(_) => Some(false),
            Answer::Impossible => Some(true),
            Answer::Unknown => None,
        }
    }

    /// Whether a member's own restrictions hold for these values.
    pub(super) fn is_satisfied(&self, part: usize, member: usize, values: &[i128]) -> bool {
        let Some(m) = self.cluster(part).and_then(|c| c.members.get(member)) else {
            return false;
        };
        let value = |v: VariableId| values.get(v.index()).copied().unwrap_or(0);
        m.within
            .iter()
            .all(|(v, set)| values.get(*v).is_some_and(|x| set.contains(*x)))
            && m.rows.iter().all(|r| r.holds(value) == Some(true))
    }

    pub(super) fn find(&self, v: VariableId) -> Option<(usize, usize)> {
        let at = self.places.binary_search_by_key(&v, |(v, _)| *v).ok()?;
        self.places.get(at).map(|(_, place)| *place)
    }

    /// A number made of the probabilities alone, so that a part of a network is sampled alike in any company.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut x = self.assumptions.len() as u64;
        for p in &self.chance {
            x = sample::mixed(x ^ p.to_bits());
        }
        x
    }
}

/// Sets of values that states may keep in all.
const KEPT: usize = 1_000_000;
/// Rows and units that asking states about every set may look at in all.
const ASKED: u64 = 400_000_000;

/// Active members of one part.
#[derive(Debug)]
pub(super) struct State {
    pub(super) members: Bits,
    /// Whether they can hold together.
    pub(super) answer: Answer,
    /// What they leave, once something is asked about it.
    hulls: OnceLock<Hulls>,
}

/// The states of one part, each once.
#[derive(Debug, Default)]
pub(super) struct States {
    pub(super) list: Vec<State>,
    at: Table<Bits, u32>,
}

impl States {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded by the numbers of cases and samples"
    )]
    pub(super) fn keep(&mut self, bits: Bits, answer: impl FnOnce(&Bits) -> Answer) -> u32 {
        if let Some(i) = self.at.get(&bits) {
            return *i;
        }
        let place = self.list.len() as u32;
        let answer = answer(&bits);
        self.at.insert(bits.clone(), place);
        self.list.push(State {
            members: bits,
            answer,
            hulls: OnceLock::new(),
        });
        place
    }

    pub(super) fn get(&self, place: u32) -> Option<&State> {
        self.list.get(place as usize)
    }
}
