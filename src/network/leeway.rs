//! What is left of a variable, at random: a stretch of values, or none.
//!
//! By cell, between values where it can begin or end: the chance that it holds the cell, that it begins there, that it ends there, and that
//! it holds the joint with the cell before. What independent stretches have in common, and what their values add up to, is told by these
//! chances alone, and all terms are positive, so that nothing cancels: in what one stretch has in common with another turned round, count
//! where it begins (its Euler characteristic is 1).

use super::eliminate::OverBudget;
use crate::sets::interval::Interval;
use crate::sets::weight::Weight;

/// A stretch of values, or none, at random.
#[derive(Debug, Clone)]
pub(super) struct Leeway {
    /// First value of each cell, ascending, the first of which may be [`OPEN_LOW`].
    starts: Vec<i128>,
    /// Of the last cell, or [`OPEN_HIGH`].
    last: i128,
    cells: Vec<Cell>,
}

/// Stands for no end below, and above.
const OPEN_LOW: i128 = i128::MIN;
const OPEN_HIGH: i128 = i128::MAX;

/// Ends must stay below this, so that sums of them can be had.
const FAR: i128 = 1 << 100;

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The chance of all of the cell; a stretch holds all or nothing of it.
    holds: Weight,
    /// Of the last value of the cell before and the first of this one.
    joint: Weight,
    /// That the stretch begins here.
    begins: Weight,
    /// That it ends here.
    ends: Weight,
}

impl Cell {
    const EMPTY: Self = Self {
        holds: Weight::ZERO,
        joint: Weight::ZERO,
        begins: Weight::ZERO,
        ends: Weight::ZERO,
    };
}

/// A value and its weight.
type Atom = (i128, Weight);

impl Leeway {
    const NOTHING: Self = Self {
        starts: Vec::new(),
        last: OPEN_LOW,
        cells: Vec::new(),
    };

    /// Within `hull`, of cells that begin there and at `cuts`: the chance of each, of the joints between them, and that the stretch begins
    /// in a cell but not before, or ends in it but not after.
    pub(super) fn new(
        hull: Interval,
        cuts: &[i128],
        holds: &[Weight],
        joints: &[Weight],
        [begins, ends]: [&[Weight]; 2],
    ) -> Self {
        let first = hull.lower().unwrap_or(OPEN_LOW);
        let joints = std::iter::once(&Weight::ZERO).chain(joints);
        let ways = holds.iter().zip(joints).zip(begins).zip(ends);
        Self {
            starts: std::iter::once(first).chain(cuts.iter().copied()).collect(),
            last: hull.upper().unwrap_or(OPEN_HIGH),
            cells: ways
                .map(|(((holds, joint), begins), ends)| Cell {
                    holds: *holds,
                    joint: *joint,
                    begins: *begins,
                    ends: *ends,
                })
                .collect(),
        }
        .closed()
    }

    /// For sure.
    pub(super) fn exactly(stretch: Interval) -> Self {
        let one = [Weight::ONE];
        Self::new(stretch, &[], &one, &[], [&one, &one])
    }

    /// Everything from some value on: the weights of such values, and of everything.
    fn at_least(mut atoms: Vec<Atom>, everything: Weight) -> Self {
        atoms.sort_by_key(|(x, _)| *x);
        let mut out = Self {
            starts: Vec::with_capacity(atoms.len() + 1),
            last: OPEN_HIGH,
            cells: Vec::with_capacity(atoms.len() + 1),
        };
        let mut below = Weight::ZERO;
        let open = (OPEN_LOW, everything);
        for (x, weight) in std::iter::once(open).chain(atoms) {
            if weight.is_zero() {
                continue;
            }
            let joint = below;
            below += weight;
            match (out.starts.last(), out.cells.last_mut()) {
                (Some(last), Some(cell)) if *last == x => {
                    cell.holds = below;
                    cell.begins += weight;
                }
                _ => {
                    out.starts.push(x);
                    out.cells.push(Cell {
                        holds: below,
                        joint,
                        begins: weight,
                        ends: Weight::ZERO,
                    });
                }
            }
        }
        out.closed()
    }

