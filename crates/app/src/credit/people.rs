//! The people behind a number of the report: every number opens those who make it up.

use std::sync::Arc;

use throughline_base::{Cursor, Page, PersonId};
use throughline_domain::credit::Model;
use throughline_domain::credit::paths::{PathBuilder, PathEvent, PathOptions};
use throughline_domain::credit::report::{Level, ReportQuery, report};
use throughline_domain::touch::{Catalog, NO_TOUCH};
use throughline_lake::{PersonRows, PersonVisitor};

use super::recent::Ranked;
use super::report::CreditQuery;
use super::scan::{Buying, Reader};
use crate::person::list::PersonItem;
use crate::{App, Result};

/// The key that stands for what no touch earned.
const UNATTRIBUTED: &str = "unattributed";

impl App {
    /// The people to whose conversions the model credits `key` (a row's key, or `unattributed`), most value first; all
    /// who converted without a key.
    ///
    /// # Errors
    /// As [`App::credit_report`].
    pub fn credit_people(
        &self,
        query: &CreditQuery,
        key: Option<&str>,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<PersonItem>> {
        let ranked = self.credit_ranked(query, key.filter(|k| !k.is_empty()))?;
        let after = cursor.map_or(0, |c| ranked.partition_point(|(value, id)| (*value, *id) >= (c.key, c.id)));
        let rows: Vec<(i64, i64)> = ranked[after..].iter().take(limit as usize + 1).copied().collect();
        let page = Page::cut(rows, limit, |(value, id)| Cursor { key: *value, id: *id });
        let ids: Vec<PersonId> = page.items.iter().map(|(_, id)| PersonId::new(*id)).collect();
        Ok(Page { items: self.people_by_id(&ids)?, next: page.next })
    }

    fn credit_ranked(&self, query: &CreditQuery, key: Option<&str>) -> Result<Ranked> {
        let conversion = self.conversion(query.conversion.as_deref())?;
        let options = query.options(&conversion);
        let (mut kept_as, _) = self.credit_key(&conversion, &options)?;
        kept_as.asked = format!("{} {} {:?} {key:?}", kept_as.asked, query.model.as_str(), query.by);
        let recent = self.touch_names()?.recent.clone();
        if let Some(list) = recent.list(&kept_as) {
            return Ok(list);
        }
        let _turn = recent.turn();
        if let Some(list) = recent.list(&kept_as) {
            return Ok(list);
        }
        let prepared = self.credit_prepare(&conversion.definition)?;
        let lookup = &prepared.lookup;
        // Checked before the threads start, so that they cannot fail.
        PathBuilder::new(&lookup.touches.catalog, &options)?;
        let buying = Buying::of(&options);
        let one = PathOptions { path_limit: 16, ..options };
        let finders = self.credit_scan(&prepared, |_| Finder {
            reader: Reader::new(lookup),
            buying,
            options: &one,
            model: query.model,
            by: query.by,
            key,
            events: Vec::new(),
            found: Vec::new(),
        })?;
        let mut found: Vec<(i64, i64)> = finders.into_iter().flat_map(|f| f.found).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        let list: Ranked = Arc::new(found);
        recent.list_keep(kept_as, list.clone());
        Ok(list)
    }
}

struct Finder<'a> {
    reader: Reader<'a>,
    buying: Buying,
    options: &'a PathOptions,
    model: Model,
    by: Level,
    key: Option<&'a str>,
    events: Vec<PathEvent>,
    /// Value and person.
    found: Vec<(i64, i64)>,
}

impl Finder<'_> {
    /// What the person's conversions give the key; `None` when nothing.
    ///
    /// The person gets a catalog of their own few touches: sums over the whole one would have to be cleared each time.
    fn given(&mut self) -> Option<i64> {
        let whole = &self.reader.lookup.touches.catalog;
        let mut own = Catalog::new();
        self.events.clear();
        for e in &self.reader.events {
            let touch = whole.touch(e.touch).map_or(NO_TOUCH, |t| own.intern(t));
            self.events.push(PathEvent { touch, ..*e });
        }
        let mut builder = PathBuilder::new(&own, self.options).ok()?;
        builder.person(true, &self.events);
        let query = ReportQuery { model: self.model, by: self.by, top_paths: 0 };
        let report = report(&builder.finish(), &own, &[], &query);
        match self.key {
            None => Some(report.totals.revenue_minor),
            Some(UNATTRIBUTED) => {
                let u = report.unattributed;
                (u.conversions > 0 || u.revenue_minor != 0).then_some(u.revenue_minor)
            }
            Some(key) => {
                let row = report.rows.iter().find(|r| r.key == key)?;
                (row.conversions > 0.0 || row.revenue_minor != 0).then_some(row.revenue_minor)
            }
        }
    }
}

impl PersonVisitor for Finder<'_> {
    fn person(&mut self, rows: PersonRows<'_>) {
        self.reader.read(&rows);
        // Without a conversion in the period nothing is credited, but refunds of unknown orders are unattributed.
        let relevant = (self.reader.converts && self.buying.is_buyer(&self.reader.events))
            || (self.reader.refunds && self.key == Some(UNATTRIBUTED));
        if relevant && let Some(value) = self.given() {
            self.found.push((value, rows.person_id()));
        }
    }
}
