//! Number phrases against answers that were computed from the rules of the table at `Phrase::read`, by a program of
//! its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which may stop a test"
)]

use discrepancy::{HedgePolicy, Interval, Phrase, PhraseError, Reading, Set};
use proptest::prelude::*;

const READ: [(&str, &str); 307] = [
    ("1 203", "1203"),
    ("1,110 prisoners", "1110"),
    ("1,200 or so", "[600, 2400], suggests [1140, 1260]"),
    ("1,200 political prisoners", "[1150, 1249], suggests 1200"),
    ("1.2 million", "[1150000, 1249999], suggests 1200000"),
    ("114+", "[114, ∞)"),
    ("120", "120"),
    ("123 political prisoners", "123"),
    ("156", "156"),
    ("2 million", "[1500000, 2499999], suggests 2000000"),
    ("20-30", "[20, 30]"),
    ("3.5 thousand", "[3450, 3549], suggests 3500"),
    ("5 to 7 people", "[5, 7]"),
    ("<31", "[0, 30]"),
    (">156", "[157, ∞)"),
    ("At least 1,200 prisoners", "[1200, ∞)"),
    ("At least 114 prisoners", "[114, ∞)"),
    ("a couple", "2"),
    ("a dozen", "12"),
    ("a few", "[2, ∞), suggests [3, 5]"),
    ("a few hundred people", "[200, ∞), suggests [300, 500]"),
    ("a few thousand", "[2000, ∞), suggests [3000, 5000]"),
    ("a maximum of 114", "[0, 114]"),
    ("a maximum of 120", "[0, 120]"),
    ("a minimum of 40", "[40, ∞)"),
    ("a score", "20"),
    ("about 200", "[100, 400], suggests [150, 250]"),
    ("almost 95 people", "[48, 94], suggests [86, 94]"),
    ("an estimated 31", "[16, 62], suggests [30, 32]"),
    ("approximately 114", "[57, 228], suggests [109, 119]"),
    ("approximately 2,500", "[1250, 5000], suggests [2375, 2625]"),
    ("around 114 people", "[57, 228], suggests [109, 119]"),
    ("at least 1.2 million", "[1200000, ∞)"),
    ("at least 40", "[40, ∞)"),
    ("at most 1,110", "[0, 1110]"),
    ("at most 156", "[0, 156]"),
    ("below 114", "[0, 113]"),
    ("between 20 and 30", "[20, 30]"),
    ("circa 120", "[60, 240], suggests [114, 126]"),
    ("close to 40", "[20, 80], suggests [36, 44]"),
    ("dozens of people", "[24, ∞), suggests [24, 99]"),
    ("exactly 40", "40"),
    ("exactly two hundred", "200"),
    ("exceeding 95", "[96, ∞)"),
    ("fewer than 1,200", "[0, 1199]"),
    ("fewer than 40", "[0, 39]"),
    ("half a dozen people", "6"),
    ("half a million", "[450000, 549999], suggests 500000"),
    ("in excess of 1,000", "[1001, ∞), suggests [1001, 1999]"),
    ("in excess of 123", "[124, ∞)"),
    ("just over 156", "[157, ∞), suggests [157, 171]"),
    ("just over 40", "[41, ∞), suggests [41, 44]"),
    ("just under 1,000", "[0, 999], suggests [900, 999]"),
    ("just under 40", "[0, 39], suggests [36, 39]"),
    ("less than 2,500", "[0, 2499]"),
    ("millions", "[2000000, ∞), suggests [2000000, 9999999]"),
    ("more than 1,110", "[1111, ∞), suggests [1111, 1119]"),
    (
        "more than half a million",
        "[500001, ∞), suggests [500001, 599999]",
    ),
    (
        "more than one thousand two hundred",
        "[1201, ∞), suggests [1201, 1299]",
    ),
    ("nearly 120", "[60, 119], suggests [108, 119]"),
    ("nearly 31", "[16, 30], suggests [28, 30]"),
    ("nearly two dozen", "[12, 23], suggests [22, 23]"),
    ("no fewer than 114 people", "[114, ∞)"),
    ("no fewer than 123 people", "[123, ∞)"),
    ("no more than 1,200", "[0, 1200]"),
    ("north of 114 people", "[115, ∞)"),
    ("not less than 1,000", "[1000, ∞)"),
    ("one American", "1"),
    ("one hundred and fourteen", "114"),
    ("over 123 political prisoners", "[124, ∞)"),
    ("over 95 political prisoners", "[96, ∞)"),
    ("precisely 95 people", "95"),
    ("roughly 1,200", "[600, 2400], suggests [1140, 1260]"),
    ("roughly 95", "[48, 190], suggests [91, 99]"),
    ("several countries", "[2, ∞), suggests [3, 9]"),
    ("several thousand", "[2000, ∞), suggests [3000, 9999]"),
    ("some 40 prisoners", "[20, 80], suggests [35, 45]"),
    ("tens", "[20, ∞), suggests [20, 99]"),
    ("tens of thousands", "[20000, ∞), suggests [20000, 99999]"),
    ("two dozen", "24"),
    ("two hundred", "[150, 249], suggests 200"),
    ("under 95 people", "[0, 94]"),
    ("up to 95", "[0, ∞), suggests [48, 95]"),
    ("upwards of 123 people", "[123, ∞)"),
    ("~200", "[100, 400], suggests [150, 250]"),
    ("zero", "0"),
    ("0", "0"),
    ("no", "0"),
    ("1'200 people", "[1150, 1249], suggests 1200"),
    ("1’203", "1203"),
    ("1\u{2009}203", "1203"),
    ("1\u{202f}203 prisoners", "1203"),
    ("1\u{a0}203", "1203"),
    ("1,234,567", "1234567"),
    ("twenty-three", "23"),
    ("twenty three people", "23"),
    ("One Hundred", "[50, 149], suggests 100"),
    ("a hundred", "[50, 149], suggests 100"),
    ("a hundred and fourteen", "114"),
    ("one hundred fourteen prisoners", "114"),
    ("two hundred and six", "206"),
    ("twelve hundred", "[1150, 1249], suggests 1200"),
    ("one thousand and five", "1005"),
    ("two thousand three hundred and forty-one", "2341"),
    ("a million", "[500000, 1499999], suggests 1000000"),
    (
        "one million two hundred thousand",
        "[1150000, 1249999], suggests 1200000",
    ),
    (
        "three hundred thousand",
        "[250000, 349999], suggests 300000",
    ),
    (
        "five billion",
        "[4500000000, 5499999999], suggests 5000000000",
    ),
    (
        "two trillion",
        "[1500000000000, 2499999999999], suggests 2000000000000",
    ),
    ("2 hundred", "[150, 249], suggests 200"),
    ("3 hundred thousand", "[250000, 349999], suggests 300000"),
    ("five hundred", "[450, 549], suggests 500"),
    ("nineteen", "19"),
    ("ninety-nine", "99"),
    ("the other nine", "9"),
    ("another 156", "156"),
    ("another 156 political prisoners", "156"),
    ("the 123 prisoners", "123"),
    ("another hundred", "[50, 149], suggests 100"),
    ("another dozen people", "12"),
    ("another 1,200", "[1150, 1249], suggests 1200"),
    ("100", "[50, 149], suggests 100"),
    ("90", "90"),
    ("990", "990"),
    ("1,000,000", "[500000, 1499999], suggests 1000000"),
    ("18446744073709551615", "18446744073709551615"),
    (
        "half a billion",
        "[450000000, 549999999], suggests 500000000",
    ),
    ("12 dozen", "144"),
    ("“123 prisoners.”", "123"),
    ("  123!  ", "123"),
    ("one of them", "1"),
    ("nine others", "9"),
    ("half-a-dozen", "6"),
    ("a half million", "[450000, 549999], suggests 500000"),
    ("another nine", "9"),
    ("another two dozen", "24"),
    ("no prisoners", "0"),
    ("none", "0"),
    ("none of the prisoners", "0"),
    ("nobody", "0"),
    ("Zero people", "0"),
    ("1.0 million", "[950000, 1049999], suggests 1000000"),
    (
        "1.25 million people",
        "[1245000, 1254999], suggests 1250000",
    ),
    ("0.5 million", "[450000, 549999], suggests 500000"),
    ("1.234 thousand", "1234"),
    ("1.23 thousand", "[1225, 1234], suggests 1230"),
    ("1.200 million", "[1199500, 1200499], suggests 1200000"),
    (
        "2.50 billion",
        "[2495000000, 2504999999], suggests 2500000000",
    ),
    ("1,200.5 thousand", "[1200450, 1200549], suggests 1200500"),
    ("1.5 hundred", "[145, 154], suggests 150"),
    ("exactly 123", "123"),
    ("exactly 200", "200"),
    ("precisely 1,110 people", "1110"),
    ("precisely two hundred", "200"),
    ("at least a dozen", "[12, ∞)"),
    ("no fewer than half a million people", "[500000, ∞)"),
    ("no fewer than 31", "[31, ∞)"),
    ("not less than 123", "[123, ∞)"),
    ("not less than 200", "[200, ∞)"),
    ("a minimum of 1,110 people", "[1110, ∞)"),
    ("a minimum of two hundred", "[200, ∞)"),
    ("upwards of 1.2 million", "[1200000, ∞)"),
    ("upwards of a dozen", "[12, ∞)"),
    ("no less than half a million people", "[500000, ∞)"),
    ("no less than 31", "[31, ∞)"),
    ("not fewer than 123", "[123, ∞)"),
    ("not fewer than 200", "[200, ∞)"),
    ("≥ 1,110 people", "[1110, ∞)"),
    ("≥ two hundred", "[200, ∞)"),
    (">= 1.2 million", "[1200000, ∞)"),
    (">= a dozen", "[12, ∞)"),
    (
        "more than half a million people",
        "[500001, ∞), suggests [500001, 599999]",
    ),
    ("more than 31", "[32, ∞)"),
    ("over 123", "[124, ∞)"),
    ("over 200", "[201, ∞), suggests [201, 299]"),
    ("exceeding 1,110 people", "[1111, ∞), suggests [1111, 1119]"),
    ("exceeding two hundred", "[201, ∞), suggests [201, 299]"),
    (
        "in excess of 1.2 million",
        "[1200001, ∞), suggests [1200001, 1299999]",
    ),
    ("in excess of a dozen", "[13, ∞)"),
    (
        "north of half a million people",
        "[500001, ∞), suggests [500001, 599999]",
    ),
    ("north of 31", "[32, ∞)"),
    ("> 123", "[124, ∞)"),
    ("> 200", "[201, ∞), suggests [201, 299]"),
    ("well over 1,110 people", "[1111, ∞), suggests [1221, 2219]"),
    ("well over two hundred", "[201, ∞), suggests [220, 399]"),
    (
        "just over 1.2 million",
        "[1200001, ∞), suggests [1200001, 1320000]",
    ),
    ("just over a dozen", "[13, ∞), suggests 13"),
    (
        "up to half a million people",
        "[0, ∞), suggests [250000, 500000]",
    ),
    ("up to 31", "[0, ∞), suggests [16, 31]"),
    ("as many as 123", "[0, ∞), suggests [62, 123]"),
    ("as many as 200", "[0, ∞), suggests [100, 200]"),
    ("at most 1,110 people", "[0, 1110]"),
    ("at most two hundred", "[0, 200]"),
    ("no more than 1.2 million", "[0, 1200000]"),
    ("no more than a dozen", "[0, 12]"),
    ("not more than half a million people", "[0, 500000]"),
    ("not more than 31", "[0, 31]"),
    ("a maximum of 123", "[0, 123]"),
    ("a maximum of 200", "[0, 200]"),
    ("≤ 1,110 people", "[0, 1110]"),
    ("≤ two hundred", "[0, 200]"),
    ("<= 1.2 million", "[0, 1200000]"),
    ("<= a dozen", "[0, 12]"),
    ("fewer than half a million people", "[0, 499999]"),
    ("fewer than 31", "[0, 30]"),
    ("less than 123", "[0, 122]"),
    ("less than 200", "[0, 199]"),
    ("under 1,110 people", "[0, 1109]"),
    ("under two hundred", "[0, 199]"),
    ("below 1.2 million", "[0, 1199999]"),
    ("below a dozen", "[0, 11]"),
    ("< half a million people", "[0, 499999]"),
    ("< 31", "[0, 30]"),
    ("just under 123", "[0, 122], suggests [111, 122]"),
    ("just under 200", "[0, 199], suggests [180, 199]"),
    ("nearly 1,110 people", "[555, 1109], suggests [999, 1109]"),
    ("nearly two hundred", "[100, 199], suggests [180, 199]"),
    (
        "almost 1.2 million",
        "[600000, 1199999], suggests [1080000, 1199999]",
    ),
    ("almost a dozen", "[6, 11], suggests 11"),
    (
        "about half a million people",
        "[250000, 1000000], suggests [450000, 550000]",
    ),
    ("about 31", "[16, 62], suggests [30, 32]"),
    ("around 123", "[62, 246], suggests [117, 129]"),
    ("around 200", "[100, 400], suggests [150, 250]"),
    (
        "approximately 1,110 people",
        "[555, 2220], suggests [1055, 1165]",
    ),
    (
        "approximately two hundred",
        "[100, 400], suggests [150, 250]",
    ),
    (
        "roughly 1.2 million",
        "[600000, 2400000], suggests [1140000, 1260000]",
    ),
    ("roughly a dozen", "[6, 24], suggests 12"),
    (
        "some half a million people",
        "[250000, 1000000], suggests [450000, 550000]",
    ),
    ("some 31", "[16, 62], suggests [30, 32]"),
    ("circa 123", "[62, 246], suggests [117, 129]"),
    ("circa 200", "[100, 400], suggests [150, 250]"),
    (
        "an estimated 1,110 people",
        "[555, 2220], suggests [1055, 1165]",
    ),
    (
        "an estimated two hundred",
        "[100, 400], suggests [150, 250]",
    ),
    (
        "~ 1.2 million",
        "[600000, 2400000], suggests [1140000, 1260000]",
    ),
    ("~ a dozen", "[6, 24], suggests 12"),
    (
        "≈ half a million people",
        "[250000, 1000000], suggests [450000, 550000]",
    ),
    ("≈ 31", "[16, 62], suggests [30, 32]"),
    ("close to 123", "[62, 246], suggests [111, 135]"),
    ("close to 200", "[100, 400], suggests [180, 220]"),
    ("123 or more", "[123, ∞)"),
    ("two hundred or more prisoners", "[200, ∞)"),
    ("1.2 million+", "[1200000, ∞)"),
    ("200 + people", "[200, ∞)"),
    (
        "two hundred or so people",
        "[100, 400], suggests [150, 250]",
    ),
    ("a dozen or so", "[6, 24], suggests 12"),
    (
        "more than 1.0 million",
        "[1000001, ∞), suggests [1000001, 1999999]",
    ),
    ("at least another 156", "[156, ∞)"),
    ("at least zero", "[0, ∞)"),
    ("nearly 5", "[3, 4]"),
    ("nearly 2", "1"),
    ("less than 1", "0"),
    ("just over 5", "[6, ∞)"),
    ("well over 1", "[2, ∞)"),
    ("up to 0", "[0, ∞), suggests 0"),
    ("about 1", "[1, 2], suggests 1"),
    ("close to 3", "[2, 6], suggests 3"),
    ("about a score", "[10, 40], suggests [15, 25]"),
    ("almost half a dozen", "[3, 5]"),
    (
        "at most 18,446,744,073,709,551,615",
        "[0, 18446744073709551615]",
    ),
    ("from 20 to 30", "[20, 30]"),
    ("20–30 people", "[20, 30]"),
    ("20 - 30", "[20, 30]"),
    ("between one hundred and two hundred", "[100, 200]"),
    (
        "between one hundred and fourteen and two hundred people",
        "[114, 200]",
    ),
    ("1,000-2,000", "[1000, 2000]"),
    ("five to seven people", "[5, 7]"),
    ("Between 1,200 AND 1,300 prisoners", "[1200, 1300]"),
    ("two-three people", "[2, 3]"),
    ("7 to 7", "7"),
    ("2 million to 3 million", "[2000000, 3000000]"),
    ("between 1.2 million and 1.5 million", "[1200000, 1500000]"),
    ("0 to 2 million", "[0, 2000000]"),
    ("900 to a thousand", "[900, 1000]"),
    ("20 to 2 million", "[20, 2000000]"),
    ("20\u{2011}30", "[20, 30]"),
    ("the other five to seven", "[5, 7]"),
    ("from twenty-one to twenty-nine people", "[21, 29]"),
    (
        "between one thousand and five and two thousand",
        "[1005, 2000]",
    ),
    ("dozens", "[24, ∞), suggests [24, 99]"),
    ("scores of people", "[40, ∞), suggests [40, 99]"),
    ("Dozens killed", "[24, ∞), suggests [24, 99]"),
    ("hundreds", "[200, ∞), suggests [200, 999]"),
    ("hundreds of people", "[200, ∞), suggests [200, 999]"),
    ("thousands", "[2000, ∞), suggests [2000, 9999]"),
    (
        "tens of thousands of people",
        "[20000, ∞), suggests [20000, 99999]",
    ),
    (
        "hundreds of thousands",
        "[200000, ∞), suggests [200000, 999999]",
    ),
    (
        "tens of millions",
        "[20000000, ∞), suggests [20000000, 99999999]",
    ),
    (
        "hundreds of millions of people",
        "[200000000, ∞), suggests [200000000, 999999999]",
    ),
    (
        "billions",
        "[2000000000, ∞), suggests [2000000000, 9999999999]",
    ),
    (
        "trillions",
        "[2000000000000, ∞), suggests [2000000000000, 9999999999999]",
    ),
    ("hundreds dead", "[200, ∞), suggests [200, 999]"),
    ("tens of people", "[20, ∞), suggests [20, 99]"),
    ("several hundred", "[200, ∞), suggests [300, 999]"),
    (
        "several thousand people",
        "[2000, ∞), suggests [3000, 9999]",
    ),
    (
        "several hundred thousand",
        "[200000, ∞), suggests [300000, 999999]",
    ),
    (
        "several million",
        "[2000000, ∞), suggests [3000000, 9999999]",
    ),
    ("a few hundred", "[200, ∞), suggests [300, 500]"),
    ("a few thousand people", "[2000, ∞), suggests [3000, 5000]"),
    ("a few million", "[2000000, ∞), suggests [3000000, 5000000]"),
    ("several", "[2, ∞), suggests [3, 9]"),
    ("several of them", "[2, ∞), suggests [3, 9]"),
    ("a few people", "[2, ∞), suggests [3, 5]"),
    ("a handful", "[1, ∞), suggests [3, 6]"),
    ("a handful of people", "[1, ∞), suggests [3, 6]"),
    ("a couple of people", "2"),
    ("a pair", "2"),
    ("a pair of envoys", "2"),
];

