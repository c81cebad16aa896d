//! Figures that slips of the pen make of a figure, and how surprising a match is.

use std::collections::{BTreeMap, BTreeSet};

/// The whole numbers with as many digits as `figure`: first, last and how many.
#[expect(
    clippy::cast_precision_loss,
    reason = "a chance is wanted, to a few digits"
)]
pub(super) fn of_same_length(figure: u64) -> (u64, u64, f64) {
    if figure < 10 {
        return (0, 9, 10.0);
    }
    let least = 10_u64.pow(figure.ilog10());
    let most = least.checked_mul(10).map_or(u64::MAX, |next| next - 1);
    (least, most, (most - least) as f64 + 1.0)
}

/// −log2 of the chance that a random figure as long as `figure` is one of `hits` in all.
#[expect(
    clippy::cast_precision_loss,
    reason = "a chance is wanted, to a few digits"
)]
pub(super) fn surprise(hits: usize, figure: u64) -> f64 {
    let (_, _, all) = of_same_length(figure);
    (all / (hits as f64).max(1.0)).log2().max(0.0)
}

/// What rounding to a power of ten makes of a figure, with that power; halves go up. Not the figure itself, nor 0.
pub(super) fn roundings(figure: u64) -> BTreeMap<u64, u64> {
    let mut out = BTreeMap::new();
    let mut unit = 10_u64;
    loop {
        let rest = figure % unit;
        let down = figure - rest;
        let rounded = if rest >= unit - rest {
            down.checked_add(unit)
        } else {
            Some(down)
        };
        match rounded {
            Some(0) | None => break,
            Some(r) if r != figure => {
                out.entry(r).or_insert(unit);
            }
            Some(_) => {}
        }
        match unit.checked_mul(10) {
            Some(next) => unit = next,
            None => break,
        }
    }
    out
}

/// How a figure comes to be off by a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) rounded: Option<u64>,
    pub(super) factor: u64,
    pub(super) too_large: bool,
}

/// What a slip of magnitude makes of a figure, rounded first or not: times or divided by 10 or 1,000.
pub(super) fn slips(figure: u64) -> BTreeMap<u64, Slip> {
    let mut out = BTreeMap::new();
    if figure == 0 {
        return out;
    }
    let rounded = roundings(figure).into_keys().map(|r| (r, Some(r)));
    for (from, rounded) in std::iter::once((figure, None)).chain(rounded) {
        for factor in [10, 1_000] {
            let larger = from.checked_mul(factor).map(|x| (x, true));
            let smaller = (from % factor == 0).then(|| (from / factor, false));
            for (x, too_large) in larger.into_iter().chain(smaller) {
                if x != figure {
                    out.entry(x).or_insert(Slip {
                        rounded,
                        factor,
                        too_large,
                    });
                }
            }
        }
    }
    out
}

/// The figures with `length` digits that are one slip of the pen away: a digit replaced, lost or added, or two neighbours exchanged.
pub(super) fn misprints(figure: u64, length: usize) -> BTreeSet<u64> {
    let digits = figure.to_string().into_bytes();
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for i in 0..=digits.len() {
        let (before, after) = digits.split_at(i);
        for new in b'0'..=b'9' {
            texts.push([before, &[new], after].concat());
        }
        if let [first, rest @ ..] = after {
            texts.push([before, rest].concat());
            for new in b'0'..=b'9' {
                texts.push([before, &[new], rest].concat());
            }
            if let [second, rest @ ..] = rest {
                texts.push([before, &[*second, *first], rest].concat());
            }
        }
    }
    texts
        .into_iter()
        .filter(|t| t.len() == length && (length == 1 || t.first() != Some(&b'0')))
        .filter_map(|t| String::from_utf8(t).ok()?.parse().ok())
        .filter(|x| *x != figure)
        .collect()
}

/// How many digits a figure has.
pub(super) fn length(figure: u64) -> usize {
    figure.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(of_same_length(0), (0, 9, 10.0));
        assert_eq!(of_same_length(10), (10, 99, 90.0));
        assert_eq!(of_same_length(999), (100, 999, 900.0));
        assert_eq!(of_same_length(u64::MAX).1, u64::MAX);
        assert!((surprise(9, 123) - 100.0_f64.log2()).abs() < 1e-12);
    }

    #[test]
    fn rounding_goes_to_powers_of_ten() {
        assert_eq!(
            roundings(1_167),
            BTreeMap::from([(1_170, 10), (1_200, 100), (1_000, 1_000)])
        );
        assert_eq!(roundings(97), BTreeMap::from([(100, 10)]));
        assert_eq!(roundings(3), BTreeMap::new());
        assert_eq!(roundings(0), BTreeMap::new());
        assert!(roundings(u64::MAX).len() < 20);
    }

    #[test]
    fn slips_of_magnitude() {
        let table = slips(46_312);
        assert_eq!(
            table.get(&46),
            Some(&Slip {
                rounded: Some(46_000),
                factor: 1_000,
                too_large: false
            })
        );
        assert_eq!(table.get(&463_120).map(|s| s.rounded), Some(None));
        assert!(!table.contains_key(&46_312));
    }

    #[test]
    fn one_slip_of_the_pen() {
        // As many as were counted by brute force: 20 % of the pairs of two digits, 3 % of three.
        assert!(misprints(114, 3).contains(&141));
        assert!(misprints(1_184, 5).contains(&11_840));
        assert!(!misprints(123, 3).contains(&321));
        assert_eq!(misprints(45, 2).len(), 8 + 9 + 1);
        assert_eq!(misprints(7, 1).len(), 9);
    }
}
