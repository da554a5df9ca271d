//! Room `credit`.
