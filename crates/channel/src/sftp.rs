//! Files to an SFTP server.
//!
//! The server proves itself by its host key, whose fingerprint the destination knows: without one nothing is sent, and
//! the fingerprint seen is told, to be compared with what the server's owner says. Host keys and keys of users are
//! Ed25519 or ECDSA; RSA is left out, because its only implementation without C leaks through timing (RUSTSEC-2023-0071).

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::client::{self, AuthResult, Handle};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::error::{ChannelError, Result};
use crate::{Channels, Reach};

/// Longest wait for a whole file.
const LIMIT: Duration = Duration::from_secs(3_600);
/// A server that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);
const BUFFER: usize = 256 << 10;

/// An account on a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Sftp {
    /// Name or address.
    pub host: String,
    /// Usually 22.
    pub port: u16,
    /// Account.
    pub user: String,
    /// How the account is proved.
    pub login: Login,
    /// `SHA256:…` of the server's host key, as `ssh-keygen -lf` prints it.
    pub host_key: String,
    /// Folder to write into; empty for the account's own.
    pub folder: String,
}

/// How an account is proved.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// By a password.
    Password(String),
    /// By a private key in OpenSSH's or PKCS#8's form.
    Key {
        /// The key's text.
        key: String,
        /// Its passphrase, if it has one.
        passphrase: Option<String>,
    },
}

impl std::fmt::Debug for Sftp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = format!("{}@{}:{}/{}", self.user, self.host, self.port, self.folder);
        f.debug_struct("Sftp").field("place", &place).finish_non_exhaustive()
    }
}

/// Compares the server's key and notes the one seen.
struct HostKey {
    wanted: String,
    seen: Arc<Mutex<String>>,
}

impl client::Handler for HostKey {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> std::result::Result<bool, Self::Error> {
        let fingerprint = shown.public_key().fingerprint(HashAlg::Sha256).to_string();
        let fits = fingerprint == self.wanted;
        if let Ok(mut seen) = self.seen.lock() {
            *seen = fingerprint;
        }
        Ok(fits)
    }
}

impl Sftp {
    /// Whether it can be used at all, without asking the server.
    ///
    /// # Errors
    /// What is missing or cannot be used.
    pub fn checked(&self) -> Result<()> {
        if self.host.is_empty() || self.user.is_empty() {
            return Err(ChannelError::setup("an SFTP destination needs host and user"));
        }
        if !self.host_key.is_empty() && !self.host_key.starts_with("SHA256:") {
            return Err(ChannelError::setup(
                "host_key is no fingerprint; expected SHA256:… as `ssh-keygen -lf` prints it",
            ));
        }
        self.key().map(drop)
    }

    fn key(&self) -> Result<Option<PrivateKeyWithHashAlg>> {
        let Login::Key { key, passphrase } = &self.login else { return Ok(None) };
        let read = decode_secret_key(key, passphrase.as_deref()).map_err(|e| {
            ChannelError::setup(format!(
                "the private key cannot be read: {e}; paste it whole, with its passphrase if it has one"
            ))
        })?;
        if read.algorithm().is_rsa() {
            return Err(ChannelError::setup("RSA keys are not spoken; make one with `ssh-keygen -t ed25519`"));
        }
        Ok(Some(PrivateKeyWithHashAlg::new(Arc::new(read), None)))
    }

    /// Uploads a file under `name`: beside it first, then renamed. Returns where it lies. One of that name is replaced.
    ///
    /// # Errors
    /// What the server refused, or why it did not answer.
    pub fn put(&self, channels: &Channels, name: &str, from: &Path) -> Result<String> {
        self.checked()?;
        let target = self.place(name);
        let shown = format!("sftp://{}@{}:{}/{}", self.user, self.host, self.port, target.trim_start_matches('/'));
        let (own, reach, file) = (self.clone(), channels.reach(), from.to_owned());
        let partial = self.place(&format!(".{name}.partial"));
        channels.wait(LIMIT, async move {
            let (session, sftp) = own.open(reach).await?;
            let done = own.upload(&sftp, &file, &partial, &target).await;
            close(session, sftp).await;
            done
        })?;
        Ok(shown)
    }

    /// Deletes a file; one that is not there is deleted already.
    ///
    /// # Errors
    /// As [`Sftp::put`].
    pub fn remove(&self, channels: &Channels, name: &str) -> Result<()> {
        self.checked()?;
        let (own, reach, target) = (self.clone(), channels.reach(), self.place(name));
        channels.wait(SILENCE * 2, async move {
            let (session, sftp) = own.open(reach).await?;
            let done = match sftp.remove_file(target).await {
                Err(SftpError::Status(s)) if s.status_code == StatusCode::NoSuchFile => Ok(()),
                other => other.map_err(|e| own.failed(&e)),
            };
            close(session, sftp).await;
            done
        })
    }

    fn place(&self, name: &str) -> String {
        let folder = self.folder.trim_end_matches('/');
        if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
    }

