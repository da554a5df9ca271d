//! What a destination is: where, and with which credentials.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use throughline_base::{Problem, Rng, Timestamp};
use throughline_channel::folder::Folder;
use throughline_channel::s3::Bucket;
use throughline_channel::sftp::{Login, Sftp};
use throughline_channel::webhook::Webhook;
use throughline_channel::{ChannelError, Channels, Failure};
use throughline_domain::audience::export::{Format, Shape};
use throughline_domain::person::consent::hex;

use crate::Result;

/// Longest name of a folder, in characters.
const FOLDER_MAX: usize = 64;
/// Fewest characters of a secret given from outside.
const SECRET_MIN: usize = 16;
/// Headers of a webhook.
const HEADERS_MAX: usize = 20;
/// Files of a sync that are kept in a folder.
pub const KEEP_DEFAULT: u32 = 7;

/// Where a destination is, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// A folder below `destinations` in the data folder.
    File {
        /// Its name.
        folder: String,
        /// How many files of a sync are kept; older ones are removed.
        #[serde(default = "keep_default")]
        keep: u32,
    },
    /// A bucket of an S3-compatible storage.
    S3 {
        /// Its name.
        bucket: String,
        /// Folder inside it.
        #[serde(default)]
        prefix: String,
        /// Region; `us-east-1` when empty.
        #[serde(default)]
        region: String,
        /// Address of a storage that is not Amazon's.
        #[serde(default)]
        endpoint: String,
        /// Addresses the bucket as a host name.
        #[serde(default)]
        virtual_hosted_style: bool,
        /// Access key; its secret is `secret_access_key`.
        access_key_id: String,
    },
    /// A folder of an SFTP server.
    Sftp {
        /// Name or address.
        host: String,
        /// Port.
        #[serde(default = "port_default")]
        port: u16,
        /// Account; proved by `password` or `private_key` with its `passphrase`.
        user: String,
        /// Fingerprint of the server's key, `SHA256:…`.
        #[serde(default)]
        host_key: String,
        /// Folder; empty for the account's own.
        #[serde(default)]
        folder: String,
    },
    /// An address that is sent signed JSON. The address is the secret `url`, because many hold a token.
    Webhook {
        /// The host of the address, to show.
        #[serde(default)]
        host: String,
        /// People in one request, at most 1,000.
        #[serde(default = "batch_default")]
        batch: u32,
    },
}

const fn keep_default() -> u32 {
    KEEP_DEFAULT
}

const fn port_default() -> u16 {
    22
}

/// People in one request of a webhook.
pub(super) const BATCH_MAX: u32 = 1_000;

const fn batch_default() -> u32 {
    BATCH_MAX
}

/// Everything secret of a destination.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// Of an S3 access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<String>,
    /// Of an SFTP account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Of an SFTP account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<String>,
    /// Of the private key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
    /// Address of a webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Key of a webhook's signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_secret: Option<String>,
    /// Further headers of a webhook.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("set", &self.names()).finish()
    }
}

/// A change of secrets: what is absent stays, empty text takes one away.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretsPatch {
    /// See [`Secrets`].
    pub secret_access_key: Option<String>,
    /// See [`Secrets`].
    pub password: Option<String>,
    /// See [`Secrets`].
    pub private_key: Option<String>,
    /// See [`Secrets`].
    pub passphrase: Option<String>,
    /// See [`Secrets`].
    pub url: Option<String>,
    /// See [`Secrets`].
    pub signing_secret: Option<String>,
    /// Replaces all of them.
    pub headers: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for SecretsPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretsPatch").finish_non_exhaustive()
    }
}

