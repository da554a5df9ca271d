//! Properties of whole runs over made-up people.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use throughline_base::Rng;

use super::*;

/// A row: given name, surname, birthday, phone, address, city; and who it is.
type Row = ([String; 6], u32);

const PARTS: [Part; 6] = [Part::GivenName, Part::Surname, Part::Birthday, Part::Phone, Part::Address, Part::City];

const GIVEN: [&str; 24] = [
    "anna", "boris", "clara", "david", "emma", "felix", "greta", "henry", "irene", "jacob", "karla", "louis", "maria",
    "nathan", "olivia", "peter", "quentin", "rosa", "simon", "theresa", "ulrich", "vera", "walter", "yvonne",
];
const SURNAMES: [&str; 20] = [
    "abel", "brandt", "conrad", "decker", "engel", "fuchs", "graf", "hartmann", "ivers", "jansen", "keller", "lorenz",
    "maurer", "neumann", "otto", "pohl", "richter", "schulz", "thiele", "wagner",
];

fn typo(text: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = rng.below(letters.len() as u64 - 1) as usize;
    match rng.below(3) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters[at] = char::from(b'a' + rng.below(26) as u8),
    }
    letters.into_iter().collect()
}

fn people(count: u32, seed: u64) -> Vec<Row> {
    let mut rng = Rng::seeded(seed);
    let mut rows = Vec::new();
    for person in 0..count {
        let year = 1940 + rng.below(65);
        let whole = [
            (*rng.pick(&GIVEN)).to_owned(),
            (*rng.pick(&SURNAMES)).to_owned(),
            format!("{year}-{:02}-{:02}", 1 + rng.below(12), 1 + rng.below(28)),
            format!("1{}", 3_000_000_000 + rng.below(6_999_999_999)),
            format!("{} {} street", 1 + rng.below(300), rng.pick(&SURNAMES)),
            (*rng.pick(&["north", "south", "east", "west"])).to_owned(),
        ];
        for copy in 0..1 + rng.below(3) {
            let mut row = whole.clone();
            if copy > 0 {
                for cell in row.iter_mut().take(4) {
                    if rng.chance(0.12) {
                        *cell = typo(cell, &mut rng);
                    } else if rng.chance(0.06) {
                        cell.clear();
                    }
                }
            }
            rows.push((row, person));
        }
    }
    rows
}

fn records<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Records {
    let mut out = Records::new(PARTS.map(|p| Field::new(p, "")));
    for (row, _) in rows {
        let cells: Vec<Cell<'_>> = PARTS
            .iter()
            .zip(row)
            .map(|(part, text)| Cell { part: *part, name: "", text, order: DateOrder::DayFirst })
            .collect();
        out.push(0, &cells);
    }
    out
}

fn run(records: &Records) -> Outcome {
    Outcome::of(records, &Options::default(), &alone)
}

/// Clusters as sets of what their records say.
fn by_content(outcome: &Outcome, records: &Records) -> BTreeSet<Vec<u64>> {
    let named = |c: &Vec<u32>| {
        let mut contents: Vec<u64> = c.iter().map(|r| records.content(*r)).collect();
        contents.sort_unstable();
        contents
    };
    outcome.clusters.iter().map(named).collect()
}

#[test]
fn people_are_found_again_without_labels() {
    let rows = people(400, 3);
    let outcome = run(&records(&rows));
    let truth: Vec<Option<u32>> = rows.iter().map(|r| Some(r.1)).collect();
    let score = score_clusters(&outcome.clusters, &truth);
    assert!(score.f1 > 0.985, "{score:?} {}", outcome.model.threshold);
    assert!((outcome.expected.f1 - score.f1).abs() < 0.03, "{:?} {score:?}", outcome.expected);
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let rows = people(150, 5);
    let (a, b) = (run(&records(&rows)), run(&records(&rows)));
    assert_eq!(serde_json::to_string(&a.model).unwrap(), serde_json::to_string(&b.model).unwrap());
}

#[test]
fn a_model_survives_being_stored() {
    let rows = people(150, 5);
    let all = records(&rows);
    let outcome = run(&all);
    let text = serde_json::to_string(&outcome.model).unwrap();
    let linker = Linker::with_model(&all, serde_json::from_str(&text).unwrap());
    let pairs: Vec<Odds> =
        linker.score(&all_new, &alone).0.iter().map(|e| Odds { a: e.a, b: e.b, bits: linker.bits(e) }).collect();
    let never = |_: u32, _: u32| false;
    assert_eq!(cluster(&linker, &pairs, false, &never), outcome.clusters);
}

