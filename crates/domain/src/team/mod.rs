//! Room `team`.
