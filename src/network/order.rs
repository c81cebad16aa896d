//! Variables that links put below and above one another: growing counts, wholes within wholes. Links form a tree, a row at its simplest.
//!
//! Shifted so that every link is a plain `<=`, the variables share one scale of values. Whether something can hold then shows in pairs
//! alone: a lower end of a variable against an upper end of one that links lead up to from there (a negative cycle of difference rows
//! goes through the bounds once: Dechter, Meiri & Pearl 1991).

use super::cluster::Cluster;
use crate::sets::interval::Interval;
use crate::sets::linear::{Relation, Row};
use crate::sets::set::Set;

/// Where a position stands, seen from the one a link joins it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    Below,
    Above,
}

impl Stands {
    /// Seen from the other end.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Below => Self::Above,
            Self::Above => Self::Below,
        }
    }
}

/// A position among the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// The position one link nearer the first, and where this one stands seen from there.
    pub(crate) nearer: Option<(usize, Stands)>,
    /// One more than the last position whose way to the first leads through this one; they all come after it.
    end: usize,
    /// How far the way to the first only climbs, and how far it only descends.
    peak: usize,
    trough: usize,
}

/// A cluster whose hard rows put its variables below and above one another, as a tree.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// By variable of the cluster: its position, and what to add to its values to have them on the common scale. Variables that
    /// differ by a fixed amount share a position.
    at: Vec<(usize, i128)>,
    /// By position: what domains leave there, on the common scale, those of other positions minded; `None` if nothing is possible.
    hulls: Option<Vec<Interval>>,
    nodes: Vec<Node>,
}

impl Order {
    /// `None` where the cluster is not like that. O(n) in its size.
    pub(crate) fn of(cluster: &Cluster) -> Option<Self> {
        let one_variable = |within: &[(usize, Set)]| {
            within.windows(2).all(|w| match w {
                [(a, _), (b, _)] => a == b,
                _ => true,
            })
        };
        let is_plain = cluster.convex
            && cluster
                .hard
                .iter()
                .all(|r| r.is_difference() && r.terms.len() == 2)
            && cluster
                .members
                .iter()
                .all(|m| m.rows.is_empty() && one_variable(&m.within));
        if !is_plain || cluster.hard.len() + 1 != cluster.variables.len() {
            return None;
        }
        let (at, nodes) = positions(cluster)?;
        let mut hulls = Some(vec![Interval::EVERYTHING; nodes.len()]);
        let mut out = Self {
            at,
            hulls: None,
            nodes,
        };
        for (v, domain) in cluster.domains.iter().enumerate() {
            out.narrow(&mut hulls, v, domain.as_interval());
        }
        out.hulls = hulls.and_then(|h| out.spread(h));
        Some(out)
    }

    /// Positions.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// By position.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether links lead from the first position up to the second, or they are the same.
    pub(crate) fn is_at_most(&self, low: usize, high: usize) -> bool {
        let (Some(a), Some(b)) = (self.nodes.get(low), self.nodes.get(high)) else {
            return false;
        };
        let is_beyond =
            |top: usize, p: usize| top <= p && self.nodes.get(top).is_some_and(|node| p < node.end);
        // The way climbs to where both ways to the first meet, and goes on climbing.
        is_beyond(a.peak, high) && is_beyond(b.trough, low)
    }

    /// What each position is left with when no value may be above that of one above it. `None` if some position is left with nothing.
    pub(crate) fn spread(&self, mut hulls: Vec<Interval>) -> Option<Vec<Interval>> {
        // Towards the first, then back.
        for (p, node) in self.nodes.iter().enumerate().rev() {
            if let Some((nearer, stands)) = node.nearer {
                let hull = *hulls.get(p)?;
                let slot = hulls.get_mut(nearer)?;
                *slot = slot.intersection(beyond(hull, stands))?;
            }
        }
        for (p, node) in self.nodes.iter().enumerate() {
            if let Some((nearer, stands)) = node.nearer {
                let hull = *hulls.get(nearer)?;
                let slot = hulls.get_mut(p)?;
                *slot = slot.intersection(beyond(hull, stands.turned()))?;
            }
        }
        Some(hulls)
    }