/// Families at one address with one surname and one phone; children of one age among them.
fn families(count: u32, seed: u64) -> Vec<Row> {
    let mut rng = Rng::seeded(seed);
    let mut rows = Vec::new();
    let mut person = 0;
    for _ in 0..count {
        let surname = (*rng.pick(&SURNAMES)).to_owned();
        let address = format!("{} {} street", 1 + rng.below(900), rng.pick(&SURNAMES));
        let start = rng.below(24) as usize;
        let phone = format!("1{}", 3_000_000_000 + rng.below(6_999_999_999));
        for member in 0..4_usize {
            let year = if member < 2 { 1970 } else { 2001 } + rng.below(15);
            let born = format!("{year}-{:02}-{:02}", 1 + rng.below(12), 1 + rng.below(28));
            let own =
                if member == 3 { String::new() } else { format!("1{}", 3_000_000_000 + rng.below(6_999_999_999)) };
            let given = GIVEN[(start + member * 5) % 24].to_owned();
            for copy in 0..2 {
                let number = if copy == 1 && rng.chance(0.3) { phone.clone() } else { own.clone() };
                rows.push((
                    [given.clone(), surname.clone(), born.clone(), number, address.clone(), "north".into()],
                    person,
                ));
            }
            person += 1;
        }
    }
    rows
}

#[test]
fn members_of_a_household_are_not_merged() {
    let rows = families(150, 9);
    let records = records(&rows);
    let (outcome, linker) = Outcome::with_linker(&records, &Options::default(), &alone);
    let truth: Vec<Option<u32>> = rows.iter().map(|r| Some(r.1)).collect();
    let score = score_clusters(&outcome.clusters, &truth);
    assert!(score.precision > 0.995 && score.recall > 0.97, "{score:?}");
    // Two members: what they share is explained by the household.
    let pair = linker.pairs().explain(0, 2);
    assert!(pair.household_bits < -8.0 && pair.probability < 0.01, "{pair:?}");
    let same = linker.pairs().explain(0, 1);
    assert!(same.probability > 0.99, "{same:?}");
    let sum =
        same.prior_bits + same.household_bits + same.answers_bits + same.weights.iter().map(|w| w.bits).sum::<f64>();
    assert!((sum - same.bits).abs() < 1e-9, "what is shown adds up");
}

#[test]
fn a_statement_that_two_are_not_one_is_kept() {
    let rows = people(120, 11);
    let records = records(&rows);
    let (outcome, linker) = Outcome::with_linker(&records, &Options::default(), &alone);
    let (a, b) = (outcome.clusters[0][0], outcome.clusters[0][1]);
    let kept = cluster(&linker, &outcome.pairs, false, &|x, y| (x.min(y), x.max(y)) == (a, b));
    assert!(!kept.iter().any(|c| c.contains(&a) && c.contains(&b)));
}

#[test]
fn one_per_source_keeps_two_records_of_a_source_apart() {
    let rows = people(150, 13);
    let mut all = Records::new(PARTS.map(|p| Field::new(p, "")));
    for (i, (row, _)) in rows.iter().enumerate() {
        let cells: Vec<Cell<'_>> = PARTS
            .iter()
            .zip(row)
            .map(|(part, text)| Cell { part: *part, name: "", text, order: DateOrder::DayFirst })
            .collect();
        all.push((i % 2) as u16, &cells);
    }
    let options = Options { one_per_source: true, ..Options::default() };
    let outcome = Outcome::of(&all, &options, &alone);
    assert!(!outcome.clusters.is_empty());
    for c in &outcome.clusters {
        assert!(c.len() == 2 && all.source(c[0]) != all.source(c[1]), "{c:?}");
    }
}

#[test]
fn answers_move_the_odds_and_a_few_move_them_little() {
    assert_eq!(Calibration::learn(&[]), Calibration::default());
    let few = Calibration::learn(&[(3.0, false)]);
    assert!(few.of(3.0) < 3.0 && few.of(3.0) > 0.0, "{few:?}");
    let no: Vec<(f64, bool)> = (0..60).map(|i| (2.0 + f64::from(i % 5), false)).collect();
    assert!(Calibration::learn(&no).of(4.0) < -1.0, "whoever says no sixty times is heard");
    let right: Vec<(f64, bool)> = (0..60).map(|i| (f64::from(i % 9) - 4.0, i % 9 > 4)).collect();
    let kept = Calibration::learn(&right);
    assert!(kept.of(4.0) > 3.0 && kept.of(-4.0) < -3.0, "{kept:?}");
}

