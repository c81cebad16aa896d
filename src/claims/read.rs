//! Reading a dossier from JSON: every problem with its place.
//!
//! Items are read one at a time, so that a large file is never held as a tree.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::assumption::Assumption;
use super::claim::{Claim, More, Rest, When};
use super::dossier::{Dossier, DossierBuilder};
use super::error::{Problem, Problems, ReadErrors};
use super::fields::{Fields, member, meta, text};
use super::grade::{Digit, Letter};
use super::link::Link;
use super::policy::HedgePolicy;
use super::question::{Kind, OverTime, Question};
use super::source::{CommonOrigin, Source};
use super::tree::{Grow, LARGEST, Tree};
use super::value::Value;
use super::written::{credibility, reliability, value};

impl Dossier {
    /// Reads a dossier from JSON text.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::Dossier;
    ///
    /// let errors = Dossier::from_json(br#"{ "schema": 1, "sources": [], "questions": [], "claims": [{ "id": "x" }] }"#)
    ///     .unwrap_err();
    /// assert_eq!(errors.iter().next().unwrap().place, "claims[0].question");
    /// ```
    ///
    /// # Errors
    ///
    /// Every problem of the file, each with its place. If the text is not JSON, that one alone.
    ///
    /// # Complexity
    ///
    /// O(n log n) in the length of the text, in memory of the order of its length. Nesting deeper than 128 levels is an error, and so
    /// are a source, question, link, claim or other part of more than a million JSON values, where reading stops; ids and texts have the
    /// limits told at [`DossierBuilder::build`].
    pub fn from_json(json: &[u8]) -> Result<Self, ReadErrors> {
        let mut builder = DossierBuilder::default();
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let read = Top(&mut builder)
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end());
        if let Err(e) = read {
            // Reading stopped at something too large, which is among the problems.
            if e.is_data() {
                std::mem::take(&mut builder.problems).finish()?;
            }
            let mut problems = Problems::default();
            let reason = e.to_string();
            let reason = reason
                .rsplit_once(" at line ")
                .map_or(reason.as_str(), |(r, _)| r)
                .to_owned();
            problems.add(
                format!("line {}, column {}", e.line(), e.column().max(1)),
                Problem::Syntax { reason },
            );
            problems.finish()?;
        }
        if builder.problems.is_full() {
            // Items with problems were not kept, so that what refers to them cannot be looked up.
            std::mem::take(&mut builder.problems).finish()?;
        }
        builder.build()
    }
}

/// The whole file.
struct Top<'a>(&'a mut DossierBuilder);

const TOP: &str = "schema, title, as_of, options, meta, sources, assumptions, common_origins, questions, links, claims";

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Top<'_> {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the shape that a visitor's methods have"
    )]
    fn no_object<E>(self, found: &Tree) -> Result<(), E> {
        self.0
            .problems
            .unexpected("dossier", found.describe(), "an object");
        Ok(())
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a dossier")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.no_object(&Tree::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<(), E> {
        self.no_object(&Tree::Bool(b))
    }

    fn visit_u64<E>(self, n: u64) -> Result<(), E> {
        self.no_object(&Tree::Natural(n))
    }

    fn visit_i64<E>(self, n: i64) -> Result<(), E> {
        self.no_object(&Tree::Negative(n))
    }

    fn visit_f64<E>(self, x: f64) -> Result<(), E> {
        self.no_object(&Tree::Float(x))
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.no_object(&Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.no_object(&Tree::List(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let b = self.0;
        // Of unknown fields only the first, short ones are remembered: they are problems in any case.
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                map.next_value::<IgnoredAny>()?;
                let at = member("", &key);
                b.problems.add(
                    at.clone(),
                    Problem::Duplicate {
                        found: format!("the field {key:?}"),
                        first: at,
                    },
                );
                continue;
            }
            let section = match key.as_str() {
                "sources" => Section::Sources,
                "assumptions" => Section::Assumptions,
                "common_origins" => Section::CommonOrigins,
                "questions" => Section::Questions,
                "links" => Section::Links,
                "claims" => Section::Claims,
                "schema" | "title" | "as_of" | "options" | "meta" => {
                    let mut left = LARGEST;
                    let read = map.next_value_seed(Grow { left: &mut left });
                    let tree = read.inspect_err(|_| b.too_large(&key, left))?;
                    b.field(&key, tree);
                    seen.insert(key);
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    b.problems.add(
                        member("", &key),
                        Problem::UnknownField {
                            expected: TOP.to_owned(),
                        },
                    );
                    if seen.len() < 1_000 && key.len() < 100 {
                        seen.insert(key);
                    }
                    continue;
                }
            };
            map.next_value_seed(Items {
                builder: b,
                section,
            })?;
            seen.insert(key);
        }
        for (name, expected) in [
            ("schema", "1"),
            ("sources", "a list of sources"),
            ("questions", "a list of questions"),
            ("claims", "a list of claims"),
        ] {
            if !seen.contains(name) {
                b.problems.missing(name, expected);
            }
        }
        Ok(())
    }
}

