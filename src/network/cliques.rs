//! What clusters say of the assumptions they share, put together: a tree of cliques.
//!
//! Assumptions are summed out one after another, the one first that leaves the smallest table; what is multiplied for each makes a clique,
//! and what is left goes to the clique of the next of its assumptions. On the way back every clique learns what all others say, so that
//! many can be asked for the price of two passes (Lauritzen & Spiegelhalter 1988, "Local computations with probabilities on graphical
//! structures"; Shafer & Shenoy 1990, "Probability propagation").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::eliminate::{OverBudget, Weights};
use super::{AssumptionId, Network};
use crate::sets::weight::Weight;

/// Assumptions of a clique, at the most.
const WIDEST: usize = 20;
/// Entries of all cliques.
const ENTRIES: usize = 1 << 22;

/// A table with an entry for each way for its assumptions to hold or fail: bit i says whether the i-th holds.
type Table = Vec<Weight>;

/// Assumptions that are multiplied out together, one of them to be summed out.
#[derive(Debug)]
struct Clique {
    /// Ascending.
    scope: Vec<AssumptionId>,
    /// The bit of the assumption that is summed out here.
    out: usize,
    /// Where what is left goes: nowhere if nothing is.
    parent: Option<usize>,
    /// The product of what is told here and by the cliques before, with the priors of what is summed out by then.
    up: Table,
    /// The same, `out` summed out.
    message: Table,
    /// The product of everything, all priors among it.
    belief: OnceLock<Table>,
}

/// Tables of shared assumptions, put together.
#[derive(Debug)]
pub(crate) struct Cliques {
    /// In the order in which assumptions are summed out.
    list: Vec<Clique>,
    /// The clique in which an assumption is summed out.
    at: BTreeMap<AssumptionId, usize>,
    total: Weight,
}

/// Entries that putting tables of these scopes together takes. `None` if that is too many.
pub(crate) fn entries<'a>(scopes: impl Iterator<Item = &'a [AssumptionId]>) -> Option<u64> {
    let plan = plan(scopes).ok()?;
    Some(plan.iter().map(|(_, scope)| 1 << scope.len()).sum())
}

/// The assumption that each clique sums out, with its scope, in order.
fn plan<'a>(
    scopes: impl Iterator<Item = &'a [AssumptionId]>,
) -> Result<Vec<(AssumptionId, Vec<AssumptionId>)>, OverBudget> {
    let mut near: BTreeMap<AssumptionId, BTreeSet<AssumptionId>> = BTreeMap::new();
    for scope in scopes {
        for a in scope {
            near.entry(*a).or_default().extend(scope);
        }
    }
    let mut waiting: BTreeSet<(usize, AssumptionId)> =
        near.iter().map(|(a, own)| (own.len(), *a)).collect();
    let mut room = ENTRIES;
    let mut out = Vec::with_capacity(near.len());
    while let Some((_, a)) = waiting.pop_first() {
        let own = near.remove(&a).unwrap_or_default();
        if own.len() > WIDEST {
            return Err(OverBudget);
        }
        room = room.checked_sub(1 << own.len()).ok_or(OverBudget)?;
        for b in own.iter().filter(|b| **b != a) {
            if let Some(others) = near.get_mut(b) {
                waiting.remove(&(others.len(), *b));
                others.extend(&own);
                others.remove(&a);
                waiting.insert((others.len(), *b));
            }
        }
        out.push((a, own.into_iter().collect()));
    }
    Ok(out)
}

