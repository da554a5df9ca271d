//! A scan answers as any other evaluation does.

use proptest::prelude::*;
use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;

use super::super::{Behaviour, Facts, Program, Scan, Touched};
use super::random::{any_deed, any_rule};
use super::{Deed, START, audience, known};

proptest! {
    #![proptest_config(super::config(100))]

    #[test]
    fn a_scan_of_many_persons_finds_who_is_in(
        rule in any_rule(vec![], vec![]),
        people in proptest::collection::vec(proptest::collection::vec(any_deed(0), 0..12), 1..6),
    ) {
        let program = Program::compile(vec![audience(1, "a", rule)], &known()).unwrap();
        let now = Timestamp::from_ms(START + 15 * DAY_MS);
        let mut scan = Scan::new(&program, 0);
        let facts = Facts::default();
        for deeds in people {
            let deeds: Vec<Deed> = deeds.into_iter().enumerate().map(|(i, d)| Deed { id: i as i64, ..d }).collect();
            let mut behaviour = Behaviour::default();
            for d in &deeds {
                program.occur(&d.facts(), &mut behaviour, &mut Touched::default());
                if let Some(slot) = program.slot(d.name) {
                    scan.event(slot, &d.facts());
                }
            }
            let want = program.evaluate(&facts, &behaviour, now);
            let mut kept = Behaviour::decode(&scan.behaviour(now).encode()).unwrap();
            prop_assert_eq!(program.evaluate(&facts, &kept, now).members, want.members.clone());
            kept.prune(&program, now);
            prop_assert_eq!(scan.is_in(&facts, now), want.members[0].1);
        }
    }
}