impl DossierBuilder {
    /// Tells of a tree that was not read to its end since it has too many values, if that was why.
    fn too_large(&mut self, place: &str, left: usize) {
        if left == 0 {
            self.problems.unexpected(
                place,
                format!("{LARGEST} JSON values or more"),
                "less in one part; what follows was not read",
            );
        }
    }

    fn field(&mut self, key: &str, tree: Tree) {
        match key {
            "schema" => {
                if tree != Tree::Natural(1) {
                    self.problems.unexpected("schema", tree.describe(), "1");
                }
            }
            "title" => self.title = text(&mut self.problems, "title", tree),
            "as_of" => self.as_of = text(&mut self.problems, "as_of", tree).map(When),
            "meta" => self.meta = meta(&mut self.problems, "meta", tree),
            _ => self.read_options(tree),
        }
    }

    fn read_options(&mut self, tree: Tree) {
        let mut o = Fields::new("options".to_owned(), tree, &mut self.problems);
        let options = &mut self.options;
        for (name, slot) in [
            ("carry_over", &mut options.carry_over),
            ("suggestion_holds", &mut options.suggestion_holds),
            ("common_origin", &mut options.common_origin),
        ] {
            if let Some(p) = o.probability(name) {
                *slot = p;
            }
        }
        if let Some(name) = o.text("hedges") {
            match name.as_str() {
                "news" => options.hedges = HedgePolicy::News,
                "conservative" => options.hedges = HedgePolicy::Conservative,
                "strict" => options.hedges = HedgePolicy::Strict,
                other => {
                    let found = super::value::quoted(other);
                    o.problems.unexpected(
                        "options.hedges",
                        found,
                        "\"news\", \"conservative\" or \"strict\"",
                    );
                }
            }
        }
        for (name, slot) in [
            ("budget", &mut options.budget),
            ("samples", &mut options.samples),
            ("seed", &mut options.seed),
        ] {
            if let Some(n) = o.natural(name) {
                *slot = n;
            }
        }
        if let Some(tree) = o.take("limits") {
            let mut l = Fields::new("options.limits".to_owned(), tree, o.problems);
            for (name, slot) in [
                ("overlaps", &mut options.limits.overlaps),
                ("conflicts", &mut options.limits.conflicts),
                ("repairs", &mut options.limits.repairs),
                ("camps", &mut options.limits.camps),
                ("explanations", &mut options.limits.explanations),
            ] {
                if let Some(n) = l.natural(name) {
                    *slot = n;
                }
            }
            l.finish("overlaps, conflicts, repairs, camps, explanations");
        }
        if let Some(tree) = o.take("priors") {
            let mut f = Fields::new("options.priors".to_owned(), tree, o.problems);
            for (kind, slot) in options.priors.slots() {
                if let Some(p) = f.probability(kind) {
                    *slot = p;
                }
            }
            f.finish(
                "scope, counted_in, as_of, rounding, magnitude, typo, one_off, swap, revision, unexplained",
            );
        }
        for name in ["reliability", "fidelity", "credibility"] {
            let Some(tree) = o.take(name) else { continue };
            let mut t = Fields::new(format!("options.{name}"), tree, o.problems);
            for letter in Letter::ALL {
                let key = letter.to_string();
                match name {
                    "reliability" => {
                        if let Some(p) = t.probability(&key) {
                            options.tables = options.tables.with_reliability(letter, p);
                        }
                    }
                    "fidelity" => {
                        if let Some(p) = t.probability(&key) {
                            options.tables = options.tables.with_fidelity(letter, p);
                        }
                    }
                    _ => {}
                }
            }
            match name {
                "fidelity" => {
                    if let Some(p) = t.probability("number") {
                        options.tables = options.tables.with_plain_fidelity(p);
                    }
                    t.finish("A to F, and number");
                }
                "credibility" => {
                    for digit in Digit::ALL.into_iter().filter(|d| *d != Digit::Six) {
                        if let Some(p) = t.probability(&digit.to_string()) {
                            options.tables = options.tables.with_credibility(digit, p);
                        }
                    }
                    t.finish("1 to 5");
                }
                _ => t.finish("A to F"),
            }
        }
        o.finish(
            "carry_over, suggestion_holds, common_origin, hedges, reliability, fidelity, credibility, limits, budget, priors",
        );
    }

