//! Days and instants as whole numbers.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};

/// Days since the first of January of the year 1 (day 1), as a whole number.
pub(crate) fn to_number(day: NaiveDate) -> i128 {
    i128::from(day.num_days_from_ce())
}

/// The day with that number, if the calendar reaches so far.
pub(crate) fn from_number(number: i128) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(number).ok()?)
}

/// The last nanosecond of a day, in UTC: the instant a bare day stands for.
pub(crate) fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_hms_nano_opt(23, 59, 59, 999_999_999)?.and_utc())
}

/// A day if the instant is the last nanosecond of one, else RFC 3339 in UTC.
pub(crate) fn print_instant(instant: DateTime<Utc>) -> String {
    let day = instant.date_naive();
    if end_of(day) == Some(instant) {
        day.to_string()
    } else {
        instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}
