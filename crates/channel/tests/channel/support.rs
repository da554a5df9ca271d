//! Servers that end with their test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use throughline_channel::{Channels, Reach};

pub(crate) fn channels() -> Channels {
    Channels::start(Reach::Anywhere).unwrap()
}

/// A server in Python's standard library that prints its port first, then a line for each request.
pub(crate) struct Script {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub(crate) port: u16,
}

impl Script {
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(name);
        let mut child = Command::new("python3")
            .arg("-u")
            .arg(script)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 is installed (scripts/setup)");
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut script = Self { child, lines, port: 0 };
        script.port = script.line().parse().expect("the script prints its port");
        script
    }

    /// The next line it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file with `bytes` in `folder`.
pub(crate) fn file(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("out");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Bytes that repeat nowhere near a boundary of parts or buffers.
pub(crate) fn pattern(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i * 31 + i / 251) as u8).collect()
}
