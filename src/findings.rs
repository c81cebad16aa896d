//! What follows from a dossier, as data that points back at the claims.

pub(crate) mod answers;
pub(crate) mod ask;
pub(crate) mod belief;
pub(crate) mod buckets;
pub(crate) mod camps;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod components;
pub(crate) mod confidences;
pub(crate) mod conflicts;
pub(crate) mod derivation;
pub(crate) mod disputes;
pub(crate) mod engine;
pub(crate) mod explain;
pub(crate) mod involvement;
mod ordered;
pub(crate) mod origins;
pub(crate) mod prepared;
pub(crate) mod progress;
pub(crate) mod reconcile;
pub(crate) mod repairs;
pub(crate) mod result;
pub(crate) mod roughly;
pub(crate) mod units;
pub(crate) mod update;
