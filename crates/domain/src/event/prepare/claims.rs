//! The identifiers an event claims, normalised and ordered.
