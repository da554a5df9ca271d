//! The line itself: every event of a person across all channels, hot and sealed, each once, newest first.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use throughline_base::{Cursor, EventId, IdentifierId, PersonId, Problem, SourceId, Timestamp};
use throughline_lake::{LakeRow, PersonRead};
use throughline_store::event::{self as events, FLAG_BOT, FLAG_REPLAYED, HotEvent};

use super::Lines;
use super::view::TouchView;
use crate::{App, Result};

/// Which events are wanted. Absent fields match all.
#[derive(Debug, Clone, Default)]
pub struct TimelineFilter {
    /// `track`, `page` …
    pub kind: Option<String>,
    /// Part of the name.
    pub name: Option<String>,
    /// Channel key of the touch.
    pub channel: Option<String>,
    /// Source.
    pub source_id: Option<SourceId>,
    /// Kind of the source.
    pub source_kind: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

/// One event of the line.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineItem {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub event_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// `track`, `page` …
    pub kind: String,
    /// Name.
    pub name: String,
    /// Source.
    pub source_id: SourceId,
    /// How the customer came.
    pub touch: Option<TouchView>,
    /// Value.
    pub value_minor: Option<i64>,
    /// Currency.
    pub currency: Option<String>,
    /// Order.
    pub order_id: Option<String>,
    /// Dedupe key.
    pub message_id: String,
    /// Properties.
    pub properties: Value,
    /// Context.
    pub context: Value,
    /// Traits.
    pub traits: Value,
    /// The line.
    pub line: IdentifierId,
    /// The line's identifier.
    pub line_identifier: Option<(String, String)>,
    /// Came out of quarantine.
    pub replayed: bool,
    /// From a robot.
    pub bot: bool,
    /// In the event history already.
    pub sealed: bool,
}

/// Rows read at a time while filtering.
const READ: usize = 500;
/// Reads after which a page is given even if it is short: a filter that matches nothing must not read for ever.
const READS_MAX: usize = 20;

