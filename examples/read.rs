//! How is a hedged count read? Phrases on standard input, one a line; one line of JSON for each.
//!
//! `{"phrase", "entailed": {"min"?, "max"?}, "suggested"?: {"min"?, "max"?}}`, or `{"phrase", "error"}` for what cannot be read.

use std::io::{self, BufRead, ErrorKind, Write};
use std::process::ExitCode;

use discrepancy::{Reading, Set};
use serde::Serialize;

#[derive(Serialize)]
struct Told<'a> {
    phrase: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entailed: Option<Bounds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested: Option<Bounds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A set by its ends; an open one is absent.
#[derive(Serialize)]
struct Bounds {
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u64>,
}

fn main() -> ExitCode {
    match answer(io::stdin().lock(), io::stdout().lock()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    }
}

fn answer(mut phrases: impl BufRead, mut out: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while phrases.read_until(b'\n', &mut line)? > 0 {
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        serde_json::to_writer(&mut out, &told(&String::from_utf8_lossy(&line), &line))?;
        out.write_all(b"\n")?;
        line.clear();
    }
    out.flush()
}

fn told<'a>(phrase: &'a str, line: &[u8]) -> Told<'a> {
    let mut told = Told {
        phrase,
        entailed: None,
        suggested: None,
        error: None,
    };
    match phrase.parse::<Reading>() {
        _ if std::str::from_utf8(line).is_err() => told.error = Some("not UTF-8".to_owned()),
        Ok(reading) => {
            told.entailed = Some(bounds(reading.entailed()));
            told.suggested = reading.suggested().map(bounds);
        }
        Err(error) => told.error = Some(error.to_string()),
    }
    told
}

fn bounds(set: &Set) -> Bounds {
    // Phrases give whole numbers of at most 64 bits.
    let end = |n: Option<i128>| n.and_then(|n| u64::try_from(n).ok());
    Bounds {
        min: end(set.lower()),
        max: end(set.upper()),
    }
}
