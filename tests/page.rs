//! The page and the picture: nothing in a dossier gets into their markup, and everything in the result is on the page.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_sign_loss,
    reason = "a test may end early"
)]

use std::collections::BTreeSet;

use discrepancy::{
    Claim, Dossier, Findings, Limits, Link, Options, Question, Source, Value, reconcile, report,
};
use expect_test::expect_file;
use proptest::prelude::*;
use serde_json::Value as Json;

fn findings(name: &str) -> Findings {
    let path = format!("{}/tests/dossiers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json = std::fs::read(path).expect("the dossier is there");
    reconcile(Dossier::from_json(&json).expect("the dossier is valid"))
}

/// An element as read, with its attributes.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
}

/// Reads markup strictly: every element closed where it was opened, every value quoted, nothing but known references. Returns the
/// elements, and all text outside style sheets.
fn read(markup: &str) -> (Vec<Element>, String) {
    let mut rest = markup.trim_start_matches("<!DOCTYPE html>\n");
    let (mut open, mut elements, mut text) = (Vec::<String>::new(), Vec::new(), String::new());
    while let Some(place) = rest.find('<') {
        let (before, tag) = rest.split_at(place);
        if open.last().is_none_or(|name| name != "style") {
            assert!(!before.contains('>'), "a stray > in {before:?}");
            text.push_str(&unescaped(before));
        }
        text.push(' ');
        let end = tag.find('>').expect("the tag ends");
        let inner = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed out of order");
            continue;
        }
        let (inner, empty) = match inner.strip_suffix('/') {
            Some(inner) => (inner, true),
            None => (inner, false),
        };
        let (name, mut left) = inner.split_once(' ').unwrap_or((inner, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name:?}");
        let mut attributes = Vec::new();
        while !left.is_empty() {
            let (attribute, after) = left.split_once("=\"").expect("a quoted value");
            let (value, after) = after.split_once('"').expect("a closed value");
            assert!(
                attribute
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-:".contains(c)),
                "{attribute:?}"
            );
            attributes.push((attribute.to_owned(), unescaped(value)));
            left = after.strip_prefix(' ').unwrap_or(after);
        }
        if !empty {
            open.push(name.to_owned());
        }
        elements.push(Element {
            name: name.to_owned(),
            attributes,
        });
    }
    assert!(
        open.is_empty() && rest.trim().is_empty(),
        "left open: {open:?}"
    );
    (elements, text)
}

/// Text with its references read; panics at an ampersand that begins none.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('&') {
        out.push_str(&rest[..place]);
        let (name, after) = rest[place + 1..].split_once(';').expect("a reference ends");
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            number => number
                .strip_prefix('#')
                .and_then(|n| n.parse().ok())
                .and_then(char::from_u32)
                .expect("a known reference"),
        });
        rest = after;
    }
    out + rest
}

/// The policy is there, nothing runs, nothing is loaded, links lead to the web or within the page, and every id of the result is there.
fn check(findings: &Findings) -> String {
    let page = report::html(findings);
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    let (elements, text) = read(&page);
    harmless(&elements, &text);
    let policy = [
        (
            "http-equiv".to_owned(),
            "Content-Security-Policy".to_owned(),
        ),
        (
            "content".to_owned(),
            "default-src 'none'; style-src 'unsafe-inline'".to_owned(),
        ),
    ];
    assert!(
        elements
            .iter()
            .any(|e| e.name == "meta" && e.attributes == policy)
    );
    let json: Json = serde_json::from_str(&report::json(findings)).expect("it is JSON");
    for (list, attribute) in [
        ("claims", "data-claim"),
        ("conflicts", "data-conflict"),
        ("explanations", "data-explanation"),
    ] {
        let here: BTreeSet<&str> = elements
            .iter()
            .flat_map(|e| &e.attributes)
            .filter(|(name, _)| name == attribute)
            .map(|(_, value)| value.as_str())
            .collect();
        for item in json[list].as_array().expect("a list") {
            let id = item["id"]
                .as_str()
                .expect("an id")
                .replace('\0', "\u{fffd}");
            let kept = id.chars().map(legible).collect::<String>();
            assert!(
                here.contains(kept.as_str()),
                "{list}: {id:?} is not on the page"
            );
        }
    }
    let ids: Vec<&String> = elements
        .iter()
        .flat_map(|e| &e.attributes)
        .filter(|(name, _)| name == "id")
        .map(|(_, value)| value)
        .collect();
    let different: BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), different.len(), "an id occurs twice");
    for target in elements.iter().flat_map(|e| &e.attributes) {
        if let ("href", Some(id)) = (target.0.as_str(), target.1.strip_prefix('#')) {
            assert!(
                different.contains(&&id.to_owned()),
                "a link to nowhere: {id}"
            );
        }
    }
    for question in findings.dossier().questions() {
        let svg = report::svg(findings, question.id().as_str()).expect("the question is there");
        let (elements, text) = read(&svg);
        harmless(&elements, &text);
    }
    page
}

