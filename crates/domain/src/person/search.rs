//! Search keys: what a person can be found by, typed from the start of the word, in Chinese and Latin script.

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

use super::traits::is_han;

/// Longest key kept, in characters.
const KEY_MAX: usize = 64;
/// Most keys one text yields.
const KEYS_MAX: usize = 24;

/// Folds a text the way both keys and queries are folded: NFKC, lower case, no blanks or separators.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '·'))
        .take(KEY_MAX)
        .collect()
}

/// Keys of a name or any short text: each word from its start; for Chinese every suffix (a given name is found
/// without its surname), full pinyin and initials.
#[must_use]
pub fn text_keys(text: &str) -> Vec<String> {
    let mut keys = vec![fold(text)];
    for word in text.split_whitespace() {
        keys.push(fold(word));
    }
    let han: Vec<char> = text.chars().filter(|c| is_han(*c)).collect();
    if !han.is_empty() && han.len() <= 12 {
        for i in 1..han.len() {
            keys.push(han[i..].iter().collect());
        }
        let syllables: Vec<&str> = han.iter().filter_map(|c| c.to_pinyin()).map(|p| p.plain()).collect();
        if !syllables.is_empty() {
            keys.push(syllables.iter().filter_map(|s| s.chars().next()).collect());
            keys.extend((0..syllables.len()).map(|i| syllables[i..].concat()));
        }
    }
    tidy(keys)
}

/// Keys of an identifier: its whole value; a phone also by national number and by its last 8 and 4 digits; an e-mail
/// also by its domain.
#[must_use]
pub fn identifier_keys(namespace: &str, value: &str) -> Vec<String> {
    let mut keys = vec![fold(value)];
    if namespace == "phone" {
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        if let Some(national) = value.strip_prefix("+86") {
            keys.push(fold(national));
        }
        for tail in [8, 4] {
            if digits.len() > tail {
                keys.push(digits[digits.len() - tail..].to_owned());
            }
        }
        keys.push(digits);
    }
    if namespace == "email"
        && let Some((_, domain)) = value.rsplit_once('@')
    {
        keys.push(format!("@{}", fold(domain)));
    }
    tidy(keys)
}

fn tidy(mut keys: Vec<String>) -> Vec<String> {
    keys.retain(|k| !k.is_empty());
    keys.sort();
    keys.dedup();
    keys.truncate(KEYS_MAX);
    keys
}

/// The traits whose text a person can be found by.
#[must_use]
pub fn is_searchable_trait(name: &str) -> bool {
    matches!(
        name,
        "name"
            | "full_name"
            | "fullName"
            | "first_name"
            | "firstName"
            | "last_name"
            | "lastName"
            | "nickname"
            | "company"
            | "city"
    )
}

/// Shows enough of a value to recognise it and not enough to use it: `+86139••••5678`, `a•••@b.co`, `张••`.
#[must_use]
pub fn mask(namespace: &str, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let keep = |head: usize, tail: usize| {
        if chars.len() <= head + tail {
            return "••••".to_owned();
        }
        let hidden = (chars.len() - head - tail).min(4);
        let start: String = chars[..head].iter().collect();
        let end: String = chars[chars.len() - tail..].iter().collect();
        format!("{start}{}{end}", "•".repeat(hidden))
    };
    match namespace.split(':').next().unwrap_or(namespace) {
        "phone" => keep(3.min(chars.len()), 4),
        "email" => match value.rsplit_once('@') {
            Some((local, domain)) => format!("{}•••@{domain}", local.chars().next().unwrap_or('•')),
            None => keep(1, 1),
        },
        "name" => keep(1, 0),
        _ => keep(3, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &[String], typed: &str) -> bool {
        let q = fold(typed);
        keys.iter().any(|k| k.starts_with(&q))
    }

    #[test]
    fn a_chinese_name_is_found_by_characters_given_name_pinyin_and_initials() {
        let keys = text_keys("欧阳小明");
        for typed in ["欧阳", "小明", "明", "ouyang", "OuYang xiao", "oyxm", "xiaom"] {
            assert!(found(&keys, typed), "{typed}");
        }
        assert!(!found(&keys, "wang"));
    }

    #[test]
    fn a_latin_name_is_found_by_each_word() {
        let keys = text_keys("Ada Byron");
        assert!(found(&keys, "ada by") && found(&keys, "BYR"));
    }

    #[test]
    fn a_phone_is_found_by_its_tail_and_without_the_country() {
        let keys = identifier_keys("phone", "+8613912345678");
        for typed in ["+86 139-1234", "1391234", "5678", "12345678", "８６１３９"] {
            assert!(found(&keys, typed), "{typed}");
        }
    }

    #[test]
    fn masks_hide_the_middle() {
        assert_eq!(mask("phone", "+8613912345678"), "+86••••5678");
        assert_eq!(mask("email", "ada@byron.example"), "a•••@byron.example");
        assert_eq!(mask("openid:wx1", "oABCDEFGHIJ"), "oAB••••IJ");
        assert_eq!(mask("user_id", "u1"), "••••");
        assert_eq!(mask("name", "张小明"), "张••");
    }
}