    /// Without cells that nothing is in at both ends, and with what begins in the first cell and ends in the last.
    fn closed(mut self) -> Self {
        let is_left = |c: &Cell| !c.holds.is_zero();
        let Some(end) = self.cells.iter().rposition(is_left) else {
            return Self::NOTHING;
        };
        if let Some(next) = self.starts.get(end + 1) {
            self.last = next - 1;
        }
        self.cells.truncate(end + 1);
        self.starts.truncate(end + 1);
        let first = self.cells.iter().position(is_left).unwrap_or(0);
        self.cells.drain(..first);
        self.starts.drain(..first);
        if let Some(cell) = self.cells.first_mut() {
            cell.joint = Weight::ZERO;
            cell.begins = cell.holds;
        }
        if let Some(cell) = self.cells.last_mut() {
            cell.ends = cell.holds;
        }
        self
    }

    /// How many cells it has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// How many stretches it can be, about.
    pub(super) fn ways(&self) -> u64 {
        let count = |of: fn(&Cell) -> Weight| {
            let all = self.cells.iter().filter(|c| !of(c).is_zero());
            all.count() as u64
        };
        count(|c| c.begins) * count(|c| c.ends) / 2 + 1
    }

    /// The chance that there is something.
    pub(super) fn total(&self) -> Weight {
        self.cells
            .iter()
            .fold(Weight::ZERO, |sum, cell| sum + cell.begins)
    }

    /// Each cell with its first and its last value.
    fn stretches(&self) -> impl DoubleEndedIterator<Item = (i128, i128, &Cell)> {
        let next = self.starts.iter().skip(1).map(|x| x - 1);
        let ends = next.chain(std::iter::once(self.last));
        // Zipped by place, so that it can be gone through backwards.
        let ends: Vec<i128> = ends.take(self.cells.len()).collect();
        let starts = self.starts.iter().copied();
        starts
            .zip(ends)
            .zip(&self.cells)
            .map(|((start, end), cell)| (start, end, cell))
    }

    /// Where it can begin, but for below all values.
    fn beginnings(&self) -> Vec<Atom> {
        let starts = self.starts.iter().zip(&self.cells);
        let starts = starts.filter(|(x, c)| **x != OPEN_LOW && !c.begins.is_zero());
        starts.map(|(x, c)| (*x, c.begins)).collect()
    }

    /// Where it can end, but for above all values.
    fn endings(&self) -> Vec<Atom> {
        let ends = self.stretches();
        let ends = ends.filter(|(_, x, c)| *x != OPEN_HIGH && !c.ends.is_zero());
        ends.map(|(_, x, c)| (x, c.ends)).collect()
    }

    /// The chance of everything below some value, and of everything above some value.
    fn open(&self) -> [Weight; 2] {
        let ends = |is_open: bool, cell: Option<&Cell>| match cell {
            Some(cell) if is_open => cell.holds,
            _ => Weight::ZERO,
        };
        [
            ends(self.starts.first() == Some(&OPEN_LOW), self.cells.first()),
            ends(self.last == OPEN_HIGH, self.cells.last()),
        ]
    }

    /// With every value's sign turned.
    #[must_use]
    pub(super) fn negated(&self) -> Self {
        let turn = |x: i128| match x {
            OPEN_LOW => OPEN_HIGH,
            OPEN_HIGH => OPEN_LOW,
            x => -x,
        };
        let mut out = Self {
            starts: Vec::with_capacity(self.starts.len()),
            last: turn(self.starts.first().copied().unwrap_or(OPEN_HIGH)),
            cells: Vec::with_capacity(self.cells.len()),
        };
        let mut joint = Weight::ZERO;
        for (_, end, cell) in self.stretches().rev() {
            out.starts.push(turn(end));
            out.cells.push(Cell {
                holds: cell.holds,
                joint,
                begins: cell.ends,
                ends: cell.begins,
            });
            joint = cell.joint;
        }
        out
    }

