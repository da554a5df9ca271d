//! Room `person`.
