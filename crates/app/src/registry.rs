//! What every request needs: sources by key, the tracking plan, active fixes. Kept in memory, replaced as a whole when
//! something changes, and re-read now and then because other nodes may change it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use throughline_base::{Currency, FixId, Problem, SourceId, Timestamp};
use throughline_domain::event::fix::FixOp;
use throughline_domain::event::plan::{self, CompiledPlan, Mode, Plan, PlannedEvent, Rules as PlanRules};
use throughline_domain::event::{IpPolicy, SourceContext};
use throughline_domain::identity::Stitching;
use throughline_store::source::{SourceKey, SourceRow};
use throughline_store::{Db, event, source};

use crate::background::Watch;
use crate::collect::FixFilter;
use crate::{App, Result, Settings};

/// The kinds of sources and whether one of them vouches for phones and e-mails by default: what a browser sends,
/// anybody can send.
pub const SOURCE_KINDS: [(&str, bool); 13] = [
    ("web", false),
    ("app", true),
    ("mini_program", true),
    ("server", true),
    ("pos", true),
    ("marketplace", true),
    ("ads", false),
    ("email", true),
    ("sms", true),
    ("social", true),
    ("service", true),
    ("webhook", true),
    ("import", true),
];

/// Settings of a source, as stored and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceSettings {
    /// Whether it vouches for phones and e-mails.
    pub verified: bool,
    /// Region of phone numbers without a country code.
    pub default_region: String,
    /// Currency of amounts without one.
    pub default_currency: Currency,
    /// Zone of its days and of times without one (IANA name).
    pub time_zone: String,
    /// How much anonymous history a login takes along.
    pub stitching: Stitching,
    /// A kiosk or staff tablet: its devices speak for nobody.
    pub kiosk: bool,
    /// `allow`, `warn` or `quarantine`, or `custom` with `plan_rules`.
    pub plan_mode: PlanMode,
    /// What happens to each kind of deviation, with `custom`.
    pub plan_rules: PlanRules,
    /// Oldest age accepted, in days.
    pub acceptance_days: u32,
    /// What happens to addresses: `truncate`, `full`, `drop`.
    pub ip: IpSetting,
    /// Further places of identifiers: path in the event and namespace.
    pub identifier_fields: Vec<(String, String)>,
    /// The app whose openids it sends.
    pub openid_app: Option<String>,
    /// The signed webhook, if it is one.
    pub webhook: Option<WebhookSettings>,
}

/// How strict a source is about the tracking plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanMode {
    /// Everything passes.
    #[default]
    Allow,
    /// Everything passes, deviations are counted as warnings.
    Warn,
    /// Deviations are quarantined.
    Quarantine,
    /// `plan_rules` decide.
    Custom,
}

/// What happens to addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IpSetting {
    /// Cut to /24 or /48.
    #[default]
    Truncate,
    /// Kept whole.
    Full,
    /// Not kept.
    Drop,
}

/// A signed webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSettings {
    /// Key of HMAC-SHA-256 over the body. Shown once, then only its end.
    pub secret: String,
    /// Where the parts of an event stand in the body: our field name to a path.
    #[serde(default)]
    pub mapping: Vec<(String, String)>,
    /// The key before the last rotation and when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<(String, Timestamp)>,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            verified: true,
            default_region: "CN".into(),
            default_currency: Currency::CNY,
            time_zone: "Asia/Shanghai".into(),
            stitching: Stitching::default(),
            kiosk: false,
            plan_mode: PlanMode::default(),
            plan_rules: PlanRules::default(),
            acceptance_days: 3 * 365,
            ip: IpSetting::default(),
            identifier_fields: Vec::new(),
            openid_app: None,
            webhook: None,
        }
    }
}

impl SourceSettings {
    /// The defaults of a kind.
    #[must_use]
    pub fn of_kind(kind: &str) -> Self {
        let verified = SOURCE_KINDS.iter().find(|(k, _)| *k == kind).is_none_or(|(_, v)| *v);
        Self { verified, ..Self::default() }
    }
}

