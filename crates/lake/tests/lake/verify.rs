//! Damage is found, named and never read as if it were sound.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use throughline_base::Rng;
use throughline_lake::{Column, Fault, Lake, LakeError, LakeFile, LakeRow, LineMap, PersonRead, ScanRequest};

use crate::support::{config, event, now, open, snapshot};

fn sealed() -> (TempDir, Lake, Vec<LakeFile>) {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    let mut rng = Rng::seeded(11);
    let rows: Vec<LakeRow> = (1..=400)
        .map(|id| {
            let p = 1 + id % 7;
            event(&mut rng, id, p, p)
        })
        .collect();
    let files = lake.write(&rows, now()).unwrap();
    (folder, lake, files)
}

fn at(folder: &TempDir, file: &LakeFile) -> PathBuf {
    folder.path().join("lake").join(&file.path)
}

fn faults(lake: &Lake, files: &[LakeFile]) -> Vec<(String, Fault)> {
    lake.verify(files).unwrap().findings.into_iter().map(|f| (f.path, f.fault)).collect()
}

#[test]
fn a_flipped_byte_is_found() {
    let (folder, lake, files) = sealed();
    let mut bytes = fs::read(at(&folder, &files[1])).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(at(&folder, &files[1]), bytes).unwrap();
    assert_eq!(faults(&lake, &files), vec![(files[1].path.clone(), Fault::Damaged)]);
}

#[test]
fn a_missing_and_a_cut_file_are_found_and_named_by_every_reader() {
    let (folder, lake, files) = sealed();
    fs::remove_file(at(&folder, &files[0])).unwrap();
    let cut = fs::read(at(&folder, &files[2])).unwrap();
    fs::write(at(&folder, &files[2]), &cut[..cut.len() - 9]).unwrap();
    let mut found = faults(&lake, &files);
    found.sort_by_key(|f| files.iter().position(|file| file.path == f.0));
    assert_eq!(found, vec![(files[0].path.clone(), Fault::Missing), (files[2].path.clone(), Fault::Damaged)]);

    let only = |file: &LakeFile| snapshot(std::slice::from_ref(file), &[], &LineMap::new());
    let error = lake.scan(&only(&files[0]), &ScanRequest::default(), 2, |_| Quiet).unwrap_err();
    assert!(matches!(&error, LakeError::Missing { path } if *path == files[0].path), "{error}");
    let error = lake.read_person(&only(&files[2]), &PersonRead::newest(files[2].min_person_id, 5)).unwrap_err();
    assert!(matches!(&error, LakeError::Corrupt { path, .. } if *path == files[2].path), "{error}");
    assert!(error.to_string().contains("throughline lake verify"), "it says what to do: {error}");
}

#[derive(Debug)]
struct Quiet;

impl throughline_lake::PersonVisitor for Quiet {
    fn person(&mut self, _: throughline_lake::PersonRows<'_>) {}
}

#[test]
fn an_event_in_two_files_is_found() {
    let (_folder, lake, mut files) = sealed();
    let mut rng = Rng::seeded(12);
    let again = event(&mut rng, 17, 3, 3);
    let original = files.iter().find(|f| f.min_event_id <= 17 && 17 <= f.max_event_id).unwrap().clone();
    let again = LakeRow { event_at: original.min_event_at, ..again };
    // The event of this id may lie in any file of the month; seal it into each month to be sure to meet it.
    for month_of in files.clone() {
        let copy = LakeRow { event_at: month_of.min_event_at, ..again.clone() };
        files.extend(lake.write(&[copy], now()).unwrap());
    }
    let found = faults(&lake, &files);
    assert!(!found.is_empty() && found.iter().all(|f| f.1 == Fault::Duplicate), "{found:?}");
}

#[test]
fn a_manifest_entry_that_lies_is_found() {
    let (_folder, lake, mut files) = sealed();
    files[0].max_event_at += 1;
    assert_eq!(faults(&lake, &files), vec![(files[0].path.clone(), Fault::Misplaced)]);
}

#[test]
fn damaged_bytes_never_stop_the_process() {
    let (folder, lake, files) = sealed();
    let file = &files[0];
    let sound = fs::read(at(&folder, file)).unwrap();
    let mut rng = Rng::seeded(99);
    let request = ScanRequest::columns(&Column::ALL);
    let mut refused = 0;
    for round in 0..1_500 {
        let mut bytes = sound.clone();
        for _ in 0..1 + round % 4 {
            let i = rng.below(bytes.len() as u64) as usize;
            bytes[i] = rng.next_u64() as u8;
        }
        fs::write(at(&folder, file), bytes).unwrap();
        // A new handle each time: nothing of the sound file is remembered.
        let lake = open(config(&folder));
        let one = snapshot(std::slice::from_ref(file), &[], &LineMap::new());
        let scanned = lake.scan(&one, &request, 1, |_| Quiet).map(drop);
        let person = lake.read_person(&one, &PersonRead::newest(file.min_person_id, 50)).map(drop);
        for error in [scanned.err(), person.err()].into_iter().flatten() {
            assert!(matches!(error, LakeError::Corrupt { .. }), "{error}");
            refused += 1;
        }
    }
    assert!(refused > 500, "most damage is noticed even without the checksum: {refused}");
    fs::write(at(&folder, file), sound).unwrap();
    assert!(lake.verify(&files).unwrap().is_sound());
}
