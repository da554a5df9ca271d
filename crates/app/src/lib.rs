//! The stories: load, decide, write, enqueue, commit. Each is readable on one screen.
//!
//! Rules are `domain`'s, rows are `store`'s, files are `lake`'s; here they meet, in plain synchronous Rust. It knows
//! nothing of HTTP. Start reading at [`App`], then [`collect`], the path every event takes.

// The machinery.
pub mod background;
pub mod jobs;
pub mod live;
pub mod maintenance;
pub mod meter;
pub mod names;
pub mod registry;
pub mod secret;
pub mod settings;
pub mod status;

// The rooms, in the order the data meets them.
pub mod touch;
pub mod source;
pub mod collect;
pub mod plan;
pub mod quarantine;
pub mod webhook;
pub mod identity;
pub mod person;
pub mod audience;
pub mod tag;
pub mod computed;
pub mod persona;
pub mod privacy;
pub mod react;
pub mod history;
pub mod import;
pub mod matching;
pub mod credit;
pub mod insight;
pub mod destination;
pub mod overview;
pub mod team;

/// Rows of the store that callers of stories see.
pub mod store {
    pub use throughline_store::identity::ReviewRow;
    pub use throughline_store::person::{PersonFilter, PersonRow, PersonSort};
    pub use throughline_store::tag::WorkRow as TagWorkRow;
}

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use throughline_base::{Clock, IdGen, Problem, Timestamp};
use throughline_channel::{Channels, Reach};
use throughline_domain::identity::Rules;
use throughline_lake::Lake;
use throughline_store::{Db, DbOptions};

pub use settings::Settings;

/// Everything a story needs. Shared by `Arc`.
#[derive(Debug)]
pub struct App {
    pub(crate) db: Db,
    pub(crate) lake: Lake,
    pub(crate) ids: Arc<IdGen>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Settings in force.
    pub settings: Settings,
    /// Sources, keys, plan: read at every request, so kept in memory.
    pub registry: registry::Registry,
    /// The queue into the writer.
    pub collector: collect::Collector,
    /// Who watches events arrive.
    pub live: live::LiveHub,
    /// Counters and timings.
    pub meter: meter::Meter,
    /// How following the log fares.
    pub follower: react::Follower,
    /// Sign-in attempts, in memory.
    pub(crate) door: team::Door,
    /// Definitions in force, and how their evaluation fares.
    pub audiences: audience::Audiences,
    /// Identity rules in force.
    pub(crate) identity_rules: RwLock<Arc<Rules>>,
    pub(crate) touch_cache: RwLock<Arc<touch::TouchNames>>,
    /// Events of the demo sent, and to be sent.
    pub(crate) demo: (AtomicU64, AtomicU64),
    /// How fast running imports are.
    pub(crate) imports: import::Paces,
    /// Keys of destinations' credentials.
    pub(crate) vault: secret::Vault,
    /// Connections to destinations.
    pub(crate) channels: Channels,
    /// Sealing and compaction take turns.
    pub(crate) seal_lock: Mutex<()>,
    pub(crate) tasks: background::Tasks,
    pub(crate) started_at: Timestamp,
}

