//! A history without a server: visits of many people over 18 months, written straight into the files of an app.

use std::sync::Arc;

use serde_json::json;
use throughline_app::App;
use throughline_app::history::file_row;
use throughline_app::team::Caller;
use throughline_base::time::DAY_MS;
use throughline_base::{Clock, FixedClock, IdGen, PersonId, Problem, Rng, Timestamp};
use throughline_domain::event::TouchSignature;
use throughline_lake::{CompactPolicy, Lake, LakeFile, LakeRow, LineMap, Snapshot};
use throughline_store::person::PersonRow;
use throughline_store::{Db, DbOptions, Tx, event, history, person as people, touch};

use crate::machine::{Took, timed};

/// 2026-11-01T00:00:00Z, the end of the history.
pub(crate) const END_MS: i64 = 1_793_491_200_000;
const SPAN_MS: i64 = 548 * DAY_MS;
/// Events of a person on average.
const EVENTS_A_PERSON: usize = 20;
/// Events written at a time, a month or so.
const STEPS: usize = 20;
/// Events that share a crowd of visitors, so that a person's events come in visits.
const CROWD: usize = 5_000;
/// Ways in: half a dozen places with fifty campaigns each.
const PLACES: [(&str, &str, &str); 6] = [
    ("douyin", "cpc", "clickid"),
    ("xiaohongshu", "social", ""),
    ("baidu", "cpc", "bd_vid"),
    ("newsletter", "email", ""),
    ("wechat_oa", "article", ""),
    ("", "", ""),
];
const CAMPAIGNS: usize = 50;
const VIEWS: usize = 20;

/// How large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) events: usize,
    pub(crate) people: u64,
}

impl Size {
    pub(crate) fn of(events: usize) -> Self {
        Self { events, people: (events / EVENTS_A_PERSON).max(1) as u64 }
    }
}

/// The numbers that names, touches and sources have in the store.
struct Known {
    order: i32,
    views: Vec<i32>,
    touches: Vec<i32>,
    sources: Vec<i64>,
}

/// Ids for what the bench makes itself.
pub(crate) fn ids() -> Arc<IdGen> {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at_ms(END_MS));
    Arc::new(IdGen::new(clock, 1))
}

/// The id of a person: met somewhere in the 18 months, as `IdGen` makes them.
pub(crate) fn person(n: u64) -> i64 {
    (n as i64 * 95_000 + 1) << 22 | (n as i64 * 2_654_435_761) & 0x3fff
}

/// Writes the history; answers its files and how long sorting and writing took.
pub(crate) fn history(app: &Arc<App>, size: Size) -> Result<(Vec<LakeFile>, Took), Problem> {
    let caller = Caller::cli();
    let sources: Result<Vec<i64>, Problem> = [("Web", "web"), ("App", "app"), ("Tills", "pos")]
        .into_iter()
        .map(|(name, kind)| Ok(app.source_ensure(&caller, name, kind)?.id.get()))
        .collect();
    let db = Db::open(&app.settings.database_url(), &DbOptions::default())?;
    let known = db.write(|tx| known(tx, sources.unwrap_or_default()))?;
    write_people(&db, size)?;
    let lake = Lake::open(app.settings.lake.clone(), ids())?;
    let (files, took) = write_files(&lake, size, &known)?;
    let now = Timestamp::from_ms(END_MS);
    let rows: Vec<_> = files.iter().map(|f| file_row(f, now)).collect();
    db.write(|tx| {
        history::files_insert(tx, &rows)?;
        event::counter_add(tx, "events", size.events as i64)?;
        event::counter_add(tx, "sealed_events", size.events as i64)
    })?;
    db.close()?;
    Ok((files, took))
}

fn known(tx: &mut Tx<'_>, sources: Vec<i64>) -> throughline_store::Result<Known> {
    let order = event::name_intern(tx, "Order Completed")? as i32;
    let views = (0..VIEWS).map(|i| Ok(event::name_intern(tx, &format!("Page {i}"))? as i32));
    let views: throughline_store::Result<Vec<i32>> = views.collect();
    let mut touches = Vec::new();
    for (source, medium, click_id) in PLACES {
        for campaign in 0..CAMPAIGNS {
            let signature = TouchSignature {
                source_kind: "web".into(),
                utm_source: source.into(),
                utm_medium: medium.into(),
                click_id: click_id.into(),
                utm_campaign: if source.is_empty() { String::new() } else { format!("campaign {campaign}") },
                ..TouchSignature::default()
            };
            let text = json!(signature).to_string();
            let number = (touches.len() + 1) as i64;
            touches.push(touch::intern(tx, number, &text, Timestamp::from_ms(END_MS))? as i32);
        }
    }
    Ok(Known { order, views: views?, touches, sources })
}

