//! Conflicts of a tree of sums one by one, where they are few.

use super::{End, Ends, Tree, at};
use crate::network::bits::Bits;

/// Lists as far as its work goes.
pub(super) struct Lister<'a> {
    tree: &'a Tree,
    limit: usize,
    /// Ends that may still be looked at.
    pub(super) left: u64,
    pub(super) out: Vec<Bits>,
    /// By variable: itself, those above and those below.
    near: Vec<Bits>,
}

/// Lower ends below a variable, greatest first.
struct Ranked<'a> {
    ends: &'a [End],
    /// By rank: the most that ends from there on can add up to, none below another.
    most: &'a [i128],
    /// What they must exceed.
    high: End,
}

impl<'a> Lister<'a> {
    pub(super) fn new(tree: &'a Tree, limit: usize, work: u64) -> Self {
        let mut near = vec![Bits::default(); tree.parts.len()];
        for v in 0..tree.parts.len() {
            for w in tree.below(v) {
                for (a, b) in [(v, w), (w, v)] {
                    if let Some(list) = near.get_mut(a) {
                        list.insert(b);
                    }
                }
            }
        }
        Self {
            tree,
            limit,
            left: work,
            out: Vec::new(),
            near,
        }
    }

    fn spend(&mut self, work: usize) -> Option<()> {
        self.left = self.left.checked_sub(work as u64)?;
        Some(())
    }

    fn push(&mut self, places: impl IntoIterator<Item = usize>) -> Option<()> {
        self.out.push(Bits::of(places));
        (self.out.len() <= self.limit).then_some(())
    }

    /// All conflicts of two units and more; `None` if there are too many, or it takes too much.
    pub(super) fn list(&mut self, Ends { lower, upper, .. }: &Ends) -> Option<()> {
        // By variable: the most that upper ends at or below it leave.
        let mut caps: Vec<Option<i128>> = vec![None; self.tree.parts.len()];
        for v in self.tree.upwards() {
            let own = at(upper, v).iter().map(|e| e.value).min();
            *caps.get_mut(v)? = match (own, self.cap_below(&caps, v)) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        for v in 0..self.tree.parts.len() {
            let (lows, highs) = (at(lower, v), at(upper, v));
            for high in highs {
                self.spend(lows.len())?;
                for low in lows.iter().filter(|low| low.value > high.value) {
                    self.push([high.place, low.place])?;
                }
            }
            let below: Vec<usize> = self.tree.below(v).into_iter().skip(1).collect();
            if below.is_empty() {
                continue;
            }
            if !highs.is_empty() {
                let mut ends: Vec<End> =
                    below.iter().flat_map(|w| at(lower, *w)).copied().collect();
                ends.retain(|e| e.value > 0);
                ends.sort_unstable_by_key(|e| (std::cmp::Reverse(e.value), e.place));
                let most = self.most(&ends)?;
                for high in highs {
                    let ranked = Ranked {
                        ends: &ends,
                        most: &most,
                        high: *high,
                    };
                    self.exceeding(&ranked, 0, 0, &Bits::default(), &mut vec![high.place])?;
                }
            }
            let Some(cap) = self.cap_below(&caps, v) else {
                continue;
            };
            for low in lows.iter().filter(|low| cap < low.value) {
                let parts = self.tree.parts(v).to_vec();
                let room = low.value - 1;
                self.cutting(upper, &caps, parts, room, &mut vec![low.place])?;
            }
        }
        Some(())
    }

    /// The most that the parts of a variable leave it, given what each may be at most; `None` if that is no bound.
    fn cap_below(&self, caps: &[Option<i128>], v: usize) -> Option<i128> {
        let (parts, true) = self.tree.parts.get(v)?.as_ref()? else {
            return None;
        };
        parts.iter().try_fold(0_i128, |sum, p| {
            sum.checked_add(caps.get(*p).copied().flatten()?)
        })
    }

    /// By rank, the greatest sum of ends from there on, none below another: of each variable its greatest, or what its parts add up to.
    fn most(&mut self, ends: &[End]) -> Option<Vec<i128>> {
        let order = self.tree.upwards();
        let mut own = vec![0_i128; self.tree.parts.len()];
        let mut out = vec![0; ends.len() + 1];
        for (rank, e) in ends.iter().enumerate().rev() {
            self.spend(order.len())?;
            let slot = own.get_mut(e.at)?;
            *slot = (*slot).max(e.value);
            let mut best = own.clone();
            for v in &order {
                let parts = self.tree.parts(*v).iter();
                let sum = parts
                    .filter_map(|p| best.get(*p))
                    .try_fold(0_i128, |a, b| a.checked_add(*b))?;
                let slot = best.get_mut(*v)?;
                *slot = (*slot).max(sum);
            }
            *out.get_mut(rank)? = best.iter().copied().max()?;
        }
        Some(out)
    }

    /// Chooses ends from a rank on, greatest first: the set is complete with the first that exceeds, and minimal, as that is its least.
    fn exceeding(
        &mut self,
        ranked: &Ranked<'_>,
        from: usize,
        sum: i128,
        taken: &Bits,
        chosen: &mut Vec<usize>,
    ) -> Option<()> {
        for (rank, e) in ranked.ends.iter().enumerate().skip(from) {
            self.spend(1)?;
            if sum.checked_add(*ranked.most.get(rank)?)? <= ranked.high.value {
                break;
            }
            if taken.contains(e.at) {
                continue;
            }
            let with = sum + e.value;
            chosen.push(e.place);
            if with > ranked.high.value {
                self.push(chosen.iter().copied())?;
            } else {
                let taken = taken.union(self.near.get(e.at)?);
                self.exceeding(ranked, rank + 1, with, &taken, chosen)?;
            }
            chosen.pop();
        }
        Some(())
    }

    /// Chooses upper ends that cut every way down from the variables open, together at most `room`. What is left of the room is always
    /// enough, so that every way leads to a conflict.
    fn cutting(
        &mut self,
        upper: &[Vec<End>],
        caps: &[Option<i128>],
        mut open: Vec<usize>,
        room: i128,
        chosen: &mut Vec<usize>,
    ) -> Option<()> {
        let Some(v) = open.pop() else {
            return self.push(chosen.iter().copied());
        };
        let rest: i128 = open
            .iter()
            .filter_map(|w| caps.get(*w).copied().flatten())
            .try_fold(0_i128, i128::checked_add)?;
        for e in at(upper, v) {
            self.spend(1)?;
            if e.value + rest <= room {
                chosen.push(e.place);
                self.cutting(upper, caps, open.clone(), room - e.value, chosen)?;
                chosen.pop();
            }
        }
        if self.cap_below(caps, v).is_some_and(|b| b + rest <= room) {
            let parts = self.tree.parts(v);
            self.spend(parts.len())?;
            open.extend(parts);
            self.cutting(upper, caps, open, room, chosen)?;
        }
        Some(())
    }
}
