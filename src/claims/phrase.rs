//! Number phrases as people write them: "at least 123 prisoners", "dozens", "1.2 million".

pub(crate) mod error;
mod lexicon;
mod meaning;
mod noun;
mod number;
mod tokens;

use self::error::PhraseError;
use self::lexicon::{HEDGES, Hedge};
use self::meaning::Meaning;
use self::noun::read_noun;
use self::number::{Number, take_number};
use self::tokens::{Cursor, Kind};
use super::policy::HedgePolicy;
use super::reading::Reading;

/// A number phrase that was read: its sets of numbers and what was counted.
///
/// # Examples
///
/// ```
/// use discrepancy::{HedgePolicy, Phrase};
///
/// let phrase = Phrase::read("more than 1,200 political prisoners", HedgePolicy::News)?;
/// assert_eq!(phrase.reading().to_string(), "[1201, ∞), suggests [1201, 1299]");
/// assert_eq!(phrase.noun(), Some("political prisoners"));
/// # Ok::<(), discrepancy::PhraseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Phrase {
    reading: Reading,
    noun: Option<String>,
}

impl Phrase {
    /// Reads a count from a phrase. Nothing is guessed: what the table does not cover is an error.
    ///
    /// Let n be the number and u the place value of its last digit that is not 0 (1,200 has 100, 123 has 1, 0 has
    /// 1); `c()` rounds up, `f()` rounds down. Under [`HedgePolicy::News`]:
    ///
    /// | phrase | entailed | suggested |
    /// |---|---|---|
    /// | `123`, `the other nine`, `another 156`, where u < 100; `exactly n`, `precisely n` | [n, n] | |
    /// | a bare round number, u ≥ 100: `1,200`, `two hundred`, `half a million` | [n − u/2, n + u/2 − 1] | n |
    /// | a decimal with a multiplier, its last digit worth w: `1.2 million` | [n − w/2, n + w/2 − 1] | n |
    /// | `at least`, `no fewer than`, `not less than`, `n or more`, `n+`, `≥n`, `a minimum of`, `upwards of` | [n, ∞) | |
    /// | `more than`, `over`, `exceeding`, `in excess of`, `north of`, `>n` | [n+1, ∞) | [n+1, n+u−1] |
    /// | `well over` | [n+1, ∞) | [c(1.1 n), 2n−1] |
    /// | `just over` | [n+1, ∞) | [n+1, f(1.1 n)] |
    /// | `up to`, `as many as` | [0, ∞): such a bound can be cancelled | [c(n/2), n] |
    /// | `at most`, `no more than`, `not more than`, `≤n`, `a maximum of` | [0, n] | |
    /// | `fewer than`, `less than`, `under`, `below`, `<n` | [0, n−1] | |
    /// | `just under` | [0, n−1] | [c(0.9 n), n−1] |
    /// | `nearly`, `almost` | [c(n/2), n−1] | [c(0.9 n), n−1] |
    /// | `about`, `around`, `approximately`, `roughly`, `some`, `circa`, `an estimated`, `~n`, `≈n`, `n or so` | [c(n/2), 2n] | n ± max(f(u/2), f(0.05 n)) |
    /// | `close to` | [c(n/2), 2n] | [c(0.9 n), f(1.1 n)] |
    /// | `between a and b`, `from a to b`, `a to b`, `a-b`, `a–b` | [a, b] | |
    /// | `dozens`, `scores` | [24, ∞), [40, ∞) | [24, 99], [40, 99] |
    /// | `tens`, `hundreds`, `tens of thousands`, ... of base B | [2B, ∞) | [2B, 10B−1] |
    /// | `several B`, `a few B` (hundred, thousand, ...) | [2B, ∞) | [3B, 10B−1], [3B, 5B] |
    /// | `several`, `a few`, `a handful` | [2, ∞), [2, ∞), [1, ∞) | [3, 9], [3, 5], [3, 6] |
    /// | `a couple`, `a pair`; `a dozen`, `half a dozen`, `a score` | 2, 2; 12, 6, 20 | |
    /// | `no`, `none`, `nobody`, `zero` | 0 | |
    ///
    /// [`HedgePolicy`] says what the other policies replace. A suggested set is cut to the entailed one. Thousands are
    /// grouped by comma, space, thin space or apostrophe; number words go up to trillions; case is ignored. A noun
    /// after the number is skipped and reported. A phrase takes one hedge, before one number, and none before a
    /// vague word or a range. In "2 to 3 million" it is not said whether the first figure is in millions too,
    /// so both ends of a range are to be written in full.
    ///
    /// # Examples
    ///
    /// ```
    /// use discrepancy::{HedgePolicy, Phrase};
    ///
    /// for (text, reading) in [
    ///     ("One American", "1"),
    ///     ("not more than 200", "[0, 200]"),
    ///     ("1.2 million", "[1150000, 1249999], suggests 1200000"),
    ///     ("between one hundred and two hundred", "[100, 200]"),
    /// ] {
    ///     assert_eq!(Phrase::read(text, HedgePolicy::News)?.reading().to_string(), reading);
    /// }
    /// let error = Phrase::read("one in three", HedgePolicy::News).unwrap_err();
    /// assert!(error.to_string().starts_with("cannot read `three` after the number"));
    /// # Ok::<(), discrepancy::PhraseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`PhraseError`] that names the part that could not be read.
    ///
    /// # Complexity
    ///
    /// Linear in the length of the text.
    pub fn read(text: &str, policy: HedgePolicy) -> Result<Self, PhraseError> {
        let text = without_frame(text);
        let tokens = tokens::tokens(text);
        let mut cursor = Cursor::new(text, &tokens);
        if cursor.is_at_end() {
            return Err(PhraseError::Empty);
        }
        let (meaning, noun) = if cursor.take(&["between"]) {
            read_between(cursor)?
        } else {
            let meaning = take_meaning(&mut cursor)?;
            (meaning, read_noun(cursor)?)
        };
        let reading = meaning.read(policy, text)?;
        Ok(Self { reading, noun })
    }

