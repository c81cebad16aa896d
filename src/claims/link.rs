//! Links between questions: linear formulas.

use std::fmt;
use std::str::FromStr;

use super::id::{AssumptionId, LinkId, QuestionId};
use super::value::quoted;

/// How the two sides of a formula compare. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// `=`
    Equal,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `>`
    More,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::More => ">",
        })
    }
}

/// One side of a formula: whole multiples of questions, and whole numbers, added up as written.
///
/// # Examples
///
/// ```
/// use discrepancy::{Formula, Relation, Sum};
///
/// let sum = Sum::of("to_ukraine").plus("to_lithuania");
/// let formula = Formula::new("freed", Relation::Equal, sum);
/// assert_eq!(formula, "freed = to_ukraine + to_lithuania".parse()?);
/// # Ok::<(), discrepancy::FormulaError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[must_use]
pub struct Sum {
    /// Coefficient, and question or the number 1.
    pub(crate) terms: Vec<(i128, Option<QuestionId>)>,
}

impl Sum {
    /// One question.
    pub fn of(question: impl Into<QuestionId>) -> Self {
        Self::default().plus(question)
    }

    /// One whole number.
    pub fn number(number: i64) -> Self {
        Self::default().plus_number(number)
    }

    /// Adds a question.
    pub fn plus(self, question: impl Into<QuestionId>) -> Self {
        self.plus_times(1, question)
    }

    /// Subtracts a question.
    pub fn minus(self, question: impl Into<QuestionId>) -> Self {
        self.plus_times(-1, question)
    }

    /// Adds `factor` times a question.
    pub fn plus_times(mut self, factor: i64, question: impl Into<QuestionId>) -> Self {
        self.terms.push((factor.into(), Some(question.into())));
        self
    }

    /// Adds a whole number.
    pub fn plus_number(mut self, number: i64) -> Self {
        self.terms.push((number.into(), None));
        self
    }
}

impl<T: Into<QuestionId>> From<T> for Sum {
    fn from(question: T) -> Self {
        Self::of(question)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return f.write_str("0");
        }
        for (i, (k, question)) in self.terms.iter().enumerate() {
            match (i, *k < 0) {
                (0, true) => f.write_str("-")?,
                (0, false) => {}
                (_, true) => f.write_str(" - ")?,
                (_, false) => f.write_str(" + ")?,
            }
            match (question, k.unsigned_abs()) {
                (None, n) => write!(f, "{n}")?,
                (Some(q), 1) => write!(f, "{q}")?,
                (Some(q), n) => write!(f, "{n}*{q}")?,
            }
        }
        Ok(())
    }
}

/// A linear formula over questions: `freed = to_ukraine + to_lithuania`, `total >= 2*a + 5`.
///
/// The grammar is `sum (= | <= | >= | < | >) sum`, a sum being terms joined by `+` and `-`, each a whole number, a question or
/// `k*question`, with a sign in front if need be; no parentheses, no chains. [`Display`](fmt::Display) prints what
/// [`FromStr`] reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Formula {
    pub(crate) left: Sum,
    pub(crate) relation: Relation,
    pub(crate) right: Sum,
}

impl Formula {
    /// The formula of two sides.
    pub fn new(left: impl Into<Sum>, relation: Relation, right: impl Into<Sum>) -> Self {
        Self {
            left: left.into(),
            relation,
            right: right.into(),
        }
    }

    /// The questions it names, as written, with repeats.
    pub fn questions(&self) -> impl Iterator<Item = &QuestionId> {
        self.left
            .terms
            .iter()
            .chain(&self.right.terms)
            .filter_map(|(_, q)| q.as_ref())
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.relation, self.right)
    }
}

