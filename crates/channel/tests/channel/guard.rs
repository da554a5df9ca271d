//! What an operator types must not lead the server into its own network.

use throughline_base::Timestamp;
use throughline_channel::s3::Bucket;
use throughline_channel::sftp::{Login, Sftp};
use throughline_channel::webhook::Webhook;
use throughline_channel::{Channels, Failure, Reach};

use crate::support::file;

/// `localhost` is a name that leads inside: only its resolved address tells.
#[test]
fn names_that_lead_inside_are_refused_before_a_byte_is_sent() {
    let channels = Channels::start(Reach::Public).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let from = file(dir.path(), b"x");
    let hook = Webhook { url: "https://localhost:1/hook".into(), secret: "s".into(), headers: vec![] };
    let bucket = Bucket {
        bucket: "brand".into(),
        prefix: String::new(),
        region: String::new(),
        endpoint: "https://localhost:1".into(),
        virtual_hosted_style: false,
        access_key_id: "key".into(),
        secret_access_key: "secret".into(),
    };
    let sftp = Sftp {
        host: "localhost".into(),
        port: 1,
        user: "u".into(),
        login: Login::Password("p".into()),
        host_key: "SHA256:x".into(),
        folder: String::new(),
    };
    let answers = [
        hook.send(&channels, "d", vec![], Timestamp::from_ms(0)).unwrap_err(),
        bucket.put(&channels, "f", &from).unwrap_err(),
        sftp.put(&channels, "f", &from).unwrap_err(),
    ];
    for e in answers {
        assert_eq!(e.failure, Failure::Setup, "{e}");
        assert!(e.detail.contains("private network") && e.detail.contains("destination.allow_private"), "{e}");
    }
}
