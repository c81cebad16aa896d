//! The engine: any small dossier is reconciled, every derivation replays, and the result does not hang on the order of the input.
#![no_main]

use discrepancy::{
    Assumption, CheckError, Claim, CommonOrigin, Dossier, DossierBuilder, Findings, Item, Limits,
    Link, Options, OverTime, Probability, Question, Source, Value, check_all, reconcile, report,
};
use libfuzzer_sys::fuzz_target;

/// What is left of the bytes; zeros when they are used up.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn below(&mut self, n: u8) -> u8 {
        self.take() % n
    }

    fn chance(&mut self) -> Probability {
        let p = match self.below(8) {
            0 => 0.0,
            1 => 1.0,
            2 => 1e-300,
            3 => 1.0 - f64::EPSILON,
            _ => f64::from(self.take()) / 255.0,
        };
        Probability::new(p).expect("it lies in [0, 1]")
    }

    /// Mostly small, some at the ends of 64 bits.
    fn number(&mut self) -> u64 {
        match self.below(16) {
            0 => u64::MAX - u64::from(self.below(3)),
            1 => i64::MAX as u64 - 1 + u64::from(self.below(4)),
            2 => u64::from(self.take()) << self.below(64),
            _ => u64::from(self.below(12)),
        }
    }

    /// A count, a date or a label.
    fn item(&mut self, kind: u8) -> Item {
        match kind {
            1 => {
                let days = [
                    "2021",
                    "2021-08",
                    "2021-08-09",
                    "0000",
                    "9999-12-31",
                    "0000-01-01",
                    "2024-02",
                ];
                days[usize::from(self.below(days.len() as u8))].into()
            }
            2 => ["x", "y", "z", "\u{202e}w"][usize::from(self.below(4))].into(),
            _ => Item::Number(self.number()),
        }
    }

    fn layer(&mut self, kind: u8) -> Value {
        match self.below(8) {
            0 => Value::at_least(self.item(kind)),
            1 => Value::at_most(self.item(kind)),
            2 => Value::between(self.item(kind), self.item(kind)),
            3 => Value::one_of([self.item(kind), self.item(kind)]),
            4 => Value::none_of([self.item(kind)]),
            5 if kind == 0 => ["hundreds", "up to 9", "about 9", "at least 2", "dozens"]
                [usize::from(self.below(5))]
            .into(),
            5 if kind == 1 => {
                ["2021~", "2021-08/..", "../2021", "2020/2022"][usize::from(self.below(4))].into()
            }
            _ => self.item(kind).into(),
        }
    }
}

#[derive(Clone, Default)]
struct Parts {
    options: Options,
    sources: Vec<Source>,
    assumptions: Vec<Assumption>,
    groups: Vec<CommonOrigin>,
    questions: Vec<Question>,
    links: Vec<Link>,
    claims: Vec<Claim>,
}

fn name(letter: char, number: u8) -> String {
    format!("{letter}{number}")
}

