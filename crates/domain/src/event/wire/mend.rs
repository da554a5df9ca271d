//! What common encoders write that is not JSON, and how to read it all the same.

use std::borrow::Cow;

/// Mends what common encoders get wrong: `NaN` and infinities become null, raw control characters in strings are
/// escaped, escapes of half a surrogate pair (a cut emoji) become the replacement character.
pub(super) fn mend(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 16);
    let mut in_string = false;
    let mut copied = 0;
    let mut i = 0;
    while i < bytes.len() {
        let (skip, put): (usize, Cow<'_, str>) = match bytes[i] {
            b'"' => {
                in_string = !in_string;
                i += 1;
                continue;
            }
            b'\\' if in_string => match half_surrogate(&bytes[i..]) {
                Some(true) => (6, Cow::Borrowed("\\ufffd")),
                Some(false) => {
                    i += 12;
                    continue;
                }
                None => {
                    i += 2;
                    continue;
                }
            },
            c @ 0..=0x1f if in_string => (1, Cow::Owned(format!("\\u{c:04x}"))),
            b'N' | b'I' | b'-' if !in_string => {
                match ["NaN", "Infinity", "-Infinity"].iter().find(|w| text[i..].starts_with(**w)) {
                    Some(word) => (word.len(), Cow::Borrowed("null")),
                    None => {
                        i += 1;
                        continue;
                    }
                }
            }
            _ => {
                i += 1;
                continue;
            }
        };
        out.push_str(&text[copied..i]);
        out.push_str(&put);
        i += skip;
        copied = i;
    }
    out.push_str(&text[copied.min(text.len())..]);
    out
}

/// Looks at an escape: `Some(true)` half a pair, `Some(false)` a whole pair of twelve bytes, `None` anything else.
fn half_surrogate(escape: &[u8]) -> Option<bool> {
    let unit = |at: usize| -> Option<u32> {
        let hex = escape.get(at..at + 6)?.strip_prefix(b"\\u")?;
        hex.iter().try_fold(0, |n, b| char::from(*b).to_digit(16).map(|d| n * 16 + d))
    };
    match unit(0)? {
        0xd800..=0xdbff => Some(!matches!(unit(6), Some(0xdc00..=0xdfff))),
        0xdc00..=0xdfff => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_and_cut_emoji_send_is_mended() {
        assert_eq!(mend(r#"{"a":NaN,"b":[-Infinity,"NaN"]}"#), r#"{"a":null,"b":[null,"NaN"]}"#);
        assert_eq!(mend("{\"a\":\"x\ty\"}"), "{\"a\":\"x\\u0009y\"}");
        assert_eq!(mend(r#""\ud83d\ude00 \ud83d! \ude00 \\ud83d""#), r#""\ud83d\ude00 \ufffd! \ufffd \\ud83d""#);
    }
}
