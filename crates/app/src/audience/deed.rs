//! Events in the form rules look at them, hot or sealed.

use std::sync::Arc;

use throughline_base::{Currency, Timestamp};
use throughline_domain::audience::{EventFacts, PAGE, SCREEN, TouchFacts};
use throughline_domain::event::{EventKind, EventValue};
use throughline_lake::LakeRow;
use throughline_store::event::{FLAG_BOT, HotEvent};

use crate::registry::Snapshot;
use crate::touch::TouchNames;
use crate::{App, Result};

/// What events are looked up in.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    pub(super) touches: Arc<TouchNames>,
    pub(super) registry: Arc<Snapshot>,
}

/// Texts and numbers of an event, wherever it lies.
pub(super) struct Raw<'a> {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) touch: i64,
    pub(super) source: i64,
    pub(super) value_minor: Option<i64>,
    pub(super) currency: Option<&'a str>,
    pub(super) order_id: Option<&'a str>,
    pub(super) properties: &'a str,
}

impl Lookup {
    pub(super) fn new(app: &App) -> Result<Self> {
        Ok(Self { touches: app.touch_names()?, registry: app.registry.get() })
    }

    /// `None` for what a known robot did, and for what is no event of this version.
    pub(super) fn hot<'a>(&'a self, e: &'a HotEvent) -> Option<EventFacts<'a>> {
        if e.flags & FLAG_BOT != 0 {
            return None;
        }
        self.facts(&Raw {
            id: e.id.get(),
            at: e.event_at.ms(),
            kind: &e.kind,
            name: &e.name,
            touch: e.touch_id,
            source: e.source_id.get(),
            value_minor: e.value_minor,
            currency: e.currency.as_deref(),
            order_id: e.order_id.as_deref(),
            properties: &e.properties,
        })
    }

    /// As [`Lookup::hot`].
    pub(super) fn row<'a>(&'a self, r: &'a LakeRow) -> Option<EventFacts<'a>> {
        if r.bot {
            return None;
        }
        self.facts(&Raw {
            id: r.event_id,
            at: r.event_at,
            kind: &r.kind,
            name: &r.name,
            touch: i64::from(r.touch_id),
            source: r.source_id,
            value_minor: r.value_minor,
            currency: r.currency.as_deref(),
            order_id: r.order_id.as_deref(),
            properties: &r.properties,
        })
    }

    pub(super) fn facts<'a>(&'a self, r: &Raw<'a>) -> Option<EventFacts<'a>> {
        let kind = EventKind::parse(r.kind)?;
        let view = matches!(kind, EventKind::Page | EventKind::Screen);
        let touch = self.touches.touches.get(&r.touch).map_or_else(TouchFacts::default, |t| TouchFacts {
            channel: &t.channel,
            campaign: &t.campaign,
            touchpoint: &t.touchpoint,
        });
        let source = self.registry.sources.get(&throughline_base::SourceId::new(r.source));
        let currency = r.currency.and_then(|c| c.parse::<Currency>().ok());
        Some(EventFacts {
            id: r.id,
            at: Timestamp::from_ms(r.at),
            kind,
            name: match kind {
                EventKind::Page => PAGE,
                EventKind::Screen => SCREEN,
                EventKind::Track
                | EventKind::Identify
                | EventKind::Group
                | EventKind::Alias
                | EventKind::Bind
                | EventKind::Unbind => r.name,
            },
            page: view.then_some(r.name),
            value: r.value_minor.zip(currency).map(|(minor, currency)| EventValue { minor, currency }),
            order_id: r.order_id,
            touch,
            source: source.map_or("", |s| &*s.name),
            source_kind: source.map_or("", |s| s.kind.as_str()),
            properties: r.properties,
        })
    }
}
