//! Values as written.

use chrono::NaiveDate;

use super::edtf;
use super::phrase::Phrase;
use super::policy::HedgePolicy;
use super::question::Kind;
use super::reading::{Reading, ReadingError};
use super::resolve::LONGEST_ITEM;
use crate::sets::day;
use crate::sets::interval::Interval;
use crate::sets::set::Set;

/// A number or a text, as an item of bounds, choices and denials.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Item {
    /// A whole number.
    Number(u64),
    /// A date in EDTF, or a label.
    Text(String),
}

impl From<u64> for Item {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Item {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<NaiveDate> for Item {
    fn from(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }
}

/// One layer of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Layer {
    Item(Item),
    Bounds {
        min: Option<Item>,
        max: Option<Item>,
    },
    OneOf(Vec<Item>),
    NoneOf(Vec<Item>),
}

/// What a claim says, as written: it is read when its question's kind is known.
///
/// # Examples
///
/// ```
/// use discrepancy::Value;
///
/// let exact = Value::from(123);                 // exactly
/// let phrase = Value::from("at least 123");     // a hedged phrase, a date or a label
/// let range = Value::between(123, 150);
/// let either = Value::one_of([9, 10]);
/// let denial = Value::none_of([156]);
/// let both = Value::layers(Value::at_least(200), Value::between(200, 999));
/// # let _ = (exact, phrase, range, either, denial, both);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Value {
    pub(crate) entailed: Layer,
    /// Boxed, since few values have it.
    pub(crate) suggested: Option<Box<Layer>>,
}

impl Value {
    fn plain(layer: Layer) -> Self {
        Self {
            entailed: layer,
            suggested: None,
        }
    }

    /// `min` or more; on a date question, from the first day of what is named.
    pub fn at_least(min: impl Into<Item>) -> Self {
        Self::plain(Layer::Bounds {
            min: Some(min.into()),
            max: None,
        })
    }

    /// `max` or less; on a date question, to the last day of what is named.
    pub fn at_most(max: impl Into<Item>) -> Self {
        Self::plain(Layer::Bounds {
            min: None,
            max: Some(max.into()),
        })
    }

    /// From `min` to `max`, both included.
    pub fn between(min: impl Into<Item>, max: impl Into<Item>) -> Self {
        Self::plain(Layer::Bounds {
            min: Some(min.into()),
            max: Some(max.into()),
        })
    }

    /// One of these, and nothing else.
    pub fn one_of<T: Into<Item>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::plain(Layer::OneOf(items.into_iter().map(Into::into).collect()))
    }

    /// Anything but these: a denial.
    pub fn none_of<T: Into<Item>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::plain(Layer::NoneOf(items.into_iter().map(Into::into).collect()))
    }

    /// What is said, and what it is usually taken to mean. Of `entailed`, what is entailed counts; `suggested` must say one thing only.
    pub fn layers(entailed: Self, suggested: Self) -> Self {
        Self {
            entailed: entailed.entailed,
            suggested: Some(Box::new(suggested.entailed)),
        }
    }
}

impl<T: Into<Item>> From<T> for Value {
    fn from(item: T) -> Self {
        Self::plain(Layer::Item(item.into()))
    }
}

/// Why a value cannot be read: the part of it, what was found, what is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueError {
    /// Where in the value, as a suffix of its place: `.min`, `.one_of[2]`.
    pub(crate) within: String,
    pub(crate) found: String,
    pub(crate) accepted: String,
}

/// How labels of a category question are numbered: see [`Labels::domain`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Labels {
    /// Ascending.
    names: Vec<String>,
}

