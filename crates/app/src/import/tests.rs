//! Files of every kind become exactly the events, people and spend they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};

use serde_json::{Value, json};
use throughline_base::{EventId, FixedClock};
use throughline_store::event::{self as events, HotEvent};

use super::*;
use crate::Settings;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;

const CUSTOMERS: &str = r#"
kind = "events"
name = "customers"
[event]
type = "identify"
[columns]
"客户号" = "user_id"
"姓名" = "traits.name"
"手机" = "traits.phone"
"#;

struct Shop {
    app: Arc<App>,
    folder: tempfile::TempDir,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.app.close();
    }
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOW));
        Self { app: App::open(Settings::new(folder.path()), clock).unwrap(), folder }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, path: &Path, mapping: &str) -> ImportRow {
        let begun = self.app.import_begin(&Caller::cli(), path, mapping, None).unwrap();
        let done = self.app.import_run(begun.row.id, &|| false, &mut |_| {}).unwrap();
        assert_eq!(done.state, "done");
        done
    }

    fn recorded(&self) -> Vec<HotEvent> {
        let mut all: Vec<HotEvent> = Vec::new();
        loop {
            let after = all.last().map_or(EventId::new(0), |e| e.id);
            let page = self.app.db.read(|tx| events::hot_after(tx, after, 10_000)).unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}

fn named(name: &str) -> &'static str {
    shipped().unwrap().into_iter().find(|s| s.mapping.name == name).unwrap().toml
}

/// A file of the shared data sets; `None` (and said so) where they are not.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var("THROUGHLINE_SHARED").unwrap_or_else(|_| "../../../shared".into());
    let path = Path::new(&folder).join("data").join(name);
    if !path.is_file() {
        eprintln!("skipped: {} is not there; set THROUGHLINE_SHARED", path.display());
        return None;
    }
    Some(path)
}

/// What an invoice comes to, worked out without the importer.
#[derive(Debug, Default, PartialEq)]
struct Invoice {
    customer: String,
    products: usize,
    /// Thousandths of a pound.
    thousandths: i64,
}

fn thousandths(price: &str) -> i64 {
    let (whole, part) = price.split_once('.').unwrap_or((price, ""));
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let part: String = format!("{part:0<3}").chars().take(3).collect();
    whole.parse::<i64>().unwrap() * 1_000 + sign * part.parse::<i64>().unwrap()
}

#[test]
fn invoices_of_online_retail_become_orders_and_refunds_to_the_penny() {
    let Some(path) = shared("online_retail/online_retail.csv.gz") else { return };
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let part: String = text.lines().take(30_001).map(|l| format!("{l}\n")).collect();
    let mut invoices: BTreeMap<String, Invoice> = BTreeMap::new();
    let (mut rows, mut refused) = (0, 0);
    for row in csv::Reader::from_reader(part.as_bytes()).records() {
        let row = row.unwrap();
        rows += 1;
        if row[0].starts_with('A') || row[6].is_empty() {
            refused += 1;
            continue;
        }
        let i = invoices.entry(row[0].to_owned()).or_default();
        row[6].clone_into(&mut i.customer);
        i.products += 1;
        i.thousandths += row[3].parse::<i64>().unwrap() * thousandths(&row[5]);
    }

    let shop = Shop::open();
    let done = shop.import(&shop.file("retail.csv", part.as_bytes()), named("online_retail"));
    assert_eq!((done.rows_done, done.rejected), (rows, refused));
    assert_eq!((done.accepted, done.quarantined, done.duplicates), (invoices.len() as i64, 0, 0));
    let recorded = shop.recorded();
    assert_eq!(recorded.len(), invoices.len());
    for e in &recorded {
        let number = e.order_id.as_deref().unwrap();
        let invoice = &invoices[number];
        let properties: Value = serde_json::from_str(&e.properties).unwrap();
        assert_eq!(properties["products"].as_array().unwrap().len(), invoice.products, "{number}");
        let refund = number.starts_with('C');
        assert_eq!(e.name, if refund { "Order Refunded" } else { "Order Completed" }, "{number}");
        let pence = (invoice.thousandths + 5 * invoice.thousandths.signum()) / 10;
        let want = if refund { -pence.abs() } else { pence.abs() };
        assert_eq!((e.value_minor, e.currency.as_deref()), (Some(want), Some("GBP")), "{number}");
    }
    let customers: BTreeSet<&str> = invoices.values().map(|i| i.customer.as_str()).collect();
    assert_eq!(recorded.iter().map(|e| e.line).collect::<BTreeSet<_>>().len(), customers.len());
    let again = shop.import(&shop.file("retail.csv", part.as_bytes()), named("online_retail"));
    assert_eq!((again.accepted, again.duplicates), (0, invoices.len() as i64), "the same file again changes nothing");
}

