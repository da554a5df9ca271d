//! Touches as dense numbers, so that reports count in arrays instead of maps.

use std::collections::HashMap;

use super::{CompiledRules, Touch, TouchKind, TouchSignature, channel_info};

/// The number that means "no touch".
pub const NO_TOUCH: u32 = 0;

/// What reports need to know about a touch, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TouchFacts {
    /// Number of the channel, from 0.
    pub channel: u32,
    /// Number of (channel, campaign), from 0.
    pub campaign: u32,
    /// Number of (channel, campaign, touchpoint), from 0.
    pub touchpoint: u32,
    /// The kind.
    pub kind: TouchKind,
    /// The channel is an online one. Channels of one's own count as online.
    pub online: bool,
    /// The channel is advertising.
    pub paid: bool,
    /// The touch is a session without source.
    pub direct: bool,
    /// The touch belongs to a named campaign.
    pub has_campaign: bool,
}

/// The distinct touches of an installation. Number 0 is "no touch", the others count up from 1 in the order they came.
#[derive(Debug, Clone)]
pub struct Catalog {
    touches: Vec<Touch>,
    facts: Vec<TouchFacts>,
    numbers: HashMap<Touch, u32>,
    channels: Vec<String>,
    channel_numbers: HashMap<String, u32>,
    campaigns: Vec<(u32, String)>,
    campaign_numbers: HashMap<(u32, String), u32>,
    touchpoints: Vec<(u32, String)>,
    touchpoint_numbers: HashMap<(u32, String), u32>,
    direct: u32,
}

impl Default for Catalog {
    fn default() -> Self {
        Self::new()
    }
}

impl Catalog {
    /// A catalog that knows the direct touch and nothing else.
    #[must_use]
    pub fn new() -> Self {
        let mut catalog = Self {
            touches: Vec::new(),
            facts: Vec::new(),
            numbers: HashMap::new(),
            channels: Vec::new(),
            channel_numbers: HashMap::new(),
            campaigns: Vec::new(),
            campaign_numbers: HashMap::new(),
            touchpoints: Vec::new(),
            touchpoint_numbers: HashMap::new(),
            direct: NO_TOUCH,
        };
        catalog.direct = catalog.intern(&Touch {
            channel: "direct".into(),
            campaign: String::new(),
            touchpoint: String::new(),
            kind: TouchKind::Direct,
        });
        catalog
    }

    /// The number of the direct touch: what a session without source becomes.
    #[must_use]
    pub fn direct(&self) -> u32 {
        self.direct
    }

    /// The number of `touch`; a new one when it was not seen before.
    pub fn intern(&mut self, touch: &Touch) -> u32 {
        if let Some(number) = self.numbers.get(touch) {
            return *number;
        }
        let channel = intern_in(&mut self.channels, &mut self.channel_numbers, touch.channel.clone());
        let key = (channel, touch.campaign.clone());
        let campaign = intern_in(&mut self.campaigns, &mut self.campaign_numbers, key);
        let key = (campaign, touch.touchpoint.clone());
        let touchpoint = intern_in(&mut self.touchpoints, &mut self.touchpoint_numbers, key);
        let info = channel_info(&touch.channel);
        self.facts.push(TouchFacts {
            channel,
            campaign,
            touchpoint,
            kind: touch.kind,
            online: info.is_none_or(|c| c.online),
            paid: info.is_some_and(|c| c.paid) || matches!(touch.kind, TouchKind::AdClick | TouchKind::AdView),
            direct: touch.kind == TouchKind::Direct,
            has_campaign: !touch.campaign.is_empty(),
        });
        self.touches.push(touch.clone());
        let number = self.touches.len() as u32;
        self.numbers.insert(touch.clone(), number);
        number
    }

    /// Classifies `signature` and numbers the result; [`NO_TOUCH`] when it is none. Call it once for each distinct
    /// signature and keep the answers: the numbers belong to this catalog and these rules.
    pub fn resolve(&mut self, rules: &CompiledRules, signature: &TouchSignature) -> u32 {
        rules.classify(signature).map_or(NO_TOUCH, |touch| self.intern(&touch))
    }

    /// The touch of a number; `None` for [`NO_TOUCH`] and for numbers of other catalogs.
    #[must_use]
    pub fn touch(&self, number: u32) -> Option<&Touch> {
        self.touches.get((number as usize).wrapping_sub(1))
    }

    /// The facts of touch 1, 2, …: the facts of touch `n` stand at `n - 1`.
    #[must_use]
    pub fn facts(&self) -> &[TouchFacts] {
        &self.facts
    }

    /// Channel keys by number.
    #[must_use]
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// (channel number, campaign) by campaign number.
    #[must_use]
    pub fn campaigns(&self) -> &[(u32, String)] {
        &self.campaigns
    }

    /// (campaign number, touchpoint) by touchpoint number.
    #[must_use]
    pub fn touchpoints(&self) -> &[(u32, String)] {
        &self.touchpoints
    }
}

fn intern_in<K: Clone + Eq + std::hash::Hash>(list: &mut Vec<K>, numbers: &mut HashMap<K, u32>, key: K) -> u32 {
    *numbers.entry(key).or_insert_with_key(|key| {
        list.push(key.clone());
        (list.len() - 1) as u32
    })
}
