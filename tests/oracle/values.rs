//! Sets of whole numbers, written down as sorted stretches that do not touch.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::Value as Json;

/// Stands for an open end: no figure in a test comes near it.
pub(crate) const FAR: i64 = 1_000_000_000_000;

/// A set of whole numbers. Equal sets are equal lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Values(pub(crate) Vec<(i64, i64)>);

impl Values {
    pub(crate) fn of(mut stretches: Vec<(i64, i64)>) -> Self {
        stretches.sort_unstable();
        let mut out: Vec<(i64, i64)> = Vec::new();
        for (low, high) in stretches {
            match out.last_mut() {
                Some(last) if low <= last.1 + 1 => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        Self(out)
    }

    pub(crate) fn contains(&self, x: i64) -> bool {
        self.0.iter().any(|(low, high)| *low <= x && x <= *high)
    }

    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let inside = |a: &(i64, i64)| other.0.iter().any(|b| b.0 <= a.0 && a.1 <= b.1);
        self.0.iter().all(inside)
    }

    /// How far the nearest members of both are apart; 0 if they share one.
    pub(crate) fn distance(&self, other: &Self) -> i64 {
        let pairs = self
            .0
            .iter()
            .flat_map(|a| other.0.iter().map(move |b| (a, b)));
        let apart = pairs.map(|(a, b)| (b.0 - a.1).max(a.0 - b.1).max(0));
        apart.min().unwrap()
    }

    /// Everything from the first to the last number that both have.
    pub(crate) fn shared_ends(&self, other: &Self) -> Option<Self> {
        let shared = self.shared(other);
        let (first, last) = (shared.first()?, shared.last()?);
        Some(Self(vec![(first.0, last.1)]))
    }

    fn shared(&self, other: &Self) -> Vec<(i64, i64)> {
        let pairs = self
            .0
            .iter()
            .flat_map(|a| other.0.iter().map(move |b| (a, b)));
        let both = pairs.map(|(a, b)| (a.0.max(b.0), a.1.min(b.1)));
        let mut out: Vec<(i64, i64)> = both.filter(|(low, high)| low <= high).collect();
        out.sort_unstable();
        out
    }

    /// How many numbers both have of all that one has, where there is an end to them.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub(crate) fn jaccard(&self, other: &Self) -> Option<f64> {
        let count =
            |stretches: &[(i64, i64)]| stretches.iter().map(|(a, b)| b - a + 1).sum::<i64>();
        let all = [self, other]
            .into_iter()
            .flat_map(|s| &s.0)
            .flat_map(|(a, b)| [a, b]);
        if all.into_iter().any(|end| end.abs() >= FAR) {
            return None;
        }
        let both = count(&self.shared(other));
        let either = count(&self.0) + count(&other.0) - both;
        Some(both as f64 / either as f64)
    }

    fn complement(&self, (first, last): (i64, i64)) -> Self {
        let mut out = Vec::new();
        let mut next = first;
        for (low, high) in &self.0 {
            if next < *low {
                out.push((next, low - 1));
            }
            next = next.max(high + 1);
        }
        if next <= last {
            out.push((next, last));
        }
        Self(out)
    }
}

/// What kind of answer a question has, and which answers there are.
#[derive(Debug, Clone)]
pub(crate) enum Domain {
    Count,
    Date,
    /// The labels that claims name, in order; one number more stands for all the others.
    Category(Vec<String>),
}

impl Domain {
    pub(crate) fn all(&self) -> (i64, i64) {
        match self {
            Self::Count => (0, FAR),
            Self::Date => (-FAR, FAR),
            Self::Category(labels) => (0, i64::try_from(labels.len()).unwrap()),
        }
    }

    /// The entailed set and, where it is narrower, the suggested one.
    pub(crate) fn read(&self, value: &Json) -> (Values, Option<Values>) {
        if let Some(entailed) = value.get("entailed") {
            let (entailed, _) = self.layer(entailed);
            let suggested = value.get("suggested").map(|s| self.layer(s).0);
            let narrower = suggested.filter(|s| *s != entailed);
            return (entailed, narrower);
        }
        self.layer(value)
    }

