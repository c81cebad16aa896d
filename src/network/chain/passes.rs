//! Passes along rows of lines: what each row says where it hangs on another, forwards for where what is left begins, backwards for where it
//! ends; then back from each row to those that hang on it.

use std::borrow::Cow;

use super::runs::{Item, Run, Runs};
use crate::network::frontier::{Change, Frontier, Side};
use crate::network::line::{Around, Line, UNIT};
use crate::network::order::Stands;
use crate::sets::weight::Weight;

/// What a part of the tree says of a value: by cell, the chance that it allows it.
#[derive(Debug)]
struct Voice {
    /// First value of each cell but the first, ascending.
    cuts: Vec<i128>,
    allows: Vec<Weight>,
    /// By side and cell: the chance that it allows the cell, but not the one before it (not the one after it, on the upper side).
    lower: Vec<Weight>,
    upper: Vec<Weight>,
}

impl Voice {
    fn begins(&self, side: Side) -> &[Weight] {
        match side {
            Side::Lower => &self.lower,
            Side::Upper => &self.upper,
        }
    }
}

/// What a row says where it hangs on another, and the cells it is told by.
#[derive(Debug)]
struct Heard {
    cuts: Vec<i128>,
    says: Voice,
}

/// By row, of those looked at.
type Voices = [Option<Heard>];

fn heard(voices: &Voices, run: usize) -> Option<&Heard> {
    voices.get(run)?.as_ref()
}

/// The cells of some that stand in a row.
fn cuts_of<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    lines: &[Line],
    voices: &Voices,
) -> Vec<i128> {
    let mut out: Vec<i128> = Vec::new();
    for item in items {
        let own = match item {
            Item::Position(p) => lines.get(*p).map(Line::cuts),
            Item::Run(r, _) => heard(voices, *r).map(|h| h.says.cuts.as_slice()),
            Item::Rest(_) => None,
        };
        out.extend(own.unwrap_or_default());
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Where cells begin among all cells.
fn starts(all: &[i128], cuts: &[i128]) -> Vec<usize> {
    let own = cuts.iter().map(|x| all.partition_point(|c| c <= x));
    std::iter::once(0).chain(own).collect()
}

/// Takes in a voice: what ends in each cell is kept as far as the cell is allowed; what ended below (above) is moved to where more begins
/// to be allowed.
fn take_in(
    frontier: &mut Frontier,
    side: Side,
    starts: &[usize],
    allows: &[Weight],
    begins: &[Weight],
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

/// Nothing ends anywhere yet, but where values do.
fn open(frontier: &mut Frontier, side: Side, cells: usize) {
    let cell = match side {
        Side::Lower => 0,
        Side::Upper => cells - 1,
    };
    let weight = Weight::ONE;
    frontier.put(side, &[Change { cell, weight }]);
}

/// What all up to somewhere in a row say of a value there that is told by cells with such `cuts`: that it is no less than their lower ends
/// (no more than their upper ends). `own` are the cuts of the row.
fn tell(frontier: &Frontier, own: &[i128], cuts: &[i128], side: Side) -> Voice {
    let mut starts: Vec<usize> = vec![0];
    // The cut that each start but the first is for.
    let mut bounds: Vec<i128> = Vec::new();
    for cut in cuts {
        // A lower end is the first value of its cell, an upper end the last one.
        let start = match side {
            Side::Lower => own.partition_point(|c| c < cut) + 1,
            Side::Upper => own.partition_point(|c| c <= cut),
        };
        if start > own.len() {
            break;
        }
        if starts.last() != Some(&start) {
            starts.push(start);
            bounds.push(*cut);
        } else if let (Side::Lower, Some(bound)) = (side, bounds.last_mut()) {
            *bound = *cut;
        }
    }
    let sums = frontier.sums(&starts);
    let mut out = Voice {
        cuts: bounds,
        allows: Vec::with_capacity(sums.len()),
        lower: Vec::new(),
        upper: Vec::new(),
    };
    let mut beyond = Weight::ZERO;
    let mut all = Weight::ZERO;
    // Ends that something remains possible with; then, by cell, all that leave it.
    match side {
        Side::Lower => {
            for sum in sums.iter().rev() {
                out.lower.push(sum.both + sum.lower * beyond);
                beyond += sum.upper;
            }
            out.lower.reverse();
            for weight in &out.lower {
                all += *weight;
                out.allows.push(all);
            }
        }
        Side::Upper => {
            for sum in &sums {
                out.upper.push(sum.both + sum.upper * beyond);
                beyond += sum.lower;
            }
            for weight in out.upper.iter().rev() {
                all += *weight;
                out.allows.push(all);
            }
            out.allows.reverse();
        }
    }
    out
}

/// Which ends a row tells of where it hangs on another, or is told of there.
fn told(stands: Stands) -> Side {
    match stands {
        Stands::Below => Side::Lower,
        Stands::Above => Side::Upper,
    }
}

/// What is allowed, by cell, and where more begins to be.
type Allowed<'a> = (Cow<'a, [Weight]>, Cow<'a, [Weight]>);

/// What stands in a row, to be taken in one by one. `allowed` tells, by position, what is allowed and where more begins to be, on the side
/// that [`Runs::sides`] names.
struct Sweep<'a, F> {
    lines: &'a [Line],
    voices: &'a Voices,
    cuts: &'a [i128],
    allowed: &'a F,
}

impl<'a, F: Fn(usize, Side) -> Allowed<'a>> Sweep<'_, F> {
    fn take_in<'b>(
        &self,
        frontier: &mut Frontier,
        side: Side,
        items: impl Iterator<Item = &'b Item>,
    ) {
        open(frontier, side, self.cuts.len() + 1);
        for item in items {
            match item {
                Item::Position(p) => {
                    let (allows, begins) = (self.allowed)(*p, side);
                    let own = self.lines.get(*p).map(Line::cuts).unwrap_or_default();
                    take_in(frontier, side, &starts(self.cuts, own), &allows, &begins);
                }
                Item::Run(r, _) => {
                    if let Some(says) = heard(self.voices, *r).map(|h| &h.says) {
                        let starts = starts(self.cuts, &says.cuts);
                        take_in(frontier, side, &starts, &says.allows, says.begins(side));
                    }
                }
                Item::Rest(_) => {}
            }
        }
    }
}