impl Cliques {
    /// Puts tables together. Each of `asked` is a scope that [`marginal`](Self::marginal) is to tell of.
    ///
    /// # Complexity
    ///
    /// Exponential in the assumptions of the largest clique, which is refused beyond a limit.
    pub(crate) fn new<'a>(
        network: &Network,
        tables: &'a [Weights],
        asked: impl Iterator<Item = &'a [AssumptionId]>,
    ) -> Result<Self, OverBudget> {
        let scopes = tables.iter().map(|t| t.scope.as_slice());
        let plan = plan(scopes.chain(asked))?;
        let at: BTreeMap<AssumptionId, usize> =
            plan.iter().enumerate().map(|(i, (a, _))| (*a, i)).collect();
        let place = |scope: &[AssumptionId]| scope.iter().filter_map(|a| at.get(a)).min().copied();
        let mut list: Vec<Clique> = Vec::with_capacity(plan.len());
        for (a, scope) in plan {
            let left: Vec<AssumptionId> = scope.iter().copied().filter(|b| *b != a).collect();
            let out = scope.binary_search(&a).unwrap_or_default();
            let p = network.probability(a);
            let prior = [Weight::from(p.complement()), Weight::from(p)];
            let up = (0..1_usize << scope.len()).map(|bits| {
                let [fails, holds] = prior;
                if bits >> out & 1 == 1 { holds } else { fails }
            });
            list.push(Clique {
                up: up.collect(),
                message: Table::new(),
                belief: OnceLock::new(),
                parent: place(&left),
                out,
                scope,
            });
        }
        let mut total = Weight::ONE;
        for table in tables {
            let Some(clique) = place(&table.scope).and_then(|i| list.get_mut(i)) else {
                // About nothing: a number.
                let number = table.entries.first().map_or(Weight::ZERO, |(_, w)| *w);
                total = total * number;
                continue;
            };
            let mut dense = vec![Weight::ZERO; 1 << table.scope.len()];
            for (bits, w) in &table.entries {
                if let Some(slot) = usize::try_from(*bits).ok().and_then(|b| dense.get_mut(b)) {
                    *slot = *w;
                }
            }
            multiply(
                &mut clique.up,
                &Bits::new(&clique.scope, &table.scope),
                &dense,
            );
        }
        for i in 0..list.len() {
            let (before, after) = list.split_at_mut(i + 1);
            let Some(clique) = before.last_mut() else {
                continue;
            };
            let left = clique.left();
            let to_left = Bits::new(&clique.scope, &left);
            clique.message = summed(&clique.up, &to_left);
            match clique.parent.and_then(|p| after.get_mut(p - i - 1)) {
                Some(parent) => {
                    let from = Bits::new(&parent.scope, &left);
                    multiply(&mut parent.up, &from, &clique.message);
                }
                None => total = total * clique.message.first().copied().unwrap_or(Weight::ONE),
            }
        }
        Ok(Self { list, at, total })
    }

    /// Entries of all cliques.
    pub(crate) fn len(&self) -> u64 {
        self.list.iter().map(|c| c.up.len() as u64).sum()
    }

    /// Entries that [`marginal`](Self::marginal) goes through for a scope. `None` if it cannot tell of it.
    pub(crate) fn cost(&self, scope: &[AssumptionId]) -> Option<u64> {
        Some(self.list.get(self.home(scope)?)?.up.len() as u64)
    }

    /// A clique that holds a scope.
    fn home(&self, scope: &[AssumptionId]) -> Option<usize> {
        let at = scope.iter().map(|a| self.at.get(a).copied());
        let first = at.collect::<Option<Vec<usize>>>()?.into_iter().min()?;
        let clique = self.list.get(first)?;
        let holds = |a: &AssumptionId| clique.scope.binary_search(a).is_ok();
        scope.iter().all(holds).then_some(first)
    }

    /// The weight of everything, by what the assumptions of a scope do, which are not weighed themselves. `None` if no clique holds
    /// the scope.
    pub(crate) fn marginal(&self, network: &Network, scope: &[AssumptionId]) -> Option<Weights> {
        let home = self.home(scope)?;
        let belief = self.belief(home)?;
        let clique = self.list.get(home)?;
        let table = summed(belief, &Bits::new(&clique.scope, scope));
        let entries = (0_u128..).zip(table).filter(|(_, w)| !w.is_zero());
        let entries = entries.map(|(bits, w)| {
            let prior = scope.iter().enumerate().map(|(i, a)| {
                let p = network.probability(*a);
                let holds = bits >> i & 1 == 1;
                Weight::from(if holds { p } else { p.complement() })
            });
            (bits, w.over(prior.fold(Weight::ONE, |all, p| all * p)))
        });
        Some(Weights {
            scope: scope.to_vec(),
            entries: entries.collect(),
        })
    }

    fn belief(&self, at: usize) -> Option<&Table> {
        // From the root down: what is not known yet on the way.
        let mut way = vec![at];
        while let Some(clique) = way.last().and_then(|i| self.list.get(*i)) {
            match clique.parent {
                Some(p) if clique.belief.get().is_none() => way.push(p),
                _ => break,
            }
        }
        for i in way.into_iter().rev() {
            let clique = self.list.get(i)?;
            clique.belief.get_or_init(|| {
                let mut belief = clique.up.clone();
                let parent = clique.parent.and_then(|p| self.list.get(p));
                let left = clique.left();
                let to_left = Bits::new(&clique.scope, &left);
                let mut beyond = match parent.and_then(|p| Some((p, p.belief.get()?))) {
                    Some((parent, all)) => summed(all, &Bits::new(&parent.scope, &left)),
                    // Other trees are a factor of everything.
                    None => vec![self.total],
                };
                for (all, own) in beyond.iter_mut().zip(&clique.message) {
                    *all = if own.is_zero() {
                        Weight::ZERO
                    } else {
                        all.over(*own)
                    };
                }
                multiply(&mut belief, &to_left, &beyond);
                belief
            });
        }
        self.list.get(at)?.belief.get()
    }
}

impl Clique {
    /// The scope without what is summed out here.
    fn left(&self) -> Vec<AssumptionId> {
        let all = self.scope.iter().enumerate();
        all.filter(|(i, _)| *i != self.out)
            .map(|(_, a)| *a)
            .collect()
    }
}

/// Takes a way for some assumptions to hold or fail to what it is for those of a smaller scope.
struct Bits {
    low: Vec<usize>,
    high: Vec<usize>,
}

/// Bits that are looked up at a time.
const HALF: usize = 10;

