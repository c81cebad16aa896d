//! A report before it is laid out: sections of paragraphs, lists and tables. Text in it is plain: one line, no control characters.

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// Paragraphs before the first section.
    pub(crate) opening: Vec<String>,
    pub(crate) sections: Vec<Section>,
}

/// A heading and what stands below it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    pub(crate) heading: String,
    pub(crate) part: Part,
    pub(crate) blocks: Vec<Block>,
}

/// What a section is about, for layouts that show more of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Answers that are known, or said.
    Answers,
    /// A dispute, by its id.
    Dispute(String),
    /// That there are more disputes.
    MoreDisputes,
    /// All tensions.
    Tensions,
    /// What to ask.
    Ask,
    /// What all of it rests on.
    Grounds,
}

/// One piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// Sentences.
    Paragraph(String),
    /// Things in a row.
    Items(Vec<String>),
    /// Rows of as many cells as there are heads.
    Table {
        heads: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
    /// Why the figures of a dispute may differ, the best explanation first.
    Reasons(Vec<Reason>),
}

/// One explanation in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    /// Its place among all explanations.
    pub(crate) place: usize,
    pub(crate) says: String,
    pub(crate) settled_by: Option<String>,
    pub(crate) share: String,
}

/// Explanations told where there is no room for all.
const REASONS: usize = 4;

/// The first few explanations as plainer blocks.
pub(crate) fn reasons(reasons: &[Reason]) -> Vec<Block> {
    let rows = reasons.iter().take(REASONS);
    let rows = rows
        .map(|r| vec![r.says.clone(), r.share.clone()])
        .collect();
    let mut out = vec![Block::Paragraph(format!("{WHY}: {POSSIBILITIES}."))];
    out.extend(table(
        vec!["What may have happened", "Share"],
        rows,
        reasons.len(),
    ));
    if let Some(question) = reasons.first().and_then(|r| r.settled_by.as_ref()) {
        out.push(Block::Paragraph(format!("To find out: {question}")));
    }
    out
}

/// What a list of explanations is.
pub(crate) const WHY: &str = "Why they may differ";
/// How to take it.
pub(crate) const POSSIBILITIES: &str =
    "possibilities, not findings, each with its share of what is thought of here";

/// Rows or items of one list at the most; the rest is counted.
pub(crate) const LISTED: usize = 12;

/// A list cut to `limit`, its last item saying how many more there are.
pub(crate) fn cut(mut items: Vec<String>, limit: usize) -> Vec<String> {
    if items.len() > limit {
        let more = items.len() - limit;
        items.truncate(limit);
        items.push(format!("and {more} more"));
    }
    items
}

/// A table of some of `total` rows, with how many more there are.
pub(crate) fn table(heads: Vec<&'static str>, rows: Vec<Vec<String>>, total: usize) -> Vec<Block> {
    let more = total.saturating_sub(rows.len());
    let mut out = vec![Block::Table { heads, rows }];
    if more > 0 {
        out.push(Block::Paragraph(format!("and {more} more")));
    }
    out
}

/// `a`, `a and b`, `a, b and c`; after `limit` items, how many more.
pub(crate) fn and(items: &[String], limit: usize) -> String {
    joined(items, limit, "and")
}

/// `a`, `a or b`, `a, b or c`; after `limit` items, how many more.
pub(crate) fn or(items: &[String], limit: usize) -> String {
    joined(items, limit, "or")
}

fn joined(items: &[String], limit: usize, last: &str) -> String {
    if items.len() > limit {
        let more = items.len() - limit;
        let shown: Vec<&str> = items.iter().take(limit).map(String::as_str).collect();
        return format!("{} {last} {more} more", shown.join(", "));
    }
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// Text of a dossier as one plain line of at most `limit` characters: runs of white space and control characters become a space;
/// characters that only steer how text is drawn (direction marks, zero-width ones) go.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = length > 0;
            continue;
        }
        if steers(c) {
            continue;
        }
        if length + usize::from(gap) >= limit {
            out.push('…');
            break;
        }
        if gap {
            out.push(' ');
            length += 1;
            gap = false;
        }
        out.push(c);
        length += 1;
    }
    out
}

/// Characters without a look of their own that change how others look.
pub(crate) fn steers(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// With its first letter a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// `no tensions`, `one tension`, `3 tensions`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    match n {
        0 => format!("no {many}"),
        1 => format!("one {one}"),
        n => format!("{} {many}", super::values::number(n.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_one_plain_line() {
        assert_eq!(plain(" a\u{1b}[31m\r\n\tb\u{202e}c ", 20), "a [31m bc");
        assert_eq!(plain("abcdef", 4), "abcd…");
        assert_eq!(plain("ab cd", 2), "ab…");
        assert_eq!(plain("\u{200b}\n", 9), "");
    }

    #[test]
    fn lists_are_cut_with_a_count() {
        let items: Vec<String> = ["a", "b", "c"].map(String::from).into();
        assert_eq!(and(&items, 3), "a, b and c");
        assert_eq!(or(&items, 2), "a, b or 1 more");
        assert_eq!(cut(items, 1), ["a", "and 2 more"]);
    }
}
