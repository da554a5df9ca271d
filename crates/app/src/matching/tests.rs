//! Files through the whole story: the shared sets with their truths, layouts and encodings, and hostile ones.

use std::path::{Path, PathBuf};

use super::*;

fn request(files: Vec<PathBuf>, truth: Option<&str>) -> MatchRequest {
    MatchRequest {
        files,
        mapping: MatchMapping::guessed(),
        truth: truth.map(str::to_owned),
        truth_pattern: None,
        threshold: None,
        one_per_file: false,
        out: None,
        pairs_out: None,
    }
}

/// A file of the shared data sets; `None` (and said so) where they are not.
fn shared(file: &str) -> Option<PathBuf> {
    let folder = std::env::var("THROUGHLINE_SHARED").unwrap_or_else(|_| "../../../shared".into());
    let path = Path::new(&folder).join("data").join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there; set THROUGHLINE_SHARED to the folder of shared data", path.display());
    None
}

fn written(dir: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn febrl_3_is_linked_without_labels_as_well_as_the_best() {
    let Some(file) = shared("febrl/dataset3.csv") else { return };
    let r = match_files(&request(vec![file], Some("rec_id"))).unwrap();
    let (clusters, pairs) = (r.clusters.unwrap(), r.pairs.unwrap());
    assert!(clusters.f1 >= 0.9972, "{clusters:?} at {}", r.threshold);
    assert!(pairs.f1 >= 0.9957, "{pairs:?}");
    assert!(r.blocking.ceiling.unwrap() > 0.999);
    assert!(!r.files[0].columns.contains_key("rec_id"), "the truth is not matched by");
    assert_eq!((r.records, r.unreadable_count), (5_000, 0));
}

#[test]
fn fake_1000_is_linked_without_labels_as_well_as_the_best() {
    let Some(file) = shared("fake_1000/fake_1000_from_splink_demos.csv") else { return };
    let r = match_files(&request(vec![file], Some("cluster"))).unwrap();
    let (clusters, pairs) = (r.clusters.unwrap(), r.pairs.unwrap());
    assert!(clusters.f1 >= 0.9762, "{clusters:?} at {}", r.threshold);
    assert!(pairs.f1 >= 0.9501, "{pairs:?}");
    assert!((r.expected.f1 - pairs.f1).abs() < 0.02, "what it expects of itself is about right: {:?}", r.expected);
}

#[test]
fn two_halves_of_a_set_are_linked_across_files_of_other_layouts() {
    let Some(file) = shared("febrl/dataset1.csv") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let rows: Vec<&str> = lines.collect();
    let dir = tempfile::tempdir().unwrap();
    let (originals, copies): (Vec<&str>, Vec<&str>) = rows.iter().partition(|r| r.contains("-org"));
    let a = written(&dir, "a.csv", format!("{header}\n{}\n", originals.join("\n")));
    // The other file has other headers, semicolons and days written otherwise.
    let b_rows: Vec<String> = copies
        .iter()
        .map(|r| {
            let mut c: Vec<String> = r.split(',').map(|x| x.trim().to_owned()).collect();
            if c[9].len() == 8 {
                c[9] = format!("{}-{}-{}", &c[9][..4], &c[9][4..6], &c[9][6..]);
            }
            c.join(";")
        })
        .collect();
    let header_b = "rec_id;first_name;last_name;house_number;address_line_1;address_line_2;city;zip;province;dob;ssn";
    let b = written(&dir, "b.csv", format!("{header_b}\n{}\n", b_rows.join("\n")));
    let out = dir.path().join("clusters.csv");
    let mut asked = request(vec![a, b], Some("rec_id"));
    asked.one_per_file = true;
    asked.out = Some(out.clone());
    asked.pairs_out = Some(dir.path().join("pairs.csv"));
    let r = match_files(&asked).unwrap();
    assert!(r.clusters.unwrap().f1 > 0.995, "{:?}", r.clusters);
    let clusters = std::fs::read_to_string(out).unwrap();
    assert!(clusters.starts_with("cluster,file,line,id\n1,"), "{clusters:.60}");
    assert_eq!(clusters.lines().count(), 1_001);
    let pairs = std::fs::read_to_string(dir.path().join("pairs.csv")).unwrap();
    assert!(pairs.lines().nth(1).unwrap().ends_with(",link"), "{pairs:.200}");
}

#[test]
fn chinese_files_of_old_spreadsheets_are_read_and_scripts_meet() {
    let mut text = String::from("编号,姓名,手机,出生日期,城市,来源\n");
    let surnames = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
    let given = ["伟", "敏", "静", "丽", "强", "磊", "军", "勇", "艳", "杰"];
    for i in 0..200 {
        let name = format!("{}{}{}", surnames[i % 10], given[i / 10 % 10], given[i * 7 % 10]);
        let (phone, born) = (13_900_000_000 + i as u64 * 7_654_321 % 99_999_999, 1960 + i % 40);
        text += &format!("{i},{name},{phone},{born}-0{}-1{},北京,店\n", 1 + i % 9, i % 9);
    }
    text += "900,歐陽小明,13712345678,1988-03-04,上海,店\n901,欧阳小明,+86 137 1234 5678,19880304,上海,网\n";
    text += "902,Ouyang Xiaoming,137****5678,1988/3/4,上海,网\n";
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.csv");
    let mut asked = request(vec![written(&dir, "客户.csv", gb)], None);
    asked.out = Some(out.clone());
    let r = match_files(&asked).unwrap();
    let of = |id: &str| {
        let text = std::fs::read_to_string(&out).unwrap();
        let line = text.lines().find(|l| l.ends_with(&format!(",{id}"))).unwrap().to_owned();
        line.split(',').next().unwrap().to_owned()
    };
    assert_eq!((of("900"), of("900")), (of("901"), of("902")), "{r:?}");
    assert_ne!(of("900"), of("0"));
}

#[test]
fn what_cannot_be_matched_is_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let good = written(&dir, "good.csv", "name,phone\nAnna Abel,1\n");
    for (bytes, truth, says) in [
        (&b""[..], None, "empty"),
        (b"colour,size\nred,1\n", None, "no column is one to match by"),
        (b"name,phone\n", None, "has no rows"),
        (b"name,phone\nAnna,1\n", Some("person"), "no file has a column `person`"),
        (b"PAR1 nonsense", None, ""),
        (b"\x1f\x8b\x08broken", None, "damaged"),
    ] {
        let e = match_files(&request(vec![written(&dir, "bad.csv", bytes)], truth)).unwrap_err();
        assert!(e.detail.contains(says), "{says}: {}", e.detail);
    }
    let missing = request(vec![good.clone(), dir.path().join("none.csv")], None);
    assert!(match_files(&missing).unwrap_err().detail.contains("there is no file"));
    let mut pattern = request(vec![good], Some("name"));
    pattern.truth_pattern = Some("(".into());
    assert!(match_files(&pattern).unwrap_err().detail.contains("regular expression"));
}

