//! Rows of the room `team`: users, sessions, API keys, the audit chain.

use throughline_base::{ApiKeyId, Cursor, Page, Timestamp, UserId};

use crate::db::{Result, Row, Tx};

/// A user of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// Lower-case address, unique.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// argon2id.
    pub password_hash: String,
    /// Role.
    pub role: String,
    /// `zh-CN` or `en`.
    pub locale: String,
    /// May not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last sign-in.
    pub last_seen_at: Option<Timestamp>,
}

const USER: &str = "id, email, name, password_hash, role, locale, disabled, created_at, last_seen_at";

fn user(r: &Row<'_>) -> Result<UserRow> {
    Ok(UserRow {
        id: UserId::new(r.i64(0)?),
        email: r.text(1)?,
        name: r.text(2)?,
        password_hash: r.text(3)?,
        role: r.text(4)?,
        locale: r.text(5)?,
        disabled: r.bool(6)?,
        created_at: r.at(7)?,
        last_seen_at: r.opt_at(8)?,
    })
}

/// Every user.
pub fn users(tx: &mut Tx<'_>) -> Result<Vec<UserRow>> {
    tx.query(&format!("SELECT {USER} FROM app_user ORDER BY created_at, id LIMIT 5000"), &[], user)
}

/// One by id.
pub fn user_get(tx: &mut Tx<'_>, id: UserId) -> Result<Option<UserRow>> {
    tx.query_opt(&format!("SELECT {USER} FROM app_user WHERE id = $1"), &[&id], user)
}

/// One by address.
pub fn user_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<UserRow>> {
    tx.query_opt(&format!("SELECT {USER} FROM app_user WHERE email = $1"), &[&email], user)
}

/// How many there are.
pub fn user_count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM app_user", &[], |r| r.i64(0))
}

/// Adds a user.
pub fn user_insert(tx: &mut Tx<'_>, u: &UserRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO app_user (id, email, name, password_hash, role, locale, disabled, created_at, last_seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[&u.id, &u.email, &u.name, &u.password_hash, &u.role, &u.locale, &u.disabled, &u.created_at, &u.last_seen_at],
    )
}

/// Changes a user.
pub fn user_update(tx: &mut Tx<'_>, u: &UserRow) -> Result<()> {
    tx.exec_one(
        "UPDATE app_user SET email = $2, name = $3, password_hash = $4, role = $5, locale = $6, disabled = $7, \
         last_seen_at = $8 WHERE id = $1",
        &[&u.id, &u.email, &u.name, &u.password_hash, &u.role, &u.locale, &u.disabled, &u.last_seen_at],
    )
}

/// Removes a user and its sessions.
pub fn user_delete(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    tx.exec("DELETE FROM app_session WHERE user_id = $1", &[&id])?;
    tx.exec_one("DELETE FROM app_user WHERE id = $1", &[&id])
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the cookie.
    pub token_hash: String,
    /// Whose.
    pub user_id: UserId,
    /// Token that writes must repeat in a header.
    pub csrf: String,
    /// Since.
    pub created_at: Timestamp,
    /// Until.
    pub expires_at: Timestamp,
}

/// Adds a session.
pub fn session_insert(tx: &mut Tx<'_>, s: &SessionRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO app_session (token_hash, user_id, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &[&s.token_hash, &s.user_id, &s.csrf, &s.created_at, &s.expires_at],
    )
}

/// The session of a cookie, if it has not ended.
pub fn session_get(tx: &mut Tx<'_>, token_hash: &str, now: Timestamp) -> Result<Option<SessionRow>> {
    tx.query_opt(
        "SELECT token_hash, user_id, csrf, created_at, expires_at FROM app_session \
         WHERE token_hash = $1 AND expires_at > $2",
        &[&token_hash, &now],
        |r| {
            Ok(SessionRow {
                token_hash: r.text(0)?,
                user_id: UserId::new(r.i64(1)?),
                csrf: r.text(2)?,
                created_at: r.at(3)?,
                expires_at: r.at(4)?,
            })
        },
    )
}

/// Ends a session.
pub fn session_delete(tx: &mut Tx<'_>, token_hash: &str) -> Result<u64> {
    tx.exec("DELETE FROM app_session WHERE token_hash = $1", &[&token_hash])
}

/// Ends the sessions of a user but one.
pub fn sessions_end(tx: &mut Tx<'_>, user: UserId, but: &str) -> Result<u64> {
    tx.exec("DELETE FROM app_session WHERE user_id = $1 AND token_hash <> $2", &[&user, &but])
}

