//! The touch rules in force, edited and tried out; interned touches by the names the rules give them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::json;
use throughline_base::{Problem, SourceId, Timestamp};
use throughline_domain::event::{Event, EventKind, Object, Prepared, RawEvent, SourceContext, TouchSignature, prepare};
use throughline_domain::touch::{
    self as rules, Catalog, CompiledRules, NO_TOUCH, Touch, TouchField, TouchKind, TouchRule, channel_labels,
};
use throughline_lake::{Column, PersonRows, PersonVisitor, ScanRequest};
use throughline_store::touch as rows;

use crate::credit::Recent;
use crate::person::view::TouchView;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Signatures of one test.
const MAX_TESTS: usize = 1_000;
/// Unclassified signatures shown.
const MAX_UNCLASSIFIED: usize = 200;

/// Every interned touch as the rules in force classify it.
#[derive(Debug, Default)]
pub struct TouchNames {
    /// Version of the rules; 0 for the built-in ones.
    pub version: i64,
    /// Number of interned signatures when this was made.
    pub count: usize,
    /// By interned number.
    pub touches: HashMap<i64, Touch>,
    /// By interned number.
    pub signatures: HashMap<i64, TouchSignature>,
    /// The touches as dense numbers.
    pub(crate) catalog: Catalog,
    /// Catalog number by interned number.
    pub(crate) numbers: Vec<u32>,
    /// The same for events that are sales: a till is no touch of its own sale.
    pub(crate) sale_numbers: Vec<u32>,
    /// Results computed with these names and older ones.
    pub(crate) recent: Arc<Recent>,
}

impl TouchNames {
    /// A touch at an instant, for people.
    #[must_use]
    pub fn view(&self, id: i64, at: Timestamp) -> Option<TouchView> {
        let t = self.touches.get(&id)?;
        Some(TouchView {
            channel: t.channel.clone(),
            campaign: t.campaign.clone(),
            touchpoint: t.touchpoint.clone(),
            at,
        })
    }

    fn add(&mut self, id: i64, signature: TouchSignature, rules: &CompiledRules, by_kind: &dyn Fn(&str) -> bool) {
        let explained = rules.explain(&signature);
        if let Some((rule, Some(touch))) = explained {
            let number = self.catalog.intern(&touch);
            let at_till = signature.source_kind == "pos" && touch.kind == TouchKind::StoreVisit;
            let slot = usize::try_from(id).unwrap_or(0);
            if self.numbers.len() <= slot {
                self.numbers.resize(slot + 1, NO_TOUCH);
                self.sale_numbers.resize(slot + 1, NO_TOUCH);
            }
            self.numbers[slot] = number;
            self.sale_numbers[slot] = if at_till || by_kind(rule) { NO_TOUCH } else { number };
            self.touches.insert(id, touch);
        }
        self.signatures.insert(id, signature);
    }
}

/// A channel with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelName {
    /// Stable key.
    pub key: String,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
    /// Reached on a screen.
    pub online: bool,
    /// Costs advertising money.
    pub paid: bool,
}

/// The rule table with its channels.
#[derive(Debug, Clone)]
pub struct TouchTable {
    /// Version; 0 for the built-in rules.
    pub version: i64,
    /// The rules, in order.
    pub rules: Vec<TouchRule>,
    /// Channels, the built-in ones first.
    pub channels: Vec<ChannelName>,
}

/// What the rules make of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchTested {
    /// The touch; `None` when it is none.
    pub touch: Option<Touch>,
    /// The rule that decided; `None` when no rule matched.
    pub rule_id: Option<String>,
}

/// A signature that no rule gives a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclassified {
    /// The signature.
    pub signature: TouchSignature,
    /// Events with it.
    pub events: u64,
    /// The last of them.
    pub last_at: Timestamp,
}

