//! The rule table as a marketer meets it.

use super::*;
use std::collections::HashSet;

use TouchField::{
    Campaign, Channel, ClickId, Event, ReferrerHost, SourceKind, Touchpoint, UtmCampaign, UtmContent, UtmMedium,
    UtmSource, UtmTerm,
};

fn table() -> CompiledRules {
    RuleTable::compile(defaults()).expect("the defaults compile")
}

fn sig(pairs: &[(TouchField, &str)]) -> TouchSignature {
    let mut s = TouchSignature { source_kind: "web".into(), ..TouchSignature::default() };
    for (field, text) in pairs {
        let slot = match field {
            SourceKind => &mut s.source_kind,
            Event => &mut s.event,
            ReferrerHost => &mut s.referrer_host,
            UtmSource => &mut s.utm_source,
            UtmMedium => &mut s.utm_medium,
            UtmCampaign => &mut s.utm_campaign,
            UtmContent => &mut s.utm_content,
            UtmTerm => &mut s.utm_term,
            ClickId => &mut s.click_id,
            Channel => &mut s.channel,
            Campaign => &mut s.campaign,
            Touchpoint => &mut s.touchpoint,
        };
        *slot = (*text).to_owned();
    }
    s
}

fn channel_of(rules: &CompiledRules, pairs: &[(TouchField, &str)]) -> String {
    rules.classify(&sig(pairs)).map_or_else(|| "-".into(), |t| t.channel)
}

#[test]
fn the_defaults_name_the_sources_that_brands_meet() {
    let rules = table();
    let cases: &[(&[(TouchField, &str)], &str)] = &[
        (&[(UtmSource, "douyin"), (UtmMedium, "cpc")], "douyin_ads"),
        (&[(UtmSource, "douyin"), (ClickId, "clickid")], "douyin_ads"),
        (&[(UtmSource, "douyin")], "douyin"),
        (&[(ClickId, "clickid")], "douyin_ads"),
        (&[(ClickId, "gdt_vid")], "tencent_ads"),
        (&[(UtmSource, "wechat"), (ClickId, "gdt_vid")], "wechat_ads"),
        (&[(UtmSource, "xiaohongshu"), (UtmMedium, "social")], "xiaohongshu"),
        (&[(UtmSource, "xiaohongshu"), (UtmMedium, "信息流")], "xiaohongshu_ads"),
        (&[(ReferrerHost, "xhslink.com")], "xiaohongshu"),
        (&[(ReferrerHost, "m.bilibili.com")], "bilibili"),
        (&[(ReferrerHost, "t.cn")], "weibo"),
        (&[(ReferrerHost, "zhuanlan.zhihu.com")], "zhihu"),
        (&[(ReferrerHost, "mp.weixin.qq.com")], "wechat_oa"),
        (&[(ReferrerHost, "servicewechat.com")], "mini_program"),
        (&[(ReferrerHost, "mail.qq.com")], "email"),
        (&[(ReferrerHost, "m.baidu.com")], "organic_search"),
        (&[(ReferrerHost, "google.co.uk")], "organic_search"),
        (&[(ReferrerHost, "news.google.de")], "organic_search"),
        (&[(ReferrerHost, "so.toutiao.com")], "organic_search"),
        (&[(ReferrerHost, "notgoogle.com")], "referral"),
        (&[(ReferrerHost, "google.shop.example")], "referral"),
        (&[(ReferrerHost, "google.com"), (ClickId, "gclid")], "paid_search"),
        (&[(ClickId, "bd_vid")], "paid_search"),
        (&[(UtmSource, "baidu"), (UtmMedium, "cpc")], "paid_search"),
        (&[(UtmSource, "baidu"), (UtmMedium, "feed")], "baidu_feed"),
        (&[(UtmSource, "google"), (UtmMedium, "display")], "display"),
        (&[(UtmSource, "facebook"), (UtmMedium, "paid-social")], "meta_ads"),
        (&[(ReferrerHost, "l.facebook.com"), (ClickId, "fbclid")], "facebook"),
        (&[(ReferrerHost, "l.instagram.com")], "instagram"),
        (&[(ClickId, "ttclid")], "tiktok_ads"),
        (&[(ReferrerHost, "t.co")], "x"),
        (&[(ReferrerHost, "de.pinterest.com")], "pinterest"),
        (&[(UtmSource, "klaviyo"), (UtmMedium, "email")], "email"),
        (&[(UtmSource, "acme"), (UtmMedium, "newsletter")], "email"),
        (&[(UtmSource, "acme"), (UtmMedium, "cpc")], "paid_search"),
        (&[(UtmSource, "acme"), (UtmMedium, "paid-whatever")], "paid_other"),
        (&[(UtmSource, "acme"), (UtmMedium, "referral")], "referral"),
        (&[(UtmSource, "acme")], "other"),
        (&[(UtmSource, "xiaohongshu"), (UtmMedium, "qr")], "qr"),
        (&[(ReferrerHost, "blog.example.com")], "referral"),
        (&[(ReferrerHost, "cashier.alipay.com")], "-"),
        (&[(Event, "email delivered")], "-"),
        (&[(Event, "email link clicked"), (SourceKind, "email")], "email"),
        (&[(Event, "store visited"), (SourceKind, "server")], "store"),
        (&[(SourceKind, "pos")], "store"),
        (&[(SourceKind, "marketplace"), (Channel, "天猫")], "tmall"),
        (&[(SourceKind, "marketplace"), (Channel, "PDD")], "pinduoduo"),
        (&[(Channel, "web")], "direct"),
        (&[(Channel, "our own thing")], "our_own_thing"),
        (&[(SourceKind, "mini_program")], "mini_program"),
        (&[(SourceKind, "server")], "-"),
        (&[], "direct"),
    ];
    for (pairs, want) in cases {
        assert_eq!(channel_of(&rules, pairs), *want, "{pairs:?}");
    }
}

