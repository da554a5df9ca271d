//! Households: people of one roof, an entity of their own and never a merge (field note §3.5). Members share frequency for
//! paper mail; never consent, points or traits.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// What makes a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdBasis {
    /// The same address and surname.
    Address,
    /// The same landline.
    Landline,
    /// The same family account.
    Account,
}

impl HouseholdBasis {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Landline => "landline",
            Self::Account => "account",
        }
    }
}

/// What is known of a person that may put it into households.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HouseholdFacts<'a> {
    /// Country, province, city and street, as one text.
    pub address: Option<&'a str>,
    /// The surname. For a Chinese name given whole, see [`surname`].
    pub surname: Option<&'a str>,
    /// A landline in E.164.
    pub landline: Option<&'a str>,
    /// The id of a family account.
    pub account: Option<&'a str>,
}

/// The keys of the households a person belongs to, strongest basis first. Persons with a key in common are one household.
#[must_use]
pub fn household_keys(facts: &HouseholdFacts<'_>) -> Vec<(HouseholdBasis, String)> {
    let clean = |text: Option<&str>| text.map(normal).filter(|t| !t.is_empty());
    let mut out = Vec::new();
    if let Some(account) = clean(facts.account) {
        out.push((HouseholdBasis::Account, format!("account:{account}")));
    }
    if let (Some(address), Some(name)) = (clean(facts.address), clean(facts.surname)) {
        // An address without a number is a street or a town, not a roof.
        if address.chars().any(char::is_numeric) {
            out.push((HouseholdBasis::Address, format!("address:{address}:{name}")));
        }
    }
    let landline = facts.landline.filter(|l| super::blocked::built_in("landline", l).is_none());
    if let Some(landline) = clean(landline) {
        out.push((HouseholdBasis::Landline, format!("landline:{landline}")));
    }
    out
}

/// NFKC, lower case, and nothing but letters and digits: how addresses are written differs in everything else.
fn normal(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// Surnames of two characters that occur; every other Chinese surname has one.
const COMPOUND: &[&str] = &[
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊",
    "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文",
    "司徒", "鲜于", "司空", "闾丘", "令狐", "呼延", "轩辕", "西门", "百里", "拓跋", "歐陽", "司馬", "諸葛", "東方",
    "南宮", "尉遲", "公孫", "長孫", "鍾離", "鮮于", "聞人",
];

/// The surname of a name given whole: compound or first character of a Chinese name, else the last word.
#[must_use]
pub fn surname(name: &str) -> Option<&str> {
    let name = name.trim();
    let first = name.chars().next()?;
    if !('\u{4e00}'..='\u{9fff}').contains(&first) {
        return name.split_whitespace().next_back();
    }
    let compound = COMPOUND.iter().find(|c| name.starts_with(**c) && name.chars().count() > 2);
    let length = compound.map_or(first.len_utf8(), |c| c.len());
    name.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_roof_and_surname_make_a_household_however_they_are_written() {
        let keys = |address, surname| {
            household_keys(&HouseholdFacts {
                address: Some(address),
                surname: Some(surname),
                ..HouseholdFacts::default()
            })
        };
        assert_eq!(keys("上海市 静安区，南京西路１２３号", "王"), keys("上海市静安区南京西路123号", "王"));
        assert_ne!(keys("上海市静安区南京西路123号", "王"), keys("上海市静安区南京西路123号", "李"));
        assert_eq!(keys("上海市静安区", "王"), Vec::new(), "a district is no roof");
    }

    #[test]
    fn surnames_are_found_in_whole_names() {
        assert_eq!(surname("王小明"), Some("王"));
        assert_eq!(surname("欧阳娜娜"), Some("欧阳"));
        assert_eq!(surname("司马"), Some("司"), "two characters are surname and given name");
        assert_eq!(surname("Ada Lovelace"), Some("Lovelace"));
        assert_eq!(surname(" "), None);
    }

    #[test]
    fn a_placeholder_landline_makes_no_household() {
        let facts =
            HouseholdFacts { landline: Some("+8600000000"), account: Some("fam-1"), ..HouseholdFacts::default() };
        assert_eq!(household_keys(&facts), vec![(HouseholdBasis::Account, "account:fam1".to_owned())]);
    }
}
