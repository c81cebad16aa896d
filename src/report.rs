//! Words and pictures: the only place that has any.

pub(crate) mod json;
pub(crate) mod words;

pub use json::json;
