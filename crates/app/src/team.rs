//! First run, sign-in, users, API keys and the audit chain.

use std::collections::HashMap;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::Mutex;
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use throughline_base::{ApiKeyId, Cursor, Page, Problem, ProblemKind, Rng, SourceId, Timestamp, UserId};
use throughline_domain::person::consent::hex;
use throughline_domain::team::{LOGIN_PAUSE_MS, LOGIN_TRIES, Role, Scope, audit_hash, password_problem};
use throughline_store::source::SourceKey;
use throughline_store::team::{ApiKeyRow, AuditRow, SessionRow, UserRow};
use throughline_store::{Tx, credit, event, source, team};

use crate::registry::{Source, SourceSettings};
use crate::{App, Result};

pub use throughline_store::team::ApiKeyRow as ApiKeyInfo;

/// Who asks, and what they may do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For the audit: `usr_…`, `key_…`, `bootstrap`, `cli`.
    pub actor: String,
    /// The user, when it is one.
    pub user: Option<User>,
    /// Rights.
    pub scopes: Vec<Scope>,
    /// Token that writes must repeat; `None` for keys, which browsers do not send by themselves.
    pub csrf: Option<String>,
}

impl Caller {
    /// The operator at the command line: every right.
    #[must_use]
    pub fn cli() -> Self {
        Self { actor: "cli".into(), user: None, scopes: Scope::ALL.to_vec(), csrf: None }
    }

    /// Probabilistic matching, for the log: it may nothing that is asked for.
    #[must_use]
    pub fn matcher() -> Self {
        Self { actor: "matcher".into(), user: None, scopes: Vec::new(), csrf: None }
    }

    /// Whether the right is there.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Refuses when the right is missing.
    ///
    /// # Errors
    /// `forbidden`, naming the right.
    pub fn need(&self, scope: Scope) -> Result<()> {
        if self.has(scope) {
            return Ok(());
        }
        Err(Problem::new(
            ProblemKind::Forbidden,
            "missing_scope",
            format!("this needs the right `{}`, which you do not have; ask an administrator", scope.as_str()),
        ))
    }
}

/// A user as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Language of the console.
    pub locale: String,
    /// May not sign in.
    pub disabled: bool,
    /// Since.
    pub created_at: Timestamp,
    /// Last sign-in.
    pub last_seen_at: Option<Timestamp>,
}

impl User {
    fn from_row(r: &UserRow) -> Self {
        Self {
            id: r.id,
            email: r.email.clone(),
            name: r.name.clone(),
            role: Role::parse(&r.role).unwrap_or(Role::Viewer),
            locale: r.locale.clone(),
            disabled: r.disabled,
            created_at: r.created_at,
            last_seen_at: r.last_seen_at,
        }
    }
}

/// A fresh sign-in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The cookie's value; only its hash is stored.
    pub token: String,
    /// Token that writes must repeat.
    pub csrf: String,
    /// Who.
    pub user: User,
}

/// Counts failed sign-ins by address and by client, so that neither one address nor one client can be tried for ever.
#[derive(Debug, Default)]
pub struct Door(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Door {
    /// Seconds until the next try is allowed; `None` when it is now.
    fn closed_for(&self, keys: &[String], now: Timestamp) -> Option<i64> {
        let map = self.0.lock();
        keys.iter()
            .filter_map(|k| map.get(k))
            .filter(|(n, since)| *n >= LOGIN_TRIES && now.since(*since) < LOGIN_PAUSE_MS)
            .map(|(_, since)| (LOGIN_PAUSE_MS - now.since(*since)) / 1_000 + 1)
            .max()
    }

    fn failed(&self, keys: &[String], now: Timestamp) {
        let mut map = self.0.lock();
        map.retain(|_, (_, since)| now.since(*since) < LOGIN_PAUSE_MS);
        for k in keys {
            let e = map.entry(k.clone()).or_insert((0, now));
            *e = (e.0 + 1, now);
        }
    }

    fn succeeded(&self, keys: &[String]) {
        let mut map = self.0.lock();
        for k in keys {
            map.remove(k);
        }
    }
}

/// A new user or a change of one.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// Address.
    pub email: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// New password.
    pub password: Option<String>,
    /// Language.
    pub locale: Option<String>,
    /// May not sign in.
    pub disabled: Option<bool>,
}