impl Labels {
    pub(crate) fn new(mut names: Vec<String>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    fn number(&self, name: &str) -> Option<i128> {
        let place = self.names.binary_search_by(|n| n.as_str().cmp(name)).ok()?;
        i128::try_from(place).ok()
    }

    pub(crate) fn name(&self, number: i128) -> Option<&str> {
        self.names
            .get(usize::try_from(number).ok()?)
            .map(String::as_str)
    }

    /// Labels are numbered from 0; one number more stands for every label that nobody named.
    pub(crate) fn domain(&self) -> Interval {
        let unnamed = i128::try_from(self.names.len()).unwrap_or(i128::MAX);
        Interval::new(Some(0), Some(unnamed)).unwrap_or(Interval::EVERYTHING)
    }
}

/// The values a question of this kind can take at all.
pub(crate) fn domain(kind: Kind, labels: &Labels) -> Interval {
    match kind {
        Kind::Count => Interval::at_least(0),
        Kind::Date => Interval::EVERYTHING,
        Kind::Category => labels.domain(),
    }
}

impl Value {
    /// The labels it names.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        [Some(&self.entailed), self.suggested.as_deref()]
            .into_iter()
            .flatten()
            .flat_map(|layer| match layer {
                Layer::Item(item) => std::slice::from_ref(item),
                Layer::OneOf(items) | Layer::NoneOf(items) => items.as_slice(),
                Layer::Bounds { .. } => &[],
            })
            .filter_map(|item| match item {
                Item::Text(text) => Some(text.as_str()),
                Item::Number(_) => None,
            })
    }

    /// The sets it means as an answer to a question of this kind.
    pub(crate) fn read(
        &self,
        kind: Kind,
        labels: &Labels,
        policy: HedgePolicy,
    ) -> Result<Reading, Vec<ValueError>> {
        let context = Context {
            kind,
            labels,
            policy,
        };
        let Some(suggested) = &self.suggested else {
            return context.layer(&self.entailed, "");
        };
        let entailed = context.layer(&self.entailed, ".entailed");
        let suggested = context.layer(suggested, ".suggested");
        let (entailed, suggested) = match (entailed, suggested) {
            (Ok(e), Ok(s)) => (e, s),
            (e, s) => {
                return Err(e.err().into_iter().chain(s.err()).flatten().collect());
            }
        };
        if suggested.suggested().is_some() {
            return Err(vec![ValueError {
                within: ".suggested".to_owned(),
                found: "a value with a suggested reading of its own".to_owned(),
                accepted: "numbers, bounds, a choice, or a phrase that says one thing only"
                    .to_owned(),
            }]);
        }
        let (entailed, suggested) = (entailed.entailed().clone(), suggested.entailed().clone());
        Reading::new(entailed, Some(suggested)).map_err(|e| {
            let found = match (&e, kind) {
                // Days and labels have numbers that tell a reader nothing.
                (ReadingError::Outside { .. }, Kind::Date | Kind::Category) => {
                    "what is not in the entailed set".to_owned()
                }
                (
                    ReadingError::Outside {
                        entailed,
                        suggested,
                    },
                    _,
                ) => {
                    format!("{suggested}, which is not within the entailed set {entailed},")
                }
                _ => e.to_string(),
            };
            vec![ValueError {
                within: ".suggested".to_owned(),
                found,
                accepted: "a part of the entailed set".to_owned(),
            }]
        })
    }
}

struct Context<'a> {
    kind: Kind,
    labels: &'a Labels,
    policy: HedgePolicy,
}

