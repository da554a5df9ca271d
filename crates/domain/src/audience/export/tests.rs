//! The platforms' own examples, and the comparison.

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_base::{PersonId, Timestamp};

use super::*;
use crate::person::consent::ContactReason;

fn contact(identifiers: &[(&str, &str)], traits: &[(&str, &str)]) -> Contact {
    let mut c = Contact { person: Some(PersonId::new(7)), stage: "active".into(), ..Contact::default() };
    for (namespace, value) in identifiers {
        c.identify(namespace, value);
    }
    c.traits = traits.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    c
}

fn only(format: &Format, c: &Contact) -> Record {
    let mut records = format.records(c);
    assert_eq!(records.len(), 1);
    records.remove(0)
}

/// "Customer Information Parameters", Meta for Developers: inputs and expected SHA-256 as printed there.
#[test]
fn meta_hashes_as_its_documentation_does() {
    let of = |first: &str| {
        let c = contact(&[("email", "John_Smith@gmail.com"), ("phone", "+16505551212")], &[("first_name", first)]);
        only(&Format::MetaCustomers, &c)
    };
    let row = of("Mary");
    assert_eq!(row.len(), Format::MetaCustomers.header().len());
    assert_eq!(row[0], "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
    assert_eq!(row[3], "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176");
    assert_eq!(row[7], "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec");
    assert_eq!(of("정")[7], "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14");
    assert_eq!(of("Valéry")[7], "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c");
    assert_eq!(row[1], Value::Null, "the second e-mail column stays empty");
}

#[test]
fn a_postal_code_of_the_united_states_has_five_digits_and_a_device_is_not_hashed() {
    let c = contact(
        &[("idfa", "AECE52E7-03EE-455A-B3C4-E57283966239")],
        &[("zip", "94035-1234"), ("country", "us"), ("city", "New York")],
    );
    let row = only(&Format::MetaCustomers, &c);
    let sha = super::normal::sha256;
    assert_eq!(row[6], "aece52e7-03ee-455a-b3c4-e57283966239");
    assert_eq!((&row[9], &row[10], &row[12]), (&json!(sha("94035")), &json!(sha("newyork")), &json!(sha("us"))));
}

#[test]
fn somebody_without_an_address_is_in_no_list() {
    let c = contact(&[("user_id", "u1")], &[("first_name", "Mary"), ("last_name", "Li")]);
    assert!(Format::MetaCustomers.records(&c).is_empty());
    assert!(Format::GoogleCustomers.records(&c).is_empty(), "a name without country and postal code finds nobody");
    assert!(Format::OceanList { id: OceanId::PhoneSha256 }.records(&c).is_empty());
    assert!(Format::TencentList { id: TencentId::PhoneMd5 }.records(&c).is_empty());
}

/// "Format user data", Data Manager API.
#[test]
fn google_takes_dots_and_tags_out_of_its_own_addresses_only() {
    use super::google::email;
    assert_eq!(email("cloudy.sanfrancisco+shopping@gmail.com"), "cloudysanfrancisco@gmail.com");
    assert_eq!(email("user.name+NYC@Example.com"), "user.name+nyc@example.com");
    assert_eq!(email(" A.B+c@GoogleMail.com "), "ab@googlemail.com");
}

#[test]
fn google_hashes_names_but_not_country_and_postal_code() {
    let c = contact(
        &[("email", "a.b@gmail.com"), ("phone", "+18005550100")],
        &[("first_name", " Zoë "), ("last_name", "Pérez"), ("country", "sg"), ("zip", "WC2H 8LG")],
    );
    let row = only(&Format::GoogleCustomers, &c);
    let sha = super::normal::sha256;
    assert_eq!(Format::GoogleCustomers.header()[..4], ["Email", "Email", "Email", "Phone"]);
    assert_eq!((&row[0], &row[3]), (&json!(sha("ab@gmail.com")), &json!(sha("+18005550100"))));
    assert_eq!(row[6..], [json!(sha("zoë")), json!(sha("pérez")), json!("SG"), json!("WC2H 8LG")]);
}

/// "客户文件人群", developers.e.qq.com: the examples before and after hashing.
#[test]
fn tencent_hashes_as_its_documentation_does() {
    let c = contact(
        &[("idfa", "ff1999cd-7177-4937-a474-74937a102630"), ("imei", "A000002C9060F7"), ("phone", "+8613912345678")],
        &[],
    );
    let line = |id| only(&Format::TencentList { id }, &c).remove(0);
    assert_eq!(line(TencentId::IdfaMd5), "2c010ed96aef2fc34983e1e7e9176b7e");
    assert_eq!(line(TencentId::ImeiMd5), "f2d5a650733ca8c27d502b1c08da14e5");
    assert_eq!(line(TencentId::PhoneMd5), super::normal::md5("13912345678"));
    assert_eq!(line(TencentId::PhoneSha256), super::normal::sha256("13912345678"));
}

#[test]
fn a_number_from_outside_the_mainland_and_zeros_are_no_identifier_there() {
    let c = contact(
        &[("phone", "+16505551212"), ("idfa", "00000000-0000-0000-0000-000000000000"), ("phone", "+8613912345678")],
        &[],
    );
    assert_eq!(Format::OceanList { id: OceanId::PhoneSha256 }.records(&c).len(), 1);
    assert!(Format::OceanList { id: OceanId::IdfaMd5 }.records(&c).is_empty());
}

/// Bytes as Protocol Buffers' own encoder writes them for `DmpData{idList:[{dataType:OAID,id:"abcdefghijklmn"}]}`.
#[test]
fn the_messages_of_ocean_engine_are_protocol_buffers() {
    let c = contact(&[("oaid", "abcdefghijklmn")], &[]);
    let line = only(&Format::OceanData { id: OceanId::Oaid }, &c).remove(0);
    assert_eq!(line, "ChIQBxoOYWJjZGVmZ2hpamtsbW4=");
    assert!(Format::OceanData { id: OceanId::PhoneMd5 }.records(&c).is_empty(), "the message knows no such type");
}

#[test]
fn a_table_begins_with_the_person_and_holds_what_was_chosen() {
    let column = |name: &str, source, hash| Column { name: name.into(), source, hash };
    let format = Format::Csv {
        columns: vec![
            column("mail", Source::Identifier("email".into()), Hash::None),
            column("phones", Source::Identifiers("phone".into()), Hash::Sha256),
            column("city", Source::Trait("city".into()), Hash::None),
            column("since", Source::EnteredAt, Hash::None),
        ],
    };
    let mut c = contact(&[("email", "a@b.co"), ("phone", "+861")], &[("city", "上海")]);
    c.entered_at = Some(Timestamp::from_ms(0));
    assert_eq!(format.header(), ["person_id", "mail", "phones", "city", "since"]);
    let row = only(&format, &c);
    assert_eq!(row[0], PersonId::new(7).to_string());
    assert_eq!(row[2], json!([super::normal::sha256("+861")]));
    assert_eq!(row[1..4].iter().map(cell_text).collect::<Vec<_>>()[2], "上海");
    assert_eq!(row[4], "1970-01-01T00:00:00.000Z");
    assert_eq!(
        format.removals(&format.keep(&[row])),
        [[json!(PersonId::new(7)), json!(null), json!(null), json!(null), json!(null)]]
    );
}

/// Somebody whose phone changed and whose e-mail did not must not be taken off the list by the e-mail.
#[test]
fn what_still_holds_is_not_taken_back() {
    let of = |phone: &str| contact(&[("email", "a@b.co"), ("phone", phone)], &[("first_name", "Mary")]);
    let (old, new) = (of("+16505551212"), of("+16505551213"));
    let format = Format::MetaCustomers;
    let gone = format.superseded(&format.records(&old), &format.records(&new));
    let mut want = vec![Value::Null; 13];
    want[3] = json!(super::normal::sha256("16505551212"));
    assert_eq!(gone, [want]);
    assert!(format.superseded(&format.records(&old), &format.records(&old)).is_empty());
    let table = Format::Csv { columns: vec![] };
    assert!(table.superseded(&table.records(&old), &table.records(&new)).is_empty(), "a table knows the id");
}

#[test]
fn columns_that_cannot_be_told_apart_are_refused() {
    let of = |names: &[&str]| {
        let columns: Vec<Column> =
            names.iter().map(|n| Column { name: (*n).into(), source: Source::Tags, hash: Hash::None }).collect();
        columns_checked(&columns)
    };
    assert_eq!(of(&["a", "b"]), Ok(()));
    assert_eq!(of(&["a", "a"]), Err(ColumnFault::Twice("a".into())));
    assert_eq!(of(&["person_id"]), Err(ColumnFault::Reserved));
    assert!(matches!(of(&["a\nb"]), Err(ColumnFault::Name(_))));
}

#[test]
fn a_format_reads_back_from_its_json() {
    for format in [
        Format::MetaCustomers,
        Format::OceanData { id: OceanId::Oaid },
        Format::Csv { columns: vec![Column { name: "x".into(), source: Source::Trait("x".into()), hash: Hash::Md5 }] },
    ] {
        let text = serde_json::to_string(&format).unwrap();
        assert_eq!(serde_json::from_str::<Format>(&text).unwrap(), format, "{text}");
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn a_schedule_keeps_to_the_wall_clock() {
    let zone = "Asia/Shanghai";
    let daily = Schedule::Daily { hour: 2, minute: 30 };
    assert_eq!(daily.next(at("2026-11-20T00:00:00Z"), zone), at("2026-11-20T18:30:00Z"));
    assert_eq!(daily.next(at("2026-11-20T18:30:00Z"), zone), at("2026-11-21T18:30:00Z"), "after, not at");
    let hourly = Schedule::Hourly { minute: 5 };
    assert_eq!(hourly.next(at("2026-11-20T00:04:59Z"), zone), at("2026-11-20T00:05:00Z"));
    assert_eq!(hourly.next(at("2026-11-20T00:05:00Z"), zone), at("2026-11-20T01:05:00Z"));
    let weekly = Schedule::Weekly { weekday: 1, hour: 9, minute: 0 };
    // 2026-11-20 is a Friday.
    assert_eq!(weekly.next(at("2026-11-20T00:00:00Z"), zone), at("2026-11-23T01:00:00Z"));
    assert_eq!(weekly.next(at("2026-11-23T01:00:00Z"), zone), at("2026-11-30T01:00:00Z"));
    assert_eq!(Schedule::Every { minutes: 15 }.next(at("2026-11-20T00:15:00Z"), zone), at("2026-11-20T00:30:00Z"));
    // 2026-03-29 has no 02:30 in Berlin.
    assert_eq!(daily.next(at("2026-03-28T12:00:00Z"), "Europe/Berlin"), at("2026-03-29T01:30:00Z"));
    assert!(Schedule::Daily { hour: 24, minute: 0 }.checked().is_err());
}

proptest! {
    /// Whatever happened before, one delivered step makes the destination hold what it should, and a second does nothing.
    #[test]
    fn one_step_is_enough(held in proptest::option::of("[a-c]{1,3}"), wanted in proptest::option::of("[a-c]{1,3}"), refused in any::<bool>()) {
        let record = |t: &String| vec![vec![json!(t)]];
        let check = |records: &[Record]| records.iter().flatten().fold(1, |n, v| n * 7 + cell_text(v).bytes().fold(0_i64, |a, b| a * 31 + i64::from(b)));
        let want = match &wanted {
            Some(t) => Wanted::Present(record(t)),
            None if refused => Wanted::Refused(Refusal::Consent(ContactReason::Withdrawn)),
            None => Wanted::Outside,
        };
        let before = held.as_ref().map(|t| Held { check: check(&record(t)), kept: record(t) });
        let after = match decide(before.clone(), want.clone(), check) {
            Step::Nothing => before,
            Step::Add(new) | Step::Update { new, .. } => Some(Held { check: check(&new), kept: new }),
            Step::Remove(old) => { prop_assert_eq!(Some(old), before.map(|h| h.kept)); None }
        };
        prop_assert_eq!(after.as_ref().map(|h| h.kept.clone()), wanted.as_ref().map(record));
        prop_assert_eq!(decide(after, want, check), Step::Nothing);
    }
}