/// What each row but the first says where it hangs on another.
fn listen<'a>(
    runs: &Runs,
    lines: &[Line],
    allowed: &impl Fn(usize, Side) -> Allowed<'a>,
) -> Vec<Option<Heard>> {
    let mut voices: Vec<Option<Heard>> = Vec::new();
    voices.resize_with(runs.list.len(), || None);
    for (r, run) in runs.list.iter().enumerate().skip(1).rev() {
        let (before, after) = run.items.split_at(run.rest.unwrap_or(run.items.len()));
        let Some(Item::Rest(stands)) = after.first() else {
            continue;
        };
        let cuts = cuts_of(&run.items, lines, &voices);
        let sweep = Sweep {
            lines,
            voices: &voices,
            cuts: &cuts,
            allowed,
        };
        let mut frontier = Frontier::new(cuts.len() + 1);
        sweep.take_in(&mut frontier, Side::Lower, before.iter());
        sweep.take_in(&mut frontier, Side::Upper, after.iter().rev());
        // It is told by cells of its own, also where no end is: they will be asked for when those of its own side are told of others.
        let side = told(stands.turned());
        let own = match side {
            Side::Lower => before,
            Side::Upper => after,
        };
        let goes_on = |item: &&Item| match item {
            Item::Run(_, stands) => told(*stands) == side,
            Item::Position(_) | Item::Rest(_) => true,
        };
        let own = cuts_of(own.iter().filter(goes_on), lines, &voices);
        let says = tell(&frontier, &cuts, &own, side);
        if let Some(slot) = voices.get_mut(r) {
            *slot = Some(Heard { cuts, says });
        }
    }
    voices
}

/// The chance that values exist, from what each line allows and where it begins to allow more (on the side that [`Runs::sides`] names).
pub(super) fn walk(runs: &Runs, lines: &[Line], allowed: &[(Vec<Weight>, Vec<Weight>)]) -> Weight {
    let allowed = |p: usize, _: Side| -> Allowed<'_> {
        let own = allowed.get(p);
        let of = own.map(|(allows, begins)| (allows.as_slice().into(), begins.as_slice().into()));
        of.unwrap_or_default()
    };
    let voices = listen(runs, lines, &allowed);
    let items = runs.list.first().map(|r| r.items.as_slice());
    let items = items.unwrap_or_default();
    let cuts = cuts_of(items, lines, &voices);
    let mut frontier = Frontier::new(cuts.len() + 1);
    let sweep = Sweep {
        lines,
        voices: &voices,
        cuts: &cuts,
        allowed: &allowed,
    };
    sweep.take_in(&mut frontier, Side::Lower, items.iter());
    let all = frontier.sums(&[0]);
    all.first().map_or(Weight::ZERO, |s| s.lower)
}

/// What the others say of each line.
pub(super) fn surround(runs: &Runs, lines: &[Line]) -> Vec<Option<Around>> {
    let mut out: Vec<Option<Around>> = Vec::new();
    out.resize_with(lines.len(), || None);
    let own = |p: usize, side: Side| -> Allowed<'_> {
        let line = lines.get(p);
        let of = line.map(|l| (l.allows().into(), l.begins(side).into()));
        of.unwrap_or_default()
    };
    let mut voices = listen(runs, lines, &own);
    // By row: what is said by the one it hangs on.
    let mut rests: Vec<Option<Voice>> = Vec::new();
    rests.resize_with(runs.list.len(), || None);
    for (r, run) in runs.list.iter().enumerate() {
        let cuts = match voices.get_mut(r).and_then(Option::take) {
            Some(heard) => heard.cuts,
            None => cuts_of(&run.items, lines, &voices),
        };
        let rest = rests.get_mut(r).and_then(Option::take);
        let row = Row {
            run,
            lines,
            voices: &voices,
            rest,
            cuts,
        };
        row.look(&mut out, &mut rests);
    }
    out
}