fn hasher() -> Argon2<'static> {
    // OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane.
    let params = Params::new(19 * 1024, 2, 1, None).expect("fixed parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_password(password: &str) -> Result<String> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|h| h.to_string())
        .map_err(|_| Problem::internal("password_hash", "the password could not be hashed"))
}

fn verify_password(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|h| hasher().verify_password(password.as_bytes(), &h).is_ok())
}

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn token() -> String {
    hex(&Rng::secret(32))
}

fn clean_email(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let ok = email.split_once('@').is_some_and(|(l, d)| !l.is_empty() && d.contains('.') && !d.starts_with('.'));
    if ok && email.len() <= 254 && !email.contains(char::is_whitespace) {
        Ok(email)
    } else {
        Err(Problem::invalid("email", "this is no e-mail address; expected name@example.com"))
    }
}

fn clean_locale(text: &str) -> String {
    if text.to_lowercase().starts_with("zh") { "zh-CN".into() } else { "en".into() }
}

/// Appends to the audit chain, in the transaction of what it records. `detail` must hold no personal data.
pub(crate) fn audit(
    tx: &mut Tx<'_>,
    app: &App,
    actor: &str,
    action: &str,
    object: &str,
    detail: &serde_json::Value,
) -> throughline_store::Result<()> {
    let at = app.now();
    let detail = detail.to_string();
    let prev_hash = team::audit_head(tx)?;
    let hash = audit_hash(&prev_hash, at.ms(), actor, action, object, &detail);
    team::audit_insert(
        tx,
        &AuditRow {
            id: app.ids.next(),
            at,
            actor: actor.into(),
            action: action.into(),
            object: object.into(),
            detail,
            prev_hash,
            hash,
        },
    )?;
    Ok(())
}

impl App {
    /// Puts what the environment gives in place: API key, write key, the default conversion. Runs at every start and
    /// changes nothing the second time.
    pub(crate) fn bootstrap(&self) -> Result<()> {
        let now = self.now();
        self.db.write(|tx| {
            if let Some(key) = &self.settings.bootstrap_write_key {
                let row = match source::by_name(tx, "bootstrap")? {
                    Some(row) => row,
                    None => {
                        let s = Source {
                            id: SourceId::new(self.ids.next()),
                            name: "bootstrap".into(),
                            kind: "server".into(),
                            active: true,
                            settings: SourceSettings::of_kind("server"),
                            created_at: now,
                        };
                        source::insert(tx, &s.to_row())?;
                        s.to_row()
                    }
                };
                source::key_insert(
                    tx,
                    &SourceKey {
                        id: self.ids.next(),
                        source_id: row.id,
                        write_key: key.clone(),
                        created_at: now,
                        expires_at: None,
                    },
                )?;
            }
            if credit::conversions(tx)?.is_empty() && event::setting_get(tx, "conversions_seeded")?.is_none() {
                crate::credit::seed_conversions(tx, self)?;
                event::setting_put(tx, "conversions_seeded", &"1")?;
            }
            team::sessions_purge(tx, now)?;
            Ok(())
        })?;
        self.registry.refresh(&self.db)
    }

