//! Exact numbers in digits and words.

use super::error::PhraseError;
use super::lexicon::{digit, scale, teen, tens};
use super::tokens::{Cursor, GROUPING, Kind};

/// The largest number a phrase may speak of.
pub(super) const LARGEST: i128 = u64::MAX as i128;

/// A number as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: i128,
    /// The place value of the last digit of a decimal with a multiplier: 100,000 in "1.0 million".
    pub(super) last_place: Option<i128>,
    /// What a figure was multiplied by, if that is all there is: a million in "3 million".
    pub(super) multiplier: Option<i128>,
}

impl Number {
    fn whole(value: i128) -> Self {
        Self {
            value,
            last_place: None,
            multiplier: None,
        }
    }

    fn multiply(&mut self, multiplier: i128) {
        self.value *= multiplier;
        self.multiplier = Some(multiplier);
    }

    /// Its multiplier, if a smaller term may follow it.
    fn scale(self) -> Option<i128> {
        self.multiplier.filter(|m| *m >= 1_000)
    }

    /// The place value of the last digit that is not 0; 1 for 0 itself.
    pub(super) fn unit(self) -> i128 {
        let mut unit = 1;
        while self.value != 0 && self.value % (unit * 10) == 0 {
            unit *= 10;
        }
        unit
    }
}

/// A numeral without its separators.
struct Numeral {
    /// The digits before and after the point as one number.
    digits: i128,
    /// How many of them are after the point.
    decimals: u32,
}

/// Takes a number if there is one here. `article` says that a word before it ("another") stands for "a".
///
/// # Errors
///
/// A numeral that is none, or a number beyond 64 bits.
pub(super) fn take_number(
    cursor: &mut Cursor<'_, '_>,
    article: bool,
) -> Result<Option<Number>, PhraseError> {
    let start = *cursor;
    let mut at = *cursor;
    let number = match at.peek().map(|t| t.kind) {
        Some(Kind::Numeral) => Some(take_figures(&mut at)?),
        Some(Kind::Word) => take_half(&mut at).or_else(|| take_words(&mut at, article)),
        _ => None,
    };
    if let Some(number) = number {
        if number.value > LARGEST {
            return Err(PhraseError::too_large(start.text_until(&at)));
        }
        *cursor = at;
    }
    Ok(number)
}

/// "half a million", "half a dozen", "half-dozen", "a half million".
fn take_half(cursor: &mut Cursor<'_, '_>) -> Option<Number> {
    let mut at = *cursor;
    at.take(&["a"]);
    if !at.take(&["half"]) {
        return None;
    }
    at.take_hyphen();
    if at.take(&["a"]) {
        at.take_hyphen();
    }
    let whole = at.take_word(|w| match w {
        "hundred" => Some(100),
        "dozen" => Some(12),
        _ => scale(w),
    })?;
    *cursor = at;
    Some(Number::whole(whole / 2))
}

/// "123", "1,200", "1.2 million", "3 hundred thousand", "2 dozen".
fn take_figures(cursor: &mut Cursor<'_, '_>) -> Result<Number, PhraseError> {
    let start = *cursor;
    let text = cursor.next().map_or("", |t| t.text);
    // "123rd" and "5k" are no numbers that we know.
    if let Some(glued) = cursor.peek()
        && glued.glued
        && glued.kind == Kind::Word
    {
        cursor.next();
        return Err(PhraseError::numeral(start.text_until(cursor)));
    }
    let malformed = || PhraseError::numeral(text);
    let Numeral { digits, decimals } = read_numeral(text)?.ok_or_else(malformed)?;
    let mut multiplier = 1;
    if decimals == 0 && digits < 100 && cursor.take(&["dozen"]) {
        multiplier = 12;
    } else {
        if digits < 100 * 10_i128.pow(decimals) && cursor.take(&["hundred"]) {
            multiplier = 100;
        }
        if let Some(scale) = cursor.take_word(scale) {
            multiplier *= scale;
        }
    }
    // A decimal stands for a whole number only if its last digit does.
    let place = multiplier / 10_i128.pow(decimals);
    if decimals > 0 && (place == 0 || multiplier == 1) {
        return Err(PhraseError::numeral(start.text_until(cursor)));
    }
    Ok(Number {
        value: digits * place,
        last_place: (decimals > 0).then_some(place),
        multiplier: (multiplier > 1).then_some(multiplier),
    })
}

