//! Sums of products on record, so that they can be run again with other inputs and differentiated.

use crate::sets::weight::Weight;

/// A value in a circuit, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(u32);

/// `out += a · b`.
#[derive(Debug, Clone, Copy)]
struct Step {
    out: Slot,
    a: Slot,
    b: Slot,
}

/// An arithmetic circuit: inputs, and products added up into further values, in order.
///
/// The total it computes is linear in each input, so that the derivative by an input, times the input, is the part of the
/// total in which that input took part (Darwiche 2003, "A differential approach to inference in Bayesian networks").
#[derive(Debug, Clone)]
pub(crate) struct Circuit {
    values: Vec<Weight>,
    is_input: Vec<bool>,
    steps: Vec<Step>,
}

impl Circuit {
    /// The constant 1.
    pub(crate) const ONE: Slot = Slot(0);

    pub(crate) fn new() -> Self {
        Self {
            values: vec![Weight::ONE],
            is_input: vec![true],
            steps: Vec::new(),
        }
    }

    /// Steps so far: what running it costs.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the step budget is far below 2^32"
    )]
    fn push(&mut self, value: Weight, input: bool) -> Slot {
        self.values.push(value);
        self.is_input.push(input);
        Slot(self.values.len() as u32 - 1)
    }

    pub(crate) fn input(&mut self, value: Weight) -> Slot {
        self.push(value, true)
    }

    /// A value to which products can be added.
    pub(crate) fn sum(&mut self) -> Slot {
        self.push(Weight::ZERO, false)
    }

    pub(crate) fn add_product(&mut self, out: Slot, a: Slot, b: Slot) {
        let product = self.value(a) * self.value(b);
        if let Some(v) = self.values.get_mut(out.0 as usize) {
            *v += product;
        }
        self.steps.push(Step { out, a, b });
    }

    pub(crate) fn value(&self, slot: Slot) -> Weight {
        self.values
            .get(slot.0 as usize)
            .copied()
            .unwrap_or(Weight::ZERO)
    }

    /// The value of `total`, known after the first `steps` steps, if the inputs in `zeroed` were 0. One pass over those steps.
    pub(crate) fn without(&self, total: Slot, steps: usize, zeroed: impl IntoIterator<Item = Slot>) -> Weight {
        let mut values: Vec<Weight> = self
            .values
            .iter()
            .zip(&self.is_input)
            .map(|(v, input)| if *input { *v } else { Weight::ZERO })
            .collect();
        for slot in zeroed {
            if let Some(v) = values.get_mut(slot.0 as usize) {
                *v = Weight::ZERO;
            }
        }
        let at =
            |values: &[Weight], s: Slot| values.get(s.0 as usize).copied().unwrap_or(Weight::ZERO);
        for step in self.steps.iter().take(steps) {
            let product = at(&values, step.a) * at(&values, step.b);
            if let Some(v) = values.get_mut(step.out.0 as usize) {
                *v += product;
            }
        }
        at(&values, total)
    }

    /// The derivative of `total`, known after the first `steps` steps, by every value. One pass over those steps.
    pub(crate) fn derivatives(&self, total: Slot, steps: usize) -> Derivatives {
        let mut by = vec![Weight::ZERO; self.values.len()];
        if let Some(d) = by.get_mut(total.0 as usize) {
            *d = Weight::ONE;
        }
        for step in self.steps.iter().take(steps).rev() {
            let Some(&d) = by.get(step.out.0 as usize) else {
                continue;
            };
            if d.is_zero() {
                continue;
            }
            let (a, b) = (self.value(step.a), self.value(step.b));
            if let Some(x) = by.get_mut(step.a.0 as usize) {
                *x += d * b;
            }
            if let Some(x) = by.get_mut(step.b.0 as usize) {
                *x += d * a;
            }
        }
        Derivatives { by }
    }
}

/// Derivatives of one total by every value of its circuit.
#[derive(Debug, Clone)]
pub(crate) struct Derivatives {
    by: Vec<Weight>,
}

impl Derivatives {
    /// The part of the total in which the input took part.
    pub(crate) fn part(&self, circuit: &Circuit, input: Slot) -> Weight {
        self.by
            .get(input.0 as usize)
            .map_or(Weight::ZERO, |d| *d * circuit.value(input))
    }
}
