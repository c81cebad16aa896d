//! How each pair of claims overlaps: on one question by their sets, on different ones by what links leave.

use std::collections::BTreeSet;

use super::engine::Engine;
use super::result::Overlap;
use crate::claims::id::LinkId;
use crate::claims::question::Kind;
use crate::compile::{Always, Role};
use crate::network::propagate::Rows;
use crate::sets::comparison::Comparison;
use crate::sets::linear::{Row, VariableId};
use crate::sets::set::Set;

/// The pairs compared, ordered by both ids, at most `limit` of them; and how many more there are.
///
/// # Complexity
///
/// One propagation through its links for each claim on a linked question, and one comparison per pair listed; further pairs on one
/// question are only counted.
pub(crate) fn overlaps(engine: &Engine, limit: u64) -> (Vec<Overlap>, u64) {
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
    let reach = Reach::new(engine);
    let mut out = Vec::new();
    let mut total = 0_u64;
    for (a, v) in &claims {
        // Claims after a, each with the set of a as seen from it.
        let mut others: Vec<(usize, VariableId, Option<&Seen>)> = Vec::new();
        let after = |list: &Vec<usize>| list.partition_point(|c| c <= a);
        let own = by_variable.get(v.index());
        let listed = u64::try_from(out.len()).unwrap_or(u64::MAX);
        let seen = reach.from(engine, *a, *v);
        if let Some(list) = own {
            let rest = list.len() - after(list);
            total += rest as u64;
            if listed < limit {
                others.extend(list.iter().skip(after(list)).map(|b| (*b, *v, None)));
            }
        }
        for s in &seen {
            if let Some(list) = by_variable.get(s.variable.index()) {
                total += (list.len() - after(list)) as u64;
                if listed < limit {
                    others.extend(
                        list.iter()
                            .skip(after(list))
                            .map(|b| (*b, s.variable, Some(s))),
                    );
                }
            }
        }
        others.sort_unstable_by_key(|(b, ..)| *b);
        let room = usize::try_from(limit - listed.min(limit)).unwrap_or(usize::MAX);
        for (b, w, seen) in others.into_iter().take(room) {
            out.extend(compare(engine, *a, b, w, seen));
        }
    }
    let left_out = total - (out.len() as u64).min(total);
    (out, left_out)
}

fn compare(
    engine: &Engine,
    a: usize,
    b: usize,
    v: VariableId,
    seen: Option<&Seen>,
) -> Option<Overlap> {
    let set_of = |claim: usize| {
        let place = engine.compiled.places.get(claim)?.as_ref()?;
        Some(&engine.compiled.statement(place.statement).set)
    };
    let left = match seen {
        Some(s) => &s.set,
        None => set_of(a)?,
    };
    let right = set_of(b)?;
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
        through: seen.map(|s| s.through.clone()),
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
    through: Vec<LinkId>,
}

/// Links taken as holding, ready to be propagated through.
struct Reach {
    /// By cluster: its rows, hard and soft, each with the link it comes from, and what they leave without any claim.
    clusters: Vec<Option<Ready>>,
}

struct Ready {
    rows: Vec<(Row, Option<usize>)>,
    start: Vec<Set>,
}

impl Reach {
    fn new(engine: &Engine) -> Self {
        let clusters = engine
            .entailed
            .iter()
            .map(|cluster| {
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
                Some(Ready { rows, start })
            })
            .collect();
        Self { clusters }
    }

    /// What the claim leaves of the other variables of its cluster, where it leaves less than links alone and than everything.
    fn from(&self, engine: &Engine, claim: usize, v: VariableId) -> Vec<Seen> {
        let found = || {
            let ready = self.clusters.get(engine.cluster_place(v)?)?.as_ref()?;
            let (cluster, local) = engine.home(v)?;
            let place = engine.compiled.places.get(claim)?.as_ref()?;
            let set = &engine.compiled.statement(place.statement).set;
            let mut sets = ready.start.clone();
            let slot = sets.get_mut(local)?;
            *slot = slot.intersection(set);
            if slot.is_empty() {
                return None;
            }
            let table = Rows::new(ready.rows.iter().map(|(r, _)| r), sets.len());
            let mut through: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); sets.len()];
            let mut steps = 64 * (ready.rows.len() as u64 + 1);
            let start = crate::network::cluster::variable(local);
            table.propagate(&mut sets, Some(start), &mut steps, |n| {
                // All links that what is known of the row's variables came through.
                let mut used: BTreeSet<usize> = BTreeSet::new();
                if let Some((row, link)) = ready.rows.get(n.row) {
                    used.extend(link);
                    for (w, _) in &row.terms {
                        used.extend(through.get(w.index()).into_iter().flatten());
                    }
                }
                if let Some(slot) = through.get_mut(n.variable.index()) {
                    slot.extend(used);
                }
            });
            if sets.iter().any(Set::is_empty) {
                return None;
            }
            let seen = sets.iter().enumerate().filter_map(|(i, set)| {
                let w = *cluster.variables.get(i)?;
                (i != local && ready.start.get(i) != Some(set)).then(|| Seen {
                    variable: w,
                    set: set.hull().into(),
                    through: through
                        .get(i)
                        .into_iter()
                        .flatten()
                        .map(|l| engine.link_id(*l))
                        .collect(),
                })
            });
            Some(seen.collect())
        };
        found().unwrap_or_default()
    }
}