    /// What the phrase says, and what it suggests.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The reading alone.
    pub fn into_reading(self) -> Reading {
        self.reading
    }

    /// What was counted, as written: the words after the number, without a leading "of".
    pub fn noun(&self) -> Option<&str> {
        self.noun.as_deref()
    }
}

/// The text without space, quotation marks around all of it, and one mark at its end.
fn without_frame(text: &str) -> &str {
    let mut text = text.trim();
    for quotes in [('"', '"'), ('“', '”'), ('\'', '\''), ('‘', '’')] {
        let inner = text.strip_prefix(quotes.0);
        if let Some(inner) = inner.and_then(|t| t.strip_suffix(quotes.1)) {
            text = inner.trim();
            break;
        }
    }
    text.strip_suffix(['.', ',', ';', ':', '!'])
        .unwrap_or(text)
        .trim_end()
}

/// Everything up to the noun, but for "between".
fn take_meaning(cursor: &mut Cursor<'_, '_>) -> Result<Meaning, PhraseError> {
    let start = *cursor;
    if let Some(hedge) = take_hedge(cursor) {
        let hedge_text = start.text_until(cursor);
        let article = cursor.take(&["another"]);
        let at = *cursor;
        let Some(number) = take_number(cursor, article)? else {
            return Err(if cursor.is_at_end() {
                PhraseError::no_number(start.text())
            } else if starts_otherwise(*cursor) {
                PhraseError::hedges(hedge_text, cursor.text())
            } else {
                PhraseError::no_number(cursor.text())
            });
        };
        let mut ahead = *cursor;
        if take_suffix(&mut ahead).is_some() || take_range_sign(&mut ahead) && is_number(ahead) {
            return Err(PhraseError::hedges(hedge_text, at.text()));
        }
        return Ok(Meaning::Hedged(hedge, number));
    }
    if let Some(vague) = take_vague(cursor) {
        return Ok(vague);
    }
    let from = cursor.take(&["from"]);
    let article = !from && take_determiner(cursor);
    let low_at = *cursor;
    let Some(low) = take_number(cursor, article)? else {
        return Err(PhraseError::no_number(start.text()));
    };
    let low_end = *cursor;
    let mut ahead = *cursor;
    let range_sign = if from {
        ahead.take(&["to"])
    } else {
        take_range_sign(&mut ahead)
    };
    let high_at = ahead;
    if range_sign && let Some(high) = take_number(&mut ahead, false)? {
        *cursor = ahead;
        return range(
            (low, low_at.text_until(&low_end)),
            (high, high_at.text_until(&ahead)),
        );
    }
    if from {
        return Err(PhraseError::no_number(start.text()));
    }
    Ok(match take_suffix(cursor) {
        Some(hedge) => Meaning::Hedged(hedge, low),
        None => Meaning::Bare(low),
    })
}

/// "a and b" after "between", and the noun. As "and" may also be part of a number, every "and" is tried. No phrase
/// can be read in two ways: within a number, "and" leads to less than a hundred, which ends no range that it is in.
fn read_between(cursor: Cursor<'_, '_>) -> Result<(Meaning, Option<String>), PhraseError> {
    // The longest number has fewer words than that.
    const LONGEST: usize = 60;
    let mut first_error = None;
    for (before, and) in cursor.splits_at("and", LONGEST) {
        let mut low_end = before;
        let mut after = and;
        after.next();
        let mut high_end = after;
        let Some(low) = take_number(&mut low_end, false)?.filter(|_| low_end.is_at_end()) else {
            continue;
        };
        let Some(high) = take_number(&mut high_end, false)? else {
            continue;
        };
        let found = range(
            (low, cursor.text_until(&and)),
            (high, after.text_until(&high_end)),
        )
        .and_then(|meaning| Ok((meaning, read_noun(high_end)?)));
        match found {
            Ok(found) => return Ok(found),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| PhraseError::no_number(cursor.text())))
}

