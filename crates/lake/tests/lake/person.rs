//! One person's rows out of large files: pages and row groups are skipped, nothing is lost.

use throughline_base::Rng;
use throughline_lake::{Column, CompactPolicy, LakeConfig, LakeRow, LineMap, PersonRead, ScanRequest, Target};

use crate::support::{Collect, NOW_MS, config, event, now, open, seen, snapshot};

fn many() -> Vec<LakeRow> {
    let mut rng = Rng::seeded(21);
    (1..=60_000)
        .map(|id| {
            // One person has far more events than a page holds.
            let person = if rng.chance(0.3) { 500 } else { 1 + rng.below(3_000) as i64 };
            let event_at = NOW_MS + rng.below(1_000_000) as i64;
            LakeRow { event_at, ..event(&mut rng, id, person, person) }
        })
        .collect()
}

#[test]
fn persons_are_found_whatever_pages_and_row_groups_they_span() {
    let folder = tempfile::tempdir().unwrap();
    let large = LakeConfig { buckets: 1, target_rows: 50_000, row_group_rows: 20_000, ..config(&folder) };
    let lake = open(large);
    let rows = many();
    let files = lake.write(&rows, now()).unwrap();
    assert_eq!(files.len(), 2);
    let mut map = LineMap::new();
    map.insert(700, Target::Person(500), &[700]);
    map.insert(900, Target::Person(20), &[900]);
    map.insert(950, Target::Erased, &[950]);
    let placed: Vec<LakeRow> = rows
        .iter()
        .filter(|r| r.line_id != 950)
        .map(|r| match r.line_id {
            700 => LakeRow { person_id: 500, ..r.clone() },
            900 => LakeRow { person_id: 20, ..r.clone() },
            _ => r.clone(),
        })
        .collect();
    let sealed = snapshot(&files, &[], &map);
    for person in [1, 20, 499, 500, 501, 700, 900, 950, 1_234, 3_000, 9_999] {
        let mut want: Vec<&LakeRow> = placed.iter().filter(|r| r.person_id == person).collect();
        want.sort_by_key(|r| std::cmp::Reverse((r.event_at, r.event_id)));
        let got = lake.read_person(&sealed, &PersonRead::newest(person, usize::MAX)).unwrap();
        assert!(got.iter().eq(want.iter().copied()), "person {person}");
        let few = lake.read_person(&sealed, &PersonRead::newest(person, 3)).unwrap();
        assert!(few.iter().eq(want.iter().copied().take(3)), "person {person}");
    }

    let request =
        ScanRequest::columns(&[Column::EventId, Column::NameId, Column::TouchId, Column::ValueMinor, Column::OrderId]);
    let mut want: Vec<_> = placed.iter().map(seen).collect();
    want.sort();
    let scan = |files: &[throughline_lake::LakeFile]| {
        let mut got = lake.scan(&snapshot(files, &[], &map), &request, 1, |_| Collect::default()).unwrap();
        std::mem::take(&mut got[0].rows)
    };
    assert_eq!(scan(&files), want);
    let done = lake.compact(&files, &map, &CompactPolicy::default(), now()).unwrap();
    let mut live = files;
    live.retain(|f| !done.replaced.contains(f));
    live.extend(done.new_files);
    assert!(done.moved_rows > 0 && done.erased_rows > 0);
    assert_eq!(scan(&live), want);
}

#[test]
fn a_timeline_can_be_narrowed_to_lines_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    let mut rng = Rng::seeded(2);
    let rows: Vec<LakeRow> = (1..=200).map(|id| event(&mut rng, id, 5, 1 + id % 4)).collect();
    let (sealed, hot) = rows.split_at(150);
    let files = lake.write(sealed, now()).unwrap();
    let read = PersonRead {
        line_ids: Some(vec![2, 3]),
        name_ids: Some(vec![4, 0]),
        newest_first: false,
        ..PersonRead::newest(5, 1_000)
    };
    let got = lake.read_person(&snapshot(&files, hot, &LineMap::new()), &read).unwrap();
    let mut want: Vec<LakeRow> =
        rows.into_iter().filter(|r| [2, 3].contains(&r.line_id) && [0, 4].contains(&r.name_id)).collect();
    want.sort_by_key(|r| (r.event_at, r.event_id));
    assert_eq!(got, want);
    assert!(!got.is_empty());
}
