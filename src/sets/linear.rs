//! Linear rows over whole-number variables.

/// A variable, by its place in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VariableId(pub(crate) u32);

impl VariableId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// How the two sides of a row compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Relation {
    /// The sum equals the right side.
    Equal,
    /// The sum is at most the right side.
    AtMost,
}

/// `sum of coefficient · variable  (= or <=)  right`.
///
/// Variables ascend, no coefficient is 0; a row without terms is a plain truth or falsehood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Row {
    pub(crate) terms: Vec<(VariableId, i128)>,
    pub(crate) relation: Relation,
    pub(crate) right: i128,
}

impl Row {
    /// Whether the assignment satisfies the row; `None` on overflow.
    pub(crate) fn holds(&self, value: impl Fn(VariableId) -> i128) -> Option<bool> {
        let mut sum = 0_i128;
        for (v, k) in &self.terms {
            sum = sum.checked_add(k.checked_mul(value(*v))?)?;
        }
        Some(match self.relation {
            Relation::Equal => sum == self.right,
            Relation::AtMost => sum <= self.right,
        })
    }

    /// Every coefficient is 1 or −1.
    pub(crate) fn is_unit(&self) -> bool {
        self.terms.iter().all(|(_, k)| k.unsigned_abs() == 1)
    }

    /// `x − y <= right`, `x − y = right`, or a bound on one variable: with intervals, propagation decides any
    /// number of such rows.
    pub(crate) fn is_difference(&self) -> bool {
        match self.terms.as_slice() {
            [] | [_] => self.is_unit(),
            [(_, a), (_, b)] => self.is_unit() && a + b == 0,
            _ => false,
        }
    }
}