#[test]
fn what_forms_fill_in_by_themselves_is_no_evidence() {
    let row = |born: &str, phone: &str| -> Row {
        (["anna".into(), "abel".into(), born.into(), phone.into(), String::new(), String::new()], 0)
    };
    let mut rows = people(200, 17);
    rows.extend([row("1970-01-01", "13800138000"), row("1970-01-01", "13800138000")]);
    let all = records(&rows);
    let linker = Linker::fit(&all, 1, 1, &alone);
    let n = all.len() as u32;
    let weights = linker.pairs().explain(n - 2, n - 1).weights;
    for w in weights.iter().filter(|w| matches!(w.kind, Kind::Birthday | Kind::Phone)) {
        assert_eq!((w.level, w.bits), (None, 0.0));
    }
}

#[test]
fn nothing_and_hardly_anything_can_be_matched() {
    for rows in [vec![], people(1, 1), vec![(Default::default(), 0); 5]] {
        let all = records(&rows);
        let outcome = run(&all);
        assert!(outcome.clusters.len() <= 1);
        assert!(outcome.model.threshold > 0.0 && outcome.model.threshold < 1.0);
    }
    let none = Records::new([]);
    assert!(run(&none).clusters.is_empty());
}

fn edges(linker: &Linker<'_>, from: u32) -> BTreeMap<(u32, u32), u32> {
    linker.score(&|r| r >= from, &alone).0.into_iter().map(|e| ((e.a, e.b), e.evidence.to_bits())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_order_of_records_changes_nothing(seed in 0_u64..1_000, shuffle in 0_u64..1_000) {
        let rows = people(90, seed);
        let mut mixed: Vec<&Row> = rows.iter().collect();
        let mut rng = Rng::seeded(shuffle);
        for i in (1..mixed.len()).rev() {
            mixed.swap(i, rng.below(i as u64 + 1) as usize);
        }
        let (a, b) = (records(&rows), records(mixed));
        let (x, y) = (run(&a), run(&b));
        prop_assert!((x.model.threshold - y.model.threshold).abs() < 1e-9);
        prop_assert_eq!(by_content(&x, &a), by_content(&y, &b));
    }

    #[test]
    fn new_records_matched_against_stored_ones_give_what_a_run_over_all_gives(
        seed in 0_u64..1_000,
        cut in 0.1_f64..0.95,
    ) {
        let rows = people(120, seed);
        let all = records(&rows);
        let old = (rows.len() as f64 * cut) as usize;
        let first = records(&rows[..old]);
        let model = Outcome::of(&first, &Options::default(), &alone).model;
        let before = Linker::with_model(&first, model.clone());
        let after = Linker::with_model(&all, model);
        let mut step_by_step = edges(&before, 0);
        step_by_step.extend(edges(&after, old as u32));
        let at_once = edges(&after, 0);
        prop_assert_eq!(&step_by_step, &at_once);
        // And so are the clusters: those of a component depend on its edges alone.
        let odds = |edges: &BTreeMap<(u32, u32), u32>| -> Vec<Odds> {
            edges
                .iter()
                .map(|((a, b), e)| Odds { a: *a, b: *b, bits: after.bits(&Edge { a: *a, b: *b, evidence: f32::from_bits(*e) }) })
                .collect()
        };
        let never = |_: u32, _: u32| false;
        prop_assert_eq!(
            cluster(&after, &odds(&step_by_step), false, &never),
            cluster(&after, &odds(&at_once), false, &never)
        );
    }

    #[test]
    fn no_cell_makes_it_panic(cells in proptest::collection::vec("(\\PC|[0-9@*/王, -]){0,24}", 12..40)) {
        let parts = Part::ALL;
        let mut all = Records::new(parts.map(|p| Field::new(p, "x")));
        for row in cells.chunks(3) {
            let row: Vec<Cell<'_>> = parts
                .iter()
                .enumerate()
                .map(|(i, part)| Cell { part: *part, name: "x", text: &row[i % row.len()], order: DateOrder::DayFirst })
                .collect();
            all.push(0, &row);
        }
        let (outcome, linker) = Outcome::with_linker(&all, &Options::default(), &alone);
        let pairs = linker.pairs();
        for a in 0..all.len() as u32 {
            for b in 0..a {
                let (x, y) = (pairs.evidence(a, b), pairs.evidence(b, a));
                prop_assert!(x.is_finite() && (x - y).abs() < 1e-9, "{} {}", x, y);
            }
        }
        prop_assert!(outcome.expected.f1.is_finite());
    }
}
