//! The text form against the tree, over random trees and random texts.

pub(in super::super) mod arbitrary;

use proptest::prelude::*;
use serde_json::json;

use super::super::rule::{Definition, Rule};
use super::{MAX_BYTES, MAX_DEPTH, parse, parse_rule, print, print_rule};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_as_the_same_tree(rule in arbitrary::rule()) {
        let text = print_rule(&rule);
        let back = parse_rule(&text).map_err(|fault| TestCaseError::fail(format!("{fault}\n{text}")))?;
        prop_assert_eq!(&back, &rule, "{}", text);
        // And printing is settled: the text of the tree read from it is the text.
        prop_assert_eq!(print_rule(&back), text);
    }

    #[test]
    fn no_text_makes_the_parser_panic_and_every_fault_is_inside_the_text(text in any_text()) {
        if let Err(fault) = parse_rule(&text) {
            prop_assert!(fault.offset + fault.length <= text.len());
            prop_assert!(text.is_char_boundary(fault.offset) && text.is_char_boundary(fault.offset + fault.length));
            prop_assert!(fault.line >= 1 && fault.column >= 1 && !fault.detail.is_empty());
        }
    }

    #[test]
    fn a_printed_rule_with_a_piece_cut_out_is_read_or_refused(rule in arbitrary::rule(), from in 0.0..1.0_f64, length in 0_usize..12) {
        let text = print_rule(&rule);
        let chars: Vec<char> = text.chars().collect();
        let from = (from * chars.len() as f64) as usize;
        let cut: String = chars[..from].iter().chain(chars.iter().skip(from + length)).collect();
        if let Ok(rule) = parse_rule(&cut) {
            prop_assert_eq!(parse_rule(&print_rule(&rule)).ok(), Some(rule));
        }
    }
}

