//! Encrypted connections to PostgreSQL, in the words of its own clients: `sslmode` and `sslrootcert` of the url.
//!
//! As there, `prefer` (the default) and `require` encrypt without asking who answers; `verify-ca` checks who signed the
//! certificate and `verify-full` the name on it too. With `sslrootcert=FILE` (PEM) only those authorities count, and
//! `require` checks like `verify-ca`; without it, or with `system`, those of the machine do.

use std::sync::Arc;

use postgres::Config;
use postgres::config::SslMode;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{Result, StoreError};

/// What is checked of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// How connections are encrypted.
pub(super) struct Tls {
    pub(super) connector: MakeRustlsConnect,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Reads a url with the words for encryption: what the driver needs, and how its connections are encrypted.
///
/// # Errors
/// When the url cannot be read, a mode is unknown, or the file of authorities cannot be used.
pub(super) fn config(url: &str) -> Result<(Config, Tls)> {
    let (plain, mode, roots) = words(url);
    // The parser's message may repeat the password of the url.
    let mut config: Config = plain
        .parse()
        .map_err(|_| invalid("not a postgres url; expected postgres://user:password@host:port/database".to_owned()))?;
    let (ssl, check) = match (mode.as_deref(), &roots) {
        (Some("disable"), _) => (SslMode::Disable, Check::Nothing),
        (None | Some("allow" | "prefer"), _) => (SslMode::Prefer, Check::Nothing),
        (Some("require"), None) => (SslMode::Require, Check::Nothing),
        (Some("require"), Some(_)) | (Some("verify-ca"), _) => (SslMode::Require, Check::Authority),
        (Some("verify-full"), _) => (SslMode::Require, Check::AuthorityAndName),
        (Some(other), _) => {
            return Err(invalid(format!(
                "sslmode={other} is unknown; expected disable, prefer, require, verify-ca or verify-full"
            )));
        }
    };
    config.ssl_mode(ssl);
    Ok((config, Tls { connector: MakeRustlsConnect::new(client(check, roots.as_deref())?) }))
}

fn invalid(detail: String) -> StoreError {
    StoreError::invalid("database_url", detail)
}

/// Takes `sslmode` and `sslrootcert` out of a url's query.
fn words(url: &str) -> (String, Option<String>, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut roots) = (None, None);
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "sslmode" => mode = Some(value.to_owned()),
                "sslrootcert" => roots = Some(value.replace("%2F", "/").replace("%2f", "/").replace("%20", " ")),
                _ => return true,
            }
            false
        })
        .collect();
    let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    (plain, mode, roots)
}

fn client(check: Check, roots: Option<&str>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match check {
        Check::Nothing => Arc::new(Lenient { known: None, provider: provider.clone() }),
        Check::Authority => Arc::new(Lenient { known: Some(known(roots, &provider)?), provider: provider.clone() }),
        Check::AuthorityAndName => known(roots, &provider)?,
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| StoreError::internal(format!("tls cannot be set up: {e}")))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn known(roots: Option<&str>, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let mut store = RootCertStore::empty();
    match roots.filter(|path| *path != "system") {
        Some(path) => {
            let unusable = |e: &dyn std::fmt::Display| invalid(format!("sslrootcert={path} cannot be used: {e}"));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| unusable(&e))? {
                store.add(certificate.map_err(|e| unusable(&e))?).map_err(|e| unusable(&e))?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
        .build()
        .map_err(|e| invalid(format!("there is no authority to check the certificate of postgresql with: {e}")))
}

/// Takes any name on a certificate, and any certificate where no authority is `known`.
#[derive(Debug)]
struct Lenient {
    known: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(known) = &self.known else { return Ok(ServerCertVerified::assertion()) };
        match known.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The chain is checked before the name.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use crate::{Db, DbOptions};

    #[test]
    fn the_words_for_encryption_are_taken_out_of_the_url_and_nothing_else() {
        let url = "postgres://u:p@h/d?sslmode=verify-full&application_name=x&sslrootcert=%2Fetc%2Fca.pem";
        let (plain, mode, roots) = words(url);
        assert_eq!(plain, "postgres://u:p@h/d?application_name=x");
        assert_eq!((mode.as_deref(), roots.as_deref()), (Some("verify-full"), Some("/etc/ca.pem")));
        assert_eq!(words("postgres://u@h/d?sslmode=require").0, "postgres://u@h/d");
    }

    #[test]
    fn a_wrong_word_is_named_and_the_password_is_not() {
        for url in
            ["postgres://u:hunter2@h/d?sslmode=always", "postgres://u:hunter2@h/d?sslmode=verify-ca&sslrootcert=/no"]
        {
            let e = config(url).err().unwrap().to_string();
            assert!(e.contains("ssl") && !e.contains("hunter2"), "{e}");
        }
    }

    /// How a session is encrypted, as the server sees it; `None` when it is not, the error when there is none.
    fn version(mode: &str) -> Option<Result<Option<String>>> {
        let url = contract::postgres_url()?;
        let sign = if url.contains('?') { '&' } else { '?' };
        let db = match Db::open(&format!("{url}{sign}sslmode={mode}"), &DbOptions::default()) {
            Ok(db) => db,
            Err(e) => return Some(Err(e)),
        };
        let sql = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Some(db.read(|tx| tx.query_one(sql, &[], |r| r.opt_text(0))))
    }

    #[test]
    fn a_connection_is_encrypted_when_the_url_says_so() {
        let Some(plain) = version("disable") else { return };
        assert_eq!(plain.unwrap(), None);
        match version("require").unwrap() {
            Ok(encrypted) => {
                assert!(encrypted.unwrap().starts_with("TLSv1."));
                assert!(version("prefer").unwrap().unwrap().is_some());
                let unknown = version("verify-full").unwrap().unwrap_err().to_string();
                assert!(unknown.contains("certificate"), "a certificate nobody knows is refused: {unknown}");
            }
            // A server without a certificate: refused, never plain.
            Err(e) => assert!(e.is_unavailable(), "{e}"),
        }
    }
}
