//! Packs: definitions that a retailer needs from the first day, enabled with one step and made one after the other as soon
//! as what they read is in force. What is there already, edited or archived stays as it is.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use throughline_base::Problem;
use throughline_domain::audience::builtin::{self, Builtin, Gives};
use throughline_domain::audience::rule::Definition;
use throughline_store::audience as rows;
use throughline_store::event as events;

use super::rfm;
use crate::audience::{AudienceNew, ComputedDefinition};
use crate::background::Watch;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Packs that are enabled, as `(pack, language)` in JSON.
const ENABLED: &str = "computed_packs";
/// How often what is not made yet is looked at.
const SOON: Duration = Duration::from_millis(500);
/// How often whether something is missing or cuts are old.
const LATER: Duration = Duration::from_secs(60);

/// A definition of a pack.
#[derive(Debug, Clone)]
pub struct PackPart {
    /// What it is.
    pub builtin: &'static Builtin,
    /// `missing`, `building`, `live`, `archived`.
    pub state: &'static str,
}

/// A pack.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name.
    pub name: &'static str,
    /// Somebody enabled it.
    pub enabled: bool,
    /// What it holds.
    pub parts: Vec<PackPart>,
}

/// Makes what is missing and renews cuts, until the process stops.
pub(crate) fn follow(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        match app.packs_step().and_then(|missing| app.rfm_renew_when_due().map(|()| missing)) {
            Ok(true) => watch.rest(SOON),
            Ok(false) => watch.wait(LATER),
            Err(e) => {
                tracing::warn!(error = %e, "definitions of a pack could not be made; trying again");
                watch.rest(LATER);
            }
        }
    }
}

impl App {
    fn packs_enabled(&self) -> Result<Vec<(String, String)>> {
        let text = self.db.read(|tx| events::setting_get(tx, ENABLED))?;
        Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
    }

    fn part_state(&self, b: &Builtin) -> Result<&'static str> {
        let (live, state) = self
            .db
            .read(|tx| {
                Ok(match &b.gives {
                    Gives::Audience(_) => rows::by_key(tx, &b.key)?.map(|a| (a.live_version.is_some(), a.state)),
                    Gives::Computed(_) => rows::trait_by_key(tx, &b.key)?.map(|t| (t.live_version.is_some(), t.state)),
                })
            })?
            .map_or((false, None), |(live, state)| (live, Some(state)));
        Ok(match (state.as_deref(), live) {
            (None, _) => "missing",
            (Some("archived"), _) => "archived",
            (Some(_), true) => "live",
            (Some(_), false) => "building",
        })
    }

    /// Every pack with where its definitions stand.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn packs(&self) -> Result<Vec<Pack>> {
        let enabled = self.packs_enabled()?;
        let pack = |name: &'static str| {
            let parts = builtin::pack(name)
                .into_iter()
                .map(|builtin| Ok(PackPart { builtin, state: self.part_state(builtin)? }));
            Ok(Pack { name, enabled: enabled.iter().any(|(n, _)| n == name), parts: parts.collect::<Result<_>>()? })
        };
        builtin::packs().into_iter().map(pack).collect()
    }

    /// Enables packs, with names and descriptions in a language; those that are enabled already stay so. They are made in
    /// the background.
    ///
    /// # Errors
    /// `pack_unknown` when there is none of a name.
    pub fn packs_enable(&self, caller: &Caller, names: &[String], chinese: bool) -> Result<()> {
        let known = builtin::packs();
        if let Some(name) = names.iter().find(|n| !known.contains(&n.as_str())) {
            let detail = format!("there is no pack `{name}`; there are {}", known.join(", "));
            return Err(Problem::not_found("pack_unknown", detail));
        }
        let mut enabled = self.packs_enabled()?;
        for name in names {
            if !enabled.iter().any(|(n, _)| n == name) {
                enabled.push((name.clone(), if chinese { "zh-CN" } else { "en" }.to_owned()));
            }
        }
        self.db.write(|tx| {
            events::setting_put(tx, ENABLED, &json!(enabled).to_string())?;
            audit(tx, self, &caller.actor, "computed_pack.enable", &names.join(","), &json!({}))
        })?;
        self.packs_step()?;
        self.tasks.ring();
        Ok(())
    }

    /// Makes what is missing of enabled packs and can be made; says whether something is still to be made.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn packs_step(&self) -> Result<bool> {
        let mut waiting = false;
        for (name, language) in self.packs_enabled()? {
            for b in builtin::pack(&name) {
                match self.part_state(b)? {
                    "missing" => waiting |= !self.part_make(b, language == "zh-CN")?,
                    "building" => waiting = true,
                    _ => {}
                }
            }
        }
        Ok(waiting)
    }

    /// Makes a definition; not when something it reads is not in force yet.
    fn part_make(&self, b: &Builtin, chinese: bool) -> Result<bool> {
        let caller = Caller { actor: "throughline".into(), ..Caller::cli() };
        let zone = self.settings.time_zone.clone();
        let said = |text: &builtin::Bilingual| if chinese { text.zh.clone() } else { text.en.clone() };
        let (name, description) = (said(&b.name), said(&b.about));
        let made = match &b.gives {
            Gives::Audience(rule) => {
                let definition = Definition { zone, rule: rule.clone() };
                let new = AudienceNew { key: b.key.clone(), name, description, definition, announce: false };
                self.audience_create(&caller, &new).map(drop)
            }
            Gives::Computed(computation) => {
                let definition = ComputedDefinition { zone, computation: computation.clone() };
                self.computed_trait_put(&caller, (&b.key, &name, &description), &definition).map(drop)
            }
        };
        match made {
            Ok(()) => Ok(true),
            // What it reads is not there yet.
            Err(p) if p.code == "audience_definition" => Ok(false),
            Err(p) if p.code == "key_taken" => Ok(true),
            Err(p) => Err(p),
        }
    }

    fn rfm_renew_when_due(&self) -> Result<()> {
        if self.packs_enabled()?.iter().any(|(n, _)| n == "rfm") && rfm::is_due(self)? {
            self.rfm_renew(&Caller { actor: "throughline".into(), ..Caller::cli() })?;
        }
        Ok(())
    }
}