    /// With every value moved.
    pub(super) fn plus(mut self, by: i128) -> Result<Self, OverBudget> {
        self.is_near(by)?;
        for x in self.starts.iter_mut().filter(|x| **x != OPEN_LOW) {
            *x += by;
        }
        if self.last != OPEN_HIGH {
            self.last += by;
        }
        Ok(self)
    }

    /// Whether values may be added up without overflow.
    fn is_near(&self, other: i128) -> Result<(), OverBudget> {
        let far = |x: i128| x != OPEN_LOW && x != OPEN_HIGH && x.abs() >= FAR;
        let ends = [self.starts.first(), self.starts.get(1), self.starts.last()];
        let mut ends = ends.into_iter().flatten().copied().chain([self.last]);
        if ends.any(far) || far(other) {
            Err(OverBudget)
        } else {
            Ok(())
        }
    }

    /// Everything that is no less than some value of this, times `factor`, which is not 0.
    pub(super) fn and_above(&self, factor: i128) -> Result<Self, OverBudget> {
        let turned;
        let (this, factor) = if factor < 0 {
            turned = self.negated();
            (&turned, factor.checked_neg().ok_or(OverBudget)?)
        } else {
            (self, factor)
        };
        let times = |(x, w): Atom| Some((x.checked_mul(factor)?, w));
        let atoms = this.beginnings().into_iter().map(times);
        let atoms: Vec<Atom> = atoms.collect::<Option<_>>().ok_or(OverBudget)?;
        Ok(Self::at_least(atoms, this.open()[0]))
    }

    /// The values that, times `divisor`, are no more than `right` less some value of this.
    pub(super) fn leaves(&self, right: i128, divisor: i128) -> Result<Self, OverBudget> {
        self.is_near(right)?;
        let mut atoms = Vec::with_capacity(self.cells.len());
        for (x, w) in self.beginnings() {
            let left = Interval::at_most(right - x).divided(divisor);
            let left = left.ok_or(OverBudget)?;
            // Upper ends are turned to lower ones.
            let end = match left.upper() {
                Some(x) => -x,
                None => left.lower().ok_or(OverBudget)?,
            };
            atoms.push((end, w));
        }
        let out = Self::at_least(atoms, self.open()[0]);
        Ok(if divisor > 0 { out.negated() } else { out })
    }

