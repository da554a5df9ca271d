//! Text and ids: Unicode form, invisible characters, blanks at the ends.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

/// Names and free text: NFC, without BOM, NUL and zero-width characters, trimmed. Borrowed when nothing changes.
///
/// A zero-width joiner between other than ASCII characters stays: emoji and several scripts are spelt with it.
#[must_use]
pub fn text(raw: &str) -> Cow<'_, str> {
    if is_plain_ascii(raw) {
        return Cow::Borrowed(raw);
    }
    // Normal form may turn a neighbour of a mark into ASCII, and a mark that goes may let its neighbours join.
    match strip(&nfc(raw), false) {
        Cow::Borrowed(_) => trimmed(nfc(raw)),
        Cow::Owned(stripped) => Cow::Owned(trimmed(nfc(&stripped)).into_owned()),
    }
}

fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => {
            let nfc: String = text.nfc().collect();
            if nfc == text { Cow::Borrowed(text) } else { Cow::Owned(nfc) }
        }
    }
}

/// Ids, codes and numbers: NFKC (full-width forms become ASCII), without any invisible character, trimmed.
#[must_use]
pub fn id(raw: &str) -> Cow<'_, str> {
    if is_plain_ascii(raw) {
        return Cow::Borrowed(raw);
    }
    let stripped = strip(raw, true);
    let normal = match is_nfkc_quick(stripped.chars()) {
        IsNormalized::Yes => stripped,
        IsNormalized::No | IsNormalized::Maybe => {
            let nfkc: String = stripped.nfkc().collect();
            if nfkc == *stripped { stripped } else { Cow::Owned(nfkc) }
        }
    };
    trimmed(normal)
}

/// ASCII without NUL and without blanks at the ends: already clean.
fn is_plain_ascii(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    !ends.into_iter().flatten().any(|b| b.is_ascii_whitespace() || *b == 0x0b)
        && bytes.iter().all(|b| (1..0x80).contains(b))
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(t) => Cow::Borrowed(t.trim()),
        Cow::Owned(t) => {
            let inner = t.trim();
            if inner.len() == t.len() { Cow::Owned(t) } else { Cow::Owned(inner.to_owned()) }
        }
    }
}

/// BOM, NUL, zero-width space, word joiner, Mongolian vowel separator, soft hyphen.
const fn is_always_stripped(c: char) -> bool {
    matches!(c, '\0' | '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{180e}' | '\u{ad}')
}

/// Joiners and marks of direction: spelling in text, noise in an id.
const fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{2064}' | '\u{2066}'..='\u{206f}')
}

fn strip(raw: &str, marks_too: bool) -> Cow<'_, str> {
    if !raw.chars().any(|c| is_always_stripped(c) || is_invisible_mark(c)) {
        return Cow::Borrowed(raw);
    }
    let visible: String =
        raw.chars().filter(|c| !(is_always_stripped(*c) || marks_too && is_invisible_mark(*c))).collect();
    if marks_too {
        return Cow::Owned(visible);
    }
    // A mark beside a blank, an ASCII character or an end of the text joins nothing.
    let mut out = String::with_capacity(visible.len());
    let mut chars = visible.trim_matches(is_mark_or_blank).chars().peekable();
    while let Some(c) = chars.next() {
        let joins =
            |other: Option<char>| other.is_some_and(|o| !o.is_ascii() && !is_invisible_mark(o) && !o.is_whitespace());
        if !is_invisible_mark(c) || (joins(out.chars().next_back()) && joins(chars.peek().copied())) {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_mark_or_blank(c: char) -> bool {
    is_invisible_mark(c) || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn invisible_characters_go_and_spelling_stays() {
        assert_eq!(text("\u{feff} Caf\u{65}\u{301}\u{200b} \0"), "Café");
        assert_eq!(text("👨\u{200d}👩\u{200d}👧"), "👨\u{200d}👩\u{200d}👧");
        assert_eq!(text("ab\u{200d}c"), "abc");
        assert_eq!(text("\u{37e}\u{202a}®"), ";®", "a neighbour that becomes ASCII joins nothing");
        assert_eq!(text("ＡＢＣ"), "ＡＢＣ", "text keeps its width");
        assert_eq!(id(" ＵＳＥＲ－１\u{202c}"), "USER-1");
        assert!(matches!(text("plain"), Cow::Borrowed(_)));
        assert!(matches!(text("中文"), Cow::Borrowed(_)));
        assert_eq!(text(" \u{3000}\t"), "");
    }

    proptest! {
        #[test]
        fn cleaning_text_twice_changes_nothing_more(raw in "(\\PC|[\u{200b}-\u{200f}\u{feff}\u{301}\u{202a}-\u{202e} \0]){0,24}") {
            let once = text(&raw).into_owned();
            prop_assert_eq!(text(&once), once.as_str());
            let once = id(&raw).into_owned();
            prop_assert_eq!(id(&once), once.as_str());
        }
    }
}
