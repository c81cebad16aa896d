//! The words of number phrases.

/// What a hedge says of the number after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hedge {
    Exactly,
    AtLeast,
    MoreThan,
    WellOver,
    JustOver,
    UpTo,
    AtMost,
    FewerThan,
    JustUnder,
    Nearly,
    About,
    CloseTo,
}

/// Every hedge before a number. No entry begins with another, so that their order does not matter.
pub(super) const HEDGES: [(&[&str], Hedge); 45] = [
    (&["exactly"], Hedge::Exactly),
    (&["precisely"], Hedge::Exactly),
    (&["at", "least"], Hedge::AtLeast),
    (&["no", "fewer", "than"], Hedge::AtLeast),
    (&["no", "less", "than"], Hedge::AtLeast),
    (&["not", "fewer", "than"], Hedge::AtLeast),
    (&["not", "less", "than"], Hedge::AtLeast),
    (&["a", "minimum", "of"], Hedge::AtLeast),
    (&["upwards", "of"], Hedge::AtLeast),
    (&["≥"], Hedge::AtLeast),
    (&[">="], Hedge::AtLeast),
    (&["more", "than"], Hedge::MoreThan),
    (&["over"], Hedge::MoreThan),
    (&["exceeding"], Hedge::MoreThan),
    (&["in", "excess", "of"], Hedge::MoreThan),
    (&["north", "of"], Hedge::MoreThan),
    (&[">"], Hedge::MoreThan),
    (&["well", "over"], Hedge::WellOver),
    (&["just", "over"], Hedge::JustOver),
    (&["up", "to"], Hedge::UpTo),
    (&["as", "many", "as"], Hedge::UpTo),
    (&["at", "most"], Hedge::AtMost),
    (&["no", "more", "than"], Hedge::AtMost),
    (&["not", "more", "than"], Hedge::AtMost),
    (&["a", "maximum", "of"], Hedge::AtMost),
    (&["≤"], Hedge::AtMost),
    (&["<="], Hedge::AtMost),
    (&["fewer", "than"], Hedge::FewerThan),
    (&["less", "than"], Hedge::FewerThan),
    (&["under"], Hedge::FewerThan),
    (&["below"], Hedge::FewerThan),
    (&["<"], Hedge::FewerThan),
    (&["just", "under"], Hedge::JustUnder),
    (&["nearly"], Hedge::Nearly),
    (&["almost"], Hedge::Nearly),
    (&["about"], Hedge::About),
    (&["around"], Hedge::About),
    (&["approximately"], Hedge::About),
    (&["roughly"], Hedge::About),
    (&["some"], Hedge::About),
    (&["circa"], Hedge::About),
    (&["an", "estimated"], Hedge::About),
    (&["~"], Hedge::About),
    (&["≈"], Hedge::About),
    (&["close", "to"], Hedge::CloseTo),
];

/// "one" to "nine".
pub(super) fn digit(word: &str) -> Option<i128> {
    Some(match word {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        _ => return None,
    })
}

/// "ten" to "nineteen".
pub(super) fn teen(word: &str) -> Option<i128> {
    Some(match word {
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        _ => return None,
    })
}

/// "twenty" to "ninety".
pub(super) fn tens(word: &str) -> Option<i128> {
    Some(match word {
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

/// "thousand" to "trillion".
pub(super) fn scale(word: &str) -> Option<i128> {
    Some(match word {
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        "trillion" => 1_000_000_000_000,
        _ => return None,
    })
}

/// The base of a plural that stands alone: "tens" to "trillions".
pub(super) fn plural(word: &str) -> Option<i128> {
    match word {
        "tens" => Some(10),
        "hundreds" => Some(100),
        _ => word.strip_suffix('s').and_then(scale),
    }
}

/// Whether a word names a number, exactly or vaguely, so that it cannot be part of a noun.
pub(super) fn is_number(word: &str) -> bool {
    digit(word)
        .or_else(|| teen(word))
        .or_else(|| tens(word))
        .or_else(|| scale(word))
        .or_else(|| plural(word))
        .is_some()
        || matches!(
            word,
            "hundred" | "dozen" | "dozens" | "zero" | "none" | "nobody"
        )
}

/// Whether a word may change the number it follows, so that it is not skipped as part of a noun.
pub(super) fn is_qualifier(word: &str) -> bool {
    matches!(
        word,
        "or" | "nor"
            | "not"
            | "no"
            | "never"
            | "than"
            | "least"
            | "most"
            | "more"
            | "fewer"
            | "less"
            | "plus"
            | "minus"
            | "odd"
            | "half"
            | "halves"
            | "percent"
            | "percentage"
            | "pct"
            | "per"
            | "approximately"
            | "roughly"
            | "exactly"
            | "precisely"
            | "circa"
            | "nearly"
            | "almost"
            | "estimated"
            | "maximum"
            | "minimum"
            | "max"
            | "min"
    )
}

/// Whether a word right after a number makes another number of it: a fraction, a multiplier that is not read, or
/// something that goes on.
pub(super) fn is_continuation(word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    matches!(
        singular,
        "third"
            | "quarter"
            | "fifth"
            | "eighth"
            | "ninth"
            | "twelfth"
            | "score"
            | "lakh"
            | "crore"
            | "milliard"
            | "quadrillion"
            | "quintillion"
            | "k"
            | "m"
            | "b"
            | "bn"
            | "mn"
            | "mln"
            | "mio"
            | "tn"
            | "and"
            | "to"
    ) || word == "gross"
        || is_ordinal(singular)
}

/// "sixth", "twentieth", "hundredth": what is regular.
fn is_ordinal(word: &str) -> bool {
    word.strip_suffix("th").is_some_and(|stem| {
        is_number(stem)
            || stem
                .strip_suffix("ie")
                .is_some_and(|root| is_number(&format!("{root}y")))
    })
}
