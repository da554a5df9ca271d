//! Why an attempt failed, and whether another one can help.

use std::fmt;

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answers, or with an error of their own: try again later.
    Unreachable,
    /// They answer that it is too much at once; after so many seconds, if they said.
    Busy(Option<u64>),
    /// They answer, and refuse: somebody must mend something first.
    Refused,
    /// The attempt could not begin: an address, a key or a setting is wrong.
    Setup,
}

impl Failure {
    /// Whether the same attempt may succeed later by itself.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        match self {
            Self::Unreachable | Self::Busy(_) => true,
            Self::Refused | Self::Setup => false,
        }
    }
}

/// A failed attempt. The text says what to mend and holds neither secrets nor what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelError {
    /// The kind.
    pub failure: Failure,
    /// What is wrong and how to mend it.
    pub detail: String,
}

/// `Ok` or a [`ChannelError`].
pub type Result<T> = std::result::Result<T, ChannelError>;

impl ChannelError {
    pub(crate) fn unreachable(detail: impl Into<String>) -> Self {
        Self { failure: Failure::Unreachable, detail: detail.into() }
    }

    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self { failure: Failure::Refused, detail: detail.into() }
    }

    pub(crate) fn setup(detail: impl Into<String>) -> Self {
        Self { failure: Failure::Setup, detail: detail.into() }
    }
}

impl fmt::Display for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for ChannelError {}