/// Why a text is no formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormulaError {
    /// Something else was expected at a place.
    #[error("found {found} at character {at}, expected {expected}")]
    Unexpected {
        /// Counted from 1.
        at: usize,
        /// What stands there.
        found: String,
        /// What could.
        expected: &'static str,
    },
    /// A number beyond 64 bits.
    #[error("the number {found} at character {at} is beyond 64 bits")]
    TooLarge {
        /// Counted from 1.
        at: usize,
        /// The number, perhaps cut.
        found: String,
    },
    /// Two questions are multiplied, or a question by itself.
    #[error(
        "{found} at character {at} is not linear, expected a whole number, a question, or a number times a question"
    )]
    NotLinear {
        /// Counted from 1.
        at: usize,
        /// The product.
        found: String,
    },
    /// No question is named.
    #[error("the formula names no question")]
    NoQuestion,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(String),
    Name(String),
    Relation(Relation),
    Plus,
    Minus,
    Times,
    Other(char),
}

impl Token {
    fn describe(&self) -> String {
        match self {
            Self::Number(text) | Self::Name(text) => quoted(text),
            Self::Relation(r) => format!("\"{r}\""),
            Self::Plus => "\"+\"".to_owned(),
            Self::Minus => "\"-\"".to_owned(),
            Self::Times => "\"*\"".to_owned(),
            Self::Other(c) => quoted(&c.to_string()),
        }
    }
}

/// Tokens with their places, counted from 1.
fn tokens(text: &str) -> Vec<(usize, Token)> {
    let mut out = Vec::new();
    let mut rest = text.chars().zip(1..).peekable();
    while let Some((c, at)) = rest.next() {
        let token = match c {
            _ if c.is_whitespace() => continue,
            '+' => Token::Plus,
            '-' => Token::Minus,
            '*' => Token::Times,
            '=' => Token::Relation(Relation::Equal),
            '<' if rest.next_if(|(c, _)| *c == '=').is_some() => Token::Relation(Relation::AtMost),
            '>' if rest.next_if(|(c, _)| *c == '=').is_some() => Token::Relation(Relation::AtLeast),
            '<' => Token::Relation(Relation::Less),
            '>' => Token::Relation(Relation::More),
            _ if c.is_ascii_digit() => {
                let mut word = c.to_string();
                while let Some((d, _)) = rest.next_if(|(c, _)| c.is_ascii_digit()) {
                    word.push(d);
                }
                Token::Number(word)
            }
            _ if c.is_ascii_alphabetic() || c == '_' => {
                let mut word = c.to_string();
                while let Some((d, _)) =
                    rest.next_if(|(c, _)| c.is_ascii_alphanumeric() || *c == '_')
                {
                    word.push(d);
                }
                Token::Name(word)
            }
            _ => Token::Other(c),
        };
        out.push((at, token));
    }
    out
}

