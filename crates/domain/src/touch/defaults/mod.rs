//! The table a new installation starts with: Chinese and international sources, then the default channel grouping of
//! Google Analytics 4 (support.google.com/analytics/answer/9756891) for what only `utm_medium` tells.
//!
//! Order matters: what is no touch, events that are touches, what the source names outright, `utm_source` (with paid
//! media before unpaid), click ids, `utm_medium`, referrers, the kind of source, direct.

mod tables;

use super::{Condition, Op, Outcome, TouchField, TouchKind, TouchRule};
use tables::{
    AD_VIEWS, CLICK_IDS, EVENTS, FEED, MAIL_HOSTS, MEDIA, PAID, PASSAGE_HOSTS, PLATFORMS, SEARCH_ENGINES, SEARCH_HOSTS,
    SOURCE_KINDS,
};

const CAMPAIGN: &str = "{utm_campaign|campaign}";
const PLACE: &str = "{touchpoint|utm_content}";

/// The rules a new installation starts with. They compile; a test holds that.
#[must_use]
pub fn defaults() -> Vec<TouchRule> {
    use TouchField::{Channel, ClickId, Event, ReferrerHost, SourceKind, UtmMedium, UtmSource};
    let mut rules = Vec::new();
    let receipts = ["delivered", "bounced", "unsubscribed", "marked as spam", "dropped", "machine open"];
    rules.push(ignore("not-a-touch-receipt", vec![is(Event, Op::Contains, &receipts)]));
    let passage = vec![is(ReferrerHost, Op::Equals, PASSAGE_HOSTS), absent(UtmSource), absent(ClickId), absent(Event)];
    rules.push(ignore("not-a-touch-passage", passage));
    rules.push(event("ad-view", TouchKind::AdView, "{channel|utm_source|source_kind}", AD_VIEWS));
    for (id, kind, channel, names) in EVENTS {
        rules.push(event(id, *kind, channel, names));
    }
    let named = vec![is(Channel, Op::Present, &[])];
    rules.push(rule("named-channel", named, "{channel}", "{campaign|utm_campaign}", "{touchpoint|utm_content}"));
    utm_sources(&mut rules);
    for (id, channel, place, ids) in CLICK_IDS {
        let place = if place.is_empty() { PLACE } else { place };
        rules.push(rule(id, vec![is(ClickId, Op::Equals, ids)], channel, CAMPAIGN, place));
    }
    for (id, channel, words) in MEDIA {
        rules.push(rule(id, vec![is(UtmMedium, Op::Equals, words)], channel, CAMPAIGN, "{touchpoint|utm_source}"));
    }
    let paid = vec![is(UtmMedium, Op::Prefix, &["paid", "cp"])];
    rules.push(rule("medium-paid-prefix", paid, "paid_other", CAMPAIGN, "{touchpoint|utm_source}"));
    let tagged = vec![is(UtmSource, Op::Present, &[])];
    rules.push(rule("tagged-other", tagged, "other", CAMPAIGN, "{touchpoint|utm_source}"));
    referrers(&mut rules);
    for (id, source, kind, channel) in SOURCE_KINDS {
        let mut r = rule(id, vec![is(SourceKind, Op::Equals, &[source])], channel, CAMPAIGN, PLACE);
        r.then.kind = Some(*kind);
        rules.push(r);
    }
    rules.push(rule("direct", vec![is(SourceKind, Op::Equals, &["web", "app", "h5"])], "direct", "", ""));
    rules
}

