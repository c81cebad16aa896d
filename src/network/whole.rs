//! Wholes and parts with many units: one line for each variable, and what the rest of the tree leaves of it.
//!
//! Where rows and variables form a forest, what each part of it leaves of a variable is a stretch at random, independent of what the others
//! leave: a [`Leeway`]. So it is handed along rows, inwards and back, as sums and as what stretches have in common. What is known of a
//! variable then follows as if the rest had spoken of it alone; but how likely the rest leaves all of a run of values is only bounded, and
//! with it how far a set with two ends is believed.
//!
//! Rows that may be off, and assumptions that units on several variables share, are tried out (see [`Trials`]).

mod tree;

use super::cases::Cases;
use super::cluster::Cluster;
use super::eliminate::{OverBudget, Weights};
use super::leeway::Leeway;
use super::line::{Around, Line, Opinion, Said};
use super::propagate::{Outcome, Rows, is_forest};
use super::trials::Trials;
use super::{AssumptionId, Guard, Network, UnitId};
use crate::sets::interval::Interval;
use crate::sets::linear::Row;
use crate::sets::probability::Probability;
use crate::sets::set::Set;
use crate::sets::weight::Weight;
use tree::Tree;

/// A forest of wholes and parts, solved.
#[derive(Debug)]
pub(crate) struct Whole {
    cases: Cases<Tree>,
    /// By variable: the sets that units name.
    named: Vec<Vec<Set>>,
    spent: u64,
}

/// How many products here take as long as one of tables.
const CHEAPER: u64 = 4;

impl Whole {
    /// Whether a cluster may be solved like this, as far as its shape goes.
    pub(crate) fn fits(cluster: &Cluster) -> bool {
        let is_plain = cluster.members.iter().all(|m| {
            let mut variables = m.within.iter().map(|(v, _)| v);
            let first = variables.next();
            match m.rows.as_slice() {
                [] => variables.all(|v| Some(v) == first),
                [_] => first.is_none(),
                _ => false,
            }
        });
        cluster.convex
            && is_plain
            && cluster.all_rows().all(|row| row.terms.len() > 1)
            && is_forest(cluster.all_rows(), cluster.variables.len())
    }

    /// Solves a cluster that [`fits`](Self::fits). `outer` are the assumptions that something outside uses as well, `around` what is
    /// said of them there; `extra` is a variable and a set to be asked about beside those that units name. `budget` is in products.
    ///
    /// # Complexity
    ///
    /// For a row, O(n log n) sums of a term and of what others add up to, each the product of the numbers of their cells; for each way for
    /// the assumptions tried out to hold.
    pub(crate) fn solve(
        network: &Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        around: Option<&Weights>,
        extra: Option<(usize, &Set)>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let question = Question::new(network, cluster, outer, extra, budget)?;
        let mut left = budget;
        let switches = question.switches.iter();
        let switches = switches.map(|(unit, guards, _)| (*unit, guards.clone()));
        let cases = Cases::solve(&question.trials, switches.collect(), around, |bits| {
            let Some((mut lines, mut tree)) = question.case(bits, &mut left)? else {
                return Ok(None);
            };
            let before = left;
            let inward = tree.inward(own(&lines, |_| &[]).ok_or(OverBudget)?, &mut left)?;
            tree.cost = before - left;
            tree.tables = inward.tables;
            if inward.total.is_zero() {
                return Ok(None);
            }
            let mut told = tree.outward(inward, &mut left)?.into_iter();
            for line in &mut lines {
                let rest = told.next().flatten();
                line.solve(rest.map(|rest| around_line(line, &rest)), &mut left)?;
            }
            let possible = tree.total(&lines);
            Ok(Some((lines, tree, possible)))
        })?;
        let mut named: Vec<Vec<Set>> = vec![Vec::new(); cluster.variables.len()];
        let sets = cluster.members.iter().flat_map(|m| &m.within);
        for (v, set) in sets.chain(&cluster.silent) {
            if let Some(list) = named.get_mut(*v) {
                list.push(set.clone());
            }
        }
        for list in &mut named {
            list.sort_unstable();
            list.dedup();
        }
        Ok(Self {
            cases,
            named,
            spent: budget - left,
        })
    }

