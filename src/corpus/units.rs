//! Sums that do not depend on their order, and the two functions every pass spends its time in.
//!
//! Floating-point addition is not associative, so a sum in another order (claims shuffled, ids renamed, work split between threads
//! or machines) would differ in its last digits. Every sum over claims, values or questions is therefore one of whole numbers: each
//! addend is rounded to a unit once, and the addition is exact.

#![expect(
    clippy::cast_precision_loss,
    reason = "sums stay below 2^53 units, or their last bits do not matter"
)]

/// Units per one in sums over a source's claims: 2^32.
pub(crate) const MASS: f64 = 4_294_967_296.0;
/// Units per one in sums of log evidence: 2^36, so that a million claims of weight 30 each stay in range.
pub(crate) const EVIDENCE: f64 = 68_719_476_736.0;
/// Units per one in sums of probabilities: 2^40, so that a million values of one question stay in range.
pub(crate) const SHARE: f64 = 1_099_511_627_776.0;
/// Units per one in other sums of small numbers: 2^44.
const FINE: f64 = 17_592_186_044_416.0;

/// 1.5 × 2^52: adding it rounds to a whole number and leaves that number in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number, for |x| < 2^51 (anything else is cut to that range; NaN gives an arbitrary number).
#[inline]
pub(crate) fn whole(x: f64) -> i64 {
    const EDGE: f64 = 2_251_799_813_685_247.0;
    let x = if x > EDGE { EDGE } else { x };
    let x = if x < -EDGE { -EDGE } else { x };
    (x + MAGIC)
        .to_bits()
        .cast_signed()
        .wrapping_sub(MAGIC.to_bits().cast_signed())
}

/// The same for numbers known to be in that range.
#[inline]
pub(crate) fn nearest(x: f64) -> i64 {
    (x + MAGIC)
        .to_bits()
        .cast_signed()
        .wrapping_sub(MAGIC.to_bits().cast_signed())
}

/// The same for mass, which is never negative.
#[inline]
#[expect(clippy::cast_sign_loss, reason = "cut at zero")]
pub(crate) fn mass(x: f64) -> u64 {
    whole(x * MASS).max(0) as u64
}

/// Mass in ordinary numbers.
#[inline]
pub(crate) fn amount(units: u64) -> f64 {
    units as f64 * (1.0 / MASS)
}

/// Log evidence in ordinary numbers.
#[inline]
pub(crate) fn evidence(units: i64) -> f64 {
    units as f64 * (1.0 / EVIDENCE)
}

/// The sum of at most 2^18 numbers in [0, 1], whatever their order, to 2^-44 each.
pub(crate) fn sum(addends: impl IntoIterator<Item = f64>) -> f64 {
    let total: i64 = addends.into_iter().map(|x| whole(x * FINE)).sum();
    total as f64 / FINE
}

/// Natural logarithm of positive, normal numbers, the same on every machine; within 1e-15 of the exact value, relatively.
///
/// ```text
/// x = 2^e m with sqrt(1/2) <= m < sqrt(2),  z = (m - 1)/(m + 1),  ln x = e ln 2 + 2 (z + z^3/3 + z^5/5 + ...)
/// ```
///
/// The series is cut after z^21; |z| < 0.172. No branch, no table, so that the compiler can work on several numbers at once.
#[inline(always)]
#[expect(clippy::many_single_char_names, reason = "the letters above")]
pub(crate) fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let bits = x.to_bits();
    // Shift so that the mantissa's range starts at sqrt(1/2) instead of 1.
    let shifted = bits.wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd);
    let exponent_bits = shifted >> 52; // biased by 1023
    let m = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_667f_3bcd));
    // Whole number to float without a conversion instruction, which few machines have for several at once.
    let e =
        f64::from_bits(exponent_bits | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let z = (m - 1.0) / (m + 1.0);
    let y = z * z;
    let series = y
        * (1.0 / 3.0
            + y * (0.2
                + y * (1.0 / 7.0
                    + y * (1.0 / 9.0
                        + y * (1.0 / 11.0
                            + y * (1.0 / 13.0
                                + y * (1.0 / 15.0
                                    + y * (1.0 / 17.0 + y * (1.0 / 19.0 + y * (1.0 / 21.0))))))))));
    e * LN2_HIGH + (2.0 * z + (2.0 * z * series + e * LN2_LOW))
}

/// e^x for x <= 0 (down to −700, below which it is as good as zero), the same on every machine; within 1e-15, relatively.
///
/// ```text
/// x = n ln 2 + r with |r| <= ln 2 / 2,  e^x = 2^n (1 + r + r^2/2! + ... + r^13/13!)
/// ```
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = if x < -700.0 { -700.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let mut series = 1.0 / 6_227_020_800.0;
    for inverse in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        series = series * r + inverse;
    }
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    series * power
}

/// Turns log weights into probabilities that sum to 1 together with `rest`, the log weight of anything else (−∞: nothing else).
///
/// The sum has a fixed unit, so the order of the values changes nothing.
pub(crate) fn softmax(logs: &mut [f64], rest: f64) {
    let top = logs
        .iter()
        .fold(rest, |top, &x| if x > top { x } else { top });
    let mut total: i64 = if rest > f64::NEG_INFINITY {
        whole(exp(rest - top) * SHARE)
    } else {
        0
    };
    for x in logs.iter_mut() {
        *x = exp(*x - top);
        total = total.saturating_add(whole(*x * SHARE));
    }
    let scale = SHARE / total.max(1) as f64;
    for x in logs {
        *x *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_and_exponential_agree_with_the_standard_library() {
        for i in 1..200_000 {
            let x = f64::from(i) * 0.000_7 + 1e-9 * f64::from(i % 7);
            assert!(
                (ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs().max(1.0),
                "ln {x}: {} {}",
                ln(x),
                x.ln()
            );
            assert!(
                (exp(-x) - (-x).exp()).abs() <= 1e-15 * (-x).exp(),
                "exp -{x}: {} {}",
                exp(-x),
                (-x).exp()
            );
        }
        assert!((ln(1e-300) - 1e-300_f64.ln()).abs() < 1e-12);
        assert!(exp(-1e9) < 1e-300 && exp(-1e9) >= 0.0);
        assert!((exp(0.0) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn sums_ignore_order() {
        let mut numbers: Vec<f64> = (0..1000)
            .map(|i| 1.0 / f64::from(i * 7 % 1000 + 1))
            .collect();
        let first = sum(numbers.iter().copied());
        numbers.reverse();
        assert_eq!(first.to_bits(), sum(numbers.iter().copied()).to_bits());
        assert!((first - numbers.iter().sum::<f64>()).abs() < 1e-10);
    }
}