    async fn open(&self, reach: Reach) -> Result<(Handle<HostKey>, SftpSession)> {
        let stream = reach.connect(&self.host, self.port).await?;
        let seen = Arc::new(Mutex::new(String::new()));
        let handler = HostKey { wanted: self.host_key.clone(), seen: seen.clone() };
        let config = client::Config { inactivity_timeout: Some(SILENCE), ..client::Config::default() };
        let connected = tokio::time::timeout(SILENCE, client::connect_stream(Arc::new(config), stream, handler)).await;
        let mut session = match connected {
            Ok(Ok(session)) => session,
            Ok(Err(e)) => return Err(self.no_session(&e, &seen)),
            Err(_) => return Err(ChannelError::unreachable(format!("{} does not speak SSH", self.host))),
        };
        self.sign_in(&mut session).await?;
        let broken = |e: russh::Error| ChannelError::unreachable(format!("{} broke off: {e}", self.host));
        let channel = session.channel_open_session().await.map_err(broken)?;
        channel.request_subsystem(true, "sftp").await.map_err(broken)?;
        let sftp = SftpSession::new(channel.into_stream()).await.map_err(|e| self.failed(&e))?;
        sftp.set_timeout(SILENCE.as_secs());
        Ok((session, sftp))
    }

    fn no_session(&self, e: &russh::Error, seen: &Mutex<String>) -> ChannelError {
        let seen = seen.lock().map(|s| s.clone()).unwrap_or_default();
        if seen.is_empty() || seen == self.host_key {
            return ChannelError::unreachable(format!("{} and we find no common way to speak: {e}", self.host));
        }
        if self.host_key.is_empty() {
            return ChannelError::setup(format!(
                "{} shows the host key {seen}; compare it with what the server's owner says and set it as host_key",
                self.host
            ));
        }
        ChannelError::refused(format!(
            "{} shows the host key {seen}, not the one that is set; somebody may stand in between, or the server was set up anew: ask its owner",
            self.host
        ))
    }

    async fn sign_in(&self, session: &mut Handle<HostKey>) -> Result<()> {
        let answer = match (self.key()?, &self.login) {
            (Some(key), _) => session.authenticate_publickey(&self.user, key).await,
            (None, Login::Password(password)) => session.authenticate_password(&self.user, password).await,
            (None, Login::Key { .. }) => return Err(ChannelError::setup("the private key cannot be read")),
        };
        match answer {
            Ok(AuthResult::Success) => Ok(()),
            Ok(AuthResult::Failure { .. }) => Err(ChannelError::refused(format!(
                "{} refuses the account {}; check user and {}",
                self.host,
                self.user,
                if matches!(self.login, Login::Password(_)) { "password" } else { "key" }
            ))),
            Err(e) => Err(ChannelError::unreachable(format!("{} broke off while signing in: {e}", self.host))),
        }
    }

    async fn upload(&self, sftp: &SftpSession, file: &Path, partial: &str, target: &str) -> Result<()> {
        let unread = |e: std::io::Error| ChannelError::unreachable(format!("the file to upload cannot be read: {e}"));
        let unsent = |e: std::io::Error| ChannelError::unreachable(format!("{} broke off: {e}", self.host));
        let mut source = tokio::fs::File::open(file).await.map_err(unread)?;
        let mut out = sftp.create(partial).await.map_err(|e| self.failed(&e))?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let n = source.read(&mut buffer).await.map_err(unread)?;
            if n == 0 {
                break;
            }
            out.write_all(&buffer[..n]).await.map_err(unsent)?;
        }
        out.flush().await.map_err(unsent)?;
        // Servers without `fsync@openssh.com` say so; the file is there all the same.
        let _ = out.sync_all().await;
        out.close().await.map_err(unsent)?;
        // Version 3 of the protocol renames onto nothing only; an earlier attempt may have left the file.
        if sftp.try_exists(target).await.unwrap_or(false) {
            sftp.remove_file(target).await.map_err(|e| self.failed(&e))?;
        }
        sftp.rename(partial, target).await.map_err(|e| self.failed(&e))
    }

    fn failed(&self, e: &SftpError) -> ChannelError {
        let place = if self.folder.is_empty() { "the account's folder" } else { &self.folder };
        match e {
            SftpError::Status(s) if s.status_code == StatusCode::PermissionDenied => {
                ChannelError::refused(format!("{} does not let {} write into {place}", self.host, self.user))
            }
            SftpError::Status(s) if s.status_code == StatusCode::NoSuchFile => {
                ChannelError::refused(format!("{} has no folder {place}; make it there first", self.host))
            }
            SftpError::Status(s) => ChannelError::unreachable(format!("{} answered: {}", self.host, s.status_code)),
            SftpError::Timeout => ChannelError::unreachable(format!("{} stopped answering", self.host)),
            other => ChannelError::unreachable(format!("{} broke off: {other}", self.host)),
        }
    }
}

/// Ends politely; what was to be written is written, so a failure here changes nothing.
async fn close(session: Handle<HostKey>, sftp: SftpSession) {
    let _ = sftp.close().await;
    let _ = session.disconnect(russh::Disconnect::ByApplication, "", "en").await;
}
