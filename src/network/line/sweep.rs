//! A block's tables while some of its units must be idle and others need not, kept up to date change by change.

use super::plan::{Block, Made, Node, Part};
use super::{Line, Log, log};
use crate::sets::weight::Weight;

/// The entries of a block's tables.
#[derive(Debug)]
pub(super) struct State<'a> {
    line: &'a Line,
    pub(super) block: &'a Block,
    values: Vec<Weight>,
    /// By member of the block: whether it must be idle.
    idle: Vec<bool>,
    /// Tables to be made anew: those that a change began at, and whether each is on the way from one of them.
    changed: Vec<u32>,
    is_stale: Vec<bool>,
    /// Entries made anew so far.
    pub(super) made: u64,
}

impl<'a> State<'a> {
    /// As none of the units need be idle.
    pub(super) fn new(line: &'a Line, block: &'a Block) -> Self {
        let mut out = Self {
            line,
            block,
            values: vec![Weight::ONE; block.entries],
            idle: vec![false; block.members.len()],
            changed: Vec::new(),
            is_stale: vec![false; block.nodes.len()],
            made: 0,
        };
        if block.given {
            for (place, member) in block.members.iter().enumerate() {
                let member = line.members.get(*member);
                match member.and_then(|m| m.given) {
                    None => {}
                    Some(false) => out.set(place, true),
                    Some(true) => {
                        out.fill(place, false);
                    }
                }
            }
            out.refresh();
        }
        out
    }

    /// Without any entries: to see what changes would take.
    pub(super) fn dry(line: &'a Line, block: &'a Block) -> Self {
        Self {
            values: Vec::new(),
            ..Self::new(line, block)
        }
    }

    /// As those units must be idle.
    pub(super) fn of(line: &'a Line, block: &'a Block, idle: impl Fn(usize) -> bool) -> Self {
        let mut out = Self::new(line, block);
        out.set_all(idle);
        out
    }

    /// Says of all units (by member) whether they must be idle, and takes it in.
    pub(super) fn set_all(&mut self, idle: impl Fn(usize) -> bool) {
        for (place, member) in self.block.members.iter().enumerate() {
            self.set(place, idle(*member));
        }
        self.refresh();
    }

    /// Whether the unit at a place among the members must be idle.
    pub(super) fn is_idle(&self, place: usize) -> bool {
        self.idle.get(place).copied().unwrap_or(false)
    }

    /// Says whether a unit must be idle, unless it is given whether it is; [`refresh`](Self::refresh) takes it in.
    pub(super) fn set(&mut self, place: usize, idle: bool) {
        let member = self.block.members.get(place);
        let given = member.and_then(|i| self.line.members.get(*i)?.given);
        let idle = given.map_or(idle, |active| !active);
        if let Some(slot) = self.idle.get_mut(place)
            && std::mem::replace(slot, idle) != idle
        {
            self.fill(place, idle);
        }
    }

    fn fill(&mut self, place: usize, idle: bool) {
        let Some(node) = self.block.nodes.get(place) else {
            return;
        };
        let member = self.block.members.get(place);
        let Some(member) = member.and_then(|i| self.line.members.get(*i)) else {
            return;
        };
        let own = self.values.get_mut(node.from..).unwrap_or_default();
        for (mask, value) in own.iter_mut().enumerate().take(node.len()) {
            let table = if idle { &member.idle } else { &member.active };
            *value = table.get(mask).map_or(Weight::ONE, |p| Weight::new(*p));
        }
        self.mark(node.parent);
    }

    /// Marks a table and all that it is part of.
    fn mark(&mut self, from: Option<u32>) {
        let mut next = from;
        while let Some(node) = next {
            let Some(stale @ false) = self.is_stale.get_mut(node as usize) else {
                break;
            };
            *stale = true;
            self.changed.push(node);
            next = self.block.nodes.get(node as usize).and_then(|n| n.parent);
        }
    }

    /// Makes the tables anew that changes since the last time are part of.
    pub(super) fn refresh(&mut self) {
        // Each comes after those that it is made of.
        self.changed.sort_unstable();
        for node in std::mem::take(&mut self.changed) {
            if let Some(stale) = self.is_stale.get_mut(node as usize) {
                *stale = false;
            }
            if let Some(node) = self.block.nodes.get(node as usize) {
                self.made += node.len() as u64;
                self.make(node);
            }
        }
    }

