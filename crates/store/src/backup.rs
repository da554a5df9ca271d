//! Backup while the server runs, and restore.
//!
//! A backup is always one SQLite file, of either engine: on SQLite the pages as they are, on PostgreSQL every table in one
//! snapshot by the machinery of [`transfer`](crate::transfer). It is written beside its final name, checked, flushed to the
//! disk and only then renamed, so that a file with the final name is a whole backup. Any backup restores into either
//! engine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use throughline_base::Timestamp;

use crate::db::{Db, DbOptions, Result, StoreError, sqlite_integrity};
use crate::migrate::MIGRATIONS;
use crate::transfer::{self, OnProgress, Progress, Stage};

/// Pages copied between two calls of the progress callback.
const STEP_PAGES: i32 = 2_048;

/// For a file that has no value until it is whole: it is flushed once, by [`seal`]. The check reads it in no order.
const FRESH: &str = "PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;";

/// A finished backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupReport {
    /// The size of the file.
    pub bytes: u64,
    /// The version of the schema in it.
    pub schema_version: i64,
}

/// Writes a consistent copy of the database to the file `to`, which must not exist, while others go on writing, and checks
/// it.
pub fn backup(db: &Db, to: &Path, now: Timestamp, progress: OnProgress<'_>) -> Result<BackupReport> {
    refuse_existing(to)?;
    let partial = Partial::beside(to)?;
    match db.sqlite() {
        Some(file) => copy_pages(&file.path, &partial.0, progress)?,
        None => {
            let options = DbOptions { durable: false, ..DbOptions::default() };
            let copy = Db::open(path_text(&partial.0)?, &options)?;
            transfer::move_all(db, &copy, now, progress)?;
            copy.close()?;
        }
    }
    let schema_version = seal(&partial.0)?;
    let bytes = fs::metadata(&partial.0).map_err(|e| io(&e, &partial.0))?.len();
    partial.publish(to)?;
    Ok(BackupReport { bytes, schema_version })
}

/// Brings a backup back as the database at `url`: a SQLite file that does not exist yet or an empty PostgreSQL schema.
/// A backup of an older version is migrated on the way; the backup file itself is only read.
pub fn restore(from: &Path, url: &str, options: &DbOptions, now: Timestamp, progress: OnProgress<'_>) -> Result<()> {
    check_backup(from)?;
    if let Some(path) = crate::db::sqlite_file(url)? {
        refuse_existing(path)?;
        let partial = Partial::beside(path)?;
        copy_pages(from, &partial.0, progress)?;
        seal(&partial.0)?;
        partial.publish(path)?;
        let db = Db::open(url, options)?;
        db.migrate(now)?;
        return db.close();
    }
    let to = Db::open(url, options)?;
    // Opening and migrating writes, so it happens to a copy.
    let copy_at = Partial::beside(from)?;
    copy_pages(from, &copy_at.0, progress)?;
    let copy = Db::open(path_text(&copy_at.0)?, &DbOptions { durable: false, ..options.clone() })?;
    copy.migrate(now)?;
    transfer::move_all(&copy, &to, now, progress)?;
    copy.close()
}

fn check_backup(from: &Path) -> Result<()> {
    let damaged =
        |why: &str| StoreError::invalid("backup_damaged", format!("{} is no sound backup: {why}", from.display()));
    if !from.is_file() {
        return Err(StoreError::invalid("backup_missing", format!("there is no file {}", from.display())));
    }
    let conn = open_read(from)?;
    let found = sqlite_integrity(&conn).map_err(|e| damaged(&e.to_string()))?;
    if let Some(first) = found.first() {
        return Err(damaged(first));
    }
    let version = version_of(&conn).map_err(|_| damaged("it has no schema_migration table"))?;
    let known = MIGRATIONS.last().map_or(0, |m| m.version);
    if version <= known {
        return Ok(());
    }
    Err(StoreError::invalid(
        "database_newer",
        format!("the backup is at schema version {version}, this binary knows up to {known}; use a newer binary"),
    ))
}

