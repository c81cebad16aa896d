//! Reports on findings: [`text`] for a terminal or a chat, [`markdown`] for a page, [`html`] to look at, [`json`] for programs; [`svg`]
//! draws one question.
//!
//! This is the only place of the crate that has words. Text, Markdown and HTML are one account, laid out three times: what is safe to say,
//! what is likely but disputed, each dispute with what would settle it, what is only in tension, the assumptions and sources behind it
//! all, and what is not listed. A statement is *involved in* a contradiction; a report never says who is to blame, and says so when
//! nothing tells two suspects apart.
//!
//! # Likelihood
//!
//! A belief is said in the words of ICD 203, beside its figure `b` as printed, of two digits:
//!
//! ```text
//! b <  0.05           almost no chance
//! 0.05 <= b <  0.20   very unlikely
//! 0.20 <= b <  0.45   unlikely
//! 0.45 <= b <= 0.55   roughly even
//! 0.55 <  b <= 0.80   likely
//! 0.80 <  b <= 0.95   very likely
//! 0.95 <  b           almost certain
//! ```
//!
//! The directive's ranges share their ends; here an end belongs to the range nearer to even, the less bold word. It has no word below 1 %
//! or above 99 %; here the outermost words go on, and the figure says how far. Where little supports a claim and nothing
//! speaks against it (belief below 0.45, plausibility 0.95 or more) how likely it is is unknown, and no such word is used. Levels of
//! confidence ("high confidence") are about evidence, not likelihood: reports do not use them, but count the sources instead.
//!
//! # References
//!
//! Office of the Director of National Intelligence (2015), *Intelligence Community Directive 203: Analytic Standards*, section D.6.e.2.

pub(crate) mod bars;
pub(crate) mod bits;
pub(crate) mod disputes;
pub(crate) mod explanations;
pub(crate) mod gap;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod likelihood;
pub(crate) mod markdown;
pub(crate) mod markup;
pub(crate) mod matrix;
pub(crate) mod origins;
pub(crate) mod outline;
pub(crate) mod page;
pub(crate) mod panel;
pub(crate) mod proof;
pub(crate) mod rows;
pub(crate) mod scale;
pub(crate) mod svg;
pub(crate) mod text;
pub(crate) mod values;
pub(crate) mod words;

pub use explanations::{ask_says, says, settled_by};
pub use html::html;
pub use json::{json, write_json};
pub use markdown::markdown;
pub use svg::svg;
pub use text::text;