    /// What this and an independent one have in common.
    #[must_use]
    pub(super) fn and(&self, other: &Self) -> Self {
        let (Some(a), Some(b)) = (self.starts.first(), other.starts.first()) else {
            return Self::NOTHING;
        };
        let (first, last) = (*a.max(b), self.last.min(other.last));
        if first > last {
            return Self::NOTHING;
        }
        let both = self.starts.iter().chain(&other.starts);
        let mut starts: Vec<i128> = both.copied().filter(|x| first < *x && *x <= last).collect();
        starts.push(first);
        starts.sort_unstable();
        starts.dedup();
        let mut cells = Vec::with_capacity(starts.len());
        let (mut a, mut b) = (self.cursor(), other.cursor());
        for (i, start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).map_or(last, |next| next - 1);
            let (a, b) = (a.cell(*start, end), b.cell(*start, end));
            // What begins is one's beginning where the other is: if both begin, it is counted once.
            cells.push(Cell {
                holds: a.holds * b.holds,
                joint: a.joint * b.joint,
                begins: a.begins * b.holds + a.joint * b.begins,
                ends: a.ends * b.holds + a.beyond * b.ends,
            });
        }
        Self {
            starts,
            last,
            cells,
        }
        .closed()
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor { of: self, at: 0 }
    }

    /// What values of this and of an independent one add up to. `left` is charged.
    pub(super) fn sum(&self, other: &Self, left: &mut u64) -> Result<Self, OverBudget> {
        self.is_near(0)?;
        other.is_near(0)?;
        let (a, b) = if self.len() <= other.len() {
            (self, other)
        } else {
            (other, self)
        };
        let (Some(first), Some(other)) = (a.starts.first(), b.starts.first()) else {
            return Ok(Self::NOTHING);
        };
        let first = match (*first, *other) {
            (OPEN_LOW, _) | (_, OPEN_LOW) => OPEN_LOW,
            (x, y) => x + y,
        };
        let last = match (a.last, b.last) {
            (OPEN_HIGH, _) | (_, OPEN_HIGH) => OPEN_HIGH,
            (x, y) => x + y,
        };
        let (starting, ending) = (a.beginnings(), b.endings());
        let begins = spread(&starting, &b.beginnings(), left)?;
        let ends = spread(&a.endings(), &ending, left)?;
        let cuts = begins.iter().map(|(x, _)| *x);
        let cuts = cuts.chain(ends.iter().map(|(x, _)| x + 1));
        let mut starts: Vec<i128> = cuts.filter(|x| first < *x && *x <= last).collect();
        starts.push(first);
        starts.sort_unstable();
        starts.dedup();
        let work = (starts.len() * (a.len() + starting.len() + 1)) as u64;
        *left = left.checked_sub(work).ok_or(OverBudget)?;
        // Where nothing begins, a value of the first cell.
        let values: Vec<i128> = match starts.get(1) {
            _ if first != OPEN_LOW => starts.clone(),
            next => {
                let inner = next.map_or(last.min(0), |x| x - 1);
                let rest = starts.iter().skip(1).copied();
                std::iter::once(inner).chain(rest).collect()
            }
        };
        let mut cells = vec![Cell::EMPTY; starts.len()];
        // One begins where the other, turned round, is.
        for (y, weight) in &starting {
            let mut cursor = b.cursor();
            for (x, cell) in values.iter().zip(&mut cells) {
                let (holds, joint) = cursor.value(x - y);
                cell.holds += *weight * holds;
                cell.joint += *weight * joint;
            }
        }
        let always = a.open()[0] * b.open()[1];
        a.add_within(&ending, &values, &mut cells);
        let mut begins = begins.into_iter().peekable();
        let mut ends = ends.into_iter().peekable();
        for (i, cell) in cells.iter_mut().enumerate() {
            cell.holds += always;
            cell.joint += always;
            let start = starts.get(i).copied().unwrap_or(first);
            let end = starts.get(i + 1).map_or(last, |next| next - 1);
            if let Some((_, weight)) = begins.next_if(|(x, _)| *x == start) {
                cell.begins = weight;
            }
            if let Some((_, weight)) = ends.next_if(|(x, _)| *x == end) {
                cell.ends = weight;
            }
        }
        Ok(Self {
            starts,
            last,
            cells,
        }
        .closed())
    }

    /// Adds to each value's cell how likely another, turned round, begins within this, but not where this begins: where it ends.
    fn add_within(&self, ending: &[Atom], values: &[i128], cells: &mut [Cell]) {
        let runs = Runs::new(ending);
        for (start, end, own) in self.stretches() {
            let (mut from, mut until) = (Pointer::default(), Pointer::default());
            for (x, cell) in values.iter().zip(cells.iter_mut()) {
                // It begins at what is left of `x`, which is in the cell, but for its first value.
                let low = match end {
                    OPEN_HIGH => 0,
                    end => from.to(ending, x - end),
                };
                let high = match start {
                    OPEN_LOW => ending.len(),
                    start => until.to(ending, x - start),
                };
                let mut sum = Weight::ZERO;
                if !own.holds.is_zero() {
                    sum = own.holds * runs.sum(low, high);
                }
                if start != OPEN_LOW
                    && let Some((last, weight)) = ending.get(high)
                    && *last == x - start
                {
                    sum += own.joint * *weight;
                }
                cell.holds += sum;
                cell.joint += sum;
            }
        }
    }

    /// By cell of others, which begin within `hull` at `cuts`: the chance of some value in it; of its last value and the next one's first;
    /// of some value in it or below; in it or above.
    pub(super) fn by_cells(&self, hull: Interval, cuts: &[i128]) -> [Vec<Weight>; 4] {
        let count = cuts.len() + 1;
        let mut out = [(); 4].map(|()| vec![Weight::ZERO; count]);
        let [cells, joints, below, above] = &mut out;
        let cell_of = |x: i128| cuts.partition_point(|c| *c <= x);
        let add = |list: &mut Vec<Weight>, at: usize, weight: Weight| {
            if let Some(slot) = list.get_mut(at) {
                *slot += weight;
            }
        };
        let least = hull.lower().unwrap_or(OPEN_LOW);
        let mut cursor = self.cursor();
        for (i, start) in std::iter::once(&least).chain(cuts).enumerate() {
            let (holds, joint) = cursor.value(*start);
            add(cells, i, holds);
            if let Some(before) = i.checked_sub(1) {
                add(joints, before, joint);
            }
        }
        for (start, end, cell) in self.stretches() {
            let at = cell_of(start);
            let before = at.checked_sub(1).and_then(|i| cuts.get(i));
            let is_first = before.copied().unwrap_or(least) == start;
            // What begins at the first value of a cell has been counted there; what begins below all, too.
            if start > least && !is_first {
                add(cells, at, cell.begins);
            }
            add(below, at, cell.begins);
            add(above, cell_of(end), cell.ends);
        }
        for (i, before) in (1..count).zip(0..count) {
            let sum = below.get(before).copied().unwrap_or(Weight::ZERO);
            add(below, i, sum);
        }
        for i in (1..count).rev() {
            let sum = above.get(i).copied().unwrap_or(Weight::ZERO);
            add(above, i - 1, sum);
        }
        out
    }
}

