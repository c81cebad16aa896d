//! What is said in reports, and how.

use crate::findings::reconcile::Findings;
use crate::findings::result::Conflict;

/// Words about some findings.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    findings: &'a Findings,
}

impl<'a> Words<'a> {
    pub(crate) fn new(findings: &'a Findings) -> Self {
        Self { findings }
    }

    pub(crate) fn because(&self, conflict: &Conflict) -> String {
        let _ = self.findings;
        conflict.id.clone()
    }
}
