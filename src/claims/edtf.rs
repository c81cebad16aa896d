//! Dates as EDTF (ISO 8601-2) writes them, as far as they name days, months, years and intervals of them.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use super::phrase::error::clip;
use super::reading::Reading;
use crate::sets::day;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// Why a date could not be read.
///
/// Messages quote the part in question, at most 60 characters of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The text is no date that we know.
    #[error(
        "cannot read `{found}` as a date; accepted are a day (`2025-12-13`), a month (`2025-12`), a year (`2025`), an \
         interval of them (`2021/2023-06`, `2021/..`, `../2023`), and `~` before or after a single one (`2021~`)"
    )]
    Unreadable {
        /// The text, or its part that is not read.
        found: String,
    },
    /// The text is EDTF that we do not read, since its days are not settled or have no place here.
    #[error(
        "{feature} are not read, as in `{found}`; accepted are four-digit years, months and days (`2021`, `2021-08`, \
         `2021-08-09`), intervals of them (`2021/..`), and `~` before or after a single one (`2021~`)"
    )]
    Unsupported {
        /// What it uses, in the plural: "seasons".
        feature: &'static str,
        /// The text that uses it.
        found: String,
    },
    /// No calendar has that month or day.
    #[error(
        "there is no `{found}` in the calendar; months go from 01 to 12 and days to the end of the month"
    )]
    NoSuchDate {
        /// The date.
        found: String,
    },
    /// An interval without one of its ends: EDTF has it for an unknown end, which is not an open one.
    #[error(
        "`{found}` lacks an end; write `..` for an end that is open, as in `2021/..`, or both dates"
    )]
    NoEnd {
        /// The interval.
        found: String,
    },
    /// An interval that ends before it starts.
    #[error(
        "an interval must not end before it starts, got `{start}` to `{end}`; write the earlier date first"
    )]
    EndBeforeStart {
        /// The start as written.
        start: String,
        /// The end as written.
        end: String,
    },
    /// Days before the year 0000 or after 9999, which could be written no longer.
    #[error("`{found}` reaches out of the years 0000 to 9999; only days within them are accepted")]
    OutOfYears {
        /// The date or instant.
        found: String,
    },
    /// The text is no instant.
    #[error(
        "cannot read `{found}` as an instant; accepted are a day (`2025-12-13`, which stands for its end in UTC) and RFC \
         3339 (`2025-12-13T18:30:00Z`)"
    )]
    NoInstant {
        /// The text.
        found: String,
    },
}

/// A day, month or year: what is named, with its first and last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    first: NaiveDate,
    last: NaiveDate,
    precision: Precision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    Day,
    Month,
    Year,
}

/// The days that a date names, as day numbers ([`day::to_number`]).
///
/// | text | entailed | suggested |
/// |---|---|---|
/// | `2025-12-13`, `2025-12`, `2025` | the day, the days of the month, of the year | |
/// | `2021/2023-06` | from the first day of 2021 to the last of June 2023 | |
/// | `2021/..`, `../2021` | from the first day of 2021 on, up to its last | |
/// | `2021~`, `~2021` | 2020 to 2022: one unit of its precision (day, month, year) either side | 2021 |
///
/// Neither `~` at an end of an interval nor an interval open at both ends is read: how far the one may reach is not
/// settled, and the other says nothing.
///
/// # Errors
///
/// What is no such date, or does not exist.
pub(crate) fn read_date(text: &str) -> Result<Reading, DateError> {
    if let Some((start, end)) = text.split_once('/') {
        return read_interval(text, start, end);
    }
    let inner = text.strip_prefix('~');
    let (named, approximate) = match inner.or_else(|| text.strip_suffix('~')) {
        Some(named) => (named, true),
        None => (text, false),
    };
    let span = read_span(named, text)?;
    let named = days(Some(span.first), Some(span.last));
    let reading = if approximate {
        let wide = span
            .widened()
            .ok_or_else(|| DateError::OutOfYears { found: clip(text) })?;
        Reading::new(days(Some(wide.first), Some(wide.last)), Some(named))
    } else {
        Reading::new(named, None)
    };
    reading.map_err(|_| DateError::Unreadable { found: clip(text) })
}

/// The first day that a day, month or year names, as a day number: what a lower bound means.
///
/// # Errors
///
/// Anything but a single, exact day, month or year.
pub(crate) fn first_day(text: &str) -> Result<i128, DateError> {
    Ok(day::to_number(read_span(text, text)?.first))
}

/// The last day that a day, month or year names, as a day number: what an upper bound means.
///
/// # Errors
///
/// Anything but a single, exact day, month or year.
pub(crate) fn last_day(text: &str) -> Result<i128, DateError> {
    Ok(day::to_number(read_span(text, text)?.last))
}

