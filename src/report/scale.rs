//! Axes: where a number or a day stands between two ends, and which marks to label.

use chrono::{Datelike, NaiveDate};

use super::values;
use crate::claims::question::Kind;
use crate::sets::day;

/// An axis over some values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    measure: Measure,
    /// The ends, in the axis' own measure.
    from: f64,
    to: f64,
}

/// How an axis measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Even,
    /// By the logarithm of one more, so that 0 has a place.
    Logarithmic,
    Days,
}

/// A labelled place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// In [0, 1].
    pub(crate) at: f64,
    pub(crate) label: String,
}

/// From this ratio on, counts stand by their logarithm.
const FAR: f64 = 20.0;
/// Free space at the ends, in parts of what is between.
const MARGIN: f64 = 0.12;

impl Scale {
    /// An axis on which all of these can be seen. `None` if there are none, or they have no order.
    pub(crate) fn new(kind: Kind, values: impl IntoIterator<Item = i128>) -> Option<Self> {
        let mut values = values.into_iter();
        let first = values.next()?;
        let (low, high) = values.fold((first, first), |(a, b), x| (a.min(x), b.max(x)));
        let measure = match kind {
            Kind::Category => return None,
            Kind::Date => Measure::Days,
            Kind::Count if float(high) > FAR * float(low).max(3.0) => Measure::Logarithmic,
            Kind::Count => Measure::Even,
        };
        let (a, b) = (measure.of(low), measure.of(high));
        let least = match measure {
            Measure::Even => (b * 0.1).max(4.0),
            Measure::Logarithmic => 0.3,
            Measure::Days => 6.0,
        };
        // The last part keeps the ends apart where figures are so large that a float does not see the rest.
        let margin = ((b - a) * MARGIN).max(least / 2.0).max(b.abs() * 1e-12);
        let mut from = a - margin;
        // An axis that comes near to zero begins there.
        if kind == Kind::Count && from < (b - a) * 0.25 {
            from = 0.0;
        }
        Some(Self {
            measure,
            from,
            to: b + margin,
        })
    }

    /// Where a value stands: 0 at the left end, 1 at the right one, beyond where it is off the axis.
    pub(crate) fn at(&self, value: i128) -> f64 {
        (self.measure.of(value) - self.from) / (self.to - self.from)
    }

    /// The value nearest to a place.
    pub(crate) fn value(&self, at: f64) -> i128 {
        let x = self.from + at * (self.to - self.from);
        let x = match self.measure {
            Measure::Logarithmic => 10_f64.powf(x) - 1.0,
            Measure::Even | Measure::Days => x,
        };
        whole(x.round())
    }

    /// What a reader must know of it.
    pub(crate) fn says(&self) -> &'static str {
        match self.measure {
            Measure::Even if self.from <= 0.0 => "Even scale, from 0.",
            Measure::Even => "Even scale, not from 0.",
            Measure::Logarithmic => "Logarithmic scale: equal steps multiply.",
            Measure::Days => "Time scale.",
        }
    }

    /// Marks to label, their labels apart on a line of so many characters.
    pub(crate) fn ticks(&self, characters: f64) -> Vec<Tick> {
        let candidates = match self.measure {
            Measure::Even => self.even(),
            Measure::Logarithmic => self.powers(),
            Measure::Days => self.days(),
        };
        let sized = candidates.into_iter().map(|(value, label)| Tick {
            at: self.at(value),
            label,
        });
        let mut out: Vec<Tick> = Vec::new();
        let mut free = 0.0;
        for tick in sized.filter(|t| (0.0..=1.0).contains(&t.at)) {
            let half = (float_of(tick.label.chars().count()) / 2.0 + 0.6) / characters;
            if tick.at - half >= free - 1e-9 && tick.at + half <= 1.0 + 1e-9 {
                free = tick.at + half;
                out.push(tick);
            }
        }
        out
    }

    fn even(&self) -> Vec<(i128, String)> {
        let step = nice((self.to - self.from) / 4.0);
        multiples(self.from, self.to, step)
            .map(|n| (n, values::number(n)))
            .collect()
    }

    fn powers(&self) -> Vec<(i128, String)> {
        let wide = self.to - self.from > 2.2;
        let mut out = Vec::new();
        if self.from <= 0.0 {
            out.push(0);
        }
        // A step of several powers keeps long axes legible and even.
        let step = ((self.to - self.from) / 5.0).ceil().max(1.0);
        let mut power = (self.from / step).floor().max(0.0) * step;
        while power <= self.to {
            let n = whole(10_f64.powf(power).round());
            out.push(n);
            if !wide {
                out.extend([n.saturating_mul(2), n.saturating_mul(5)]);
            }
            power += step;
        }
        out.into_iter().map(|n| (n, values::number(n))).collect()
    }

    fn days(&self) -> Vec<(i128, String)> {
        let span = self.to - self.from;
        let first = day::from_number(whole(self.from.floor()));
        if span < 75.0 || first.is_none() {
            let step = nice(span / 3.0);
            return multiples(self.from, self.to, step)
                .map(|n| (n, short(n)))
                .collect();
        }
        let months = span / 30.4;
        let step = [1, 3, 6]
            .into_iter()
            .find(|s| months / f64::from(*s) <= 5.0)
            .unwrap_or_else(|| {
                12 * i32::try_from(whole(nice(months / 12.0 / 4.0).max(1.0))).unwrap_or(1)
            });
        let mut out = Vec::new();
        let Some(first) = first else { return out };
        let mut month = (first.year() * 12 + i32::try_from(first.month0()).unwrap_or(0))
            .div_euclid(step)
            * step;
        for _ in 0..40 {
            let date = u32::try_from(month.rem_euclid(12) + 1)
                .ok()
                .and_then(|m| NaiveDate::from_ymd_opt(month.div_euclid(12), m, 1));
            let Some(date) = date else { break };
            let label = if step % 12 == 0 {
                date.year().to_string()
            } else {
                date.format("%b %Y").to_string()
            };
            out.push((day::to_number(date), label));
            month += step;
        }
        out
    }
}

