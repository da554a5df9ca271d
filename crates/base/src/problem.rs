//! One error type for every story: what went wrong, where, and how to mend it.

use std::fmt;

/// What kind of problem, which decides the HTTP status and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The input cannot be used as it is (400).
    Invalid,
    /// Not signed in, or the key is unknown (401).
    Unauthenticated,
    /// Signed in, but not allowed (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// It clashes with what is there (409).
    Conflict,
    /// Over a limit of size (413).
    TooLarge,
    /// Too much at once: try again later (429).
    Busy,
    /// An engine cannot be reached or refuses to commit: try again (503).
    Unavailable,
    /// A defect of ours (500).
    Internal,
}

/// A problem with its kind, a stable code and a text for a person.
#[derive(Debug)]
pub struct Problem {
    /// The kind.
    pub kind: ProblemKind,
    /// Stable, `snake_case`, for programs.
    pub code: &'static str,
    /// What is wrong, where, and how to mend it. Never holds secrets or personal data.
    pub detail: String,
    /// What caused it, for the log.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    /// A problem without a cause.
    pub fn new(kind: ProblemKind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, code, detail: detail.into(), source: None }
    }

    /// Input that cannot be used.
    pub fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Invalid, code, detail)
    }

    /// Something that is not there.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::NotFound, code, detail)
    }

    /// A clash.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Conflict, code, detail)
    }

    /// An engine that does not answer.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unavailable, code, detail)
    }

    /// A defect.
    pub fn internal(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Internal, code, detail)
    }

    /// Keeps `source` for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)?;
        match &self.source {
            Some(s) => write!(f, " ({s})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