fn version_of(conn: &Connection) -> Result<i64> {
    conn.query_row("SELECT MAX(version) FROM schema_migration", [], |r| r.get(0)).map_err(StoreError::from)
}

fn open_read(path: &Path) -> Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(StoreError::from)
}

/// Copies a SQLite database page by page as it is now, whatever is written meanwhile.
fn copy_pages(from: &Path, to: &Path, progress: OnProgress<'_>) -> Result<()> {
    let source = open_read(from)?;
    // The open transaction holds one snapshot through all steps; without it every write would start the copy anew.
    source.execute_batch("BEGIN")?;
    let page: u32 = source.query_row("PRAGMA page_size", [], |r| r.get(0))?;
    source.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut target = Connection::open(to)?;
    target.execute_batch(FRESH)?;
    let copy = Backup::new(&source, &mut target)?;
    loop {
        let step = copy.step(STEP_PAGES)?;
        let at = copy.progress();
        let (total, left) = (at.pagecount.unsigned_abs(), at.remaining.unsigned_abs());
        let (total, left) = (u64::from(total) * u64::from(page), u64::from(left) * u64::from(page));
        progress(&Progress { stage: Stage::Copy, table: "file", done: total - left, total });
        match step {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(20)),
            StepResult::More | _ => {}
        }
    }
}

/// Makes a fresh copy one self-contained, checked file on the disk; returns its schema version.
fn seal(path: &Path) -> Result<i64> {
    let conn = Connection::open(path)?;
    conn.execute_batch(FRESH)?;
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    if let Some(first) = sqlite_integrity(&conn)?.first() {
        return Err(StoreError::Internal(format!("the copy is damaged, it was not kept: {first}")));
    }
    let version = version_of(&conn)?;
    conn.close().map_err(|(_, e)| e)?;
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| io(&e, path))?;
    Ok(version)
}

fn refuse_existing(path: &Path) -> Result<()> {
    if path.exists() {
        return Err(StoreError::invalid(
            "file_exists",
            format!("{} exists already and is not overwritten; move it away or choose another name", path.display()),
        ));
    }
    Ok(())
}

/// A file on its way to its name; removed, with what SQLite puts beside it, when it does not get there.
struct Partial(PathBuf);

impl Partial {
    fn beside(path: &Path) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = Self(path.with_file_name(name));
        // What a killed attempt left behind.
        partial.remove();
        Ok(partial)
    }

    fn publish(self, to: &Path) -> Result<()> {
        fs::rename(&self.0, to).map_err(|e| io(&e, to))?;
        let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The name is on the disk once its folder is.
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| io(&e, folder))
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            let _ = fs::remove_file(name);
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        self.remove();
    }
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| StoreError::invalid("path", "the path of the file is not UTF-8"))
}

