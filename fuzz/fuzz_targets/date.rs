//! Dates: as values, as ends of bounds and as times. What is read is written as days that read the same.
#![no_main]

use discrepancy::{Claim, Dossier, Question, Source, Value};
use libfuzzer_sys::fuzz_target;

fn dossier(value: Value) -> Option<Dossier> {
    Dossier::builder()
        .source(Source::new("s"))
        .question(Question::date("d"))
        .claim(Claim::new("c").question("d").source("s").value(value))
        .build()
        .map_err(|errors| assert!(errors.to_string().len() < 4_000))
        .ok()
}

fuzz_target!(|text: &str| {
    for value in [
        Value::from(text),
        Value::at_least(text),
        Value::at_most(text),
        Value::one_of([text, "2021-08-09"]),
        Value::none_of([text]),
    ] {
        if let Some(dossier) = dossier(value) {
            let reading = dossier.reading("c").map(discrepancy::Reading::entailed);
            assert!(reading.is_some_and(|set| !set.is_empty()));
            assert_eq!(
                Dossier::from_json(dossier.to_json().as_bytes()),
                Ok(dossier)
            );
        }
    }
    let timed = Dossier::builder()
        .as_of(text)
        .source(Source::new("s"))
        .question(Question::count("n").over_time(discrepancy::OverTime::Cumulative))
        .claim(
            Claim::new("a")
                .question("n")
                .source("s")
                .value(1)
                .as_of(text),
        )
        .claim(Claim::new("b").question("n").source("s").value(2))
        .claim(
            Claim::new("c")
                .question("n")
                .source("s")
                .value(2)
                .stated(text),
        )
        .build();
    if let Ok(dossier) = timed {
        let findings = discrepancy::reconcile(dossier);
        assert!(discrepancy::check_all(&findings).is_ok());
    }
});
