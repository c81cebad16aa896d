//! How far sources and statements are trusted before they are compared.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sets::probability::Probability;

/// An Admiralty letter for a source. **F means "cannot be judged" (unrated), not "worst"**, and is the default.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Letter {
    /// Completely reliable.
    A,
    /// Usually reliable.
    B,
    /// Fairly reliable.
    C,
    /// Not usually reliable.
    D,
    /// Unreliable.
    E,
    /// Cannot be judged.
    #[default]
    F,
}

impl Letter {
    /// All letters in order.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.to_string() == text)
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
        })
    }
}

/// An Admiralty digit for one piece of information. **6 means "cannot be judged"** and restricts nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Digit {
    /// Confirmed by other sources.
    #[serde(rename = "1")]
    One,
    /// Probably true.
    #[serde(rename = "2")]
    Two,
    /// Possibly true.
    #[serde(rename = "3")]
    Three,
    /// Doubtful.
    #[serde(rename = "4")]
    Four,
    /// Improbable.
    #[serde(rename = "5")]
    Five,
    /// Cannot be judged.
    #[default]
    #[serde(rename = "6")]
    Six,
}

impl Digit {
    /// All digits in order.
    pub const ALL: [Self; 6] = [
        Self::One,
        Self::Two,
        Self::Three,
        Self::Four,
        Self::Five,
        Self::Six,
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.to_string() == text)
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "1",
            Self::Two => "2",
            Self::Three => "3",
            Self::Four => "4",
            Self::Five => "5",
            Self::Six => "6",
        })
    }
}

/// How reliable a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reliability {
    /// The chance that a statement of the source is right.
    Probability(Probability),
    /// An Admiralty letter; its probability is in [`Tables`].
    Letter(Letter),
    /// How many of its statements turned out right and wrong.
    TrackRecord {
        /// Statements that were right.
        right: u64,
        /// Statements that were wrong.
        wrong: u64,
    },
}

impl Default for Reliability {
    fn default() -> Self {
        Self::Letter(Letter::F)
    }
}

impl From<Letter> for Reliability {
    fn from(letter: Letter) -> Self {
        Self::Letter(letter)
    }
}

impl From<Probability> for Reliability {
    fn from(p: Probability) -> Self {
        Self::Probability(p)
    }
}

impl Reliability {
    /// The probability it stands for; a track record is read as (right + 1) / (right + wrong + 2) (Laplace 1774).
    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond 2^53 statements the ratio is what counts"
    )]
    pub fn probability(self, tables: &Tables) -> Probability {
        match self {
            Self::Probability(p) => p,
            Self::Letter(l) => tables.reliability(l),
            Self::TrackRecord { right, wrong } => {
                Probability::constant((right as f64 + 1.0) / (right as f64 + wrong as f64 + 2.0))
            }
        }
    }
}

/// How credible one claim is apart from its source: a reporter's own doubt ("were believed to have been sent").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credibility {
    /// The chance that the claim is right, given that its source is.
    Probability(Probability),
    /// An Admiralty digit; its probability is in [`Tables`].
    Digit(Digit),
}

impl From<Digit> for Credibility {
    fn from(digit: Digit) -> Self {
        Self::Digit(digit)
    }
}

impl From<Probability> for Credibility {
    fn from(p: Probability) -> Self {
        Self::Probability(p)
    }
}

impl Credibility {
    /// The probability it stands for; `None` for the digit 6, which restricts nothing.
    pub fn probability(self, tables: &Tables) -> Option<Probability> {
        match self {
            Self::Probability(p) => Some(p),
            Self::Digit(d) => tables.credibility(d),
        }
    }
}

/// What letters and digits mean as probabilities: a policy that a caller can replace.
///
/// The defaults are conventions, not measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tables {
    reliability: [Probability; 6],
    fidelity: [Probability; 6],
    plain_fidelity: Probability,
    credibility: [Probability; 5],
}

impl Default for Tables {
    fn default() -> Self {
        let p = Probability::constant;
        Self {
            reliability: [p(0.95), p(0.85), p(0.70), p(0.50), p(0.25), p(0.60)],
            fidelity: [p(0.99), p(0.97), p(0.95), p(0.90), p(0.80), p(0.95)],
            plain_fidelity: p(0.95),
            credibility: [p(0.95), p(0.85), p(0.70), p(0.50), p(0.25)],
        }
    }
}

impl Tables {
    /// The chance that a statement of a source with this letter is right. By default A .95, B .85, C .70, D .50, E .25, F .60.
    pub fn reliability(&self, letter: Letter) -> Probability {
        self.reliability
            .get(letter as usize)
            .copied()
            .unwrap_or(Probability::ZERO)
    }

    /// The chance that an outlet with this letter passes on what it was told. By default A .99, B .97, C .95, D .90, E .80, F .95.
    pub fn fidelity(&self, letter: Letter) -> Probability {
        self.fidelity
            .get(letter as usize)
            .copied()
            .unwrap_or(Probability::ZERO)
    }

    /// The same for an outlet whose reliability is no letter. By default .95.
    pub fn plain_fidelity(&self) -> Probability {
        self.plain_fidelity
    }

    /// The probability of a digit; `None` for 6. By default 1 .95, 2 .85, 3 .70, 4 .50, 5 .25.
    pub fn credibility(&self, digit: Digit) -> Option<Probability> {
        self.credibility.get(digit as usize).copied()
    }

    /// Sets what a letter means for a source.
    #[must_use]
    pub fn with_reliability(mut self, letter: Letter, p: Probability) -> Self {
        if let Some(slot) = self.reliability.get_mut(letter as usize) {
            *slot = p;
        }
        self
    }

    /// Sets what a letter means for an outlet.
    #[must_use]
    pub fn with_fidelity(mut self, letter: Letter, p: Probability) -> Self {
        if let Some(slot) = self.fidelity.get_mut(letter as usize) {
            *slot = p;
        }
        self
    }

    /// Sets the fidelity of outlets whose reliability is no letter.
    #[must_use]
    pub fn with_plain_fidelity(mut self, p: Probability) -> Self {
        self.plain_fidelity = p;
        self
    }

    /// Sets what a digit means; 6 restricts nothing and stays so.
    #[must_use]
    pub fn with_credibility(mut self, digit: Digit, p: Probability) -> Self {
        if let Some(slot) = self.credibility.get_mut(digit as usize) {
            *slot = p;
        }
        self
    }
}
