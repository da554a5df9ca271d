//! The lake as its callers use it.

mod oracle;
mod person;
mod s3;
mod sealing;
mod support;
mod tools;
mod verify;
