//! A fit in rounds, between which the parts of a corpus exchange sums.
//!
//! ```text
//! closed   passes | icc | errors of sources | what pairs share | what there was to share | passes and icc again | passes with difficulty
//! open     passes |       errors of sources | what pairs share | what there was to share | passes again
//! ```
//!
//! Every round starts from sums over all questions and ends with new ones over the questions here. Everything else about the sources
//! follows from the sums, in every part alike. A corpus in one piece is the only part of itself.

use std::mem;

use super::closed::{self, Closed, effect, root};
use super::copy::{Pair, Search, Shared};
use super::fit::{
    Fit, State, accuracies, common_origins, is_closed, of_candidates, put_claimed_first, weigh,
};
use super::open::{self, Open};
use super::options::{Copying, FitOptions, FitOptionsError, Model};
use super::sums::{PassSums, PassSumsError};
use super::table::Corpus;
use super::weights::{Weights, typical};

/// The fit of one part of a corpus, round by round, together with the other parts wherever they are.
///
/// The questions of a corpus can be shared out between machines: each reads its own into a [`Corpus`], all are brought in line with one
/// [`Census`](super::Census), and in every round the [`PassSums`] of all parts are added and given back to each. The answers are those of the fit in one
/// piece, to the last bit. All claims on one question must be in one part.
///
/// # Examples
///
/// ```
/// use discrepancy::corpus::{Corpus, FitOptions, FitPart};
///
/// let (mut here, mut there) = (Corpus::builder(), Corpus::builder());
/// for (question, source, value) in [("q", "a", "x"), ("q", "b", "x"), ("q", "c", "y")] {
///     here.claim(question, source, value)?;
/// }
/// for (question, source, value) in [("r", "a", "y"), ("r", "c", "x")] {
///     there.claim(question, source, value)?;
/// }
/// let (here, there) = (here.build(), there.build());
/// let mut census = here.census();
/// census.merge(&there.census());
/// let (here, there) = (here.align(&census)?, there.align(&census)?);
///
/// let options = FitOptions::default();
/// let (mut one, mut other) = (FitPart::new(&here, &options)?, FitPart::new(&there, &options)?);
/// while !one.is_done() {
///     let mut sums = one.sums().clone();
///     sums.merge(other.sums())?;
///     one.step(sums.clone())?;
///     other.step(sums)?;
/// }
/// let fit = other.finish();
/// let (value, _) = fit.answer(&there, there.question("r").unwrap()).unwrap();
/// assert_eq!(there.value_name(value), "y"); // a agrees with b elsewhere, c does not
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FitPart<'a> {
    corpus: &'a Corpus,
    options: FitOptions,
    /// A fit of a smaller corpus to start from.
    earlier: Option<&'a Fit>,
    weights: Weights,
    pairs: Vec<Pair>,
    looks_for_copies: bool,
    own: PassSums,
    phase: Phase,
    /// Closed: the report, per question and value.
    dense: Vec<f64>,
    /// Open: the report, per candidate.
    candidates: Vec<f64>,
    core: Option<closed::Outcome>,
    hard: Vec<u32>,
    shared_error: Option<f64>,
    open: Option<open::Outcome>,
}

/// A fit that cannot be made in rounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitPartError {
    /// An option is out of its range.
    #[error(transparent)]
    Options(#[from] FitOptionsError),
    /// The model is a baseline, or the corpus one of numbers.
    #[error("baselines and fits of numbers are not made in rounds")]
    NoRounds,
}

/// What the sums of the round are about.
#[derive(Debug)]
enum Phase {
    Core(closed::Passes),
    Correlation(closed::Passes),
    Hard(closed::Passes),
    Open(open::Passes),
    Errors(Search),
    Shared(Search),
    Terms(Search, Vec<Shared>),
    Done,
}

impl<'a> FitPart<'a> {
    /// Ready for the first round, whose sums are those under vote shares.
    ///
    /// # Errors
    ///
    /// [`FitPartError`] where an option is out of its range, and for baselines and numbers.
    pub fn new(corpus: &'a Corpus, options: &FitOptions) -> Result<Self, FitPartError> {
        options.check()?;
        if options.model != Model::Default || corpus.is_numeric() {
            return Err(FitPartError::NoRounds);
        }
        Ok(Self::begin(corpus, options, None))
    }

    /// `earlier` is a fit of a smaller corpus with the same numbers: passes go on from where it stopped, with the copying it found.
    pub(crate) fn begin(
        corpus: &'a Corpus,
        options: &FitOptions,
        earlier: Option<&'a Fit>,
    ) -> Self {
        let pairs = earlier.map_or_else(Vec::new, |earlier| earlier.pairs.clone());
        let mut part = Self {
            corpus,
            options: *options,
            earlier,
            weights: weigh(corpus, options, &pairs),
            pairs,
            looks_for_copies: options.copying == Copying::Once && earlier.is_none(),
            own: PassSums::default(),
            phase: Phase::Done,
            dense: Vec::new(),
            candidates: Vec::new(),
            core: None,
            hard: Vec::new(),
            shared_error: None,
            open: None,
        };
        part.start_passes();
        part
    }

