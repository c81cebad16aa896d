//! The phrase reader: what is suggested lies within what is entailed, and errors are short.
#![no_main]

use discrepancy::{HedgePolicy, Phrase};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for policy in [
        HedgePolicy::News,
        HedgePolicy::Conservative,
        HedgePolicy::Strict,
    ] {
        match Phrase::read(text, policy) {
            Ok(phrase) => {
                let reading = phrase.reading();
                assert!(!reading.entailed().is_empty());
                if let Some(suggested) = reading.suggested() {
                    assert!(!suggested.is_empty() && suggested.is_subset(reading.entailed()));
                }
                let mut words = phrase.noun().into_iter().flat_map(str::split_whitespace);
                assert!(words.all(|word| text.contains(word)));
            }
            Err(error) => assert!(error.to_string().len() < 2_000),
        }
    }
});
