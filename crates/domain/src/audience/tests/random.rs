//! Random definitions and lives over a small alphabet: small, so that things meet.

use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Value, json};
use throughline_base::time::{DAY_MS, HOUR_MS};

use super::super::rule::{
    Behaviour, CalendarUnit, Case, Computation, Events, Field, Filter, Measure, NamedTest, Rule, Sequence, Span, Step,
    Test, Window,
};
use super::{Deed, START};

fn span() -> impl Strategy<Value = Span> {
    // Lengths that are sums and doubles of others, so that edges coincide.
    prop_oneof![Just(1), Just(6), Just(24), Just(48), Just(72), Just(240)].prop_map(|h| Span { ms: h * HOUR_MS })
}

fn day() -> impl Strategy<Value = String> {
    (1..20_i64).prop_map(|d| throughline_base::Timestamp::from_ms(START + d * DAY_MS).to_string()[..10].to_owned())
}

fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..4_i64).prop_map(|n| json!(n)),
        (0..4_i64).prop_map(|n| json!(n.to_string())),
        Just(json!("red")),
        Just(json!("blue")),
        Just(json!(true)),
        Just(json!(1.5)),
        Just(json!(null)),
    ]
}

fn compared() -> impl Strategy<Value = Value> {
    plain().prop_filter("null is not compared", |v| !v.is_null())
}

fn number_test(up_to: f64) -> impl Strategy<Value = Test> {
    let n = move || (0..4_u8).prop_map(move |i| (f64::from(i) * up_to / 3.0).round());
    prop_oneof![
        3 => n().prop_map(Test::Gte),
        1 => n().prop_map(Test::Gt),
        1 => n().prop_map(Test::Lt),
        1 => n().prop_map(Test::Lte),
        1 => (n(), n()).prop_map(|(a, b)| Test::Between(a.min(b), a.max(b))),
        1 => n().prop_map(|n| Test::Eq(json!(n))),
        1 => n().prop_map(|n| Test::Ne(json!(n))),
        1 => any::<bool>().prop_map(Test::Exists),
    ]
}

fn value_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        3 => compared().prop_map(Test::Eq),
        1 => compared().prop_map(Test::Ne),
        1 => proptest::collection::vec(compared(), 1..3).prop_map(Test::In),
        1 => proptest::collection::vec(compared(), 1..3).prop_map(Test::NotIn),
        1 => Just(Test::Contains("RE".into())),
        2 => number_test(3.0),
    ]
}

fn time_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        span().prop_map(Test::WithinLast),
        span().prop_map(Test::OlderThan),
        span().prop_map(Test::WithinNext),
        day().prop_map(Test::Before),
        day().prop_map(Test::After),
        (-3..3_i32, 0..4_i32).prop_map(|(a, n)| Test::Anniversary { from_days: a, to_days: a + n }),
    ]
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        3 => Just(Field::Property("x".into())),
        3 => Just(Field::Value),
        1 => Just(Field::OrderId),
        1 => Just(Field::Channel),
        1 => Just(Field::Hour),
        1 => Just(Field::Weekday),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let one = prop_oneof![
        4 => (field(), value_test()).prop_map(|(name, test)| Filter::Field { name, test }),
        1 => (compared(), number_test(3.0)).prop_map(|(c, n)| Filter::Product(vec![
            NamedTest { name: "c".into(), test: Test::Eq(c) },
            NamedTest { name: "n".into(), test: n },
        ])),
    ];
    one.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Filter::All),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Filter::Any),
            proptest::collection::vec(inner, 0..3).prop_map(Filter::None),
        ]
    })
}

fn events() -> impl Strategy<Value = Events> {
    let names = prop_oneof![3 => Just("A"), 3 => Just("B"), 1 => Just("$page"), 1 => Just("*")];
    (names, proptest::collection::vec(filter(), 0..2)).prop_map(|(e, filters)| Events { event: e.into(), filters })
}

fn calendar() -> impl Strategy<Value = Window> {
    let units = [CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Quarter, CalendarUnit::Year];
    (proptest::sample::select(units.to_vec()), 0..3_u32).prop_map(|(unit, back)| Window::Calendar { unit, back })
}