/// A place that moves upwards through the cells.
struct Cursor<'a> {
    of: &'a Leeway,
    at: usize,
}

/// A part of a cell.
struct Part {
    holds: Weight,
    joint: Weight,
    /// The joint after it.
    beyond: Weight,
    begins: Weight,
    ends: Weight,
}

impl Cursor<'_> {
    fn seek(&mut self, x: i128) {
        while self.of.starts.get(self.at + 1).is_some_and(|s| *s <= x) {
            self.at += 1;
        }
    }

    /// Of a part of a cell, which must lie within one.
    fn cell(&mut self, start: i128, end: i128) -> Part {
        self.seek(start);
        let cell = self.of.cells.get(self.at).copied().unwrap_or(Cell::EMPTY);
        let next = self.of.starts.get(self.at + 1);
        let is_first = self.of.starts.get(self.at) == Some(&start);
        let is_last = next.map_or(self.of.last, |next| next - 1) == end;
        let beyond = self.of.cells.get(self.at + 1);
        Part {
            holds: cell.holds,
            joint: if is_first { cell.joint } else { cell.holds },
            beyond: match beyond {
                _ if !is_last => cell.holds,
                next => next.map_or(Weight::ZERO, |c| c.joint),
            },
            begins: if is_first { cell.begins } else { Weight::ZERO },
            ends: if is_last { cell.ends } else { Weight::ZERO },
        }
    }

    /// The chance of a value, and of it and the one before it.
    fn value(&mut self, x: i128) -> (Weight, Weight) {
        self.seek(x);
        let start = self.of.starts.get(self.at).copied().unwrap_or(OPEN_HIGH);
        if x < start || x > self.of.last {
            return (Weight::ZERO, Weight::ZERO);
        }
        let cell = self.of.cells.get(self.at).copied().unwrap_or(Cell::EMPTY);
        let joint = if x == start { cell.joint } else { cell.holds };
        (cell.holds, joint)
    }
}

