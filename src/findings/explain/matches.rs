//! What matches other figures: slips of the pen, sums of known figures, exchanged figures.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Cause, Exchanged, FigureSum, KnownFigure};
use super::digits::{length, misprints, of_same_length, roundings, slips, surprise};
use super::figures::Figures;
use super::groups::Group;
use super::kinds::{Candidate, Proposals, Score};
use super::part::Edit;
use super::values::{Known, Values};
use crate::claims::question::Kind;
use crate::sets::linear::VariableId;

/// A statement of one value: its place, the value, its variable and question.
type Exact = (usize, u64, VariableId, usize);

impl Proposals<'_> {
    /// Rounding, magnitude, typo and one off: what makes the group's figure of another one.
    pub(super) fn slips(&mut self, group: &Group, others: &[Known]) {
        let Some(figure) = group.figure else { return };
        let (least, most, _) = of_same_length(figure);
        let range = least..=most;
        let question = self.dispute.engine.question_id(group.question);
        let own: BTreeSet<usize> = group
            .statements
            .iter()
            .map(|s| self.dispute.engine.compiled.statement(*s).source)
            .collect();
        // By kind: whether it counts, and everything as long as the figure that it makes of others.
        let mut hits: [BTreeSet<u64>; 4] = Default::default();
        let mut found: Vec<(usize, &Known, Cause)> = Vec::new();
        for known in others {
            let base = known.value;
            let rounded = roundings(base);
            let slipped = slips(base);
            let is_witnessed = (known.is_derived && !known.is_bound)
                || known.sources.difference(&own).count() >= 2;
            let misprinted = if is_witnessed {
                misprints(base, length(figure))
            } else {
                BTreeSet::new()
            };
            let next = [base.checked_sub(1), base.checked_add(1)];
            let made: [Vec<u64>; 4] = [
                rounded.keys().copied().collect(),
                slipped.keys().copied().collect(),
                misprinted.iter().copied().collect(),
                next.into_iter().flatten().collect(),
            ];
            for (set, list) in hits.iter_mut().zip(&made) {
                set.extend(list.iter().filter(|x| range.contains(x)));
            }
            let becomes = || self.given(known);
            let question = || question.clone();
            if let Some(unit) = rounded.get(&figure) {
                let cause = Cause::Rounding {
                    question: question(),
                    figure,
                    becomes: becomes(),
                    unit: *unit,
                };
                found.push((0, known, cause));
            }
            if let Some(slip) = slipped.get(&figure) {
                let cause = Cause::Magnitude {
                    question: question(),
                    figure,
                    becomes: becomes(),
                    rounded: slip.rounded,
                    factor: slip.factor,
                    too_large: slip.too_large,
                };
                found.push((1, known, cause));
            }
            if misprinted.contains(&figure) {
                let cause = Cause::Typo {
                    question: question(),
                    figure,
                    becomes: becomes(),
                };
                found.push((2, known, cause));
            }
            if base.abs_diff(figure) == 1 {
                let cause = Cause::OneOff {
                    question: question(),
                    figure,
                    becomes: becomes(),
                };
                found.push((3, known, cause));
            }
        }
        for (kind, known, cause) in found {
            let count = hits.get(kind).map_or(0, BTreeSet::len);
            self.becomes(group, known, cause, surprise(count, figure));
        }
    }

    /// The group's figure becomes another one.
    fn becomes(&mut self, group: &Group, known: &Known, cause: Cause, surprise: f64) {
        self.out.push(Candidate {
            cause,
            subject: format!("{}={}", self.name(&group.claims), known.value),
            claims: self.ids(&group.claims),
            score: Score::Rewrite {
                edit: Edit::Become(vec![(group.claims.clone(), known.value)]),
                surprise: Some(surprise),
            },
            dissolves: None,
        });
    }

    pub(super) fn counts(&mut self, group: &Group, others: &[Known], figures: &mut Figures) {
        let Some(figure) = group.figure else { return };
        let (least, most, _) = of_same_length(figure);
        let bases: Vec<u64> = others.iter().map(|k| k.value).collect();
        let mut chance: Option<f64> = None;
        for known in others {
            let gap = known.value.abs_diff(figure);
            let listed = figures.sums(group.question);
            if listed.is_some_and(|sums| sums.binary_search(&gap).is_err()) {
                continue;
            }
            let sums: Vec<FigureSum> = figures
                .making(group.question, gap)
                .into_iter()
                .map(|sum| FigureSum {
                    plus: figure > known.value,
                    figures: sum
                        .into_iter()
                        .map(|f| KnownFigure {
                            question: self.dispute.engine.question_id(f.question),
                            value: f.value,
                            claims: self.ids(&f.claims),
                        })
                        .collect(),
                })
                .collect();
            if sums.is_empty() {
                continue;
            }
            let earned = *chance.get_or_insert_with(|| {
                figures
                    .hits(group.question, &bases, (least, most))
                    .map_or(0.0, |hits| surprise(hits, figure))
            });
            let cause = Cause::CountedIn {
                question: self.dispute.engine.question_id(group.question),
                figure,
                becomes: self.given(known),
                sums,
            };
            self.becomes(group, known, cause, earned);
        }
    }

    /// Two figures of one source, each of which others give for the other's question.
    pub(super) fn swaps(&mut self, values: &Values<'_>) {
        let compiled = &self.dispute.engine.compiled;
        let exact = |s: usize| {
            let statement = compiled.statement(s);
            let question = compiled.variable(statement.variable).question;
            let kind = self.dispute.engine.dossier.questions.get(question)?.kind;
            let figure = u64::try_from(statement.set.single()?).ok()?;
            (kind == Kind::Count).then_some((figure, statement.variable, question))
        };
        let mut done: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut by_source: BTreeMap<usize, (Vec<Exact>, Vec<Vec<u64>>)> = BTreeMap::new();
        let mut out = Vec::new();
        for a in self.dispute.statements() {
            let source = compiled.statement(a).source;
            let Some((figure_a, variable_a, question_a)) = exact(a) else {
                continue;
            };
            let (own, given) = by_source.entry(source).or_insert_with(|| {
                let own: Vec<_> = self
                    .dispute
                    .index
                    .statements_of(source)
                    .iter()
                    .filter_map(|s| exact(*s).map(|(f, v, q)| (*s, f, v, q)))
                    .collect();
                // What others say of each question the source answers.
                let given: Vec<Vec<u64>> = own
                    .iter()
                    .map(|(s, _, v, _)| values.of(*v, &[*s]).iter().map(|k| k.value).collect())
                    .collect();
                (own, given)
            });
            let (own, given) = (&*own, &*given);
            let offers = |figure: u64, question: usize| {
                let (least, most, _) = of_same_length(figure);
                let offered: BTreeSet<u64> = own
                    .iter()
                    .zip(given)
                    .filter(|((.., q), _)| *q != question)
                    .flat_map(|(_, values)| values.iter().copied())
                    .filter(|x| (least..=most).contains(x))
                    .collect();
                offered.len()
            };
            let place = own.iter().position(|(s, ..)| *s == a);
            let others_on_a = place.and_then(|i| given.get(i));
            for ((b, figure_b, variable_b, question_b), others_on_b) in own.iter().zip(given) {
                if *question_b == question_a
                    || *figure_b == figure_a
                    || !others_on_b.contains(&figure_a)
                    || !others_on_a.is_some_and(|o| o.contains(figure_b))
                    || !done.insert((a.min(*b), a.max(*b)))
                {
                    continue;
                }
                let both = [a, *b];
                let find = |v, value| {
                    let list = values.of(v, &both);
                    list.into_iter().find(|k: &Known| k.value == value)
                };
                let (Some(for_a), Some(for_b)) =
                    (find(variable_a, *figure_b), find(*variable_b, figure_a))
                else {
                    continue;
                };
                let side = |s: usize, question: usize, figure: u64, known: &Known| {
                    let claims = compiled.statement(s).claims.clone();
                    let exchanged = Exchanged {
                        question: self.dispute.engine.question_id(question),
                        figure,
                        becomes: self.given(known),
                    };
                    (claims, exchanged)
                };
                let mut sides = [
                    side(a, question_a, figure_a, &for_a),
                    side(*b, *question_b, *figure_b, &for_b),
                ];
                sides.sort_by(|x, y| x.0.cmp(&y.0));
                let [(claims_1, first), (claims_2, second)] = sides;
                let mut claims = [claims_1.clone(), claims_2.clone()].concat();
                claims.sort_unstable();
                out.push(Candidate {
                    subject: format!("{}+{}", self.name(&claims_1), self.name(&claims_2)),
                    score: Score::Rewrite {
                        edit: Edit::Become(vec![
                            (claims_1, first.becomes.value),
                            (claims_2, second.becomes.value),
                        ]),
                        surprise: Some(
                            surprise(offers(figure_a, question_a), figure_a)
                                + surprise(offers(*figure_b, *question_b), *figure_b),
                        ),
                    },
                    cause: Cause::Swap {
                        source: self.source_id(source),
                        first,
                        second,
                    },
                    claims: self.ids(&claims),
                    dissolves: None,
                });
            }
        }
        self.out.extend(out);
    }
}
