//! Writes SQLite's log back into the file beside the commits, so that no commit waits for it.
//!
//! Most of the log is written back while others read and write. The log only starts over when a commit finds all of it
//! written back, so the last few pages are done while the writer is held.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rusqlite::{Connection, OpenFlags};

use super::error::Result;

/// So few pages that the writer may wait for them.
const FEW_PAGES: i64 = 256;
/// Attempts to come near the end of a log that grows meanwhile.
const ROUNDS: usize = 8;
/// A log this many times too long is written back by the commit that finds it so: nobody may outrun the disk.
const OUTRUN: u32 = 6;
/// Pause after a round, so that a reader who holds the log back is not asked without end.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
struct State {
    due: bool,
    stop: bool,
}

#[derive(Debug, Default)]
struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

impl Bell {
    fn ring(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock());
        self.rung.notify_one();
    }

    /// Waits until a checkpoint is due; `false` when the end has come.
    fn wait(&self) -> bool {
        let mut state = self.state.lock();
        while !state.due && !state.stop {
            self.rung.wait(&mut state);
        }
        state.due = false;
        !state.stop
    }

    fn pause(&self) {
        let mut state = self.state.lock();
        if !state.stop {
            self.rung.wait_for(&mut state, PAUSE);
        }
    }
}

/// The thread that writes the log back. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer {
    bell: Arc<Bell>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    /// Starts it for the database at `path`. `writer` is asked to ring when its log has `pages`.
    pub(super) fn start(path: &Path, writer: &Arc<Mutex<Connection>>, pages: u32, durable: bool) -> Result<Self> {
        let bell = Arc::new(Bell::default());
        let rings = bell.clone();
        writer.lock().wal_hook(Some(move |wal: &mut rusqlite::hooks::Wal, length: i32| {
            let length = u32::try_from(length).unwrap_or(0);
            if length >= pages.saturating_mul(OUTRUN) {
                return wal.checkpoint();
            }
            if length >= pages {
                rings.ring(|s| s.due = true);
            }
            Ok(())
        }))?;
        let work = Work { path: path.to_owned(), writer: writer.clone(), bell: bell.clone(), durable };
        let thread = std::thread::Builder::new().name("checkpoint".into()).spawn(move || work.run()).map_err(|e| {
            super::StoreError::unavailable("database_thread", format!("cannot start a thread for the database: {e}"))
        })?;
        Ok(Self { bell, thread: Mutex::new(Some(thread)) })
    }

    /// Ends the thread and waits for it.
    pub(super) fn stop(&self) {
        self.bell.ring(|s| s.stop = true);
        if let Some(thread) = self.thread.lock().take() {
            // A panic there has been reported; the log is written back by whoever opens the database next.
            let _ = thread.join();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Work {
    path: PathBuf,
    writer: Arc<Mutex<Connection>>,
    bell: Arc<Bell>,
    durable: bool,
}

impl Work {
    fn run(&self) {
        let mut conn = None;
        while self.bell.wait() {
            // A failure (a full disk) shows at the commits; here there is nobody to tell but the log.
            if let Err(e) = self.write_back(&mut conn) {
                tracing::warn!(error = %e, "the database's log could not be written back; trying again");
                conn = None;
            }
            self.bell.pause();
        }
    }

    fn write_back(&self, conn: &mut Option<Connection>) -> Result<()> {
        let conn = match conn {
            Some(conn) => conn,
            None => conn.insert(self.open()?),
        };
        for _ in 0..ROUNDS {
            if passive(conn)? <= FEW_PAGES {
                let _held = self.writer.lock();
                passive(conn)?;
                return Ok(());
            }
        }
        Ok(())
    }

    fn open(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        let sync = if self.durable { "FULL" } else { "OFF" };
        conn.execute_batch(&format!("PRAGMA synchronous = {sync}; PRAGMA wal_autocheckpoint = 0;"))?;
        Ok(conn)
    }
}

/// Writes back what no reader still needs in the log; returns how many pages are left.
fn passive(conn: &Connection) -> Result<i64> {
    let (log, done) =
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |r| Ok((r.get::<_, i64>(1)?, r.get::<_, i64>(2)?)))?;
    Ok(log - done)
}
