//! Definitions: audiences and computed traits, and the versions of both.

use throughline_base::{AudienceId, AudienceVersionId, ComputedTraitId, Timestamp};

use crate::db::{Result, Row, StoreError, Tx};

/// An audience as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceRow {
    /// Its id.
    pub id: AudienceId,
    /// Short name for programs and rules, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `active`, `paused`, `archived`.
    pub state: String,
    /// The version in force; `None` until the first one is built.
    pub live_version: Option<AudienceVersionId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

const AUDIENCE: &str = "id, key, name, description, state, live_version, created_at, updated_at";

fn audience(r: &Row<'_>) -> Result<AudienceRow> {
    Ok(AudienceRow {
        id: r.get(0)?,
        key: r.text(1)?,
        name: r.text(2)?,
        description: r.text(3)?,
        state: r.text(4)?,
        live_version: r.get(5)?,
        created_at: r.at(6)?,
        updated_at: r.at(7)?,
    })
}

/// Adds an audience.
pub fn insert(tx: &mut Tx<'_>, a: &AudienceRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO audience (id, key, name, description, state, live_version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[&a.id, &a.key, &a.name, &a.description, &a.state, &a.live_version, &a.created_at, &a.updated_at],
    )
}

/// Writes all but the id and when it was made.
pub fn update(tx: &mut Tx<'_>, a: &AudienceRow) -> Result<()> {
    tx.exec_one(
        "UPDATE audience SET key = $2, name = $3, description = $4, state = $5, live_version = $6, updated_at = $7 \
         WHERE id = $1",
        &[&a.id, &a.key, &a.name, &a.description, &a.state, &a.live_version, &a.updated_at],
    )
}

/// Every audience, by key.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<AudienceRow>> {
    tx.query(&format!("SELECT {AUDIENCE} FROM audience ORDER BY key LIMIT 5000"), &[], audience)
}

/// One audience.
pub fn get(tx: &mut Tx<'_>, id: AudienceId) -> Result<Option<AudienceRow>> {
    tx.query_opt(&format!("SELECT {AUDIENCE} FROM audience WHERE id = $1"), &[&id], audience)
}

/// The audience with a key.
pub fn by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<AudienceRow>> {
    tx.query_opt(&format!("SELECT {AUDIENCE} FROM audience WHERE key = $1"), &[&key], audience)
}

/// A computed trait as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputedTraitRow {
    /// Its id.
    pub id: ComputedTraitId,
    /// Short name for programs and rules, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// What it tells.
    pub description: String,
    /// `active`, `archived`.
    pub state: String,
    /// The version in force; `None` until the first one is built.
    pub live_version: Option<AudienceVersionId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

const TRAIT: &str = "id, key, name, description, state, live_version, created_at, updated_at";

fn computed_trait(r: &Row<'_>) -> Result<ComputedTraitRow> {
    Ok(ComputedTraitRow {
        id: r.get(0)?,
        key: r.text(1)?,
        name: r.text(2)?,
        description: r.text(3)?,
        state: r.text(4)?,
        live_version: r.get(5)?,
        created_at: r.at(6)?,
        updated_at: r.at(7)?,
    })
}

/// Adds a computed trait, or writes all of it but when it was made.
pub fn trait_put(tx: &mut Tx<'_>, t: &ComputedTraitRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO computed_trait (id, key, name, description, state, live_version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET key = excluded.key, \
         name = excluded.name, description = excluded.description, state = excluded.state, \
         live_version = excluded.live_version, updated_at = excluded.updated_at",
        &[&t.id, &t.key, &t.name, &t.description, &t.state, &t.live_version, &t.created_at, &t.updated_at],
    )
}

/// Every computed trait, by key.
pub fn computed_traits(tx: &mut Tx<'_>) -> Result<Vec<ComputedTraitRow>> {
    tx.query(&format!("SELECT {TRAIT} FROM computed_trait ORDER BY key LIMIT 5000"), &[], computed_trait)
}

/// One computed trait.
pub fn trait_get(tx: &mut Tx<'_>, id: ComputedTraitId) -> Result<Option<ComputedTraitRow>> {
    tx.query_opt(&format!("SELECT {TRAIT} FROM computed_trait WHERE id = $1"), &[&id], computed_trait)
}

/// The computed trait with a key.
pub fn trait_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<ComputedTraitRow>> {
    tx.query_opt(&format!("SELECT {TRAIT} FROM computed_trait WHERE key = $1"), &[&key], computed_trait)
}

/// What a version defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// An audience.
    Audience,
    /// A computed trait.
    Computed,
}

impl PartKind {
    /// The stored text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audience => "audience",
            Self::Computed => "computed",
        }
    }
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionState {
    /// Its history is being read.
    Building,
    /// The last attempt to build it failed; it is tried again.
    Failed,
    /// Somebody stopped building it.
    Stopped,
    /// Built and kept current; waits to be put in force.
    Ready,
    /// In force.
    Live,
    /// It was in force.
    Retired,
}

impl VersionState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Building, Self::Failed, Self::Stopped, Self::Ready, Self::Live, Self::Retired];

    /// The stored text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Ready => "ready",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }

    /// Whether the follower keeps it current.
    #[must_use]
    pub const fn is_followed(self) -> bool {
        match self {
            Self::Building | Self::Failed | Self::Ready | Self::Live => true,
            Self::Stopped | Self::Retired => false,
        }
    }
}

