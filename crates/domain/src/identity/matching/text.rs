//! What is left of a text when everything is taken off that two spellings of one value may differ in.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::event::clean::hanzi::{simplified_char, surname_reading};
use crate::person::traits::is_han;

/// Longest text read, in bytes; cut at a character.
const MAX_BYTES: usize = 512;

/// Words of lower-case letters and digits with one blank between them: without accents, apostrophes, invisible characters
/// and full-width forms; Chinese in simplified characters; Greek and Cyrillic letters that look Latin as Latin ones, where
/// Latin letters stand beside them.
#[must_use]
pub(super) fn words(raw: &str) -> String {
    let raw = head(raw);
    let mut out = String::with_capacity(raw.len());
    if raw.is_ascii() {
        for b in raw.bytes() {
            add(&mut out, char::from(b.to_ascii_lowercase()));
        }
    } else {
        let latin = raw.bytes().any(|b| b.is_ascii_alphabetic());
        for c in raw.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
            add(&mut out, if latin { looks_latin(c) } else { simplified_char(c) });
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

fn head(raw: &str) -> &str {
    let mut end = raw.len().min(MAX_BYTES);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    &raw[..end]
}

fn add(out: &mut String, c: char) {
    if c.is_alphanumeric() {
        out.push(c);
    } else if matches!(c, '\'' | '’' | '`' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\0' | '\u{ad}') {
        // Joined: O'Brien and OBrien, and what nobody sees.
    } else if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn looks_latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'ո' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        'ı' => 'i',
        _ => simplified_char(c),
    }
}

/// The words of a person's name: digits inside a word of letters are the letters they stand for, and titles are left out.
#[must_use]
pub(super) fn name_words(raw: &str) -> String {
    let text = words(raw);
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ') {
        if matches!(word, "mr" | "mrs" | "ms" | "miss" | "dr" | "prof" | "sir" | "mme") && text.len() > word.len() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        if word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic()) {
            out.extend(word.chars().map(letter));
        } else {
            out.push_str(word);
        }
    }
    for title in ["先生", "女士", "小姐", "太太"] {
        if let Some(rest) = out.strip_suffix(title).filter(|r| !r.is_empty()) {
            out.truncate(rest.len());
        }
    }
    out
}

const fn letter(digit: char) -> char {
    match digit {
        '0' => 'o',
        '1' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        c => c,
    }
}

/// Whether every letter is a Chinese character.
#[must_use]
pub(super) fn all_han(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_han(c) || c == ' ')
}

/// Pinyin of Chinese characters, letters as they are, no blanks. The first character is read as a surname where `surname`.
#[must_use]
pub(super) fn romanised(text: &str, surname: bool) -> String {
    use pinyin::ToPinyin;
    let mut out = String::with_capacity(text.len() * 2);
    for (i, c) in text.chars().filter(|c| *c != ' ').enumerate() {
        let syllable =
            surname_reading(c).filter(|_| i == 0 && surname).or_else(|| c.to_pinyin().map(pinyin::Pinyin::plain));
        match syllable {
            Some(s) => out.extend(s.chars().map(|c| if c == 'ü' { 'v' } else { c })),
            None => out.push(c),
        }
    }
    out
}

/// Surnames that most Chinese people have, in pinyin (GB/T 28039 without capitals).
const PINYIN_SURNAMES: &str = " wang li zhang liu chen yang huang zhao zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng \
xie han tang feng yu dong xiao cheng cao yuan deng fu shen zeng peng lv lu su jiang cai jia ding wei xue ye yan pan du dai xia zhong tian ren \
fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan lei qian yin chang \
qiao gong lai wen ouyang sima shangguan zhuge situ ni niu ge an wu zuo bi nie qi xing yue guan zhan pang jiao mo ai mei xin geng ";

/// Whether a word is such a surname.
fn is_pinyin_surname(word: &str) -> bool {
    !word.is_empty() && PINYIN_SURNAMES.split(' ').any(|s| s == word)
}

