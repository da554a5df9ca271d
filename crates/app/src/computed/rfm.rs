//! The cuts of recency, frequency and money: worked out from everybody's values once a week, then given to the scores as a
//! new version of each, so that in between a score is exact and changes only with what the person does.

use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_base::time::DAY_MS;
use throughline_base::{PersonId, Problem, Timestamp};
use throughline_domain::audience::builtin::rfm::{self, Cuts, MEASURED, SCORES};
use throughline_store::audience::{self as rows, VersionState};
use throughline_store::event as events;
use throughline_store::{Tx, computed};

use crate::audience::ComputedDefinition;
use crate::team::{Caller, audit};
use crate::{App, Result};

const KEPT: &str = "rfm_cuts";
/// Cuts that are listed: two years of weeks.
const KEEP: usize = 104;
/// How old cuts become.
const RENEW_MS: i64 = 7 * DAY_MS;
/// Values of one read.
const PAGE: u32 = 20_000;

/// Cuts as they were given to the scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RfmCuts {
    /// When.
    pub at: Timestamp,
    /// How many buyers they were worked out from.
    pub people: i64,
    /// Days since the last order.
    pub recency: [f64; 4],
    /// Orders.
    pub frequency: [f64; 4],
    /// Money net of what was given back, in major units.
    pub monetary: [f64; 4],
}

fn kept(tx: &mut Tx<'_>) -> throughline_store::Result<Vec<RfmCuts>> {
    Ok(events::setting_get(tx, KEPT)?.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
}

/// Whether the cuts are old, or there are none, and what they are worked out from is in force.
pub(super) fn is_due(app: &App) -> Result<bool> {
    let now = app.now();
    Ok(app.db.read(|tx| {
        let newest = kept(tx)?.first().map(|c| c.at);
        if newest.is_some_and(|at| at.plus_ms(RENEW_MS) > now) {
            return Ok(false);
        }
        for key in MEASURED.into_iter().chain(SCORES) {
            let live = rows::trait_by_key(tx, key)?.and_then(|t| t.live_version);
            let settled = live.map(|v| rows::version(tx, v)).transpose()?.flatten();
            if !settled.is_some_and(|v| v.state == VersionState::Live && !v.unsettled) {
                return Ok(false);
            }
        }
        Ok(true)
    })?)
}

impl App {
    /// The cuts that were in force, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rfm_cuts(&self) -> Result<Vec<RfmCuts>> {
        Ok(self.db.read(kept)?)
    }

    /// Works the cuts out anew and gives them to the scores. `None` when nobody has bought.
    ///
    /// # Errors
    /// `rfm_not_enabled` when what they are worked out from is not in force.
    pub fn rfm_renew(&self, caller: &Caller) -> Result<Option<RfmCuts>> {
        let mut cuts = Vec::new();
        let mut people = 0;
        for key in MEASURED {
            let values = self.numbers(key)?;
            people = people.max(values.len() as i64);
            let Some(c) = Cuts::of(values) else { return Ok(None) };
            cuts.push(c);
        }
        let zone = self.settings.time_zone.clone();
        for (place, (key, cuts)) in SCORES.into_iter().zip(&cuts).enumerate() {
            let t = self.computed_trait(key)?.row;
            let definition = ComputedDefinition { zone: zone.clone(), computation: rfm::score(place, Some(cuts)) };
            self.computed_trait_put(caller, (key, &t.name, &t.description), &definition)?;
        }
        let new = RfmCuts { at: self.now(), people, recency: cuts[0].0, frequency: cuts[1].0, monetary: cuts[2].0 };
        self.db.write(|tx| {
            let mut all = kept(tx)?;
            all.insert(0, new.clone());
            all.truncate(KEEP);
            let text = serde_json::to_string(&all).expect("cuts are plain data");
            events::setting_put(tx, KEPT, &text)?;
            audit(tx, self, &caller.actor, "rfm.cuts", "rfm", &json!({ "people": people }))
        })?;
        Ok(Some(new))
    }

    /// Everybody's value of a computed trait that is a number, read a page at a time.
    fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        let live = self.db.read(|tx| Ok(rows::trait_by_key(tx, key)?.and_then(|t| t.live_version)))?;
        let detail = "enable the pack `rfm` and wait until it is built";
        let live = live.ok_or_else(|| Problem::conflict("rfm_not_enabled", detail))?;
        let mut out = Vec::new();
        let mut after = PersonId::new(0);
        loop {
            let page = self.db.read(|tx| computed::values(tx, live, after, PAGE))?;
            out.extend(page.iter().filter_map(|(_, v)| v.parse::<f64>().ok()));
            match page.last() {
                Some((person, _)) if page.len() == PAGE as usize => after = *person,
                Some(_) | None => return Ok(out),
            }
        }
    }
}