const REFUSED: &[&str] = &[
    "1.200",
    "one in three",
    "60%",
    "most of them",
    "half of them",
    "not 123",
    "between 30 and 20",
    "prisoners",
    "",
    "at least",
    "at least dozens",
    "exactly a couple",
    "about several hundred",
    "some dozens",
    "over no people",
    "at least about 200",
    "about at least 200",
    "at least 123+",
    "about 200 or so",
    "at least 20-30",
    "about 20 to 30",
    "over between 20 and 30",
    "20-30+",
    "under 0",
    "<0",
    "fewer than zero",
    "nearly 1",
    "nearly 0",
    "18446744073709551616",
    "about 10000000000000000000",
    "more than 18,446,744,073,709,551,615",
    "hundred trillion",
    "99999999999 trillion",
    "well over 10000000000000000000",
    "1,20",
    "12,34",
    "1,2345",
    "1 20",
    "1.2.3",
    "123.0",
    "2.5",
    "0.5 people",
    "1.2345 thousand",
    "1,200 300",
    "1.200,50",
    "1.200.000",
    "007",
    "0,123",
    "1.5 dozen",
    "1,2 million",
    "123rd",
    "5k",
    "2m",
    "5 k",
    "2 bn",
    "1e6",
    "5 lakh",
    "60 percent",
    "60 per cent",
    "60 % of them",
    "a third",
    "a third of them",
    "two thirds",
    "two-thirds of them",
    "one half",
    "three quarters",
    "nine out of ten",
    "one in a million",
    "half",
    "half prisoners",
    "most",
    "all 123",
    "both",
    "many people",
    "a lot",
    "a number of people",
    "few people",
    "handful of people",
    "couple",
    "dozen people",
    "hundred",
    "a prisoner",
    "an American",
    "the majority",
    "-5",
    "\u{2212}5",
    "minus five",
    "not 123 prisoners",
    "no 123",
    "no one",
    "not at least 5",
    "123 and 156",
    "123 or 156",
    "123, 156",
    "123 156 7",
    "123 of 156",
    "123 prisoners and 5 others",
    "12 four-year-olds",
    "123 or fewer",
    "123 at most",
    "123 prisoners at least",
    "123 if not more",
    "123 and counting",
    "123 plus",
    "30-odd",
    "30 odd",
    "twenty-odd",
    "200 approximately",
    "123 more",
    "a hundred and some",
    "a million and a half",
    "one and a half million",
    "two and a half thousand",
    "2 million and a half",
    "several dozen",
    "a few dozen",
    "a few hundred and fifty",
    "several hundreds",
    "two hundreds",
    "two dozens",
    "three score",
    "hundreds upon hundreds",
    "dozens of thousands",
    "millions of thousands",
    "hundreds or thousands",
    "2 to 3 million",
    "2-3 million",
    "between two and three hundred",
    "one to two dozen",
    "30 to 20",
    "30-20",
    "20—30",
    "20-",
    "20--30",
    "20-30-40",
    "from 20",
    "from 20-30",
    "between 20 and",
    "between 20",
    "between and",
    "20 to many",
    "from dozens to hundreds",
    "between dozens and hundreds",
    "prisoners: 123",
    "only 123",
    "just 123",
    "first 123",
    "½",
    "123½",
    "１２３",
    "$5",
    "(123)",
    "123?",
    "123...",
    "#123",
    "+5",
    "±5",
    "123 ± 5",
    "dozens of",
    "of 123",
    "at",
    "more",
    "than 5",
    "about",
    "well under 40",
    "twice",
    "once",
    "   ",
    "\t\n",
    "!",
    "“”",
    "1, 200",
    "123 prisoners, at least",
    "123 men (5 dead)",
    "quadrillions",
    "five quadrillion",
    "a hundredth",
    "zero million",
    "one thousand two million",
    "at least half of them",
    "~",
    "<",
    "> = 5",
    "123%",
];

