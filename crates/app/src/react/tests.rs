//! The follower goes on, whatever an event holds, and says so when it cannot.

use serde_json::json;
use throughline_base::FixedClock;
use throughline_domain::event::{Client, EventKind, RawEvent};

use super::*;
use crate::Settings;
use crate::team::Caller;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;

/// An app with events of `users`, not followed yet.
fn app(users: &[&str]) -> (Arc<App>, Arc<FixedClock>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::at_ms(NOW));
    let app = App::open(Settings::new(folder.path()), clock.clone()).unwrap();
    let source = app.source_create(&Caller::cli(), "till", "server", None).unwrap().source;
    let raw = |user: &&str| RawEvent {
        name: "Bought".into(),
        user_id: Some((*user).to_owned()),
        properties: json!({"sku": "a"}).as_object().cloned().unwrap(),
        ..RawEvent::new(Client::Generic, EventKind::Track)
    };
    app.collect_wait(app.collect_raw(&source, users.iter().map(raw).collect(), app.now())).unwrap();
    (app, clock, folder)
}

fn hot(app: &App) -> Vec<HotEvent> {
    app.db.read(|tx| events::hot_after(tx, EventId::new(0), 100)).unwrap()
}

#[test]
fn an_event_whose_effects_cannot_be_stored_is_passed_over_and_nothing_else() {
    let (app, _clock, _folder) = app(&["a", "b", "c", "d", "e"]);
    // As recorded by a version that let a NUL in the name of a property pass.
    let mut recorded = hot(&app);
    recorded[2].properties = r#"{"k\u0000":"v"}"#.into();
    app.db
        .write(|tx| {
            events::hot_delete_sealed(tx, EventId::new(i64::MAX), 1_000)?;
            events::hot_insert(tx, &recorded)
        })
        .unwrap();
    app.react_all().unwrap();
    let status = app.status().unwrap();
    assert_eq!((status.follower.skipped, status.follower.lag_s, status.follower.failing_s), (1, 0, 0));
    let lines: Vec<IdentifierId> = recorded.iter().map(|e| e.line).collect();
    let counted = app.db.read(|tx| people::line_stats(tx, &lines)).unwrap();
    assert_eq!(counted.len(), 4, "the others are counted");
    assert_eq!(app.seal_all().unwrap().events, 5, "and all of them are sealed");
    app.close();
}

#[test]
fn a_follower_that_is_stuck_is_seen_in_the_status_until_it_goes_on() {
    let (app, clock, _folder) = app(&["a"]);
    app.follower.failed(app.now());
    clock.advance_ms(60_000);
    app.follower.failed(app.now());
    let stuck = app.status().unwrap().follower;
    assert_eq!((stuck.failing_s, stuck.lag_s), (60, 60));
    app.react_all().unwrap();
    let fine = app.status().unwrap().follower;
    assert_eq!((fine.failing_s, fine.lag_s), (0, 0));
    app.close();
}
