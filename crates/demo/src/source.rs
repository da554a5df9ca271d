//! The touchpoints of the brand, as sources a collector would have.

use crate::people::{ACCOUNT_APP, DOUYIN_APP, MINI_APP, NOTES_APP};

/// What sort of place a source is, in the collector's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceKind {
    /// Web shop.
    Web,
    /// Mobile app.
    App,
    /// WeChat mini-program.
    MiniProgram,
    /// Tills and in-store tablets.
    Pos,
    /// Marketplace shop.
    Marketplace,
    /// Advertising platform.
    Ads,
    /// E-mail sending.
    Email,
    /// SMS sending.
    Sms,
    /// Social account.
    Social,
    /// Service desk.
    Service,
    /// Anything that calls a webhook.
    Webhook,
}

impl SourceKind {
    /// The name the collector's API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::App => "app",
            Self::MiniProgram => "mini_program",
            Self::Pos => "pos",
            Self::Marketplace => "marketplace",
            Self::Ads => "ads",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Social => "social",
            Self::Service => "service",
            Self::Webhook => "webhook",
        }
    }
}

/// Whose SDK's requests a source sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// Segment's server SDK: `POST /v1/batch`, JSON.
    Segment,
    /// Segment's browser SDK: one event a call (`/v1/p`, `/v1/t`, `/v1/i`, `text/plain`), some in batch mode (`/v1/b`).
    SegmentBrowser,
    /// Rudder's server SDK: `POST /v1/batch`, gzip JSON labelled as a form.
    Rudder,
    /// PostHog's server SDK: `POST /batch/`, gzip JSON.
    PostHog,
    /// 神策: `POST /sa?project=KEY`, form of base64 of gzip.
    Sensors,
    /// Snowplow tracker protocol: `POST /com.snowplowanalytics.snowplow/tp2`.
    Snowplow,
    /// Jitsu: `POST /api/s/track`, one event a call, key in `X-Write-Key`.
    Jitsu,
    /// A provider's callback: a plain JSON array of events, no batch envelope.
    Webhook,
}

/// A touchpoint and how it talks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSource {
    /// Slug, for instance `web_shop`; also `venue` in the truth.
    pub key: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Chinese name.
    pub name_zh: &'static str,
    /// What sort of place.
    pub kind: SourceKind,
    /// How it talks.
    pub wire: Wire,
    /// Whether its phones and e-mails have been checked (SMS code, delivery): what the source's setting should be.
    pub verified: bool,
    /// A tablet many people use: what the source's setting should be.
    pub kiosk: bool,
    /// The app whose openids it sends: what the source's setting should be.
    pub openid_app: Option<&'static str>,
}

const fn source(
    key: &'static str,
    name_en: &'static str,
    name_zh: &'static str,
    kind: SourceKind,
    wire: Wire,
    verified: bool,
) -> DemoSource {
    DemoSource { key, name_en, name_zh, kind, wire, verified, kiosk: false, openid_app: None }
}

/// Index of a source in [`SOURCES`].
pub(crate) mod at {
    pub(crate) const WEB: usize = 0;
    pub(crate) const APP: usize = 1;
    pub(crate) const MINI: usize = 2;
    pub(crate) const WECHAT: usize = 3;
    pub(crate) const EMAIL: usize = 4;
    pub(crate) const SMS: usize = 5;
    pub(crate) const DOUYIN_ADS: usize = 6;
    pub(crate) const DOUYIN_LIVE: usize = 7;
    pub(crate) const XHS_ADS: usize = 8;
    pub(crate) const XHS_NOTES: usize = 9;
    pub(crate) const SEARCH_ADS: usize = 10;
    pub(crate) const TMALL: usize = 11;
    pub(crate) const STORES: usize = 12;
    pub(crate) const KIOSK: usize = 13;
    pub(crate) const SERVICE: usize = 14;
    pub(crate) const DELIVERY: usize = 15;
}

/// The brand's touchpoints.
pub(crate) const SOURCES: [DemoSource; 16] = [
    source("web_shop", "Web shop", "官网商城", SourceKind::Web, Wire::SegmentBrowser, true),
    source("app", "App", "品牌 App", SourceKind::App, Wire::Segment, true),
    DemoSource {
        openid_app: Some(MINI_APP),
        ..source("mini_program", "WeChat mini-program", "微信小程序", SourceKind::MiniProgram, Wire::Sensors, true)
    },
    DemoSource {
        openid_app: Some(ACCOUNT_APP),
        ..source("wechat", "WeChat official account", "微信公众号", SourceKind::Social, Wire::Rudder, true)
    },
    source("email", "E-mail", "电子邮件", SourceKind::Email, Wire::Segment, true),
    source("sms", "SMS", "短信", SourceKind::Sms, Wire::Webhook, true),
    source("douyin_ads", "Douyin ads", "抖音广告", SourceKind::Ads, Wire::Jitsu, true),
    DemoSource {
        openid_app: Some(DOUYIN_APP),
        ..source("douyin_live", "Douyin content and live", "抖音内容与直播", SourceKind::Social, Wire::Segment, true)
    },
    source("xiaohongshu_ads", "Xiaohongshu ads", "小红书广告", SourceKind::Ads, Wire::Jitsu, true),
    DemoSource {
        openid_app: Some(NOTES_APP),
        ..source("xiaohongshu_notes", "Xiaohongshu notes", "小红书笔记", SourceKind::Social, Wire::Rudder, true)
    },
    source("search_ads", "Search ads (Baidu, Google)", "搜索广告（百度、谷歌）", SourceKind::Ads, Wire::Jitsu, true),
    source("tmall", "Tmall flagship store", "天猫旗舰店", SourceKind::Marketplace, Wire::Segment, true),
    source("stores", "Stores and tills", "线下门店收银", SourceKind::Pos, Wire::Segment, true),
    DemoSource {
        kiosk: true,
        ..source("store_tablets", "In-store tablets", "门店平板", SourceKind::Pos, Wire::Snowplow, true)
    },
    source("service_desk", "Service desk", "客服中心", SourceKind::Service, Wire::PostHog, true),
    source("delivery", "Delivery", "物流配送", SourceKind::Webhook, Wire::Webhook, true),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_indices_point_at_their_sources() {
        for (index, key) in [
            (at::WEB, "web_shop"),
            (at::APP, "app"),
            (at::MINI, "mini_program"),
            (at::WECHAT, "wechat"),
            (at::EMAIL, "email"),
            (at::SMS, "sms"),
            (at::DOUYIN_ADS, "douyin_ads"),
            (at::DOUYIN_LIVE, "douyin_live"),
            (at::XHS_ADS, "xiaohongshu_ads"),
            (at::XHS_NOTES, "xiaohongshu_notes"),
            (at::SEARCH_ADS, "search_ads"),
            (at::TMALL, "tmall"),
            (at::STORES, "stores"),
            (at::KIOSK, "store_tablets"),
            (at::SERVICE, "service_desk"),
            (at::DELIVERY, "delivery"),
        ] {
            assert_eq!(SOURCES[index].key, key);
        }
    }
}
