//! What was counted.

use super::error::PhraseError;
use super::lexicon;
use super::tokens::{self, Cursor, Kind, Token};

/// The words that are left, as what was counted.
///
/// # Errors
///
/// Anything among them that could change the number.
pub(super) fn read_noun(mut cursor: Cursor<'_, '_>) -> Result<Option<String>, PhraseError> {
    if cursor.is_at_end() {
        return Ok(None);
    }
    let with_of = cursor;
    if cursor.take(&["of"]) && cursor.is_at_end() {
        return Err(PhraseError::trailing(with_of.text()));
    }
    let noun = cursor;
    let mut before: Option<&Token<'_>> = None;
    while let Some(token) = cursor.peek() {
        if !may_be_in_noun(before, token) {
            return Err(PhraseError::trailing(cursor.text()));
        }
        before = Some(token);
        cursor.next();
    }
    let words: Vec<&str> = noun.text().split_whitespace().collect();
    Ok(Some(words.join(" ")))
}

fn may_be_in_noun(before: Option<&Token<'_>>, token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Word => tokens::lower(token).is_none_or(|word| {
            !lexicon::is_number(&word)
                && !lexicon::is_qualifier(&word)
                && (before.is_some() || !token.glued && !lexicon::is_continuation(&word))
        }),
        // "ex-prisoners", "U.S. citizens", "men & women".
        Kind::Sign('-' | '‐' | '‑' | '.') => {
            token.glued && before.is_some_and(|t| t.kind == Kind::Word)
        }
        Kind::Sign('&') => before.is_some(),
        Kind::Numeral | Kind::Sign(_) => false,
    }
}
