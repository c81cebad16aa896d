//! Reports, word for word. After a change that is meant: `UPDATE_EXPECT=1 cargo test --test report`, then read what changed.

#![expect(clippy::expect_used, reason = "a test may end early")]

use discrepancy::{Dossier, Findings, reconcile, report};
use expect_test::{ExpectFile, expect_file};
use serde_json::Value as Json;

fn findings(name: &str) -> Findings {
    let path = format!("{}/tests/dossiers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json = std::fs::read(path).expect("the dossier is there");
    reconcile(Dossier::from_json(&json).expect("the dossier is valid"))
}

fn check(name: &str, text: &ExpectFile) -> Findings {
    let findings = findings(name);
    let found = report::text(&findings);
    for line in found.lines() {
        assert!(line.chars().count() <= 78, "too long: {line}");
        assert!(
            !line.chars().any(char::is_control),
            "control characters: {line:?}"
        );
    }
    text.assert_eq(&found);
    findings
}

#[test]
fn article() {
    let findings = check("article", &expect_file!["golden/article.txt"]);
    expect_file!["golden/article.md"].assert_eq(&report::markdown(&findings));
    expect_file!["golden/article.json"].assert_eq(&wire(&findings));
}

/// The JSON result, laid out; numbers to nine digits, so that no rounding shows.
fn wire(findings: &Findings) -> String {
    fn round(json: &mut Json) {
        match json {
            Json::Number(n) if n.is_f64() => {
                let short = n.as_f64().map(|x| (x * 1e9).round() / 1e9);
                *json = Json::from(short);
            }
            Json::Array(items) => items.iter_mut().for_each(round),
            Json::Object(fields) => fields.values_mut().for_each(round),
            _ => {}
        }
    }
    let mut json: Json = serde_json::from_str(&report::json(findings)).expect("it is JSON");
    round(&mut json);
    serde_json::to_string_pretty(&json).expect("it is JSON") + "\n"
}

#[test]
fn two_counts() {
    check("two_counts", &expect_file!["golden/two_counts.txt"]);
}

#[test]
fn sequel() {
    check("sequel", &expect_file!["golden/sequel.txt"]);
}

#[test]
fn tension() {
    check("tension", &expect_file!["golden/tension.txt"]);
}

#[test]
fn impossible() {
    check("impossible", &expect_file!["golden/impossible.txt"]);
}

#[test]
fn limits() {
    check("limits", &expect_file!["golden/limits.txt"]);
}

#[test]
fn dates_labels_and_times() {
    check("dates", &expect_file!["golden/dates.txt"]);
}

#[test]
fn no_conflict() {
    check("no_conflict", &expect_file!["golden/no_conflict.txt"]);
}

#[test]
fn hostile_names() {
    let findings = check("hostile", &expect_file!["golden/hostile.txt"]);
    let markdown = report::markdown(&findings);
    expect_file!["golden/hostile.md"].assert_eq(&markdown);
    // Without what is escaped.
    let mut bare = String::new();
    let mut chars = markdown.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
        } else {
            bare.push(c);
        }
    }
    for raw in ['<', '[', ']', '`', '*', '@', '~', '&'] {
        assert!(!bare.contains(raw), "{raw} got through");
    }
    assert!(!bare.contains("www.") && !bare.contains("://"));
    let tables = bare.lines().filter(|l| l.starts_with('|'));
    assert!(tables.clone().count() > 10);
    // Every row of a table has as many cells as its head: four, three or two.
    assert!(
        tables
            .into_iter()
            .all(|l| (3..=5).contains(&l.matches('|').count()))
    );
}

#[test]
fn the_readme_shows_real_reports() {
    let readme = include_str!("../README.md");
    for (report, from, to) in [
        (
            include_str!("golden/two_counts.txt"),
            "In dispute",
            "  Why they may differ",
        ),
        (
            include_str!("golden/sequel.txt"),
            "In dispute: 156",
            "  To let the rest hold",
        ),
    ] {
        let start = report.find(from).expect("it begins");
        let end = report.find(to).expect("it ends");
        assert!(
            readme.contains(report[start..end].trim_end()),
            "not in the README:\n{}",
            report[start..end].trim_end()
        );
    }
}

/// Words that accuse, and levels of confidence, which must not meet a likelihood.
#[test]
fn nobody_is_accused() {
    for name in ["article", "two_counts", "impossible", "dates", "hostile"] {
        let findings = findings(name);
        for text in [
            report::text(&findings),
            report::markdown(&findings),
            report::json(&findings),
        ] {
            let text = text.to_lowercase();
            for word in [
                "guilt",
                "blame",
                "liar",
                "lying",
                "fault",
                "high confidence",
                "low confidence",
            ] {
                assert!(!text.contains(word), "{name}: {word}");
            }
        }
    }
}

#[test]
fn the_order_of_the_input_changes_nothing() {
    let path = format!("{}/tests/dossiers/article.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the dossier is there");
    let mut json: Json = serde_json::from_str(&text).expect("it is JSON");
    for part in ["sources", "questions", "links", "claims"] {
        json[part].as_array_mut().expect("a list").reverse();
    }
    let turned = Dossier::from_json(json.to_string().as_bytes()).expect("it is valid");
    assert_eq!(
        report::text(&reconcile(turned)),
        report::text(&findings("article"))
    );
}

#[test]
fn forty_claims_are_cut_with_a_count() {
    let claims: Vec<String> = (0..40)
        .map(|i| {
            format!(
                r#"{{ "id": "c{i:02}", "question": "n", "source": "s{}", "value": {} }}"#,
                i % 20,
                100 + i
            )
        })
        .collect();
    let sources: Vec<String> = (0..20).map(|i| format!(r#"{{ "id": "s{i}" }}"#)).collect();
    let json = format!(
        r#"{{ "schema": 1, "sources": [{}], "questions": [{{ "id": "n" }}], "claims": [{}] }}"#,
        sources.join(","),
        claims.join(",")
    );
    let found = report::text(&reconcile(
        Dossier::from_json(json.as_bytes()).expect("it is valid"),
    ));
    assert!(found.contains("780 contradictions"), "{found}");
    assert!(found.contains("and 772 more"), "{found}");
    assert!(found.lines().count() < 120, "{found}");
}
