//! Reports as plain text for a terminal or a chat.

use super::outline::page;
use super::page::{Block, Page, reasons};
use crate::findings::reconcile::Findings;

/// Characters in a line, at the most, unless one word is longer.
const WIDTH: usize = 78;

/// The findings as plain text, fit to paste into a chat: no colours, lines of at most 78 characters, columns aligned.
///
/// # Examples
///
/// ```
/// use discrepancy::{Claim, Dossier, Letter, Question, Source, reconcile, report};
///
/// let dossier = Dossier::builder()
///     .source(Source::new("agency").reliability(Letter::B))
///     .question(Question::count("freed"))
///     .claim(Claim::new("a").question("freed").source("agency").value("at least 123"))
///     .build()?;
/// let text = report::text(&reconcile(dossier));
/// assert!(text.contains("freed: at least 123"));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn text(findings: &Findings) -> String {
    lay_out(&page(findings))
}

fn lay_out(page: &Page) -> String {
    let mut lines = wrapped(&page.title, WIDTH);
    for paragraph in &page.opening {
        lines.extend(wrapped(paragraph, WIDTH));
    }
    for section in &page.sections {
        lines.push(String::new());
        lines.extend(wrapped(&section.heading, WIDTH));
        let mut led = false;
        for block in &section.blocks {
            match block {
                Block::Reasons(list) => {
                    for plainer in reasons(list) {
                        lay_out_block(&plainer, &mut led, &mut lines);
                    }
                }
                _ => lay_out_block(block, &mut led, &mut lines),
            }
        }
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Lists and tables are indented below the sentence that leads to them.
fn lay_out_block(block: &Block, led: &mut bool, lines: &mut Vec<String>) {
    let indent = if *led { 4 } else { 2 };
    match block {
        Block::Paragraph(text) => {
            lines.extend(indented(&wrapped(text, WIDTH - 2), 2));
            *led = true;
        }
        Block::Items(items) => {
            for item in items {
                let inner = wrapped(item, WIDTH - indent - 2);
                lines.extend(inner.iter().enumerate().map(|(i, line)| {
                    let mark = if i == 0 { "- " } else { "  " };
                    format!("{:indent$}{mark}{line}", "")
                }));
            }
        }
        Block::Table { heads, rows } => {
            lines.extend(indented(&columns(heads, rows, WIDTH - indent), indent));
        }
        Block::Reasons(_) => {}
    }
}

fn indented(lines: &[String], by: usize) -> Vec<String> {
    lines
        .iter()
        .map(|line| format!("{:by$}{line}", ""))
        .collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Lines of at most `width` characters, broken at spaces; a longer word is broken where it must be.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            if used > 0 && used + 1 + piece.len() > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.extend(piece);
            used += piece.len();
        }
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Cells in columns, two spaces apart; where they do not fit, the widest ones are wrapped.
fn columns(heads: &[&str], rows: &[Vec<String>], width: usize) -> Vec<String> {
    let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
    let headed = heads.iter().any(|h| !h.is_empty());
    let mut widths: Vec<usize> = (0..heads.len())
        .map(|i| {
            let head = heads.get(i).map_or(0, |h| length(h));
            rows.iter()
                .map(|r| length(&cell(r, i)))
                .chain([head])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let gaps = 2 * heads.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        // The widest gives way, the last of them first, but none below what can be read.
        match widths.iter_mut().filter(|w| **w > 12).max_by_key(|w| **w) {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    let head: Vec<String> = heads.iter().map(|h| (*h).to_owned()).collect();
    let mut out = Vec::new();
    for row in headed.then_some(&head).into_iter().chain(rows) {
        let cells: Vec<Vec<String>> = widths
            .iter()
            .enumerate()
            .map(|(i, w)| wrapped(&cell(row, i), *w))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..height {
            let mut line = String::new();
            for (lines, w) in cells.iter().zip(&widths) {
                let piece = lines.get(n).map_or("", String::as_str);
                line.push_str(piece);
                line.extend(std::iter::repeat_n(' ', w + 2 - length(piece).min(w + 2)));
            }
            out.push(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken() {
        assert_eq!(wrapped("a bcdefg h", 3), ["a", "bcd", "efg", "h"]);
        assert_eq!(wrapped("", 3), [""]);
    }

    #[test]
    fn columns_are_aligned_and_wrapped() {
        let rows = vec![
            vec!["one".to_owned(), "a b".to_owned()],
            vec!["twenty words and more".to_owned(), "c".to_owned()],
        ];
        assert_eq!(
            columns(&["", ""], &rows, 17),
            [
                "one           a b  ",
                "twenty words  c    ",
                "and more           "
            ]
        );
    }
}
