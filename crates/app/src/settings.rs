//! What an installation decides: where data lies, limits, zones. Made by the server from its configuration.

use std::path::PathBuf;
use std::time::Duration;

use throughline_base::Currency;
use throughline_base::time::HOUR_MS;
use throughline_domain::event::wire::Limits;
pub use throughline_lake::{LakeConfig as LakeSettings, S3Config as S3Settings};

/// Whether there is a time zone of this name.
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// How many connections there may be, and how long a request may take to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Open connections.
    pub most: usize,
    /// Time for the head of a request, and for the next request of an open connection.
    pub head: Duration,
    /// Time for a body, to which every KiB that comes adds a second.
    pub body: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { most: 1_000, head: Duration::from_secs(30), body: Duration::from_secs(30) }
    }
}

/// Settings in force. [`Settings::new`] has the defaults of a small shop.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of everything this node writes.
    pub data_dir: PathBuf,
    /// Empty for SQLite in the data folder.
    pub database_url: String,
    /// Memory for database pages, KiB.
    pub cache_kib: u32,
    /// Number of this node, 0–255, part of every id it makes.
    pub node: u8,
    /// The event history.
    pub lake: LakeSettings,
    /// Events stay hot at least this long.
    pub seal_after_ms: i64,
    /// Hot events that call for sealing.
    pub seal_rows: i64,
    /// Files of one month and bucket that call for compaction.
    pub compact_files: usize,
    /// How long replaced files are kept for reports that still read them.
    pub trash_ms: i64,
    /// Limits of requests and events.
    pub limits: Limits,
    /// Events that may wait to be written.
    pub queue_events: usize,
    /// How many connections there may be and how long requests may take to arrive.
    pub connections: ConnectionLimits,
    /// What a scraper of `/metrics` on another machine shows; empty for API keys alone.
    pub metrics_token: String,
    /// Take the client's address from `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// Address under which browsers and SDKs reach the server; empty for that of the request.
    pub public_url: String,
    /// How long a sign-in lasts.
    pub session_ms: i64,
    /// Key of the hashes of erased identifiers.
    pub secret: Vec<u8>,
    /// Keys that encrypt credentials of destinations, the one in force first, 32 bytes each.
    pub credential_keys: Vec<Vec<u8>>,
    /// Destinations may be in private networks and on this machine, and be reached without encryption.
    pub allow_private: bool,
    /// Zone of reports (IANA name).
    pub time_zone: String,
    /// Currency of totals.
    pub currency: Currency,
    /// Threads for reports.
    pub report_threads: usize,
    /// A key with all rights from the first start.
    pub bootstrap_api_key: Option<String>,
    /// A write key of a source named `bootstrap` from the first start.
    pub bootstrap_write_key: Option<String>,
    /// Shown in status and set-up.
    pub demo: bool,
    /// The effective configuration by section and name, secrets masked, for administrators to see.
    pub shown: serde_json::Map<String, serde_json::Value>,
    /// Version of the product.
    pub version: &'static str,
}

impl Settings {
    /// Defaults with everything below `data_dir`.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        let lake = LakeSettings { url: data_dir.join("lake").display().to_string(), ..LakeSettings::default() };
        Self {
            database_url: String::new(),
            cache_kib: 64 * 1024,
            node: 0,
            lake,
            seal_after_ms: 5 * 60_000,
            seal_rows: 200_000,
            compact_files: 8,
            trash_ms: HOUR_MS,
            limits: Limits::default(),
            queue_events: 20_000,
            connections: ConnectionLimits::default(),
            metrics_token: String::new(),
            trust_proxy: false,
            public_url: String::new(),
            session_ms: 14 * 24 * HOUR_MS,
            secret: b"not a secret: set security.secret".to_vec(),
            credential_keys: vec![b"not a secret: set secret.key ...".to_vec()],
            allow_private: false,
            time_zone: "Asia/Shanghai".into(),
            currency: Currency::CNY,
            report_threads: std::thread::available_parallelism().map_or(1, usize::from),
            bootstrap_api_key: None,
            bootstrap_write_key: None,
            demo: false,
            shown: serde_json::Map::new(),
            version: env!("CARGO_PKG_VERSION"),
            data_dir,
        }
    }

    /// The database that is opened.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database_url.is_empty() {
            self.data_dir.join("throughline.db").display().to_string()
        } else {
            self.database_url.clone()
        }
    }
}
