//! Numbers as they are written: equal ones recognised exactly, whatever their spelling.

/// A number read from text: its value, rounded, and a text that is the same for every spelling of the same number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) key: String,
}

/// Exponents beyond this are refused, so that every number is finite as a float.
const MOST: i64 = 305;

impl Number {
    /// Reads `[+-]digits[.digits][e[+-]digits]`, at least one digit before the exponent, spaces around it allowed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (
                mantissa,
                exponent.parse::<i64>().ok().filter(|e| e.abs() <= MOST)?,
            ),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let trimmed = digits.trim_start_matches('0');
        let significant = trimmed.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self {
                value: 0.0,
                key: "0".to_owned(),
            });
        }
        // The number is 0.significant times ten to this.
        let power =
            exponent + i64::try_from(trimmed.len()).ok()? - i64::try_from(fraction.len()).ok()?;
        if power.abs() > MOST {
            return None;
        }
        let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
        let sign = if negative { "-" } else { "" };
        Some(Self {
            value,
            key: format!("{sign}{significant}e{power}"),
        })
    }

    /// The number itself, if it is whole, not negative and below 2^64.
    pub(crate) fn whole(&self) -> Option<u64> {
        if self.key == "0" {
            return Some(0);
        }
        let (significant, power) = self.key.split_once('e')?;
        let zeros = power
            .parse::<usize>()
            .ok()?
            .checked_sub(significant.len())?;
        let digits = significant.parse::<u64>().ok()?;
        digits.checked_mul(10u64.checked_pow(u32::try_from(zeros).ok()?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact() {
        let whole = |text| Number::parse(text).and_then(|number| number.whole());
        assert_eq!(whole("-0.0"), Some(0));
        assert_eq!(whole("320.0"), Some(320));
        assert_eq!(whole("1.2e3"), Some(1200));
        assert_eq!(whole("18446744073709551615"), Some(u64::MAX));
        assert_eq!(whole("18446744073709551616"), None);
        for text in ["-1", "0.5", "12.5", "1e300", "-1e5"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn spellings_of_one_number_are_one() {
        let key = |text| Number::parse(text).map(|number| number.key);
        for group in [
            &["1", "1.0", "01", "1e0", "+1", "10e-1", "0.1e1", " 1 "][..],
            &["0", "-0", "0.000", "0e9"],
            &["-120", "-1.2e2", "-120."],
            &["0.05", ".05", "5e-2"],
        ] {
            assert!(
                group
                    .iter()
                    .all(|text| key(text).is_some() && key(text) == key(group[0])),
                "{group:?}"
            );
        }
        assert_ne!(key("9007199254740993"), key("9007199254740992"));
        assert_ne!(key("18446744073709551615"), key("18446744073709551616"));
        for text in [
            "",
            "-",
            ".",
            "e5",
            "1e",
            "1e999",
            "nan",
            "inf",
            "12 apples",
            "1,000",
            "0x10",
            "1_000",
            "--1",
            "é",
        ] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
