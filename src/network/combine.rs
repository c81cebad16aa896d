//! Rows that follow from others by adding up: elimination over the integers, with every sum on record.

use super::cluster::variable;
use crate::sets::linear::{Relation, Row, VariableId};
use crate::sets::set::Set;

/// A row that a sum is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// A row given, by its place.
    Given(usize),
    /// An earlier sum, by its place.
    Sum(usize),
    /// The variable's lower bound, as `−x <= −lower`.
    Lower(VariableId),
    /// The variable's upper bound, as `x <= upper`.
    Upper(VariableId),
}

/// `row` is the sum of the parts times their multipliers, divided by `divisor`, an inequality's right side rounded down.
///
/// With an inequality among the parts the multipliers of inequalities are not negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) of: Vec<(Part, i128)>,
    pub(crate) divisor: i128,
    pub(crate) row: Row,
}

/// Sums of given rows.
#[derive(Debug)]
pub(crate) struct Sums<'a> {
    given: &'a [&'a Row],
    pub(crate) made: Vec<Sum>,
    /// The sums that are equations in echelon form.
    echelon: Vec<usize>,
}

/// Rows that adding up inequalities may come to at a time.
const COMBINATIONS: usize = 600;

impl<'a> Sums<'a> {
    pub(crate) fn new(given: &'a [&'a Row]) -> Self {
        Self {
            given,
            made: Vec::new(),
            echelon: Vec::new(),
        }
    }

    fn row(&self, part: Part) -> Option<&Row> {
        match part {
            Part::Given(i) => self.given.get(i).copied(),
            Part::Sum(i) => self.made.get(i).map(|s| &s.row),
            Part::Lower(_) | Part::Upper(_) => None,
        }
    }

    /// The equations found by [`Self::eliminate_equations`].
    pub(crate) fn equations(&self) -> impl Iterator<Item = &Row> {
        self.echelon
            .iter()
            .filter_map(|i| Some(&self.made.get(*i)?.row))
    }

    /// Their places.
    pub(crate) fn equation_places(&self) -> Vec<usize> {
        self.echelon.clone()
    }

    /// Records a sum, divided by the common divisor of its coefficients. `Err` with its place if no whole numbers satisfy it.
    fn record(&mut self, of: Vec<(Part, i128)>, row: Row) -> Result<usize, usize> {
        let place = self.made.len();
        let divisor = common_divisor(&row);
        let (row, divisor, ok) = divide(row, divisor);
        self.made.push(Sum { of, divisor, row });
        if ok { Ok(place) } else { Err(place) }
    }

    /// Brings the equations among the given rows into echelon form. Returns the place of a sum that no whole numbers
    /// satisfy, if one turns up. Combinations that overflow are left out.
    ///
    /// Fraction-free Gaussian elimination (Bareiss 1968), each row divided by the common divisor of its coefficients.
    pub(crate) fn eliminate_equations(&mut self) -> Option<usize> {
        let mut open: Vec<usize> = Vec::new();
        for (i, row) in self.given.iter().enumerate() {
            if row.relation == Relation::Equal {
                match self.record(vec![(Part::Given(i), 1)], (*row).clone()) {
                    Ok(place) => open.push(place),
                    Err(place) => return Some(place),
                }
            }
        }
        while let Some(pivot) = open.pop() {
            let Some((v, k)) = self.leading(pivot) else {
                continue;
            };
            let mut rest = Vec::with_capacity(open.len());
            for place in open {
                match self.cancel(place, pivot, v, k) {
                    Some(Ok(reduced)) => rest.push(reduced),
                    Some(Err(bad)) => return Some(bad),
                    None => {}
                }
            }
            open = rest;
            self.echelon.push(pivot);
        }
        // Back substitution, so that short equations appear where there are any.
        for i in (0..self.echelon.len()).rev() {
            let Some(&pivot) = self.echelon.get(i) else {
                continue;
            };
            let Some((v, k)) = self.leading(pivot) else {
                continue;
            };
            for j in 0..i {
                let Some(&place) = self.echelon.get(j) else {
                    continue;
                };
                match self.cancel(place, pivot, v, k) {
                    Some(Ok(reduced)) => {
                        if let Some(slot) = self.echelon.get_mut(j) {
                            *slot = reduced;
                        }
                    }
                    Some(Err(bad)) => return Some(bad),
                    None => {}
                }
            }
        }
        None
    }

    /// The smallest coefficient of a sum, with its variable.
    fn leading(&self, place: usize) -> Option<(VariableId, i128)> {
        let terms = &self.made.get(place)?.row.terms;
        terms
            .iter()
            .copied()
            .min_by_key(|(v, k)| (k.unsigned_abs(), *v))
    }

    /// Removes variable `v` from the equation at `place` by the pivot, whose coefficient there is `k`. `None` on overflow.
    fn cancel(
        &mut self,
        place: usize,
        pivot: usize,
        v: VariableId,
        k: i128,
    ) -> Option<Result<usize, usize>> {
        let row = &self.made.get(place)?.row;
        let c = coefficient(row, v);
        if c == 0 {
            return Some(Ok(place));
        }
        let sum = add(row, k, &self.made.get(pivot)?.row, -c)?;
        Some(self.record(vec![(Part::Sum(place), k), (Part::Sum(pivot), -c)], sum))
    }

    /// Adds up inequalities until one shows that nothing satisfies them all: its place. `None` if none does, or more
    /// than [`COMBINATIONS`] rows would be needed.
    ///
    /// Fourier-Motzkin elimination over the rationals, each row tightened to whole numbers (Gomory 1958; Williams 1976).
    pub(crate) fn add_up(&mut self, sets: &[Set]) -> Option<usize> {
        let mut open: Vec<(Row, Part, i128)> = Vec::new();
        for (v, set) in sets.iter().enumerate() {
            let v = variable(v);
            let bound = |k: i128, right: i128| Row {
                terms: vec![(v, k)],
                relation: Relation::AtMost,
                right,
            };
            open.extend(set.lower().map(|low| (bound(-1, -low), Part::Lower(v), 1)));
            open.extend(set.upper().map(|high| (bound(1, high), Part::Upper(v), 1)));
        }
        let equations = self.echelon.iter().map(|i| Part::Sum(*i));
        let others = (0..self.given.len())
            .filter(|i| {
                self.given
                    .get(*i)
                    .is_some_and(|r| r.relation == Relation::AtMost)
            })
            .map(Part::Given);
        for part in equations.chain(others).collect::<Vec<_>>() {
            let Some(row) = self.row(part) else { continue };
            let most = Row {
                relation: Relation::AtMost,
                ..row.clone()
            };
            if row.relation == Relation::Equal {
                let turned = Row {
                    terms: row.terms.iter().map(|(v, k)| (*v, -k)).collect(),
                    relation: Relation::AtMost,
                    right: -row.right,
                };
                open.push((turned, part, -1));
            }
            open.push((most, part, 1));
        }
        let mut left: Vec<usize> = (0..sets.len()).collect();
        while !left.is_empty() {
            // The variable whose elimination makes the fewest rows.
            let cost = |v: usize| {
                let (mut up, mut down) = (0_usize, 0_usize);
                for (row, ..) in &open {
                    match coefficient(row, variable(v)) {
                        0 => {}
                        k if k > 0 => up += 1,
                        _ => down += 1,
                    }
                }
                up * down
            };
            let (at, v) = left
                .iter()
                .copied()
                .enumerate()
                .min_by_key(|(_, v)| (cost(*v), *v))?;
            left.swap_remove(at);
            let v = variable(v);
            let mut rest = Vec::with_capacity(open.len());
            let (mut ups, mut downs) = (Vec::new(), Vec::new());
            for entry in open {
                match coefficient(&entry.0, v) {
                    0 => rest.push(entry),
                    k if k > 0 => ups.push(entry),
                    _ => downs.push(entry),
                }
            }
            for (a, part, times) in &ups {
                for (b, other, factor) in &downs {
                    let (m, n) = (-coefficient(b, v), coefficient(a, v));
                    let Some(sum) = add(a, m, b, n) else { continue };
                    let of = vec![(*part, m * times), (*other, n * factor)];
                    match self.record(of, sum) {
                        Err(place) => return Some(place),
                        Ok(place) => {
                            let row = self.made.get(place).map(|s| s.row.clone())?;
                            if !row.terms.is_empty() {
                                rest.push((row, Part::Sum(place), 1));
                            }
                        }
                    }
                }
            }
            rest.sort_unstable();
            // Of rows with the same left side the tightest comes first.
            rest.dedup_by(|b, a| a.0.terms == b.0.terms);
            if rest.len() > COMBINATIONS {
                return None;
            }
            open = rest;
        }
        None
    }
}

