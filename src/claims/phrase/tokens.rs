//! A phrase cut into words, numerals and signs.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, with apostrophes inside or at the end.
    Word,
    /// ASCII digits, with single separators between them (well formed or not).
    Numeral,
    /// Any other character; `>=` and `<=` are one.
    Sign(char),
}

/// A piece of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    /// Whether it follows the token before without a space.
    pub(super) glued: bool,
    /// Where it starts, in bytes.
    start: usize,
}

/// Characters that may group thousands.
pub(super) const GROUPING: [char; 8] = [
    ',', ' ', '\u{a0}', '\u{2007}', '\u{2009}', '\u{202f}', '\'', '’',
];

/// Signs outside ASCII that no word may hold.
const SIGNS: &str = "–—―−‐‑‒…≈≅≃≥≤≠≯≮±∓‰‱€£¥¢×÷∞“”‘«»„‚‹›•·°§¿¡";

fn is_letter(c: char) -> bool {
    // Beyond ASCII also marks and joiners, which some scripts need inside words.
    c.is_alphabetic()
        || !(c.is_ascii()
            || c.is_numeric()
            || c.is_whitespace()
            || c.is_control()
            || c == '’'
            || SIGNS.contains(c))
}

fn word_length(text: &str) -> usize {
    text.find(|c| !(is_letter(c) || c == '\'' || c == '’'))
        .unwrap_or(text.len())
}

fn numeral_length(text: &str) -> usize {
    let mut end = 0;
    let mut after_digit = false;
    for (i, c) in text.char_indices() {
        if c.is_ascii_digit() {
            end = i + 1;
            after_digit = true;
        } else if after_digit && (c == '.' || GROUPING.contains(&c)) {
            after_digit = false;
        } else {
            break;
        }
    }
    end
}

/// The tokens of a text, in order. Linear in its length.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut glued = false;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = if first.is_ascii_digit() {
            (Kind::Numeral, numeral_length(rest))
        } else if is_letter(first) {
            (Kind::Word, word_length(rest))
        } else {
            let with_equals = rest.starts_with(">=") || rest.starts_with("<=");
            let length = first.len_utf8() + usize::from(with_equals);
            (Kind::Sign(first), length)
        };
        let Some((piece, after)) = rest.split_at_checked(length) else {
            break;
        };
        if first.is_whitespace() {
            glued = false;
        } else {
            found.push(Token {
                text: piece,
                kind,
                glued,
                start: text.len() - rest.len(),
            });
            glued = true;
        }
        rest = after;
    }
    found
}

/// A place in a phrase; copied to try something, assigned back to keep it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'t, 'a> {
    source: &'a str,
    rest: &'t [Token<'a>],
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub(super) fn new(source: &'a str, rest: &'t [Token<'a>]) -> Self {
        Self { source, rest }
    }

    pub(super) fn peek(&self) -> Option<&'t Token<'a>> {
        self.rest.first()
    }

    pub(super) fn next(&mut self) -> Option<&'t Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything from here to the end of the text.
    pub(super) fn text(&self) -> &'a str {
        self.peek()
            .and_then(|t| self.source.get(t.start..))
            .unwrap_or_default()
    }

    /// What lies between here and a later place, without the space at its end.
    pub(super) fn text_until(&self, later: &Self) -> &'a str {
        let rest = self.text();
        rest.get(..rest.len() - later.text().len())
            .unwrap_or(rest)
            .trim_end()
    }

    /// Whether the next token is that word, in any case.
    pub(super) fn is_at(&self, word: &str) -> bool {
        self.peek()
            .is_some_and(|t| t.text.eq_ignore_ascii_case(word))
    }

    /// Takes the words if they are the next ones, in any case; otherwise nothing.
    pub(super) fn take(&mut self, words: &[&str]) -> bool {
        let mut ahead = *self;
        for word in words {
            if !ahead.is_at(word) {
                return false;
            }
            ahead.next();
        }
        *self = ahead;
        true
    }

    /// Takes the next token if `read` makes something of it as a word in lower case.
    pub(super) fn take_word<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = read(&lower(self.peek()?)?)?;
        self.next();
        Some(value)
    }

    /// Takes a hyphen that is written without spaces, as in "twenty-three".
    pub(super) fn take_hyphen(&mut self) -> bool {
        let mut ahead = *self;
        let hyphen = ahead
            .next()
            .is_some_and(|t| t.glued && matches!(t.kind, Kind::Sign('-' | '‐' | '‑')))
            && ahead.peek().is_some_and(|t| t.glued);
        if hyphen {
            *self = ahead;
        }
        hyphen
    }

    /// The places of the word among the next `within` tokens, each as what is before it and what begins with it.
    pub(super) fn splits_at(
        &self,
        word: &str,
        within: usize,
    ) -> impl Iterator<Item = (Self, Self)> {
        let (rest, source) = (self.rest, self.source);
        (0..within)
            .map_while(move |i| rest.split_at_checked(i))
            .map(move |(before, at)| (Self::new(source, before), Self::new(source, at)))
            .filter(move |(_, at)| at.is_at(word))
    }
}

/// A word in lower case, if it is one, and no longer than any word of the lexicon.
pub(super) fn lower(token: &Token<'_>) -> Option<String> {
    (token.kind == Kind::Word && token.text.len() <= 16).then(|| token.text.to_ascii_lowercase())
}