    fn make(&mut self, node: &Node) {
        let Some((before, rest)) = self.values.split_at_mut_checked(node.from) else {
            return;
        };
        let own = rest.get_mut(..node.len()).unwrap_or_default();
        match &node.made {
            Made::Unit => {}
            Made::Product { of: [a, b], steps } => {
                let (a, b) = (
                    entries(self.block, before, *a),
                    entries(self.block, before, *b),
                );
                if let Some(steps) = steps {
                    walk(node.len(), steps, |e, i, j| {
                        if let (Some(out), Some(x), Some(y)) = (own.get_mut(e), a.get(i), b.get(j))
                        {
                            *out = *x * *y;
                        }
                    });
                } else {
                    for ((out, x), y) in own.iter_mut().zip(a).zip(b) {
                        *out = *x * *y;
                    }
                }
            }
            Made::Sum { of, bit, yes, .. } => {
                let of = entries(self.block, before, *of);
                let (yes, no) = (Weight::new(*yes), Weight::new(1.0 - yes));
                for (e, out) in own.iter_mut().enumerate() {
                    let (fails, holds) = spread(e, *bit);
                    if let (Some(x), Some(y)) = (of.get(fails), of.get(holds)) {
                        *out = no * *x + yes * *y;
                    }
                }
            }
        }
    }

    /// The chance that none of the units is active that must be idle.
    pub(super) fn value(&self) -> Weight {
        self.values.last().copied().unwrap_or(Weight::ONE)
    }

    /// The same as a logarithm.
    pub(super) fn log(&self) -> Log {
        log(self.value())
    }
}

fn entries<'v>(block: &Block, values: &'v [Weight], node: u32) -> &'v [Weight] {
    let node = block.nodes.get(node as usize);
    node.and_then(|n| values.get(n.from..n.from + n.len()))
        .unwrap_or_default()
}

/// The places in a table of which bit `bit` is summed out, where it fails and where it holds.
fn spread(entry: usize, bit: u32) -> (usize, usize) {
    let low = entry & ((1 << bit) - 1);
    let fails = (entry >> bit << (bit + 1)) | low;
    (fails, fails | 1 << bit)
}

/// Goes through a product's entries, with the places of both factors.
fn walk(len: usize, steps: &[[u32; 2]], mut visit: impl FnMut(usize, usize, usize)) {
    let (mut i, mut j) = (0_u32, 0_u32);
    for e in 0..len {
        visit(e, i as usize, j as usize);
        if let Some([a, b]) = steps.get((e + 1).trailing_zeros() as usize) {
            (i, j) = (i.wrapping_add(*a), j.wrapping_add(*b));
        }
    }
}

/// What a sum over many states of a block is made of: how it hangs on each entry of each table.
///
/// Each state adds to what the root counts for; that is handed down to the tables below only where these are about to change, and in the
/// end. So the whole takes as long as the changes do.
#[derive(Debug)]
pub(super) struct Shares {
    /// What counts for, and what against, by entry.
    sides: [Vec<Weight>; 2],
    /// By table: whether something waits there to be handed down.
    waits: Vec<bool>,
}

impl Shares {
    pub(super) fn new(block: &Block) -> Self {
        Self {
            sides: [(); 2].map(|()| vec![Weight::ZERO; block.entries]),
            waits: vec![false; block.nodes.len()],
        }
    }

    /// Adds a state's value times `outer` to one of the sides.
    pub(super) fn add(&mut self, against: bool, outer: Weight) {
        let [plus, minus] = &mut self.sides;
        let side = if against { minus } else { plus };
        if let (Some(root), Some(waits)) = (side.last_mut(), self.waits.last_mut()) {
            *root += outer;
            *waits = true;
        }
    }

    /// Hands down what waits along the ways to some units (or everywhere), and tells what has come to them and to the classes on the way.
    /// The state is the one in which it was added.
    pub(super) fn hand_down(
        &mut self,
        state: &mut State<'_>,
        to: Option<&[usize]>,
        tell: &mut impl FnMut(Part, [Weight; 2]),
    ) {
        let block = state.block;
        if let Some(places) = to {
            for place in places {
                state.mark(block.nodes.get(*place).and_then(|n| n.parent));
            }
            state.changed.sort_unstable();
            let ways = std::mem::take(&mut state.changed);
            for node in ways.iter().rev() {
                if let Some(stale) = state.is_stale.get_mut(*node as usize) {
                    *stale = false;
                }
                self.pass(state, *node as usize, tell);
            }
            for place in places {
                self.pass(state, *place, tell);
            }
            state.changed = ways;
            state.changed.clear();
        } else {
            for node in (0..block.nodes.len()).rev() {
                self.pass(state, node, tell);
            }
        }
    }

