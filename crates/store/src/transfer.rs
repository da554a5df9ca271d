//! `move`: every table of one database into another, on the same engine or the other one, and proof that it arrived.
//!
//! The tables come from the schema itself, so those of later rooms are included. The source is read in one snapshot; stop
//! the server first, what it writes later is not moved. The target carries a mark until all is verified, with which no
//! server starts on it; a move that was cut short is run again and begins by clearing its own partial copy.

use throughline_base::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use crate::db::{Db, Result, Row, StoreError, Tx, Value};
use crate::migrate::{self, MIGRATIONS};
use crate::schema::{self, TableInfo};

/// The row of `meta` that stands while a move fills this database.
const MARK: &str = "transfer";
/// Rows, and about how many bytes of them, written to the target in one transaction.
const BATCH_ROWS: usize = 2_000;
const BATCH_BYTES: usize = 4 << 20;
/// The progress callback is called once in so many rows while verifying.
const VERIFY_STEP: u64 = 20_000;

/// What a long step is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Copying rows, or bytes of a file.
    Copy,
    /// Reading back what was copied.
    Verify,
}

/// How far a long step is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// What it is doing.
    pub stage: Stage,
    /// The table, or `file` when a file is copied as a whole.
    pub table: &'a str,
    /// Rows (bytes of a file) done.
    pub done: u64,
    /// Rows (bytes of a file) there are.
    pub total: u64,
}

/// Called now and then during a long step.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress<'_>);

/// What a table holds, in one line: equal sums mean equal rows, in whatever order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSum {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// The wrapping sum of a 64-bit hash of each row.
    pub checksum: u64,
}

/// [`copy`] and [`finish`].
pub fn move_all(from: &Db, to: &Db, now: Timestamp, progress: OnProgress<'_>) -> Result<Vec<TableSum>> {
    let sums = copy(from, to, now, progress)?;
    finish(to)?;
    Ok(sums)
}

/// Copies everything from `from` to `to` and verifies it. `to` must be empty, or hold what an earlier move left behind; no
/// server starts on it before [`finish`]. Returns what each table holds on both sides.
pub fn copy(from: &Db, to: &Db, now: Timestamp, progress: OnProgress<'_>) -> Result<Vec<TableSum>> {
    check_source(from)?;
    let known = prepare_target(to, now)?;
    let sums = from.read(|tx| {
        let tables = moved_tables(tx)?;
        refuse_foreign(&tables, &known)?;
        tables.iter().map(|table| copy_table(tx, to, table, progress)).collect::<Result<Vec<_>>>()
    })?;
    let arrived = to.read(|tx| {
        let tables = moved_tables(tx)?;
        tables.iter().map(|table| sum_table(tx, table, progress)).collect::<Result<Vec<_>>>()
    })?;
    compare(&sums, &arrived)?;
    Ok(sums)
}

/// Opens what [`copy`] filled to servers.
pub fn finish(to: &Db) -> Result<()> {
    to.write(|tx| tx.exec_one("DELETE FROM meta WHERE name = $1", &[&MARK]))
}

/// What every table of a database holds, in one snapshot.
pub fn sums(db: &Db, progress: OnProgress<'_>) -> Result<Vec<TableSum>> {
    db.read(|tx| moved_tables(tx)?.iter().map(|table| sum_table(tx, table, progress)).collect())
}

/// Refuses a database that a move has not finished filling.
pub(crate) fn refuse_unfinished(tx: &mut Tx<'_>) -> Result<()> {
    if !is_marked(tx)? {
        return Ok(());
    }
    Err(StoreError::invalid(
        "move_unfinished",
        "a move into this database was not finished; run it again, or use the database it came from",
    ))
}

fn is_marked(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_opt("SELECT value FROM meta WHERE name = $1", &[&MARK], |_| Ok(()))?.is_some())
}

fn check_source(from: &Db) -> Result<()> {
    let (version, known) = (from.schema_version()?, MIGRATIONS.last().map_or(0, |m| m.version));
    if version != known {
        return Err(StoreError::invalid(
            "move_source",
            format!(
                "the source is at schema version {version}, this binary moves version {known}; migrate the source first"
            ),
        ));
    }
    from.read(refuse_unfinished)
}