impl Secrets {
    /// Names of those that are set, headers as `headers.NAME`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let single = [
            ("secret_access_key", &self.secret_access_key),
            ("password", &self.password),
            ("private_key", &self.private_key),
            ("passphrase", &self.passphrase),
            ("url", &self.url),
            ("signing_secret", &self.signing_secret),
        ];
        let set = single.into_iter().filter(|(_, v)| v.is_some()).map(|(n, _)| n.to_owned());
        set.chain(self.headers.keys().map(|n| format!("headers.{n}"))).collect()
    }

    /// These secrets after a change.
    #[must_use]
    pub fn patched(mut self, patch: SecretsPatch) -> Self {
        let set = |slot: &mut Option<String>, new: Option<String>| {
            if let Some(text) = new {
                *slot = Some(text).filter(|t| !t.is_empty());
            }
        };
        set(&mut self.secret_access_key, patch.secret_access_key);
        set(&mut self.password, patch.password);
        set(&mut self.private_key, patch.private_key);
        set(&mut self.passphrase, patch.passphrase);
        set(&mut self.url, patch.url);
        set(&mut self.signing_secret, patch.signing_secret);
        self.headers = patch.headers.unwrap_or(self.headers);
        self
    }
}

/// A fresh key for signatures.
pub(super) fn new_signing_secret() -> String {
    format!("whs_{}", hex(&Rng::secret(32)))
}

/// A destination that can be reached.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Folder(Folder, u32),
    S3(Bucket),
    Sftp(Sftp),
    Webhook(Webhook, usize),
}

impl Place {
    /// Its kind as stored.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::S3 { .. } => "s3",
            Self::Sftp { .. } => "sftp",
            Self::Webhook { .. } => "webhook",
        }
    }

    /// Whether it takes a format: a webhook takes JSON, and nobody else does it any other way.
    ///
    /// # Errors
    /// `format` with what it takes.
    pub(super) fn takes(&self, format: &Format) -> Result<()> {
        let is_webhook = matches!(self, Self::Webhook { .. });
        if is_webhook && format.shape() != Shape::JsonLines {
            return Err(Problem::invalid("format", "a webhook is sent JSON; choose the format json"));
        }
        Ok(())
    }

    /// The destination with its credentials, checked as far as that goes without asking it.
    pub(super) fn target(&self, secrets: &Secrets, data_dir: &Path, channels: &Channels) -> Result<Target> {
        let missing = |what: &str| Problem::invalid("destination_secrets", format!("the destination needs {what}"));
        let given = |secret: &Option<String>, what: &str| secret.clone().ok_or_else(|| missing(what));
        match self {
            Self::File { folder, keep } => {
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
                if folder.is_empty() || folder.chars().count() > FOLDER_MAX || !folder.chars().all(plain) {
                    let detail = format!(
                        "the folder needs a name of 1 to {FOLDER_MAX} letters, digits, dashes and underscores; it lies below destinations in the data folder"
                    );
                    return Err(Problem::invalid("destination_folder", detail));
                }
                if *keep == 0 {
                    return Err(Problem::invalid("destination_keep", "keep at least one file"));
                }
                Ok(Target::Folder(Folder { path: data_dir.join("destinations").join(folder) }, *keep))
            }
            Self::S3 { bucket, prefix, region, endpoint, virtual_hosted_style, access_key_id } => {
                let bucket = Bucket {
                    bucket: bucket.clone(),
                    prefix: prefix.clone(),
                    region: region.clone(),
                    endpoint: endpoint.clone(),
                    virtual_hosted_style: *virtual_hosted_style,
                    access_key_id: access_key_id.clone(),
                    secret_access_key: given(&secrets.secret_access_key, "secret_access_key")?,
                };
                bucket.checked(channels).map_err(problem)?;
                Ok(Target::S3(bucket))
            }
            Self::Sftp { host, port, user, host_key, folder } => {
                let login = match (&secrets.private_key, &secrets.password) {
                    (Some(key), _) => Login::Key { key: key.clone(), passphrase: secrets.passphrase.clone() },
                    (None, Some(password)) => Login::Password(password.clone()),
                    (None, None) => return Err(missing("password or private_key")),
                };
                let sftp = Sftp {
                    host: host.clone(),
                    port: *port,
                    user: user.clone(),
                    login,
                    host_key: host_key.clone(),
                    folder: folder.clone(),
                };
                sftp.checked().map_err(problem)?;
                Ok(Target::Sftp(sftp))
            }
            Self::Webhook { batch, .. } => {
                let secret = given(&secrets.signing_secret, "signing_secret")?;
                if secret.chars().count() < SECRET_MIN {
                    let detail =
                        format!("a secret has at least {SECRET_MIN} characters; leave it out to have one made");
                    return Err(Problem::invalid("destination_secrets", detail));
                }
                if secrets.headers.len() > HEADERS_MAX {
                    let detail = format!("a webhook takes at most {HEADERS_MAX} headers");
                    return Err(Problem::invalid("destination_secrets", detail));
                }
                if !(1..=BATCH_MAX).contains(batch) {
                    let detail = format!("batch is {batch}; expected 1 to {BATCH_MAX} people");
                    return Err(Problem::invalid("destination_batch", detail));
                }
                let hook = Webhook {
                    url: given(&secrets.url, "url")?,
                    secret,
                    headers: secrets.headers.clone().into_iter().collect(),
                };
                hook.checked(channels).map_err(problem)?;
                Ok(Target::Webhook(hook, *batch as usize))
            }
        }
    }
}

