//! Countries and provinces: closed lists with synonyms in English and Chinese.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::place_names::{COUNTRIES, PROVINCES};
use super::{Cleaned, id};

/// Longest name of a place, in bytes.
const MAX_NAME: usize = 80;

/// Every name and code, in lower case, with the country's code.
static COUNTRY_BY_NAME: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = COUNTRIES.lines().filter_map(|line| line.split_once(' '));
    lines.flat_map(|(code, names)| names.split('|').map(move |name| (name, code))).collect()
});

/// ISO 3166-1 alpha-2 code of a country, from its code or its name; `None` when it is none. Rule `country`.
#[must_use]
pub fn country(raw: &str) -> Option<Cleaned<&'static str>> {
    if raw.len() > MAX_NAME {
        return None;
    }
    let text = id(raw).to_lowercase();
    let text = text.strip_prefix("the ").unwrap_or(&text).trim_end_matches('.');
    let by_code = || {
        let upper = text.to_ascii_uppercase();
        COUNTRIES.lines().map(|line| &line[..2]).find(|code| *code == upper)
    };
    let code = if text.len() == 2 { by_code() } else { None };
    let code = code.or_else(|| COUNTRY_BY_NAME.get(text).copied())?;
    Some(Cleaned::when(code, code != raw, "country"))
}

/// Full name of GB/T 2260 of a province of China, from any usual name; `None` when it is none. Rule `province`.
#[must_use]
pub fn province(raw: &str) -> Option<Cleaned<&'static str>> {
    if raw.len() > MAX_NAME {
        return None;
    }
    let text = id(raw).to_lowercase();
    let bare = text
        .strip_suffix(" province")
        .or_else(|| text.strip_suffix(" sheng"))
        .or_else(|| text.strip_suffix(" shi"))
        .unwrap_or(&text);
    let bare = bare.strip_prefix("cn-").unwrap_or(bare).replace(' ', "_");
    let short = bare.strip_suffix('省').or_else(|| bare.strip_suffix('市')).unwrap_or(&bare);
    let found = PROVINCES.iter().find(|(full, names)| *full == text || names.split(' ').any(|name| name == short));
    let full = found.map(|(full, _)| *full)?;
    Some(Cleaned::when(full, full != raw, "province"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_code_and_name() {
        let code = |raw: &str| country(raw).map(|c| c.value);
        for raw in ["cn", "CN", "China", "中国", "PRC", "中国大陆", " ｃｈｉｎａ "] {
            assert_eq!(code(raw), Some("CN"), "{raw}");
        }
        assert_eq!(code("the United States"), Some("US"));
        assert_eq!(code("UK"), Some("GB"));
        assert_eq!(code("香港"), Some("HK"));
        assert_eq!(code("德国"), Some("DE"));
        assert_eq!(code("Atlantis"), None);
        assert_eq!(country("CN").unwrap().rule, None);
        assert_eq!(COUNTRIES.lines().count(), 249);
    }

    #[test]
    fn provinces_have_their_full_names() {
        let full = |raw: &str| province(raw).map(|c| c.value);
        for raw in ["广东", "广东省", "粤", "Guangdong", "guangdong province", "440000", "CN-GD"] {
            assert_eq!(full(raw), Some("广东省"), "{raw}");
        }
        assert_eq!(full("Inner Mongolia"), Some("内蒙古自治区"));
        assert_eq!(full("上海"), Some("上海市"));
        assert_eq!(full("Shaanxi"), Some("陕西省"));
        assert_eq!(full("California"), None);
        assert_eq!(province("上海市").unwrap().rule, None);
    }
}
