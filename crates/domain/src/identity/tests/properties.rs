//! Properties over random streams of observations and operations.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    See { claims: Vec<String>, kind: ObservationKind, gap: i64, stitching: Stitching, kiosk: bool, logout: bool },
    MustLink(usize, usize),
    CannotLink(usize, usize),
    Match(usize, usize),
    Block(usize),
    Unblock(usize),
    Rename(usize, u8),
    Retract(usize),
    UnmergeIdentifier(usize, bool),
    UnmergeEvidence(usize, bool),
}

fn a_claim() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..5_u8).prop_map(|i| format!("user_id:u{i}")),
        2 => (0..4_u8).prop_map(|i| format!("member_no:m{i}")),
        4 => (0..4_u8, any::<bool>()).prop_map(|(i, v)| format!("{}phone:p{i}", if v { "" } else { "?" })),
        2 => (0..3_u8, any::<bool>()).prop_map(|(i, v)| format!("{}email:e{i}", if v { "" } else { "?" })),
        2 => (0..3_u8).prop_map(|i| format!("unionid:x{i}")),
        2 => (0..2_u8, 0..3_u8).prop_map(|(app, i)| format!("openid:app{app}:o{i}")),
        3 => (0..3_u8).prop_map(|i| format!("device_id:d{i}")),
        4 => (0..4_u8).prop_map(|i| format!("anonymous_id:c{i}")),
        1 => Just("user_id:null".to_owned()),
        1 => (0..2_u8).prop_map(|i| format!("erp:{i}")),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        12 => Just(ObservationKind::Assert),
        1 => Just(ObservationKind::Alias),
        1 => Just(ObservationKind::Bind),
        2 => Just(ObservationKind::Unbind),
    ];
    let stitching = prop_oneof![
        6 => Just(Stitching::Auto),
        1 => Just(Stitching::Session),
        1 => Just(Stitching::SinceLogout),
        1 => Just(Stitching::All),
    ];
    let gap = prop_oneof![6 => 0..20_i64, 2 => 30..90_i64, 1 => -40..0_i64, 1 => 1_000..5_000_i64];
    let see = (
        prop::collection::vec(a_claim(), 1..4),
        kind,
        gap,
        stitching,
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(claims, kind, gap, stitching, kiosk, logout)| Step::See {
            claims,
            kind,
            gap,
            stitching,
            kiosk,
            logout,
        });
    let n = 0..64_usize;
    prop_oneof![
        24 => see,
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::MustLink(a, b)),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::CannotLink(a, b)),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::Match(a, b)),
        1 => n.clone().prop_map(Step::Block),
        1 => n.clone().prop_map(Step::Unblock),
        1 => (n.clone(), 0..8_u8).prop_map(|(a, v)| Step::Rename(a, v)),
        1 => n.clone().prop_map(Step::Retract),
        1 => (n.clone(), any::<bool>()).prop_map(|(a, b)| Step::UnmergeIdentifier(a, b)),
        1 => (n, any::<bool>()).prop_map(|(a, b)| Step::UnmergeEvidence(a, b)),
    ]
}

fn some_rules() -> impl Strategy<Value = Rules> {
    prop_oneof![
        3 => Just(Rules::default()),
        1 => Just(tight()),
    ]
}

fn tight() -> Rules {
    let caps = Caps { identifiers: 8, merges: 3, merges_per_day: 2, joins_per_day: 3 };
    let mut rules = Rules { version: 2, caps, ..Rules::default() };
    for rule in &mut rules.namespaces {
        match rule.name.as_str() {
            "email" => rule.on_limit = OnLimit::EndOldest,
            "device_id" => rule.max_owners = Some(2),
            "anonymous_id" => rule.ttl_days = Some(2),
            "unionid" => rule.max_per_person = Some(Limit { n: 1, window_days: Some(1) }),
            _ => {}
        }
    }
    rules
}

fn run(store: &mut Store, steps: &[Step]) {
    let mut minute = 0;
    for step in steps {
        take(store, step, &mut minute);
    }
}

fn observation(step: &Step, minute: &mut i64) -> Option<Observation> {
    let Step::See { claims, kind, gap, stitching, kiosk, logout } = step else { return None };
    let claims: Vec<&str> = claims.iter().map(String::as_str).collect();
    let at = *minute + gap;
    *minute = (*minute).max(at);
    Some(Observation { kind: *kind, stitching: *stitching, kiosk: *kiosk, logout: *logout, ..obs(at, &claims) })
}

