//! Integration tests over real HTTP, one file per room.

mod access;
mod cli;
mod collect;
mod demo;
mod destination;
mod identity;
mod import;
mod killed;
mod limits;
mod logs;
mod people;
mod privacy;
mod process;
mod story;
mod system;
mod trouble;
mod veil;