/// Whether a text can be a question's id.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl FromStr for Formula {
    type Err = FormulaError;

    /// O(n) in the length of the text.
    fn from_str(text: &str) -> Result<Self, FormulaError> {
        let tokens = tokens(text);
        let end = text.chars().count() + 1;
        let mut reader = Reader {
            tokens: &tokens,
            next: 0,
            end,
        };
        let left = reader.sum("a number or a question")?;
        let relation = match reader.take() {
            Some((_, Token::Relation(r))) => *r,
            other => return Err(reader.unexpected(other, "one of + - = <= >= < >")),
        };
        let right = reader.sum("a number or a question")?;
        if let Some(other) = reader.take() {
            let expected = match other.1 {
                Token::Relation(_) => "the end of the formula: one comparison only",
                _ => "+, - or the end of the formula",
            };
            return Err(reader.unexpected(Some(other), expected));
        }
        let formula = Self {
            left,
            relation,
            right,
        };
        if formula.questions().next().is_none() {
            return Err(FormulaError::NoQuestion);
        }
        Ok(formula)
    }
}

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    next: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a (usize, Token)> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<&'a (usize, Token)> {
        let token = self.tokens.get(self.next);
        self.next += usize::from(token.is_some());
        token
    }

    fn unexpected(&self, found: Option<&(usize, Token)>, expected: &'static str) -> FormulaError {
        FormulaError::Unexpected {
            at: found.map_or(self.end, |(at, _)| *at),
            found: found.map_or_else(|| "the end".to_owned(), |(_, t)| t.describe()),
            expected,
        }
    }

    fn sum(&mut self, expected: &'static str) -> Result<Sum, FormulaError> {
        let mut sum = Sum::default();
        let mut sign = self.sign().unwrap_or(1);
        loop {
            let (k, question) = self.term(expected)?;
            sum.terms.push((sign * k, question));
            match self.sign() {
                Some(next) => sign = next,
                None => return Ok(sum),
            }
        }
    }

    fn sign(&mut self) -> Option<i128> {
        let sign = match self.peek()?.1 {
            Token::Plus => 1,
            Token::Minus => -1,
            _ => return None,
        };
        self.next += 1;
        Some(sign)
    }

    fn term(&mut self, expected: &'static str) -> Result<(i128, Option<QuestionId>), FormulaError> {
        match self.take() {
            Some((at, Token::Number(digits))) => {
                let number: u64 = digits.parse().map_err(|_| FormulaError::TooLarge {
                    at: *at,
                    found: quoted(digits),
                })?;
                if !matches!(self.peek(), Some((_, Token::Times))) {
                    return Ok((number.into(), None));
                }
                self.next += 1;
                match self.take() {
                    Some((_, Token::Name(name))) => {
                        self.no_product(*at, name)?;
                        Ok((number.into(), Some(name.as_str().into())))
                    }
                    other => Err(self.unexpected(other, "a question after \"*\"")),
                }
            }
            Some((at, Token::Name(name))) => {
                self.no_product(*at, name)?;
                Ok((1, Some(name.as_str().into())))
            }
            other => Err(self.unexpected(other, expected)),
        }
    }

    /// A question may not be multiplied from the right.
    fn no_product(&self, at: usize, name: &str) -> Result<(), FormulaError> {
        match (self.peek(), self.tokens.get(self.next + 1)) {
            (Some((_, Token::Times)), Some((_, Token::Name(other)))) => {
                Err(FormulaError::NotLinear {
                    at,
                    found: format!("{name}*{other}"),
                })
            }
            (Some(times @ (_, Token::Times)), _) => {
                Err(self.unexpected(Some(times), "the number before the question: k*question"))
            }
            _ => Ok(()),
        }
    }
}

/// A rule that ties questions together; hard, unless it has assumptions.
///
/// # Examples
///
/// ```
/// use discrepancy::Link;
///
/// let sum = Link::new("freed = to_ukraine + to_lithuania").id("destinations");
/// let means = Link::new("coale_counted = political_freed").assuming(["same_release"]);
/// # let _ = (sum, means);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Link {
    pub(crate) id: Option<LinkId>,
    /// As an id, since a link without one is called by it.
    pub(crate) formula: LinkId,
    pub(crate) text: Option<String>,
    pub(crate) assuming: Vec<AssumptionId>,
}

impl Link {
    /// A hard link. The formula is read when the dossier is built.
    pub fn new(formula: impl Into<String>) -> Self {
        Self {
            id: None,
            formula: formula.into().into(),
            text: None,
            assuming: Vec::new(),
        }
    }

    /// Its id; without one it is called by its formula.
    pub fn id(mut self, id: impl Into<LinkId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The link in words.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Assumptions under which alone it holds: a soft link.
    pub fn assuming<T: Into<AssumptionId>>(
        mut self,
        assumptions: impl IntoIterator<Item = T>,
    ) -> Self {
        self.assuming = assumptions.into_iter().map(Into::into).collect();
        self
    }

    /// Its id, or else its formula.
    pub fn name(&self) -> &str {
        self.id
            .as_ref()
            .map_or(self.formula.as_str(), LinkId::as_str)
    }

    /// The same, not copied.
    pub(crate) fn shared_name(&self) -> LinkId {
        self.id.as_ref().unwrap_or(&self.formula).clone()
    }

    /// The link in words, if given.
    pub fn wording(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The formula as written.
    pub fn formula(&self) -> &str {
        self.formula.as_str()
    }

    /// Whether it always holds.
    pub fn is_hard(&self) -> bool {
        self.assuming.is_empty()
    }
}

impl From<Formula> for Link {
    fn from(formula: Formula) -> Self {
        Self::new(formula.to_string())
    }
}
