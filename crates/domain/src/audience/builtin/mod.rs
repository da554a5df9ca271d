//! Definitions that a retailer needs from the first day, ready to be enabled: what people spend and where, what they like,
//! how they react to promotions, where they stand in the life cycle, and the groups of recency, frequency and money.
//!
//! They are ordinary definitions: once enabled they are edited like any other. Start reading at [`builtins`].

pub mod rfm;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::rule::{Case, Computation, Rule};
use super::text;

/// A text in English and Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "[String; 2]")]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl From<[String; 2]> for Bilingual {
    fn from([en, zh]: [String; 2]) -> Self {
        Self { en, zh }
    }
}

/// What a definition gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Gives {
    /// An audience.
    Audience(Rule),
    /// A value for each person.
    Computed(Computation),
}

/// A definition that can be enabled.
#[derive(Debug, Clone, PartialEq)]
pub struct Builtin {
    /// What it belongs to; packs are enabled as a whole.
    pub pack: String,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Bilingual,
    /// What it tells.
    pub about: Bilingual,
    /// Keys of other packs' computed traits that it reads.
    pub needs: Vec<String>,
    /// The definition.
    pub gives: Gives,
}

/// An entry of the catalogue file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    pack: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    computed: Option<String>,
    #[serde(default)]
    audience: Option<String>,
    name: Bilingual,
    about: Bilingual,
    #[serde(default)]
    computation: Option<Computation>,
    /// Value and condition.
    #[serde(default)]
    cases: Option<Vec<(String, String)>>,
    #[serde(default)]
    rule: Option<String>,
}

const CATALOGUE: &str = include_str!("catalogue.json");

static BUILTINS: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    let entries: Vec<Entry> = serde_json::from_str(CATALOGUE).expect("a test reads the catalogue");
    entries.into_iter().map(built).chain(of_rfm()).collect()
});

/// Every definition that can be enabled, those that others read before them.
#[must_use]
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}

/// The definitions of a pack with those of other packs that it reads, in the order in which they can be made.
#[must_use]
pub fn pack(name: &str) -> Vec<&'static Builtin> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for b in builtins().iter().filter(|b| b.pack == name) {
        wanted.insert(&b.key);
        wanted.extend(b.needs.iter().map(String::as_str));
    }
    builtins().iter().filter(|b| wanted.contains(b.key.as_str())).collect()
}

/// The names of the packs, in the order of the catalogue.
#[must_use]
pub fn packs() -> Vec<&'static str> {
    let mut packs: Vec<&str> = Vec::new();
    for b in builtins() {
        if !packs.contains(&b.pack.as_str()) {
            packs.push(&b.pack);
        }
    }
    packs
}

fn read(rule: &str) -> Rule {
    text::parse_rule(rule).expect("a test reads every rule of the catalogue")
}

fn built(e: Entry) -> Builtin {
    let cases = |cases: Vec<(String, String)>| Computation::Cases {
        cases: cases.iter().map(|(value, when)| Case { when: read(when), value: value.as_str().into() }).collect(),
        otherwise: None,
    };
    let computed = e.computation.or(e.cases.map(cases)).map(Gives::Computed);
    let gives = computed.or(e.rule.map(|rule| Gives::Audience(read(&rule))));
    let gives = gives.expect("an entry of the catalogue is a computed trait or an audience");
    let key = e.computed.or(e.audience).expect("an entry of the catalogue has a key");
    Builtin { pack: e.pack, key, name: e.name, about: e.about, needs: e.needs, gives }
}

fn bilingual(en: impl Into<String>, zh: impl Into<String>) -> Bilingual {
    Bilingual { en: en.into(), zh: zh.into() }
}

