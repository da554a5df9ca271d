//! Who the events of one commit are about. What a decision needs is read once and stays at hand with what the group has
//! changed, so the next event of the group sees it; the changes are written together in the end.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use throughline_base::{EventId, IdentifierId, PersonId};
use throughline_domain::event::{Event, EventKind};
use throughline_domain::identity::resolution::{Observation, ObservationKind, ProfileHint};
use throughline_domain::identity::{
    CannotLink, DropReason, EdgeState, Graph, NodeState, Resident, Resolution, Rules, SliceState, Stitching, Warning,
    load, stated, trivial,
};
use throughline_store::{StoreError, Tx, identity as store};

use super::blocked;
use super::write::{self, Cause, Pending};
use crate::App;
use crate::collect::Resolved;
use crate::registry::Source;

type Result<T> = throughline_store::Result<T>;

/// The part of the graph at hand, and what is to be written of it.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rules: Arc<Rules>,
    at_hand: Resident,
    pending: Pending,
    blocked: BTreeMap<String, i64>,
}

/// The rows as they are stored.
pub(super) struct Tables<'b, 'c> {
    pub(super) tx: &'b mut Tx<'c>,
}

impl Rows {
    /// Reads the nodes of every claim of these events.
    pub(crate) fn load(&mut self, tx: &mut Tx<'_>, app: &App, events: &[&Event]) -> Result<()> {
        self.rules = super::rules::current(tx, app)?;
        let mut wanted: HashSet<(String, String)> = HashSet::new();
        for e in events {
            for c in &e.claims {
                let namespace = self.rules.stored_namespace(&c.namespace, e.source_id);
                wanted.insert((namespace, c.value.clone()));
                if c.namespace == "anonymous_id" {
                    wanted.insert(("user_id".to_owned(), c.value.clone()));
                }
            }
        }
        let wanted: Vec<(String, String)> = wanted.into_iter().collect();
        self.at_hand.fetch_values(&mut Tables { tx }, &wanted)
    }

    /// The person of a line that was resolved in this group.
    pub(crate) fn person_of(&self, line: IdentifierId) -> PersonId {
        self.at_hand.graph().person_of(line)
    }

    /// Who an event is about.
    pub(crate) fn resolve(
        &mut self,
        tx: &mut Tx<'_>,
        app: &App,
        source: &Source,
        e: &Event,
        id: EventId,
    ) -> Result<Resolved> {
        let mut obs = observation(source, e, id);
        name_known_logins(&mut obs, |user| self.at_hand.graph().generations("user_id", user).next().is_some());
        let rules = self.rules.clone();
        let said = stated(&rules, &obs);
        let known = self.at_hand.is_known(&mut Tables { tx }, &rules, &said, &obs)?;
        if let Some(t) = trivial(&rules, &obs, &said, self.at_hand.graph(), known) {
            self.at_hand.note_activity(&t.active_nodes);
            self.pending.active(t.active_nodes);
            return Ok(Resolved { line: Some(t.line), warnings: Vec::new() });
        }
        let reach = self.at_hand.surround(&mut Tables { tx }, &rules, &said, &obs)?;
        obs.known_profiles = known_profiles(tx, app, self.at_hand.graph(), &reach, &obs)?;
        let mut next = || app.ids.next();
        let resolution = self.at_hand.resolve(&rules, &obs, &mut next);
        self.pending.queue(tx, app, &resolution, Cause::Event(source.id, id))?;
        blocked::count_hits(&rules, &resolution.dropped, &mut self.blocked);
        Ok(Resolved { line: resolution.line, warnings: warnings_of(&resolution) })
    }

    /// Writes what the group changed.
    pub(crate) fn flush(&mut self, tx: &mut Tx<'_>, app: &App) -> Result<()> {
        self.pending.flush(tx, app)?;
        blocked::write_hits(tx, &self.blocked)
    }
}

/// Some clients cannot say whether an id is a login (Sensors without `$is_login_id`, older PostHog): an anonymous id
/// that is known as a customer number is that customer number.
pub(super) fn name_known_logins(obs: &mut Observation, is_login: impl Fn(&str) -> bool) {
    for c in &mut obs.claims {
        if c.namespace == "anonymous_id" && is_login(&c.value) {
            "user_id".clone_into(&mut c.namespace);
        }
    }
    let mut seen = HashSet::new();
    obs.claims.retain(|c| seen.insert((c.namespace.clone(), c.value.clone())));
}

impl load::Rows for Tables<'_, '_> {
    type Error = StoreError;

    fn nodes_by_value(&mut self, keys: &[(String, String)]) -> Result<Vec<NodeState>> {
        let hashes: Vec<i64> = keys.iter().map(|(n, v)| store::identifier_key(n, v)).collect();
        let mut nodes = store::nodes_by_key(self.tx, &hashes)?;
        // A clash of hashes brings a value nobody asked for, of which not all generations may be here.
        let asked: HashSet<(&str, &str)> = keys.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        nodes.retain(|n| asked.contains(&(n.namespace.as_str(), n.value.as_str())));
        Ok(nodes)
    }

