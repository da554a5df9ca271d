//! A tracking plan as an operator would save it, and an event checked against it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use throughline_base::{SourceId, Timestamp};
use throughline_domain::event::plan::{Plan, compile};
use throughline_domain::event::{Client, EventKind, RawEvent, SourceContext, prepare};

fuzz_target!(|data: &[u8]| {
    let Ok(plan) = serde_json::from_slice::<Plan>(data) else { return };
    let Ok((compiled, _)) = compile(&plan) else { return };
    for event in &plan.events {
        let mut raw = RawEvent::new(Client::Generic, EventKind::Track);
        raw.name.clone_from(&event.name);
        raw.user_id = Some("u".to_owned());
        // A schema is itself a fine object to check against schemas.
        raw.properties = event.schema.as_object().cloned().unwrap_or_default();
        let ctx = SourceContext { plan: Some(&compiled), ..SourceContext::new(SourceId::new(1), "web") };
        let _ = prepare(raw, &ctx, Timestamp::from_ms(1_795_304_500_000));
    }
});