/// Six in ten are known by name.
fn write_people(db: &Db, size: Size) -> Result<(), Problem> {
    let at = Timestamp::from_ms(END_MS);
    for first in (0..size.people).step_by(20_000) {
        let rows: Vec<PersonRow> = (first..(first + 20_000).min(size.people))
            .map(|n| PersonRow {
                id: PersonId::new(person(n)),
                identified: n % 10 < 6,
                created_at: at,
                first_seen_at: at,
                last_seen_at: at,
                display_name: None,
                stage: "visitor".into(),
                events: EVENTS_A_PERSON as i64,
                orders: 0,
                revenue_minor: 0,
                currency: None,
                household_id: None,
                stage_until: None,
            })
            .collect();
        db.write(|tx| people::insert_new(tx, &rows))?;
    }
    Ok(())
}

/// Seals the history a month or so at a time and merges it, as the server does in the long run.
fn write_files(lake: &Lake, size: Size, known: &Known) -> Result<(Vec<LakeFile>, Took), Problem> {
    let now = Timestamp::from_ms(END_MS);
    let mut rng = Rng::seeded(1);
    let mut files = Vec::new();
    let mut all = Took { wall: 0.0, cpu: 0.0 };
    for start in (0..size.events).step_by(size.events.div_ceil(STEPS).max(1)) {
        let end = (start + size.events.div_ceil(STEPS)).min(size.events);
        let rows: Vec<LakeRow> = (start..end).map(|i| row(size, known, &mut rng, i)).collect();
        let (written, took) = timed(|| lake.write(&rows, now));
        files.extend(written?);
        all = Took { wall: all.wall + took.wall, cpu: all.cpu + took.cpu };
    }
    let policy = CompactPolicy { min_files: 2, max_rows: u64::MAX, ..CompactPolicy::default() };
    loop {
        let done = lake.compact(&files, &LineMap::new(), &policy, now)?;
        if done.replaced.is_empty() {
            break;
        }
        lake.delete(done.replaced.iter().map(|f| f.path.as_str()))?;
        files.retain(|f| !done.replaced.contains(f));
        files.extend(done.new_files);
    }
    Ok((files, all))
}

fn row(size: Size, known: &Known, rng: &mut Rng, index: usize) -> LakeRow {
    let event_at = END_MS - SPAN_MS + (SPAN_MS as f64 * index as f64 / size.events as f64) as i64;
    let visitor = (index / CROWD) as u64 * (CROWD as u64 / 4) + rng.below(CROWD as u64 / 4);
    let n = Rng::seeded(visitor).below(size.people);
    let paid = rng.chance(0.03);
    let product = rng.below(5_000);
    LakeRow {
        event_id: (event_at - throughline_base::id::ID_EPOCH_MS) << 22 | (index as i64 & 0x3fff),
        event_at,
        received_at: event_at + rng.below(3_000) as i64,
        person_id: person(n),
        line_id: person(n),
        source_id: *rng.pick(&known.sources),
        kind: if paid { "track" } else { "page" }.into(),
        name: if paid { "Order Completed" } else { "Product" }.into(),
        name_id: if paid { known.order } else { *rng.pick(&known.views) },
        touch_id: if rng.chance(0.3) { *rng.pick(&known.touches) } else { 0 },
        value_minor: paid.then(|| 1_000 + rng.below(90_000) as i64),
        currency: paid.then(|| "CNY".into()),
        order_id: paid.then(|| format!("A{index:09}")),
        message_id: format!("ajs-{:016x}{:016x}", rng.next_u64(), rng.next_u64()),
        properties: format!("{{\"product_id\":\"{product}\",\"price\":{},\"category\":\"护肤\"}}", rng.below(900)),
        traits: "{}".into(),
        context: format!("{{\"page\":{{\"path\":\"/p/{product}\"}},\"os\":\"iOS\",\"locale\":\"zh-CN\"}}"),
        ..LakeRow::default()
    }
}

/// A snapshot of files alone.
pub(crate) fn sealed(files: Vec<LakeFile>) -> Snapshot {
    Snapshot { files: files.into(), hot: Arc::default(), line_map: Arc::default() }
}