/// What markup cannot hold at all.
fn legible(c: char) -> char {
    match c {
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
            '\u{fffd}'
        }
        c => c,
    }
}

fn harmless(elements: &[Element], text: &str) {
    const KNOWN: &str = " html head meta title style body header main nav footer section article h1 h2 h3 h4 p ul ol li dl dt dd div span \
        b a q bdi br table caption thead tbody tr th td details summary svg desc line rect circle polygon path text ";
    for element in elements {
        assert!(
            KNOWN.contains(&format!(" {} ", element.name)),
            "{}",
            element.name
        );
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && name != "src", "{name}");
            if name == "href" {
                assert!(
                    value.starts_with('#') || value.to_lowercase().starts_with("http"),
                    "{value}"
                );
                let rel = ("rel".to_owned(), "noopener noreferrer".to_owned());
                assert!(value.starts_with('#') || element.attributes.contains(&rel));
            }
            if name == "style" {
                assert!(
                    value.starts_with("--lanes:") || value.starts_with("--depth:"),
                    "{value}"
                );
            }
        }
    }
    for c in text.chars() {
        let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(
            !steers && (c == '\n' || !c.is_control()),
            "{c:?} in the text"
        );
    }
}

#[test]
fn everything_in_the_result_is_on_the_page() {
    for name in [
        "article",
        "sequel",
        "two_counts",
        "tension",
        "impossible",
        "limits",
        "dates",
        "no_conflict",
        "hostile",
    ] {
        check(&findings(name));
    }
}

#[test]
fn the_same_findings_make_the_same_bytes() {
    let path = format!("{}/tests/dossiers/article.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the dossier is there");
    let mut json: Json = serde_json::from_str(&text).expect("it is JSON");
    for part in ["sources", "questions", "links", "claims"] {
        json[part].as_array_mut().expect("a list").reverse();
    }
    let turned = reconcile(Dossier::from_json(json.to_string().as_bytes()).expect("it is valid"));
    assert_eq!(report::html(&turned), report::html(&findings("article")));
    assert_eq!(
        report::svg(&turned, "freed"),
        report::svg(&findings("article"), "freed")
    );
}

/// The picture of one small question. `UPDATE_EXPECT=1 cargo test --test page`, then look at it.
#[test]
fn a_picture() {
    let svg = report::svg(&findings("two_counts"), "freed").expect("the question is there");
    expect_file!["golden/two_counts.svg"].assert_eq(&svg);
    assert_eq!(report::svg(&findings("two_counts"), "no such"), None);
}

/// The picture that the README shows.
#[test]
fn the_picture_of_the_readme() {
    let svg = report::svg(&findings("sequel"), "freed").expect("the question is there");
    expect_file!["../docs/article.svg"].assert_eq(&svg);
}

#[test]
fn only_the_web_is_linked() {
    let claims = [
        "https://example.org/a?b=c&d=%22",
        "javascript:alert(1)",
        "HTTPS://bbc.com@evil.example/",
        "data:text/html,<script>alert(1)</script>",
        "https://a.example/\" onmouseover=\"alert(1)",
        " https://a.example",
    ];
    let dossier = Dossier::builder()
        .source(Source::new("s"))
        .question(Question::count("n"))
        .claims(claims.iter().enumerate().map(|(i, url)| {
            Claim::new(format!("c{i}"))
                .question("n")
                .source("s")
                .value(i as u64)
                .url(*url)
        }))
        .build()
        .expect("it is valid");
    let page = check(&reconcile(dossier));
    let links: Vec<&str> = page
        .match_indices("<a href=\"http")
        .chain(page.match_indices("<a href=\"HTTP"))
        .map(|(i, _)| page[i..].split('>').nth(1).expect("its text"))
        .collect();
    assert_eq!(links, ["example.org</a", "evil.example</a"]);
}

