//! Speed of the lake: sealing, the ordered scan, a person's timeline, compaction.
//!
//! Prints, in one run over the same files, the ordered scan of four columns beside a plain decode of the same columns
//! without any order, so that the price of order is seen. `EVENTS`, `PERSONS` and `THREADS` change the size.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its numbers and may stop anywhere")]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use throughline_base::{Clock, FixedClock, IdGen, Rng, Timestamp};
use throughline_lake::{
    Column, CompactPolicy, HotRows, Lake, LakeConfig, LakeFile, LakeRow, LineMap, PersonRead, PersonRows,
    PersonVisitor, ScanRequest, Snapshot, Target,
};

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DAY_MS: i64 = 86_400_000;
/// 2026-11-01T00:00:00Z.
const END_MS: i64 = 1_793_491_200_000;
const MONTHS_MS: i64 = 548 * DAY_MS;

struct Size {
    events: usize,
    persons: usize,
    threads: usize,
}

/// Adds up what it sees, so that nothing is optimised away.
#[derive(Default)]
struct Sum {
    rows: u64,
    persons: u64,
    sum: i64,
}

impl PersonVisitor for Sum {
    fn person(&mut self, rows: PersonRows<'_>) {
        self.persons += 1;
        self.rows += rows.len() as u64;
        for ((at, name), touch) in rows.event_at().iter().zip(rows.name_id()).zip(rows.touch_id()) {
            self.sum = self.sum.wrapping_add(*at ^ i64::from(*name) ^ i64::from(*touch));
        }
    }
}

fn main() {
    // `cargo test --benches` runs benches to see that they work: a small size will do.
    let quick = !std::env::args().any(|a| a == "--bench");
    let number = |name: &str, default: usize| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let size = Size {
        events: number("EVENTS", if quick { 50_000 } else { 10_000_000 }),
        persons: number("PERSONS", if quick { 5_000 } else { 500_000 }),
        threads: number("THREADS", 2),
    };
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at_ms(END_MS));
    let config = LakeConfig { url: folder.path().display().to_string(), ..LakeConfig::default() };
    let lake = Lake::open(config, Arc::new(IdGen::new(clock, 0))).unwrap();

    let (files, last) = seal(&lake, &size);
    let bytes: u64 = files.iter().map(|f| f.bytes).sum();
    println!("files            {:>12}   {:.1} bytes/event", files.len(), bytes as f64 / size.events as f64);
    let plain = snapshot(&files, &[], LineMap::new());
    compare(&lake, &plain, &size, "one file per partition");

    let person_ids: Vec<i64> = last.iter().map(|r| r.person_id).collect();
    timeline(&lake, &plain, &person_ids);

    let mut map = LineMap::new();
    let mut rng = Rng::seeded(5);
    for _ in 0..size.persons / 50 {
        let (a, b) = (rng.below(size.persons as u64), rng.below(size.persons as u64));
        map.insert(line(a), Target::Person(person(b)), &[person(a)]);
    }
    println!("\nwith {} merged persons and {} hot events", map.len(), last.len());
    let busy = snapshot(&files, &last, map.clone());
    let seconds = best(3, || drop(lake.scan(&busy, &four_columns(), size.threads, |_| Sum::default()).unwrap()));
    report("ordered scan", size.events, seconds);

    let watch = Watch::start();
    let policy = CompactPolicy { max_rows: u64::MAX, ..CompactPolicy::default() };
    let done = lake.compact(&files, &map, &policy, Timestamp::from_ms(END_MS)).unwrap();
    let rows: u64 = done.replaced.iter().map(|f| f.rows).sum();
    report("compaction", rows as usize, watch.stop());
    let watch = Watch::start();
    let found = lake.verify(&done.new_files).unwrap();
    assert!(found.is_sound());
    report("verification", found.rows as usize, watch.stop());
}

fn person(n: u64) -> i64 {
    // Ids of persons that were met over 18 months: milliseconds, node, sequence, as `IdGen` makes them.
    ((n as i64 * 95_000 + 1) << 22) | (n as i64 * 2_654_435_761) & 0x3fff
}

fn line(n: u64) -> i64 {
    person(n) + 1
}

fn generate(size: &Size, rng: &mut Rng, index: usize) -> LakeRow {
    // In order of arrival; a person's events come in visits.
    let event_at = END_MS - MONTHS_MS + (MONTHS_MS as f64 * index as f64 / size.events as f64) as i64;
    let visitor = (index / 5_000) as u64 * 1_250 + rng.below(1_250);
    let n = Rng::seeded(visitor).below(size.persons as u64);
    let paid = rng.chance(0.03);
    LakeRow {
        event_id: ((event_at - 1_704_067_200_000) << 22) | (index as i64 & 0x3fff),
        event_at,
        received_at: event_at + rng.below(3_000) as i64,
        person_id: person(n),
        line_id: line(n),
        source_id: 77 + rng.below(6) as i64,
        kind: if paid { "track" } else { "page" }.into(),
        name: if paid { "Order Completed" } else { "Product Viewed" }.into(),
        name_id: if paid { 3 } else { 10 + rng.below(20) as i32 },
        touch_id: if rng.chance(0.3) { 1 + rng.below(300) as i32 } else { 0 },
        value_minor: paid.then(|| 1_000 + rng.below(90_000) as i64),
        currency: paid.then(|| "CNY".into()),
        order_id: paid.then(|| format!("A{index:09}")),
        message_id: format!("ajs-{:016x}{:016x}", rng.next_u64(), rng.next_u64()),
        properties: format!(
            "{{\"product_id\":\"{}\",\"price\":{},\"category\":\"护肤\"}}",
            rng.below(5_000),
            rng.below(900)
        ),
        traits: "{}".into(),
        context: format!("{{\"page\":{{\"path\":\"/p/{}\"}},\"os\":\"iOS\",\"locale\":\"zh-CN\"}}", rng.below(5_000)),
        ..LakeRow::default()
    }
}