fn start_window() -> impl Strategy<Value = Window> {
    prop_oneof![
        2 => Just(Window::Ever),
        4 => span().prop_map(Window::Last),
        1 => (1..12_i64, 1..8_i64).prop_map(|(a, n)| {
            let day = |d: i64| throughline_base::Timestamp::from_ms(START + d * DAY_MS).to_string()[..10].to_owned();
            Window::Between(day(a), day(a + n))
        }),
        2 => calendar(),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![8 => start_window(), 1 => (1..4_u32).prop_map(Window::Newest)]
}

fn measure() -> impl Strategy<Value = Measure> {
    prop_oneof![
        4 => Just(Measure::Count),
        2 => field().prop_map(Measure::Sum),
        1 => field().prop_map(Measure::Average),
        1 => field().prop_map(Measure::Min),
        1 => field().prop_map(Measure::Max),
        1 => field().prop_map(Measure::Distinct),
        1 => field().prop_map(Measure::MostFrequent),
        1 => field().prop_map(Measure::First),
        1 => field().prop_map(Measure::Last),
        1 => Just(Measure::FirstAt),
        1 => Just(Measure::LastAt),
        1 => Just(Measure::DaysSinceLast),
        1 => Just(Measure::DaysSinceFirst),
    ]
}

fn did() -> impl Strategy<Value = Rule> {
    (events(), window(), measure()).prop_flat_map(|(events, window, measure)| {
        let test = match &measure {
            Measure::Count | Measure::Distinct(_) | Measure::DaysSinceFirst | Measure::DaysSinceLast => {
                number_test(4.0).boxed()
            }
            Measure::Sum(_) | Measure::Average(_) | Measure::Min(_) | Measure::Max(_) => number_test(12.0).boxed(),
            Measure::MostFrequent(_) | Measure::First(_) | Measure::Last(_) => value_test().boxed(),
            Measure::FirstAt | Measure::LastAt => time_test().boxed(),
        };
        test.prop_map(move |test| {
            let (events, window, measure) = (events.clone(), window.clone(), measure.clone());
            Rule::Did(Behaviour { events, window, measure, test })
        })
    })
}

fn sequence() -> impl Strategy<Value = Rule> {
    let step = (events(), proptest::option::weighted(0.7, span())).prop_map(|(events, within)| Step {
        events,
        within,
        absent: false,
    });
    (proptest::collection::vec(step, 2..4), start_window(), any::<bool>()).prop_map(|(mut steps, window, absent)| {
        steps[0].within = None;
        let last = steps.last_mut().unwrap();
        last.absent = absent && last.within.is_some();
        Rule::Sequence(Sequence { steps, window })
    })
}

fn state() -> impl Strategy<Value = Rule> {
    prop_oneof![
        time_test().prop_map(|test| Rule::Trait(NamedTest { name: "born".into(), test })),
        value_test().prop_map(|test| Rule::Trait(NamedTest { name: "x".into(), test })),
        Just(Rule::Tag("vip".into())),
    ]
}

/// A rule; `audiences` and `computed` are the keys it may refer to.
pub fn any_rule(audiences: Vec<String>, computed: Vec<String>) -> impl Strategy<Value = Rule> {
    let mut leaves = vec![(6, did().boxed()), (3, sequence().boxed()), (2, state().boxed())];
    if !audiences.is_empty() {
        leaves.push((2, proptest::sample::select(audiences).prop_map(Rule::Audience).boxed()));
    }
    if !computed.is_empty() {
        let one =
            (proptest::sample::select(computed), prop_oneof![number_test(4.0), value_test(), time_test_of_texts()]);
        leaves.push((2, one.prop_map(|(name, test)| Rule::Computed(NamedTest { name, test })).boxed()));
    }
    Union::new_weighted(leaves).prop_recursive(3, 8, 3, |inner| {
        let list = || proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![list().prop_map(Rule::All), list().prop_map(Rule::Any), list().prop_map(Rule::None)]
    })
}

/// A computed instant is text; these read it as an instant.
fn time_test_of_texts() -> impl Strategy<Value = Test> {
    prop_oneof![span().prop_map(Test::WithinLast), span().prop_map(Test::OlderThan)]
}

pub fn any_computation() -> impl Strategy<Value = Computation> {
    prop_oneof![
        3 => (events(), window(), measure())
            .prop_map(|(events, window, measure)| Computation::Measure { events, window, measure }),
        1 => (proptest::collection::vec((any_rule(vec![], vec![]), compared()), 1..3), proptest::option::of(compared()))
            .prop_map(|(cases, otherwise)| Computation::Cases {
                cases: cases.into_iter().map(|(when, value)| Case { when, value }).collect(),
                otherwise,
            }),
    ]
}

/// An event some hours after the start: on the hour, or a millisecond beside it.
pub fn any_deed(id: i64) -> impl Strategy<Value = Deed> {
    let names = proptest::sample::select(vec!["A", "A", "B", "B", "$page", "C"]);
    let x = prop_oneof![
        plain().prop_map(Some),
        proptest::collection::vec(plain(), 0..3).prop_map(|v| Some(Value::Array(v))),
        Just(None),
    ];
    let products = proptest::option::weighted(0.4, proptest::collection::vec((compared(), 0..4_i64), 0..3));
    let order = proptest::option::weighted(0.4, proptest::sample::select(vec!["o1", "o2"]));
    let minor = proptest::option::weighted(0.6, proptest::sample::select(vec![0, 100, 250, 800, -100, 1_250]));
    let channel = proptest::sample::select(vec!["", "ads", "email"]);
    (0..480_i64, -1..=1_i64, names, x, products, order, minor, channel).prop_map(
        move |(hour, beside, name, x, products, order, minor, channel)| {
            let mut properties = json!({});
            if let Some(x) = x {
                properties["x"] = x;
            }
            if let Some(list) = products {
                properties["products"] = list.into_iter().map(|(c, n)| json!({"c": c, "n": n})).collect();
            }
            Deed {
                id,
                at: START + hour / 3 * 3 * HOUR_MS + beside,
                name,
                page: (name == "$page").then_some("home"),
                minor,
                order: order.map(str::to_owned),
                channel,
                properties: properties.to_string(),
            }
        },
    )
}
