//! User agents: device, system, browser and whether it is a robot, from a table of words.
//!
//! It tells what marketers ask for (which app's browser, which kind of device), not build numbers.

/// What a user agent says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent<'a> {
    /// `mobile`, `tablet`, `desktop`, `tv` or `other`.
    pub device: &'static str,
    /// System, for instance `iOS`; empty when unknown.
    pub os: &'static str,
    /// Version of the system as written (`17_1`, `14`); empty when unknown.
    pub os_version: &'a str,
    /// Browser or the app whose built-in browser it is, for instance `WeChat`; empty when unknown.
    pub browser: &'static str,
    /// Major version of the browser; empty when unknown.
    pub browser_version: &'a str,
    /// Known robot, monitor, library or mail proxy.
    pub bot: bool,
}

/// Longest user agent that is looked at.
const MAX_AGENT: usize = 1024;

/// Reads a user agent in one pass over its words.
#[must_use]
pub fn agent(raw: &str) -> Agent<'_> {
    let end = (0..=MAX_AGENT.min(raw.len())).rev().find(|i| raw.is_char_boundary(*i)).unwrap_or(0);
    let mut found = Found::default();
    let mut words = words(&raw[..end]).peekable();
    while let Some(word) = words.next() {
        let next = words.peek().copied().unwrap_or_default();
        found.add(word, next);
    }
    found.finish()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '/', ';', '(', ')', ',', '+', ':']).filter(|w| !w.is_empty())
}

#[derive(Default)]
struct Found<'a> {
    os: &'static str,
    os_version: &'a str,
    browser: (u8, &'static str),
    browser_version: &'a str,
    bot: bool,
    mobile: bool,
    tablet: bool,
    tv: bool,
    mini_program: bool,
}

impl<'a> Found<'a> {
    fn add(&mut self, word: &'a str, next: &'a str) {
        let mut buffer = [0_u8; 32];
        let n = word.len().min(32);
        buffer[..n].copy_from_slice(&word.as_bytes()[..n]);
        buffer[..n].make_ascii_lowercase();
        let word = &buffer[..n];
        self.bot |= is_bot(word);
        match word {
            b"mobile" => self.mobile = true,
            b"tablet" | b"ipad" => self.tablet = true,
            b"tv" | b"smarttv" | b"smart-tv" | b"appletv" | b"googletv" | b"bravia" | b"hbbtv" => self.tv = true,
            b"miniprogram" | b"miniprogramenv" => self.mini_program = true,
            _ => {}
        }
        if let Some(os) = os_of(word)
            && (self.os.is_empty() || rank_of_os(os) > rank_of_os(self.os))
        {
            self.os = os;
            self.os_version = "";
        }
        if is_os_version(word, self.os) && self.os_version.is_empty() && next.starts_with(|c: char| c.is_ascii_digit())
        {
            self.os_version = next;
        }
        if let Some((rank, name)) = browser_of(word)
            && rank > self.browser.0
        {
            self.browser = (rank, name);
            self.browser_version =
                next.split(['.', '_']).next().filter(|v| v.bytes().all(|b| b.is_ascii_digit())).unwrap_or_default();
        } else if word == b"version" && self.browser.1 == "Safari" {
            self.browser_version = next.split('.').next().unwrap_or_default();
        }
    }

    fn finish(self) -> Agent<'a> {
        let browser = match (self.browser.1, self.mini_program) {
            ("WeChat", true) => "WeChat Mini Program",
            ("Alipay", true) => "Alipay Mini Program",
            ("Douyin", true) => "Douyin Mini Program",
            (name, _) => name,
        };
        let touch_os = matches!(self.os, "iOS" | "Android" | "HarmonyOS" | "iPadOS");
        let device = if self.tv {
            "tv"
        } else if self.tablet || (self.os == "Android" && !self.mobile && !self.bot) {
            "tablet"
        } else if self.mobile || touch_os {
            "mobile"
        } else if self.os.is_empty() || self.bot {
            "other"
        } else {
            "desktop"
        };
        Agent {
            device,
            os: self.os,
            os_version: self.os_version,
            browser,
            browser_version: self.browser_version,
            bot: self.bot,
        }
    }
}

/// The more telling name wins: an Android agent says `Linux` too, an iPhone `Mac OS X`.
fn rank_of_os(os: &str) -> u8 {
    match os {
        "Linux" | "macOS" => 1,
        "Android" => 2,
        _ => 3,
    }
}

