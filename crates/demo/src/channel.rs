//! Where people meet the brand, what a meeting truly does, and the marks it leaves on a landing address.
//!
//! A touch raises the rate of buying by `mass / tau · exp(-Δ / tau)`: over its life it causes `mass` orders on average.
//! Channels with mass 0 only harvest: they are met on the way to an order that was coming anyway. The figures are
//! invented; what matters is that content works late, retargeting and brand search hardly at all.

use throughline_base::time::DAY_MS;

/// A channel of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Channel {
    DouyinAds,
    Douyin,
    XiaohongshuAds,
    Xiaohongshu,
    GenericSearch,
    BrandSearch,
    Retargeting,
    Email,
    Sms,
    Wechat,
    Store,
    OrganicSearch,
    Direct,
}

use Channel::{
    BrandSearch, Direct, Douyin, DouyinAds, Email, GenericSearch, OrganicSearch, Retargeting, Sms, Store, Wechat,
    Xiaohongshu, XiaohongshuAds,
};

/// The constants of a channel.
pub(crate) struct ChannelFacts {
    /// Key in the truth and in the spend, that of the usual channel grouping.
    pub(crate) key: &'static str,
    /// Orders a touch causes on average for an average buyer.
    pub(crate) mass: f64,
    /// Mean delay of those orders, ms.
    pub(crate) tau_ms: f64,
    /// `utm_source`; empty when links carry no tags.
    pub(crate) utm_source: &'static str,
    /// `utm_medium`.
    pub(crate) utm_medium: &'static str,
    /// Name of the click id on the landing address; empty for none.
    pub(crate) click_id: &'static str,
    /// Referrer of the landing; empty for none.
    pub(crate) referrer: &'static str,
    /// Part of the touches that are only seen, never clicked: real effect, no trace.
    pub(crate) unseen: f64,
    /// Cost of a click in minor units; 0 when the channel is not bought.
    pub(crate) click_cost_minor: i64,
    /// Impressions for each click.
    pub(crate) impressions: u64,
}

const DAY: f64 = DAY_MS as f64;

const fn facts(key: &'static str, mass: f64, tau_days: f64) -> ChannelFacts {
    ChannelFacts {
        key,
        mass,
        tau_ms: tau_days * DAY,
        utm_source: "",
        utm_medium: "",
        click_id: "",
        referrer: "",
        unseen: 0.0,
        click_cost_minor: 0,
        impressions: 0,
    }
}

const DIRECT: ChannelFacts = facts("direct", 0.0, 1.0);
const ORGANIC: ChannelFacts = ChannelFacts { referrer: "https://www.baidu.com/", ..facts("organic_search", 0.0, 1.0) };
const STORE: ChannelFacts = facts("store", 0.40, 4.0);
const WECHAT: ChannelFacts = ChannelFacts {
    utm_source: "wechat_oa",
    utm_medium: "article",
    referrer: "https://mp.weixin.qq.com/",
    ..facts("wechat_oa", 0.10, 3.0)
};
const SMS: ChannelFacts = ChannelFacts { utm_source: "sms", utm_medium: "sms", ..facts("sms", 0.22, 1.2) };
const EMAIL: ChannelFacts = ChannelFacts { utm_source: "newsletter", utm_medium: "email", ..facts("email", 0.26, 2.5) };
const RETARGETING: ChannelFacts = ChannelFacts {
    utm_source: "baidu",
    utm_medium: "display",
    click_cost_minor: 210,
    impressions: 160,
    ..facts("display", 0.0, 1.0)
};
const BRAND: ChannelFacts = ChannelFacts {
    utm_source: "baidu",
    utm_medium: "cpc",
    click_id: "bd_vid",
    referrer: "https://www.baidu.com/",
    click_cost_minor: 90,
    impressions: 6,
    ..facts("paid_search", 0.0, 1.0)
};
const GENERIC: ChannelFacts =
    ChannelFacts { mass: 0.14, tau_ms: 2.0 * DAY, click_cost_minor: 380, impressions: 28, ..BRAND };
const NOTES: ChannelFacts = ChannelFacts {
    utm_source: "xiaohongshu",
    utm_medium: "social",
    referrer: "https://www.xiaohongshu.com/",
    unseen: 0.35,
    ..facts("xiaohongshu", 0.24, 9.0)
};
const NOTE_ADS: ChannelFacts = ChannelFacts {
    utm_source: "xiaohongshu",
    utm_medium: "cpc",
    click_id: "xhs_click_id",
    referrer: "https://www.xiaohongshu.com/",
    unseen: 0.25,
    click_cost_minor: 260,
    impressions: 45,
    ..facts("xiaohongshu_ads", 0.10, 5.0)
};
const LIVE: ChannelFacts = ChannelFacts {
    utm_source: "douyin",
    utm_medium: "live",
    referrer: "https://www.douyin.com/",
    unseen: 0.2,
    ..facts("douyin", 0.17, 1.5)
};
const FEED: ChannelFacts = ChannelFacts {
    utm_source: "douyin",
    utm_medium: "cpc",
    click_id: "clickid",
    referrer: "https://www.douyin.com/",
    unseen: 0.3,
    click_cost_minor: 180,
    impressions: 70,
    ..facts("douyin_ads", 0.09, 3.0)
};

/// Channels money is spent on.
pub(crate) const PAID: [Channel; 5] = [DouyinAds, XiaohongshuAds, GenericSearch, BrandSearch, Retargeting];

impl Channel {
    pub(crate) const fn facts(self) -> &'static ChannelFacts {
        match self {
            DouyinAds => &FEED,
            Douyin => &LIVE,
            XiaohongshuAds => &NOTE_ADS,
            Xiaohongshu => &NOTES,
            GenericSearch => &GENERIC,
            BrandSearch => &BRAND,
            Retargeting => &RETARGETING,
            Email => &EMAIL,
            Sms => &SMS,
            Wechat => &WECHAT,
            Store => &STORE,
            OrganicSearch => &ORGANIC,
            Direct => &DIRECT,
        }
    }

    /// `utm_campaign` of a link met on a local day.
    pub(crate) fn campaign(self, day: i64, variant: u8) -> String {
        let name = crate::calendar::campaign(day, variant);
        match self {
            BrandSearch => format!("brand_{name}"),
            GenericSearch => format!("category_{name}"),
            Retargeting => format!("retarget_{name}"),
            DouyinAds | Douyin | XiaohongshuAds | Xiaohongshu | Email | Sms | Wechat | Store | OrganicSearch
            | Direct => name,
        }
    }
}

/// How somebody comes in by themselves, and how often, in per mille of an average person's visits.
pub(crate) const ENTRIES: [(Channel, f64); 8] = [
    (DouyinAds, 190.0),
    (Douyin, 130.0),
    (XiaohongshuAds, 100.0),
    (Xiaohongshu, 150.0),
    (GenericSearch, 90.0),
    (OrganicSearch, 110.0),
    (Direct, 160.0),
    (Store, 110.0),
];
