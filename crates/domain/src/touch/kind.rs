//! What kind of contact a touch was.

use serde::{Deserialize, Serialize};
use throughline_base::time::{DAY_MS, HOUR_MS};

/// The kind of a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TouchKind {
    /// An advertisement was clicked.
    AdClick,
    /// An advertisement was served and seen; only from an imported log, never guessed.
    AdView,
    /// A link in an e-mail was clicked.
    EmailClick,
    /// An e-mail was opened by a human. Machine opens are no touches.
    EmailOpen,
    /// A link in a text message was clicked.
    SmsClick,
    /// A push message was opened.
    PushOpen,
    /// A WeChat message, menu, article or card was clicked.
    WechatClick,
    /// A `WeCom` (企业微信) message or contact card was clicked.
    WecomClick,
    /// A QR code was scanned.
    QrScan,
    /// A store was visited.
    StoreVisit,
    /// The service desk was in contact with the customer.
    ServiceContact,
    /// An unpaid search result was clicked.
    Search,
    /// An unpaid post, video or note was clicked.
    Social,
    /// A link on another site was clicked.
    Referral,
    /// A link of a partner who is paid by result was clicked.
    Affiliate,
    /// A shop on a marketplace was visited.
    Marketplace,
    /// Print, outdoor, mail or an event.
    Offline,
    /// A session without source.
    Direct,
}

impl TouchKind {
    /// All kinds, in the order of the enum.
    pub const ALL: [Self; 18] = [
        Self::AdClick,
        Self::AdView,
        Self::EmailClick,
        Self::EmailOpen,
        Self::SmsClick,
        Self::PushOpen,
        Self::WechatClick,
        Self::WecomClick,
        Self::QrScan,
        Self::StoreVisit,
        Self::ServiceContact,
        Self::Search,
        Self::Social,
        Self::Referral,
        Self::Affiliate,
        Self::Marketplace,
        Self::Offline,
        Self::Direct,
    ];

    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdClick => "ad_click",
            Self::AdView => "ad_view",
            Self::EmailClick => "email_click",
            Self::EmailOpen => "email_open",
            Self::SmsClick => "sms_click",
            Self::PushOpen => "push_open",
            Self::WechatClick => "wechat_click",
            Self::WecomClick => "wecom_click",
            Self::QrScan => "qr_scan",
            Self::StoreVisit => "store_visit",
            Self::ServiceContact => "service_contact",
            Self::Search => "search",
            Self::Social => "social",
            Self::Referral => "referral",
            Self::Affiliate => "affiliate",
            Self::Marketplace => "marketplace",
            Self::Offline => "offline",
            Self::Direct => "direct",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }

    /// How long the touch may earn credit when a report sets no window of its own, in milliseconds.
    ///
    /// Ad clicks 30 d (Google Analytics' acquisition window), ad views 1 d, e-mail 5 d (Klaviyo's default), SMS
    /// and push 24 h; chat and QR 3 d, store and service 7 d, the rest 30 d are choices of ours.
    #[must_use]
    pub const fn look_back_ms(self) -> i64 {
        match self {
            Self::AdView => DAY_MS,
            Self::EmailClick | Self::EmailOpen => 5 * DAY_MS,
            Self::SmsClick | Self::PushOpen => 24 * HOUR_MS,
            Self::WechatClick | Self::WecomClick | Self::QrScan => 3 * DAY_MS,
            Self::StoreVisit | Self::ServiceContact => 7 * DAY_MS,
            Self::AdClick
            | Self::Search
            | Self::Social
            | Self::Referral
            | Self::Affiliate
            | Self::Marketplace
            | Self::Offline
            | Self::Direct => 30 * DAY_MS,
        }
    }
}
