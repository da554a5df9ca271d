//! What can go wrong, always with the name of the file it went wrong at.

use std::fmt;

use throughline_base::problem::{Problem, ProblemKind};

/// A failure of the lake.
#[derive(Debug)]
pub enum LakeError {
    /// The configuration cannot be used.
    Config {
        /// What is wrong and how to mend it.
        detail: String,
    },
    /// A file of the manifest is not on the storage.
    Missing {
        /// Its path below the lake's root.
        path: String,
    },
    /// A file is there but does not hold what the manifest and the format promise.
    Corrupt {
        /// Its path below the lake's root.
        path: String,
        /// What does not hold.
        detail: String,
    },
    /// The storage refused: a full disk, no permission, no connection.
    Storage {
        /// The path below the lake's root, or the root's URL.
        path: String,
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A defect of ours: a worker died.
    Defect {
        /// What happened.
        detail: String,
    },
}

impl LakeError {
    pub(crate) fn storage(
        path: &str,
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Storage { path: path.to_owned(), doing, source: source.into() }
    }

    pub(crate) fn corrupt(path: &str, detail: impl fmt::Display) -> Self {
        Self::Corrupt { path: path.to_owned(), detail: detail.to_string() }
    }
}

impl fmt::Display for LakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config { detail } => write!(f, "event history cannot be opened: {detail}"),
            Self::Missing { path } => write!(
                f,
                "event history file {path} is in the manifest but not on the storage; restore it from a backup, then run `throughline lake verify`"
            ),
            Self::Corrupt { path, detail } => write!(
                f,
                "event history file {path} is damaged: {detail}; restore it from a backup, then run `throughline lake verify`"
            ),
            Self::Storage { path, doing, source } => write!(f, "{doing} {path} failed: {source}"),
            Self::Defect { detail } => write!(f, "event history worker died: {detail}"),
        }
    }
}

impl std::error::Error for LakeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Storage { source, .. } => Some(source.as_ref()),
            Self::Config { .. } | Self::Missing { .. } | Self::Corrupt { .. } | Self::Defect { .. } => None,
        }
    }
}

impl From<LakeError> for Problem {
    fn from(error: LakeError) -> Self {
        let (kind, code) = match &error {
            LakeError::Config { .. } => (ProblemKind::Invalid, "lake_config"),
            LakeError::Missing { .. } => (ProblemKind::Internal, "lake_file_missing"),
            LakeError::Corrupt { .. } => (ProblemKind::Internal, "lake_file_corrupt"),
            LakeError::Storage { .. } => (ProblemKind::Unavailable, "lake_storage"),
            LakeError::Defect { .. } => (ProblemKind::Internal, "lake_defect"),
        };
        let detail = error.to_string();
        match error {
            LakeError::Storage { source, .. } => Self::new(kind, code, detail).caused_by(source),
            LakeError::Config { .. }
            | LakeError::Missing { .. }
            | LakeError::Corrupt { .. }
            | LakeError::Defect { .. } => Self::new(kind, code, detail),
        }
    }
}

/// A result of the lake.
pub type Result<T> = std::result::Result<T, LakeError>;