/// A place that moves upwards through atoms.
#[derive(Default)]
struct Pointer(usize);

impl Pointer {
    /// The first atom that is no less than a value.
    fn to(&mut self, atoms: &[Atom], x: i128) -> usize {
        while atoms.get(self.0).is_some_and(|(z, _)| *z < x) {
            self.0 += 1;
        }
        self.0
    }
}

/// Room that is made for a sum whose values lie close together, by its atoms.
const ROOM: u64 = 4;

/// The sums of values of both, with their weights, ascending. `left` is charged.
fn spread(a: &[Atom], b: &[Atom], left: &mut u64) -> Result<Vec<Atom>, OverBudget> {
    let count = (a.len() as u64).saturating_mul(b.len() as u64);
    *left = left.checked_sub(count).ok_or(OverBudget)?;
    let ends = |atoms: &[Atom]| Some((atoms.first()?.0, atoms.last()?.0));
    let (Some(own), Some(other)) = (ends(a), ends(b)) else {
        return Ok(Vec::new());
    };
    let least = own.0 + other.0;
    let range = (own.1 + other.1 - least).unsigned_abs() + 1;
    if let Ok(size) = usize::try_from(range)
        && size as u64 <= count.saturating_mul(ROOM)
    {
        let mut sums = vec![Weight::ZERO; size];
        for (x, weight) in a {
            for (y, other) in b {
                let at = usize::try_from(x + y - least).unwrap_or(size);
                if let Some(slot) = sums.get_mut(at) {
                    *slot += *weight * *other;
                }
            }
        }
        let all = (least..).zip(sums);
        return Ok(all.filter(|(_, weight)| !weight.is_zero()).collect());
    }
    let each = a.iter();
    let each = each.flat_map(|(x, weight)| {
        let others = b.iter();
        others.map(move |(y, other)| (x + y, *weight * *other))
    });
    let mut all: Vec<Atom> = each.collect();
    all.sort_by_key(|(x, _)| *x);
    all.dedup_by(|next, sum| {
        let same = next.0 == sum.0;
        if same {
            sum.1 += next.1;
        }
        same
    });
    Ok(all)
}

/// Sums of weights over runs of atoms: of any run by two terms, without taking one sum from another.
struct Runs {
    /// By level: sums from or up to the middle of blocks of two to the power of the level, and one more.
    levels: Vec<Vec<Weight>>,
}

impl Runs {
    fn new(atoms: &[Atom]) -> Self {
        let own: Vec<Weight> = atoms.iter().map(|(_, w)| *w).collect();
        let mut levels = vec![own.clone()];
        let mut half = 2;
        while half < own.len() {
            let mut sums = own.clone();
            for block in sums.chunks_mut(2 * half) {
                let middle = half.min(block.len());
                let (low, high) = block.split_at_mut(middle);
                accumulate(low.iter_mut().rev());
                accumulate(high.iter_mut());
            }
            levels.push(sums);
            half *= 2;
        }
        Self { levels }
    }

    /// Of the atoms from one to before another.
    fn sum(&self, from: usize, to: usize) -> Weight {
        if from >= to {
            return Weight::ZERO;
        }
        let last = to - 1;
        let apart = from ^ last;
        let level = (usize::BITS - apart.leading_zeros()) as usize;
        let get = |level: usize, i: usize| {
            let sums = self.levels.get(level.saturating_sub(1));
            sums.and_then(|s| s.get(i)).copied().unwrap_or(Weight::ZERO)
        };
        if apart == 0 {
            get(1, from)
        } else {
            get(level, from) + get(level, last)
        }
    }
}

fn accumulate<'a>(weights: impl Iterator<Item = &'a mut Weight>) {
    let mut sum = Weight::ZERO;
    for weight in weights {
        sum += *weight;
        *weight = sum;
    }
}
