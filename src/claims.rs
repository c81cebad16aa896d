//! What people said, checked on entry.

pub(crate) mod assumption;
pub(crate) mod claim;
pub(crate) mod dossier;
pub(crate) mod edtf;
pub(crate) mod error;
pub(crate) mod fields;
pub(crate) mod grade;
pub(crate) mod id;
pub(crate) mod link;
pub(crate) mod options;
pub(crate) mod phrase;
pub(crate) mod policy;
pub(crate) mod priors;
pub(crate) mod question;
pub(crate) mod read;
pub(crate) mod reading;
pub(crate) mod resolve;
pub(crate) mod size;
pub(crate) mod source;
pub(crate) mod tree;
pub(crate) mod value;
pub(crate) mod write;
pub(crate) mod written;
