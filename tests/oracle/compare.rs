//! Compares what the oracle found with a result's JSON (DESIGN section 8).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::values::{Domain, Values, as_json};
use super::weigh::{ClaimFound, ConflictKey, Found, GiveUp, Hulls, Ratio, bits};

/// How far numbers may differ: both sides add up at most some million products of doubles.
const TOLERANCE: f64 = 1e-9;

/// Collects differences.
#[derive(Debug, Default)]
struct Differences {
    found: Vec<String>,
    /// Nothing may be left out.
    strict: bool,
}

impl Differences {
    fn number(&mut self, place: &str, expected: Option<f64>, found: Option<&Json>) {
        let found = found.and_then(Json::as_f64);
        let same = match (expected, found) {
            (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE,
            (a, b) => a.is_none() && b.is_none(),
        };
        if !same {
            self.found
                .push(format!("{place}: oracle {expected:?}, found {found:?}"));
        }
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, place: &str, expected: &T, found: &T) {
        if expected != found {
            self.found
                .push(format!("{place}: oracle {expected:?}, found {found:?}"));
        }
    }

    /// A field that known answers may leave out.
    fn json(&mut self, place: &str, expected: &Json, found: Option<&Json>) {
        match found {
            Some(found) => self.same(place, expected, found),
            None if self.strict => self.found.push(format!("{place}: missing")),
            None => {}
        }
    }

    fn ratio(&mut self, place: &str, expected: Ratio, found: Option<&Json>) {
        let ratio = found.map(|f| f.get("ratio").unwrap_or(f));
        self.json(place, &Json::from(vec![expected.0, expected.1]), ratio);
    }
}

fn list<'a>(json: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    json.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

fn texts(json: &Json) -> BTreeSet<String> {
    let items = json.as_array().into_iter().flatten();
    items.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn by_id(json: &Json, key: &str) -> BTreeMap<String, Json> {
    list(json, key)
        .map(|x| (text(x, "id"), x.clone()))
        .collect()
}

/// Where they differ; nothing if they agree. Lists that `result` lacks altogether are passed over, as are `because`, derivations,
/// explanations and questions to ask, of which the oracle knows nothing.
///
/// `whole` says that figures were left out for the whole dossier where a component is impossible, as the programs did that computed
/// the known answers.
pub(crate) fn differences(found: &Found, result: &Json, whole: bool) -> Vec<String> {
    let mut out = Differences {
        strict: !whole,
        ..Differences::default()
    };
    out.number(
        "discrepancy",
        Some(1.0 - found.z()),
        result.get("discrepancy"),
    );
    if result.get("conflict_bits").is_some() || out.strict {
        out.number(
            "conflict_bits",
            found.conflict_bits(),
            result.get("conflict_bits"),
        );
    }
    out.number(
        "tension_bits",
        found.tension_bits(),
        result.get("tension_bits"),
    );
    if let Some(impossible) = result.get("impossible") {
        out.same("impossible", &found.impossible().into(), impossible);
    }
    let silent = whole && found.impossible();
    components(found, result, &mut out);

    claims(found, result, silent, &mut out);
    posteriors(found, result, silent, &mut out);
    if result.get("links").is_some() || out.strict {
        let links = by_id(result, "links");
        out.same(
            "links",
            &found.links.keys().collect::<Vec<_>>(),
            &links.keys().collect(),
        );
        for (id, (hard, involvement)) in &found.links {
            let Some(json) = links.get(id) else { continue };
            out.json(
                &format!("links {id} hard"),
                &(*hard).into(),
                json.get("hard"),
            );
            out.ratio(
                &format!("links {id} involvement"),
                *involvement,
                json.get("involvement"),
            );
        }
    }
    questions(found, result, &mut out);
    overlaps(found, result, &mut out);
    conflicts(found, result, silent, &mut out);
    out.found
}

fn claims(found: &Found, result: &Json, silent: bool, out: &mut Differences) {
    let claims = by_id(result, "claims");
    for (id, c) in &found.claims {
        let Some(json) = claims.get(id) else {
            // Claims that restrict nothing may be left out of known answers.
            if c.status == "standing" || out.strict {
                out.found.push(format!("claims {id}: missing"));
            }
            continue;
        };
        claim(&format!("claims {id}"), c, json, silent, out);
    }
    out.same(
        "claims",
        &claims.len(),
        &claims
            .keys()
            .filter(|id| found.claims.contains_key(*id))
            .count(),
    );
}

fn posteriors(found: &Found, result: &Json, silent: bool, out: &mut Differences) {
    let sources = by_id(result, "sources");
    out.same(
        "sources",
        &found.sources.keys().collect::<Vec<_>>(),
        &sources.keys().collect(),
    );
    for (id, (prior, posterior, involvement)) in &found.sources {
        let Some(json) = sources.get(id) else {
            continue;
        };
        out.number(
            &format!("sources {id} prior"),
            Some(*prior),
            json.get("prior"),
        );
        let posterior = posterior.filter(|_| !silent);
        out.number(
            &format!("sources {id} posterior"),
            posterior,
            json.get("posterior"),
        );
        out.ratio(
            &format!("sources {id} involvement"),
            *involvement,
            json.get("involvement"),
        );
    }
    let assumptions = by_id(result, "assumptions");
    out.same(
        "assumptions",
        &found.assumptions.keys().collect::<Vec<_>>(),
        &assumptions.keys().collect(),
    );
    for (id, (prior, posterior)) in &found.assumptions {
        let Some(json) = assumptions.get(id) else {
            continue;
        };
        out.number(
            &format!("assumptions {id} prior"),
            Some(*prior),
            json.get("prior"),
        );
        let posterior = posterior.filter(|_| !silent);
        out.number(
            &format!("assumptions {id} posterior"),
            posterior,
            json.get("posterior"),
        );
    }
}

fn components(found: &Found, result: &Json, out: &mut Differences) {
    if result.get("components").is_none() && !out.strict {
        return;
    }
    let json: BTreeMap<BTreeSet<String>, &Json> = list(result, "components")
        .map(|c| (texts(&c["questions"]), c))
        .collect();
    let expected: BTreeSet<_> = found
        .components
        .iter()
        .map(|c| c.questions.clone())
        .collect();
    out.same("components", &expected, &json.keys().cloned().collect());
    for c in &found.components {
        let Some(json) = json.get(&c.questions) else {
            continue;
        };
        let place = format!("component {:?}", c.questions);
        out.json(
            &format!("{place} impossible"),
            &c.impossible().into(),
            json.get("impossible"),
        );
        out.number(
            &format!("{place} discrepancy"),
            Some(1.0 - c.z),
            json.get("discrepancy"),
        );
        let conflict = (!c.impossible()).then(|| -c.z.log2());
        out.number(
            &format!("{place} conflict_bits"),
            conflict,
            json.get("conflict_bits"),
        );
        out.number(
            &format!("{place} tension_bits"),
            bits(c.z, c.z2),
            json.get("tension_bits"),
        );
    }
}

fn claim(place: &str, c: &ClaimFound, json: &Json, silent: bool, out: &mut Differences) {
    out.json(
        &format!("{place} status"),
        &c.status.into(),
        json.get("status"),
    );
    out.json(
        &format!("{place} origins"),
        &c.origins.into(),
        json.get("origins"),
    );
    out.ratio(
        &format!("{place} involvement"),
        c.involvement,
        json.get("involvement"),
    );
    // Of a claim that restricts nothing it is not settled how its set is shown.
    if c.status == "standing" {
        let set = as_json(&c.entailed, &c.domain);
        out.json(&format!("{place} entailed"), &set, json.get("entailed"));
        out.json(
            &format!("{place} vacuous"),
            &c.vacuous.into(),
            json.get("vacuous"),
        );
    }
    let confidence = c.confidence.filter(|_| !silent);
    out.number(
        &format!("{place} trusted"),
        confidence.map(|x| x.0),
        json.get("trusted"),
    );
    out.number(
        &format!("{place} belief"),
        confidence.map(|x| x.1.0),
        json.get("belief"),
    );
    out.number(
        &format!("{place} plausibility"),
        confidence.map(|x| x.1.1),
        json.get("plausibility"),
    );
    let suggested = json.get("suggested").unwrap_or(&Json::Null);
    if c.status == "standing"
        && suggested.is_null() == c.has_suggested
        && !(silent || c.suggested.is_none())
    {
        out.found.push(format!(
            "{place} suggested: oracle {}, found {suggested}",
            c.has_suggested
        ));
    }
    let pair = c.suggested.filter(|_| !silent);
    out.number(
        &format!("{place} suggested belief"),
        pair.map(|p| p.0),
        suggested.get("belief"),
    );
    out.number(
        &format!("{place} suggested plausibility"),
        pair.map(|p| p.1),
        suggested.get("plausibility"),
    );
}

fn questions(found: &Found, result: &Json, out: &mut Differences) {
    if result.get("questions").is_none() && !out.strict {
        return;
    }
    let json: BTreeMap<(String, Option<String>), &Json> = list(result, "questions")
        .map(|q| {
            (
                (
                    text(q, "id"),
                    q.get("as_of").and_then(Json::as_str).map(str::to_owned),
                ),
                q,
            )
        })
        .collect();
    for (key, q) in &found.questions {
        let Some(json) = json.get(key) else {
            out.found.push(format!("question {key:?}: missing"));
            continue;
        };
        let place = format!("question {key:?}");
        let candidates: BTreeMap<BTreeSet<String>, &Json> = list(json, "candidates")
            .map(|c| (texts(&c["claims"]), c))
            .collect();
        let sets = |keys: Vec<&BTreeSet<String>>| keys.into_iter().cloned().collect::<Vec<_>>();
        out.same(
            &format!("{place} candidates"),
            &sets(q.candidates.keys().collect()),
            &sets(candidates.keys().collect()),
        );
        for (claims, pair) in &q.candidates {
            let Some(json) = candidates.get(claims) else {
                continue;
            };
            out.number(
                &format!("{place} {claims:?} belief"),
                pair.map(|p| p.0),
                json.get("belief"),
            );
            out.number(
                &format!("{place} {claims:?} plausibility"),
                pair.map(|p| p.1),
                json.get("plausibility"),
            );
        }
        let camps: BTreeSet<BTreeSet<String>> = list(json, "camps").map(texts).collect();
        out.same(&format!("{place} camps"), &q.camps, &camps);
    }
}

fn conflicts(found: &Found, result: &Json, silent: bool, out: &mut Differences) {
    let mut json: BTreeMap<ConflictKey, Vec<&Json>> = BTreeMap::new();
    for c in list(result, "conflicts") {
        let kind = if c["kind"] == "tension" {
            "tension"
        } else {
            "contradiction"
        };
        let key = ConflictKey {
            kind,
            claims: texts(&c["claims"]),
            links: texts(&c["links"]),
        };
        json.entry(key).or_default().push(c);
    }
    let mut expected: BTreeMap<ConflictKey, Vec<Option<f64>>> = BTreeMap::new();
    for c in &found.conflicts {
        expected.entry(c.key.clone()).or_default().push(c.weight);
    }
    let count = |(k, n): (&ConflictKey, usize)| format!("{k:?} {n} times");
    let a: Vec<String> = expected.iter().map(|(k, v)| count((k, v.len()))).collect();
    let b: Vec<String> = json.iter().map(|(k, v)| count((k, v.len()))).collect();
    out.same("conflicts", &a, &b);
    for (key, weights) in &expected {
        if let (&[weight], Some(&[json])) = (weights.as_slice(), json.get(key).map(Vec::as_slice)) {
            out.number(&format!("weight of {key:?}"), weight, json.get("weight"));
        }
    }
    let mut repairs: BTreeMap<GiveUp, &Json> = BTreeMap::new();
    for r in list(result, "repairs") {
        let unit = |u: &Json| {
            (
                if u["kind"] == "link" { "link" } else { "claim" },
                text(u, "id"),
            )
        };
        repairs.insert(list(r, "give_up").map(unit).collect(), r);
    }
    out.same(
        "repairs",
        &found.repairs.keys().collect::<Vec<_>>(),
        &repairs.keys().collect(),
    );
    for (give_up, share) in &found.repairs {
        let Some(json) = repairs.get(give_up) else {
            continue;
        };
        out.number(
            &format!("share of {give_up:?}"),
            share.filter(|_| !silent),
            json.get("share"),
        );
    }
}

/// How two sets compare, number by number.
fn comparison(a: &Values, b: &Values, labels: bool) -> &'static str {
    match (b.is_within(a), a.is_within(b)) {
        (true, true) => "equal",
        (true, false) => "contains",
        (false, true) => "within",
        (false, false) if a.distance(b) == 0 => "overlaps",
        (false, false) if a.distance(b) == 1 && !labels => "touches",
        (false, false) => "apart",
    }
}

/// Pairs of claims on one variable. What links give on other variables is not checked.
fn overlaps(found: &Found, result: &Json, out: &mut Differences) {
    if result.get("overlaps").is_none() && !out.strict {
        return;
    }
    let json: BTreeMap<(String, String), &Json> = list(result, "overlaps")
        .filter(|o| o.get("through").is_none())
        .map(|o| ((text(o, "a"), text(o, "b")), o))
        .collect();
    let mut pairs = 0;
    for (a, one) in &found.claims {
        for (b, two) in found.claims.iter().filter(|(b, _)| *b > a) {
            if one.variable.is_none() || one.variable != two.variable {
                continue;
            }
            pairs += 1;
            let place = format!("overlap of {a} and {b}");
            let Some(json) = json.get(&(a.clone(), b.clone())) else {
                out.found.push(format!("{place}: missing"));
                continue;
            };
            let labels = matches!(one.domain, Domain::Category(_));
            let (x, y) = (&one.entailed, &two.entailed);
            let expected = comparison(x, y, labels);
            out.json(
                &format!("{place} comparison"),
                &expected.into(),
                json.get("comparison"),
            );
            if labels {
                continue;
            }
            let apart = x.distance(y);
            let gap = if apart == 0 {
                Json::Null
            } else {
                (apart - 1).into()
            };
            out.same(&format!("{place} gap"), &gap, &json["gap"]);
            let shared = x
                .shared_ends(y)
                .map_or(Json::Null, |ends| as_json(&ends, &one.domain));
            out.same(&format!("{place} shared"), &shared, &json["shared"]);
            out.number(
                &format!("{place} jaccard"),
                x.jaccard(y),
                json.get("jaccard"),
            );
        }
    }
    out.same("number of overlaps", &pairs, &json.len());
}

/// Pairs of claims on different variables, through links.
pub(crate) fn differences_through_links(
    found: &Found,
    hulls: &Hulls,
    result: &Json,
) -> Vec<String> {
    let mut out = Differences {
        strict: true,
        ..Differences::default()
    };
    let json: BTreeMap<(String, String), &Json> = list(result, "overlaps")
        .filter(|o| o.get("through").is_some())
        .map(|o| ((text(o, "a"), text(o, "b")), o))
        .collect();
    out.same(
        "pairs",
        &hulls.keys().collect::<Vec<_>>(),
        &json.keys().collect(),
    );
    for ((a, b), hull) in hulls {
        let Some(json) = json.get(&(a.clone(), b.clone())) else {
            continue;
        };
        let two = &found.claims[b];
        let place = format!("overlap of {a} and {b} through links, {hull:?}");
        let expected = comparison(hull, &two.entailed, false);
        out.json(
            &format!("{place} comparison"),
            &expected.into(),
            json.get("comparison"),
        );
        let apart = hull.distance(&two.entailed);
        let gap = if apart == 0 {
            Json::Null
        } else {
            (apart - 1).into()
        };
        out.same(&format!("{place} gap"), &gap, &json["gap"]);
    }
    out.found
}
