//! Configuration: the embedded default file, then a file, then `THROUGHLINE_*` variables, then flags.
//!
//! The default file is the documentation; a setting exists when it stands there.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use throughline_base::Problem;
use toml::{Table, Value};

use crate::check;

/// The commented default file.
pub const DEFAULT: &str = include_str!("default.toml");

/// Settings whose value is never shown.
const SECRETS: [&str; 6] = [
    "lake.s3_secret_access_key",
    "secret.key",
    "secret.previous",
    "security.secret",
    "server.metrics_token",
    "store.database_url",
];

/// The effective configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub data: Data,
    pub store: Store,
    pub lake: Lake,
    pub collect: Collect,
    pub security: Security,
    pub secret: Secret,
    pub destination: Destination,
    pub report: Report,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: String,
    pub public_url: String,
    pub trust_proxy: bool,
    pub drain_seconds: u64,
    pub head_seconds: u64,
    pub body_seconds: u64,
    pub max_connections: usize,
    pub metrics_token: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub database_url: String,
    pub cache_mb: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lake {
    pub url: String,
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_access_key_id: String,
    pub s3_secret_access_key: String,
    pub s3_allow_http: bool,
    pub buckets: u16,
    pub seal_after_seconds: u64,
    pub seal_rows: u64,
    pub compact_files: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    pub queue_events: usize,
    pub max_body_kb: usize,
    pub max_inflated_kb: usize,
    pub max_event_kb: usize,
    pub max_batch_events: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    pub session_days: u32,
    pub secret: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub key: String,
    pub previous: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    pub allow_private: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub time_zone: String,
    pub currency: String,
    pub threads: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: String,
}

/// The layered table: default, then `file`, then `env` (name and value), then `flags` (dotted path and value).
///
/// # Errors
/// When the file cannot be read, a setting does not exist, or a value has the wrong type; the text names both.
pub fn layered(
    file: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
    flags: &[(&str, String)],
) -> Result<Table, Problem> {
    let mut table: Table = DEFAULT.parse().expect("the embedded default file is valid TOML");
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Problem::invalid("config_unreadable", format!("cannot read the configuration file {}: {e}", path.display()))
        })?;
        let over: Table = text.parse().map_err(|e| {
            Problem::invalid(
                "config_invalid",
                format!("the configuration file {} is not valid TOML: {e}", path.display()),
            )
        })?;
        overlay(&mut table, over, &path.display().to_string())?;
    }
    let mut env: Vec<(String, String)> = env.filter(|(k, _)| k.starts_with("THROUGHLINE_")).collect();
    env.sort();
    let settings = leaves(&table);
    check::variables(env.iter().map(|(name, _)| name.as_str()), &settings)?;
    for path in settings {
        let name = check::variable(&path);
        if let Some((_, text)) = env.iter().find(|(k, _)| *k == name) {
            set(&mut table, &path, text, &name)?;
        }
    }
    for (path, text) in flags {
        set(&mut table, path, text, "the command line")?;
    }
    Ok(table)
}

/// Reads the layered table into the typed form.
///
/// # Errors
/// When a value has the wrong type, or cannot work.
pub fn typed(table: Table) -> Result<Config, Problem> {
    let sections = table.clone();
    let c: Config = Value::Table(table).try_into().map_err(|e: toml::de::Error| match negative(&sections) {
        Some(path) => Problem::invalid("config_invalid", format!("{path} is less than 0; expected a number from 0 up")),
        None => Problem::invalid("config_invalid", e.message().to_owned()),
    })?;
    check::values(&c)?;
    Ok(c)
}

/// The setting that is less than nothing, which the parser does not name.
fn negative(table: &Table) -> Option<String> {
    leaves(table).into_iter().find(|path| {
        let (section, key) = path.split_once('.').unwrap_or_default();
        table.get(section).and_then(|s| s.get(key)).and_then(Value::as_integer).is_some_and(|n| n < 0)
    })
}

/// The effective table as TOML text with secrets masked.
#[must_use]
pub fn masked(mut table: Table) -> Table {
    for path in SECRETS {
        let (section, key) = path.split_once('.').expect("secrets are named section.key");
        let Some(Value::Table(section)) = table.get_mut(section) else { continue };
        if let Some(Value::String(text)) = section.get_mut(key)
            && !text.is_empty()
        {
            *text = mask(text);
        }
    }
    table
}