#[test]
fn numbers_of_any_size_are_drawn() {
    let most = u64::MAX;
    for values in [
        vec![0, 0],
        vec![0, most],
        vec![3, 3_000_000],
        vec![most, most - 1],
        (0..40).map(|i| 1_u64 << i).collect(),
    ] {
        let dossier = Dossier::builder()
            .question(Question::count("n"))
            .question(Question::count("part"))
            .link(Link::new("part <= n"))
            .source(Source::new("open"))
            .claim(
                Claim::new("open")
                    .question("n")
                    .source("open")
                    .value(Value::at_least(5)),
            )
            .claim(
                Claim::new("not")
                    .question("part")
                    .source("open")
                    .value(Value::none_of([7_u64, 9])),
            );
        let dossier = values.iter().enumerate().fold(dossier, |d, (i, value)| {
            let id = format!("c{i}");
            d.source(Source::new(id.as_str())).claim(
                Claim::new(id.as_str())
                    .question("n")
                    .source(id.as_str())
                    .value(*value),
            )
        });
        let page = check(&reconcile(dossier.build().expect("it is valid")));
        assert!(
            !page.contains("NaN") && !page.contains("inf%"),
            "{values:?}"
        );
    }
}

#[test]
fn a_large_dossier_is_told_in_bounds() {
    let claims = (0..400).map(|i| {
        Claim::new(format!("c{i:03}"))
            .question("n")
            .source(format!("s{}", i % 40))
            .value(100 + i as u64)
    });
    let sources = (0..40).map(|i| Source::new(format!("s{i}")));
    let dossier = sources
        .fold(Dossier::builder(), discrepancy::DossierBuilder::source)
        .question(Question::count("n"))
        .claims(claims)
        .options(Options::new().limits(Limits {
            conflicts: 1_000,
            ..Limits::default()
        }))
        .build()
        .expect("it is valid");
    let page = check(&reconcile(dossier));
    assert!(page.contains("100 more claims, not drawn"));
    assert!(page.len() < 3_000_000, "{}", page.len());
}

/// Text that someone might try.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<script>",
        "</title>",
        "</style>",
        "<!--",
        "-->",
        "\"",
        "'",
        "&",
        "&lt;",
        ">",
        "<",
        "onload=",
        "]]>",
        "\u{202e}",
        "\u{0}",
        "\n",
        "\r",
        "\t",
        "\u{1b}",
        "\u{85}",
        "=",
        "`",
        "/",
        "javascript:",
        "a",
        "b c",
        "\u{1f600}",
        "\u{5d0}",
        "#",
        "{}",
        "\u{feff}",
    ]);
    prop::collection::vec(pieces, 1..6).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_gets_into_the_markup(
        texts in prop::collection::vec(hostile(), 12),
        values in prop::collection::vec(0_u64..200, 3),
    ) {
        let t = |i: usize| texts[i].clone();
        let id = |i: usize| format!("{}{i}", texts[i]);
        let dossier = Dossier::builder()
            .title(t(0))
            .source(Source::new(id(1)).name(t(2)))
            .source(Source::new(id(3)))
            .question(Question::count("n").text(t(4)).unit(t(5)))
            .question(Question::category("who").text(t(6)))
            .claim(Claim::new(id(7)).question("n").source(id(1)).value(values[0]).quote(t(8)).url(t(9)))
            .claim(Claim::new(id(10)).question("n").source(id(3)).value(values[1]).via([id(1)]).url(format!("https://{}", t(9))))
            .claim(Claim::new(id(11)).question("who").source(id(1)).value(t(8).trim()))
            .claim(Claim::new(id(9)).question("who").source(id(3)).value(t(6).trim()))
            .build();
        // Empty labels and the like are errors of the dossier.
        if let Ok(dossier) = dossier {
            check(&reconcile(dossier));
        }
    }
}
