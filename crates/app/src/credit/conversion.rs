//! Conversion definitions: listed, made, changed, removed.

use serde_json::json;
use throughline_base::{ConversionId, Currency, Problem, ProblemKind};
use throughline_domain::credit::paths::Count;
use throughline_store::Tx;
use throughline_store::credit::{self as rows, ConversionRow};

use super::definition::{ConversionValue, Dedupe, Definition, Filter};
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Most definitions of an installation.
const MAX_CONVERSIONS: usize = 200;

/// A named definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// Its id.
    pub id: ConversionId,
    /// Short name for programs, unique.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// The one reports begin with.
    pub is_default: bool,
    /// What it is.
    pub definition: Definition,
}

/// A new definition or a change of one. Absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct ConversionChange {
    /// Name for people.
    pub name: Option<String>,
    /// Short name for programs.
    pub key: Option<String>,
    /// The event.
    pub event: Option<String>,
    /// The filter; `Some(None)` takes it away.
    pub filter: Option<Option<Filter>>,
    /// The value.
    pub value: Option<ConversionValue>,
    /// How often.
    pub count: Option<Count>,
    /// What makes two one.
    pub dedupe: Option<Dedupe>,
    /// The event that takes one back; `Some(None)` for none.
    pub refund_event: Option<Option<String>>,
    /// The currency.
    pub currency: Option<String>,
    /// Make it the one reports begin with.
    pub is_default: Option<bool>,
}

/// The definition every installation begins with: an order, at its value, once an order id.
pub(crate) fn seed_conversions(tx: &mut Tx<'_>, app: &App) -> throughline_store::Result<()> {
    let definition = Definition {
        event: "Order Completed".into(),
        filter: None,
        value: ConversionValue::Revenue,
        count: Count::Every,
        dedupe: Dedupe::OrderId,
        refund_event: Some("Order Refunded".into()),
        currency: app.settings.currency,
    };
    let order = Conversion {
        id: ConversionId::new(app.ids.next()),
        key: "order".into(),
        name: "Order".into(),
        is_default: true,
        definition,
    };
    rows::conversion_insert(tx, &order.row(app))?;
    Ok(())
}

impl Conversion {
    fn read(row: ConversionRow) -> Result<Self> {
        let definition = serde_json::from_str(&row.definition).map_err(|e| {
            Problem::internal("conversion", format!("the definition `{}` cannot be read", row.key)).caused_by(e)
        })?;
        Ok(Self { id: row.id, key: row.key, name: row.name, is_default: row.is_default, definition })
    }

    fn row(&self, app: &App) -> ConversionRow {
        ConversionRow {
            id: self.id,
            key: self.key.clone(),
            name: self.name.clone(),
            definition: serde_json::to_string(&self.definition).expect("a definition is plain data"),
            is_default: self.is_default,
            created_at: app.now(),
        }
    }

    fn change(&mut self, change: ConversionChange) -> Result<()> {
        if let Some(name) = change.name {
            name.trim().clone_into(&mut self.name);
        }
        if let Some(key) = change.key {
            self.key = key;
        }
        let d = &mut self.definition;
        if let Some(event) = change.event {
            event.trim().clone_into(&mut d.event);
        }
        if let Some(filter) = change.filter {
            d.filter = filter;
        }
        if let Some(value) = change.value {
            d.value = value;
        }
        if let Some(count) = change.count {
            d.count = count;
        }
        if let Some(dedupe) = change.dedupe {
            d.dedupe = dedupe;
        }
        if let Some(refund) = change.refund_event {
            d.refund_event = refund.map(|r| r.trim().to_owned());
        }
        if let Some(currency) = change.currency {
            d.currency = currency_of(&currency)?;
        }
        self.check()
    }

    fn check(&self) -> Result<()> {
        if self.name.is_empty() || self.name.chars().count() > 120 {
            return Err(Problem::invalid("conversion", "name: give it a name of at most 120 characters"));
        }
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if self.key.is_empty() || self.key.len() > 64 || !self.key.chars().all(letters) {
            let detail = "key: 1 to 64 of a-z, 0-9, - and _, for instance `first_order`";
            return Err(Problem::invalid("conversion", detail));
        }
        self.definition.check()
    }
}

/// Reads a currency code.
pub(super) fn currency_of(text: &str) -> Result<Currency> {
    text.trim().parse().map_err(|_| {
        Problem::invalid("currency", format!("currency: `{text}` is no currency; expected a code such as CNY or EUR"))
    })
}