/// A source.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its name.
    pub name: Arc<str>,
    /// One of [`SOURCE_KINDS`].
    pub kind: String,
    /// Whether it takes events.
    pub active: bool,
    /// Its settings.
    pub settings: SourceSettings,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Source {
    /// Reads a stored row.
    ///
    /// # Errors
    /// When its settings were written by a newer version.
    pub fn from_row(row: &SourceRow) -> Result<Self> {
        let settings = serde_json::from_str(&row.settings).map_err(|e| {
            Problem::internal("source_settings", format!("the settings of source {} cannot be read", row.id))
                .caused_by(e)
        })?;
        Ok(Self {
            id: row.id,
            name: row.name.as_str().into(),
            kind: row.kind.clone(),
            active: row.state == "active",
            settings,
            created_at: row.created_at,
        })
    }

    /// The row to store.
    #[must_use]
    pub fn to_row(&self) -> SourceRow {
        SourceRow {
            id: self.id,
            name: self.name.to_string(),
            kind: self.kind.clone(),
            state: if self.active { "active" } else { "disabled" }.into(),
            settings: serde_json::to_string(&self.settings).expect("settings are plain data"),
            created_at: self.created_at,
        }
    }

    /// What cleaning needs to know of it. `plan` is the installation's compiled plan.
    #[must_use]
    pub fn context<'a>(&'a self, plan: &'a CompiledPlan) -> SourceContext<'a> {
        let s = &self.settings;
        SourceContext {
            default_region: &s.default_region,
            default_currency: s.default_currency,
            time_zone: &s.time_zone,
            verified: s.verified,
            acceptance_window_ms: if self.kind == "import" {
                None
            } else {
                Some(i64::from(s.acceptance_days) * throughline_base::time::DAY_MS)
            },
            times_final: self.kind == "import",
            ip: match s.ip {
                IpSetting::Truncate => IpPolicy::Truncate,
                IpSetting::Full => IpPolicy::Keep,
                IpSetting::Drop => IpPolicy::Drop,
            },
            plan: Some(plan),
            identifier_fields: &s.identifier_fields,
            openid_app: s.openid_app.as_deref(),
            ..SourceContext::new(self.id, &self.kind)
        }
    }

    /// The plan's rules for it.
    #[must_use]
    pub fn plan_rules(&self) -> PlanRules {
        match self.settings.plan_mode {
            PlanMode::Allow => Mode::Allow.into(),
            PlanMode::Warn => Mode::Warn.into(),
            PlanMode::Quarantine => Mode::Quarantine.into(),
            PlanMode::Custom => self.settings.plan_rules,
        }
    }
}

/// A fix that new events pass through.
#[derive(Debug, Clone)]
pub struct ActiveFix {
    /// Its id.
    pub id: FixId,
    /// The source it is for; `None` for all.
    pub source_id: Option<SourceId>,
    /// Which events it is for.
    pub filter: FixFilter,
    /// What it does to them.
    pub ops: Vec<FixOp>,
}

/// One state of the registry.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Every source.
    pub sources: HashMap<SourceId, Arc<Source>>,
    /// Write keys.
    pub keys: HashMap<String, SourceKey>,
    /// Compiled plan by source.
    pub plans: HashMap<SourceId, Arc<CompiledPlan>>,
    /// Active fixes, oldest first.
    pub fixes: Vec<ActiveFix>,
}

impl Snapshot {
    /// The active source of a write key.
    ///
    /// # Errors
    /// When the key is unknown or ended, or its source is disabled.
    pub fn by_key(&self, key: &str, now: Timestamp) -> Result<&Arc<Source>> {
        let refused = |detail: &str| Problem::new(throughline_base::ProblemKind::Unauthenticated, "bad_key", detail);
        // Jitsu's clients insist on `key:secret`; what follows our key is not looked at.
        let short = || key.split_once(':').and_then(|(k, _)| self.keys.get(k));
        let k = self
            .keys
            .get(key)
            .or_else(short)
            .ok_or_else(|| refused("the write key is unknown; copy it from the source's page at the console"))?;
        if k.expires_at.is_some_and(|end| end <= now) {
            return Err(refused("the write key was rotated and has ended; use the source's new key"));
        }
        match self.sources.get(&k.source_id) {
            Some(s) if s.active => Ok(s),
            Some(_) | None => Err(refused("the source of this write key is disabled")),
        }
    }
}