/// Recency, frequency and money: what is measured, the scores, groups and classes, and an audience for each group.
fn of_rfm() -> Vec<Builtin> {
    let make = |key: &str, name: Bilingual, about: Bilingual, gives: Gives, needs: &[&str]| Builtin {
        pack: "rfm".to_owned(),
        key: key.to_owned(),
        name,
        about,
        needs: needs.iter().map(|n| (*n).to_owned()).collect(),
        gives,
    };
    // Orders divided by themselves leave out who has none.
    let measured = [
        (
            ("Recency", "最近消费间隔"),
            ("Whole days since the last order.", "距最近一次下单的整天数。"),
            r#"{"measure": {"event": "Order Completed", "measure": "days_since_last"}}"#,
            &[][..],
        ),
        (
            ("Frequency", "消费频次"),
            ("Orders in all, of those who have bought.", "有购买者的全部订单数。"),
            r#"{"formula": "computed.orders_total * computed.orders_total / computed.orders_total"}"#,
            &["orders_total"][..],
        ),
        (
            ("Money", "消费金额"),
            ("Value of all orders net of what was given back, of those who have bought.", "有购买者的订单金额减退款。"),
            r#"{"formula": "(computed.orders_value + computed.refunds_value) * computed.orders_total / computed.orders_total"}"#,
            &["orders_total", "orders_value", "refunds_value"][..],
        ),
    ];
    let mut all = Vec::new();
    for (key, (name, about, computation, needs)) in rfm::MEASURED.into_iter().zip(measured) {
        let computation = serde_json::from_str(computation).expect("a test reads it");
        let about = bilingual(about.0, about.1);
        all.push(make(key, bilingual(name.0, name.1), about, Gives::Computed(computation), needs));
    }
    let scores = [("Recency score", "R 值"), ("Frequency score", "F 值"), ("Money score", "M 值")];
    for (place, (key, name)) in rfm::SCORES.into_iter().zip(scores).enumerate() {
        let about = bilingual(
            "1 to 5: the fifth of all buyers that the person is in, 5 being the best. The cuts are renewed weekly.",
            "1–5 分：在全部买家中所处的五分位，5 为最好。分界值每周更新。",
        );
        all.push(make(key, bilingual(name.0, name.1), about, Gives::Computed(rfm::score(place, None)), &[]));
    }
    let about = bilingual("The group of recency and frequency, by its key.", "由 R、F 得出的客户分组。");
    let name = bilingual("RFM group", "RFM 分组");
    all.push(make(rfm::GROUP, name, about, Gives::Computed(rfm::group_computation()), &[]));
    let about = bilingual(
        "The class of recency, frequency and money, each high (4 or 5) or not.",
        "由 R、F、M 高低（4–5 分为高）得出的八类客户。",
    );
    let name = bilingual("RFM class", "RFM 八类");
    all.push(make(rfm::CLASS, name, about, Gives::Computed(rfm::class_computation()), &[]));
    for g in rfm::GROUPS {
        let rule = read(&format!("computed {} = \"{}\"", rfm::GROUP, g.key));
        let scores = |(from, to): (u8, u8)| if from == to { from.to_string() } else { format!("{from}–{to}") };
        let (r, f) = (scores(g.recency), scores(g.frequency));
        let about = bilingual(format!("Recency {r}, frequency {f}."), format!("R {r} 分，F {f} 分。"));
        let key = format!("rfm_{}", g.key);
        all.push(make(&key, bilingual(g.en, g.zh), about, Gives::Audience(rule), &[]));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::rule::Definition;
    use super::super::{Known, Part, Program, What};
    use super::*;

    #[test]
    fn every_builtin_reads_only_what_stands_before_it_or_is_said_to_be_needed() {
        let mut before: Vec<&Builtin> = Vec::new();
        for b in builtins() {
            assert!(before.iter().all(|o| o.key != b.key), "{} stands twice", b.key);
            let read = match &b.gives {
                Gives::Audience(rule) => serde_json::to_string(rule).unwrap(),
                Gives::Computed(c) => serde_json::to_string(c).unwrap(),
            };
            for known in builtins() {
                let quoted = format!("\"name\":\"{}\"", known.key);
                let dotted = format!("computed.{} ", known.key);
                if read.contains(&quoted) || format!("{read} ").replace(['"', ')', ','], " ").contains(&dotted) {
                    let there = before.iter().find(|o| o.key == known.key);
                    let there = there.unwrap_or_else(|| panic!("{} reads {}, which comes later", b.key, known.key));
                    assert!(pack(&b.pack).iter().any(|o| o.key == there.key), "{} needs {}", b.pack, there.key);
                }
            }
            before.push(b);
        }
        assert!(before.len() > 40);
    }

    #[test]
    fn all_of_them_run_together() {
        let zone = || "Asia/Shanghai".to_owned();
        let parts = builtins().iter().zip(1..).map(|(b, id)| {
            let what = match &b.gives {
                Gives::Audience(rule) => What::Audience(Definition { zone: zone(), rule: rule.clone() }),
                Gives::Computed(c) => What::Computed { zone: zone(), computation: c.clone() },
            };
            Part { id, key: b.key.clone(), what }
        });
        let made = Program::compile(parts.collect(), &Known::default());
        assert!(made.is_ok(), "{:#?}", made.err());
    }

    #[test]
    fn a_pack_comes_with_what_it_reads() {
        let keys: Vec<&str> = pack("promotion").iter().map(|b| b.key.as_str()).collect();
        assert_eq!(keys, ["orders_total", "orders_promoted", "price_sensitivity", "promotion_buyers"]);
        assert!(packs().contains(&"rfm") && pack("nothing").is_empty());
    }
}
