//! Discordant clusters that assumptions join: what all of them but one say of its own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::super::cliques::{Cliques, entries};
use super::{AssumptionId, Weighing, Weights};
use crate::sets::weight::Weight;

/// Clusters that say something of one another's assumptions.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Ascending.
    pub(super) members: Vec<usize>,
    /// The uncertain assumptions that they use, ascending.
    uses: Vec<AssumptionId>,
    kinds: Vec<Kind>,
    coupled: OnceLock<Option<Cliques>>,
    /// What is asked from outside: several assumptions at once.
    asked: BTreeMap<Vec<AssumptionId>, OnceLock<Option<Weights>>>,
}

/// Members whose tables are about the same assumptions.
#[derive(Debug)]
struct Kind {
    scope: Vec<AssumptionId>,
    /// Ascending.
    members: Vec<usize>,
    /// The weight of everything, by what these assumptions do; once asked for.
    all: OnceLock<Option<Weights>>,
}

/// Entries that answers may go through for one group, in budgets.
const COUPLED: u64 = 64;

impl Group {
    /// `uses` gives the uncertain assumptions of a member, `scope` those among them that its table is about.
    pub(super) fn new<'a>(
        members: Vec<usize>,
        uses: impl Fn(usize) -> &'a [AssumptionId],
        scope: impl Fn(usize) -> &'a [AssumptionId],
    ) -> Self {
        let mut all: Vec<AssumptionId> = members.iter().flat_map(|c| uses(*c)).copied().collect();
        all.sort_unstable();
        all.dedup();
        let mut kinds: BTreeMap<&[AssumptionId], Vec<usize>> = BTreeMap::new();
        for c in &members {
            kinds.entry(scope(*c)).or_default().push(*c);
        }
        let kinds = kinds.into_iter().map(|(scope, members)| Kind {
            scope: scope.to_vec(),
            members,
            all: OnceLock::new(),
        });
        Self {
            uses: all,
            kinds: kinds.collect(),
            members,
            ..Self::default()
        }
    }

    /// Those of some assumptions that members use.
    pub(super) fn used(&self, some: &[AssumptionId]) -> Vec<AssumptionId> {
        let is_used = |a: &AssumptionId| self.uses.binary_search(a).is_ok();
        some.iter().copied().filter(is_used).collect()
    }

    /// Announces a question, so that it is answered once.
    pub(super) fn expect(&mut self, asked: Vec<AssumptionId>) {
        self.asked.entry(asked).or_default();
    }

    /// Entries that one answer may go through.
    fn room(&self, weighing: &Weighing) -> u64 {
        let answers = (self.kinds.len() + self.asked.len()) as u64;
        (weighing.effort.budget as u64).saturating_mul(COUPLED) / answers.max(1)
    }

    /// What coupling took so far, in products.
    pub(super) fn cost(&self) -> u64 {
        let coupled = self.coupled.get().and_then(Option::as_ref);
        // Entries are cheaper than the products of tables.
        coupled.map_or(0, |c| c.len() / 16)
    }

    /// What members say, put together. `None` if some member's budget ended, or they share so much that this could not end.
    fn coupled(&self, weighing: &Weighing) -> Option<&Cliques> {
        let coupled = self.coupled.get_or_init(|| {
            let scopes = || self.kinds.iter().map(|k| k.scope.as_slice());
            let asked = || self.asked.keys().map(Vec::as_slice);
            // Before anything is weighed. What is asked has cliques of its own if there is room.
            let asks = entries(scopes().chain(asked())).is_some();
            if !asks {
                entries(scopes())?;
            }
            let kinds = self.kinds.iter().map(|k| k.said(weighing));
            let tables: Vec<Weights> = kinds.collect::<Option<_>>()?;
            let asked = asked().filter(|_| asks);
            Cliques::new(&weighing.network, &tables, asked).ok()
        });
        coupled.as_ref()
    }

    /// What the others say of the assumptions of one member.
    pub(super) fn around(&self, weighing: &Weighing, member: usize) -> Option<Weights> {
        let has = |k: &&Kind| k.members.binary_search(&member).is_ok();
        let kind = self.kinds.iter().find(has)?;
        let all = kind.all.get_or_init(|| {
            let coupled = self.coupled(weighing)?;
            if coupled.cost(&kind.scope)? > self.room(weighing) {
                return None;
            }
            coupled.marginal(&weighing.network, &kind.scope)
        });
        let all = all.as_ref()?;
        // Without what it says itself. Where it says that nothing is possible, nobody asks what others say.
        Some(joined(all, weighing.said(member)?, Weight::over))
    }

    /// What all say of several assumptions that were [announced](Self::expect).
    pub(super) fn answer(&self, weighing: &Weighing, asked: &[AssumptionId]) -> Option<&Weights> {
        let answer = self.asked.get(asked)?;
        let answer = answer.get_or_init(|| {
            let room = self.room(weighing);
            let is_in_tables = |a: &AssumptionId| {
                let mut kinds = self.kinds.iter();
                let mut users = self.members.iter().filter(|c| weighing.does_use(**c, *a));
                kinds.any(|k| k.scope.binary_search(a).is_ok()) || users.next().is_none()
            };
            if asked.iter().all(is_in_tables)
                && let coupled = self.coupled(weighing)?
                && let Some(cost) = coupled.cost(asked)
            {
                let marginal = || coupled.marginal(&weighing.network, asked);
                return (cost <= room).then(marginal).flatten();
            }
            // Some of it only one member uses: its table leaves that out, and is made anew.
            let mut scopes: Vec<Vec<AssumptionId>> = Vec::new();
            let mut makers: Vec<(usize, bool)> = Vec::new();
            for (at, kind) in self.kinds.iter().enumerate() {
                let mut plain = true;
                let mut more = Vec::new();
                for c in &kind.members {
                    let is_left_out = |a: &&AssumptionId| {
                        kind.scope.binary_search(a).is_err() && weighing.does_use(*c, **a)
                    };
                    let mut scope = kind.scope.clone();
                    scope.extend(asked.iter().filter(is_left_out));
                    scope.sort_unstable();
                    plain &= scope.len() == kind.scope.len();
                    more.push((*c, scope));
                }
                if plain {
                    scopes.push(kind.scope.clone());
                    makers.push((at, true));
                } else {
                    for (c, scope) in more {
                        scopes.push(scope);
                        makers.push((c, false));
                    }
                }
            }
            let all = || scopes.iter().map(Vec::as_slice);
            if entries(all().chain([asked]))? > room {
                return None;
            }
            let tables = makers.iter().zip(&scopes).map(|((at, plain), scope)| {
                if *plain {
                    self.kinds.get(*at)?.said(weighing)
                } else {
                    weighing.outward(*at, scope)
                }
            });
            let tables: Vec<Weights> = tables.collect::<Option<_>>()?;
            let coupled = Cliques::new(&weighing.network, &tables, [asked].into_iter()).ok()?;
            coupled.marginal(&weighing.network, asked)
        });
        answer.as_ref()
    }
}

impl Kind {
    /// What its members say together. `None` if the budget of one ended.
    fn said(&self, weighing: &Weighing) -> Option<Weights> {
        let mut members = self.members.iter().map(|c| weighing.said(*c));
        let first = members.next()??.clone();
        members.try_fold(first, |all, next| Some(joined(&all, next?, |a, b| a * b)))
    }
}

/// Two tables of one scope made one, entry by entry; what one of them lacks is zero.
fn joined(a: &Weights, b: &Weights, of: impl Fn(Weight, Weight) -> Weight) -> Weights {
    let mut rest = b.entries.iter().filter(|(_, w)| !w.is_zero()).peekable();
    let mut entries = Vec::with_capacity(a.entries.len().min(b.entries.len()));
    for (bits, w) in &a.entries {
        while rest.next_if(|(other, _)| other < bits).is_some() {}
        if let Some((_, v)) = rest.next_if(|(other, _)| other == bits) {
            entries.push((*bits, of(*w, *v)));
        }
    }
    Weights {
        scope: a.scope.clone(),
        entries,
    }
}