    /// What the cluster says of the outer assumptions: how likely it is that values exist.
    pub(crate) fn outward(
        network: &Network,
        cluster: &Cluster,
        outer: &[AssumptionId],
        budget: u64,
    ) -> Result<Weights, OverBudget> {
        let question = Question::new(network, cluster, outer, None, budget)?;
        let mut left = budget;
        Cases::<Tree>::outward(&question.trials, outer, |bits| {
            let Some((lines, tree)) = question.case(bits, &mut left)? else {
                return Ok(None);
            };
            let own = own(&lines, |_| &[]).ok_or(OverBudget)?;
            Ok(Some(tree.inward(own, &mut left)?.total))
        })
    }

    /// The weight of the possible scenarios.
    pub(crate) fn total(&self) -> Weight {
        self.cases.total()
    }

    /// What solving it took, in products of tables.
    pub(crate) fn spent(&self) -> u64 {
        self.spent / CHEAPER
    }

    /// What one share costs, in products of tables.
    pub(crate) fn cost(&self) -> usize {
        let passes: u64 = self.cases.list().iter().map(|c| c.shape.cost).sum();
        let each = 32 * self.cases.units() * self.cases.list().len();
        usize::try_from(passes / CHEAPER)
            .unwrap_or(usize::MAX)
            .saturating_add(each)
    }

    /// Whether [`opinion`](Self::opinion) can tell of the set.
    pub(crate) fn resolves(&self, v: usize, set: &Set) -> bool {
        let mut lines = self.cases.list().iter().map(|c| c.lines.get(v));
        lines.all(|line| line.is_some_and(|line| line.resolves(set)))
    }

    /// Whether what is known of the sets that units name of a variable is exact.
    pub(crate) fn is_exact(&self, v: usize, domain: Interval) -> bool {
        let mut named = self.named.get(v).into_iter().flatten();
        self.total().is_zero()
            || named.all(|set| self.opinion(v, set, domain).bounds() == [None; 2])
    }

    /// Whether that is so of every variable; `given` begins with its domain.
    pub(crate) fn tells_all<T>(&self, given: &[(Interval, T)]) -> bool {
        let mut given = given.iter().enumerate();
        given.all(|(v, (domain, _))| self.is_exact(v, *domain))
    }

    /// What tables would take at a rough guess, in products.
    pub(crate) fn tables(&self) -> u64 {
        let cases = self.cases.list().iter();
        cases.fold(0, |all, case| all.saturating_add(case.shape.tables))
    }

    /// Belief and plausibility of a set of values of a variable; something must be possible.
    pub(super) fn opinion(&self, v: usize, set: &Set, domain: Interval) -> Opinion {
        self.cases.opinion(v, set, domain)
    }

    /// The share of the possible scenarios in which one of `guards`, all of the unit, holds. `None` if the unit is not here.
    pub(crate) fn holds(&self, unit: UnitId, guards: &[Guard]) -> Option<f64> {
        self.cases.holds(unit, guards)
    }

    /// The share of the possible scenarios in which the assumption holds. `None` if nothing here uses it.
    pub(crate) fn assumption(&self, id: AssumptionId, prior: Probability) -> Option<f64> {
        self.cases.assumption(id, prior)
    }

    /// The share of the possible scenarios in which none of the units is active.
    pub(crate) fn without(&self, units: &[UnitId]) -> f64 {
        self.cases.without(units, |case, gone| {
            let gone = |v: usize| gone.get(&v).map(Vec::as_slice).unwrap_or_default();
            let Some(own) = own(&case.lines, gone) else {
                return 0.0;
            };
            let inward = case.shape.inward(own, &mut { u64::MAX });
            inward.map_or(0.0, |inward| {
                inward.total.share_of(case.shape.total(&case.lines))
            })
        })
    }
}