fn take(store: &mut Store, step: &Step, minute: &mut i64) {
    let ids: Vec<IdentifierId> = store.nodes.keys().copied().collect();
    let pick = |i: usize| ids.get(i % ids.len().max(1)).copied().unwrap_or(IdentifierId::new(0));
    let row = |store: &Store, i: usize| store.evidence.get(i % store.evidence.len().max(1)).map_or(0, |e| e.seq);
    let operation = match step {
        Step::See { .. } => {
            if let Some(seen) = observation(step, minute) {
                store.see(&seen);
            }
            return;
        }
        Step::MustLink(a, b) => Operation::MustLink { a: pick(*a), b: pick(*b) },
        Step::CannotLink(a, b) => Operation::CannotLink { a: pick(*a), b: pick(*b) },
        Step::Match(a, b) => Operation::Match { a: pick(*a), b: pick(*b), score: 995 },
        Step::Block(a) => Operation::Block { node: pick(*a) },
        Step::Unblock(a) => Operation::Unblock { node: pick(*a) },
        Step::Rename(a, v) => Operation::Rename { from: pick(*a), to: format!("u{v}") },
        Step::Retract(i) => Operation::Retract { evidence: vec![row(store, *i)] },
        Step::UnmergeIdentifier(a, block_future) => {
            let id = pick(*a);
            let person = store.nodes.get(&id).map_or(PersonId::new(0), |n| n.person);
            Operation::Unmerge {
                person,
                unmerge: Unmerge { identifiers: vec![id], block_future: *block_future, ..Unmerge::default() },
            }
        }
        Step::UnmergeEvidence(i, block_future) => {
            let seq = row(store, *i);
            let a = store.evidence.iter().find(|e| e.seq == seq).map(|e| e.a);
            let person = a.and_then(|a| store.nodes.get(&a)).map_or(PersonId::new(0), |n| n.person);
            Operation::Unmerge {
                person,
                unmerge: Unmerge { evidence: vec![seq], block_future: *block_future, ..Unmerge::default() },
            }
        }
    };
    *minute += 1;
    // An operation that makes no sense here is refused and changes nothing; that is part of the property.
    let _ = store.act(&operation, at_minute(*minute));
}

