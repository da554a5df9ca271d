//! Rows of the room `identity`: identifier nodes, the evidence log, and the graph folded from it.

use serde_json::json;
use throughline_base::{Cursor, EventId, IdentifierId, Page, PersonId, ReviewId, SourceId, Timestamp};
use throughline_domain::identity::{
    CannotLink, EdgeState, Evidence, EvidenceKind, Joined, NodeState, ProfileCheck, SliceState, Stitching, Strength,
};

use crate::db::{Result, Row, StoreError, Tx, v};

/// The hash by which an identifier is looked up. A clash only costs a comparison.
#[must_use]
pub fn identifier_key(namespace: &str, value: &str) -> i64 {
    let mut h = xxhash_rust::xxh3::Xxh3::new();
    h.update(namespace.as_bytes());
    h.update(&[0]);
    h.update(value.as_bytes());
    h.digest() as i64
}

const NODE: &str = "id, namespace, value, generation, strength, person_id, parent_id, created_at, ended_at, ended_seq, \
                    blocked, suspended_at, shared, partial, current_line, joined_count, joined_recent, first_at, last_at, \
                    session_start_at, logged_out_at, signed_in_at";

fn unknown(what: &str) -> StoreError {
    StoreError::internal(format!("a stored {what} is unknown to this version"))
}

fn node(r: &Row<'_>) -> Result<NodeState> {
    let joined: Vec<(i64, i64)> = match r.str(16)? {
        "" => Vec::new(),
        text => serde_json::from_str(text).map_err(|_| unknown("list of joined persons"))?,
    };
    Ok(NodeState {
        id: IdentifierId::new(r.i64(0)?),
        namespace: r.text(1)?,
        value: r.text(2)?,
        generation: r.i64(3)? as u32,
        strength: Strength::parse(r.str(4)?).ok_or_else(|| unknown("strength"))?,
        person: PersonId::new(r.i64(5)?),
        parent: r.opt_i64(6)?.map(IdentifierId::new),
        created_at: r.at(7)?,
        ended_at: r.opt_at(8)?,
        ended_seq: r.opt_i64(9)?,
        blocked: r.bool(10)?,
        suspended_at: r.opt_at(11)?,
        shared: r.bool(12)?,
        partial: r.bool(13)?,
        current_line: r.opt_i64(14)?.map(IdentifierId::new),
        joined_count: r.i64(15)? as u32,
        joined_recent: joined
            .into_iter()
            .map(|(p, at)| Joined { person: PersonId::new(p), at: Timestamp::from_ms(at) })
            .collect(),
        first_at: r.at(17)?,
        last_at: r.at(18)?,
        session_start_at: r.at(19)?,
        logged_out_at: r.opt_at(20)?,
        signed_in_at: r.opt_at(21)?,
    })
}

fn joined_text(n: &NodeState) -> String {
    if n.joined_recent.is_empty() {
        return String::new();
    }
    let pairs: Vec<_> = n.joined_recent.iter().map(|j| json!([j.person.get(), j.at.ms()])).collect();
    serde_json::Value::Array(pairs).to_string()
}

/// All generations of the values with these keys (see [`identifier_key`]).
pub fn nodes_by_key(tx: &mut Tx<'_>, keys: &[i64]) -> Result<Vec<NodeState>> {
    tx.select_in(&format!("SELECT {NODE} FROM identifier WHERE key IN ($list)"), &[], keys, node)
}