/// A range, if its ends are in order and each stands for itself.
fn range(low: (Number, &str), high: (Number, &str)) -> Result<Meaning, PhraseError> {
    let (a, b) = (low.0.value, high.0.value);
    // "2 to 3 million": two, or two million? Where the multiplier would fit both, it is not known.
    let shared = high
        .0
        .multiplier
        .is_some_and(|m| a > 0 && a.saturating_mul(m) <= b);
    if a > b || shared {
        return Err(PhraseError::range(low.1, high.1));
    }
    Ok(Meaning::Range(a, b))
}

fn take_hedge(cursor: &mut Cursor<'_, '_>) -> Option<Hedge> {
    let (_, hedge) = HEDGES.iter().find(|(words, _)| cursor.take(words))?;
    Some(*hedge)
}

/// A hedge after the number.
fn take_suffix(cursor: &mut Cursor<'_, '_>) -> Option<Hedge> {
    if cursor.take(&["+"]) || cursor.take(&["or", "more"]) {
        Some(Hedge::AtLeast)
    } else if cursor.take(&["or", "so"]) {
        Some(Hedge::About)
    } else {
        None
    }
}

/// "the other", "the" or "another"; says whether it stands for an article as well.
fn take_determiner(cursor: &mut Cursor<'_, '_>) -> bool {
    if cursor.take(&["the"]) {
        cursor.take(&["other"]);
        return false;
    }
    cursor.take(&["another"])
}

fn take_range_sign(cursor: &mut Cursor<'_, '_>) -> bool {
    ["to", "-", "–", "‐", "‑", "‒"]
        .iter()
        .any(|sign| cursor.take(&[sign]))
}

fn take_vague(cursor: &mut Cursor<'_, '_>) -> Option<Meaning> {
    let exactly = |n| Meaning::Range(n, n);
    if cursor.take(&["no"]) || cursor.take(&["none"]) || cursor.take(&["nobody"]) {
        return Some(exactly(0));
    }
    if cursor.take(&["a", "couple"]) || cursor.take(&["a", "pair"]) {
        return Some(exactly(2));
    }
    if cursor.take(&["a", "handful"]) {
        return Some(Meaning::Vague {
            at_least: 1,
            suggested: (3, 6),
        });
    }
    if cursor.take(&["several"]) {
        let base = take_base(cursor).unwrap_or(1);
        return Some(Meaning::Vague {
            at_least: 2 * base,
            suggested: (3 * base, 10 * base - 1),
        });
    }
    if cursor.take(&["a", "few"]) {
        let base = take_base(cursor).unwrap_or(1);
        return Some(Meaning::Vague {
            at_least: 2 * base,
            suggested: (3 * base, 5 * base),
        });
    }
    take_plural(cursor)
}

/// "hundred", "thousand", "hundred thousand", "million", ...
fn take_base(cursor: &mut Cursor<'_, '_>) -> Option<i128> {
    let hundred = cursor.take(&["hundred"]).then_some(100);
    let scale = cursor.take_word(lexicon::scale);
    (hundred.is_some() || scale.is_some()).then(|| hundred.unwrap_or(1) * scale.unwrap_or(1))
}

/// "dozens", "hundreds", "tens of thousands".
fn take_plural(cursor: &mut Cursor<'_, '_>) -> Option<Meaning> {
    for (word, base) in [("dozens", 12), ("scores", 20)] {
        if cursor.take(&[word]) {
            return Some(Meaning::Plural {
                base,
                suggested_up_to: 99,
            });
        }
    }
    let mut base = cursor.take_word(lexicon::plural)?;
    let mut ahead = *cursor;
    if ahead.take(&["of"])
        && let Some(scale) = ahead.take_word(|w| w.strip_suffix('s').and_then(lexicon::scale))
        && scale > base
        && base <= 1_000
    {
        base *= scale;
        *cursor = ahead;
    }
    Some(Meaning::Plural {
        base,
        suggested_up_to: 10 * base - 1,
    })
}

fn is_number(cursor: Cursor<'_, '_>) -> bool {
    cursor.peek().is_some_and(|t| {
        t.kind == Kind::Numeral || tokens::lower(t).is_some_and(|w| lexicon::is_number(&w))
    })
}

/// Whether a hedge, a range or a vague word starts here, to tell what is wrong with it after a hedge.
fn starts_otherwise(cursor: Cursor<'_, '_>) -> bool {
    let mut ahead = cursor;
    take_hedge(&mut ahead).is_some()
        || take_vague(&mut ahead).is_some()
        || ahead.take(&["between"])
        || ahead.take(&["from"])
}