/// What the units of each variable leave of it, none of `gone` being active; `None` if one of those always is.
fn own<'a>(lines: &[Line], gone: impl Fn(usize) -> &'a [UnitId]) -> Option<Vec<Leeway>> {
    let lines = lines.iter().enumerate();
    lines.map(|(v, line)| line.leeway(gone(v))).collect()
}

fn around_line(line: &Line, rest: &Leeway) -> Around {
    let rest = rest.and(&Leeway::exactly(line.hull()));
    let [cells, joints, below, above] = rest.by_cells(line.hull(), line.cuts());
    Around::of_stretch(cells, joints, below, above)
}

/// What is asked of a cluster before it is solved.
struct Question<'a> {
    trials: Trials<'a>,
    cluster: &'a Cluster,
    /// Units that are rows, with their guards.
    switches: Vec<(UnitId, Vec<Guard>, &'a Row)>,
}

impl<'a> Question<'a> {
    fn new(
        network: &'a Network,
        cluster: &'a Cluster,
        outer: &[AssumptionId],
        extra: Option<(usize, &Set)>,
        budget: u64,
    ) -> Result<Self, OverBudget> {
        let mut said: Vec<Vec<Said>> = vec![Vec::new(); cluster.variables.len()];
        let mut switches = Vec::new();
        for m in &cluster.members {
            let guards: Vec<Guard> = network.live_guards(m.id).cloned().collect();
            if let Some(row) = m.rows.first() {
                switches.push((m.id, guards, row));
                continue;
            }
            let stretch = m
                .within
                .iter()
                .try_fold(Interval::EVERYTHING, |all, (_, set)| {
                    all.intersection(set.as_interval()?)
                });
            let v = m.within.first().map_or(0, |(v, _)| *v);
            if let Some(list) = said.get_mut(v) {
                list.push(Said {
                    unit: m.id,
                    stretch,
                    guards,
                    given: None,
                });
            }
        }
        let used = switches.iter().flat_map(|(_, guards, _)| guards).flatten();
        let uncertain = used.copied().filter(|a| !network.probability(*a).is_one());
        let sure = outer.iter().copied().chain(uncertain);
        let mut trials = Trials::new(network, said, sure, budget)?;
        let silent = cluster.silent.iter().map(|(v, set)| (*v, set)).chain(extra);
        for (v, set) in silent {
            for stretch in set.stretches() {
                trials.mind(v, *stretch);
            }
        }
        Ok(Self {
            trials,
            cluster,
            switches,
        })
    }

    /// Lines and rows if the assumptions tried out hold as in `bits`. `None` if that is impossible.
    fn case(&self, bits: u32, left: &mut u64) -> Result<Option<(Vec<Line>, Tree)>, OverBudget> {
        let switched = self.switches.iter();
        let on = switched.filter(|(_, guards, _)| !self.trials.under(bits, guards).is_empty());
        let rows = self.cluster.hard.iter().chain(on.map(|(_, _, row)| *row));
        let rows: Vec<&Row> = rows.collect();
        let domains = self.cluster.domains.iter().map(Set::as_interval);
        let Some(hulls) = domains.collect::<Option<Vec<Interval>>>() else {
            return Ok(None);
        };
        let spread = |hulls: Vec<Interval>| {
            let mut sets: Vec<Set> = hulls.into_iter().map(Set::from).collect();
            let mut steps = 8 * rows.len() as u64 + 64;
            let uses = Rows::new(rows.iter().copied(), sets.len());
            match uses.propagate(&mut sets, None, &mut steps, |_| {}) {
                Outcome::Clash => None,
                Outcome::Settled | Outcome::Stopped => sets.iter().map(Set::hull).collect(),
            }
        };
        let lines = self.trials.lines(bits, hulls, spread, left)?;
        let tree = || Tree::new(rows.iter().map(|r| (*r).clone()).collect(), self.cluster);
        Ok(lines.map(|lines| (lines, tree())))
    }
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::claims::dossier::Dossier;
    use crate::compile::compile;
    use crate::network::Pass;
    use crate::network::cases::against_tables::compare;
    use crate::network::cluster::clusters;
    use crate::network::order::trees::Words;
    use crate::sets::linear::Relation;
    use crate::strategies;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    /// A row: the question it hangs on, as its whole or as a part; how many others are in it; its kind.
    #[derive(Debug, Clone, Copy)]
    struct Link {
        on: usize,
        is_part: bool,
        others: usize,
        kind: Kind,
        by: i8,
        is_soft: bool,
    }

