//! What other variables say of one.

use super::{Log, UNIT, log};
use crate::sets::weight::Weight;

/// What other variables say of this one, as logarithms by cell.
#[derive(Debug, Clone)]
pub(in crate::network) struct Around {
    /// That they leave a value in the cell.
    cells: Vec<Log>,
    /// That they leave its last value and the first one of the next.
    joints: Vec<Log>,
    reach: Reach,
}

/// What is known of how likely they leave all of a run of cells.
#[derive(Debug, Clone)]
enum Reach {
    /// What they leave from below and from above is independent.
    Ends {
        /// That they leave, from below, the last value of the cell.
        before: Vec<Log>,
        /// That they leave, from above, its first value.
        after: Vec<Log>,
    },
    /// Bounds follow from how likely they leave some value.
    Bounds {
        cells: Vec<Weight>,
        joints: Vec<Weight>,
        /// In the cell or below it.
        below: Vec<Weight>,
        /// In the cell or above it.
        above: Vec<Weight>,
    },
}

/// Cells that bounds are looked for in.
const FEW: usize = 16;

impl Around {
    /// Where what comes from below is independent of what comes from above: that the others leave a value in the cell; from below, its
    /// last value; from above, its first.
    pub(in crate::network) fn of_ends(cells: Vec<Log>, before: Vec<Log>, after: Vec<Log>) -> Self {
        let next = after.iter().skip(1);
        Self {
            cells,
            joints: before.iter().zip(next).map(|(a, b)| a + b).collect(),
            reach: Reach::Ends { before, after },
        }
    }

    /// Where it need not be: that the others leave some value in the cell; its last and the next one's first; some value in the cell or
    /// below; in the cell or above.
    pub(in crate::network) fn of_stretch(
        cells: Vec<Weight>,
        joints: Vec<Weight>,
        below: Vec<Weight>,
        above: Vec<Weight>,
    ) -> Self {
        let logs = |list: &[Weight]| list.iter().map(|w| log(*w)).collect();
        Self {
            cells: logs(&cells),
            joints: logs(&joints),
            reach: Reach::Bounds {
                cells,
                joints,
                below,
                above,
            },
        }
    }

    /// Of a place: a cell, or the joint after it.
    pub(super) fn of(&self, place: usize) -> Log {
        let list = match place % 2 {
            0 => &self.cells,
            _ => &self.joints,
        };
        list.get(place / 2).copied().unwrap_or(0)
    }

    /// Bounds on how likely the others leave all from the last value of one cell to the first value of a later one.
    pub(super) fn reach(&self, first: usize, last: usize) -> [Log; 2] {
        let (cells, joints, below, above) = match &self.reach {
            Reach::Ends { before, after } => {
                let get = |list: &[Log], i: usize| list.get(i).copied().unwrap_or(0);
                return [get(before, first) + get(after, last); 2];
            }
            Reach::Bounds {
                cells,
                joints,
                below,
                above,
            } => (cells, joints, below, above),
        };
        let get = |list: &[Weight], i: usize| list.get(i).copied().unwrap_or(Weight::ZERO);
        let within = joints.get(first..last).unwrap_or_default();
        // No more than any joint on the way.
        let some = within.iter().take(FEW).chain(within.iter().rev().take(FEW));
        let smaller = |a: Weight, b: Weight| if b.share_of(a) < 1.0 { b } else { a };
        let mut high = get(below, first);
        for joint in some.chain([&get(above, last)]) {
            if high.is_zero() || joint.is_zero() {
                return [log(Weight::ZERO); 2];
            }
            high = smaller(high, *joint);
        }
        // What lets values be so low and what lets them be so high is the same: that units are not active (Harris 1960).
        let mut low = get(below, first) * get(above, last);
        let all = below.last().copied().unwrap_or(Weight::ZERO);
        let mut try_sum = |plus: &[Weight], minus: &[Weight]| {
            let of = |list: &[Weight]| list.iter().map(|w| w.share_of(high)).sum::<f64>();
            let share = of(plus) - of(minus);
            if share > 0.0 && share.is_finite() {
                let sum = high * Weight::new(share.min(1.0));
                if low.is_zero() || low.share_of(sum) < 1.0 {
                    low = sum;
                }
            }
        };
        // What is so low and what is so high together: more than there is.
        try_sum(&[get(below, first), get(above, last)], &[all]);
        // A stretch holds as many joints as cells between them, or fewer; one more only if it holds all of them.
        if within.len() <= FEW {
            let between = cells.get(first + 1..last).unwrap_or_default();
            try_sum(within, between);
        }
        if high.share_of(low) < 1.0 {
            low = high;
        }
        [log(low), log(high)]
    }
}

/// A logarithm as a weight.
pub(super) fn weight(log: Log) -> Weight {
    Weight::power_of_two(log, UNIT)
}
