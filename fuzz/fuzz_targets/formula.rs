//! Formulas: what is read is printed as what reads the same.
#![no_main]

use discrepancy::Formula;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match text.parse::<Formula>() {
    Ok(formula) => {
        assert!(formula.questions().next().is_some());
        assert_eq!(formula.to_string().parse(), Ok(formula));
    }
    Err(error) => assert!(error.to_string().len() < 2_000),
});