/// The instant that a text names: a day stands for its last nanosecond in UTC.
///
/// # Errors
///
/// Anything but a day or an RFC 3339 instant within the years 0000 to 9999.
pub(crate) fn read_instant(text: &str) -> Result<DateTime<Utc>, DateError> {
    let no_instant = || DateError::NoInstant { found: clip(text) };
    if text.contains(['T', 't', ' ', ':']) {
        let instant = DateTime::parse_from_rfc3339(text)
            .map_err(|_| no_instant())?
            .to_utc();
        return if is_in_years(instant.date_naive()) {
            Ok(instant)
        } else {
            Err(DateError::OutOfYears { found: clip(text) })
        };
    }
    match read_span(text, text) {
        Ok(span) if span.precision == Precision::Day => {
            day::end_of(span.last).ok_or_else(no_instant)
        }
        Err(error @ DateError::NoSuchDate { .. }) => Err(error),
        _ => Err(no_instant()),
    }
}

fn read_interval(text: &str, start: &str, end: &str) -> Result<Reading, DateError> {
    if end.contains('/') {
        return Err(DateError::Unreadable { found: clip(text) });
    }
    if start.is_empty() || end.is_empty() {
        return Err(DateError::NoEnd { found: clip(text) });
    }
    if start == ".." && end == ".." {
        return Err(DateError::Unsupported {
            feature: "intervals without any date",
            found: clip(text),
        });
    }
    let named = |end: &str| match end {
        ".." => Ok(None),
        _ => read_span(end, end).map(Some),
    };
    let first = named(start)?.map(|s| s.first);
    let last = named(end)?.map(|s| s.last);
    Reading::new(days(first, last), None).map_err(|_| DateError::EndBeforeStart {
        start: clip(start),
        end: clip(end),
    })
}

fn days(first: Option<NaiveDate>, last: Option<NaiveDate>) -> Set {
    Interval::new(first.map(day::to_number), last.map(day::to_number)).into()
}

fn is_in_years(day: NaiveDate) -> bool {
    (0..=9999).contains(&day.year())
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `found` is what an error names.
fn read_span(text: &str, found: &str) -> Result<Span, DateError> {
    let Some((year, month, day)) = numbers(text) else {
        let found = clip(found);
        return Err(match unsupported(text) {
            Some(feature) => DateError::Unsupported { feature, found },
            None => DateError::Unreadable { found },
        });
    };
    if day.is_none() && month.is_some_and(|m| (21..=41).contains(&m)) {
        return Err(DateError::Unsupported {
            feature: "seasons, quarters and other parts of a year",
            found: clip(found),
        });
    }
    Span::new(year, month, day).ok_or_else(|| DateError::NoSuchDate { found: clip(found) })
}

/// The numbers of a date in the right shape.
fn numbers(text: &str) -> Option<(i32, Option<u32>, Option<u32>)> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|p| digits(p, 2).ok_or(())).transpose();
    let day = parts.next().map(|p| digits(p, 2).ok_or(())).transpose();
    let (Ok(month), Ok(day), None) = (month, day, parts.next()) else {
        return None;
    };
    Some((i32::try_from(year).ok()?, month, day))
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let plain = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// What a text uses of EDTF that we do not read.
fn unsupported(text: &str) -> Option<&'static str> {
    let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    if !time.is_empty() && numbers(date).is_some() {
        return Some("times of day");
    }
    if text.contains(['[', ']', '{', '}', ',']) {
        return Some("sets of dates");
    }
    if text.contains(['?', '%']) {
        return Some("marks of doubt (`?`, `%`)");
    }
    if text.contains('~') {
        return Some("approximate parts of a date or an interval");
    }
    let year = text.strip_prefix(['Y', 'y']).unwrap_or(text);
    let positive = year.strip_prefix('-');
    if positive.is_some_and(|y| y.starts_with(|c: char| c.is_ascii_digit())) {
        return Some("negative years");
    }
    let length = year.bytes().take_while(u8::is_ascii_digit).count();
    let marked = year.len() < text.len() && (length > 0 || positive.is_some());
    if marked || length > 4 && year.len() == length {
        return Some("years of other than four digits");
    }
    let unspecified = text.contains(['X', 'x'])
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'X' | b'x' | b'-'));
    unspecified.then_some("unspecified digits (`X`)")
}

impl Span {
    fn new(year: i32, month: Option<u32>, day: Option<u32>) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
        let precision = match (month, day) {
            (_, Some(_)) => Precision::Day,
            (Some(_), None) => Precision::Month,
            (None, None) => Precision::Year,
        };
        let last = precision.after(first)?.pred_opt()?;
        Some(Self {
            first,
            last,
            precision,
        })
    }

    /// One more unit on either side, if that stays within the years that can be written.
    fn widened(self) -> Option<Self> {
        let first = match self.precision {
            Precision::Day => self.first.pred_opt(),
            Precision::Month => self.first.checked_sub_months(Months::new(1)),
            Precision::Year => self.first.checked_sub_months(Months::new(12)),
        }?;
        let last = self.precision.after(self.last.succ_opt()?)?.pred_opt()?;
        (is_in_years(first) && is_in_years(last)).then_some(Self {
            first,
            last,
            ..self
        })
    }
}

impl Precision {
    /// The first day of the next unit, from the first day of this one.
    fn after(self, first: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => first.checked_add_days(Days::new(1)),
            Self::Month => first.checked_add_months(Months::new(1)),
            Self::Year => first.checked_add_months(Months::new(12)),
        }
    }
}

#[cfg(test)]
mod tests;
