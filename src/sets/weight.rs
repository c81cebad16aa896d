//! Weights too small for a plain float.

use std::ops::{Add, AddAssign, Mul};

use super::probability::Probability;

/// A non-negative number with the precision of an `f64` and a practically unbounded exponent.
///
/// The weight of the possible scenarios of 2,000 ordinary claims is about e⁻¹⁵⁶⁴, which an `f64` takes for 0; but 0
/// must mean "impossible" and nothing else. Zero here is exactly zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    /// 0, or in [2⁻²⁵⁶, 2²⁵⁶).
    mantissa: f64,
    /// In blocks of 2⁵¹².
    blocks: i64,
}

const UP: f64 = f64::from_bits((1023 + 512) << 52); // 2^512
const DOWN: f64 = f64::from_bits((1023 - 512) << 52); // 2^-512
const LARGEST: f64 = f64::from_bits((1023 + 256) << 52); // 2^256
const SMALLEST: f64 = f64::from_bits((1023 - 256) << 52); // 2^-256

impl Weight {
    pub(crate) const ZERO: Self = Self {
        mantissa: 0.0,
        blocks: 0,
    };
    pub(crate) const ONE: Self = Self {
        mantissa: 1.0,
        blocks: 0,
    };

    pub(crate) fn new(value: f64) -> Self {
        Self {
            mantissa: value,
            blocks: 0,
        }
        .normalised()
    }

    /// 2 to the power of `exponent / unit`, exact in the whole part of the exponent.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "the remainder is below 2^9 units"
    )]
    pub(crate) fn power_of_two(exponent: i128, unit: f64) -> Self {
        let block = (unit * 512.0) as i128;
        let (blocks, rest) = (exponent.div_euclid(block), exponent.rem_euclid(block));
        let half = (rest as f64 / unit / 2.0).exp2();
        let mut out = Self::new(half) * Self::new(half);
        out.blocks += blocks as i64;
        out
    }

    /// The binary logarithm in units of 1 / `unit`, exact in the whole blocks; the weight must not be zero.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a logarithm of an f64 is at most 1,074 in magnitude"
    )]
    pub(crate) fn log(self, unit: f64) -> i128 {
        let block = (unit * 512.0) as i128;
        (self.mantissa.log2() * unit) as i128 + block * i128::from(self.blocks)
    }

    /// This divided by a weight that is not zero.
    #[must_use]
    pub(crate) fn over(self, other: Self) -> Self {
        Self {
            mantissa: self.mantissa / other.mantissa,
            blocks: self.blocks - other.blocks,
        }
        .normalised()
    }

    pub(crate) fn is_zero(self) -> bool {
        self.mantissa <= 0.0
    }

    fn normalised(self) -> Self {
        if self.mantissa <= 0.0 {
            Self::ZERO
        } else if self.mantissa < SMALLEST {
            Self {
                mantissa: self.mantissa * UP,
                blocks: self.blocks - 1,
            }
        } else if self.mantissa >= LARGEST {
            Self {
                mantissa: self.mantissa * DOWN,
                blocks: self.blocks + 1,
            }
        } else {
            self
        }
    }

    /// This as a share of `whole`, which must not be zero.
    pub(crate) fn share_of(self, whole: Self) -> f64 {
        let ratio = self.mantissa / whole.mantissa;
        match self.blocks - whole.blocks {
            0 => ratio,
            1 => ratio * UP,
            -1 => ratio * DOWN,
            b if b > 1 => f64::INFINITY,
            _ => 0.0,
        }
    }

    /// The binary logarithm; −∞ for zero.
    #[expect(clippy::cast_precision_loss, reason = "blocks stay far below 2^53")]
    pub(crate) fn log2(self) -> f64 {
        self.mantissa.log2() + 512.0 * self.blocks as f64
    }

    /// The nearest `f64`; 0 if it is too small for one.
    pub(crate) fn get(self) -> f64 {
        self.share_of(Self::ONE)
    }
}

impl From<Probability> for Weight {
    fn from(p: Probability) -> Self {
        Self::new(p.get())
    }
}

impl Mul for Weight {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            mantissa: self.mantissa * other.mantissa,
            blocks: self.blocks + other.blocks,
        }
        .normalised()
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let (large, small) = if self.blocks >= other.blocks {
            (self, other)
        } else {
            (other, self)
        };
        let mantissa = match large.blocks - small.blocks {
            0 => large.mantissa + small.mantissa,
            1 => large.mantissa + small.mantissa * DOWN,
            _ => large.mantissa,
        };
        Self {
            mantissa,
            blocks: large.blocks,
        }
        .normalised()
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_below_the_smallest_float() {
        let mut w = Weight::ONE;
        for _ in 0..100_000 {
            w = w * Weight::new(0.5);
        }
        assert!((w.log2() + 100_000.0).abs() < 1e-6);
        assert!(!w.is_zero());
        assert!(((w + w).share_of(w) - 2.0).abs() < 1e-15);
        assert!((w + Weight::ONE).share_of(Weight::ONE) - 1.0 < 1e-15);
        assert!((Weight::ZERO + w).share_of(w) - 1.0 < 1e-15);
    }
}
