//! What an event says about how the customer came: the [`TouchSignature`].

use serde_json::Value;

use super::SourceContext;
use crate::event::clean::url::{self, CLICK_IDS, Landing, landing, parameter_text, short_text};
use crate::event::{EventKind, Object, TouchSignature};

/// Names of events that are touches by themselves, in lower case. An event counts when its name in lower case is one
/// of these; the rules of [`crate::touch`] say what each is worth.
pub const TOUCH_EVENTS: &[&str] = &[
    // e-mail
    "email opened",
    "email_open",
    "email link clicked",
    "email clicked",
    "email_click",
    "邮件打开",
    "邮件点击",
    // text message
    "sms link clicked",
    "sms clicked",
    "sms_click",
    "text message clicked",
    "短信点击",
    // push
    "push opened",
    "push clicked",
    "push notification tapped",
    "push notification opened",
    "push notification clicked",
    "push_open",
    "推送点击",
    // advertising
    "ad clicked",
    "ad_click",
    "ad click",
    "ad impression",
    "ad impression served",
    "ad viewed",
    "ad_view",
    "ad view",
    "ad served",
    "广告点击",
    "广告曝光",
    // affiliates
    "affiliate link clicked",
    "affiliate clicked",
    // WeChat, WeCom
    "wechat message clicked",
    "wechat menu clicked",
    "wechat template message clicked",
    "wechat article opened",
    "wechat followed",
    "wechat subscribed",
    "wechat_click",
    "公众号菜单点击",
    "公众号图文阅读",
    "公众号关注",
    "wecom message clicked",
    "wecom contact added",
    "wecom_click",
    "企微添加好友",
    "企业微信消息点击",
    // codes, stores, service
    "qr code scanned",
    "qr scanned",
    "qrcode scanned",
    "qr_scan",
    "扫码",
    "store visited",
    "store visit",
    "store checked in",
    "store check-in",
    "store entered",
    "store_visit",
    "到店",
    "service contacted",
    "service contact",
    "service conversation started",
    "conversation started",
    "live chat conversation started",
    "support ticket created",
    "call received",
    "service_contact",
    "客服咨询",
    // social content and live rooms
    "content clicked",
    "note clicked",
    "live room entered",
    "live stream joined",
    "直播间进入",
    "笔记点击",
];

/// Names of events that open a visit of an app or a mini-program, in lower case.
pub const SESSION_EVENTS: &[&str] = &[
    "application opened",
    "app opened",
    "$appstart",
    "$mplaunch",
    "$mpshow",
    "mini program opened",
    "mini program launched",
    "deep link opened",
    "deep link clicked",
    "install attributed",
    "application installed",
    "$appinstall",
    "session started",
    "session_start",
];

/// Names of events whose channel is one that somebody may or may not be written to, not one they came through; in lower
/// case.
pub const CONSENT_EVENTS: &[&str] = &[
    "consent updated",
    "consent granted",
    "consent denied",
    "consent withdrawn",
    "unsubscribed",
    "email unsubscribed",
    "email marked as spam",
    "sms unsubscribed",
    "push notification disabled",
];

/// Longest text of a signature, in characters.
const MOST: usize = 200;

/// Reads the signature; `None` when the event says nothing about how the customer came.
pub(super) fn signature(
    kind: EventKind,
    name: &str,
    properties: &Object,
    context: &Object,
    ctx: &SourceContext<'_>,
) -> Option<TouchSignature> {
    let opens_visit = match kind {
        EventKind::Page | EventKind::Screen => true,
        EventKind::Track if is_named(CONSENT_EVENTS, name) => return None,
        EventKind::Track => is_named(SESSION_EVENTS, name),
        EventKind::Identify | EventKind::Group | EventKind::Alias | EventKind::Bind | EventKind::Unbind => return None,
    };
    let is_touch = kind == EventKind::Track && is_named(TOUCH_EVENTS, name);
    let places = Places { properties, context };
    // A click on a page carries the page's context; only what opens a visit or names its channel is a touch.
    let names_channel = || properties.get("channel").and_then(Value::as_str).is_some_and(|c| !c.is_empty());
    if !(opens_visit || is_touch || names_channel() || is_server_side(context)) {
        return None;
    }
    let came = places.came();
    let speaks = opens_visit || is_touch || names_channel() || came.has_campaign();
    if !speaks {
        return None;
    }
    let named = places.named();
    Some(TouchSignature {
        source_kind: short_text(ctx.kind, MOST),
        event: if is_touch { short_text(name, MOST) } else { String::new() },
        referrer_host: came.referrer_host,
        utm_source: came.source,
        utm_medium: came.medium,
        utm_campaign: came.campaign,
        utm_content: came.content,
        utm_term: came.term,
        click_id: came.click_id,
        channel: named.channel,
        campaign: named.campaign,
        touchpoint: named.touchpoint,
    })
}