    /// The fit of a corpus in one piece.
    pub(crate) fn whole(corpus: &'a Corpus, options: &FitOptions, earlier: Option<&'a Fit>) -> Fit {
        let mut part = Self::begin(corpus, options, earlier);
        loop {
            match mem::replace(&mut part.phase, Phase::Done) {
                Phase::Done => return part.finish(),
                // Without other parts, what pairs share need not be remembered for all of them at once.
                Phase::Errors(search) => part.copying_found(search.pairs(corpus)),
                phase => {
                    let sums = mem::take(&mut part.own);
                    part.round(phase, sums.round, sums);
                }
            }
        }
    }

    /// What the other parts have to know for this round.
    pub fn sums(&self) -> &PassSums {
        &self.own
    }

    /// Whether there is no further round.
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// Takes the sums of all parts, this one's included, and makes the next round. Nothing happens where there is none.
    ///
    /// # Errors
    ///
    /// [`PassSumsError`] where these cannot be the sums of all parts; nothing has happened then.
    ///
    /// # Complexity
    ///
    /// O(claims here + sources × values²), but for the two rounds about copying, which take O(claims × claims per question).
    pub fn step(&mut self, merged: PassSums) -> Result<(), PassSumsError> {
        if self.is_done() {
            return Ok(());
        }
        merged.contain(&self.own)?;
        if let Phase::Terms(_, pairs) = &self.phase
            && merged.pairs.len() != pairs.len()
        {
            return Err(PassSumsError::Lacking);
        }
        let phase = mem::replace(&mut self.phase, Phase::Done);
        self.round(phase, self.own.round, merged);
        Ok(())
    }

    fn round(&mut self, phase: Phase, round: u32, merged: PassSums) {
        let round = round + 1;
        let most = if self.earlier.is_some() {
            self.options.update_passes
        } else {
            self.options.passes
        };
        match phase {
            Phase::Core(mut passes) => {
                let model = Closed::new(self.corpus, &self.options, &self.weights, 1);
                if let Some(next) =
                    model.next(&mut passes, &merged.into_closed(model.stride()), most)
                {
                    (self.own, self.phase) =
                        (PassSums::of_closed(round, next), Phase::Core(passes));
                } else {
                    let (shared, possible) = model.correlation(&passes);
                    let (squares, total) = self.weights.crowding(self.corpus);
                    self.own = PassSums::of_wide(round, [shared, possible, squares, total]);
                    self.phase = Phase::Correlation(passes);
                }
            }
            Phase::Correlation(passes) => self.core_found(round, passes, &merged),
            Phase::Hard(mut passes) => {
                let model = Closed::new(self.corpus, &self.options, &self.weights, 2);
                if let Some(next) =
                    model.next(&mut passes, &merged.into_closed(model.stride()), most)
                {
                    (self.own, self.phase) =
                        (PassSums::of_closed(round, next), Phase::Hard(passes));
                } else {
                    let outcome = model.finish(passes);
                    for p in &mut self.dense {
                        *p *= 1.0 - self.options.difficulty;
                    }
                    model.report(&outcome, root, self.options.difficulty, &mut self.dense);
                    self.hard = outcome.mass;
                }
            }
            Phase::Open(mut passes) => {
                let model = Open::new(self.corpus, &self.options, &self.weights);
                if let Some(next) = model.next(&mut passes, merged.into_open(), most) {
                    (self.own, self.phase) = (PassSums::of_open(round, next), Phase::Open(passes));
                } else {
                    let outcome = model.finish(passes);
                    self.candidates = model.report(&outcome.evidence, root);
                    self.open = Some(outcome);
                    if mem::take(&mut self.looks_for_copies) {
                        let search = Search::new(
                            self.corpus,
                            &self.options,
                            &self.candidates,
                            self.options.false_values,
                        );
                        self.look_for_copies(round, search);
                    }
                }
            }
            Phase::Errors(mut search) => {
                search.errors = merged.units;
                let shared = search.shared(self.corpus);
                self.own = PassSums::of_pairs(
                    round,
                    shared.into_iter().map(|pair| (pair, (pair.errors, 0))),
                );
                self.phase = Phase::Shared(search);
            }
            Phase::Shared(search) => {
                let shared: Vec<Shared> = merged
                    .pairs
                    .iter()
                    .map(|pair| Shared {
                        a: pair.a,
                        b: pair.b,
                        errors: pair.sums.0,
                    })
                    .filter(|pair| search.is_possible(*pair))
                    .collect();
                let terms = search.terms(self.corpus, &shared);
                self.own = PassSums::of_pairs(round, shared.iter().copied().zip(terms));
                self.phase = Phase::Terms(search, shared);
            }
            Phase::Terms(search, shared) => {
                self.own.round = round;
                let pairs = shared.into_iter().zip(&merged.pairs);
                let pairs = pairs
                    .filter_map(|(shared, terms)| search.judge(shared, terms.sums))
                    .collect();
                self.copying_found(pairs);
            }
            Phase::Done => {}
        }
    }

