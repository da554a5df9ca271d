//! Writing: what is on the storage afterwards, and what is not after a failure.

use std::fs;

use throughline_base::Rng;
use throughline_lake::partition::{bucket_of, month_of};
use throughline_lake::{CompactPolicy, Lake, LakeConfig, LakeError, LakeRow, LineMap, S3Config};

use crate::support::{NOW_MS, config, event, ids, now, open};

fn rows(n: i64) -> Vec<LakeRow> {
    let mut rng = Rng::seeded(3);
    (1..=n)
        .map(|id| {
            let p = 1 + id % 7;
            event(&mut rng, id, p, p)
        })
        .collect()
}

#[test]
fn a_file_lies_in_the_folder_of_its_month_and_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    let files = lake.write(&rows(300), now()).unwrap();
    assert_eq!(files.iter().map(|f| f.rows).sum::<u64>(), 300);
    for f in &files {
        assert!(f.path.starts_with(&format!("events/month=2026-{:02}/bucket={:02}/lkf_", f.month % 100, f.bucket)));
        assert!(f.rows <= 40, "target rows");
        assert_eq!(fs::metadata(folder.path().join("lake").join(&f.path)).unwrap().len(), f.bytes);
        assert_eq!((month_of(f.min_event_at), month_of(f.max_event_at)), (f.month, f.month));
        assert_eq!(bucket_of(f.min_person_id, lake.buckets()), f.bucket);
        assert_eq!(f.sealed_at, NOW_MS);
        let text = serde_json::to_string(f).unwrap();
        assert_eq!(serde_json::from_str::<throughline_lake::LakeFile>(&text).unwrap(), *f);
    }
}

#[test]
fn the_same_events_give_the_same_bytes() {
    let write = || {
        let folder = tempfile::tempdir().unwrap();
        open(config(&folder)).write(&rows(300), now()).unwrap()
    };
    assert_eq!(write(), write());
}

#[test]
fn nothing_to_write_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(config(&folder)).write(&[], now()).unwrap().is_empty());
}

#[test]
fn a_failed_write_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    // One partition's folder cannot be made: a file stands in its place.
    let files = lake.write(&rows(300), now()).unwrap();
    let blocked = files.iter().find(|f| f.bucket == 2).unwrap();
    lake.delete(files.iter().map(|f| f.path.as_str())).unwrap();
    let in_the_way = folder.path().join("lake").join(&blocked.path);
    let in_the_way = in_the_way.parent().unwrap();
    fs::remove_dir(in_the_way).unwrap();
    fs::write(in_the_way, "in the way").unwrap();
    let error = lake.write(&rows(300), now()).unwrap_err();
    assert!(error.to_string().contains("bucket=02"), "it names the file: {error}");
    let left: Vec<_> = lake.orphans(&[]).unwrap().into_iter().filter(|o| o.path.ends_with("parquet")).collect();
    assert_eq!(left, vec![]);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_no_part_of_a_file() {
    // /dev/full answers every write with "no space left": the temporary file of the first file is linked to it.
    let folder = tempfile::tempdir().unwrap();
    let probe = open(config(&folder)).write(&rows(3), now()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    for file in &probe {
        let target = folder.path().join("lake").join(&file.path);
        let (dir, name) = (target.parent().unwrap(), target.file_name().unwrap().to_string_lossy().into_owned());
        fs::create_dir_all(dir).unwrap();
        std::os::unix::fs::symlink("/dev/full", dir.join(format!(".{name}.tmp"))).unwrap();
    }
    let error = lake.write(&rows(3), now()).unwrap_err();
    assert!(error.to_string().to_lowercase().contains("no space"), "{error}");
    assert!(matches!(error, LakeError::Storage { .. }));
    let left = lake.orphans(&[]).unwrap();
    assert!(left.iter().all(|o| !o.path.ends_with(".parquet")), "{left:?}");
}

#[test]
fn what_a_kill_leaves_behind_is_never_read_and_is_listed_as_orphan() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    let files = lake.write(&rows(50), now()).unwrap();
    // A kill in the middle of a write leaves the hidden temporary file; one before the record leaves a whole file.
    let whole = folder.path().join("lake").join(&files[0].path);
    let half = whole.with_file_name(".lkf_zzzz.parquet.tmp");
    fs::write(&half, &fs::read(&whole).unwrap()[..100]).unwrap();
    let unrecorded = whole.with_file_name("lkf_0000000000007.parquet");
    fs::copy(&whole, &unrecorded).unwrap();

    let again = open(config(&folder));
    let report = again.verify(&files).unwrap();
    assert!(report.is_sound());
    assert_eq!(report.rows, 50);
    let orphans: Vec<&str> = report.orphans.iter().map(|o| o.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(orphans, vec![".lkf_zzzz.parquet.tmp", "lkf_0000000000007.parquet"]);
    again.delete(report.orphans.iter().map(|o| o.path.as_str())).unwrap();
    assert!(again.orphans(&files).unwrap().is_empty());
}

#[test]
fn the_cut_of_an_existing_lake_rules_over_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    assert_eq!(lake.buckets(), 4);
    assert_eq!(open(LakeConfig { buckets: 64, ..config(&folder) }).buckets(), 4);
}

#[test]
fn a_configuration_that_cannot_work_says_how_to_mend_it() {
    let problem = |config: LakeConfig| Lake::open(config, ids()).unwrap_err().to_string();
    let with = |url: &str| LakeConfig { url: url.into(), ..LakeConfig::default() };
    assert!(problem(with("gs://bucket")).contains("use a folder, file:// or s3://"));
    assert!(problem(with("")).contains("name a folder"));
    assert!(problem(with("s3:///x")).contains("names no bucket"));
    assert!(problem(LakeConfig { buckets: 0, ..with("x") }).contains("1 to 1024"));
}

#[test]
fn secrets_never_show_in_debug_output() {
    let s3 = S3Config { secret_access_key: Some("hunter2".into()), ..S3Config::default() };
    assert!(!format!("{s3:?}").contains("hunter2"));
}

#[test]
fn paths_that_leave_the_lake_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    fs::write(folder.path().join("precious"), "x").unwrap();
    assert!(lake.delete(["../precious"]).is_err());
    assert!(lake.delete(["throughline_lake.json"]).is_err());
    assert!(folder.path().join("precious").exists());
}

#[test]
fn many_small_files_of_a_partition_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(LakeConfig { target_rows: 10_000, ..config(&folder) });
    let mut files = Vec::new();
    for part in rows(400).chunks(50) {
        files.extend(lake.write(part, now()).unwrap());
    }
    let partitions: std::collections::BTreeSet<_> = files.iter().map(|f| (f.month, f.bucket)).collect();
    let policy = CompactPolicy { min_files: 2, ..CompactPolicy::default() };
    let done = lake.compact(&files, &LineMap::new(), &policy, now()).unwrap();
    files.retain(|f| !done.replaced.contains(f));
    files.extend(done.new_files);
    assert_eq!(files.len(), partitions.len());
    assert_eq!(files.iter().map(|f| f.rows).sum::<u64>(), 400);
    let again = lake.compact(&files, &LineMap::new(), &policy, now()).unwrap();
    assert!(again.new_files.is_empty() && again.replaced.is_empty() && !again.more, "nothing left to do");
}
