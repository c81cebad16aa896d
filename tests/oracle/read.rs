//! From a dossier's JSON to assumptions, guards and restrictions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::values::{Domain, FAR, Values};
use super::worlds::{Row, Worlds};

/// What can be given up, and a suggestion, which stands on a statement.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) kind: UnitKind,
    /// The claims of a statement; the name of a link.
    pub(crate) claims: Vec<String>,
    pub(crate) link: Option<String>,
    pub(crate) source: Option<String>,
    /// The set it restricts a variable to.
    pub(crate) set: Option<usize>,
    /// The rows it makes hold, as a mask.
    pub(crate) rows: u64,
    /// It is active where one of these holds: masks of assumptions.
    pub(crate) guards: Vec<u64>,
    pub(crate) component: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    Statement,
    Link,
    /// Of the statement at that place.
    Suggestion(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) question: usize,
    pub(crate) entailed: Values,
    /// The rest only where it stands.
    pub(crate) standing: Option<Standing>,
}

#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) source: String,
    pub(crate) variable: usize,
    pub(crate) set: usize,
    pub(crate) suggested: Option<usize>,
    pub(crate) unit: usize,
    pub(crate) guards: Vec<u64>,
}

/// A dossier as a network.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) probability: Vec<f64>,
    pub(crate) assumption_names: Vec<String>,
    pub(crate) questions: Vec<(String, Domain)>,
    /// Question and as-of of each variable.
    pub(crate) variables: Vec<(usize, Option<String>)>,
    pub(crate) worlds: Worlds,
    pub(crate) units: Vec<Unit>,
    pub(crate) hard_rows: u64,
    /// By row.
    pub(crate) row_component: Vec<usize>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) links: Vec<(String, bool)>,
    /// By question.
    pub(crate) component: Vec<usize>,
    /// Of sources with statements: reliability, and a component that it is in.
    pub(crate) sources: BTreeMap<String, (f64, usize)>,
    pub(crate) carry_over: f64,
    /// Declared assumptions: probability, and a component that uses it.
    pub(crate) declared: BTreeMap<String, (f64, Option<usize>)>,
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key).and_then(Json::as_str)
}

fn texts<'a>(json: &'a Json, key: &str) -> Vec<&'a str> {
    list(json, key)
        .iter()
        .map(|x| x.as_str().unwrap())
        .collect()
}

/// Numbers assumptions by name.
#[derive(Default)]
struct Assumptions {
    names: Vec<String>,
    probability: Vec<f64>,
}

impl Assumptions {
    fn mask(&mut self, name: String, probability: f64) -> u64 {
        let place = self
            .names
            .iter()
            .position(|n| *n == name)
            .unwrap_or_else(|| {
                self.names.push(name);
                self.probability.push(probability);
                self.names.len() - 1
            });
        assert!(place < 64, "too large for masks");
        1 << place
    }
}

/// Joins questions into components.
struct Join(Vec<usize>);

impl Join {
    fn join(&mut self, questions: impl IntoIterator<Item = usize>) {
        let mut first = None;
        for q in questions {
            let to = *first.get_or_insert(self.0[q]);
            let from = self.0[q];
            self.0
                .iter_mut()
                .filter(|c| **c == from)
                .for_each(|c| *c = to);
        }
    }
}

/// Source, variable, entailed set.
type Statement = (String, usize, Values);

/// A claim that restricts something, as read.
struct Said<'a> {
    json: &'a Json,
    place: usize,
    statement: Statement,
    suggested: Option<Values>,
}

