//! Random dossiers of all shapes.

use discrepancy::{Assumption, Claim, Dossier, Link, Probability, Question, Source, Value};

use crate::planted::Random;

/// Anything: two to four questions, perhaps summed up, sources that agree or not, in hedges, through outlets, of different days.
pub(crate) fn messy(random: &mut Random) -> discrepancy::DossierBuilder {
    let questions = random.within(2, 4);
    let mut draft = Dossier::builder()
        .as_of("2025-03-09")
        .assumption(Assumption::new("same", Probability::new(0.6).unwrap()));
    for s in 0..random.within(2, 4) {
        draft = draft.source(Source::new(format!("s{s}")).reliability(random.letter()));
    }
    for q in 0..questions {
        draft = draft.question(Question::count(format!("q{q}")));
    }
    if questions >= 3 && random.within(0, 1) == 0 {
        draft = draft.link(Link::new("q0 = q1 + q2"));
    }
    if random.within(0, 1) == 0 {
        draft = draft.link(Link::new("q1 <= q0").assuming(["same"]));
    }
    let sources = draft.clone().build().unwrap().sources().len() as u64;
    for c in 0..random.within(2, 7) {
        // Few values, so that they agree, add up and differ by one.
        let n = 10 + random.within(0, 3) + 10 * random.within(0, 2);
        let value: Value = match random.within(0, 6) {
            0 => format!("at least {n}").as_str().into(),
            1 => format!("up to {n}").as_str().into(),
            _ => n.into(),
        };
        let mut claim = Claim::new(format!("c{c}"))
            .question(format!("q{}", random.within(0, questions - 1)))
            .source(format!("s{}", random.within(0, sources - 1)))
            .value(value);
        if random.within(0, 2) == 0 {
            claim = claim.stated(format!("2025-03-0{}", random.within(1, 8)));
        }
        if random.within(0, 2) == 0 {
            claim = claim.as_of(format!("2025-03-0{}", random.within(1, 8)));
        }
        if random.within(0, 4) == 0 {
            claim = claim.via([format!("s{}", random.within(0, sources - 1))]);
        }
        draft = draft.claim(claim);
    }
    draft
}
