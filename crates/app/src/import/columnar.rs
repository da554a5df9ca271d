//! Rows of Parquet files as JSON values.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::{Number, Value};
use throughline_base::Problem;
use throughline_domain::event::Object;

use super::file;
use super::reader::{Cells, Record};
use crate::Result;

/// Rows decoded at a time.
const BATCH: usize = 1_024;

/// A Parquet file.
pub struct Columnar {
    batches: ParquetRecordBatchReader,
    columns: Vec<String>,
    rows: u64,
    batch: Option<(RecordBatch, usize)>,
    row: u64,
}

fn damaged(e: impl std::fmt::Display) -> Problem {
    Problem::invalid("import_file", format!("the Parquet file cannot be read: {e}"))
}

impl Columnar {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is no Parquet file or uses what this build cannot decode.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| file::unreadable(path, &e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        let columns = builder.schema().fields().iter().map(|f| f.name().clone()).collect();
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
        let batches = builder.with_batch_size(BATCH).build().map_err(damaged)?;
        Ok(Self { batches, columns, rows, batch: None, row: 0 })
    }

    /// Names of the columns.
    pub fn columns(&self) -> Vec<String> {
        self.columns.clone()
    }

    /// How many rows it has.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The next row.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn next(&mut self) -> Result<Option<Record>> {
        loop {
            match &mut self.batch {
                Some((batch, at)) if *at < batch.num_rows() => {
                    let cells: Vec<Value> = batch.columns().iter().map(|c| cell(c, *at)).collect();
                    *at += 1;
                    self.row += 1;
                    let named: Object = self.columns.iter().cloned().zip(cells.iter().cloned()).collect();
                    let text = Value::Object(named).to_string();
                    return Ok(Some(Record::new(self.row, Cells::Flat(cells), text)));
                }
                Some(_) | None => match self.batches.next() {
                    None => return Ok(None),
                    Some(batch) => self.batch = Some((batch.map_err(damaged)?, 0)),
                },
            }
        }
    }
}

fn cell(column: &ArrayRef, i: usize) -> Value {
    if column.is_null(i) {
        return Value::Null;
    }
    let float = |f: f64| Number::from_f64(f).map_or(Value::Null, Value::Number);
    match column.data_type() {
        DataType::Boolean => column.as_boolean().value(i).into(),
        DataType::Int8 => column.as_primitive::<Int8Type>().value(i).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(i).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(i).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(i).into(),
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(i).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(i).into(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(i).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(i).into(),
        // The shortest decimal of the narrow float, not the digits that widening adds.
        DataType::Float32 => {
            let text = column.as_primitive::<Float32Type>().value(i).to_string();
            text.parse().map_or(Value::Null, float)
        }
        DataType::Float64 => float(column.as_primitive::<Float64Type>().value(i)),
        DataType::Utf8 => column.as_string::<i32>().value(i).into(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(i).into(),
        // Dates, instants, decimals, dictionaries and nested values as arrow writes them (ISO 8601 for times).
        _ => {
            let options = FormatOptions::default();
            ArrayFormatter::try_new(column.as_ref(), &options)
                .ok()
                .and_then(|f| f.value(i).try_to_string().ok())
                .map_or(Value::Null, Value::String)
        }
    }
}
