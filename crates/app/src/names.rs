//! The one place that says which name of an event is interned.

use std::borrow::Cow;

use throughline_domain::event::EventKind;

/// Track events are interned by name; the names of pages and screens are free text without end, so they share one.
#[must_use]
pub fn interned(kind: EventKind, name: &str) -> Cow<'_, str> {
    match kind {
        EventKind::Track => Cow::Borrowed(name),
        EventKind::Page => Cow::Borrowed("$page"),
        EventKind::Screen => Cow::Borrowed("$screen"),
        EventKind::Identify => Cow::Borrowed("$identify"),
        EventKind::Group => Cow::Borrowed("$group"),
        EventKind::Alias => Cow::Borrowed("$alias"),
        EventKind::Bind => Cow::Borrowed("$bind"),
        EventKind::Unbind => Cow::Borrowed("$unbind"),
    }
}