/// Nodes by id.
pub fn nodes_by_id(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<NodeState>> {
    tx.select_in(&format!("SELECT {NODE} FROM identifier WHERE id IN ($list)"), &[], ids, node)
}

/// Nodes of persons, in the order of their ids within a person.
pub fn nodes_of_persons(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<NodeState>> {
    let mut nodes =
        tx.select_in(&format!("SELECT {NODE} FROM identifier WHERE person_id IN ($list)"), &[], persons, node)?;
    nodes.sort_by_key(|n| n.id);
    Ok(nodes)
}

/// Nodes hanging under these parents.
pub fn nodes_of_parents(tx: &mut Tx<'_>, parents: &[IdentifierId]) -> Result<Vec<NodeState>> {
    tx.select_in(&format!("SELECT {NODE} FROM identifier WHERE parent_id IN ($list)"), &[], parents, node)
}

/// Weak nodes whose open slice belongs to these lines.
pub fn nodes_of_current_lines(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<NodeState>> {
    tx.select_in(&format!("SELECT {NODE} FROM identifier WHERE current_line IN ($list)"), &[], lines, node)
}

/// Every node after `after`, in the order of ids: for folds from scratch.
pub fn nodes_after(tx: &mut Tx<'_>, after: IdentifierId, limit: u32) -> Result<Vec<NodeState>> {
    tx.query(
        &format!("SELECT {NODE} FROM identifier WHERE id > $1 ORDER BY id LIMIT $2"),
        &[&after, &i64::from(limit)],
        node,
    )
}

/// How many nodes there are.
pub fn nodes_count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM identifier", &[], |r| r.i64(0))
}

/// The sources that brought nodes.
pub fn node_sources(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<(IdentifierId, SourceId)>> {
    tx.select_in("SELECT id, source_id FROM identifier WHERE id IN ($list)", &[], ids, |r| {
        Ok((IdentifierId::new(r.i64(0)?), SourceId::new(r.i64(1)?)))
    })
}

/// `(line, person)` of every node that is not its own anonymous person's only node, in order of line: what reports
/// map hot events by.
pub fn line_persons(tx: &mut Tx<'_>, mut each: impl FnMut(IdentifierId, PersonId) -> Result<()>) -> Result<()> {
    tx.each("SELECT id, person_id FROM identifier WHERE id <> person_id", &[], |r| {
        each(IdentifierId::new(r.i64(0)?), PersonId::new(r.i64(1)?))?;
        Ok(true)
    })
}

/// The person of each of some lines.
pub fn persons_of_lines(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<(IdentifierId, PersonId)>> {
    tx.select_in("SELECT id, person_id FROM identifier WHERE id IN ($list)", &[], lines, |r| {
        Ok((IdentifierId::new(r.i64(0)?), PersonId::new(r.i64(1)?)))
    })
}

/// Adds nodes.
pub fn nodes_insert(tx: &mut Tx<'_>, nodes: &[(NodeState, SourceId)]) -> Result<u64> {
    let joined: Vec<String> = nodes.iter().map(|(n, _)| joined_text(n)).collect();
    tx.insert_many(
        "INSERT INTO identifier (id, key, namespace, value, generation, strength, person_id, parent_id, source_id, \
         created_at, ended_at, ended_seq, blocked, suspended_at, shared, partial, current_line, joined_count, \
         joined_recent, first_at, last_at, session_start_at, logged_out_at, signed_in_at) VALUES",
        nodes.iter().zip(&joined).map(|((n, source), joined)| {
            [
                v(n.id),
                v(identifier_key(&n.namespace, &n.value)),
                v(&n.namespace),
                v(&n.value),
                v(i64::from(n.generation)),
                v(n.strength.as_str()),
                v(n.person),
                v(n.parent),
                v(*source),
                v(n.created_at),
                v(n.ended_at),
                v(n.ended_seq),
                v(n.blocked),
                v(n.suspended_at),
                v(n.shared),
                v(n.partial),
                v(n.current_line),
                v(i64::from(n.joined_count)),
                v(joined),
                v(n.first_at),
                v(n.last_at),
                v(n.session_start_at),
                v(n.logged_out_at),
                v(n.signed_in_at),
            ]
        }),
        "",
    )
}

/// Writes the evidence-derived fields and the activity of a node.
pub fn node_update(tx: &mut Tx<'_>, n: &NodeState) -> Result<()> {
    tx.exec_one(
        "UPDATE identifier SET strength = $2, person_id = $3, parent_id = $4, ended_at = $5, ended_seq = $6, \
         blocked = $7, suspended_at = $8, shared = $9, partial = $10, current_line = $11, joined_count = $12, \
         joined_recent = $13, first_at = $14, last_at = $15, session_start_at = $16, logged_out_at = $17, \
         created_at = $18, signed_in_at = $19, generation = $20 WHERE id = $1",
        &[
            &n.id,
            &n.strength.as_str(),
            &n.person,
            &n.parent,
            &n.ended_at,
            &n.ended_seq,
            &n.blocked,
            &n.suspended_at,
            &n.shared,
            &n.partial,
            &n.current_line,
            &i64::from(n.joined_count),
            &joined_text(n),
            &n.first_at,
            &n.last_at,
            &n.session_start_at,
            &n.logged_out_at,
            &n.created_at,
            &n.signed_in_at,
            &i64::from(n.generation),
        ],
    )
}

/// Writes only the activity of nodes.
pub fn nodes_activity(tx: &mut Tx<'_>, nodes: &[&NodeState]) -> Result<()> {
    for n in nodes {
        tx.exec(
            "UPDATE identifier SET first_at = $2, last_at = $3, session_start_at = $4, logged_out_at = $5, \
             signed_in_at = $6 WHERE id = $1",
            &[&n.id, &n.first_at, &n.last_at, &n.session_start_at, &n.logged_out_at, &n.signed_in_at],
        )?;
    }
    Ok(())
}

const EVIDENCE: &str = "seq, observation, at, kind, a, b, target, strength, verified, score, profiles, session_start_at, \
                        logged_out_at, stitching, source_event, rule_version, actor, note";

fn evidence(r: &Row<'_>) -> Result<Evidence> {
    Ok(Evidence {
        seq: r.i64(0)?,
        observation: r.i64(1)?,
        at: r.at(2)?,
        kind: EvidenceKind::parse(r.str(3)?).ok_or_else(|| unknown("kind of evidence"))?,
        a: IdentifierId::new(r.i64(4)?),
        b: r.opt_i64(5)?.map(IdentifierId::new),
        target: r.opt_i64(6)?,
        strength: Strength::parse(r.str(7)?).ok_or_else(|| unknown("strength"))?,
        verified: r.bool(8)?,
        score: r.opt_i64(9)?.map(|s| s as u16),
        profiles: ProfileCheck::parse(r.str(10)?).ok_or_else(|| unknown("profile check"))?,
        session_start_at: r.opt_at(11)?,
        logged_out_at: r.opt_at(12)?,
        stitching: Stitching::parse(r.str(13)?).ok_or_else(|| unknown("stitching"))?,
        source_event: r.opt_i64(14)?.map(EventId::new),
        rule_version: r.i64(15)? as u32,
        actor: r.opt_text(16)?,
        note: r.text(17)?,
    })
}

/// Appends to the log.
pub fn evidence_insert(tx: &mut Tx<'_>, rows: &[Evidence]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_evidence (seq, observation, at, kind, a, b, target, strength, verified, score, profiles, \
         session_start_at, logged_out_at, stitching, source_event, rule_version, actor, note) VALUES",
        rows.iter().map(|e| {
            [
                v(e.seq),
                v(e.observation),
                v(e.at),
                v(e.kind.as_str()),
                v(e.a),
                v(e.b),
                v(e.target),
                v(e.strength.as_str()),
                v(e.verified),
                v(e.score.map(i64::from)),
                v(e.profiles.as_str()),
                v(e.session_start_at),
                v(e.logged_out_at),
                v(e.stitching.as_str()),
                v(e.source_event),
                v(i64::from(e.rule_version)),
                v(&e.actor),
                v(&e.note),
            ]
        }),
        "",
    )
}

/// Rows about any of these nodes, whole groups, in order.
pub fn evidence_of_nodes(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<Evidence>> {
    let mut groups =
        tx.select_in("SELECT observation FROM identity_evidence WHERE a IN ($list)", &[], ids, |r| r.i64(0))?;
    groups
        .extend(tx.select_in("SELECT observation FROM identity_evidence WHERE b IN ($list)", &[], ids, |r| r.i64(0))?);
    groups.sort_unstable();
    groups.dedup();
    let mut rows = tx.select_in(
        &format!("SELECT {EVIDENCE} FROM identity_evidence WHERE observation IN ($list)"),
        &[],
        &groups,
        evidence,
    )?;
    rows.sort_by_key(|e| (e.observation, e.seq));
    Ok(rows)
}

/// Rows by number.
pub fn evidence_by_seq(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<Vec<Evidence>> {
    tx.select_in(&format!("SELECT {EVIDENCE} FROM identity_evidence WHERE seq IN ($list)"), &[], seqs, evidence)
}

/// Every row, in order, to `each`: for folds from scratch.
pub fn evidence_each(tx: &mut Tx<'_>, mut each: impl FnMut(Evidence) -> Result<()>) -> Result<()> {
    tx.each(&format!("SELECT {EVIDENCE} FROM identity_evidence ORDER BY observation, seq"), &[], |r| {
        each(evidence(r)?)?;
        Ok(true)
    })
}

/// How many rows there are.
pub fn evidence_count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM identity_evidence", &[], |r| r.i64(0))
}

fn edge(r: &Row<'_>) -> Result<EdgeState> {
    Ok(EdgeState {
        seq: r.i64(0)?,
        a: IdentifierId::new(r.i64(1)?),
        b: IdentifierId::new(r.i64(2)?),
        at: r.at(3)?,
        merge: r.bool(4)?,
    })
}

/// Edges touching any of these nodes, each once, in order.
pub fn edges_of_nodes(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<EdgeState>> {
    let mut edges =
        tx.select_in("SELECT seq, a, b, at, merge FROM identity_edge WHERE a IN ($list)", &[], ids, edge)?;
    edges.extend(tx.select_in("SELECT seq, a, b, at, merge FROM identity_edge WHERE b IN ($list)", &[], ids, edge)?);
    edges.sort_unstable();
    edges.dedup();
    Ok(edges)
}

/// Adds edges.
pub fn edges_insert(tx: &mut Tx<'_>, edges: &[EdgeState]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_edge (seq, a, b, at, merge) VALUES",
        edges.iter().map(|e| [v(e.seq), v(e.a), v(e.b), v(e.at), v(e.merge)]),
        "ON CONFLICT (seq, a, b) DO UPDATE SET at = excluded.at, merge = excluded.merge",
    )
}

/// Removes edges.
pub fn edges_delete(tx: &mut Tx<'_>, edges: &[EdgeState]) -> Result<()> {
    for e in edges {
        tx.exec("DELETE FROM identity_edge WHERE seq = $1 AND a = $2 AND b = $3", &[&e.seq, &e.a, &e.b])?;
    }
    Ok(())
}

fn slice(r: &Row<'_>) -> Result<SliceState> {
    Ok(SliceState {
        node: IdentifierId::new(r.i64(0)?),
        seq: r.i64(1)?,
        from_at: r.opt_at(2)?,
        to_at: r.opt_at(3)?,
        line: IdentifierId::new(r.i64(4)?),
    })
}

/// Slices of these nodes, in order.
pub fn slices_of_nodes(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<SliceState>> {
    let mut all = tx.select_in(
        "SELECT node, seq, from_at, to_at, line FROM identity_slice WHERE node IN ($list)",
        &[],
        ids,
        slice,
    )?;
    all.sort_unstable_by_key(|s| (s.node, s.seq));
    Ok(all)
}

/// Slices that give events to these lines.
pub fn slices_of_lines(tx: &mut Tx<'_>, lines: &[IdentifierId]) -> Result<Vec<SliceState>> {
    let mut all = tx.select_in(
        "SELECT node, seq, from_at, to_at, line FROM identity_slice WHERE line IN ($list)",
        &[],
        lines,
        slice,
    )?;
    all.sort_unstable_by_key(|s| (s.node, s.seq));
    Ok(all)
}

/// Every slice, in order.
pub fn slices(tx: &mut Tx<'_>) -> Result<Vec<SliceState>> {
    tx.query("SELECT node, seq, from_at, to_at, line FROM identity_slice ORDER BY node, seq", &[], slice)
}

/// Adds or replaces slices.
pub fn slices_put(tx: &mut Tx<'_>, slices: &[SliceState]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_slice (node, seq, from_at, to_at, line) VALUES",
        slices.iter().map(|s| [v(s.node), v(s.seq), v(s.from_at), v(s.to_at), v(s.line)]),
        "ON CONFLICT (node, seq) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at, line = excluded.line",
    )
}

/// Removes slices.
pub fn slices_delete(tx: &mut Tx<'_>, slices: &[SliceState]) -> Result<()> {
    for s in slices {
        tx.exec("DELETE FROM identity_slice WHERE node = $1 AND seq = $2", &[&s.node, &s.seq])?;
    }
    Ok(())
}

fn cannot_link(r: &Row<'_>) -> Result<CannotLink> {
    Ok(CannotLink { seq: r.i64(0)?, a: IdentifierId::new(r.i64(1)?), b: IdentifierId::new(r.i64(2)?) })
}

/// Cannot-links touching any of these nodes, in order.
pub fn cannot_links_of_nodes(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<CannotLink>> {
    let mut all =
        tx.select_in("SELECT seq, a, b FROM identity_cannot_link WHERE a IN ($list)", &[], ids, cannot_link)?;
    all.extend(tx.select_in("SELECT seq, a, b FROM identity_cannot_link WHERE b IN ($list)", &[], ids, cannot_link)?);
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Adds cannot-links.
pub fn cannot_links_insert(tx: &mut Tx<'_>, rows: &[CannotLink]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_cannot_link (seq, a, b) VALUES",
        rows.iter().map(|c| [v(c.seq), v(c.a), v(c.b)]),
        "ON CONFLICT (seq, a, b) DO NOTHING",
    )
}

/// Removes cannot-links.
pub fn cannot_links_delete(tx: &mut Tx<'_>, rows: &[CannotLink]) -> Result<()> {
    for c in rows {
        tx.exec("DELETE FROM identity_cannot_link WHERE seq = $1 AND a = $2 AND b = $3", &[&c.seq, &c.a, &c.b])?;
    }
    Ok(())
}

/// Which of these fingerprints are on record.
pub fn fingerprints_known(tx: &mut Tx<'_>, prints: &[u64]) -> Result<Vec<u64>> {
    let keys: Vec<i64> = prints.iter().map(|p| *p as i64).collect();
    tx.select_in("SELECT fingerprint FROM identity_fingerprint WHERE fingerprint IN ($list)", &[], &keys, |r| {
        Ok(r.i64(0)? as u64)
    })
}

/// Puts fingerprints on record.
pub fn fingerprints_insert(tx: &mut Tx<'_>, prints: &[u64]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_fingerprint (fingerprint) VALUES",
        prints.iter().map(|p| [v(*p as i64)]),
        "ON CONFLICT (fingerprint) DO NOTHING",
    )
}

/// Takes fingerprints off the record, so that the same observation is decided again.
pub fn fingerprints_delete(tx: &mut Tx<'_>, prints: &[u64]) -> Result<()> {
    for p in prints {
        tx.exec("DELETE FROM identity_fingerprint WHERE fingerprint = $1", &[&(*p as i64)])?;
    }
    Ok(())
}

/// The graph's tables, emptied before a fold from scratch. The log and the node ids stay.
pub fn graph_clear(tx: &mut Tx<'_>) -> Result<()> {
    for table in ["identity_edge", "identity_slice", "identity_cannot_link", "identity_fingerprint"] {
        tx.exec(&format!("DELETE FROM {table}"), &[])?;
    }
    Ok(())
}

/// A version of the rules as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesRow {
    /// Version.
    pub version: i64,
    /// JSON.
    pub rules: String,
    /// Since when.
    pub at: Timestamp,
    /// Who put them in force.
    pub actor: String,
    /// Why.
    pub note: String,
}

/// The rules in force and those before, newest first.
pub fn rules(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<RulesRow>> {
    tx.query(
        "SELECT version, rules, at, actor, note FROM identity_rules ORDER BY version DESC LIMIT $1",
        &[&i64::from(limit)],
        |r| Ok(RulesRow { version: r.i64(0)?, rules: r.text(1)?, at: r.at(2)?, actor: r.text(3)?, note: r.text(4)? }),
    )
}

/// The version of the rules in force; `None` while nobody changed the built-in ones.
pub fn rules_version(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    tx.query_one("SELECT MAX(version) FROM identity_rules", &[], |r| r.opt_i64(0))
}

/// Puts rules in force.
pub fn rules_insert(
    tx: &mut Tx<'_>,
    version: i64,
    rules: &str,
    actor: &str,
    note: &str,
    now: Timestamp,
) -> Result<u64> {
    tx.exec(
        "INSERT INTO identity_rules (version, rules, at, actor, note) VALUES ($1, $2, $3, $4, $5)",
        &[&version, &rules, &now, &actor, &note],
    )
}

/// An item of the review queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    /// Its id.
    pub id: ReviewId,
    /// Kind.
    pub kind: String,
    /// The identifier in question.
    pub a: IdentifierId,
    /// The one it would have been tied to.
    pub b: Option<IdentifierId>,
    /// Reason for people.
    pub reason: String,
    /// The event.
    pub source_event: Option<EventId>,
    /// When.
    pub at: Timestamp,
    /// `open` or `done`.
    pub state: String,
    /// What was decided.
    pub decision: Option<String>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Note.
    pub note: Option<String>,
}

const REVIEW: &str = "id, kind, a, b, reason, source_event, at, state, decision, decided_by, decided_at, note";

fn review(r: &Row<'_>) -> Result<ReviewRow> {
    Ok(ReviewRow {
        id: ReviewId::new(r.i64(0)?),
        kind: r.text(1)?,
        a: IdentifierId::new(r.i64(2)?),
        b: Some(r.i64(3)?).filter(|b| *b != 0).map(IdentifierId::new),
        reason: r.text(4)?,
        source_event: r.opt_i64(5)?.map(EventId::new),
        at: r.at(6)?,
        state: r.text(7)?,
        decision: r.opt_text(8)?,
        decided_by: r.opt_text(9)?,
        decided_at: r.opt_at(10)?,
        note: r.opt_text(11)?,
    })
}

/// Adds items; one that is there already, open or decided, stays as it is.
pub fn reviews_insert(tx: &mut Tx<'_>, rows: &[ReviewRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_review (id, kind, a, b, reason, source_event, at, state) VALUES",
        rows.iter().map(|r| {
            [
                v(r.id),
                v(&r.kind),
                v(r.a),
                v(r.b.map_or(0, IdentifierId::get)),
                v(&r.reason),
                v(r.source_event),
                v(r.at),
                v(&r.state),
            ]
        }),
        "ON CONFLICT (kind, a, b) DO NOTHING",
    )
}

/// A page, newest first.
pub fn review_list(
    tx: &mut Tx<'_>,
    state: &str,
    kind: Option<&str>,
    cursor: Option<Cursor>,
    limit: u32,
) -> Result<Page<ReviewRow>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        &format!(
            "SELECT {REVIEW} FROM identity_review WHERE state = $1 AND (CAST($2 AS TEXT) IS NULL OR kind = $2) \
             AND id < $3 ORDER BY id DESC LIMIT $4"
        ),
        &[&state, &kind, &before, &(i64::from(limit) + 1)],
        review,
    )?;
    Ok(Page::cut(rows, limit, |r| Cursor { key: r.id.get(), id: r.id.get() }))
}