fn coefficient(row: &Row, v: VariableId) -> i128 {
    row.terms
        .iter()
        .find(|(x, _)| *x == v)
        .map_or(0, |(_, k)| *k)
}

/// `a·m + b·n`, an equation only if both are; `None` on overflow.
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
pub(crate) fn add(a: &Row, m: i128, b: &Row, n: i128) -> Option<Row> {
    let mut terms: Vec<(VariableId, i128)> = Vec::with_capacity(a.terms.len() + b.terms.len());
    let (mut x, mut y) = (
        a.terms.iter().copied().peekable(),
        b.terms.iter().copied().peekable(),
    );
    while let Some(v) = [x.peek(), y.peek()]
        .into_iter()
        .flatten()
        .map(|t| t.0)
        .min()
    {
        let k = x.next_if(|t| t.0 == v).map_or(0, |t| t.1).checked_mul(m)?;
        let c = y.next_if(|t| t.0 == v).map_or(0, |t| t.1).checked_mul(n)?;
        let sum = k.checked_add(c)?;
        if sum != 0 {
            terms.push((v, sum));
        }
    }
    let equal = a.relation == Relation::Equal && b.relation == Relation::Equal;
    Some(Row {
        terms,
        relation: if equal {
            Relation::Equal
        } else {
            Relation::AtMost
        },
        right: a
            .right
            .checked_mul(m)?
            .checked_add(b.right.checked_mul(n)?)?,
    })
}

/// The greatest common divisor of a row's coefficients; 1 if it has none, or one beyond 127 bits.
pub(crate) fn common_divisor(row: &Row) -> i128 {
    let divisor = row.terms.iter().fold(0_u128, |g, (_, k)| {
        let (mut a, mut b) = (g, k.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    });
    i128::try_from(divisor).unwrap_or(1).max(1)
}

/// Divides a row by a divisor of all its coefficients, the right side of an inequality rounded down; with the divisor
/// used and whether whole numbers can satisfy the row at all. An equation whose right side does not divide is kept.
pub(crate) fn divide(mut row: Row, divisor: i128) -> (Row, i128, bool) {
    if row.terms.is_empty() {
        let holds = match row.relation {
            Relation::Equal => row.right == 0,
            Relation::AtMost => row.right >= 0,
        };
        return (row, 1, holds);
    }
    if row.relation == Relation::Equal && row.right.rem_euclid(divisor) != 0 {
        return (row, 1, false);
    }
    for (_, k) in &mut row.terms {
        *k /= divisor;
    }
    row.right = row.right.div_euclid(divisor);
    (row, divisor, true)
}
