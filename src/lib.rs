#![doc = include_str!("../README.md")]
#![doc(test(attr(deny(warnings))))]
#![cfg_attr(docsrs, feature(doc_cfg))]
//!
//! # Architecture
//!
//! Data flows one way; a wing knows only those before it, and [`Interval`], [`Set`] and [`Probability`] below them all:
//!
//! ```text
//! claims  ->  dossier  ->  network  ->  findings  ->  report
//! what        valid as     guarded      what          in words
//! was said    a whole      restrictions follows
//! ```
//!
//! | wing | what it is for | its rooms |
//! |---|---|---|
//! | `sets/` | whole numbers, exactly, and chances | `interval` `set` (of several stretches) `comparison` (six ways two lie to one another) `linear` (rows) `day` `probability` `weight` (in logarithms) |
//! | `claims/` | what people said, checked on entry | `value` `reading` (what it says, what it suggests) `phrase` (hedged counts) `edtf` (dates) `grade` (letters, digits) `source` `assumption` `question` `link` `claim` `options` `dossier` (and its builder) `read` (JSON, every problem with its place) `write` |
//! | `compile/` | from a dossier to a network | `statements` (who says what, behind which assumptions) `origins` (sources that may repeat one another) `time` |
//! | `network/` | assumptions, guards, restrictions; knows no newspapers | what is possible: `cluster` `propagate` `combine` `decide`; which minimal sets are not, and why: `conflict` `labels` `family` (sums) `order` `centres` `apart` (order links) `covers` `derive` `paths` `hull`; how much the possible weighs: `prior` `weigh` `eliminate` (tables) `line` `chain` `frontier` (order links) `whole` `leeway` (sums) `trials` `cases` (what is tried out) `cliques` (assumptions that clusters share) `circuit` `rough` (bounds, samples) |
//! | `findings/` | what follows, as data that points back at the claims | `reconcile` (the entry) `result` (its types) `derivation` (why, replayable) `compare` (pairs) `camps` `components` `disputes` `involvement` `answers` `roughly` (where the budget ended) `update` (what a change leaves as it was) `progress` |
//! | `corpus/` | many questions, unknown sources: beside the rest, fed by tables | `table` `builder` `read` `parquet` `scale` (hedged values) `options` `fit` `closed` `open` `hedged` `numeric` `copy` `order` (who is first) `mistakes` `part` (rounds of a fit) `sums` `census` `update` `one_coin` `baselines` `write` `bridge` (to a dossier) |
//! | `report/` | the only place that has words | `outline` (what is said, in which order) `disputes` `words` `values` `gap` `likelihood` `page` (before it is laid out) `text` `markdown` `json` |
//!
//! A *unit* of a conflict is a statement (a source's set of answers to one question) or a link under assumptions. A *scenario* says of
//! every assumption whether it holds; all confidence is over the scenarios in which what is active can hold together. Nothing enumerates
//! them: values are eliminated instead.
//!
//! # Size
//!
//! What is exact up to where, and what it costs; the whole program `reconcile`, JSON to JSON, on one core of a quiet x86-64 machine; a
//! busy one took up to twice as long. The bench `size` writes the dossiers (`--write`) and shows how cost grows; `dossiers` has those of
//! the size people write.
//!
//! | dossier | exact | time | memory |
//! |---|---|---|---|
//! | 20,000 claims on one question | conflicts, camps, confidence | 0.3 s | 80 MB |
//! | 100,000 claims on one question | the same | 1.3 s | 345 MB |
//! | the same with relays, or 5,000 declared groups of two | camps, confidence | 1.9 s, 1.6 s | 480 MB |
//! | 10,000 questions in chains of fifty (`a <= b`), 50,000 claims | conflicts, confidence | 1.7 s | 240 MB |
//! | the same in one chain; all below one; each below another | the same | 1.2 s; 1.5 s; 2.2 s | 255 to 345 MB |
//! | 10,000 questions in trees of sums, seven each, 50,000 claims | the same | 1.7 s | 280 MB |
//! | the same in trees of up to sixty, figures up to 5,000 | 152 of 408 trees | 18 s | 1 GB |
//! | a whole of 100 parts with five claims each | confidence but for beliefs, which have bounds | 3 s | 410 MB |
//! | 50 questions by 20 sources, each on some, nothing linked | everything | 1.3 s | 92 MB |
//! | 40,000 questions of two claims, nothing linked | everything | 1.2 s | 220 MB |
//! | a million of them | everything | 42 s | 5.2 GB |
//! | 40 parts of ten each against a whole of 100 | 2,311,801,440 contradictions, discrepancy | 0.3 s | 31 MB |
//! | 16 random sums over 12 questions, cycles and all (six tried) | everything | 0.2 to 3 s | 13 MB |
//! | the same, each sum under an assumption (three tried) | mostly nothing: bounds and estimates | 3 to 6 s | 260 MB |
//!
//! Sources that make several statements, shared assumptions, declared groups and cycles of links widen what has to be kept at a time;
//! where that exceeds the budget of [`Options`], numbers have bounds and estimates. Memory goes with the number of claims and
//! questions, about 5 KB a question. Where more than a few clusters are too large for what is quick, they share the work of a few. Lists are
//! cut by [`Limits`] and, where items are long, earlier: a million links named by pairs, 100,000 lines of derivations; `left_out` counts the rest. Files are
//! read up to limits that [`DossierBuilder::build`] names.

