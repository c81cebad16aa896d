//! Claims on variables below and above one another: how many are on a variable that another claim narrows.
//!
//! A claim narrows the variables above its own as far as they could be less than its lower end, and those below as far as they could be
//! more than its upper end. Each is counted where the way there passes a centre.

use crate::network::centres::{Centres, Meeting};
use crate::network::cluster::Cluster;
use crate::network::fenwick::Fenwick;
use crate::network::order::Order;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// Claims met so far on variables that links put below and above one another.
pub(super) struct Ordered {
    order: Order,
    hulls: Vec<Interval>,
    /// By level of centres.
    levels: Vec<Level>,
    /// By position: claims met there.
    here: Vec<u64>,
}

/// The variables joined with each centre of a level.
struct Level {
    meetings: Vec<Option<Meeting>>,
    above: Met,
    below: Met,
}

impl Ordered {
    /// `None` where it is one variable alone, or none of that kind.
    pub(super) fn of(cluster: &Cluster) -> Option<Self> {
        if cluster.hard.is_empty() {
            return None;
        }
        let order = Order::of(cluster).filter(|o| o.len() > 1)?;
        let hulls = order.hulls()?.to_vec();
        let levels = Centres::new(&order).into_levels().into_iter();
        let levels = levels.map(|meetings| Level {
            above: Met::new(&meetings, |m| m.is_above, &hulls, |h| h.low_key()),
            below: Met::new(&meetings, |m| m.is_below, &hulls, |h| !h.high_key()),
            meetings,
        });
        Some(Self {
            levels: levels.collect(),
            here: vec![0; order.len()],
            order,
            hulls,
        })
    }

    /// How many claims met so far, `own` of them on the same variable, are on a variable that this claim narrows; then the claim is met, too.
    /// O(log² n).
    pub(super) fn count(&mut self, local: usize, set: &Set, own: u64) -> u64 {
        let (position, shift) = self.order.place(local);
        let count = self.narrowed(position, shift, set, own).unwrap_or(0);
        for level in &mut self.levels {
            level.above.add(position);
            level.below.add(position);
        }
        if let Some(n) = self.here.get_mut(position) {
            *n += 1;
        }
        count
    }

    fn narrowed(&self, position: usize, shift: i128, set: &Set, own: u64) -> Option<u64> {
        let hull = *self.hulls.get(position)?;
        let shifted = set.plus(&Set::from_numbers([shift]));
        let left = shifted.intersection(&hull.into()).hull()?;
        let mut out = 0;
        for level in &self.levels {
            let Some(meeting) = level.meetings.get(position).copied().flatten() else {
                continue;
            };
            if meeting.is_below {
                out += level.above.count(meeting.centre, left.low_key());
            }
            if meeting.is_above {
                out += level.below.count(meeting.centre, !left.high_key());
            }
        }
        // Those on the same position are met at the centre that it is itself, once for each end that is narrowed.
        let here = *self.here.get(position)?;
        let ends = u64::from(left.low_key() > hull.low_key())
            + u64::from(left.high_key() < hull.high_key());
        out = out.saturating_sub(here * ends);
        let level = if ends > 0 {
            here.saturating_sub(own)
        } else {
            0
        };
        Some(out + level)
    }
}

/// Claims met so far on the positions on one side of each centre, by the key of their position: the lower end of what it is left with, or the
/// upper end turned round.
struct Met {
    /// By centre, ascending: the first of its keys.
    first: Vec<(u32, usize)>,
    /// Ascending for each centre.
    keys: Vec<i128>,
    /// By position: the place of its key.
    at: Vec<Option<usize>>,
    met: Fenwick,
}

impl Met {
    fn new(
        meetings: &[Option<Meeting>],
        is_there: fn(&Meeting) -> bool,
        hulls: &[Interval],
        key: fn(&Interval) -> i128,
    ) -> Self {
        let mut all: Vec<(u32, i128, usize)> = Vec::new();
        for (position, (meeting, hull)) in meetings.iter().zip(hulls).enumerate() {
            let there = meeting.filter(is_there);
            all.extend(there.map(|m| (m.centre, key(hull), position)));
        }
        all.sort_unstable();
        let mut out = Self {
            first: Vec::new(),
            keys: all.iter().map(|(_, key, _)| *key).collect(),
            at: vec![None; meetings.len()],
            met: Fenwick::new(all.len()),
        };
        for (place, (centre, _, position)) in all.iter().enumerate() {
            if out.first.last().is_none_or(|(c, _)| c != centre) {
                out.first.push((*centre, place));
            }
            if let Some(slot) = out.at.get_mut(*position) {
                *slot = Some(place);
            }
        }
        out
    }

    fn add(&mut self, position: usize) {
        if let Some(place) = self.at.get(position).copied().flatten() {
            self.met.add(place, 1);
        }
    }

    /// How many have a smaller key, at a centre.
    fn count(&self, centre: u32, key: i128) -> u64 {
        let Ok(n) = self.first.binary_search_by_key(&centre, |(c, _)| *c) else {
            return 0;
        };
        let start = |n: usize| self.first.get(n).map(|(_, place)| *place);
        let from = start(n).unwrap_or(0);
        let keys = self
            .keys
            .get(from..start(n + 1).unwrap_or(self.keys.len()))
            .unwrap_or_default();
        let to = from + keys.partition_point(|k| *k < key);
        let up_to = |n: usize| n.checked_sub(1).map_or(0, |last| self.met.up_to(last));
        u64::try_from(up_to(to) - up_to(from)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cluster::clusters;
    use crate::network::order::trees::{json, plans};
    use proptest::prelude::*;

    /// What is left by position if a set holds, worked out for all of them.
    fn left(order: &Order, local: usize, set: &Set) -> Option<Vec<Interval>> {
        let mut hulls = order.hulls()?.to_vec();
        let (position, shift) = order.place(local);
        let shifted = set.plus(&Set::from_numbers([shift]));
        let slot = &mut hulls[position];
        *slot = shifted.intersection(&(*slot).into()).hull()?;
        order.spread(hulls)
    }

    proptest! {
        /// As many claims are narrowed as are where what is left differs.
        #[test]
        fn counts_what_is_narrowed(plan in plans(9, 2..16), first in 0_usize..9) {
            let dossier = Dossier::from_json(json(&plan, first, 0).as_bytes()).unwrap();
            let network = &compile(&dossier).network;
            for cluster in clusters(network, Pass::Entailed) {
                let Some(mut ordered) = Ordered::of(&cluster) else { continue };
                let order = Order::of(&cluster).unwrap();
                let said: Vec<(usize, &Set)> = cluster.members.iter().map(|m| (m.within[0].0, &m.within[0].1)).collect();
                for (i, (local, set)) in said.iter().enumerate() {
                    let met = &said[..i];
                    let own = met.iter().filter(|(v, _)| v == local).count() as u64;
                    let hulls = order.hulls().unwrap();
                    let slow = left(&order, *local, set).map_or(0, |left| {
                        let differs = |v: usize| {
                            let p = order.place(v).0;
                            left[p] != hulls[p]
                        };
                        met.iter().filter(|(v, _)| v != local && differs(*v)).count()
                    });
                    prop_assert_eq!(ordered.count(*local, set, own), slow as u64);
                }
            }
        }
    }
}
