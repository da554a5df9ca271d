//! Against a storage that checks every signature (AWS Signature Version 4, written from its specification).

use throughline_channel::Failure;
use throughline_channel::s3::Bucket;

use crate::support::{Script, channels, file, pattern};

fn bucket(port: u16) -> Bucket {
    Bucket {
        bucket: "brand".into(),
        prefix: "/audiences/vip customers/".into(),
        region: "cn-north-1".into(),
        endpoint: format!("http://127.0.0.1:{port}/"),
        virtual_hosted_style: false,
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
    }
}

#[test]
fn a_file_arrives_whole_in_one_request_or_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let own = bucket(0);
    let server =
        Script::start("s3.py", &[store.to_str().unwrap(), &own.access_key_id, &own.secret_access_key, &own.region]);
    let (own, channels) = (bucket(server.port), channels());
    let small = b"email\nx\n".to_vec();
    let place = own.put(&channels, "a.csv", &file(dir.path(), &small)).unwrap();
    assert_eq!(place, "s3://brand/audiences/vip customers/a.csv");
    let at = store.join("brand/audiences/vip customers");
    assert_eq!(std::fs::read(at.join("a.csv")).unwrap(), small);

    let large = pattern(20 << 20);
    own.put(&channels, "b.bin", &file(dir.path(), &large)).unwrap();
    assert!(std::fs::read(at.join("b.bin")).unwrap() == large);
    own.remove(&channels, "b.bin").unwrap();
    own.remove(&channels, "b.bin").unwrap();
    assert!(!at.join("b.bin").exists());
}

#[test]
fn a_wrong_secret_is_said_to_be_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let own = bucket(0);
    let server = Script::start(
        "s3.py",
        &[dir.path().to_str().unwrap(), &own.access_key_id, &own.secret_access_key, &own.region],
    );
    let other = Bucket { secret_access_key: "guessed".into(), ..bucket(server.port) };
    let e = other.put(&channels(), "a.csv", &file(dir.path(), b"x")).unwrap_err();
    assert_eq!(e.failure, Failure::Refused, "{e}");
    assert!(e.detail.contains("access key") && !e.detail.contains("guessed"), "{e}");
    let none = Bucket { access_key_id: String::new(), ..bucket(server.port) };
    assert_eq!(none.checked(&channels()).unwrap_err().failure, Failure::Setup, "this machine's own role is not lent");
}