/// Any text, and texts that are nearly rules.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        prop::sample::select(vec![
            "and ",
            "or ",
            "not ",
            "(",
            ")",
            "all of (",
            "any(",
            "none(",
            "did ",
            "\"A\" ",
            "where ",
            "value ",
            ">= ",
            "= ",
            "1 ",
            "30d ",
            "within ",
            "last ",
            "in ",
            "sequence ",
            "then ",
            ", ",
            "tag ",
            "trait ",
            "x ",
            "[",
            "{",
            "]",
            "}",
            "\"a\" : ",
            "first ",
            "2025-01-01 ",
            "最近 ",
            "没做过 ",
            "且 ",
            "“上海” ",
            "\\u",
            "\"\\ud83d",
            "-",
            "1e",
            "#",
            "\n",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn tree(json: serde_json::Value) -> Rule {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_definition_reads_like_a_sentence() {
    let text = r#"
        # who we want back
        did "Order Completed" where value >= 100 and product(category = "护肤") sum value >= 500 within last 30d
        and trait city = "上海" and not tag "staff" and contactable for marketing by sms
        and not did "Order Completed" within last 90d
        and sequence "Product Added" then not "Order Completed" within 24h, first within last 7d
        zone "Asia/Shanghai""#;
    let definition = parse(text, "UTC").unwrap();
    let expected: Definition = serde_json::from_value(json!({"zone": "Asia/Shanghai", "rule": {"all": [
        {"did": {
            "event": "Order Completed",
            "where": [
                {"field": {"name": "value", "test": {"gte": 100}}},
                {"product": [{"name": "category", "test": {"eq": "护肤"}}]}
            ],
            "window": {"last": "30d"}, "measure": {"sum": "value"}, "test": {"gte": 500}
        }},
        {"trait": {"name": "city", "test": {"eq": "上海"}}},
        {"none": [{"tag": "staff"}]},
        {"contactable": {"purpose": "marketing", "channel": "sms"}},
        {"none": [{"did": {"event": "Order Completed", "window": {"last": "90d"}}}]},
        {"sequence": {"steps": [
            {"event": "Product Added"},
            {"event": "Order Completed", "within": "1d", "absent": true}
        ], "window": {"last": "7d"}}}
    ]}}))
    .unwrap();
    assert_eq!(definition, expected);
    assert_eq!(
        print(&definition),
        r#"did "Order Completed" where value >= 100 and product(category = "护肤") sum value >= 500 within last 30d
and trait city = "上海"
and not tag "staff"
and contactable for marketing by sms
and not did "Order Completed" within last 90d
and sequence "Product Added" then not "Order Completed" within 1d, first within last 7d
zone "Asia/Shanghai""#
    );
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    let a = || json!({"tag": "a"});
    assert_eq!(
        parse_rule(r#"tag "a" or not tag "a" and tag "a""#).unwrap(),
        tree(json!({"any": [a(), {"all": [{"none": [a()]}, a()]}]}))
    );
    assert_eq!(
        parse_rule(r#"not (tag a or tag a) and tag a"#).unwrap(),
        tree(json!({"all": [{"none": [{"any": [a(), a()]}]}, a()]}))
    );
    // A group in parentheses stays one.
    assert_eq!(parse_rule("(tag a and tag a) and tag a").unwrap(), tree(json!({"all": [{"all": [a(), a()]}, a()]})));
}

#[test]
fn groups_that_no_chain_can_write_are_explicit() {
    for (json, text) in [
        (json!({"all": []}), "everyone"),
        (json!({"any": []}), "nobody"),
        (json!({"none": []}), "none of ()"),
        (json!({"all": [{"tag": "a"}]}), r#"all of (tag "a")"#),
        (json!({"none": [{"tag": "a"}, {"tag": "b"}]}), r#"none of (tag "a", tag "b")"#),
    ] {
        let rule = tree(json);
        assert_eq!(print_rule(&rule), text);
        assert_eq!(parse_rule(text).unwrap(), rule);
    }
    assert_eq!(parse_rule("all(tag a)").unwrap(), tree(json!({"all": [{"tag": "a"}]})));
}

#[test]
fn filters_end_where_conditions_go_on() {
    let filtered = json!({"did": {"event": "A", "where": [{"any": [
        {"field": {"name": "value", "test": {"gt": 1.0}}},
        {"none": [{"field": {"name": "channel", "test": {"eq": "store"}}}]}
    ]}]}});
    assert_eq!(
        parse_rule(r#"did "A" where value > 1 or not channel = "store" and not (tag a or tag b)"#).unwrap(),
        tree(json!({"all": [filtered, {"none": [{"any": [{"tag": "a"}, {"tag": "b"}]}]}]}))
    );
    // Even an empty group is told apart.
    let both = json!({"any": [
        {"did": {"event": "A", "where": [{"none": []}, {"none": [{"any": []}]}]}},
        {"none": [{"none": []}]}
    ]});
    let text = print_rule(&tree(both.clone()));
    assert_eq!(text, r#"did "A" where none() and not any() or not none of ()"#);
    assert_eq!(parse_rule(&text).unwrap(), tree(both));
}

#[test]
fn chinese_words_signs_and_quotes_are_read() {
    let chinese = parse(
        "做过 “Order Completed” 其中 value ≥ 100 且 商品（category 属于 （“护肤”、“彩妆”）） 至少 3 次 最近 30天\n且 特征 city ＝ “上海” 且 非 标签 “staff” 且 没做过 “Order Refunded” 时区 “Asia/Shanghai”",
        "UTC",
    )
    .unwrap();
    let english = parse(
        r#"did "Order Completed" where value >= 100 and product(category in ("护肤", "彩妆")) at least 3 times within last 30d
           and trait city = "上海" and not tag "staff" and not did "Order Refunded" zone "Asia/Shanghai""#,
        "UTC",
    )
    .unwrap();
    assert_eq!(chinese, english);
}

#[test]
fn ways_of_saying_the_same() {
    for (one, other) in [
        (r#"did "A" in the last 30 days"#, r#"did "A" within last 30d"#),
        (r#"did not "A" ever"#, r#"not did "A""#),
        (r#"did "A" AT LEAST 1 time"#, r#"did "A""#),
        (r#"did "A" in the month 1 month ago"#, r#"did "A" in last month"#),
        (r#"trait city is "x""#, "trait city = 'x'"),
        (r#"trait city <> "x""#, r#"trait city is not "x""#),
        ("stage = active", r#"stage "active""#),
        ("trait birthday after 1990-01-01", r#"trait birthday after "1990-01-01""#),
    ] {
        assert_eq!(parse_rule(one).unwrap(), parse_rule(other).unwrap(), "{one}");
    }
}

#[test]
fn a_fault_says_where_what_and_what_was_meant() {
    let fault = |text: &str| parse(text, "UTC").unwrap_err();
    for (text, place, suggestion) in [
        ("tag \"a\"\nand tga \"b\"", (2, 5, 12), Some("tag")),
        ("trait city = 上海", (1, 14, 13), Some("\"上海\"")),
        ("did Order Completed within last 30d", (1, 5, 4), Some("\"Order Completed\"")),
        ("did \"A\" where categry = \"x\"", (1, 15, 14), Some("properties.categry")),
        ("did \"A\" where valeu > 3", (1, 15, 14), Some("value")),
        ("did \"A\" withn last 30d", (1, 9, 8), Some("within")),
        ("did \"A\" within last 30", (1, 21, 20), Some("30d")),
        ("tag \"a\" && tag \"b\"", (1, 9, 8), Some("and")),
        ("city = \"x\"", (1, 1, 0), Some("trait city")),
        ("trait city = \"x", (1, 14, 13), None),
        ("trait city", (1, 11, 10), None),
        ("", (1, 1, 0), None),
        ("tag \"a\" tag \"b\"", (1, 9, 8), None),
        ("trait age >= 007", (1, 14, 13), Some("7")),
        ("did \"A\" where (value > 1 or tag \"x\")", (1, 29, 28), None),
    ] {
        let f = fault(text);
        assert_eq!(((f.line, f.column, f.offset), f.suggestion.as_deref()), (place, suggestion), "{text}: {f}");
    }
    let f = fault("trait city ~ \"x\"");
    assert_eq!((f.code, f.to_string().as_str()), ("text_character", "line 1, column 12: `~` has no meaning here"));
    let f = fault("trait city \"x\"");
    assert!(f.expected.contains(&"=".to_owned()) && f.expected.contains(&"contains".to_owned()), "{f:?}");
    assert_eq!(
        fault("consent for marketing by sms is given").to_string(),
        "line 1, column 33: given stands here where `granted`, `refused` or `unknown` is expected"
    );
}

#[test]
fn hostile_texts_are_refused() {
    let long = format!("tag \"{}\"", "a".repeat(MAX_BYTES));
    assert_eq!(parse_rule(&long).unwrap_err().code, "text_too_long");
    for opening in ["(", "not ", "all(", "did \"A\" where (", "trait x = ["] {
        let text = opening.repeat(MAX_BYTES / opening.len());
        assert_eq!(
            parse_rule(&text).unwrap_err().code,
            if opening.starts_with(['(', 'n', 'a']) { "text_too_deep" } else { "text_expected" },
            "{opening}"
        );
    }
    assert_eq!(parse_rule(&format!("trait x = {}", "[".repeat(1_000))).unwrap_err().code, "text_too_deep");
    let deep = format!("{}tag a{}", "not ".repeat(MAX_DEPTH), "");
    assert!(parse_rule(&deep).is_ok());
}
