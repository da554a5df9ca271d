//! From configuration to the settings of the app.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use throughline_app::secret::KEY_BYTES;
use throughline_app::settings::{ConnectionLimits, LakeSettings, S3Settings};
use throughline_app::{App, Settings, maintenance};
use throughline_base::{Problem, Rng, SystemClock};

use crate::Common;
use crate::config::{self, Config};

/// The layered table of this command line. `more` are further flags as dotted path and value.
pub fn table(common: &Common, more: &[(&str, String)]) -> Result<toml::Table, Problem> {
    let mut flags: Vec<(&str, String)> = Vec::new();
    if let Some(dir) = &common.data {
        flags.push(("data.dir", dir.display().to_string()));
    }
    if let Some(url) = &common.database_url {
        flags.push(("store.database_url", url.clone()));
    }
    flags.extend(more.iter().cloned());
    let env = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    config::layered(common.config.as_deref(), env, &flags)
}

/// The configuration of this command line.
pub fn config(common: &Common, more: &[(&str, String)]) -> Result<Config, Problem> {
    config::typed(table(common, more)?)
}

/// The app of this command line, for verbs that work beside or without a server.
pub fn open(common: &Common, more: &[(&str, String)]) -> Result<Arc<App>, Problem> {
    let c = config(common, more)?;
    crate::serve::log(&c.log.level, "text");
    let mut s = settings(&c)?;
    // A server may be working on the same database; ids of another node are never its.
    s.node = (1 + std::process::id() % 255) as u8;
    App::open(s, Arc::new(SystemClock))
}

/// As [`open`], for verbs that make no sense without a database: a mistyped folder shall not become a new one.
pub fn open_existing(common: &Common) -> Result<Arc<App>, Problem> {
    existing(&config(common, &[])?)?;
    open(common, &[])
}

/// Refuses a configuration whose database is not there. Looks, and makes nothing.
pub fn existing(c: &Config) -> Result<(), Problem> {
    let mut s = Settings::new(&c.data.dir);
    s.database_url.clone_from(&c.store.database_url);
    maintenance::require(&s.database_url())
}

/// Settings of the app.
pub fn settings(c: &Config) -> Result<Settings, Problem> {
    let dir = &c.data.dir;
    fs::create_dir_all(dir).map_err(|e| {
        Problem::unavailable("data_dir", format!("cannot create the data folder {}: {e}", dir.display()))
    })?;
    let mut s = Settings::new(dir);
    s.database_url.clone_from(&c.store.database_url);
    s.cache_kib = c.store.cache_mb.max(4) * 1024;
    let some = |t: &str| if t.is_empty() { None } else { Some(t.to_owned()) };
    s.lake = LakeSettings {
        url: if c.lake.url.is_empty() { dir.join("lake").display().to_string() } else { c.lake.url.clone() },
        buckets: c.lake.buckets,
        s3: S3Settings {
            endpoint: some(&c.lake.s3_endpoint),
            region: some(&c.lake.s3_region),
            access_key_id: some(&c.lake.s3_access_key_id),
            secret_access_key: some(&c.lake.s3_secret_access_key),
            allow_http: c.lake.s3_allow_http,
            ..S3Settings::default()
        },
        ..LakeSettings::default()
    };
    s.seal_after_ms = c.lake.seal_after_seconds as i64 * 1_000;
    s.seal_rows = c.lake.seal_rows as i64;
    s.compact_files = c.lake.compact_files.max(2);
    s.limits.body_bytes = c.collect.max_body_kb * 1024;
    s.limits.inflated_bytes = c.collect.max_inflated_kb * 1024;
    s.limits.event_bytes = c.collect.max_event_kb * 1024;
    s.limits.batch_events = c.collect.max_batch_events;
    s.queue_events = c.collect.queue_events;
    s.connections = ConnectionLimits {
        most: c.server.max_connections,
        head: Duration::from_secs(c.server.head_seconds),
        body: Duration::from_secs(c.server.body_seconds),
    };
    s.metrics_token.clone_from(&c.server.metrics_token);
    s.trust_proxy = c.server.trust_proxy;
    s.public_url.clone_from(&c.server.public_url);
    s.session_ms = i64::from(c.security.session_days) * 86_400_000;
    s.secret = secret(&c.security.secret, dir)?;
    s.credential_keys = credential_keys(&c.secret.key, &c.secret.previous, dir)?;
    s.allow_private = c.destination.allow_private;
    s.time_zone.clone_from(&c.report.time_zone);
    s.currency =
        c.report.currency.parse().map_err(|e| Problem::invalid("config_invalid", format!("report.currency: {e}")))?;
    if c.report.threads > 0 {
        s.report_threads = c.report.threads;
    }
    s.bootstrap_api_key = std::env::var("THROUGHLINE_BOOTSTRAP_API_KEY").ok().filter(|k| !k.is_empty());
    s.bootstrap_write_key = std::env::var("THROUGHLINE_BOOTSTRAP_WRITE_KEY").ok().filter(|k| !k.is_empty());
    s.version = env!("CARGO_PKG_VERSION");
    Ok(s)
}