/// How often what other processes changed is read.
const REREAD: Duration = Duration::from_secs(5);

/// The current [`Snapshot`].
#[derive(Debug)]
pub struct Registry {
    current: RwLock<Arc<Snapshot>>,
    /// One refresh at a time, so that the older of two never wins.
    turn: Mutex<()>,
}

/// Reads what other processes change (the command line, other nodes) until this one stops.
pub(crate) fn follow(app: &Arc<App>, mut watch: Watch) {
    loop {
        watch.rest(REREAD);
        if watch.is_stopping() {
            return;
        }
        if let Err(e) = app.registry.refresh(&app.db) {
            tracing::warn!(error = %e, "sources and plan could not be read again; they stay as they are");
        }
    }
}

impl Registry {
    /// Reads everything.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn load(db: &Db, _settings: &Settings, _now: Timestamp) -> Result<Self> {
        Ok(Self { current: RwLock::new(Arc::new(read(db)?)), turn: Mutex::default() })
    }

    /// Reads everything again.
    ///
    /// # Errors
    /// When the store cannot be read; the old state stays.
    pub fn refresh(&self, db: &Db) -> Result<()> {
        let _turn = self.turn.lock();
        let fresh = Arc::new(read(db)?);
        *self.current.write() = fresh;
        Ok(())
    }

    /// The current state.
    #[must_use]
    pub fn get(&self) -> Arc<Snapshot> {
        self.current.read().clone()
    }

    /// The name of a source.
    #[must_use]
    pub fn source_name(&self, id: SourceId) -> String {
        self.current.read().sources.get(&id).map_or_else(String::new, |s| s.name.to_string())
    }
}

fn read(db: &Db) -> Result<Snapshot> {
    let (sources, keys, plan, fixes) =
        db.read(|tx| Ok((source::list(tx)?, source::keys(tx)?, event::plan_list(tx)?, event::fix_list(tx)?)))?;
    let mut out = Snapshot::default();
    let planned = planned_events(plan)?;
    for row in &sources {
        let s = Arc::new(Source::from_row(row)?);
        let plan = Plan { mode: None, rules: s.plan_rules(), ecommerce: true, events: planned.clone() };
        let (compiled, _) =
            plan::compile(&plan).map_err(|_| Problem::internal("plan", "the stored tracking plan does not compile"))?;
        out.plans.insert(s.id, Arc::new(compiled));
        out.sources.insert(s.id, s);
    }
    out.keys = keys.into_iter().map(|k| (k.write_key.clone(), k)).collect();
    out.fixes = fixes.into_iter().rev().filter(|f| f.active).map(active_fix).collect::<Result<_>>()?;
    Ok(out)
}

fn active_fix(row: event::Fix) -> Result<ActiveFix> {
    let unreadable = |e: serde_json::Error| {
        Problem::internal("fix", format!("the saved fix {} cannot be read", row.id)).caused_by(e)
    };
    Ok(ActiveFix {
        id: row.id,
        source_id: row.source_id,
        filter: serde_json::from_str(&row.filter).map_err(unreadable)?,
        ops: serde_json::from_str(&row.ops).map_err(unreadable)?,
    })
}

/// The saved events of the tracking plan. Names that stand for a kind (`$identify`, `$page` …) are events of that kind.
pub(crate) fn planned_events(rows: Vec<event::PlanEvent>) -> Result<Vec<PlannedEvent>> {
    rows.into_iter()
        .map(|p| {
            let schema = serde_json::from_str(&p.schema).map_err(|e| {
                Problem::internal("plan", "a stored schema of the tracking plan cannot be read").caused_by(e)
            })?;
            let kind = p.name.strip_prefix('$').and_then(throughline_domain::event::EventKind::parse);
            Ok(PlannedEvent {
                name: if kind.is_some() { String::new() } else { p.name },
                kind: kind.unwrap_or_default(),
                description: p.description,
                schema,
            })
        })
        .collect()
}
