//! Input that cannot be read: every kind of problem gets an error that says where, what was found and what is accepted, and all problems of
//! a file are told at once.

#![expect(clippy::panic, reason = "a test may end early")]

use discrepancy::{Dossier, check_all, reconcile};

/// A place, what the message says was found, what it says is accepted.
type Told = (&'static str, &'static str, &'static str);

const SOURCES: &str = r#"[{"id":"s"},{"id":"t"}]"#;
const ASSUMPTIONS: &str = r#"[{"id":"h","probability":0.5}]"#;
const QUESTIONS: &str = r#"[{"id":"n"},{"id":"m"},{"id":"d","kind":"date"},{"id":"e","kind":"date"},
    {"id":"c","kind":"category"},{"id":"v","over_time":"varies"},{"id":"g","over_time":"cumulative"}]"#;

/// What a number must be.
const WHOLE: &str = "a whole number from 0 to 18446744073709551615";

/// A sound dossier with some of its parts replaced, or others added.
fn with(parts: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("schema", "1"),
        ("sources", SOURCES),
        ("assumptions", ASSUMPTIONS),
        ("questions", QUESTIONS),
        ("claims", "[]"),
    ];
    for (name, json) in parts {
        match all.iter_mut().find(|(n, _)| n == name) {
            Some(slot) => slot.1 = json,
            None => all.push((name, json)),
        }
    }
    let fields: Vec<String> = all
        .iter()
        .map(|(n, json)| format!("{n:?}:{json}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// With claims of these fields, on question `n` by source `s` where they say nothing else.
fn claims(fields: &[&str]) -> String {
    let list: Vec<String> = fields
        .iter()
        .enumerate()
        .map(|(i, fields)| {
            let mut claim = format!("\"id\":\"c{i}\"");
            for (name, usual) in [("question", "\"n\""), ("source", "\"s\""), ("value", "1")] {
                if !fields.contains(&format!("{name:?}:")) {
                    claim += ",\"";
                    claim += name;
                    claim += "\":";
                    claim += usual;
                }
            }
            if !fields.is_empty() {
                claim += ",";
                claim += fields;
            }
            format!("{{{claim}}}")
        })
        .collect();
    with(&[("claims", &format!("[{}]", list.join(",")))])
}

fn value(json: &str) -> String {
    claims(&[&format!("\"value\":{json}")])
}

fn value_on(question: &str, json: &str) -> String {
    claims(&[&format!("\"question\":{question:?},\"value\":{json}")])
}

fn formulas(list: &[&str]) -> String {
    let links: Vec<String> = list
        .iter()
        .map(|f| format!("{{\"formula\":{f:?}}}"))
        .collect();
    with(&[("links", &format!("[{}]", links.join(",")))])
}

fn expect(cases: &[(String, &[Told])]) {
    for (json, told) in cases {
        let shown: String = json.chars().take(600).collect();
        let Err(errors) = Dossier::from_json(json.as_bytes()) else {
            panic!("read without a problem: {shown}");
        };
        let found: Vec<_> = errors.iter().collect();
        let places: Vec<&str> = found.iter().map(|e| e.place.as_str()).collect();
        let wanted: Vec<&str> = told.iter().map(|t| t.0).collect();
        assert_eq!(places, wanted, "{shown}\n{errors}");
        for (error, (_, found, accepted)) in found.iter().zip(*told) {
            let line = error.to_string();
            assert!(line.contains(found), "{line:?} does not say {found:?}");
            assert!(
                line.contains(accepted),
                "{line:?} does not say {accepted:?}"
            );
            assert!(!line.contains('\n'));
        }
    }
}

#[test]
fn text_that_is_not_json() {
    let at = |place: &'static str, reason: &'static str| -> [Told; 1] {
        [(place, "not JSON: ", reason)]
    };
    expect(&[
        (String::new(), &at("line 1, column 1", "EOF")),
        (
            "hello".to_owned(),
            &at("line 1, column 1", "expected value"),
        ),
        (
            "{\"schema\":1,\n\"sources\":[".to_owned(),
            &at("line 2, column 11", "EOF"),
        ),
        (
            "{\"schema\":1,}".to_owned(),
            &at("line 1, column 13", "trailing comma"),
        ),
        (
            "{} x".to_owned(),
            &at("line 1, column 4", "trailing characters"),
        ),
        (
            "{\"schema\":NaN}".to_owned(),
            &at("line 1, column 11", "expected value"),
        ),
        (
            "{\"title\":\"\\ud800\"}".to_owned(),
            &at("line 1, column 17", "hex escape"),
        ),
        (
            "{\"title\":1e999}".to_owned(),
            &at("line 1, column 14", "out of range"),
        ),
    ]);
    let errors = Dossier::from_json(b"{\"title\":\"\xff\"}").map(|_| ());
    assert!(errors.is_err_and(|e| e.to_string().starts_with("line 1, column ")));
}

#[test]
fn a_dossier_of_another_shape() {
    let whole =
        |json: &str, found: &'static str| (json.to_owned(), [("dossier", found, "an object")]);
    for (json, told) in [
        whole("[]", "a list"),
        whole("5", "the number 5"),
        whole("-5", "the negative number -5"),
        whole("0.5", "the number 0.5"),
        whole("null", "null"),
        whole("true", "true"),
        whole("\"x\"", "the text \"x\""),
    ] {
        expect(&[(json, &told)]);
    }
    let missing: [Told; 4] = [
        ("schema", "missing", "1"),
        ("sources", "missing", "a list of sources"),
        ("questions", "missing", "a list of questions"),
        ("claims", "missing", "a list of claims"),
    ];
    expect(&[
        ("{}".to_owned(), &missing),
        (
            with(&[("schema", "2")]),
            &[("schema", "the number 2", "expected 1")],
        ),
        (
            with(&[("schema", "\"1\"")]),
            &[("schema", "the text \"1\"", "expected 1")],
        ),
        (
            with(&[("schema", "1.0")]),
            &[("schema", "1.0, with a fraction", "expected 1")],
        ),
        (
            with(&[("sources", "{}")]),
            &[("sources", "an object", "a list")],
        ),
        (
            with(&[("links", "3")]),
            &[("links", "the number 3", "a list")],
        ),
        (with(&[("claims", "null")]), &[("claims", "null", "a list")]),
        (
            with(&[("claims", "[\"x\"]")]),
            &[("claims[0]", "the text \"x\"", "an object")],
        ),
        (
            with(&[("title", "3")]),
            &[("title", "the number 3", "a text")],
        ),
        (
            with(&[("as_of", "\"2025-13-01\"")]),
            &[("as_of", "2025-13-01", "a day such as")],
        ),
        (
            with(&[("options", "[]")]),
            &[("options", "a list", "an object")],
        ),
        (
            with(&[(
                "options",
                r#"{"carry_over":2,"hedges":"x","budget":1.5,"limits":{"conflicts":-1},"reliability":{"A":1.5}}"#,
            )]),
            &[
                ("options.carry_over", "the number 2", "from 0 to 1"),
                (
                    "options.hedges",
                    "\"x\"",
                    "\"news\", \"conservative\" or \"strict\"",
                ),
                ("options.budget", "1.5", "a whole number"),
                ("options.limits.conflicts", "-1", "a whole number"),
                ("options.reliability.A", "1.5", "from 0 to 1"),
            ],
        ),
        (
            claims(&[
                "\"question\":5",
                "\"source\":null",
                "\"via\":\"s\"",
                "\"via\":[5]",
                "\"assuming\":{}",
                "\"retracted\":\"yes\"",
            ]),
            &[
                ("claims[0].question", "the number 5", "a text"),
                ("claims[1].source", "null", "a text"),
                ("claims[2].via", "the text \"s\"", "a list of ids"),
                ("claims[3].via[0]", "the number 5", "a text"),
                ("claims[4].assuming", "an object", "a list of ids"),
                ("claims[5].retracted", "\"yes\"", "true or false"),
            ],
        ),
        (
            with(&[(
                "questions",
                r#"[{"id":"n","kind":"number"},{"id":"m","over_time":"often"},{"id":"c","kind":"category","over_time":"varies"}]"#,
            )]),
            &[
                (
                    "questions[0].kind",
                    "\"number\"",
                    "\"count\" or \"date\" or \"category\"",
                ),
                (
                    "questions[1].over_time",
                    "\"often\"",
                    "\"fixed\" or \"cumulative\" or \"varies\"",
                ),
                (
                    "questions[2].over_time",
                    "a category that changes",
                    "\"fixed\"",
                ),
            ],
        ),
    ]);
}

#[test]
fn unknown_fields() {
    expect(&[
        (
            with(&[("foo", "1"), ("bar", "[[]]")]),
            &[
                ("foo", "unknown field", "claims"),
                ("bar", "unknown field", "claims"),
            ],
        ),
        (
            with(&[("sources", r#"[{"id":"s","relaibility":"A"}]"#)]),
            &[("sources[0].relaibility", "unknown field", "reliability")],
        ),
        (
            with(&[("assumptions", r#"[{"id":"h","probability":0.5,"p":1}]"#)]),
            &[("assumptions[0].p", "unknown field", "probability")],
        ),
        (
            with(&[(
                "common_origins",
                r#"[{"sources":["s","t"],"probability":0.5,"p":1}]"#,
            )]),
            &[(
                "common_origins[0].p",
                "unknown field",
                "sources, probability",
            )],
        ),
        (
            with(&[("questions", r#"[{"id":"n","typ":"x"}]"#)]),
            &[("questions[0].typ", "unknown field", "kind")],
        ),
        (
            with(&[("links", r#"[{"formula":"n = m","x":1}]"#)]),
            &[("links[0].x", "unknown field", "formula")],
        ),
        (
            claims(&["\"valeu\":3"]),
            &[("claims[0].valeu", "unknown field", "value")],
        ),
        (
            value(r#"{"mim":3}"#),
            &[("claims[0].value", "the field \"mim\"", "{\"min\", \"max\"}")],
        ),
        (
            with(&[("options", r#"{"x":1,"limits":{"y":1},"priors":{"z":1}}"#)]),
            &[
                ("options.limits.y", "unknown field", "conflicts"),
                ("options.priors.z", "unknown field", "scope"),
                ("options.x", "unknown field", "carry_over"),
            ],
        ),
    ]);
}

/// Found by fuzzing: a key made an error line begin with another place, or with none.
#[test]
fn a_key_is_not_taken_for_a_place() {
    let json = r#"{": sources":1,"":1,"a\nb":1,"sources":[{"id":"s","claims[0].id":1}],"schema":1,"questions":[],"claims":[]}"#;
    expect(&[(
        json.to_owned(),
        &[
            ("dossier[\": sources\"]", "unknown field", ""),
            ("dossier[\"\"]", "unknown field", ""),
            ("dossier[\"a\\nb\"]", "unknown field", ""),
            ("sources[0][\"claims[0].id\"]", "unknown field", ""),
        ],
    )]);
}

#[test]
fn repeated_keys() {
    expect(&[
        (
            r#"{"schema":1,"schema":1,"sources":[],"sources":[],"questions":[],"claims":[]}"#
                .to_owned(),
            &[
                ("schema", "given twice", ""),
                ("sources", "given twice", ""),
            ],
        ),
        (
            with(&[("sources", r#"[{"id":"s","id":"t"}]"#)]),
            &[("sources[0].id", "given twice", "sources[0].id")],
        ),
        (
            claims(&["\"value\":1,\"value\":2"]),
            &[("claims[0].value", "given twice", "")],
        ),
        (
            value(r#"{"min":1,"min":2}"#),
            &[("claims[0].value", "\"min\"", "given twice")],
        ),
        (
            value(r#"{"entailed":{"max":1,"max":2},"suggested":1}"#),
            &[("claims[0].value", "\"max\" in entailed", "given twice")],
        ),
        (
            with(&[("options", r#"{"limits":{"conflicts":1,"conflicts":2}}"#)]),
            &[("options.limits.conflicts", "given twice", "")],
        ),
        (
            with(&[(
                "sources",
                r#"[{"id":"s","reliability":{"right":1,"right":2,"wrong":0}}]"#,
            )]),
            &[("sources[0].reliability.right", "given twice", "")],
        ),
        (
            claims(&[r#""meta":{"a":[{"b":1,"b":2}]}"#]),
            &[("claims[0].meta", "\"b\"", "given twice")],
        ),
        (
            with(&[("meta", r#"{"a":1,"a":1}"#)]),
            &[("meta", "\"a\"", "given twice")],
        ),
    ]);
}

#[test]
fn ids_twice_missing_or_unknown() {
    expect(&[
        (
            with(&[
                ("sources", r#"[{"id":"s"},{"id":"s"}]"#),
                (
                    "assumptions",
                    r#"[{"id":"h","probability":0.5},{"id":"h","probability":0.5}]"#,
                ),
                ("questions", r#"[{"id":"n"},{"id":"n"}]"#),
                (
                    "links",
                    r#"[{"id":"l","formula":"n = 5"},{"id":"l","formula":"n = 6"},{"formula":"n = 7"},{"formula":"n = 7"}]"#,
                ),
                (
                    "claims",
                    r#"[{"id":"c","question":"n","source":"s","value":1},{"id":"c","question":"n","source":"s","value":1}]"#,
                ),
            ]),
            &[
                ("sources[1].id", "\"s\" is given twice", "sources[0]"),
                (
                    "assumptions[1].id",
                    "\"h\" is given twice",
                    "assumptions[0]",
                ),
                ("questions[1].id", "\"n\" is given twice", "questions[0]"),
                ("links[1].id", "\"l\" is given twice", "links[0]"),
                ("links[3].id", "\"n = 7\" is given twice", "links[2]"),
                ("claims[1].id", "\"c\" is given twice", "claims[0]"),
            ],
        ),
        (
            with(&[
                ("sources", r#"[{},{"id":""},{"id":5},{"id":null}]"#),
                ("assumptions", r#"[{"probability":0.5}]"#),
                ("questions", "[{}]"),
                ("links", "[{}]"),
                ("claims", "[{}]"),
            ]),
            &[
                ("sources[0].id", "missing", "a text that is not empty"),
                ("sources[1].id", "missing", "a text that is not empty"),
                ("sources[2].id", "the number 5", "a text"),
                ("sources[3].id", "null", "a text"),
                ("assumptions[0].id", "missing", "a text that is not empty"),
                ("questions[0].id", "missing", "a text that is not empty"),
                ("links[0].formula", "missing", "a linear formula"),
                ("claims[0].id", "missing", "a text that is not empty"),
                ("claims[0].question", "missing", "the id of a question"),
                ("claims[0].source", "missing", "the id of a source"),
                ("claims[0].value", "missing", "a value"),
            ],
        ),
        (
            with(&[("questions", r#"[{"id":"a b"},{"id":"1a"},{"id":"é"}]"#)]),
            &[
                ("questions[0].id", "\"a b\"", "letters, digits and _"),
                ("questions[1].id", "\"1a\"", "letters, digits and _"),
                ("questions[2].id", "\"é\"", "letters, digits and _"),
            ],
        ),
        (
            claims(&[
                "\"question\":\"zz\"",
                "\"source\":\"zz\"",
                "\"via\":[\"s\",\"zz\"]",
                "\"assuming\":[\"zz\"]",
                "\"supersedes\":[\"zz\"]",
            ]),
            &[
                ("claims[0].question", "there is no question \"zz\"", ""),
                ("claims[1].source", "there is no source \"zz\"", ""),
                ("claims[2].via[1]", "there is no source \"zz\"", ""),
                ("claims[3].assuming[0]", "there is no assumption \"zz\"", ""),
                ("claims[4].supersedes[0]", "there is no claim \"zz\"", ""),
            ],
        ),
        (
            with(&[
                ("links", r#"[{"formula":"n = zz","assuming":["yy"]}]"#),
                (
                    "common_origins",
                    r#"[{"sources":["s","zz"],"probability":0.5}]"#,
                ),
            ]),
            &[
                (
                    "common_origins[0].sources[1]",
                    "there is no source \"zz\"",
                    "",
                ),
                ("links[0].assuming[0]", "there is no assumption \"yy\"", ""),
                ("links[0].formula", "there is no question \"zz\"", ""),
            ],
        ),
    ]);
}

#[test]
fn chances_and_grades() {
    expect(&[
        (
            with(&[(
                "sources",
                r#"[{"id":"a","reliability":1.5},{"id":"b","reliability":-0.1},{"id":"c","fidelity":2},{"id":"d","reliability":2},
                {"id":"e","reliability":"G"},{"id":"f","reliability":"a"},{"id":"g","reliability":true},{"id":"h","fidelity":"A"},
                {"id":"i","reliability":{"right":1}},{"id":"j","reliability":{"right":-1,"wrong":0.5}}]"#,
            )]),
            &[
                ("sources[0].reliability", "1.5", "a number from 0 to 1"),
                ("sources[1].reliability", "-0.1", "a number from 0 to 1"),
                (
                    "sources[2].fidelity",
                    "the number 2",
                    "a number from 0 to 1",
                ),
                (
                    "sources[3].reliability",
                    "the number 2",
                    "a number from 0 to 1",
                ),
                ("sources[4].reliability", "\"G\"", "a letter \"A\" to \"F\""),
                ("sources[5].reliability", "\"a\"", "a letter \"A\" to \"F\""),
                ("sources[6].reliability", "true", "a letter \"A\" to \"F\""),
                ("sources[7].fidelity", "\"A\"", "a number from 0 to 1"),
                ("sources[8].reliability.wrong", "missing", "a whole number"),
                ("sources[9].reliability.right", "-1", "a whole number"),
                ("sources[9].reliability.wrong", "0.5", "a whole number"),
            ],
        ),
        (
            with(&[
                (
                    "assumptions",
                    r#"[{"id":"a","probability":1.0000001},{"id":"b"},{"id":"c","probability":"x"}]"#,
                ),
                (
                    "common_origins",
                    r#"[{"sources":["s","t"],"probability":-1},{"sources":["s","t"]}]"#,
                ),
            ]),
            &[
                ("assumptions[0].probability", "1.0000001", "from 0 to 1"),
                ("assumptions[1].probability", "missing", "from 0 to 1"),
                ("assumptions[2].probability", "\"x\"", "from 0 to 1"),
                ("common_origins[0].probability", "-1", "from 0 to 1"),
                ("common_origins[1].probability", "missing", "from 0 to 1"),
            ],
        ),
        (
            claims(&[
                "\"credibility\":2",
                "\"credibility\":\"7\"",
                "\"credibility\":\"A\"",
                "\"credibility\":1.5",
                "\"credibility\":[]",
            ]),
            &[
                (
                    "claims[0].credibility",
                    "the number 2",
                    "write \"2\" if you mean the Admiralty digit",
                ),
                ("claims[1].credibility", "\"7\"", "a digit \"1\" to \"6\""),
                ("claims[2].credibility", "\"A\"", "a digit \"1\" to \"6\""),
                ("claims[3].credibility", "1.5", "from 0 to 1"),
                ("claims[4].credibility", "a list", "from 0 to 1"),
            ],
        ),
        (
            with(&[(
                "common_origins",
                r#"[{"sources":["s"],"probability":0.5},{"sources":[],"probability":0.5},{"probability":0.5},
                {"sources":["s","s"],"probability":0.5},{"sources":"s","probability":0.5}]"#,
            )]),
            &[
                ("common_origins[0].sources", "one source", "two or more"),
                ("common_origins[1].sources", "no source", "two or more"),
                ("common_origins[2].sources", "missing", "two or more"),
                ("common_origins[3].sources[1]", "given twice", ""),
                (
                    "common_origins[4].sources",
                    "the text \"s\"",
                    "a list of ids",
                ),
            ],
        ),
    ]);
}

#[test]
fn values() {
    let one = |found: &'static str, accepted: &'static str| -> [Told; 1] {
        [("claims[0].value", found, accepted)]
    };
    expect(&[
        (
            value(r#"{"min":5,"max":4}"#),
            &one("min 5 above max 4", "min at most max"),
        ),
        (
            value_on("d", r#"{"min":"2021-02","max":"2021-01"}"#),
            &one("min 2021-02-01 above max 2021-01-31", "min at most max"),
        ),
        (
            value("\"between 9 and 5\""),
            &one("\"between 9 and 5\"", "the smaller number first"),
        ),
        (
            value_on("d", "\"2022/2021\""),
            &one("\"2022/2021\"", "the earlier date first"),
        ),
        (
            value(r#"{"entailed":{"min":5},"suggested":{"min":4,"max":9}}"#),
            &one(
                "[4, 9], which is not within the entailed set [5, ∞), in suggested",
                "a part of the entailed set",
            ),
        ),
        (
            value_on("d", r#"{"entailed":"2021","suggested":"2022"}"#),
            &one(
                "not in the entailed set in suggested",
                "a part of the entailed set",
            ),
        ),
        (
            value_on("c", r#"{"entailed":{"one_of":["x","y"]},"suggested":"z"}"#),
            &one(
                "not in the entailed set in suggested",
                "a part of the entailed set",
            ),
        ),
        (
            value(r#"{"suggested":4}"#),
            &one("missing", "\"entailed\" beside \"suggested\""),
        ),
        (
            value(r#"{"one_of":[]}"#),
            &one("an empty list in one_of", "at least one item"),
        ),
        (
            value(r#"{"none_of":[]}"#),
            &one("an empty list in none_of", "at least one item"),
        ),
        (
            value_on("c", r#"{"one_of":[]}"#),
            &one("an empty list in one_of", "at least one item"),
        ),
        (
            value(r#"{"one_of":5}"#),
            &one("the number 5 for one_of", "a list"),
        ),
        (
            value(r#"{"one_of":[1],"none_of":[2]}"#),
            &one("one_of and none_of together", "{\"one_of\"}"),
        ),
        (value("{}"), &one("an empty object", "{\"min\", \"max\"}")),
        (value("-1"), &one("the negative number -1", WHOLE)),
        (value("123.0"), &one("123.0, with a fraction", WHOLE)),
        (
            value("1e3"),
            &one("1000.0, with a fraction or an exponent", WHOLE),
        ),
        (value("1.5"), &one("1.5, with a fraction", WHOLE)),
        (value("18446744073709551616"), &one("beyond 64 bits", WHOLE)),
        (value("-9223372036854775809"), &one("beyond 64 bits", WHOLE)),
        (
            value(r#"{"min":18446744073709551616}"#),
            &one("beyond 64 bits or with an exponent in min", WHOLE),
        ),
        (
            value("\"18446744073709551616\""),
            &one(
                "goes beyond 64 bits",
                "up to 18,446,744,073,709,551,615 are accepted",
            ),
        ),
        (value("true"), &one("true", "a whole number, a phrase")),
        (value("null"), &one("null", "a whole number, a phrase")),
        (value("[1]"), &one("a list", "a whole number, a phrase")),
        (
            value("\"\""),
            &one("must not be empty", "a whole number, a phrase"),
        ),
        (
            value("\"many people\""),
            &one(
                "\"many people\" (cannot read a number",
                "a whole number, a phrase",
            ),
        ),
    ]);
}

#[test]
fn dates_and_values_of_another_kind() {
    let one = |found: &'static str, accepted: &'static str| -> [Told; 1] {
        [("claims[0].value", found, accepted)]
    };
    expect(&[
        (
            value_on("d", "\"2021-02-30\""),
            &one("no `2021-02-30` in the calendar", "a date such as"),
        ),
        (
            value_on("d", "\"2021-13\""),
            &one("no `2021-13` in the calendar", "a date such as"),
        ),
        (
            value_on("d", r#"{"min":"2021-01-32"}"#),
            &one("in min", "a day, month or year"),
        ),
        (
            value_on("d", r#"{"one_of":["2021","2021-02-29"]}"#),
            &one("in one_of[1]", "a day, month or year"),
        ),
        (
            value_on("d", "\"9999~\""),
            &one("reaches out of the years 0000 to 9999", "a date such as"),
        ),
        (
            value_on("d", "\"yesterday\""),
            &one(
                "\"yesterday\" (cannot read `yesterday` as a date",
                "a date such as",
            ),
        ),
        (
            value_on("d", "\"Y12021\""),
            &one("years of other than four digits", "a date such as"),
        ),
        // What does not fit the question's kind.
        (
            value_on("c", "5"),
            &one("the number 5", "a label in quotes"),
        ),
        (
            value_on("c", r#"{"min":"x"}"#),
            &one("bounds", "a label, one_of or none_of"),
        ),
        (value_on("d", "5"), &one("the number 5", "a date such as")),
        (
            value_on("d", "\"at least 5\""),
            &one("\"at least 5\"", "a date such as"),
        ),
        (
            value_on("n", "\"2021-08\""),
            &one("\"2021-08\"", "a whole number, a phrase"),
        ),
        (
            value_on("n", r#"{"min":"5"}"#),
            &one("the text \"5\" in min", "a whole number"),
        ),
        (
            value(r#"{"one_of":[1,-1,2.5,null,"x"]}"#),
            &[
                ("claims[0].value", "-1 in one_of[1]", WHOLE),
                (
                    "claims[0].value",
                    "2.5, with a fraction or an exponent in one_of[2]",
                    WHOLE,
                ),
                ("claims[0].value", "null in one_of[3]", ""),
            ],
        ),
    ]);
}

#[test]
fn times() {
    expect(&[
        (
            claims(&[
                r#""question":"v""#,
                r#""question":"v","stated":"2021-08-09""#,
                r#""question":"g""#,
                r#""as_of":"2021-02-30""#,
                r#""stated":"x""#,
                r#""as_of":"2021""#,
                r#""as_of":5"#,
                r#""as_of":"2021-08-09T10:00:00""#,
            ]),
            &[
                (
                    "claims[0].as_of",
                    "missing",
                    "since its question varies over time",
                ),
                (
                    "claims[1].as_of",
                    "missing",
                    "since its question varies over time",
                ),
                (
                    "claims[2].stated",
                    "missing",
                    "since its question is cumulative",
                ),
                ("claims[3].as_of", "2021-02-30", "RFC 3339"),
                ("claims[4].stated", "x", "RFC 3339"),
                ("claims[5].as_of", "2021", "RFC 3339"),
                ("claims[6].as_of", "the number 5", "a text"),
                ("claims[7].as_of", "2021-08-09T10:00:00", "RFC 3339"),
            ],
        ),
        (
            claims(&[r#""supersedes":["c0"]"#]),
            &[(
                "claims[0].supersedes",
                "\"c0\" supersedes itself",
                "earlier claims",
            )],
        ),
        (
            claims(&[
                r#""supersedes":["c1"]"#,
                r#""supersedes":["c2"]"#,
                r#""supersedes":["c0"]"#,
                r#""supersedes":["c0"]"#,
                "",
            ]),
            &[
                (
                    "claims[0].supersedes",
                    "\"c0\" supersedes itself",
                    "earlier claims",
                ),
                ("claims[1].supersedes", "in a circle", "earlier claims"),
                ("claims[2].supersedes", "in a circle", "earlier claims"),
            ],
        ),
    ]);
}

#[test]
fn formulas_that_are_none() {
    let refused = [
        "n",
        "n =",
        "= n",
        "n == m",
        "n = m = 5",
        "n = (m)",
        "n ! m",
        "n = 2m",
        "n = m*2",
        "n = 2*3",
        "n = 0.5*m",
        "n = m/2",
        "n + = m",
        "n = - ",
        "n <> m",
        "n = m*m",
        "n = n*m",
        "n = m^2",
        "n = 2*m*m",
        "1 = 1",
        "n = 18446744073709551616",
        "99999999999999999999*n = m",
    ];
    for formula in refused {
        expect(&[(
            formulas(&[formula]),
            &[("links[0].formula", "found", "a linear formula such as")],
        )]);
    }
    expect(&[
        (
            formulas(&["n = m*m"]),
            &[(
                "links[0].formula",
                "m*m at character 5 is not linear",
                "a number times a question",
            )],
        ),
        (
            formulas(&["1 = 1"]),
            &[("links[0].formula", "names no question", "a linear formula")],
        ),
        (
            formulas(&["n = d"]),
            &[(
                "links[0].formula",
                "dates and counts",
                "one kind of question",
            )],
        ),
        (
            formulas(&["c = n"]),
            &[("links[0].formula", "a category", "counts, or dates")],
        ),
        (
            formulas(&["d + e = 5"]),
            &[("links[0].formula", "dates that do not cancel", "add to 0")],
        ),
        (
            formulas(&["n + 18446744073709551615 <= m - 1"]),
            &[("links[0].formula", "beyond 64 bits", "within 64 bits")],
        ),
        (
            formulas(&["18446744073709551615*n + n = m"]),
            &[("links[0].formula", "beyond 64 bits", "within 64 bits")],
        ),
        (
            formulas(&["n = 18446744073709551616"]),
            &[("links[0].formula", "beyond 64 bits", "a linear formula")],
        ),
        (
            with(&[("links", r#"[{"formula":5}]"#)]),
            &[("links[0].formula", "the number 5", "a text")],
        ),
    ]);
}

#[test]
fn harmless_formulas_are_no_crash() {
    for (formula, impossible) in [
        ("n = n", false),
        ("n <= n + 5", false),
        ("n - n = 0", false),
        ("0*n = 0", false),
        ("d = d", false),
        ("n = 18446744073709551615", false),
        ("n = n + 1", true),
        ("n < n", true),
    ] {
        let json = formulas(&[formula]);
        let Ok(dossier) = Dossier::from_json(json.as_bytes()) else {
            panic!("{formula} is harmless");
        };
        let findings = reconcile(dossier);
        assert_eq!(check_all(&findings), Ok(()), "{formula}");
        assert_eq!(
            findings.components.iter().any(|c| c.impossible),
            impossible,
            "{formula}"
        );
    }
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_parts() {
    expect(&[(
        with(&[
            ("foo", "1"),
            ("sources", r#"[{"id":"s","reliability":"Z"},{"id":"s"}]"#),
            ("links", r#"[{"formula":"n = zz"},{"formula":"n + "}]"#),
            (
                "claims",
                r#"[{"id":"c","question":"n","source":"q","value":-1,"x":1},{"question":"d","source":"s","value":"2021-02-30"}]"#,
            ),
        ]),
        &[
            ("sources[0].reliability", "\"Z\"", ""),
            ("sources[1].id", "given twice", ""),
            ("links[0].formula", "no question \"zz\"", ""),
            ("links[1].formula", "\"n + \"", ""),
            ("claims[0].value", "-1", ""),
            ("claims[0].x", "unknown field", ""),
            ("claims[0].source", "no source \"q\"", ""),
            ("claims[1].id", "missing", ""),
            ("claims[1].value", "2021-02-30", ""),
            ("foo", "unknown field", ""),
        ],
    )]);
}
