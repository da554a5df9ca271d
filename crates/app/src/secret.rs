//! Credentials at rest: encrypted with a key that is not in the database.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a random nonce; the place a text belongs to is authenticated with it,
//! so that one destination's secret cannot be moved to another's row. A sealed text names its key, so that keys can be
//! changed: the first key seals, every key opens. ([ADR 0010](../../../docs/adr/0012-credentials-are-encrypted-with-a-key-outside-the-database.md))

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use throughline_base::{Problem, Rng};
use throughline_domain::person::consent::hex;

use crate::Result;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const VERSION: &str = "v1";

/// Keys of credentials, the one in force first.
pub struct Vault {
    keys: Vec<(String, XChaCha20Poly1305)>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Vault").field("keys", &names).finish()
    }
}

impl Vault {
    /// A vault with these keys, the one in force first.
    ///
    /// # Errors
    /// When there is no key, or one has another length than [`KEY_BYTES`].
    pub fn new(keys: &[Vec<u8>]) -> Result<Self> {
        let keys: Option<Vec<_>> =
            keys.iter().map(|key| Some((name_of(key), XChaCha20Poly1305::new_from_slice(key).ok()?))).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self { keys }),
            Some(_) | None => Err(Problem::invalid(
                "secret_key",
                format!("secret.key and secret.previous need keys of {KEY_BYTES} bytes as hexadecimal digits"),
            )),
        }
    }

    /// Encrypts `plain` for `place`.
    #[must_use]
    pub fn seal(&self, place: &str, plain: &str) -> String {
        let (name, cipher) = &self.keys[0];
        let nonce = Rng::secret(NONCE_BYTES);
        let sealed = cipher
            .encrypt(&nonce_of(&nonce), Payload { msg: plain.as_bytes(), aad: place.as_bytes() })
            .expect("a text in memory is shorter than the cipher's limit");
        format!("{VERSION}:{name}:{}", BASE64.encode([nonce, sealed].concat()))
    }

    /// Decrypts what was sealed for `place`.
    ///
    /// # Errors
    /// `secret_key` when its key is not there, or the text was changed or moved.
    pub fn open(&self, place: &str, sealed: &str) -> Result<String> {
        let lost = |why: &str| {
            let detail = format!(
                "the credentials of {place} cannot be read: {why}; bring back the key they were saved with \
                 (credentials.key in the data folder, or secret.previous), or enter them anew"
            );
            Problem::invalid("secret_key", detail)
        };
        let mut parts = sealed.splitn(3, ':');
        let (version, name, text) = (parts.next(), parts.next(), parts.next());
        if version != Some(VERSION) {
            return Err(lost("another version wrote them"));
        }
        let cipher = self.keys.iter().find(|(n, _)| Some(n.as_str()) == name);
        let (_, cipher) = cipher.ok_or_else(|| lost("their key is not there"))?;
        let bytes = text.and_then(|t| BASE64.decode(t).ok()).filter(|b| b.len() > NONCE_BYTES);
        let bytes = bytes.ok_or_else(|| lost("they are damaged"))?;
        let (nonce, sealed) = bytes.split_at(NONCE_BYTES);
        let plain = cipher
            .decrypt(&nonce_of(nonce), Payload { msg: sealed, aad: place.as_bytes() })
            .map_err(|_| lost("they were changed"))?;
        String::from_utf8(plain).map_err(|_| lost("they are damaged"))
    }

    /// Whether a text was sealed with the key in force.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        sealed.split(':').nth(1) == Some(self.keys[0].0.as_str())
    }
}

fn nonce_of(bytes: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(bytes);
    nonce.into()
}

/// The name of a key says nothing about it.
fn name_of(key: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"throughline key of credentials");
    hash.update(key);
    hex(&hash.finalize()[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Vec<u8> {
        vec![n; KEY_BYTES]
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_alone() {
        let vault = Vault::new(&[key(1)]).unwrap();
        let sealed = vault.seal("dst_a", "hunter2");
        assert!(!sealed.contains("hunter2"));
        assert_eq!(vault.open("dst_a", &sealed).unwrap(), "hunter2");
        assert!(vault.open("dst_b", &sealed).is_err(), "moved to another row");
        let mut changed = sealed.clone().into_bytes();
        let last = changed.len() - 3;
        changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
        assert!(vault.open("dst_a", std::str::from_utf8(&changed).unwrap()).is_err());
        assert_ne!(vault.seal("dst_a", "hunter2"), sealed, "no two are equal");
    }

    #[test]
    fn a_new_key_seals_while_the_one_before_still_opens() {
        let old = Vault::new(&[key(1)]).unwrap();
        let both = Vault::new(&[key(2), key(1)]).unwrap();
        let sealed = old.seal("d", "x");
        assert_eq!(both.open("d", &sealed).unwrap(), "x");
        assert!(!both.is_current(&sealed) && both.is_current(&both.seal("d", "x")));
        let e = Vault::new(&[key(2)]).unwrap().open("d", &sealed).unwrap_err();
        assert!(e.detail.contains("secret.previous"), "{e}");
    }

    #[test]
    fn a_key_of_another_length_is_refused_and_none_is_shown() {
        assert!(Vault::new(&[vec![1; 16]]).is_err());
        assert!(Vault::new(&[]).is_err());
        let shown = format!("{:?}", Vault::new(&[key(7)]).unwrap());
        assert!(!shown.contains("0707"), "{shown}");
    }
}