impl App {
    /// The rules in force: saved ones, else the built-in ones (version 0).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn touch_rules(&self) -> Result<(i64, Vec<TouchRule>)> {
        match self.db.read(rows::rules_latest)? {
            Some((version, text, _, _)) => {
                let list = serde_json::from_str(&text).map_err(|e| {
                    Problem::internal("touch_rules", "the stored touch rules cannot be read").caused_by(e)
                })?;
                Ok((version, list))
            }
            None => Ok((0, rules::defaults())),
        }
    }

    /// The rules in force, compiled.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn touch_compiled(&self) -> Result<(i64, CompiledRules)> {
        let (version, list) = self.touch_rules()?;
        Ok((version, compile(list)?))
    }

    /// Interned touches by name; kept until rules or touches change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn touch_names(&self) -> Result<Arc<TouchNames>> {
        let (version, all) = self.db.read(|tx| {
            let version = rows::rules_latest(tx)?.map_or(0, |r| r.0);
            Ok((version, rows::list(tx)?))
        })?;
        let recent = {
            let cached = self.touch_cache.read();
            if cached.version == version && cached.count == all.len() && cached.count > 0 {
                return Ok(cached.clone());
            }
            cached.recent.clone()
        };
        let (version, list) = self.touch_rules()?;
        let kind_only: Vec<String> = list
            .iter()
            .filter(|r| !r.when.is_empty() && r.when.iter().all(|c| c.field == TouchField::SourceKind))
            .map(|r| r.id.clone())
            .collect();
        // A rule that looks at nothing but the kind of source says where an event was recorded, not how its customer came.
        let by_kind = |rule: &str| kind_only.iter().any(|id| id == rule);
        let compiled = compile(list)?;
        let mut names = TouchNames { version, count: all.len(), recent, ..TouchNames::default() };
        for (id, _, text) in all {
            let Ok(signature) = serde_json::from_str::<TouchSignature>(&text) else { continue };
            names.add(id, signature, &compiled, &by_kind);
        }
        let names = Arc::new(names);
        *self.touch_cache.write() = names.clone();
        Ok(names)
    }

    /// The rule table with its channels: the built-in ones, and those that rules invent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn touch_table(&self) -> Result<TouchTable> {
        let (version, rules) = self.touch_rules()?;
        let names = self.touch_names()?;
        let known = channel_labels().iter().map(|c| ChannelName {
            key: c.key.into(),
            en: c.en.into(),
            zh: c.zh.into(),
            online: c.online,
            paid: c.paid,
        });
        let mut channels: Vec<ChannelName> = known.collect();
        let mut own: Vec<&String> =
            names.catalog.channels().iter().filter(|key| channels.iter().all(|c| c.key != **key)).collect();
        own.sort();
        let own = own.into_iter().map(|key| ChannelName {
            key: key.clone(),
            en: key.clone(),
            zh: key.clone(),
            online: true,
            paid: false,
        });
        let own: Vec<ChannelName> = own.collect();
        channels.extend(own);
        Ok(TouchTable { version, rules, channels })
    }

    /// Puts a rule table into force, under the next version. Past touches are classified anew.
    ///
    /// # Errors
    /// Every problem of every rule: which rule, which field, how to mend it.
    pub fn touch_rules_put(&self, caller: &Caller, rules: &[TouchRule]) -> Result<TouchTable> {
        compile(rules.to_vec())?;
        let text = serde_json::to_string(rules).expect("rules are plain data");
        let now = self.now();
        self.db.write(|tx| {
            let version = rows::rules_insert(tx, &text, &caller.actor, now)?;
            crate::audience::define::touch_rules_changed(tx, self)?;
            let detail = json!({ "version": version, "rules": rules.len() });
            audit(tx, self, &caller.actor, "touch_rules.put", &version.to_string(), &detail)
        })?;
        self.touch_table()
    }

    /// What the rules in force make of signatures.
    ///
    /// # Errors
    /// When there are too many, or the store cannot be read.
    pub fn touch_test(&self, signatures: &[TouchSignature]) -> Result<Vec<TouchTested>> {
        if signatures.len() > MAX_TESTS {
            let detail = format!("{} signatures; at most {MAX_TESTS} at a time", signatures.len());
            return Err(Problem::invalid("touch_test", detail));
        }
        let (_, compiled) = self.touch_compiled()?;
        let tested = signatures.iter().map(|signature| match compiled.explain(signature) {
            Some((rule, touch)) => TouchTested { touch, rule_id: Some(rule.to_owned()) },
            None => TouchTested { touch: None, rule_id: None },
        });
        Ok(tested.collect())
    }

    /// The signature that a page view of this address gets.
    ///
    /// # Errors
    /// When the address cannot be an address.
    pub fn touch_signature(&self, url: &str, referrer: &str) -> Result<TouchSignature> {
        let mut properties = Object::new();
        properties.insert("url".into(), url.trim().into());
        properties.insert("referrer".into(), referrer.trim().into());
        let raw = RawEvent {
            kind: EventKind::Page,
            anonymous_id: Some("touch-test".into()),
            properties,
            ..RawEvent::default()
        };
        let event: Option<Box<Event>> = match prepare(raw, &SourceContext::new(SourceId::new(1), "web"), self.now()) {
            Prepared::Ready(event) => Some(event),
            Prepared::Quarantine { event, .. } => event,
        };
        event.and_then(|e| e.touch).ok_or_else(|| {
            Problem::invalid(
                "touch_test",
                "url: this is no web address; expected one such as https://shop.example/?utm_source=…",
            )
        })
    }

    /// Signatures that no rule gives a channel, or only the catch-all `other`; the most frequent first.
    ///
    /// # Errors
    /// When store or history cannot be read.
    pub fn touch_unclassified(&self) -> Result<Vec<Unclassified>> {
        let names = self.touch_names()?;
        let (_, compiled) = self.touch_compiled()?;
        let is_open = |s: &TouchSignature| match compiled.explain(s) {
            None => true,
            Some((_, touch)) => touch.is_some_and(|t| t.channel == "other"),
        };
        let open: Vec<i32> =
            names.signatures.iter().filter(|(_, s)| is_open(s)).filter_map(|(id, _)| i32::try_from(*id).ok()).collect();
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let counts = self.touch_counts(&open)?;
        let mut found: Vec<Unclassified> = counts
            .into_iter()
            .filter_map(|(id, (events, last))| {
                let signature = names.signatures.get(&i64::from(id))?.clone();
                Some(Unclassified { signature, events, last_at: Timestamp::from_ms(last) })
            })
            .collect();
        found.sort_by_key(|u| (std::cmp::Reverse(u.events), std::cmp::Reverse(u.last_at)));
        found.truncate(MAX_UNCLASSIFIED);
        Ok(found)
    }

    /// Events and instant of the last one for some touches.
    fn touch_counts(&self, touches: &[i32]) -> Result<BTreeMap<i32, (u64, i64)>> {
        let snapshot = self.snapshot(&std::collections::BTreeSet::new())?;
        let mut wanted = vec![false; touches.iter().max().map_or(0, |m| usize::try_from(*m).unwrap_or(0) + 1)];
        for t in touches {
            if let Some(slot) = usize::try_from(*t).ok().and_then(|t| wanted.get_mut(t)) {
                *slot = true;
            }
        }
        let request = ScanRequest { exclude_bots: true, ..ScanRequest::columns(&[Column::TouchId]) };
        let threads = self.settings.report_threads.max(1);
        let counters = self
            .lake
            .scan(&snapshot, &request, threads, |_| TouchCounter { wanted: &wanted, found: BTreeMap::new() })?;
        let mut sums: BTreeMap<i32, (u64, i64)> = BTreeMap::new();
        for (id, (n, last)) in counters.into_iter().flat_map(|c| c.found) {
            let sum = sums.entry(id).or_insert((0, i64::MIN));
            *sum = (sum.0 + n, sum.1.max(last));
        }
        Ok(sums)
    }
}

struct TouchCounter<'a> {
    wanted: &'a [bool],
    found: BTreeMap<i32, (u64, i64)>,
}

impl PersonVisitor for TouchCounter<'_> {
    fn person(&mut self, rows: PersonRows<'_>) {
        for (touch, at) in rows.touch_id().iter().zip(rows.event_at()) {
            if usize::try_from(*touch).is_ok_and(|t| self.wanted.get(t) == Some(&true)) {
                let sum = self.found.entry(*touch).or_insert((0, i64::MIN));
                *sum = (sum.0 + 1, sum.1.max(*at));
            }
        }
    }
}

/// Compiles rules; the problems name rule and field.
pub(crate) fn compile(list: Vec<TouchRule>) -> Result<CompiledRules> {
    rules::RuleTable::compile(list).map_err(|problems| Problem::invalid("touch_rules", problems.to_string()))
}
