//! Units on variables below and above one another that cannot hold together: pairs, counted and listed without trying all.
//!
//! A pair clashes where a lower end is above an upper end at the same variable or at one that links lead up to. By the Helly property of
//! stretches nothing but pairs, and units that clash with what is hard alone, is a minimal conflict.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::centres::{Centres, Meeting};
use super::cluster::Cluster;
use super::conflict::{Conflicts, Crowd, LISTED};
use super::order::Order;
use super::propagate::Forest;
use crate::sets::interval::Interval;

/// What a member leaves: where, and between which ends on the common scale.
#[derive(Debug, Clone, Copy)]
struct Left {
    position: usize,
    low: i128,
    high: i128,
}

/// An end of what the member at a place leaves.
#[derive(Debug, Clone, Copy)]
struct End {
    place: usize,
    value: i128,
}

/// What each member leaves.
#[derive(Debug)]
pub(crate) struct Apart<'a> {
    order: &'a Order,
    centres: Centres,
    /// By place; `None` for what cannot hold even alone.
    of: Vec<Option<Left>>,
    /// By place: it stands on another, which is this one.
    base: Vec<Option<usize>>,
}

impl<'a> Apart<'a> {
    /// What is hard must be possible.
    pub(crate) fn new(cluster: &Cluster, order: &'a Order) -> Self {
        let hulls = order.hulls().unwrap_or_default();
        let left = |within: &[(usize, crate::sets::set::Set)]| {
            let (position, stretch) = order.stretch(within);
            let hull: Interval = *hulls.get(position)?;
            let stretch = stretch?.intersection(hull)?;
            Some(Left {
                position,
                low: stretch.low_key(),
                high: stretch.high_key(),
            })
        };
        Self {
            order,
            centres: Centres::new(order),
            of: cluster.members.iter().map(|m| left(&m.within)).collect(),
            base: cluster.members.iter().map(|m| m.stands_on).collect(),
        }
    }

    fn do_clash(&self, a: Left, b: Left) -> bool {
        let above =
            |a: Left, b: Left| a.low > b.high && self.order.is_at_most(a.position, b.position);
        above(a, b) || above(b, a)
    }

    fn left(&self, place: usize) -> Option<Left> {
        self.of.get(place).copied().flatten()
    }

    fn base(&self, place: usize) -> Option<usize> {
        self.base.get(place).copied().flatten()
    }

