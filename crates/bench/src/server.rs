//! The server under test: this binary, in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use throughline_base::Problem;

use crate::broken;
use crate::machine::cpu_seconds;

/// Key with all rights of the server under test.
pub(crate) const API_KEY: &str = "bench-api-key";
/// Write key of the server under test.
pub(crate) const WRITE_KEY: &str = "bench-write-key";

/// A running server; it is killed when dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) pid: u32,
    pub(crate) data: PathBuf,
    child: Child,
}

impl Server {
    /// Starts a server on an empty folder and waits until it is ready.
    pub(crate) fn start(data: &Path) -> Result<Self, Problem> {
        let cannot = |e: std::io::Error| Problem::unavailable("bench", format!("the server does not start: {e}"));
        let mut child = Command::new(std::env::current_exe().map_err(cannot)?)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("THROUGHLINE_BOOTSTRAP_API_KEY", API_KEY)
            .env("THROUGHLINE_BOOTSTRAP_WRITE_KEY", WRITE_KEY)
            .env("THROUGHLINE_LOG_LEVEL", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        let pid = child.id();
        let said = child.stdout.take().ok_or_else(|| broken("the server has no output"))?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).map_err(cannot)?;
        let url = line.trim().rsplit(' ').next().filter(|u| u.starts_with("http")).map(str::to_owned);
        let mut server = Self { url: String::new(), pid, data: data.to_owned(), child };
        server.url = url.ok_or_else(|| broken(format!("the server does not say its address but `{}`", line.trim())))?;
        Ok(server)
    }

    /// Waits until the server has dealt with everything: its processor time stands still.
    pub(crate) fn settle(&self, at_most: Duration) {
        let started = Instant::now();
        let mut before = cpu_seconds(Some(self.pid));
        while started.elapsed() < at_most {
            std::thread::sleep(Duration::from_millis(500));
            let now = cpu_seconds(Some(self.pid));
            if now - before < 0.03 {
                return;
            }
            before = now;
        }
    }

    /// Stops it as an operator would, so that its data can be opened; leaves the folder.
    pub(crate) fn stop(mut self) -> Result<PathBuf, Problem> {
        let asked = Command::new("kill").arg(self.pid.to_string()).status();
        if !asked.is_ok_and(|s| s.success()) {
            return Err(broken("the server cannot be asked to stop"));
        }
        let status = self.child.wait().map_err(|e| broken(format!("the server does not stop: {e}")))?;
        if !status.success() {
            return Err(broken(format!("the server ended with {status}")));
        }
        Ok(self.data.clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
