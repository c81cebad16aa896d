//! Which restrictions can hold together: tried out, value by value.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::values::{FAR, Values};

/// `sum of coefficient * variable (= or <=) right`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) terms: Vec<(usize, i64)>,
    pub(crate) equal: bool,
    pub(crate) right: i64,
}

impl Row {
    fn holds(&self, value: impl Fn(usize) -> i64) -> bool {
        let sum: i64 = self.terms.iter().map(|(v, k)| k * value(*v)).sum();
        if self.equal {
            sum == self.right
        } else {
            sum <= self.right
        }
    }

    /// `x - y <= right` or `x - y = right`, or the same of one variable.
    fn is_difference(&self) -> bool {
        match self.terms.as_slice() {
            [(_, a)] => a.abs() == 1,
            [(_, a), (_, b)] => a.abs() == 1 && a + b == 0,
            _ => false,
        }
    }
}

/// More assignments than this are not tried out: the dossier is too large for this oracle.
const MOST: f64 = 4e6;

/// Variables, and rows that join them.
type Group = (Vec<usize>, Vec<usize>);

/// The restrictions of a dossier. A *wish* is a mask: bit 2i wants the value of its variable in set i, bit 2i + 1 wants it outside.
#[derive(Debug)]
pub(crate) struct Worlds {
    pub(crate) domains: Vec<(i64, i64)>,
    pub(crate) sets: Vec<(usize, Values)>,
    pub(crate) rows: Vec<Row>,
    /// Multiplies the ranges: 1, or more to show that 1 is enough.
    pub(crate) room: i64,
    answers: HashMap<(u64, u64), bool>,
    tried: HashMap<Group, Rc<Vec<u64>>>,
}

impl Worlds {
    pub(crate) fn new(
        domains: Vec<(i64, i64)>,
        sets: Vec<(usize, Values)>,
        rows: Vec<Row>,
    ) -> Self {
        assert!(sets.len() <= 32 && rows.len() <= 64, "too large for masks");
        Self {
            domains,
            sets,
            rows,
            room: 1,
            answers: HashMap::new(),
            tried: HashMap::new(),
        }
    }

    /// Whether some assignment of values satisfies every wish and every row of the mask `rows`.
    pub(crate) fn possible(&mut self, wishes: u64, rows: u64) -> bool {
        if let Some(known) = self.answers.get(&(wishes, rows)) {
            return *known;
        }
        let active: Vec<usize> = (0..self.rows.len())
            .filter(|r| rows >> r & 1 == 1)
            .collect();
        let constants_hold = active
            .iter()
            .all(|r| !self.rows[*r].terms.is_empty() || self.rows[*r].holds(|_| 0));
        let answer = constants_hold
            && self.groups(&active).into_iter().all(|(variables, rows)| {
                let here = self.wishes_on(&variables) & wishes;
                self.seen(variables, rows)
                    .iter()
                    .any(|world| here & !world == 0)
            });
        self.answers.insert((wishes, rows), answer);
        answer
    }

    fn wishes_on(&self, variables: &[usize]) -> u64 {
        let on = |(i, (v, _)): (usize, &(usize, Values))| {
            if variables.contains(v) {
                0b11 << (2 * i)
            } else {
                0
            }
        };
        self.sets.iter().enumerate().map(on).fold(0, |a, b| a | b)
    }

    /// The variables, those together that rows join, with these rows.
    fn groups(&self, rows: &[usize]) -> Vec<Group> {
        let mut group: Vec<usize> = (0..self.domains.len()).collect();
        for r in rows {
            for (v, _) in &self.rows[*r].terms {
                let (from, to) = (group[*v], group[self.rows[*r].terms[0].0]);
                group
                    .iter_mut()
                    .filter(|g| **g == from)
                    .for_each(|g| *g = to);
            }
        }
        let in_group = |g: usize| {
            (0..group.len())
                .filter(|v| group[*v] == g)
                .collect::<Vec<_>>()
        };
        let rows_of = |g: usize| {
            let touches = |r: &&usize| {
                self.rows[**r]
                    .terms
                    .first()
                    .is_some_and(|t| group[t.0] == g)
            };
            rows.iter().filter(touches).copied().collect::<Vec<_>>()
        };
        (0..group.len())
            .map(|g| (in_group(g), rows_of(g)))
            .filter(|(variables, _)| !variables.is_empty())
            .collect()
    }

