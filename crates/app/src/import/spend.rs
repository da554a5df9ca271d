//! Ad spend in bulk: rows of a file, or of the demo.

use throughline_base::ImportId;
use throughline_store::credit::{self as rows, SpendRow};

use crate::{App, Result};

impl App {
    /// Saves many rows of spend `(day, channel, campaign, currency, impressions, clicks, cost)`; what was known of the
    /// same day, channel, campaign and currency is replaced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn spend_put_many(
        &self,
        spend: &[(i64, String, String, String, i64, i64, i64)],
        import: Option<ImportId>,
    ) -> Result<u64> {
        let rows: Vec<SpendRow> = spend
            .iter()
            .map(|(day, channel, campaign, currency, impressions, clicks, cost_minor)| SpendRow {
                id: self.ids.next(),
                day: *day,
                channel: channel.clone(),
                campaign: campaign.clone(),
                currency: currency.clone(),
                impressions: *impressions,
                clicks: *clicks,
                cost_minor: *cost_minor,
                import_id: import,
            })
            .collect();
        Ok(self.db.write(|tx| rows::spend_put(tx, &rows))?)
    }
}