impl App {
    /// A page of the line, newest first.
    ///
    /// # Errors
    /// When there is no such person, or the event history cannot be read.
    pub fn person_timeline(
        &self,
        id: PersonId,
        filter: &TimelineFilter,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<throughline_base::Page<TimelineItem>> {
        let id = self.person_find(id)?;
        let touches = self.touch_names()?;
        let registry = self.registry.get();
        let mut before = cursor;
        let mut out: Vec<TimelineItem> = Vec::new();
        for _ in 0..READS_MAX {
            let (rows, lines, reached) = self.line_read(id, filter, before)?;
            for (row, sealed) in rows {
                let item = item(row, sealed, &lines, &touches);
                let kind_of = registry.sources.get(&item.source_id).map(|s| s.kind.as_str());
                let wanted = filter.kind.as_ref().is_none_or(|k| *k == item.kind)
                    && filter.name.as_ref().is_none_or(|n| item.name.to_lowercase().contains(&n.to_lowercase()))
                    && filter.source_id.is_none_or(|s| s == item.source_id)
                    && filter.source_kind.as_ref().is_none_or(|k| kind_of == Some(k))
                    && filter.channel.as_ref().is_none_or(|c| item.touch.as_ref().is_some_and(|t| t.channel == *c));
                if wanted {
                    out.push(item);
                }
                if out.len() > limit as usize {
                    break;
                }
            }
            if out.len() > limit as usize {
                return Ok(throughline_base::Page::cut(out, limit, |i| Cursor {
                    key: i.event_at.ms(),
                    id: i.id.get(),
                }));
            }
            before = reached;
            if reached.is_none() {
                break;
            }
        }
        Ok(throughline_base::Page { items: out, next: before.map(Cursor::encode) })
    }

    /// The next rows of the person before a position, newest first, and how far down that is everything; `None` when
    /// nothing is left below.
    fn line_read(
        &self,
        id: PersonId,
        filter: &TimelineFilter,
        before: Option<Cursor>,
    ) -> Result<(Vec<(LakeRow, bool)>, Lines, Option<Cursor>)> {
        let from = filter.from.unwrap_or(Timestamp::from_ms(i64::MIN));
        let to = filter.to.unwrap_or(Timestamp::from_ms(i64::MAX));
        let below = before.filter(|c| c.key <= to.ms());
        let end = below.map_or((to, EventId::new(i64::MAX)), |c| (Timestamp::from_ms(c.key), EventId::new(c.id)));
        // One snapshot of store and manifest, so that an event is either hot or sealed.
        let (lines, hot, snapshot) = self.db.read(|tx| {
            let lines = Lines::load(tx, id)?;
            let hot = events::hot_of_lines(tx, &lines.all(), from, end, READ as u32)?;
            let snapshot = self.sealed_snapshot(tx)?;
            Ok((lines, hot, snapshot))
        })?;
        if lines.nodes.is_empty() {
            return Err(Problem::not_found("person_unknown", format!("there is no person {id}")));
        }
        let read = PersonRead {
            from_ms: from.ms(),
            to_ms: to.ms().saturating_add(1),
            after: below.map(|c| (c.key, c.id)),
            ..PersonRead::newest(id.get(), READ)
        };
        let sealed = self.lake.read_person(&snapshot, &read)?;
        let last_sealed = sealed.last().filter(|_| sealed.len() == READ).map(|r| (r.event_at, r.event_id));
        let reached = last_sealed.into_iter().chain(cut_off(&hot)).max();
        let mut rows: Vec<(LakeRow, bool)> = hot
            .into_iter()
            .filter(|e| lines.owns(e.line, e.event_at))
            .map(|e| (lake_row(e, id), false))
            .chain(sealed.into_iter().map(|r| (r, true)))
            .filter(|(r, _)| reached.is_none_or(|reached| (r.event_at, r.event_id) >= reached))
            .collect();
        rows.sort_by_key(|(r, _)| std::cmp::Reverse((r.event_at, r.event_id)));
        Ok((rows, lines, reached.map(|(key, id)| Cursor { key, id })))
    }
}

/// The last hot events of the lines that have more than were read. They come newest first.
fn cut_off(hot: &[HotEvent]) -> impl Iterator<Item = (i64, i64)> {
    let mut lines: HashMap<IdentifierId, (usize, (i64, i64))> = HashMap::new();
    for e in hot {
        let line = lines.entry(e.line).or_default();
        *line = (line.0 + 1, (e.event_at.ms(), e.id.get()));
    }
    lines.into_values().filter(|(n, _)| *n == READ).map(|(_, last)| last)
}

/// A hot event in the form it will be sealed in.
pub(crate) fn lake_row(e: HotEvent, person: PersonId) -> LakeRow {
    LakeRow {
        event_id: e.id.get(),
        event_at: e.event_at.ms(),
        received_at: e.received_at.ms(),
        person_id: person.get(),
        line_id: e.line.get(),
        source_id: e.source_id.get(),
        kind: e.kind.into(),
        name: e.name,
        name_id: e.name_id as i32,
        touch_id: e.touch_id as i32,
        value_minor: e.value_minor,
        currency: e.currency,
        order_id: e.order_id,
        message_id: e.message_id,
        bot: e.flags & FLAG_BOT != 0,
        replayed: e.flags & FLAG_REPLAYED != 0,
        properties: e.properties,
        traits: e.traits,
        context: e.context,
    }
}

fn item(r: LakeRow, sealed: bool, lines: &Lines, touches: &crate::touch::TouchNames) -> TimelineItem {
    let json = |t: &str| serde_json::from_str(t).unwrap_or(Value::Null);
    let line = IdentifierId::new(r.line_id);
    let at = Timestamp::from_ms(r.event_at);
    TimelineItem {
        id: EventId::new(r.event_id),
        event_at: at,
        received_at: Timestamp::from_ms(r.received_at),
        touch: touches.view(i64::from(r.touch_id), at),
        properties: json(&r.properties),
        context: json(&r.context),
        traits: json(&r.traits),
        kind: r.kind.into_owned(),
        name: r.name,
        source_id: SourceId::new(r.source_id),
        value_minor: r.value_minor,
        currency: r.currency,
        order_id: r.order_id,
        message_id: r.message_id,
        line,
        line_identifier: lines.nodes.iter().find(|n| n.id == line).map(|n| (n.namespace.clone(), n.value.clone())),
        replayed: r.replayed,
        bot: r.bot,
        sealed,
    }
}
