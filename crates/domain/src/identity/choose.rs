//! Which of an event's strong identifiers stay linked when they contradict each other (field note §3.2, steps 3 and 4).

use std::collections::BTreeSet;

use throughline_base::time::DAY_MS;
use throughline_base::{IdentifierId, PersonId};

use super::decide::{Decision, count_active};
use super::evidence::{EvidenceKind, ProfileCheck};
use super::resolution::{DropReason, Dropped, ReviewItem, ReviewKind};
use super::rules::OnLimit;
use super::state::{Joined, NodeState};
use crate::event::Claim;

impl Decision<'_> {
    /// The strong candidates that may be one person, strongest first, and whether two of the highest rank disagree.
    ///
    /// The rule is "drop the weakest and try again"; building up from the strongest gives the same winner and does not
    /// drop bystanders that conflict with nobody.
    pub(super) fn choose_linked(&mut self) -> (Vec<usize>, bool) {
        let mut linked: Vec<usize> = Vec::new();
        for i in 0..self.candidates.len() {
            let candidate = self.candidates[i].clone();
            if !candidate.strength.is_strong() || candidate.mute.is_some() {
                continue;
            }
            if !linked.is_empty() && !self.note_join(i, self.person_of_linked(&linked)) {
                continue;
            }
            let Err(reason) = self.allowed(&linked, Some(i)) else {
                linked.push(i);
                continue;
            };
            let rivals = self.rivals(&linked, i);
            if !rivals.is_empty() {
                self.review(ReviewKind::EqualRank, candidate.node, Some(self.candidates[rivals[0]].node), &reason);
                linked.retain(|l| !rivals.contains(l));
                for loser in rivals.into_iter().chain([i]) {
                    self.drop_claim(loser, DropReason::EqualRank);
                }
                if linked.is_empty() {
                    return (Vec::new(), true);
                }
                continue;
            }
            self.settle_conflict(&mut linked, i, reason);
        }
        (linked, false)
    }

    fn person_of_linked(&self, linked: &[usize]) -> PersonId {
        linked.first().map_or(PersonId::new(0), |i| self.graph.person_of(self.candidates[*i].node))
    }

    /// Linked claims of the same rank that the candidate disagrees with, when neither side is better: both belong to
    /// persons of their own, or nothing stronger stands above them.
    fn rivals(&self, linked: &[usize], i: usize) -> Vec<usize> {
        let me = &self.candidates[i];
        let (same, above): (Vec<usize>, Vec<usize>) =
            linked.iter().partition(|l| self.candidates[**l].priority == me.priority);
        if same.is_empty() || self.allowed(&above, Some(i)).is_err() {
            return Vec::new();
        }
        let mut with = above.clone();
        same.into_iter()
            .filter(|rival| {
                let other = &self.candidates[*rival];
                with.push(*rival);
                let conflict = self.allowed(&with, Some(i)).is_err();
                with.pop();
                conflict && (above.is_empty() || (!me.fresh && !other.fresh))
            })
            .collect()
    }

    /// A weaker identifier contradicts the stronger ones: it is taken over, sent to review or just not linked.
    fn settle_conflict(&mut self, linked: &mut Vec<usize>, i: usize, reason: DropReason) {
        let candidate = self.candidates[i].clone();
        let hub = self.candidates[linked[0]].node;
        let fact = &self.facts.claims[candidate.index];
        let rule = self.rules.of(&fact.claim.namespace);
        let limit = matches!(&reason, DropReason::MaxPerPerson { namespace, .. }
            if self.rules.of(namespace).priority < candidate.priority);
        if candidate.fresh || !(rule.takeover && fact.claim.verified && limit) {
            // A bare limit concerns one person only; new evidence against an operator's cannot-link is worth a look.
            if !candidate.fresh {
                self.review(ReviewKind::RefusedMerge, candidate.node, Some(hub), &reason);
            }
            self.drop_claim(i, reason);
            return;
        }
        let profiles = self.profile_check(i);
        self.checked.insert(i, profiles);
        if profiles == ProfileCheck::Different && self.two_memberships(linked, candidate.node) {
            self.review(ReviewKind::FamilyPhone, candidate.node, Some(hub), &DropReason::FamilyPhone);
            return self.drop_claim(i, DropReason::FamilyPhone);
        }
        if profiles == ProfileCheck::Same {
            self.review(ReviewKind::RefusedMerge, candidate.node, Some(hub), &reason);
            return self.drop_claim(i, reason);
        }
        if self.had_it_before(linked, &fact.claim) {
            self.review(ReviewKind::Contested, candidate.node, Some(hub), &DropReason::Contested);
            return self.drop_claim(i, DropReason::Contested);
        }
        if let Some(reason) = self.full(linked, &fact.claim.namespace) {
            return self.drop_claim(i, reason);
        }
        let (recent, count) =
            self.graph.node(candidate.node).map_or((Vec::new(), 0), |n| (n.joined_recent.clone(), n.joined_count));
        self.end_node(candidate.node, candidate.seq);
        let node = self.create(fact, recent, count);
        self.candidates[i].node = node;
        self.candidates[i].fresh = true;
        self.taken_over.insert(i);
        linked.push(i);
    }

    fn profile_check(&self, i: usize) -> ProfileCheck {
        let fact = &self.facts.claims[self.candidates[i].index];
        let owner = self.graph.person_of(self.candidates[i].node);
        let known = self.facts.known_profiles.iter().find(|(person, _)| *person == owner);
        match (fact.profiles, &self.facts.profile, known) {
            (ProfileCheck::Unknown, Some(mine), Some((_, theirs))) => mine.check(theirs),
            (recorded, _, _) => recorded,
        }
    }

    fn two_memberships(&self, linked: &[usize], owned: IdentifierId) -> bool {
        let member = |n: &NodeState| super::rules::family(&n.namespace) == "member_no";
        let theirs = self.graph.strong_members(self.graph.person_of(owned)).any(member);
        let ours = self.persons(linked).into_iter().any(|p| self.graph.strong_members(p).any(member));
        ours && theirs
    }

    fn had_it_before(&self, linked: &[usize], claim: &Claim) -> bool {
        let persons = self.persons(linked);
        self.graph
            .generations(&claim.namespace, &claim.value)
            .any(|n| n.generation > 0 && n.ended_at.is_some() && persons.contains(&n.person))
    }

    /// Whether the linked persons have no room for one more identifier of this namespace.
    fn full(&self, linked: &[usize], namespace: &str) -> Option<DropReason> {
        let persons = self.persons(linked);
        let rule = self.rules.of(namespace);
        if let Some(limit) = rule.max_per_person.filter(|_| rule.on_limit == OnLimit::Refuse) {
            let count = count_active(self.graph, &persons, namespace, limit.window_days, self.facts.at);
            if count >= limit.n {
                return Some(DropReason::MaxPerPerson { namespace: namespace.to_owned(), max: limit.n });
            }
        }
        let max = self.rules.caps.identifiers;
        (super::limits::size_of(self.graph, &persons) >= max).then_some(DropReason::IdentifierCap { max })
    }

    pub(super) fn persons(&self, linked: &[usize]) -> BTreeSet<PersonId> {
        linked.iter().map(|i| self.graph.person_of(self.candidates[*i].node)).collect()
    }

    /// Whether these candidates may be one person.
    fn allowed(&self, linked: &[usize], one_more: Option<usize>) -> Result<(), DropReason> {
        let all: Vec<usize> = linked.iter().copied().chain(one_more).collect();
        let fresh = |i: &usize| self.candidates[*i].fresh;
        let existing: BTreeSet<PersonId> =
            all.iter().filter(|i| !fresh(i)).map(|i| self.graph.person_of(self.candidates[*i].node)).collect();
        let waived = self.other_name(&all);
        super::limits::may_be_one(self.graph, self.rules, &self.persons(&all), &existing, waived, self.facts.at)
    }

    /// The namespace of two ids that an alias says are names of one person. It is believed past the limit of that
    /// namespace when one of the two stands alone: such an id has nobody of its own to lose.
    fn other_name(&self, all: &[usize]) -> Option<&str> {
        if self.facts.kind != EvidenceKind::Alias {
            return None;
        }
        let namespace = |i: &usize| self.facts.claims[self.candidates[*i].index].claim.namespace.as_str();
        let alone = |i: &&usize| {
            let person = self.graph.person_of(self.candidates[**i].node);
            self.graph.strong_members(person).nth(1).is_none()
        };
        let bare = all.iter().filter(alone).map(namespace);
        bare.into_iter().find(|name| all.iter().filter(|i| namespace(i) == *name).count() == 2)
    }

    /// Counts that the candidate's identifier meets `person`. False when that was one too many in a day: it is suspended.
    pub(super) fn note_join(&mut self, i: usize, person: PersonId) -> bool {
        let candidate = self.candidates[i].clone();
        let at = self.facts.at;
        let Some(node) = self.graph.node(candidate.node) else { return true };
        let tied = if candidate.strength.is_strong() {
            node.person == person
        } else {
            self.graph.owners_of(candidate.node).contains(&person)
        };
        if tied {
            return true;
        }
        let cap = self.rules.caps.joins_per_day;
        let mut recent: Vec<Joined> =
            node.joined_recent.iter().copied().filter(|j| j.at.since(at).abs() < DAY_MS).collect();
        let known = recent.iter().any(|j| j.person == person);
        if !known {
            recent.push(Joined { person, at });
        }
        let over = recent.len() > cap as usize;
        self.graph.update(candidate.node, |n| {
            n.joined_recent = recent;
            n.joined_count += u32::from(!known);
            if over {
                n.suspended_at = Some(at);
            }
        });
        if over {
            self.changed = true;
            let reason = format!("joined more than {cap} persons within 24 hours");
            self.out.reviews.push(ReviewItem { kind: ReviewKind::Suspended, a: candidate.node, b: None, reason });
            self.drop_claim(i, DropReason::Suspended);
        }
        !over
    }

    pub(super) fn drop_claim(&mut self, i: usize, reason: DropReason) {
        let candidate = &mut self.candidates[i];
        candidate.mute = Some(reason.clone());
        let claim = self.facts.claims[candidate.index].claim.clone();
        self.out.dropped.push(Dropped { claim, node: Some(candidate.node), reason });
    }

    fn review(&mut self, kind: ReviewKind, a: IdentifierId, b: Option<IdentifierId>, reason: &DropReason) {
        self.out.reviews.push(ReviewItem { kind, a, b, reason: reason.to_string() });
    }
}
