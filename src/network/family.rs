//! The minimal conflicts of sums that form a tree, listed where they are few, else counted.
//!
//! A whole is the sum of its parts, and parts may be wholes again; counts from 0 up. Then a minimal conflict is a pair on one variable, or
//! hangs on one unit at the top: an upper end that some lower ends below it exceed ("any 11 of these 40"), none of them below another; or a
//! lower end that upper ends on every way down fall short of (Hoffman 1960, on flows between bounds, read for a tree). `list` writes
//! them out one by one, `count` counts them by sum and size, going up the tree.

mod count;
mod list;

use std::collections::BTreeMap;

use super::bits::Bits;
use super::cluster::Cluster;
use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row};

use count::Counter;
use list::Lister;

/// How many minimal conflicts there are, and which units they are in.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) total: u128,
    /// By place: how many it is in, by their size.
    pub(crate) shares: Vec<BTreeMap<u32, u128>>,
    /// By place: the least place that conflicts join it with, transitively.
    pub(crate) group: Vec<usize>,
    /// The smallest, in order, at most as many as asked for.
    pub(crate) first: Vec<Bits>,
}

impl Family {
    /// Drops those written out that are not among the first.
    fn cut(&mut self, limit: usize) {
        if self.first.len() > limit {
            self.first.select_nth_unstable_by(limit, Bits::by_size);
            self.first.truncate(limit);
        }
    }
}

/// A unit's end at a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    place: usize,
    at: usize,
    value: i128,
}

/// Wholes and their parts.
struct Tree {
    /// By variable: its parts, and whether they are all of it; none for what has no parts.
    parts: Vec<Option<(Vec<usize>, bool)>>,
    whole: Vec<Option<usize>>,
}

/// Which variable of a row is the whole, which the parts, and whether these are all.
fn read(row: &Row) -> Option<(usize, Vec<usize>, bool)> {
    if row.right != 0 || !row.is_unit() {
        return None;
    }
    let of = |sign: i128| -> Vec<usize> {
        let terms = row.terms.iter().filter(|(_, k)| *k == sign);
        terms.map(|(v, _)| v.index()).collect()
    };
    let (plus, minus) = (of(1), of(-1));
    match (plus.as_slice(), minus.as_slice(), row.relation) {
        (_, [whole], Relation::AtMost) => Some((*whole, plus, false)),
        (_, [whole], Relation::Equal) => Some((*whole, plus, true)),
        ([whole], _, Relation::Equal) => Some((*whole, minus, true)),
        _ => None,
    }
}

impl Tree {
    fn of(cluster: &Cluster) -> Option<Self> {
        let n = cluster.variables.len();
        let counts = Some(Interval::at_least(0));
        let is_plain = cluster.convex
            && cluster.domains.iter().all(|d| d.as_interval() == counts)
            && cluster
                .members
                .iter()
                .all(|m| m.rows.is_empty() && m.within.len() == 1 && m.stands_on.is_none());
        if !is_plain {
            return None;
        }
        let mut out = Self {
            parts: vec![None; n],
            whole: vec![None; n],
        };
        for row in &cluster.hard {
            let (whole, parts, all) = read(row)?;
            for p in &parts {
                if out.whole.get_mut(*p)?.replace(whole).is_some() {
                    return None;
                }
            }
            if out.parts.get_mut(whole)?.replace((parts, all)).is_some() {
                return None;
            }
        }
        // One variable is no part, and all hang on it.
        let roots: Vec<usize> = (0..n)
            .filter(|v| out.whole.get(*v) == Some(&None))
            .collect();
        match roots.as_slice() {
            [root] if out.below(*root).len() == n => Some(out),
            _ => None,
        }
    }

    fn parts(&self, v: usize) -> &[usize] {
        self.parts
            .get(v)
            .and_then(|p| p.as_ref())
            .map(|(parts, _)| parts.as_slice())
            .unwrap_or_default()
    }

    /// All variables, parts before their wholes.
    fn upwards(&self) -> Vec<usize> {
        let root = self.whole.iter().position(Option::is_none).unwrap_or(0);
        let mut out = self.below(root);
        out.reverse();
        out
    }

    /// A variable and all below it, wholes before their parts.
    fn below(&self, v: usize) -> Vec<usize> {
        let mut out = vec![v];
        let mut next = 0;
        while let Some(v) = out.get(next) {
            let parts = self.parts(*v).to_vec();
            out.extend(parts);
            next += 1;
            if out.len() > self.parts.len() {
                break;
            }
        }
        out
    }
}

