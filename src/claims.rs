//! What people said, read from their words and dates.

pub(crate) mod edtf;
pub(crate) mod phrase;
pub(crate) mod policy;
pub(crate) mod reading;
