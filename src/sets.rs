//! The arithmetic below everything else: sets of whole numbers, days, linear rows, probabilities.
//!
//! Nothing here knows claims, networks or words.

pub(crate) mod comparison;
pub(crate) mod day;
pub(crate) mod interval;
pub(crate) mod linear;
pub(crate) mod probability;
pub(crate) mod set;
pub(crate) mod weight;
