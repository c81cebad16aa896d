//! Reconciles a dossier in JSON: `reconcile FILE [--format text|markdown|json]`, `-` for standard input.

use std::io::{Read, Write};
use std::process::ExitCode;

use discrepancy::{Dossier, reconcile, report};

fn main() -> ExitCode {
    let mut file = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--format" => {
                args.next();
            }
            _ => file = Some(arg),
        }
    }
    let mut json = Vec::new();
    let file = file.unwrap_or_else(|| "-".to_owned());
    if file == "-" {
        std::io::stdin().read_to_end(&mut json).unwrap();
    } else {
        json = std::fs::read(&file).unwrap();
    }
    match Dossier::from_json(&json) {
        Ok(d) => {
            let _ = std::io::stdout().write_all(report::json(&reconcile(d)).as_bytes());
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{e}");
            ExitCode::from(2)
        }
    }
}
