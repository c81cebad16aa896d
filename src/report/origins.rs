//! Who may only repeat whom, in words.

use super::likelihood;
use super::page::{LISTED, Part, Section, and, table};
use super::words::Words;

/// Members of a group that are named.
const NAMED: usize = 5;

/// The declared common origins, the likeliest first.
pub(crate) fn origins(words: &Words<'_>) -> Option<Section> {
    let groups = &words.findings.dossier().common_origins;
    // The order of the dossier, which is by sources, among equals.
    let mut likeliest: Vec<_> = groups.iter().collect();
    likeliest.sort_by(|a, b| b.probability.get().total_cmp(&a.probability.get()));
    let rows: Vec<Vec<String>> = likeliest
        .into_iter()
        .take(LISTED)
        .map(|group| {
            let mut members: Vec<String> =
                group.sources.iter().map(|id| words.source(id)).collect();
            members.sort();
            vec![
                and(&members, NAMED),
                likelihood::figure(group.probability.get()),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Section {
        heading: "May repeat one another".to_owned(),
        part: Part::Grounds,
        blocks: table(
            vec!["Sources", "Chance that, where they agree, they only repeat"],
            rows,
            groups.len(),
        ),
    })
}
