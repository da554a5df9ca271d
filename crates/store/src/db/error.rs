//! What can go wrong at the store, and how it becomes a [`Problem`]. Texts name tables, columns and constraints,
//! never the data in them.

use std::fmt;

use throughline_base::{Problem, ProblemKind};

/// The result of everything in this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An error of the store.
#[derive(Debug)]
pub enum StoreError {
    /// The engine cannot be reached, is full or is busy; nothing was committed unless the text says so. Try again.
    Unavailable {
        /// Stable, `snake_case`: `database_lost`, `database_full`, `database_busy`, `database_io`.
        code: &'static str,
        /// What happened.
        detail: String,
    },
    /// A unique key, or a row that others refer to, stands in the way. Names the constraint or its columns.
    Conflict(String),
    /// A row that was asked for is not there.
    NotFound,
    /// A value that cannot be stored, or an argument that makes no sense.
    Invalid {
        /// Stable, `snake_case`.
        code: &'static str,
        /// What is wrong and how to mend it.
        detail: String,
    },
    /// A defect of ours, or a damaged database.
    Internal(String),
    /// A problem that a story met inside its transaction, passed on as it is.
    Problem(Box<Problem>),
}

impl StoreError {
    /// A defect of ours.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::Internal(detail.into())
    }

    /// An argument or value that cannot be used.
    pub fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { code, detail: detail.into() }
    }

    /// An engine that does not serve now.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Unavailable { code, detail: detail.into() }
    }

    /// Whether trying again later can help.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Problem(p) => p.kind == ProblemKind::Unavailable,
            Self::Conflict(_) | Self::NotFound | Self::Invalid { .. } | Self::Internal(_) => false,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { code, detail } | Self::Invalid { code, detail } => write!(f, "{code}: {detail}"),
            Self::Conflict(what) => write!(f, "conflict: {what}"),
            Self::NotFound => f.write_str("not found: the row is not there"),
            Self::Internal(detail) => write!(f, "store: {detail}"),
            Self::Problem(p) => p.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Unavailable { code, detail } => Self::unavailable(code, detail),
            StoreError::Conflict(what) => Self::conflict("conflict", what),
            StoreError::NotFound => Self::not_found("not_found", "there is no such thing"),
            StoreError::Invalid { code, detail } => Self::invalid(code, detail),
            StoreError::Internal(detail) => Self::internal("store", detail),
            StoreError::Problem(p) => *p,
        }
    }
}

impl From<Problem> for StoreError {
    fn from(p: Problem) -> Self {
        Self::Problem(Box::new(p))
    }
}
