//! The words of the language: which there are, what they are called in Chinese, and which one was probably meant.

/// Every word with a meaning of its own. A name that looks like one is written in quotes.
const WORDS: [&str; 85] = [
    "after",
    "ago",
    "all",
    "among",
    "and",
    "anniversary",
    "any",
    "at",
    "audience",
    "average",
    "before",
    "between",
    "by",
    "computed",
    "consent",
    "contactable",
    "contains",
    "count",
    "day",
    "days",
    "did",
    "distinct",
    "ends",
    "event",
    "ever",
    "everyone",
    "exactly",
    "exists",
    "false",
    "first",
    "for",
    "frequent",
    "from",
    "granted",
    "identifier",
    "in",
    "is",
    "last",
    "least",
    "list",
    "matches",
    "max",
    "min",
    "missing",
    "month",
    "months",
    "most",
    "next",
    "nobody",
    "none",
    "not",
    "null",
    "of",
    "older",
    "on",
    "or",
    "product",
    "quarter",
    "quarters",
    "refused",
    "sequence",
    "since",
    "stage",
    "starts",
    "sum",
    "tag",
    "than",
    "the",
    "then",
    "this",
    "time",
    "times",
    "to",
    "trait",
    "true",
    "unknown",
    "verified",
    "week",
    "weeks",
    "where",
    "with",
    "within",
    "year",
    "years",
    "zone",
];

/// Chinese words and the English ones they stand for, in order. Each is a word of its own: put spaces or signs around it.
const CHINESE: [(&str, &[&str]); 68] = [
    ("且", &["and"]),
    ("并且", &["and"]),
    ("和", &["and"]),
    ("或", &["or"]),
    ("或者", &["or"]),
    ("非", &["not"]),
    ("不是", &["not"]),
    ("全部", &["all", "of"]),
    ("任一", &["any", "of"]),
    ("均不", &["none", "of"]),
    ("所有人", &["everyone"]),
    ("无人", &["nobody"]),
    ("特征", &["trait"]),
    ("属性", &["trait"]),
    ("计算特征", &["computed"]),
    ("标签", &["tag"]),
    ("阶段", &["stage"]),
    ("同意", &["consent"]),
    ("可联系", &["contactable"]),
    ("用于", &["for"]),
    ("通过", &["by"]),
    ("已同意", &["is", "granted"]),
    ("已拒绝", &["is", "refused"]),
    ("未表态", &["is", "unknown"]),
    ("已验证", &["verified"]),
    ("标识", &["identifier"]),
    ("属于人群", &["in", "audience"]),
    ("在名单", &["on", "list"]),
    ("做过", &["did"]),
    ("没做过", &["not", "did"]),
    ("任意事件", &["any", "event"]),
    ("其中", &["where"]),
    ("商品", &["product"]),
    ("次数", &["count"]),
    ("至少", &["at", "least"]),
    ("至多", &["at", "most"]),
    ("恰好", &["exactly"]),
    ("次", &["times"]),
    ("合计", &["sum"]),
    ("平均", &["average"]),
    ("最小", &["min"]),
    ("最大", &["max"]),
    ("去重", &["distinct"]),
    ("最常", &["most", "frequent"]),
    ("首个", &["first"]),
    ("末个", &["last"]),
    ("首次时间", &["first", "time"]),
    ("末次时间", &["last", "time"]),
    ("距首次天数", &["days", "since", "first"]),
    ("距末次天数", &["days", "since", "last"]),
    ("最近", &["within", "last"]),
    ("未来", &["within", "next"]),
    ("早于", &["before"]),
    ("晚于", &["after"]),
    ("从", &["from"]),
    ("到", &["to"]),
    ("介于", &["between"]),
    ("属于", &["in"]),
    ("不属于", &["not", "in"]),
    ("包含", &["contains"]),
    ("开头是", &["starts", "with"]),
    ("结尾是", &["ends", "with"]),
    ("匹配", &["matches"]),
    ("存在", &["exists"]),
    ("缺失", &["is", "missing"]),
    ("依次", &["sequence"]),
    ("然后", &["then"]),
    ("时区", &["zone"]),
];

/// Units of a length of time, as people write them, and as they are kept.
pub(super) const UNITS: [(&str, &str); 22] = [
    ("s", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("秒", "s"),
    ("m", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("分钟", "m"),
    ("h", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("小时", "h"),
    ("d", "d"),
    ("day", "d"),
    ("days", "d"),
    ("天", "d"),
    ("日", "d"),
    ("w", "w"),
    ("week", "w"),
    ("weeks", "w"),
    ("周", "w"),
    ("星期", "w"),
];

/// The English words a written one stands for; none when it is a name.
pub(super) fn meaning(written: &str) -> Option<Meaning> {
    if let Some((_, words)) = CHINESE.iter().find(|(chinese, _)| *chinese == written) {
        return Some(Meaning::Several(words));
    }
    if !written.is_ascii() || written.len() > 12 {
        return None;
    }
    let lower = written.to_ascii_lowercase();
    WORDS.binary_search(&lower.as_str()).ok().map(|at| Meaning::One(WORDS[at]))
}

/// What a written word stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Meaning {
    /// An English word.
    One(&'static str),
    /// A Chinese word that takes one or more English ones.
    Several(&'static [&'static str]),
}

impl Meaning {
    pub(super) fn words(self) -> impl Iterator<Item = &'static str> {
        let (one, several): (Option<&'static str>, &'static [&'static str]) = match self {
            Self::One(word) => (Some(word), &[]),
            Self::Several(words) => (None, words),
        };
        one.into_iter().chain(several.iter().copied())
    }
}

/// Whether a character may begin a name that stands without quotes.
pub(super) fn begins(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

/// Whether a character may go on in such a name.
pub(super) fn goes_on(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | ':' | '-')
}

/// A name: as it is when it can stand so, else in quotes.
pub(super) fn named(name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(begins) && chars.all(goes_on) && meaning(name).is_none();
    if plain { name.to_owned() } else { quoted(name) }
}

/// A text in quotes, with JSON's escapes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The one of `candidates` that was probably meant: at most a third of its letters are wrong.
pub(super) fn nearest<'a>(written: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // No word of ours is so long that a longer text could be meant for it.
    if written.len() > 40 {
        return None;
    }
    let written = written.to_lowercase();
    let near =
        candidates.map(|c| (strsim::osa_distance(&written, c), c)).filter(|(d, c)| *d <= c.chars().count().div_ceil(3));
    near.min().map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_chinese_ones_stand_for_words_there_are() {
        assert!(WORDS.is_sorted());
        for (chinese, words) in CHINESE {
            assert!(words.iter().all(|w| WORDS.contains(w)), "{chinese}");
            assert!(meaning(chinese).is_some_and(|m| m.words().eq(words.iter().copied())));
        }
    }

    #[test]
    fn what_was_meant_is_near() {
        assert_eq!(nearest("tga", ["tag", "trait"].into_iter()), Some("tag"));
        assert_eq!(nearest("within", ["tag", "trait"].into_iter()), None);
        assert_eq!(named("城市"), "城市");
        assert_eq!(named("tag"), "\"tag\"");
        assert_eq!(named("标签"), "\"标签\"");
        assert_eq!(named("2nd"), "\"2nd\"");
    }
}