/// One item.
pub fn review_get(tx: &mut Tx<'_>, id: ReviewId) -> Result<Option<ReviewRow>> {
    tx.query_opt(&format!("SELECT {REVIEW} FROM identity_review WHERE id = $1"), &[&id], review)
}

/// Open items about any of these nodes.
pub fn reviews_of_nodes(tx: &mut Tx<'_>, ids: &[IdentifierId]) -> Result<Vec<ReviewRow>> {
    let mut all = tx.select_in(
        &format!("SELECT {REVIEW} FROM identity_review WHERE state = 'open' AND a IN ($list)"),
        &[],
        ids,
        review,
    )?;
    all.extend(tx.select_in(
        &format!("SELECT {REVIEW} FROM identity_review WHERE state = 'open' AND b IN ($list)"),
        &[],
        ids,
        review,
    )?);
    all.sort_by_key(|r| r.id);
    all.dedup();
    Ok(all)
}

/// Decides an item; says whether it was open.
pub fn review_decide(
    tx: &mut Tx<'_>,
    id: ReviewId,
    decision: &str,
    actor: &str,
    note: &str,
    now: Timestamp,
) -> Result<bool> {
    let n = tx.exec(
        "UPDATE identity_review SET state = 'done', decision = $2, decided_by = $3, note = $4, decided_at = $5 \
         WHERE id = $1 AND state = 'open'",
        &[&id, &decision, &actor, &note, &now],
    )?;
    Ok(n == 1)
}

