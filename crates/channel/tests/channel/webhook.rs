use throughline_base::Timestamp;
use throughline_channel::Failure;
use throughline_channel::webhook::Webhook;

use crate::support::{Script, channels};

const SECRET: &str = "shared between the two of us";

fn hook(port: u16, path: &str) -> Webhook {
    Webhook {
        url: format!("http://127.0.0.1:{port}{path}"),
        secret: SECRET.into(),
        headers: vec![("Authorization".into(), "Bearer token".into())],
    }
}

#[test]
fn a_receiver_written_by_somebody_else_finds_the_signature_right() {
    let mut receiver = Script::start("receiver.py", &[SECRET]);
    let channels = channels();
    let body = r#"{"people":[{"name":"李"}]}"#;
    let now = Timestamp::from_ms(1_795_132_800_123);
    hook(receiver.port, "/ok").send(&channels, "run_1-1", body.into(), now).unwrap();
    let seen = receiver.line();
    assert_eq!(seen, format!("signed 1795132800 run_1-1 Bearer token {body}"));

    let other = Webhook { secret: "another".into(), ..hook(receiver.port, "/ok") };
    let e = other.send(&channels, "run_1-1", body.into(), now).unwrap_err();
    assert!(receiver.line().starts_with("forged"));
    assert_eq!(e.failure, Failure::Refused, "{e}");
    assert!(e.detail.contains("secret"), "{e}");
}

#[test]
fn every_answer_says_whether_to_try_again() {
    let mut receiver = Script::start("receiver.py", &[SECRET]);
    let channels = channels();
    let mut ask = |status: &str| {
        let e = hook(receiver.port, &format!("/{status}")).send(&channels, "d", b"{}".to_vec(), Timestamp::from_ms(0));
        let _ = receiver.line();
        e.unwrap_err().failure
    };
    assert_eq!(ask("500"), Failure::Unreachable);
    assert_eq!(ask("429"), Failure::Busy(Some(7)));
    assert_eq!(ask("503"), Failure::Busy(Some(7)));
    assert_eq!(ask("404"), Failure::Refused);
    assert_eq!(ask("302"), Failure::Refused, "a redirect is not followed");
    assert!(!Failure::Refused.may_pass() && Failure::Busy(None).may_pass());
}

#[test]
fn nobody_at_the_other_end_is_told_without_the_address_and_its_tokens() {
    let channels = channels();
    let e = hook(1, "/hook?token=verysecret").send(&channels, "d", vec![], Timestamp::from_ms(0)).unwrap_err();
    assert_eq!(e.failure, Failure::Unreachable);
    assert!(!e.detail.contains("verysecret"), "{e}");
}

#[test]
fn headers_that_are_ours_cannot_be_set() {
    let channels = channels();
    let mut bad = hook(1, "/");
    bad.headers = vec![("X-Throughline-Signature".into(), "sha256=0".into())];
    assert_eq!(bad.checked(&channels).unwrap_err().failure, Failure::Setup);
    bad.headers = vec![("x y".into(), "1".into())];
    assert_eq!(bad.checked(&channels).unwrap_err().failure, Failure::Setup);
}
