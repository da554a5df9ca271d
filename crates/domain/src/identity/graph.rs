//! The graph in memory: the rows of the persons at hand, indexed.

/// Nodes, edges, slices and cannot-links, indexed, with a journal of what changed.
#[derive(Debug, Clone, Default)]
pub struct Graph {}
