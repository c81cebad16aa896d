//! How each pair of claims overlaps: on one question by their sets, on different ones by what links leave.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::engine::Engine;
use super::ordered::Ordered;
use super::result::Overlap;
use crate::claims::id::LinkId;
use crate::claims::question::Kind;
use crate::compile::{Always, Role};
use crate::network::cluster::Cluster;
use crate::network::propagate::{Narrowing, Outcome, Rows};
use crate::sets::comparison::Comparison;
use crate::sets::linear::{Row, VariableId};
use crate::sets::set::Set;

/// Links that the pairs listed may name in all.
const LINKS: usize = 1_000_000;

/// Terms of rows that following claims through links may look at in all. Pairs beyond, through links, are neither listed nor counted.
pub(crate) const LOOKS: u64 = 50_000_000;

/// Pairs compared.
pub(crate) struct Compared {
    pub(crate) list: Vec<Overlap>,
    /// How many more there are.
    pub(crate) left_out: u64,
    /// Terms looked at.
    pub(crate) looks: u64,
}

/// Whether pairs name no more links than may be listed.
pub(crate) fn has_room(pairs: &[Overlap]) -> bool {
    let named = pairs.iter().filter_map(|o| o.through.as_ref());
    named.map(Vec::len).sum::<usize>() < LINKS
}

/// The pairs, ordered by both ids, at most `limit` of them, and as long as the links they name have room; and how many more there are (of
/// those through links as far as following them is not too much work).
///
/// # Complexity
///
/// One comparison per pair listed, further pairs are only counted; one propagation for each claim on a linked question, as far as it
/// narrows anything; O(log² n) for those beyond the limit on questions below and above one another.
pub(crate) fn overlaps(engine: &Engine, limit: u64) -> Compared {
    let claims: Vec<(usize, VariableId)> = engine
        .compiled
        .places
        .iter()
        .enumerate()
        .filter_map(|(i, p)| Some((i, p.as_ref()?.variable)))
        .collect();
    let mut by_variable: Vec<Vec<usize>> = vec![Vec::new(); engine.compiled.variables.len()];
    for (claim, v) in &claims {
        if let Some(list) = by_variable.get_mut(v.index()) {
            list.push(*claim);
        }
    }
    let shapes: Vec<Option<Shape>> = engine
        .entailed
        .iter()
        .map(|c| Shape::of(engine, c))
        .collect();
    let mut reach: Vec<Option<Reach<'_>>> =
        shapes.iter().map(|s| s.as_ref().map(Reach::new)).collect();
    let after = |list: &[usize], a: usize| list.len() - list.partition_point(|c| *c <= a);
    let mut out: Vec<Overlap> = Vec::new();
    let mut total = 0_u64;
    let mut listed = 0;
    let mut links = LINKS;
    let mut looks = LOOKS;
    for (a, v) in &claims {
        let room = limit - (out.len() as u64).min(limit);
        if room == 0 || links == 0 {
            break;
        }
        listed += 1;
        // Claims after a, each with the set of a as seen from it.
        let (seen, ways) = see(engine, &mut reach, *a, *v, &mut looks);
        let mut others: Vec<(usize, VariableId, Option<&Seen>)> = Vec::new();
        let own = std::iter::once((*v, None));
        for (w, seen) in own.chain(seen.iter().map(|s| (s.variable, Some(s)))) {
            let list = by_variable
                .get(w.index())
                .map(Vec::as_slice)
                .unwrap_or_default();
            let count = after(list, *a);
            total += count as u64;
            others.extend(list.iter().skip(list.len() - count).map(|b| (*b, w, seen)));
        }
        others.sort_unstable_by_key(|(b, ..)| *b);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        for (b, w, seen) in others.into_iter().take(room) {
            let through = seen.map(|s| s.through(engine, &ways));
            let named = through.map_or(0, <[LinkId]>::len);
            if links == 0 {
                break;
            }
            links = links.saturating_sub(named);
            out.extend(compare(engine, *a, b, w, seen.map(|s| &s.set), through));
        }
    }
    // From here on pairs are only counted, last claims first.
    let mut ordered: Vec<Option<Ordered>> = engine.entailed.iter().map(Ordered::of).collect();
    for (a, v) in claims.iter().skip(listed).rev() {
        let list = by_variable
            .get(v.index())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let own = after(list, *a) as u64;
        total += own;
        let Some(set) = set_of(engine, *a) else {
            continue;
        };
        let (Some(c), Some((_, local))) = (engine.cluster_place(*v), engine.home(*v)) else {
            continue;
        };
        if let Some(Some(ordered)) = ordered.get_mut(c) {
            total += ordered.count(local, set, own);
        } else if let Some(Some(reach)) = reach.get_mut(c) {
            for w in reach.narrowed(local, set, &mut looks) {
                let w = engine.entailed.get(c).and_then(|c| c.variables.get(w));
                let list = w.and_then(|w| by_variable.get(w.index()));
                total += list.map_or(0, |list| after(list, *a)) as u64;
            }
        }
    }
    Compared {
        left_out: total - (out.len() as u64).min(total),
        list: out,
        looks: LOOKS - looks,
    }
}

