//! The JSON reader: a dossier that is read is written and read again as the same; an error has a place and a bounded length.
#![no_main]

use discrepancy::Dossier;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Dossier::from_json(bytes) {
        Ok(dossier) => {
            let again = Dossier::from_json(dossier.to_json().as_bytes());
            assert_eq!(again.as_ref(), Ok(&dossier));
        }
        Err(errors) => {
            assert!((1..=1_001).contains(&errors.iter().count()));
            for line in errors.to_string().lines() {
                assert!(line.contains(": ") && !line.starts_with(": "), "{line}");
                assert!(line.len() < 4_000, "{line}");
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
        }
    }
});
