//! The rules. Pure: no I/O, no async, no SQL, no clock of its own.
//!
//! Rooms stand in the order the data meets them; a room may use rooms above it, never below.
//! Start reading at [`event`]: everything else works on the events it defines.

pub mod audience;
pub mod credit;
pub mod event;
pub mod identity;
pub mod insight;
pub mod person;
pub mod team;
pub mod touch;
