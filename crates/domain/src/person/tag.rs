//! Names of tags: how they are cleaned, and when two are the same.

use unicode_normalization::UnicodeNormalization as _;

/// Most characters of a tag's name.
pub const MAX_CHARS: usize = 64;

/// A tag's name as it is kept: NFC, spaces collapsed, at most [`MAX_CHARS`] characters. `None` when nothing is left.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    let normal: String = name.nfc().filter(|c| !c.is_control() || c.is_whitespace()).collect();
    let spaced = normal.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = spaced.chars().take(MAX_CHARS).collect();
    let cut = cut.trim_end().to_owned();
    (!cut.is_empty()).then_some(cut)
}

/// What two names must share to be the same: compatible forms, case and spaces do not count.
#[must_use]
pub fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_the_same_whatever_their_case_and_width() {
        assert_eq!(clean("  big \n spender ").as_deref(), Some("big spender"));
        assert_eq!(clean(" \u{0} "), None);
        assert_eq!(clean(&"长".repeat(80)).map(|t| t.chars().count()), Some(MAX_CHARS));
        assert_eq!(fold("ＶＩＰ 客户"), fold("vip客户"));
    }
}