fn parts(b: &mut Bytes<'_>) -> Parts {
    let mut parts = Parts {
        options: Options::new()
            .carry_over(b.chance())
            .suggestion_holds(b.chance())
            .common_origin(b.chance())
            .budget(u64::from(b.take()) * 200),
        ..Parts::default()
    };
    if b.below(4) == 0 {
        let mut limits = Limits::default();
        limits.overlaps = b.below(4).into();
        limits.conflicts = b.below(4).into();
        limits.repairs = b.below(4).into();
        limits.camps = b.below(4).into();
        limits.explanations = b.below(4).into();
        parts.options = parts.options.limits(limits);
    }
    let (sources, assumptions, questions) = (1 + b.below(6), b.below(4), 1 + b.below(5));
    for s in 0..sources {
        parts.sources.push(
            Source::new(name('s', s))
                .reliability(b.chance())
                .fidelity(b.chance()),
        );
    }
    for a in 0..assumptions {
        parts
            .assumptions
            .push(Assumption::new(name('a', a), b.chance()));
    }
    if sources > 1 {
        for _ in 0..b.below(3) {
            let first = b.below(sources);
            let second = (first + 1 + b.below(sources - 1)) % sources;
            parts.groups.push(CommonOrigin::new(
                [name('s', first), name('s', second)],
                b.chance(),
            ));
        }
    }
    let mut kinds = Vec::new();
    for q in 0..questions {
        let kind = [0, 0, 0, 1, 2][usize::from(b.below(5))];
        let over_time = match b.below(6) {
            0 if kind < 2 => OverTime::Cumulative,
            1 if kind < 2 => OverTime::Varies,
            _ => OverTime::Fixed,
        };
        kinds.push(kind);
        let question = match kind {
            1 => Question::date(name('q', q)),
            2 => Question::category(name('q', q)),
            _ => Question::count(name('q', q)),
        };
        parts.questions.push(question.over_time(over_time));
    }
    for l in 0..b.below(5) {
        let mut formula = String::new();
        let terms = 1 + b.below(4);
        for t in 0..terms {
            if t > 0 {
                let relation = if t == 1 {
                    ["=", "<=", ">=", "<", ">"][usize::from(b.below(5))]
                } else {
                    ["+", "-"][usize::from(b.below(2))]
                };
                formula += &format!(" {relation} ");
            }
            match b.below(4) {
                0 => formula += &b.number().to_string(),
                1 => formula += &format!("{}*{}", b.number(), name('q', b.below(questions))),
                _ => formula += &name('q', b.below(questions)),
            }
        }
        let mut link = Link::new(formula).id(name('l', l));
        if assumptions > 0 && b.below(3) == 0 {
            link = link.assuming([name('a', b.below(assumptions))]);
        }
        parts.links.push(link);
    }
    for c in 0..b.below(11) {
        let q = b.below(questions);
        let kind = kinds[usize::from(q)];
        let mut value = b.layer(kind);
        if b.below(8) == 0 {
            value = Value::layers(value, b.layer(kind));
        }
        let mut claim = Claim::new(name('c', c))
            .question(name('q', q))
            .source(name('s', b.below(sources)))
            .value(value);
        if b.below(4) == 0 {
            claim = claim.via([name('s', b.below(sources)), name('s', b.below(sources))]);
        }
        if assumptions > 0 && b.below(4) == 0 {
            claim = claim.assuming([name('a', b.below(assumptions))]);
        }
        if b.below(4) == 0 {
            claim = claim.credibility(b.chance());
        }
        let day = |n| {
            [
                "2021-08-09",
                "2021-08-10",
                "9999-12-31",
                "2021-08-09T23:59:60Z",
            ][usize::from(n)]
        };
        if b.below(3) > 0 {
            claim = claim.as_of(day(b.below(4)));
        }
        if b.below(3) == 0 {
            claim = claim.stated(day(b.below(4)));
        }
        if b.below(8) == 0 {
            claim = claim.supersedes([name('c', b.below(c.max(1)))]);
        }
        if b.below(16) == 0 {
            claim = claim.retracted();
        }
        parts.claims.push(claim);
    }
    parts
}

fn dossier(parts: Parts) -> Option<Dossier> {
    let mut builder: DossierBuilder = Dossier::builder()
        .options(parts.options)
        .as_of("2021-08-11");
    for x in parts.sources {
        builder = builder.source(x);
    }
    for x in parts.assumptions {
        builder = builder.assumption(x);
    }
    for x in parts.groups {
        builder = builder.common_origin(x);
    }
    for x in parts.questions {
        builder = builder.question(x);
    }
    for x in parts.links {
        builder = builder.link(x);
    }
    builder.claims(parts.claims).build().ok()
}

fn consistent(findings: &Findings) {
    let unit = -1e-9..=1.0 + 1e-9;
    assert!(unit.contains(&findings.discrepancy));
    for claim in &findings.claims {
        let all = [claim.trusted, claim.belief, claim.plausibility];
        for p in all.into_iter().flatten() {
            assert!(unit.contains(&p), "{}: {p}", claim.id);
        }
        if let [Some(trusted), Some(belief), Some(plausibility)] = all {
            assert!(
                trusted <= belief + 1e-9 && belief <= plausibility + 1e-9,
                "{}: {all:?}",
                claim.id
            );
        }
    }
    for source in &findings.sources {
        if let Some(p) = source.posterior {
            assert!(
                unit.contains(&p) && p <= source.prior + 1e-9,
                "{}: {p}",
                source.id
            );
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut parts = parts(&mut Bytes(bytes));
    let Some(forward) = dossier(parts.clone()) else {
        return;
    };
    let written = forward.to_json();
    assert_eq!(
        Dossier::from_json(written.as_bytes()).as_ref(),
        Ok(&forward)
    );
    let findings = reconcile(forward);
    match check_all(&findings) {
        // Where the budget ends there may be no derivation.
        Ok(()) | Err(CheckError::Missing { .. }) => {}
        Err(error) => panic!("{error}\n{written}"),
    }
    consistent(&findings);
    let json = report::json(&findings);
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    let (text, markdown) = (report::text(&findings), report::markdown(&findings));
    let html = report::html(&findings);
    assert!(!text.is_empty() && !markdown.is_empty() && !html.is_empty());

    parts.sources.reverse();
    parts.assumptions.reverse();
    parts.groups.reverse();
    parts.questions.reverse();
    parts.links.reverse();
    parts.claims.reverse();
    let backward = reconcile(dossier(parts).expect("only the order differs"));
    assert_eq!(report::json(&backward), json, "{written}");
    assert_eq!(report::text(&backward), text, "{written}");
});
