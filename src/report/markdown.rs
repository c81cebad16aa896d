//! Reports as Markdown.

use super::outline::page;
use super::page::{Block, Page, reasons};
use crate::findings::reconcile::Findings;

/// The findings as Markdown (GitHub's flavour: headings, lists and tables). Text of the dossier is escaped: it cannot break a table or
/// bring in markup, links or HTML.
///
/// # Examples
///
/// ```
/// use discrepancy::{Dossier, Question, reconcile, report};
///
/// let dossier = Dossier::builder().title("<b>Freed</b>").question(Question::count("n")).build()?;
/// assert!(report::markdown(&reconcile(dossier)).starts_with(r"# \<b\>Freed\</b\>"));
/// # Ok::<(), discrepancy::ReadErrors>(())
/// ```
pub fn markdown(findings: &Findings) -> String {
    lay_out(&page(findings))
}

fn lay_out(page: &Page) -> String {
    let mut parts = vec![format!("# {}", escaped(&page.title))];
    parts.extend(page.opening.iter().map(|p| escaped(p)));
    for section in &page.sections {
        parts.push(format!("## {}", escaped(&section.heading)));
        for block in &section.blocks {
            match block {
                Block::Reasons(list) => parts.extend(reasons(list).iter().map(laid_out)),
                _ => parts.push(laid_out(block)),
            }
        }
    }
    parts.join("\n\n") + "\n"
}

fn laid_out(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => escaped(text),
        Block::Items(items) => {
            let lines: Vec<String> = items.iter().map(|i| format!("- {}", escaped(i))).collect();
            lines.join("\n")
        }
        Block::Table { heads, rows } => table(heads, rows),
        Block::Reasons(_) => String::new(),
    }
}

fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        line(heads.iter().map(|h| escaped(h)).collect()),
        line(heads.iter().map(|_| "---".to_owned()).collect()),
    ];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(|cell| escaped(cell)).collect())),
    );
    lines.join("\n")
}

/// Plain text so that Markdown shows it as it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let mut before: [char; 3] = [' '; 3];
    let mut chars = text.chars().enumerate().peekable();
    while let Some((i, c)) = chars.next() {
        // What would begin a list, a heading, a rule or a quotation at the start of a line; what begins an address.
        let special = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~' | '$' | '@' => true,
            '#' | '-' | '+' | '=' => i == 0,
            '.' | ')' if digits > 0 && i == digits => {
                chars.peek().is_none_or(|(_, next)| next.is_whitespace())
            }
            '.' => before.map(|b| b.to_ascii_lowercase()) == ['w'; 3],
            // `scheme://`, `mailto:`, `:emoji:`; not the colon before a space.
            ':' => chars.peek().is_some_and(|(_, next)| !next.is_whitespace()),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = [before[1], before[2], c];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_through() {
        for (text, expected) in [
            ("a | b", r"a \| b"),
            ("<script>&lt;", r"\<script\>\&lt;"),
            ("[x](http://y)", r"\[x\](http\://y)"),
            ("see www.example.org", r"see www\.example.org"),
            ("- item", r"\- item"),
            ("12. item", r"12\. item"),
            ("0.56", "0.56"),
            ("# head", r"\# head"),
            ("at 1.5 - so", "at 1.5 - so"),
            ("`*_~$@", r"\`\*\_\~\$\@"),
            ("freed: 9", "freed: 9"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
