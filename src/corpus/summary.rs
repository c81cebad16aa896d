//! A fit in a few lines.

use std::fmt;

use super::fit::Fit;
use super::table::{Corpus, QuestionKey, SourceKey, ValueKey};

/// What a fit says in short, as text: how much there is, whom it trusts most and least, and which questions are most contested.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FitSummary {
    /// How many claims.
    pub claims: usize,
    /// How many questions.
    pub questions: usize,
    /// How many sources.
    pub sources: usize,
    /// The sources most trusted, with their accuracy, best first; at most three.
    pub most_trusted: Vec<(String, f64)>,
    /// The sources least trusted, worst first; at most three, none of the most trusted.
    pub least_trusted: Vec<(String, f64)>,
    /// The questions whose best answer is least probable, with that answer; at most three.
    pub most_contested: Vec<(String, String, f64)>,
}

const SHOWN: usize = 3;

impl Fit {
    /// What it says in short.
    pub fn summary(&self, corpus: &Corpus) -> FitSummary {
        let mut sources: Vec<(f64, u32)> = (0..)
            .zip(&self.sources)
            .map(|(source, learned)| (learned.accuracy, source))
            .collect();
        let name = |source| corpus.source_name(SourceKey(source));
        sources.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| name(a.1).cmp(name(b.1))));
        let told = |&(accuracy, source): &(f64, u32)| (name(source).to_owned(), accuracy);
        let mut questions: Vec<(f64, u32, u32)> = (0u32..)
            .take(corpus.questions.len())
            .filter_map(|question| {
                let (value, p) = self.best(corpus, question as usize)?;
                Some((p, question, value))
            })
            .collect();
        let question = |number| corpus.question_name(QuestionKey(number));
        let contested = |a: &(f64, u32, u32), b: &(f64, u32, u32)| {
            a.0.total_cmp(&b.0)
                .then_with(|| question(a.1).cmp(question(b.1)))
        };
        if questions.len() > SHOWN {
            questions.select_nth_unstable_by(SHOWN, contested);
            questions.truncate(SHOWN);
        }
        questions.sort_unstable_by(contested);
        FitSummary {
            claims: corpus.len(),
            questions: corpus.questions.len(),
            sources: sources.len(),
            most_trusted: sources.iter().take(SHOWN).map(told).collect(),
            least_trusted: sources
                .iter()
                .skip(SHOWN)
                .rev()
                .take(SHOWN)
                .map(told)
                .collect(),
            most_contested: questions
                .iter()
                .map(|&(p, q, value)| {
                    (
                        question(q).to_owned(),
                        corpus.value_name(ValueKey(value)).to_owned(),
                        p,
                    )
                })
                .collect(),
        }
    }
}

impl fmt::Display for FitSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} claims, {} questions, {} sources",
            self.claims, self.questions, self.sources
        )?;
        for (title, list) in [
            ("most trusted", &self.most_trusted),
            ("least trusted", &self.least_trusted),
        ] {
            for (name, accuracy) in list {
                writeln!(
                    f,
                    "{title}: {name}, right {:.1} % of the time",
                    100.0 * accuracy
                )?;
            }
        }
        for (question, value, p) in &self.most_contested {
            writeln!(
                f,
                "most contested: {question}, {value} with {:.1} %",
                100.0 * p
            )?;
        }
        Ok(())
    }
}