fn set_of(engine: &Engine, claim: usize) -> Option<&Set> {
    let place = engine.compiled.places.get(claim)?.as_ref()?;
    Some(&engine.compiled.statement(place.statement).set)
}

fn compare(
    engine: &Engine,
    a: usize,
    b: usize,
    v: VariableId,
    seen: Option<&Set>,
    through: Option<&[LinkId]>,
) -> Option<Overlap> {
    let left = match seen {
        Some(set) => set,
        None => set_of(engine, a)?,
    };
    let right = set_of(engine, b)?;
    let comparison = match (Comparison::of(left, right), kind(engine, v)) {
        // Labels have no order, so that none is next to another.
        (Comparison::Touches, Kind::Category) => Comparison::Apart,
        (c, _) => c,
    };
    let shared = left.intersection(right);
    let gap = (shared.is_empty() && kind(engine, v) != Kind::Category)
        .then(|| left.distance(right))
        .flatten()
        .map(|d| u64::try_from(d.saturating_sub(1)).unwrap_or(u64::MAX));
    #[expect(clippy::cast_precision_loss, reason = "a ratio is what is asked for")]
    let jaccard = match (shared.len(), left.union(right).len()) {
        (Some(both), Some(either)) if either > 0 && !unnamed(engine, v, left, right) => {
            Some(both as f64 / either as f64)
        }
        _ => None,
    };
    Some(Overlap {
        a: engine.claim_id(a),
        b: engine.claim_id(b),
        comparison,
        shared: (!shared.is_empty()).then(|| match kind(engine, v) {
            Kind::Category => engine.answers(v, &shared),
            _ => engine.answers(v, &shared.hull().into()),
        }),
        gap,
        jaccard,
        through: through.map(<[LinkId]>::to_vec),
    })
}

fn kind(engine: &Engine, v: VariableId) -> Kind {
    let question = engine.compiled.variable(v).question;
    engine
        .dossier
        .questions
        .get(question)
        .map(|q| q.kind)
        .unwrap_or_default()
}

/// Whether one of the sets holds labels that nobody named: then it is not bounded.
fn unnamed(engine: &Engine, v: VariableId, a: &Set, b: &Set) -> bool {
    let last = engine.headline.domain(v).upper();
    kind(engine, v) == Kind::Category && last.is_some_and(|u| a.contains(u) || b.contains(u))
}

/// What a claim leaves of another variable through links.
#[derive(Debug)]
struct Seen {
    variable: VariableId,
    set: Set,
    /// Where its way ends, if it was narrowed.
    way: Option<usize>,
    through: OnceCell<Vec<LinkId>>,
}

impl Seen {
    /// All links on the way, worked out when first asked for.
    fn through(&self, engine: &Engine, ways: &Ways) -> &[LinkId] {
        self.through.get_or_init(|| {
            let links = ways.links(self.way).into_iter();
            links.map(|l| engine.link_id(l)).collect()
        })
    }
}

/// The ways that narrowings took: each through a row, and through all that was known of its variables before.
#[derive(Debug, Default)]
struct Ways {
    steps: Vec<(Option<usize>, Vec<usize>)>,
    /// By variable: its last step.
    last: BTreeMap<usize, usize>,
    row: Option<usize>,
}

impl Ways {
    fn add(&mut self, n: &Narrowing, rows: &[(Row, Option<usize>)]) {
        // One look at a row narrows several of its variables.
        if self.row != Some(n.row)
            && let Some((row, link)) = rows.get(n.row)
        {
            let mut before: Vec<usize> = row
                .terms
                .iter()
                .filter_map(|(w, _)| self.last.get(&w.index()).copied())
                .collect();
            before.sort_unstable();
            before.dedup();
            self.steps.push((*link, before));
            self.row = Some(n.row);
        }
        self.last.insert(n.variable.index(), self.steps.len() - 1);
    }

    /// The links of a step and of all before it, ascending.
    fn links(&self, way: Option<usize>) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        let mut met: BTreeSet<usize> = way.into_iter().collect();
        let mut open: Vec<usize> = way.into_iter().collect();
        while let Some((link, before)) = open.pop().and_then(|step| self.steps.get(step)) {
            out.extend(link);
            open.extend(before.iter().filter(|b| met.insert(**b)));
        }
        out
    }
}

/// The links of a cluster, taken as holding.
struct Shape {
    /// Rows, hard and soft, each with the link it comes from.
    rows: Vec<(Row, Option<usize>)>,
    /// The terms of a row, on average, rounded up.
    terms: u64,
    /// What they leave without any claim.
    start: Vec<Set>,
}