/// What must hold of any graph: persons are the components of strong edges, and weak nodes tie nobody.
fn check_structure(store: &Store) {
    let graph = store.graph();
    for node in graph.nodes() {
        if node.strength.is_strong() {
            let members: Vec<&NodeState> = graph.strong_members(node.person).collect();
            assert_eq!(
                Some(node.person.get()),
                members.iter().map(|n| n.id.get()).min(),
                "the oldest names the person"
            );
            let chain = graph.path(IdentifierId::new(node.person.get()), node.id);
            assert!(chain.is_some(), "{node:?} is tied to its person by evidence");
            for edge in graph.edges_of(node.id) {
                let other = graph.node(graph::other_end(edge, node.id)).unwrap();
                assert!(!other.strength.is_strong() || other.person == node.person, "tied nodes are one person");
            }
            for link in graph.cannot_links_of(node.id) {
                let ends = [link.a, link.b].map(|id| graph.node(id).unwrap());
                assert!(
                    !ends.iter().all(|n| n.strength.is_strong()) || ends[0].person != ends[1].person,
                    "cannot-links hold: {link:?}"
                );
            }
        } else {
            let owners = graph.owners_of(node.id);
            assert_eq!(node.shared, owners.len() > 1);
            let own = PersonId::new(node.id.get());
            assert!(node.person == own || owners == BTreeSet::from([node.person]));
            let slices = store.slices(node.id);
            for (i, s) in slices.iter().enumerate() {
                assert!(s.to_at.is_none() || s.from_at <= s.to_at, "{s:?}");
                for other in &slices[i + 1..] {
                    // An empty span, of a sign-in at the very instant of another, comes before what begins with it. Its
                    // number may be the larger one: other rules needed another node for it.
                    let begins = |s: &SliceState| (s.from_at, s.to_at.is_none(), s.to_at);
                    let (first, second) = if begins(s) <= begins(other) { (s, other) } else { (other, s) };
                    assert!(
                        first.to_at.is_some_and(|to| second.from_at.is_some_and(|from| to <= from)),
                        "slices do not overlap: {first:?} {second:?}"
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4_000, failure_persistence: None, max_global_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_a_fold_from_scratch(rules in some_rules(), steps in prop::collection::vec(a_step(), 1..60)) {
        let mut store = Store::new(rules);
        run(&mut store, &steps);
        store.check();
        check_structure(&store);
    }

    #[test]
    fn it_does_not_matter_how_observations_share_a_commit(
        rules in some_rules(),
        before in prop::collection::vec(a_step(), 0..20),
        steps in prop::collection::vec(a_step(), 1..60),
        cuts in prop::collection::vec(1..12_usize, 60),
    ) {
        let mut alone = Store::new(rules);
        run(&mut alone, &before);
        let mut minute = 100_000;
        let observed: Vec<Observation> = steps.iter().filter_map(|step| observation(step, &mut minute)).collect();
        let mut together = alone.clone();
        let apart: Vec<_> = observed.iter().flat_map(|obs| alone.see_together(std::slice::from_ref(obs))).collect();
        let (mut rest, mut lines) = (&observed[..], Vec::new());
        for cut in cuts.into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (group, more) = rest.split_at(cut.min(rest.len()));
            lines.extend(together.see_together(group));
            rest = more;
        }
        prop_assert_eq!(apart, lines);
        prop_assert_eq!(&alone.evidence, &together.evidence);
        prop_assert_eq!(&alone.nodes, &together.nodes, "activity included");
        prop_assert_eq!(alone.graph().canonical(), together.graph().canonical());
        together.check();
    }

    #[test]
    fn replays_change_nothing(steps in prop::collection::vec(a_step(), 1..25), again in a_step()) {
        let mut store = Store::new(Rules::default());
        run(&mut store, &steps);
        let mut minute = 100_000;
        let seen = match again {
            Step::See { claims, .. } => claims,
            Step::MustLink(..) | Step::CannotLink(..) | Step::Match(..) | Step::Block(_) | Step::Unblock(_)
            | Step::Rename(..) | Step::Retract(_) | Step::UnmergeIdentifier(..) | Step::UnmergeEvidence(..) => {
                vec!["user_id:u1".to_owned(), "anonymous_id:c1".to_owned()]
            }
        };
        let step = Step::See { claims: seen, kind: ObservationKind::Assert, gap: 0, stitching: Stitching::Auto, kiosk: false, logout: false };
        take(&mut store, &step, &mut minute);
        // A takeover makes the claim mean a new generation: its second sight is a new fact, its third is not.
        take(&mut store, &step, &mut minute);
        let (rows, graph) = (store.evidence.len(), store.graph().canonical());
        take(&mut store, &step, &mut minute);
        prop_assert_eq!(store.evidence.len(), rows);
        prop_assert_eq!(store.graph().canonical(), graph);
    }

    #[test]
    fn every_merge_can_be_taken_apart_again(steps in prop::collection::vec(a_step(), 1..40)) {
        let mut store = Store::new(Rules::default());
        run(&mut store, &steps);
        // Take the persons apart by all their ties, until each identifier stands alone.
        let ties: Vec<i64> = store.graph().to_parts().edges.iter().map(|e| e.seq).collect();
        if !ties.is_empty() {
            store.act(&Operation::Retract { evidence: ties }, at_minute(200_000)).unwrap();
        }
        store.check();
        for node in store.nodes.values() {
            prop_assert_eq!(node.person.get(), node.id.get());
        }
    }

    #[test]
    fn an_unmerge_restores_both_sides(steps in prop::collection::vec(a_step(), 1..40), a in 0..64_usize, b in 0..64_usize) {
        let mut store = Store::new(Rules::default());
        run(&mut store, &steps);
        let strong: Vec<NodeState> = store.nodes.values().filter(|n| n.strength.is_strong()).cloned().collect();
        prop_assume!(!strong.is_empty());
        let (a, b) = (&strong[a % strong.len()], &strong[b % strong.len()]);
        prop_assume!(a.person != b.person);
        // Links between the two are lifted by a must-link and not restored; they are no part of this.
        let before = store.clone();
        let linked = store.act(&Operation::MustLink { a: a.id, b: b.id }, at_minute(100_000)).unwrap();
        prop_assume!(linked.removed_cannot_links.is_empty());
        let person = store.nodes[&a.id].person;
        prop_assert_eq!(store.nodes[&b.id].person, person);
        let unmerge = Unmerge { evidence: vec![linked.new_evidence[0].seq], identifiers: Vec::new(), block_future: false };
        store.act(&Operation::Unmerge { person, unmerge }, at_minute(100_001)).unwrap();
        prop_assert_eq!(store.graph().canonical(), before.graph().canonical());
        store.check();
    }

    #[test]
    fn independent_evidence_gives_the_same_clusters_in_either_order(
        left in prop::collection::vec(prop::collection::vec(a_claim(), 1..4), 1..8),
        right in prop::collection::vec(prop::collection::vec(a_claim(), 1..4), 1..8),
        picks in prop::collection::vec(any::<bool>(), 0..16),
    ) {
        // Independent: the two streams share no identifier.
        let rename = |stream: &[Vec<String>], mark: &str| -> Vec<Vec<String>> {
            stream.iter().map(|claims| claims.iter().map(|c| format!("{c}{mark}")).collect()).collect()
        };
        let (left, right) = (rename(&left, "l"), rename(&right, "r"));
        let order = |store: &mut Store, picks: &[bool]| {
            let (mut l, mut r) = (left.iter(), right.iter());
            for pick in picks.iter().copied().chain(std::iter::repeat_n(true, 8)).chain(std::iter::repeat_n(false, 8)) {
                if let Some(claims) = if pick { l.next() } else { r.next() } {
                    store.see(&obs(0, &claims.iter().map(String::as_str).collect::<Vec<_>>()));
                }
            }
        };
        let (mut one, mut two) = (Store::new(Rules::default()), Store::new(Rules::default()));
        order(&mut one, &picks);
        order(&mut two, &picks.iter().map(|p| !p).collect::<Vec<_>>());
        prop_assert_eq!(one.partition(), two.partition());
    }

    #[test]
    fn weak_and_blocked_identifiers_never_merge_two_persons(steps in prop::collection::vec(
        (0..5_u8, prop_oneof![
            Just("anonymous_id:c"), Just("device_id:d"), Just("?phone:p"), Just("?email:e"), Just("phone:+8613800138000"),
            Just("user_id:null"), Just("email:none@none.com"),
        ], 0..100_i64), 1..40)) {
        let mut store = Store::new(Rules::default());
        let mut minute = 0;
        for (user, shared, gap) in steps {
            minute += gap;
            store.see(&obs(minute, &[&format!("member_no:m{user}"), shared]));
        }
        let persons: BTreeSet<PersonId> = store.nodes.values().filter(|n| n.strength.is_strong()).map(|n| n.person).collect();
        let members = store.nodes.values().filter(|n| n.namespace == "member_no").count();
        prop_assert_eq!(persons.len(), members);
        store.check();
    }

    #[test]
    fn limits_and_caps_hold_for_whatever_events_say_short_of_an_alias(steps in prop::collection::vec(a_step(), 1..80)) {
        for rules in [Rules::default(), tight()] {
            let mut store = Store::new(rules.clone());
            let says = |s: &&Step| matches!(s, Step::See { kind, .. } if *kind != ObservationKind::Alias);
            let events: Vec<Step> = steps.iter().filter(says).cloned().collect();
            run(&mut store, &events);
            let graph = store.graph();
            for person in graph.persons() {
                let strong: Vec<&NodeState> = graph.strong_members(person).collect();
                for node in &strong {
                    let rule = rules.of(&node.namespace);
                    if let Some(Limit { n, window_days: None }) = rule.max_per_person {
                        let count = strong.iter().filter(|o| o.namespace == node.namespace && o.ended_at.is_none()).count();
                        prop_assert!(count as u32 <= n, "{} of {}", count, node.namespace);
                    }
                }
                if !strong.is_empty() {
                    prop_assert!(strong.len() + graph.weak_of(person).len() <= rules.caps.identifiers as usize);
                    let (ever, _) = graph.merges_of(person, at_minute(0));
                    prop_assert!(ever <= rules.caps.merges);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_change_leaves_what_a_fold_under_the_new_rules_gives(
        from in some_rules(), to in some_rules(), steps in prop::collection::vec(a_step(), 1..40),
        after in prop::collection::vec(a_step(), 0..10),
    ) {
        let mut store = Store::new(from);
        run(&mut store, &steps);
        let names = Names::of(store.nodes.values());
        let rules = Rules { version: 9, ..to };
        let mut next = 500_000;
        let simulation = simulate::simulate(&store.graph(), &rules, &names, groups(store.evidence.clone()), &mut || {
            next += 1;
            next
        });
        store.write(&simulation.resolution);
        store.rules = rules;
        store.skip_ids_to(next);
        store.check();
        run(&mut store, &after);
        store.check();
        check_structure(&store);
    }
}