impl Context<'_> {
    fn layer(&self, layer: &Layer, place: &str) -> Result<Reading, Vec<ValueError>> {
        let error = |within: &str, found: String, accepted: &str| {
            vec![ValueError {
                within: format!("{place}{within}"),
                found,
                accepted: accepted.to_owned(),
            }]
        };
        let set = match layer {
            Layer::Item(item) => return self.item(item).map_err(|(f, a)| error("", f, &a)),
            Layer::Bounds { .. } if self.kind == Kind::Category => {
                return Err(error("", "bounds".to_owned(), "a label, one_of or none_of"));
            }
            Layer::Bounds { min, max } => {
                let end = |item: &Option<Item>, name: &str, last: bool| match item {
                    None => Ok(None),
                    Some(item) => self
                        .end(item, last)
                        .map(Some)
                        .map_err(|(f, a)| error(name, f, &a)),
                };
                let (min, max) = match (end(min, ".min", false), end(max, ".max", true)) {
                    (Ok(min), Ok(max)) => (min, max),
                    (a, b) => return Err(a.err().into_iter().chain(b.err()).flatten().collect()),
                };
                let min = if self.kind == Kind::Count {
                    min.or(Some(0))
                } else {
                    min
                };
                match Interval::new(min, max) {
                    Some(stretch) => stretch.into(),
                    None => {
                        return Err(error(
                            "",
                            format!("min {} above max {}", self.show(min), self.show(max)),
                            "min at most max",
                        ));
                    }
                }
            }
            Layer::OneOf(items) | Layer::NoneOf(items) => {
                let denied = matches!(layer, Layer::NoneOf(_));
                let name = if denied { "none_of" } else { "one_of" };
                if items.is_empty() {
                    return Err(error(
                        &format!(".{name}"),
                        "an empty list".to_owned(),
                        "at least one item",
                    ));
                }
                let mut errors = Vec::new();
                let mut stretches = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    match (self.end(item, false), self.end(item, true)) {
                        (Ok(low), Ok(high)) => {
                            stretches.extend(Interval::new(Some(low), Some(high)));
                        }
                        (Err((f, a)), _) | (_, Err((f, a))) => {
                            errors.extend(error(&format!(".{name}[{i}]"), f, &a));
                        }
                    }
                }
                if !errors.is_empty() {
                    return Err(errors);
                }
                let set = Set::from_intervals(stretches);
                if denied {
                    set.complement_in(domain(self.kind, self.labels))
                } else {
                    set
                }
            }
        };
        Reading::new(set, None)
            .map_err(|e| error("", e.to_string(), "a value that something satisfies"))
    }

    /// An item standing alone.
    fn item(&self, item: &Item) -> Result<Reading, (String, String)> {
        too_long(item)?;
        match (self.kind, item) {
            (Kind::Count, Item::Number(n)) => Ok(exactly(i128::from(*n))),
            (Kind::Count, Item::Text(text)) => Phrase::read(text, self.policy)
                .map(Phrase::into_reading)
                .map_err(|e| (unread(text, &e), COUNT.to_owned())),
            (Kind::Date, Item::Text(text)) => {
                edtf::read_date(text).map_err(|e| (unread(text, &e), DATE.to_owned()))
            }
            (Kind::Date | Kind::Category, _) => self.end(item, false).map(exactly),
        }
    }

    /// An item as the first or last value of what it names.
    fn end(&self, item: &Item, last: bool) -> Result<i128, (String, String)> {
        too_long(item)?;
        match (self.kind, item) {
            (Kind::Count, Item::Number(n)) => Ok(i128::from(*n)),
            (Kind::Count, Item::Text(text)) => Err((
                format!("the text {}", quoted(text)),
                "a whole number".to_owned(),
            )),
            (Kind::Date, Item::Text(text)) => {
                let day = if last {
                    edtf::last_day(text)
                } else {
                    edtf::first_day(text)
                };
                day.map_err(|e| (unread(text, &e), "a day, month or year".to_owned()))
            }
            (Kind::Date, Item::Number(n)) => Err((format!("the number {n}"), DATE.to_owned())),
            (Kind::Category, Item::Text(text)) => self
                .labels
                .number(text)
                .ok_or_else(|| (format!("the label {}", quoted(text)), "a label".to_owned())),
            (Kind::Category, Item::Number(n)) => {
                Err((format!("the number {n}"), "a label in quotes".to_owned()))
            }
        }
    }

    fn show(&self, x: Option<i128>) -> String {
        match (x, self.kind) {
            (None, _) => "open".to_owned(),
            (Some(x), Kind::Date) => {
                day::from_number(x).map_or_else(|| x.to_string(), |d| d.to_string())
            }
            (Some(x), _) => x.to_string(),
        }
    }
}

const COUNT: &str = "a whole number, a phrase such as \"at least 123\", min/max, one_of, none_of, or entailed/suggested";
const DATE: &str = "a date such as \"2025-12-13\", \"2021-08\", \"2021\", \"2021/..\" or \"2021~\"";

fn exactly(value: i128) -> Reading {
    // A single number is never empty.
    Reading::new(Set::from_numbers([value]), None).unwrap_or_else(|_| Reading::everything())
}

fn too_long(item: &Item) -> Result<(), (String, String)> {
    match item {
        Item::Text(text) if text.len() > LONGEST_ITEM => Err((
            format!("a text of {} bytes", text.len()),
            format!("at most {LONGEST_ITEM} bytes"),
        )),
        _ => Ok(()),
    }
}

/// A text that cannot be read, and why.
fn unread(text: &str, why: &dyn std::error::Error) -> String {
    format!("{} ({why})", quoted(text))
}

/// A text in quotes, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
