//! Values on a line: how they are read, and the stretch of it that each says.

use super::number::Number;
use crate::claims::edtf;
use crate::claims::phrase::Phrase;
use crate::claims::policy::HedgePolicy;
use crate::claims::reading::Reading;
use crate::sets::interval::Interval;

/// What the values of a corpus of numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Decimal numbers, exact.
    Numbers,
    /// Whole numbers from 0 up, exact or hedged.
    Counts,
    /// Days, or stretches of them.
    Dates,
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    /// The same for every spelling of the same value.
    pub(crate) key: String,
    /// The number, or the number of the day; of a stretch its first, or else its last.
    pub(crate) value: f64,
    /// The whole numbers it says, where the scale has them.
    pub(crate) stretch: Option<Interval>,
}

impl Scale {
    /// Reads a value: a whole number as it stands, whatever else is a count by [`Phrase`], a date by EDTF.
    pub(crate) fn read(self, text: &str) -> Option<Place> {
        let number = match self {
            Self::Dates => None,
            Self::Numbers | Self::Counts => Number::parse(text),
        };
        let reading = match (self, number) {
            (Self::Numbers, number) => {
                let Number { value, key } = number?;
                return Some(Place {
                    key,
                    value,
                    stretch: None,
                });
            }
            (Self::Counts, Some(number)) => {
                let stretch = Some(Interval::exactly(number.whole()?.into()));
                let Number { value, key } = number;
                return Some(Place {
                    key,
                    value,
                    stretch,
                });
            }
            (Self::Counts, None) => Phrase::read(text, HedgePolicy::default())
                .ok()?
                .into_reading(),
            (Self::Dates, _) => edtf::read_date(text.trim_ascii()).ok()?,
        };
        self.place(&reading)
    }

    fn place(self, reading: &Reading) -> Option<Place> {
        let stretch = reading.entailed().hull()?;
        if let Some(exact) = stretch.single() {
            // As if it had been written in digits.
            return match self {
                Self::Counts => self.read(&exact.to_string()),
                Self::Numbers | Self::Dates => Some(Place {
                    key: exact.to_string(),
                    value: float(exact),
                    stretch: Some(stretch),
                }),
            };
        }
        Some(Place {
            key: reading.to_string(),
            value: stretch.lower().or(stretch.upper()).map_or(0.0, float),
            stretch: Some(stretch),
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "used for estimates only; stretches are compared exactly"
)]
fn float(x: i128) -> f64 {
    x as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_key() {
        for (scale, group) in [
            (
                Scale::Counts,
                &[
                    "123",
                    "123.0",
                    "exactly 123",
                    "one hundred and twenty-three",
                ][..],
            ),
            (
                Scale::Counts,
                &["at least 123", "no fewer than 123", "123+"],
            ),
            (Scale::Dates, &["1931-05", " 1931-05 "]),
            (Scale::Dates, &["1931-05-02", "1931-05-02/1931-05-02"]),
        ] {
            let keys: Vec<_> = group
                .iter()
                .map(|text| scale.read(text).map(|place| place.key))
                .collect();
            assert!(
                keys[0].is_some() && keys.iter().all(|key| *key == keys[0]),
                "{group:?} {keys:?}"
            );
        }
        for (scale, text) in [
            (Scale::Counts, "-1"),
            (Scale::Counts, "1.5"),
            (Scale::Counts, "who knows"),
            (Scale::Dates, "123"),
        ] {
            assert_eq!(scale.read(text), None, "{text}");
        }
        assert_eq!(Scale::Numbers.read("at least 123"), None);
    }
}
