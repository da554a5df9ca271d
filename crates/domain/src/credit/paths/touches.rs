//! Sessions and touches of one person.

use super::options::Plan;
use super::{IN_SESSION, MAX_TOUCHES, PathEvent};
use crate::touch::{NO_TOUCH, TouchFacts, TouchKind};

/// The first events of a landing arrive together, and the one that knows the source need not be the first of them
/// (`identify` before `page`, "app opened" before "deep link opened"). So long a session waits for its source.
const SOURCE_GRACE_MS: i64 = 60_000;

/// A touch on a person's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) at: i64,
    pub(super) touch: u32,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    platform: u16,
    started_at: i64,
    last_at: i64,
    source: u32,
    /// Where its direct touch stands in the list, while it may still be replaced.
    direct_slot: Option<u32>,
    serial: u32,
}

/// What an event did to the sessions.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Effect {
    /// Number of the event's session within the person; 0 when it belongs to none.
    pub(super) session: u32,
    /// A session began.
    pub(super) began: bool,
}

/// The touches of one person, built event by event.
#[derive(Debug, Default)]
pub(super) struct Touches {
    pub(super) made: Vec<Made>,
    sessions: Vec<Session>,
    serial: u32,
}

impl Touches {
    pub(super) fn clear(&mut self) {
        self.made.clear();
        self.sessions.clear();
        self.serial = 0;
    }

    /// Forbids changing the touches so far: a conversion has seen them.
    pub(super) fn freeze(&mut self) {
        for session in &mut self.sessions {
            session.direct_slot = None;
        }
    }

    pub(super) fn event(&mut self, plan: &Plan, facts: &[TouchFacts], direct: u32, e: &PathEvent) -> Effect {
        let known = facts.get((e.touch as usize).wrapping_sub(1));
        if !e.is(IN_SESSION) {
            if let Some(fact) = known
                && !fact.direct
                && (fact.kind != TouchKind::AdView || plan.options.ad_views)
            {
                self.make(plan, facts, Made { at: e.event_at, touch: e.touch });
            }
            return Effect::default();
        }
        if known.is_some_and(|f| f.kind == TouchKind::AdView) && plan.options.ad_views {
            self.make(plan, facts, Made { at: e.event_at, touch: e.touch });
        }
        // A page that says nothing of its source, or says "direct", continues whatever goes on.
        let source = if known.is_some_and(|f| !f.direct && f.kind != TouchKind::AdView) { e.touch } else { NO_TOUCH };
        let Some(i) = self.sessions.iter().position(|s| s.platform == e.platform) else {
            let session = self.begin(plan, facts, direct, e, source);
            self.sessions.push(session);
            return Effect { session: session.serial, began: true };
        };
        let session = self.sessions[i];
        let over = e.event_at.saturating_sub(session.last_at) > plan.options.session_gap_ms;
        if over || Self::source_begins(plan, facts, &session, source, e.event_at) {
            let session = self.begin(plan, facts, direct, e, source);
            self.sessions[i] = session;
            return Effect { session: session.serial, began: true };
        }
        self.sessions[i].last_at = e.event_at;
        if source != NO_TOUCH && session.source == NO_TOUCH {
            self.adopt(plan, facts, i, source, e.event_at);
        }
        Effect { session: session.serial, began: false }
    }

    /// Whether `source` begins a session of its own while `session` goes on.
    fn source_begins(plan: &Plan, facts: &[TouchFacts], session: &Session, source: u32, at: i64) -> bool {
        if !plan.options.campaign_starts_session || source == NO_TOUCH || source == session.source {
            return false;
        }
        if session.source == NO_TOUCH {
            return at.saturating_sub(session.started_at) > SOURCE_GRACE_MS;
        }
        !same_campaign(facts, source, session.source)
    }

    fn begin(&mut self, plan: &Plan, facts: &[TouchFacts], direct: u32, e: &PathEvent, source: u32) -> Session {
        self.serial = self.serial.saturating_add(1);
        let touch = if source == NO_TOUCH { direct } else { source };
        let slot = self.make(plan, facts, Made { at: e.event_at, touch });
        Session {
            platform: e.platform,
            started_at: e.event_at,
            last_at: e.event_at,
            source,
            direct_slot: if source == NO_TOUCH { slot } else { None },
            serial: self.serial,
        }
    }

    /// A session without source finds its source.
    fn adopt(&mut self, plan: &Plan, facts: &[TouchFacts], i: usize, source: u32, at: i64) {
        self.sessions[i].source = source;
        let slot = self.sessions[i].direct_slot.take();
        // Only the newest touch is taken back, so that the list stays in the order of time.
        if slot.is_some_and(|s| s as usize + 1 == self.made.len()) {
            self.made.pop();
        }
        self.make(plan, facts, Made { at, touch: source });
    }

    /// Adds a touch unless it repeats one; tells where it stands.
    fn make(&mut self, plan: &Plan, facts: &[TouchFacts], made: Made) -> Option<u32> {
        if made.touch == NO_TOUCH {
            return None;
        }
        let window = plan.options.collapse_ms;
        let recent = self.made.iter().rev().take(MAX_TOUCHES);
        let mut recent = recent.take_while(|m| made.at.saturating_sub(m.at) <= window);
        if window > 0 && recent.any(|m| same_campaign(facts, m.touch, made.touch)) {
            return None;
        }
        self.made.push(made);
        Some(self.made.len() as u32 - 1)
    }
}

fn same_campaign(facts: &[TouchFacts], a: u32, b: u32) -> bool {
    let campaign = |n: u32| facts.get((n as usize).wrapping_sub(1)).map(|f| f.campaign);
    a == b || campaign(a) == campaign(b)
}