impl Model {
    #[expect(clippy::too_many_lines, reason = "the definitions, in their order")]
    pub(crate) fn read(dossier: &Json) -> Self {
        let none = Json::Null;
        let options = dossier.get("options").unwrap_or(&none);
        let option =
            |key: &str, default: f64| options.get(key).and_then(Json::as_f64).unwrap_or(default);
        let table = |table: &str, key: &str, default: f64| {
            let entry = options.get(table).and_then(|t| t.get(key));
            entry.and_then(Json::as_f64).unwrap_or(default)
        };
        let carry_over = option("carry_over", 0.5);
        let source = |id: &str| {
            list(dossier, "sources")
                .iter()
                .find(|s| text(s, "id") == Some(id))
                .unwrap()
        };
        let reliability = |id: &str| {
            let r = source(id)
                .get("reliability")
                .cloned()
                .unwrap_or_else(|| "F".into());
            if let Some(letter) = r.as_str() {
                let default = [0.95, 0.85, 0.70, 0.50, 0.25, 0.60]["ABCDEF".find(letter).unwrap()];
                return table("reliability", letter, default);
            }
            r.as_f64().unwrap_or_else(|| {
                let (right, wrong) = (r["right"].as_f64().unwrap(), r["wrong"].as_f64().unwrap());
                (right + 1.0) / (right + wrong + 2.0)
            })
        };
        let fidelity = |id: &str| {
            let own = source(id).get("fidelity").and_then(Json::as_f64);
            own.unwrap_or_else(|| {
                let r = source(id)
                    .get("reliability")
                    .cloned()
                    .unwrap_or_else(|| "F".into());
                match r.as_str() {
                    Some(letter) => {
                        let default =
                            [0.99, 0.97, 0.95, 0.90, 0.80, 0.95]["ABCDEF".find(letter).unwrap()];
                        table("fidelity", letter, default)
                    }
                    None => table("fidelity", "number", 0.95),
                }
            })
        };

        // Questions.
        let question_ids: Vec<&str> = list(dossier, "questions")
            .iter()
            .map(|q| text(q, "id").unwrap())
            .collect();
        let question = |id: &str| question_ids.iter().position(|q| *q == id).unwrap();
        let over_time: Vec<&str> = list(dossier, "questions")
            .iter()
            .map(|q| text(q, "over_time").unwrap_or("fixed"))
            .collect();
        let domains: Vec<Domain> = list(dossier, "questions")
            .iter()
            .map(|q| match text(q, "kind").unwrap_or("count") {
                "count" => Domain::Count,
                "date" => Domain::Date,
                "category" => Domain::Category(labels(dossier, text(q, "id").unwrap())),
                kind => panic!("a question of kind {kind}"),
            })
            .collect();

        // Claims that stand, and the variables they are about.
        let superseded: BTreeSet<&str> = list(dossier, "claims")
            .iter()
            .flat_map(|c| texts(c, "supersedes"))
            .collect();
        let mut variables: Vec<(usize, Option<String>)> = (0..question_ids.len())
            .filter(|q| over_time[*q] == "fixed")
            .map(|q| (q, None))
            .collect();
        let mut claims = Vec::new();
        let mut said: Vec<Said> = Vec::new();
        for (place, c) in list(dossier, "claims").iter().enumerate() {
            let id = text(c, "id").unwrap().to_owned();
            let q = question(text(c, "question").unwrap());
            let (mut entailed, mut suggested) = domains[q].read(&c["value"]);
            let as_of = text(c, "as_of");
            let day = match over_time[q] {
                "fixed" => None,
                "cumulative" if as_of.is_none() => {
                    // True at some day up to then: a bound from below, which suggests nothing.
                    entailed = Values::of(vec![(entailed.0[0].0, FAR)]);
                    suggested = None;
                    Some(text(c, "stated").or(text(dossier, "as_of")).unwrap())
                }
                _ => Some(as_of.unwrap()),
            };
            let status = if c.get("retracted") == Some(&Json::Bool(true)) {
                "retracted"
            } else if superseded.contains(id.as_str()) {
                "superseded"
            } else {
                "standing"
            };
            claims.push(Claim {
                id,
                status,
                question: q,
                entailed: entailed.clone(),
                standing: None,
            });
            if status == "standing" {
                assert!(day.is_none_or(|d| d.len() == 10), "only plain days");
                let variable = (q, day.map(str::to_owned));
                if !variables.contains(&variable) {
                    variables.push(variable.clone());
                }
                let variable = variables.iter().position(|v| *v == variable).unwrap();
                let source = text(c, "source").unwrap().to_owned();
                said.push(Said {
                    json: c,
                    place,
                    statement: (source, variable, entailed),
                    suggested,
                });
            }
        }

        // Links and growth.
        let mut join = Join((0..question_ids.len()).collect());
        let mut assumptions = Assumptions::default();
        let declared_probability: BTreeMap<&str, f64> = list(dossier, "assumptions")
            .iter()
            .map(|a| (text(a, "id").unwrap(), a["probability"].as_f64().unwrap()))
            .collect();
        let mut declared_on: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut units: Vec<Unit> = Vec::new();
        let mut rows: Vec<(Row, usize)> = Vec::new();
        let mut hard_rows = 0_u64;
        let mut links = Vec::new();
        for link in list(dossier, "links") {
            let formula = text(link, "formula").unwrap();
            let name = text(link, "id").unwrap_or(formula).to_owned();
            let (terms, equal, right) = read_formula(formula);
            let named: Vec<usize> = terms.keys().map(|q| question(q)).collect();
            join.join(named.iter().copied());
            let terms: Vec<(usize, i64)> = terms
                .into_iter()
                .filter(|t| t.1 != 0)
                .map(|(q, k)| (question(&q), k))
                .collect();
            let timed: Vec<usize> = terms
                .iter()
                .map(|t| t.0)
                .filter(|q| over_time[*q] != "fixed")
                .collect();
            let days: BTreeSet<Option<String>> = if timed.is_empty() {
                BTreeSet::from([None])
            } else {
                let all: BTreeSet<Option<String>> = variables.iter().map(|v| v.1.clone()).collect();
                all.into_iter()
                    .filter(|d| timed.iter().all(|q| variables.contains(&(*q, d.clone()))))
                    .collect()
            };
            let mut mask = 0;
            for day in days {
                let variable = |q: usize| {
                    let wanted = (
                        q,
                        if over_time[q] == "fixed" {
                            None
                        } else {
                            day.clone()
                        },
                    );
                    variables.iter().position(|v| *v == wanted).unwrap()
                };
                mask |= 1 << rows.len();
                let terms = terms.iter().map(|(q, k)| (variable(*q), *k)).collect();
                rows.push((
                    Row {
                        terms,
                        equal,
                        right,
                    },
                    named[0],
                ));
            }
            let assuming = texts(link, "assuming");
            links.push((name.clone(), assuming.is_empty()));
            if assuming.is_empty() {
                hard_rows |= mask;
                continue;
            }
            let mut guard = 0;
            for a in assuming {
                guard |= assumptions.mask(format!("assumption:{a}"), declared_probability[a]);
                declared_on.entry(a).or_default().extend(&named);
            }
            units.push(Unit {
                kind: UnitKind::Link,
                claims: Vec::new(),
                link: Some(name),
                source: None,
                set: None,
                rows: mask,
                guards: vec![guard],
                component: named[0],
            });
        }
        for q in (0..question_ids.len()).filter(|q| over_time[*q] == "cumulative") {
            let mut own: Vec<usize> = (0..variables.len())
                .filter(|v| variables[*v].0 == q)
                .collect();
            own.sort_by_key(|v| variables[*v].1.clone());
            for pair in own.windows(2) {
                hard_rows |= 1 << rows.len();
                let terms = vec![(pair[0], 1), (pair[1], -1)];
                rows.push((
                    Row {
                        terms,
                        equal: false,
                        right: 0,
                    },
                    q,
                ));
            }
        }

        // Statements, and who leans on whom.
        let mut statements: Vec<(String, usize, Values)> = Vec::new();
        for s in &said {
            if !statements.contains(&s.statement) {
                statements.push(s.statement.clone());
            }
        }
        let same_place = |a: &Statement, b: &Statement| a.0 == b.0 && a.1 == b.1;
        let finer = |a: &Statement, b: &Statement| a.2 != b.2 && a.2.is_within(&b.2);
        let own_finest: Vec<&Statement> = statements
            .iter()
            .filter(|s| !statements.iter().any(|t| same_place(s, t) && finer(t, s)))
            .collect();
        let first = |a: &Statement, b: &Statement| {
            let (ra, rb) = (reliability(&a.0), reliability(&b.0));
            ra > rb || (ra >= rb && a.0 < b.0)
        };
        let mut separate: Vec<u64> = vec![0; statements.len()];
        let mut origin_on: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for s in &own_finest {
            for t in &own_finest {
                if s.0 == t.0 || s.1 != t.1 {
                    continue;
                }
                let at = statements.iter().position(|x| x == *s).unwrap();
                let repeats = s.2 == t.2 && first(t, s);
                let mut covered = false;
                for (g, group) in list(dossier, "common_origins").iter().enumerate() {
                    let members = texts(group, "sources");
                    if !members.contains(&s.0.as_str()) || !members.contains(&t.0.as_str()) {
                        continue;
                    }
                    covered = true;
                    if repeats || finer(t, s) {
                        let p = 1.0 - group["probability"].as_f64().unwrap();
                        separate[at] |= assumptions.mask(format!("separate:group {g}"), p);
                        origin_on.entry(g).or_default().push(variables[s.1].0);
                    }
                }
                if repeats && !covered {
                    let p = 1.0 - option("common_origin", 0.2);
                    separate[at] |= assumptions.mask(format!("separate:{} {:?}", s.1, s.2), p);
                }
            }
        }

        // Units of statements, guards of claims.
        let first_statement = units.len();
        let mut sets: Vec<(usize, Values)> = Vec::new();
        let mut set_place = |variable: usize, set: &Values| {
            let wanted = (variable, set.clone());
            sets.iter().position(|s| *s == wanted).unwrap_or_else(|| {
                sets.push(wanted);
                sets.len() - 1
            })
        };
        for s in &statements {
            units.push(Unit {
                kind: UnitKind::Statement,
                claims: Vec::new(),
                link: None,
                source: Some(s.0.clone()),
                set: Some(set_place(s.1, &s.2)),
                rows: 0,
                guards: Vec::new(),
                component: variables[s.1].0,
            });
        }
        let mut source_on: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for s in &said {
            let own = statements.iter().position(|x| *x == s.statement).unwrap();
            let (name, variable, entailed) = &s.statement;
            source_on
                .entry(name)
                .or_default()
                .push(variables[*variable].0);
            let mut base = 0;
            for a in texts(s.json, "assuming") {
                base |= assumptions.mask(format!("assumption:{a}"), declared_probability[a]);
                declared_on
                    .entry(a)
                    .or_default()
                    .push(variables[*variable].0);
            }
            for outlet in texts(s.json, "via") {
                base |= assumptions.mask(format!("relays:{outlet} {own}"), fidelity(outlet));
            }
            let credible = match &s.json["credibility"] {
                Json::String(digit) if digit == "6" => None,
                Json::String(digit) => {
                    let default =
                        [0.95, 0.85, 0.70, 0.50, 0.25]["12345".find(digit.as_str()).unwrap()];
                    Some(table("credibility", digit, default))
                }
                number => number.as_f64(),
            };
            if let Some(p) = credible {
                base |= assumptions.mask(format!("credible:{own} {p}"), p);
            }
            let r = reliability(name);
            let family: Vec<usize> = (0..statements.len())
                .filter(|t| {
                    same_place(&statements[*t], &s.statement)
                        && statements[*t].2.is_within(entailed)
                })
                .collect();
            let mut guards = Vec::new();
            for t in &family {
                if family
                    .iter()
                    .any(|u| finer(&statements[*u], &statements[*t]))
                {
                    continue;
                }
                let sound = assumptions.mask(format!("sound:{name}"), r.powf(carry_over));
                let right = assumptions.mask(format!("right:{t}"), r.powf(1.0 - carry_over));
                guards.push(base | sound | right | separate[*t]);
            }
            let unit = first_statement + own;
            units[unit].claims.push(claims[s.place].id.clone());
            units[unit].guards.extend(&guards);
            let suggested = s.suggested.as_ref().map(|set| set_place(*variable, set));
            if let Some(set) = suggested {
                let name = format!("suggests:{own} {set}");
                let holds = assumptions.mask(name, option("suggestion_holds", 0.8));
                let kind = UnitKind::Suggestion(unit);
                let at = units
                    .iter()
                    .position(|u| u.kind == kind && u.set == Some(set))
                    .unwrap_or_else(|| {
                        let guards = Vec::new();
                        let claims = Vec::new();
                        units.push(Unit {
                            kind,
                            claims,
                            set: Some(set),
                            guards,
                            ..units[unit].clone()
                        });
                        units.len() - 1
                    });
                units[at].guards.extend(guards.iter().map(|g| g | holds));
            }
            claims[s.place].standing = Some(Standing {
                source: name.clone(),
                variable: *variable,
                set: set_place(*variable, entailed),
                suggested,
                unit,
                guards,
            });
        }
        for questions in source_on
            .values()
            .chain(origin_on.values())
            .chain(declared_on.values())
        {
            join.join(questions.iter().copied());
        }
        for u in &mut units {
            u.component = join.0[u.component];
        }
        let row_component = rows.iter().map(|(_, q)| join.0[*q]).collect();
        let sources = source_on
            .iter()
            .map(|(s, on)| ((*s).to_owned(), (reliability(s), join.0[on[0]])))
            .collect();
        let declared = declared_probability
            .iter()
            .map(|(a, p)| {
                (
                    (*a).to_owned(),
                    (*p, declared_on.get(a).map(|on| join.0[on[0]])),
                )
            })
            .collect();
        let ranges = variables.iter().map(|(q, _)| domains[*q].all()).collect();
        Self {
            probability: assumptions.probability,
            assumption_names: assumptions.names,
            questions: question_ids
                .iter()
                .map(|q| (*q).to_owned())
                .zip(domains)
                .collect(),
            variables,
            worlds: Worlds::new(ranges, sets, rows.into_iter().map(|r| r.0).collect()),
            units,
            hard_rows,
            row_component,
            claims,
            links,
            component: join.0,
            sources,
            carry_over,
            declared,
        }
    }
}

