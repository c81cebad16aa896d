//! Findings brought up to date are those of a fresh start, to the last byte.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which may stop a test"
)]

use discrepancy::{Dossier, reconcile, report, strategies};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// A name, or every name in a formula, marked so that it meets no other dossier's.
fn marked(text: &str, mark: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        let starts = c.is_ascii_alphabetic() || c == '_';
        if starts && !inside {
            out.push_str(mark);
        }
        inside = starts || (inside && c.is_ascii_digit());
        out.push(c);
    }
    out
}

fn mark_ids(list: &mut Json, keys: &[&str], mark: &str) {
    for item in list.as_array_mut().into_iter().flatten() {
        for key in keys {
            match item.get_mut(*key) {
                Some(Json::String(s)) if *key == "formula" => *s = marked(s, mark),
                Some(Json::String(s)) => *s = format!("{mark}{s}"),
                Some(Json::Array(ids)) => {
                    for id in ids {
                        *id = format!("{mark}{}", id.as_str().unwrap()).into();
                    }
                }
                _ => {}
            }
        }
    }
}

/// Dossiers side by side, with nothing in common.
fn side_by_side(dossiers: &[Dossier], budget: Option<u64>) -> Json {
    let mut all = json!({ "schema": 1 });
    let parts: [(&str, &[&str]); 6] = [
        ("sources", &["id"]),
        ("assumptions", &["id"]),
        ("common_origins", &["sources"]),
        ("questions", &["id"]),
        ("links", &["id", "formula", "assuming"]),
        (
            "claims",
            &["id", "question", "source", "via", "assuming", "supersedes"],
        ),
    ];
    for (mark, dossier) in ["a_", "b_", "c_"].into_iter().zip(dossiers) {
        let mut one: Json = serde_json::from_str(&dossier.to_json()).unwrap();
        for key in ["options", "as_of"] {
            if all.get(key).is_none()
                && let Some(x) = one.get(key)
            {
                all[key] = x.clone();
            }
        }
        for (part, keys) in parts {
            mark_ids(&mut one[part], keys, mark);
            let more = one[part].as_array().cloned().unwrap_or_default();
            match all.get_mut(part).and_then(Json::as_array_mut) {
                Some(list) => list.extend(more),
                None => all[part] = more.into(),
            }
        }
    }
    if let Some(budget) = budget {
        all["options"]["budget"] = budget.into();
        all["options"]["samples"] = 60.into();
    }
    all
}

/// The dossier after some edits: claims are left out or taken back, links left out, sources and assumptions graded anew.
fn edited(whole: &Json, edits: &[(usize, u8)]) -> Option<Dossier> {
    let mut out = whole.clone();
    for (place, kind) in edits {
        let (part, kind) = match kind {
            0..=4 => ("claims", 0),
            5 => ("links", 0),
            6 => ("sources", 1),
            7 => ("assumptions", 2),
            8 => ("claims", 3),
            _ => ("claims", 4),
        };
        let list = out[part].as_array_mut()?;
        if list.is_empty() {
            continue;
        }
        let place = place % list.len();
        match kind {
            0 => {
                list.remove(place);
            }
            1 => list[place]["reliability"] = 0.65.into(),
            2 => list[place]["probability"] = 0.35.into(),
            3 => list[place]["retracted"] = true.into(),
            _ => list[place]["credibility"] = "4".into(),
        }
    }
    // What a claim that is gone replaced stands again.
    let ids: Vec<Json> = out["claims"]
        .as_array()?
        .iter()
        .map(|c| c["id"].clone())
        .collect();
    for claim in out["claims"].as_array_mut()? {
        if let Some(list) = claim.get_mut("supersedes").and_then(Json::as_array_mut) {
            list.retain(|id| ids.contains(id));
        }
    }
    Dossier::from_json(out.to_string().as_bytes()).ok()
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((0_usize..100, 0_u8..10), 0..4)
}

fn several() -> impl Strategy<Value = Vec<Dossier>> {
    prop::collection::vec(strategies::dossiers(), 2..=3)
}

fn check(whole: &Json, steps: &[Vec<(usize, u8)>]) -> Result<(), TestCaseError> {
    let Some(first) = edited(whole, &[]) else {
        return Ok(());
    };
    let mut findings = reconcile(first);
    for step in steps {
        let Some(next) = edited(whole, step) else {
            continue;
        };
        findings = findings.update(next.clone());
        prop_assert_eq!(report::json(&findings), report::json(&reconcile(next)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_update_equals_a_fresh_start(dossiers in several(), steps in prop::collection::vec(edits(), 1..3)) {
        check(&side_by_side(&dossiers, None), &steps)?;
    }

    /// Also where everything is sampled: a part is sampled alike in any company.
    #[test]
    fn so_does_one_of_estimates(dossiers in several(), steps in prop::collection::vec(edits(), 1..2)) {
        check(&side_by_side(&dossiers, Some(0)), &steps)?;
    }

    /// Also where more pairs are compared than are listed.
    #[test]
    fn so_does_one_of_many_pairs(dossiers in several(), steps in prop::collection::vec(edits(), 1..3), limit in 0_u64..30) {
        let mut whole = side_by_side(&dossiers, None);
        whole["options"]["limits"]["overlaps"] = limit.into();
        check(&whole, &steps)?;
    }
}

/// Most of what the strategy makes can be built, and updates do keep components.
#[test]
fn edits_are_valid() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut valid, mut apart) = (0, 0);
    for _ in 0..50 {
        let dossiers = several().new_tree(&mut runner).unwrap().current();
        let step = edits().new_tree(&mut runner).unwrap().current();
        let Some(dossier) = edited(&side_by_side(&dossiers, None), &step) else {
            continue;
        };
        valid += 1;
        apart += usize::from(reconcile(dossier).components.len() > 1);
    }
    assert!(
        valid >= 40 && apart >= 40,
        "{valid} valid, {apart} with several components"
    );
}
