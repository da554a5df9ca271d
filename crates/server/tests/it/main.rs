//! Integration tests over real HTTP, one file per room.

mod access;
mod collect;
mod identity;
mod logs;
mod privacy;
mod story;
mod system;
