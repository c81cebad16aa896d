//! How the ends of what is left are spread over the cells of a line.
//!
//! Going along variables in a row, what all before one leave it is a lower end, what all after one leave it an upper end; each has a
//! weight in every cell. A variable multiplies these weights by what it says of the cell, the same factor for long runs of cells, and
//! gives new weight to the cells where its own units end. A tree over the cells takes both in O(log n).

use crate::sets::weight::Weight;

/// Which ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Lower,
    Upper,
}

/// Sums over a run of cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) lower: Weight,
    pub(crate) upper: Weight,
    /// Of lower ends times upper ends, the upper in the same cell or a later one.
    pub(crate) both: Weight,
}

impl Sum {
    const ZERO: Self = Self {
        lower: Weight::ZERO,
        upper: Weight::ZERO,
        both: Weight::ZERO,
    };

    /// Followed by another run.
    fn then(self, next: Self) -> Self {
        Self {
            lower: self.lower + next.lower,
            upper: self.upper + next.upper,
            both: self.both + next.both + self.lower * next.upper,
        }
    }

    fn times(self, factors: Factors) -> Self {
        Self {
            lower: self.lower * factors.lower,
            upper: self.upper * factors.upper,
            both: self.both * factors.lower * factors.upper,
        }
    }
}

/// What a run's weights are still to be multiplied by.
#[derive(Debug, Clone, Copy)]
struct Factors {
    lower: Weight,
    upper: Weight,
}

impl Factors {
    const NONE: Self = Self {
        lower: Weight::ONE,
        upper: Weight::ONE,
    };

    fn and(self, other: Self) -> Self {
        Self {
            lower: self.lower * other.lower,
            upper: self.upper * other.upper,
        }
    }

    fn one(side: Side, factor: Weight) -> Self {
        match side {
            Side::Lower => Self {
                lower: factor,
                upper: Weight::ONE,
            },
            Side::Upper => Self {
                lower: Weight::ONE,
                upper: factor,
            },
        }
    }

    fn of(self, side: Side) -> Weight {
        match side {
            Side::Lower => self.lower,
            Side::Upper => self.upper,
        }
    }
}

/// A change of one cell's weight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) cell: usize,
    pub(crate) weight: Weight,
}

/// Weights of lower and upper ends by cell.
///
/// A run's factors are kept where they were given, and count for everything below it in the tree.
#[derive(Debug)]
pub(crate) struct Frontier {
    cells: usize,
    /// Leaves, in the tree: a power of two.
    width: usize,
    sums: Vec<Sum>,
    factors: Vec<Factors>,
}

impl Frontier {
    pub(crate) fn new(cells: usize) -> Self {
        let width = cells.next_power_of_two();
        Self {
            cells,
            width,
            sums: vec![Sum::ZERO; 2 * width],
            factors: vec![Factors::NONE; 2 * width],
        }
    }

    fn sum(&self, node: usize) -> Sum {
        self.sums.get(node).copied().unwrap_or(Sum::ZERO)
    }

    fn factor(&self, node: usize) -> Factors {
        self.factors.get(node).copied().unwrap_or(Factors::NONE)
    }

    fn pull(&mut self, node: usize) {
        let both = self.sum(2 * node).then(self.sum(2 * node + 1));
        let own = both.times(self.factor(node));
        if let Some(slot) = self.sums.get_mut(node) {
            *slot = own;
        }
    }

    /// Multiplies the weights of one side: from each of `starts` (ascending, the first 0) to the next by the factor in its place. O(k log n)
    /// for k runs.
    pub(crate) fn scale(&mut self, side: Side, starts: &[usize], factors: &[Weight]) {
        self.scale_in(1, 0, self.width, side, starts, factors);
    }

    fn scale_in(
        &mut self,
        node: usize,
        from: usize,
        to: usize,
        side: Side,
        starts: &[usize],
        factors: &[Weight],
    ) {
        if from >= self.cells {
            return;
        }
        // `starts` are cut to those that matter here.
        if starts.len() <= 1
            || starts
                .get(1)
                .is_some_and(|next| *next >= to.min(self.cells))
        {
            let factor = Factors::one(side, factors.first().copied().unwrap_or(Weight::ONE));
            if let Some(slot) = self.sums.get_mut(node) {
                *slot = slot.times(factor);
            }
            if let Some(slot) = self.factors.get_mut(node) {
                *slot = slot.and(factor);
            }
            return;
        }
        let middle = usize::midpoint(from, to);
        let left = starts.partition_point(|s| *s < middle);
        let right = starts.partition_point(|s| *s <= middle).max(1) - 1;
        let first = (
            starts.get(..left).unwrap_or_default(),
            factors.get(..left).unwrap_or_default(),
        );
        let second = (
            starts.get(right..).unwrap_or_default(),
            factors.get(right..).unwrap_or_default(),
        );
        self.scale_in(2 * node, from, middle, side, first.0, first.1);
        self.scale_in(2 * node + 1, middle, to, side, second.0, second.1);
        self.pull(node);
    }

    /// Adds to the weights of cells, ascending.
    pub(crate) fn add(&mut self, side: Side, changes: &[Change]) {
        self.change(1, 0, self.width, Weight::ONE, side, changes, true);
    }

