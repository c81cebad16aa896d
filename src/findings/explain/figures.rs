//! Figures known of other questions, and the sums they make.

use std::collections::{BTreeMap, HashMap};

use crate::claims::question::Kind;
use crate::findings::engine::Engine;

/// A figure that a standing claim gives a question.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) question: usize,
    pub(super) value: u64,
    /// Ascending.
    pub(super) claims: Vec<usize>,
}

/// All figures of a dossier, with the sums of up to three of them.
#[derive(Debug)]
pub(super) struct Figures {
    /// By question and value; no 0, which changes no sum.
    list: Vec<Figure>,
    /// By value: the places in `list`, ascending.
    by_value: HashMap<u64, Vec<usize>>,
    /// By question: how many of the figures are its own.
    own: HashMap<usize, usize>,
    /// By question that is left out: the distinct sums, ascending.
    sums: HashMap<usize, Vec<u64>>,
}

/// With more figures than this every gap is taken for some sum, so that a match earns nothing.
const MOST: usize = 200;
/// Sums told for one gap.
const TOLD: usize = 5;

impl Figures {
    pub(super) fn new(engine: &Engine) -> Self {
        let mut by_value: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
        for (i, (place, claim)) in engine
            .compiled
            .places
            .iter()
            .zip(&engine.dossier.resolved.claims)
            .enumerate()
        {
            let Some(place) = place else { continue };
            let kind = engine.dossier.questions.get(claim.question).map(|q| q.kind);
            let value = engine.compiled.statement(place.statement).set.single();
            if let (Some(Kind::Count), Some(value)) = (kind, value)
                && let Ok(value) = u64::try_from(value)
                && value > 0
            {
                by_value.entry((claim.question, value)).or_default().push(i);
            }
        }
        let list: Vec<Figure> = by_value
            .into_iter()
            .map(|((question, value), claims)| Figure {
                question,
                value,
                claims,
            })
            .collect();
        let mut by_value: HashMap<u64, Vec<usize>> = HashMap::new();
        let mut own: HashMap<usize, usize> = HashMap::new();
        for (i, f) in list.iter().enumerate() {
            by_value.entry(f.value).or_default().push(i);
            *own.entry(f.question).or_default() += 1;
        }
        Self {
            list,
            by_value,
            own,
            sums: HashMap::new(),
        }
    }

    /// Whether other questions have more figures than a sum can tell anything about.
    fn are_too_many(&self, question: usize) -> bool {
        self.list.len() - self.own.get(&question).copied().unwrap_or(0) > MOST
    }

    fn others(&self, question: usize) -> Vec<&Figure> {
        self.list
            .iter()
            .filter(|f| f.question != question)
            .collect()
    }

    /// The distinct sums of one to three figures of questions other than this one, no two of one question, ascending. `None` if there
    /// are too many figures for a sum to tell anything.
    ///
    /// O(n³ log n) with n the figures, once for each question.
    pub(super) fn sums(&mut self, question: usize) -> Option<&[u64]> {
        if !self.sums.contains_key(&question) {
            if self.are_too_many(question) {
                return None;
            }
            let others = self.others(question);
            let mut out: Vec<u64> = Vec::new();
            for (i, a) in others.iter().enumerate() {
                out.push(a.value);
                for (j, b) in others.iter().enumerate().skip(i + 1) {
                    let Some(two) = a.value.checked_add(b.value) else {
                        continue;
                    };
                    if a.question == b.question {
                        continue;
                    }
                    out.push(two);
                    out.extend(
                        others
                            .iter()
                            .skip(j + 1)
                            .filter(|c| c.question != b.question && c.question != a.question)
                            .filter_map(|c| two.checked_add(c.value)),
                    );
                }
            }
            out.sort_unstable();
            out.dedup();
            self.sums.insert(question, out);
        }
        self.sums.get(&question).map(Vec::as_slice)
    }

    /// The sums that make `gap`, those of fewest figures first, then by question; at most five.
    ///
    /// O(n²) with n the figures; of too many for a sum to tell anything, only single ones.
    pub(super) fn making(&self, question: usize, gap: u64) -> Vec<Vec<&Figure>> {
        if self.are_too_many(question) {
            let equal = self.by_value.get(&gap).into_iter().flatten();
            let equal = equal.filter_map(|i| self.list.get(*i));
            let equal = equal.filter(|f| f.question != question);
            return equal.take(TOLD).map(|f| vec![f]).collect();
        }
        let others = self.others(question);
        let mut at: HashMap<u64, Vec<usize>> = HashMap::new();
        for (i, f) in others.iter().enumerate() {
            at.entry(f.value).or_default().push(i);
        }
        let found = |rest: u64, after: usize| {
            at.get(&rest)
                .into_iter()
                .flatten()
                .copied()
                .filter(move |i| *i > after)
                .filter_map(|i| others.get(i).copied())
        };
        let mut out: Vec<Vec<&Figure>> = others
            .iter()
            .filter(|f| f.value == gap)
            .map(|f| vec![*f])
            .collect();
        for size in [2, 3] {
            for (i, a) in others.iter().enumerate() {
                let Some(rest) = gap.checked_sub(a.value).filter(|r| *r > 0) else {
                    continue;
                };
                if size == 2 {
                    out.extend(
                        found(rest, i)
                            .filter(|b| b.question != a.question)
                            .map(|b| vec![*a, b]),
                    );
                } else {
                    for (j, b) in others.iter().enumerate().skip(i + 1) {
                        let Some(rest) = rest.checked_sub(b.value).filter(|r| *r > 0) else {
                            continue;
                        };
                        if a.question != b.question {
                            out.extend(
                                found(rest, j)
                                    .filter(|c| {
                                        c.question != a.question && c.question != b.question
                                    })
                                    .map(|c| vec![*a, *b, c]),
                            );
                        }
                    }
                }
                if out.len() >= TOLD {
                    out.truncate(TOLD);
                    return out;
                }
            }
        }
        out
    }

    /// How many figures as long as `figure` lie at one of these sums from one of `bases`; `None` if all are taken to.
    pub(super) fn hits(
        &mut self,
        question: usize,
        bases: &[u64],
        range: (u64, u64),
    ) -> Option<usize> {
        let (least, most) = range;
        let sums = self.sums(question)?;
        let mut out: Vec<u64> = Vec::new();
        for base in bases {
            let above = sums.iter().filter_map(|s| base.checked_add(*s));
            let below = sums.iter().filter_map(|s| base.checked_sub(*s));
            out.extend(above.chain(below).filter(|x| (least..=most).contains(x)));
        }
        out.sort_unstable();
        out.dedup();
        Some(out.len())
    }
}