#[test]
fn every_touch_of_the_defaults_has_a_named_channel() {
    for rule in defaults().iter().filter(|r| !r.then.ignore && !r.then.channel.contains('{')) {
        assert!(channel_info(&rule.then.channel).is_some(), "{} uses {}", rule.id, rule.then.channel);
    }
    let keys: HashSet<_> = channel_labels().iter().map(|c| c.key).collect();
    assert_eq!(keys.len(), channel_labels().len(), "keys are unique");
    for c in channel_labels() {
        assert_eq!(channel_key(c.key).as_deref(), Some(c.key));
        assert_eq!(channel_key(c.zh).as_deref(), Some(c.key), "{}", c.zh);
        assert_eq!(channel_key(c.en).as_deref(), Some(c.key), "{}", c.en);
    }
}

#[test]
fn campaign_and_touchpoint_come_from_the_first_field_that_speaks() {
    let rules = table();
    let touch = rules
        .classify(&sig(&[(UtmSource, "douyin"), (UtmMedium, "cpc"), (UtmCampaign, "618大促"), (UtmContent, "视频a")]))
        .unwrap();
    assert_eq!(touch.campaign, "618大促");
    assert_eq!(touch.touchpoint, "视频a");
    assert_eq!(touch.kind, TouchKind::AdClick);
    let open = rules.classify(&sig(&[(Event, "email opened"), (Campaign, "spring")])).unwrap();
    assert_eq!((open.kind, open.campaign.as_str()), (TouchKind::EmailOpen, "spring"));
}

#[test]
fn an_edited_table_tells_which_rule_and_field_is_wrong() {
    let text = r#"[
      {"id":"a b","when":[{"field":"utm_source","op":"equals","values":[]}],"then":{"channel":"Douyin Ads"}},
      {"id":"host","when":[{"field":"referrer_host","op":"equals","values":["https://x.com/y"]}],"then":{"channel":"{utm_sauce}"}},
      {"id":"both","when":[{"field":"click_id","op":"absent"},{"field":"click_id","op":"present"}],"then":{"channel":"x"}},
      {"id":"all","when":[],"then":{"channel":"other"}},
      {"id":"late","when":[{"field":"event","op":"present"}],"then":{}}
    ]"#;
    let problems = RuleTable::compile(serde_json::from_str(text).unwrap()).unwrap_err().0;
    let found: Vec<_> = problems.iter().map(|p| (p.position, p.field.as_str())).collect();
    assert_eq!(
        found,
        [
            (1, "id"),
            (1, "when[0].values"),
            (1, "then.channel"),
            (2, "when[0].values"),
            (2, "then.channel"),
            (3, "when[1]"),
            (5, "when"),
            (5, "then.channel")
        ]
    );
    assert!(problems[2].detail.contains("`douyin_ads`"), "{}", problems[2].detail);
    let unknown =
        serde_json::from_str::<TouchRule>(r#"{"id":"a","when":[{"field":"utm_sorce","op":"present"}],"then":{}}"#);
    assert!(unknown.unwrap_err().to_string().contains("utm_source"));
}