/// How many items are open.
pub fn reviews_open(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM identity_review WHERE state = 'open'", &[], |r| r.i64(0))
}

/// Raises an item again that was closed with `decision`.
pub fn review_reopen(
    tx: &mut Tx<'_>,
    kind: &str,
    a: IdentifierId,
    b: Option<IdentifierId>,
    decision: &str,
) -> Result<u64> {
    tx.exec(
        "UPDATE identity_review SET state = 'open', decision = NULL, decided_by = NULL, decided_at = NULL, note = NULL \
         WHERE kind = $1 AND a = $2 AND b = $3 AND state = 'done' AND decision = $4",
        &[&kind, &a, &b.map_or(0, IdentifierId::get), &decision],
    )
}

/// Identifiers that are suspended and that nobody decided about.
const SUSPENDED: &str = "suspended_at IS NOT NULL AND ended_at IS NULL AND blocked = 0";

/// Suspended identifiers, the newest first.
pub fn suspended(tx: &mut Tx<'_>, cursor: Option<Cursor>, limit: u32) -> Result<Page<NodeState>> {
    let (at, id) = cursor.map_or((i64::MAX, i64::MAX), |c| (c.key, c.id));
    let rows = tx.query(
        &format!(
            "SELECT {NODE} FROM identifier WHERE {SUSPENDED} AND (suspended_at < $1 OR (suspended_at = $1 AND id < $2)) \
             ORDER BY suspended_at DESC, id DESC LIMIT $3"
        ),
        &[&at, &id, &(i64::from(limit) + 1)],
        node,
    )?;
    Ok(Page::cut(rows, limit, |n| Cursor { key: n.suspended_at.map_or(0, Timestamp::ms), id: n.id.get() }))
}