/// Leaves the target with all tables, all of them empty, and the mark set.
fn prepare_target(to: &Db, now: Timestamp) -> Result<Vec<TableInfo>> {
    let fresh = to.schema_version()? == 0;
    migrate::apply(to, MIGRATIONS, now)?;
    to.write(|tx| {
        let tables = moved_tables(tx)?;
        // What a migration itself puts into a fresh database comes from the source instead.
        if fresh || is_marked(tx)? {
            for table in tables.iter().rev() {
                tx.exec(&format!("DELETE FROM \"{}\"", table.name), &[])?;
            }
        }
        for table in &tables {
            if tx.query_opt(&format!("SELECT 1 FROM \"{}\" LIMIT 1", table.name), &[], |_| Ok(()))?.is_some() {
                return Err(StoreError::invalid(
                    "move_target",
                    format!("the target is not empty: table {} has rows; move into a new database", table.name),
                ));
            }
        }
        tx.exec_one("INSERT INTO meta (name, value) VALUES ($1, 'copying')", &[&MARK])?;
        Ok(tables)
    })
}

/// A table that someone added by hand is not lost silently.
fn refuse_foreign(source: &[TableInfo], known: &[TableInfo]) -> Result<()> {
    for table in source {
        if !known.iter().any(|k| k.name == table.name && k.columns == table.columns) {
            return Err(StoreError::invalid(
                "move_source",
                format!(
                    "table {} of the source is not as this binary makes it; take out of the database what was added by hand",
                    table.name
                ),
            ));
        }
    }
    Ok(())
}

/// All tables but the one that says how the schema came to be, parents first.
fn moved_tables(tx: &mut Tx<'_>) -> Result<Vec<TableInfo>> {
    let mut tables = schema::tables(tx)?;
    tables.retain(|t| t.name != "schema_migration");
    Ok(tables)
}

fn select(table: &TableInfo, what: &str) -> String {
    let mark = if table.name == "meta" { format!(" WHERE name <> '{MARK}'") } else { String::new() };
    format!("SELECT {what} FROM \"{}\"{mark}", table.name)
}

fn column_list(table: &TableInfo) -> String {
    let quoted: Vec<String> = table.columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    quoted.join(", ")
}

fn count(tx: &mut Tx<'_>, table: &TableInfo) -> Result<u64> {
    tx.query_one(&select(table, "COUNT(*)"), &[], |r| r.i64(0)).map(|n| n.unsigned_abs())
}

fn copy_table(from: &mut Tx<'_>, to: &Db, table: &TableInfo, progress: OnProgress<'_>) -> Result<TableSum> {
    let total = count(from, table)?;
    let mut report = |done| progress(&Progress { stage: Stage::Copy, table: &table.name, done, total });
    let mut sum = Summing::of(table);
    let mut batch = Batch::of(table);
    report(0);
    from.each(&select(table, &column_list(table)), &[], |row| {
        sum.add(row)?;
        batch.add(row)?;
        if batch.is_full() {
            batch.write(to)?;
            report(sum.rows);
        }
        Ok(true)
    })?;
    batch.write(to)?;
    report(sum.rows);
    Ok(sum.done())
}

fn sum_table(tx: &mut Tx<'_>, table: &TableInfo, progress: OnProgress<'_>) -> Result<TableSum> {
    let total = count(tx, table)?;
    let mut sum = Summing::of(table);
    let mut report = |done| progress(&Progress { stage: Stage::Verify, table: &table.name, done, total });
    tx.each(&select(table, &column_list(table)), &[], |row| {
        sum.add(row)?;
        if sum.rows.is_multiple_of(VERIFY_STEP) {
            report(sum.rows);
        }
        Ok(true)
    })?;
    report(sum.rows);
    Ok(sum.done())
}

fn compare(sent: &[TableSum], arrived: &[TableSum]) -> Result<()> {
    for sent in sent {
        let other = arrived.iter().find(|a| a.table == sent.table);
        if other != Some(sent) {
            return Err(StoreError::Internal(format!(
                "table {} did not arrive as it was: {} rows and sum {:016x} in the source, {} rows and sum {:016x} in the target",
                sent.table,
                sent.rows,
                sent.checksum,
                other.map_or(0, |o| o.rows),
                other.map_or(0, |o| o.checksum),
            )));
        }
    }
    Ok(())
}

/// Sums the rows of a table.
struct Summing<'t> {
    table: &'t TableInfo,
    rows: u64,
    checksum: u64,
    bytes: Vec<u8>,
}

