//! Results as CSV files.

#![expect(
    clippy::indexing_slicing,
    reason = "one entry per candidate, source or question of the fitted corpus"
)]

use std::io::{self, Write};

use chrono::Datelike;

use super::fit::Fit;
use super::numeric::Estimate;
use super::scale::Scale;
use super::table::{Corpus, QuestionKey, SourceKey};
use crate::sets::day::from_number;

impl Fit {
    /// Writes `question,value,probability`, sorted by question, then value: in a closed vocabulary every value of the corpus for each
    /// question, in an open one the values claimed on it. "None of them" has no row; it is what is missing to 1.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_answers(&self, corpus: &Corpus, mut output: impl Write) -> io::Result<()> {
        output.write_all(b"question,value,probability\n")?;
        let order = corpus.values.sorted();
        let mut rank = vec![0u32; order.len()];
        for (at, &value) in (0..).zip(&order) {
            rank[value as usize] = at;
        }
        let quoted: Vec<Option<String>> = if order.len() < 10_000 {
            (0..)
                .zip(&order)
                .map(|(value, _)| Some(field(corpus.values.text(value)).into_owned()))
                .collect()
        } else {
            Vec::new()
        };
        let mut row: Vec<(u32, f64)> = Vec::new();
        let mut line = String::new();
        for question in corpus.questions.sorted() {
            row.clear();
            let index = question as usize;
            if self.is_closed() {
                let p = &self.dense[index * self.values..(index + 1) * self.values];
                row.extend(order.iter().map(|&value| (value, p[value as usize])));
            } else {
                row.extend(
                    corpus
                        .candidates_of(index)
                        .map(|c| (corpus.candidate_value[c], self.candidates[c])),
                );
                row.sort_unstable_by_key(|&(value, _)| rank[value as usize]);
            }
            let name = field(corpus.questions.text(question));
            for &(value, p) in &row {
                line.clear();
                line.push_str(&name);
                line.push(',');
                match quoted.get(value as usize) {
                    Some(Some(value)) => line.push_str(value),
                    _ => line.push_str(&field(corpus.values.text(value))),
                }
                line.push(',');
                push_number(&mut line, p);
                line.push('\n');
                output.write_all(line.as_bytes())?;
            }
        }
        output.flush()
    }

    /// Writes `source,claims,accuracy,low,high`, sorted by source.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_sources(&self, corpus: &Corpus, mut output: impl Write) -> io::Result<()> {
        output.write_all(b"source,claims,accuracy,low,high\n")?;
        let mut claims = vec![0u32; corpus.sources.len()];
        for &source in &corpus.source {
            claims[source as usize] += 1;
        }
        for source in corpus.sources.sorted() {
            let Some(learned) = self.source(SourceKey(source)) else {
                continue;
            };
            let mut line = format!(
                "{},{}",
                field(corpus.sources.text(source)),
                claims[source as usize]
            );
            for x in [learned.accuracy, learned.low, learned.high] {
                line.push(',');
                push_number(&mut line, x);
            }
            line.push('\n');
            output.write_all(line.as_bytes())?;
        }
        output.flush()
    }

    /// Writes `question,estimate,low,high`, sorted by question, of dates in days, the interval rounded outwards; only the header for a corpus that is not of numbers.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_estimates(&self, corpus: &Corpus, mut output: impl Write) -> io::Result<()> {
        output.write_all(b"question,estimate,low,high\n")?;
        for question in corpus.questions.sorted() {
            let Some(estimate) = self.estimate(QuestionKey(question)) else {
                continue;
            };
            let mut line = field(corpus.questions.text(question)).into_owned();
            let Estimate {
                estimate,
                low,
                high,
            } = estimate;
            if corpus.scale() == Some(Scale::Dates) {
                for x in [estimate.round(), low.floor(), high.ceil()] {
                    line.push(',');
                    line.push_str(&day(x));
                }
            } else {
                for x in [estimate, low, high] {
                    line.push(',');
                    push_number(&mut line, x);
                }
            }
            line.push('\n');
            output.write_all(line.as_bytes())?;
        }
        output.flush()
    }

    /// Writes `a,b,probability`, sorted by the sources' names, a before b.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_origins(&self, corpus: &Corpus, mut output: impl Write) -> io::Result<()> {
        output.write_all(b"a,b,probability\n")?;
        let mut rows: Vec<(&str, &str, f64)> = self
            .origins
            .iter()
            .map(|origin| {
                (
                    corpus.source_name(origin.a),
                    corpus.source_name(origin.b),
                    origin.probability,
                )
            })
            .map(|(a, b, p)| if a <= b { (a, b, p) } else { (b, a, p) })
            .collect();
        rows.sort_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)));
        for (a, b, p) in rows {
            let mut line = format!("{},{},", field(a), field(b));
            push_number(&mut line, p);
            line.push('\n');
            output.write_all(line.as_bytes())?;
        }
        output.flush()
    }
}

/// The day of a number, or the last one there is on that side of the calendar.
#[expect(clippy::cast_possible_truncation, reason = "cut to the calendar first")]
fn day(x: f64) -> String {
    let last = f64::from(chrono::NaiveDate::MAX.num_days_from_ce());
    let first = f64::from(chrono::NaiveDate::MIN.num_days_from_ce());
    from_number(x.clamp(first, last) as i128).map_or_else(|| x.to_string(), |day| day.to_string())
}

/// The shortest digits that read back as the same number, without a page of zeros before them.
pub(crate) fn push_number(line: &mut String, x: f64) {
    use std::fmt::Write as _;
    let small = x.abs() < 1e-5 && x.abs() > 0.0;
    // Writing to a String cannot fail.
    let _ = if small {
        write!(line, "{x:e}")
    } else {
        write!(line, "{x}")
    };
}

/// A field, quoted where it must be.
pub(crate) fn field(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) || text.is_empty() {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