impl Shape {
    /// `None` where there are no links.
    fn of(engine: &Engine, cluster: &Cluster) -> Option<Self> {
        let mut rows: Vec<(Row, Option<usize>)> = cluster
            .hard
            .iter()
            .zip(&cluster.hard_ids)
            .map(|(row, id)| {
                let link = match engine.compiled.always.get(*id) {
                    Some(Always::Link(link, _)) => Some(*link),
                    _ => None,
                };
                (row.clone(), link)
            })
            .collect();
        let mut start = cluster.domains.clone();
        for m in &cluster.members {
            if let Role::Link(link) = engine.compiled.role(m.id) {
                rows.extend(m.rows.iter().map(|r| (r.clone(), Some(link))));
                for (v, set) in &m.within {
                    if let Some(slot) = start.get_mut(*v) {
                        *slot = slot.intersection(set);
                    }
                }
            }
        }
        if rows.is_empty() {
            return None;
        }
        let table = Rows::new(rows.iter().map(|(r, _)| r), start.len());
        let mut steps = 256 * (rows.len() as u64 + 1);
        table.propagate(&mut start, None, &mut steps, |_| {});
        let terms: usize = rows.iter().map(|(r, _)| r.terms.len()).sum();
        Some(Self {
            terms: terms.div_ceil(rows.len()) as u64,
            rows,
            start,
        })
    }
}

/// Links ready to be propagated through.
struct Reach<'a> {
    shape: &'a Shape,
    table: Rows<'a>,
    /// Like the shape's start between two uses.
    sets: Vec<Set>,
}

impl<'a> Reach<'a> {
    fn new(shape: &'a Shape) -> Self {
        Self {
            shape,
            table: Rows::new(shape.rows.iter().map(|(r, _)| r), shape.start.len()),
            sets: shape.start.clone(),
        }
    }

    /// What is left of the variables that a set for one of them narrows, but for that one, told of each narrowing on the way. Nothing if
    /// the set cannot hold with the links.
    fn spread(
        &mut self,
        local: usize,
        set: &Set,
        looks: &mut u64,
        mut log: impl FnMut(&Narrowing),
    ) -> Vec<(usize, Set)> {
        if *looks == 0 {
            return Vec::new();
        }
        let mut touched = vec![local];
        let mut out = Vec::new();
        let own = self.sets.get_mut(local);
        let possible = own.is_some_and(|own| {
            *own = own.intersection(set);
            !own.is_empty()
        });
        if possible {
            let most = 64 * (self.shape.rows.len() as u64 + 1);
            let mut steps = most;
            let start = crate::network::cluster::variable(local);
            let outcome = self
                .table
                .propagate(&mut self.sets, Some(start), &mut steps, |n| {
                    log(&n);
                    touched.push(n.variable.index());
                });
            *looks = looks.saturating_sub((most - steps) * self.shape.terms);
            touched.sort_unstable();
            touched.dedup();
            if outcome != Outcome::Clash {
                let left = touched.iter().filter(|i| **i != local);
                out.extend(left.filter_map(|i| Some((*i, self.sets.get(*i)?.clone()))));
                out.retain(|(i, set)| self.shape.start.get(*i) != Some(set));
            }
        }
        for i in touched {
            if let (Some(slot), Some(start)) = (self.sets.get_mut(i), self.shape.start.get(i)) {
                slot.clone_from(start);
            }
        }
        out
    }

    /// The variables that a set for one of them narrows, but for that one.
    fn narrowed(&mut self, local: usize, set: &Set, looks: &mut u64) -> Vec<usize> {
        let left = self.spread(local, set, looks, |_| {});
        left.into_iter().map(|(i, _)| i).collect()
    }
}

/// What the claim leaves of the other variables of its cluster, where it leaves less than links alone.
fn see(
    engine: &Engine,
    reach: &mut [Option<Reach<'_>>],
    claim: usize,
    v: VariableId,
    looks: &mut u64,
) -> (Vec<Seen>, Ways) {
    let mut ways = Ways::default();
    let mut found = || {
        let reach = reach.get_mut(engine.cluster_place(v)?)?.as_mut()?;
        let (cluster, local) = engine.home(v)?;
        let set = set_of(engine, claim)?;
        let rows = &reach.shape.rows;
        let left = reach.spread(local, set, looks, |n| ways.add(n, rows));
        let seen = left.into_iter().filter_map(|(i, set)| {
            Some(Seen {
                variable: *cluster.variables.get(i)?,
                set: set.hull().into(),
                way: ways.last.get(&i).copied(),
                through: OnceCell::new(),
            })
        });
        Some(seen.collect())
    };
    let seen = found().unwrap_or_default();
    (seen, ways)
}