    fn layer(&self, value: &Json) -> (Values, Option<Values>) {
        let list = |items: &Json| {
            let stretches = items.as_array().unwrap().iter().map(|i| self.item(i));
            Values::of(stretches.collect())
        };
        if let Some(items) = value.get("one_of") {
            return (list(items), None);
        }
        if let Some(items) = value.get("none_of") {
            return (list(items).complement(self.all()), None);
        }
        if value.is_object() {
            let (from, to) = self.all();
            let low = value.get("min").map_or(from, |m| self.item(m).0);
            let high = value.get("max").map_or(to, |m| self.item(m).1);
            return (Values::of(vec![(low, high)]), None);
        }
        if let (Self::Date, Some(text)) = (self, value.as_str()) {
            return edtf(text);
        }
        (Values::of(vec![self.item(value)]), None)
    }

    /// The first and the last value of what is named.
    fn item(&self, item: &Json) -> (i64, i64) {
        match self {
            Self::Count => {
                let x = item.as_i64().expect("phrases are not read here");
                (x, x)
            }
            Self::Date => day_month_year(item.as_str().unwrap()),
            Self::Category(labels) => {
                let x = labels.binary_search(&item.as_str().unwrap().to_owned());
                let x = i64::try_from(x.unwrap()).unwrap();
                (x, x)
            }
        }
    }
}

fn number(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce())
}

/// First and last day of a day, a month or a year.
fn day_month_year(text: &str) -> (i64, i64) {
    let (first, next) = span(text, 0, 0);
    (number(first), number(next) - 1)
}

/// The first day of what is named, `before` units of its precision earlier, and the day after it, `after` units later.
fn span(text: &str, before: u32, after: u32) -> (NaiveDate, NaiveDate) {
    let part = |i: usize| text.split('-').nth(i).map(|p| p.parse::<u32>().unwrap());
    let year = text[..4].parse::<i32>().unwrap();
    let first = NaiveDate::from_ymd_opt(year, part(1).unwrap_or(1), part(2).unwrap_or(1)).unwrap();
    match (part(1), part(2)) {
        (_, Some(_)) => (
            first - Days::new(before.into()),
            first + Days::new(u64::from(after) + 1),
        ),
        (Some(_), None) => (first - Months::new(before), first + Months::new(after + 1)),
        (None, None) => (
            first - Months::new(12 * before),
            first + Months::new(12 * (after + 1)),
        ),
    }
}

/// The dates that tests use: day, month, year, intervals with open ends, and `~`.
fn edtf(text: &str) -> (Values, Option<Values>) {
    if let Some((from, to)) = text.split_once('/') {
        let low = if from == ".." {
            -FAR
        } else {
            day_month_year(from).0
        };
        let high = if to == ".." {
            FAR
        } else {
            day_month_year(to).1
        };
        return (Values::of(vec![(low, high)]), None);
    }
    let plain = text.trim_matches('~');
    let named = Values::of(vec![day_month_year(plain)]);
    if plain == text {
        return (named, None);
    }
    let (first, next) = span(plain, 1, 1);
    let around = Values::of(vec![(number(first), number(next) - 1)]);
    (around, Some(named))
}

/// A set as the result's JSON gives it.
pub(crate) fn as_json(set: &Values, domain: &Domain) -> Json {
    let show = |x: i64| match domain {
        Domain::Count => Json::from(x),
        Domain::Date => {
            let day = NaiveDate::from_num_days_from_ce_opt(i32::try_from(x).unwrap());
            Json::from(day.unwrap().to_string())
        }
        Domain::Category(labels) => Json::from(labels[usize::try_from(x).unwrap()].clone()),
    };
    let mut out = serde_json::Map::new();
    if let (&[(low, high)], false) = (set.0.as_slice(), matches!(domain, Domain::Category(_))) {
        if low > -FAR {
            out.insert("min".to_owned(), show(low));
        }
        if high < FAR {
            out.insert("max".to_owned(), show(high));
        }
    } else {
        let (first, last) = domain.all();
        let reaches_end = set.0.last().is_some_and(|s| s.1 == last);
        let (name, listed) = if reaches_end {
            ("none_of", set.complement((first, last)))
        } else {
            ("one_of", set.clone())
        };
        let items = listed.0.iter().flat_map(|(low, high)| *low..=*high);
        out.insert(name.to_owned(), items.map(show).collect());
    }
    Json::Object(out)
}
