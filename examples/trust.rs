//! Learns whom to trust from a table of claims, and how probable each answer is.
//!
//! ```sh
//! cargo run --release --example trust -- claims.csv --answers answers.csv [--sources sources.csv] [--origins origins.csv]
//!     [--known known.csv] [--numeric TOLERANCE [--estimates estimates.csv]] [--model default|majority|one-coin|dawid-skene] [--strict]
//!     [--counts TOLERANCE | --dates DAYS] [--report QUESTION]
//! ```
//!
//! `--counts` and `--dates` take numbers and dates that may be hedged ("at least 123", "1931-05"); `--report` tells on standard output why
//! the answer to one question is what it is.
//!
//! With the feature `parquet`, claims may also lie in a file whose name ends in `.parquet`. It ends with 2 if the claims cannot be used.

#![expect(clippy::print_stdout, reason = "the report is the answer asked for")]

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Read, stderr};
use std::process::ExitCode;

use discrepancy::corpus::{Corpus, CorpusBuilder, FitOptions, LeftOut, Model};
use discrepancy::reconcile;

const OPTIONS: [&str; 10] = [
    "--answers",
    "--sources",
    "--origins",
    "--known",
    "--model",
    "--numeric",
    "--estimates",
    "--counts",
    "--dates",
    "--report",
];

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    ExitCode::from(2)
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut claims, mut strict, mut given) = (None, false, HashMap::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--strict" {
            strict = true;
        } else if let Some(option) = OPTIONS.into_iter().find(|&option| option == argument) {
            given.insert(
                option,
                arguments
                    .next()
                    .ok_or(format!("{option} needs an argument"))?,
            );
        } else if claims.is_none() && !argument.starts_with("--") {
            claims = Some(argument);
        } else {
            return Err(format!(
                "cannot use {argument:?}; options are {} --strict",
                OPTIONS.join(" ")
            )
            .into());
        }
    }
    let claims = claims.ok_or("which claims? trust claims.csv --answers answers.csv")?;
    let mut options = FitOptions::default();
    options.model = match given.get("--model").map(String::as_str) {
        None | Some("default") => Model::Default,
        Some("majority") => Model::Majority,
        Some("one-coin") => Model::OneCoin,
        Some("dawid-skene") => Model::DawidSkene,
        Some(other) => {
            return Err(
                format!("no model {other:?}: default, majority, one-coin or dawid-skene").into(),
            );
        }
    };

    let mut builder = Corpus::builder();
    if let Some(tolerance) = given.get("--numeric") {
        let number = tolerance
            .parse()
            .ok()
            .filter(|t: &f64| t.is_finite() && *t >= 0.0);
        builder = builder.numbers(number.ok_or(format!("no tolerance: {tolerance:?}"))?);
    }
    for (option, hedged) in [
        ("--counts", CorpusBuilder::counts as fn(_, _) -> _),
        ("--dates", CorpusBuilder::dates),
    ] {
        if let Some(tolerance) = given.get(option) {
            let number = tolerance.parse().ok();
            builder = hedged(
                builder,
                number.ok_or(format!("no tolerance: {tolerance:?}"))?,
            );
        }
    }
    let left_out = read(&mut builder, &claims).map_err(|error| at(&claims, &*error))?;
    report(&claims, &left_out, strict)?;
    if let Some(path) = given.get("--known") {
        let known = open(path)?;
        let left_out = builder.read_known_csv(BufReader::new(known));
        report(path, &left_out.map_err(|error| at(path, &error))?, strict)?;
    }
    let corpus = builder.build();
    let fit = corpus.fit(&options)?;
    let create = |option| -> Result<_, Box<dyn Error>> {
        let Some(path) = given.get(option) else {
            return Ok(None);
        };
        let file = File::create(path).map_err(|error| at(path, &error))?;
        Ok(Some(BufWriter::new(file)))
    };
    if let Some(file) = create("--answers")? {
        fit.write_answers(&corpus, file)?;
    }
    if let Some(file) = create("--sources")? {
        fit.write_sources(&corpus, file)?;
    }
    if let Some(file) = create("--origins")? {
        fit.write_origins(&corpus, file)?;
    }
    if let Some(file) = create("--estimates")? {
        fit.write_estimates(&corpus, file)?;
    }
    eprint!("{}", fit.summary(&corpus));
    if let Some(name) = given.get("--report") {
        let question = corpus
            .question(name)
            .ok_or(format!("no question {name:?}"))?;
        let findings = reconcile(fit.dossier(&corpus, question)?);
        print!("{}", discrepancy::report::text(&findings));
    }
    Ok(())
}

/// An error about a file.
fn at(path: &str, error: &dyn Error) -> String {
    let cause = error
        .source()
        .map_or_else(String::new, |cause| format!(": {cause}"));
    format!("{path}: {error}{cause}")
}

fn open(path: &str) -> Result<File, String> {
    File::open(path).map_err(|error| at(path, &error))
}

/// The claims of a file.
fn read(builder: &mut CorpusBuilder, path: &str) -> Result<LeftOut, Box<dyn Error>> {
    let file = File::open(path)?;
    #[cfg(feature = "parquet")]
    if path.ends_with(".parquet") {
        return Ok(builder.read_parquet(file)?);
    }
    Ok(builder.read_csv(BufReader::with_capacity(1 << 16, Progress::new(file)?))?)
}

/// Tells which rows were left out.
fn report(path: &str, left_out: &LeftOut, strict: bool) -> Result<(), Box<dyn Error>> {
    for row in left_out.first.iter().take(10) {
        eprintln!("{path}, line {}: {}", row.line, row.problem);
    }
    match left_out.count {
        0 => Ok(()),
        n if strict => Err(format!("{path}: {n} bad rows").into()),
        n => {
            eprintln!("{path}: {n} bad rows left out");
            Ok(())
        }
    }
}

/// A file that shows on a terminal how much of it has been read.
struct Progress {
    file: File,
    size: u64,
    read: u64,
    shown: Option<u64>,
}

impl Progress {
    fn new(file: File) -> std::io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self {
            file,
            size,
            read: 0,
            shown: stderr().is_terminal().then_some(0),
        })
    }
}

impl Read for Progress {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.read += n as u64;
        let now = (self.read * 40)
            .checked_div(self.size)
            .unwrap_or(40)
            .min(40);
        if self.shown.is_some_and(|shown| shown < now || n == 0) {
            eprint!(
                "\r[{:40}]{}",
                "#".repeat(now as usize),
                if n == 0 { "\n" } else { "" }
            );
            self.shown = Some(now);
        }
        Ok(n)
    }
}
