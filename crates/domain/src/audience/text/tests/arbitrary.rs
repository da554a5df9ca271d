//! Random trees: every kind of condition, empty and nested groups, odd names and texts.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::super::rule::{
    Behaviour, CalendarUnit, ConsentState, ConsentTest, Contact, Events, Field, Filter, IdentifierTest, Measure,
    NamedTest, Rule, Sequence, Span, Step, Test, Window,
};

/// A name or text: plain, a word of the language, Chinese, or anything at all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z0-9_.]{0,8}",
        2 => prop::sample::select(vec!["tag", "and", "where", "last", "标签", "没做过", "上海", "30d", "2025-01-01", "*", "", "$page", "NOT"]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-1_000_i64..1_000).prop_map(|n| n as f64),
        prop::num::f64::NORMAL | prop::num::f64::ZERO,
        (0_i64..100_000).prop_map(|n| n as f64 / 100.0),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => text().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        2 => number().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn span() -> impl Strategy<Value = Span> {
    let unit = prop::sample::select(vec![1_000_i64, 60_000, 3_600_000, 86_400_000]);
    (1_i64..5_000, unit).prop_map(|(n, unit)| Span { ms: n * unit })
}

fn instant() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["2025-01-01", "2025-06-30T08:00:00+08:00", "2025-06-30T00:00:00.5Z", "2025-06-301"])
            .prop_map(str::to_owned),
        text(),
    ]
}

pub(in super::super::super) fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        value().prop_map(Test::Eq),
        value().prop_map(Test::Ne),
        prop::collection::vec(value(), 0..3).prop_map(Test::In),
        prop::collection::vec(value(), 0..3).prop_map(Test::NotIn),
        number().prop_map(Test::Gt),
        number().prop_map(Test::Gte),
        number().prop_map(Test::Lt),
        number().prop_map(Test::Lte),
        (number(), number()).prop_map(|(a, b)| Test::Between(a, b)),
        text().prop_map(Test::Contains),
        text().prop_map(Test::StartsWith),
        text().prop_map(Test::EndsWith),
        text().prop_map(Test::Matches),
        any::<bool>().prop_map(Test::Exists),
        instant().prop_map(Test::Before),
        instant().prop_map(Test::After),
        span().prop_map(Test::WithinLast),
        span().prop_map(Test::OlderThan),
        span().prop_map(Test::WithinNext),
        (any::<i32>(), any::<i32>()).prop_map(|(from_days, to_days)| Test::Anniversary { from_days, to_days }),
    ]
}

fn named_test() -> impl Strategy<Value = NamedTest> {
    (text(), test()).prop_map(|(name, test)| NamedTest { name, test })
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        prop::sample::select(vec![
            Field::Value,
            Field::Currency,
            Field::OrderId,
            Field::Channel,
            Field::Campaign,
            Field::Touchpoint,
            Field::Source,
            Field::SourceKind,
            Field::Page,
            Field::Hour,
            Field::Weekday,
        ]),
        text().prop_filter("a path", |path| !path.is_empty()).prop_map(Field::Property),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        3 => (field(), test()).prop_map(|(name, test)| Filter::Field { name, test }),
        1 => prop::collection::vec(named_test(), 0..3).prop_map(Filter::Product),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let members = prop::collection::vec(inner, 0..3);
        prop_oneof![
            members.clone().prop_map(Filter::All),
            members.clone().prop_map(Filter::Any),
            members.prop_map(Filter::None),
        ]
    })
}

fn events() -> impl Strategy<Value = Events> {
    (text(), prop::collection::vec(filter(), 0..3)).prop_map(|(event, filters)| Events { event, filters })
}

fn window() -> impl Strategy<Value = Window> {
    let unit = prop::sample::select(vec![
        CalendarUnit::Day,
        CalendarUnit::Week,
        CalendarUnit::Month,
        CalendarUnit::Quarter,
        CalendarUnit::Year,
    ]);
    prop_oneof![
        3 => Just(Window::Ever),
        3 => span().prop_map(Window::Last),
        1 => (instant(), instant()).prop_map(|(a, b)| Window::Between(a, b)),
        2 => (unit, 0_u32..4).prop_map(|(unit, back)| Window::Calendar { unit, back }),
        1 => any::<u32>().prop_map(Window::Newest),
    ]
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
        1 => prop::sample::select(vec![Measure::FirstAt, Measure::LastAt, Measure::DaysSinceLast, Measure::DaysSinceFirst]),
    ]
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    let test = prop_oneof![
        Just(Test::Gte(1.0)),
        (0_i64..5).prop_map(|n| Test::Eq(json!(n))),
        (0_i64..5).prop_map(|n| Test::Lte(n as f64)),
        test()
    ];
    (events(), window(), measure(), test).prop_map(|(events, window, measure, test)| Behaviour {
        events,
        window,
        measure,
        test,
    })
}

fn sequence() -> impl Strategy<Value = Sequence> {
    let step = (events(), prop::option::of(span()), any::<bool>()).prop_map(|(events, within, absent)| Step {
        events,
        within,
        absent,
    });
    (prop::collection::vec(step, 2..4), window()).prop_map(|(steps, window)| Sequence { steps, window })
}

/// A rule.
pub(in super::super::super) fn rule() -> impl Strategy<Value = Rule> {
    let state = prop::sample::select(vec![ConsentState::Granted, ConsentState::Refused, ConsentState::Unknown]);
    let leaf = prop_oneof![
        2 => named_test().prop_map(Rule::Trait),
        1 => named_test().prop_map(Rule::Computed),
        2 => text().prop_map(Rule::Tag),
        1 => prop::collection::vec(text(), 0..3).prop_map(Rule::Stage),
        1 => (text(), text(), state).prop_map(|(purpose, channel, state)| Rule::Consent(ConsentTest { purpose, channel, state })),
        1 => (text(), text()).prop_map(|(purpose, channel)| Rule::Contactable(Contact { purpose, channel })),
        1 => (text(), any::<bool>(), prop::option::of(test()))
            .prop_map(|(namespace, verified, test)| Rule::Identifier(IdentifierTest { namespace, verified, test })),
        1 => text().prop_map(Rule::Audience),
        1 => text().prop_map(Rule::List),
        3 => behaviour().prop_map(Rule::Did),
        2 => sequence().prop_map(Rule::Sequence),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let members = prop::collection::vec(inner, 0..4);
        prop_oneof![
            members.clone().prop_map(Rule::All),
            members.clone().prop_map(Rule::Any),
            members.prop_map(Rule::None),
        ]
    })
}