    fn nodes_by_id(&mut self, ids: &[IdentifierId]) -> Result<Vec<NodeState>> {
        store::nodes_by_id(self.tx, ids)
    }

    fn nodes_by_person(&mut self, persons: &[PersonId]) -> Result<Vec<NodeState>> {
        store::nodes_of_persons(self.tx, persons)
    }

    fn edges_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<EdgeState>> {
        store::edges_of_nodes(self.tx, ids)
    }

    fn slices_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<SliceState>> {
        store::slices_of_nodes(self.tx, ids)
    }

    fn cannot_links_of(&mut self, ids: &[IdentifierId]) -> Result<Vec<CannotLink>> {
        store::cannot_links_of_nodes(self.tx, ids)
    }

    fn has_fingerprint(&mut self, fingerprint: u64) -> Result<bool> {
        Ok(!store::fingerprints_known(self.tx, &[fingerprint])?.is_empty())
    }
}

/// The observation an event of a source makes.
fn observation(source: &Source, e: &Event, id: EventId) -> Observation {
    let kiosk = source.settings.kiosk;
    observe(e, id, kiosk, if kiosk { Stitching::Off } else { source.settings.stitching })
}

/// The observation an event makes.
pub(super) fn observe(e: &Event, id: EventId, kiosk: bool, stitching: Stitching) -> Observation {
    let text = |name: &str| e.traits.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let profile =
        ProfileHint { name: throughline_domain::person::traits::display_name(text), birthday: text("birthday") };
    Observation {
        kind: match e.kind {
            EventKind::Alias => ObservationKind::Alias,
            EventKind::Bind => ObservationKind::Bind,
            EventKind::Unbind => ObservationKind::Unbind,
            EventKind::Track | EventKind::Page | EventKind::Screen | EventKind::Identify | EventKind::Group => {
                ObservationKind::Assert
            }
        },
        source_id: e.source_id,
        source_event: Some(id),
        at: e.time.event_at,
        claims: e.claims.clone(),
        kiosk,
        stitching,
        logout: e.logout,
        session_start_at: None,
        profile: (profile != ProfileHint::default()).then_some(profile),
        known_profiles: Vec::new(),
    }
}

/// Name and birthday of the persons around a contested phone, to tell a family phone from a recycled one.
fn known_profiles(
    tx: &mut Tx<'_>,
    app: &App,
    graph: &Graph,
    reach: &BTreeSet<IdentifierId>,
    obs: &Observation,
) -> Result<Vec<(PersonId, ProfileHint)>> {
    if !obs.claims.iter().any(|c| c.namespace == "phone") {
        return Ok(Vec::new());
    }
    let nodes = reach.iter().filter_map(|id| graph.node(*id));
    let strong: BTreeSet<PersonId> = nodes.filter(|n| n.strength.is_strong()).map(|n| n.person).collect();
    if strong.len() < 2 {
        return Ok(Vec::new());
    }
    let mut out = Vec::with_capacity(strong.len());
    for person in strong {
        let lines: Vec<IdentifierId> = graph.members(person).map(|n| n.id).collect();
        let shown = crate::person::shown_traits(tx, app, &lines)?;
        let text = |name: &str| shown.get(name).and_then(|s| s.value.as_str()).map(str::to_owned);
        let hint =
            ProfileHint { name: throughline_domain::person::traits::display_name(text), birthday: text("birthday") };
        out.push((person, hint));
    }
    Ok(out)
}

/// What the source should know: claims that linked nothing, caps that come near.
fn warnings_of(r: &Resolution) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for w in &r.warnings {
        out.push(match w {
            Warning::BlockedValue { namespace, rule } => {
                ("blocked_identifier".to_owned(), format!("a {namespace} carries a blocked value ({rule})"))
            }
            Warning::IdentifiersHalfway { max, .. } => {
                ("identifier_cap".to_owned(), format!("a person has half of the {max} identifiers it may have"))
            }
            Warning::MergesHalfway { max, daily, .. } => (
                "merge_cap".to_owned(),
                format!("a person has half of the {max} merges it may have{}", if *daily { " in a day" } else { "" }),
            ),
            Warning::StillLinked { .. } => continue,
            Warning::OverLimit { namespace } => {
                ("over_limit".to_owned(), format!("an operator's link put a person over the limit of {namespace}"))
            }
        });
    }
    for d in &r.dropped {
        if !matches!(d.reason, DropReason::Blocked { .. }) {
            out.push(("refused_link".to_owned(), format!("{}: {}", d.claim.namespace, write::reason_text(&d.reason))));
        }
    }
    out
}