/// The host of an address, to show.
pub(super) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}

impl Target {
    /// Puts a file there; returns where it lies.
    pub(super) fn put(&self, channels: &Channels, name: &str, from: &Path) -> Result<String, ChannelError> {
        match self {
            Self::Folder(folder, _) => folder.put(name, from),
            Self::S3(bucket) => bucket.put(channels, name, from),
            Self::Sftp(sftp) => sftp.put(channels, name, from),
            Self::Webhook(..) => {
                Err(ChannelError { failure: Failure::Setup, detail: "a webhook is sent batches, not files".into() })
            }
        }
    }

    /// Tries the destination with something that holds nobody's data.
    pub(super) fn test(&self, channels: &Channels, dir: &Path, now: Timestamp) -> Result<String, ChannelError> {
        let name = format!("throughline-test-{}.txt", now.ms());
        match self {
            Self::Webhook(hook, _) => {
                let body = serde_json::json!({ "type": "destination.test", "sent_at": now }).to_string();
                hook.send(channels, &name, body.into_bytes(), now)?;
                Ok(host_of(&hook.url))
            }
            Self::Folder(folder, _) => {
                let place = folder.put(&name, &dir.join(TEST_FILE))?;
                folder.remove(&name)?;
                Ok(place)
            }
            Self::S3(bucket) => {
                let place = bucket.put(channels, &name, &dir.join(TEST_FILE))?;
                bucket.remove(channels, &name)?;
                Ok(place)
            }
            Self::Sftp(sftp) => {
                let place = sftp.put(channels, &name, &dir.join(TEST_FILE))?;
                sftp.remove(channels, &name)?;
                Ok(place)
            }
        }
    }
}

/// The file that a test puts and removes again.
pub(super) const TEST_FILE: &str = "test.txt";

/// What stands in the way before anything was sent.
pub(super) fn problem(e: ChannelError) -> Problem {
    Problem::invalid("destination", e.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stays_below_the_data_folder() {
        let channels = Channels::start(throughline_channel::Reach::Public).unwrap();
        let of = |folder: &str| Place::File { folder: folder.into(), keep: 1 };
        for folder in ["", ".", "..", "a/b", "/etc", "a\\b", "a.b"] {
            assert!(of(folder).target(&Secrets::default(), Path::new("/data"), &channels).is_err(), "{folder}");
        }
        let Target::Folder(folder, 1) =
            of("会员-vip_1").target(&Secrets::default(), Path::new("/data"), &channels).unwrap()
        else {
            panic!("a folder");
        };
        assert_eq!(folder.path, Path::new("/data/destinations/会员-vip_1"));
    }

    #[test]
    fn secrets_are_never_shown_and_change_one_by_one() {
        let patch =
            |password: Option<&str>| SecretsPatch { password: password.map(str::to_owned), ..Default::default() };
        let secrets = Secrets { private_key: Some("k".into()), ..Secrets::default() }.patched(patch(Some("hunter2")));
        assert_eq!(secrets.names(), ["password", "private_key"]);
        assert!(!format!("{secrets:?}").contains("hunter2"));
        assert_eq!(secrets.clone().patched(patch(None)), secrets);
        assert_eq!(secrets.patched(patch(Some(""))).names(), ["private_key"]);
    }

    #[test]
    fn of_an_address_the_host_is_shown_alone() {
        assert_eq!(host_of("https://hooks.example.com:8443/t/secret?x=1"), "hooks.example.com:8443");
    }
}
