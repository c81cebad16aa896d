//! How likely units are to be active together, whatever is possible.

use std::collections::BTreeMap;

use super::{AssumptionId, Guard, Network, UnitId};

/// The prior probability that all units are active: each has a guard that holds.
///
/// By cases on the assumptions, those in most guards first, with guards that hold or fail dropped at once.
pub(crate) fn prior_of_all(network: &Network, units: &[UnitId]) -> f64 {
    let needs: Vec<Vec<Guard>> = units
        .iter()
        .map(|u| {
            let mut guards: Vec<Guard> = network
                .live_guards(*u)
                .map(|g| {
                    g.iter()
                        .copied()
                        .filter(|a| !network.probability(*a).is_one())
                        .collect()
                })
                .collect();
            guards.sort_unstable();
            guards.dedup();
            guards
        })
        .collect();
    all_hold(network, needs, &mut 200_000)
}

fn all_hold(network: &Network, mut needs: Vec<Vec<Guard>>, budget: &mut u32) -> f64 {
    if needs.iter().any(Vec::is_empty) {
        return 0.0;
    }
    needs.retain(|guards| !guards.iter().any(Vec::is_empty));
    if needs.is_empty() || *budget == 0 {
        return 1.0;
    }
    *budget -= 1;
    // What all guards of one need share must hold.
    let mut p = 1.0;
    loop {
        let forced = needs.iter().find_map(|guards| {
            let first = guards.first()?;
            first
                .iter()
                .copied()
                .find(|a| guards.iter().all(|g| g.contains(a)))
        });
        let Some(a) = forced else { break };
        p *= network.probability(a).get();
        for guards in &mut needs {
            for g in guards.iter_mut() {
                g.retain(|x| *x != a);
            }
        }
        needs.retain(|guards| !guards.iter().any(Vec::is_empty));
    }
    let mut count: BTreeMap<AssumptionId, u32> = BTreeMap::new();
    for a in needs.iter().flatten().flatten() {
        *count.entry(*a).or_default() += 1;
    }
    let Some((a, _)) = count
        .into_iter()
        .max_by_key(|(a, n)| (*n, std::cmp::Reverse(*a)))
    else {
        return p;
    };
    let holds: Vec<Vec<Guard>> = needs
        .iter()
        .map(|gs| {
            gs.iter()
                .map(|g| g.iter().copied().filter(|x| *x != a).collect())
                .collect()
        })
        .collect();
    let fails: Vec<Vec<Guard>> = needs
        .iter()
        .map(|gs| gs.iter().filter(|g| !g.contains(&a)).cloned().collect())
        .collect();
    let q = network.probability(a).get();
    p * (q * all_hold(network, holds, budget) + (1.0 - q) * all_hold(network, fails, budget))
}