#[test]
fn the_first_matching_rule_wins_and_disabled_rules_do_not_play() {
    let mut own = defaults();
    let mut mine = own.iter().find(|r| r.id == "referrer-other").unwrap().clone();
    mine.id = "mine".into();
    mine.then.channel = "influencer".into();
    mine.when[0] = Condition { field: ReferrerHost, op: Op::Equals, values: vec!["Blog.Example.com ".into()] };
    own.insert(0, mine);
    let signature = sig(&[(ReferrerHost, "blog.example.com")]);
    let rules = RuleTable::compile(own.clone()).unwrap();
    assert_eq!(rules.explain(&signature).unwrap().0, "mine");
    own[0].enabled = false;
    let rules = RuleTable::compile(own).unwrap();
    assert_eq!(rules.explain(&signature).unwrap().0, "referrer-other");
}

#[test]
fn the_table_survives_its_json_form() {
    let text = serde_json::to_string(&defaults()).unwrap();
    assert_eq!(serde_json::from_str::<Vec<TouchRule>>(&text).unwrap(), defaults());
    for kind in TouchKind::ALL {
        assert_eq!(TouchKind::parse(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
    }
}

#[test]
fn the_catalog_numbers_touches_densely_at_three_levels() {
    let mut catalog = Catalog::new();
    let rules = table();
    let a = catalog.resolve(&rules, &sig(&[(UtmSource, "douyin"), (UtmCampaign, "a"), (UtmContent, "1")]));
    let b = catalog.resolve(&rules, &sig(&[(UtmSource, "douyin"), (UtmCampaign, "a"), (UtmContent, "2")]));
    let none = catalog.resolve(&rules, &sig(&[(SourceKind, "server")]));
    assert_eq!(none, NO_TOUCH);
    assert_eq!(catalog.resolve(&rules, &sig(&[])), catalog.direct());
    let (fa, fb) = (catalog.facts()[a as usize - 1], catalog.facts()[b as usize - 1]);
    assert_eq!((fa.channel, fa.campaign), (fb.channel, fb.campaign));
    assert_ne!(fa.touchpoint, fb.touchpoint);
    assert_eq!(catalog.touch(a).unwrap().touchpoint, "1");
    assert_eq!(catalog.touch(NO_TOUCH), None);
    assert_eq!(catalog.touch(999), None);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_rule_table_panics_and_what_compiles_classifies(
            id in ".{0,8}", value in ".{0,12}", template in ".{0,20}", field in 0..12_usize, op in 0..6_usize, host in ".{0,12}"
        ) {
            let ops = [Op::Equals, Op::NotEquals, Op::Contains, Op::Prefix, Op::Present, Op::Absent];
            let rule = TouchRule {
                id,
                enabled: true,
                note: String::new(),
                when: vec![Condition { field: TouchField::ALL[field], op: ops[op], values: vec![value] }],
                then: Outcome { channel: template, ..Outcome::default() },
            };
            if let Ok(rules) = RuleTable::compile(vec![rule]) {
                let _ = rules.classify(&sig(&[(TouchField::ALL[field], &host)]));
            }
            let _ = table().classify(&sig(&[(TouchField::ALL[field], &host)]));
        }

        #[test]
        fn channel_keys_are_stable(text in ".{0,30}") {
            if let Some(key) = channel_key(&text) {
                prop_assert_eq!(channel_key(&key), Some(key));
            }
        }
    }
}
