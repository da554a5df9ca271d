//! Audience activation: what of a person leaves for a destination, in which form, and who must be taken back.
//!
//! A [`Contact`] is what one person can be reached or recognised by. A [`Format`] turns it into *records*: rows of a
//! table, or lines of an advertising platform's list, hashed as that platform documents. [`decide`] compares what a
//! destination holds of a person with what it should hold, and says what to send. Nothing here knows consent rules
//! (those are [`crate::person::consent`]), files or networks.
//!
//! Start reading at [`Format::records`] and [`decide`]. Each platform is a file that names the pages its rules are from.

mod column;
mod contact;
mod delta;
mod google;
mod meta;
mod normal;
mod ocean;
mod schedule;
mod tencent;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use column::{Column, ColumnFault, Hash, Source, columns_checked};
pub use contact::Contact;
pub use delta::{Held, Refusal, Step, Wanted, decide};
pub use ocean::OceanId;
pub use schedule::Schedule;
pub use tencent::TencentId;

/// The form in which people leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Format {
    /// A table of columns as comma-separated values (RFC 4180), UTF-8, with a header.
    Csv {
        /// Its columns; the person's id is always the first.
        columns: Vec<Column>,
    },
    /// The same table as Parquet.
    Parquet {
        /// Its columns; the person's id is always the first.
        columns: Vec<Column>,
    },
    /// The same table as JSON objects: what webhooks are sent.
    Json {
        /// Its fields; the person's id is always the first.
        columns: Vec<Column>,
    },
    /// A customer list of Meta Ads Manager.
    MetaCustomers,
    /// A Customer Match file of Google Ads.
    GoogleCustomers,
    /// A list for 巨量引擎's 自定义人群 upload page: one identifier a line, zipped.
    OceanList {
        /// Which identifier.
        id: OceanId,
    },
    /// A file for 巨量引擎's 数据源 interface: a base64 `DmpData` message a line, zipped.
    OceanData {
        /// Which identifier.
        id: OceanId,
    },
    /// A 客户文件人群 file of 腾讯广告: one identifier a line, zipped.
    TencentList {
        /// Which identifier.
        id: TencentId,
    },
}

/// One row or line: the cells in the order of [`Format::header`].
pub type Record = Vec<Value>;

/// How the bytes of a file are made of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Comma-separated values with a header.
    Csv,
    /// Parquet.
    Parquet,
    /// A JSON object a line.
    JsonLines,
    /// A plain line a record, packed into a zip.
    ZippedLines,
}