fn utm_sources(rules: &mut Vec<TouchRule>) {
    use TouchField::{ClickId, UtmMedium, UtmSource};
    let messages = &["email", "e-mail", "edm", "newsletter", "sms", "push", "qr", "qrcode", "affiliate", "kol", "cps"];
    for (channel, paid, sources, _, click_ids) in PLATFORMS {
        let source = || is(UtmSource, Op::Equals, sources);
        let id = channel.replace('_', "-");
        if !paid.is_empty() {
            let when = vec![source(), is(UtmMedium, Op::Equals, PAID)];
            rules.push(rule(&format!("utm-{id}-paid"), when, paid, CAMPAIGN, PLACE));
            if !click_ids.is_empty() {
                let when = vec![source(), is(ClickId, Op::Equals, click_ids)];
                rules.push(rule(&format!("utm-{id}-click"), when, paid, CAMPAIGN, PLACE));
            }
        }
        // A QR code or newsletter that names a platform as its source is still a QR code or newsletter.
        let unpaid: Vec<&str> = messages.iter().chain(if paid.is_empty() { PAID } else { &[] }).copied().collect();
        let when = vec![source(), is(UtmMedium, Op::NotEquals, &unpaid)];
        rules.push(rule(&format!("utm-{id}"), when, channel, CAMPAIGN, PLACE));
    }
    let engine = || is(UtmSource, Op::Equals, SEARCH_ENGINES);
    let display = vec![engine(), is(UtmMedium, Op::Equals, &["display", "banner", "cpm", "展示"])];
    rules.push(rule("utm-engine-display", display, "display", CAMPAIGN, "{utm_source}"));
    let feed = vec![is(UtmSource, Op::Equals, &["baidu", "百度"]), is(UtmMedium, Op::Equals, FEED)];
    rules.push(rule("utm-baidu-feed", feed, "baidu_feed", CAMPAIGN, PLACE));
    let shopping = vec![engine(), is(UtmMedium, Op::Equals, &["shopping", "pla", "paid-shopping"])];
    rules.push(rule("utm-engine-shopping", shopping, "shopping_ads", CAMPAIGN, "{utm_source}"));
    let paid = vec![engine(), is(UtmMedium, Op::Equals, PAID)];
    rules.push(rule("utm-engine-paid", paid, "paid_search", CAMPAIGN, "{utm_source}"));
    let organic = vec![engine(), is(UtmMedium, Op::Equals, &["organic", "seo", "search"])];
    rules.push(rule("utm-engine-organic", organic, "organic_search", CAMPAIGN, "{utm_source}"));
    let mail = &["klaviyo", "mailchimp", "sendgrid", "webpower", "sendcloud", "hubspot_email", "newsletter", "edm"];
    let mail = vec![is(UtmSource, Op::Equals, mail), is(UtmMedium, Op::NotEquals, &["sms", "mms", "push"])];
    rules.push(rule("utm-email", mail, "email", CAMPAIGN, PLACE));
    rules.push(rule("utm-sms", vec![is(UtmSource, Op::Equals, &["sms", "短信"])], "sms", CAMPAIGN, PLACE));
    rules.push(rule(
        "utm-push",
        vec![is(UtmSource, Op::Equals, &["push", "firebase", "jpush", "getui"])],
        "push",
        CAMPAIGN,
        PLACE,
    ));
    rules.push(rule("utm-store", vec![is(UtmSource, Op::Equals, &["store", "门店"])], "store", CAMPAIGN, PLACE));
}

fn referrers(rules: &mut Vec<TouchRule>) {
    use TouchField::ReferrerHost;
    // Mail readers first: mail.qq.com is no QQ post, mail.google.com no search.
    rules.push(rule(
        "referrer-mail",
        vec![is(ReferrerHost, Op::Equals, MAIL_HOSTS)],
        "email",
        CAMPAIGN,
        "{referrer_host}",
    ));
    // Then search: so.toutiao.com is a search engine beneath a platform.
    let search = vec![is(ReferrerHost, Op::Equals, SEARCH_HOSTS)];
    rules.push(rule("referrer-search", search, "organic_search", CAMPAIGN, "{referrer_host}"));
    for (channel, _, _, hosts, _) in PLATFORMS {
        let id = format!("referrer-{}", channel.replace('_', "-"));
        rules.push(rule(
            &id,
            vec![is(ReferrerHost, Op::Equals, hosts)],
            channel,
            CAMPAIGN,
            "{touchpoint|referrer_host}",
        ));
    }
    let other = vec![is(ReferrerHost, Op::Present, &[])];
    rules.push(rule("referrer-other", other, "referral", CAMPAIGN, "{referrer_host}"));
}

fn is(field: TouchField, op: Op, values: &[&str]) -> Condition {
    Condition { field, op, values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn absent(field: TouchField) -> Condition {
    is(field, Op::Absent, &[])
}

fn rule(id: &str, when: Vec<Condition>, channel: &str, campaign: &str, touchpoint: &str) -> TouchRule {
    let then = Outcome {
        ignore: false,
        channel: channel.to_owned(),
        campaign: campaign.to_owned(),
        touchpoint: touchpoint.to_owned(),
        kind: None,
    };
    TouchRule { id: id.to_owned(), enabled: true, note: String::new(), when, then }
}

fn ignore(id: &str, when: Vec<Condition>) -> TouchRule {
    let then = Outcome { ignore: true, ..Outcome::default() };
    TouchRule { id: id.to_owned(), enabled: true, note: String::new(), when, then }
}

fn event(id: &str, kind: TouchKind, channel: &str, names: &[&str]) -> TouchRule {
    let when = vec![is(TouchField::Event, Op::Equals, names)];
    let mut r = rule(&format!("event-{id}"), when, channel, "{campaign|utm_campaign}", "{touchpoint|utm_content}");
    r.then.kind = Some(kind);
    r
}