/// `Ok` or a [`Problem`].
pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl App {
    /// Opens store and lake, brings the schema up to date and starts the writer. Background work starts with
    /// [`App::start`].
    ///
    /// # Errors
    /// When an engine cannot be opened; the text says which and why.
    pub fn open(settings: Settings, clock: Arc<dyn Clock>) -> Result<Arc<Self>> {
        std::fs::create_dir_all(&settings.data_dir).map_err(|e| {
            Problem::unavailable(
                "data_dir",
                format!("cannot create the data folder {}: {e}", settings.data_dir.display()),
            )
        })?;
        let options = DbOptions { write_cache_kib: settings.cache_kib, announced: true, ..DbOptions::default() };
        let db = Db::open(&settings.database_url(), &options)?;
        db.migrate(clock.now())?;
        let ids = Arc::new(IdGen::new(clock.clone(), settings.node));
        ids.advance_past(db.read(throughline_store::event::newest_id)?);
        let lake = Lake::open(settings.lake.clone(), ids.clone())?;
        let registry = registry::Registry::load(&db, &settings, clock.now())?;
        let identity_rules = RwLock::new(Arc::new(db.read(identity::rules::in_force)?));
        let started_at = clock.now();
        let vault = secret::Vault::new(&settings.credential_keys)?;
        let reach = if settings.allow_private { Reach::Anywhere } else { Reach::Public };
        let channels = Channels::start(reach).map_err(|e| Problem::unavailable("channels", e.detail))?;
        let app = Arc::new(Self {
            collector: collect::Collector::new(settings.queue_events),
            live: live::LiveHub::default(),
            meter: meter::Meter::new(started_at),
            follower: react::Follower::default(),
            door: team::Door::default(),
            audiences: audience::Audiences::default(),
            identity_rules,
            touch_cache: RwLock::default(),
            demo: (AtomicU64::new(0), AtomicU64::new(0)),
            imports: import::Paces::default(),
            vault,
            channels,
            seal_lock: Mutex::new(()),
            tasks: background::Tasks::default(),
            db,
            lake,
            ids,
            clock,
            settings,
            registry,
            started_at,
        });
        app.bootstrap()?;
        app.audience_begin()?;
        privacy::resume_restored(&app)?;
        app.secrets_renew()?;
        collect::writer::start(&app)?;
        Ok(app)
    }

    /// How far the demo's loading is: events sent, events in all.
    #[must_use]
    pub fn demo_progress(&self) -> (u64, u64) {
        (self.demo.0.load(Ordering::Relaxed), self.demo.1.load(Ordering::Relaxed))
    }

    /// Says how far the demo's loading is.
    pub fn demo_progress_set(&self, done: u64, total: u64) {
        self.demo.0.store(done, Ordering::Relaxed);
        self.demo.1.store(total, Ordering::Relaxed);
    }

    /// Starts what works beside requests: following the log, keeping the history.
    pub fn start(self: &Arc<Self>) {
        self.tasks.spawn(self, "react", react::follow);
        self.tasks.spawn(self, "stages", person::lapse::follow);
        self.tasks.spawn(self, "tags", tag::keep::follow);
        self.tasks.spawn(self, "packs", computed::pack::follow);
        self.tasks.spawn(self, "history", history::keep);
        self.tasks.spawn(self, "import", import::work);
        self.tasks.spawn(self, "identity", identity::refold::work);
        self.tasks.spawn(self, "simulate", identity::simulate::work);
        self.tasks.spawn(self, "jobs", jobs::work);
        self.tasks.spawn(self, "predictions", jobs::predict);
        self.tasks.spawn(self, "schedule", insight::keep);
        self.tasks.spawn(self, "export", destination::work::work);
        self.tasks.spawn(self, "registry", registry::follow);
        self.tasks.spawn(self, "timers", audience::timer::follow);
        self.tasks.spawn(self, "audiences", audience::build::work);
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the engines answer.
    ///
    /// # Errors
    /// The problem of the engine that does not.
    pub fn ready(&self) -> Result<()> {
        self.db.read(|tx| tx.query_one("SELECT 1", &[], |r| r.i64(0)))?;
        if !self.collector.is_running() {
            return Err(Problem::unavailable("writer_stopped", "the writer has stopped; restart the server"));
        }
        Ok(())
    }

    /// Stops taking events, finishes what was acknowledged or is being written, stops background work and closes the
    /// engines.
    pub fn close(&self) {
        self.collector.close();
        self.tasks.stop();
        if let Err(e) = self.db.close() {
            tracing::warn!(error = %e, "database not closed cleanly; nothing is lost");
        }
    }

    /// Where uploads and archives are kept.
    #[must_use]
    pub fn files_dir(&self, name: &str) -> PathBuf {
        self.settings.data_dir.join(name)
    }
}
