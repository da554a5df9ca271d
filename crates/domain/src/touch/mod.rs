//! Room `touch`.