    /// What domains leave at each position; `None` if nothing is possible.
    pub(crate) fn hulls(&self) -> Option<&[Interval]> {
        self.hulls.as_deref()
    }

    /// The position of a variable, and what takes its values to the common scale.
    pub(crate) fn place(&self, v: usize) -> (usize, i128) {
        self.at.get(v).copied().unwrap_or_default()
    }

    /// Where a member stands, and the stretch it allows there, on the common scale; `None` for one that excludes everything.
    pub(crate) fn stretch(&self, within: &[(usize, Set)]) -> (usize, Option<Interval>) {
        let v = within.first().map_or(0, |(v, _)| *v);
        let (position, shift) = self.place(v);
        let left = within
            .iter()
            .try_fold(Interval::EVERYTHING, |all, (_, set)| {
                all.intersection(set.as_interval()?)
            });
        (position, left.map(|s| s.plus(Interval::exactly(shift))))
    }

    fn narrow(&self, hulls: &mut Option<Vec<Interval>>, v: usize, left: Option<Interval>) {
        let (position, shift) = self.place(v);
        let list = hulls.take();
        *hulls = list.and_then(|mut list| {
            let slot = list.get_mut(position)?;
            *slot = slot.intersection(left?.plus(Interval::exactly(shift)))?;
            Some(list)
        });
    }
}

/// What values of a position leave of another, which it stands below or above.
fn beyond(hull: Interval, stands: Stands) -> Interval {
    let (low, high) = match stands {
        Stands::Below => (hull.lower(), None),
        Stands::Above => (None, hull.upper()),
    };
    Interval::new(low, high).unwrap_or(Interval::EVERYTHING)
}

/// `a − b <= right`, or `=`, from a row of two terms.
fn difference(row: &Row) -> Option<(usize, usize, i128)> {
    match row.terms.as_slice() {
        [(a, 1), (b, -1)] | [(b, -1), (a, 1)] => Some((a.index(), b.index(), row.right)),
        _ => None,
    }
}

/// Far beyond what 64 bits hold: shifts stay within.
const FAR: i128 = 1 << 100;

/// By variable, its position and shift; and the positions, numbered so that each comes before those beyond it.
fn positions(cluster: &Cluster) -> Option<(Vec<(usize, i128)>, Vec<Node>)> {
    let n = cluster.variables.len();
    // By variable: neighbours, where they stand, with the difference of their shifts.
    let mut near: Vec<Vec<(usize, Option<Stands>, i128)>> = vec![Vec::new(); n];
    for row in &cluster.hard {
        let (a, b, right) = difference(row)?;
        // a + 0 <= b + right.
        let (above, below) = match row.relation {
            Relation::AtMost => (Some(Stands::Above), Some(Stands::Below)),
            Relation::Equal => (None, None),
        };
        near.get_mut(a)?.push((b, above, right));
        near.get_mut(b)?.push((a, below, right.checked_neg()?));
    }
    let mut at: Vec<Option<(usize, i128)>> = vec![None; n];
    let mut nodes: Vec<Node> = Vec::with_capacity(n);
    // Variables with their shifts, and the position they are reached from.
    let mut open: Vec<(usize, i128, Option<(usize, Option<Stands>)>)> = vec![(0, 0, None)];
    while let Some((v, shift, from)) = open.pop() {
        let slot = at.get_mut(v)?;
        if slot.is_some() {
            continue;
        }
        let position = match from {
            Some((position, None)) => position,
            from => {
                let nearer = from.and_then(|(p, stands)| Some((p, stands?)));
                let own = nodes.len();
                let before = nearer.and_then(|(p, _)| nodes.get(p)).copied();
                let goes_on = |stands: Stands, far: fn(&Node) -> usize| match (nearer, &before) {
                    (Some((_, s)), Some(node)) if s == stands => far(node),
                    _ => own,
                };
                nodes.push(Node {
                    nearer,
                    end: own + 1,
                    peak: goes_on(Stands::Below, |n| n.peak),
                    trough: goes_on(Stands::Above, |n| n.trough),
                });
                own
            }
        };
        *slot = Some((position, shift));
        for (w, stands, change) in near.get(v)? {
            if at.get(*w)?.is_none() {
                let shift = shift.checked_add(*change).filter(|s| s.abs() < FAR)?;
                open.push((*w, shift, Some((position, *stands))));
            }
        }
    }
    for p in (0..nodes.len()).rev() {
        let node = *nodes.get(p)?;
        if let Some(before) = node.nearer.and_then(|(q, _)| nodes.get_mut(q)) {
            before.end = before.end.max(node.end);
        }
    }
    // As many rows as variables but one, and all are reached: a tree.
    let at: Vec<(usize, i128)> = at.into_iter().collect::<Option<_>>()?;
    Some((at, nodes))
}