#[test]
fn every_shipped_mapping_fits_its_data() {
    let shop = Shop::open();
    let own = [
        (
            "ad_spend",
            "date,channel,campaign,impressions,clicks,cost,currency\n2026-11-01,douyin_ads,双11,1000,20,99.50,CNY\n",
        ),
        (
            "customers",
            "customer_id,member_no,phone,email,name,gender,birthday,city\nc1,m1,13912345678,a@b.cn,欧阳娜娜,女,1990-05-17,杭州\n",
        ),
        (
            "orders",
            "order_id,customer_id,phone,paid_at,sku,product,quantity,price,currency\no1,c1,13912345678,2026-11-01 10:00:00,s1,唇釉,2,99.5,CNY\n",
        ),
    ];
    let mut files: BTreeMap<&str, PathBuf> =
        own.iter().map(|(name, text)| (*name, shop.file(&format!("{name}.csv"), text.as_bytes()))).collect();
    for (name, file) in
        [("online_retail", "online_retail/online_retail.csv.gz"), ("clickstream_ecom", "clickstream_ecom/ecom.csv.gz")]
    {
        let Some(path) = shared(file) else { return };
        files.insert(name, path);
    }
    let all = shipped().unwrap();
    assert_eq!(all.len(), files.len(), "a mapping that ships has its data here");
    for s in all {
        let name = s.mapping.name.as_str();
        let seen = shop.app.import_dry_run_file(&files[name], s.toml).unwrap();
        assert!(
            !seen.rows.is_empty() && seen.rows.iter().all(|r| r.error.is_none() && !r.events.is_empty()),
            "{name}: {seen:?}"
        );
        assert!(name == "ad_spend" || !seen.people.is_empty(), "{name}");
        let guessed = shop.app.import_guess(&files[name]).unwrap();
        assert!(Mapping::parse(&guessed.toml).is_ok(), "{name}: the drafted mapping reads");
    }
    assert_eq!(shop.recorded().len(), 0, "a dry run records nothing");
}

#[test]
fn a_table_in_gb18030_is_read_as_what_it_says() {
    let shop = Shop::open();
    let (bytes, _, unmappable) =
        encoding_rs::GB18030.encode("客户号\t姓名\t手机\nc1\t王小明\t13912345678\nc2\t欧阳娜娜\t139 8765 4321\n");
    assert!(!unmappable);
    let done = shop.import(&shop.file("customers.tsv", &bytes), CUSTOMERS);
    assert_eq!((done.rows_done, done.accepted, done.rejected), (2, 2, 0));
    let traits: Vec<Value> = shop.recorded().iter().map(|e| serde_json::from_str(&e.traits).unwrap()).collect();
    assert_eq!(traits[0], json!({ "name": "王小明", "phone": "+8613912345678" }));
    assert_eq!(traits[1], json!({ "name": "欧阳娜娜", "phone": "+8613987654321" }));
}

const VISITS: &str = r#"
kind = "events"
name = "visits"
[event]
type = "track"
name = "Store Visited"
[time]
zone = "Asia/Shanghai"
[columns]
"who" = "user_id"
"at" = "timestamp"
"n" = "properties.n"
"#;