#[test]
fn hostile_rows_neither_panic_nor_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::from("name,birthday,phone,email,address\n");
    text += "Anna Abel,1988-03-04,13712345678,anna@abel.example,1 elm street\n";
    text += "Anna Abel,1988-03-04,13712345678,anna@abel.example,1 elm street\n";
    text += "too,many,cells,in,this,row\nfew\n";
    text += &format!(
        "{},{},{},{},{}\n",
        "王".repeat(5_000),
        "9".repeat(5_000),
        "1".repeat(5_000),
        "@".repeat(5_000),
        "x ".repeat(5_000)
    );
    text += "\u{202e}\u{0},0000-00-00,+,@,\u{feff}\n,,,,\n\"*\",****,****,****,****\n99/99/9999,1,2,3,4\n";
    let r = match_files(&request(vec![written(&dir, "h.csv", &text)], None)).unwrap();
    assert_eq!(r.unreadable_count, 2, "{:?}", r.unreadable);
    assert_eq!(r.records, 7);
    let bytes: Vec<u8> = (0..4_096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let _ = match_files(&request(vec![written(&dir, "noise.bin", bytes)], None));
    let lines =
        "{\"name\":\"Anna Abel\",\"phone\":13712345678.0}\n[1]\nnot json\n{\"name\":null,\"phone\":{\"a\":1}}\n";
    let r = match_files(&request(vec![written(&dir, "l.jsonl", lines)], None)).unwrap();
    assert_eq!((r.records, r.unreadable_count), (2, 2));
}
