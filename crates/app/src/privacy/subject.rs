//! Who is meant: a person with every line that is theirs alone, and the spans of devices they shared with others.
//!
//! Erasing and exporting both start here, so that nothing is exported that erasing would miss, nor the other way round.

use std::collections::BTreeSet;

use throughline_base::{IdentifierId, PersonId, Timestamp};
use throughline_domain::identity::{NodeState, SliceState};
use throughline_store::privacy::Span;
use throughline_store::{Tx, identity, person};

use crate::person::Lines;

/// A person and what is theirs.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// Today's id.
    pub(super) person: PersonId,
    /// Former ids.
    pub(super) aliases: Vec<PersonId>,
    /// Lines that are theirs as a whole.
    pub(super) nodes: Vec<NodeState>,
    /// Their spans of lines that others use too.
    pub(super) spans: Vec<Span>,
}

impl Subject {
    pub(super) fn load(tx: &mut Tx<'_>, person: PersonId) -> throughline_store::Result<Self> {
        let Lines { nodes, gained, lost } = Lines::load(tx, person)?;
        let mut spans: Vec<Span> = Vec::new();
        let mut whole: Vec<NodeState> = Vec::new();
        for node in nodes {
            let given: Vec<&SliceState> = lost.iter().filter(|s| s.node == node.id).collect();
            if given.is_empty() {
                whole.push(node);
            } else {
                spans.extend(between(node.id, &given));
            }
        }
        let devices: Vec<IdentifierId> = gained.iter().map(|s| s.node).collect::<BTreeSet<_>>().into_iter().collect();
        let slices = identity::slices_of_nodes(tx, &devices)?;
        let lines: BTreeSet<IdentifierId> = whole.iter().map(|n| n.id).collect();
        for device in identity::nodes_by_id(tx, &devices)? {
            let mut own = slices.iter().filter(|s| s.node == device.id);
            if !device.shared && own.clone().all(|s| lines.contains(&s.line)) {
                // Only this person ever signed in on it, so what nobody signed in for is theirs too.
                whole.push(device);
                continue;
            }
            spans.extend(own.by_ref().filter(|s| lines.contains(&s.line)).map(|s| Span {
                line: s.node,
                from_at: s.from_at,
                to_at: s.to_at,
            }));
        }
        Ok(Self { person, aliases: person::aliases_of(tx, person)?, nodes: whole, spans })
    }

    /// Lines that are theirs as a whole.
    pub(super) fn lines(&self) -> Vec<IdentifierId> {
        let mut lines: Vec<IdentifierId> = self.nodes.iter().map(|n| n.id).collect();
        lines.sort_unstable();
        lines
    }

    /// Lines on which something of theirs may stand.
    pub(super) fn all_lines(&self) -> Vec<IdentifierId> {
        let mut lines = self.lines();
        lines.extend(self.spans.iter().map(|s| s.line));
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// Whether what hangs on `line` at `at` is theirs.
    pub(super) fn owns(&self, line: IdentifierId, at: Timestamp) -> bool {
        self.nodes.iter().any(|n| n.id == line) || self.spans.iter().any(|s| s.line == line && s.covers(at))
    }

    /// Today's and former ids.
    pub(super) fn persons(&self) -> Vec<PersonId> {
        let mut all = vec![self.person];
        all.extend(&self.aliases);
        // Devices are people of their own before anybody signs in.
        all.extend(self.nodes.iter().map(|n| n.person));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Identifiers that are nobody else's today: a phone number that moved on to another customer is not among them.
    pub(super) fn own_values(&self, tx: &mut Tx<'_>) -> throughline_store::Result<Vec<(String, String)>> {
        let keys: Vec<i64> = self.nodes.iter().map(|n| identity::identifier_key(&n.namespace, &n.value)).collect();
        let all = identity::nodes_by_key(tx, &keys)?;
        let taken = |n: &NodeState| {
            all.iter().any(|o| {
                o.namespace == n.namespace
                    && o.value == n.value
                    && o.generation > 0
                    && o.ended_at.is_none()
                    && !self.nodes.iter().any(|own| own.id == o.id)
            })
        };
        let mut values: Vec<(String, String)> = self
            .nodes
            .iter()
            .filter(|n| !n.blocked && !taken(n))
            .map(|n| (n.namespace.clone(), n.value.clone()))
            .collect();
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}

/// The spans of a line that are in none of the slices given to others.
fn between(line: IdentifierId, given: &[&SliceState]) -> Vec<Span> {
    let mut cuts: Vec<(Option<Timestamp>, Option<Timestamp>)> = given.iter().map(|s| (s.from_at, s.to_at)).collect();
    cuts.sort_unstable();
    let mut out = Vec::new();
    // The end of what is given so far: `None` before anything is.
    let mut from: Option<Timestamp> = None;
    let mut begun = false;
    for (start, end) in cuts {
        if let Some(start) = start
            && (!begun || from.is_some_and(|f| f < start))
        {
            out.push(Span { line, from_at: from, to_at: Some(start) });
        }
        begun = true;
        match end {
            None => return out,
            Some(end) => from = Some(from.map_or(end, |f| f.max(end))),
        }
    }
    out.push(Span { line, from_at: from, to_at: None });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(from: Option<i64>, to: Option<i64>) -> SliceState {
        let at = |t: Option<i64>| t.map(Timestamp::from_ms);
        let id = IdentifierId::new(1);
        SliceState { node: id, seq: from.unwrap_or(0), from_at: at(from), to_at: at(to), line: IdentifierId::new(2) }
    }

    fn left(given: &[SliceState]) -> Vec<(Option<i64>, Option<i64>)> {
        let given: Vec<&SliceState> = given.iter().collect();
        let ms = |t: Option<Timestamp>| t.map(Timestamp::ms);
        between(IdentifierId::new(1), &given).into_iter().map(|s| (ms(s.from_at), ms(s.to_at))).collect()
    }

    #[test]
    fn what_others_have_not_is_left() {
        assert_eq!(left(&[slice(Some(10), Some(20))]), [(None, Some(10)), (Some(20), None)]);
        assert_eq!(left(&[slice(None, Some(20)), slice(Some(30), None)]), [(Some(20), Some(30))]);
        assert_eq!(left(&[slice(None, None)]), []);
        assert_eq!(left(&[slice(Some(10), Some(30)), slice(Some(20), Some(25))]), [(None, Some(10)), (Some(30), None)]);
    }
}