impl Bits {
    /// Both ascending, the second within the first.
    fn new(from: &[AssumptionId], to: &[AssumptionId]) -> Self {
        let places: Vec<Option<usize>> = from.iter().map(|a| to.binary_search(a).ok()).collect();
        let half = |part: &[Option<usize>]| -> Vec<usize> {
            (0..1_usize << part.len())
                .map(|bits| {
                    let set = part.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
                    set.filter_map(|(_, p)| *p).fold(0, |out, p| out | 1 << p)
                })
                .collect()
        };
        let (low, high) = places.split_at(places.len().min(HALF));
        Self {
            low: half(low),
            high: half(high),
        }
    }

    /// Of every way in turn.
    fn all(&self) -> impl Iterator<Item = usize> + '_ {
        let high = self.high.iter();
        high.flat_map(|h| self.low.iter().map(move |l| h | l))
    }
}

/// Multiplies each entry by that of a smaller table.
fn multiply(table: &mut Table, bits: &Bits, by: &[Weight]) {
    for (slot, i) in table.iter_mut().zip(bits.all()) {
        *slot = *slot * by.get(i).copied().unwrap_or(Weight::ZERO);
    }
}

/// A smaller table: the sums of the entries that are one there.
fn summed(table: &[Weight], bits: &Bits) -> Table {
    let most = bits.all().max().unwrap_or(0);
    let mut out = vec![Weight::ZERO; most + 1];
    for (w, i) in table.iter().zip(bits.all()) {
        if let Some(sum) = out.get_mut(i) {
            *sum += *w;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::probability::Probability;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    const ASSUMPTIONS: u32 = 7;

    fn network() -> Network {
        Network {
            probabilities: (0..ASSUMPTIONS)
                .map(|i| Probability::constant(0.1 + 0.12 * f64::from(i)))
                .collect(),
            ..Network::default()
        }
    }

    /// Scopes of up to three assumptions, with whole numbers for entries, zeros among them.
    fn tables() -> impl Strategy<Value = Vec<Weights>> {
        let table = btree_set(0..ASSUMPTIONS, 0..4).prop_flat_map(|scope| {
            let entries = vec(0_u32..4, 1 << scope.len());
            (Just(scope), entries).prop_map(|(scope, entries)| Weights {
                scope: scope.into_iter().map(AssumptionId).collect(),
                entries: (0_u128..)
                    .zip(entries)
                    .filter(|(_, n)| *n > 0)
                    .map(|(bits, n)| (bits, Weight::new(n.into())))
                    .collect(),
            })
        });
        vec(table, 0..6)
    }

    proptest! {
        #[test]
        fn agrees_with_every_assignment(tables in tables(), asked in btree_set(0..ASSUMPTIONS, 1..4)) {
            let network = network();
            let asked: Vec<AssumptionId> = asked.into_iter().map(AssumptionId).collect();
            let cliques = Cliques::new(&network, &tables, [asked.as_slice()].into_iter()).unwrap();
            let used: BTreeSet<AssumptionId> = tables
                .iter()
                .flat_map(|t| &t.scope)
                .chain(&asked)
                .copied()
                .collect();
            let mut sums = vec![0.0; 1 << asked.len()];
            for bits in 0_u32..1 << ASSUMPTIONS {
                let holds = |a: &AssumptionId| bits >> a.0 & 1 == 1;
                // What nothing uses only once.
                if (0..ASSUMPTIONS).any(|a| !used.contains(&AssumptionId(a)) && holds(&AssumptionId(a))) {
                    continue;
                }
                let place = |scope: &[AssumptionId]| {
                    let set = scope.iter().enumerate().filter(|(_, a)| holds(a));
                    set.fold(0_usize, |out, (i, _)| out | 1 << i)
                };
                let mut product = 1.0;
                for t in &tables {
                    let at = place(&t.scope) as u128;
                    let entry = t.entries.iter().find(|(b, _)| *b == at);
                    product *= entry.map_or(0.0, |(_, w)| w.get());
                }
                for a in used.iter().filter(|a| !asked.contains(a)) {
                    let p = network.probability(*a).get();
                    product *= if holds(a) { p } else { 1.0 - p };
                }
                sums[place(&asked)] += product;
            }
            let found = cliques.marginal(&network, &asked).unwrap();
            for (at, sum) in sums.into_iter().enumerate() {
                let entry = found.entries.iter().find(|(b, _)| *b == at as u128);
                let found = entry.map_or(0.0, |(_, w)| w.get());
                prop_assert!((found - sum).abs() <= 1e-9 * sum.max(1.0), "{found} {sum}");
            }
        }
    }

    #[test]
    fn what_is_too_wide_is_known_before() {
        let scope: Vec<AssumptionId> = (0..=20).map(AssumptionId).collect();
        assert_eq!(entries([scope.as_slice()].into_iter()), None);
        // A row of pairs is narrow, however long.
        let pairs: Vec<[AssumptionId; 2]> = (0..5_000)
            .map(|i| [AssumptionId(i), AssumptionId(i + 1)])
            .collect();
        let most = entries(pairs.iter().map(<[_; 2]>::as_slice));
        assert_eq!(most, Some(4 * 5_000 + 2));
    }
}