fn is_named(list: &[&str], name: &str) -> bool {
    list.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// An event without a page but with a campaign: a server or a till hands over what it knows.
fn is_server_side(context: &Object) -> bool {
    context.contains_key("campaign") && !context.contains_key("page")
}

#[derive(Default)]
struct Came {
    referrer_host: String,
    source: String,
    medium: String,
    campaign: String,
    content: String,
    term: String,
    click_id: String,
}

impl Came {
    fn has_campaign(&self) -> bool {
        !(self.source.is_empty() && self.campaign.is_empty() && self.click_id.is_empty())
    }
}

#[derive(Default)]
struct Named {
    channel: String,
    campaign: String,
    touchpoint: String,
}

struct Places<'a> {
    properties: &'a Object,
    context: &'a Object,
}

impl<'a> Places<'a> {
    fn in_context(&self, group: &str, key: &str) -> &'a str {
        self.context.get(group).and_then(|g| g.get(key)).and_then(Value::as_str).unwrap_or_default()
    }

    fn in_properties(&self, key: &str) -> &'a str {
        self.properties.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The page's fact, from the properties of a page event or from the context.
    fn page(&self, key: &str) -> &'a str {
        let own = self.in_properties(key);
        if own.is_empty() { self.in_context("page", key) } else { own }
    }

    /// Referrer, campaign and click id: parsed by the client, else from the landing address.
    fn came(&self) -> Came {
        let address = self.page("url");
        let search = self.page("search");
        let from_url = landing(if address.contains(['?', '#']) || search.is_empty() { address } else { search });
        let own_host = url::host(address);
        let referrer = url::host(self.page("referrer"));
        let or = |client: &str, address: &str| {
            if client.is_empty() { parameter_text(address, MOST) } else { short_text(client, MOST) }
        };
        let Landing { utm_source, utm_medium, utm_campaign, utm_content, utm_term, click_id, .. } = from_url;
        let campaign = |key: &str| self.in_context("campaign", key);
        Came {
            referrer_host: if referrer.eq_ignore_ascii_case(own_host) {
                String::new()
            } else {
                short_text(referrer, MOST)
            },
            source: or(campaign("source"), utm_source),
            medium: or(campaign("medium"), utm_medium),
            campaign: or(campaign("name"), utm_campaign),
            content: or(campaign("content"), utm_content),
            term: or(campaign("term"), utm_term),
            click_id: if click_id.is_empty() { self.click_id().to_owned() } else { click_id.to_owned() },
        }
    }

    /// A click id that a client names in the event itself.
    fn click_id(&self) -> &'static str {
        let known = |key: &String| CLICK_IDS.iter().find(|id| **id == *key).copied();
        let campaign = self.context.get("campaign").and_then(Value::as_object);
        let in_campaign = || campaign.and_then(|c| c.keys().find_map(known));
        self.properties.keys().find_map(known).or_else(in_campaign).unwrap_or_default()
    }

    /// What the event names outright.
    fn named(&self) -> Named {
        let first = |keys: &[&str]| {
            let text = keys.iter().find_map(|key| match self.properties.get(*key) {
                Some(Value::String(s)) if !s.is_empty() => Some(short_text(s, MOST)),
                Some(Value::Number(n)) => Some(n.to_string()),
                Some(_) | None => None,
            });
            text.unwrap_or_default()
        };
        Named {
            channel: first(&["channel"]),
            campaign: first(&["campaign", "campaign_name", "campaign_id"]),
            touchpoint: first(&["touchpoint", "placement", "store_id"]),
        }
    }
}