impl App {
    /// Every definition, the default one first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn conversions(&self) -> Result<Vec<Conversion>> {
        self.db.read(rows::conversions)?.into_iter().map(Conversion::read).collect()
    }

    /// The definition of a key or an id; the default one without either.
    ///
    /// # Errors
    /// When there is none.
    pub fn conversion(&self, key: Option<&str>) -> Result<Conversion> {
        let all = self.conversions()?;
        let known: Vec<&str> = all.iter().map(|c| c.key.as_str()).collect();
        let unknown = |key: &str| {
            let detail = format!("there is no conversion `{key}`; there are: {}", known.join(", "));
            Problem::not_found("conversion_unknown", detail)
        };
        let at = match key.filter(|k| !k.is_empty()) {
            Some(key) => {
                all.iter().position(|c| c.key == key || c.id.to_string() == key).ok_or_else(|| unknown(key))?
            }
            None if all.is_empty() => return Err(unknown("default")),
            None => all.iter().position(|c| c.is_default).unwrap_or(0),
        };
        Ok(all.into_iter().nth(at).expect("the place was just found"))
    }

    /// Adds a definition. Name, key and event are needed, the rest has defaults.
    ///
    /// # Errors
    /// What is wrong with it, or that the key is taken.
    pub fn conversion_create(&self, caller: &Caller, change: ConversionChange) -> Result<Conversion> {
        let all = self.conversions()?;
        if all.len() >= MAX_CONVERSIONS {
            let detail = format!("there are {MAX_CONVERSIONS} conversions already; remove one first");
            return Err(Problem::conflict("conversion_limit", detail));
        }
        let mut new = Conversion {
            id: ConversionId::new(self.ids.next()),
            key: String::new(),
            name: String::new(),
            is_default: change.is_default.unwrap_or(false) || all.is_empty(),
            definition: Definition {
                event: String::new(),
                filter: None,
                value: ConversionValue::default(),
                count: Count::default(),
                dedupe: Dedupe::default(),
                refund_event: None,
                currency: self.settings.currency,
            },
        };
        new.change(change)?;
        let row = new.row(self);
        self.db
            .write(|tx| {
                rows::conversion_insert(tx, &row)?;
                let detail = json!({ "key": new.key, "definition": new.definition });
                audit(tx, self, &caller.actor, "conversion.create", &new.id.to_string(), &detail)
            })
            .map_err(|e| key_taken(e.into(), &new.key))?;
        Ok(new)
    }

    /// Changes a definition.
    ///
    /// # Errors
    /// When there is none of this id, something is wrong with it, or the key is taken.
    pub fn conversion_update(&self, caller: &Caller, id: ConversionId, change: ConversionChange) -> Result<Conversion> {
        let mut found = self.conversion(Some(&id.to_string()))?;
        match change.is_default {
            Some(false) if found.is_default => {
                let detail = "default: reports need one to begin with; make another conversion the default instead";
                return Err(Problem::conflict("conversion_default", detail));
            }
            Some(wanted) => found.is_default = wanted,
            None => {}
        }
        found.change(change)?;
        let row = found.row(self);
        self.db
            .write(|tx| {
                rows::conversion_update(tx, &row)?;
                let detail = json!({ "key": found.key, "definition": found.definition });
                audit(tx, self, &caller.actor, "conversion.update", &found.id.to_string(), &detail)
            })
            .map_err(|e| key_taken(e.into(), &found.key))?;
        Ok(found)
    }

    /// Removes a definition. Events stay: it can be made again.
    ///
    /// # Errors
    /// When there is none of this id, or it is the default one.
    pub fn conversion_delete(&self, caller: &Caller, id: ConversionId) -> Result<()> {
        let found = self.conversion(Some(&id.to_string()))?;
        if found.is_default {
            let detail = "this is the conversion that reports begin with; make another one the default first";
            return Err(Problem::conflict("conversion_default", detail));
        }
        Ok(self.db.write(|tx| {
            rows::conversion_delete(tx, id)?;
            audit(tx, self, &caller.actor, "conversion.delete", &id.to_string(), &json!({ "key": found.key }))
        })?)
    }
}

fn key_taken(problem: Problem, key: &str) -> Problem {
    if problem.kind == ProblemKind::Conflict {
        return Problem::conflict(
            "conversion_key",
            format!("key: there is a conversion `{key}` already; choose another"),
        );
    }
    problem
}
