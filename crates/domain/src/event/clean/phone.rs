//! Phone numbers: E.164, with the source's default region.

use super::{Cleaned, id};

/// A phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// E.164, for instance `+8613912345678`.
    pub e164: String,
    /// The extension behind a switchboard, digits only.
    pub extension: Option<String>,
}

/// Longest text that can hold a number, its separators and an extension.
const MAX_TEXT: usize = 64;
/// What stands before an extension, longest first.
const EXTENSION_MARKS: [&str; 10] = [";ext=", "extension", "分机", "ext.", "ext", "转", "#", ",", ";", "x"];

/// Reads a number in any usual spelling; `region` (ISO 3166 alpha-2) is where a number without a country code is
/// dialled. `None` when it is no number that can exist there. Rule `phone_e164`.
#[must_use]
pub fn phone(raw: &str, region: &str) -> Option<Cleaned<Phone>> {
    if let Some(e164) = clean_mainland(raw) {
        return Some(Cleaned { value: Phone { e164, extension: None }, rule: None });
    }
    if raw.len() > 4 * MAX_TEXT {
        return None;
    }
    let text = id(raw).to_lowercase();
    if text.len() > MAX_TEXT {
        return None;
    }
    let text = text.strip_prefix("tel:").unwrap_or(&text);
    let (number, extension) = split_extension(text)?;
    let dialled = digits(number)?;
    let e164 = mainland_mobile(&dialled, region).or_else(|| by_metadata(&dialled, region))?;
    let changed = raw != e164;
    Some(Cleaned::when(Phone { e164, extension }, changed, "phone_e164"))
}

/// `+86` and a mainland mobile number, as it should be.
fn clean_mainland(raw: &str) -> Option<String> {
    let national = raw.strip_prefix("+86")?;
    is_mainland_mobile(national).then(|| raw.to_owned())
}

/// `1[3-9]` and nine digits.
fn is_mainland_mobile(digits: &str) -> bool {
    let b = digits.as_bytes();
    b.len() == 11 && b[0] == b'1' && (b'3'..=b'9').contains(&b[1]) && b.iter().all(u8::is_ascii_digit)
}

/// Number and extension of a text; `None` when the extension holds anything but digits.
fn split_extension(text: &str) -> Option<(&str, Option<String>)> {
    let Some((number, extension)) = EXTENSION_MARKS.iter().find_map(|mark| text.split_once(mark)) else {
        return Some((text, None));
    };
    let extension = extension.trim_matches(|c: char| c.is_whitespace() || "#.:=".contains(c));
    match extension.len() {
        0 => Some((number, None)),
        1..=8 if extension.bytes().all(|b| b.is_ascii_digit()) => Some((number, Some(extension.to_owned()))),
        _ => None,
    }
}

/// The digits, with a leading `+` if there is one; `None` when other than separators stand between them.
fn digits(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => out.push(c),
            '+' if out.is_empty() => out.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '_' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\t' => {}
            _ => return None,
        }
    }
    // `+86 (0)139…`, and numbers of fewer digits than any country has.
    (out.len() >= 5 && out.len() <= 20).then_some(out)
}

fn mainland_mobile(dialled: &str, region: &str) -> Option<String> {
    let international = dialled.strip_prefix("+86").or_else(|| dialled.strip_prefix("0086"));
    let national = match international {
        Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
        None if region == "CN" => dialled
            .strip_prefix("86")
            .filter(|rest| rest.len() == 11)
            .or_else(|| dialled.strip_prefix('0').filter(|rest| rest.len() == 11))
            .unwrap_or(dialled),
        None => return None,
    };
    is_mainland_mobile(national).then(|| format!("+86{national}"))
}

/// Every other number, by Google's metadata. Only digits and a leading `+` reach the parser.
fn by_metadata(dialled: &str, region: &str) -> Option<String> {
    let international = dialled.strip_prefix("00").filter(|_| region != "US" && region != "CA");
    let number = match international {
        Some(rest) => phonenumber::parse(None, format!("+{rest}")),
        None if dialled.starts_with('+') => phonenumber::parse(None, dialled),
        None => phonenumber::parse(Some(region.parse().ok()?), dialled),
    }
    .ok()?;
    if !number.is_valid() {
        return None;
    }
    let e164 = number.format().mode(phonenumber::Mode::E164).to_string();
    // What the formatter writes must read back as itself, or a second cleaning would change it.
    let back = phonenumber::parse(None, &e164).ok()?;
    (back.is_valid() && back.format().mode(phonenumber::Mode::E164).to_string() == e164).then_some(e164)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn e164(raw: &str, region: &str) -> Option<String> {
        phone(raw, region).map(|c| c.value.e164)
    }

    #[test]
    fn mainland_mobiles_are_read_in_every_spelling() {
        let want = Some("+8613912345678".to_owned());
        for raw in [
            "13912345678",
            "+8613912345678",
            "139 1234 5678",
            "139-1234-5678",
            "１３９１２３４５６７８",
            "86 13912345678",
            "0086-139-1234-5678",
            "+86 (0)139 1234 5678",
            "013912345678",
            "\u{202d}139 1234 5678\u{202c}",
            "tel:+86-139-1234-5678",
            "８６－１３９１２３４５６７８",
        ] {
            assert_eq!(e164(raw, "CN"), want, "{raw}");
        }
        assert_eq!(phone("+8613912345678", "CN").unwrap().rule, None);
        assert_eq!(phone("13912345678", "CN").unwrap().rule, Some("phone_e164"));
    }

    #[test]
    fn other_numbers_follow_the_metadata_of_their_region() {
        assert_eq!(e164("010-6552 9988", "CN").as_deref(), Some("+861065529988"));
        assert_eq!(e164("(650) 253-0000", "US").as_deref(), Some("+16502530000"));
        assert_eq!(e164("+44 20 7946 0958", "CN").as_deref(), Some("+442079460958"));
        assert_eq!(e164("0044 20 7946 0958", "CN").as_deref(), Some("+442079460958"));
        assert_eq!(e164("+852 9123 4567", "CN").as_deref(), Some("+85291234567"));
        assert_eq!(e164("02-2345-6789", "TW").as_deref(), Some("+886223456789"));
    }

    #[test]
    fn an_extension_is_kept_apart() {
        for raw in [
            "010-65529988转123",
            "010-65529988 ext. 123",
            "010-65529988#123",
            "010-65529988,123",
            "010-65529988分机123",
        ] {
            let phone = phone(raw, "CN").unwrap().value;
            assert_eq!((phone.e164.as_str(), phone.extension.as_deref()), ("+861065529988", Some("123")), "{raw}");
        }
    }

    #[test]
    fn what_is_no_number_is_told() {
        for bad in [
            "",
            "12",
            "12345678901",
            "9912345",
            "call me",
            "139123456789012345678901",
            "+",
            "139 1234 567x",
            "++8613912345678",
        ] {
            assert_eq!(e164(bad, "CN"), None, "{bad}");
        }
        assert_eq!(e164("13912345678", "nowhere"), None);
    }

    proptest! {
        #[test]
        fn cleaning_a_number_twice_changes_nothing_more(raw in "[+0]{0,2}[0-9 ()-]{5,16}", region in "CN|US|DE|HK|GB|IT|BR") {
            if let Some(once) = phone(&raw, &region) {
                let twice = phone(&once.value.e164, &region).unwrap();
                prop_assert_eq!(&twice.value.e164, &once.value.e164);
                prop_assert_eq!(twice.rule, None);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(raw in "\\PC{0,30}", region in "CN|US|XX|") {
            let _ = phone(&raw, &region);
        }
    }
}
