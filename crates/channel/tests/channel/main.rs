//! Every channel against a real server of its protocol on this machine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod folder;
mod guard;
mod s3;
mod sftp;
mod support;
mod webhook;