fn read(text: &str) -> Result<Reading, PhraseError> {
    text.parse()
}

fn set(low: i128, high: Option<i128>) -> Set {
    Interval::new(Some(low), high).into()
}

#[test]
fn phrases_mean_what_the_table_says() {
    let wrong: Vec<String> = READ
        .iter()
        .filter_map(|(text, expected)| {
            let found = read(text).map_or_else(|e| e.to_string(), |r| r.to_string());
            (found != *expected).then(|| format!("{text:?}: expected {expected}, got {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_guessed() {
    let wrong: Vec<String> = REFUSED
        .iter()
        .filter_map(|text| read(text).ok().map(|r| format!("{text:?} was read as {r}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn policies_replace_the_numbers_and_not_the_grammar() {
    for (text, _) in READ {
        let [news, conservative, strict] = [
            HedgePolicy::News,
            HedgePolicy::Conservative,
            HedgePolicy::Strict,
        ]
        .map(|policy| Phrase::read(text, policy).unwrap().into_reading());
        assert_eq!(strict.entailed(), news.entailed(), "{text}");
        assert_eq!(strict.suggested(), None, "{text}");
        let first = text.split(' ').next().unwrap().to_lowercase();
        let is_plural = [
            "dozens",
            "scores",
            "tens",
            "hundreds",
            "thousands",
            "millions",
            "billions",
            "trillions",
        ]
        .contains(&first.as_str());
        assert_eq!(conservative != news, is_plural, "{text}");
    }
    for text in REFUSED {
        for policy in [HedgePolicy::Conservative, HedgePolicy::Strict] {
            assert!(Phrase::read(text, policy).is_err(), "{text}");
        }
    }
}

#[test]
fn the_conservative_policy_takes_plurals_for_their_base() {
    for (text, expected) in [
        ("tens", "[10, ∞), suggests 10"),
        ("dozens of people", "[12, ∞), suggests 12"),
        ("scores", "[20, ∞), suggests 20"),
        ("hundreds", "[100, ∞), suggests 100"),
        ("Tens of thousands of people", "[10000, ∞), suggests 10000"),
        ("several hundred", "[200, ∞), suggests [300, 999]"),
        ("a few thousand", "[2000, ∞), suggests [3000, 5000]"),
        ("two dozen", "24"),
        ("more than 1,200", "[1201, ∞), suggests [1201, 1299]"),
    ] {
        let phrase = Phrase::read(text, HedgePolicy::Conservative).unwrap();
        assert_eq!(phrase.reading().to_string(), expected, "{text}");
    }
}

#[test]
fn nouns_are_reported_as_written() {
    for (text, noun) in [
        ("123", None),
        ("dozens", None),
        ("exactly two hundred", None),
        ("One American", Some("American")),
        (
            "1 203  Political\u{a0}prisoners",
            Some("Political prisoners"),
        ),
        ("dozens of people", Some("people")),
        ("tens of thousands of U.S. citizens", Some("U.S. citizens")),
        ("no prisoners.", Some("prisoners")),
        ("between 20 and 30 men and women", Some("men and women")),
        ("5 to 7 ex-prisoners", Some("ex-prisoners")),
        ("114+ arrivals", Some("arrivals")),
        (
            "a couple of the prisoner’s friends",
            Some("the prisoner’s friends"),
        ),
        ("two hundred or so people", Some("people")),
        ("123 політв’язні", Some("політв’язні")),
        ("the other nine", None),
    ] {
        let phrase = Phrase::read(text, HedgePolicy::News).unwrap();
        assert_eq!(phrase.noun(), noun, "{text}");
    }
}

#[test]
fn errors_name_the_part_that_could_not_be_read() {
    for (text, expected) in [
        (
            "",
            "a number phrase must not be empty; write a number as in `123`, `at least 123` or `dozens`",
        ),
        (
            "at least",
            "cannot read a number at `at least`; accepted are digits (`1,200`), number words (`two hundred`), one hedge \
             before them (`at least`) and vague words (`dozens`, `several hundred`)",
        ),
        (
            "about 1.200 people",
            "cannot read `1.200` as a whole number; group thousands in threes (`1,200`, `1 200`) and write decimals only \
             before a multiplier (`1.2 million`)",
        ),
        (
            "over 20,000,000,000,000,000,000",
            "`20,000,000,000,000,000,000` goes beyond 64 bits; numbers up to 18,446,744,073,709,551,615 are accepted",
        ),
        (
            "at least dozens",
            "`at least` cannot be combined with `dozens`; a phrase takes one hedge, on one number that is not vague and no \
             range",
        ),
        (
            "between 30 and 20 people",
            "cannot read `30` to `20` as a range; write the smaller number first and both in full (`2 million to 3 \
             million`)",
        ),
        (
            "2-3 million",
            "cannot read `2` to `3 million` as a range; write the smaller number first and both in full (`2 million to 3 \
             million`)",
        ),
        (
            "under 0",
            "no count can be `under 0`; counts are whole numbers from 0 up",
        ),
        (
            "one prisoner in three",
            "cannot read `three` after the number; only a noun may follow (`123 political prisoners`): no second number, \
             share, rate or comment",
        ),
    ] {
        assert_eq!(read(text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn hostile_text_is_refused_in_linear_time_and_quoted_in_part() {
    let started = std::time::Instant::now();
    for piece in [
        "9",
        "1,",
        "1 ",
        "-",
        "one ",
        "one thousand ",
        "and ",
        "between ",
        "a ",
        "half ",
        "at least ",
        "~",
        "é",
        "𝟙",
        "\u{0}",
        "no ",
        "of ",
        "1.",
        "'",
        "“",
        "hundred and ",
        "prisoners ",
        "x",
    ] {
        let long = piece.repeat(200_000 / piece.len());
        for text in [
            long.clone(),
            format!("between {long}"),
            format!("between one and {long}"),
            format!("at least {long}"),
            format!("5 {long}"),
            format!("from 5 to {long}"),
        ] {
            if let Err(error) = read(&text) {
                assert!(error.to_string().chars().count() < 400, "{error}");
            }
        }
    }
    // Some 28 MB, read in seconds; quadratic time would take many minutes.
    assert!(started.elapsed().as_secs() < 120);
}

/// Thousands grouped by commas.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// A number in words, the plain way.
fn in_words(n: u64) -> String {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let at = |i: u64| usize::try_from(i).unwrap();
    let joined = |head: String, rest: u64, and: bool| match rest {
        0 => head,
        r if and && r < 100 => format!("{head} and {}", in_words(r)),
        r => format!("{head} {}", in_words(r)),
    };
    match n {
        0..20 => SMALL[at(n)].to_owned(),
        20..100 if n.is_multiple_of(10) => TENS[at(n / 10)].to_owned(),
        20..100 => format!("{}-{}", TENS[at(n / 10)], SMALL[at(n % 10)]),
        100..1_000 => joined(format!("{} hundred", SMALL[at(n / 100)]), n % 100, true),
        _ => {
            let (scale, name) = [
                (1_000_000_000_000, "trillion"),
                (1_000_000_000, "billion"),
                (1_000_000, "million"),
                (1_000, "thousand"),
            ]
            .into_iter()
            .find(|(scale, _)| n >= *scale)
            .unwrap();
            joined(format!("{} {name}", in_words(n / scale)), n % scale, true)
        }
    }
}

/// Numbers of every size and roundness.
fn numbers() -> impl Strategy<Value = u64> {
    (1_u64..10_000, 0_u32..12).prop_map(|(n, zeros)| n * 10_u64.pow(zeros))
}

/// The words of phrases and what may stand between them.
fn fragments() -> impl Strategy<Value = String> {
    let pieces = vec![
        "at least",
        "no",
        "more",
        "than",
        "about",
        "a",
        "few",
        "several",
        "hundred",
        "and",
        "two",
        "million",
        "half",
        "dozen",
        "dozens",
        "of",
        "1,200",
        "1.2",
        "7",
        "30",
        "-",
        "–",
        "to",
        "from",
        "between",
        "+",
        "or",
        "so",
        "~",
        "%",
        "people",
        "another",
        "the other",
        "zero",
        "18446744073709551615",
        "trillion",
        "twenty",
        "\u{2009}",
        "…",
        "ß",
    ];
    proptest::collection::vec(
        (proptest::sample::select(pieces), prop::bool::weighted(0.8)),
        0..8,
    )
    .prop_map(|parts| {
        parts
            .into_iter()
            .map(|(p, spaced)| {
                if spaced {
                    format!("{p} ")
                } else {
                    p.to_owned()
                }
            })
            .collect()
    })
}

fn check_any(text: &str) -> Result<(), TestCaseError> {
    let result = read(text);
    prop_assert_eq!(&read(&format!(" {text}\n")), &result);
    match result {
        Ok(reading) => {
            prop_assert!(!reading.entailed().is_empty());
            prop_assert!(reading.entailed().lower().is_some_and(|low| low >= 0));
            for set in [Some(reading.entailed()), reading.suggested()]
                .into_iter()
                .flatten()
            {
                prop_assert!(set.upper().unwrap_or(0) <= i128::from(u64::MAX));
                prop_assert!(set.is_subset(reading.entailed()));
            }
            if text.is_ascii() {
                prop_assert_eq!(&read(&text.to_ascii_uppercase()), &Ok(reading.clone()));
                prop_assert_eq!(&read(&text.to_ascii_lowercase()), &Ok(reading));
            }
        }
        Err(error) => prop_assert!(error.to_string().chars().count() < 400),
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        check_any(&text)?;
    }

    #[test]
    fn any_mixture_of_fragments_is_read_or_refused(text in fragments()) {
        check_any(&text)?;
    }

    #[test]
    fn words_groups_and_digits_are_the_same_number(n in numbers(), which in 0_usize..7) {
        let n = n.min(499_999_999_999_999);
        let plain = read(&n.to_string());
        let separator = [",", " ", "\u{a0}", "\u{2009}", "\u{202f}", "'", "’"][which];
        prop_assert_eq!(&read(&grouped(n).replace(',', separator)), &plain);
        prop_assert_eq!(&read(&in_words(n)), &plain);
        prop_assert_eq!(&read(&in_words(n).replace(" and ", " ").to_uppercase()), &plain);
        let doubled = 2 * n;
        prop_assert_eq!(
            read(&format!("between {} and {}", in_words(n), in_words(doubled))).map(|r| r.to_string()),
            Ok(set(i128::from(n), Some(i128::from(doubled))).to_string())
        );
    }

    #[test]
    fn every_hedge_follows_its_formula(n in numbers(), noun in prop::bool::ANY) {
        let unit = 10_i128.pow(u32::try_from(n.to_string().len() - n.to_string().trim_end_matches('0').len()).unwrap());
        let noun = if noun { " prisoners" } else { "" };
        let number = grouped(n);
        let n = i128::from(n);
        let at_least_tenths = |k: i128| (0..=1).map(|i| k * n / 10 + i).find(|x| 10 * x >= k * n).unwrap();
        let at_most_tenths = |k: i128| k * n / 10;
        let half = n / 2 + n % 2;
        let slack = (unit / 2).max(n / 20);
        let more = (set(n + 1, None), (unit > 1).then(|| set(n + 1, Some(n + unit - 1))));
        let about = (set(half, Some(2 * n)), Some(set(n - slack, Some(n + slack))));
        let below = set(0, Some(n - 1));
        let bare = if unit >= 100 {
            (set(n - unit / 2, Some(n + unit / 2 - 1)), Some(set(n, Some(n))))
        } else {
            (set(n, Some(n)), None)
        };
        let rows = [
            ("", bare.clone()),
            ("another ", bare.clone()),
            ("the other ", bare),
            ("exactly ", (set(n, Some(n)), None)),
            ("precisely ", (set(n, Some(n)), None)),
            ("at least ", (set(n, None), None)),
            ("no fewer than ", (set(n, None), None)),
            ("not less than ", (set(n, None), None)),
            ("a minimum of ", (set(n, None), None)),
            ("upwards of ", (set(n, None), None)),
            ("more than ", more.clone()),
            ("over ", more.clone()),
            ("exceeding ", more.clone()),
            ("in excess of ", more.clone()),
            ("north of ", more.clone()),
            (">", more),
            ("well over ", (set(n + 1, None), Some(Interval::new(Some(at_least_tenths(11)), Some(2 * n - 1)).into()))),
            ("just over ", (set(n + 1, None), Some(Interval::new(Some(n + 1), Some(at_most_tenths(11))).into()))),
            ("up to ", (set(0, None), Some(set(half, Some(n))))),
            ("as many as ", (set(0, None), Some(set(half, Some(n))))),
            ("at most ", (set(0, Some(n)), None)),
            ("no more than ", (set(0, Some(n)), None)),
            ("not more than ", (set(0, Some(n)), None)),
            ("a maximum of ", (set(0, Some(n)), None)),
            ("fewer than ", (below.clone(), None)),
            ("less than ", (below.clone(), None)),
            ("under ", (below.clone(), None)),
            ("below ", (below.clone(), None)),
            ("<", (below.clone(), None)),
            ("just under ", (below, Some(Interval::new(Some(at_least_tenths(9)), Some(n - 1)).into()))),
            ("nearly ", (Interval::new(Some(half), Some(n - 1)).into(), Some(Interval::new(Some(at_least_tenths(9)), Some(n - 1)).into()))),
            ("almost ", (Interval::new(Some(half), Some(n - 1)).into(), Some(Interval::new(Some(at_least_tenths(9)), Some(n - 1)).into()))),
            ("about ", about.clone()),
            ("around ", about.clone()),
            ("approximately ", about.clone()),
            ("roughly ", about.clone()),
            ("some ", about.clone()),
            ("circa ", about.clone()),
            ("an estimated ", about.clone()),
            ("~", about.clone()),
            ("close to ", (set(half, Some(2 * n)), Some(set(at_least_tenths(9), Some(at_most_tenths(11)))))),
        ];
        for (hedge, (entailed, suggested)) in rows {
            let found = read(&format!("{hedge}{number}{noun}"));
            let expected = Reading::new(entailed.clone(), suggested.map(|s| s.intersection(&entailed)));
            prop_assert_eq!(found.ok(), expected.ok(), "{}{}", hedge, number);
        }
        prop_assert_eq!(read(&format!("{number}+{noun}")), read(&format!("at least {number}")));
        prop_assert_eq!(read(&format!("{number} or more{noun}")), read(&format!("at least {number}")));
        prop_assert_eq!(read(&format!("{number} or so{noun}")), read(&format!("about {number}")));
    }
}
