//! Integration tests over real HTTP, one file per room.

mod access;
mod collect;
mod identity;
mod story;
mod system;
