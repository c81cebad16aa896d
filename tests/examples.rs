//! The two programs among the examples, as a user runs them.

#![expect(clippy::expect_used, reason = "a test may end early")]

mod program;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use program::program;

fn run(name: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(program(name))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // A program that does not read its input closes it.
    let _ = child.stdin.take().expect("it is piped").write_all(input);
    child.wait_with_output().expect("the program ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it is UTF-8")
}

const FILE: &str = "tests/dossiers/two_counts.json";

#[test]
fn reconcile_reports_in_three_formats() {
    for (arguments, start) in [
        (&[FILE][..], "How many were freed?\n"),
        (&[FILE, "--format", "text"], "How many were freed?\n"),
        (&["--format", "markdown", FILE], "# How many were freed?\n"),
        (&["--format=json", FILE], "{\"schema\":1,"),
    ] {
        let output = run("reconcile", arguments, b"");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text(&output.stdout).starts_with(start), "{arguments:?}");
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn reconcile_reads_standard_input() {
    let json =
        std::fs::read(format!("{}/{FILE}", env!("CARGO_MANIFEST_DIR"))).expect("it is there");
    assert_eq!(
        run("reconcile", &["-"], &json).stdout,
        run("reconcile", &[FILE], b"").stdout
    );
}

/// Some hundred components, half of them with a dispute to explain: the same bytes on any number of threads.
#[cfg(feature = "rayon")]
#[test]
fn threads_change_nothing() {
    let list = |item: &dyn Fn(usize) -> String| (0..400).map(item).collect::<Vec<_>>().join(",");
    let json = format!(
        r#"{{"schema":1,"sources":[{}],"questions":[{}],"claims":[{}]}}"#,
        list(&|i| format!(r#"{{"id":"s{i}"}}"#)),
        list(&|i| format!(r#"{{"id":"q{i}","kind":"count"}}"#)),
        list(&|i| {
            let claim = |id: &str, source: usize, value: usize| {
                let source = source % 400;
                format!(
                    r#"{{"id":"{id}{i}","question":"q{i}","source":"s{source}","value":{value}}}"#
                )
            };
            let (first, second) = (100 + i, 100 + i + i % 2 * 90);
            format!(
                "{},{}",
                claim("a", i, first),
                claim("b", i + i / 8 % 2, second)
            )
        }),
    );
    let on = |threads: &str| {
        let mut child = Command::new(program("reconcile"))
            .args(["-", "--format", "json"])
            .env("RAYON_NUM_THREADS", threads)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(json.as_bytes()).expect("it is read");
        drop(stdin);
        child.wait_with_output().expect("the program ends").stdout
    };
    let one = on("1");
    assert!(
        text(&one).contains(r#""kind":"scope""#),
        "rewrites are replayed"
    );
    assert!(one == on("2") && one == on("5"));
}

#[test]
fn reconcile_tells_every_problem_by_its_place() {
    let json = br#"{ "schema": 1, "sources": [{ "id": "a" }], "questions": [{ "id": "n" }],
        "claims": [{ "id": "x", "question": "n", "source": "b", "value": -1 }] }"#;
    for (input, places) in [
        (&json[..], &["claims[0].source: ", "claims[0].value: "][..]),
        (b"{", &["line 1, column 1: "]),
        (
            br#"{ "schema": 1, "sources": [], "claims": [] }"#,
            &["questions: "],
        ),
    ] {
        let output = run("reconcile", &["-"], input);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let lines: Vec<&str> = text(&output.stderr).lines().collect();
        assert_eq!(lines.len(), places.len(), "{lines:?}");
        for place in places {
            assert!(lines.iter().any(|l| l.starts_with(place)), "{lines:?}");
        }
    }
}

#[test]
fn reconcile_refuses_what_it_does_not_know() {
    for (arguments, start) in [
        (&["--colour", FILE][..], "--colour: "),
        (&["--format", "yaml", FILE], "--format: "),
        (&["--format"], "--format: "),
        (&[FILE, FILE], FILE),
        (&["no/such/file.json"], "no/such/file.json: "),
        (&[], "FILE: "),
    ] {
        let output = run("reconcile", arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).starts_with(start), "{arguments:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child = Command::new(program("reconcile"))
        .args(["-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let json = std::fs::read(format!(
        "{}/tests/dossiers/article.json",
        env!("CARGO_MANIFEST_DIR")
    ));
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(&json.expect("it is there"))
        .expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn read_answers_every_line() {
    let input = b"at least 123\r\n\nhundreds of people\n\xff\xfe\nup to 200";
    let output = run("read", &[], input);
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(
        lines[0],
        r#"{"phrase":"at least 123","entailed":{"min":123}}"#
    );
    assert!(lines[1].starts_with(r#"{"phrase":"","error":""#));
    assert_eq!(
        lines[2],
        r#"{"phrase":"hundreds of people","entailed":{"min":200},"suggested":{"min":200,"max":999}}"#
    );
    assert!(lines[3].contains(r#""error":"not UTF-8""#));
    assert_eq!(
        lines[4],
        r#"{"phrase":"up to 200","entailed":{"min":0},"suggested":{"min":100,"max":200}}"#
    );
}

const BRIDGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpora/bridges.csv");

#[test]
fn trust_answers_every_question() {
    let answers = std::env::temp_dir().join(format!("answers-{}.csv", std::process::id()));
    let path = answers.to_string_lossy().into_owned();
    let output = run("trust", &[BRIDGES, "--answers", &path], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("bridges.csv, line 91: a column is missing"));
    assert!(text(&output.stderr).contains("89 claims, 20 questions, 5 sources"));
    let told = std::fs::read_to_string(&answers).expect("it was written");
    std::fs::remove_file(&answers).expect("it is there");
    let mut rows = told.lines();
    assert_eq!(rows.next(), Some("question,value,probability"));
    let rows: Vec<&str> = rows.collect();
    assert!(rows.is_sorted(), "by question, then by value");
    let sure: Vec<f64> = rows
        .iter()
        .filter(|row| row.starts_with("bridge c: year opened,"))
        .map(|row| row.rsplit(',').next().and_then(|p| p.parse().ok()))
        .map(|p| p.expect("a probability"))
        .collect();
    assert_eq!(sure.len(), 2);
    assert!(sure.iter().sum::<f64>() <= 1.0);
}

#[test]
fn trust_tells_why_an_answer_is_what_it_is() {
    let question = ["--report", "bridge c: year opened"];
    let as_counts = [&[BRIDGES, "--counts", "0"][..], &question].concat();
    let output = run("trust", &as_counts, b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    for part in [
        "bridge c: year opened",
        "1,940",
        "city archive",
        "cannot hold together",
        "Ask next",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let output = run("trust", &[BRIDGES, "--report", "no such question"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn trust_refuses_bad_rows_where_asked_to() {
    let output = run("trust", &[BRIDGES, "--strict"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("line 91"));
    assert!(text(&output.stderr).ends_with("bridges.csv: 1 bad rows\n"));
}

#[test]
fn trust_says_plainly_what_it_cannot_do() {
    for (arguments, told) in [
        (
            &[][..],
            "which claims? trust claims.csv --answers answers.csv",
        ),
        (&["nowhere.csv"], "nowhere.csv: "),
        (&[BRIDGES, "--model"], "--model needs an argument"),
        (
            &[BRIDGES, "--model", "best"],
            "no model \"best\": default, majority, one-coin or dawid-skene",
        ),
        (&[BRIDGES, "--numeric", "-1"], "no tolerance: \"-1\""),
        (
            &["src/lib.rs", "--strict"],
            "src/lib.rs: the header has 1 columns, 3 are needed",
        ),
    ] {
        let output = run("trust", arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let said = text(&output.stderr);
        assert!(
            said.starts_with(told) && said.lines().count() == 1,
            "{said}"
        );
    }
}