/// Random trees of links, small enough to go through all ways for their units to hold.
#[cfg(test)]
pub(crate) mod trees {
    use std::fmt::Write;

    use proptest::prelude::*;

    /// Of a question: where it hangs on an earlier one, and how far from there.
    pub(crate) type Plan = Vec<(usize, Link)>;

    #[derive(Debug, Clone, Copy)]
    pub(crate) enum Link {
        Below(i8),
        Above(i8),
        Level(i8),
    }

    /// A claim: its question, what it says, and how far its source is trusted.
    pub(crate) type Said = (usize, Words, u8);

    #[derive(Debug, Clone, Copy)]
    pub(crate) enum Words {
        AtLeast(u8),
        AtMost(u8),
        Exactly(u8),
        Within(u8, u8),
        /// Entailed and suggested upper end from a lower end on.
        Hundreds(u8, u8),
    }

    pub(crate) fn plans(
        questions: usize,
        claims: std::ops::Range<usize>,
    ) -> impl Strategy<Value = (Plan, Vec<Said>)> {
        let link = prop_oneof![
            6 => (-1_i8..2).prop_map(Link::Below),
            6 => (-1_i8..2).prop_map(Link::Above),
            1 => (-1_i8..2).prop_map(Link::Level),
        ];
        let words = prop_oneof![
            4 => (1_u8..7).prop_map(Words::AtLeast),
            4 => (0_u8..6).prop_map(Words::AtMost),
            2 => (0_u8..7).prop_map(Words::Exactly),
            2 => (0_u8..6, 1_u8..4).prop_map(|(a, n)| Words::Within(a, a + n)),
            1 => (1_u8..5, 1_u8..4).prop_map(|(a, n)| Words::Hundreds(a, a + n)),
        ];
        // Questions hang on any before them, on one of few (a star), or on the last (a row).
        let tree = (
            prop::collection::vec((0..questions, link), 1..questions),
            0_usize..3,
        );
        (
            tree,
            prop::collection::vec((0..questions, words, 0_u8..12), claims),
        )
            .prop_map(|((tree, kind), said)| {
                let links = tree.into_iter().zip(1..).map(|((on, link), n)| {
                    let on = match kind {
                        0 => on % n,
                        1 => on % n.min(2),
                        _ => n - 1 - on % n.min(2),
                    };
                    (on, link)
                });
                let links: Plan = links.collect();
                let said = said
                    .into_iter()
                    .map(|(v, words, trust)| (v % (links.len() + 1), words, trust));
                (links.clone(), said.collect())
            })
    }