    /// Whether the owner has still to be made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn needs_owner(&self) -> Result<bool> {
        Ok(self.db.read(team::user_count)? == 0)
    }

    /// Makes the owner at first run and signs them in.
    ///
    /// # Errors
    /// When there is one already, or address or password cannot be used.
    pub fn owner_create(&self, email: &str, name: &str, password: &str, locale: &str) -> Result<SignedIn> {
        let row = self.user_row(
            &UserChange {
                email: Some(email.into()),
                name: Some(name.into()),
                role: Some(Role::Owner),
                password: Some(password.into()),
                locale: Some(locale.into()),
                disabled: None,
            },
            None,
        )?;
        self.db.write(|tx| {
            if team::user_count(tx)? > 0 {
                return Err(Problem::conflict("owner_exists", "the owner account exists; sign in instead").into());
            }
            team::user_insert(tx, &row)?;
            audit(tx, self, &row.id.to_string(), "owner.create", &row.id.to_string(), &serde_json::json!({}))
        })?;
        self.session_open(&row)
    }

    /// Signs in. `client` is the address of the browser, for throttling.
    ///
    /// # Errors
    /// `bad_credentials` without saying which part is wrong, or `too_many_attempts`.
    pub fn sign_in(&self, email: &str, password: &str, client: &str) -> Result<SignedIn> {
        let now = self.now();
        let email = email.trim().to_lowercase();
        let keys = [format!("e:{email}"), format!("c:{client}")];
        if let Some(seconds) = self.door.closed_for(&keys, now) {
            return Err(Problem::new(
                ProblemKind::Busy,
                "too_many_attempts",
                format!("too many failed sign-ins; try again in {seconds} s"),
            ));
        }
        let row = self.db.read(|tx| team::user_by_email(tx, &email))?;
        // An unknown address costs the same work, so that the time of the answer tells nothing.
        const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
                              sVdCrbB9bXTnYnvCsVMkVt7zVzVJyXKbLVjVmJXG1k8";
        let ok = verify_password(password, row.as_ref().map_or(NOBODY, |r| r.password_hash.as_str()));
        match row {
            Some(mut row) if ok && !row.disabled => {
                self.door.succeeded(&keys);
                row.last_seen_at = Some(now);
                self.db.write(|tx| {
                    team::user_update(tx, &row)?;
                    audit(tx, self, &row.id.to_string(), "session.open", &row.id.to_string(), &serde_json::json!({}))
                })?;
                self.session_open(&row)
            }
            Some(_) | None => {
                self.door.failed(&keys, now);
                Err(Problem::new(
                    ProblemKind::Unauthenticated,
                    "bad_credentials",
                    "address or password is wrong, or the account is disabled",
                ))
            }
        }
    }

    fn session_open(&self, row: &UserRow) -> Result<SignedIn> {
        let now = self.now();
        let (cookie, csrf) = (token(), token());
        let session = SessionRow {
            token_hash: sha256_hex(&cookie),
            user_id: row.id,
            csrf: csrf.clone(),
            created_at: now,
            expires_at: now.plus_ms(self.settings.session_ms),
        };
        self.db.write(|tx| team::session_insert(tx, &session))?;
        Ok(SignedIn { token: cookie, csrf, user: User::from_row(row) })
    }

    /// Signs out.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn sign_out(&self, cookie: &str) -> Result<()> {
        self.db.write(|tx| team::session_delete(tx, &sha256_hex(cookie)))?;
        Ok(())
    }

    /// The caller of a session cookie.
    ///
    /// # Errors
    /// When it is unknown or has ended.
    pub fn caller_by_cookie(&self, cookie: &str) -> Result<Caller> {
        let now = self.now();
        let found = self.db.read(|tx| {
            let Some(s) = team::session_get(tx, &sha256_hex(cookie), now)? else { return Ok(None) };
            Ok(team::user_get(tx, s.user_id)?.map(|u| (s, u)))
        })?;
        match found {
            Some((s, u)) if !u.disabled => {
                let user = User::from_row(&u);
                Ok(Caller {
                    actor: user.id.to_string(),
                    scopes: user.role.scopes().to_vec(),
                    user: Some(user),
                    csrf: Some(s.csrf),
                })
            }
            Some(_) | None => Err(Problem::new(ProblemKind::Unauthenticated, "not_signed_in", "sign in first")),
        }
    }

    /// The caller of an API key.
    ///
    /// # Errors
    /// When it is unknown or revoked.
    pub fn caller_by_key(&self, key: &str) -> Result<Caller> {
        if let Some(bootstrap) = &self.settings.bootstrap_api_key
            && bool::from(sha256_hex(bootstrap).as_bytes().ct_eq(sha256_hex(key).as_bytes()))
        {
            return Ok(Caller { actor: "bootstrap".into(), user: None, scopes: Scope::ALL.to_vec(), csrf: None });
        }
        let now = self.now();
        let row = self.db.read(|tx| team::api_key_by_hash(tx, &sha256_hex(key)))?;
        match row {
            Some(k) if k.revoked_at.is_none() => {
                if k.last_used_at.is_none_or(|t| now.since(t) > 60_000) {
                    self.db.write(|tx| team::api_key_used(tx, k.id, now))?;
                }
                let scopes = k.scopes.split(' ').filter_map(Scope::parse).collect();
                Ok(Caller { actor: k.id.to_string(), user: None, scopes, csrf: None })
            }
            Some(_) | None => {
                Err(Problem::new(ProblemKind::Unauthenticated, "bad_key", "the API key is unknown or revoked"))
            }
        }
    }

    /// Every user.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn users(&self) -> Result<Vec<User>> {
        Ok(self.db.read(team::users)?.iter().map(User::from_row).collect())
    }

    /// Adds a user.
    ///
    /// # Errors
    /// When the address is taken, or address or password cannot be used.
    pub fn user_create(&self, caller: &Caller, change: &UserChange) -> Result<User> {
        let row = self.user_row(change, None)?;
        self.may_grant(caller, &row)?;
        self.db
            .write(|tx| {
                team::user_insert(tx, &row)?;
                let detail = serde_json::json!({ "role": row.role });
                audit(tx, self, &caller.actor, "user.create", &row.id.to_string(), &detail)
            })
            .map_err(|e| match e {
                throughline_store::StoreError::Conflict(_) => {
                    Problem::conflict("email_taken", "there is a user with this address already")
                }
                other => other.into(),
            })?;
        Ok(User::from_row(&row))
    }

    /// Changes a user; a new password ends the user's other sessions.
    ///
    /// # Errors
    /// When there is no such user, or the change would leave no owner.
    pub fn user_update(&self, caller: &Caller, id: UserId, change: &UserChange) -> Result<User> {
        let old = self.user_of(id)?;
        let row = self.user_row(change, Some(&old))?;
        self.may_grant(caller, &old)?;
        self.may_grant(caller, &row)?;
        self.db.write(|tx| {
            team::user_update(tx, &row)?;
            if change.password.is_some() || row.disabled {
                team::sessions_end(tx, id, "")?;
            }
            keep_an_owner(tx)?;
            let detail = serde_json::json!({
                "role": row.role, "disabled": row.disabled, "password_changed": change.password.is_some()
            });
            audit(tx, self, &caller.actor, "user.update", &id.to_string(), &detail)
        })?;
        Ok(User::from_row(&row))
    }

    /// Changes the caller's own password after checking the present one.
    ///
    /// # Errors
    /// When the present password is wrong or the new one cannot be used.
    pub fn password_change(&self, caller: &Caller, current: &str, new: &str, cookie: &str) -> Result<()> {
        let Some(user) = &caller.user else {
            return Err(Problem::invalid("not_a_user", "an API key has no password"));
        };
        let old = self.user_of(user.id)?;
        if !verify_password(current, &old.password_hash) {
            return Err(Problem::invalid("bad_password", "the present password is wrong"));
        }
        let change = UserChange { password: Some(new.into()), ..UserChange::default() };
        let row = self.user_row(&change, Some(&old))?;
        self.db.write(|tx| {
            team::user_update(tx, &row)?;
            team::sessions_end(tx, user.id, &sha256_hex(cookie))?;
            audit(tx, self, &caller.actor, "password.change", &user.id.to_string(), &serde_json::json!({}))
        })?;
        Ok(())
    }

    /// Changes the caller's own name and language.
    ///
    /// # Errors
    /// When the caller is a key.
    pub fn profile_change(&self, caller: &Caller, name: Option<String>, locale: Option<String>) -> Result<User> {
        let Some(user) = &caller.user else {
            return Err(Problem::invalid("not_a_user", "an API key has no profile"));
        };
        let change = UserChange { name, locale, ..UserChange::default() };
        let row = self.user_row(&change, Some(&self.user_of(user.id)?))?;
        self.db.write(|tx| team::user_update(tx, &row))?;
        Ok(User::from_row(&row))
    }

    /// Removes a user.
    ///
    /// # Errors
    /// When there is no such user, or no owner would be left.
    pub fn user_delete(&self, caller: &Caller, id: UserId) -> Result<()> {
        let row = self.user_of(id)?;
        self.may_grant(caller, &row)?;
        self.db.write(|tx| {
            team::user_delete(tx, id)?;
            keep_an_owner(tx)?;
            audit(tx, self, &caller.actor, "user.delete", &id.to_string(), &serde_json::json!({}))
        })?;
        Ok(())
    }

    /// Only somebody who has every right of a role may give or take it.
    fn may_grant(&self, caller: &Caller, row: &UserRow) -> Result<()> {
        let role = Role::parse(&row.role).unwrap_or(Role::Viewer);
        for scope in role.scopes() {
            caller.need(*scope)?;
        }
        Ok(())
    }

    fn user_of(&self, id: UserId) -> Result<UserRow> {
        self.db
            .read(|tx| team::user_get(tx, id))?
            .ok_or_else(|| Problem::not_found("user_unknown", format!("there is no user {id}")))
    }

    fn user_row(&self, change: &UserChange, old: Option<&UserRow>) -> Result<UserRow> {
        let email = match (&change.email, old) {
            (Some(text), _) => clean_email(text)?,
            (None, Some(o)) => o.email.clone(),
            (None, None) => return Err(Problem::invalid("email", "a user needs an e-mail address")),
        };
        let password_hash = match (&change.password, old) {
            (Some(p), _) => match password_problem(p, &email) {
                Some(text) => return Err(Problem::invalid("weak_password", text)),
                None => hash_password(p)?,
            },
            (None, Some(o)) => o.password_hash.clone(),
            (None, None) => return Err(Problem::invalid("password", "a new user needs a password")),
        };
        let name = change.name.clone().or_else(|| old.map(|o| o.name.clone())).unwrap_or_default();
        Ok(UserRow {
            id: old.map_or_else(|| UserId::new(self.ids.next()), |o| o.id),
            name: name.trim().chars().take(100).collect(),
            email,
            password_hash,
            role: match (change.role, old) {
                (Some(r), _) => r.as_str().into(),
                (None, Some(o)) => o.role.clone(),
                (None, None) => Role::Viewer.as_str().into(),
            },
            locale: match (&change.locale, old) {
                (Some(l), _) => clean_locale(l),
                (None, Some(o)) => o.locale.clone(),
                (None, None) => "en".into(),
            },
            disabled: change.disabled.unwrap_or_else(|| old.is_some_and(|o| o.disabled)),
            created_at: old.map_or_else(|| self.now(), |o| o.created_at),
            last_seen_at: old.and_then(|o| o.last_seen_at),
        })
    }

    /// Every API key, without the keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn api_keys(&self) -> Result<Vec<ApiKeyRow>> {
        Ok(self.db.read(team::api_keys)?)
    }

    /// Makes an API key; the key itself is returned once and never again.
    ///
    /// # Errors
    /// When it would have rights that the caller has not.
    pub fn api_key_create(&self, caller: &Caller, name: &str, scopes: &[Scope]) -> Result<(ApiKeyRow, String)> {
        for s in scopes {
            caller.need(*s)?;
        }
        if scopes.is_empty() {
            return Err(Problem::invalid("scopes", "choose at least one right for the key"));
        }
        let key = format!("tl_{}", token());
        let row = ApiKeyRow {
            id: ApiKeyId::new(self.ids.next()),
            name: name.trim().chars().take(100).collect(),
            key_hash: sha256_hex(&key),
            hint: format!("tl_…{}", &key[key.len() - 4..]),
            scopes: scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" "),
            created_at: self.now(),
            last_used_at: None,
            revoked_at: None,
        };
        self.db.write(|tx| {
            team::api_key_insert(tx, &row)?;
            let detail = serde_json::json!({ "scopes": row.scopes });
            audit(tx, self, &caller.actor, "api_key.create", &row.id.to_string(), &detail)
        })?;
        Ok((row, key))
    }

    /// Revokes an API key.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn api_key_revoke(&self, caller: &Caller, id: ApiKeyId) -> Result<()> {
        self.db.write(|tx| {
            team::api_key_revoke(tx, id, self.now())?;
            audit(tx, self, &caller.actor, "api_key.revoke", &id.to_string(), &serde_json::json!({}))
        })?;
        Ok(())
    }

    /// A page of the audit log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit_page(&self, cursor: Option<Cursor>, limit: u32) -> Result<Page<AuditRow>> {
        Ok(self.db.read(|tx| team::audit_list(tx, cursor, limit))?)
    }

    /// Walks the audit chain; returns how many rows hold, and the first that does not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit_verify(&self) -> Result<(u64, Option<i64>)> {
        let (mut after, mut prev, mut good) = (0, String::new(), 0);
        loop {
            let rows = self.db.read(|tx| team::audit_after(tx, after, 1_000))?;
            if rows.is_empty() {
                return Ok((good, None));
            }
            for r in rows {
                let hash = audit_hash(&prev, r.at.ms(), &r.actor, &r.action, &r.object, &r.detail);
                if r.prev_hash != prev || r.hash != hash {
                    return Ok((good, Some(r.id)));
                }
                good += 1;
                after = r.id;
                prev = r.hash;
            }
        }
    }
}

fn keep_an_owner(tx: &mut Tx<'_>) -> throughline_store::Result<()> {
    let owners = team::users(tx)?.iter().filter(|u| u.role == "owner" && !u.disabled).count();
    if owners == 0 {
        return Err(Problem::conflict("last_owner", "this would leave no owner; make another one first").into());
    }
    Ok(())
}
