//! What do these sources agree on, and what not?
//!
//! `cargo run --release --example reconcile -- FILE [--format text|markdown|html|json]` reads a dossier in JSON, `-` for standard input;
//! `--format svg --question ID` draws the claims on one question. It ends with 0 whatever is found; with 2, and nothing on standard
//! output, if the dossier cannot be read or has no such question.

use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::process::ExitCode;

use discrepancy::{Dossier, Findings, reconcile, report};

const USAGE: &str = "usage: reconcile FILE [--format text|markdown|html|json|svg] [--question ID] (- for standard input)";

fn main() -> ExitCode {
    let told = arguments().and_then(|asked| asked.answer());
    let (result, code) = match told {
        Ok(answer) => (answer.write(BufWriter::new(io::stdout().lock())), 0),
        Err(error) => (writeln!(io::stderr(), "{error}"), 2),
    };
    match result {
        // A reader that has seen enough is no error.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::from(code),
    }
}

/// What is to be printed; JSON is written piece by piece, as it may be large.
enum Answer {
    Text(String),
    Json(Box<Findings>),
}

impl Answer {
    fn write(self, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Text(text) => out.write_all(text.trim_end().as_bytes())?,
            Self::Json(findings) => {
                report::write_json(&findings, &mut out)?;
                // The program ends here: giving back memory piece by piece would only take time.
                std::mem::forget(findings);
            }
        }
        out.write_all(b"\n")?;
        out.flush()
    }
}

/// What the command line asks for.
#[derive(Default)]
struct Asked {
    file: Option<String>,
    format: Option<String>,
    question: Option<String>,
}

impl Asked {
    fn answer(&self) -> Result<Answer, String> {
        let file = self
            .file
            .as_ref()
            .ok_or_else(|| format!("FILE: missing; {USAGE}"))?;
        let whole: fn(&Findings) -> String = match (self.format.as_deref(), &self.question) {
            (Some("svg"), Some(question)) => {
                return report::svg(&reconcile(read(file)?), question)
                    .map(Answer::Text)
                    .ok_or_else(|| format!("--question: there is no question {question:?}"));
            }
            (Some("svg"), None) => return Err(format!("--question: missing; {USAGE}")),
            (_, Some(_)) => return Err(format!("--question: only with --format svg; {USAGE}")),
            (None | Some("text"), None) => report::text,
            (Some("markdown"), None) => report::markdown,
            (Some("html"), None) => report::html,
            (Some("json"), None) => {
                return Ok(Answer::Json(Box::new(reconcile(read(file)?))));
            }
            (Some(_), None) => {
                let known = "text, markdown, html, json or svg";
                return Err(format!("--format: expected {known}; {USAGE}"));
            }
        };
        Ok(Answer::Text(whole(&reconcile(read(file)?))))
    }
}

fn arguments() -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut arguments = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        let (option, value) = match argument.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        let slot = match option {
            "--format" => &mut asked.format,
            "--question" => &mut asked.question,
            _ if option.starts_with('-') && option != "-" => {
                return Err(format!("{option}: unknown option; {USAGE}"));
            }
            _ if asked.file.is_some() => {
                return Err(format!("{argument}: expected one file only; {USAGE}"));
            }
            _ => {
                asked.file = Some(argument);
                continue;
            }
        };
        let value = value.or_else(|| arguments.next());
        *slot = Some(value.ok_or_else(|| format!("{option}: expected a value; {USAGE}"))?);
    }
    Ok(asked)
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