/// Removes sessions that have ended.
pub fn sessions_purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.exec("DELETE FROM app_session WHERE expires_at <= $1", &[&now])
}

/// A key of the admin API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// Name for people.
    pub name: String,
    /// SHA-256 of the key.
    pub key_hash: String,
    /// Start and end of the key, to recognise it.
    pub hint: String,
    /// Scopes, joined by blanks.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

const API_KEY: &str = "id, name, key_hash, hint, scopes, created_at, last_used_at, revoked_at";

fn api_key(r: &Row<'_>) -> Result<ApiKeyRow> {
    Ok(ApiKeyRow {
        id: ApiKeyId::new(r.i64(0)?),
        name: r.text(1)?,
        key_hash: r.text(2)?,
        hint: r.text(3)?,
        scopes: r.text(4)?,
        created_at: r.at(5)?,
        last_used_at: r.opt_at(6)?,
        revoked_at: r.opt_at(7)?,
    })
}

/// Every key.
pub fn api_keys(tx: &mut Tx<'_>) -> Result<Vec<ApiKeyRow>> {
    tx.query(&format!("SELECT {API_KEY} FROM api_key ORDER BY created_at, id LIMIT 5000"), &[], api_key)
}

/// The key with a hash.
pub fn api_key_by_hash(tx: &mut Tx<'_>, hash: &str) -> Result<Option<ApiKeyRow>> {
    tx.query_opt(&format!("SELECT {API_KEY} FROM api_key WHERE key_hash = $1"), &[&hash], api_key)
}

/// Adds a key.
pub fn api_key_insert(tx: &mut Tx<'_>, k: &ApiKeyRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO api_key (id, name, key_hash, hint, scopes, created_at, last_used_at, revoked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key_hash) DO NOTHING",
        &[&k.id, &k.name, &k.key_hash, &k.hint, &k.scopes, &k.created_at, &k.last_used_at, &k.revoked_at],
    )
}

/// Notes a use.
pub fn api_key_used(tx: &mut Tx<'_>, id: ApiKeyId, now: Timestamp) -> Result<u64> {
    tx.exec("UPDATE api_key SET last_used_at = $2 WHERE id = $1", &[&id, &now])
}

/// Revokes a key.
pub fn api_key_revoke(tx: &mut Tx<'_>, id: ApiKeyId, now: Timestamp) -> Result<()> {
    tx.exec_one("UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", &[&id, &now])
}

/// A row of the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done, noun first: `person.unmerge`.
    pub action: String,
    /// To what.
    pub object: String,
    /// JSON without personal data.
    pub detail: String,
    /// Hash of the row before.
    pub prev_hash: String,
    /// Hash of this row.
    pub hash: String,
}

fn audit(r: &Row<'_>) -> Result<AuditRow> {
    Ok(AuditRow {
        id: r.i64(0)?,
        at: r.at(1)?,
        actor: r.text(2)?,
        action: r.text(3)?,
        object: r.text(4)?,
        detail: r.text(5)?,
        prev_hash: r.text(6)?,
        hash: r.text(7)?,
    })
}

/// The hash of the newest row; empty at the start.
pub fn audit_head(tx: &mut Tx<'_>) -> Result<String> {
    Ok(tx.query_opt("SELECT hash FROM audit ORDER BY id DESC LIMIT 1", &[], |r| r.text(0))?.unwrap_or_default())
}

/// Appends a row.
pub fn audit_insert(tx: &mut Tx<'_>, a: &AuditRow) -> Result<u64> {
    tx.exec(
        "INSERT INTO audit (id, at, actor, action, object, detail, prev_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[&a.id, &a.at, &a.actor, &a.action, &a.object, &a.detail, &a.prev_hash, &a.hash],
    )
}

/// A page, newest first.
pub fn audit_list(tx: &mut Tx<'_>, cursor: Option<Cursor>, limit: u32) -> Result<Page<AuditRow>> {
    let before = cursor.map_or(i64::MAX, |c| c.id);
    let rows = tx.query(
        "SELECT id, at, actor, action, object, detail, prev_hash, hash FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
        &[&before, &(i64::from(limit) + 1)],
        audit,
    )?;
    Ok(Page::cut(rows, limit, |a| Cursor { key: a.id, id: a.id }))
}

/// Rows after a number, oldest first, to walk the chain.
pub fn audit_after(tx: &mut Tx<'_>, after: i64, limit: u32) -> Result<Vec<AuditRow>> {
    tx.query(
        "SELECT id, at, actor, action, object, detail, prev_hash, hash FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
        &[&after, &i64::from(limit)],
        audit,
    )
}
