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

/// The search for pairs, in steps whose sums over the questions of different parts of a corpus can be added.
#[derive(Debug)]
pub(crate) struct Search {
    /// f of each candidate, in units of 2^-32.
    wrong: Vec<u64>,
    /// Where the claims of each source start; its entry is the one after its own number.
    ends: Vec<u32>,
    /// Candidate and question of each claim, by source; the question is `u32::MAX` where it has too many claims.
    by_source: Vec<(u32, u32)>,
    /// The sum of f of each source: all that it could share.
    pub(crate) errors: Vec<u64>,
    /// What two sources must share at least.
    needed: u64,
    threshold: f64,
    strength: f64,
    false_values: f64,
}

/// What two sources share, in units of 2^-32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// S.
    pub(crate) errors: u64,
}

impl Search {
    /// `p` is the reported probability of each candidate.
    pub(crate) fn new(corpus: &Corpus, options: &FitOptions, p: &[f64], false_values: f64) -> Self {
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
        Self {
            wrong,
            ends,
            by_source,
            errors,
            needed,
            threshold: t,
            strength: options.copy_strength,
            false_values,
        }
    }

    /// The pairs, sorted by number, where the corpus is all there is.
    pub(crate) fn pairs(&self, corpus: &Corpus) -> Vec<Pair> {
        let sources = self.errors.len();
        let mut found = Vec::new();
        let mut shared = vec![0u64; sources];
        let mut met: Vec<u32> = Vec::new();
        let mut terms = Terms::new(sources);
        for a in (0u32..).take(sources) {
            self.meet(corpus, a, &mut shared, &mut met);
            met.retain(|&b| {
                let enough = shared[b as usize] >= self.needed;
                if !enough {
                    shared[b as usize] = 0;
                }
                enough
            });
            if !met.is_empty() {
                self.add_terms(corpus, a, &met, &mut terms);
            }
            for b in met.drain(..) {
                let errors = std::mem::take(&mut shared[b as usize]);
                found.extend(self.judge(Shared { a, b, errors }, terms.take(b)));
            }
        }
        found.sort_unstable_by_key(|pair| (pair.a, pair.b));
        found
    }

    /// What any two sources share here that may be a pair by what is known of their errors, sorted by number.
    pub(crate) fn shared(&self, corpus: &Corpus) -> Vec<Shared> {
        let mut all = Vec::new();
        let mut shared = vec![0u64; self.errors.len()];
        let mut met: Vec<u32> = Vec::new();
        for a in (0u32..).take(self.errors.len()) {
            self.meet(corpus, a, &mut shared, &mut met);
            met.sort_unstable();
            all.extend(met.drain(..).map(|b| Shared {
                a,
                b,
                errors: std::mem::take(&mut shared[b as usize]),
            }));
        }
        all
    }

    /// Whether two sources may be a pair by what they share in all.
    pub(crate) fn is_possible(&self, pair: Shared) -> bool {
        let enough = |source: u32| {
            let errors = self.errors.get(source as usize);
            errors.is_some_and(|&errors| errors >= self.needed)
        };
        pair.a < pair.b && pair.errors >= self.needed && enough(pair.a) && enough(pair.b)
    }

    /// Twice opp, and ch, over the questions here of each of the pairs, which are sorted by number.
    pub(crate) fn terms(&self, corpus: &Corpus, pairs: &[Shared]) -> Vec<(u64, u64)> {
        let mut terms = Terms::new(self.errors.len());
        let mut all = Vec::with_capacity(pairs.len());
        for group in pairs.chunk_by(|x, y| x.a == y.a) {
            let met: Vec<u32> = group.iter().map(|pair| pair.b).collect();
            self.add_terms(corpus, group[0].a, &met, &mut terms);
            all.extend(met.into_iter().map(|b| terms.take(b)));
        }
        all
    }

    /// The pair that two sources are, if they are one.
    pub(crate) fn judge(&self, shared: Shared, (possible, chance): (u64, u64)) -> Option<Pair> {
        let (s, ch, opp) = (
            amount(shared.errors),
            amount(chance),
            amount(possible) / 2.0,
        );
        let q = ((s - ch) / (opp - ch + self.strength)).clamp(0.0, 1.0);
        (q >= self.threshold).then_some(Pair {
            a: shared.a,
            b: shared.b,
            probability: q,
        })
    }

    fn claims_of(&self, source: u32) -> impl Iterator<Item = (usize, usize)> {
        let source = source as usize;
        let first = self.ends[source + 1] as usize;
        let last = self
            .ends
            .get(source + 2)
            .map_or(self.by_source.len(), |&end| end as usize);
        self.by_source[first..last]
            .iter()
            .filter(|place| place.1 != u32::MAX)
            .map(|&(candidate, question)| (candidate as usize, question as usize))
    }

    /// What one source shares with those of a higher number; `shared` is all 0 before.
    fn meet(&self, corpus: &Corpus, a: u32, shared: &mut [u64], met: &mut Vec<u32>) {
        if self.errors[a as usize] < self.needed {
            return;
        }
        for (candidate, _) in self.claims_of(a) {
            if self.wrong[candidate] == 0 {
                continue; // otherwise a source met would not be known as met
            }
            for &b in &corpus.source[corpus.claims_of(candidate)] {
                if b > a && self.errors[b as usize] >= self.needed {
                    if shared[b as usize] == 0 {
                        met.push(b);
                    }
                    shared[b as usize] += self.wrong[candidate];
                }
            }
        }
    }

    fn add_terms(&self, corpus: &Corpus, a: u32, met: &[u32], terms: &mut Terms) {
        for &b in met {
            terms.wanted[b as usize] = true;
        }
        for (candidate, question) in self.claims_of(a) {
            let mine = self.wrong[candidate];
            for candidate in corpus.candidates_of(question) {
                let theirs = self.wrong[candidate];
                let both = mass(amount(mine) * amount(theirs) / self.false_values);
                for &b in &corpus.source[corpus.claims_of(candidate)] {
                    if terms.wanted[b as usize] {
                        terms.possible[b as usize] += mine + theirs;
                        terms.chance[b as usize] += both;
                    }
                }
            }
        }
    }
}

/// Twice opp, and ch, by the other source.
struct Terms {
    wanted: Vec<bool>,
    possible: Vec<u64>,
    chance: Vec<u64>,
}

impl Terms {
    fn new(sources: usize) -> Self {
        Self {
            wanted: vec![false; sources],
            possible: vec![0; sources],
            chance: vec![0; sources],
        }
    }

    fn take(&mut self, b: u32) -> (u64, u64) {
        let b = b as usize;
        self.wanted[b] = false;
        (
            std::mem::take(&mut self.possible[b]),
            std::mem::take(&mut self.chance[b]),
        )
    }
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