mod buckets;
mod claims;
mod compile;
mod findings;
mod network;
mod sets;
#[cfg(feature = "proptest")]
pub mod strategies;
mod threads;

pub mod corpus;
pub mod report;

pub use claims::assumption::Assumption;
pub use claims::claim::{Claim, When};
pub use claims::dossier::{Dossier, DossierBuilder, Status};
pub use claims::edtf::DateError;
pub use claims::error::{Problem, ReadError, ReadErrors};
pub use claims::grade::{Credibility, Digit, Letter, Reliability, Tables};
pub use claims::id::{AssumptionId, ClaimId, LinkId, QuestionId, SourceId};
pub use claims::link::{Formula, FormulaError, Link, Relation, Sum};
pub use claims::options::{Limits, Options};
pub use claims::phrase::Phrase;
pub use claims::phrase::error::PhraseError;
pub use claims::policy::HedgePolicy;
pub use claims::priors::ExplanationPriors;
pub use claims::question::{Kind, OverTime, Question};
pub use claims::reading::{Reading, ReadingError};
pub use claims::source::{CommonOrigin, Source};
pub use claims::value::{Item, Value};
pub use findings::answers::{Answer, Answers};
pub use findings::ask::{Ask, AskAbout};
pub use findings::belief::{BeliefError, Confidence, Reasons};
pub use findings::check::{CheckError, Checker, check, check_all, check_repair};
pub use findings::derivation::{Addend, At, Combination, Ground, Step};
pub use findings::explain::cause::{
    Cause, Exchanged, ExplanationKind, FigureSum, Given, KnownFigure,
};
pub use findings::explain::check::ExplanationFault;
pub use findings::explain::{Explanation, Explanations, Terms};
pub use findings::involvement::Involvement;
pub use findings::prepared::Prepared;
pub use findings::progress::{Cancelled, Phase, Progress};
pub use findings::reconcile::{Findings, reconcile, reconcile_with};
pub use findings::result::{
    AssumptionFinding, Candidate, ClaimFinding, ComponentFinding, Conflict, ConflictKind,
    ConflictUnit, Count, GiveUp, LeftOut, LinkFinding, Overlap, QuestionFinding, Repair,
    SourceFinding, SuggestedFinding,
};
pub use findings::roughly::{Bounds, StandardErrors};
pub use sets::comparison::Comparison;
pub use sets::interval::Interval;
pub use sets::probability::{Probability, ProbabilityError};
pub use sets::set::Set;