    fn item(&mut self, section: Section, index: usize, tree: Tree) {
        let place = format!("{}[{index}]", section.name());
        let full = self.problems.is_full();
        let mut f = Fields::new(place, tree, &mut self.problems);
        match section {
            Section::Sources => {
                let mut s = Source::new(f.id());
                s.name = f.text("name");
                if let Some(tree) = f.take("reliability") {
                    let place = f.at("reliability");
                    if let Some(r) = reliability(f.problems, &place, tree) {
                        s.reliability = r;
                    }
                }
                s.fidelity = f.probability("fidelity");
                s.meta = f.meta();
                f.finish("id, name, reliability, fidelity, meta");
                keep(&mut self.sources, s, full);
            }
            Section::Assumptions => {
                let id = f.id();
                let text = f.text("text");
                let p = f.needed_probability();
                f.finish("id, text, probability");
                let mut a = Assumption::new(id, p);
                a.text = text;
                keep(&mut self.assumptions, a, full);
            }
            Section::CommonOrigins => {
                if !f.has("sources") {
                    let place = f.at("sources");
                    f.problems.missing(place, "two or more sources");
                }
                let sources: Vec<String> = f.texts("sources");
                let p = f.needed_probability();
                f.finish("sources, probability");
                keep(
                    &mut self.common_origins,
                    CommonOrigin::new(sources, p),
                    full,
                );
            }
            Section::Questions => {
                let id = f.id();
                let kind = f.choice(
                    "kind",
                    &[
                        ("count", Kind::Count),
                        ("date", Kind::Date),
                        ("category", Kind::Category),
                    ],
                );
                let over_time = f.choice(
                    "over_time",
                    &[
                        ("fixed", OverTime::Fixed),
                        ("cumulative", OverTime::Cumulative),
                        ("varies", OverTime::Varies),
                    ],
                );
                let mut q = Question::with_kind(id, kind.unwrap_or_default())
                    .over_time(over_time.unwrap_or_default());
                q.text = f.text("text");
                q.unit = f.text("unit");
                q.meta = f.meta();
                f.finish("id, text, kind, unit, over_time, meta");
                keep(&mut self.questions, q, full);
            }
            Section::Links => {
                let id = f.text("id");
                let formula = f.needed_text("formula", "a linear formula");
                let mut l = Link::new(formula.unwrap_or_else(|| format!("0 = {index}")));
                l.id = id.map(Into::into);
                l.text = f.text("text");
                l.assuming = f.texts("assuming").into_iter().map(Into::into).collect();
                f.finish("id, formula, text, assuming");
                keep(&mut self.links, l, full);
            }
            Section::Claims => {
                let claim = read_claim(&mut f);
                f.finish(
                    "id, question, source, via, value, credibility, as_of, stated, quote, url, assuming, supersedes, retracted, meta",
                );
                keep(&mut self.claims, claim, full);
            }
        }
    }
}