/// A row with all that stands in it.
struct Row<'a> {
    run: &'a Run,
    lines: &'a [Line],
    voices: &'a Voices,
    rest: Option<Voice>,
    cuts: Vec<i128>,
}

/// What stands in a row at one place.
struct Stop<'a> {
    starts: Vec<usize>,
    allows: Cow<'a, [Weight]>,
    /// What it replaced on the way backwards, to be put back on the way forward.
    replaced: Vec<Change>,
}

impl Row<'_> {
    fn voice(&self, item: Item) -> Option<&Voice> {
        match item {
            Item::Position(_) => None,
            Item::Run(r, _) => heard(self.voices, r).map(|h| &h.says),
            Item::Rest(_) => self.rest.as_ref(),
        }
    }

    fn line(&self, item: Item) -> Option<&Line> {
        match item {
            Item::Position(p) => self.lines.get(p),
            Item::Run(..) | Item::Rest(_) => None,
        }
    }

    fn stop(&self, item: Item) -> Stop<'_> {
        let (cuts, allows) = match (self.line(item), self.voice(item)) {
            (Some(line), _) => (line.cuts(), Cow::Owned(line.allows())),
            (_, Some(voice)) => (
                voice.cuts.as_slice(),
                Cow::Borrowed(voice.allows.as_slice()),
            ),
            // It says nothing.
            _ => (&[][..], Cow::Owned(vec![Weight::ONE])),
        };
        Stop {
            starts: starts(&self.cuts, cuts),
            allows,
            replaced: Vec::new(),
        }
    }

    fn take_in(&self, frontier: &mut Frontier, side: Side, item: Item, stop: &Stop<'_>) {
        let begins = match (self.line(item), self.voice(item)) {
            (Some(line), _) => Cow::Owned(line.begins(side)),
            (_, voice) => Cow::Borrowed(voice.map_or(&[][..], |v| v.begins(side))),
        };
        take_in(frontier, side, &stop.starts, &stop.allows, &begins);
    }

    /// Tells each line of the row, and each row that hangs on it, what all the others say.
    fn look(&self, out: &mut [Option<Around>], rests: &mut [Option<Voice>]) {
        let cells = self.cuts.len() + 1;
        let mut frontier = Frontier::new(cells);
        let items = &self.run.items;
        let mut stops: Vec<Stop<'_>> = items.iter().map(|item| self.stop(*item)).collect();
        open(&mut frontier, Side::Upper, cells);
        for (item, stop) in items.iter().zip(&mut stops).skip(1).rev() {
            let ends = stop.starts.iter().skip(1).map(|next| next - 1);
            stop.replaced = ends
                .map(|cell| Change {
                    cell,
                    weight: frontier.weight(Side::Upper, cell),
                })
                .collect();
            self.take_in(&mut frontier, Side::Upper, *item, stop);
        }
        open(&mut frontier, Side::Lower, cells);
        for (i, item) in items.iter().enumerate() {
            let Some(stop) = stops.get(i) else { continue };
            match *item {
                Item::Position(p) => {
                    if let Some(slot) = out.get_mut(p) {
                        *slot = Some(look_around(&frontier, &stop.starts));
                    }
                }
                Item::Run(r, stands) => {
                    if let (Some(heard), Some(slot)) = (heard(self.voices, r), rests.get_mut(r)) {
                        let side = told(stands.turned());
                        *slot = Some(tell(&frontier, &self.cuts, &heard.cuts, side));
                    }
                }
                Item::Rest(_) => {}
            }
            self.take_in(&mut frontier, Side::Lower, *item, stop);
            if let Some(next) = stops.get(i + 1) {
                let back: Vec<Weight> = next.allows.iter().map(|w| Weight::ONE.over(*w)).collect();
                frontier.scale(Side::Upper, &next.starts, &back);
                frontier.put(Side::Upper, &next.replaced);
            }
        }
    }
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
    let mut cells = Vec::with_capacity(sums.len());
    let mut before = Vec::with_capacity(sums.len());
    let mut below = Weight::ZERO;
    for (sum, beyond) in sums.iter().zip(after.iter().skip(1)) {
        // Cells less the joints within.
        let within = sum.both + below * sum.upper;
        below += sum.lower;
        cells.push((within + below * *beyond).log(UNIT));
        before.push(below.log(UNIT));
    }
    let after = after.iter().take(sums.len()).map(|w| w.log(UNIT)).collect();
    Around::of_ends(cells, before, after)
}
