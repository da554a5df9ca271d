//! Importing at the command line, as `docs/import.md` says.

use std::path::Path;
use std::process::Command;

use throughline_testkit::engines;

use crate::process::Place;

const RETAIL: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    536365,85123A,HOLDER,6,2010-12-01T08:26:00,2.55,17850,United Kingdom\n\
    536365,71053,LANTERN,6,2010-12-01T08:26:00,3.39,17850,United Kingdom\n\
    C536379,D,Discount,-1,2010-12-01T09:41:00,27.5,14527,United Kingdom\n";
const MAPPING: &str = "kind = \"events\"\nname = \"mine\"\n[event]\ntype = \"track\"\nname = \"Order Completed\"\n\
    [columns]\norder_id = \"properties.order_id\"\ncustomer = \"user_id\"\npaid_at = \"timestamp\"\ntotal = \"properties.revenue\"\n";

fn gzipped(at: &Path, text: &str) {
    let plain = at.with_extension("");
    std::fs::write(&plain, text).unwrap();
    assert!(Command::new("gzip").arg("-f").arg(&plain).status().unwrap().success());
}

#[test]
fn every_command_of_the_page_on_imports_runs_as_written() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/import.md")).unwrap();
    let block = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<&str> = block.lines().filter(|l| l.starts_with("throughline ")).collect();
    assert!(lines.len() >= 3, "{block}");
    let place = Place::new(engines().remove(0), &[]);
    let here = place.folder.path();
    std::fs::write(here.join("FILE"), RETAIL).unwrap();
    std::fs::write(here.join("mapping.toml"), MAPPING).unwrap();
    std::fs::write(
        here.join("spend.csv"),
        "date,channel,campaign,impressions,clicks,cost,currency\n2026-11-01,douyin_ads,a,9,1,3.5,CNY\n",
    )
    .unwrap();
    for (month, n) in [("01", 1), ("02", 2)] {
        let text = format!("order_id,customer,paid_at,total\no{n},c1,2025-{month}-01 08:00:00,12.50\n");
        gzipped(&here.join(format!("orders-2025-{month}.csv.gz")), &text);
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_throughline")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut said = String::new();
    for line in lines {
        let out = Command::new("sh")
            .args(["-c", line])
            .current_dir(here)
            .env("PATH", &path)
            .env("THROUGHLINE_DATA_DIR", place.data())
            .output()
            .unwrap();
        assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
        said.push_str(&String::from_utf8_lossy(&out.stdout));
    }
    for wanted in [
        "orders-2025-01.csv.gz: 1 rows, 1 accepted",
        "orders-2025-02.csv.gz: 1 rows, 1 accepted",
        "[columns]",
        "Order Refunded",
        "spend.csv: 1 rows, 1 accepted",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in: {said}");
    }
}