/// The labels that claims on a question name.
fn labels(dossier: &Json, question: &str) -> Vec<String> {
    fn collect(value: &Json, out: &mut Vec<String>) {
        match value {
            Json::String(label) => out.push(label.clone()),
            Json::Array(items) => items.iter().for_each(|v| collect(v, out)),
            Json::Object(fields) => fields.values().for_each(|v| collect(v, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    for c in list(dossier, "claims")
        .iter()
        .filter(|c| text(c, "question") == Some(question))
    {
        collect(&c["value"], &mut out);
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// A formula with everything on the left: coefficient by question, whether it is an equation (else `<=`), and the right side.
fn read_formula(formula: &str) -> (BTreeMap<String, i64>, bool, i64) {
    let at = formula.find(['<', '>', '=']).unwrap();
    let length = formula[at..].find(|c| !"<>=".contains(c)).unwrap();
    let operator = &formula[at..at + length];
    let mut terms: BTreeMap<String, i64> = BTreeMap::new();
    let mut constant = 0;
    for (side, outer) in [(&formula[..at], 1), (&formula[at + length..], -1)] {
        let spaced = side.replace('-', " + - ").replace('+', " + ");
        for term in spaced.split('+').map(str::trim).filter(|t| !t.is_empty()) {
            let (sign, term) = match term.strip_prefix('-') {
                Some(rest) => (-1, rest.trim()),
                None => (1, term),
            };
            let (factor, name) = match term.split_once('*') {
                Some((k, name)) => (k.trim().parse::<i64>().unwrap(), name.trim()),
                None => (1, term),
            };
            match name.parse::<i64>() {
                Ok(number) => constant += outer * sign * factor * number,
                Err(_) => *terms.entry(name.to_owned()).or_default() += outer * sign * factor,
            }
        }
    }
    let flip = if operator.starts_with('>') { -1 } else { 1 };
    for k in terms.values_mut() {
        *k *= flip;
    }
    let strict = i64::from(operator == "<" || operator == ">");
    (terms, operator == "=", -constant * flip - strict)
}
