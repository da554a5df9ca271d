//! Against OpenSSH's own server, run by this user on a port of loopback.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use throughline_channel::Failure;
use throughline_channel::sftp::{Login, Sftp};

use crate::support::{channels, file, pattern};

struct Sshd {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen in the test's output")]
fn sshd() -> Option<PathBuf> {
    let found =
        ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].iter().map(PathBuf::from).find(|p| p.is_file());
    if found.is_none() {
        assert!(
            std::env::var("THROUGHLINE_REQUIRE_SSHD").as_deref() != Ok("1"),
            "sshd is required (THROUGHLINE_REQUIRE_SSHD=1) and not installed: run `make setup`"
        );
        eprintln!("skipped: OpenSSH's server is not installed (make setup)");
    }
    found
}

fn run(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn keygen(path: &Path, passphrase: &str) {
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", passphrase, "-f"]).arg(path));
}

impl Sshd {
    fn start() -> Option<Self> {
        let binary = sshd()?;
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        keygen(&at("host"), "");
        keygen(&at("user"), "open sesame");
        keygen(&at("stranger"), "");
        std::fs::copy(at("user.pub"), at("authorized")).unwrap();
        std::fs::create_dir(at("inbox")).unwrap();
        // Where a root's server gives up its rights; Debian's packages make it at boot only.
        let _ = std::fs::create_dir_all("/run/sshd");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {authorized}\nPidFile none\n\
             UsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\nSubsystem sftp internal-sftp\n",
            host = at("host").display(),
            authorized = at("authorized").display(),
        );
        std::fs::write(at("config"), settings).unwrap();
        let child = Command::new(binary)
            .args(["-D", "-e", "-f"])
            .arg(at("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(std::fs::File::create(at("log")).unwrap()))
            .spawn()
            .unwrap();
        let server = Self { child, port, dir };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("sshd did not start: {}", std::fs::read_to_string(server.dir.path().join("log")).unwrap_or_default());
    }

    fn account(&self) -> Sftp {
        let printed = run(Command::new("ssh-keygen").arg("-lf").arg(self.dir.path().join("host.pub")));
        Sftp {
            host: "127.0.0.1".into(),
            port: self.port,
            user: run(&mut Command::new("whoami")).trim().to_owned(),
            login: self.login("user", Some("open sesame")),
            host_key: printed.split(' ').nth(1).unwrap().to_owned(),
            folder: self.dir.path().join("inbox").display().to_string(),
        }
    }

    fn login(&self, key: &str, passphrase: Option<&str>) -> Login {
        let key = std::fs::read_to_string(self.dir.path().join(key)).unwrap();
        Login::Key { key, passphrase: passphrase.map(str::to_owned) }
    }
}

#[test]
fn a_file_arrives_whole_and_may_be_sent_again() {
    let Some(server) = Sshd::start() else { return };
    let (account, channels) = (server.account(), channels());
    let bytes = pattern(3 << 20);
    let from = file(server.dir.path(), &bytes);
    let place = account.put(&channels, "list.csv", &from).unwrap();
    assert!(place.starts_with("sftp://") && place.ends_with("/inbox/list.csv"), "{place}");
    let inbox = server.dir.path().join("inbox");
    assert!(std::fs::read(inbox.join("list.csv")).unwrap() == bytes);
    account.put(&channels, "list.csv", &file(server.dir.path(), b"new")).unwrap();
    assert_eq!(std::fs::read(inbox.join("list.csv")).unwrap(), b"new");
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 1, "nothing partial stays");
    account.remove(&channels, "list.csv").unwrap();
    account.remove(&channels, "list.csv").unwrap();
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 0);
}

#[test]
fn a_server_that_is_not_the_one_that_is_known_gets_nothing() {
    let Some(server) = Sshd::start() else { return };
    let (known, channels) = (server.account(), channels());
    let from = file(server.dir.path(), b"x");
    let first = Sftp { host_key: String::new(), ..known.clone() }.put(&channels, "f", &from).unwrap_err();
    assert_eq!(first.failure, Failure::Setup, "{first}");
    assert!(first.detail.contains(&known.host_key), "the key seen is told: {first}");
    let other = Sftp { host_key: "SHA256:AAAA".into(), ..known }.put(&channels, "f", &from).unwrap_err();
    assert_eq!(other.failure, Failure::Refused, "{other}");
    assert!(std::fs::read_dir(server.dir.path().join("inbox")).unwrap().next().is_none());
}

#[test]
fn what_the_server_refuses_is_told_with_what_to_mend() {
    let Some(server) = Sshd::start() else { return };
    let (known, channels) = (server.account(), channels());
    let from = file(server.dir.path(), b"x");
    let ask = |account: Sftp| account.put(&channels, "f", &from).unwrap_err();
    let stranger = ask(Sftp { login: server.login("stranger", None), ..known.clone() });
    assert_eq!(stranger.failure, Failure::Refused, "{stranger}");
    let closed = ask(Sftp { login: server.login("user", Some("wrong")), ..known.clone() });
    assert_eq!(closed.failure, Failure::Setup, "{closed}");
    assert!(closed.detail.contains("passphrase"), "{closed}");
    let nowhere = ask(Sftp { folder: "/no/such/folder".into(), ..known.clone() });
    assert_eq!(nowhere.failure, Failure::Refused, "{nowhere}");
    assert!(nowhere.detail.contains("/no/such/folder"), "{nowhere}");
    let gone = ask(Sftp { port: 1, ..known });
    assert_eq!(gone.failure, Failure::Unreachable, "{gone}");
}
