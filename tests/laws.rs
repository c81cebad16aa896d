//! Laws that results obey, whatever the dossier.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which may stop a test"
)]

use std::collections::{BTreeMap, BTreeSet};

use discrepancy::{Dossier, Formula, Probability, Reliability, Set, reconcile, report, strategies};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// How far sums that are equal on paper may differ.
const TOLERANCE: f64 = 1e-9;

/// A dossier as JSON, to be changed.
fn dossiers() -> impl Strategy<Value = Json> {
    as_json(strategies::dossiers())
}

fn as_json(strategy: impl Strategy<Value = Dossier>) -> impl Strategy<Value = Json> {
    strategy.prop_map(|d| serde_json::from_str(&d.to_json()).unwrap())
}

/// Without anything that makes agreement count less.
fn of_separate_origins(mut dossier: Json) -> Json {
    dossier["common_origins"] = json!([]);
    dossier["options"]["common_origin"] = json!(0);
    dossier
}

fn bytes(dossier: &Json) -> String {
    let dossier = Dossier::from_json(dossier.to_string().as_bytes()).unwrap();
    report::json(&reconcile(dossier))
}

fn result(dossier: &Json) -> Json {
    serde_json::from_str(&bytes(dossier)).unwrap()
}

fn list<'a>(json: &'a Json, key: &str) -> &'a Vec<Json> {
    json[key].as_array().unwrap()
}

fn push(json: &mut Json, key: &str, item: Json) {
    json[key].as_array_mut().unwrap().push(item);
}

fn is_bare(claim: &Json) -> bool {
    ["via", "credibility", "assuming", "retracted"]
        .iter()
        .all(|k| claim.get(k).is_none())
}

fn near(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE,
        _ => a.is_null() && b.is_null(),
    }
}

/// Trusted, belief, plausibility and the suggested pair of every claim.
fn confidences(result: &Json) -> BTreeMap<String, Vec<Json>> {
    let of = |c: &Json| {
        let suggested = &c["suggested"];
        let values = [
            &c["trusted"],
            &c["belief"],
            &c["plausibility"],
            &suggested["belief"],
            &suggested["plausibility"],
        ];
        values.map(Clone::clone).to_vec()
    };
    list(result, "claims")
        .iter()
        .map(|c| (c["id"].as_str().unwrap().to_owned(), of(c)))
        .collect()
}

/// Every claim of `before` has the same confidences in `after`.
fn same_confidences(before: &Json, after: &Json) -> Result<(), TestCaseError> {
    let after = confidences(after);
    for (id, values) in confidences(before) {
        for (a, b) in values.iter().zip(&after[&id]) {
            prop_assert!(
                near(a, b),
                "claim {}: {:?}, then {:?}",
                id,
                values,
                after[&id]
            );
        }
    }
    Ok(())
}

fn conflicts(result: &Json) -> BTreeSet<(String, Vec<String>, Vec<String>)> {
    let texts = |j: &Json| {
        j.as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_str().unwrap().to_owned())
            .collect()
    };
    let of = |c: &Json| {
        (
            c["kind"].to_string(),
            texts(&c["claims"]),
            texts(&c["links"]),
        )
    };
    list(result, "conflicts").iter().map(of).collect()
}

/// A claim of a source of its own, named `new`.
fn add_new_source(dossier: &mut Json, reliability: f64, mut claim: Json) {
    push(
        dossier,
        "sources",
        json!({"id": "new", "reliability": reliability}),
    );
    claim["id"] = json!("new");
    claim["source"] = json!("new");
    for key in ["via", "credibility", "assuming", "supersedes", "retracted"] {
        claim.as_object_mut().unwrap().remove(key);
    }
    push(dossier, "claims", claim);
}

/// Exact sums of ratios, over the least common multiple of what claims can be divided by here.
fn in_parts(involvement: &Json) -> u64 {
    let ratio = involvement["ratio"].as_array().unwrap();
    let (n, d) = (ratio[0].as_u64().unwrap(), ratio[1].as_u64().unwrap());
    assert_eq!(PARTS % d, 0);
    n * (PARTS / d)
}