impl Measure {
    fn of(self, value: i128) -> f64 {
        match self {
            Self::Even | Self::Days => float(value),
            Self::Logarithmic => (float(value).max(0.0) + 1.0).log10(),
        }
    }
}

/// The whole multiples of a step between two ends, a hundred at the most.
fn multiples(from: f64, to: f64, step: f64) -> impl Iterator<Item = i128> {
    let first = (from / step).ceil();
    (0..100)
        .map(move |i| (first + f64::from(i)) * step)
        .take_while(move |x| *x <= to)
        .map(whole)
}

/// The next of 1, 2, 5, 10, 20, ...
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1.0).log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0];
    let found = factor
        .into_iter()
        .map(|f| f * power)
        .find(|s| *s >= step - 1e-9);
    found.unwrap_or(step).round().max(1.0)
}

fn short(number: i128) -> String {
    day::from_number(number).map_or_else(
        || values::number(number),
        |d| d.format("%-d %b %Y").to_string(),
    )
}

#[expect(clippy::cast_precision_loss, reason = "a place on a drawing")]
fn float(value: i128) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "a place on a drawing")]
pub(crate) fn float_of(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a place on a drawing; beyond the range it is the nearest end"
)]
fn whole(value: f64) -> i128 {
    value as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(kind: Kind, values: &[i128]) -> Vec<String> {
        let scale = Scale::new(kind, values.iter().copied()).unwrap();
        scale.ticks(44.0).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn near_figures_stand_evenly_and_far_ones_by_powers() {
        assert_eq!(labels(Kind::Count, &[123, 156]), ["120", "140", "160"]);
        assert_eq!(
            labels(Kind::Count, &[3, 3_000_000]),
            ["1", "100", "10,000", "1,000,000"]
        );
        assert_eq!(
            labels(Kind::Count, &[9, 114, 200]),
            ["10", "20", "50", "100", "200"]
        );
    }

    #[test]
    fn every_axis_is_an_axis() {
        for values in [
            &[0][..],
            &[1],
            &[u64::MAX.into()],
            &[0, u64::MAX.into()],
            &[i128::MIN, i128::MAX],
        ] {
            for kind in [Kind::Count, Kind::Date] {
                let scale = Scale::new(kind, values.iter().copied()).unwrap();
                for value in values {
                    assert!(scale.at(*value).is_finite());
                }
                let ticks = scale.ticks(40.0);
                assert!(ticks.len() <= 12, "{ticks:?}");
            }
        }
        assert!(Scale::new(Kind::Count, []).is_none());
    }

    #[test]
    fn days_are_marked_by_day_month_or_year() {
        let number = |t: &str| day::to_number(t.parse().unwrap());
        assert_eq!(
            labels(Kind::Date, &[number("2025-12-01"), number("2025-12-20")]),
            ["5 Dec 2025", "15 Dec 2025"]
        );
        assert_eq!(
            labels(Kind::Date, &[number("2020-01-01"), number("2025-12-31")]),
            ["2020", "2022", "2024", "2026"]
        );
    }

    #[test]
    fn values_come_back_from_their_places() {
        for values in [&[123, 156][..], &[3, 3_000_000]] {
            let scale = Scale::new(Kind::Count, values.iter().copied()).unwrap();
            for value in values {
                assert_eq!(scale.value(scale.at(*value)), *value);
            }
        }
    }
}
