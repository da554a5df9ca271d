//! The few calls of the admin API that the demo makes as a stranger would.

use serde_json::Value;
use throughline_base::Problem;

/// A server and the key to it.
#[derive(Debug)]
pub(super) struct Api {
    url: String,
    key: String,
    agent: ureq::Agent,
}

impl Api {
    pub(super) fn new(url: &str, key: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let url = url.trim_end_matches('/').to_owned();
        Self { url, key: key.to_owned(), agent: ureq::Agent::new_with_config(config) }
    }

    /// Whether somebody answers: sending tries again for minutes before it gives up.
    pub(super) fn is_there(&self) -> Result<(), Problem> {
        let asked = self.agent.get(format!("{}/healthz", self.url)).call();
        asked.map(drop).map_err(|e| {
            Problem::unavailable("api", format!("{}: the server cannot be reached: {e}; is it running?", self.url))
        })
    }

    /// The answer to a GET.
    pub(super) fn get(&self, path: &str) -> Result<Value, Problem> {
        self.find(path)?.ok_or_else(|| Problem::not_found("api", format!("GET {path}: the server has no such thing")))
    }

    /// The answer to a GET; `None` for 404.
    pub(super) fn find(&self, path: &str) -> Result<Option<Value>, Problem> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("authorization", self.bearer());
        answer(path, request.call())
    }

    /// The answer to a POST.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("authorization", self.bearer());
        answer(path, request.send_json(body))?
            .ok_or_else(|| Problem::not_found("api", format!("POST {path}: the server has no such thing")))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }
}

fn answer(path: &str, got: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Option<Value>, Problem> {
    let mut r = got.map_err(|e| Problem::unavailable("api", format!("{path}: the server cannot be reached: {e}")))?;
    let status = r.status().as_u16();
    if status == 404 {
        return Ok(None);
    }
    let body = r.body_mut().read_to_string().unwrap_or_default();
    if status >= 400 {
        let short: String = body.chars().take(300).collect();
        return Err(Problem::invalid("api", format!("{path}: the server answered {status}: {short}")));
    }
    serde_json::from_str(&body)
        .map(Some)
        .map_err(|e| Problem::internal("api", format!("{path}: the answer is no JSON: {e}")))
}

/// A part of a path: everything but letters, digits and `-._~` escaped.
pub(super) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}
