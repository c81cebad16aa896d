//! Which sources only repeat which.
//!
//! ```text
//! f_i   = 1 - p(the value of claim i)           how surely the claim is wrong
//! S     = sum of f over questions where a and b say the same
//! ch    = sum of f_a f_b / J over the questions they share        what chance would give; J false values in effect
//! opp   = sum of (f_a + f_b)/2                                    what there was to share
//! q_ab  = (S - ch)/(opp - ch + c), 0 below a threshold            c = copy_strength, threshold = copy_threshold
//! ```
//!
//! Agreement on what is right is no evidence of copying, since truth explains it; agreement in error is. A claim is then divided by
//! 1 + the sum of `q_ab` over the sources b that say the same on the question.
//!
//! `q >= t` needs S - ch >= t c/(1 - t), so only sources with at least that much error can be in a pair, and only pairs that share that
//! much are looked at in full.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per claim, candidate or source of the corpus"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "sums are far below 2^53 or their last bits do not matter"
)]

use super::options::FitOptions;
use super::table::{Corpus, offsets};
use super::units::{MASS, amount, mass};

/// Two sources that share more errors than chance explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) probability: f64,
}

/// The pairs, sorted by number; `p` is the reported probability of each candidate.
pub(crate) fn pairs(
    corpus: &Corpus,
    options: &FitOptions,
    p: &[f64],
    false_values: f64,
) -> Vec<Pair> {
    let wrong: Vec<u64> = p.iter().map(|&p| mass((1.0 - p).clamp(0.0, 1.0))).collect();
    let sources = corpus.sources.len();
    let (candidate_of, question_of) = places(corpus, options.copy_claims);
    let mut errors = vec![0u64; sources];
    for (claim, &source) in corpus.source.iter().enumerate() {
        if question_of[claim] != u32::MAX {
            errors[source as usize] += wrong[candidate_of[claim] as usize];
        }
    }
    let t = options.copy_threshold;
    let needed = if t < 1.0 {
        mass(t * options.copy_strength / (1.0 - t)).max(1)
    } else {
        u64::MAX
    };
    // Claims by source.
    let mut ends = offsets(&corpus.source, sources);
    let mut by_source = vec![(0u32, 0u32); corpus.source.len()];
    for (&source, place) in corpus
        .source
        .iter()
        .zip(candidate_of.into_iter().zip(question_of))
    {
        let end = &mut ends[source as usize + 1];
        *end -= 1;
        by_source[*end as usize] = place;
    }
    let first = |source: usize| ends[source + 1] as usize;
    let last = |source: usize| {
        ends.get(source + 2)
            .map_or(by_source.len(), |&end| end as usize)
    };

    let mut found = Vec::new();
    let mut shared = vec![0u64; sources];
    let mut possible = vec![0u64; sources];
    let mut chance = vec![0u64; sources];
    let mut met: Vec<u32> = Vec::new();
    for a in 0..sources {
        if errors[a] < needed {
            continue;
        }
        let claims = || {
            by_source[first(a)..last(a)]
                .iter()
                .filter(|place| place.1 != u32::MAX)
        };
        for &(candidate, _) in claims() {
            let candidate = candidate as usize;
            for &b in &corpus.source[corpus.claims_of(candidate)] {
                if b as usize > a && errors[b as usize] >= needed {
                    if shared[b as usize] == 0 {
                        met.push(b);
                    }
                    shared[b as usize] += wrong[candidate];
                }
            }
        }
        let candidates = met
            .iter()
            .filter(|&&b| shared[b as usize] >= needed)
            .count();
        if candidates > 0 {
            for &(candidate, question) in claims() {
                let (question, mine) = (question as usize, wrong[candidate as usize]);
                for candidate in corpus.candidates_of(question) {
                    let theirs = wrong[candidate];
                    let both = mass(amount(mine) * amount(theirs) / false_values);
                    for &b in &corpus.source[corpus.claims_of(candidate)] {
                        if shared[b as usize] >= needed {
                            possible[b as usize] += mine + theirs;
                            chance[b as usize] += both;
                        }
                    }
                }
            }
            for &b in met.iter().filter(|&&b| shared[b as usize] >= needed) {
                let index = b as usize;
                let (s, ch, opp) = (
                    amount(shared[index]),
                    amount(chance[index]),
                    amount(possible[index]) / 2.0,
                );
                let q = ((s - ch) / (opp - ch + options.copy_strength)).clamp(0.0, 1.0);
                if q >= t {
                    found.push(Pair {
                        a: u32::try_from(a).unwrap_or(u32::MAX),
                        b,
                        probability: q,
                    });
                }
                (possible[index], chance[index]) = (0, 0);
            }
        }
        for b in met.drain(..) {
            shared[b as usize] = 0;
        }
    }
    found.sort_unstable_by_key(|pair| (pair.a, pair.b));
    found
}

/// What each claim's weight is multiplied by.
pub(crate) fn discounts(corpus: &Corpus, options: &FitOptions, pairs: &[Pair]) -> Vec<f64> {
    let mut discounts = vec![1.0; corpus.source.len()];
    // Both directions, by source.
    let mut partners: Vec<(u32, u32, u64)> = pairs
        .iter()
        .flat_map(|pair| {
            [
                (pair.a, pair.b, mass(pair.probability)),
                (pair.b, pair.a, mass(pair.probability)),
            ]
        })
        .collect();
    partners.sort_unstable();
    let mut copies = vec![0u64; corpus.sources.len()];
    for question in 0..corpus.questions.len() {
        if corpus.claims_on(question).len() > options.copy_claims as usize {
            continue;
        }
        for candidate in corpus.candidates_of(question) {
            let claims = corpus.claims_of(candidate);
            if claims.len() < 2 {
                continue;
            }
            for &source in &corpus.source[claims.clone()] {
                copies[source as usize] = 1;
            }
            for claim in claims.clone() {
                let source = corpus.source[claim];
                let at = partners.partition_point(|partner| partner.0 < source);
                let total: u64 = partners[at..]
                    .iter()
                    .take_while(|partner| partner.0 == source)
                    .filter(|partner| copies[partner.1 as usize] == 1)
                    .map(|partner| partner.2)
                    .sum();
                discounts[claim] = 1.0 / (1.0 + total as f64 / MASS);
            }
            for &source in &corpus.source[claims] {
                copies[source as usize] = 0;
            }
        }
    }
    discounts
}

/// The candidate of each claim, and its question, or `u32::MAX` where that has too many claims.
fn places(corpus: &Corpus, most: u32) -> (Vec<u32>, Vec<u32>) {
    let mut candidate_of = Vec::with_capacity(corpus.source.len());
    let mut question_of = Vec::with_capacity(corpus.source.len());
    for (question, number) in (0..corpus.questions.len()).zip(0u32..) {
        let claims = corpus.claims_on(question).len();
        let number = if claims > most as usize {
            u32::MAX
        } else {
            number
        };
        question_of.extend(std::iter::repeat_n(number, claims));
        for (candidate, number) in corpus
            .candidates_of(question)
            .map(|c| (c, u32::try_from(c).unwrap_or(u32::MAX)))
        {
            candidate_of.extend(std::iter::repeat_n(
                number,
                corpus.claims_of(candidate).len(),
            ));
        }
    }
    (candidate_of, question_of)
}
