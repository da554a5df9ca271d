//! The tracking plan: which events a source may send and what they look like.

/// A tracking plan, compiled for checking events.
#[derive(Debug, Clone, Default)]
pub struct CompiledPlan {}