/// Seals the history a month or so at a time and merges it, as the server does; gives the last events too.
fn seal(lake: &Lake, size: &Size) -> (Vec<LakeFile>, Vec<LakeRow>) {
    let mut rng = Rng::seeded(1);
    let mut files = Vec::new();
    let mut writing = Took { wall: 0.0, cpu: 0.0 };
    let step = size.events.div_ceil(20).max(1);
    for start in (0..size.events).step_by(step) {
        let rows: Vec<LakeRow> =
            (start..(start + step).min(size.events)).map(|i| generate(size, &mut rng, i)).collect();
        let watch = Watch::start();
        files.extend(lake.write(&rows, Timestamp::from_ms(END_MS)).unwrap());
        let took = watch.stop();
        writing = Took { wall: writing.wall + took.wall, cpu: writing.cpu + took.cpu };
    }
    report("sealing", size.events, writing);
    let policy = CompactPolicy { min_files: 2, max_rows: u64::MAX, ..CompactPolicy::default() };
    let many = snapshot(&files, &[], LineMap::new());
    compare(lake, &many, size, "as sealed, several files per partition");
    let done = lake.compact(&files, &LineMap::new(), &policy, Timestamp::from_ms(END_MS)).unwrap();
    files.retain(|f| !done.replaced.contains(f));
    files.extend(done.new_files);
    let hot = (0..size.events / 100).map(|i| {
        let mut row = generate(size, &mut rng, size.events - 1 - i);
        row.event_id += 1 << 15;
        row
    });
    (files, hot.collect())
}

fn snapshot(files: &[LakeFile], hot: &[LakeRow], map: LineMap) -> Snapshot {
    let hot: HotRows = hot.iter().collect();
    Snapshot { files: files.into(), hot: Arc::new(hot), line_map: Arc::new(map) }
}

fn four_columns() -> ScanRequest {
    ScanRequest::columns(&[Column::NameId, Column::TouchId])
}

fn compare(lake: &Lake, snapshot: &Snapshot, size: &Size, what: &str) {
    println!("\n{what}: {} files", snapshot.files.len());
    let columns = [Column::PersonId, Column::EventAt, Column::NameId, Column::TouchId];
    let decode = best(5, || assert_eq!(plain_decode(lake, &snapshot.files, &columns, size.threads), size.events));
    report("plain decode", size.events, decode);
    let scan = best(5, || {
        let visitors = lake.scan(snapshot, &four_columns(), size.threads, |_| Sum::default()).unwrap();
        assert_eq!(visitors.iter().map(|v| v.rows).sum::<u64>(), size.events as u64);
    });
    report("ordered scan", size.events, scan);
    println!("ratio            {:>12.2} of the plain decode's processor time", scan.cpu / decode.cpu);
    let with_value = ScanRequest::columns(&[
        Column::EventId,
        Column::NameId,
        Column::TouchId,
        Column::ValueMinor,
        Column::SourceId,
        Column::OrderId,
    ]);
    let credit = best(3, || drop(lake.scan(snapshot, &with_value, size.threads, |_| Sum::default()).unwrap()));
    report("scan of 8", size.events, credit);
}

/// The same columns of the same files through the `parquet` crate's own reader, in no order.
fn plain_decode(lake: &Lake, files: &[LakeFile], columns: &[Column], threads: usize) -> usize {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut rows = 0;
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = File::open(Path::new(&lake.path()).join(&file.path)).unwrap();
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().map(|c| c.name()));
            let reader = builder.with_projection(mask).with_batch_size(8192).build().unwrap();
            rows += reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>();
        }
        rows
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().map(|t| t.join().unwrap()).sum()
    })
}

fn timeline(lake: &Lake, snapshot: &Snapshot, persons: &[i64]) {
    let mut found = 0;
    let mut times: Vec<f64> = persons
        .iter()
        .step_by((persons.len() / 500).max(1))
        .map(|p| {
            let started = Instant::now();
            let rows = lake.read_person(snapshot, &PersonRead::newest(*p, 50)).unwrap();
            found += rows.len();
            started.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!("\ntimeline of 50   {:>9.2} ms p50 {:.2} ms p99 (sealed rows only, {found} rows)", at(0.5), at(0.99));
}

/// Wall and processor time of one run, in seconds. On a busy machine the second is the one to compare.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    cpu: f64,
}

struct Watch(Instant, f64);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), cpu_seconds())
    }

    fn stop(&self) -> Took {
        Took { wall: self.0.elapsed().as_secs_f64(), cpu: cpu_seconds() - self.1 }
    }
}

/// Processor time of all threads of this process, from `/proc/self/stat` (in hundredths of a second); 0 elsewhere.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The best of `n` runs by wall time, with the mean processor time.
fn best(n: usize, mut run: impl FnMut()) -> Took {
    let all: Vec<Took> = (0..n)
        .map(|_| {
            let watch = Watch::start();
            run();
            watch.stop()
        })
        .collect();
    let wall = all.iter().map(|t| t.wall).fold(f64::INFINITY, f64::min);
    Took { wall, cpu: all.iter().map(|t| t.cpu).sum::<f64>() / n as f64 }
}

fn report(what: &str, events: usize, took: Took) {
    let rate = events as f64 / took.wall;
    println!("{what:<16} {rate:>12.0} events/s   {:.3} s wall   {:.3} s of processor", took.wall, took.cpu);
}
