//! Integration tests over real HTTP, one file per room.

mod access;
mod collect;
mod demo;
mod identity;
mod logs;
mod privacy;
mod story;
mod system;
