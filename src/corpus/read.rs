//! Claims from files, in one pass.

use std::io::{self, BufRead};

use serde::Deserialize;

use super::builder::{CorpusBuilder, CorpusError};

/// A claims file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadClaimsError {
    /// The reader failed.
    #[error("the claims cannot be read")]
    Io(#[from] io::Error),
    /// There is too much.
    #[error("the claims do not fit")]
    Corpus(#[from] CorpusError),
    /// The header has neither the wanted columns nor enough of them.
    #[error("the header has {found} columns, {wanted} are needed")]
    Header {
        /// How many columns there are.
        found: usize,
        /// How many there must be at least.
        wanted: usize,
    },
    /// A Parquet column holds neither texts nor anything else that one text says exactly.
    #[cfg(feature = "parquet")]
    #[cfg_attr(docsrs, doc(cfg(feature = "parquet")))]
    #[error("column {name:?} is neither of texts nor of numbers, truth values or days")]
    Column {
        /// Its name.
        name: String,
    },
    /// It is no Parquet file, or a broken one, or one compressed as this program cannot read.
    #[cfg(feature = "parquet")]
    #[cfg_attr(docsrs, doc(cfg(feature = "parquet")))]
    #[error("the Parquet file cannot be read")]
    Parquet(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Rows that were left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LeftOut {
    /// How many.
    pub count: u64,
    /// The first hundred of them.
    pub first: Vec<BadRow>,
}

/// A row that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRow {
    /// The line it starts on, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: RowProblem,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// It ends before the last column wanted.
    #[error("a column is missing")]
    Short,
    /// A field that must say something is empty.
    #[error("a field is empty")]
    Empty,
    /// It is not UTF-8.
    #[error("not UTF-8")]
    Text,
    /// It is longer than a megabyte.
    #[error("longer than a megabyte")]
    Long,
    /// It is not an object with question, source and value.
    #[error("no JSON object with question, source and value")]
    Json,
    /// The value is not a number, in a corpus of numbers.
    #[error("not a number")]
    Number,
    /// The time of the claim is neither a day nor an instant.
    #[error("neither a day nor an RFC 3339 instant")]
    Time,
    /// The value is not a date, in a corpus of dates.
    #[error("not a date")]
    Date,
    /// It is a day or decimal beyond what can be written down.
    #[error("out of range")]
    Range,
}

impl LeftOut {
    pub(super) fn add(&mut self, line: u64, problem: RowProblem) {
        self.count += 1;
        if self.first.len() < 100 {
            self.first.push(BadRow { line, problem });
        }
    }
}

/// Rows longer than this are left out, so that a quote never closed does not swallow the memory.
pub(super) const LONGEST: usize = 1 << 20;

impl CorpusBuilder {
    /// Adds the claims of a CSV file (RFC 4180, UTF-8, the first row a header): columns `question`, `source` and `value`, or else the
    /// first three. Where the header names these, a column `stated` may say when each claim was made, as in
    /// [`claim_at`](Self::claim_at), or nothing. Rows that cannot be used are left out and returned.
    ///
    /// # Errors
    ///
    /// [`ReadClaimsError`] where the file as a whole cannot be used.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::Corpus;
    ///
    /// let mut builder = Corpus::builder();
    /// let left_out = builder.read_csv("question,source,value\ncapital,atlas,Canberra\ncapital,,Sydney\n".as_bytes())?;
    /// assert_eq!((builder.len(), left_out.count, left_out.first[0].line), (1, 1, 3));
    /// # Ok::<(), discrepancy::corpus::ReadClaimsError>(())
    /// ```
    #[cfg(feature = "csv")]
    #[cfg_attr(docsrs, doc(cfg(feature = "csv")))]
    pub fn read_csv(&mut self, input: impl BufRead) -> Result<LeftOut, ReadClaimsError> {
        read_columns(
            input,
            ["question", "source", "value"],
            Some("stated"),
            |[question, source, value], stated| match stated {
                None | Some("") => self.claim_fields(question, source, value),
                Some(stated) => self.claim_fields_at(question, source, value, stated),
            },
        )
    }

    /// Adds the known answers of a CSV file with the columns `question` and `value`, or else its first two.
    ///
    /// # Errors
    ///
    /// [`ReadClaimsError`] where the file as a whole cannot be used.
    #[cfg(feature = "csv")]
    #[cfg_attr(docsrs, doc(cfg(feature = "csv")))]
    pub fn read_known_csv(&mut self, input: impl BufRead) -> Result<LeftOut, ReadClaimsError> {
        read_columns(
            input,
            ["question", "value"],
            None,
            |[question, value], _| {
                if question.is_empty() || value.is_empty() {
                    return Ok(Err(RowProblem::Empty));
                }
                self.known(question, value);
                Ok(Ok(()))
            },
        )
    }

    /// Adds the claims of a file with one JSON object per line, `{"question": .., "source": .., "value": ..}`; other fields are passed
    /// over, but for `"stated"`, a text that says when, as in [`claim_at`](Self::claim_at). Values are texts, numbers or booleans. Lines that cannot be used are left out and returned, empty ones skipped.
    ///
    /// # Errors
    ///
    /// [`ReadClaimsError`] where the reader fails or the claims are too many.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::corpus::Corpus;
    ///
    /// let mut builder = Corpus::builder();
    /// let left_out = builder.read_json_lines(r#"{"question": "capital", "source": "atlas", "value": "Canberra"}"#.as_bytes())?;
    /// assert_eq!((builder.len(), left_out.count), (1, 0));
    /// # Ok::<(), discrepancy::corpus::ReadClaimsError>(())
    /// ```
    pub fn read_json_lines(&mut self, mut input: impl BufRead) -> Result<LeftOut, ReadClaimsError> {
        let mut left_out = LeftOut::default();
        let mut text = Vec::new();
        for line in 1.. {
            match read_line(&mut input, &mut text)? {
                Line::End => break,
                Line::Long => left_out.add(line, RowProblem::Long),
                Line::Whole if text.trim_ascii().is_empty() => {}
                Line::Whole => match serde_json::from_slice::<JsonClaim<'_>>(&text) {
                    Err(_) if std::str::from_utf8(&text).is_err() => {
                        left_out.add(line, RowProblem::Text);
                    }
                    Err(_) => left_out.add(line, RowProblem::Json),
                    Ok(claim) => {
                        let value = match &claim.value {
                            serde_json::Value::String(value) => value.clone(),
                            serde_json::Value::Number(value) => value.to_string(),
                            serde_json::Value::Bool(value) => value.to_string(),
                            _ => {
                                left_out.add(line, RowProblem::Json);
                                continue;
                            }
                        };
                        let taken = match &claim.stated {
                            None | Some(serde_json::Value::Null) => {
                                self.claim_fields(&claim.question, &claim.source, &value)?
                            }
                            Some(serde_json::Value::String(stated)) => self.claim_fields_at(
                                &claim.question,
                                &claim.source,
                                &value,
                                stated,
                            )?,
                            Some(_) => Err(RowProblem::Time),
                        };
                        if let Err(problem) = taken {
                            left_out.add(line, problem);
                        }
                    }
                },
            }
        }
        Ok(left_out)
    }

    /// A row's claim; the outer error ends the reading, the inner one leaves the row out.
    pub(super) fn claim_fields(
        &mut self,
        question: &str,
        source: &str,
        value: &str,
    ) -> Result<Result<(), RowProblem>, CorpusError> {
        if question.is_empty() || source.is_empty() || value.is_empty() {
            return Ok(Err(RowProblem::Empty));
        }
        problem(self.claim(question, source, value))
    }

    /// The same with its time.
    fn claim_fields_at(
        &mut self,
        question: &str,
        source: &str,
        value: &str,
        stated: &str,
    ) -> Result<Result<(), RowProblem>, CorpusError> {
        if question.is_empty() || source.is_empty() || value.is_empty() {
            return Ok(Err(RowProblem::Empty));
        }
        problem(self.claim_at(question, source, value, stated))
    }
}

/// What is wrong with a row, where it is not the whole.
fn problem<T>(taken: Result<T, CorpusError>) -> Result<Result<(), RowProblem>, CorpusError> {
    match taken {
        Ok(_) => Ok(Ok(())),
        Err(CorpusError::NotANumber { .. }) => Ok(Err(RowProblem::Number)),
        Err(CorpusError::NotADate { .. }) => Ok(Err(RowProblem::Date)),
        Err(CorpusError::NoTime { .. }) => Ok(Err(RowProblem::Time)),
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
struct JsonClaim<'a> {
    #[serde(borrow)]
    question: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    source: std::borrow::Cow<'a, str>,
    value: serde_json::Value,
    #[serde(default)]
    stated: Option<serde_json::Value>,
}

enum Line {
    Whole,
    Long,
    End,
}

/// The next line, without more than [`LONGEST`] bytes of it in memory.
fn read_line(input: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<Line> {
    text.clear();
    let (mut any, mut long) = (false, false);
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(if long {
                Line::Long
            } else if any {
                Line::Whole
            } else {
                Line::End
            });
        }
        any = true;
        let mut parts = buffer.splitn(2, |&byte| byte == b'\n');
        let part = parts.next().unwrap_or_default();
        let ends = parts.next().is_some();
        let used = part.len() + usize::from(ends);
        if text.len() + part.len() > LONGEST {
            long = true;
            text.clear();
        }
        if !long {
            text.extend_from_slice(part);
        }
        input.consume(used);
        if ends {
            return Ok(if long { Line::Long } else { Line::Whole });
        }
    }
}

/// What a row is good for: an outer error ends the reading, an inner one leaves the row out.
#[cfg(feature = "csv")]
type Taken = Result<Result<(), RowProblem>, CorpusError>;

/// Reads `N` columns by name or, where a name is missing in the header, the first `N`; by name alone one more, if it is there.
#[cfg(feature = "csv")]
fn read_columns<const N: usize>(
    input: impl BufRead,
    names: [&str; N],
    more: Option<&str>,
    mut take: impl FnMut([&str; N], Option<&str>) -> Taken,
) -> Result<LeftOut, ReadClaimsError> {
    let mut rows = Rows::new(input);
    let mut left_out = LeftOut::default();
    let Some(header) = rows.next()? else {
        return Ok(left_out);
    };
    let found = rows.fields().count();
    let places = names.map(|name| rows.fields().position(|field| field == name.as_bytes()));
    let columns: [usize; N] = if places.iter().all(Option::is_some) {
        places.map(Option::unwrap_or_default)
    } else if found >= N && header.problem.is_none() {
        std::array::from_fn(|i| i)
    } else {
        return Err(ReadClaimsError::Header { found, wanted: N });
    };
    // Only beside columns that are named, lest the fourth of others be taken for it.
    let by_name = places.iter().all(Option::is_some);
    let more = more
        .filter(|_| by_name)
        .and_then(|name| rows.fields().position(|field| field == name.as_bytes()));
    while let Some(row) = rows.next()? {
        let problem = match row.problem {
            Some(problem) => Some(problem),
            None => match (rows.pick(columns), more.map(|column| rows.pick([column]))) {
                (Err(problem), _) | (_, Some(Err(problem))) => Some(problem),
                (Ok(fields), more) => {
                    take(fields, more.and_then(Result::ok).map(|[more]| more))?.err()
                }
            },
        };
        if let Some(problem) = problem {
            left_out.add(row.line, problem);
        }
    }
    Ok(left_out)
}

/// The rows of a CSV file, one at a time.
#[cfg(feature = "csv")]
struct Rows<R> {
    input: R,
    parser: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

#[cfg(feature = "csv")]
struct Row {
    line: u64,
    problem: Option<RowProblem>,
}

#[cfg(feature = "csv")]
impl<R: BufRead> Rows<R> {
    /// More columns than this make a row too long.
    const COLUMNS: usize = 1 << 14;

    fn new(input: R) -> Self {
        Self {
            input,
            parser: csv_core::Reader::new(),
            text: vec![0; 1024],
            ends: vec![0; 16],
            fields: 0,
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the parser never reports more than the slices it was given"
    )]
    fn next(&mut self) -> Result<Option<Row>, ReadClaimsError> {
        use csv_core::ReadRecordResult;

        let (mut written, mut fields, mut problem, mut line) = (0, 0, None, None);
        loop {
            let input = match self.input.fill_buf() {
                Ok(input) => input,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if line.is_none() && !input.is_empty() {
                // Blank lines come before a row, not within it.
                let blank = input
                    .iter()
                    .take_while(|byte| matches!(byte, b'\n' | b'\r'))
                    .count();
                if blank > 0 {
                    let lines: u64 = input[..blank]
                        .iter()
                        .map(|&byte| u64::from(byte == b'\n'))
                        .sum();
                    self.parser.set_line(self.parser.line() + lines);
                    self.input.consume(blank);
                    continue;
                }
                line = Some(self.parser.line());
            }
            let (result, read, wrote, ended) =
                self.parser
                    .read_record(input, &mut self.text[written..], &mut self.ends[fields..]);
            self.input.consume(read);
            written += wrote;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < LONGEST => {
                    self.text.resize(self.text.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < Self::COLUMNS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    problem = Some(RowProblem::Long);
                    (written, fields) = (0, 0);
                }
                ReadRecordResult::Record => {
                    self.fields = fields;
                    return Ok(Some(Row {
                        line: line.unwrap_or_default(),
                        problem,
                    }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn field(&self, column: usize) -> Option<&[u8]> {
        if column >= self.fields {
            return None;
        }
        let start = column
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(column)?)
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.fields).map_while(|column| self.field(column))
    }

    fn pick<const N: usize>(&self, columns: [usize; N]) -> Result<[&str; N], RowProblem> {
        let mut picked = [""; N];
        for (to, column) in picked.iter_mut().zip(columns) {
            let field = self.field(column).ok_or(RowProblem::Short)?;
            *to = std::str::from_utf8(field).map_err(|_| RowProblem::Text)?;
        }
        Ok(picked)
    }
}