/// The ends that units have, by variable.
#[derive(Debug, Default)]
struct Ends {
    lower: Vec<Vec<End>>,
    upper: Vec<Vec<End>>,
    /// Units that hold no count at all: conflicts by themselves.
    singles: Vec<Bits>,
}

/// Those at a variable.
fn at(ends: &[Vec<End>], v: usize) -> &[End] {
    ends.get(v).map(Vec::as_slice).unwrap_or_default()
}

impl Ends {
    /// `None` where a member is no set of one variable.
    fn of(cluster: &Cluster) -> Option<Self> {
        let variables = cluster.variables.len();
        let mut out = Self {
            lower: vec![Vec::new(); variables],
            upper: vec![Vec::new(); variables],
            singles: Vec::new(),
        };
        for (place, m) in cluster.members.iter().enumerate() {
            let (v, set) = m.within.first()?;
            let stretch = set
                .as_interval()
                .and_then(|s| s.intersection(Interval::at_least(0)));
            let Some(stretch) = stretch else {
                out.singles.push(Bits::of([place]));
                continue;
            };
            let end = |value| End {
                place,
                at: *v,
                value,
            };
            let low = stretch.lower().unwrap_or(0);
            out.lower.get_mut(*v)?.push(end(low));
            if let Some(high) = stretch.upper() {
                out.upper.get_mut(*v)?.push(end(high));
            }
        }
        Some(out)
    }
}

/// Counts the minimal conflicts of a cluster whose rows are such a tree; `None` for other clusters, or where `work`, in products, does
/// not suffice. The first `limit` are written out.
pub(crate) fn family(cluster: &Cluster, limit: usize, work: &mut u64) -> Option<Family> {
    let tree = Tree::of(cluster)?;
    let ends = Ends::of(cluster)?;
    let mut counter = Counter::new(&tree, cluster.members.len(), limit, *work);
    let found = counter.count(&ends);
    *work = counter.left;
    found?;
    let mut out = counter.out;
    out.total = out.total.checked_add(ends.singles.len() as u128)?;
    out.first.extend(ends.singles);
    out.cut(limit);
    out.first.sort_unstable_by(Bits::by_size);
    out.group = (0..cluster.members.len())
        .map(|p| counter.forest.find(p))
        .collect();
    Some(out)
}

/// Variables of a tree whose conflicts are listed one by one: as deep as that goes at most.
const FEW: usize = 500;

