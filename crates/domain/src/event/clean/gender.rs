//! Gender: a closed list with synonyms.

use super::{Cleaned, id};

/// `male`, `female` or `other`; `None` when the text says nothing known (`unknown`, `保密` …). Rule `gender`.
#[must_use]
pub fn gender(raw: &str) -> Option<Cleaned<&'static str>> {
    if raw.len() > 40 {
        return None;
    }
    let value = match id(raw).to_lowercase().as_str() {
        "male" | "m" | "man" | "boy" | "mr" | "男" | "男性" | "男士" | "先生" => "male",
        "female" | "f" | "w" | "woman" | "girl" | "ms" | "mrs" | "女" | "女性" | "女士" | "小姐" => "female",
        "other" | "x" | "d" | "diverse" | "non-binary" | "nonbinary" | "其他" | "其它" => "other",
        _ => return None,
    };
    Some(Cleaned::when(value, value != raw, "gender"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_words_are_known() {
        assert_eq!(gender("男").unwrap().value, "male");
        assert_eq!(gender(" Ｆ ").unwrap(), Cleaned { value: "female", rule: Some("gender") });
        assert_eq!(gender("female").unwrap().rule, None);
        assert_eq!(gender("保密"), None);
    }
}