/// The key of tombstones: configured, else made once and kept in the data folder, readable by its owner alone.
fn secret(configured: &str, dir: &Path) -> Result<Vec<u8>, Problem> {
    if !configured.is_empty() {
        return unhex(configured).filter(|b| b.len() >= 16).ok_or_else(|| {
            Problem::invalid("config_invalid", "security.secret is no hexadecimal text of at least 32 digits")
        });
    }
    let mut keys = key_file(&dir.join("secret.key"))?;
    Ok(keys.swap_remove(0))
}

/// Keys of credentials, the one in force first: configured, else those of a file in the data folder, one a line.
fn credential_keys(configured: &str, previous: &str, dir: &Path) -> Result<Vec<Vec<u8>>, Problem> {
    let read = |name: &str, text: &str| {
        unhex(text).filter(|b| b.len() == KEY_BYTES).ok_or_else(|| {
            let detail = format!("{name} is no hexadecimal text of {} digits", 2 * KEY_BYTES);
            Problem::invalid("config_invalid", detail)
        })
    };
    let mut keys = if configured.is_empty() {
        key_file(&dir.join(CREDENTIALS_FILE))?
    } else {
        vec![read("secret.key", configured)?]
    };
    if !previous.is_empty() {
        keys.push(read("secret.previous", previous)?);
    }
    Ok(keys)
}

/// The file of keys of credentials.
pub const CREDENTIALS_FILE: &str = "credentials.key";

/// Puts a fresh key before those of the file, so that it is in force from the next start on.
pub fn credential_key_add(dir: &Path) -> Result<(), Problem> {
    let file = dir.join(CREDENTIALS_FILE);
    let present = key_file(&file)?;
    let text: String = std::iter::once(Rng::secret(KEY_BYTES)).chain(present).map(|key| hexed(&key) + "\n").collect();
    let fresh = dir.join(format!("{CREDENTIALS_FILE}.new"));
    let cannot = |e: std::io::Error| unkept(&file, &e);
    // A new file renamed over the old one: a crash leaves one or the other, never half of both.
    match fs::remove_file(&fresh) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(cannot(e)),
        Ok(()) | Err(_) => {}
    }
    write_private(&fresh, &text).map_err(cannot)?;
    fs::rename(&fresh, &file).map_err(cannot)
}

/// The keys of a file, one a line; it is made with one when it is not there, readable by its owner alone.
fn key_file(file: &Path) -> Result<Vec<Vec<u8>>, Problem> {
    match fs::read_to_string(file) {
        Ok(text) => {
            let keys: Option<Vec<Vec<u8>>> = text.lines().map(str::trim).filter(|l| !l.is_empty()).map(unhex).collect();
            keys.filter(|k| !k.is_empty()).ok_or_else(|| {
                Problem::invalid("secret", format!("{} is damaged; restore it from a backup", file.display()))
            })
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let bytes = Rng::secret(KEY_BYTES);
            write_private(file, &hexed(&bytes)).map_err(|e| unkept(file, &e))?;
            Ok(vec![bytes])
        }
        Err(e) => Err(unkept(file, &e)),
    }
}

fn unkept(file: &Path, e: &std::io::Error) -> Problem {
    Problem::unavailable("secret", format!("cannot keep the secret in {}: {e}", file.display()))
}

/// Writes a new file that its owner alone may read, on the disk when this returns.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut open = fs::OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    let mut f = open.open(file)?;
    f.write_all(text.as_bytes())?;
    f.sync_all()
}

fn hexed(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}