fn os_of(word: &[u8]) -> Option<&'static str> {
    Some(match word {
        b"windows" => "Windows",
        b"iphone" | b"ipod" | b"ios" => "iOS",
        b"ipad" => "iPadOS",
        b"android" => "Android",
        b"harmonyos" | b"openharmony" | b"harmony" => "HarmonyOS",
        b"macintosh" | b"macos" | b"darwin" => "macOS",
        b"cros" => "ChromeOS",
        b"linux" | b"x11" | b"ubuntu" => "Linux",
        b"kaios" => "KaiOS",
        b"tizen" => "Tizen",
        _ => return None,
    })
}

fn is_os_version(word: &[u8], os: &str) -> bool {
    match os {
        "Android" => word == b"android",
        "iOS" | "iPadOS" => word == b"os" || word == b"ios",
        "Windows" => word == b"nt",
        "macOS" => word == b"x",
        "HarmonyOS" => matches!(word, b"harmonyos" | b"openharmony" | b"harmony"),
        _ => false,
    }
}

/// Rank and name: an app's own browser beats a brand's browser, which beats the engine's names.
fn browser_of(word: &[u8]) -> Option<(u8, &'static str)> {
    Some(match word {
        b"safari" => (1, "Safari"),
        b"applewebkit" | b"gecko" => return None,
        b"chrome" | b"crios" | b"chromium" => (2, "Chrome"),
        b"arkweb" => (2, "ArkWeb"),
        b"firefox" | b"fxios" => (3, "Firefox"),
        b"edge" | b"edg" | b"edga" | b"edgios" => (4, "Edge"),
        b"opr" | b"opera" | b"opt" => (4, "Opera"),
        b"samsungbrowser" => (4, "Samsung Internet"),
        b"msie" | b"trident" => (4, "Internet Explorer"),
        b"ucbrowser" | b"ubrowser" => (4, "UC Browser"),
        b"qqbrowser" | b"mqqbrowser" => (4, "QQ Browser"),
        b"huaweibrowser" => (4, "Huawei Browser"),
        b"miuibrowser" | b"xiaomi" => (4, "Mi Browser"),
        b"vivobrowser" => (4, "Vivo Browser"),
        b"heytapbrowser" | b"oppobrowser" => (4, "OPPO Browser"),
        b"quark" => (4, "Quark"),
        b"metasr" => (4, "Sogou Browser"),
        b"360se" | b"360ee" | b"qihoobrowser" | b"qhbrowser" => (4, "360 Browser"),
        b"yabrowser" => (4, "Yandex Browser"),
        b"wxwork" => (7, "WeCom"),
        b"micromessenger" => (6, "WeChat"),
        b"alipayclient" | b"alipaydefined" | b"ap" => (6, "Alipay"),
        b"aweme" | b"aweme_lite" | b"com.ss.android.ugc.aweme" => (6, "Douyin"),
        b"newsarticle" | b"toutiaomicroapp" => (5, "Toutiao"),
        b"toutiao" | b"bytedancewebview" | b"bytelocale" => (5, "ByteDance WebView"),
        b"musical_ly" | b"trill" | b"tiktok" => (6, "TikTok"),
        b"xhsdiscover" | b"xiaohongshu" | b"discover" => (6, "Xiaohongshu"),
        b"kwai" | b"ksnebula" | b"kuaishou" => (6, "Kuaishou"),
        b"bilibili" | b"biliapp" | b"bili" => (6, "Bilibili"),
        b"weibo" | b"__weibo__" => (6, "Weibo"),
        b"zhihuhybrid" | b"zhihu" => (6, "Zhihu"),
        b"baiduboxapp" | b"baidubrowser" => (6, "Baidu"),
        b"dingtalk" => (6, "DingTalk"),
        b"lark" | b"feishu" => (6, "Feishu"),
        b"qq" => (5, "QQ"),
        b"tb" | b"taobao" => (6, "Taobao"),
        b"tm" | b"tmall" => (6, "Tmall"),
        b"jdapp" | b"jdltapp" => (6, "JD"),
        b"pinduoduo" | b"phh_android_version" => (6, "Pinduoduo"),
        b"meituan" | b"titansx" => (6, "Meituan"),
        b"fban" | b"fbav" | b"fb_iab" => (6, "Facebook"),
        b"instagram" => (6, "Instagram"),
        b"line" => (6, "LINE"),
        b"whatsapp" => (6, "WhatsApp"),
        b"snapchat" => (6, "Snapchat"),
        b"pinterest" => (6, "Pinterest"),
        b"linkedinapp" => (6, "LinkedIn"),
        b"twitter" => (6, "X"),
        _ => return None,
    })
}