fn io(e: &std::io::Error, path: &Path) -> StoreError {
    StoreError::unavailable("database_io", format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::contract;
    use crate::db::v;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn quiet(_: &Progress<'_>) {}

    fn add(db: &Db, from: i64, count: i64) {
        let payload = "x".repeat(300);
        let rows = (from..from + count)
            .map(|i| [v(i), v("q"), v("k"), v(&payload), v("done"), v(1), v(i % 7), v(0), v(1), v(0)]);
        let insert =
            "INSERT INTO job (id, queue, kind, payload, state, head, run_at, attempts, max_attempts, created_at)";
        db.write(|tx| tx.insert_many(insert, rows, "")).unwrap();
    }

    fn sums(db: &Db) -> Vec<transfer::TableSum> {
        transfer::sums(db, &mut quiet).unwrap()
    }

    #[test]
    fn a_backup_of_either_engine_restores_into_either() {
        for (engine, db) in contract::engines() {
            add(&db, 0, 500);
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("backup.db");
            let mut last = (0, 1);
            let report = backup(&db, &file, at(1), &mut |p| last = (p.done, p.total)).unwrap();
            assert_eq!(last.0, last.1, "{engine}");
            assert_eq!(report.bytes, fs::metadata(&file).unwrap().len());
            assert_eq!(report.schema_version, db.schema_version().unwrap());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{engine}: nothing but the backup is left");
            let e = backup(&db, &file, at(1), &mut quiet).unwrap_err();
            assert!(e.to_string().contains("not overwritten"), "{e}");

            let target = folder.path().join("restored.db");
            restore(&file, target.to_str().unwrap(), &DbOptions::default(), at(2), &mut quiet).unwrap();
            let restored = Db::open(target.to_str().unwrap(), &DbOptions::default()).unwrap();
            assert_eq!(sums(&restored), sums(&db), "{engine} to sqlite");
            restored.write(|_| Ok(())).unwrap();

            let before = fs::read(&file).unwrap();
            if let Some((url, to)) = contract::postgres_target() {
                restore(&file, &url, &DbOptions::default(), at(2), &mut quiet).unwrap();
                assert_eq!(sums(&to), sums(&db), "{engine} to postgres");
                let e = restore(&file, &url, &DbOptions::default(), at(2), &mut quiet).unwrap_err();
                assert!(e.to_string().contains("not empty"), "{e}");
            }
            assert_eq!(fs::read(&file).unwrap(), before, "{engine}: the backup is only read");
        }
    }

    #[test]
    fn a_backup_is_one_moment_while_writers_go_on() {
        for (engine, db) in contract::engines() {
            add(&db, 0, 2_000);
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("backup.db");
            let stop = AtomicBool::new(false);
            std::thread::scope(|s| {
                s.spawn(|| {
                    let mut id = 10_000;
                    while !stop.load(Ordering::Relaxed) {
                        // Always ten at once: a backup that tore a transaction would show another remainder.
                        add(&db, id, 10);
                        id += 10;
                    }
                });
                let made = backup(&db, &file, at(1), &mut quiet);
                stop.store(true, Ordering::Relaxed);
                made.unwrap();
            });
            let copy = Db::open(file.to_str().unwrap(), &DbOptions::default()).unwrap();
            let rows = copy.read(|tx| tx.query_one("SELECT COUNT(*) FROM job", &[], |r| r.i64(0))).unwrap();
            assert!(rows >= 2_000 && rows % 10 == 0, "{engine}: {rows}");
            assert!(copy.integrity().unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_no_sound_backup_is_refused_before_anything_is_written() {
        let db = contract::engines().remove(0).1;
        add(&db, 0, 500);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let file = path("backup.db");
        backup(&db, &file, at(1), &mut quiet).unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let (from, to) = (bytes.len() / 2, bytes.len() / 2 + 9_000);
        bytes[from..to].fill(0x5a);
        fs::write(path("damaged.db"), &bytes).unwrap();
        fs::write(path("text.db"), "hello, this is no database but a text that someone picked by mistake").unwrap();
        Connection::open(path("other.db")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        fs::copy(&file, path("newer.db")).unwrap();
        let newer = "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES (9999, 'later', '', 0)";
        Connection::open(path("newer.db")).unwrap().execute_batch(newer).unwrap();
        for bad in ["missing.db", "damaged.db", "text.db", "other.db", "newer.db"] {
            let target = path("target.db");
            let e =
                restore(&path(bad), target.to_str().unwrap(), &DbOptions::default(), at(2), &mut quiet).unwrap_err();
            assert!(matches!(e, StoreError::Invalid { .. }), "{bad}: {e}");
            assert!(!target.exists(), "{bad}");
        }
        let taken = restore(&file, file.to_str().unwrap(), &DbOptions::default(), at(2), &mut quiet).unwrap_err();
        assert!(taken.to_string().contains("not overwritten"), "{taken}");
    }
}