    /// For every assignment of values to these variables that satisfies these rows: which wishes it fulfils. Without repeats.
    fn seen(&mut self, variables: Vec<usize>, rows: Vec<usize>) -> Rc<Vec<u64>> {
        let key = (variables, rows);
        if let Some(known) = self.tried.get(&key) {
            return known.clone();
        }
        let (choices, _) = self.choices(&key.0, &key.1);
        let mut out = BTreeSet::new();
        self.search(&key, &choices, &mut |wishes, _| {
            out.insert(wishes);
        });
        let out = Rc::new(out.into_iter().collect::<Vec<u64>>());
        self.tried.insert(key, out.clone());
        out
    }

    fn search(
        &self,
        key: &Group,
        choices: &[Vec<i64>],
        visit: &mut dyn FnMut(u64, &[Option<i64>]),
    ) {
        let mut search = Search {
            worlds: self,
            variables: &key.0,
            rows: &key.1,
            choices,
            value: vec![None; self.domains.len()],
            visit,
        };
        search.go();
    }

    /// By set and variable that these rows join: from where to where the variable goes where the set and the rows hold. Without a set:
    /// where the rows hold alone.
    ///
    /// The range is wider than needed, so that what goes beyond what is needed has no end.
    pub(crate) fn hulls(&mut self, rows: u64) -> BTreeMap<(Option<usize>, usize), (i64, i64)> {
        self.room = 3;
        let active: Vec<usize> = (0..self.rows.len())
            .filter(|r| rows >> r & 1 == 1)
            .collect();
        let mut out: BTreeMap<(Option<usize>, usize), (i64, i64)> = BTreeMap::new();
        for key in self.groups(&active) {
            let (choices, bounded) = self.choices(&key.0, &key.1);
            self.search(&key, &choices, &mut |wishes, value| {
                let holding = (0..self.sets.len()).filter(|s| wishes >> (2 * s) & 1 == 1);
                for set in holding.map(Some).chain([None]) {
                    for v in &key.0 {
                        let x = value[*v].unwrap();
                        let hull = out.entry((set, *v)).or_insert((x, x));
                        *hull = (hull.0.min(x), hull.1.max(x));
                    }
                }
            });
            // Each variable's values go as far as those of all: what lies in the outer parts of the range has no end.
            for ((_, v), hull) in out.iter_mut().filter(|h| key.0.contains(&h.0.1)) {
                let (first, last) = self.domains[*v];
                if hull.0 < bounded.0 {
                    hull.0 = first;
                }
                if hull.1 > bounded.1 {
                    hull.1 = last;
                }
            }
        }
        out
    }

    /// The values to try for each variable, and how far those go that have an end.
    ///
    /// Let `low` and `high` be the least and the largest figure in a set on these variables (0 counts as one, for counts), and `slack`
    /// the sum of the constants of the rows. Every set has the same members from `high + 1` on, and below `low`.
    ///
    /// - A variable in no row: one value of each stretch between neighbouring figures is enough.
    /// - Rows that are differences (`x + c <= y`), counts: if a choice of stretches can be satisfied, it has a least solution, in which
    ///   each value is the start of a stretch (at most `high + 1`) plus constants along a path without repeats: at most
    ///   `high + 1 + slack`. Dates are the same once a bound far below is added: `low - 1 - slack` is far enough, since a path from it
    ///   cannot rise above `low - 1`.
    ///   So besides the full range, the starts of stretches plus all sums of constants are enough; taken where the range is large.
    /// - Sums: a choice of stretches is a polyhedron in the positive numbers, so it has a corner, where as many bounds or rows as there
    ///   are variables hold with equality; with unit coefficients in a forest, corners are whole and each coordinate is a sum of
    ///   figures with signs, at most `variables * (high + 1) + slack`. Coefficients multiply that by at most their product. Cycles of unit
    ///   rows can have corners at halves; a whole solution then lies within one or two of a corner: the range has twice that room.
    ///   (`more_room_changes_nothing` tests all this.)
    fn choices(&self, variables: &[usize], rows: &[usize]) -> (Vec<Vec<i64>>, (i64, i64)) {
        let figures: Vec<i64> = self
            .sets
            .iter()
            .filter(|(v, _)| variables.contains(v))
            .flat_map(|(_, set)| set.0.iter().flat_map(|(low, high)| [*low, *high]))
            .filter(|x| x.abs() < FAR)
            .collect();
        let counts = variables.iter().all(|v| self.domains[*v].0 == 0);
        let mut starts: Vec<i64> = figures.iter().flat_map(|x| [*x, x + 1]).collect();
        starts.push(if counts {
            0
        } else {
            figures.iter().min().map_or(0, |x| x - 1)
        });
        let low = if counts {
            0
        } else {
            *starts.iter().min().unwrap()
        };
        let high = *starts.iter().max().unwrap();
        let within = |v: usize, list: &[i64]| {
            let (first, last) = self.domains[v];
            let mut own: Vec<i64> = list
                .iter()
                .copied()
                .filter(|x| first <= *x && *x <= last)
                .collect();
            own.sort_unstable();
            own.dedup();
            own
        };
        let each = |list: &[i64]| {
            variables
                .iter()
                .map(|v| within(*v, list))
                .collect::<Vec<_>>()
        };
        if rows.is_empty() {
            return (each(&starts), (low, high));
        }
        let rows: Vec<&Row> = rows.iter().map(|r| &self.rows[*r]).collect();
        let constants: Vec<i64> = rows.iter().map(|r| r.right).filter(|c| *c != 0).collect();
        let slack: i64 = constants.iter().map(|c| c.abs()).sum();
        let differences = rows.iter().all(|r| r.is_difference());
        // How far values go that have an end, and how far they are tried.
        let (bounded, more) = if differences {
            let from = if counts { 0 } else { low - slack };
            ((from, high + slack), (self.room - 1) * (slack + 1))
        } else {
            let factor = |r: &&Row| r.terms.iter().map(|(_, k)| k.abs()).max().unwrap();
            let factor: i64 = rows.iter().map(factor).product();
            let n = i64::try_from(variables.len()).unwrap();
            let to = factor * (n * high + slack + 2);
            ((0, to), (self.room - 1) * to)
        };
        let from = if counts { 0 } else { bounded.0 - more };
        let to = bounded.1 + more;
        let equalities = rows.iter().filter(|r| r.equal).count();
        let free = i32::try_from(variables.len() - equalities.min(variables.len())).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let size = ((to - from + 1) as f64).powi(free.max(1));
        if size <= MOST {
            let all: Vec<i64> = (from..=to).collect();
            return (each(&all), bounded);
        }
        if !differences {
            std::panic::resume_unwind(Box::new(TOO_LARGE));
        }
        if !counts {
            starts.push(low - slack - 1);
        }
        let mut shifted: Vec<i64> = starts;
        for c in constants {
            let more: Vec<i64> = shifted.iter().flat_map(|x| [*x, x + c, x - c]).collect();
            shifted = more;
            shifted.sort_unstable();
            shifted.dedup();
        }
        (each(&shifted), bounded)
    }
}

