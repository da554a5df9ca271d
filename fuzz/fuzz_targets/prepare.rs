//! A JSON event through cleaning, claims, times and a tracking plan. Cleaning twice must change nothing more.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use throughline_base::{SourceId, Timestamp};
use throughline_domain::event::plan::{Plan, compile};
use throughline_domain::event::wire::{Limits, generic};
use throughline_domain::event::{Client, CompiledPlan, EventKind, Prepared, RawEvent, SourceContext, prepare};

static PLAN: LazyLock<CompiledPlan> = LazyLock::new(|| {
    let plan = Plan { ecommerce: true, ..Plan::default() };
    compile(&plan).expect("the built-in events compile").0
});

fuzz_target!(|data: &[u8]| {
    let Ok(decoded) = generic::decode(data, Client::Generic, &Limits::default()) else { return };
    let ctx = SourceContext { plan: Some(&PLAN), ..SourceContext::new(SourceId::new(1), "web") };
    let now = Timestamp::from_ms(1_795_304_500_000);
    for raw in decoded.events.into_iter().flatten() {
        let Prepared::Ready(once) = prepare(raw, &ctx, now) else { continue };
        let mut again = RawEvent::new(Client::Generic, EventKind::Identify);
        again.user_id = Some("u".to_owned());
        again.traits = once.traits.clone();
        if once.kind != EventKind::Identify {
            continue;
        }
        if let Prepared::Ready(twice) = prepare(again, &ctx, now) {
            assert_eq!(twice.traits, once.traits);
        }
    }
});
