//! The published vectors, the shapes of files in the wild, and what must hold for any file.

use std::path::PathBuf;

use flate2::read::GzDecoder;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

const VECTOR: &str = "path,conversions,value,nulls\nA>B,3,30,1\nA,1,50,4\nB > A > B,2,10,0\nC>A,0,0,5\nC,1,5,3\n";

fn options(orders: &[usize]) -> PathFileOptions {
    PathFileOptions { markov_orders: orders.to_vec(), ..PathFileOptions::default() }
}

fn run(text: &str, options: &PathFileOptions) -> PathReport {
    compute(text.as_bytes(), options).unwrap()
}

fn near(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= tolerance * want.abs().max(1.0)
}

#[track_caller]
fn assert_abc(got: impl Iterator<Item = f64>, want: [f64; 3]) {
    for (got, want) in got.zip(want) {
        assert!(near(got, want, 1e-6), "{got} is not {want}");
    }
}

#[test]
fn the_vector_of_the_field_note_comes_out() {
    let report = run(VECTOR, &options(&[1, 2]));
    let conversions = |m: &ByChannel| m.values().map(|c| c.conversions).collect::<Vec<_>>().into_iter();
    let models = &report.models;
    assert_abc(conversions(&models.first), [4.0, 2.0, 1.0]);
    assert_abc(conversions(&models.last), [1.0, 5.0, 1.0]);
    assert_abc(conversions(&models.linear), [19.0 / 6.0, 17.0 / 6.0, 1.0]);
    assert_abc(conversions(&models.linear_distinct), [3.5, 2.5, 1.0]);
    assert_abc(conversions(&models.position), [2.9, 3.1, 1.0]);
    let [one, two] = report.markov.as_slice() else { panic!("two chains") };
    assert!(near(one.p_conversion, 0.35, 1e-12) && near(two.p_conversion, 0.35, 1e-12));
    assert!(near(one.expected_value, 4.75, 1e-12));
    assert_abc(one.channels.values().map(|r| r.removal_effect), [19.0 / 28.0, 41.0 / 56.0, 153.0 / 406.0]);
    assert_abc(one.channels.values().map(|r| r.conversions), [2.657_251, 2.867_034, 1.475_715]);
    assert_abc(one.channels.values().map(|r| r.value_chain), [47.848_033, 27.662_144, 19.489_824]);
    assert_abc(two.channels.values().map(|r| r.removal_effect), [6.0 / 7.0, 5.0 / 7.0, 1.0 / 7.0]);
    assert_abc(two.channels.values().map(|r| r.conversions), [3.5, 2.916_667, 0.583_333]);
    let shapley = report.shapley.unwrap();
    assert_abc(shapley.channels.values().map(|r| r.phi), [0.173_052, 0.126_623, 0.050_325]);
    let without = run(VECTOR, &PathFileOptions { nulls: false, ..options(&[1]) });
    assert_abc(without.markov[0].channels.values().map(|r| r.conversions), [2.934_498, 3.423_581, 0.641_921]);
}

/// The folder of shared test data; tests that need it say so and pass when it is not there.
fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = root.join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there; set THROUGHLINE_SHARED to the folder of shared data", path.display());
    None
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn the_reference_file_of_ten_thousand_paths_comes_out() {
    let (Some(data), Some(reference)) =
        (shared("data/attribution_paths/PathData.csv.gz"), shared("reference/attribution_pathdata.json"))
    else {
        return;
    };
    let reader = GzDecoder::new(std::fs::File::open(data).unwrap());
    let report = compute(reader, &options(&[1, 2, 3, 4])).unwrap();
    let want: Value = serde_json::from_reader(std::fs::File::open(reference).unwrap()).unwrap();
    assert_eq!((report.rows, report.distinct_paths, report.longest_path), (10_000, 5_408, 89));
    assert_eq!((report.total_conversions, report.total_null), (19_785.0, 68_602.0));
    assert!(near(report.total_value, number(&want["total_value"]), 1e-12));
    let models = &report.models;
    for (name, model) in [
        ("first", &models.first),
        ("last", &models.last),
        ("linear", &models.linear),
        ("linear_distinct", &models.linear_distinct),
        ("position_40_20_40", &models.position),
        ("any", &models.any),
    ] {
        let table = want["heuristics_[conv,value]"][name].as_object().unwrap();
        assert_eq!(table.len(), model.len());
        for (channel, pair) in table {
            let got = model[channel];
            assert!((got.conversions / number(&pair[0]) - 1.0).abs() < 1e-9, "{name} {channel} conversions");
            assert!((got.value / number(&pair[1]) - 1.0).abs() < 1e-9, "{name} {channel} value");
        }
    }
    for (i, chain) in report.markov.iter().enumerate() {
        let table = &want[format!("markov_exact_order{}_with_null", i + 1)];
        assert_eq!(chain.states as u64, table["n_states"].as_u64().unwrap());
        assert_eq!(chain.transitions as u64, table["n_transitions"].as_u64().unwrap());
        for (channel, row) in &chain.channels {
            let of = |key: &str| number(&table[key][channel]);
            assert!(near(row.removal_effect, of("removal_effect"), 1e-9), "order {} {channel}", i + 1);
            assert!((row.conversions / of("attributed_conversions") - 1.0).abs() < 1e-9, "order {} {channel}", i + 1);
            assert!((row.value / of("attributed_value_same_weights") - 1.0).abs() < 1e-9, "order {} {channel}", i + 1);
        }
    }
    assert!(near(report.markov[0].channels["alpha"].value_chain, 18_799.17, 1e-6));
    for (channel, row) in &report.shapley.unwrap().channels {
        let phi = number(&want["shapley_enumerated_rate"][channel]);
        assert!((row.phi - phi).abs() < 1e-12, "{channel}");
        assert_eq!(row.negative, phi < 0.0);
    }
}

