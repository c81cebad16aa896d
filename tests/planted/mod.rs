//! Random disputes with a fixed seed: some without any cause built in, some with one planted.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "test code: what cannot be built fails the test, and figures are small"
)]

use discrepancy::{
    Assumption, Claim, Dossier, ExplanationKind, Letter, Probability, Question, Source, reconcile,
};

/// `SplitMix64` (Steele, Lea & Flood 2014): small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `low..=high`; the bias is far below what is measured here.
    pub(crate) fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// A number with so many digits.
    pub(crate) fn digits(&mut self, n: u32) -> u64 {
        self.within(10_u64.pow(n - 1), 10_u64.pow(n) - 1)
    }

    pub(crate) fn letter(&mut self) -> Letter {
        let all = [Letter::A, Letter::B, Letter::C, Letter::D, Letter::F];
        all[self.within(0, 4) as usize]
    }
}

fn claim(id: &str, question: &str, source: &str, value: u64) -> Claim {
    Claim::new(id)
        .question(question)
        .source(source)
        .value(value)
}

/// Adds `n` figures of 2 to 4 digits, each of a question of its own; returns them.
fn others(
    random: &mut Random,
    mut draft: discrepancy::DossierBuilder,
    n: u64,
) -> (discrepancy::DossierBuilder, Vec<u64>) {
    let mut figures = Vec::new();
    draft = draft.source(Source::new("town").reliability(Letter::B));
    for i in 0..n {
        let length = random.within(2, 4) as u32;
        let figure = random.digits(length);
        let question = format!("other{i}");
        draft = draft
            .question(Question::count(question.as_str()))
            .claim(claim(&format!("o{i}"), &question, "town", figure));
        figures.push(figure);
    }
    (draft, figures)
}

/// A conflict without any cause: two claims, nothing dated, 0 to 8 other figures.
pub(crate) fn plain(random: &mut Random) -> Dossier {
    let length = random.within(2, 4) as u32;
    let v = random.digits(length);
    let e = loop {
        let e = random.digits(length);
        if e != v {
            break e;
        }
    };
    let draft = Dossier::builder()
        .source(Source::new("s1").reliability(random.letter()))
        .source(Source::new("s2").reliability(random.letter()))
        .question(Question::count("dead"))
        .claim(claim("a", "dead", "s1", v))
        .claim(claim("b", "dead", "s2", e));
    let n = random.within(0, 8);
    others(random, draft, n).0.build().unwrap()
}

/// The kind of the best explanation.
pub(crate) fn first(dossier: Dossier) -> ExplanationKind {
    let findings = reconcile(dossier);
    findings
        .explanations()
        .list
        .first()
        .map_or(ExplanationKind::Unexplained, discrepancy::Explanation::kind)
}

/// The kinds that can be planted.
pub(crate) const KINDS: [ExplanationKind; 13] = [
    ExplanationKind::Scope,
    ExplanationKind::CountedIn,
    ExplanationKind::AsOf,
    ExplanationKind::Rounding,
    ExplanationKind::Magnitude,
    ExplanationKind::Typo,
    ExplanationKind::OneOff,
    ExplanationKind::Swap,
    ExplanationKind::Definition,
    ExplanationKind::Misquote,
    ExplanationKind::Revision,
    ExplanationKind::Reading,
    ExplanationKind::Error,
];

