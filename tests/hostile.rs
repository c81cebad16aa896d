//! Input that someone built to do harm: it ends in an error or a result, in bounded memory. Where the system can set a ceiling (`ulimit
//! -v`), the program runs under one.

#![expect(clippy::expect_used, reason = "a test may end early")]

#[cfg(target_os = "linux")]
mod program;

use std::fmt::Write as _;

use discrepancy::{
    Assumption, CheckError, Claim, CommonOrigin, Dossier, Letter, Limits, Link, Options, OverTime,
    Probability, Question, Source, Value, check_all, reconcile, report,
};

/// Bytes of a large input.
const LARGE: usize = if cfg!(debug_assertions) {
    2_000_000
} else {
    20_000_000
};

/// A dossier with these sources, questions and claims, already JSON.
fn json(sources: &str, questions: &str, claims: &str) -> String {
    format!(r#"{{"schema":1,"sources":[{sources}],"questions":[{questions}],"claims":[{claims}]}}"#)
}

fn one_value(value: &str) -> String {
    let claim = format!(r#"{{"id":"c","question":"n","source":"s","value":{value}}}"#);
    json(r#"{"id":"s"}"#, r#"{"id":"n"}"#, &claim)
}

fn list(n: usize, item: impl Fn(usize) -> String) -> String {
    (0..n).map(item).collect::<Vec<_>>().join(",")
}

fn chance(p: f64) -> Probability {
    Probability::new(p).expect("a probability")
}

/// What an input must end in.
enum End {
    /// An error whose first line begins with this.
    Error(&'static str),
    Result,
}

/// Inputs of some size that stand for much, or for nothing.
fn inputs() -> Vec<(&'static str, String, End)> {
    let n = LARGE;
    let open = "[".repeat(n);
    let mut all = vec![
        ("open brackets", open.clone(), End::Error("line 1, column")),
        (
            "open brackets in meta",
            format!("{{\"meta\":{open}"),
            End::Error("line 1, column"),
        ),
        (
            "open brackets for sources",
            format!("{{\"sources\":{open}"),
            End::Error("line 1, column"),
        ),
        (
            "open brackets in an unknown field",
            format!("{{\"x\":{open}"),
            End::Error("line 1, column"),
        ),
        (
            "open braces",
            "{\"a\":".repeat(n / 5),
            End::Error("line 1, column"),
        ),
        (
            "10,000 levels in a value",
            one_value(&format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000))),
            End::Error("line 1, column"),
        ),
        (
            "a long title",
            format!(
                "{{\"title\":\"{}\",{}",
                "x".repeat(n),
                json("", "", "").trim_start_matches('{')
            ),
            End::Result,
        ),
        (
            "a long id",
            json(&format!("{{\"id\":\"{}\"}}", "x".repeat(n)), "", ""),
            End::Error("sources[0].id: "),
        ),
        (
            "a long key",
            format!("{{\"{}\":1}}", "x".repeat(n)),
            End::Error("dossier["),
        ),
        (
            "a long phrase",
            one_value(&format!("\"{}\"", "at ".repeat(n / 3))),
            End::Error("claims[0].value: "),
        ),
    ];
    all.extend(many_inputs(n));
    if n / 2 < 1_000_000 {
        // Too short for the limit on values.
        all.retain(|(name, ..)| !["a long list in meta", "a long choice"].contains(name));
    }
    if n / 9 > 900_000 {
        all.retain(|(name, ..)| {
            ![
                "one key again and again",
                "many keys",
                "a long list of lists",
            ]
            .contains(name)
        });
    }
    all
}

/// The same of long numbers, lists and objects.
fn many_inputs(n: usize) -> Vec<(&'static str, String, End)> {
    let digits = "9".repeat(n);
    vec![
        (
            "a long number",
            one_value(&digits),
            End::Error("line 1, column"),
        ),
        (
            "a long fraction",
            json(
                &format!("{{\"id\":\"s\",\"reliability\":0.{digits}}}"),
                "",
                "",
            ),
            End::Result,
        ),
        (
            "a long exponent",
            json(
                &format!("{{\"id\":\"s\",\"reliability\":1e{digits}}}"),
                "",
                "",
            ),
            End::Error("line 1, column"),
        ),
        (
            "a long list in meta",
            format!("{{\"meta\":[{}1]}}", "1,".repeat(n / 2)),
            End::Error("meta: "),
        ),
        (
            "a long list of lists",
            format!("{{\"meta\":[{}1]}}", "[],".repeat(n / 3)),
            End::Error("schema: "),
        ),
        (
            "a long choice",
            one_value(&format!("{{\"one_of\":[{}1]}}", "1,".repeat(n / 2))),
            End::Error("claims[0]: "),
        ),
        (
            "one key again and again",
            json(
                &format!("{{{}\"id\":\"s\"}}", "\"id\":\"s\",".repeat(n / 9)),
                "",
                "",
            ),
            End::Error("sources[0].id: "),
        ),
        (
            "many keys",
            json(
                &format!("{{{}}}", list(n / 12, |i| format!("\"k{i}\":1"))),
                "",
                "",
            ),
            End::Error("sources[0].id: "),
        ),
        (
            "many top-level keys",
            format!("{{{}}}", list(n / 12, |i| format!("\"k{i}\":1"))),
            End::Error("k0: "),
        ),
        (
            "many sources without ids",
            json(&list(n / 3, |_| "{}".to_owned()), "", ""),
            End::Error("sources[0].id: "),
        ),
    ]
}

/// The program under a ceiling on its memory, fed with an input: its exit code, standard output and standard error.
#[cfg(target_os = "linux")]
fn run_within(megabytes: usize, input: &[u8], format: &str) -> (Option<i32>, String, String) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v \"$1\" && shift && exec \"$@\"", "sh"])
        .arg((megabytes * 1024).to_string())
        .arg(program::program("reconcile"))
        .args(["-", "--format", format])
        // With feature `rayon` each thread would reserve room that it does not use.
        .env("RAYON_NUM_THREADS", "2")
        .env("MALLOC_ARENA_MAX", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the input is written");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn large_inputs_end_within_a_ceiling_of_memory() {
    for (name, input, end) in inputs() {
        // The program itself, the input and what it is read into: at most a hundred bytes for each value of two bytes.
        let ceiling = 64 + input.len() * 16 / 1_000_000;
        let (code, out, err) = run_within(ceiling, input.as_bytes(), "json");
        let first: String = err.chars().take(300).collect();
        match end {
            End::Error(start) => {
                assert_eq!(code, Some(2), "{name}: {first}");
                assert!(out.is_empty() && err.starts_with(start), "{name}: {first}");
                assert!(
                    err.len() < 400_000 && err.lines().count() <= 1_001,
                    "{name}"
                );
            }
            End::Result => assert_eq!((code, first.as_str()), (Some(0), ""), "{name}"),
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn many_small_components_take_memory_in_proportion() {
    let n = LARGE / 1_000;
    let input = json(
        &list(2 * n, |i| format!(r#"{{"id":"s{i}"}}"#)),
        &list(n, |i| format!(r#"{{"id":"q{i}"}}"#)),
        &list(2 * n, |i| {
            let value = i / 2 + i % 2 * (i / 2 % 3);
            format!(
                r#"{{"id":"c{i}","question":"q{}","source":"s{i}","value":{value}}}"#,
                i / 2
            )
        }),
    );
    for format in ["json", "text"] {
        let (code, out, err) = run_within(96 + n * 8 / 1_000, input.as_bytes(), format);
        let first: String = err.chars().take(300).collect();
        assert_eq!((code, first.as_str()), (Some(0), ""), "{format}");
        assert!(out.len() > 1_000);
    }
}

#[test]
fn problems_beyond_a_thousand_are_counted() {
    let input = json(&list(5_000, |_| r#"{"id":1,"x":2}"#.to_owned()), "", "");
    let errors = Dossier::from_json(input.as_bytes()).expect_err("it is no dossier");
    assert_eq!(errors.iter().count(), 1_001);
    let last = errors.iter().last().map(ToString::to_string);
    assert_eq!(
        last.as_deref(),
        Some("dossier: 9000 more problems are not listed")
    );
}

#[test]
fn what_short_files_would_grow_to_is_refused() {
    let day = |i: usize| format!("{:04}-{:02}-{:02}", i / 336, i / 28 % 12 + 1, i % 28 + 1);
    let source = Source::new("s");
    // Links that hold at each of many as-ofs.
    let mut at_all_times = Dossier::builder()
        .source(source.clone())
        .question(Question::count("v").over_time(OverTime::Varies))
        .question(Question::count("n"));
    for i in 0..3_000 {
        at_all_times = at_all_times
            .claim(
                Claim::new(format!("c{i}"))
                    .question("v")
                    .source("s")
                    .value(1)
                    .as_of(day(i)),
            )
            .link(Link::new(format!("v <= n + {i}")));
    }
    // A source that says very much that lies within what it says.
    let mut nested = Dossier::builder()
        .source(source)
        .question(Question::count("n"));
    for i in 0..3_000_u64 {
        let claim =
            |id: String, value: Value| Claim::new(id).question("n").source("s").value(value);
        nested = nested
            .claim(claim(format!("exact{i}"), i.into()))
            .claim(claim(format!("wide{i}"), Value::at_most(1_000_000 + i)));
    }
    for (builder, found) in [
        (at_all_times, "18000000 terms"),
        (
            nested,
            "pairs of claims by \"s\" on \"n\", one within the other",
        ),
    ] {
        let errors = builder.build().expect_err("it grows too far");
        let text = errors.to_string();
        assert!(
            text.starts_with("dossier: ") && text.contains(found),
            "{text}"
        );
    }
}

#[test]
fn long_chains_end() {
    let n = 20_000;
    let source = || Source::new("s");
    let base = || {
        Dossier::builder()
            .source(source())
            .question(Question::count("n"))
    };
    let claim = |i: usize| {
        Claim::new(format!("c{i}"))
            .question("n")
            .source("s")
            .value(5)
    };

    let mut corrected = base();
    for i in 0..n {
        let next = if i == 0 {
            claim(0)
        } else {
            claim(i).supersedes([format!("c{}", i - 1)])
        };
        corrected = corrected.claim(next);
    }
    let findings = reconcile(corrected.build().expect("no cycle"));
    assert_eq!(
        findings
            .claims
            .iter()
            .filter(|c| c.belief.is_some())
            .count(),
        1
    );

    let cycle = (0..n).map(|i| claim(i).supersedes([format!("c{}", (i + 1) % n)]));
    let errors = base().claims(cycle).build().expect_err("a cycle");
    assert_eq!(errors.iter().count(), 1_001);

    // Relays and assumptions, one behind the other.
    let mut long = base().claim(
        claim(0)
            .via((0..n).map(|i| format!("outlet{i}")))
            .assuming((0..n).map(|i| format!("a{i}"))),
    );
    for i in 0..n {
        long = long
            .source(Source::new(format!("outlet{i}")))
            .assumption(Assumption::new(format!("a{i}"), chance(0.5)));
    }
    let findings = reconcile(long.build().expect("it is sound"));
    let belief = findings.claims.first().and_then(|c| c.belief);
    assert!(
        belief.is_some_and(|b| (0.0..1e-9).contains(&b)),
        "{belief:?}"
    );

    // A formula of a hundred thousand terms that are three.
    let formula = format!("n = {}", vec!["m"; 100_000].join(" + "));
    let dossier = base()
        .question(Question::count("m"))
        .link(Link::new(formula).id("long"));
    let findings = reconcile(dossier.claim(claim(0)).build().expect("it is linear"));
    assert_eq!(findings.conflicts.len(), 1, "5 is no multiple of 99,999");
}

#[test]
fn a_hundred_thousand_sources_of_one_origin_are_compiled() {
    // All say the same: each but the first leans on it.
    let n = if cfg!(debug_assertions) {
        2_000
    } else {
        100_000
    };
    let names: Vec<String> = (0..n).map(|i| format!("s{i}")).collect();
    let mut builder =
        Dossier::builder().common_origin(CommonOrigin::new(names.clone(), chance(0.3)));
    for (i, name) in names.iter().enumerate() {
        let question = format!("q{}", i / 2);
        if i % 2 == 0 {
            builder = builder.question(Question::count(question.as_str()));
        }
        builder = builder.source(Source::new(name.as_str())).claim(
            Claim::new(format!("c{i}"))
                .question(question)
                .source(name.as_str())
                .value(7),
        );
    }
    let dossier = builder.build().expect("it is sound");
    assert_eq!(dossier.claims().len(), n);
}

/// Whether all replays, or what is left needs numbers beyond 128 bits, and is told as that: values that show that a repair suffices may
/// lie too far apart to be found.
fn holds_or_is_beyond(checked: &Result<(), CheckError>) -> bool {
    match checked {
        Ok(()) | Err(CheckError::Missing { .. } | CheckError::Overflow { .. }) => true,
        Err(CheckError::Violated { what, .. }) => what.ends_with("within 128 bits"),
        Err(_) => false,
    }
}

#[test]
fn numbers_at_the_ends_of_64_bits_never_wrap() {
    // All pairs take a while without optimisation.
    let all = [
        0,
        1,
        u64::MAX,
        i64::MAX.unsigned_abs() + 1,
        u64::from(u32::MAX),
        i64::MAX.unsigned_abs(),
        u64::MAX - 1,
    ];
    let some = if cfg!(debug_assertions) { 3 } else { 7 };
    let ends: Vec<u64> = all.into_iter().take(some).collect();
    for &a in &ends {
        for &b in &ends {
            for (formula, value) in [
                (format!("n = m + {a}"), Value::from(b)),
                (format!("n <= {a}*m"), Value::at_least(b)),
                (format!("{a}*n = {b}*m"), Value::one_of([a, b])),
                (format!("{a}*n + {b}*m >= {b}"), Value::none_of([a, b])),
                (format!("n - m < {a}"), Value::between(a.min(b), a.max(b))),
            ] {
                let dossier = Dossier::builder()
                    .source(Source::new("s").reliability(Letter::A))
                    .source(Source::new("t"))
                    .question(Question::count("n"))
                    .question(Question::count("m"))
                    .link(Link::new(formula.as_str()))
                    .claim(
                        Claim::new("x")
                            .question("n")
                            .source("s")
                            .value(value.clone()),
                    )
                    .claim(Claim::new("y").question("m").source("t").value(b))
                    .claim(Claim::new("z").question("n").source("t").value(a))
                    .build()
                    .expect("it fits");
                let again = Dossier::from_json(dossier.to_json().as_bytes());
                assert_eq!(again.as_ref(), Ok(&dossier));
                let findings = reconcile(dossier);
                let checked = check_all(&findings);
                assert!(
                    holds_or_is_beyond(&checked),
                    "{formula}, {value:?}: {checked:?}"
                );
                assert!(!report::text(&findings).is_empty());
            }
        }
    }
}

#[test]
fn sums_of_the_largest_numbers_do_not_wrap() {
    let parts = 2;
    let sum = (0..parts)
        .map(|i| format!("{}*p{i}", u64::MAX))
        .collect::<Vec<_>>()
        .join(" + ");
    let mut builder = Dossier::builder()
        .options(Options::new().budget(20_000))
        .source(Source::new("s"))
        .question(Question::count("whole"))
        .link(Link::new(format!("whole = {sum}")).id("sum"))
        .claim(
            Claim::new("whole")
                .question("whole")
                .source("s")
                .value(u64::MAX),
        );
    for i in 0..parts {
        builder = builder
            .source(Source::new(format!("s{i}")))
            .question(Question::count(format!("p{i}")))
            .claim(
                Claim::new(format!("p{i}"))
                    .question(format!("p{i}"))
                    .source(format!("s{i}"))
                    .value(u64::MAX),
            );
    }
    let findings = reconcile(builder.build().expect("each number fits"));
    assert!(holds_or_is_beyond(&check_all(&findings)));
    // Either part is too much already.
    assert_eq!(findings.conflicts.len(), parts);
}

#[test]
fn the_first_and_last_days_are_read() {
    let days = [
        "0000-01-01",
        "0000",
        "0000-01",
        "9999-12-31",
        "9999",
        "9999-12",
        "../0000",
        "9999/..",
    ];
    for a in days {
        for b in days {
            let dossier = Dossier::builder()
                .source(Source::new("s"))
                .source(Source::new("t"))
                .question(Question::date("d"))
                .question(Question::date("e"))
                .link(Link::new(format!("d - e <= {}", u64::MAX)).id("far"))
                .link(Link::new("d - e >= 3652058").id("near"))
                .claim(Claim::new("x").question("d").source("s").value(a))
                .claim(Claim::new("y").question("e").source("t").value(b))
                .build()
                .expect("they exist");
            let findings = reconcile(dossier);
            assert_eq!(check_all(&findings), Ok(()), "{a}, {b}");
            assert!(!report::json(&findings).is_empty() && !report::html(&findings).is_empty());
        }
    }
    for when in [
        "9999-12-31",
        "0000-01-01",
        "9999-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
    ] {
        let dossier = Dossier::builder()
            .source(Source::new("s"))
            .question(Question::count("n").over_time(OverTime::Cumulative))
            .claim(
                Claim::new("x")
                    .question("n")
                    .source("s")
                    .value(5)
                    .as_of(when),
            )
            .claim(
                Claim::new("y")
                    .question("n")
                    .source("s")
                    .value(4)
                    .stated(when),
            )
            .build()
            .expect("they exist");
        assert_eq!(check_all(&reconcile(dossier)), Ok(()), "{when}");
    }
    for when in [
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00+01:00",
        "10000-01-01",
        "-0001-01-01",
    ] {
        let errors = Dossier::builder()
            .as_of(when)
            .build()
            .expect_err("beyond the calendar");
        assert!(errors.to_string().starts_with("as_of: "), "{errors}");
    }
}

const NAMES: [&str; 14] = [
    "\u{0}",
    "\u{1b}[31m",
    "a\nb",
    "a\r\nclaims[0].value: ok",
    "\u{202e}abc",
    "\u{200b}",
    "\u{feff}x",
    "<script>alert(1)</script>",
    "]]>",
    "| a | b |",
    "`x` *y* _z_ [l](javascript:x)",
    "\u{e0001}\u{e0041}",
    "\\\"';--",
    "\u{fffd}\u{10ffff}",
];

#[test]
fn names_cannot_break_a_report() {
    let base = || {
        let mut builder = Dossier::builder().question(Question::count("n").text(NAMES.join(" ")));
        for (i, name) in NAMES.iter().enumerate() {
            builder = builder.source(Source::new(*name).name(*name)).claim(
                Claim::new(*name)
                    .question("n")
                    .source(*name)
                    .value(10 + i as u64)
                    .quote(*name)
                    .url(*name),
            );
        }
        builder.title(NAMES.join(""))
    };
    let dossier = base().build().expect("any text is a name");
    assert_eq!(
        Dossier::from_json(dossier.to_json().as_bytes()).as_ref(),
        Ok(&dossier)
    );
    let findings = reconcile(dossier);
    assert_eq!(check_all(&findings), Ok(()));
    let parsed: serde_json::Value =
        serde_json::from_str(&report::json(&findings)).expect("it is JSON");
    assert_eq!(
        parsed
            .get("claims")
            .and_then(|c| c.as_array())
            .map(Vec::len),
        Some(NAMES.len())
    );
    for text in [
        report::text(&findings),
        report::markdown(&findings),
        report::html(&findings),
    ] {
        let steering = |c: char| {
            c != '\n' && c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.chars().any(steering));
    }
    for markup in [report::markdown(&findings), report::html(&findings)] {
        assert!(!markup.contains("<script>alert"));
    }
    // Nor an error line.
    let unknown = base().claim(
        Claim::new("a\nb\u{202e}")
            .question("q\u{1b}\n")
            .source("\r\n")
            .value("\u{7}\n"),
    );
    let errors = unknown.build().expect_err("none of them is there");
    let text = errors.to_string();
    assert_eq!(text.lines().count(), errors.iter().count());
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
}

#[test]
fn a_question_of_many_as_ofs_is_many_questions() {
    let n = if cfg!(debug_assertions) {
        3_000
    } else {
        100_000
    };
    let mut claims = String::new();
    for i in 0..n {
        let (year, month, day) = (1 + i / 336, i / 28 % 12 + 1, i % 28 + 1);
        let comma = if i == 0 { "" } else { "," };
        write!(claims, r#"{comma}{{"id":"c{i}","question":"v","source":"s","value":{},"as_of":"{year:04}-{month:02}-{day:02}"}}"#, i % 7)
            .expect("a text takes more");
    }
    let input = json(
        r#"{"id":"s"}"#,
        r#"{"id":"v","over_time":"varies"}"#,
        &claims,
    );
    let findings = reconcile(Dossier::from_json(input.as_bytes()).expect("it is sound"));
    assert_eq!(findings.questions.len(), n);
    assert!(findings.conflicts.is_empty());
    assert!(findings.claims.iter().all(|c| c.belief.is_some()));
}

#[test]
fn limits_of_nothing_are_kept() {
    let mut limits = Limits::default();
    (
        limits.overlaps,
        limits.conflicts,
        limits.repairs,
        limits.camps,
        limits.explanations,
    ) = (0, 0, 0, 0, 0);
    let mut builder = Dossier::builder()
        .options(Options::new().limits(limits).budget(0))
        .question(Question::count("n"));
    for i in 0..20_u64 {
        builder = builder.source(Source::new(format!("s{i}"))).claim(
            Claim::new(format!("c{i}"))
                .question("n")
                .source(format!("s{i}"))
                .value(i),
        );
    }
    let findings = reconcile(builder.build().expect("it is sound"));
    assert!(
        findings.conflicts.is_empty()
            && findings.repairs.is_empty()
            && findings.overlaps.is_empty()
    );
    assert_eq!(findings.left_out.overlaps, 190);
    assert!(!report::json(&findings).is_empty() && !report::text(&findings).is_empty());
}

/// Pairs along a chain name every link between them: their lists would grow with the cube of its length. And one source that speaks on all
/// of it is in every question's way.
#[test]
fn a_long_chain_names_links_within_bounds() {
    let n = 1_200_u64;
    for one_source in [false, true] {
        let mut draft = Dossier::builder();
        for i in 0..n {
            let question = format!("q{i:04}");
            let source = if one_source { 0 } else { i };
            let source = format!("s{source}");
            let said = format!("at least {}", 5 + i);
            draft = draft.question(Question::count(question.as_str())).claim(
                Claim::new(format!("c{i:04}"))
                    .source(source.as_str())
                    .question(question)
                    .value(said.as_str()),
            );
            if !one_source || i == 0 {
                draft = draft.source(Source::new(source));
            }
        }
        for i in 1..n {
            draft = draft.link(Link::new(format!("q{:04} <= q{i:04}", i - 1)));
        }
        let findings = reconcile(draft.build().expect("a dossier"));
        assert!(findings.components.iter().all(|c| c.exact));
        // Each claim says something of every later question.
        let listed = findings.overlaps.len() as u64;
        assert_eq!(listed + findings.left_out.overlaps, n * (n - 1) / 2);
        let through = |o: &discrepancy::Overlap| o.through.as_ref().map_or(0, Vec::len);
        let named: usize = findings.overlaps.iter().map(through).sum();
        assert!((1_000_000..1_001_200).contains(&named), "{named}");
        for (o, steps) in findings.overlaps.iter().zip(1..) {
            assert_eq!(through(o), steps);
            if o.b.as_str() == "c1199" {
                break;
            }
        }
    }
}

/// Components with more conflicts than are kept are counted all the same, and those listed are the first.
#[test]
fn conflicts_of_many_sums_are_counted() {
    let (wholes, each) = (30_u64, 30_u64);
    let mut draft = Dossier::builder();
    for w in 0..wholes {
        let [whole, a, b] = ["w", "a", "b"].map(|part| format!("{part}{w:02}"));
        draft = draft.link(Link::new(format!("{whole} = {a} + {b}")));
        for (question, claims, value) in [(whole, 2, 15_u64), (a, each, 10), (b, each, 10)] {
            draft = draft.question(Question::count(question.as_str()));
            for c in 0..claims {
                // Those of the last component come first, which is beyond what is kept.
                let id = format!("{:02}{}-{c:02}", wholes - w, &question[..1]);
                let claim = Claim::new(id.as_str()).source(id.as_str());
                draft = draft
                    .source(Source::new(id.as_str()).reliability(Letter::B))
                    .claim(claim.question(question.as_str()).value(value));
            }
        }
    }
    let findings = reconcile(draft.build().expect("a dossier"));
    // Either of two wholes with any of each part.
    let own = 2 * each * each;
    let left = wholes * own - 1_000;
    assert_eq!(
        findings.left_out.conflicts,
        discrepancy::Count::Exactly(left)
    );
    for w in 0..wholes {
        let claim = findings
            .claim(&format!("{:02}w-01", wholes - w))
            .expect("a claim");
        let third = f64::from(u32::try_from(each * each).expect("a small number")) / 3.0;
        assert!((claim.involvement.value() - third).abs() < 1e-9);
    }
    let mut first: Vec<String> = Vec::new();
    for a in 0..each {
        for b in 0..each {
            let whole = |c: u64| format!("contradiction:01a-{a:02}+01b-{b:02}+01w-{c:02}");
            first.extend((0..2).map(whole));
        }
    }
    first.truncate(1_000);
    let ids: Vec<&str> = findings.conflicts.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, first);
}
