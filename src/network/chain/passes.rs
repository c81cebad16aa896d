//! Passes along a row of lines: forwards for where what is left begins, backwards for where it ends.

use crate::network::frontier::{Change, Frontier, Side};
use crate::network::line::{Around, Line, UNIT};
use crate::sets::weight::Weight;

/// The cells of all lines together: where each line's cells begin among them, and how many there are.
fn common_cells(lines: &[Line]) -> (Vec<Vec<usize>>, usize) {
    let mut cuts: Vec<i128> = lines
        .iter()
        .flat_map(|l| l.cuts().iter().copied())
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let starts = |l: &Line| -> Vec<usize> {
        let own = l.cuts().iter().map(|x| cuts.partition_point(|c| c <= x));
        std::iter::once(0).chain(own).collect()
    };
    (lines.iter().map(starts).collect(), cuts.len() + 1)
}

/// Takes in a line: what ends in each cell is kept as far as the line allows the cell; what ended below (above) is moved to where the line
/// begins to allow more.
fn take_in(
    frontier: &mut Frontier,
    side: Side,
    starts: &[usize],
    (allows, begins): (&[Weight], &[Weight]),
) {
    let sums = frontier.sums(starts);
    let mut changes: Vec<Change> = Vec::new();
    let mut ended = Weight::ZERO;
    let mut visit = |cell: usize, at: usize, own: Weight| {
        let begins = begins.get(cell).copied().unwrap_or(Weight::ZERO);
        let weight = ended * begins;
        if !weight.is_zero() {
            changes.push(Change { cell: at, weight });
        }
        ended += own;
    };
    match side {
        Side::Lower => {
            for (cell, (sum, start)) in sums.iter().zip(starts).enumerate() {
                visit(cell, *start, sum.lower);
            }
        }
        Side::Upper => {
            for (cell, sum) in sums.iter().enumerate().rev() {
                let end = starts.get(cell + 1).map_or(0, |next| next - 1);
                visit(cell, end, sum.upper);
            }
            changes.reverse();
        }
    }
    frontier.scale(side, starts, allows);
    frontier.add(side, &changes);
}

/// The chance that values exist, from what each line allows and where it begins to allow more.
pub(super) fn walk(lines: &[Line], allowed: &[(Vec<Weight>, Vec<Weight>)]) -> Weight {
    let (starts, cells) = common_cells(lines);
    let mut frontier = Frontier::new(cells);
    frontier.put(
        Side::Lower,
        &[Change {
            cell: 0,
            weight: Weight::ONE,
        }],
    );
    for (starts, (allows, begins)) in starts.iter().zip(allowed) {
        take_in(&mut frontier, Side::Lower, starts, (allows, begins));
    }
    frontier
        .sums(&[0])
        .first()
        .map_or(Weight::ZERO, |s| s.lower)
}

/// What the others say of each line.
pub(super) fn surround(lines: &[Line]) -> Vec<Around> {
    let (starts, cells) = common_cells(lines);
    let allows: Vec<Vec<Weight>> = lines.iter().map(Line::allows).collect();
    let mut frontier = Frontier::new(cells);
    let all = |cell: usize| {
        [Change {
            cell,
            weight: Weight::ONE,
        }]
    };
    frontier.put(Side::Upper, &all(cells - 1));
    // Backwards; what a line replaces is remembered, to be put back on the way forward.
    let mut replaced: Vec<Vec<Change>> = vec![Vec::new(); lines.len()];
    for (i, line) in lines.iter().enumerate().skip(1).rev() {
        let (Some(starts), Some(allows), Some(before)) =
            (starts.get(i), allows.get(i), replaced.get_mut(i))
        else {
            continue;
        };
        let ends = starts.iter().skip(1).map(|next| next - 1);
        *before = ends
            .map(|cell| Change {
                cell,
                weight: frontier.weight(Side::Upper, cell),
            })
            .collect();
        take_in(
            &mut frontier,
            Side::Upper,
            starts,
            (allows, &line.begins(true)),
        );
    }
    frontier.put(Side::Lower, &all(0));
    let mut out = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let (Some(own), Some(allowed)) = (starts.get(i), allows.get(i)) else {
            continue;
        };
        out.push(look_around(&frontier, own));
        take_in(
            &mut frontier,
            Side::Lower,
            own,
            (allowed, &line.begins(false)),
        );
        if let (Some(next), Some(allows), Some(before)) =
            (starts.get(i + 1), allows.get(i + 1), replaced.get(i + 1))
        {
            let back: Vec<Weight> = allows.iter().map(|w| Weight::ONE.over(*w)).collect();
            frontier.scale(Side::Upper, next, &back);
            frontier.put(Side::Upper, before);
        }
    }
    out
}

fn look_around(frontier: &Frontier, starts: &[usize]) -> Around {
    let sums = frontier.sums(starts);
    let mut above = Weight::ZERO;
    let mut after: Vec<Weight> = Vec::with_capacity(sums.len() + 1);
    after.push(above);
    for sum in sums.iter().rev() {
        above += sum.upper;
        after.push(above);
    }
    after.reverse();
    let mut out = Around {
        cells: Vec::with_capacity(sums.len()),
        before: Vec::with_capacity(sums.len()),
        after: after.iter().take(sums.len()).map(|w| w.log(UNIT)).collect(),
    };
    let mut below = Weight::ZERO;
    for (sum, beyond) in sums.iter().zip(after.iter().skip(1)) {
        // Cells less the joints within.
        let within = sum.both + below * sum.upper;
        below += sum.lower;
        out.cells.push((within + below * *beyond).log(UNIT));
        out.before.push(below.log(UNIT));
    }
    out
}