/// A dispute with a cause of that kind planted, about figures of that many digits.
pub(crate) fn planted(random: &mut Random, kind: ExplanationKind, length: u32) -> Dossier {
    let base = Dossier::builder()
        .source(Source::new("a").reliability(Letter::A))
        .source(Source::new("b").reliability(Letter::B))
        .question(Question::count("dead"));
    let n = match kind {
        ExplanationKind::CountedIn => random.within(1, 4),
        _ => random.within(0, 4),
    };
    let (draft, known) = others(random, base, n);
    let e = random.digits(length);
    let mut unlike = || loop {
        let v = random.digits(length);
        if v.abs_diff(e) > 1 {
            break v;
        }
    };
    let pair = |draft: discrepancy::DossierBuilder, e: u64, v: u64| {
        draft
            .claim(claim("x", "dead", "a", e))
            .claim(claim("y", "dead", "b", v))
    };
    let draft = match kind {
        ExplanationKind::CountedIn => {
            let some = random.within(1, 3).min(n) as usize;
            let sum: u64 = known.iter().take(some).sum();
            pair(draft, e, e + sum)
        }
        ExplanationKind::AsOf => {
            let v = unlike();
            draft
                .claim(claim("x", "dead", "a", e.min(v)).as_of("2025-03-01"))
                .claim(claim("y", "dead", "b", e.max(v)).as_of("2025-03-04"))
        }
        ExplanationKind::Rounding => {
            let (e, v) = loop {
                let e = random.digits(length);
                let unit = 10_u64.pow(random.within(1, u64::from(length) - 1) as u32);
                let v = (e + unit / 2) / unit * unit;
                if v != e {
                    break (e, v);
                }
            };
            pair(draft, e, v)
        }
        ExplanationKind::Magnitude => match random.within(0, 2) {
            0 => pair(draft, e, e * 10),
            1 => pair(draft, e, e * 1_000),
            _ => pair(draft, e * 10, e),
        },
        ExplanationKind::Typo => {
            let mut digits: Vec<char> = e.to_string().chars().collect();
            let v = loop {
                let mut new = digits.clone();
                let at = random.within(0, u64::from(length) - 2) as usize;
                if random.within(0, 1) == 0 {
                    new.swap(at, at + 1);
                } else {
                    new[at + 1] = char::from(b'0' + random.within(0, 9) as u8);
                }
                if new != digits && new[0] != '0' {
                    digits = new;
                    break digits.iter().collect::<String>().parse().unwrap();
                }
            };
            pair(draft, e, v)
                .source(Source::new("c").reliability(Letter::A))
                .claim(claim("z", "dead", "c", e))
        }
        ExplanationKind::OneOff => pair(draft, e, e + 1 - 2 * random.within(0, 1)),
        ExplanationKind::Swap => {
            let v = unlike();
            pair(draft, e, v)
                .question(Question::count("injured"))
                .claim(claim("p", "injured", "a", v))
                .claim(claim("q", "injured", "b", e))
        }
        // Between two sources plain error is the likelier; with two on either side both figures are right about something.
        ExplanationKind::Scope => {
            let v = unlike();
            pair(draft, e, v)
                .source(Source::new("c").reliability(Letter::A))
                .source(Source::new("d").reliability(Letter::B))
                .claim(claim("p", "dead", "c", e))
                .claim(claim("q", "dead", "d", v))
        }
        ExplanationKind::Definition => draft
            .assumption(Assumption::new("same", Probability::new(0.5).unwrap()))
            .claim(claim("x", "dead", "a", e))
            .claim(claim("y", "dead", "b", unlike()).assuming(["same"])),
        ExplanationKind::Misquote => draft
            .source(Source::new("site").fidelity(Probability::new(0.8).unwrap()))
            .claim(claim("x", "dead", "a", e))
            .claim(claim("y", "dead", "a", unlike()).via(["site"])),
        ExplanationKind::Revision => draft
            .claim(claim("x", "dead", "a", e).stated("2025-03-01"))
            .claim(claim("y", "dead", "a", unlike()).stated("2025-03-04")),
        ExplanationKind::Reading => draft.claim(claim("x", "dead", "a", e)).claim(
            Claim::new("y")
                .question("dead")
                .source("b")
                .value(format!("up to {}", 3 * e)),
        ),
        _ => ["h", "k"]
            .into_iter()
            .fold(draft, |d, s| {
                d.source(Source::new(s).reliability(Letter::A))
                    .claim(claim(s, "dead", s, e))
            })
            .claim(claim("x", "dead", "a", e))
            .source(Source::new("rumour").reliability(Letter::E))
            .claim(claim("y", "dead", "rumour", unlike())),
    };
    draft.build().unwrap()
}
