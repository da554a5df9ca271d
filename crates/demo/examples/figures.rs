//! Prints what the generator yields, by source and by channel: `cargo run -p throughline-demo --example figures -- 20000 1`.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::collections::BTreeMap;

use throughline_base::Timestamp;
use throughline_demo::{DemoBrand, DemoConfig};

fn main() {
    let mut args = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let until = Timestamp::parse("2026-11-20T16:00:00Z").expect("an instant");
    let people = args.next().unwrap_or(20_000) as u32;
    let config = DemoConfig { people, seed: args.next().unwrap_or(1), ..DemoConfig::new(until) };
    let started = std::time::Instant::now();
    let brand = DemoBrand::new(config);
    let mut batches = brand.batches();
    let mut by_source: BTreeMap<usize, (u64, u64, u64)> = BTreeMap::new();
    for batch in batches.by_ref() {
        let row = by_source.entry(batch.source).or_default();
        for r in &batch.requests {
            row.0 += u64::from(r.events);
            row.1 += 1;
            row.2 += r.body.len() as u64;
        }
    }
    let elapsed = started.elapsed();
    let sources = brand.sources();
    for (source, (events, requests, bytes)) in &by_source {
        println!("{:20} {events:8} events {requests:7} requests {bytes:11} bytes", sources[*source].key);
    }
    let events: u64 = by_source.values().map(|r| r.0).sum();
    println!("{events} events in {elapsed:?}");
    let truth = batches.truth();
    let buyers: std::collections::BTreeSet<_> = truth.orders.iter().map(|o| &o.person).collect();
    println!("{} people, {} buyers, {} orders", truth.people.len(), buyers.len(), truth.orders.len());
    let total: f64 = truth.orders.iter().map(|o| o.revenue_minor as f64).sum();
    for (channel, revenue) in truth.revenue_by_channel() {
        println!("{channel:20} {:6.2} %", 100.0 * revenue / total);
    }
    let mut venues: BTreeMap<&str, u32> = BTreeMap::new();
    for o in &truth.orders {
        *venues.entry(&o.venue).or_default() += 1;
    }
    println!("{venues:?}");
    let mut spend: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    for row in batches.ad_spend() {
        let s = spend.entry(row.channel).or_default();
        s.0 += row.clicks;
        s.1 += row.cost_minor;
    }
    println!("{spend:?}, revenue {:.0} yuan", total / 100.0);
}
