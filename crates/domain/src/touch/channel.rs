//! The channels and their names. Keys are stable; a table may use keys that are not listed here.

use super::TouchKind;

/// A channel that ships with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelInfo {
    /// Stable `snake_case` key.
    pub key: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Reached on a screen; the rest is met in the world (stores, print, events).
    pub online: bool,
    /// Each contact costs advertising money.
    pub paid: bool,
    /// The kind of its touches when a rule names none.
    pub kind: TouchKind,
    /// Other words for it, lower-case, as sources write them.
    aliases: &'static [&'static str],
}

const fn channel(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    kind: TouchKind,
    aliases: &'static [&'static str],
) -> ChannelInfo {
    ChannelInfo { key, zh, en, online: true, paid: matches!(kind, AdClick), kind, aliases }
}

const fn offline(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    kind: TouchKind,
    paid: bool,
    aliases: &'static [&'static str],
) -> ChannelInfo {
    ChannelInfo { key, zh, en, online: false, paid, kind, aliases }
}

use TouchKind::{
    AdClick, Affiliate, Direct, EmailClick, Marketplace, Offline, PushOpen, QrScan, Referral, Search, ServiceContact,
    SmsClick, Social, StoreVisit, WechatClick, WecomClick,
};

static CHANNELS: &[ChannelInfo] = &[
    channel("paid_search", "付费搜索", "Paid search", AdClick, &["sem", "cpc", "搜索广告"]),
    channel("organic_search", "自然搜索", "Organic search", Search, &["seo", "organic", "search", "搜索"]),
    channel("paid_social", "付费社交", "Paid social", AdClick, &["社交广告"]),
    channel("organic_social", "自然社交", "Organic social", Social, &["social", "社交媒体"]),
    channel("display", "展示广告", "Display", AdClick, &["banner", "信息流广告"]),
    channel("paid_video", "视频广告", "Paid video", AdClick, &[]),
    channel("shopping_ads", "购物广告", "Shopping ads", AdClick, &["paid_shopping"]),
    channel("paid_other", "其他付费", "Paid other", AdClick, &[]),
    channel("affiliate", "联盟推广", "Affiliates", Affiliate, &["affiliates", "cps", "淘宝客"]),
    channel("influencer", "达人合作", "Influencers", Affiliate, &["kol", "koc", "达人", "influencers"]),
    channel("email", "邮件", "E-mail", EmailClick, &["e-mail", "edm", "mail", "电子邮件"]),
    channel("sms", "短信", "SMS", SmsClick, &["text", "mms"]),
    channel("push", "推送", "Push", PushOpen, &["app_push", "web_push", "push_notification", "app推送"]),
    channel("referral", "外链推荐", "Referral", Referral, &["link", "外链"]),
    channel("member_referral", "老带新", "Member referral", Referral, &["refer_a_friend", "mgm", "好友推荐"]),
    channel("direct", "直接访问", "Direct", Direct, &["(direct)", "直接"]),
    channel("other", "其他", "Other", Referral, &["unassigned", "(other)"]),
    // China: content and advertising
    channel(
        "douyin_ads",
        "抖音广告（巨量引擎）",
        "Douyin ads",
        AdClick,
        &["oceanengine", "ocean_engine", "巨量引擎", "巨量千川", "千川", "qianchuan", "抖音广告", "dou+"],
    ),
    channel("douyin", "抖音", "Douyin", Social, &["抖音短视频"]),
    channel("douyin_live", "抖音直播", "Douyin live", Social, &["douyin_livestream"]),
    channel("kuaishou_ads", "快手广告（磁力引擎）", "Kuaishou ads", AdClick, &["磁力引擎", "快手广告", "磁力金牛"]),
    channel("kuaishou", "快手", "Kuaishou", Social, &["kwai"]),
    channel(
        "xiaohongshu_ads",
        "小红书广告（聚光）",
        "Xiaohongshu ads",
        AdClick,
        &["小红书广告", "聚光", "红书广告", "red_ads", "rednote_ads", "juguang"],
    ),
    channel("xiaohongshu", "小红书", "Xiaohongshu (RedNote)", Social, &["xhs", "red", "rednote", "红书", "小红薯"]),
    channel("bilibili_ads", "哔哩哔哩广告", "Bilibili ads", AdClick, &["b站广告", "花火"]),
    channel("bilibili", "哔哩哔哩", "Bilibili", Social, &["b站", "bili"]),
    channel("weibo_ads", "微博广告（粉丝通）", "Weibo ads", AdClick, &["粉丝通", "超级粉丝通", "微博广告"]),
    channel("weibo", "微博", "Weibo", Social, &["sina_weibo", "新浪微博"]),
    channel("zhihu_ads", "知乎广告（知+）", "Zhihu ads", AdClick, &["知+", "知乎广告"]),
    channel("zhihu", "知乎", "Zhihu", Social, &[]),
    channel("douban", "豆瓣", "Douban", Social, &[]),
    channel("toutiao", "今日头条", "Toutiao", Social, &["头条"]),
    channel("smzdm", "什么值得买", "SMZDM", Referral, &["值得买"]),
    channel("baidu_feed", "百度信息流", "Baidu feed ads", AdClick, &["百度信息流广告"]),
    channel(
        "tencent_ads",
        "腾讯广告",
        "Tencent ads",
        AdClick,
        &["gdt", "广点通", "e.qq.com", "qq_ads", "腾讯广告平台"],
    ),
    channel(
        "wechat_ads",
        "微信广告（朋友圈）",
        "WeChat Moments ads",
        AdClick,
        &["朋友圈广告", "moments_ads", "微信广告", "wechat_moments_ads"],
    ),
    channel(
        "wechat_oa",
        "微信公众号",
        "WeChat official account",
        WechatClick,
        &["公众号", "wechat_official_account", "mp", "服务号", "订阅号", "wechat"],
    ),
    channel(
        "mini_program",
        "微信小程序",
        "Mini-program",
        WechatClick,
        &["小程序", "miniprogram", "wxapp", "wechat_mini_program"],
    ),
    channel("wechat_channels", "微信视频号", "WeChat Channels", WechatClick, &["视频号", "channels"]),
    channel(
        "wechat_share",
        "微信分享",
        "WeChat share",
        WechatClick,
        &["朋友圈", "moments", "微信好友", "微信群", "微信"],
    ),
    channel("wecom", "企业微信", "WeCom", WecomClick, &["企微", "wework", "work_wechat", "wxwork"]),
    channel("qq", "QQ", "QQ", Social, &["qzone", "qq空间"]),
    // Marketplaces
    channel("tmall", "天猫", "Tmall", Marketplace, &["天猫旗舰店"]),
    channel("taobao", "淘宝", "Taobao", Marketplace, &["淘宝网"]),
    channel("alimama", "阿里妈妈", "Alimama ads", AdClick, &["直通车", "万相台", "taobao_ads", "tmall_ads"]),
    channel("jd", "京东", "JD.com", Marketplace, &["jingdong", "jd.com"]),
    channel("pinduoduo", "拼多多", "Pinduoduo", Marketplace, &["pdd"]),
    channel("douyin_shop", "抖音商城", "Douyin shop", Marketplace, &["抖音小店", "抖店"]),
    channel("vipshop", "唯品会", "Vipshop", Marketplace, &["vip.com"]),
    channel("meituan", "美团", "Meituan", Marketplace, &["大众点评", "dianping"]),
    channel("eleme", "饿了么", "Ele.me", Marketplace, &[]),
    channel("amazon", "亚马逊", "Amazon", Marketplace, &[]),
    channel("marketplace", "其他电商平台", "Other marketplaces", Marketplace, &["marketplaces"]),
    // International social
    channel("meta_ads", "Meta 广告", "Meta ads", AdClick, &["facebook_ads", "fb_ads", "instagram_ads"]),
    channel("facebook", "Facebook", "Facebook", Social, &["fb"]),
    channel("instagram", "Instagram", "Instagram", Social, &["ig"]),
    channel("tiktok_ads", "TikTok 广告", "TikTok ads", AdClick, &[]),
    channel("tiktok", "TikTok", "TikTok", Social, &[]),
    channel("youtube", "YouTube", "YouTube", Social, &["yt"]),
    channel("x_ads", "X 广告", "X ads", AdClick, &["twitter_ads"]),
    channel("x", "X（推特）", "X (Twitter)", Social, &["twitter"]),
    channel("linkedin_ads", "领英广告", "LinkedIn ads", AdClick, &[]),
    channel("linkedin", "领英", "LinkedIn", Social, &[]),
    channel("pinterest_ads", "Pinterest 广告", "Pinterest ads", AdClick, &[]),
    channel("pinterest", "Pinterest", "Pinterest", Social, &[]),
    channel("reddit_ads", "Reddit 广告", "Reddit ads", AdClick, &[]),
    channel("reddit", "Reddit", "Reddit", Social, &[]),
    channel("snapchat_ads", "Snapchat 广告", "Snapchat ads", AdClick, &[]),
    channel("whatsapp", "WhatsApp", "WhatsApp", Social, &[]),
    channel("line", "LINE", "LINE", Social, &[]),
    channel("telegram", "Telegram", "Telegram", Social, &[]),
    // People and places
    channel(
        "service",
        "客服",
        "Service desk",
        ServiceContact,
        &["customer_service", "support", "call_center", "呼叫中心", "在线客服", "400电话"],
    ),
    offline(
        "store",
        "门店",
        "Store",
        StoreVisit,
        false,
        &["offline_store", "shop", "retail", "pos", "线下门店", "专柜"],
    ),
    offline("qr", "扫码", "QR code", QrScan, false, &["qrcode", "qr_code", "二维码"]),
    offline("offline_event", "线下活动", "Offline event", Offline, false, &["event", "pop_up", "快闪店", "展会"]),
    offline("direct_mail", "直邮", "Direct mail", Offline, true, &["catalogue", "catalog", "dm单"]),
    offline("outdoor", "户外广告", "Outdoor", Offline, true, &["ooh", "dooh", "户外", "电梯广告", "分众"]),
    offline("tv", "电视广播", "TV and radio", Offline, true, &["television", "radio", "电视"]),
    offline("print", "平面媒体", "Print", Offline, true, &["newspaper", "magazine"]),
];

