use super::*;
use proptest::prelude::*;

/// The days of a reading as `first..last`, an open end left out, with the suggested ones after a bar.
fn shown(text: &str) -> String {
    let ends = |set: &Set| {
        let day =
            |n: Option<i128>| n.map_or(String::new(), |n| day::from_number(n).unwrap().to_string());
        format!("{}..{}", day(set.lower()), day(set.upper()))
    };
    match read_date(text) {
        Ok(reading) => match reading.suggested() {
            Some(suggested) => format!("{} | {}", ends(reading.entailed()), ends(suggested)),
            None => ends(reading.entailed()),
        },
        Err(error) => error.to_string(),
    }
}

/// Where python-edtf 5.0.2 and edtf.js 4.11 agree, but for `~`, which is ours.
#[test]
fn dates_and_intervals() {
    for (text, expected) in [
        ("1985-04-12", "1985-04-12..1985-04-12"),
        ("1985-04", "1985-04-01..1985-04-30"),
        ("1985", "1985-01-01..1985-12-31"),
        ("2024-02", "2024-02-01..2024-02-29"),
        ("2024-12", "2024-12-01..2024-12-31"),
        ("2024-02-29", "2024-02-29..2024-02-29"),
        ("0000", "0000-01-01..0000-12-31"),
        ("9999", "9999-01-01..9999-12-31"),
        ("1964/2008", "1964-01-01..2008-12-31"),
        ("2004-06/2006-08", "2004-06-01..2006-08-31"),
        ("2004-02-01/2005-02-08", "2004-02-01..2005-02-08"),
        ("2004-02-01/2005-02", "2004-02-01..2005-02-28"),
        ("2004-02-01/2005", "2004-02-01..2005-12-31"),
        ("2005/2006-02", "2005-01-01..2006-02-28"),
        ("2021-06-15/2021-07-14", "2021-06-15..2021-07-14"),
        ("2021/2021-01-01", "2021-01-01..2021-01-01"),
        ("1985-04-12/..", "1985-04-12.."),
        ("1985-04/..", "1985-04-01.."),
        ("1985/..", "1985-01-01.."),
        ("2022-02/..", "2022-02-01.."),
        ("../1985-04-12", "..1985-04-12"),
        ("../1985", "..1985-12-31"),
        ("2021~", "2020-01-01..2022-12-31 | 2021-01-01..2021-12-31"),
        ("~2021", "2020-01-01..2022-12-31 | 2021-01-01..2021-12-31"),
        (
            "2024-02~",
            "2024-01-01..2024-03-31 | 2024-02-01..2024-02-29",
        ),
        (
            "~2023-03",
            "2023-02-01..2023-04-30 | 2023-03-01..2023-03-31",
        ),
        (
            "2024-12~",
            "2024-11-01..2025-01-31 | 2024-12-01..2024-12-31",
        ),
        (
            "2024-03-01~",
            "2024-02-29..2024-03-02 | 2024-03-01..2024-03-01",
        ),
        (
            "~2024-01-01",
            "2023-12-31..2024-01-02 | 2024-01-01..2024-01-01",
        ),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_read_says_what_is() {
    let unsupported = |feature: &str, text: &str| {
        format!(
            "{feature} are not read, as in `{text}`; accepted are four-digit years, months and days (`2021`, \
             `2021-08`, `2021-08-09`), intervals of them (`2021/..`), and `~` before or after a single one (`2021~`)"
        )
    };
    for (text, feature) in [
        ("2001-21", "seasons, quarters and other parts of a year"),
        ("2001-24", "seasons, quarters and other parts of a year"),
        ("2001-33", "seasons, quarters and other parts of a year"),
        ("2001-41", "seasons, quarters and other parts of a year"),
        ("1984?", "marks of doubt (`?`, `%`)"),
        ("2004-06-11%", "marks of doubt (`?`, `%`)"),
        ("?2004-06-~10", "marks of doubt (`?`, `%`)"),
        ("2004-06~-11", "approximate parts of a date or an interval"),
        ("~2021~", "approximate parts of a date or an interval"),
        ("201X", "unspecified digits (`X`)"),
        ("2004-XX", "unspecified digits (`X`)"),
        ("156X-12-25", "unspecified digits (`X`)"),
        ("1984-1X", "unspecified digits (`X`)"),
        ("-1985", "negative years"),
        ("-0044", "negative years"),
        ("Y-17E7", "negative years"),
        ("Y170000002", "years of other than four digits"),
        ("20042", "years of other than four digits"),
        ("[1667,1668,1670..1672]", "sets of dates"),
        ("{..1984}", "sets of dates"),
        ("2025-12-13T18:30:00Z", "times of day"),
        ("../..", "intervals without any date"),
    ] {
        assert_eq!(shown(text), unsupported(feature, text), "{text}");
    }
    for (text, part) in [
        ("1984~/2004-06~", "1984~"),
        ("2004/2005~", "2005~"),
        ("1984-06?/2004-08?", "1984-06?"),
    ] {
        assert!(shown(text).contains(&format!("as in `{part}`;")), "{text}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for (text, start) in [
        ("2004-02-30", "there is no `2004-02-30` in the calendar"),
        ("2023-02-29", "there is no `2023-02-29`"),
        ("2004-13", "there is no `2004-13`"),
        ("2004-00", "there is no `2004-00`"),
        ("2004-01-00", "there is no `2004-01-00`"),
        ("2004-22-01", "there is no `2004-22-01`"),
        ("2004-02-30~", "there is no `2004-02-30~`"),
        ("2004/2004-13", "there is no `2004-13`"),
        ("1985-04-12/", "`1985-04-12/` lacks an end; write `..`"),
        ("/1985", "`/1985` lacks an end"),
        ("/", "`/` lacks an end"),
        (
            "2022/2021",
            "an interval must not end before it starts, got `2022` to `2021`",
        ),
        (
            "2021-02/2021-01-31",
            "an interval must not end before it starts",
        ),
        ("9999~", "`9999~` reaches out of the years 0000 to 9999"),
        ("~0000-01-01", "`~0000-01-01` reaches out"),
        (
            "",
            "cannot read `` as a date; accepted are a day (`2025-12-13`)",
        ),
        ("~", "cannot read `~` as a date"),
        ("..", "cannot read `..` as a date"),
        (" 2021", "cannot read ` 2021` as a date"),
        ("2021-1", "cannot read `2021-1` as a date"),
        ("21", "cannot read `21` as a date"),
        ("2021-01-01-01", "cannot read `2021-01-01-01` as a date"),
        ("2021/2022/2023", "cannot read `2021/2022/2023` as a date"),
        ("2021-", "cannot read `2021-` as a date"),
        (
            "13 December 2025",
            "cannot read `13 December 2025` as a date",
        ),
        ("２０２１", "cannot read `２０２１` as a date"),
        ("2021–2022", "cannot read `2021–2022` as a date"),
    ] {
        assert!(shown(text).starts_with(start), "{text}: {}", shown(text));
    }
    assert_eq!(
        shown("20251213"),
        shown("20042").replace("20042", "20251213")
    );
    assert!(shown(&"é".repeat(100_000)).chars().count() < 400);
}

#[test]
fn bounds_take_the_first_and_the_last_day() {
    let number = |y, m, d| day::to_number(NaiveDate::from_ymd_opt(y, m, d).unwrap());
    assert_eq!(first_day("2021-07"), Ok(number(2021, 7, 1)));
    assert_eq!(last_day("2021-06"), Ok(number(2021, 6, 30)));
    assert_eq!(last_day("2024"), Ok(number(2024, 12, 31)));
    assert_eq!(first_day("2025-12-13"), last_day("2025-12-13"));
    for text in ["2021/..", "~2021", "..", "2021?"] {
        assert!(
            first_day(text).is_err() && last_day(text).is_err(),
            "{text}"
        );
    }
}

#[test]
fn instants_are_days_or_rfc_3339() {
    for (text, expected) in [
        ("2025-12-13", "2025-12-13"),
        ("2025-12-13T18:30:00Z", "2025-12-13T18:30:00Z"),
        ("2025-12-13t18:30:00z", "2025-12-13T18:30:00Z"),
        ("2025-12-13T00:30:00+03:00", "2025-12-12T21:30:00Z"),
        ("2025-12-13T18:30:00.250-05:00", "2025-12-13T23:30:00.250Z"),
        ("2025-12-13T23:59:59.999999999Z", "2025-12-13"),
    ] {
        assert_eq!(
            read_instant(text).map(day::print_instant),
            Ok(expected.to_owned()),
            "{text}"
        );
    }
    assert!(read_instant("2025-12-13T23:59:59Z").unwrap() < read_instant("2025-12-13").unwrap());
    for text in [
        "",
        "2025",
        "2025-12",
        "~2025-12-13",
        "2025-12-13/..",
        "2025-12-13T18:30:00",
        "2025-12-13T18:30Z",
        "2025-12-13T25:00:00Z",
        "2025-02-29T00:00:00Z",
        "18:30",
        "now",
        "2025-12-13T",
        "2025-12-13 ",
        "+2025-12-13T18:30:00Z",
        "12025-12-13T18:30:00Z",
    ] {
        assert!(
            matches!(read_instant(text), Err(DateError::NoInstant { .. })),
            "{text}: {:?}",
            read_instant(text)
        );
    }
    assert!(matches!(
        read_instant("2025-02-29"),
        Err(DateError::NoSuchDate { .. })
    ));
    assert!(matches!(
        read_instant("9999-12-31T23:59:59-01:00"),
        Err(DateError::OutOfYears { .. })
    ));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[-~/.0-9XTZ?:]{0,24}|\\PC{0,20}") {
        for error in [
            read_date(&text).err(),
            first_day(&text).err(),
            last_day(&text).err(),
            read_instant(&text).err(),
        ].into_iter().flatten() {
            prop_assert!(error.to_string().chars().count() < 400);
        }
    }

    #[test]
    fn a_month_holds_its_days_and_a_year_its_months(year in 1..9999, month in 1_u32..=12, day in 1_u32..=28) {
        let day = format!("{year:04}-{month:02}-{day:02}");
        let (month, year) = (day.get(..7).unwrap(), day.get(..4).unwrap());
        let [day, month, year] = [&day, month, year].map(|t| read_date(t).unwrap());
        prop_assert!(day.entailed().is_subset(month.entailed()));
        prop_assert!(month.entailed().is_subset(year.entailed()));
        prop_assert_eq!(day.entailed().len(), Some(1));
    }
}
