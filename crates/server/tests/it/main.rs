//! Integration tests over real HTTP, one file per room.

mod access;
mod audience;
mod cli;
mod collect;
mod demo;
mod destination;
mod identity;
mod import;
mod killed;
mod limits;
mod logs;
mod matching;
mod people;
mod predictions;
mod privacy;
mod process;
mod story;
mod system;
mod tags;
mod trouble;
mod veil;