    #[derive(Debug, Clone, Copy)]
    enum Kind {
        Equal,
        /// The parts times this are no more than the whole.
        AtMost(u8),
        AtLeast(u8),
    }

    type Said = (usize, Words, u8);

    #[derive(Debug, Clone)]
    struct Plan {
        links: Vec<Link>,
        said: Vec<Said>,
        shared: usize,
    }

    fn plans() -> impl Strategy<Value = Plan> {
        let kind = prop_oneof![
            4 => Just(Kind::Equal),
            1 => (1_u8..3).prop_map(Kind::AtMost),
            1 => (1_u8..3).prop_map(Kind::AtLeast),
        ];
        let link = (0_usize..9, 0_u8..4, 1_usize..4, kind, 0_i8..5, 0_u8..5);
        let link = link.prop_map(|(on, part, others, kind, by, soft)| Link {
            on,
            is_part: part == 0 && others > 1,
            others,
            kind,
            by: (by - 3).max(0),
            is_soft: soft == 0,
        });
        let words = prop_oneof![
            3 => (1_u8..6).prop_map(Words::AtLeast),
            3 => (0_u8..6).prop_map(Words::AtMost),
            4 => (0_u8..7).prop_map(Words::Exactly),
            2 => (0_u8..5, 1_u8..4).prop_map(|(a, n)| Words::Within(a, a + n)),
            1 => (1_u8..5, 1_u8..4).prop_map(|(a, n)| Words::Hundreds(a, a + n)),
        ];
        let said = prop::collection::vec((0_usize..9, words, 0_u8..12), 3..11);
        (prop::collection::vec(link, 1..4), said, 0_usize..6).prop_map(|(links, said, shared)| {
            Plan {
                links,
                said,
                shared,
            }
        })
    }