fn parquet_of(rows: &[(&str, &str, i64)]) -> Vec<u8> {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    let column = |f: fn(&(&str, &str, i64)) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|r| Some(f(r))).collect::<StringArray>())
    };
    let n: ArrayRef = Arc::new(rows.iter().map(|r| Some(r.2)).collect::<Int64Array>());
    let batch = RecordBatch::try_from_iter([("who", column(|r| r.0.into())), ("at", column(|r| r.1.into())), ("n", n)])
        .unwrap();
    let mut out = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

#[test]
fn a_file_may_lack_what_the_mapping_calls_optional_and_a_refusal_leaves_nothing_behind() {
    let shop = Shop::open();
    let done = shop.import(&shop.file("c.csv", "phone,name\n13912345678,张伟\n".as_bytes()), named("customers"));
    assert_eq!((done.accepted, done.rejected), (1, 0));
    let orders = shop.file("o.csv", b"nothing,of,use\n1,2,3\n");
    let refused = shop.app.import_begin(&Caller::cli(), &orders, named("orders"), None).unwrap_err();
    assert!(refused.detail.contains("has no column"), "{}", refused.detail);
    let left = shop.app.imports(None, 10).unwrap().items;
    assert_eq!(left.len(), 1, "no draft that nobody can go on with");
}

#[test]
fn a_row_without_end_is_refused_and_its_neighbours_come_in() {
    let shop = Shop::open();
    let huge = "好\n".repeat(3_000_000);
    let text =
        format!("who,at,n\nu1,2026-11-01 08:00:00,1\nu2,2026-11-01 08:00:00,\"{huge}\"\nu3,2026-11-01 09:00:00,3\n");
    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    assert!(packed.len() < 10_000, "a small file that unfolds to {} bytes", text.len());
    let done = shop.import(&shop.file("visits.csv.zst", &packed), VISITS);
    assert_eq!((done.state.as_str(), done.accepted, done.rejected), ("done", 2, 1));
    let rejects = shop.app.import_rejects(done.id, 0, 10).unwrap();
    assert_eq!(rejects[0].line, 3);
    assert!(rejects[0].reason.contains("longer than 4 MB"), "{}", rejects[0].reason);
    assert!(rejects[0].raw.len() < 10_000, "what is kept of it is cut");
    // A cell that fits into a row but not into an event is refused, too.
    let text = format!("who,at,n\nu4,2026-11-01 08:00:00,{}\nu5,2026-11-01 09:00:00,5\n", "x".repeat(2_000_000));
    let done = shop.import(&shop.file("more.csv", text.as_bytes()), VISITS);
    assert_eq!((done.accepted, done.rejected), (1, 1));
    let rejects = shop.app.import_rejects(done.id, 0, 10).unwrap();
    assert!(rejects[0].reason.contains("larger than"), "{}", rejects[0].reason);
}

#[test]
fn the_same_rows_in_every_format_and_packing_are_the_same_events() {
    let rows = [("u1", "2026-11-01 08:00:00", 1), ("u2", "2026-11-01 09:00:00", 2), ("u1", "2026-11-02 10:30:00", 3)];
    let line = |sep: &str| -> String { rows.iter().map(|(w, a, n)| format!("{w}{sep}{a}{sep}{n}\n")).collect() };
    let csv = format!("who,at,n\n{}", line(","));
    let jsonl: String = rows.iter().map(|(w, a, n)| format!("{}\n", json!({ "who": w, "at": a, "n": n }))).collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(csv.as_bytes()).unwrap();
    let files: [(&str, Vec<u8>); 6] = [
        ("visits.csv", csv.clone().into_bytes()),
        ("visits.tsv", format!("who\tat\tn\n{}", line("\t")).into_bytes()),
        ("visits.jsonl", jsonl.into_bytes()),
        ("visits.csv.gz", gz.finish().unwrap()),
        ("visits.csv.zst", zstd::encode_all(csv.as_bytes(), 3).unwrap()),
        ("visits.parquet", parquet_of(&rows)),
    ];
    for (name, bytes) in files {
        let shop = Shop::open();
        let done = shop.import(&shop.file(name, &bytes), VISITS);
        assert_eq!((done.rows_total, done.accepted + done.duplicates, done.rejected), (Some(3), 3, 0), "{name}");
        let seen: Vec<(String, Value)> = shop
            .recorded()
            .iter()
            .map(|e| (e.event_at.to_string(), serde_json::from_str::<Value>(&e.properties).unwrap()["n"].clone()))
            .collect();
        let at = ["2026-11-01T00:00:00.000Z", "2026-11-01T01:00:00.000Z", "2026-11-02T02:30:00.000Z"];
        let numbers: Vec<i64> =
            seen.iter().map(|(_, n)| n.as_str().map_or_else(|| n.as_i64().unwrap(), |t| t.parse().unwrap())).collect();
        assert_eq!(
            (seen.iter().map(|(a, _)| a.as_str()).collect::<Vec<_>>(), numbers),
            (at.to_vec(), vec![1, 2, 3]),
            "{name}"
        );
    }
}

