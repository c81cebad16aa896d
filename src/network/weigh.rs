//! Confidence: how much of the possible scenarios' weight entails, allows or trusts something.
//!
//! Clusters are solved apart. What couples them are assumptions that several use; of those only clusters whose units
//! contradict one another say anything, since possibility is all that is conditioned on.

mod group;
mod memory;
mod view;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::chain::Chain;
use super::cluster::Cluster;
use super::decide::{Answer, decide};
use super::eliminate::{Solved, Solver, Weights};
use super::propagate::Forest;
use super::rough::{Ensemble, Possible, Rough, Sampling};
use super::whole::Whole;
use super::{AssumptionId, Guard, Network};
use crate::buckets::Buckets;
use crate::sets::interval::Interval;
use crate::sets::linear::VariableId;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;

use group::Group;
pub(crate) use memory::Memory;
pub(crate) use view::{Opinion, Shares, View};

/// A network being weighed in one pass: cluster by cluster, when asked.
#[derive(Debug)]
pub(crate) struct Weighing {
    network: Arc<Network>,
    clusters: Arc<[Cluster]>,
    /// By variable: its cluster, and its place there.
    place: Vec<(u32, u32)>,
    /// By cluster: whether its units contradict one another in some way.
    discordant: Vec<bool>,
    /// By cluster: the uncertain assumptions it uses, ascending.
    uses: Vec<Box<[AssumptionId]>>,
    /// By cluster: those of them that other discordant clusters use as well.
    outer: Vec<Box<[AssumptionId]>>,
    /// Discordant clusters that uncertain assumptions join with one another or with others, by the first of them; those that are alone are
    /// not listed.
    groups: BTreeMap<usize, Group>,
    /// By cluster: the groups it shares uncertain assumptions with, or is in.
    near: Vec<Box<[usize]>>,
    solved: Vec<OnceLock<Option<Solution>>>,
    /// By discordant cluster: what it says of its outer assumptions.
    said: Vec<OnceLock<Option<Box<Weights>>>>,
    /// By cluster in harmony that groups bear on: the first of those that share one of these groups, transitively.
    company: Vec<usize>,
    /// By group, and by the first cluster of a company: what is known of it where it cannot be solved.
    rough: Vec<OnceLock<Box<Rough>>>,
    effort: Effort,
    /// How many large clusters that no sweep can take share one budget.
    crowd: usize,
    /// What clusters like these said before.
    memory: Arc<Memory>,
}

/// What will be asked of a weighing, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// The weight of the possible scenarios alone.
    Total,
    /// Shares of assumptions as well.
    Shares,
    /// Views of variables as well.
    Views,
}

/// How much work weighing may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// In products, for each cluster.
    pub(crate) budget: usize,
    pub(crate) depth: Depth,
    pub(crate) sampling: Sampling,
}

/// A solved cluster: by tables; by a sweep where there are many units on one variable or on variables that order links join; or by sums of
/// what parts leave, where there are many on wholes and parts.
#[derive(Debug)]
enum Solution {
    Tables(Box<Solved>),
    Sweep(Box<Chain>),
    Sums(Box<Whole>),
    /// Only the total, where no more is asked for.
    Total(Weight),
}

/// Products up to which a cluster is rather solved again than kept.
const CHEAP: u64 = 2_000;

/// How far a guess at what tables take may be too high.
const GUESS: u64 = 16;

/// Whether a cluster may be solved by sums.
fn does_sum(cluster: &Cluster) -> bool {
    cluster.members.len() >= MANY && Whole::fits(cluster)
}

/// Large clusters that no sweep can take and that have a whole budget each; where there are more, as many budgets are shared out.
const BUDGETS: usize = 8;

/// Units from which on a cluster counts as large for that.
const LARGE: usize = 64;

/// Units from which on tables are not the first way.
const MANY: usize = 40;

impl Solution {
    fn total(&self) -> Weight {
        match self {
            Self::Tables(s) => s.total(),
            Self::Sweep(l) => l.total(),
            Self::Sums(w) => w.total(),
            Self::Total(total) => *total,
        }
    }

    /// In products.
    fn cost(&self) -> u64 {
        match self {
            Self::Tables(s) => s.cost(),
            // Totals take half of what shares do.
            Self::Sweep(l) => l.cost() as u64 / 2,
            Self::Sums(w) => w.spent(),
            Self::Total(_) => 0,
        }
    }

