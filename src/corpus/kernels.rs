//! The loops that gain from wide registers, for the machine the program runs on where the feature `simd` is on.
//!
//! They do the same operations on every number whatever the width, none of which may be fused or reordered, so the results are the
//! same to the last bit on every machine and without the feature.

#![expect(
    clippy::inline_always,
    reason = "a loop is compiled for a machine only with all it calls"
)]

use super::units::{exp, ln};

/// A loop that can be compiled for several kinds of machine.
trait Kernel {
    fn run(self);
}

#[inline]
fn dispatch(kernel: impl Kernel) {
    #[cfg(feature = "simd")]
    {
        struct Wide<K>(K);
        impl<K: Kernel> pulp::WithSimd for Wide<K> {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) {
                self.0.run();
            }
        }
        pulp::Arch::new().dispatch(Wide(kernel));
    }
    #[cfg(not(feature = "simd"))]
    kernel.run();
}

/// The logarithm of each ratio, in place of its numerator.
pub(crate) fn log_ratios(numerators: &mut [f64], denominators: &[f64]) {
    dispatch(LogRatios(numerators, denominators));
}

struct LogRatios<'a>(&'a mut [f64], &'a [f64]);

impl Kernel for LogRatios<'_> {
    #[inline(always)]
    fn run(self) {
        for (x, y) in self.0.iter_mut().zip(self.1) {
            *x = ln(*x / *y);
        }
    }
}

/// e to the power of each number, in its place; at most 0.
pub(crate) fn exponentials(numbers: &mut [f64]) {
    dispatch(Exponentials(numbers));
}

struct Exponentials<'a>(&'a mut [f64]);

impl Kernel for Exponentials<'_> {
    #[inline(always)]
    fn run(self) {
        for x in self.0 {
            *x = exp(*x);
        }
    }
}

/// The probabilities of a block of questions side by side; see [`one_coin`](super::one_coin).
pub(crate) fn softmax_block<const LANES: usize>(block: Softmax<'_, LANES>) {
    dispatch(block);
}

/// Scores in units of `1 / gain`, and where everything goes.
pub(crate) struct Softmax<'a, const LANES: usize> {
    pub(crate) scores: &'a [[i32; LANES]],
    /// How many values nobody claims.
    pub(crate) unclaimed: f32,
    pub(crate) gain: f32,
    pub(crate) powers: &'a mut [[i32; LANES]],
    pub(crate) total: &'a mut [i32; LANES],
    /// In units of 2^-18.
    pub(crate) p: &'a mut [[i32; LANES]],
}

#[expect(clippy::cast_precision_loss, reason = "single precision is meant")]
#[expect(clippy::indexing_slicing, reason = "all rows have as many lanes")]
impl<const LANES: usize> Kernel for Softmax<'_, LANES> {
    #[inline(always)]
    fn run(self) {
        let Self {
            scores,
            unclaimed,
            gain,
            powers,
            total,
            p,
        } = self;
        let unit = 1.0 / gain;
        let mut top = [if unclaimed > 0.0 { 0 } else { i32::MIN }; LANES];
        for row in scores {
            for lane in 0..LANES {
                top[lane] = if row[lane] > top[lane] {
                    row[lane]
                } else {
                    top[lane]
                };
            }
        }
        total.fill(0);
        if unclaimed > 0.0 {
            for lane in 0..LANES {
                // At most 101, so that a sum with 128 has units of 2^-16.
                let x = unclaimed * power(0i32.wrapping_sub(top[lane]) as f32 * unit);
                let x = (x + 128.0).to_bits().cast_signed();
                total[lane] = x.wrapping_sub(128f32.to_bits().cast_signed()) << 7;
            }
        }
        for (row, powers) in scores.iter().zip(powers.iter_mut()) {
            for lane in 0..LANES {
                let x = units(power(row[lane].wrapping_sub(top[lane]) as f32 * unit));
                powers[lane] = x;
                total[lane] = total[lane].wrapping_add(x);
            }
        }
        for (p, powers) in p.iter_mut().zip(powers) {
            for lane in 0..LANES {
                // A sum with 32 has units of 2^-18.
                let x = (powers[lane] as f32 / total[lane] as f32 + 32.0).to_bits();
                p[lane] = x.wrapping_sub(32f32.to_bits()).cast_signed();
            }
        }
    }
}

/// e to the power of a number of at most 0, in single precision.
#[inline(always)]
fn power(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_145_75;
    const LN2_LOW: f32 = 1.428_606_8e-6;
    const MAGIC: f32 = 12_582_912.0; // 1.5 × 2^23
    let x = if x < -80.0 { -80.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let series = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))))));
    series * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// A number in [0, 1] in units of 2^-23.
#[inline(always)]
fn units(x: f32) -> i32 {
    (x + 1.0).to_bits().cast_signed().wrapping_sub(0x3f80_0000)
}
