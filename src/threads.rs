//! Work on as many threads as there are, with feature `rayon`; on one without. The results are the same.

/// How many threads there are.
pub(crate) fn count() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads().max(1);
    #[cfg(not(feature = "rayon"))]
    1
}

/// Works on each item; the results come in the order of the items.
pub(crate) fn each<P: Send, R: Send>(items: Vec<P>, work: impl Fn(P) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        items.into_par_iter().map(work).collect()
    }
    #[cfg(not(feature = "rayon"))]
    items.into_iter().map(work).collect()
}
