//! The fields of JSON objects, taken one by one, every problem with its place.

use super::error::{Problem, Problems};
use super::tree::{Meta, Tree};
use super::value::quoted;
use crate::sets::probability::Probability;

/// The fields of one object, taken one by one; what is left over is unknown.
pub(super) struct Fields<'a> {
    place: String,
    left: Vec<(String, Tree)>,
    pub(super) problems: &'a mut Problems,
}

impl<'a> Fields<'a> {
    pub(super) fn new(place: String, tree: Tree, problems: &'a mut Problems) -> Self {
        let mut fields: Vec<(String, Tree)> = Vec::new();
        match tree {
            Tree::Object(entries) => {
                let repeated = repeated(&entries);
                for ((key, value), repeated) in entries.into_iter().zip(repeated) {
                    if repeated {
                        let at = member(&place, &key);
                        problems.add(
                            at.clone(),
                            Problem::Duplicate {
                                found: "the field".to_owned(),
                                first: at,
                            },
                        );
                    } else {
                        fields.push((key, value));
                    }
                }
            }
            other => problems.unexpected(&place, other.describe(), "an object"),
        }
        Self {
            place,
            left: fields,
            problems,
        }
    }

    pub(super) fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.place)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(k, _)| k == name)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Tree> {
        let place = self.left.iter().position(|(k, _)| k == name)?;
        Some(self.left.remove(place).1)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Tree::Text(text) => Some(text),
            other => {
                let at = self.at(name);
                text(self.problems, &at, other)
            }
        }
    }

    pub(super) fn needed_text(&mut self, name: &str, expected: &str) -> Option<String> {
        if !self.has(name) {
            let at = self.at(name);
            self.problems.missing(at, expected);
        }
        self.text(name)
    }

    /// The id; an empty one where there is none, which is told here, since no such item is kept once too much is wrong.
    pub(super) fn id(&mut self) -> String {
        match self.take("id") {
            Some(Tree::Text(id)) if !id.is_empty() => return id,
            None | Some(Tree::Text(_)) => {
                let at = self.at("id");
                self.problems.missing(at, "a text that is not empty");
            }
            Some(other) => {
                let at = self.at("id");
                self.problems.unexpected(at, other.describe(), "a text");
            }
        }
        String::new()
    }

    pub(super) fn meta(&mut self) -> Option<Meta> {
        let tree = self.take("meta")?;
        let at = self.at("meta");
        meta(self.problems, &at, tree)
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        match self.take(name) {
            None => Vec::new(),
            Some(Tree::List(items)) => {
                let at = self.at(name);
                let mut out = Vec::with_capacity(items.len());
                for (i, item) in items.into_iter().enumerate() {
                    out.extend(text(self.problems, &format!("{at}[{i}]"), item));
                }
                out
            }
            Some(other) => {
                let at = self.at(name);
                self.problems
                    .unexpected(at, other.describe(), "a list of ids");
                Vec::new()
            }
        }
    }

    pub(super) fn natural(&mut self, name: &str) -> Option<u64> {
        match self.take(name)? {
            Tree::Natural(n) => Some(n),
            other => {
                let at = self.at(name);
                self.problems
                    .unexpected(at, other.describe(), "a whole number from 0 up");
                None
            }
        }
    }

    pub(super) fn probability(&mut self, name: &str) -> Option<Probability> {
        let tree = self.take(name)?;
        let at = self.at(name);
        probability(self.problems, &at, &tree)
    }

    pub(super) fn needed_probability(&mut self) -> Probability {
        if !self.has("probability") {
            let at = self.at("probability");
            self.problems.missing(at, "a number from 0 to 1");
        }
        self.probability("probability").unwrap_or(Probability::ZERO)
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let tree = self.take(name)?;
        let found = choices
            .iter()
            .find(|(n, _)| matches!(&tree, Tree::Text(t) if t == n));
        if found.is_none() {
            let at = self.at(name);
            let names: Vec<String> = choices.iter().map(|(n, _)| format!("{n:?}")).collect();
            self.problems
                .unexpected(at, tree.describe(), names.join(" or "));
        }
        found.map(|(_, t)| *t)
    }

    pub(super) fn finish(self, expected: &str) {
        for (key, _) in &self.left {
            self.problems.add(
                member(&self.place, key),
                Problem::UnknownField {
                    expected: expected.to_owned(),
                },
            );
        }
    }
}

/// For each field, whether an earlier one has the same key. O(n log n).
fn repeated(entries: &[(String, Tree)]) -> Vec<bool> {
    let key = |i: &usize| entries.get(*i).map(|(k, _)| k.as_str());
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut out = vec![false; entries.len()];
    for pair in order.windows(2) {
        if let [earlier, later] = pair
            && key(earlier) == key(later)
            && let Some(slot) = out.get_mut(*later)
        {
            *slot = true;
        }
    }
    out
}

/// The place of a field. A key that could be taken for something else is quoted, and cut where it is long.
pub(super) fn member(place: &str, key: &str) -> String {
    let plain = (1..=60).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    match (place, plain) {
        ("", true) => key.to_owned(),
        ("", false) => format!("dossier[{}]", quoted(key)),
        (_, true) => format!("{place}.{key}"),
        (_, false) => format!("{place}[{}]", quoted(key)),
    }
}

/// What is carried along: anything, but no key twice, of which one would be lost.
pub(super) fn meta(problems: &mut Problems, place: &str, tree: Tree) -> Option<Meta> {
    if let Some(key) = tree.repeated_key() {
        problems.add(
            place,
            Problem::Duplicate {
                found: format!("the field {}", quoted(key)),
                first: place.to_owned(),
            },
        );
        return None;
    }
    Some(Meta::new(tree))
}

pub(super) fn text(problems: &mut Problems, place: &str, tree: Tree) -> Option<String> {
    match tree {
        Tree::Text(t) => Some(t),
        other => {
            problems.unexpected(place, other.describe(), "a text");
            None
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only 0 and 1 are accepted of whole numbers"
)]
pub(super) fn number(tree: &Tree) -> Option<f64> {
    match tree {
        Tree::Natural(n) => Some(*n as f64),
        Tree::Negative(n) => Some(*n as f64),
        Tree::Float(x) => Some(*x),
        _ => None,
    }
}

pub(super) fn probability(
    problems: &mut Problems,
    place: &str,
    tree: &Tree,
) -> Option<Probability> {
    let p = number(tree).and_then(|x| Probability::new(x).ok());
    if p.is_none() {
        let found = number(tree).map_or_else(|| tree.describe(), |x| format!("the number {x}"));
        problems.unexpected(place, found, "a number from 0 to 1");
    }
    p
}
