//! A slow, obvious version of the library: every scenario is gone through, and whether one is possible is tried out value by value.
//!
//! It reads a dossier's JSON by itself, and shares no code with the library.

mod compare;
mod read;
mod values;
mod weigh;
mod worlds;

pub(crate) use compare::{differences, differences_through_links};
pub(crate) use weigh::{Found, TOO_MANY, hulls, reconcile, reconcile_with_room};
pub(crate) use worlds::TOO_LARGE;
