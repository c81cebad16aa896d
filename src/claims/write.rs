//! Writing a dossier as JSON: what was written, and the policies it is read under.

use serde_json::{Map, Value as Json, json};

use super::dossier::Dossier;
use super::grade::{Credibility, Digit, Letter, Reliability, Tables};
use super::options::Options;
use super::tree::Meta;
use super::value::{Item, Layer, Value};

impl Dossier {
    /// The dossier as JSON: [`Dossier::from_json`] reads it back as an equal one.
    pub fn to_json(&self) -> String {
        let mut top = Map::new();
        top.insert("schema".to_owned(), 1.into());
        put(&mut top, "title", self.title.clone());
        put(&mut top, "as_of", self.as_of.as_ref().map(|w| w.0.clone()));
        top.insert("options".to_owned(), options(&self.options));
        put(&mut top, "meta", self.meta.as_ref().map(Meta::to_json));
        let sources = self.sources.iter().map(|s| {
            let mut o = object("id", s.id.as_str());
            put(&mut o, "name", s.name.clone());
            o.insert("reliability".to_owned(), reliability(s.reliability));
            put(&mut o, "fidelity", s.fidelity.map(f64::from));
            put(&mut o, "meta", s.meta.as_ref().map(Meta::to_json));
            Json::Object(o)
        });
        top.insert("sources".to_owned(), sources.collect());
        let assumptions = self.assumptions.iter().map(|a| {
            let mut o = object("id", a.id.as_str());
            put(&mut o, "text", a.text.clone());
            o.insert("probability".to_owned(), a.probability.get().into());
            Json::Object(o)
        });
        top.insert("assumptions".to_owned(), assumptions.collect());
        let origins = self.common_origins.iter().map(|g| {
            let sources: Vec<&str> = g.sources.iter().map(AsRef::as_ref).collect();
            json!({ "sources": sources, "probability": g.probability.get() })
        });
        top.insert("common_origins".to_owned(), origins.collect());
        let questions = self.questions.iter().map(|q| {
            let mut o = object("id", q.id.as_str());
            put(&mut o, "text", q.text.clone());
            put(&mut o, "kind", serde_json::to_value(q.kind).ok());
            put(&mut o, "unit", q.unit.clone());
            put(&mut o, "over_time", serde_json::to_value(q.over_time).ok());
            put(&mut o, "meta", q.meta.as_ref().map(Meta::to_json));
            Json::Object(o)
        });
        top.insert("questions".to_owned(), questions.collect());
        let links = self.links.iter().map(|l| {
            let mut o = object("formula", l.formula());
            put(&mut o, "id", l.id.as_ref().map(ToString::to_string));
            put(&mut o, "text", l.text.clone());
            list(&mut o, "assuming", &l.assuming);
            Json::Object(o)
        });
        top.insert("links".to_owned(), links.collect());
        let claims = self.claims.iter().map(|c| {
            let mut o = object("id", c.id.as_str());
            put(
                &mut o,
                "question",
                c.question.as_ref().map(ToString::to_string),
            );
            put(&mut o, "source", c.source.as_ref().map(ToString::to_string));
            list(&mut o, "via", &c.more.via);
            put(&mut o, "value", c.value.as_ref().map(value));
            put(&mut o, "credibility", c.more.credibility.map(credibility));
            put(&mut o, "as_of", c.more.as_of.as_ref().map(|w| w.0.clone()));
            put(
                &mut o,
                "stated",
                c.more.stated.as_ref().map(|w| w.0.clone()),
            );
            put(&mut o, "quote", c.more.quote.clone());
            put(&mut o, "url", c.more.url.clone());
            list(&mut o, "assuming", &c.more.assuming);
            list(&mut o, "supersedes", &c.more.supersedes);
            put(&mut o, "retracted", c.more.retracted.then_some(true));
            put(&mut o, "meta", c.more.meta.as_ref().map(Meta::to_json));
            Json::Object(o)
        });
        top.insert("claims".to_owned(), claims.collect());
        Json::Object(top).to_string()
    }
}

fn object(key: &str, value: &str) -> Map<String, Json> {
    Map::from_iter([(key.to_owned(), value.into())])
}

fn put(o: &mut Map<String, Json>, key: &str, value: Option<impl Into<Json>>) {
    if let Some(v) = value {
        o.insert(key.to_owned(), v.into());
    }
}

fn list<T: AsRef<str>>(o: &mut Map<String, Json>, key: &str, ids: &[T]) {
    if !ids.is_empty() {
        o.insert(
            key.to_owned(),
            ids.iter().map(AsRef::as_ref).collect::<Vec<&str>>().into(),
        );
    }
}

fn reliability(r: Reliability) -> Json {
    match r {
        Reliability::Probability(p) => p.get().into(),
        Reliability::Letter(l) => l.to_string().into(),
        Reliability::TrackRecord { right, wrong } => json!({ "right": right, "wrong": wrong }),
    }
}

fn credibility(c: Credibility) -> Json {
    match c {
        Credibility::Probability(p) => p.get().into(),
        Credibility::Digit(d) => d.to_string().into(),
    }
}

fn value(v: &Value) -> Json {
    match &v.suggested {
        None => layer(&v.entailed),
        Some(s) => json!({ "entailed": layer(&v.entailed), "suggested": layer(s) }),
    }
}

fn layer(l: &Layer) -> Json {
    let items = |list: &[Item]| list.iter().map(item).collect::<Vec<Json>>();
    match l {
        Layer::Item(i) => item(i),
        Layer::Bounds { min, max } => {
            let mut o = Map::new();
            put(&mut o, "min", min.as_ref().map(item));
            put(&mut o, "max", max.as_ref().map(item));
            Json::Object(o)
        }
        Layer::OneOf(list) => json!({ "one_of": items(list) }),
        Layer::NoneOf(list) => json!({ "none_of": items(list) }),
    }
}

fn item(i: &Item) -> Json {
    match i {
        Item::Number(n) => (*n).into(),
        Item::Text(t) => t.as_str().into(),
    }
}

/// The options and tables, as a dossier and a result give them.
pub(crate) fn options(o: &Options) -> Json {
    let letters = |p: &dyn Fn(Letter) -> f64| -> Map<String, Json> {
        Letter::ALL
            .into_iter()
            .map(|l| (l.to_string(), p(l).into()))
            .collect()
    };
    let t: &Tables = &o.tables;
    let mut fidelity = letters(&|l| t.fidelity(l).get());
    fidelity.insert("number".to_owned(), t.plain_fidelity().get().into());
    let credibility: Map<String, Json> = Digit::ALL
        .into_iter()
        .filter_map(|d| Some((d.to_string(), t.credibility(d)?.get().into())))
        .collect();
    let priors: Map<String, Json> = o
        .priors
        .named()
        .into_iter()
        .map(|(kind, p)| (kind.to_owned(), p.get().into()))
        .collect();
    json!({
        "carry_over": o.carry_over.get(),
        "suggestion_holds": o.suggestion_holds.get(),
        "common_origin": o.common_origin.get(),
        "hedges": o.hedges,
        "reliability": letters(&|l| t.reliability(l).get()),
        "fidelity": fidelity,
        "credibility": credibility,
        "limits": {
            "overlaps": o.limits.overlaps,
            "conflicts": o.limits.conflicts,
            "repairs": o.limits.repairs,
            "camps": o.limits.camps,
            "explanations": o.limits.explanations,
        },
        "priors": priors,
        "budget": o.budget,
        "samples": o.samples,
        "seed": o.seed,
    })
}