/// How many there are.
pub fn suspended_count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one(&format!("SELECT COUNT(*) FROM identifier WHERE {SUSPENDED}"), &[], |r| r.i64(0))
}

/// Suspended identifiers that were blocked for good, the newest first.
pub fn blocked_suspended(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<NodeState>> {
    tx.query(
        &format!(
            "SELECT {NODE} FROM identifier WHERE suspended_at IS NOT NULL AND blocked = 1 \
             ORDER BY suspended_at DESC, id DESC LIMIT $1"
        ),
        &[&i64::from(limit)],
        node,
    )
}

/// What happened to a person's identity: a merge, a split, a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// `merge`, `split`, `refused`.
    pub kind: String,
    /// The person.
    pub person_id: PersonId,
    /// The other person, if there is one.
    pub other_id: Option<PersonId>,
    /// JSON: identifiers (by id), reason, cause.
    pub detail: String,
    /// The event that led to it.
    pub source_event: Option<EventId>,
}

/// Appends to the history.
pub fn history_insert(tx: &mut Tx<'_>, rows: &[HistoryRow]) -> Result<u64> {
    tx.insert_many(
        "INSERT INTO identity_history (id, at, kind, person_id, other_id, detail, source_event) VALUES",
        rows.iter()
            .map(|h| [v(h.id), v(h.at), v(&h.kind), v(h.person_id), v(h.other_id), v(&h.detail), v(h.source_event)]),
        "",
    )
}