#[test]
fn files_in_the_wild_are_read() {
    let plain = run("path,conversions\na>b,2\n", &options(&[1]));
    assert_eq!((plain.total_conversions, plain.total_value), (2.0, 0.0));
    assert_eq!(plain.notes.len(), 4, "{:?}", plain.notes);
    for text in [
        "\u{feff}Path;Total_Conversions;Conversion_Value;Nulls\r\n\"a > b\";2;3.5;1\r\n",
        "path\ttotal_conversions\ttotal_conversion_value\ttotal_null\n a >b\t2\t3.5\t1\n\n",
        "id|PATH|conversions|value|null\n7|a>b|2|3.5|1",
    ] {
        let report = run(text, &options(&[1]));
        assert_eq!((report.total_conversions, report.total_value, report.total_null), (2.0, 3.5, 1.0), "{text}");
        assert_eq!(report.channels, ["a", "b"]);
    }
}

#[test]
fn a_conversion_without_path_is_unattributed() {
    let report = run("path,conversions,value,nulls\n,2,9,1\na,1,1,0\n", &options(&[1]));
    assert_eq!(report.unattributed, ChannelCredit { conversions: 2.0, value: 9.0 });
    assert_eq!(report.models.linear["a"].conversions, 1.0);
    assert_eq!(report.markov[0].channels["a"].conversions, 1.0);
}

#[test]
fn direct_is_passed_over_by_its_model_only() {
    let report = run("path,conversions\nsearch > (direct),4\nDirect,1\n", &options(&[]));
    assert_eq!(report.models.last_non_direct["search"].conversions, 4.0);
    assert_eq!(report.models.last_non_direct["Direct"].conversions, 1.0);
    assert_eq!(report.models.last["(direct)"].conversions, 4.0);
}

#[test]
fn a_bad_row_says_line_column_and_remedy() {
    let fail = |text: &[u8]| compute(text, &PathFileOptions::default()).unwrap_err();
    let e = fail(b"path,conversions,value\na,1,2\na > b,one,2\n");
    assert_eq!((e.line, e.column.as_str()), (3, "conversions"));
    assert_eq!(
        e.to_string(),
        "line 3, column conversions: `one` is not a number; write it as 1234.5, without unit or thousands separator"
    );
    assert_eq!(fail(b"path,conversions\n\"a\n>b\",1\nc,1,1\n").line, 4);
    assert_eq!(fail(b"path,conversions\na,-1\n").column, "conversions");
    assert_eq!(fail(b"path,conversions\na > > b,1\n").column, "path");
    assert_eq!(fail(b"path,conversions,nulls\na,1,inf\n").column, "nulls");
    assert_eq!((fail(b"").line, fail(b"way,times\na,1\n").line), (1, 1));
    assert_eq!(fail(b"path,conversions\n\xff\xfe,1\n").column, "path");
    assert_eq!(fail(&[0x1f, 0x8b, 8, 0]).line, 1);
    let endless = fail(format!("path,conversions\n\"{}", "a > b\n".repeat(400_000)).as_bytes());
    assert!(endless.line == 2 && endless.message.contains("never closed"), "{endless}");
    let order = compute(VECTOR.as_bytes(), &options(&[0])).unwrap_err();
    assert!(order.message.contains("1 to 10"));
}