const PARTS: u64 = 360_360;

proptest! {
    // trusted <= belief <= plausibility: what is trusted is entailed, and what is entailed by something possible is possible.
    #[test]
    fn trusted_belief_plausibility(dossier in dossiers()) {
        for (id, values) in confidences(&result(&dossier)) {
            if let [Some(trusted), Some(belief), Some(plausibility)] = [0, 1, 2].map(|i| values[i].as_f64()) {
                prop_assert!(-TOLERANCE <= trusted && trusted <= belief + TOLERANCE, "{}: {:?}", id, values);
                prop_assert!(belief <= plausibility + TOLERANCE && plausibility <= 1.0 + TOLERANCE, "{}: {:?}", id, values);
            }
            if let (Some(belief), Some(plausibility)) = (values[3].as_f64(), values[4].as_f64()) {
                prop_assert!(belief <= plausibility + TOLERANCE, "{}: {:?}", id, values);
            }
        }
    }

    // No posterior exceeds its prior (Harris's inequality: to be possible is decreasing in every assumption).
    #[test]
    fn posteriors_never_exceed_priors(dossier in dossiers()) {
        let result = result(&dossier);
        for x in list(&result, "sources").iter().chain(list(&result, "assumptions")) {
            if let Some(posterior) = x["posterior"].as_f64() {
                prop_assert!(posterior <= x["prior"].as_f64().unwrap() + TOLERANCE, "{}", x);
            }
        }
    }

    // The same claims in any order give the same bytes.
    #[test]
    fn order_does_not_matter(dossier in dossiers(), seed in any::<u64>()) {
        let mut shuffled = dossier.clone();
        let mut state = seed | 1;
        let mut shuffle = |list: &mut Json| {
            let Some(list) = list.as_array_mut() else { return };
            for i in (1..list.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                list.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
            }
        };
        for key in ["sources", "assumptions", "common_origins", "questions", "links", "claims"] {
            shuffle(&mut shuffled[key]);
        }
        for group in shuffled["common_origins"].as_array_mut().unwrap() {
            shuffle(&mut group["sources"]);
        }
        for key in ["claims", "links"] {
            for item in shuffled[key].as_array_mut().unwrap() {
                shuffle(&mut item["assuming"]);
                shuffle(&mut item["supersedes"]);
            }
        }
        for claim in shuffled["claims"].as_array_mut().unwrap() {
            for key in ["one_of", "none_of"] {
                if claim["value"].get(key).is_some() {
                    shuffle(&mut claim["value"][key]);
                }
            }
            for key in ["assuming", "supersedes"] {
                if claim[key].is_null() {
                    claim.as_object_mut().unwrap().remove(key);
                }
            }
        }
        for link in shuffled["links"].as_array_mut().unwrap() {
            for key in ["assuming", "supersedes"] {
                if link[key].is_null() {
                    link.as_object_mut().unwrap().remove(key);
                }
            }
        }
        prop_assert_eq!(bytes(&shuffled), bytes(&dossier));
    }

    // A lone claim, unrelayed, of no given credibility and not vacuous, is believed as far as its source is reliable.
    #[test]
    fn lone_claim(number in 0..1000_u64, r in 0.0..=1.0_f64, carry_over in 0.0..=1.0_f64) {
        let dossier = json!({
            "schema": 1, "sources": [{"id": "s", "reliability": r}], "questions": [{"id": "n"}],
            "claims": [{"id": "c", "question": "n", "source": "s", "value": number}], "options": {"carry_over": carry_over},
        });
        let result = result(&dossier);
        prop_assert!(near(&result["claims"][0]["belief"], &json!(r)));
        prop_assert!(near(&result["claims"][0]["plausibility"], &json!(1)));
        prop_assert!(near(&result["discrepancy"], &json!(0)));
    }

    // A source in no declared group that agrees never lowers the belief in what is said; but for groups that are likelier apart than any two
    // sources are. Of such two may count in full, and the less reliable one no longer does once a third comes between them who may be whom
    // it repeats: with a common origin of .5, .6 and .5 that are apart for certain give .8, and .755 with one of .55 between them.
    #[test]
    fn agreement_never_lowers_belief(dossier in dossiers(), which in any::<prop::sample::Index>(), r in 0.01..1.0_f64) {
        let claim = which.get(list(&dossier, "claims")).clone();
        if claim.get("retracted").is_some() {
            return Ok(());
        }
        let usual = dossier["options"]["common_origin"].as_f64().unwrap_or(0.2);
        let is_apart = |g: &serde_json::Value| g["probability"].as_f64().is_some_and(|p| p < usual);
        if dossier.get("common_origins").is_some_and(|l| l.as_array().unwrap().iter().any(is_apart)) {
            return Ok(());
        }
        let mut more = dossier.clone();
        add_new_source(&mut more, r, claim.clone());
        let (before, after) = (confidences(&result(&dossier)), confidences(&result(&more)));
        let id = claim["id"].as_str().unwrap();
        // Where it is absent, it was superseded, or the component was impossible before or is now.
        if let (Some(a), Some(b)) = (before[id][1].as_f64(), after[id][1].as_f64()) {
            prop_assert!(b >= a - TOLERANCE, "{} {}, then {}", id, a, b);
        }
    }

    // Saying the same again on the same route changes no number.
    #[test]
    fn repetition_changes_nothing(dossier in dossiers(), which in any::<prop::sample::Index>()) {
        let mut again = which.get(list(&dossier, "claims")).clone();
        again.as_object_mut().unwrap().remove("supersedes");
        let superseded = list(&dossier, "claims").iter().any(|c| {
            c.get("supersedes").is_some_and(|s| s.as_array().unwrap().contains(&again["id"]))
        });
        if superseded {
            return Ok(());
        }
        again["id"] = json!("zz_again");
        let mut more = dossier.clone();
        push(&mut more, "claims", again);
        let (before, after) = (result(&dossier), result(&more));
        same_confidences(&before, &after)?;
        for key in ["discrepancy", "tension_bits", "conflict_bits"] {
            prop_assert!(near(&before[key], &after[key]), "{}: {}, then {}", key, before[key], after[key]);
        }
        prop_assert_eq!(list(&before, "conflicts").len(), list(&after, "conflicts").len());
        prop_assert_eq!(&before["sources"], &after["sources"]);
        prop_assert_eq!(&before["assumptions"], &after["assumptions"]);
        prop_assert_eq!(before["repairs"].as_array().unwrap().len(), after["repairs"].as_array().unwrap().len());
        for (a, b) in list(&before, "claims").iter().zip(list(&after, "claims")) {
            prop_assert_eq!(&a["involvement"], &b["involvement"]);
            prop_assert_eq!(&a["origins"], &b["origins"]);
        }
    }

    // A coarser wording of what one has said is no second witness. (Said directly: an outlet passes on one wording only.)
    #[test]
    fn coarser_wording_changes_no_other_confidence(dossier in as_json(prop_oneof![
        strategies::dossiers().boxed(), strategies::wordings().boxed(), strategies::common_origins().boxed(), strategies::choices().boxed(),
    ]), which in any::<prop::sample::Index>(), less in 0..3_u64) {
        let claim = which.get(list(&dossier, "claims")).clone();
        let by_source = |c: &&Json| c["source"] == claim["source"] && c["question"] == claim["question"];
        if !(list(&dossier, "claims").iter().filter(by_source).all(is_bare)) {
            return Ok(());
        }
        let superseded = list(&dossier, "claims").iter().any(|c| {
            c.get("supersedes").is_some_and(|s| s.as_array().unwrap().contains(&claim["id"]))
        });
        if superseded {
            return Ok(());
        }
        let Some(low) = claim["value"].as_u64().or(claim["value"]["min"].as_u64()) else { return Ok(()) };
        let mut coarser = claim.clone();
        coarser.as_object_mut().unwrap().remove("supersedes");
        coarser["id"] = json!("zz_coarser");
        coarser["value"] = json!({"min": low.saturating_sub(less)});
        let mut more = dossier.clone();
        push(&mut more, "claims", coarser);
        let (before, after) = (result(&dossier), result(&more));
        same_confidences(&before, &after)?;
        prop_assert!(near(&before["discrepancy"], &after["discrepancy"]));
    }

    // A claim that touches no other changes no other.
    #[test]
    fn claim_apart_changes_nothing(dossier in dossiers(), r in 0.01..0.99_f64) {
        let mut more = dossier.clone();
        push(&mut more, "questions", json!({"id": "elsewhere"}));
        add_new_source(&mut more, r, json!({"question": "elsewhere", "value": 7}));
        let (before, after) = (result(&dossier), result(&more));
        same_confidences(&before, &after)?;
        prop_assert!(near(&before["discrepancy"], &after["discrepancy"]));
        prop_assert_eq!(&before["conflicts"], &after["conflicts"]);
        prop_assert_eq!(&before["repairs"], &after["repairs"]);
        let kept = list(&after, "sources").iter().filter(|s| s["id"] != "new").cloned().collect::<Vec<_>>();
        prop_assert_eq!(list(&before, "sources"), &kept);
    }

    // Many claims that allow all that others say change nothing of them; only that large questions are solved in another way.
    #[test]
    fn company_changes_nothing(dossier in as_json(prop_oneof![
        strategies::single_questions(),
        strategies::chains(),
        strategies::certainties(),
        strategies::relays(),
    ])) {
        let questions: Vec<Json> = list(&dossier, "questions").iter().map(|q| q["id"].clone()).collect();
        let mut more = dossier.clone();
        for i in 0..60 {
            let id = format!("company{i}");
            push(&mut more, "sources", json!({"id": id, "reliability": 0.5}));
            let question = &questions[i % questions.len()];
            push(&mut more, "claims", json!({"id": id, "question": question, "source": id, "as_of": "2025-12-12",
                "value": {"max": 1_000_000 + i}}));
        }
        let (before, after) = (result(&dossier), result(&more));
        same_confidences(&before, &after)?;
        prop_assert!(near(&before["discrepancy"], &after["discrepancy"]));
        let own = list(&after, "sources").iter().filter(|s| !s["id"].as_str().unwrap().starts_with("company"));
        for (a, b) in list(&before, "sources").iter().zip(own) {
            prop_assert_eq!(&a["id"], &b["id"]);
            prop_assert!(near(&a["posterior"], &b["posterior"]), "{} {}", a, b);
        }
    }

    // Disjoint parts: Z multiplies, bits add, confidences stay, conflicts and repairs unite.
    #[test]
    fn disjoint_parts_multiply(a in dossiers(), b in dossiers()) {
        let mut b = renamed(&b);
        b["options"] = a["options"].clone();
        let mut both = a.clone();
        for key in ["sources", "assumptions", "common_origins", "questions", "links", "claims"] {
            for item in list(&b, key) {
                push(&mut both, key, item.clone());
            }
        }
        let (one, two, whole) = (result(&a), result(&b), result(&both));
        same_confidences(&one, &whole)?;
        same_confidences(&two, &whole)?;
        let z = |r: &Json| 1.0 - r["discrepancy"].as_f64().unwrap();
        prop_assert!((z(&one) * z(&two) - z(&whole)).abs() <= TOLERANCE);
        let bits = |key: &str| {
            let sum = one[key].as_f64().zip(two[key].as_f64()).map(|(a, b)| a + b);
            near(&json!(sum), &whole[key])
        };
        prop_assert!(bits("conflict_bits") && bits("tension_bits"));
        prop_assert_eq!(&conflicts(&one) | &conflicts(&two), conflicts(&whole));
        prop_assert_eq!(list(&one, "repairs").len() + list(&two, "repairs").len(), list(&whole, "repairs").len());
        prop_assert_eq!(list(&one, "components").len() + list(&two, "components").len(), list(&whole, "components").len());
    }

    // Involvement adds up to the number of contradictions that have units.
    #[test]
    fn involvement_adds_up(dossier in dossiers()) {
        let result = result(&dossier);
        let units = list(&result, "sources").iter().chain(list(&result, "links"));
        let total: u64 = units.map(|x| in_parts(&x["involvement"])).sum();
        let with_units = list(&result, "conflicts").iter().filter(|c| {
            c["kind"] == "contradiction" && !(list(c, "claims").is_empty() && list(c, "links").is_empty())
        });
        prop_assert_eq!(total, PARTS * u64::try_from(with_units.count()).unwrap());
    }

    // Scaling interval claims changes nothing on single questions, order links and part-whole forests.
    #[test]
    fn scaling_changes_nothing(dossier in as_json(prop_oneof![
        strategies::single_questions().boxed(), strategies::over_time().boxed(), strategies::chains().boxed(),
        strategies::sums().boxed(), strategies::trees().boxed(), strategies::wordings().boxed(),
    ]), factor in 2..9_u64) {
        let mut once = dossier;
        for claim in once["claims"].as_array_mut().unwrap() {
            claim["value"] = intervals_only(&claim["value"]);
        }
        for link in once["links"].as_array_mut().unwrap() {
            let formula = link["formula"].as_str().unwrap().replace(" + 1", "").replace(" - middle <= 2", " >= middle");
            link["formula"] = json!(formula.replace("inner < middle", "inner <= middle"));
        }
        let mut scaled = once.clone();
        for claim in scaled["claims"].as_array_mut().unwrap() {
            multiply(&mut claim["value"], factor);
        }
        let (a, b) = (result(&once), result(&scaled));
        same_confidences(&a, &b)?;
        prop_assert!(near(&a["discrepancy"], &b["discrepancy"]));
        prop_assert!(near(&a["tension_bits"], &b["tension_bits"]));
        prop_assert_eq!(conflicts(&a), conflicts(&b));
    }

    // A further claim of a new source never lowers the discrepancy, and keeps every minimal contradiction.
    #[test]
    fn more_claims_more_discrepancy(dossier in dossiers().prop_map(of_separate_origins), which in any::<prop::sample::Index>(), value in 0..6_u64) {
        let claim = which.get(list(&dossier, "claims")).clone();
        let mut more = dossier.clone();
        let mut said = claim;
        if !said["value"].to_string().contains('"') {
            said["value"] = json!(value);
        }
        add_new_source(&mut more, 0.7, said);
        let (before, after) = (result(&dossier), result(&more));
        let d = |r: &Json| r["discrepancy"].as_f64().unwrap();
        prop_assert!(d(&after) >= d(&before) - TOLERANCE);
        prop_assert!(kept(&before, &after));
    }

    // Dropping a link never raises the discrepancy.
    #[test]
    fn fewer_links_less_discrepancy(dossier in dossiers(), which in any::<prop::sample::Index>()) {
        if list(&dossier, "links").is_empty() {
            return Ok(());
        }
        let mut less = dossier.clone();
        let links = less["links"].as_array_mut().unwrap();
        links.remove(which.index(links.len()));
        let d = |r: &Json| result(r)["discrepancy"].as_f64().unwrap();
        prop_assert!(d(&less) <= d(&dossier) + TOLERANCE);
    }

    // One more outlet on the way never raises the discrepancy.
    #[test]
    fn longer_route_less_discrepancy(dossier in dossiers(), which in any::<prop::sample::Index>()) {
        let mut longer = dossier.clone();
        push(&mut longer, "sources", json!({"id": "outlet", "fidelity": 0.6}));
        let claims = longer["claims"].as_array_mut().unwrap();
        let place = which.index(claims.len());
        match claims[place].get_mut("via") {
            Some(via) => via.as_array_mut().unwrap().push(json!("outlet")),
            None => claims[place]["via"] = json!(["outlet"]),
        }
        let d = |r: &Json| result(r)["discrepancy"].as_f64().unwrap();
        prop_assert!(d(&longer) <= d(&dossier) + TOLERANCE);
    }

    // A more reliable source never lowers the discrepancy, where nobody leans on anybody.
    #[test]
    fn more_reliable_more_discrepancy(dossier in dossiers().prop_map(of_separate_origins), which in any::<prop::sample::Index>()) {
        let mut better = dossier.clone();
        let sources = better["sources"].as_array_mut().unwrap();
        let place = which.index(sources.len());
        let Some(r) = sources[place]["reliability"].as_f64() else { return Ok(()) };
        sources[place]["reliability"] = json!(f64::midpoint(r, 1.0));
        let d = |r: &Json| result(r)["discrepancy"].as_f64().unwrap();
        prop_assert!(d(&better) >= d(&dossier) - TOLERANCE);
    }

    // A source of reliability 0 changes no number and takes part in nothing.
    #[test]
    fn worthless_source_changes_nothing(dossier in dossiers(), which in any::<prop::sample::Index>()) {
        let mut more = dossier.clone();
        let claim = which.get(list(&dossier, "claims")).clone();
        // A dated claim gives its question a variable for that day, at which links then hold: no number of others changes by it.
        add_new_source(&mut more, 0.0, claim);
        let (before, after) = (result(&dossier), result(&more));
        same_confidences(&before, &after)?;
        prop_assert!(near(&before["discrepancy"], &after["discrepancy"]));
        prop_assert_eq!(list(&before, "conflicts").len(), list(&after, "conflicts").len());
        prop_assert_eq!(&before["repairs"], &after["repairs"]);
    }

    // ∏(1 − w) <= Z <= 1 − max w, over all contradictions.
    #[test]
    fn weights_bound_the_discrepancy(dossier in dossiers()) {
        let result = result(&dossier);
        let weights = list(&result, "conflicts").iter().filter(|c| c["kind"] == "contradiction").map(|c| c["weight"].as_f64().unwrap());
        let weights: Vec<f64> = weights.collect();
        let z = 1.0 - result["discrepancy"].as_f64().unwrap();
        let below: f64 = weights.iter().map(|w| 1.0 - w).product();
        let above = 1.0 - weights.iter().copied().fold(0.0, f64::max);
        prop_assert!(below <= z + TOLERANCE && z <= above + TOLERANCE, "{} <= {} <= {}", below, z, above);
    }

    // Of two candidates that exclude each other, what one is believed the other cannot claim; of two nested ones the wider has more.
    #[test]
    fn candidates_are_coherent(dossier in dossiers()) {
        let result = result(&dossier);
        for question in list(&result, "questions") {
            for a in list(question, "candidates") {
                for b in list(question, "candidates") {
                    let numbers = [&a["belief"], &a["plausibility"], &b["belief"], &b["plausibility"]].map(Json::as_f64);
                    let [Some(bel_a), Some(pl_a), Some(bel_b), Some(pl_b)] = numbers else { continue };
                    let (Some((low_a, high_a)), Some((low_b, high_b))) = (ends(&a["entailed"]), ends(&b["entailed"])) else {
                        continue;
                    };
                    if high_a < low_b {
                        prop_assert!(pl_b <= 1.0 - bel_a + TOLERANCE && pl_a <= 1.0 - bel_b + TOLERANCE);
                    }
                    if low_b <= low_a && high_a <= high_b {
                        prop_assert!(bel_a <= bel_b + TOLERANCE && pl_a <= pl_b + TOLERANCE);
                    }
                }
            }
        }
    }

    // JSON round trips.
    #[test]
    fn json_round_trips(dossier in strategies::dossiers()) {
        prop_assert_eq!(Dossier::from_json(dossier.to_json().as_bytes()), Ok(dossier));
    }

    // A dossier taken apart and built again is the same one.
    #[test]
    fn builder_round_trips(dossier in strategies::dossiers()) {
        prop_assert_eq!(dossier.clone().into_builder().build(), Ok(dossier));
    }

    // Formulas print what they read.
    #[test]
    fn formulas_round_trip(formula in strategies::formulas()) {
        let again: Formula = formula.to_string().parse().unwrap();
        prop_assert_eq!(again.to_string(), formula.to_string());
    }

    // Sets: their union and intersection, and what one holds of the other.
    #[test]
    fn sets_are_sets(a in strategies::sets(), b in strategies::sets()) {
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.intersection(&b), b.intersection(&a));
        prop_assert!(a.intersection(&b).is_subset(&a) && a.is_subset(&a.union(&b)));
        prop_assert_eq!(a.is_disjoint(&b), a.intersection(&b) == Set::EMPTY);
        for x in -20..40 {
            prop_assert_eq!(a.union(&b).contains(x), a.contains(x) || b.contains(x));
            prop_assert_eq!(a.intersection(&b).contains(x), a.contains(x) && b.contains(x));
        }
    }

    // What phrases say is never empty, and what they suggest lies within.
    #[test]
    fn phrases_are_read(phrase in strategies::phrases()) {
        let reading: discrepancy::Reading = phrase.parse().unwrap();
        prop_assert!(!reading.entailed().is_empty());
        prop_assert!(reading.suggested().is_none_or(|s| s.is_subset(reading.entailed())));
    }

    // A track record of nothing is even odds, and more successes are worth more.
    #[test]
    fn track_records(right in 0..1000_u64, wrong in 0..1000_u64) {
        let tables = discrepancy::Tables::default();
        let p = |right, wrong| Reliability::TrackRecord { right, wrong }.probability(&tables);
        prop_assert!(p(right + 1, wrong) > p(right, wrong) && p(right, wrong + 1) < p(right, wrong));
        prop_assert_eq!(p(right, right), Probability::new(0.5).unwrap());
    }
}

