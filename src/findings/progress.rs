//! How far reconciling has come, for those who watch it.

/// What is being done. In this order; further phases may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Finding the minimal conflicts, part by part: questions that links join.
    Conflicts,
    /// Weighing what is possible, component by component.
    Confidence,
    /// Finding and weighing what to give up.
    Repairs,
    /// Comparing claims.
    Overlaps,
    /// Reading confidences and camps off, first by claim and then by question.
    Claims,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Parts of the phase that are done; below `of`.
    pub done: usize,
    /// Parts of the phase, at least 1.
    pub of: usize,
}

/// The caller did not want to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("cancelled at part {} of {} of {:?}", at.done, at.of, at.phase)]
pub struct Cancelled {
    /// Where.
    pub at: Progress,
}
