//! How rows look in a file: names, types, encodings.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::column::{Column, Slot};

/// The file format's version, in the files and in the lake's marker.
pub(crate) const FORMAT: u32 = 1;

/// Rows of a page of numbers: small enough that one person costs little, large enough for a fast scan.
const PAGE_ROWS: usize = 2 * 1024;
/// Bytes of a page of texts: one person's properties should not cost a megabyte of decompression.
const PAGE_BYTES: usize = 32 * 1024;

/// The columns, in file order.
pub(crate) static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let fields: Vec<Field> = Column::ALL
        .into_iter()
        .map(|c| {
            let kind = match c.slot() {
                Slot::I64(_) if matches!(c, Column::EventAt | Column::ReceivedAt) => {
                    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
                }
                Slot::I64(_) => DataType::Int64,
                Slot::I32(_) => DataType::Int32,
                Slot::Bool(_) => DataType::Boolean,
                Slot::Text(_) => DataType::Utf8,
            };
            Field::new(c.name(), kind, c.nullable())
        })
        .collect();
    Arc::new(Schema::new(fields))
});

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Sealing: events wait for it.
    Seal,
    /// Compaction: done once, read often.
    Compact,
}

/// The writer's settings.
pub(crate) fn properties(effort: Effort, row_group_rows: usize) -> WriterProperties {
    let level = match effort {
        Effort::Seal => 1,
        Effort::Compact => 3,
    };
    let zstd = Compression::ZSTD(ZstdLevel::try_new(level).unwrap_or_default());
    let mut b = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by("throughline".into())
        // Packed numbers have little left that zstd could squeeze, and every scan reads them: only texts are compressed.
        .set_compression(Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(row_group_rows.max(1)))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_write_batch_size(512)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![KeyValue::new("throughline.lake.format".into(), FORMAT.to_string())]))
        .set_sorting_columns(Some(
            [Column::PersonId, Column::EventAt, Column::EventId]
                .map(|c| SortingColumn { column_idx: c.index() as i32, descending: false, nulls_first: false })
                .to_vec(),
        ));
    for column in Column::ALL {
        let path = ColumnPath::from(column.name());
        b = match column {
            // The pruning of one person's rows goes by this column's pages.
            Column::PersonId => b
                .set_column_statistics_enabled(path.clone(), EnabledStatistics::Page)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            Column::EventAt | Column::EventId | Column::ReceivedAt | Column::LineId | Column::ValueMinor => {
                b.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
            }
            Column::Bot | Column::Replayed => b,
            Column::SourceId | Column::NameId | Column::TouchId | Column::Kind | Column::Name | Column::Currency => {
                b.set_column_dictionary_enabled(path, true)
            }
            Column::OrderId | Column::MessageId | Column::Properties | Column::Traits | Column::Context => b
                .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
                .set_column_encoding(path.clone(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
                .set_column_compression(path, zstd),
        };
    }
    b.build()
}