    /// The dossier of such a tree, each claim by a source of its own but for every `shared`-th. Questions are named so that the first by
    /// name stands anywhere in the tree.
    pub(crate) fn json((plan, said): &(Plan, Vec<Said>), first: usize, shared: usize) -> String {
        let n = plan.len() + 1;
        let name = |q: usize| format!("q{}", (q + first) % n);
        let mut links = Vec::new();
        for (i, (on, link)) in plan.iter().enumerate() {
            let (own, on) = (name(i + 1), name(*on));
            let formula = match link {
                Link::Below(by) => format!("{own} + {by} <= {on}"),
                Link::Above(by) => format!("{on} + {by} <= {own}"),
                Link::Level(by) => format!("{own} = {on} + {by}"),
            };
            let formula = formula.replace("+ -", "- ");
            links.push(format!(r#"{{"id":"l{i}","formula":"{formula}"}}"#));
        }
        let questions: Vec<String> = (0..n).map(|q| format!(r#"{{"id":"q{q}"}}"#)).collect();
        let mut sources = Vec::new();
        let mut claims = String::new();
        for (i, (q, words, trust)) in said.iter().enumerate() {
            let is_shared = shared > 0 && i % shared == 0;
            let source = if is_shared { 0 } else { i };
            if source == i {
                let reliability = match trust {
                    0 => 1.0,
                    n => f64::from(*n) / 12.5,
                };
                sources.push(format!(r#"{{"id":"s{i}","reliability":{reliability}}}"#));
            }
            let value = match words {
                Words::AtLeast(a) => format!(r#"{{"min":{a}}}"#),
                Words::AtMost(b) => format!(r#"{{"max":{b}}}"#),
                Words::Exactly(x) => x.to_string(),
                Words::Within(a, b) => format!(r#"{{"min":{a},"max":{b}}}"#),
                Words::Hundreds(a, b) => {
                    format!(r#"{{"entailed":{{"min":{a}}},"suggested":{{"min":{a},"max":{b}}}}}"#)
                }
            };
            let comma = if i > 0 { "," } else { "" };
            let question = name(*q);
            let _ = write!(
                claims,
                r#"{comma}{{"id":"c{i}","question":"{question}","source":"s{source}","value":{value}}}"#
            );
        }
        format!(
            r#"{{"schema":1,"sources":[{}],"questions":[{}],"links":[{}],"claims":[{claims}]}}"#,
            sources.join(","),
            questions.join(","),
            links.join(",")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::trees::{json, plans};
    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cluster::clusters;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    /// Every tree is taken; ways up are found as by going there link by link.
    fn check(order: &Order) {
        for low in 0..order.len() {
            let mut reached = vec![false; order.len()];
            reached[low] = true;
            // As often as there are links.
            for _ in 0..order.len() {
                for (p, node) in order.nodes().iter().enumerate() {
                    match node.nearer {
                        Some((q, Stands::Below)) => reached[q] |= reached[p],
                        Some((q, Stands::Above)) => reached[p] |= reached[q],
                        None => {}
                    }
                }
            }
            for (high, reached) in reached.iter().enumerate() {
                assert_eq!(
                    order.is_at_most(low, high),
                    *reached,
                    "{low} {high} {order:?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn ways_up_are_told(plan in plans(9, 1..3), first in 0_usize..9) {
            let dossier = Dossier::from_json(json(&plan, first, 0).as_bytes()).unwrap();
            let network = &compile(&dossier).network;
            for cluster in clusters(network, Pass::Entailed) {
                check(&Order::of(&cluster).unwrap());
            }
        }
    }

    /// The generator makes trees that branch upwards and downwards, with turns.
    #[test]
    fn plans_branch() {
        let mut runner = TestRunner::deterministic();
        let mut branching = [0; 3];
        for _ in 0..100 {
            let plan = plans(9, 1..3).new_tree(&mut runner).unwrap().current();
            let dossier = Dossier::from_json(json(&plan, 3, 0).as_bytes()).unwrap();
            let network = &compile(&dossier).network;
            for cluster in clusters(network, Pass::Entailed) {
                let order = Order::of(&cluster).unwrap();
                for p in 0..order.len() {
                    let beyond = |way: Stands| {
                        order
                            .nodes()
                            .iter()
                            .filter(|n| n.nearer == Some((p, way)))
                            .count()
                    };
                    let (below, above) = (beyond(Stands::Below), beyond(Stands::Above));
                    branching[0] += usize::from(below > 1);
                    branching[1] += usize::from(above > 1);
                    branching[2] += usize::from(below > 0 && above > 0);
                }
            }
        }
        assert!(branching.iter().all(|n| *n > 30), "{branching:?}");
    }
}