/// The digits of a numeral; `None` if it is not well formed.
///
/// # Errors
///
/// A number beyond 64 bits.
fn read_numeral(text: &str) -> Result<Option<Numeral>, PhraseError> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    let separator = whole.chars().find(|c| GROUPING.contains(c));
    let well_grouped = match separator {
        None => true,
        Some(separator) => whole.split(separator).enumerate().all(|(i, group)| {
            let length_fits = if i == 0 {
                (1..=3).contains(&group.len())
            } else {
                group.len() == 3
            };
            length_fits && group.bytes().all(|b| b.is_ascii_digit())
        }),
    };
    let leading_zero = whole.starts_with('0') && whole.len() > 1;
    let plain_fraction = fraction.len() <= 14 && fraction.bytes().all(|b| b.is_ascii_digit());
    if !well_grouped || leading_zero || !plain_fraction {
        return Ok(None);
    }
    let mut digits: i128 = 0;
    for c in whole.chars().chain(fraction.chars()) {
        let Some(d) = c.to_digit(10) else {
            continue;
        };
        digits = digits
            .checked_mul(10)
            .and_then(|n| n.checked_add(i128::from(d)))
            .filter(|n| *n <= LARGEST)
            .ok_or_else(|| PhraseError::too_large(text))?;
    }
    let decimals = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    Ok(Some(Numeral { digits, decimals }))
}

/// "one hundred and fourteen", "a million", "twelve hundred", "two dozen", "a score", "zero".
fn take_words(cursor: &mut Cursor<'_, '_>, article: bool) -> Option<Number> {
    let mut at = *cursor;
    let number = if at.take(&["zero"]) {
        Number::whole(0)
    } else if at.take(&["a"]) {
        take_one_of(&mut at)?
    } else if article {
        take_one_of(&mut at).or_else(|| take_sum(&mut at, false))?
    } else {
        take_sum(&mut at, false)?
    };
    *cursor = at;
    Some(number)
}

/// What an article counts one of: "dozen", "score", "hundred and fourteen", "million".
fn take_one_of(cursor: &mut Cursor<'_, '_>) -> Option<Number> {
    let counted = cursor.take_word(|w| match w {
        "dozen" => Some(12),
        "score" => Some(20),
        _ => None,
    });
    // No figure stands before the multiplier, so that it is shared with nothing.
    let value = counted.or_else(|| Some(take_sum(cursor, true)?.value))?;
    Some(Number::whole(value))
}

/// A sum of terms with falling multipliers: "two million three hundred thousand and five".
fn take_sum(cursor: &mut Cursor<'_, '_>, one: bool) -> Option<Number> {
    let mut at = *cursor;
    let mut total = take_term(&mut at, one)?;
    let mut last_scale = total.scale();
    while let Some(above) = last_scale {
        let mut ahead = at;
        // "and" leads to the last term only, and only to one below a hundred.
        let next = if ahead.take(&["and"]) {
            take_small(&mut ahead)
                .filter(|_| !is_multiplied(&ahead))
                .map(Number::whole)
        } else {
            take_term(&mut ahead, false).filter(|n| n.multiplier != Some(12))
        };
        let Some(next) = next.filter(|n| n.scale().is_none_or(|s| s < above)) else {
            break;
        };
        total = Number::whole(total.value + next.value);
        last_scale = next.scale();
        at = ahead;
    }
    *cursor = at;
    Some(total)
}

/// One term: "twenty-three", "two hundred and six", "three hundred thousand", "two dozen"; with `one`, what follows
/// an article: "hundred and six", "thousand".
///
/// Its multiplier is that of the last word.
fn take_term(cursor: &mut Cursor<'_, '_>, one: bool) -> Option<Number> {
    let mut at = *cursor;
    let mut number = Number::whole(if one { 1 } else { take_small(&mut at)? });
    if !one && at.take(&["dozen"]) {
        number.multiply(12);
    } else {
        if at.take(&["hundred"]) {
            number.multiply(100);
            let mut ahead = at;
            ahead.take(&["and"]);
            if let Some(small) = take_small(&mut ahead)
                && !ahead.is_at("hundred")
                && !ahead.is_at("dozen")
            {
                number = Number::whole(number.value + small);
                at = ahead;
            }
        }
        if let Some(scale) = at.take_word(scale) {
            number.multiply(scale);
        }
    }
    if one && number.value == 1 {
        return None;
    }
    *cursor = at;
    Some(number)
}

/// Whether the next word would multiply what stands before it.
fn is_multiplied(cursor: &Cursor<'_, '_>) -> bool {
    let mut ahead = *cursor;
    ahead
        .take_word(|w| scale(w).or_else(|| matches!(w, "hundred" | "dozen").then_some(1)))
        .is_some()
}

/// One to ninety-nine.
fn take_small(cursor: &mut Cursor<'_, '_>) -> Option<i128> {
    if let Some(ten) = cursor.take_word(tens) {
        let mut ahead = *cursor;
        ahead.take_hyphen();
        let one = ahead.take_word(digit);
        if one.is_some() {
            *cursor = ahead;
        }
        return Some(ten + one.unwrap_or(0));
    }
    cursor.take_word(|w| digit(w).or_else(|| teen(w)))
}