#[test]
fn more_than_twenty_channels_have_no_rate_game_and_say_so() {
    let mut text = "path,conversions,nulls\n".to_owned();
    for i in 0..25 {
        text += &format!("c{i} > c{},1,1\n", i + 1);
    }
    let report = run(&text, &options(&[1, 2]));
    assert!(report.shapley.is_none());
    assert!(report.notes.iter().any(|n| n.starts_with("shapley: 26 channels")), "{:?}", report.notes);
    assert_eq!(report.markov.len(), 2);
}

#[test]
fn a_file_without_conversions_credits_nobody() {
    let report = run("path,conversions,nulls\na > b,0,4\n", &options(&[1, 2]));
    assert_eq!(report.markov[0].p_conversion, 0.0);
    assert!(report.markov.iter().flat_map(|m| m.channels.values()).all(|r| *r == MarkovRow::default()));
}

fn file() -> impl Strategy<Value = Vec<(Vec<u8>, u32, u32, u32)>> {
    let row = (prop::collection::vec(0..5_u8, 1..7), 0..6_u32, 0..1_000_u32, 0..6_u32);
    prop::collection::vec(row, 1..25)
}

fn text(rows: &[(Vec<u8>, u32, u32, u32)]) -> String {
    let mut text = "path,conversions,value,nulls\n".to_owned();
    for (path, c, v, z) in rows {
        let names: Vec<String> = path.iter().map(|p| ["a", "b", "c", "d", "e"][*p as usize].to_owned()).collect();
        // Value only where there is a conversion to be worth it.
        text += &format!("{},{c},{},{z}\n", names.join(" > "), if *c > 0 { *v } else { 0 });
    }
    text
}

proptest! {
    #[test]
    fn what_every_model_must_hold(rows in file(), order in 1..5_usize) {
        let report = run(&text(&rows), &options(&[order, 10]));
        let (total, nulls, value) = (report.total_conversions, report.total_null, report.total_value);
        let models = &report.models;
        for model in [&models.first, &models.last, &models.last_non_direct, &models.linear, &models.linear_distinct, &models.position] {
            prop_assert!(near(model.values().map(|c| c.conversions).sum(), total, 1e-9));
            prop_assert!(near(model.values().map(|c| c.value).sum(), value, 1e-9));
        }
        for chain in &report.markov {
            let rate = if total + nulls > 0.0 { total / (total + nulls) } else { 0.0 };
            prop_assert!(near(chain.p_conversion, rate, 1e-10));
            prop_assert!(chain.channels.values().all(|r| (-1e-10..=1.0 + 1e-10).contains(&r.removal_effect)));
            if total > 0.0 {
                prop_assert!(near(chain.channels.values().map(|r| r.conversions).sum(), total, 1e-9));
            }
        }
        // With k as long as the longest path the removal effect is the share of conversions whose path holds a channel.
        for (channel, row) in &report.markov[1].channels {
            if total > 0.0 {
                prop_assert!(near(row.removal_effect, models.any[channel].conversions / total, 1e-10));
            }
        }
        let shapley = report.shapley.expect("five channels");
        prop_assert!(near(shapley.channels.values().map(|r| r.phi).sum(), shapley.rate, 1e-10));
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(rows in file(), order in 1..4_usize) {
        let mut turned = rows.clone();
        turned.reverse();
        let (a, b) = (run(&text(&rows), &options(&[order])), run(&text(&turned), &options(&[order])));
        prop_assert_eq!(a, b);
    }

    #[test]
    fn the_inverse_and_the_removal_of_channels_agree(rows in file()) {
        let paths = read::read(text(&rows).as_bytes()).unwrap();
        let (fast, slow) = (markov::markov(&paths, 1, true).unwrap(), markov::by_removal_for_tests(&paths).unwrap());
        for (fast, slow) in fast.channels.values().zip(slow) {
            prop_assert!(near(fast.removal_effect, slow[0], 1e-10));
            prop_assert!(near(fast.value_removal_effect, slow[1], 1e-10));
        }
    }

    #[test]
    fn no_bytes_whatever_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), tail in ".{0,60}") {
        let _ = compute(&bytes[..], &options(&[1, 2]));
        let _ = compute(format!("path,conversions,value,nulls\n{tail}").as_bytes(), &options(&[1, 2]));
    }
}