/// Every contradiction of `before` is one of `after`: a contradiction is known by the claims that it holds.
fn kept(before: &Json, after: &Json) -> bool {
    let of = |r: &Json| {
        let all = conflicts(r)
            .into_iter()
            .filter(|c| c.0.contains("contradiction"));
        let old = |claims: Vec<String>| {
            claims
                .into_iter()
                .filter(|c| c != "new")
                .collect::<Vec<_>>()
        };
        all.map(|(_, claims, links)| (old(claims), links))
            .collect::<BTreeSet<_>>()
    };
    of(before).is_subset(&of(after))
}

/// The ends of a set of counts or days that is one stretch.
fn ends(set: &Json) -> Option<(String, String)> {
    let end = |key: &str, open: &str| match set.get(key) {
        Some(Json::Number(n)) => Some(format!("{n:0>20}")),
        Some(Json::String(day)) => Some(day.clone()),
        _ => Some(open.to_owned()),
    };
    (set.get("min").is_some() || set.get("max").is_some()).then_some(())?;
    Some((end("min", "")?, end("max", "~")?))
}

/// The same dossier with other ids.
fn renamed(dossier: &Json) -> Json {
    fn rename(json: &mut Json) {
        match json {
            Json::String(id) => *id = format!("z_{id}"),
            Json::Array(items) => items.iter_mut().for_each(rename),
            _ => {}
        }
    }
    let mut out = dossier.clone();
    for key in [
        "sources",
        "assumptions",
        "common_origins",
        "questions",
        "links",
        "claims",
    ] {
        for item in out[key].as_array_mut().unwrap() {
            for field in [
                "id",
                "source",
                "question",
                "via",
                "assuming",
                "supersedes",
                "sources",
            ] {
                if let Some(id) = item.get_mut(field) {
                    rename(id);
                }
            }
            if let Some(formula) = item.get_mut("formula") {
                let words = formula.as_str().unwrap().split(' ');
                let word = |w: &str| match w.rfind(|c: char| !c.is_ascii_alphabetic()) {
                    Some(at) if at + 1 < w.len() => format!("{}z_{}", &w[..=at], &w[at + 1..]),
                    Some(_) => w.to_owned(),
                    None => format!("z_{w}"),
                };
                *formula = json!(words.map(word).collect::<Vec<_>>().join(" "));
            }
        }
    }
    out
}

/// Choices and denials become bounds.
fn intervals_only(value: &Json) -> Json {
    if let Some(items) = value.get("one_of") {
        return json!({"min": items[0]});
    }
    if let Some(items) = value.get("none_of") {
        return json!({"max": items[0]});
    }
    value.clone()
}

fn multiply(value: &mut Json, factor: u64) {
    match value {
        Json::Number(n) => *value = json!(n.as_u64().unwrap() * factor),
        Json::Object(fields) => fields.values_mut().for_each(|v| multiply(v, factor)),
        _ => {}
    }
}
