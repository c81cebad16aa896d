//! In which order the assumptions that units share are summed out.

use std::collections::BTreeSet;

use crate::network::eliminate::OverBudget;
use crate::network::leaf::ClassId;

/// Classes that a table may be over.
const WIDEST: usize = 24;

/// The classes of some tables, each in its turn: always one that meets the fewest others then (minimum degree: Rose 1972; Amestoy, Davis &
/// Duff 1996), of equals the one that brings fewest together that did not meet before.
///
/// Found out from scopes alone, without any table: that more than `budget` entries are needed shows at once.
pub(super) fn order(scopes: &[&[ClassId]], budget: u64) -> Result<Vec<ClassId>, OverBudget> {
    let mut classes: Vec<ClassId> = scopes.iter().flat_map(|s| s.iter().copied()).collect();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 {
        return Ok(classes);
    }
    let mut distinct: Vec<&[ClassId]> = scopes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let mut near: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); classes.len()];
    for scope in distinct {
        let places: Vec<usize> = scope
            .iter()
            .filter_map(|c| classes.binary_search(c).ok())
            .collect();
        for a in &places {
            if let Some(own) = near.get_mut(*a) {
                own.extend(places.iter().filter(|b| *b != a));
            }
        }
    }
    let mut waiting: BTreeSet<(usize, usize)> = near
        .iter()
        .enumerate()
        .map(|(c, own)| (own.len(), c))
        .collect();
    let mut out = Vec::with_capacity(classes.len());
    let mut left = budget;
    while let Some((degree, c)) = waiting.pop_first() {
        if degree >= WIDEST {
            return Err(OverBudget);
        }
        left = left.checked_sub(2 << degree).ok_or(OverBudget)?;
        let own: Vec<usize> = near
            .get_mut(c)
            .map(std::mem::take)
            .into_iter()
            .flatten()
            .collect();
        for a in &own {
            let Some(others) = near.get_mut(*a) else {
                continue;
            };
            waiting.remove(&(others.len(), *a));
            others.remove(&c);
            others.extend(own.iter().filter(|b| *b != a));
            waiting.insert((others.len(), *a));
        }
        out.extend(classes.get(c));
    }
    Ok(out)
}

/// How the places of two factors follow from those of their product: what to add to each from one entry to the next, by how many of the
/// low bits are carried. `None` if all three are over the same classes.
pub(super) fn steps(scope: &[ClassId], factors: [&[ClassId]; 2]) -> Option<Box<[[u32; 2]]>> {
    if factors.iter().all(|f| f.len() == scope.len()) {
        return None;
    }
    let mut carried = [0_u32; 2];
    let mut out = Vec::with_capacity(scope.len());
    for class in scope {
        let mut step = [0_u32; 2];
        for ((factor, carried), step) in factors.iter().zip(&mut carried).zip(&mut step) {
            let own = factor.binary_search(class).map_or(0, |bit| 1_u32 << bit);
            *step = own.wrapping_sub(*carried);
            *carried += own;
        }
        out.push(step);
    }
    Some(out.into())
}
