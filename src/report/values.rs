//! How sets of answers are said: "at least 123", "114 to 150", "August 2021", "not 156".

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::page::{and, or, plain};
use crate::claims::question::Kind;
use crate::findings::answers::{Answer, Answers};

/// A whole number, its thousands apart: 1,200.
pub(crate) fn number(n: i128) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A set of answers to a question of this kind.
pub(crate) fn answers(set: &Answers, kind: Kind) -> String {
    match set {
        Answers::Between { min, max } if kind == Kind::Date => days(min.as_ref(), max.as_ref()),
        Answers::Between { min, max } => counts(min.as_ref(), max.as_ref()),
        Answers::OneOf(items) if items.is_empty() => "nothing".to_owned(),
        Answers::OneOf(items) => or(&told(items), 6),
        Answers::NoneOf(items) if items.is_empty() => "anything".to_owned(),
        Answers::NoneOf(items) => match told(items).as_slice() {
            [one] => format!("not {one}"),
            [a, b] => format!("neither {a} nor {b}"),
            several => format!("none of {}", and(several, 6)),
        },
    }
}

/// A day, or an instant, as the findings print it: 13 December 2025.
pub(crate) fn when(text: &str) -> String {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return day_words(day);
    }
    match text.parse::<DateTime<Utc>>() {
        Ok(instant) => {
            let day = day_words(instant.date_naive());
            // To the second, and further only where the instant goes further.
            format!("{day}, {} UTC", instant.time())
        }
        Err(_) => plain(text, 40),
    }
}

fn told(items: &[Answer]) -> Vec<String> {
    items.iter().take(1_000).map(item).collect()
}

fn item(answer: &Answer) -> String {
    match answer {
        Answer::Number(n) => number(*n),
        Answer::Text(text) => match text.parse::<NaiveDate>() {
            Ok(day) if text.len() >= 10 => day_words(day),
            _ => format!("\"{}\"", plain(text, 80)),
        },
    }
}

fn counts(min: Option<&Answer>, max: Option<&Answer>) -> String {
    let min = min.filter(|a| **a != Answer::Number(0) || max == Some(a));
    match (min, max) {
        (None, None) => "any number".to_owned(),
        (Some(Answer::Number(n)), None) if *n > 100 && (n - 1) % 100 == 0 => {
            // The bound that somebody will have said.
            format!("more than {}", number(n - 1))
        }
        (Some(min), None) => format!("at least {}", item(min)),
        (None, Some(max)) => format!("at most {}", item(max)),
        (Some(min), Some(max)) if min == max => item(min),
        (Some(min), Some(max)) => format!("{} to {}", item(min), item(max)),
    }
}

fn day_words(day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), month(day), day.year())
}

fn month(day: NaiveDate) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let place = usize::try_from(day.month0()).unwrap_or(0);
    NAMES.get(place).copied().unwrap_or_default()
}

/// A stretch of days, in whole years or months where it is one.
fn days(min: Option<&Answer>, max: Option<&Answer>) -> String {
    let day = |a: &Answer| match a {
        Answer::Text(text) => text.parse::<NaiveDate>().ok(),
        Answer::Number(_) => None,
    };
    let starts_year = |d: NaiveDate| d.ordinal() == 1;
    let ends_year = |d: NaiveDate| d.month() == 12 && d.day() == 31;
    let starts_month = |d: NaiveDate| d.day() == 1;
    let ends_month = |d: NaiveDate| d.succ_opt().is_none_or(|next| next.day() == 1);
    let of_month = |d: NaiveDate| format!("{} {}", month(d), d.year());
    match (min, max) {
        (None, None) => "any day".to_owned(),
        (Some(a), None) => match day(a) {
            Some(d) if starts_year(d) => format!("{} or later", d.year()),
            Some(d) if starts_month(d) => format!("{} or later", of_month(d)),
            _ => format!("{} or later", item(a)),
        },
        (None, Some(b)) => match day(b) {
            Some(d) if ends_year(d) => format!("{} or earlier", d.year()),
            Some(d) if ends_month(d) => format!("{} or earlier", of_month(d)),
            _ => format!("{} or earlier", item(b)),
        },
        (Some(a), Some(b)) => match (day(a), day(b)) {
            (Some(x), Some(y)) if x == y => day_words(x),
            (Some(x), Some(y)) if starts_year(x) && ends_year(y) => {
                range(&x.year().to_string(), &y.year().to_string())
            }
            (Some(x), Some(y)) if starts_month(x) && ends_month(y) => {
                range(&of_month(x), &of_month(y))
            }
            _ => range(&item(a), &item(b)),
        },
    }
}

fn range(from: &str, to: &str) -> String {
    if from == to {
        from.to_owned()
    } else {
        format!("{from} to {to}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(min: Option<i128>, max: Option<i128>) -> String {
        let set = Answers::Between {
            min: min.map(Answer::Number),
            max: max.map(Answer::Number),
        };
        answers(&set, Kind::Count)
    }

    fn dates(min: &str, max: &str) -> String {
        let end = |t: &str| (!t.is_empty()).then(|| Answer::Text(t.to_owned()));
        let set = Answers::Between {
            min: end(min),
            max: end(max),
        };
        answers(&set, Kind::Date)
    }

    #[test]
    fn counts_are_said_by_their_ends() {
        assert_eq!(between(Some(123), None), "at least 123");
        assert_eq!(between(Some(1_201), None), "more than 1,200");
        assert_eq!(between(Some(1), None), "at least 1");
        assert_eq!(between(Some(0), Some(200)), "at most 200");
        assert_eq!(between(Some(0), Some(0)), "0");
        assert_eq!(between(Some(0), None), "any number");
        assert_eq!(between(Some(1_200), Some(1_234_567)), "1,200 to 1,234,567");
        assert_eq!(
            between(Some(u64::MAX.into()), None),
            "at least 18,446,744,073,709,551,615"
        );
        let some = || [9, 10].map(Answer::Number).to_vec();
        assert_eq!(answers(&Answers::OneOf(some()), Kind::Count), "9 or 10");
        assert_eq!(
            answers(&Answers::NoneOf(some()), Kind::Count),
            "neither 9 nor 10"
        );
    }

    #[test]
    fn whole_months_and_years_are_named() {
        assert_eq!(dates("2025-12-13", "2025-12-13"), "13 December 2025");
        assert_eq!(dates("2021-08-01", "2021-08-31"), "August 2021");
        assert_eq!(dates("2021-01-01", "2021-12-31"), "2021");
        assert_eq!(dates("2020-01-01", "2022-12-31"), "2020 to 2022");
        assert_eq!(dates("2021-01-01", ""), "2021 or later");
        assert_eq!(dates("", "2020-02-29"), "February 2020 or earlier");
        assert_eq!(
            dates("2021-03-02", "2021-04-30"),
            "2 March 2021 to 30 April 2021"
        );
    }
}
