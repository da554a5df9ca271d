//! What advertising cost: by day, channel and campaign.

use serde_json::json;
use throughline_base::{Cursor, ImportId, Page, Problem, Timestamp};
use throughline_domain::touch::channel_key;
use throughline_store::credit::{self as rows, SpendRow};

use super::conversion::currency_of;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Rows read at a time when a list is filtered.
const STEP: u32 = 500;

/// Spend of a day, channel and campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spend {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The day, `YYYY-MM-DD`, in the zone of reports.
    pub date: String,
    /// The channel, by key, name or alias.
    pub channel: String,
    /// The campaign; empty for the channel as a whole.
    pub campaign: String,
    /// Impressions.
    pub impressions: i64,
    /// Clicks.
    pub clicks: i64,
    /// Cost in minor units.
    pub cost_minor: i64,
    /// Currency of the cost; the installation's when empty.
    pub currency: String,
    /// The import it came by.
    pub import_id: Option<ImportId>,
}

/// Which spend is listed or removed. Absent fields match all.
#[derive(Debug, Clone, Default)]
pub struct SpendFilter {
    /// First day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Channel.
    pub channel: Option<String>,
}

impl From<SpendRow> for Spend {
    fn from(r: SpendRow) -> Self {
        Self {
            id: r.id,
            date: date_of(r.day),
            channel: r.channel,
            campaign: r.campaign,
            impressions: r.impressions,
            clicks: r.clicks,
            cost_minor: r.cost_minor,
            currency: r.currency,
            import_id: r.import_id,
        }
    }
}

fn date_of(day: i64) -> String {
    let text = Timestamp::from_ms(day.saturating_mul(throughline_base::time::DAY_MS)).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// Days since 1970 of `YYYY-MM-DD`; an instant's date is taken too.
fn day_of(text: &str, field: &str) -> Result<i64> {
    let date = text.trim().split('T').next().unwrap_or_default();
    let found = if date.len() == 10 { Timestamp::parse(date) } else { None };
    found.map(Timestamp::day).ok_or_else(|| {
        Problem::invalid("spend", format!("{field}: `{text}` is no date; expected one such as 2026-11-11"))
    })
}

fn channel_of(text: &str) -> Result<String> {
    let refused =
        || Problem::invalid("spend", format!("channel: `{text}` is no channel; expected one such as douyin_ads"));
    channel_key(text).filter(|k| k.chars().count() <= 200).ok_or_else(refused)
}

impl App {
    /// A page of spend, the newest day first.
    ///
    /// # Errors
    /// When a filter is wrong or the store cannot be read.
    pub fn spend_list(&self, filter: &SpendFilter, cursor: Option<Cursor>, limit: u32) -> Result<Page<Spend>> {
        let text = |t: &Option<String>| t.clone().filter(|t| !t.is_empty());
        let from = text(&filter.from).map(|t| day_of(&t, "from")).transpose()?.unwrap_or(i64::MIN);
        let to = text(&filter.to).map(|t| day_of(&t, "to")).transpose()?;
        let channel = text(&filter.channel).map(|t| channel_of(&t)).transpose()?;
        let start = to.map(|day| Cursor { key: day.saturating_add(1), id: i64::MIN });
        let found = self.spend_find(cursor.or(start), limit as usize + 1, |s| {
            if s.day < from {
                return None;
            }
            Some(channel.as_ref().is_none_or(|c| s.channel == *c))
        })?;
        Ok(Page::cut(found, limit, |s| Cursor { key: s.day, id: s.id }).map(Spend::from))
    }

    /// Rows from `cursor` on that `wanted` takes, up to `most`; `None` ends the search.
    fn spend_find(
        &self,
        mut cursor: Option<Cursor>,
        most: usize,
        wanted: impl Fn(&SpendRow) -> Option<bool>,
    ) -> Result<Vec<SpendRow>> {
        let mut found = Vec::new();
        loop {
            let page = self.db.read(|tx| rows::spend_list(tx, cursor, STEP))?;
            for row in page.items {
                match wanted(&row) {
                    None => return Ok(found),
                    Some(true) => found.push(row),
                    Some(false) => {}
                }
                if found.len() == most {
                    return Ok(found);
                }
            }
            cursor = page.next.as_deref().and_then(Cursor::decode);
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    /// Saves spend; what was known of the same day, channel, campaign and currency is replaced.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn spend_put(&self, caller: &Caller, spend: &Spend) -> Result<Spend> {
        let amounts = [("impressions", spend.impressions), ("clicks", spend.clicks), ("cost_minor", spend.cost_minor)];
        if let Some((field, n)) = amounts.into_iter().find(|(_, n)| !(0..=1_000_000_000_000_000).contains(n)) {
            return Err(Problem::invalid("spend", format!("{field}: {n} is not 0 to 10^15")));
        }
        let campaign = spend.campaign.trim();
        if campaign.chars().count() > 200 {
            return Err(Problem::invalid("spend", "campaign: at most 200 characters"));
        }
        let currency =
            if spend.currency.trim().is_empty() { self.settings.currency } else { currency_of(&spend.currency)? };
        let row = SpendRow {
            id: self.ids.next(),
            day: day_of(&spend.date, "date")?,
            channel: channel_of(&spend.channel)?,
            campaign: campaign.to_owned(),
            currency: currency.to_string(),
            impressions: spend.impressions,
            clicks: spend.clicks,
            cost_minor: spend.cost_minor,
            import_id: None,
        };
        self.db.write(|tx| {
            rows::spend_put(tx, std::slice::from_ref(&row))?;
            let object = format!("{} {}", spend.date.trim(), row.channel);
            let detail = json!({ "campaign": row.campaign, "cost_minor": row.cost_minor, "currency": row.currency });
            audit(tx, self, &caller.actor, "spend.put", &object, &detail)
        })?;
        // A replaced row keeps its number: read it back.
        let same = |s: &SpendRow| {
            (s.channel == row.channel && s.campaign == row.campaign && s.currency == row.currency).then_some(true)
        };
        let start = Cursor { key: row.day.saturating_add(1), id: i64::MIN };
        let found =
            self.spend_find(Some(start), 1, |s| if s.day < row.day { None } else { Some(same(s).unwrap_or(false)) })?;
        Ok(found.into_iter().next().unwrap_or(row).into())
    }

    /// Removes the spend of a day, channel and campaign; the campaign may be empty, for the channel as a whole.
    ///
    /// # Errors
    /// When there is none.
    pub fn spend_delete(&self, caller: &Caller, date: &str, channel: &str, campaign: &str) -> Result<()> {
        let (day, channel, campaign) = (day_of(date, "date")?, channel_of(channel)?, campaign.trim());
        let start = Cursor { key: day.saturating_add(1), id: i64::MIN };
        let found = self.spend_find(Some(start), usize::MAX, |s| {
            if s.day < day { None } else { Some(s.channel == channel && s.campaign == campaign) }
        })?;
        if found.is_empty() {
            let detail = format!("there is no spend of {date} for channel `{channel}` and campaign `{campaign}`");
            return Err(Problem::not_found("spend_unknown", detail));
        }
        Ok(self.db.write(|tx| {
            for row in &found {
                rows::spend_delete(tx, row.id)?;
            }
            let object = format!("{} {channel}", date.trim());
            audit(
                tx,
                self,
                &caller.actor,
                "spend.delete",
                &object,
                &json!({ "campaign": campaign, "rows": found.len() }),
            )
        })?)
    }
}
