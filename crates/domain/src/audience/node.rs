//! A rule made ready: names are numbers, texts are parsed, behaviour points at its track.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::deed::Deed;
use super::formula::Formula;
use super::predicate::Predicate;
use super::rule::{ConsentState, Rule};
use super::sequence::Chain;
use super::time::Zone;
use super::touched::FactNeeds;

/// A condition made ready.
#[derive(Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    None(Vec<Node>),
    Trait(String, Predicate),
    Computed(Source, Predicate),
    Tag(String),
    Stage(Vec<String>),
    Consent {
        purpose: String,
        channel: String,
        state: ConsentState,
    },
    Contactable {
        purpose: String,
        channel: String,
    },
    Identifier {
        namespace: String,
        verified: bool,
        test: Option<Predicate>,
    },
    /// Place of the part.
    Audience(usize),
    List(String),
    Did(Deed, Predicate),
    Sequence(u64, Chain),
}

/// Where a computed value comes from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// Another part, by its place.
    Part(usize),
    /// A prediction, by its key.
    Prediction(String),
}

/// What a part comes to.
#[derive(Debug)]
pub(super) enum Body {
    Audience(Rule, Box<Node>),
    Measure(Deed),
    Formula(Formula, Vec<(String, Source)>),
    Cases(Vec<(Rule, Node, Value)>, Option<Value>),
}

/// A part made ready.
#[derive(Debug)]
pub(super) struct Ready {
    pub id: i64,
    pub key: String,
    pub zone: Arc<Zone>,
    pub body: Body,
    pub facts: FactNeeds,
    /// Keys of its tracks.
    pub tracks: BTreeSet<u64>,
    /// Places of the parts it refers to.
    pub parts: BTreeSet<usize>,
}
