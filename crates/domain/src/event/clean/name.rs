//! Person names: shown as written, matched by keys.

use super::hanzi::{is_compound_surname, simplified_char, surname_reading};
use super::{Cleaned, text};

/// A name with single blanks, else as it was written. Rule `person_name`.
#[must_use]
pub fn person_name(raw: &str) -> Cleaned<String> {
    let clean = text(raw);
    let mut out = String::with_capacity(clean.len());
    let mut chars = clean.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).peekable();
    while let Some(c) = chars.next() {
        if c != ' ' {
            out.push(c);
            continue;
        }
        while chars.peek() == Some(&' ') {
            chars.next();
        }
        out.push(' ');
    }
    let changed = out != raw;
    Cleaned::when(out, changed, "person_name")
}

/// What spellings of one name have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameKeys {
    /// Lower case, simplified characters, single blanks.
    pub simplified: String,
    /// Pinyin without tones and blanks (`lilei`); Latin names: their letters.
    pub pinyin: String,
    /// First letter of each syllable or word (`ll`).
    pub initials: String,
    /// Surname, simplified. Chinese: first character or compound surname (`欧阳`); Latin: the last word.
    pub surname: String,
    /// The rest, simplified.
    pub given: String,
}

/// The match keys of a name in any script.
#[must_use]
pub fn name_keys(name: &str) -> NameKeys {
    let mut name = person_name(name).value;
    // Blanks between Chinese characters are a matter of taste.
    if name.chars().all(|c| c == ' ' || is_han(c)) {
        name.retain(|c| c != ' ');
    }
    let simplified: String = name.chars().map(simplified_char).flat_map(char::to_lowercase).collect();
    let (surname, given) = split(&simplified);
    let (pinyin, initials) = romanised(&simplified);
    NameKeys { pinyin, initials, surname: surname.to_owned(), given: given.to_owned(), simplified }
}

fn split(simplified: &str) -> (&str, &str) {
    let count = simplified.chars().count();
    if (2..=6).contains(&count) && simplified.chars().all(is_han) {
        let at = |n: usize| simplified.char_indices().nth(n).map_or(simplified.len(), |(i, _)| i);
        let length = if count > 2 && is_compound_surname(&simplified[..at(2)]) { 2 } else { 1 };
        return simplified.split_at(at(length));
    }
    // `Li, Lei` names the surname first; else the last word is it.
    if let Some((surname, given)) = simplified.split_once(',') {
        return (surname.trim(), given.trim());
    }
    match simplified.rsplit_once(' ') {
        Some((given, surname)) => (surname, given),
        None => ("", simplified),
    }
}

/// Pinyin with the readings that surnames have (`单` shàn, `仇` qiú), and its initials.
fn romanised(simplified: &str) -> (String, String) {
    use pinyin::ToPinyin;
    let (mut full, mut initials) = (String::with_capacity(simplified.len()), String::new());
    let mut starts_word = true;
    for (i, c) in simplified.chars().enumerate() {
        let syllable = surname_reading(c).filter(|_| i == 0).or_else(|| c.to_pinyin().map(pinyin::Pinyin::plain));
        if let Some(syllable) = syllable {
            // The crate writes ü as such; people type v or u, and passports YU.
            let syllable = syllable.replace('ü', "v");
            initials.extend(syllable.chars().next());
            full.push_str(&syllable);
            starts_word = true;
        } else if c.is_alphanumeric() {
            if starts_word {
                initials.push(c);
            }
            full.push(c);
            starts_word = false;
        } else {
            starts_word = true;
        }
    }
    (full, initials)
}

/// Chinese characters of the basic block, extension A and the compatibility block.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_names_have_keys_that_join_their_spellings() {
        let k = name_keys("李 雷");
        assert_eq!((k.simplified.as_str(), k.pinyin.as_str(), k.initials.as_str()), ("李雷", "lilei", "ll"));
        assert_eq!((k.surname.as_str(), k.given.as_str()), ("李", "雷"));
        let k = name_keys("歐陽靜怡");
        assert_eq!((k.surname.as_str(), k.given.as_str(), k.pinyin.as_str()), ("欧阳", "静怡", "ouyangjingyi"));
        assert_eq!(name_keys("陳偉"), name_keys("陈伟"));
        assert_eq!(name_keys("单雄信").pinyin, "shanxiongxin");
        assert_eq!(name_keys("欧阳").surname, "欧", "two characters are surname and given name");
        assert_eq!(name_keys("吕布").pinyin, "lvbu");
    }

    #[test]
    fn latin_names_are_split_at_the_last_word() {
        let k = name_keys("  Lei   LI ");
        assert_eq!(
            (k.surname.as_str(), k.given.as_str(), k.pinyin.as_str(), k.initials.as_str()),
            ("li", "lei", "leili", "ll")
        );
        assert_eq!(name_keys("Li, Lei").surname, "li");
        assert_eq!(name_keys("Cher").given, "cher");
        assert_eq!(name_keys(""), NameKeys::default());
    }

    #[test]
    fn blanks_are_collapsed_and_what_changed_is_told() {
        assert_eq!(
            person_name("Anna  Maria\tLi"),
            Cleaned { value: "Anna Maria Li".into(), rule: Some("person_name") }
        );
        assert_eq!(person_name("李雷").rule, None);
        assert_eq!(person_name("\u{3000}李\u{3000}\u{3000}雷").value, "李 雷");
    }

    proptest! {
        #[test]
        fn cleaning_a_name_twice_changes_nothing_more(raw in "(\\PC|[ 李雷\u{3000}]){0,16}") {
            let once = person_name(&raw).value;
            prop_assert_eq!(person_name(&once), Cleaned { value: once, rule: None });
            let _ = name_keys(&raw);
        }
    }
}