/// The history of persons, newest first.
pub fn history_of(tx: &mut Tx<'_>, persons: &[PersonId], limit: u32) -> Result<Vec<HistoryRow>> {
    let map = |r: &Row<'_>| {
        Ok(HistoryRow {
            id: r.i64(0)?,
            at: r.at(1)?,
            kind: r.text(2)?,
            person_id: PersonId::new(r.i64(3)?),
            other_id: r.opt_i64(4)?.map(PersonId::new),
            detail: r.text(5)?,
            source_event: r.opt_i64(6)?.map(EventId::new),
        })
    };
    const COLUMNS: &str = "id, at, kind, person_id, other_id, detail, source_event";
    let mut all = Vec::new();
    for column in ["person_id", "other_id"] {
        for person in persons {
            all.extend(tx.query(
                &format!("SELECT {COLUMNS} FROM identity_history WHERE {column} = $1 ORDER BY id DESC LIMIT $2"),
                &[person, &i64::from(limit)],
                map,
            )?);
        }
    }
    all.sort_by_key(|h| std::cmp::Reverse(h.id));
    all.dedup();
    all.truncate(limit as usize);
    Ok(all)
}

/// Merges since an instant.
pub fn merges_since(tx: &mut Tx<'_>, since: Timestamp) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM identity_history WHERE kind = 'merge' AND at >= $1", &[&since], |r| r.i64(0))
}
