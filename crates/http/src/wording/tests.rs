use throughline_domain::identity::DropReason;

use super::*;

fn one(text: &str) -> Wording {
    let mut found = wording(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.remove(0)
}

fn params(found: &Wording) -> Vec<(&str, &str)> {
    found.params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

/// Every reason with the code it is read back as. The match makes sure that a new reason is told here too.
fn every_reason() -> Vec<(DropReason, &'static str, Vec<(&'static str, &'static str)>)> {
    let reasons = vec![
        DropReason::Blocked { rule: "placeholder word".into() },
        DropReason::Suspended,
        DropReason::Kiosk,
        DropReason::MaxPerPerson { namespace: "user_id".into(), max: 1 },
        DropReason::MaxOwners { max: 3 },
        DropReason::CannotLink { seq: 382_144_000_123 },
        DropReason::IdentifierCap { max: 200 },
        DropReason::MergeCap { max: 10, daily: true },
        DropReason::MergeCap { max: 50, daily: false },
        DropReason::EqualRank,
        DropReason::FamilyPhone,
        DropReason::Contested,
    ];
    let told = |reason: DropReason| {
        let (code, params) = match &reason {
            DropReason::Blocked { .. } => ("blocked.word", vec![]),
            DropReason::Suspended => ("link.suspended", vec![]),
            DropReason::Kiosk => ("link.kiosk", vec![]),
            DropReason::MaxPerPerson { .. } => ("link.max_per_person", vec![("max", "1"), ("namespace", "user_id")]),
            DropReason::MaxOwners { .. } => ("link.max_owners", vec![("max", "3")]),
            DropReason::CannotLink { .. } => ("link.cannot_link_seq", vec![("seq", "382144000123")]),
            DropReason::IdentifierCap { .. } => ("link.identifier_cap", vec![("max", "200")]),
            DropReason::MergeCap { daily: true, .. } => ("link.merge_cap_day", vec![("max", "10")]),
            DropReason::MergeCap { daily: false, .. } => ("link.merge_cap", vec![("max", "50")]),
            DropReason::EqualRank => ("link.equal_rank", vec![]),
            DropReason::FamilyPhone => ("link.family_phone", vec![]),
            DropReason::Contested => ("link.contested", vec![]),
        };
        (reason, code, params)
    };
    reasons.into_iter().map(told).collect()
}

#[test]
fn every_reason_of_a_refused_link_is_read_back() {
    for (reason, code, expected) in every_reason() {
        let text = reason.to_string();
        let found = one(&text);
        assert_eq!((found.code.as_str(), params(&found)), (code, expected.clone()), "{text}");
        // Explain shows the same without its beginning.
        let bare = one(text.trim_start_matches("not linked: "));
        assert_eq!((bare.code.as_str(), params(&bare)), (code, expected), "{text}");
    }
}

#[test]
fn every_form_is_read_back_as_its_own_code() {
    let value = |name: &str| ["7", "number", "x1"].into_iter().find(|v| fits(name, v)).unwrap_or_default();
    for (code, form) in SENTENCES {
        let mut text = String::new();
        let mut rest = *form;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?)))
        {
            text += before;
            text += value(name);
            rest = after;
        }
        text += rest;
        let found = one(&text);
        assert_eq!(found.code, *code, "{text}");
        assert!(found.params.iter().all(|(name, v)| v == value(name)), "{text}: {found:?}");
    }
}

#[test]
fn a_warning_names_the_identifier_it_is_about() {
    let refused = one("phone: a person may have at most 1 phone");
    assert_eq!(refused.code, "link.max_per_person");
    assert_eq!(params(&refused), [("max", "1"), ("namespace", "phone"), ("of", "phone")]);
    let blocked = one("a user_id carries a blocked value (placeholder word)");
    assert_eq!((blocked.code.as_str(), params(&blocked)), ("blocked.word", vec![("of", "user_id")]));
    assert_eq!(one("email: blocked value (blocked by an operator)").code, "blocked.operator");
}

#[test]
fn several_faults_are_told_one_by_one() {
    let found = wording("properties.price is not number; properties.sku is required; and 2 more");
    let codes: Vec<&str> = found.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["value.type", "value.required", "list.more"]);
    assert_eq!(params(&found[0]), [("of", "properties.price"), ("type", "number")]);
}

#[test]
fn a_cell_of_a_file_names_its_column() {
    let found =
        one("下单时间: `昨天` is no time that can be read; give its form as time.format, for instance %d/%m/%Y %H:%M");
    assert_eq!((found.code.as_str(), params(&found)), ("value.time_form", vec![("of", "下单时间: `昨天`")]));
}

#[test]
fn a_row_refused_for_another_row_says_for_which() {
    let found = one("refused with line 17 of the same group: Quantity: `x` is no number");
    assert_eq!(
        (found.code.as_str(), params(&found)),
        ("value.number", vec![("group_line", "17"), ("of", "Quantity: `x`")])
    );
}

#[test]
fn what_people_wrote_has_no_wording() {
    for text in [
        "",
        "same lady, she called us",
        "he said: no",
        "this is not her card",
        "Owner: both cards are hers",
        "see ticket 12; call back",
    ] {
        assert_eq!(wording(text), [], "{text}");
    }
    assert_eq!(wording(&"x".repeat(100_000)), []);
}