    fn start_passes(&mut self) {
        let round = self.own.round;
        let start = self.earlier.map(|earlier| &earlier.state);
        if is_closed(self.corpus, &self.options) {
            let model = Closed::new(self.corpus, &self.options, &self.weights, 1);
            let (passes, sums) = model.start(match start {
                Some(State::Closed { core, .. }) => Some((
                    core.as_slice(),
                    self.earlier.map_or(1, |earlier| earlier.values),
                )),
                _ => None,
            });
            (self.own, self.phase) = (PassSums::of_closed(round, sums), Phase::Core(passes));
        } else {
            let model = Open::new(self.corpus, &self.options, &self.weights);
            let (passes, sums) =
                model.start(start.and_then(|start| start.carried_over(self.corpus)));
            (self.own, self.phase) = (PassSums::of_open(round, sums), Phase::Open(passes));
        }
    }

    fn core_found(&mut self, round: u32, passes: closed::Passes, merged: &PassSums) {
        let model = Closed::new(self.corpus, &self.options, &self.weights, 1);
        let mut outcome = model.finish(passes);
        let mut wide = merged.wide.iter().map(|wide| wide.0);
        let mut next = || wide.next().unwrap_or_default();
        let (shared, possible, squares, total) = (next(), next(), next(), next());
        let rho = model.shared_error(shared, possible, typical(squares, total));
        let values = self.corpus.values.len();
        self.dense.clear();
        self.dense.resize(self.corpus.questions.len() * values, 0.0);
        model.report(&outcome, |votes| effect(votes, rho), 1.0, &mut self.dense);
        self.shared_error = Some(rho);
        outcome.log = Vec::new(); // all that it had to say is reported
        let false_values = outcome.tables.false_values;
        self.core = Some(outcome);
        self.own = PassSums {
            round,
            ..PassSums::default()
        };
        if mem::take(&mut self.looks_for_copies) {
            let p = of_candidates(self.corpus, &self.dense, values);
            let search = Search::new(self.corpus, &self.options, &p, false_values);
            self.look_for_copies(round, search);
        } else {
            self.start_hard();
        }
    }

    fn look_for_copies(&mut self, round: u32, search: Search) {
        self.own = PassSums {
            round,
            units: search.errors.clone(),
            ..PassSums::default()
        };
        self.phase = Phase::Errors(search);
    }

    fn copying_found(&mut self, pairs: Vec<Pair>) {
        self.pairs = pairs;
        if self.pairs.is_empty() {
            if self.core.is_some() {
                self.start_hard();
            }
            return;
        }
        self.weights = weigh(self.corpus, &self.options, &self.pairs);
        self.start_passes();
    }

    fn start_hard(&mut self) {
        if self.options.difficulty <= 0.0 {
            return;
        }
        let model = Closed::new(self.corpus, &self.options, &self.weights, 2);
        let (passes, sums) = model.start(self.earlier.map(|earlier| match &earlier.state {
            State::Closed { hard, .. } => (hard.as_slice(), earlier.values),
            State::Open { .. } | State::None => (&[][..], 1),
        }));
        (self.own, self.phase) = (
            PassSums::of_closed(self.own.round, sums),
            Phase::Hard(passes),
        );
    }

    /// The fit of the questions here; after fewer rounds than there are, what is known so far.
    pub fn finish(mut self) -> Fit {
        let (corpus, options) = (self.corpus, self.options);
        let values = if self.core.is_some() {
            corpus.values.len()
        } else {
            0
        };
        let (accuracy, claims, passes, state) = match (self.core, self.open) {
            (Some(core), _) => {
                put_claimed_first(corpus, &mut self.dense, values);
                self.candidates = of_candidates(corpus, &self.dense, values);
                let state = State::Closed {
                    core: core.mass,
                    hard: self.hard,
                };
                (core.tables.accuracy, core.tables.claims, core.passes, state)
            }
            (None, Some(open)) => {
                let state = State::Open {
                    log: open.evidence,
                    candidates: corpus.candidates.clone(),
                    values: corpus.candidate_value.clone(),
                };
                (open.accuracy, open.claims, open.passes, state)
            }
            (None, None) => (Vec::new(), Vec::new(), 0, State::None),
        };
        Fit {
            options,
            candidates: self.candidates,
            dense: self.dense,
            values,
            sources: accuracies(&accuracy, &claims, &options),
            origins: common_origins(&self.pairs),
            pairs: self.pairs,
            passes,
            shared_error: self.shared_error,
            estimates: Vec::new(),
            state,
        }
    }
}
