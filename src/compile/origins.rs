//! Common origin: agreement counts only as far as sources found out for themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, Compiler};
use crate::network::AssumptionId;
use crate::sets::linear::VariableId;
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
        let mut groups_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (g, (members, _)) in self.dossier.resolved.origins.iter().enumerate() {
            for source in members {
                groups_of.entry(*source).or_default().push(g);
            }
        }
        for ((variable, set), mut agreeing) in by_set {
            agreeing.sort_by_key(|n| {
                let source = self.out.statement(*n).source;
                (std::cmp::Reverse(self.reliability(source)), source)
            });
            for (i, number) in agreeing.iter().enumerate().skip(1) {
                let source = self.out.statement(*number).source;
                let own = groups_of
                    .get(&source)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let alone = own.is_empty()
                    || agreeing.iter().take(i).any(|earlier| {
                        let other = self.out.statement(*earlier).source;
                        !own.iter().any(|g| self.is_in(*g, other))
                    });
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
        self.lean_within_groups(&mut out);
        out
    }

    fn is_in(&self, group: usize, source: usize) -> bool {
        self.dossier
            .resolved
            .origins
            .get(group)
            .is_some_and(|(members, _)| members.binary_search(&source).is_ok())
    }

    fn lean_within_groups(&mut self, out: &mut [BTreeSet<AssumptionId>]) {
        for (g, (members, probability)) in self.dossier.resolved.origins.iter().enumerate() {
            let mut by_variable: BTreeMap<VariableId, Vec<usize>> = BTreeMap::new();
            for (number, s) in self.out.statements.iter().enumerate() {
                if s.is_finest(number) && members.binary_search(&s.source).is_ok() {
                    by_variable.entry(s.variable).or_default().push(number);
                }
            }
            for list in by_variable.values() {
                for &number in list {
                    let s = self.out.statement(number);
                    let rank =
                        |source: usize| (std::cmp::Reverse(self.reliability(source)), source);
                    let leans = list.iter().map(|n| self.out.statement(*n)).any(|t| {
                        t.source != s.source
                            && if t.set == s.set {
                                rank(t.source) < rank(s.source)
                            } else {
                                t.set.is_subset(&s.set)
                            }
                    });
                    if leans {
                        let id = self.assume(About::SeparateGroup(g), probability.complement());
                        if let Some(slot) = out.get_mut(number) {
                            slot.insert(id);
                        }
                    }
                }
            }
        }
    }
}