/// Keeps an item, unless so much is wrong already that the dossier is not built.
fn keep<T>(list: &mut Vec<T>, item: T, full: bool) {
    if !full {
        list.push(item);
    }
}

fn read_claim(f: &mut Fields<'_>) -> Claim {
    let mut c = Claim::new(f.id());
    let mut more = More::default();
    // What is missing is told when the dossier is checked.
    c.question = f.text("question").map(Into::into);
    c.source = f.text("source").map(Into::into);
    more.via = f.texts("via").into_iter().map(Into::into).collect();
    if let Some(tree) = f.take("value") {
        let place = f.at("value");
        c.value = value(f.problems, &place, tree);
        // Told already; a stand-in keeps the check from telling it again as missing.
        c.value.get_or_insert_with(|| Value::from(0));
    }
    if let Some(tree) = f.take("credibility") {
        let place = f.at("credibility");
        more.credibility = credibility(f.problems, &place, tree);
    }
    more.as_of = f.text("as_of").map(When);
    more.stated = f.text("stated").map(When);
    more.quote = f.text("quote");
    more.url = f.text("url");
    more.assuming = f.texts("assuming").into_iter().map(Into::into).collect();
    more.supersedes = f.texts("supersedes").into_iter().map(Into::into).collect();
    more.retracted = match f.take("retracted") {
        None => false,
        Some(Tree::Bool(b)) => b,
        Some(other) => {
            let place = f.at("retracted");
            f.problems
                .unexpected(place, other.describe(), "true or false");
            false
        }
    };
    more.meta = f.meta();
    c.more = Rest::new(more);
    c
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Sources,
    Assumptions,
    CommonOrigins,
    Questions,
    Links,
    Claims,
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::Assumptions => "assumptions",
            Self::CommonOrigins => "common_origins",
            Self::Questions => "questions",
            Self::Links => "links",
            Self::Claims => "claims",
        }
    }
}

/// A list of the file, read item by item.
struct Items<'a> {
    builder: &'a mut DossierBuilder,
    section: Section,
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Items<'_> {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the shape that a visitor's methods have"
    )]
    fn no_list<E>(self, found: &Tree) -> Result<(), E> {
        self.builder
            .problems
            .unexpected(self.section.name(), found.describe(), "a list");
        Ok(())
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.no_list(&Tree::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<(), E> {
        self.no_list(&Tree::Bool(b))
    }

    fn visit_u64<E>(self, n: u64) -> Result<(), E> {
        self.no_list(&Tree::Natural(n))
    }

    fn visit_i64<E>(self, n: i64) -> Result<(), E> {
        self.no_list(&Tree::Negative(n))
    }

    fn visit_f64<E>(self, x: f64) -> Result<(), E> {
        self.no_list(&Tree::Float(x))
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.no_list(&Tree::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.no_list(&Tree::Object(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for index in 0.. {
            let mut left = LARGEST;
            let read = list.next_element_seed(Grow { left: &mut left });
            let read = read.inspect_err(|_| {
                let place = format!("{}[{index}]", self.section.name());
                self.builder.too_large(&place, left);
            });
            let Some(tree) = read? else { break };
            self.builder.item(self.section, index, tree);
        }
        Ok(())
    }
}