    fn pass(&mut self, state: &State<'_>, at: usize, tell: &mut impl FnMut(Part, [Weight; 2])) {
        let block = state.block;
        let (Some(node), Some(true)) = (
            block.nodes.get(at),
            self.waits.get_mut(at).map(std::mem::take),
        ) else {
            return;
        };
        let own = node.from..node.from + node.len();
        match &node.made {
            Made::Unit => {
                for (mask, entry) in own.enumerate() {
                    let both = self.sides.each_mut().map(|side| {
                        side.get_mut(entry)
                            .map_or(Weight::ZERO, |w| std::mem::replace(w, Weight::ZERO))
                    });
                    if both.iter().any(|w| !w.is_zero()) {
                        let idle = state.is_idle(at);
                        tell(Part::Unit { at, mask, idle }, both);
                    }
                }
            }
            Made::Product { of, steps } => {
                let [a, b] = of.map(|part| entries(block, &state.values, part));
                let [from_a, from_b] =
                    of.map(|part| block.nodes.get(part as usize).map_or(0, |n| n.from));
                for side in &mut self.sides {
                    let Some((before, rest)) = side.split_at_mut_checked(node.from) else {
                        continue;
                    };
                    let own = rest.get_mut(..node.len()).unwrap_or_default();
                    let mut visit = |e: usize, i: usize, j: usize| {
                        let Some(slot) = own.get_mut(e) else { return };
                        let d = std::mem::replace(slot, Weight::ZERO);
                        if d.is_zero() {
                            return;
                        }
                        if let (Some(out), Some(other)) = (before.get_mut(from_a + i), b.get(j)) {
                            *out += d * *other;
                        }
                        if let (Some(out), Some(other)) = (before.get_mut(from_b + j), a.get(i)) {
                            *out += d * *other;
                        }
                    };
                    if let Some(steps) = steps {
                        walk(node.len(), steps, visit);
                    } else {
                        (0..node.len()).for_each(|e| visit(e, e, e));
                    }
                }
                self.wait(*of);
            }
            Made::Sum {
                of,
                class,
                bit,
                yes,
            } => {
                let values = entries(block, &state.values, *of);
                let from = block.nodes.get(*of as usize).map_or(0, |n| n.from);
                let (yes, no) = (Weight::new(*yes), Weight::new(1.0 - yes));
                let held = self.sides.each_mut().map(|side| {
                    let mut held = Weight::ZERO;
                    let Some((before, rest)) = side.split_at_mut_checked(node.from) else {
                        return held;
                    };
                    let own = rest.get_mut(..node.len()).unwrap_or_default();
                    for (e, slot) in own.iter_mut().enumerate() {
                        let d = std::mem::replace(slot, Weight::ZERO);
                        if d.is_zero() {
                            continue;
                        }
                        let (fails, holds) = spread(e, *bit);
                        if let Some(out) = before.get_mut(from + fails) {
                            *out += d * no;
                        }
                        if let Some(out) = before.get_mut(from + holds) {
                            *out += d * yes;
                        }
                        let value = values.get(holds).copied().unwrap_or(Weight::ZERO);
                        held += d * yes * value;
                    }
                    held
                });
                tell(Part::Class(*class), held);
                self.wait([*of, *of]);
            }
        }
    }

    fn wait(&mut self, parts: [u32; 2]) {
        for part in parts {
            if let Some(waits) = self.waits.get_mut(part as usize) {
                *waits = true;
            }
        }
    }
}

impl Line {
    /// Goes through a block's states from the first place to the last, where none of `gone` (ascending) may be active anywhere: tells when
    /// each begins and when it ends. `state` is one of the block, in which none need be idle.
    pub(super) fn sweep<'a>(
        &'a self,
        mut state: State<'a>,
        gone: &[usize],
        mut at: impl FnMut(&mut State<'a>, Moment<'_>),
    ) {
        let block = state.block;
        let is_gone = |i: usize| gone.binary_search(&i).is_ok();
        state.set_all(|i| is_gone(i) || self.excludes(i, 0));
        at(&mut state, Moment::From(0));
        let mut events: Vec<(usize, usize)> = Vec::with_capacity(2 * block.members.len());
        for (place, i) in block.members.iter().enumerate() {
            if !is_gone(*i) {
                let (from, to) = self.range(*i);
                events.extend([(from, place), (to + 1, place)]);
            }
        }
        events.retain(|(p, _)| *p > 0 && *p < self.places());
        events.sort_unstable();
        let mut changing: Vec<usize> = Vec::new();
        for run in events.chunk_by(|a, b| a.0 == b.0) {
            let Some((place, _)) = run.first() else {
                continue;
            };
            let excludes = |n: usize| {
                let member = block.members.get(n);
                member.is_none_or(|i| self.excludes(*i, *place))
            };
            changing.clear();
            changing.extend(
                run.iter()
                    .map(|(_, n)| *n)
                    .filter(|n| excludes(*n) != state.is_idle(*n)),
            );
            if changing.is_empty() {
                continue;
            }
            let next = *place;
            at(
                &mut state,
                Moment::Until {
                    next,
                    changing: Some(&changing),
                },
            );
            for n in &changing {
                state.set(*n, excludes(*n));
            }
            state.refresh();
            at(&mut state, Moment::From(*place));
        }
        let next = self.places();
        at(
            &mut state,
            Moment::Until {
                next,
                changing: None,
            },
        );
    }
}

/// Where a sweep is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment<'a> {
    /// A state begins at this place.
    From(usize),
    /// It ends before the place `next`: these of the block's members (by place in it) change there, or none as it is the end.
    Until {
        next: usize,
        changing: Option<&'a [usize]>,
    },
}