#[test]
fn rows_that_cannot_be_used_are_kept_with_their_line_and_the_reason() {
    let shop = Shop::open();
    let text = "who,at,n\nu1,2026-11-01 08:00:00,1\nu2,some day,2\n,2026-11-01 08:00:00,3\nu4,2026-11-01 08:00:00,4,5,6\nu5,2026-11-01 08:00:00,5\n";
    let done = shop.import(&shop.file("visits.csv", text.as_bytes()), VISITS);
    let refused = shop.app.import_rejects(done.id, 0, 100).unwrap();
    let waiting = shop.app.quarantine_groups().unwrap();
    assert_eq!(done.accepted, 2, "{refused:?}");
    assert_eq!(done.rejected + done.quarantined, 3);
    let lines: Vec<i64> = refused.iter().map(|r| r.line).collect();
    assert!(lines.contains(&3) && lines.contains(&5), "{refused:?}");
    let day = refused.iter().find(|r| r.line == 3).unwrap();
    assert!(day.reason.starts_with("at: ") && day.raw.contains("some day"), "{day:?}");
    assert!(refused.iter().all(|r| !r.reason.is_empty()));
    let nobody = waiting.iter().any(|g| g.group.reason == "no_identifier") || lines.contains(&4);
    assert!(nobody, "a row that names nobody is not lost: {refused:?}");
}

#[test]
fn ad_spend_adds_up_within_a_file_and_a_later_file_replaces_it() {
    let shop = Shop::open();
    let file = |cost: &str| {
        let text = format!(
            "date,channel,campaign,impressions,clicks,cost,currency\n2026-11-01,douyin_ads,双11,1000,20,{cost},CNY\n\
             2026-11-01,douyin_ads,双11,500,5,0.50,CNY\n2026-11-02,baidu_search,,10,1,3,CNY\n2026-11-02,baidu_search,,10,1,-3,CNY\n"
        );
        shop.file("spend.csv", text.as_bytes())
    };
    let done = shop.import(&file("99.50"), named("ad_spend"));
    assert_eq!((done.rows_done, done.accepted, done.rejected), (4, 3, 1));
    let refused = shop.app.import_rejects(done.id, 0, 10).unwrap();
    assert_eq!((refused[0].line, refused[0].reason.starts_with("cost: ")), (5, true), "{refused:?}");
    let spend = || {
        let rows = shop.app.db.read(|tx| throughline_store::credit::spend_list(tx, None, 10)).unwrap().items;
        let mut all: Vec<(i64, String, i64, i64, i64)> =
            rows.into_iter().map(|s| (s.day, s.campaign, s.impressions, s.clicks, s.cost_minor)).collect();
        all.sort();
        all
    };
    let first = 20_758; // 2026-11-01
    assert_eq!(spend(), [(first, "双11".to_owned(), 1_500, 25, 10_000), (first + 1, String::new(), 10, 1, 300)]);
    shop.import(&file("199.50"), named("ad_spend"));
    assert_eq!(spend()[0], (first, "双11".to_owned(), 1_500, 25, 20_000), "the later file holds");
}