    /// Places that stand alone and leave something.
    fn statements(&self) -> impl Iterator<Item = (usize, Left)> + '_ {
        self.of
            .iter()
            .enumerate()
            .filter(|(place, _)| self.base(*place).is_none())
            .filter_map(|(place, left)| Some((place, (*left)?)))
    }

    /// All minimal conflicts; of many pairs those counted, and the first `limit`.
    pub(crate) fn conflicts(&self, limit: usize) -> Conflicts {
        let (degree, total) = self.degrees();
        if total > LISTED as u64 {
            return self.crowd(degree, total, limit);
        }
        let mut sets: Vec<Bits> = Vec::new();
        let holds_alone = |place: usize| self.left(place).is_some();
        for place in (0..self.of.len()).filter(|p| !holds_alone(*p)) {
            match self.base(place) {
                None => sets.push(Bits::of([place])),
                Some(base) if holds_alone(base) => sets.push(Bits::of([place, base])),
                Some(_) => {}
            }
        }
        let all: Vec<(usize, Left)> = self
            .of
            .iter()
            .enumerate()
            .filter_map(|(place, left)| Some((place, (*left)?)))
            .collect();
        for (a, b) in self.clashes(&all) {
            // Not minimal if a statement under a suggestion already clashes, alone or with the other.
            let spoiled = |x: usize, other: usize| {
                self.base(x).is_some_and(|base| {
                    let (base, other) = (self.left(base), self.left(other));
                    base.is_none_or(|base| other.is_some_and(|o| self.do_clash(o, base)))
                })
            };
            if !spoiled(a, b) && !spoiled(b, a) {
                let closure = [Some(a), Some(b), self.base(a), self.base(b)];
                sets.push(Bits::of(closure.into_iter().flatten()));
            }
        }
        Conflicts {
            sets,
            complete: true,
            crowd: None,
        }
    }

    /// At each centre: the lower ends at it and below, the greatest first, and the upper ends at it and above, the least first. A lower end
    /// and an upper end of two members meet at one centre at most, and do where links lead up from one to the other. O(n log² n).
    fn meet(&self, all: &[(usize, Left)], mut visit: impl FnMut(&[End], &[End])) {
        let ends = |key: fn(&Left) -> i128| -> Vec<(usize, End)> {
            let end = |(place, s): &(usize, Left)| {
                let value = key(s);
                (
                    s.position,
                    End {
                        place: *place,
                        value,
                    },
                )
            };
            all.iter().map(end).collect()
        };
        let (mut lows, mut highs) = (ends(|s| s.low), ends(|s| s.high));
        lows.sort_unstable_by_key(|(_, e)| (std::cmp::Reverse(e.value), e.place));
        highs.sort_unstable_by_key(|(_, e)| (e.value, e.place));
        for level in self.centres.levels() {
            let by_centre = |ends: &[(usize, End)], is_there: fn(&Meeting) -> bool| {
                let mut out: Vec<(u32, End)> = Vec::with_capacity(ends.len());
                for (position, end) in ends {
                    let meeting = level.get(*position).copied().flatten();
                    out.extend(meeting.filter(is_there).map(|m| (m.centre, *end)));
                }
                out.sort_by_key(|(centre, _)| *centre);
                out
            };
            let below = by_centre(&lows, |m| m.is_below);
            let above = by_centre(&highs, |m| m.is_above);
            let mut above = above.chunk_by(|a, b| a.0 == b.0).peekable();
            let centre = |run: &[(u32, End)]| run.first().map(|(c, _)| *c);
            let plain = |run: &[(u32, End)]| run.iter().map(|(_, e)| *e).collect::<Vec<_>>();
            for lows in below.chunk_by(|a, b| a.0 == b.0) {
                while above.next_if(|run| centre(run) < centre(lows)).is_some() {}
                if let Some(highs) = above.next_if(|run| centre(run) == centre(lows)) {
                    visit(&plain(lows), &plain(highs));
                }
            }
        }
    }

    /// By place: in how many pairs of statements it is; and how many there are in all.
    fn degrees(&self) -> (Vec<u64>, u64) {
        let all: Vec<(usize, Left)> = self.statements().collect();
        let mut degree = vec![0_u64; self.of.len()];
        let mut total = 0_u64;
        self.meet(&all, |lows, highs| {
            let mut add = |end: &End, count: usize| {
                if let Some(d) = degree.get_mut(end.place) {
                    *d += count as u64;
                }
            };
            let mut above = lows.len();
            for high in highs {
                let is_above = |i: &usize| lows.get(*i - 1).is_some_and(|l| l.value > high.value);
                while above > 0 && !is_above(&above) {
                    above -= 1;
                }
                total = total.saturating_add(above as u64);
                add(high, above);
            }
            let mut below = highs.len();
            for low in lows {
                let is_below = |i: &usize| highs.get(*i - 1).is_some_and(|h| h.value < low.value);
                while below > 0 && !is_below(&below) {
                    below -= 1;
                }
                add(low, below);
            }
        });
        (degree, total)
    }

    /// By place: the least place that pairs join it with. Where any clash, the greatest lower end and the least upper end do, and each other
    /// that clashes does with one of the two.
    fn groups(&self) -> Vec<usize> {
        let all: Vec<(usize, Left)> = self.statements().collect();
        let mut forest = Forest::new(self.of.len());
        self.meet(&all, |lows, highs| {
            let (Some(greatest), Some(least)) = (lows.first(), highs.first()) else {
                return;
            };
            for low in lows.iter().take_while(|l| l.value > least.value) {
                forest.join(low.place, least.place);
            }
            for high in highs.iter().take_while(|h| h.value < greatest.value) {
                forest.join(high.place, greatest.place);
            }
        });
        (0..self.of.len()).map(|p| forest.find(p)).collect()
    }

    /// The pairs that clash, the smaller place first.
    fn clashes(&self, all: &[(usize, Left)]) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        self.meet(all, |lows, highs| {
            for high in highs {
                let above = lows.iter().take_while(|l| l.value > high.value);
                let (a, before) = (high.place, out.len());
                out.extend(above.map(|l| (a.min(l.place), a.max(l.place))));
                if out.len() == before {
                    break;
                }
            }
        });
        out.sort_unstable();
        out
    }

    fn crowd(&self, degree: Vec<u64>, total: u64, limit: usize) -> Conflicts {
        let mut sets: Vec<Bits> = (0..self.of.len())
            .filter(|p| self.base(*p).is_none() && self.left(*p).is_none())
            .map(|p| Bits::of([p]))
            .collect();
        let alone = sets.len() as u64;
        for (a, s) in self.statements() {
            if sets.len() >= limit {
                break;
            }
            if degree.get(a).is_none_or(|d| *d == 0) {
                continue;
            }
            let later = self
                .statements()
                .filter(|(b, t)| *b > a && self.do_clash(s, *t));
            sets.extend(
                later
                    .take(limit - sets.len())
                    .map(|(b, _)| Bits::of([a, b])),
            );
        }
        let share = |d: u64| {
            if d > 0 {
                BTreeMap::from([(2, d.into())])
            } else {
                BTreeMap::new()
            }
        };
        Conflicts {
            // Tensions are not counted.
            complete: self.base.iter().all(Option::is_none),
            crowd: Some(Crowd {
                total: total + alone,
                shares: degree.into_iter().map(share).collect(),
                group: self.groups(),
            }),
            sets,
        }
    }

    /// The pairs among some statements.
    pub(crate) fn among(&self, places: &[usize]) -> Vec<(usize, usize)> {
        let left = places.iter().filter_map(|p| Some((*p, self.left(*p)?)));
        self.clashes(&left.collect::<Vec<_>>())
    }

    /// The values of one variable at which the most of some members meet, with how many do not hold it: the maximal cliques of an
    /// interval graph (Fulkerson & Gross 1965), fewest left out first.
    pub(crate) fn cliques(&self, places: &[usize]) -> Vec<(usize, i128)> {
        let involved = || places.iter().filter_map(|p| self.left(*p));
        let mut lows: Vec<i128> = involved().map(|s| s.low).collect();
        let mut highs: Vec<i128> = involved().map(|s| s.high).collect();
        lows.sort_unstable();
        highs.sort_unstable();
        let count = lows.len();
        let mut starts = lows.clone();
        starts.dedup();
        let mut out = Vec::new();
        for (i, low) in starts.iter().enumerate() {
            // Maximal if one of them ends before the next begins.
            let ended = highs.partition_point(|h| h < low);
            let next_end = highs.get(ended);
            let next_start = starts.get(i + 1);
            if next_start.is_none_or(|next| next_end.is_some_and(|end| end < next)) {
                let begun = lows.partition_point(|l| l <= low);
                out.push((count - (begun - ended), *low));
            }
        }
        out.sort_unstable();
        out
    }

    /// Those of some members that do not hold a value of the one variable.
    pub(crate) fn without(&self, places: &[usize], value: i128) -> Vec<usize> {
        let holds = |p: &usize| {
            self.left(*p)
                .is_some_and(|s| s.low <= value && value <= s.high)
        };
        places.iter().copied().filter(|p| !holds(p)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cluster::clusters;
    use crate::network::covers::minimal;
    use crate::network::decide::decide;
    use crate::network::order::trees::{json, plans};
    use proptest::prelude::*;

    /// Every set of units tried.
    fn slowly(cluster: &Cluster) -> Vec<Bits> {
        let mut impossible: Vec<Bits> = Vec::new();
        for mask in 0_u32..1 << cluster.members.len() {
            let set = Bits::of((0..cluster.members.len()).filter(|i| mask >> i & 1 == 1));
            let is_closed = set
                .iter()
                .all(|p| cluster.closure(p).all(|q| set.contains(q)));
            if is_closed && decide(cluster, set.iter(), &[]).is_impossible() {
                impossible.push(set);
            }
        }
        in_order(minimal(impossible))
    }

    fn in_order(mut sets: Vec<Bits>) -> Vec<Bits> {
        sets.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.iter().cmp(b.iter())));
        sets
    }

    fn check(cluster: &Cluster, limit: usize) -> Result<usize, TestCaseError> {
        let order = Order::of(cluster).unwrap();
        let apart = Apart::new(cluster, &order);
        let slow = slowly(cluster);
        prop_assert_eq!(&in_order(apart.conflicts(0).sets), &slow);
        let (degree, total) = apart.degrees();
        let crowd = apart.crowd(degree, total, limit);
        let stands = |p: usize| cluster.members[p].stands_on.is_some();
        let said: Vec<Bits> = slow.into_iter().filter(|s| !s.iter().any(stands)).collect();
        // Those of a unit alone are listed in any case.
        let alone = said.iter().filter(|s| s.len() == 1).count();
        let first = &said[..limit.max(alone).min(said.len())];
        prop_assert_eq!(&crowd.sets[..], first);
        let plain = Crowd::of(&said, cluster.members.len());
        let counted = crowd.crowd.unwrap();
        prop_assert_eq!(counted.total, plain.total);
        prop_assert_eq!(&counted.shares, &plain.shares);
        prop_assert_eq!(&counted.group, &plain.group);
        let all: Vec<usize> = (0..cluster.members.len()).filter(|p| !stands(*p)).collect();
        let pairs: Vec<Bits> = apart
            .among(&all)
            .into_iter()
            .map(|(a, b)| Bits::of([a, b]))
            .collect();
        let several: Vec<Bits> = said.into_iter().filter(|s| s.len() > 1).collect();
        prop_assert_eq!(&in_order(pairs), &several);
        Ok(several.len())
    }

    proptest! {
        /// Listing and counting find what trying every set of units finds.
        #[test]
        fn agrees_with_trying_every_set(plan in plans(7, 3..8), first in 0_usize..7, limit in 0_usize..9) {
            let dossier = Dossier::from_json(json(&plan, first, 0).as_bytes()).unwrap();
            let network = &compile(&dossier).network;
            for pass in [Pass::Entailed, Pass::Suggested] {
                for cluster in clusters(network, pass) {
                    // What is hard may be impossible by itself.
                    if !decide(&cluster, [], &[]).is_impossible() {
                        check(&cluster, limit)?;
                    }
                }
            }
        }
    }
}
