//! Claims: who says what, through whom.

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::grade::Credibility;
use super::id::{AssumptionId, ClaimId, QuestionId, SourceId};
use super::tree::Meta;
use super::value::Value;

/// A day or an instant, as written. A day stands for its last nanosecond, UTC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct When(pub(crate) String);

impl From<&str> for When {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for When {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<NaiveDate> for When {
    fn from(day: NaiveDate) -> Self {
        Self(day.to_string())
    }
}

impl From<DateTime<Utc>> for When {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// One claim: a source's answer to a question.
///
/// It is written down field by field and checked as a whole when the dossier is built.
///
/// # Examples
///
/// ```
/// use discrepancy::Claim;
///
/// let nobel = Claim::new("nobel")
///     .question("political_held")
///     .source("frydnes")
///     .via(["afp"])
///     .value("more than 1,200");
/// # let _ = nobel;
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Claim {
    pub(crate) id: ClaimId,
    pub(crate) question: Option<QuestionId>,
    pub(crate) source: Option<SourceId>,
    pub(crate) value: Option<Value>,
    pub(crate) more: Rest,
}

/// What most claims have nothing of: it takes memory only where there is something.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rest(Option<Box<More>>);

/// The less usual parts of a claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct More {
    pub(crate) via: Vec<SourceId>,
    pub(crate) credibility: Option<Credibility>,
    pub(crate) as_of: Option<When>,
    pub(crate) stated: Option<When>,
    pub(crate) quote: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) assuming: Vec<AssumptionId>,
    pub(crate) supersedes: Vec<ClaimId>,
    pub(crate) retracted: bool,
    pub(crate) meta: Option<Meta>,
}

impl Rest {
    pub(crate) fn new(more: More) -> Self {
        Self((more != NOTHING).then(|| Box::new(more)))
    }
}

static NOTHING: More = More {
    via: Vec::new(),
    credibility: None,
    as_of: None,
    stated: None,
    quote: None,
    url: None,
    assuming: Vec::new(),
    supersedes: Vec::new(),
    retracted: false,
    meta: None,
};

impl Deref for Rest {
    type Target = More;

    fn deref(&self) -> &More {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Rest {
    fn deref_mut(&mut self) -> &mut More {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Rest {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Claim {
    /// A claim that still needs a question, a source and a value.
    pub fn new(id: impl Into<ClaimId>) -> Self {
        Self {
            id: id.into(),
            question: None,
            source: None,
            value: None,
            more: Rest::default(),
        }
    }

    /// The question it answers.
    pub fn question(mut self, question: impl Into<QuestionId>) -> Self {
        self.question = Some(question.into());
        self
    }

    /// Who says so.
    pub fn source(mut self, source: impl Into<SourceId>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The outlets it came through, nearest the speaker first.
    pub fn via<T: Into<SourceId>>(mut self, outlets: impl IntoIterator<Item = T>) -> Self {
        self.more.via = outlets.into_iter().map(Into::into).collect();
        self
    }

    /// What is said.
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// How credible this claim is, apart from its source.
    pub fn credibility(mut self, credibility: impl Into<Credibility>) -> Self {
        self.more.credibility = Some(credibility.into());
        self
    }

    /// The time for which the value is given: a day or an RFC 3339 instant.
    pub fn as_of(mut self, when: impl Into<When>) -> Self {
        self.more.as_of = Some(when.into());
        self
    }

    /// When it was said.
    pub fn stated(mut self, when: impl Into<When>) -> Self {
        self.more.stated = Some(when.into());
        self
    }

    /// The words it was said in.
    pub fn quote(mut self, words: impl Into<String>) -> Self {
        self.more.quote = Some(words.into());
        self
    }

    /// Where it can be read.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.more.url = Some(url.into());
        self
    }

    /// Declared assumptions under which alone it counts.
    pub fn assuming<T: Into<AssumptionId>>(
        mut self,
        assumptions: impl IntoIterator<Item = T>,
    ) -> Self {
        self.more.assuming = assumptions.into_iter().map(Into::into).collect();
        self
    }

    /// Claims that it replaces; they stay in the record and restrict nothing.
    pub fn supersedes<T: Into<ClaimId>>(mut self, claims: impl IntoIterator<Item = T>) -> Self {
        self.more.supersedes = claims.into_iter().map(Into::into).collect();
        self
    }

    /// Marks it as taken back: it stays in the record and restricts nothing.
    pub fn retracted(mut self) -> Self {
        self.more.retracted = true;
        self
    }
}

/// Reading what was written.
impl Claim {
    /// Its id.
    pub fn id(&self) -> &ClaimId {
        &self.id
    }

    /// Its question's id; set on every claim of a [`Dossier`](crate::Dossier).
    pub fn question_id(&self) -> Option<&QuestionId> {
        self.question.as_ref()
    }

    /// Its source's id; set on every claim of a [`Dossier`](crate::Dossier).
    pub fn source_id(&self) -> Option<&SourceId> {
        self.source.as_ref()
    }

    /// The outlets it came through, nearest the speaker first.
    pub fn outlets(&self) -> &[SourceId] {
        &self.more.via
    }

    /// The words it was said in, if recorded.
    pub fn words(&self) -> Option<&str> {
        self.more.quote.as_deref()
    }

    /// Where it can be read, if recorded.
    pub fn address(&self) -> Option<&str> {
        self.more.url.as_deref()
    }
}