    /// Replaces the weights of cells, ascending.
    pub(crate) fn put(&mut self, side: Side, changes: &[Change]) {
        self.change(1, 0, self.width, Weight::ONE, side, changes, false);
    }

    #[expect(clippy::too_many_arguments, reason = "a recursion carries its state")]
    fn change(
        &mut self,
        node: usize,
        from: usize,
        to: usize,
        above: Weight,
        side: Side,
        changes: &[Change],
        adds: bool,
    ) {
        if changes.is_empty() {
            return;
        }
        if to - from == 1 {
            // The factor of a leaf is in its sum already.
            let weight = changes
                .iter()
                .fold(Weight::ZERO, |sum, c| sum + c.weight)
                .over(above);
            if let Some(slot) = self.sums.get_mut(node) {
                let own = match side {
                    Side::Lower => &mut slot.lower,
                    Side::Upper => &mut slot.upper,
                };
                *own = if adds { *own + weight } else { weight };
                slot.both = slot.lower * slot.upper;
            }
            return;
        }
        let above = above * self.factor(node).of(side);
        let middle = usize::midpoint(from, to);
        let (left, right) = changes.split_at(changes.partition_point(|c| c.cell < middle));
        self.change(2 * node, from, middle, above, side, left, adds);
        self.change(2 * node + 1, middle, to, above, side, right, adds);
        self.pull(node);
    }

    /// The sums of the runs that begin at each of `starts`, ascending, the first 0. O(k log n) for k runs.
    pub(crate) fn sums(&self, starts: &[usize]) -> Vec<Sum> {
        let mut out = vec![Sum::ZERO; starts.len()];
        self.sums_in(1, 0, self.width, Factors::NONE, starts, &mut out);
        out
    }

    fn sums_in(
        &self,
        node: usize,
        from: usize,
        to: usize,
        above: Factors,
        starts: &[usize],
        out: &mut [Sum],
    ) {
        if from >= self.cells {
            return;
        }
        if starts.len() <= 1
            || starts
                .get(1)
                .is_some_and(|next| *next >= to.min(self.cells))
        {
            if let Some(slot) = out.first_mut() {
                *slot = slot.then(self.sum(node).times(above));
            }
            return;
        }
        let above = above.and(self.factor(node));
        let middle = usize::midpoint(from, to);
        let left = starts.partition_point(|s| *s < middle);
        let right = starts.partition_point(|s| *s <= middle).max(1) - 1;
        let first = starts.get(..left).unwrap_or_default();
        let second = starts.get(right..).unwrap_or_default();
        self.sums_in(2 * node, from, middle, above, first, out);
        self.sums_in(
            2 * node + 1,
            middle,
            to,
            above,
            second,
            out.get_mut(right..).unwrap_or_default(),
        );
    }

    /// The weight of one cell. O(log n).
    pub(crate) fn weight(&self, side: Side, cell: usize) -> Weight {
        let mut node = self.width + cell;
        let own = self.sum(node);
        let mut out = match side {
            Side::Lower => own.lower,
            Side::Upper => own.upper,
        };
        while node > 1 {
            node /= 2;
            out = out * self.factor(node).of(side);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One thing to do: side, start of a run with its factor, cell with its weight, and how.
    fn steps() -> impl Strategy<Value = Vec<(bool, usize, u8, usize, u8, bool)>> {
        proptest::collection::vec(
            (
                any::<bool>(),
                1_usize..11,
                1_u8..9,
                0_usize..11,
                0_u8..9,
                any::<bool>(),
            ),
            1..12,
        )
    }

    proptest! {
        /// The tree and plain lists agree.
        #[test]
        fn agrees_with_lists(steps in steps(), cuts in proptest::collection::btree_set(1_usize..11, 0..5)) {
            let mut tree = Frontier::new(11);
            let mut lists = [[0.0_f64; 11]; 2];
            for (upper, start, factor, cell, weight, adds) in steps {
                let side = if upper { Side::Upper } else { Side::Lower };
                let list = &mut lists[usize::from(upper)];
                let (factor, weight) = (f64::from(factor) / 4.0, f64::from(weight));
                tree.scale(side, &[0, start], &[Weight::new(0.5), Weight::new(factor)]);
                for (i, x) in list.iter_mut().enumerate() {
                    *x *= if i < start { 0.5 } else { factor };
                }
                let change = [Change { cell, weight: Weight::new(weight) }];
                if adds {
                    tree.add(side, &change);
                    list[cell] += weight;
                } else {
                    tree.put(side, &change);
                    list[cell] = weight;
                }
                prop_assert!((tree.weight(side, cell).get() - list[cell]).abs() < 1e-9);
            }
            let starts: Vec<usize> = std::iter::once(0).chain(cuts).collect();
            let sums = tree.sums(&starts);
            for (i, sum) in sums.iter().enumerate() {
                let run = starts[i]..starts.get(i + 1).copied().unwrap_or(11);
                let [lower, upper] = &lists;
                let both: f64 = run.clone().map(|a| (a..run.end).map(|b| lower[a] * upper[b]).sum::<f64>()).sum();
                prop_assert!((sum.lower.get() - lower[run.clone()].iter().sum::<f64>()).abs() < 1e-9);
                prop_assert!((sum.upper.get() - upper[run.clone()].iter().sum::<f64>()).abs() < 1e-9);
                prop_assert!((sum.both.get() - both).abs() < 1e-9);
            }
        }
    }
}
