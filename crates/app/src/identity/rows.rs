//! Who the events of one commit are about. Nodes are read once for the whole group; what a decision changes is written
//! at once, so that the next event of the group sees it; activity alone is written at the end.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use throughline_base::{EventId, IdentifierId, PersonId};
use throughline_domain::event::{Event, EventKind};
use throughline_domain::identity::resolution::{Observation, ObservationKind, ProfileHint};
use throughline_domain::identity::{
    CannotLink, DropReason, EdgeState, NodeState, Resolution, Rules, SliceState, Stitching, Warning, load, resolve,
    trivial,
};
use throughline_store::{StoreError, Tx, identity as store};

use super::blocked;
use super::write::{self, Cause};
use crate::App;
use crate::collect::Resolved;
use crate::registry::Source;

type Result<T> = throughline_store::Result<T>;

/// The nodes at hand, by value and by id, and which fingerprints are on record.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rules: std::sync::Arc<Rules>,
    by_value: HashMap<(String, String), Vec<IdentifierId>>,
    nodes: HashMap<IdentifierId, NodeState>,
    fingerprints: HashMap<u64, bool>,
    active: BTreeSet<IdentifierId>,
    merged: bool,
    blocked: BTreeMap<String, i64>,
}

/// The stored rows with those at hand laid over them.
pub(super) struct Overlay<'a, 'b, 'c> {
    pub(super) rows: &'a mut Rows,
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
        self.fetch_values(tx, &wanted)
    }

    fn fetch_values(&mut self, tx: &mut Tx<'_>, wanted: &[(String, String)]) -> Result<()> {
        let missing: Vec<&(String, String)> = wanted.iter().filter(|k| !self.by_value.contains_key(*k)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<i64> = missing.iter().map(|(n, v)| store::identifier_key(n, v)).collect();
        for key in missing {
            self.by_value.insert(key.clone(), Vec::new());
        }
        for node in store::nodes_by_key(tx, &keys)? {
            self.keep(node);
        }
        Ok(())
    }

    fn keep(&mut self, node: NodeState) {
        // Only values that were asked for as a whole are answered from memory.
        if let Some(ids) = self.by_value.get_mut(&(node.namespace.clone(), node.value.clone()))
            && !ids.contains(&node.id)
        {
            ids.push(node.id);
            ids.sort_unstable();
        }
        self.nodes.entry(node.id).or_insert(node);
    }

    /// The person of a line that was resolved in this group.
    pub(crate) fn person_of(&self, line: IdentifierId) -> PersonId {
        self.nodes.get(&line).map_or_else(|| PersonId::new(line.get()), |n| n.person)
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
        name_known_logins(&mut obs, |user| {
            let key = ("user_id".to_owned(), user.to_owned());
            self.by_value.get(&key).is_some_and(|ids| !ids.is_empty())
        });
        let rules = self.rules.clone();
        let (claims, known) = load::claims_only(&mut Overlay { rows: self, tx }, &rules, &obs)?;
        if let Some(t) = trivial(&rules, &obs, &claims, known) {
            for node in t.active_nodes {
                self.active.insert(node.id);
                self.nodes.insert(node.id, node);
            }
            return Ok(Resolved { line: Some(t.line), warnings: Vec::new() });
        }
        let mut graph = load::for_observation(&mut Overlay { rows: self, tx }, &rules, &obs)?;
        obs.known_profiles = known_profiles(tx, app, &graph, &obs)?;
        let mut next = || app.ids.next();
        let resolution = resolve(&mut graph, &rules, &obs, &mut next);
        self.apply(tx, app, source, &resolution, id)?;
        blocked::count_hits(&rules, &resolution.dropped, &mut self.blocked);
        Ok(Resolved { line: resolution.line, warnings: warnings_of(&resolution) })
    }

    fn apply(&mut self, tx: &mut Tx<'_>, app: &App, source: &Source, r: &Resolution, event: EventId) -> Result<()> {
        write::delta(tx, app, r, Cause::Event(source.id, event))?;
        self.merged |= !r.merges.is_empty() || !r.splits.is_empty();
        for node in r.new_nodes.iter().chain(&r.changed_nodes).chain(&r.active_nodes) {
            self.by_value.entry((node.namespace.clone(), node.value.clone())).or_default();
            self.keep(node.clone());
            self.nodes.insert(node.id, node.clone());
        }
        self.active.extend(r.active_nodes.iter().map(|n| n.id));
        if let Some(print) = r.new_fingerprint {
            self.fingerprints.insert(print, true);
        }
        Ok(())
    }

    /// Writes the activity of the group.
    pub(crate) fn flush(&mut self, tx: &mut Tx<'_>, _app: &App) -> Result<()> {
        let active: Vec<&NodeState> = self.active.iter().filter_map(|id| self.nodes.get(id)).collect();
        store::nodes_activity(tx, &active)?;
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

impl Overlay<'_, '_, '_> {
    fn current(&mut self, nodes: Vec<NodeState>) -> Vec<NodeState> {
        nodes
            .into_iter()
            .map(|n| {
                if let Some(at_hand) = self.rows.nodes.get(&n.id) {
                    return at_hand.clone();
                }
                self.rows.nodes.insert(n.id, n.clone());
                n
            })
            .collect()
    }
}

impl load::Rows for Overlay<'_, '_, '_> {
    type Error = StoreError;

    fn nodes_by_value(&mut self, keys: &[(String, String)]) -> Result<Vec<NodeState>> {
        self.rows.fetch_values(self.tx, keys)?;
        let ids = keys.iter().filter_map(|k| self.rows.by_value.get(k)).flatten();
        Ok(ids.filter_map(|id| self.rows.nodes.get(id)).cloned().collect())
    }

    fn nodes_by_id(&mut self, ids: &[IdentifierId]) -> Result<Vec<NodeState>> {
        let mut out: Vec<NodeState> = ids.iter().filter_map(|id| self.rows.nodes.get(id)).cloned().collect();
        let missing: Vec<IdentifierId> = ids.iter().filter(|id| !self.rows.nodes.contains_key(id)).copied().collect();
        let read = store::nodes_by_id(self.tx, &missing)?;
        out.extend(self.current(read));
        Ok(out)
    }

    fn nodes_by_person(&mut self, persons: &[PersonId]) -> Result<Vec<NodeState>> {
        let read = store::nodes_of_persons(self.tx, persons)?;
        Ok(self.current(read))
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
        if let Some(known) = self.rows.fingerprints.get(&fingerprint) {
            return Ok(*known);
        }
        let known = !store::fingerprints_known(self.tx, &[fingerprint])?.is_empty();
        self.rows.fingerprints.insert(fingerprint, known);
        Ok(known)
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
    graph: &throughline_domain::identity::Graph,
    obs: &Observation,
) -> Result<Vec<(PersonId, ProfileHint)>> {
    let has_phone = obs.claims.iter().any(|c| c.namespace == "phone");
    let strong: BTreeSet<PersonId> = graph.nodes().filter(|n| n.strength.is_strong()).map(|n| n.person).collect();
    if !has_phone || strong.len() < 2 {
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
