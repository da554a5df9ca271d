//! The real binary in processes of its own, to be killed and started again on the same data.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;
use throughline_testkit::{API_KEY, Engine, WRITE_KEY};

/// A data folder and a database.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub engine: Engine,
    settings: Vec<(String, String)>,
}

impl Place {
    /// `settings` are variables without their prefix: `("LAKE_SEAL_ROWS", "100")`.
    pub fn new(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let named = |(k, v): &(&str, &str)| (format!("THROUGHLINE_{k}"), (*v).to_owned());
        Self { folder: tempfile::tempdir().unwrap(), engine, settings: settings.iter().map(named).collect() }
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// A verb on this data.
    pub fn command(&self, data: &Path, verb: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_throughline"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("THROUGHLINE_")) {
            c.env_remove(name);
        }
        c.args(verb).arg("--data").arg(data);
        if !self.engine.url.is_empty() {
            c.arg("--database-url").arg(&self.engine.url);
        }
        c.env("THROUGHLINE_BOOTSTRAP_API_KEY", API_KEY).env("THROUGHLINE_BOOTSTRAP_WRITE_KEY", WRITE_KEY);
        c.envs(self.settings.iter().map(|(k, v)| (k, v)));
        c.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        c
    }

    /// Runs a verb to its end.
    pub fn run(&self, verb: &[&str]) -> Output {
        let out = self.command(&self.data(), verb).output().unwrap();
        assert!(out.status.success(), "{verb:?}: {}", String::from_utf8_lossy(&out.stderr));
        out
    }

    /// Runs a verb and kills it after `patience`; says how it ended when it was faster.
    pub fn run_and_kill(&self, verb: &[&str], patience: Duration) -> Option<ExitStatus> {
        let mut child = self.command(&self.data(), verb).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Some(status) = child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        None
    }

    /// Runs a verb again and again, killed later each time, until it comes to its end; returns how often it was killed.
    pub fn kill_until_done(&self, verb: &[&str], first: Duration) -> u32 {
        let (mut patience, mut kills) = (first, 0);
        loop {
            if let Some(status) = self.run_and_kill(verb, patience) {
                assert!(status.success(), "{verb:?}: {status}");
                return kills;
            }
            (patience, kills) = (patience.mul_f64(1.4), kills + 1);
        }
    }

    pub fn serve(&self) -> Node {
        self.serve_in(&self.data())
    }

    /// A server on another data folder.
    pub fn serve_in(&self, data: &Path) -> Node {
        let mut child =
            self.command(data, &["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::null()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let url = said.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        assert!(url.starts_with("http://"), "the server is ready: {said:?}");
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(Duration::from_secs(30))).build().into();
        Node { child: Mutex::new(child), url, agent }
    }
}

/// A running server. It is killed when this is dropped.
pub struct Node {
    child: Mutex<Child>,
    url: String,
    agent: ureq::Agent,
}

/// Status, JSON body and `Retry-After`.
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub retry_after: Option<String>,
}

impl Node {
    /// `None` when the connection broke, as it does when the server dies.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Reply> {
        self.ask(method, path, WRITE_KEY, body)
    }

    /// Events of another source.
    pub fn send_with_key(&self, path: &str, key: &str, body: &Value) -> Option<Reply> {
        self.ask("POST", path, key, Some(body))
    }

    fn ask(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Option<Reply> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {API_KEY}"))
            .header("x-write-key", key)
            .header("content-type", "application/json")
            .body(body.map(ToString::to_string).unwrap_or_default())
            .unwrap();
        let mut response = self.agent.run(request).ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        Some(Reply {
            status: response.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            retry_after: response.headers().get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned),
        })
    }

    pub fn get(&self, path: &str) -> Value {
        let reply = self.send("GET", path, None).expect("the server answers");
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        // It may be dead already.
        let _ = child.kill();
        child.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