/// Words that only robots, monitors, libraries and mail proxies use.
fn is_bot(word: &[u8]) -> bool {
    const EXACT: [&[u8]; 34] = [
        b"slurp",
        b"facebookexternalhit",
        b"facebookcatalog",
        b"googleimageproxy",
        b"yahoomailproxy",
        b"mediapartners-google",
        b"adsbot-google",
        b"google-inspectiontool",
        b"google-read-aloud",
        b"apis-google",
        b"lighthouse",
        b"chrome-lighthouse",
        b"headlesschrome",
        b"phantomjs",
        b"puppeteer",
        b"playwright",
        b"selenium",
        b"curl",
        b"wget",
        b"python-requests",
        b"python-urllib",
        b"aiohttp",
        b"go-http-client",
        b"okhttp-bot",
        b"java-http-client",
        b"scrapy",
        b"postmanruntime",
        b"httrack",
        b"pingdom",
        b"uptimerobot",
        b"statuscake",
        b"bytespider",
        b"whatsapp-preview",
        b"embedly",
    ];
    if word.starts_with(b"cubot") {
        return false; // a make of telephones
    }
    EXACT.contains(&word)
        || word.ends_with(b"bot")
        || word.ends_with(b"spider")
        || word.ends_with(b"crawler")
        || word.starts_with(b"bot-")
        || word.windows(4).any(|w| w == b"bot-" || w == b"bot." || w == b"bot_")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn short(ua: &str) -> (&'static str, &'static str, &'static str, bool) {
        let a = agent(ua);
        (a.device, a.os, a.browser, a.bot)
    }

    #[test]
    fn the_apps_that_shops_are_opened_in_are_told_apart() {
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
        let android = "Mozilla/5.0 (Linux; Android 14; 2211133C Build/UKQ1) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36";
        for (tail, browser) in [
            (" MicroMessenger/8.0.47(0x18002f2c) NetType/WIFI Language/zh_CN", "WeChat"),
            (" MicroMessenger/8.0.47 NetType/WIFI miniProgram/wx0123456789abcdef", "WeChat Mini Program"),
            (" wxwork/4.1.0 MicroMessenger/7.0.1 Language/zh", "WeCom"),
            (" AlipayClient/10.5.20 Language/zh-Hans", "Alipay"),
            (" aweme_28.5.0 aweme/28.5.0 BytedanceWebview/d8a21c6", "Douyin"),
            (" xhsdiscover/8.20 xhsdiscover", "Xiaohongshu"),
            (" AliApp(TB/10.30.0) WindVane/8.7.2", "Taobao"),
            (" jdapp;iPhone;12.3.1", "JD"),
        ] {
            assert_eq!(short(&format!("{iphone}{tail}")), ("mobile", "iOS", browser, false), "{tail}");
            assert_eq!(short(&format!("{android}{tail}")).2, browser, "{tail}");
        }
    }

    #[test]
    fn desktops_tablets_and_versions_are_read() {
        let a = agent(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/121.0.1",
        );
        assert_eq!(
            (a.device, a.os, a.os_version, a.browser, a.browser_version),
            ("desktop", "Windows", "10.0", "Edge", "121")
        );
        let a = agent(
            "Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
        );
        assert_eq!((a.device, a.os, a.os_version, a.browser), ("tablet", "iPadOS", "16_5", "Safari"));
        let a = agent("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/119.0 Safari/537.36");
        assert_eq!((a.device, a.os, a.os_version), ("tablet", "Android", "13"));
        assert_eq!(short("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1 Mobile").1, "HarmonyOS");
        assert_eq!(
            short("Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/22.1.0"),
            ("desktop", "Linux", "", false)
        );
    }

    #[test]
    fn robots_are_known_and_a_make_of_telephones_is_none() {
        for bot in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "curl/8.5.0",
            "python-requests/2.31",
        ] {
            assert!(agent(bot).bot, "{bot}");
        }
        assert!(!agent("Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/80.0 Mobile Safari/537.36").bot);
    }

    proptest! {
        #[test]
        fn no_user_agent_makes_it_panic(ua in "\\PC{0,80}") {
            let _ = agent(&ua);
        }
    }
}