/// The minimal conflicts of such a cluster one by one, if there are at most `limit`; `None` for other clusters, and large ones, or where
/// `work`, in ends looked at, does not suffice.
pub(crate) fn listed(cluster: &Cluster, limit: usize, work: &mut u64) -> Option<Vec<Bits>> {
    if cluster.variables.len() > FEW {
        return None;
    }
    let tree = Tree::of(cluster)?;
    let ends = Ends::of(cluster)?;
    let mut lister = Lister::new(&tree, limit, *work);
    let found = lister.list(&ends);
    *work = lister.left;
    found?;
    let mut out = lister.out;
    out.extend(ends.singles);
    (out.len() <= limit).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::UnitId;
    use crate::network::cluster::{Member, variable};
    use crate::network::conflict::Crowd;
    use crate::network::decide::decide;
    use crate::sets::set::Set;
    use proptest::prelude::*;

    /// By variable but the first: the whole it is a part of, taken modulo those before it; by variable: whether its parts are all of it.
    type Plan = (Vec<usize>, Vec<bool>);

    /// A unit: the variable, and its ends.
    type Said = (usize, Option<i128>, Option<i128>);

    fn plans() -> impl Strategy<Value = (Plan, Vec<Said>)> {
        let tree = (
            prop::collection::vec(0_usize..3, 1..5),
            prop::collection::vec(prop::bool::weighted(0.8), 6),
        );
        let said = (0_usize..6, 1_i128..5, 0_i128..9, 0_u8..6);
        (tree, prop::collection::vec(said, 4..11)).prop_map(|((wholes, all), said)| {
            let wholes: Vec<usize> = wholes.iter().zip(1..).map(|(w, n)| w % n).collect();
            let n = wholes.len() + 1;
            let said = said.into_iter().map(|(v, a, b, kind)| {
                let v = v % n;
                match kind {
                    0 | 1 => (v, Some(a), None),
                    2 | 3 => (v, None, Some(b)),
                    4 => (v, Some(a), Some(a)),
                    _ => (v, Some(a.min(b)), Some(a.max(b))),
                }
            });
            ((wholes, all), said.collect())
        })
    }

    fn cluster((wholes, all): &Plan, said: &[Said]) -> Cluster {
        let n = wholes.len() + 1;
        let mut hard = Vec::new();
        for whole in 0..n {
            let parts = wholes.iter().enumerate().filter(|(_, w)| **w == whole);
            let mut terms = vec![(variable(whole), -1)];
            terms.extend(parts.map(|(i, _)| (variable(i + 1), 1)));
            if terms.len() > 1 {
                let relation = if *all.get(whole).unwrap() {
                    Relation::Equal
                } else {
                    Relation::AtMost
                };
                hard.push(Row {
                    terms,
                    relation,
                    right: 0,
                });
            }
        }
        let members = said.iter().zip(0_u32..).map(|((v, low, high), id)| Member {
            id: UnitId(id),
            within: vec![(*v, Interval::new(*low, *high).into())],
            rows: Vec::new(),
            stands_on: None,
        });
        let counts = Interval::at_least(0);
        Cluster {
            variables: (0..n).map(variable).collect(),
            domains: vec![Set::from(counts); n],
            given: vec![(counts, Vec::new()); n],
            hard_ids: (0..hard.len()).collect(),
            hard,
            members: members.collect(),
            silent: Vec::new(),
            propagates: true,
            convex: true,
        }
    }

    /// Every set of units tried.
    fn slowly(cluster: &Cluster) -> Vec<Bits> {
        let mut sets: Vec<Bits> = (0_u32..1 << cluster.members.len())
            .map(|mask| Bits::of((0..cluster.members.len()).filter(|i| mask >> i & 1 == 1)))
            .filter(|s| decide(cluster, s.iter(), &[]).is_impossible())
            .collect();
        sets = crate::network::covers::minimal(sets);
        in_order(&mut sets);
        sets
    }

    fn in_order(sets: &mut [Bits]) {
        sets.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.iter().cmp(b.iter())));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        /// Listing and counting find what trying every set of units finds, and no more work is told than there was.
        #[test]
        fn agrees_with_trying_every_set((plan, said) in plans(), limit in 0_usize..40) {
            let cluster = cluster(&plan, &said);
            let slow = slowly(&cluster);
            let mut work = 1_000_000;
            let list = listed(&cluster, limit, &mut work);
            prop_assert!(work <= 1_000_000);
            prop_assert_eq!(list.is_some(), slow.len() <= limit);
            if let Some(mut list) = list {
                in_order(&mut list);
                prop_assert_eq!(&list, &slow);
            }
            let counted = family(&cluster, limit, &mut work).unwrap();
            prop_assert_eq!(counted.total, slow.len() as u128);
            let first = slow.get(..limit).unwrap_or(&slow);
            prop_assert_eq!(counted.first.as_slice(), first);
            let several = slow.iter().filter(|s| s.len() > 1);
            for place in 0..cluster.members.len() {
                let mut own: BTreeMap<u32, u128> = BTreeMap::new();
                for s in several.clone().filter(|s| s.contains(place)) {
                    *own.entry(s.len()).or_default() += 1;
                }
                prop_assert_eq!(counted.shares.get(place), Some(&own));
            }
            // Counting what was listed gives the same.
            let crowd = Crowd::of(&slow, cluster.members.len());
            prop_assert_eq!(u128::from(crowd.total), counted.total);
            prop_assert_eq!(&crowd.shares, &counted.shares);
            prop_assert_eq!(&crowd.group, &counted.group);
            for s in several {
                let groups: Vec<Option<&usize>> = s.iter().map(|p| counted.group.get(p)).collect();
                prop_assert!(groups.windows(2).all(|w| w.first() == w.last()));
            }
        }
    }

    /// The generator gives trees with something to find, of several units and several levels.
    #[test]
    fn plans_have_conflicts() {
        use proptest::strategy::ValueTree;
        use proptest::test_runner::TestRunner;
        let mut runner = TestRunner::deterministic();
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        for _ in 0..200 {
            let (plan, said) = plans().new_tree(&mut runner).unwrap().current();
            for s in slowly(&cluster(&plan, &said)) {
                *sizes.entry(s.len()).or_default() += 1;
            }
        }
        for size in 2..=3 {
            assert!(sizes.get(&size).is_some_and(|n| *n >= 10), "{sizes:?}");
        }
    }
}
