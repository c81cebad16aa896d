//! Words and pictures: the only place that has any.

pub(crate) mod explanations;
pub(crate) mod json;
pub(crate) mod words;

pub use explanations::{ask_says, says, settled_by};
pub use json::json;