/// The effective table with secrets masked, as JSON.
#[must_use]
pub fn shown(table: Table) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(masked(table)) {
        Ok(serde_json::Value::Object(sections)) => sections,
        Ok(_) | Err(_) => serde_json::Map::new(),
    }
}

/// Masks a whole secret, or the password inside a URL.
fn mask(text: &str) -> String {
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (login, host))) => {
            let user = login.split_once(':').map_or(login, |(u, _)| u);
            format!("{scheme}://{user}:***@{host}")
        }
        None if text.contains("://") => text.to_owned(),
        None => "***".to_owned(),
    }
}

fn overlay(base: &mut Table, over: Table, file: &str) -> Result<(), Problem> {
    for (section, value) in over {
        let Value::Table(keys) = value else {
            return Err(unknown(&section, file));
        };
        let Some(Value::Table(into)) = base.get_mut(&section) else {
            return Err(unknown(&section, file));
        };
        for (key, value) in keys {
            let path = format!("{section}.{key}");
            let slot = into.get_mut(&key).ok_or_else(|| unknown(&path, file))?;
            if slot.type_str() != value.type_str() {
                return Err(wrong_type(&path, slot, file));
            }
            *slot = value;
        }
    }
    Ok(())
}

fn leaves(table: &Table) -> Vec<String> {
    table
        .iter()
        .filter_map(|(section, v)| Some((section, v.as_table()?)))
        .flat_map(|(section, keys)| keys.keys().map(move |k| format!("{section}.{k}")))
        .collect()
}

fn set(table: &mut Table, path: &str, text: &str, origin: &str) -> Result<(), Problem> {
    let slot = path
        .split_once('.')
        .and_then(|(section, key)| table.get_mut(section)?.as_table_mut()?.get_mut(key))
        .ok_or_else(|| unknown(path, origin))?;
    let parsed = match slot {
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::String(_) | Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => {
            Some(Value::String(text.to_owned()))
        }
    };
    *slot = parsed.ok_or_else(|| wrong_type(path, slot, origin))?;
    Ok(())
}

fn unknown(path: &str, origin: &str) -> Problem {
    Problem::invalid(
        "config_unknown",
        format!("{origin} sets `{path}`, which does not exist; `throughline config --default` lists every setting"),
    )
}

fn wrong_type(path: &str, slot: &Value, origin: &str) -> Problem {
    Problem::invalid("config_invalid", format!("{origin} sets `{path}` to something that is no {}", slot.type_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn the_embedded_default_file_reads_into_the_typed_form() {
        let c = typed(layered(None, env(&[]), &[]).unwrap()).unwrap();
        assert_eq!(c.server.listen, "127.0.0.1:8080");
    }

    #[test]
    fn later_layers_win() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t.toml");
        std::fs::write(&file, "[server]\nlisten = \"a:1\"\ndrain_seconds = 3\n").unwrap();
        let pairs = [("THROUGHLINE_SERVER_LISTEN", "b:2"), ("THROUGHLINE_LAKE_BUCKETS", "4")];
        let c = typed(layered(Some(&file), env(&pairs), &[("data.dir", "x".into())]).unwrap()).unwrap();
        assert_eq!((c.server.listen.as_str(), c.server.drain_seconds, c.lake.buckets), ("b:2", 3, 4));
        assert_eq!(c.data.dir, PathBuf::from("x"));
    }

    #[test]
    fn a_misspelt_setting_and_a_wrong_type_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t.toml");
        std::fs::write(&file, "[server]\nlitsen = \"a:1\"\n").unwrap();
        assert!(layered(Some(&file), env(&[]), &[]).unwrap_err().detail.contains("server.litsen"));
        let e = layered(None, env(&[("THROUGHLINE_LAKE_BUCKETS", "many")]), &[]).unwrap_err();
        assert!(e.detail.contains("lake.buckets") && e.detail.contains("THROUGHLINE_LAKE_BUCKETS"));
    }

    #[test]
    fn secrets_are_masked() {
        let pairs = [
            ("THROUGHLINE_SECURITY_SECRET", "abc"),
            ("THROUGHLINE_STORE_DATABASE_URL", "postgres://me:pa@ss@db.example/x"),
        ];
        let text = masked(layered(None, env(&pairs), &[]).unwrap()).to_string();
        assert!(!text.contains("abc") && !text.contains("pa@ss"), "{text}");
        assert!(text.contains("postgres://me:***@db.example/x"));
    }
}
