//! Clusters: connected components at a threshold, without the bridges that hold two persons together.
//!
//! Within a component the edges are taken from the strongest; two groups become one when what is known of *all* pairs
//! between them speaks for it, not the one edge alone. So a chain a–b–c whose ends contradict each other falls apart at its
//! weakest edge, and the outcome of a component depends on nothing outside it.

use std::collections::BTreeMap;

/// An edge with the odds that its ends are one person, in bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// One end.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// The logarithm of the odds.
    pub bits: f64,
}

/// What is asked while clusters grow.
pub struct Question<'a> {
    /// The odds of any pair in bits, also of one that no rule let meet.
    pub bits: &'a dyn Fn(u32, u32) -> f64,
    /// What orders records of equal standing: their content, not their place.
    pub order: &'a dyn Fn(u32) -> u64,
    /// Whether two records cannot be one person: a statement, or two of one source where each source is clean.
    pub apart: &'a dyn Fn(u32, u32) -> bool,
}

/// Most pairs between two groups that are looked at.
const MOST_PAIRS: usize = 400;
/// A single pair cannot outvote all others.
const MOST_BITS: f64 = 12.0;

/// The clusters of two records and more, each sorted, at `least` bits.
#[must_use]
pub fn clusters(edges: &[Odds], least: f64, q: &Question<'_>) -> Vec<Vec<u32>> {
    let most = edges.iter().map(|e| e.a.max(e.b)).max().map_or(0, |m| m + 1);
    let mut parent = Parents((0..most).collect());
    let strong: Vec<&Odds> = edges.iter().filter(|e| e.bits >= least).collect();
    for e in &strong {
        parent.join(e.a, e.b);
    }
    let mut parts: BTreeMap<u32, Vec<Odds>> = BTreeMap::new();
    for e in strong {
        parts.entry(parent.root(e.a)).or_default().push(*e);
    }
    let mut out: Vec<Vec<u32>> = parts.into_values().flat_map(|part| component(part, q)).collect();
    out.sort();
    out
}

/// The clusters of one component. It depends on the component's records and edges alone.
#[must_use]
pub fn component(mut edges: Vec<Odds>, q: &Question<'_>) -> Vec<Vec<u32>> {
    let key = |e: &Odds| {
        let (x, y) = ((q.order)(e.a), (q.order)(e.b));
        (x.min(y), x.max(y), e.a.min(e.b), e.a.max(e.b))
    };
    edges.sort_by(|x, y| y.bits.total_cmp(&x.bits).then_with(|| key(x).cmp(&key(y))));
    let mut group_of: BTreeMap<u32, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for e in &edges {
        for record in [e.a, e.b] {
            group_of.entry(record).or_insert_with(|| {
                groups.push(vec![record]);
                groups.len() - 1
            });
        }
    }
    let known: BTreeMap<(u32, u32), f64> = edges.iter().map(|e| ((e.a.min(e.b), e.a.max(e.b)), e.bits)).collect();
    for e in &edges {
        let (i, j) = (group_of[&e.a], group_of[&e.b]);
        if i == j || !one_person(&groups[i], &groups[j], &known, q) {
            continue;
        }
        let (i, j) = if groups[i].len() >= groups[j].len() { (i, j) } else { (j, i) };
        let moved = std::mem::take(&mut groups[j]);
        for record in &moved {
            group_of.insert(*record, i);
        }
        groups[i].extend(moved);
    }
    groups.retain(|g| g.len() > 1);
    for g in &mut groups {
        g.sort_unstable();
    }
    groups.sort();
    groups
}

/// Whether the pairs between two groups, taken together, say that they are one person.
fn one_person(left: &[u32], right: &[u32], known: &BTreeMap<(u32, u32), f64>, q: &Question<'_>) -> bool {
    let apart = left.iter().any(|a| right.iter().any(|b| (q.apart)(*a, *b)));
    if apart {
        return false;
    }
    if left.len() == 1 && right.len() == 1 {
        return true;
    }
    let ordered = |group: &[u32], most: usize| -> Vec<u32> {
        let mut sorted: Vec<u32> = group.to_vec();
        sorted.sort_by_key(|r| ((q.order)(*r), *r));
        sorted.truncate(most);
        sorted
    };
    let side = (MOST_PAIRS as f64).sqrt() as usize;
    let (left, right) = (ordered(left, side), ordered(right, side));
    let mut sum = 0.0;
    for a in &left {
        for b in &right {
            let bits = known.get(&(*a.min(b), *a.max(b))).copied().unwrap_or_else(|| (q.bits)(*a, *b));
            sum += bits.clamp(-MOST_BITS, MOST_BITS);
        }
    }
    sum >= 0.0
}

/// Which records are connected (union by the smaller number, paths halved).
struct Parents(Vec<u32>);

impl Parents {
    fn root(&mut self, mut x: u32) -> u32 {
        while self.0[x as usize] != x {
            let above = self.0[self.0[x as usize] as usize];
            self.0[x as usize] = above;
            x = above;
        }
        x
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