/// A version of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its id.
    pub id: AudienceVersionId,
    /// The audience or computed trait.
    pub owner: i64,
    /// Which of both.
    pub kind: PartKind,
    /// Counts up from 1 for each owner.
    pub number: i64,
    /// JSON.
    pub definition: String,
    /// Why it was made.
    pub note: String,
    /// By whom.
    pub actor: String,
    /// Where it stands.
    pub state: VersionState,
    /// Everybody is still to be looked at.
    pub unsettled: bool,
    /// Members, or people with a value.
    pub size: i64,
    /// Put in force as soon as it is built.
    pub auto_apply: bool,
    /// Whoever enters or leaves by its coming into force has an event of it.
    pub announce: bool,
    /// Version of the touch rules that its behaviour was read with.
    pub touch_rules: i64,
    /// The version it took the place of.
    pub replaces: Option<AudienceVersionId>,
    /// Why building failed.
    pub error: Option<String>,
    /// When.
    pub failed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was built.
    pub built_at: Option<Timestamp>,
    /// When it was put in force.
    pub applied_at: Option<Timestamp>,
    /// When another took its place.
    pub retired_at: Option<Timestamp>,
}

const VERSION: &str = "id, owner_id, kind, number, definition, note, actor, state, unsettled, size, auto_apply, announce, \
                       touch_rules, replaces, error, failed_at, created_at, built_at, applied_at, retired_at";

fn version_row(r: &Row<'_>) -> Result<VersionRow> {
    let unknown = |what| StoreError::internal(format!("a stored {what} of an audience is unknown to this version"));
    let kind = [PartKind::Audience, PartKind::Computed].into_iter().find(|k| r.str(2).is_ok_and(|t| t == k.as_str()));
    let state = VersionState::ALL.into_iter().find(|s| r.str(7).is_ok_and(|t| t == s.as_str()));
    Ok(VersionRow {
        id: r.get(0)?,
        owner: r.i64(1)?,
        kind: kind.ok_or_else(|| unknown("kind"))?,
        number: r.i64(3)?,
        definition: r.text(4)?,
        note: r.text(5)?,
        actor: r.text(6)?,
        state: state.ok_or_else(|| unknown("state"))?,
        unsettled: r.bool(8)?,
        size: r.i64(9)?,
        auto_apply: r.bool(10)?,
        announce: r.bool(11)?,
        touch_rules: r.i64(12)?,
        replaces: r.get(13)?,
        error: r.opt_text(14)?,
        failed_at: r.opt_at(15)?,
        created_at: r.at(16)?,
        built_at: r.opt_at(17)?,
        applied_at: r.opt_at(18)?,
        retired_at: r.opt_at(19)?,
    })
}

/// Adds a version.
pub fn version_insert(tx: &mut Tx<'_>, x: &VersionRow) -> Result<()> {
    tx.exec_one(
        "INSERT INTO audience_version (id, owner_id, kind, number, definition, note, actor, state, unsettled, size, \
         auto_apply, announce, touch_rules, replaces, error, failed_at, created_at, built_at, applied_at, retired_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        &[
            &x.id,
            &x.owner,
            &x.kind.as_str(),
            &x.number,
            &x.definition,
            &x.note,
            &x.actor,
            &x.state.as_str(),
            &x.unsettled,
            &x.size,
            &x.auto_apply,
            &x.announce,
            &x.touch_rules,
            &x.replaces,
            &x.error,
            &x.failed_at,
            &x.created_at,
            &x.built_at,
            &x.applied_at,
            &x.retired_at,
        ],
    )
}

/// Writes what changes of a version; its size is not among it, that has [`size_add`](super::size_add).
pub fn version_update(tx: &mut Tx<'_>, x: &VersionRow) -> Result<()> {
    tx.exec_one(
        "UPDATE audience_version SET state = $2, unsettled = $3, auto_apply = $4, announce = $5, touch_rules = $6, \
         replaces = $7, error = $8, failed_at = $9, built_at = $10, applied_at = $11, retired_at = $12 WHERE id = $1",
        &[
            &x.id,
            &x.state.as_str(),
            &x.unsettled,
            &x.auto_apply,
            &x.announce,
            &x.touch_rules,
            &x.replaces,
            &x.error,
            &x.failed_at,
            &x.built_at,
            &x.applied_at,
            &x.retired_at,
        ],
    )
}

/// One version.
pub fn version(tx: &mut Tx<'_>, id: AudienceVersionId) -> Result<Option<VersionRow>> {
    tx.query_opt(&format!("SELECT {VERSION} FROM audience_version WHERE id = $1"), &[&id], version_row)
}

/// Versions of an owner, the newest first.
pub fn versions(tx: &mut Tx<'_>, owner: i64) -> Result<Vec<VersionRow>> {
    tx.query(
        &format!("SELECT {VERSION} FROM audience_version WHERE owner_id = $1 ORDER BY number DESC LIMIT 500"),
        &[&owner],
        version_row,
    )
}

/// Versions in some states, the oldest first.
pub fn versions_in(tx: &mut Tx<'_>, states: &[VersionState]) -> Result<Vec<VersionRow>> {
    let states: Vec<&str> = states.iter().map(|s| s.as_str()).collect();
    let mut all = tx.select_in(
        &format!("SELECT {VERSION} FROM audience_version WHERE state IN ($list)"),
        &[],
        &states,
        version_row,
    )?;
    all.sort_by_key(|x| x.id);
    Ok(all)
}

/// The number of the next version of an owner.
pub fn version_number_next(tx: &mut Tx<'_>, owner: i64) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM audience_version WHERE owner_id = $1";
    tx.query_one(sql, &[&owner], |r| r.i64(0))
}