/// All channels with a name, in the order of the console.
#[must_use]
pub fn channel_labels() -> &'static [ChannelInfo] {
    CHANNELS
}

/// The channel of a key; `None` for a key of one's own.
#[must_use]
pub fn channel_info(key: &str) -> Option<&'static ChannelInfo> {
    CHANNELS.iter().find(|c| c.key == key)
}

/// The stable key for a channel as somebody wrote it: a known key, name or alias becomes its key, everything else a
/// `snake_case` form of itself (letters of any script and digits, joined by `_`). `None` when nothing is left, and
/// for words that name a platform rather than a channel (`web`, `app`, `online`).
#[must_use]
pub fn channel_key(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let snake = snake_case(&text);
    if snake.is_empty() || PLATFORMS.contains(&snake.as_str()) {
        return None;
    }
    let known = |c: &&ChannelInfo| {
        c.key == snake
            || c.zh.to_lowercase() == text
            || c.en.to_lowercase() == text
            || c.aliases.iter().any(|a| *a == text || *a == snake)
    };
    Some(CHANNELS.iter().find(known).map_or(snake, |c| c.key.to_owned()))
}

const PLATFORMS: [&str; 16] = [
    "web",
    "app",
    "online",
    "pc",
    "h5",
    "wap",
    "ios",
    "android",
    "mobile",
    "site",
    "website",
    "desktop",
    "none",
    "null",
    "undefined",
    "not_set",
];

fn snake_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}
