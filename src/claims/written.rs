//! Values and grades as they are written in JSON.

use super::error::{Problem, Problems};
use super::fields::{Fields, number, probability};
use super::grade::{Credibility, Digit, Letter, Reliability};
use super::tree::Tree;
use super::value::{Item, Layer, Value};

pub(super) fn reliability(problems: &mut Problems, place: &str, tree: Tree) -> Option<Reliability> {
    const EXPECTED: &str =
        "a number from 0 to 1, a letter \"A\" to \"F\", or {\"right\": n, \"wrong\": n}";
    match tree {
        Tree::Text(t) => {
            let letter = Letter::parse(&t);
            if letter.is_none() {
                problems.unexpected(place, super::value::quoted(&t), EXPECTED);
            }
            letter.map(Into::into)
        }
        Tree::Object(_) => {
            let mut f = Fields::new(place.to_owned(), tree, problems);
            let mut part = |name: &str| {
                if !f.has(name) {
                    let at = f.at(name);
                    f.problems.missing(at, "a whole number from 0 up");
                }
                f.natural(name)
            };
            let (right, wrong) = (part("right"), part("wrong"));
            f.finish("right, wrong");
            Some(Reliability::TrackRecord {
                right: right?,
                wrong: wrong?,
            })
        }
        other if number(&other).is_some() => probability(problems, place, &other).map(Into::into),
        other => {
            problems.unexpected(place, other.describe(), EXPECTED);
            None
        }
    }
}

pub(super) fn credibility(problems: &mut Problems, place: &str, tree: Tree) -> Option<Credibility> {
    match tree {
        Tree::Text(t) => {
            let digit = Digit::parse(&t);
            if digit.is_none() {
                problems.unexpected(
                    place,
                    super::value::quoted(&t),
                    "a digit \"1\" to \"6\", or a number from 0 to 1",
                );
            }
            digit.map(Into::into)
        }
        Tree::Natural(n) if n > 1 => {
            problems.unexpected(
                place,
                format!("the number {n}"),
                format!("a number from 0 to 1; write \"{n}\" if you mean the Admiralty digit"),
            );
            None
        }
        other => probability(problems, place, &other).map(Into::into),
    }
}

const VALUE: &str = "a whole number, a phrase, {\"min\", \"max\"}, {\"one_of\"}, {\"none_of\"} or {\"entailed\", \"suggested\"}";

pub(super) fn value(problems: &mut Problems, place: &str, tree: Tree) -> Option<Value> {
    let layered = matches!(&tree, Tree::Object(o) if o.iter().any(|(k, _)| k == "entailed" || k == "suggested"));
    if !layered {
        return layer(problems, place, "", tree).map(|entailed| Value {
            entailed,
            suggested: None,
        });
    }
    let mut f = Fields::new(place.to_owned(), tree, problems);
    let entailed = f.take("entailed");
    let suggested = f.take("suggested");
    f.finish("entailed, suggested");
    let Some(entailed) = entailed else {
        problems.missing(place, "\"entailed\" beside \"suggested\"");
        return None;
    };
    let entailed = layer(problems, place, " in entailed", entailed);
    match suggested {
        None => entailed.map(|entailed| Value {
            entailed,
            suggested: None,
        }),
        Some(tree) => {
            let suggested = layer(problems, place, " in suggested", tree);
            Some(Value {
                entailed: entailed?,
                suggested: Some(Box::new(suggested?)),
            })
        }
    }
}

/// One layer of a value. All its problems are told at the value's own place.
fn layer(problems: &mut Problems, place: &str, within: &str, tree: Tree) -> Option<Layer> {
    let fields = match tree {
        Tree::Object(fields) => fields,
        other => return item(problems, place, within, other).map(Layer::Item),
    };
    let mut known: Vec<(String, Tree)> = Vec::new();
    let mut fine = true;
    for (key, value) in fields {
        if known.iter().any(|(k, _)| *k == key) {
            let found = format!("the field {}{within}", super::value::quoted(&key));
            problems.add(
                place,
                Problem::Duplicate {
                    found,
                    first: place.to_owned(),
                },
            );
            fine = false;
        } else if ["min", "max", "one_of", "none_of"].contains(&key.as_str()) {
            known.push((key, value));
        } else {
            problems.unexpected(
                place,
                format!("the field {}{within}", super::value::quoted(&key)),
                VALUE,
            );
            fine = false;
        }
    }
    if !fine {
        return None;
    }
    let is_choice = known.iter().any(|(k, _)| k == "one_of" || k == "none_of");
    if known.is_empty() || (is_choice && known.len() > 1) {
        let names: Vec<&str> = known.iter().map(|(k, _)| k.as_str()).collect();
        let found = if names.is_empty() {
            format!("an empty object{within}")
        } else {
            format!("{} together{within}", names.join(" and "))
        };
        problems.unexpected(place, found, VALUE);
        return None;
    }
    if is_choice {
        let (key, tree) = known.pop()?;
        let Tree::List(items) = tree else {
            problems.unexpected(
                place,
                format!("{} for {key}{within}", tree.describe()),
                "a list",
            );
            return None;
        };
        let mut out = Vec::with_capacity(items.len());
        let count = items.len();
        for (i, tree) in items.into_iter().enumerate() {
            out.extend(item(
                problems,
                place,
                &format!(" in {key}[{i}]{within}"),
                tree,
            ));
        }
        if out.len() < count {
            return None;
        }
        return Some(if key == "one_of" {
            Layer::OneOf(out)
        } else {
            Layer::NoneOf(out)
        });
    }
    let (mut min, mut max) = (None, None);
    for (key, tree) in known {
        let end = item(problems, place, &format!(" in {key}{within}"), tree)?;
        if key == "min" {
            min = Some(end);
        } else {
            max = Some(end);
        }
    }
    Some(Layer::Bounds { min, max })
}

fn item(problems: &mut Problems, place: &str, within: &str, tree: Tree) -> Option<Item> {
    match tree {
        Tree::Natural(n) => Some(Item::Number(n)),
        Tree::Text(t) => Some(Item::Text(t)),
        Tree::Negative(_) | Tree::Float(_) => {
            let found = format!("{}{within}", tree.describe());
            problems.unexpected(
                place,
                found,
                format!("a whole number from 0 to {}", u64::MAX),
            );
            None
        }
        other => {
            problems.unexpected(place, format!("{}{within}", other.describe()), VALUE);
            None
        }
    }
}