    /// Whether it tells of every variable.
    fn tells_all(&self) -> bool {
        match self {
            Self::Tables(s) => s.left.iter().all(Option::is_some),
            Self::Sweep(_) | Self::Sums(_) => true,
            Self::Total(_) => false,
        }
    }

    /// Whether every possibility was decided.
    fn is_decided(&self) -> bool {
        match self {
            Self::Tables(s) => !s.undecided,
            Self::Sweep(_) | Self::Sums(_) | Self::Total(_) => true,
        }
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it, or nothing is possible.
    fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
        let total = self.total();
        if total.is_zero() {
            return None;
        }
        match self {
            Self::Tables(s) => Some(s.assumption(id, prior)?.share_of(total)),
            Self::Sweep(l) => l.assumption(id, prior),
            Self::Sums(w) => w.assumption(id, prior),
            Self::Total(_) => None,
        }
    }
}

impl Weighing {
    /// `clusters` are those of the pass to weigh.
    pub(crate) fn new(network: Arc<Network>, clusters: Arc<[Cluster]>, effort: Effort) -> Self {
        let mut place = vec![(0, 0); network.domains.len()];
        for (c, cluster) in (0_u32..).zip(clusters.iter()) {
            for (i, v) in (0_u32..).zip(&cluster.variables) {
                if let Some(slot) = place.get_mut(v.index()) {
                    *slot = (c, i);
                }
            }
        }
        let discordant: Vec<bool> = clusters
            .iter()
            .map(|c| !matches!(decide(c, 0..c.members.len(), &[]), Answer::Possible(_)))
            .collect();
        let uses: Vec<Box<[AssumptionId]>> = clusters
            .iter()
            .map(|cluster| {
                let guards = cluster
                    .members
                    .iter()
                    .flat_map(|m| network.live_guards(m.id))
                    .flatten();
                let mut own: Vec<AssumptionId> = guards
                    .copied()
                    .filter(|a| !network.probability(*a).is_one())
                    .collect();
                own.sort_unstable();
                own.dedup();
                own.into_boxed_slice()
            })
            .collect();
        // The discordant clusters that use each uncertain assumption.
        let is_discordant = |c: usize| discordant.get(c).copied().unwrap_or(false);
        let used_by = {
            let all = uses.iter().enumerate().filter(|(c, _)| is_discordant(*c));
            let pairs = all.flat_map(|(c, own)| own.iter().map(move |a| (a.index(), c)));
            Buckets::new(network.probabilities.len(), pairs)
        };
        let mut forest = Forest::new(clusters.len());
        for a in 0..network.probabilities.len() {
            for pair in used_by.of(a).windows(2) {
                if let [a, b] = pair {
                    forest.join(*a, *b);
                }
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for c in (0..clusters.len()).filter(|c| is_discordant(*c)) {
            let first = forest.find(c);
            if first != c {
                groups.entry(first).or_insert_with(|| vec![first]).push(c);
            }
        }
        let mut outer = Vec::with_capacity(clusters.len());
        let mut near = Vec::with_capacity(clusters.len());
        for (c, own) in uses.iter().enumerate() {
            let others = |a: &AssumptionId| {
                let all = used_by.of(a.index()).iter().copied();
                all.filter(move |u| *u != c)
            };
            outer.push(
                own.iter()
                    .copied()
                    .filter(|a| others(a).next().is_some())
                    .collect::<Box<[_]>>(),
            );
            let mut list: Vec<usize> = own
                .iter()
                .filter_map(|a| others(a).next())
                .map(|u| forest.find(u))
                .collect();
            if is_discordant(c) {
                list.push(forest.find(c));
            }
            list.sort_unstable();
            list.dedup();
            near.push(list.into_boxed_slice());
        }
        let mut forest = Forest::new(clusters.len());
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for (c, near) in near.iter().enumerate().filter(|(c, _)| !is_discordant(*c)) {
            for group in near {
                forest.join(*first.entry(*group).or_insert(c), c);
                groups.entry(*group).or_insert_with(|| vec![*group]);
            }
        }
        let company = (0..clusters.len()).map(|c| forest.find(c)).collect();
        let mut groups: BTreeMap<usize, Group> = groups
            .into_iter()
            .map(|(name, members)| {
                (
                    name,
                    Group::new(members, |c| list_of(&uses, c), |c| list_of(&outer, c)),
                )
            })
            .collect();
        // What clusters in harmony will ask.
        for (c, (own, near)) in outer.iter().zip(&near).enumerate() {
            for name in near.iter().filter(|_| !is_discordant(c)) {
                let Some(group) = groups.get_mut(name) else {
                    continue;
                };
                let asked = group.used(own);
                if asked.len() > 1 {
                    group.expect(asked);
                }
            }
        }
        let large = clusters.iter().filter(|c| c.members.len() >= LARGE);
        let large = large.filter(|c| !Chain::fits(c)).count();
        let cells = || clusters.iter().map(|_| OnceLock::new()).collect();
        Self {
            solved: cells(),
            said: clusters.iter().map(|_| OnceLock::new()).collect(),
            rough: clusters.iter().map(|_| OnceLock::new()).collect(),
            company,
            crowd: large.div_ceil(BUDGETS).max(1),
            network,
            clusters,
            place,
            discordant,
            uses,
            outer,
            groups,
            near,
            effort,
            memory: Arc::default(),
        }
    }

    /// The same, which asks a memory before it weighs a cluster for others.
    pub(crate) fn remembering(self, memory: Arc<Memory>) -> Self {
        Self { memory, ..self }
    }

    /// What clusters said so far of the assumptions they share.
    pub(crate) fn memory(&self) -> Memory {
        let mut out = Memory::default();
        let each = self.said.iter().zip(self.clusters.iter()).zip(&self.uses);
        for ((said, cluster), uses) in each {
            if let Some(Some(weights)) = said.get() {
                out.keep(&self.network, cluster, uses, weights);
            }
        }
        out
    }

    /// A variable's cluster, and its place there.
    fn place(&self, v: VariableId) -> Option<(usize, usize)> {
        let (cluster, local) = *self.place.get(v.index())?;
        Some((cluster as usize, local as usize))
    }

    /// The discordant clusters of a group, by its name: the first of them.
    fn group<'a>(&'a self, name: &'a usize) -> &'a [usize] {
        match self.groups.get(name) {
            Some(group) => &group.members,
            None => std::slice::from_ref(name),
        }
    }

    /// What is known of a variable; `None` if the budget ended first, or views were not to be asked for.
    pub(crate) fn view(&self, v: VariableId) -> Option<View<'_>> {
        let (cluster, local) = self.place(v)?;
        let solution = self.solved(cluster)?;
        if let Solution::Tables(s) = solution {
            s.left(local)?;
        }
        Some(View {
            weighing: self,
            solution,
            cluster,
            local,
        })
    }

    fn solved(&self, cluster: usize) -> Option<&Solution> {
        self.solved
            .get(cluster)?
            .get_or_init(|| {
                let outer = self.outer.get(cluster)?;
                let shape = self.clusters.get(cluster)?;
                let around = if outer.is_empty() {
                    None
                } else {
                    Some(self.around(cluster, outer)?)
                };
                if self.effort.depth == Depth::Total
                    && let Some(total) = self.walked(shape, outer, around.as_ref())
                {
                    return Some(Solution::Total(total));
                }
                if let Some(chain) = self.swept(shape, outer, around.as_ref(), None) {
                    return Some(Solution::Sweep(Box::new(chain)));
                }
                let tables = || {
                    let solver = Solver::new(&self.network, shape, outer, self.budget(shape));
                    let known = solver
                        .ok()?
                        .solve(around.as_ref(), self.effort.depth == Depth::Views);
                    Some(Solution::Tables(Box::new(known.ok()?)))
                };
                let summed = does_sum(shape)
                    .then(|| self.summed(shape, outer, around.as_ref(), None))
                    .flatten();
                let Some(sums) = summed else {
                    return tables();
                };
                // Tables tell more, where they may end.
                let may_end = sums.tables() / GUESS <= self.budget(shape) as u64;
                let tables =
                    (self.effort.depth == Depth::Views && may_end && !sums.tells_all(&shape.given))
                        .then(tables)
                        .flatten()
                        .filter(Solution::tells_all);
                Some(tables.unwrap_or_else(|| Solution::Sums(Box::new(sums))))
            })
            .as_ref()
    }

    /// The total of a large cluster of variables that order links join as a tree.
    fn walked(
        &self,
        cluster: &Cluster,
        outer: &[AssumptionId],
        around: Option<&Weights>,
    ) -> Option<Weight> {
        if cluster.members.len() < MANY || !Chain::fits(cluster) {
            return None;
        }
        let own = Chain::outward(&self.network, cluster, outer, self.sweep_budget()).ok()?;
        let around: Option<BTreeMap<u128, Weight>> =
            around.map(|w| w.entries.iter().copied().collect());
        let mut total = Weight::ZERO;
        for (bits, weight) in own.entries {
            let mut weight = weight;
            for (i, a) in outer.iter().enumerate() {
                let p = self.network.probability(*a);
                let holds = bits >> i & 1 == 1;
                weight = weight * Weight::from(if holds { p } else { p.complement() });
            }
            if let Some(around) = &around {
                weight = weight * around.get(&bits).copied().unwrap_or(Weight::ZERO);
            }
            total += weight;
        }
        Some(total)
    }

    /// A large cluster of wholes and parts, solved by sums.
    fn summed(
        &self,
        cluster: &Cluster,
        outer: &[AssumptionId],
        around: Option<&Weights>,
        extra: Option<(usize, &Set)>,
    ) -> Option<Whole> {
        let budget = self.sum_budget(cluster);
        Whole::solve(&self.network, cluster, outer, around, extra, budget).ok()
    }

    /// A large cluster of variables that order links join as a tree, solved by a sweep.
    fn swept(
        &self,
        cluster: &Cluster,
        outer: &[AssumptionId],
        around: Option<&Weights>,
        extra: Option<(usize, &Set)>,
    ) -> Option<Chain> {
        if cluster.members.len() < MANY || !Chain::fits(cluster) {
            return None;
        }
        let budget = self.sweep_budget();
        Chain::solve(&self.network, cluster, outer, around, extra, budget).ok()
    }

    /// What solving a cluster by sums may take, in products, which are cheaper than those of tables.
    fn sum_budget(&self, cluster: &Cluster) -> u64 {
        (self.budget(cluster) as u64).saturating_mul(16)
    }

    /// What tables of a cluster may take, in products.
    fn budget(&self, cluster: &Cluster) -> usize {
        if cluster.members.len() < LARGE {
            self.effort.budget
        } else {
            self.effort.budget / self.crowd
        }
    }

    fn sweep_budget(&self) -> u64 {
        (self.effort.budget as u64).saturating_mul(64)
    }

    /// A cluster solved the same way again, so that it can tell of a set.
    fn resolving<T>(
        &self,
        cluster: usize,
        extra: (usize, &Set),
        solve: SolvedAgain<T>,
    ) -> Option<T> {
        let outer: &[AssumptionId] = self.outer.get(cluster)?;
        let around = match outer {
            [] => None,
            _ => Some(self.around(cluster, outer)?),
        };
        let shape = self.clusters.get(cluster)?;
        solve(self, shape, outer, around.as_ref(), Some(extra))
    }

    /// What the discordant clusters but this one say of its outer assumptions.
    fn around(&self, cluster: usize, outer: &[AssumptionId]) -> Option<Weights> {
        let mut tables = Vec::new();
        for name in self.near.get(cluster)? {
            let group = self.groups.get(name)?;
            if group.members.binary_search(&cluster).is_ok() {
                return group.around(self, cluster);
            }
            // A cluster in harmony: the group as a whole is asked.
            tables.push(self.answer(group, &group.used(outer))?);
        }
        apart(tables, outer)
    }

    fn does_use(&self, cluster: usize, a: AssumptionId) -> bool {
        self.uses
            .get(cluster)
            .is_some_and(|own| own.binary_search(&a).is_ok())
    }

    /// What a discordant cluster says of the assumptions it shares with others.
    fn said(&self, cluster: usize) -> Option<&Weights> {
        self.said
            .get(cluster)?
            .get_or_init(|| {
                let outer = self.outer.get(cluster)?;
                let (shape, uses) = (self.clusters.get(cluster)?, self.uses.get(cluster)?);
                self.memory
                    .recall(&self.network, shape, uses, outer)
                    .or_else(|| self.outward(cluster, outer))
                    .map(Box::new)
            })
            .as_deref()
    }

    fn outward(&self, cluster: usize, scope: &[AssumptionId]) -> Option<Weights> {
        let shape = self.clusters.get(cluster)?;
        if shape.members.len() >= MANY && Chain::fits(shape) {
            let swept = Chain::outward(&self.network, shape, scope, self.sweep_budget());
            if let Ok(weights) = swept {
                return Some(weights);
            }
        }
        if does_sum(shape) {
            let summed = Whole::outward(&self.network, shape, scope, self.sum_budget(shape));
            if let Ok(weights) = summed {
                return Some(weights);
            }
        }
        let solver = Solver::new(&self.network, shape, scope, self.budget(shape)).ok()?;
        solver.outward().ok()
    }

    /// What a whole group says of some assumptions.
    fn answer(&self, group: &Group, asked: &[AssumptionId]) -> Option<Weights> {
        let [one] = asked else {
            return group.answer(self, asked).cloned();
        };
        // Of one assumption: from the posterior.
        let prior = self.network.probability(*one);
        let mut members = group.members.iter().copied();
        let cluster = members.find(|c| self.does_use(*c, *one))?;
        let solved = self.solved(cluster)?;
        let share = solved.assumption(*one, prior)?;
        let total = solved.total();
        let holds = total * Weight::new(share);
        let fails = total * Weight::new((1.0 - share).max(0.0));
        Some(Weights {
            scope: vec![*one],
            entries: vec![
                (0, fails * Weight::new(1.0 / prior.complement().get())),
                (1, holds * Weight::new(1.0 / prior.get())),
            ],
        })
    }

    /// The weight of the possible scenarios over some variables (which must hold whole components); `None` if a budget ended.
    pub(crate) fn total(&self, variables: impl IntoIterator<Item = VariableId>) -> Option<Weight> {
        let mut groups: Vec<usize> = Vec::new();
        for v in variables {
            let (cluster, _) = self.place(v)?;
            if self.discordant.get(cluster) == Some(&true) {
                groups.extend(self.near.get(cluster)?);
            }
        }
        groups.sort_unstable();
        groups.dedup();
        let mut total = Weight::ONE;
        for group in groups {
            total = total * self.solved(*self.group(&group).first()?)?.total();
        }
        Some(total)
    }

    /// Lets go of the tables of a variable's cluster, if few products make them again and nothing is coupled to it: of a million small
    /// clusters they would take most of the memory.
    pub(crate) fn let_go(&mut self, v: VariableId) {
        let Some((cluster, _)) = self.place(v) else {
            return;
        };
        let is_alone = self.outer.get(cluster).is_some_and(|o| o.is_empty());
        if let (true, Some(cell)) = (is_alone, self.solved.get_mut(cluster))
            && let Some(Some(Solution::Tables(s))) = cell.get()
            && s.is_quick(CHEAP)
        {
            *cell = OnceLock::new();
        }
    }

    /// What the clusters solved so far took, in products.
    pub(crate) fn cost(&self) -> u64 {
        let solved = self.solved.iter().filter_map(|s| s.get()?.as_ref());
        let coupled = self.groups.values().map(Group::cost);
        solved.map(Solution::cost).chain(coupled).sum()
    }

    /// The same where a budget ended: bounds and an estimate. Parts that no assumption couples are multiplied.
    pub(crate) fn total_roughly(
        &self,
        variables: impl IntoIterator<Item = VariableId>,
    ) -> Possible {
        let mut groups: Vec<usize> = Vec::new();
        for v in variables {
            if let Some((cluster, _)) = self.place(v)
                && self.discordant.get(cluster) == Some(&true)
            {
                groups.extend(self.near.get(cluster).into_iter().flatten());
            }
        }
        groups.sort_unstable();
        groups.dedup();
        let each = groups.iter().map(|group| {
            let first = self.group(group).first();
            match first.and_then(|c| self.solved(*c)) {
                // What is undecided was taken as possible.
                Some(solution) => Possible::known(solution.total(), solution.is_decided()),
                None => self.rough_at(*group).possible(),
            }
        });
        Possible::product(each)
    }

    /// What is known of the scenarios that bear on a variable, where they cannot be weighed.
    pub(crate) fn rough(&self, v: VariableId) -> Option<&Rough> {
        let (cluster, _) = self.place(v)?;
        let at = match (
            self.discordant.get(cluster),
            self.near.get(cluster)?.first(),
        ) {
            (Some(true), Some(group)) => *group,
            _ => *self.company.get(cluster)?,
        };
        Some(self.rough_at(at))
    }

    /// Of a group by its name, or of a company by its first cluster, with what bears on it.
    fn rough_at(&self, at: usize) -> &Rough {
        #[expect(clippy::indexing_slicing, reason = "there is a slot for each cluster")]
        self.rough[at].get_or_init(|| {
            let is_discordant = |c: usize| self.discordant.get(c) == Some(&true);
            let mut parts: Vec<usize> = if is_discordant(at) {
                self.group(&at).to_vec()
            } else {
                let company = self.company.iter().enumerate();
                let own = company.filter(|(c, first)| **first == at && !is_discordant(*c));
                let own: Vec<usize> = own.map(|(c, _)| c).collect();
                let near = own.iter().filter_map(|c| self.near.get(*c)).flatten();
                near.flat_map(|g| self.group(g))
                    .copied()
                    .chain(own.iter().copied())
                    .collect()
            };
            parts.sort_unstable();
            parts.dedup();
            let ensemble = Ensemble::new(&self.network, Arc::clone(&self.clusters), parts);
            let budget = (self.effort.budget / self.crowd) as u64;
            let sampling = self.effort.sampling.among(self.crowd);
            Box::new(Rough::new(ensemble, budget, sampling))
        })
    }

    /// The network that is weighed.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// The posterior of an assumption given what is possible, where `cluster`-wise `v` uses it. `None` if a budget ended or nothing
    /// is possible; the prior if it is certain or nothing live there uses it.
    pub(crate) fn assumption(&self, v: VariableId, id: AssumptionId) -> Option<f64> {
        let prior = self.network.probability(id);
        let (cluster, _) = self.place(v)?;
        let solved = self.solved(cluster)?;
        let total = solved.total();
        if total.is_zero() {
            return None;
        }
        Some(
            solved
                .assumption(id, prior)
                .map_or(prior.get(), |p| p.min(prior.get())),
        )
    }

    /// The domain of a variable.
    pub(crate) fn domain(&self, v: VariableId) -> Interval {
        self.network.domain(v)
    }

    /// The prior of an assumption.
    pub(crate) fn prior(&self, id: AssumptionId) -> Probability {
        self.network.probability(id)
    }
}

/// A way to solve a cluster: with its outer assumptions, what is said of them elsewhere, and a set to be told of.
type SolvedAgain<T> =
    fn(&Weighing, &Cluster, &[AssumptionId], Option<&Weights>, Option<(usize, &Set)>) -> Option<T>;

fn list_of(lists: &[Box<[AssumptionId]>], c: usize) -> &[AssumptionId] {
    lists.get(c).map_or(&[][..], |list| list)
}

/// Entries that tables put together may come to.
const ENTRIES: usize = 1 << 20;

/// Tables that have no assumption in common as one, of all their assumptions, which are those of `scope`. `None` if that is too large.
fn apart(tables: Vec<Weights>, scope: &[AssumptionId]) -> Option<Weights> {
    if scope.len() > 128 {
        return None;
    }
    let mut entries = vec![(0_u128, Weight::ONE)];
    for table in tables {
        let places: Vec<usize> = table
            .scope
            .iter()
            .filter_map(|a| scope.binary_search(a).ok())
            .collect();
        let spread = |bits: u128| {
            let set = places.iter().enumerate();
            set.fold(0_u128, |out, (i, p)| out | (bits >> i & 1) << p)
        };
        let own: Vec<(u128, Weight)> = table
            .entries
            .iter()
            .map(|(bits, w)| (spread(*bits), *w))
            .collect();
        if entries.len().saturating_mul(own.len()) > ENTRIES {
            return None;
        }
        let each = entries.iter();
        entries = each
            .flat_map(|(bits, w)| own.iter().map(move |(more, v)| (bits | more, *w * *v)))
            .collect();
    }
    entries.sort_unstable_by_key(|(bits, _)| *bits);
    Some(Weights {
        scope: scope.to_vec(),
        entries,
    })
}