impl Format {
    /// Its name as stored and shown.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Parquet { .. } => "parquet",
            Self::Json { .. } => "json",
            Self::MetaCustomers => "meta_customers",
            Self::GoogleCustomers => "google_customers",
            Self::OceanList { .. } => "ocean_list",
            Self::OceanData { .. } => "ocean_data",
            Self::TencentList { .. } => "tencent_list",
        }
    }

    /// How its file is written.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        match self {
            Self::Csv { .. } | Self::MetaCustomers | Self::GoogleCustomers => Shape::Csv,
            Self::Parquet { .. } => Shape::Parquet,
            Self::Json { .. } => Shape::JsonLines,
            Self::OceanList { .. } | Self::OceanData { .. } | Self::TencentList { .. } => Shape::ZippedLines,
        }
    }

    /// The ending of its file's name.
    #[must_use]
    pub const fn extension(&self) -> &'static str {
        match self.shape() {
            Shape::Csv => "csv",
            Shape::Parquet => "parquet",
            Shape::JsonLines => "jsonl",
            Shape::ZippedLines => "zip",
        }
    }

    /// The code by which the platform knows what kind of identifier the file holds; it is part of the file's name, because
    /// whoever uploads it must choose it there.
    #[must_use]
    pub const fn id_type(&self) -> Option<&'static str> {
        match self {
            Self::OceanList { id } | Self::OceanData { id } => Some(id.code()),
            Self::TencentList { id } => Some(id.code()),
            Self::Csv { .. }
            | Self::Parquet { .. }
            | Self::Json { .. }
            | Self::MetaCustomers
            | Self::GoogleCustomers => None,
        }
    }

    /// The columns chosen by the operator, where there is a choice.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        match self {
            Self::Csv { columns } | Self::Parquet { columns } | Self::Json { columns } => columns,
            Self::MetaCustomers
            | Self::GoogleCustomers
            | Self::OceanList { .. }
            | Self::OceanData { .. }
            | Self::TencentList { .. } => &[],
        }
    }

    /// The names of the cells of its records; none for lines of a list.
    #[must_use]
    pub fn header(&self) -> Vec<String> {
        match self {
            Self::Csv { columns } | Self::Parquet { columns } | Self::Json { columns } => column::header(columns),
            Self::MetaCustomers => owned(&meta::HEADER),
            Self::GoogleCustomers => owned(&google::HEADER),
            Self::OceanList { .. } | Self::OceanData { .. } | Self::TencentList { .. } => Vec::new(),
        }
    }

    /// The records of one person; none when the format has nothing to recognise the person by.
    #[must_use]
    pub fn records(&self, c: &Contact) -> Vec<Record> {
        match self {
            Self::Csv { columns } | Self::Parquet { columns } | Self::Json { columns } => {
                vec![column::record(columns, c)]
            }
            Self::MetaCustomers => meta::record(c).into_iter().collect(),
            Self::GoogleCustomers => google::record(c).into_iter().collect(),
            Self::OceanList { id } => ocean::lines(*id, c),
            Self::OceanData { id } => ocean::messages(*id, c),
            Self::TencentList { id } => tencent::lines(*id, c),
        }
    }

    /// What must be remembered of records to take the person back later: the id of the person is enough for a table,
    /// a list knows nobody but by what was sent.
    #[must_use]
    pub fn keep(&self, records: &[Record]) -> Vec<Record> {
        match self {
            Self::Csv { .. } | Self::Parquet { .. } | Self::Json { .. } => {
                records.iter().map(|r| r.iter().take(1).cloned().collect()).collect()
            }
            Self::MetaCustomers
            | Self::GoogleCustomers
            | Self::OceanList { .. }
            | Self::OceanData { .. }
            | Self::TencentList { .. } => records.to_vec(),
        }
    }

    /// Of what was delivered, the part that newer records no longer say: what a list must lose before it gains them. A
    /// table knows a person by the id, which stays.
    #[must_use]
    pub fn superseded(&self, old: &[Record], new: &[Record]) -> Vec<Record> {
        let identifying = match self {
            Self::Csv { .. } | Self::Parquet { .. } | Self::Json { .. } => return Vec::new(),
            Self::MetaCustomers => meta::IDENTIFYING,
            Self::GoogleCustomers => google::IDENTIFYING,
            Self::OceanList { .. } | Self::OceanData { .. } | Self::TencentList { .. } => 1,
        };
        let stays = |cell: &Value| new.iter().flatten().any(|other| other == cell);
        old.iter()
            .map(|record| {
                let kept = |(i, cell): (usize, &Value)| {
                    if i < identifying && !stays(cell) { cell.clone() } else { Value::Null }
                };
                record.iter().enumerate().map(kept).collect::<Record>()
            })
            .filter(|record| record.iter().any(|cell| !cell.is_null()))
            .collect()
    }

    /// The records that take a person back, from what was kept.
    #[must_use]
    pub fn removals(&self, kept: &[Record]) -> Vec<Record> {
        let width = self.header().len().max(1);
        kept.iter()
            .map(|r| {
                let mut full = r.clone();
                full.resize(width, Value::Null);
                full
            })
            .collect()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A cell as text, for everything but JSON. Nothing is empty.
#[must_use]
pub fn cell_text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => cell.to_string(),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

/// Optional text as a cell.
fn cell(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::String)
}
