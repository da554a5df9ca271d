//! The figures of `demo score` on cases small enough to work out by hand.

use std::collections::BTreeMap;

use throughline_base::Timestamp;
use throughline_demo::{IdentifierKey, TrueIdentifier, TruePerson, Truth, score_credit, score_identity};

fn owns(value: &str, ended: bool, group: u32) -> TrueIdentifier {
    TrueIdentifier {
        namespace: "id".into(),
        value: value.into(),
        valid_from: Timestamp::from_ms(0),
        valid_to: ended.then(|| Timestamp::from_ms(1)),
        evidence_group: group,
    }
}

fn truth(people: &[(&str, Vec<TrueIdentifier>)]) -> Truth {
    let people = people.iter().map(|(person, identifiers)| TruePerson {
        person: (*person).into(),
        name: String::new(),
        segment: "regular".into(),
        identifiers: identifiers.clone(),
    });
    Truth { people: people.collect(), orders: Vec::new() }
}

fn found(list: &[(&str, &str)]) -> BTreeMap<IdentifierKey, String> {
    list.iter().map(|(v, p)| (("id".to_owned(), (*v).to_owned()), (*p).to_owned())).collect()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} {b}");
}

#[test]
fn a_perfect_answer_scores_one() {
    let t = truth(&[("p1", vec![owns("a", false, 0), owns("b", false, 0)]), ("p2", vec![owns("c", false, 0)])]);
    let s = score_identity(&t, &found(&[("a", "x"), ("b", "x"), ("c", "y"), ("typo", "x")]));
    for q in [s.pairs, s.provable_pairs, s.clusters] {
        assert_eq!((q.precision, q.recall, q.f1), (1.0, 1.0, 1.0));
    }
    assert_eq!((s.people_true, s.people_found, s.people_exact, s.unknown_identifiers), (2, 2, 2, 1));
    assert!(s.over_merged_samples.is_empty() && s.under_merged_samples.is_empty());
}

#[test]
fn pairs_and_clusters_follow_the_formulas() {
    // Truth {a b c} {d e}; found {a b} {c d e}.
    let t = truth(&[
        ("p1", vec![owns("a", false, 0), owns("b", false, 0), owns("c", false, 1)]),
        ("p2", vec![owns("d", false, 0), owns("e", false, 0)]),
    ]);
    let s = score_identity(&t, &found(&[("a", "x"), ("b", "x"), ("c", "y"), ("d", "y"), ("e", "y")]));
    // Together in both: ab, de. Together in the answer: ab, cd, ce, de. In truth: ab, ac, bc, de.
    close(s.pairs.precision, 0.5);
    close(s.pairs.recall, 0.5);
    close(s.pairs.f1, 0.5);
    // Only ab and de have evidence.
    close(s.provable_pairs.recall, 1.0);
    // B-cubed: a, b: P 1, R 2/3; c: P 1/3, R 1/3; d, e: P 2/3, R 1.
    close(s.clusters.precision, (1.0 + 1.0 + 1.0 / 3.0 + 2.0 / 3.0 * 2.0) / 5.0);
    close(s.clusters.recall, (2.0 / 3.0 * 2.0 + 1.0 / 3.0 + 2.0) / 5.0);
    assert_eq!((s.over_merged, s.under_merged, s.people_exact), (1, 1, 0));
    assert_eq!(s.over_merged_samples[0].person, "y");
    assert_eq!(s.over_merged_samples[0].parts, ["p2", "p1"]);
    assert_eq!(s.under_merged_samples[0].person, "p1");
    assert_eq!(s.under_merged_samples[0].identifiers, ["id:a", "id:b", "id:c"]);
}

#[test]
fn a_family_phone_is_right_with_either_and_a_recycled_one_with_its_new_owner() {
    let family = truth(&[
        ("p1", vec![owns("a", false, 0), owns("phone", false, 0)]),
        ("p2", vec![owns("b", false, 0), owns("phone", false, 0)]),
    ]);
    for holder in ["x", "y"] {
        let s = score_identity(&family, &found(&[("a", "x"), ("b", "y"), ("phone", holder)]));
        close(s.pairs.f1, 1.0);
    }
    let recycled = truth(&[
        ("p1", vec![owns("a", false, 0), owns("phone", true, 0)]),
        ("p2", vec![owns("b", false, 0), owns("phone", false, 0)]),
    ]);
    let wrong = score_identity(&recycled, &found(&[("a", "x"), ("b", "y"), ("phone", "x")]));
    close(wrong.pairs.precision, 0.0);
    let right = score_identity(&recycled, &found(&[("a", "x"), ("b", "y"), ("phone", "y")]));
    close(right.pairs.f1, 1.0);
}

#[test]
fn nothing_found_is_no_crash() {
    let s = score_identity(&truth(&[]), &BTreeMap::new());
    assert_eq!((s.people_true, s.identifiers), (0, 0));
    assert!(s.pairs.f1.is_finite() && s.clusters.f1.is_finite());
}

fn shares(list: &[(&str, f64)]) -> BTreeMap<String, f64> {
    list.iter().map(|(c, v)| ((*c).to_owned(), *v)).collect()
}

#[test]
fn credit_error_is_the_distance_of_the_shares() {
    let truth = shares(&[("organic", 50.0), ("xiaohongshu", 30.0), ("email", 20.0)]);
    let model = shares(&[("direct", 0.3), ("unattributed", 0.2), ("display", 0.3), ("email", 0.2)]);
    let s = score_credit(&truth, &model);
    // Differences: organic 0, xiaohongshu -0.3, display +0.3, email 0.
    close(s.total_variation, 0.3);
    close(s.mean_absolute_error, 0.15);
    // Marketing alone: truth 0.6/0.4, model 0.6 display / 0.4 email.
    close(s.total_variation_marketing, 0.6);
    close(s.mean_absolute_error_marketing, 0.4);
    assert_eq!(s.rows[0].channel, "organic");
    let display = s.rows.iter().find(|r| r.channel == "display").unwrap();
    close(display.error, 0.3);
    let same = score_credit(&truth, &truth);
    close(same.total_variation, 0.0);
    let nothing = score_credit(&shares(&[]), &shares(&[]));
    close(nothing.total_variation, 0.0);
}
