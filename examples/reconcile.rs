//! What do these sources agree on, and what not?
//!
//! `cargo run --release --example reconcile -- FILE [--format text|markdown|json]` reads a dossier in JSON, `-` for standard input.
//! It ends with 0 whatever is found; with 2, and nothing on standard output, if the dossier cannot be read.

use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use discrepancy::{Dossier, Findings, reconcile, report};

const USAGE: &str = "usage: reconcile FILE [--format text|markdown|json] (- for standard input)";

fn main() -> ExitCode {
    let told = arguments().and_then(|(file, format)| Ok(format(&reconcile(read(&file)?))));
    let (result, code) = match told {
        Ok(report) => (writeln!(io::stdout(), "{}", report.trim_end()), 0),
        Err(error) => (writeln!(io::stderr(), "{error}"), 2),
    };
    match result {
        // A reader that has seen enough is no error.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::from(code),
    }
}

type Format = fn(&Findings) -> String;

/// The file to read and how to report on it.
fn arguments() -> Result<(String, Format), String> {
    let mut file = None;
    let mut format: Format = report::text;
    let mut arguments = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        let (option, value) = match argument.split_once('=') {
            Some((option, value)) if option == "--format" => (option, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        if option == "--format" {
            format = match value.or_else(|| arguments.next()).as_deref() {
                Some("text") => report::text,
                Some("markdown") => report::markdown,
                Some("json") => report::json,
                _ => {
                    return Err(format!(
                        "--format: expected text, markdown or json; {USAGE}"
                    ));
                }
            };
        } else if option.starts_with('-') && option != "-" {
            return Err(format!("{option}: unknown option; {USAGE}"));
        } else if file.replace(argument.clone()).is_some() {
            return Err(format!("{argument}: expected one file only; {USAGE}"));
        }
    }
    Ok((
        file.ok_or_else(|| format!("FILE: missing; {USAGE}"))?,
        format,
    ))
}

/// The dossier in a file, or else one line for each of its problems.
fn read(file: &str) -> Result<Dossier, String> {
    let mut json = Vec::new();
    match file {
        "-" => io::stdin().read_to_end(&mut json).map(|_| ()),
        _ => std::fs::File::open(file).and_then(|mut f| f.read_to_end(&mut json).map(|_| ())),
    }
    .map_err(|e| format!("{file}: {e}"))?;
    Dossier::from_json(&json).map_err(|errors| errors.to_string())
}