/// Whether a word is one or more syllables of pinyin.
fn is_pinyin(word: &str) -> bool {
    const INITIALS: &[&str] = &[
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
        "y", "w", "",
    ];
    const FINALS: &[&str] = &[
        "iang", "iong", "uang", "ang", "eng", "ing", "ong", "iao", "ian", "uai", "uan", "ai", "ei", "ui", "ao", "ou",
        "iu", "ie", "ue", "ve", "er", "an", "en", "in", "un", "ia", "ua", "uo", "a", "o", "e", "i", "u", "v",
    ];
    fn rest(word: &str, syllables: u8) -> bool {
        if word.is_empty() {
            return syllables > 0;
        }
        syllables < 4
            && INITIALS
                .iter()
                .filter_map(|i| word.strip_prefix(i))
                .any(|w| FINALS.iter().filter_map(|f| w.strip_prefix(f)).any(|w| rest(w, syllables + 1)))
    }
    word.len() <= 24 && word.is_ascii() && rest(word, 0)
}

/// Surname and given name of a Chinese name in pinyin, in the order in which Chinese people write it, with a blank or
/// without: `wang xiaoming`, `wangxiaoming`. `None` where it may as well be another name.
#[must_use]
pub(super) fn pinyin_name(words: &str) -> Option<(&str, &str)> {
    if let Some((surname, given)) = words.split_once(' ') {
        let last = given.rsplit(' ').next().unwrap_or(given);
        let chinese = is_pinyin_surname(surname) && given.split(' ').all(is_pinyin) && !is_pinyin_surname(last);
        return chinese.then_some((surname, given));
    }
    if !is_pinyin(words) {
        return None;
    }
    (2..=9.min(words.len().saturating_sub(1)))
        .rev()
        .map(|at| words.split_at(at))
        .find(|(surname, given)| is_pinyin_surname(surname) && is_pinyin(given))
}

/// A code of how a Latin word sounds: first letter, then groups of consonants, without repetition (Soundex, not cut).
#[must_use]
pub(super) fn sound(letters: &str) -> u32 {
    let mut code: u32 = 0;
    let mut last = 0;
    for (i, b) in letters.bytes().enumerate() {
        let group = match b {
            b'b' | b'f' | b'p' | b'v' | b'w' => 1,
            b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
            b'd' | b't' => 3,
            b'l' => 4,
            b'm' | b'n' => 5,
            b'r' => 6,
            b'h' => last,
            _ => 0,
        };
        if i == 0 {
            code = u32::from(b);
        } else if group != 0 && group != last && code < 1 << 26 {
            code = code * 8 + group;
        }
        last = group;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_form() {
        for (raw, want) in [
            (" O'Brien ", "obrien"),
            ("Müller-Lüdenscheidt", "muller ludenscheidt"),
            ("Ｊｏｈｎ", "john"),
            ("Jоhn", "john"),
            ("陳 偉", "陈 伟"),
            ("zo\u{200b}e", "zoe"),
            ("Иван", "иван"),
            ("", ""),
            ("--", ""),
        ] {
            assert_eq!(words(raw), want, "{raw}");
        }
        assert_eq!(name_words("Mr. J0hn Sm1th"), "john smlth");
        assert_eq!(name_words("王女士"), "王");
        assert_eq!(name_words("Dr"), "dr");
    }

    #[test]
    fn names_are_read_as_they_sound() {
        assert_eq!(romanised("单 小明", true), "shanxiaoming");
        assert_eq!(romanised("吕", true), "lv");
        assert_eq!(sound("robert"), sound("rupert"));
        assert_ne!(sound("robert"), sound("ruben"));
        assert_eq!(sound(""), 0);
    }

    #[test]
    fn chinese_names_in_pinyin_are_taken_apart_and_others_are_left_alone() {
        assert_eq!(pinyin_name("wang xiaoming"), Some(("wang", "xiaoming")));
        assert_eq!(pinyin_name("wang xiao ming"), Some(("wang", "xiao ming")));
        assert_eq!(pinyin_name("wangxiaoming"), Some(("wang", "xiaoming")));
        assert_eq!(pinyin_name("ouyangfei"), Some(("ouyang", "fei")));
        for other in ["xiaoming wang", "li smith", "john wang", "lin yang", "smith", "wang", ""] {
            assert_eq!(pinyin_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert!(words(&"王".repeat(1_000)).chars().count() <= 171);
    }
}