    fn json(plan: &Plan) -> String {
        let mut n = 1;
        let mut links = Vec::new();
        for (i, link) in plan.links.iter().enumerate() {
            let on = link.on % n;
            let mut others: Vec<String> = (n..n + link.others).map(|q| format!("q{q}")).collect();
            n += link.others;
            let (whole, parts) = if link.is_part {
                let whole = others.swap_remove(0);
                others.push(format!("q{on}"));
                (whole, others)
            } else {
                (format!("q{on}"), others)
            };
            let parts = |times: u8| {
                let each = parts.iter().map(|p| match times {
                    1 => p.clone(),
                    k => format!("{k}*{p}"),
                });
                each.collect::<Vec<_>>().join(" + ")
            };
            let by = link.by;
            let formula = match link.kind {
                Kind::Equal => format!("{whole} = {} + {by}", parts(1)),
                Kind::AtMost(k) => format!("{} <= {whole} + {by}", parts(k)),
                Kind::AtLeast(k) => format!("{whole} <= {} + {by}", parts(k)),
            };
            let assuming = if link.is_soft {
                r#","assuming":["a"]"#
            } else {
                ""
            };
            links.push(format!(
                r#"{{"id":"l{i}","formula":"{formula}"{assuming}}}"#
            ));
        }
        let questions: Vec<String> = (0..n).map(|q| format!(r#"{{"id":"q{q}"}}"#)).collect();
        let mut sources = Vec::new();
        let mut claims = String::new();
        for (i, (q, words, trust)) in plan.said.iter().enumerate() {
            let is_shared = plan.shared > 0 && i % plan.shared == 0;
            let source = if is_shared { 0 } else { i };
            if source == i {
                let reliability = match trust {
                    0 => 1.0,
                    n => f64::from(*n) / 12.5,
                };
                sources.push(format!(r#"{{"id":"s{i}","reliability":{reliability}}}"#));
            }
            let value = match words {
                Words::AtLeast(a) => format!(r#"{{"min":{a}}}"#),
                Words::AtMost(b) => format!(r#"{{"max":{b}}}"#),
                Words::Exactly(x) => x.to_string(),
                Words::Within(a, b) => format!(r#"{{"min":{a},"max":{b}}}"#),
                Words::Hundreds(a, b) => {
                    format!(r#"{{"entailed":{{"min":{a}}},"suggested":{{"min":{a},"max":{b}}}}}"#)
                }
            };
            let comma = if i > 0 { "," } else { "" };
            let question = q % n;
            let _ = write!(
                claims,
                r#"{comma}{{"id":"c{i}","question":"q{question}","source":"s{source}","value":{value}}}"#
            );
        }
        format!(
            r#"{{"schema":1,"sources":[{}],"assumptions":[{{"id":"a","probability":0.7}}],"questions":[{}],"links":[{}],"claims":[{claims}]}}"#,
            sources.join(","),
            questions.join(","),
            links.join(",")
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn sums_and_tables_agree(plan in plans()) {
            let json = json(&plan);
            let dossier = Dossier::from_json(json.as_bytes()).unwrap();
            compare::<Whole>(&dossier).map_err(|e| TestCaseError::fail(format!("{e} {json}")))?;
        }

        #[test]
        fn any_dossier_and_tables_agree(dossier in prop_oneof![
            2 => strategies::sums(),
            2 => strategies::trees(),
            1 => strategies::chains(),
            1 => strategies::over_time(),
            1 => strategies::assumptions(),
            1 => strategies::dates(),
        ]) {
            compare::<Whole>(&dossier)
                .map_err(|e| TestCaseError::fail(format!("{e} {}", dossier.to_json())))?;
        }
    }

    /// The generator makes sums of several parts, sums of sums, inequalities, rows that may be off, and what can and cannot be.
    #[test]
    fn plans_are_of_all_kinds() {
        let mut runner = TestRunner::deterministic();
        let mut seen = [0; 5];
        for _ in 0..100 {
            let plan = plans().new_tree(&mut runner).unwrap().current();
            let dossier = Dossier::from_json(json(&plan).as_bytes()).unwrap();
            let network = &compile(&dossier).network;
            for cluster in clusters(network, Pass::Entailed) {
                if !Whole::fits(&cluster) {
                    continue;
                }
                let rows: Vec<&Row> = cluster.all_rows().collect();
                let is_sum = |r: &&Row| r.relation == Relation::Equal && r.terms.len() > 2;
                let soft = cluster.members.iter().any(|m| !m.rows.is_empty());
                let conflict = Whole::solve(network, &cluster, &[], None, None, 1 << 30)
                    .is_ok_and(|w| w.total().get() < 1.0);
                let kinds = [
                    rows.iter().any(is_sum),
                    rows.iter().filter(|r| is_sum(r)).count() > 1,
                    rows.iter()
                        .any(|r| r.relation == Relation::AtMost && r.terms.len() > 2),
                    soft && rows.len() > 1,
                    conflict && rows.len() > 1,
                ];
                for (n, is_there) in seen.iter_mut().zip(kinds) {
                    *n += i32::from(is_there);
                }
            }
        }
        assert!(seen.iter().all(|n| *n > 10), "{seen:?}");
    }
}
