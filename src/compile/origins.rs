//! Common origin: agreement counts only as far as sources found out for themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{About, Compiler};
use crate::claims::dossier::Groups;
use crate::network::AssumptionId;
use crate::sets::linear::VariableId;
use crate::sets::probability::Probability;
use crate::sets::set::Set;

impl Compiler<'_> {
    /// By statement: the assumptions that it is no mere repetition of another source's.
    ///
    /// Only finest statements lean on others: on one of the same set that comes first (by reliability, descending, then by source), and
    /// within a declared group on a strictly finer one as well.
    pub(super) fn separations(&mut self) -> Vec<BTreeSet<AssumptionId>> {
        let mut out = vec![BTreeSet::new(); self.out.statements.len()];
        let mut by_set: BTreeMap<(VariableId, Set), Vec<usize>> = BTreeMap::new();
        for (number, s) in self.out.statements.iter().enumerate() {
            if s.is_finest(number) {
                by_set
                    .entry((s.variable, s.set.clone()))
                    .or_default()
                    .push(number);
            }
        }
        let groups = Arc::clone(&self.dossier.resolved.origins);
        for ((variable, set), mut agreeing) in by_set {
            // Nobody comes before one alone, as most are.
            if agreeing.len() < 2 {
                continue;
            }
            agreeing.sort_by_key(|n| self.rank(self.out.statement(*n).source));
            // By the groups of a source: how many of those before were looked at, and whether one of them is in none of its groups.
            let mut looked: HashMap<&[usize], (usize, bool)> = HashMap::new();
            for (i, number) in agreeing.iter().enumerate() {
                let source = self.out.statement(*number).source;
                let own = groups.of(source);
                let (until, found) = looked.entry(own).or_insert((0, false));
                if !*found {
                    let new = agreeing.get(*until..i).unwrap_or_default();
                    *found = self.has_outsider(&groups, own, new);
                    *until = i;
                }
                let alone = *found;
                if alone {
                    let about = About::Separate {
                        variable,
                        set: set.clone(),
                    };
                    let id = self.assume(about, self.dossier.options.common_origin.complement());
                    if let Some(slot) = out.get_mut(*number) {
                        slot.insert(id);
                    }
                }
            }
        }
        self.lean_within_groups(&groups, &mut out);
        out
    }

    /// Whether one of these statements is by a source in none of a source's own groups.
    fn has_outsider(&self, groups: &Groups, own: &[usize], statements: &[usize]) -> bool {
        statements.iter().any(|n| {
            let source = self.out.statement(*n).source;
            !own.iter().any(|g| groups.holds(*g, source))
        })
    }

    /// What comes first among those who say the same: the more reliable, then the smaller id.
    fn rank(&self, source: usize) -> (std::cmp::Reverse<Probability>, usize) {
        (std::cmp::Reverse(self.reliability(source)), source)
    }

    /// Within a declared group a finest statement leans on one of the same set that comes first, and on any strictly finer one: of
    /// another source, since a source's finest statements do not lie within one another.
    fn lean_within_groups(&mut self, groups: &Groups, out: &mut [BTreeSet<AssumptionId>]) {
        let mut grouped: BTreeMap<(usize, VariableId), Vec<usize>> = BTreeMap::new();
        for (number, s) in self.out.statements.iter().enumerate() {
            if s.is_finest(number) {
                for g in groups.of(s.source) {
                    grouped.entry((*g, s.variable)).or_default().push(number);
                }
            }
        }
        for ((g, _), list) in grouped {
            if list.len() < 2 {
                continue;
            }
            // Who comes first with each set, and which sets have a finer one beside them.
            let mut first: BTreeMap<&Set, usize> = BTreeMap::new();
            for &number in &list {
                let s = self.out.statement(number);
                let earliest = first.entry(&s.set).or_insert(s.source);
                if self.rank(s.source) < self.rank(*earliest) {
                    *earliest = s.source;
                }
            }
            let sets: Vec<&Set> = first.keys().copied().collect();
            let coarse: BTreeSet<&Set> = sets
                .iter()
                .zip(with_finer(&sets))
                .filter_map(|(set, finer)| finer.then_some(*set))
                .collect();
            let leaning: Vec<usize> = list
                .into_iter()
                .filter(|n| {
                    let s = self.out.statement(*n);
                    coarse.contains(&s.set) || first.get(&s.set) != Some(&s.source)
                })
                .collect();
            let probability = groups.probability(g);
            for number in leaning {
                let id = self.assume(About::SeparateGroup(g), probability.complement());
                if let Some(slot) = out.get_mut(number) {
                    slot.insert(id);
                }
            }
        }
    }
}

/// For each of some distinct sets, whether another of them lies within it. O(n log n) for stretches; else those whose hull begins no
/// earlier are looked at one by one.
fn with_finer(sets: &[&Set]) -> Vec<bool> {
    let ends = |set: &Set| set.hull().map(|h| (h.low_key(), h.high_key()));
    let mut order: Vec<((i128, i128), usize)> = sets
        .iter()
        .enumerate()
        .filter_map(|(i, set)| Some((ends(set)?, i)))
        .collect();
    // From the latest beginning down, the shorter first: what can lie within a set comes before it.
    order.sort_by_key(|((low, high), i)| (std::cmp::Reverse(*low), *high, *i));
    let convex = sets.iter().all(|s| s.stretches().len() <= 1);
    let mut out = vec![false; sets.len()];
    let mut earliest_end = i128::MAX;
    for (place, ((low, high), i)) in order.iter().enumerate() {
        let finer = if convex {
            place > 0 && earliest_end <= *high
        } else {
            order.iter().any(|((l, h), j)| {
                l >= low
                    && h <= high
                    && i != j
                    && sets
                        .get(*j)
                        .zip(sets.get(*i))
                        .is_some_and(|(narrow, wide)| narrow.is_subset(wide))
            })
        };
        earliest_end = earliest_end.min(*high);
        if let Some(slot) = out.get_mut(*i) {
            *slot = finer;
        }
    }
    out
}