/// What a panic says where too many assignments would have to be tried.
pub(crate) const TOO_LARGE: &str = "too many assignments to try out";

/// Depth first through the assignments. A value that an equation leaves no choice about is taken from there.
struct Search<'a> {
    worlds: &'a Worlds,
    variables: &'a [usize],
    rows: &'a [usize],
    choices: &'a [Vec<i64>],
    value: Vec<Option<i64>>,
    visit: &'a mut dyn FnMut(u64, &[Option<i64>]),
}

impl Search<'_> {
    fn go(&mut self) {
        let open = |v: &usize| self.value[*v].is_none();
        let Some(next) = self.variables.iter().position(open) else {
            let value = |v: usize| self.value[v].unwrap();
            let rows = &self.worlds.rows;
            if self.rows.iter().all(|r| rows[*r].holds(value)) {
                let wishes = self.wishes();
                (self.visit)(wishes, &self.value);
            }
            return;
        };
        if let Some((v, x)) = self.forced() {
            if let Some(x) = x {
                self.value[v] = Some(x);
                self.go();
                self.value[v] = None;
            }
            return;
        }
        let v = self.variables[next];
        for i in 0..self.choices[next].len() {
            self.value[v] = Some(self.choices[next][i]);
            self.go();
        }
        self.value[v] = None;
    }

    /// A variable that is the only open one of an equation, and the value it must have, if that is a value of its question.
    fn forced(&self) -> Option<(usize, Option<i64>)> {
        for r in self.rows {
            let row = &self.worlds.rows[*r];
            let mut open = row.terms.iter().filter(|(v, _)| self.value[*v].is_none());
            if let (true, Some((v, k)), None) = (row.equal, open.next(), open.next()) {
                let closed = row
                    .terms
                    .iter()
                    .filter_map(|(v, k)| Some(k * self.value[*v]?));
                let rest = row.right - closed.sum::<i64>();
                let (first, last) = self.worlds.domains[*v];
                let x = (rest % k == 0).then_some(rest / k);
                return Some((*v, x.filter(|x| first <= *x && *x <= last)));
            }
        }
        None
    }

    fn wishes(&self) -> u64 {
        let mut out = 0;
        for (i, (v, set)) in self.worlds.sets.iter().enumerate() {
            if let Some(x) = self.value[*v] {
                out |= 1 << (2 * i + usize::from(!set.contains(x)));
            }
        }
        out
    }
}
