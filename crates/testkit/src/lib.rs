//! A whole server on a temporary folder, for tests over real HTTP. Development only.
//!
//! Start reading at [`TestApp::start`].

mod engine;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use engine::{Engine, engines};
use serde_json::{Value, json};
use throughline_app::{App, Settings};
use throughline_base::{Clock, FixedClock, SystemClock};

/// Key with all rights of a test server.
pub const API_KEY: &str = "test-api-key";
/// Write key of the source `bootstrap`.
pub const WRITE_KEY: &str = "test-write-key";

/// A running server. It stops and its data vanish when it is dropped.
pub struct TestApp {
    /// The stories, for what has no endpoint.
    pub app: Arc<App>,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The clock, when it is a fixed one.
    pub clock: Option<Arc<FixedClock>>,
    agent: ureq::Agent,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl std::fmt::Debug for TestApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestApp").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Status and JSON body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body; null when it is no JSON.
    pub body: Value,
    /// Body as it came.
    pub text: String,
    /// Headers by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// `Retry-After`, if there was one.
    pub retry_after: Option<String>,
}

impl TestApp {
    /// A server on SQLite with the machine's clock.
    ///
    /// # Panics
    /// When it cannot start.
    #[must_use]
    pub fn start() -> Self {
        Self::with(|_| {}, Arc::new(SystemClock), None)
    }

    /// A server whose clock stands at `ms` until it is moved.
    ///
    /// # Panics
    /// When it cannot start.
    #[must_use]
    pub fn at(ms: i64) -> Self {
        let clock = Arc::new(FixedClock::at_ms(ms));
        Self::with(|_| {}, clock.clone(), Some(clock))
    }

    /// A server with other settings.
    ///
    /// # Panics
    /// When it cannot start.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Settings), clock: Arc<dyn Clock>, fixed: Option<Arc<FixedClock>>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut settings = Settings::new(folder.path());
        settings.bootstrap_api_key = Some(API_KEY.into());
        settings.bootstrap_write_key = Some(WRITE_KEY.into());
        change(&mut settings);
        let app = App::open(settings, clock).expect("the app opens");
        app.start();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, address) = std::sync::mpsc::channel();
        let served = app.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("the runtime starts");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                told.send(listener.local_addr().expect("an address")).expect("the test waits");
                let stop = async {
                    let _ = stopped.await;
                };
                throughline_http::serve(served, listener, stop).await.expect("the server serves");
            });
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
        });
        let url = format!("http://{}", address.recv().expect("the server tells its address"));
        // A connection is not used again: the server closes one whose request it refused before reading the body.
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_idle_connections(0);
        let agent = ureq::Agent::new_with_config(config.build());
        Self { app, url, clock: fixed, agent, stop: Some(stop), thread: Some(thread), _folder: folder }
    }

    /// Sends events as Segment's server SDKs do.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn batch(&self, events: &Value) -> Answer {
        self.send("POST", "/v1/batch", &[("x-write-key", WRITE_KEY)], Some(&json!({ "batch": events })))
    }

    /// GET with the API key.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {API_KEY}"))], None)
    }

    /// A write with the API key.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("authorization", &format!("Bearer {API_KEY}"))], Some(body))
    }

    /// Any request.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let text = body.map(ToString::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let mut response = self.agent.run(request.body(text).expect("a request")).expect("the server answers");
        let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers.filter_map(|(n, v)| Some((n.as_str().to_owned(), v.to_str().ok()?.to_owned()))).collect();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), text, headers, retry_after }
    }

    /// Follows the log to its end, so that summaries are up to date.
    ///
    /// # Panics
    /// When the store fails.
    pub fn settle(&self) {
        self.app.react_all().expect("the follower commits");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.app.live.close();
        if let Some(t) = self.thread.take() {
            let _ = t.join();
        }
        self.app.close();
    }
}
