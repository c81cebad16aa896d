//! The assumptions of a network, by what they are about.

use std::collections::BTreeMap;

use super::About;
use crate::network::AssumptionId;

/// Assumptions by what they are about. Those that every statement has are in lists: a million of them take no more than their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assumptions {
    /// By source with statements, ascending: a part of a dossier has few of the sources.
    sound: Vec<(usize, Option<AssumptionId>)>,
    /// By statement.
    right: Vec<Option<AssumptionId>>,
    declared: BTreeMap<usize, AssumptionId>,
    others: BTreeMap<About, AssumptionId>,
}

impl Assumptions {
    /// Makes room for those of statements, by these sources.
    pub(super) fn reserve(&mut self, sources: impl ExactSizeIterator<Item = usize>) {
        self.right.resize(sources.len(), None);
        self.sound = sources.map(|s| (s, None)).collect();
        self.sound.sort_unstable_by_key(|(s, _)| *s);
        self.sound.dedup_by_key(|(s, _)| *s);
        self.sound.shrink_to_fit();
    }

    fn of_source(&self, source: usize) -> Option<usize> {
        self.sound.binary_search_by_key(&source, |(s, _)| *s).ok()
    }

    /// The one about this, if there is one.
    pub(crate) fn get(&self, about: &About) -> Option<&AssumptionId> {
        match about {
            About::Sound(source) => self.sound.get(self.of_source(*source)?)?.1.as_ref(),
            About::Right(statement) => self.right.get(*statement)?.as_ref(),
            About::Declared(place) => self.declared.get(place),
            _ => self.others.get(about),
        }
    }

    /// The one about this, made by `new` if there is none.
    pub(super) fn entry(
        &mut self,
        about: About,
        new: impl FnOnce() -> AssumptionId,
    ) -> AssumptionId {
        let place = match about {
            About::Sound(source) => self.of_source(source),
            _ => None,
        };
        let listed = match about {
            About::Sound(_) => place.and_then(|p| Some(&mut self.sound.get_mut(p)?.1)),
            About::Right(statement) => self.right.get_mut(statement),
            About::Declared(place) => return *self.declared.entry(place).or_insert_with(new),
            _ => None,
        };
        match listed {
            Some(slot) => *slot.get_or_insert_with(new),
            None => *self.others.entry(about).or_insert_with(new),
        }
    }

    /// Those about sources being sound, with the sources' places.
    pub(crate) fn sound(&self) -> impl Iterator<Item = (usize, AssumptionId)> + '_ {
        let all = self.sound.iter();
        all.filter_map(|(place, id)| Some((*place, (*id)?)))
    }

    /// Those declared, with their places in the dossier.
    pub(crate) fn declared(&self) -> impl Iterator<Item = (usize, AssumptionId)> + '_ {
        self.declared.iter().map(|(place, id)| (*place, *id))
    }

    /// Those about declared groups.
    pub(crate) fn groups(&self) -> impl Iterator<Item = AssumptionId> + '_ {
        let groups = |about: &About| matches!(about, About::SeparateGroup(_));
        let all = self.others.iter();
        all.filter(move |(about, _)| groups(about))
            .map(|(_, id)| *id)
    }
}
