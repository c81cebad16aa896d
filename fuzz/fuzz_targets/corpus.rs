//! The readers of claims files, and a fit of what they read: every probability is one, and answers can be written.
#![no_main]

use discrepancy::corpus::{Corpus, FitOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let mut builder = Corpus::builder();
    if kind & 1 == 1 {
        builder = builder.numbers(0.01);
    }
    let read = if kind & 2 == 2 {
        builder.read_json_lines(bytes)
    } else {
        builder.read_csv(bytes)
    };
    let Ok(left_out) = read else { return };
    assert!(left_out.first.len() as u64 <= left_out.count);
    let corpus = builder.build();
    let mut options = FitOptions::default();
    options.passes = 3;
    let fit = match corpus.fit(&options) {
        Ok(fit) => fit,
        Err(error) => panic!("{error}"),
    };
    let mut out = Vec::new();
    if corpus.is_numeric() {
        assert!(fit.write_estimates(&corpus, &mut out).is_ok());
    } else {
        for question in corpus.questions() {
            let total: f64 = fit.answers(&corpus, question).map(|(_, p)| p).sum();
            assert!((-1e-9..=1.0 + 1e-9).contains(&total), "{total}");
        }
        assert!(fit.write_answers(&corpus, &mut out).is_ok());
    }
    assert!(fit.write_sources(&corpus, &mut out).is_ok());
    assert!(fit.write_origins(&corpus, &mut out).is_ok());
    assert!(std::str::from_utf8(&out).is_ok());
});
