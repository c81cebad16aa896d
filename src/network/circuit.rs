//! Sums of products on record, so that they can be run again with other inputs and differentiated.

use crate::sets::weight::Weight;

/// A value in a circuit, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(u32);

impl Slot {
    /// Whether it was made when there were so many values, or later.
    pub(crate) fn is_from(self, values: usize) -> bool {
        self.0 as usize >= values
    }
}

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
    /// Products so far, on record or not.
    products: usize,
    off_record: bool,
}

impl Circuit {
    /// The constant 1.
    pub(crate) const ONE: Slot = Slot(0);

    pub(crate) fn new() -> Self {
        Self {
            values: vec![Weight::ONE],
            is_input: vec![true],
            steps: Vec::new(),
            products: 0,
            off_record: false,
        }
    }

    /// Values so far: each made from now on has a place from here on.
    pub(crate) fn values(&self) -> usize {
        self.values.len()
    }

    /// From now on products are added up, but not kept on record: for values that are read, and not asked how they came about.
    pub(crate) fn go_off_record(&mut self) {
        self.off_record = true;
    }

    /// Forgets all values but the first so many, and gives back room for more. Those on record must be among them.
    pub(crate) fn keep(&mut self, values: usize) {
        self.values.truncate(values);
        self.is_input.truncate(values);
        self.values.shrink_to_fit();
        self.is_input.shrink_to_fit();
        self.steps.shrink_to_fit();
    }

    /// Products so far: what making it took.
    pub(crate) fn len(&self) -> usize {
        self.products
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

    /// A value that starts as a product.
    pub(crate) fn product(&mut self, a: Slot, b: Slot) -> Slot {
        let out = self.sum();
        self.add_product(out, a, b);
        out
    }

    pub(crate) fn add_product(&mut self, out: Slot, a: Slot, b: Slot) {
        let product = self.value(a) * self.value(b);
        if let Some(v) = self.values.get_mut(out.0 as usize) {
            *v += product;
        }
        self.products += 1;
        if !self.off_record {
            self.steps.push(Step { out, a, b });
        }
    }

    pub(crate) fn value(&self, slot: Slot) -> Weight {
        self.values
            .get(slot.0 as usize)
            .copied()
            .unwrap_or(Weight::ZERO)
    }

    /// The part of the circuit that `total` rests on, ready to be run with other inputs.
    pub(crate) fn rerun(&self, total: Slot) -> Rerun {
        let mut place: Vec<Option<u32>> = vec![None; self.values.len()];
        let mut needed = vec![false; self.values.len()];
        let mark = |needed: &mut [bool], s: Slot| {
            if let Some(n) = needed.get_mut(s.0 as usize) {
                *n = true;
            }
        };
        mark(&mut needed, total);
        let mut kept: Vec<Step> = Vec::new();
        for step in self.steps.iter().rev() {
            if needed.get(step.out.0 as usize) == Some(&true) {
                mark(&mut needed, step.a);
                mark(&mut needed, step.b);
                kept.push(*step);
            }
        }
        kept.reverse();
        // Values renumbered densely, so that a run touches no more memory than it needs.
        let mut inputs = Vec::new();
        for (i, n) in needed.iter().enumerate() {
            if *n {
                if let (Some(slot), Ok(dense)) = (place.get_mut(i), u32::try_from(inputs.len())) {
                    *slot = Some(dense);
                }
                let input = self.is_input.get(i) == Some(&true);
                inputs.push(if input {
                    self.values.get(i).copied().unwrap_or(Weight::ZERO)
                } else {
                    Weight::ZERO
                });
            }
        }
        let dense = |s: Slot| Slot(place.get(s.0 as usize).copied().flatten().unwrap_or(0));
        Rerun {
            steps: kept
                .iter()
                .map(|s| Step {
                    out: dense(s.out),
                    a: dense(s.a),
                    b: dense(s.b),
                })
                .collect(),
            total: dense(total),
            scratch: inputs.clone(),
            inputs,
            place,
        }
    }

    /// The derivative of `total` by every value. One pass over what is on record.
    pub(crate) fn derivatives(&self, total: Slot) -> Derivatives {
        let mut by = vec![Weight::ZERO; self.values.len()];
        if let Some(d) = by.get_mut(total.0 as usize) {
            *d = Weight::ONE;
        }
        for step in self.steps.iter().rev() {
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

/// A circuit to be run again.
#[derive(Debug)]
pub(crate) struct Rerun {
    inputs: Vec<Weight>,
    steps: Vec<Step>,
    total: Slot,
    scratch: Vec<Weight>,
    place: Vec<Option<u32>>,
}

impl Rerun {
    /// Steps of one run.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The total if the inputs in `zeroed` were 0. One pass over the steps.
    pub(crate) fn without(&mut self, zeroed: impl IntoIterator<Item = Slot>) -> Weight {
        self.scratch.clone_from(&self.inputs);
        for slot in zeroed {
            let dense = self.place.get(slot.0 as usize).copied().flatten();
            if let Some(v) = dense.and_then(|d| self.scratch.get_mut(d as usize)) {
                *v = Weight::ZERO;
            }
        }
        let at =
            |values: &[Weight], s: Slot| values.get(s.0 as usize).copied().unwrap_or(Weight::ZERO);
        for step in &self.steps {
            let a = at(&self.scratch, step.a);
            if a.is_zero() {
                continue;
            }
            let product = a * at(&self.scratch, step.b);
            if let Some(v) = self.scratch.get_mut(step.out.0 as usize) {
                *v += product;
            }
        }
        at(&self.scratch, self.total)
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