impl<'t> Summing<'t> {
    fn of(table: &'t TableInfo) -> Self {
        Self { table, rows: 0, checksum: 0, bytes: Vec::new() }
    }

    fn add(&mut self, row: &Row<'_>) -> Result<()> {
        self.bytes.clear();
        for i in 0..self.table.columns.len() {
            row.value(i)?.encode(&mut self.bytes);
        }
        self.rows += 1;
        self.checksum = self.checksum.wrapping_add(xxh3_64(&self.bytes));
        Ok(())
    }

    fn done(self) -> TableSum {
        TableSum { table: self.table.name.clone(), rows: self.rows, checksum: self.checksum }
    }
}

/// Rows on their way, with their text and blobs in one buffer.
struct Batch {
    insert: String,
    width: usize,
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(usize, usize),
    Blob(usize, usize),
}

impl Batch {
    fn of(table: &TableInfo) -> Self {
        let insert = format!("INSERT INTO \"{}\" ({})", table.name, column_list(table));
        Self { insert, width: table.columns.len(), cells: Vec::new(), bytes: Vec::new() }
    }

    fn add(&mut self, row: &Row<'_>) -> Result<()> {
        for i in 0..self.width {
            let from = self.bytes.len();
            let cell = match row.value(i)? {
                Value::Null => Cell::Null,
                Value::Int(n) => Cell::Int(n),
                Value::Real(x) => Cell::Real(x),
                Value::Text(t) => {
                    self.bytes.extend_from_slice(t.as_bytes());
                    Cell::Text(from, self.bytes.len())
                }
                Value::Blob(b) => {
                    self.bytes.extend_from_slice(b);
                    Cell::Blob(from, self.bytes.len())
                }
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.cells.len() >= BATCH_ROWS * self.width || self.bytes.len() >= BATCH_BYTES
    }

    fn write(&mut self, to: &Db) -> Result<()> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let values = self.cells.iter().map(|cell| self.value(*cell)).collect::<Result<Vec<_>>>()?;
        to.write(|tx| tx.insert_many(&self.insert, values.chunks(self.width), ""))?;
        self.cells.clear();
        self.bytes.clear();
        Ok(())
    }

    fn value(&self, cell: Cell) -> Result<Value<'_>> {
        Ok(match cell {
            Cell::Null => Value::Null,
            Cell::Int(n) => Value::Int(n),
            Cell::Real(x) => Value::Real(x),
            Cell::Text(from, to) => Value::Text(
                std::str::from_utf8(&self.bytes[from..to])
                    .map_err(|_| StoreError::internal("text lost its form in a batch"))?,
            ),
            Cell::Blob(from, to) => Value::Blob(&self.bytes[from..to]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use crate::db::{DbOptions, v};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    /// Rows with every type and the texts that engines disagree on most.
    pub(super) fn fill(db: &Db) {
        let rows = 5_003;
        db.write(|tx| {
            let texts: Vec<String> = (0..rows).map(|i| format!("{i} 张伟 \u{1F600} \\ ' \" %\u{7f}")).collect();
            tx.insert_many(
                "INSERT INTO timer (id, kind, key, payload, due_at, wake_at, attempts)",
                (1..).zip(&texts).map(|(i, t)| [v(i64::from(i)), v("k"), v(t), v(""), v(i64::MIN), v(i64::MAX), v(i)]),
                "",
            )?;
            tx.exec_one("INSERT INTO meta (name, value) VALUES ('installation', 'x')", &[])?;
            // Tables of rooms this module knows nothing of, filled by their schema alone.
            for table in moved_tables(tx)?.iter().filter(|t| !["timer", "meta", "job"].contains(&t.name.as_str())) {
                let cells: Vec<Value<'_>> = table.columns.iter().map(|c| sample(c.kind)).collect();
                let insert = format!("INSERT INTO \"{}\" ({})", table.name, column_list(table));
                tx.insert_many(&insert, [cells], "")?;
            }
            Ok(())
        })
        .unwrap();
    }

    fn sample(kind: schema::ColumnKind) -> Value<'static> {
        match kind {
            schema::ColumnKind::Integer => Value::Int(1),
            schema::ColumnKind::Real => Value::Real(-0.1),
            schema::ColumnKind::Text => Value::Text("a"),
            schema::ColumnKind::Blob => Value::Blob(b"\0\xfe"),
        }
    }

    fn quiet(_: &Progress<'_>) {}

    #[test]
    fn everything_arrives_between_any_two_engines() {
        let names: Vec<&str> = contract::empty_engines().iter().map(|(name, _)| *name).collect();
        for (from_engine, from) in contract::engines() {
            fill(&from);
            for (i, to_engine) in names.iter().enumerate() {
                let to = contract::empty_engines().remove(i).1;
                let mut seen = Vec::new();
                let sums = move_all(&from, &to, at(5), &mut |p| {
                    assert!(p.done <= p.total);
                    seen.push((p.stage, p.table.to_owned(), p.done));
                })
                .unwrap();
                assert!(
                    seen.contains(&(Stage::Copy, "timer".into(), 2_000)),
                    "{from_engine} to {to_engine}: by batches"
                );
                assert!(seen.contains(&(Stage::Verify, "timer".into(), 5_003)));
                assert!(sums.iter().all(|s| s.rows > 0 || s.table == "job"), "{sums:?}");
                assert_eq!(super::sums(&to, &mut quiet).unwrap(), sums, "{from_engine} to {to_engine}");
                assert_eq!(to.migrate(at(6)).unwrap(), 0, "{from_engine} to {to_engine}: the mark is gone");
                assert!(to.integrity().unwrap().is_empty());
            }
        }
    }

    #[test]
    fn a_target_with_rows_and_a_source_without_tables_are_refused() {
        for (engine, db) in contract::engines() {
            fill(&db);
            let other = contract::engines().remove(0).1;
            let e = move_all(&other, &db, at(0), &mut quiet).unwrap_err();
            assert!(e.to_string().contains("the target is not empty: table"), "{engine}: {e}");
            let empty = contract::empty_engines().remove(0).1;
            let e = move_all(&empty, &db, at(0), &mut quiet).unwrap_err();
            assert!(e.to_string().contains("migrate the source first"), "{engine}: {e}");
            other.write(|tx| tx.ddl("CREATE TABLE IF NOT EXISTS mine (x INTEGER) STRICT;")).unwrap();
            let fresh = contract::empty_engines().remove(0).1;
            let e = move_all(&other, &fresh, at(0), &mut quiet).unwrap_err();
            assert!(e.to_string().contains("table mine of the source"), "{engine}: {e}");
        }
    }

    #[test]
    fn a_move_that_was_cut_short_keeps_servers_away_and_can_be_run_again() {
        let (_, from) = contract::engines().remove(0);
        fill(&from);
        for (engine, to) in contract::empty_engines() {
            let cut = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                move_all(&from, &to, at(0), &mut |p| assert!(p.table != "timer" || p.done < 4_000, "killed"))
            }));
            assert!(cut.is_err());
            let e = to.migrate(at(1)).unwrap_err();
            assert!(e.to_string().contains("move_unfinished"), "{engine}: {e}");
            let e = move_all(&to, &from, at(1), &mut quiet).unwrap_err();
            assert!(e.to_string().contains("move_unfinished"), "{engine}: not a source either");
            let sums = move_all(&from, &to, at(2), &mut quiet).unwrap();
            assert_eq!(super::sums(&from, &mut quiet).unwrap(), sums, "{engine}");
            to.migrate(at(3)).unwrap();
        }
    }

    #[test]
    fn a_target_whose_disk_is_full_says_so() {
        let (_, from) = contract::engines().remove(0);
        fill(&from);
        let to = contract::sqlite(&DbOptions { max_pages: Some(220), ..DbOptions::default() });
        let e = move_all(&from, &to, at(0), &mut quiet).unwrap_err();
        assert!(matches!(e, StoreError::Unavailable { code: "database_full", .. }), "{e}");
    }

    #[test]
    fn the_sum_of_a_table_sees_one_changed_cell_and_not_the_order() {
        for (engine, db) in contract::engines() {
            fill(&db);
            let of = |db: &Db| sums(db, &mut quiet).unwrap().into_iter().find(|s| s.table == "timer").unwrap();
            let before = of(&db);
            db.write(|tx| tx.exec_one("UPDATE timer SET attempts = attempts + 1 WHERE id = 77", &[])).unwrap();
            let changed = of(&db);
            assert!(changed.rows == before.rows && changed.checksum != before.checksum, "{engine}");
            db.write(|tx| tx.exec_one("UPDATE timer SET attempts = attempts - 1 WHERE id = 77", &[])).unwrap();
            assert_eq!(of(&db), before, "{engine}: PostgreSQL has moved the row to the end");
        }
    }
}
